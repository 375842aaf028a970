#!/usr/bin/env bash
# The same inputs give the same bytes: at one thread and at two, and when run again. SHAPE="USERS MOVIES
# RATINGS" asks for other data, and at that for one and two threads only (`make check-bytes`).
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# shellcheck disable=SC2086
generate "$data" ${SHAPE:-250 300 9000}
set -- pipeline RANKER_EPOCHS=2 NCF_EPOCHS=2 "$@"
OMP_NUM_THREADS=1 pipeline one "$@" || bail_out "the pipeline runs with one thread"
OMP_NUM_THREADS=2 pipeline two "$@" || bail_out "the pipeline runs with two threads"
if [ -n "${SHAPE:-}" ]; then
    for artifact in $artifacts; do
        check "$artifact: one and two threads" same_artifacts one two "$artifact"
    done
    finish
fi
pipeline again "$@" THREADS=3 || bail_out "the pipeline runs again, with three threads"
for artifact in $artifacts; do
    check "$artifact: one and two threads" same_artifacts one two "$artifact"
    check "$artifact: run again with three" same_artifacts one again "$artifact"
done
pipeline seed "$@" SEED=2 || bail_out "the pipeline runs with another seed"
if same_artifacts one seed ranker >/dev/null; then
    not_ok "another seed gives another ranker"
else
    ok "another seed gives another ranker"
fi
generate "$scratch/again" 250 300 9000
check "the generator writes the same data again" diff -r "$data" "$scratch/again"

finish
