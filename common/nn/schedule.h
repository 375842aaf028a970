/* The learning rate over a training run: a linear warm-up, then half a cosine down to a small
 * remainder (Goyal et al. 2017 for the warm-up; Loshchilov & Hutter, ICLR 2017, for the cosine). */
#ifndef MARQUEE_NN_SCHEDULE_H
#define MARQUEE_NN_SCHEDULE_H

/* `warmup`, `end` and the `place` of schedule_rate share a unit of the caller's choice: optimiser
 * steps, or the fraction of the run that is done if the number of steps is not known beforehand. */
struct schedule {
    double peak;   /* learning rate at the end of the warm-up */
    double warmup; /* place at which the warm-up ends, > 0 */
    double end;    /* place at which the cosine ends, > warmup */
    double rest;   /* fraction of the peak that remains from `end` on */
};

/* 0 at place 0, `peak` at `warmup`, peak * (1 + rest) / 2 half-way from there to `end`, peak * rest
 * at `end` and after it. */
double schedule_rate(const struct schedule *s, double place);

#endif
