/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who has which port, and which sock a segment belongs to (net/ipv4/inet_hashtables.c).
 *
 * There are no hash chains: a lookup walks over what is live. sk_hashed, tw_hashed and rsk_hashed say what a lookup may
 * find.
 */
#include "engine/inet.h"

#include <errno.h>

#include "engine/tcp.h"

/* What connect() and bind(0) choose from, one after the other. */
#define LOWEST_EPHEMERAL 32768u
#define LAST_EPHEMERAL 60999u

/* ---- lookup ------------------------------------------------------------------------------------------------------ */

static struct sock *find_sock(struct sim *s, u8 host, u16 lport, u8 raddr, u16 rport)
{
	for (u16 i = 0; i < s->w->pool[POOL_SOCK].high; i++) {
		struct sock *sk = &s->w->sock[i];

		if (sk->live && sk->host == host && sk->sk_hashed == HASHED_EHASH && sk->inet_num == lport &&
		    sk->inet_daddr == raddr && sk->inet_dport == rport)
			return sk;
	}
	return NULL;
}

static struct tw *find_tw(struct sim *s, u8 host, u16 lport, u8 raddr, u16 rport)
{
	for (u16 i = 0; i < s->w->pool[POOL_TW].high; i++) {
		struct tw *tw = &s->w->tw[i];

		if (tw->live && tw->host == host && tw->tw_hashed && tw->tw_num == lport && tw->tw_daddr == raddr &&
		    tw->tw_dport == rport)
			return tw;
	}
	return NULL;
}

static struct req *find_req(struct sim *s, u8 host, u16 lport, u8 raddr, u16 rport)
{
	for (u16 i = 0; i < s->w->pool[POOL_REQ].high; i++) {
		struct req *rq = &s->w->req[i];

		if (rq->live && rq->host == host && rq->rsk_hashed && rq->ir_num == lport && rq->ir_rmt_addr == raddr &&
		    rq->ir_rmt_port == rport)
			return rq;
	}
	return NULL;
}

struct lookup inet_ehash_find(struct sim *s, u8 host, u16 lport, u8 raddr, u16 rport)
{
	struct lookup l = { .sk = find_sock(s, host, lport, raddr, rport) };

	if (!l.sk)
		l.tw = find_tw(s, host, lport, raddr, rport);
	if (!l.sk && !l.tw)
		l.req = find_req(s, host, lport, raddr, rport);
	return l;
}

void inet_lookup_hold(struct sim *s, const struct lookup *l)
{
	if (l->sk)
		sock_hold(s, l->sk);
	if (l->tw)
		ADD(l->tw->tw_refcnt, 1);
	if (l->req)
		ADD(l->req->rsk_refcnt, 1);
}

struct lookup inet_lookup_established(struct sim *s, u8 host, u16 lport, u8 raddr, u16 rport)
{
	struct lookup l;

	FN(__inet_lookup_established, host, NULL);
	l = inet_ehash_find(s, host, lport, raddr, rport);
	inet_lookup_hold(s, &l);
	return l;
}

struct sock *inet_lookup_listener(struct sim *s, u8 host, u16 lport)
{
	FN(__inet_lookup_listener, host, NULL);
	for (u16 i = 0; i < s->w->pool[POOL_SOCK].high; i++) {
		struct sock *sk = &s->w->sock[i];

		if (sk->live && sk->host == host && sk->sk_hashed == HASHED_LISTEN && sk->inet_num == lport)
			return sk;
	}
	return NULL;
}

/* ---- the tables -------------------------------------------------------------------------------------------------- */

static void inet_ehash_insert(struct sim *s, struct sock *sk, struct req *rq)
{
	FN_SK(inet_ehash_insert, sk);
	BUG_ON(sk->sk_hashed != UNHASHED);
	SET(sk->sk_hashed, HASHED_EHASH);
	if (rq && rq->rsk_hashed) {
		SET(rq->rsk_hashed, 0);
		SUB(rq->rsk_refcnt, 1);
	}
}

void inet_ehash_nolisten(struct sim *s, struct sock *sk, struct req *rq)
{
	FN_SK(inet_ehash_nolisten, sk);
	inet_ehash_insert(s, sk, rq);
}

void inet_ehash_insert_req(struct sim *s, struct req *rq)
{
	FN(inet_ehash_insert, rq->host, rq);
	SET(rq->rsk_hashed, HASHED_EHASH);
}

static void __inet_hash(struct sim *s, struct sock *sk)
{
	FN_SK(__inet_hash, sk);
	if (sk->sk_state != TCP_LISTEN) {
		inet_ehash_nolisten(s, sk, NULL);
		return;
	}
	BUG_ON(sk->sk_hashed != UNHASHED);
	if (KP(sk->host, sock_freed_by_rcu))
		sock_set_flag(s, sk, SOCK_RCU_FREE);
	SET(sk->sk_hashed, HASHED_LISTEN);
}

void inet_hash(struct sim *s, struct sock *sk)
{
	FN_SK(inet_hash, sk);
	if (sk->sk_state != TCP_CLOSE)
		__inet_hash(s, sk);
}

void inet_unhash(struct sim *s, struct sock *sk)
{
	FN_SK(inet_unhash, sk);
	if (sk->sk_hashed != UNHASHED)
		SET(sk->sk_hashed, UNHASHED);
}

/* ---- bind buckets ------------------------------------------------------------------------------------------------ */

struct bind *bind_find(struct sim *s, u8 host, u8 protocol, u16 port)
{
	for (u16 i = 0; i < s->w->pool[POOL_BIND].high; i++) {
		struct bind *tb = &s->w->bind[i];

		if (tb->live && tb->host == host && tb->protocol == protocol && tb->port == port)
			return tb;
	}
	return NULL;
}

struct bind *bind_create(struct sim *s, u8 host, u8 protocol, u16 port)
{
	struct bind *tb;

	if (fault_strikes(s, host, FAULT_PORT))
		return NULL;
	tb = pool_alloc(s, POOL_BIND, host);
	SET(tb->protocol, protocol);
	SET(tb->port, port);
	return tb;
}

void inet_bind_hash(struct sim *s, struct sock *sk, struct bind *tb)
{
	FN_SK(inet_bind_hash, sk);
	SET(sk->inet_num, tb->port);
	SET(sk->inet_sport, tb->port);
	SET(sk->bind_hash, pool_handle(s, POOL_BIND, tb));
	ADD(tb->owners, 1);
}

/* True when whoever is left in the bucket got the port from connect(): then connect() may share it again. */
static bool only_connect_is_left(const struct sim *s, hnd tb)
{
	for (u16 i = 0; i < s->w->pool[POOL_SOCK].high; i++)
		if (s->w->sock[i].live && s->w->sock[i].bind_hash == tb && !s->w->sock[i].connect_bind_)
			return false;
	for (u16 i = 0; i < s->w->pool[POOL_TW].high; i++)
		if (s->w->tw[i].live && s->w->tw[i].tw_tb == tb && !s->w->tw[i].tw_connect_bind)
			return false;
	return true;
}

void bind_release(struct sim *s, hnd *member)
{
	struct bind *tb = bind_at(s, *member);
	hnd h = *member;

	BUG_ON(!tb || !tb->owners);
	SET(*member, 0);
	SUB(tb->owners, 1);
	if (!tb->owners)
		pool_free(s, POOL_BIND, tb);
	else if (tb->fastreuse != BIND_BY_CONNECT && only_connect_is_left(s, h))
		SET(tb->fastreuse, BIND_BY_CONNECT);
}

void inet_put_port(struct sim *s, struct sock *sk)
{
	FN_SK(inet_put_port, sk);
	if (!sk->bind_hash)
		return;
	bind_release(s, &sk->bind_hash);
	SET(sk->connect_bind_, 0);
	SET(sk->inet_num, 0);
}

void __inet_inherit_port(struct sim *s, struct sock *sk, struct sock *child)
{
	FN_SK(__inet_inherit_port, child);
	inet_bind_hash(s, child, bind_at(s, sk->bind_hash));
}

/* ---- connect() --------------------------------------------------------------------------------------------------- */

u16 next_ephemeral_port(struct sim *s, u8 host)
{
	struct host *h = host_of(s, host);
	u16 port = h->next_port;

	SET(h->next_port, port >= LAST_EPHEMERAL ? LOWEST_EPHEMERAL : port + 1u);
	return port;
}

/*
 * Enters the sock when its 4-tuple with local port `lport` is free, or held by a minisocket that may be taken over;
 * `twp` gets that one, with a reference (NULL: it is ended here).
 */
static bool __inet_check_established(struct sim *s, struct sock *sk, u16 lport, struct tw **twp)
{
	struct lookup l;

	FN_SK(__inet_check_established, sk);
	l = inet_ehash_find(s, sk->host, lport, sk->inet_daddr, sk->inet_dport);
	if (l.sk || l.req || (l.tw && !tcp_twsk_unique(s, sk, l.tw, !twp))) {
		DECIDE(connection_is_unique, sk->host, false, lport, sk->inet_dport);
		return false;
	}
	DECIDE(connection_is_unique, sk->host, true, lport, sk->inet_dport);
	SET(sk->inet_num, lport);
	SET(sk->inet_sport, lport);
	SET(sk->sk_hashed, HASHED_EHASH);
	if (l.tw) {
		SET(l.tw->tw_hashed, 0);
		SUB(l.tw->tw_refcnt, 1);
		NET_INC_STATS(sk->host, TWRecycled);
	}
	if (twp)
		*twp = l.tw;
	else if (l.tw)
		inet_twsk_deschedule_put(s, l.tw);
	return true;
}

/* One candidate: 0 taken, -EADDRINUSE try another, -ENOMEM. */
static int connect_by_port(struct sim *s, struct sock *sk, u16 port)
{
	struct bind *tb = bind_find(s, sk->host, SEG_TCP, port);
	struct tw *tw = NULL;

	if (tb) {
		if (tb->fastreuse != BIND_BY_CONNECT || !__inet_check_established(s, sk, port, &tw))
			return -EADDRINUSE;
	} else {
		tb = bind_create(s, sk->host, SEG_TCP, port);
		if (!tb)
			return -ENOMEM;
		SET(tb->fastreuse, BIND_BY_CONNECT);
	}
	inet_bind_hash(s, sk, tb);
	SET(sk->connect_bind_, 1);
	if (sk->sk_hashed == UNHASHED)
		inet_ehash_nolisten(s, sk, NULL);
	if (tw) {
		inet_twsk_bind_unhash(s, tw);
		inet_twsk_deschedule_put(s, tw);
	}
	return 0;
}

int inet_hash_connect(struct sim *s, struct sock *sk)
{
	FN_SK(inet_hash_connect, sk);
	if (sk->inet_num)
		return __inet_check_established(s, sk, sk->inet_num, NULL) ? 0 : -EADDRNOTAVAIL;
	for (u32 tries = LAST_EPHEMERAL - LOWEST_EPHEMERAL; tries > 0; tries--) {
		int err = connect_by_port(s, sk, next_ephemeral_port(s, sk->host));

		if (err != -EADDRINUSE)
			return err;
	}
	return -EADDRNOTAVAIL;
}
