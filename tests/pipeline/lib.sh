# shellcheck shell=bash
# What the pipeline tests share: TAP, a scratch folder, a tiny data set, and `pipeline`, which runs
# make on it. To be sourced.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
export LC_ALL=C
# Variables given to `make test` hold here too (SANITIZE, CC), its job server does not.
MAKEFLAGS=$(printf '%s' "${MAKEFLAGS:-}" | sed 's/ *-j[0-9]*//g; s/ *--jobserver-[a-z]*=[^ ]*//g')
export MAKEFLAGS
BUILD=${BUILD:-build}
# The report is tested where it is asked for.
export REPORT=${REPORT-none}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

n_tests=0
ok() {
    n_tests=$((n_tests + 1))
    printf 'ok %d - %s\n' "$n_tests" "$1"
}
not_ok() { # NAME [what is wrong]
    n_tests=$((n_tests + 1))
    printf 'not ok %d - %s\n' "$n_tests" "$1"
    if [ -n "${2:-}" ]; then printf '%s\n' "$2" | sed 's/^/# /'; fi
}
check() { # NAME COMMAND...: ok if the command succeeds
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then ok "$name"; else not_ok "$name" "$output"; fi
}
is() { # NAME FOUND EXPECTED
    if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "found \"$2\", expected \"$3\""; fi
}
finish() {
    printf '1..%d\n' "$n_tests"
    exit 0
}
bail_out() { # something that the tests rest on did not work
    not_ok "$1" "$(tail -n 20 "$scratch/log" 2>/dev/null)"
    finish
}

artifacts=$("$BUILD/inspect" files | sed '1d; s/\.[a-z]* .*//')
file_of() { if [ "$1" = metrics ]; then echo metrics.json; else echo "$1.art"; fi; }

generate() { # FOLDER USERS MOVIES RATINGS
    "$BUILD/generate" --quiet --output "$1" --users "$2" --movies "$3" --ratings "$4" || exit 1
}

# Runs make on $data; what make said is in $scratch/log.
data=$scratch/data
pipeline() { # RUN [VARIABLE=value | target]...
    local run=$1
    shift
    make --no-print-directory BUILD="$BUILD" ARTIFACTS="$scratch/runs" RUN="$run" DATASET=tiny \
        DATA_DIR="$data" "${@:-pipeline}" >"$scratch/log" 2>&1
}

# The artifacts that the last `pipeline` made, in their order.
made() {
    sed -n 's/.* --output=[^ ]*\/\([^ /]*\)\.\(art\|json\) .*/\1/p' "$scratch/log" | tr '\n' ' ' |
        sed 's/ $//'
}

# Whether two runs have the same bytes; names those of the artifacts $3... that differ.
same_artifacts() { # RUN RUN ARTIFACT...
    local a=$scratch/runs/$1 b=$scratch/runs/$2 differing=
    shift 2
    for artifact in "$@"; do
        local file
        file=$(file_of "$artifact")
        cmp -s "$a/$file" "$b/$file" || differing="$differing $file"
    done
    if [ -n "$differing" ]; then
        echo "differ:$differing"
        return 1
    fi
}
