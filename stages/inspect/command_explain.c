/* explain: what each feature contributes to the score of one movie for one user. */
#include "common/base/mem.h"
#include "common/data/history.h"
#include "common/data/rating_scale.h"
#include "common/data/title_search.h"
#include "common/data/view.h"
#include "common/features/feature.h"
#include "common/ranking/evidence.h"
#include "common/ranking/integrated_gradients.h"
#include "common/ranking/recommender.h"
#include "stages/inspect/command.h"
#include "stages/inspect/inspected_run.h"
#include "stages/inspect/text_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

struct explained {
    const struct inspected_run *run;
    struct recommender *recommender;
    struct recommend_work *work;
    struct attribution attribution;
    uint32_t user, movie;
    struct recommendation own; /* of the movie */
    struct history history;
    enum purpose purpose;
    uint64_t n;
};

/* Rank of the movie in the whole catalogue without what the user has seen (itself excepted). */
static enum status find_place(struct explained *q, struct recommendation *own, uint64_t *place,
                              uint64_t *among, struct error *err) {
    uint32_t n_movies = q->run->catalogue.n_movies;
    MEM_AUTO uint32_t *movies = NULL;
    MEM_AUTO struct recommendation *all = NULL;
    MEM_AUTO bool *seen = NULL;
    TRY(MEM_NEW(&movies, n_movies, err));
    TRY(MEM_NEW(&all, n_movies, err));
    TRY(MEM_NEW(&seen, n_movies, err));
    for (size_t i = 0; i < q->history.count; i++)
        seen[q->history.movie[i]] = true;
    for (uint32_t i = 0; i < n_movies; i++)
        movies[i] = i;
    TRY(recommend_score(q->work, movies, n_movies, all, err));
    *own = all[q->movie];
    *place = 1;
    *among = 0;
    for (uint32_t i = 0; i < n_movies; i++) {
        if (seen[i] && i != q->movie) continue;
        *among += 1;
        *place += all[i].score > own->score;
    }
    return STATUS_OK;
}

static enum status print_head(struct explained *q, struct error *err) {
    AUTO(buf) struct buf title = {0};
    uint64_t place, among;
    TRY(run_title(q->run, q->movie, &title, err));
    TRY(find_place(q, &q->own, &place, &among, err));
    printf("user        %" PRIu32 ", %zu ratings (view %s)\n", q->run->catalogue.user_id[q->user],
           q->history.count, view_name(q->run->artifacts.view));
    printf("movie       %" PRIu32 ", %s\n", q->run->catalogue.movie_id[q->movie], title.data);
    for (size_t i = 0; i < q->history.count; i++) {
        if (q->history.movie[i] != q->movie) continue;
        printf("rated       %.1f stars by this user: the score is of a movie already seen\n",
               stars_of(q->history.value[i]));
    }
    printf("score       %.4f, place %" PRIu64 " of %" PRIu64 " movies not seen\n",
           (double)q->own.score, place, among);
    if (!isnan(q->own.rating)) {
        printf("rating      %.2f stars predicted\n", (double)q->own.rating);
    }
    return STATUS_OK;
}

static enum status group_row(const struct explained *q, const struct group_share *group,
                             struct text_table *t, struct error *err) {
    AUTO(buf) struct buf strongest = {0};
    TRY(buf_puts(&strongest, "", err));
    if (group->strongest != SIZE_MAX) {
        TRY(buf_puts(&strongest, "most by ", err));
        TRY(recommender_append_meaning(q->recommender, group->strongest, &strongest, err));
    }
    TRY(text_table_cell(t, err, "%+.4f", group->contribution));
    TRY(text_table_cell(t, err, "%s", group->name));
    TRY(text_table_cell(t, err, "%s", group->meaning));
    return text_table_cell(t, err, "%s", strongest.data);
}

static enum status print_groups(const struct explained *q, struct error *err) {
    const struct attribution *a = &q->attribution;
    MEM_AUTO struct group_share *groups = NULL;
    size_t count;
    AUTO(text_table) struct text_table t = {.align = "rlll", .indent = 2};
    TRY(attribution_groups(a, recommender_ranker(q->recommender), &groups, &count, err));
    TRY(text_table_cell(&t, err, "%+.4f", a->baseline));
    TRY(text_table_cell(&t, err, "baseline"));
    TRY(text_table_cell(&t, err, "%s", attribution_meaning("baseline")));
    TRY(text_table_cell(&t, err, "every feature at its mean over the training rows"));
    for (size_t i = 0; i < count; i++) {
        TRY(group_row(q, &groups[i], &t, err));
    }
    TRY(text_table_cell(&t, err, "%+.4f", a->residual));
    TRY(text_table_cell(&t, err, "residual"));
    TRY(text_table_cell(&t, err, "%s", attribution_meaning("residual")));
    TRY(text_table_cell(&t, err, "left by %zu steps of integration", a->n_steps));
    TRY(text_table_cell(&t, err, "%+.4f", a->score));
    TRY(text_table_cell(&t, err, "score"));
    TRY(text_table_cell(&t, err, "all of it"));
    TRY(text_table_cell(&t, err, "the sum of the above"));
    printf("\ncontributions of groups of features\n");
    return text_table_print(&t, stdout, err);
}

/* ---- single features ---- */

struct share {
    size_t feature;
    double contribution;
};

static int compare_shares(const void *a, const void *b) {
    const struct share *x = a, *y = b;
    double left = fabs(x->contribution), right = fabs(y->contribution);
    if (left != right) return left < right ? 1 : -1;
    return (x->feature > y->feature) - (x->feature < y->feature);
}

static enum status feature_row(const struct explained *q, const struct share *s,
                               struct text_table *t, struct error *err) {
    const struct ranker *ranker = recommender_ranker(q->recommender);
    AUTO(buf) struct buf meaning = {0};
    TRY(recommender_append_meaning(q->recommender, s->feature, &meaning, err));
    TRY(text_table_cell(t, err, "%+.4f", s->contribution));
    TRY(text_table_cell(t, err, "%s", ranker_feature_name(ranker, s->feature)));
    TRY(text_table_cell(t, err, "%s", ranker_feature_group(ranker, s->feature)));
    TRY(text_table_cell(t, err, "%.4g", (double)q->attribution.x[s->feature]));
    TRY(text_table_cell(t, err, "%.4g", (double)ranker_feature_means(ranker)[s->feature]));
    return text_table_cell(t, err, "%s", meaning.data);
}

static enum status print_features(const struct explained *q, struct error *err) {
    size_t count = q->attribution.n_features;
    MEM_AUTO struct share *shares = NULL;
    AUTO(text_table) struct text_table t = {.align = "rllrrl", .indent = 2};
    TRY(MEM_NEW(&shares, count, err));
    for (size_t i = 0; i < count; i++)
        shares[i] = (struct share){i, q->attribution.feature[i]};
    qsort(shares, count, sizeof(*shares), compare_shares);
    TRY(text_table_heading(&t, "contribution feature group value mean meaning", err));
    for (size_t i = 0; i < count && i < q->n; i++)
        TRY(feature_row(q, &shares[i], &t, err));
    printf("\ncontributions of single features, greatest first (%zu of %zu)\n",
           count < q->n ? count : (size_t)q->n, count);
    return text_table_print(&t, stdout, err);
}

/* ---- reasons and evidence ---- */

static enum status print_reasons(const struct explained *q, struct error *err) {
    struct given_reason reason[REASON_KINDS];
    AUTO(text_table) struct text_table t = {.align = "rll", .indent = 2};
    size_t count = recommend_reasons(q->work, &q->own, reason);
    TRY(text_table_heading(&t, "bits kind reason", err));
    for (size_t i = 0; i < count; i++) {
        AUTO(buf) struct buf text = {0};
        TRY(recommender_say(q->recommender, &reason[i], &text, err));
        TRY(text_table_cell(&t, err, "%.2f", reason[i].bits));
        TRY(text_table_cell(&t, err, "%s", reason_kind_name(reason[i].kind)));
        TRY(text_table_cell(&t, err, "%s", text.data));
    }
    printf("\nreasons, strongest first\n");
    return text_table_print(&t, stdout, err);
}

static enum status evidence_row(const struct explained *q, const struct evidence *e,
                                struct text_table *t, struct error *err) {
    AUTO(buf) struct buf title = {0}, terms = {0};
    const struct content *content = feature_content(recommender_context(q->recommender));
    TRY(run_title(q->run, e->movie, &title, err));
    TRY(buf_puts(&terms, "", err));
    for (size_t i = 0; i < e->n_terms; i++)
        TRY(buf_printf(&terms, err, "%s%s", i > 0 ? ", " : "",
                       strings_get(&content->term_name, e->term[i])));
    TRY(text_table_cell(t, err, "%.1f", stars_of(e->value)));
    TRY(text_table_cell(t, err, "%.3f", (double)e->weight));
    TRY(text_table_cell(t, err, "%.3f", (double)e->cosine));
    TRY(text_table_cell(t, err, "%s", title.data));
    return text_table_cell(t, err, "%s", terms.data);
}

static enum status print_evidence(const struct explained *q, struct error *err) {
    enum { SHOWN = 5 };
    struct evidence evidence[SHOWN];
    AUTO(text_table) struct text_table t = {.align = "rrrll", .indent = 2};
    size_t count = recommend_evidence(q->work, q->movie, evidence, SHOWN);
    if (count == 0) return STATUS_OK;
    TRY(text_table_heading(&t, "stars weight cosine movie shared", err));
    for (size_t i = 0; i < count; i++)
        TRY(evidence_row(q, &evidence[i], &t, err));
    printf("\nmovies of the history that speak for it\n");
    return text_table_print(&t, stdout, err);
}

static enum status answer(struct explained *q, struct error *err) {
    TRY(recommender_open(&q->recommender, &q->run->artifacts, err));
    TRY(recommend_work_create(&q->work, q->recommender, err));
    q->history = recommender_history(q->recommender, q->user);
    recommend_for(q->work, q->purpose);
    TRY(recommend_prepare(q->work, &q->history, q->user,
                          recommender_now(q->recommender, &q->history), err));
    TRY(recommend_explain(q->work, q->movie, &q->attribution, err));
    TRY(print_head(q, err));
    TRY(print_reasons(q, err));
    TRY(print_groups(q, err));
    TRY(print_features(q, err));
    return print_evidence(q, err);
}

static enum status run_explain(struct inspect_call *call, struct error *err) {
    const struct inspect_options *o = call->options;
    struct inspected_run r;
    if (o->user < 0) return error_set(err, STATUS_USAGE, "--user: a user's id is needed");
    if (o->movie == NULL) return error_set(err, STATUS_USAGE, "--movie: an id or title is needed");
    TRY(run_open(&r, o->run, o->view, run_recommending(), err));
    struct explained q = {.run = &r, .purpose = purpose_named(o->purpose), .n = (uint64_t)o->n};
    enum status status = run_find_user(&r, o->user, &q.user, err);
    if (status == STATUS_OK) status = movie_find(&r.catalogue, o->movie, &q.movie, err);
    if (status == STATUS_OK) status = answer(&q, err);
    attribution_release(&q.attribution);
    recommend_work_release(q.work);
    recommender_release(q.recommender);
    run_release(&r);
    return status;
}

static const struct option_spec explain_options[] = {
    RUNTIME_INT("user", user, "-1", -1, UINT32_MAX, "id of the user", 'u'),
    RUNTIME_TEXT("movie", movie, NULL, "id or title", 'm'),
    RUNTIME_TEXT("run", run, NULL, "folder of the run", 'r'),
    RUNTIME_CHOICE("for", purpose, "like", PURPOSE_CHOICES, "the list whose score is explained", 0),
    RUNTIME_CHOICE("view", view, "all", "fit|full|all", "view of the models to use", 0),
    RUNTIME_INT("number", n, "1000", 0, 1000000, "features to list", 'n'),
};

const struct inspect_command inspect_explain = {
    .name = "explain",
    .words = "",
    .min_words = 0,
    .max_words = 0,
    .summary = "why a movie is recommended, and what each feature contributes to a movie's score "
               "for a user",
    .details =
        "Contributions are integrated gradients from the baseline (every feature at its mean);\n"
        "baseline, groups and residual add up to the score that the list is sorted by.",
    .options = explain_options,
    .n_options = sizeof(explain_options) / sizeof(explain_options[0]),
    .run = run_explain,
};
