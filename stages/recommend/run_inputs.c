#include "stages/recommend/run_inputs.h"

#include "common/base/buf.h"
#include "common/base/file.h"
#include "common/base/mem.h"
#include "common/data/view.h"
#include "common/run/run_folder.h"

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

/* --ROLE=FOLDER/FILE of an input. */
static enum status add_input(struct strings *out, const struct stage_input *input,
                             const char *folder, enum view view, struct error *err) {
    enum run_role role;
    AUTO(buf) struct buf word = {0};
    if (!run_role_find(input->role, &role)) return STATUS_OK;
    TRY(buf_printf(&word, err, "--%s=", input->role));
    size_t path = word.size;
    TRY(run_path(&word, folder, run_part_of(role, view), err));
    /* If it is needed, the message of stage_main says so. */
    if (!input->required && !file_exists(word.data + path)) return STATUS_OK;
    return strings_add(out, word.data, err);
}

static enum status add_inputs(struct strings *out, const struct stage *stage, const char *folder,
                              enum view view, struct error *err) {
    TRY(run_folder_check(folder, err));
    for (size_t i = 0; i < stage->n_inputs; i++) {
        TRY(add_input(out, &stage->inputs[i], folder, view, err));
    }
    return STATUS_OK;
}

static enum status with_inputs(struct strings *words, char ***out, int *count, int argc,
                               char **argv, const struct stage *stage, struct error *err) {
    const char *folder = argument(argc, argv, "run", 'r');
    const char *name = argument(argc, argv, "view", 0);
    enum view view = stage->default_view;
    bool known = name == NULL || view_parse(name, &view); /* stage_main refuses another one */
    if (folder != NULL && known) TRY(add_inputs(words, stage, folder, view, err));
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

int run_inputs_main(int argc, char **argv, const struct stage *stage) {
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
