#include "common/base/log.h"

#include "common/base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *program_name = "marquee";
static enum log_level log_level = LOG_INFO;
static bool terminal; /* progress bars */
static bool colour;
static bool bar_shown; /* the cursor is after a progress bar */

void log_init(const char *program, enum log_level level) {
    program_name = program;
    log_level = level;
    terminal = isatty(STDERR_FILENO) == 1;
    const char *no_colour = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    colour = terminal && !(no_colour && no_colour[0]) && !(term && strcmp(term, "dumb") == 0);
}

__attribute__((format(printf, 3, 0))) static void write_line(const char *mark, const char *paint,
                                                             const char *format, va_list args) {
    char text[2048];
    (void)vsnprintf(text, sizeof text, format, args);
    flockfile(stderr); /* one line at a time, whatever the thread */
    if (bar_shown) (void)fputs("\r\033[K", stderr);
    bar_shown = false;
    (void)fprintf(stderr, "%s%s: %s%s%s\n", colour ? paint : "", program_name, mark, text,
                  colour && paint[0] ? "\033[0m" : "");
    funlockfile(stderr);
}

void log_warn(const char *format, ...) {
    if (log_level < LOG_WARN) return;
    va_list args;
    va_start(args, format);
    write_line("warning: ", "\033[33m", format, args);
    va_end(args);
}

void log_info(const char *format, ...) {
    if (log_level < LOG_INFO) return;
    va_list args;
    va_start(args, format);
    write_line("", "", format, args);
    va_end(args);
}

void log_debug(const char *format, ...) {
    if (log_level < LOG_DEBUG) return;
    va_list args;
    va_start(args, format);
    write_line("", "\033[2m", format, args);
    va_end(args);
}

/* ---- progress ---- */

static const uint64_t FIRST_DRAW_NS = 1000000000U;
static const uint64_t REDRAW_NS = 100000000U;
enum { BAR_WIDTH = 24 };

void progress_start(struct progress *p, const char *label, const char *unit, uint64_t total) {
    *p = (struct progress){.label = label, .unit = unit, .total = total};
    p->started_ns = clock_now_ns();
    p->enabled = terminal && log_level >= LOG_WARN;
}

/* A number in at most five characters: 999, 1.2k, 345k, 6.7M. */
static void short_number(double value, char *text, size_t size) {
    static const char *const units[] = {"", "k", "M", "G", "T"};
    size_t unit = 0;
    while (value >= 999.5 && unit + 1 < sizeof units / sizeof units[0]) {
        value /= 1000.0;
        unit++;
    }
    (void)snprintf(text, size, unit > 0 && value < 9.95 ? "%.1f%s" : "%.0f%s", value, units[unit]);
}

static void draw_bar(const struct progress *p, uint64_t done, char *text, size_t size) {
    const uint64_t shown = done > p->total ? p->total : done;
    const size_t filled = (size_t)((double)shown / (double)p->total * BAR_WIDTH);
    size_t at = 0;
    for (size_t i = 0; i < BAR_WIDTH && at + 1 < size; i++) {
        text[at++] = i < filled ? '#' : '.';
    }
    text[at] = '\0';
}

static void draw(struct progress *p, uint64_t now) {
    const uint64_t done = __atomic_load_n(&p->done, __ATOMIC_RELAXED);
    const double elapsed = (double)(now - p->started_ns) / 1e9;
    const double rate = elapsed > 0 ? (double)done / elapsed : 0;
    char count[16], speed[16];
    short_number((double)done, count, sizeof count);
    short_number(rate, speed, sizeof speed);
    flockfile(stderr);
    if (p->total > 0) {
        char bar[BAR_WIDTH + 1], all[16];
        draw_bar(p, done, bar, sizeof bar);
        short_number((double)p->total, all, sizeof all);
        const double share = 100.0 * (double)done / (double)p->total;
        (void)fprintf(stderr, "\r\033[K%s: %s [%s] %3.0f%% %s/%s %s, %s/s", program_name, p->label,
                      bar, share > 100 ? 100 : share, count, all, p->unit, speed);
        if (rate > 0 && done < p->total) {
            const double left = (double)(p->total - done) / rate;
            (void)fprintf(stderr, ", %d:%02d left", (int)(left / 60), (int)left % 60);
        }
    } else {
        (void)fprintf(stderr, "\r\033[K%s: %s %s %s, %s/s", program_name, p->label, count, p->unit,
                      speed);
    }
    (void)fflush(stderr);
    bar_shown = true;
    p->drawn = true;
    funlockfile(stderr);
}

void progress_add(struct progress *p, uint64_t amount) {
    (void)__atomic_add_fetch(&p->done, amount, __ATOMIC_RELAXED);
    if (!p->enabled) return;
    const uint64_t now = clock_now_ns();
    uint64_t last = __atomic_load_n(&p->drawn_ns, __ATOMIC_RELAXED);
    if (now - p->started_ns < FIRST_DRAW_NS || now - last < REDRAW_NS) return;
    /* The thread that moves the time of the last drawing on draws the bar; the others carry on. */
    if (__atomic_compare_exchange_n(&p->drawn_ns, &last, now, false, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED)) {
        draw(p, now);
    }
}

void progress_end(struct progress *p) {
    if (!p->enabled || !p->drawn) return;
    flockfile(stderr);
    if (bar_shown) (void)fputs("\r\033[K", stderr);
    bar_shown = false;
    (void)fflush(stderr);
    funlockfile(stderr);
}
