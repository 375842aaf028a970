#!/usr/bin/env bash
# The graph of pipeline.mk against what the programs say of themselves (--describe): every input of a
# job is one of its stage, of the right kind and fitted on the right view; what a stage needs is given;
# every option is one that it has.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

generate "$data" 20 40 400
mkdir "$scratch/tables"
for main in stages/*/main.c; do
    program=$(basename "$(dirname "$main")")
    [ "$program" = inspect ] || "$BUILD/$program" --describe >"$scratch/tables/$program" || exit 1
done

# ---- the checker: reads lines "PROGRAM --option=value ...", in the order in which they run ----
row() { # PROGRAM WORD NAME [FIELD]: the row of its table that begins so, or a field of it
    awk -F'\t' -v word="$2" -v name="$3" -v field="${4:-0}" '$1 ~ "^(" word ")$" && (name == "" || $2 == name) { print $field }' \
        "$scratch/tables/$1"
}

declare -A kind_of view_of

check_input() { # PROGRAM ROLE FILE VIEW
    local rule kind
    kind=$(row "$1" input "$2" 3)
    rule=$(row "$1" input "$2" 5)
    if [ "$3" = none ]; then return; fi
    if [ "${kind_of[$3]:-nothing}" != "$kind" ]; then
        echo "$1: --$2 wants a $kind, $3 is ${kind_of[$3]:-made by nobody before}"
    fi
    case $rule in
    run) rule=$4 ;;
    unfitted) rule= ;;
    esac
    [ "${view_of[$3]:-}" = "$rule" ] || echo "$1: --$2 wants view ${rule:-none}, $3 has ${view_of[$3]:-none}"
}

check_needed() { # PROGRAM OPTION...
    local role requirement program=$1
    shift
    while IFS=$'\t' read -r _ role _ requirement _; do
        case " $* " in
        *" --$role="*) ;;
        *) [ "$requirement" != required ] || echo "$program: --$role is not given" ;;
        esac
    done < <(row "$program" input '')
}

check_job() { # PROGRAM OPTION...
    local program=$1 view output= option name value
    shift
    view=$(row "$program" view '' 2)
    for option in "$@"; do
        case $option in
        --view=*) view=${option#*=} ;;
        --output=*) output=${option#*=} ;;
        esac
    done
    for option in "$@"; do
        name=${option%%=*} value=${option#*=}
        if [ -n "$(row "$program" input "${name#--}")" ]; then
            check_input "$program" "${name#--}" "$value" "$view"
        elif [ -z "$(row "$program" 'option|common' "${name#--}")" ]; then
            echo "$program: has no $name"
        fi
    done
    check_needed "$program" "$@"
    [ -n "$output" ] || return 0
    kind_of[$output]=$(row "$program" output '' 2)
    view_of[$output]=$view
    case $output in
    *.art) [ -n "${kind_of[$output]}" ] || echo "$program: makes no artifact, $output is called one" ;;
    *) [ -z "${kind_of[$output]}" ] || echo "$program: $output is an artifact, and not called one" ;;
    esac
}

complaints() { # FILE of command lines
    local words line
    kind_of=() view_of=()
    while IFS= read -r line; do
        eval "words=(${line%% >*})"
        check_job "$(basename "${words[0]}")" "${words[@]:1}"
    done <"$1"
}

# The commands of a target, of a run that is not there.
commands() { # TARGET...
    pipeline none -n "$@" || return
    grep "^$BUILD/[a-z]* .*--" "$scratch/log" | grep -v " --print\| --check\|/inspect \|/report "
}

# ---- the graph ----
commands pipeline >"$scratch/graph" || bail_out "the graph is printed"
is "every artifact is made" "$(made)" "$(echo $artifacts)"
is "the graph fits the stages" "$(complaints "$scratch/graph")" ""
for switch in SEQUENCE=none NCF=none "SEQUENCE=none NCF=none"; do
    commands pipeline $switch >"$scratch/graph-less"
    is "and with $switch" "$(complaints "$scratch/graph-less")" ""
done
commands recommend USER=1 >"$scratch/lines"
check "recommendations are made from the run" grep -q "/recommend .*--ranker=" "$scratch/lines"
is "and what they are made from fits" "$(complaints "$scratch/lines")" ""

for table in "$scratch"/tables/*; do
    program=$(basename "$table")
    [ -z "$(row "$program" 'output' '')" ] || echo "$program"
done >"$scratch/makers"
sed 's,^[^ ]*/\([a-z]*\) .*,\1,' "$scratch/graph" | sort -u | grep -v evaluate >"$scratch/in-graph"
check "every stage that makes an artifact is in the graph" diff "$scratch/makers" "$scratch/in-graph"

# ---- that the checker finds what is wrong ----
broken() { # NAME SED-SCRIPT WHAT-IS-SAID
    sed "$2" "$scratch/graph" >"$scratch/broken"
    if cmp -s "$scratch/graph" "$scratch/broken"; then not_ok "$1" "nothing was broken"; return; fi
    is "$1" "$(complaints "$scratch/broken" | sed "s,$scratch/runs/none/,," | head -n 1)" "$3"
}
broken "another view" '/\/features /s,/factors.fit.art,/factors.full.art,' \
    "features: --factors wants view fit, factors.full.art has full"
broken "models that saw the test" '/\/evaluate /s,/similarity.full.art,/similarity.all.art,' \
    "evaluate: --similarity wants view full, similarity.all.art has all"
broken "another kind" '/\/features /s,/factors.fit.art,/similarity.fit.art,' \
    "features: --factors wants a factors, similarity.fit.art is similarity"
broken "an input that the stage does not have" '/\/split /s,--dataset=,--ranker=,' "split: has no --ranker"
broken "an input that is missing" '/\/features /s,--split=[^ ]*,,' "features: --split is not given"
broken "an input that nobody makes" '/\/similarity .*fit/d' \
    "features: --similarity wants a similarity, similarity.fit.art is made by nobody before"
broken "a file that is no artifact" '/\/evaluate /s,metrics.json,metrics.art,' \
    "evaluate: makes no artifact, metrics.art is called one"

finish
