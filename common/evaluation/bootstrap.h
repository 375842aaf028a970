/* Confidence intervals and p-values of means over lists. What is drawn again is a user: where one
 * has several lists, they are drawn, or change their sign, together. */
#ifndef MARQUEE_EVALUATION_BOOTSTRAP_H
#define MARQUEE_EVALUATION_BOOTSTRAP_H

#include "common/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bootstrap_options {
    uint32_t bootstrap;   /* resamples of the users per interval */
    uint32_t permutation; /* random sign flips per p-value */
    uint64_t seed;
};

/* A mean over lists with its 95 % percentile bootstrap interval (Efron & Tibshirani 1993, ch. 13).
 */
struct estimate {
    double value, low, high;
};
/* The mean of each column of x[n, n_columns]; out [n_columns]. user[n]: rows with the same number,
 * which stand together, are of the same user; NULL: each is of another. */
enum status bootstrap_means(struct estimate *out, const float *x, const uint32_t *user, size_t n,
                            size_t n_columns, const struct bootstrap_options *options,
                            struct error *err);
/* The same for the ratio sum of numerators / sum of counts, or for its square root (`root`). */
enum status bootstrap_ratio(struct estimate *out, const float *numerator, const float *count,
                            const uint32_t *user, size_t n, bool root,
                            const struct bootstrap_options *options, struct error *err);
/* Two-sided paired randomisation tests: p[n_columns], the p-value of the mean of each column of
 * difference[n, n_columns] under random signs. */
enum status sign_flip_tests(double *p, const float *difference, const uint32_t *user, size_t n,
                            size_t n_columns, const struct bootstrap_options *options,
                            struct error *err);

/* Holm's correction of p[n] for being several (Scand. J. Statist. 1979): adjusted[i] is the least
 * level at which hypothesis i is rejected when the chance of any false rejection is held to that
 * level. For few: takes n^3 steps. */
void holm_adjust(double *adjusted, const double *p, size_t n);

#endif
