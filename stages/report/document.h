/* The report on one run. */
#ifndef MARQUEE_REPORT_DOCUMENT_H
#define MARQUEE_REPORT_DOCUMENT_H

#include "common/base/error.h"
#include "stages/report/page.h"

/* Writes the page of p->run: head, sections, foot. */
enum status document_write(struct page *p, struct error *err);

#endif
