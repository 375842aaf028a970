/* diff: in what two artifacts differ. */
#include "common/artifact/artifact.h"
#include "common/base/mem.h"
#include "stages/inspect/artifact_text.h"
#include "stages/inspect/command.h"
#include "stages/inspect/describe.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct pair {
    struct artifact *a, *b;
    uint64_t differences;
};

static void text_of_meta(const struct meta *m, char out[64]) {
    if (m->type == META_STR) {
        snprintf(out, 64, "\"%.58s\"", m->str);
    } else if (m->type == META_I64) {
        snprintf(out, 64, "%" PRId64, m->i64);
    } else {
        text_value(DTYPE_F64, &m->f64, 0, out);
    }
}

static bool find_meta(const struct artifact *a, const char *key, struct meta *out) {
    for (size_t i = 0; i < artifact_n_meta(a); i++) {
        *out = artifact_meta_at(a, i);
        if (strcmp(out->key, key) == 0) return true;
    }
    return false;
}

/* Bit for bit: a NaN equals itself, 0 and -0 differ. */
static bool same_double(double a, double b) {
    uint64_t x, y;
    memcpy(&x, &a, sizeof(x));
    memcpy(&y, &b, sizeof(y));
    return x == y;
}

static bool same_meta(const struct meta *x, const struct meta *y) {
    if (x->type != y->type) return false;
    if (x->type == META_STR) return strcmp(x->str, y->str) == 0;
    return x->type == META_I64 ? x->i64 == y->i64 : same_double(x->f64, y->f64);
}

static void diff_meta(struct pair *p) {
    struct meta x, y;
    char left[64], right[64];
    for (size_t i = 0; i < artifact_n_meta(p->a); i++) {
        x = artifact_meta_at(p->a, i);
        bool there = find_meta(p->b, x.key, &y);
        if (there && same_meta(&x, &y)) continue;
        text_of_meta(&x, left);
        if (there) text_of_meta(&y, right);
        printf("metadata %s: %s, %s\n", x.key, left, there ? right : "absent");
        p->differences++;
    }
    for (size_t i = 0; i < artifact_n_meta(p->b); i++) {
        y = artifact_meta_at(p->b, i);
        if (find_meta(p->a, y.key, &x)) continue;
        text_of_meta(&y, right);
        printf("metadata %s: absent, %s\n", y.key, right);
        p->differences++;
    }
}

/* ---- columns of equal type and shape ---- */

struct column_diff {
    uint64_t count, first;
    double largest;
};

static void compare_block(struct column_diff *d, const struct column_info *info,
                          const struct column_blocks *x, const struct column_blocks *y) {
    size_t width = dtype_size(info->dtype);
    for (uint64_t i = 0; i < x->count; i++) {
        const char *left = (const char *)x->values + i * width;
        const char *right = (const char *)y->values + i * width;
        if (memcmp(left, right, width) == 0) continue;
        if (d->count++ == 0) d->first = x->first + i;
        double distance =
            fabs(value_at(info->dtype, x->values, i) - value_at(info->dtype, y->values, i));
        if (distance > d->largest) d->largest = distance;
    }
}

static enum status diff_numbers(struct pair *p, const struct column_info *info,
                                struct column_diff *d, struct error *err) {
    struct column_blocks x = {0}, y = {0};
    enum status status = column_blocks_start(&x, p->a, info, err);
    if (status == STATUS_OK)
        status = column_blocks_start(&y, p->b, artifact_column(p->b, info->name), err);
    while (status == STATUS_OK && x.count > 0) {
        compare_block(d, info, &x, &y);
        status = column_blocks_next(&x, err);
        if (status == STATUS_OK) status = column_blocks_next(&y, err);
    }
    column_blocks_release(&x);
    column_blocks_release(&y);
    return status;
}

static enum status diff_texts(struct pair *p, const struct column_info *info, struct column_diff *d,
                              struct error *err) {
    AUTO(strings) struct strings x = {0}, y = {0};
    TRY(artifact_read_strings(p->a, info->name, info->count, &x, err));
    TRY(artifact_read_strings(p->b, info->name, info->count, &y, err));
    for (size_t i = 0; i < x.count; i++) {
        if (strcmp(strings_get(&x, i), strings_get(&y, i)) == 0) continue;
        if (d->count++ == 0) d->first = i;
    }
    return STATUS_OK;
}

static enum status diff_values(struct pair *p, const struct column_info *info, struct error *err) {
    struct column_diff d = {0};
    if (info->dtype == DTYPE_STR) {
        TRY(diff_texts(p, info, &d, err));
    } else {
        TRY(diff_numbers(p, info, &d, err));
    }
    printf("column %s: %" PRIu64 " of %" PRIu64 " values differ, first at %" PRIu64, info->name,
           d.count, info->count, d.first);
    if (info->dtype != DTYPE_STR) printf(", by at most %.6g", d.largest);
    putchar('\n');
    return STATUS_OK;
}

static enum status diff_column(struct pair *p, const struct column_info *x, struct error *err) {
    const struct column_info *y = artifact_column(p->b, x->name);
    char left[SHAPE_TEXT_SIZE], right[SHAPE_TEXT_SIZE];
    if (y == NULL) {
        printf("column %s: only in the first\n", x->name);
        p->differences++;
        return STATUS_OK;
    }
    bool same_form = x->dtype == y->dtype && x->n_dims == y->n_dims &&
                     memcmp(x->shape, y->shape, sizeof(x->shape)) == 0;
    if (same_form && digest_equal(&x->digest, &y->digest)) return STATUS_OK;
    p->differences++;
    if (same_form) return diff_values(p, x, err);
    printf("column %s: %s %s, %s %s\n", x->name, dtype_name(x->dtype), shape_text(x, left),
           dtype_name(y->dtype), shape_text(y, right));
    return STATUS_OK;
}

static enum status diff_columns(struct pair *p, struct error *err) {
    for (size_t i = 0; i < artifact_n_columns(p->a); i++)
        TRY(diff_column(p, artifact_column_at(p->a, i), err));
    for (size_t i = 0; i < artifact_n_columns(p->b); i++) {
        const struct column_info *y = artifact_column_at(p->b, i);
        if (artifact_column(p->a, y->name) != NULL) continue;
        printf("column %s: only in the second\n", y->name);
        p->differences++;
    }
    return STATUS_OK;
}

/* ---- origin: reported, but not a difference in content ---- */

/* The line of `params` that begins with "name=", or NULL. */
static const char *find_param(const char *params, const char *line, size_t name_size) {
    while (*params != '\0') {
        if (strncmp(params, line, name_size + 1) == 0) return params;
        params += strcspn(params, "\n");
        params += *params == '\n';
    }
    return NULL;
}

static void diff_params(const char *x, const char *y, bool only_missing) {
    while (*x != '\0') {
        size_t size = strcspn(x, "\n"), name = strcspn(x, "=\n");
        const char *other = find_param(y, x, name);
        size_t other_size = other == NULL ? 0 : strcspn(other, "\n");
        bool same = other != NULL && other_size == size && memcmp(x, other, size) == 0;
        if (only_missing ? other == NULL : !same) {
            printf("parameter %.*s: ", (int)size, x);
            if (other == NULL) {
                printf("only in the %s\n", only_missing ? "second" : "first");
            } else {
                printf("%.*s in the second\n", (int)(other_size - name - 1), other + name + 1);
            }
        }
        x += size + (x[size] == '\n');
    }
}

static void diff_origin(const struct pair *p) {
    const struct lineage *x = artifact_lineage(p->a), *y = artifact_lineage(p->b);
    if (strcmp(x->stage, y->stage) != 0 || x->stage_version != y->stage_version)
        printf("made by %s %" PRIu32 ", %s %" PRIu32 "\n", x->stage, x->stage_version, y->stage,
               y->stage_version);
    if (x->seed != y->seed) printf("seed %" PRIu64 ", %" PRIu64 "\n", x->seed, y->seed);
    if (strcmp(x->view, y->view) != 0) printf("view %s, %s\n", x->view, y->view);
    diff_params(x->params, y->params, false);
    diff_params(y->params, x->params, true);
    for (size_t i = 0; i < x->n_inputs; i++) {
        for (size_t k = 0; k < y->n_inputs; k++) {
            if (strcmp(x->inputs[i].role, y->inputs[k].role) == 0 &&
                !digest_equal(&x->inputs[i].id, &y->inputs[k].id))
                printf("input %s: of other content\n", x->inputs[i].role);
        }
    }
}

static enum status diff_pair(struct pair *p, struct error *err) {
    if (strcmp(artifact_kind(p->a), artifact_kind(p->b)) != 0) {
        printf("kind %s, %s\n", artifact_kind(p->a), artifact_kind(p->b));
        p->differences++;
    }
    diff_origin(p);
    diff_meta(p);
    return diff_columns(p, err);
}

static enum status run_diff(struct inspect_call *call, struct error *err) {
    struct pair p = {0};
    TRY(artifact_open(&p.a, call->words[0], NULL, err));
    enum status status = artifact_open(&p.b, call->words[1], NULL, err);
    if (status == STATUS_OK) status = diff_pair(&p, err);
    artifact_close(p.a);
    artifact_close(p.b);
    call->exit_status = p.differences > 0;
    return status;
}

const struct inspect_command inspect_diff = {
    .name = "diff",
    .words = "A B",
    .min_words = 2,
    .max_words = 2,
    .summary = "in what two artifacts differ",
    .details =
        "The exit status is 0 if they have the same content (their origin may differ), else 1.",
    .run = run_diff,
};
