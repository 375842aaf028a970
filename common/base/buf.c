#include "common/base/buf.h"

#include "common/base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Makes room for `more` bytes and the NUL after them. */
static enum status reserve(struct buf *b, size_t more, struct error *err) {
    if (more > SIZE_MAX - b->size - 1) {
        return error_set(err, STATUS_FAILED, "out of memory: buffer of %zu and %zu bytes", b->size,
                         more);
    }
    return mem_grow(&b->data, &b->capacity, b->size + more + 1, 1, err);
}

enum status buf_append(struct buf *b, const void *data, size_t size, struct error *err) {
    TRY(reserve(b, size, err));
    if (size > 0) memcpy(b->data + b->size, data, size);
    b->size += size;
    b->data[b->size] = '\0';
    return STATUS_OK;
}

enum status buf_puts(struct buf *b, const char *text, struct error *err) {
    return buf_append(b, text, strlen(text), err);
}

enum status buf_printf(struct buf *b, struct error *err, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    enum status status = size < 0
                             ? error_set(err, STATUS_FAILED, "formatting \"%s\" failed", format)
                             : reserve(b, (size_t)size, err);
    if (status == STATUS_OK) {
        (void)vsnprintf(b->data + b->size, (size_t)size + 1, format, again);
        b->size += (size_t)size;
    }
    va_end(again);
    return status;
}

void buf_clear(struct buf *b) {
    b->size = 0;
    if (b->data) b->data[0] = '\0';
}

void buf_release(struct buf *b) {
    mem_free(b->data);
    *b = (struct buf){0};
}

enum status strings_add(struct strings *s, const char *text, struct error *err) {
    return strings_add_bytes(s, text, strlen(text), err);
}

enum status strings_add_bytes(struct strings *s, const char *text, size_t size, struct error *err) {
    TRY(mem_grow(&s->start, &s->capacity, s->count + 1, sizeof *s->start, err));
    size_t start = s->bytes.size;
    TRY(reserve(&s->bytes, size < SIZE_MAX ? size + 1 : size, err));
    TRY(buf_append(&s->bytes, text, size, err));
    TRY(buf_append(&s->bytes, "", 1, err));
    s->start[s->count++] = start;
    return STATUS_OK;
}

const char *strings_get(const struct strings *s, size_t index) {
    return s->bytes.data + s->start[index];
}

void strings_release(struct strings *s) {
    buf_release(&s->bytes);
    mem_free(s->start);
    *s = (struct strings){0};
}
