/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls that move data through a TCP socket, and poll and ioctl (of net/ipv4/tcp.c, which in one file would be too
 * long to read).
 */
#include "engine/tcp.h"

#include <errno.h>

/* The buffer of the running call is no memory of its process: NULL, say. */
static bool bad_buffer(struct sim *s)
{
	return current_task(s)->arg[2] == 1;
}

/* ---- send ------------------------------------------------------------------------------------------------------------ */

void tcp_mark_push(struct sim *s, struct sock *sk, struct skb *skb)
{
	LEAF(tcp_mark_push, sk->host, sk);
	SET(skb->tcp_flags, skb->tcp_flags | TCPHDR_PSH);
	SET(sk->pushed_seq, sk->write_seq);
}

static bool forced_push(const struct sock *sk)
{
	return after(sk->write_seq, sk->pushed_seq + (sk->max_window >> 1));
}

/* The skb that takes the next bytes: the tail of the queue while it has room, else a new one. NULL: no memory. */
static struct skb *send_room(struct sim *s, struct sock *sk, u32 size_goal)
{
	struct skb *skb = tcp_write_queue_tail(s, sk);

	if (skb && skb_len(skb) < size_goal && !skb->eor)
		return skb;
	if (!sk_stream_memory_free(s, sk))
		return NULL;
	skb = alloc_skb(s, sk);
	if (skb)
		tcp_skb_entail(s, sk, skb);
	return skb;
}

static void send_append(struct sim *s, struct sock *sk, struct skb *skb, u32 bytes)
{
	u32 truesize = tx_skb_truesize(skb_len(skb) + bytes);

	SET(sk->write_seq, sk->write_seq + bytes);
	SET(skb->end_seq, skb->end_seq + bytes);
	SET(skb->gso_segs, 0); /* counted anew when it is sent */
	SET(sk->sk_wmem_queued, sk->sk_wmem_queued + (s32)(truesize - skb->truesize));
	SET(skb->truesize, truesize);
	sk_app_wrote(s, sk, bytes);
}

struct send {
	u32 left;
	u32 copied;
	u32 msg_flags;
	u32 timeo;
	u32 mss_now;
	u32 size_goal;
};

/* The bytes could not be taken: an skb that was made for them goes again. */
static void tcp_remove_empty_skb(struct sim *s, struct sock *sk)
{
	struct skb *skb = tcp_write_queue_tail(s, sk);

	LEAF(tcp_remove_empty_skb, sk->host, sk);
	if (!skb || skb->seq != skb->end_seq)
		return;
	SUB(sk->sk_wmem_queued, (s32)skb->truesize);
	skq_unlink(s, &sk->sk_write_queue, skb);
	kfree_skb(s, skb);
}

/*
 * Queues what there is room for, pushing full trains on the way. 0: all is queued; -ENOBUFS: the buffer is full; -EFAULT: the
 * process has no such memory.
 */
static int send_queue(struct sim *s, struct sock *sk, struct send *c)
{
	while (c->left) {
		struct skb *skb = send_room(s, sk, c->size_goal);
		u32 bytes;

		if (!skb)
			return -ENOBUFS;
		if (bad_buffer(s))
			return -EFAULT;
		bytes = c->size_goal - skb_len(skb);
		if (bytes > c->left)
			bytes = c->left;
		if (!c->copied)
			SET(skb->tcp_flags, skb->tcp_flags & ~TCPHDR_PSH);
		send_append(s, sk, skb, bytes);
		c->copied += bytes;
		c->left -= bytes;
		if (!c->left && (c->msg_flags & MSG_EOR_))
			SET(skb->eor, 1);
		if (!c->left || skb_len(skb) < c->size_goal)
			continue;
		if (forced_push(sk)) {
			tcp_mark_push(s, sk, skb);
			__tcp_push_pending_frames(s, sk, c->mss_now, TCP_NAGLE_PUSH);
		} else if (skb == tcp_send_head(s, sk)) {
			tcp_push_one(s, sk, c->mss_now);
		}
	}
	return 0;
}

static int send_wait_memory(struct sim *s, struct sock *sk, struct send *c)
{
	int err;

	if (!s->resuming) {
		sock_set_flag(s, sk, SOCK_NOSPACE);
		if (KP(sk->host, empty_skb_goes_first))
			tcp_remove_empty_skb(s, sk);
		if (c->copied)
			tcp_push(s, sk, c->msg_flags & ~(u32)MSG_MORE_, c->mss_now, TCP_NAGLE_PUSH, c->size_goal);
	}
	err = sk_stream_wait_memory(s, sk, c->timeo);
	if (err == SLEEPS) {
		SET(current_task(s)->copied, c->copied);
		return SLEEPS;
	}
	c->timeo = sleep_left(s);
	if (!err)
		c->mss_now = tcp_send_mss(s, sk, &c->size_goal, c->msg_flags);
	return err;
}

/* Waits for a handshake under way; refuses states that cannot send. */
static int send_wait_connect(struct sim *s, struct sock *sk, struct send *c)
{
	int err;

	if (!s->resuming && (TCPF(sk->sk_state) & (TCPF(TCP_ESTABLISHED) | TCPF(TCP_CLOSE_WAIT))))
		return 0;
	if (s->resuming && s->resuming != FN_sk_stream_wait_connect)
		return 0;
	err = sk_stream_wait_connect(s, sk, c->timeo);
	if (!err)
		c->timeo = sleep_left(s);
	return err;
}

static int send_loop(struct sim *s, struct sock *sk, struct send *c)
{
	int err = send_wait_connect(s, sk, c);

	if (err)
		return err;
	if (!s->resuming && sk->repair) /* no queue was chosen */
		return -EINVAL;
	if (s->resuming) {
		c->mss_now = tcp_current_mss(s, sk);
		c->size_goal = c->mss_now;
		err = send_wait_memory(s, sk, c);
	} else {
		if (DECIDE(send_half_shut, sk->host, sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN), sk->sk_err,
			   sk->sk_shutdown))
			return -EPIPE;
		c->mss_now = tcp_send_mss(s, sk, &c->size_goal, c->msg_flags);
	}
	while (!err) {
		err = send_queue(s, sk, c);
		if (err != -ENOBUFS)
			return err;
		err = send_wait_memory(s, sk, c);
	}
	return err;
}

static int tcp_sendmsg_locked(struct sim *s, struct sock *sk, u32 size, u32 msg_flags, bool nonblock)
{
	struct send c = { .left = size, .msg_flags = msg_flags };
	int err;

	FN_SK(tcp_sendmsg_locked, sk);
	c.timeo = sock_sndtimeo(sk, nonblock);
	if (s->resuming) {
		c.copied = current_task(s)->copied;
		c.left -= c.copied;
	}
	err = send_loop(s, sk, &c);
	if (err == SLEEPS)
		return SLEEPS;
	if (err)
		tcp_remove_empty_skb(s, sk);
	if (c.copied)
		tcp_push(s, sk, msg_flags, tcp_current_mss(s, sk), sk->nonagle, c.size_goal);
	if (c.copied || !err)
		return (int)c.copied;
	return -sk_stream_error(s, sk, (int)msg_flags, -err);
}

int tcp_sendmsg(struct sim *s, struct sock *sk, u32 size, u32 msg_flags, bool nonblock)
{
	int ret;

	FN_SK(tcp_sendmsg, sk);
	if (lock_sock(s, sk) == SLEEPS)
		return SLEEPS;
	ret = tcp_sendmsg_locked(s, sk, size, msg_flags, nonblock);
	if (ret != SLEEPS)
		release_sock(s, sk);
	return ret;
}

int tcp_set_rcvlowat(struct sim *s, struct sock *sk, s32 val)
{
	FN_SK(tcp_set_rcvlowat, sk);
	SET(sk->sk_rcvlowat, val > 0 ? val : 1);
	return 0;
}

/* ---- receive ----------------------------------------------------------------------------------------------------------- */

void tcp_eat_recv_skb(struct sim *s, struct sock *sk, struct skb *skb)
{
	FN_SK(tcp_eat_recv_skb, sk);
	skq_unlink(s, &sk->sk_receive_queue, skb);
	SUB(sk->sk_rmem_alloc, (s32)skb->truesize);
	LEAF(__kfree_skb, sk->host, sk);
	kfree_skb(s, skb);
}

/* Whether an ACK that waits should go now that the process has read, or the window has opened enough to be told. */
static bool reader_wants_ack(struct sim *s, struct sock *sk, u32 copied)
{
	u8 pending = sk->icsk_ack_pending;
	u32 window;

	if (pending & ICSK_ACK_SCHED) {
		bool pushed = (pending & ICSK_ACK_PUSHED2) ||
			      ((pending & ICSK_ACK_PUSHED) && !inet_csk_in_pingpong_mode(s, sk));

		if (sk->rcv_nxt - sk->rcv_wup > sk->icsk_ack_rcv_mss || (copied && pushed && !sk->sk_rmem_alloc))
			return true;
	}
	if (!copied || (sk->sk_shutdown & RCV_SHUTDOWN))
		return false;
	window = tcp_receive_window(sk);
	if (2 * window <= sk->window_clamp) {
		u32 new_window = __tcp_select_window(s, sk);

		return DECIDE(window_opened, sk->host, new_window && new_window >= 2 * window, window, new_window);
	}
	return false;
}

static void __tcp_cleanup_rbuf(struct sim *s, struct sock *sk, u32 copied)
{
	FN_SK(__tcp_cleanup_rbuf, sk);
	if (reader_wants_ack(s, sk, copied))
		tcp_send_ack(s, sk);
}

void tcp_cleanup_rbuf(struct sim *s, struct sock *sk, u32 copied)
{
	FN_SK(tcp_cleanup_rbuf, sk);
	__tcp_cleanup_rbuf(s, sk, copied);
}

struct receive {
	u32 len;
	u32 copied;
	u32 seq;
	u32 timeo;
	bool peek;
	bool fault; /* nothing can be copied to the process */
};

/* The skb of the receive queue that holds `seq`, its FIN included. */
static struct skb *recv_find(struct sim *s, const struct sock *sk, u32 seq)
{
	struct skb *skb;

	for (skb = skq_head(s, &sk->sk_receive_queue); skb; skb = skb_next(s, skb))
		if (!before(seq, skb->seq) && before(seq, skb->end_seq))
			return skb;
	return NULL;
}

static void recv_advance(struct sim *s, struct sock *sk, struct receive *r, u32 by)
{
	r->seq += by;
	if (!r->peek)
		SET(sk->copied_seq, r->seq);
}

/* Copies from one skb. True: a FIN was consumed, the call ends here. */
static bool recv_copy(struct sim *s, struct sock *sk, struct receive *r, struct skb *skb)
{
	u32 offset = r->seq - skb->seq;
	u32 used = skb_len(skb) - offset;

	if (used > r->len)
		used = r->len;
	if (used && r->fault)
		return false;
	if (used) {
		recv_advance(s, sk, r, used);
		r->copied += used;
		r->len -= used;
		if (!r->peek)
			sk_app_got(s, sk, used);
		LEAF(tcp_rcv_space_adjust, sk->host, sk);
	}
	if (r->seq - skb->seq < skb_len(skb))
		return false;
	if (skb->tcp_flags & TCPHDR_FIN)
		recv_advance(s, sk, r, 1);
	used = skb->tcp_flags & TCPHDR_FIN;
	if (!r->peek)
		tcp_eat_recv_skb(s, sk, skb);
	return used != 0;
}

enum { RECV_WAIT = 1 };

/* The queue is exhausted: what now? RECV_WAIT, 0 (the call ends with what it has), or -errno. */
static int recv_exhausted(struct sim *s, struct sock *sk, const struct receive *r, u32 target)
{
	if (r->copied >= target && !sk->sk_backlog.head)
		return 0;
	if (r->copied)
		return sk->sk_err || sk->sk_state == TCP_CLOSE || (sk->sk_shutdown & RCV_SHUTDOWN) || !r->timeo ||
				       signal_pending(s)
			       ? 0
			       : RECV_WAIT;
	if (DECIDE(recv_eof, sk->host, sock_flag(sk, SOCK_DONE), sk->sk_flags, sk->sk_err))
		return 0;
	if (sk->sk_err)
		return sock_error(s, sk);
	if (DECIDE(recv_half_shut, sk->host, sk->sk_shutdown & RCV_SHUTDOWN, sk->sk_shutdown, 0))
		return 0;
	if (sk->sk_state == TCP_CLOSE)
		return -ENOTCONN;
	if (!r->timeo)
		return -EAGAIN;
	return signal_pending(s) ? sock_intr_errno(r->timeo) : RECV_WAIT;
}

static int recv_loop(struct sim *s, struct sock *sk, struct receive *r, u32 target)
{
	do {
		struct skb *skb = s->resuming ? NULL : recv_find(s, sk, r->seq);
		int next;

		if (skb) {
			if (recv_copy(s, sk, r, skb))
				return 0;
			if (r->fault && r->len)
				return -EFAULT;
			continue;
		}
		next = s->resuming ? RECV_WAIT : recv_exhausted(s, sk, r, target);
		if (next != RECV_WAIT)
			return next;
		if (!s->resuming)
			tcp_cleanup_rbuf(s, sk, r->copied);
		next = sk_wait_data(s, sk, r->timeo);
		if (next == SLEEPS)
			SET(current_task(s)->copied, r->copied);
		if (next)
			return next;
		r->timeo = sleep_left(s);
		if (!r->peek)
			r->seq = sk->copied_seq;
	} while (r->len > 0);
	return 0;
}

static int tcp_recvmsg_locked(struct sim *s, struct sock *sk, u32 len, u32 msg_flags, bool nonblock)
{
	struct receive r = { .len = len, .seq = sk->copied_seq, .peek = (msg_flags & MSG_PEEK_) != 0 };
	u32 target = msg_flags & MSG_WAITALL_ ? len : (u32)sk->sk_rcvlowat;
	int err;

	FN_SK(tcp_recvmsg_locked, sk);
	if (!s->resuming && sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	if (msg_flags & MSG_OOB_)
		return -EINVAL;
	if (!s->resuming && sk->repair) /* which queue to look at (TCP_REPAIR_QUEUE) cannot be chosen here */
		return r.peek ? -EINVAL : -EPERM;
	r.timeo = sock_rcvtimeo(sk, nonblock);
	r.fault = bad_buffer(s) && !(msg_flags & MSG_TRUNC_); /* what is cut off is not copied */
	if (target > len)
		target = len;
	if (!target)
		target = 1;
	if (s->resuming) {
		r.copied = current_task(s)->copied;
		r.len -= r.copied;
		if (r.peek)
			r.seq += r.copied;
	}
	err = recv_loop(s, sk, &r, target);
	if (err == SLEEPS)
		return SLEEPS;
	if (err && err != -EFAULT && !r.copied)
		return err;
	if (!r.peek)
		tcp_cleanup_rbuf(s, sk, r.copied);
	return err && !r.copied ? err : (int)r.copied;
}

/* What is left to read; at the end of the stream 1, so that the process reads on and finds it. */
static s32 tcp_inq_hint(struct sim *s, const struct sock *sk)
{
	s32 inq = (s32)(sk->rcv_nxt - sk->copied_seq);

	LEAF(tcp_inq_hint, sk->host, sk);
	return inq == 0 && sock_flag(sk, SOCK_DONE) ? 1 : inq;
}

int tcp_recvmsg(struct sim *s, struct sock *sk, u32 len, u32 msg_flags, bool nonblock)
{
	int ret;

	FN_SK(tcp_recvmsg, sk);
	if (lock_sock(s, sk) == SLEEPS)
		return SLEEPS;
	ret = tcp_recvmsg_locked(s, sk, len, msg_flags, nonblock);
	if (ret == SLEEPS)
		return SLEEPS;
	release_sock(s, sk);
	SET(current_task(s)->arg[2], ret >= 0 && sk->recvmsg_inq ? tcp_inq_hint(s, sk) : -1);
	return ret;
}

/* ---- poll and ioctl --------------------------------------------------------------------------------------------------------- */

static bool tcp_stream_is_readable(struct sim *s, const struct sock *sk)
{
	LEAF(tcp_stream_is_readable, sk->host, sk);
	return tcp_epollin_ready(s, sk, KP(sk->host, poll_heeds_rcvlowat) ? sk->sk_rcvlowat : 1);
}

int tcp_poll(struct sim *s, struct sock *sk)
{
	int mask = 0;

	FN_SK(tcp_poll, sk);
	if (sk->sk_state == TCP_LISTEN)
		return sk->rskq_accept_head ? POLLIN_ | POLLRDNORM_ : 0;
	if (DECIDE(poll_hup, sk->host, sk->sk_shutdown == SHUTDOWN_MASK || sk->sk_state == TCP_CLOSE, sk->sk_shutdown,
		   sk->sk_state))
		mask |= POLLHUP_;
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		mask |= POLLIN_ | POLLRDNORM_ | (KP(sk->host, poll_has_rdhup) ? POLLRDHUP_ : 0);
	if (sk->sk_state != TCP_SYN_SENT && sk->sk_state != TCP_SYN_RECV) {
		if (tcp_stream_is_readable(s, sk))
			mask |= POLLIN_ | POLLRDNORM_;
		if (sk->sk_shutdown & SEND_SHUTDOWN)
			mask |= KP(sk->host, poll_out_when_shut) ? POLLOUT_ | POLLWRNORM_ : 0;
		else if (sk_stream_is_writeable(s, sk))
			mask |= POLLOUT_ | POLLWRNORM_;
		else
			sock_set_flag(s, sk, SOCK_NOSPACE);
	}
	if (sk->sk_err || sk->errqueue_)
		mask |= POLLERR_;
	return mask;
}

int tcp_ioctl(struct sim *s, struct sock *sk, u32 which, s32 *val)
{
	bool opening = sk->sk_state == TCP_SYN_SENT || sk->sk_state == TCP_SYN_RECV;

	FN_SK(tcp_ioctl, sk);
	if (sk->sk_state == TCP_LISTEN)
		return -EINVAL;
	if (opening)
		*val = 0;
	else if (which)
		*val = (s32)(sk->write_seq - sk->snd_una);
	else
		*val = (s32)(sk->rcv_nxt - sk->copied_seq);
	/* the FIN is no byte that could be read */
	if (!which && *val > 0 && sock_flag(sk, SOCK_DONE))
		--*val;
	return 0;
}
