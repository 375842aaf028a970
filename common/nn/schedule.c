#include "common/nn/schedule.h"

#include <math.h>

double schedule_rate(const struct schedule *s, double place) {
    const double pi = 3.14159265358979323846;
    if (place <= s->warmup) return s->peak * place / s->warmup;
    if (place >= s->end) return s->peak * s->rest;
    double done = (place - s->warmup) / (s->end - s->warmup);
    return s->peak * (s->rest + (1 - s->rest) * 0.5 * (1 + cos(pi * done)));
}
