/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the screen shows: running lines, stepping through time, choosing panes. */
#include "view/view.h"

#include <stdlib.h>
#include <string.h>

#include "lesson/player.h"

enum { LOG_LINES = 4000 };

/* ---- the log --------------------------------------------------------------------------------------------------- */

/* The oldest lines make room. */
static void log_trim(struct view *v)
{
	struct lines *log = &v->lower[PANE_LOG];
	const size_t drop = log->n > LOG_LINES ? log->n - LOG_LINES / 2 : 0;
	const char *p = buf_str(&log->text);
	struct buf rest = BUF_INIT;

	if (!drop)
		return;
	for (size_t i = 0; i < drop; i++)
		p = strchr(p, '\n') + 1;
	buf_puts(&rest, p);
	buf_release(&log->text);
	log->text = rest;
	log->n -= drop;
	log->version++;
	v->log_start = v->log_start > drop ? v->log_start - drop : 0;
}

/* ---- the view ------------------------------------------------------------------------------------------------ */

/* Changes are seen against the world of moment `then`. */
static void compare_with(struct view *v, u32 then)
{
	struct tape *t = v->ss->tape;
	struct err err;

	/* nothing leads from one scenario to another */
	for (u32 m = tape_now(t); m != then && m != MOMENT_NONE; m = tape_moment(t, m)->parent)
		if (tape_moment(t, m)->action.kind == ACT_SCENARIO)
			then = MOMENT_NONE;
	if (then == MOMENT_NONE || tape_world_at(t, then, v->before, &err) != ST_OK)
		world_copy(v->before, tape_world(t));
	v->stale = true;
}

/* Against the point before this one, or the moment before. */
static void look_back(struct view *v, bool moments)
{
	struct tape *t = v->ss->tape;
	const struct point *p = tape_point(t, tape_point_now(t));
	u32 then = tape_now(t);

	if (moments)
		then = tape_moment(t, then)->parent;
	else if (p->moment != then)
		then = p->moment;
	else if (p->parent != UINT32_MAX)
		then = tape_point(t, p->parent)->moment;
	compare_with(v, then);
}

void view_look_back(struct view *v)
{
	look_back(v, false);
}

void view_init(struct view *v, struct session *ss, u16 rows, u16 cols)
{
	*v = (struct view){ .ss = ss, .shown = { PANE_CALLS, PANE_LADDER }, .focus = PANE_CALLS, .stale = true };
	v->before = xcalloc(1, sizeof(*v->before));
	canvas_init(&v->canvas, rows, cols);
	director_init(&v->director);
	view_attach(v);
}

void view_attach(struct view *v)
{
	v->ss->screen = v;
	v->away = false;
	director_finish(&v->director);
	look_back(v, false);
}

void view_detach(struct view *v)
{
	v->away = true;
}

void view_say_last(const struct view *v)
{
	const struct lines *log = &v->lower[PANE_LOG];
	const char *p = buf_str(&log->text);
	struct buf line = BUF_INIT;

	/* the first of them is the command itself */
	for (size_t i = 0; i < log->n; i++, p = strchr(p, '\n') + 1) {
		buf_clear(&line);
		buf_add(&line, p, strcspn(p, "\n"));
		if (i > v->log_start)
			v->ss->sink.line(v->ss->sink.ctx, buf_str(&line));
	}
	buf_release(&line);
}

void view_release(struct view *v)
{
	v->ss->screen = NULL;
	for (int i = 0; i < NR_PANES; i++) {
		lines_release(&v->lower[i]);
		lines_release(&v->wrapped[i].rows);
	}
	lines_release(&v->menu);
	buf_release(&v->notice);
	buf_release(&v->hint);
	buf_release(&v->input);
	buf_release(&v->ahead);
	canvas_release(&v->canvas);
	director_release(&v->director);
	view_drop_recording(v);
	free(v->before);
}

/* ---- running a line ------------------------------------------------------------------------------------------ */

static void to_lines(void *ctx, const char *text)
{
	lines_add(ctx, text);
}

/* Runs a line with its output going to `out`. */
static enum status run_into(struct view *v, const char *line, size_t len, struct lines *out, struct err *err)
{
	const struct sink sink = v->ss->sink;
	const u16 columns = v->ss->columns;
	enum status st;

	v->ss->sink = (struct sink){ to_lines, out };
	v->ss->columns = (u16)(v->canvas.cols / (v->wide ? 2 : 1) - 2);
	st = session_line(v->ss, line, len, err);
	v->ss->sink = sink;
	v->ss->columns = columns;
	return st;
}

static void set_notice(struct view *v, bool mistake, const char *text)
{
	buf_clear(&v->notice);
	buf_puts(&v->notice, text);
	v->mistake = mistake;
}

void view_greet(struct view *v)
{
	static const char *const text[] = {
		"Two Linux hosts, A and B, are connected, and nothing moves until you say so.",
		"Type `close A`, then `deliver`: B gets the FIN. `tick 100ms` lets time pass until B's ACK leaves, `deliver` hands it over. "
		"Then `close B` and `deliver all`: where is A now?",
		"F2 shows the calls, F3 the ladder, F4 the states, F5 the source, F7 why each step was taken; F12 gives a pane the whole screen. "
		"Left goes back in time. F1 is help, Tab completes, Ctrl-D leaves. `lesson list` shows the lessons.",
	};

	for (size_t i = 0; i < ARRAY_LEN(text); i++)
		lines_add(&v->lower[PANE_LOG], text[i]);
	v->log_on_top = true;
}

/* A lesson that was opened comes to the front, and the panes that its page wants beside it. */
static void follow_lesson(struct view *v)
{
	struct player *p = player_of(v->ss);

	if (!p || !p->l) {
		v->lesson = NULL;
		return;
	}
	if (v->lesson != p->l)
		view_show(v, PANE_LESSON);
	v->lesson = p->l;
	if (v->lesson_len != p->page.lines.len)
		v->scroll[PANE_LESSON] = 0;
	v->lesson_len = p->page.lines.len;
	if (p->news.len && !v->mistake)
		set_notice(v, false, buf_str(&p->news));
	if (p->shows != v->shows && p->show && v->wide && v->shown[0] == PANE_LESSON)
		v->shown[1] = (u8)pane_find(p->show->word[0]);
	v->shows = p->shows;
}

enum status view_line(struct view *v, const char *line, size_t len)
{
	struct lines *log = &v->lower[PANE_LOG];
	const u32 then = tape_now(v->ss->tape);
	struct buf echo = BUF_INIT;
	struct err err = { .line = 0 };
	size_t said;
	enum status st;

	if (strspn(line, " \t\n") == strlen(line))
		return ST_OK;
	log_trim(v);
	add_prompt(&echo, v->ss);
	buf_add(&echo, line, len);
	while (echo.len && strchr("\r\n", echo.data[echo.len - 1]))
		buf_truncate(&echo, echo.len - 1);
	v->log_start = log->n;
	lines_add(log, buf_str(&echo));
	buf_release(&echo);
	said = log->n;
	st = run_into(v, line, len, log, &err);
	buf_clear(&v->notice);
	v->mistake = st != ST_OK;
	if (v->mistake) {
		add_err(&v->notice, &err);
		lines_add(log, buf_str(&v->notice));
	}
	v->scroll[PANE_LOG] = 0;
	v->stale = true;
	director_finish(&v->director);
	if (tape_now(v->ss->tape) != then) {
		if (tape_leads_to(v->ss->tape, then, tape_now(v->ss->tape)))
			compare_with(v, then);
		else
			look_back(v, false);
		v->director.reduced = v->ss->calm;
		director_begin(&v->director, v->ss->tape, then);
	}
	v->log_on_top = st == ST_OK && tape_now(v->ss->tape) == then && log->n > said;
	follow_lesson(v);
	return st;
}

/* ---- time ---------------------------------------------------------------------------------------------------- */

/* The child of a moment on the way to the present line's end. */
static u32 moment_after(const struct tape *t, u32 moment)
{
	u32 point = tape_point_next(t, tape_point_now(t));
	u32 m = point == UINT32_MAX ? MOMENT_NONE : tape_point(t, point)->moment;

	while (m != MOMENT_NONE && tape_moment(t, m)->parent != moment)
		m = tape_moment(t, m)->parent;
	return m;
}

bool view_step(struct view *v, int by, bool moments)
{
	struct tape *t = v->ss->tape;
	u32 to = by < 0 ? tape_moment(t, tape_now(t))->parent : moment_after(t, tape_now(t));
	struct err err;
	enum status st;

	if (moments)
		st = to == MOMENT_NONE ? ST_WRONG : tape_goto_moment(t, to, &err);
	else
		st = by < 0 ? tape_undo(t, 1, &err) : tape_redo(t, 1, &err);
	if (st != ST_OK) {
		set_notice(v, false, by < 0 ? "this is where the session begins" : "this is the latest moment");
		return false;
	}
	set_notice(v, false, "");
	v->log_on_top = false;
	director_finish(&v->director);
	look_back(v, moments);
	return true;
}

/* ---- panes --------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	const char *command; /* whose lines it shows; NULL: it is drawn */
} panes[NR_PANES] = {
	[PANE_A] = { "A", NULL },	    [PANE_B] = { "B", NULL },
	[PANE_WIRE] = { "wire", NULL },	    [PANE_HELP] = { "help", "help" },
	[PANE_CALLS] = { "calls", "trace" }, [PANE_LADDER] = { "ladder", "ladder" },
	[PANE_STATES] = { "states", NULL }, [PANE_SOURCE] = { "source", "list" },
	[PANE_LESSON] = { "lesson", "lesson" }, [PANE_WHY] = { "why", "why" },
	[PANE_NSTAT] = { "nstat", "nstat" }, [PANE_TOOLS] = { "tools", "tools" },
	[PANE_LOG] = { "log", NULL },
};

const char *pane_name(enum pane_id pane)
{
	return panes[pane].name;
}

enum pane_id pane_find(const char *name)
{
	for (int i = 0; i < NR_PANES; i++)
		if (strcmp(panes[i].name, name) == 0)
			return (enum pane_id)i;
	return NR_PANES;
}

void view_show(struct view *v, enum pane_id pane)
{
	if (pane > PANE_WIRE && v->shown[0] != pane) {
		if (v->wide && v->shown[1] == pane)
			v->shown[1] = v->shown[0];
		v->shown[0] = (u8)pane;
		v->scroll[pane] = 0;
	}
	v->focus = (u8)pane;
	v->log_on_top = false;
	v->stale = true;
}

void view_focus(struct view *v, int by)
{
	const u8 order[] = { PANE_A, PANE_WIRE, PANE_B, v->shown[0], v->shown[1] };
	const int n = v->wide ? 5 : 4;
	int i = 0;

	while (i < n - 1 && order[i] != v->focus)
		i++;
	v->focus = order[(i + by + n) % n];
}

void view_scroll(struct view *v, int by)
{
	enum pane_id pane = v->log_on_top ? PANE_LOG : v->focus > PANE_WIRE ? (enum pane_id)v->focus
							: (enum pane_id)v->shown[0];

	v->scroll[pane] += by;
}

static void collect(struct view *v, enum pane_id pane)
{
	const char *command = panes[pane].command;
	struct err err;

	if (!command)
		return;
	lines_clear(&v->lower[pane]);
	if (run_into(v, command, strlen(command), &v->lower[pane], &err) != ST_OK)
		lines_add(&v->lower[pane], err.message);
}

static void collect_shown(struct view *v)
{
	for (int i = 0; i < (v->wide ? 2 : 1); i++)
		collect(v, (enum pane_id)v->shown[i]);
}

/* While something is being played, what had happened by then. */
static void collect_played(struct view *v)
{
	struct tape *t = v->ss->tape;
	const u32 now = tape_now(t), moment = v->director.moment[v->director.at];
	struct err err;

	if (tape_goto_moment(t, tape_moment(t, moment)->parent, &err) != ST_OK)
		return;
	v->ss->begun = moment;
	v->ss->begun_records = director_beat(&v->director)->record;
	v->ss->stage = v->director.stage;
	collect_shown(v);
	v->ss->begun = 0;
	v->ss->stage = NULL;
	tape_goto_moment(t, now, &err);
}

u32 view_point(const struct view *v)
{
	const struct tape *t = v->ss->tape;
	u32 p = tape_point_now(t);

	if (!director_plays(&v->director))
		return p;
	/* on a branch, moments that come later have larger numbers */
	while (tape_point(t, p)->parent != UINT32_MAX &&
	       tape_point(t, tape_point(t, p)->parent)->moment >= v->director.moment[v->director.at])
		p = tape_point(t, p)->parent;
	return p;
}

void view_collect(struct view *v)
{
	struct err err;

	past_sync(&v->ss->past, v->ss->tape, &err); /* for the bars of timers */
	if (!v->stale && v->turn == v->director.turn)
		return;
	v->stale = false;
	v->turn = v->director.turn;
	if (director_plays(&v->director))
		collect_played(v);
	else
		collect_shown(v);
}

/* ---- verbs --------------------------------------------------------------------------------------------------- */

/* The screen that is there or, being off, will come back: verbs choose how it looks. NULL, with an error: there is none. */
static struct view *any_screen(struct session *ss, struct err *err)
{
	struct view *v = ss->screen;

	if (v && (!v->away || ss->screen_mode != SCREEN_NONE))
		return v;
	err_set(err, ST_WRONG, "there is no screen here: every pane's facts are printed by a command (`help`)");
	return NULL;
}

struct view *view_of(struct session *ss, struct err *err)
{
	struct view *v = any_screen(ss, err);

	if (!v || !v->away)
		return v;
	err_set(err, ST_WRONG, "the screen is off: `set screen=on` first");
	return NULL;
}

/* A script that is only run, or checked, goes on without what is for the eye. */
static enum status without_screen(struct session *ss, struct err *err)
{
	if (ss->script && ss->screen_mode == SCREEN_NONE)
		return ST_OK;
	view_of(ss, err);
	return ST_WRONG;
}

static enum status no_pane(const char *word, struct err *err)
{
	struct nearest n;
	struct buf hint = BUF_INIT;

	nearest_init(&n, word);
	for (int i = 0; i < NR_PANES; i++)
		nearest_try(&n, pane_name((enum pane_id)i));
	err_set(err, ST_WRONG, "there is no pane `%s`%s", word, n.name ? nearest_hint(&n, &hint) : " (`help view` lists them)");
	buf_release(&hint);
	return ST_WRONG;
}

static enum status cmd_view(struct session *ss, struct args *a, struct err *err)
{
	struct view *v = ss->screen;
	const char *word = args_peek(a);
	enum pane_id pane = word ? pane_find(word) : NR_PANES;

	if (!word)
		return err_set(err, ST_WRONG, "which pane? help, calls, ladder, states, source, lesson, why, nstat, tools or log");
	if (pane == NR_PANES)
		return no_pane(word, err);
	args_take(a);
	args_note(a, "%s", word);
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	if (!v || v->away)
		return without_screen(ss, err);
	view_show(v, pane);
	return ST_OK;
}

static enum status cmd_theme(struct session *ss, struct args *a, struct err *err)
{
	static const char *const names[NR_THEMES + 1] = { "dark", "light", "bold", "mono", NULL };
	struct view *v = any_screen(ss, err);
	int theme;

	if (!v || args_choice(a, names, &theme, err) != ST_OK || args_end(a, err) != ST_OK)
		return ST_WRONG;
	v->theme = (u8)theme;
	return ST_OK;
}

/* "2x", "0.5x", "off": per cent of the normal speed, -1 when it is none of these. */
static long read_speed(const char *word)
{
	unsigned long whole, part = 0;
	char *end;

	if (strcmp(word, "off") == 0)
		return 0;
	whole = strtoul(word, &end, 10);
	if (end == word || whole > 100)
		return -1;
	if (end[0] == '.' && end[1] >= '0' && end[1] <= '9') {
		part = (unsigned long)(end[1] - '0') * 10;
		end += 2;
	}
	if (strcmp(end, "x") != 0 || whole * 100 + part == 0)
		return -1;
	return (long)(whole * 100 + part);
}

static enum status cmd_speed(struct session *ss, struct args *a, struct err *err)
{
	struct view *v = any_screen(ss, err);
	const char *word = args_take(a);
	long speed = word ? read_speed(word) : -1;

	if (!v)
		return ST_WRONG;
	if (speed < 0)
		return err_set(err, ST_WRONG, "how fast? 1x, 2x, 0.5x or off, for example");
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	v->director.speed = (u32)speed;
	return ST_OK;
}

static enum status cmd_layout(struct session *ss, struct args *a, struct err *err)
{
	static const char *const names[] = { "standard", "diagram", "reasons", "tools", NULL };
	static const u8 shown[][2] = { { PANE_CALLS, PANE_LADDER }, { PANE_STATES, PANE_LADDER }, { PANE_WHY, PANE_CALLS },
				       { PANE_TOOLS, PANE_NSTAT } };
	struct view *v = ss->screen;
	int layout;

	if (args_choice(a, names, &layout, err) != ST_OK || args_end(a, err) != ST_OK)
		return ST_WRONG;
	if (!v)
		return without_screen(ss, err);
	memcpy(v->shown, shown[layout], sizeof(v->shown));
	v->zoomed = false;
	view_show(v, (enum pane_id)v->shown[0]);
	return ST_OK;
}

static const struct cmd rows[] = {
	{
		.verb = "layout",
		.syntax = "standard|diagram|reasons|tools",
		.help = "The lower panes: calls and ladder, states and ladder, why and calls, tools and nstat (the second where "
			"there is room).",
		.takes = "standard diagram reasons tools",
		.run = cmd_layout,
	},
	{
		.verb = "speed",
		.syntax = "1x|2x|0.5x|off",
		.help = "How fast things move on the screen; off shows how they end at once. Any key ends a motion.",
		.takes = "1x 2x 4x 0.5x off",
		.run = cmd_speed,
	},
	{
		.verb = "theme",
		.syntax = "dark|light|bold|mono",
		.help = "How the screen looks: for a dark or a light ground, for a projector, or without colours.",
		.takes = "dark light bold mono",
		.run = cmd_theme,
	},
	{
		.verb = "view",
		.syntax = "PANE",
		.help = "Puts a pane on the screen: help, calls, ladder, states, source, lesson, why, nstat, tools or log (F1 to F10); or goes to "
			"A, B or wire.",
		.takes = "A B wire help calls ladder states source lesson why nstat tools log",
		.run = cmd_view,
	},
};

const struct cmd_table cmds_view = { "Screen", rows, ARRAY_LEN(rows) };
