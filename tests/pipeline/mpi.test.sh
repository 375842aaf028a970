#!/usr/bin/env bash
# factorize as several processes: the models of one, and as many bytes sent as the formula says.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if ! command -v mpicc >/dev/null || ! command -v mpirun >/dev/null ||
    nm -D "$BUILD/factorize" 2>/dev/null | grep -q '__[atu]*san_'; then
    echo "ok 1 - factorize with MPI # SKIP no Open MPI here, or under a sanitizer"
    echo "1..1"
    exit 0
fi
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_btl_vader_single_copy_mechanism=none OMP_NUM_THREADS=1

users=240 movies=200 dim=8 iterations=3
generate "$data" $users $movies 7000
pipeline one factorize FACTORIZE_WINDOW=true FACTORIZE_RP3BETA=true || bail_out "factorize as one process, without MPI"
pipeline four factorize FACTORIZE_WINDOW=true FACTORIZE_RP3BETA=true MPIRUN="mpirun -n 4" ||
    bail_out "factorize as four processes"
factorize() { # PROCESSES [OPTION]...
    local n=$1
    shift
    mpirun -n "$n" "$BUILD/mpi/factorize" --dataset "$scratch/runs/one/dataset.art" --view all \
        --output "$scratch/$n.art" "$@" 2>"$scratch/log"
}

# Nothing but sums of doubles in another order: only objectives may differ, and by rounding.
same_models() { # FILE FILE
    "$BUILD/inspect" diff "$1" "$2" |
        grep -vE '^column (mf|ials)\.objective: .* by at most [0-9.]*e-(0[89]|[1-9][0-9])$' |
        grep . && return 1
    return 0
}
for view in fit full all; do
    check "view $view: four processes give the models of one" \
        same_models "$scratch/runs/one/factors.$view.art" "$scratch/runs/four/factors.$view.art"
done
for n in 1 2; do
    factorize $n --window --rp3beta || bail_out "factorize as $n processes"
    check "$n processes give the models of one" \
        same_models "$scratch/runs/one/factors.all.art" "$scratch/$n.art"
done

# The formula of docs/distributed.md, for iALS alone.
for n in 2 4; do
    factorize $n --no-mf --no-ease --no-ease-liked --no-ease-residual --no-transition \
        --ials-dim $dim --ials-iterations $iterations || bail_out "iALS as $n processes"
    sums=$((dim * (dim + 1) / 2 + 2 * dim + 3))
    each=$((1024 / n + 1)) # movies of a batch solved by one process; here one batch takes all
    once=$((2 * 8 * (3 + 1 + 4 * movies)))
    iteration=$((2 * 8 * (dim * dim + 2) + each * n * (8 * sums + 4 * dim)))
    is "$n processes: bytes sent by the first" \
        "$(sed -n 's/.*the first sent \([0-9]*\) bytes/\1/p' "$scratch/log")" \
        $(((once + iterations * iteration) * (n - 1) / n))
done

if factorize 17; then
    not_ok "more processes than parts of the users are refused"
else
    check "more processes than parts of the users are refused" \
        grep -q '17 processes, but there may be 16 at most' "$scratch/log"
fi
if factorize 2 --ntk; then
    not_ok "a model of one process is refused"
else
    check "a model of one process is refused" grep -q 'works in one process only' "$scratch/log"
fi

finish
