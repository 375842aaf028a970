/* "There is none" among u32 indices of users, movies or terms. */
#ifndef MARQUEE_BASE_NO_INDEX_H
#define MARQUEE_BASE_NO_INDEX_H

#include <stdint.h>

#define NO_INDEX UINT32_MAX

#endif
