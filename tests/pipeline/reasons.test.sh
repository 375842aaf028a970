#!/usr/bin/env bash
# Every sentence of why a movie is recommended, counted again from the CSV files by other code: on a
# made-up data set, and on ML-latest-small where its run is there. And the audit notices what is false.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if ! command -v python3 >/dev/null; then
    echo "ok 1 - reasons # SKIP python3 is not here"
    n_tests=1
    finish
fi

audit() { # DATA LISTS [SHARE]
    python3 tests/pipeline/audit_reasons.py "$1" ${3:+"$3"} <"$2"
}
# The lists with sentences of a kind that a sed command makes false must not pass.
refuses() { # KIND SED
    grep "\"kind\":\"$1\"" "$scratch/lists" >"$scratch/true"
    sed -E "$2" "$scratch/true" | grep -vxFf "$scratch/true" | head -n 20 >"$scratch/false"
    if [ ! -s "$scratch/false" ]; then
        not_ok "a false sentence is noticed: $1" "none that \"$2\" changes"
    elif audit "$data" "$scratch/false" 0 >"$scratch/log"; then
        not_ok "a false sentence is noticed: $1, $2" "$(cat "$scratch/log")"
    else
        ok "a false sentence is noticed: $1, $2"
    fi
}

generate "$data" 500 400 30000
pipeline a pipeline NCF=none SEQUENCE=none RANKER_EPOCHS=1 RANKER_RATING_EPOCHS=1 RANKER_ENSEMBLE=1 \
    FACTORIZE_TRANSITION=no FACTORIZE_MF_DIM=8 FACTORIZE_IALS_DIM=8 FEATURES_UNIFORM=10 \
    FEATURES_HARD=10 EVALUATE_BOOTSTRAP=20 EVALUATE_PERMUTATION=20 || bail_out "a small run"
"$BUILD/recommend" -q --run "$scratch/runs/a" --all -n 10 --format jsonl >"$scratch/lists"
check "every sentence is true, and most name more than genres" audit "$data" "$scratch/lists"
refuses people 's/"[0-9]+ of the ([0-9]+) others who loved/"1 of the \1 others who loved/g'
refuses people 's/([0-9.]+) times the usual/9\1 times the usual/g'
refuses seen 's/ saw this too/ loved this too/g'
refuses series 's/; you gave [^"]* ([0-9.]+) stars/; you gave it \1 stars/g'
refuses theme 's/you loved ([0-9]+) of/you loved 1\1 of/g; s/which you gave [0-9.]+/which you gave 0.5/g'
refuses theme 's/:"[A-Z][a-z]+( and [A-Z][a-z-]+)?: you/:"Western and War: you/g'
refuses theme 's/ tagged \\"[^"]*\\"/ tagged \\"boring\\"/g'
refuses popularity 's/(rated by [0-9]+ of )/\10/g; s/loved by [0-9]+/loved by 3/g'
refuses prediction 's/give or take [0-9.]+/give or take 0.1/g'
refuses prediction 's/we expect [0-9.]+/we expect 5.0/g'

small=${ML_LATEST_SMALL:-data/ml-latest-small} run=artifacts/ml-latest-small
if [ -f "$small/ratings.csv" ] && [ -f $run/ranker.art ] && [ -f $run/similarity.all.art ]; then
    "$BUILD/recommend" -q --run $run --all -n 10 --format jsonl | head -n 500 >"$scratch/small"
    check "and on ML-latest-small, for fifty people" audit "$small" "$scratch/small"
else
    n_tests=$((n_tests + 1))
    echo "ok $n_tests - on ML-latest-small # SKIP no $run, or no $small (make audit-reasons makes both lists)"
fi
finish
