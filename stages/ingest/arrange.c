/* Ratings from file order to the dataset's order: one counting sort by user, a merge sort by time
 * within each user (in parallel over blocks of users), removal of duplicates; and order by lot. */
#include "stages/ingest/ratings_file.h"

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/rng.h"
#include "common/data/ratings.h"
#include "common/data/ratings_csv.h"
#include "stages/ingest/places.h"

#include <stdlib.h>
#include <string.h>

enum { USER_BLOCK = 512 };

struct rating {
    int64_t time;
    uint32_t movie;
    uint32_t row; /* in the user's list, in file order */
    uint8_t value;
};

/* What one thread sorts in; the arrays hold the longest list of any user. */
struct sort_scratch {
    place *place, *spare;
    struct rating *rating;
    uint64_t *tie_key; /* NULL unless ties are in random order */
    uint32_t *last;    /* [movies] */
};

struct arranging {
    struct ratings *out;
    const struct id_map *users, *movies;
    const struct rating_order *order;
    uint32_t *row;  /* [ratings] as in struct arranged */
    uint64_t *kept; /* [users] ratings left */
    size_t longest; /* list of a user */
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

static int compare_tie_keys(const void *a, const void *b, void *context) {
    const uint64_t *tie_key = context;
    place x = *(const place *)a, y = *(const place *)b;
    uint64_t key_x = tie_key[(uint32_t)x], key_y = tie_key[(uint32_t)y];
    if (key_x != key_y) return key_x < key_y ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* Puts ratings of the same time in random order; those of the same random number stay in file
 * order. */
static void sort_ties(struct sort_scratch *work, size_t count) {
    place *p = work->place;
    for (size_t first = 0, end; first < count; first = end) {
        end = first + 1;
        while (end < count && p[end] >> PLACE_SHIFT == p[first] >> PLACE_SHIFT)
            end++;
        if (end - first > 1)
            qsort_r(p + first, end - first, sizeof(*p), compare_tie_keys, work->tie_key);
    }
}

/* Marks in `last` for each movie the place of the rating that stays: the last rating, or the first
 * view if there are only views. */
static void mark_kept(const struct rating *r, size_t count, uint32_t *last) {
    bool views = false;
    for (size_t i = 0; i < count; i++)
        views |= r[i].value == 0;
    for (size_t i = views ? count : 0; i-- > 0;)
        last[r[i].movie] = (uint32_t)i; /* the first of any kind */
    for (size_t i = 0; i < count; i++) {
        if (r[i].value != 0) last[r[i].movie] = (uint32_t)i;
    }
}

static void draw_tie_keys(const struct arranging *a, uint32_t user, uint64_t *tie_key) {
    const struct ratings *out = a->out;
    for (uint64_t i = out->offset[user]; i < out->offset[user + 1]; i++) {
        uint32_t movie = a->movies->id[out->movie[i]];
        struct rng rng = rng_keyed(a->order->seed, "ingest.ties", a->users->id[user], movie);
        tie_key[i - out->offset[user]] = rng_u64(&rng);
    }
}

static void sort_user(const struct arranging *a, uint32_t user, struct sort_scratch *work) {
    const struct ratings *out = a->out;
    uint64_t start = out->offset[user];
    size_t count = out->offset[user + 1] - start;
    for (size_t i = 0; i < count; i++)
        work->place[i] = (uint64_t)out->time[start + i] << PLACE_SHIFT | i;
    place *sorted = places_sort(work->place, work->spare, count);
    if (sorted != work->place) work->spare = work->place, work->place = sorted;
    if (work->tie_key != NULL) {
        draw_tie_keys(a, user, work->tie_key);
        sort_ties(work, count);
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t row = (uint32_t)work->place[i];
        uint64_t from = start + row;
        work->rating[i] = (struct rating){out->time[from], out->movie[from], row, out->value[from]};
    }
}

static enum status arrange_user(const void *context, void *scratch, size_t item,
                                struct error *err) {
    (void)err;
    const struct arranging *a = context;
    struct sort_scratch *work = scratch;
    uint32_t user = (uint32_t)item;
    struct ratings *out = a->out;
    const struct rating *r = work->rating;
    uint64_t start = out->offset[user], to = start;
    size_t count = out->offset[user + 1] - start;
    sort_user(a, user, work);
    mark_kept(r, count, work->last);
    for (size_t i = 0; i < count; i++) {
        if (work->last[r[i].movie] != i) continue;
        out->time[to] = r[i].time;
        out->movie[to] = r[i].movie;
        a->row[to] = r[i].row;
        out->value[to++] = r[i].value == 0 ? RATING_OF_VIEW : r[i].value;
    }
    a->kept[user] = to - start;
    return STATUS_OK;
}

static enum status sort_scratch_create(void *scratch, const void *context, struct error *err) {
    struct sort_scratch *work = scratch;
    const struct arranging *a = context;
    TRY(MEM_NEW(&work->place, a->longest, err));
    TRY(MEM_NEW(&work->spare, a->longest, err));
    TRY(MEM_NEW(&work->rating, a->longest, err));
    if (a->order->ties == TIES_RANDOM) TRY(MEM_NEW(&work->tie_key, a->longest, err));
    return MEM_NEW(&work->last, a->out->n_movies, err);
}

static void sort_scratch_release(void *scratch) {
    struct sort_scratch *work = scratch;
    mem_free(work->place);
    mem_free(work->spare);
    mem_free(work->rating);
    mem_free(work->tie_key);
    mem_free(work->last);
}

static size_t longest_list(const struct ratings *r) {
    size_t longest = 0;
    for (uint32_t u = 0; u < r->n_users; u++) {
        size_t count = r->offset[u + 1] - r->offset[u];
        if (count > longest) longest = count;
    }
    return longest;
}

static enum status arrange_users(struct arranging *a, struct error *err) {
    const struct ratings *out = a->out;
    a->longest = longest_list(out);
    if (a->longest > UINT32_MAX)
        return error_set(err, STATUS_FAILED, "a user with %zu ratings is too much", a->longest);
    const struct parallel users = {
        .n = out->n_users,
        .block = USER_BLOCK,
        .context = a,
        .each = arrange_user,
        .scratch = {sizeof(struct sort_scratch), sort_scratch_create, sort_scratch_release}};
    return parallel_blocks(&users, err);
}

/* Closes the gaps that duplicates left. */
static void close_gaps(struct ratings *out, uint32_t *row, const uint64_t *kept) {
    uint64_t to = 0;
    for (uint32_t u = 0; u < out->n_users; u++) {
        uint64_t from = out->offset[u];
        if (to != from) {
            memmove(out->movie + to, out->movie + from, kept[u] * sizeof(*out->movie));
            memmove(out->value + to, out->value + from, kept[u] * sizeof(*out->value));
            memmove(out->time + to, out->time + from, kept[u] * sizeof(*out->time));
            memmove(row + to, row + from, kept[u] * sizeof(*row));
        }
        out->offset[u] = to;
        to += kept[u];
    }
    out->offset[out->n_users] = to;
    out->count = to;
}

enum status ratings_arrange(struct ratings *out, struct arranged *about, struct rating_rows *rows,
                            const struct id_map *users, const struct id_map *movies,
                            const struct rating_order *order, struct error *err) {
    *out =
        (struct ratings){.n_users = users->count, .n_movies = movies->count, .count = rows->count};
    *about = (struct arranged){0};
    MEM_AUTO uint64_t *kept = NULL;
    TRY(MEM_NEW(&kept, out->n_users, err));
    TRY(MEM_NEW(&out->offset, (size_t)out->n_users + 1, err));
    TRY(MEM_NEW(&about->row, rows->count, err));
    to_indices(rows->user, rows->count, users);
    to_indices(rows->movie, rows->count, movies);
    TRY(group_by_user(out, rows, err));
    rating_rows_release(rows);
    struct arranging arranging = {out, users, movies, order, about->row, kept, 0};
    TRY(arrange_users(&arranging, err));
    uint64_t n_before = out->count;
    close_gaps(out, about->row, kept);
    about->n_duplicates = n_before - out->count;
    return STATUS_OK;
}

void arranged_release(struct arranged *a) {
    mem_free(a->row);
    *a = (struct arranged){0};
}

/* ---- order by lot ---- */

struct lot {
    uint64_t key;
    uint32_t movie;
    uint8_t value;
};

struct lots {
    struct ratings *ratings;
    const struct id_map *users, *movies;
    uint64_t seed;
    bool last_stays;
    size_t longest;
};

/* No two ratings of a user are of one movie. */
static int compare_lots(const void *a, const void *b) {
    const struct lot *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return x->movie < y->movie ? -1 : x->movie > y->movie;
}

static enum status draw_user(const void *context, void *scratch, size_t user, struct error *err) {
    (void)err;
    const struct lots *d = context;
    struct ratings *r = d->ratings;
    struct lot *lot = *(struct lot **)scratch;
    uint64_t first = r->offset[user], count = r->offset[user + 1] - first;
    if (d->last_stays && count > 0) count--;
    for (uint64_t i = 0; i < count; i++) {
        uint32_t movie = r->movie[first + i];
        struct rng rng = rng_keyed(d->seed, "ingest.lot", d->users->id[user], d->movies->id[movie]);
        lot[i] = (struct lot){rng_u64(&rng), movie, r->value[first + i]};
    }
    qsort(lot, count, sizeof(*lot), compare_lots);
    for (uint64_t i = 0; i < count; i++) {
        r->movie[first + i] = lot[i].movie;
        r->value[first + i] = lot[i].value;
    }
    return STATUS_OK;
}

static enum status create_lots(void *scratch, const void *context, struct error *err) {
    const struct lots *d = context;
    return MEM_NEW((struct lot **)scratch, d->longest, err);
}

static void release_lots(void *scratch) {
    mem_free(*(struct lot **)scratch);
}

enum status ratings_draw_order(struct ratings *r, const struct id_map *users,
                               const struct id_map *movies, uint64_t seed, bool last_stays,
                               struct error *err) {
    struct lots lots = {r, users, movies, seed, last_stays, longest_list(r)};
    const struct parallel draws = {.n = r->n_users,
                                   .block = USER_BLOCK,
                                   .context = &lots,
                                   .each = draw_user,
                                   .scratch = {sizeof(struct lot *), create_lots, release_lots}};
    return parallel_blocks(&draws, err);
}
