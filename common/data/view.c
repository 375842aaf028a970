#include "common/data/view.h"

#include "common/artifact/kinds.h"
#include "common/base/mem.h"

#include <stdio.h>
#include <string.h>

static const char *const view_names[] = {"fit", "full", "all"};

const char *view_name(enum view view) {
    return view_names[view];
}

bool view_parse(const char *name, enum view *out) {
    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(name, view_names[i]) != 0) continue;
        *out = (enum view)i;
        return true;
    }
    return false;
}

bool view_shows(enum view view, enum role role) {
    switch (view) {
    case VIEW_FIT:
        return role == ROLE_BASE;
    case VIEW_FULL:
        return role == ROLE_BASE || role == ROLE_RANK || role == ROLE_VALID ||
               role == ROLE_RANK_FOLD_IN;
    case VIEW_ALL:
        return true;
    }
    return false;
}

/* ---- loading ---- */

/* Removes, in place, the ratings that `view` does not show; `role` is compacted with them. */
static void keep_visible(struct ratings *r, uint8_t *role, enum view view) {
    uint64_t kept = 0, first = 0;
    for (uint32_t u = 0; u < r->n_users; u++) {
        uint64_t end = r->offset[u + 1];
        for (uint64_t i = first; i < end; i++) {
            if (!view_shows(view, (enum role)role[i])) continue;
            r->movie[kept] = r->movie[i];
            r->value[kept] = r->value[i];
            r->time[kept] = r->time[i];
            role[kept++] = role[i];
        }
        first = end;
        r->offset[u + 1] = kept;
    }
    r->count = kept;
}

static enum status load_view(struct ratings *out, const struct artifact *dataset,
                             const struct artifact *split, enum view view, struct error *err) {
    TRY(ratings_read(out, dataset, err));
    if (view != VIEW_ALL) {
        MEM_AUTO uint8_t *role = NULL;
        if (split == NULL)
            return error_set(err, STATUS_FAILED, "%s: view %s needs a split",
                             artifact_path(dataset), view_name(view));
        TRY(roles_load(&role, split, out->count, err));
        keep_visible(out, role, view);
    }
    return ratings_index_by_movie(out, err);
}

enum status view_load(struct ratings *out, const struct artifact *dataset,
                      const struct artifact *split, enum view view, struct error *err) {
    *out = (struct ratings){0};
    enum status status = load_view(out, dataset, split, view, err);
    if (status != STATUS_OK) ratings_release(out);
    return status;
}

/* ---- ids ---- */

static bool starts_with(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Hashes the digests of the columns of users, movies, genres and genome, which do not depend on
 * what is held out. The other columns are left to the functions below, which use visible rows
 * only. */
static void hash_catalogue(struct hash *h, const struct artifact *dataset) {
    static const char *const row_columns[] = {"rating.", "by_movie.", "tag.", "source."};
    const struct kind_spec *kind = kind_find("dataset");
    for (size_t i = 0; i < kind->n_columns; i++) {
        const char *name = kind->columns[i].name;
        bool skip = false;
        for (size_t k = 0; k < sizeof(row_columns) / sizeof(row_columns[0]); k++)
            skip = skip || starts_with(name, row_columns[k]);
        const struct column_info *column = artifact_column(dataset, name);
        if (skip || column == NULL) continue;
        hash_update_text(h, name);
        hash_update(h, column->digest.bytes, sizeof(column->digest.bytes));
    }
}

/* The roles from which the ranker's rows are made besides those of view full. */
static bool is_validation(enum role role) {
    return role == ROLE_VALID_FOLD_IN || role == ROLE_VALID_OUT;
}

/* Hashes movies, values, times and (VIEW_FULL) roles of the visible ratings and (VIEW_FULL) of
 * those of validation users, each user's preceded by their number. *newest becomes the time of the
 * newest visible rating, INT64_MIN if there is none. */
static enum status hash_ratings(struct hash *h, const struct artifact *dataset, const uint8_t *role,
                                enum view view, int64_t *newest, struct error *err) {
    AUTO(ratings) struct ratings r = {0};
    TRY(ratings_read(&r, dataset, err));
    uint64_t kept = 0;
    MEM_AUTO uint8_t *kept_role = NULL;
    TRY(MEM_NEW(&kept_role, r.count, err));
    *newest = INT64_MIN;
    for (uint32_t u = 0; u < r.n_users; u++) {
        uint64_t before = kept;
        for (uint64_t i = r.offset[u]; i < r.offset[u + 1]; i++) {
            bool shown = role == NULL || view_shows(view, (enum role)role[i]);
            if (!shown && !(view == VIEW_FULL && is_validation((enum role)role[i]))) continue;
            if (shown && r.time[i] > *newest) *newest = r.time[i];
            r.movie[kept] = r.movie[i];
            r.value[kept] = r.value[i];
            r.time[kept] = r.time[i];
            kept_role[kept++] = view == VIEW_FULL ? role[i] : 0;
        }
        hash_update_u64(h, kept - before);
    }
    hash_update(h, r.movie, kept * sizeof(*r.movie));
    hash_update(h, r.value, kept * sizeof(*r.value));
    hash_update(h, r.time, kept * sizeof(*r.time));
    if (view == VIEW_FULL) hash_update(h, kept_role, kept);
    return STATUS_OK;
}

/* Hashes the taggings not newer than `newest`, by the tag's text because its index depends on all
 * tags. */
static enum status hash_taggings(struct hash *h, const struct artifact *dataset, int64_t newest,
                                 struct error *err) {
    AUTO(strings) struct strings name = {0};
    MEM_AUTO uint32_t *user = NULL;
    MEM_AUTO uint32_t *movie = NULL;
    MEM_AUTO uint32_t *index = NULL;
    MEM_AUTO int64_t *time = NULL;
    const struct column_info *column = artifact_column(dataset, "tag.movie");
    uint64_t count = column == NULL ? 0 : column->count;
    TRY(artifact_read_strings(dataset, "tag.name", UINT64_MAX, &name, err));
    TRY(artifact_read(dataset, "tag.user", DTYPE_U32, count, &user, err));
    TRY(artifact_read(dataset, "tag.movie", DTYPE_U32, count, &movie, err));
    TRY(artifact_read(dataset, "tag.index", DTYPE_U32, count, &index, err));
    TRY(artifact_read(dataset, "tag.time", DTYPE_I64, count, &time, err));
    for (uint64_t i = 0; i < count; i++) {
        if (time[i] > newest) continue;
        hash_update_u64(h, user[i]);
        hash_update_u64(h, movie[i]);
        hash_update_u64(h, (uint64_t)time[i]);
        hash_update_text(h, strings_get(&name, index[i]));
    }
    return STATUS_OK;
}

enum status view_id(struct digest *out, const struct artifact *dataset, const uint8_t *role,
                    enum view view, struct error *err) {
    struct hash *h = NULL;
    int64_t newest = 0;
    if (role == NULL && view != VIEW_ALL)
        return error_set(err, STATUS_FAILED, "%s: view %s needs roles", artifact_path(dataset),
                         view_name(view));
    TRY(hash_start(&h, err));
    hash_update_text(h, "marquee view 1");
    hash_update_text(h, view_name(view));
    hash_catalogue(h, dataset);
    enum status status = hash_ratings(h, dataset, role, view, &newest, err);
    if (status == STATUS_OK) status = hash_taggings(h, dataset, newest, err);
    if (status != STATUS_OK) {
        hash_discard(h);
        return status;
    }
    *out = hash_finish(h);
    return STATUS_OK;
}

static enum status read_digest(struct digest *out, const struct artifact *a, const char *key,
                               struct error *err) {
    const char *text = NULL;
    TRY(artifact_get_str(a, key, &text, err));
    if (digest_parse(text, out)) return STATUS_OK;
    return error_set(err, STATUS_DAMAGED, "%s: metadata %s: \"%s\" is no id", artifact_path(a), key,
                     text);
}

enum status split_view_id(struct digest *out, const struct artifact *split, enum view view,
                          struct error *err) {
    char key[16];
    snprintf(key, sizeof(key), "view_id.%s", view_name(view));
    return read_digest(out, split, key, err);
}

enum status fitted_view_id(struct digest *out, const char **name, const struct artifact *fitted,
                           struct error *err) {
    TRY(artifact_get_str(fitted, "view", name, err));
    return read_digest(out, fitted, "view_id", err);
}
