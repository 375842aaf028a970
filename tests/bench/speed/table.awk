# speed.csv as a Markdown table. Targets are those of the reference machine (README.md).
BEGIN {
    FS = ","
    print "| row | work | measured | beside it | times | others | must | aim | | peak memory |"
    print "|---|---|---|---|---|---|---|---|---|---|"
}
NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
function field(name) { return $(column[name]) }
# 1774460 examples/s is 1.77 million examples/s.
function amount(x, unit) {
    if (x == "") return "–"
    if (unit == "x") return x
    return x >= 1e6 ? sprintf("%.3g million %s", x / 1e6, unit) : x " " unit
}
function text(x) { gsub(/;/, ",", x); return x }
function or_dash(x) { return x == "" ? "–" : x }
{
    unit = field("unit")
    beside = field("reference") == "" ? "–" : amount(field("reference"), unit) ", " text(field("reference_program"))
    printf "| `%s` | %s | %s | %s | %s | %s | %s | %s | %s | %s MiB |\n", field("row"), text(field("work")),
        amount(field("ours"), unit), beside, or_dash(field("ratio")), or_dash(text(field("published"))),
        amount(field("must"), unit), amount(field("aim"), unit), or_dash(text(field("verdict"))),
        or_dash(field("peak_mib"))
}
