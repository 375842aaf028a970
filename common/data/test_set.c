#include "common/data/test_set.h"

#include "common/base/mem.h"
#include "common/data/column.h"

static enum status read_candidates(struct test_set *t, const struct artifact *a, uint32_t n_movies,
                                   struct error *err) {
    uint64_t count = 0;
    TRY(column_count(a, "candidate.movie", &count, err));
    TRY(artifact_read(a, "candidate.offset", DTYPE_U64, (uint64_t)t->n_users + 1,
                      &t->candidate_offset, err));
    TRY(artifact_read(a, "candidate.movie", DTYPE_U32, count, &t->candidate_movie, err));
    return column_check_indices(a, "candidate.movie", t->candidate_movie, count, n_movies, err);
}

static enum status load_test_set(struct test_set *t, const struct artifact *a,
                                 const struct ratings *ratings, struct error *err) {
    uint64_t rows = (uint64_t)ratings->n_users + 1, count = 0;
    TRY(column_count(a, "test.movie", &count, err));
    t->n_users = ratings->n_users;
    TRY(artifact_read(a, "test.offset", DTYPE_U64, rows, &t->offset, err));
    TRY(artifact_read(a, "test.movie", DTYPE_U32, count, &t->movie, err));
    TRY(artifact_read(a, "test.rating", DTYPE_F32, count, &t->rating, err));
    TRY(artifact_read(a, "test.time", DTYPE_I64, count, &t->time, err));
    TRY(column_check_indices(a, "test.movie", t->movie, count, ratings->n_movies, err));
    if (artifact_column(a, "candidate.offset") == NULL) return STATUS_OK;
    return read_candidates(t, a, ratings->n_movies, err);
}

enum status test_set_load(struct test_set *out, const struct artifact *split,
                          const struct ratings *ratings, struct error *err) {
    *out = (struct test_set){0};
    enum status status = load_test_set(out, split, ratings, err);
    if (status != STATUS_OK) test_set_release(out);
    return status;
}

void test_set_release(struct test_set *t) {
    mem_free(t->offset);
    mem_free(t->movie);
    mem_free(t->rating);
    mem_free(t->time);
    mem_free(t->candidate_offset);
    mem_free(t->candidate_movie);
    *t = (struct test_set){0};
}

enum status test_lists(struct test_list **out, size_t *count, const struct test_set *t, bool each,
                       struct error *err) {
    *count = 0;
    TRY(MEM_NEW(out, each ? t->offset[t->n_users] : t->n_users, err));
    for (uint32_t u = 0; u < t->n_users; u++) {
        const uint64_t end = t->offset[u + 1];
        for (uint64_t first = t->offset[u]; first < end; first = (*out)[*count - 1].end) {
            (*out)[(*count)++] = (struct test_list){u, first, each ? first + 1 : end};
        }
    }
    return STATUS_OK;
}
