/* The files of the web page, which are part of the program. */
#ifndef MARQUEE_SERVE_ASSETS_H
#define MARQUEE_SERVE_ASSETS_H

struct asset {
    const char *path, *content_type;
    const char *start, *end;
};

/* The file at a path ("/", "/style.css", ...), or NULL. */
const struct asset *asset_find(const char *path);

#endif
