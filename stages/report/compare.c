/* Several runs side by side. */
#include "stages/report/page.h"

enum status compare_write(struct page *p, struct error *err) {
    page_head(p, "Comparison of runs");
    page_foot(p);
    return p->out.err.status == STATUS_OK ? STATUS_OK
                                          : error_set(err, STATUS_FAILED, "%s", p->out.err.text);
}
