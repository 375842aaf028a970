#include "common/base/rng.h"

#include <math.h>
#include <string.h>
#include <xxhash.h>

/* splitmix64 (Steele, Lea & Flood 2014): advances *x and returns a mixed value. */
static uint64_t splitmix(uint64_t *x) {
    uint64_t z = (*x += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

struct rng rng_keyed(uint64_t seed, const char *purpose, uint64_t epoch, uint64_t block) {
    const uint64_t parts[] = {XXH3_64bits(purpose, strlen(purpose)), epoch, block};
    uint64_t x = seed;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        x = splitmix(&x) ^ parts[i];
    }
    struct rng r;
    for (size_t i = 0; i < 4; i++) {
        r.state[i] = splitmix(&x);
    }
    return r;
}

static uint64_t rotate_left(uint64_t x, int k) {
    return (x << k) | (x >> (64 - k));
}

uint64_t rng_u64(struct rng *r) {
    uint64_t *s = r->state;
    const uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    const uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint32_t rng_below(struct rng *r, uint32_t bound) {
    uint64_t product = (rng_u64(r) >> 32) * bound;
    if ((uint32_t)product < bound) {
        const uint32_t threshold = -bound % bound; /* 2^32 mod bound */
        while ((uint32_t)product < threshold) {
            product = (rng_u64(r) >> 32) * bound;
        }
    }
    return (uint32_t)(product >> 32);
}

double rng_uniform(struct rng *r) {
    return (double)(rng_u64(r) >> 11) * 0x1.0p-53;
}

double rng_normal(struct rng *r) {
    double x, square;
    do {
        x = 2.0 * rng_uniform(r) - 1.0;
        const double y = 2.0 * rng_uniform(r) - 1.0;
        square = x * x + y * y;
    } while (square >= 1.0 || square == 0.0);
    return x * sqrt(-2.0 * log(square) / square); /* the second value would need a state */
}

void rng_shuffle_u32(struct rng *r, uint32_t *values, size_t count) {
    for (size_t i = count; i > 1; i--) {
        const size_t j = i <= UINT32_MAX ? rng_below(r, (uint32_t)i) : rng_u64(r) % i;
        const uint32_t moved = values[i - 1];
        values[i - 1] = values[j];
        values[j] = moved;
    }
}
