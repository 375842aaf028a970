#!/usr/bin/env bash
# Temporal splits: every target rule goes through the whole pipeline, what is newer than the cuts
# reaches no fitted artifact, and the split of Time to Split (Gusak et al., RecSys 2025) comes out to
# the last rating.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

generate "$data" 150 200 6000
small="RANKER_EPOCHS=1 RANKER_RATING_EPOCHS=1 NCF=none SEQUENCE_EPOCHS=1 SEQUENCE_DIM=8 SEQUENCE_HIDDEN=8
FACTORIZE_MF_DIM=4 FACTORIZE_IALS_DIM=4 FEATURES_UNIFORM=10 EVALUATE_BOOTSTRAP=20 EVALUATE_PERMUTATION=20
EVALUATE_IMPORTANCE=0"
value() { "$BUILD/inspect" show "$1" | awk -v key="$2" '$1 == key { print $2 }'; }
content() { "$BUILD/inspect" show "$1" | grep '^content id ' || echo "no content id in $1"; }
lists() { sed -n 's/.*"lists": \([0-9]*\).*/\1/p' "$1"; }

pipeline all "$scratch/runs/all/metrics.json" SPLIT_PROTOCOL=temporal:0.2 $small || bail_out "temporal, target all"
ok "target all goes through the pipeline"
split=$scratch/runs/all/split.art
cut=$(value "$split" cut.full) fit=$(value "$split" cut.fit)
users=$(lists "$scratch/runs/all/metrics.json")
for target in first last random successive; do
    # shellcheck disable=SC2086
    check "target $target goes through the pipeline" pipeline $target \
        "$scratch/runs/$target/metrics.json" SPLIT_PROTOCOL=temporal:0.2 SPLIT_TARGET=$target $small
    if [ $target = successive ]; then
        tests=$("$BUILD/inspect" dump "$scratch/runs/$target/split.art" test.movie | tail -n +2 | wc -w)
        is "successive: a list for every rating behind the cut" \
            "$(lists "$scratch/runs/$target/metrics.json")" "$tests"
    else
        is "$target: a list for every user of target all" \
            "$(lists "$scratch/runs/$target/metrics.json")" "$users"
    fi
done

# Of what is behind the cut only each user's first rating is left: nothing that is fitted changes, if the
# cuts stay where they are.
full=$data data=$scratch/less
mkdir -p "$data"
cp "$full"/movies.csv "$full"/tags.csv "$full"/links.csv "$data"
{
    head -n 1 "$full/ratings.csv"
    tail -n +2 "$full/ratings.csv" | sort -s -t, -k1,1n -k4,4n |
        awk -F, -v cut="$cut" '$4 <= cut || !behind[$1]++'
} >"$data/ratings.csv"
# shellcheck disable=SC2086
pipeline less "$scratch/runs/less/ranker.art" SPLIT_PROTOCOL=temporal:0.2 SPLIT_CUT="$cut" SPLIT_FIT_CUT="$fit" $small ||
    bail_out "temporal without the test"
for name in similarity.fit factors.fit sequence.fit ranker; do
    is "$name does not know what is behind the cut" \
        "$(content "$scratch/runs/less/$name.art")" \
        "$(content "$scratch/runs/all/$name.art")"
done

ml_1m=${ML_1M:-data/ml-1m}
if [ -f "$ml_1m/ratings.dat" ]; then
    said=$("$BUILD/ingest" --data "$ml_1m" --min-core 5 -o "$scratch/core.art" 2>&1 | tail -n 1)
    is "Time to Split's ML-1M" "${said%%;*}" "ingest: done: users 6040, movies 3416, ratings 999611"
    said=$("$BUILD/split" --dataset "$scratch/core.art" --protocol temporal:0.1 -o "$scratch/s.art" 2>&1)
    is "and its test users" "$(echo "$said" | sed -n 's/.*test users \([0-9]*\).*/\1/p')" 1209
    is "and its moment" "$(value "$scratch/s.art" cut.full)" 978132488
else
    n_tests=$((n_tests + 1))
    echo "ok $n_tests - Time to Split's ML-1M # SKIP no $ml_1m/ratings.dat (ML_1M=folder)"
fi
finish
