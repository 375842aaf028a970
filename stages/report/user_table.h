/* users.csv of a run: the ranker's metrics of each test user; and differences of two runs. */
#ifndef MARQUEE_REPORT_USER_TABLE_H
#define MARQUEE_REPORT_USER_TABLE_H

#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/evaluation/bootstrap.h"

#include <stddef.h>

struct user_table {
    struct strings column;
    size_t n_rows;
    double *value; /* [n_rows, column.count]; the first column is the id of the user, ascending */
};

/* Parses the text of a users.csv; `path` is for messages. STATUS_FAILED names the line. */
enum status user_table_parse(struct user_table *out, const struct buf *text, const char *path,
                             struct error *err);
/* The file in a run's folder; empty if there is none. */
enum status user_table_load(struct user_table *out, const char *folder, struct error *err);
void user_table_release(struct user_table *t);

/* The mean difference `b` - `a` of a column over the users that both tables have, with its interval
 * and a paired sign-flip test. *n_users is 0 if there are none, or no such column. If
 * `per` is not NULL, what differs is the ratio of the sums of `column` and `per`, over those users
 * whose `per` is the same in both tables and not 0. */
enum status user_table_compare(struct estimate *difference, double *p, size_t *n_users,
                               const struct user_table *a, const struct user_table *b,
                               const char *column, const char *per, struct error *err);

#endif
