/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDP (net/ipv4/udp.c, datagram.c): sockets without a goodbye, to compare with. */
#include <errno.h>
#include <stdlib.h>

#include "engine/fs.h"
#include "engine/inet.h"
#include "engine/link.h"
#include "engine/sock.h"
#include "engine/tcp.h"

#define UDP_MAX_PAYLOAD 65507u /* 64 KiB less the headers of IP and UDP */
#define NR_PORTS 65536u

/* Codes of ICMP "destination unreachable". */
enum { ICMP_NET_UNREACH, ICMP_HOST_UNREACH, ICMP_PROT_UNREACH, ICMP_PORT_UNREACH, ICMP_FRAG_NEEDED };
#define ICMP_DEST_UNREACH 3

/* ---- ports ------------------------------------------------------------------------------------------------------ */

static bool addresses_overlap(u8 a, u8 b)
{
	return !a || !b || a == b;
}

static bool port_is_taken(struct sim *s, const struct sock *sk, u16 port)
{
	for (u16 i = 0; i < s->w->pool[POOL_SOCK].high; i++) {
		const struct sock *other = &s->w->sock[i];

		if (!other->live || other == sk || other->host != sk->host || other->sk_hashed != HASHED_UDP ||
		    other->inet_num != port)
			continue;
		if (!(other->sk_reuse && sk->sk_reuse) && addresses_overlap(other->inet_rcv_saddr, sk->inet_rcv_saddr))
			return true;
	}
	return false;
}

/* 0 when there is none. */
static u16 free_ephemeral_port(struct sim *s, const struct sock *sk)
{
	for (u32 tries = 0; tries < NR_PORTS; tries++) {
		u16 port = next_ephemeral_port(s, sk->host);

		if (!port_is_taken(s, sk, port))
			return port;
	}
	return 0;
}

static int udp_lib_get_port(struct sim *s, struct sock *sk, u16 port)
{
	FN_SK(udp_lib_get_port, sk);
	if (fault_strikes(s, sk->host, FAULT_PORT))
		return -EADDRINUSE;
	if (!port)
		port = free_ephemeral_port(s, sk);
	if (!port || port_is_taken(s, sk, port))
		return -EADDRINUSE;
	SET(sk->inet_num, port);
	SET(sk->inet_sport, port);
	SET(sk->sk_hashed, HASHED_UDP);
	if (KP(sk->host, sock_freed_by_rcu))
		sock_set_flag(s, sk, SOCK_RCU_FREE);
	return 0;
}

int udp_v4_get_port(struct sim *s, struct sock *sk, u16 port)
{
	FN_SK(udp_v4_get_port, sk);
	return udp_lib_get_port(s, sk, port);
}

/* Asked of sockets that were never bound, too. */
void udp_lib_unhash(struct sim *s, struct sock *sk)
{
	FN_SK(udp_lib_unhash, sk);
	if (sk->sk_hashed == UNHASHED)
		return;
	SET(sk->inet_num, 0);
	SET(sk->sk_hashed, UNHASHED);
}

/* A socket connected to this very sender before one that takes from all. */
static struct sock *__udp4_lib_lookup(struct sim *s, u8 host, u16 lport, u8 raddr, u16 rport)
{
	struct sock *best = NULL;

	FN(__udp4_lib_lookup, host, NULL);
	for (u16 i = 0; i < s->w->pool[POOL_SOCK].high; i++) {
		struct sock *sk = &s->w->sock[i];

		if (!sk->live || sk->host != host || sk->sk_hashed != HASHED_UDP || sk->inet_num != lport)
			continue;
		if (sk->inet_dport && (sk->inet_dport != rport || sk->inet_daddr != raddr))
			continue;
		if (!best || (sk->inet_dport && !best->inet_dport))
			best = sk;
	}
	return best;
}

/* ---- connect ---------------------------------------------------------------------------------------------------- */

static int __ip4_datagram_connect(struct sim *s, struct sock *sk, u8 addr, u16 port)
{
	FN_SK(__ip4_datagram_connect, sk);
	/* there is no loopback: a host has no way to itself */
	if (fault_strikes(s, sk->host, FAULT_ROUTE) || addr == sk->host + 1)
		return -ENETUNREACH;
	if (addr > NR_HOSTS)
		return -EHOSTUNREACH;
	if (!sk->inet_rcv_saddr)
		SET(sk->inet_rcv_saddr, sk->host + 1);
	SET(sk->inet_daddr, addr);
	SET(sk->inet_dport, port);
	sk_state_set(s, sk, TCP_ESTABLISHED);
	return 0;
}

int ip4_datagram_connect(struct sim *s, struct sock *sk, u8 addr, u16 port)
{
	int err;

	FN_SK(ip4_datagram_connect, sk);
	if (lock_sock(s, sk) == SLEEPS)
		return SLEEPS;
	err = __ip4_datagram_connect(s, sk, addr, port);
	release_sock(s, sk);
	return err;
}

static void __udp_disconnect(struct sim *s, struct sock *sk)
{
	FN_SK(__udp_disconnect, sk);
	sk_state_set(s, sk, TCP_CLOSE);
	SET(sk->inet_daddr, 0);
	SET(sk->inet_dport, 0);
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK)) {
		SET(sk->inet_rcv_saddr, 0);
		if (sk->sk_userlocks & SOCK_BINDPORT_LOCK)
			LEAF(udp_lib_rehash, sk->host, sk);
	}
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		udp_lib_unhash(s, sk);
}

int udp_disconnect(struct sim *s, struct sock *sk)
{
	FN_SK(udp_disconnect, sk);
	if (lock_sock(s, sk) == SLEEPS)
		return SLEEPS;
	__udp_disconnect(s, sk);
	release_sock(s, sk);
	return 0;
}

/* ---- send ------------------------------------------------------------------------------------------------------- */

static int udp_send_skb(struct sim *s, struct sock *sk, u32 len)
{
	struct seg g = { .proto = SEG_UDP, .len = len, .sport = sk->inet_num, .dport = sk->inet_dport };

	FN_SK(udp_send_skb, sk);
	if (ip_send_skb(s, sk->host, sk, &g) < 0)
		return -ENETUNREACH;
	NET_INC_STATS(sk->host, OutDatagrams);
	return 0;
}

/* What was corked goes out as one datagram. */
static int udp_push_pending_frames(struct sim *s, struct sock *sk)
{
	u32 len = sk->udp_pending_len;

	FN_SK(udp_push_pending_frames, sk);
	SET(sk->udp_pending_len, 0);
	return udp_send_skb(s, sk, len);
}

static void udp_flush_pending_frames(struct sim *s, struct sock *sk)
{
	FN_SK(udp_flush_pending_frames, sk);
	if (!sk->udp_pending_len)
		return;
	LEAF(kfree_skb_reason, sk->host, sk);
	SET(sk->udp_pending_len, 0);
}

/* Why no buffer for sending can be had: an error that waits is told first. */
static int send_error(struct sim *s, struct sock *sk)
{
	int err = sock_error(s, sk);

	if (err)
		return err;
	if (sk->sk_shutdown & SEND_SHUTDOWN)
		return -EPIPE;
	return fault_strikes(s, sk->host, FAULT_ALLOC_SKB) ? -ENOBUFS : 0;
}

int udp_sendmsg(struct sim *s, struct sock *sk, u32 len, u32 msg_flags)
{
	bool cork = sk->udp_corkflag || (msg_flags & MSG_MORE_);
	bool pending = sk->udp_pending_len != 0;
	int err;

	FN_SK(udp_sendmsg, sk);
	if (len > UDP_MAX_PAYLOAD || sk->udp_pending_len + len > UDP_MAX_PAYLOAD)
		return -EMSGSIZE;
	if (msg_flags & MSG_OOB_)
		return -EOPNOTSUPP;
	if (!pending && sk->sk_state != TCP_ESTABLISHED)
		return -EDESTADDRREQ;
	err = send_error(s, sk);
	if (err)
		return err;
	if (DECIDE(udp_is_corked, sk->host, cork, sk->udp_corkflag, msg_flags & MSG_MORE_) || pending)
		ADD(sk->udp_pending_len, len);
	else
		err = udp_send_skb(s, sk, len);
	if (pending && !cork)
		err = udp_push_pending_frames(s, sk);
	if (err)
		return err;
	sk_app_wrote(s, sk, len);
	return (int)len;
}

/* ---- receive ---------------------------------------------------------------------------------------------------- */

static void udp_skb_destructor(struct sim *s, struct sock *sk, struct skb *skb)
{
	skq_unlink(s, &sk->sk_receive_queue, skb);
	SUB(sk->sk_rmem_alloc, (s32)skb->truesize);
	kfree_skb(s, skb);
}

/* Sleeps until a datagram is there. 0: look again; 1: nothing will come, the call returns 0; -errno or SLEEPS. */
static int __skb_wait_for_more_packets(struct sim *s, struct sock *sk, u32 *timeo)
{
	int err;

	FN_SK(__skb_wait_for_more_packets, sk);
	if (woken_in(s, FN___skb_wait_for_more_packets)) {
		*timeo = sleep_left(s);
		return 0;
	}
	err = sock_error(s, sk);
	if (err)
		return err;
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 1;
	if (signal_pending(s))
		return sock_intr_errno(*timeo);
	return sleep_on(s, sk, FN___skb_wait_for_more_packets, sleep_deadline(s, *timeo));
}

/* The first datagram. Without one: 1 end of file, -errno or SLEEPS. */
static int __skb_recv_udp(struct sim *s, struct sock *sk, u32 timeo, struct skb **skb)
{
	int err = 0;

	FN_SK(__skb_recv_udp, sk);
	for (;;) {
		if (!s->resuming) {
			err = sock_error(s, sk);
			if (err)
				return err;
			*skb = skq_head(s, &sk->sk_receive_queue);
			if (*skb)
				return 0;
			if (!timeo)
				return -EAGAIN;
		}
		err = __skb_wait_for_more_packets(s, sk, &timeo);
		if (err)
			return err;
	}
}

int udp_recvmsg(struct sim *s, struct sock *sk, u32 len, u32 msg_flags, bool nonblock)
{
	struct skb *skb = NULL;
	int err;

	FN_SK(udp_recvmsg, sk);
	err = __skb_recv_udp(s, sk, sock_rcvtimeo(sk, nonblock), &skb);
	if (err)
		return err == 1 ? 0 : err;
	if (len > skb_len(skb))
		len = skb_len(skb);
	if (msg_flags & MSG_PEEK_)
		return (int)len;
	NET_INC_STATS(sk->host, InDatagrams);
	sk_app_got(s, sk, len);
	udp_skb_destructor(s, sk, skb); /* what did not fit is lost */
	return (int)len;
}

static void __udp_enqueue_schedule_skb(struct sim *s, struct sock *sk, const struct seg *g)
{
	u32 truesize = skb_truesize(g->len);
	struct skb *skb;

	FN_SK(__udp_enqueue_schedule_skb, sk);
	if (DECIDE(udp_buffer_is_full, sk->host, sk->sk_rmem_alloc > sk->sk_rcvbuf, sk->sk_rmem_alloc, sk->sk_rcvbuf)) {
		LEAF(kfree_skb_reason, sk->host, sk);
		return;
	}
	skb = alloc_skb(s, sk);
	if (!skb)
		return;
	SET(skb->udp_, 1);
	SET(skb->end_seq, g->len);
	SET(skb->truesize, truesize);
	skq_append(s, &sk->sk_receive_queue, skb);
	ADD(sk->sk_rmem_alloc, (s32)truesize);
	sock_def_readable(s, sk);
}

static void udp_queue_rcv_skb(struct sim *s, struct sock *sk, const struct seg *g)
{
	FN_SK(udp_queue_rcv_skb, sk);
	__udp_enqueue_schedule_skb(s, sk, g);
}

/* Tells the sender that nobody has the port; it quotes what came. */
static void icmp_send(struct sim *s, u8 host, const struct seg *quoted)
{
	struct seg g = { .proto = SEG_ICMP, .icmp_type = ICMP_DEST_UNREACH, .icmp_code = ICMP_PORT_UNREACH,
			 .sport = quoted->sport, .dport = quoted->dport, .opts = quoted->proto };

	FN(icmp_send, host, NULL);
	ip_send_unicast_reply(s, host, &g);
}

static void __udp4_lib_rcv(struct sim *s, u8 host, const struct seg *g)
{
	u8 sender = (u8)(NR_HOSTS - host); /* the address of the other host */
	struct sock *sk;

	FN(__udp4_lib_rcv, host, NULL);
	sk = __udp4_lib_lookup(s, host, g->dport, sender, g->sport);
	if (DECIDE(udp_port_unreachable, host, !sk, g->dport, 0)) {
		NET_INC_STATS(host, NoPorts);
		icmp_send(s, host, g);
		LEAF(kfree_skb_reason, host, NULL);
		return;
	}
	udp_queue_rcv_skb(s, sk, g);
}

void udp_rcv(struct sim *s, u8 host, const struct seg *g)
{
	FN(udp_rcv, host, NULL);
	__udp4_lib_rcv(s, host, g);
}

/* ---- ICMP errors ------------------------------------------------------------------------------------------------ */

/* The errno that stands for an ICMP error, and whether it is there to stay. */
static int icmp_errno(u8 code, bool *fatal)
{
	*fatal = true;
	switch (code) {
	case ICMP_PROT_UNREACH:
		return ENOPROTOOPT;
	case ICMP_PORT_UNREACH:
		return ECONNREFUSED;
	case ICMP_FRAG_NEEDED:
		return EMSGSIZE;
	case ICMP_HOST_UNREACH:
		*fatal = false;
		return EHOSTUNREACH;
	default:
		*fatal = false;
		return ENETUNREACH;
	}
}

void udp_err(struct sim *s, u8 host, const struct seg *icmp)
{
	struct sock *sk;
	bool fatal, told;
	int err;

	FN(udp_err, host, NULL);
	sk = __udp4_lib_lookup(s, host, icmp->sport, (u8)(NR_HOSTS - host), icmp->dport);
	if (!sk) {
		NET_INC_STATS(host, InErrors);
		return;
	}
	if (icmp->icmp_type != ICMP_DEST_UNREACH)
		return;
	err = icmp_errno(icmp->icmp_code, &fatal);
	told = sock_flag(sk, SOCK_RECVERR) || (fatal && sk->sk_state == TCP_ESTABLISHED);
	if (!DECIDE(udp_error_is_told, host, told, icmp->icmp_code, sk->sk_state))
		return;
	if (sock_flag(sk, SOCK_RECVERR))
		SET(sk->errqueue_, err);
	SET(sk->sk_err, err);
	sk_error_report(s, sk);
}

/* ---- poll, ioctl, abort ----------------------------------------------------------------------------------------- */

int udp_poll(struct sim *s, struct sock *sk)
{
	int mask = 0;

	FN_SK(udp_poll, sk);
	if (sk->sk_err || sk->errqueue_)
		mask |= POLLERR_;
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		mask |= POLLIN_ | POLLRDNORM_ | (KP(sk->host, poll_has_rdhup) ? POLLRDHUP_ : 0);
	if (sk->sk_shutdown == SHUTDOWN_MASK)
		mask |= POLLHUP_;
	if (sk->sk_receive_queue.head)
		mask |= POLLIN_ | POLLRDNORM_;
	return mask | POLLOUT_ | POLLWRNORM_; /* what is sent is on the wire at once */
}

int udp_ioctl(struct sim *s, struct sock *sk, u32 which, s32 *val)
{
	struct skb *first = skq_head(s, &sk->sk_receive_queue);

	FN_SK(udp_ioctl, sk);
	*val = which || !first ? 0 : (s32)skb_len(first);
	return 0;
}

int udp_abort(struct sim *s, struct sock *sk, int err)
{
	FN_SK(udp_abort, sk);
	if (lock_sock(s, sk) == SLEEPS)
		return SLEEPS;
	if (!sock_flag(sk, SOCK_DEAD)) {
		SET(sk->sk_err, err);
		sk_error_report(s, sk);
		__udp_disconnect(s, sk);
	}
	release_sock(s, sk);
	return 0;
}

/* ---- close ------------------------------------------------------------------------------------------------------ */

void udp_destroy_sock(struct sim *s, struct sock *sk)
{
	FN_SK(udp_destroy_sock, sk);
	if (KP(sk->host, udp_close_marks_dead)) /* so that udp_abort() leaves it alone */
		sock_set_flag(s, sk, SOCK_DEAD);
	udp_flush_pending_frames(s, sk);
}

void udp_lib_close(struct sim *s, struct sock *sk, u32 timeout)
{
	FN_SK(udp_lib_close, sk);
	(void)timeout; /* nothing is sent, so there is nothing to linger for */
	sk_common_release(s, sk);
}
