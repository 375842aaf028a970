#include "stages/ranker/feature_mask.h"

#include <stdbool.h>
#include <string.h>

static const char group_mark[] = "group:";
enum { MARK_SIZE = sizeof group_mark - 1 };

static bool stands_for(const char *word, size_t size, const char *name, const char *group) {
    if (size > MARK_SIZE && strncmp(word, group_mark, MARK_SIZE) == 0) {
        return strlen(group) == size - MARK_SIZE &&
               strncmp(group, word + MARK_SIZE, size - MARK_SIZE) == 0;
    }
    return strncmp(name, word, size) == 0 && (name[size] == '\0' || name[size] == '.');
}

enum status feature_mask_apply(const char *list, const struct strings *name,
                               const struct strings *group, float *scale, struct error *err) {
    if (strcmp(list, "none") == 0) return STATUS_OK;
    for (const char *word = list; *word != '\0';) {
        size_t size = strcspn(word, ","), found = 0;
        for (size_t i = 0; size > 0 && i < name->count; i++) {
            if (!stands_for(word, size, strings_get(name, i), strings_get(group, i))) continue;
            scale[i] = 0;
            found++;
        }
        if (found == 0) {
            return error_set(err, STATUS_USAGE, "--without: \"%.*s\" is no feature, group or model",
                             (int)size, word);
        }
        word += size + (word[size] == ',');
    }
    return STATUS_OK;
}
