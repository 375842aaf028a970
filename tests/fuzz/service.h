/* What the fuzzers of the service share: a catalogue of a few movies. */
#ifndef MARQUEE_FUZZ_SERVICE_H
#define MARQUEE_FUZZ_SERVICE_H

#include "common/data/catalogue.h"
#include "stages/serve/snapshot.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum { N_MOVIES = 6 };

static inline void must(bool condition) {
    if (!condition) abort();
}

/* Filled once. */
static inline const struct catalogue *small_catalogue(void) {
    static const char *const titles[N_MOVIES] = {
        "Toy Story", "The Matrix",    "Heat",
        "1917",      "Am\xc3\xa9lie", "City of Lost Children (Cit\xc3\xa9 des enfants perdus, La)"};
    static uint32_t id[N_MOVIES] = {1, 2, 3, 5, 8, 13};
    static uint16_t year[N_MOVIES] = {1995, 1999, 1995, 2019, 2001, 0};
    static struct catalogue catalogue;
    if (catalogue.n_movies > 0) return &catalogue;
    catalogue = (struct catalogue){.n_movies = N_MOVIES, .movie_id = id, .year = year};
    for (size_t m = 0; m < N_MOVIES; m++) {
        must(strings_add(&catalogue.title, titles[m], NULL) == STATUS_OK);
    }
    return &catalogue;
}

#endif
