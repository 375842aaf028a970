/* The ranker's results user by user, as CSV: what paired comparisons between runs need. Column
 * "liked" is 1 where the user liked a held-out movie; the figures of that list are 0 where not. */
#include "common/base/file.h"
#include "stages/evaluate/evaluate.h"

#include <inttypes.h>

static const char *const columns[] = {"hr@10", "ndcg@10", "recall@20", "ndcg@100"};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static void print_head(const struct evaluation *e, FILE *out) {
    fprintf(out, "userId,history,popularity");
    for (int m = 0; m < MODES; m++) {
        for (size_t i = 0; i < N_COLUMNS && e->value[m][RANKER] != NULL; i++) {
            fprintf(out, ",%s.%s", mode_name((enum mode)m), columns[i]);
        }
    }
    if (e->relevant[LIKED] != NULL) fprintf(out, ",liked");
    if (e->components->rating[RATING_RANKER].present) fprintf(out, ",ratings,squared,absolute");
    fputc('\n', out);
}

static void print_user(const struct evaluation *e, const uint32_t *user_id, size_t row, FILE *out) {
    fprintf(out, "%" PRIu32 ",%" PRIu32 ",%" PRIu32, user_id[e->list[row].user],
            e->history_length[row], e->popularity[row]);
    for (int m = 0; m < MODES; m++) {
        const float *value = e->value[m][RANKER];
        for (size_t i = 0; i < N_COLUMNS && value != NULL; i++) {
            fprintf(out, ",%.7g", (double)value[row * metric_count() + metric_find(columns[i])]);
        }
    }
    if (e->relevant[LIKED] != NULL) fprintf(out, ",%d", e->relevant[LIKED][row] > 0);
    if (e->components->rating[RATING_RANKER].present) {
        const struct rating_errors *errors = &e->rating[row];
        fprintf(out, ",%" PRIu32 ",%.7g,%.7g", errors->count,
                (double)errors->squared[RATING_RANKER], (double)errors->absolute[RATING_RANKER]);
    }
    fputc('\n', out);
}

enum status users_csv(const struct evaluation *e, const uint32_t *user_id, const char *path,
                      struct error *err) {
    struct file_writer w;
    TRY(file_writer_open(&w, path, err));
    print_head(e, w.stream);
    for (size_t row = 0; row < e->n_lists; row++) {
        print_user(e, user_id, row, w.stream);
    }
    return file_writer_commit(&w, err);
}
