#!/usr/bin/env bash
# What may stand on make's command line: what is not known, or not accepted, is refused before anything
# runs; the environment has no say; what is switched off is not made; clean-run removes runs alone.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

mkdir "$data"
printf 'userId,movieId,rating,timestamp\n1,1,4,1000000000\n' >"$data/ratings.csv"

# Runs make, which must end with exit status 2, say something, and leave no run behind.
refused() { # NAME WHAT-IT-SAYS [VARIABLE=value | target]...
    local name=$1 says=$2 status trouble=
    shift 2
    pipeline refused "$@"
    status=$?
    [ $status -eq 2 ] || trouble="exit status $status"
    grep -qF -- "$says" "$scratch/log" || trouble="$trouble; does not say: $says"
    [ -z "$(made)" ] || trouble="$trouble; runs: $(made)"
    [ ! -e "$scratch/runs" ] || trouble="$trouble; leaves $(ls "$scratch/runs")"
    if [ -n "$trouble" ]; then not_ok "$name" "${trouble#; }: $(tail -n 5 "$scratch/log")"; else ok "$name"; fi
}

# ---- parameters ----
refused "an unknown parameter: the nearest is named" \
    "ranker: --epocs: unknown option; did you mean --epochs?" pipeline RANKER_EPOCS=3
check "and the variable" grep -qF "make: not accepted: RANKER_EPOCS" "$scratch/log"
refused "a value that the stage does not take" \
    'ranker: --epochs: "abc" is not a whole number between' pipeline RANKER_EPOCHS=abc
refused "a choice that there is not" "did you mean softmax?" pipeline RANKER_LOSS=sofmax
refused "a value that only the stage can read" 'split: --protocol: "leave-two-out"' pipeline SPLIT_PROTOCOL=leave-two-out
refused "two parameters that do not go together" "protocol given needs one" pipeline SPLIT_PROTOCOL=given
for parameter in INGEST_TISE=file SPLIT_NEGATVES=3 SIMILARITY_DMI=3 FACTORIZE_MFDIM=3 SEQUENCE_EPOCH5=3 \
    FEATURES_UNIFROM=3 NCF_EPOCS=3 EVALUATE_BOOTSTARP=3 RECOMMEND_NUMER=3 SERVE_WORKRES=3 GENERATE_UERS=3; do
    refused "$parameter" "unknown option; did you mean" pipeline $parameter
done
refused "what make tells a stage itself is no parameter" "features: --output: unknown option" \
    pipeline FEATURES_OUTPUT=elsewhere.art
refused "a parameter without a name" "make: not accepted: RANKER_" pipeline RANKER_=3
refused "a file that is not there" "gone.csv" pipeline SPLIT_PROTOCOL=given SPLIT_TEST_FILE=gone.csv
refused "a seed" '--seed: "one" is not' pipeline SEED=one
refused "the seed of what is trained" '--seed: "two" is not' pipeline TRAIN_SEED=two
refused "a number of threads" '--threads: "many" is not' pipeline THREADS=many
refused "a port" '--port: "http" is not' serve PORT=http
refused "a list of widths" "is not a list of widths" pipeline RANKER_LAYERS=abc
refused "widths of NCF" "is not a list of widths" pipeline NCF_RATING_LAYERS=64,
refused "heads" "is none of" pipeline RANKER_HEADS=rnak
refused "a list of models" "is not name:tau_past:tau_future" pipeline FACTORIZE_TRANSITION_MODELS=a:1
refused "on the way to one stage" "did you mean --epochs?" ranker RANKER_EPOCS=3
refused "on the way to one artifact" "did you mean --epochs?" "$scratch/runs/refused/dataset.art" RANKER_EPOCS=3
refused "under -n" "did you mean --epochs?" -n pipeline RANKER_EPOCS=3
refused "asked for the status" "did you mean --epochs?" status RANKER_EPOCS=3
refused "asked for recommendations" "did you mean --epochs?" recommend RANKER_EPOCS=3
refused "asked for a benchmark" "did you mean --epochs?" bench-next ML_1M="$data" RANKER_EPOCS=3
MAKEFLAGS="${MAKEFLAGS:-} -- RANKER_EPOCS=3" refused "inherited from another make" "did you mean --epochs?"

# ---- variables ----
refused "a mistyped prefix" "RANKR_LAYERS is neither a variable of the Makefile nor a parameter of a stage; did you mean RANKER_LAYERS?" \
    pipeline RANKR_LAYERS=64
refused "a mistyped variable" "did you mean DATASET?" pipeline DATASETS=tiny
refused "small letters" "did you mean RANKER_EPOCHS?" pipeline ranker_epochs=3
refused "a variable within the makefiles" "neither a variable" pipeline state=elsewhere
refused "a variable that resembles none" "WONDERFULLY_STRANGE is neither" pipeline WONDERFULLY_STRANGE=1
check "and no suggestion" eval '! grep -q "did you mean" "$scratch/log"'
refused "a variable that is no word" "neither a variable" pipeline "RANKER_;exit=1"
refused "whatever the target" "did you mean RUN?" clean-run RUM=a
refused "a switch" "none is the only value" pipeline SEQUENCE=off

# ---- names ----
for name in '' . .. .hidden a/b /a ../a 'a b' 'a ' 'a;b' 'a$$b' "a'b" 'a"b' 'a`b`' 'a*' 'a%b' 'a:b' 'a#b' '-rf' 'a\b'; do
    refused "RUN=$name" "RUN=\"$name\": a name is one word" pipeline RUN="$name"
done
refused "a name on two lines" "a name is one word" pipeline RUN="a
b"
refused "DATASET=../x" 'DATASET="../x": a name is one word' pipeline DATASET=../x
refused "an empty DATASET" 'DATASET="": a name is one word' pipeline DATASET=
refused "RUNS" "a name is one word" compare RUNS="a ../b"
refused "an empty ARTIFACTS" 'ARTIFACTS="": a path is one word' pipeline ARTIFACTS=
refused "white space in DATA_DIR" "a path is one word" pipeline DATA_DIR="a b"
refused "an empty BUILD" 'BUILD="": a path is one word' clean BUILD=

# ---- the environment ----
pipeline a -n pipeline
cp "$scratch/log" "$scratch/without"
SPLIT_BRAIN=1 RANKER_EPOCHS=3 SEED=7 TRAIN_SEED=8 SEQUENCE=none NCF=none pipeline a -n pipeline
check "the environment changes nothing" cmp "$scratch/without" "$scratch/log"

# ---- what is switched off ----
# Of a run that is not there -n names all that would be made.
without() { # ARTIFACT-PATTERN: all artifacts but these
    echo $artifacts | tr ' ' '\n' | grep -v "^$1" | tr '\n' ' ' | sed 's/ $//'
}
pipeline a -n pipeline
is "by default everything is made" "$(made)" "$(echo $artifacts)"
pipeline a -n pipeline SEQUENCE=none
is "without the encoder it is not trained" "$(made)" "$(without sequence)"
check "nor given to anything" eval '! grep -q -- --sequence= "$scratch/log"'
pipeline a -n pipeline NCF=none
is "without ncf it is not trained" "$(made)" "$(without ncf)"
check "nor given to anything" eval '! grep -q -- --ncf= "$scratch/log"'
pipeline a -n recommend SEQUENCE=none
check "recommendations do without it too" eval '! grep -q sequence "$scratch/log"'
pipeline a graph SEQUENCE=none NCF=none
check "the graph does not show it" eval '! grep -q "sequence\|ncf" "$scratch/log"'

# ---- feedback in one go ----
pipeline a -n ingest-feedback pipeline
check "make ingest-feedback pipeline: what is written is read" \
    grep -q "/ingest .*--feedback=$scratch/runs/a.feedback/feedback.csv --forgotten=" "$scratch/log"

# ---- clean-run ----
mkdir -p "$scratch/runs/a/.state" "$scratch/runs/b/.state" "$scratch/runs/folder" "$scratch/outside/.state"
touch "$scratch/runs/a.events.db"
left() { (cd "$scratch" && find runs outside -mindepth 1 | sort | tr '\n' ' '); }
everything=$(left)
for name in '' . .. ../outside /; do
    pipeline a clean-run RUN="$name"
    is "clean-run RUN=$name: exit status" $? 2
done
pipeline a clean-run ARTIFACTS=
is "clean-run ARTIFACTS=: exit status" $? 2
pipeline a clean-run RUN=folder
is "a folder that is no run: exit status" $? 2
pipeline a clean-run RUN=a.events.db
is "the service's database: exit status" $? 2
is "and all of it is left alone" "$(left)" "$everything"
pipeline a clean-run
is "a run" $? 0
is "is removed, and nothing else" "$(left)" "$(echo "$everything" | tr ' ' '\n' | grep -vx 'runs/a\(/.*\)*' | tr '\n' ' ' | sed 's/  $/ /')"
pipeline a clean-run
is "a run that is not there: exit status" $? 0

finish
