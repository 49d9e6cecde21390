#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# That nothing which goes wrong in a suite gets lost on the way to the last line.
set -u
runner=$(cd "$(dirname "$0")/.." && pwd)/run-suites
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 2
mkdir -p tests/unit build/tests/unit
passed=0
failed=0

program() { # program PATH LINES...
	mkdir -p "$(dirname "$1")"
	printf '#!/bin/sh\n%s\n' "$2" >"$1"
	chmod +x "$1"
}
unit_program() { # unit_program NAME LINES
	: >"tests/unit/test_$1.c"
	program "build/tests/unit/test_$1" "$2"
}
expect() { # expect NAME STATUS LAST-LINE SUITE...
	name=$1
	want="$2 $3"
	shift 3
	BUILD=build "$runner" "$@" >"$dir/out" 2>&1
	got="$? $(tail -n 1 "$dir/out")"
	if [ "$got" = "$want" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: run-suites: $name: $got"
		sed 's/^/   /' "$dir/out"
	fi
}

program tests/good/run.sh 'echo hello; echo "3 passed, 0 failed, 1 skipped"'
program tests/bad/run.sh 'echo "3 passed, 2 failed, 0 skipped"; exit 1'
program tests/mute/run.sh 'echo "all is well"'
program tests/liar/run.sh 'echo "3 passed, 0 failed, 0 skipped"; exit 1'
program tests/idle/run.sh 'echo "0 passed, 0 failed, 0 skipped"'
expect 'counts add up' 0 '6 passed, 0 failed, 2 skipped' good good
expect 'a failure is a failure' 1 '6 passed, 2 failed, 1 skipped' good bad
expect 'a suite without a count has failed' 1 '3 passed, 1 failed, 1 skipped' good mute
expect 'so has one whose status says so' 1 '3 passed, 1 failed, 0 skipped' liar
expect 'and one that is not there' 1 '0 passed, 1 failed, 0 skipped' nowhere
expect 'nothing is not enough' 1 '0 passed, 0 failed, 0 skipped' idle

unit_program a 'printf "1..3\nok 1 - x\nok 2 - y\nnot ok 3 # SKIP z\n"'
expect 'unit tests are counted one by one' 0 '2 passed, 0 failed, 1 skipped' unit
unit_program b 'printf "1..2\nok 1 - x\nnot ok 2 - y\n"; exit 1'
expect 'a failed one too' 1 '3 passed, 1 failed, 1 skipped' unit
unit_program b 'printf "1..2\nok 1 - x\n"; kill -ABRT $$'
expect 'a program that dies has failed' 1 '3 passed, 1 failed, 1 skipped' unit
unit_program b 'printf "1..1\nok 1 - x\n"; exit 1'
expect 'also one that ends badly after its last test' 1 '3 passed, 1 failed, 1 skipped' unit
unit_program b 'printf "1..2\nok 1 - x\n"; exec sleep 60'
LIMIT=1
export LIMIT
expect 'and one that does not end' 1 '3 passed, 1 failed, 1 skipped' unit
program tests/slow/run.sh 'exec sleep 60'
expect 'or a suite that does not' 1 '3 passed, 1 failed, 1 skipped' good slow
unset LIMIT
rm build/tests/unit/test_b
expect 'and one that was not built' 1 '2 passed, 1 failed, 1 skipped' unit

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
