#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The demos that come with the program: each holds what it claims, says something worth claiming in every chapter, and is recorded
# the same way twice. And a demo that is broken on purpose is refused.
set -u
: "${FINWAIT:=./finwait}"
demos=$(dirname "$0")/../../assets/demos
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

verdict() { # verdict STATUS WHAT
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1))
	else
		echo "$2"
		failed=$((failed + 1))
	fi
}

for demo in "$demos"/*.fw; do
	name=${demo##*/}
	"$FINWAIT" play --check "$demo" >"$dir/out" 2>&1
	verdict $? "$name: $(cat "$dir/out")"
	awk '
		/^chapter / { if (open) print open ": no expect in it"; open = $0 }
		/^(expect|until) / { open = "" }
		END { if (open) print open ": no expect in it" }' "$demo" >"$dir/out"
	verdict "$([ -s "$dir/out" ] && echo 1 || echo 0)" "$name: $(cat "$dir/out")"
	# what is read from a wall: no more than some three lines at a time
	awk 'match($0, /^(say|ask) ".*"/) && length($0) > 260 { print "line " FNR ": too long to be read from a wall" }' "$demo" >"$dir/out"
	verdict "$([ -s "$dir/out" ] && echo 1 || echo 0)" "$name: $(cat "$dir/out")"
	"$FINWAIT" --quiet run "$demo" >"$dir/out" 2>&1 && [ ! -s "$dir/out" ]
	verdict $? "$name: run says something: $(cat "$dir/out")"
	rm -f "$dir/one.cast" "$dir/two.cast"
	"$FINWAIT" play --record "$dir/one.cast" "$demo" >"$dir/out" 2>&1 && "$FINWAIT" play --record "$dir/two.cast" "$demo" >"$dir/out" 2>&1 &&
		cmp -s "$dir/one.cast" "$dir/two.cast"
	verdict $? "$name: recorded in two ways: $(cat "$dir/out")"
	for size in 60x16 80x24 132x43; do
		rm -f "$dir/two.cast"
		"$FINWAIT" play --record "$dir/two.cast" --size "$size" "$demo" >"$dir/out" 2>&1
		verdict $? "$name: not recorded at $size: $(cat "$dir/out")"
	done
	[ "$(grep -c '"m"' "$dir/one.cast")" -eq "$(grep -c '^chapter' "$demo")" ]
	verdict $? "$name: a recording has a marker for each chapter"
done

# each of these does not hold, or is wrong, and is named with its line
refused() { # refused STATUS MESSAGE SCRIPT...
	status=$1 message=$2
	shift 2
	printf '%s\n' "$@" >"$dir/broken.fw"
	"$FINWAIT" play --check "$dir/broken.fw" >"$dir/out" 2>"$dir/err"
	[ $? -eq "$status" ] && [ ! -s "$dir/out" ] && grep -qF "broken.fw:$message" "$dir/err"
	verdict $? "not refused: $*: $(cat "$dir/err")"
}
refused 1 '3:1: expect A.state == CLOSE: it does not hold' 'say "x"' 'close A' 'expect A.state == CLOSE'
refused 2 '2:1: there is no command' 'say "x"' 'clse A'
refused 2 '1:' 'ask "x"'
# a claim of a real demo, turned round
sed 's/^expect wire.last.rst$/expect !wire.last.rst/' "$demos/unread-byte.fw" >"$dir/turned.fw"
"$FINWAIT" play --check "$dir/turned.fw" >"$dir/out" 2>&1
verdict "$([ $? -eq 1 ] && echo 0 || echo 1)" "turned round, it holds: $(cat "$dir/out")"

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
