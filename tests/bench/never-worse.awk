# One run's rows (evaluate --rows metrics.json ndcg@10 auc) as a row of the table of never-worse; exit
# status 1 if something is wrong with it. Of the list "full" alone:
#
# The ranker's NDCG@10 is at least 0.99 of the best component's, or the paired test does not tell them
# apart (p at least 0.05). Of kind "noise" every model's AUC is within three standard errors of 0.5;
# the 95 % interval is 3.92 of them wide.
BEGIN { FS = "," }

$5 != "full" { next }
$6 == "ndcg@10" && $4 == "ranker" { ranker = $7 }
$6 == "ndcg@10" && $4 != "ranker" && (best == "" || $7 > value + 0) { best = $4; value = $7 }
$6 == "ndcg@10 p" { p[$4] = $7 }
kind == "noise" && $6 == "auc" {
    away = $7 - 0.5
    if (away < 0) away = -away
    if (away > 3 * ($9 - $8) / 3.92 + 1e-9) found = found sprintf(" %s %.4f (%.4f to %.4f)", $4, $7, $8, $9)
}

END {
    if (ranker == "" || best == "") {
        printf "%-14s %-14s **failed**: no ranker and components in the rows\n", kind, protocol
        exit 1
    }
    worse = ranker < 0.99 * value && p[best] != "" && p[best] < 0.05
    ratio = "-"
    if (value > 0) ratio = sprintf("%.3f", ranker / value)
    printf "%-14s %-14s %8s  %-14s %7s %6s %7s", kind, protocol, ranker, best, value, ratio, p[best]
    if (worse) printf "  **worse**"
    if (found != "") printf "  **AUC of noise**:%s", found
    printf "\n"
    exit worse || found != ""
}
