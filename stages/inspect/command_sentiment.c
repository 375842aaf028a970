/* sentiment: the tags and words of reviews that go with the best and the worst ratings. */
#include "common/artifact/artifact.h"
#include "common/base/mem.h"
#include "stages/inspect/command.h"
#include "stages/inspect/text_table.h"

#include <inttypes.h>
#include <stdlib.h>

struct valence {
    const char *name;
    float value, error;
    uint32_t support;
    bool is_word;
};

struct valences {
    struct strings name;
    struct valence *list;
    size_t count;
};

static void valences_release(struct valences *v) {
    strings_release(&v->name);
    mem_free(v->list);
}

static int compare_valences(const void *a, const void *b) {
    const struct valence *x = a, *y = b;
    return (x->value < y->value) - (x->value > y->value);
}

static enum status load(struct valences *v, const struct artifact *a, struct error *err) {
    MEM_AUTO float *value = NULL, *error = NULL;
    MEM_AUTO uint32_t *support = NULL;
    MEM_AUTO uint8_t *group = NULL;
    const struct column_info *info = artifact_column(a, "sentiment.name");
    if (info == NULL) {
        return error_set(err, STATUS_FAILED,
                         "%s: no sentiment: the dataset has neither tags nor reviews",
                         artifact_path(a));
    }
    v->count = (size_t)info->count;
    TRY(artifact_read_strings(a, "sentiment.name", v->count, &v->name, err));
    TRY(artifact_read(a, "sentiment.group", DTYPE_U8, v->count, &group, err));
    TRY(artifact_read(a, "sentiment.valence", DTYPE_F32, v->count, &value, err));
    TRY(artifact_read(a, "sentiment.error", DTYPE_F32, v->count, &error, err));
    TRY(artifact_read(a, "sentiment.support", DTYPE_U32, v->count, &support, err));
    TRY(MEM_NEW(&v->list, v->count, err));
    for (size_t k = 0; k < v->count; k++) {
        v->list[k] = (struct valence){strings_get(&v->name, k), value[k], error[k], support[k],
                                      group[k] != 0};
    }
    qsort(v->list, v->count, sizeof(*v->list), compare_valences);
    return STATUS_OK;
}

static enum status print(const char *title, const struct valences *v, size_t first, size_t end,
                         struct error *err) {
    AUTO(text_table) struct text_table t = {.align = "rrrll", .indent = 2};
    TRY(text_table_heading(&t, "stars error ratings kind text", err));
    for (size_t k = first; k < end; k++) {
        const struct valence *x = &v->list[k];
        TRY(text_table_cell(&t, err, "%+.3f", (double)x->value));
        TRY(text_table_cell(&t, err, "%.3f", (double)x->error));
        TRY(text_table_cell(&t, err, "%" PRIu32, x->support));
        TRY(text_table_cell(&t, err, "%s", x->is_word ? "word" : "tag"));
        TRY(text_table_cell(&t, err, "%s", x->name));
    }
    printf("%s\n", title);
    return text_table_print(&t, stdout, err);
}

static enum status run(struct inspect_call *call, struct error *err) {
    struct artifact *a = NULL;
    __attribute__((cleanup(valences_release))) struct valences v = {0};
    TRY(artifact_open(&a, call->words[0], "similarity", err));
    enum status status = load(&v, a, err);
    artifact_close(a);
    TRY(status);
    size_t half = (v.count + 1) / 2, n = (size_t)call->options->n;
    if (n > half) n = half;
    TRY(print("with the best ratings", &v, 0, n, err));
    putchar('\n');
    size_t worst = v.count - half < n ? v.count - half : n;
    return print("with the worst ratings, worst last", &v, v.count - worst, v.count, err);
}

static const struct option_spec options[] = {
    RUNTIME_INT("number", n, "15", 1, 1000000, "how many of each", 'n'),
};

const struct inspect_command inspect_sentiment = {
    .name = "sentiment",
    .words = "FILE",
    .min_words = 1,
    .max_words = 1,
    .summary = "the tags and words that go with the best and the worst ratings",
    .details =
        "FILE is a similarity artifact. Stars: by how much the ratings that go with a tag or\n"
        "word lie above or below the usual, with the standard error.",
    .options = options,
    .n_options = sizeof(options) / sizeof(options[0]),
    .run = run,
};
