/* files: the table of what a run's folder holds. */
#include "common/base/mem.h"
#include "common/run/run_table.h"
#include "stages/inspect/command.h"
#include "stages/inspect/text_table.h"

#include <stdio.h>

static const char *view_text(const struct run_file *file, const struct run_part *part) {
    return file->fit == RUN_UNFITTED ? "-" : view_name(part->view);
}

static const char *need_text(enum run_need need) {
    static const char *const names[] = {[RUN_NEEDED] = "needed",
                                        [RUN_UNLESS_ALL] = "unless-all",
                                        [RUN_OPTIONAL] = "optional",
                                        [RUN_ASIDE] = "no"};
    return names[need];
}

static enum status run_files(struct inspect_call *call, struct error *err) {
    (void)call;
    AUTO(text_table) struct text_table t = {.align = "lllll"};
    TRY(text_table_heading(&t, "file kind stage view recommending", err));
    for (size_t i = 0; i < RUN_PARTS; i++) {
        const struct run_part *part = run_part(i);
        const struct run_file *file = run_file(part->role);
        TRY(text_table_cell(&t, err, "%s.%s", part->name, run_ending(file)));
        TRY(text_table_cell(&t, err, "%s", file->kind != NULL ? file->kind : "-"));
        TRY(text_table_cell(&t, err, "%s", file->stage));
        TRY(text_table_cell(&t, err, "%s", view_text(file, part)));
        TRY(text_table_cell(&t, err, "%s", need_text(file->need)));
    }
    return text_table_print(&t, stdout, err);
}

const struct inspect_command inspect_files = {
    .name = "files",
    .words = "",
    .min_words = 0,
    .max_words = 0,
    .summary = "the files of a run's folder, and which of them recommending needs",
    .details = "view is what the file is fitted on, or measured with; unless-all: needed unless\n"
               "the models asked are those of view all.",
    .run = run_files,
};
