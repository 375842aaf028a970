/* Adam with decoupled weight decay. Its learning rate follows a schedule (schedule.h). */
#ifndef MARQUEE_NN_ADAM_H
#define MARQUEE_NN_ADAM_H

#include <stddef.h>
#include <stdint.h>

struct adam {
    double weight_decay; /* per step: parameter -= rate * decay * parameter */
    double beta1, beta2, epsilon;
};

/* beta1 = 0.9, beta2 = 0.999 and epsilon = 1e-8, as the paper recommends. */
struct adam adam_usual(double weight_decay);

/* The factors of one step, computed once: learning rate and bias corrections of the moments. */
struct adam_step {
    float size;  /* rate / (1 - beta1^step) */
    float scale; /* 1 / sqrt(1 - beta2^step) */
    double rate;
};
struct adam_step adam_step(const struct adam *a, double rate, uint64_t step);

/* One step on `count` parameters with their moments (Kingma & Ba, ICLR 2015; decay as in Loshchilov
 * & Hutter, ICLR 2019). Rows of embeddings that a batch does not touch are skipped ("lazy Adam"):
 * their moments do not decay. */
void adam_update(const struct adam *a, struct adam_step step, double decay, size_t count,
                 const float *gradient, float *params, float *mean, float *square);

#endif
