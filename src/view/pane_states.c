/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state diagram with both hosts on it: the ways they have come are marked in their colours, the last step of each is
 * lit. Eight rows, so that it is whole on the smallest screen that is worth drawing it on.
 */
#include <string.h>

#include "lang/names.h"
#include "view/view.h"

/* A connection that has come to its end stands in the CLOSE at the foot, not in the one at the head. */
enum { CLOSED_AGAIN = TCP_MAX_STATES };

struct node {
	u8 state, row, col;
};

/* What is drawn between the states, each piece with the step that it belongs to. */
struct edge {
	u8 from, to, row, col;
	const char *text;
};

enum { NODES = 12, EDGES = 18, FULL_COLS = 78 };

static const struct diagram {
	struct node node[NODES];
	struct edge edge[EDGES];
} full = {
	{
		{ TCP_CLOSE, 0, 2 },	   { TCP_SYN_SENT, 0, 25 },  { TCP_ESTABLISHED, 1, 44 }, { TCP_LISTEN, 2, 2 },
		{ TCP_SYN_RECV, 2, 25 },   { TCP_FIN_WAIT1, 4, 1 },  { TCP_CLOSING, 4, 24 },	 { TCP_CLOSE_WAIT, 4, 60 },
		{ TCP_FIN_WAIT2, 6, 1 },   { TCP_TIME_WAIT, 6, 24 }, { TCP_LAST_ACK, 6, 61 },	 { CLOSED_AGAIN, 7, 40 },
	},
	{
		{ TCP_CLOSE, TCP_SYN_SENT, 0, 12, "── connect ─▸" },
		{ TCP_SYN_SENT, TCP_ESTABLISHED, 0, 38, "──┐" },
		{ TCP_LISTEN, TCP_SYN_RECV, 2, 12, "──── SYN ───▸" },
		{ TCP_SYN_RECV, TCP_ESTABLISHED, 2, 38, "──┘" },
		{ TCP_SYN_SENT, TCP_ESTABLISHED, 1, 40, "├─▸" },
		{ TCP_SYN_RECV, TCP_ESTABLISHED, 1, 40, "├─▸" },
		{ TCP_ESTABLISHED, TCP_FIN_WAIT1, 2, 49, "│" },
		{ TCP_ESTABLISHED, TCP_CLOSE_WAIT, 2, 49, "│" },
		{ TCP_ESTABLISHED, TCP_FIN_WAIT1, 3, 5, "┌────── close, shutdown: FIN ───────────────┴" },
		{ TCP_ESTABLISHED, TCP_CLOSE_WAIT, 3, 50, " FIN arrives ──┐" },
		{ TCP_FIN_WAIT1, TCP_CLOSING, 4, 15, "─ FIN ─▸" },
		{ TCP_FIN_WAIT1, TCP_FIN_WAIT2, 5, 5, "│ACK" },
		{ TCP_FIN_WAIT1, TCP_TIME_WAIT, 5, 12, "╲ FIN+ACK" },
		{ TCP_CLOSING, TCP_TIME_WAIT, 5, 27, "│ACK" },
		{ TCP_CLOSE_WAIT, TCP_LAST_ACK, 5, 65, "│close: FIN" },
		{ TCP_FIN_WAIT2, TCP_TIME_WAIT, 6, 15, "─ FIN ─▸" },
		{ TCP_TIME_WAIT, CLOSED_AGAIN, 7, 27, "└── 60 s ──▸" },
		{ TCP_LAST_ACK, CLOSED_AGAIN, 7, 49, "◂──── ACK ──────┘" },
	},
}, compact = { /* 58 columns */
	{
		{ TCP_CLOSE, 0, 1 },	   { TCP_SYN_SENT, 0, 19 },  { TCP_ESTABLISHED, 1, 34 }, { TCP_LISTEN, 2, 1 },
		{ TCP_SYN_RECV, 2, 19 },   { TCP_FIN_WAIT1, 4, 1 },  { TCP_CLOSING, 4, 22 },	 { TCP_CLOSE_WAIT, 4, 43 },
		{ TCP_FIN_WAIT2, 6, 1 },   { TCP_TIME_WAIT, 6, 22 }, { TCP_LAST_ACK, 6, 44 },	 { CLOSED_AGAIN, 7, 34 },
	},
	{
		{ TCP_CLOSE, TCP_SYN_SENT, 0, 11, "connect▸" },
		{ TCP_SYN_SENT, TCP_ESTABLISHED, 0, 31, "┐" },
		{ TCP_LISTEN, TCP_SYN_RECV, 2, 12, "─ SYN ▸" },
		{ TCP_SYN_RECV, TCP_ESTABLISHED, 2, 31, "┘" },
		{ TCP_SYN_SENT, TCP_ESTABLISHED, 1, 31, "├▸" },
		{ TCP_SYN_RECV, TCP_ESTABLISHED, 1, 31, "├▸" },
		{ TCP_ESTABLISHED, TCP_FIN_WAIT1, 2, 39, "│" },
		{ TCP_ESTABLISHED, TCP_CLOSE_WAIT, 2, 39, "│FIN arrives" },
		{ TCP_ESTABLISHED, TCP_FIN_WAIT1, 3, 5, "┌── close, shutdown: FIN ─────────┴" },
		{ TCP_ESTABLISHED, TCP_CLOSE_WAIT, 3, 40, "────────┐" },
		{ TCP_FIN_WAIT1, TCP_CLOSING, 4, 14, "─ FIN ▸" },
		{ TCP_FIN_WAIT1, TCP_FIN_WAIT2, 5, 5, "│ACK" },
		{ TCP_FIN_WAIT1, TCP_TIME_WAIT, 5, 11, "╲ FIN+ACK" },
		{ TCP_CLOSING, TCP_TIME_WAIT, 5, 25, "│ACK" },
		{ TCP_CLOSE_WAIT, TCP_LAST_ACK, 5, 48, "│close" },
		{ TCP_FIN_WAIT2, TCP_TIME_WAIT, 6, 14, "─ FIN ▸" },
		{ TCP_TIME_WAIT, CLOSED_AGAIN, 7, 25, "└ 60 s ▸" },
		{ TCP_LAST_ACK, CLOSED_AGAIN, 7, 43, "◂ACK─┘" },
	},
};

enum { DIAGRAM_ROWS = 8 };

/* Where a host is, where it was one step ago, and where it has been. */
struct token {
	u8 now;
	u8 was;
	u16 seen;
};

static struct token token_of(const struct world *w, u8 host)
{
	const struct endpoint ep = { .host = host, .kind = EP_MAIN, .fd = -1 };
	struct conn c = conn_of(w, &ep);
	struct token t = { .now = conn_state(&c) };

	if (c.sk && c.sk->sk_protocol == SEG_UDP)
		return (struct token){ .now = TCP_NONE_ };
	t.seen = c.sk ? c.sk->seen_ : c.tw ? c.tw->seen_ : w->host[host].main_seen;
	if (t.now == TCP_NEW_SYN_RECV)
		t.now = TCP_SYN_RECV;
	if (t.now == TCP_CLOSE && (t.seen & ~(TCPF(TCP_CLOSE) | TCPF(TCP_LISTEN))))
		t.now = CLOSED_AGAIN;
	return t;
}

static bool been_in(const struct token *t, u8 state)
{
	if (state == CLOSED_AGAIN)
		return t->now == CLOSED_AGAIN;
	return state == t->now || (t->seen & TCPF(state));
}

/* From both ends being known. Straight to TIME_WAIT only who was in none of the states beside that way. */
static bool has_gone(const struct token *t, u8 from, u8 to)
{
	if (!been_in(t, from) || !been_in(t, to))
		return false;
	if (from == TCP_FIN_WAIT1 && to == TCP_TIME_WAIT)
		return !been_in(t, TCP_FIN_WAIT2) && !been_in(t, TCP_CLOSING);
	return true;
}

static u8 look_of(bool a, bool b, bool lit)
{
	return look_if(a && b ? LOOK_STRONG : a ? LOOK_A : b ? LOOK_B : LOOK_DIM, lit);
}

static void draw_edges(const struct area *in, int top, const struct edge *edges, const struct token t[NR_HOSTS])
{
	for (size_t i = 0; i < EDGES; i++) {
		bool gone[NR_HOSTS], lit = false, shared = i && edges[i].row == edges[i - 1].row && edges[i].col == edges[i - 1].col;

		for (u8 h = 0; h < NR_HOSTS; h++) {
			gone[h] = has_gone(&t[h], edges[i].from, edges[i].to);
			lit = lit || (t[h].now == edges[i].to && t[h].was == edges[i].from);
		}
		/* a piece that two steps share is not dimmed by the second */
		if (!shared || gone[0] || gone[1])
			area_text(in, edges[i].row - top, edges[i].col, look_of(gone[0], gone[1], lit), edges[i].text);
	}
}

static void draw_nodes(const struct area *in, int top, const struct node *nodes, const struct token t[NR_HOSTS])
{
	for (size_t i = 0; i < NODES; i++) {
		u8 state = nodes[i].state;
		bool here[NR_HOSTS] = { t[0].now == state, t[1].now == state };
		bool lit = (here[0] && t[0].was != state) || (here[1] && t[1].was != state);
		int col = area_text(in, nodes[i].row - top, nodes[i].col, look_of(been_in(&t[0], state), been_in(&t[1], state), lit),
				    state_name(state == CLOSED_AGAIN ? TCP_CLOSE : state));

		if (here[0] || here[1])
			area_printf(in, nodes[i].row - top, col, look_if(LOOK_STRONG, lit), "[%s%s]", here[0] ? "A" : "",
				    here[1] ? "B" : "");
	}
}

int states_rows(void)
{
	return DIAGRAM_ROWS;
}

int states_home(const struct view *v, int rows)
{
	int first = DIAGRAM_ROWS, last = 0;

	for (size_t i = 0; i < NODES; i++)
		for (u8 h = 0; h < NR_HOSTS; h++)
			if (token_of(view_world(v), h).now == full.node[i].state) {
				first = full.node[i].row < first ? full.node[i].row : first;
				last = full.node[i].row > last ? full.node[i].row : last;
			}
	/* both of them, or the one that has come further */
	last = last - rows + 1 > first ? last - rows + 1 : first;
	return last > DIAGRAM_ROWS - rows ? DIAGRAM_ROWS - rows < 0 ? 0 : DIAGRAM_ROWS - rows : last;
}

void draw_states(struct view *v, const struct area *in, int top)
{
	struct area diagram = area_part(in, in->rows > DIAGRAM_ROWS + 2 ? 1 : 0, in->cols > 90 ? 6 : 0, in->rows, in->cols);
	const struct diagram *d = in->cols < FULL_COLS ? &compact : &full;
	struct token t[NR_HOSTS];

	for (u8 h = 0; h < NR_HOSTS; h++) {
		t[h] = token_of(view_world(v), h);
		t[h].was = token_of(v->before, h).now;
	}
	draw_edges(&diagram, top, d->edge, t);
	draw_nodes(&diagram, top, d->node, t);
	if (diagram.rows > DIAGRAM_ROWS + 1)
		area_printf(&diagram, DIAGRAM_ROWS + 1, 1, LOOK_PLAIN, "A is in %s, B in %s",
			    state_name(t[0].now == CLOSED_AGAIN ? TCP_CLOSE : t[0].now),
			    state_name(t[1].now == CLOSED_AGAIN ? TCP_CLOSE : t[1].now));
}
