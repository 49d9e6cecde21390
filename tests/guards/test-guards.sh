#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Hands each guard something that breaks its rule and sees it refused, and something that keeps it and sees it pass.
set -u
here=$(dirname "$0")
cc=${CC:-gcc}
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

# The guard accepts (0) or refuses (1); a refusal must say the words.
expect() { # expect STATUS WORDS NAME COMMAND...
	want=$1
	words=$2
	name=$3
	shift 3
	"$@" >"$dir/out" 2>&1
	got=$?
	if { [ "$want" -eq 0 ] && [ "$got" -eq 0 ]; } ||
		{ [ "$want" -ne 0 ] && [ "$got" -ne 0 ] && grep -qF -- "$words" "$dir/out"; }; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $name: status $got"
		sed 's/^/   /' "$dir/out"
	fi
}

# ---- layers ----

layers() { # layers STATUS WORDS NAME ROOM SOURCE
	rm -rf "$dir/src"
	mkdir -p "$dir/src/$4"
	printf '%s\n' "$5" >"$dir/src/$4/a.c"
	expect "$1" "$2" "layers: $3" "$here/layers.sh" "$dir/src"
}
layers 0 '' 'a look down passes' engine '#include "wire/seg.h"'
layers 0 '' 'a look into its own room passes' engine '#include "engine/world.h"'
layers 0 '' 'C'"'"'s own headers pass' engine '#include <string.h>'
layers 1 'may not know lang/lex.h' 'a look up is refused' engine '#include "lang/lex.h"'
layers 1 'may not know lang/lex.h' 'also in angle brackets' engine '  #  include <lang/lex.h>'
layers 1 'may not know live/x.h' 'a look aside is refused' explore '#include "live/x.h"'
layers 1 'names no room' 'a header by its bare name is refused' engine '#include "world.h"'
layers 1 'names no room' 'a way around is refused' engine '#include "../lang/lex.h"'
layers 1 '<time.h>' 'a clock in the engine is refused' engine '#include <time.h>'
layers 1 'no room' 'an unknown room is refused' cellar '#include "base/types.h"'
layers 1 'cannot be read' 'an include through a macro is refused' engine '#include HEADER'

# ---- purity ----

purity() { # purity STATUS WORDS NAME ROOM SOURCE
	rm -rf "$dir/build"
	mkdir -p "$dir/build/src/$4"
	if printf '%s\n' "$5" | "$cc" -std=c17 -O1 -fno-pie -x c -c -o "$dir/build/src/$4/a.o" - 2>"$dir/out"; then
		expect "$1" "$2" "purity: $3" "$here/purity.sh" "$dir/build"
	else
		failed=$((failed + 1))
		echo "FAILED: purity: $3: does not compile"
	fi
}
purity 0 '' 'a constant table passes' engine \
	'static const char *const t[] = { "a", "b" }; const char *f(int i) { return t[i]; }'
purity 0 '' 'memcpy passes' engine \
	'#include <string.h>
	void f(void *a, void *b, unsigned n) { memcpy(a, b, n); }'
purity 1 'writable: counter' 'a global is refused' engine 'int counter; int f(void) { return ++counter; }'
purity 1 'writable' 'a static variable is refused' engine 'int f(void) { static int n = 1; return n++; }'
purity 1 'writable' 'a thread'"'"'s own variable is refused' engine '_Thread_local int n; int f(void) { return n++; }'
purity 1 'writable: table' 'a table that is not constant is refused' engine \
	'const char *table[] = { "a" }; const char *f(int i) { return table[i]; }'
purity 1 'uses puts' 'output is refused' engine '#include <stdio.h>
	void f(void) { puts("x"); }'
purity 1 'uses malloc' 'memory of its own is refused' engine '#include <stdlib.h>
	void *f(void) { return malloc(7); }'
purity 1 'uses time' 'a clock is refused' wire '#include <time.h>
	long f(void) { return (long)time(0); }'
purity 1 'uses snprintf' 'what wire may call, the engine may not' engine '#include <stdio.h>
	int f(char *b, int i) { return snprintf(b, 9, "%d", i); }'
expect 1 'no object' 'purity: an empty build is refused' "$here/purity.sh" "$dir/nowhere"

# ---- padding ----

echo 'struct a { int x; char c; char pad[3]; };' >"$dir/good.h"
echo 'struct a { int x; char c; };' >"$dir/bad.h"
expect 0 '' 'padding: a full structure passes' "$here/padding.sh" "$dir/good.h"
expect 1 'padding struct' 'padding: a structure with a hole is refused' "$here/padding.sh" "$dir/bad.h"

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
