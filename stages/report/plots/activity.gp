# Rank, ratings; both scales logarithmic.
eval start(290)
set logscale xy
set xlabel "rank of the user"
set ylabel "ratings"
unset key
plot dat skip 1 using 1:2 with lines linewidth 2.5 linecolor rgb c1
