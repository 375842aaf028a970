/* Lists of another program, read from a TREC run file: lines of "user Q0 movie rank score name"
 * with the ids of the data set, ordered within a user by score. list_names.h says how a user's
 * second list is named. */
#ifndef MARQUEE_EVALUATE_FOREIGN_H
#define MARQUEE_EVALUATE_FOREIGN_H

#include "common/base/error.h"
#include "common/data/catalogue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct foreign;

/* STATUS_FAILED, with file and line, if a line has not six fields, names a user or movie that the
 * data set lacks, repeats a movie of a list, or has a score that is no number. */
enum status foreign_read(struct foreign **out, const char *path, const struct catalogue *catalogue,
                         struct error *err);
void foreign_release(struct foreign *f); /* NULL is fine */

size_t foreign_lists(const struct foreign *f); /* how many */

/* score[n_movies] of list `number` (from 1) of a user: higher is better, equal where the file has
 * equal scores; NaN for what the list lacks, which is everything where there is no such list.
 * Returns whether there is. Thread-safe. */
bool foreign_scores(const struct foreign *f, uint32_t user, uint32_t number, float *score);

/* A run file and the name that it is given: the value of --foreign, "NAME=FILE,NAME=FILE". */
struct foreign_list {
    size_t count;
    char **name, **path; /* [count] */
};
/* STATUS_USAGE if `text` is no such list, or a name is none for a row of a table: letters, digits,
 * '.', '_' and '-', and no key of metrics.json. */
enum status foreign_list_parse(struct foreign_list *out, const char *text, struct error *err);
void foreign_list_release(struct foreign_list *l);

#endif
