# Reads the list of mutants and prints what is asked for by `what`:
#
#   what=names                  every mutant: its name, file and tests, separated by blanks
#   what=source name=N          the text of the source file given behind the list, mutated by N
#
# The old text must be in the file exactly once; white space is equal to any other white space, so
# that a change of the formatting does not matter. Exit status 1, with the reason on standard
# error, if it is not, or if the list is malformed.

function fail(reason) {
    printf "%s\n", reason >"/dev/stderr"
    failed = 1
    exit 1
}

# The text as a regular expression that takes every character literally, white space excepted.
function literally(text,   out, i, c) {
    gsub(/^[ \t\n]+|[ \t\n]+$/, "", text)
    out = ""
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (c ~ /[ \t\n]/) {
            while (substr(text, i + 1, 1) ~ /[ \t\n]/) i++
            out = out "[ \t\n]+"
        } else if (c == "^" || c == "\\") {
            out = out "\\" c
        } else if (c ~ /[A-Za-z0-9_]/) {
            out = out c
        } else {
            out = out "[" c "]"
        }
    }
    return out
}

# ---- the list ----

FNR == NR && /^(#|$)/ { next }

FNR == NR && /^[-+]( |$)/ {
    if (!current) fail("line " FNR ": text that belongs to no mutant")
    text = substr($0, 3)
    if (/^-/) {
        if (has_new[current]) fail(current ": old text behind new text")
        old[current] = old[current] text "\n"
    } else {
        new[current] = new[current] (has_new[current] ? "\n" : "") text
        has_new[current] = 1
    }
    next
}

FNR == NR {
    current = $1
    if (NF < 2 || current !~ /^[a-z0-9-]+$/) fail("line " FNR ": \"" $0 "\" is not NAME FILE [TEST]...")
    if (current in header) fail(current ": the name is there twice")
    header[current] = $0
    order[++count] = current
    next
}

# ---- the source ----

{ source = source $0 "\n" }

END {
    if (failed) exit 1
    for (i = 1; i <= count; i++) {
        if (!old[order[i]] || !has_new[order[i]]) fail(order[i] ": needs lines with - and lines with +")
    }
    if (what == "names") {
        for (i = 1; i <= count; i++) print header[order[i]]
        exit 0
    }
    if (!(name in header)) fail(name ": there is no mutant of this name")
    pattern = literally(old[name])
    if (!match(source, pattern)) fail(name ": its text is not in the file")
    before = substr(source, 1, RSTART - 1)
    after = substr(source, RSTART + RLENGTH)
    if (match(after, pattern)) fail(name ": its text is in the file more than once")
    printf "%s%s%s", before, new[name], after
}
