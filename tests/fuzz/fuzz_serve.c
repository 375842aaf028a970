/* libFuzzer: what the service is sent. The first byte says what: a path and query against the table
 * of routes, the body of a session, the body of feedback, or a title that is searched for. */
#include "stages/serve/body.h"
#include "stages/serve/params.h"
#include "stages/serve/route.h"
#include "stages/serve/search.h"

#include "common/base/mem.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { N_MOVIES = 6 };
static const char *const titles[N_MOVIES] = {
    "Toy Story", "The Matrix",    "Heat",
    "1917",      "Am\xc3\xa9lie", "City of Lost Children (Cit\xc3\xa9 des enfants perdus, La)"};

static struct catalogue catalogue;
static struct search *search;
static struct generation generation;

static void must(bool condition) {
    if (!condition) abort();
}

static void set_up(void) {
    static uint32_t id[N_MOVIES] = {1, 2, 3, 5, 8, 13}, popularity[N_MOVIES] = {9, 8, 7, 6, 5, 4};
    static uint16_t year[N_MOVIES] = {1995, 1999, 1995, 2019, 2001, 0};
    if (search != NULL) return;
    catalogue = (struct catalogue){.n_movies = N_MOVIES, .movie_id = id, .year = year};
    for (size_t m = 0; m < N_MOVIES; m++) {
        must(strings_add(&catalogue.title, titles[m], NULL) == STATUS_OK);
    }
    must(search_build(&search, &catalogue, popularity, NULL) == STATUS_OK);
    generation = (struct generation){.catalogue = &catalogue, .newest = 1000};
}

/* "path?a=b&c": cuts the text in place. */
static size_t split_query(char *text, struct param_pair pair[PARAMS_MAX]) {
    size_t n = 0;
    char *rest = strchr(text, '?');
    if (rest != NULL) *rest++ = '\0';
    while (rest != NULL && n < PARAMS_MAX) {
        char *name = rest;
        rest = strchr(name, '&');
        if (rest != NULL) *rest++ = '\0';
        char *value = strchr(name, '=');
        if (value != NULL) *value++ = '\0';
        pair[n++] = (struct param_pair){name, value};
    }
    return n;
}

static void try_route(char *text) {
    static const char *const methods[] = {"GET", "POST", "DELETE"};
    struct param_pair pair[PARAMS_MAX + 1];
    struct param_value value[PARAMS_MAX];
    char segment[256], allowed[64];
    uint32_t ids[600];
    bool same = false;
    size_t n = split_query(text, pair + 1);
    route_methods(text, allowed, sizeof allowed);
    for (size_t m = 0; m < 3; m++) {
        struct error err = {0};
        const struct route *r = route_find(methods[m], text, &same, segment);
        must(same == (allowed[0] != '\0'));
        if (r == NULL) continue;
        pair[0] = (struct param_pair){r->n_params > 0 ? r->params[0].name : "", segment};
        size_t skip = segment[0] == '\0';
        enum status status =
            params_parse(r->params, r->n_params, pair + skip, n + 1 - skip, value, &err);
        must(status == STATUS_OK || (status == STATUS_USAGE && err.text[0] != '\0'));
        for (size_t i = 0; status == STATUS_OK && i < r->n_params; i++) {
            const struct param_spec *p = &r->params[i];
            if (p->type == PARAM_INT && value[i].text != NULL) {
                must((double)value[i].integer >= p->min && (double)value[i].integer <= p->max);
            }
            if (p->type == PARAM_IDS) must(params_ids(value[i].text, ids, 600) <= 500);
        }
    }
}

static void try_session(const char *text, size_t size) {
    AUTO(user_events) struct user_events events = {0};
    struct error err = {0};
    if (body_session(text, size, &generation, &events, &err) != STATUS_OK) {
        must(err.text[0] != '\0');
        return;
    }
    for (size_t i = 0; i < events.count; i++) {
        must(events.event[i].value >= 1 && events.event[i].value <= 10);
    }
}

static void try_feedback(const char *text, size_t size) {
    MEM_AUTO struct feedback *events = NULL;
    struct error err = {0};
    size_t count = 0;
    if (body_feedback(text, size, &generation, 7, &events, &count, &err) != STATUS_OK) {
        must(err.text[0] != '\0');
        return;
    }
    for (size_t i = 0; i < count; i++) {
        must(events[i].type < FEEDBACK_TYPES && events[i].value <= 10);
        must((events[i].type == FEEDBACK_RATING) == (events[i].value > 0));
        must(memchr(events[i].key, '\0', FEEDBACK_KEY_SIZE) != NULL);
    }
}

static void try_search(const char *text) {
    struct search_hit hits[N_MOVIES];
    size_t count = 0;
    if (search_find(search, text, hits, N_MOVIES, &count, NULL) != STATUS_OK) return;
    for (size_t i = 0; i < count; i++) {
        must(hits[i].movie < N_MOVIES && hits[i].score > 0 && hits[i].score <= 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    MEM_AUTO char *text = NULL;
    if (size == 0) return 0;
    set_up();
    must(MEM_NEW(&text, size, NULL) == STATUS_OK);
    memcpy(text, data + 1, size - 1); /* ends with a zero byte */
    switch (data[0] % 4) {
    case 0:
        try_route(text);
        break;
    case 1:
        try_session(text, size - 1);
        break;
    case 2:
        try_feedback(text, size - 1);
        break;
    default:
        try_search(text);
    }
    return 0;
}
