#include "common/base/interrupt.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "tests/unit/support.h"

#include <math.h>
#include <omp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

static const int thread_counts[] = {1, 2, 7};
enum { THREAD_COUNTS = sizeof thread_counts / sizeof thread_counts[0] };

/* ---- cutting ---- */

static void blocks_cover_every_item_once(void **state) {
    (void)state;
    for (size_t n = 0; n <= 30; n++) {
        for (size_t block = 1; block <= 31; block++) {
            size_t next = 0;
            for (size_t b = 0; b < block_count(n, block); b++) {
                struct block_items items = block_at(n, block, b);
                assert_int_equal(items.number, b);
                assert_int_equal(items.first, next);
                assert_true(items.end > items.first && items.end - items.first <= block);
                next = items.end;
            }
            assert_int_equal(next, n);
        }
    }
}

static void cutting_does_not_overflow(void **state) {
    (void)state;
    assert_int_equal(block_count(SIZE_MAX, 2), SIZE_MAX / 2 + 1);
    struct block_items last = block_at(SIZE_MAX, 2, SIZE_MAX / 2);
    assert_int_equal(last.first, SIZE_MAX - 1);
    assert_int_equal(last.end, SIZE_MAX);
}

/* ---- results ---- */

enum { ITEMS = 1003, BLOCK = 10 };

struct squares {
    double *square; /* [ITEMS] */
    double *total;  /* [blocks], added up in floating point: its order shows */
    int *visits;    /* [ITEMS] */
};

static enum status square_block(const void *context, void *scratch, struct block_items items,
                                struct error *err) {
    (void)scratch, (void)err;
    const struct squares *s = context;
    for (size_t i = items.first; i < items.end; i++) {
        s->square[i] = sqrt((double)i) * 0.1;
        s->total[items.number] += s->square[i];
        s->visits[i]++;
    }
    return STATUS_OK;
}

static double total_of_squares(int threads) {
    static double square[ITEMS], total[ITEMS / BLOCK + 1];
    static int visits[ITEMS];
    memset(total, 0, sizeof total);
    memset(visits, 0, sizeof visits);
    struct error err = {0};
    omp_set_num_threads(threads);
    const struct squares s = {square, total, visits};
    const struct parallel job = {.n = ITEMS, .block = BLOCK, .blocks = square_block, .context = &s};
    assert_int_equal(parallel_blocks(&job, &err), STATUS_OK);
    double sum = 0;
    for (size_t i = 0; i < ITEMS; i++) {
        assert_int_equal(visits[i], 1);
    }
    for (size_t b = 0; b < block_count(ITEMS, BLOCK); b++) {
        sum += total[b];
    }
    return sum;
}

static void the_bytes_are_the_same_at_any_number_of_threads(void **state) {
    (void)state;
    double one = total_of_squares(1);
    for (size_t t = 1; t < THREAD_COUNTS; t++) {
        double several = total_of_squares(thread_counts[t]);
        assert_memory_equal(&several, &one, sizeof one);
    }
}

static enum status count_item(const void *context, void *scratch, size_t item, struct error *err) {
    (void)scratch, (void)err;
    atomic_int *const *visits = context;
    atomic_fetch_add(*visits + item, 1);
    return STATUS_OK;
}

static void each_visits_every_item_once(void **state) {
    (void)state;
    for (size_t t = 0; t < THREAD_COUNTS; t++) {
        omp_set_num_threads(thread_counts[t]);
        for (size_t block = 0; block <= 12; block++) { /* 0 counts as 1 */
            atomic_int visits[11] = {0}, *pointer = visits;
            const struct parallel job = {
                .n = 11, .block = block, .each = count_item, .context = &pointer};
            assert_int_equal(parallel_blocks(&job, NULL), STATUS_OK);
            for (size_t i = 0; i < 11; i++) {
                assert_int_equal(visits[i], 1);
            }
        }
    }
}

static enum status must_not_run(const void *context, void *scratch, size_t item,
                                struct error *err) {
    (void)context, (void)scratch;
    return error_set(err, STATUS_FAILED, "item %zu was run", item);
}

static enum status must_not_create(void *scratch, const void *context, struct error *err) {
    (void)scratch, (void)context;
    return error_set(err, STATUS_FAILED, "scratch was made");
}

static void no_items_mean_no_work_and_no_scratch(void **state) {
    (void)state;
    struct error err = {0};
    const struct parallel job = {
        .block = 4, .each = must_not_run, .scratch = {8, must_not_create, NULL}};
    assert_int_equal(parallel_blocks(&job, &err), STATUS_OK);
    assert_string_equal(err.text, "");
}

/* There OpenMP gives no further threads, and the caller need not be the first of its team. */
static void loops_may_run_inside_a_parallel_region(void **state) {
    (void)state;
    omp_set_num_threads(7);
    for (size_t block = 1; block <= 5; block += 4) { /* several blocks, and a single one */
        atomic_int visits[5] = {0}, *pointer = visits;
        const struct parallel job = {.n = 5,
                                     .block = block,
                                     .each = count_item,
                                     .context = &pointer,
                                     .scratch = {.size = 8}};
#pragma omp parallel num_threads(2)
        if (omp_get_thread_num() == omp_get_num_threads() - 1) (void)parallel_blocks(&job, NULL);
        for (size_t i = 0; i < 5; i++) {
            assert_int_equal(visits[i], 1);
        }
    }
}

static void progress_goes_forward_by_items(void **state) {
    (void)state;
    for (size_t t = 0; t < THREAD_COUNTS; t++) {
        omp_set_num_threads(thread_counts[t]);
        struct progress progress;
        atomic_int visits[23] = {0}, *pointer = visits;
        progress_start(&progress, "test", "items", 23);
        const struct parallel job = {
            .n = 23, .block = 4, .each = count_item, .context = &pointer, .progress = &progress};
        assert_int_equal(parallel_blocks(&job, NULL), STATUS_OK);
        progress_end(&progress);
        assert_int_equal(progress.done, 23);
    }
}

/* ---- failures ---- */

/* Fails at `bad[...]`; `slow` waits until another block has failed, as long as there can be one. */
struct trap {
    size_t slow;
    const size_t *bad;
    size_t n_bad;
    atomic_bool *sprung;
    atomic_size_t *runs;
};

static void wait_for(const atomic_bool *flag) {
    const struct timespec moment = {.tv_nsec = 1000000};
    for (int i = 0; i < 300 && !atomic_load(flag); i++) {
        (void)nanosleep(&moment, NULL);
    }
    (void)nanosleep(&moment, NULL); /* and let its error be kept */
}

static enum status spring(const void *context, void *scratch, struct block_items items,
                          struct error *err) {
    (void)scratch;
    const struct trap *t = context;
    atomic_fetch_add(t->runs, 1);
    if (items.number == t->slow && omp_get_num_threads() > 1) wait_for(t->sprung);
    for (size_t i = 0; i < t->n_bad; i++) {
        if (items.number != t->bad[i]) continue;
        enum status status =
            error_set(err, i % 2 == 0 ? STATUS_DAMAGED : STATUS_FAILED, "block %zu", items.number);
        atomic_store(t->sprung, true);
        return status;
    }
    return STATUS_OK;
}

static enum status run_trap(const size_t *bad, size_t n_bad, size_t slow, size_t *runs,
                            struct error *err) {
    atomic_bool sprung = false;
    atomic_size_t count = 0;
    const struct trap trap = {slow, bad, n_bad, &sprung, &count};
    const struct parallel job = {.n = 4000, .block = 4, .blocks = spring, .context = &trap};
    enum status status = parallel_blocks(&job, err);
    *runs = count;
    return status;
}

/* The slow block is taken first and fails last, yet its error is the one. */
static void the_first_failure_in_block_order_wins(void **state) {
    (void)state;
    const size_t bad[] = {0, 1, 2, 3, 500};
    for (size_t t = 0; t < THREAD_COUNTS; t++) {
        omp_set_num_threads(thread_counts[t]);
        for (int again = 0; again < 5; again++) {
            struct error err = {0};
            size_t runs;
            assert_int_equal(run_trap(bad, 5, 0, &runs, &err), STATUS_DAMAGED);
            assert_string_equal(err.text, "block 0");
            assert_int_equal(err.status, STATUS_DAMAGED);
        }
    }
}

/* A block before the failing one that takes long is waited for, and may then turn out well. */
static void a_slow_good_block_before_the_failure_does_not_matter(void **state) {
    (void)state;
    const size_t bad[] = {900, 7, 8};
    for (size_t t = 0; t < THREAD_COUNTS; t++) {
        omp_set_num_threads(thread_counts[t]);
        struct error err = {0};
        size_t runs;
        assert_int_equal(run_trap(bad, 3, 6, &runs, &err), STATUS_FAILED);
        assert_string_equal(err.text, "block 7");
        assert_true(runs >= 8);
        assert_true(runs < 500); /* of 1000: what is behind a failure is left out */
    }
}

static void a_failure_may_have_nobody_to_tell(void **state) {
    (void)state;
    const size_t bad[] = {3};
    size_t runs;
    omp_set_num_threads(2);
    assert_int_equal(run_trap(bad, 1, SIZE_MAX, &runs, NULL), STATUS_DAMAGED);
}

static enum status fail_without_a_word(const void *context, void *scratch, size_t item,
                                       struct error *err) {
    (void)context, (void)scratch, (void)err;
    return item == 5 ? STATUS_DAMAGED : STATUS_OK;
}

static void a_failure_may_have_nothing_to_say(void **state) {
    (void)state;
    struct error err = {0};
    const struct parallel job = {.n = 9, .each = fail_without_a_word};
    assert_int_equal(parallel_blocks(&job, &err), STATUS_DAMAGED);
    assert_int_equal(err.status, STATUS_DAMAGED);
}

static enum status fail_from(const void *context, void *scratch, size_t item, struct error *err) {
    (void)scratch;
    const size_t *from = context;
    return item < *from ? STATUS_OK : error_set(err, STATUS_FAILED, "item %zu", item);
}

static void each_names_the_first_failing_item(void **state) {
    (void)state;
    const size_t from = 57;
    for (size_t t = 0; t < THREAD_COUNTS; t++) {
        omp_set_num_threads(thread_counts[t]);
        struct error err = {0};
        const struct parallel job = {.n = 200, .block = 8, .each = fail_from, .context = &from};
        assert_int_equal(parallel_blocks(&job, &err), STATUS_FAILED);
        assert_string_equal(err.text, "item 57");
    }
}

/* ---- scratch ---- */

struct book {
    atomic_int *created, *released, *ran;
    int fail_at; /* the creation that fails; counted from 1 */
};

struct piece {
    struct book book;
    int zero; /* until created */
    bool busy;
};

static enum status piece_create(void *scratch, const void *context, struct error *err) {
    struct piece *p = scratch;
    if (p->zero != 0) return error_set(err, STATUS_FAILED, "scratch is not zeroed");
    p->book = *(const struct book *)context;
    p->zero = 1;
    int number = atomic_fetch_add(p->book.created, 1) + 1;
    if (number != p->book.fail_at) return STATUS_OK;
    return error_set(err, STATUS_FAILED, "no scratch");
}

static void piece_release(void *scratch) {
    struct piece *p = scratch;
    atomic_fetch_add(p->book.released, 1);
}

/* Finds its scratch made and in nobody else's hands. */
static enum status use_piece(const void *context, void *scratch, size_t item, struct error *err) {
    (void)item;
    const struct book *book = context;
    struct piece *p = scratch;
    atomic_fetch_add(book->ran, 1);
    if (p->zero != 1 || p->busy) return error_set(err, STATUS_FAILED, "scratch is shared");
    p->busy = true;
    const struct timespec moment = {.tv_nsec = 1000};
    (void)nanosleep(&moment, NULL);
    p->busy = false;
    return STATUS_OK;
}

static const struct scratch pieces = {sizeof(struct piece), piece_create, piece_release};

static void scratch_is_made_and_released_once_per_thread(void **state) {
    (void)state;
    for (size_t t = 0; t < THREAD_COUNTS; t++) {
        omp_set_num_threads(thread_counts[t]);
        atomic_int created = 0, released = 0, ran = 0;
        const struct book book = {&created, &released, &ran, 0};
        struct error err = {0};
        const struct parallel job = {
            .n = 300, .block = 3, .each = use_piece, .context = &book, .scratch = pieces};
        assert_int_equal(parallel_blocks(&job, &err), STATUS_OK);
        assert_int_equal(ran, 300);
        assert_int_equal(created, thread_counts[t]);
        assert_int_equal(released, created);
    }
}

static void fewer_blocks_than_threads_need_fewer_pieces(void **state) {
    (void)state;
    omp_set_num_threads(7);
    atomic_int created = 0, released = 0, ran = 0;
    const struct book book = {&created, &released, &ran, 0};
    const struct parallel job = {
        .n = 6, .block = 2, .each = use_piece, .context = &book, .scratch = pieces};
    assert_int_equal(parallel_blocks(&job, NULL), STATUS_OK);
    assert_int_equal(ran, 6);
    assert_int_equal(created, 3);
    assert_int_equal(released, 3);
}

static void without_scratch_no_block_is_run(void **state) {
    (void)state;
    for (size_t t = 0; t < THREAD_COUNTS; t++) {
        omp_set_num_threads(thread_counts[t]);
        atomic_int created = 0, released = 0, ran = 0;
        const struct book book = {&created, &released, &ran, thread_counts[t]};
        struct error err = {0};
        const struct parallel job = {
            .n = 300, .block = 3, .each = use_piece, .context = &book, .scratch = pieces};
        assert_int_equal(parallel_blocks(&job, &err), STATUS_FAILED);
        assert_string_equal(err.text, "no scratch");
        assert_int_equal(ran, 0);
        assert_int_equal(released, created); /* the one that failed, too */
    }
}

static void scratch_that_cannot_be_allocated_is_a_failure(void **state) {
    (void)state;
    struct error err = {0};
    const struct parallel job = {.n = 3, .each = must_not_run, .scratch = {.size = SIZE_MAX - 3}};
    assert_int_equal(parallel_blocks(&job, &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "out of memory"));
}

static void a_pool_serves_many_loops(void **state) {
    (void)state;
    for (size_t t = 0; t < THREAD_COUNTS; t++) {
        omp_set_num_threads(thread_counts[t]);
        atomic_int created = 0, released = 0, ran = 0;
        const struct book book = {&created, &released, &ran, 0};
        struct error err = {0};
        struct scratch_pool pool;
        assert_int_equal(scratch_pool_create(&pool, 0, &pieces, &book, &err), STATUS_OK);
        assert_int_equal(pool.n, thread_counts[t]);
        const struct parallel job = {
            .n = 100, .block = 3, .each = use_piece, .context = &book, .pool = &pool};
        for (int again = 0; again < 3; again++) {
            assert_int_equal(parallel_blocks(&job, &err), STATUS_OK);
        }
        assert_int_equal(ran, 300);
        assert_int_equal(released, 0);
        scratch_pool_release(&pool);
        assert_int_equal(created, thread_counts[t]);
        assert_int_equal(released, created);
        scratch_pool_release(&pool); /* empty: nothing happens */
        assert_int_equal(released, created);
    }
}

static void a_pool_limits_the_threads(void **state) {
    (void)state;
    omp_set_num_threads(7);
    atomic_int created = 0, released = 0, ran = 0;
    const struct book book = {&created, &released, &ran, 0};
    struct error err = {0};
    for (size_t threads = 1; threads <= 9; threads += 4) { /* fewer and more than OpenMP's */
        struct scratch_pool pool;
        assert_int_equal(scratch_pool_create(&pool, threads, &pieces, &book, &err), STATUS_OK);
        const struct parallel job = {.n = 100, .each = use_piece, .context = &book, .pool = &pool};
        assert_int_equal(parallel_blocks(&job, &err), STATUS_OK);
        scratch_pool_release(&pool);
    }
    assert_int_equal(ran, 300);
    assert_int_equal(released, created);
}

static void a_loop_may_ask_for_fewer_threads(void **state) {
    (void)state;
    omp_set_num_threads(7);
    const size_t asked[] = {1, 2, 7, 9}, made[] = {1, 2, 7, 7};
    for (size_t i = 0; i < 4; i++) {
        atomic_int created = 0, released = 0, ran = 0;
        const struct book book = {&created, &released, &ran, 0};
        const struct parallel job = {
            .n = 100, .each = use_piece, .context = &book, .threads = asked[i], .scratch = pieces};
        assert_int_equal(parallel_blocks(&job, NULL), STATUS_OK);
        assert_int_equal(ran, 100);
        assert_int_equal(created, made[i]);
        assert_int_equal(released, created);
    }
}

static void a_pool_is_whole_or_empty(void **state) {
    (void)state;
    atomic_int created = 0, released = 0, ran = 0;
    const struct book book = {&created, &released, &ran, 3};
    struct error err = {0};
    struct scratch_pool pool;
    assert_int_equal(scratch_pool_create(&pool, 5, &pieces, &book, &err), STATUS_FAILED);
    assert_string_equal(err.text, "no scratch");
    assert_int_equal(created, 3);
    assert_int_equal(released, 3);
    assert_int_equal(pool.n, 0);
    assert_null(pool.piece);
}

/* ---- sums ---- */

static double tenth(const void *context, size_t item) {
    (void)context;
    return 0.1 * (double)(item + 1);
}

static void a_sum_is_the_same_at_any_number_of_threads(void **state) {
    (void)state;
    double in_order = 0; /* blocks of 64, by hand */
    for (size_t first = 0; first < ITEMS; first += 64) {
        double part = 0;
        for (size_t i = first; i < first + 64 && i < ITEMS; i++) {
            part += tenth(NULL, i);
        }
        in_order += part;
    }
    for (size_t t = 0; t < THREAD_COUNTS; t++) {
        omp_set_num_threads(thread_counts[t]);
        double sum = -1;
        assert_int_equal(parallel_sum(&sum, ITEMS, 64, tenth, NULL, NULL), STATUS_OK);
        assert_memory_equal(&sum, &in_order, sizeof sum);
        assert_int_equal(parallel_sum(&sum, 0, 64, tenth, NULL, NULL), STATUS_OK);
        assert_true(sum == 0);
    }
}

/* ---- signals ---- */

static enum status interrupt_at_ten(const void *context, void *scratch, size_t item,
                                    struct error *err) {
    (void)scratch, (void)err;
    atomic_size_t *const *runs = context;
    atomic_fetch_add(*runs, 1);
    if (item == 10) (void)raise(SIGTERM);
    return STATUS_OK;
}

/* The last test of all: from then on this process counts as interrupted. */
static void a_signal_ends_the_loop(void **state) {
    (void)state;
    struct error err = {0};
    atomic_size_t runs = 0, *pointer = &runs;
    omp_set_num_threads(2);
    interrupt_install();
    const struct parallel job = {.n = 100000, .each = interrupt_at_ten, .context = &pointer};
    assert_int_equal(parallel_blocks(&job, &err), STATUS_INTERRUPTED);
    assert_string_equal(err.text, "interrupted");
    assert_true(runs > 10 && runs < 100000);
    const struct parallel next = {.n = 1, .each = must_not_run};
    assert_int_equal(parallel_blocks(&next, &err), STATUS_INTERRUPTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_cover_every_item_once),
        cmocka_unit_test(cutting_does_not_overflow),
        cmocka_unit_test(the_bytes_are_the_same_at_any_number_of_threads),
        cmocka_unit_test(each_visits_every_item_once),
        cmocka_unit_test(no_items_mean_no_work_and_no_scratch),
        cmocka_unit_test(loops_may_run_inside_a_parallel_region),
        cmocka_unit_test(progress_goes_forward_by_items),
        cmocka_unit_test(the_first_failure_in_block_order_wins),
        cmocka_unit_test(a_slow_good_block_before_the_failure_does_not_matter),
        cmocka_unit_test(a_failure_may_have_nobody_to_tell),
        cmocka_unit_test(a_failure_may_have_nothing_to_say),
        cmocka_unit_test(each_names_the_first_failing_item),
        cmocka_unit_test(scratch_is_made_and_released_once_per_thread),
        cmocka_unit_test(fewer_blocks_than_threads_need_fewer_pieces),
        cmocka_unit_test(without_scratch_no_block_is_run),
        cmocka_unit_test(scratch_that_cannot_be_allocated_is_a_failure),
        cmocka_unit_test(a_pool_serves_many_loops),
        cmocka_unit_test(a_pool_limits_the_threads),
        cmocka_unit_test(a_loop_may_ask_for_fewer_threads),
        cmocka_unit_test(a_pool_is_whole_or_empty),
        cmocka_unit_test(a_sum_is_the_same_at_any_number_of_threads),
        cmocka_unit_test(a_signal_ends_the_loop),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
