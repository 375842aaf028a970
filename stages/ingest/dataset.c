#include "stages/ingest/dataset.h"

#include "common/base/mem.h"
#include "stages/ingest/core.h"

/* One file: opened, read by `read` (which sees dataset and table), counted. */
typedef enum status (*file_reader)(struct dataset *d, struct input_table *t, struct reading *shared,
                                   struct error *err);

static enum status read_file(struct dataset *d, const struct layout *layout, enum file_role role,
                             file_reader read, struct reading *shared, struct error *err) {
    AUTO(input_table) struct input_table t = {0};
    if (!source_given(&layout->file[role])) return STATUS_OK;
    TRY(input_table_open(&t, &layout->file[role], role, err));
    TRY(read(d, &t, shared, err));
    d->n_rows[role] = t.n_rows;
    d->n_bad[role] = t.n_bad;
    return STATUS_OK;
}

static enum status read_movies(struct dataset *d, struct input_table *t, struct reading *shared,
                               struct error *err) {
    return movies_read(&d->movies, t, shared, err);
}

/* Appends the rows of the feedback file to those of the ratings file. */
static enum status add_feedback(struct dataset *d, struct rating_rows *rows, struct reading *shared,
                                struct error *err) {
    const struct source *source = &d->layout->file[FILE_FEEDBACK];
    AUTO(rating_rows) struct rating_rows more = {0};
    AUTO(input_table) struct input_table t = {0};
    if (!source_given(source)) return STATUS_OK;
    TRY(input_table_open(&t, source, FILE_FEEDBACK, err));
    TRY(feedback_rows_read(&more, &t, d->movies.listed ? &d->movies : NULL, shared, err));
    d->n_rows[FILE_FEEDBACK] = t.n_rows;
    d->n_bad[FILE_FEEDBACK] = t.n_bad;
    d->n_feedback = more.count;
    return rating_rows_join(rows, &more, err);
}

static enum status drop_forgotten(struct dataset *d, struct rating_rows *rows,
                                  struct reading *shared, struct error *err) {
    const struct source *source = &d->layout->file[FILE_FORGOTTEN];
    AUTO(id_set) struct id_set users = {0};
    AUTO(input_table) struct input_table t = {0};
    if (!source_given(source)) return STATUS_OK;
    TRY(input_table_open(&t, source, FILE_FORGOTTEN, err));
    TRY(forgotten_read(&users, &t, shared, err));
    d->n_rows[FILE_FORGOTTEN] = t.n_rows;
    d->n_bad[FILE_FORGOTTEN] = t.n_bad;
    if (users.count > 0) rating_rows_drop(rows, &users);
    return STATUS_OK;
}

static void drop_by_movie(struct ratings *r) {
    mem_free(r->by_movie_offset);
    mem_free(r->by_movie_user);
    mem_free(r->by_movie_rating);
    r->by_movie_offset = r->by_movie_rating = NULL;
    r->by_movie_user = NULL;
}

/* Whether the order of times counts, and why not. */
static enum status judge_order(struct dataset *d, const struct input_table *t, struct error *err) {
    d->has_times = t->column[RATING_TIME] >= 0;
    if (d->order.rule == ORDER_OF_TIME && !d->has_times)
        return error_set(err, STATUS_FAILED,
                         "%s: the header has no column \"timestamp\", which --order time needs",
                         t->path);
    if (d->order.rule == ORDER_BY_LOT) TRY(buf_puts(&d->why, "--order none asks for it", err));
    if (d->order.rule == ORDER_AS_MEASURED && !d->has_times)
        TRY(buf_puts(&d->why, "the ratings file has no timestamps", err));
    else if (d->order.rule == ORDER_AS_MEASURED)
        TRY(time_worth_judge(&d->why, &d->worth, err));
    d->ordered = d->why.size == 0;
    return STATUS_OK;
}

/* Measures what the order is worth, and draws another where it is worth nothing. */
static enum status order_ratings(struct dataset *d, const struct input_table *t,
                                 const uint32_t *row, struct error *err) {
    struct ratings *r = &d->ratings;
    TRY(ratings_index_by_movie(r, err));
    TRY(time_worth_measure(&d->worth, r, row, err));
    TRY(judge_order(d, t, err));
    if (d->ordered && !d->order.shuffled) return STATUS_OK;
    drop_by_movie(r);
    TRY(ratings_draw_order(r, &d->users, &d->movies.map, d->order.seed, d->ordered, err));
    for (uint64_t i = 0; i < r->count && !d->ordered; i++)
        r->time[i] = 0;
    return ratings_index_by_movie(r, err);
}

/* Users and movies with fewer ratings than the core has are left out of the dataset altogether. */
static enum status leave_out_few(struct dataset *d, struct rating_rows *rows, struct error *err) {
    struct id_map rated = {0};
    if (d->order.min_core <= 1) return STATUS_OK;
    TRY(rating_rows_core(rows, d->order.min_core, err));
    if (!d->movies.listed || rows->count == 0) return STATUS_OK;
    TRY(id_map_build(&rated, rows->movie, rows->count, err));
    enum status status = movies_keep(&d->movies, &rated, err);
    id_map_release(&rated);
    return status;
}

/* The ratings define the users and, without a movies file, the movies. */
static enum status read_ratings(struct dataset *d, struct input_table *t, struct reading *shared,
                                struct error *err) {
    AUTO(rating_rows) struct rating_rows rows = {0};
    const struct movies *listed = d->movies.listed ? &d->movies : NULL;
    TRY(rating_rows_read(&rows, t, listed, shared, err));
    TRY(drop_forgotten(d, &rows, shared, err));
    TRY(add_feedback(d, &rows, shared, err));
    TRY(leave_out_few(d, &rows, err));
    if (rows.count == 0) return error_set(err, STATUS_FAILED, "%s: no ratings are left", t->path);
    TRY(id_map_build(&d->users, rows.user, rows.count, err));
    if (listed == NULL) {
        struct id_map rated;
        TRY(id_map_build(&rated, rows.movie, rows.count, err));
        TRY(movies_from_ids(&d->movies, &rated, err));
    }
    AUTO(arranged) struct arranged about = {0};
    TRY(ratings_arrange(&d->ratings, &about, &rows, &d->users, &d->movies.map, &d->order, err));
    d->n_duplicates = about.n_duplicates;
    TRY(order_ratings(d, t, about.row, err));
    shared->without_times = !d->ordered;
    return STATUS_OK;
}

static enum status read_users(struct dataset *d, struct input_table *t, struct reading *shared,
                              struct error *err) {
    d->has_users = true;
    return users_read(&d->user_facts, t, &d->users, shared, err);
}

static enum status read_links(struct dataset *d, struct input_table *t, struct reading *shared,
                              struct error *err) {
    d->has_links = true;
    return movies_read_links(&d->movies, t, shared, err);
}

static enum status read_tags(struct dataset *d, struct input_table *t, struct reading *shared,
                             struct error *err) {
    return tags_read(&d->tags, t, TAGS_WHOLE, &d->users, &d->movies, shared, err);
}

static enum status read_reviews(struct dataset *d, struct input_table *t, struct reading *shared,
                                struct error *err) {
    d->has_reviews = true;
    return tags_read(&d->reviews, t, TAGS_WORDS, &d->users, &d->movies, shared, err);
}

static enum status read_genome_tags(struct dataset *d, struct input_table *t,
                                    struct reading *shared, struct error *err) {
    return genome_read_tags(&d->genome, t, shared, err);
}

static enum status read_genome_scores(struct dataset *d, struct input_table *t,
                                      struct reading *shared, struct error *err) {
    d->has_genome = true;
    return genome_read_scores(&d->genome, t, &d->movies, shared, err);
}

enum status dataset_read(struct dataset *out, const struct layout *layout,
                         const struct rating_order *order, struct reading *shared,
                         struct error *err) {
    *out = (struct dataset){.order = *order, .layout = layout};
    TRY(read_file(out, layout, FILE_MOVIES, read_movies, shared, err));
    TRY(read_file(out, layout, FILE_RATINGS, read_ratings, shared, err));
    TRY(read_file(out, layout, FILE_USERS, read_users, shared, err));
    TRY(read_file(out, layout, FILE_LINKS, read_links, shared, err));
    TRY(read_file(out, layout, FILE_TAGS, read_tags, shared, err));
    TRY(read_file(out, layout, FILE_REVIEWS, read_reviews, shared, err));
    TRY(read_file(out, layout, FILE_GENOME_TAGS, read_genome_tags, shared, err));
    return read_file(out, layout, FILE_GENOME_SCORES, read_genome_scores, shared, err);
}

void dataset_release(struct dataset *d) {
    id_map_release(&d->users);
    movies_release(&d->movies);
    ratings_release(&d->ratings);
    tags_release(&d->tags);
    tags_release(&d->reviews);
    users_release(&d->user_facts);
    genome_release(&d->genome);
    buf_release(&d->why);
}
