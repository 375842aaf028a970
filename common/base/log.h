/* Log lines and progress bars, both on standard error. Only programs' `main`, the stage life cycle
 * and long computations that were handed a `struct progress` write here. */
#ifndef MARQUEE_BASE_LOG_H
#define MARQUEE_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_QUIET, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* `program` is the prefix of each line and is kept by reference. Colours are used when stderr is a
 * terminal and NO_COLOR is not set. */
void log_init(const char *program, enum log_level level);
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A progress bar with rate and estimated time; drawn only on a terminal and at most ten times a
 * second, from one second on. `total` 0 means unknown. progress_add may be called by any thread.
 *     struct progress p; progress_start(&p, "similarity", "movies", n); ... progress_end(&p); */
struct progress {
    const char *label;
    const char *unit;
    uint64_t total;
    uint64_t done;
    uint64_t started_ns;
    uint64_t drawn_ns;
    bool enabled;
    bool drawn;
};
void progress_start(struct progress *p, const char *label, const char *unit, uint64_t total);
void progress_add(struct progress *p, uint64_t amount);
void progress_end(struct progress *p);

#endif
