#include "common/features/cold_users.h"

#include "common/base/mem.h"
#include "common/data/cold_user.h"
#include "common/features/families.h"

#include <stdlib.h>
#include <string.h>

enum {
    /* Places of a history that are told apart: COLD_PLACES, and the COLD_TARGETS that follow. */
    PLACES = COLD_PLACES + COLD_TARGETS
};
static const int64_t RECENT_SECONDS = INT64_C(30) * 86400;

enum { BEGINNING_ANY, BEGINNING_PLACE, BEGINNING_PLACE_30, BEGINNING_COLUMNS };

static const struct feature_spec columns[BEGINNING_COLUMNS] = {
    [BEGINNING_ANY] = NEEDING(NEEDS_ORDER, "popularity.newcomers", "popularity",
                              "log(1 + ratings of the movie among the first 20 of a user)"),
    [BEGINNING_PLACE] =
        NEEDING(NEEDS_ORDER, "popularity.place", "popularity",
                "log(1 + its ratings at the next ten places of a history; from 30 on "
                "those of the 31st to 40th)"),
    [BEGINNING_PLACE_30] = NEEDING(NEEDS_CLOCK | NEEDS_MOMENT, "popularity.place-30d", "popularity",
                                   "the same in the last 30 days"),
};

struct begun {
    int64_t time;
    uint32_t movie, place;
};

static int compare_times(const void *a, const void *b) {
    int64_t x = ((const struct begun *)a)->time, y = ((const struct begun *)b)->time;
    return (x > y) - (x < y);
}

static uint64_t end_of_places(const struct ratings *r, uint32_t user) {
    uint64_t start = r->offset[user], end = r->offset[user + 1];
    return end - start < PLACES ? end : start + PLACES;
}

enum status beginnings_compute(struct beginnings *out, const struct ratings *r, struct error *err) {
    *out = (struct beginnings){0};
    for (uint32_t u = 0; u < r->n_users; u++) {
        out->n_begun += (size_t)(end_of_places(r, u) - r->offset[u]);
    }
    TRY(MEM_NEW(&out->begun, out->n_begun, err));
    TRY(MEM_NEW(&out->before, (size_t)r->n_movies * (PLACES + 1), err));
    struct begun *next = out->begun;
    for (uint32_t u = 0; u < r->n_users; u++) {
        for (uint64_t i = r->offset[u]; i < end_of_places(r, u); i++) {
            uint32_t place = (uint32_t)(i - r->offset[u]);
            *next++ = (struct begun){r->time[i], r->movie[i], place};
            out->before[(size_t)r->movie[i] * (PLACES + 1) + place + 1]++;
        }
    }
    for (size_t m = 0; m < r->n_movies; m++) {
        uint32_t *before = out->before + m * (PLACES + 1);
        for (size_t p = 0; p < PLACES; p++) {
            before[p + 1] += before[p];
        }
    }
    qsort(out->begun, out->n_begun, sizeof *out->begun, compare_times);
    return STATUS_OK;
}

void beginnings_release(struct beginnings *b) {
    mem_free(b->before);
    mem_free(b->begun);
    *b = (struct beginnings){0};
}

/* Index of the first rating by time that is not before `time`. */
static size_t first_from(const struct beginnings *b, int64_t time) {
    size_t low = 0, high = b->n_begun;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (b->begun[middle].time < time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

uint32_t beginnings_place(size_t known) {
    return known < PLACES - COLD_TARGETS ? (uint32_t)known : PLACES - COLD_TARGETS;
}

void beginnings_recent(const struct beginnings *b, uint32_t n_movies, uint32_t place, int64_t now,
                       uint32_t *count) {
    memset(count, 0, n_movies * sizeof *count);
    const size_t end = first_from(b, now);
    for (size_t i = first_from(b, now - RECENT_SECONDS); i < end; i++) {
        count[b->begun[i].movie] +=
            b->begun[i].place - place < COLD_TARGETS; /* unsigned: earlier places wrap */
    }
}

uint32_t beginnings_first(const struct beginnings *b, uint32_t movie) {
    return b->before[(size_t)movie * (PLACES + 1) + COLD_RATINGS];
}

uint32_t beginnings_next(const struct beginnings *b, uint32_t movie, uint32_t place) {
    const uint32_t *before = b->before + (size_t)movie * (PLACES + 1);
    return before[place + COLD_TARGETS] - before[place];
}

/* ---- the family ---- */

static enum status load(void **own, const struct feature_view *view, const struct artifact *dataset,
                        struct error *err) {
    (void)dataset;
    struct beginnings *b = NULL;
    TRY(MEM_NEW(&b, 1, err));
    *own = b;
    return beginnings_compute(b, &view->ratings, err);
}

static void unload(void *own) {
    if (own != NULL) beginnings_release(own);
    mem_free(own);
}

/* Scratch is [movies]: ratings of the last 30 days at the next places of a history. */
static enum status work_create(void **work, const struct feature_view *view, struct error *err) {
    return mem_alloc(work, view->catalogue.n_movies, sizeof(uint32_t), err);
}

static void prepare(void *work, const struct feature_scope *scope) {
    const struct query *q = &scope->query->base;
    beginnings_recent(scope->own, scope->view->catalogue.n_movies,
                      beginnings_place(q->history->count), scope->query->known, work);
}

static void fill(const void *work, const struct feature_scope *scope,
                 const struct score_block *block, float *x, size_t stride) {
    const uint32_t *recent = work;
    const float *log_count = scope->view->stats.log_count;
    const uint32_t place = beginnings_place(scope->query->base.history->count);
    for (size_t i = 0; i < block->n; i++, x += stride) {
        uint32_t movie = block->movie[i];
        x[BEGINNING_ANY] = log_count[beginnings_first(scope->own, movie)];
        x[BEGINNING_PLACE] = log_count[beginnings_next(scope->own, movie, place)];
        x[BEGINNING_PLACE_30] = log_count[recent[movie]];
    }
}

const struct feature_family cold_users_family = {
    FEATURES_OF(columns),     .load = load,       .unload = unload, .work_create = work_create,
    .work_release = mem_free, .prepare = prepare, .fill = fill,
};
