#include "stages/inspect/statistics.h"

#include "common/base/mem.h"
#include "stages/inspect/artifact_text.h"

#include <math.h>

/* Welford's update: exact enough for timestamps, whose squares would swamp a plain sum. */
static void add(struct column_statistics *s, double *squares, double value) {
    if (value == 0) s->zeros++;
    if (!isfinite(value)) return;
    s->finite++;
    double step = value - s->mean;
    s->mean += step / (double)s->finite;
    *squares += step * (value - s->mean);
}

static enum status count_empty(struct column_statistics *out, const struct artifact *a,
                               const struct column_info *info, struct error *err) {
    AUTO(strings) struct strings texts = {0};
    TRY(artifact_read_strings(a, info->name, info->count, &texts, err));
    for (size_t i = 0; i < texts.count; i++)
        out->zeros += strings_get(&texts, i)[0] == '\0';
    return STATUS_OK;
}

enum status column_statistics_of(struct column_statistics *out, const struct artifact *a,
                                 const struct column_info *info, struct error *err) {
    *out = (struct column_statistics){0};
    if (info->dtype == DTYPE_STR) return count_empty(out, a, info, err);
    struct column_blocks b;
    double squares = 0;
    TRY(column_blocks_start(&b, a, info, err));
    enum status status = STATUS_OK;
    while (b.count > 0 && status == STATUS_OK) {
        for (uint64_t i = 0; i < b.count; i++)
            add(out, &squares, value_at(info->dtype, b.values, i));
        status = column_blocks_next(&b, err);
    }
    column_blocks_release(&b);
    if (out->finite > 0) out->deviation = sqrt(squares / (double)out->finite);
    return status;
}
