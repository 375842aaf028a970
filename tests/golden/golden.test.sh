#!/usr/bin/env bash
# Good artifacts decode to the recorded text, damaged ones are refused with the recorded message, and
# malformed texts are refused with line and reason.
set -u
inspect=$(realpath "${BUILD:-build}")/inspect
cd "$(dirname "$0")" || exit 1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
number=0

# check NAME COMMAND...: one TAP line from the command's success
check() {
    local name=$1
    shift
    number=$((number + 1))
    if "$@" >"$scratch/output" 2>&1; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        sed 's/^/# /' "$scratch/output"
    fi
}

# ---- good files ----
dumps_to() { diff <("$inspect" dump "$1") "$2"; }
shows() { diff <({ "$inspect" show "$1"; "$inspect" ls "$1"; } | sed 's/ *$//') "$2"; }
verifies() { "$inspect" verify "$1"; }
# Written anew, the content is the same; so are the bytes unless zstd has changed its mind.
packs_to() { "$inspect" pack "$1" "$scratch/x.art" && "$inspect" diff "$scratch/x.art" "$2"; }
same_ids() {
    "$inspect" dump "$1" >"$scratch/x.txt" && "$inspect" pack "$scratch/x.txt" "$scratch/x.art" &&
        diff <("$inspect" show "$1" | grep ' id ') <("$inspect" show "$scratch/x.art" | grep ' id ')
}

for art in good/*.art; do
    name=${art%.art}
    check "$name: verify" verifies "$art"
    check "$name: show and ls" shows "$art" "$name.show"
    check "$name: the same ids after dump and pack" same_ids "$art"
    if [ -e "$name.txt" ]; then
        check "$name: dump" dumps_to "$art" "$name.txt"
        check "$name: pack" packs_to "$name.txt" "$art"
    fi
done

# The example in the specification is this very file.
example_is_true() {
    diff <(sed -n 's/^    [0-9a-f]\{8\}: //p' ../../common/artifact/FORMAT.md | sed 's/  .*//' |
        tr -d ' \n') <(od -An -v -tx1 good/tiny.art | tr -d ' \n')
}
check "FORMAT.md shows good/tiny.art byte by byte" example_is_true

# ---- damaged files ----
says() { # RECORD COMMAND...: output and exit status are as recorded
    local record=$1
    shift
    "$@" >"$scratch/said" 2>&1
    echo "exit status $?" >>"$scratch/said"
    diff "$scratch/said" "$record"
}
errors_of_dump() { "$inspect" dump "$1" 2>&1 >/dev/null; }

for art in damaged/*.art; do
    name=${art%.art}
    check "$name: verify" says "$name.verify" "$inspect" verify "$art"
    check "$name: dump" says "$name.error" errors_of_dump "$art"
done
all_faults() { "$inspect" verify damaged/*.art good/*.art >/dev/null; [ $? -eq 255 ]; }
check "verify of all files ors their faults" all_faults

# ---- malformed texts ----
# refuses LINE REASON TEXT: pack fails with the line and the reason, and leaves no file
refuses() {
    local line=$1 reason=$2 text=$3
    printf '%b' "$text" >"$scratch/bad.txt"
    rm -f "$scratch/bad.art"
    says <(echo "inspect: pack: packing: $scratch/bad.txt:$line: $reason" && echo "exit status 1") \
        "$inspect" pack "$scratch/bad.txt" "$scratch/bad.art" && [ ! -e "$scratch/bad.art" ] &&
        [ ! -e "$scratch/bad.art.part" ]
}
bad() { check "text refused: $2 at line $1" refuses "$@"; }
top='marquee text 1\nkind table\n'
bad 1 'the file ends, wanted is marquee' ''
bad 1 '"user": wanted is marquee' 'user'
bad 1 '"2": wanted is 1' 'marquee text 2\nkind table\n'
bad 2 '"tables": wanted is a kind that `kinds` lists' 'marquee text 1\nkind tables'
bad 3 '"rows": wanted is stage, params, input, meta or column' "${top}rows"
bad 3 '"x y": wanted is a column'"'"'s name' "${top}column \"x y\" u8 [1] 1"
bad 3 '"x/y": wanted is a column'"'"'s name' "${top}column x/y u8 [1] 1"
bad 3 '"u9": wanted is a type such as u32' "${top}column x u9 [1] 1"
bad 3 '"1": wanted is a shape such as [3,4]' "${top}column x u8 1"
bad 3 '"[]": wanted is a shape such as [3,4]' "${top}column x u8 []"
bad 3 '"[-1]": wanted is a shape such as [3,4]' "${top}column x u8 [-1]"
bad 3 '"[1,2,3,4,5]": wanted is a shape such as [3,4]' "${top}column x u8 [1,2,3,4,5]"
bad 3 '"[4294967296,4294967296]": wanted is a shape' "${top}column x u8 [4294967296,4294967296]"
bad 4 '"256": wanted is a whole number in range' "${top}column x u8 [2]\n256 1"
bad 4 '"-1": wanted is a whole number in range' "${top}column x u32 [2]\n1 -1"
bad 4 '"-129": wanted is a whole number in range' "${top}column x i8 [1]\n-129"
bad 4 '"9223372036854775808": wanted is a whole number in range' \
    "${top}column x i64 [1]\n9223372036854775808"
bad 4 '"18446744073709551616": wanted is a whole number in range' \
    "${top}column x u64 [1]\n18446744073709551616"
bad 4 '"1.5": wanted is a whole number in range' "${top}column x i32 [1]\n1.5"
bad 4 '"1,5": wanted is a number' "${top}column x f32 [1]\n1,5"
bad 4 '"nan:0x1": wanted is a number' "${top}column x f32 [1]\nnan:0x1"
bad 4 '"0x10": wanted is a number' "${top}column x f64 [1]\n0x10"
bad 5 'the file ends, wanted is a number' "${top}column x u8 [2]\n1\n"
bad 5 '"column": wanted is a number' "${top}column x f16 [2]\n1\ncolumn y u8 [0]"
bad 3 '"a": wanted is a text in quotes' "${top}column x str [1] a"
bad 3 'a text without closing quote' "${top}column x str [1] \"a\n\""
bad 3 'unknown escape in a text' "${top}column x str [1] \"a\\\\x\""
bad 3 'unknown escape in a text' "${top}column x str [1] \"a\\\\u0000\""
bad 3 '"x": wanted is i64, f64 or str' "${top}meta m x 1"
bad 3 '"1x": wanted is a whole number in range' "${top}meta m i64 1x"
bad 3 '"00": wanted is an id of 32 hexadecimal digits' "${top}input \"a\" \"b\" 00"
bad 3 '"ingest": wanted is a text in quotes' "${top}stage ingest"
bad 3 '"4294967296": wanted is a whole number in range' \
    "${top}stage \"s\" version 4294967296"

# refused by the writer, which says what it was writing
writer_refuses() {
    local reason=$1 text=$2
    printf '%b' "$text" >"$scratch/bad.txt"
    "$inspect" pack "$scratch/bad.txt" "$scratch/bad.art" 2>"$scratch/said"
    [ $? -eq 1 ] && [ ! -e "$scratch/bad.art" ] && [ ! -e "$scratch/bad.art.part" ] &&
        grep -F "$reason" "$scratch/said" || { cat "$scratch/said"; false; }
}
check 'a column twice' writer_refuses 'column "x" is there already' \
    "${top}column x u8 [0] column x u8 [0]"
check 'a metadata key twice' writer_refuses 'metadata key "m" occurs twice' \
    "${top}meta m i64 1 meta m i64 2"
check 'a text that is not UTF-8' writer_refuses 'text 0 is not UTF-8' \
    "${top}column x str [1] \"\\xff\""
check 'a kind without its columns' writer_refuses 'kind split needs a column "role"' \
    'marquee text 1\nkind split'
check 'a column of another kind' writer_refuses 'kind split has no column "movie.id"' \
    'marquee text 1\nkind split\ncolumn movie.id u32 [0]'

echo "1..$number"
