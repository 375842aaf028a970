#!/usr/bin/env bash
# Command-line cases: runs the programs in $BUILD (default build) on the cases of tests/cli/*.case,
# each in an empty folder of its own, and then the checks that hold for every stage program.
# Arguments name case files to run instead of all. Prints TAP.
#
# A case file is a list of lines:
#   # comment
#   == NAME                begins a case
#   file PATH              begins a file; its lines follow, each "| TEXT" with printf %b escapes
#                          (\r, \x00, \\; \c at the end of a line leaves the line end out)
#   setup COMMAND          run before the command; must succeed
#   run COMMAND            the command under test; $B is the folder of the programs
#   exit N                 its exit status (0 when not given)
#   err TEXT / out TEXT    the exact lines of standard error / output, all of them, in order
#   err~ TEXT / out~ TEXT  a line that holds TEXT
#   nofile PATH            must not exist afterwards
#   once COMMAND           run once per case file, in the folder $F that all its cases share
# Lines before the first case are defaults for all of them; files among them are in every case. A crash (a signal, or a sanitizer's
# report) never passes, whatever exit status is expected.
set -u
export LC_ALL=C.UTF-8
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
B=$(cd "$top" && cd "${BUILD:-build}" && pwd) || exit 1
export B
sanitizer_exit=99
export ASAN_OPTIONS="exitcode=$sanitizer_exit${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
export UBSAN_OPTIONS="exitcode=$sanitizer_exit${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}"
export OMP_NUM_THREADS=2 NO_COLOR=1

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
n_tests=0 n_failed=0

report() { # NAME, then each trouble as an argument
    n_tests=$((n_tests + 1))
    if [ $# -eq 1 ]; then
        printf 'ok %d - %s\n' "$n_tests" "$1"
        return
    fi
    n_failed=$((n_failed + 1))
    printf 'not ok %d - %s\n' "$n_tests" "$1"
    shift
    printf '%s\n' "$@" | sed 's/^/# /'
}

crashed() { # exit status
    [ "$1" -ge 128 ] && [ "$1" -ne 130 ] || [ "$1" -eq "$sanitizer_exit" ]
}

# ---- case files ----
reset_case() {
    name= setups=() run=$default_run status=$default_status target=
    err=() out=() err_parts=() out_parts=() nofile=("${default_nofile[@]}")
    rm -rf "$scratch/case"
    cp -r "$scratch/defaults" "$scratch/case"
}

# The lines before the first case are over: what they set is the default from now on.
keep_defaults() {
    default_run=$run default_status=$status default_nofile=("${nofile[@]}")
    rm -rf "$scratch/defaults"
    cp -r "$scratch/case" "$scratch/defaults"
}

forget_defaults() {
    default_run= default_status=0 default_nofile=()
    rm -rf "$scratch/defaults" "$scratch/once"
    mkdir "$scratch/defaults" "$scratch/once"
    F=$scratch/once
}

run_once() { # command
    (cd "$F" && eval "$1") >"$scratch/setup" 2>&1 </dev/null ||
        report "$group: once $1" "failed" "$(cat "$scratch/setup")"
}

add_line() { # content line of the file being written
    case $1 in
    *'\c') printf '%b' "${1%\\c}" ;;
    *) printf '%b\n' "$1" ;;
    esac >>"$scratch/case/$target"
}

compare() { # stream name, file, expected lines...
    local stream=$1 file=$2
    shift 2
    printf '%s\n' "$@" | cmp -s - "$file" && return
    troubles+=("$stream is not what was expected, which is" "$@" "but" "$(cat "$file")")
}

contains() { # stream name, file, parts...
    local stream=$1 file=$2 part
    shift 2
    for part in "$@"; do
        grep -qF -- "$part" "$file" || troubles+=("$stream does not hold: $part" "$(cat "$file")")
    done
}

finish_case() {
    [ -n "$name" ] || return
    local troubles=() got path command
    for command in "${setups[@]}"; do
        (cd "$scratch/case" && eval "$command") >"$scratch/setup" 2>&1 ||
            troubles+=("setup failed: $command" "$(cat "$scratch/setup")")
    done
    (cd "$scratch/case" && eval "$run") >"$scratch/out" 2>"$scratch/err" </dev/null
    got=$?
    if crashed "$got"; then
        troubles+=("crashed with status $got" "$(cat "$scratch/err")")
    elif [ "$got" -ne "$status" ]; then
        troubles+=("exit status $got, not $status" "$(cat "$scratch/err")")
    fi
    [ ${#err[@]} -eq 0 ] || compare stderr "$scratch/err" "${err[@]}"
    [ ${#out[@]} -eq 0 ] || compare stdout "$scratch/out" "${out[@]}"
    contains stderr "$scratch/err" "${err_parts[@]}"
    contains stdout "$scratch/out" "${out_parts[@]}"
    for path in "${nofile[@]}"; do
        [ ! -e "$scratch/case/$path" ] || troubles+=("$path exists")
    done
    report "$name" "${troubles[@]}"
}

run_cases() { # case file
    local line group
    group=$(basename "$1" .case)
    forget_defaults
    reset_case
    while IFS= read -r line; do
        case $line in
        '#'* | '') ;;
        '== '*)
            if [ -n "$name" ]; then finish_case; else keep_defaults; fi
            reset_case
            name="$group: ${line#== }"
            ;;
        'file '*) target=${line#file } && : >"$scratch/case/$target" ;;
        '| '*) add_line "${line#| }" ;;
        '|') add_line '' ;;
        'setup '*) setups+=("${line#setup }") ;;
        'once '*) run_once "${line#once }" ;;
        'run '*) run=${line#run } ;;
        'exit '*) status=${line#exit } ;;
        'err '*) err+=("${line#err }") ;;
        'out '*) out+=("${line#out }") ;;
        'err~ '*) err_parts+=("${line#err~ }") ;;
        'out~ '*) out_parts+=("${line#out~ }") ;;
        'nofile '*) nofile+=("${line#nofile }") ;;
        *) report "$1: not understood: $line" "every line begins with one of the words above" ;;
        esac
    done <"$1"
    finish_case
}

# ---- what holds for every stage program ----
# attempt WANTED-STATUS PROGRAM ARGUMENT...: runs it, complains unless the status is the wanted one
# and standard error is a single line that begins with the program's name (or empty when it is 0).
attempt() {
    local wanted=$1 program=$2 got lines
    shift 2
    (cd "$scratch/case" && "$B/$program" "$@") >"$scratch/out" 2>"$scratch/err" </dev/null
    got=$?
    [ "$got" -eq "$wanted" ] || troubles+=("$program $*: exit status $got, not $wanted" \
        "$(head -c 600 "$scratch/err")")
    lines=$(wc -l <"$scratch/err")
    if [ "$wanted" -eq 0 ]; then
        [ "$lines" -eq 0 ] || troubles+=("$program $*: wrote to standard error")
    elif [ "$lines" -ne 1 ] || ! grep -q "^$program: " "$scratch/err"; then
        troubles+=("$program $*: not one line of its own: $(head -c 600 "$scratch/err")")
    fi
}

# The options of the last --help: lines "name kind low high", kind being N, X, WORD, ... or flag.
help_options() {
    sed -nE 's/^ +(-[a-zA-Z], )?--([a-z0-9-]+)( (N|X|WORD|TEXT|A,B,\.\.))? .*/\2 \4 &/p' "$1" |
        awk '{ low = high = "-"; kind = $2
               if (kind !~ /^(N|X|WORD|TEXT|A,B,..)$/) kind = "flag"
               if (match($0, /; between [^ ]+ and [^ ]+/)) {
                   split(substr($0, RSTART, RLENGTH), word, " "); low = word[3]; high = word[5] }
               if (match($0, /; of at least [^ ]+/)) {
                   split(substr($0, RSTART, RLENGTH), word, " "); low = word[5] }
               print $1, kind, low, high }'
}

# The next number beyond a limit, in a form that both kinds of number options read.
beyond() { # limit, direction
    awk -v limit="$1" -v sign="$2" 'BEGIN {
        size = limit < 0 ? -limit : limit
        value = limit + sign * (size < 1e9 ? 1 : size)
        if (value == int(value)) printf "%.0f\n", value; else printf "%.9g\n", value }'
}

check_options() { # program, words...
    local option kind low high
    while read -r option kind low high; do
        case $kind in
        N | X)
            attempt 2 "$@" "--$option" nonsense
            attempt 2 "$@" "--$option="
            [ "$low" = - ] || attempt 2 "$@" "--$option=$(beyond "$low" -1)"
            [ "$high" = - ] || attempt 2 "$@" "--$option=$(beyond "$high" 1)"
            ;;
        WORD) attempt 2 "$@" "--$option" nonsense ;;
        flag) attempt 2 "$@" "--$option=nonsense" ;;
        esac
        [ "$kind" = flag ] || attempt 2 "$@" "--$option"
    done < <(help_options "$scratch/help")
}

# A program with a table of options: --help, wrong options and wrong values. Its words (a subcommand
# of inspect) may follow the name.
check_program() { # program, words...
    local troubles=() program=$1 label="$*"
    shift
    reset_case
    attempt 0 "$program" "$@" --help
    cp "$scratch/out" "$scratch/help"
    grep -q "^$label: \|^usage: $label" "$scratch/help" || troubles+=("--help does not name itself")
    report "$label: --help" "${troubles[@]}"

    troubles=()
    attempt 2 "$program" "$@" --nonsense
    grep -q -- '--nonsense: unknown option (see --help)$' "$scratch/err" ||
        troubles+=("$(cat "$scratch/err")")
    attempt 2 "$program" "$@" -Z
    report "$label: unknown options" "${troubles[@]}"

    troubles=()
    check_options "$program" "$@"
    report "$label: malformed and out-of-range values of every option" "${troubles[@]}"

    troubles=()
    [ -z "$(ls -A "$scratch/case")" ] || troubles+=("left behind: $(ls -A "$scratch/case")")
    report "$label: usage errors leave no file" "${troubles[@]}"
}

check_version() { # stage program
    local troubles=()
    attempt 0 "$1" --version
    grep -qE "^$1 [0-9]+$" "$scratch/out" || troubles+=("--version: $(cat "$scratch/out")")
    attempt 0 "$1" --help --nonsense
    report "$1: --version, and --help wins" "${troubles[@]}"
}

check_inspect() {
    local troubles=() command
    reset_case
    attempt 0 inspect --help
    attempt 2 inspect --nonsense
    report "inspect: --help and unknown commands" "${troubles[@]}"
    for command in $("$B/inspect" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
        check_program inspect "$command"
    done
}

check_all_programs() {
    local main program
    for main in "$top"/stages/*/main.c "$top"/data/generate/main.c; do
        program=$(basename "$(dirname "$main")")
        if [ ! -x "$B/$program" ]; then
            report "$program: is built" "$B/$program is missing"
        elif [ "$program" = inspect ]; then
            check_inspect
        else
            check_program "$program"
            [ "$program" = generate ] || check_version "$program"
        fi
    done
}

if [ $# -gt 0 ]; then
    for file in "$@"; do run_cases "$file"; done
else
    for file in "$here"/*.case; do run_cases "$file"; done
    forget_defaults
    check_all_programs
fi
printf '1..%d\n' "$n_tests"
[ "$n_failed" -eq 0 ]
