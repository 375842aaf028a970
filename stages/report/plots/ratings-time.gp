# Seconds since 1970, ratings in the period that begins then.
eval start(290)
stats dat skip 1 using 1 nooutput
span = STATS_max - STATS_min
set xdata time
set timefmt "%s"
set format x (span > 4 * 31556952 ? "%Y" : span > 5 * 86400 ? "%Y-%m-%d" : "%m-%d %H:%M")
tics = span > 4 * 31556952 ? 31556952 * ceil(span / 31556952 / 6.0) : span > 0 ? ceil(span / 3.0) : 3600
set xtics tics
set autoscale xfix
set yrange [0:]
set grid noxtics
set key above left
plot dat using 1:2 with fillsteps linecolor rgb c1 title columnheader(2)
