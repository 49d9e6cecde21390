/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program: what it was called with, and the tables of commands that its rooms contribute. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "drill/drill.h"
#include "lang/help.h"
#include "lang/language.h"
#include "lang/look.h"
#include "lang/session.h"
#include "lesson/lint.h"
#include "lesson/play.h"
#include "lesson/player.h"
#include "lesson/watch.h"
#include "lesson/write.h"
#include "term/notes.h"
#include "term/paint.h"
#include "term/play_main.h"
#include "term/prompt.h"
#include "term/screen.h"
#include "view/view.h"

#define VERSION "0.1"

static const struct cmd_table *const tables[] = {
	&cmds_world, &cmds_kernel, &cmds_call, &cmds_net, &cmds_time, &cmds_look, &cmds_history, &cmds_file, &cmds_lesson,
	&cmds_view, &cmds_export, &cmds_record, &cmds_demo, NULL,
};

struct options {
	bool json;
	bool quiet;
	bool plain;
	bool notes;
	const char *watch; /* a lesson's file */
	const char *lang; /* of lessons; NULL: that of the environment */
};

/* One session is played at a time. */
static struct player player;

static const char usage[] =
	"usage: finwait [OPTION...]        the screen, or lines where there is none\n"
	"       finwait -c 'COMMANDS'      runs commands: finwait -c 'close A; deliver'\n"
	"       finwait run FILE...        runs scripts (.fw) and packetdrill scripts;\n"
	"                                  - is standard input\n"
	"       finwait drill FILE.pkt...  plays packetdrill scripts (drill --help)\n"
	"       finwait lint FILE|DIR...   proves what lessons claim\n"
	"       finwait new lesson NAME    begins a lesson: a file to fill in\n"
	"       finwait --watch FILE.md    plays a lesson anew whenever it is saved\n"
	"       finwait play FILE.fw       plays, checks or records a demo (play --help)\n"
	"       finwait notes              the presenter's notes of what is being played\n"
	"       finwait explain NAME       what a function, state, field, errno or\n"
	"                                  command is\n"
	"       finwait --help | --version\n"
	"Options: --plain: lines, no screen. --json: an object a line. --quiet: what\n"
	"commands do is not told. --notes: lessons with what is for the presenter.\n"
	"--lang zh|ja: lessons and explanations in that language.\n"
	"Exit status: 0 all is well, 1 something claimed does not hold, 2 the call, a\n"
	"script or a file is wrong.\n";

static void print_line(void *ctx, const char *text)
{
	(void)ctx;
	puts(text);
}

static int exit_status(enum status st)
{
	return st == ST_OK ? 0 : st == ST_FAILED ? 1 : 2;
}

/* Results that could not be written are no success. */
static int finish(int status)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fputs("finwait: standard output cannot be written\n", stderr);
		return status ? status : 2;
	}
	return status;
}

/* What messages are wanted in, by the names that POSIX gives precedence to. */
static const char *language_of_environment(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	const char *value = NULL;

	for (size_t i = 0; i < ARRAY_LEN(names) && (!value || !*value); i++)
		value = getenv(names[i]);
	return value ? value : "";
}

static enum status begin(struct session *ss, const struct options *o, struct err *err)
{
	const struct sink sink = { .line = print_line };
	enum status st = session_init(ss, tables, sink, err);
	int language;

	ss->json = o->json;
	ss->quiet = o->quiet;
	ss->play_script = drill_source;
	player_init(&player, ss);
	player.notes = o->notes;
	language = language_find(o->lang ? o->lang : language_of_environment());
	ss->language = (u8)(language > 0 ? language : 0);
	return st;
}

static void end(struct session *ss)
{
	player_release(&player);
	session_release(ss);
}

/* ---- scripts ------------------------------------------------------------------------------------------------- */

static enum status run_text(const struct options *o, const char *name, const char *text, size_t len)
{
	static struct session ss;
	struct err err = { .line = 0 };
	enum status st = begin(&ss, o, &err);

	if (st == ST_OK)
		st = session_script(&ss, name, text, len, &err);
	if (st != ST_OK)
		prompt_complain(&err);
	end(&ss);
	return st;
}

struct count {
	unsigned passed;
	unsigned failed;
	unsigned skipped;
};

static enum status run_drill(const struct options *o, const char *path, const struct buf *text, struct count *n,
			     struct err *err)
{
	const struct drill_options options = { 0 };
	const struct drill_files files = drill_files_beside(path);
	struct buf said = BUF_INIT;
	struct drill *d = NULL;
	enum drill_verdict verdict;

	if (drill_parse(&d, path, buf_str(text), text->len, &files, err) != ST_OK) {
		prompt_complain(err);
		return ST_WRONG;
	}
	verdict = drill_run(d, &options, &said);
	if (o->json)
		drill_print_json(path, verdict, &said);
	else
		fputs(buf_str(&said), stdout);
	buf_release(&said);
	drill_free(d);
	n->skipped += verdict == DRILL_SKIPPED;
	return verdict == DRILL_FAILED ? ST_FAILED : ST_OK;
}

static enum status run_file(const struct options *o, const char *path, struct count *n)
{
	struct buf text = BUF_INIT;
	struct err err = { .line = 0 };
	const unsigned skipped = n->skipped;
	enum status st = file_read(path, FILE_LIMIT, &text, &err);

	if (st != ST_OK)
		prompt_complain(&err);
	else if (ends_in(path, strlen(path), ".pkt"))
		st = run_drill(o, path, &text, n, &err);
	else
		st = run_text(o, path, buf_str(&text), text.len);
	buf_release(&text);
	if (n->skipped == skipped) {
		n->passed += st == ST_OK;
		n->failed += st != ST_OK;
	}
	return st;
}

static int run_files(const struct options *o, int n, char **path)
{
	struct count count = { 0, 0, 0 };
	int worst = 0;

	if (n == 0) {
		fputs("finwait run: a file is missing\n", stderr);
		return 2;
	}
	for (int i = 0; i < n && path[i]; i++) {
		int status = exit_status(run_file(o, path[i], &count));

		worst = status > worst ? status : worst;
	}
	if (n > 1)
		drill_print_total(count.passed, count.failed, count.skipped, o->json);
	return worst;
}

/* ---- the other ways to call it ------------------------------------------------------------------------------- */

static int explain_name(const struct options *o, int n, char **name)
{
	static struct session ss;
	struct err err = { .line = 0 };
	enum status st;

	if (n != 1) {
		fputs("finwait explain: one name, please: finwait explain tcp_close\n", stderr);
		return 2;
	}
	st = begin(&ss, o, &err);
	if (st == ST_OK)
		st = explain(&ss, name[0], &err);
	if (st != ST_OK)
		prompt_complain(&err);
	end(&ss);
	return exit_status(st);
}

static int converse(const struct options *o)
{
	static struct session ss;
	static struct view view;
	struct err err = { .line = 0 };
	enum status st = begin(&ss, o, &err);

	if (st != ST_OK) {
		prompt_complain(&err);
		return 2;
	}
	view_init(&view, &ss, 24, 80);
	view_detach(&view);
	view.theme = (u8)paint_likely_theme();
	ss.narrates = true;
	if (!o->json && !o->quiet && prompt_can_edit())
		ss.screen_mode = o->plain ? SCREEN_OFF : SCREEN_ON;
	for (;;) {
		enum screen_end end = ss.screen_mode == SCREEN_ON ? screen_run(&view) : SCREEN_PUT_OFF;

		if (end == SCREEN_ENDED)
			break;
		if (end == SCREEN_CANNOT)
			ss.screen_mode = SCREEN_NONE;
		else
			view_say_last(&view);
		st = prompt_run(&ss, !o->json && prompt_can_edit(), &view.ahead);
		if (ss.quit || ss.screen_mode != SCREEN_ON)
			break;
	}
	if (view_end_recording(&view, &err) != ST_OK) {
		prompt_complain(&err);
		st = ST_WRONG;
	}
	view_release(&view);
	end(&ss);
	return exit_status(st);
}

static int print_manual(void)
{
	struct buf b = BUF_INIT;

	add_manual(&b, tables);
	fputs(buf_str(&b), stdout);
	buf_release(&b);
	return 0;
}

static int wrong_call(const char *word, bool option)
{
	struct nearest n;
	struct buf hint = BUF_INIT;
	static const char *const known[] = { "run",	"drill",   "lint",    "new",	 "play",    "notes",  "explain",  "--json",
					     "--quiet", "--plain", "--notes", "--lang", "--watch", "--help", "--version" };

	nearest_init(&n, word);
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		nearest_try(&n, known[i]);
	if (!option && (ends_in(word, strlen(word), ".fw") || ends_in(word, strlen(word), ".pkt"))) {
		fprintf(stderr, "finwait: scripts are run by: finwait run %s\n", word);
		return 2;
	}
	fprintf(stderr, "finwait: %s `%s`%s; finwait --help tells more\n",
		option ? "there is no option" : "does not know", word, nearest_hint(&n, &hint));
	buf_release(&hint);
	return 2;
}

/* An option that prints and is all: a word behind it is a mistake, as elsewhere. */
static int print_only(const char *option, const char *next)
{
	if (next && next[0] != '-') {
		fprintf(stderr, "finwait %s: `%s` is one word too many\n", option, next);
		return 2;
	}
	if (strcmp(option, "--man") == 0)
		return print_manual();
	fputs(strcmp(option, "--help") == 0 ? usage : "finwait " VERSION "\n", stdout);
	return 0;
}

/* Where the value of an option goes; NULL: it has none. */
static const char **has_value(struct options *o, const char *option)
{
	return strcmp(option, "--watch") == 0 ? &o->watch : strcmp(option, "--lang") == 0 ? &o->lang : NULL;
}

/* Options that count everywhere; what is left of the arguments moves together. -1: go on, else the exit status. */
static int read_options(struct options *o, int *argc, char **argv)
{
	int kept = 1;
	bool drill = false;

	for (int i = 1; i < *argc; i++) {
		const char *arg = argv[i];

		drill |= kept == 1 && (strcmp(arg, "drill") == 0 || strcmp(arg, "play") == 0);
		if (arg[0] != '-' || arg[1] == '\0' || (drill && strcmp(arg, "--version") != 0)) {
			argv[kept++] = argv[i]; /* `drill` reads its own options */
		} else if (strcmp(arg, "--json") == 0) {
			o->json = true;
		} else if (strcmp(arg, "--quiet") == 0) {
			o->quiet = true;
		} else if (strcmp(arg, "--plain") == 0) {
			o->plain = true;
		} else if (strcmp(arg, "--notes") == 0) {
			o->notes = true;
		} else if (has_value(o, arg)) {
			if (i + 1 == *argc) {
				fprintf(stderr, "finwait: what stands behind %s is missing\n", arg);
				return 2;
			}
			*has_value(o, arg) = argv[++i];
		} else if (strcmp(arg, "--help") == 0 || strcmp(arg, "--version") == 0 || strcmp(arg, "--man") == 0) {
			return print_only(arg, argv[i + 1]);
		} else if (strcmp(arg, "-c") == 0) {
			/* what follows it is text */
			argv[kept++] = argv[i++];
			if (i < *argc)
				argv[kept++] = argv[i];
		} else {
			return wrong_call(arg, true);
		}
	}
	if (o->lang && language_find(o->lang) < 0) {
		fprintf(stderr, "finwait: --lang is en, zh or ja, not `%s`\n", o->lang);
		return 2;
	}
	*argc = kept;
	return -1;
}

static int run_commands(const struct options *o, int n, char **text)
{
	if (n != 1) {
		fputs(n ? "finwait -c: the commands must be one argument: quote them\n"
			: "finwait -c: the commands are missing\n", stderr);
		return 2;
	}
	return exit_status(run_text(o, "-c", text[0], strlen(text[0])));
}

int main(int argc, char **argv)
{
	struct options o = { .json = false };
	int status;

	if (!setlocale(LC_CTYPE, ""))
		setlocale(LC_CTYPE, "C.UTF-8");
	status = read_options(&o, &argc, argv);
	if (status >= 0)
		return finish(status);
	if (o.watch && argc == 1)
		status = watch_main(o.watch);
	else if (argc == 1)
		status = converse(&o);
	else if (strcmp(argv[1], "-c") == 0)
		status = run_commands(&o, argc - 2, argv + 2);
	else if (strcmp(argv[1], "run") == 0)
		status = run_files(&o, argc - 2, argv + 2);
	else if (strcmp(argv[1], "drill") == 0)
		status = drill_main(argc - 1, argv + 1, o.quiet, o.json);
	else if (strcmp(argv[1], "new") == 0)
		status = new_main(argc - 1, argv + 1);
	else if (strcmp(argv[1], "lint") == 0)
		status = lint_main(argc - 1, argv + 1, o.quiet, o.json);
	else if (strcmp(argv[1], "play") == 0)
		status = play_main(argc - 1, argv + 1, tables, &(struct play_options){ o.plain, o.quiet, o.json });
	else if (strcmp(argv[1], "notes") == 0)
		status = argc == 2 ? notes_follow() : print_only("notes", argv[2]);
	else if (strcmp(argv[1], "explain") == 0)
		status = explain_name(&o, argc - 2, argv + 2);
	else
		status = wrong_call(argv[1], false);
	return finish(status);
}
