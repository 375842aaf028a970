#include "common/nn/adam.h"

#include <math.h>

struct adam adam_usual(double weight_decay) {
    return (struct adam){weight_decay, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
}

struct adam_step adam_step(const struct adam *a, double rate, uint64_t step) {
    return (struct adam_step){.size = (float)(rate / (1 - pow(a->beta1, (double)step))),
                              .scale = (float)(1 / sqrt(1 - pow(a->beta2, (double)step))),
                              .rate = rate};
}

static inline void update_loop(const struct adam *a, struct adam_step step, double decay,
                               size_t count, const float *gradient, float *params, float *mean,
                               float *square) {
    const float beta1 = (float)a->beta1, beta2 = (float)a->beta2, epsilon = (float)a->epsilon;
    const float keep = (float)(1 - step.rate * decay);
#pragma omp simd
    for (size_t i = 0; i < count; i++) {
        float g = gradient[i];
        mean[i] = beta1 * mean[i] + (1.0f - beta1) * g;
        square[i] = beta2 * square[i] + (1.0f - beta2) * g * g;
        params[i] =
            keep * params[i] - step.size * mean[i] / (sqrtf(square[i]) * step.scale + epsilon);
    }
}

#if defined(__x86_64__)
/* Eight values at a time; without FMA, so that the result is the same to the last bit. */
__attribute__((target("avx2"))) static void
update_loop_avx2(const struct adam *a, struct adam_step step, double decay, size_t count,
                 const float *gradient, float *params, float *mean, float *square) {
    update_loop(a, step, decay, count, gradient, params, mean, square);
}
#endif

void adam_update(const struct adam *a, struct adam_step step, double decay, size_t count,
                 const float *gradient, float *params, float *mean, float *square) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        update_loop_avx2(a, step, decay, count, gradient, params, mean, square);
        return;
    }
#endif
    update_loop(a, step, decay, count, gradient, params, mean, square);
}
