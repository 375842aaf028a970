/* One pass over a text for what reading its rows needs to know beforehand. */
#ifndef MARQUEE_INGEST_LINE_SCAN_H
#define MARQUEE_INGEST_LINE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scan {
    uint64_t n_newlines;
    bool nul, quote, carriage_return; /* whether there is one */
};

/* Scans on the calling thread. */
struct scan scan_text(const char *text, size_t size);

/* The same, cut into pieces that threads scan side by side. */
struct scan scan_parallel(const char *text, size_t size);

/* Number of lines; the last one may lack its line end. */
uint64_t scan_lines(const struct scan *s, const char *text, size_t size);

#endif
