# Stars, ratings.
eval start(290)
set xlabel "stars"
set ylabel "ratings"
set yrange [0:]
set xrange [0.2:5.3]
set xtics 0.5
set boxwidth 0.4
set grid noxtics
unset key
plot dat skip 1 using 1:2 with boxes linecolor rgb c1
