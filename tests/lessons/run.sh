#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The lessons hold; broken in any place they do not (break.awk); what is wrong is told with its line (mistakes.tsv); and they
# are played as the transcripts here say: NAME.in is typed, NAME.out is what comes. `run.sh --write` writes them anew.
# shellcheck disable=SC2016 # backquotes are what messages have
set -u
: "${FINWAIT:=./finwait}"
dir=$(dirname "$0")
lessons=$dir/../../lessons
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
export XDG_STATE_HOME="$temp/state"
mkdir "$XDG_STATE_HOME"
passed=0
failed=0
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); }

if "$FINWAIT" lint "$lessons" >"$temp/said" 2>&1; then ok; else cat "$temp/said"; bad; fi

# A lesson that is broken, and nothing else: its neighbours lie beside it, for those that need them.
mkdir "$temp/broken"
cp "$lessons"/[0-9]*.md "$temp/broken"
for lesson in "$lessons"/[0-9]*.md; do
	name=${lesson##*/}
	for kind in negate drop digit double unhint miss rename par; do
		n=1
		while awk -v kind=$kind -v n=$n -f "$dir/break.awk" "$lesson" >"$temp/broken/$name"; do
			if "$FINWAIT" lint "$temp/broken/$name" >"$temp/said" 2>&1; then
				echo "$name: breakage $kind $n is not noticed:"
				diff "$lesson" "$temp/broken/$name"
				bad
			elif [ $? -ne 1 ] || ! grep -q "^$temp/broken/$name:[0-9][0-9]*: " "$temp/said"; then
				echo "$name: breakage $kind $n is told so:"
				cat "$temp/said"
				bad
			else
				ok
			fi
			n=$((n + 1))
		done
		case $kind in
		negate | drop | double | unhint | rename) [ $n -gt 1 ] || { echo "$name: there is nothing to break by $kind"; bad; } ;;
		esac
	done
	cp "$lesson" "$temp/broken"
done

# mistakes.tsv: a sed script that breaks every-block.md, and what lint says first, from the line's number on
tab=$(printf '\t')
if "$FINWAIT" lint "$dir/every-block.md" >"$temp/said" 2>&1; then ok; else cat "$temp/said"; bad; fi
while IFS=$tab read -r change message; do
	case $change in '' | '#'*) continue ;; esac
	sed -e "$change" "$dir/every-block.md" >"$temp/one.md"
	"$FINWAIT" lint "$temp/one.md" >"$temp/said" 2>&1
	got=$?
	said=$(sed -n "1s|^$temp/one.md:||p" "$temp/said")
	if [ "$got" -eq 1 ] && [ "$said" = "$message" ]; then
		ok
	else
		printf '%s\n  expected %s\n  got      %s (status %s)\n' "$change" "$message" "$said" "$got"
		bad
	fi
done <"$dir/mistakes.tsv"

# A file with a mistake is not started half, and one that is no file says so.
sed 's/^B.state == CLOSE$/B.stat == CLOSE/' "$dir/every-block.md" >"$temp/one.md"
if printf 'lesson %s\nss A\n' "$temp/one.md" | "$FINWAIT" >"$temp/said" 2>&1; then echo 'a mistake in a lesson is not noticed'; bad; else ok; fi
if grep -q 'one.md:[0-9]*: B has no field' "$temp/said" && ! grep -q 'step 1' "$temp/said"; then ok; else cat "$temp/said"; bad; fi
"$FINWAIT" lint /nonexistent.md >"$temp/said" 2>&1
if [ $? -eq 2 ] && grep -q '^/nonexistent.md: cannot be opened' "$temp/said"; then ok; else cat "$temp/said"; bad; fi
"$FINWAIT" lint "$temp/state" >"$temp/said" 2>&1
if [ $? -eq 2 ] && grep -q 'has no lessons' "$temp/said"; then ok; else cat "$temp/said"; bad; fi

# A translation has the original's steps, hints, near misses and questions, and all else from there.
mkdir -p "$temp/two/zh"
cp "$dir/every-block.md" "$temp/two/01-all.md"
cat >"$temp/zh.md" <<'END'
---
id: all
---
# 全部

## 一 {#one}
已译
文，
`close`

<!-- note: 给
讲师 -->

. . .

```finwait predict
```
```finwait quiz
ask: 哪个
+ 这个: 是
- 那个: 不
```
```finwait hint
提示
```
```finwait reject
says: 不对
```
END
translated() { # translated CHANGE MESSAGE: lint says so of the translation, after the line's number; nothing when it is empty
	sed -e "$1" "$temp/zh.md" >"$temp/two/zh/01-all.md"
	"$FINWAIT" lint "$temp/two/zh/01-all.md" >"$temp/said" 2>&1
	said=$(sed -n "1s|^$temp/two/zh/01-all.md:[0-9]*: ||p" "$temp/said")
	if [ "$said" = "$2" ]; then ok; else echo "$1: $said"; bad; fi
}
translated 's/{#one}/{#two}/' "the original's step \`one\` is missing"
translated '/^```finwait hint/,/^```$/d' 'the original has 1 block `hint` here, the translation 0'
translated '/^- /d' 'a question has a text behind `ask:`, a right choice (+) and a wrong one (-)'
translated 's/^- \(.*\)/- \1\n- x: y/' "the original's question has 2 choices, this one 3"
translated 's/^+ /* /;s/^- /+ /;s/^\* /- /' 'choice 1 is right in the original'
translated 's/^id: all/id: al/' 'the original is called `id: all`'
translated '' ''
# what it needs lies beside the original, translated or not
sed 's/^id: .*/&\nneeds: other/' "$dir/every-block.md" >"$temp/two/01-all.md"
translated '' 'needs: there is no lesson `other` beside this one'
sed 's/^id: .*/id: other/' "$dir/every-block.md" >"$temp/two/02-other.md"
translated '' ''
if printf 'lesson %s
next
answer 1
answer 1
' "$temp/two/01-all.md" | "$FINWAIT" --lang zh --notes >"$temp/said" 2>&1 &&
	grep -q '^已译文，`close`$' "$temp/said" && grep -q '^(note: 给讲师)$' "$temp/said" &&
	grep -q '^哪个$' "$temp/said" && grep -q 'not yet  B.state == CLOSE' "$temp/said"; then ok; else cat "$temp/said"; bad; fi
# The list has its title where there is one, else the original's.
for language in zh ja; do
	"$FINWAIT" --lang $language -c 'lesson list' >"$temp/said" 2>&1
	for lesson in "$lessons"/[0-9]*.md; do
		own=$lessons/$language/${lesson##*/}
		[ -f "$own" ] || own=$lesson
		id=$(sed -n 's/^id: //p' "$own")
		title=$(sed -n 's/^# //p' "$own")
		if grep -F " $id " "$temp/said" | grep -qF " $title"; then ok; else echo "$language: $id: $title"; bad; fi
	done
done

# An info string with an entity or an escape lies outside the file that is read
printf '%s\n' --- 'id: x' --- '# T' '' '## S {#s}' '' text '' '```finwait sol&amp;ution' '```' '' '```finwait d\_o' 'close A' >"$temp/info.md"
"$FINWAIT" lint "$temp/info.md" 2>&1 | sed "s|^$temp/||" >"$temp/said"
if [ "$(cat "$temp/said")" = 'info.md:10: there is no block `finwait sol&amp;ution`
info.md:13: this block is never closed: ``` on a line of its own is missing' ]; then ok; else cat "$temp/said"; bad; fi

# Lessons of a folder that need each other, or are called the same
mkdir "$temp/round"
for id in a b c; do sed "s/^id: .*/id: $id/" "$dir/every-block.md" >"$temp/round/0$(echo $id | tr abc 123)-$id.md"; done
beside() { # beside LESSON EXPRESSION LINE...: what lint says of the folder once sed has changed one of its lessons
	sed "$2" "$temp/round/$1.md" >"$temp/one.md"
	cp "$temp/one.md" "$temp/round/$1.md"
	shift 2
	"$FINWAIT" lint "$temp/round" 2>&1 | sed -n "s|^$temp/round/||p" >"$temp/said"
	if [ "$(cat "$temp/said")" = "$(printf '%s\n' "$@")" ]; then ok; else cat "$temp/said"; bad; fi
}
beside 01-a '2s/$/\nneeds: c b/' ''
beside 02-b '2s/$/\nneeds: c/' ''
beside 03-c '2s/$/\nneeds: b/' '02-b.md:3: needs: b -> c -> b goes round in a circle: none of them can be the first' \
	'03-c.md:3: needs: c -> b -> c goes round in a circle: none of them can be the first'
beside 03-c '3s/b/c/' '03-c.md:3: needs: c -> c goes round in a circle: none of them can be the first'
beside 03-c '3d;2s/c/b/' '01-a.md:3: needs: there is no lesson `c` beside this one' \
	'02-b.md:2: id: 03-c.md beside it is called `b`, too' '02-b.md:3: needs: there is no lesson `c` beside this one' \
	'03-c.md:2: id: 02-b.md beside it is called `b`, too'

# Every misconception is met by a step, each lesson meets those that it says it is about, and has what a good lesson has.
meets() { # meets FILE: "about M1" and "meets M1", one a line
	sed -n 's/^about: //p' "$1" | tr ' ' '\n' | sort -u | sed 's/^/about /'
	sed '1,/^## /d' "$1" | sed -n 's/^<!-- meets: \(.*\) -->$/\1/p' | tr ' ' '\n' | sort -u | sed 's/^/meets /'
}
is_whole() { # is_whole FILE: says what is missing
	said=$(meets "$1" | awk '{ n[$2] += $1 == "about" ? 1 : 2 }
		END { for (m in n) if (n[m] != 3) print m " is " (n[m] == 1 ? "met by no step" : "not in about:") }')
	for block in predict why hint reject solution; do
		grep -q "^\`\`\`finwait $block" "$1" || said="$said no $block"
	done
	steps=$(grep -c '^## ' "$1")
	{ [ "$steps" -ge 5 ] && [ "$steps" -le 12 ]; } || said="$said $steps steps"
	[ "$(awk '/^## / { n = 0 } /^par / { n++ } END { print n }' "$1")" -eq 1 ] || said="$said no challenge with a par at the end"
	[ -z "$said" ] || { echo "$1: $said"; return 1; }
}
for lesson in "$lessons"/[0-9]*.md; do
	if is_whole "$lesson"; then ok; else bad; fi
done
sed 's/^about: M1 /about: /' "$lessons/12-close-wait.md" >"$temp/less.md"
if is_whole "$temp/less.md" >/dev/null; then bad; else ok; fi
met=$(cat "$lessons"/[0-9]*.md | sed -n 's/^<!-- meets: \(.*\) -->$/\1/p' | tr ' ' '\n' | sort -u | grep -c '^M[0-9]*$')
if [ "$met" -eq 36 ] && [ "$(grep -c '^| M[0-9]* |' "$lessons/README.md")" -eq 36 ]; then
	ok
else
	echo "$met misconceptions are met"
	bad
fi

# What the program writes as a lesson is one.
here=$PWD
case $FINWAIT in /*) ;; *) FINWAIT=$here/$FINWAIT ;; esac
mkdir "$temp/own"
if (cd "$temp/own" && "$FINWAIT" new lesson my-own && "$FINWAIT" lint 01-my-own.md &&
	"$FINWAIT" -c 'scenario unread-data; mark start; recv B; close B; deliver; save 02-x.md as lesson' && "$FINWAIT" new lesson other &&
	[ -s 03-other.md ] && "$FINWAIT" lint .) >"$temp/said" 2>&1; then ok; else cat "$temp/said"; bad; fi
# Its setup is what the situation comes from, and no more.
printf '%s\n' 'kernel 2.4' 'close A' 'scenario unread-data' 'send B "x"' 'mark start' 'close B' 'save a.md as lesson' reset 'send A 1' \
	'mark start' 'deliver all' 'save b.md as lesson' >"$temp/typed"
if (cd "$temp" && "$FINWAIT" <typed >said 2>&1 && "$FINWAIT" lint a.md && "$FINWAIT" lint b.md) &&
	[ "$(sed -n '/finwait setup/,/^```$/p' "$temp/a.md" | sed '1d;$d')" = "$(printf 'kernel 2.4\nscenario unread-data\nsend B "x"')" ] &&
	[ "$(sed -n '/finwait setup/,/^```$/p' "$temp/b.md" | sed '1d;$d')" = "$(printf 'kernel 2.4\nscenario unread-data\nsend A 1')" ]
then ok; else cat "$temp/said" "$temp/a.md" "$temp/b.md"; bad; fi
# What all steps find in what they share is told once.
sed -e 's/^scenario unread-data/scenario unread-date/' -e '$s/$/\n\n## Two {#two}\n\nX./' "$dir/every-block.md" >"$temp/one.md"
if [ "$("$FINWAIT" lint "$temp/one.md" | grep -c 'unread-date')" -eq 1 ]; then ok; else bad; fi
refused() { # refused MESSAGE ARGUMENT...: status 2, and that message on one line
	message=$1
	shift
	(cd "$temp/own" && "$FINWAIT" "$@") >"$temp/said" 2>"$temp/said.err"
	if [ $? -eq 2 ] && [ "$(cat "$temp/said.err")" = "$message" ]; then ok; else cat "$temp/said" "$temp/said.err"; bad; fi
}
refused 'finwait new: finwait new lesson NAME' new
refused 'finwait new: `My own` is no name: a-z, 0-9 and - make one' new lesson 'My own'
refused 'finwait new: 01-my-own.md is called `my-own` already' new lesson my-own
refused '-c:1:10: 02-x.md is there already: `save! 02-x.md as lesson` overwrites it' -c 'close A; save 02-x.md as lesson'
refused '-c:1:1: nothing was done since the scenario, or since the mark `start`: there is no way to show' -c 'save 04-x.md as lesson'
refused '-c:1:17: `lessn` is none of lesson (did you mean `lesson`?)' -c 'save 04-x.md as lessn'

# No two answers to a prediction are alike, and there are three at least.
for lesson in "$lessons"/[0-9]*.md; do
	id=$(sed -n 's/^id: //p' "$lesson")
	{ echo "lesson $id"; for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do echo 'next!'; echo 'next!'; done; } | "$FINWAIT" 2>/dev/null >"$temp/said"
	if awk '/^What will be so after / { asked++; n = 0; split("", seen) }
		/^  [1-4]  / && asked { n++; if (seen[substr($0, 6)]++) exit 1 }
		/^`answer 1`/ && n < 3 && asked && !quiz { exit 1 }
		/^$/ { quiz = 1 } /^What will/ { quiz = 0 }
		END { exit !asked }' "$temp/said"; then ok; else echo "$lesson: choices"; grep -A5 '^What will' "$temp/said"; bad; fi
done

# Transcripts. Progress is kept from one to the next of the same name: NAME-1, NAME-2 ...
for script in "$dir"/*.in; do
	case $script in *-[2-9].in) ;; *) rm -f "$XDG_STATE_HOME"/finwait/lessons ;; esac
	expected=${script%.in}.out
	"$FINWAIT" --plain <"$script" >"$temp/said" 2>&1
	[ "${1:-}" = --write ] && cp "$temp/said" "$expected"
	if diff -u "$expected" "$temp/said"; then ok; else bad; fi
done

# Progress is one small file, which a full or forbidden place does not take with it.
if grep -q '^four-waves second:$' "$XDG_STATE_HOME/finwait/lessons"; then ok; else
	cat "$XDG_STATE_HOME/finwait/lessons"
	bad
fi
echo "kept from elsewhere: x" >>"$XDG_STATE_HOME/finwait/lessons"
"$FINWAIT" -c 'lesson unread-byte; lesson reset four-waves' >/dev/null 2>&1
if grep -q '^kept from' "$XDG_STATE_HOME/finwait/lessons" && ! grep -q '^four-waves' "$XDG_STATE_HOME/finwait/lessons"; then ok; else
	cat "$XDG_STATE_HOME/finwait/lessons"
	bad
fi
if XDG_STATE_HOME=/proc/nothing "$FINWAIT" -c 'lesson four-waves' 2>&1 | grep -q '^(progress is not kept: '; then ok; else
	echo 'nothing is said of progress that is not kept'
	bad
fi

# Its folder is made, with all that it lies in; where it cannot be, that is said of it.
if XDG_STATE_HOME=$temp/not/there/yet "$FINWAIT" -c 'lesson four-waves' >"$temp/said" 2>&1 && [ -s "$temp/not/there/yet/finwait/lessons" ] &&
	! grep -q 'not kept' "$temp/said"; then ok; else cat "$temp/said"; bad; fi
if XDG_STATE_HOME=/dev/null/x "$FINWAIT" -c 'lesson four-waves' 2>&1 |
	grep -qFx '(progress is not kept: /dev/null/x/finwait/lessons cannot be written: Not a directory)'; then ok; else
	echo 'what keeps progress from being kept is not said'
	bad
fi

# The same as JSON: every line an object
if printf 'lesson four-waves\nanswer 2\nnext\ncheck\n' | "$FINWAIT" --json | grep -vq '^{"event":".*}$'; then
	echo '--json prints something else than objects'
	bad
else
	ok
fi

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
