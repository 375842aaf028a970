#include "common/base/tokenize.h"

#include "common/base/mem.h"
#include "common/base/utf8.h"

#include <stdbool.h>
#include <stdint.h>

/* Decodes the code point at `text` (valid UTF-8) and returns its length in bytes. */
static size_t decode(const char *text, uint32_t *code) {
    const unsigned char *b = (const unsigned char *)text;
    if (b[0] < 0x80) {
        *code = b[0];
        return 1;
    }
    size_t size = b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : 2;
    uint32_t value = b[0] & (0xffu >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        if ((b[i] & 0xc0) != 0x80) return *code = 0xfffd, i; /* cut short: never past the NUL */
        value = value << 6 | (b[i] & 0x3f);
    }
    *code = value;
    return size;
}

static bool in_range(uint32_t code, uint32_t first, uint32_t last) {
    return code >= first && code <= last;
}

static bool is_apostrophe(uint32_t code) {
    return code == '\'' || code == '`' || code == 0xb4 || code == 0x2018 || code == 0x2019;
}

/* Beyond ASCII, everything counts as a letter except blocks of punctuation, symbols and spaces. */
static bool is_word_character(uint32_t code) {
    if (code < 0x80) return in_range(code, 'a', 'z') || in_range(code, '0', '9');
    if (code < 0xc0) return code == 0xaa || code == 0xb5 || code == 0xba;
    return code != 0xd7 && code != 0xf7 && !in_range(code, 0x2000, 0x2bff) &&
           !in_range(code, 0x2e00, 0x2e7f) && !in_range(code, 0x3000, 0x3004) &&
           !in_range(code, 0x3007, 0x3020) && !in_range(code, 0xfe30, 0xfe4f) &&
           !in_range(code, 0xff01, 0xff0f) && !in_range(code, 0xff1a, 0xff20) &&
           !in_range(code, 0xff3b, 0xff40) && !in_range(code, 0xff5b, 0xff65) && code != 0xfffd;
}

static enum status finish_word(struct buf *word, struct strings *out, struct error *err) {
    enum status status = STATUS_OK;
    if (word->size > 1) status = strings_add_bytes(out, word->data, word->size, err);
    buf_clear(word);
    return status;
}

enum status tokenize(const char *text, size_t size, struct strings *out, struct error *err) {
    AUTO(buf) struct buf lower = {0}, word = {0};
    TRY(utf8_normalise(text, size, &lower, err));
    uint32_t code = 0;
    for (size_t i = 0, step; i < lower.size; i += step) {
        step = decode(lower.data + i, &code);
        if (is_word_character(code)) {
            TRY(buf_append(&word, lower.data + i, step, err));
        } else if (!is_apostrophe(code)) {
            TRY(finish_word(&word, out, err));
        }
    }
    return finish_word(&word, out, err);
}
