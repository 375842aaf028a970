/* How lists are named in TREC files: the user's id, and for the second and later lists of one user
 * a dot and their number behind it: 17, 17.2, 17.3. */
#ifndef MARQUEE_EVALUATE_LIST_NAMES_H
#define MARQUEE_EVALUATE_LIST_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LIST_NAME_SIZE = 24 };

/* The number of row `row` among the rows of its user, from 1. `user[row]` is ascending. */
uint32_t list_number(const uint32_t *user, size_t row);

void list_name_print(char name[LIST_NAME_SIZE], uint32_t user_id, uint32_t number);
/* false if `name` is no name of a list. */
bool list_name_parse(const char *name, uint32_t *user_id, uint32_t *number);

#endif
