/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Demos: on the screen, checked without one, or recorded. */
#include "term/play_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "lang/rows.h"
#include "lesson/play.h"
#include "term/paint.h"
#include "term/prompt.h"
#include "term/screen.h"
#include "view/view.h"

static const char usage[] = "usage: finwait play FILE.fw                      plays a demo on the screen\n"
			    "       finwait play --check FILE.fw...           runs demos without a screen; 1 when an "
			    "expectation does not hold\n"
			    "       finwait play --record FILE.cast [--v3] [--size COLSxROWS] FILE.fw\n"
			    "                                                 records one as an asciicast, at the pace "
			    "of somebody who reads\n"
	"Keys: space, PgDn, . on; PgUp, comma back; [ ] chapters; + - pace; g N Enter to stop N; l the prompt, until\n"
	"`continue`; b the theme for projectors; 1 to 9 mark a choice; q leaves. finwait notes: the presenter's notes.\n";

struct ways {
	const struct cmd_table *const *tables;
	const char *record; /* NULL: it is shown */
	u16 rows, cols;
	bool check, v3, quiet, json;
};

struct show {
	struct session ss;
	struct demo_player player;
	struct view view;
	struct buf text;
};

static void print_line(void *ctx, const char *text)
{
	(void)ctx;
	puts(text);
}

static enum status begin(struct show *s, const struct ways *w, const char *path, struct err *err)
{
	enum status st = session_init(&s->ss, w->tables, (struct sink){ print_line, NULL }, err);

	s->ss.json = w->json;
	s->ss.quiet = w->quiet;
	if (st == ST_OK)
		st = file_read(path, FILE_LIMIT, &s->text, err);
	return st == ST_OK ? play_begin(&s->player, &s->ss, path, buf_str(&s->text), s->text.len, err) : st;
}

static void end(struct show *s)
{
	play_release(&s->player);
	session_release(&s->ss);
	buf_release(&s->text);
}

/* That it begins at all says that all it claims holds. */
static void tell_checked(struct show *s, const char *path)
{
	if (s->ss.quiet)
		return;
	row_begin(&s->ss, "demo");
	row_str(&s->ss, "file", path);
	row_num(&s->ss, "chapters", s->player.chapters);
	row_num(&s->ss, "claims", s->player.claims);
	row_end(&s->ss, "%s: %u chapter%s, all of %u claim%s hold%s", path, s->player.chapters,
		s->player.chapters == 1 ? "" : "s", s->player.claims, s->player.claims == 1 ? "" : "s",
		s->player.claims == 1 ? "s" : "");
}

static enum status record(struct show *s, const struct ways *w, struct err *err)
{
	enum status st;

	view_init(&s->view, &s->ss, w->rows, w->cols);
	s->view.player = &s->player;
	s->ss.quiet = false; /* what is shown is what commands tell */
	s->ss.json = false;
	st = view_begin_recording(&s->view, w->record, w->v3 ? 3 : 2, err);
	if (st == ST_OK)
		st = view_play_all(&s->view, err);
	s->ss.quiet = w->quiet;
	s->ss.json = w->json;
	if (st == ST_OK)
		st = view_end_recording(&s->view, err);
	view_release(&s->view);
	return st;
}

static enum status show(struct show *s, struct err *err)
{
	enum screen_end how;

	if (!prompt_can_edit())
		return err_set(err, ST_WRONG,
			       "there is no terminal to play it on: --check runs a demo without one, --record "
			       "FILE.cast records it");
	view_init(&s->view, &s->ss, 24, 80);
	view_detach(&s->view);
	s->view.theme = (u8)paint_likely_theme();
	s->view.player = &s->player;
	s->ss.narrates = true;
	s->ss.screen_mode = SCREEN_ON;
	how = screen_run(&s->view);
	view_end_recording(&s->view, err);
	view_release(&s->view);
	return how == SCREEN_CANNOT ? err_set(err, ST_WRONG, "this terminal can have no screen") : ST_OK;
}

static enum status play_file(const struct ways *w, const char *path)
{
	struct show *s = xcalloc(1, sizeof(*s));
	struct err err = { .line = 0 };
	enum status st = begin(s, w, path, &err);

	if (st == ST_OK && w->check)
		tell_checked(s, path);
	else if (st == ST_OK)
		st = w->record ? record(s, w, &err) : show(s, &err);
	if (st != ST_OK)
		prompt_complain(&err);
	end(s);
	free(s);
	return st;
}

static int wrong(const char *what, const char *word)
{
	fprintf(stderr, "finwait play: %s%s%s\n", what, word ? ": " : "", word ? word : "");
	return 2;
}

/* What begins with a dash; the place of the first file, or -1 after a complaint. */
static int read_ways(struct ways *w, int argc, char **argv)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		const bool more = i + 1 < argc;

		if (strcmp(argv[i], "--check") == 0)
			w->check = true;
		else if (strcmp(argv[i], "--v3") == 0)
			w->v3 = true;
		else if (strcmp(argv[i], "--quiet") == 0)
			w->quiet = true;
		else if (strcmp(argv[i], "--json") == 0)
			w->json = true;
		else if (strcmp(argv[i], "--record") == 0 && more && ends_in(argv[i + 1], strlen(argv[i + 1]), ".cast"))
			w->record = argv[++i];
		else if (strcmp(argv[i], "--record") == 0)
			return wrong("a recording is called FILE.cast", more ? argv[i + 1] : NULL), -1;
		else if (strcmp(argv[i], "--size") == 0 && more && view_read_size(argv[i + 1], &w->cols, &w->rows))
			i++;
		else if (strcmp(argv[i], "--size") == 0)
			return wrong("--size wants columns x rows, 100x30 for example", more ? argv[i + 1] : NULL), -1;
		else
			return wrong("there is no option", argv[i]), -1;
	}
	return i;
}

int play_main(int argc, char **argv, const struct cmd_table *const *tables, bool quiet, bool json)
{
	struct ways w = { .tables = tables, .rows = 30, .cols = 100, .quiet = quiet, .json = json };
	int worst = 0, first;

	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		fputs(usage, stdout);
		return 0;
	}
	first = read_ways(&w, argc, argv);
	if (first < 0)
		return 2;
	if (first == argc)
		return wrong("a demo is missing: finwait play FILE.fw", NULL);
	if (argc - first > 1 && !w.check)
		return wrong("one demo at a time, but for --check", argv[first + 1]);
	for (int i = first; i < argc; i++) {
		const enum status st = play_file(&w, argv[i]);
		const int status = st == ST_OK ? 0 : st == ST_FAILED ? 1 : 2;

		worst = status > worst ? status : worst;
	}
	return worst;
}
