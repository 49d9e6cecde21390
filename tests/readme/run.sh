#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The session in the README is what the program says: its commands are typed again, and the two compared.
set -u
: "${FINWAIT:=./finwait}"
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
awk '/^## A session/ { on = 1; next } on && /^```/ { if (inside) exit; inside = 1; next } inside' README.md >"$dir/told"
sed -n 's/^[AB]> //p' "$dir/told" | "$FINWAIT" >"$dir/said" 2>&1
if [ -s "$dir/told" ] && diff -u "$dir/told" "$dir/said"; then
	echo "1 passed, 0 failed, 0 skipped"
else
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
fi
