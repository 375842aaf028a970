/* Words of movie titles. */
#ifndef MARQUEE_SIMILARITY_WORDS_H
#define MARQUEE_SIMILARITY_WORDS_H

#include "common/base/buf.h"
#include "common/base/error.h"

/* Appends the words of a title to `out`, as tokenize (common/base/tokenize.h) finds them,
 * without stop words: articles and the commonest prepositions of the languages that are frequent in
 * film titles. A word may be appended more than once. */
enum status title_words(const char *title, struct strings *out, struct error *err);

#endif
