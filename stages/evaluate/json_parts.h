/* What the files that build metrics.json have in common. */
#ifndef MARQUEE_EVALUATE_JSON_PARTS_H
#define MARQUEE_EVALUATE_JSON_PARTS_H

#include "common/base/error.h"
#include "common/evaluation/bootstrap.h"

#include <jansson.h>

/* The failure of whatever builds a part of the document. */
enum status no_memory(struct error *err);

/* Puts `value`, a reference that it takes over even if it fails, under `key` or at the end. */
enum status put_value(json_t *object, const char *key, json_t *value, struct error *err);
enum status append_value(json_t *array, json_t *value, struct error *err);

/* {value, low, high}; a new reference, NULL without memory. */
json_t *estimate_json(const struct estimate *e);

#endif
