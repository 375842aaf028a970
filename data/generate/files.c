#include "data/generate/files.h"

#include "common/base/file.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum status open_in(struct file_writer *w, const char *directory, const char *name,
                           struct error *err) {
    AUTO(buf) struct buf path = {0};
    TRY(buf_printf(&path, err, "%s/%s", directory, name));
    return file_writer_open(w, path.data, err);
}

/* Commits the file if `status` is STATUS_OK, else abandons it. */
static enum status finish(struct file_writer *w, enum status status, struct error *err) {
    if (status == STATUS_OK) return file_writer_commit(w, err);
    file_writer_abandon(w);
    return status;
}

/* ---- movies ---- */

/* A comma is the only thing in our titles that needs quotes. */
static const char *quote(const char *text) {
    return strchr(text, ',') != NULL ? "\"" : "";
}

static const char *genre_of_two(const struct movie *m) {
    return m->cluster % 2 == 0 ? "Comedy" : "Drama";
}

static void write_movies(FILE *out, const struct world *w, enum told_content told) {
    fputs("movieId,title,genres\n", out);
    for (uint32_t i = 0; i < w->n_movies; i++) {
        if (told != CONTENT_TOLD) {
            fprintf(out, "%u,No. %u,%s\n", w->movies[i].id, w->movies[i].id,
                    told == CONTENT_TWO ? genre_of_two(&w->movies[i]) : "(no genres listed)");
            continue;
        }
        const char *title = strings_get(&w->titles, i), *q = quote(title);
        fprintf(out, "%u,%s%s%s,%s\n", w->movies[i].id, q, title, q, strings_get(&w->genres, i));
    }
}

/* Numbers that look like IMDb's and TMDB's; a few of the latter are missing, as in MovieLens. */
static void write_links(FILE *out, const struct world *w, uint64_t seed) {
    struct rng rng = rng_keyed(seed, "generate.links.csv", 0, 0);
    fputs("movieId,imdbId,tmdbId\n", out);
    for (uint32_t i = 0; i < w->n_movies; i++) {
        uint32_t imdb = 10000 + i * 37 + rng_below(&rng, 37);
        if (rng_uniform(&rng) < 0.005)
            fprintf(out, "%u,%07u,\n", w->movies[i].id, imdb);
        else
            fprintf(out, "%u,%07u,%u\n", w->movies[i].id, imdb, 11 + i * 5 + rng_below(&rng, 5));
    }
}

enum status files_write_movies(const char *directory, const struct world *w,
                               const struct likeness *like, uint64_t seed, struct error *err) {
    struct file_writer file = {0};
    TRY(open_in(&file, directory, "movies.csv", err));
    write_movies(file.stream, w, like->content);
    TRY(file_writer_commit(&file, err));
    TRY(open_in(&file, directory, "links.csv", err));
    write_links(file.stream, w, seed);
    return file_writer_commit(&file, err);
}

/* ---- ratings ---- */

enum {
    USERS_PER_BLOCK = 32,
    BLOCKS_AT_ONCE = 64,
    LINE_SIZE = 64 /* more than any line of ratings.csv */
};

struct block {
    struct buf ratings, tags;
    uint64_t n_tags;
};

static char *put_number(char *out, uint64_t value) {
    char digits[20];
    size_t n = 0;
    do
        digits[n++] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    while (n > 0)
        *out++ = digits[--n];
    return out;
}

/* "user,movie,stars,time\n"; printf would take most of the program's time. */
static size_t put_rating(char *line, uint32_t user_id, uint32_t movie_id,
                         const struct viewing *seen) {
    char *out = put_number(line, user_id);
    *out++ = ',';
    out = put_number(out, movie_id);
    *out++ = ',';
    *out++ = (char)('0' + seen->value / 2);
    *out++ = '.';
    *out++ = seen->value % 2 ? '5' : '0';
    *out++ = ',';
    out = put_number(out, (uint64_t)seen->time);
    *out++ = '\n';
    return (size_t)(out - line);
}

static int compare_movies(const void *a, const void *b) {
    const struct viewing *x = a, *y = b;
    return x->movie < y->movie ? -1 : x->movie > y->movie;
}

/* Users on their way to the blocks, on all threads. */
struct viewers {
    const struct world *world;
    const struct likeness *like;
    const uint32_t *counts; /* [users] of ratings */
    uint32_t most;          /* of a user */
    uint64_t seed;
    uint32_t first; /* user of the first block */
    struct block *blocks;
};

static enum status put_user(struct block *b, const struct viewers *v, uint32_t user_id,
                            struct viewing *seen, size_t count, struct error *err) {
    char line[LINE_SIZE];
    const struct world *w = v->world;
    qsort(seen, count, sizeof(*seen), compare_movies);
    for (size_t i = 0; i < count; i++) {
        if (v->like->time == TIME_COUNTED) seen[i].time = (int64_t)i + 1;
        uint32_t movie_id = w->movies[seen[i].movie].id;
        TRY(buf_append(&b->ratings, line, put_rating(line, user_id, movie_id, &seen[i]), err));
        if (seen[i].tag == NULL) continue;
        b->n_tags++;
        TRY(buf_printf(&b->tags, err, "%u,%u,%s,%lld\n", user_id, movie_id, seen[i].tag,
                       (long long)seen[i].time + 15));
    }
    return STATUS_OK;
}

static enum status create_work(void *scratch, const void *context, struct error *err) {
    const struct viewers *v = context;
    return viewer_work_create(scratch, v->world, v->most, err);
}

static void release_work(void *scratch) {
    viewer_work_release(scratch);
}

static enum status make_block(const void *context, void *scratch, struct block_items users,
                              struct error *err) {
    const struct viewers *v = context;
    struct viewer_work *work = scratch;
    struct block *b = &v->blocks[users.number];
    buf_clear(&b->ratings);
    buf_clear(&b->tags);
    b->n_tags = 0;
    for (size_t i = users.first; i < users.end; i++) {
        uint32_t user = v->first + (uint32_t)i;
        viewer_watch(work, v->world, user, v->counts[user], v->seed);
        likeness_alter(v->like, work->viewing, v->counts[user], v->world->n_movies, user, v->seed);
        TRY(put_user(b, v, user + 1, work->viewing, v->counts[user], err));
    }
    return STATUS_OK;
}

/* A failure is reported when the file is committed. */
static void put_text(const struct buf *text, FILE *out) {
    if (text->size > 0) (void)fwrite(text->data, 1, text->size, out);
}

static uint32_t largest(const uint32_t *counts, uint32_t n) {
    uint32_t most = 0;
    for (uint32_t i = 0; i < n; i++)
        most = counts[i] > most ? counts[i] : most;
    return most;
}

struct outputs {
    struct file_writer ratings, tags;
    uint64_t n_tags;
};

/* Batches of blocks, each written in order. */
static enum status write_viewers(struct outputs *out, struct viewers *v, uint32_t n_users,
                                 struct progress *progress, struct error *err) {
    const uint32_t step = USERS_PER_BLOCK * BLOCKS_AT_ONCE;
    for (; v->first < n_users; v->first += step) {
        const struct parallel users = {
            .n = n_users - v->first < step ? n_users - v->first : step,
            .block = USERS_PER_BLOCK,
            .context = v,
            .blocks = make_block,
            .scratch = {sizeof(struct viewer_work), create_work, release_work},
            .progress = progress};
        TRY(parallel_blocks(&users, err));
        for (size_t i = 0; i < block_count(users.n, USERS_PER_BLOCK); i++) {
            put_text(&v->blocks[i].ratings, out->ratings.stream);
            put_text(&v->blocks[i].tags, out->tags.stream);
            out->n_tags += v->blocks[i].n_tags;
        }
    }
    return STATUS_OK;
}

static enum status write_all(struct outputs *out, struct viewers *v, uint32_t n_users,
                             struct error *err) {
    struct progress progress;
    v->most = largest(v->counts, n_users);
    fputs("userId,movieId,rating,timestamp\n", out->ratings.stream);
    fputs("userId,movieId,tag,timestamp\n", out->tags.stream);
    progress_start(&progress, "generate", "users", n_users);
    enum status status = write_viewers(out, v, n_users, &progress, err);
    progress_end(&progress);
    return status;
}

enum status files_write_ratings(const char *directory, const struct world *w,
                                const struct likeness *like, const uint32_t *counts,
                                uint32_t n_users, uint64_t seed, uint64_t *n_tags,
                                struct error *err) {
    struct outputs out = {0};
    MEM_AUTO struct block *blocks = NULL;
    TRY(MEM_NEW(&blocks, BLOCKS_AT_ONCE, err));
    enum status status = open_in(&out.ratings, directory, "ratings.csv", err);
    if (status == STATUS_OK) status = open_in(&out.tags, directory, "tags.csv", err);
    struct viewers viewers = {
        .world = w, .like = like, .counts = counts, .seed = seed, .blocks = blocks};
    if (status == STATUS_OK) status = write_all(&out, &viewers, n_users, err);
    *n_tags = out.n_tags;
    for (size_t i = 0; i < BLOCKS_AT_ONCE; i++) {
        buf_release(&blocks[i].ratings);
        buf_release(&blocks[i].tags);
    }
    status = finish(&out.tags, status, err);
    return finish(&out.ratings, status, err);
}
