# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for finwait

_finwait() {
	local cur=${COMP_WORDS[COMP_CWORD]} i word=
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--json | --quiet | --plain | --notes) ;;
		*)
			word=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	case $word in
	'') mapfile -t COMPREPLY < <(compgen -W '-c run drill play notes lint new explain --json --quiet --plain --notes --lang --watch --help --version' -- "$cur") ;;
	run) _finwait_files 'fw|pkt' ;;
	drill) _finwait_files 'pkt' ;;
	lint | --watch) _finwait_files 'md' ;;
	new) COMPREPLY=(lesson) ;;
	play)
		case ${COMP_WORDS[COMP_CWORD - 1]} in
		--record) _finwait_files 'cast' ;;
		--size) COMPREPLY=(100x30 80x24) ;;
		*)
			case $cur in
			-*) mapfile -t COMPREPLY < <(compgen -W '--check --record --size --v3 --help' -- "$cur") ;;
			*) _finwait_files 'fw' ;;
			esac
			;;
		esac
		;;
	esac
}

_finwait_files() { # _finwait_files ENDINGS
	local file
	COMPREPLY=()
	while IFS= read -r file; do
		if [[ -d $file ]]; then
			COMPREPLY+=("$file/")
		elif [[ $file =~ \.($1)$ ]]; then
			COMPREPLY+=("$file")
		fi
	done < <(compgen -f -- "$cur")
	compopt -o filenames -o nospace 2>/dev/null
}

complete -F _finwait finwait
