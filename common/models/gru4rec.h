/* GRU4Rec (Hidasi et al., "Session-based recommendations with recurrent neural networks", ICLR
 * 2016) behind the seam of models. The encoder itself is in gru.h, its training in
 * gru4rec_fit.h. */
#ifndef MARQUEE_MODELS_GRU4REC_H
#define MARQUEE_MODELS_GRU4REC_H

#include "common/models/model.h"

/* Named `sequence`, the sequence encoder, wherever it is stored or shown. */
extern const struct model gru4rec_model;

#endif
