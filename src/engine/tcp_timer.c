/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The three timers of a socket, and giving up (net/ipv4/tcp_timer.c): retransmission with its roles, delayed ACK,
 * keepalive. Durations are jiffies.
 */
#include "engine/tcp.h"

#include <errno.h>
#include <stdlib.h>

#define PROBE0_MAX_BACKOFF 10	 /* ilog2(120 s / 200 ms) + 1 */
#define SAFE_ORPHAN_RETRIES 8	 /* some 100 s at the least RTO */

/* ---- arming and stopping ----------------------------------------------------------------------------------------- */

static void inet_csk_reset_xmit_timer(struct sim *s, struct sock *sk, int what, u32 when)
{
	FN_SK(inet_csk_reset_xmit_timer, sk);
	SET(sk->icsk_pending, what);
	SET(sk->icsk_timeout, in_jiffies(s, when));
	sk_reset_timer(s, sk, TMR_RETRANSMIT, sk->icsk_timeout);
}

void tcp_reset_xmit_timer(struct sim *s, struct sock *sk, int what, u32 when, u32 max_when)
{
	FN_SK(tcp_reset_xmit_timer, sk);
	inet_csk_reset_xmit_timer(s, sk, what, when < max_when ? when : max_when);
}

void inet_csk_clear_xmit_timer(struct sim *s, struct sock *sk, int what)
{
	FN_SK(inet_csk_clear_xmit_timer, sk);
	if (what == ICSK_TIME_DACK) {
		SET(sk->icsk_ack_pending, 0);
		SET(sk->icsk_ack_retry, 0);
	} else {
		SET(sk->icsk_pending, 0);
	}
}

static void arm_delack_timer(struct sim *s, struct sock *sk, u32 when)
{
	FN_SK(inet_csk_reset_xmit_timer, sk);
	SET(sk->icsk_ack_pending, sk->icsk_ack_pending | ICSK_ACK_TIMER);
	SET(sk->icsk_delack_timeout_, in_jiffies(s, when));
	sk_reset_timer(s, sk, TMR_DELACK, sk->icsk_delack_timeout_);
}

/* The same function of the kernel with ICSK_TIME_DACK, which is another physical timer. */
void tcp_reset_delack_timer(struct sim *s, struct sock *sk, u32 when)
{
	FN_SK(tcp_reset_xmit_timer, sk);
	arm_delack_timer(s, sk, when);
}

/* The timers exist with the sock: there is nothing to make. */
void tcp_init_xmit_timers(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_init_xmit_timers, sk);
	LEAF(inet_csk_init_xmit_timers, sk->host, sk);
}

static void inet_csk_clear_xmit_timers(struct sim *s, struct sock *sk)
{
	FN_SK(inet_csk_clear_xmit_timers, sk);
	SET(sk->icsk_pending, 0);
	SET(sk->icsk_ack_pending, 0);
	sk_stop_timer(s, sk, TMR_RETRANSMIT);
	sk_stop_timer(s, sk, TMR_DELACK);
	sk_stop_timer(s, sk, TMR_KEEPALIVE);
}

void tcp_clear_xmit_timers(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_clear_xmit_timers, sk);
	inet_csk_clear_xmit_timers(s, sk);
}

void tcp_reset_keepalive_timer(struct sim *s, struct sock *sk, u32 len)
{
	FN_SK(tcp_reset_keepalive_timer, sk);
	sk_reset_timer(s, sk, TMR_KEEPALIVE, in_jiffies(s, len));
}

void tcp_delete_keepalive_timer(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_delete_keepalive_timer, sk);
	sk_stop_timer(s, sk, TMR_KEEPALIVE);
}

/* ---- how long is too long ---------------------------------------------------------------------------------------- */

/* The time that `boundary` doublings of rto_base take, no step longer than RTO_MAX. */
static u64 tcp_model_timeout(struct sim *s, const struct sock *sk, u32 boundary, u32 rto_base)
{
	u32 doublings = 0;

	FN_SK(tcp_model_timeout, sk);
	while (tcp_rto_max(sk) / rto_base >> (doublings + 1))
		doublings++;
	if (boundary <= doublings)
		return ((2ull << boundary) - 1) * rto_base;
	return ((2ull << doublings) - 1) * rto_base + (u64)(boundary - doublings) * tcp_rto_max(sk);
}

static bool syn_state(const struct sock *sk)
{
	return sk->sk_state == TCP_SYN_SENT || sk->sk_state == TCP_SYN_RECV;
}

/* When the first repetition left, in ms; if none ever did, when the head was handed down last. */
static u32 first_repeated(struct sim *s, const struct sock *sk)
{
	return sk->retrans_stamp ? sk->retrans_stamp : (u32)(tcp_rtx_queue_head(s, sk)->skb_mstamp_us / 1000);
}

/*
 * True when the time since the first retransmission exceeds `timeout` ms (TCP_USER_TIMEOUT), or, if that is 0, what
 * `boundary` retransmissions should take.
 */
static bool retransmits_timed_out(struct sim *s, struct sock *sk, u32 boundary, u32 timeout)
{
	u64 limit = timeout;
	u32 since;

	FN_SK(retransmits_timed_out, sk);
	if (KP(sk->host, retries_are_counted))
		return DECIDE(retransmitted_too_often, sk->host, sk->icsk_retransmits >= boundary, sk->icsk_retransmits,
			      boundary);
	if (!sk->icsk_retransmits)
		return false;
	if (!limit)
		limit = tcp_model_timeout(s, sk, boundary,
					  syn_state(sk) ? prof(s, sk->host)->tcp_timeout_init : TCP_RTO_MIN);
	since = tcp_clock_ms(s) - first_repeated(s, sk);
	return DECIDE(retransmitted_too_long, sk->host, since >= limit, since, limit);
}

/* The next retransmission comes no later than TCP_USER_TIMEOUT ends. */
static u32 tcp_clamp_rto_to_user_timeout(struct sim *s, const struct sock *sk)
{
	u32 elapsed = tcp_clock_ms(s) - sk->retrans_stamp;
	u32 left;

	FN_SK(tcp_clamp_rto_to_user_timeout, sk);
	if (!sk->icsk_user_timeout || !KP(sk->host, rto_stops_at_user_timeout))
		return sk->icsk_rto;
	if (elapsed >= sk->icsk_user_timeout)
		return 1;
	left = msecs_to_jiffies(sk->icsk_user_timeout - elapsed);
	return left < sk->icsk_rto ? left : sk->icsk_rto;
}

u32 tcp_clamp_probe0_to_user_timeout(struct sim *s, const struct sock *sk, u32 when)
{
	s32 elapsed = (s32)(tcp_jiffies32(s) - sk->icsk_probes_tstamp);
	s32 least = (s32)prof(s, sk->host)->tcp_timeout_min;
	s32 left;

	FN_SK(tcp_clamp_probe0_to_user_timeout, sk);
	if (!sk->icsk_user_timeout || !sk->icsk_probes_tstamp || !KP(sk->host, user_timeout_by_clock))
		return when;
	left = (s32)msecs_to_jiffies(sk->icsk_user_timeout) - (elapsed < 0 ? 0 : elapsed);
	if (left < least)
		left = least;
	return (u32)left < when ? (u32)left : when;
}

u32 tcp_probe0_base(const struct sim *s, const struct sock *sk)
{
	return sk->icsk_rto > TCP_RTO_MIN || !KP(sk->host, probe_at_least_rto_min) ? sk->icsk_rto : TCP_RTO_MIN;
}

u32 tcp_probe0_when(const struct sim *s, const struct sock *sk, u32 max_when)
{
	u8 backoff = sk->icsk_backoff < PROBE0_MAX_BACKOFF ? sk->icsk_backoff : PROBE0_MAX_BACKOFF;
	u64 when = (u64)tcp_probe0_base(s, sk) << backoff;

	return when < max_when ? (u32)when : max_when;
}

/* ---- giving up --------------------------------------------------------------------------------------------------- */

void tcp_write_err(struct sim *s, struct sock *sk)
{
	int err = sk->sk_err_soft ? sk->sk_err_soft : ETIMEDOUT;
	u8 host = sk->host;

	FN_SK(tcp_write_err, sk);
	if (KP(host, done_with_error))
		tcp_done_with_error(s, sk, err);
	else
		tcp_done_after_report(s, sk, err, KP(host, write_err_purges_write_queue));
	NET_INC_STATS(host, TCPAbortOnTimeout);
}

/* A suspicious orphan counts double against the limit, a doubly suspicious one fourfold. */
static int orphan_penalty(struct sim *s, const struct sock *sk, bool do_reset)
{
	s32 silent = (s32)(tcp_jiffies32(s) - sk->lsndtime);
	int shift = 0;

	if (DECIDE(orphan_is_stale, sk->host, silent > (s32)(2 * tcp_rto_max(sk)) || !do_reset, silent, do_reset))
		shift++;
	if (DECIDE(orphan_has_icmp, sk->host, sk->sk_err_soft, sk->sk_err_soft, 0))
		shift++;
	return shift;
}

static bool orphans_at_limit(const struct sim *s, const struct sock *sk, int shift)
{
	return (s32)(tcp_orphan_sum(s->w, sk->host) << shift) == sysctl_get(s, sk->host, SYSCTL_tcp_max_orphans);
}

int tcp_out_of_resources(struct sim *s, struct sock *sk, bool do_reset)
{
	s32 silent = (s32)(tcp_jiffies32(s) - sk->lsndtime);
	u8 host = sk->host;
	int shift;

	FN_SK(tcp_out_of_resources, sk);
	shift = orphan_penalty(s, sk, do_reset);
	if (!tcp_check_oom(s, sk, shift) && !(orphans_at_limit(s, sk, shift) && KP(host, orphan_limit_is_too_many)))
		return 0;
	if (silent <= (s32)prof(s, host)->tcp_timewait_len || (!sk->snd_wnd && !sk->packets_out))
		do_reset = true;
	if (DECIDE(oom_kill_resets, host, do_reset, silent, sk->snd_wnd))
		tcp_send_active_reset(s, sk);
	tcp_done(s, sk);
	NET_INC_STATS(host, TCPAbortOnMemory);
	return 1;
}

/* `rto`: how long the next silence would be, by which the caller found the peer `alive` or not. */
static u32 tcp_orphan_retries(struct sim *s, const struct sock *sk, bool alive, u32 rto)
{
	u32 retries = (u32)sysctl_get(s, sk->host, SYSCTL_tcp_orphan_retries);

	FN_SK(tcp_orphan_retries, sk);
	if (sk->sk_err_soft && !alive)
		retries = 0;
	if (!DECIDE(orphan_seems_alive, sk->host, alive, rto, tcp_rto_max(sk)))
		return retries;
	return retries ? retries : SAFE_ORPHAN_RETRIES;
}

/* A SYN counts its repetitions, and the time as well. */
static bool syn_given_up(struct sim *s, struct sock *sk, u32 *retry_until)
{
	u32 most;

	*retry_until = sk->icsk_syn_retries;
	if (!*retry_until)
		*retry_until = (u32)sysctl_get(s, sk->host, SYSCTL_tcp_syn_retries);
	most = *retry_until;
	if (sk->sk_state == TCP_SYN_SENT)
		most += (u32)sysctl_get(s, sk->host, SYSCTL_tcp_syn_linear_timeouts);
	return KP(sk->host, syn_retries_are_counted) &&
	       DECIDE(syn_repeated_enough, sk->host, sk->icsk_retransmits >= most, sk->icsk_retransmits, most);
}

/* The limit for everything else. False: the orphan died on the way. */
static bool data_retry_limit(struct sim *s, struct sock *sk, u32 *retry_until)
{
	u32 doubted_after = (u32)sysctl_get(s, sk->host, SYSCTL_tcp_retries1);
	bool alive = sk->icsk_rto < tcp_rto_max(sk);
	bool do_reset;

	/* a path that swallows everything: probing for a smaller MTU is off, and there is only one route */
	if (DECIDE(path_is_doubted, sk->host, retransmits_timed_out(s, sk, doubted_after, 0), sk->icsk_retransmits,
		   doubted_after))
		LEAF(tcp_mtu_probing, sk->host, sk);
	*retry_until = (u32)sysctl_get(s, sk->host, SYSCTL_tcp_retries2);
	if (!DECIDE(nobody_waits_for_it, sk->host, sock_flag(sk, SOCK_DEAD), sk->sk_flags, *retry_until))
		return true;
	*retry_until = tcp_orphan_retries(s, sk, alive, sk->icsk_rto);
	do_reset = alive || !retransmits_timed_out(s, sk, *retry_until, 0);
	return !tcp_out_of_resources(s, sk, do_reset);
}

/* TCP_USER_TIMEOUT, where it counts; 0: it does not. */
static u32 heeded_user_timeout(const struct sim *s, const struct sock *sk)
{
	return syn_state(sk) && !KP(sk->host, syn_heeds_user_timeout) ? 0 : sk->icsk_user_timeout;
}

/* Non-zero: the socket was given up. */
static int tcp_write_timeout(struct sim *s, struct sock *sk)
{
	bool expired = false;
	u32 retry_until;

	FN_SK(tcp_write_timeout, sk);
	if (syn_state(sk))
		expired = syn_given_up(s, sk, &retry_until);
	else if (!data_retry_limit(s, sk, &retry_until))
		return 1;
	if (!expired && !(syn_state(sk) && !KP(sk->host, syn_retries_are_timed)))
		expired = retransmits_timed_out(s, sk, retry_until, heeded_user_timeout(s, sk));
	if (DECIDE(tried_long_enough, sk->host, expired, sk->icsk_retransmits, retry_until)) {
		tcp_write_err(s, sk);
		return 1;
	}
	NET_INC_STATS(sk->host, TcpTimeoutRehash);
	return 0;
}

/* ---- the retransmission timer ------------------------------------------------------------------------------------ */

/* Retransmissions of `rtx_delta` ms into a window that the peer has shut: true when neither it nor time give hope. */
static bool tcp_rtx_probe0_timed_out(struct sim *s, const struct sock *sk, u32 rtx_delta)
{
	u32 timeout = KP(sk->host, shut_window_patience);
	s32 silent = (s32)((u32)(sk->icsk_timeout / USEC_PER_JIFFY) - sk->rcv_tstamp);
	bool over;

	FN_SK(tcp_rtx_probe0_timed_out, sk);
	if (!KP(sk->host, user_timeout_by_clock)) {
		over = silent > (s32)timeout;
		return DECIDE(shut_window_is_final, sk->host, over, silent < 0 ? 0 : silent, rtx_delta);
	}
	timeout = 2 * tcp_rto_max(sk);
	if (sk->icsk_user_timeout) {
		if (rtx_delta > sk->icsk_user_timeout)
			return true;
		if (msecs_to_jiffies(sk->icsk_user_timeout) < timeout)
			timeout = msecs_to_jiffies(sk->icsk_user_timeout);
	}
	over = silent > (s32)timeout && msecs_to_jiffies(rtx_delta) > timeout;
	return DECIDE(shut_window_is_final, sk->host, over, silent < 0 ? 0 : silent, rtx_delta);
}

/* Counts what kind of recovery this timeout ends. False: none. */
static bool count_rto(struct sim *s, const struct sock *sk)
{
	bool sack = tcp_is_sack(sk);

	if (sk->icsk_ca_state == TCP_CA_Loss)
		NET_INC_STATS(sk->host, TCPLossFailures);
	else if (sk->icsk_ca_state == TCP_CA_Recovery && sack)
		NET_INC_STATS(sk->host, TCPSackRecoveryFail);
	else if (sk->icsk_ca_state == TCP_CA_Recovery)
		NET_INC_STATS(sk->host, TCPRenoRecoveryFail);
	else if ((sk->icsk_ca_state == TCP_CA_Disorder || sk->sacked_out) && sack)
		NET_INC_STATS(sk->host, TCPSackFailures);
	else if (sk->icsk_ca_state == TCP_CA_Disorder || sk->sacked_out)
		NET_INC_STATS(sk->host, TCPRenoFailures);
	else
		return false;
	return true;
}

static void tcp_update_rto_stats(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_update_rto_stats, sk);
	SET(sk->icsk_retransmits, sk->icsk_retransmits < UINT8_MAX ? sk->icsk_retransmits + 1 : UINT8_MAX);
	ADD(sk->total_rto, 1);
}

/* The next timeout is twice as long, unless it is one of the first SYNs. `shut`: the window is. */
static void rto_back_off(struct sim *s, struct sock *sk, bool shut)
{
	u32 linear = (u32)sysctl_get(s, sk->host, SYSCTL_tcp_syn_linear_timeouts);
	u32 rto_max = tcp_rto_max(sk);
	u32 rto = 2 * sk->icsk_rto;

	if (sk->sk_state == TCP_SYN_SENT &&
	    DECIDE(syn_interval_stays, sk->host, sk->total_rto <= linear, sk->total_rto, linear))
		return;
	if (!shut || KP(sk->host, shut_window_backs_off))
		SET(sk->icsk_backoff, sk->icsk_backoff < UINT8_MAX ? sk->icsk_backoff + 1 : UINT8_MAX);
	SET(sk->icsk_rto, rto < rto_max ? rto : rto_max);
}

/* The peer took its window back while data was out: repetitions are probes, and do not count as failures. */
static bool retransmit_into_shut_window(struct sim *s, struct sock *sk)
{
	if (tcp_rtx_probe0_timed_out(s, sk, tcp_clock_ms(s) - first_repeated(s, sk))) {
		tcp_write_err(s, sk);
		return false;
	}
	tcp_enter_loss(s, sk);
	tcp_retransmit_skb(s, sk, tcp_rtx_queue_head(s, sk), 1);
	return true;
}

/* False: it never left this host. That says nothing about the path, and is tried again soon. */
static bool repeat_head(struct sim *s, struct sock *sk)
{
	bool free = KP(sk->host, failed_repetition_is_free);
	u32 soon = TCP_RESOURCE_PROBE_INTERVAL;
	bool sent;

	if (!free)
		tcp_update_rto_stats(s, sk);
	sent = tcp_retransmit_skb(s, sk, tcp_rtx_queue_head(s, sk), 1) <= 0;
	if (free && (sent || !sk->icsk_retransmits))
		tcp_update_rto_stats(s, sk);
	if (free && sk->icsk_rto < soon)
		soon = sk->icsk_rto;
	if (!sent)
		tcp_reset_xmit_timer(s, sk, ICSK_TIME_RETRANS, soon, tcp_rto_max(sk));
	return sent;
}

/* The normal case. False: the socket was given up, or the timer is set already. */
static bool retransmit_head(struct sim *s, struct sock *sk)
{
	bool every = KP(sk->host, every_timeout_is_counted);

	if (every)
		NET_INC_STATS(sk->host, TCPTimeouts);
	if (tcp_write_timeout(s, sk))
		return false;
	if (!sk->icsk_retransmits && !count_rto(s, sk) && !every)
		NET_INC_STATS(sk->host, TCPTimeouts);
	tcp_enter_loss(s, sk);
	return repeat_head(s, sk);
}

void tcp_retransmit_timer(struct sim *s, struct sock *sk)
{
	bool shut, goes_on;

	FN_SK(tcp_retransmit_timer, sk);
	if (!sk->packets_out)
		return;
	shut = !sk->snd_wnd && !sock_flag(sk, SOCK_DEAD) && !syn_state(sk);
	if (DECIDE(window_was_taken_back, sk->host, shut, sk->snd_wnd, sk->sk_flags))
		goes_on = retransmit_into_shut_window(s, sk);
	else
		goes_on = retransmit_head(s, sk);
	if (!goes_on)
		return;
	rto_back_off(s, sk, shut);
	tcp_reset_xmit_timer(s, sk, ICSK_TIME_RETRANS, tcp_clamp_rto_to_user_timeout(s, sk), tcp_rto_max(sk));
	/* the kernel would look for another route after this one */
	retransmits_timed_out(s, sk, (u32)sysctl_get(s, sk->host, SYSCTL_tcp_retries1) + 1, 0);
}

/* ---- zero-window probes ------------------------------------------------------------------------------------------ */

enum probe_verdict { PROBE_AGAIN, PROBE_GIVE_UP, PROBE_DEAD };

static enum probe_verdict probe_verdict(struct sim *s, struct sock *sk)
{
	u32 most = (u32)sysctl_get(s, sk->host, SYSCTL_tcp_retries2);

	if (sock_flag(sk, SOCK_DEAD)) {
		u64 backed_off = (u64)sk->icsk_rto << (sk->icsk_backoff < 31 ? sk->icsk_backoff : 31);
		bool alive = backed_off < tcp_rto_max(sk);

		most = tcp_orphan_retries(s, sk, alive, (u32)(alive ? backed_off : tcp_rto_max(sk)));
		if (KP(sk->host, orphan_backoff_ends_probes) &&
		    DECIDE(orphan_probed_long_enough, sk->host, !alive && sk->icsk_backoff >= most, sk->icsk_backoff, most))
			return PROBE_GIVE_UP;
		if (tcp_out_of_resources(s, sk, !KP(sk->host, one_probe_more) || alive || sk->icsk_probes_out <= most))
			return PROBE_DEAD;
	}
	if (DECIDE(probes_unanswered, sk->host, sk->icsk_probes_out >= most + KP(sk->host, one_probe_more),
		   sk->icsk_probes_out, most))
		return PROBE_GIVE_UP;
	return PROBE_AGAIN;
}

/* Without a clock of its own, what so many probes should have taken stands for the time. */
static bool probes_model_user_timeout(struct sim *s, struct sock *sk)
{
	u64 since;

	if (!sk->icsk_user_timeout || !KP(sk->host, user_timeout_by_probes))
		return false;
	since = tcp_model_timeout(s, sk, sk->icsk_probes_out, tcp_probe0_base(s, sk));
	return DECIDE(user_timeout_ends_probing, sk->host, since >= msecs_to_jiffies(sk->icsk_user_timeout), since,
		      sk->icsk_user_timeout);
}

/* TCP_USER_TIMEOUT counts from the first expiry of this episode. */
static bool probes_outlast_user(struct sim *s, struct sock *sk)
{
	u32 since = tcp_jiffies32(s) - sk->icsk_probes_tstamp;

	if (!KP(sk->host, user_timeout_by_clock))
		return probes_model_user_timeout(s, sk);
	if (!sk->icsk_probes_tstamp) {
		SET(sk->icsk_probes_tstamp, tcp_jiffies32(s));
		return false;
	}
	if (!sk->icsk_user_timeout)
		return false;
	return DECIDE(user_timeout_ends_probing, sk->host, since >= msecs_to_jiffies(sk->icsk_user_timeout), since,
		      sk->icsk_user_timeout);
}

static void tcp_probe_timer(struct sim *s, struct sock *sk)
{
	enum probe_verdict verdict;

	FN_SK(tcp_probe_timer, sk);
	if (DECIDE(nothing_to_probe_for, sk->host, sk->packets_out || !tcp_send_head(s, sk), sk->packets_out,
		   sk->sk_write_queue.qlen)) {
		SET(sk->icsk_probes_out, 0);
		SET(sk->icsk_probes_tstamp, 0);
		return;
	}
	verdict = probes_outlast_user(s, sk) ? PROBE_GIVE_UP : probe_verdict(s, sk);
	if (verdict == PROBE_GIVE_UP)
		tcp_write_err(s, sk);
	else if (verdict == PROBE_AGAIN)
		tcp_send_probe0(s, sk);
}

/* ---- the physical retransmit timer ------------------------------------------------------------------------------- */

void tcp_write_timer_handler(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_write_timer_handler, sk);
	if (sk->sk_state == TCP_CLOSE || sk->sk_state == TCP_LISTEN || !sk->icsk_pending)
		return;
	if (sk->icsk_timeout > s->w->now) {
		sk_reset_timer(s, sk, TMR_RETRANSMIT, sk->icsk_timeout);
		return;
	}
	switch (sk->icsk_pending) {
	case ICSK_TIME_REO_TIMEOUT:
		tcp_rack_reo_timeout(s, sk);
		break;
	case ICSK_TIME_LOSS_PROBE:
		tcp_send_loss_probe(s, sk);
		break;
	case ICSK_TIME_RETRANS:
		SET(sk->icsk_pending, 0);
		tcp_retransmit_timer(s, sk);
		break;
	case ICSK_TIME_PROBE0:
		SET(sk->icsk_pending, 0);
		tcp_probe_timer(s, sk);
		break;
	default:
		BUG_ON(true);
	}
}

/* Leaves work for the owner of the lock, who finds it when he lets go. */
static void defer_to_owner(struct sim *s, struct sock *sk, u8 what)
{
	if (sk->sk_tsq_flags & what)
		return;
	SET(sk->sk_tsq_flags, sk->sk_tsq_flags | what);
	sock_hold(s, sk);
}

void tcp_write_timer(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_write_timer, sk);
	if (!DECIDE(write_timer_must_wait, sk->host, sock_owned_by_user(sk), sk->sk_lock_owned, sk->icsk_pending))
		tcp_write_timer_handler(s, sk);
	else if (!KP(sk->host, timers_defer_to_owner))
		sk_reset_timer(s, sk, TMR_RETRANSMIT, in_jiffies(s, HZ / 20));
	else if (sk->icsk_pending)
		defer_to_owner(s, sk, TCPF_WRITE_TIMER_DEFERRED);
	sock_put(s, sk);
}

/* ---- delayed ACKs ------------------------------------------------------------------------------------------------ */

/* The ACK that no segment of ours came to carry. What that teaches: wait longer, or be interactive no more. */
static void delack_send(struct sim *s, struct sock *sk)
{
	u32 ato = 2 * sk->icsk_ack_ato;

	if (DECIDE(delack_missed_its_ride, sk->host, inet_csk_in_pingpong_mode(s, sk), sk->icsk_ack_pingpong,
		   sk->icsk_ack_ato)) {
		SET(sk->icsk_ack_pingpong, 0);
		SET(sk->icsk_ack_ato, prof(s, sk->host)->tcp_ato_min);
	} else {
		SET(sk->icsk_ack_ato, ato < sk->icsk_rto ? ato : sk->icsk_rto);
	}
	tcp_send_ack(s, sk);
	NET_INC_STATS(sk->host, DelayedACKs);
}

void tcp_delack_timer_handler(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_delack_timer_handler, sk);
	if (sk->sk_state == TCP_CLOSE || sk->sk_state == TCP_LISTEN || !(sk->icsk_ack_pending & ICSK_ACK_TIMER))
		return;
	if (sk->icsk_delack_timeout_ > s->w->now) {
		sk_reset_timer(s, sk, TMR_DELACK, sk->icsk_delack_timeout_);
		return;
	}
	SET(sk->icsk_ack_pending, sk->icsk_ack_pending & ~ICSK_ACK_TIMER);
	if (DECIDE(ack_is_still_owed, sk->host, sk->icsk_ack_pending & ICSK_ACK_SCHED, sk->icsk_ack_pending, 0))
		delack_send(s, sk);
}

void tcp_delack_timer(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_delack_timer, sk);
	if (!DECIDE(delack_timer_must_wait, sk->host, sock_owned_by_user(sk), sk->sk_lock_owned,
		    sk->icsk_ack_pending)) {
		tcp_delack_timer_handler(s, sk);
	} else if (!KP(sk->host, timers_defer_to_owner)) {
		NET_INC_STATS(sk->host, DelayedACKLocked);
		sk_reset_timer(s, sk, TMR_DELACK, in_jiffies(s, prof(s, sk->host)->tcp_delack_min));
	} else if (sk->icsk_ack_pending & ICSK_ACK_TIMER) {
		NET_INC_STATS(sk->host, DelayedACKLocked);
		defer_to_owner(s, sk, TCPF_DELACK_TIMER_DEFERRED);
	}
	sock_put(s, sk);
}

/* ---- keepalive, and an orphan's FIN_WAIT2 ------------------------------------------------------------------------ */

static u32 keepalive_time_when(const struct sim *s, const struct sock *sk)
{
	return sk->keepalive_time ? sk->keepalive_time :
				    (u32)sysctl_get(s, sk->host, SYSCTL_tcp_keepalive_time) * HZ;
}

static u32 keepalive_intvl_when(const struct sim *s, const struct sock *sk)
{
	return sk->keepalive_intvl ? sk->keepalive_intvl :
				     (u32)sysctl_get(s, sk->host, SYSCTL_tcp_keepalive_intvl) * HZ;
}

static u32 keepalive_probes(const struct sim *s, const struct sock *sk)
{
	return sk->keepalive_probes ? sk->keepalive_probes :
				      (u32)sysctl_get(s, sk->host, SYSCTL_tcp_keepalive_probes);
}

/* Since the peer was last heard: data or ACK, whichever is younger. */
static u32 keepalive_time_elapsed(const struct sim *s, const struct sock *sk)
{
	u32 data = tcp_jiffies32(s) - sk->icsk_ack_lrcvtime;
	u32 ack = tcp_jiffies32(s) - sk->rcv_tstamp;

	return data < ack && KP(sk->host, keepalive_hears_data) ? data : ack;
}

void tcp_set_keepalive(struct sim *s, struct sock *sk, bool val)
{
	FN_SK(tcp_set_keepalive, sk);
	if (sk->sk_state == TCP_CLOSE || sk->sk_state == TCP_LISTEN)
		return;
	if (val && !sock_flag(sk, SOCK_KEEPOPEN))
		tcp_reset_keepalive_timer(s, sk, keepalive_time_when(s, sk));
	else if (!val)
		tcp_delete_keepalive_timer(s, sk);
}

/* The full sock has waited its part. A minisocket takes the last 60 s over; if there are none, the peer is told off. */
static void fin_wait2_over(struct sim *s, struct sock *sk)
{
	u32 timewait_len = prof(s, sk->host)->tcp_timewait_len;
	u32 tmo = tcp_fin_time(s, sk);

	LEAF(tcp_fin_time, sk->host, sk);
	if (DECIDE(fin_wait2_goes_on_small, sk->host, sk->linger2 >= 0 && tmo > timewait_len, sk->linger2, tmo)) {
		tcp_time_wait(s, sk, TCP_FIN_WAIT2, tmo - timewait_len);
		return;
	}
	tcp_send_active_reset(s, sk);
	tcp_done(s, sk);
}

static bool keepalive_gives_up(struct sim *s, const struct sock *sk, u32 elapsed)
{
	u32 most = keepalive_probes(s, sk);
	u32 user = sk->icsk_user_timeout;
	bool over = user ? elapsed >= msecs_to_jiffies(user) && sk->icsk_probes_out : sk->icsk_probes_out >= most;

	return DECIDE(peer_seems_dead, sk->host, over, sk->icsk_probes_out, user ? user : most);
}

/* Probes an idle connection, or waits on. 0: it is given up; else when to look again. */
static u32 keepalive_check(struct sim *s, struct sock *sk)
{
	u32 when = keepalive_time_when(s, sk);
	u32 elapsed = keepalive_time_elapsed(s, sk);

	if (DECIDE(not_idle_at_all, sk->host, sk->packets_out || tcp_send_head(s, sk), sk->packets_out,
		   sk->sk_write_queue.qlen))
		return when;
	if (!DECIDE(idle_long_enough, sk->host, elapsed >= when, elapsed, when))
		return when - elapsed;
	if (keepalive_gives_up(s, sk, elapsed)) {
		tcp_send_active_reset(s, sk);
		tcp_write_err(s, sk);
		return 0;
	}
	if (tcp_write_wakeup(s, sk, MIB_TCPKeepAlive) > 0)
		return TCP_RESOURCE_PROBE_INTERVAL; /* it never left this host, and counts for nothing */
	ADD(sk->icsk_probes_out, 1);
	return keepalive_intvl_when(s, sk);
}

void tcp_keepalive_timer(struct sim *s, struct sock *sk)
{
	bool orphan_waits = sk->sk_state == TCP_FIN_WAIT2 && sock_flag(sk, SOCK_DEAD);
	u32 never = TCPF(TCP_CLOSE) | TCPF(TCP_LISTEN);
	u32 again = 0;

	FN_SK(tcp_keepalive_timer, sk);
	if (sk->sk_state == TCP_SYN_SENT && KP(sk->host, keepalive_spares_syn_sent))
		never |= TCPF(TCP_SYN_SENT);
	if (DECIDE(keepalive_must_wait, sk->host, sock_owned_by_user(sk), sk->sk_lock_owned, 0))
		again = HZ / 20;
	else if (orphan_waits)
		fin_wait2_over(s, sk);
	else if (sock_flag(sk, SOCK_KEEPOPEN) && !(TCPF(sk->sk_state) & never))
		again = keepalive_check(s, sk);
	if (again)
		tcp_reset_keepalive_timer(s, sk, again);
	sock_put(s, sk);
}
