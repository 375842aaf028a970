/* Recommendations as a table, CSV or JSON lines, appended to a buffer. */
#ifndef MARQUEE_RECOMMEND_PRINT_H
#define MARQUEE_RECOMMEND_PRINT_H

#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/data/catalogue.h"
#include "common/ranking/evidence.h"
#include "common/ranking/integrated_gradients.h"
#include "common/ranking/reasons.h"
#include "common/ranking/recommender.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum format { FORMAT_TABLE, FORMAT_CSV, FORMAT_JSONL };

enum { MAX_EVIDENCE = 3 };

/* One recommendation with everything that can be printed about it. */
struct printed {
    struct recommendation recommendation;
    struct evidence evidence[MAX_EVIDENCE];
    size_t n_evidence;
    struct given_reason reason[REASON_KINDS]; /* strongest first */
    size_t n_reasons;                         /* at least 1 */
    struct attribution attribution;           /* under --explain */
    struct group_share *group;                /* [n_groups] under --explain, else NULL */
    size_t n_groups;
};
void printed_release(struct printed *results, size_t count); /* the array too */

struct printer {
    const struct recommender *recommender;
    enum format format;
    bool explain;
    size_t width; /* terminal columns of a table; 0 = no limit */
};

/* What stands above the first user: the header of a CSV, else nothing. */
enum status print_head(const struct printer *p, struct buf *out, struct error *err);

/* `user` is the raw id of a user of the dataset, or NULL for somebody new. */
enum status print_results(const struct printer *p, const uint32_t *user,
                          const struct printed *results, size_t count, struct buf *out,
                          struct error *err);

/* Helpers that similar_movies.c shares. */
enum status print_csv_text(const char *text, struct buf *out, struct error *err);
enum status print_json_text(const char *text, struct buf *out, struct error *err); /* with quotes */
/* Appends `text` cut or padded to `columns`; with `columns` 0 as it is. */
enum status print_padded(const char *text, size_t columns, struct buf *out, struct error *err);
enum status print_genres(const struct catalogue *c, uint32_t movie, struct buf *out,
                         struct error *err);
/* Names of terms, comma-separated. */
enum status print_terms(const struct content *c, const uint32_t *term, size_t count,
                        struct buf *out, struct error *err);

#endif
