/* split: gives every rating its role and every user the candidates to be ranked. */
#include "common/base/mem.h"
#include "common/stage/stage.h"
#include "stages/split/protocol.h"
#include "stages/split/result.h"
#include "stages/split/targets.h"

#include <string.h>

struct params {
    const char *protocol, *history, *missing;
    const char *test_file, *valid_file, *candidates_file;
    double fraction, rank_fraction, valid_fraction;
    int64_t users, rank_last, negatives;
};

#define TARGET(member) OPTION_TARGET(struct params, member)

static const struct option_spec options[] = {
    {.name = "protocol",
     .type = OPTION_TEXT,
     .offset = TARGET(protocol),
     .default_value = "leave-one-out",
     .help = "leave-one-out, random[:FRACTION], temporal[:FRACTION], users[:N], given"},
    {.name = "fraction",
     .type = OPTION_REAL,
     .offset = TARGET(fraction),
     .default_value = "0.1",
     .min = 0.0001,
     .max = 0.99,
     .help = "random, temporal: share of the ratings to test"},
    {.name = "users",
     .type = OPTION_INT,
     .offset = TARGET(users),
     .default_value = "500",
     .min = 1,
     .max = 4e9,
     .help = "users: number of users held out"},
    {.name = "rank-last",
     .type = OPTION_INT,
     .offset = TARGET(rank_last),
     .default_value = "5",
     .min = 0,
     .max = 1e6,
     .help = "ratings per user that the ranker learns from (role rank)"},
    {.name = "rank-fraction",
     .type = OPTION_REAL,
     .offset = TARGET(rank_fraction),
     .default_value = "0.1",
     .min = 0,
     .max = 0.5,
     .help = "random, temporal: share of the training ratings for role rank"},
    {.name = "valid-fraction",
     .type = OPTION_REAL,
     .offset = TARGET(valid_fraction),
     .default_value = "0.05",
     .min = 0,
     .max = 0.4,
     .help = "random, temporal: share of the training ratings for role valid"},
    {.name = "negatives",
     .type = OPTION_INT,
     .offset = TARGET(negatives),
     .default_value = "99",
     .min = 0,
     .max = 1e6,
     .help = "candidates drawn per user; 0 = whole catalogue only"},
    {.name = "history",
     .type = OPTION_CHOICE,
     .offset = TARGET(history),
     .default_value = "auto",
     .choices = "auto|prefix|all",
     .help = "what is known of a user: ratings before, or all (auto: by protocol)"},
    {.name = "missing",
     .type = OPTION_CHOICE,
     .offset = TARGET(missing),
     .default_value = "error",
     .choices = "error|allow",
     .help = "given: pairs of a file that are no ratings"},
    {.name = "test-file",
     .type = OPTION_TEXT,
     .effect = OPTION_RUNTIME,
     .offset = TARGET(test_file),
     .help = "given: CSV userId,movieId[,rating[,timestamp]]"},
    {.name = "valid-file",
     .type = OPTION_TEXT,
     .effect = OPTION_RUNTIME,
     .offset = TARGET(valid_file),
     .help = "given: the same for role valid (default: by order)"},
    {.name = "candidates-file",
     .type = OPTION_TEXT,
     .effect = OPTION_RUNTIME,
     .offset = TARGET(candidates_file),
     .help = "given: CSV userId,movieId,movieId,..."},
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

static enum status read_protocol(struct protocol *out, const struct params *p, uint64_t seed,
                                 struct error *err) {
    *out = (struct protocol){.fraction = p->fraction,
                             .users = (uint32_t)p->users,
                             .rank_last = (uint32_t)p->rank_last,
                             .rank_fraction = p->rank_fraction,
                             .valid_fraction = p->valid_fraction,
                             .seed = seed};
    TRY(protocol_parse(out, p->protocol, err));
    if (strcmp(p->history, "prefix") == 0) out->history = HISTORY_PREFIX;
    if (strcmp(p->history, "all") == 0) out->history = HISTORY_ALL;
    return check_files(p, out, err);
}

/* Reads the files of protocol given: marks roles, fills targets and candidates. */
static enum status take_given(struct result *r, struct stage_run *run, const struct params *p,
                              const struct catalogue *c, struct error *err) {
    AUTO(pairs) struct pairs test = {0}, valid = {0}, candidates = {0};
    bool allow = strcmp(p->missing, "allow") == 0;
    if (is_given(p->valid_file)) {
        TRY(stage_add_file(run, "valid-file", p->valid_file, err));
        TRY(pairs_read(&valid, c, p->valid_file, err));
        TRY(pairs_mark(&valid, &r->ratings, ROLE_VALID, allow, p->valid_file, c, r->role,
                       &r->n_missing, err));
    }
    TRY(stage_add_file(run, "test-file", p->test_file, err));
    TRY(pairs_read(&test, c, p->test_file, err));
    TRY(pairs_mark(&test, &r->ratings, ROLE_TEST, allow, p->test_file, c, r->role, &r->n_missing,
                   err));
    TRY(targets_from_pairs(&r->targets, &test, &r->ratings, err));
    if (!is_given(p->candidates_file)) return STATUS_OK;
    TRY(stage_add_file(run, "candidates-file", p->candidates_file, err));
    TRY(pairs_read_candidates(&candidates, c, p->candidates_file, err));
    r->targets.candidate_offset = candidates.offset;
    r->targets.candidate_movie = candidates.movie;
    candidates.offset = NULL;
    candidates.movie = NULL;
    r->candidates = "given";
    return STATUS_OK;
}

static void count_roles(struct stage_run *run, const struct result *r) {
    static const char *const names[] = {"base", "rank", "valid", "test", "fold-in"};
    uint64_t count[ROLE_FOLD_IN + 1] = {0};
    for (uint64_t i = 0; i < r->ratings.count; i++)
        count[r->role[i]]++;
    for (unsigned role = 0; role <= ROLE_FOLD_IN; role++)
        if (count[role] > 0) stage_count(run, names[role], count[role]);
    stage_count(run, "test users", targets_users(&r->targets));
    if (r->n_missing > 0) stage_count(run, "pairs without rating", r->n_missing);
}

static enum status split(struct stage_run *run, const void *params, struct error *err) {
    const struct params *p = params;
    const struct artifact *dataset = stage_input(run, "dataset");
    AUTO(catalogue) struct catalogue catalogue = {0};
    AUTO(result) struct result r = {.candidates = "none"};
    struct protocol protocol;
    TRY(read_protocol(&protocol, p, stage_seed(run), err));
    TRY(catalogue_load(&catalogue, dataset, err));
    TRY(ratings_load(&r.ratings, NULL, dataset, NULL, err));
    TRY(MEM_NEW(&r.role, r.ratings.count, err));
    if (protocol.type == PROTOCOL_GIVEN) TRY(take_given(&r, run, p, &catalogue, err));
    TRY(protocol_assign(&protocol, &r.ratings, is_given(p->valid_file), r.role, err));
    if (protocol.type != PROTOCOL_GIVEN)
        TRY(targets_from_roles(&r.targets, &r.ratings, r.role, err));
    if (r.targets.candidate_offset == NULL && p->negatives > 0) {
        TRY(targets_draw_candidates(&r.targets, &r.ratings, (uint32_t)p->negatives, stage_seed(run),
                                    err));
        r.candidates = "sampled";
    }
    TRY(result_write(stage_output(run), dataset, &protocol, &r, err));
    count_roles(run, &r);
    return STATUS_OK;
}

static const struct stage split_stage = {
    .name = "split",
    .version = 1,
    .summary = "gives every rating a role and draws the evaluation candidates",
    .options = options,
    .n_options = sizeof(options) / sizeof(options[0]),
    .inputs = inputs,
    .n_inputs = sizeof(inputs) / sizeof(inputs[0]),
    .output_kind = "split",
    .params_size = sizeof(struct params),
    .run = split,
};

int main(int argc, char **argv) {
    return stage_main(argc, argv, &split_stage);
}
