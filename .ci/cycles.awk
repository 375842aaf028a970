# Cycles between C files: headers that include each other, and .c files that call each other's
# functions, perhaps by way of further ones. Reads all C files; prints one line for each cycle.
# A call through a pointer is no call here: tables and callbacks are how a file avoids a cycle.
FNR == 1 {
    in_comment = 0
    files[++n_files] = FILENAME
    room = FILENAME ~ /^common/ ? "common" : FILENAME
    if (room != "common") sub(/\/[^\/]*$/, "", room)
    rooms[FILENAME] = room
}
FILENAME ~ /\.h$/ {
    if (/^#include "/) {
        split($0, quoted, "\"")
        link(FILENAME, quoted[2])
    }
    next
}
{
    line = without_comments($0)
    gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
    top = line ~ /^[a-z]/
    hidden = line ~ /^static / || broken
    broken = line ~ /^static [^(;={]*$/ # the name is on the next line
    while (match(line, /[A-Za-z_][A-Za-z_0-9]*\(/)) {
        name = substr(line, RSTART, RLENGTH - 1)
        line = substr(line, RSTART + RLENGTH)
        if (name ~ /^(sizeof|__attribute__)$/) continue
        if (top && hidden) own[FILENAME, name] = 1
        else if (top) home[room, name] = FILENAME
        else calls[FILENAME, ++n_calls[FILENAME]] = name
        top = 0
    }
}

function without_comments(text,    at, end) {
    if (in_comment) {
        if (!(end = index(text, "*/"))) return ""
        text = substr(text, end + 2)
        in_comment = 0
    }
    while (at = index(text, "/*")) {
        end = index(substr(text, at), "*/")
        if (!end) {
            in_comment = 1
            return substr(text, 1, at - 1)
        }
        text = substr(text, 1, at - 1) " " substr(text, at + end + 1)
    }
    return text
}

function link(a, b) {
    if (a == b || (a, b) in linked) return
    linked[a, b] = 1
    next_of[a, ++n_next[a]] = b
}

function find_calls(file,    i, name, to) {
    for (i = 1; i <= n_calls[file]; i++) {
        name = calls[file, i]
        if ((file, name) in own) continue
        if ((rooms[file], name) in home) link(file, home[rooms[file], name])
        else if (("common", name) in home) link(file, home["common", name])
    }
}

# The way from `file` on; state 1: on the way that is being walked, 2: done.
function walk(file, way,    i, to) {
    state[file] = 1
    way = way " " file
    for (i = 1; i <= n_next[file]; i++) {
        to = next_of[file, i]
        if (!(to in state))
            walk(to, way)
        else if (state[to] == 1)
            print to ":1: a cycle:" substr(way, index(way, " " to)) " " to
    }
    state[file] = 2
}

END {
    for (i = 1; i <= n_files; i++)
        if (files[i] ~ /\.c$/) find_calls(files[i])
    for (i = 1; i <= n_files; i++)
        if (!(files[i] in state)) walk(files[i], "")
}
