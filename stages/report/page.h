/* The page: its frame, its sections in order, and the pieces that they share. */
#ifndef MARQUEE_REPORT_PAGE_H
#define MARQUEE_REPORT_PAGE_H

#include "common/base/error.h"
#include "stages/report/run.h"
#include "stages/report/text.h"

#include <stddef.h>

struct page {
    struct text out;
    const struct run *run; /* [n_runs] */
    size_t n_runs;
    const char *plots; /* folder of the pictures */
};
void page_release(struct page *p);

/* The whole document. */
enum status page_write(struct page *p, struct error *err);
/* The same, of several runs side by side. */
enum status compare_write(struct page *p, struct error *err);

void page_head(struct page *p, const char *title);
void page_foot(struct page *p);
/* <section id="id"><h2>title</h2>; closed by </section>. */
void page_section(struct page *p, const char *id, const char *title);

/* The picture NAME.svg with its caption; where there is none, `missing` as a sentence. */
void page_plot(struct page *p, const char *name, const char *caption, const char *missing);
/* Whether there is a picture of that name. */
bool page_has_plot(const struct page *p, const char *name);

/* <td> with a number of four significant digits and its interval in small; a dash without one. */
void page_interval(struct page *p, const json_t *estimate, bool best);
/* "1,234,567" */
void page_count(struct page *p, unsigned long long count);

/* ---- sections ---- */
void section_run(struct page *p);
void section_results(struct page *p);
void section_training(struct page *p);
void section_where(struct page *p);  /* history length, popularity, feature groups */
void section_rating(struct page *p); /* calibration and errors */
void section_dataset(struct page *p);
void section_map(struct page *p);
enum status section_users(struct page *p, struct error *err);
void section_cost(struct page *p);

#endif
