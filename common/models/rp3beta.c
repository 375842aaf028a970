#include "common/models/rp3beta.h"

#include "common/base/interrupt.h"
#include "common/base/mem.h"
#include "common/base/ranks.h"
#include "common/data/csr.h"
#include "common/models/item_item.h"
#include "common/models/partition.h"

#include <math.h>
#include <stdio.h>

/* Targets computed at a time. */
enum { PIECE = 256 };

struct walk {
    struct csr by_movie, by_user; /* [n, users], [users, n] over the selected movies */
    double *user;                 /* [users] d_u^-alpha */
};

static void walk_release(struct walk *w) {
    csr_release(&w->by_movie);
    csr_release(&w->by_user);
    mem_free(w->user);
}

static enum status walk_make(struct walk *w, const struct fitting *f, double alpha,
                             struct error *err) {
    const struct ratings *r = f->ratings;
    TRY(popular_items_by_movie(&w->by_movie, f->items, r, NULL, err));
    TRY(csr_transpose(&w->by_user, &w->by_movie, err));
    TRY(MEM_NEW(&w->user, r->n_users, err));
    for (uint32_t u = 0; u < r->n_users; u++) {
        uint64_t degree = r->offset[u + 1] - r->offset[u];
        w->user[u] = degree > 0 ? pow((double)degree, -alpha) : 0;
    }
    return STATUS_OK;
}

/* From `target` back over its users to all their movies; the degrees of the two ends are applied
 * later. */
static void add_target(const void *context, uint32_t target, double *sum) {
    const struct walk *w = context;
    const struct csr *by_user = &w->by_user;
    for (uint64_t e = w->by_movie.offset[target]; e < w->by_movie.offset[target + 1]; e++) {
        uint32_t user = w->by_movie.column[e];
        for (uint64_t k = by_user->offset[user]; k < by_user->offset[user + 1]; k++) {
            sum[by_user->column[k]] += w->user[user];
        }
    }
}

/* scale[n] = d^-exponent of the selected movies. */
static void powers(double *scale, const struct fitting *f, double exponent) {
    for (uint32_t k = 0; k < f->items->n; k++) {
        scale[k] = pow((double)f->baseline->popularity[f->items->movie[k]], -exponent);
    }
}

static void scale_rows(float *rows, uint32_t first, uint32_t count, uint32_t n, const double *from,
                       const double *to) {
    for (uint32_t k = 0; k < count; k++) {
        float *row = rows + (size_t)k * n;
        for (uint32_t i = 0; i < n; i++) {
            row[i] = (float)((double)row[i] * from[i] * to[first + k]);
        }
    }
}

enum status rp3beta_fit(struct pruned *out, const struct fitting *f, double alpha, double beta,
                        struct error *err) {
    AUTO(walk) struct walk walk = {0};
    MEM_AUTO float *rows = NULL;
    MEM_AUTO double *from = NULL, *to = NULL;
    const uint32_t n = f->items->n;
    TRY(walk_make(&walk, f, alpha, err));
    if (ranks_self() == 0) TRY(MEM_NEW(&rows, (size_t)PIECE * n, err));
    TRY(MEM_NEW(&from, n, err));
    TRY(MEM_NEW(&to, n, err));
    powers(from, f, alpha);
    powers(to, f, beta);
    for (uint32_t first = 0; first < n; first += PIECE) {
        uint32_t count = n - first < PIECE ? n - first : PIECE;
        TRY(interrupt_check(err));
        TRY(partition_sum_rows(rows, first, count, n, add_target, &walk, err));
        if (rows == NULL) continue;
        scale_rows(rows, first, count, n, from, to);
        TRY(pruned_take_rows(out, first, count, rows, err));
    }
    return STATUS_OK;
}

/* ---- the model ---- */

enum { ALPHA, BETA };

static const struct number_spec numbers[] = {
    [ALPHA] = {"alpha", 0, 4, false, false},
    [BETA] = {"beta", 0, 4, false, false},
};

static enum status fit(struct pruned *out, const struct fitting *f, const struct instance *instance,
                       struct error *err) {
    return rp3beta_fit(out, f, instance->number[ALPHA], instance->number[BETA], err);
}

struct rp3beta_options {
    bool on;
    double alpha, beta;
};

static enum status plan(struct instance_list *list, const struct model *self, const void *params,
                        struct error *err) {
    const struct rp3beta_options *p = params;
    struct instance instance = {.model = self, .number = {p->alpha, p->beta}};
    snprintf(instance.name, sizeof instance.name, "%s", self->name);
    return p->on ? instances_add(list, &instance, err) : STATUS_OK;
}

#define OPTION_HOLDER struct rp3beta_options
static const struct option_spec options[] = {
    PARAMETER_FLAG("rp3beta", on, "false", "random walks of three steps"),
    PARAMETER_REAL("rp3beta-alpha", alpha, "1", 0, 4,
                   "exponent of the steps; 1 is the walk itself"),
    PARAMETER_REAL("rp3beta-beta", beta, "0.6", 0, 4, "exponent of the target's popularity"),
};

static const struct score_spec scores[] = {
    {"", "collaborative", "score of random walk model %s from the whole history", NEEDS_NEITHER},
    {".recent", "collaborative", "the same, weight exp(-d/10), d positions from the newest",
     NEEDS_ORDER},
};
static const struct item_score columns[] = {{WEIGHTING_ALL, false}, {WEIGHTING_RECENT, false}};
static const struct item_item_kind kind = {columns, item_item_binary, fit};

const struct model rp3beta_model = {
    .name = "rp3beta",
    .title = "random walks of three steps",
    .paper = "Paudel et al., Updatable, accurate, diverse, and scalable recommendations for "
             "interactive applications, ACM TiiS 2017",
    .kind = "factors",
    OPTIONS_OF(options, struct rp3beta_options),
    NUMBERS_OF(numbers),
    SCORES_OF(scores),
    .ranks = true,
    .plan = plan,
    .item_item = &kind,
    ITEM_ITEM_FUNCTIONS,
};
