# That the list of mutants holds, and that tests/mutants/run tells what is killed from what is not: on
# a tree of one function and one test.
# shellcheck source=tests/pipeline/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../pipeline/lib.sh"
here=$PWD/tests/mutants

check "every mutant applies, and its tests exist" tests/mutants/run --check
covers() { # every wing of the library and every stage has a mutant
    local folder source sources
    sources=$(awk '/^[a-z]/ { print $2 }' tests/mutants/mutants.list | sort -u |
        while read -r source; do find common stages -path "*/$source"; done)
    for folder in common/*/ stages/*/; do
        case $sources in *"$folder"*) ;; *) echo "no mutant in $folder" && return 1 ;; esac
    done
    [ "$(grep -c '^[a-z]' tests/mutants/mutants.list)" -ge 40 ]
}
check "they are forty or more, in every folder of common/ and stages/" covers

# ---- the runner ----
toy=$scratch/toy
mkdir -p "$toy/common/base" "$toy/stages" "$toy/data/generate" "$toy/tests/unit" "$toy/tests/mutants"
cp tests/run.sh "$toy/tests/"
cd "$toy" || exit 1
git init -q .
printf '/build/\n' >.gitignore
cat >common/base/add.c <<'C'
int add(int a, int b);
int add(int a,
        int b) {
    return a + b;
}
C
cat >tests/unit/test_add.c <<'C'
#include <stdio.h>
int add(int a, int b);
int main(void) {
    puts("1..1");
    puts(add(2, 3) == 5 ? "ok 1 - adds" : "not ok 1 - adds");
    return 0;
}
C
printf 'echo 1..1; if [ "$(build/tests/unit/test_add | grep -c adds)" = 1 ]; then echo ok 1; else echo not ok 1; fi\n' \
    >tests/unit/lines.test.sh
cat >Makefile <<'MAKE'
all: build/tests/unit/test_add
build/tests/unit/test_add: tests/unit/test_add.c common/base/add.c
	@mkdir -p build/tests/unit
	@$${CC:-cc} -o $@ $^
MAKE
cat >tests/mutants/mutants.list <<'LIST'
minus add.c test_add
- return a + b;
+ return a - b;

order base/add.c lines.test.sh
- (int a, int b) {
-     return a + b;
+ (int a, int b) {
+     return b + a;

loops add.c test_add
- return a + b;
+ for (;;) a += b;

nonsense add.c test_add
- return a + b;
+ return a +;

gone add.c test_add
- return a * b;
+ return a;

twice add.c test_add
- int add(int a, int b)
+ long add(int a, int b)
LIST
run() { LIMIT=2 TREE=$toy "$here/run" "$@" >"$scratch/out" 2>&1; }

run minus
is "a mutant that a test notices is killed" "$? $(sed 's/ ([0-9]* s)//' "$scratch/out" | tr -s ' ' | tr '\n' ';')" \
    "0 killed minus test_add: not ok 1 - adds;1 killed, 0 survived, 0 errors;"
run order minus
is "one that none notices survives" "$? $(grep -c '^SURVIVED  order .*common/base/add.c' "$scratch/out") $(tail -n 1 "$scratch/out")" \
    "1 1 1 killed, 1 survived, 0 errors"
run loops
is "a test that does not end has noticed" "$? $(grep -c '^killed    loops .*does not end' "$scratch/out")" "0 1"
run nonsense
is "what does not compile is a fault of the list" "$? $(grep -c '^error     nonsense .*error: expected' "$scratch/out")" "2 1"
run --check
is "and so is text that is not there once" "$? $(tr '\n' ';' <"$scratch/out")" \
    "1 gone: its text is not in the file;twice: its text is in the file more than once;"
printf 'int main(void) { return 1; }\n' >tests/unit/test_add.c
run minus
is "a test that fails anyway says nothing" "$? $(grep -c 'fails without any mutant' "$scratch/out")" "2 1"
check "the tree itself is not touched" grep -q 'return a + b;' common/base/add.c
cd - >/dev/null || exit 1
finish
