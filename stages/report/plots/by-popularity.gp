# A label, then value, low and high of each series; series stand a little beside each other.
eval start(320)
stats dat skip 1 using 2 nooutput
rows = STATS_records
n = (int(STATS_columns) - 1) / 3
place(i) = (i - (n - 1) / 2.0) * 0.09
set xlabel "ratings of the held-out movie"
set ylabel "NDCG@10"
set xrange [-0.5:rows - 0.5]
set yrange [0:]
set grid noxtics
plot for [i = 0:n - 1] dat using ($0 + place(i)):3 * i + 2:3 * i + 3:3 * i + 4:xticlabel(1) \
    with yerrorlines linewidth (i == 0 ? 2.5 : 1.2) pointtype 7 pointsize (i == 0 ? 0.5 : 0.3) \
    linecolor rgb colour(i) title columnheader(3 * i + 2)
