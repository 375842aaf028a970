#include "stages/ranker/liking.h"

#include "common/base/mem.h"
#include "common/data/rating_scale.h"

enum status liking_weights(float **out, bool *any, const struct samples *s, size_t n,
                           struct error *err) {
    double sum = 0;
    TRY(MEM_NEW(out, s->n_groups, err));
    for (size_t g = 0; g < s->n_groups; g++) {
        const bool liked = stars_liked(stars_of(s->rating[g]), (double)s->own_mean[g]);
        (*out)[g] = liked ? s->weight[g] : 0;
        sum += g < n ? (double)(*out)[g] : 0;
    }
    *any = sum > 0;
    for (size_t g = 0; g < s->n_groups && *any; g++) {
        (*out)[g] = (float)((double)(*out)[g] * (double)n / sum);
    }
    return STATUS_OK;
}
