/* Factor matrices in the artifact. */
#ifndef MARQUEE_MODELS_MATRIX_COLUMNS_H
#define MARQUEE_MODELS_MATRIX_COLUMNS_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/models/model.h"

#include <stddef.h>
#include <stdint.h>

/* Reads the 2-d column [rows, *columns]; the number of columns must be the same in every call, the
 * first of which finds 0. *out is mem_free'd by the caller. */
enum status read_matrix(const struct artifact *a, const char *name, uint32_t rows,
                        uint32_t *columns, float **out, struct error *err);

/* The rows [users, width] of all processes' users, in *all on the first process; elsewhere it stays
 * NULL. */
enum status collect_user_rows(float **all, const struct fitting *f, const float *own, size_t width,
                              struct error *err);

#endif
