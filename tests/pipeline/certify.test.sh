#!/usr/bin/env bash
# make certify: a clean run passes, a run with a model that knows too much does not, and the report says
# so; what stands in for the held-out ratings is what it should be.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

generate "$data" 80 120 3200
small="RANKER_EPOCHS=1 RANKER_RATING_EPOCHS=1 NCF_EPOCHS=1 NCF_RATING_EPOCHS=1 SEQUENCE_EPOCHS=1
FACTORIZE_MF_DIM=4 FACTORIZE_IALS_DIM=4 FEATURES_UNIFORM=5 EVALUATE_BOOTSTRAP=20 EVALUATE_PERMUTATION=20"
run=$scratch/runs/a
pipeline a certify
is "without a run: refused" "$(grep -c "^make certify: $run/dataset.art is not there; make the run first (make pipeline RUN=a)" "$scratch/log")" 1
# shellcheck disable=SC2086
pipeline a "$run/metrics.json" $small SPLIT_PROTOCOL=random:0.2 || bail_out "the pipeline runs"
check "a run passes" pipeline a certify
held_out=$("$BUILD/inspect" dump --csv "$run/split.art" role | grep -c '^3$')
is "the verdict" "$(grep '^certify: .* chance' "$scratch/log" | cut -c-80)" \
    "$(echo "certify: $held_out held-out ratings reached none of 9 fitted artifacts; 12 models rank" | cut -c-80)"
is "the certificate" "$(sed -n 's/^  "\(passed\|held_out\|read_by\)": \(.*\),$/\1 \2/p' "$run/certificate.json" | tr '\n' ';')" \
    "passed true;held_out $held_out;read_by [\"metrics\"];"
is "the hashes are those of the files" "$(sed -n 's/^    "\(.*\)": {"sha256": "\([0-9a-f]*\)".*/\2  \1.art/p' "$run/certificate.json")" \
    "$(for file in similarity.fit similarity.full factors.fit factors.full sequence.fit sequence.full features ranker ncf; do
        (cd "$run" && sha256sum $file.art); done)"
check "nothing else is left" sh -c "! ls -d $run/.certify 2>/dev/null"
cp "$run/certificate.json" "$scratch/first.json"
pipeline a certify THREADS=1
check "the same certificate again" cmp "$run/certificate.json" "$scratch/first.json"

page() { # RUN: the report's words on the certificate
    "$BUILD/report" --quiet --data --plots "$scratch/plots" "$scratch/runs/$1" &&
        "$BUILD/report" --quiet --plots "$scratch/plots" --output "$scratch/$1.html" "$scratch/runs/$1"
    sed -n '/<h3>Certificate/,/<\/section>/p' "$scratch/$1.html"
}
page a >"$scratch/words"
check "the report has the verdict" grep -q "<p>$held_out held-out ratings reached none" "$scratch/words"
is "and every artifact, and every model" "$(grep -c 'the same bytes' "$scratch/words") $(grep -c 'standard error' "$scratch/words")" "9 12"

# ---- what must not pass ----
cp -r "$run" "$scratch/runs/b"
"$BUILD/ncf" --quiet --dataset "$run/dataset.art" --split "$run/split.art" --view full --seed 2 --epochs 1 \
    --rating-epochs 1 --output "$scratch/runs/b/ncf.art"
page b >"$scratch/words"
check "a certificate of other artifacts is not believed" grep -q 'is of other artifacts than these' "$scratch/words"
pipeline b certify
is "a model that was made from something else fails" "$?" 2
for what in "ncf is another one without the held-out ratings" "ncf is another one with other held-out movies" \
    "ncf is not what metrics.json measured"; do
    check "$what" grep -q "$what" "$scratch/runs/b/certificate.json"
done
is "nothing else is accused" "$(grep -o '"verdict": .*' "$scratch/runs/b/certificate.json" | grep -c factors)" 0
is "who read it" "$(sed -n 's/^  "read_by": \(.*\),$/\1/p' "$scratch/runs/b/certificate.json")" '["metrics", "ncf"]'
page b >"$scratch/words"
check "the report warns" grep -q '<p class="warning">ncf is another one' "$scratch/words"
rm "$scratch/runs/b/certificate.json"
page b >"$scratch/words"
check "without a certificate the report says how to get one" grep -q 'make certify RUN=b' "$scratch/words"

# A visible rating is not one that was held out: the models follow it.
cp -r "$run" "$scratch/runs/c"
awk -F, -v OFS=, 'FNR == 2 { $3 = $3 == 5 ? 1 : 5 } { print }' "$data/ratings.csv" >"$scratch/ratings.csv"
mkdir "$scratch/other" && cp "$data"/* "$scratch/other/" && mv "$scratch/ratings.csv" "$scratch/other/ratings.csv"
"$BUILD/ingest" --quiet --data "$scratch/other" --output "$scratch/runs/c/dataset.art"
"$BUILD/split" --quiet --dataset "$scratch/runs/c/dataset.art" --protocol random:0.2 --output "$scratch/runs/c/split.art"
pipeline c certify
check "another visible rating changes what is fitted" \
    grep -q 'factors.full is another one without the held-out ratings' "$scratch/runs/c/certificate.json"

# ---- chance ----
chance() { # AUC LOW HIGH: the verdict on one model
    echo "ncf 1 1 1 directly 2 roles" >"$scratch/parts"
    echo "toy,loo,1,ncf,full,auc,$1,$2,$3,blind" >"$scratch/auc.csv"
    awk -v run=x -v held_out=5 -v seed=1 -v metrics=m -f tests/certify/certificate.awk "$scratch/parts" "$scratch/auc.csv" |
        sed -n 's/.*"passed": \([a-z]*\),/\1/p; s/.*"chance": \([a-z]*\)}/\1/p' | tr '\n' ' '
}
is "AUC of a half" "$(chance 0.5000 0.4804 0.5196)" "true true "
is "within three standard errors of 0.01" "$(chance 0.5299 0.5103 0.5495)" "true true "
is "beyond them" "$(chance 0.5302 0.5106 0.5498)" "false false "
is "below" "$(chance 0.4600 0.4404 0.4796)" "false false "
is "without an interval" "$(chance 0.5000 0.5000 0.5000)" "true true "

# ---- what stands in for the held-out ratings ----
rows() { # FOLDER: user number, movie, value, role
    for column in offset movie value; do
        "$BUILD/inspect" dump --csv "$1/dataset.art" "rating.$column" | tail -n +2 >"$scratch/$column"
    done
    "$BUILD/inspect" dump --csv "$1/split.art" role | tail -n +2 >"$scratch/role"
    awk 'NR > 1 { for (i = last; i < $1; i++) print NR - 2 } { last = $1 }' "$scratch/offset" |
        paste -d, - "$scratch/movie" "$scratch/value" "$scratch/role"
}
rows "$run" >"$scratch/rows.run"
for how in without redrawn; do
    mkdir "$scratch/$how"
    "$BUILD/tests/certify/held_out" $how 1 "$run/dataset.art" "$run/split.art" "$scratch/$how" >"$scratch/count.$how"
    rows "$scratch/$how" >"$scratch/rows.$how"
    is "$how: the files are good" "$("$BUILD/inspect" verify "$scratch/$how"/*.art | grep -c ': good')" 2
    is "$how: how many were held out" "$(cat "$scratch/count.$how")" "$held_out"
done
is "without: the other rows" "$(cat "$scratch/rows.without")" "$(grep -v ',3$' "$scratch/rows.run")"
is "redrawn: the other rows in their places" "$(sed 's/^\([0-9]*\),.*,3$/\1,held out/' "$scratch/rows.redrawn")" \
    "$(sed 's/^\([0-9]*\),.*,3$/\1,held out/' "$scratch/rows.run")"
is "redrawn: no drawn movie is known of the user, or drawn twice" \
    "$(cut -d, -f1,2 "$scratch/rows.redrawn" | sort | uniq -d | wc -l)" 0
is "redrawn: most are other movies" "$(paste -d, "$scratch/rows.run" "$scratch/rows.redrawn" |
    awk -F, '$4 == 3 { n++; same += $2 == $6 } END { print (same < n / 10) }')" 1
is "redrawn: the test asks for them" "$("$BUILD/inspect" dump --csv "$scratch/redrawn/split.art" test.movie | tail -n +2)" \
    "$(grep ',3$' "$scratch/rows.redrawn" | cut -d, -f2)"

# Where whole movies are held out, targets and candidates are dealt anew among them.
# shellcheck disable=SC2086
pipeline m "$scratch/runs/m/metrics.json" $small SPLIT_PROTOCOL=movies:0.2 NCF=none SEQUENCE=none ||
    bail_out "the pipeline runs"
check "held-out movies: a run passes" pipeline m certify
mkdir "$scratch/movies"
"$BUILD/tests/certify/held_out" redrawn 1 "$scratch/runs/m/dataset.art" "$scratch/runs/m/split.art" "$scratch/movies" >/dev/null
rows "$scratch/movies" >"$scratch/rows.movies"
is "held-out movies: a movie has one role" \
    "$(cut -d, -f2,4 "$scratch/rows.movies" | sort -u | cut -d, -f1 | uniq -d | wc -l)" 0
asked() { # FOLDER: a user's targets and candidates, of all users
    for column in test candidate; do
        "$BUILD/inspect" dump --csv "$1/split.art" $column.movie | tail -n +2
    done | sort | uniq -c
}
is "held-out movies: what is asked for or not is the same together" "$(asked "$scratch/movies")" "$(asked "$scratch/runs/m")"
finish
