#include "stages/report/text_builder.h"

#include "common/base/file.h"
#include "common/base/utf8.h"

#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"

void text_release(struct text *t) {
    buf_release(&t->buf);
}

void text_append(struct text *t, const char *data, size_t size) {
    if (t->err.status == STATUS_OK) (void)buf_append(&t->buf, data, size, &t->err);
}

void text_printf(struct text *t, const char *format, ...) {
    char small[512];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(small, sizeof(small), format, arguments);
    va_end(arguments);
    if (size >= 0 && (size_t)size < sizeof(small)) {
        text_append(t, small, (size_t)size);
    } else if (t->err.status == STATUS_OK) {
        (void)error_set(&t->err, STATUS_FAILED, "building the report: a piece is too long");
    }
}

static const char *escaped(char byte) {
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return (unsigned char)byte < 0x20 || byte == 0x7f ? " " : NULL;
    }
}

static void append_escaped(struct text *t, const char *data, size_t size) {
    size_t kept = 0;
    for (size_t i = 0; i < size; i++) {
        const char *with = escaped(data[i]);
        if (with == NULL) continue;
        text_append(t, data + kept, i - kept);
        text_append(t, with, strlen(with));
        kept = i + 1;
    }
    text_append(t, data + kept, size - kept);
}

void text_html(struct text *t, const char *data) {
    append_escaped(t, data, strlen(data));
}

/* Bytes of `data` that are shown, and whether something is left out. */
static size_t fit(const char *data, size_t columns, bool *cut) {
    *cut = columns > 0 && utf8_width(data) > columns;
    return *cut ? utf8_fit(data, columns - 1) : strlen(data);
}

void text_html_cut(struct text *t, const char *data, size_t columns) {
    bool cut;
    append_escaped(t, data, fit(data, columns, &cut));
    if (cut) text_append(t, ELLIPSIS, strlen(ELLIPSIS));
}

void text_cell(struct text *t, const char *data, size_t columns) {
    bool cut;
    size_t size = fit(data, columns, &cut);
    for (size_t i = 0; i < size; i++) {
        char byte = data[i];
        if ((unsigned char)byte < 0x20 || byte == 0x7f) byte = ' ';
        if (byte == '"') byte = '\'';
        if (byte == '\\') byte = '/';
        text_append(t, &byte, 1);
    }
    if (cut) text_append(t, ELLIPSIS, strlen(ELLIPSIS));
}

enum status text_save(const struct text *t, const char *path, struct error *err) {
    struct file_writer w;
    if (t->err.status != STATUS_OK) {
        return error_set(err, t->err.status, "%s: %s", path, t->err.text);
    }
    TRY(file_writer_open(&w, path, err));
    if (t->buf.size > 0 && fwrite(t->buf.data, 1, t->buf.size, w.stream) != t->buf.size) {
        file_writer_abandon(&w);
        return error_errno(err, "%s: cannot be written", path);
    }
    return file_writer_commit(&w, err);
}
