#!/usr/bin/env bash
# The service on a full disk: feedback gets 503 and is not stored, all else goes on, and when there is
# room again so does feedback. A shim stands for the full disk.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if ! "${CC:-gcc}" -shared -fPIC -D_GNU_SOURCE -o "$scratch/full_disk.so" \
    tests/pipeline/full_disk.c -ldl 2>/dev/null || ldd "$BUILD/serve" | grep -q 'lib[a-z]*san'; then
    echo "ok 1 - full disk # SKIP no shim here, or under a sanitizer"
    echo "1..1"
    exit 0
fi
generate "$data" 60 120 2200
pipeline tiny || bail_out "the pipeline runs"
server=
trap '[ -z "$server" ] || kill -KILL "$server" 2>/dev/null; rm -rf "$scratch"' EXIT
FULL_DISK=$scratch/full LD_PRELOAD=$scratch/full_disk.so "$BUILD/serve" --run "$scratch/runs/tiny" \
    --database "$scratch/disk.db" --port 0 --access-log none 2>"$scratch/log" &
server=$!
for _ in $(seq 200); do
    url=$(sed -n 's/.*listening on //p' "$scratch/log")
    if [ -n "$url" ] || ! kill -0 $server 2>/dev/null; then break; fi
    sleep 0.05
done
[ -n "$url" ] || bail_out "the server starts"

tell() { # USER: the status
    curl -s -m 20 -o "$scratch/answer" -w '%{http_code}' -H 'Content-Type: application/json' \
        -d "{\"userId\":$1,\"movieId\":1,\"type\":\"like\",\"id\":\"x\"}" "$url/api/feedback"
}
code() { curl -s -m 20 -o "$scratch/answer" -w '%{http_code}' "$url$1"; }

is "with room feedback is taken" "$(tell 7001)" 200
touch "$scratch/full"
is "without it is refused" "$(tell 7002) $(tell 7003)" "503 503"
check "with a reason" grep -q '"reason":".*full' "$scratch/answer"
is "recommendations go on" "$(code /api/recommend/7001)" 200
is "what was refused is not there" "$(code /api/users/7002)" 404
is "what was taken before is" "$(code /api/users/7001)" 200
rm "$scratch/full"
is "with room again feedback is taken" "$(tell 7002)" 200
is "once" "$(curl -s "$url/metrics" | sed -n 's/^marquee_events //p')" 2
kill -TERM $server
wait $server
is "it ends in order" $? 0
server=
finish
