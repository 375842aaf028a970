/* SIGINT and SIGTERM as a flag that long loops check. */
#ifndef MARQUEE_BASE_INTERRUPT_H
#define MARQUEE_BASE_INTERRUPT_H

#include "common/base/error.h"

#include <stdbool.h>

void interrupt_install(void);
bool interrupt_requested(void);
/* STATUS_INTERRUPTED with a message if a signal came, else STATUS_OK: TRY(interrupt_check(err)). */
enum status interrupt_check(struct error *err);

#endif
