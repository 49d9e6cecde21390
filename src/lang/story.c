/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/story.h"

#include <stdlib.h>
#include <string.h>

#include "engine/fs.h"
#include "lang/decision.h"
#include "lang/names.h"
#include "lang/session.h"

/* ---- lines --------------------------------------------------------------------------------------------------- */

static struct story_line *new_line(struct story *st)
{
	struct story_line *l;

	if (st->lines == st->line_room) {
		st->line_room = st->line_room ? st->line_room * 2 : 32;
		st->line = xrealloc(st->line, st->line_room * sizeof(*st->line));
	}
	l = &st->line[st->lines++];
	memset(l, 0, sizeof(*l));
	return l;
}

static struct story_line *add_line(struct story *st, struct buf *text)
{
	struct story_line *l = new_line(st);

	l->text = buf_detach(text);
	return l;
}

static const void *object_at(const struct sim *s, u32 off)
{
	return (const char *)s->w + off;
}

static void add_who(struct buf *b, const struct world *w, u8 host, u16 num)
{
	add_conn_name(b, w, host, num);
	buf_puts(b, "  ");
}

/* ---- sockets ------------------------------------------------------------------------------------------------- */

static u16 num_of(const struct sim *s, u8 kind, u32 off)
{
	if (kind == POOL_SOCK)
		return ((const struct sock *)object_at(s, off))->num_;
	if (kind == POOL_TW)
		return ((const struct tw *)object_at(s, off))->num_;
	return ((const struct req *)object_at(s, off))->num_;
}

static struct story_sock *story_sock(struct story *st, const struct sim *s, u8 kind, u8 host, u32 off)
{
	struct story_line *l;

	for (size_t i = 0; i < st->lines; i++) {
		struct story_sock *k = st->line[i].sock;

		if (k && k->off == off && !k->gone)
			return k;
	}
	l = new_line(st);
	l->sock = xcalloc(1, sizeof(*l->sock));
	l->sock->off = off;
	l->sock->kind = kind;
	l->sock->host = host;
	l->sock->num = num_of(s, kind, off);
	return l->sock;
}

static void saw_state(struct story *st, const struct sim *s, const struct trec *r)
{
	struct story_sock *k;

	if (r->a == r->b)
		return;
	k = story_sock(st, s, POOL_SOCK, r->host, r->off);
	if (!k->states)
		k->state[k->states++] = (u8)r->a;
	if (k->states == ARRAY_LEN(k->state))
		k->states--;
	k->state[k->states++] = (u8)r->b;
}

static void sock_field(struct story *st, const struct sim *s, const struct field_place *p, const struct trec *r)
{
	u32 in = r->off - p->object;
	struct story_sock *k;

	if (in == offsetof(struct sock, sk_shutdown)) {
		k = story_sock(st, s, POOL_SOCK, p->host, p->object);
		if (!k->shutdown_set)
			k->shutdown_old = (u8)r->a;
		k->shutdown_set = true;
		k->shutdown_new = (u8)r->b;
	} else if (in == offsetof(struct sock, sk_flags)) {
		if (r->b & ~r->a & SOCK_DEAD)
			story_sock(st, s, POOL_SOCK, p->host, p->object)->orphaned = true;
	} else if (in == offsetof(struct sock, sk_err)) {
		if (r->b)
			story_sock(st, s, POOL_SOCK, p->host, p->object)->err = (s16)r->b;
	} else if (in == offsetof(struct sock, sk_receive_queue.qlen) || in == offsetof(struct sock, rcv_nxt)) {
		if (r->b != r->a)
			story_sock(st, s, POOL_SOCK, p->host, p->object)->data_came = true;
	} else if (in == offsetof(struct sock, out_of_order_queue.qlen)) {
		if (r->b > r->a)
			story_sock(st, s, POOL_SOCK, p->host, p->object)->ofo = (u16)r->b;
	} else if (in == offsetof(struct sock, sk_backlog.qlen)) {
		k = story_sock(st, s, POOL_SOCK, p->host, p->object);
		k->backlog_set |= r->b > r->a;
		k->backlog_new = (u16)r->b;
	} else if (in == offsetof(struct sock, sk_ack_backlog)) {
		k = story_sock(st, s, POOL_SOCK, p->host, p->object);
		if (!k->accept_set)
			k->accept_old = (u16)r->a;
		k->accept_set = true;
		k->accept_new = (u16)r->b;
	}
}

static void saw_field(struct story *st, const struct sim *s, const struct trec *r)
{
	struct field_place p;
	struct story_sock *k;
	struct buf b = BUF_INIT;

	if (!field_locate(s->w, r->off, &p))
		return;
	if (p.pool == POOL_SOCK) {
		sock_field(st, s, &p, r);
	} else if (p.pool == POOL_TW && r->off - p.object == offsetof(struct tw, tw_substate) && r->a) {
		k = story_sock(st, s, POOL_TW, p.host, p.object);
		k->substate_old = (u8)r->a;
		k->substate_new = (u8)r->b;
	} else if (p.pool == POOL_FILE && r->off - p.object == offsetof(struct file, f_count) && r->b && r->b < r->a &&
		   st->in_call) {
		const struct task *t = object_at(s, st->call);

		if (t->nr != SYS_close)
			return;
		buf_printf(&b, "%c  the file keeps %u reference%s: the socket is not released", host_letter(p.host),
			   (unsigned)r->b, r->b == 1 ? "" : "s");
		add_line(st, &b);
	}
}

static void saw_alloc(struct story *st, const struct sim *s, const struct trec *r)
{
	if (r->id == POOL_TW || r->id == POOL_REQ || r->id == POOL_SOCK)
		story_sock(st, s, (u8)r->id, r->host, r->off)->made = true;
}

static void saw_free(struct story *st, const struct sim *s, const struct trec *r)
{
	struct story_sock *k;

	if (r->id != POOL_SOCK && r->id != POOL_TW && r->id != POOL_REQ)
		return;
	k = story_sock(st, s, (u8)r->id, r->host, r->off);
	k->num = num_of(s, (u8)r->id, r->off);
	k->gone = true;
}

/* ---- segments ------------------------------------------------------------------------------------------------ */

static void add_segment(struct buf *b, struct session *ss, const struct world *w, const struct flight *f, bool win)
{
	char text[SEG_TEXT_MAX];
	struct seg_origin o = session_origin(ss, w, f->from, &f->seg);
	bool syn = f->seg.flags & TCPHDR_SYN;

	seg_text(text, &f->seg, o, (win ? SEG_TEXT_WIN : 0) | (syn || f->seg.nsack ? SEG_TEXT_OPTS : 0));
	buf_printf(b, "#%u  %s", f->number, text);
}

static void saw_segment(struct story *st, const struct sim *s, const struct trec *r)
{
	const struct flight *f = object_at(s, r->off);
	struct buf b = BUF_INIT;

	if (r->type == TREC_ARRIVE)
		buf_printf(&b, "%c  <  ", host_letter((u8)(1 - f->from)));
	else
		buf_printf(&b, "%c > %c  ", host_letter(f->from), host_letter((u8)(1 - f->from)));
	add_segment(&b, st->ss, s->w, f, r->type != TREC_ARRIVE);
	if (r->type == TREC_SEND && (r->flags & TREC_LOST))
		buf_puts(&b, s->w->link.partition ? "        lost: the network is partitioned" : "        lost");
	else if (r->type == TREC_SEND)
		buf_puts(&b, s->w->link.net_auto ? "        on its way" : "        in flight");
	else if (r->type == TREC_DROP)
		buf_puts(&b, s->w->link.partition ? "        lost: the network is partitioned" : "        dropped");
	else if (r->type == TREC_DUP)
		buf_printf(&b, "        a copy of #%u, in flight", (unsigned)r->b);
	add_line(st, &b);
}

/* ---- timers -------------------------------------------------------------------------------------------------- */

static void saw_fire(struct story *st, const struct sim *s, const struct trec *r)
{
	struct buf b = BUF_INIT;
	const struct event ev = { .kind = (u8)r->x, .off = r->off };

	/* the record comes before the timer's function looks whether there is anything to do */
	if (event_is_idle(s->w, &ev)) {
		st->idle = true;
		return;
	}
	if (r->x == TMR_TASK) {
		const struct task *t = object_at(s, r->off);

		buf_printf(&b, "%c  %s has waited long enough", host_letter(r->host), call_name(t->nr));
	} else {
		add_who(&b, s->w, r->host,
			num_of(s, r->x == TMR_TW ? POOL_TW : r->x == TMR_RSK ? POOL_REQ : POOL_SOCK, r->off));
		buf_printf(&b, "%s timer fires", timer_name((int)r->x));
		if (r->x == TMR_RETRANSMIT)
			buf_printf(&b, " (%s)", role_name((int)r->b));
	}
	add_line(st, &b);
}

/* ---- calls --------------------------------------------------------------------------------------------------- */

static const struct sock *sock_of_task(const struct world *w, const struct task *t)
{
	const struct file *f = proc_file(w, proc_of(w, t->proc), t->fd);
	const struct socket *sock;

	if (!f)
		f = file_of(w, t->file);
	sock = f ? socket_of(w, f->private_data) : NULL;
	return sock ? sock_of(w, sock->sk) : sock_of(w, t->sk);
}

static struct story_line *call_line(struct story *st, const struct sim *s, const struct trec *r)
{
	const struct task *t = object_at(s, r->off);
	const struct sock *sk = sock_of_task(s->w, t);
	struct story_line *l = new_line(st);
	struct call_seen *c = xcalloc(1, sizeof(*c));

	l->call = c;
	l->is_action = l->flush_left = st->in_call && r->off == st->call;
	c->task = *t;
	if (sk)
		c->sock = *sk;
	if (l->flush_left)
		c->bytes = st->payload;
	return l;
}

static void saw_return(struct story *st, const struct sim *s, const struct trec *r)
{
	struct story_line *l = call_line(st, s, r);
	struct call_seen *c = l->call;

	c->result = (s64)r->a;
	c->value = (s32)r->b;
	c->value2 = (s32)r->x;
	if (c->task.nr == SYS_recv && c->result > 0)
		l->pos = c->sock.app_read_ - (c->task.arg[1] & MSG_PEEK_ ? 0 : (u32)c->result);
	if (r->off == st->call)
		st->in_call = false;
}

static void saw_sleep(struct story *st, const struct sim *s, const struct trec *r)
{
	struct story_line *l;

	if (!st->in_call || r->off != st->call)
		return;
	l = call_line(st, s, r);
	l->sleeps = true;
	l->fn = r->id;
}

static void saw_call(struct story *st, const struct trec *r)
{
	struct buf b = BUF_INIT;
	struct story_line *l;

	st->call = r->off;
	st->call_host = r->host;
	st->in_call = true;
	if (r->id != SYS_exit_group)
		return;
	buf_puts(&b, "exit_group(0) = ?");
	l = add_line(st, &b);
	l->flush_left = true;
	l->is_action = true;
}

/* ---- the rest ------------------------------------------------------------------------------------------------ */

static void saw_time(struct story *st, const struct trec *r)
{
	struct buf b = BUF_INIT;

	add_clock(&b, r->b - WORLD_EPOCH);
	add_line(st, &b)->flush_left = true;
	st->moved = true;
}

static void saw_rest(struct story *st, const struct sim *s, const struct trec *r)
{
	struct buf b = BUF_INIT;
	const struct task *t;

	switch (r->type) {
	case TREC_SIGNAL:
		t = object_at(s, r->off);
		buf_printf(&b, "%c  %s in %s", host_letter(r->host), signal_name((int)r->x), call_name(t->nr));
		break;
	case TREC_NEW_MAIN: {
		struct conn c = conn_by_num(s->w, r->host, (u16)r->a);
		s16 fd = c.sk ? sock_fd(s->w, c.sk, NULL) : -1;

		buf_printf(&b, "%c  is now ", host_letter(r->host));
		if (fd >= 0)
			buf_printf(&b, "%c:%d, ", host_letter(r->host), fd);
		buf_printf(&b, "socket %c%%%u", host_letter(r->host), (unsigned)r->a);
		break;
	}
	case TREC_FAULT:
		buf_printf(&b, "%c  fault %s strikes", host_letter(r->host), fault_name(r->id));
		break;
	default:
		return;
	}
	add_line(st, &b);
}

static void see(void *ctx, const struct sim *s, const struct trec *r)
{
	struct story *st = ctx;

	switch ((enum trec_type)r->type) {
	case TREC_CALL:
		saw_call(st, r);
		break;
	case TREC_RETURN:
		saw_return(st, s, r);
		break;
	case TREC_SLEEP:
		saw_sleep(st, s, r);
		break;
	case TREC_STATE:
		saw_state(st, s, r);
		break;
	case TREC_FIELD:
		saw_field(st, s, r);
		break;
	case TREC_ALLOC:
		saw_alloc(st, s, r);
		break;
	case TREC_FREE:
		saw_free(st, s, r);
		break;
	case TREC_SEND:
	case TREC_ARRIVE:
	case TREC_DROP:
	case TREC_DUP:
		saw_segment(st, s, r);
		break;
	case TREC_TIMER_FIRE:
		saw_fire(st, s, r);
		break;
	case TREC_TIME:
		saw_time(st, r);
		break;
	case TREC_SIGNAL:
	case TREC_NEW_MAIN:
	case TREC_FAULT:
		saw_rest(st, s, r);
		break;
	case TREC_ENTER:
	case TREC_LEAVE:
	case TREC_PROFILE:
	case TREC_SYSCTL:
	case TREC_DECISION:
	case TREC_MIB:
	case TREC_WAKE:
	case TREC_TIMER_ARM:
	case TREC_TIMER_STOP:
		break;
	}
}

/* ---- printing ------------------------------------------------------------------------------------------------ */

static void remark(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void remark(struct buf *b, const char *format, ...)
{
	va_list ap;

	if (b->len)
		buf_puts(b, "    ");
	va_start(ap, format);
	buf_vprintf(b, format, ap);
	va_end(ap);
}

static void add_states(struct buf *b, const struct story_sock *k)
{
	/* a child is a copy of its listener first: that is no state of the connection */
	u8 first = k->made && k->states && (k->state[0] == TCP_LISTEN || k->state[0] == TCP_NONE_);

	if (k->made && k->states == 2 && k->state[1] == TCP_CLOSE)
		return; /* a new socket */
	for (u8 i = first; i < k->states; i++) {
		bool mini = k->minisocket && i == k->states - 1 && k->state[i] == TCP_CLOSE;

		buf_printf(b, "%s%s", i > first ? " -> " : "", mini ? "TIME_WAIT" : state_name(k->state[i]));
	}
}

static s64 unread(const struct story *st, const struct story_sock *k)
{
	struct endpoint ep = { .host = k->host, .kind = EP_NUM, .num = k->num, .fd = -1 };
	struct conn c = conn_of(session_world(st->ss), &ep);

	return c.sk ? conn_unread(session_world(st->ss), c.sk) : 0;
}

static void add_sock_remarks(struct buf *b, const struct story *st, const struct story_sock *k)
{
	if (k->shutdown_set && k->shutdown_old != k->shutdown_new) {
		remark(b, "sk_shutdown ");
		add_shutdown(b, k->shutdown_old);
		buf_puts(b, " -> ");
		add_shutdown(b, k->shutdown_new);
	}
	if (k->err && !k->gone)
		remark(b, "sk_err %s", errno_name(k->err));
	if (k->orphaned && !k->gone)
		remark(b, "orphaned");
	/* a child is a copy of its listener first, that queue's length included */
	if (k->accept_set && !k->made && k->accept_old != k->accept_new)
		remark(b, "accept queue %u -> %u", k->accept_old, k->accept_new);
	if (k->backlog_set && k->backlog_new)
		remark(b, "the socket is held: the segment waits in the backlog (%u)", k->backlog_new);
	if (k->ofo && !k->gone)
		remark(b, "out of order: it waits for what precedes it");
	if (k->data_came && !k->gone && !(st->call && st->call_host == k->host) && unread(st, k))
		remark(b, "%lld byte%s to read", (long long)unread(st, k), unread(st, k) == 1 ? "" : "s");
	if (k->shutdown_set && (k->shutdown_new & ~k->shutdown_old & RCV_SHUTDOWN) && !k->orphaned && !k->gone &&
	    !k->err && !(st->call && st->call_host == k->host))
		remark(b, unread(st, k) ? "recv will return 0 behind what is queued" : "recv will return 0");
}

/* One line for a socket, or none when nothing about it is worth telling. */
static void print_sock(struct story *st, const struct story_sock *k)
{
	struct buf b = BUF_INIT;
	struct buf who = BUF_INIT;
	const struct world *w = session_world(st->ss);

	if (k->kind == POOL_SOCK) {
		add_states(&b, k);
		add_sock_remarks(&b, st, k);
		if (k->gone)
			remark(&b, "the socket is freed");
		if (k->minisocket)
			remark(&b, "a minisocket stands for it");
	} else if (k->kind == POOL_TW) {
		if (k->made && !k->minisocket)
			remark(&b, "a minisocket is made");
		else if (!k->made && k->substate_new)
			remark(&b, "TIME_WAIT, substate %s -> %s", state_name(k->substate_old),
			       state_name(k->substate_new));
		if (k->gone)
			remark(&b, "%s", k->made ? "and is freed" : "TIME_WAIT -> CLOSE    the minisocket is freed");
	} else if (k->made && !k->gone) {
		remark(&b, "a request is queued (SYN_RECV without a full socket)");
	} else if (k->gone && k->num) {
		remark(&b, "the request is freed");
	}
	if (b.len) {
		u16 num = k->num;

		if (!num && k->kind == POOL_TW)
			num = ((const struct tw *)(const void *)((const char *)w + k->off))->num_;
		else if (!num && k->kind == POOL_REQ)
			num = ((const struct req *)(const void *)((const char *)w + k->off))->num_;
		else if (!num)
			num = ((const struct sock *)(const void *)((const char *)w + k->off))->num_;
		add_who(&who, w, k->host, num);
		say(st->ss, "  %s%s", buf_str(&who), buf_str(&b));
	}
	buf_release(&b);
	buf_release(&who);
}

static void add_read_text(struct story *st, struct buf *text, const struct story_line *l)
{
	const struct call_seen *c = l->call;
	u32 n = c->result > 0 ? (u32)c->result : 0;
	u32 shown = n < 32 ? n : 32;

	if (!n) {
		buf_puts(text, c->result == 0 ? "\"\"" : "NULL");
		return;
	}
	if (past_sync(&st->ss->past, st->ss->tape, NULL) != ST_OK) {
		buf_printf(text, "<%u byte%s>", n, n == 1 ? "" : "s");
		return;
	}
	if (c->sock.sk_protocol == SEG_UDP) {
		past_add_datagram(&st->ss->past, st->ss->tape, text, &c->sock, c->task.arg[1] & MSG_PEEK_, n);
		return;
	}
	past_add_text(&st->ss->past, st->ss->tape, text, (u8)(1 - c->sock.host), c->sock.inet_dport, c->sock.inet_num,
		      l->pos, l->pos + shown);
	if (text->len && buf_str(text)[text->len - 1] == '>') {
		/* nothing typed at its end: tell the whole number at once */
		buf_clear(text);
		past_add_text(&st->ss->past, st->ss->tape, text, (u8)(1 - c->sock.host), c->sock.inet_dport,
			      c->sock.inet_num, l->pos, l->pos + n);
	} else if (shown < n) {
		buf_puts(text, "...");
	}
}

static void print_call(struct story *st, const struct story_line *l)
{
	struct buf b = BUF_INIT;
	struct buf text = BUF_INIT;
	struct call_seen *c = l->call;
	const char *why;

	if (!l->flush_left)
		buf_printf(&b, "  %c  ", host_letter(c->task.host));
	if (c->task.nr == SYS_recv && !l->sleeps)
		add_read_text(st, &text, l);
	if (c->task.nr == SYS_recv && l->sleeps)
		buf_puts(&text, "...");
	c->text = buf_str(&text);
	add_call(&b, c);
	if (l->sleeps)
		buf_printf(&b, "  sleeps in %s", fn_name_at(session_world(st->ss), c->task.host, l->fn));
	else
		add_result(&b, c);
	say(st->ss, "%s", buf_str(&b));
	why = l->sleeps ? NULL : call_advice(c);
	if (why)
		say(st->ss, "%s(%s)", l->flush_left ? "  " : "     ", why);
	buf_release(&b);
	buf_release(&text);
}

static const struct event *event_of(const struct story_timers *t, u32 off, u8 kind)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->ev[i].off == off && t->ev[i].kind == kind)
			return &t->ev[i];
	return NULL;
}

static u16 timer_owner(const struct world *w, const struct event *ev)
{
	const void *obj = (const char *)w + ev->off;

	return ev->kind == TMR_TW ? ((const struct tw *)obj)->num_
	     : ev->kind == TMR_RSK ? ((const struct req *)obj)->num_ : ((const struct sock *)obj)->num_;
}

static bool object_lives(const struct world *w, u32 off)
{
	struct field_place p;

	return field_locate(w, off, &p) && p.pool >= 0 &&
	       *((const u8 *)w + off + pool_geometry[p.pool].live_offset) != 0;
}

static void print_timer(struct story *st, const struct event *ev, bool armed)
{
	struct buf b = BUF_INIT;
	const struct world *w = session_world(st->ss);

	/* a request that has become a socket has no number of its own any more */
	if (!timer_owner(w, ev))
		return;
	add_who(&b, w, ev->host, timer_owner(w, ev));
	buf_printf(&b, "%s timer ", timer_name(ev->kind));
	if (!armed) {
		buf_puts(&b, "stopped");
	} else {
		add_duration(&b, ev->when > w->now ? ev->when - w->now : 0);
		if (ev->kind == TMR_RETRANSMIT)
			buf_printf(&b, " (%s)", role_name(ev->role));
		if (ev->kind == TMR_DELACK &&
		    !((const struct sock *)(const void *)((const char *)w + ev->off))->icsk_ack_ato)
			buf_puts(&b, " (ato 0: no data received yet)");
	}
	say(st->ss, "  %s", buf_str(&b));
	buf_release(&b);
}

static void list_timers(struct story_timers *t, const struct world *w)
{
	size_t kept = 0;

	t->n = sim_events(w, t->ev, STORY_EVENTS);
	if (t->n > STORY_EVENTS)
		t->n = STORY_EVENTS;
	for (size_t i = 0; i < t->n; i++)
		if (t->ev[i].kind != TMR_TASK && t->ev[i].kind != TMR_ARRIVAL && !event_is_idle(w, &t->ev[i]))
			t->ev[kept++] = t->ev[i];
	t->n = kept;
}

static void print_timers(struct story *st)
{
	const struct world *w = session_world(st->ss);

	list_timers(st->after, w);
	for (size_t i = 0; i < st->after->n; i++) {
		const struct event *now = &st->after->ev[i];
		const struct event *old = event_of(st->before, now->off, now->kind);

		if (!old || old->when != now->when || old->role != now->role)
			print_timer(st, now, true);
	}
	for (size_t i = 0; i < st->before->n; i++) {
		const struct event *old = &st->before->ev[i];
		/* what was due has fired, and that was told */
		bool fired = old->when <= w->now;

		if (!fired && !event_of(st->after, old->off, old->kind) && object_lives(w, old->off))
			print_timer(st, old, false);
	}
}

/* A minisocket that was made belongs to the socket of the same number, whose way to CLOSE means TIME_WAIT then. */
static void pair_minisockets(struct story *st)
{
	const struct world *w = session_world(st->ss);

	for (size_t i = 0; i < st->lines; i++) {
		struct story_sock *tw = st->line[i].sock;

		if (!tw || tw->kind != POOL_TW || !tw->made || tw->gone)
			continue;
		for (size_t j = 0; j < st->lines; j++) {
			struct story_sock *k = st->line[j].sock;

			if (k && k->kind == POOL_SOCK && k->host == tw->host && k->states &&
			    k->num == ((const struct tw *)(const void *)((const char *)w + tw->off))->num_)
				k->minisocket = tw->minisocket = true;
		}
	}
}

static void print_line(struct story *st, const struct story_line *l)
{
	if (l->sock)
		print_sock(st, l->sock);
	else if (l->call)
		print_call(st, l);
	else
		say(st->ss, "%s%s", l->flush_left ? "" : "  ", l->text);
}

static void print_clock(struct story *st)
{
	struct buf b = BUF_INIT;

	add_clock(&b, session_world(st->ss)->now - WORLD_EPOCH);
	say(st->ss, "%s", buf_str(&b));
	buf_release(&b);
}

void story_end(struct story *st)
{
	/* a timer without a role: not even its time is worth a line */
	if (st->idle && st->lines <= 1) {
		st->untold |= st->moved;
		story_discard(st);
		return;
	}
	pair_minisockets(st);
	if (st->untold && !st->moved && !st->head && !st->call)
		print_clock(st);
	st->untold = false;
	if (st->head)
		say(st->ss, "%s", st->head);
	/* the call that the action is comes first, whenever it returned */
	for (size_t i = 0; i < st->lines; i++)
		if (st->line[i].is_action)
			print_line(st, &st->line[i]);
	for (size_t i = 0; i < st->lines; i++)
		if (!st->line[i].is_action)
			print_line(st, &st->line[i]);
	print_timers(st);
	story_discard(st);
}

/* ---- beginning and end --------------------------------------------------------------------------------------- */

void story_discard(struct story *st)
{
	for (size_t i = 0; i < st->lines; i++) {
		free(st->line[i].text);
		free(st->line[i].sock);
		free(st->line[i].call);
	}
	st->lines = 0;
	st->call = 0;
	st->in_call = false;
	st->idle = false;
	st->moved = false;
	st->payload = NULL;
}

const struct observer *story_begin(struct story *st, const char *payload)
{
	story_discard(st);
	list_timers(st->before, session_world(st->ss));
	st->payload = payload;
	return &st->observer;
}

void story_init(struct story *st, struct session *ss)
{
	memset(st, 0, sizeof(*st));
	st->ss = ss;
	st->observer = (struct observer){ .see = see, .ctx = st };
	st->before = xcalloc(1, sizeof(*st->before));
	st->after = xcalloc(1, sizeof(*st->after));
}

void story_release(struct story *st)
{
	story_discard(st);
	free(st->line);
	free(st->before);
	free(st->after);
	memset(st, 0, sizeof(*st));
}
