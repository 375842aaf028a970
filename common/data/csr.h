/* Sparse matrices in compressed sparse row (CSR) form, with f32 values. */
#ifndef MARQUEE_DATA_CSR_H
#define MARQUEE_DATA_CSR_H

#include "common/base/error.h"

#include <stddef.h>
#include <stdint.h>

struct csr {
    uint32_t n_rows, n_columns;
    uint64_t count;
    uint64_t *offset; /* [n_rows + 1] */
    uint32_t *column; /* [count] ascending per row */
    float *value;     /* [count] */
};

enum status csr_alloc(struct csr *out, uint32_t n_rows, uint32_t n_columns, uint64_t count,
                      struct error *err);
void csr_release(struct csr *m);
enum status csr_transpose(struct csr *out, const struct csr *m, struct error *err);

/* y[n_columns] += scale * row i */
void csr_add_row(const struct csr *m, uint32_t row, float scale, float *y);

#endif
