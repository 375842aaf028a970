#!/usr/bin/env bash
# Every target that `make help` names runs under -n with the variables that the documents give it, and a
# benchmark passes on what its own make accepts.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

mkdir -p "$data/ncf" "$scratch/ncf"
touch "$data/ratings.dat" "$data"/ncf/ml-1m.test.{rating,negative} "$scratch"/ncf/ml-1m.test.{rating,negative}
printf 'userId,movieId,rating,timestamp\n1,1,4,1000000000\n' >"$data/ratings.csv"
bench="ML_1M=$data ML_LATEST_SMALL=$data"

# TARGET VARIABLE=value...: what README.md, the folders' READMEs and the makefiles tell.
documented="
all MODE=native V=1
all CC=clang
all MPI=1
test SANITIZE=address,undefined
tsan RUN=ml-1m REQUESTS=20000
soak REQUESTS=1000
test-race RACE_TESTS=tests/pipeline/determinism.test.sh
fuzz FUZZ=query FUZZ_SECONDS=0 FUZZ_RUNS=100
install PREFIX=/usr DESTDIR=$scratch/root
fetch DATASET=ml-latest-small
pipeline RANKER_LAYERS=64,32 THREADS=2 SEED=3 TRAIN_SEED=4
pipeline DATASET=mine DATA_DIR=$data MPIRUN=mpirun
pipeline INGEST_MAX_BAD_ROWS=100 REPORT=none
pipeline GENERATE_USERS=300 DATASET=sample DATA_DIR=data/sample
pipeline SEQUENCE=none NCF=none
split SPLIT_PROTOCOL=temporal:0.2
report RUN=b GNUPLOT=gnuplot
compare RUNS=a
ncf NCF_DIR=$scratch/ncf DATA_DIR=$data
recommend USER=42 ARGS=--explain RECOMMEND_NUMBER=3
serve PORT=8081 SERVE_ADDRESS=127.0.0.1
ingest-feedback SERVE_DATABASE=$scratch/events.db
inspect FILE=artifacts/sample/ranker.art
bench $bench
bench-ncf $bench NCF_FILES=$scratch/ncf SEEDS=1
bench-ncf $bench NCF_DIR=$scratch/ncf
bench-ncf-blind $bench NCF_FILES=$scratch/ncf SEEDS=1
bench-next $bench SEEDS=2 TRAIN_SEED=3
bench-next DATASET=ml-20m DATA_DIR=$data
bench-next-blind $bench
bench-rating $bench RATING_SEEDS=1
bench-strong $bench SEEDS=1
bench-strong-default $bench SEEDS=1
bench-cold $bench SEEDS=1
bench-new-user $bench SEEDS=1
bench-small $bench SEEDS=1
bench-future $bench SEEDS=1
bench-ablation $bench ABLATE=ease
certify RUN=b CERTIFY_SEED=2
bench-speed ROWS=ingest
"
documented_of() { printf '%s' "$documented" | grep "^$1\( \|$\)"; }

# The make that a benchmark's script calls only says what it would do, and its exit status; then it
# stops the script.
cat >"$scratch/make" <<'SH'
#!/bin/sh
make -n $VARIABLES "$@" >>"$INNER" 2>&1
echo "exit status $?" >>"$INNER"
exit 1
SH
chmod +x "$scratch/make"

# Runs the scripts that the last -n named, with the make above; fails unless each make succeeded.
inner=$scratch/inner
scripts_run() { # VARIABLE=value...
    : >"$inner"
    sed -e ':a' -e '/\\$/N; s/\\\n//; ta' "$scratch/log" |
        grep "^BUILD=[^ ]* ARTIFACTS=[^ ]* tests/bench/\(run\|newcomers\) " >"$scratch/scripts" || return 0
    while IFS= read -r line; do
        VARIABLES="$*" INNER=$inner MAKE=$scratch/make bash -c "$line" </dev/null
    done <"$scratch/scripts"
    [ "$(grep -c '^exit status 0$' "$inner")" -eq "$(grep -c . "$scratch/scripts")" ]
}

runs() { # TARGET [VARIABLE=value]...
    make --no-print-directory -n BUILD="$BUILD" ARTIFACTS="$scratch/runs" "$@" >"$scratch/log" 2>&1 || { tail -n 5 "$scratch/log" && return 1; }
    scripts_run "${@:2}" >"$scratch/said" 2>&1 || { cat "$scratch/said" && tail -n 5 "$inner" && return 1; }
}

cp "$BUILD/flags" "$scratch/flags"
make --no-print-directory BUILD="$BUILD" help >"$scratch/help" || bail_out "make help"
targets=$(awk '{ print $1 }' "$scratch/help")
check "make help names the stages" test "$(echo "$targets" | grep -cx 'ingest\|split\|factorize\|evaluate')" -eq 4
for target in $targets; do
    if [ -z "$(documented_of "$target")" ]; then
        check "make $target" runs "$target"
        continue
    fi
    while IFS= read -r line; do
        # shellcheck disable=SC2086
        check "make ${line//"$scratch"\//}" runs $line
    done < <(documented_of "$target")
done
check "-n has left the flags of the build alone" cmp "$BUILD/flags" "$scratch/flags"
unknown=$(printf '%s' "$documented" | awk 'NF { print $1 }' | sort -u | grep -vxF "$targets")
is "every documented target is one" "$unknown" ""

# ---- what the benchmarks' makes are told ----
runs bench-ncf $bench NCF_FILES="$scratch/ncf" SEEDS=1
check "bench-ncf: the ranker's make is called" grep -q '/evaluate ' "$inner"
is "a benchmark's own variable is no parameter of ncf" "$(grep -c -e --files "$inner")" 0
check "the published files are converted" grep -q "^data/ncf-to-given '$scratch/ncf' $data " "$inner"
runs bench-new-user $bench SEEDS="4"
check "the seeds are those asked for" grep -q '/ranker .*--seed=4 ' "$inner"
runs bench-next-blind $bench SEEDS=1
check "the blind benchmark hides the moment" grep -q "/split .*--moment='hidden'" "$inner"
runs bench-rating $bench RATING_SEEDS=7
check "RATING_SEEDS draw the split" grep -q '/split .*--seed=7 ' "$inner"
is "no ncf is trained where it is not measured" "$(grep -c '/ncf --' "$inner")" 0

finish
