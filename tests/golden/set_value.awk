# The text of an artifact (inspect dump) with one value changed:
#   awk -f set_value.awk -v column=NAME -v position=N -v value=V
$1 == "column" { here = $2 == column; n = 0; print; next }
here { for (i = 1; i <= NF; i++) if (n++ == position) $i = value }
{ print }
