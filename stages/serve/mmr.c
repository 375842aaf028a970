#include "stages/serve/mmr.h"

#include "common/base/mem.h"

#include <string.h>

/* The list while it is reordered: the first `selected` entries are S. */
struct selection {
    struct recommendation *list;
    float *nearest; /* [count] largest cosine with a movie of S */
    size_t count, selected;
    double best, range; /* of the scores */
    double diversity;
};

static double marginal_relevance(const struct selection *s, size_t i) {
    double relevance = 1 - (s->best - (double)s->list[i].score) / s->range;
    return (1 - s->diversity) * relevance - s->diversity * (double)s->nearest[i];
}

static size_t most_relevant(const struct selection *s) {
    size_t pick = s->selected;
    double pick_value = -1e30;
    for (size_t i = s->selected; i < s->count; i++) {
        double value = marginal_relevance(s, i);
        if (value > pick_value) pick = i, pick_value = value;
    }
    return pick;
}

/* Moves entry `pick` behind S; the others keep their order. */
static void select_entry(struct selection *s, size_t pick) {
    size_t to = s->selected++, passed = pick - to;
    struct recommendation moved = s->list[pick];
    memmove(s->list + to + 1, s->list + to, passed * sizeof(*s->list));
    memmove(s->nearest + to + 1, s->nearest + to, passed * sizeof(*s->nearest));
    s->list[to] = moved;
}

static void update_nearest(struct selection *s, const struct content *content) {
    uint32_t newest = s->list[s->selected - 1].movie;
    for (size_t i = s->selected; i < s->count; i++) {
        float cosine = content_cosine(content, newest, s->list[i].movie);
        if (cosine > s->nearest[i]) s->nearest[i] = cosine;
    }
}

enum status mmr_rerank(struct recommendation *list, size_t count, size_t n, double diversity,
                       const struct content *content, struct error *err) {
    if (count < 2 || !(diversity > 0)) return STATUS_OK;
    MEM_AUTO float *nearest = NULL;
    TRY(MEM_NEW(&nearest, count, err));
    double best = list[0].score, range = best - (double)list[count - 1].score;
    if (!(range > 0)) range = 1; /* all scores are equal: so are the relevances */
    struct selection s = {list, nearest, count, 0, best, range, diversity};
    while (s.selected < n && s.selected < count) {
        select_entry(&s, most_relevant(&s));
        update_nearest(&s, content);
    }
    return STATUS_OK;
}
