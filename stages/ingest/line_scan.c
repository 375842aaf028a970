#include "stages/ingest/line_scan.h"

#include "common/base/simd.h"

#include <string.h>

/* A comparison gives 0 or -1 per byte, so that a byte can count ROUNDS of them. */
enum { WIDTH = sizeof(u8x16), ROUNDS = 255, PIECE = 1 << 22 };

static u8x16 all(unsigned char c) {
    u8x16 v = {0};
    return v + c;
}

static bool any(u8x16 v) {
    uint64_t part[WIDTH / 8];
    memcpy(part, &v, sizeof part);
    return (part[0] | part[1]) != 0;
}

static uint64_t sum(u8x16 v) {
    uint64_t total = 0;
    for (size_t i = 0; i < WIDTH; i++)
        total += v[i];
    return total;
}

static void add_byte(struct scan *s, char c) {
    s->n_newlines += c == '\n';
    s->nul |= c == '\0';
    s->quote |= c == '"';
    s->carriage_return |= c == '\r';
}

struct scan scan_text(const char *text, size_t size) {
    struct scan s = {0};
    const u8x16 newline = all('\n'), quote = all('"'), carriage_return = all('\r');
    size_t at = 0;
    while (size - at >= WIDTH) {
        u8x16 newlines = {0}, nuls = {0}, quotes = {0}, returns = {0};
        for (size_t round = 0; round < ROUNDS && size - at >= WIDTH; round++, at += WIDTH) {
            u8x16 v;
            memcpy(&v, text + at, WIDTH);
            newlines -= (u8x16)(v == newline);
            nuls |= (u8x16)(v == 0);
            quotes |= (u8x16)(v == quote);
            returns |= (u8x16)(v == carriage_return);
        }
        s.n_newlines += sum(newlines);
        s.nul |= any(nuls);
        s.quote |= any(quotes);
        s.carriage_return |= any(returns);
    }
    for (; at < size; at++)
        add_byte(&s, text[at]);
    return s;
}

struct scan scan_parallel(const char *text, size_t size) {
    uint64_t n_newlines = 0;
    bool nul = false, quote = false, carriage_return = false;
    const size_t n_pieces = (size + PIECE - 1) / PIECE;
#pragma omp parallel for schedule(dynamic, 1) if (n_pieces > 1)                                    \
    reduction(+ : n_newlines) reduction(|| : nul, quote, carriage_return)
    for (size_t i = 0; i < n_pieces; i++) {
        size_t from = i * PIECE, left = size - from;
        struct scan s = scan_text(text + from, left < PIECE ? left : PIECE);
        n_newlines += s.n_newlines;
        nul = nul || s.nul;
        quote = quote || s.quote;
        carriage_return = carriage_return || s.carriage_return;
    }
    return (struct scan){n_newlines, nul, quote, carriage_return};
}

uint64_t scan_lines(const struct scan *s, const char *text, size_t size) {
    return s->n_newlines + (size > 0 && text[size - 1] != '\n');
}
