# The rows of a run and of its shuffled twin (evaluate --rows metrics.json hr@10 ndcg@10), side by side:
# the list "full", and what is left of each metric, "kept".
BEGIN {
    FS = ","
    printf "%-26s %8s %8s %6s  %8s %8s %6s\n", "the order of each user", "hr@10", "shuffled", "kept", "ndcg@10", \
        "shuffled", "kept"
}

FNR == 1 { file++ }
$5 != "full" || ($6 != "hr@10" && $6 != "ndcg@10") { next }
file == 1 && $6 == "hr@10" { model[++n] = $4 }
{ value[file, $4, $6] = $7 }

function pair(name, metric, before, after, kept) {
    before = value[1, name, metric]
    after = value[2, name, metric]
    kept = "-"
    if (after != "" && before + 0 != 0) kept = sprintf("%.3f", after / before)
    return sprintf("%8s %8s %6s", before, after, kept)
}

END { for (i = 1; i <= n; i++) printf "  %-24s %s  %s\n", model[i], pair(model[i], "hr@10"), pair(model[i], "ndcg@10") }
