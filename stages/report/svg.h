/* A picture of gnuplot's as part of a page. */
#ifndef MARQUEE_REPORT_SVG_H
#define MARQUEE_REPORT_SVG_H

#include "common/data/catalogue.h"
#include "stages/report/text_builder.h"

#include <stddef.h>

/* Appends the <svg> element of a file written by gnuplot, ready to be put into HTML: without
 * prolog, titles, scripts, fonts and empty groups; colours of the palette as variables of the style
 * sheet; its ids begin with `name`, so that no two pictures share any; an image to screen readers,
 * with `label`. A hypertext of gnuplot's, which holds a movie's index, becomes the movie's title to
 * be shown on hover. */
void svg_include(struct text *out, const char *svg, size_t size, const char *name,
                 const char *label, const struct catalogue *catalogue);

#endif
