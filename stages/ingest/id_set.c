#include "stages/ingest/id_set.h"

#include "common/base/mem.h"

enum { FIRST_SLOTS = 1024 };

/* The slot that holds the id, or the free one where it belongs. */
static size_t find(const uint32_t *slot, size_t n_slots, uint32_t id) {
    size_t at = (size_t)(id * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (n_slots - 1);
    while (slot[at] != 0 && slot[at] != id + 1)
        at = (at + 1) & (n_slots - 1);
    return at;
}

bool id_set_has(const struct id_set *s, uint32_t id) {
    return s->n_slots > 0 && s->slot[find(s->slot, s->n_slots, id)] != 0;
}

enum status id_set_add(struct id_set *s, uint32_t id, struct error *err) {
    if (2 * s->count >= s->n_slots) {
        size_t wanted = s->n_slots == 0 ? FIRST_SLOTS : 2 * s->n_slots;
        uint32_t *slot = NULL;
        TRY(MEM_NEW(&slot, wanted, err));
        for (size_t i = 0; i < s->n_slots; i++) {
            if (s->slot[i] != 0) slot[find(slot, wanted, s->slot[i] - 1)] = s->slot[i];
        }
        mem_free(s->slot);
        s->slot = slot;
        s->n_slots = wanted;
    }
    size_t at = find(s->slot, s->n_slots, id);
    if (s->slot[at] == 0) s->count++;
    s->slot[at] = id + 1;
    return STATUS_OK;
}

void id_set_release(struct id_set *s) {
    mem_free(s->slot);
    *s = (struct id_set){0};
}
