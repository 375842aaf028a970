/* Losses of one group of rows (row 0 the positive, the others negatives) or of ratings, each with
 * its derivative: dlogit first, the loss returned. Both are multiplied by `weight`. */
#ifndef MARQUEE_NN_LOSS_H
#define MARQUEE_NN_LOSS_H

#include <stddef.h>

enum loss_kind { LOSS_SOFTMAX, LOSS_BPR, LOSS_BCE, LOSS_MSE };

/* log sum exp(s - log_q) - (s_0 - log_q_0): softmax over the group, corrected for the probability
 * with which each row was drawn (Bengio & Senecal 2008; Yi et al., RecSys 2019). log_q NULL = 0. */
double loss_softmax(float *dlogit, const float *logit, const float *log_q, size_t n, double weight);

/* Weighted mean over the negatives of -log sigmoid(s_0 - s_j) (Rendle et al., UAI 2009); with
 * weights exp(-log_q) (importance sampling), it estimates the mean over uniformly drawn
 * negatives. */
double loss_bpr(float *dlogit, const float *logit, const float *log_q, size_t n, double weight);

/* Mean over rows of binary cross-entropy, the negatives weighted as in loss_bpr. */
double loss_bce(float *dlogit, const float *logit, const float *log_q, size_t n, double weight);

/* Sum over n rows of (logit - target)^2. */
double loss_mse(float *dlogit, const float *logit, const float *target, size_t n, double weight);

/* LOSS_BPR and LOSS_BCE by their names "bpr" and "bce", LOSS_SOFTMAX for every other. */
enum loss_kind loss_named(const char *name);

/* The ranking loss of the given kind. */
double loss_group(enum loss_kind kind, float *dlogit, const float *logit, const float *log_q,
                  size_t n, double weight);

#endif
