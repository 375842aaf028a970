#include "common/ranking/evidence.h"

#include <math.h>
#include <string.h>

/* The element of a sparse matrix, by binary search in its row; 0 if there is none. */
static float element(const struct csr *m, uint32_t row, uint32_t column) {
    uint64_t low = m->offset[row], high = m->offset[row + 1];
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (m->column[middle] == column) return m->value[middle];
        if (m->column[middle] < column) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return 0;
}

static double mean_value(const struct history *h) {
    double sum = 0;
    for (size_t i = 0; i < h->count; i++) {
        sum += h->value[i];
    }
    return h->count > 0 ? sum / (double)h->count : 0;
}

/* Weight and cosine of entry i of the history; both are 0 if it does not speak for the movie. */
static void measure(const struct content *content, const struct item_item *model,
                    const struct history *h, size_t i, uint32_t movie, struct evidence *out) {
    *out = (struct evidence){.movie = h->movie[i], .value = h->value[i]};
    out->cosine = content_cosine(content, h->movie[i], movie);
    if (model != NULL) out->weight = fmaxf(element(&model->weights, h->movie[i], movie), 0);
}

static float share(float value, float largest) {
    return largest > 0 ? value / largest : 0;
}

/* Inserts into out[0..count), strongest first; of equal ones the newer, which comes later, wins. */
static size_t keep_strongest(struct evidence *out, size_t count, size_t max, struct evidence e) {
    size_t place = count;
    while (place > 0 && out[place - 1].strength <= e.strength) {
        place--;
    }
    if (place >= max) return count;
    size_t kept = count < max ? count + 1 : max;
    memmove(out + place + 1, out + place, (kept - place - 1) * sizeof(*out));
    out[place] = e;
    return kept;
}

size_t explain_evidence(const struct content *content, const struct models *models,
                        const struct history *h, uint32_t movie, struct evidence *out, size_t max) {
    const struct item_item *model = models != NULL ? models_first_item_item(models) : NULL;
    double mean = mean_value(h);
    float most_weight = 0, most_cosine = 0;
    struct evidence e;
    for (size_t i = 0; i < h->count; i++) {
        if (h->movie[i] == movie || h->value[i] < mean) continue;
        measure(content, model, h, i, movie, &e);
        most_weight = fmaxf(most_weight, e.weight);
        most_cosine = fmaxf(most_cosine, e.cosine);
    }
    size_t count = 0;
    for (size_t i = 0; i < h->count; i++) {
        if (h->movie[i] == movie || h->value[i] < mean) continue;
        measure(content, model, h, i, movie, &e);
        e.strength = 0.5f * (share(e.weight, most_weight) + share(e.cosine, most_cosine));
        if (e.strength > 0) count = keep_strongest(out, count, max, e);
    }
    for (size_t i = 0; i < count; i++) {
        out[i].n_terms = content_shared_terms(content, out[i].movie, movie, out[i].term,
                                              out[i].product, EVIDENCE_TERMS);
    }
    return count;
}
