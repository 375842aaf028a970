/* split: gives every rating its role and every user the candidates to be ranked. */
#include "common/base/mem.h"
#include "common/data/catalogue.h"
#include "common/data/history.h"
#include "common/data/ratings.h"
#include "common/data/roles.h"
#include "common/stage/stage.h"
#include "stages/split/protocol.h"
#include "stages/split/protocol_movies.h"
#include "stages/split/result.h"
#include "stages/split/targets.h"

#include <string.h>

struct params {
    const char *protocol, *target, *moment, *history, *missing;
    const char *test_file, *valid_file, *candidates_file;
    double fraction, rank_fraction, valid_fraction, rank_users, newcomers, min_rating;
    int64_t cut, fit_cut, users, known, rank_last, least_newcomers, min_ratings, negatives;
};

#define OPTION_HOLDER struct params
static const struct option_spec options[] = {
    PARAMETER_TEXT("protocol", protocol, "leave-one-out",
                   "leave-one-out, random[:FRACTION], temporal[:FRACTION], users[:N], given, "
                   "strong[:FRACTION], movies[:FRACTION]"),
    PARAMETER_CHOICE(
        "target", target, "all", "all|first|last|random|successive",
        "temporal: which of a user's ratings after the moment are to be found: all of "
        "them in one list, the first, the last, one by lot, each in a list of its own; "
        "all and first know what was there at the moment, the others everything up to "
        "the rating"),
    PARAMETER_CHOICE_AUTO("moment", moment, "auto|known|hidden",
                          "whether lists are made for the moment of the rating to be found, or for "
                          "that of the newest one known",
                          "known; temporal with target all or first: the moment that divides"),
    PARAMETER_REAL("fraction", fraction, "0.1", 0.0001, 0.99,
                   "random, temporal: share of the ratings to test; strong: of the users (below "
                   "0.5); movies: of "
                   "the movies"),
    PARAMETER_INT_AUTO("cut", cut, -1e18, 1e18,
                       "temporal: the last second, since 1970, that is not test",
                       "what leaves the fraction"),
    PARAMETER_INT_AUTO("fit-cut", fit_cut, -1e18, 1e18,
                       "temporal: the last second that models of view fit know",
                       "what leaves the rank fraction"),
    PARAMETER_INT("users", users, "500", 1, 4e9, "users: number of users held out"),
    PARAMETER_INT_AUTO(
        "known", known, 0, 20,
        "users: number of first ratings of each that are known; the next ten are the test",
        "four fifths of all, drawn at random"),
    PARAMETER_INT("rank-last", rank_last, "10", 0, 1e6,
                  "ratings per user that the ranker learns from (role rank)"),
    PARAMETER_REAL(
        "newcomers", newcomers, "0.1", 0, 0.5,
        "share of the users that are set aside for the ranker to learn how accounts begin"),
    PARAMETER_INT("least-newcomers", least_newcomers, "100", 0, 1e9,
                  "no newcomers if there would be fewer than this"),
    PARAMETER_REAL_AUTO(
        "rank-fraction", rank_fraction, 0, 0.5,
        "random, temporal: share of the training ratings for role rank; movies: of the movies",
        "0.1; temporal: that of the test"),
    PARAMETER_REAL_AUTO(
        "valid-fraction", valid_fraction, 0, 0.4,
        "random: share of the training ratings for role valid; movies: of the movies; temporal: of "
        "the users",
        "0.05; temporal: 0.2"),
    PARAMETER_REAL("rank-users", rank_users, "0.2", 0.0001, 0.9,
                   "strong: share of the training users that the ranker learns from"),
    PARAMETER_REAL("min-rating", min_rating, "4", 0.5, 5,
                   "strong: stars from which a rating counts; lower ones are left out"),
    PARAMETER_INT("min-ratings", min_ratings, "5", 2, 1e6,
                  "strong: users with fewer such ratings are left out"),
    PARAMETER_INT("negatives", negatives, "99", 0, 1e6,
                  "candidates drawn per user; 0: whole catalogue only"),
    PARAMETER_CHOICE_AUTO("history", history, "auto|prefix|all",
                          "what is known of a user: the earlier ratings, or all others",
                          "all for random and movies, else prefix"),
    PARAMETER_CHOICE("missing", missing, "error", "error|allow",
                     "given: whether pairs in a file may be missing from the ratings"),
    RUNTIME_TEXT("test-file", test_file, NULL, "given: CSV userId,movieId[,rating[,timestamp]]", 0),
    RUNTIME_TEXT("valid-file", valid_file, NULL,
                 "given: the same for role valid (default: by order)", 0),
    RUNTIME_TEXT("candidates-file", candidates_file, NULL, "given: CSV userId,movieId,movieId,...",
                 0),
};

static const struct stage_input inputs[] = {
    {"dataset", "dataset", true, INPUT_UNFITTED, "dataset of ingest"},
};

/* An empty name and "none" mean no file, so that make may pass either. */
static bool is_given(const char *path) {
    return path != NULL && path[0] != '\0' && strcmp(path, "none") != 0;
}

static enum status check_files(const struct params *p, const struct protocol *protocol,
                               struct error *err) {
    bool any = is_given(p->test_file) || is_given(p->valid_file) || is_given(p->candidates_file);
    if (protocol->type == PROTOCOL_GIVEN && !is_given(p->test_file))
        return error_set(err, STATUS_USAGE, "--test-file: protocol given needs one");
    if (protocol->type != PROTOCOL_GIVEN && any)
        return error_set(err, STATUS_USAGE,
                         "--test-file, --valid-file and --candidates-file are for protocol given, "
                         "not %s",
                         protocol_name(protocol->type));
    return STATUS_OK;
}

static enum target_rule target_named(const char *name) {
    enum target_rule target = TARGET_ALL;
    while (target < TARGET_SUCCESSIVE && strcmp(name, target_rule_name(target)) != 0)
        target++;
    return target;
}

static enum status read_moment(struct protocol *out, const struct params *p, struct error *err) {
    const char *moment = option_text_or(p->moment, "");
    if (out->type != PROTOCOL_TEMPORAL && out->target != TARGET_ALL)
        return error_set(err, STATUS_USAGE, "--target: %s is for protocol temporal, not %s",
                         p->target, protocol_name(out->type));
    const bool cut = out->history == HISTORY_CUT;
    if (cut && strcmp(moment, "known") == 0)
        return error_set(err, STATUS_USAGE,
                         "--moment: target %s is asked at the moment that divides, not at that of "
                         "a rating",
                         p->target);
    out->moment = cut ? MOMENT_CUT : strcmp(moment, "hidden") == 0 ? MOMENT_HIDDEN : MOMENT_KNOWN;
    return STATUS_OK;
}

static enum status read_protocol(struct protocol *out, const struct params *p, uint64_t seed,
                                 struct error *err) {
    *out = (struct protocol){.fraction = p->fraction,
                             .users = (uint32_t)p->users,
                             .known = option_int_or(p->known, KNOWN_FOUR_FIFTHS),
                             .rank_last = (uint32_t)p->rank_last,
                             .target = target_named(p->target),
                             .cut = option_int_or(p->cut, CUT_BY_FRACTION),
                             .fit_cut = option_int_or(p->fit_cut, CUT_BY_FRACTION),
                             .newcomers = p->newcomers,
                             .least_newcomers = (uint32_t)p->least_newcomers,
                             .rank_users = p->rank_users,
                             .min_rating = p->min_rating,
                             .min_ratings = (uint32_t)p->min_ratings,
                             .seed = seed};
    TRY(protocol_parse(out, p->protocol, err));
    TRY(read_moment(out, p, err));
    const bool temporal = out->type == PROTOCOL_TEMPORAL;
    out->rank_fraction = option_real_or(p->rank_fraction, temporal ? out->fraction : 0.1);
    out->valid_fraction = option_real_or(p->valid_fraction, temporal ? 0.2 : 0.05);
    const char *history = option_text_or(p->history, "");
    if (temporal && history[0] != '\0')
        return error_set(err, STATUS_USAGE,
                         "--history: what is known under protocol temporal follows from --target");
    if (out->type == PROTOCOL_STRONG && history[0] != '\0')
        return error_set(err, STATUS_USAGE,
                         "--history: what is known under protocol strong is the fold-in, not %s",
                         p->history);
    if (out->type == PROTOCOL_STRONG && out->fraction >= 0.5)
        return error_set(err, STATUS_USAGE,
                         "--fraction: protocol strong holds out twice %g of the users, which "
                         "leaves none",
                         out->fraction);
    if (strcmp(history, "prefix") == 0) out->history = HISTORY_PREFIX;
    if (strcmp(history, "all") == 0) out->history = HISTORY_ALL;
    return check_files(p, out, err);
}

static enum status check(const void *params, struct error *err) {
    struct protocol protocol;
    return read_protocol(&protocol, params, 0, err);
}

/* Reads the files of protocol given: marks roles, fills targets and candidates. */
static enum status take_given(struct split_result *r, struct stage_run *run, const struct params *p,
                              const struct catalogue *c, struct error *err) {
    AUTO(pairs) struct pairs test = {0}, valid = {0}, candidates = {0};
    bool allow = strcmp(p->missing, "allow") == 0;
    if (is_given(p->valid_file)) {
        TRY(stage_add_file(run, "valid-file", p->valid_file, NULL, err));
        TRY(pairs_read(&valid, c, p->valid_file, err));
        TRY(pairs_mark(&valid, &r->ratings, ROLE_VALID, allow, r->role, &r->n_missing, err));
    }
    TRY(stage_add_file(run, "test-file", p->test_file, NULL, err));
    TRY(pairs_read(&test, c, p->test_file, err));
    TRY(pairs_mark(&test, &r->ratings, ROLE_TEST, allow, r->role, &r->n_missing, err));
    TRY(targets_from_pairs(&r->targets, &test, &r->ratings, err));
    if (!is_given(p->candidates_file)) return STATUS_OK;
    TRY(stage_add_file(run, "candidates-file", p->candidates_file, NULL, err));
    TRY(pairs_read_candidates(&candidates, c, p->candidates_file, err));
    r->targets.candidate_offset = candidates.offset;
    r->targets.candidate_movie = candidates.movie;
    candidates.offset = NULL;
    candidates.movie = NULL;
    r->candidates = "given";
    return STATUS_OK;
}

static void count_roles(struct stage_run *run, const struct split_result *r) {
    uint64_t count[ROLES] = {0};
    for (uint64_t i = 0; i < r->ratings.count; i++)
        count[r->role[i]]++;
    for (unsigned role = 0; role < ROLES; role++)
        if (count[role] > 0) stage_count(run, role_name((enum role)role), count[role]);
    stage_count(run, "test users", targets_users(&r->targets));
    if (r->n_missing > 0) stage_count(run, "pairs without rating", r->n_missing);
}

static enum status tell_resolved(struct stage_run *run, const struct params *p,
                                 const struct protocol *protocol, struct error *err) {
    struct params resolved = *p;
    resolved.history = history_rule_name(protocol->history);
    resolved.moment = moment_rule_name(protocol->moment);
    if (protocol->type == PROTOCOL_TEMPORAL) {
        resolved.cut = protocol->cuts.full;
        resolved.fit_cut = protocol->cuts.fit;
    }
    resolved.rank_fraction = protocol->rank_fraction;
    resolved.valid_fraction = protocol->valid_fraction;
    return stage_resolve(run, &resolved, err);
}

/* Before and after mean nothing where ingest found that times are none. */
static enum status check_order(const struct artifact *dataset, const struct protocol *protocol,
                               struct error *err) {
    bool order = true;
    const char *why = "it says so";
    TRY(dataset_has_order(&order, dataset, err));
    if (order || protocol->type != PROTOCOL_TEMPORAL) return STATUS_OK;
    if (artifact_has_meta(dataset, "order.why"))
        TRY(artifact_get_str(dataset, "order.why", &why, err));
    return error_set(
        err, STATUS_FAILED,
        "protocol temporal: %s has no order (%s), so nothing in it is before or after; "
        "another protocol, or ingest --order time",
        artifact_path(dataset), why);
}

static enum status split(struct stage_run *run, const void *params, struct error *err) {
    const struct params *p = params;
    const struct artifact *dataset = stage_input(run, "dataset");
    AUTO(catalogue) struct catalogue catalogue = {0};
    AUTO(split_result) struct split_result r = {.candidates = "none"};
    struct protocol protocol;
    TRY(read_protocol(&protocol, p, stage_seed(run), err));
    TRY(check_order(dataset, &protocol, err));
    TRY(catalogue_load(&catalogue, dataset, err));
    TRY(ratings_load(&r.ratings, NULL, dataset, NULL, err));
    TRY(MEM_NEW(&r.role, r.ratings.count, err));
    if (protocol.type == PROTOCOL_GIVEN) TRY(take_given(&r, run, p, &catalogue, err));
    TRY(protocol_assign(&protocol, &r.ratings, is_given(p->valid_file), r.role, err));
    if (protocol.type != PROTOCOL_GIVEN)
        TRY(targets_from_roles(&r.targets, &r.ratings, r.role, protocol.target, stage_seed(run),
                               err));
    if (protocol.type == PROTOCOL_MOVIES) {
        TRY(movies_candidates(&r.targets, &r.ratings, r.role, err));
        r.candidates = "held-out";
    } else if (r.targets.candidate_offset == NULL && p->negatives > 0) {
        TRY(targets_draw_candidates(&r.targets, &r.ratings, (uint32_t)p->negatives, stage_seed(run),
                                    err));
        r.candidates = "sampled";
    }
    TRY(split_result_write(stage_output(run), dataset, &protocol, &r, err));
    TRY(tell_resolved(run, p, &protocol, err));
    count_roles(run, &r);
    return STATUS_OK;
}

static const struct stage split_stage = {
    .name = "split",
    .version = 3,
    .summary = "gives every rating a role and draws the evaluation candidates",
    .options = options,
    .n_options = sizeof(options) / sizeof(options[0]),
    .inputs = inputs,
    .n_inputs = sizeof(inputs) / sizeof(inputs[0]),
    .output_kind = "split",
    .params_size = sizeof(struct params),
    .check = check,
    .run = split,
};

int main(int argc, char **argv) {
    return stage_main(argc, argv, &split_stage);
}
