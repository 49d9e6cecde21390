/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets of the family AF_INET (net/ipv4/af_inet.c): what a call does before TCP or UDP is asked. */
#include "engine/inet.h"

#include <errno.h>

#include "engine/fs.h"
#include "engine/tcp.h"

static bool is_tcp(const struct sock *sk)
{
	return sk->sk_protocol == SEG_TCP;
}

/* sk->sk_prot->disconnect, with sleepers told that they wait for another association now. */
static int dissolve(struct sim *s, struct sock *sk)
{
	ADD(sk->sk_disconnects, 1);
	return is_tcp(sk) ? tcp_disconnect(s, sk, 0) : udp_disconnect(s, sk);
}

static int get_port(struct sim *s, struct sock *sk, u16 port)
{
	return is_tcp(sk) ? inet_csk_get_port(s, sk, port) : udp_v4_get_port(s, sk, port);
}

/* ---- socket and close ------------------------------------------------------------------------------------------- */

int inet_create(struct sim *s, struct socket *sock, u8 protocol)
{
	struct sock *sk;

	FN(inet_create, sock->host, sock);
	SET(sock->state, SS_UNCONNECTED);
	sk = sk_alloc(s, sock->host, protocol);
	sock_graft(s, sk, sock);
	if (is_tcp(sk))
		tcp_init_sock(s, sk);
	return 0;
}

/* How long close() may wait: only when SO_LINGER says so, and never while the process is exiting. Jiffies. */
static u32 linger_timeout(struct sim *s, const struct sock *sk)
{
	bool lingers = sock_flag(sk, SOCK_LINGER) && sk->sk_lingertime;

	if (!DECIDE(close_lingers, sk->host, lingers, sock_flag(sk, SOCK_LINGER), sk->sk_lingertime))
		return 0;
	if (DECIDE(exit_does_not_linger, sk->host, s->current_exiting, s->current_exiting, 0))
		return 0;
	return sk->sk_lingertime;
}

static int sk_prot_close(struct sim *s, struct sock *sk, u32 timeout)
{
	if (is_tcp(sk))
		return tcp_close(s, sk, timeout);
	udp_lib_close(s, sk, timeout);
	return 0;
}

int inet_release(struct sim *s, struct socket *sock)
{
	struct sock *sk = sock_at(s, sock->sk);
	u32 timeout = 0;

	FN(inet_release, sock->host, sock);
	if (!sk)
		return 0;
	if (!s->resuming) {
		LEAF(ip_mc_drop_socket, sk->host, sk);
		timeout = linger_timeout(s, sk);
	} else if (sock_flag(sk, SOCK_LINGER) && !s->current_exiting) {
		timeout = sk->sk_lingertime;
	}
	if (sk_prot_close(s, sk, timeout) == SLEEPS)
		return SLEEPS;
	SET(sock->sk, 0);
	return 0;
}

/* ---- bind and listen -------------------------------------------------------------------------------------------- */

static int bind_locked(struct sim *s, struct sock *sk, u8 addr, u16 port)
{
	if (DECIDE(bind_refused, sk->host, sk->sk_state != TCP_CLOSE || sk->inet_num, sk->sk_state, sk->inet_num))
		return -EINVAL;
	SET(sk->inet_rcv_saddr, addr);
	if (DECIDE(port_in_use, sk->host, get_port(s, sk, port) != 0, port, 0)) {
		SET(sk->inet_rcv_saddr, 0);
		return -EADDRINUSE;
	}
	if (addr)
		SET(sk->sk_userlocks, sk->sk_userlocks | SOCK_BINDADDR_LOCK);
	if (port)
		SET(sk->sk_userlocks, sk->sk_userlocks | SOCK_BINDPORT_LOCK);
	SET(sk->inet_daddr, 0);
	SET(sk->inet_dport, 0);
	return 0;
}

static int __inet_bind(struct sim *s, struct sock *sk, u8 addr, u16 port)
{
	int err;

	FN_SK(__inet_bind, sk);
	if (addr && addr != sk->host + 1)
		return -EADDRNOTAVAIL;
	if (lock_sock(s, sk) == SLEEPS)
		return SLEEPS;
	err = bind_locked(s, sk, addr, port);
	release_sock(s, sk);
	return err;
}

int inet_bind(struct sim *s, struct socket *sock, u8 addr, u16 port)
{
	FN(inet_bind, sock->host, sock);
	return __inet_bind(s, sock_at(s, sock->sk), addr, port);
}

static int __inet_listen_sk(struct sim *s, struct sock *sk, s32 backlog)
{
	FN_SK(__inet_listen_sk, sk);
	if (sk->sk_state != TCP_CLOSE && sk->sk_state != TCP_LISTEN)
		return -EINVAL;
	SET(sk->sk_max_ack_backlog, backlog);
	return sk->sk_state == TCP_LISTEN ? 0 : inet_csk_listen_start(s, sk);
}

int inet_listen(struct sim *s, struct socket *sock, s32 backlog)
{
	struct sock *sk = sock_at(s, sock->sk);
	int err = -EINVAL;

	FN(inet_listen, sock->host, sock);
	if (lock_sock(s, sk) == SLEEPS)
		return SLEEPS;
	if (!DECIDE(listen_refused, sk->host, sock->state != SS_UNCONNECTED, sock->state, sock->type))
		err = __inet_listen_sk(s, sk, backlog);
	release_sock(s, sk);
	return err;
}

int inet_autobind(struct sim *s, struct sock *sk)
{
	int err = 0;

	FN_SK(inet_autobind, sk);
	if (lock_sock(s, sk) == SLEEPS)
		return SLEEPS;
	if (!sk->inet_num && get_port(s, sk, 0))
		err = -EAGAIN;
	release_sock(s, sk);
	return err;
}

/* ---- connect ---------------------------------------------------------------------------------------------------- */

int inet_dgram_connect(struct sim *s, struct socket *sock, u8 addr, u16 port)
{
	struct sock *sk = sock_at(s, sock->sk);
	int err;

	FN(inet_dgram_connect, sock->host, sock);
	if (!addr)
		return udp_disconnect(s, sk);
	err = sk->inet_num ? 0 : inet_autobind(s, sk);
	return err ? err : ip4_datagram_connect(s, sk, addr, port);
}

static bool handshake_runs(const struct sock *sk)
{
	return (TCPF(sk->sk_state) & (TCPF(TCP_SYN_SENT) | TCPF(TCP_SYN_RECV))) != 0;
}

/* Jiffies that are left when the handshake is over; 0 when the time is up; SLEEPS. */
static s64 inet_wait_for_connect(struct sim *s, struct sock *sk, u32 timeo)
{
	struct task *t = current_task(s);

	FN_SK(inet_wait_for_connect, sk);
	for (;;) {
		if (!woken_in(s, FN_inet_wait_for_connect)) {
			if (!handshake_runs(sk))
				return timeo;
			SET(t->disconnects, sk->sk_disconnects);
			release_sock(s, sk);
			if (!signal_pending(s))
				return wait_woken(s, sk, FN_inet_wait_for_connect, sleep_deadline(s, timeo));
		} else {
			timeo = sleep_left(s);
		}
		if (relock_sock(s, sk, FN_inet_wait_for_connect, sleep_deadline(s, timeo)) == SLEEPS)
			return SLEEPS;
		if (signal_pending(s) || !timeo)
			return timeo;
	}
}

/* The first half: sends the SYN, or says what is in the way. Anything but 0, EINPROGRESS and EALREADY ends the call. */
static int connect_begin(struct sim *s, struct socket *sock, struct sock *sk, u8 addr, u16 port)
{
	int err;

	switch (sock->state) {
	case SS_CONNECTED:
		return -EISCONN;
	case SS_CONNECTING:
		return -EALREADY;
	case SS_UNCONNECTED:
		break;
	default:
		return -EINVAL;
	}
	if (sk->sk_state != TCP_CLOSE)
		return -EISCONN;
	err = tcp_v4_connect(s, sk, addr, port);
	if (err < 0)
		return err;
	SET(sock->state, SS_CONNECTING);
	return -EINPROGRESS;
}

/* Waits while the handshake runs. 0: it is over, one way or the other; else what the call returns. */
static int connect_wait(struct sim *s, struct sock *sk, bool nonblock, int err)
{
	struct task *t = current_task(s);
	u32 timeo = sock_sndtimeo(sk, nonblock);
	bool resumed = s->resuming != FN_none_;
	s64 left;

	if (!resumed && !handshake_runs(sk))
		return 0;
	if (!resumed && !DECIDE(connect_must_wait, sk->host, timeo != 0, sk->sk_state, timeo))
		return err;
	SET(t->result, err);
	left = inet_wait_for_connect(s, sk, timeo);
	if (left == SLEEPS)
		return SLEEPS;
	if (!left)
		return err;
	if (signal_pending(s))
		return sock_intr_errno(timeo);
	return t->disconnects != sk->sk_disconnects && KP(sk->host, disconnect_ends_sleep) ? -EPIPE : 0;
}

static int connect_failed(struct sim *s, struct socket *sock, struct sock *sk)
{
	int err = sock_error(s, sk);

	SET(sock->state, SS_UNCONNECTED);
	if (dissolve(s, sk))
		SET(sock->state, SS_DISCONNECTING);
	return err ? err : -ECONNABORTED;
}

static int __inet_stream_connect(struct sim *s, struct socket *sock, u8 addr, u16 port, bool nonblock)
{
	struct sock *sk = sock_at(s, sock->sk);
	int err;

	FN(__inet_stream_connect, sock->host, sock);
	if (!addr) {
		err = dissolve(s, sk);
		SET(sock->state, err ? SS_DISCONNECTING : SS_UNCONNECTED);
		return err;
	}
	err = s->resuming ? (int)current_task(s)->result : connect_begin(s, sock, sk, addr, port);
	if (err != -EINPROGRESS && err != -EALREADY)
		return err;
	err = connect_wait(s, sk, nonblock, err);
	if (err)
		return err;
	if (DECIDE(connect_has_failed, sk->host, sk->sk_state == TCP_CLOSE, sk->sk_state, sk->sk_err))
		return connect_failed(s, sock, sk);
	SET(sock->state, SS_CONNECTED);
	return 0;
}

int inet_stream_connect(struct sim *s, struct socket *sock, u8 addr, u16 port, bool nonblock)
{
	struct sock *sk = sock_at(s, sock->sk);
	int err;

	FN(inet_stream_connect, sock->host, sock);
	if (lock_sock(s, sk) == SLEEPS)
		return SLEEPS;
	err = __inet_stream_connect(s, sock, addr, port, nonblock);
	if (err != SLEEPS)
		release_sock(s, sk);
	return err;
}

/* ---- accept ----------------------------------------------------------------------------------------------------- */

static void __inet_accept(struct sim *s, struct socket *newsock, struct sock *child)
{
	FN_SK(__inet_accept, child);
	sock_graft(s, child, newsock);
	SET(newsock->state, SS_CONNECTED);
}

/* The child whose lock this call waits for, having taken it out of the queue; NULL when it has none yet. */
static struct sock *child_in_hand(struct sim *s, const struct socket *sock)
{
	const struct task *t = current_task(s);

	return s->resuming == FN_lock_sock_nested && t->sk != sock->sk ? sock_at(s, t->sk) : NULL;
}

int inet_accept(struct sim *s, struct socket *sock, struct socket *newsock, bool nonblock)
{
	struct sock *child = child_in_hand(s, sock);
	int err;

	FN(inet_accept, sock->host, sock);
	if (!child) {
		err = inet_csk_accept(s, sock_at(s, sock->sk), nonblock, &child);
		if (err)
			return err;
	}
	if (lock_sock(s, child) == SLEEPS)
		return SLEEPS;
	__inet_accept(s, newsock, child);
	release_sock(s, child);
	return 0;
}

/* ---- shutdown --------------------------------------------------------------------------------------------------- */

/* SHUT_RDWR of a socket whose connect() is under way ends that, too. */
static void shutdown_socket_state(struct sim *s, struct socket *sock, const struct sock *sk)
{
	u32 not_there = TCPF(TCP_SYN_SENT) | TCPF(TCP_SYN_RECV) | TCPF(TCP_CLOSE);

	if (sock->state == SS_CONNECTING)
		SET(sock->state, TCPF(sk->sk_state) & not_there ? SS_DISCONNECTING : SS_CONNECTED);
}

static int shutdown_by_state(struct sim *s, struct socket *sock, struct sock *sk, int how)
{
	bool listener = sk->sk_state == TCP_LISTEN;
	bool unconnected = sk->sk_state == TCP_CLOSE;
	int err;

	if (listener && !(how & RCV_SHUTDOWN))
		return 0;
	if (DECIDE(shutdown_disconnects, sk->host, listener || sk->sk_state == TCP_SYN_SENT, sk->sk_state, how)) {
		err = tcp_disconnect(s, sk, 0);
		SET(sock->state, err ? SS_DISCONNECTING : SS_UNCONNECTED);
		return err;
	}
	DECIDE(shutdown_unconnected, sk->host, unconnected, sk->sk_state, 0);
	SET(sk->sk_shutdown, sk->sk_shutdown | how);
	if (is_tcp(sk))
		tcp_shutdown(s, sk, how);
	return unconnected ? -ENOTCONN : 0;
}

int inet_shutdown(struct sim *s, struct socket *sock, int how)
{
	struct sock *sk = sock_at(s, sock->sk);
	int err;

	FN(inet_shutdown, sock->host, sock);
	how++; /* SHUT_RD, SHUT_WR, SHUT_RDWR become the bits of sk_shutdown */
	if ((how & ~SHUTDOWN_MASK) || !how)
		return -EINVAL;
	if (lock_sock(s, sk) == SLEEPS)
		return SLEEPS;
	shutdown_socket_state(s, sock, sk);
	err = shutdown_by_state(s, sock, sk, how);
	sock_def_wakeup(s, sk);
	release_sock(s, sk);
	return err;
}
