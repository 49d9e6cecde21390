/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life and death of a TCP socket: states, close, shutdown, disconnect, abort, done (net/ipv4/tcp.c). What moves data
 * and reads or sets options stands in tcp_io.c.
 */
#include "engine/tcp.h"

#include <errno.h>
#include <stdlib.h>

void tcp_init_sock(struct sim *s, struct sock *sk)
{
	const struct kprofile *p = prof(s, sk->host);

	FN_SK(tcp_init_sock, sk);
	tcp_init_xmit_timers(s, sk);
	SET(sk->icsk_rto, KP(sk->host, tcp_timeout_init));
	SET(sk->icsk_rto_min, usecs_to_jiffies((u32)sysctl_get(s, sk->host, SYSCTL_tcp_rto_min_us)));
	SET(sk->icsk_rto_max, msecs_to_jiffies((u32)sysctl_get(s, sk->host, SYSCTL_tcp_rto_max_ms)));
	SET(sk->icsk_delack_max, p->tcp_delack_max);
	SET(sk->mdev_us, jiffies_to_usecs(p->tcp_timeout_init));
	SET(sk->rtt_min_us, UINT32_MAX);
	SET(sk->snd_cwnd, p->tcp_init_cwnd);
	SET(sk->snd_ssthresh, TCP_INFINITE_SSTHRESH);
	SET(sk->mss_cache, TCP_MSS_DEFAULT);
	SET(sk->reordering, sysctl_get(s, sk->host, SYSCTL_tcp_reordering));
	SET(sk->scaling_ratio, TCP_DEFAULT_SCALING_RATIO);
	SET(sk->rack_reo_wnd_steps, 1);
	SET(sk->sk_rcvlowat, 1);
	SET(sk->sk_sndbuf, sysctl_get(s, sk->host, SYSCTL_tcp_wmem_default));
	SET(sk->sk_rcvbuf, sysctl_get(s, sk->host, SYSCTL_tcp_rmem_default));
	tcp_assign_congestion_control(s, sk);
}

/* ---- states ---------------------------------------------------------------------------------------------------------- */

static bool counts_as_estab(const struct sim *s, const struct sock *sk, u8 state)
{
	return state == TCP_ESTABLISHED ||
	       (state == TCP_CLOSE_WAIT && KP(sk->host, close_wait_counts_as_estab));
}

/* CurrEstab and EstabResets for a change of state. */
static void count_state_change(struct sim *s, const struct sock *sk, u8 old, u8 state)
{
	bool was = counts_as_estab(s, sk, old);
	bool is = counts_as_estab(s, sk, state);

	if (state == TCP_CLOSE && (old == TCP_ESTABLISHED || old == TCP_CLOSE_WAIT))
		NET_INC_STATS(sk->host, EstabResets);
	if (is && !was)
		NET_INC_STATS(sk->host, CurrEstab);
	else if (was && !is)
		TCP_DEC_STATS(sk->host, CurrEstab);
}

void tcp_set_state(struct sim *s, struct sock *sk, u8 state)
{
	FN_SK(tcp_set_state, sk);
	count_state_change(s, sk, sk->sk_state, state);
	if (state == TCP_CLOSE) {
		inet_unhash(s, sk);
		if (sk->bind_hash && !(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
			inet_put_port(s, sk);
	}
	inet_sk_state_store(s, sk, state);
}

/* Where close() and shutdown() lead from each state, and whether a FIN must go out on the way. */
static const struct {
	u8 next;
	bool fin;
} new_state[TCP_MAX_STATES] = {
	[TCP_NONE_] = { TCP_CLOSE, false },
	[TCP_ESTABLISHED] = { TCP_FIN_WAIT1, true },
	[TCP_SYN_SENT] = { TCP_CLOSE, false },
	[TCP_SYN_RECV] = { TCP_FIN_WAIT1, true },
	[TCP_FIN_WAIT1] = { TCP_FIN_WAIT1, false },
	[TCP_FIN_WAIT2] = { TCP_FIN_WAIT2, false },
	[TCP_TIME_WAIT] = { TCP_CLOSE, false },
	[TCP_CLOSE] = { TCP_CLOSE, false },
	[TCP_CLOSE_WAIT] = { TCP_LAST_ACK, true },
	[TCP_LAST_ACK] = { TCP_LAST_ACK, false },
	[TCP_LISTEN] = { TCP_CLOSE, false },
	[TCP_CLOSING] = { TCP_CLOSING, false },
	[TCP_NEW_SYN_RECV] = { TCP_CLOSE, false },
};

static bool tcp_close_state(struct sim *s, struct sock *sk)
{
	u8 old = sk->sk_state;

	FN_SK(tcp_close_state, sk);
	tcp_set_state(s, sk, new_state[old].next);
	return DECIDE(close_sends_fin, sk->host, new_state[old].fin, old, new_state[old].next);
}

void tcp_shutdown(struct sim *s, struct sock *sk, int how)
{
	u32 acts = TCPF(TCP_ESTABLISHED) | TCPF(TCP_SYN_SENT) | TCPF(TCP_CLOSE_WAIT);

	FN_SK(tcp_shutdown, sk);
	if (!DECIDE(shutdown_sends, sk->host, how & SEND_SHUTDOWN, how, sk->sk_state))
		return;
	if (sk->sk_state == TCP_SYN_RECV && !KP(sk->host, syn_recv_shutdown_defers_fin))
		acts |= TCPF(TCP_SYN_RECV);
	if ((TCPF(sk->sk_state) & acts) && tcp_close_state(s, sk))
		tcp_send_fin(s, sk);
}

bool tcp_need_reset(u8 state)
{
	return (TCPF(state) & (TCPF(TCP_ESTABLISHED) | TCPF(TCP_CLOSE_WAIT) | TCPF(TCP_FIN_WAIT1) |
			       TCPF(TCP_FIN_WAIT2) | TCPF(TCP_SYN_RECV))) != 0;
}

u32 tcp_fin_time(const struct sim *s, const struct sock *sk)
{
	s32 fin_timeout = sysctl_get(s, sk->host, SYSCTL_tcp_fin_timeout) * (s32)HZ;
	s32 least = (s32)((sk->icsk_rto << 2) - (sk->icsk_rto >> 1));

	if (sk->linger2 > 0)
		fin_timeout = sk->linger2;
	return (u32)(fin_timeout < least ? least : fin_timeout);
}

/* ---- orphans and memory ------------------------------------------------------------------------------------------------ */

/* Which stretch between two refreshes of the sum it is. */
static u32 orphan_period(const struct world *w, u8 host)
{
	u32 jiffies = profile_of((enum profile_id)w->host[host].profile)->tcp_orphan_timer_period;

	return jiffies ? (u32)(w->now / jiffies_to_usecs(jiffies)) : 0;
}

/* The timer that refreshes the sum is left out: what it would have read last is kept when the count first changes. */
static void orphan_count_add(struct sim *s, u8 host, int n)
{
	struct host *h = host_of(s, host);
	u32 period = orphan_period(s->w, host);

	if (h->orphan_period != period) {
		SET(h->orphan_cache, h->orphan_count);
		SET(h->orphan_period, period);
	}
	ADD(h->orphan_count, n);
}

u32 tcp_orphan_sum(const struct world *w, u8 host)
{
	const struct host *h = &w->host[host];
	u32 period = orphan_period(w, host);

	return period && h->orphan_period == period ? h->orphan_cache : h->orphan_count;
}

void tcp_orphan_count_inc(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_orphan_count_inc, sk);
	orphan_count_add(s, sk->host, 1);
}

void tcp_orphan_count_dec(struct sim *s, u8 host)
{
	orphan_count_add(s, host, -1);
}

/* TCP's memory on this host, in pages of 4 KiB. */
static s32 sk_memory_allocated(const struct sim *s, u8 host)
{
	s64 bytes = 0;

	for (u16 i = 0; i < s->w->pool[POOL_SOCK].high; i++) {
		const struct sock *sk = &s->w->sock[i];

		if (sk->live && sk->host == host && sk->sk_protocol == SEG_TCP)
			bytes += sk->sk_wmem_queued + sk->sk_rmem_alloc;
	}
	return (s32)((bytes + 4095) / 4096);
}

bool tcp_under_memory_pressure(const struct sim *s, const struct sock *sk)
{
	return sk_memory_allocated(s, sk->host) > sysctl_get(s, sk->host, SYSCTL_tcp_mem_pressure);
}

static bool tcp_too_many_orphans(struct sim *s, const struct sock *sk, int shift)
{
	u32 orphans = tcp_orphan_sum(s->w, sk->host) << shift;
	s32 limit = sysctl_get(s, sk->host, SYSCTL_tcp_max_orphans);

	FN_SK(tcp_too_many_orphans, sk);
	return DECIDE(too_many_orphans, sk->host, (s64)orphans > limit, orphans, limit);
}

bool tcp_check_oom(struct sim *s, const struct sock *sk, int shift)
{
	bool memory;

	FN_SK(tcp_check_oom, sk);
	memory = (u32)sk->sk_wmem_queued > KP(sk->host, sock_min_sndbuf) &&
		 sk_memory_allocated(s, sk->host) > sysctl_get(s, sk->host, SYSCTL_tcp_mem_max);
	return tcp_too_many_orphans(s, sk, shift) ||
	       DECIDE(out_of_socket_memory, sk->host, memory, sk->sk_wmem_queued,
		      sysctl_get(s, sk->host, SYSCTL_tcp_mem_max));
}

void tcp_write_queue_purge(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_write_queue_purge, sk);
	skq_purge(s, &sk->sk_write_queue);
	skq_purge(s, &sk->tcp_rtx_queue);
	SET(sk->sk_wmem_queued, 0);
	SET(sk->highest_sack, 0);
	SET(sk->packets_out, 0);
	SET(sk->sacked_out, 0);
	SET(sk->lost_out, 0);
	SET(sk->retrans_out, 0);
	SET(sk->retrans_twice_, 0);
	SET(sk->icsk_backoff, 0);
}

/* ---- close --------------------------------------------------------------------------------------------------------------- */

/* Frees what was received; says whether some of it was never read. A FIN alone is not data. */
static bool drain_receive_queue(struct sim *s, struct sock *sk)
{
	bool unread = false;
	struct skb *skb;

	while ((skb = skq_head(s, &sk->sk_receive_queue)) != NULL) {
		u32 end_seq = skb->end_seq - ((skb->tcp_flags & TCPHDR_FIN) ? 1u : 0u);

		/* one that was read to its end and is still linked counts in older kernels; one read in part, in all */
		if (end_seq != skb->seq &&
		    (!KP(sk->host, unread_compares_copied_seq) || after(end_seq, sk->copied_seq)))
			unread = true;
		tcp_eat_recv_skb(s, sk, skb);
	}
	return DECIDE(data_was_unread, sk->host, unread, sk->copied_seq - sk->peer_isn_, sk->rcv_nxt - sk->peer_isn_);
}

/* What a close sends: nothing, a RST or a FIN. The first case that fits wins. */
static void close_connection(struct sim *s, struct sock *sk, bool data_was_unread)
{
	if (tcp_sockopt_exists(s, sk, OPT_TCP_REPAIR) && DECIDE(repair_mode, sk->host, sk->repair, sk->repair, 0)) {
		tcp_disconnect(s, sk, 0);
	} else if (data_was_unread) {
		NET_INC_STATS(sk->host, TCPAbortOnClose);
		tcp_set_state(s, sk, TCP_CLOSE);
		tcp_send_active_reset(s, sk);
	} else if (DECIDE(linger_is_zero, sk->host, sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime,
			  sock_flag(sk, SOCK_LINGER), sk->sk_lingertime)) {
		tcp_disconnect(s, sk, 0);
		NET_INC_STATS(sk->host, TCPAbortOnData);
	} else if (tcp_close_state(s, sk)) {
		tcp_send_fin(s, sk);
	}
}

/* An orphan in FIN_WAIT2. True: a minisocket stands for it now and the sock is gone. */
static bool orphan_in_fin_wait2(struct sim *s, struct sock *sk)
{
	u32 timewait_len = prof(s, sk->host)->tcp_timewait_len;
	u32 tmo;

	if (DECIDE(fin_wait2_refused, sk->host, sk->linger2 < 0, sk->linger2, 0)) {
		tcp_set_state(s, sk, TCP_CLOSE);
		tcp_send_active_reset(s, sk);
		NET_INC_STATS(sk->host, TCPAbortOnLinger);
		return false;
	}
	tmo = tcp_fin_time(s, sk);
	LEAF(tcp_fin_time, sk->host, sk);
	if (DECIDE(fin_wait2_stays_full, sk->host, tmo > timewait_len, tmo, timewait_len)) {
		tcp_reset_keepalive_timer(s, sk, KP(sk->host, fin_wait2_arms_all) ? tmo : tmo - timewait_len);
		return false;
	}
	if (KP(sk->host, orphan_counted_late))
		tcp_orphan_count_inc(s, sk);
	tcp_time_wait(s, sk, TCP_FIN_WAIT2, tmo);
	return true;
}

/* What becomes of the orphan: a minisocket, nothing for want of memory, or it lives on. */
static void judge_orphan(struct sim *s, struct sock *sk)
{
	if (sk->sk_state == TCP_FIN_WAIT2 && orphan_in_fin_wait2(s, sk))
		return;
	if (sk->sk_state != TCP_CLOSE && tcp_check_oom(s, sk, 0)) {
		tcp_set_state(s, sk, TCP_CLOSE);
		tcp_send_active_reset(s, sk);
		NET_INC_STATS(sk->host, TCPAbortOnMemory);
	}
	if (KP(sk->host, orphan_counted_late))
		tcp_orphan_count_inc(s, sk);
	if (sk->sk_state == TCP_CLOSE)
		inet_csk_destroy_sock(s, sk);
}

/* The sock loses its process: it lives on as an orphan, or dies. */
static void adjudge_to_death(struct sim *s, struct sock *sk)
{
	u8 state = sk->sk_state;

	if (KP(sk->host, backlog_before_orphan)) {
		/* what the backlog does to it, it does to a socket that a process has */
		release_sock(s, sk);
		sock_hold(s, sk);
		sock_orphan(s, sk);
		judge_orphan(s, sk);
		return;
	}
	sock_hold(s, sk);
	sock_orphan(s, sk);
	if (KP(sk->host, close_keeps_lock))
		__release_sock(s, sk);
	else
		release_sock(s, sk);
	tcp_orphan_count_inc(s, sk);
	if (state != TCP_CLOSE && DECIDE(died_in_backlog, sk->host, sk->sk_state == TCP_CLOSE, state, sk->sk_state))
		return;
	judge_orphan(s, sk);
}

/* The part before the wait. False: nothing to wait for (a listener, or a socket in CLOSE already). */
static bool close_first_half(struct sim *s, struct sock *sk)
{
	bool data_was_unread;

	SET(sk->sk_shutdown, SHUTDOWN_MASK);
	if (sk->sk_state == TCP_LISTEN) {
		tcp_set_state(s, sk, TCP_CLOSE);
		inet_csk_listen_stop(s, sk);
		return false;
	}
	data_was_unread = drain_receive_queue(s, sk);
	if (KP(sk->host, closed_is_left_alone) &&
	    DECIDE(already_closed, sk->host, sk->sk_state == TCP_CLOSE, sk->sk_state, 0))
		return false;
	close_connection(s, sk, data_was_unread);
	return true;
}

int __tcp_close(struct sim *s, struct sock *sk, u32 timeout)
{
	FN_SK(__tcp_close, sk);
	if (s->resuming || close_first_half(s, sk))
		if (sk_stream_wait_close(s, sk, timeout) == SLEEPS)
			return SLEEPS;
	adjudge_to_death(s, sk);
	return 0;
}

int tcp_close(struct sim *s, struct sock *sk, u32 timeout)
{
	FN_SK(tcp_close, sk);
	if (lock_sock(s, sk) == SLEEPS)
		return SLEEPS;
	if (!s->resuming && fault_strikes(s, sk->host, FAULT_SOFTIRQ))
		link_interrupt(s, sk->host);
	if (__tcp_close(s, sk, timeout) == SLEEPS)
		return SLEEPS;
	if (KP(sk->host, close_keeps_lock))
		release_sock(s, sk);
	sock_put(s, sk);
	return 0;
}

/* ---- disconnect, done, abort ------------------------------------------------------------------------------------------------ */

/* Whether leaving `old` by tcp_disconnect() owes the peer a RST; sets the error that the process will read. */
static void disconnect_tells_peer(struct sim *s, struct sock *sk, u8 old)
{
	bool unsent = sk->snd_nxt != sk->write_seq && (old == TCP_CLOSING || old == TCP_LAST_ACK);

	if (sk->repair) {
		SET(sk->sk_err, ECONNABORTED);
	} else if (DECIDE(disconnect_resets, sk->host, tcp_need_reset(old) || unsent, old, unsent)) {
		tcp_send_active_reset(s, sk);
		SET(sk->sk_err, ECONNRESET);
	} else if (old == TCP_SYN_SENT) {
		SET(sk->sk_err, ECONNRESET);
	}
}

static void disconnect_forget_peer(struct sim *s, struct sock *sk)
{
	const struct kprofile *p = prof(s, sk->host);
	u32 seq = sk->write_seq + sk->max_window + 2;

	SET(sk->inet_dport, 0);
	SET(sk->inet_daddr, 0);
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK))
		SET(sk->inet_rcv_saddr, 0);
	SET(sk->sk_shutdown, 0);
	sock_reset_flag(s, sk, SOCK_DONE);
	SET(sk->write_seq, seq ? seq : 1);
	SET(sk->icsk_probes_out, 0);
	SET(sk->icsk_probes_tstamp, 0);
	if (KP(sk->host, disconnect_resets_rto))
		SET(sk->icsk_rto, p->tcp_timeout_init);
	SET(sk->icsk_rto_min, TCP_RTO_MIN);
	SET(sk->icsk_delack_max, p->tcp_delack_max);
	SET(sk->icsk_ack_rcv_mss, TCP_MIN_MSS);
	SET(sk->icsk_ack_pending, 0);
	SET(sk->icsk_ack_quick, 0);
	SET(sk->icsk_ack_pingpong, 0);
	SET(sk->icsk_ack_ato, 0);
	SET(sk->icsk_ack_retry, 0);
}

static void disconnect_forget_path(struct sim *s, struct sock *sk)
{
	SET(sk->srtt_us, 0);
	SET(sk->rttvar_us, 0);
	SET(sk->mdev_us, jiffies_to_usecs(prof(s, sk->host)->tcp_timeout_init));
	SET(sk->rtt_min_us, UINT32_MAX);
	SET(sk->snd_ssthresh, TCP_INFINITE_SSTHRESH);
	SET(sk->snd_cwnd, KP(sk->host, cwnd_after_disconnect));
	SET(sk->snd_cwnd_cnt, 0);
	SET(sk->is_cwnd_limited, 0);
	SET(sk->max_packets_out, 0);
	SET(sk->window_clamp, 0);
	SET(sk->delivered, 0);
	SET(sk->icsk_ca_state, TCP_CA_Open);
	SET(sk->icsk_ca_initialized, 0);
	SET(sk->is_sack_reneg, 0);
	tcp_clear_retrans(s, sk);
	SET(sk->total_retrans, 0);
	SET(sk->total_rto, 0);
	SET(sk->dsack_dups, 0);
	SET(sk->reord_seen, 0);
	SET(sk->tlp_high_seq, 0);
	SET(sk->last_oow_ack_time, 0);
	SET(sk->dst_quickack, 0);
	SET(sk->bytes_acked, 0);
	SET(sk->bytes_received, 0);
	SET(sk->rack_mstamp, 0);
	SET(sk->rack_advanced, 0);
	SET(sk->rack_reo_wnd_steps, 1);
	SET(sk->rack_reo_wnd_persist, 0);
	SET(sk->rack_dsack_seen, 0);
	SET(sk->rack_last_delivered, 0);
}

/* rx_opt: what the peer offered, and what was asked for by TCP_MAXSEG, as one structure in the kernel. */
static void disconnect_forget_options(struct sim *s, struct sock *sk)
{
	SET(sk->saw_tstamp, 0);
	SET(sk->ts_recent, 0);
	SET(sk->ts_recent_stamp, 0);
	SET(sk->rcv_tsval, 0);
	SET(sk->rcv_tsecr, 0);
	SET(sk->tstamp_ok, 0);
	SET(sk->sack_ok, 0);
	SET(sk->wscale_ok, 0);
	SET(sk->snd_wscale, 0);
	SET(sk->rcv_wscale, 0);
	SET(sk->user_mss, 0);
	SET(sk->mss_clamp, 0);
	SET(sk->num_sacks, 0);
	SET(sk->dsack, 0);
}

int tcp_disconnect(struct sim *s, struct sock *sk, int flags)
{
	u8 old = sk->sk_state;

	FN_SK(tcp_disconnect, sk);
	(void)flags; /* O_NONBLOCK means nothing here, as in the kernel */
	if (old != TCP_CLOSE)
		tcp_set_state(s, sk, TCP_CLOSE);
	if (old == TCP_LISTEN)
		inet_csk_listen_stop(s, sk);
	else
		disconnect_tells_peer(s, sk, old);
	tcp_clear_xmit_timers(s, sk);
	skq_purge(s, &sk->sk_receive_queue);
	if (KP(sk->host, disconnect_resets_rto))
		SET(sk->copied_seq, sk->rcv_nxt);
	tcp_write_queue_purge(s, sk);
	LEAF(skb_rbtree_purge, sk->host, sk);
	skq_purge(s, &sk->out_of_order_queue);
	SET(sk->sk_rmem_alloc, 0);
	disconnect_forget_peer(s, sk);
	disconnect_forget_path(s, sk);
	disconnect_forget_options(s, sk);
	sk_error_report(s, sk);
	return 0;
}

void tcp_done(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_done, sk);
	if ((sk->sk_state == TCP_SYN_SENT || sk->sk_state == TCP_SYN_RECV) && KP(sk->host, done_counts_attempt_fails))
		NET_INC_STATS(sk->host, AttemptFails);
	tcp_set_state(s, sk, TCP_CLOSE);
	tcp_clear_xmit_timers(s, sk);
	SET(sk->sk_shutdown, SHUTDOWN_MASK);
	if (DECIDE(orphan_dies, sk->host, sock_flag(sk, SOCK_DEAD), sk->sk_flags, 0))
		inet_csk_destroy_sock(s, sk);
	else
		sock_def_wakeup(s, sk);
}

static void abort_tells_peer(struct sim *s, struct sock *sk)
{
	if (DECIDE(abort_resets, sk->host, tcp_need_reset(sk->sk_state), sk->sk_state, 0))
		tcp_send_active_reset(s, sk);
}

int tcp_abort(struct sim *s, struct sock *sk, int err)
{
	FN_SK(tcp_abort, sk);
	if (lock_sock(s, sk) == SLEEPS)
		return SLEEPS;
	if (sk->sk_state == TCP_CLOSE && KP(sk->host, abort_ends_all)) {
		release_sock(s, sk);
		return -ENOENT;
	}
	if (sk->sk_state == TCP_LISTEN) {
		tcp_set_state(s, sk, TCP_CLOSE);
		inet_csk_listen_stop(s, sk);
	}
	if (DECIDE(orphan_is_spared, sk->host, sock_flag(sk, SOCK_DEAD) && !KP(sk->host, abort_ends_all), sk->sk_flags, 0)) {
		tcp_write_queue_purge(s, sk);
		release_sock(s, sk);
		return 0;
	}
	if (KP(sk->host, done_with_error)) {
		abort_tells_peer(s, sk);
		tcp_done_with_error(s, sk, err);
	} else {
		SET(sk->sk_err, err);
		sk_error_report(s, sk);
		abort_tells_peer(s, sk);
		tcp_done(s, sk);
		tcp_write_queue_purge(s, sk);
	}
	release_sock(s, sk);
	return 0;
}
