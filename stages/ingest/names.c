#include "stages/ingest/names.h"

#include "common/base/hash.h"
#include "common/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 256 };

static size_t first_slot(const struct names *n, const char *text, size_t size) {
    struct digest d = hash_bytes(text, size);
    uint64_t key = 0;
    memcpy(&key, d.bytes, sizeof(key));
    return (size_t)key & (n->n_slots - 1);
}

static enum status grow_slots(struct names *n, struct error *err) {
    size_t wanted = n->n_slots == 0 ? FIRST_SLOTS : 2 * n->n_slots;
    uint32_t *slot = NULL;
    TRY(MEM_NEW(&slot, wanted, err));
    mem_free(n->slot);
    n->slot = slot;
    n->n_slots = wanted;
    for (size_t i = 0; i < n->list.count; i++) {
        const char *text = strings_get(&n->list, i);
        size_t at = first_slot(n, text, strlen(text));
        while (n->slot[at] != 0)
            at = (at + 1) & (n->n_slots - 1);
        n->slot[at] = (uint32_t)i + 1;
    }
    return STATUS_OK;
}

enum status names_add(struct names *n, const char *text, size_t size, uint32_t *out,
                      struct error *err) {
    if (2 * n->list.count >= n->n_slots) TRY(grow_slots(n, err));
    size_t at = first_slot(n, text, size);
    for (; n->slot[at] != 0; at = (at + 1) & (n->n_slots - 1)) {
        const char *known = strings_get(&n->list, n->slot[at] - 1);
        if (strncmp(known, text, size) != 0 || known[size] != '\0') continue;
        *out = n->slot[at] - 1;
        return STATUS_OK;
    }
    *out = (uint32_t)n->list.count;
    TRY(strings_add_bytes(&n->list, text, size, err));
    n->slot[at] = *out + 1;
    return STATUS_OK;
}

static int compare_names(const void *a, const void *b, void *list) {
    return strcmp(strings_get(list, *(const uint32_t *)a), strings_get(list, *(const uint32_t *)b));
}

enum status names_sort(struct names *n, uint32_t *new_number, struct error *err) {
    MEM_AUTO uint32_t *order = NULL;
    TRY(MEM_NEW(&order, n->list.count, err));
    for (uint32_t i = 0; i < n->list.count; i++)
        order[i] = i;
    if (n->list.count > 0) {
        qsort_r(order, n->list.count, sizeof(*order), compare_names, &n->list);
    }
    AUTO(strings) struct strings sorted = {0};
    for (uint32_t i = 0; i < n->list.count; i++) {
        TRY(strings_add(&sorted, strings_get(&n->list, order[i]), err));
        new_number[order[i]] = i;
    }
    struct strings old = n->list;
    n->list = sorted;
    sorted = old;
    return STATUS_OK;
}

void names_release(struct names *n) {
    strings_release(&n->list);
    mem_free(n->slot);
    *n = (struct names){0};
}
