/* Sorting the places of a user's ratings by a number that each of them has. */
#ifndef MARQUEE_INGEST_PLACES_H
#define MARQUEE_INGEST_PLACES_H

#include <stddef.h>
#include <stdint.h>

/* The number to sort by in the upper bits, the place in the user's list in the lower ones: sorting
 * these sorts by the number, then by place. Times fit, as they end with the year 2099. */
typedef uint64_t place;
enum { PLACE_SHIFT = 32 };

/* Sorts by merging, which is quick where much is in order already. Both arrays hold `count`; the
 * result is in the one returned. */
place *places_sort(place *places, place *spare, size_t count);

#endif
