#include "stages/ingest/time_worth.h"

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/rng.h"
#include "stages/ingest/places.h"

#include <math.h>
#include <stdlib.h>

enum {
    USER_BLOCK = 512,
    DAY = 86400,
    DAYS = 47482, /* up to the end of the year 2099 */
    SESSION_GAP = 3600,
    ASKED_USERS = 5000, /* for `shared`, each beside PARTNERS others */
    PARTNERS = 8,
    ENOUGH_USERS = 10
};

/* What is made up is at 1 exactly, what people did far below (0.53 at most in the data sets of
 * docs/choices/time.md). */
static const double NEARLY_ALL = 0.95;

/* ---- within users ---- */

/* Sums over the users of a block, or over all. */
struct sums {
    uint64_t tied, users, users_equal, users_ranked;
    double weight, movie, row;
};

struct measuring {
    const struct ratings *ratings;
    const uint32_t *row;
    struct sums *block;
    size_t longest;
};

struct measuring_scratch {
    place *place, *spare;
    double *time_rank; /* less the mean rank */
};

static enum status scratch_create(void *scratch, const void *context, struct error *err) {
    struct measuring_scratch *work = scratch;
    const struct measuring *m = context;
    TRY(MEM_NEW(&work->place, m->longest, err));
    TRY(MEM_NEW(&work->spare, m->longest, err));
    return MEM_NEW(&work->time_rank, m->longest, err);
}

static void scratch_release(void *scratch) {
    struct measuring_scratch *work = scratch;
    mem_free(work->place);
    mem_free(work->spare);
    mem_free(work->time_rank);
}

/* Ranks the times of a list and returns the sum of squares; 0 if all are equal. *tied grows by the
 * ratings that share their time. */
static double rank_times(double *rank, const int64_t *time, size_t count, uint64_t *tied) {
    double middle = 0.5 * (double)(count - 1), squares = 0;
    for (size_t first = 0, end; first < count; first = end) {
        end = first + 1;
        while (end < count && time[end] == time[first])
            end++;
        if (end - first > 1) *tied += end - first;
        double shared = 0.5 * (double)(first + end - 1) - middle;
        squares += (double)(end - first) * shared * shared;
        for (size_t i = first; i < end; i++)
            rank[i] = shared;
    }
    return squares;
}

/* Spearman's correlation of the ranked times, whose sum of squares is `squares`, with keys of which
 * no two are equal. */
static double rank_correlation(struct measuring_scratch *work, double squares, const uint32_t *key,
                               size_t count) {
    double middle = 0.5 * (double)(count - 1), products = 0, n = (double)count;
    for (size_t i = 0; i < count; i++)
        work->place[i] = (uint64_t)key[i] << PLACE_SHIFT | i;
    const place *sorted = places_sort(work->place, work->spare, count);
    for (size_t k = 0; k < count; k++)
        products += ((double)k - middle) * work->time_rank[(uint32_t)sorted[k]];
    return products / sqrt(squares * n * (n * n - 1) / 12);
}

static void measure_user(const struct measuring *m, struct measuring_scratch *work, size_t user,
                         struct sums *sums) {
    const struct ratings *r = m->ratings;
    uint64_t first = r->offset[user];
    size_t count = r->offset[user + 1] - first;
    if (count < 2) return;
    double squares = rank_times(work->time_rank, r->time + first, count, &sums->tied);
    double weight = (double)(count - 1);
    sums->users++;
    if (r->time[first] == r->time[first + count - 1]) {
        sums->users_equal++;
        return;
    }
    sums->users_ranked++;
    sums->weight += weight;
    sums->movie += weight * rank_correlation(work, squares, r->movie + first, count);
    sums->row += weight * rank_correlation(work, squares, m->row + first, count);
}

static enum status measure_block(const void *context, void *scratch, struct block_items users,
                                 struct error *err) {
    (void)err;
    const struct measuring *m = context;
    for (size_t u = users.first; u < users.end; u++)
        measure_user(m, scratch, u, &m->block[users.number]);
    return STATUS_OK;
}

static void add_sums(struct sums *to, const struct sums *from) {
    to->tied += from->tied;
    to->users += from->users;
    to->users_equal += from->users_equal;
    to->users_ranked += from->users_ranked;
    to->weight += from->weight;
    to->movie += from->movie;
    to->row += from->row;
}

static double share(uint64_t part, uint64_t of) {
    return of > 0 ? (double)part / (double)of : 0;
}

static enum status measure_users(struct time_worth *out, const struct ratings *r,
                                 const uint32_t *row, struct error *err) {
    size_t n_blocks = block_count(r->n_users, USER_BLOCK);
    MEM_AUTO struct sums *block = NULL;
    struct sums all = {0};
    struct measuring m = {.ratings = r, .row = row};
    TRY(MEM_NEW(&block, n_blocks, err));
    m.block = block;
    for (uint32_t u = 0; u < r->n_users; u++) {
        size_t count = r->offset[u + 1] - r->offset[u];
        if (count > m.longest) m.longest = count;
    }
    const struct parallel users = {
        .n = r->n_users,
        .block = USER_BLOCK,
        .context = &m,
        .blocks = measure_block,
        .scratch = {sizeof(struct measuring_scratch), scratch_create, scratch_release}};
    TRY(parallel_blocks(&users, err));
    for (size_t b = 0; b < n_blocks; b++)
        add_sums(&all, &block[b]);
    out->tied = share(all.tied, r->count);
    out->users_equal = share(all.users_equal, all.users);
    out->users_ranked = all.users_ranked;
    if (all.weight > 0) out->rank_movie = all.movie / all.weight;
    if (all.weight > 0) out->rank_row = all.row / all.weight;
    return STATUS_OK;
}

/* ---- between users ---- */

struct agreement {
    uint64_t users, same, different;
};

struct asking {
    const struct ratings *ratings;
    size_t n_asked;
    struct agreement *block;
};

static enum status create_found(void *scratch, const void *context, struct error *err) {
    const struct asking *a = context;
    return MEM_NEW((uint64_t **)scratch, a->ratings->n_movies, err);
}

static void release_found(void *scratch) {
    mem_free(*(uint64_t **)scratch);
}

/* Follows the movies of `user` that `other` rated too, each beside the one before. */
static void compare_users(const struct ratings *r, size_t user, size_t other, uint64_t *found,
                          struct agreement *sum) {
    uint64_t before = UINT64_MAX;
    for (uint64_t i = r->offset[other]; i < r->offset[other + 1]; i++)
        found[r->movie[i]] = i + 1;
    for (uint64_t i = r->offset[user]; i < r->offset[user + 1]; i++) {
        if (found[r->movie[i]] == 0) continue;
        if (before != UINT64_MAX && r->time[before] != r->time[i]) {
            int64_t earlier = r->time[found[r->movie[before]] - 1];
            int64_t later = r->time[found[r->movie[i]] - 1];
            sum->same += earlier < later;
            sum->different += earlier > later;
        }
        before = i;
    }
    for (uint64_t i = r->offset[other]; i < r->offset[other + 1]; i++)
        found[r->movie[i]] = 0;
}

/* A partner is one who rated a movie of the user's: both are drawn. */
static void ask_user(const struct ratings *r, size_t user, uint64_t *found, struct agreement *sum) {
    uint64_t first = r->offset[user], before = sum->same + sum->different;
    uint32_t count = (uint32_t)(r->offset[user + 1] - first);
    struct rng rng = rng_keyed(0, "ingest.shared", 0, user);
    for (size_t k = 0; k < PARTNERS && count > 1; k++) {
        uint32_t movie = r->movie[first + rng_below(&rng, count)];
        uint64_t raters = r->by_movie_offset[movie];
        uint32_t n_raters = (uint32_t)(r->by_movie_offset[movie + 1] - raters);
        uint32_t other = r->by_movie_user[raters + rng_below(&rng, n_raters)];
        if (other != user) compare_users(r, user, other, found, sum);
    }
    sum->users += sum->same + sum->different > before;
}

static enum status ask_block(const void *context, void *scratch, struct block_items asked,
                             struct error *err) {
    (void)err;
    const struct asking *a = context;
    const struct ratings *r = a->ratings;
    for (size_t i = asked.first; i < asked.end; i++)
        ask_user(r, (uint64_t)i * r->n_users / a->n_asked, *(uint64_t **)scratch,
                 &a->block[asked.number]);
    return STATUS_OK;
}

static enum status measure_shared(struct time_worth *out, const struct ratings *r,
                                  struct error *err) {
    struct asking asking = {.ratings = r,
                            .n_asked = r->n_users < ASKED_USERS ? r->n_users : ASKED_USERS};
    size_t n_blocks = block_count(asking.n_asked, USER_BLOCK);
    MEM_AUTO struct agreement *block = NULL;
    struct agreement all = {0};
    TRY(MEM_NEW(&block, n_blocks, err));
    asking.block = block;
    const struct parallel users = {.n = asking.n_asked,
                                   .block = USER_BLOCK,
                                   .context = &asking,
                                   .blocks = ask_block,
                                   .scratch = {sizeof(uint64_t *), create_found, release_found}};
    TRY(parallel_blocks(&users, err));
    for (size_t b = 0; b < n_blocks; b++) {
        all.users += block[b].users;
        all.same += block[b].same;
        all.different += block[b].different;
    }
    out->users_shared = all.users;
    out->shared = share(all.same, all.same + all.different);
    return STATUS_OK;
}

/* ---- days and sessions ---- */

static enum status count_days(struct time_worth *out, const struct ratings *r, struct error *err) {
    MEM_AUTO uint8_t *seen = NULL;
    TRY(MEM_NEW(&seen, DAYS, err));
    out->all_equal = true;
    for (uint64_t i = 0; i < r->count; i++) {
        seen[r->time[i] / DAY] = 1;
        out->all_equal &= r->time[i] == r->time[0];
    }
    for (size_t d = 0; d < DAYS; d++)
        out->days += seen[d];
    return STATUS_OK;
}

/* Lengths are below 2^32. They are counted by their upper half, and then, within the one that holds
 * the median, by the lower. */
enum { HALF = 1 << 16 };

/* Counts the lengths by upper half, or of those whose upper half is `upper` by the lower one. */
static void count_sessions(uint64_t *count, const struct ratings *r, int64_t upper) {
    for (uint32_t u = 0; u < r->n_users; u++) {
        uint64_t start = r->offset[u];
        for (uint64_t i = start; i < r->offset[u + 1]; i++) {
            bool goes_on = i + 1 < r->offset[u + 1] && r->time[i + 1] - r->time[i] < SESSION_GAP;
            if (goes_on) continue;
            int64_t length = r->time[i] - r->time[start];
            start = i + 1;
            if (upper < 0)
                count[length / HALF]++;
            else if (length / HALF == upper)
                count[length % HALF]++;
        }
    }
}

/* The bin of the `wanted`-th from below; *wanted becomes its number within that bin. */
static size_t find_bin(const uint64_t *count, uint64_t *wanted) {
    size_t bin = 0;
    while (bin + 1 < HALF && *wanted >= count[bin])
        *wanted -= count[bin++];
    return bin;
}

static enum status find_median_session(struct time_worth *out, const struct ratings *r,
                                       struct error *err) {
    MEM_AUTO uint64_t *upper = NULL, *lower = NULL;
    uint64_t n = 0;
    TRY(MEM_NEW(&upper, HALF, err));
    TRY(MEM_NEW(&lower, HALF, err));
    count_sessions(upper, r, -1);
    for (size_t i = 0; i < HALF; i++)
        n += upper[i];
    uint64_t wanted = n > 0 ? (n - 1) / 2 : 0;
    size_t bin = find_bin(upper, &wanted);
    count_sessions(lower, r, (int64_t)bin);
    out->session = (double)bin * HALF + (double)find_bin(lower, &wanted);
    return STATUS_OK;
}

enum status time_worth_measure(struct time_worth *out, const struct ratings *r, const uint32_t *row,
                               struct error *err) {
    *out = (struct time_worth){0};
    TRY(measure_users(out, r, row, err));
    TRY(measure_shared(out, r, err));
    TRY(count_days(out, r, err));
    return find_median_session(out, r, err);
}

/* ---- the verdict ---- */

enum status time_worth_judge(struct buf *why, const struct time_worth *w, struct error *err) {
    if (w->all_equal) return buf_puts(why, "all ratings have the same time", err);
    if (w->users_equal >= NEARLY_ALL)
        return buf_printf(why, err, "all times are equal for %.1f %% of the users",
                          100 * w->users_equal);
    if (fabs(w->rank_movie) >= NEARLY_ALL && w->users_ranked >= ENOUGH_USERS)
        return buf_printf(why, err,
                          "the order within users is that of movie ids (rank correlation %.3f)",
                          w->rank_movie);
    if (w->shared >= NEARLY_ALL && w->users_shared >= ENOUGH_USERS)
        return buf_printf(why, err,
                          "the order within users is that of one list (two users have %.1f %% of "
                          "the movies that both rated in the same order)",
                          100 * w->shared);
    return STATUS_OK;
}
