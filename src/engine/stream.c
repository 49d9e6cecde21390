/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting and errors of stream sockets (net/core/stream.c). */
#include <errno.h>
#include <stdlib.h>

#include "engine/fs.h"
#include "engine/sock.h"

/* How long a sender waits that has buffer space but got no memory: the middle of what the kernel rolls dice for. */
#define VM_WAIT (HZ / 10 + 2)

/* ---- room to send ----------------------------------------------------------------------------------------------- */

static u32 tcp_notsent_lowat(const struct sim *s, const struct sock *sk)
{
	return sk->notsent_lowat ? sk->notsent_lowat : (u32)sysctl_get(s, sk->host, SYSCTL_tcp_notsent_lowat);
}

static bool tcp_stream_memory_free(const struct sim *s, const struct sock *sk, bool wake)
{
	u32 notsent_bytes = sk->write_seq - sk->snd_nxt;

	return notsent_bytes << wake < tcp_notsent_lowat(s, sk);
}

bool __sk_stream_memory_free(const struct sim *s, const struct sock *sk, bool wake)
{
	return sk->sk_wmem_queued < sk->sk_sndbuf && tcp_stream_memory_free(s, sk, wake);
}

bool sk_stream_is_writeable(const struct sim *s, const struct sock *sk)
{
	return sk->sk_sndbuf - sk->sk_wmem_queued >= sk->sk_wmem_queued >> 1 && __sk_stream_memory_free(s, sk, true);
}

void sk_stream_write_space(struct sim *s, struct sock *sk)
{
	FN_SK(sk_stream_write_space, sk);
	if (!sk_stream_is_writeable(s, sk) || !sk->sk_socket)
		return;
	sock_reset_flag(s, sk, SOCK_NOSPACE);
	wake_sleepers(s, sk, POLLOUT_ | POLLWRNORM_ | POLLWRBAND_);
	if (!(sk->sk_shutdown & SEND_SHUTDOWN))
		sk_wake_async(s, sk);
}

/* ---- waiting ---------------------------------------------------------------------------------------------------- */

static bool connect_is_over(const struct sim *s, const struct sock *sk, u32 arg)
{
	(void)s;
	(void)arg;
	return !sk->sk_err && !(TCPF(sk->sk_state) & ~(TCPF(TCP_ESTABLISHED) | TCPF(TCP_CLOSE_WAIT)));
}

static int why_not_wait_for_connect(struct sim *s, struct sock *sk, u32 timeo)
{
	int err = sock_error(s, sk);

	if (err)
		return err;
	if (TCPF(sk->sk_state) & ~(TCPF(TCP_SYN_SENT) | TCPF(TCP_SYN_RECV)))
		return -EPIPE;
	if (!timeo)
		return -EAGAIN;
	return signal_pending(s) ? sock_intr_errno(timeo) : 0;
}

int sk_stream_wait_connect(struct sim *s, struct sock *sk, u32 timeo)
{
	int done;

	FN_SK(sk_stream_wait_connect, sk);
	do {
		if (!s->resuming) {
			int err = why_not_wait_for_connect(s, sk, timeo);

			if (err)
				return err;
			ADD(sk->sk_write_pending, 1);
		}
		done = sk_wait_event(s, sk, FN_sk_stream_wait_connect, &timeo, connect_is_over, 0);
		if (done == SLEEPS)
			return SLEEPS;
		SUB(sk->sk_write_pending, 1);
	} while (!done);
	return done < 0 ? done : 0;
}

/* What a lingering close() waits for: that its FIN is acknowledged. */
static bool fin_is_acked(const struct sim *s, const struct sock *sk, u32 arg)
{
	(void)s;
	(void)arg;
	return !(TCPF(sk->sk_state) & (TCPF(TCP_FIN_WAIT1) | TCPF(TCP_CLOSING) | TCPF(TCP_LAST_ACK)));
}

int sk_stream_wait_close(struct sim *s, struct sock *sk, u32 timeout)
{
	int done;

	FN_SK(sk_stream_wait_close, sk);
	if (!s->resuming && !timeout)
		return 0;
	do {
		done = sk_wait_event(s, sk, FN_sk_stream_wait_close, &timeout, fin_is_acked, 0);
		if (done == SLEEPS)
			return SLEEPS;
	} while (!done && !signal_pending(s) && timeout);
	DECIDE(fin_acked_in_time, sk->host, done, sk->sk_state, timeout);
	return 0;
}

static bool may_go_on_sending(const struct sim *s, const struct sock *sk, u32 vm_wait)
{
	return sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN) || (sk_stream_memory_free(s, sk) && !vm_wait);
}

static int why_not_wait_for_memory(struct sim *s, struct sock *sk, u32 timeo)
{
	if (sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN))
		return -EPIPE;
	if (!timeo) {
		sock_set_flag(s, sk, SOCK_NOSPACE); /* so that poll() hears of space later */
		return -EAGAIN;
	}
	return signal_pending(s) ? sock_intr_errno(timeo) : 0;
}

int sk_stream_wait_memory(struct sim *s, struct sock *sk, u32 timeo)
{
	bool vm_wait = !s->resuming && sk_stream_memory_free(s, sk);

	FN_SK(sk_stream_wait_memory, sk);
	for (;;) {
		u32 wait = vm_wait && timeo > VM_WAIT ? VM_WAIT : timeo;
		int ret;

		if (!s->resuming) {
			ret = why_not_wait_for_memory(s, sk, timeo);
			if (ret)
				return ret;
			sock_set_flag(s, sk, SOCK_NOSPACE);
			ADD(sk->sk_write_pending, 1);
		}
		ret = sk_wait_event(s, sk, FN_sk_stream_wait_memory, &wait, may_go_on_sending, vm_wait);
		if (ret == SLEEPS)
			return SLEEPS;
		SUB(sk->sk_write_pending, 1);
		if (ret < 0)
			return ret;
		if (sk_stream_memory_free(s, sk) && !sk->sk_err && !(sk->sk_shutdown & SEND_SHUTDOWN) && !signal_pending(s)) {
			if (!wait) /* waiting for memory does not count as waiting for space */
				SET(current_task(s)->timeo, timeo);
			return 0;
		}
		vm_wait = false;
		timeo = wait;
	}
}

/* ---- errors ----------------------------------------------------------------------------------------------------- */

int sk_stream_error(struct sim *s, struct sock *sk, int flags, int err)
{
	FN_SK(sk_stream_error, sk);
	if (err == EPIPE && sk->sk_err)
		err = -sock_error(s, sk);
	if (DECIDE(sigpipe_raised, sk->host, err == EPIPE && !(flags & MSG_NOSIGNAL_), err, flags & MSG_NOSIGNAL_)) {
		/* the program has a handler that does nothing: the signal is shown, and the call returns EPIPE */
		LEAF(send_sig, sk->host, current_task(s));
		EMIT(TREC_SIGNAL, sk->host, 0, world_off(s, current_task(s)), SIGPIPE_, 0, 0);
	}
	return err;
}

void sk_stream_kill_queues(struct sim *s, struct sock *sk)
{
	FN_SK(sk_stream_kill_queues, sk);
	for (u16 n = sk->sk_receive_queue.qlen; n; n--)
		LEAF(kfree_skb_reason, sk->host, sk);
	skq_purge(s, &sk->sk_receive_queue);
	SET(sk->sk_rmem_alloc, 0);
	LEAF(skb_queue_purge, sk->host, sk);
	SET(sk->errqueue_, 0);
	BUG_ON(sk->sk_write_queue.qlen);
}
