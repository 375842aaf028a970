/* What a split asks of the models: which ratings are to be found, from what is known of the user,
 * and at which moment. Training, validation and evaluation ask the same question, each at the end
 * of its own view. */
#ifndef MARQUEE_DATA_QUESTION_H
#define MARQUEE_DATA_QUESTION_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/history.h"
#include "common/data/view.h"

#include <stdint.h>

/* Which of a user's held-out ratings are to be found: all of them in one list, the first, the last
 * or one by lot; or each of them in a list of its own (Gusak et al., Time to Split, RecSys 2025).
 */
enum target_rule { TARGET_ALL, TARGET_FIRST, TARGET_LAST, TARGET_RANDOM, TARGET_SUCCESSIVE };
const char *target_rule_name(enum target_rule rule); /* "all", "first", ... */

/* The moment for which a list is made: MOMENT_KNOWN, that of the rating to be found, as a service
 * knows it when the user is there; MOMENT_HIDDEN, that of the newest rating of the history, so that
 * nothing is told of the rating; MOMENT_CUT, the end of what the models know, as for a letter that
 * is written to everybody on one day. */
enum moment_rule { MOMENT_KNOWN, MOMENT_HIDDEN, MOMENT_CUT };
const char *moment_rule_name(enum moment_rule rule); /* "known", "hidden", "cut" */

struct question {
    enum history_rule history;
    enum target_rule target;
    enum moment_rule moment;
    int64_t cut_fit, cut_full; /* MOMENT_CUT: the ends of views fit and full, seconds since 1970 */
};

/* Reads a split's metadata "history", "target", "moment", "cut.fit" and "cut.full". Without a
 * target it is all, without a moment known. STATUS_DAMAGED for a name that is none of the rules. */
enum status question_load(struct question *out, const struct artifact *split, struct error *err);

/* The moment of a list that is made from history `h` with the models of `view`, when the rating in
 * question is of time `time`. */
int64_t question_now(const struct question *q, enum view view, const struct history *h,
                     int64_t time);

#endif
