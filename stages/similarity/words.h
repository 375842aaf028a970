/* Words of movie titles. */
#ifndef MARQUEE_SIMILARITY_WORDS_H
#define MARQUEE_SIMILARITY_WORDS_H

#include "common/base/buf.h"
#include "common/base/error.h"

/* Appends the words of a title to `out`, in order: lower-cased runs of letters and digits of any
 * script, apostrophes dropped ("Ocean's" is "oceans"), without stop words (articles and the
 * commonest prepositions of the languages that are frequent in film titles) and without single
 * ASCII characters. A word may be appended more than once. */
enum status title_words(const char *title, struct strings *out, struct error *err);

#endif
