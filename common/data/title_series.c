#include "common/data/title_series.h"

#include "common/base/mem.h"
#include "common/base/utf8.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PARTS = 30 };

/* ---- one title ---- */

struct words {
    const char *at;
    size_t size;
};

static struct words trimmed(struct words t) {
    while (t.size > 0 && strchr(" -:,", t.at[t.size - 1]) != NULL) {
        t.size--;
    }
    return t;
}

static bool is_word(struct words t, const char *word) {
    return strlen(word) == t.size && strncasecmp(t.at, word, t.size) == 0;
}

/* The title without other titles in parentheses and without a trailing article. */
static struct words without_rest(const char *title) {
    static const char *const articles[] = {"The", "A",   "An",  "Le", "La",  "Les", "L'",
                                           "Der", "Die", "Das", "El", "Los", "Las", "Il"};
    const char *open = strstr(title, " (");
    struct words t = {title, open == NULL ? strlen(title) : (size_t)(open - title)};
    const char *comma = memrchr(title, ',', t.size);
    if (comma == NULL || comma[1] != ' ') return t;
    struct words last = {comma + 2, (size_t)(title + t.size - comma - 2)};
    for (size_t i = 0; i < sizeof(articles) / sizeof(articles[0]); i++) {
        if (is_word(last, articles[i])) t.size = (size_t)(comma - title);
    }
    return t;
}

static struct words last_word(struct words t) {
    size_t first = t.size;
    while (first > 0 && t.at[first - 1] != ' ') {
        first--;
    }
    return (struct words){t.at + first, t.size - first};
}

static struct words first_word(struct words t) {
    size_t end = 0;
    while (end < t.size && strchr(" :-,", t.at[end]) == NULL) {
        end++;
    }
    return (struct words){t.at, end};
}

/* 1 to MOST_PARTS of "2" or "II", else 0. */
static uint8_t number_of(struct words t) {
    static const char *const roman[] = {"",    "I",    "II", "III", "IV", "V",   "VI",
                                        "VII", "VIII", "IX", "X",   "XI", "XII", "XIII"};
    if (t.size == 0 || t.size > 4) return 0;
    for (size_t i = 1; i < sizeof(roman) / sizeof(roman[0]); i++) {
        if (strlen(roman[i]) == t.size && memcmp(t.at, roman[i], t.size) == 0) return (uint8_t)i;
    }
    unsigned number = 0;
    for (size_t i = 0; i < t.size; i++) {
        if (!isdigit((unsigned char)t.at[i])) return 0;
        number = number * 10 + (unsigned)(t.at[i] - '0');
    }
    return t.at[0] != '0' && number <= MOST_PARTS ? (uint8_t)number : 0;
}

static bool says_part(struct words word) {
    static const char *const words[] = {"Part", "Episode", "Chapter", "Volume", "Vol."};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (is_word(word, words[i])) return true;
    }
    return false;
}

static struct words without(struct words t, struct words last) {
    return trimmed((struct words){t.at, t.size - last.size});
}

/* "NAME 2", "NAME Part II" */
static bool ends_in_number(struct words t, struct title_part *out) {
    struct words word = last_word(t), name = without(t, word);
    uint8_t number = number_of(word);
    struct words before = last_word(name);
    bool said = number > 0 && says_part(before);
    if (said) name = without(name, before);
    if (name.size == 0 || number < (said ? 1 : 2)) return false;
    *out = (struct title_part){.name_size = (uint16_t)name.size, .number = number, .said = said};
    return true;
}

/* Part II ..., the number of what follows a name and its colon; 0 if it says none. */
static uint8_t said_number(struct words t) {
    struct words word = first_word(t);
    if (!says_part(word) || word.size == t.size) return 0;
    size_t skip = word.size + 1;
    return number_of(first_word((struct words){t.at + skip, t.size - skip}));
}

struct title_part title_part_of(const char *title) {
    struct words t = without_rest(title), name = t;
    struct title_part part = {0};
    if (t.size > UINT16_MAX) return part;
    const char *colon = memmem(t.at, t.size, ": ", 2);
    if (colon != NULL) name.size = (size_t)(colon - t.at);
    if (ends_in_number(name, &part)) return part;
    part = (struct title_part){.name_size = (uint16_t)name.size, .number = 1};
    if (colon == NULL || name.size == 0) return part;
    uint8_t number = said_number((struct words){colon + 2, t.size - name.size - 2});
    part.said = number > 0;
    part.subtitled = number == 0;
    if (part.said) part.number = number;
    return part;
}

/* ---- a catalogue ---- */

/* A movie under the name of its series. */
struct named {
    const char *name; /* normalised */
    uint32_t movie;
    uint16_t year;
    const struct title_part *part;
};

/* By name, number and year, unknown years last. */
static int compare_named(const void *pa, const void *pb) {
    const struct named *a = pa, *b = pb;
    int names = strcmp(a->name, b->name);
    if (names != 0) return names;
    if (a->part->number != b->part->number) return a->part->number < b->part->number ? -1 : 1;
    if (a->year != b->year) return (uint16_t)(a->year - 1) < (uint16_t)(b->year - 1) ? -1 : 1;
    return (a->movie > b->movie) - (a->movie < b->movie);
}

/* The part before `list[i]`: of those not newer the newest, or any if the number is said. */
static size_t part_before(const struct named *list, size_t i) {
    size_t best = SIZE_MAX;
    for (size_t j = 0; j < i; j++) {
        const struct title_part *part = list[j].part;
        if (part->subtitled || part->number + 1 != list[i].part->number) continue;
        bool in_time = list[j].year != 0 && list[j].year <= list[i].year;
        if (in_time || (part->said && list[i].part->said)) best = j;
    }
    return best;
}

static bool has_two_words(const char *name) {
    return strpbrk(name, " -") != NULL;
}

/* In the order of the numbers: the part before has its group already. */
static void join_numbered(struct title_series *s, const struct named *list, size_t n) {
    for (size_t i = 0; i < n; i++) {
        size_t before = list[i].part->number < 2 ? SIZE_MAX : part_before(list, i);
        if (before == SIZE_MAX) continue;
        uint32_t *group = &s->group[list[before].movie];
        if (*group == NO_INDEX) *group = list[before].movie;
        s->group[list[i].movie] = *group;
    }
}

static void join_subtitled(struct title_series *s, const struct named *list, size_t n) {
    bool subtitled = false;
    for (size_t i = 0; i < n; i++) {
        subtitled = subtitled || list[i].part->subtitled;
    }
    for (size_t i = 0; i < n && subtitled && has_two_words(list->name); i++) {
        s->group[list[i].movie] = list->movie;
    }
}

static enum status names_of(struct strings *names, struct title_series *s,
                            const struct catalogue *c, struct error *err) {
    AUTO(buf) struct buf name = {0};
    for (uint32_t m = 0; m < c->n_movies; m++) {
        const char *title = strings_get(&c->title, m);
        s->part[m] = title_part_of(title);
        buf_clear(&name);
        TRY(buf_puts(&name, "", err));
        TRY(utf8_normalise(title, s->part[m].name_size, &name, err));
        TRY(strings_add(names, name.data, err));
    }
    return STATUS_OK;
}

enum status title_series_find(struct title_series *out, const struct catalogue *c,
                              struct error *err) {
    AUTO(strings) struct strings names = {0};
    MEM_AUTO struct named *list = NULL;
    *out = (struct title_series){.n_movies = c->n_movies};
    TRY(MEM_NEW(&out->group, c->n_movies, err));
    TRY(MEM_NEW(&out->part, c->n_movies, err));
    TRY(MEM_NEW(&list, c->n_movies, err));
    TRY(names_of(&names, out, c, err));
    for (uint32_t m = 0; m < c->n_movies; m++) {
        out->group[m] = NO_INDEX;
        list[m] = (struct named){strings_get(&names, m), m, c->year[m], &out->part[m]};
    }
    qsort(list, c->n_movies, sizeof(*list), compare_named);
    for (size_t first = 0, end; first < c->n_movies; first = end) {
        for (end = first + 1; end < c->n_movies && strcmp(list[first].name, list[end].name) == 0;) {
            end++;
        }
        if (end - first < 2 || *list[first].name == '\0') continue;
        join_numbered(out, list + first, end - first);
        join_subtitled(out, list + first, end - first);
    }
    return STATUS_OK;
}

void title_series_release(struct title_series *s) {
    mem_free(s->group);
    mem_free(s->part);
    *s = (struct title_series){0};
}
