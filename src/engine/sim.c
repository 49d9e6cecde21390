/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The driver: objects, actions, and what happens by itself. */
#include "engine/sim.h"

#include <stdlib.h>
#include <string.h>

#include "engine/fs.h"
#include "engine/inet.h"
#include "engine/link.h"
#include "engine/tcp.h"
#include "engine/tcp_diag.h"

/* ---- objects ------------------------------------------------------------------------------------------------------- */


void pool_overflow_(struct sim *s, enum pool_id pool)
{
	s->overflow_pool = pool;
	longjmp(s->overflow, 1);
}

bool fault_strikes_(struct sim *s, u8 host, enum fault f)
{
	u8 *left = &s->w->host[host].fault[f];

	if (*left != FAULT_ALWAYS)
		SET(*left, *left - 1);
	EMIT(TREC_FAULT, host, f, 0, 0, 0, 0);
	return true;
}

void mib_noted_(struct sim *s, u8 host, enum mib_id id, s32 n)
{
	u32 *counter = &s->w->host[host].mib[id];

	if (s->undo)
		note_area_(s, counter, sizeof(*counter));
	*counter += (u32)n;
	EMIT(TREC_MIB, host, id, world_off(s, counter), 0, *counter, (s64)n);
}

/* ---- what happens by itself ---------------------------------------------------------------------------------------- */

struct event_list {
	struct event *ev;
	size_t max;
	size_t n;
	bool earliest_only;
};

static bool event_before(const struct event *a, const struct event *b)
{
	if (a->when != b->when)
		return a->when < b->when;
	if (a->kind != b->kind)
		return a->kind < b->kind;
	return a->order != b->order ? a->order < b->order : a->off < b->off;
}

static void event_add(struct event_list *l, const struct world *w, u64 when, const void *obj, enum tmr_kind kind,
		      u8 host, u8 role)
{
	struct event ev = { .when = when, .off = (u32)((const char *)obj - (const char *)w), .kind = (u8)kind,
			    .host = host, .role = role };

	if (kind == TMR_ARRIVAL)
		ev.order = ((const struct flight *)obj)->order;

	if (l->earliest_only) {
		if (l->n == 0 || event_before(&ev, l->ev))
			*l->ev = ev;
		l->n = 1;
		return;
	}
	if (l->n < l->max)
		l->ev[l->n] = ev;
	l->n++;
}

static void sock_events(struct event_list *l, const struct world *w, const struct sock *sk)
{
	if (sk->tcp_retransmit_timer.expires)
		event_add(l, w, sk->tcp_retransmit_timer.expires, sk, TMR_RETRANSMIT, sk->host, sk->icsk_pending);
	if (sk->icsk_delack_timer.expires)
		event_add(l, w, sk->icsk_delack_timer.expires, sk, TMR_DELACK, sk->host, 0);
	if (sk->icsk_keepalive_timer.expires)
		event_add(l, w, sk->icsk_keepalive_timer.expires, sk, TMR_KEEPALIVE, sk->host, 0);
}

static void collect_events(struct event_list *l, const struct world *w)
{
	for (u16 i = 0; i < w->pool[POOL_SOCK].high; i++)
		if (w->sock[i].live)
			sock_events(l, w, &w->sock[i]);
	for (u16 i = 0; i < w->pool[POOL_TW].high; i++)
		if (w->tw[i].live && w->tw[i].tw_timer.expires)
			event_add(l, w, w->tw[i].tw_timer.expires, &w->tw[i], TMR_TW, w->tw[i].host, 0);
	for (u16 i = 0; i < w->pool[POOL_REQ].high; i++)
		if (w->req[i].live && w->req[i].rsk_timer.expires)
			event_add(l, w, w->req[i].rsk_timer.expires, &w->req[i], TMR_RSK, w->req[i].host, 0);
	for (u16 i = 0; i < w->pool[POOL_TASK].high; i++)
		if (w->task[i].live && w->task[i].asleep && w->task[i].deadline != FOREVER)
			event_add(l, w, w->task[i].deadline, &w->task[i], TMR_TASK, w->task[i].host, 0);
	for (u16 i = 0; i < w->pool[POOL_FLIGHT].high; i++) {
		const struct flight *f = &w->flight[i];

		if (f->live && f->where == FLIGHT_WIRE && f->due != FOREVER)
			event_add(l, w, f->due, f, TMR_ARRIVAL, f->from, 0);
	}
}

bool sim_next_event(const struct world *w, struct event *ev)
{
	struct event_list l = { .ev = ev, .max = 1, .earliest_only = true };

	collect_events(&l, w);
	return l.n != 0;
}

size_t sim_events(const struct world *w, struct event *ev, size_t max)
{
	struct event_list l = { .ev = ev, .max = max };

	collect_events(&l, w);
	return l.n;
}

size_t sim_choices(const struct world *w, struct action *out, size_t max)
{
	static const u8 kinds[] = { ACT_DELIVER, ACT_DROP, ACT_DUP };
	struct event ev;
	size_t n = 0;

	for (u16 i = 0; i < w->pool[POOL_FLIGHT].high; i++) {
		if (!w->flight[i].live || w->flight[i].where != FLIGHT_WIRE)
			continue;
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++, n++)
			if (n < max)
				out[n] = (struct action){ .kind = kinds[k], .host = (u8)(1 - w->flight[i].from),
							  .a = w->flight[i].number };
	}
	if (sim_next_event(w, &ev)) {
		if (n < max)
			out[n] = (struct action){ .kind = ACT_FIRE, .host = ev.host, .t = ev.when };
		n++;
	}
	return n;
}

static void clock_set(struct sim *s, u64 now)
{
	u64 old = s->w->now;

	if (old == now)
		return;
	if (s->undo)
		note_area_(s, &s->w->now, sizeof(s->w->now));
	s->w->now = now;
	EMIT(TREC_TIME, 0, 0, 0, 0, old, now);
}

static void fire_sock_timer(struct sim *s, struct sock *sk, const struct event *ev)
{
	enum tmr_kind kind = (enum tmr_kind)ev->kind;

	SET(sock_timer(sk, kind)->expires, 0);
	if (kind == TMR_RETRANSMIT)
		tcp_write_timer(s, sk);
	else if (kind == TMR_DELACK)
		tcp_delack_timer(s, sk);
	else
		tcp_keepalive_timer(s, sk);
}

bool sim_fire_earliest(struct sim *s)
{
	struct event ev;
	void *obj;

	if (!sim_next_event(s->w, &ev))
		return false;
	if (ev.when > s->w->now)
		clock_set(s, ev.when);
	obj = (char *)s->w + ev.off;
	if (ev.kind != TMR_ARRIVAL)
		EMIT(TREC_TIMER_FIRE, ev.host, 0, ev.off, ev.kind, ev.when, ev.role);
	switch ((enum tmr_kind)ev.kind) {
	case TMR_RETRANSMIT:
	case TMR_DELACK:
	case TMR_KEEPALIVE:
		fire_sock_timer(s, obj, &ev);
		break;
	case TMR_TW:
		SET(((struct tw *)obj)->tw_timer.expires, 0);
		tw_timer_handler(s, obj);
		break;
	case TMR_RSK:
		SET(((struct req *)obj)->rsk_timer.expires, 0);
		reqsk_timer_handler(s, obj);
		break;
	case TMR_TASK:
		task_timed_out(s, obj);
		break;
	case TMR_ARRIVAL:
		link_deliver(s, obj);
		break;
	case NR_TMR:
		BUG_ON(true);
	}
	return true;
}

/* ---- actions --------------------------------------------------------------------------------------------------------- */

static struct sock *sock_by_num(struct sim *s, u8 host, u16 num)
{
	if (!num)
		num = s->w->host[host].main_num;
	for (u16 i = 0; i < s->w->pool[POOL_SOCK].high; i++)
		if (s->w->sock[i].live && s->w->sock[i].host == host && s->w->sock[i].num_ == num)
			return &s->w->sock[i];
	return NULL;
}

static struct tw *tw_by_num(struct sim *s, u8 host, u16 num)
{
	if (!num)
		num = s->w->host[host].main_num;
	for (u16 i = 0; i < s->w->pool[POOL_TW].high; i++)
		if (s->w->tw[i].live && s->w->tw[i].host == host && s->w->tw[i].num_ == num)
			return &s->w->tw[i];
	return NULL;
}

static enum status act_wire(struct sim *s, const struct action *a, struct err *err)
{
	struct flight *f = flight_find(s, a->a);
	struct flight *other;

	if (!f)
		return err_set(err, ST_WRONG, "segment #%u is not in flight", a->a);
	switch (a->kind) {
	case ACT_DELIVER:
		link_deliver(s, f);
		break;
	case ACT_DROP:
		link_drop(s, f);
		break;
	case ACT_DUP:
		link_duplicate(s, f);
		break;
	case ACT_DELAY:
		SET(f->due, s->w->now + a->t);
		break;
	default:
		other = flight_find(s, a->b);
		if (!other)
			return err_set(err, ST_WRONG, "segment #%u is not in flight", a->b);
		if (other != f) {
			u32 order = f->order;

			SET(f->order, other->order);
			SET(other->order, order);
		}
		break;
	}
	return ST_OK;
}

/*
 * The port pair of a host's main connection, its own port first; what it or its peer sent last decides when the
 * connection is gone.
 */
static bool main_ports(struct sim *s, u8 host, u16 *own, u16 *peers)
{
	const struct sock *sk = sock_by_num(s, host, 0);
	const struct tw *tw = tw_by_num(s, host, 0);
	const struct seg *last = &s->w->link.last[host];

	if (sk && sk->inet_dport) {
		*own = sk->inet_sport;
		*peers = sk->inet_dport;
	} else if (tw) {
		*own = tw->tw_num;
		*peers = tw->tw_dport;
	} else if (last->proto) {
		*own = last->sport;
		*peers = last->dport;
	} else if (s->w->link.last[1 - host].proto) {
		*own = s->w->link.last[1 - host].dport;
		*peers = s->w->link.last[1 - host].sport;
	} else {
		*own = sk ? sk->inet_num : 0;
		*peers = 40000;
	}
	if (sk && sk->sk_state == TCP_LISTEN)
		*own = sk->inet_num;
	return *own != 0;
}

static enum status act_inject(struct sim *s, const struct action *a, const void *payload, size_t len, struct err *err)
{
	struct seg g;

	if (len != sizeof(g))
		return err_set(err, ST_WRONG, "no segment to inject");
	memcpy(&g, payload, sizeof(g));
	if (!g.sport && !g.dport && !main_ports(s, a->host, &g.dport, &g.sport))
		return err_set(err, ST_WRONG, "host %c has no connection that a segment could be forged for", 'A' + a->host);
	link_inject(s, a->host, &g);
	return ST_OK;
}

static enum status act_icmp(struct sim *s, const struct action *a, struct err *err)
{
	const struct sock *sk = sock_by_num(s, a->host, 0);
	struct seg g = { .proto = SEG_ICMP, .icmp_type = a->nr, .icmp_code = a->flags, .seq = a->a, .len = (u32)a->t };

	g.opts = sk && sk->sk_protocol == SEG_UDP ? SEG_UDP : SEG_TCP;
	if (a->b) { /* the quoted segment's ports are given: own << 16 | peer's */
		g.sport = (u16)(a->b >> 16);
		g.dport = (u16)a->b;
	} else if (!main_ports(s, a->host, &g.sport, &g.dport)) {
		return err_set(err, ST_WRONG, "host %c has sent nothing that an ICMP error could quote", 'A' + a->host);
	}
	link_inject(s, a->host, &g);
	return ST_OK;
}

static enum status act_net(struct sim *s, const struct action *a, const void *payload, size_t len)
{
	struct link *l = &s->w->link;
	struct net_params p;

	SET(l->net_auto, a->a != 0);
	if (a->a && len == sizeof(p)) {
		memcpy(&p, payload, sizeof(p));
		SET(l->delay, p.delay);
		SET(l->rng, p.seed);
		SET(l->loss_ppm, p.loss_ppm);
		SET(l->dup_ppm, p.dup_ppm);
		SET(l->reorder_ppm, p.reorder_ppm);
	}
	for (u16 i = 0; i < s->w->pool[POOL_FLIGHT].high; i++) {
		struct flight *f = &s->w->flight[i];

		if (f->live && f->where == FLIGHT_WIRE)
			SET(f->due, a->a ? s->w->now + l->delay : FOREVER);
	}
	return ST_OK;
}

static enum status act_advance(struct sim *s, const struct action *a, struct err *err)
{
	struct event ev;

	if (a->t < s->w->now)
		return err_set(err, ST_WRONG, "the clock does not go back; `undo` does");
	if (sim_next_event(s->w, &ev) && ev.when < a->t)
		return err_set(err, ST_WRONG, "something is due before that time");
	clock_set(s, a->t);
	return ST_OK;
}

static enum status act_lock(struct sim *s, const struct action *a, struct err *err)
{
	struct sock *sk = sock_by_num(s, a->host, (u16)a->a);

	if (!sk)
		return err_set(err, ST_WRONG, "host %c has no such socket", 'A' + a->host);
	if (a->kind == ACT_LOCK) {
		if (sock_owned_by_user(sk))
			return err_set(err, ST_WRONG, "that socket is locked already");
		SET(sk->sk_lock_owned, OWNED_BY_LOCK);
		return ST_OK;
	}
	if (sk->sk_lock_owned != OWNED_BY_LOCK)
		return err_set(err, ST_WRONG, "that socket is not locked");
	sock_hold(s, sk); /* an orphan may die in its backlog */
	release_sock(s, sk);
	sock_put(s, sk);
	return ST_OK;
}

static enum status act_abort(struct sim *s, const struct action *a, struct err *err)
{
	struct sock *sk = sock_by_num(s, a->host, (u16)a->a);
	struct tw *tw = tw_by_num(s, a->host, (u16)a->a);
	struct host *h = host_of(s, a->host);
	int ret;

	if (sk && sk->sk_lock_owned == OWNED_BY_LOCK)
		return err_set(err, ST_WRONG, "a process holds that socket: `unlock` it first");
	ret = sock_diag_rcv_msg(s, a->host, sk, tw, (u16)(a->a ? a->a : h->main_num));
	SET(h->last_ret, ret);
	SET(h->last_errno, ret < 0 ? -ret : 0);
	return ST_OK;
}

static enum status act_process(struct sim *s, const struct action *a, struct err *err)
{
	struct proc *p = proc_by_pid(s, a->host, a->pid);

	if (!p && a->pid)
		return err_set(err, ST_WRONG, "host %c has no process %u", 'A' + a->host, a->pid);
	if (!p)
		return err_set(err, ST_WRONG, "host %c has no process left", 'A' + a->host);
	return a->kind == ACT_EXIT ? process_exit(s, p) : process_kill(s, p, (u8)a->a);
}

static enum status act_sysctl(struct sim *s, const struct action *a, struct err *err)
{
	const struct sysctl_info *info;
	s32 value = (s32)a->b;

	if (a->a >= SYSCTL_MAX)
		return err_set(err, ST_WRONG, "no such sysctl");
	info = &sysctl_info[a->a];
	if (value < info->min || value > info->max)
		return err_set(err, ST_WRONG, "%s takes %d to %d", info->name, info->min, info->max);
	SET(s->w->host[a->host].sysctl[a->a], value);
	return ST_OK;
}

static enum status dispatch(struct sim *s, const struct action *a, const void *payload, size_t len, struct err *err)
{
	if (a->host >= NR_HOSTS)
		return err_set(err, ST_WRONG, "there are two hosts, A and B");
	switch ((enum act)a->kind) {
	case ACT_SCENARIO:
		return scenario_set_up(s, (enum scenario_id)a->a, a->b, err);
	case ACT_CALL:
		return syscall_run(s, a, payload, len, err);
	case ACT_DELIVER:
	case ACT_DROP:
	case ACT_DUP:
	case ACT_DELAY:
	case ACT_SWAP:
		return act_wire(s, a, err);
	case ACT_INJECT:
		return act_inject(s, a, payload, len, err);
	case ACT_ICMP:
		return act_icmp(s, a, err);
	case ACT_PARTITION:
		SET(s->w->link.partition, a->a != 0);
		return ST_OK;
	case ACT_NET:
		return act_net(s, a, payload, len);
	case ACT_ADVANCE:
		return act_advance(s, a, err);
	case ACT_FIRE:
		return sim_fire_earliest(s) ? ST_OK
					    : err_set(err, ST_WRONG, "nothing is due: no timer is armed and nothing travels");
	case ACT_SYSCTL:
		return act_sysctl(s, a, err);
	case ACT_FAULT:
		SET(s->w->host[a->host].fault[a->a % NR_FAULTS], a->b);
		return ST_OK;
	case ACT_LOCK:
	case ACT_UNLOCK:
		return act_lock(s, a, err);
	case ACT_ABORT:
		return act_abort(s, a, err);
	case ACT_EXIT:
	case ACT_KILL:
		return act_process(s, a, err);
	case ACT_NONE:
	case NR_ACT:
		break;
	}
	return err_set(err, ST_WRONG, "no such action");
}

static void start_over(struct sim *s)
{
	s->depth = 0;
	s->resuming = 0;
	s->current = 0;
	s->current_exiting = 0;
	s->in_backlog = 0;
}

static void take_back(struct sim *s, u32 undo_mark)
{
	if (s->undo) {
		struct undo_log *u = s->undo;

		while (u->len > undo_mark) {
			const struct undo_rec *r = &u->rec[--u->len];

			memcpy((char *)s->w + r->off, &r->old, r->size);
		}
	} else if (s->before) {
		world_copy(s->w, s->before);
	}
	start_over(s);
}

void sim_init(struct sim *s, struct world *w, struct world *before)
{
	memset(s, 0, sizeof(*s));
	s->w = w;
	s->before = before;
}

/* The whole of it, for the body that this file is built into. */
static enum status apply(struct sim *s, const struct action *a, const void *payload, size_t payload_len, struct err *err)
{
	const u32 undo_mark = LOGGED_ ? s->undo->len : 0;
	enum status st;

	if (!LOGGED_ && s->before)
		world_copy(s->before, s->w);
	start_over(s);
	if (setjmp(s->overflow)) {
		take_back(s, undo_mark);
		return err_set(err, ST_FULL, "this world holds %u %s: no room for another", pool_geometry[s->overflow_pool].capacity,
			       pool_geometry[s->overflow_pool].name_pl);
	}
	st = dispatch(s, a, payload, payload_len, err);
	if (st != ST_OK) {
		take_back(s, undo_mark);
		return st;
	}
	tasks_run_woken(s);
	return ST_OK;
}

enum status sim_apply(struct sim *s, const struct action *a, const void *payload, size_t payload_len, struct err *err)
{
#ifdef ENGINE_TWICE
	if (!s->observer && !s->undo && !s->one_body)
		return sim_apply_quiet(s, a, payload, payload_len, err);
#endif
	return apply(s, a, payload, payload_len, err);
}
