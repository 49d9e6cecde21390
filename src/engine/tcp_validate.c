/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a segment is acceptable: timestamps, sequence numbers, RST and SYN, and what the peer is told when it is not. The
 * kernel has it in net/ipv4/tcp_input.c, around tcp_validate_incoming().
 */
#include "engine/tcp_rcv.h"

#include <errno.h>

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
bool tcp_fast_parse_options(struct sim *s, struct sock *sk, const struct seg *g)
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
bool tcp_validate_incoming(struct sim *s, struct sock *sk, const struct seg *g, bool syn_inerr)
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
