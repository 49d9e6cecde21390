#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/kernels/run.sh refuses a case that shows no difference, one that is wrong, and rows that have no case.
set -u
: "${FINWAIT:=./finwait}"
here=$(dirname "$0")
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

refuses() { # refuses SENTENCE: the cases on standard input are refused with it
	cat >"$dir/cases.fw"
	if CASES=$dir/cases.fw FINWAIT=$FINWAIT "$here/../kernels/run.sh" >"$dir/out" 2>&1; then
		echo "FAILED: accepted, where it should say: $1"
		failed=$((failed + 1))
	elif grep -qF "$1" "$dir/out"; then
		passed=$((passed + 1))
	else
		echo "FAILED: it does not say: $1"
		failed=$((failed + 1))
	fi
}

refuses 'what holds in 6.18 holds in 2.4 too' <<'E'
## close_is_synchronous
close A
@2.4,3.10,5.8 A.state == FIN_WAIT1
@6.18 A.state == FIN_WAIT1
E
refuses 'poll_has_rdhup; 2.4: line:' <<'E'
## poll_has_rdhup
close A
@2.4,3.10,5.8 A.state == CLOSE
@6.18 A.state == FIN_WAIT1
E
refuses 'says nothing of 3.10' <<'E'
## poll_has_rdhup
close A
@2.4 A.state == CLOSE
@5.8,6.18 A.state == FIN_WAIT1
E
refuses 'rst_needs_exact_seq differs between kernels, and no case shows it' </dev/null
refuses 'no_such_row is no row in which kernels differ' <<'E'
# no case: no_such_row it does not exist
E

# a call tree in which two siblings have changed places
sed '/^sock_orphan$/d' "$here/../kernels/trees.txt" | awk '/^              release_sock$/ { held = $0; next } { print } /^              sock_orphan$/ && held { print held; held = "" }' >"$dir/trees.txt"
if TREES=$dir/trees.txt FINWAIT=$FINWAIT "$here/../kernels/run.sh" >"$dir/out" 2>&1; then
	echo "FAILED: a wrong call tree is accepted"
	failed=$((failed + 1))
elif grep -q '^2.4 close() of a connection$' "$dir/out"; then
	passed=$((passed + 1))
else
	echo "FAILED: it does not say which call tree is wrong"
	failed=$((failed + 1))
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
