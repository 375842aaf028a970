/* The sections of the report on one run, in their order. */
#ifndef MARQUEE_REPORT_SECTIONS_H
#define MARQUEE_REPORT_SECTIONS_H

#include "common/base/error.h"
#include "stages/report/page.h"

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
