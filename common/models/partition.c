#include "common/models/partition.h"

#include "common/base/interrupt.h"
#include "common/base/mem.h"
#include "common/base/ranks.h"

#include <string.h>

/* ---- which process has which users ---- */

/* The first user of a part. */
static uint32_t part_start(uint32_t n_users, size_t part) {
    return (uint32_t)((uint64_t)n_users * part / PARTITION_BLOCKS);
}

/* The first part of a process. */
static size_t first_part(size_t rank) {
    return PARTITION_BLOCKS * rank / ranks_count();
}

static void move_down(struct ratings *r, uint64_t from, uint64_t count) {
    memmove(r->movie, r->movie + from, count * sizeof(*r->movie));
    memmove(r->value, r->value + from, count * sizeof(*r->value));
    memmove(r->time, r->time + from, count * sizeof(*r->time));
}

enum status partition_cut(struct ratings *ratings, struct error *err) {
    if (ranks_count() == 1) return STATUS_OK;
    if (ranks_count() > PARTITION_BLOCKS) {
        return error_set(err, STATUS_USAGE, "%zu processes, but there may be %d at most",
                         ranks_count(), PARTITION_BLOCKS);
    }
    uint32_t first = part_start(ratings->n_users, first_part(ranks_self()));
    uint32_t end = part_start(ratings->n_users, first_part(ranks_self() + 1));
    uint64_t from = ratings->offset[first];
    ratings->count = ratings->offset[end] - from;
    move_down(ratings, from, ratings->count);
    for (uint32_t user = first; user <= end; user++) {
        ratings->offset[user - first] = ratings->offset[user] - from;
    }
    ratings->n_users = end - first;
    mem_free(ratings->by_movie_offset);
    mem_free(ratings->by_movie_user);
    mem_free(ratings->by_movie_rating);
    ratings->by_movie_offset = NULL;
    ratings->by_movie_user = NULL;
    ratings->by_movie_rating = NULL;
    return ratings_index_by_movie(ratings, err);
}

enum status partition_make(struct partition *out, const struct ratings *ratings,
                           struct error *err) {
    double total = ratings->n_users;
    TRY(ranks_sum(&total, 1, err));
    *out = (struct partition){.n_users = (uint32_t)total};
    size_t first = first_part(ranks_self()), end = first_part(ranks_self() + 1);
    uint32_t start = part_start(out->n_users, first);
    out->n_blocks = (uint32_t)(end - first);
    for (size_t part = first; part <= end; part++) {
        out->bound[part - first] = part_start(out->n_users, part) - start;
    }
    return STATUS_OK;
}

enum status partition_movie_counts(double **out, const struct ratings *ratings, struct error *err) {
    TRY(MEM_NEW(out, ratings->n_movies, err));
    for (uint32_t i = 0; i < ratings->n_movies; i++) {
        (*out)[i] = (double)(ratings->by_movie_offset[i + 1] - ratings->by_movie_offset[i]);
    }
    return ranks_sum(*out, ratings->n_movies, err);
}

/* ---- movies ---- */

/* A batch of movies, `each` of them per process. */
struct batch {
    const struct partition *share;
    const struct ratings *ratings;
    const struct partition_solver *solver;
    const void *context;
    size_t each, first; /* the movies first .. first + each * processes - 1 */
    double *sums;       /* [each * processes, n_sums] */
    float *result;      /* [each * processes, width] */
};

static void batch_release(struct batch *b) {
    mem_free(b->sums);
    mem_free(b->result);
    *b = (struct batch){0};
}

/* Movies per process: enough to keep its threads busy, but no more than 64 MiB of sums. */
static enum status batch_alloc(struct batch *b, struct error *err) {
    enum { ROWS = 1024, FLOATS = 8 << 20 };
    size_t rows = FLOATS / b->solver->n_sums < ROWS ? FLOATS / b->solver->n_sums : ROWS;
    b->each = rows / ranks_count() + 1;
    TRY(mem_alloc(&b->sums, b->each * ranks_count(), b->solver->n_sums * sizeof(double), err));
    return mem_alloc(&b->result, b->each * ranks_count(), b->solver->width * sizeof(float), err);
}

/* The sums of one movie, one part of the users after the other. */
static enum status add_movie(const void *context, size_t row, struct als_work *work,
                             struct error *err) {
    (void)err;
    const struct batch *b = context;
    const struct ratings *r = b->ratings;
    double *sums = b->sums + row * b->solver->n_sums;
    memset(sums, 0, b->solver->n_sums * sizeof(*sums));
    size_t movie = b->first + row;
    if (movie >= r->n_movies) return STATUS_OK;
    uint64_t at = r->by_movie_offset[movie], end = r->by_movie_offset[movie + 1];
    for (uint32_t part = 1; part <= b->share->n_blocks && at < end; part++) {
        uint64_t from = at;
        while (at < end && r->by_movie_user[at] < b->share->bound[part]) {
            at++;
        }
        if (at > from) b->solver->add(b->context, from, at, work, sums);
    }
    return STATUS_OK;
}

static enum status finish_movie(const void *context, size_t k, struct als_work *work,
                                struct error *err) {
    const struct batch *b = context;
    size_t row = ranks_self() * b->each + k, movie = b->first + row;
    if (movie >= b->ratings->n_movies) return STATUS_OK;
    return b->solver->finish(b->context, (uint32_t)movie, b->sums + row * b->solver->n_sums, work,
                             b->result + row * b->solver->width, err);
}

enum status partition_solve_movies(const struct partition *s, const struct ratings *ratings,
                                   const struct partition_solver *solver, const void *context,
                                   struct error *err) {
    AUTO(batch) struct batch b = {s, ratings, solver, context, 0, 0, NULL, NULL};
    TRY(batch_alloc(&b, err));
    size_t rows = b.each * ranks_count();
    for (; b.first < ratings->n_movies; b.first += rows) {
        TRY(als_blocks_solve(rows, solver->work_size, add_movie, &b, err));
        TRY(ranks_sum_rows(b.sums, b.each * solver->n_sums, err));
        TRY(als_blocks_solve(b.each, solver->work_size, finish_movie, &b, err));
        TRY(ranks_share_rows(b.result, b.each * solver->width, err));
        for (size_t k = 0; k < rows && b.first + k < ratings->n_movies; k++) {
            solver->keep(context, (uint32_t)(b.first + k), b.result + k * solver->width);
        }
    }
    return STATUS_OK;
}

enum status partition_gram(float *gram, const struct partition *s, const float *factor, size_t dim,
                           double alpha0, struct error *err) {
    MEM_AUTO double *sum = NULL;
    TRY(MEM_NEW(&sum, dim * dim, err));
    for (uint32_t part = 0; part < s->n_blocks; part++) {
        als_gram(gram, factor + s->bound[part] * dim, s->bound[part + 1] - s->bound[part], dim,
                 alpha0);
        for (size_t k = 0; k < dim * dim; k++) {
            sum[k] += (double)gram[k];
        }
    }
    TRY(ranks_sum(sum, dim * dim, err));
    for (size_t k = 0; k < dim * dim; k++) {
        gram[k] = (float)sum[k];
    }
    return STATUS_OK;
}

/* ---- rows ---- */

enum status partition_sum_rows(float *rows, uint32_t first, uint32_t count, size_t n,
                               partition_adder add, const void *context, struct error *err) {
    enum { PIECE = 128 };
    MEM_AUTO double *sums = NULL;
    TRY(mem_alloc(&sums, PIECE * n, sizeof(*sums), err));
    for (uint32_t done = 0; done < count; done += PIECE) {
        uint32_t piece = count - done < PIECE ? count - done : PIECE;
        TRY(interrupt_check(err));
#pragma omp parallel for schedule(dynamic, 1)
        for (uint32_t k = 0; k < piece; k++) {
            memset(sums + k * n, 0, n * sizeof(*sums));
            add(context, first + done + k, sums + k * n);
        }
        TRY(ranks_sum_to_first(sums, piece * n, err));
        if (rows == NULL) continue;
#pragma omp parallel for schedule(static)
        for (size_t k = 0; k < piece * n; k++) {
            rows[done * n + k] = (float)sums[k];
        }
    }
    return STATUS_OK;
}
