#include "common/base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGNMENT = 64, HUGE_PAGE = 1 << 21, LARGE = 4 * HUGE_PAGE };

bool mem_multiply(size_t a, size_t b, size_t *out) {
    return !__builtin_mul_overflow(a, b, out);
}

/* Pointers of any type are read and written through memcpy: void ** is not an alias of float **. */
static void store(void *out, void *pointer) {
    memcpy(out, &pointer, sizeof pointer);
}

enum status mem_alloc(void *out, size_t count, size_t size, struct error *err) {
    store(out, NULL);
    size_t bytes = 0;
    if (!mem_multiply(count, size, &bytes) || bytes > SIZE_MAX - HUGE_PAGE) {
        return error_set(err, STATUS_FAILED, "out of memory: %zu elements of %zu bytes", count,
                         size);
    }
    size_t alignment = bytes < LARGE ? ALIGNMENT : HUGE_PAGE;
    size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    if (rounded == 0) rounded = alignment;
    void *pointer = aligned_alloc(alignment, rounded);
    if (!pointer) return error_set(err, STATUS_FAILED, "out of memory: %zu bytes", bytes);
    /* Huge pages cause a five-hundredth of the page faults. This is only a hint, so what it returns
     * does not matter. */
    if (alignment == HUGE_PAGE) (void)madvise(pointer, rounded, MADV_HUGEPAGE);
    memset(pointer, 0, bytes == 0 ? rounded : bytes);
    store(out, pointer);
    return STATUS_OK;
}

enum status mem_grow(void *pointer, size_t *capacity, size_t needed, size_t size,
                     struct error *err) {
    if (needed <= *capacity) return STATUS_OK;
    size_t wanted = *capacity < 16 ? 16 : *capacity;
    while (wanted < needed) {
        wanted = wanted > SIZE_MAX / 2 ? needed : wanted * 2;
    }
    size_t bytes = 0;
    if (!mem_multiply(wanted, size, &bytes)) {
        return error_set(err, STATUS_FAILED, "out of memory: %zu elements of %zu bytes", wanted,
                         size);
    }
    void *old = NULL;
    memcpy(&old, pointer, sizeof old);
    void *grown = realloc(old, bytes);
    if (!grown) return error_set(err, STATUS_FAILED, "out of memory: %zu bytes", bytes);
    store(pointer, grown);
    *capacity = wanted;
    return STATUS_OK;
}

void mem_free(void *pointer) {
    free(pointer);
}

void mem_free_variable(void *address_of_pointer) {
    void *pointer = NULL;
    memcpy(&pointer, address_of_pointer, sizeof pointer);
    free(pointer);
    store(address_of_pointer, NULL);
}
