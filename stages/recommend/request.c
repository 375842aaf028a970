#include "stages/recommend/request.h"

#include "common/base/buf.h"
#include "common/base/file.h"
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/base/option.h"
#include "common/base/utf8.h"
#include "common/data/rating_scale.h"
#include "common/data/title_search.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the request as a whole ---- */

enum status request_check(const struct recommend_request *q, struct error *err) {
    int modes = (q->user != NULL) + q->all + (q->likes != NULL) + (q->ratings_file != NULL) +
                (q->similar_to != NULL);
    if (modes != 1) {
        return error_set(err, STATUS_USAGE,
                         "%s of --user, --all, --likes, --ratings-file and --similar-to is needed",
                         modes == 0 ? "one" : "only one");
    }
    if (q->all && strcmp(q->format, "table") == 0) {
        return error_set(err, STATUS_USAGE, "--all: writes --format csv or jsonl, not table");
    }
    return STATUS_OK;
}

enum format request_format(const struct recommend_request *q) {
    const char *format = option_text_or(q->format, q->all ? "csv" : "table");
    if (strcmp(format, "csv") == 0) return FORMAT_CSV;
    return strcmp(format, "jsonl") == 0 ? FORMAT_JSONL : FORMAT_TABLE;
}

enum status request_filter(const struct recommend_request *q, const struct catalogue *c,
                           bool **genre, struct recommend_filter *out, struct error *err) {
    *out = (struct recommend_filter){.include_seen = !q->exclude_seen};
    if (q->genre != NULL) TRY(request_genres(c, q->genre, genre, err));
    out->genre = *genre;
    if (q->year == NULL) return STATUS_OK;
    return request_years(q->year, &out->year_first, &out->year_last, err);
}

static enum status known_user(const struct recommend_request *q, const struct catalogue *c,
                              uint32_t *user, struct error *err) {
    char *end = NULL;
    unsigned long long id = strtoull(q->user, &end, 10);
    bool number = end != q->user && *end == '\0' && *q->user != '-' && id <= UINT32_MAX;
    *user = number ? catalogue_find_user(c, (uint32_t)id) : NO_INDEX;
    if (*user != NO_INDEX) return STATUS_OK;
    return error_set(err, STATUS_USAGE,
                     "--user: no user has the id \"%.40s\"; --likes and --ratings-file "
                     "serve somebody new",
                     q->user);
}

enum status request_history(const struct recommend_request *q, const struct recommender *r,
                            struct history_buffer *given, struct history *out, uint32_t *user,
                            struct error *err) {
    const struct catalogue *c = recommender_catalogue(r);
    struct history nothing = {0};
    int64_t now = recommender_now(r, &nothing);
    *user = NO_INDEX;
    if (q->user != NULL) {
        TRY(known_user(q, c, user, err));
        *out = recommender_history(r, *user);
        return STATUS_OK;
    }
    TRY(q->likes != NULL ? request_likes(c, q->likes, now, given, err)
                         : request_ratings_file(c, q->ratings_file, now, given, err));
    *out = history_of(given);
    return STATUS_OK;
}

/* ---- filters ---- */

static bool read_year(const char **text, uint16_t *out) {
    unsigned year = 0;
    size_t digits = 0;
    for (; isdigit((unsigned char)**text) && digits < 5; digits++) {
        year = year * 10 + (unsigned)(*(*text)++ - '0');
    }
    *out = (uint16_t)year;
    return digits == 4;
}

enum status request_years(const char *text, uint16_t *first, uint16_t *last, struct error *err) {
    const char *at = text;
    *first = 1;
    *last = UINT16_MAX;
    bool valid = *at == '-' || read_year(&at, first);
    if (valid && *at == '\0') *last = *first;
    if (valid && *at == '-') {
        at++;
        valid = at[0] == '\0' ? at - text > 1 : read_year(&at, last);
    }
    if (valid && *at == '\0' && *first <= *last) return STATUS_OK;
    return error_set(err, STATUS_USAGE,
                     "--year: \"%.100s\" is not a range of years such as 1990-1999", text);
}

/* Days from 1970-01-01 to a day of the Gregorian calendar; -1 for one that there is not. */
static int64_t days_to(unsigned year, unsigned month, unsigned day) {
    static const unsigned before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (year < 1970 || month < 1 || month > 12 || day < 1) return -1;
    if (day > before[month] - before[month - 1] + (leap && month == 2)) return -1;
    const unsigned leaps = (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 - 477;
    return 365 * (int64_t)(year - 1970) + leaps + before[month - 1] + (leap && month > 2) + day - 1;
}

/* "2018-09-24" as days from 1970-01-01; -1 for anything else. */
static int64_t read_day(const char *text) {
    static const char shape[] = "dddd-dd-dd";
    unsigned part[3] = {0};
    size_t n = 0;
    if (strlen(text) != sizeof shape - 1) return -1;
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        const bool digit = isdigit((unsigned char)text[i]);
        if (digit != (shape[i] == 'd') || (!digit && text[i] != '-')) return -1;
        if (digit) part[n] = 10 * part[n] + (unsigned)(text[i] - '0');
        n += !digit;
    }
    return days_to(part[0], part[1], part[2]);
}

enum status request_now(const char *text, int64_t newest, int64_t *now, struct error *err) {
    *now = newest;
    if (strcmp(text, "latest") == 0) return STATUS_OK;
    const int64_t day = read_day(text);
    *now = 86400 * day;
    if (day >= 0) return STATUS_OK;
    char *end = NULL;
    errno = 0;
    *now = strtoll(text, &end, 10);
    if (isdigit((unsigned char)*text) && *end == '\0' && errno == 0) return STATUS_OK;
    return error_set(err, STATUS_USAGE,
                     "--now: \"%.40s\" is neither latest nor seconds since 1970 nor a day such as "
                     "2018-09-24",
                     text);
}

/* The next part of a list, trimmed; false at its end. */
static bool next_part(const char **rest, char separator, const char **part, size_t *size) {
    if (*rest == NULL) return false;
    const char *start = *rest, *end = strchrnul(start, separator);
    *rest = *end == '\0' ? NULL : end + 1;
    while (start < end && isspace((unsigned char)*start)) {
        start++;
    }
    while (end > start && isspace((unsigned char)end[-1])) {
        end--;
    }
    *part = start;
    *size = (size_t)(end - start);
    return true;
}

static enum status unknown_genre(const struct catalogue *c, const char *name, size_t size,
                                 struct error *err) {
    AUTO(buf) struct buf list = {0};
    for (uint32_t g = 0; g < c->n_genres; g++) {
        TRY(buf_printf(&list, err, "%s%s", g > 0 ? ", " : "", strings_get(&c->genre_name, g)));
    }
    return error_set(err, STATUS_USAGE, "--genre: no genre is called \"%.*s\"; there are: %s",
                     (int)(size < 100 ? size : 100), name, list.size > 0 ? list.data : "none");
}

static enum status normalised_equal(const char *a, size_t size, const char *b, bool *equal,
                                    struct error *err) {
    AUTO(buf) struct buf left = {0}, right = {0};
    TRY(utf8_normalise(a, size, &left, err));
    TRY(utf8_normalise(b, strlen(b), &right, err));
    *equal =
        left.size == right.size && left.size > 0 && memcmp(left.data, right.data, left.size) == 0;
    return STATUS_OK;
}

enum status request_genres(const struct catalogue *c, const char *text, bool **out,
                           struct error *err) {
    MEM_AUTO bool *wanted = NULL;
    TRY(MEM_NEW(&wanted, c->n_genres, err));
    const char *part = NULL;
    size_t size = 0;
    while (next_part(&text, ',', &part, &size)) {
        bool found = false;
        for (uint32_t g = 0; g < c->n_genres && !found; g++) {
            TRY(normalised_equal(part, size, strings_get(&c->genre_name, g), &found, err));
            if (found) wanted[g] = true;
        }
        if (!found) return unknown_genre(c, part, size, err);
    }
    *out = wanted;
    wanted = NULL;
    return STATUS_OK;
}

/* ---- histories ---- */

static bool contains(const struct history_buffer *h, uint32_t movie) {
    for (size_t i = 0; i < h->count; i++) {
        if (h->movie[i] == movie) return true;
    }
    return false;
}

enum status request_likes(const struct catalogue *c, const char *text, int64_t now,
                          struct history_buffer *out, struct error *err) {
    char separator = strchr(text, ';') != NULL ? ';' : ',';
    AUTO(buf) struct buf name = {0};
    const char *part = NULL;
    size_t size = 0;
    while (next_part(&text, separator, &part, &size)) {
        uint32_t movie = 0;
        if (size == 0) continue;
        buf_clear(&name);
        TRY(buf_append(&name, part, size, err));
        if (movie_find(c, name.data, &movie, err) != STATUS_OK) return error_wrap(err, "--likes");
        if (!contains(out, movie)) TRY(history_add(out, movie, 10, now, err));
    }
    if (out->count > 0) return STATUS_OK;
    return error_set(err, STATUS_USAGE, "--likes: at least one movie is needed");
}

struct line {
    uint32_t movie;
    uint8_t value;
    int64_t time;
    size_t number;
};

/* Reads "movie,rating[,time]"; returns what is wrong with it, or NULL. */
static const char *parse_line(const char *text, int64_t now, uint32_t *id, struct line *out) {
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)*text) || errno != 0 || number > UINT32_MAX || *end != ',') {
        return "does not begin with a movie id and a comma";
    }
    *id = (uint32_t)number;
    const char *rating = end + 1;
    double stars = strtod(rating, &end);
    if (end == rating || !half_stars_of(stars, &out->value)) {
        return "has a rating that is not a half star between 0.5 and 5.0";
    }
    out->time = now;
    if (*end == '\0') return NULL;
    const char *time = end + 1;
    if (*end != ',' || !isdigit((unsigned char)*time)) return "has no number as its timestamp";
    long long seconds = strtoll(time, &end, 10);
    out->time = seconds;
    return *end == '\0' && errno == 0 ? NULL : "has no number as its timestamp";
}

static bool is_header(const char *line) {
    return strncasecmp(line, "movieid,", 8) == 0;
}

static enum status read_lines(const struct catalogue *c, const char *path, char *text, int64_t now,
                              struct line **lines, size_t *count, struct error *err) {
    size_t capacity = 0, number = 0;
    for (char *next = text; next != NULL && *next != '\0';) {
        char *line = next, *end = strchr(line, '\n');
        next = end == NULL ? NULL : end + 1;
        if (end != NULL) *end = '\0';
        line[strcspn(line, "\r")] = '\0';
        number++;
        if (*line == '\0' || (number == 1 && is_header(line))) continue;
        uint32_t id = 0;
        struct line parsed = {.number = number};
        const char *problem = parse_line(line, now, &id, &parsed);
        if (problem == NULL) parsed.movie = catalogue_find_movie(c, id);
        if (problem == NULL && parsed.movie == NO_INDEX) problem = "names an unknown movie";
        if (problem != NULL) {
            return error_set(err, STATUS_FAILED, "%s:%zu: \"%.80s\" %s", path, number, line,
                             problem);
        }
        TRY(mem_grow(lines, &capacity, *count + 1, sizeof(**lines), err));
        (*lines)[(*count)++] = parsed;
    }
    return STATUS_OK;
}

static int compare_movies(const void *pa, const void *pb) {
    const struct line *a = pa, *b = pb;
    if (a->movie != b->movie) return a->movie < b->movie ? -1 : 1;
    if (a->time != b->time) return a->time > b->time ? -1 : 1;
    return a->number > b->number ? -1 : a->number < b->number;
}

static int compare_times(const void *pa, const void *pb) {
    const struct line *a = pa, *b = pb;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* Of each movie the latest line, in the order of time. */
static size_t latest_in_order(struct line *lines, size_t count) {
    size_t kept = 0;
    qsort(lines, count, sizeof(*lines), compare_movies);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || lines[i].movie != lines[kept - 1].movie) lines[kept++] = lines[i];
    }
    qsort(lines, kept, sizeof(*lines), compare_times);
    return kept;
}

enum status request_ratings_file(const struct catalogue *c, const char *path, int64_t now,
                                 struct history_buffer *out, struct error *err) {
    AUTO(buf) struct buf text = {0};
    MEM_AUTO struct line *lines = NULL;
    size_t count = 0;
    TRY(file_read(path, &text, err));
    bool has_nul = text.size > 0 && memchr(text.data, '\0', text.size) != NULL;
    if (has_nul) return error_set(err, STATUS_FAILED, "%s: is not a text file", path);
    if (text.size > 0) {
        bool mark = text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0;
        TRY(read_lines(c, path, text.data + (mark ? 3 : 0), now, &lines, &count, err));
    }
    if (count == 0) return error_set(err, STATUS_FAILED, "%s: holds no rating", path);
    count = latest_in_order(lines, count);
    for (size_t i = 0; i < count; i++) {
        TRY(history_add(out, lines[i].movie, lines[i].value, lines[i].time, err));
    }
    return STATUS_OK;
}
