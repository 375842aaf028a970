/* The page that puts several runs side by side. */
#ifndef MARQUEE_REPORT_COMPARE_H
#define MARQUEE_REPORT_COMPARE_H

#include "common/base/error.h"
#include "stages/report/page.h"

enum status compare_write(struct page *p, struct error *err);

#endif
