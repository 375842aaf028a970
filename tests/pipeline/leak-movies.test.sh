#!/usr/bin/env bash
# No leak where whole movies are held out: with the ratings of all of them but one deleted from the
# CSV, everything fitted for the evaluation keeps its bytes.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

generate "$data" 120 90 5000
set -- SPLIT_PROTOCOL=movies:0.2 NCF=none SEQUENCE=none RANKER_EPOCHS=2
metrics() { pipeline "$1" "$scratch/runs/$1/metrics.json" "${@:2}" || bail_out "the pipeline runs"; }
metrics with "$@"
kept=$data

# Rows in the order of the artifacts, each with its role behind it.
"$BUILD/inspect" dump --csv "$scratch/runs/with/split.art" role | tail -n +2 >"$scratch/roles"
tail -n +2 "$kept/ratings.csv" | sort -s -t, -k1,1n -k4,4n | paste -d, - "$scratch/roles" >"$scratch/rows"
is "a movie has one role" "$(cut -d, -f2,5 "$scratch/rows" | sort -u | cut -d, -f1 | uniq -d | wc -l)" 0

spared=$(grep ',3$' "$scratch/rows" | cut -d, -f2 | sort | uniq -c | sort -rn | awk 'NR == 1 { print $2 }')
data=$scratch/data-without
cp -r "$kept" "$data"
awk -F, -v spared="$spared" 'NR == FNR { if ($5 == 3 && $2 != spared) gone[$2] = 1; next }
    !($2 in gone)' "$scratch/rows" "$kept/ratings.csv" >"$data/ratings.csv"
check "there are ratings deleted" test \
    "$(($(wc -l <"$kept/ratings.csv") - $(wc -l <"$data/ratings.csv")))" -gt 100
metrics without "$@"
for artifact in similarity.fit similarity.full factors.fit factors.full features ranker; do
    check "$artifact is the same without the held-out movies" same_artifacts with without "$artifact"
done
is "only the spared movie is asked for" \
    "$("$BUILD/inspect" dump --csv "$scratch/runs/without/split.art" test.movie | tail -n +2 | sort -u | wc -l)" 1
finish
