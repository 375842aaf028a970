#include "common/nn/loss.h"

#include <math.h>
#include <string.h>

static double corrected(const float *logit, const float *log_q, size_t i) {
    return log_q != NULL ? (double)logit[i] - (double)log_q[i] : (double)logit[i];
}

/* Unnormalised importance weight of negative i. */
static double importance(const float *log_q, size_t i) {
    return log_q != NULL ? exp(-(double)log_q[i]) : 1.0;
}

static double importance_sum(const float *log_q, size_t n) {
    double sum = 0;
    for (size_t i = 1; i < n; i++) {
        sum += importance(log_q, i);
    }
    return sum;
}

/* log(1 + exp(x)) without overflow. */
static double softplus(double x) {
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

static double sigmoid(double x) {
    return 1.0 / (1.0 + exp(-x));
}

double loss_softmax(float *dlogit, const float *logit, const float *log_q, size_t n,
                    double weight) {
    double largest = corrected(logit, log_q, 0), sum = 0;
    for (size_t i = 1; i < n; i++) {
        largest = fmax(largest, corrected(logit, log_q, i));
    }
    for (size_t i = 0; i < n; i++) {
        float e = expf((float)(corrected(logit, log_q, i) - largest));
        dlogit[i] = e;
        sum += (double)e;
    }
    for (size_t i = 0; i < n; i++) {
        dlogit[i] = (float)(weight / sum * (double)dlogit[i]);
    }
    dlogit[0] -= (float)weight;
    return weight * (largest + log(sum) - corrected(logit, log_q, 0));
}

double loss_bpr(float *dlogit, const float *logit, const float *log_q, size_t n, double weight) {
    double total = importance_sum(log_q, n), loss = 0, positive = 0;
    dlogit[0] = 0.0f;
    if (n < 2 || total <= 0) return 0;
    for (size_t i = 1; i < n; i++) {
        double share = weight * importance(log_q, i) / total;
        double difference = (double)logit[0] - (double)logit[i];
        double slope = share * sigmoid(-difference);
        loss += share * softplus(-difference);
        dlogit[i] = (float)slope;
        positive -= slope;
    }
    dlogit[0] = (float)positive;
    return loss;
}

double loss_bce(float *dlogit, const float *logit, const float *log_q, size_t n, double weight) {
    double share = weight / (double)n, total = importance_sum(log_q, n);
    double loss = share * softplus(-(double)logit[0]);
    dlogit[0] = (float)(-share * sigmoid(-(double)logit[0]));
    for (size_t i = 1; i < n; i++) {
        double part = share * importance(log_q, i) * (double)(n - 1) / total;
        loss += part * softplus((double)logit[i]);
        dlogit[i] = (float)(part * sigmoid((double)logit[i]));
    }
    return loss;
}

double loss_mse(float *dlogit, const float *logit, const float *target, size_t n, double weight) {
    double loss = 0;
    for (size_t i = 0; i < n; i++) {
        double difference = (double)logit[i] - (double)target[i];
        dlogit[i] = (float)(2.0 * weight * difference);
        loss += weight * difference * difference;
    }
    return loss;
}

enum loss_kind loss_named(const char *name) {
    if (strcmp(name, "bpr") == 0) return LOSS_BPR;
    if (strcmp(name, "bce") == 0) return LOSS_BCE;
    return LOSS_SOFTMAX;
}

double loss_group(enum loss_kind kind, float *dlogit, const float *logit, const float *log_q,
                  size_t n, double weight) {
    switch (kind) {
    case LOSS_BPR:
        return loss_bpr(dlogit, logit, log_q, n, weight);
    case LOSS_BCE:
        return loss_bce(dlogit, logit, log_q, n, weight);
    case LOSS_SOFTMAX:
    case LOSS_MSE:
        break;
    }
    return loss_softmax(dlogit, logit, log_q, n, weight);
}
