#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The guards of the house over the house itself, then over what breaks their rules.
set -u
: "${BUILD:=build}"
here=$(dirname "$0")
passed=0
failed=0

holds() { # holds NAME COMMAND...
	name=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $name"
	fi
}
holds layers "$here/layers.sh" src
# A build with sanitizers or coverage calls their libraries: only a plain build can show this.
case $BUILD in
build) holds purity "$here/purity.sh" "$BUILD" ;;
esac
holds padding "$here/padding.sh" src/engine/world.h
for t in "$here"/test-*.sh; do
	result=$("$t")
	echo "$result" | sed '$d'
	# the last line: "N passed, N failed, N skipped"
	# shellcheck disable=SC2046
	set -- $(echo "$result" | sed -n '$s/,//gp')
	passed=$((passed + ${1:-0}))
	failed=$((failed + ${3:-1}))
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
