/* user: one user's history and taste. */
#include "common/base/mem.h"
#include "common/data/rating_scale.h"
#include "common/data/ratings.h"
#include "common/data/view.h"
#include "stages/inspect/command.h"
#include "stages/inspect/inspected_run.h"
#include "stages/inspect/rating_profile.h"
#include "stages/inspect/text_table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* A value per user of an optional column; 0 where the dataset has none. */
static enum status user_value(const struct inspected_run *r, const char *column, uint32_t user,
                              uint8_t *out, struct error *err) {
    const struct artifact *dataset = r->artifacts.file[RUN_DATASET];
    *out = 0;
    if (artifact_column(dataset, column) == NULL) return STATUS_OK;
    return artifact_read_range(dataset, column, DTYPE_U8, user, 1, out, err);
}

static enum status print_person(const struct inspected_run *r, uint32_t user, struct error *err) {
    static const char *const genders[] = {"", "female", "male"};
    uint8_t gender, age;
    TRY(user_value(r, "user.gender", user, &gender, err));
    TRY(user_value(r, "user.age", user, &age, err));
    if (gender == 0 && age == 0) return STATUS_OK;
    printf("person      %s", gender <= 2 ? genders[gender] : "");
    if (age > 0) printf("%sage %u", gender > 0 ? ", " : "", age);
    putchar('\n');
    return STATUS_OK;
}

static enum status print_summary(const struct inspected_run *r, uint32_t user, struct error *err) {
    struct rating_profile p;
    char count[32], first[DATE_SIZE], last[DATE_SIZE];
    profile_user(&p, &r->ratings, user);
    printf("user        %" PRIu32 " (index %" PRIu32 ")\n", r->catalogue.user_id[user], user);
    TRY(print_person(r, user, err));
    printf("ratings     %s (view %s)\n", count_text(p.count, count), view_name(r->artifacts.view));
    if (p.count == 0) return STATUS_OK;
    printf("mean        %.2f stars, deviation %.2f\n", p.mean, p.deviation);
    printf("rated from  %s to %s\n", date_text(p.first, first), date_text(p.last, last));
    print_stars(p.stars, stdout);
    return STATUS_OK;
}

static enum status print_taste(const struct inspected_run *r, uint32_t user, struct error *err) {
    MEM_AUTO struct genre_taste *taste = NULL;
    size_t count;
    AUTO(text_table) struct text_table t = {.align = "lrrrrr", .indent = 2};
    TRY(profile_taste(&taste, &count, &r->catalogue, &r->ratings, user, err));
    TRY(text_table_heading(&t, "genre ratings share lift mean affinity", err));
    for (size_t i = 0; i < count; i++) {
        const char *name = strings_get(&r->catalogue.genre_name, taste[i].genre);
        TRY(text_table_cell(&t, err, "%s", name));
        TRY(text_table_cell(&t, err, "%" PRIu64, taste[i].count));
        TRY(text_table_cell(&t, err, "%.0f%%", 100 * taste[i].share));
        TRY(text_table_cell(&t, err, "%.2f", taste[i].lift));
        TRY(text_table_cell(&t, err, "%.2f", taste[i].mean));
        TRY(text_table_cell(&t, err, "%+.2f", taste[i].affinity));
    }
    printf("\ntaste: genres by affinity\n");
    return text_table_print(&t, stdout, err);
}

static enum status history_row(const struct inspected_run *r, const uint8_t *role, uint64_t at,
                               struct text_table *t, struct error *err) {
    static const char *const roles[] = {"base", "rank", "valid", "test", "fold-in"};
    AUTO(buf) struct buf title = {0}, genres = {0};
    char date[DATE_SIZE];
    uint32_t movie = r->ratings.movie[at];
    TRY(run_title(r, movie, &title, err));
    TRY(run_genres(r, movie, &genres, err));
    TRY(text_table_cell(t, err, "%s", date_text(r->ratings.time[at], date)));
    TRY(text_table_cell(t, err, "%.1f", stars_of(r->ratings.value[at])));
    TRY(text_table_cell(t, err, "%s", role == NULL || role[at] > 4 ? "-" : roles[role[at]]));
    TRY(text_table_cell(t, err, "%" PRIu32, r->catalogue.movie_id[movie]));
    TRY(text_table_cell(t, err, "%s", title.data));
    return text_table_cell(t, err, "%s", genres.data);
}

static enum status print_history(const struct inspected_run *r, uint32_t user, uint64_t n,
                                 struct error *err) {
    AUTO(ratings) struct ratings unused = {0};
    MEM_AUTO uint8_t *role = NULL;
    AUTO(text_table) struct text_table t = {.align = "lrlrll", .indent = 2};
    /* Roles stand beside the ratings of the whole dataset, which is what view all shows. */
    const struct artifact *const *file = r->artifacts.file;
    if (file[RUN_SPLIT] != NULL && r->artifacts.view == VIEW_ALL)
        TRY(ratings_load(&unused, &role, file[RUN_DATASET], file[RUN_SPLIT], err));
    TRY(text_table_heading(&t, "date stars role id movie genres", err));
    uint64_t begin = r->ratings.offset[user];
    for (uint64_t i = r->ratings.offset[user + 1]; i > begin && n > 0; i--, n--)
        TRY(history_row(r, role, i - 1, &t, err));
    printf("\nhistory, newest first\n");
    return text_table_print(&t, stdout, err);
}

static enum status tell(const struct inspected_run *r, const char *text, uint64_t n,
                        struct error *err) {
    char *end;
    uint32_t user;
    errno = 0;
    long long id = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0)
        return error_set(err, STATUS_USAGE, "\"%s\" is no user id", text);
    TRY(run_find_user(r, id, &user, err));
    TRY(print_summary(r, user, err));
    TRY(print_taste(r, user, err));
    return print_history(r, user, n, err);
}

static enum status run_user(struct inspect_call *call, struct error *err) {
    struct inspected_run r;
    const struct inspect_options *o = call->options;
    TRY(run_open(&r, o->run, o->view, 0, err));
    enum status status = tell(&r, call->words[0], (uint64_t)o->n, err);
    run_release(&r);
    return status;
}

static const struct option_spec user_options[] = {
    RUNTIME_TEXT("run", run, NULL, "folder of the run", 'r'),
    RUNTIME_CHOICE("view", view, "all", "fit|full|all", "ratings to show", 0),
    RUNTIME_INT("number", n, "10", 0, 1000000, "newest ratings to list", 'n'),
};

const struct inspect_command inspect_user = {
    .name = "user",
    .words = "ID",
    .min_words = 1,
    .max_words = 1,
    .summary = "a user: history, and taste as genres by affinity",
    .details =
        "lift is the share of the genre in the user's ratings over its share in everybody's;\n"
        "affinity = n / (n + 5) * (log2(lift) + mean of the genre - mean of the user).",
    .options = user_options,
    .n_options = sizeof(user_options) / sizeof(user_options[0]),
    .run = run_user,
};
