/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/calls.h"

#include <errno.h>
#include <string.h>

#include "engine/fs.h"
#include "lang/lex.h"
#include "lang/names.h"

/* strace shows so many characters of a string */
#define STRING_SHOWN 32u

static const char *const call_names[NR_SYS] = {
	[SYS_none_] = "?",
	[SYS_socket] = "socket",
	[SYS_bind] = "bind",
	[SYS_listen] = "listen",
	[SYS_connect] = "connect",
	[SYS_accept] = "accept",
	[SYS_send] = "send",
	[SYS_recv] = "recv",
	[SYS_shutdown] = "shutdown",
	[SYS_close] = "close",
	[SYS_dup] = "dup",
	[SYS_fork] = "fork",
	[SYS_exit_group] = "exit_group",
	[SYS_fcntl] = "fcntl",
	[SYS_setsockopt] = "setsockopt",
	[SYS_getsockopt] = "getsockopt",
	[SYS_poll] = "poll",
	[SYS_epoll_create] = "epoll_create",
	[SYS_epoll_ctl] = "epoll_ctl",
	[SYS_epoll_wait] = "epoll_wait",
	[SYS_ioctl] = "ioctl",
};

const char *call_name(u8 nr)
{
	return nr < NR_SYS ? call_names[nr] : "?";
}

/* ---- arguments ----------------------------------------------------------------------------------------------- */

static void add_address(struct buf *b, u32 port, u32 host)
{
	static const char *const address[] = { "0.0.0.0", "10.0.0.1", "10.0.0.2" };

	buf_printf(b, "{sa_family=AF_INET, sin_port=htons(%u), sin_addr=inet_addr(\"%s\")}, 16", port,
		   host < ARRAY_LEN(address) ? address[host] : "?");
}

void add_msg_flags(struct buf *b, u32 flags)
{
	static const struct {
		u32 bit;
		const char *name;
	} t[] = { { MSG_OOB_, "MSG_OOB" }, { MSG_PEEK_, "MSG_PEEK" }, { MSG_DONTWAIT_, "MSG_DONTWAIT" },
		  { MSG_WAITALL_, "MSG_WAITALL" }, { MSG_NOSIGNAL_, "MSG_NOSIGNAL" }, { MSG_MORE_, "MSG_MORE" },
		  { MSG_EOR_, "MSG_EOR" }, { MSG_TRUNC_, "MSG_TRUNC" } };
	const char *between = ", ";

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		if (!(flags & t[i].bit))
			continue;
		buf_printf(b, "%s%s", between, t[i].name);
		between = "|";
	}
}

static void add_send(struct buf *b, const struct call_seen *c)
{
	u32 n = (u32)c->task.arg[0];

	if (c->bytes) {
		add_quoted(b, c->bytes, n < STRING_SHOWN ? n : STRING_SHOWN);
		buf_puts(b, n > STRING_SHOWN ? "..." : "");
	} else {
		buf_printf(b, "<%u byte%s>", n, n == 1 ? "" : "s");
	}
	buf_printf(b, ", %u", n);
	add_msg_flags(b, (u32)c->task.arg[1]);
}

const char *sockopt_level_name(u8 level)
{
	return level == OPT_SOL_SOCKET ? "SOL_SOCKET" : level == OPT_SOL_IP ? "SOL_IP" : "SOL_TCP";
}

static void add_option_value(struct buf *b, const struct sockopt_info *o, s32 value, s32 value2)
{
	switch (o->kind) {
	case KIND_LINGER:
		buf_printf(b, "{l_onoff=%d, l_linger=%d}", value, value2);
		break;
	case KIND_CA:
		buf_printf(b, "\"%s\"", value == CA_RENO ? "reno" : "cubic");
		break;
	case KIND_ERRNO:
		buf_printf(b, "[%s]", errno_name(value));
		break;
	default:
		if (strcmp(o->name, "rcvtimeo") == 0 || strcmp(o->name, "sndtimeo") == 0)
			buf_printf(b, "{tv_sec=%d, tv_usec=%d}", value / 1000, value % 1000 * 1000);
		else
			buf_printf(b, "[%d]", value);
		break;
	}
}

static unsigned option_size(const struct sockopt_info *o)
{
	if (o->kind == KIND_LINGER)
		return 8;
	if (strcmp(o->name, "rcvtimeo") == 0 || strcmp(o->name, "sndtimeo") == 0)
		return 16;
	return o->kind == KIND_INFO ? 248 : o->kind == KIND_CA ? 16 : 4;
}

/* What TCP_INFO tells of the connection's end. */
static void add_info(struct buf *b, const struct sock *sk)
{
	buf_printf(
		b,
		"{tcpi_state=%u, tcpi_ca_state=%u, tcpi_retransmits=%u, tcpi_probes=%u, tcpi_backoff=%u, tcpi_rto=%u, "
		"tcpi_ato=%u, tcpi_snd_mss=%u, tcpi_rcv_mss=%u, tcpi_unacked=%u, tcpi_sacked=%u, tcpi_lost=%u, "
		"tcpi_retrans=%u, tcpi_rtt=%u, tcpi_rttvar=%u, tcpi_snd_cwnd=%u, tcpi_total_retrans=%u, "
		"tcpi_bytes_acked=%u, tcpi_bytes_received=%u, tcpi_notsent_bytes=%u, ...}",
		sk->sk_state, sk->icsk_ca_state, sk->icsk_retransmits, sk->icsk_probes_out, sk->icsk_backoff,
		sk->icsk_rto * USEC_PER_JIFFY, sk->icsk_ack_ato * USEC_PER_JIFFY, sk->mss_cache, sk->icsk_ack_rcv_mss,
		sk->packets_out, sk->sacked_out, sk->lost_out, sk->retrans_out, sk->srtt_us >> 3, sk->mdev_us >> 2,
		sk->snd_cwnd, sk->total_retrans, sk->bytes_acked, sk->bytes_received, sk->write_seq - sk->snd_nxt);
}

static void add_option(struct buf *b, const struct call_seen *c, bool set)
{
	u32 opt = (u32)c->task.arg[0];
	const struct sockopt_info *o = &sockopt_info[opt < NR_OPT ? opt : 0];

	buf_printf(b, ", %s, %s, ", sockopt_level_name(o->level), o->kernel);
	if (set)
		add_option_value(b, o, c->task.arg[1], c->task.arg[2]);
	else if (c->result < 0)
		buf_printf(b, "NULL");
	else if (o->kind == KIND_INFO && c->sock.live)
		add_info(b, &c->sock);
	else
		add_option_value(b, o, c->value, c->value2);
	buf_printf(b, set ? ", %u" : ", [%u]", option_size(o));
}

const char *epoll_op_name(s32 op)
{
	return op == EPOLL_CTL_ADD_ ? "EPOLL_CTL_ADD" : op == EPOLL_CTL_MOD_ ? "EPOLL_CTL_MOD" : "EPOLL_CTL_DEL";
}

static void add_epoll_event(struct buf *b, const struct task *t)
{
	buf_puts(b, "{events=");
	add_events(b, "EPOLL", t->event_events);
	buf_printf(b, ", data=%llu}", (unsigned long long)t->event_data);
}

/* [{fd=3, events=POLLIN}, ...], 1000; once it has returned with what was found. */
static void add_poll_set(struct buf *b, const struct task *t, bool found)
{
	buf_putc(b, '[');
	for (u16 i = 0; i < t->nfds; i++) {
		if (found && !t->pollfd[i].revents)
			continue;
		buf_printf(b, "%s{fd=%d, %s=", b->data[b->len - 1] == '[' ? "" : ", ", t->pollfd[i].fd, found ? "revents" : "events");
		add_events(b, "POLL", found ? t->pollfd[i].revents : t->pollfd[i].events);
		buf_putc(b, '}');
	}
	buf_putc(b, ']');
	if (!found)
		buf_printf(b, ", %u, %d", t->nfds, t->arg[1]);
}

static void add_arguments(struct buf *b, const struct call_seen *c)
{
	static const char *const how[] = { "SHUT_RD", "SHUT_WR", "SHUT_RDWR" };
	const struct task *t = &c->task;

	switch ((enum sysnr)t->nr) {
	case SYS_bind:
		buf_puts(b, ", ");
		add_address(b, (u32)t->arg[0], (u32)t->arg[1]);
		break;
	case SYS_connect:
		buf_puts(b, ", ");
		if (t->arg[1])
			add_address(b, (u32)t->arg[0], (u32)t->arg[1]);
		else
			buf_puts(b, "{sa_family=AF_UNSPEC}, 16");
		break;
	case SYS_listen:
		buf_printf(b, ", %d", t->arg[0]);
		break;
	case SYS_accept:
		buf_puts(b, ", NULL, NULL");
		break;
	case SYS_send:
		buf_puts(b, ", ");
		add_send(b, c);
		break;
	case SYS_recv:
		buf_printf(b, ", %s, %d", c->text ? c->text : "", t->arg[0]);
		add_msg_flags(b, (u32)t->arg[1]);
		break;
	case SYS_shutdown:
		buf_printf(b, ", %s", t->arg[0] >= 0 && t->arg[0] < 3 ? how[t->arg[0]] : "?");
		break;
	case SYS_fcntl:
		buf_printf(b, ", F_SETFL, %s", t->arg[0] ? "O_RDWR|O_NONBLOCK" : "O_RDWR");
		break;
	case SYS_setsockopt:
	case SYS_getsockopt:
		add_option(b, c, t->nr == SYS_setsockopt);
		break;
	case SYS_epoll_ctl:
		buf_printf(b, ", %s, %d, ", epoll_op_name(t->arg[0]), t->arg[1]);
		add_epoll_event(b, t);
		break;
	case SYS_epoll_wait:
		buf_puts(b, ", [");
		if (c->result > 0)
			add_epoll_event(b, t);
		buf_printf(b, "], %d, %d", t->arg[0], t->arg[1]);
		break;
	case SYS_ioctl:
		buf_printf(b, ", %s, [%d]", t->arg[0] ? "SIOCOUTQ" : "SIOCINQ", c->value);
		break;
	default:
		break;
	}
}

void add_call(struct buf *b, const struct call_seen *c)
{
	const struct task *t = &c->task;

	buf_printf(b, "%s(", call_name(t->nr));
	switch (t->nr) {
	case SYS_socket:
		buf_puts(b, t->arg[0] == SEG_UDP ? "AF_INET, SOCK_DGRAM, IPPROTO_UDP"
						 : "AF_INET, SOCK_STREAM, IPPROTO_TCP");
		break;
	case SYS_fork:
		break;
	case SYS_exit_group:
		buf_putc(b, '0');
		break;
	case SYS_epoll_create:
		buf_printf(b, "%d", t->arg[0]);
		break;
	case SYS_poll:
		if (t->nfds)
			add_poll_set(b, t, false);
		else
			buf_printf(b, "[{fd=%d, events=POLLIN|POLLPRI|POLLOUT|POLLRDNORM|POLLWRNORM|POLLRDHUP}], 1, 0", t->fd);
		break;
	default:
		buf_printf(b, "%d", t->fd);
		add_arguments(b, c);
		break;
	}
	buf_putc(b, ')');
}

void add_result(struct buf *b, const struct call_seen *c)
{
	if (c->result < 0) {
		buf_printf(b, " = -1 %s (%s)", errno_name((int)-c->result), errno_title((int)-c->result));
	} else if (c->task.nr == SYS_exit_group) {
		buf_puts(b, " = ?");
	} else if (c->task.nr == SYS_poll && c->task.nfds && c->result > 0) {
		buf_printf(b, " = %lld (", (long long)c->result);
		add_poll_set(b, &c->task, true);
		buf_putc(b, ')');
	} else if (c->task.nr == SYS_poll && c->result > 0) {
		buf_printf(b, " = 1 ([{fd=%d, revents=", c->task.fd);
		add_events(b, "POLL", (u32)c->result);
		buf_puts(b, "}])");
	} else if (c->task.nr == SYS_poll) {
		buf_puts(b, " = 0 (Timeout)");
	} else {
		buf_printf(b, " = %lld", (long long)c->result);
	}
}

/* ---- advice -------------------------------------------------------------------------------------------------- */

static const struct {
	u8 nr; /* SYS_none_: any */
	s16 error;
	const char *text;
} advice[] = {
	{ SYS_none_, EBADF, "the process has no such descriptor, or no more; a connection can go on without one" },
	{ SYS_shutdown, ENOTCONN, "no connection to shut: there never was one, or it is over" },
	{ SYS_send, EPIPE, "this side may not send any more: shut for sending, or the connection is gone" },
	{ SYS_send, ECONNRESET, "the connection was reset; the error is told once, the next send gets EPIPE" },
	{ SYS_recv, ECONNRESET, "the connection was reset; the error is told once, and gone" },
	{ SYS_connect, ECONNREFUSED, "the SYN was refused: by a RST where nobody listens, or by an ICMP error" },
	{ SYS_none_, ECONNREFUSED, "nobody has that port: a RST or an ICMP error said so" },
	{ SYS_none_, ETIMEDOUT, "the peer did not answer, and TCP gave up" },
	{ SYS_recv, EAGAIN, "nothing to read at present, and the call must not wait" },
	{ SYS_send, EAGAIN, "no room in the send buffer, and the call must not wait" },
	{ SYS_accept, EAGAIN, "no connection waits to be accepted, and the call must not wait" },
	{ SYS_recv, ENOTCONN, "the socket is not connected" },
	{ SYS_accept, EINVAL, "that socket does not listen, or no more; accept B:3 names the listener of a scenario" },
	{ SYS_bind, EADDRINUSE, "somebody holds that port; SO_REUSEADDR passes by those in TIME_WAIT" },
	{ SYS_listen, EADDRINUSE, "somebody holds that port" },
	{ SYS_bind, EINVAL, "the socket has a port already" },
	{ SYS_connect, EISCONN, "it is connected; `connect unspec` dissolves that" },
	{ SYS_connect, EADDRNOTAVAIL, "no local port is left for that destination" },
	{ SYS_connect, EINPROGRESS, "the handshake goes on by itself" },
	{ SYS_send, EDESTADDRREQ, "the socket has no peer: `connect` gives it one, and then it can send" },
	{ SYS_none_, EINTR, "a signal ended the call" },
};

const char *call_advice(const struct call_seen *c)
{
	if (c->result >= 0)
		return NULL;
	if (c->result == -EBADF && c->task.fd < 0)
		return "the host has no socket that a descriptor refers to: `socket` makes one";
	if (c->task.nr == SYS_connect && c->result == -EISCONN && c->sock.live && c->sock.sk_state == TCP_LISTEN)
		return "a listener cannot connect: `socket` makes one that can";
	for (size_t i = 0; i < ARRAY_LEN(advice); i++)
		if (advice[i].error == -c->result && (advice[i].nr == SYS_none_ || advice[i].nr == c->task.nr))
			return advice[i].text;
	return NULL;
}
