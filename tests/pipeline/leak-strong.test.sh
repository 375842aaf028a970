#!/usr/bin/env bash
# No leak where whole users are held out: with the test users' held-out rows deleted from the CSV,
# everything fitted for the evaluation keeps its bytes.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

generate "$data" 150 90 6000
# With two ratings one remains in the lot of users, so that nobody leaves it with the deleted rows.
set -- SPLIT_PROTOCOL=strong:0.2 SPLIT_RANK_USERS=0.3 SPLIT_MIN_RATINGS=2 \
    FACTORIZE_WINDOW=true NCF=none RANKER_EPOCHS=2
metrics() { pipeline "$1" "$scratch/runs/$1/metrics.json" "${@:2}" || bail_out "the pipeline runs"; }
metrics with "$@"
kept=$data

# Rows in the order of the artifacts, each with its role behind it.
"$BUILD/inspect" dump --csv "$scratch/runs/with/split.art" role | tail -n +2 >"$scratch/roles"
tail -n +2 "$kept/ratings.csv" | sort -s -t, -k1,1n -k4,4n | paste -d, - "$scratch/roles" >"$scratch/rows"

# without RUN ROLE: the pipeline on the data without the rows of a role
without() {
    data=$scratch/data-$1
    cp -r "$kept" "$data"
    awk -F, -v OFS=, -v role="$2" 'NR == FNR { if ($5 == role) gone[$1 "," $2] = 1; next }
        !(($1 "," $2) in gone)' "$scratch/rows" "$kept/ratings.csv" >"$data/ratings.csv"
    shift 2
    metrics "${data##*/data-}" "$@"
}

without no-test 3 "$@"
count=$(grep -c ',3$' "$scratch/rows")
is "test rows are deleted" \
    "$(($(wc -l <"$kept/ratings.csv") - $(wc -l <"$data/ratings.csv")))" "$count"
check "there are some" test "$count" -gt 50
for artifact in similarity.fit similarity.full factors.fit factors.full features ranker; do
    check "$artifact is the same without the test rows" same_artifacts with no-test "$artifact"
done
if same_artifacts with no-test dataset >/dev/null; then
    not_ok "dataset differs without the test rows"
else
    ok "dataset differs without the test rows"
fi

without no-known 0 "$@"
if same_artifacts with no-known factors.fit >/dev/null; then
    not_ok "factors.fit differs without the base rows"
else
    ok "factors.fit differs without the base rows"
fi

finish
