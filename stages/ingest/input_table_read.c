/* Reading a table's rows in parallel: the body is cut into blocks of fixed size at line ends, each
 * is read into the slots of its own lines, and the gaps that blank and bad lines leave are closed
 * in block order afterwards. */
#include "stages/ingest/input_table.h"

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "stages/ingest/line_scan.h"

#include <string.h>

enum { BLOCK_SIZE = 1 << 22 };

struct bad_row {
    uint64_t line;
    char *text;
};

struct block {
    const char *start, *end;
    uint64_t first_slot; /* lines of the body before this block */
    uint64_t n_lines;
    uint64_t n_rows;
    struct bad_row *bad;
    size_t n_bad, bad_capacity;
    bool failed;
};

struct blocks {
    struct block *list;
    size_t count;
};

static void blocks_release(struct blocks *b) {
    for (size_t i = 0; i < b->count; i++) {
        for (size_t k = 0; k < b->list[i].n_bad; k++)
            mem_free(b->list[i].bad[k].text);
        mem_free(b->list[i].bad);
    }
    mem_free(b->list);
}

static const char *line_end_from(const char *from, const char *end) {
    const char *newline = memchr(from, '\n', (size_t)(end - from));
    return newline == NULL ? end : newline + 1;
}

/* A quote can hide line ends, so a file with quotes is one block; so is the file of a reader that
 * must see its rows in order. */
static enum status cut(struct blocks *out, const struct input_table *t, bool parallel,
                       struct error *err) {
    size_t size = (size_t)(t->end - t->body);
    size_t step = parallel && !t->holds_quote ? (size_t)BLOCK_SIZE : size;
    size_t most = size == 0 ? 0 : (size - 1) / step + 1;
    TRY(MEM_NEW(&out->list, most, err));
    for (const char *p = t->body; p < t->end;) {
        const char *end = t->end;
        if ((size_t)(t->end - p) > step) end = line_end_from(p + step - 1, t->end);
        out->list[out->count++] = (struct block){.start = p, .end = end};
        p = end;
    }
    return STATUS_OK;
}

static void count_block_lines(struct block *b) {
    size_t size = (size_t)(b->end - b->start);
    struct scan scan = scan_text(b->start, size);
    b->n_lines = scan_lines(&scan, b->start, size);
}

static void number_blocks(struct blocks *blocks) {
    const size_t count = blocks->count;
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t i = 0; i < count; i++)
        count_block_lines(&blocks->list[i]);
    for (size_t i = 1; i < count; i++) {
        const struct block *before = &blocks->list[i - 1];
        blocks->list[i].first_slot = before->first_slot + before->n_lines;
    }
}

static enum status keep_bad(struct block *b, uint64_t line, const struct reason *bad,
                            struct error *err) {
    TRY(mem_grow(&b->bad, &b->bad_capacity, b->n_bad + 1, sizeof(*b->bad), err));
    size_t size = strlen(bad->text) + 1;
    char *text = NULL;
    TRY(mem_alloc(&text, size, 1, err));
    memcpy(text, bad->text, size);
    b->bad[b->n_bad++] = (struct bad_row){line, text};
    return STATUS_OK;
}

static enum status read_block(struct block *b, const struct input_table *t,
                              const struct table_reader *reader, struct row_reader *rows,
                              uint64_t allowed, struct error *err) {
    struct delimited_row row;
    struct reason bad;
    for (;;) {
        bool end = false;
        TRY(row_read(rows, &row, &bad, &end, err));
        if (end) return STATUS_OK;
        if (bad.text[0] == '\0' && row.n_fields != t->n_fields) {
            reason_set(&bad, "has %zu fields, not %zu", row.n_fields, t->n_fields);
        }
        if (bad.text[0] == '\0') {
            TRY(reader->take(reader->context, b->first_slot + b->n_rows, &row, &bad, err));
        }
        if (bad.text[0] == '\0') {
            b->n_rows++;
            continue;
        }
        TRY(keep_bad(b, row.line, &bad, err));
        if (b->n_bad > allowed) return STATUS_OK;
    }
}

/* The reading of a table, shared by the threads. */
struct table_job {
    const struct input_table *table;
    const struct table_reader *reader;
    struct block *block;
    uint64_t allowed; /* bad rows */
    struct progress *progress;
};

static enum status read_one(const void *context, void *scratch, size_t item, struct error *err) {
    (void)scratch;
    const struct table_job *job = context;
    const struct input_table *t = job->table;
    struct block *b = &job->block[item];
    struct row_reader rows;
    row_reader_init(&rows, b->start, (size_t)(b->end - b->start), t->body_line + b->first_slot,
                    t->format);
    rows.may_hold_nul = t->holds_nul;
    rows.may_hold_quote = t->holds_quote;
    rows.may_hold_return = t->holds_return;
    enum status status = read_block(b, t, job->reader, &rows, job->allowed, err);
    row_reader_release(&rows);
    b->failed = status != STATUS_OK;
    if (job->progress != NULL) progress_add(job->progress, (uint64_t)(b->end - b->start));
    return status;
}

static enum status report_bad(struct input_table *t, const struct block *b, struct reading *shared,
                              struct error *err) {
    for (size_t i = 0; i < b->n_bad; i++) {
        AUTO(buf) struct buf text = {0};
        TRY(buf_printf(&text, err, "%s:%llu: %s", t->path, (unsigned long long)b->bad[i].line,
                       b->bad[i].text));
        shared->n_bad++;
        t->n_bad++;
        if (shared->n_bad > shared->bad_allowed) {
            if (shared->bad_allowed == 0) return error_set(err, STATUS_FAILED, "%s", text.data);
            return error_set(err, STATUS_FAILED, "%s (bad row %llu; %llu are allowed)", text.data,
                             (unsigned long long)shared->n_bad,
                             (unsigned long long)shared->bad_allowed);
        }
        TRY(strings_add(&shared->skipped, text.data, err));
    }
    return STATUS_OK;
}

/* Closes the gaps and reports bad rows, block by block, up to the first that failed. */
static enum status merge(struct input_table *t, const struct blocks *blocks,
                         const struct table_reader *reader, struct reading *shared,
                         struct error *err) {
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *b = &blocks->list[i];
        TRY(report_bad(t, b, shared, err));
        if (b->failed) return STATUS_OK;
        if (reader->move != NULL && b->first_slot != t->n_rows && b->n_rows > 0) {
            reader->move(reader->context, t->n_rows, b->first_slot, b->n_rows);
        }
        t->n_rows += b->n_rows;
    }
    return STATUS_OK;
}

/* Of bad rows beyond those allowed and a block that failed, the first in the file is reported. */
enum status input_table_read(struct input_table *t, const struct table_reader *reader,
                             struct reading *shared, struct error *err) {
    __attribute__((cleanup(blocks_release))) struct blocks blocks = {0};
    TRY(cut(&blocks, t, reader->move != NULL, err));
    number_blocks(&blocks);
    const struct table_job job = {t, reader, blocks.list, shared->bad_allowed - shared->n_bad,
                                  shared->progress};
    const struct parallel reads = {.n = blocks.count, .context = &job, .each = read_one};
    struct error failure = {0};
    enum status status = parallel_blocks(&reads, &failure);
    if (status != STATUS_INTERRUPTED) TRY(merge(t, &blocks, reader, shared, err));
    if (status != STATUS_OK && err != NULL) *err = failure;
    return status;
}
