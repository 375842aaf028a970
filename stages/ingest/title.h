/* Movie titles as MovieLens writes them, "Matrix, The (1999)", taken apart. */
#ifndef MARQUEE_INGEST_TITLE_H
#define MARQUEE_INGEST_TITLE_H

#include "common/base/buf.h"
#include "common/base/error.h"

#include <stddef.h>
#include <stdint.h>

/* Appends the title in its natural order to `out` and sets *year (0 if there is none). The year is
 * a trailing "(1995)", "(1995-)", "(1995-1997)" or "(1995–1997)", whatever blanks and quotes follow
 * it. An article after a comma goes to the front, in the title and in each bracketed title that
 * follows: "City of Lost Children, The (Cité des enfants perdus, La)" becomes "The City of Lost
 * Children (La Cité des enfants perdus)". Control characters become blanks, runs of blanks one. */
enum status title_parse(const char *text, size_t size, struct buf *out, uint16_t *year,
                        struct error *err);

#endif
