#!/usr/bin/env bash
# The report of a run: complete, self-contained, well-formed with hostile titles, the same bytes again,
# made again only as far as something changed; and with parts of the run missing.
REPORT=
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

generate "$data" 60 80 1500
# Titles, genres and tags that would be markup, or mean something to gnuplot.
hostile='<script>alert(1)</script>&amp;<b>"q"\n@x {/Bold y} it'"'"'s $1 %s'
awk -v FS=, -v evil="$hostile" 'BEGIN { gsub(/\\/, "\\\\", evil); gsub(/"/, "\"\"", evil) }
    NR > 1 { $0 = $1 ",\"" evil " " NR " (1990)\",Dr<i>ama|A\"\"b%s" }
    NR > 1 { sub(/,Dr.*/, ",\"Dr<i>ama|A\"\"b%s\"") } 1' "$data/movies.csv" >"$scratch/movies"
mv "$scratch/movies" "$data/movies.csv"
awk -F, 'NR == 1 || NR % 3 { print; next } { print $1 "," $2 ",\"<img src=x onerror=1> \\ \"\"t\"\" " NR % 5 "\"," $4 }' \
    "$data/tags.csv" >"$scratch/tags"
mv "$scratch/tags" "$data/tags.csv"
small="RANKER_EPOCHS=2 RANKER_RATING_EPOCHS=2 NCF_EPOCHS=1 NCF_RATING_EPOCHS=1 SEQUENCE_EPOCHS=1
FACTORIZE_MF_DIM=4 FACTORIZE_IALS_DIM=4 FEATURES_UNIFORM=5 EVALUATE_BOOTSTRAP=20 EVALUATE_PERMUTATION=20"

# Every element is closed, in order; nothing but void elements is left open.
well_formed() { # FILE
    awk -v RS='<' 'NR == 1 || /^!/ { next }
        { tag = $0; sub(/>.*/, "", tag); if (index($0, ">") == 0) { print "no end of tag: <" $0; bad = 1 } }
        /^style/ { style = 1 }
        tag ~ /^\// { name = substr(tag, 2); if (stack[depth] != name) { print "</" name "> closes <" stack[depth] ">"; bad = 1; exit }
            depth--; next }
        tag ~ /\/$/ { next }
        { split(tag, part, /[ \n\t]/); if (part[1] ~ /^(meta|wbr|br)$/) next; stack[++depth] = part[1] }
        END { if (depth > 0) { print "open: " stack[depth]; bad = 1 } exit bad }' "$1"
}
self_contained() { # FILE
    ! { grep -oE '<[a-zA-Z/][^>]*>' "$1"; sed -n '/<style>/,/<\/style>/p' "$1"; } |
        grep -iE '<(script|link|img|iframe|object|embed|base)|[a-z]+://| src=|url\(|@import| on[a-z]+=|javascript:|href="[^#]' 
}
ids_once() { # FILE
    grep -oE ' id="[^"]*"' "$1" | sort | uniq -d | { ! grep .; }
}

# shellcheck disable=SC2086
pipeline a pipeline $small || bail_out "the pipeline runs with a report"
page=$scratch/runs/a/report.html
is "gnuplot had nothing to say" "$(grep -iE "\.gp\"|warning" "$scratch/log")" ""
check "every element is closed" well_formed "$page"
check "nothing is fetched and nothing runs" self_contained "$page"
check "no id twice" ids_once "$page"
is "titles are text" "$(grep -c '&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;' "$page" | awk '{ print ($1 > 0) }')" 1
check "no NaN" sh -c "! grep -wiE '[-]?nan|inf' '$page'"
is "a script for every plot's data, and data for every script" \
    "$(cd "$scratch/runs/a/report" && echo *.dat)" \
    "$(cd stages/report/plots && for f in *.gp; do [ $f = style.gp ] || echo ${f%.gp}.dat; done | tr '\n' ' ' | sed 's/ $//')"
is "nothing is missing but sentiment" "$(grep -o 'class="missing">[^<]*' "$page")" \
    'class="missing">There is no sentiment: it takes tags or reviews.'
for section in run results training where rating dataset map users cost; do
    check "section $section" grep -q "<section id=\"$section\">" "$page"
done
is "what the times are worth" "$(sed -n '/<section id="dataset">/,/<\/dl>/p' "$page" | grep -o '<dt>[^<]*' | wc -l)" 8
is "an order of times is no matter for a sentence" "$(grep -c 'Order none' "$page")" 0
cp "$page" "$scratch/first.html"
sleep 0.01
pipeline a report || bail_out "the report runs again"
is "made again: nothing" "$(grep -c 'report: ' "$scratch/log")" 0
touch "$scratch/runs/a/dataset.art"
pipeline a report THREADS=2
check "the same bytes" cmp "$page" "$scratch/first.html"
rm "$scratch/runs/a/report/map.svg"
pipeline a "$scratch/runs/a/report/map.svg"
check "one plot alone" test -s "$scratch/runs/a/report/map.svg"

# A component that is better than the ranker, and a figure that no order could have changed.
cp -a "$scratch/runs/a" "$scratch/runs/w"
sed -e 's/"warnings": \[\]/"warnings": ["<i>ease"]/' -e 's/"warnings": \[$/"warnings": ["<i>ease",/' \
    "$scratch/runs/a/metrics.json" | awk '/"hr@10": {/ && !done {
        print; getline; sub(/"value": [^,]*/, "\"trivial\": true"); done = 1 } 1' >"$scratch/runs/w/metrics.json"
pipeline w report || bail_out "a report of other figures"
is "a warning is text of the page" "$(grep -c '<p class="warning">&lt;i&gt;ease</p>' "$scratch/runs/w/report.html")" 1
check "a trivial figure is called so" grep -q '<td>trivial</td>' "$scratch/runs/w/report.html"
is "and there is none where there should be none" "$(grep -c '<td>trivial</td>' "$page")" 0

# Several runs side by side.
cp -a "$scratch/runs/a" "$scratch/runs/c"
# shellcheck disable=SC2086
pipeline c pipeline $small RANKER_ENSEMBLE=2 || bail_out "another run"
is "every network of an ensemble has its curves" "$(head -n 1 "$scratch/runs/c/report/rank-loss.dat")" \
    "$(printf 'epoch\tnetwork 1, training\tnetwork 1, validation\tnetwork 2, training\tnetwork 2, validation')"
pipeline a compare RUNS="a c"
compared=$scratch/runs/compare/a+c.html
check "a comparison: every element is closed" well_formed "$compared"
check "a comparison: nothing is fetched and nothing runs" self_contained "$compared"
is "the one parameter that differs" "$(sed -n '/Parameters that differ/,/<\/table>/p' "$compared" |
    sed -n 's/<tr><th scope="row">\([^<]*\)<.*<code>\(.*\)<\/code>.*<code>\(.*\)<\/code>.*/\1 \2 \3/p')" \
    "ranker: ensemble auto 2"
liked=$(awk -F, 'NR == 1 { while ($(++at) != "liked") {} next } { n += $at } END { print n }' "$scratch/runs/a/users.csv")
is "paired tests over all users, and over those who liked what was held out" \
    "$(grep -o '<small>[0-9]* users</small>' "$compared" | sort -u)" \
    "$(printf '<small>%s users</small>\n' "$liked" 60)"
is "what a model is told stands below its name" "$(sed -n '/<section id="results">/,/<\/section>/p' "$scratch/first.html" |
    grep -o '<th scope="row">[a-z]*<small>[a-z ]*' | sort -u | grep 'ease\|ranker' | sed 's/.*>\(.*\)<small>/\1 /' | tr '\n' ' ')" \
    "ease blind ranker day ranker moment "
is "nothing is missing there" "$(grep -c 'class="missing"' "$compared")" 0
pipeline a compare
check "of nothing: refused" grep -q '^make compare: RUNS=' "$scratch/log"

# Parts of a run that are not there.
cp -r "$scratch/runs/a" "$scratch/runs/b"
rm "$scratch"/runs/b/{ranker,ncf,split,factors.*,similarity.*,sequence.*,features}.art \
    "$scratch/runs/b/metrics.json" "$scratch"/runs/b/logs/*
pipeline b report || bail_out "a run of a dataset alone has a report"
page=$scratch/runs/b/report.html
check "of a dataset alone: every element is closed" well_formed "$page"
is "of a dataset alone: sentences in place of what is missing" \
    "$(grep -c 'class="missing"' "$page" | awk '{ print ($1 >= 8) }')" 1
awk -F, -v OFS=, 'NR > 1 { $4 = NR } 1' "$data/ratings.csv" >"$scratch/rows.csv"
"$BUILD/ingest" --quiet --ratings "$scratch/rows.csv" --movies "$data/movies.csv" --output "$scratch/runs/b/dataset.art" 2>/dev/null
pipeline b report || bail_out "a run without an order has a report"
check "of row numbers for times: order none, with the figure" grep -q \
    '<p>Order none: the order within users is that of movie ids (rank correlation 1.000). ' "$page"
is "no times are drawn or told" "$(grep -c 'There are no times to draw\|Rated from' "$page")" 1
rm "$scratch/runs/b/dataset.art"
"$BUILD/report" --data --plots "$scratch/plots" "$scratch/runs/b" 2>"$scratch/log"
is "of no dataset: refused" "$?" 1
check "with the reason" grep -q '^report: .*/b: is no run: there is no dataset.art' "$scratch/log"

# Without gnuplot.
rm "$scratch/runs/a/report/map.svg"
pipeline a report GNUPLOT=no-gnuplot-here
check "without gnuplot the package is named" grep -q '^make report: gnuplot is needed: package gnuplot-nox' "$scratch/log"

finish
