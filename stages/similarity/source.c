#include "stages/similarity/source.h"

#include "common/base/mem.h"

#include <stdlib.h>
#include <string.h>

int64_t visible_newest(const struct ratings *r) {
    int64_t newest = INT64_MIN;
    for (uint64_t i = 0; i < r->count; i++) {
        if (r->time[i] > newest) newest = r->time[i];
    }
    return newest;
}

/* Binary search among the movie's users, which ascend. */
uint64_t visible_rating(const struct ratings *r, uint32_t user, uint32_t movie) {
    uint64_t low = r->by_movie_offset[movie], end = r->by_movie_offset[movie + 1], high = end;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (r->by_movie_user[middle] < user) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < end && r->by_movie_user[low] == user ? r->by_movie_rating[low] : UINT64_MAX;
}

static uint64_t column_count(const struct artifact *a, const char *name) {
    const struct column_info *column = artifact_column(a, name);
    return column == NULL ? 0 : column->count;
}

static int compare_u64(const void *pa, const void *pb) {
    uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;
    return (a > b) - (a < b);
}

/* `user`: of each tagging that is used. */
static enum status count_users(struct content_source *s, const uint32_t *user, struct error *err) {
    MEM_AUTO uint64_t *pair = NULL;
    TRY(MEM_NEW(&pair, s->n_taggings, err));
    TRY(MEM_NEW(&s->tag_users, s->tag_name.count, err));
    for (uint64_t i = 0; i < s->n_taggings; i++) {
        pair[i] = (uint64_t)s->tag_index[i] << 32 | user[i];
    }
    qsort(pair, s->n_taggings, sizeof(*pair), compare_u64);
    for (uint64_t i = 0; i < s->n_taggings; i++) {
        if (i == 0 || pair[i] != pair[i - 1]) s->tag_users[pair[i] >> 32]++;
    }
    return STATUS_OK;
}

static enum status load_tags(struct content_source *s, const struct artifact *dataset,
                             const struct ratings *visible, bool only_rated, struct error *err) {
    uint64_t count = column_count(dataset, "tag.movie");
    MEM_AUTO uint32_t *user = NULL;
    MEM_AUTO int64_t *time = NULL;
    TRY(artifact_read_strings(dataset, "tag.name", UINT64_MAX, &s->tag_name, err));
    TRY(artifact_read(dataset, "tag.movie", DTYPE_U32, count, &s->tag_movie, err));
    TRY(artifact_read(dataset, "tag.index", DTYPE_U32, count, &s->tag_index, err));
    TRY(artifact_read(dataset, "tag.user", DTYPE_U32, count, &user, err));
    TRY(artifact_read(dataset, "tag.time", DTYPE_I64, count, &time, err));
    int64_t newest = visible_newest(visible);
    for (uint64_t i = 0; i < count; i++) {
        uint32_t movie = s->tag_movie[i], tag = s->tag_index[i];
        if (time[i] > newest) {
            s->n_tags_newer++;
        } else if (only_rated && visible_rating(visible, user[i], movie) == UINT64_MAX) {
            s->n_tags_unrated++;
        } else {
            s->tag_movie[s->n_taggings] = movie;
            user[s->n_taggings] = user[i];
            s->tag_index[s->n_taggings++] = tag;
        }
    }
    return count_users(s, user, err);
}

static enum status load_genome(struct content_source *s, const struct artifact *dataset,
                               struct error *err) {
    if (artifact_column(dataset, "genome.relevance") == NULL) return STATUS_OK;
    TRY(artifact_read_strings(dataset, "genome.name", UINT64_MAX, &s->genome_name, err));
    TRY(artifact_read(dataset, "genome.movie", DTYPE_U32, UINT64_MAX, &s->genome_movie, err));
    s->n_genome_movies = (uint32_t)column_count(dataset, "genome.movie");
    return artifact_read(dataset, "genome.relevance", DTYPE_F32, UINT64_MAX, &s->genome, err);
}

enum status content_source_load(struct content_source *out, const struct artifact *dataset,
                                const struct ratings *visible, bool only_rated, struct error *err) {
    AUTO(content_source) struct content_source s = {0};
    TRY(catalogue_load(&s.catalogue, dataset, err));
    TRY(load_tags(&s, dataset, visible, only_rated, err));
    TRY(load_genome(&s, dataset, err));
    *out = s;
    s = (struct content_source){0};
    return STATUS_OK;
}

void content_source_release(struct content_source *s) {
    catalogue_release(&s->catalogue);
    strings_release(&s->tag_name);
    mem_free(s->tag_movie);
    mem_free(s->tag_index);
    mem_free(s->tag_users);
    strings_release(&s->genome_name);
    mem_free(s->genome_movie);
    mem_free(s->genome);
    *s = (struct content_source){0};
}
