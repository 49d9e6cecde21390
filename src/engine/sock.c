/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all sockets share: lock, references, wake-ups, sleeping (net/core/sock.c, kernel/sched/wait.c). */
#include "engine/sock.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/inet.h"
#include "engine/tcp.h"

/* net.core.rmem_default and wmem_default: what a socket starts with before its protocol says otherwise */
#define SK_MEM_DEFAULT 212992

/* ---- sleeping --------------------------------------------------------------------------------------------------- */

/* Where one wake-up wakes only the oldest sleeper: in accept(), and in recvfrom() on a datagram socket. */
static bool waits_exclusively(u16 fn)
{
	return fn == FN_inet_csk_wait_for_connect || fn == FN___skb_wait_for_more_packets;
}

static u32 last_in_queue(const struct sim *s)
{
	u32 last = 0;

	for (u16 i = 0; i < s->w->pool[POOL_TASK].high; i++)
		if (s->w->task[i].live && s->w->task[i].asleep && s->w->task[i].queued > last)
			last = s->w->task[i].queued;
	return last;
}

static int fall_asleep(struct sim *s, const struct sock *sk, u8 how, u16 resume_in, u64 deadline, u16 where)
{
	struct task *t = current_task(s);

	BUG_ON(!t);
	SET(t->queued, last_in_queue(s) + 1);
	SET(t->asleep, how);
	SET(t->woken, 0);
	SET(t->exclusive_, waits_exclusively(resume_in));
	SET(t->sk, sk ? SK_HND(sk) : 0);
	SET(t->sleep_fn, resume_in);
	SET(t->deadline, deadline);
	EMIT(TREC_SLEEP, t->host, where, world_off(s, t), 0, deadline, 0);
	return SLEEPS;
}

int sleep_on(struct sim *s, struct sock *sk, u16 fn, u64 deadline)
{
	return fall_asleep(s, sk, TASK_ASLEEP, fn, deadline, fn);
}

int sleep_polling(struct sim *s, u16 fn, u64 deadline)
{
	return fall_asleep(s, NULL, TASK_ASLEEP, fn, deadline, fn);
}

int wait_woken(struct sim *s, struct sock *sk, u16 fn, u64 deadline)
{
	FN_SK(wait_woken, sk);
	return sleep_on(s, sk, fn, deadline);
}

/* A sleep for the lock has no end of its own: t->timeo keeps what is left of the wait that it interrupts. */
static int sleep_for_lock(struct sim *s, struct sock *sk, u16 resume_in)
{
	return fall_asleep(s, sk, TASK_WANTS_LOCK, resume_in, FOREVER, FN_lock_sock_nested);
}

bool woken_in(struct sim *s, u16 fn)
{
	if (s->resuming != fn)
		return false;
	s->resuming = FN_none_;
	return true;
}

u32 sleep_left(const struct sim *s)
{
	return s->current ? s->w->task[s->current - 1].timeo : 0;
}

u64 sleep_deadline(const struct sim *s, u32 timeo)
{
	return timeo == UINT32_MAX ? FOREVER : in_jiffies(s, timeo);
}

bool signal_pending(const struct sim *s)
{
	return s->current && s->w->task[s->current - 1].signal;
}

void wake_task(struct sim *s, struct task *t, u32 by)
{
	SET(t->woken, 1);
	EMIT(TREC_WAKE, t->host, 0, world_off(s, t), by, 0, 0);
}

static bool sleeps_on(struct sim *s, const struct task *t, const struct sock *sk, u8 how)
{
	return t->live && t->asleep == how && !t->woken && t->sk == SK_HND(sk);
}

/* The task that has slept on `sk` for the longest time; only exclusive sleepers when `exclusive`. */
static struct task *oldest_sleeper(struct sim *s, const struct sock *sk, u8 how, bool exclusive)
{
	struct task *oldest = NULL;

	for (u16 i = 0; i < s->w->pool[POOL_TASK].high; i++) {
		struct task *t = &s->w->task[i];

		if (!sleeps_on(s, t, sk, how) || (exclusive && !t->exclusive_))
			continue;
		if (!oldest || t->queued < oldest->queued)
			oldest = t;
	}
	return oldest;
}

/* All ordinary sleepers, and all exclusive ones or the oldest of them. */
static void wake_up(struct sim *s, const struct sock *sk, bool all, u32 key)
{
	struct task *t;

	for (u16 i = 0; i < s->w->pool[POOL_TASK].high; i++) {
		t = &s->w->task[i];
		if (sleeps_on(s, t, sk, TASK_ASLEEP) && (all || !t->exclusive_))
			wake_task(s, t, world_off(s, sk));
	}
	poll_wake(s, sk, key);
	t = oldest_sleeper(s, sk, TASK_ASLEEP, true);
	if (t)
		wake_task(s, t, world_off(s, sk));
}

void wake_sleepers(struct sim *s, struct sock *sk, u32 key)
{
	wake_up(s, sk, true, key);
}

/* ---- the lock --------------------------------------------------------------------------------------------------- */

static int take_lock(struct sim *s, struct sock *sk, u16 resume_in)
{
	BUG_ON(sk->sk_lock_owned == OWNED_BY_CALL);
	if (DECIDE(lock_is_taken, sk->host, sock_owned_by_user(sk), sk->sk_lock_owned, 0))
		return sleep_for_lock(s, sk, resume_in);
	SET(sk->sk_lock_owned, OWNED_BY_CALL);
	return 0;
}

static int lock_sock_nested(struct sim *s, struct sock *sk)
{
	FN_SK(lock_sock_nested, sk);
	woken_in(s, FN_lock_sock_nested);
	return take_lock(s, sk, FN_lock_sock_nested);
}

int lock_sock(struct sim *s, struct sock *sk)
{
	const struct task *t = current_task(s);

	if (s->resuming && (s->resuming != FN_lock_sock_nested || t->sk != SK_HND(sk)))
		return 0; /* it slept further down, where the lock was let go and is taken again */
	return lock_sock_nested(s, sk);
}

static int lock_sock_again(struct sim *s, struct sock *sk, u16 fn)
{
	FN_SK(lock_sock_nested, sk);
	return take_lock(s, sk, fn);
}

static u32 jiffies_until(const struct sim *s, u64 deadline)
{
	if (deadline == FOREVER)
		return UINT32_MAX;
	return deadline > s->w->now ? usecs_to_jiffies(deadline - s->w->now) : 0;
}

int relock_sock(struct sim *s, struct sock *sk, u16 fn, u64 deadline)
{
	struct task *t = current_task(s);

	SET(t->timeo, jiffies_until(s, deadline));
	/* lock_sock_nested() is folded into sk_wait_data() in the recorded kernel, both being in this file */
	return fn == FN_sk_wait_data ? take_lock(s, sk, fn) : lock_sock_again(s, sk, fn);
}

static void sk_backlog_rcv(struct sim *s, struct sock *sk, const struct seg *g)
{
	FN_SK(sk_backlog_rcv, sk);
	tcp_v4_do_rcv(s, sk, g);
}

static void backlog_process_first(struct sim *s, struct sock *sk)
{
	struct flight *f = flight_at(s, sk->sk_backlog.head);
	struct seg g = f->seg;

	SET(sk->sk_backlog.head, f->next);
	if (!f->next)
		SET(sk->sk_backlog.tail, 0);
	SUB(sk->sk_backlog.qlen, 1);
	pool_free(s, POOL_FLIGHT, f);
	sk_backlog_rcv(s, sk, &g);
}

void __release_sock(struct sim *s, struct sock *sk)
{
	u8 outer = s->in_backlog;

	FN_SK(__release_sock, sk);
	s->in_backlog = 1;
	while (sk->sk_backlog.head)
		backlog_process_first(s, sk);
	s->in_backlog = outer;
}

void release_sock(struct sim *s, struct sock *sk)
{
	struct task *waiter;

	FN_SK(release_sock, sk);
	if (sk->sk_backlog.head)
		__release_sock(s, sk);
	if (sk->sk_protocol == SEG_TCP)
		tcp_release_cb(s, sk);
	SET(sk->sk_lock_owned, NOT_OWNED);
	/* one is enough: it wakes the next when it lets go itself */
	waiter = oldest_sleeper(s, sk, TASK_WANTS_LOCK, false);
	if (waiter)
		wake_task(s, waiter, world_off(s, sk));
}

/* ---- flags and references --------------------------------------------------------------------------------------- */

void sock_set_flag(struct sim *s, struct sock *sk, u16 flag)
{
	SET(sk->sk_flags, sk->sk_flags | flag);
}

void sock_reset_flag(struct sim *s, struct sock *sk, u16 flag)
{
	SET(sk->sk_flags, sk->sk_flags & ~flag);
}

void sock_hold(struct sim *s, struct sock *sk)
{
	FN_SK(sock_hold, sk);
	ADD(sk->sk_refcnt, 1);
}

static void inet_sock_destruct(struct sim *s, struct sock *sk)
{
	FN_SK(inet_sock_destruct, sk);
	BUG_ON(sk->sk_protocol == SEG_TCP && sk->sk_state != TCP_CLOSE);
	BUG_ON(!sock_flag(sk, SOCK_DEAD));
	LEAF(__skb_queue_purge, sk->host, sk);
	skq_purge(s, &sk->sk_receive_queue);
	SET(sk->sk_rmem_alloc, 0);
	SET(sk->errqueue_, 0);
}

static void udp_destruct_sock(struct sim *s, struct sock *sk)
{
	FN_SK(udp_destruct_sock, sk);
	LEAF(udp_destruct_common, sk->host, sk);
	skq_purge(s, &sk->sk_receive_queue);
	inet_sock_destruct(s, sk);
}

static void __sk_destruct(struct sim *s, struct sock *sk)
{
	FN_SK(__sk_destruct, sk);
	if (sk->sk_protocol == SEG_UDP)
		udp_destruct_sock(s, sk);
	else
		inet_sock_destruct(s, sk);
	pool_free(s, POOL_SOCK, sk);
}

static void sk_destruct(struct sim *s, struct sock *sk)
{
	FN_SK(sk_destruct, sk);
	if (!sock_flag(sk, SOCK_RCU_FREE)) {
		__sk_destruct(s, sk);
		return;
	}
	/* lookups without a lock may still see it, so the rest comes later from RCU, in nobody's call tree */
	skq_purge(s, &sk->sk_receive_queue);
	pool_free(s, POOL_SOCK, sk);
}

static void __sk_free(struct sim *s, struct sock *sk)
{
	FN_SK(__sk_free, sk);
	sk_destruct(s, sk);
}

void sk_free(struct sim *s, struct sock *sk)
{
	FN_SK(sk_free, sk);
	__sk_free(s, sk);
}

void sock_put(struct sim *s, struct sock *sk)
{
	FN_SK(sock_put, sk);
	BUG_ON(sk->sk_refcnt == 0);
	SUB(sk->sk_refcnt, 1);
	if (sk->sk_refcnt == 0)
		sk_free(s, sk);
}

/* ---- beginning and orphaning ------------------------------------------------------------------------------------ */

static void sock_init_data(struct sim *s, struct sock *sk)
{
	FN_SK(sock_init_data, sk);
	SET(sk->sk_refcnt, 1);
	sk_state_set(s, sk, TCP_CLOSE);
	SET(sk->seen_, 0); /* to begin in CLOSE is no change of state */
	SET(sk->sk_rcvbuf, SK_MEM_DEFAULT);
	SET(sk->sk_sndbuf, SK_MEM_DEFAULT);
	SET(sk->sk_rcvlowat, 1);
	SET(sk->sk_rcvtimeo, UINT32_MAX);
	SET(sk->sk_sndtimeo, UINT32_MAX);
}

struct sock *sk_alloc(struct sim *s, u8 host, u8 protocol)
{
	struct host *h = host_of(s, host);
	struct sock *sk;

	FN(sk_alloc, host, NULL);
	sk = pool_alloc(s, POOL_SOCK, host);
	SET(sk->sk_protocol, protocol);
	SET(sk->num_, h->next_num);
	ADD(h->next_num, 1);
	sock_init_data(s, sk);
	return sk;
}

void sock_orphan(struct sim *s, struct sock *sk)
{
	FN_SK(sock_orphan, sk);
	sock_set_flag(s, sk, SOCK_DEAD);
	SET(sk->sk_socket, 0);
}

void sock_graft(struct sim *s, struct sock *sk, struct socket *sock)
{
	FN_SK(sock_graft, sk);
	SET(sk->sk_socket, pool_handle(s, POOL_SOCKET, sock));
	SET(sock->sk, SK_HND(sk));
}

/* ---- wake-ups --------------------------------------------------------------------------------------------------- */

void sk_wake_async(struct sim *s, struct sock *sk)
{
	FN_SK(sk_wake_async, sk);
	if (sock_flag(sk, SOCK_FASYNC))
		LEAF(sock_wake_async, sk->host, sk);
}

void sock_def_wakeup(struct sim *s, struct sock *sk)
{
	FN_SK(sock_def_wakeup, sk);
	wake_up(s, sk, true, 0);
}

void sock_def_readable(struct sim *s, struct sock *sk)
{
	FN_SK(sock_def_readable, sk);
	wake_up(s, sk, false, POLLIN_ | POLLPRI_ | POLLRDNORM_ | POLLRDBAND_);
	sk_wake_async(s, sk);
}

static void sock_def_error_report(struct sim *s, struct sock *sk)
{
	FN_SK(sock_def_error_report, sk);
	wake_up(s, sk, false, POLLERR_);
	sk_wake_async(s, sk);
}

void sk_error_report(struct sim *s, struct sock *sk)
{
	FN_SK(sk_error_report, sk);
	sock_def_error_report(s, sk);
}

/* ---- what processes moved ---------------------------------------------------------------------------------------------- */

void sk_app_wrote(struct sim *s, struct sock *sk, u32 bytes)
{
	struct host *h = host_of(s, sk->host);

	ADD(sk->app_written_, bytes);
	if (sk->num_ == h->main_num)
		SET(h->main_written, sk->app_written_);
}

void sk_app_got(struct sim *s, struct sock *sk, u32 bytes)
{
	struct host *h = host_of(s, sk->host);

	ADD(sk->app_read_, bytes);
	if (sk->num_ == h->main_num)
		SET(h->main_read, sk->app_read_);
}

void sk_isn_known(struct sim *s, struct sock *sk, u32 isn, u32 peer_isn)
{
	struct host *h = host_of(s, sk->host);

	SET(sk->isn_, isn);
	SET(sk->peer_isn_, peer_isn);
	if (sk->num_ == h->main_num) {
		SET(h->main_isn, isn);
		SET(h->main_peer_isn, peer_isn);
	}
}

/* ---- errors and waiting ----------------------------------------------------------------------------------------- */

int sock_error(struct sim *s, struct sock *sk)
{
	int err = sk->sk_err;

	SET(sk->sk_err, 0);
	return -err;
}

u32 sock_rcvtimeo(const struct sock *sk, bool noblock)
{
	return noblock ? 0 : sk->sk_rcvtimeo;
}

u32 sock_sndtimeo(const struct sock *sk, bool noblock)
{
	return noblock ? 0 : sk->sk_sndtimeo;
}

int sock_intr_errno(u32 timeo)
{
	(void)timeo; /* ERESTARTSYS turns into EINTR, too: the handlers are without SA_RESTART */
	return -EINTR;
}

int sk_wait_event(struct sim *s, struct sock *sk, u16 fn, u32 *timeo, bool (*done)(const struct sim *, const struct sock *, u32),
		  u32 arg)
{
	struct task *t = current_task(s);

	FN_SK(sk_wait_event, sk);
	if (woken_in(s, fn)) {
		*timeo = sleep_left(s);
	} else {
		SET(t->disconnects, sk->sk_disconnects);
		release_sock(s, sk);
		if (!done(s, sk, arg) && *timeo && !signal_pending(s))
			return wait_woken(s, sk, fn, sleep_deadline(s, *timeo));
	}
	if (relock_sock(s, sk, fn, sleep_deadline(s, *timeo)) == SLEEPS)
		return SLEEPS;
	if (t->disconnects != sk->sk_disconnects && KP(sk->host, disconnect_ends_sleep))
		return -EPIPE;
	return done(s, sk, arg);
}

static bool receive_tail_changed(const struct sim *s, const struct sock *sk, u32 old_tail)
{
	(void)s;
	return sk->sk_receive_queue.tail != old_tail;
}

int sk_wait_data(struct sim *s, struct sock *sk, u32 timeo)
{
	int ret;

	FN_SK(sk_wait_data, sk);
	ret = sk_wait_event(s, sk, FN_sk_wait_data, &timeo, receive_tail_changed, sk->sk_receive_queue.tail);
	return ret < 0 ? ret : 0;
}

/* ---- the way out of sockets without a connection ---------------------------------------------------------------- */

void sk_common_release(struct sim *s, struct sock *sk)
{
	FN_SK(sk_common_release, sk);
	udp_destroy_sock(s, sk);
	udp_lib_unhash(s, sk);
	sock_orphan(s, sk);
	LEAF(xfrm_sk_free_policy, sk->host, sk);
	sock_put(s, sk);
}
