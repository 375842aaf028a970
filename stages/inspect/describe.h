/* Small pieces of text about columns and origins, shared by several subcommands. */
#ifndef MARQUEE_INSPECT_DESCRIBE_H
#define MARQUEE_INSPECT_DESCRIBE_H

#include "common/artifact/artifact.h"

/* "[3,4]" */
enum { SHAPE_TEXT_SIZE = 96 };
const char *shape_text(const struct column_info *info, char out[SHAPE_TEXT_SIZE]);

/* A minimum, maximum or mean; whole numbers without decimals. */
const char *number_text(double value, char out[32]);

/* The column, or STATUS_FAILED with the artifact's column names. */
enum status find_column(const struct artifact *a, const char *name, const struct column_info **out,
                        struct error *err);

void print_meta(const struct artifact *a);
/* Prints the parameters, each line beginning with `indent`. */
void print_params(const char *params, const char *indent);

#endif
