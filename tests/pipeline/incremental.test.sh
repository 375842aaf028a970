#!/usr/bin/env bash
# What make re-runs after which change: no more, no less.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

generate "$data" 60 120 2200
run=$scratch/runs/a
everything=$(echo $artifacts)

pipeline a || bail_out "the pipeline runs"
is "a first run makes everything" "$(made)" "$everything"
check "the results are printed" grep -q 'ndcg@10' "$scratch/log"
mkdir "$scratch/first"
cp "$run"/*.art "$run"/metrics.json "$scratch/first"

pipeline a
is "a second run makes nothing" "$(made)" ""
check "and prints the results all the same" grep -q 'ndcg@10' "$scratch/log"

# ---- parameters ----
pipeline a pipeline RANKER_EPOCHS=2
is "a parameter of the ranker: ranker and what follows" "$(made)" "ranker metrics"
pipeline a pipeline RANKER_EPOCHS=2
is "the same parameter again: nothing" "$(made)" ""
RANKER_EPOCHS=2 pipeline a
is "in the environment it is none, so the default again: ranker and what follows" "$(made)" "ranker metrics"
pipeline a pipeline EVALUATE_BOOTSTRAP=100 RANKER_BATCH=-1
is "a refused parameter: nothing is tried" "$(made)" ""
check "and the stage's message is shown" grep -q '^ranker: --batch: "-1" is not' "$scratch/log"
pipeline a
is "after it everything is as it was" "$(made)" ""
pipeline a pipeline EVALUATE_BOOTSTRAP=100
is "a parameter of the evaluation: only the evaluation" "$(made)" "metrics"
pipeline a

# ---- inputs ----
touch "$data/ratings.csv"
pipeline a
is "an input touched but not changed: it is read again, and that is all" "$(made)" "dataset"
pipeline a
is "once" "$(made)" ""

# ---- artifacts ----
for artifact in $artifacts; do
    rm "$run/$(file_of "$artifact")"
    pipeline a
    is "$artifact deleted: just it is made again" "$(made)" "$artifact"
done
for artifact in $artifacts; do
    cmp "$scratch/first/$(file_of "$artifact")" "$run/$(file_of "$artifact")" || echo differs
done >"$scratch/differences" 2>&1
is "all have the bytes of the first run" "$(cat "$scratch/differences")" ""

# ---- code ----
cp "$BUILD/features" "$scratch/features"
objcopy --dump-section .note.gnu.build-id="$scratch/id" "$scratch/features" "$scratch/none"
printf '%s' x | dd of="$scratch/id" bs=1 seek=16 conv=notrunc 2>/dev/null
objcopy --strip-debug --update-section .note.gnu.build-id="$scratch/id" "$BUILD/features"
pipeline a
is "a program that differs in debugging information and link id only: nothing" "$(made)" ""
cp "$scratch/features" "$BUILD/features"
pipeline a
is "and back" "$(made)" ""
echo changed >"$BUILD/similarity.code"
pipeline a
is "other code of a stage: its artifacts, but not what follows when they come out the same" \
    "$(made)" "similarity.fit similarity.full similarity.all"
touch "$BUILD/similarity" # the true hash again
pipeline a

# ---- targets ----
pipeline a ranker
is "make ranker runs the ranker" "$(made)" "ranker"
pipeline a
is "and nothing follows, as it came out the same" "$(made)" ""
pipeline a similarity
is "make similarity runs it in all views" "$(made)" "similarity.fit similarity.full similarity.all"
pipeline a status
is "make status: up to date" "$(grep -vc ' up to date$' "$scratch/log")" 0
pipeline a status RANKER_EPOCHS=2
check "make status names the changed parameter" \
    grep -q "^ranker  *stale: parameters: were \"--seed=1\", now \"--seed=1 --epochs='2'\"" "$scratch/log"
check "and what may follow" grep -q '^metrics  *may follow: ranker$' "$scratch/log"
check "and what does not" grep -q '^ncf  *up to date$' "$scratch/log"
pipeline a "-n" pipeline
is "make -n with nothing to do" "$(made)" ""
pipeline a "-n" pipeline FEATURES_UNIFORM=50
check "make -n shows the stage that would run" grep -q -- "--uniform='50'" "$scratch/log"
pipeline a
is "and has changed nothing" "$(made)" ""

# ---- other runs, other data ----
pipeline b pipeline RANKER_EPOCHS=1 || bail_out "a second run"
is "another run makes everything of its own" "$(made)" "$everything"
pipeline a
is "and leaves the first alone" "$(made)" ""
tail -n 1 "$data/ratings.csv" | awk -F, '{ OFS = ","; $3 = $3 == 3 ? 4 : 3; print }' >"$scratch/row"
{ sed '$d' "$data/ratings.csv"; cat "$scratch/row"; } >"$scratch/new"
cp "$scratch/new" "$data/ratings.csv"
pipeline a
is "a changed rating: everything" "$(made)" "$everything"
rm "$data/tags.csv"
pipeline a
check "a file that vanished is noticed" grep -q '/ingest ' "$scratch/log"

finish
