#include "stages/serve/body.h"

#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/catalogue.h"
#include "common/data/rating_scale.h"

#include <jansson.h>
#include <string.h>

static const int64_t LATEST = 4102444799; /* the end of 2099, as ingest has it */

static void json_release(json_t **json) {
    json_decref(*json);
}
#define JSON_AUTO __attribute__((cleanup(json_release)))

enum status body_failed(struct reply *out, const struct error *err) {
    out->status = err->status == STATUS_USAGE ? 400 : err->status == STATUS_DAMAGED ? 404 : 500;
    return STATUS_FAILED;
}

static enum status parse(const char *text, size_t size, json_t **out, struct error *err) {
    json_error_t problem;
    if (size == 0) return error_set(err, STATUS_USAGE, "a body is needed");
    *out = json_loadb(text, size, JSON_REJECT_DUPLICATES, &problem);
    if (*out != NULL) return STATUS_OK;
    return error_set(err, STATUS_USAGE, "the body is not JSON: line %d, column %d: %s",
                     problem.line, problem.column, problem.text);
}

/* Refuses members that are not in `known`, a list that ends with NULL. */
static enum status check_members(json_t *object, const char *const *known, struct error *err) {
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        size_t i = 0;
        while (known[i] != NULL && strcmp(known[i], key) != 0) {
            i++;
        }
        if (known[i] == NULL) {
            return error_set(err, STATUS_USAGE, "\"%.60s\": there is no such member here", key);
        }
    }
    return STATUS_OK;
}

static enum status read_id(json_t *value, const char *name, uint32_t *out, struct error *err) {
    json_int_t id = json_is_integer(value) ? json_integer_value(value) : -1;
    if (id < 0 || id >= UINT32_MAX) {
        return error_set(err, STATUS_USAGE, "%s: %s", name,
                         value == NULL ? "is needed" : "is not an id");
    }
    *out = (uint32_t)id;
    return STATUS_OK;
}

static enum status read_movie(json_t *value, const char *name, const struct snapshot *snapshot,
                              uint32_t *out, struct error *err) {
    TRY(read_id(value, name, out, err));
    if (catalogue_find_movie(snapshot->catalogue, *out) != NO_INDEX) return STATUS_OK;
    return error_set(err, STATUS_DAMAGED, "%s: no movie has the id %u", name, *out);
}

static enum status read_stars(json_t *value, const char *name, uint8_t *out, struct error *err) {
    if (json_is_number(value) && half_stars_of(json_number_value(value), out)) return STATUS_OK;
    return error_set(err, STATUS_USAGE, "%s: %s", name,
                     value == NULL ? "is needed for a rating"
                                   : "is not a half star between 0.5 and 5");
}

static enum status read_time(json_t *value, int64_t now, int64_t *out, struct error *err) {
    *out = now;
    if (value == NULL || json_is_null(value)) return STATUS_OK;
    *out = json_is_integer(value) ? json_integer_value(value) : -1;
    if (*out >= 0 && *out <= LATEST) return STATUS_OK;
    return error_set(err, STATUS_USAGE, "timestamp: is not seconds since 1970, before 2100");
}

/* ---- sessions ---- */

static enum status read_session_movie(json_t *item, const struct snapshot *snapshot,
                                      struct user_event *out, struct error *err) {
    static const char *const known[] = {"movieId", "rating", "timestamp", NULL};
    *out = (struct user_event){.type = FEEDBACK_RATING, .value = 10, .time = snapshot->newest};
    if (!json_is_object(item)) return read_movie(item, "movie", snapshot, &out->movie, err);
    json_t *rating = json_object_get(item, "rating");
    TRY(check_members(item, known, err));
    TRY(read_movie(json_object_get(item, "movieId"), "movieId", snapshot, &out->movie, err));
    if (rating != NULL && !json_is_null(rating))
        TRY(read_stars(rating, "rating", &out->value, err));
    return read_time(json_object_get(item, "timestamp"), snapshot->newest, &out->time, err);
}

enum status body_session(const char *text, size_t size, const struct snapshot *snapshot,
                         struct user_events *out, struct error *err) {
    static const char *const known[] = {"movies", NULL};
    JSON_AUTO json_t *body = NULL;
    TRY(parse(text, size, &body, err));
    if (!json_is_object(body)) return error_set(err, STATUS_USAGE, "the body is not an object");
    TRY(check_members(body, known, err));
    json_t *movies = json_object_get(body, "movies");
    if (!json_is_array(movies)) return error_set(err, STATUS_USAGE, "movies: a list is needed");
    size_t n = json_array_size(movies);
    if (n > BODY_MAX_MOVIES) {
        return error_set(err, STATUS_USAGE, "movies: more than %d", BODY_MAX_MOVIES);
    }
    TRY(mem_grow(&out->event, &out->capacity, n, sizeof(*out->event), err));
    for (; out->count < n; out->count++) {
        json_t *item = json_array_get(movies, out->count);
        if (read_session_movie(item, snapshot, &out->event[out->count], err) != STATUS_OK) {
            return error_wrap(err, "movies[%zu]", out->count);
        }
    }
    return STATUS_OK;
}

/* ---- feedback ---- */

static enum status read_key(json_t *value, struct feedback *out, struct error *err) {
    if (value == NULL || json_is_null(value)) return STATUS_OK;
    size_t size = json_is_string(value) ? json_string_length(value) : 0;
    if (size == 0 || size >= FEEDBACK_KEY_SIZE) {
        return error_set(err, STATUS_USAGE, "id: is not a text of 1 to %d bytes",
                         FEEDBACK_KEY_SIZE - 1);
    }
    memcpy(out->key, json_string_value(value), size);
    return STATUS_OK;
}

static enum status read_type(json_t *item, struct feedback *out, struct error *err) {
    json_t *value = json_object_get(item, "value");
    const char *name = json_string_value(json_object_get(item, "type"));
    enum feedback_type type;
    if (name == NULL || !feedback_parse(name, &type)) {
        return error_set(err, STATUS_USAGE,
                         "type: is not one of rating, view, like, dislike, not_interested");
    }
    out->type = (uint8_t)type;
    if (type == FEEDBACK_RATING) return read_stars(value, "value", &out->value, err);
    if (value == NULL || json_is_null(value)) return STATUS_OK;
    return error_set(err, STATUS_USAGE, "value: belongs to ratings only");
}

static enum status read_event(json_t *item, const struct snapshot *snapshot, int64_t now,
                              struct feedback *out, struct error *err) {
    static const char *const known[] = {"userId", "movieId",   "type", "value",
                                        "id",     "timestamp", NULL};
    *out = (struct feedback){0};
    if (!json_is_object(item)) return error_set(err, STATUS_USAGE, "is not an object");
    TRY(check_members(item, known, err));
    TRY(read_id(json_object_get(item, "userId"), "userId", &out->user, err));
    TRY(read_movie(json_object_get(item, "movieId"), "movieId", snapshot, &out->movie, err));
    TRY(read_type(item, out, err));
    TRY(read_time(json_object_get(item, "timestamp"), now, &out->time, err));
    return read_key(json_object_get(item, "id"), out, err);
}

enum status body_feedback(const char *text, size_t size, const struct snapshot *snapshot,
                          int64_t now, struct feedback **out, size_t *count, struct error *err) {
    JSON_AUTO json_t *body = NULL;
    *count = 0;
    TRY(parse(text, size, &body, err));
    size_t n = json_is_array(body) ? json_array_size(body) : 1;
    if (n > BODY_MAX_EVENTS) {
        return error_set(err, STATUS_USAGE, "more than %d events at once", BODY_MAX_EVENTS);
    }
    TRY(MEM_NEW(out, n, err));
    for (; *count < n; ++*count) {
        json_t *item = json_is_array(body) ? json_array_get(body, *count) : body;
        if (read_event(item, snapshot, now, &(*out)[*count], err) != STATUS_OK) {
            return json_is_array(body) ? error_wrap(err, "events[%zu]", *count) : err->status;
        }
    }
    return STATUS_OK;
}
