/* Text to words. */
#ifndef MARQUEE_BASE_TOKENIZE_H
#define MARQUEE_BASE_TOKENIZE_H

#include "common/base/buf.h"
#include "common/base/error.h"

#include <stddef.h>

/* Appends the words of UTF-8 text to `out`, in order and as often as they occur: lower-cased runs
 * of letters and digits of any script, apostrophes dropped ("Ocean's" is "oceans"), without single
 * ASCII characters. */
enum status tokenize(const char *text, size_t size, struct strings *out, struct error *err);

#endif
