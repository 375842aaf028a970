/* Adam with decoupled weight decay, and the schedule of its learning rate. */
#ifndef MARQUEE_NN_ADAM_H
#define MARQUEE_NN_ADAM_H

#include <stddef.h>
#include <stdint.h>

struct adam {
    double learning_rate; /* peak */
    double weight_decay;  /* per step: parameter -= rate * decay * parameter */
    double beta1, beta2, epsilon;
};

/* Linear warm-up over the first `warmup` steps, then a half cosine down to 1 % of the peak at
 * `total` steps (Loshchilov & Hutter, ICLR 2017). `step` counts from 1. */
double adam_rate(const struct adam *a, uint64_t step, uint64_t warmup, uint64_t total);

/* What one step multiplies by, worked out once: the rate and the corrections of the moments' bias.
 */
struct adam_step {
    float size;  /* rate / (1 - beta1^step) */
    float scale; /* 1 / sqrt(1 - beta2^step) */
    double rate;
};
struct adam_step adam_step(const struct adam *a, double rate, uint64_t step);

/* One step on `count` parameters with their moments (Kingma & Ba, ICLR 2015; decay as in Loshchilov
 * & Hutter, ICLR 2019). Rows of embeddings that a batch does not touch are simply left out
 * ("lazy"): their moments then do not decay. */
void adam_update(const struct adam *a, struct adam_step step, double decay, size_t count,
                 const float *gradient, float *params, float *mean, float *square);

#endif
