#!/usr/bin/env bash
# Runs test programs and scripts given as arguments, adds up the TAP lines that they print, and
# closes with one line "N passed, N failed[, N skipped]". A program that does not finish its plan,
# has none, or exits non-zero without a "not ok" line counts as one more failure.
#
#   BUILD=build tests/run.sh build/tests/unit/test_error tests/cli/help.test.sh ...
set -u
export BUILD=${BUILD:-build}
export LC_ALL=C.UTF-8
# Idle threads sleep: spinning ones make small parallel regions sixty times slower on a busy machine.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}
# Sanitizers: running out of memory is tested, and must come back as a null pointer.
export ASAN_OPTIONS=${ASAN_OPTIONS:-allocator_may_return_null=1}

# Counts of one output: "passed failed skipped planned".
tally() {
    awk '
        /^[ \t]*1\.\.[0-9]+/ { split($1, plan, /\.\./); planned += plan[2]; next }
        /^(not )?ok( |$)/ && /# *(SKIP|skip)/ { skipped++; next }
        /^ok( |$)/ { passed++ }
        /^not ok( |$)/ { failed++ }
        END { print passed + 0, failed + 0, skipped + 0, planned + 0 }' "$1"
}

total_passed=0 total_failed=0 total_skipped=0
output=$(mktemp)
trap 'rm -f "$output"' EXIT

for test in "$@"; do
    began=$SECONDS
    case $test in
    *.sh) bash "$test" >"$output" 2>&1 </dev/null ;;
    *) "$test" >"$output" 2>&1 </dev/null ;;
    esac
    status=$?
    read -r passed failed skipped planned < <(tally "$output")
    name=${test#"$BUILD"/}
    trouble=
    if [ $((passed + failed + skipped)) -ne "$planned" ] || [ "$planned" -eq 0 ]; then
        trouble="planned $planned tests, ran $((passed + failed + skipped)), exit status $status"
    elif [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
        trouble="exit status $status"
    fi
    if [ -n "$trouble" ]; then failed=$((failed + 1)); fi
    if [ "$failed" -ne 0 ]; then
        cat "$output"
        printf 'FAILED %s: %d of %d tests%s\n' "$name" "$failed" "$planned" "${trouble:+: $trouble}"
    else
        printf 'passed %s: %d tests, %d s\n' "$name" "$passed" $((SECONDS - began))
    fi
    total_passed=$((total_passed + passed))
    total_failed=$((total_failed + failed))
    total_skipped=$((total_skipped + skipped))
done

skipped_text=
if [ "$total_skipped" -ne 0 ]; then skipped_text=", $total_skipped skipped"; fi
printf '%d passed, %d failed%s\n' "$total_passed" "$total_failed" "$skipped_text"
[ "$total_failed" -eq 0 ] && [ "$total_passed" -ne 0 ]
