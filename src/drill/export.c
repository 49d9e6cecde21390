/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the trace of a session to a script: a line for every call of the host, for what it sends, and for what arrives at it. */
#include "drill/export.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "engine/fs.h"
#include "lang/calls.h"
#include "lang/names.h"
#include "wire/seg_text.h"

/* A line of the script, when it is to happen. */
struct line {
	u64 at;
	u64 end;       /* when a call that slept returned */
	bool sleeps;
	hnd task;      /* the call that has not returned; 0: none */
	char *text;    /* owned; without its time */
	struct seg seg;/* of a packet that was sent: more may carry on from there */
	bool sent;
	u64 moved;	/* µs: how much later than in the session it is to happen */
	bool note;	/* nothing that packetdrill could do: a comment */
	bool after_timer; /* a timer of the host's fired at that very time, before it */
};

struct export {
	struct session *ss;
	struct line *line; /* owned */
	size_t n, room;
	u8 host;
	u64 fired_at; /* when a timer of the host's fired last */
	bool has_ports, has_isn[NR_HOSTS];
	u16 port[NR_HOSTS];
	u32 isn[NR_HOSTS];
	u32 snd_nxt;  /* behind the last that the host sent */
	bool bound;   /* by bind(), before there was a connection */
	struct buf wrong; /* what cannot be said; "": everything can */
};

/* ---- lines --------------------------------------------------------------------------------------------------------- */

static struct line *add_line(struct export *x, u64 at, const char *text)
{
	if (x->n == x->room) {
		x->room = x->room ? x->room * 2 : 32;
		x->line = xrealloc(x->line, x->room * sizeof(*x->line));
	}
	x->line[x->n] = (struct line){ .at = at, .text = xstrdup(text), .after_timer = x->fired_at == at };
	return &x->line[x->n++];
}

/* The first thing that packetdrill cannot do is what is told. */
static void cannot(struct export *x, const char *what)
{
	if (!x->wrong.len)
		buf_puts(&x->wrong, what);
}

/* ---- calls --------------------------------------------------------------------------------------------------------- */

/* read and write where there are no flags: SIGPIPE is ignored in scripts anyway. */
static void add_transfer(struct buf *b, const struct task *t)
{
	const bool sends = t->nr == SYS_send;
	const u32 flags = (u32)t->arg[1] & ~(u32)MSG_NOSIGNAL_;

	if (!flags) {
		buf_printf(b, "%s(%d, ..., %d)", sends ? "write" : "read", t->fd, t->arg[0]);
		return;
	}
	buf_printf(b, "%s(%d, ..., %d", sends ? "send" : "recv", t->fd, t->arg[0]);
	add_msg_flags(b, flags);
	buf_putc(b, ')');
}

static void add_option(struct export *x, struct buf *b, const struct task *t, bool set)
{
	const struct sockopt_info *o = &sockopt_info[(u32)t->arg[0] < NR_OPT ? t->arg[0] : 0];

	buf_printf(b, "%s(%d, %s, %s, ", set ? "setsockopt" : "getsockopt", t->fd, sockopt_level_name(o->level), o->kernel);
	if (o->kind == KIND_LINGER)
		buf_printf(b, "{onoff=%d, linger=%d}, %s", t->arg[1], t->arg[2], set ? "8)" : "[8])");
	else if (o->kind == KIND_CA)
		buf_printf(b, "\"reno\", %s", set ? "4)" : "[4])");
	else
		buf_printf(b, "[%d], %s", t->arg[1], set ? "4)" : "[4])");
	if (o->kind == KIND_CA && t->arg[1] != CA_RENO)
		cannot(x, "a script has reno throughout, and this call names cubic");
	if (o->kind == KIND_INFO || (!set && o->kind == KIND_LINGER) || strstr(o->kernel, "TIMEO"))
		cannot(x, "the value of this option is no number");
}

static void add_event(struct buf *b, u32 events, u64 data)
{
	buf_puts(b, "{events=");
	add_events(b, "EPOLL", events);
	buf_printf(b, ", u64=%llu}", (unsigned long long)data);
}

static void add_poll(struct buf *b, const struct task *t)
{
	buf_puts(b, "poll([");
	if (!t->nfds) { /* one descriptor, for everything */
		buf_printf(b, "{fd=%d, events=", t->fd);
		add_events(b, "POLL", POLLIN_ | POLLPRI_ | POLLOUT_ | POLLRDHUP_ | POLLRDNORM_ | POLLWRNORM_);
		buf_puts(b, ", revents=");
		add_events(b, "POLL", t->result > 0 ? (u32)t->result : 0);
		buf_puts(b, "}], 1, 0)");
		return;
	}
	for (u16 i = 0; i < t->nfds; i++) {
		buf_printf(b, "%s{fd=%d, events=", i ? ", " : "", t->pollfd[i].fd);
		add_events(b, "POLL", t->pollfd[i].events);
		buf_puts(b, ", revents=");
		add_events(b, "POLL", t->pollfd[i].revents);
		buf_putc(b, '}');
	}
	buf_printf(b, "], %u, %d)", t->nfds, t->arg[1]);
}

/* What it delivers is known when it returns. */
static bool delivers(u8 nr)
{
	return nr == SYS_getsockopt || nr == SYS_poll || nr == SYS_epoll_wait;
}

static void put_call(struct export *x, struct buf *b, const struct task *t)
{
	static const char *const how[] = { "SHUT_RD", "SHUT_WR", "SHUT_RDWR" };

	switch ((enum sysnr)t->nr) {
	case SYS_socket:
		buf_puts(b, "socket(..., SOCK_STREAM, IPPROTO_TCP)");
		if (t->arg[0] != SEG_TCP)
			cannot(x, "a script is about a TCP connection: no UDP");
		break;
	case SYS_bind:
		buf_printf(b, "bind(%d, ..., ...)", t->fd);
		break;
	case SYS_listen:
		buf_printf(b, "listen(%d, %d)", t->fd, t->arg[0]);
		break;
	case SYS_connect:
		buf_printf(b, t->arg[1] ? "connect(%d, ..., ...)" : "connect(%d, AF_UNSPEC, ...)", t->fd);
		break;
	case SYS_accept:
		buf_printf(b, "accept(%d, ..., ...)", t->fd);
		break;
	case SYS_send:
	case SYS_recv:
		add_transfer(b, t);
		break;
	case SYS_shutdown:
		buf_printf(b, "shutdown(%d, %s)", t->fd, how[t->arg[0] < 3 ? t->arg[0] : 0]);
		break;
	case SYS_close:
		buf_printf(b, "close(%d)", t->fd);
		break;
	case SYS_dup:
		buf_printf(b, "fcntl(%d, F_DUPFD, %d)", t->fd, t->fd + 1);
		break;
	case SYS_fcntl:
		buf_printf(b, "fcntl(%d, F_SETFL, O_RDWR%s)", t->fd, t->arg[0] ? "|O_NONBLOCK" : "");
		break;
	case SYS_setsockopt:
		add_option(x, b, t, true);
		break;
	case SYS_getsockopt:
		add_option(x, b, t, false);
		break;
	case SYS_poll:
		add_poll(b, t);
		break;
	case SYS_epoll_create:
		buf_printf(b, "epoll_create(%d)", t->arg[0]);
		break;
	case SYS_epoll_ctl:
		buf_printf(b, "epoll_ctl(%d, %s, %d, ", t->fd, epoll_op_name(t->arg[0]), t->arg[1]);
		add_event(b, t->event_events, t->event_data);
		buf_putc(b, ')');
		break;
	case SYS_epoll_wait:
		buf_printf(b, "epoll_wait(%d, ", t->fd);
		add_event(b, t->result > 0 ? t->event_events : 0, t->result > 0 ? t->event_data : 0);
		buf_printf(b, ", %d, %d)", t->arg[0], t->arg[1]);
		break;
	default:
		cannot(x, "ioctl, fork and exit are calls that are not written");
		break;
	}
}

static const struct task *task_seen(const struct sim *s, const struct trec *r)
{
	return (const struct task *)(const void *)((const char *)s->w + r->off);
}

static void see_call(struct export *x, const struct sim *s, const struct trec *r)
{
	const struct task *t = task_seen(s, r);
	struct buf b = BUF_INIT;

	if (!delivers(t->nr))
		put_call(x, &b, t);
	if (t->nr == SYS_bind && x->has_ports && !x->bound)
		cannot(x, "packetdrill binds to its one port, and the connection has another");
	x->bound = x->bound || t->nr == SYS_bind;
	if (t->tid || proc_of(s->w, t->proc) != &s->w->proc[x->host])
		cannot(x, "a second process or thread makes calls");
	add_line(x, s->w->now, buf_str(&b))->task = (hnd)(t - s->w->task + 1);
	buf_release(&b);
}

static struct line *open_call(struct export *x, const struct sim *s, const struct trec *r)
{
	const hnd task = (hnd)(task_seen(s, r) - s->w->task + 1);

	for (size_t i = x->n; i-- > 0;)
		if (x->line[i].task == task)
			return &x->line[i];
	return NULL;
}

/* `poll A`: what is returned are the bits, and packetdrill's poll() counts descriptors. */
static bool polls_all(const struct task *t)
{
	return t->nr == SYS_poll && !t->nfds && t->result >= 0;
}

/* poll() says itself that a descriptor is not open. */
static bool finds_none(const struct task *t)
{
	bool none = t->nr == SYS_poll && !t->nfds && t->result > 0 && (t->result & POLLNVAL_);

	for (u16 i = 0; t->nr == SYS_poll && i < t->nfds; i++)
		none = none || (t->pollfd[i].revents & POLLNVAL_);
	return none;
}

static void see_return(struct export *x, const struct sim *s, const struct trec *r)
{
	struct line *l = open_call(x, s, r);
	const s64 result = (s64)r->a;
	struct buf b = BUF_INIT;

	if (!l)
		return;
	if (delivers(task_seen(s, r)->nr))
		put_call(x, &b, task_seen(s, r));
	else
		buf_puts(&b, l->text);
	l->note = result == -EBADF || finds_none(task_seen(s, r));
	if (polls_all(task_seen(s, r)))
		buf_printf(&b, " = %d", result > 0);
	else if (result < 0)
		buf_printf(&b, " = -1 %s (%s)", errno_name((int)-result), errno_title((int)-result));
	else
		buf_printf(&b, " = %lld", (long long)result);
	free(l->text);
	l->text = buf_detach(&b);
	l->end = s->w->now;
	l->task = 0;
}

/* ---- packets ------------------------------------------------------------------------------------------------------- */

/* What the host sends has to have a number that follows from what was before: nobody knows a kernel's next initial one. */
static void watch_numbers(struct export *x, const struct seg *g)
{
	const u32 after_time_wait = x->snd_nxt + 65537u;
	const bool again = x->has_isn[x->host] && g->seq != x->isn[x->host];

	if (again && (g->flags & TCPHDR_RST) && !g->seq)
		cannot(x, "a RST answers what has no ACK with the number 0, and scripts count from the connection's first");
	if (again && (g->flags & TCPHDR_SYN) && (!(g->flags & TCPHDR_ACK) || g->seq != after_time_wait))
		cannot(x, "a second connection begins at a number that nobody can know before");
	x->snd_nxt = g->seq + g->len + !!(g->flags & TCPHDR_SYN) + !!(g->flags & TCPHDR_FIN);
}

/* False: it is none of the script's one connection. */
static bool is_ours(struct export *x, u8 from, const struct seg *g)
{
	const u16 own = from == x->host ? g->sport : g->dport, peer = from == x->host ? g->dport : g->sport;

	if (g->proto != SEG_TCP)
		return g->proto == SEG_ICMP;
	if (!x->has_ports) {
		x->has_ports = true;
		x->port[0] = own;
		x->port[1] = peer;
	}
	if (own != x->port[0] || peer != x->port[1]) {
		cannot(x, "there is more than one connection");
		return false;
	}
	if (from == x->host)
		watch_numbers(x, g);
	if (!x->has_isn[from]) {
		x->has_isn[from] = true;
		x->isn[from] = g->seq;
	}
	return true;
}

static struct seg_origin origin_of(const struct export *x, u8 from)
{
	return (struct seg_origin){ .seq = x->isn[from], .ack = x->isn[1 - from] };
}

/* What the host sends at once leaves it as one large packet, which is where packetdrill looks. */
static bool carries_on(const struct export *x, const struct seg *g, u64 at)
{
	const struct line *l = x->n ? &x->line[x->n - 1] : NULL;

	return l && l->sent && l->at == at && l->seg.len && g->len && g->seq == l->seg.seq + l->seg.len && g->ack == l->seg.ack &&
	       !(l->seg.flags & (TCPHDR_PSH | TCPHDR_FIN | TCPHDR_SYN));
}

static void add_packet(struct export *x, u8 from, const struct seg *g, u64 at)
{
	const bool sent = from == x->host;
	char text[SEG_TEXT_MAX];
	struct buf b = BUF_INIT;
	struct line *l;

	seg_text(text, g, origin_of(x, g->proto == SEG_ICMP ? x->host : from), SEG_TEXT_OPTS | (sent ? 0u : SEG_TEXT_WIN));
	buf_printf(&b, "%c %s", sent ? '>' : '<', text);
	l = add_line(x, at, buf_str(&b));
	l->sent = sent;
	l->seg = *g;
	buf_release(&b);
}

static void see_segment(struct export *x, const struct sim *s, const struct trec *r)
{
	const struct flight *f = (const struct flight *)(const void *)((const char *)s->w + r->off);
	struct seg g = f->seg;

	if ((r->type == TREC_SEND) != (f->from == x->host) || !is_ours(x, f->from, &g))
		return;
	if (f->from == x->host && carries_on(x, &g, s->w->now)) {
		const struct seg first = x->line[x->n - 1].seg;

		g.seq = first.seq;
		g.len += first.len;
		free(x->line[--x->n].text);
	}
	add_packet(x, f->from, &g, s->w->now);
}

/* ---- the whole ----------------------------------------------------------------------------------------------------- */

static void see(void *ctx, const struct sim *s, const struct trec *r)
{
	struct export *x = ctx;
	struct line *l;

	switch ((enum trec_type)r->type) {
	case TREC_CALL:
		if (r->host == x->host)
			see_call(x, s, r);
		break;
	case TREC_SLEEP:
		l = open_call(x, s, r);
		if (l)
			l->sleeps = true;
		break;
	case TREC_RETURN:
		if (r->host == x->host)
			see_return(x, s, r);
		break;
	case TREC_SEND:
	case TREC_ARRIVE:
		see_segment(x, s, r);
		break;
	case TREC_TIMER_FIRE:
		if (r->host == x->host)
			x->fired_at = s->w->now;
		break;
	case TREC_DECISION: /* a packet that lies in the device's queue is held there: the kernel joins none with it */
		if (r->host == x->host && r->id == DEC_next_segment_joins && r->x)
			cannot(x, "small segments were joined when they were repeated, which does not happen on packetdrill's device: "
				  "`sysctl A tcp_retrans_collapse=0` before that keeps them apart");
		break;
	default:
		break;
	}
}

/* Some actions are none of packetdrill's; settings are lines of their own. */
static void on_moment(void *ctx, u32 moment, const struct world *before)
{
	struct export *x = ctx;
	const struct action *a = &tape_moment(x->ss->tape, moment)->action;
	struct buf b = BUF_INIT;

	if (a->host != x->host)
		return;
	if (a->kind == ACT_SYSCTL && sysctl_info[a->a].index == 0) {
		buf_printf(&b, "`sysctl -q net.ipv4.%s=", sysctl_info[a->a].name);
		if (a->a == SYSCTL_tcp_congestion_control)
			buf_puts(&b, a->b == CA_RENO ? "reno`" : "cubic`");
		else
			buf_printf(&b, "%d`", (s32)a->b);
		add_line(x, before->now, buf_str(&b));
		buf_release(&b);
	} else if (a->kind == ACT_SYSCTL || a->kind == ACT_FAULT || a->kind == ACT_LOCK || a->kind == ACT_UNLOCK ||
		   a->kind == ACT_ABORT || a->kind == ACT_EXIT || a->kind == ACT_KILL) {
		cannot(x, "packetdrill cannot order a fault, hold a lock, abort a socket, or end a process");
	}
}

static void add_time(struct buf *b, u64 us)
{
	buf_printf(b, "%llu.%06llu", (unsigned long long)(us / USEC_PER_SEC), (unsigned long long)(us % USEC_PER_SEC));
	while (b->data[b->len - 1] == '0')
		buf_truncate(b, b->len - 1);
	if (b->data[b->len - 1] == '.')
		buf_truncate(b, b->len - 1);
}

/* How late a kernel's timer of that length may be: the ticks of its wheel are coarser for longer ones, up to an eighth. */
static u64 slack(u64 us)
{
	return us / 8 + 4000;
}

/* A segment comes at the very time at which a call wakes up: the process has to run first. */
static bool meets_awakening(const struct export *x, size_t i)
{
	bool wakes = false, arrived = false; /* the first that arrives then is what the call waited for */

	if (!x->line[i].seg.proto || x->line[i].sent)
		return false;
	for (size_t k = 0; k < i; k++) {
		wakes = wakes || (x->line[k].sleeps && x->line[k].end == x->line[i].at);
		arrived = arrived || (x->line[k].at == x->line[i].at && x->line[k].seg.proto && !x->line[k].sent);
	}
	return wakes && arrived;
}

/* A call sleeps from before line `i` to after it, or to it. */
static bool sleeps_across(const struct export *x, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (x->line[k].sleeps && x->line[k].at < x->line[i].at && x->line[k].end >= x->line[i].at)
			return true;
	return false;
}

/*
 * A call that sleeps has to return at its time, and no later; but what ends its sleep may be an answer to what a late timer
 * sent. That answer comes when the timer has fired for certain, and all that follows as much later.
 */
static void outwait_timers(struct export *x)
{
	u64 moved = 0, late = 0;

	for (size_t i = 1; i < x->n; i++) {
		struct line *l = &x->line[i];

		if (l->sent && l->after_timer && l->at > x->line[i - 1].at && sleeps_across(x, i))
			late += slack(l->at - x->line[i - 1].at);
		else if (!l->sent && l->seg.proto && late) {
			moved += late + 1000;
			late = 0;
		}
		l->moved = moved;
	}
}

/* When a call that slept returns: with the line that woke it. */
static u64 end_of(const struct export *x, const struct line *l)
{
	u64 moved = l->moved;

	for (size_t i = 0; i < x->n; i++)
		if (x->line[i].at <= l->end && x->line[i].moved > moved)
			moved = x->line[i].moved;
	return l->end + moved;
}

/* When the line is to happen, behind the one before it (NULL: it is the first). */
static void write_time(const struct export *x, size_t i, const struct line *before, struct buf *out)
{
	const struct line *l = &x->line[i];
	const u64 wait = before ? l->at - before->at + (meets_awakening(x, i) ? 1000 : 0) : 0;

	if (before && l->moved != before->moved) { /* from the beginning: how late the timer was is not in it */
		add_time(out, l->at + l->moved - x->line[0].at);
		return;
	}
	buf_puts(out, before ? "+" : "");
	/* what comes after a timer waits for a late one, what a timer sends may be as late */
	add_time(out, l->after_timer && !l->sent && wait ? wait + slack(wait) + 1000 : wait);
	if (l->sent && wait) {
		buf_puts(out, "~+");
		add_time(out, wait + slack(wait));
	}
	if (l->sleeps) {
		buf_puts(out, "...");
		add_time(out, end_of(x, l) - (before ? before->at + before->moved : l->at));
	}
}

static void write_lines(struct export *x, struct buf *out)
{
	const struct line *before = NULL;

	outwait_timers(x);
	for (size_t i = 0; i < x->n; i++) {
		if (x->line[i].note) { /* a descriptor that is not open has no name in a script */
			buf_printf(out, "// %s\n", x->line[i].text);
			continue;
		}
		write_time(x, i, before, out);
		buf_printf(out, " %s\n", x->line[i].text);
		before = &x->line[i];
	}
}

/* packetdrill does not wait at its end for a call that sleeps: something that changes nothing comes last. */
static void outlast_calls(struct export *x)
{
	u64 end = 0;

	for (size_t i = 0; i < x->n; i++)
		if (x->line[i].sleeps && x->line[i].end > end)
			end = x->line[i].end;
	if (x->n && end >= x->line[x->n - 1].at)
		add_line(x, end + 100000, "`sysctl -q net.ipv4.tcp_ecn=0`");
}

static bool anything_to_do(const struct export *x)
{
	size_t i = 0;

	while (i < x->n && x->line[i].note)
		i++;
	return i < x->n;
}

static enum status collect(struct export *x, struct err *err)
{
	const struct observer obs = { see, x };
	struct tape *t = x->ss->tape;
	const u32 now = tape_now(t), start = tape_scenario_start(t, now);
	enum status st = tape_replay_scenario(t, start, &obs, err);

	if (st == ST_OK)
		st = tape_replay(t, start, now, &obs, on_moment, x, err);
	for (size_t i = 0; i < x->n; i++)
		if (x->line[i].task)
			cannot(x, "a call has not returned yet: let time pass until it does");
	if (st == ST_OK && !anything_to_do(x))
		cannot(x, "nothing has happened on that host");
	outlast_calls(x);
	return st;
}

/* What the script rests on: the kernel, and defaults that differ from machine to machine. */
static void write_head(const struct export *x, struct buf *out)
{
	const struct host *h = &session_world(x->ss)->host[x->host];
	const char *kernel = profile_of((enum profile_id)h->profile)->name;

	buf_printf(out, "// Host %c of a finwait session, Linux %s", host_letter(x->host), kernel);
	buf_printf(out, h->profile == PROFILE_6_18 ? ".\n" : ": finwait drill --kernel %s\n", kernel);
	buf_printf(out, "`sysctl -q net.ipv4.tcp_rmem=\"%d %d %d\" net.ipv4.tcp_ecn=0 net.ipv4.tcp_congestion_control=reno`\n",
		   h->sysctl[SYSCTL_tcp_rmem_min], h->sysctl[SYSCTL_tcp_rmem_default], h->sysctl[SYSCTL_tcp_rmem_max]);
}

enum status drill_export(struct session *ss, u8 host, struct buf *out, struct err *err)
{
	struct export x = { .ss = ss, .host = host };
	enum status st = collect(&x, err);

	if (st == ST_OK && x.wrong.len)
		st = err_set(err, ST_WRONG, "no packetdrill script can be made of this: %s", buf_str(&x.wrong));
	if (st == ST_OK) {
		write_head(&x, out);
		write_lines(&x, out);
	}
	for (size_t i = 0; i < x.n; i++)
		free(x.line[i].text);
	free(x.line);
	buf_release(&x.wrong);
	return st;
}
