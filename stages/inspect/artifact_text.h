/* The text view of artifacts: every artifact can be written as text and read back with the same
 * content id and recipe id. common/artifact/FORMAT.md describes the notation. */
#ifndef MARQUEE_INSPECT_ARTIFACT_TEXT_H
#define MARQUEE_INSPECT_ARTIFACT_TEXT_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"

#include <stdint.h>
#include <stdio.h>

enum { TEXT_VALUE_SIZE = 40 };

/* Value `index` of an array of a numeric dtype in the shortest form that reads back to the same
 * bits; NaNs other than the usual one as "nan:0x" and their bits. */
void text_value(enum dtype dtype, const void *values, uint64_t index, char out[TEXT_VALUE_SIZE]);

/* `text` in double quotes, with \" \\ \n \r \t and \u00XX for other control characters; also valid
 * JSON. */
void text_quote(const char *text, FILE *out);

/* Writes a whole artifact, or only `column` unless that is NULL. STATUS_FAILED if the column does
 * not exist; the caller checks `out` for write errors. */
enum status text_dump(const struct artifact *a, const char *column, FILE *out, struct error *err);

/* Makes an artifact at `output` from the text in the file `path`. Errors say path and line. */
enum status text_pack(const char *path, const char *output, struct error *err);

/* Numeric columns of any size, block after block:
 *     struct column_blocks b; column_blocks_start(&b, a, info, err);
 *     while (b.count > 0) { ... b.values[0..count), which begin with value b.first ...
 *         column_blocks_next(&b, err) }    column_blocks_release(&b) */
struct column_blocks {
    const struct artifact *artifact;
    const struct column_info *info;
    void *values;
    uint64_t first, count, capacity;
};
enum status column_blocks_start(struct column_blocks *b, const struct artifact *a,
                                const struct column_info *info, struct error *err);
enum status column_blocks_next(struct column_blocks *b, struct error *err);
void column_blocks_release(struct column_blocks *b);

#endif
