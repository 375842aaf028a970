/* movie: one movie, its ratings, and the movies most like it. */
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/title_search.h"
#include "common/data/view.h"
#include "common/models/content.h"
#include "common/models/item_item.h"
#include "stages/inspect/command.h"
#include "stages/inspect/inspected_run.h"
#include "stages/inspect/rating_profile.h"
#include "stages/inspect/text_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_TERMS = 4 };

static enum status print_movie(const struct inspected_run *r, uint32_t movie, struct error *err) {
    AUTO(buf) struct buf title = {0}, genres = {0};
    struct rating_profile p;
    char count[32], first[DATE_SIZE], last[DATE_SIZE];
    TRY(run_title(r, movie, &title, err));
    TRY(run_genres(r, movie, &genres, err));
    profile_movie(&p, &r->ratings, movie);
    printf("%s\n", title.data);
    printf("id          %" PRIu32 " (index %" PRIu32 ")\n", r->catalogue.movie_id[movie], movie);
    printf("genres      %s\n", genres.size > 0 ? genres.data : "none");
    printf("ratings     %s, place %" PRIu32 " of %" PRIu32 " movies (view %s)\n",
           count_text(p.count, count), popularity_place(&r->ratings, movie), r->ratings.n_movies,
           view_name(r->artifacts.view));
    if (p.count == 0) return STATUS_OK;
    printf("mean        %.2f stars, deviation %.2f\n", p.mean, p.deviation);
    printf("rated from  %s to %s\n", date_text(p.first, first), date_text(p.last, last));
    print_stars(p.stars, stdout);
    return STATUS_OK;
}

/* ---- tags ---- */

struct tag_count {
    uint32_t tag;
    uint64_t count;
};

static int compare_tags(const void *a, const void *b) {
    const struct tag_count *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return (x->tag > y->tag) - (x->tag < y->tag);
}

/* Counts the tags of one movie into the array of all tags; *n_tags becomes its length. */
static enum status count_tags(const struct inspected_run *r, uint32_t movie, struct tag_count **out,
                              uint64_t *n_tags, struct error *err) {
    MEM_AUTO uint32_t *movies = NULL, *tags = NULL;
    const struct artifact *dataset = r->artifacts.file[RUN_DATASET];
    const struct column_info *names = artifact_column(dataset, "tag.name");
    const struct column_info *taggings = artifact_column(dataset, "tag.movie");
    *n_tags = names->count;
    TRY(artifact_read(dataset, "tag.movie", DTYPE_U32, UINT64_MAX, &movies, err));
    TRY(artifact_read(dataset, "tag.index", DTYPE_U32, taggings->count, &tags, err));
    TRY(MEM_NEW(out, (size_t)names->count, err));
    for (uint64_t i = 0; i < names->count; i++)
        (*out)[i].tag = (uint32_t)i;
    for (uint64_t i = 0; i < taggings->count; i++) {
        if (movies[i] == movie) (*out)[tags[i]].count++;
    }
    return STATUS_OK;
}

static enum status print_tags(const struct inspected_run *r, uint32_t movie, struct error *err) {
    MEM_AUTO struct tag_count *counts = NULL;
    AUTO(strings) struct strings names = {0};
    uint64_t n_tags;
    TRY(count_tags(r, movie, &counts, &n_tags, err));
    qsort(counts, n_tags, sizeof(*counts), compare_tags);
    if (n_tags == 0 || counts[0].count == 0) return STATUS_OK;
    TRY(artifact_read_strings(r->artifacts.file[RUN_DATASET], "tag.name", n_tags, &names, err));
    printf("tags       ");
    for (uint64_t i = 0; i < n_tags && i < 12 && counts[i].count > 0; i++) {
        printf("%s %s", i > 0 ? "," : "", strings_get(&names, counts[i].tag));
        if (counts[i].count > 1) printf(" (%" PRIu64 ")", counts[i].count);
    }
    putchar('\n');
    return STATUS_OK;
}

/* ---- neighbours ---- */

static enum status shared_terms(const struct content *c, uint32_t a, uint32_t b, struct buf *out,
                                struct error *err) {
    uint32_t term[SHOWN_TERMS];
    float product[SHOWN_TERMS];
    size_t count = content_shared_terms(c, a, b, term, product, SHOWN_TERMS);
    TRY(buf_puts(out, "", err));
    for (size_t i = 0; i < count; i++) {
        enum term_group group = (enum term_group)c->term_group[term[i]];
        TRY(buf_printf(out, err, "%s%s %s", i > 0 ? ", " : "", term_group_name(group),
                       strings_get(&c->term_name, term[i])));
    }
    return STATUS_OK;
}

static enum status neighbour_row(const struct inspected_run *r, const struct content *c,
                                 uint32_t movie, uint32_t other, double strength,
                                 struct text_table *t, struct error *err) {
    AUTO(buf) struct buf title = {0}, terms = {0};
    TRY(run_title(r, other, &title, err));
    TRY(shared_terms(c, movie, other, &terms, err));
    const uint64_t *offset = r->ratings.by_movie_offset;
    TRY(text_table_cell(t, err, "%.3f", strength));
    TRY(text_table_cell(t, err, "%" PRIu32, r->catalogue.movie_id[other]));
    TRY(text_table_cell(t, err, "%s", title.data));
    TRY(text_table_cell(t, err, "%" PRIu64, offset[other + 1] - offset[other]));
    return text_table_cell(t, err, "%s", terms.data);
}

static enum status print_content(const struct inspected_run *r, const struct content *c,
                                 uint32_t movie, uint64_t n, struct error *err) {
    AUTO(text_table) struct text_table t = {.align = "rrlrl", .indent = 2};
    TRY(text_table_heading(&t, "cosine id movie ratings shared", err));
    for (uint64_t i = 0; i < c->k && i < n; i++) {
        uint32_t other = c->neighbour_movie[(uint64_t)movie * c->k + i];
        if (other == NO_INDEX) break;
        double cosine = (double)c->neighbour_cosine[(uint64_t)movie * c->k + i];
        TRY(neighbour_row(r, c, movie, other, cosine, &t, err));
    }
    printf("\nmost similar in content\n");
    return text_table_print(&t, stdout, err);
}

struct weighted {
    uint32_t movie;
    float weight;
};

static int compare_weighted(const void *a, const void *b) {
    const struct weighted *x = a, *y = b;
    if (x->weight != y->weight) return x->weight < y->weight ? 1 : -1;
    return (x->movie > y->movie) - (x->movie < y->movie);
}

static enum status strongest_targets(const struct csr *weights, uint32_t movie,
                                     struct weighted **out, uint64_t *count, struct error *err) {
    uint64_t begin = weights->offset[movie];
    *count = weights->offset[movie + 1] - begin;
    TRY(MEM_NEW(out, (size_t)*count, err));
    for (uint64_t i = 0; i < *count; i++)
        (*out)[i] = (struct weighted){weights->column[begin + i], weights->value[begin + i]};
    qsort(*out, (size_t)*count, sizeof(**out), compare_weighted);
    return STATUS_OK;
}

static enum status print_watched(const struct inspected_run *r, const struct content *c,
                                 const struct models *models, uint32_t movie, uint64_t n,
                                 struct error *err) {
    const struct item_item *model = models_first_item_item(models);
    MEM_AUTO struct weighted *targets = NULL;
    uint64_t count;
    AUTO(text_table) struct text_table t = {.align = "rrlrl", .indent = 2};
    if (model == NULL) return STATUS_OK;
    TRY(strongest_targets(&model->weights, movie, &targets, &count, err));
    TRY(text_table_heading(&t, "weight id movie ratings shared", err));
    for (uint64_t i = 0; i < count && i < n; i++) {
        if (targets[i].weight <= 0) break;
        TRY(neighbour_row(r, c, movie, targets[i].movie, (double)targets[i].weight, &t, err));
    }
    printf("\nstrongest by users' histories (%s)\n", model->name);
    return text_table_print(&t, stdout, err);
}

static enum status tell(const struct inspected_run *r, const char *name, uint64_t n,
                        struct error *err) {
    AUTO(content) struct content content = {0};
    AUTO(models) struct models models = {0};
    uint32_t movie;
    TRY(movie_find(&r->catalogue, name, &movie, err));
    TRY(content_load(&content, r->artifacts.file[RUN_SIMILARITY], err));
    TRY(models_load(&models, r->artifacts.file, RUN_ROLES, err));
    TRY(print_movie(r, movie, err));
    TRY(print_tags(r, movie, err));
    TRY(print_content(r, &content, movie, n, err));
    return print_watched(r, &content, &models, movie, n, err);
}

static enum status run_movie(struct inspect_call *call, struct error *err) {
    struct inspected_run r;
    const struct inspect_options *o = call->options;
    TRY(run_open(&r, o->run, o->view, RUN_BIT(RUN_SIMILARITY) | RUN_BIT(RUN_FACTORS), err));
    enum status status = tell(&r, call->words[0], (uint64_t)o->n, err);
    run_release(&r);
    return status;
}

static const struct option_spec movie_options[] = {
    RUNTIME_TEXT("run", run, NULL, "folder of the run", 'r'),
    RUNTIME_CHOICE("view", view, "all", "fit|full|all", "view of the models to use", 0),
    RUNTIME_INT("number", n, "10", 0, 1000000, "neighbours to list", 'n'),
};

const struct inspect_command inspect_movie = {
    .name = "movie",
    .words = "ID|TITLE",
    .min_words = 1,
    .max_words = 1,
    .summary = "a movie: ratings, tags, neighbours with what they share",
    .options = movie_options,
    .n_options = sizeof(movie_options) / sizeof(movie_options[0]),
    .run = run_movie,
};
