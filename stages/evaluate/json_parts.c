#include "stages/evaluate/json_parts.h"

enum status no_memory(struct error *err) {
    return error_set(err, STATUS_FAILED, "building metrics.json: out of memory");
}

enum status put_value(json_t *object, const char *key, json_t *value, struct error *err) {
    return json_object_set_new(object, key, value) == 0 ? STATUS_OK : no_memory(err);
}

enum status append_value(json_t *array, json_t *value, struct error *err) {
    return json_array_append_new(array, value) == 0 ? STATUS_OK : no_memory(err);
}

json_t *estimate_json(const struct estimate *e) {
    return json_pack("{s:f,s:f,s:f}", "value", e->value, "low", e->low, "high", e->high);
}
