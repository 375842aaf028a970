#include "common/stage/internal.h"

static void describe_input(const struct stage_input *input, FILE *out) {
    static const char *const fitted_on[] = {
        [INPUT_UNFITTED] = "unfitted", [INPUT_RUN_VIEW] = "run", [INPUT_FIT_VIEW] = "fit"};
    (void)fprintf(out, "input\t%s\t%s\t%s\t%s\n", input->role, input->kind,
                  input->required ? "required" : "optional", fitted_on[input->view]);
}

void stage_describe(const struct stage_run *run, FILE *out) {
    const struct stage *stage = run->stage;
    (void)fprintf(out, "stage\t%s\t%u\n", stage->name, (unsigned)stage->version);
    if (stage->has_view) (void)fprintf(out, "view\t%s\n", view_name(stage->default_view));
    for (size_t i = 0; i < stage->n_inputs; i++) {
        describe_input(&stage->inputs[i], out);
    }
    if (stage->output_kind) (void)fprintf(out, "output\t%s\n", stage->output_kind);
    const size_t common = stage->n_options + 1 + stage->n_inputs;
    options_describe(stage->options, stage->n_options, "option", out);
    options_describe(run->specs + common, run->n_specs - common, "common", out);
}
