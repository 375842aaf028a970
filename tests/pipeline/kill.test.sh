#!/usr/bin/env bash
# Each stage is killed ten times at random moments; it leaves no half-written artifact, and run
# again to the end it gives the same bytes as if nothing had happened.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

seed=${KILL_SEED:-$$}
RANDOM=$seed
echo "# KILL_SEED=$seed repeats the moments"
generate "$data" 60 120 2200
pipeline reference || bail_out "the pipeline runs"
run=$scratch/runs/reference

# Kills `command...` at a random moment of $1 milliseconds.
kill_once() {
    local moment=$((RANDOM % ($1 + 1)))
    shift
    "$@" >/dev/null 2>&1 &
    local pid=$!
    sleep "$(printf '%d.%03d' $((moment / 1000)) $((moment % 1000)))"
    kill -KILL "$pid" 2>/dev/null && killed=$((killed + 1))
    wait "$pid" 2>/dev/null
}

now_ms() { echo $(($(date +%s%N) / 1000000)); }

# The commands are those that make shows, with another output.
mapfile -t commands < <(sed -n "s|^\($BUILD/.* --output=\).*|\1|p" "$scratch/log")
is "every artifact has its command" "${#commands[@]}" "$(echo $artifacts | wc -w)"
for command in "${commands[@]}"; do
    name=$(basename "${command%% *}")
    case $command in
    *--view=full* | *--view=all*) [ "$name" = ncf ] || continue ;; # one view of each stage
    esac
    output=$scratch/killed/out
    rm -rf "$scratch/killed"
    mkdir "$scratch/killed"
    began=$(now_ms)
    bash -c "exec ${command}$output" >/dev/null 2>&1 || bail_out "$name runs"
    took=$(($(now_ms) - began))
    cp "$output" "$scratch/expected"
    rm -f "$scratch/killed"/*
    killed=0 torn=0
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        kill_once "$took" bash -c "exec ${command}$output"
        if [ -e "$output" ] && ! cmp -s "$output" "$scratch/expected"; then torn=$((torn + 1)); fi
        # Now and then it was done before it was killed.
        rm -f "$output"
    done
    is "$name leaves no half-written output ($killed of 10 killed)" "$torn" 0
    bash -c "exec ${command}$output" >/dev/null 2>"$scratch/log"
    check "$name ends with the same bytes" cmp "$output" "$scratch/expected"
    is "$name leaves nothing else behind" "$(ls "$scratch/killed")" out
done

# make itself: killed in the middle of the pipeline, it goes on where it was.
for _ in 1 2 3; do
    setsid make --no-print-directory BUILD="$BUILD" ARTIFACTS="$scratch/runs" RUN=torn DATASET=tiny \
        DATA_DIR="$data" pipeline >/dev/null 2>&1 &
    pid=$!
    sleep "0.$((RANDOM % 9 + 1))"
    kill -KILL -- "-$pid" 2>/dev/null # make and what it runs: one process group
    wait "$pid" 2>/dev/null
done
pipeline torn || bail_out "the pipeline goes on"
check "a pipeline killed three times ends with the same bytes" same_artifacts reference torn $artifacts

finish
