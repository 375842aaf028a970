/* Features of how a movie is rated. */
#include "common/features/families.h"

enum { RATING_MOVIE_MEAN, RATING_MOVIE_DEVIATION, RATING_COLUMNS };

static const struct feature_spec columns[RATING_COLUMNS] = {
    [RATING_MOVIE_MEAN] =
        FEATURE("rating.movie-mean", "rating", "shrunken mean rating of the movie, stars"),
    [RATING_MOVIE_DEVIATION] = FEATURE("rating.movie-deviation", "rating",
                                       "shrunken standard deviation of the movie's ratings, stars"),
};

static void fill(const void *work, const struct feature_scope *scope,
                 const struct score_block *block, float *x, size_t stride) {
    (void)work;
    const struct baseline *b = &scope->view->models.baseline;
    for (size_t i = 0; i < block->n; i++, x += stride) {
        uint32_t movie = block->movie[i];
        x[RATING_MOVIE_MEAN] = (float)b->mean + b->movie_bias[movie];
        x[RATING_MOVIE_DEVIATION] = scope->view->stats.movie_deviation[movie];
    }
}

const struct feature_family rating_family = {FEATURES_OF(columns), .fill = fill};
