/* recommend: ranked movies for a user, for everybody, or for somebody new, and why. */
#include "common/base/file.h"
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/catalogue.h"
#include "common/data/history.h"
#include "common/data/title_search.h"
#include "common/data/view.h"
#include "common/run/run_artifacts.h"
#include "common/stage/stage.h"
#include "stages/recommend/request.h"
#include "stages/recommend/run_inputs.h"
#include "stages/recommend/similar_movies.h"
#include "stages/recommend/user_lists.h"

#include <sys/ioctl.h>
#include <unistd.h>

#define OPTION_HOLDER struct recommend_request
static const struct option_spec options[] = {
    RUNTIME_TEXT("user", user, NULL, "recommend to this user (id in the source files)", 'u'),
    RUNTIME_FLAG("all", all, NULL, "recommend to every user, as CSV or JSON lines", 0),
    RUNTIME_LIST(
        "likes", likes, NULL,
        "recommend to somebody new who likes these: ids or titles (with ';' between titles)", 0),
    RUNTIME_TEXT("ratings-file", ratings_file, NULL,
                 "recommend to somebody new with these ratings: CSV movieId,rating[,timestamp]", 0),
    RUNTIME_TEXT("similar-to", similar_to, NULL, "list movies similar to this one (id or title)",
                 0),
    RUNTIME_CHOICE("for", purpose, "like", PURPOSE_CHOICES,
                   "what the list is for: movies that the user will like, or will watch next", 0),
    RUNTIME_TEXT(
        "now", now, "latest",
        "the moment it is for: seconds since 1970, a day such as 2018-09-24, or latest, the "
        "newest rating of the view",
        0),
    RUNTIME_INT("number", n, "10", 1, 1000000, "movies per list", 'n'),
    RUNTIME_LIST("genre", genre, NULL, "only movies with one of these genres", 0),
    RUNTIME_TEXT("year", year, NULL, "only movies of these years, e.g. 1990-1999", 0),
    RUNTIME_FLAG("exclude-seen", exclude_seen, "yes", "leave out rated movies", 0),
    RUNTIME_INT("shortlist", shortlist, "1000", 0, 1e6,
                "rank at most this many of the likeliest movies; 0: all", 0),
    RUNTIME_FLAG(
        "explain", explain, NULL,
        "also the contribution of each feature group to each score, every reason, and the evidence",
        0),
    RUNTIME_CHOICE_AUTO("format", format, "auto|table|csv|jsonl", "output format",
                        "a table, with --all CSV"),
    RUNTIME_TEXT("run", run_folder, NULL, "folder of a run: fills in the inputs that are not given",
                 'r'),
};

static const struct stage_input inputs[] = {
    {"dataset", "dataset", true, INPUT_UNFITTED, "the dataset"},
    {"split", "split", false, INPUT_UNFITTED, "the split; needed unless --view is all"},
    {"similarity", "similarity", true, INPUT_RUN_VIEW, "content similarity of the view"},
    {"factors", "factors", false, INPUT_RUN_VIEW, "collaborative models of the view"},
    {"sequence", "sequence", false, INPUT_RUN_VIEW, "the sequence encoder of the view"},
    {"ranker", "ranker", false, INPUT_FIT_VIEW, "the neural ranker"},
};

/* Columns of the terminal that is written to, or 0 for a file or a pipe. */
static size_t terminal_width(FILE *out) {
    struct winsize size;
    if (!isatty(fileno(out))) return 0;
    if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return 100;
}

static enum status write_out(const struct buf *text, FILE *out, struct error *err) {
    if (text->size == 0 || fwrite(text->data, 1, text->size, out) == text->size) return STATUS_OK;
    return error_errno(err, "output cannot be written");
}

/* ---- --similar-to ---- */

static enum status list_similar(struct stage_run *run, const struct recommend_request *p, FILE *out,
                                struct error *err) {
    AUTO(catalogue) struct catalogue catalogue = {0};
    AUTO(content) struct content content = {0};
    AUTO(models) struct models models = {0};
    AUTO(buf) struct buf text = {0};
    MEM_AUTO bool *genre = NULL;
    uint32_t movie = 0;
    const struct artifact *factors = stage_input(run, "factors");
    TRY(catalogue_load(&catalogue, stage_input(run, "dataset"), err));
    if (movie_find(&catalogue, p->similar_to, &movie, err) != STATUS_OK) {
        return error_wrap(err, "--similar-to");
    }
    struct similar_request similar = {.catalogue = &catalogue,
                                      .content = &content,
                                      .models = factors == NULL ? NULL : &models,
                                      .format = request_format(p),
                                      .n = (size_t)p->n,
                                      .width = terminal_width(out)};
    if (similar.n > catalogue.n_movies) similar.n = catalogue.n_movies;
    TRY(request_filter(p, &catalogue, &genre, &similar.filter, err));
    TRY(content_load(&content, stage_input(run, "similarity"), err));
    if (factors != NULL) TRY(models_load(&models, &factors, 1, err));
    if (content.n_movies != catalogue.n_movies ||
        (factors != NULL && models.baseline.n_movies != catalogue.n_movies)) {
        return error_set(err, STATUS_DAMAGED, "%s: its movies are not those of the other inputs",
                         artifact_path(stage_input(run, "dataset")));
    }
    TRY(similar_print(&similar, movie, &text, err));
    return write_out(&text, out, err);
}

/* ---- users ---- */

static enum status recommend_users(struct stage_run *run, const struct recommender *r,
                                   const struct recommend_request *p, FILE *out,
                                   struct error *err) {
    struct printer printer = {r, request_format(p), p->explain, terminal_width(out)};
    struct wishes wishes = {
        .n = (size_t)p->n, .shortlist = (size_t)p->shortlist, .purpose = purpose_named(p->purpose)};
    AUTO(history_buffer) struct history_buffer given = {0};
    AUTO(buf) struct buf text = {0};
    MEM_AUTO bool *genre = NULL;
    struct history history = {0};
    uint32_t user = NO_INDEX;
    TRY(request_filter(p, recommender_catalogue(r), &genre, &wishes.filter, err));
    TRY(request_now(p->now, recommender_now(r, &history), &wishes.now, err));
    if (p->all) {
        uint64_t n_users = 0;
        TRY(users_all(&printer, &wishes, out, &n_users, err));
        stage_count(run, "users", n_users);
        return STATUS_OK;
    }
    TRY(request_history(p, r, &given, &history, &user, err));
    TRY(users_one(&printer, &wishes, &history, user, &text, err));
    stage_count(run, "movies in the history", history.count);
    return write_out(&text, out, err);
}

static enum status check_complete(const struct run_artifacts *from, const char *folder,
                                  struct error *err) {
    AUTO(buf) struct buf path = {0};
    char command[RUN_COMMAND_SIZE];
    enum run_role role;
    if (run_artifacts_complete(from, &role)) return STATUS_OK;
    const char *name = run_file(role)->name;
    if (folder == NULL) return error_set(err, STATUS_USAGE, "--%s: needed to recommend", name);
    TRY(run_path(&path, folder, run_part_of(role, from->view), err));
    return error_set(err, STATUS_USAGE,
                     "--%s: needed to recommend, but %s is not there (%s makes it)", name,
                     path.data, run_command(path.data, command));
}

static enum status answer(struct stage_run *r, const struct recommend_request *p, FILE *out,
                          struct error *err) {
    if (p->similar_to != NULL) return list_similar(r, p, out, err);
    const struct run_artifacts from = stage_artifacts(r);
    struct recommender *recommender = NULL;
    TRY(check_complete(&from, p->run_folder, err));
    TRY(recommender_open(&recommender, &from, err));
    enum status status = recommend_users(r, recommender, p, out, err);
    recommender_release(recommender);
    return status;
}

static enum status run(struct stage_run *r, const void *params, struct error *err) {
    const struct recommend_request *p = params;
    const char *path = stage_output_path(r);
    struct file_writer file = {0};
    TRY(request_check(p, err));
    if (path == NULL) return answer(r, p, stdout, err);
    TRY(file_writer_open(&file, path, err));
    enum status status = answer(r, p, file.stream, err);
    if (status == STATUS_OK) return file_writer_commit(&file, err);
    file_writer_abandon(&file);
    return status;
}

static const struct stage recommend_stage = {
    .name = "recommend",
    .version = 2,
    .summary = "ranked movies for a user, for everybody or for somebody new, and why",
    .options = options,
    .n_options = sizeof(options) / sizeof(options[0]),
    .inputs = inputs,
    .n_inputs = sizeof(inputs) / sizeof(inputs[0]),
    .has_view = true,
    .default_view = VIEW_ALL,
    .params_size = sizeof(struct recommend_request),
    .run = run,
};

int main(int argc, char **argv) {
    return run_inputs_main(argc, argv, &recommend_stage);
}
