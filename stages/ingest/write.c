#include "stages/ingest/dataset.h"

#include "common/base/mem.h"
#include "common/data/ratings.h"

static const char *const role_names[N_FILE_ROLES] = {
    [FILE_RATINGS] = "ratings",
    [FILE_MOVIES] = "movies",
    [FILE_USERS] = "users",
    [FILE_LINKS] = "links",
    [FILE_TAGS] = "tags",
    [FILE_REVIEWS] = "reviews",
    [FILE_GENOME_TAGS] = "genome-tags",
    [FILE_GENOME_SCORES] = "genome-scores",
    [FILE_FEEDBACK] = "feedback",
    [FILE_FORGOTTEN] = "forgotten",
};

static enum status write_users(const struct dataset *d, struct artifact_writer *w,
                               struct error *err) {
    uint64_t n = d->users.count;
    TRY(artifact_add_1d(w, "user.id", DTYPE_U32, n, d->users.id, err));
    if (!d->has_users) return STATUS_OK;
    TRY(artifact_add_1d(w, "user.gender", DTYPE_U8, n, d->user_facts.gender, err));
    TRY(artifact_add_1d(w, "user.age", DTYPE_U8, n, d->user_facts.age, err));
    return artifact_add_1d(w, "user.occupation", DTYPE_U8, n, d->user_facts.occupation, err);
}

static enum status write_movies(const struct movies *m, struct artifact_writer *w,
                                struct error *err) {
    uint64_t n = m->map.count, n_genres = m->genre_offset[n];
    TRY(artifact_add_1d(w, "movie.id", DTYPE_U32, n, m->map.id, err));
    TRY(artifact_add_strings(w, "movie.title", &m->title, err));
    TRY(artifact_add_1d(w, "movie.year", DTYPE_U16, n, m->year, err));
    if (m->imdb != NULL) {
        TRY(artifact_add_1d(w, "movie.imdb", DTYPE_U32, n, m->imdb, err));
        TRY(artifact_add_1d(w, "movie.tmdb", DTYPE_U32, n, m->tmdb, err));
    }
    TRY(artifact_add_strings(w, "genre.name", &m->genre.list, err));
    TRY(artifact_add_1d(w, "genre.offset", DTYPE_U64, n + 1, m->genre_offset, err));
    return artifact_add_1d(w, "genre.index", DTYPE_U32, n_genres, m->genre_index, err);
}

static enum status write_tags(const struct tags *t, struct artifact_writer *w, struct error *err) {
    TRY(artifact_add_strings(w, "tag.name", &t->name.list, err));
    TRY(artifact_add_1d(w, "tag.user", DTYPE_U32, t->count, t->user, err));
    TRY(artifact_add_1d(w, "tag.movie", DTYPE_U32, t->count, t->movie, err));
    TRY(artifact_add_1d(w, "tag.index", DTYPE_U32, t->count, t->index, err));
    return artifact_add_1d(w, "tag.time", DTYPE_I64, t->count, t->time, err);
}

static enum status write_reviews(const struct tags *t, struct artifact_writer *w,
                                 struct error *err) {
    TRY(artifact_add_strings(w, "word.name", &t->name.list, err));
    TRY(artifact_add_1d(w, "review.user", DTYPE_U32, t->count, t->user, err));
    TRY(artifact_add_1d(w, "review.movie", DTYPE_U32, t->count, t->movie, err));
    TRY(artifact_add_1d(w, "review.word", DTYPE_U32, t->count, t->index, err));
    return artifact_add_1d(w, "review.time", DTYPE_I64, t->count, t->time, err);
}

static enum status write_genome(const struct genome *g, struct artifact_writer *w,
                                struct error *err) {
    TRY(artifact_add_strings(w, "genome.name", &g->name, err));
    TRY(artifact_add_1d(w, "genome.movie", DTYPE_U32, g->n_movies, g->movie, err));
    return artifact_add_2d(w, "genome.relevance", DTYPE_F32, g->n_movies, g->tag.count,
                           g->relevance, err);
}

static enum status write_ratings(const struct ratings *r, struct artifact_writer *w,
                                 struct error *err) {
    uint64_t n_users = r->n_users, n_movies = r->n_movies;
    TRY(artifact_add_1d(w, "rating.offset", DTYPE_U64, n_users + 1, r->offset, err));
    TRY(artifact_add_1d(w, "rating.movie", DTYPE_U32, r->count, r->movie, err));
    TRY(artifact_add_1d(w, "rating.value", DTYPE_U8, r->count, r->value, err));
    TRY(artifact_add_1d(w, "rating.time", DTYPE_I64, r->count, r->time, err));
    TRY(artifact_add_1d(w, "by_movie.offset", DTYPE_U64, n_movies + 1, r->by_movie_offset, err));
    TRY(artifact_add_1d(w, "by_movie.user", DTYPE_U32, r->count, r->by_movie_user, err));
    return artifact_add_1d(w, "by_movie.rating", DTYPE_U64, r->count, r->by_movie_rating, err);
}

/* Per file: name, hash, and how many rows were taken and skipped. */
static enum status write_sources(const struct dataset *d, const struct layout *layout,
                                 struct artifact_writer *w, struct error *err) {
    AUTO(strings) struct strings names = {0}, hashes = {0};
    for (size_t role = 0; role < N_FILE_ROLES; role++) {
        if (!source_given(&layout->file[role])) continue;
        AUTO(buf) struct buf key = {0};
        const char *path = layout->file[role].path.data, *name = base_name(path);
        char text[DIGEST_TEXT_SIZE];
        digest_text(&layout->file[role].hash, text);
        TRY(strings_add(&names, name, err));
        TRY(strings_add(&hashes, text, err));
        TRY(buf_printf(&key, err, "rows.%s", role_names[role]));
        TRY(artifact_set_i64(w, key.data, (int64_t)d->n_rows[role], err));
        buf_clear(&key);
        TRY(buf_printf(&key, err, "bad_rows.%s", role_names[role]));
        TRY(artifact_set_i64(w, key.data, (int64_t)d->n_bad[role], err));
    }
    TRY(artifact_add_strings(w, "source.name", &names, err));
    return artifact_add_strings(w, "source.hash", &hashes, err);
}

static enum status write_counts(const struct dataset *d, const struct layout *layout,
                                struct artifact_writer *w, struct error *err) {
    uint64_t n_bad = 0;
    for (size_t role = 0; role < N_FILE_ROLES; role++)
        n_bad += d->n_bad[role];
    int64_t time_min = d->ratings.time[0], time_max = time_min;
    const int64_t *time = d->ratings.time;
#pragma omp parallel for reduction(min : time_min) reduction(max : time_max)
    for (uint64_t i = 1; i < d->ratings.count; i++) {
        if (time[i] < time_min) time_min = time[i];
        if (time[i] > time_max) time_max = time[i];
    }
    TRY(artifact_set_str(w, "layout", layout->name, err));
    TRY(artifact_set_i64(w, "n_bad_rows", (int64_t)n_bad, err));
    TRY(artifact_set_i64(w, "n_duplicates", (int64_t)d->n_duplicates, err));
    TRY(artifact_set_i64(w, "n_empty_tags", (int64_t)d->tags.n_empty, err));
    TRY(artifact_set_i64(w, "n_tags_outside", (int64_t)d->tags.n_outside, err));
    TRY(artifact_set_i64(w, "n_links_outside", (int64_t)d->movies.n_links_outside, err));
    TRY(artifact_set_i64(w, "n_users_outside", (int64_t)d->user_facts.n_outside, err));
    TRY(artifact_set_i64(w, "n_genome_outside", (int64_t)d->genome.n_outside, err));
    TRY(artifact_set_i64(w, "n_genome_duplicates", (int64_t)d->genome.n_duplicates, err));
    TRY(artifact_set_i64(w, "n_genome_missing", (int64_t)d->genome.n_missing, err));
    TRY(artifact_set_i64(w, "rating_time_min", time_min, err));
    return artifact_set_i64(w, "rating_time_max", time_max, err);
}

static enum status write_order(const struct dataset *d, struct artifact_writer *w,
                               struct error *err) {
    const struct time_worth *t = &d->worth;
    TRY(artifact_set_str(w, "order", d->ordered ? "time" : "none", err));
    if (!d->ordered) TRY(artifact_set_str(w, "order.why", d->why.data, err));
    TRY(artifact_set_f64(w, "time.tied", t->tied, err));
    TRY(artifact_set_f64(w, "time.users_equal", t->users_equal, err));
    TRY(artifact_set_f64(w, "time.rank_movie", t->rank_movie, err));
    TRY(artifact_set_f64(w, "time.rank_row", t->rank_row, err));
    TRY(artifact_set_f64(w, "time.shared", t->shared, err));
    TRY(artifact_set_f64(w, "time.session", t->session, err));
    return artifact_set_i64(w, "time.days", (int64_t)t->days, err);
}

enum status dataset_write(const struct dataset *d, const struct layout *layout,
                          struct artifact_writer *w, struct error *err) {
    TRY(write_users(d, w, err));
    TRY(write_movies(&d->movies, w, err));
    TRY(write_tags(&d->tags, w, err));
    if (d->has_reviews) TRY(write_reviews(&d->reviews, w, err));
    if (d->has_genome) TRY(write_genome(&d->genome, w, err));
    TRY(write_ratings(&d->ratings, w, err));
    TRY(write_sources(d, layout, w, err));
    TRY(write_order(d, w, err));
    return write_counts(d, layout, w, err);
}
