/* Statistics of one column. */
#ifndef MARQUEE_INSPECT_STATISTICS_H
#define MARQUEE_INSPECT_STATISTICS_H

#include "common/artifact/artifact.h"

#include <stdint.h>

struct column_statistics {
    double mean, deviation; /* over finite values; population deviation; 0 if there are none */
    uint64_t finite, zeros; /* zeros of a str column: empty texts */
};

enum status column_statistics_of(struct column_statistics *out, const struct artifact *a,
                                 const struct column_info *info, struct error *err);

#endif
