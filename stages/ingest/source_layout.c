#include "stages/ingest/source_layout.h"

#include "common/base/file.h"
#include "common/base/mem.h"

#include <string.h>

/* File names per dialect; NULL where the dialect has no such file. */
static const char *const file_names[][N_FILE_ROLES] = {
    [DIALECT_CSV] = {"ratings.csv", "movies.csv", "users.csv", "links.csv", "tags.csv",
                     "reviews.csv", "genome-tags.csv", "genome-scores.csv", NULL, NULL},
    [DIALECT_COLONS] = {"ratings.dat", "movies.dat", "users.dat", NULL, "tags.dat", NULL, NULL,
                        NULL, NULL, NULL},
    [DIALECT_100K] = {"u.data", "u.item", "u.user", NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
enum { N_DIALECTS = sizeof(file_names) / sizeof(file_names[0]) };

const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

bool source_given(const struct source *s) {
    return s->path.size > 0;
}

enum row_format source_format(const struct source *s, enum file_role role) {
    switch (s->dialect) {
    case DIALECT_COLONS:
        return ROW_COLONS;
    case DIALECT_100K:
        return role == FILE_RATINGS ? ROW_TAB : ROW_PIPE;
    case DIALECT_CSV:
        break;
    }
    return ROW_CSV;
}

static enum status join(struct buf *out, const char *folder, const char *name, struct error *err) {
    size_t size = strlen(folder);
    const char *between = size > 0 && folder[size - 1] != '/' ? "/" : "";
    return buf_printf(out, err, "%s%s%s", folder, between, name);
}

static enum dialect dialect_of_name(const char *path) {
    const char *name = base_name(path);
    size_t size = strlen(name);
    if (size > 4 && strcmp(name + size - 4, ".dat") == 0) return DIALECT_COLONS;
    if (strncmp(name, "u.", 2) == 0) return DIALECT_100K;
    return DIALECT_CSV;
}

/* The dialect whose ratings file is in the folder. */
static enum status find_dialect(const char *folder, enum dialect *out, struct error *err) {
    size_t found = 0;
    for (size_t d = 0; d < N_DIALECTS; d++) {
        AUTO(buf) struct buf path = {0};
        const char *name = file_names[d][FILE_RATINGS];
        TRY(join(&path, folder, name, err));
        if (!file_exists(path.data)) continue;
        if (found++ > 0) {
            return error_set(err, STATUS_FAILED, "%s: holds both %s and %s; name the one meant",
                             folder, file_names[*out][FILE_RATINGS], name);
        }
        *out = (enum dialect)d;
    }
    if (found == 0) {
        return error_set(err, STATUS_FAILED, "%s: holds no ratings.csv, ratings.dat or u.data",
                         folder);
    }
    return STATUS_OK;
}

static enum status search_folder(struct layout *l, const char *folder, enum dialect dialect,
                                 struct error *err) {
    for (size_t role = 0; role < N_FILE_ROLES; role++) {
        const char *name = file_names[dialect][role];
        if (name == NULL) continue;
        struct source *s = &l->file[role];
        TRY(join(&s->path, folder, name, err));
        s->dialect = dialect;
        if (!file_exists(s->path.data)) buf_clear(&s->path);
    }
    return STATUS_OK;
}

static const char *layout_name(const struct layout *l) {
    switch (l->file[FILE_RATINGS].dialect) {
    case DIALECT_COLONS:
        return source_given(&l->file[FILE_USERS]) || !source_given(&l->file[FILE_TAGS]) ? "ml-1m"
                                                                                        : "ml-10m";
    case DIALECT_100K:
        return "ml-100k";
    case DIALECT_CSV:
        break;
    }
    for (size_t role = FILE_RATINGS + 1; role <= FILE_GENOME_SCORES; role++) {
        if (source_given(&l->file[role])) return "csv";
    }
    return "ratings-csv";
}

enum status layout_find(struct layout *out, const char *folder,
                        const char *const given[N_FILE_ROLES], struct error *err) {
    if (folder != NULL) {
        enum dialect dialect = DIALECT_CSV;
        if (given[FILE_RATINGS] != NULL) {
            dialect = dialect_of_name(given[FILE_RATINGS]);
        } else {
            TRY(find_dialect(folder, &dialect, err));
        }
        TRY(search_folder(out, folder, dialect, err));
    }
    for (size_t role = 0; role < N_FILE_ROLES; role++) {
        if (given[role] == NULL) continue;
        struct source *s = &out->file[role];
        buf_clear(&s->path);
        TRY(buf_puts(&s->path, given[role], err));
        s->dialect = dialect_of_name(given[role]);
    }
    if (!source_given(&out->file[FILE_RATINGS])) {
        return error_set(err, STATUS_USAGE, "no ratings: give --data FOLDER or --ratings FILE");
    }
    if (source_given(&out->file[FILE_GENOME_SCORES]) &&
        !source_given(&out->file[FILE_GENOME_TAGS])) {
        return error_set(err, STATUS_FAILED, "%s: there is no genome-tags.csv for it",
                         out->file[FILE_GENOME_SCORES].path.data);
    }
    out->name = layout_name(out);
    return STATUS_OK;
}

void layout_release(struct layout *l) {
    for (size_t role = 0; role < N_FILE_ROLES; role++)
        buf_release(&l->file[role].path);
}
