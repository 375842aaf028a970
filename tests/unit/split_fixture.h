/* Small hand-made ratings and their roles, for the tests of split. */
#ifndef MARQUEE_TESTS_SPLIT_FIXTURE_H
#define MARQUEE_TESTS_SPLIT_FIXTURE_H

#include "common/data/ratings.h"
#include "common/data/roles.h"
#include "stages/split/protocol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_RATINGS = 4096, MAX_USERS = 64 };

static inline void assert_ok(enum status status, const struct error *err) {
    if (status != STATUS_OK) fail_msg("%s", err->text);
}

/* ---- ratings in memory: user u has count[u] ratings of movies (u + i) % n_movies ---- */

struct small {
    uint64_t offset[MAX_USERS + 1];
    uint32_t movie[MAX_RATINGS];
    uint8_t value[MAX_RATINGS];
    int64_t time[MAX_RATINGS];
    uint8_t role[MAX_RATINGS];
    struct ratings ratings;
};

static inline struct ratings *small_fill(struct small *s, const uint32_t *count, uint32_t n_users,
                                         uint32_t n_movies) {
    uint64_t n = 0;
    memset(s, 0, sizeof(*s));
    for (uint32_t u = 0; u < n_users; u++) {
        for (uint32_t i = 0; i < count[u]; i++, n++) {
            s->movie[n] = (u + i) % n_movies;
            s->value[n] = (uint8_t)(1 + (u + i) % 10);
            s->time[n] = 1000 + 10 * (int64_t)i;
        }
        s->offset[u + 1] = n;
    }
    s->ratings = (struct ratings){.n_users = n_users,
                                  .n_movies = n_movies,
                                  .count = n,
                                  .offset = s->offset,
                                  .movie = s->movie,
                                  .value = s->value,
                                  .time = s->time};
    return &s->ratings;
}

static inline struct protocol protocol_of(const char *text) {
    struct protocol p = {.fraction = 0.1,
                         .users = 2,
                         .known = KNOWN_FOUR_FIFTHS,
                         .rank_last = 5,
                         .rank_fraction = 0.1,
                         .valid_fraction = 0.05,
                         .cut = CUT_BY_FRACTION,
                         .fit_cut = CUT_BY_FRACTION,
                         .seed = 1};
    struct error err = {0};
    assert_ok(protocol_parse(&p, text, &err), &err);
    return p;
}

static inline void assign(struct protocol *p, struct small *s) {
    struct error err = {0};
    assert_ok(protocol_assign(p, &s->ratings, false, s->role, &err), &err);
}

/* Roles of a user as letters, oldest first: base, rank, valid, test, fold-in, Rank-fold-in. */
static inline const char *letters(const struct small *s, uint32_t user) {
    static char text[MAX_RATINGS + 1];
    size_t n = 0;
    for (uint64_t i = s->offset[user]; i < s->offset[user + 1]; i++)
        text[n++] = "brvtfR"[s->role[i]];
    text[n] = '\0';
    return text;
}

static inline uint64_t count_role(const struct small *s, enum role role) {
    uint64_t n = 0;
    for (uint64_t i = 0; i < s->ratings.count; i++)
        n += s->role[i] == role;
    return n;
}

/* Numbers of ratings of many users. */
static const uint32_t many[MAX_USERS] = {
    1,  2,  3,  60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60,
    60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60,
    60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60};

#endif
