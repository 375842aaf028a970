#include "stages/similarity/words.h"

#include "common/base/mem.h"
#include "common/base/tokenize.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char *const stop_words[] = {
    /* sorted, for bsearch */
    "aka", "all",  "an",  "and", "are", "as",   "at",   "au",   "aux", "be",  "by",  "da",
    "das", "de",   "dei", "del", "den", "der",  "des",  "det",  "di",  "die", "do",  "du",
    "ein", "eine", "el",  "en",  "et",  "for",  "from", "his",  "ii",  "iii", "il",  "im",
    "in",  "is",   "it",  "its", "iv",  "la",   "las",  "le",   "les", "lo",  "los", "me",
    "my",  "no",   "not", "of",  "on",  "or",   "os",   "part", "the", "to",  "un",  "una",
    "und", "une",  "up",  "vs",  "we",  "with", "you",  "your",
};

static int compare_text(const void *key, const void *element) {
    return strcmp(key, *(const char *const *)element);
}

static bool is_stop_word(const char *word) {
    return bsearch(word, stop_words, sizeof(stop_words) / sizeof(stop_words[0]),
                   sizeof(stop_words[0]), compare_text) != NULL;
}

enum status title_words(const char *title, struct strings *out, struct error *err) {
    AUTO(strings) struct strings all = {0};
    TRY(tokenize(title, strlen(title), &all, err));
    for (size_t i = 0; i < all.count; i++) {
        const char *word = strings_get(&all, i);
        if (!is_stop_word(word)) TRY(strings_add(out, word, err));
    }
    return STATUS_OK;
}
