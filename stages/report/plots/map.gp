# A block per genre: x, y, the movie's index, which the page shows as its title.
eval start(470)
stats dat using 1:2 nooutput
blocks = STATS_blocks
unset tics
unset border
unset grid
set lmargin 1
set rmargin 1
set key above left horizontal maxrows 3 width -1
plot for [i = 0:blocks - 1] dat index i using 1:2:(sprintf("%d", $3)) with labels hypertext \
    point pointtype 7 pointsize 0.45 linecolor rgb colour(i) title columnheader(1)
