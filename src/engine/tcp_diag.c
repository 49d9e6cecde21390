/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Destroying a socket from outside (net/core/sock_diag.c, net/ipv4/inet_diag.c, net/ipv4/tcp_diag.c). */
#include "engine/tcp_diag.h"

#include <errno.h>

#include "engine/inet.h"
#include "engine/tcp.h"

static struct req *req_by_num(struct sim *s, u8 host, u16 num)
{
	for (u16 i = 0; i < s->w->pool[POOL_REQ].high; i++) {
		struct req *rq = &s->w->req[i];

		if (rq->live && rq->host == host && rq->num_ == num && rq->rsk_hashed)
			return rq;
	}
	return NULL;
}

/* The two kinds of tcp_abort's argument that are no full socket. */
static int tcp_abort_mini(struct sim *s, struct tw *tw, struct req *rq)
{
	u8 host = tw ? tw->host : rq->host;

	FN(tcp_abort, host, tw ? (void *)tw : (void *)rq);
	if (tw && !KP(host, abort_ends_all))
		return -EOPNOTSUPP;
	if (tw) {
		ADD(tw->tw_refcnt, 1); /* inet_twsk_deschedule_put() drops one */
		inet_twsk_deschedule_put(s, tw);
	} else {
		inet_csk_reqsk_queue_drop(s, sock_at(s, rq->rsk_listener), rq);
	}
	return 0;
}

/* The reference that the lookup took. */
static void sock_gen_put(struct sim *s, u8 host, struct sock *sk, struct tw *tw, struct req *rq)
{
	FN(sock_gen_put, host, sk);
	if (tw) {
		SUB(tw->tw_refcnt, 1);
		if (!tw->tw_refcnt)
			inet_twsk_free(s, tw);
	} else if (rq) {
		SUB(rq->rsk_refcnt, 1);
		if (!rq->rsk_refcnt)
			reqsk_free(s, rq);
	} else if (sk) {
		SUB(sk->sk_refcnt, 1);
		if (!sk->sk_refcnt)
			sk_free(s, sk);
	}
}

static int sock_diag_destroy(struct sim *s, u8 host, struct sock *sk, struct tw *tw, struct req *rq)
{
	FN(sock_diag_destroy, host, sk);
	if (tw || rq)
		return tcp_abort_mini(s, tw, rq);
	BUG_ON(!sk);
	return sk->sk_protocol == SEG_UDP ? udp_abort(s, sk, ECONNABORTED) : tcp_abort(s, sk, ECONNABORTED);
}

/* The lookup by addresses and ports, and its reference. False: nothing is there. */
static bool inet_diag_find_one_icsk(struct sim *s, u8 host, struct sock *sk, struct tw *tw, struct req *rq)
{
	FN(inet_diag_find_one_icsk, host, sk);
	LEAF(__inet_lookup_established, host, NULL);
	if (!tw && !rq && (!sk || sk->sk_hashed != HASHED_EHASH))
		LEAF(__inet_lookup_listener, host, NULL);
	if (tw)
		ADD(tw->tw_refcnt, 1);
	else if (rq)
		ADD(rq->rsk_refcnt, 1);
	else if (sk)
		sock_hold(s, sk);
	return sk || tw || rq;
}

static int tcp_diag_destroy(struct sim *s, u8 host, struct sock *sk, struct tw *tw, struct req *rq)
{
	int ret;

	FN(tcp_diag_destroy, host, sk);
	if (!inet_diag_find_one_icsk(s, host, sk, tw, rq))
		return -ENOENT;
	ret = sock_diag_destroy(s, host, tw ? NULL : sk, tw, rq);
	sock_gen_put(s, host, sk, tw, rq);
	return ret;
}

static int __udp_diag_destroy(struct sim *s, struct sock *sk)
{
	int ret;

	FN_SK(__udp_diag_destroy, sk);
	LEAF(__udp4_lib_lookup, sk->host, sk);
	sock_hold(s, sk);
	ret = sock_diag_destroy(s, sk->host, sk, NULL, NULL);
	sock_put(s, sk);
	return ret;
}

static int udp_diag_destroy(struct sim *s, struct sock *sk)
{
	FN_SK(udp_diag_destroy, sk);
	return __udp_diag_destroy(s, sk);
}

static int inet_diag_cmd_exact(struct sim *s, u8 host, struct sock *sk, struct tw *tw, u16 num)
{
	struct req *rq;

	FN(inet_diag_cmd_exact, host, sk);
	if (sk && !tw && sk->sk_hashed == UNHASHED)
		sk = NULL; /* no lookup finds it */
	if (sk && sk->sk_protocol == SEG_UDP)
		return udp_diag_destroy(s, sk);
	rq = sk || tw ? NULL : req_by_num(s, host, num);
	return tcp_diag_destroy(s, host, sk, tw, rq);
}

static int inet_diag_handler_cmd(struct sim *s, u8 host, struct sock *sk, struct tw *tw, u16 num)
{
	FN(inet_diag_handler_cmd, host, sk);
	return inet_diag_cmd_exact(s, host, sk, tw, num);
}

int sock_diag_rcv_msg(struct sim *s, u8 host, struct sock *sk, struct tw *tw, u16 num)
{
	FN(sock_diag_rcv_msg, host, sk);
	if (!KP(host, abort_exists))
		return -EINVAL;
	return inet_diag_handler_cmd(s, host, sk, tw, num);
}
