/* Wall time, CPU time and peak memory of this process: for logs only, never for results. */
#ifndef MARQUEE_BASE_CLOCK_H
#define MARQUEE_BASE_CLOCK_H

#include <stdint.h>

uint64_t clock_now_ns(void);      /* monotonic */
int64_t clock_wall_seconds(void); /* since 1970; for events that reach the service without a time */
double clock_cpu_seconds(void);   /* user + system, all threads */
uint64_t clock_peak_memory(void); /* bytes */

#endif
