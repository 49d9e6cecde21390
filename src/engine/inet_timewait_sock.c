/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Minisockets: what stands for a connection when its sock is gone (net/ipv4/inet_timewait_sock.c). */
#include "engine/inet.h"

#include "engine/tcp.h"
#include "engine/timer.h"

/* Up to this a minisocket counts as TWKilled, above as TW. */
#define SHORT_LIFE (4u * HZ)

/* Before minisockets had timers of their own: two wheels for all of a host. */
#define NR_FAST_SLOTS 32u
#define FAST_SLOT 128u /* jiffies */
#define NR_SLOW_SLOTS 8u
#define SLOW_SLOT 7500u

/* ---- its end ----------------------------------------------------------------------------------------------------- */

void inet_twsk_free(struct sim *s, struct tw *tw)
{
	FN(inet_twsk_free, tw->host, tw);
	LEAF(tcp_twsk_destructor, tw->host, tw);
	pool_free(s, POOL_TW, tw);
}

void inet_twsk_put(struct sim *s, struct tw *tw)
{
	FN(inet_twsk_put, tw->host, tw);
	BUG_ON(!tw->tw_refcnt);
	SUB(tw->tw_refcnt, 1);
	if (!tw->tw_refcnt)
		inet_twsk_free(s, tw);
}

void inet_twsk_bind_unhash(struct sim *s, struct tw *tw)
{
	FN(inet_twsk_bind_unhash, tw->host, tw);
	if (!tw->tw_tb)
		return;
	bind_release(s, &tw->tw_tb);
	LEAF(inet_bind_bucket_destroy, tw->host, tw);
	LEAF(inet_bind2_bucket_destroy, tw->host, tw);
	SUB(tw->tw_refcnt, 1);
}

/* Out of table and port; drops the reference of the timer, which no longer runs. */
static void inet_twsk_kill(struct sim *s, struct tw *tw)
{
	struct host *h = host_of(s, tw->host);

	FN(inet_twsk_kill, tw->host, tw);
	if (tw->tw_hashed) {
		SET(tw->tw_hashed, 0);
		SUB(tw->tw_refcnt, 1);
	}
	inet_twsk_bind_unhash(s, tw);
	SUB(h->tw_count, 1);
	inet_twsk_put(s, tw);
}

void inet_twsk_deschedule_put(struct sim *s, struct tw *tw)
{
	FN(inet_twsk_deschedule_put, tw->host, tw);
	if (timer_delete(s, tw->host, tw, &tw->tw_timer, TMR_TW))
		inet_twsk_kill(s, tw);
	inet_twsk_put(s, tw);
}

/* TWKilled for a short life, TW for a long one. */
static void count_life(struct sim *s, struct tw *tw)
{
	if (tw->tw_short_life_)
		NET_INC_STATS(tw->host, TWKilled);
	else
		NET_INC_STATS(tw->host, TW);
}

void tw_timer_handler(struct sim *s, struct tw *tw)
{
	FN(tw_timer_handler, tw->host, tw);
	if (!KP(tw->host, tw_counted_at_birth))
		count_life(s, tw);
	inet_twsk_kill(s, tw);
}

/* ---- its beginning ----------------------------------------------------------------------------------------------- */

static void copy_identity(struct sim *s, struct tw *tw, const struct sock *sk)
{
	SET(tw->tw_rcv_saddr, sk->inet_rcv_saddr);
	SET(tw->tw_daddr, sk->inet_daddr);
	SET(tw->tw_num, sk->inet_num);
	SET(tw->tw_dport, sk->inet_dport);
	SET(tw->tw_reuse, sk->sk_reuse);
	SET(tw->tw_connect_bind, sk->connect_bind_);
	SET(tw->num_, sk->num_);
	SET(tw->isn_, sk->isn_);
	SET(tw->peer_isn_, sk->peer_isn_);
	SET(tw->app_read_, sk->app_read_);
	SET(tw->app_written_, sk->app_written_);
}

struct tw *inet_twsk_alloc(struct sim *s, struct sock *sk, u8 state)
{
	struct host *h = host_of(s, sk->host);
	s32 limit = sysctl_get(s, sk->host, SYSCTL_tcp_max_tw_buckets);
	struct tw *tw;

	FN_SK(inet_twsk_alloc, sk);
	if (DECIDE(too_many_minisockets, sk->host, (s32)h->tw_count >= limit, h->tw_count, limit))
		return NULL;
	if (fault_strikes(s, sk->host, FAULT_ALLOC_TW))
		return NULL;
	tw = pool_alloc(s, POOL_TW, sk->host);
	copy_identity(s, tw, sk);
	SET(tw->tw_state, TCP_TIME_WAIT);
	SET(tw->tw_substate, state);
	SET(tw->seen_, sk->seen_ | TCPF(TCP_TIME_WAIT));
	if (sk->num_ == h->main_num)
		SET(h->main_seen, h->main_seen | TCPF(TCP_TIME_WAIT));
	return tw;
}

/*
 * When the slot ends that `timeo` jiffies lead to: one of 32 short ones, or of 8 of 7.5 s. The long ones end when the
 * host's slow timer ticks, which began with the first minisocket; so many ticks from here that 60 s are the eighth.
 */
static u64 slot_end(struct sim *s, struct tw *tw, u32 timeo)
{
	struct host *h = host_of(s, tw->host);
	u32 fast = (timeo + FAST_SLOT - 1) / FAST_SLOT;
	u32 ahead = (timeo + SLOW_SLOT - 1) / SLOW_SLOT;
	u64 slot_us = jiffies_to_usecs(SLOW_SLOT);
	u64 now = s->w->now;

	if (fast < NR_FAST_SLOTS) {
		SET(tw->tw_short_life_, 1);
		return in_jiffies(s, fast * FAST_SLOT);
	}
	SET(tw->tw_short_life_, 0);
	if (ahead > NR_SLOW_SLOTS - 1)
		ahead = NR_SLOW_SLOTS - 1;
	if (!h->tw_count)
		SET(h->tw_tick, now);
	/* ticks come at tw_tick + n * 7.5 s; the next one is counted as the first */
	return h->tw_tick + ((now - h->tw_tick) / slot_us + 1 + ahead) * slot_us;
}

static u64 own_end(struct sim *s, struct tw *tw, u32 timeo)
{
	SET(tw->tw_short_life_, timeo <= SHORT_LIFE);
	return in_jiffies(s, timeo);
}

static void __inet_twsk_schedule(struct sim *s, struct tw *tw, u32 timeo, bool rearm)
{
	struct host *h = host_of(s, tw->host);

	FN(__inet_twsk_schedule, tw->host, tw);
	if (rearm && !timer_pending(&tw->tw_timer))
		return;
	mod_timer(s, tw->host, tw, &tw->tw_timer, TMR_TW,
		  KP(tw->host, tw_has_own_timer) ? own_end(s, tw, timeo) : slot_end(s, tw, timeo));
	if (rearm)
		return;
	if (KP(tw->host, tw_counted_at_birth))
		count_life(s, tw);
	ADD(h->tw_count, 1);
}

void inet_twsk_reschedule(struct sim *s, struct tw *tw, u32 timeo)
{
	FN(inet_twsk_reschedule, tw->host, tw);
	__inet_twsk_schedule(s, tw, timeo, true);
}

/* The minisocket takes the sock's place in table and port. */
static void take_place(struct sim *s, struct tw *tw, struct sock *sk)
{
	struct bind *tb = bind_at(s, sk->bind_hash);

	BUG_ON(!tb || sk->sk_hashed != HASHED_EHASH);
	SET(tw->tw_tb, sk->bind_hash);
	ADD(tb->owners, 1);
	SET(sk->sk_hashed, UNHASHED);
	SET(tw->tw_hashed, HASHED_EHASH);
	SET(tw->tw_refcnt, 3);
}

static void inet_twsk_hashdance(struct sim *s, struct tw *tw, struct sock *sk)
{
	FN(inet_twsk_hashdance, tw->host, tw);
	take_place(s, tw, sk);
}

static void hashdance_and_schedule(struct sim *s, struct tw *tw, struct sock *sk, u32 timeo)
{
	FN(inet_twsk_hashdance_schedule, tw->host, tw);
	take_place(s, tw, sk);
	__inet_twsk_schedule(s, tw, timeo, false);
}

void inet_twsk_hashdance_schedule(struct sim *s, struct tw *tw, struct sock *sk, u32 timeo)
{
	bool timer_first = KP(tw->host, tw_timer_before_hash);

	if (KP(tw->host, tw_hashed_with_timer)) {
		hashdance_and_schedule(s, tw, sk, timeo);
		return;
	}
	if (timer_first)
		__inet_twsk_schedule(s, tw, timeo, false);
	inet_twsk_hashdance(s, tw, sk);
	if (!timer_first)
		__inet_twsk_schedule(s, tw, timeo, false);
}
