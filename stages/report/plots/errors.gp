# A block per series: middle of the bin, share of the ratings.
eval start(320)
stats dat using 1:2 nooutput
blocks = STATS_blocks
set xlabel "prediction less actual rating, stars"
set ylabel "share of the ratings"
set xrange [-4.625:4.625]
set xtics 1
set yrange [0:]
set arrow from 0, graph 0 to 0, graph 1 nohead linecolor rgb soft dashtype 2 back
plot for [i = 0:blocks - 1] dat index i using 1:2 with histeps linewidth 2 linecolor rgb colour(i) title columnheader(1)
