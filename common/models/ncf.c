#include "common/models/ncf.h"

#include "common/base/mem.h"
#include "common/data/rating_scale.h"
#include "common/data/roles.h"
#include "common/nn/ensemble.h"

#include <string.h>

static const char *const head_names[NCF_HEADS] = {"rank", "rating"};

/* ---- samples ---- */

static enum status samples_alloc(struct samples *s, size_t n_groups, size_t movies_per_group,
                                 struct error *err) {
    TRY(MEM_NEW(&s->user, n_groups, err));
    TRY(mem_alloc(&s->movie, n_groups, movies_per_group * sizeof *s->movie, err));
    return MEM_NEW(&s->rating, n_groups, err);
}

enum status ncf_begin(struct ncf_fitting *f, const struct ncf_params *params,
                      const struct ratings *ratings, uint64_t seed, struct error *err) {
    const size_t n = (size_t)ratings->count;
    f->params = params;
    f->seed = seed;
    if (n == 0) return error_set(err, STATUS_FAILED, "the view has no ratings to train on");
    TRY(unseen_sampler_build(&f->unseen, ratings, err));
    struct samples *s = &f->train;
    *s = (struct samples){.n_groups = n,
                          .n_settled = n,
                          .group_size = 1 + (size_t)params->negatives,
                          .draw = &f->unseen};
    TRY(samples_alloc(s, n, 1, err));
    memcpy(s->movie, ratings->movie, n * sizeof *s->movie);
    memcpy(s->rating, ratings->value, n);
    for (uint32_t u = 0; u < ratings->n_users; u++) {
        for (uint64_t i = ratings->offset[u]; i < ratings->offset[u + 1]; i++) {
            s->user[i] = u;
        }
    }
    f->mean_stars = samples_mean_stars(s);
    return STATUS_OK;
}

/* A validation group: the positive, then negatives, none of which is the positive. */
static void draw_group(uint32_t *movie, const struct unseen_sampler *unseen, uint32_t user,
                       uint32_t positive, size_t negatives, struct rng *rng) {
    movie[0] = positive;
    for (size_t i = 1; i <= negatives; i++) {
        unseen_draw(unseen, user, rng, 1, &movie[i]);
        for (int tries = 1; tries < 100 && movie[i] == positive; tries++) {
            unseen_draw(unseen, user, rng, 1, &movie[i]);
        }
    }
}

static size_t count_valid(const struct ratings *all, const uint8_t *role) {
    size_t n = 0;
    for (uint64_t i = 0; i < all->count; i++) {
        n += role[i] == ROLE_VALID;
    }
    return n;
}

enum status ncf_validate_by(struct ncf_fitting *f, const struct ratings *all, const uint8_t *role,
                            struct error *err) {
    const size_t negatives = (size_t)f->params->valid_negatives, n = count_valid(all, role);
    struct samples *s = &f->valid;
    *s = (struct samples){.n_groups = n, .n_settled = n, .group_size = 1 + negatives};
    TRY(samples_alloc(s, n, s->group_size, err));
    size_t group = 0;
    for (uint32_t u = 0; u < all->n_users; u++) {
        for (uint64_t i = all->offset[u]; i < all->offset[u + 1]; i++) {
            if (role[i] != ROLE_VALID) continue;
            struct rng rng = rng_keyed(f->seed, "ranker.valid", 0, group);
            s->user[group] = u;
            s->rating[group] = all->value[i];
            draw_group(s->movie + group * s->group_size, &f->unseen, u, all->movie[i], negatives,
                       &rng);
            group++;
        }
    }
    return STATUS_OK;
}

/* ---- the networks ---- */

/* At most as many epochs as keep all positives together below max_targets. */
static uint32_t affordable_epochs(const struct ncf_fitting *f, int64_t epochs) {
    const int64_t most = f->params->max_targets / (int64_t)f->train.n_groups;
    return (uint32_t)(most < 1 ? 1 : most < epochs ? most : epochs);
}

static enum status plan_heads(struct ncf_fitting *f, struct error *err) {
    const struct ncf_params *p = f->params;
    struct head_plan *rank = &f->plan[NCF_RANK], *rating = &f->plan[NCF_RATING];
    bool wanted[NCF_HEADS];
    TRY(heads_parse(wanted, p->heads, head_names, NCF_HEADS, err));
    *rank = (struct head_plan){.wanted = wanted[NCF_RANK],
                               .name = head_names[NCF_RANK],
                               .stream = NCF_RANK,
                               .loss = loss_named(p->loss),
                               .epochs = affordable_epochs(f, p->epochs),
                               .learning_rate = p->learning_rate,
                               .dropout = p->dropout};
    *rating = (struct head_plan){.wanted = wanted[NCF_RATING],
                                 .name = head_names[NCF_RATING],
                                 .stream = NCF_RATING,
                                 .loss = LOSS_MSE,
                                 .epochs = affordable_epochs(f, p->rating_epochs),
                                 .learning_rate = p->rating_learning_rate,
                                 .dropout = p->rating_dropout};
    TRY(head_parse_layers(rank, "layers", p->layers, err));
    return head_parse_layers(rating, "rating-layers", p->rating_layers, err);
}

enum status ncf_check(const struct ncf_params *params, struct error *err) {
    bool wanted[NCF_HEADS];
    struct head_plan layers = {0};
    TRY(heads_parse(wanted, params->heads, head_names, NCF_HEADS, err));
    TRY(head_parse_layers(&layers, "layers", params->layers, err));
    return head_parse_layers(&layers, "rating-layers", params->rating_layers, err);
}

enum status ncf_plan(struct ncf_fitting *f, struct error *err) {
    const struct ncf_params *p = f->params;
    const struct train_task common = {.train = &f->train,
                                      .n_groups = f->train.n_groups,
                                      .valid = &f->valid,
                                      .mean_stars = f->mean_stars,
                                      .adam = adam_usual(p->weight_decay),
                                      .embedding_decay = p->embedding_decay,
                                      .patience = (uint32_t)p->patience,
                                      .batch = (size_t)p->batch};
    const struct mlp_inputs inputs = {
        0,    f->unseen.n_users, (uint32_t)p->user_dim, f->unseen.n_movies, (uint32_t)p->movie_dim,
        false};
    const uint64_t members = (uint64_t)p->ensemble;
    TRY(plan_heads(f, err));
    TRY(MEM_NEW(&f->network, members * NCF_HEADS, err));
    for (uint64_t member = 0; member < members; member++) {
        for (int head = 0; head < NCF_HEADS; head++) {
            if (!f->plan[head].wanted) continue;
            TRY(network_plan(&f->network[f->n_networks++], &common, &f->plan[head], &inputs, member,
                             f->seed, err));
        }
    }
    return STATUS_OK;
}

enum status ncf_write(const struct ncf_fitting *f, struct artifact_writer *w, struct error *err) {
    TRY(artifact_set_i64(w, "members", f->params->ensemble, err));
    TRY(artifact_set_f64(w, "rating_mean", f->mean_stars, err));
    return networks_write(f->network, f->n_networks, w, err);
}

void ncf_fitting_release(struct ncf_fitting *f) {
    networks_release(f->network, f->n_networks);
    samples_release(&f->train);
    samples_release(&f->valid);
    unseen_sampler_release(&f->unseen);
    *f = (struct ncf_fitting){0};
}

/* ---- scoring ---- */

struct ncf {
    double rating_mean; /* stars, added to the output of the rating head */
    struct ensemble head[NCF_HEADS];
};

static enum status load_heads(struct ncf *m, const struct artifact *a, struct error *err) {
    size_t members = 0;
    TRY(ensemble_size(&members, a, err));
    TRY(artifact_get_f64(a, "rating_mean", &m->rating_mean, err));
    for (int head = 0; head < NCF_HEADS; head++) {
        TRY(ensemble_load(&m->head[head], a, head_names[head], members, 0, err));
    }
    return STATUS_OK;
}

enum status ncf_load(struct ncf **out, const struct artifact *a, struct error *err) {
    struct ncf *m = NULL;
    *out = NULL;
    TRY(MEM_NEW(&m, 1, err));
    enum status status = load_heads(m, a, err);
    if (status != STATUS_OK) {
        ncf_release(m);
        return status;
    }
    *out = m;
    return STATUS_OK;
}

void ncf_release(struct ncf *m) {
    if (m == NULL) return;
    for (int head = 0; head < NCF_HEADS; head++) {
        ensemble_release(&m->head[head]);
    }
    mem_free(m);
}

bool ncf_has_head(const struct ncf *m, enum ncf_head head) {
    return m->head[head].n_members > 0;
}

enum status ncf_score(const struct ncf *m, enum ncf_head head, uint32_t user, const uint32_t *movie,
                      size_t n, float *out, struct error *err) {
    if (!ncf_has_head(m, head)) {
        return error_set(err, STATUS_FAILED, "the ncf model has no %s head", head_names[head]);
    }
    TRY(ensemble_score(&m->head[head], user, movie, NULL, n, out, err));
    for (size_t i = 0; head == NCF_RATING && i < n; i++) {
        out[i] = (float)stars_clip(m->rating_mean + (double)out[i]);
    }
    return STATUS_OK;
}

/* ---- the model ---- */

#define OPTION_HOLDER struct ncf_params
static const struct option_spec options[] = {
    PARAMETER_LIST("heads", heads, "rank,rating", "heads to train"),
    PARAMETER_LIST("layers", layers, "64,32", "widths of the rank head's hidden layers, or none"),
    PARAMETER_LIST("rating-layers", rating_layers, "64,32", "the same for the rating head"),
    PARAMETER_CHOICE("loss", loss, "bce", "softmax|bpr|bce", "loss function of the rank head"),
    PARAMETER_INT("user-dim", user_dim, "32", 0, 1024, "length of the user embeddings"),
    PARAMETER_INT("movie-dim", movie_dim, "32", 0, 1024, "length of the movie embeddings"),
    PARAMETER_INT("epochs", epochs, "12", 1, 10000, "most passes over the ratings, rank head"),
    PARAMETER_INT("rating-epochs", rating_epochs, "5", 1, 10000, "the same for the rating head"),
    PARAMETER_INT("max-targets", max_targets, "60000000", 1, 1e12,
                  "fewer passes where they would come to more positives than this in total"),
    PARAMETER_INT("batch", batch, "512", 1, 1048576, "positives per step"),
    PARAMETER_INT(
        "patience", patience, "5", 0, 10000,
        "epochs without a better validation metric before training stops early; 0: never"),
    PARAMETER_INT("ensemble", ensemble, "1", 1, 16,
                  "networks per head, trained from different seeds and averaged"),
    PARAMETER_INT("negatives", negatives, "4", 1, 1000,
                  "movies drawn for each positive in each epoch"),
    PARAMETER_INT("valid-negatives", valid_negatives, "99", 1, 10000,
                  "movies that a validation positive is ranked against"),
    PARAMETER_REAL("learning-rate", learning_rate, "0.003", 0, 1,
                   "peak learning rate of the rank head"),
    PARAMETER_REAL("rating-learning-rate", rating_learning_rate, "0.003", 0, 1,
                   "the same for the rating head"),
    PARAMETER_REAL("dropout", dropout, "0", 0, 0.9,
                   "share of hidden units zeroed in training, rank head"),
    PARAMETER_REAL("rating-dropout", rating_dropout, "0", 0, 0.9, "the same for the rating head"),
    PARAMETER_REAL("weight-decay", weight_decay, "0.1", 0, 100,
                   "decoupled weight decay of the layers"),
    PARAMETER_REAL("embedding-decay", embedding_decay, "0.01", 0, 100,
                   "decoupled weight decay of the embedding rows that a step touches"),
};

const struct model ncf_model = {
    .name = "ncf",
    .title = "neural collaborative filtering: embeddings of users and movies into a perceptron",
    .paper = "He et al., Neural collaborative filtering, WWW 2017",
    .kind = "ncf",
    OPTIONS_OF(options, struct ncf_params),
};
