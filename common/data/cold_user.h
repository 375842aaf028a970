/* Cold users: those of whom little is known. One definition for the split, which keeps some users
 * from the models; for the training rows of the ranker's head for cold users; for the features that
 * describe which movies accounts begin with; and for the choice of the head that ranks. Stored
 * names (options, columns, heads) say `newcomer`. */
#ifndef MARQUEE_DATA_COLD_USER_H
#define MARQUEE_DATA_COLD_USER_H

enum {
    COLD_RATINGS = 20, /* the most that a cold user's history holds */
    COLD_TARGETS = 10, /* the next ratings, which a list for the user should contain */
    /* The ratings that count as the beginning of an account. */
    COLD_PLACES = COLD_RATINGS + COLD_TARGETS,
    /* From this many ratings on, the head for warm users ranks. Chosen on role valid: with fewer,
     * the head for cold users is better (docs/choices/cold-users.md). */
    WARM_RATINGS = 15
};

#endif
