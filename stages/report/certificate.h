/* What `make certify` found out about the run. */
#ifndef MARQUEE_REPORT_CERTIFICATE_H
#define MARQUEE_REPORT_CERTIFICATE_H

#include "stages/report/page.h"

/* The verdict of certificate.json with its evidence; a sentence where there is no certificate, or
 * where it is of other artifacts than stand in the folder now. */
void certificate_print(struct page *p);

#endif
