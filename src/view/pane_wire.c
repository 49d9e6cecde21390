/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in flight, in its direction: as a pane, and as one line where there is no room for that. */
#include <string.h>

#include "base/utf8.h"
#include "lang/lex.h"
#include "view/view.h"

/* The segment on the wire that follows `order`; NULL behind the last. */
static const struct flight *next_flight(const struct world *w, const struct flight *last)
{
	const struct flight *next = NULL;

	for (u16 i = 0; i < w->pool[POOL_FLIGHT].high; i++) {
		const struct flight *f = &w->flight[i];

		if (!f->live || f->where != FLIGHT_WIRE || (last && f->order <= last->order))
			continue;
		if (!next || f->order < next->order)
			next = f;
	}
	return next;
}

static int count_flights(const struct world *w)
{
	int n = 0;

	for (const struct flight *f = next_flight(w, NULL); f; f = next_flight(w, f))
		n++;
	return n;
}

static bool flew_before(const struct view *v, const struct flight *f)
{
	for (u16 i = 0; i < v->before->pool[POOL_FLIGHT].high; i++)
		if (v->before->flight[i].live && v->before->flight[i].number == f->number)
			return true;
	return false;
}

/* "#6 F. 101 ack 1", and when it is due unless it is on its way already */
static void add_flight(struct view *v, struct buf *b, const struct flight *f, bool due)
{
	const struct seg_origin o = session_origin(v->ss, view_world(v), f->from, &f->seg);
	char text[SEG_TEXT_MAX];

	seg_text(text, &f->seg, o, 0);
	buf_printf(b, "#%u %s", f->number, text);
	if (f->dup_of)
		buf_printf(b, " (copy of #%u)", f->dup_of);
	if (due && f->due != FOREVER) {
		buf_puts(b, " in ");
		add_duration(b, f->due > view_world(v)->now ? f->due - view_world(v)->now : 0);
	}
}

/* The segment that the present beat is about; 0: it is about none. */
static u32 moving(const struct view *v)
{
	const struct beat *b = director_beat(&v->director);

	return b && b->kind != BEAT_RUN ? b->number : 0;
}

static bool is_travelling(const struct view *v, const struct flight *f)
{
	const struct beat *b = director_beat(&v->director);

	return moving(v) == f->number && (b->kind == BEAT_TRAVEL || b->kind == BEAT_BREAK);
}

static bool is_leaving(const struct view *v, const struct flight *f)
{
	return moving(v) == f->number && director_beat(&v->director)->kind == BEAT_LEAVE;
}

/* How far from its sender a segment lies that waits. */
#define EDGE 2

/* What does not arrive breaks there, per mille of its way. */
#define BREAKS_AT 600

/* On its way: as far along the wire as the phase says, from its sender's side. */
static void draw_travelling(struct view *v, const struct area *in, int row, const struct flight *f)
{
	const struct director *d = &v->director;
	const bool broken = director_beat(d)->kind == BEAT_BREAK && d->phase > BREAKS_AT;
	u8 look = broken ? LOOK_GONE : f->from ? LOOK_B : LOOK_A;
	struct buf b = BUF_INIT;
	int way, col;

	buf_puts(&b, f->from ? "\xe2\x97\x80 " : "");
	add_flight(v, &b, f, false);
	buf_puts(&b, broken ? " \xe2\x9c\x95" : f->from ? "" : " \xe2\x96\xb6");
	way = in->cols - (int)utf8_width(buf_str(&b));
	way = way < EDGE ? EDGE : way;
	col = EDGE + (way - EDGE) * (int)(broken ? BREAKS_AT : d->phase) / 1000; /* from where it lies at rest */
	area_fill(in, row, 0, in->cols, LOOK_FRAME, 0x2500);
	area_text(in, row, f->from ? way - col : col, look, buf_str(&b));
	buf_release(&b);
}

/* The text without so many columns of its beginning. */
static const char *without(const char *text, int columns)
{
	while (columns-- > 0 && *text) {
		u32 c;

		text += utf8_next(text, strlen(text), &c);
	}
	return text;
}

/* Going out: as much of the text as the phase says has come out of its sender's side, its head first. */
static void slide_out(const struct view *v, const struct area *in, int row, u8 from, struct buf *text)
{
	const int all = (int)utf8_width(buf_str(text));
	const int width = all < in->cols ? all : in->cols;
	const int out = 1 + (width - 1) * (int)v->director.phase / 1000;

	if (from) {
		buf_truncate(text, (size_t)(without(buf_str(text), out) - buf_str(text)));
		area_text(in, row, in->cols - out, LOOK_B | LOOK_CHANGED, buf_str(text));
	} else {
		area_text(in, row, 0, LOOK_A | LOOK_CHANGED, without(buf_str(text), width - out));
	}
}

static void draw_leaving(struct view *v, const struct area *in, int row, const struct flight *f)
{
	struct buf b = BUF_INIT;

	buf_puts(&b, f->from ? "\xe2\x97\x80 " : "\xe2\x94\x80\xe2\x94\x80 ");
	add_flight(v, &b, f, true);
	buf_puts(&b, f->from ? " \xe2\x94\x80" : " \xe2\x96\xb6");
	slide_out(v, in, row, f->from, &b);
	buf_release(&b);
}

/* The copy parts from its original's way. */
static void draw_fork(const struct area *in, int row, const struct flight *f)
{
	if (f->from)
		area_fill(in, row, in->cols - 1, 1, LOOK_B | LOOK_CHANGED, 0x256f);
	else
		area_fill(in, row, 0, 1, LOOK_A | LOOK_CHANGED, 0x2570);
}

static void draw_flight(struct view *v, const struct area *in, int row, const struct flight *f)
{
	u8 look = look_if(f->from ? LOOK_B : LOOK_A, !flew_before(v, f));
	struct buf b = BUF_INIT;
	int width;

	add_flight(v, &b, f, true);
	width = (int)utf8_width(buf_str(&b));
	area_fill(in, row, 0, in->cols, LOOK_FRAME, ' ');
	if (f->from) { /* from B on the right */
		int begin = in->cols - width - 4;

		area_fill(in, row, begin > 0 ? begin : 0, in->cols, LOOK_FRAME, 0x2500);
		area_text(in, row, begin > 0 ? begin : 0, look, "\xe2\x97\x80 ");
		area_text(in, row, (begin > 0 ? begin : 0) + 2, look, buf_str(&b));
	} else {
		int col;

		area_fill(in, row, 0, 2, LOOK_FRAME, 0x2500);
		col = area_printf(in, row, in->cols > width + 6 ? 2 : 0, look, " %s", buf_str(&b));
		area_text(in, row, col, look, " \xe2\x96\xb6");
	}
	buf_release(&b);
}

static void add_net(struct buf *b, const struct world *w)
{
	const struct link *l = &w->link;

	buf_puts(b, l->partition ? "partitioned" : l->net_auto ? "auto " : "manual");
	if (l->net_auto && !l->partition)
		add_duration(b, l->delay);
}

static void draw_wire_row(struct view *v, const struct area *in, int row, const struct flight *f)
{
	const struct beat *b = director_beat(&v->director);
	const bool moves = moving(v) == f->number;

	if (is_travelling(v, f))
		draw_travelling(v, in, row, f);
	else if (is_leaving(v, f))
		draw_leaving(v, in, row, f);
	else
		draw_flight(v, in, row, f);
	if (moves && b->kind == BEAT_FORK)
		draw_fork(in, row, f);
}

/* So many at the beginning are passed over that the one that moves is seen. */
static int passed_over(const struct view *v, const struct world *w, int rows)
{
	int at = 0;

	for (const struct flight *f = next_flight(w, NULL); f; f = next_flight(w, f), at++)
		if (moving(v) == f->number)
			return at > rows - 2 ? at - (rows - 2) : 0;
	return 0;
}

void draw_wire(struct view *v, const struct area *a)
{
	const struct world *w = view_world(v);
	const struct flight *f = next_flight(w, NULL);
	int left = count_flights(w), row = 0;
	struct buf right = BUF_INIT;
	struct area in;

	add_net(&right, w);
	in = area_frame(a, v->focus == PANE_WIRE ? LOOK_FOCUS : LOOK_FRAME, LOOK_TITLE, "wire", buf_str(&right));
	buf_release(&right);
	if (!left)
		area_text(&in, in.rows / 2, 0, LOOK_DIM, "nothing is in flight");
	for (int skip = left > in.rows ? passed_over(v, w, in.rows) : 0; skip > 0; skip--)
		f = next_flight(w, f);
	for (; f && row < in.rows; f = next_flight(w, f), row++, left--) {
		if (row == in.rows - 1 && left > 1) {
			area_printf(&in, row, 0, LOOK_DIM, "and %d more", left);
			break;
		}
		draw_wire_row(v, &in, row, f);
	}
}

static const struct flight *travelling(const struct view *v, const struct world *w)
{
	const struct flight *f = next_flight(w, NULL);

	while (f && !is_travelling(v, f))
		f = next_flight(w, f);
	return f;
}

/* One of those that wait, from a column on; false when there is no room for it and the word that others follow. */
static bool line_flight(struct view *v, const struct area *a, int *col, const struct flight *f, bool others)
{
	struct buf text = BUF_INIT;
	bool fits;
	int width;

	buf_puts(&text, f->from ? "\xe2\x97\x80 " : "");
	add_flight(v, &text, f, true);
	buf_puts(&text, f->from ? "" : " \xe2\x96\xb6");
	width = (int)utf8_width(buf_str(&text));
	fits = !others || *col + width + 24 <= a->cols;
	if (fits && is_leaving(v, f)) { /* where it will stand */
		const struct area place = area_part(a, 0, *col, 1, width);

		slide_out(v, &place, 0, f->from, &text);
		*col += place.cols + 2;
	} else if (fits) {
		*col = area_text(a, 0, *col, look_if(f->from ? LOOK_B : LOOK_A, !flew_before(v, f)), buf_str(&text)) + 2;
	}
	buf_release(&text);
	return fits;
}

void draw_wire_line(struct view *v, const struct area *a)
{
	const struct world *w = view_world(v);
	const struct flight *f = next_flight(w, NULL);
	int left = count_flights(w);
	struct buf b = BUF_INIT;
	int col = 0;

	add_net(&b, w);
	col = area_printf(a, 0, 1, v->focus == PANE_WIRE ? LOOK_FOCUS : LOOK_DIM, "wire ");
	if (travelling(v, w)) {
		struct area way;

		if (left > 1) {
			struct buf more = BUF_INIT;

			buf_printf(&more, "and %d more  %s", left - 1, buf_str(&b));
			buf_clear(&b);
			buf_puts(&b, buf_str(&more));
			buf_release(&more);
		}
		way = area_part(a, 0, col, 1, area_right(a, 0, LOOK_DIM, buf_str(&b)) - 1 - col);
		draw_travelling(v, &way, 0, travelling(v, w));
		buf_release(&b);
		return;
	}
	if (!f)
		col = area_printf(a, 0, col, LOOK_DIM, "nothing is in flight");
	for (; f; f = next_flight(w, f), left--) {
		if (!line_flight(v, a, &col, f, left > 1)) {
			area_printf(a, 0, col, LOOK_DIM, "and %d more", left);
			break;
		}
	}
	if (col + (int)b.len < a->cols)
		area_right(a, 0, LOOK_DIM, buf_str(&b));
	buf_release(&b);
}
