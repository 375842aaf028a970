/* What a model was told of the event that it is to predict. Two figures of one protocol compare
 * only where their models were told the same, so every figure carries a label. */
#ifndef MARQUEE_EVALUATE_INFORMATION_H
#define MARQUEE_EVALUATE_INFORMATION_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"

#include <stdbool.h>

enum information {
    INFORMATION_BLIND,     /* the history, in order, with its own times */
    INFORMATION_MOMENT,    /* also the time of the event: when the recommendation is asked for */
    INFORMATION_DAY,       /* of a rating: the time at which it was given */
    INFORMATION_SIDE_DATA, /* movies that nobody has rated yet, by genres, titles, tags */
    INFORMATION_UNKNOWN    /* another program's lists */
};
/* "blind", "moment", "day", "side data", "unknown" */
const char *information_name(enum information i);

/* What a split lets models know. */
struct told {
    bool moment; /* the time of the event; false where the split says moment = hidden or cut, and
                    for held-out users whose ratings are held out regardless of time */
    bool cold_items; /* the movies to be ranked have no ratings */
};
enum status told_by_split(struct told *out, const struct artifact *split, struct error *err);

/* What a model makes use of. */
struct uses {
    bool moment;  /* a feature that knows the moment */
    bool content; /* what movies consist of */
    bool stars;   /* it predicts a rating */
    bool foreign; /* it is not ours to know */
};
enum information information_of(const struct uses *uses, const struct told *told);

#endif
