/* The ratings file, and the order in which the dataset keeps ratings. */
#ifndef MARQUEE_INGEST_RATINGS_FILE_H
#define MARQUEE_INGEST_RATINGS_FILE_H

#include "common/base/error.h"
#include "common/data/ratings.h"
#include "stages/ingest/id_set.h"
#include "stages/ingest/input_table.h"
#include "stages/ingest/movies_file.h"

#include <stdbool.h>
#include <stdint.h>

/* Rows in file order. A value of 0 is a view without a rating, which only feedback has. */
struct rating_rows {
    uint64_t count;
    uint32_t *user, *movie; /* raw ids */
    uint8_t *value;         /* half stars */
    int64_t *time;
};

/* `movies` is NULL where there is no movies file; else a rating of another movie is a bad row. */
enum status rating_rows_read(struct rating_rows *out, struct input_table *t,
                             const struct movies *movies, struct reading *shared,
                             struct error *err);
/* The feedback file; it may hold no rows. */
enum status feedback_rows_read(struct rating_rows *out, struct input_table *t,
                               const struct movies *movies, struct reading *shared,
                               struct error *err);
enum status forgotten_read(struct id_set *out, struct input_table *t, struct reading *shared,
                           struct error *err);
/* Leaves out the rows of some users. */
void rating_rows_drop(struct rating_rows *r, const struct id_set *users);
/* Appends the rows of `more` to those of `r`. */
enum status rating_rows_join(struct rating_rows *r, const struct rating_rows *more,
                             struct error *err);
void rating_rows_release(struct rating_rows *r);

/* The order of a user's ratings of the same second. File order is the convention of most
 * evaluations, but where files list such ratings by movie it says nothing about which came first.
 * The random order follows from seed, raw user id and raw movie id alone, so other rows do not move
 * a rating. */
enum tie_order { TIES_FILE, TIES_RANDOM };

/* Whether the order of times is taken for one: if it says something (time_worth.h), or as asked. */
enum order_rule { ORDER_AS_MEASURED, ORDER_OF_TIME, ORDER_BY_LOT };

struct rating_order {
    enum tie_order ties;
    uint64_t seed;
    enum order_rule rule;
    uint32_t min_core; /* users and movies with fewer ratings are left out (core.h); 1: none */
    bool shuffled;     /* each user's ratings before the last one are put into an order by lot */
};

/* What arranging found out beside the ratings. */
struct arranged {
    uint64_t n_duplicates;
    uint32_t *row; /* [ratings] place in the user's list as the file has it */
};
void arranged_release(struct arranged *a);

/* Sorts each user's ratings by time, ties as `order` says; of several ratings of a movie by a user
 * the latest stays (the last in the file if they are equally old), and the others are counted. A
 * view stays only where there is no rating, and becomes one of RATING_OF_VIEW. The item-major half
 * is not made yet. Releases the arrays of `rows`. */
enum status ratings_arrange(struct ratings *out, struct arranged *about, struct rating_rows *rows,
                            const struct id_map *users, const struct id_map *movies,
                            const struct rating_order *order, struct error *err);

/* Puts each user's ratings, the last one excepted if it stays, into an order by lot that follows
 * from seed, raw user id and raw movie ids alone. The times stay where they are. The item-major
 * half, if it is there, is no longer true. */
enum status ratings_draw_order(struct ratings *r, const struct id_map *users,
                               const struct id_map *movies, uint64_t seed, bool last_stays,
                               struct error *err);

#endif
