# Which programs a file of common/ serves: reads all C files, prints FILE:1: serves only PROGRAM for
# those that serve less than two. A program is a folder of stages/ or data/.
#
# A file serves the programs whose files include its header, and those that are served by a file
# that includes it without being part of it. A .c file is part of the headers whose functions or
# tables it defines (or of the one of its name), and serves whom they serve; so does a header that
# only its own .c file and tests include. The models are left out: what
# fits a model belongs with it, whichever stage calls it.
FNR == 1 { files[++n_files] = FILENAME }
/^#include "/ {
    split($0, quoted, "\"")
    from[++n_edges] = FILENAME
    to[n_edges] = quoted[2]
}
/^extern / { in_extern = 1 }
in_extern {
    line = $0
    gsub(/[^A-Za-z0-9_]+/, " ", line)
    count = split(line, word, " ")
    for (i = 1; i <= count; i++) declared[word[i]] = FILENAME
    if (/;/) in_extern = 0
}
# A row of a list that a macro makes declarations of.
/^ +FAMILY\([a-z_]+\)/ {
    name = $0
    gsub(/^ +FAMILY\(|\).*/, "", name)
    declared[name] = FILENAME
}
/^[a-z].* = / && !/^static / {
    name = $0
    sub(/(\[.*)? = .*/, "", name)
    sub(/.*[ *]/, "", name)
    defines[FILENAME, ++n_defined[FILENAME]] = name
}
/^[a-z].*\(/ && !/^(static|typedef|extern|return) / {
    name = $0
    sub(/\(.*/, "", name)
    sub(/.*[ *]/, "", name)
    if (FILENAME ~ /\.h$/)
        declared[name] = FILENAME
    else
        defines[FILENAME, ++n_defined[FILENAME]] = name
}

function mark(file, program) {
    if ((file, program) in serves) return
    serves[file, program] = changed = 1
}

function find_parts(file,    i, own) {
    own = file
    sub(/c$/, "h", own)
    part[file, own] = 1
    for (i = 1; i <= n_defined[file]; i++)
        if (defines[file, i] in declared) part[file, declared[defines[file, i]]] = 1
}

END {
    for (i = 1; i <= n_files; i++)
        if (files[i] ~ /\.c$/) find_parts(files[i])
    for (i = 1; i <= n_edges; i++)
        if (!((from[i], to[i]) in part)) used[to[i]] = 1
    for (i = 1; i <= n_edges; i++)
        if (from[i] !~ /^common/) {
            split(from[i], folder, "/")
            programs[folder[2]] = serves[from[i], folder[2]] = 1
        }
    do {
        changed = 0
        for (pair in part) {
            split(pair, of, SUBSEP)
            for (p in programs) {
                if ((of[2], p) in serves) mark(of[1], p)
                if (!(of[2] in used) && (of[1], p) in serves) mark(of[2], p)
            }
        }
        for (i = 1; i <= n_edges; i++)
            for (p in programs)
                if (!((from[i], to[i]) in part) && (from[i], p) in serves) mark(to[i], p)
    } while (changed)
    for (i = 1; i <= n_files; i++) {
        if (files[i] !~ /^common/ || files[i] ~ /^common\/models\//) continue
        count = 0
        for (p in programs)
            if ((files[i], p) in serves) {
                count++
                only = p
            }
        if (count < 2) print files[i] ":1: serves " (count ? "only " only : "no program")
    }
}
