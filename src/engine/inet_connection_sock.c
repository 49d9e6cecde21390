/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listeners, requests, ports and the end of connection socks (net/ipv4/inet_connection_sock.c).
 *
 * References, as in the kernel. A request: one for the table, one for its timer, one for whoever looked it up; the last
 * becomes that of the accept queue. It holds its listener. A child begins with two: its own, and that of whoever holds
 * it locked, which tcp_child_process() gives back.
 */
#include "engine/inet.h"

#include <errno.h>
#include <string.h>

#include "engine/tcp.h"

#define SYNQ_INTERVAL (HZ / 5) /* TCP_SYNQ_INTERVAL: how often a listener's requests were gone through */

/* ---- ports ------------------------------------------------------------------------------------------------------- */

/* Two members of a bucket get along only when both said SO_REUSEADDR and the one that is there does not listen. */
static bool bind_conflict_with(const struct sock *sk, u8 reuse, bool listens)
{
	return !sk->sk_reuse || !reuse || listens;
}

static bool inet_csk_bind_conflict(struct sim *s, const struct sock *sk, hnd tb)
{
	FN_SK(inet_csk_bind_conflict, sk);
	for (u16 i = 0; i < s->w->pool[POOL_SOCK].high; i++) {
		const struct sock *sk2 = &s->w->sock[i];

		if (sk2->live && sk2 != sk && sk2->bind_hash == tb &&
		    bind_conflict_with(sk, sk2->sk_reuse, sk2->sk_state == TCP_LISTEN))
			return DECIDE(port_is_taken, sk->host, true, sk2->num_, sk2->sk_state);
	}
	for (u16 i = 0; i < s->w->pool[POOL_TW].high; i++) {
		const struct tw *tw = &s->w->tw[i];

		if (tw->live && tw->tw_tb == tb && bind_conflict_with(sk, tw->tw_reuse, false))
			return DECIDE(port_is_taken, sk->host, true, tw->num_, tw->tw_state);
	}
	return DECIDE(port_is_taken, sk->host, false, 0, 0);
}

static void inet_csk_update_fastreuse(struct sim *s, const struct sock *sk, struct bind *tb, bool reuse)
{
	FN_SK(inet_csk_update_fastreuse, sk);
	if (!tb->owners)
		SET(tb->fastreuse, reuse ? BIND_REUSE : BIND_NO_REUSE);
	else if (!reuse)
		SET(tb->fastreuse, BIND_NO_REUSE);
}

/* A port that nobody has, and its bucket. NULL: there is none. */
static struct bind *inet_csk_find_open_port(struct sim *s, u8 host)
{
	FN(inet_csk_find_open_port, host, NULL);
	for (int tries = 0; tries <= MAX_BIND; tries++) {
		u16 port = next_ephemeral_port(s, host);

		if (!bind_find(s, host, SEG_TCP, port))
			return bind_create(s, host, SEG_TCP, port);
	}
	return NULL;
}

int inet_csk_get_port(struct sim *s, struct sock *sk, u16 port)
{
	bool reuse = sk->sk_reuse && sk->sk_state != TCP_LISTEN;
	struct bind *tb;

	FN_SK(inet_csk_get_port, sk);
	tb = port ? bind_find(s, sk->host, SEG_TCP, port) : inet_csk_find_open_port(s, sk->host);
	if (!tb && port)
		tb = bind_create(s, sk->host, SEG_TCP, port);
	if (!tb)
		return -EADDRINUSE;
	if (tb->owners && !(tb->fastreuse == BIND_REUSE && reuse) &&
	    inet_csk_bind_conflict(s, sk, pool_handle(s, POOL_BIND, tb)))
		return -EADDRINUSE;
	inet_csk_update_fastreuse(s, sk, tb, reuse);
	if (!sk->bind_hash)
		inet_bind_hash(s, sk, tb);
	return 0;
}

/* ---- requests ---------------------------------------------------------------------------------------------------- */

struct req *inet_reqsk_alloc(struct sim *s, struct sock *listener)
{
	struct host *h = host_of(s, listener->host);
	struct req *rq;

	FN_SK(inet_reqsk_alloc, listener);
	rq = pool_alloc(s, POOL_REQ, listener->host);
	SET(rq->num_, h->next_num);
	ADD(h->next_num, 1);
	SET(rq->rsk_refcnt, 1);
	SET(rq->rsk_listener, SK_HND(listener));
	sock_hold(s, listener);
	return rq;
}

void reqsk_free(struct sim *s, struct req *rq)
{
	struct sock *listener = sock_at(s, rq->rsk_listener);

	FN(reqsk_free, rq->host, rq);
	BUG_ON(rq->rsk_hashed || timer_pending(&rq->rsk_timer));
	pool_free(s, POOL_REQ, rq);
	sock_put(s, listener);
}

void reqsk_put(struct sim *s, struct req *rq)
{
	FN(reqsk_put, rq->host, rq);
	BUG_ON(!rq->rsk_refcnt);
	SUB(rq->rsk_refcnt, 1);
	if (!rq->rsk_refcnt)
		reqsk_free(s, rq);
}

u64 reqsk_expires(struct sim *s, const struct sock *listener, u32 timeout)
{
	const u64 interval = jiffies_to_usecs(SYNQ_INTERVAL);
	u64 when = in_jiffies(s, timeout);
	u64 into;

	if (!KP(listener->host, synack_scan))
		return when;
	into = (when - listener->synq_scan_) % interval;
	return into ? when + interval - into : when;
}

void inet_csk_reqsk_queue_hash_add(struct sim *s, struct sock *listener, struct req *rq, u32 timeout)
{
	FN_SK(inet_csk_reqsk_queue_hash_add, listener);
	inet_ehash_insert_req(s, rq);
	SET(rq->timeout, timeout);
	if (!listener->syn_qlen_)
		SET(listener->synq_scan_, s->w->now);
	mod_timer(s, rq->host, rq, &rq->rsk_timer, TMR_RSK, reqsk_expires(s, listener, timeout));
	ADD(rq->rsk_refcnt, 2);
	LEAF(inet_csk_reqsk_queue_added, listener->host, listener);
	ADD(listener->syn_qlen_, 1);
}

/* The timer's reference stays with the handler when the call comes from there. False: it was in no table any more. */
static bool __inet_csk_reqsk_queue_drop(struct sim *s, struct sock *listener, struct req *rq, bool from_timer)
{
	bool unlinked = rq->rsk_hashed != 0;

	FN(__inet_csk_reqsk_queue_drop, rq->host, rq);
	if (unlinked)
		SET(rq->rsk_hashed, 0);
	if (!from_timer && timer_delete(s, rq->host, rq, &rq->rsk_timer, TMR_RSK))
		reqsk_put(s, rq);
	if (unlinked) {
		SUB(listener->syn_qlen_, 1);
		reqsk_put(s, rq);
	}
	return unlinked;
}

bool inet_csk_reqsk_queue_drop(struct sim *s, struct sock *listener, struct req *rq)
{
	FN_SK(inet_csk_reqsk_queue_drop, listener);
	return __inet_csk_reqsk_queue_drop(s, listener, rq, false);
}

void inet_csk_reqsk_queue_drop_and_put(struct sim *s, struct sock *listener, struct req *rq)
{
	FN_SK(inet_csk_reqsk_queue_drop_and_put, listener);
	__inet_csk_reqsk_queue_drop(s, listener, rq, false);
	reqsk_put(s, rq);
}

/* ---- the SYN-ACK timer ------------------------------------------------------------------------------------------- */

/* Requests whose SYN-ACK was never repeated. */
u32 reqsk_queue_len_young(const struct sim *s, hnd listener)
{
	u32 young = 0;

	for (u16 i = 0; i < s->w->pool[POOL_REQ].high; i++) {
		const struct req *rq = &s->w->req[i];

		if (rq->live && rq->rsk_hashed && rq->rsk_listener == listener && !rq->num_timeout)
			young++;
	}
	return young;
}

/* How often a SYN-ACK is repeated: less often when old requests fill the queue. */
static u32 synack_retries(const struct sim *s, const struct sock *sk, hnd listener)
{
	u32 retries = sk->icsk_syn_retries ? sk->icsk_syn_retries :
					     (u32)sysctl_get(s, sk->host, SYSCTL_tcp_synack_retries);
	u32 least = sk->sk_max_ack_backlog > 8 ? sk->sk_max_ack_backlog : 8;
	u32 young;

	if ((u32)sk->syn_qlen_ * 2 <= least)
		return retries;
	for (young = reqsk_queue_len_young(s, listener) * 2; retries > 2 && sk->syn_qlen_ >= young; young *= 2)
		retries--;
	return retries;
}

/* Whether the request is given up, and whether its SYN-ACK goes out again. */
static void syn_ack_recalc(const struct req *rq, u32 retries, u8 defer_accept, bool *expire, bool *resend)
{
	*expire = rq->num_timeout >= retries;
	*resend = true;
	if (!defer_accept)
		return;
	*expire = *expire && (!rq->acked || rq->num_timeout >= defer_accept);
	*resend = !rq->acked || rq->num_timeout + 1 >= defer_accept;
}

u32 reqsk_timeout(const struct req *rq)
{
	u64 timeout = (u64)rq->timeout << (rq->num_timeout > 31 ? 31 : rq->num_timeout);

	return timeout < TCP_RTO_MAX_SEC * HZ ? (u32)timeout : TCP_RTO_MAX_SEC * HZ;
}

/* True: the request lives on, its timer runs again. */
static bool reqsk_goes_on(struct sim *s, struct sock *listener, struct req *rq)
{
	u32 retries = synack_retries(s, listener, rq->rsk_listener);
	bool expire, resend;

	syn_ack_recalc(rq, retries, listener->rskq_defer_accept, &expire, &resend);
	LEAF(tcp_syn_ack_timeout, rq->host, rq);
	if (KP(rq->host, synack_timeout_is_counted))
		NET_INC_STATS(rq->host, TCPTimeouts);
	if (DECIDE(synack_given_up, rq->host, expire, rq->num_timeout, retries))
		return false;
	if (resend && tcp_rtx_synack(s, listener, rq) != 0 && !rq->acked)
		return false;
	ADD(rq->num_timeout, 1);
	mod_timer(s, rq->host, rq, &rq->rsk_timer, TMR_RSK, reqsk_expires(s, listener, reqsk_timeout(rq)));
	return true;
}

void reqsk_timer_handler(struct sim *s, struct req *rq)
{
	struct sock *listener = sock_at(s, rq->rsk_listener);

	FN(reqsk_timer_handler, rq->host, rq);
	if (!DECIDE(listener_closed_meanwhile, rq->host, listener->sk_state != TCP_LISTEN, listener->sk_state, 0) &&
	    reqsk_goes_on(s, listener, rq))
		return;
	__inet_csk_reqsk_queue_drop(s, listener, rq, true);
	reqsk_put(s, rq);
}

/* ---- children ---------------------------------------------------------------------------------------------------- */

/* A copy of the listener with nothing in its queues; it belongs to no socket yet, and is locked by its maker. */
static struct sock *sk_clone_lock(struct sim *s, const struct sock *sk, u16 num)
{
	struct sock *newsk;
	struct sock c = *sk;

	FN_SK(sk_clone_lock, sk);
	newsk = pool_alloc(s, POOL_SOCK, sk->host);
	memset(&c.sk_receive_queue, 0, sizeof(c.sk_receive_queue));
	memset(&c.sk_write_queue, 0, sizeof(c.sk_write_queue));
	memset(&c.tcp_rtx_queue, 0, sizeof(c.tcp_rtx_queue));
	memset(&c.out_of_order_queue, 0, sizeof(c.out_of_order_queue));
	memset(&c.sk_backlog, 0, sizeof(c.sk_backlog));
	c.tsorted_head = c.tsorted_tail = 0;
	c.num_ = num;
	c.seen_ = 0;
	c.sk_refcnt = 2;
	c.sk_hashed = UNHASHED;
	c.sk_lock_owned = NOT_OWNED;
	c.sk_socket = 0;
	c.sk_flags &= (u16)~(SOCK_DONE | SOCK_DEAD | SOCK_RCU_FREE);
	c.sk_userlocks &= (u8)~SOCK_BINDPORT_LOCK;
	c.sk_tsq_flags = 0;
	c.sk_err = c.sk_err_soft = c.errqueue_ = 0;
	c.sk_rmem_alloc = c.sk_wmem_queued = 0;
	c.sk_write_pending = 0;
	c.app_read_ = c.app_written_ = 0;
	c.isn_ = c.peer_isn_ = 0;
	c.tcp_retransmit_timer.expires = c.icsk_delack_timer.expires = c.icsk_keepalive_timer.expires = 0;
	PUT(*newsk, c);
	return newsk;
}

struct sock *inet_csk_clone_lock(struct sim *s, struct sock *listener, struct req *rq)
{
	struct sock *newsk;

	FN_SK(inet_csk_clone_lock, listener);
	newsk = sk_clone_lock(s, listener, rq->num_);
	inet_sk_set_state(s, newsk, TCP_SYN_RECV);
	SET(newsk->bind_hash, 0);
	SET(newsk->connect_bind_, 0);
	SET(newsk->inet_rcv_saddr, rq->ir_loc_addr);
	SET(newsk->inet_daddr, rq->ir_rmt_addr);
	SET(newsk->inet_num, rq->ir_num);
	SET(newsk->inet_sport, rq->ir_num);
	SET(newsk->inet_dport, rq->ir_rmt_port);
	SET(newsk->rsk_listener_, rq->rsk_listener);
	SET(newsk->sk_ack_backlog, 0);
	SET(newsk->sk_max_ack_backlog, 0);
	SET(newsk->rskq_accept_head, 0);
	SET(newsk->rskq_accept_tail, 0);
	SET(newsk->syn_qlen_, 0);
	SET(newsk->rskq_defer_accept, 0);
	SET(newsk->icsk_pending, 0);
	SET(newsk->icsk_retransmits, 0);
	SET(newsk->icsk_backoff, 0);
	SET(newsk->icsk_probes_out, 0);
	SET(newsk->icsk_probes_tstamp, 0);
	SET(newsk->icsk_ca_initialized, 0);
	return newsk;
}

/* The child waits to be accepted; NULL when the listener closed meanwhile and the child was reset. */
struct sock *inet_csk_reqsk_queue_add(struct sim *s, struct sock *listener, struct req *rq, struct sock *child)
{
	hnd h = pool_handle(s, POOL_REQ, rq);

	FN_SK(inet_csk_reqsk_queue_add, listener);
	if (DECIDE(listener_gone_for_child, child->host, listener->sk_state != TCP_LISTEN, listener->sk_state, 0)) {
		inet_child_forget(s, listener, rq, child);
		return NULL;
	}
	SET(rq->sk, SK_HND(child));
	SET(rq->dl_next, 0);
	if (listener->rskq_accept_head)
		SET(req_at(s, listener->rskq_accept_tail)->dl_next, h);
	else
		SET(listener->rskq_accept_head, h);
	SET(listener->rskq_accept_tail, h);
	LEAF(sk_acceptq_added, listener->host, listener);
	ADD(listener->sk_ack_backlog, 1);
	return child;
}

struct sock *inet_csk_complete_hashdance(struct sim *s, struct sock *listener, struct sock *child, struct req *rq)
{
	FN_SK(inet_csk_complete_hashdance, listener);
	__inet_csk_reqsk_queue_drop(s, listener, rq, false);
	SUB(listener->syn_qlen_, 1); /* the child took its place in the table already */
	SET(rq->num_, 0);	     /* and its number */
	if (inet_csk_reqsk_queue_add(s, listener, rq, child))
		return child;
	sock_put(s, child);
	return NULL;
}

/* The oldest of the accept queue leaves it; NULL when it is empty. */
static struct req *reqsk_queue_remove(struct sim *s, struct sock *sk)
{
	struct req *rq = req_at(s, sk->rskq_accept_head);

	FN_SK(reqsk_queue_remove, sk);
	if (!rq)
		return NULL;
	SUB(sk->sk_ack_backlog, 1);
	SET(sk->rskq_accept_head, rq->dl_next);
	if (!rq->dl_next)
		SET(sk->rskq_accept_tail, 0);
	SET(rq->dl_next, 0);
	return rq;
}

/* ---- listen() and accept() --------------------------------------------------------------------------------------- */

int inet_csk_listen_start(struct sim *s, struct sock *sk)
{
	int err;

	FN_SK(inet_csk_listen_start, sk);
	LEAF(reqsk_queue_alloc, sk->host, sk);
	SET(sk->sk_ack_backlog, 0);
	SET(sk->icsk_ack_pending, 0);
	SET(sk->icsk_ack_quick, 0);
	SET(sk->icsk_ack_pingpong, 0);
	SET(sk->icsk_ack_ato, 0);
	SET(sk->icsk_ack_retry, 0);
	SET(sk->icsk_ack_last_seg_size, 0);
	SET(sk->icsk_ack_rcv_mss, 0);
	inet_sk_state_store(s, sk, TCP_LISTEN);
	err = inet_csk_get_port(s, sk, sk->inet_num);
	if (!err) {
		inet_hash(s, sk);
		return 0;
	}
	inet_sk_set_state(s, sk, TCP_CLOSE);
	return err;
}

/* Sleeps, with the lock given up, until a child is there. 0, -errno or SLEEPS. */
static int inet_csk_wait_for_connect(struct sim *s, struct sock *sk, u32 timeo)
{
	const u16 fn = FN_inet_csk_wait_for_connect;

	FN_SK(inet_csk_wait_for_connect, sk);
	if (woken_in(s, fn)) {
		timeo = sleep_left(s);
	} else {
		release_sock(s, sk);
		if (!signal_pending(s))
			return sleep_on(s, sk, fn, sleep_deadline(s, timeo));
	}
	if (relock_sock(s, sk, fn, sleep_deadline(s, timeo)) == SLEEPS)
		return SLEEPS;
	if (sk->rskq_accept_head)
		return 0;
	if (sk->sk_state != TCP_LISTEN)
		return -EINVAL;
	if (signal_pending(s))
		return sock_intr_errno(timeo);
	if (!timeo)
		return -EAGAIN;
	release_sock(s, sk);
	return sleep_on(s, sk, fn, sleep_deadline(s, timeo));
}

/* 0 when a child waits in the queue. */
static int accept_wait(struct sim *s, struct sock *sk, bool nonblock)
{
	u32 timeo = sock_rcvtimeo(sk, nonblock);

	if (!s->resuming) {
		if (sk->sk_state != TCP_LISTEN)
			return -EINVAL;
		if (sk->rskq_accept_head)
			return 0;
		if (DECIDE(accept_would_block, sk->host, !timeo, sk->sk_ack_backlog, nonblock))
			return -EAGAIN;
	}
	return inet_csk_wait_for_connect(s, sk, timeo);
}

int inet_csk_accept(struct sim *s, struct sock *sk, bool nonblock, struct sock **child)
{
	struct req *rq;
	int err;

	FN_SK(inet_csk_accept, sk);
	if (lock_sock(s, sk) == SLEEPS)
		return SLEEPS;
	err = accept_wait(s, sk, nonblock);
	if (err == SLEEPS)
		return SLEEPS;
	if (err) {
		release_sock(s, sk);
		return err;
	}
	rq = reqsk_queue_remove(s, sk);
	*child = sock_at(s, rq->sk);
	BUG_ON(!*child);
	SET((*child)->rsk_listener_, 0);
	release_sock(s, sk);
	reqsk_put(s, rq);
	return 0;
}

/* ---- the end ----------------------------------------------------------------------------------------------------- */

void inet_child_forget(struct sim *s, struct sock *listener, struct req *rq, struct sock *child)
{
	FN_SK(inet_child_forget, listener);
	tcp_disconnect(s, child, 0);
	sock_orphan(s, child);
	tcp_orphan_count_inc(s, child);
	SET(rq->sk, 0);
	SET(child->rsk_listener_, 0);
	inet_csk_destroy_sock(s, child);
}

/* The half-open requests, which nobody is told of. */
static void free_requests(struct sim *s, struct sock *sk)
{
	hnd listener = SK_HND(sk);

	for (u16 i = 0; i < s->w->pool[POOL_REQ].high; i++) {
		struct req *rq = &s->w->req[i];

		if (rq->live && rq->rsk_hashed && rq->rsk_listener == listener)
			__inet_csk_reqsk_queue_drop(s, sk, rq, false);
	}
}

/*
 * What becomes of those who were in line: the peers of finished children get a RST each. Half-open requests are left
 * alone; the next segment for one, or its timer, finds the listener gone.
 */
void inet_csk_listen_stop(struct sim *s, struct sock *sk)
{
	struct req *rq;

	FN_SK(inet_csk_listen_stop, sk);
	if (KP(sk->host, requests_die_with_listener))
		free_requests(s, sk);
	DECIDE(children_unaccepted, sk->host, sk->rskq_accept_head != 0, sk->sk_ack_backlog, sk->syn_qlen_);
	while ((rq = reqsk_queue_remove(s, sk)) != NULL) {
		struct sock *child = sock_at(s, rq->sk);

		sock_hold(s, child);
		LEAF(reuseport_migrate_sock, sk->host, sk);
		inet_child_forget(s, sk, rq, child);
		reqsk_put(s, rq);
		sock_put(s, child);
	}
	BUG_ON(sk->sk_ack_backlog);
}

void inet_csk_destroy_sock(struct sim *s, struct sock *sk)
{
	u8 host = sk->host;

	FN_SK(inet_csk_destroy_sock, sk);
	BUG_ON(sk->sk_state != TCP_CLOSE || !sock_flag(sk, SOCK_DEAD) || sk->sk_hashed != UNHASHED);
	BUG_ON(sk->inet_num && !sk->bind_hash);
	tcp_v4_destroy_sock(s, sk);
	sk_stream_kill_queues(s, sk);
	LEAF(xfrm_sk_free_policy, host, sk);
	tcp_orphan_count_dec(s, host);
	sock_put(s, sk);
}

static void inet_csk_prepare_for_destroy_sock(struct sim *s, struct sock *sk)
{
	FN_SK(inet_csk_prepare_for_destroy_sock, sk);
	sock_set_flag(s, sk, SOCK_DEAD);
	tcp_orphan_count_inc(s, sk);
}

void inet_csk_prepare_forced_close(struct sim *s, struct sock *sk)
{
	FN_SK(inet_csk_prepare_forced_close, sk);
	sock_put(s, sk);
	inet_csk_prepare_for_destroy_sock(s, sk);
	SET(sk->inet_num, 0);
}
