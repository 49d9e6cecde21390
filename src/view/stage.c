/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A demo on the screen: its words, its keys, and the running of its lines. */
#include <string.h>

#include "base/utf8.h"
#include "lang/expr.h"
#include "lang/names.h"
#include "lesson/play.h"
#include "view/view.h"

/* As many as most texts need, so that the panes above seldom move. */
enum { STAGE_ROWS_MIN = 5, STAGE_ROWS_MAX = 9, FRAME_US = 33333, LAST_US = 3000000 };

/* ---- running ---------------------------------------------------------------------------------------------------- */

static void nowhere(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

static void forget_echo(struct view *v, u32 then)
{
	v->stale = true;
	director_finish(&v->director);
	if (tape_now(v->ss->tape) != then)
		view_look_back(v);
}

/* What is about the demo itself, or hidden, is run without a trace in the log. */
static enum status run_unseen(struct view *v, struct err *err)
{
	const struct sink sink = v->ss->sink;
	const u32 then = tape_now(v->ss->tape);
	enum status st;

	v->ss->sink = (struct sink){ nowhere, NULL };
	st = play_run(v->player, err);
	v->ss->sink = sink;
	forget_echo(v, then);
	return st;
}

static enum status run_seen(struct view *v, const struct play_line *l, struct err *err)
{
	enum status st;

	play_before(v->player);
	st = view_line(v, l->text, strlen(l->text));
	if (st != ST_OK)
		err_set(err, st, "%s", buf_str(&v->notice));
	play_after(v->player, st, err);
	return st;
}

/* What the stop that was just reached, or passed on the way to another, is to look like when somebody comes back to it. */
static void note_stop(struct view *v, size_t stops_before)
{
	struct demo_player *p = v->player;
	const u8 panes[PLAY_PANES] = { v->shown[0], v->shown[1], v->focus, v->zoomed };

	if (p->stops > stops_before)
		memcpy(p->stop[p->here].panes, panes, sizeof(panes));
}

static enum status play_one(struct view *v, const struct play_line *l, struct err *err)
{
	struct demo_player *p = v->player;
	const size_t stops = p->stops;
	enum status st = l->narrates || play_is_unseen(p) ? run_unseen(v, err) : run_seen(v, l, err);

	if (st != ST_OK) {
		p->ended = true;
		v->mistake = true;
		buf_clear(&v->notice);
		add_err(&v->notice, err);
	} else {
		note_stop(v, stops);
	}
	view_mark_chapter(v);
	return st;
}

bool view_play(struct view *v)
{
	const struct play_line *l;
	struct err err = { .line = 0 };

	if (!v->player || director_plays(&v->director))
		return false;
	l = play_line(v->player);
	if (!l)
		return false;
	play_one(v, l, &err);
	return true;
}

bool view_moves(const struct view *v)
{
	return director_plays(&v->director) || (v->player && v->player->wait && !v->player->stopped);
}

void view_tick(struct view *v, u64 us)
{
	if (director_plays(&v->director))
		director_tick(&v->director, v->ss->tape, us);
	else if (v->player)
		play_tick(v->player, v->director.speed ? us * v->director.speed / SPEED_NORMAL : v->player->wait);
}

/* ---- going ------------------------------------------------------------------------------------------------------ */

/* The session has been put to another stop: the screen follows; forwards with a motion. */
static void follow(struct view *v, u32 then)
{
	const struct play_stop *s = &v->player->stop[v->player->here];

	if (v->player->stopped) {
		memcpy(v->shown, s->panes, sizeof(v->shown));
		v->focus = s->panes[2];
		v->zoomed = s->panes[3];
	}
	v->log_on_top = false;
	buf_clear(&v->notice);
	view_mark_chapter(v);
	forget_echo(v, then);
	if (tape_now(v->ss->tape) != then && tape_leads_to(v->ss->tape, then, tape_now(v->ss->tape))) {
		v->director.reduced = v->ss->calm;
		director_begin(&v->director, v->ss->tape, then);
	}
}

static void change_pace(struct view *v, bool faster)
{
	u32 speed = v->director.speed ? v->director.speed : SPEED_NORMAL;

	speed = faster ? speed * 2 : speed / 2;
	v->director.speed = speed < 25 ? 25 : speed > 800 ? 800 : speed;
}

void view_play_key(struct view *v, enum play_key key, u32 n)
{
	struct demo_player *p = v->player;
	const u32 then = tape_now(v->ss->tape);
	bool moved = false;

	switch (key) {
	case PLAY_ON:
		moved = play_on(p);
		break;
	case PLAY_BACK:
		moved = play_back(p);
		break;
	case PLAY_CHAPTER_ON:
		moved = play_chapter(p, 1);
		break;
	case PLAY_CHAPTER_BACK:
		moved = play_chapter(p, -1);
		break;
	case PLAY_GOTO:
		moved = n && play_goto(p, n - 1);
		break;
	case PLAY_FASTER:
	case PLAY_SLOWER:
		change_pace(v, key == PLAY_FASTER);
		break;
	case PLAY_LIVE:
		play_hand_over(p);
		break;
	case PLAY_BOLD:
		if (v->theme != THEME_BOLD)
			v->usual_theme = v->theme;
		v->theme = v->theme == THEME_BOLD ? v->usual_theme : THEME_BOLD;
		break;
	}
	if (moved)
		follow(v, then);
}

void view_pick(struct view *v, u32 choice)
{
	struct play_stage *s = &v->player->stage;

	if (choice && choice <= s->choices)
		s->picked = choice;
}

enum status view_play_all(struct view *v, struct err *err)
{
	struct demo_player *p = v->player;
	u64 us = 0;
	int row, col;
	enum status st = ST_OK;

	while (st == ST_OK) {
		const struct play_line *l = director_plays(&v->director) ? NULL : play_line(p);

		if (l) {
			st = play_one(v, l, err);
			continue;
		}
		view_draw(v, &row, &col);
		view_record(v, row, col, us);
		if (view_moves(v)) {
			us += FRAME_US;
			view_tick(v, FRAME_US);
			continue;
		}
		us += p->ended ? LAST_US : play_reading_time(&p->stage);
		view_record(v, row, col, us);
		if (p->ended)
			break;
		play_take_back(p);
		play_on(p);
	}
	return st;
}

/* ---- drawing ---------------------------------------------------------------------------------------------------- */

/* Everything that is to be read, wrapped into rows. */
static void stage_text(const struct view *v, int cols, struct wrapped *w)
{
	const struct play_stage *s = &v->player->stage;
	struct lines l = { .version = 1 };
	struct buf b = BUF_INIT;

	if (s->said)
		lines_add(&l, s->said);
	if (s->question)
		lines_add(&l, s->question);
	for (u32 i = 0; i < s->choices; i++)
		buf_printf(&b, "%s%s%u %s", i ? "     " : "  ", s->picked == i + 1 ? "\xe2\x96\xb8 " : "", i + 1,
			   s->choice[i]);
	if (b.len)
		lines_add(&l, buf_str(&b));
	buf_clear(&b);
	if (s->highlight) {
		size_t used;
		struct expr_env env = session_env(v->ss);
		struct expr *e = expr_parse(s->highlight, &v->ss->focus, &used, NULL);

		buf_puts(&b, "\xe2\x96\xb6 ");
		if (e)
			add_expr_leaves(&b, e, &env);
		lines_add(&l, buf_str(&b));
		expr_free(e);
	}
	wrap_lines(w, &l, cols, 0);
	lines_release(&l);
	buf_release(&b);
}

int stage_rows(const struct view *v, int cols)
{
	struct wrapped w = { .cols = 0 };
	int rows;

	stage_text(v, cols - 4, &w);
	rows = (int)w.rows.n + 2;
	lines_release(&w.rows);
	return rows < STAGE_ROWS_MIN ? STAGE_ROWS_MIN : rows > STAGE_ROWS_MAX ? STAGE_ROWS_MAX : rows;
}

void draw_stage(const struct view *v, const struct area *a)
{
	const struct demo_player *p = v->player;
	const struct play_stage *s = &p->stage;
	struct wrapped w = { .cols = 0 };
	struct buf title = BUF_INIT, right = BUF_INIT;
	struct area in;
	const char *text;

	if (s->chapter)
		buf_printf(&title, "%u/%u  %s", s->chapter_number, p->chapters, s->chapter);
	else
		buf_puts(&title, s->title ? s->title : p->name);
	if (p->stops)
		buf_printf(&right, "%zu/%zu", p->here + 1, p->all_stops);
	in = area_frame(a, LOOK_FOCUS, LOOK_TITLE, buf_str(&title), buf_str(&right));
	stage_text(v, a->cols - 4, &w);
	text = buf_str(&w.rows.text);
	for (int row = 0; row < in.rows && *text; row++) {
		const size_t n = strcspn(text, "\n");
		const bool goes_on = *text == LINE_GOES_ON;
		struct buf line = BUF_INIT;

		buf_add(&line, text + goes_on, n - goes_on);
		/* what is said reads as one block: no second line stands further in */
		area_text(&in, row, 1, LOOK_STRONG, buf_str(&line) + (goes_on ? strspn(buf_str(&line), " ") : 0));
		buf_release(&line);
		text += n + 1;
	}
	lines_release(&w.rows);
	buf_release(&title);
	buf_release(&right);
}

void draw_stage_keys(const struct view *v, const struct area *a)
{
	static const char *const keys[] = {
		"space on  , back  [ ] chapter  + - pace  g N go to  l prompt  b bold  q leave",
		"space on   , back   [ ] chapters   + - pace   g N go to   l live prompt   b bold   q leave",
	};
	const struct demo_player *p = v->player;

	if (v->mistake && v->notice.len)
		area_text(a, 0, 0, LOOK_ERROR, buf_str(&v->notice));
	else if (p->ended)
		area_text(a, 0, 0, LOOK_STRONG, "This is the end.");
	else if (p->stage.question && p->stopped)
		area_text(a, 0, 0, LOOK_STRONG, "Which? Its number marks it; space goes on.");
	else if (!p->stopped)
		area_text(a, 0, 0, LOOK_DIM, "\xe2\x80\xa6");
	area_text(a, 1, 0, LOOK_HINT, v->hint.len ? buf_str(&v->hint) : keys[v->wide]);
}

/* What a field is called in the pane of a host, where that is another name. */
static const struct {
	const char *field;
	const char *label;
} labels[] = {
	{ "snd_una", "una" },		{ "snd_nxt", "nxt" },		 { "tcp_rtx_queue", "rtx" },
	{ "write_queue", "write" },	{ "receive_queue", "receive" },	 { "out_of_order_queue", "ooo" },
	{ "shutdown", "sk_shutdown" },	{ "flags", "fd" },		 { "file", "fd" },
};

/* The text of some cells of a row. */
static void cells_text(const struct area *a, int row, int from, int to, struct buf *b)
{
	for (int col = from; col < to; col++) {
		char bytes[UTF8_MAX];
		const struct cell *c = canvas_at(a->canvas, a->top + row, a->left + col);

		if (c->c)
			buf_add(b, bytes, utf8_put(bytes, c->c));
	}
}

/* Marks the label and what stands behind it, up to two blanks or the border. */
static bool mark_label(struct area *a, int row, int from, int to, const char *label)
{
	const int n = (int)utf8_width(label);

	for (int col = from; col + n <= to; col++) {
		struct buf b = BUF_INIT;
		bool same;
		int end = col + n;

		cells_text(a, row, col, col + n, &b);
		same = strcmp(buf_str(&b), label) == 0;
		buf_release(&b);
		if (!same)
			continue;
		while (end + 1 < to && (canvas_at(a->canvas, a->top + row, a->left + end)->c != ' ' ||
					canvas_at(a->canvas, a->top + row, a->left + end + 1)->c != ' '))
			end++;
		for (int i = col; i < end; i++)
			a->canvas->cell[(a->top + row) * a->canvas->cols + a->left + i].look |= LOOK_CHANGED;
		return true;
	}
	return false;
}

void draw_highlight(struct view *v, const struct area *hosts)
{
	const char *field = v->player ? v->player->stage.highlight : NULL;
	const int wire = hosts->cols >= 110 ? hosts->cols * 3 / 10 : 0;
	const int half = (hosts->cols - wire) / 2;
	struct area a = *hosts;
	char name[40];
	const char *label = name;
	size_t n;

	if (!field || (field[0] != 'A' && field[0] != 'B') || field[1] != '.')
		return;
	n = strspn(field + 2, "abcdefghijklmnopqrstuvwxyz_");
	if (strncmp(field + 2, "timer.", 6) == 0) {
		field += 6;
		n = strspn(field + 2, "abcdefghijklmnopqrstuvwxyz_");
	}
	if (n >= sizeof(name))
		return;
	memcpy(name, field + 2, n);
	name[n] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(labels); i++)
		if (strcmp(labels[i].field, strncmp(name, "sk_", 3) == 0 ? name + 3 : name) == 0)
			label = labels[i].label;
	if (strcmp(name, "state") == 0 || strcmp(name, "sk_state") == 0) {
		const struct endpoint ep = { .host = (u8)(v->player->stage.highlight[0] - 'A'),
					     .kind = EP_MAIN,
					     .fd = -1 };
		const struct conn c = conn_of(view_world(v), &ep);

		label = state_name(conn_state(&c));
	}
	for (int row = 0; row < a.rows; row++)
		if (v->player->stage.highlight[0] == 'A' ? mark_label(&a, row, 1, half - 1, label) :
							   mark_label(&a, row, half + wire + 1, a.cols - 1, label))
			return;
}
