/* The lists that were evaluated, as files that other programs score: for every model a TREC run
 * file PREFIX.MODEL.run, of lines "user Q0 movie rank score MODEL", and PREFIX.qrels, of lines
 * "user 0 movie 1" for what was held out. Ids are those of the data set; list_names.h names the
 * lists. */
#ifndef MARQUEE_EVALUATE_LIST_FILES_H
#define MARQUEE_EVALUATE_LIST_FILES_H

#include "common/base/error.h"
#include "common/data/catalogue.h"

#include <stddef.h>
#include <stdint.h>

struct list_request {
    const char *prefix; /* of the files; NULL: none are written */
    size_t length;      /* the first movies of each list that are written; 0: the whole list */
    const struct catalogue *catalogue;
};

/* Files being written. NULL where none were asked for: all functions but list_files_chunk then do
 * nothing. */
struct list_files;

/* Opens the qrels and the file of each of the `n_models` models that has a name (NULL: no file).
 * `user` [n_rows] are the rows' users. */
enum status list_files_open(struct list_files **out, const struct list_request *request,
                            const char *const *model, size_t n_models, const uint32_t *user,
                            size_t n_rows, struct error *err);

/* Lists are kept for this many rows, which must be written before those after them are kept. */
size_t list_files_chunk(const struct list_files *f, size_t n_rows);

/* Keeps the list of a model and row: `score` [n] of `movie` [n], of which the first n_held_out are
 * held out; the order of the rest does not matter. A movie without a score (NaN) is not listed.
 * Threads may keep different rows at once. */
enum status list_files_keep(struct list_files *f, size_t model, size_t row, const uint32_t *movie,
                            const float *score, size_t n, size_t n_held_out, struct error *err);

/* Writes the rows [first, end), all of them kept, in their order. */
enum status list_files_write(struct list_files *f, size_t first, size_t end, struct error *err);

/* Puts the files in their places. */
enum status list_files_commit(struct list_files *f, struct error *err);
/* Removes what has not been committed. */
void list_files_release(struct list_files *f);

#endif
