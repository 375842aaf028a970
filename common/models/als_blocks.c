#include "common/models/als_blocks.h"

#include "common/base/parallel.h"

struct solving {
    row_solver solve;
    const void *context;
    size_t work_size;
};

static enum status create_work(void *scratch, const void *context, struct error *err) {
    return als_work_alloc(scratch, ((const struct solving *)context)->work_size, err);
}

static void release_work(void *scratch) {
    als_work_release(scratch);
}

static enum status solve_row(const void *context, void *scratch, size_t row, struct error *err) {
    const struct solving *s = context;
    return s->solve(s->context, row, scratch, err);
}

enum status als_blocks_solve(size_t n_rows, size_t work_size, row_solver solve, const void *context,
                             struct error *err) {
    const struct solving solving = {solve, context, work_size};
    const struct parallel rows = {.n = n_rows,
                                  .block = 8,
                                  .context = &solving,
                                  .each = solve_row,
                                  .scratch = {sizeof(struct als_work), create_work, release_work}};
    return parallel_blocks(&rows, err);
}
