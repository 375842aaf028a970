/* The state of all networks of a run between two epochs, on disk. */
#ifndef MARQUEE_RANKER_CHECKPOINT_H
#define MARQUEE_RANKER_CHECKPOINT_H

#include "common/base/error.h"
#include "common/base/hash.h"
#include "stages/ranker/train.h"

#include <stdbool.h>
#include <stddef.h>

/* Replaces the checkpoint at `path`. `recipe` names what is being trained, from what and how. */
enum status checkpoint_save(const char *path, const struct digest *recipe,
                            const struct train_state *states, size_t n_states, struct error *err);

/* Fills the allocated states. *found is false if there is no file, if it belongs to another recipe,
 * or if it is damaged (then `err` says how, though the status is STATUS_OK): training then starts
 * from the beginning, and the states are untouched. */
enum status checkpoint_load(const char *path, const struct digest *recipe,
                            struct train_state *states, size_t n_states, bool *found,
                            struct error *err);

#endif
