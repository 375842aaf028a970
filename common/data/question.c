#include "common/data/question.h"

#include <string.h>

static const char *const target_names[] = {"all", "first", "last", "random", "successive"};
static const char *const moment_names[] = {"known", "hidden", "cut"};

const char *target_rule_name(enum target_rule rule) {
    return target_names[rule];
}

const char *moment_rule_name(enum moment_rule rule) {
    return moment_names[rule];
}

/* *out becomes the place of the metadata's value among the names; stays as it is without a value.
 */
static enum status read_name(unsigned *out, const struct artifact *split, const char *key,
                             const char *const *names, unsigned n, struct error *err) {
    const char *text = NULL;
    if (!artifact_has_meta(split, key)) return STATUS_OK;
    TRY(artifact_get_str(split, key, &text, err));
    for (unsigned i = 0; i < n; i++) {
        if (strcmp(text, names[i]) != 0) continue;
        *out = i;
        return STATUS_OK;
    }
    return error_set(err, STATUS_DAMAGED, "%s: metadata %s: \"%s\" is not known",
                     artifact_path(split), key, text);
}

enum status question_load(struct question *out, const struct artifact *split, struct error *err) {
    unsigned target = TARGET_ALL, moment = MOMENT_KNOWN;
    *out = (struct question){0};
    TRY(split_history_rule(&out->history, split, err));
    TRY(read_name(&target, split, "target", target_names, TARGET_SUCCESSIVE + 1, err));
    TRY(read_name(&moment, split, "moment", moment_names, MOMENT_CUT + 1, err));
    out->target = (enum target_rule)target;
    out->moment = (enum moment_rule)moment;
    if (out->moment != MOMENT_CUT) return STATUS_OK;
    TRY(artifact_get_i64(split, "cut.fit", &out->cut_fit, err));
    return artifact_get_i64(split, "cut.full", &out->cut_full, err);
}

int64_t question_now(const struct question *q, enum view view, const struct history *h,
                     int64_t time) {
    if (q->moment == MOMENT_CUT) return view == VIEW_FIT ? q->cut_fit : q->cut_full;
    bool hidden = q->moment == MOMENT_HIDDEN || q->history == HISTORY_FOLD_IN;
    return hidden && h->count > 0 ? h->time[h->count - 1] : time;
}
