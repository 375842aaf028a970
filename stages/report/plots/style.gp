# What all plots share. `name` is given on the command line; the working folder holds NAME.dat and
# palette.gp, and gets NAME.svg:
#     cd artifacts/sample/report && gnuplot -e "name='map'" STYLE.gp MAP.gp
load "palette.gp"
set encoding utf8
set datafile separator tab
set datafile missing "NaN"
dat = name.".dat"
colour(i) = word(series, 1 + int(i) % words(series))

# eval start(height): the picture, 480 wide.
start(height) = sprintf('set terminal svg size 480,%d dynamic noenhanced rounded font "sans-serif,13"; set output "%s.svg"', height, name)
# Rows of bars or dots: so high that labels do not touch.
rows_height(n) = 84 + 22 * n

set border 3 linecolor rgb soft
set tics nomirror scale 0.5 textcolor rgb soft
set grid linecolor rgb line linetype 1 linewidth 1
set key above left horizontal Left reverse samplen 1.5 width 1 textcolor rgb ink
set xlabel textcolor rgb soft
set ylabel textcolor rgb soft
set style fill solid 1 noborder
set rmargin 3
# The step between about five tics from 0 to `most`: 1, 2 or 5 times a power of ten.
power(most) = 10 ** floor(log10(most / 5.0))
step(most) = most <= 0 ? 1 : power(most) * (most / 5.0 / power(most) > 5 ? 10 : \
    most / 5.0 / power(most) > 2 ? 5 : most / 5.0 / power(most) > 1 ? 2 : 1)
