#!/usr/bin/env bash
# Data sets at the edge of what makes sense: they go through every stage, are recommended from and
# reported on, without a NaN anywhere, or are refused with the reason. Nothing crashes.
REPORT=
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Ratings from the rows that an awk program prints as "user movie rating time".
ratings() { # PROGRAM
    mkdir -p "$data"
    rm -f "$data"/*
    { echo userId,movieId,rating,timestamp; awk "BEGIN { OFS = \",\"; $1 }"; } >"$data/ratings.csv"
}

small="RANKER_EPOCHS=1 RANKER_RATING_EPOCHS=1 NCF_EPOCHS=1 NCF_RATING_EPOCHS=1 FACTORIZE_MF_DIM=4
FACTORIZE_IALS_DIM=4 FEATURES_UNIFORM=5 FEATURES_HARD=5 EVALUATE_BOOTSTRAP=20 EVALUATE_PERMUTATION=20"

# Whether the run's outputs and what is recommended from it are free of NaNs.
sane() { # RUN MOVIE
    local run=$scratch/runs/$1
    {
        cat "$run/metrics.json"
        "$BUILD/recommend" -q --run "$run" --all --explain --format jsonl &&
            "$BUILD/recommend" -q --run "$run" --likes "$2" --explain &&
            "$BUILD/recommend" -q --run "$run" --similar-to "$2" || echo failed: nan
        cat "$run/report.html" || echo no report: nan
        grep '[.]gp" line' "$scratch/log" | sed 's/^/gnuplot: nan: /'
    } >"$scratch/answers" 2>&1
    ! grep -wiE -e '-?nan|inf' "$scratch/answers"
}

runs_through() { # NAME MOVIE [VARIABLE=value]...
    local name=$1 movie=$2
    shift 2
    rm -rf "$scratch/runs/a"
    # shellcheck disable=SC2086
    if pipeline a pipeline $small "$@"; then
        check "$name" sane a "$movie"
    else
        not_ok "$name" "$(tail -n 3 "$scratch/log")"
    fi
}

is_refused() { # NAME MESSAGE
    rm -rf "$scratch/runs/a"
    # shellcheck disable=SC2086
    pipeline a pipeline $small
    check "$1" grep -q "^$2" "$scratch/log"
}

ratings 'for (m = 1; m <= 30; m++) print 1, m, m % 5 + 1, 100 + m'
runs_through "one user who has rated every movie" 1

ratings 'for (u = 1; u <= 3; u++) for (m = 1; m <= 9; m++) print u, m, (u + m) % 5 + 1, 0'
runs_through "three users, all ratings in the first second of 1970" 1

ratings 'for (u = 1; u <= 12; u++) for (m = 1; m <= 9; m++) print u, (u * m) % 30 + 1, 3, 9'
runs_through "all ratings are the same" 12
runs_through "per rating" 12 SPLIT_PROTOCOL=random:0.3
runs_through "held-out users" 12 SPLIT_PROTOCOL=users:3
runs_through "no sampled candidates" 12 SPLIT_NEGATIVES=0
runs_through "no model at all" 12 FACTORIZE_MF=no FACTORIZE_IALS=no FACTORIZE_EASE=no \
    FACTORIZE_EASE_LIKED=no FACTORIZE_EASE_RESIDUAL=no FACTORIZE_TRANSITION=no

ratings 'print "1,1,4,7"; print "4294967294,4294967294,5,7"; print "4294967294,1,0.5,8"
    for (u = 2; u <= 20; u++) for (m = 1; m <= 8; m++) print u, (u * m) % 15 + 1, m % 5 + 1, 90 * u'
{ echo movieId,title,genres && printf '%s,,(no genres listed)\n' $(seq 1 40) 4294967294; } \
    >"$data/movies.csv"
runs_through "the largest ids, users of one rating, movies without ratings, titles or genres" 4294967294

ratings 'print 1, 1, 4, 7'
is_refused "one rating" "split: protocol leave-one-out: none of the 1 ratings is left to test"
ratings 'for (u = 1; u <= 30; u++) for (m = 1; m < 3; m++) print u, (u * m) % 15 + 1, 4, m'
is_refused "two ratings each" "features: .*: no rating has the role rank"
ratings ''
is_refused "no rating" "ingest: .*ratings.csv: holds no ratings"

finish
