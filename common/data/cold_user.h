/* What a cold user is: somebody of whom little is known. One definition for the split that keeps
 * some users from the models, the rows that the ranker learns their lists from, the features of how
 * accounts begin, and the ranker that chooses a head. Other parts of the project say `newcomer`
 * where the name is stored: in options, columns and heads. */
#ifndef MARQUEE_DATA_COLD_USER_H
#define MARQUEE_DATA_COLD_USER_H

enum {
    COLD_RATINGS = 20, /* a history of a cold user has at most so many */
    COLD_TARGETS = 10, /* the ratings that follow, which a list for the user should hold */
    /* The first ratings of an account that say how accounts begin. */
    COLD_PLACES = COLD_RATINGS + COLD_TARGETS,
    /* From so many ratings on the head for warm users ranks. Chosen on role valid: with fewer, the
     * cold one is better (docs/choices/cold-users.md). */
    WARM_RATINGS = 15
};

#endif
