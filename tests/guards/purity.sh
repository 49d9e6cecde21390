#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# purity.sh BUILD: fails when an object of the engine or of wire has something writable, or calls anything but its own
# rooms and a short list. Their state is their first argument; they have no files, no memory of their own, no clock.
#
# The objects are those of BUILD/src/engine and BUILD/src/wire, and the engine's second body BUILD/quiet/engine.o.
set -u
library='memcpy memset memcmp memmove memchr strcmp strncmp strlen abort longjmp __longjmp_chk _setjmp __sigsetjmp __stack_chk_fail'
engine="$library err_set"
# wire also turns segments into text and back
wire="$engine err_place snprintf vsnprintf"

objects=$(find "$1/src/engine" "$1/src/wire" "$1/quiet/engine.o" -name '*.o' 2>/dev/null | sort)
[ -n "$objects" ] || { echo "purity: there is no object in $1" >&2; exit 1; }
# shellcheck disable=SC2086
own=$(nm --defined-only --extern-only $objects | awk 'NF == 3 { printf " %s", $3 }')

bad=$(for object in $objects; do
	# by section too: what is static may have lost its name
	size -A "$object" | awk -v o="$object" '
		/^\.(data|bss|tdata|tbss)/ && $2 > 0 { print o ": " $2 " writable bytes in " $1 }'
	nm "$object" | awk -v o="$object" '$(NF - 1) ~ /^[bBdDcCsSgG]$/ { print o ": writable: " $NF }'
	case $object in
	"$1"/src/wire/*) allowed=$wire ;;
	*) allowed=$engine ;;
	esac
	nm --undefined-only "$object" | awk -v o="$object" -v allowed="$allowed$own" '
		BEGIN { n = split(allowed, names); for (i = 1; i <= n; i++) ok[names[i]] = 1 }
		NF == 2 && !($2 in ok) { print o ": uses " $2 }'
done)
[ -z "$bad" ] && exit 0
echo "$bad"
exit 1
