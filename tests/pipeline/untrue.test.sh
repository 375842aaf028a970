#!/usr/bin/env bash
# A file that is whole but says what cannot be (an index of nothing, a weight that is not finite) is
# refused by whatever program reads it, with exit status 3 and the column, position and value.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

generate "$data" 60 60 1800
pipeline a pipeline SPLIT_NEGATIVES=10 FACTORIZE_MF_DIM=4 FACTORIZE_IALS_DIM=4 FACTORIZE_KEEP=20 \
    SEQUENCE_EPOCHS=1 SEQUENCE_DIM=8 SEQUENCE_HIDDEN=8 FEATURES_UNIFORM=5 FEATURES_HARD=5 \
    RANKER_EPOCHS=1 RANKER_RATING_EPOCHS=1 NCF_EPOCHS=1 NCF_RATING_EPOCHS=1 EVALUATE_BOOTSTRAP=20 \
    EVALUATE_PERMUTATION=20 || bail_out "the pipeline runs"
run=$scratch/runs/a

# Each runs one program on the run's files.
split() { "$BUILD/split" --dataset="$run/dataset.art" "$@"; }
similarity() { "$BUILD/similarity" --dataset="$run/dataset.art" --view=all "$@"; }
factorize() { "$BUILD/factorize" --dataset="$run/dataset.art" --view=all "$@"; }
sequence() { "$BUILD/sequence" --dataset="$run/dataset.art" --view=all "$@"; }
features() {
    "$BUILD/features" --dataset="$run/dataset.art" --split="$run/split.art" --view=fit \
        --similarity="$run/similarity.fit.art" --factors="$run/factors.fit.art" \
        --sequence="$run/sequence.fit.art" "$@"
}
ranker() { "$BUILD/ranker" --features="$run/features.art" "$@"; }
evaluate() {
    "$BUILD/evaluate" --dataset="$run/dataset.art" --split="$run/split.art" --view=full \
        --similarity="$run/similarity.full.art" --factors="$run/factors.full.art" \
        --sequence="$run/sequence.full.art" --ranker="$run/ranker.art" --ncf="$run/ncf.art" "$@"
}
recommend() { "$BUILD/recommend" --run="$run" --user=1 "$@"; }
serve() { timeout 30 "$BUILD/serve" --run="$run" --port=0 --database="$scratch/none.db"; }

refuses() { # PROGRAM SAID: the program ends with 3, says so, and leaves no output
    local status=0
    "$1" --quiet --output="$scratch/out" >"$scratch/said" 2>&1 || status=$?
    cat "$scratch/said"
    [ "$status" = 3 ] && grep -qF "$2" "$scratch/said" && [ ! -e "$scratch/out" ]
}

# untrue ARTIFACT COLUMN POSITION VALUE SAID PROGRAM...: verify and the programs refuse it
untrue() {
    local file=$run/$1.art column=$2 position=$3 value=$4
    local said="column \"$2\": value $4 at $3 $5" name="$1: $2"
    shift 5
    cp "$file" "$scratch/true.art"
    "$BUILD/inspect" dump "$file" | awk -f tests/golden/set_value.awk -v column="$column" \
        -v position="$position" -v value="$value" >"$scratch/text"
    "$BUILD/inspect" pack "$scratch/text" "$file" 2>/dev/null || bail_out "$name is packed"
    "$BUILD/inspect" verify "$file" >"$scratch/said"
    is "$name: verify" "$? $(grep -oF "$said" "$scratch/said" | head -n 1)" "128 $said"
    for program in "$@"; do
        check "$name: $program" refuses "$program" "$said"
    done
    mv "$scratch/true.art" "$file"
}

n_ratings=$("$BUILD/inspect" ls "$run/dataset.art" | sed -n 's/^rating.movie .*\[\([0-9]*\)\].*/\1/p')
untrue dataset rating.offset 1 99999 "is above ratings = $n_ratings" split similarity factorize \
    sequence serve
untrue dataset rating.movie 7 4000000 "is not below movies = 60" split similarity factorize \
    sequence serve
untrue dataset rating.value 0 0 "is not 1 to 10" split factorize
untrue dataset tag.index 0 99999 "is not below tags" similarity
untrue split role 3 9 "is not 0 to 8" features evaluate
untrue split test.rating 0 -inf "is not 0.5 to 5 or NaN" evaluate
untrue similarity.fit content.term 0 99999 "is not below terms" features
untrue similarity.full neighbour.movie 0 60 "is not below movies = 60, nor none" evaluate
untrue similarity.all vector 5 nan "is not finite" recommend serve
untrue factors.fit mf.user 3 inf "is not finite" features
untrue factors.full weights.ease.offset 60 1 "follows" evaluate
untrue factors.all weights.ease.movie 0 60 "is not below movies = 60" recommend serve
untrue sequence.fit output.bias 1 nan "is not finite" features
untrue sequence.all gap 2 -inf "is not finite" recommend serve
untrue features train.x 11 nan "is not finite" ranker
untrue features train.rating 1 11 "is not 1 to 10" ranker
untrue ranker feature.scale 1 -1 "is not 0 or more" evaluate recommend serve
untrue ranker rank-0.weights 3 inf "is not finite" evaluate recommend serve
untrue ncf rank-0.movie_embedding 3 nan "is not finite" evaluate
check "the true files are taken" recommend --quiet
finish
