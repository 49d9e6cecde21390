/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a segment does to its sock: validation, resets, the FIN, the ACKs that are owed, the state machine
 * (net/ipv4/tcp_input.c). What else the kernel's file holds: acknowledgements and loss recovery are in tcp_ack.c, the
 * beginning of connections in tcp_open.c, data in tcp_ofo.c.
 */
#include "engine/tcp_rcv.h"

#include <errno.h>

/* ---- how large the peer's segments are --------------------------------------------------------------------------- */

static u32 header_len(const struct seg *g)
{
	return 20u + ((g->opts & SEG_OPT_TS) ? TCPOLEN_TSTAMP_ALIGNED : 0u) + (g->nsack ? 4u + 8u * g->nsack : 0u);
}

static u32 usual_header_len(const struct sock *sk)
{
	return 20u + (sk->tstamp_ok ? TCPOLEN_TSTAMP_ALIGNED : 0u);
}

/* How much of what a segment takes is payload: that part of the buffer is offered as window. */
static void measure_scaling_ratio(struct sim *s, struct sock *sk, u32 len)
{
	u64 ratio = ((u64)len << 8) / skb_truesize(len);
	u8 old = sk->scaling_ratio;

	SET(sk->scaling_ratio, ratio ? ratio : 1);
	if (sk->scaling_ratio != old)
		tcp_set_window_clamp(s, sk, tcp_full_space(sk));
}

void tcp_measure_rcv_mss(struct sim *s, struct sock *sk, const struct seg *g)
{
	u32 size = g->gso_size ? g->gso_size : g->len;
	u32 whole = size + header_len(g);
	u16 last = sk->icsk_ack_last_seg_size;
	bool odd = has(g, TCPHDR_FIN | TCPHDR_URG | TCPHDR_SYN | TCPHDR_PSH);

	FN_SK(tcp_measure_rcv_mss, sk);
	SET(sk->icsk_ack_last_seg_size, 0);
	if (size >= sk->icsk_ack_rcv_mss) {
		if (size != sk->icsk_ack_rcv_mss && KP(sk->host, window_is_measured))
			measure_scaling_ratio(s, sk, g->len);
		SET(sk->icsk_ack_rcv_mss, min_u32(size, sk->advmss));
		if (has(g, TCPHDR_PSH))
			add_pending(s, sk, ICSK_ACK_PUSHED);
		return;
	}
	/* a small one may be the peer's full size all the same: two of one size in a row are believed */
	if (whole >= TCP_MSS_DEFAULT + 20 || (whole >= TCP_MIN_MSS + 20 && !odd)) {
		u32 len = whole - usual_header_len(sk);

		SET(sk->icsk_ack_last_seg_size, len);
		if (len == last) {
			SET(sk->icsk_ack_rcv_mss, len);
			return;
		}
	}
	if (sk->icsk_ack_pending & ICSK_ACK_PUSHED)
		add_pending(s, sk, ICSK_ACK_PUSHED2);
	add_pending(s, sk, ICSK_ACK_PUSHED);
}

void tcp_initialize_rcv_mss(struct sim *s, struct sock *sk)
{
	u32 hint = min_u32(sk->advmss, sk->mss_cache);

	FN_SK(tcp_initialize_rcv_mss, sk);
	hint = min_u32(hint, sk->rcv_wnd / 2);
	hint = min_u32(hint, TCP_MSS_DEFAULT);
	SET(sk->icsk_ack_rcv_mss, max_u32(hint, TCP_MIN_MSS));
}

/* ---- quick ACKs -------------------------------------------------------------------------------------------------- */

static void tcp_incr_quickack(struct sim *s, struct sock *sk, u32 max_quickacks)
{
	u32 quick = sk->rcv_wnd / (2u * sk->icsk_ack_rcv_mss);

	FN_SK(tcp_incr_quickack, sk);
	quick = min_u32(quick ? quick : 2, max_quickacks);
	if (quick > sk->icsk_ack_quick)
		SET(sk->icsk_ack_quick, quick);
}

void tcp_enter_quickack_mode(struct sim *s, struct sock *sk, u32 max_quickacks)
{
	FN_SK(tcp_enter_quickack_mode, sk);
	tcp_incr_quickack(s, sk, max_quickacks);
	SET(sk->icsk_ack_pingpong, 0);
	SET(sk->icsk_ack_ato, prof(s, sk->host)->tcp_ato_min);
}

bool tcp_in_quickack_mode(const struct sim *s, const struct sock *sk)
{
	return (sk->dst_quickack && KP(sk->host, quickack_by_route)) || (sk->icsk_ack_quick && !inet_csk_in_pingpong_mode(s, sk));
}

/* ---- buffers and windows ----------------------------------------------------------------------------------------- */

/* What the kernel adds to the bytes of a segment it sends: headers, skb_shared_info, struct sk_buff. */
#define MAX_TCP_HEADER 320u
#define SHARED_INFO_SIZE 320u
#define SK_BUFF_SIZE 256u

static u32 roundup_pow_of_two(u32 n)
{
	u32 p = 1;

	while (p < n)
		p <<= 1;
	return p;
}

/* The send buffer holds two congestion windows: one in flight, one to follow. */
static void tcp_sndbuf_expand(struct sim *s, struct sock *sk)
{
	u32 per_mss = max_u32(sk->mss_clamp, sk->mss_cache) + MAX_TCP_HEADER + SHARED_INFO_SIZE;
	u32 segs = max_u32(prof(s, sk->host)->tcp_init_cwnd, sk->snd_cwnd);
	s32 limit = sysctl_get(s, sk->host, SYSCTL_tcp_wmem_max);
	u64 sndmem;

	FN_SK(tcp_sndbuf_expand, sk);
	segs = max_u32(segs, sk->reordering + 1);
	sndmem = 2ull * segs * (roundup_pow_of_two(per_mss) + SK_BUFF_SIZE);
	if (sndmem > (u64)sk->sk_sndbuf)
		SET(sk->sk_sndbuf, sndmem < (u64)limit ? (s32)sndmem : limit);
}

/* A segment that wasted much of its memory may do for a larger window once the buffer has grown. */
static u32 __tcp_grow_window(const struct sim *s, const struct sock *sk, u32 len)
{
	u32 truesize = (u32)tcp_win_from_space(sk, (s32)skb_truesize(len)) >> 1;
	u32 window = (u32)tcp_win_from_space(sk, sysctl_get(s, sk->host, SYSCTL_tcp_rmem_max)) >> 1;

	for (; sk->rcv_ssthresh <= window; truesize >>= 1, window >>= 1)
		if (truesize <= len)
			return 2u * sk->icsk_ack_rcv_mss;
	return 0;
}

void tcp_grow_window(struct sim *s, struct sock *sk, u32 len)
{
	s32 space = tcp_space(sk);
	s64 room = (space < 0 || (u32)space < sk->window_clamp ? space : (s64)sk->window_clamp) - (s64)sk->rcv_ssthresh;
	u32 incr;

	FN_SK(tcp_grow_window, sk);
	if (room <= 0)
		return;
	if (tcp_under_memory_pressure(s, sk)) {
		SET(sk->rcv_ssthresh, min_u32(sk->rcv_ssthresh, 4u * sk->advmss));
		return;
	}
	if (tcp_win_from_space(sk, (s32)skb_truesize(len)) <= (s32)len)
		incr = 2u * sk->advmss;
	else
		incr = __tcp_grow_window(s, sk, len);
	if (!incr)
		return;
	ADD(sk->rcv_ssthresh, min_u32((u32)room, max_u32(incr, 2u * len)));
	SET(sk->icsk_ack_quick, sk->icsk_ack_quick | 1);
}

/* The buffers of a new connection. One segment of the receive buffer is kept free of the window. */
void tcp_init_buffer_space(struct sim *s, struct sock *sk)
{
	u32 maxwin = (u32)tcp_full_space(sk);

	FN_SK(tcp_init_buffer_space, sk);
	if (!(sk->sk_userlocks & SOCK_SNDBUF_LOCK))
		tcp_sndbuf_expand(s, sk);
	if (sk->window_clamp >= maxwin)
		SET(sk->window_clamp, maxwin);
	if (sk->window_clamp > 2u * sk->advmss && sk->window_clamp + sk->advmss > maxwin)
		SET(sk->window_clamp, max_u32(2u * sk->advmss, maxwin - min_u32(maxwin, sk->advmss)));
	SET(sk->rcv_ssthresh, min_u32(sk->rcv_ssthresh, sk->window_clamp));
}

/* Payload has arrived: an ACK is owed, and how long it may wait depends on the rhythm of the arrivals. */
void tcp_event_data_recv(struct sim *s, struct sock *sk, const struct seg *g)
{
	const struct kprofile *p = prof(s, sk->host);
	u32 now = tcp_jiffies32(s);
	u32 gap = now - sk->icsk_ack_lrcvtime;
	u32 ato = sk->icsk_ack_ato;

	FN_SK(tcp_event_data_recv, sk);
	schedule_ack(s, sk);
	tcp_measure_rcv_mss(s, sk, g);
	if (!ato) {
		tcp_incr_quickack(s, sk, p->tcp_max_quickacks);
		SET(sk->icsk_ack_ato, p->tcp_ato_min);
	} else if (gap <= p->tcp_ato_min / 2) {
		SET(sk->icsk_ack_ato, (ato >> 1) + p->tcp_ato_min / 2);
	} else if (gap < ato) {
		SET(sk->icsk_ack_ato, min_u32((ato >> 1) + gap, sk->icsk_rto));
	} else if (gap > sk->icsk_rto) {
		/* the peer seems to begin anew, and waits for ACKs */
		tcp_incr_quickack(s, sk, p->tcp_max_quickacks);
	}
	SET(sk->icsk_ack_lrcvtime, now);
	if (g->len >= 128)
		tcp_grow_window(s, sk, g->len);
}

/* ---- options and PAWS -------------------------------------------------------------------------------------------- */

void take_tstamp(struct sim *s, struct sock *sk, const struct seg *g)
{
	SET(sk->saw_tstamp, 1);
	SET(sk->rcv_tsval, g->tsval);
	SET(sk->rcv_tsecr, g->tsecr ? g->tsecr - sk->tsoffset : 0);
}

void tcp_store_ts_recent(struct sim *s, struct sock *sk)
{
	SET(sk->ts_recent, sk->rcv_tsval);
	SET(sk->ts_recent_stamp, ktime_get_seconds(s));
}

bool paws_too_old(const struct sim *s, const struct sock *sk, s32 tolerance)
{
	if ((s32)(sk->ts_recent - sk->rcv_tsval) <= tolerance || !sk->ts_recent)
		return false;
	return (s32)(ktime_get_seconds(s) - sk->ts_recent_stamp) < TCP_PAWS_WRAP;
}

enum paws { PAWS_FINE, PAWS_OLD_ACK, PAWS_FAILED };

/*
 * An ACK that was overtaken looks like an old one. A pure one that says nothing new and is not older than a few round
 * trips is let through; one from before rcv_nxt is no sign of trouble either.
 */
static enum paws tcp_disordered_ack_check(struct sim *s, const struct sock *sk, const struct seg *g)
{
	bool moves_window = tcp_may_update_window(s, sk, g, (u32)g->win << sk->snd_wscale);
	u32 replay = sk->icsk_rto * prof(s, sk->host)->paws_replay / HZ;

	FN_SK(tcp_disordered_ack_check, sk);
	if (!has(g, TCPHDR_ACK) || seg_end_seq(g) != g->seq)
		return PAWS_FAILED;
	if (g->seq != sk->rcv_nxt)
		return before(g->seq, sk->rcv_nxt) && KP(sk->host, old_paws_ack_is_silent) ? PAWS_OLD_ACK : PAWS_FAILED;
	if (g->ack != sk->snd_una || moves_window || (s32)(sk->ts_recent - sk->rcv_tsval) > (s32)replay)
		return PAWS_FAILED;
	return PAWS_FINE;
}

/* ---- the window test --------------------------------------------------------------------------------------------- */

enum seq_verdict { SEQ_FITS, SEQ_OLD, SEQ_BEYOND };

/* The left edge is what was last acknowledged (rcv_wup), so that a repeated FIN gets in and is acknowledged again. */
static enum seq_verdict tcp_sequence(struct sim *s, const struct sock *sk, const struct seg *g)
{
	u32 right = sk->rcv_nxt + tcp_receive_window(sk);
	u32 end_seq = seg_end_seq(g);
	u32 last = end_seq - (has(g, TCPHDR_FIN) ? 1u : 0u);

	FN_SK(tcp_sequence, sk);
	if (DECIDE(segment_is_old, sk->host, before(end_seq, sk->rcv_wup), rel(sk, end_seq), rel(sk, sk->rcv_wup)))
		return SEQ_OLD;
	if (!after(end_seq, right) || !after(last, right))
		return SEQ_FITS; /* a FIN may stick out: what it carries is looked at later */
	if (!KP(sk->host, window_test_looks_at_end))
		return DECIDE(segment_begins_beyond, sk->host, after(g->seq, right), rel(sk, g->seq), rel(sk, right)) ?
			       SEQ_BEYOND :
			       SEQ_FITS;
	if (DECIDE(segment_beyond_window, sk->host, after(g->seq, right) || sk->sk_receive_queue.qlen,
		   rel(sk, end_seq), rel(sk, right)))
		return SEQ_BEYOND;
	return SEQ_FITS;
}

/* ---- resets ------------------------------------------------------------------------------------------------------ */

void tcp_done_with_error(struct sim *s, struct sock *sk, int err)
{
	FN_SK(tcp_done_with_error, sk);
	SET(sk->sk_err, err);
	tcp_write_queue_purge(s, sk);
	tcp_done(s, sk);
	if (!sock_flag(sk, SOCK_DEAD))
		sk_error_report(s, sk);
}

void tcp_done_after_report(struct sim *s, struct sock *sk, int err, bool purge)
{
	SET(sk->sk_err, err);
	if (!sock_flag(sk, SOCK_DEAD))
		sk_error_report(s, sk);
	if (purge)
		tcp_write_queue_purge(s, sk);
	tcp_done(s, sk);
}

/* A reset that is believed. It answers nothing: what the peer gets, if anything, is the caller's affair. */
void tcp_reset(struct sim *s, struct sock *sk, const struct seg *g)
{
	int err = ECONNRESET;

	FN_SK(tcp_reset, sk);
	(void)g;
	if (sk->sk_state == TCP_CLOSE)
		return;
	if (DECIDE(reset_refuses_connection, sk->host, sk->sk_state == TCP_SYN_SENT, sk->sk_state, 0))
		err = ECONNREFUSED;
	else if (DECIDE(reset_after_their_fin, sk->host, sk->sk_state == TCP_CLOSE_WAIT, sk->sk_state, 0))
		err = EPIPE;
	if (KP(sk->host, reset_purges_write_queue))
		tcp_done_with_error(s, sk, err); /* 5.8 does the same in this very function */
	else
		tcp_done_after_report(s, sk, err, false);
}

/* Some peers forget to count their FIN: one before the expected number is right, too, once their FIN was here. */
static bool tcp_reset_check(struct sim *s, const struct sock *sk, const struct seg *g)
{
	FN_SK(tcp_reset_check, sk);
	return g->seq == sk->rcv_nxt - 1 &&
	       (TCPF(sk->sk_state) & (TCPF(TCP_CLOSE_WAIT) | TCPF(TCP_LAST_ACK) | TCPF(TCP_CLOSING))) &&
	       KP(sk->host, rst_one_before_fin);
}

/* ---- answers to what is out of place ----------------------------------------------------------------------------- */

static bool __tcp_oow_rate_limited(struct sim *s, u8 host, enum mib_id mib, u32 *last_oow_ack_time)
{
	u32 now = tcp_jiffies32(s);
	s32 elapsed = (s32)(now - *last_oow_ack_time);
	s32 limit = sysctl_get(s, host, SYSCTL_tcp_invalid_ratelimit);

	FN(__tcp_oow_rate_limited, host, NULL);
	if (*last_oow_ack_time && limit &&
	    DECIDE(answered_a_moment_ago, host, elapsed >= 0 && elapsed < limit, elapsed, limit)) {
		mib_add_(s, host, mib, 1);
		return true;
	}
	SET(*last_oow_ack_time, now);
	return false;
}

bool tcp_oow_rate_limited(struct sim *s, u8 host, const struct seg *g, enum mib_id mib, u32 *last_oow_ack_time)
{
	FN(tcp_oow_rate_limited, host, NULL);
	/* data that comes again means that our ACK was lost: that must always be answered */
	if (seg_end_seq(g) != g->seq && !has(g, TCPHDR_SYN))
		return false;
	return __tcp_oow_rate_limited(s, host, mib, last_oow_ack_time);
}

/* The host's budget for this second. True: it is used up. */
static bool challenge_budget_spent(struct sim *s, struct sock *sk)
{
	struct host *h = host_of(s, sk->host);
	s32 limit = sysctl_get(s, sk->host, SYSCTL_tcp_challenge_ack_limit);
	u64 now = s->w->now / USEC_PER_SEC;
	u32 half;

	if (limit == INT32_MAX)
		return false;
	if (h->challenge_stamp != now) {
		/* drawn by lot, so that nobody can find out from outside what others have used */
		half = ((u32)limit + 1) / 2;
		SET(h->challenge_stamp, now);
		SET(h->challenge_count, limit ? half + (u32)(link_random(s) % (u32)limit) : 0);
	}
	if (DECIDE(challenge_budget_is_spent, sk->host, !h->challenge_count, h->challenge_count, limit))
		return true;
	SUB(h->challenge_count, 1);
	return false;
}

void tcp_send_challenge_ack(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_send_challenge_ack, sk);
	if (__tcp_oow_rate_limited(s, sk->host, MIB_TCPACKSkippedChallenge, &sk->last_oow_ack_time) ||
	    challenge_budget_spent(s, sk))
		return;
	NET_INC_STATS(sk->host, TCPChallengeACK);
	tcp_send_ack(s, sk);
}

static void tcp_send_dupack(struct sim *s, struct sock *sk, const struct seg *g)
{
	u32 end_seq = seg_end_seq(g);

	FN_SK(tcp_send_dupack, sk);
	if (end_seq != g->seq && before(g->seq, sk->rcv_nxt)) {
		NET_INC_STATS(sk->host, DelayedACKLost);
		tcp_enter_quickack_mode(s, sk, prof(s, sk->host)->tcp_max_quickacks);
		tcp_dsack_set(s, sk, g->seq, after(end_seq, sk->rcv_nxt) ? sk->rcv_nxt : end_seq);
	}
	tcp_send_ack(s, sk);
}

/* ---- the FIN ----------------------------------------------------------------------------------------------------- */

/* The state that the peer's FIN leads to. Where we have said goodbye ourselves, it is acknowledged first, at once. */
static void fin_changes_state(struct sim *s, struct sock *sk)
{
	bool at_once = sk->sk_state == TCP_FIN_WAIT1 || sk->sk_state == TCP_FIN_WAIT2;

	if (DECIDE(fin_is_acked_at_once, sk->host, at_once, sk->sk_state, 0))
		tcp_send_ack(s, sk);
	switch (sk->sk_state) {
	case TCP_SYN_RECV:
	case TCP_ESTABLISHED:
		tcp_set_state(s, sk, TCP_CLOSE_WAIT);
		/* the process will likely answer soon, and the ACK can ride on that */
		SET(sk->icsk_ack_pingpong, sysctl_get(s, sk->host, SYSCTL_tcp_pingpong_thresh));
		break;
	case TCP_FIN_WAIT1:
		tcp_set_state(s, sk, TCP_CLOSING);
		break;
	case TCP_FIN_WAIT2:
		tcp_time_wait(s, sk, TCP_TIME_WAIT, 0);
		break;
	case TCP_CLOSE_WAIT:
	case TCP_CLOSING:
	case TCP_LAST_ACK:
		break;
	default:
		BUG_ON(true);
	}
}

void tcp_fin(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_fin, sk);
	schedule_ack(s, sk);
	SET(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
	sock_set_flag(s, sk, SOCK_DONE);
	fin_changes_state(s, sk);
	tcp_ofo_purge(s, sk);
	if (tcp_is_sack(sk))
		tcp_sack_reset(s, sk);
	if (sock_flag(sk, SOCK_DEAD))
		return;
	sock_def_wakeup(s, sk);
	sk_wake_async(s, sk);
}

/* ---- after the segment ------------------------------------------------------------------------------------------- */

static bool tcp_should_expand_sndbuf(struct sim *s, const struct sock *sk)
{
	return !(sk->sk_userlocks & SOCK_SNDBUF_LOCK) && !tcp_under_memory_pressure(s, sk) &&
	       tcp_packets_in_flight(sk) < sk->snd_cwnd;
}

void tcp_check_space(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_check_space, sk);
	if (!sk->sk_socket || !sock_flag(sk, SOCK_NOSPACE))
		return;
	if (tcp_should_expand_sndbuf(s, sk))
		tcp_sndbuf_expand(s, sk);
	sk_stream_write_space(s, sk);
}

static void tcp_data_snd_check(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_data_snd_check, sk);
	tcp_push_pending_frames(s, sk);
	tcp_check_space(s, sk);
}

/* Whether more than one full segment is unacknowledged and the ACK would not take window back. */
static bool full_segment_unacked(struct sim *s, struct sock *sk)
{
	u32 unacked = sk->rcv_nxt - sk->rcv_wup;

	if (!DECIDE(ack_for_full_segment, sk->host, unacked > sk->icsk_ack_rcv_mss, unacked, sk->icsk_ack_rcv_mss))
		return false;
	return sk->rcv_nxt - sk->copied_seq < (u32)sk->sk_rcvlowat || __tcp_select_window(s, sk) >= sk->rcv_wnd;
}

/* An ACK is owed: now, or in a while? Out-of-order data is always acknowledged now; the kernel may merge such ACKs. */
static void __tcp_ack_snd_check(struct sim *s, struct sock *sk, bool ofo_possible)
{
	bool now;

	FN_SK(__tcp_ack_snd_check, sk);
	now = full_segment_unacked(s, sk) ||
	      DECIDE(ack_is_quick, sk->host, tcp_in_quickack_mode(s, sk), sk->icsk_ack_quick, sk->icsk_ack_pingpong) ||
	      DECIDE(ack_was_ordered, sk->host, sk->icsk_ack_pending & ICSK_ACK_NOW, sk->icsk_ack_pending, 0);
	if (now && DECIDE(ack_waits_for_unlock, sk->host,
			  sock_owned_by_user(sk) && sysctl_get(s, sk->host, SYSCTL_tcp_backlog_ack_defer),
			  sk->sk_lock_owned, sk->sk_backlog.qlen)) {
		SET(sk->sk_tsq_flags, sk->sk_tsq_flags | TCPF_ACK_DEFERRED);
		return;
	}
	if (now || (ofo_possible && DECIDE(ack_shows_gap, sk->host, sk->out_of_order_queue.qlen,
					   sk->out_of_order_queue.qlen, sk->num_sacks)))
		tcp_send_ack(s, sk);
	else
		tcp_send_delayed_ack(s, sk);
}

static void tcp_ack_snd_check(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_ack_snd_check, sk);
	if (sk->icsk_ack_pending & ICSK_ACK_SCHED)
		__tcp_ack_snd_check(s, sk, true);
}

/* ---- is it acceptable? ------------------------------------------------------------------------------------------- */

/* Out of place: an ACK says what was expected, unless one went out a moment ago. */
static void dupack_and_discard(struct sim *s, struct sock *sk, const struct seg *g, enum mib_id skipped)
{
	if (!tcp_oow_rate_limited(s, sk->host, g, skipped, &sk->last_oow_ack_time))
		tcp_send_dupack(s, sk, g);
	discard(s, sk);
}

static void syn_challenge(struct sim *s, struct sock *sk, bool syn_inerr)
{
	if (syn_inerr)
		NET_INC_STATS(sk->host, InErrs);
	NET_INC_STATS(sk->host, TCPSYNChallenge);
	tcp_send_challenge_ack(s, sk);
	discard(s, sk);
}

/* The timestamp is bad, and it is no RST. True: the segment ends here. */
static bool refused_by_paws(struct sim *s, struct sock *sk, const struct seg *g, bool syn_inerr)
{
	enum paws why = tcp_disordered_ack_check(s, sk, g);

	if (!DECIDE(timestamp_too_old, sk->host, why != PAWS_FINE, sk->ts_recent, sk->rcv_tsval) || has(g, TCPHDR_RST))
		return false;
	if (has(g, TCPHDR_SYN) && KP(sk->host, syn_failing_paws_is_challenged)) {
		syn_challenge(s, sk, syn_inerr);
	} else if (why == PAWS_OLD_ACK) {
		NET_INC_STATS(sk->host, PAWSOldAck);
		discard(s, sk);
	} else {
		NET_INC_STATS(sk->host, PAWSEstab);
		dupack_and_discard(s, sk, g, MIB_TCPACKSkippedPAWS);
	}
	return true;
}

static void reset_and_consume(struct sim *s, struct sock *sk, const struct seg *g)
{
	tcp_reset(s, sk, g);
	consume(s, sk);
}

static void refused_by_sequence(struct sim *s, struct sock *sk, const struct seg *g, enum seq_verdict why,
				bool syn_inerr)
{
	if (has(g, TCPHDR_RST)) {
		if (DECIDE(reset_outside_is_believed, sk->host, tcp_reset_check(s, sk, g), rel(sk, g->seq),
			   rel(sk, sk->rcv_nxt)))
			reset_and_consume(s, sk, g);
		else
			discard(s, sk);
		return;
	}
	if (has(g, TCPHDR_SYN) && KP(sk->host, syn_outside_is_challenged)) {
		syn_challenge(s, sk, syn_inerr);
		return;
	}
	if (why == SEQ_BEYOND)
		NET_INC_STATS(sk->host, BeyondWindow);
	dupack_and_discard(s, sk, g, MIB_TCPACKSkippedSeq);
}

/* With SACK the peer may have sent its RST behind data of which we reported the last. */
static bool at_highest_block(const struct sock *sk, u32 seq)
{
	u32 highest = sk->selective_acks[0].end_seq;

	if (!tcp_is_sack(sk) || !sk->num_sacks)
		return false;
	for (u8 i = 1; i < sk->num_sacks; i++)
		if (after(sk->selective_acks[i].end_seq, highest))
			highest = sk->selective_acks[i].end_seq;
	return seq == highest;
}

/*
 * A RST inside the window must hit the expected number exactly; else the peer is asked to confirm it. Before RFC 5961 any
 * number in the window did.
 */
static void judge_reset(struct sim *s, struct sock *sk, const struct seg *g)
{
	bool exact = g->seq == sk->rcv_nxt || tcp_reset_check(s, sk, g) ||
		     (at_highest_block(sk, g->seq) && KP(sk->host, rst_at_sack_edge));
	bool believed;

	if (!exact && !KP(sk->host, rst_needs_exact_seq))
		believed = DECIDE(reset_in_window_is_believed, sk->host, true, rel(sk, g->seq), rel(sk, sk->rcv_nxt));
	else
		believed = DECIDE(reset_is_exact, sk->host, exact, rel(sk, g->seq), rel(sk, sk->rcv_nxt));
	if (believed) {
		reset_and_consume(s, sk, g);
		return;
	}
	tcp_send_challenge_ack(s, sk);
	discard(s, sk);
}

/* Both ends have sent a SYN, and this is the peer's SYN-ACK. */
static bool crossed_syn(const struct sock *sk, const struct seg *g)
{
	return sk->sk_state == TCP_SYN_RECV && sk->sk_socket && has(g, TCPHDR_ACK) && g->seq + 1 == seg_end_seq(g) &&
	       g->seq + 1 == sk->rcv_nxt && g->ack == sk->snd_nxt;
}

/* Only a timestamp that was negotiated counts. False: there is none. */
static bool tcp_fast_parse_options(struct sim *s, struct sock *sk, const struct seg *g)
{
	if (!sk->tstamp_ok || !(g->opts & SEG_OPT_TS)) {
		SET(sk->saw_tstamp, 0);
		return false;
	}
	take_tstamp(s, sk, g);
	return true;
}

/*
 * A SYN where none belongs, in kernels that take one at or behind rcv_nxt for the peer's new beginning, and one before it
 * for a duplicate. False: the segment is done with.
 */
static bool syn_in_window(struct sim *s, struct sock *sk, const struct seg *g, bool syn_inerr)
{
	if (!DECIDE(syn_begins_anew, sk->host, !before(g->seq, sk->rcv_nxt), rel(sk, g->seq), rel(sk, sk->rcv_nxt)))
		return true;
	if (syn_inerr)
		NET_INC_STATS(sk->host, InErrs);
	NET_INC_STATS(sk->host, TCPAbortOnSyn);
	tcp_reset(s, sk, g);
	tcp_v4_send_reset(s, sk->host, sk, g);
	discard(s, sk);
	return false;
}

/* A SYN where none belongs, in every kernel. False: the segment is done with. */
static bool judge_syn(struct sim *s, struct sock *sk, const struct seg *g, bool syn_inerr)
{
	bool resets = KP(sk->host, syn_in_window_resets);
	bool crossed = crossed_syn(sk, g) && KP(sk->host, crossed_syn_ack_is_taken);

	if (resets)
		return syn_in_window(s, sk, g, syn_inerr);
	if (DECIDE(syn_is_crossed, sk->host, crossed, rel(sk, g->seq), sk->sk_state))
		return true;
	syn_challenge(s, sk, syn_inerr);
	return false;
}

/* False: the segment was not acceptable, and is done with. `syn_inerr`: a SYN counts as an error of input. */
static bool tcp_validate_incoming(struct sim *s, struct sock *sk, const struct seg *g, bool syn_inerr)
{
	enum seq_verdict fits;

	FN_SK(tcp_validate_incoming, sk);
	if (tcp_fast_parse_options(s, sk, g) && paws_too_old(s, sk, TCP_PAWS_WINDOW) &&
	    refused_by_paws(s, sk, g, syn_inerr))
		return false;
	fits = tcp_sequence(s, sk, g);
	if (fits != SEQ_FITS) {
		refused_by_sequence(s, sk, g, fits, syn_inerr);
		return false;
	}
	if (has(g, TCPHDR_RST)) {
		judge_reset(s, sk, g);
		return false;
	}
	return !has(g, TCPHDR_SYN) || judge_syn(s, sk, g, syn_inerr);
}

/* Not worth a look: the ACK flag is missing, and nothing excuses that. */
static bool lacks_ack(struct sim *s, const struct sock *sk, const struct seg *g)
{
	if (has(g, TCPHDR_ACK | TCPHDR_RST) || !KP(sk->host, ack_flag_is_needed))
		return false;
	return !has(g, TCPHDR_SYN) || KP(sk->host, bare_syn_is_dropped);
}

/* ---- ESTABLISHED ------------------------------------------------------------------------------------------------- */

/* The segment is just what was expected: next in order, no flag but ACK and PSH, the window as it was (pred_flags). */
static bool header_predicted(const struct sock *sk, const struct seg *g)
{
	if ((g->flags & ~TCPHDR_PSH) != TCPHDR_ACK || g->seq != sk->rcv_nxt || after(g->ack, sk->snd_nxt))
		return false;
	if (g->opts != (sk->tstamp_ok ? SEG_OPT_TS : 0) || g->nsack || g->mss)
		return false;
	if ((u32)g->win << sk->snd_wscale != sk->snd_wnd)
		return false;
	if (sk->out_of_order_queue.qlen || !sk->rcv_wnd || sk->sk_rmem_alloc >= sk->sk_rcvbuf)
		return false;
	return !sk->tstamp_ok || (s32)(g->tsval - sk->ts_recent) >= 0;
}

/* A predicted segment lies in the window by definition; its timestamp counts when all before it is acknowledged. */
static void predicted_tstamp(struct sim *s, struct sock *sk)
{
	if (sk->saw_tstamp && sk->rcv_nxt == sk->rcv_wup)
		tcp_store_ts_recent(s, sk);
}

/* Whether the buffer fits into memory that the socket took already: that comes in pages. */
static bool fits_forward_alloc(const struct sock *sk, const struct seg *g)
{
	u32 charged = (u32)(sk->sk_rmem_alloc + sk->sk_wmem_queued);

	return skb_truesize(g->len) <= (0u - charged) % 4096u;
}

static void fast_ack(struct sim *s, struct sock *sk, const struct seg *g)
{
	predicted_tstamp(s, sk);
	tcp_ack(s, sk, g, 0);
	consume(s, sk);
	tcp_data_snd_check(s, sk);
}

static void fast_data(struct sim *s, struct sock *sk, const struct seg *g)
{
	predicted_tstamp(s, sk);
	NET_INC_STATS(sk->host, TCPHPHits);
	tcp_queue_rcv(s, sk, g);
	tcp_event_data_recv(s, sk, g);
	if (g->ack != sk->snd_una) {
		tcp_ack(s, sk, g, FLAG_DATA);
		tcp_data_snd_check(s, sk);
		if (sk->icsk_ack_pending & ICSK_ACK_SCHED)
			__tcp_ack_snd_check(s, sk, false);
	} else {
		SET(sk->snd_wl1, g->seq);
		__tcp_ack_snd_check(s, sk, false);
	}
	tcp_data_ready(s, sk);
}

/* From step 5 (RFC 793) on: the ACK field, the text, the answers. */
static void slow_path(struct sim *s, struct sock *sk, const struct seg *g)
{
	bool needed = KP(sk->host, ack_flag_is_needed);

	/* without the need, an ACK field that is missing or wrong is no reason to refuse the text */
	if ((needed || has(g, TCPHDR_ACK)) && tcp_ack(s, sk, g, FLAG_SLOWPATH | FLAG_UPDATE_TS_RECENT) < 0 && needed) {
		discard(s, sk);
		return;
	}
	LEAF(tcp_urg, sk->host, sk);
	tcp_data_queue(s, sk, g);
	tcp_data_snd_check(s, sk);
	tcp_ack_snd_check(s, sk);
}

void tcp_rcv_established(struct sim *s, struct sock *sk, const struct seg *g)
{
	FN_SK(tcp_rcv_established, sk);
	if (DECIDE(header_is_predicted, sk->host, header_predicted(sk, g), rel(sk, g->seq), rel(sk, sk->rcv_nxt))) {
		tcp_fast_parse_options(s, sk, g);
		if (!g->len) {
			fast_ack(s, sk, g);
			return;
		}
		if (!after(seg_end_seq(g), sk->rcv_nxt + tcp_receive_window(sk))) {
			if (fits_forward_alloc(sk, g))
				fast_data(s, sk, g);
			else
				slow_path(s, sk, g);
			return;
		}
	} else if (lacks_ack(s, sk, g)) {
		discard(s, sk);
		return;
	}
	if (tcp_validate_incoming(s, sk, g, true))
		slow_path(s, sk, g);
}

/* ---- the state machine ------------------------------------------------------------------------------------------- */

enum { STEP_ON, STEP_CONSUMED, STEP_RESET };

static int rcv_listen(struct sim *s, struct sock *sk, const struct seg *g)
{
	if (DECIDE(listener_was_acked, sk->host, has(g, TCPHDR_ACK), g->flags, 0))
		return 1;
	if ((g->flags & (TCPHDR_SYN | TCPHDR_RST)) == TCPHDR_SYN &&
	    !(has(g, TCPHDR_FIN) && KP(sk->host, syn_fin_is_dropped)))
		tcp_v4_conn_request(s, sk, g);
	else
		discard(s, sk);
	return 0;
}

static int rcv_syn_sent(struct sim *s, struct sock *sk, const struct seg *g)
{
	int queued = tcp_rcv_synsent_state_process(s, sk, g);

	if (queued != SYNSENT_GOES_ON)
		return queued;
	LEAF(tcp_urg, sk->host, sk);
	consume(s, sk);
	tcp_data_snd_check(s, sk);
	return 0;
}

/* The last ACK of the handshake. */
static void synrecv_acked(struct sim *s, struct sock *sk, const struct seg *g)
{
	ADD(sk->delivered, 1);
	if (!sk->srtt_us)
		tcp_synack_rtt_meas(s, sk, NULL);
	if (sk->tstamp_ok)
		SUB(sk->advmss, TCPOLEN_TSTAMP_ALIGNED);
	tcp_try_undo_spurious_syn(s, sk);
	SET(sk->retrans_stamp, 0);
	tcp_init_transfer(s, sk);
	SET(sk->copied_seq, sk->rcv_nxt);
	tcp_set_state(s, sk, TCP_ESTABLISHED);
	sock_def_wakeup(s, sk);
	if (sk->sk_socket)
		sk_wake_async(s, sk);
	SET(sk->snd_una, g->ack);
	SET(sk->snd_wnd, (u32)g->win << sk->snd_wscale);
	SET(sk->snd_wl1, g->seq);
	SET(sk->lsndtime, tcp_jiffies32(s));
	tcp_initialize_rcv_mss(s, sk);
	if (DECIDE(shutdown_was_waiting, sk->host, sk->sk_shutdown & SEND_SHUTDOWN, sk->sk_shutdown, 0))
		tcp_shutdown(s, sk, SEND_SHUTDOWN);
}

/* Payload, or a FIN behind a gap: something that a closed receiver has no use for. */
static bool brings_new_data(const struct sock *sk, const struct seg *g)
{
	u32 end_seq = seg_end_seq(g);

	return end_seq != g->seq && after(end_seq - (has(g, TCPHDR_FIN) ? 1u : 0u), sk->rcv_nxt);
}

static int abort_on_data(struct sim *s, struct sock *sk)
{
	tcp_done(s, sk);
	NET_INC_STATS(sk->host, TCPAbortOnData);
	return STEP_RESET;
}

/* Our FIN was acknowledged, and nobody holds the sock: how long, and as what, does it wait for the peer's? */
static int orphan_enters_fin_wait2(struct sim *s, struct sock *sk, const struct seg *g)
{
	u32 timewait_len = prof(s, sk->host)->tcp_timewait_len;
	u32 tmo;

	if (DECIDE(linger2_forbids_waiting, sk->host, sk->linger2 < 0, sk->linger2, 0) ||
	    DECIDE(orphan_gets_data, sk->host, brings_new_data(sk, g), rel(sk, seg_end_seq(g)), rel(sk, sk->rcv_nxt)))
		return abort_on_data(s, sk);
	tmo = tcp_fin_time(s, sk);
	LEAF(tcp_fin_time, sk->host, sk);
	if (DECIDE(fin_wait2_is_long, sk->host, tmo > timewait_len, tmo, timewait_len)) {
		tcp_reset_keepalive_timer(s, sk, tmo - timewait_len);
	} else if (DECIDE(fin_wait2_full_for_now, sk->host, has(g, TCPHDR_FIN) || sock_owned_by_user(sk),
			  has(g, TCPHDR_FIN), sk->sk_lock_owned)) {
		/* the FIN of this very segment, or the process that is about to let go, will settle it */
		tcp_reset_keepalive_timer(s, sk, tmo);
	} else {
		tcp_time_wait(s, sk, TCP_FIN_WAIT2, tmo);
		return STEP_CONSUMED;
	}
	return STEP_ON;
}

static int fin_wait1_acked(struct sim *s, struct sock *sk, const struct seg *g)
{
	tcp_set_state(s, sk, TCP_FIN_WAIT2);
	SET(sk->sk_shutdown, sk->sk_shutdown | SEND_SHUTDOWN);
	if (DECIDE(fin_wait2_is_orphan, sk->host, sock_flag(sk, SOCK_DEAD), sk->sk_flags, 0))
		return orphan_enters_fin_wait2(s, sk, g);
	sock_def_wakeup(s, sk);
	return STEP_ON;
}

/* What the ACK field, which is good, means for the state. */
static int state_after_ack(struct sim *s, struct sock *sk, const struct seg *g)
{
	const u32 fin_sent = TCPF(TCP_FIN_WAIT1) | TCPF(TCP_CLOSING) | TCPF(TCP_LAST_ACK);

	if (sk->sk_state == TCP_SYN_RECV) {
		synrecv_acked(s, sk, g);
		return STEP_ON;
	}
	/* write_seq counts the FIN from the moment it was queued */
	if (!(TCPF(sk->sk_state) & fin_sent) ||
	    !DECIDE(our_fin_is_acked, sk->host, sk->snd_una == sk->write_seq, sk->snd_una - sk->isn_,
		    sk->write_seq - sk->isn_))
		return STEP_ON;
	if (sk->sk_state == TCP_FIN_WAIT1)
		return fin_wait1_acked(s, sk, g);
	if (sk->sk_state == TCP_CLOSING) {
		tcp_time_wait(s, sk, TCP_TIME_WAIT, 0);
	} else {
		tcp_update_metrics(s, sk);
		tcp_done(s, sk);
	}
	return STEP_CONSUMED;
}

/* True: tcp_ack() did not like the ACK field; *ret says whether a RST answers. */
static bool refused_by_ack(struct sim *s, struct sock *sk, const struct seg *g, int *ret)
{
	bool challenged = KP(sk->host, bad_ack_is_challenged);
	int verdict = tcp_ack(s, sk, g,
			      FLAG_SLOWPATH | FLAG_UPDATE_TS_RECENT | (challenged ? FLAG_NO_CHALLENGE_ACK : 0));

	*ret = 0;
	if (verdict > 0)
		return false;
	if (DECIDE(handshake_ack_is_wrong, sk->host, sk->sk_state == TCP_SYN_RECV, sk->sk_state, g->ack - sk->isn_)) {
		*ret = 1;
		return true;
	}
	if (!DECIDE(ack_is_refused, sk->host, challenged && (verdict < 0 || !KP(sk->host, old_ack_is_processed)),
		    g->ack - sk->isn_, sk->snd_nxt - sk->isn_))
		return false;
	tcp_send_challenge_ack(s, sk);
	discard(s, sk);
	return true;
}

/* Step 7, the text. Returns 1 when a RST must answer. */
static int segment_text(struct sim *s, struct sock *sk, const struct seg *g)
{
	const u32 fin_was_here = TCPF(TCP_CLOSE_WAIT) | TCPF(TCP_CLOSING) | TCPF(TCP_LAST_ACK);
	bool queued = false;

	if ((TCPF(sk->sk_state) & fin_was_here) &&
	    DECIDE(text_behind_their_fin, sk->host, !before(g->seq, sk->rcv_nxt), rel(sk, g->seq),
		   rel(sk, sk->rcv_nxt))) {
		/* nothing can come behind a FIN */
	} else if (sk->sk_state != TCP_ESTABLISHED && (sk->sk_shutdown & RCV_SHUTDOWN) &&
		   DECIDE(nobody_can_read_it, sk->host, brings_new_data(sk, g), rel(sk, seg_end_seq(g)),
			  rel(sk, sk->rcv_nxt))) {
		NET_INC_STATS(sk->host, TCPAbortOnData);
		tcp_reset(s, sk, g);
		return 1;
	} else {
		tcp_data_queue(s, sk, g);
		queued = true;
	}
	if (sk->sk_state != TCP_CLOSE) { /* tcp_fin() may have given the connection to a minisocket */
		tcp_data_snd_check(s, sk);
		tcp_ack_snd_check(s, sk);
	}
	if (!queued)
		discard(s, sk);
	return 0;
}

static int rcv_synchronized(struct sim *s, struct sock *sk, const struct seg *g)
{
	int ret;

	if (lacks_ack(s, sk, g)) {
		discard(s, sk);
		return 0;
	}
	if (!tcp_validate_incoming(s, sk, g, false))
		return 0;
	if (!has(g, TCPHDR_ACK)) {
		discard(s, sk);
		return 0;
	}
	if (refused_by_ack(s, sk, g, &ret))
		return ret;
	ret = state_after_ack(s, sk, g);
	if (ret == STEP_RESET)
		return 1;
	if (ret == STEP_CONSUMED) {
		consume(s, sk);
		return 0;
	}
	LEAF(tcp_urg, sk->host, sk);
	return segment_text(s, sk, g);
}

int tcp_rcv_state_process(struct sim *s, struct sock *sk, const struct seg *g)
{
	FN_SK(tcp_rcv_state_process, sk);
	switch (sk->sk_state) {
	case TCP_CLOSE:
		discard(s, sk);
		return 0;
	case TCP_LISTEN:
		return rcv_listen(s, sk, g);
	case TCP_SYN_SENT:
		return rcv_syn_sent(s, sk, g);
	default:
		return rcv_synchronized(s, sk, g);
	}
}
