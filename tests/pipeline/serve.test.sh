#!/usr/bin/env bash
# The service on a tiny run: answers and refusals, feedback that counts at once and survives kill -9,
# the same scores as recommend, reloading, an orderly end.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

generate "$data" 60 120 2200
pipeline tiny || bail_out "the pipeline runs"
run=$scratch/runs/tiny
db=$scratch/tiny.db
server=
trap '[ -z "$server" ] || kill -KILL "$server" 2>/dev/null; rm -rf "$scratch"' EXIT

# Starts the server at any free port and waits until it listens; $url is where.
start() { # OPTION...
    : >"$scratch/log"
    "$BUILD/serve" --run "$run" --database "$db" --port 0 --access-log "$scratch/access" "$@" \
        >"$scratch/out" 2>"$scratch/log" &
    server=$!
    url=
    for _ in $(seq 200); do
        url=$(sed -n 's/.*listening on //p' "$scratch/log")
        if [ -n "$url" ] || ! kill -0 $server 2>/dev/null; then break; fi
        sleep 0.05
    done
    [ -n "$url" ]
}
stop() { # SIGNAL: $status is the exit status
    kill "-$1" $server
    wait $server 2>/dev/null
    status=$?
    server=
}
get() { curl -s -m 20 "$url$1"; }
post() { # PATH BODY [curl option...]
    local path=$1 body=$2
    shift 2
    curl -s -m 20 -H 'Content-Type: application/json' "$@" -d "$body" "$url$path"
}
code() { curl -s -m 20 -o "$scratch/answer" -w '%{http_code}' "$@"; }
ids() { grep -o '"movieId":[0-9]*,"title"' | grep -o '[0-9][0-9]*' | tr '\n' ' '; }
# Waits for a condition of at most five seconds.
soon() {
    for _ in $(seq 100); do
        if "$@"; then return 0; fi
        sleep 0.05
    done
    return 1
}

# ---- starting ----
is "an address that others reach needs a key" \
    "$("$BUILD/serve" --run "$run" --address 0.0.0.0 2>&1)" \
    "serve: --address: others can reach 0.0.0.0; that needs a key (--api-key-file)"
is "a short key is refused" \
    "$(MARQUEE_API_KEY=short "$BUILD/serve" --run "$run" 2>&1)" \
    "serve: MARQUEE_API_KEY: a key has at least 16 characters"
start || bail_out "the server starts"
is "it is ready" "$(get /api/health/ready | grep -o '"status":"[a-z]*"')" '"status":"ready"'
is "the page is there" "$(code "$url/")" 200

# ---- the same as recommend ----
same=0
for user in 1 2 3 5 8 13; do
    "$BUILD/recommend" -q --run "$run" --user $user -n 20 --format jsonl |
        sed 's/.*"rank":[0-9]*,"movie":\([0-9]*\),.*,"score":\([^,]*\),"rating".*/\1 \2/' >"$scratch/expected"
    get "/api/recommend/$user?n=20" | sed 's/"movieId"/\n&/g' |
        sed -n 's/^"movieId":\([0-9]*\),.*"score":\([^,]*\),.*/\1 \2/p' >"$scratch/found"
    # recommend prints six digits
    paste -d' ' "$scratch/expected" "$scratch/found" | awk '
        $1 == $3 && ($2 - $4)^2 <= (1e-5 * $2)^2 { good++ } END { exit good != 20 }' || break
    same=$((same + 1))
done
is "movies and scores are those of recommend" $same 6
for purpose in like next; do
    "$BUILD/recommend" -q --run "$run" --user 3 -n 20 --for $purpose --format csv |
        awk -F, 'NR > 1 { printf "%s ", $3 }' >"$scratch/$purpose"
    is "for $purpose: the list of recommend --for $purpose" "$(get "/api/recommend/3?n=20&for=$purpose" | ids)" \
        "$(cat "$scratch/$purpose")"
done
is "without it: for like" "$(get '/api/recommend/3?n=20' | ids)" "$(cat "$scratch/like")"
check "the two lists differ" test "$(cat "$scratch/like")" != "$(cat "$scratch/next")"
check "a prediction has the score of either list" test \
    "$(get '/api/predict?user=3&movie=5' | sed 's/.*"score"//')" != "$(get '/api/predict?user=3&movie=5&for=next' | sed 's/.*"score"//')"
"$BUILD/recommend" -q --run "$run" --likes 1,2,3 -n 5 --format csv |
    awk -F, 'NR > 1 { printf "%s ", $3 }' >"$scratch/expected"
is "a visitor's are those of recommend --likes" \
    "$(post '/api/session/recommend?n=5' '{"movies":[1,2,3]}' | ids)" "$(cat "$scratch/expected")"
# A user's own ratings, oldest first, as those of a visitor.
as_visitor() { # USER
    { get "/api/users/$1?n=10000"; echo; } | sed 's/.*"history"://; s/{"movieId"/\n&/g' |
        sed -n 's/^{"movieId":\([0-9]*\),.*"rating":\([0-9.]*\),.*"timestamp":\([0-9]*\).*/{"movieId":\1,"rating":\2,"timestamp":\3}/p' |
        tac | paste -sd,
}
found=0
for user in $(seq 30); do
    post '/api/session/recommend?n=10' "{\"movies\":[$(as_visitor "$user")]}" | ids | tr ' ' '\n' |
        sed '/^$/d' | sort >"$scratch/visitor"
    get "/api/recommend/$user?n=10" | ids | tr ' ' '\n' | sed '/^$/d' | sort >"$scratch/user"
    found=$((found + $(comm -12 "$scratch/visitor" "$scratch/user" | wc -l)))
done
check "a user's ratings as a visitor's give the user's list ($found of 300)" test "$found" -ge 270
all=$(get '/api/recommend/1?n=10' | ids)
is "offset leaves out the first" "$(get '/api/recommend/1?n=5&offset=5' | ids)" \
    "$(echo "$all" | cut -d' ' -f6-)"
is "exclude leaves out those named" \
    "$(get "/api/recommend/1?n=9&exclude=$(echo "$all" | cut -d' ' -f1)" | ids)" \
    "$(echo "$all" | cut -d' ' -f2-)"
check "diversity changes the order" test "$(get '/api/recommend/1?n=10&diversity=0.9' | ids)" != "$all"
get '/api/recommend/1?n=3&explain=true' >"$scratch/found"
is "the parts of an explanation sum to the score" "$(sed 's/"movieId"/\n&/g' "$scratch/found" |
    awk '/"parts"/ { if (!match($0, /"explanation":\{"score":[-0-9.e]+/)) next
        score = substr($0, RSTART + 23, RLENGTH - 23); rest = substr($0, RSTART + RLENGTH); sum = 0
        gsub(/"strongest":\{[^}]*\}/, "", rest)
        while (match(rest, /"contribution":[-0-9.e]+/)) {
            sum += substr(rest, RSTART + 15, RLENGTH - 15); rest = substr(rest, RSTART + RLENGTH) }
        good += (sum - score)^2 < 1e-12 }
    END { print good + 0 }')" 3

# ---- refusals ----
refused() { # NAME CODE REASON curl arguments
    local name=$1 wanted=$2 reason=$3
    shift 3
    is "$name" "$(code "$@") $(sed 's/.*"reason":"\(.*\)"}}$/\1/' "$scratch/answer")" \
        "$wanted $reason"
}
refused "a path that is not there" 404 "there is nothing here" "$url/api/nothing"
refused "a method that is not there" 405 "this takes POST" "$url/api/feedback"
refused "another purpose" 400 'for: \"fun\" is not one of like|next' "$url/api/recommend/1?for=fun"
refused "a user in words" 400 'user: \"bob\" is not an id' "$url/api/recommend/bob"
refused "a parameter out of range" 400 "n: 0 is not between 1 and 100" "$url/api/popular?n=0"
refused "an unknown parameter" 400 "m: there is no such parameter here" "$url/api/popular?m=1"
refused "an unknown movie" 404 "no movie has the id 99999" "$url/api/movies/99999"
refused "an unknown user's page" 404 "nothing is known of user 99999" "$url/api/users/99999"
refused "an unknown genre" 400 'genre: there is none called \"Nix\"; see /api/genres' \
    "$url/api/popular?genre=Nix"
refused "years the wrong way round" 400 "year_from: is after year_to" \
    "$url/api/popular?year_from=2000&year_to=1990"
refused "a form's content type" 415 "Content-Type: application/json is needed" -d x=1 \
    "$url/api/feedback"
refused "another name of this machine" 403 "Host: is not this machine; other names need a key" \
    -H 'Host: example.org' "$url/api/popular"
json=(-H 'Content-Type: application/json')
view='{"userId":1,"movieId":1,"type":"view"}'
refused "a rating off the grid" 400 "events[1]: value: is not a half star between 0.5 and 5" \
    "${json[@]}" "$url/api/feedback" -d '[{"userId":1,"movieId":1,"type":"view"},
    {"userId":1,"movieId":1,"type":"rating","value":5.5}]'
refused "feedback on an unknown movie" 404 "movieId: no movie has the id 99999" "${json[@]}" \
    -d '{"userId":1,"movieId":99999,"type":"view"}' "$url/api/feedback"
is "HEAD answers without a body" "$(code -I "$url/api/popular")" 200
head -c 1100000 /dev/zero | tr '\0' ' ' >"$scratch/large"
refused "a body too large" 413 "the body is larger than 1 MiB" "${json[@]}" \
    --data-binary "@$scratch/large" "$url/api/feedback"
refused "a chunked body too large" 413 "the body is larger than 1 MiB" "${json[@]}" \
    -H 'Transfer-Encoding: chunked' --data-binary "@$scratch/large" "$url/api/feedback"
refused "an address too long" 414 "the address is longer than 4096 bytes" \
    "$url/api/movies?q=$(printf 'x%.0s' $(seq 5000))"

# ---- the description fits the routes ----
get /apidocs.json >"$scratch/docs"
# Every path once per method; parameters of paths become 1.
missing=$(grep -o '"/[^"]*":{"\(get\|post\|delete\)"\|},"\(get\|post\|delete\)":{"operationId"' \
    "$scratch/docs" | sed 's/:{"operationId"//' | tr -d '",:{}' | sed 's/\(get\|post\|delete\)$/ \1/' |
    while read -r a b; do
        if [ -n "$b" ]; then path=$a method=$b; else method=$a; fi
        path=$(echo "$path" | sed 's/\(user\|movie\)$/1/; s/recommend1$/recommend\/1/')
        [ "$method" = post ] && [ "$path" = /api/reload ] && continue
        [ "$method" = delete ] && continue
        status=$(code -X "$(echo "$method" | tr a-z A-Z)" "$url$path")
        case $status in 404 | 405) echo "$method $path $status" ;; esac
    done)
is "every described path answers" "$missing" ""
is "as many operations as routes" "$(grep -o '"operationId"' "$scratch/docs" | wc -l)" \
    "$(get /metrics | grep -c '_count{route=' | awk '{ print $1 - 2 }')"

# ---- feedback ----
before=$(post '/api/session/recommend?n=10' '{"movies":[]}' | ids)
is "somebody unknown gets what somebody new gets" "$(get '/api/recommend/7000?n=10' | ids)" "$before"
is "feedback is accepted" \
    "$(post /api/feedback '[{"userId":7000,"movieId":5,"type":"rating","value":4.5,"id":"a"},
        {"userId":7000,"movieId":6,"type":"not_interested"}]')" '{"accepted":2,"repeated":0}'
is "repeated, it is not stored again" \
    "$(post /api/feedback '{"userId":7000,"movieId":5,"type":"rating","value":4.5,"id":"a"}')" \
    '{"accepted":0,"repeated":1}'
after=$(get '/api/recommend/7000?n=100' | ids)
check "the next list has changed" test "$(echo "$after" | cut -d' ' -f1-10)" != "$before"
case " $after" in *" 5 "* | *" 6 "*) not_ok "rated and unwanted movies are gone" "$after" ;; *)
    ok "rated and unwanted movies are gone" ;; esac
count() { get "/api/users/1" | grep -o '"count":[0-9]*' | cut -d: -f2; }
trained=$(count)
movie=$(get '/api/recommend/1?n=1' | ids)
post /api/feedback "{\"userId\":1,\"movieId\":${movie% },\"type\":\"view\"}" >/dev/null
is "a trained user's ratings stand with what is new" "$(count)" $((trained + 1))

# ---- kill -9 ----
for i in $(get '/api/popular?n=20' | ids); do
    post /api/feedback "{\"userId\":7001,\"movieId\":$i,\"type\":\"like\"}" >/dev/null
done
stop KILL
start || bail_out "the server starts again"
is "after kill -9 everything acknowledged is there" \
    "$(get /api/users/7001 | grep -o '"events":[0-9]*')" '"events":20'

# ---- forgetting ----
is "a user is forgotten" "$(curl -s -X DELETE "$url/api/users/7001")" \
    '{"userId":7001,"forgotten":true}'
curl -s -X DELETE "$url/api/users/2" >/dev/null
is "then nothing is known" "$(code "$url/api/users/7001") $(code "$url/api/users/2")" "404 404"
is "and recommendations are those for somebody new" "$(get '/api/recommend/2?n=10' | ids)" "$before"

# ---- reloading ----
is "models are loaded again" "$(post /api/reload '')" '{"generation":2}'
cp "$run/factors.all.art" "$scratch/good"
printf x | dd of="$run/factors.all.art" bs=1 seek=3000 conv=notrunc 2>/dev/null
is "damaged ones are refused" "$(code -X POST "${json[@]}" "$url/api/reload")" 500
is "the old ones stay" "$(get /api/health/ready | grep -o '"generation":[0-9]')" '"generation":2'
cp "$scratch/good" "$run/factors.all.art"
kill -HUP $server
third() { get /api/health/ready | grep -q '"generation":3'; }
check "SIGHUP loads them again" soon third

# ---- mixtures ----
# Of the same users, movies and features: all of it would load, but is not of this run.
other=$scratch/other
cp -r "$data" "$other"
awk -F, -v OFS=, 'NR == 2 { $3 = $3 == 3 ? 4 : 3 } 1' "$data/ratings.csv" >"$other/ratings.csv"
"$BUILD/ingest" -q --data "$other" -o "$other/dataset.art" &&
    "$BUILD/split" -q --dataset "$other/dataset.art" -o "$other/split.art" &&
    "$BUILD/split" -q --dataset "$run/dataset.art" --rank-last 1 -o "$other/resplit.art" &&
    "$BUILD/similarity" -q --dataset "$other/dataset.art" --view all -o "$other/similarity.art" &&
    "$BUILD/factorize" -q --dataset "$other/dataset.art" --view all -o "$other/factors.art" ||
    bail_out "models of other ratings are made"
"$BUILD/inspect" dump "$run/ranker.art" | sed 's/^meta view str "fit"$/meta view str "full"/' \
    >"$other/ranker.txt"
"$BUILD/inspect" pack "$other/ranker.txt" "$other/ranker.art" || bail_out "a ranker of another view is made"
mixed() { # FILE, OTHER FILE, REASON: refused by a reload, which keeps the old models, and at the start
    local reason
    cp "$run/$1" "$scratch/good"
    cp "$2" "$run/$1"
    reason=$(code -X POST "${json[@]}" "$url/api/reload"; cat "$scratch/answer")
    case $reason in 500*"the models in use stay: "*"/$1: $3"*) ok "a reload refuses $1: $3" ;; *)
        not_ok "a reload refuses $1: $3" "$reason" ;; esac
    is "and the old models stay" "$(get /api/health/ready | grep -o '"generation":[0-9]')" \
        '"generation":3'
    reason=$(timeout 30 "$BUILD/serve" --run "$run" --database "$scratch/unused" --port 0 2>&1)
    is "it does not start, with status 3" $? 3
    case $reason in *"/$1: $3"*) ok "and says why" ;; *) not_ok "and says why" "$reason" ;; esac
    cp "$scratch/good" "$run/$1"
}
mixed factors.all.art "$other/factors.art" "fitted on view all with id "
mixed similarity.all.art "$other/similarity.art" "fitted on view all with id "
mixed sequence.all.art "$run/sequence.full.art" "fitted on view full, but view all is needed"
mixed ranker.art "$other/ranker.art" "fitted on view full, but view fit is needed"
mixed split.art "$other/split.art" "made from dataset "
cp "$run/split.art" "$scratch/split"
cp "$other/resplit.art" "$run/split.art"
cp "$run/ranker.art" "$scratch/ranker"
mixed ranker.art "$scratch/ranker" "fitted on view fit with id "
kill -HUP $server
told() { grep -q 'the models in use stay: .*/ranker.art: fitted on view fit with id ' "$scratch/log"; }
check "SIGHUP keeps the old ones as well, and the log says why" soon told
cp "$scratch/split" "$run/split.art"
is "nothing is left of it" "$(post /api/reload '')" '{"generation":4}'

# ---- the end ----
stop TERM
is "SIGTERM ends it with 0" $status 0
is "the log has a line per request" "$(grep -cv '^{.*"status":[0-9]*,.*}$' "$scratch/access")" 0

# ---- the closed loop ----
pipeline tiny ingest-feedback SERVE_DATABASE="$db" || bail_out "the database is written as ratings"
is "ratings of the feedback" "$(grep -c '^7000,5,4.5,' "$scratch/runs/tiny.feedback/feedback.csv")" 1
is "users that are forgotten" "$(grep -c . "$scratch/runs/tiny.feedback/forgotten.csv")" 3
pipeline tiny || bail_out "the pipeline runs with feedback"
start || bail_out "the server starts with the new models"
known=$(get /api/users/7000 | grep -o '"trained":true,"events":2,"count":1')
is "who was new is trained on" "$known" '"trained":true,"events":2,"count":1'
is "the trained user has all ratings once" "$(count)" $((trained + 1))
is "no rating of the forgotten is left" \
    "$("$BUILD/inspect" user 2 --run "$run" --view all 2>&1)" "inspect: user: no user has the id 2"
stop TERM

# ---- a full disk ----
# The limit on the size of files stands for it: writes fail, the server lives, and goes on later.
batch="[$(for i in $(seq 900); do
    printf '{"userId":%d,"movieId":1,"type":"view","id":"%060d"},' $((i % 5 + 20000)) "$i"
done | sed 's/,$//')]"
normal=$db
db=$scratch/full.db
start --access-log none || bail_out "the server starts"
prlimit --fsize=262144:unlimited --pid $server
codes=$(for _ in 1 2 3 4 5 6; do
    echo "$batch" | sed "s/\"id\":\"0/\"id\":\"$RANDOM/g" |
        code "${json[@]}" -d @- "$url/api/feedback"
    echo
done | tr '\n' ' ')
case $codes in *"503 503 ") ok "writing to a full disk gives 503" ;; *)
    not_ok "writing to a full disk gives 503" "$codes" ;; esac
is "reading goes on" "$(code "$url/api/recommend/20001") $(code "$url/api/health/ready")" "200 200"
stored=$(get /metrics | sed -n 's/^marquee_events //p')
is "of a failed request nothing is stored" $((stored % 900)) 0
prlimit --fsize=unlimited:unlimited --pid $server
is "with room again it is stored" "$(post /api/feedback "$view")" '{"accepted":1,"repeated":0}'
stop TERM
is "and the end is in order" $status 0
db=$normal

# ---- a slow client ----
start --timeout 1 || bail_out "the server starts with little patience"
slow() { # sends a byte of a header now and then; how many it took
    local host=${url#http://} n
    exec 9<>"/dev/tcp/${host%:*}/${host#*:}" || return
    printf 'GET /api/health/live HTTP/1.1\r\nX-Slow: ' >&9
    for n in $(seq 30); do
        sleep 0.25
        printf x >&9 2>/dev/null || break
    done
    exec 9>&-
    echo "$n"
}
taken=$(trap '' PIPE; slow 2>/dev/null)
check "who dribbles is cut off" test "$taken" -lt 25
is "others are not" "$(code "$url/api/health/live")" 200
stop TERM

# ---- a key ----
export MARQUEE_API_KEY=0123456789abcdef
start || bail_out "the server starts with a key"
is "writing without the key" "$(code "${json[@]}" -d "$view" "$url/api/feedback")" 401
is "writing with another key" \
    "$(code "${json[@]}" -H 'X-API-Key: 0123456789abcdeg' -d "$view" "$url/api/feedback")" 401
is "writing with the key" \
    "$(code "${json[@]}" -H 'X-API-Key: 0123456789abcdef' -d "$view" "$url/api/feedback")" 200
is "reading needs none" "$(code "$url/api/recommend/1")" 200
stop TERM

finish
