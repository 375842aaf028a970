#!/usr/bin/env bash
# The service is killed at random moments while three clients write: no acknowledged event is lost,
# none is there twice, even if it is sent again. KILLS=200 for a long run.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

seed=${KILL_SEED:-$$}
RANDOM=$seed
echo "# KILL_SEED=$seed repeats the moments"
generate "$data" 60 120 2200
pipeline tiny || bail_out "the pipeline runs"
db=$scratch/kill.db
server='' writers=()
trap 'kill -KILL $server "${writers[@]}" 2>/dev/null; rm -rf "$scratch"' EXIT

start() {
    : >"$scratch/log"
    "$BUILD/serve" --run "$scratch/runs/tiny" --database "$db" --port 0 --access-log none \
        2>"$scratch/log" &
    server=$!
    url=
    for _ in $(seq 400); do
        url=$(sed -n 's/.*listening on //p' "$scratch/log")
        if [ -n "$url" ] || ! kill -0 $server 2>/dev/null; then break; fi
        sleep 0.02
    done
    [ -n "$url" ]
}

# Two events per request, of users of their own: FIRST and FIRST + 1. Sent until acknowledged or
# refused a connection; what was not acknowledged is sent again after the restart, with the same ids.
send() { # FIRST
    curl -s -m 5 -H 'Content-Type: application/json' "$url/api/feedback" \
        -d "[{\"userId\":$1,\"movieId\":1,\"type\":\"like\",\"id\":\"a$1\"},
             {\"userId\":$(($1 + 1)),\"movieId\":1,\"type\":\"like\",\"id\":\"b$1\"}]" |
        grep -q '"accepted"'
}
write() { # NUMBER: events until the server is gone
    local last=$scratch/last.$1 next
    next=$(cat "$last" 2>/dev/null || echo $(($1 * 1000000)))
    while send "$next"; do
        printf '%d\n%d\n' "$next" $((next + 1)) >>"$scratch/acknowledged"
        next=$((next + 2))
        echo $next >"$last"
    done
    echo $next >"$last"
}

kills=${KILLS:-8}
: >"$scratch/acknowledged"
for _ in $(seq "$kills"); do
    start || bail_out "the server starts again"
    writers=()
    for writer in 1 2 3; do
        write $writer &
        writers+=($!)
    done
    sleep "0.$(printf %03d $((RANDOM % 400)))"
    kill -KILL $server
    wait $server "${writers[@]}" 2>/dev/null
done
start || bail_out "the server starts a last time"
for writer in 1 2 3; do
    send "$(cat "$scratch/last.$writer")" # whether or not it was stored before
done
events=$(curl -s "$url/metrics" | sed -n 's/^marquee_events //p')
kill -TERM $server
wait $server
is "it ends in order" $? 0
"$BUILD/serve" -q --run "$scratch/runs/tiny" --database "$db" --export "$scratch/out"
tail -n +2 "$scratch/out/feedback.csv" | cut -d, -f1 | sort >"$scratch/stored"
sort "$scratch/acknowledged" >"$scratch/wanted"
echo "# $kills kills, $(wc -l <"$scratch/wanted") events acknowledged, $events stored"
check "something was acknowledged" test -s "$scratch/wanted"
is "no acknowledged event is lost" "$(comm -23 "$scratch/wanted" "$scratch/stored" | wc -l)" 0
is "none is there twice" "$events" "$(wc -l <"$scratch/stored")"
is "of each request both are there or none" "$(awk '{ n[int($1 / 2)]++ } END {
    for (i in n) bad += n[i] != 2; print bad + 0 }' "$scratch/stored")" 0
finish
