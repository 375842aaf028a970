#!/usr/bin/env bash
# The service under 200,000 mixed requests of four clients (make soak; not part of make test): every
# answer has the status that was asked for, nothing fails behind the scenes, and after a warm-up the
# memory stays within 5 %. The models are loaded again in every round. REQUESTS and RUN_FOLDER may say otherwise.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

requests=${REQUESTS:-200000}
clients=4 rounds=20
# A sanitizer has memory of its own, and makes some wait longer than the service lets them.
slow=$(ldd "$BUILD/serve" | grep -c 'lib[a-z]*san')
share=$((requests / clients / rounds))
run=${RUN_FOLDER:-$scratch/runs/tiny}
if [ -z "${RUN_FOLDER:-}" ]; then
    generate "$data" 600 1200 40000
    pipeline tiny pipeline FACTORIZE_ITEM_LIMIT=1000 SEQUENCE_EPOCHS=1 RANKER_EPOCHS=1 ||
        bail_out "the pipeline runs"
fi
server=
trap '[ -z "$server" ] || kill -KILL "$server" 2>/dev/null; rm -rf "$scratch"' EXIT
"$BUILD/serve" --run "$run" --database "$scratch/soak.db" --port 0 --access-log "$scratch/access" \
    2>"$scratch/log" &
server=$!
for _ in $(seq 6000); do
    url=$(sed -n 's/.*listening on //p' "$scratch/log")
    if [ -n "$url" ] || ! kill -0 $server 2>/dev/null; then break; fi
    sleep 0.05
done
[ -n "$url" ] || bail_out "the server starts"
movies=$(curl -s "$url/api/popular?n=100" | grep -o '"movieId":[0-9]*' | cut -d: -f2 | tr '\n' ' ')

# Requests of one client as a configuration of curl: each prints the status that is expected and the
# one that came. Users that a client forgets, and ids of its events, are its own.
mix() { # CLIENT ROUND
    awk -v n="$share" -v client="$1" -v round="$2" -v url="$url" -v movies="$movies" '
    function ask(status, path) {
        if (asked++) print "next"
        print "url = \"" url path "\""
        print "output = \"/dev/null\"\nsilent\ngloboff\nmax-time = 600"
        print "write-out = \"" status " %{http_code} " path "\\n\""
    }
    function send(status, path, body) {
        ask(status, path)
        gsub(/"/, "\\\"", body)
        print "header = \"Content-Type: application/json\"\ndata = \"" body "\""
    }
    function event(user) {
        return "{\"userId\":" user ",\"movieId\":" movie ",\"type\":\"rating\",\"value\":" \
            int(1 + 10 * rand()) / 2 ",\"id\":\"" client "-" round "-" ++key "\"}"
    }
    BEGIN {
        srand(1000 * client + round)
        n_movies = split(movies, known, " ")
        for (i = 0; i < n; i++) {
            if (client == 1 && i == int(n / 2)) { send(200, "/api/reload", ""); continue }
            x = 100 * rand(); user = 1 + int(600 * rand()); movie = known[1 + int(n_movies * rand())]
            own = 1000000 * client + int(200 * rand())
            if (x < 12) ask(200, "/api/recommend/" user "?n=10")
            else if (x < 15) ask(200, "/api/recommend/" own "?n=5&explain=true&diversity=0.3")
            else if (x < 17) ask(200, "/api/recommend/" user "?n=20&offset=5&year_from=1980&exclude=1,2,3")
            else if (x < 20) send(200, "/api/session/recommend?n=5",
                "{\"movies\":[" movie ",{\"movieId\":" known[1] ",\"rating\":4.5}]}")
            else if (x < 36) send(200, "/api/feedback", event(own))
            else if (x < 37) send(200, "/api/feedback", "[" event(own) "," event(own + 1) "]")
            else if (x < 47) ask(200, "/api/movies?n=5&q=" substr("tsunmidreamdoorcitynight", 1 + int(20 * rand()), 5))
            else if (x < 55) ask(200, "/api/movies/" movie)
            else if (x < 60) ask(200, "/api/item-to-item/" movie "?by=content")
            else if (x < 63) ask(200, "/api/item-to-item/" movie "?by=taste")
            else if (x < 66) ask(200, "/api/item-to-item/" movie "?by=next")
            else if (x < 70) ask(200, "/api/predict?user=" user "&movie=" movie)
            else if (x < 75) ask(200, "/api/users/" user)
            else if (x < 82) ask(200, "/api/popular?n=20")
            else if (x < 84) ask(200, "/api/genres")
            else if (x < 86) { ask(200, "/api/users/" own); print "request = \"DELETE\"" }
            else if (x < 88) ask(200, "/metrics")
            else if (x < 90) ask(200, "/api/health/ready")
            else if (x < 93) ask(200, "/")
            else if (x < 94) ask(200, "/apidocs.json")
            else if (x < 95) ask(404, "/api/movies/99999999")
            else if (x < 96) ask(400, "/api/recommend/" user "?n=0")
            else if (x < 97) ask(404, "/api/nothing")
            else if (x < 98) ask(405, "/api/feedback")
            else if (x < 99) send(400, "/api/feedback", "{\"userId\":" own ",\"movieId\":" movie "}")
            else send(400, "/api/session/recommend", "{\"movies\":")
        }
    }'
}

memory() { awk '/^VmRSS/ { print $2 }' "/proc/$server/status"; }

least= most=
: >"$scratch/statuses"
for round in $(seq $rounds); do
    pids=()
    for client in $(seq $clients); do
        mix "$client" "$round" | curl -s -K - >>"$scratch/statuses.$client" 2>>"$scratch/curl" &
        pids+=($!)
    done
    wait "${pids[@]}"
    kb=$(memory)
    echo "# round $round of $rounds: $kb KiB"
    if [ "$round" -le 4 ]; then continue; fi # a fifth to warm up
    if [ -z "$least" ] || [ "$kb" -lt "$least" ]; then least=$kb; fi
    if [ -z "$most" ] || [ "$kb" -gt "$most" ]; then most=$kb; fi
done
cat "$scratch"/statuses.* >"$scratch/statuses"
is "every request was answered" "$(wc -l <"$scratch/statuses")" $((share * clients * rounds))
is "with the status that was asked for" "$(awk -v slow="$slow" '$1 != $2 && !(slow && $2 == 503)' \
    "$scratch/statuses" | sort | uniq -c | sort -rn | head -5)" ""
is "the log of the server tells of no trouble" "$(grep -ciE 'error|fail|warn' "$scratch/log")" 0
if [ "$slow" -gt 0 ]; then most=$least; fi
check "memory between $least and $most KiB is within 5 %" test $((most * 100)) -le $((least * 105))
kill -TERM $server
wait $server
is "it ends in order" $? 0
server=
finish
