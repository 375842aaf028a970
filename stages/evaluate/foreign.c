#include "stages/evaluate/foreign.h"

#include "common/base/buf.h"
#include "common/base/file.h"
#include "common/base/mem.h"
#include "stages/evaluate/list_names.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One line of the file. */
struct entry {
    uint32_t user, number, movie;
    double score;
    uint64_t line;
};

struct foreign {
    uint32_t n_movies;
    size_t n_lists;
    struct entry *entry; /* [n_entries] by user, number, and from the best score on */
    size_t n_entries, capacity;
    size_t *start; /* [n_lists + 1] */
    float *score;  /* [n_entries] minus the number of better scores in the list that differ */
};

void foreign_release(struct foreign *f) {
    if (f == NULL) return;
    mem_free(f->entry);
    mem_free(f->start);
    mem_free(f->score);
    mem_free(f);
}

size_t foreign_lists(const struct foreign *f) {
    return f->n_lists;
}

/* ---- reading lines ---- */

enum { FIELDS = 6, USER = 0, MOVIE = 2, SCORE = 4 };

/* Cuts a line into fields at white space; returns how many there are, counting one too many. */
static size_t cut(char *line, char *field[FIELDS]) {
    size_t n = 0;
    for (char *at = line; *at != '\0';) {
        while (isspace((unsigned char)*at)) {
            *at++ = '\0';
        }
        if (*at == '\0') break;
        if (n == FIELDS) return FIELDS + 1;
        field[n++] = at;
        while (*at != '\0' && !isspace((unsigned char)*at)) {
            at++;
        }
    }
    return n;
}

static enum status find_movie(uint32_t *out, const struct catalogue *c, const char *field,
                              struct error *err) {
    uint32_t id = 0, number = 0;
    bool is_id = list_name_parse(field, &id, &number) && number == 1;
    *out = is_id ? catalogue_find_movie(c, id) : NO_INDEX;
    if (*out != NO_INDEX) return STATUS_OK;
    return error_set(err, STATUS_FAILED, "movie \"%s\" is not in the data set", field);
}

static enum status find_user(struct entry *out, const struct catalogue *c, const char *field,
                             struct error *err) {
    uint32_t id = 0;
    bool is_id = list_name_parse(field, &id, &out->number);
    out->user = is_id ? catalogue_find_user(c, id) : NO_INDEX;
    if (out->user != NO_INDEX) return STATUS_OK;
    return error_set(err, STATUS_FAILED, "user \"%s\" is not in the data set", field);
}

static enum status read_line(struct entry *out, char *line, const struct catalogue *c,
                             struct error *err) {
    char *field[FIELDS], *end = NULL;
    size_t n = cut(line, field);
    if (n != FIELDS) {
        return error_set(err, STATUS_FAILED,
                         "%s six fields: a line of a run is \"user Q0 movie rank score name\"",
                         n < FIELDS ? "fewer than" : "more than");
    }
    TRY(find_user(out, c, field[USER], err));
    TRY(find_movie(&out->movie, c, field[MOVIE], err));
    out->score = strtod(field[SCORE], &end);
    if (*end == '\0' && isfinite(out->score)) return STATUS_OK;
    return error_set(err, STATUS_FAILED, "score \"%s\" is not a number", field[SCORE]);
}

static bool is_blank(const char *line) {
    return line[strspn(line, " \t\r")] == '\0';
}

static enum status read_lines(struct foreign *f, char *text, size_t size, const char *path,
                              const struct catalogue *c, struct error *err) {
    uint64_t line = 0;
    if (strlen(text) != size) return error_set(err, STATUS_FAILED, "%s: holds a NUL byte", path);
    for (char *at = text; at != NULL && *at != '\0';) {
        char *end = strchr(at, '\n');
        if (end != NULL) *end = '\0';
        line++;
        if (!is_blank(at)) {
            TRY(mem_grow(&f->entry, &f->capacity, f->n_entries + 1, sizeof(*f->entry), err));
            struct entry *entry = &f->entry[f->n_entries++];
            *entry = (struct entry){.line = line};
            if (read_line(entry, at, c, err) != STATUS_OK) {
                return error_wrap(err, "%s:%llu", path, (unsigned long long)line);
            }
        }
        at = end != NULL ? end + 1 : NULL;
    }
    if (f->n_entries > 0) return STATUS_OK;
    return error_set(err, STATUS_FAILED, "%s: holds no lists", path);
}

/* ---- lists ---- */

static int by_list(const struct entry *a, const struct entry *b) {
    if (a->user != b->user) return a->user < b->user ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

static int by_movie(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    int list = by_list(x, y);
    if (list != 0) return list;
    if (x->movie != y->movie) return x->movie < y->movie ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

static int by_score(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    int list = by_list(x, y);
    if (list != 0) return list;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return (x->movie > y->movie) - (x->movie < y->movie);
}

static enum status refuse_repeats(struct foreign *f, const char *path, struct error *err) {
    qsort(f->entry, f->n_entries, sizeof(*f->entry), by_movie);
    for (size_t i = 1; i < f->n_entries; i++) {
        const struct entry *a = &f->entry[i - 1], *b = &f->entry[i];
        if (by_list(a, b) != 0 || a->movie != b->movie) continue;
        return error_set(err, STATUS_FAILED, "%s:%llu: lists the movie of line %llu again", path,
                         (unsigned long long)b->line, (unsigned long long)a->line);
    }
    return STATUS_OK;
}

/* Cuts the entries into lists. Scores become whole numbers, so that the ties of a file in double
 * precision stay its only ties. */
static enum status make_lists(struct foreign *f, struct error *err) {
    qsort(f->entry, f->n_entries, sizeof(*f->entry), by_score);
    TRY(MEM_NEW(&f->start, f->n_entries + 1, err));
    TRY(MEM_NEW(&f->score, f->n_entries, err));
    for (size_t i = 0; i < f->n_entries; i++) {
        bool first = i == 0 || by_list(&f->entry[i - 1], &f->entry[i]) != 0;
        if (first) f->start[f->n_lists++] = i;
        bool worse = !first && f->entry[i].score < f->entry[i - 1].score;
        f->score[i] = first ? 0 : f->score[i - 1] - (worse ? 1.0F : 0.0F);
    }
    f->start[f->n_lists] = f->n_entries;
    return STATUS_OK;
}

enum status foreign_read(struct foreign **out, const char *path, const struct catalogue *catalogue,
                         struct error *err) {
    AUTO(buf) struct buf text = {0};
    struct foreign *f = NULL;
    *out = NULL;
    TRY(file_read(path, &text, err));
    TRY(MEM_NEW(&f, 1, err));
    f->n_movies = catalogue->n_movies;
    char nothing[] = "";
    char *content = text.size > 0 ? text.data : nothing;
    enum status status = read_lines(f, content, text.size, path, catalogue, err);
    if (status == STATUS_OK) status = refuse_repeats(f, path, err);
    if (status == STATUS_OK) status = make_lists(f, err);
    if (status != STATUS_OK) {
        foreign_release(f);
        return status;
    }
    *out = f;
    return STATUS_OK;
}

/* The index of the list, or n_lists. */
static size_t find_list(const struct foreign *f, uint32_t user, uint32_t number) {
    const struct entry wanted = {.user = user, .number = number};
    size_t low = 0, high = f->n_lists;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_list(&f->entry[f->start[middle]], &wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < f->n_lists && by_list(&f->entry[f->start[low]], &wanted) == 0;
    return found ? low : f->n_lists;
}

bool foreign_scores(const struct foreign *f, uint32_t user, uint32_t number, float *score) {
    size_t list = find_list(f, user, number);
    for (uint32_t m = 0; m < f->n_movies; m++) {
        score[m] = NAN;
    }
    if (list == f->n_lists) return false;
    for (size_t i = f->start[list]; i < f->start[list + 1]; i++) {
        score[f->entry[i].movie] = f->score[i];
    }
    return true;
}

/* ---- the option ---- */

void foreign_list_release(struct foreign_list *l) {
    for (size_t i = 0; i < l->count; i++) {
        mem_free(l->name[i]);
        mem_free(l->path[i]);
    }
    mem_free(l->name);
    mem_free(l->path);
    *l = (struct foreign_list){0};
}

/* "better" and the like stand beside the models in metrics.json. */
static bool is_plain(const char *name, size_t size) {
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    static const char *const taken[] = {"better", "best_component", "trivial", "qrels"};
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (strlen(taken[i]) == size && strncmp(name, taken[i], size) == 0) return false;
    }
    return size > 0 && strspn(name, letters) >= size;
}

static enum status copy(char **out, const char *text, size_t size, struct error *err) {
    TRY(MEM_NEW(out, size + 1, err));
    memcpy(*out, text, size);
    return STATUS_OK;
}

static enum status add_pair(struct foreign_list *l, const char *pair, size_t size,
                            struct error *err) {
    size_t name = strcspn(pair, "=,");
    if (name >= size || pair[name] != '=' || name + 1 == size) {
        return error_set(err, STATUS_USAGE, "--foreign: \"%.*s\" is not NAME=FILE", (int)size,
                         pair);
    }
    if (!is_plain(pair, name)) {
        return error_set(err, STATUS_USAGE,
                         "--foreign: \"%.*s\" cannot be a model's name; a name is of letters, "
                         "digits, '.', '_' and '-'",
                         (int)name, pair);
    }
    l->count++;
    TRY(copy(&l->name[l->count - 1], pair, name, err));
    return copy(&l->path[l->count - 1], pair + name + 1, size - name - 1, err);
}

enum status foreign_list_parse(struct foreign_list *out, const char *text, struct error *err) {
    *out = (struct foreign_list){0};
    if (text == NULL || strcmp(text, "none") == 0) return STATUS_OK;
    size_t most = 1;
    for (const char *at = text; *at != '\0'; at++) {
        most += *at == ',';
    }
    TRY(MEM_NEW(&out->name, most, err));
    TRY(MEM_NEW(&out->path, most, err));
    for (const char *at = text; at != NULL;) {
        size_t size = strcspn(at, ",");
        TRY(add_pair(out, at, size, err));
        at = at[size] == ',' ? at + size + 1 : NULL;
    }
    return STATUS_OK;
}
