#include "stages/report/palette.h"

#include <string.h>

/* c1, c2, ... tell series and genres apart; their contrast with the background is at least 3 in
 * both themes. No two light colours are the same, because plots are recoloured by them. */
static const struct {
    const char *variable; /* gnuplot's has no dashes */
    uint32_t light, dark;
} colours[] = {
    {"--ink", 0x1f2328, 0xe8e6e1},   {"--soft", 0x5d646d, 0xa9adb3},
    {"--line", 0xd6d3cc, 0x3b3f45},  {"--paper", 0xfbfaf7, 0x15171a},
    {"--sheet", 0xffffff, 0x1d2024}, {"--c1", 0x1f5fc4, 0x6ea8fe},
    {"--c2", 0xc2410c, 0xff9d5c},    {"--c3", 0x15803d, 0x5fd38d},
    {"--c4", 0xa21caf, 0xe58cf0},    {"--c5", 0x0e7490, 0x4fd0e3},
    {"--c6", 0xb91c1c, 0xff8a80},    {"--c7", 0x8a6100, 0xe9c46a},
    {"--c8", 0x6d28d9, 0xb79dff},    {"--c9", 0x4d7c0f, 0xa8d65c},
    {"--c10", 0x8b9097, 0x7d838b},
};
enum { COLOURS = sizeof(colours) / sizeof(colours[0]) };

void palette_gnuplot(struct text *out) {
    for (size_t i = 0; i < COLOURS; i++) {
        text_printf(out, "%s = \"#%06x\"\n", colours[i].variable + 2, colours[i].light);
    }
    text_printf(out, "series = \"");
    for (size_t i = 0; i < COLOURS; i++) {
        if (colours[i].variable[2] == 'c') text_printf(out, "#%06x ", colours[i].light);
    }
    text_printf(out, "\"\n");
}

void palette_css(struct text *out) {
    text_printf(out, ":root { color-scheme: light dark;");
    for (size_t i = 0; i < COLOURS; i++) {
        text_printf(out, " %s: #%06x;", colours[i].variable, colours[i].light);
    }
    text_printf(out, " }\n@media screen and (prefers-color-scheme: dark) { :root {");
    for (size_t i = 0; i < COLOURS; i++) {
        text_printf(out, " %s: #%06x;", colours[i].variable, colours[i].dark);
    }
    text_printf(out, " } }\n");
}

const char *palette_variable(unsigned red, unsigned green, unsigned blue) {
    for (size_t i = 0; i < COLOURS; i++) {
        if (colours[i].light == (red << 16 | green << 8 | blue)) return colours[i].variable;
    }
    return NULL;
}
