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

# The assignment in lessons/README.md: its checker gives the solution there all points, and finds what others lack.
mkdir "$dir/class" "$dir/bin"
block() { # block LANGUAGE: the first fence of that language behind the heading
	awk -v fence="\`\`\`$1" '/^## Assignments/ { on = 1 } on && inside && /^```$/ { exit } inside { print } on && $0 == fence { inside = 1 }' lessons/README.md
}
block sh >"$dir/class/check.sh"
awk '/^## Assignments/ { on = 1 } on && /^scenario unread-data$/ { inside = 1 } inside && /^```$/ { exit } inside' lessons/README.md >"$dir/class/full.fw"
ln -s "$(realpath "$FINWAIT")" "$dir/bin/finwait"
sed '/^shutdown/d' "$dir/class/full.fw" >"$dir/class/open.fw"
sed 's/^shutdown B wr/close B/' "$dir/class/full.fw" >"$dir/class/rude.fw"
sed '1d' "$dir/class/full.fw" >"$dir/class/headless.fw"
sed '2i abort A' "$dir/class/full.fw" >"$dir/class/forced.fw"
sed '2i sned B "no"' "$dir/class/full.fw" >"$dir/class/typo.fw"
sed '2i send B' "$dir/class/full.fw" >"$dir/class/broken.fw"
printf 'scenario unread-data\nquit\n' >"$dir/class/early.fw"
printf 'scenario unread-data\ntick 1ms;save own.fw # a comment\n' >"$dir/class/writer.fw"
printf 'scenario unread-data\n  save own.fw\n' >"$dir/class/indented.fw"
printf 'scenario unread-data\nsend B "#"; save own.fw\n' >"$dir/class/hidden.fw"
printf 'scenario unread-data\n\0\377\033[2J\n' >"$dir/class/bytes.fw"
sed '$a scenario time-wait' "$dir/class/full.fw" >"$dir/class/other.fw"
sed '$a scenario unread-data' "$dir/class/full.fw" >"$dir/class/again.fw"
sed 's/^\(deliver\) all/\t\1   all  # behind a tab/; s/$/\r/' "$dir/class/full.fw" >"$dir/class/crlf.fw"
sed '2{h;G;G;G;G}' "$dir/class/full.fw" >"$dir/class/long.fw"
cat >"$dir/class/expected" <<'END'
full.fw: 5
open.fw: 3, missing: A-gone B-gone
rude.fw: 4, missing: no-rst
headless.fw: 0, it does not begin with unread-data
forced.fw: 0, not allowed: abort A
typo.fw: 0, not allowed: sned B "no"
broken.fw: 0, broken.fw:2:1: what to send is missing: 100, 4KiB or "hello", for example
early.fw: 0, not allowed: quit
writer.fw: 0, not allowed: save own.fw 
indented.fw: 0, not allowed: save own.fw
hidden.fw: 0, not allowed: save own.fw
bytes.fw: 0, not allowed: [2J
other.fw: 0, not allowed: scenario time-wait
again.fw: 0, it begins twice
crlf.fw: 5
long.fw: 3, missing: answer short
END
(cd "$dir/class" && PATH=$dir/bin:$PATH sh ./check.sh full.fw open.fw rude.fw headless.fw forced.fw typo.fw \
	broken.fw early.fw writer.fw indented.fw hidden.fw bytes.fw other.fw again.fw crlf.fw long.fw) >"$dir/class/said" 2>&1
diff -u "$dir/class/expected" "$dir/class/said"
verdict $? 'the checker of the assignment says something else (see above)'
[ ! -e "$dir/class/own.fw" ]
verdict $? 'the checker lets a script write a file'

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
