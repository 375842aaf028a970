# Targets against results, as a Markdown table: awk -v bench=NAME -f table.awk targets.csv results.csv
# With bench and data, only the rows of that benchmark and data set, and exit status 1 if one of
# their targets is missed.
#
# With brief, without the targets of p-values.
#
# Information: what the measured model was told of the events to predict, as results.csv says; behind the
# published figure stands what its model was told.
#
# A target's model is one of the results' models, "ranker/X" (the ranker's value as a multiple of
# X's), "ranker/best" (of the best other model's) or "worst" (the largest value of any model; for
# p-values). Its list may end in " with N known", as the split of the results does. The rows of seed "mean" count, or those of the only seed.
BEGIN { FS = "," }

FNR == 1 { file++; next }

file == 1 {
    n++
    benchmark[n] = $1; dataset[n] = $2; model[n] = $3; list[n] = $4; metric[n] = $5
    than[n] = $6; must[n] = $7; aim[n] = $8; published[n] = $9 ($10 != "" ? " (" $10 ")" : "")
    next
}

{
    ranked = $6
    if (match($3, / with [0-9]+ known$/)) ranked = ranked substr($3, RSTART)
    at = $1 "," $2 "," $5 "," ranked "," $7
    whole = $1 "," $2 "," ranked "," $7
    if ($4 != "mean") {
        seeds[at]++
        if (seeds[at] > 1) next
    }
    value[at] = $8; low[at] = $9; high[at] = $10; label[at] = $11
    if (!((whole, $5) in listed)) { listed[whole, $5] = 1; models[whole] = models[whole] "," $5 }
}

function best_of(whole, i, count, name, best, at) {
    count = split(substr(models[whole], 2), name, ",")
    best = ""
    for (i = 1; i <= count; i++) {
        at = where(whole, name[i])
        if (name[i] != "ranker" && (best == "" || value[at] + 0 > best + 0)) best = value[at]
    }
    return best
}

function where(whole, name, part) {
    split(whole, part, ",")
    return part[1] "," part[2] "," name "," part[3] "," part[4]
}

# The measured value of target t; "" if there is none.
function measured(t, whole, other, at) {
    whole = benchmark[t] "," dataset[t] "," list[t] "," metric[t]
    interval = told = ""
    if (model[t] == "worst") return best_of(whole)
    at = where(whole, "ranker")
    if (model[t] ~ /^ranker\//) {
        told = label[at]
        other = substr(model[t], 8)
        other = other == "best" ? best_of(whole) : value[where(whole, other)]
        return other + 0 > 0 && at in value ? sprintf("%.3f", value[at] / other) : ""
    }
    at = where(whole, model[t])
    if (!(at in value)) return ""
    told = label[at]
    if (low[at] != "") interval = sprintf("%s to %s", low[at], high[at])
    return value[at]
}

function holds(t, x, bound) {
    if (bound == "" || x == "") return 0
    if (than[t] == ">=") return x + 0 >= bound + 0
    if (than[t] == ">") return x + 0 > bound + 0
    if (than[t] == "<=") return x + 0 <= bound + 0
    return x + 0 < bound + 0
}

function verdict(t, x) {
    if (x == "") return "not measured"
    if (must[t] == "" && aim[t] == "") return "to compare"
    if (holds(t, x, aim[t])) return "aim reached"
    if (must[t] == "") return "aim missed"
    return holds(t, x, must[t]) ? "reached" : "**missed**"
}

END {
    print "| benchmark | data | model, list | information | metric | measured | 95 % interval | must | aim | published best | |"
    print "|---|---|---|---|---|---|---|---|---|---|---|"
    missed = 0
    for (t = 1; t <= n; t++) {
        if (bench != "" && (benchmark[t] != bench || dataset[t] != data)) continue
        if (brief != "" && metric[t] ~ / p$/) continue
        x = measured(t)
        if (must[t] != "" && !holds(t, x, must[t])) missed = 1
        bound = must[t] == "" ? "–" : than[t] " " must[t]
        printf "| `%s` | %s | %s, %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", benchmark[t], dataset[t],
            model[t], list[t], told == "" ? "–" : told, metric[t], x == "" ? "–" : x, interval == "" ? "–" : interval, bound,
            aim[t] == "" ? "–" : aim[t], published[t] == "" ? "–" : published[t], verdict(t, x)
    }
    if (bench != "") exit missed
}
