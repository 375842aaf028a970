# A label, stars above or below the usual, low, high.
stats dat skip 1 using 3 nooutput
low = STATS_min
stats dat skip 1 using 4 nooutput
n = STATS_records
high = STATS_max
eval start(rows_height(n))
set xlabel "stars above or below the usual"
set yrange [n - 0.5:-0.5]
set lmargin 22
set xtics step(high - low)
set offsets graph 0.05, graph 0.05, 0, 0
set grid noytics
set arrow from 0, graph 0 to 0, graph 1 nohead linecolor rgb soft dashtype 2 back
unset key
plot dat skip 1 using 2:0:3:4:($2 > 0 ? 0x15803d : 0xb91c1c):yticlabel(1) with xerrorbars linewidth 2 \
    pointtype 7 pointsize 0.6 linecolor rgb variable
