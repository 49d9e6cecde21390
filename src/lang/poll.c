/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why each bit of a poll() is up. */
#include "engine/fs.h"
#include "lang/look.h"
#include "lang/names.h"

/* What both protocols look at. */
static void explain_shut(struct session *ss, const struct sock *sk, u32 bits)
{
	if (sk->sk_protocol == SEG_TCP && sk->sk_state == TCP_CLOSE)
		say(ss, "  POLLHUP: the state is CLOSE");
	else if (sk->sk_shutdown == SHUTDOWN_MASK)
		say(ss, "  POLLHUP: both halves are shut");
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		say(ss, "  POLLIN POLLRDNORM%s: RCV_SHUTDOWN is set", bits & POLLRDHUP_ ? " POLLRDHUP" : "");
}

static void explain_error(struct session *ss, const struct sock *sk)
{
	if (sk->sk_err)
		say(ss, "  POLLERR: sk_err is %s", errno_name(sk->sk_err));
	else if (sk->errqueue_)
		say(ss, "  POLLERR: an ICMP error waits in the error queue");
}

/* Why each bit is up, from what udp_poll() looks at. */
static void explain_udp_poll(struct session *ss, const struct sock *sk, u32 bits)
{
	u32 n = sk->sk_receive_queue.qlen;

	explain_shut(ss, sk, bits);
	if (n)
		say(ss, "  POLLIN POLLRDNORM: %u datagram%s to read", n, n == 1 ? "" : "s");
	say(ss, "  POLLOUT POLLWRNORM: a datagram never waits for room, it is sent at once");
	explain_error(ss, sk);
}

/* The same for tcp_poll(). */
static void explain_tcp_poll(struct session *ss, const struct sock *sk, u32 bits)
{
	const struct world *w = session_world(ss);
	s64 n = conn_unread(w, sk);

	if (sk->sk_state == TCP_LISTEN) {
		say(ss, "  a listener: POLLIN when a connection waits to be accepted (%u do)", sk->sk_ack_backlog);
		return;
	}
	explain_shut(ss, sk, bits);
	if (sk->sk_state == TCP_SYN_SENT)
		say(ss, "  nothing: the handshake goes on");
	if (n && (bits & POLLIN_))
		say(ss, "  POLLIN POLLRDNORM: %lld bytes to read", (long long)n);
	else if (n)
		say(ss, "  no POLLIN: %lld bytes to read, and SO_RCVLOWAT asks for %d", (long long)n, sk->sk_rcvlowat);
	if (sk->sk_shutdown & SEND_SHUTDOWN && bits & POLLOUT_)
		say(ss, "  POLLOUT POLLWRNORM: SEND_SHUTDOWN is set: a send fails at once, so it need not wait");
	else if (sk->sk_shutdown & SEND_SHUTDOWN && sk->sk_state != TCP_SYN_SENT && sk->sk_state != TCP_SYN_RECV)
		say(ss, "  no POLLOUT: SEND_SHUTDOWN is set, and nothing can be sent any more");
	else if (bits & POLLOUT_)
		say(ss, "  POLLOUT POLLWRNORM: the send buffer has room");
	explain_error(ss, sk);
}

void explain_poll(struct session *ss, const struct sock *sk, u32 bits)
{
	if (sk->sk_protocol == SEG_UDP)
		explain_udp_poll(ss, sk, bits);
	else
		explain_tcp_poll(ss, sk, bits);
}
