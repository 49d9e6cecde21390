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
	if (tw)
		inet_twsk_put(s, tw);
	else if (rq)
		reqsk_put(s, rq);
	else
		sock_put(s, sk);
}

static int sock_diag_destroy(struct sim *s, u8 host, struct sock *sk, struct tw *tw, struct req *rq)
{
	FN(sock_diag_destroy, host, sk);
	if (tw || rq)
		return tcp_abort_mini(s, tw, rq);
	return sk->sk_protocol == SEG_UDP ? udp_abort(s, sk, ECONNABORTED) : tcp_abort(s, sk, ECONNABORTED);
}

int tcp_diag_destroy(struct sim *s, u8 host, struct sock *sk, struct tw *tw, u16 num)
{
	struct req *rq = sk || tw ? NULL : req_by_num(s, host, num);
	int ret;

	FN(tcp_diag_destroy, host, sk);
	if (sk && !tw && sk->sk_hashed == UNHASHED)
		sk = NULL; /* the lookup does not find it */
	LEAF(inet_diag_find_one_icsk, host, sk);
	if (!sk && !tw && !rq)
		return -ENOENT;
	if (tw)
		ADD(tw->tw_refcnt, 1);
	else if (rq)
		ADD(rq->rsk_refcnt, 1);
	else
		sock_hold(s, sk);
	ret = sock_diag_destroy(s, host, tw ? NULL : sk, tw, rq);
	sock_gen_put(s, host, sk, tw, rq);
	return ret;
}
