/* The state of all networks of a run between two epochs, on disk. */
#ifndef MARQUEE_NN_CHECKPOINT_H
#define MARQUEE_NN_CHECKPOINT_H

#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/nn/trainer.h"

#include <stdbool.h>
#include <stddef.h>

/* Replaces the checkpoint at `path`. `recipe` identifies what is being trained, from what and
 * how. */
enum status checkpoint_save(const char *path, const struct digest *recipe,
                            const struct network *network, size_t count, struct error *err);

/* Fills the allocated states. *found is false if there is no file, if it belongs to another recipe,
 * or if it is damaged (then `err` says how, though the status is STATUS_OK): training then starts
 * from the beginning, and the states are untouched. */
enum status checkpoint_load(const char *path, const struct digest *recipe, struct network *network,
                            size_t count, bool *found, struct error *err);

#endif
