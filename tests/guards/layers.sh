#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# layers.sh DIR: fails when a file in a room under DIR includes a header of a room that is not below its own, or when
# one of the plain C17 rooms at the bottom includes a system header that is not C's own.
set -u
files=$(find "$1" -name '*.[ch]' -o -name '*.def' | sort)
[ -n "$files" ] || { echo "layers: there is nothing in $1" >&2; exit 1; }
# shellcheck disable=SC2086
awk -v top="$1/" '
BEGIN {
	n = split("base wire engine tape explore=live lang drill=lesson view term main.c", steps)
	for (i = 1; i <= n; i++) {
		m = split(steps[i], rooms, "=")
		for (j = 1; j <= m; j++)
			rank[rooms[j]] = i
	}
	n = split("assert errno inttypes limits setjmp signal stdarg stdbool stddef stdint stdio stdlib string xxhash", names)
	for (i = 1; i <= n; i++)
		plain[names[i] ".h"] = 1
}
function refuse(why) {
	print FILENAME ":" FNR ": " why
	bad = 1
}
FNR == 1 {
	room = substr(FILENAME, length(top) + 1)
	sub(/\/.*/, "", room)
	if (!(room in rank))
		refuse("\"" room "\" is no room that the order of rooms knows")
}
/^[ \t]*#[ \t]*include/ {
	name = $0
	sub(/^[ \t]*#[ \t]*include[ \t]*/, "", name)
	quote = substr(name, 1, 1)
	name = substr(name, 2)
	sub(/[">].*/, "", name)
	other = name
	sub(/\/.*/, "", other)
	if (other in rank) {
		if (rank[other] >= rank[room] && other != room)
			refuse("room " room " may not know " name)
	} else if (quote == "\"") {
		refuse("\"" name "\" names no room")
	} else if (quote != "<") {
		refuse("an include that cannot be read here")
	} else if (rank[room] > 1 && rank[room] <= rank["tape"] && !(name in plain)) {
		refuse("<" name "> is not for room " room)
	}
}
END { exit bad }' $files
