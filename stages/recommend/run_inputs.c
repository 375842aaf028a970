#include "stages/recommend/run_folder.h"

#include "common/base/buf.h"
#include "common/base/file.h"
#include "common/base/mem.h"
#include "common/data/view.h"

#include <string.h>

/* The last value of an option among the arguments, or NULL. `letter` 0: no short form. */
static const char *argument(int argc, char **argv, const char *name, char letter) {
    const char *value = NULL;
    size_t size = strlen(name);
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        bool is_long = strncmp(word, "--", 2) == 0 && strncmp(word + 2, name, size) == 0;
        bool is_short = letter != 0 && word[0] == '-' && word[1] == letter;
        if (is_long && word[2 + size] == '=') value = word + 3 + size;
        if (is_short && word[2] != '\0') value = word + 2;
        bool next = (is_long && word[2 + size] == '\0') || (is_short && word[2] == '\0');
        if (next && i + 1 < argc) value = argv[++i];
    }
    return value;
}

static enum status add_inputs(struct strings *out, const struct stage *stage, const char *folder,
                              const char *view, struct error *err) {
    for (size_t i = 0; i < stage->n_inputs; i++) {
        const struct stage_input *input = &stage->inputs[i];
        bool viewed = input->view == INPUT_RUN_VIEW;
        AUTO(buf) struct buf word = {0};
        TRY(buf_printf(&word, err, "--%s=", input->role));
        size_t path = word.size;
        TRY(buf_printf(&word, err, "%s/%s%s%s.art", folder, input->role, viewed ? "." : "",
                       viewed ? view : ""));
        /* A missing file that is needed is named in the message that follows from it. */
        if (input->required || file_exists(word.data + path)) TRY(strings_add(out, word.data, err));
    }
    return STATUS_OK;
}

static enum status with_inputs(struct strings *words, char ***out, int *count, int argc,
                               char **argv, const struct stage *stage, struct error *err) {
    const char *folder = argument(argc, argv, "run", 'r');
    const char *view = argument(argc, argv, "view", 0);
    if (view == NULL) view = view_name(stage->default_view);
    if (folder != NULL) TRY(add_inputs(words, stage, folder, view, err));
    TRY(MEM_NEW(out, (size_t)argc + words->count + 1, err));
    *count = 0;
    (*out)[(*count)++] = argv[0];
    for (size_t i = 0; i < words->count; i++) {
        (*out)[(*count)++] = words->bytes.data + words->start[i];
    }
    for (int i = 1; i < argc; i++) {
        (*out)[(*count)++] = argv[i];
    }
    return STATUS_OK;
}

int run_folder_main(int argc, char **argv, const struct stage *stage) {
    AUTO(strings) struct strings words = {0};
    MEM_AUTO char **all = NULL;
    struct error err = {0};
    int count = 0;
    if (with_inputs(&words, &all, &count, argc, argv, stage, &err) != STATUS_OK) {
        (void)fprintf(stderr, "%s: %s\n", stage->name, err.text);
        return (int)err.status;
    }
    return stage_main(count, all, stage);
}
