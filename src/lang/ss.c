/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ss (as `ss -tanoem` prints it, for each host) and ps. */
#include <string.h>

#include "lang/calls.h"
#include "lang/decision.h"
#include "lang/look.h"
#include "lang/names.h"
#include "lang/rows.h"

/* ---- ss ------------------------------------------------------------------------------------------------------ */

static const char *ss_state(u8 state)
{
	static const char *const name[TCP_MAX_STATES] = {
		[TCP_ESTABLISHED] = "ESTAB", [TCP_SYN_SENT] = "SYN-SENT", [TCP_SYN_RECV] = "SYN-RECV",
		[TCP_FIN_WAIT1] = "FIN-WAIT-1", [TCP_FIN_WAIT2] = "FIN-WAIT-2", [TCP_TIME_WAIT] = "TIME-WAIT",
		[TCP_CLOSE] = "UNCONN", [TCP_CLOSE_WAIT] = "CLOSE-WAIT", [TCP_LAST_ACK] = "LAST-ACK",
		[TCP_LISTEN] = "LISTEN", [TCP_CLOSING] = "CLOSING", [TCP_NEW_SYN_RECV] = "SYN-RECV",
	};

	return state < TCP_MAX_STATES && name[state] ? name[state] : "UNKNOWN";
}

/* As ss writes what is left of a timer. */
static void add_ss_time(struct buf *b, u64 us)
{
	u64 ms = us / 1000 % 1000;
	u64 sec = us / 1000000 % 60;
	u64 min = us / 60000000;

	if (min) {
		ms = 0;
		sec = min > 9 ? 0 : sec;
		buf_printf(b, "%llumin", (unsigned long long)min);
	}
	if (sec) {
		ms = sec > 9 ? 0 : ms;
		buf_printf(b, "%llu%s", (unsigned long long)sec, ms ? "." : "sec");
	}
	if (ms)
		buf_printf(b, "%03llums", (unsigned long long)ms);
}

struct timer_shown {
	const char *name;
	u64 expires;
	u32 retrans;
};

/* What inet_diag reports: the retransmit timer before the keepalive one. */
static struct timer_shown shown_timer(const struct conn *c)
{
	const struct sock *sk = c->sk;

	if (c->tw)
		return (struct timer_shown){ "timewait", c->tw->tw_timer.expires, 0 };
	if (!sk)
		return (struct timer_shown){ "on", c->req ? c->req->rsk_timer.expires : 0,
					     c->req ? c->req->num_retrans : 0 };
	if (sk->icsk_pending == ICSK_TIME_PROBE0)
		return (struct timer_shown){ "persist", sk->tcp_retransmit_timer.expires, sk->icsk_probes_out };
	if (sk->icsk_pending)
		return (struct timer_shown){ "on", sk->tcp_retransmit_timer.expires, sk->icsk_retransmits };
	return (struct timer_shown){ "keepalive", sk->icsk_keepalive_timer.expires, sk->icsk_probes_out };
}

static void add_queues(const struct world *w, const struct conn *c, s64 *recv_q, s64 *send_q)
{
	const struct sock *sk = c->sk;

	*recv_q = 0;
	*send_q = 0;
	if (!sk || c->tw)
		return;
	if (sk->sk_state == TCP_LISTEN) {
		*recv_q = sk->sk_ack_backlog;
		*send_q = sk->sk_max_ack_backlog;
	} else if (sk->sk_protocol == SEG_UDP) {
		*recv_q = conn_unread(w, sk);
	} else {
		*recv_q = (s32)(sk->rcv_nxt - sk->copied_seq) > 0 ? (s64)(sk->rcv_nxt - sk->copied_seq) : 0;
		*send_q = (s64)(sk->write_seq - sk->snd_una);
	}
}

static void add_memory(struct buf *b, const struct sock *sk)
{
	buf_printf(b, "\t skmem:(r%d,rb%d,t0,tb%d,f0,w%d,o0,bl%u,d0)", sk->sk_rmem_alloc, sk->sk_rcvbuf, sk->sk_sndbuf,
		   sk->sk_wmem_queued, sk->sk_backlog.qlen);
}

static void print_ss(struct session *ss, const struct conn *c)
{
	const struct world *w = session_world(ss);
	u8 state = c->tw ? c->tw->tw_substate : conn_state(c);
	struct timer_shown t = shown_timer(c);
	struct buf own = BUF_INIT, peer = BUF_INIT, rest = BUF_INIT, memory = BUF_INIT;
	char host[2] = { host_letter(c->host), '\0' };
	s64 recv_q, send_q;
	bool bound = c->sk && !conn_peer_port(c);

	add_queues(w, c, &recv_q, &send_q);
	add_address(&own, bound ? c->sk->inet_rcv_saddr : (u8)(c->host + 1), conn_port(c));
	add_address(&peer, bound ? 0 : (u8)(2 - c->host), conn_peer_port(c));
	if (t.expires) {
		buf_printf(&rest, " timer:(%s,", t.name);
		add_ss_time(&rest, t.expires > w->now ? t.expires - w->now : 0);
		buf_printf(&rest, ",%u)", t.retrans);
	}
	buf_printf(&rest, " ino:%u sk:%u", c->sk && !c->tw ? c->sk->sk_socket : 0u, c->num);
	if (c->sk && !c->tw) { /* the last word: what of sk_shutdown is still open, receiving and sending */
		buf_printf(&rest, " cgroup:/ %c-%c", c->sk->sk_shutdown & RCV_SHUTDOWN ? '-' : '<',
			   c->sk->sk_shutdown & SEND_SHUTDOWN ? '-' : '>');
		add_memory(&memory, c->sk);
	}
	row_begin(ss, "ss");
	row_str(ss, "host", host);
	row_str(ss, "state", ss_state(state));
	row_num(ss, "recv_q", recv_q);
	row_num(ss, "send_q", send_q);
	row_str(ss, "local", buf_str(&own));
	row_str(ss, "peer", buf_str(&peer));
	if (t.expires) {
		row_str(ss, "timer", t.name);
		row_num(ss, "timer_us", t.expires > w->now ? (s64)(t.expires - w->now) : 0);
	}
	row_num(ss, "socket", c->num);
	row_end(ss, "%-10s %-6lld %-6lld %-18s %-18s%s", ss_state(state), (long long)recv_q, (long long)send_q,
		buf_str(&own), buf_str(&peer), buf_str(&rest));
	if (memory.len)
		say(ss, "%s", buf_str(&memory));
	buf_release(&memory);
	buf_release(&own);
	buf_release(&peer);
	buf_release(&rest);
}

static bool one_host(struct args *a, u8 *host, struct err *err)
{
	if (!args_peek(a)) {
		*host = NR_HOSTS;
		return true;
	}
	return args_host(a, host, err) == ST_OK && args_end(a, err) == ST_OK;
}

void ss_host(struct session *ss, u8 host)
{
	const struct world *w = session_world(ss);

	say(ss, "%-10s %-6s %-6s %-18s %-18s %s", "State", "Recv-Q", "Send-Q", "Local Address:Port", "Peer Address:Port", "Process");
	for (u16 num = 1; num < w->host[host].next_num; num++) {
		struct conn c = conn_by_num(w, host, num);

		/* what is in no table is not found by ss either */
		if (c.tw || c.req || (c.sk && c.sk->sk_hashed != UNHASHED))
			print_ss(ss, &c);
	}
}

enum status cmd_ss(struct session *ss, struct args *a, struct err *err)
{
	u8 host;

	if (!one_host(a, &host, err))
		return ST_WRONG;
	for (u8 h = 0; h < NR_HOSTS; h++) {
		if (host < NR_HOSTS && h != host)
			continue;
		say(ss, "%c", host_letter(h));
		ss_host(ss, h);
	}
	return ST_OK;
}

/* ---- ps ------------------------------------------------------------------------------------------------------ */

static void ps_threads(struct session *ss, hnd proc)
{
	const struct world *w = session_world(ss);

	for (u16 i = 0; i < w->pool[POOL_TASK].high; i++) {
		const struct task *t = &w->task[i];
		struct buf b = BUF_INIT;

		if (!t->live || t->proc != proc)
			continue;
		buf_printf(&b, "%s(%d)", call_name(t->nr), t->fd);
		if (t->asleep)
			buf_printf(&b, " sleeps in %s", fn_name_at(w, t->host, t->sleep_fn));
		if (t->asleep && t->deadline != FOREVER) {
			buf_puts(&b, ", for ");
			add_duration(&b, t->deadline > w->now ? t->deadline - w->now : 0);
			buf_puts(&b, " more");
		}
		row_begin(ss, "thread");
		row_host(ss, "host", t->host);
		row_num(ss, "pid", proc_of(w, proc)->pid);
		row_num(ss, "thread", t->tid);
		row_str(ss, "call", call_name(t->nr));
		row_num(ss, "fd", t->fd);
		row_bool(ss, "asleep", t->asleep != 0);
		row_str(ss, "function", t->asleep ? fn_name_at(w, t->host, t->sleep_fn) : "");
		row_end(ss, "  thread %u: %s", t->tid, buf_str(&b));
		buf_release(&b);
	}
}

static void ps_fds(struct session *ss, const struct proc *p)
{
	const struct world *w = session_world(ss);

	for (s16 fd = 0; fd < NR_OPEN; fd++) {
		const struct file *f = proc_file(w, p, fd);
		const struct socket *sock = f ? socket_of(w, f->private_data) : NULL;
		const struct sock *sk = sock ? sock_of(w, sock->sk) : NULL;

		if (!f)
			continue;
		row_begin(ss, "descriptor");
		row_host(ss, "host", p->host);
		row_num(ss, "pid", p->pid);
		row_num(ss, "fd", fd);
		row_num(ss, "file", p->fd[fd]);
		row_num(ss, "references", f->f_count);
		row_bool(ss, "nonblock", f->f_flags & FILE_NONBLOCK);
		if (sk)
			row_num(ss, "socket", sk->num_);
		if (sk)
			row_end(ss, "  fd %d: file %u (%u reference%s%s), socket %c%%%u, %s", fd, p->fd[fd], f->f_count,
				f->f_count == 1 ? "" : "s", f->f_flags & FILE_NONBLOCK ? ", O_NONBLOCK" : "",
				host_letter(sk->host), sk->num_,
				sk->sk_protocol == SEG_UDP ? "UDP" : state_name(sk->sk_state));
		else
			row_end(ss, "  fd %d: file %u (%u references)", fd, p->fd[fd], f->f_count);
	}
}

enum status cmd_ps(struct session *ss, struct args *a, struct err *err)
{
	const struct world *w = session_world(ss);
	u8 host;

	if (!one_host(a, &host, err))
		return ST_WRONG;
	for (u8 h = 0; h < NR_HOSTS; h++) {
		bool any = false;

		for (u16 i = 0; (host >= NR_HOSTS || h == host) && i < w->pool[POOL_PROC].high; i++) {
			const struct proc *p = &w->proc[i];

			if (!p->live || p->host != h)
				continue;
			any = true;
			row_begin(ss, "process");
			row_host(ss, "host", h);
			row_num(ss, "pid", p->pid);
			row_bool(ss, "exiting", p->flags & PF_EXITING);
			row_end(ss, "%c  process %u%s", host_letter(h), p->pid,
				p->flags & PF_EXITING ? " (PF_EXITING)" : "");
			ps_fds(ss, p);
			ps_threads(ss, (hnd)(i + 1));
		}
		if (!any && (host >= NR_HOSTS || h == host))
			say(ss, "%c  no process", host_letter(h));
	}
	return ST_OK;
}
