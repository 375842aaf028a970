/* The movies of a user's history that speak for a recommendation, shown beside its score. */
#ifndef MARQUEE_RANKING_EVIDENCE_H
#define MARQUEE_RANKING_EVIDENCE_H

#include "common/data/history.h"
#include "common/models/content.h"
#include "common/models/item_item.h"

#include <stddef.h>
#include <stdint.h>

enum { EVIDENCE_TERMS = 5 };

/* A movie of the history that speaks for a recommended one. */
struct evidence {
    uint32_t movie;
    uint8_t value;  /* its rating, half stars */
    float strength; /* sort key: mean of weight and cosine, each relative to its largest */
    float weight;   /* weight from this movie in models_first_item_item; 0 without one */
    float cosine;   /* of the two movies' contents */
    size_t n_terms; /* shared terms, largest product of weights first */
    uint32_t term[EVIDENCE_TERMS];
    float product[EVIDENCE_TERMS];
};

/* Fills in at most `max` entries, strongest first, from the movies of the history that were rated
 * no lower than its mean, `movie` itself excepted; returns how many. `models` may be NULL. */
size_t explain_evidence(const struct content *content, const struct models *models,
                        const struct history *h, uint32_t movie, struct evidence *out, size_t max);

#endif
