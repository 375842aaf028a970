# A block per series: predicted, actual, number of ratings.
eval start(360)
stats dat using 1:2 nooutput
blocks = STATS_blocks
stats dat using 3 nooutput
most = STATS_max
set xlabel "predicted rating, stars"
set ylabel "mean actual rating, stars"
set xrange [0.5:5]
set yrange [0.5:5]
set xtics 1
set ytics 1
size(n) = 0.25 + 1.1 * sqrt(n / most)
plot x with lines linecolor rgb soft dashtype 2 notitle, \
    for [i = 0:blocks - 1] dat index i using 1:2 with lines linewidth 1.5 linecolor rgb colour(i) notitle, \
    for [i = 0:blocks - 1] dat index i using 1:2:(size($3)) with points pointtype 7 \
    pointsize variable linecolor rgb colour(i) title columnheader(1)
