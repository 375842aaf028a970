#include "common/models/gru4rec.h"

#include "common/base/mem.h"
#include "common/data/dense.h"
#include "common/models/gru.h"
#include "common/models/gru4rec_fit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- scoring ---- */

struct work {
    const struct sequence_model *model;
    const struct models *models;
    float *scratch;    /* [sequence_scratch] */
    float *query;      /* [dim] */
    float *score;      /* [n_movies] log probabilities of being rated next */
    const float *last; /* [dim] embedding of the newest movie, or NULL */
};

static void work_release(void *work) {
    struct work *w = work;
    if (w == NULL) return;
    mem_free(w->scratch);
    mem_free(w->query);
    mem_free(w->score);
    mem_free(w);
}

static enum status work_create(void **work, const struct models *models, const void *fitted,
                               struct error *err) {
    const struct sequence_model *m = fitted;
    struct work *w = NULL;
    *work = NULL;
    TRY(MEM_NEW(&w, 1, err));
    *w = (struct work){.model = m, .models = models};
    *work = w;
    TRY(MEM_NEW(&w->scratch, sequence_scratch(m), err));
    TRY(MEM_NEW(&w->query, m->dim, err));
    return MEM_NEW(&w->score, m->n_movies, err);
}

/* log of the sum of exp(score) over the movies outside the history. */
static double log_sum(const struct work *w, const struct history *h) {
    const float *score = w->score;
    uint32_t n = w->model->n_movies;
    double most = (double)score[0], sum = 0, seen = 0;
    for (uint32_t m = 1; m < n; m++) {
        most = fmax(most, (double)score[m]);
    }
    for (uint32_t m = 0; m < n; m++) {
        sum += (double)expf(score[m] - (float)most);
    }
    for (size_t i = 0; i < h->count; i++) {
        seen += (double)expf(score[h->movie[i]] - (float)most);
    }
    return most + log(fmax(sum - seen, 1e-9 * sum));
}

static enum status prepare(void *work, const struct query *q, struct error *err) {
    (void)err;
    struct work *w = work;
    const struct sequence_model *m = w->model;
    const struct history *h = q->history;
    sequence_encode(m, h, q->now, w->scratch, w->query);
    sequence_scores(m, w->query, w->score);
    float total = (float)log_sum(w, h);
    for (uint32_t i = 0; i < m->n_movies; i++) {
        w->score[i] -= total;
    }
    w->last = h->count > 0 ? m->embedding + (size_t)h->movie[h->count - 1] * m->dim : NULL;
    return STATUS_OK;
}

static float cosine_with_last(const struct work *w, uint32_t movie) {
    const struct sequence_model *m = w->model;
    const float *own = m->embedding + (size_t)movie * m->dim, *last = w->last;
    if (last == NULL) return 0;
    double lengths = (double)dense_dot(m->dim, own, own) * (double)dense_dot(m->dim, last, last);
    return lengths > 0 ? (float)((double)dense_dot(m->dim, own, last) / sqrt(lengths)) : 0;
}

static void score(const void *work, const struct score_block *block, float *x, size_t stride) {
    const struct work *w = work;
    double all = log1p((double)w->models->n_ratings);
    for (size_t i = 0; i < block->n; i++, x += stride) {
        uint32_t movie = block->movie[i];
        x[0] = w->score[movie];
        x[1] = w->score[movie] + (float)(all - (double)w->models->log_popularity[movie]);
        x[2] = cosine_with_last(w, movie);
    }
}

static size_t sources(const void *work, struct catalogue_scores *out, size_t max) {
    const struct work *w = work;
    if (max == 0) return 0;
    out[0] = (struct catalogue_scores){w->score, 1};
    return 1;
}

/* ---- the model ---- */

static void release(void *fitted) {
    sequence_model_release(fitted);
    mem_free(fitted);
}

static enum status read(void *state, const struct artifact *a, const struct baseline *b,
                        struct error *err) {
    struct sequence_model *m = state;
    TRY(sequence_load(m, a, err));
    if (m->n_movies == b->n_movies) return STATUS_OK;
    return error_set(err, STATUS_DAMAGED,
                     "%s: the sequence model has %u movies, but the factors have %u",
                     artifact_path(a), m->n_movies, b->n_movies);
}

static enum status load(struct models *models, const struct model *self, const struct artifact *a,
                        struct error *err) {
    if (artifact_n_columns(a) == 0) return STATUS_OK;
    return models_read(models, self, sizeof(struct sequence_model), read, a, err);
}

/* Always one instance: a run without it leaves out its stage. */
static enum status plan(struct instance_list *list, const struct model *self, const void *params,
                        struct error *err) {
    (void)params;
    struct instance instance = {.model = self};
    snprintf(instance.name, sizeof instance.name, "%s", self->name);
    return instances_add(list, &instance, err);
}

static enum status fit(const struct fitting *f, const struct instance *instance, const void *params,
                       struct error *err) {
    (void)instance;
    const struct gru4rec_params *p = params;
    AUTO(sequence_model) struct sequence_model model = {0};
    MEM_AUTO double *loss = NULL;
    size_t epochs = gru4rec_epochs(p, f->ratings);
    TRY(MEM_NEW(&loss, epochs, err));
    TRY(gru4rec_train(&model, loss, f->ratings, p, f->seed, err));
    TRY(sequence_write(&model, f->out, err));
    return artifact_add_1d(f->out, "loss", DTYPE_F64, epochs, loss, err);
}

#define OPTION_HOLDER struct gru4rec_params
static const struct option_spec options[] = {
    PARAMETER_INT("dim", dim, "64", 1, 1024, "length of the movies' embeddings"),
    PARAMETER_INT("hidden", hidden, "128", 1, 1024, "length of the state"),
    PARAMETER_CHOICE_AUTO("gaps", gaps, "auto|until|since",
                          "what is read of times: until the next rating, or since the one before",
                          "until; since where the split hides the moment"),
    PARAMETER_INT("window", window, "200", 1, 100000, "newest ratings that are read"),
    PARAMETER_INT("batch", batch, "16", 1, 2048, "windows per step"),
    PARAMETER_INT("negatives", negatives, "512", 1, 100000,
                  "movies drawn per step; the whole catalogue if it has no more"),
    PARAMETER_REAL("popularity", popularity, "0.5", 0, 2,
                   "exponent of popularity by which they are drawn"),
    PARAMETER_INT("epochs", epochs, "8", 1, 10000,
                  "passes over the ratings; up to four times as many where movies have few"),
    PARAMETER_INT("max-targets", max_targets, "25000000", 1, 1e12,
                  "fewer epochs where all of them together would exceed this many ratings"),
    PARAMETER_REAL("learning-rate", learning_rate, "0.006", 1e-9, 10, "peak learning rate of Adam"),
    PARAMETER_REAL("decay", decay, "0", 0, 10, "decoupled weight decay of the embeddings"),
    PARAMETER_REAL("input-dropout", input_dropout, "0.1", 0, 0.95, "share of what a step reads"),
    PARAMETER_REAL("output-dropout", output_dropout, "0.1", 0, 0.95,
                   "share of the state that movies are compared with"),
};

/* All or none: where ratings have no order there is no encoder. */
static const struct column_spec columns[] = {
    OPTIONAL_COLUMN("input.weights", DTYPE_F32, "gates,dim", "reset, update and candidate gates"),
    OPTIONAL_COLUMN("input.bias", DTYPE_F32, "gates", "their biases"),
    OPTIONAL_COLUMN("recurrent.weights", DTYPE_F32, "gates,hidden",
                    "the same gates, of the state before"),
    OPTIONAL_COLUMN("recurrent.bias", DTYPE_F32, "hidden", "bias of the candidate that is reset"),
    OPTIONAL_COLUMN("output.weights", DTYPE_F32, "dim,hidden",
                    "from the state to the movies' space"),
    OPTIONAL_COLUMN("output.bias", DTYPE_F32, "dim", "its bias"),
    OPTIONAL_COLUMN("rating", DTYPE_F32, "values,dim", "what a rating of so many half stars adds"),
    OPTIONAL_COLUMN("gap", DTYPE_F32, "gaps,dim",
                    "what the time until the next rating adds, by log2"),
    OPTIONAL_COLUMN("movie.bias", DTYPE_F32, "movies", "biases"),
    OPTIONAL_COLUMN("movie.embedding", DTYPE_F32, "*,dim", "embeddings; the last row is the start"),
    OPTIONAL_COLUMN("loss", DTYPE_F64, "epochs", "mean training loss per epoch"),
};

static const struct score_spec scores[] = {
    {"", "sequence", "log probability by the sequence encoder of being rated next",
     NEEDS_ORDER | NEEDS_MOMENT},
    {".lift", "sequence", "the same, less the log of the movie's share of all ratings",
     NEEDS_ORDER | NEEDS_MOMENT},
    {".last", "sequence", "cosine of the encoder's embeddings of the movie and the newest rated",
     NEEDS_ORDER},
};

const struct model gru4rec_model = {
    .name = "sequence",
    .title = "GRU4Rec, a recurrent encoder of histories",
    .paper = "Hidasi et al., Session-based recommendations with recurrent neural networks, ICLR "
             "2016",
    .kind = "sequence",
    OPTIONS_OF(options, struct gru4rec_params),
    COLUMNS_OF(columns),
    SCORES_OF(scores),
    .needs = NEEDS_ORDER,
    .ranks = true,
    .plan = plan,
    .fit = fit,
    .load = load,
    .release = release,
    .work_create = work_create,
    .work_release = work_release,
    .prepare = prepare,
    .score = score,
    .sources = sources,
};
