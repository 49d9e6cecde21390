/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where everything stands: header, hosts and wire, lower panes, timeline, prompt. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "engine/profile.h"
#include "lang/lex.h"
#include "lesson/player.h"
#include "lesson/play.h"
#include "view/view.h"

/* ---- header and timeline ------------------------------------------------------------------------------------- */

/* How many points lie before this one on its branch. */
static u32 depth_of(const struct tape *t, u32 point)
{
	u32 n = 0;

	for (u32 p = tape_point(t, point)->parent; p != UINT32_MAX; p = tape_point(t, p)->parent)
		n++;
	return n;
}

static void draw_header(const struct view *v, const struct area *a)
{
	const struct world *w = view_world(v);
	const struct tape *t = v->ss->tape;
	struct buf clock = BUF_INIT;
	const u32 now = view_point(v);
	const bool same = w->host[0].profile == w->host[1].profile;
	const char *kernel[NR_HOSTS];
	u32 last = tape_point_now(t), next;

	for (int h = 0; h < NR_HOSTS; h++)
		kernel[h] = profile_of((enum profile_id)w->host[h].profile)->name;
	while ((next = tape_point_next(t, last)) != UINT32_MAX)
		last = next;
	add_clock(&clock, w->now - WORLD_EPOCH);
	if (v->director.end > v->director.begin && director_plays(&v->director)) {
		buf_puts(&clock, " (+");
		add_duration(&clock, v->director.end - v->director.begin);
		buf_putc(&clock, ')');
	}
	area_fill(a, 0, 0, a->cols, LOOK_BAR, ' ');
	area_printf(a, 0, 1, LOOK_BAR, "finwait   Linux %s%s%s   %s   point %u/%u", kernel[0], same ? "" : " | ",
		    same ? "" : kernel[1], buf_str(&clock), depth_of(t, now), depth_of(t, last));
	buf_clear(&clock);
	if (player_of(v->ss) && player_of(v->ss)->l)
		player_add_place(&clock, player_of(v->ss), a->cols >= 100);
	else if (tape_point(t, now)->command[0])
		buf_printf(&clock, "%s ", tape_point(t, now)->command);
	if (clock.len) {
		if (utf8_width(buf_str(&clock)) + 44 < (size_t)a->cols)
			area_right(a, 0, LOOK_BAR, buf_str(&clock));
	}
	buf_release(&clock);
}

static bool has_other_children(const struct tape *t, u32 point, u32 child)
{
	for (u32 i = 0; i < tape_point_count(t); i++)
		if (tape_point(t, i)->parent == point && i != child)
			return true;
	return false;
}

/*
 * The branch that the present is on, from the first point to the last. Returns how many; `at` gets the place of
 * `shown`.
 */
static u32 branch(const struct tape *t, u32 shown, u32 **out, u32 *at)
{
	u32 now = tape_point_now(t);
	u32 n = depth_of(t, now) + 1, room = n, next;
	u32 *p;

	for (next = tape_point_next(t, now); next != UINT32_MAX; next = tape_point_next(t, next))
		room++;
	p = xcalloc(room, sizeof(*p));
	*at = depth_of(t, shown);
	for (u32 i = n, point = now; i-- > 0; point = tape_point(t, point)->parent)
		p[i] = point;
	for (next = tape_point_next(t, now); next != UINT32_MAX; next = tape_point_next(t, next))
		p[n++] = next;
	*out = p;
	return n;
}

static const char *mark_at(const struct tape *t, u32 moment)
{
	for (size_t i = 0; i < tape_mark_count(t); i++) {
		u32 m;
		const char *name = tape_mark_name(t, i, &m);

		if (m == moment)
			return name;
	}
	return NULL;
}

/* Columns that the name of a mark may have. */
#define MARK_MAX 16

void draw_timeline(struct view *v, const struct area *a)
{
	static const char keys[] = "undo \xe2\x97\x82   \xe2\x96\xb8 redo ";
	const struct tape *t = v->ss->tape;
	u32 *point, at, n = branch(t, view_point(v), &point, &at);
	int room = a->cols - (int)utf8_width(keys) - 2;
	u32 fits = room > 6 ? (u32)(room - 4) / 3 : 1;
	u32 first = n > fits && at > fits / 2 ? at - fits / 2 : 0;
	int col = 1;

	if (first)
		col = area_text(a, 0, 0, LOOK_DIM, "\xe2\x80\xa6");
	for (u32 i = first; i < n && col + 3 < room; i++) {
		const char *mark = mark_at(t, tape_point(t, point[i])->moment);
		bool forks = has_other_children(t, point[i], i + 1 < n ? point[i + 1] : UINT32_MAX) && i + 1 < n;
		u8 look = i == at ? LOOK_STRONG : i > at ? LOOK_DIM : LOOK_PLAIN;

		if (i > first)
			col = area_text(a, 0, col, i > at ? LOOK_DIM : LOOK_FRAME, "\xe2\x94\x80\xe2\x94\x80");
		col = area_text(a, 0, col, look,
				i == at ? "\xe2\x97\x89" : forks ? "\xe2\x97\x86" : i ? "\xe2\x97\x8f" : "\xe2\x97\x8b");
		if (mark) { /* what is long is cut with a sign */
			struct area name = area_part(a, 0, col, 1, room - 3 - col < MARK_MAX ? room - 3 - col : MARK_MAX);

			col += area_text(&name, 0, 0, LOOK_HINT, mark);
		}
		if (col + 6 >= room && i + 1 < n)
			col = area_text(a, 0, col, LOOK_DIM, "\xe2\x80\xa6");
	}
	free(point);
	area_right(a, 0, LOOK_DIM, keys);
}

/* ---- lower panes --------------------------------------------------------------------------------------------- */

/* How a line looks, by how it begins and what it tells. */
static u8 line_look(enum pane_id pane, const char *line)
{
	if (pane == PANE_LOG && strncmp(line + (*line == 'A' || *line == 'B' ? 1 : 0), "> ", 2) == 0)
		return LOOK_TITLE;
	if (pane == PANE_CALLS && strncmp(line + strspn(line, " "), "- ", 2) == 0)
		return LOOK_DIM;
	if (pane == PANE_SOURCE && *line == '>')
		return LOOK_STRONG;
	if (pane == PANE_LESSON && (strstr(line, ", step ") || strncmp(line, "  met ", 6) == 0))
		return LOOK_STRONG;
	if (pane == PANE_LESSON && strncmp(line, "  broken ", 9) == 0)
		return LOOK_GONE;
	if (pane == PANE_LADDER && (strstr(line, "dropped") || strstr(line, "lost")))
		return LOOK_GONE;
	return LOOK_PLAIN;
}

/* The row that begins there, by itself. */
static const char *row_text(struct buf *b, const char *row)
{
	buf_clear(b);
	buf_add(b, row, (size_t)(strchr(row, '\n') - row));
	return buf_str(b);
}

/* Each line of the text, from the `top`-th on. */
static void draw_text(const struct area *in, enum pane_id pane, const struct lines *l, size_t top)
{
	const char *p = buf_str(&l->text), *begin = p; /* of a row, and of the line that it belongs to */
	struct buf row = BUF_INIT;
	u8 look = LOOK_PLAIN;

	for (size_t i = 0; i < l->n && i < top + (size_t)in->rows; i++, p = strchr(p, '\n') + 1) {
		const bool goes_on = *p == LINE_GOES_ON;
		const char *text;

		begin = goes_on ? begin : p;
		if (i < top)
			continue;
		if (!goes_on || i == top)
			look = line_look(pane, row_text(&row, begin));
		text = row_text(&row, p + goes_on);
		text += strspn(text, " "); /* what it is set in by is blank already */
		area_text(in, (int)(i - top), (int)(text - buf_str(&row)), look, text);
	}
	buf_release(&row);
}

/* The line that is to be seen first: of the log the last command, of a lesson what its page showed last. */
static size_t text_start(const struct view *v, enum pane_id pane)
{
	const struct player *p = player_of(v->ss);

	return pane == PANE_LESSON && p ? p->fresh_line : v->log_start;
}

/* Who has read what is to be reached, and is at it, looks at the marks: they stand at the end. */
static bool goal_is_sought(const struct view *v)
{
	const struct player *p = player_of(v->ss);

	return p && p->l && p->gate == GATE_GOAL && p->sought;
}

/*
 * Where the text begins when nobody scrolled: the log at the last command, a lesson at what is new, the ladder at
 * its end, and calls while they come.
 */
static int home_of(const struct view *v, const struct wrapped *w, enum pane_id pane, int rows)
{
	int n = (int)w->rows.n;
	int end = n > rows ? n - rows : 0;

	if (pane == PANE_LOG || (pane == PANE_LESSON && !goal_is_sought(v)))
		return (int)w->home < end ? (int)w->home : end;
	return pane == PANE_LADDER || pane == PANE_LESSON || (director_plays(&v->director) && (pane == PANE_CALLS || pane == PANE_WHY)) ? end : 0;
}

void draw_lower(struct view *v, const struct area *a, enum pane_id pane)
{
	bool focused = v->focus == pane;
	struct wrapped *w = &v->wrapped[pane];
	struct buf title = BUF_INIT;
	struct buf right = BUF_INIT;
	struct area in;
	int rows = a->rows - 2;
	int n, most, home, top;

	/* a drawing is cut, a text goes on below */
	wrap_lines(w, &v->lower[pane], pane == PANE_LADDER ? 1000 : a->cols - 2, text_start(v, pane));
	n = pane == PANE_STATES ? states_rows() : (int)w->rows.n;
	most = n > rows ? n - rows : 0;
	home = pane == PANE_STATES ? states_home(v, rows) : home_of(v, w, pane, rows);
	top = home + v->scroll[pane];
	top = top < 0 ? 0 : top > most ? most : top;
	v->scroll[pane] = top - home;
	if (most)
		buf_printf(&right, "%d-%d of %d", top + 1, top + rows, n);
	buf_puts(&title, pane_name(pane));
	if (pane == PANE_CALLS && director_beat(&v->director) && director_beat(&v->director)->fn)
		buf_printf(&title, " \xe2\x96\xb8 %s", fn_info[director_beat(&v->director)->fn].name);
	in = area_frame(a, focused ? LOOK_FOCUS : LOOK_FRAME, LOOK_TITLE, buf_str(&title), buf_str(&right));
	if (pane == PANE_STATES)
		draw_states(v, &in, top);
	else
		draw_text(&in, pane, &w->rows, (size_t)top);
	buf_release(&title);
	buf_release(&right);
}

/* ---- the prompt ---------------------------------------------------------------------------------------------- */

/* The typed line, scrolled sideways so that the cursor is seen; a second row for the editor's search. */
static void draw_prompt(struct view *v, const struct area *a, int *cursor_row, int *cursor_col)
{
	const char *text = buf_str(&v->input);
	size_t first = strcspn(text, "\n");
	struct buf line = BUF_INIT;
	struct buf head = BUF_INIT;
	int col, before;

	add_prompt(&line, v->ss);
	col = area_text(a, 0, 0, LOOK_STRONG, buf_str(&line));
	buf_clear(&line);
	buf_add(&head, text, v->cursor < first ? v->cursor : first);
	before = (int)utf8_width(buf_str(&head));
	buf_add(&line, text, first);
	while (before + col >= a->cols - 1 && line.len) { /* what is left of the window goes */
		u32 c;
		size_t n = utf8_next(buf_str(&line), line.len, &c);
		int columns = utf8_columns(c) < 0 ? 1 : utf8_columns(c);
		char *rest = xstrdup(buf_str(&line) + n);

		before -= columns;
		buf_clear(&line);
		buf_puts(&line, rest);
		free(rest);
	}
	*cursor_row = a->top;
	*cursor_col = a->left + col + before;
	col = area_text(a, 0, col, LOOK_PLAIN, buf_str(&line));
	if (v->hint.len && !text[first])
		area_text(a, 0, col + 2, LOOK_DIM, buf_str(&v->hint));
	if (text[first]) { /* the search's own line */
		area_text(a, 1, 0, LOOK_HINT, text + first + 1);
		if (v->cursor > first) {
			*cursor_row = a->top + 1;
			buf_clear(&head);
			buf_add(&head, text + first + 1, v->cursor - first - 1);
			*cursor_col = a->left + (int)utf8_width(buf_str(&head));
		}
	} else if (v->notice.len) {
		area_text(a, 1, 0, v->mistake ? LOOK_ERROR : LOOK_DIM, buf_str(&v->notice));
	}
	buf_release(&line);
	buf_release(&head);
}

/* ---- the whole ----------------------------------------------------------------------------------------------- */

static void draw_pane(struct view *v, const struct area *a, enum pane_id pane)
{
	if (pane == PANE_A || pane == PANE_B)
		draw_host(v, a, pane == PANE_B);
	else if (pane == PANE_WIRE)
		draw_wire(v, a);
	else
		draw_lower(v, a, pane);
}

/* The menu of completion lies over the end of the lower panes. */
static void draw_menu(struct view *v, const struct area *a)
{
	int all = (int)v->menu.n;
	int rows = all < a->rows ? all : a->rows;
	struct area m = area_part(a, a->rows - rows, 0, rows, a->cols);

	for (int row = 0; row < rows; row++)
		area_fill(&m, row, 0, m.cols, LOOK_BAR, ' ');
	draw_text(&m, PANE_HELP, &v->menu, 0);
	if (all > rows && rows > 0) {
		area_fill(&m, rows - 1, 0, m.cols, LOOK_BAR, ' ');
		area_printf(&m, rows - 1, 0, LOOK_BAR, "\xe2\x80\xa6 and %d more rows: type a letter", all - rows + 1);
	}
}

/* How many columns the left one of two lower panes gets: the state diagram is of no use with a part cut off. */
static int left_cols(const struct view *v, enum pane_id first, int cols)
{
	const int half = cols / 2;

	if (first == PANE_STATES)
		return half < STATES_COLS ? STATES_COLS : half;
	if (v->shown[1] == PANE_STATES)
		return cols - half < STATES_COLS ? cols - STATES_COLS : half;
	return half;
}

static void draw_below(struct view *v, const struct area *a)
{
	enum pane_id first = v->log_on_top ? PANE_LOG : (enum pane_id)v->shown[0];
	int half = left_cols(v, first, a->cols);
	struct area left = area_part(a, 0, 0, a->rows, v->wide ? half : a->cols);
	struct area right = area_part(a, 0, half, a->rows, a->cols - half);

	draw_lower(v, &left, first);
	if (v->wide)
		draw_lower(v, &right, (enum pane_id)v->shown[1]);
}

/*
 * Hosts side by side, the wire between them: as a pane where there is room, else as a line below. Returns the rows
 * taken.
 */
static int draw_top(struct view *v, const struct area *a, int rows)
{
	int wire = a->cols >= 110 ? a->cols * 3 / 10 : 0;
	int host = (a->cols - wire) / 2;
	struct area left = area_part(a, 0, 0, rows, host);
	struct area middle = area_part(a, 0, host, rows, wire);
	struct area right = area_part(a, 0, host + wire, rows, a->cols - host - wire);
	struct area line = area_part(a, rows, 0, 1, a->cols);

	draw_host(v, &left, 0);
	draw_host(v, &right, 1);
	if (wire) {
		draw_wire(v, &middle);
		return rows;
	}
	draw_wire_line(v, &line);
	return rows + 1;
}

static void draw_too_small(struct view *v, const struct area *a, int *cursor_row, int *cursor_col)
{
	area_printf(a, 0, 0, LOOK_STRONG, "finwait needs %dx%d", VIEW_MIN_COLS, VIEW_MIN_ROWS);
	area_printf(a, 1, 0, LOOK_PLAIN, "this is %dx%d", v->canvas.cols, v->canvas.rows);
	*cursor_row = 0;
	*cursor_col = 0;
}

void view_draw(struct view *v, int *cursor_row, int *cursor_col)
{
	struct area all = area_of(&v->canvas);
	struct area head = area_part(&all, 0, 0, 1, all.cols);
	struct area middle = area_part(&all, 1, 0, all.rows - 4, all.cols);
	struct area line = area_part(&all, all.rows - 3, 0, 1, all.cols);
	struct area prompt = area_part(&all, all.rows - 2, 0, 2, all.cols);
	struct area below;
	const bool played = v->player && !v->player->live;
	const int stage = v->player ? stage_rows(v, all.cols) : 0;
	struct area words = area_part(&all, all.rows - 3 - stage, 0, stage, all.cols);
	int top;

	middle.rows -= stage;
	top = middle.rows * 9 / 20;
	canvas_clear(&v->canvas);
	if (all.rows < VIEW_MIN_ROWS || all.cols < VIEW_MIN_COLS) {
		draw_too_small(v, &all, cursor_row, cursor_col);
		return;
	}
	v->wide = all.cols >= 100;
	view_collect(v);
	draw_header(v, &head);
	if (v->zoomed) {
		draw_pane(v, &middle, v->log_on_top ? PANE_LOG : (enum pane_id)v->focus);
		below = middle;
	} else {
		top = draw_top(v, &middle, top < 6 ? 6 : top > 16 ? 16 : top);
		draw_highlight(v, &middle);
		below = area_part(&middle, top, 0, middle.rows - top, middle.cols);
		draw_below(v, &below);
	}
	draw_menu(v, &below);
	draw_timeline(v, &line);
	if (stage)
		draw_stage(v, &words);
	if (played) {
		draw_stage_keys(v, &prompt);
		*cursor_row = all.rows - 1;
		*cursor_col = all.cols - 1;
	} else {
		draw_prompt(v, &prompt, cursor_row, cursor_col);
	}
}
