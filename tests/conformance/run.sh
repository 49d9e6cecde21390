#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Plays every script of this folder. Those of not-yet.txt are expected to fail, and it is a mistake when they do not.
set -u
: "${FINWAIT:=./finwait}"
dir=$(dirname "$0")
out=$(mktemp)
trap 'rm -f "$out"' EXIT
passed=0
failed=0
skipped=0

"$FINWAIT" drill "$dir"/*.pkt >"$out" 2>&1
status=$?
[ "$status" -le 1 ] || { cat "$out"; echo "drill ended with status $status"; exit 1; }

reason() { # why a script is listed; fails when it is not
	awk -v name="$1" '$1 == name { $1 = ""; print; found = 1 } END { exit !found }' "$dir/not-yet.txt"
}
for script in "$dir"/*.pkt; do
	name=$(basename "$script" .pkt)
	verdict=$(awk -v script="$script:" 'NF == 2 && $1 == script { print $2 }' "$out")
	if why=$(reason "$name"); then
		if [ "$verdict" = failed ]; then
			echo "$name: not yet:$why"
			skipped=$((skipped + 1))
		else
			echo "$name: $verdict, but not-yet.txt lists it"
			failed=$((failed + 1))
		fi
	elif [ "$verdict" = passed ]; then
		passed=$((passed + 1))
	else
		echo "$name: ${verdict:-no verdict}"
		sed -n "\|^$script:[0-9]|,\|^$script: |p" "$out"
		failed=$((failed + 1))
	fi
done
# shellcheck disable=SC2013
for name in $(sed -n 's/^\([^# ][^ ]*\).*/\1/p' "$dir/not-yet.txt"); do
	[ -f "$dir/$name.pkt" ] || { echo "not-yet.txt lists $name, which is no script"; failed=$((failed + 1)); }
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
