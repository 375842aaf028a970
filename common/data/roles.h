/* The role of each rating: what the split uses it for. */
#ifndef MARQUEE_DATA_ROLES_H
#define MARQUEE_DATA_ROLES_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"

#include <stdint.h>

enum role {
    ROLE_BASE = 0,
    ROLE_RANK = 1,
    ROLE_VALID = 2,
    ROLE_TEST = 3,
    ROLE_FOLD_IN = 4,       /* what is known of a test user; never fitted on */
    ROLE_RANK_FOLD_IN = 5,  /* what is known of a user who has rank but no base ratings */
    ROLE_VALID_FOLD_IN = 6, /* the same, of a validation user; never fitted on */
    ROLE_VALID_OUT = 7,     /* held out of a validation user; never fitted on */
    ROLE_LEFT_OUT = 8,      /* not part of the evaluation at all */
    ROLES
};
const char *role_name(enum role role); /* "base", "rank", ... */

/* *out [count] becomes the role of every rating; mem_free'd by the caller. */
enum status roles_load(uint8_t **out, const struct artifact *split, uint64_t count,
                       struct error *err);

#endif
