#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# That what is missing is named, shown and brought, in each of the ways a machine can be: with an apt-get, a sudo and a
# user that only play their parts.
# shellcheck disable=SC2016 # what a player does is expanded when it plays
set -u
deps=$(cd "$(dirname "$0")/../tools" && pwd)/deps
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

# A machine with a compiler and without any header. $uid is the user; apt-get "installs" by making the headers.
machine() {
	rm -rf "${dir:?}/bin" "${dir:?}/include" "${dir:?}/lists"
	mkdir -p "$dir/bin" "$dir/include" "$dir/lists"
	for tool in sh ls grep gcc make nm env touch echo; do
		ln -s "$(command -v "$tool")" "$dir/bin/$tool"
	done
	stub id 'echo "$uid"'
	stub sudo 'shift; echo "sudo ran: $*"; uid=0 "$@"'
	stub apt-get '
		[ "$uid" -eq 0 ] || { echo "not root"; exit 1; }
		echo "apt-get ran: $*"
		[ "$1" = install ] || { touch "$DEPS_LISTS/x_Packages"; exit 0; }
		[ -e "$DEPS_LISTS/x_Packages" ] || exit 100
		for h in stdio histedit jansson md4c curses xxhash cmocka vterm; do touch "$DEPS_INCLUDE/$h.h"; done'
}
stub() {
	printf '#!/bin/sh\n%s\n' "$2" >"$dir/bin/$1"
	chmod +x "$dir/bin/$1"
}
run() { # run UID ARGS...: status in $status, what it said in $dir/out
	uid=$1
	shift
	env -i PATH="$dir/bin" DEPS_INCLUDE="$dir/include" DEPS_LISTS="$dir/lists" uid="$uid" \
		"$deps" "$@" >"$dir/out" 2>&1 </dev/null
	status=$?
}
expect() { # expect NAME STATUS WORDS
	if [ "$status" = "$2" ] && { [ -z "$3" ] || grep -qF -- "$3" "$dir/out"; }; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: deps: $1: status $status, and should have said: $3"
		sed 's/^/   /' "$dir/out"
	fi
}
packages='libc6-dev libedit-dev libjansson-dev libmd4c-dev libncurses-dev libxxhash-dev'

machine
run 0 name run
expect 'naming says what is missing' 1 "missing: $packages"
expect 'and the line to install it' 1 "apt-get install $packages"
run 1000 name run
expect 'which is another for who is not root' 1 "sudo apt-get install $packages"
if [ -e "$dir/include/jansson.h" ]; then status=installed; fi
expect 'and installs nothing' 1 ''

run 0 bring run
expect 'without lists they are fetched first' 0 '+ env DEBIAN_FRONTEND=noninteractive apt-get update'
expect 'root installs as it is, the line is shown' 0 \
	"+ env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages"
run 0 bring run
[ ! -s "$dir/out" ] || status=noisy
expect 'what is there is not brought again' 0 ''
run 0 bring check
[ ! -s "$dir/out" ] || status=noisy
expect 'nor for the tests' 0 ''

machine
touch "$dir/lists/x_Packages"
run 1000 bring check
expect 'a user installs through sudo' 0 'sudo ran: env DEBIAN_FRONTEND=noninteractive apt-get install -y'

machine
rm "$dir/bin/sudo"
run 1000 bring check
expect 'neither root nor sudo: it stops and says so' 1 \
	"not root and there is no sudo; as root: apt-get install $packages libcmocka-dev libvterm-dev"

machine
rm "$dir/bin/apt-get"
run 0 bring run
expect 'no apt-get: it stops and says so' 1 'There is no apt-get here'

machine
stub apt-get 'echo "apt-get ran: $*"; exit 100'
run 0 bring run
expect 'an apt-get that fails stops it' 1 'failed; missing:'

machine
stub apt-get 'touch "$DEPS_LISTS/x_Packages"'
run 0 bring run
expect 'an apt-get that brings nothing is noticed' 1 "still missing: $packages"

machine
rm "$dir/bin/gcc"
run 0 name run
expect 'a missing compiler is named too' 1 "missing: gcc $packages"

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
