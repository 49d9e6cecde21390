# SPDX-License-Identifier: GPL-2.0-or-later
# Breaks a lesson in its n-th place of one kind: awk -v kind=KIND -v n=N -f break.awk FILE. Status 3: there are not so many.
#
#   negate    a line of a goal says the contrary
#   drop      a command of a solution is missing
#   digit     a digit of what a transcript says is another
#   double    a step has the name of the first one
#   unhint    the first hint of a goal and those behind it are gone
#   miss      a near miss is replaced by the solution before it
#   rename    a field, a function, a decision or a verb is misspelt
#   par       one command too many
BEGIN { block = "" }
/^```finwait / { block = $2; seen_goal_line = 0 }
/^```$/ { block = "" }
function here() { return ++places == n ? found = 1 : 0 }
{ line = $0 }
block == "solution" { way = /^```/ ? "" : way == "" ? $0 : way "; " $0 }
kind == "negate" && block == "goal" && !/^```/ && !/^(within|par) / && here() {
	if (line ~ /^never /)
		line = "never !(" substr(line, 7) ")"
	else if (line ~ /^calls /)
		line = "never called(" substr(line, 7) ")"
	else
		line = "!(" line ")"
}
kind == "drop" && block == "solution" && !/^```/ && here() { next }
kind == "digit" && block == "expect" && !/^```/ && !/^[AB][:%0-9]*> / && match(line, /[0-9][^0-9]*$/) && here() {
	line = substr(line, 1, RSTART - 1) (substr(line, RSTART, 1) + 1) % 10 substr(line, RSTART + 1)
}
/^## .*\{#/ {
	name = line
	sub(/^.*\{#/, "{#", name)
	if (first == "")
		first = name
	else if (kind == "double" && here())
		line = substr(line, 1, index(line, "{#") - 1) first
}
kind == "unhint" && block == "hint" && /^```finwait/ { if (!hinted++) { if (here()) dropping = 1 } }
block == "goal" { hinted = 0 }
dropping && block == "hint" { next }
dropping && /^```$/ && last == "hint" { last = block; next }
kind == "miss" && block == "reject" && !/^```/ && !/^says:/ { if (!missed++) { if (here()) line = way } else if (found && places == n) next }
block != "reject" { missed = 0 }
kind == "rename" && block != "" && block != "show" && block != "expect" && block != "hint" && block != "quiz" && !/^```/ && !/^says:/ &&
match(line, /[a-z_][a-z_][a-z_][a-z_]+/) && here() {
	line = substr(line, 1, RSTART) "q" substr(line, RSTART + 2)
}
kind == "par" && block == "goal" && /^par / && here() { line = "par " $2 + 1 }
{ last = block; print line }
END { exit found ? 0 : 3 }
