#include "common/nn/minibatch.h"

#include "common/base/half.h"
#include "common/base/mem.h"
#include "common/data/rating_scale.h"

#include <string.h>

void samples_release(struct samples *s) {
    mem_free(s->x);
    mem_free(s->user);
    mem_free(s->movie);
    mem_free(s->log_q);
    mem_free(s->rating);
    mem_free(s->weight);
    mem_free(s->own_mean);
    *s = (struct samples){0};
}

double samples_mean_stars(const struct samples *s) {
    uint64_t half_stars = 0;
    for (size_t i = 0; i < s->n_settled; i++) {
        half_stars += s->rating[i];
    }
    return s->n_settled > 0 ? stars_of((double)half_stars) / (double)s->n_settled : 0;
}

enum status minibatch_alloc(struct minibatch *m, const struct samples *s, size_t max_rows,
                            struct error *err) {
    *m = (struct minibatch){.max_rows = max_rows};
    TRY(mem_alloc(&m->x, max_rows, s->n_features * sizeof *m->x, err));
    TRY(MEM_NEW(&m->user, max_rows, err));
    TRY(MEM_NEW(&m->movie, max_rows, err));
    TRY(MEM_NEW(&m->target, max_rows, err));
    TRY(MEM_NEW(&m->weight, max_rows, err));
    if (s->log_q != NULL) TRY(MEM_NEW(&m->log_q, max_rows, err));
    return STATUS_OK;
}

void minibatch_release(struct minibatch *m) {
    mem_free(m->x);
    mem_free(m->user);
    mem_free(m->movie);
    mem_free(m->log_q);
    mem_free(m->target);
    mem_free(m->weight);
    *m = (struct minibatch){0};
}

struct mlp_rows minibatch_rows(const struct minibatch *m) {
    return (struct mlp_rows){m->x, m->user, m->movie, m->n_rows};
}

static void fill_group(struct minibatch *m, size_t at, const struct samples *s, uint32_t group,
                       size_t rows, struct rng *rng) {
    uint32_t user = s->user[group];
    for (size_t i = 0; i < rows; i++) {
        m->user[at + i] = user;
    }
    if (s->draw != NULL) {
        m->movie[at] = s->movie[group];
        if (rows > 1) unseen_draw(s->draw, user, rng, rows - 1, m->movie + at + 1);
    } else {
        memcpy(m->movie + at, s->movie + group * s->group_size, rows * sizeof *m->movie);
    }
    if (s->x != NULL) {
        half_to_floats(s->x + group * s->group_size * s->n_features, rows * s->n_features,
                       m->x + at * s->n_features);
    }
    if (s->log_q != NULL) {
        memcpy(m->log_q + at, s->log_q + group * s->group_size, rows * sizeof *m->log_q);
    }
}

void minibatch_fill(struct minibatch *m, const struct samples *s, const float *weight,
                    const uint32_t *group, size_t n, size_t rows, double mean_stars,
                    struct rng *rng) {
    m->n_rows = n * rows;
    for (size_t i = 0; i < n; i++) {
        fill_group(m, i * rows, s, group[i], rows, rng);
        m->target[i] = (float)(stars_of(s->rating[group[i]]) - mean_stars);
        m->weight[i] = weight != NULL ? weight[group[i]] : 1;
    }
}
