#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Each difference between kernels, shown: the same commands end otherwise. cases.fw holds the cases. A case begins with
# `## NAMES`: the rows of the profiles (or sysctls) that it shows. Then come commands, and lines `@KERNELS EXPR`, which must
# hold there in those kernels and at least one of which must not hold in each of the others; `!KERNELS COMMAND` is for some. Every row in which the
# kernels differ needs a case, or a line `# no case: ROW reason` there. trees.txt holds call trees of the older kernels.
set -u
: "${FINWAIT:=./finwait}"
here=$(dirname "$0")
cases=${CASES:-$here/cases.fw}
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0
all='2.4 3.10 5.8 6.18'

# The case as a script for one kernel, with the expectations of another.
script() { # script CASE KERNEL EXPECTATIONS-OF
	printf 'scenario established\nkernel %s\n' "$2"
	awk -v of="$3" -v runs="$2" '/^@/ {
		n = split($1, kernel, ","); sub(/^@/, "", kernel[1])
		for (i = 1; i <= n; i++) if (kernel[i] == of) { sub(/^[^ ]* /, ""); print "expect " $0 }
		next
	} /^!/ {
		n = split($1, kernel, ","); sub(/^!/, "", kernel[1])
		for (i = 1; i <= n; i++) if (kernel[i] == runs) { sub(/^[^ ]* /, ""); print }
		next
	} !/^#/ { print }' "$1"
}

# Kernels of the group that kernel $2 belongs to in case $1: those with the same lines.
group() { awk -v of="$2" '/^@/ { line = $1; sub(/^@/, "", line); if (("," line ",") ~ ("," of ",")) print line }' "$1" | sort -u; }

awk -v dir="$dir" '/^## / { n++; file = sprintf("%s/%03d", dir, n) } file { print > file }' "$cases"
for case in "$dir"/[0-9]*; do
	name=$(sed -n '1s/^## //p' "$case")
	wrong=
	for kernel in $all; do
		[ -n "$(group "$case" "$kernel")" ] || wrong="$wrong; says nothing of $kernel"
		script "$case" "$kernel" "$kernel" >"$dir/script"
		"$FINWAIT" run --quiet "$dir/script" >"$dir/out" 2>&1 || wrong="$wrong; $kernel: $(sed "s|$dir/script|line|" "$dir/out" | tail -1)"
		for other in $all; do
			[ "$(group "$case" "$kernel")" != "$(group "$case" "$other")" ] || continue
			script "$case" "$kernel" "$other" >"$dir/script"
			! "$FINWAIT" run --quiet "$dir/script" >/dev/null 2>&1 || wrong="$wrong; what holds in $other holds in $kernel too"
		done
	done
	if [ -z "$wrong" ]; then
		passed=$((passed + 1))
	else
		echo "$name$wrong"
		failed=$((failed + 1))
	fi
done

# ---- call trees ------------------------------------------------------------------------------------------------------

# The trace's functions that the tree names, indented by how many of them they are called in.
functions() { # functions TREE <TRACE
	awk 'NR == FNR { if (/^--/) on = 1; else if (on) { gsub(/ /, ""); named[$0] = 1 } next }
		/^ *[A-Za-z_0-9]+( *\(goes on\))?$/ {
			match($0, /^ */); depth = RLENGTH; name = $1
			while (n && at[n] >= depth) n--
			if (!(name in named)) next
			printf "%" (2 * n) "s%s\n", "", name
			at[++n] = depth
		}' "$1" -
}

awk -v dir="$dir" '/^## / { n++; file = sprintf("%s/tree%03d", dir, n) } file && !/^$/ { print > file }' "${TREES:-$here/trees.txt}"
for tree in "$dir"/tree*; do
	kernel=$(sed -n '1s/^## \([^ ]*\) .*/\1/p' "$tree")
	{ printf 'kernel %s\n' "$kernel"; sed -n '1d; /^--/q; p' "$tree"; printf 'trace\n'; } >"$dir/script"
	"$FINWAIT" <"$dir/script" 2>&1 | sed '1,/> trace$/d' | functions "$tree" >"$dir/got"
	sed '1,/^--/d' "$tree" >"$dir/wanted"
	if diff -u "$dir/wanted" "$dir/got" >"$dir/out"; then
		passed=$((passed + 1))
	else
		sed -n '1s/^## //p' "$tree"
		tail -n +3 "$dir/out"
		failed=$((failed + 1))
	fi
done

# every row of the matrix has its case
sed -n 's/^## //p; s/^# no case: \([a-z0-9_]*\) .*/\1/p' "$cases" | tr ' ' '\n' | sort >"$dir/shown"
uniq -d "$dir/shown" | while read -r twice; do grep -q "^# no case: $twice " "$cases" && echo "$twice has a case, and a reason for none"; done
"$FINWAIT" --json -c kernel | sed -n 's/.*"event": *"profile", *"name": *"\([a-z0-9_]*\)".*/\1/p' | sort -u >"$dir/rows"
for row in $(comm -23 "$dir/rows" "$dir/shown"); do
	echo "$row differs between kernels, and no case shows it"
	failed=$((failed + 1))
done
"$FINWAIT" --json -c kernel | sed -n 's/.*"event": *"sysctl_default", *"name": *"\([a-z0-9_]*\)".*/\1/p' | sort -u - "$dir/rows" >"$dir/known"
for row in $(sort -u "$dir/shown" | comm -13 "$dir/known" -); do
	echo "$row is no row in which kernels differ"
	failed=$((failed + 1))
done
[ -s "$dir/rows" ] || { echo "there are no rows"; failed=$((failed + 1)); }
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
