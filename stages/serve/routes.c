/* The one table of routes and their parameters. */
#include "stages/serve/engine.h"
#include "stages/serve/route.h"

#include <string.h>

enum { MAX_EXCLUDE = 500, MAX_QUERY_TEXT = 200, MAX_SEARCH = 100 };

#define PARAM_USER                                                                                 \
    { .name = "user", .type = PARAM_ID, .in_path = true, .help = "id of the user" }
#define PARAM_MOVIE                                                                                \
    { .name = "movie", .type = PARAM_ID, .in_path = true, .help = "id of the movie" }
#define PARAM_N(most, usual)                                                                       \
    {                                                                                              \
        .name = "n", .type = PARAM_INT, .min = 1, .max = (most), .fallback = (usual),              \
        .help = "number of movies"                                                                 \
    }
#define PARAM_FILTER                                                                               \
    {.name = "genre",                                                                              \
     .type = PARAM_TEXT,                                                                           \
     .max = MAX_QUERY_TEXT,                                                                        \
     .help = "only movies with one of these genres, separated by commas"},                         \
        {.name = "year_from",                                                                      \
         .type = PARAM_INT,                                                                        \
         .min = 1,                                                                                 \
         .max = 9999,                                                                              \
         .help = "only movies of this year or later"},                                             \
    {                                                                                              \
        .name = "year_to", .type = PARAM_INT, .min = 1, .max = 9999,                               \
        .help = "only movies of this year or earlier"                                              \
    }
#define PARAM_PURPOSE                                                                              \
    {                                                                                              \
        .name = "for", .type = PARAM_CHOICE, .choices = PURPOSE_CHOICES, .fallback = "like",       \
        .help = "movies that the user will like, or will watch next"                               \
    }
#define PARAM_LIST                                                                                 \
    PARAM_PURPOSE, PARAM_N(WISH_MAX_N, "10"),                                                      \
        {.name = "offset",                                                                         \
         .type = PARAM_INT,                                                                        \
         .max = WISH_MAX_OFFSET,                                                                   \
         .fallback = "0",                                                                          \
         .help = "number of movies to skip from the top of the list"},                             \
        PARAM_FILTER,                                                                              \
        {.name = "exclude",                                                                        \
         .type = PARAM_IDS,                                                                        \
         .max = MAX_EXCLUDE,                                                                       \
         .help = "ids of movies to leave out, separated by commas"},                               \
        {.name = "diversity",                                                                      \
         .type = PARAM_REAL,                                                                       \
         .max = 1,                                                                                 \
         .fallback = "0",                                                                          \
         .help = "0: by score alone; up to 1: by being unlike the movies above"},                  \
    {                                                                                              \
        .name = "explain", .type = PARAM_FLAG, .fallback = "false",                                \
        .help = "also the reasons, the evidence, and contributions that sum to the score"          \
    }

static const struct param_spec recommend_params[] = {PARAM_USER, PARAM_LIST};
static const struct param_spec session_params[] = {PARAM_LIST};
static const struct param_spec similar_params[] = {
    PARAM_MOVIE,
    {.name = "by",
     .type = PARAM_CHOICE,
     .choices = "content|taste|next",
     .fallback = "content",
     .help = "content: similar genres, tags and title; taste: watched by the same people; next: "
             "watched next"},
    PARAM_N(WISH_MAX_N, "10"),
    PARAM_FILTER};
static const struct param_spec predict_params[] = {
    {.name = "user", .type = PARAM_ID, .required = true, .help = "id of the user"},
    {.name = "movie", .type = PARAM_ID, .required = true, .help = "id of the movie"},
    PARAM_PURPOSE};
static const struct param_spec search_params[] = {
    {.name = "q",
     .type = PARAM_TEXT,
     .required = true,
     .max = MAX_QUERY_TEXT,
     .help = "words of the title; the last may be unfinished, any may be misspelt"},
    PARAM_N(MAX_SEARCH, "10")};
static const struct param_spec movie_params[] = {PARAM_MOVIE};
static const struct param_spec user_params[] = {
    PARAM_USER,
    {.name = "n",
     .type = PARAM_INT,
     .max = 10000,
     .fallback = "100",
     .help = "number of movies of the history, newest first"}};
static const struct param_spec forget_params[] = {PARAM_USER};
static const struct param_spec popular_params[] = {PARAM_N(WISH_MAX_N, "10"), PARAM_FILTER};

#define WITH(params) params, sizeof(params) / sizeof((params)[0])

const struct route routes[] = {
    {"GET", "/api/recommend/{user}", "recommend", "Movies for a user, by the full hybrid ranker",
     NULL, "list", false, answer_recommend, WITH(recommend_params)},
    {"POST", "/api/session/recommend", "session",
     "Movies for a visitor who names some; nothing is stored", "session", "list", false,
     answer_session, WITH(session_params)},
    {"GET", "/api/item-to-item/{movie}", "similar", "Movies similar to a movie", NULL, "list",
     false, answer_similar, WITH(similar_params)},
    {"GET", "/api/predict", "predict", "The rating that a user would give a movie", NULL,
     "prediction", false, answer_predict, WITH(predict_params)},
    {"GET", "/api/movies", "search", "Movies by their titles", NULL, "list", false, answer_movies,
     WITH(search_params)},
    {"GET", "/api/movies/{movie}", "movie", "One movie", NULL, "movie", false, answer_movie,
     WITH(movie_params)},
    {"GET", "/api/users/{user}", "user", "What is known of a user", NULL, "user", false,
     answer_user, WITH(user_params)},
    {"DELETE", "/api/users/{user}", "forget",
     "Delete a user's events, and stop using the user's training ratings", NULL, "done", true,
     answer_forget, WITH(forget_params)},
    {"GET", "/api/popular", "popular", "The movies with the most ratings", NULL, "list", false,
     answer_popular, WITH(popular_params)},
    {"GET", "/api/genres", "genres", "The genres, and the years from the first to the last", NULL,
     "genres", false, answer_genres, NULL, 0},
    {"POST", "/api/feedback", "feedback",
     "Store ratings, views, likes and dislikes; the answer comes when they are durable", "feedback",
     "accepted", true, answer_feedback, NULL, 0},
    {"POST", "/api/reload", "reload", "Load the run's artifacts again", NULL, "done", true,
     answer_reload, NULL, 0},
    {"GET", "/api/health/live", "live", "Whether the process runs", NULL, "health", false,
     answer_live, NULL, 0},
    {"GET", "/api/health/ready", "ready", "Whether requests can be answered", NULL, "health", false,
     answer_ready, NULL, 0},
    {"GET", "/metrics", "metrics", "Metrics in the text format of Prometheus", NULL, "text", false,
     answer_metrics, NULL, 0},
    {"GET", "/apidocs.json", "apidocs", "This description (OpenAPI 3)", NULL, "openapi", false,
     answer_apidocs, NULL, 0},
};
const size_t n_routes = sizeof(routes) / sizeof(routes[0]);
