/* similarity: what movies have in common by their genres, tags, titles, decades and genome. */
#include "common/base/mem.h"
#include "common/data/ratings.h"
#include "common/data/view.h"
#include "common/models/content.h"
#include "common/stage/stage.h"
#include "stages/similarity/neighbours.h"
#include "stages/similarity/sentiment.h"
#include "stages/similarity/tfidf.h"
#include "stages/similarity/truncated_svd.h"

#include <stdbool.h>
#include <string.h>

struct params {
    double genre_weight, tag_weight, title_weight, decade_weight, genome_weight;
    int64_t neighbours, dim, svd_iterations, min_titles, min_tagged;
    double genome_floor;
    const char *tags;
    bool sentiment_features;
    struct sentiment_params sentiment;
};

#define OPTION_HOLDER struct params
static const struct option_spec options[] = {
    PARAMETER_REAL("genre-weight", genre_weight, "1", 0, 1000,
                   "weight of genres in the cosine; 0 leaves them out"),
    PARAMETER_REAL("tag-weight", tag_weight, "1", 0, 1000, "weight of users' tags"),
    PARAMETER_REAL("title-weight", title_weight, "0.3", 0, 1000, "weight of title words"),
    PARAMETER_REAL("decade-weight", decade_weight, "0.3", 0, 1000,
                   "weight of the decade of release"),
    PARAMETER_REAL("genome-weight", genome_weight, "2", 0, 1000, "weight of the tag genome"),
    PARAMETER_CHOICE(
        "tags", tags, "rated", "rated|all",
        "taggings to use: those of users whose rating of the movie is visible, or all"),
    PARAMETER_INT("min-titles", min_titles, "2", 1, 1000000,
                  "fewest titles that a word must occur in"),
    PARAMETER_INT("min-tagged", min_tagged, "2", 1, 1000000, "fewest movies that a tag must be on"),
    PARAMETER_REAL("genome-floor", genome_floor, "0.05", 0, 1,
                   "smallest genome relevance above the tag's mean that counts"),
    PARAMETER_REAL("sentiment-ridge", sentiment.ridge, "10", 0.001, 1e6,
                   "ridge of the regression that gives tags and words their valence"),
    PARAMETER_INT("sentiment-support", sentiment.min_support, "3", 1, 1e9,
                  "fewest ratings that a tag or word needs for a valence"),
    PARAMETER_INT("sentiment-terms", sentiment.max_terms, "5000", 0, 40000,
                  "most tags and words with a valence; 0: none"),
    PARAMETER_FLAG("sentiment-features", sentiment_features, "false",
                   "also the tone of each movie, which gives the ranker two more features"),
    PARAMETER_INT("neighbours", neighbours, "100", 1, 10000, "neighbours kept per movie"),
    PARAMETER_INT("dim", dim, "32", 1, 1000, "dimensions of the content vectors"),
    PARAMETER_INT("svd-iterations", svd_iterations, "4", 0, 100,
                  "power iterations of the randomised SVD"),
};

static const struct stage_input inputs[] = {
    {"dataset", "dataset", true, INPUT_UNFITTED, "the dataset"},
    {"split", "split", false, INPUT_UNFITTED, "the split; may be left out for --view all"},
};

/* users[n_terms]: how many used each tag; the tags among the terms are in the order of the
 * source's.
 */
static enum status find_users(uint32_t **users, const struct term_table *t,
                              const struct content_source *source, struct error *err) {
    size_t tag = 0;
    TRY(MEM_NEW(users, t->name.count, err));
    for (size_t i = 0; i < t->name.count; i++) {
        if (t->group[i] != TERM_TAG) continue;
        const char *name = strings_get(&t->name, i);
        while (strcmp(strings_get(&source->tag_name, tag), name) != 0) {
            tag++;
        }
        (*users)[i] = source->tag_users[tag];
    }
    return STATUS_OK;
}

static enum status write_terms(struct artifact_writer *w, const struct term_table *t,
                               const struct content_source *source, struct error *err) {
    uint64_t n_terms = t->name.count;
    MEM_AUTO uint32_t *users = NULL;
    TRY(find_users(&users, t, source, err));
    TRY(artifact_add_1d(w, "term.users", DTYPE_U32, n_terms, users, err));
    TRY(artifact_add_strings(w, "term.name", &t->name, err));
    TRY(artifact_add_1d(w, "term.group", DTYPE_U8, n_terms, t->group, err));
    TRY(artifact_add_1d(w, "term.idf", DTYPE_F32, n_terms, t->idf, err));
    uint64_t n_offsets = (uint64_t)t->rows.n_rows + 1;
    TRY(artifact_add_1d(w, "content.offset", DTYPE_U64, n_offsets, t->rows.offset, err));
    TRY(artifact_add_1d(w, "content.term", DTYPE_U32, t->rows.count, t->rows.column, err));
    return artifact_add_1d(w, "content.weight", DTYPE_F32, t->rows.count, t->rows.value, err);
}

static enum status write_neighbours(struct artifact_writer *w, const struct csr *rows, size_t k,
                                    struct error *err) {
    MEM_AUTO uint32_t *movie = NULL;
    MEM_AUTO float *cosine = NULL;
    TRY(MEM_NEW(&movie, rows->n_rows * k, err));
    TRY(MEM_NEW(&cosine, rows->n_rows * k, err));
    struct progress progress;
    progress_start(&progress, "similarity", "movies", rows->n_rows);
    enum status status = neighbours_find(rows, k, movie, cosine, &progress, err);
    progress_end(&progress);
    TRY(status);
    TRY(artifact_add_2d(w, "neighbour.movie", DTYPE_U32, rows->n_rows, k, movie, err));
    return artifact_add_2d(w, "neighbour.cosine", DTYPE_F32, rows->n_rows, k, cosine, err);
}

/* Also writes the share of the squared length of all rows that the vectors keep. */
static enum status write_vectors(struct artifact_writer *w, const struct csr *rows,
                                 const struct params *p, uint64_t seed, struct error *err) {
    size_t dim = (size_t)p->dim;
    MEM_AUTO float *vector = NULL, *singular = NULL;
    TRY(MEM_NEW(&vector, rows->n_rows * dim, err));
    TRY(MEM_NEW(&singular, dim, err));
    TRY(truncated_svd(rows, dim, (size_t)p->svd_iterations, seed, vector, singular, err));
    double kept = 0, total = 0;
    for (size_t j = 0; j < dim; j++) {
        kept += (double)singular[j] * (double)singular[j];
    }
    for (uint64_t e = 0; e < rows->count; e++) {
        total += (double)rows->value[e] * (double)rows->value[e];
    }
    TRY(artifact_set_f64(w, "svd_energy", total > 0 ? kept / total : 0, err));
    TRY(artifact_add_1d(w, "vector.singular", DTYPE_F32, dim, singular, err));
    return artifact_add_2d(w, "vector", DTYPE_F32, rows->n_rows, dim, vector, err);
}

static enum status run(struct stage_run *r, const void *params, struct error *err) {
    const struct params *p = params;
    const struct term_params weights = {
        .weight = {[TERM_GENRE] = p->genre_weight,
                   [TERM_TAG] = p->tag_weight,
                   [TERM_TITLE] = p->title_weight,
                   [TERM_DECADE] = p->decade_weight,
                   [TERM_GENOME] = p->genome_weight},
        .min_titles = p->min_titles,
        .min_tagged = p->min_tagged,
        .genome_floor = p->genome_floor,
    };
    AUTO(ratings) struct ratings visible = {0};
    AUTO(content_source) struct content_source source = {0};
    AUTO(term_table) struct term_table terms = {0};
    AUTO(sentiment) struct sentiment sentiment = {0};
    const struct artifact *dataset = stage_input(r, "dataset");
    TRY(view_load(&visible, dataset, stage_input(r, "split"), stage_view(r), err));
    TRY(content_source_load(&source, dataset, &visible, strcmp(p->tags, "rated") == 0, err));
    TRY(tfidf_build(&terms, &source, &weights, err));
    TRY(sentiment_learn(&sentiment, dataset, &visible, &p->sentiment, err));
    struct artifact_writer *w = stage_output(r);
    TRY(artifact_set_i64(w, "n_tags_left_out", (int64_t)source.n_tags_newer, err));
    TRY(artifact_set_i64(w, "n_tags_unrated", (int64_t)source.n_tags_unrated, err));
    TRY(artifact_set_i64(w, "n_taggings", (int64_t)source.n_taggings, err));
    TRY(write_terms(w, &terms, &source, err));
    TRY(write_neighbours(w, &terms.rows, (size_t)p->neighbours, err));
    TRY(write_vectors(w, &terms.rows, p, stage_seed(r), err));
    TRY(sentiment_write(&sentiment, w, err));
    if (p->sentiment_features) TRY(sentiment_write_tones(&sentiment, terms.rows.n_rows, w, err));
    stage_count(r, "movies", terms.rows.n_rows);
    stage_count(r, "terms", terms.name.count);
    stage_count(r, "taggings", source.n_taggings);
    stage_count(r, "left out", source.n_tags_newer + source.n_tags_unrated);
    stage_count(r, "valences", sentiment.n_terms);
    return STATUS_OK;
}

static const struct stage similarity_stage = {
    .name = "similarity",
    .version = 2,
    .summary = "content similarity of movies: TF-IDF terms, cosine neighbours, content vectors",
    .options = options,
    .n_options = sizeof(options) / sizeof(options[0]),
    .inputs = inputs,
    .n_inputs = sizeof(inputs) / sizeof(inputs[0]),
    .output_kind = "similarity",
    .has_view = true,
    .default_view = VIEW_FIT,
    .params_size = sizeof(struct params),
    .run = run,
};

int main(int argc, char **argv) {
    return stage_main(argc, argv, &similarity_stage);
}
