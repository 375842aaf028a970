# A label, how often: horizontal bars.
stats dat skip 1 using 2 nooutput
n = STATS_records
eval start(rows_height(n))
set yrange [n - 0.5:-0.5]
set xrange [0:]
set xtics step(STATS_max)
set lmargin 22
set grid noytics
set key above left
plot dat using (0):0:(0):2:($0 - 0.35):($0 + 0.35):yticlabel(1) with boxxyerror linecolor rgb c1 \
    title columnheader(2)
