#!/usr/bin/env bash
# No leak: with the held-out rows deleted from the CSV, everything fitted for the evaluation keeps
# its bytes. The roles are those of leave-one-out, handed over as files, so that they can be the same
# when the test rows are gone.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

fitted="similarity.fit similarity.full factors.fit factors.full sequence.fit sequence.full features ranker ncf"
pairs=$scratch/pairs
mkdir "$pairs"
generate "$data" 80 120 3200

# Per user in time order, ties in the order of the file: the last row is test, the one before valid.
tail -n +2 "$data/ratings.csv" | sort -s -t, -k1,1n -k4,4n | awk -F, -v dir="$pairs" '
    function hand_out() {
        if (previous != "") { print previous >(dir "/valid.csv"); print last >(dir "/test.csv") }
    }
    $1 != user { hand_out(); user = $1; previous = last = "" }
    { previous = last; last = $0 }
    END { hand_out() }'
is "every user has a test rating" "$(wc -l <"$pairs/test.csv")" 80

set -- SPLIT_PROTOCOL=given SPLIT_TEST_FILE="$pairs/test.csv" SPLIT_VALID_FILE="$pairs/valid.csv" \
    SPLIT_MISSING=allow SPLIT_LEAST_NEWCOMERS=1 RANKER_EPOCHS=2 NCF_EPOCHS=2 \
    SIMILARITY_SENTIMENT_FEATURES=true FACTORIZE_WINDOW=true
pipeline with pipeline "$@" || bail_out "the pipeline runs with the test rows"

# The given roles are those that leave-one-out gives.
pipeline own "$scratch/runs/own/split.art" SPLIT_LEAST_NEWCOMERS=1 || bail_out "leave-one-out"
for run in with own; do
    "$BUILD/inspect" dump --csv "$scratch/runs/$run/split.art" role >"$scratch/role.$run" ||
        bail_out "inspect dump"
done
check "the given roles are those of leave-one-out" cmp "$scratch/role.with" "$scratch/role.own"

cp -r "$data" "$scratch/without"
awk -F, 'NR == FNR { held[$1 "," $2] = 1; next } !(($1 "," $2) in held)' \
    "$pairs/test.csv" "$data/ratings.csv" >"$scratch/without/ratings.csv"
is "80 rows are deleted" \
    "$(($(wc -l <"$data/ratings.csv") - $(wc -l <"$scratch/without/ratings.csv")))" 80
kept=$data
data=$scratch/without
pipeline without pipeline "$@" || bail_out "the pipeline runs without the test rows"
for artifact in $fitted; do
    check "$artifact is the same without the test rows" same_artifacts with without "$artifact"
done
# The counterparts: these must differ, or nothing was tested.
for artifact in dataset similarity.all factors.all sequence.all; do
    if same_artifacts with without "$artifact" >/dev/null; then
        not_ok "$artifact differs without the test rows"
    else
        ok "$artifact differs without the test rows"
    fi
done

# Other test ratings, and later ones: nothing fitted may change either.
data=$scratch/changed
cp -r "$kept" "$data"
awk -F, -v OFS=, 'NR == FNR { held[$1 "," $2] = 1; next }
    ($1 "," $2) in held { $3 = $3 == 5 ? 1 : 5; $4 += 86400 } { print }' \
    "$pairs/test.csv" "$kept/ratings.csv" >"$data/ratings.csv"
pipeline changed pipeline "$@" || bail_out "the pipeline runs with changed test rows"
for artifact in $fitted; do
    check "$artifact is the same with other test ratings" same_artifacts with changed "$artifact"
done

# A visible rating does change what is fitted.
data=$scratch/visible
cp -r "$kept" "$data"
awk -F, -v OFS=, 'NR == FNR { held[$1 "," $2] = 1; next }
    FNR > 1 && !done && !(($1 "," $2) in held) { $3 = $3 == 5 ? 1 : 5; done = 1 } { print }' \
    <(cat "$pairs/test.csv" "$pairs/valid.csv") "$kept/ratings.csv" >"$data/ratings.csv"
pipeline visible pipeline "$@" || bail_out "the pipeline runs with a changed visible row"
for artifact in factors.fit factors.full features ranker ncf; do
    if same_artifacts with visible "$artifact" >/dev/null; then
        not_ok "$artifact differs with another visible rating"
    else
        ok "$artifact differs with another visible rating"
    fi
done

finish
