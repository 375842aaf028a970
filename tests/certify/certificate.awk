# certificate.json of two files, and exit status 1 if it says that something leaked.
#
#   parts     PART HASH HASH-WITHOUT HASH-REDRAWN directly|indirectly|no CONTENT-ID INPUT...
#   auc.csv   rows of evaluate --rows FILE auc, of the list that the movies were drawn from
#
# with -v run, held_out (ratings), seed, metrics (hash of the run's metrics.json).
function quote(text) { return "\"" text "\"" }
function boolean(x) { return x ? "true" : "false" }
function complain(what) { verdict = verdict (verdict == "" ? "" : "; ") what }

FNR == 1 { file++ }
file == 1 {
    reads = ""
    same = $2 == $3 && $2 == $4
    blind = 1
    for (i = 7; i <= NF; i++) {
        reads = reads (i > 7 ? ", " : "") quote($i)
        if ($i != "dataset" && $i != "split") continue
        blind = 0
        complain($1 " was made from the " $i ", held-out ratings and all")
    }
    if (!same || !blind) readers = readers ", " quote($1)
    if ($2 != $3) complain($1 " is another one without the held-out ratings")
    if ($2 != $4) complain($1 " is another one with other held-out movies")
    if ($5 == "no") complain($1 " is not what metrics.json measured")
    parts = parts (parts == "" ? "" : ",\n") sprintf("    %s: {\"sha256\": %s, \"content\": %s, \"without\": %s, \"redrawn\": %s, \"same\": %s, \"made_from\": [%s]}",
        quote($1), quote($2), quote($6), quote($3), quote($4), boolean(same), reads)
    n_parts++
    next
}
{
    split($0, field, ",")
    # A 95 % interval is 3.92 standard errors wide; four decimals may be half of one off.
    error = (field[9] - field[8]) / 3.92
    off = field[7] - 0.5
    if (off < 0) off = -off
    fits = off <= 3 * error + 0.00005
    if (!fits) complain(sprintf("%s has AUC %s on movies drawn by lot, which is not 1/2 within three standard errors of %.4f", field[4], field[7], error))
    models = models (models == "" ? "" : ",\n") sprintf("    %s: {\"auc\": %s, \"standard_error\": %.5f, \"chance\": %s}",
        quote(field[4]), field[7], error, boolean(fits))
    n_models++
}
END {
    if (n_parts == 0) complain("nothing is fitted")
    if (n_models == 0) complain("no model ranks")
    passed = verdict == ""
    if (passed) verdict = sprintf("%d held-out ratings reached none of %d fitted artifacts; %d models rank movies drawn by lot no better than chance", held_out, n_parts, n_models)
    # What came out the same without them did not read them.
    printf "{\n  \"run\": %s,\n  \"passed\": %s,\n  \"verdict\": %s,\n", quote(run), boolean(passed), quote(verdict)
    printf "  \"held_out\": %d,\n  \"seed\": %d,\n  \"read_by\": [\"metrics\"%s],\n", held_out, seed, readers
    printf "  \"metrics\": %s,\n  \"artifacts\": {\n%s\n  },\n  \"drawn\": {\n%s\n  }\n}\n", quote(metrics), parts, models
    exit !passed
}
