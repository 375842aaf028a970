#!/usr/bin/env bash
# The lists that were evaluated, scored again from outside: by numpy from the TREC files, with the
# definitions of the literature, and by evaluate itself when it reads them as another program's.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

generate "$data" 60 130 2400
small="RANKER_EPOCHS=1 RANKER_RATING_EPOCHS=1 NCF=none SEQUENCE_EPOCHS=1 FACTORIZE_MF_DIM=4
FACTORIZE_IALS_DIM=4 FEATURES_UNIFORM=5 SPLIT_PROTOCOL=random:0.2"
# shellcheck disable=SC2086
pipeline a "$scratch/runs/a/metrics.json" $small || bail_out "the pipeline runs"
run=$scratch/runs/a
evaluate() { # ARGUMENTS
    "$BUILD/evaluate" --quiet --dataset "$run/dataset.art" --split "$run/split.art" --similarity \
        "$run/similarity.full.art" --factors "$run/factors.full.art" --sequence "$run/sequence.full.art" \
        --ranker "$run/ranker.art" --bootstrap 50 --permutation 50 "$@"
}
cd "$scratch" || exit 1
BUILD=$(cd "$OLDPWD" && realpath "$BUILD")
evaluate --output plain.json >plain.txt || bail_out "evaluate runs"
evaluate --output listed.json --lists whole --list-length 0 >listed.txt || bail_out "evaluate writes lists"
check "writing lists changes no figure" cmp plain.json listed.json
models=$(sed -n '/whole catalogue/,/^$/s/^  \([a-z][a-z0-9-]*\)  .*/\1/p' plain.txt | sort -u)
is "a run of every model, and the qrels" "$(ls whole.*)" \
    "$({ printf 'whole.%s.run\n' $models; echo whole.qrels; } | sort)"
evaluate --threads 1 --lists one >/dev/null && evaluate --threads 3 --lists three >/dev/null
check "the same bytes at any number of threads" sh -c 'for f in one.*; do cmp "$f" "three.${f#one.}" || exit 1; done'
is "the first thousand at most" "$(awk '{ n[$1]++ } END { for (u in n) if (n[u] > most) most = n[u]; print most }' \
    whole.ranker.run | awk '{ print ($1 > 100 && $1 <= 1000) }')" 1
evaluate --lists short --list-length 7 >/dev/null
check "shorter where asked for" sh -c '
    awk "\$4 <= 7" whole.ease.run | cmp - short.ease.run'

# ---- by evaluate ----
evaluate --foreign other=whole.ease.run,tied=whole.popularity-7d.run --output foreign.json >foreign.txt
rows() { "$BUILD/evaluate" --rows "$1" hr@10 ndcg@10 mrr auc recall@50 ndcg@100 map@20 novelty@10 | cut -d, -f1-9; }
rows foreign.json >foreign.csv
for pair in ease:other popularity-7d:tied; do
    is "${pair%:*} read as another program's has its figures, intervals and p-values" \
        "$(grep ",${pair#*:}," foreign.csv)" "$(grep ",${pair%:*}," foreign.csv | sed "s/,${pair%:*},/,${pair#*:},/")"
done
is "what is not another program's keeps its figures" "$(grep -v ',other,\|,tied,' foreign.csv)" \
    "$(rows plain.json)"
first=$(sed -n '1s/ .*//p' whole.ease.run)
grep -v "^$first " whole.ease.run >missing.run
evaluate --foreign other=missing.run --output missing.json >/dev/null
is "a missing list is counted" "$(sed -n '/"foreign"/,/}/s/ *"missing": //p' missing.json)" 1

# ---- by numpy ----
python=/usr/bin/python3
if ! "$python" -c 'import numpy' 2>/dev/null; then
    ok "the figures of numpy # SKIP $python has no numpy"
    finish
fi
cat >score.py <<'PY'
import sys
from collections import defaultdict
import numpy as np

def read(path):
    lists = defaultdict(dict)
    for line in open(path):
        user, _, movie, _, score, _ = line.split()
        lists[user][movie] = np.float64(score)
    return lists

def figures(scores, held):
    """Metrics of one list: a tie has the mean of its places."""
    movies = list(scores)
    score = np.array([scores[m] for m in movies])
    found = np.isin(movies, list(held))
    rank = np.sort([1 + np.sum(score > s) + (np.sum(score == s) - 1) / 2 for s in score[found]])
    h, others = len(rank), score[~found]
    out = {"mrr": 1 / rank[0],
           "auc": np.mean([(np.sum(others < s) + np.sum(others == s) / 2) / len(others) if len(others) else 0.5
                           for s in score[found]])}
    for k in (5, 10, 20, 50, 100):
        hits = rank[rank <= k]
        reach = min(h, k)
        out[f"hr@{k}"] = float(len(hits) > 0)
        out[f"ndcg@{k}"] = np.sum(1 / np.log2(hits + 1)) / np.sum(1 / np.log2(np.arange(1, reach + 1) + 1))
        out[f"recall@{k}"] = len(hits) / h
        out[f"recall-liang@{k}"] = len(hits) / reach
        out[f"precision@{k}"] = len(hits) / k
        out[f"map@{k}"] = np.sum(np.arange(1, len(hits) + 1) / hits) / reach
        out[f"mrr@{k}"] = 1 / rank[0] if len(hits) else 0.0
    return out

held = defaultdict(set)
for line in open("whole.qrels"):
    user, _, movie, relevant = line.split()
    assert relevant == "1"
    held[user].add(movie)
for model in sys.argv[1:]:
    lists = read(f"whole.{model}.run")
    assert set(lists) == set(held), "every tested user has a list"
    per_user = [figures(lists[u], held[u]) for u in held]
    for metric in per_user[0]:
        mean = np.mean(np.array([f[metric] for f in per_user], dtype=np.float32), dtype=np.float64)
        print(f"{model},full,{metric},{mean:.4f}")
PY
# shellcheck disable=SC2086
"$python" score.py $models | sort >numpy.csv || bail_out "numpy scores the lists"
metrics=$(cut -d, -f3 numpy.csv | sort -u)
# shellcheck disable=SC2086
"$BUILD/evaluate" --rows plain.json $metrics | cut -d, -f4-7 | grep ',full,' | grep -v ' p,' | sort >ours.csv
is "as many figures" "$(wc -l <numpy.csv)" "$(wc -l <ours.csv)"
is "numpy has the same figures to the last digit" "$(diff ours.csv numpy.csv | head -n 5)" ""
finish
