/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ladder (the sequence diagram) and states (the state diagram with both hosts on it). */
#include <string.h>

#include "lang/look.h"
#include "lang/names.h"
#include "lang/rows.h"

#define WIDE 46u /* between the two lines, where there is room */
#define ARROW 12u /* what an arrow has besides its text, that of a lost segment too */
#define MARGIN 31u /* what stands on both sides of that: time, number, fate */

/* How far apart the two lines are: as far as the longest text needs, where the drawing may be so wide. */
static size_t gap_of(const struct session *ss, size_t longest)
{
	size_t gap = longest + ARROW > WIDE ? longest + ARROW : WIDE;
	size_t room = !ss->columns ? gap : ss->columns > MARGIN + 20u ? ss->columns - MARGIN : 20;

	return gap < room ? gap : room;
}

static const char *fate_of(const struct past_seg *g)
{
	return g->injected ? "forged" : g->fate == FATE_FLYING ? "in flight" : g->fate == FATE_ARRIVED || g->fate == FATE_TAKEN ? ""
	     : g->fate == FATE_DROPPED ? "dropped" : "lost";
}

/* "---- F. 1:1(0) ack 1 ---->", as long as the way it went. */
static void add_arrow(struct buf *b, const struct past_seg *g, const char *text, size_t gap)
{
	bool arrived = g->fate == FATE_ARRIVED || g->fate == FATE_TAKEN;
	size_t n = strlen(text);
	size_t room = arrived || n + ARROW > gap ? gap : gap - 8;
	size_t dashes = n + 4 < room ? room - n - 4 : 0;
	int whole = n + 4 <= gap ? (int)n : (int)gap - 5; /* what does not fit is cut with a sign */
	struct buf line = BUF_INIT;

	if (g->from == 1)
		buf_putc(&line, arrived ? '<' : g->fate == FATE_FLYING ? '<' : 'x');
	else
		buf_putc(&line, '-');
	buf_fill(&line, '-', dashes / 2);
	buf_printf(&line, " %.*s%s ", whole, text, (size_t)whole < n ? "~" : "");
	buf_fill(&line, '-', dashes - dashes / 2);
	if (g->from == 0)
		buf_putc(&line, arrived || g->fate == FATE_FLYING ? '>' : 'x');
	else
		buf_putc(&line, '-');
	if (!arrived && g->from == 1)
		buf_fill(b, ' ', line.len < gap ? gap - line.len : 0);
	buf_puts(b, buf_str(&line));
	if (!arrived && g->from == 0)
		buf_fill(b, ' ', line.len < gap ? gap - line.len : 0);
	buf_release(&line);
}

static void segment_text(const struct session *ss, const struct past_seg *g, char text[SEG_TEXT_MAX])
{
	const struct seg_origin raw = { 0, 0 };

	seg_text(text, &g->seg, ss->absolute ? raw : g->origin, 0);
}

static void ladder_line(struct session *ss, const struct past_seg *g, size_t gap)
{
	char text[SEG_TEXT_MAX];
	struct buf line = BUF_INIT;
	struct buf when = BUF_INIT;
	char names[2][2] = { { host_letter(g->from), '\0' }, { host_letter((u8)(1 - g->from)), '\0' } };

	segment_text(ss, g, text);
	add_clock(&when, g->sent_at - WORLD_EPOCH);
	add_arrow(&line, g, text, gap);
	row_begin(ss, "segment");
	row_num(ss, "number", g->number);
	row_str(ss, "from", names[0]);
	row_str(ss, "to", names[1]);
	row_str(ss, "segment", text);
	row_num(ss, "sent_us", (s64)(g->sent_at - WORLD_EPOCH));
	if (g->fate != FATE_FLYING)
		row_num(ss, "ended_us", (s64)(g->ended_at - WORLD_EPOCH));
	row_str(ss, "fate", g->fate == FATE_ARRIVED ? "arrived" : g->fate == FATE_TAKEN ? "taken" : fate_of(g));
	row_end(ss, "%10s  #%-4u|%s|%s%s", buf_str(&when), g->number, buf_str(&line), *fate_of(g) ? "  " : "",
		fate_of(g));
	buf_release(&line);
	buf_release(&when);
}

/* What was in flight when the scenario began: flight `i` as a segment of the past. False: it is none of those. */
static bool flew_at_start(struct session *ss, u16 i, struct past_seg *g)
{
	const struct world *w = session_world(ss);
	const struct flight *f = &w->flight[i];

	if (!f->live || f->where != FLIGHT_WIRE || past_find_seg(&ss->past, f->number))
		return false;
	*g = (struct past_seg){ .seg = f->seg, .number = f->number, .from = f->from, .sent_at = f->sent_at,
				.origin = past_origin(&ss->past, w, f->from, &f->seg) };
	return true;
}

/* Calls `row` for every segment, in the order in which they were sent. */
static void each_segment(struct session *ss, void (*row)(struct session *ss, const struct past_seg *g, size_t *ctx), size_t *ctx)
{
	struct past_seg g;

	for (u16 i = 0; i < session_world(ss)->pool[POOL_FLIGHT].high; i++)
		if (flew_at_start(ss, i, &g))
			row(ss, &g, ctx);
	for (size_t i = 0; i < ss->past.segs; i++)
		row(ss, &ss->past.seg[i], ctx);
}

static void measure(struct session *ss, const struct past_seg *g, size_t *longest)
{
	char text[SEG_TEXT_MAX];

	segment_text(ss, g, text);
	*longest = strlen(text) > *longest ? strlen(text) : *longest;
}

static void print_segment(struct session *ss, const struct past_seg *g, size_t *gap)
{
	ladder_line(ss, g, *gap);
}

enum status cmd_ladder(struct session *ss, struct args *a, struct err *err)
{
	struct buf head = BUF_INIT;
	size_t longest = 0, gap;

	if (args_end(a, err) != ST_OK || session_past(ss, err) != ST_OK)
		return ST_WRONG;
	each_segment(ss, measure, &longest);
	gap = gap_of(ss, longest);
	buf_fill(&head, ' ', 17);
	buf_putc(&head, 'A');
	buf_fill(&head, ' ', gap);
	buf_putc(&head, 'B');
	say(ss, "%s", buf_str(&head));
	buf_release(&head);
	each_segment(ss, print_segment, &gap);
	return ST_OK;
}

/* ---- the state diagram --------------------------------------------------------------------------------------- */

/*
 * Each state stands as @NAME, of which the @ takes no room; behind it are five blanks at least, or the line's end: room for
 * the hosts in it, [AB]. CLOSE at the end is the one at the head.
 */
static const char diagram[] =
	"                        @CLOSE                  @LISTEN\n"
	"                          | connect              | SYN\n"
	"                        @SYN_SENT               @SYN_RECV\n"
	"                          |                      |\n"
	"                          +--> @ESTABLISHED     <-+\n"
	"          close, shutdown: FIN |        | FIN arrives\n"
	"          +--------------------+        +------------------+\n"
	"          |                                                |\n"
	"        @FIN_WAIT1     -- FIN --> @CLOSING               @CLOSE_WAIT\n"
	"          |          \\             |                       | close: FIN\n"
	"          | ACK       FIN+ACK      | ACK                 @LAST_ACK\n"
	"          |             \\          |                       |\n"
	"        @FIN_WAIT2     -- FIN --> @TIME_WAIT                 | ACK\n"
	"                                   | 60 s                  |\n"
	"                                 CLOSE  <------------------+\n";

static size_t mark_state(struct buf *b, const char *name, const u8 state[NR_HOSTS])
{
	size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_12");
	size_t before = b->len;
	char word[24];
	bool in[NR_HOSTS];

	memcpy(word, name, n < sizeof(word) ? n : sizeof(word) - 1);
	word[n < sizeof(word) ? n : sizeof(word) - 1] = '\0';
	for (u8 h = 0; h < NR_HOSTS; h++)
		in[h] = state_find(word) == (state[h] == TCP_NEW_SYN_RECV ? TCP_SYN_RECV : state[h]);
	buf_puts(b, word);
	if (in[0] || in[1])
		buf_printf(b, "[%s%s]", in[0] ? "A" : "", in[1] ? "B" : "");
	return b->len - before;
}

enum status cmd_states(struct session *ss, struct args *a, struct err *err)
{
	const struct world *w = session_world(ss);
	struct buf b = BUF_INIT;
	u8 state[NR_HOSTS];

	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	for (u8 h = 0; h < NR_HOSTS; h++) {
		const struct endpoint ep = { .host = h, .kind = EP_MAIN, .fd = -1 };
		struct conn c = conn_of(w, &ep);

		state[h] = conn_state(&c);
	}
	for (const char *p = diagram; *p;) {
		size_t name = *p == '@' ? strspn(p + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_12") : 0;
		size_t printed;

		if (!name) {
			buf_putc(&b, *p++);
			continue;
		}
		printed = mark_state(&b, p + 1, state);
		p += name + 1;
		/* the mark takes the place of blanks behind the name */
		for (size_t i = name; i < printed && *p == ' '; i++)
			p++;
	}
	say_text(ss, "states", buf_str(&b));
	buf_release(&b);
	say(ss, "A is in %s, B in %s", state_name(state[0]), state_name(state[1]));
	return ST_OK;
}
