/* Inverted dropout (Srivastava et al., JMLR 2014): in training a value is zeroed with probability
 * `share`, else multiplied by 1 / (1 - share), so that its mean stays and inference does nothing.
 *
 * A value is decided on by 8 or 16 random bits, so that the share is a multiple of 1/256 or
 * 1/65536: the fewer bits, the faster. */
#ifndef MARQUEE_NN_DROPOUT_H
#define MARQUEE_NN_DROPOUT_H

#include "common/base/rng.h"

#include <stddef.h>
#include <stdint.h>

struct dropout {
    unsigned bits;  /* 8 or 16 */
    uint32_t limit; /* a value is zeroed whose random number is below this; 0: none is */
    float keep;     /* what the others are multiplied by: 1 / (1 - limit / 2^bits) */
};

struct dropout dropout_8bit(uint32_t limit); /* share = limit / 256, limit < 256 */
struct dropout dropout_16bit(double share);  /* rounded down to a multiple of 1/65536, share < 1 */

/* factor[n] = 0 or `keep`. The stream is not touched when nothing is dropped; else it gives words
 * for four values at a time with 16 bits, for 256 with 8, even where fewer are left. */
void dropout_factors(float *factor, size_t n, const struct dropout *d, struct rng *rng);

#endif
