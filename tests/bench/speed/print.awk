{
    printf "%s: %s %s", $1, $4, $3
    if ($5 != "") printf "; %s %s (%s): %s times", $5, $3, $7, $6
    if ($9 != "") printf "; %s of the limit", $9
    if ($12 != "") printf "; must %s, aim %s (here %s, %s): %s", $10, $11, $12, $13, $14
    printf "; peak %s MiB; sgemm %s GFLOP/s, copy %s GB/s, load %s\n", $15, $16, $17, $18
}
