#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every session of tests/golden that packetdrill can be told, told from both hosts: the player finds each script right. With
# KEEP=DIR the scripts stay in DIR, to be shown to a real kernel.
set -u
: "${FINWAIT:=./finwait}"
sessions=$(dirname "$0")/../golden
dir=${KEEP:-$(mktemp -d)} || exit 2
[ -n "${KEEP:-}" ] || trap 'rm -rf "$dir"' EXIT
passed=0
failed=0
for script in "$sessions"/*.fw; do
	for host in A B; do
		name=$(basename "$script" .fw)-$host
		{ cat "$script"; printf '\nexport! %s as %s\n' "$dir/$name.pkt" "$host"; } >"$dir/$name.fw"
		said=$("$FINWAIT" run "$dir/$name.fw" 2>&1 >/dev/null)
		rm -f "$dir/$name.fw"
		case $said in
		*'no packetdrill script can be made of this: '*) continue ;;
		esac
		kernel=$(sed -n '1s/.* drill --kernel //p' "$dir/$name.pkt")
		if said=$("$FINWAIT" drill --kernel "${kernel:-6.18}" "$dir/$name.pkt" 2>&1); then
			passed=$((passed + 1))
		else
			printf '%s\n' "$said"
			failed=$((failed + 1))
		fi
	done
done
# most of them can be told
[ "$passed" -ge 60 ] || failed=$((failed + 1))
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
