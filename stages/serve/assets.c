#include "stages/serve/assets.h"

#include <stddef.h>
#include <string.h>

/* The bytes of a file of web/, between two symbols. */
#define ASSET(name, file)                                                                          \
    __asm__(".pushsection .rodata\n"                                                               \
            ".global marquee_web_" #name "\n"                                                      \
            "marquee_web_" #name ":\n"                                                             \
            ".incbin \"stages/serve/web/" file "\"\n"                                              \
            ".global marquee_web_" #name "_end\n"                                                  \
            "marquee_web_" #name "_end:\n"                                                         \
            ".byte 0\n"                                                                            \
            ".popsection\n");                                                                      \
    extern const char marquee_web_##name[], marquee_web_##name##_end[]

ASSET(index, "index.html");
ASSET(style, "style.css");
ASSET(app, "app.js");
ASSET(api, "api.js");
ASSET(cards, "cards.js");
ASSET(icon, "icon.svg");

#define ROW(path, type, name)                                                                      \
    { path, type "; charset=utf-8", marquee_web_##name, marquee_web_##name##_end }

static const struct asset assets[] = {
    ROW("/", "text/html", index),
    ROW("/style.css", "text/css", style),
    ROW("/app.js", "text/javascript", app),
    ROW("/api.js", "text/javascript", api),
    ROW("/cards.js", "text/javascript", cards),
    ROW("/icon.svg", "image/svg+xml", icon),
};

const struct asset *asset_find(const char *path) {
    for (size_t i = 0; i < sizeof assets / sizeof assets[0]; i++) {
        if (strcmp(assets[i].path, path) == 0) return &assets[i];
    }
    return NULL;
}
