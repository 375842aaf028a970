/* Reading and gathering matrices of factors. */
#ifndef MARQUEE_MODELS_MATRIX_COLUMNS_H
#define MARQUEE_MODELS_MATRIX_COLUMNS_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/models/model.h"

#include <stddef.h>
#include <stdint.h>

/* Reads the matrix `name` [rows, *columns] to *out, to be mem_free'd by the caller. STATUS_DAMAGED
 * if it is missing, has other than `rows` rows, or is too wide. That the matrices of one model are
 * equally wide is stated by the model's table of columns, and so checked when the file is opened.
 */
enum status read_matrix(const struct artifact *a, const char *name, uint32_t rows,
                        uint32_t *columns, float **out, struct error *err);

/* Gathers rows [users, width] of the users of all processes to *all on the first process; NULL
 * elsewhere. */
enum status collect_user_rows(float **all, const struct fitting *f, const float *own, size_t width,
                              struct error *err);

#endif
