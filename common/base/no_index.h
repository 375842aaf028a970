/* What stands among u32 indices of users, movies, terms for "there is none". */
#ifndef MARQUEE_BASE_NO_INDEX_H
#define MARQUEE_BASE_NO_INDEX_H

#include <stdint.h>

#define NO_INDEX UINT32_MAX

#endif
