# One line of speed.csv from variables. Absolute targets are those of a machine with 405 GFLOP/s of
# sgemm and 38 GB/s of copying, and are scaled to what calibrate found here.
function figure(x) { return x == "" ? "" : sprintf(x >= 1000 ? "%.0f" : x >= 10 ? "%.1f" : "%.3g", x) }
function better_than(x, y) { return more ? x + 0 >= y + 0 : x + 0 <= y + 0 }
function quotient(x, y) { return x == "" || y == "" ? "" : figure(more ? x / y : y / x) }
BEGIN {
    more = unit ~ /\/s$/
    scale = by == "gemm" ? gflops / 405 : by == "copy" ? gbs / 38 : 1
    if (must != "") must_here = more ? must * scale : must / scale
    if (aim != "") aim_here = more ? aim * scale : aim / scale
    ratio = quotient(ours, theirs)
    share = quotient(ours, limit)
    if (must == "") verdict = row == "similarity" && ratio != "" ? (ratio >= 3 ? "reached" : "missed") : ""
    else verdict = better_than(ours, aim_here) ? "aim reached" : better_than(ours, must_here) ? "reached" : "missed"
    if (verdict == "missed" && cpu != "" && better_than(cpu, must)) verdict = "missed; reached by CPU time"
    if (peak > 6144) verdict = verdict " (over 6 GiB)"
    printf "%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", row, work, unit, figure(ours),
        figure(cpu), figure(theirs), ratio, theirs == "" ? "" : name, figure(limit), share, must, aim, figure(must_here),
        figure(aim_here), verdict, peak, gflops, gbs, load, machine, published, commit
}
