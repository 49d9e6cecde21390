/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Demos: on the screen, checked without one, or recorded. */
#include "term/play_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/place.h"
#include "base/text.h"
#include "lang/rows.h"
#include "lesson/play.h"
#include "term/paint.h"
#include "term/prompt.h"
#include "term/screen.h"
#include "view/view.h"

static const char usage[] =
	"usage: finwait play FILE.fw|NAME             plays a demo on the screen; with --plain as lines\n"
	"       finwait play --check FILE.fw...       runs demos unseen; 1 when an expectation does not hold\n"
	"       finwait play --record FILE.cast [--v3] [--size COLSxROWS] FILE.fw\n"
	"                                             records one as an asciicast, at a reader's pace\n"
	"Keys: space, PgDn, . on; PgUp, comma back; [ ] chapters; + - pace; g N Enter to stop N; l the prompt,\n"
	"until `continue`; b the theme for projectors; 1 to 9 mark a choice; q leaves. The presenter's notes are\n"
	"shown by: finwait notes\n";

struct ways {
	const struct cmd_table *const *tables;
	const char *record; /* NULL: it is shown */
	u16 rows, cols;
	bool check, v3, plain, quiet, json;
};

struct show {
	struct session ss;
	struct demo_player player;
	struct view view;
	struct buf text;
	struct buf path; /* of what was found by its name */
};

static void print_line(void *ctx, const char *text)
{
	(void)ctx;
	puts(text);
}

/* ---- finding one ------------------------------------------------------------------------------------------------- */

/* A demo that comes with the program is found by its name alone, where the folder has no file of that name. */
static const char *find_demo(const char *name, struct buf *path)
{
	struct buf file = BUF_INIT;
	bool there = false;

	if (!strchr(name, '/') && access(name, F_OK) != 0) {
		buf_printf(&file, "assets/demos/%s%s", name, ends_in(name, strlen(name), ".fw") ? "" : ".fw");
		there = place_of_program(buf_str(&file), path);
	}
	buf_release(&file);
	return there ? buf_str(path) : name;
}

struct demos {
	char *name[32]; /* owned */
	size_t n;
};

static void add_name(void *ctx, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	struct demos *d = ctx;

	if (ends_in(name, strlen(name), ".fw") && d->n < ARRAY_LEN(d->name))
		d->name[d->n++] = xstrdup(name);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The demos that come with the program. */
static void list_demos(struct buf *b)
{
	struct buf folder = BUF_INIT;
	struct demos d = { .n = 0 };

	if (place_of_program("assets/demos/", &folder))
		file_names(buf_str(&folder), add_name, &d);
	qsort(d.name, d.n, sizeof(*d.name), by_name);
	for (size_t i = 0; i < d.n; i++) {
		buf_printf(b, "%s%.*s", i ? ", " : "", (int)(strlen(d.name[i]) - 3), d.name[i]);
		free(d.name[i]);
	}
	buf_release(&folder);
}

/* A word that is no path was meant to be a demo's name. */
static enum status no_such_demo(const char *name, struct err *err)
{
	struct buf names = BUF_INIT;

	list_demos(&names);
	if (names.len && !strchr(name, '/') && !strchr(name, '.') && access(name, F_OK) != 0)
		err_set(err, ST_WRONG, "there is no such file, and no demo of that name: %s", buf_str(&names));
	buf_release(&names);
	return ST_WRONG;
}

/* ---- beginning and end ------------------------------------------------------------------------------------------- */

static enum status begin(struct show *s, const struct ways *w, const char *name, struct err *err)
{
	const char *path = find_demo(name, &s->path);
	enum status st = session_init(&s->ss, w->tables, (struct sink){ print_line, NULL }, err);

	s->ss.json = w->json;
	s->ss.quiet = w->quiet;
	if (st == ST_OK && file_read(path, FILE_LIMIT, &s->text, err) != ST_OK)
		st = no_such_demo(name, err);
	return st == ST_OK ? play_begin(&s->player, &s->ss, path, buf_str(&s->text), s->text.len, err) : st;
}

static void end(struct show *s)
{
	play_release(&s->player);
	session_release(&s->ss);
	buf_release(&s->text);
	buf_release(&s->path);
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

/* ---- as lines ---------------------------------------------------------------------------------------------------- */

static void nowhere(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

/* The next line of the demo, as if it were typed at a prompt; what is about the demo itself is not to be seen. */
static enum status tell_line(struct show *s, const struct play_line *l, struct err *err)
{
	const struct sink sink = s->ss.sink;
	struct buf echo = BUF_INIT;
	enum status st;

	if (l->narrates || play_is_unseen(&s->player)) {
		s->ss.sink = (struct sink){ nowhere, NULL };
	} else {
		add_prompt(&echo, &s->ss);
		printf("%s%s\n", buf_str(&echo), l->text);
		buf_release(&echo);
	}
	st = play_run(&s->player, err);
	s->ss.sink = sink;
	return st;
}

static void tell_stop(struct show *s, u32 *chapter)
{
	const struct demo_player *p = &s->player;
	const struct play_stage *stage = &p->stage;

	if (stage->chapter_number != *chapter)
		printf("\n== %u of %u: %s ==\n", stage->chapter_number, p->chapters, stage->chapter);
	*chapter = stage->chapter_number;
	if (stage->said)
		printf("\n%s\n", stage->said);
	if (stage->question)
		printf("\n%s\n", stage->question);
	for (u32 i = 0; i < stage->choices; i++)
		printf("  %u  %s\n", i + 1, stage->choice[i]);
	if (p->ended)
		puts("\nThis is the end.");
}

/*
 * What somebody types at a stop: nothing goes on, at the end it leaves, a comma goes back; all else is a command, which
 * leads away from the demo. False: it is over.
 */
static bool take_answer(struct show *s, struct buf *line)
{
	struct demo_player *p = &s->player;
	struct err err = { .line = 0 };

	if (strcmp(buf_str(line), "q") == 0 || strcmp(buf_str(line), "quit") == 0)
		return false;
	if (!line->len && p->ended && !p->live)
		return false;
	if (!line->len) {
		play_take_back(p);
		play_on(p);
	} else if (strcmp(buf_str(line), ",") == 0) {
		play_back(p);
	} else {
		play_hand_over(p);
		if (session_line(&s->ss, buf_str(line), line->len, &err) != ST_OK)
			prompt_complain(&err);
	}
	return true;
}

/* A line of standard input, without its end. False: there is none. */
static bool read_answer(struct buf *b)
{
	char *line = NULL;
	size_t room = 0;
	const ssize_t n = getline(&line, &room, stdin);

	buf_clear(b);
	if (n > 0)
		buf_add(b, line, strcspn(line, "\r\n"));
	free(line);
	return n > 0;
}

/* Where there is no screen, or none is wanted: the same as lines, an empty one goes on. */
static enum status tell(struct show *s, struct err *err)
{
	struct buf line = BUF_INIT;
	enum status st = ST_OK;
	bool told = false, there = true;
	u32 chapter = 0;

	printf("%s\nEnter goes on, a comma and Enter go back, q and Enter leave; a command is run.\n", s->player.title);
	while (st == ST_OK && there) {
		const struct play_line *l = play_line(&s->player);

		if (l) {
			st = tell_line(s, l, err);
			told = false;
			continue;
		}
		s->player.wait = 0;
		if (!s->player.stopped)
			continue;
		if (!told || !s->player.live)
			tell_stop(s, &chapter);
		told = true;
		there = fflush(stdout) == 0 && read_answer(&line) && take_answer(s, &line);
	}
	buf_release(&line);
	return st;
}

/* ---- on the screen ----------------------------------------------------------------------------------------------- */

static enum status show(struct show *s, struct err *err)
{
	enum screen_end how;
	enum status st;

	if (!prompt_can_edit())
		return err_set(err, ST_WRONG,
			       "there is no terminal to play it on: --plain tells a demo as lines, --check only "
			       "runs it, --record FILE.cast records it");
	view_init(&s->view, &s->ss, 24, 80);
	view_detach(&s->view);
	s->view.theme = (u8)paint_likely_theme();
	s->view.player = &s->player;
	s->ss.narrates = true;
	s->ss.screen_mode = SCREEN_ON;
	how = screen_run(&s->view);
	st = view_end_recording(&s->view, err);
	view_release(&s->view);
	return how == SCREEN_CANNOT ? err_set(err, ST_WRONG, "this terminal can have no screen") : st;
}

static enum status play_file(const struct ways *w, const char *path)
{
	struct show *s = xcalloc(1, sizeof(*s));
	struct err err = { .line = 0 };
	enum status st = begin(s, w, path, &err);

	if (st == ST_OK && w->check)
		tell_checked(s, path);
	else if (st == ST_OK)
		st = w->record ? record(s, w, &err) : w->plain ? tell(s, &err) : show(s, &err);
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

static int no_demo(void)
{
	struct buf names = BUF_INIT;

	list_demos(&names);
	if (names.len)
		wrong("which demo? A file, or one of these", buf_str(&names));
	else
		wrong("a demo is missing: finwait play FILE.fw", NULL);
	buf_release(&names);
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
		else if (strcmp(argv[i], "--plain") == 0)
			w->plain = true;
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

int play_main(int argc, char **argv, const struct cmd_table *const *tables, const struct play_options *o)
{
	struct ways w = { .tables = tables, .rows = 30, .cols = 100 };
	int worst = 0, first;

	w.plain = o->plain;
	w.quiet = o->quiet;
	w.json = o->json;
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		fputs(usage, stdout);
		return 0;
	}
	first = read_ways(&w, argc, argv);
	if (first < 0)
		return 2;
	if (first == argc)
		return no_demo();
	for (int i = first + 1; i < argc; i++)
		if (argv[i][0] == '-')
			return wrong("options stand before the demo", argv[i]);
	if (argc - first > 1 && !w.check)
		return wrong("one demo at a time, but for --check", argv[first + 1]);
	for (int i = first; i < argc; i++) {
		const enum status st = play_file(&w, argv[i]);
		const int status = st == ST_OK ? 0 : st == ST_FAILED ? 1 : 2;

		worst = status > worst ? status : worst;
	}
	return worst;
}
