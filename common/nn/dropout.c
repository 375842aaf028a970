#include "common/nn/dropout.h"

#include <string.h>

enum { BLOCK_BYTES = 256 };

static struct dropout dropout_of(unsigned bits, uint32_t limit) {
    const double values = (double)(1U << bits);
    return (struct dropout){bits, limit, (float)(values / (values - (double)limit))};
}

struct dropout dropout_8bit(uint32_t limit) {
    return dropout_of(8, limit);
}

struct dropout dropout_16bit(double share) {
    return dropout_of(16, (uint32_t)(share * 65536.0));
}

static void draw_words(void *out, size_t n_words, struct rng *rng) {
    for (size_t i = 0; i < n_words; i++) {
        uint64_t word = rng_u64(rng);
        memcpy((char *)out + i * sizeof word, &word, sizeof word);
    }
}

/* Whole blocks are drawn, so that this loop has a length that the compiler knows. */
static void factors_8bit(float *factor, size_t n, const struct dropout *d, struct rng *rng) {
    uint8_t number[BLOCK_BYTES];
    draw_words(number, BLOCK_BYTES / sizeof(uint64_t), rng);
    const uint32_t limit = d->limit;
    const float keep = d->keep;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        factor[i] = number[i] >= limit ? keep : 0.0F;
    }
}

static void factors_16bit(float *factor, size_t n, const struct dropout *d, struct rng *rng) {
    uint16_t number[BLOCK_BYTES / sizeof(uint16_t)] = {0};
    draw_words(number, (n + 3) / 4, rng);
    const uint32_t limit = d->limit;
    const float keep = d->keep;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        factor[i] = number[i] >= limit ? keep : 0.0F;
    }
}

static void fill(float *factor, size_t n, float value) {
    for (size_t i = 0; i < n; i++) {
        factor[i] = value;
    }
}

void dropout_factors(float *factor, size_t n, const struct dropout *d, struct rng *rng) {
    if (d->limit == 0) {
        fill(factor, n, 1.0F);
        return;
    }
    const size_t block = BLOCK_BYTES * 8 / d->bits;
    for (size_t first = 0; first < n; first += block) {
        size_t count = n - first < block ? n - first : block;
        if (d->bits == 8) {
            factors_8bit(factor + first, count, d, rng);
        } else {
            factors_16bit(factor + first, count, d, rng);
        }
    }
}
