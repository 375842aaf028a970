/* Random starting values of a network's parameters. */
#ifndef MARQUEE_NN_INIT_H
#define MARQUEE_NN_INIT_H

#include "common/base/rng.h"

#include <stddef.h>

/* Standard deviation of embeddings, which are looked up rather than multiplied by inputs. */
#define INIT_EMBEDDING 0.05

/* Standard deviation of weights with which a layer of `inputs` inputs preserves the variance of its
 * inputs, if ReLU follows (He et al., ICCV 2015) ... */
double init_he(size_t inputs);
/* ... and if nothing follows that halves it (LeCun et al. 1998), times `gain`. */
double init_lecun(size_t inputs, double gain);

/* out[n] ~ N(0, deviation^2), drawn in order from the stream. */
void init_normal(float *out, size_t n, double deviation, struct rng *rng);

#endif
