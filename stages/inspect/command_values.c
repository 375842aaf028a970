/* head, stats: the values of columns. */
#include "common/artifact/artifact.h"
#include "common/base/mem.h"
#include "stages/inspect/artifact_text.h"
#include "stages/inspect/command.h"
#include "stages/inspect/describe.h"
#include "stages/inspect/statistics.h"
#include "stages/inspect/text_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>

/* ---- head ---- */

static uint64_t row_size(const struct column_info *info) {
    uint64_t size = 1;
    for (uint32_t i = 1; i < info->n_dims; i++)
        size *= info->shape[i];
    return size;
}

static enum status head_texts(const struct artifact *a, const struct column_info *info, uint64_t n,
                              struct error *err) {
    AUTO(strings) struct strings texts = {0};
    TRY(artifact_read_strings(a, info->name, info->count, &texts, err));
    uint64_t row = row_size(info);
    for (uint64_t i = 0; i < n * row; i++) {
        text_quote(strings_get(&texts, i), stdout);
        putchar((i + 1) % row == 0 ? '\n' : ' ');
    }
    return STATUS_OK;
}

static enum status head_numbers(const struct artifact *a, const struct column_info *info,
                                uint64_t n, struct error *err) {
    uint64_t row = row_size(info), count = n * row;
    MEM_AUTO void *values = NULL;
    char text[TEXT_VALUE_SIZE];
    TRY(mem_alloc(&values, count, dtype_size(info->dtype), err));
    TRY(artifact_read_range(a, info->name, info->dtype, 0, count, values, err));
    for (uint64_t i = 0; i < count; i++) {
        text_value(info->dtype, values, i, text);
        printf("%s%c", text, (i + 1) % row == 0 ? '\n' : ' ');
    }
    return STATUS_OK;
}

static enum status run_head(struct inspect_call *call, struct error *err) {
    struct artifact *a;
    const struct column_info *info;
    TRY(artifact_open(&a, call->words[0], NULL, err));
    enum status status = find_column(a, call->words[1], &info, err);
    if (status == STATUS_OK && info->count > 0) {
        uint64_t n = (uint64_t)call->options->n;
        if (n > info->shape[0]) n = info->shape[0];
        status =
            info->dtype == DTYPE_STR ? head_texts(a, info, n, err) : head_numbers(a, info, n, err);
    }
    artifact_close(a);
    return status;
}

static const struct option_spec head_options[] = {
    RUNTIME_INT("rows", n, "10", 0, 1e9, "rows to print", 'n'),
};

const struct inspect_command inspect_head = {
    .name = "head",
    .words = "FILE COLUMN",
    .min_words = 2,
    .max_words = 2,
    .summary = "the first rows of a column",
    .options = head_options,
    .n_options = 1,
    .run = run_head,
};

/* ---- stats ---- */

static enum status stats_row(const struct artifact *a, const struct column_info *c,
                             struct text_table *t, struct error *err) {
    struct column_statistics s;
    char text[32];
    TRY(column_statistics_of(&s, a, c, err));
    TRY(text_table_cell(t, err, "%s", c->name));
    TRY(text_table_cell(t, err, "%s", dtype_name(c->dtype)));
    TRY(text_table_cell(t, err, "%" PRIu64, c->count));
    bool numbers = c->dtype != DTYPE_STR, any = numbers && c->count > c->nan_count;
    TRY(text_table_cell(t, err, "%s", any ? number_text(c->min, text) : "-"));
    TRY(text_table_cell(t, err, "%s", any ? number_text(c->max, text) : "-"));
    TRY(text_table_cell(t, err, "%s", any ? number_text(s.mean, text) : "-"));
    TRY(text_table_cell(t, err, "%s", any ? number_text(s.deviation, text) : "-"));
    TRY(text_table_cell(t, err, "%" PRIu64, s.zeros));
    return text_table_cell(t, err, "%" PRIu64, c->nan_count);
}

static enum status stats_rows(const struct artifact *a, const struct inspect_call *call,
                              struct text_table *t, struct error *err) {
    TRY(text_table_heading(t, "column type count min max mean deviation zeros NaNs", err));
    if (call->n_words == 1) {
        for (size_t i = 0; i < artifact_n_columns(a); i++)
            TRY(stats_row(a, artifact_column_at(a, i), t, err));
    }
    for (int i = 1; i < call->n_words; i++) {
        const struct column_info *info;
        TRY(find_column(a, call->words[i], &info, err));
        TRY(stats_row(a, info, t, err));
    }
    return STATUS_OK;
}

static enum status run_stats(struct inspect_call *call, struct error *err) {
    struct artifact *a;
    AUTO(text_table) struct text_table t = {.align = "llrrrrrrr"};
    TRY(artifact_open(&a, call->words[0], NULL, err));
    enum status status = stats_rows(a, call, &t, err);
    artifact_close(a);
    TRY(status);
    return text_table_print(&t, stdout, err);
}

const struct inspect_command inspect_stats = {
    .name = "stats",
    .words = "FILE [COLUMN]...",
    .min_words = 1,
    .max_words = INT32_MAX,
    .summary = "minimum, maximum, mean, deviation, zeros and NaNs of columns",
    .details = "Zeros of a str column are its empty texts.",
    .run = run_stats,
};
