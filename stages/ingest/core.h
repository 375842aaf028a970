/* The k-core of the ratings. */
#ifndef MARQUEE_INGEST_CORE_H
#define MARQUEE_INGEST_CORE_H

#include "common/base/error.h"
#include "stages/ingest/ratings_file.h"

#include <stdint.h>

/* Leaves out users and movies with fewer than `least` rows, again and again, until all that remain
 * have as many (Seidman, Network structure and minimum degree, Social Networks 1983). */
enum status rating_rows_core(struct rating_rows *r, uint32_t least, struct error *err);

#endif
