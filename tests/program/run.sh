#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The program from outside: exit status, what goes to standard output and what to standard error, and input that is wrong,
# broken, huge or no text at all. Each row of calls.tsv is a call; what needs files or much text is below.
# shellcheck disable=SC2016,SC1003 # messages quote with backticks, and a backslash is one
set -u
: "${FINWAIT:=./finwait}"
case $FINWAIT in */*) FINWAIT=$(cd "$(dirname "$FINWAIT")" && pwd)/${FINWAIT##*/} ;; esac
here=$(cd "$(dirname "$0")" && pwd)
calls=$here/calls.tsv
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 2
passed=0
failed=0
skipped=0

ok() { passed=$((passed + 1)); }
bad() {
	echo "$*"
	failed=$((failed + 1))
}

# call STATUS SAYS COMPLAINS ARGUMENTS...: SAYS must stand in standard output (- for: there is none), COMPLAINS begins the one
# line on standard error (nothing for: it is empty). Nothing may take long, crash, or say more than that line.
call() {
	status=$1 says=$2 complains=$3
	shift 3
	timeout 60 "$FINWAIT" "$@" >out 2>err
	got=$?
	if [ "$got" -ne "$status" ]; then
		bad "$*: status $got, not $status: $(head -n 2 err)"
	elif [ "$says" = - ] && [ -s out ]; then
		bad "$*: says something: $(head -n 2 out)"
	elif [ "$says" != - ] && ! grep -qF -- "$says" out; then
		bad "$*: does not say: $says"
	elif [ -z "$complains" ] && [ -s err ]; then
		bad "$*: complains: $(head -n 2 err)"
	elif [ -n "$complains" ] && { [ "$(wc -l <err)" -ne 1 ] || [ "$(cut -c 1-${#complains} err)" != "$complains" ]; }; then
		bad "$*: complains with $(wc -l <err) lines, not \"$complains\": $(head -n 2 err)"
	else
		ok
	fi
}

# ---- calls that need no files --------------------------------------------------------------------------------------------

tab=$(printf '\t')
while IFS=$tab read -r arguments status says complains; do
	case $arguments in '' | '#'*) continue ;; esac
	eval "set -- $arguments"
	call "$status" "$says" "$complains" "$@" </dev/null
done <"$calls"

# ---- scripts -------------------------------------------------------------------------------------------------------------

printf 'close A\ndeliver' >no-newline.fw
printf 'close A\r\ndeliver\r\nexpect B.state == CLOSE_WAIT\r\n' >crlf.fw
printf '# a comment\n\n\t \nclose A; expect A.state == CLOSE\n' >fails.fw
printf 'close A\nclos B\n' >wrong.fw
printf 'source wrong.fw\n' >outer.fw
printf 'source itself.fw\n' >itself.fw
printf '0.000 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n' >right.pkt
printf 'garbage\n' >wrong.pkt
: >empty.fw

call 0 'ESTABLISHED -> CLOSE_WAIT' '' run no-newline.fw
call 0 'ESTABLISHED -> CLOSE_WAIT' '' run crlf.fw
call 0 - '' run empty.fw
call 1 'close(3) = 0' 'fails.fw:4:10: expect A.state == CLOSE: it does not hold' run fails.fw
call 2 'close(3) = 0' 'wrong.fw:2:1: `clos` is short for `close`' run wrong.fw
call 2 'close(3) = 0' 'wrong.fw:2:1: ' run outer.fw
call 2 - 'itself.fw:1:1: scripts call each other 16 deep' run itself.fw
call 0 '2 passed, 0 failed, 0 skipped' '' run empty.fw right.pkt
call 1 '1 passed, 1 failed, 0 skipped' 'fails.fw:4' run fails.fw empty.fw
call 2 - 'wrong.pkt:1:1: ' run wrong.pkt
call 2 '0 passed, 1 failed, 0 skipped' 'wrong.pkt:1:1: ' drill wrong.pkt
call 0 'right.pkt: passed' '' drill right.pkt
call 0 '1 passed, 0 failed, 0 skipped' '' --quiet drill right.pkt
call 0 '{"event":"total","passed":1,"failed":0,"skipped":0}' '' --json drill right.pkt
# what is no script is in the rows, too
printf '0 clos(3) = 0\n' >none.pkt
call 2 '{"event":"script","file":"none.pkt","verdict":"failed","text":"none.pkt:1:3: `clos` is no system call that is known here\n"}' \
	'none.pkt:1:3: `clos`' --json drill none.pkt right.pkt
call 2 '{"event":"total","passed":1,"failed":1,"skipped":0}' 'none.pkt:1:3: `clos`' --json drill none.pkt right.pkt
call 0 '{"event":"script","file":"right.pkt","verdict":"passed","text":""}' '' --json run right.pkt
call 0 '{"event":"total","passed":2,"failed":0,"skipped":0}' '' run --json empty.fw crlf.fw
call 2 '2 passed, 1 failed, 0 skipped' "$dir: cannot be read: Is a directory" run empty.fw "$dir" crlf.fw
call 0 'ESTABLISHED -> CLOSE_WAIT' '' run - <crlf.fw
call 2 - '-c:1:1: /dev/null/x cannot be opened: Not a directory' -c 'source /dev/null/x'

# a packetdrill script comes alive: it can be gone through, gone on from, and saved as a whole
cp "$here/../conformance/close-with-unread-data-sends-rst.pkt" alive.pkt
call 0 '    0.150000  close(4) = 0' '' -c 'source alive.pkt'
call 0 '    0.050s  #5   |-------------- . 1:1(0) ack 101 ------------->|' '' -c 'source alive.pkt; ladder'
call 0 'A%2   ESTABLISHED  10.0.0.1:8080' '' -c 'source alive.pkt; undo 2; show A'
call 0 'saved to alive.fw' '' -c 'source alive.pkt; socket A; save alive.fw'
call 0 'socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 4' '' run alive.fw
call 2 'point 8' '-c:1:27: a part of a packetdrill script leads to here, which a script of commands cannot say' -c 'source alive.pkt; undo 2; save part.fw'
sed 's/close(4) = 0/close(4) = 1/' alive.pkt >fails.pkt
call 1 '  because  ' '-c:1:1: fails.pkt fails: `undo` goes back through it' -c 'source fails.pkt'
call 2 - '-c:1:1: alive2.pkt cannot be opened: No such file or directory' -c 'source alive2.pkt'
printf '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 splice(1) = 4\n' >skipped.pkt
call 2 'skipped.pkt:2: the call splice() cannot be made here' '-c:1:1: skipped.pkt cannot be played here' -c 'source skipped.pkt'

# a session becomes a script that the engine's own player finds right; what packetdrill cannot do is told
call 0 'exported to out-A.pkt' '' -c 'send A 100; deliver; close A; deliver all; tick 40ms; recv B; close B; deliver all; export out-A.pkt as A; export out-B.pkt as B'
call 0 '2 passed, 0 failed, 0 skipped' '' drill out-A.pkt out-B.pkt
# connect() returns at a time that no late timer moves: the answer waits for the latest
call 0 'exported to late.pkt' '' -c 'scenario syn-sent; tick 3s; deliver all; export late.pkt as A'
if grep -q '^+0\.\.\.3\.388 connect' late.pkt && grep -q '^3\.388 < S\. 0:0(0) ack 1' late.pkt; then ok; else
	bad "late.pkt: connect() and its answer: $(grep -n 'connect\|< S' late.pkt)"
fi
call 0 '1 passed, 0 failed, 0 skipped' '' drill late.pkt
# calls on what is not open are comments; what no kernel would repeat is refused
call 0 'exported to gone.pkt' '' -c 'close A; deliver all; close A; poll A; export gone.pkt as A'
call 0 '1 passed, 0 failed, 0 skipped' '' drill gone.pkt
call 0 'exported to polled.pkt' '' -c 'send B 5; deliver; poll A; setsockopt A congestion=reno; getsockopt A congestion; export polled.pkt as A'
call 0 '1 passed, 0 failed, 0 skipped' '' drill polled.pkt
call 2 'syn-recv:' '-c:1:51: no packetdrill script can be made of this: a RST answers what has no ACK with the number 0' -c 'scenario syn-recv; close B; tick 1s; deliver all; export x.pkt as B'
cp "$here/../../assets/demos/time-wait.fw" .
call 2 '' '-c:1:22: no packetdrill script can be made of this: packetdrill binds to its one port, and the connection has another' \
	-c 'source time-wait.fw; export x.pkt as A'
call 2 'send(3' '-c:1:54: no packetdrill script can be made of this: small segments were joined when they were repeated' \
	-c 'send A 3; drop; close A; drop; tick 1s; deliver all; export x.pkt as A'
call 2 - '-c:1:1: out-A.pkt is there already: `export! out-A.pkt` overwrites it' -c 'export out-A.pkt as A'

# captures: one host or both; what the file is is told by its name
call 0 'each segment is there twice' '' -c 'close A; deliver; export both.pcapng'
call 0 'exported to one.pcapng' '' -c 'close A; deliver; export one.pcapng as B'
call 2 - '-c:1:1: as which host? as A, or as B' -c 'export x.pcapng as'
call 2 - '-c:1:8: what `x.cap` is to be' -c 'export x.cap'
call 2 - '-c:1:1: a file is missing' -c 'export'
call 2 - '-c:1:1: nowhere/x.pcapng cannot be written: No such file or directory' -c 'export nowhere/x.pcapng as A'
call 0 'exported to ladder.svg' '' -c 'close A; deliver; export ladder.svg; export notes.md'
call 2 - '-c:1:1: notes.md is there already: `export! notes.md` overwrites it' -c 'export notes.md'
call 2 - '-c:1:17: `as` is one word too many' -c 'export notes.md as A'
ln -s /dev/full full.pcapng
call 2 - '-c:1:1: full.pcapng cannot be written: No space left on device' -c 'export full.pcapng as A'
call 2 - '-c:1:1: as which host? export x.pkt as A' -c 'export x.pkt'
call 2 'fork() = 102' '-c:1:9: no packetdrill script can be made of this: ioctl, fork and exit are calls that are not written' -c 'fork A; export x.pkt as A'
call 2 'closed: two idle hosts' '-c:1:18: no packetdrill script can be made of this: nothing has happened on that host' -c 'scenario closed; export x.pkt as A'

# every verb has a paragraph in the glossary, and what is translated is told in the language chosen
for verb in $("$FINWAIT" --json -c help | sed -n 's/.*"verb":"\([a-z]*\)".*/\1/p'); do
	if "$FINWAIT" --json explain "$verb" | grep '"kind":"command"' | grep -q '"about":"[^"]'; then ok; else bad "explain $verb has no paragraph"; fi
done
[ "$("$FINWAIT" --json -c help | grep -c '"verb"')" -gt 50 ] || bad 'help lists hardly a verb'
# a field's is told under its name, also where a minisocket or a request has one that is called nearly so
sed -n 's/^## //p' "$here/../../assets/glossary/fields.md" | tr -d ' ' | tr ',' '\n' | sort >names
sed 's/^/explain /' names | "$FINWAIT" --json | grep '"kind":"field".*"about":"[^"]' | sed 's/.*"name":"\([^"]*\)".*/\1/' | sort -u >told
if [ "$(grep -c . names)" -gt 50 ] && ! comm -23 names told | grep .; then ok; else bad 'fields without a paragraph'; fi
for language in zh ja; do
	if "$FINWAIT" --lang "$language" explain TIME_WAIT >out && ! "$FINWAIT" explain TIME_WAIT | cmp -s - out &&
		"$FINWAIT" -c "set lang=$language; explain TIME_WAIT" | cmp -s - out; then ok; else bad "explain in $language"; fi
	if grep -q 'older write-ups' out && ! grep -q 'Some texts' out; then ok; else bad "older write-ups in $language"; fi
	for file in "$here/../../assets/glossary/$language"/*.md; do
		if grep '^## ' "$file" | grep -vxFf "${file%/*}/../${file##*/}" >others; then bad "$file: $(cat others) is not in the original"; else ok; fi
	done
	LC_ALL=${language}_XX.UTF-8 "$FINWAIT" explain TIME_WAIT | cmp -s - out || bad "the locale does not choose $language"
done

# demos: on a terminal, or checked, or recorded
printf 'say "x"\nclose A\nexpect A.state == FIN_WAIT1\n' >demo.fw
call 0 'demo.fw: 0 chapters, all of 1 claim holds' '' play --check demo.fw
call 0 '{"event":"demo","file":"demo.fw","chapters":0,"claims":1}' '' --json play --check demo.fw
call 0 - '' --quiet play --check demo.fw
call 2 - 'there is no terminal to play it on' play demo.fw
call 0 'recorded to demo.cast' '' play --record demo.cast --size 80x24 demo.fw
call 2 - 'demo.cast is there already' play --record demo.cast demo.fw
call 2 - 'nowhere/x.cast cannot be written: No such file or directory' play --record nowhere/x.cast demo.fw
# as lines: an empty one goes on, a comma back, anything else is a command, after which the demo is where it was
printf 'chapter "One"\nsay "first"\nclose A\nask "FIN?" yes no\nhide\ndeliver\nunhide\nsay "last"\n' >lines.fw
printf '\n,\n\nshow A.state\ndeliver\nclse\n\n' >typed
timeout 60 "$FINWAIT" --plain play lines.fw <typed >out 2>err || bad "a demo as lines: status $?"
if grep -q '^== 1 of 1: One ==$' out && [ "$(grep -c '^first$' out)" -eq 2 ] && [ "$(grep -c '^A> close A$' out)" -eq 1 ] &&
	grep -q '^close(3) = 0$' out && grep -q '^  2  no$' out && grep -q '^A.state = FIN_WAIT1$' out && grep -q '^This is the end.$' out &&
	! grep -q 'A> deliver' out && grep -q 'did you mean `close`' err; then ok; else bad "a demo as lines: $(cat out err)"; fi
ln -s /dev/full full.cast
call 2 - 'full.cast cannot be written: No space left on device' play --record full.cast demo.fw
: >nothing.fw
call 2 - 'nothing.fw: there is nothing in it' play --check nothing.fw
XDG_RUNTIME_DIR=$dir call 2 - 'finwait notes: no demo is being played' notes
XDG_RUNTIME_DIR='' call 2 - 'finwait notes: there is no runtime folder' notes

# a byte order mark at the beginning is no part of the text
printf '\357\273\277close A\n' >mark.fw
{ printf '\357\273\277'; cat right.pkt; } >mark.pkt
printf '\357\273\277' >mark-alone.fw
call 0 'ESTABLISHED -> FIN_WAIT1' '' run mark.fw
call 0 'ESTABLISHED -> FIN_WAIT1' '' run - <mark.fw
call 0 'ESTABLISHED -> FIN_WAIT1' '' -c 'source mark.fw'
call 0 'ESTABLISHED -> FIN_WAIT1' '' <mark.fw
call 0 'mark.pkt: passed' '' drill mark.pkt
call 0 - '' run mark-alone.fw

# names as other texts spell them
while read -r spelt name; do
	call 0 "$name  (" '' explain "$spelt"
done <<'END'
TIME-WAIT TIME_WAIT
FIN-WAIT-1 FIN_WAIT1
FIN_WAIT_2 FIN_WAIT2
ESTAB ESTABLISHED
TCPF_CLOSE CLOSE
sysctl_tcp_fin_timeout tcp_fin_timeout
LINUX_MIB_TCPABORTONCLOSE TCPAbortOnClose
LINUX_MIB_TIMEWAITED TW
TCP_MIB_OUTRSTS OutRsts
END
call 2 - 'nothing here is called `TCPF_EPIPE`' explain TCPF_EPIPE
call 2 - 'nothing here is called `LINUX_MIB_`' explain LINUX_MIB_

# what is saved is never overwritten unawares, and does the same again
call 0 'saved to saved.fw' '' -c 'close A; deliver; save saved.fw'
call 2 - '-c:1:1: saved.fw is there already: `save! saved.fw` overwrites it' -c 'save saved.fw'
call 0 'saved to saved.fw' '' -c 'shutdown A wr; save! saved.fw'
call 0 'FIN_WAIT1' '' run saved.fw

# ---- line by line --------------------------------------------------------------------------------------------------------

printf 'foo\nclose A\nexpect 0\nsh A.state\n' >typed
timeout 60 "$FINWAIT" <typed >out 2>err
if [ $? -eq 2 ] && [ "$(wc -l <err)" -eq 3 ] && grep -q 'close(3) = 0' out; then ok; else bad "a mistake ends the session"; fi
call 0 'A> quit' '' <<-'END'
	quit
	foo
END
call 1 'A> expect 0' 'expect 0: it does not hold' <<-'END'
	expect 0
END

# ---- what no person would type ---------------------------------------------------------------------------------------------

repeat() { # repeat N TEXT
	awk -v n="$1" -v text="$2" 'BEGIN { while (n--) printf "%s", text }'
}
refuses() { # refuses MESSAGE: ./script is refused with one line
	call 2 - "script:1$1" run script
}
repeat 1000000 x >script; refuses ': a line of 1000000 bytes is too long'
repeat 125000 'close A ' >script; refuses ': a line of 1000000 bytes is too long'
printf '\000\001\377' >script; refuses ': byte 0x00 at column 1 is no text'
printf 'send A "\303"' >script; refuses ': byte 0xc3 at column 9 is no text'
printf 'send A "abc' >script; refuses ': the quote at column 8 is not closed'
printf 'send A "abc\\' >script; refuses ': after \ comes'
{ printf 'expect '; repeat 4000 '('; printf 1; repeat 4000 ')'; } >script; refuses ':48: the expression is nested too deeply'
{ printf 'expect '; repeat 8000 '('; } >script; refuses ':48: the expression is nested too deeply'
{ printf 'expect '; repeat 8000 '!'; } >script; refuses ':48: the expression is nested too deeply'
{ printf 'expect '; repeat 8000 '-'; } >script; refuses ':48: the expression is nested too deeply'
{ printf 'expect 1'; repeat 4000 '+1'; } >script; refuses ':409: the expression is too long'
{ printf 'expect time'; repeat 1000 '+time'; } >script; refuses ':508: the expression looks at too many things'
{ printf 'close'; repeat 70 ' A'; } >script; refuses ': more than 64 words'
{ printf 'show A.'; repeat 5000 x; } >script; refuses ':6: the name of a field is missing here'

repeat 8000 ';' >script
call 0 - '' run script
{ echo 'setsockopt A nodelay=on'; repeat 300 'send A 10;'; echo 'deliver all; show wire.count'; } | tr ';' '\n' >script
call 0 'wire.count = 0' '' run script
{ echo 'send A 10'; repeat 300 'duplicate;'; } | tr ';' '\n' >script
call 2 'a copy of #4' 'script:257:1: this world holds 256 segments: no room for another' run script
repeat 300 'inject A "P. 3001:3011(10) ack 1 win 257";' | tr ';' '\n' >script
call 2 'a forged segment arrives' 'script:257:1: this world holds 256 segments: no room for another' run script
repeat 30 'fork A;' | tr ';' '\n' >script
call 2 'fork() = 102' 'script:15:1: this world holds 16 processes: no room for another' run script
repeat 50 'recv A;' | tr ';' '\n' >script
call 2 'sleeps in' 'script:33:1: this world holds 32 calls in progress: no room for another' run script
repeat 40 'socket A;' >script
call 0 'EMFILE (Too many open files)' '' run script
repeat 100 'scenario time-wait;' >script
call 0 'time-wait: ' '' run script
{ printf 'close A;'; repeat 60 'tick timer;'; echo 'expect A.state == CLOSE'; } >script
call 0 'no timer is armed' '' run script
printf 'send A 2147483647\nwire\n' >script
call 0 'sleeps in sk_stream_wait_memory' '' run script

# ---- JSON Lines ----------------------------------------------------------------------------------------------------------

if command -v python3 >/dev/null; then
	"$FINWAIT" --json -c 'send A "\"\\\n"; deliver; ps; ss; show; help; sysctl; history; trace; why; ladder; states; run' >out
	if python3 -c 'import json, sys; [json.loads(line)["event"] for line in open(sys.argv[1], encoding="utf-8")]' out; then
		ok
	else
		bad "--json prints something else than objects"
	fi
else
	skipped=$((skipped + 1))
fi

# ---- the prompt on a terminal ----------------------------------------------------------------------------------------------

if command -v python3 >/dev/null; then
	python3 "$here/terminal.py" "$FINWAIT" >out 2>&1
	sed '$d' out
	read -r good _ wrong _ <<-END
		$(tail -n 1 out)
	END
	case $good$wrong in
	'' | *[!0-9]*) bad "terminal.py: $(tail -n 1 out)" ;;
	*) passed=$((passed + good)) failed=$((failed + wrong)) ;;
	esac
else
	skipped=$((skipped + 1))
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
