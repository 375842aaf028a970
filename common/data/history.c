#include "common/data/history.h"

#include "common/base/mem.h"
#include "common/data/rating_scale.h"
#include "common/data/roles.h"

#include <math.h>
#include <string.h>

/* ---- the rule ---- */

static const char *const rule_names[] = {"prefix", "all", "fold-in", "cut", "moment"};

const char *history_rule_name(enum history_rule rule) {
    return rule_names[rule];
}

enum status split_history_rule(enum history_rule *out, const struct artifact *split,
                               struct error *err) {
    const char *rule = NULL;
    TRY(artifact_get_str(split, "history", &rule, err));
    for (unsigned i = 0; i < sizeof(rule_names) / sizeof(rule_names[0]); i++) {
        if (strcmp(rule, rule_names[i]) != 0) continue;
        *out = (enum history_rule)i;
        return STATUS_OK;
    }
    return error_set(err, STATUS_DAMAGED,
                     "%s: metadata history: \"%s\" is not prefix, all, fold-in, cut or moment",
                     artifact_path(split), rule);
}

double history_mean_stars(const struct history *h) {
    uint64_t half_stars = 0;
    for (size_t i = 0; i < h->count; i++) {
        half_stars += h->value[i];
    }
    return h->count > 0 ? stars_of((double)half_stars) / (double)h->count : NAN;
}

/* ---- the buffer ---- */

/* The three arrays share one capacity, which is updated only when all have grown. */
static enum status grow(struct history_buffer *h, size_t needed, struct error *err) {
    if (needed <= h->capacity) return STATUS_OK;
    size_t movie = h->capacity, value = h->capacity, time = h->capacity;
    TRY(mem_grow(&h->movie, &movie, needed, sizeof(*h->movie), err));
    TRY(mem_grow(&h->value, &value, movie, sizeof(*h->value), err));
    TRY(mem_grow(&h->time, &time, movie, sizeof(*h->time), err));
    h->capacity = movie;
    return STATUS_OK;
}

enum status history_add(struct history_buffer *h, uint32_t movie, uint8_t value, int64_t time,
                        struct error *err) {
    TRY(grow(h, h->count + 1, err));
    h->movie[h->count] = movie;
    h->value[h->count] = value;
    h->time[h->count] = time;
    h->count++;
    return STATUS_OK;
}

void history_clear(struct history_buffer *h) {
    h->count = 0;
}

void history_buffer_release(struct history_buffer *h) {
    mem_free(h->movie);
    mem_free(h->value);
    mem_free(h->time);
    *h = (struct history_buffer){0};
}

struct history history_of(const struct history_buffer *h) {
    return (struct history){
        .movie = h->movie, .value = h->value, .time = h->time, .count = h->count};
}

/* ---- what is known ---- */

/* Bit r set: ratings of role r are known. */
static enum status collect(struct history_buffer *out, const struct ratings *ratings,
                           const uint8_t *role, unsigned known, uint64_t first, uint64_t end,
                           uint64_t skip, struct error *err) {
    history_clear(out);
    TRY(grow(out, (size_t)(end - first), err));
    for (uint64_t i = first; i < end; i++) {
        if (i == skip || (known >> role[i] & 1u) == 0) continue;
        TRY(history_add(out, ratings->movie[i], ratings->value[i], ratings->time[i], err));
    }
    return STATUS_OK;
}

static const unsigned fold_in =
    1u << ROLE_FOLD_IN | 1u << ROLE_RANK_FOLD_IN | 1u << ROLE_VALID_FOLD_IN;

static const unsigned in_training = 1u << ROLE_BASE | 1u << ROLE_RANK | 1u << ROLE_RANK_FOLD_IN;

static const unsigned before_cut = 1u << ROLE_BASE | 1u << ROLE_RANK_FOLD_IN;

static const unsigned whatever = ~(1u << ROLE_LEFT_OUT);

enum status history_before(struct history_buffer *out, const struct ratings *ratings,
                           const uint8_t *role, uint32_t user, uint64_t position,
                           enum history_rule rule, struct error *err) {
    uint64_t first = ratings->offset[user], end = ratings->offset[user + 1];
    if (rule == HISTORY_ALL)
        return collect(out, ratings, role, 1u << ROLE_BASE, first, end, position, err);
    if (rule == HISTORY_FOLD_IN)
        return collect(out, ratings, role, fold_in, first, end, position, err);
    if (rule == HISTORY_CUT)
        return collect(out, ratings, role, before_cut, first, end, position, err);
    if (rule == HISTORY_MOMENT)
        return collect(out, ratings, role, whatever, first, position, position, err);
    return collect(out, ratings, role, in_training, first, position, position, err);
}

enum status history_for_test(struct history_buffer *out, const struct ratings *ratings,
                             const uint8_t *role, uint32_t user, uint32_t movie,
                             enum history_rule rule, struct error *err) {
    const uint64_t first = ratings->offset[user], end = ratings->offset[user + 1];
    uint64_t position = first;
    if (rule != HISTORY_MOMENT)
        return collect(out, ratings, role, whatever & ~(1u << ROLE_TEST), first, end, UINT64_MAX,
                       err);
    while (position < end && ratings->movie[position] != movie)
        position++;
    return collect(out, ratings, role, whatever, first, position, position, err);
}
