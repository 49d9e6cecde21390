/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which segment is lost (net/ipv4/tcp_recovery.c). RACK: what is older than something that was delivered, by more than
 * the reordering window. Without SACK: the head, on the third duplicate ACK.
 */
#include "engine/tcp_ack.h"

/* Bits of sysctl tcp_recovery. */
enum { TCP_RACK_STATIC_REO_WND = 2, TCP_RACK_NO_DUPTHRESH = 4 };

/* Sent later; within the same microsecond the higher sequence number is the later one. */
static bool tcp_skb_sent_after(u64 t1, u64 t2, u32 seq1, u32 seq2)
{
	return t1 > t2 || (t1 == t2 && after(seq1, seq2));
}

u32 tcp_rack_reo_wnd(struct sim *s, const struct sock *sk)
{
	s32 mode = sysctl_get(s, sk->host, SYSCTL_tcp_recovery);
	u64 settle = (u64)(tcp_min_rtt(sk) >> 2) * sk->rack_reo_wnd_steps;
	bool hurry;

	FN_SK(tcp_rack_reo_wnd, sk);
	hurry = !sk->reord_seen && (sk->icsk_ca_state >= TCP_CA_Recovery ||
				    (sk->sacked_out >= sk->reordering && !(mode & TCP_RACK_NO_DUPTHRESH)));
	if (DECIDE(no_reordering_allowed, sk->host, hurry, sk->sacked_out, sk->icsk_ca_state))
		return 0;
	return settle < sk->srtt_us >> 3 ? (u32)settle : sk->srtt_us >> 3;
}

s64 tcp_rack_skb_timeout(struct sim *s, const struct sock *sk, const struct skb *skb, u32 reo_wnd)
{
	FN(tcp_rack_skb_timeout, sk->host, skb);
	return (s64)sk->rack_rtt_us + reo_wnd - (s64)(s->w->now - skb->skb_mstamp_us);
}

/* Marks what is lost; the longest time in µs after which something else will be, 0: nothing will. */
static u32 tcp_rack_detect_loss(struct sim *s, struct sock *sk)
{
	s64 longest = 0;
	struct skb *next;
	u32 reo_wnd;

	FN_SK(tcp_rack_detect_loss, sk);
	reo_wnd = tcp_rack_reo_wnd(s, sk);
	for (struct skb *skb = tsorted_head(s, sk); skb; skb = next) {
		s64 remaining;

		next = tsorted_next(s, skb);
		if ((skb->sacked & TCPCB_LOST) && !(skb->sacked & TCPCB_SACKED_RETRANS))
			continue; /* known, and not repeated yet */
		if (!tcp_skb_sent_after(sk->rack_mstamp, skb->skb_mstamp_us, sk->rack_end_seq, skb->end_seq))
			break;
		remaining = tcp_rack_skb_timeout(s, sk, skb, reo_wnd);
		if (DECIDE(segment_is_overdue, sk->host, remaining <= 0, s->w->now - skb->skb_mstamp_us,
			   (u64)sk->rack_rtt_us + reo_wnd)) {
			tcp_mark_skb_lost(s, sk, skb);
			tsorted_unlink(s, sk, skb);
		} else if (remaining > longest) {
			longest = remaining;
		}
	}
	return (u32)longest;
}

bool tcp_rack_mark_lost(struct sim *s, struct sock *sk)
{
	u32 timeout;

	FN_SK(tcp_rack_mark_lost, sk);
	if (!sk->rack_advanced)
		return false;
	SET(sk->rack_advanced, 0);
	timeout = tcp_rack_detect_loss(s, sk);
	if (!DECIDE(may_be_reordering, sk->host, timeout, timeout, 0))
		return false;
	tcp_reset_xmit_timer(s, sk, ICSK_TIME_REO_TIMEOUT,
			     usecs_to_jiffies((u64)timeout + prof(s, sk->host)->tcp_timeout_min_us), sk->icsk_rto);
	return true;
}

void tcp_rack_advance(struct sim *s, struct sock *sk, u8 sacked, u32 end_seq, u64 xmit_time)
{
	s64 rtt_us = tcp_rtt_since(s, xmit_time);
	bool too_early = (sacked & TCPCB_RETRANS) && rtt_us < (s64)tcp_min_rtt(sk);

	FN_SK(tcp_rack_advance, sk);
	if (!KP(sk->host, loss_by_rack))
		return;
	if (DECIDE(answers_the_original, sk->host, too_early, rtt_us, tcp_min_rtt(sk)))
		return;
	SET(sk->rack_advanced, 1);
	SET(sk->rack_rtt_us, rtt_us);
	if (tcp_skb_sent_after(xmit_time, sk->rack_mstamp, end_seq, sk->rack_end_seq)) {
		SET(sk->rack_mstamp, xmit_time);
		SET(sk->rack_end_seq, end_seq);
	}
}

void tcp_rack_reo_timeout(struct sim *s, struct sock *sk)
{
	u32 prior_inflight = tcp_packets_in_flight(sk);
	u32 prior_lost = sk->lost;

	FN_SK(tcp_rack_reo_timeout, sk);
	tcp_rack_detect_loss(s, sk);
	if (prior_inflight != tcp_packets_in_flight(sk)) {
		if (sk->icsk_ca_state != TCP_CA_Recovery) {
			tcp_enter_recovery(s, sk, false);
			tcp_cwnd_reduction(s, sk, 1, (int)(sk->lost - prior_lost), 0);
		}
		tcp_xmit_retransmit_queue(s, sk);
	}
	if (sk->icsk_pending != ICSK_TIME_RETRANS)
		tcp_rearm_rto(s, sk);
}

void tcp_rack_update_reo_wnd(struct sim *s, struct sock *sk, u32 prior_delivered)
{
	FN_SK(tcp_rack_update_reo_wnd, sk);
	if ((sysctl_get(s, sk->host, SYSCTL_tcp_recovery) & TCP_RACK_STATIC_REO_WND) || !prior_delivered)
		return;
	/* once a round trip is enough */
	if (before(prior_delivered, sk->rack_last_delivered))
		SET(sk->rack_dsack_seen, 0);
	if (sk->rack_dsack_seen) {
		if (sk->rack_reo_wnd_steps < UINT8_MAX)
			ADD(sk->rack_reo_wnd_steps, 1);
		SET(sk->rack_dsack_seen, 0);
		SET(sk->rack_last_delivered, sk->delivered);
		SET(sk->rack_reo_wnd_persist, TCP_RACK_RECOVERY_THRESH);
	} else if (!sk->rack_reo_wnd_persist) {
		SET(sk->rack_reo_wnd_steps, 1);
	}
}

/*
 * FACK, until RACK came: what lies more than `reordering` segments below the highest SACK is lost; in recovery the head
 * at least.
 */
void tcp_fack_mark_lost(struct sim *s, struct sock *sk)
{
	bool recovering = sk->icsk_ca_state == TCP_CA_Recovery;
	u32 fackets = 0, seen = 0, lost;

	for (struct skb *skb = tcp_rtx_queue_head(s, sk); skb; skb = skb_next(s, skb)) {
		seen += tcp_skb_pcount(skb);
		if (skb->sacked & TCPCB_SACKED_ACKED)
			fackets = seen;
	}
	if (!DECIDE(hole_is_far_below, sk->host, fackets > sk->reordering || recovering, fackets, sk->reordering))
		return;
	lost = fackets > sk->reordering ? fackets - sk->reordering : 1;
	seen = 0;
	for (struct skb *skb = tcp_rtx_queue_head(s, sk); skb; skb = skb_next(s, skb)) {
		seen += tcp_skb_pcount(skb);
		if (seen > lost)
			break;
		if (!(skb->sacked & TCPCB_LOST))
			tcp_mark_skb_lost(s, sk, skb);
	}
}

void tcp_newreno_mark_lost(struct sim *s, struct sock *sk, bool snd_una_advanced)
{
	struct skb *head = tcp_rtx_queue_head(s, sk);
	bool third = sk->icsk_ca_state < TCP_CA_Recovery && sk->sacked_out >= sk->reordering;
	bool partial = sk->icsk_ca_state == TCP_CA_Recovery && snd_una_advanced;

	FN_SK(tcp_newreno_mark_lost, sk);
	if (!DECIDE(head_is_lost, sk->host, third || partial, sk->sacked_out, sk->reordering))
		return;
	if (head->sacked & TCPCB_LOST)
		return;
	/* only the first segment of the head is the hole */
	if (tcp_skb_pcount(head) > 1 && skb_len(head) > head->gso_size)
		tcp_fragment(s, sk, &sk->tcp_rtx_queue, head, head->gso_size, head->gso_size);
	tcp_mark_skb_lost(s, sk, head);
}
