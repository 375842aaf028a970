/* Features against values worked out by hand, and what must hold for any of them. */
#include "common/base/file.h"
#include "common/base/mem.h"
#include "common/data/history.h"
#include "common/models/ials.h"
#include "common/models/mf.h"
#include "common/models/registry.h"
#include "tests/unit/feature_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
// cmocka needs the four above
#include <cmocka.h>

/* ---- a world small enough to reckon with ---- */

/* model 0 (ease): 0.1 * to + 0.01 * from; 1 (liked): 1 from movie 0, else 10; 2 (residual): 1;
 * 3 (transition): 1 + from */
static float hand_weight(size_t model, uint32_t from, uint32_t to) {
    if (from == to) return 0;
    switch (model) {
    case 0:
        return 0.1F * (float)to + 0.01F * (float)from;
    case 1:
        return from == 0 ? 1.0F : 10.0F;
    case 2:
        return 1;
    default:
        return 1.0F + (float)from;
    }
}

static void hand_made(struct world *w) {
    static const uint16_t year[] = {1990, 1995, 2000, 0, 1981};
    static const uint32_t genre[] = {0, 1, 0, 2, 0}, tag[] = {0, 1, 1, 2, 0};
    static const float bias[] = {0.5F, 0, -0.5F, 0.25F, 0};
    memset(w, 0, sizeof *w);
    w->n_users = 4;
    w->n_movies = 5;
    w->with_factorizations = w->with_item_models = true;
    w->item_weight = hand_weight;
    for (size_t m = 0; m < 5; m++) {
        w->year[m] = year[m];
        w->genre[m] = genre[m];
        w->term[m] = tag[m];
        w->weight[m][0] = 0.6F;
        w->weight[m][1] = 0.8F;
        w->vector[2 * m] = m % 2 ? 0.0F : 1.0F;
        w->vector[2 * m + 1] = m % 2 ? 1.0F : 0.0F;
        w->movie_bias[m] = bias[m];
        w->ials_movie[m * WORLD_DIM] = 2;                /* all movies alike in one factor, */
        w->ials_movie[m * WORLD_DIM + 1 + m] = (float)m; /* apart in their own */
        w->mf_movie[m * WORLD_DIM] = 1;
    }
    world_rate(w, 0, 0, 8, EPOCH, ROLE_BASE);
    world_rate(w, 0, 1, 6, EPOCH + DAY, ROLE_BASE);
    world_rate(w, 0, 2, 10, EPOCH + 2 * DAY, ROLE_BASE);
    world_rate(w, 1, 0, 4, EPOCH, ROLE_BASE);
    world_rate(w, 1, 2, 6, EPOCH + 10 * DAY, ROLE_BASE);
    world_rate(w, 1, 3, 10, EPOCH + 20 * DAY, ROLE_BASE);
    world_rate(w, 2, 1, 10, EPOCH + 100 * DAY, ROLE_BASE);
    world_rate(w, 2, 3, 2, EPOCH + 101 * DAY, ROLE_BASE);
    world_rate(w, 2, 4, 6, EPOCH + 300 * DAY, ROLE_BASE);
    world_rate(w, 3, 4, 8, EPOCH + 5 * DAY, ROLE_BASE);
}

/* Everything a test needs: the user has seen movie 0 (4 stars, day 200), then movie 2 (3 stars, day
 * 309, an hour and a half before now). */
struct scene {
    struct world world;
    struct opened opened;
    struct feature_work *work;
    struct history history;
};

static const uint32_t seen[] = {0, 2};
static const uint8_t seen_value[] = {8, 6};
static int64_t seen_time[2], now;

static int set_up(void **state) {
    static struct scene scene;
    struct error err = {0};
    hand_made(&scene.world);
    world_write(&scene.world);
    scene.opened = world_open(&scene.world, VIEW_FIT);
    must(feature_work_create(&scene.work, scene.opened.context, &err), &err);
    now = EPOCH + 310 * DAY;
    seen_time[0] = EPOCH + 200 * DAY;
    seen_time[1] = now - 5400;
    scene.history = (struct history){seen, seen_value, seen_time, 2};
    must(feature_prepare(scene.work, &scene.history, NO_INDEX, now, &err), &err);
    *state = &scene;
    return 0;
}

static int tear_down(void **state) {
    struct scene *s = *state;
    feature_work_release(s->work);
    world_close(&s->opened);
    world_remove(&s->world);
    return 0;
}

static float value_of(const struct scene *s, const char *name, uint32_t movie) {
    size_t column = feature_find(s->opened.context, name), n = feature_count(s->opened.context);
    if (column == SIZE_MAX) fail_msg("no feature is named %s", name);
    float x[256];
    assert_true(n <= 256);
    feature_rows(s->work, &movie, 1, x);
    return x[column];
}

#define EXPECT(name, movie, expected)                                                              \
    assert_float_equal(value_of(s, name, movie), (float)(expected), 2e-5)

static void item_models_weigh_the_history(void **state) {
    const struct scene *s = *state;
    double older = exp(-0.1);
    EXPECT("ease", 1, 0.1 + 0.12);
    EXPECT("ease.recent", 1, 0.1 * older + 0.12);
    EXPECT("ease.last3", 4, 0.4 + 0.42);
    EXPECT("ease.last", 4, 0.42);
    /* liked: at or above the mean of 3.5 and at least 3.5 stars: movie 0 alone */
    EXPECT("ease-liked", 1, 1);
    EXPECT("ease-liked.recent", 1, older);
    /* residuals before the user's bias: 4 - 3.5 - 0.5 = 0, 3 - 3.5 + 0.5 = 0 */
    EXPECT("ease-residual", 1, 0);
    /* window 2, tau 5 */
    EXPECT("next", 1, exp(-0.2) * 1 + 3);
    /* two ratings per movie each, all as popular as the mean */
    EXPECT("next.rare", 1, exp(-0.2) * 1 + 3);
}

static void content_follows_terms(void **state) {
    const struct scene *s = *state;
    /* profile: genre 0 twice 0.6, tag 0 0.8, tag 1 0.8 */
    double length = sqrt(1.2 * 1.2 + 0.64 + 0.64);
    EXPECT("content", 4, (0.6 * 1.2 + 0.8 * 0.8) / length);
    EXPECT("content", 3, 0);
    EXPECT("content.last", 1, 0.64);
    EXPECT("content.last", 4, 0.36);
    EXPECT("content.nearest", 4, 1);
    EXPECT("content.genre-share", 4, 1);
    EXPECT("content.genre-share", 1, 0);
    EXPECT("content.genre-overlap", 4, 1);
    EXPECT("content.vector", 4, 1);
    EXPECT("content.vector", 1, 0);
    EXPECT("content.genre-affinity", 4, 0);
    /* user mean (3.5 * 5 + 4 + 3) / 7 = 3.5: +0.5 of movie 0, -0.5 of movie 2 */
    double liked = sqrt(2 * 0.4 * 0.4);
    EXPECT("content.liked", 4, 0.8 * 0.4 / liked);
    EXPECT("content.liked", 1, -0.8 * 0.4 / liked);
}

/* Who gave movie 1 five stars and movie 4 one. Residuals 1.5 and -2.5 less the user's bias, which
 * is their sum of -1 over 2 + 10; affinities are their means, shrunken by 3. */
static void affinities_are_mean_residuals(void **state) {
    const struct scene *s = *state;
    struct error err = {0};
    const uint32_t movie[] = {1, 4};
    const uint8_t value[] = {10, 2};
    const int64_t time[] = {now - 2 * DAY, now - DAY};
    const struct history h = {movie, value, time, 2};
    must(feature_prepare(s->work, &h, NO_INDEX, now, &err), &err);
    double up = 1.5 + 1.0 / 12, down = -2.5 + 1.0 / 12;
    EXPECT("content.tag-affinity", 2, up / 4);
    EXPECT("content.tag-affinity", 0, down / 4);
    EXPECT("content.tag-affinity", 3, 0);
    EXPECT("content.genre-affinity", 1, up / 4);
    EXPECT("content.genre-affinity", 2, down / 4);
}

static void popularity_counts_what_was_before(void **state) {
    const struct scene *s = *state;
    EXPECT("popularity", 4, log(3));
    EXPECT("popularity.30d", 4, log(2)); /* day 300 */
    EXPECT("popularity.90d", 4, log(2));
    EXPECT("popularity.365d", 4, log(3));
    EXPECT("popularity.30d", 1, 0); /* days 1 and 100 */
    EXPECT("popularity.365d", 1, log(3));
    EXPECT("popularity.percentile", 1, 0.5);
    EXPECT("popularity.difference", 1, 0);
    EXPECT("popularity.trend", 4, 2 / (1 + 2 * 90.0 / 365.0));
}

/* Back from day 300, the newest rating of the view, whatever the moment. */
static void recent_popularity_counts_from_the_end_of_the_view(void **state) {
    const struct scene *s = *state;
    struct error err = {0};
    for (int i = 0; i < 2; i++) {
        EXPECT("recent.7d", 4, log(2));
        EXPECT("recent.90d", 4, log(2));
        EXPECT("recent.90d", 3, 0); /* day 101 */
        must(feature_prepare(s->work, &s->history, NO_INDEX, EPOCH + 10 * DAY, &err), &err);
    }
}

/* Movie 4 was rated on day 5: just within each number of days, and just not. */
static void windows_end_to_the_hour(void **state) {
    const struct scene *s = *state;
    struct error err = {0};
    static const struct {
        const char *name;
        int days;
    } windows[] = {{"popularity.30d", 30}, {"popularity.90d", 90}};
    for (size_t i = 0; i < 2; i++) {
        int64_t end = EPOCH + (5 + windows[i].days) * DAY;
        must(feature_prepare(s->work, &s->history, NO_INDEX, end, &err), &err);
        EXPECT(windows[i].name, 4, log(2));
        must(feature_prepare(s->work, &s->history, NO_INDEX, end + 3600, &err), &err);
        EXPECT(windows[i].name, 4, 0);
    }
}

/* The newest rating is that of movie 4 on day 300. However much later the list is made, what is
 * counted is counted from there; only the age of the models grows. */
static void old_models_count_from_their_end(void **state) {
    const struct scene *s = *state;
    struct error err = {0};
    must(feature_prepare(s->work, &s->history, NO_INDEX, EPOCH + 300 * DAY + 3600, &err), &err);
    float known = value_of(s, "time.known", 4);
    EXPECT("popularity.30d", 4, log(2));
    EXPECT("time.models", 4, log1p(1 / 24.0));
    must(feature_prepare(s->work, &s->history, NO_INDEX, EPOCH + 700 * DAY, &err), &err);
    EXPECT("popularity.30d", 4, log(2));
    EXPECT("time.known", 4, known);
    EXPECT("time.models", 4, log1p(400));
}

static void popularity_does_not_see_the_future(void **state) {
    const struct scene *s = *state;
    struct error err = {0};
    must(feature_prepare(s->work, &s->history, NO_INDEX, EPOCH + 10 * DAY, &err), &err);
    EXPECT("popularity.365d", 4, log(2)); /* day 5, not day 300 */
    EXPECT("popularity.365d", 2, log(2)); /* day 2, not day 10 to the hour */
    EXPECT("popularity.365d", 3, 0);
    EXPECT("time.known", 3, 0);
    EXPECT("time.known", 4, 5 / 365.2425);
}

static void times_and_years(void **state) {
    const struct scene *s = *state;
    double mean_year = (1990 + 1995 + 2000 + 1981) / 4.0;
    assert_float_equal(value_of(s, "time.age", 1), 2000.85 - 1995, 0.02);
    EXPECT("time.known", 4, (295 + 1 / 24.0) / 365.2425); /* to the end of what is known */
    EXPECT("time.year", 1, 1.5);
    EXPECT("time.year-difference", 4, 1981 - 1995);
    EXPECT("time.year-distance", 4, 14);
    EXPECT("time.year-last", 1, 5);
    EXPECT("time.year-difference", 3, mean_year - 1995);
    EXPECT("user.length", 1, log(3));
    EXPECT("user.span", 1, log1p(110 - 5400.0 / 86400));
    EXPECT("user.gap", 1, log1p(5400));
    EXPECT("user.session", 1, 0);
    EXPECT("user.year", 1, 1.5);
    EXPECT("user.year-spread", 1, 5);
}

static void similar_users_vote(void **state) {
    struct scene *s = *state;
    struct error err = {0};
    double cosine = 2 / sqrt(6.0); /* users 0 and 1 share both movies and have three */
    EXPECT("users", 1, 0.5);
    EXPECT("users", 3, 0.5);
    EXPECT("users", 4, 0);
    EXPECT("users.rating1", 1, 3);
    EXPECT("users.rating1", 3, 5);
    EXPECT("users.rating2", 3, 3.5 + 0.25);
    EXPECT("users.rating1", 0, 4); /* equally similar: the smaller index first */
    EXPECT("users.rating2", 0, 2);
    double mean = 3.5 + (12 - 3 * 3.5) / 8; /* of user 0, shrunken by 5 */
    EXPECT("users.prediction", 1, 3.5 + cosine * (3 - mean) / (cosine + 0.5));
    must(feature_prepare(s->work, &s->history, 0, now, &err), &err);
    EXPECT("users", 1, 0); /* user 0 is left out as oneself */
    EXPECT("users", 3, 1);
}

static void similar_movies_bring_their_ratings(void **state) {
    const struct scene *s = *state;
    /* cosine of 0 (2) and 1 (2, 1): 2 / sqrt 5; of 2 (2, 2) and 1: 4 / sqrt(8 * 5) */
    EXPECT("movies.nearest", 1, 2 / sqrt(5.0));
    EXPECT("movies.similarity", 1, (2 / sqrt(5.0) + 4 / sqrt(40.0)) / 2);
    EXPECT("movies.rating1", 1, 4);
    EXPECT("movies.rating2", 1, 3);
    EXPECT("movies.rating3", 1, 3.5);
    EXPECT("movies.rating1", 0, 3); /* a movie is not similar to itself */
    EXPECT("movies.rating2", 0, 3.5);
}

static void ratings_are_in_stars(void **state) {
    const struct scene *s = *state;
    EXPECT("rating.global-mean", 1, 3.5);
    EXPECT("rating.user-mean", 1, 3.5);
    EXPECT("rating.user-bias", 1, 0);
    EXPECT("rating.movie-mean", 2, 3);
    /* about 3.5 all ratings have squares of 0.25, 0.25, 2.25, 2.25, 0.25, 2.25, 2.25, 6.25, 0.25,
     * 0.25: a variance of 1.65; movie 0, rated 4 and 2, is 1 from its own mean, twice */
    EXPECT("rating.movie-deviation", 0, sqrt((2 + 5 * 1.65) / (2 + 5)));
    struct error err = {0};
    float bias, vector[WORLD_DIM];
    const struct models *models = feature_models(s->opened.context);
    must(mf_fold_in(models_find(models, &mf_model), &s->history, &bias, vector, &err), &err);
    EXPECT("mf", 4, 3.5 + (double)bias + (double)vector[0]);
    must(ials_fold_in(models_find(models, &ials_model), &s->history, NULL, vector, &err), &err);
    EXPECT("ials", 4, 2 * (double)vector[0] + 4 * (double)vector[5]);
}

/* ---- what holds for any world ---- */

/* ---- what content lets expect ---- */

enum { KNOTS = 12, COLUMNS = 1 + 3 + KNOTS + 2, TARGETS = WORLD_DIM + 2 };

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The years of rated movies at twelve quantiles, each once. */
static size_t quantiles(const double *year, const uint32_t *popularity, double knot[KNOTS]) {
    double sorted[WORLD_MOVIES];
    size_t n = 0, count = 0;
    for (size_t m = 0; m < WORLD_MOVIES; m++) {
        if (popularity[m] > 0) sorted[n++] = year[m];
    }
    qsort(sorted, n, sizeof *sorted, ascending);
    for (size_t k = 0; k < KNOTS; k++) {
        double value = sorted[k * (n - 1) / (KNOTS - 1)];
        if (count == 0 || value > knot[count - 1]) knot[count++] = value;
    }
    return count;
}

/* 1, the genre, a piecewise linear function of the year, the content vector. */
static void describe_movie(const struct world *w, size_t m, double year, const double *knot,
                           size_t n_knots, double *x) {
    memset(x, 0, COLUMNS * sizeof *x);
    x[0] = 1;
    x[1 + w->genre[m]] = 1;
    for (size_t k = 0; k < n_knots; k++) {
        double before = k > 0 ? knot[k - 1] : -1e9, after = k + 1 < n_knots ? knot[k + 1] : 1e9;
        double left = (year - before) / (knot[k] - before);
        double right = (after - year) / (after - knot[k]);
        if (k == 0 && year <= knot[0]) left = 1;
        if (k + 1 == n_knots && year >= knot[k]) right = 1;
        x[4 + k] = fmax(0, fmin(left, right));
    }
    x[4 + n_knots] = (double)w->vector[2 * m];
    x[5 + n_knots] = (double)w->vector[2 * m + 1];
}

/* Gaussian elimination without pivoting: the matrix is positive definite. */
static void solve(double a[COLUMNS][COLUMNS + TARGETS], size_t n) {
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < n; i++) {
            double factor = i == k ? 0 : a[i][k] / a[k][k];
            for (size_t j = k; j < COLUMNS + TARGETS; j++) {
                a[i][j] -= factor * a[k][j];
            }
        }
    }
}

/* Regressions of iALS factors, log popularity and bias, each movie with n ratings weighing
 * n / (n + 10), with a ridge of 3. */
static void content_lets_expect_a_regression(void **state) {
    (void)state;
    static struct world world;
    static double a[COLUMNS][COLUMNS + TARGETS], design[WORLD_MOVIES][COLUMNS];
    struct error err = {0};
    double year[WORLD_MOVIES], knot[KNOTS], mean_year = 0;
    world_random(&world);
    world_write(&world);
    struct opened o = world_open(&world, VIEW_FIT);
    const struct models *models = feature_models(o.context);
    const struct baseline *baseline = &models->baseline;
    for (size_t m = 0; m < WORLD_MOVIES; m++) {
        mean_year += world.year[m] / (WORLD_MOVIES - 1.0); /* one has none */
    }
    for (size_t m = 0; m < WORLD_MOVIES; m++) {
        year[m] = world.year[m] > 0 ? world.year[m] : mean_year;
    }
    size_t n_knots = quantiles(year, baseline->popularity, knot), n = 6 + n_knots;
    memset(a, 0, sizeof a);
    for (size_t m = 0; m < WORLD_MOVIES; m++) {
        double count = baseline->popularity[m], weight = count / (count + 10), target[TARGETS];
        describe_movie(&world, m, year[m], knot, n_knots, design[m]);
        for (size_t k = 0; k < WORLD_DIM; k++) {
            target[k] = (double)world.ials_movie[m * WORLD_DIM + k];
        }
        target[WORLD_DIM] = log1p(count);
        target[WORLD_DIM + 1] = (double)world.movie_bias[m];
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < n; j++) {
                a[i][j] += weight * design[m][i] * design[m][j];
            }
            for (size_t k = 0; k < TARGETS; k++) {
                a[i][COLUMNS + k] += weight * design[m][i] * target[k];
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        a[i][i] += 3;
    }
    solve(a, n);
    static struct scene scene;
    struct scene *s = &scene;
    float taste[WORLD_DIM];
    s->opened = o;
    s->history = (struct history){world.movie, world.value, world.time, 12};
    must(feature_work_create(&s->work, o.context, &err), &err);
    must(feature_prepare(s->work, &s->history, NO_INDEX, EPOCH + 90 * DAY, &err), &err);
    must(ials_fold_in(models_find(models, &ials_model), &s->history, NULL, taste, &err), &err);
    for (uint32_t m = 0; m < WORLD_MOVIES; m++) {
        double expected[TARGETS] = {0}, product = 0;
        for (size_t k = 0; k < TARGETS; k++) {
            for (size_t i = 0; i < n; i++) {
                expected[k] += design[m][i] * a[i][COLUMNS + k] / a[i][i];
            }
            product += k < WORLD_DIM ? expected[k] * (double)taste[k] : 0;
        }
        assert_float_equal(value_of(s, "content.taste", m), (float)product, 1e-3);
        assert_float_equal(value_of(s, "content.popularity", m), (float)expected[WORLD_DIM], 1e-3);
        assert_float_equal(value_of(s, "content.rating", m),
                           (float)(baseline->mean + expected[WORLD_DIM + 1]), 1e-3);
    }
    feature_work_release(s->work);
    world_close(&o);
    world_remove(&world);
}

static void list_follows_the_models(void **state) {
    (void)state;
    static const char *const groups[] = {"collaborative", "sequence", "content",    "popularity",
                                         "time",          "rating",   "neighbours", "user"};
    static struct world world;
    size_t count[2];
    for (int with = 0; with < 2; with++) {
        hand_made(&world);
        world.with_factorizations = world.with_item_models = with;
        world_write(&world);
        struct opened o = world_open(&world, VIEW_FIT);
        count[with] = feature_count(o.context);
        for (size_t i = 0; i < count[with]; i++) {
            const struct feature_spec *spec = feature_at(o.context, i);
            bool known = false;
            for (size_t g = 0; g < 8; g++) {
                known = known || strcmp(spec->group, groups[g]) == 0;
            }
            assert_true(known);
            assert_true(strlen(spec->meaning) > 0 && strchr(spec->meaning, '%') == NULL);
            assert_int_equal(feature_find(o.context, spec->name), i); /* names are unique */
        }
        assert_int_equal(feature_find(o.context, "ials") == SIZE_MAX, !with);
        assert_int_equal(feature_find(o.context, "nothing"), SIZE_MAX);
        world_close(&o);
        world_remove(&world);
    }
    assert_int_equal(count[1] - count[0], 4 + 2 + 2 + 2 + 2 + 1 + 3);
}

static void fill_candidates(uint32_t movie[WORLD_MOVIES], bool backwards) {
    for (uint32_t m = 0; m < WORLD_MOVIES; m++) {
        movie[m] = backwards ? WORLD_MOVIES - 1 - m : m;
    }
}

static void assert_rows_equal(const struct feature_context *c, const float *a, const float *b) {
    for (size_t i = 0; i < feature_count(c); i++) {
        if (fabsf(a[i] - b[i]) <= 1e-5F * fmaxf(1.0F, fabsf(a[i]))) continue;
        fail_msg("%s: %.9g and %.9g", feature_at(c, i)->name, (double)a[i], (double)b[i]);
    }
}

/* One row does not depend on which others are asked for with it, nor on who came before. */
static void rows_do_not_depend_on_company(void **state) {
    (void)state;
    static struct world world;
    struct error err = {0};
    world_random(&world);
    world_write(&world);
    struct opened o = world_open(&world, VIEW_FULL);
    size_t n = feature_count(o.context);
    struct feature_work *work[2];
    MEM_AUTO float *x[2] = {NULL, NULL}, *one = NULL;
    uint32_t movie[2][WORLD_MOVIES];
    for (int k = 0; k < 2; k++) {
        must(feature_work_create(&work[k], o.context, &err), &err);
        must(MEM_NEW(&x[k], WORLD_MOVIES * n, &err), &err);
        fill_candidates(movie[k], k == 1);
    }
    must(MEM_NEW(&one, n, &err), &err);
    for (uint32_t u = 0; u < world.n_users; u++) {
        uint64_t first = world.offset[u];
        struct history h = {world.movie + first, world.value + first, world.time + first,
                            world.offset[u + 1] - first - 1};
        struct history other = h;
        other.count = h.count / 2;
        must(feature_prepare(work[0], &h, u, h.time[h.count], &err), &err);
        /* the second was last prepared for somebody else: nothing may remain of it */
        must(feature_prepare(work[1], &other, NO_INDEX, h.time[0], &err), &err);
        must(feature_prepare(work[1], &h, u, h.time[h.count], &err), &err);
        feature_rows(work[0], movie[0], WORLD_MOVIES, x[0]);
        feature_rows(work[1], movie[1], WORLD_MOVIES, x[1]);
        for (uint32_t m = 0; m < WORLD_MOVIES; m++) {
            const float *forwards = x[0] + m * n, *backwards = x[1] + (WORLD_MOVIES - 1 - m) * n;
            assert_rows_equal(o.context, forwards, backwards);
            feature_rows(work[1], &m, 1, one);
            assert_rows_equal(o.context, forwards, one);
        }
    }
    for (int k = 0; k < 2; k++) {
        feature_work_release(work[k]);
    }
    mem_free(x[1]);
    world_close(&o);
    world_remove(&world);
}

static void nothing_known_is_no_trouble(void **state) {
    const struct scene *s = *state;
    struct error err = {0};
    struct history none = {0};
    uint32_t movie[] = {0, 1, 2, 3, 4};
    float x[5 * 256];
    must(feature_prepare(s->work, &none, NO_INDEX, now, &err), &err);
    feature_rows(s->work, movie, 5, x);
    for (size_t i = 0; i < 5 * feature_count(s->opened.context); i++) {
        assert_true(isfinite(x[i]));
    }
    EXPECT("rating.user-mean", 1, 3.5);
    EXPECT("users", 1, 0);
    EXPECT("movies.rating1", 1, 3.5);
    EXPECT("popularity", 4, log(3));
}

/* With nothing but catalogue and content: the space of similar movies is the content vectors'. */
static void works_without_models(void **state) {
    (void)state;
    static struct scene scene;
    struct scene *s = &scene;
    struct error err = {0};
    hand_made(&scene.world);
    scene.world.with_factorizations = scene.world.with_item_models = false;
    world_write(&scene.world);
    scene.opened = world_open(&scene.world, VIEW_FIT);
    scene.history = (struct history){seen, seen_value, seen_time, 2};
    must(feature_work_create(&scene.work, scene.opened.context, &err), &err);
    must(feature_prepare(scene.work, &scene.history, NO_INDEX, now, &err), &err);
    EXPECT("movies.nearest", 4, 1);
    EXPECT("movies.nearest", 1, 0);
    EXPECT("users", 3, 0.5);
    feature_work_release(scene.work);
    world_close(&scene.opened);
    world_remove(&scene.world);
}

/* `make docs` writes them. */
static void documents_hold_the_tables(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(buf) struct buf features = {0}, models = {0}, page = {0};
    must(feature_table(&features, &err), &err);
    must(registry_table(&models, &err), &err);
    must(file_read("docs/features.md", &page, &err), &err);
    assert_non_null(strstr(page.data, features.data));
    buf_clear(&page);
    must(file_read("docs/models.md", &page, &err), &err);
    assert_non_null(strstr(page.data, models.data));
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        SCENE(item_models_weigh_the_history),
        SCENE(content_follows_terms),
        SCENE(affinities_are_mean_residuals),
        SCENE(popularity_counts_what_was_before),
        SCENE(recent_popularity_counts_from_the_end_of_the_view),
        SCENE(windows_end_to_the_hour),
        SCENE(old_models_count_from_their_end),
        SCENE(popularity_does_not_see_the_future),
        SCENE(times_and_years),
        SCENE(similar_users_vote),
        SCENE(similar_movies_bring_their_ratings),
        SCENE(ratings_are_in_stars),
        SCENE(nothing_known_is_no_trouble),
        cmocka_unit_test(content_lets_expect_a_regression),
        cmocka_unit_test(list_follows_the_models),
        cmocka_unit_test(rows_do_not_depend_on_company),
        cmocka_unit_test(works_without_models),
        cmocka_unit_test(documents_hold_the_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
