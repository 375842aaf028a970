#!/usr/bin/env bash
# The table of a run's files (inspect files) is what pipeline.mk makes, with the stages and views that
# it names, and what artifacts/README.md describes.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

asked() { # MAKE TEXT: what make prints
    make --no-print-directory -s BUILD="$BUILD" RUN=r --eval="asked: ; @$1" asked
}
"$BUILD/inspect" files | tail -n +2 >"$scratch/table"

# ---- files, stages and views: those of the jobs ----
default_view() { # STAGE
    "$BUILD/$1" --help | sed -n 's/.*fit|full|all \[default \([a-z]*\)\].*/\1/p'
}
jobs=$(asked '$(foreach j,$(jobs),echo $(notdir $(call output,$(j))) $($(j).stage) $(filter --view=%,$($(j).args));)' |
    while read -r file stage view; do
        view=${view:-$(default_view "$stage")}
        view=${view#--view=}
        echo "$file $stage ${view:--}"
    done)
is "files, stages and views are those of pipeline.mk" \
    "$(awk '{ print $1, $3, $4 }' "$scratch/table")" "$jobs"

# ---- what recommending needs: the models of view all ----
is "what recommending needs is what make recommend wants" \
    "$(awk '$5 ~ /^(needed|optional)$/ && $1 !~ /\.(fit|full)\.art$/ { print $1 }' "$scratch/table")" \
    "$(asked 'echo $(notdir $(recommend_from))' | tr ' ' '\n')"

# ---- the document: `similarity.fit.art` `.full.art` `.all.art` are three files ----
told=$(sed -n 's/^| `\(.*\.\(art\|json\)\)` | *\([a-z]*\) *| \([a-z]*\) |.*/\1|\3|\4/p' artifacts/README.md |
    awk -F'|' '$3 != "make" {
        many = split($1, name, "` `"); stem = name[1]; sub(/\..*/, "", stem)
        for (i = 1; i <= many; i++)
            print (i == 1 ? name[i] : stem name[i]), ($2 == "" ? "-" : $2), $3 }')
is "files, kinds and stages are those of artifacts/README.md" \
    "$(awk '{ print $1, $2, $3 }' "$scratch/table")" "$told"

finish
