#include "stages/split/protocol.h"

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/data/cold_user.h"
#include "common/data/roles.h"
#include "stages/split/protocol_movies.h"
#include "stages/split/strong.h"
#include "stages/split/temporal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"leave-one-out", "random", "temporal", "users",
                                    "given",         "strong", "movies"};
enum { N_PROTOCOLS = sizeof(names) / sizeof(names[0]) };

const char *protocol_name(enum protocol_type type) {
    return names[type];
}

static enum status parse_argument(struct protocol *out, const char *text, const char *argument,
                                  struct error *err) {
    char *end = NULL;
    double value = strtod(argument, &end);
    bool number = end != argument && *end == '\0' && isfinite(value);
    double below = out->type == PROTOCOL_STRONG ? 0.5 : 1.0;
    if ((out->type == PROTOCOL_RANDOM || out->type == PROTOCOL_TEMPORAL ||
         out->type == PROTOCOL_STRONG || out->type == PROTOCOL_MOVIES) &&
        number && value > 0.0 && value < below) {
        out->fraction = value;
        return STATUS_OK;
    }
    if (out->type == PROTOCOL_USERS && number && value >= 1.0 && value <= 4e9 &&
        value == floor(value)) {
        out->users = (uint32_t)value;
        return STATUS_OK;
    }
    return error_set(
        err, STATUS_USAGE,
        "--protocol: \"%s\": \"%s\" does not fit; random, temporal and movies take a "
        "fraction between 0 and 1, strong one between 0 and 0.5, users a number of users, the "
        "others nothing",
        text, argument);
}

/* Whether history and models end at the same moment. */
static bool at_the_cut(enum target_rule target) {
    return target == TARGET_ALL || target == TARGET_FIRST;
}

enum status protocol_parse(struct protocol *out, const char *text, struct error *err) {
    size_t size = strcspn(text, ":");
    unsigned i = 0;
    while (i < N_PROTOCOLS && !(strlen(names[i]) == size && strncmp(names[i], text, size) == 0))
        i++;
    if (i == N_PROTOCOLS)
        return error_set(err, STATUS_USAGE,
                         "--protocol: \"%s\" is none of leave-one-out, random[:FRACTION], "
                         "temporal[:FRACTION], users[:N], given, strong[:FRACTION], "
                         "movies[:FRACTION]",
                         text);
    out->type = (enum protocol_type)i;
    bool by_lot = out->type == PROTOCOL_RANDOM || out->type == PROTOCOL_MOVIES;
    out->history = by_lot                         ? HISTORY_ALL
                   : out->type == PROTOCOL_STRONG ? HISTORY_FOLD_IN
                                                  : HISTORY_PREFIX;
    if (out->type == PROTOCOL_TEMPORAL)
        out->history = at_the_cut(out->target) ? HISTORY_CUT : HISTORY_MOMENT;
    return text[size] == ':' ? parse_argument(out, text, text + size + 1, err) : STATUS_OK;
}

/* ---- roles by order ---- */

static uint64_t count_base(const struct ratings *r, const uint8_t *role, uint32_t user) {
    uint64_t n = 0;
    for (uint64_t i = r->offset[user]; i < r->offset[user + 1]; i++)
        n += role[i] == ROLE_BASE;
    return n;
}

/* Gives the user's last `count` ratings of role base a new role. */
static void take_last(const struct ratings *r, uint8_t *role, uint32_t user, uint64_t count,
                      enum role to) {
    for (uint64_t i = r->offset[user + 1]; i > r->offset[user] && count > 0; i--) {
        if (role[i - 1] != ROLE_BASE) continue;
        role[i - 1] = (uint8_t)to;
        count--;
    }
}

/* Gives the user's last base rating the role `to`, if another base rating remains. */
static void take_one(const struct ratings *r, uint8_t *role, uint32_t user, enum role to) {
    if (count_base(r, role, user) >= 2) take_last(r, role, user, 1, to);
}

/* Rank never takes more than half, so that a short history keeps something to learn from. */
static void take_rank(const struct ratings *r, uint8_t *role, uint32_t user, uint32_t rank_last) {
    uint64_t half = count_base(r, role, user) / 2;
    take_last(r, role, user, half < rank_last ? half : rank_last, ROLE_RANK);
}

/* Draws the cold users that the ranker learns from. View fit does not see them, so its models know
 * no more about the beginning of such an account than about any new one; its first and last ratings
 * go to the ranker. */
static bool draw_newcomer(const struct protocol *p, const struct ratings *r, uint8_t *role,
                          uint32_t user) {
    struct rng rng = rng_keyed(p->seed, "split.newcomers", 0, user);
    if (p->rank_last == 0 || rng_uniform(&rng) >= p->newcomers) return false;
    uint64_t place = 0, count = count_base(r, role, user);
    for (uint64_t i = r->offset[user]; i < r->offset[user + 1]; i++) {
        if (role[i] != ROLE_BASE) continue;
        bool positive = place < COLD_PLACES || place + p->rank_last >= count;
        role[i] = positive ? ROLE_RANK : ROLE_RANK_FOLD_IN;
        place++;
    }
    return true;
}

/* Makes the last base ratings of every user valid and rank; all those of a cold user become rank or
 * rank-fold-in. */
static void assign_training(const struct protocol *p, const struct ratings *r, bool valid_given,
                            uint8_t *role) {
    const bool newcomers = p->newcomers * r->n_users >= p->least_newcomers;
    for (uint32_t u = 0; u < r->n_users; u++) {
        if (!valid_given) take_one(r, role, u, ROLE_VALID);
        if (!newcomers || !draw_newcomer(p, r, role, u)) take_rank(r, role, u, p->rank_last);
    }
}

static void assign_leave_one_out(const struct protocol *p, const struct ratings *r, uint8_t *role) {
    for (uint32_t u = 0; u < r->n_users; u++)
        take_one(r, role, u, ROLE_TEST);
    assign_training(p, r, false, role);
}

/* ---- roles at random ---- */

/* Gives the user's first rating that is not test the role base, if no rating has it. */
static void keep_one_base(const struct ratings *r, uint8_t *role, uint32_t user) {
    if (count_base(r, role, user) > 0) return;
    for (uint64_t i = r->offset[user]; i < r->offset[user + 1]; i++) {
        if (role[i] == ROLE_TEST) continue;
        role[i] = ROLE_BASE;
        return;
    }
}

/* Draws rank and valid from the base ratings. A user's random stream yields one number per such
 * rating, so their roles do not depend on how many ratings are test. */
static void draw_training_roles(const struct protocol *p, const struct ratings *r, bool valid_given,
                                uint8_t *role) {
    double valid = valid_given ? 0.0 : p->valid_fraction;
    for (uint32_t u = 0; u < r->n_users; u++) {
        struct rng rng = rng_keyed(p->seed, "split.training", 0, u);
        for (uint64_t i = r->offset[u]; i < r->offset[u + 1]; i++) {
            if (role[i] != ROLE_BASE) continue;
            double x = rng_uniform(&rng);
            if (x < valid)
                role[i] = ROLE_VALID;
            else if (x < valid + p->rank_fraction)
                role[i] = ROLE_RANK;
        }
        keep_one_base(r, role, u);
    }
}

static void assign_random(const struct protocol *p, const struct ratings *r, uint8_t *role) {
    for (uint32_t u = 0; u < r->n_users; u++) {
        struct rng rng = rng_keyed(p->seed, "split.random", 0, u);
        for (uint64_t i = r->offset[u]; i < r->offset[u + 1]; i++)
            if (rng_uniform(&rng) < p->fraction) role[i] = ROLE_TEST;
        if (r->offset[u] < r->offset[u + 1] && count_base(r, role, u) == 0)
            role[r->offset[u]] = ROLE_BASE;
    }
    draw_training_roles(p, r, false, role);
}

/* ---- held-out users ---- */

static const double USERS_TEST_FRACTION = 0.2; /* Liang et al. */

static enum status hold_out_user(const struct protocol *p, const struct ratings *r, uint32_t user,
                                 uint8_t *role, struct error *err) {
    MEM_AUTO uint32_t *order = NULL;
    uint64_t first = r->offset[user];
    uint32_t count = (uint32_t)(r->offset[user + 1] - first);
    uint32_t n_test = (uint32_t)lround(USERS_TEST_FRACTION * count);
    struct rng rng = rng_keyed(p->seed, "split.fold-in", 0, user);
    TRY(MEM_NEW(&order, count, err));
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    rng_shuffle_u32(&rng, order, count);
    if (n_test == 0) n_test = 1;
    for (uint32_t i = 0; i < count; i++)
        role[first + order[i]] = i < n_test ? ROLE_TEST : ROLE_FOLD_IN;
    return STATUS_OK;
}

/* The first `known` ratings are fold-in, the next ten are test, later ones are left out. Only users
 * with more than 20 ratings are drawn, so that they are the same for every length of the history.
 */
static void begin_with(uint32_t known, const struct ratings *r, uint32_t user, uint8_t *role) {
    for (uint64_t i = r->offset[user]; i < r->offset[user + 1]; i++) {
        uint64_t place = i - r->offset[user];
        role[i] = place < known                  ? ROLE_FOLD_IN
                  : place < known + COLD_TARGETS ? ROLE_TEST
                                                 : ROLE_LEFT_OUT;
    }
}

static enum status assign_users(const struct protocol *p, const struct ratings *r, uint8_t *role,
                                struct error *err) {
    MEM_AUTO uint32_t *user = NULL;
    uint32_t n = 0;
    TRY(MEM_NEW(&user, r->n_users, err));
    uint32_t least = p->known != KNOWN_FOUR_FIFTHS ? COLD_RATINGS + 1 : 2;
    for (uint32_t u = 0; u < r->n_users; u++)
        if (r->offset[u + 1] - r->offset[u] >= least) user[n++] = u;
    if (p->users >= n)
        return error_set(err, STATUS_FAILED,
                         "holding out %u users: only %u have %u ratings or more, and some must "
                         "remain to learn from",
                         p->users, n, least);
    struct rng rng = rng_keyed(p->seed, "split.users", 0, 0);
    rng_shuffle_u32(&rng, user, n);
    for (uint32_t i = 0; i < p->users; i++) {
        if (p->known != KNOWN_FOUR_FIFTHS)
            begin_with((uint32_t)p->known, r, user[i], role);
        else
            TRY(hold_out_user(p, r, user[i], role, err));
    }
    assign_training(p, r, false, role);
    return STATUS_OK;
}

static enum status assign_temporal(struct protocol *p, const struct ratings *r, uint8_t *role,
                                   struct error *err) {
    struct temporal_params params = {.fraction = p->fraction,
                                     .rank_fraction = p->rank_fraction,
                                     .valid_fraction = p->valid_fraction,
                                     .cut_full = p->cut,
                                     .cut_fit = p->fit_cut,
                                     .seed = p->seed};
    return temporal_assign(&p->cuts, &params, r, role, err);
}

static void assign_movies(const struct protocol *p, const struct ratings *r, uint8_t *role) {
    struct movies_params params = {.fraction = p->fraction,
                                   .rank_fraction = p->rank_fraction,
                                   .valid_fraction = p->valid_fraction,
                                   .seed = p->seed};
    movies_assign(&params, r, role);
}

static enum status assign_strong(const struct protocol *p, const struct ratings *r, uint8_t *role,
                                 struct error *err) {
    struct strong_params params = {.fraction = p->fraction,
                                   .rank_users = p->rank_users,
                                   .min_rating = p->min_rating,
                                   .min_ratings = p->min_ratings,
                                   .seed = p->seed};
    return strong_assign(&params, r, role, err);
}

/* ---- all ---- */

static enum status assign(struct protocol *p, const struct ratings *r, bool valid_given,
                          uint8_t *role, struct error *err) {
    switch (p->type) {
    case PROTOCOL_LEAVE_ONE_OUT:
        assign_leave_one_out(p, r, role);
        break;
    case PROTOCOL_RANDOM:
        assign_random(p, r, role);
        break;
    case PROTOCOL_TEMPORAL:
        return assign_temporal(p, r, role, err);
    case PROTOCOL_USERS:
        return assign_users(p, r, role, err);
    case PROTOCOL_GIVEN:
        if (p->history == HISTORY_ALL)
            draw_training_roles(p, r, valid_given, role);
        else
            assign_training(p, r, valid_given, role);
        break;
    case PROTOCOL_STRONG:
        return assign_strong(p, r, role, err);
    case PROTOCOL_MOVIES:
        assign_movies(p, r, role);
        break;
    }
    return STATUS_OK;
}

enum status protocol_assign(struct protocol *p, const struct ratings *ratings, bool valid_given,
                            uint8_t *role, struct error *err) {
    uint64_t count[ROLES] = {0};
    TRY(assign(p, ratings, valid_given, role, err));
    for (uint64_t i = 0; i < ratings->count; i++)
        count[role[i]]++;
    if (count[ROLE_BASE] == 0)
        return error_set(err, STATUS_FAILED,
                         "protocol %s: none of the %llu ratings remains to learn from",
                         protocol_name(p->type), (unsigned long long)ratings->count);
    if (count[ROLE_TEST] == 0 && p->type != PROTOCOL_GIVEN)
        return error_set(err, STATUS_FAILED,
                         "protocol %s: none of the %llu ratings is left to test",
                         protocol_name(p->type), (unsigned long long)ratings->count);
    return STATUS_OK;
}
