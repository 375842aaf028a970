/* The k largest of a stream of scores. Of equal scores the smaller id wins, so the result is
 * unique. */
#ifndef MARQUEE_DATA_TOPK_H
#define MARQUEE_DATA_TOPK_H

#include "common/base/error.h"

#include <stddef.h>
#include <stdint.h>

struct scored {
    float score;
    uint32_t id;
};

struct topk {
    struct scored *heap; /* [k], smallest on top while filling */
    size_t k, count;
};
enum status topk_alloc(struct topk *t, size_t k, struct error *err);
void topk_release(struct topk *t);
void topk_clear(struct topk *t);
void topk_push(struct topk *t, float score, uint32_t id); /* NaN is never kept */
/* Pushes score[i] with id first + i, for i from 0 to n - 1. */
void topk_push_row(struct topk *t, uint32_t first, const float *score, size_t n);
/* Sorts best first; heap[0..count) is then the result. */
void topk_sort(struct topk *t);

#endif
