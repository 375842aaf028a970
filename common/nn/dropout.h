/* Inverted dropout (Srivastava et al., JMLR 2014): in training a value is zeroed with probability
 * `share`, else multiplied by 1 / (1 - share), so that its mean stays and inference does nothing.
 *
 * Each decision takes 8 or 16 random bits, so the share is a multiple of 1/256 or 1/65536; fewer
 * bits are faster. */
#ifndef MARQUEE_NN_DROPOUT_H
#define MARQUEE_NN_DROPOUT_H

#include "common/base/rng.h"

#include <stddef.h>
#include <stdint.h>

struct dropout {
    unsigned bits;  /* 8 or 16 */
    uint32_t limit; /* values with a random number below this are zeroed; 0: none */
    float keep;     /* factor of the others: 1 / (1 - limit / 2^bits) */
};

struct dropout dropout_8bit(uint32_t limit); /* share = limit / 256, limit < 256 */
struct dropout dropout_16bit(double share);  /* rounded down to a multiple of 1/65536, share < 1 */

/* factor[n] = 0 or `keep`. If nothing is dropped, nothing is drawn from the stream; else words are
 * drawn for four values at a time (16 bits) or for 256 (8 bits), even where fewer are left. */
void dropout_factors(float *factor, size_t n, const struct dropout *d, struct rng *rng);

#endif
