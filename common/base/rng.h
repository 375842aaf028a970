/* Random streams keyed by what they are for, never by time or thread, so that every result is the
 * same with any number of threads. */
#ifndef MARQUEE_BASE_RNG_H
#define MARQUEE_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/* xoshiro256** (Blackman & Vigna 2018), seeded through splitmix64. */
struct rng {
    uint64_t state[4];
};

/* A stream of its own for (seed, purpose, epoch, block); `purpose` is a short constant text such
 * as "ranker.dropout". */
struct rng rng_keyed(uint64_t seed, const char *purpose, uint64_t epoch, uint64_t block);

uint64_t rng_u64(struct rng *r);
uint32_t rng_below(struct rng *r, uint32_t bound); /* unbiased (Lemire 2019); bound > 0 */
double rng_uniform(struct rng *r);                 /* [0, 1), 53 bits */
double rng_normal(struct rng *r);                  /* mean 0, deviation 1 (Marsaglia polar) */
void rng_shuffle_u32(struct rng *r, uint32_t *values, size_t count); /* Fisher-Yates */

#endif
