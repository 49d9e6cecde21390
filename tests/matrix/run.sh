#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Plays the test of every row of rows.tsv. A test stands in one of the *.fw files here, behind a line `# row ID ...`, and goes to
# the next such line; each is run as a script of its own. A row without a test, a test without `expect`, or a test of no
# known row fails.
set -u
: "${FINWAIT:=./finwait}"
here=$(dirname "$0")
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT

cat "$here"/*.fw | awk -v dir="$dir" '
	/^# row / { if (file) close(file); file = dir "/" $3 ".fw"; if ($3 in seen) print "row " $3 " is tested twice"; seen[$3] = 1 }
	file { print > file }'
passed=0
failed=0
tab=$(printf '\t')
while IFS="$tab" read -r id state event what; do
	case $id in '#'*) continue ;; esac
	script=$dir/$id.fw
	if [ ! -f "$script" ]; then
		echo "row $id ($state: $event) has no test"
		failed=$((failed + 1))
	elif ! grep -q '^ *expect ' "$script"; then
		echo "row $id ($state: $event) expects nothing"
		failed=$((failed + 1))
	elif "$FINWAIT" run --quiet "$script" >"$dir/out" 2>&1; then
		passed=$((passed + 1))
	else
		echo "row $id ($state: $event): $what"
		sed "s|$dir/||; s/^/   /" "$dir/out" | tail -5
		failed=$((failed + 1))
	fi
	rm -f "$script"
done <"$here/rows.tsv"
for left in "$dir"/*.fw; do
	[ -f "$left" ] || continue
	echo "$(basename "$left" .fw) is no row of rows.tsv"
	failed=$((failed + 1))
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
