/* Aligned tables on standard output. */
#ifndef MARQUEE_INSPECT_TEXT_TABLE_H
#define MARQUEE_INSPECT_TEXT_TABLE_H

#include "common/base/buf.h"
#include "common/base/error.h"

#include <stdint.h>
#include <stdio.h>

/* One letter per column: 'l' left, 'r' right. Cells are added row by row, the first row is the
 * heading:  struct text_table t = {.align = "lr"}; text_table_cell(&t, err, "%s", "name"); ... */
struct text_table {
    const char *align;
    int indent; /* blanks in front of each row */
    struct strings cells;
};
enum status text_table_cell(struct text_table *t, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
enum status text_table_heading(struct text_table *t, const char *names,
                               struct error *err); /* "a b c" */
enum status text_table_print(const struct text_table *t, FILE *out, struct error *err);
void text_table_release(struct text_table *t);

/* "1234567" as "1,234,567", "1536" bytes as "1.5 KiB": for people; `out` holds 32 bytes. */
const char *count_text(uint64_t value, char out[32]);
const char *size_text(uint64_t bytes, char out[32]);

#endif
