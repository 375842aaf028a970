#!/usr/bin/env bash
# Remakes the golden files: artifacts from their texts, damaged ones from those, and what inspect says
# of each. `make golden`; the difference in git is the change to review.
set -eu
cd "$(dirname "$0")"
inspect=$1 forge=$2

for text in good/*.txt; do
    "$inspect" pack "$text" "${text%.txt}.art"
done
{
    echo 'marquee text 1 kind table column ascending u32 [600000]'
    seq 1 600000
    echo 'column alternating i64 [200000]'
    seq 1 200000 | awk '{ print $1 % 2 ? $1 : -$1 }'
} >long.text
"$inspect" pack long.text good/long.art
rm long.text
for art in good/*.art; do
    { "$inspect" show "$art"; "$inspect" ls "$art"; } | sed 's/ *$//' >"${art%.art}.show"
done

value() { # COLUMN POSITION VALUE: a text with one value changed
    awk -f set_value.awk -v column="$1" -v position="$2" -v value="$3"
}

rm -f damaged/*
grep -v '^#' damaged.list | while read -r name source edits; do
    # shellcheck disable=SC2086
    case $edits in
    value\ *)
        $edits <"good/$source.txt" >damaged/text
        "$inspect" pack damaged/text "damaged/$name.art" 2>/dev/null
        rm damaged/text
        ;;
    *) "$forge" "good/$source.art" "damaged/$name.art" $edits ;;
    esac
    status=0
    "$inspect" verify "damaged/$name.art" >"damaged/$name.verify" || status=$?
    echo "exit status $status" >>"damaged/$name.verify"
    status=0
    "$inspect" dump "damaged/$name.art" >/dev/null 2>"damaged/$name.error" || status=$?
    echo "exit status $status" >>"damaged/$name.error"
done
