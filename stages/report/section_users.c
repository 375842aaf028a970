/* Three users: what they rated, what is recommended to them, and why. */
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/data/catalogue.h"
#include "common/data/history.h"
#include "common/data/rating_scale.h"
#include "common/data/ratings.h"
#include "common/data/view.h"
#include "common/ranking/recommender.h"
#include "stages/report/sections.h"

#include <math.h>
#include <stdlib.h>

enum { SHOWN_USERS = 3, SHOWN_HISTORY = 8, SHOWN_MOVIES = 10, SHOWN_GROUPS = 3, SHOWN_TERMS = 3 };

struct candidate {
    uint32_t user;
    uint64_t count;
};

static int by_count(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? 1 : -1;
    return (x->user > y->user) - (x->user < y->user);
}

/* Users with few, middling and many ratings: the 10th, 50th and 90th percentile. Returns how many;
 * none twice. */
static enum status choose_users(uint32_t chosen[SHOWN_USERS], size_t *n_chosen,
                                const struct ratings *r, struct error *err) {
    static const double quantile[SHOWN_USERS] = {0.1, 0.5, 0.9};
    MEM_AUTO struct candidate *all = NULL;
    size_t n = 0;
    *n_chosen = 0;
    TRY(MEM_NEW(&all, r->n_users, err));
    for (uint32_t u = 0; u < r->n_users; u++) {
        uint64_t count = r->offset[u + 1] - r->offset[u];
        if (count > 0) all[n++] = (struct candidate){u, count};
    }
    qsort(all, n, sizeof(*all), by_count);
    for (size_t i = 0; i < SHOWN_USERS && n > 0; i++) {
        uint32_t user = all[(size_t)(quantile[i] * (double)(n - 1) + 0.5)].user;
        bool again = false;
        for (size_t j = 0; j < *n_chosen; j++) {
            again |= chosen[j] == user;
        }
        if (!again) chosen[(*n_chosen)++] = user;
    }
    return STATUS_OK;
}

static void print_movie(struct page *p, uint32_t movie) {
    const struct catalogue *c = &p->run->catalogue;
    const char *title = strings_get(&c->title, movie);
    text_printf(&p->out, "<cite>");
    if (title[0] != '\0') {
        text_html_cut(&p->out, title, 80);
    } else {
        text_printf(&p->out, "movie %u", c->movie_id[movie]);
    }
    text_printf(&p->out, "</cite>");
    if (c->year[movie] != 0) text_printf(&p->out, " <small>%u</small>", c->year[movie]);
}

static void print_history(struct page *p, const struct history *h) {
    struct text *out = &p->out;
    size_t n = h->count < SHOWN_HISTORY ? h->count : SHOWN_HISTORY;
    text_printf(out, "<h4>Rated last</h4>\n<ul class=\"history\">\n");
    for (size_t i = 0; i < n; i++) {
        size_t at = h->count - 1 - i;
        text_printf(out, "<li>");
        print_movie(p, h->movie[at]);
        text_printf(out, " <b>%.1f</b></li>\n", stars_of(h->value[at]));
    }
    text_printf(out, "</ul>\n");
}

/* "because of Toy Story: animation, pixar"; without decades, which say little. */
static void print_reason(struct page *p, const struct evidence *e, const struct content *content) {
    text_printf(&p->out, "because of ");
    print_movie(p, e->movie);
    size_t told = 0;
    for (size_t i = 0; i < e->n_terms && told < SHOWN_TERMS; i++) {
        if (content->term_group[e->term[i]] == TERM_DECADE) continue;
        text_printf(&p->out, told++ > 0 ? ", " : ": ");
        text_html_cut(&p->out, strings_get(&content->term_name, e->term[i]), 32);
    }
}

static enum status print_groups(struct page *p, struct recommend_work *work,
                                const struct recommender *r, uint32_t movie, struct error *err) {
    AUTO(attribution) struct attribution a = {0};
    MEM_AUTO struct group_share *group = NULL;
    size_t n = 0;
    TRY(recommend_explain(work, movie, &a, err));
    TRY(attribution_groups(&a, recommender_ranker(r), &group, &n, err));
    text_printf(&p->out, "<span class=\"groups\">");
    for (size_t i = 0; i < n && i < SHOWN_GROUPS; i++) {
        text_printf(&p->out, "<span>");
        text_html(&p->out, group[i].name);
        text_printf(&p->out, " %+.2f</span> ", group[i].contribution);
    }
    text_printf(&p->out, "</span>");
    return STATUS_OK;
}

static void print_genres(struct page *p, uint32_t movie) {
    const struct catalogue *c = &p->run->catalogue;
    text_printf(&p->out, "<small class=\"genres\">");
    for (uint64_t e = c->genre_offset[movie]; e < c->genre_offset[movie + 1]; e++) {
        if (e > c->genre_offset[movie]) text_printf(&p->out, ", ");
        text_html(&p->out, strings_get(&c->genre_name, c->genre_index[e]));
    }
    text_printf(&p->out, "</small>");
}

static enum status print_recommendations(struct page *p, const struct recommender *r,
                                         struct recommend_work *work, uint32_t user,
                                         const struct history *h, struct error *err) {
    struct recommendation best[SHOWN_MOVIES];
    struct recommend_filter filter = {0};
    const struct content *content = feature_content(recommender_context(r));
    size_t n = 0;
    TRY(recommend_prepare(work, h, user, recommender_now(r, h), err));
    TRY(recommend_top(work, &filter, SHOWN_MOVIES, best, &n, err));
    text_printf(&p->out, "<h4>Recommended</h4>\n");
    if (n == 0) text_printf(&p->out, "<p class=\"missing\">There is no movie left.</p>\n");
    text_printf(&p->out, "<ol class=\"picks\">\n");
    for (size_t i = 0; i < n; i++) {
        struct evidence evidence;
        text_printf(&p->out, "<li>");
        print_movie(p, best[i].movie);
        if (!isnan(best[i].rating)) {
            text_printf(&p->out, " <b title=\"predicted rating\">%.1f</b>", (double)best[i].rating);
        }
        print_genres(p, best[i].movie);
        text_printf(&p->out, "<span class=\"reason\">");
        if (recommend_evidence(work, best[i].movie, &evidence, 1) > 0) {
            print_reason(p, &evidence, content);
        } else {
            text_printf(&p->out, "popular with many");
        }
        text_printf(&p->out, "</span>");
        TRY(print_groups(p, work, r, best[i].movie, err));
        text_printf(&p->out, "</li>\n");
    }
    text_printf(&p->out, "</ol>\n");
    return STATUS_OK;
}

static enum status print_users(struct page *p, const struct recommender *r, struct error *err) {
    static const char *const kind[SHOWN_USERS] = {"few ratings", "a middling number of ratings",
                                                  "many ratings"};
    uint32_t user[SHOWN_USERS];
    size_t n = 0;
    struct recommend_work *work = NULL;
    TRY(choose_users(user, &n, feature_ratings(recommender_context(r)), err));
    TRY(recommend_work_create(&work, r, err));
    enum status status = STATUS_OK;
    text_printf(&p->out, "<div class=\"users\">\n");
    for (size_t i = 0; i < n && status == STATUS_OK; i++) {
        struct history h = recommender_history(r, user[i]);
        text_printf(&p->out, "<article>\n<h3>User %u</h3>\n<p class=\"note\">%s: %zu</p>\n",
                    p->run->catalogue.user_id[user[i]], kind[n == SHOWN_USERS ? i : 1], h.count);
        print_history(p, &h);
        status = print_recommendations(p, r, work, user[i], &h, err);
        text_printf(&p->out, "</article>\n");
    }
    text_printf(&p->out, "</div>\n");
    recommend_work_release(work);
    return status;
}

/* Of view all, else of view full. Artifacts that are left over from other runs of make must not be
 * mixed. */
static enum status open_models(struct recommender **out, enum view *view,
                               const struct reported_run *r, struct error *err) {
    struct run_artifacts from = run_folder_artifacts(&r->folder, VIEW_ALL, run_recommending());
    if (!run_artifacts_complete(&from, NULL)) {
        from = run_folder_artifacts(&r->folder, VIEW_FULL, run_recommending());
    }
    if (!run_artifacts_complete(&from, NULL)) {
        return error_set(err, STATUS_FAILED, "the models are not all there");
    }
    *view = from.view;
    TRY(run_artifacts_check(&from, err));
    return recommender_open(out, &from, err);
}

enum status section_users(struct page *p, struct error *err) {
    struct recommender *recommender = NULL;
    enum view view = VIEW_ALL;
    struct error why = {0};
    page_section(p, "users", "Three users");
    if (open_models(&recommender, &view, p->run, &why) != STATUS_OK) {
        log_warn("no recommendations in the report: %s", why.text);
        text_printf(&p->out, "<p class=\"missing\">Nothing can be recommended from what this run "
                             "holds: it takes similarity, factors and ranker that belong "
                             "together.</p>\n</section>\n");
        return STATUS_OK;
    }
    text_printf(&p->out,
                "<p>Predicted stars stand behind a recommended movie. The figures below "
                "the reason are what groups of features add to the score, against an "
                "average movie. The models are those of view %s.</p>\n",
                view_name(view));
    enum status status = print_users(p, recommender, err);
    recommender_release(recommender);
    text_printf(&p->out, "</section>\n");
    return status;
}
