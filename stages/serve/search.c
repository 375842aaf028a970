#include "stages/serve/search.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/data/title_search.h"
#include "common/data/topk.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WORD = 40, MAX_WORDS = 12 };

/* One occurrence of a word. */
struct place {
    uint32_t word, movie;
};

struct search {
    uint32_t n_movies;
    struct strings word;  /* the vocabulary, sorted */
    size_t *place_start;  /* [word.count + 1] */
    struct place *place;  /* by word, then movie; a movie at most once per word */
    struct strings title; /* whole key of each movie's first name */
    float *boost;         /* [n_movies] by popularity, 0 to 0.1 */
    float *length;        /* [n_movies] words of the title and its other names */
};

/* ---- building ---- */

struct token {
    char text[MAX_WORD + 1];
    uint32_t movie;
};

struct tokens {
    struct token *token;
    size_t count, capacity;
};

static void tokens_release(struct tokens *t) {
    mem_free(t->token);
}

/* The next word of a key, cut at MAX_WORD bytes; false at the end. */
static bool next_word(const char **rest, char out[MAX_WORD + 1]) {
    const char *at = *rest + strspn(*rest, " ");
    size_t size = strcspn(at, " ");
    if (size == 0) return false;
    size_t kept = size < MAX_WORD ? size : MAX_WORD;
    memcpy(out, at, kept);
    out[kept] = '\0';
    *rest = at + size;
    return true;
}

static enum status add_words(struct tokens *t, struct search *s, uint32_t movie, const char *key,
                             struct error *err) {
    struct token token = {.movie = movie};
    while (next_word(&key, token.text)) {
        TRY(mem_grow(&t->token, &t->capacity, t->count + 1, sizeof(*t->token), err));
        t->token[t->count++] = token;
        s->length[movie]++;
    }
    return STATUS_OK;
}

static enum status add_title(struct tokens *t, struct search *s, const struct catalogue *c,
                             uint32_t movie, struct error *err) {
    AUTO(strings) struct strings keys = {0};
    char year[8];
    TRY(title_keys(strings_get(&c->title, movie), &keys, err));
    TRY(strings_add(&s->title, keys.count > 0 ? strings_get(&keys, 0) : "", err));
    for (size_t i = 0; i < keys.count; i++) {
        TRY(add_words(t, s, movie, strings_get(&keys, i), err));
    }
    if (c->year[movie] == 0) return STATUS_OK;
    (void)snprintf(year, sizeof year, "%u", c->year[movie]);
    TRY(add_words(t, s, movie, year, err));
    s->length[movie]--;
    return STATUS_OK;
}

static int compare_tokens(const void *pa, const void *pb) {
    const struct token *a = pa, *b = pb;
    int order = strcmp(a->text, b->text);
    if (order != 0) return order;
    return a->movie < b->movie ? -1 : a->movie > b->movie;
}

static enum status index_words(struct search *s, struct tokens *t, struct error *err) {
    size_t n_places = 0;
    if (t->count > 0) qsort(t->token, t->count, sizeof(*t->token), compare_tokens);
    TRY(MEM_NEW(&s->place_start, t->count + 1, err));
    TRY(MEM_NEW(&s->place, t->count, err));
    for (size_t i = 0; i < t->count; i++) {
        bool same_word = i > 0 && strcmp(t->token[i].text, t->token[i - 1].text) == 0;
        if (same_word && t->token[i].movie == t->token[i - 1].movie) continue;
        if (!same_word) {
            s->place_start[s->word.count] = n_places;
            TRY(strings_add(&s->word, t->token[i].text, err));
        }
        s->place[n_places++] = (struct place){(uint32_t)(s->word.count - 1), t->token[i].movie};
    }
    s->place_start[s->word.count] = n_places;
    return STATUS_OK;
}

static enum status build(struct search *s, const struct catalogue *c, const uint32_t *popularity,
                         struct error *err) {
    AUTO(tokens) struct tokens tokens = {0};
    uint32_t most = 1;
    s->n_movies = c->n_movies;
    TRY(MEM_NEW(&s->boost, c->n_movies, err));
    TRY(MEM_NEW(&s->length, c->n_movies, err));
    for (uint32_t m = 0; m < c->n_movies; m++) {
        if (popularity[m] > most) most = popularity[m];
    }
    for (uint32_t m = 0; m < c->n_movies; m++) {
        s->boost[m] = 0.1F * log1pf((float)popularity[m]) / log1pf((float)most);
        TRY(add_title(&tokens, s, c, m, err));
    }
    return index_words(s, &tokens, err);
}

enum status search_build(struct search **out, const struct catalogue *c, const uint32_t *popularity,
                         struct error *err) {
    *out = NULL;
    struct search *s = NULL;
    TRY(MEM_NEW(&s, 1, err));
    enum status status = build(s, c, popularity, err);
    if (status != STATUS_OK) {
        search_release(s);
        return status;
    }
    *out = s;
    return STATUS_OK;
}

void search_release(struct search *s) {
    if (s == NULL) return;
    strings_release(&s->word);
    strings_release(&s->title);
    mem_free(s->place_start);
    mem_free(s->place);
    mem_free(s->boost);
    mem_free(s->length);
    mem_free(s);
}

/* ---- finding ---- */

/* Letters wrong, missing, too many or swapped with the next between `a` and `b` (the optimal string
 * alignment distance), or limit + 1 if there are more than `limit`. With `prefix` only the
 * beginning of `b` must match. */
static int distance(const char *a, const char *b, int limit, bool prefix) {
    int n = (int)strlen(a), m = (int)strlen(b);
    if (n - m > limit || (!prefix && m - n > limit)) return limit + 1;
    int row[3][MAX_WORD + 1];
    for (int j = 0; j <= m; j++)
        row[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];
        int least = now[0] = i;
        for (int j = 1; j <= m; j++) {
            int cost = before[j - 1] + (a[i - 1] != b[j - 1]);
            if (before[j] + 1 < cost) cost = before[j] + 1;
            if (now[j - 1] + 1 < cost) cost = now[j - 1] + 1;
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && earlier[j - 2] + 1 < cost) cost = earlier[j - 2] + 1;
            now[j] = cost;
            if (cost < least) least = cost;
        }
        if (least > limit) return limit + 1;
    }
    int best = row[n % 3][m];
    for (int j = 0; prefix && j < m; j++) {
        if (row[n % 3][j] < best) best = row[n % 3][j];
    }
    return best;
}

/* How well a word of a title answers a word of the query: 1 the same, 0 not at all. */
static float word_fit(const char *typed, size_t size, const char *word, bool last) {
    if (strncmp(typed, word, size) == 0) {
        if (word[size] == '\0') return 1;
        return last || size >= 2 ? (last ? 0.95F : 0.85F) : 0;
    }
    int limit = size < 4 ? 0 : size < 8 ? 1 : 2;
    if (limit == 0 || (typed[0] >= '0' && typed[0] <= '9')) return 0;
    int whole = distance(typed, word, limit, false);
    if (whole <= limit) return 0.8F - 0.15F * (float)(whole - 1);
    int part = distance(typed, word, limit, true);
    return part <= limit && typed[0] == word[0] ? 0.6F - 0.15F * (float)(part - 1) : 0;
}

/* best[movie] = the best fit of any of its words. */
static void fit_word(const struct search *s, const char *typed, bool last, float *best) {
    size_t size = strlen(typed);
    for (size_t w = 0; w < s->word.count; w++) {
        float fit = word_fit(typed, size, strings_get(&s->word, w), last);
        if (fit <= 0) continue;
        for (size_t p = s->place_start[w]; p < s->place_start[w + 1]; p++) {
            float *of_movie = &best[s->place[p].movie];
            if (fit > *of_movie) *of_movie = fit;
        }
    }
}

/* How well the titles fit a query. */
struct fits {
    const char *key;      /* the query, normalised */
    size_t n_words;       /* of the query */
    const float *sum;     /* [n_movies] of the fits of the words */
    const uint8_t *found; /* [n_movies] words that fit at all */
};

static enum status rank(const struct search *s, const struct fits *f, struct search_hit *hits,
                        size_t max, size_t *count, struct error *err) {
    AUTO(topk) struct topk best = {0};
    size_t size = strlen(f->key);
    TRY(topk_alloc(&best, max < s->n_movies ? max : s->n_movies, err));
    for (uint32_t m = 0; m < s->n_movies; m++) {
        if (f->found[m] < f->n_words) continue;
        const char *title = strings_get(&s->title, m);
        float score = f->sum[m] / (float)f->n_words + s->boost[m];
        float extra = s->length[m] - (float)f->n_words;
        score -= 0.01F * fminf(fmaxf(extra, 0), 6);
        if (strncmp(title, f->key, size) == 0) score += title[size] == '\0' ? 0.3F : 0.1F;
        topk_push(&best, score, m);
    }
    topk_sort(&best);
    for (size_t i = 0; i < best.count; i++) {
        uint32_t movie = best.heap[i].id;
        hits[i] = (struct search_hit){movie, f->sum[movie] / (float)f->n_words};
    }
    *count = best.count;
    return STATUS_OK;
}

enum status search_find(const struct search *s, const char *query, struct search_hit *hits,
                        size_t max, size_t *count, struct error *err) {
    AUTO(strings) struct strings keys = {0};
    MEM_AUTO float *sum = NULL, *best = NULL;
    MEM_AUTO uint8_t *found = NULL;
    char word[MAX_WORD + 1];
    size_t n_words = 0;
    *count = 0;
    TRY(title_keys(query, &keys, err));
    if (keys.count == 0 || max == 0) return STATUS_OK;
    TRY(MEM_NEW(&sum, s->n_movies, err));
    TRY(MEM_NEW(&best, s->n_movies, err));
    TRY(MEM_NEW(&found, s->n_movies, err));
    for (const char *rest = strings_get(&keys, 0); n_words < MAX_WORDS && next_word(&rest, word);) {
        memset(best, 0, s->n_movies * sizeof(*best));
        fit_word(s, word, *rest == '\0', best);
        for (uint32_t m = 0; m < s->n_movies; m++) {
            sum[m] += best[m];
            found[m] = (uint8_t)(found[m] + (best[m] > 0));
        }
        n_words++;
    }
    const struct fits fits = {strings_get(&keys, 0), n_words, sum, found};
    return rank(s, &fits, hits, max, count, err);
}
