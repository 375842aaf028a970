# The machinery of the benchmarks, on results made up here; and README's table as it is committed.
# shellcheck source=tests/pipeline/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../pipeline/lib.sh"

check "README's tables are those of results.csv and speed.csv" tests/bench/results --check README.md

# ---- record: rows of one benchmark take the place of the old ones ----
mkdir -p "$scratch/repo/tests/bench"
cp tests/bench/record "$scratch/repo/tests/bench/"
BUILD=$(realpath "$BUILD")
export BUILD
cd "$scratch/repo" || exit 1
git init -q . && git -c user.name=t -c user.email=t@t commit -q --allow-empty -m t
header=benchmark,dataset,split,seed,model,list,metric,value,low,high,information,command,commit
printf '%s\n' $header "bench-x,toy,loo,1,old,full,ndcg@10,0.9,,,moment,make,abc" \
    "bench-y,toy,loo,1,ranker,full,ndcg@10,0.8,,,moment,make,abc" >tests/bench/results.csv
for seed in 1 2; do
    cat >m.$seed.json <<JSON
{"dataset": "toy", "split": {"protocol": "loo"}, "seed": $seed,
 "models": {"ranker": {"information": "moment", "full": {"ndcg@10": {"value": 0.$((seed * 2)), "low": 0.1, "high": 0.$((seed * 2 + 1))}}},
            "ease": {"information": "blind", "full": {"ndcg@10": {"value": 0.125, "low": 0.1, "high": 0.2}}}},
 "paired": {"full": {"ndcg@10": {"ease": {"difference": 0.1, "low": 0.0, "high": 0.2, "p": 0.00$seed}}}}}
JSON
done
check "two seeds are recorded" sh tests/bench/record bench-x "make bench-x" ndcg@10 m.1.json m.2.json
rows() { cut -d, -f1-11 tests/bench/results.csv; }
is "the file afterwards" "$(rows)" "$(printf '%s\n' $(echo $header | cut -d, -f1-11) \
    bench-x,toy,loo,1,ranker,full,ndcg@10,0.2000,0.1000,0.3000,moment \
    bench-x,toy,loo,1,ease,full,ndcg@10,0.1250,0.1000,0.2000,blind \
    "bench-x,toy,loo,1,ease,full,ndcg@10 p,0.0010,,,blind" \
    bench-x,toy,loo,2,ranker,full,ndcg@10,0.4000,0.1000,0.5000,moment \
    bench-x,toy,loo,2,ease,full,ndcg@10,0.1250,0.1000,0.2000,blind \
    "bench-x,toy,loo,2,ease,full,ndcg@10 p,0.0020,,,blind" \
    bench-x,toy,loo,mean,ranker,full,ndcg@10,0.3000,0.1000,0.4000,moment \
    bench-x,toy,loo,mean,ease,full,ndcg@10,0.1250,0.1000,0.2000,blind \
    "bench-x,toy,loo,mean,ease,full,ndcg@10 p,0.0020,,,blind" \
    bench-y,toy,loo,1,ranker,full,ndcg@10,0.8,,,moment)"
cp tests/bench/results.csv before.csv
sh tests/bench/record bench-x "make bench-x" ndcg@10 m.1.json m.2.json
check "recording the same again changes nothing" cmp before.csv tests/bench/results.csv
sh tests/bench/record bench-x "make bench-x" hr@10 m.1.json 2>/dev/null
is "a metric that was not measured is refused" $? 1
check "and nothing is lost" cmp before.csv tests/bench/results.csv
cd - >/dev/null || exit 1

# ---- the table ----
targets() { # MODEL METRIC THAN MUST AIM
    printf '%s\n' benchmark,dataset,model,list,metric,than,must,aim,published,information "bench-x,toy,$1,full,$2,$3,$4,$5,0.25,blind"
}
table() { # the last two fields of the row, and the exit status
    targets "$@" >"$scratch/targets.csv"
    awk -v bench=bench-x -v data=toy -f tests/bench/table.awk "$scratch/targets.csv" "$scratch/repo/before.csv" >"$scratch/out"
    echo "$(awk -F' [|] ' 'NR == 3 { print $6, $7, $11 }' "$scratch/out" | sed 's/ |$//')" $?
}
is "a target of the mean" "$(table ranker ndcg@10 '>=' 0.3 0.4)" "0.3000 0.1000 to 0.4000 reached 0"
is "an aim" "$(table ranker ndcg@10 '>=' 0.2 0.3)" "0.3000 0.1000 to 0.4000 aim reached 0"
is "a multiple of another model" "$(table ranker/ease ndcg@10 '>=' 2 3)" "2.400 – reached 0"
is "of the best other model" "$(table ranker/best ndcg@10 '>' 2.5 3)" "2.400 – **missed** 0"
is "the largest p" "$(table worst 'ndcg@10 p' '<' 0.01 0.001)" "0.0020 – reached 0"
is "what was not measured" "$(table mf ndcg@10 '>=' 0.3 0.4)" "– – not measured 0"
is "what was told, and what the published figure was told" "$(awk -F' [|] ' 'NR == 3 { print $4, $10 }' "$scratch/out")" \
    "– 0.25 (blind)"
table ranker/ease ndcg@10 '>=' 2 3 >/dev/null
is "a multiple is labelled as the ranker" "$(awk -F' [|] ' 'NR == 3 { print $4 }' "$scratch/out")" moment
targets ranker ndcg@10 '>=' 0.5 '' >"$scratch/targets.csv"
awk -v bench=bench-x -v data=toy -f tests/bench/table.awk "$scratch/targets.csv" "$scratch/repo/before.csv" >/dev/null
is "a missed target is exit status 1" $? 1

# ---- results: the tables between their marks ----
mkdir "$scratch/bench" && cp -r tests/bench/results tests/bench/table.awk tests/bench/speed "$scratch/bench/"
cp "$scratch/repo/before.csv" "$scratch/bench/results.csv"
targets ranker ndcg@10 '>=' 0.3 0.4 >"$scratch/bench/targets.csv"
printf '%s\n' before '<!-- results: x -->' old '<!-- end of results -->' after >"$scratch/page.md"
"$scratch/bench/results" --check "$scratch/page.md"
is "an old table is found out" $? 1
"$scratch/bench/results" "$scratch/page.md"
is "the table is put between the marks" "$(sed -n '1,2p;3s/ .*//p;6,$p' "$scratch/page.md" | tr '\n' ' ')" \
    "before <!-- results: x --> | <!-- end of results --> after "
check "and then there is nothing to change" "$scratch/bench/results" --check "$scratch/page.md"
{
    cat tests/bench/speed/header.csv
    awk -v row=x -v work="a; b" -v unit=examples/s -v must=1000000 -v aim=3000000 -v ours=2500000 -v theirs=500000 \
        -v name=other -v peak=100 -v published="c; d" -f tests/bench/speed/row.awk
} >"$scratch/bench/speed.csv"
printf '%s\n' '<!-- speed: x -->' '<!-- end of speed -->' >>"$scratch/page.md"
"$scratch/bench/results" "$scratch/page.md"
is "a page may have both tables" "$(grep -c '^|' "$scratch/page.md") $(grep '^| `x`' "$scratch/page.md")" \
    "6 | \`x\` | a, b | 2.5 million examples/s | 500000 examples/s, other | 5 | c, d | 1 million examples/s | 3 million examples/s | reached | 100 MiB |"
echo nothing >"$scratch/none.md"
"$scratch/bench/results" "$scratch/none.md" 2>/dev/null
is "a page without a mark is refused" $? 1

# ---- never-worse: a run's verdict ----
rows() { # RANKER EASE P AUC: the rows of a run, of which only the list "full" counts
    printf 'x,loo,1,%s\n' "ranker,full,ndcg@10,$1,," "ease,full,ndcg@10,$2,," "ease,full,ndcg@10 p,$3,," \
        "mf,full,ndcg@10,0.1,," "mf,full,ndcg@10 p,0.0001,," "ease,candidates,ndcg@10,0.9,," \
        "ease,full,auc,$4,0.4804,0.5196"
}
never_worse() { # KIND, and what `rows` takes: the end of the row, and the exit status
    local kind=$1
    shift
    rows "$@" | awk -v kind="$kind" -v protocol=p -f tests/bench/never-worse.awk >"$scratch/out"
    tr -s ' ' <"$scratch/out" | cut -d' ' -f3-
}
never_worse_status() {
    rows "${@:2}" | awk -v kind="$1" -v protocol=p -f tests/bench/never-worse.awk >/dev/null
    echo $?
}
is "a ranker above its components" "$(never_worse dense 0.3 0.2 0.0001 0.9)" "0.3 ease 0.2 1.500 0.0001"
is "within a hundredth" "$(never_worse dense 0.2 0.202 0.01 0.9)" "0.2 ease 0.202 0.990 0.01"
is "worse, but not for certain" "$(never_worse_status dense 0.1 0.2 0.06 0.9)" 0
is "worse" "$(never_worse dense 0.15 0.2 0.04 0.9)" "0.15 ease 0.2 0.750 0.04 **worse**"
is "worse is exit status 1" "$(never_worse_status dense 0.15 0.2 0.04 0.9)" 1
is "an AUC of noise within three standard errors" "$(never_worse_status noise 0.2 0.2 0.9 0.5299)" 0
is "and beyond" "$(never_worse_status noise 0.2 0.2 0.9 0.5301) $(never_worse_status noise 0.2 0.2 0.9 0.4699)" "1 1"
is "an AUC of anything else is no matter" "$(never_worse_status sparse 0.2 0.2 0.9 0.9)" 0
is "no rows at all fail" "$(awk -v kind=x -v protocol=p -f tests/bench/never-worse.awk </dev/null >/dev/null; echo $?)" 1

# ---- shuffle-test: two runs that hold out the same ----
generate "$data" 60 80 1500
small="RANKER_EPOCHS=1 RANKER_HEADS=rank RANKER_ENSEMBLE=1 NCF=none SEQUENCE_EPOCHS=1 FACTORIZE_MF_DIM=4
FACTORIZE_IALS_DIM=4 FEATURES_UNIFORM=5 FEATURES_BEGINNINGS=false EVALUATE_BOOTSTRAP=20 EVALUATE_PERMUTATION=20"
# shellcheck disable=SC2086
pipeline order shuffle-test $small || bail_out "the shuffle test runs"
is "every model before and after" "$(sed -n '/^the order of each user/,$p' "$scratch/log" | awk 'NR > 1 { print $1, NF }' | tr '\n' ' ')" \
    "ranker 7 popularity 7 popularity-7d 7 popularity-30d 7 popularity-90d 7 content 7 mf 7 ials 7 ease 7 transition 7 sequence 7 "
check "the last rating stays" cmp "$scratch/runs/order/held-out.csv" "$scratch/runs/order-shuffled/held-out.csv"
is "what precedes it does not" "$(cmp -s "$scratch/runs/order/sequence.full.art" "$scratch/runs/order-shuffled/sequence.full.art"; echo $?)" 1
popularity() { "$BUILD/inspect" dump --csv "$scratch/runs/$1/factors.full.art" popularity; }
is "but it is the same set" "$(popularity order-shuffled)" "$(popularity order)"
# shellcheck disable=SC2086
pipeline order shuffle-test $small SPLIT_PROTOCOL=temporal:0.2
is "a protocol that holds out more is refused" "$(grep -c '^make shuffle-test: the two runs hold out different' "$scratch/log")" 1

# ---- speed: a row and its verdict ----
speed_row() { # UNIT MUST AIM BY OURS THEIRS GFLOPS: ratio, share of the limit, scaled targets, verdict
    awk -v row=x -v work=w -v unit="$1" -v must="$2" -v aim="$3" -v by="$4" -v ours="$5" -v theirs="$6" \
        -v gflops="$7" -v gbs=19 -v limit=1 -v peak=100 -f "$speed/row.awk" | cut -d, -f7,10,13-15
}
speed=$(realpath "$(dirname "${BASH_SOURCE[0]}")/speed")
is "seconds" "$(speed_row s 4 2 gemm 2.5 5 405)" "2,0.4,4,2,reached"
is "seconds on half a machine" "$(speed_row s 4 2 gemm 4 5 202.5)" "1.25,0.25,8,4,aim reached"
is "seconds by copying" "$(speed_row s 4 2 copy 9 "" 405)" ",0.111,8,4,missed"
is "examples per second" "$(speed_row examples/s 100 200 gemm 150 50 405)" "3,150.0,100.0,200.0,reached"
is "what is no matter of speed" "$(speed_row x 1.15 1 "" 1.2 "" 202.5)" ",0.833,1.15,1,missed"
is "a row without targets" "$(speed_row MB/s "" "" copy 7 14 405)" "0.5,7,,,"
make --no-print-directory bench-next "BUILD=$BUILD" ML_1M="$scratch/nowhere" >"$scratch/log" 2>&1
is "a benchmark without its data says so" "$(grep -c 'nowhere: no such folder' "$scratch/log")" 1
finish
