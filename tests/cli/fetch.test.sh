#!/usr/bin/env bash
# data/fetch against a folder with a made-up zip: no network.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0

check() { # check NAME COMMAND...
    n=$((n + 1))
    if "${@:2}"; then echo "ok $n - $1"; else
        echo "not ok $n - $1"
        sed 's/^/# /' "$work/said"
    fi
}
fetch() { # fetch EXPECTED_STATUS DATASET: what it says goes to $work/said
    MARQUEE_FETCH_URL=file://$work/site data/fetch "$2" "$work/data" >"$work/said" 2>&1
    local status=$?
    if [ "$status" -ne "$1" ]; then
        echo "exit status $status, not $1" >>"$work/said"
        return 1
    fi
}
says() { grep -qF -- "$1" "$work/said"; }
file_is() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }
absent() { [ ! -e "$1" ]; }
# Nothing but what is named may be left in the folder.
only() { [ "$(ls -A "$work/data" | tr '\n' ' ')" = "$1" ]; }

mkdir -p "$work/site" "$work/data"
# ml-100k/u.data with one line
base64 -d >"$work/site/ml-100k.zip" <<'END'
UEsDBAoAAAAAAAAAIVAAAAAAAAAAAAAAAAAIAAAAbWwtMTAway9QSwMECgAAAAAAAAAhUKd7z0sI
AAAACAAAAA4AAABtbC0xMDBrL3UuZGF0YTEJMgkzCTQKUEsBAh4DCgAAAAAAAAAhUAAAAAAAAAAA
AAAAAAgAAAAAAAAAAAAQAO1BAAAAAG1sLTEwMGsvUEsBAh4DCgAAAAAAAAAhUKd7z0sIAAAACAAA
AA4AAAAAAAAAAQAAAKSBJgAAAG1sLTEwMGsvdS5kYXRhUEsFBgAAAAACAAIAcgAAAFoAAAAAAA==
END
cd "$(dirname "$0")/../.." || exit 1
sum=$(md5sum <"$work/site/ml-100k.zip" | cut -d ' ' -f 1)
row=$(printf '1\t2\t3\t4')

echo "1..16"
check "an unknown name is refused" fetch 2 netflix
check "and the known ones are listed" says "ml-latest-small ml-100k ml-1m"

check "without the published checksum it fails" fetch 1 ml-100k
check "and says what is missing" says "ml-100k.zip.md5:"

echo "MD5 (ml-100k.zip) = 00000000000000000000000000000000" >"$work/site/ml-100k.zip.md5"
check "a wrong checksum fails" fetch 1 ml-100k
check "and both sums are named" says "is $sum, but 00000000000000000000000000000000 is published"
check "and nothing is left" only ""

echo "$sum  ml-100k.zip" >"$work/site/ml-100k.zip.md5"
head -c 100 "$work/site/ml-100k.zip" >"$work/data/ml-100k.zip"
check "an interrupted download is resumed" fetch 0 ml-100k
check "and unpacked" file_is "$work/data/ml-100k/u.data" "$row"
check "and the zip is gone" only "ml-100k "

rm "$work/site/ml-100k.zip"
check "a set that is there is left alone" fetch 0 ml-100k
check "and it says so" says "is there already"

rm -r "$work/data/ml-100k"
check "a missing zip fails" fetch 1 ml-100k
check "and says how to go on" says "the same command resumes it"

echo "no zip at all" >"$work/site/ml-latest-small.zip"
check "a zip that is none fails" fetch 1 ml-latest-small
check "and is removed" absent "$work/data/ml-latest-small.zip"
