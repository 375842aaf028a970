#include "stages/evaluate/information.h"

#include "common/data/history.h"

#include <string.h>

const char *information_name(enum information i) {
    static const char *const names[] = {"blind", "moment", "day", "side data", "unknown"};
    return names[i];
}

/* Those of `recent` are not among them: they count back from the end of the view. */
bool feature_knows_moment(const char *name) {
    static const char *const names[] = {"sequence",
                                        "sequence.lift",
                                        "time.age",
                                        "time.known",
                                        "user.gap",
                                        "user.session",
                                        "popularity.30d",
                                        "popularity.90d",
                                        "popularity.365d",
                                        "popularity.trend",
                                        "popularity.place-30d"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], name) == 0) return true;
    }
    return false;
}

static bool says(const struct artifact *split, const char *key, const char *value) {
    const char *found = NULL;
    struct error absent;
    return artifact_get_str(split, key, &found, &absent) == STATUS_OK && strcmp(found, value) == 0;
}

enum status told_by_split(struct told *out, const struct artifact *split, struct error *err) {
    enum history_rule rule = HISTORY_PREFIX;
    TRY(split_history_rule(&rule, split, err));
    out->moment = rule != HISTORY_FOLD_IN && !says(split, "moment", "hidden");
    out->cold_items = says(split, "candidates", "held-out");
    return STATUS_OK;
}

enum information information_of(const struct uses *uses, const struct told *told) {
    if (uses->foreign) return INFORMATION_UNKNOWN;
    if (told->cold_items && uses->content) return INFORMATION_SIDE_DATA;
    if (!told->moment || !uses->moment) return INFORMATION_BLIND;
    return uses->stars ? INFORMATION_DAY : INFORMATION_MOMENT;
}
