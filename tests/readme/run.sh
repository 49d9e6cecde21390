#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The session in the README is what the program says: its commands are typed again, and the two compared. So are the pictures.
set -u
: "${FINWAIT:=./finwait}"
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
awk '/^## A session/ { on = 1; next } on && /^```/ { if (inside) exit; inside = 1; next } inside' README.md >"$dir/told"
sed -n 's/^[AB]> //p' "$dir/told" | "$FINWAIT" >"$dir/said" 2>&1
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
[ -s "$dir/told" ] && diff -u "$dir/told" "$dir/said"
verdict $? 'the session is another (see above)'
mkdir "$dir/screens"
LC_ALL=C.UTF-8 tests/tools/screenshots "$FINWAIT" "$dir/screens"
sed -n 's/.*(\(assets\/screens\/[^)]*\)).*/\1/p' README.md >"$dir/pictures"
while read -r picture; do
	cmp -s "$picture" "$dir/screens/${picture##*/}"
	verdict $? "$picture is not what stands on the screen: make screenshots"
done <"$dir/pictures"
[ "$passed" -ge 2 ] || verdict 1 'the README shows no picture'
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
