#include "common/artifact/kinds.h"

#include <string.h>

#define COLUMN(name, dtype, shape, meaning)                                                        \
    { name, dtype, shape, true, meaning }
#define DTYPE_ANY ((enum dtype)0)
#define OPTIONAL(name, dtype, shape, meaning)                                                      \
    { name, dtype, shape, false, meaning }

static const struct column_spec dataset_columns[] = {
    COLUMN("user.id", DTYPE_U32, "users", "raw user id, ascending; the position is the user index"),
    OPTIONAL("user.gender", DTYPE_U8, "users", "0 unknown, 1 female, 2 male"),
    OPTIONAL("user.age", DTYPE_U8, "users", "age or lower end of the age band; 0 unknown"),
    OPTIONAL("user.occupation", DTYPE_U8, "users", "code of the source; 255 unknown"),
    COLUMN("movie.id", DTYPE_U32, "movies", "raw movie id, ascending; the position is the index"),
    COLUMN("movie.title", DTYPE_STR, "movies", "title without the year, UTF-8; \"\" if unknown"),
    COLUMN("movie.year", DTYPE_U16, "movies", "year of release from the title; 0 unknown"),
    OPTIONAL("movie.imdb", DTYPE_U32, "movies", "IMDb number; 0 unknown"),
    OPTIONAL("movie.tmdb", DTYPE_U32, "movies", "TMDB number; 0 unknown"),
    COLUMN("genre.name", DTYPE_STR, "genres", "genre names as in the source, sorted"),
    COLUMN("genre.offset", DTYPE_U64, "movies+1", "start of each movie's genres in genre.index"),
    COLUMN("genre.index", DTYPE_U32, "movie_genres",
           "indices into genre.name, ascending per movie"),
    COLUMN("tag.name", DTYPE_STR, "tags", "normalised tags, sorted"),
    COLUMN("tag.user", DTYPE_U32, "taggings",
           "user index of each tagging, or 2^32-1 if not a rater"),
    COLUMN("tag.movie", DTYPE_U32, "taggings", "movie index; taggings are sorted by movie, time"),
    COLUMN("tag.index", DTYPE_U32, "taggings", "index into tag.name"),
    COLUMN("tag.time", DTYPE_I64, "taggings", "seconds since 1970"),
    OPTIONAL("word.name", DTYPE_STR, "words", "words of the reviews, sorted"),
    OPTIONAL("review.user", DTYPE_U32, "review_words",
             "user index of each distinct word of a review, or 2^32-1 if not a rater"),
    OPTIONAL("review.movie", DTYPE_U32, "review_words", "movie index; sorted by movie, time"),
    OPTIONAL("review.word", DTYPE_U32, "review_words", "index into word.name"),
    OPTIONAL("review.time", DTYPE_I64, "review_words", "seconds since 1970"),
    OPTIONAL("genome.name", DTYPE_STR, "genome_tags", "tags of the tag genome"),
    OPTIONAL("genome.movie", DTYPE_U32, "genome_movies", "movies that have a genome, ascending"),
    OPTIONAL("genome.relevance", DTYPE_F32, "genome_movies,genome_tags", "relevance, 0 to 1"),
    COLUMN("rating.offset", DTYPE_U64, "users+1", "start of each user's ratings"),
    COLUMN("rating.movie", DTYPE_U32, "ratings",
           "movie index, per user in time order, ties in file order or by lot"),
    COLUMN("rating.value", DTYPE_U8, "ratings", "rating in half stars, 1 to 10"),
    COLUMN("rating.time", DTYPE_I64, "ratings", "seconds since 1970"),
    COLUMN("by_movie.offset", DTYPE_U64, "movies+1", "start of each movie's ratings"),
    COLUMN("by_movie.user", DTYPE_U32, "ratings", "user index, ascending per movie"),
    COLUMN("by_movie.rating", DTYPE_U64, "ratings", "position of the same rating in rating.*"),
    COLUMN("source.name", DTYPE_STR, "sources", "the files read, base names"),
    COLUMN("source.hash", DTYPE_STR, "sources", "XXH3-128 of each file, hexadecimal"),
};

static const struct column_spec split_columns[] = {
    COLUMN("role", DTYPE_U8, "ratings",
           "role of each rating of the dataset: 0 base, 1 rank, 2 valid, 3 test, 4 fold-in, 5 "
           "rank-fold-in, 6 valid-fold-in, 7 valid-out, 8 left-out"),
    COLUMN("test.offset", DTYPE_U64, "users+1", "start of each user's held-out test movies"),
    COLUMN("test.movie", DTYPE_U32, "tests", "held-out movies to be ranked or predicted"),
    COLUMN("test.rating", DTYPE_F32, "tests", "their ratings in stars; NaN if not known"),
    COLUMN("test.time", DTYPE_I64, "tests", "their times, seconds since 1970"),
    OPTIONAL("candidate.offset", DTYPE_U64, "users+1", "start of each user's sampled candidates"),
    OPTIONAL("candidate.movie", DTYPE_U32, "candidates",
             "movies that the test movies of the user are ranked against"),
};

static const struct column_spec similarity_columns[] = {
    COLUMN("term.name", DTYPE_STR, "terms", "terms: genres, tags, title words, decades, genome"),
    COLUMN("term.group", DTYPE_U8, "terms", "0 genre, 1 tag, 2 title, 3 decade, 4 genome"),
    COLUMN("term.idf", DTYPE_F32, "terms", "inverse document frequency"),
    COLUMN("content.offset", DTYPE_U64, "movies+1", "start of each movie's terms"),
    COLUMN("content.term", DTYPE_U32, "contents", "term index, ascending per movie"),
    COLUMN("content.weight", DTYPE_F32, "contents", "TF-IDF, unit length per movie"),
    COLUMN("neighbour.movie", DTYPE_U32, "movies,k", "most similar movies; 2^32-1 where fewer"),
    COLUMN("neighbour.cosine", DTYPE_F32, "movies,k", "their cosine, descending; 0 where fewer"),
    COLUMN("vector", DTYPE_F32, "movies,dim", "content vectors: truncated SVD of the TF-IDF rows"),
    OPTIONAL("sentiment.name", DTYPE_STR, "valences", "tags and words of reviews with a valence"),
    OPTIONAL("sentiment.group", DTYPE_U8, "valences", "0 tag, 1 word of a review"),
    OPTIONAL("sentiment.valence", DTYPE_F32, "valences",
             "stars above or below the usual where it is said"),
    OPTIONAL("sentiment.error", DTYPE_F32, "valences", "standard error of the valence, stars"),
    OPTIONAL("sentiment.support", DTYPE_U32, "valences", "ratings of which it is said"),
    OPTIONAL("tone", DTYPE_F32, "movies", "shrunken mean valence of what is said of the movie"),
    OPTIONAL("vector.singular", DTYPE_F32, "dim", "their singular values, descending"),
};

static const struct column_spec factors_columns[] = {
    COLUMN("popularity", DTYPE_U32, "movies", "number of ratings of the view"),
    COLUMN("movie_bias", DTYPE_F32, "movies", "shrunken mean of rating - overall mean, stars"),
    OPTIONAL("mf.user_bias", DTYPE_F32, "users", "explicit MF: user bias, stars"),
    OPTIONAL("mf.movie_bias", DTYPE_F32, "movies", "explicit MF: movie bias, stars"),
    OPTIONAL("mf.user", DTYPE_F32, "users,mf_dim", "explicit MF: user factors"),
    OPTIONAL("mf.movie", DTYPE_F32, "movies,mf_dim", "explicit MF: movie factors"),
    OPTIONAL("mf.objective", DTYPE_F64, "mf_iterations", "explicit MF: objective per iteration"),
    OPTIONAL("ials.user", DTYPE_F32, "users,ials_dim", "implicit MF: user factors"),
    OPTIONAL("ials.movie", DTYPE_F32, "movies,ials_dim", "implicit MF: movie factors"),
    OPTIONAL("ials.objective", DTYPE_F64, "ials_iterations",
             "implicit MF: objective per iteration"),
    COLUMN("item_model.name", DTYPE_STR, "item_models",
           "item-item models, each with columns weights.NAME.*"),
    COLUMN("item_model.type", DTYPE_STR, "item_models",
           "ease, ease-liked, ease-residual, transition, ease-dropout, window"),
    COLUMN("item_model.params", DTYPE_STR, "item_models", "key=value pairs, separated by spaces"),
    OPTIONAL("weights.*.offset", DTYPE_U64, "movies+1", "start of each history movie's row"),
    OPTIONAL("weights.*.movie", DTYPE_U32, "*", "target movies, ascending per row"),
    OPTIONAL("weights.*.value", DTYPE_F32, "*", "weights, strongest kept per target movie"),
};

static const struct column_spec sequence_columns[] = {
    COLUMN("input.weights", DTYPE_F32, "gates,dim", "reset, update and candidate gates"),
    COLUMN("input.bias", DTYPE_F32, "gates", "their biases"),
    COLUMN("recurrent.weights", DTYPE_F32, "gates,hidden", "the same gates, of the state before"),
    COLUMN("recurrent.bias", DTYPE_F32, "hidden", "bias of the candidate that is reset"),
    COLUMN("output.weights", DTYPE_F32, "dim,hidden", "from the state to the movies' space"),
    COLUMN("output.bias", DTYPE_F32, "dim", "its bias"),
    COLUMN("rating", DTYPE_F32, "values,dim", "what a rating of so many half stars adds"),
    COLUMN("gap", DTYPE_F32, "gaps,dim", "what the time until the next rating adds, by log2"),
    COLUMN("movie.bias", DTYPE_F32, "movies", "biases"),
    COLUMN("movie.embedding", DTYPE_F32, "*,dim", "embeddings; the last row is the start"),
    COLUMN("loss", DTYPE_F64, "epochs", "mean training loss per epoch"),
};

static const struct column_spec features_columns[] = {
    COLUMN("feature.name", DTYPE_STR, "features", "names"),
    COLUMN("feature.group", DTYPE_STR, "features",
           "groups, for explanations and permutation tests"),
    COLUMN("feature.meaning", DTYPE_STR, "features", "one line each"),
    COLUMN("train.x", DTYPE_F16, "train_groups,group_size,features",
           "features; row 0 of each group is the positive, the others are negatives"),
    COLUMN("train.user", DTYPE_U32, "train_groups", "user index"),
    COLUMN("train.movie", DTYPE_U32, "train_groups,group_size", "movie index"),
    COLUMN(
        "train.log_q", DTYPE_F32, "train_groups,group_size",
        "log of the expected number of times that the row was drawn, less that of a uniform draw"),
    COLUMN("train.rating", DTYPE_U8, "train_groups", "the positive's rating in half stars"),
    OPTIONAL("newcomer.x", DTYPE_F16, "newcomer_groups,group_size,features",
             "as train.x, of the first ratings of newcomers"),
    OPTIONAL("newcomer.user", DTYPE_U32, "newcomer_groups", "user index"),
    OPTIONAL("newcomer.movie", DTYPE_U32, "newcomer_groups,group_size", "movie index"),
    OPTIONAL("newcomer.log_q", DTYPE_F32, "newcomer_groups,group_size", "as train.log_q"),
    OPTIONAL("newcomer.rating", DTYPE_U8, "newcomer_groups", "the positive's rating in half stars"),
    COLUMN("valid.x", DTYPE_F16, "valid_groups,valid_size,features", "as train.x, role valid"),
    COLUMN("valid.user", DTYPE_U32, "valid_groups", "user index"),
    COLUMN("valid.movie", DTYPE_U32, "valid_groups,valid_size", "movie index"),
    COLUMN("valid.rating", DTYPE_U8, "valid_groups", "the positive's rating in half stars"),
};

static const struct column_spec ranker_columns[] = {
    COLUMN("feature.name", DTYPE_STR, "features", "names of the dense features, in input order"),
    COLUMN("feature.group", DTYPE_STR, "features", "their groups"),
    COLUMN("feature.mean", DTYPE_F32, "features", "mean over the training rows"),
    COLUMN("feature.scale", DTYPE_F32, "features", "1 / standard deviation; 0 for a constant"),
    OPTIONAL("*.user_embedding", DTYPE_F32, "users,*",
             "user embeddings of head rank, newcomer or rating"),
    OPTIONAL("*.movie_embedding", DTYPE_F32, "movies,*", "movie embeddings of the head"),
    OPTIONAL("*.layers", DTYPE_U32, "*", "widths of the head's layers, input first, 1 last"),
    OPTIONAL("*.weights", DTYPE_F32, "*", "the head's parameters: per layer W (out x in), then b"),
    OPTIONAL("*.train_loss", DTYPE_F64, "*", "training loss per epoch"),
    OPTIONAL("*.valid_loss", DTYPE_F64, "*", "validation loss per epoch"),
    OPTIONAL("*.valid_metric", DTYPE_F64, "*", "validation NDCG@10 or RMSE per epoch"),
};

static const struct column_spec checkpoint_columns[] = {
    COLUMN("state", DTYPE_U8, "bytes", "the trainer's complete state after an epoch"),
};

static const struct column_spec table_columns[] = {
    OPTIONAL("*", DTYPE_ANY, NULL, "any column; for hand-made fixtures"),
};

#define KIND(name, stage, meaning, columns)                                                        \
    { name, stage, meaning, columns, sizeof(columns) / sizeof((columns)[0]) }

static const struct kind_spec kinds[] = {
    KIND("dataset", "ingest", "id maps, movies, tags and ratings in time order", dataset_columns),
    KIND("split", "split", "the role of each rating and the evaluation candidates", split_columns),
    KIND("similarity", "similarity", "content terms, neighbours and vectors", similarity_columns),
    KIND("factors", "factorize", "the collaborative models of one view", factors_columns),
    KIND("sequence", "sequence", "the sequence encoder of one view", sequence_columns),
    KIND("features", "features", "training and validation rows of the ranker", features_columns),
    KIND("ranker", "ranker", "the neural ranker, or the plain embedding network", ranker_columns),
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

/* One '*' in the pattern stands for one or more characters without a '.'; alone for any name. */
static bool name_matches(const char *pattern, const char *name) {
    const char *star = strchr(pattern, '*');
    if (star == NULL) return strcmp(pattern, name) == 0;
    if (strcmp(pattern, "*") == 0) return true;
    size_t before = (size_t)(star - pattern), after = strlen(star + 1), size = strlen(name);
    if (size <= before + after) return false;
    size_t middle = size - before - after;
    return strncmp(pattern, name, before) == 0 && strcmp(star + 1, name + size - after) == 0 &&
           memchr(name + before, '.', middle) == NULL;
}

const struct column_spec *kind_column(const struct kind_spec *kind, const char *column) {
    for (size_t i = 0; i < kind->n_columns; i++) {
        if (name_matches(kind->columns[i].name, column)) return &kind->columns[i];
    }
    return NULL;
}
