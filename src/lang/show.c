/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show: a host, a connection, a segment, or the value of an expression. */
#include <string.h>

#include "engine/profile.h"
#include "lang/look.h"
#include "lang/names.h"
#include "lang/rows.h"

/* ---- a connection -------------------------------------------------------------------------------------------- */

void add_address(struct buf *b, u8 host_plus_one, u16 port)
{
	static const char *const address[] = { "0.0.0.0", "10.0.0.1", "10.0.0.2" };

	buf_puts(b, host_plus_one < ARRAY_LEN(address) ? address[host_plus_one] : "?");
	if (port)
		buf_printf(b, ":%u", port);
	else
		buf_puts(b, ":*");
}

static void say_row(struct session *ss, const char *key, struct buf *b)
{
	say(ss, "  %s%s", key, buf_str(b));
	buf_clear(b);
}

static void show_field(struct session *ss, struct buf *b, const char *name, const struct conn *c)
{
	const struct field *f = field_find(OBJ_SOCK, name);
	struct field_view view = session_view(ss, c);

	if (!f || !c->sk)
		return;
	buf_printf(b, "%s%s ", b->len ? "  " : "", name);
	add_field_value(b, f, field_read(f, c->sk), &view);
}

static void show_fields(struct session *ss, const char *const *names, const struct conn *c)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; names[i]; i++)
		show_field(ss, &b, names[i], c);
	say_row(ss, "", &b);
	buf_release(&b);
}

static void add_range(struct buf *b, const struct skb *skb, u32 isn, bool absolute)
{
	u32 base = skb->udp_ || absolute ? 0 : isn;

	buf_printf(b, "  %u:%u", skb->seq - base, skb->end_seq - base);
	if (skb->tcp_flags & TCPHDR_FIN)
		buf_puts(b, " FIN");
	if (skb->tcp_flags & TCPHDR_SYN)
		buf_puts(b, " SYN");
	if (skb->sacked & TCPCB_SACKED_ACKED)
		buf_puts(b, " sacked");
	if (skb->sacked & TCPCB_LOST)
		buf_puts(b, " lost");
	if (skb->sacked & TCPCB_EVER_RETRANS)
		buf_puts(b, " retransmitted");
}

static void show_queue(struct session *ss, const char *name, const struct skq *q, u32 isn)
{
	const struct world *w = session_world(ss);
	struct buf b = BUF_INIT;

	if (!q->qlen)
		return;
	for (const struct skb *skb = skb_of(w, q->head); skb; skb = skb_of(w, skb->next))
		add_range(&b, skb, isn, ss->absolute);
	say(ss, "  %s:%s", name, buf_str(&b));
	buf_release(&b);
}

static void show_timer(struct session *ss, const char *name, u64 expires, const char *role)
{
	const struct world *w = session_world(ss);
	struct buf b = BUF_INIT;

	if (!expires)
		return;
	add_duration(&b, expires > w->now ? expires - w->now : 0);
	say(ss, "  %s timer in %s%s%s%s", name, buf_str(&b), role ? " (" : "", role ? role : "", role ? ")" : "");
	buf_release(&b);
}

static void show_listener(struct session *ss, const struct sock *sk)
{
	say(ss, "  accept queue %u of %u, SYN queue %u", sk->sk_ack_backlog, sk->sk_max_ack_backlog, sk->syn_qlen_);
}

static void show_sock(struct session *ss, const struct conn *c)
{
	static const char *const ends[] = { "sk_shutdown", "sk_flags", "sk_err", NULL };
	static const char *const sending[] = { "snd_una", "snd_nxt", "write_seq", "snd_wnd", "snd_cwnd", NULL };
	static const char *const receiving[] = { "rcv_nxt", "copied_seq", "rcv_wnd", NULL };
	const struct sock *sk = c->sk;
	u32 isn = conn_isn(c);

	show_fields(ss, ends, c);
	if (sk->sk_state == TCP_LISTEN) {
		show_listener(ss, sk);
		return;
	}
	if (sk->sk_protocol == SEG_TCP) {
		show_fields(ss, sending, c);
		show_fields(ss, receiving, c);
	}
	show_queue(ss, "receive queue", &sk->sk_receive_queue, conn_peer_isn(c));
	show_queue(ss, "out of order", &sk->out_of_order_queue, conn_peer_isn(c));
	show_queue(ss, "retransmit queue", &sk->tcp_rtx_queue, isn);
	show_queue(ss, "write queue", &sk->sk_write_queue, isn);
	if (sk->sk_backlog.qlen)
		say(ss, "  backlog: %u segment%s until the socket is released", sk->sk_backlog.qlen,
		    sk->sk_backlog.qlen == 1 ? " waits" : "s wait");
	show_timer(ss, "retransmit", conn_timer(c, TMR_RETRANSMIT), role_name(sk->icsk_pending));
	show_timer(ss, "delack", conn_timer(c, TMR_DELACK), NULL);
	show_timer(ss, "keepalive", sk->icsk_keepalive_timer.expires, NULL);
}

static void add_holder(struct buf *b, const struct world *w, const struct sock *sk)
{
	u16 pid;
	s16 fd = sock_fd(w, sk, &pid);

	if (fd >= 0)
		buf_printf(b, "    fd %d of process %u", fd, pid);
	else if (sk->sk_flags & SOCK_DEAD)
		buf_puts(b, "    orphan");
	else if (sk->rsk_listener_)
		buf_puts(b, "    not yet accepted");
}

static void add_ends(struct buf *b, const struct conn *c)
{
	u8 own = (u8)(c->host + 1);
	u8 peer = (u8)(2 - c->host);

	if (c->sk && !c->sk->inet_dport) {
		add_address(b, c->sk->inet_rcv_saddr, c->sk->inet_num);
		return;
	}
	add_address(b, own, conn_port(c));
	buf_puts(b, " > ");
	add_address(b, peer, conn_peer_port(c));
}

/* One line for one connection. */
static void conn_line(struct session *ss, const struct conn *c)
{
	const struct world *w = session_world(ss);
	struct buf b = BUF_INIT;
	struct buf name = BUF_INIT;
	u8 state = conn_state(c);

	buf_printf(&name, "%c%%%u", host_letter(c->host), c->num);
	add_ends(&b, c);
	if (c->tw)
		buf_printf(&b, "    minisocket, substate %s", state_name(c->tw->tw_substate));
	if (c->sk)
		add_holder(&b, w, c->sk);
	if (!c->sk && c->req)
		buf_puts(&b, "    request");
	row_begin(ss, "socket");
	row_str(ss, "name", buf_str(&name));
	row_str(ss, "state", state_name(state));
	row_bool(ss, "main", c->num == w->host[c->host].main_num);
	if (c->tw)
		row_str(ss, "substate", state_name(c->tw->tw_substate));
	row_bool(ss, "minisocket", c->tw != NULL);
	row_bool(ss, "orphan", c->sk && (c->sk->sk_flags & SOCK_DEAD));
	row_str(ss, "ends", buf_str(&b));
	row_end(ss, "%-5s %-12s %s%s", buf_str(&name),
		c->sk && c->sk->sk_protocol == SEG_UDP ? "UDP" : state_name(state), buf_str(&b),
		c->num == w->host[c->host].main_num ? "    main" : "");
	buf_release(&b);
	buf_release(&name);
}

static void show_conn(struct session *ss, const struct conn *c)
{
	conn_line(ss, c);
	if (ss->json)
		return;
	if (c->sk)
		show_sock(ss, c);
	if (c->tw)
		show_timer(ss, "tw", c->tw->tw_timer.expires, state_name(c->tw->tw_substate));
	if (c->req && !c->sk)
		show_timer(ss, "rsk", c->req->rsk_timer.expires, NULL);
}

/* ---- a host -------------------------------------------------------------------------------------------------- */

static void show_host(struct session *ss, u8 host)
{
	const struct world *w = session_world(ss);
	const struct host *h = &w->host[host];
	bool any = false;

	say(ss, "%c  10.0.0.%d, Linux %s", host_letter(host), host + 1, profile_of((enum profile_id)h->profile)->name);
	for (u16 num = 1; num < h->next_num; num++) {
		struct conn c = conn_by_num(w, host, num);

		if (!c.sk && !c.tw && !c.req)
			continue;
		any = true;
		if (num == h->main_num)
			show_conn(ss, &c);
		else
			conn_line(ss, &c);
	}
	if (!any)
		say(ss, "  no socket%s", h->main_num ? " (any more)" : "");
	for (u16 i = 0; i < w->pool[POOL_PROC].high; i++) {
		const struct proc *p = &w->proc[i];
		u32 fds = 0;

		if (!p->live || p->host != host)
			continue;
		for (s16 fd = 0; fd < NR_OPEN; fd++)
			fds += p->fd[fd] != 0;
		row_begin(ss, "process");
		row_host(ss, "host", host);
		row_num(ss, "pid", p->pid);
		row_num(ss, "descriptors", fds);
		row_end(ss, "process %u, %u open descriptor%s", p->pid, fds, fds == 1 ? "" : "s");
	}
}

/* ---- a segment ----------------------------------------------------------------------------------------------- */

static void show_options(struct session *ss, const struct seg *g, struct seg_origin o)
{
	struct buf b = BUF_INIT;

	if (g->mss)
		say(ss, "  option mss %u", g->mss);
	if (g->opts & SEG_OPT_SACKOK)
		say(ss, "  option sackOK");
	if (g->opts & SEG_OPT_WSCALE)
		say(ss, "  option wscale %u", g->wscale);
	if (g->opts & SEG_OPT_TS)
		say(ss, "  option timestamp val %u ecr %u", g->tsval, g->tsecr);
	for (u8 i = 0; i < g->nsack && i < SEG_MAX_SACK; i++)
		buf_printf(&b, " %u:%u", g->sack[i][0] - o.ack, g->sack[i][1] - o.ack);
	if (b.len)
		say(ss, "  option sack%s", buf_str(&b));
	buf_release(&b);
}

static void show_header(struct session *ss, const struct seg *g, struct seg_origin o)
{
	static const struct {
		u8 bit;
		const char *name;
	} flags[] = { { TCPHDR_SYN, "SYN" }, { TCPHDR_FIN, "FIN" }, { TCPHDR_RST, "RST" }, { TCPHDR_PSH, "PSH" },
		      { TCPHDR_ACK, "ACK" }, { TCPHDR_URG, "URG" } };
	struct buf b = BUF_INIT;

	say(ss, "  source port %u, destination port %u", g->sport, g->dport);
	if (g->proto != SEG_TCP) {
		say(ss, "  length %u", g->len);
		return;
	}
	say(ss, "  sequence number %u (raw %u), next %u", g->seq - o.seq, g->seq, seg_end_seq(g) - o.seq);
	if (g->flags & TCPHDR_ACK)
		say(ss, "  acknowledgement number %u (raw %u)", g->ack - o.ack, g->ack);
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (g->flags & flags[i].bit)
			buf_printf(&b, " %s", flags[i].name);
	say(ss, "  flags%s", b.len ? buf_str(&b) : " none");
	say(ss, "  window %u", g->win);
	say(ss, "  payload %u bytes", g->len);
	show_options(ss, g, o);
	buf_release(&b);
}

static enum status print_segment(struct session *ss, u32 number, u8 from, const struct seg *g, struct seg_origin o,
				 const char *fate)
{
	char text[SEG_TEXT_MAX];
	char names[2][2] = { { host_letter(from), '\0' }, { host_letter((u8)(1 - from)), '\0' } };

	if (ss->absolute)
		o = (struct seg_origin){ 0, 0 };
	seg_text(text, g, o, SEG_TEXT_ALL);
	row_begin(ss, "segment");
	row_num(ss, "number", number);
	row_str(ss, "from", names[0]);
	row_str(ss, "to", names[1]);
	row_str(ss, "segment", text);
	row_num(ss, "raw_seq", g->seq);
	row_num(ss, "raw_ack", g->ack);
	row_num(ss, "flags", g->flags);
	row_num(ss, "len", g->len);
	row_num(ss, "win", g->win);
	row_str(ss, "fate", fate);
	row_end(ss, "#%u  %s > %s  %s    %s", number, names[0], names[1], text, fate);
	show_header(ss, g, o);
	return ST_OK;
}

static enum status show_segment(struct session *ss, u32 number, struct err *err)
{
	const struct world *w = session_world(ss);
	const struct past_seg *old;
	const struct seg *last;
	u8 from;
	struct buf fate = BUF_INIT;
	enum status st;

	for (u16 i = 0; i < w->pool[POOL_FLIGHT].high; i++) {
		const struct flight *f = &w->flight[i];

		if (f->live && f->number == number)
			return print_segment(ss, number, f->from, &f->seg, past_origin(&ss->past, w, f->from, &f->seg),
					     f->where == FLIGHT_WIRE ? "in flight" : "in the backlog");
	}
	if (past_sync(&ss->past, ss->tape, err) != ST_OK)
		return ST_WRONG;
	old = past_find_seg(&ss->past, number);
	last = old ? NULL : past_last_sent(w, number, &from);
	if (last)
		return print_segment(ss, number, from, last, past_origin(&ss->past, w, from, last),
				     "before the session");
	if (!old)
		return past_no_seg(w, number, "shown", err);
	buf_puts(&fate, old->injected ? "forged, arrived at " : old->fate == FATE_ARRIVED ? "arrived at "
			: old->fate == FATE_TAKEN ? "taken by the script's peer at "
			: old->fate == FATE_DROPPED ? "dropped at " : "lost at ");
	add_clock(&fate, old->ended_at - WORLD_EPOCH);
	st = print_segment(ss, number, old->from, &old->seg, old->origin, buf_str(&fate));
	buf_release(&fate);
	return st;
}

/* ---- anything else ------------------------------------------------------------------------------------------- */

static enum status show_expr(struct session *ss, struct args *a, struct err *err)
{
	struct expr *e = args_expr(a, err);
	struct expr_env env = session_env(ss);
	struct buf text = BUF_INIT;
	struct buf value = BUF_INIT;
	enum status st;

	if (!e)
		return ST_WRONG;
	st = args_end(a, err);
	if (st == ST_OK) {
		add_expr_text(&text, e);
		env.absolute = ss->absolute;
		add_expr_value(&value, e, &env);
		row_begin(ss, "value");
		row_str(ss, "name", buf_str(&text));
		if (expr_eval(e, &env).none)
			row_none(ss, "value");
		else
			row_str(ss, "value", buf_str(&value));
		row_end(ss, "%s = %s", buf_str(&text), buf_str(&value));
	}
	expr_free(e);
	buf_release(&text);
	buf_release(&value);
	return st;
}

static void show_all_fields(struct session *ss, const struct conn *c)
{
	struct field_view view = session_view(ss, c);
	struct buf b = BUF_INIT;
	const struct field *f;

	for (size_t i = 0; (f = field_at(i)); i++) {
		const void *obj = conn_object(session_world(ss), c, (enum field_object)f->object);

		if (!obj)
			continue;
		buf_clear(&b);
		add_field_value(&b, f, field_read(f, obj), &view);
		row_begin(ss, "value");
		row_str(ss, "name", f->name);
		row_field(ss, "value", f, (u64)field_read(f, obj), &view);
		row_end(ss, "  %s %s", f->name, buf_str(&b));
	}
	buf_release(&b);
}

static enum status show_endpoint(struct session *ss, struct args *a, const struct endpoint *ep, struct err *err)
{
	struct conn c = conn_of(session_world(ss), ep);
	bool all = args_try_keyword(a, "all");
	struct buf who = BUF_INIT;

	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	if (ep->kind == EP_MAIN && !all) {
		show_host(ss, ep->host);
		return ST_OK;
	}
	if (c.sk || c.tw || c.req) {
		show_conn(ss, &c);
		if (all)
			show_all_fields(ss, &c);
		return ST_OK;
	}
	add_endpoint(&who, ep);
	say(ss, "%s  there is no such socket (any more)", buf_str(&who));
	buf_release(&who);
	return ST_OK;
}

enum status cmd_show(struct session *ss, struct args *a, struct err *err)
{
	struct endpoint ep;
	u32 number;

	if (!args_peek(a)) {
		for (u8 h = 0; h < NR_HOSTS; h++)
			show_host(ss, h);
		return ST_OK;
	}
	if (args_try_segment(a, &number)) {
		if (args_end(a, err) != ST_OK)
			return ST_WRONG;
		if (show_segment(ss, number, err) == ST_OK)
			return ST_OK;
		a->next--; /* the word that is wrong */
		return ST_WRONG;
	}
	if (*args_peek(a) == '#')
		return err_set(err, ST_WRONG, "`%s` is no segment: they are numbered from #1 on", args_peek(a));
	if (args_try_endpoint(a, &ep))
		return show_endpoint(ss, a, &ep, err);
	return show_expr(ss, a, err);
}
