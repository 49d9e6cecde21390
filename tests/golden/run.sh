#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Transcripts: each NAME.fw is run as a script (it must succeed) and fed in line by line (what is printed must be NAME.out).
# Mistakes: each line of mistakes.tsv is COMMANDS, exit status and message, separated by tabs.
# `run.sh --write` writes NAME.out anew: read what changed before it is kept.
set -u
: "${FINWAIT:=./finwait}"
dir=$(dirname "$0")
out=$(mktemp)
trap 'rm -f "$out" "$out".*' EXIT
passed=0
failed=0
write=${1:-}

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); }

for script in "$dir"/*.fw; do
	expected=${script%.fw}.out
	if ! "$FINWAIT" run "$script" >"$out" 2>&1; then
		echo "$script: as a script it fails"
		tail -n 3 "$out"
		bad
		continue
	fi
	"$FINWAIT" <"$script" >"$out" 2>&1
	[ "$write" = --write ] && cp "$out" "$expected"
	if diff -u "$expected" "$out"; then ok; else bad; fi
done

tab=$(printf '\t')
while IFS=$tab read -r commands status message; do
	case $commands in '' | '#'*) continue ;; esac
	"$FINWAIT" -c "$commands" >"$out" 2>"$out.err"
	got=$?
	said=$(cat "$out.err")
	if [ "$got" = "$status" ] && [ "$said" = "$message" ]; then
		ok
	else
		echo "$commands"
		echo "  expected $status: $message"
		echo "  got      $got: $said"
		bad
	fi
done <"$dir/mistakes.tsv"

# what is long or no text at all
refuses() { # refuses NAME: $out.fw is a script that must end with status 2 and one line
	"$FINWAIT" run "$out.fw" >"$out" 2>"$out.err"
	got=$?
	if [ "$got" -eq 2 ] && [ "$(wc -l <"$out.err")" -eq 1 ]; then ok; else echo "$1: status $got"; head -n 3 "$out.err"; bad; fi
}
head -c 1000000 /dev/zero | tr '\0' 'x' >"$out.fw"
refuses 'a line of 1 MB'
printf 'close A\n\001\002\377\376' >"$out.fw"
refuses 'bytes that are no text'
printf 'close A\n\0\0\0' >"$out.fw"
refuses 'NUL bytes'
printf 'deliver "%%n%%s\n' >"$out.fw"
refuses 'an open quote'

# what looking commands must say somewhere
says() { # says COMMANDS TEXT [OPTION]
	if "$FINWAIT" ${3:+"$3"} -c "$1" 2>&1 | grep -qF -- "$2"; then ok; else echo "$1: does not say: $2"; bad; fi
}
says 'scenario unread-data; close B; why' 'B  __tcp_close: '
says 'scenario unread-data; close B; why' '(copied_seq 1, rcv_nxt 101)'
says 'close A; trace' '- A: ESTABLISHED -> FIN_WAIT1'
says 'close A; trace' '  tcp_send_fin'
says 'close A; deliver; trace 2' '  tcp_fin'
says 'close A; ss A' 'FIN-WAIT-1 0      1      10.0.0.1:40000     10.0.0.2:80        timer:(on,201ms,0)'
says 'close A; states' 'FIN_WAIT1[A]'
says 'explain TIME_WAIT' 'TIME_WAIT  (state)'
says 'explain tcp_close' 'tcp_close  (kernel function'
says 'explain linger2' 'TCP_LINGER2'
says 'explain sk_shutdown' '(field, struct sock'
says 'help deliver' 'deliver [#N|A>B|B>A|all]'
says 'help' 'help keys: '
says 'help keys' 'F12               the pane in focus has the whole screen'
says 'send A "abc"; deliver; recv B 2; recv B' 'recv(4, "c", 65536) = 1'
says 'scenario udp; send B 4' 'send(3, <4 bytes>, 4) = -1 EDESTADDRREQ (Destination address required)'
says 'scenario udp; send B 4' 'the socket has no peer'
never_says() { # never_says COMMANDS TEXT
	if "$FINWAIT" -c "$1" 2>&1 | grep -qF -- "$2"; then echo "$1: says: $2"; bad; else ok; fi
}
says 'scenario backlog; deliver all' 'B  accept queue 2 -> 3'
never_says 'scenario backlog; deliver all' 'accept queue 2 -> 0'
says 'poll A' 'events=POLLIN|POLLPRI|POLLOUT|POLLRDNORM|POLLWRNORM|POLLRDHUP}'
says 'scenario udp; poll A' 'POLLOUT POLLWRNORM: a datagram never waits for room'
says 'scenario udp; send A 5; deliver; poll B' 'POLLIN POLLRDNORM: 1 datagram to read'
says 'scenario udp; send A 5; icmp A port-unreachable; poll A' 'POLLERR: sk_err is ECONNREFUSED'
never_says 'scenario udp; poll B' 'POLLHUP'
says 'icmp A port-unreachable #3' 'A  <  #4  icmp unreachable port_unreachable [1:1(0)]'
says 'scenario listening; connect B' '(a listener cannot connect: '
says 'connect A' '(it is connected; '

# a sequence number that was never set is none everywhere, and those of an skb count from the side that sent it
for field in highest_sack high_seq cwnd_usage_seq; do
	says 'show A all' "  $field none"
	says 'show A all' "{\"event\":\"value\",\"name\":\"$field\",\"value\":null}" --json
	says "expect A.$field == none; show A.$field" "A.$field = none"
done
says 'set seq=absolute; show A.high_seq' 'A.high_seq = none'
says 'show A.high_seq' '{"event":"value","name":"A.high_seq","value":null}' --json
says 'send A 10; deliver' '{"event":"field","host":"B","field":"end_seq","old":null,"new":"11"}' --json
says 'send B 10; deliver' '{"event":"field","host":"A","field":"end_seq","old":null,"new":"11"}' --json
says 'send B 10; deliver; trace' '- skb.end_seq none -> 11'

# every errno that the engine returns, or leaves in sk_err, has a name; the words left out are none
names=$(grep -ohwE 'E[A-Z]{3,}' "$dir"/../../src/engine/*.c | grep -vxE 'EMIT|ESTABLISHED|ERESTARTSYS|EPOLL.*' | sort -u)
for name in $names; do
	says "explain $name" "$name  (errno, "
done
says 'partition on; inject A "R 1:1(0)"' 'a forged segment is sent'
never_says 'partition on; inject A "R 1:1(0)"' 'a forged segment arrives'
says 'inject A "R 1:1(0)"' 'a forged segment arrives'

# the marks move no edge of the state diagram: without them it is the same wherever the hosts are
diagram() { # diagram COMMANDS
	"$FINWAIT" --quiet -c "$1; states" | sed -e '$d' -e 's/\[AB\]/    /' -e 's/\[[AB]\]/   /g' -e 's/ *$//'
}
diagram 'scenario closed' >"$out.fw"
for commands in 'scenario established' 'scenario listening' 'scenario syn-sent' 'scenario syn-recv' 'close A; close B; deliver all' \
	'close A' 'close A; deliver all' 'scenario half-closed; close B' 'close A; close B' 'close A; close B; deliver; deliver'; do
	if diagram "$commands" | cmp -s "$out.fw" -; then ok; else echo "$commands; states: an edge has moved"; bad; fi
done
# below every | and above it goes on: a line, a corner or a name
if awk '{ for (i = 1; i <= length($0); i++) if (substr($0, i, 1) == "|" && substr(last, i, 1) !~ /[|+A-Z_0-9]/) exit 1; last = $0 }' \
	"$out.fw"; then ok; else echo 'states: an edge hangs in the air'; bad; fi

# what the program prints or reads has an explanation
for name in SIGPIPE SIGKILL SIGTERM MSG_PEEK MSG_DONTWAIT MSG_NOSIGNAL MSG_MORE MSG_OOB MSG_WAITALL seen called mib errno ret asleep \
	minisocket orphan request alloc-skb alloc-tw route port softirq port-unreachable host-unreachable net-unreachable frag-needed \
	RCV SEND SHUT_WR O_NONBLOCK SCHED LOST RTO A.flags.SOCK_DEAD A.sk_flags.SOCK_DONE wire.last none; do
	says "explain $name" "${name##*flags.}  ("
done
names=$(sed -n 's/^SIGNAL(\([A-Z0-9]*\),.*/\1/p' "$dir/../../src/lang/names.def")
for name in $names; do
	says "explain $name" "$name  (signal, number "
done

# a saved session is a script that leads to the same world, with the same marks on its way
saved=$(mktemp -u)
"$FINWAIT" -c "close A; deliver; undo; shutdown B wr; run; save $saved" >/dev/null 2>"$out.err"
if [ "$(grep -v '^#' "$saved" | tr '\n' ';')" = 'close A;shutdown B wr;run;' ] && "$FINWAIT" run "$saved" >/dev/null; then
	ok
else
	echo "save:"
	cat "$out.err" "$saved"
	bad
fi
cat >"$out.fw" <<EOF
mark start
send A "a	1b\\11z\\0012 \\"q\\" ; #"
sysctl B tcp_mem="0 0 44598"
mark "two;three"
EOF
{ cat "$out.fw"; echo "save! $saved"; } >"$out.more"
"$FINWAIT" run "$out.more" >/dev/null 2>"$out.err"
{ cat "$saved"; echo "save! $saved.again"; } >"$out.more"
"$FINWAIT" run "$out.more" >/dev/null 2>>"$out.err"
if [ "$(grep -c . "$saved")" -eq 5 ] && cmp "$saved" "$saved.again"; then
	ok
else
	echo "save: words that need quotes, marks:"
	cat "$out.err" "$saved"
	bad
fi
looks='show A\nshow B\nss A\nss B\nnstat A\nnstat B\ntimers\nwire\nladder\n'
# shellcheck disable=SC2016 # awk's
after_it='{ line[NR] = $0 } /^A  10.0.0.1, Linux/ { at = NR } END { for (i = at; i <= NR; i++) print line[i] }'
for script in "$dir"/*.fw; do
	{ cat "$script"; printf "\\nsave! %s\\n%b" "$saved" "$looks"; } >"$out.fw"
	"$FINWAIT" run "$out.fw" 2>"$out.err" | awk "$after_it" >"$out.first"
	{ cat "$saved"; printf %b "$looks"; } >"$out.fw"
	"$FINWAIT" run "$out.fw" 2>>"$out.err" | awk "$after_it" >"$out.again"
	if [ -s "$out.first" ] && cmp -s "$out.first" "$out.again"; then
		ok
	else
		echo "$script: saved, it leads to another world: $(cat "$out.err")"
		diff "$out.first" "$out.again"
		bad
	fi
done
rm -f "$saved" "$saved.again"

# the same session gives the same output, and every line of JSON is an object
"$FINWAIT" --json run "$dir"/*.fw >"$out" 2>&1
if grep -v '^{"event":".*}$' "$out" | grep -qv '^[0-9]* passed, 0 failed, 0 skipped$'; then
	echo "--json prints something else than objects"
	bad
else
	ok
fi
"$FINWAIT" --man >"$out"
if diff -u "$dir/../../assets/man/finwait.1" "$out"; then ok; else bad; fi

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
