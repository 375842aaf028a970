/* Ratings from file order to the dataset's order: one counting sort by user, a merge sort by time
 * within each user (in parallel over blocks of users), duplicates out, the copy by movie. */
#include "stages/ingest/ratings.h"

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/data/ratings_csv.h"

#include <string.h>

enum { USER_BLOCK = 512, SHORT_RUN = 16 };

struct rating {
    int64_t time;
    uint64_t lot; /* orders ratings of one time; all alike: file order */
    uint32_t movie;
    uint8_t value;
};

struct arranging {
    struct ratings *out;
    const struct id_map *users, *movies;
    const struct rating_order *order;
    uint64_t *kept; /* [users] ratings left */
};

static void to_indices(uint32_t *raw, uint64_t count, const struct id_map *map) {
#pragma omp parallel for schedule(static)
    for (uint64_t i = 0; i < count; i++)
        raw[i] = id_map_find(map, raw[i]);
}

/* Most files are sorted by user already: their arrays are taken as they are. */
static enum status group_by_user(struct ratings *out, struct rating_rows *rows, struct error *err) {
    bool sorted = true;
    for (uint64_t i = 0; i < rows->count; i++) {
        out->offset[rows->user[i] + 1]++;
        if (i > 0 && rows->user[i] < rows->user[i - 1]) sorted = false;
    }
    for (uint32_t u = 0; u < out->n_users; u++)
        out->offset[u + 1] += out->offset[u];
    if (sorted) {
        out->movie = rows->movie, rows->movie = NULL;
        out->value = rows->value, rows->value = NULL;
        out->time = rows->time, rows->time = NULL;
        return STATUS_OK;
    }
    MEM_AUTO uint64_t *next = NULL;
    TRY(MEM_NEW(&next, out->n_users, err));
    TRY(MEM_NEW(&out->movie, rows->count, err));
    TRY(MEM_NEW(&out->value, rows->count, err));
    TRY(MEM_NEW(&out->time, rows->count, err));
    memcpy(next, out->offset, out->n_users * sizeof(*next));
    for (uint64_t i = 0; i < rows->count; i++) {
        uint64_t at = next[rows->user[i]]++;
        out->movie[at] = rows->movie[i];
        out->value[at] = rows->value[i];
        out->time[at] = rows->time[i];
    }
    return STATUS_OK;
}

static bool before(const struct rating *a, const struct rating *b) {
    return a->time != b->time ? a->time < b->time : a->lot < b->lot;
}

static void insertion_sort(struct rating *r, size_t count) {
    for (size_t i = 1; i < count; i++) {
        struct rating moving = r[i];
        size_t k = i;
        for (; k > 0 && before(&moving, &r[k - 1]); k--)
            r[k] = r[k - 1];
        r[k] = moving;
    }
}

static void merge_runs(const struct rating *from, struct rating *to, size_t middle, size_t end) {
    size_t a = 0, b = middle;
    for (size_t k = 0; k < end; k++)
        to[k] = b == end || (a < middle && !before(&from[b], &from[a])) ? from[a++] : from[b++];
}

/* Stable by time; the result is in `r`. `scratch` is as long. */
static void sort_by_time(struct rating *r, struct rating *scratch, size_t count) {
    for (size_t i = 0; i < count; i += SHORT_RUN)
        insertion_sort(r + i, count - i < SHORT_RUN ? count - i : SHORT_RUN);
    struct rating *from = r, *to = scratch;
    for (size_t run = SHORT_RUN; run < count; run *= 2) {
        for (size_t i = 0; i < count; i += 2 * run) {
            size_t end = count - i < 2 * run ? count - i : 2 * run;
            merge_runs(from + i, to + i, run < end ? run : end, end);
        }
        struct rating *swapped = from;
        from = to, to = swapped;
    }
    if (from != r) memcpy(r, from, count * sizeof(*r));
}

/* Keeps the last rating of each movie, of movies with views alone the first view; returns how many
 * are left. `last` is indexed by movie. */
static size_t drop_duplicates(struct rating *r, size_t count, uint64_t *last) {
    for (size_t i = count; i-- > 0;)
        last[r[i].movie] = i; /* the first of any kind */
    for (size_t i = 0; i < count; i++) {
        if (r[i].value != 0) last[r[i].movie] = i;
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (last[r[i].movie] == i) r[kept++] = r[i];
    }
    return kept;
}

static uint64_t draw_lot(const struct arranging *a, uint32_t user, uint32_t movie) {
    if (a->order->ties == TIES_FILE) return 0;
    struct rng rng =
        rng_keyed(a->order->seed, "ingest.ties", a->users->id[user], a->movies->id[movie]);
    return rng_u64(&rng);
}

static void arrange_user(const struct arranging *a, uint32_t user, struct rating *r,
                         struct rating *scratch, uint64_t *last) {
    struct ratings *out = a->out;
    uint64_t start = out->offset[user];
    size_t count = out->offset[user + 1] - start;
    for (size_t i = 0; i < count; i++) {
        uint32_t movie = out->movie[start + i];
        r[i] = (struct rating){out->time[start + i], draw_lot(a, user, movie), movie,
                               out->value[start + i]};
    }
    sort_by_time(r, scratch, count);
    a->kept[user] = drop_duplicates(r, count, last);
    for (size_t i = 0; i < a->kept[user]; i++) {
        out->time[start + i] = r[i].time;
        out->movie[start + i] = r[i].movie;
        out->value[start + i] = r[i].value == 0 ? RATING_OF_VIEW : r[i].value;
    }
}

static enum status arrange_block(const struct arranging *a, uint32_t first, struct error *err) {
    const struct ratings *out = a->out;
    uint32_t stop = out->n_users - first < USER_BLOCK ? out->n_users : first + USER_BLOCK;
    size_t longest = 0;
    for (uint32_t u = first; u < stop; u++) {
        size_t count = out->offset[u + 1] - out->offset[u];
        if (count > longest) longest = count;
    }
    MEM_AUTO struct rating *r = NULL, *scratch = NULL;
    MEM_AUTO uint64_t *last = NULL;
    TRY(MEM_NEW(&r, longest, err));
    TRY(MEM_NEW(&scratch, longest, err));
    TRY(MEM_NEW(&last, out->n_movies, err));
    for (uint32_t u = first; u < stop; u++) {
        arrange_user(a, u, r, scratch, last);
    }
    return STATUS_OK;
}

static enum status arrange_users(const struct arranging *a, struct error *err) {
    uint32_t n_blocks = (a->out->n_users + USER_BLOCK - 1) / USER_BLOCK;
    enum status status = STATUS_OK;
#pragma omp parallel for schedule(dynamic, 4)
    for (uint32_t b = 0; b < n_blocks; b++) {
        struct error block_error = {0};
        if (arrange_block(a, b * USER_BLOCK, &block_error) == STATUS_OK) continue;
#pragma omp critical
        {
            status = block_error.status;
            if (err != NULL) *err = block_error;
        }
    }
    return status;
}

/* Closes the gaps that duplicates left. */
static void close_gaps(struct ratings *out, const uint64_t *kept) {
    uint64_t to = 0;
    for (uint32_t u = 0; u < out->n_users; u++) {
        uint64_t from = out->offset[u];
        if (to != from) {
            memmove(out->movie + to, out->movie + from, kept[u] * sizeof(*out->movie));
            memmove(out->value + to, out->value + from, kept[u] * sizeof(*out->value));
            memmove(out->time + to, out->time + from, kept[u] * sizeof(*out->time));
        }
        out->offset[u] = to;
        to += kept[u];
    }
    out->offset[out->n_users] = to;
    out->count = to;
}

enum status ratings_arrange(struct ratings *out, uint64_t *n_duplicates, struct rating_rows *rows,
                            const struct id_map *users, const struct id_map *movies,
                            const struct rating_order *order, struct error *err) {
    *out =
        (struct ratings){.n_users = users->count, .n_movies = movies->count, .count = rows->count};
    MEM_AUTO uint64_t *kept = NULL;
    TRY(MEM_NEW(&kept, out->n_users, err));
    TRY(MEM_NEW(&out->offset, (size_t)out->n_users + 1, err));
    to_indices(rows->user, rows->count, users);
    to_indices(rows->movie, rows->count, movies);
    TRY(group_by_user(out, rows, err));
    rating_rows_release(rows);
    struct arranging arranging = {out, users, movies, order, kept};
    TRY(arrange_users(&arranging, err));
    uint64_t n_before = out->count;
    close_gaps(out, kept);
    *n_duplicates = n_before - out->count;
    return ratings_index_by_movie(out, err);
}
