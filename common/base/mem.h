/* Memory: checked allocation that reports through the error chain. */
#ifndef MARQUEE_BASE_MEM_H
#define MARQUEE_BASE_MEM_H

#include "common/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Allocates `count` zeroed elements of `size` bytes, 64-byte aligned, into *(void **)out. Overflow
 * of count * size and exhaustion give STATUS_FAILED with the size asked for, *out = NULL. A count
 * of 0 gives a valid pointer. Release with mem_free or free. */
enum status mem_alloc(void *out, size_t count, size_t size, struct error *err);

/* MEM_NEW(&pointer, count, err): mem_alloc with the element size taken from the pointer's type. */
#define MEM_NEW(out, count, err) mem_alloc((out), (count), sizeof(**(out)), (err))

/* Grows *(void **)pointer, an array of *capacity elements, to hold at least `needed` (doubling).
 * New elements are not initialised. On failure the array is unchanged. */
enum status mem_grow(void *pointer, size_t *capacity, size_t needed, size_t size,
                     struct error *err);

/* free(), and the same for a variable that leaves its scope:  MEM_AUTO float *x = NULL; */
void mem_free(void *pointer);
void mem_free_variable(void *address_of_pointer);
#define MEM_AUTO __attribute__((cleanup(mem_free_variable)))

/* For any type with a `void T_release(struct T *)`:  AUTO(csr) struct csr m = {0}; */
#define AUTO(type) __attribute__((cleanup(type##_release)))

/* *out = a * b, or false on overflow. */
bool mem_multiply(size_t a, size_t b, size_t *out);

#endif
