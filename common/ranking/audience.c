#include "common/ranking/audience.h"

#include "common/base/mem.h"
#include "common/data/rating_scale.h"

#include <math.h>
#include <stdlib.h>

enum { DAY = 86400, LEAST_ERRORS = 30, TOP = 10, TWENTIETH = 20 };
static const double SHRINKAGE = 5;                    /* ratings */
static const int64_t FIRST_DATE = INT64_C(315532800); /* 1980: times before are numbers of rows */

uint8_t love_of(const uint8_t *value, size_t n) {
    uint8_t most = 0;
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (value[i] > most) most = value[i];
        sum += value[i];
    }
    if (most > 8) return 9;
    return most == 8 && sum < (uint64_t)8 * n ? 8 : LOVE_NEVER;
}

/* ---- fans ---- */

static bool all_equal(const struct ratings *r) {
    for (uint64_t i = 1; i < r->count; i++) {
        if (r->value[i] != r->value[0]) return false;
    }
    return true;
}

/* love[n_users], and the number of people. */
static void find_love(struct audience *a, const struct ratings *r, uint8_t *love) {
    bool silent = all_equal(r);
    for (uint32_t u = 0; u < r->n_users; u++) {
        uint64_t first = r->offset[u], n = r->offset[u + 1] - first;
        love[u] = silent ? LOVE_NEVER : love_of(r->value + first, (size_t)n);
        a->n_people += n > 0;
    }
}

/* The users of a movie ascend in by_movie, so its fans do. */
static enum status find_fans(struct audience *a, const struct ratings *r, const uint8_t *love,
                             struct error *err) {
    uint64_t n = 0;
    TRY(MEM_NEW(&a->fan_offset, (size_t)r->n_movies + 1, err));
    TRY(MEM_NEW(&a->raters, r->n_movies, err));
    for (uint32_t u = 0; u < r->n_users; u++) {
        for (uint64_t i = r->offset[u]; i < r->offset[u + 1]; i++) {
            n += r->value[i] >= love[u];
        }
    }
    TRY(MEM_NEW(&a->fan, n, err));
    n = 0;
    for (uint32_t m = 0; m < r->n_movies; m++) {
        uint64_t first = r->by_movie_offset[m], end = r->by_movie_offset[m + 1];
        for (uint64_t e = first; e < end; e++) {
            uint32_t user = r->by_movie_user[e];
            if (r->value[r->by_movie_rating[e]] >= love[user]) a->fan[n++] = user;
        }
        a->fan_offset[m + 1] = n;
        a->raters[m] = (uint32_t)(end - first);
    }
    a->loved_share = r->count > 0 ? (double)n / (double)r->count : 0;
    return STATUS_OK;
}

uint32_t audience_fans(const struct audience *a, uint32_t movie) {
    return (uint32_t)(a->fan_offset[movie + 1] - a->fan_offset[movie]);
}

bool index_among(const uint32_t *list, uint64_t n, uint32_t index) {
    uint64_t low = 0, high = n;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (list[middle] < index) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < n && list[low] == index;
}

bool audience_is_fan(const struct audience *a, uint32_t movie, uint32_t user) {
    return index_among(a->fan + a->fan_offset[movie], audience_fans(a, movie), user);
}

/* How many numbers two ascending lists have in common. */
static uint32_t in_common(const uint32_t *a, uint64_t n, const uint32_t *b, uint64_t m) {
    uint32_t count = 0;
    for (uint64_t i = 0, j = 0; i < n && j < m;) {
        uint32_t left = a[i], right = b[j];
        count += left == right;
        i += left <= right;
        j += right <= left;
    }
    return count;
}

uint32_t audience_fans_of_both(const struct audience *a, uint32_t movie, uint32_t other) {
    return in_common(a->fan + a->fan_offset[movie], audience_fans(a, movie),
                     a->fan + a->fan_offset[other], audience_fans(a, other));
}

uint32_t audience_fans_who_rated(const struct audience *a, uint32_t movie, uint32_t other) {
    return in_common(a->fan + a->fan_offset[movie], audience_fans(a, movie),
                     a->ratings->by_movie_user + a->ratings->by_movie_offset[other],
                     a->raters[other]);
}

/* ---- merit and spread ---- */

/* The mean of `n` ratings whose sum is `sum`, shrunken towards `mean`. */
static double shrunken(double sum, double n, double mean) {
    return (sum + SHRINKAGE * mean) / (n + SHRINKAGE);
}

/* Sums of the ratings of each user and, less the user's mean without the rating itself, of each
 * movie; both of stars. */
struct sums {
    double mean;
    double *user, *movie;
};

static double deviation(const struct sums *s, const struct ratings *r, uint32_t user, uint64_t i) {
    double stars = stars_of(r->value[i]), n = (double)(r->offset[user + 1] - r->offset[user]);
    return stars - shrunken(s->user[user] - stars, n - 1, s->mean);
}

static void add_up(struct sums *s, const struct ratings *r) {
    for (uint32_t u = 0; u < r->n_users; u++) {
        for (uint64_t i = r->offset[u]; i < r->offset[u + 1]; i++) {
            s->user[u] += stars_of(r->value[i]);
        }
        s->mean += s->user[u];
    }
    s->mean = r->count > 0 ? s->mean / (double)r->count : 0;
    for (uint32_t u = 0; u < r->n_users; u++) {
        for (uint64_t i = r->offset[u]; i < r->offset[u + 1]; i++) {
            s->movie[r->movie[i]] += deviation(s, r, u, i);
        }
    }
}

/* floor(log2 n) */
static size_t spread_index(uint32_t n) {
    size_t index = 0;
    while (n >>= 1) {
        index++;
    }
    return index;
}

static void find_spread(struct audience *a, const struct ratings *r, const struct sums *s) {
    double squares[SPREADS] = {0}, all = 0;
    uint64_t count[SPREADS] = {0};
    for (uint32_t u = 0; u < r->n_users; u++) {
        for (uint64_t i = r->offset[u]; i < r->offset[u + 1]; i++) {
            uint32_t m = r->movie[i], n = a->raters[m];
            double d = deviation(s, r, u, i);
            double e = d - shrunken(s->movie[m] - d, (double)n - 1, 0);
            squares[spread_index(n)] += e * e;
            count[spread_index(n)]++;
            all += e * e;
        }
    }
    for (size_t b = 0; b < SPREADS; b++) {
        bool enough = count[b] >= LEAST_ERRORS;
        double n = enough ? (double)count[b] : (double)r->count;
        a->spread[b] = (float)sqrt((enough ? squares[b] : all) / n);
    }
}

static enum status find_merit(struct audience *a, const struct ratings *r, struct error *err) {
    MEM_AUTO double *user = NULL, *movie = NULL;
    TRY(MEM_NEW(&user, r->n_users, err));
    TRY(MEM_NEW(&movie, r->n_movies, err));
    TRY(MEM_NEW(&a->merit, r->n_movies, err));
    struct sums s = {0, user, movie};
    add_up(&s, r);
    for (uint32_t m = 0; m < r->n_movies; m++) {
        a->merit[m] = (float)shrunken(s.movie[m], (double)a->raters[m], 0);
    }
    find_spread(a, r, &s);
    return STATUS_OK;
}

float audience_spread(const struct audience *a, uint32_t raters) {
    return raters == 0 ? NAN : a->spread[spread_index(raters)];
}

/* ---- what is rated often ---- */

static int compare_descending(const void *pa, const void *pb) {
    uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
    return (a < b) - (a > b);
}

static enum status sort_counts(uint32_t **sorted, const uint32_t *count, uint32_t n,
                               struct error *err) {
    TRY(MEM_NEW(sorted, (size_t)n + 1, err)); /* a 0 at the end */
    for (uint32_t m = 0; m < n; m++) {
        (*sorted)[m] = count[m];
    }
    qsort(*sorted, n, sizeof(**sorted), compare_descending);
    return STATUS_OK;
}

static enum status find_popular(struct audience *a, struct error *err) {
    MEM_AUTO uint32_t *sorted = NULL;
    TRY(sort_counts(&sorted, a->raters, a->n_movies, err));
    uint32_t rated = 0;
    while (rated < a->n_movies && sorted[rated] > 0) {
        rated++;
    }
    a->popular = sorted[rated / TWENTIETH] + 1;
    return STATUS_OK;
}

static void count_recent(struct audience *a, const struct ratings *r, const uint8_t *love) {
    uint64_t total = 0;
    for (uint32_t u = 0; u < r->n_users; u++) {
        for (uint64_t i = r->offset[u]; i < r->offset[u + 1]; i++) {
            if (r->time[i] <= a->newest - (int64_t)RECENT_DAYS * DAY) continue;
            a->recent[r->movie[i]]++;
            a->recent_fans[r->movie[i]] += r->value[i] >= love[u];
            total++;
        }
    }
    a->has_recent = a->newest >= FIRST_DATE && total < r->count;
}

static enum status find_recent(struct audience *a, const struct ratings *r, const uint8_t *love,
                               struct error *err) {
    MEM_AUTO uint32_t *sorted = NULL;
    TRY(MEM_NEW(&a->recent, r->n_movies, err));
    TRY(MEM_NEW(&a->recent_fans, r->n_movies, err));
    a->newest = INT64_MIN + (int64_t)RECENT_DAYS * DAY;
    for (uint64_t i = 0; i < r->count; i++) {
        if (r->time[i] > a->newest) a->newest = r->time[i];
    }
    count_recent(a, r, love);
    TRY(sort_counts(&sorted, a->recent, r->n_movies, err));
    size_t after = r->n_movies < TOP ? r->n_movies : TOP;
    a->recent_top = sorted[after] + 1;
    a->recent_most = r->n_movies > 0 && sorted[0] > sorted[1] ? sorted[0] : UINT32_MAX;
    return STATUS_OK;
}

/* ---- all of it ---- */

enum status audience_compute(struct audience *out, const struct ratings *r, struct error *err) {
    MEM_AUTO uint8_t *love = NULL;
    *out = (struct audience){.ratings = r, .n_movies = r->n_movies};
    TRY(MEM_NEW(&love, r->n_users, err));
    find_love(out, r, love);
    TRY(find_fans(out, r, love, err));
    TRY(find_merit(out, r, err));
    TRY(find_popular(out, err));
    return find_recent(out, r, love, err);
}

void audience_release(struct audience *a) {
    mem_free(a->fan_offset);
    mem_free(a->fan);
    mem_free(a->raters);
    mem_free(a->merit);
    mem_free(a->recent);
    mem_free(a->recent_fans);
    *a = (struct audience){0};
}
