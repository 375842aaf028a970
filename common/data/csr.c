#include "common/data/csr.h"

#include "common/base/mem.h"

enum status csr_alloc(struct csr *out, uint32_t n_rows, uint32_t n_columns, uint64_t count,
                      struct error *err) {
    *out = (struct csr){.n_rows = n_rows, .n_columns = n_columns, .count = count};
    enum status status = MEM_NEW(&out->offset, (size_t)n_rows + 1, err);
    if (status == STATUS_OK) status = MEM_NEW(&out->column, count, err);
    if (status == STATUS_OK) status = MEM_NEW(&out->value, count, err);
    if (status != STATUS_OK) csr_release(out);
    return status;
}

void csr_release(struct csr *m) {
    mem_free(m->offset);
    mem_free(m->column);
    mem_free(m->value);
    *m = (struct csr){0};
}

/* Counting sort by column; rows are visited in order, so the new columns ascend. */
enum status csr_transpose(struct csr *out, const struct csr *m, struct error *err) {
    AUTO(csr) struct csr t = {0};
    TRY(csr_alloc(&t, m->n_columns, m->n_rows, m->count, err));
    MEM_AUTO uint64_t *next = NULL;
    TRY(MEM_NEW(&next, (size_t)m->n_columns + 1, err));
    for (uint64_t e = 0; e < m->count; e++) {
        t.offset[m->column[e] + 1]++;
    }
    for (uint32_t c = 0; c < m->n_columns; c++) {
        t.offset[c + 1] += t.offset[c];
        next[c] = t.offset[c];
    }
    for (uint32_t r = 0; r < m->n_rows; r++) {
        for (uint64_t e = m->offset[r]; e < m->offset[r + 1]; e++) {
            uint64_t place = next[m->column[e]]++;
            t.column[place] = r;
            t.value[place] = m->value[e];
        }
    }
    *out = t;
    t = (struct csr){0};
    return STATUS_OK;
}

void csr_add_row(const struct csr *m, uint32_t row, float scale, float *y) {
    for (uint64_t e = m->offset[row]; e < m->offset[row + 1]; e++) {
        y[m->column[e]] += scale * m->value[e];
    }
}
