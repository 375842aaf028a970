/* What a users file says about the users who rated. */
#ifndef MARQUEE_INGEST_USERS_FILE_H
#define MARQUEE_INGEST_USERS_FILE_H

#include "common/base/error.h"
#include "stages/ingest/id_map.h"
#include "stages/ingest/input_table.h"

#include <stdint.h>

struct users {
    uint8_t *gender;     /* [users] 0 unknown, 1 female, 2 male */
    uint8_t *age;        /* [users] 0 unknown */
    uint8_t *occupation; /* [users] 255 unknown */
    uint64_t n_outside;  /* rows of users that rated nothing */
};

enum status users_read(struct users *out, struct input_table *t, const struct id_map *raters,
                       struct reading *shared, struct error *err);
void users_release(struct users *u);

#endif
