/* The feature with which a ranking network starts. */
#ifndef MARQUEE_RANKER_FIRST_FEATURE_H
#define MARQUEE_RANKER_FIRST_FEATURE_H

#include "common/base/error.h"
#include "common/nn/trainer.h"

/* Finds the feature that alone ranks the validation groups best, by NDCG@10, among those whose
 * scale is not 0 (task->valid, task->scaling), and the weight with which it explains the training
 * groups best (softmax loss). The weight is 0 if there are no features or no validation groups. */
enum status first_feature_find(struct shortcut_start *out, const struct train_task *task,
                               struct error *err);

#endif
