/* dump, pack: artifacts to text and back. */
#include "common/artifact/artifact.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "stages/inspect/artifact_text.h"
#include "stages/inspect/column_export.h"
#include "stages/inspect/command.h"
#include "stages/inspect/describe.h"

#include <stdio.h>
#include <string.h>

static enum status dump_as(const struct artifact *a, const struct inspect_call *call,
                           struct error *err) {
    const struct inspect_options *o = call->options;
    const char *name = call->n_words > 1 ? call->words[1] : NULL;
    const struct column_info *info = NULL;
    if (name != NULL) TRY(find_column(a, name, &info, err));
    if (o->json) return export_json(a, info, stdout, err);
    if (!o->csv && !o->npy) return text_dump(a, name, stdout, err);
    if (info == NULL)
        return error_set(err, STATUS_USAGE, "--%s: a column is needed", o->csv ? "csv" : "npy");
    return o->csv ? export_csv(a, info, stdout, err) : export_npy(a, info, stdout, err);
}

static enum status run_dump(struct inspect_call *call, struct error *err) {
    const struct inspect_options *o = call->options;
    if (o->json + o->csv + o->npy > 1)
        return error_set(err, STATUS_USAGE, "only one of --json, --csv and --npy");
    struct artifact *a;
    TRY(artifact_open(&a, call->words[0], NULL, err));
    enum status status = dump_as(a, call, err);
    artifact_close(a);
    return status;
}

static const struct option_spec dump_options[] = {
    RUNTIME_FLAG("json", json, NULL, "as one JSON object", 0),
    RUNTIME_FLAG("csv", csv, NULL, "one column, a row per line", 0),
    RUNTIME_FLAG("npy", npy, NULL, "one column for NumPy's load", 0),
};

const struct inspect_command inspect_dump = {
    .name = "dump",
    .words = "FILE [COLUMN]",
    .min_words = 1,
    .max_words = 2,
    .summary = "an artifact, or one column, as text",
    .details =
        "Without an option the text is lossless: inspect pack makes an artifact of the same\n"
        "content id from it. JSON has null for NaN and infinite values.",
    .options = dump_options,
    .n_options = sizeof(dump_options) / sizeof(dump_options[0]),
    .run = run_dump,
};

/* Also packs files whose values break the rules of their kind, as tests need them, but warns.
 */
static enum status run_pack(struct inspect_call *call, struct error *err) {
    AUTO(buf) struct buf report = {0};
    TRY(text_pack(call->words[0], call->words[1], err));
    if (artifact_verify(call->words[1], &report) != 0 && report.size > 0)
        log_warn("%.*s", (int)strcspn(report.data, "\n"), report.data);
    return STATUS_OK;
}

const struct inspect_command inspect_pack = {
    .name = "pack",
    .words = "TEXT OUTPUT",
    .min_words = 2,
    .max_words = 2,
    .summary = "make an artifact from the text that dump writes",
    .details =
        "The text begins with \"marquee text 1\" and \"kind KIND\"; then come, in any order and\n"
        "all optional (# begins a comment):\n"
        "  stage \"NAME\" version N seed N view \"VIEW\"\n"
        "  params \"name=value\\n...\"\n"
        "  input \"ROLE\" \"KIND\" ID\n"
        "  meta KEY i64|f64|str VALUE\n"
        "  column NAME TYPE [SHAPE] VALUE...\n"
        "Values that are not what the kind says of them are packed with a warning.",
    .run = run_pack,
};
