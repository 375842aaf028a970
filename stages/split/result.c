#include "stages/split/result.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/data/history.h"
#include "common/data/view.h"
#include "stages/split/targets.h"

#include <stdio.h>

void split_result_release(struct split_result *r) {
    ratings_release(&r->ratings);
    mem_free(r->role);
    test_set_release(&r->targets);
}

static enum status write_columns(struct artifact_writer *w, const struct split_result *r,
                                 struct error *err) {
    const struct test_set *t = &r->targets;
    uint64_t rows = (uint64_t)t->n_users + 1, count = t->offset[t->n_users];
    TRY(artifact_add_1d(w, "role", DTYPE_U8, r->ratings.count, r->role, err));
    TRY(artifact_add_1d(w, "test.offset", DTYPE_U64, rows, t->offset, err));
    TRY(artifact_add_1d(w, "test.movie", DTYPE_U32, count, t->movie, err));
    TRY(artifact_add_1d(w, "test.rating", DTYPE_F32, count, t->rating, err));
    TRY(artifact_add_1d(w, "test.time", DTYPE_I64, count, t->time, err));
    if (t->candidate_offset == NULL) return STATUS_OK;
    TRY(artifact_add_1d(w, "candidate.offset", DTYPE_U64, rows, t->candidate_offset, err));
    return artifact_add_1d(w, "candidate.movie", DTYPE_U32, t->candidate_offset[t->n_users],
                           t->candidate_movie, err);
}

static enum status write_meta(struct artifact_writer *w, const struct artifact *dataset,
                              const struct protocol *protocol, const struct split_result *r,
                              struct error *err) {
    AUTO(buf) struct buf name = {0};
    TRY(buf_puts(&name, protocol_name(protocol->type), err));
    if (protocol->type == PROTOCOL_USERS && protocol->known != KNOWN_FOUR_FIFTHS)
        TRY(buf_printf(&name, err, " with %lld known", (long long)protocol->known));
    TRY(artifact_set_str(w, "protocol", name.data, err));
    TRY(artifact_set_str(w, "target", target_rule_name(protocol->target), err));
    TRY(artifact_set_str(w, "moment", moment_rule_name(protocol->moment), err));
    if (protocol->moment == MOMENT_CUT) {
        TRY(artifact_set_i64(w, "cut.fit", protocol->cuts.fit, err));
        TRY(artifact_set_i64(w, "cut.full", protocol->cuts.full, err));
    }
    TRY(artifact_set_str(w, "history", history_rule_name(protocol->history), err));
    TRY(artifact_set_str(w, "candidates", r->candidates, err));
    TRY(artifact_set_i64(w, "n_test_users", targets_users(&r->targets), err));
    TRY(artifact_set_i64(w, "n_missing", (int64_t)r->n_missing, err));
    for (unsigned v = VIEW_FIT; v <= VIEW_ALL; v++) {
        struct digest id;
        char key[16], text[DIGEST_TEXT_SIZE];
        TRY(view_id(&id, dataset, r->role, (enum view)v, err));
        snprintf(key, sizeof(key), "view_id.%s", view_name((enum view)v));
        digest_text(&id, text);
        TRY(artifact_set_str(w, key, text, err));
    }
    return STATUS_OK;
}

enum status split_result_write(struct artifact_writer *w, const struct artifact *dataset,
                               const struct protocol *protocol, const struct split_result *r,
                               struct error *err) {
    TRY(write_columns(w, r, err));
    return write_meta(w, dataset, protocol, r, err);
}
