#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What tshark makes of captures: each row of rows.tsv, and every session of tests/golden read without a complaint, with all
# checksums right. Where tshark is not there, test_capture alone has looked at the bytes.
set -u
: "${FINWAIT:=./finwait}"
here=$(dirname "$0")
if ! command -v tshark >/dev/null 2>&1; then
	echo "there is no tshark here"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

# shark ARGUMENTS...: what it says, and in $dir/err what it complains about; to be run as root is none of that
shark() {
	tshark -n -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE "$@" 2>"$dir/said"
	status=$?
	grep -v '^Running as user' "$dir/said" >"$dir/err"
	return $status
}

verdict() { # verdict GOOD NAME WHAT
	if [ "$1" = yes ]; then
		passed=$((passed + 1))
	else
		echo "$2: $3"
		failed=$((failed + 1))
	fi
}

tab=$(printf '\t')
while IFS=$tab read -r commands host filter wanted; do
	case $commands in '' | '#'*) continue ;; esac
	# an empty field would be swallowed: rows that are about both hosts say so by `both`
	as="as $host"
	[ "$host" != both ] || as=
	if ! "$FINWAIT" --quiet -c "$commands; export! $dir/x.pcapng $as" >"$dir/out" 2>&1; then
		verdict no "$commands" "$(cat "$dir/out")"
		continue
	fi
	found=$(shark -r "$dir/x.pcapng" -Y "$filter" | wc -l)
	if [ "$found" -eq "$wanted" ]; then
		verdict yes
	else
		verdict no "$commands" "as $host: $found, not $wanted, of: $filter $(cat "$dir/err")"
	fi
done <"$here/rows.tsv"

for script in "$here"/../golden/*.fw; do
	name=$(basename "$script" .fw)
	{ cat "$script"; printf '\nexport! %s\n' "$dir/$name.pcapng"; } >"$dir/x.fw"
	"$FINWAIT" --quiet run "$dir/x.fw" >/dev/null 2>&1
	[ -e "$dir/$name.pcapng" ] || continue
	# 0 is a bad checksum, 2 one that was not looked at; what the hosts say to port 53 is no DNS
	bad=$(shark -r "$dir/$name.pcapng" -Y \
		'ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 2 || (_ws.malformed && tcp)')
	verdict "$([ -z "$bad" ] && [ ! -s "$dir/err" ] && echo yes)" "$name" "$bad $(cat "$dir/err")"
done
rm -f "$dir/x.pcapng"
capinfos "$dir"/*.pcapng >"$dir/out" 2>&1
verdict "$(grep -q '^Number of interfaces in file: 2' "$dir/out" && ! grep -i 'error\|cut short\|damaged' "$dir/out" && echo yes)" capinfos \
	"$(head -n 3 "$dir/out")"
# most of them can be told
[ "$passed" -ge 60 ] || verdict no captures "only $passed were looked at"
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
