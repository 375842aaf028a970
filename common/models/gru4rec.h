/* GRU4Rec: Hidasi et al., "Session-based Recommendations with Recurrent Neural Networks", ICLR
 * 2016. The encoder itself is in gru.h, what fits it in gru4rec_fit.h. */
#ifndef MARQUEE_MODELS_GRU4REC_H
#define MARQUEE_MODELS_GRU4REC_H

#include "common/models/model.h"

/* Called sequence, or the sequence encoder, where it is stored and shown. */
extern const struct model gru4rec_model;

#endif
