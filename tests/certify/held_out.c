/* Data sets that differ from a given one in nothing but what was held out:
 *
 *     held_out without|redrawn SEED DATASET SPLIT FOLDER
 *
 * writes FOLDER/dataset.art and FOLDER/split.art.
 *
 * without: the ratings of role test are gone.
 *
 * redrawn: each is of another movie, drawn by lot among those that are not known of the user, with
 * its rating turned upside down; without candidates, which were drawn for the old movies. Where
 * whole movies are held out (candidates = held-out), among these: the user's targets and candidates
 * are dealt anew.
 *
 * Users, movies, tags and all other ratings stay as they are, in their places, so whatever is
 * fitted for the evaluation must come out the same to the last byte. */
#include "common/artifact/artifact.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/data/ratings.h"
#include "common/data/roles.h"
#include "common/data/view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is held out of one data set. */
struct task {
    struct artifact *dataset, *split;
    struct ratings ratings;
    uint8_t *role;         /* [ratings.count] */
    uint64_t *test_offset; /* [n_users + 1] */
    uint32_t *test_movie;
    float *test_rating;
    uint64_t n_tests;
    uint64_t *candidate_offset; /* [n_users + 1], only where whole movies are held out */
    uint32_t *candidate_movie;
    uint64_t n_candidates;
};

static void task_release(struct task *t) {
    artifact_close(t->dataset);
    artifact_close(t->split);
    ratings_release(&t->ratings);
    mem_free(t->role);
    mem_free(t->test_offset);
    mem_free(t->test_movie);
    mem_free(t->test_rating);
    mem_free(t->candidate_offset);
    mem_free(t->candidate_movie);
}

static enum status load_candidates(struct task *t, struct error *err) {
    const char *candidates = "";
    uint64_t users = (uint64_t)t->ratings.n_users + 1;
    TRY(artifact_get_str(t->split, "candidates", &candidates, err));
    if (strcmp(candidates, "held-out") != 0) return STATUS_OK;
    TRY(artifact_read(t->split, "candidate.offset", DTYPE_U64, users, &t->candidate_offset, err));
    t->n_candidates = t->candidate_offset[users - 1];
    return artifact_read(t->split, "candidate.movie", DTYPE_U32, t->n_candidates,
                         &t->candidate_movie, err);
}

static enum status load(struct task *t, const char *dataset, const char *split, struct error *err) {
    TRY(artifact_open(&t->dataset, dataset, "dataset", err));
    TRY(artifact_open(&t->split, split, "split", err));
    TRY(ratings_read(&t->ratings, t->dataset, err));
    TRY(roles_load(&t->role, t->split, t->ratings.count, err));
    uint64_t users = (uint64_t)t->ratings.n_users + 1;
    TRY(artifact_read(t->split, "test.offset", DTYPE_U64, users, &t->test_offset, err));
    t->n_tests = t->test_offset[users - 1];
    TRY(artifact_read(t->split, "test.movie", DTYPE_U32, t->n_tests, &t->test_movie, err));
    TRY(artifact_read(t->split, "test.rating", DTYPE_F32, t->n_tests, &t->test_rating, err));
    return load_candidates(t, err);
}

/* ---- the two changes ---- */

static void leave_out(struct task *t) {
    struct ratings *r = &t->ratings;
    uint64_t kept = 0, first = 0;
    for (uint32_t u = 0; u < r->n_users; u++) {
        uint64_t end = r->offset[u + 1];
        for (uint64_t i = first; i < end; i++) {
            if (t->role[i] == ROLE_TEST) continue;
            r->movie[kept] = r->movie[i];
            r->value[kept] = r->value[i];
            r->time[kept] = r->time[i];
            t->role[kept++] = t->role[i];
        }
        first = end;
        r->offset[u + 1] = kept;
    }
    r->count = kept;
}

/* Marks all movies but the user's targets and candidates. */
static void mark_others(const struct task *t, uint32_t user, uint8_t *taken) {
    memset(taken, 1, t->ratings.n_movies);
    for (uint64_t i = t->test_offset[user]; i < t->test_offset[user + 1]; i++) {
        taken[t->test_movie[i]] = 0;
    }
    for (uint64_t i = t->candidate_offset[user]; i < t->candidate_offset[user + 1]; i++) {
        taken[t->candidate_movie[i]] = 0;
    }
}

/* Marks what is known of the user, as evaluate does: all but test and left-out. */
static void mark_known(const struct task *t, uint32_t user, uint8_t *taken) {
    memset(taken, 0, t->ratings.n_movies);
    for (uint64_t i = t->ratings.offset[user]; i < t->ratings.offset[user + 1]; i++) {
        if (t->role[i] != ROLE_TEST && t->role[i] != ROLE_LEFT_OUT) taken[t->ratings.movie[i]] = 1;
    }
}

/* A movie that is not taken; UINT32_MAX if all are. */
static uint32_t draw(struct rng *rng, const uint8_t *taken, uint32_t n_movies) {
    uint32_t free_movies = 0;
    for (uint32_t m = 0; m < n_movies; m++) {
        free_movies += !taken[m];
    }
    if (free_movies == 0) return UINT32_MAX;
    uint32_t number = rng_below(rng, free_movies), m = 0;
    while (taken[m] || number-- > 0) {
        m++;
    }
    return m;
}

/* Gives each test movie of the user another one, the same wherever it occurs. */
static void redraw_user(struct task *t, uint32_t user, uint64_t seed, uint8_t *taken,
                        uint32_t *replaced) {
    struct ratings *r = &t->ratings;
    struct rng rng = rng_keyed(seed, "certify.redraw", 0, user);
    if (t->candidate_offset != NULL) {
        mark_others(t, user, taken);
    } else {
        mark_known(t, user, taken);
    }
    for (uint64_t i = t->test_offset[user]; i < t->test_offset[user + 1]; i++) {
        uint32_t *movie = &t->test_movie[i];
        if (replaced[*movie] == UINT32_MAX) {
            uint32_t drawn = draw(&rng, taken, r->n_movies);
            replaced[*movie] = drawn != UINT32_MAX ? drawn : *movie;
            taken[replaced[*movie]] = 1;
        }
    }
    for (uint64_t i = r->offset[user]; i < r->offset[user + 1]; i++) {
        if (t->role[i] != ROLE_TEST || replaced[r->movie[i]] == UINT32_MAX) continue;
        r->movie[i] = replaced[r->movie[i]];
        r->value[i] = (uint8_t)(11 - r->value[i]);
    }
}

/* What is left after the draws are the candidates; as many as before. */
static void deal_candidates(struct task *t, uint32_t user, const uint8_t *taken) {
    uint64_t at = t->candidate_offset[user], end = t->candidate_offset[user + 1];
    for (uint32_t m = 0; m < t->ratings.n_movies && at < end; m++) {
        if (!taken[m]) t->candidate_movie[at++] = m;
    }
}

static enum status redraw(struct task *t, uint64_t seed, struct error *err) {
    MEM_AUTO uint8_t *taken = NULL;
    MEM_AUTO uint32_t *replaced = NULL;
    TRY(MEM_NEW(&taken, t->ratings.n_movies, err));
    TRY(MEM_NEW(&replaced, t->ratings.n_movies, err));
    memset(replaced, 0xff, t->ratings.n_movies * sizeof(*replaced));
    for (uint32_t u = 0; u < t->ratings.n_users; u++) {
        redraw_user(t, u, seed, taken, replaced);
        if (t->candidate_offset != NULL) deal_candidates(t, u, taken);
        for (uint64_t i = t->test_offset[u]; i < t->test_offset[u + 1]; i++) {
            uint32_t old = t->test_movie[i];
            t->test_movie[i] = replaced[old];
            t->test_rating[i] = 5.5F - t->test_rating[i];
        }
        memset(replaced, 0xff, t->ratings.n_movies * sizeof(*replaced));
    }
    return STATUS_OK;
}

/* ---- writing ---- */

static enum status copy_column(struct artifact_writer *w, const struct artifact *a,
                               const struct column_info *c, struct error *err) {
    if (c->dtype == DTYPE_STR) {
        struct strings text = {0};
        enum status status = artifact_read_strings(a, c->name, c->count, &text, err);
        if (status == STATUS_OK) status = artifact_add_strings(w, c->name, &text, err);
        strings_release(&text);
        return status;
    }
    MEM_AUTO void *values = NULL;
    TRY(artifact_read(a, c->name, c->dtype, c->count, &values, err));
    return artifact_add(w, c->name, c->dtype, c->n_dims, c->shape, values, err);
}

/* Every column whose name does not begin with one of the texts. */
static enum status copy_columns(struct artifact_writer *w, const struct artifact *a,
                                const char *const *without, size_t n, struct error *err) {
    for (size_t i = 0; i < artifact_n_columns(a); i++) {
        const struct column_info *c = artifact_column_at(a, i);
        bool left_out = false;
        for (size_t k = 0; k < n; k++) {
            left_out |= strncmp(c->name, without[k], strlen(without[k])) == 0;
        }
        if (!left_out) TRY(copy_column(w, a, c, err));
    }
    return STATUS_OK;
}

static enum status copy_meta(struct artifact_writer *w, const struct artifact *a, const char *less,
                             struct error *err) {
    for (size_t i = 0; i < artifact_n_meta(a); i++) {
        struct meta m = artifact_meta_at(a, i);
        if (less != NULL && strncmp(m.key, less, strlen(less)) == 0) continue;
        if (m.type == META_I64) TRY(artifact_set_i64(w, m.key, m.i64, err));
        if (m.type == META_F64) TRY(artifact_set_f64(w, m.key, m.f64, err));
        if (m.type == META_STR) TRY(artifact_set_str(w, m.key, m.str, err));
    }
    return STATUS_OK;
}

static enum status fill_dataset(struct artifact_writer *w, struct task *t, struct error *err) {
    static const char *const own[] = {"rating.", "by_movie."};
    struct ratings *r = &t->ratings;
    TRY(artifact_set_lineage(w, artifact_lineage(t->dataset), err));
    TRY(copy_meta(w, t->dataset, NULL, err));
    TRY(copy_columns(w, t->dataset, own, 2, err));
    TRY(ratings_index_by_movie(r, err));
    uint64_t users = (uint64_t)r->n_users + 1, movies = (uint64_t)r->n_movies + 1;
    TRY(artifact_add_1d(w, "rating.offset", DTYPE_U64, users, r->offset, err));
    TRY(artifact_add_1d(w, "rating.movie", DTYPE_U32, r->count, r->movie, err));
    TRY(artifact_add_1d(w, "rating.value", DTYPE_U8, r->count, r->value, err));
    TRY(artifact_add_1d(w, "rating.time", DTYPE_I64, r->count, r->time, err));
    TRY(artifact_add_1d(w, "by_movie.offset", DTYPE_U64, movies, r->by_movie_offset, err));
    TRY(artifact_add_1d(w, "by_movie.user", DTYPE_U32, r->count, r->by_movie_user, err));
    return artifact_add_1d(w, "by_movie.rating", DTYPE_U64, r->count, r->by_movie_rating, err);
}

/* The ids of the views are computed anew: what is visible must give the old ones. */
static enum status set_views(struct artifact_writer *w, const struct task *t,
                             const struct artifact *dataset, struct error *err) {
    for (unsigned v = VIEW_FIT; v <= VIEW_ALL; v++) {
        struct digest id;
        char key[16], text[DIGEST_TEXT_SIZE];
        TRY(view_id(&id, dataset, t->role, (enum view)v, err));
        (void)snprintf(key, sizeof(key), "view_id.%s", view_name((enum view)v));
        digest_text(&id, text);
        TRY(artifact_set_str(w, key, text, err));
    }
    return STATUS_OK;
}

static enum status set_lineage(struct artifact_writer *w, const struct task *t,
                               const struct artifact *dataset, struct error *err) {
    struct lineage lineage = *artifact_lineage(t->split);
    MEM_AUTO struct lineage_input *input = NULL;
    TRY(MEM_NEW(&input, lineage.n_inputs, err));
    for (size_t i = 0; i < lineage.n_inputs; i++) {
        input[i] = lineage.inputs[i];
        if (strcmp(input[i].kind, "dataset") == 0) input[i].id = artifact_content_id(dataset);
    }
    lineage.inputs = input;
    return artifact_set_lineage(w, &lineage, err);
}

static enum status fill_split(struct artifact_writer *w, const struct task *t, bool redrawn,
                              const struct artifact *dataset, struct error *err) {
    static const char *const own[] = {"role", "test.movie", "test.rating", "candidate."};
    uint64_t users = (uint64_t)t->ratings.n_users + 1;
    TRY(set_lineage(w, t, dataset, err));
    TRY(copy_meta(w, t->split, "view_id.", err));
    TRY(set_views(w, t, dataset, err));
    TRY(copy_columns(w, t->split, own, redrawn ? 4 : 3, err));
    TRY(artifact_add_1d(w, "role", DTYPE_U8, t->ratings.count, t->role, err));
    if (redrawn && t->candidate_offset != NULL) {
        TRY(artifact_add_1d(w, "candidate.offset", DTYPE_U64, users, t->candidate_offset, err));
        TRY(artifact_add_1d(w, "candidate.movie", DTYPE_U32, t->n_candidates, t->candidate_movie,
                            err));
    }
    TRY(artifact_add_1d(w, "test.movie", DTYPE_U32, t->n_tests, t->test_movie, err));
    return artifact_add_1d(w, "test.rating", DTYPE_F32, t->n_tests, t->test_rating, err);
}

static enum status write(struct task *t, bool redrawn, const char *folder, struct error *err) {
    AUTO(buf) struct buf path = {0};
    struct artifact_writer *w = NULL;
    struct artifact *dataset = NULL;
    TRY(buf_printf(&path, err, "%s/dataset.art", folder));
    TRY(artifact_create(&w, path.data, "dataset", err));
    enum status status = fill_dataset(w, t, err);
    if (status != STATUS_OK) {
        artifact_abandon(w);
        return status;
    }
    TRY(artifact_commit(w, err));
    TRY(artifact_open(&dataset, path.data, "dataset", err));
    buf_clear(&path);
    status = buf_printf(&path, err, "%s/split.art", folder);
    if (status == STATUS_OK) status = artifact_create(&w, path.data, "split", err);
    if (status == STATUS_OK) {
        status = fill_split(w, t, redrawn, dataset, err);
        if (status != STATUS_OK) artifact_abandon(w);
        if (status == STATUS_OK) status = artifact_commit(w, err);
    }
    artifact_close(dataset);
    return status;
}

static enum status change(const char *how, const char *seed, const char *dataset, const char *split,
                          const char *folder, struct error *err) {
    AUTO(task) struct task t = {0};
    uint64_t held_out = 0;
    bool redrawn = strcmp(how, "redrawn") == 0;
    TRY(load(&t, dataset, split, err));
    for (uint64_t i = 0; i < t.ratings.count; i++) {
        held_out += t.role[i] == ROLE_TEST;
    }
    if (redrawn) {
        TRY(redraw(&t, strtoull(seed, NULL, 10), err));
    } else {
        leave_out(&t);
    }
    TRY(write(&t, redrawn, folder, err));
    printf("%" PRIu64 "\n", held_out);
    return STATUS_OK;
}

int main(int argc, char **argv) {
    struct error err = {0};
    if (argc != 6 || (strcmp(argv[1], "without") != 0 && strcmp(argv[1], "redrawn") != 0)) {
        fprintf(stderr, "usage: held_out without|redrawn SEED DATASET SPLIT FOLDER\n");
        return STATUS_USAGE;
    }
    if (change(argv[1], argv[2], argv[3], argv[4], argv[5], &err) != STATUS_OK) {
        fprintf(stderr, "held_out: %s\n", err.text);
    }
    return (int)err.status;
}
