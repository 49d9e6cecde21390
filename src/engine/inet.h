/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lies between sockets and TCP: hash tables and ports (inet_hashtables.c), connection socks and requests
 * (inet_connection_sock.c), minisockets (inet_timewait_sock.c), the AF_INET family (af_inet.c), UDP (udp.c).
 */
#ifndef ENGINE_INET_H
#define ENGINE_INET_H

#include "engine/sim.h"
#include "engine/sock.h"

/* ---- inet_hashtables.c --------------------------------------------------------------------------------------------- */
struct lookup {
	struct sock *sk; /* exactly one of the three, or none */
	struct tw *tw;
	struct req *req;
};
/*
 * Full socks, minisockets and requests by their 4-tuple; raddr is the peer's host + 1. Takes a reference to what it
 * finds. kernel: __inet_lookup_established()
 */
struct lookup inet_lookup_established(struct sim *s, u8 host, u16 lport, u8 raddr, u16 rport);
/* The same without frame and reference: the result that early demux left with the segment. */
struct lookup inet_ehash_find(struct sim *s, u8 host, u16 lport, u8 raddr, u16 rport);
/* Takes the reference of a lookup. */
void inet_lookup_hold(struct sim *s, const struct lookup *l);
/* A listener by its port; takes no reference (SOCK_RCU_FREE in the kernel). NULL when nothing listens. */
struct sock *inet_lookup_listener(struct sim *s, u8 host, u16 lport);
void inet_hash(struct sim *s, struct sock *sk);	 /* into the listening table, or the established one by state */
void inet_unhash(struct sim *s, struct sock *sk);
/* Into the established table; a child takes the place of its request `rq` (else NULL). */
void inet_ehash_nolisten(struct sim *s, struct sock *sk, struct req *rq);
void inet_ehash_insert_req(struct sim *s, struct req *rq);
void inet_put_port(struct sim *s, struct sock *sk);
/* Of inet_connection_sock.c. Port 0 picks one. 0 or -EADDRINUSE */
int inet_csk_get_port(struct sim *s, struct sock *sk, u16 port);
void __inet_inherit_port(struct sim *s, struct sock *sk, struct sock *child);
/* Chooses a port for connect() and enters the established table. 0 or -EADDRNOTAVAIL */
int inet_hash_connect(struct sim *s, struct sock *sk);
/* bind.fastreuse; the kernel's -1 is BIND_BY_CONNECT: only connect() has put socks there. */
enum { BIND_NO_REUSE, BIND_REUSE, BIND_BY_CONNECT };
/* A new bucket with no owner. NULL when `fault port` strikes. */
struct bind *bind_create(struct sim *s, u8 host, u8 protocol, u16 port);
/* Enters a sock: owner of the bucket, inet_num set. kernel: inet_bind_hash() */
void inet_bind_hash(struct sim *s, struct sock *sk, struct bind *tb);
/* The next ephemeral port to try. */
u16 next_ephemeral_port(struct sim *s, u8 host);
struct bind *bind_find(struct sim *s, u8 host, u8 protocol, u16 port);
void bind_release(struct sim *s, hnd *member); /* a sock or minisocket leaves its bucket */

/* ---- inet_connection_sock.c ------------------------------------------------------------------------------------------ */
int inet_csk_listen_start(struct sim *s, struct sock *sk);
void inet_csk_listen_stop(struct sim *s, struct sock *sk);
int inet_csk_accept(struct sim *s, struct sock *sk, bool nonblock, struct sock **child); /* 0, -errno or SLEEPS */
void inet_csk_destroy_sock(struct sim *s, struct sock *sk);
void inet_csk_prepare_forced_close(struct sim *s, struct sock *sk);
void inet_child_forget(struct sim *s, struct sock *listener, struct req *rq, struct sock *child);
/* Takes a request out of table and timer, and drops their references; false when it was in no table any more. */
bool inet_csk_reqsk_queue_drop(struct sim *s, struct sock *listener, struct req *rq);
/* The same, and gives the caller's own reference back. */
void inet_csk_reqsk_queue_drop_and_put(struct sim *s, struct sock *listener, struct req *rq);
struct sock *inet_csk_reqsk_queue_add(struct sim *s, struct sock *listener, struct req *rq, struct sock *child);
struct sock *inet_csk_complete_hashdance(struct sim *s, struct sock *listener, struct sock *child, struct req *rq);
struct sock *inet_csk_clone_lock(struct sim *s, struct sock *listener, struct req *rq);
void inet_csk_reqsk_queue_hash_add(struct sim *s, struct sock *listener, struct req *rq, u32 timeout);
/* Until the next SYN-ACK, in jiffies: at most TCP_RTO_MAX, whatever tcp_rto_max_ms says. */
u32 reqsk_timeout(const struct req *rq);
/* When (µs) it is noticed that `timeout` jiffies are over: where one timer serves all requests, at its next scan. */
u64 reqsk_expires(struct sim *s, const struct sock *listener, u32 timeout);
/* Requests of that listener whose SYN-ACK was never repeated. */
u32 reqsk_queue_len_young(const struct sim *s, hnd listener);
void reqsk_timer_handler(struct sim *s, struct req *rq);
/*
 * A new request, with its number and a reference to its listener. rsk_refcnt is 1, the caller's: hash_add adds those of
 * table and timer, and the caller gives its own back with reqsk_put() when it is done.
 */
struct req *inet_reqsk_alloc(struct sim *s, struct sock *listener);
void reqsk_put(struct sim *s, struct req *rq);
void reqsk_free(struct sim *s, struct req *rq); /* kernel: reqsk_free(), include/net/request_sock.h: the last reference is gone */
static inline bool sk_acceptq_is_full(const struct sock *sk)
{
	return sk->sk_ack_backlog > sk->sk_max_ack_backlog;
}

/* ---- inet_timewait_sock.c ---------------------------------------------------------------------------------------------- */
/*
 * tw_refcnt as in the kernel: one each for the table, the port and the timer, set by the hashdance; one more for a
 * lookup, which inet_twsk_put() or inet_twsk_deschedule_put() gives back.
 */
struct tw *inet_twsk_alloc(struct sim *s, struct sock *sk, u8 state);
void inet_twsk_hashdance_schedule(struct sim *s, struct tw *tw, struct sock *sk, u32 timeo);
void inet_twsk_reschedule(struct sim *s, struct tw *tw, u32 timeo);
/* Leaves its port only. */
void inet_twsk_bind_unhash(struct sim *s, struct tw *tw);
/* Ends it before its time; gives back the caller's reference, which there must be. */
void inet_twsk_deschedule_put(struct sim *s, struct tw *tw);
void inet_twsk_put(struct sim *s, struct tw *tw);
void inet_twsk_free(struct sim *s, struct tw *tw); /* the last reference is gone */
void tw_timer_handler(struct sim *s, struct tw *tw);

/* ---- af_inet.c --------------------------------------------------------------------------------------------------------- */
int inet_create(struct sim *s, struct socket *sock, u8 protocol);
int inet_bind(struct sim *s, struct socket *sock, u8 addr, u16 port);
int inet_listen(struct sim *s, struct socket *sock, s32 backlog);
int inet_stream_connect(struct sim *s, struct socket *sock, u8 addr, u16 port, bool nonblock); /* 0, -errno, SLEEPS */
int inet_dgram_connect(struct sim *s, struct socket *sock, u8 addr, u16 port);
int inet_accept(struct sim *s, struct socket *sock, struct socket *newsock, bool nonblock); /* 0, -errno, SLEEPS */
int inet_autobind(struct sim *s, struct sock *sk);

/* ---- udp.c ----------------------------------------------------------------------------------------------------------------- */
void udp_lib_close(struct sim *s, struct sock *sk, u32 timeout);
void udp_destroy_sock(struct sim *s, struct sock *sk);
void udp_lib_unhash(struct sim *s, struct sock *sk);
int udp_v4_get_port(struct sim *s, struct sock *sk, u16 port);
int udp_sendmsg(struct sim *s, struct sock *sk, u32 len, u32 msg_flags);
int udp_recvmsg(struct sim *s, struct sock *sk, u32 len, u32 msg_flags, bool nonblock); /* bytes, -errno, SLEEPS */
int udp_poll(struct sim *s, struct sock *sk);
int udp_ioctl(struct sim *s, struct sock *sk, u32 which, s32 *val);
int udp_abort(struct sim *s, struct sock *sk, int err);
int udp_disconnect(struct sim *s, struct sock *sk);
int ip4_datagram_connect(struct sim *s, struct sock *sk, u8 addr, u16 port);
void udp_rcv(struct sim *s, u8 host, const struct seg *g);
/* `icmp` bears the ports of the datagram that it quotes: sport is ours. */
void udp_err(struct sim *s, u8 host, const struct seg *icmp);

#endif
