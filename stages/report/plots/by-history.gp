# A label, then value, low and high of each series, which stand a little beside each other. Of more
# than three, only the first has its intervals drawn.
eval start(330)
stats dat skip 1 using 2 nooutput
rows = STATS_records
n = (int(STATS_columns) - 1) / 3
place(i) = (i - (n - 1) / 2.0) * 0.09
set xlabel "movies in the history"
set ylabel "NDCG@10"
set xrange [-0.5:rows - 0.5]
set yrange [0:]
set grid noxtics
if (rows > 6) { set xtics rotate by -35; set xlabel offset 0, -0.5; set rmargin 6 }
plot dat skip 1 using 0:2:xticlabel(1) with lines linewidth 0 linecolor rgb sheet notitle, \
    for [i = 0:n - 1] dat using ($0 + place(i)):3 * i + 2 with linespoints pointtype 7 \
    linewidth (i == 0 ? 2.5 : 1.5) pointsize 0.35 linecolor rgb colour(i) \
    title columnheader(3 * i + 2), \
    for [i = 0:(n > 3 ? 0 : n - 1)] dat skip 1 using ($0 + place(i)):3 * i + 2:3 * i + 3:3 * i + 4 \
    with yerrorbars linewidth 1.5 pointtype 7 pointsize 0.5 linecolor rgb colour(i) notitle
