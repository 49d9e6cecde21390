/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/ladder_svg.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "lang/chronicle.h"
#include "view/svg.h"

enum { ROW = 30, MARGIN = 16, HEAD = 52, NOTE_MAX = 48, CLOCK_COLS = 9, LANE_MIN = 44, BESIDE = 14, STEEP = 28 };

struct picture {
	struct buf *out;
	struct session *ss;
	struct chronicle c;
	int *row; /* owned, of each happening; -1: it is not drawn */
	int rows;
	int cols[NR_HOSTS];  /* of the texts at each side */
	int lane;	     /* of the longest text of an arrow */
	int x[NR_HOSTS];     /* the hosts' lines */
	bool texts;	     /* these are drawn now, over all lines */
};

static bool is_note(const struct happening *h)
{
	return h->kind == HAP_CALL || h->kind == HAP_RETURN || h->kind == HAP_STATE || h->kind == HAP_TIMER;
}

/* What was still under way when the scenario began; all else that belongs to its set-up is left out. */
static bool is_shown(const struct picture *p, const struct happening *h)
{
	if (h->moment != MOMENT_NONE)
		return true;
	if (h->kind != HAP_SEND && h->kind != HAP_COPY)
		return false;
	for (const struct happening *end = h + 1; end < p->c.hap + p->c.n; end++)
		if (end->number == h->number && end->kind != HAP_COPY)
			return end->moment != MOMENT_NONE;
	return true;
}

/* ---- texts ------------------------------------------------------------------------------------------------------- */

/* With an arrow for "->", and cut where it is too long for a side. */
static void add_note(struct buf *b, const char *text)
{
	size_t columns = 0;

	for (const char *p = text; *p; columns++) {
		u32 c;
		size_t n = utf8_next(p, strlen(p), &c);

		if (columns == NOTE_MAX) {
			buf_puts(b, "…");
			return;
		}
		if (strncmp(p, "->", 2) == 0) {
			buf_puts(b, "→");
			n = 2;
		} else {
			buf_add(b, p, n);
		}
		p += n;
	}
}

static void add_label(struct buf *b, const struct happening *h)
{
	buf_printf(b, "#%u  %s%s", h->number, h->text, h->forged ? "  forged" : "");
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

static void measure(struct picture *p, const struct happening *h)
{
	struct buf b = BUF_INIT;
	int *width = is_note(h) ? &p->cols[h->host] : &p->lane;

	if (is_note(h))
		add_note(&b, h->text);
	else
		add_label(&b, h);
	if ((int)utf8_width(buf_str(&b)) > *width)
		*width = (int)utf8_width(buf_str(&b));
	buf_release(&b);
}

/* What one moment does at one side shares its rows; what arrives, or is lost, does so below where it was sent. */
static void put_all(struct picture *p)
{
	bool noted[NR_HOSTS] = { false, false }, touched[NR_HOSTS] = { false, false };
	const struct happening *before = NULL;
	int row = -1;

	for (size_t i = 0; i < p->c.n; i++) {
		const struct happening *h = &p->c.hap[i];
		const bool ends = h->kind == HAP_ARRIVE || h->kind == HAP_LOST || h->kind == HAP_TAKEN;
		bool *used = is_note(h) ? noted : touched;

		p->row[i] = -1;
		if (!is_shown(p, h))
			continue;
		measure(p, h);
		if (!before || ends || used[h->host] || before->moment != h->moment) {
			row += h->forged ? 2 : 1; /* one that comes from nowhere begins in a row of its own */
			memset(noted, 0, sizeof(noted));
			memset(touched, 0, sizeof(touched));
		}
		used[h->host] = true;
		p->row[i] = row;
		before = h;
	}
	p->rows = row + 2;
}

static int y_of(const struct picture *p, size_t i)
{
	return HEAD + ROW / 2 + p->row[i] * ROW;
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

static u8 look_of(u8 host)
{
	return host ? LOOK_B : LOOK_A;
}

static void draw_note(const struct picture *p, size_t i)
{
	const struct happening *h = &p->c.hap[i];
	const u8 look = h->kind == HAP_STATE ? look_of(h->host) : h->kind == HAP_TIMER ? LOOK_TIMER : LOOK_PLAIN;
	struct buf b = BUF_INIT;

	add_note(&b, h->text);
	svg_text(p->out, p->x[h->host] + (h->host ? BESIDE : -BESIDE), y_of(p, i) + 5, look,
		 h->host ? SVG_START : SVG_END, buf_str(&b));
	buf_release(&b);
}

/* Where the way of a segment that began at happening `i` ends: the index of that happening, or p->c.n. */
static size_t end_of(const struct picture *p, size_t i)
{
	size_t k = i + 1;

	while (k < p->c.n && (p->c.hap[k].number != p->c.hap[i].number || p->row[k] < 0 ||
			      p->c.hap[k].kind == HAP_COPY || is_note(&p->c.hap[k])))
		k++;
	return k;
}

static void draw_way(const struct picture *p, const struct happening *h, u8 from, int x1, int y1, int y2,
		     enum happening_kind how)
{
	const bool whole = how == HAP_ARRIVE || how == HAP_TAKEN;
	const int x2 = whole ? p->x[1 - from] : p->x[from] + (p->x[1 - from] - p->x[from]) * 3 / 4;
	const u8 look = how == HAP_LOST ? LOOK_GONE : look_of(from);
	const bool steep = y2 - y1 > ROW; /* then the text stands at the beginning */
	struct buf b = BUF_INIT;

	if (!p->texts) {
		svg_line(p->out, x1, y1, x2, y2, look, how == HAP_SEND);
		if (how == HAP_LOST)
			svg_cross(p->out, x2, y2, look);
		else
			svg_head(p->out, x1, y1, x2, y2, look);
		return;
	}
	add_label(&b, h);
	if (!whole)
		svg_text(p->out, x2 + (from ? -10 : 10), y2 + 5, LOOK_DIM, from ? SVG_END : SVG_START,
			 how == HAP_LOST ? "lost" : "in flight");
	if (steep)
		svg_text(p->out, x1 + (from ? -STEEP : STEEP), y1 + 2, LOOK_PLAIN, from ? SVG_END : SVG_START,
			 buf_str(&b));
	else if (h->forged) /* its way is shorter than its text */
		svg_text(p->out, x2 + (from ? BESIDE : -BESIDE), (y1 + y2) / 2 - 6, LOOK_PLAIN, from ? SVG_START : SVG_END,
			 buf_str(&b));
	else
		svg_text(p->out, (x1 + x2) / 2, (y1 + y2) / 2 - 6, LOOK_PLAIN, SVG_MIDDLE, buf_str(&b));
	buf_release(&b);
}

static void draw_segment(const struct picture *p, size_t i)
{
	const struct happening *h = &p->c.hap[i];
	const size_t end = end_of(p, i);
	const int middle = (p->x[0] + p->x[1]) / 2;
	const int y2 = end < p->c.n ? y_of(p, end) : y_of(p, i) + ROW / 2;

	/* a copy begins where the network made it */
	draw_way(p, h, h->host, h->kind == HAP_COPY ? middle : p->x[h->host], y_of(p, i), y2,
		 end < p->c.n ? (enum happening_kind)p->c.hap[end].kind : HAP_SEND);
}

/* It came from nowhere. */
static void draw_forged(const struct picture *p, size_t i)
{
	const struct happening *h = &p->c.hap[i];

	draw_way(p, h, (u8)(1 - h->host), (p->x[0] + p->x[1]) / 2, y_of(p, i) - ROW, y_of(p, i), HAP_ARRIVE);
}

static void draw_clock(const struct picture *p, size_t i, s64 *shown)
{
	const struct happening *h = &p->c.hap[i];
	struct buf b = BUF_INIT;

	if (h->at == *shown || h->at < 0)
		return;
	*shown = h->at;
	add_clock(&b, (u64)h->at);
	svg_text(p->out, MARGIN + CLOCK_COLS * SVG_CHAR_WIDTH, y_of(p, i) + 5, LOOK_DIM, SVG_END, buf_str(&b));
	buf_release(&b);
}

static void draw_hosts(const struct picture *p, int height)
{
	for (u8 host = 0; host < NR_HOSTS; host++) {
		struct buf b = BUF_INIT;

		buf_printf(&b, "%c  Linux %s", host_letter(host),
			   profile_of((enum profile_id)session_world(p->ss)->host[host].profile)->name);
		svg_text(p->out, p->x[host], MARGIN + 18, look_of(host), SVG_MIDDLE, buf_str(&b));
		svg_line(p->out, p->x[host], HEAD - ROW / 2, p->x[host], height - MARGIN, LOOK_FRAME, false);
		buf_release(&b);
	}
}

static void draw_happenings(struct picture *p, bool texts)
{
	s64 shown = -1;

	p->texts = texts;
	for (size_t i = 0; i < p->c.n; i++) {
		const struct happening *h = &p->c.hap[i];

		if (p->row[i] < 0)
			continue;
		if (texts)
			draw_clock(p, i, &shown);
		if (h->kind == HAP_SEND || h->kind == HAP_COPY)
			draw_segment(p, i);
		else if (h->kind == HAP_ARRIVE && h->forged)
			draw_forged(p, i);
		else if (texts && is_note(h))
			draw_note(p, i);
	}
}

enum status add_ladder_svg(struct buf *b, struct session *ss, struct err *err)
{
	struct picture p = { .out = b, .ss = ss, .cols = { 12, 12 }, .lane = LANE_MIN - 12 };
	enum status st = session_past(ss, err);

	if (st == ST_OK)
		st = chronicle_collect(&p.c, ss, err);
	if (st == ST_OK) {
		int width, height;

		p.row = xcalloc(p.c.n + 1, sizeof(*p.row));
		put_all(&p);
		p.x[0] = MARGIN + (CLOCK_COLS + 1 + p.cols[0]) * SVG_CHAR_WIDTH + BESIDE;
		p.x[1] = p.x[0] + (p.lane + 12) * SVG_CHAR_WIDTH;
		width = p.x[1] + p.cols[1] * SVG_CHAR_WIDTH + BESIDE + MARGIN;
		height = HEAD + p.rows * ROW + MARGIN;
		svg_begin(b, width, height);
		draw_hosts(&p, height);
		draw_happenings(&p, false);
		draw_happenings(&p, true);
		svg_end(b);
	}
	free(p.row);
	chronicle_release(&p.c);
	return st;
}
