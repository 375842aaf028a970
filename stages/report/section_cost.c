/* Time and memory of each stage, from the stages' logs. */
#include "stages/report/sections.h"

static double number(const json_t *log, const char *key) {
    return json_number_value(json_object_get(log, key));
}

static double greatest(json_t *logs, const char *key) {
    double most = 0;
    const char *name;
    json_t *log;
    json_object_foreach(logs, name, log) {
        if (number(log, key) > most) most = number(log, key);
    }
    return most;
}

static void bar_cell(struct page *p, double share, double value, int decimals, const char *unit) {
    text_printf(&p->out,
                "<td class=\"bar\"><i style=\"width:%.1f%%\"></i><span>%.*f %s</span></td>",
                100 * share, decimals, value, unit);
}

void section_cost(struct page *p) {
    struct text *out = &p->out;
    json_t *logs = p->run->logs;
    page_section(p, "cost", "Time and memory");
    if (json_object_size(logs) == 0) {
        text_printf(out, "<p class=\"missing\">The stages of this run left no logs.</p>\n"
                         "</section>\n");
        return;
    }
    double most_wall = greatest(logs, "wall_s"), most_memory = greatest(logs, "peak_memory_bytes");
    double sum_wall = 0, sum_cpu = 0;
    text_printf(out, "<div class=\"scroll\"><table class=\"cost\"><thead><tr>"
                     "<th scope=\"col\">stage</th><th scope=\"col\">time</th>"
                     "<th scope=\"col\">CPU</th><th scope=\"col\">peak memory</th>"
                     "<th scope=\"col\">threads</th></tr></thead><tbody>\n");
    const char *name;
    json_t *log;
    json_object_foreach(logs, name, log) {
        double wall = number(log, "wall_s"), memory = number(log, "peak_memory_bytes");
        sum_wall += wall;
        sum_cpu += number(log, "cpu_s");
        text_printf(out, "<tr><th scope=\"row\">%s</th>", name);
        bar_cell(p, most_wall > 0 ? wall / most_wall : 0, wall, 1, "s");
        text_printf(out, "<td>%.1f s</td>", number(log, "cpu_s"));
        bar_cell(p, most_memory > 0 ? memory / most_memory : 0, memory / 1048576, 0, "MiB");
        text_printf(out, "<td>%.0f</td></tr>\n", number(log, "threads"));
    }
    text_printf(out,
                "</tbody><tfoot><tr><th scope=\"row\">together</th><td>%.1f s</td>"
                "<td>%.1f s</td><td>%.0f MiB</td><td></td></tr></tfoot></table></div>\n"
                "<p class=\"note\">Of the last time that each stage ran.</p>\n</section>\n",
                sum_wall, sum_cpu, most_memory / 1048576);
}
