/* Small hand-made datasets and splits for tests. */
#ifndef MARQUEE_TESTS_DATASET_FIXTURE_H
#define MARQUEE_TESTS_DATASET_FIXTURE_H

#include "common/artifact/artifact.h"
#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/data/view.h"

#include <stdio.h>
#include <string.h>

enum { FIXTURE_MOVIES = 8, FIXTURE_MAX = 64 };

/* By user, in time order; users are numbered from 0, movies too. */
struct fixture_rating {
    uint32_t user, movie;
    uint8_t value;
    int64_t time;
};

struct fixture_tag {
    uint32_t user, movie;
    const char *tag;
    int64_t time;
};

struct fixture {
    const struct fixture_rating *rating;
    size_t n_ratings;
    const struct fixture_tag *tag; /* sorted by movie and time; a tag occurs once */
    size_t n_tags;
    uint32_t n_users;
};

static inline enum status fixture_movies(struct artifact_writer *w, struct error *err) {
    AUTO(strings) struct strings title = {0}, genre = {0};
    uint32_t id[FIXTURE_MOVIES], index[FIXTURE_MOVIES];
    uint16_t year[FIXTURE_MOVIES];
    uint64_t offset[FIXTURE_MOVIES + 1];
    for (uint32_t m = 0; m < FIXTURE_MOVIES; m++) {
        char text[16];
        snprintf(text, sizeof(text), "Movie %u", m);
        TRY(strings_add(&title, text, err));
        id[m] = 10 * (m + 1);
        year[m] = (uint16_t)(1990 + m);
        offset[m] = m;
        index[m] = m % 2;
    }
    offset[FIXTURE_MOVIES] = FIXTURE_MOVIES;
    TRY(strings_add(&genre, "Comedy", err));
    TRY(strings_add(&genre, "Drama", err));
    TRY(artifact_add_1d(w, "movie.id", DTYPE_U32, FIXTURE_MOVIES, id, err));
    TRY(artifact_add_strings(w, "movie.title", &title, err));
    TRY(artifact_add_1d(w, "movie.year", DTYPE_U16, FIXTURE_MOVIES, year, err));
    TRY(artifact_add_strings(w, "genre.name", &genre, err));
    TRY(artifact_add_1d(w, "genre.offset", DTYPE_U64, FIXTURE_MOVIES + 1, offset, err));
    return artifact_add_1d(w, "genre.index", DTYPE_U32, FIXTURE_MOVIES, index, err);
}

static inline enum status fixture_tags(struct artifact_writer *w, const struct fixture *f,
                                       struct error *err) {
    AUTO(strings) struct strings name = {0};
    uint32_t user[FIXTURE_MAX], movie[FIXTURE_MAX], index[FIXTURE_MAX];
    int64_t time[FIXTURE_MAX];
    for (size_t i = 0; i < f->n_tags; i++) {
        user[i] = f->tag[i].user;
        movie[i] = f->tag[i].movie;
        time[i] = f->tag[i].time;
        index[i] = 0;
        for (size_t k = 0; k < f->n_tags; k++)
            index[i] += strcmp(f->tag[k].tag, f->tag[i].tag) < 0;
    }
    for (size_t next = 0; next < f->n_tags; next++) {
        for (size_t i = 0; i < f->n_tags; i++)
            if (index[i] == next) TRY(strings_add(&name, f->tag[i].tag, err));
    }
    TRY(artifact_add_strings(w, "tag.name", &name, err));
    TRY(artifact_add_1d(w, "tag.user", DTYPE_U32, f->n_tags, user, err));
    TRY(artifact_add_1d(w, "tag.movie", DTYPE_U32, f->n_tags, movie, err));
    TRY(artifact_add_1d(w, "tag.index", DTYPE_U32, f->n_tags, index, err));
    return artifact_add_1d(w, "tag.time", DTYPE_I64, f->n_tags, time, err);
}

/* The same ratings by movie; users ascend by themselves. */
static inline enum status fixture_by_movie(struct artifact_writer *w, const struct fixture *f,
                                           struct error *err) {
    uint64_t offset[FIXTURE_MOVIES + 1] = {0}, rating[FIXTURE_MAX] = {0}, at = 0;
    uint32_t user[FIXTURE_MAX] = {0};
    for (uint32_t m = 0; m < FIXTURE_MOVIES; m++) {
        for (size_t i = 0; i < f->n_ratings; i++) {
            if (f->rating[i].movie != m) continue;
            user[at] = f->rating[i].user;
            rating[at++] = i;
        }
        offset[m + 1] = at;
    }
    TRY(artifact_add_1d(w, "by_movie.offset", DTYPE_U64, FIXTURE_MOVIES + 1, offset, err));
    TRY(artifact_add_1d(w, "by_movie.user", DTYPE_U32, f->n_ratings, user, err));
    return artifact_add_1d(w, "by_movie.rating", DTYPE_U64, f->n_ratings, rating, err);
}

static inline enum status fixture_ratings(struct artifact_writer *w, const struct fixture *f,
                                          struct error *err) {
    uint32_t user_id[FIXTURE_MAX], movie[FIXTURE_MAX];
    uint64_t offset[FIXTURE_MAX] = {0};
    uint8_t value[FIXTURE_MAX];
    int64_t time[FIXTURE_MAX];
    for (uint32_t u = 0; u < f->n_users; u++)
        user_id[u] = 100 + u;
    for (size_t i = 0; i < f->n_ratings; i++) {
        movie[i] = f->rating[i].movie;
        value[i] = f->rating[i].value;
        time[i] = f->rating[i].time;
        for (uint32_t u = f->rating[i].user; u < f->n_users; u++)
            offset[u + 1]++;
    }
    TRY(artifact_add_1d(w, "user.id", DTYPE_U32, f->n_users, user_id, err));
    TRY(artifact_add_1d(w, "rating.offset", DTYPE_U64, f->n_users + 1, offset, err));
    TRY(artifact_add_1d(w, "rating.movie", DTYPE_U32, f->n_ratings, movie, err));
    TRY(artifact_add_1d(w, "rating.value", DTYPE_U8, f->n_ratings, value, err));
    TRY(artifact_add_1d(w, "rating.time", DTYPE_I64, f->n_ratings, time, err));
    return fixture_by_movie(w, f, err);
}

/* Writes and opens a dataset artifact; users' raw ids are 100, 101, ..., movies' 10, 20, ...
 * `order` is its metadata of that name ("time", "none"), NULL for none. */
static inline enum status fixture_dataset_of_order(struct artifact **out, const char *path,
                                                   const struct fixture *f, const char *order,
                                                   struct error *err) {
    struct artifact_writer *w = NULL;
    struct strings none = {0};
    TRY(artifact_create(&w, path, "dataset", err));
    enum status status = fixture_movies(w, err);
    if (status == STATUS_OK) status = fixture_tags(w, f, err);
    if (status == STATUS_OK) status = fixture_ratings(w, f, err);
    if (status == STATUS_OK) status = artifact_add_strings(w, "source.name", &none, err);
    if (status == STATUS_OK) status = artifact_add_strings(w, "source.hash", &none, err);
    if (status == STATUS_OK && order != NULL) status = artifact_set_str(w, "order", order, err);
    if (status != STATUS_OK) {
        artifact_abandon(w);
        return status;
    }
    TRY(artifact_commit(w, err));
    return artifact_open(out, path, "dataset", err);
}

static inline enum status fixture_dataset(struct artifact **out, const char *path,
                                          const struct fixture *f, struct error *err) {
    return fixture_dataset_of_order(out, path, f, NULL, err);
}

static inline enum status fixture_made_from(struct artifact_writer *w,
                                            const struct artifact *dataset, struct error *err) {
    const struct lineage_input input = {"dataset", "dataset", artifact_content_id(dataset)};
    const struct lineage lineage = {
        .stage = "fixture", .view = "", .params = "", .inputs = &input, .n_inputs = 1};
    return artifact_set_lineage(w, &lineage, err);
}

/* Writes and opens a split with these roles, one target (the first user's, movie
 * FIXTURE_MOVIES - 1), and the view ids that belong to it. */
static inline enum status fixture_split(struct artifact **out, const char *path,
                                        const struct artifact *dataset, const uint8_t *role,
                                        size_t n_ratings, uint32_t n_users, const char *history,
                                        struct error *err) {
    struct artifact_writer *w = NULL;
    uint64_t offset[FIXTURE_MAX] = {0};
    const uint32_t movie = FIXTURE_MOVIES - 1;
    const float rating = 4;
    const int64_t time = 5000;
    for (uint32_t u = 0; u < n_users; u++)
        offset[u + 1] = 1;
    TRY(artifact_create(&w, path, "split", err));
    TRY(artifact_add_1d(w, "role", DTYPE_U8, n_ratings, role, err));
    TRY(artifact_add_1d(w, "test.offset", DTYPE_U64, n_users + 1, offset, err));
    TRY(artifact_add_1d(w, "test.movie", DTYPE_U32, 1, &movie, err));
    TRY(artifact_add_1d(w, "test.rating", DTYPE_F32, 1, &rating, err));
    TRY(artifact_add_1d(w, "test.time", DTYPE_I64, 1, &time, err));
    TRY(artifact_set_str(w, "history", history, err));
    TRY(fixture_made_from(w, dataset, err));
    for (unsigned v = VIEW_FIT; v <= VIEW_ALL; v++) {
        struct digest id;
        char key[16], text[DIGEST_TEXT_SIZE];
        TRY(view_id(&id, dataset, role, (enum view)v, err));
        snprintf(key, sizeof(key), "view_id.%s", view_name((enum view)v));
        digest_text(&id, text);
        TRY(artifact_set_str(w, key, text, err));
    }
    TRY(artifact_commit(w, err));
    return artifact_open(out, path, "split", err);
}

#endif
