#include "stages/ingest/users_file.h"

#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "stages/ingest/field.h"
#include "stages/ingest/id_set.h"

#include <string.h>

enum { UNKNOWN_OCCUPATION = 255 };

/* ml-100k spells occupations out; the code of each is its line in u.occupation, from 0. */
static const char *const occupations_100k[] = {
    "administrator", "artist",     "doctor",     "educator", "engineer",  "entertainment",
    "executive",     "healthcare", "homemaker",  "lawyer",   "librarian", "marketing",
    "none",          "other",      "programmer", "retired",  "salesman",  "scientist",
    "student",       "technician", "writer",
};
enum { N_OCCUPATIONS_100K = sizeof(occupations_100k) / sizeof(occupations_100k[0]) };

struct user_rows {
    const struct input_table *table;
    const struct id_map *raters;
    struct users *users;
    struct id_set seen;
};

static bool parse_gender(struct field f, uint8_t *out, struct reason *bad) {
    char quoted[FIELD_QUOTE_SIZE];
    *out = 0;
    if (f.size == 0) return true;
    if (f.size == 1 && (*f.text == 'F' || *f.text == 'f')) *out = 1;
    if (f.size == 1 && (*f.text == 'M' || *f.text == 'm')) *out = 2;
    if (*out == 0) reason_set(bad, "gender %s is neither M nor F", field_quote(f, quoted));
    return *out != 0;
}

static bool parse_small(struct field f, const char *what, uint8_t unknown, uint32_t max,
                        uint8_t *out, struct reason *bad) {
    uint32_t value = unknown;
    if (f.size > 0 && !field_u32(f, what, max, &value, bad)) return false;
    *out = (uint8_t)value;
    return true;
}

static bool parse_occupation(const struct input_table *t, struct field f, uint8_t *out,
                             struct reason *bad) {
    if (t->dialect != DIALECT_100K) {
        return parse_small(f, "occupation", UNKNOWN_OCCUPATION, UNKNOWN_OCCUPATION, out, bad);
    }
    for (size_t i = 0; i < N_OCCUPATIONS_100K; i++) {
        if (field_equals(f, occupations_100k[i])) {
            *out = (uint8_t)i;
            return true;
        }
    }
    char quoted[FIELD_QUOTE_SIZE];
    reason_set(bad, "occupation %s is not one of u.occupation", field_quote(f, quoted));
    return false;
}

static enum status take_user(void *context, size_t slot, const struct delimited_row *row,
                             struct reason *bad, struct error *err) {
    (void)slot;
    struct user_rows *r = context;
    const struct input_table *t = r->table;
    uint32_t id = 0;
    uint8_t gender = 0, age = 0, occupation = UNKNOWN_OCCUPATION;
    if (!field_u32(input_table_field(t, row, USER_ID), "user id", NO_INDEX - 1, &id, bad) ||
        !parse_gender(input_table_field(t, row, USER_GENDER), &gender, bad) ||
        !parse_small(input_table_field(t, row, USER_AGE), "age", 0, 150, &age, bad) ||
        !parse_occupation(t, input_table_field(t, row, USER_OCCUPATION), &occupation, bad)) {
        return STATUS_OK;
    }
    if (id_set_has(&r->seen, id)) {
        reason_set(bad, "user %u is listed twice", id);
        return STATUS_OK;
    }
    TRY(id_set_add(&r->seen, id, err));
    uint32_t user = id_map_find(r->raters, id);
    if (user == NO_INDEX) {
        r->users->n_outside++;
        return STATUS_OK;
    }
    r->users->gender[user] = gender;
    r->users->age[user] = age;
    r->users->occupation[user] = occupation;
    return STATUS_OK;
}

enum status users_read(struct users *out, struct input_table *t, const struct id_map *raters,
                       struct reading *shared, struct error *err) {
    *out = (struct users){0};
    TRY(MEM_NEW(&out->gender, raters->count, err));
    TRY(MEM_NEW(&out->age, raters->count, err));
    TRY(MEM_NEW(&out->occupation, raters->count, err));
    memset(out->occupation, UNKNOWN_OCCUPATION, raters->count);
    struct user_rows rows = {.table = t, .raters = raters, .users = out};
    struct table_reader reader = {.context = &rows, .take = take_user};
    enum status status = input_table_read(t, &reader, shared, err);
    id_set_release(&rows.seen);
    return status;
}

void users_release(struct users *u) {
    mem_free(u->gender);
    mem_free(u->age);
    mem_free(u->occupation);
    *u = (struct users){0};
}
