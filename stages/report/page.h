/* The page that is written: its frame, and the pieces that its sections share. */
#ifndef MARQUEE_REPORT_PAGE_H
#define MARQUEE_REPORT_PAGE_H

#include "common/base/error.h"
#include "stages/report/reported_run.h"
#include "stages/report/text_builder.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct page {
    struct text out;
    const struct reported_run *run; /* [n_runs] */
    size_t n_runs;
    const char *plots; /* folder of the pictures */
};
void page_release(struct page *p);

void page_head(struct page *p, const char *title);
void page_foot(struct page *p);
/* <section id="id"><h2>title</h2>; closed by </section>. */
void page_section(struct page *p, const char *id, const char *title);

/* A pair of <dl class="facts">: its name, and then what is printed until the end. */
void page_fact(struct page *p, const char *name);
void page_end_fact(struct page *p);

/* The picture NAME.svg with its caption; where there is none, `missing` as a sentence. */
void page_plot(struct page *p, const char *name, const char *caption, const char *missing);
/* Whether there is a picture of that name. */
bool page_has_plot(const struct page *p, const char *name);

/* <td> with a number of four decimals and its interval in small; without one, "trivial" where
 * evaluate says so, else a dash. */
void page_interval(struct page *p, const json_t *estimate, bool best);
/* "1,234,567" */
void page_count(struct page *p, unsigned long long count);

#endif
