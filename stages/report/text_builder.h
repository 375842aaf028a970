/* Text that is built piece by piece: a page, or the data of a plot. The first failure sticks and
 * later calls do nothing, so that it need be checked only once, at the end. */
#ifndef MARQUEE_REPORT_TEXT_BUILDER_H
#define MARQUEE_REPORT_TEXT_BUILDER_H

#include "common/base/buf.h"
#include "common/base/error.h"

#include <stddef.h>

struct text {
    struct buf buf;
    struct error err; /* its status is that of the text */
};
void text_release(struct text *t);

/* As it is: markup and numbers, never anything that comes from data. */
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_append(struct text *t, const char *data, size_t size);

/* What comes from data, as text of HTML or of a quoted attribute: & < > " ' are escaped, control
 * characters become spaces. */
void text_html(struct text *t, const char *data);
/* The same, cut to `columns` with an ellipsis. */
void text_html_cut(struct text *t, const char *data, size_t columns);

/* What comes from data, as a cell of tab-separated values for gnuplot, cut to `columns` (0: not):
 * without tabs, quotes and backslashes, which gnuplot would interpret. */
void text_cell(struct text *t, const char *data, size_t columns);

/* Writes the text to a file, which is left alone if that is what it holds. */
enum status text_save(const struct text *t, const char *path, struct error *err);

#endif
