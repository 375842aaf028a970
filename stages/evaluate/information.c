#include "stages/evaluate/information.h"

#include "common/data/history.h"

#include <string.h>

const char *information_name(enum information i) {
    static const char *const names[] = {"blind", "moment", "day", "side data", "unknown"};
    return names[i];
}

static bool says(const struct artifact *split, const char *key, const char *value) {
    const char *found = NULL;
    struct error absent;
    return artifact_get_str(split, key, &found, &absent) == STATUS_OK && strcmp(found, value) == 0;
}

enum status told_by_split(struct told *out, const struct artifact *split, struct error *err) {
    enum history_rule rule = HISTORY_PREFIX;
    TRY(split_history_rule(&rule, split, err));
    out->moment = rule != HISTORY_FOLD_IN && !says(split, "moment", "hidden") &&
                  !says(split, "moment", "cut");
    out->cold_items = says(split, "candidates", "held-out");
    return STATUS_OK;
}

enum information information_of(const struct uses *uses, const struct told *told) {
    if (uses->foreign) return INFORMATION_UNKNOWN;
    if (told->cold_items && uses->content) return INFORMATION_SIDE_DATA;
    if (!told->moment || !uses->moment) return INFORMATION_BLIND;
    return uses->stars ? INFORMATION_DAY : INFORMATION_MOMENT;
}
