{
    printf "%s: %s %s", $1, $4, $3
    if ($5 != "") printf " (by CPU time %s)", $5
    if ($6 != "") printf "; %s %s (%s): %s times", $6, $3, $8, $7
    if ($10 != "") printf "; %s of the limit", $10
    if ($13 != "") printf "; must %s, aim %s (here %s, %s): %s", $11, $12, $13, $14, $15
    printf "; peak %s MiB; sgemm %s GFLOP/s, copy %s GB/s, load %s\n", $16, $17, $18, $19
}
