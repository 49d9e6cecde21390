/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One host: its main connection, whatever has become of it, and a line for each other socket. */
#include <string.h>

#include "lang/calls.h"
#include "lang/decision.h"
#include "lang/lex.h"
#include "lang/look.h"
#include "lang/names.h"
#include "view/view.h"

/* What a pane of a host draws from. */
struct host_pane {
	struct view *v;
	const struct world *w;
	struct area in; /* inside the frame */
	struct conn c;	/* the main connection */
	struct conn was; /* the same, one step ago */
	int row;	/* the next to be written */
	u8 host;
};

/* With fewer rows inside, not every queue has one of its own. */
enum { TIGHT_ROWS = 12 };

/* A row of the pane; false when it has nothing to say here. With `dry` nothing is drawn. */
typedef bool row_fn(struct host_pane *p, bool dry);

static u8 host_look(u8 host)
{
	return host ? LOOK_B : LOOK_A;
}

/* ---- the state and who holds it ------------------------------------------------------------------------------ */

static bool row_state(struct host_pane *p, bool dry)
{
	u8 state = conn_state(&p->c);
	u8 was = conn_state(&p->was);
	bool changed = p->was.num && state != was;
	int col = 0;

	if (dry)
		return true;
	if (!p->c.num) {
		area_text(&p->in, p->row, 0, LOOK_DIM, "no socket yet");
		return true;
	}
	if (changed)
		col = area_printf(&p->in, p->row, 0, LOOK_DIM, "%s \xe2\x96\xb8 ",
				  p->was.sk && p->was.sk->sk_protocol == SEG_UDP ? "UDP" : state_name(was));
	col = area_text(&p->in, p->row, col, look_if(LOOK_STRONG, changed),
			p->c.sk && p->c.sk->sk_protocol == SEG_UDP ? "UDP" : state_name(state));
	if (p->c.sk && p->c.sk->sk_err)
		area_printf(&p->in, p->row, col + 2, look_if(LOOK_GONE, !p->was.sk || p->was.sk->sk_err != p->c.sk->sk_err),
			    "sk_err %s", errno_name(p->c.sk->sk_err));
	return true;
}

/* A call of this host that sleeps on the connection. */
static const struct task *sleeper(const struct world *w, const struct conn *c, u8 host)
{
	for (u16 i = 0; i < w->pool[POOL_TASK].high; i++) {
		const struct task *t = &w->task[i];

		if (t->live && t->host == host && t->asleep && c->sk && t->sk && sock_of(w, t->sk) == c->sk)
			return t;
	}
	return NULL;
}

static bool row_holder(struct host_pane *p, bool dry)
{
	const struct sock *sk = p->c.sk;
	u16 pid = 0;
	s16 fd;

	if (!p->c.num || dry)
		return p->c.num != 0;
	if (p->c.tw && !p->c.sk) {
		area_text(&p->in, p->row, 0, LOOK_DIM, "no struct sock any more");
		return true;
	}
	if (!sk) {
		area_text(&p->in, p->row, 0, LOOK_DIM, p->c.req ? "a request, not yet a socket" : "nothing is left of it");
		return true;
	}
	fd = sock_fd(p->w, sk, &pid);
	if (fd >= 0)
		area_printf(&p->in, p->row, 0, LOOK_PLAIN, "fd %d open", fd);
	else if (sk->sk_flags & SOCK_DEAD)
		area_text(&p->in, p->row, 0,
			  look_if(LOOK_PLAIN, p->was.sk && !(p->was.sk->sk_flags & SOCK_DEAD)),
			  "fd closed \xc2\xb7 orphan (SOCK_DEAD)");
	else if (sk->rsk_listener_)
		area_text(&p->in, p->row, 0, LOOK_PLAIN, "not yet accepted");
	else
		area_text(&p->in, p->row, 0, LOOK_DIM, "no descriptor");
	return true;
}

static bool row_sleeper(struct host_pane *p, bool dry)
{
	const struct task *t = sleeper(p->w, &p->c, p->host);

	if (!t || dry)
		return t != NULL;
	area_printf(&p->in, p->row, 0, look_if(LOOK_HINT, !sleeper(p->v->before, &p->was, p->host)), "%s sleeps in %s", call_name(t->nr),
		    fn_name_at(p->w, t->host, t->sleep_fn));
	return true;
}

static int shutdown_bit(struct host_pane *p, int col, u8 bit, const char *name)
{
	bool set = p->c.sk->sk_shutdown & bit;
	bool changed = p->was.sk && set != !!(p->was.sk->sk_shutdown & bit);

	return area_printf(&p->in, p->row, col, look_if(set ? LOOK_STRONG : LOOK_DIM, changed), "%s %s",
			   set ? "\xe2\x96\xa0" : "\xe2\x96\xa1", name);
}

static bool row_shutdown(struct host_pane *p, bool dry)
{
	int col;

	if (!p->c.sk || p->c.sk->sk_state == TCP_LISTEN || dry)
		return p->c.sk != NULL && p->c.sk->sk_state != TCP_LISTEN;
	col = area_text(&p->in, p->row, 0, LOOK_DIM, "sk_shutdown ");
	col = shutdown_bit(p, col + 1, RCV_SHUTDOWN, "RCV");
	shutdown_bit(p, col + 2, SEND_SHUTDOWN, "SEND");
	return true;
}

/* ---- queues -------------------------------------------------------------------------------------------------- */

static void add_skb(struct buf *b, const struct skb *skb, u32 base)
{
	if (b->len)
		buf_putc(b, ' ');
	if (skb->tcp_flags & TCPHDR_FIN)
		buf_putc(b, 'F');
	if (skb->tcp_flags & TCPHDR_SYN)
		buf_putc(b, 'S');
	buf_printf(b, "%s%u:%u", skb->tcp_flags & (TCPHDR_FIN | TCPHDR_SYN) ? " " : "", skb->seq - base, skb->end_seq - base);
	if (skb->sacked & TCPCB_SACKED_ACKED)
		buf_puts(b, " sacked");
	if (skb->sacked & TCPCB_LOST)
		buf_puts(b, " lost");
	if (skb->sacked & TCPCB_EVER_RETRANS)
		buf_puts(b, " again");
}

/* "rtx ▓ F 101:102": one block for every buffer, up to four of them. */
static int draw_queue(struct host_pane *p, int col, const char *name, const struct skq *q, u16 was, u32 base)
{
	struct buf b = BUF_INIT;
	int blocks = 0;

	col = area_printf(&p->in, p->row, col, LOOK_DIM, "%-8s ", name);
	if (!skb_of(p->w, q->head)) {
		col = area_text(&p->in, p->row, col, look_if(LOOK_DIM, was != 0), "\xc2\xb7");
		return col;
	}
	for (const struct skb *skb = skb_of(p->w, q->head); skb; skb = skb_of(p->w, skb->next)) {
		if (blocks++ < 4)
			area_fill(&p->in, p->row, col++, 1, look_if(LOOK_DATA, was != q->qlen), 0x2593);
		add_skb(&b, skb, p->v->ss->absolute || skb->udp_ ? 0 : base);
	}
	col = area_printf(&p->in, p->row, col, LOOK_PLAIN, " %s", buf_str(&b));
	buf_release(&b);
	return col;
}

static bool talks_tcp(const struct host_pane *p)
{
	return p->c.sk && p->c.sk->sk_protocol == SEG_TCP && p->c.sk->sk_state != TCP_LISTEN;
}

/* Where there is not room for a row for each queue, two of them share one. */
static bool is_tight(const struct host_pane *p)
{
	return p->in.rows < TIGHT_ROWS;
}

/* "rtx ▓▓ 1:202 F": from the first to the last of them. */
static int draw_queue_short(struct host_pane *p, int col, const char *name, const struct skq *q, u16 was, u32 base)
{
	const struct skb *first = skb_of(p->w, q->head), *last = skb_of(p->w, q->tail);
	const u8 look = look_if(LOOK_DATA, was != q->qlen);
	int blocks = 0;

	col = area_printf(&p->in, p->row, col, LOOK_DIM, "%s ", name);
	if (!first || !last)
		return area_text(&p->in, p->row, col, look_if(LOOK_DIM, was != 0), "\xc2\xb7");
	for (const struct skb *skb = first; skb && blocks < 4; skb = skb_of(p->w, skb->next))
		blocks++;
	area_fill(&p->in, p->row, col, blocks, look, 0x2593);
	col += blocks;
	return area_printf(&p->in, p->row, col, LOOK_PLAIN, " %u:%u%s", first->seq - base, last->end_seq - base,
			   last->tcp_flags & TCPHDR_FIN ? " F" : "");
}

/* Also when it is empty: its place is always the same. A datagram has no numbers that end with what was sent before. */
#define QUEUE_ROW(fn, title, member, isn)                                                                       \
	static bool fn(struct host_pane *p, bool dry)                                                           \
	{                                                                                                       \
		const bool here = p->c.sk && p->c.sk->sk_state != TCP_LISTEN && !is_tight(p) &&                 \
				  (talks_tcp(p) || p->c.sk->member.qlen);                                       \
                                                                                                                \
		if (here && !dry)                                                                               \
			draw_queue(p, 0, title, &p->c.sk->member, p->was.sk ? p->was.sk->member.qlen : 0, isn(&p->c)); \
		return here;                                                                                    \
	}
QUEUE_ROW(row_write, "write", sk_write_queue, conn_isn)
QUEUE_ROW(row_rtx, "rtx", tcp_rtx_queue, conn_isn)
QUEUE_ROW(row_receive, "receive", sk_receive_queue, conn_peer_isn)
QUEUE_ROW(row_ooo, "ooo", out_of_order_queue, conn_peer_isn)

#define QUEUES_ROW(fn, title1, member1, title2, member2, isn)                                                   \
	static bool fn(struct host_pane *p, bool dry)                                                           \
	{                                                                                                       \
		const struct sock *sk = p->c.sk, *was = p->was.sk;                                              \
		const bool here = sk && sk->sk_state != TCP_LISTEN && is_tight(p);                              \
		u32 base;                                                                                       \
		int col;                                                                                        \
                                                                                                                \
		if (!here || dry)                                                                               \
			return here;                                                                            \
		base = p->v->ss->absolute || sk->sk_protocol == SEG_UDP ? 0 : isn(&p->c);                       \
		col = draw_queue_short(p, 0, title1, &sk->member1, was ? was->member1.qlen : 0, base);          \
		draw_queue_short(p, col + 2, title2, &sk->member2, was ? was->member2.qlen : 0, base);          \
		return true;                                                                                    \
	}
QUEUES_ROW(row_sent, "write", sk_write_queue, "rtx", tcp_rtx_queue, conn_isn)
QUEUES_ROW(row_received, "receive", sk_receive_queue, "ooo", out_of_order_queue, conn_peer_isn)

static bool row_backlog(struct host_pane *p, bool dry)
{
	bool any = p->c.sk && p->c.sk->sk_backlog.qlen;

	if (any && !dry)
		area_printf(&p->in, p->row, 0, LOOK_HINT, "backlog  %u until the lock is released", p->c.sk->sk_backlog.qlen);
	return any;
}

static bool row_listener(struct host_pane *p, bool dry)
{
	const struct sock *sk = p->c.sk;

	if (!sk || sk->sk_state != TCP_LISTEN || dry)
		return sk && sk->sk_state == TCP_LISTEN;
	area_printf(&p->in, p->row, 0, LOOK_PLAIN, "accept queue %u of %u \xc2\xb7 SYN queue %u", sk->sk_ack_backlog,
		    sk->sk_max_ack_backlog, sk->syn_qlen_);
	return true;
}

/* ---- numbers ------------------------------------------------------------------------------------------------- */

static int draw_field(struct host_pane *p, int col, const char *label, const char *name)
{
	const struct field *f = field_find(OBJ_SOCK, name);
	struct field_view view = session_view(p->v->ss, &p->c);
	struct buf b = BUF_INIT;
	bool changed;

	if (!f || !p->c.sk)
		return col;
	changed = p->was.sk && field_read(f, p->was.sk) != field_read(f, p->c.sk);
	col = area_printf(&p->in, p->row, col, LOOK_DIM, "%s%s ", col ? "  " : "", label);
	add_field_value(&b, f, field_read(f, p->c.sk), &view);
	col = area_text(&p->in, p->row, col, look_if(LOOK_PLAIN, changed), buf_str(&b));
	buf_release(&b);
	return col;
}

static bool row_sending(struct host_pane *p, bool dry)
{
	int col;

	if (!talks_tcp(p) || dry)
		return talks_tcp(p);
	col = draw_field(p, 0, "una", "snd_una");
	col = draw_field(p, col, "nxt", "snd_nxt");
	draw_field(p, col, "write_seq", "write_seq");
	return true;
}

static bool row_receiving(struct host_pane *p, bool dry)
{
	int col;

	if (!talks_tcp(p) || dry)
		return talks_tcp(p);
	col = draw_field(p, 0, "rcv_nxt", "rcv_nxt");
	draw_field(p, col, "copied_seq", "copied_seq");
	return true;
}

static bool row_windows(struct host_pane *p, bool dry)
{
	int col;

	if (!talks_tcp(p) || dry)
		return talks_tcp(p);
	col = draw_field(p, 0, "snd_wnd", "snd_wnd");
	col = draw_field(p, col, "rcv_wnd", "rcv_wnd");
	draw_field(p, col, "cwnd", "snd_cwnd");
	return true;
}

/* ---- timers -------------------------------------------------------------------------------------------------- */

/* What the timer had to run when it was armed. Where nobody saw that, what it had when it was seen first. */
static u64 timer_length(struct host_pane *p, u8 kind, u64 expires, u64 left)
{
	struct timer_length *t = &p->v->timer[p->host][kind];
	const u64 length = past_timer_length(&p->v->ss->past, p->host, kind, expires);

	if (length)
		return length > left ? length : left;
	if (t->expires != expires || left > t->length || !t->length)
		*t = (struct timer_length){ .expires = expires, .length = left ? left : 1 };
	return t->length;
}

/* The bar is as long as the time that is left. Marked when it expired at another time one step ago, or not at all. */
static void draw_timer(struct host_pane *p, u8 kind, const char *name, u64 expires, u64 was, const char *role)
{
	const u64 left = expires > p->w->now ? expires - p->w->now : 0;
	const int room = p->in.cols / 4;
	const int full = (int)(left * (u64)room / timer_length(p, kind, expires, left));
	const bool changed = expires != was;
	struct buf b = BUF_INIT;
	int col;

	add_duration(&b, left);
	col = area_printf(&p->in, p->row, 0, look_if(LOOK_DIM, changed), "%s", name) + 1;
	area_fill(&p->in, p->row, col, full, LOOK_TIMER, 0x2588);
	area_fill(&p->in, p->row, col + full, room - full, LOOK_DIM, 0x2591);
	area_printf(&p->in, p->row, col + room + 1, look_if(LOOK_PLAIN, changed), "%s%s%s", buf_str(&b), *role ? " " : "", role);
	buf_release(&b);
}

static bool sock_timer_row(struct host_pane *p, bool dry, u8 kind)
{
	u64 expires = p->c.sk ? conn_timer(&p->c, kind) : 0;

	if (expires && !dry)
		draw_timer(p, kind, timer_name(kind), expires, p->was.sk ? conn_timer(&p->was, kind) : 0,
			   kind == TMR_RETRANSMIT ? role_name(p->c.sk->icsk_pending) : "");
	return expires != 0;
}

static bool row_retransmit(struct host_pane *p, bool dry)
{
	return sock_timer_row(p, dry, TMR_RETRANSMIT);
}

static bool row_delack(struct host_pane *p, bool dry)
{
	return sock_timer_row(p, dry, TMR_DELACK);
}

static bool row_keepalive(struct host_pane *p, bool dry)
{
	return sock_timer_row(p, dry, TMR_KEEPALIVE);
}

/* Beside a socket that a process still holds: the connection lives on in a minisocket. */
static bool row_minisocket(struct host_pane *p, bool dry)
{
	const struct tw *tw = p->c.tw;
	const bool here = p->c.sk && tw && tw->tw_timer.expires;

	if (here && !dry)
		draw_timer(p, TMR_TW, "minisocket", tw->tw_timer.expires, p->was.tw ? p->was.tw->tw_timer.expires : 0,
			   state_name(tw->tw_substate));
	return here;
}

static bool row_no_timer(struct host_pane *p, bool dry)
{
	bool none = talks_tcp(p) && !row_retransmit(p, true) && !row_delack(p, true) && !row_keepalive(p, true) &&
		    !row_minisocket(p, true);

	if (none && !dry)
		area_text(&p->in, p->row, 0, LOOK_DIM, "no timer");
	return none;
}

/* ---- a minisocket -------------------------------------------------------------------------------------------- */

/* Smaller than a socket, because it is: a box within the pane. */
static void draw_minisocket(struct host_pane *p)
{
	const struct tw *tw = p->c.tw;
	const u64 was = p->was.tw ? p->was.tw->tw_timer.expires : 0;
	struct area box = area_part(&p->in, p->row, 0, p->in.rows - p->row < 5 ? p->in.rows - p->row : 5,
				    p->in.cols < 36 ? p->in.cols : 36);
	struct host_pane inner = *p;
	u32 isn = conn_isn(&p->c), peer_isn = conn_peer_isn(&p->c);

	if (p->v->ss->absolute)
		isn = peer_isn = 0;
	if (box.rows < 4) { /* no room for a box */
		area_printf(&p->in, p->row++, 0, LOOK_PLAIN, "substate %s", state_name(tw->tw_substate));
		/* one that is on its way out has no timer any more */
		if (tw->tw_timer.expires)
			draw_timer(p, TMR_TW, "tw", tw->tw_timer.expires, was, "");
		p->row++;
		return;
	}
	inner.in = area_frame(&box, LOOK_DIM, LOOK_PLAIN, "minisocket", NULL);
	inner.row = 0;
	area_printf(&inner.in, inner.row++, 0, look_if(LOOK_PLAIN, !p->was.tw || p->was.tw->tw_substate != tw->tw_substate),
		    "substate %s", state_name(tw->tw_substate));
	if (tw->tw_timer.expires)
		draw_timer(&inner, TMR_TW, "tw", tw->tw_timer.expires, was, "");
	inner.row++;
	area_printf(&inner.in, inner.row, 0, LOOK_DIM, "snd_nxt %u  rcv_nxt %u", tw->tw_snd_nxt - isn,
		    tw->tw_rcv_nxt - peer_isn);
	p->row += box.rows;
}

/* ---- the other sockets --------------------------------------------------------------------------------------- */

static void draw_other(struct host_pane *p, const struct conn *c)
{
	struct buf b = BUF_INIT;
	u16 pid;
	s16 fd = c->sk ? sock_fd(p->w, c->sk, &pid) : -1;

	if (fd >= 0)
		buf_printf(&b, "%c:%d", host_letter(p->host), fd);
	else
		buf_printf(&b, "%c%%%u", host_letter(p->host), c->num);
	buf_printf(&b, "  %s", c->sk && c->sk->sk_protocol == SEG_UDP ? "UDP" : state_name(conn_state(c)));
	if (c->sk && c->sk->sk_state == TCP_LISTEN)
		buf_printf(&b, "  :%u  accept %u/%u  SYN %u", c->sk->inet_num, c->sk->sk_ack_backlog,
			   c->sk->sk_max_ack_backlog, c->sk->syn_qlen_);
	else if (c->tw)
		buf_printf(&b, "  minisocket, substate %s", state_name(c->tw->tw_substate));
	else if (c->sk && c->sk->rsk_listener_)
		buf_puts(&b, "  not yet accepted");
	else if (c->sk && (c->sk->sk_flags & SOCK_DEAD))
		buf_puts(&b, "  orphan");
	area_text(&p->in, p->row++, 0, LOOK_DIM, buf_str(&b));
	buf_release(&b);
}

static int count_others(const struct host_pane *p)
{
	const struct host *h = &p->w->host[p->host];
	int n = 0;

	for (u16 num = 1; num < h->next_num; num++) {
		struct conn c = conn_by_num(p->w, p->host, num);

		n += num != h->main_num && (c.sk || c.tw || c.req);
	}
	return n;
}

/* At the foot of the pane, so that what stands above them has its place whatever comes and goes. */
static void draw_others(struct host_pane *p)
{
	const struct host *h = &p->w->host[p->host];
	int left = count_others(p);

	if (p->row < p->in.rows - left)
		p->row = p->in.rows - left;

	for (u16 num = 1; num < h->next_num && left; num++) {
		struct conn c = conn_by_num(p->w, p->host, num);

		if (num == h->main_num || (!c.sk && !c.tw && !c.req))
			continue;
		if (p->row == p->in.rows - 1 && left > 1) {
			area_printf(&p->in, p->row++, 0, LOOK_DIM, "and %d more sockets", left);
			return;
		}
		draw_other(p, &c);
		left--;
	}
}

/* ---- the pane ------------------------------------------------------------------------------------------------ */

/* In the order of the screen, with how much it matters when there is not room for all: 0 is never left out. */
static const struct {
	row_fn *draw;
	int rank;
} rows[] = {
	{ row_state, 0 },      { row_holder, 1 },   { row_shutdown, 1 },  { row_listener, 1 },	{ row_write, 2 },
	{ row_rtx, 2 },	       { row_receive, 2 },  { row_ooo, 2 },	  { row_sent, 2 },	{ row_received, 2 },
	{ row_sending, 4 },    { row_receiving, 5 }, { row_windows, 6 },  { row_retransmit, 3 }, { row_delack, 3 },
	{ row_keepalive, 3 },  { row_minisocket, 3 }, { row_no_timer, 3 }, { row_sleeper, 1 },	  { row_backlog, 2 },
};

enum { LOWEST_RANK = 6 };

/* Marks the rows that have something to say and fit, those of the highest rank first; returns how many do not fit. */
static int choose_rows(struct host_pane *p, int room, bool chosen[ARRAY_LEN(rows)])
{
	int left_out = 0;

	for (int rank = 0; rank <= LOWEST_RANK; rank++)
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			if (rows[i].rank != rank || !rows[i].draw(p, true))
				continue;
			chosen[i] = room > 0;
			left_out += room <= 0;
			room--;
		}
	return left_out;
}

/* Returns how many rows there was no room for. */
static int draw_rows(struct host_pane *p)
{
	bool chosen[ARRAY_LEN(rows)] = { false };
	int others = count_others(p) ? 1 : 0; /* the others get a row at least */
	int left_out = choose_rows(p, p->in.rows - others, chosen);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!chosen[i])
			continue;
		rows[i].draw(p, false);
		p->row++;
	}
	return left_out;
}

/* A socket that has given its port to a minisocket still stands for that connection. */
static u16 port_of(const struct conn *c)
{
	struct conn stands = *c;

	if (c->tw)
		stands.sk = NULL;
	return conn_port(&stands);
}

static void pane_title(struct buf *b, const struct host_pane *p)
{
	buf_printf(b, "%c", host_letter(p->host));
	/* no peer; or no port any more, as in the midst of tcp_disconnect() */
	if (p->c.sk && (!p->c.sk->inet_dport || !port_of(&p->c))) {
		buf_putc(b, ' ');
		add_address(b, p->c.sk->inet_rcv_saddr, p->c.sk->inet_num);
	} else if (p->c.num && (p->c.sk || p->c.tw || p->c.req) && port_of(&p->c)) {
		buf_putc(b, ' ');
		add_address(b, (u8)(p->host + 1), port_of(&p->c));
	} else {
		buf_printf(b, " 10.0.0.%d", p->host + 1);
	}
}

static void pane_processes(struct buf *b, const struct host_pane *p)
{
	int n = 0;

	for (u16 i = 0; i < p->w->pool[POOL_PROC].high; i++)
		if (p->w->proc[i].live && p->w->proc[i].host == p->host)
			buf_printf(b, "%s%u", n++ ? "," : "pid ", p->w->proc[i].pid);
}

void draw_host(struct view *v, const struct area *a, u8 host)
{
	const struct world *w = view_world(v);
	const u16 num = w->host[host].main_num;
	struct host_pane p = { .v = v, .w = w, .host = host, .c = conn_by_num(w, host, num) };
	struct buf title = BUF_INIT;
	struct buf right = BUF_INIT;
	bool focused = v->focus == (host ? PANE_B : PANE_A);
	int left_out = 0;

	p.c.host = host;
	p.c.num = num;
	p.was = conn_by_num(v->before, host, num);
	if (v->before->host[host].main_num != num)
		p.was = (struct conn){ .host = host };
	pane_title(&title, &p);
	pane_processes(&right, &p);
	p.in = area_frame(a, focused ? LOOK_FOCUS : LOOK_FRAME, host_look(host), buf_str(&title), buf_str(&right));
	buf_release(&title);
	buf_clear(&right);
	if (p.c.tw && !p.c.sk) {
		row_state(&p, false);
		p.row++;
		draw_minisocket(&p);
	} else {
		left_out = draw_rows(&p);
	}
	draw_others(&p);
	if (left_out) { /* on the lower edge: zoomed, or in a larger window, they are there */
		struct area edge = area_part(a, a->rows - 1, 2, 1, a->cols - 4);

		buf_printf(&right, " %d more ", left_out);
		area_right(&edge, 0, LOOK_DIM, buf_str(&right));
	}
	buf_release(&right);
}
