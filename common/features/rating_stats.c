#include "common/features/rating_stats.h"

#include "common/base/mem.h"
#include "common/data/rating_scale.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Pseudo-ratings that shrink towards the mean or the variance of all ratings. */
static const double SHRINK_USER = 5.0, SHRINK_VARIANCE = 5.0;

static void global_figures(struct rating_stats *s, const struct ratings *r, double mean) {
    double squares = 0;
    for (uint64_t i = 0; i < r->count; i++) {
        double value = stars_of(r->value[i]) - mean;
        squares += value * value;
    }
    s->variance = r->count > 0 ? squares / (double)r->count : 1.0;
}

static void find_end(struct rating_stats *s, const struct ratings *r) {
    s->end = r->count > 0 ? r->time[0] : 0;
    for (uint64_t i = 1; i < r->count; i++) {
        if (r->time[i] > s->end) s->end = r->time[i];
    }
}

static void movie_figures(struct rating_stats *s, const struct ratings *r, double mean) {
    double prior = SHRINK_VARIANCE * s->variance;
    for (uint32_t m = 0; m < r->n_movies; m++) {
        double sum = 0, squares = 0,
               n = (double)(r->by_movie_offset[m + 1] - r->by_movie_offset[m]);
        int64_t first = INT64_MAX;
        for (uint64_t e = r->by_movie_offset[m]; e < r->by_movie_offset[m + 1]; e++) {
            uint64_t i = r->by_movie_rating[e];
            double value = stars_of(r->value[i]) - mean;
            sum += value;
            squares += value * value;
            if (r->time[i] < first) first = r->time[i];
        }
        double spread = n > 0 ? fmax(squares - sum * sum / n, 0.0) : 0.0;
        s->movie_deviation[m] = (float)sqrt((spread + prior) / (n + SHRINK_VARIANCE));
        s->first_time[m] = first;
    }
}

static void user_figures(struct rating_stats *s, const struct ratings *r, double mean) {
    for (uint32_t u = 0; u < r->n_users; u++) {
        double sum = 0, n = (double)(r->offset[u + 1] - r->offset[u]);
        for (uint64_t i = r->offset[u]; i < r->offset[u + 1]; i++) {
            sum += stars_of(r->value[i]) - mean;
        }
        s->user_mean[u] = (float)(mean + sum / (n + SHRINK_USER));
        s->user_length[u] = sqrtf((float)n);
    }
}

static int compare_counts(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Percentiles and logarithms, from the sorted numbers of ratings. */
static enum status popularity_figures(struct rating_stats *s, const struct ratings *r,
                                      struct error *err) {
    MEM_AUTO uint64_t *key = NULL; /* count << 32 | movie */
    TRY(MEM_NEW(&key, r->n_movies, err));
    for (uint32_t m = 0; m < r->n_movies; m++) {
        key[m] = (r->by_movie_offset[m + 1] - r->by_movie_offset[m]) << 32 | m;
    }
    qsort(key, r->n_movies, sizeof *key, compare_counts);
    double n = r->n_movies;
    uint64_t most = r->n_movies > 0 ? key[r->n_movies - 1] >> 32 : 0;
    TRY(MEM_NEW(&s->log_count, most + 1, err));
    for (uint64_t i = 0; i <= most; i++) {
        s->log_count[i] = (float)log1p((double)i);
    }
    for (uint32_t from = 0, to; from < r->n_movies; from = to) {
        to = from;
        while (to < r->n_movies && key[to] >> 32 == key[from] >> 32) {
            to++;
        }
        for (uint32_t i = from; i < to; i++) {
            uint32_t m = (uint32_t)key[i];
            s->log_popularity[m] = s->log_count[key[i] >> 32];
            s->percentile[m] = (float)((from + to) / (2.0 * n));
        }
    }
    return STATUS_OK;
}

static void catalogue_figures(struct rating_stats *s, const struct catalogue *c) {
    double sum = 0, known = 0;
    for (uint32_t m = 0; m < c->n_movies; m++) {
        if (c->year[m] == 0) continue;
        sum += c->year[m];
        known += 1;
    }
    s->mean_year = known > 0 ? (float)(sum / known) : 1980.0F;
    for (uint32_t m = 0; m < c->n_movies; m++) {
        s->year[m] = c->year[m] != 0 ? (float)c->year[m] : s->mean_year;
        for (uint64_t e = c->genre_offset[m]; e < c->genre_offset[m + 1]; e++) {
            s->genre_mask[m] |= (uint64_t)1 << c->genre_index[e] % 64;
        }
    }
}

static int64_t hour_of(int64_t time) {
    return (time - (time < 0 ? 3599 : 0)) / 3600;
}

/* Sorts all ratings by hour (counting sort), then deals them to their movies, so that the hours of
 * each movie ascend. */
static enum status sort_hours(struct rating_stats *s, const struct ratings *r, struct error *err) {
    TRY(MEM_NEW(&s->hour, r->count, err));
    if (r->count == 0) return STATUS_OK;
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (uint64_t i = 0; i < r->count; i++) {
        int64_t hour = hour_of(r->time[i]);
        if (hour < first) first = hour;
        if (hour > last) last = hour;
    }
    s->first_hour = first;
    if (last - first >= UINT32_MAX) {
        return error_set(err, STATUS_FAILED, "features: times of ratings span too many years");
    }
    size_t n_hours = (size_t)(last - first) + 1;
    MEM_AUTO uint64_t *start = NULL, *next = NULL;
    MEM_AUTO uint32_t *movie = NULL;
    TRY(MEM_NEW(&start, n_hours + 1, err));
    TRY(MEM_NEW(&movie, r->count, err));
    TRY(MEM_NEW(&next, (size_t)r->n_movies + 1, err));
    for (uint64_t i = 0; i < r->count; i++) {
        start[hour_of(r->time[i]) - first + 1]++;
    }
    for (size_t h = 0; h < n_hours; h++) {
        start[h + 1] += start[h];
    }
    for (uint64_t i = 0; i < r->count; i++) {
        movie[start[hour_of(r->time[i]) - first]++] = r->movie[i];
    }
    /* start[h] is now the end of hour h. */
    memcpy(next, r->by_movie_offset, ((size_t)r->n_movies + 1) * sizeof *next);
    uint64_t i = 0;
    for (size_t h = 0; h < n_hours; h++) {
        for (; i < start[h]; i++) {
            s->hour[next[movie[i]]++] = (uint32_t)h;
        }
    }
    return STATUS_OK;
}

/* LEAST_PERIOD in hours. Periods are long enough to be few, and short enough to hold few ratings of
 * a movie. */
enum { LEAST_PERIOD = 2048, MOST_PERIODS = 128 };

enum status rating_stats_count_periods(struct rating_stats *s, const struct ratings *r,
                                       struct error *err) {
    uint32_t last = 0;
    for (uint32_t m = 0; m < r->n_movies; m++) {
        uint64_t end = r->by_movie_offset[m + 1];
        if (end > r->by_movie_offset[m] && s->hour[end - 1] > last) last = s->hour[end - 1];
    }
    s->period = last / MOST_PERIODS + 1 > LEAST_PERIOD ? last / MOST_PERIODS + 1 : LEAST_PERIOD;
    s->n_periods = last / s->period + 1;
    TRY(MEM_NEW(&s->before_period, r->n_movies * ((size_t)s->n_periods + 1), err));
    for (uint32_t m = 0; m < r->n_movies; m++) {
        uint32_t *before = s->before_period + m * ((size_t)s->n_periods + 1);
        uint64_t first = r->by_movie_offset[m], e = first, end = r->by_movie_offset[m + 1];
        for (uint32_t p = 0; p <= s->n_periods; p++) {
            while (e < end && s->hour[e] / s->period < p)
                e++;
            before[p] = (uint32_t)(e - first);
        }
    }
    return STATUS_OK;
}

/* How many of values[n], ascending, are below the bound. */
static inline uint32_t count_below(const uint32_t *values, size_t n, uint32_t bound) {
    const uint32_t *at = values;
    if (n == 0) return 0;
    while (n > 1) { /* without branches: compilers use conditional moves */
        size_t half = n / 2;
        at += at[half - 1] < bound ? half : 0;
        n -= half;
    }
    return (uint32_t)(at - values) + (*at < bound);
}

/* Each count waits for memory twice, for the period and for the hours in it. Both are prefetched
 * for all movies before the first is used. */
void rating_stats_count_before(const struct rating_stats *s, const struct ratings *r,
                               const uint32_t *movie, size_t n, int64_t hour, uint32_t *out) {
    int64_t relative = hour - s->first_hour, end = (int64_t)s->period * s->n_periods;
    int64_t inside = relative < 0 ? 0 : relative > end ? end : relative;
    uint32_t bound = inside < UINT32_MAX ? (uint32_t)inside : UINT32_MAX;
    uint32_t period = (uint32_t)(inside / s->period);
    size_t stride = (size_t)s->n_periods + 1;
    const uint32_t *before = s->before_period + period;
    for (size_t i = 0; i < n; i++) {
        __builtin_prefetch(before + movie[i] * stride);
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = before[movie[i] * stride];
        __builtin_prefetch(s->hour + r->by_movie_offset[movie[i]] + out[i]);
    }
    if (period == s->n_periods) return;
    for (size_t i = 0; i < n; i++) {
        const uint32_t *hours = s->hour + r->by_movie_offset[movie[i]] + out[i];
        out[i] += count_below(hours, before[movie[i] * stride + 1] - out[i], bound);
    }
}

enum status rating_stats_compute(struct rating_stats *out, const struct catalogue *catalogue,
                                 const struct ratings *ratings, double mean, struct error *err) {
    size_t movies = ratings->n_movies;
    TRY(MEM_NEW(&out->user_mean, ratings->n_users, err));
    TRY(MEM_NEW(&out->user_length, ratings->n_users, err));
    TRY(MEM_NEW(&out->movie_deviation, movies, err));
    TRY(MEM_NEW(&out->log_popularity, movies, err));
    TRY(MEM_NEW(&out->percentile, movies, err));
    TRY(MEM_NEW(&out->year, movies, err));
    TRY(MEM_NEW(&out->genre_mask, movies, err));
    TRY(MEM_NEW(&out->first_time, movies, err));
    find_end(out, ratings);
    global_figures(out, ratings, mean);
    movie_figures(out, ratings, mean);
    user_figures(out, ratings, mean);
    TRY(popularity_figures(out, ratings, err));
    catalogue_figures(out, catalogue);
    TRY(sort_hours(out, ratings, err));
    return rating_stats_count_periods(out, ratings, err);
}

void rating_stats_release(struct rating_stats *s) {
    mem_free(s->user_mean);
    mem_free(s->user_length);
    mem_free(s->movie_deviation);
    mem_free(s->log_count);
    mem_free(s->log_popularity);
    mem_free(s->percentile);
    mem_free(s->year);
    mem_free(s->genre_mask);
    mem_free(s->first_time);
    mem_free(s->hour);
    mem_free(s->before_period);
    *s = (struct rating_stats){0};
}
