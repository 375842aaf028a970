/* As much of Unicode as titles, genres and tags need. */
#ifndef MARQUEE_BASE_UTF8_H
#define MARQUEE_BASE_UTF8_H

#include "common/base/buf.h"
#include "common/base/error.h"

#include <stdbool.h>
#include <stddef.h>

bool utf8_valid(const char *text, size_t size); /* RFC 3629, no surrogates, no overlong forms */

/* Appends ISO-8859-1 text as UTF-8. */
enum status utf8_from_latin1(const char *text, size_t size, struct buf *out, struct error *err);

/* Appends `text` trimmed, inner white space folded to one space, and lower-cased (Latin, Greek and
 * Cyrillic, full Unicode through towlower of the C.UTF-8 locale). */
enum status utf8_normalise(const char *text, size_t size, struct buf *out, struct error *err);

/* Terminal columns that `text` takes (wcwidth), and cutting to at most `columns`. */
size_t utf8_width(const char *text);
size_t utf8_fit(const char *text, size_t columns); /* bytes of the longest prefix that fits */

#endif
