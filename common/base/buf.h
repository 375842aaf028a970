/* A growing byte buffer, also used to build strings (always NUL-terminated past `size`). */
#ifndef MARQUEE_BASE_BUF_H
#define MARQUEE_BASE_BUF_H

#include "common/base/error.h"

#include <stdarg.h>
#include <stddef.h>

struct buf {
    char *data; /* NULL while empty */
    size_t size;
    size_t capacity;
};

enum status buf_append(struct buf *b, const void *data, size_t size, struct error *err);
enum status buf_puts(struct buf *b, const char *text, struct error *err);
enum status buf_printf(struct buf *b, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void buf_clear(struct buf *b);   /* size = 0, memory kept */
void buf_release(struct buf *b); /* memory freed, buffer empty and usable again */

/* A list of strings in one block of memory; string i is strings_get(s, i). */
struct strings {
    struct buf bytes; /* NUL-terminated strings, one after another */
    size_t *start;    /* offset of string i in bytes */
    size_t count;
    size_t capacity;
};

enum status strings_add(struct strings *s, const char *text, struct error *err);
enum status strings_add_bytes(struct strings *s, const char *text, size_t size, struct error *err);
const char *strings_get(const struct strings *s, size_t index); /* owned by the list */
void strings_release(struct strings *s);

#endif
