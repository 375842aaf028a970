/* libFuzzer: the line of a request. The first byte says what: a path and query against the table of
 * routes, or a title that is searched for. */
#include "stages/serve/params.h"
#include "stages/serve/route.h"
#include "stages/serve/search.h"
#include "tests/fuzz/service.h"

#include "common/base/mem.h"

#include <stddef.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

static void try_search(const char *text) {
    static uint32_t popularity[N_MOVIES] = {9, 8, 7, 6, 5, 4};
    static struct search *search;
    struct search_hit hits[N_MOVIES];
    size_t count = 0;
    if (search == NULL)
        must(search_build(&search, small_catalogue(), popularity, NULL) == STATUS_OK);
    if (search_find(search, text, hits, N_MOVIES, &count, NULL) != STATUS_OK) return;
    for (size_t i = 0; i < count; i++) {
        must(hits[i].movie < N_MOVIES && hits[i].score > 0 && hits[i].score <= 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    MEM_AUTO char *text = NULL;
    if (size == 0) return 0;
    must(MEM_NEW(&text, size, NULL) == STATUS_OK);
    memcpy(text, data + 1, size - 1); /* ends with a zero byte */
    if (data[0] % 2 == 0) {
        try_route(text);
    } else {
        try_search(text);
    }
    return 0;
}
