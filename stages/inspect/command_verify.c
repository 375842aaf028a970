/* verify: the complete check of files. */
#include "common/artifact/artifact.h"
#include "common/base/mem.h"
#include "stages/inspect/command.h"

#include <stdint.h>
#include <stdio.h>

static enum status run_verify(struct inspect_call *call, struct error *err) {
    (void)err;
    for (int i = 0; i < call->n_words; i++) {
        AUTO(buf) struct buf report = {0};
        unsigned faults = artifact_verify(call->words[i], &report);
        call->exit_status |= (int)faults;
        if (faults == 0) {
            printf("%s: good\n", call->words[i]);
        } else if (report.data != NULL) {
            fputs(report.data, stdout);
        }
    }
    return STATUS_OK;
}

const struct inspect_command inspect_verify = {
    .name = "verify",
    .words = "FILE...",
    .min_words = 1,
    .max_words = INT32_MAX,
    .summary = "check every byte of artifacts",
    .details = "The exit status is the sum of what is wrong with any of the files:\n"
               "  1  cannot be read, or no artifact at all\n"
               "  2  header or trailer damaged, or a version that this program does not know\n"
               "  4  table of contents damaged\n"
               "  8  a chunk does not decode\n"
               " 16  values, statistics or ids differ from what the file says\n"
               " 32  columns, types or shapes do not fit the kind\n"
               " 64  bytes that belong to nothing\n"
               "128  values are not what the kind says of them: `kinds KIND`",
    .run = run_verify,
};
