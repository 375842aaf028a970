#include "common/nn/init.h"

#include <math.h>

double init_he(size_t inputs) {
    return sqrt(2.0 / (double)inputs);
}

double init_lecun(size_t inputs, double gain) {
    return gain / sqrt((double)inputs);
}

void init_normal(float *out, size_t n, double deviation, struct rng *rng) {
    for (size_t i = 0; i < n; i++) {
        out[i] = (float)(deviation * rng_normal(rng));
    }
}
