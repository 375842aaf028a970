# A label, value, low, high: a row of dots with intervals.
stats dat using 3 nooutput
low = STATS_min
stats dat using 4 nooutput
n = STATS_records
high = STATS_max
eval start(rows_height(n))
set xlabel "rise of RMSE, stars"
set yrange [n - 0.5:-0.5]
set offsets graph 0.05, graph 0.05, 0, 0
set xtics step(high - (low < 0 ? low : 0))
set grid noytics
unset key
set arrow from 0, graph 0 to 0, graph 1 nohead linecolor rgb soft dashtype 2 back
plot dat using 2:0:3:4:yticlabel(1) with xerrorbars linewidth 2 pointtype 7 pointsize 0.6 \
    linecolor rgb c1
