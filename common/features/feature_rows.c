/* Rows of features: figures of the user that are the same in every row, and what is gathered or
 * computed per candidate. */
#include "common/features/feature_internal.h"

#include "common/data/dense.h"

#include <math.h>
#include <string.h>

static const double SECONDS_PER_YEAR = 365.2425 * 86400.0;
static const float YEAR_ORIGIN = 1980.0F;

/* Means and spread over the newest movies. */
static void newest_figures(struct feature_work *w, float *spread) {
    const struct statistics *s = &w->context->statistics;
    const struct history *h = w->history;
    size_t n = h->count < FEATURE_LAST ? h->count : FEATURE_LAST;
    double year = 0, squares = 0, popularity = 0;
    for (size_t d = 0; d < n; d++) {
        uint32_t movie = h->movie[h->count - 1 - d];
        double value = (double)s->year[movie] - (double)s->mean_year;
        year += value;
        squares += value * value;
        popularity += (double)s->log_popularity[movie];
    }
    double count = n > 0 ? (double)n : 1.0;
    w->mean_year = (float)((double)s->mean_year + year / count);
    w->last_year = n > 0 ? s->year[h->movie[h->count - 1]] : s->mean_year;
    w->mean_log_popularity = (float)(popularity / count);
    *spread = (float)sqrt(fmax(squares / count - year / count * (year / count), 0.0));
}

void user_prepare(struct feature_work *w) {
    const struct history *h = w->history;
    float *x = w->user_values;
    double span = 0, gap = 0;
    size_t session = 0;
    newest_figures(w, &x[USER_YEAR_SPREAD]);
    if (h->count > 0) {
        int64_t newest = h->time[h->count - 1];
        span = fmax((double)(newest - h->time[0]) / 86400.0, 0.0);
        gap = fmax((double)(w->now - newest), 0.0);
    }
    for (size_t d = 0; d < h->count; d++) {
        int64_t time = h->time[h->count - 1 - d];
        if (time < w->now - 3600) break;
        session += time <= w->now;
    }
    x[USER_GLOBAL_MEAN] = (float)w->context->factors.mean;
    x[USER_MEAN] = w->user_mean;
    x[USER_DEVIATION] = w->user_deviation;
    x[USER_BIAS] = w->user_bias;
    x[USER_LENGTH] = log1pf((float)h->count);
    x[USER_SPAN] = (float)log1p(span);
    x[USER_PACE] = (float)log1p((double)h->count / (span + 1.0));
    x[USER_GAP] = (float)log1p(gap);
    x[USER_SESSION] = log1pf((float)session);
    x[USER_YEAR] = (w->mean_year - YEAR_ORIGIN) / 10.0F;
    x[USER_POPULARITY] = w->mean_log_popularity;
}

/* Of n <= FEATURE_BLOCK candidates; `x` is the family's place in the first of their rows. */
static void popularity_fill(const struct feature_work *w, const uint32_t *movie, size_t n, float *x,
                            size_t stride) {
    const struct statistics *s = &w->context->statistics;
    const struct ratings *r = &w->context->ratings;
    const int64_t now = w->now / 3600, day = 24; /* hours */
    uint32_t before[FEATURE_BLOCK], to_30[FEATURE_BLOCK], to_90[FEATURE_BLOCK];
    uint32_t to_365[FEATURE_BLOCK];
    statistics_count_before(s, r, movie, n, now, before);
    statistics_count_before(s, r, movie, n, now - 30 * day, to_30);
    statistics_count_before(s, r, movie, n, now - 90 * day, to_90);
    statistics_count_before(s, r, movie, n, now - 365 * day, to_365);
    for (size_t i = 0; i < n; i++, x += stride) {
        uint32_t m = movie[i], in_90 = before[i] - to_90[i], in_365 = before[i] - to_365[i];
        x[POPULARITY_ALL] = s->log_popularity[m];
        x[POPULARITY_30] = s->log_count[before[i] - to_30[i]];
        x[POPULARITY_90] = s->log_count[in_90];
        x[POPULARITY_365] = s->log_count[in_365];
        x[POPULARITY_TREND] = ((float)in_90 + 1.0F) / ((float)in_365 * (90.0F / 365.0F) + 1.0F);
        x[POPULARITY_PERCENTILE] = s->percentile[m];
        x[POPULARITY_DIFFERENCE] = s->log_popularity[m] - w->mean_log_popularity;
    }
}

static void time_fill(const struct feature_work *w, uint32_t movie, float *x) {
    const struct statistics *s = &w->context->statistics;
    float year = s->year[movie];
    double now = 1970.0 + (double)w->now / SECONDS_PER_YEAR;
    double known = 0;
    if (s->first_time[movie] < w->now) {
        known = (double)(w->now - s->first_time[movie]) / SECONDS_PER_YEAR;
    }
    x[TIME_AGE] = (float)(now - (double)year);
    x[TIME_KNOWN] = (float)known;
    x[TIME_YEAR] = (year - YEAR_ORIGIN) / 10.0F;
    x[TIME_YEAR_DIFFERENCE] = year - w->mean_year;
    x[TIME_YEAR_DISTANCE] = fabsf(year - w->mean_year);
    x[TIME_YEAR_LAST] = fabsf(year - w->last_year);
}

static void rating_fill(const struct feature_work *w, uint32_t movie, float *x) {
    const struct statistics *s = &w->context->statistics;
    const struct factors *f = &w->context->factors;
    float mean = (float)f->mean;
    x[RATING_MOVIE_MEAN] = mean + f->movie_bias[movie];
    x[RATING_MOVIE_DEVIATION] = s->movie_deviation[movie];
}

static float mf_predict(const struct feature_work *w, uint32_t movie) {
    const struct mf_model *mf = &w->context->factors.mf;
    float product = dense_dot(mf->dim, w->mf_vector, mf->movie + (size_t)movie * mf->dim);
    return (float)mf->mean + w->mf_bias + mf->movie_bias[movie] + product;
}

static void fill_row(const struct feature_work *w, uint32_t movie, const float *product, float *x) {
    const struct feature_context *c = w->context;
    const size_t *start = c->family_start;
    item_fill(w, movie, x + start[FAMILY_ITEM_MODELS]);
    if (c->factors.ials.present) {
        float norm = c->space_norm[movie], *ials = x + start[FAMILY_IALS];
        ials[IALS_ALL] = norm * product[w->n_seek];
        ials[IALS_RECENT] = norm * product[w->n_seek + 1];
    }
    content_fill(w, movie, x + start[FAMILY_CONTENT]);
    if (c->mapped != NULL) mapping_fill(w, movie, x + start[FAMILY_MAPPING]);
    if (c->content.tone != NULL) sentiment_fill(w, movie, x + start[FAMILY_SENTIMENT]);
    beginning_fill(w, movie, x + start[FAMILY_BEGINNING]);
    time_fill(w, movie, x + start[FAMILY_TIME]);
    if (c->factors.mf.present) x[start[FAMILY_MF] + MF_PREDICTION] = mf_predict(w, movie);
    rating_fill(w, movie, x + start[FAMILY_RATING]);
    neighbour_fill(w, movie, product, x + start[FAMILY_NEIGHBOURS]);
    if (c->demographics.present) demographics_fill(w, movie, x + start[FAMILY_DEMOGRAPHICS]);
    if (c->sequence.n_movies > 0) sequence_fill(w, movie, x + start[FAMILY_SEQUENCE]);
    memcpy(x + start[FAMILY_USER], w->user_values, sizeof w->user_values);
}

/* Infinities and what is no number become 0; without branches, for vector code. */
static void make_finite(float *x, size_t n) {
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        bits &= 0U - ((bits & 0x7f800000U) != 0x7f800000U);
        memcpy(&x[i], &bits, sizeof bits);
    }
}

/* Products of a block of candidates with the newest history movies and the folded-in users. */
static void multiply_block(const struct feature_work *w, const uint32_t *movie, size_t n,
                           float *candidate, float *product, size_t columns) {
    const struct feature_context *c = w->context;
    size_t dim = c->space_dim;
    for (size_t i = 0; i < n; i++) {
        memcpy(candidate + i * dim, c->space + movie[i] * dim, dim * sizeof *candidate);
    }
    if (columns == 0 || dim == 0) return;
    dense_gemm('N', 'T', n, columns, dim, 1.0F, candidate, dim, w->seek, dim, 0.0F, product,
               columns);
}

void feature_rows_of(const struct feature_work *w, size_t thread, const uint32_t *movie, size_t n,
                     float *x) {
    const struct feature_context *c = w->context;
    size_t columns = w->n_seek + (c->factors.ials.present ? 2 : 0);
    float *candidate = w->candidate + thread * FEATURE_BLOCK * c->space_dim;
    float *product = w->product + thread * FEATURE_BLOCK * (FEATURE_HISTORY_CAP + 2);
    for (size_t from = 0; from < n; from += FEATURE_BLOCK) {
        size_t size = n - from < FEATURE_BLOCK ? n - from : FEATURE_BLOCK;
        float *rows = x + from * c->n_specs;
        multiply_block(w, movie + from, size, candidate, product, columns);
        popularity_fill(w, movie + from, size, rows + c->family_start[FAMILY_POPULARITY],
                        c->n_specs);
        for (size_t i = 0; i < size; i++) {
            fill_row(w, movie[from + i], product + i * columns, rows + i * c->n_specs);
        }
        make_finite(rows, size * c->n_specs);
    }
}

void feature_rows(const struct feature_work *w, const uint32_t *movie, size_t n, float *x) {
    feature_rows_of(w, 0, movie, n, x);
}
