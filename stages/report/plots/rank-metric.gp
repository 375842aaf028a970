# Epoch, then a column per series.
eval start(290)
stats dat skip 1 using 2 nooutput
set xlabel "epoch"
set ylabel "NDCG@10"
set xrange [0.5:STATS_records + 0.5]
set offsets 0, 0, graph 0.05, graph 0.05
plot for [i = 2:int(STATS_columns)] dat using 1:i with linespoints linewidth 2 pointtype 7 \
    pointsize 0.35 linecolor rgb colour(i - 2) title columnheader(i)
