#include "common/artifact/kinds.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DTYPE_ANY ((enum dtype)0)

static const struct column_spec dataset_columns[] = {
    COLUMN("user.id", DTYPE_U32, "users", "raw user id, ascending; the position is the user index",
           .order = ORDER_ASCENDING),
    OPTIONAL_COLUMN("user.gender", DTYPE_U8, "users", "0 unknown, 1 female, 2 male",
                    .range = {0, 2}),
    OPTIONAL_COLUMN("user.age", DTYPE_U8, "users", "age or lower end of the age band; 0 unknown"),
    OPTIONAL_COLUMN("user.occupation", DTYPE_U8, "users", "code of the source; 255 unknown"),
    COLUMN("movie.id", DTYPE_U32, "movies", "raw movie id, ascending; the position is the index",
           .order = ORDER_ASCENDING),
    COLUMN("movie.title", DTYPE_STR, "movies", "title without the year, UTF-8; \"\" if unknown"),
    COLUMN("movie.year", DTYPE_U16, "movies", "year of release from the title; 0 unknown"),
    OPTIONAL_COLUMN("movie.imdb", DTYPE_U32, "movies", "IMDb number; 0 unknown"),
    OPTIONAL_COLUMN("movie.tmdb", DTYPE_U32, "movies", "TMDB number; 0 unknown"),
    COLUMN("genre.name", DTYPE_STR, "genres", "genre names as in the source, sorted",
           .order = ORDER_ASCENDING),
    COLUMN("genre.offset", DTYPE_U64, "movies+1", "start of each movie's genres in genre.index",
           .offsets_of = "movie_genres"),
    COLUMN("genre.index", DTYPE_U32, "movie_genres", "indices into genre.name, ascending per movie",
           .index_of = "genres", .order = ORDER_ASCENDING, .per = "genre.offset"),
    COLUMN("tag.name", DTYPE_STR, "tags", "normalised tags, sorted", .order = ORDER_ASCENDING),
    COLUMN("tag.user", DTYPE_U32, "taggings",
           "user index of each tagging, or 2^32-1 if not a rater", .index_of = "users",
           .or_none = true),
    COLUMN("tag.movie", DTYPE_U32, "taggings", "movie index; taggings are sorted by movie, time",
           .index_of = "movies", .order = ORDER_NOT_FALLING),
    COLUMN("tag.index", DTYPE_U32, "taggings", "index into tag.name", .index_of = "tags"),
    COLUMN("tag.time", DTYPE_I64, "taggings", "seconds since 1970", .order = ORDER_NOT_FALLING,
           .per = "tag.movie"),
    OPTIONAL_COLUMN("word.name", DTYPE_STR, "words", "words of the reviews, sorted",
                    .order = ORDER_ASCENDING),
    OPTIONAL_COLUMN("review.user", DTYPE_U32, "review_words",
                    "user index of each distinct word of a review, or 2^32-1 if not a rater",
                    .index_of = "users", .or_none = true),
    OPTIONAL_COLUMN("review.movie", DTYPE_U32, "review_words", "movie index; sorted by movie, time",
                    .index_of = "movies", .order = ORDER_NOT_FALLING),
    OPTIONAL_COLUMN("review.word", DTYPE_U32, "review_words", "index into word.name",
                    .index_of = "words"),
    OPTIONAL_COLUMN("review.time", DTYPE_I64, "review_words", "seconds since 1970",
                    .order = ORDER_NOT_FALLING, .per = "review.movie"),
    OPTIONAL_COLUMN("genome.name", DTYPE_STR, "genome_tags", "tags of the tag genome"),
    OPTIONAL_COLUMN("genome.movie", DTYPE_U32, "genome_movies",
                    "movies that have a genome, ascending", .index_of = "movies",
                    .order = ORDER_ASCENDING),
    OPTIONAL_COLUMN("genome.relevance", DTYPE_F32, "genome_movies,genome_tags", "relevance, 0 to 1",
                    .range = {0, 1}),
    COLUMN("rating.offset", DTYPE_U64, "users+1", "start of each user's ratings",
           .offsets_of = "ratings"),
    COLUMN("rating.movie", DTYPE_U32, "ratings",
           "movie index, per user in time order, ties in file order or random; all by lot where "
           "metadata order is none",
           .index_of = "movies"),
    COLUMN("rating.value", DTYPE_U8, "ratings", "rating in half stars, 1 to 10", .range = {1, 10}),
    COLUMN("rating.time", DTYPE_I64, "ratings",
           "seconds since 1970; 0 where metadata order is none", .order = ORDER_NOT_FALLING,
           .per = "rating.offset"),
    COLUMN("by_movie.offset", DTYPE_U64, "movies+1", "start of each movie's ratings",
           .offsets_of = "ratings"),
    COLUMN("by_movie.user", DTYPE_U32, "ratings", "user index, ascending per movie",
           .index_of = "users", .order = ORDER_NOT_FALLING, .per = "by_movie.offset"),
    COLUMN("by_movie.rating", DTYPE_U64, "ratings", "position of the same rating in rating.*",
           .permutation = true),
    COLUMN("source.name", DTYPE_STR, "sources", "the files read, base names"),
    COLUMN("source.hash", DTYPE_STR, "sources", "XXH3-128 of each file, hexadecimal"),
};

static const struct column_spec split_columns[] = {
    COLUMN("role", DTYPE_U8, "ratings",
           "role of each rating of the dataset: 0 base, 1 rank, 2 valid, 3 test, 4 fold-in, 5 "
           "rank-fold-in, 6 valid-fold-in, 7 valid-out, 8 left-out",
           .range = {0, 8}),
    COLUMN("test.offset", DTYPE_U64, "users+1", "start of each user's held-out test movies",
           .offsets_of = "tests"),
    COLUMN("test.movie", DTYPE_U32, "tests", "held-out movies to be ranked or predicted"),
    COLUMN("test.rating", DTYPE_F32, "tests", "their ratings in stars; NaN if not known",
           .range = {0.5, 5}, .or_nan = true),
    COLUMN("test.time", DTYPE_I64, "tests", "their times, seconds since 1970"),
    OPTIONAL_COLUMN("candidate.offset", DTYPE_U64, "users+1",
                    "start of each user's sampled candidates", .offsets_of = "candidates"),
    OPTIONAL_COLUMN("candidate.movie", DTYPE_U32, "candidates",
                    "movies that the test movies of the user are ranked against"),
};

static const struct column_spec similarity_columns[] = {
    COLUMN("term.name", DTYPE_STR, "terms", "terms: genres, tags, title words, decades, genome"),
    COLUMN("term.group", DTYPE_U8, "terms", "0 genre, 1 tag, 2 title, 3 decade, 4 genome",
           .range = {0, 4}),
    COLUMN("term.idf", DTYPE_F32, "terms", "inverse document frequency", .range = {0, INFINITY}),
    OPTIONAL_COLUMN("term.users", DTYPE_U32, "terms", "users who used the tag; 0 for other terms"),
    COLUMN("content.offset", DTYPE_U64, "movies+1", "start of each movie's terms",
           .offsets_of = "contents"),
    COLUMN("content.term", DTYPE_U32, "contents", "term index, ascending per movie",
           .index_of = "terms", .order = ORDER_ASCENDING, .per = "content.offset"),
    COLUMN("content.weight", DTYPE_F32, "contents", "TF-IDF, unit length per movie"),
    COLUMN("neighbour.movie", DTYPE_U32, "movies,k", "most similar movies; 2^32-1 where fewer",
           .index_of = "movies", .or_none = true),
    COLUMN("neighbour.cosine", DTYPE_F32, "movies,k", "their cosine, descending; 0 where fewer",
           .order = ORDER_NOT_RISING),
    COLUMN("vector", DTYPE_F32, "movies,dim", "content vectors: truncated SVD of the TF-IDF rows"),
    OPTIONAL_COLUMN("sentiment.name", DTYPE_STR, "valences",
                    "tags and words of reviews with a valence"),
    OPTIONAL_COLUMN("sentiment.group", DTYPE_U8, "valences", "0 tag, 1 word of a review",
                    .range = {0, 1}),
    OPTIONAL_COLUMN("sentiment.valence", DTYPE_F32, "valences",
                    "stars above or below the usual where it is said"),
    OPTIONAL_COLUMN("sentiment.error", DTYPE_F32, "valences",
                    "standard error of the valence, stars", .range = {0, INFINITY}),
    OPTIONAL_COLUMN("sentiment.support", DTYPE_U32, "valences", "ratings of which it is said"),
    OPTIONAL_COLUMN("tone", DTYPE_F32, "movies",
                    "shrunken mean valence of what is said of the movie"),
    OPTIONAL_COLUMN("vector.singular", DTYPE_F32, "dim", "their singular values, descending",
                    .range = {0, INFINITY}, .order = ORDER_NOT_RISING),
};

/* The models join their own columns (models/registry.c), among them all of kind sequence. */
static const struct column_spec factors_columns[] = {
    COLUMN("popularity", DTYPE_U32, "movies", "number of ratings of the view"),
    COLUMN("movie_bias", DTYPE_F32, "movies", "shrunken mean of rating - overall mean, stars"),
    COLUMN("item_model.name", DTYPE_STR, "item_models",
           "item-item models, each with columns weights.NAME.*"),
    COLUMN("item_model.type", DTYPE_STR, "item_models", "the model of each: ease, transition..."),
    COLUMN("item_model.params", DTYPE_STR, "item_models", "key=value pairs, separated by spaces"),
};

static const struct column_spec features_columns[] = {
    COLUMN("feature.name", DTYPE_STR, "features", "names"),
    COLUMN("feature.group", DTYPE_STR, "features",
           "groups, for explanations and permutation tests"),
    COLUMN("feature.meaning", DTYPE_STR, "features", "one line each"),
    COLUMN("feature.needs", DTYPE_U8, "features",
           "bits: 1 the order of ratings, 2 times, 4 the moment", .range = {0, 7}),
    COLUMN("train.x", DTYPE_F16, "train_groups,group_size,features",
           "features; row 0 of each group is the positive, the others are negatives"),
    COLUMN("train.user", DTYPE_U32, "train_groups", "user index"),
    COLUMN("train.movie", DTYPE_U32, "train_groups,group_size", "movie index"),
    COLUMN(
        "train.log_q", DTYPE_F32, "train_groups,group_size",
        "log of the expected number of times that the row was drawn, less that of a uniform draw"),
    COLUMN("train.rating", DTYPE_U8, "train_groups", "the positive's rating in half stars",
           .range = {1, 10}),
    COLUMN("train.weight", DTYPE_F32, "train_groups", "weight of the group, on average 1",
           .range = {0, INFINITY}),
    COLUMN("train.own_mean", DTYPE_F32, "train_groups",
           "mean of the ratings that the user had given before, stars; 0 without any",
           .range = {0, 5}),
    OPTIONAL_COLUMN("newcomer.x", DTYPE_F16, "newcomer_groups,group_size,features",
                    "as train.x, of the first ratings of newcomers"),
    OPTIONAL_COLUMN("newcomer.user", DTYPE_U32, "newcomer_groups", "user index"),
    OPTIONAL_COLUMN("newcomer.movie", DTYPE_U32, "newcomer_groups,group_size", "movie index"),
    OPTIONAL_COLUMN("newcomer.log_q", DTYPE_F32, "newcomer_groups,group_size", "as train.log_q"),
    OPTIONAL_COLUMN("newcomer.rating", DTYPE_U8, "newcomer_groups",
                    "the positive's rating in half stars", .range = {1, 10}),
    OPTIONAL_COLUMN("newcomer.weight", DTYPE_F32, "newcomer_groups", "as train.weight",
                    .range = {0, INFINITY}),
    OPTIONAL_COLUMN("newcomer.own_mean", DTYPE_F32, "newcomer_groups", "as train.own_mean",
                    .range = {0, 5}),
    COLUMN("valid.x", DTYPE_F16, "valid_groups,valid_size,features", "as train.x, role valid"),
    COLUMN("valid.user", DTYPE_U32, "valid_groups", "user index"),
    COLUMN("valid.movie", DTYPE_U32, "valid_groups,valid_size", "movie index"),
    COLUMN("valid.rating", DTYPE_U8, "valid_groups", "the positive's rating in half stars",
           .range = {1, 10}),
    COLUMN("valid.weight", DTYPE_F32, "valid_groups", "weight of the group, on average 1",
           .range = {0, INFINITY}),
    COLUMN("valid.own_mean", DTYPE_F32, "valid_groups", "as train.own_mean", .range = {0, 5}),
};

/* The columns of each network "rank-0", "rating-0", ... in an artifact (common/nn/networks.h). */
#define NETWORK_COLUMNS                                                                            \
    OPTIONAL_COLUMN("*.shortcut", DTYPE_F32, "*", "weights from the inputs to the logit"),         \
        OPTIONAL_COLUMN("*.user_embedding", DTYPE_F32, "users,*",                                  \
                        "user embeddings of the network"),                                         \
        OPTIONAL_COLUMN("*.movie_embedding", DTYPE_F32, "movies,*", "its movie embeddings"),       \
        OPTIONAL_COLUMN("*.layers", DTYPE_U32, "*", "widths of its layers, input first, 1 last"),  \
        OPTIONAL_COLUMN("*.weights", DTYPE_F32, "*",                                               \
                        "its parameters: per layer W (out x in), then b"),                         \
        OPTIONAL_COLUMN("*.train_loss", DTYPE_F64, "*", "training loss per epoch"),                \
        OPTIONAL_COLUMN("*.valid_loss", DTYPE_F64, "*", "validation loss per epoch"),              \
        OPTIONAL_COLUMN("*.valid_metric", DTYPE_F64, "*", "validation NDCG@10 or RMSE per epoch")

static const struct column_spec ranker_columns[] = {
    COLUMN("feature.name", DTYPE_STR, "features", "names of the dense features, in input order"),
    COLUMN("feature.group", DTYPE_STR, "features", "their groups"),
    COLUMN("feature.mean", DTYPE_F32, "features", "mean over the training rows"),
    COLUMN("feature.low", DTYPE_F32, "features", "smallest value in the training rows"),
    COLUMN("feature.high", DTYPE_F32, "features", "largest value"),
    COLUMN("feature.scale", DTYPE_F32, "features",
           "1 / standard deviation; 0 for a constant, and for what is left out",
           .range = {0, INFINITY}),
    COLUMN("feature.rating_scale", DTYPE_F32, "features", "the same for the rating head",
           .range = {0, INFINITY}),
    NETWORK_COLUMNS,
};

static const struct column_spec ncf_columns[] = {
    NETWORK_COLUMNS,
};

static const struct column_spec checkpoint_columns[] = {
    COLUMN("state", DTYPE_U8, "bytes", "the trainer's complete state after an epoch"),
};

static const struct column_spec table_columns[] = {
    OPTIONAL_COLUMN("*", DTYPE_ANY, NULL, "any column; for hand-made fixtures"),
};

#define KIND(name, stage, meaning, columns)                                                        \
    { name, stage, meaning, columns, sizeof(columns) / sizeof((columns)[0]) }

static const struct kind_spec kinds[] = {
    KIND("dataset", "ingest", "id maps, movies, tags and ratings in time order", dataset_columns),
    KIND("split", "split", "the role of each rating and the evaluation candidates", split_columns),
    KIND("similarity", "similarity", "content terms, neighbours and vectors", similarity_columns),
    KIND("factors", "factorize", "the collaborative models of one view", factors_columns),
    {"sequence", "sequence", "the sequence encoder of one view", NULL, 0},
    KIND("features", "features", "training and validation rows of the ranker", features_columns),
    KIND("ranker", "ranker", "the neural ranker", ranker_columns),
    KIND("ncf", "ncf", "neural collaborative filtering, of one view", ncf_columns),
    KIND("checkpoint", "ranker", "training state between two epochs", checkpoint_columns),
    KIND("table", "inspect", "free columns of any type, for fixtures", table_columns),
};

size_t kind_count(void) {
    return sizeof(kinds) / sizeof(kinds[0]);
}

const struct kind_spec *kind_at(size_t index) {
    return index < kind_count() ? &kinds[index] : NULL;
}

const struct kind_spec *kind_find(const char *name) {
    for (size_t i = 0; i < kind_count(); i++) {
        if (strcmp(kinds[i].name, name) == 0) return &kinds[i];
    }
    return NULL;
}

/* ---- columns joined by higher floors ---- */

enum { MAX_PARTS = 64 };

static struct part {
    const struct kind_spec *kind;
    const struct column_spec *columns;
    size_t n_columns;
} parts[MAX_PARTS];
static size_t n_parts;

enum status kind_join(const char *kind, const struct column_spec *columns, size_t n_columns,
                      struct error *err) {
    const struct kind_spec *spec = kind_find(kind);
    if (spec == NULL) return error_set(err, STATUS_FAILED, "no kind is called \"%s\"", kind);
    for (size_t i = 0; i < n_parts; i++) {
        if (parts[i].kind == spec && parts[i].columns == columns) return STATUS_OK;
    }
    for (size_t i = 0; i < kind_n_columns(spec); i++) {
        for (size_t k = 0; k < n_columns; k++) {
            if (strcmp(kind_column_at(spec, i)->name, columns[k].name) == 0)
                return error_set(err, STATUS_FAILED, "kind %s has a column \"%s\" already", kind,
                                 columns[k].name);
        }
    }
    if (n_parts == MAX_PARTS)
        return error_set(err, STATUS_FAILED, "kind %s: more than %d tables of columns", kind,
                         MAX_PARTS);
    parts[n_parts++] = (struct part){spec, columns, n_columns};
    return STATUS_OK;
}

size_t kind_n_columns(const struct kind_spec *kind) {
    size_t count = kind->n_columns;
    for (size_t i = 0; i < n_parts; i++)
        count += parts[i].kind == kind ? parts[i].n_columns : 0;
    return count;
}

const struct column_spec *kind_column_at(const struct kind_spec *kind, size_t index) {
    if (index < kind->n_columns) return &kind->columns[index];
    index -= kind->n_columns;
    for (size_t i = 0; i < n_parts; i++) {
        if (parts[i].kind != kind) continue;
        if (index < parts[i].n_columns) return &parts[i].columns[index];
        index -= parts[i].n_columns;
    }
    return NULL;
}

enum order column_order(const struct column_spec *spec) {
    return spec->offsets_of != NULL ? ORDER_NOT_FALLING : spec->order;
}

/* ---- names with a star ---- */

/* The part of `name` that the pattern's '*' matches: one or more characters other than '.', or the
 * whole name if the pattern is just "*". NULL if the name does not match. */
static const char *star_part(const char *pattern, const char *name, size_t *part_size) {
    const char *star = strchr(pattern, '*');
    size_t size = strlen(name);
    *part_size = size;
    if (strcmp(pattern, "*") == 0) return name;
    if (star == NULL) return NULL;
    size_t before = (size_t)(star - pattern), after = strlen(star + 1);
    if (size <= before + after) return NULL;
    *part_size = size - before - after;
    bool fits = strncmp(pattern, name, before) == 0 && strcmp(star + 1, name + size - after) == 0 &&
                memchr(name + before, '.', *part_size) == NULL;
    return fits ? name + before : NULL;
}

void column_expand(char out[EXPANDED_SIZE], const char *text, const struct column_spec *spec,
                   const char *column) {
    size_t size = 0;
    const char *star = strchr(text, '*'), *part = star_part(spec->name, column, &size);
    if (star == NULL || part == NULL) {
        snprintf(out, EXPANDED_SIZE, "%s", text);
    } else {
        snprintf(out, EXPANDED_SIZE, "%.*s%.*s%s", (int)(star - text), text, (int)size, part,
                 star + 1);
    }
}

const struct column_spec *kind_column(const struct kind_spec *kind, const char *column) {
    size_t count = kind_n_columns(kind), size;
    for (size_t i = 0; i < count; i++) {
        const struct column_spec *spec = kind_column_at(kind, i);
        if (strcmp(spec->name, column) == 0) return spec;
    }
    for (size_t i = 0; i < count; i++) {
        const struct column_spec *spec = kind_column_at(kind, i);
        if (star_part(spec->name, column, &size) != NULL) return spec;
    }
    return NULL;
}

/* ---- truths in words ---- */

bool dtype_is_real(enum dtype dtype) {
    return dtype == DTYPE_F16 || dtype == DTYPE_F32 || dtype == DTYPE_F64;
}

bool column_has_range(const struct column_spec *spec) {
    return spec->range.min != 0 || spec->range.max != 0;
}

enum status column_range_text(const struct column_spec *spec, struct buf *out, struct error *err) {
    if (!column_has_range(spec)) {
        TRY(buf_puts(out, "finite", err));
    } else if (isinf(spec->range.max)) {
        TRY(buf_printf(out, err, "%g or more", spec->range.min));
    } else {
        TRY(buf_printf(out, err, "%g to %g", spec->range.min, spec->range.max));
    }
    return spec->or_nan ? buf_puts(out, " or NaN", err) : STATUS_OK;
}

enum status column_order_text(const struct column_spec *spec, struct buf *out, struct error *err) {
    static const char *const names[] = {[ORDER_ANY] = "in any order",
                                        [ORDER_ASCENDING] = "ascending",
                                        [ORDER_NOT_FALLING] = "never falling",
                                        [ORDER_NOT_RISING] = "never rising"};
    TRY(buf_puts(out, names[column_order(spec)], err));
    if (spec->per != NULL) return buf_printf(out, err, " per %s", spec->per);
    bool matrix = spec->shape != NULL && strchr(spec->shape, ',') != NULL;
    return matrix ? buf_puts(out, " per row", err) : STATUS_OK;
}

static enum status separate(struct buf *out, struct error *err) {
    return buf_puts(out, out->size > 0 ? ", " : "", err);
}

enum status column_truths(const struct column_spec *spec, struct buf *out, struct error *err) {
    buf_clear(out);
    if (spec->offsets_of != NULL) return buf_printf(out, err, "offsets of %s", spec->offsets_of);
    TRY(buf_puts(out, spec->permutation ? "permutation" : "", err));
    if (spec->index_of != NULL)
        TRY(buf_printf(out, err, "index of %s%s", spec->index_of, spec->or_none ? " or none" : ""));
    if (column_has_range(spec) || dtype_is_real(spec->dtype)) {
        TRY(separate(out, err));
        TRY(column_range_text(spec, out, err));
    }
    if (spec->order == ORDER_ANY) return STATUS_OK;
    TRY(separate(out, err));
    return column_order_text(spec, out, err);
}
