/* The colours of page and plots: one table for gnuplot, style sheet and both themes. */
#ifndef MARQUEE_REPORT_PALETTE_H
#define MARQUEE_REPORT_PALETTE_H

#include "stages/report/text_builder.h"

#include <stddef.h>
#include <stdint.h>

void palette_gnuplot(struct text *out); /* ink = "#1f2328" ... */
void palette_css(struct text *out);     /* :root { --ink: #1f2328; ... } and the dark theme */

/* The variable ("--ink") of a colour of the light theme; NULL if it is not one of them. */
const char *palette_variable(unsigned red, unsigned green, unsigned blue);

#endif
