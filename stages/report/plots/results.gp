# A label, value, low, high: a row of dots with intervals.
stats dat using 3 nooutput
low = STATS_min
stats dat using 4 nooutput
n = STATS_records
high = STATS_max
eval start(rows_height(n))
set xlabel "NDCG@10"
set yrange [n - 0.5:-0.5]
set xrange [0:high > 0 ? 1.05 * high : 1]
set xtics step(high)
set grid noytics
unset key
plot dat using 2:0:3:4:yticlabel(1) with xerrorbars linewidth 2 pointtype 7 pointsize 0.6 \
    linecolor rgb c1
