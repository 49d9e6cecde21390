/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sending again (of net/ipv4/tcp_output.c, which in one file would be too long to read): sent skbs are cut, trimmed and
 * merged, retransmitted, probed for at the tail, and a closed window is probed.
 */
#include "engine/tcp_output.h"

#include <errno.h>
#include <stdlib.h>

/* ---- cutting and merging ----------------------------------------------------------------------------------------- */

/* Puts buff right behind skb in tsorted_sent_queue: both were sent in the same instant. */
static void tsorted_insert_after(struct sim *s, struct sock *sk, struct skb *skb, struct skb *buff)
{
	struct skb *next = tsorted_next(s, skb);
	hnd h = pool_handle(s, POOL_SKB, buff);

	SET(buff->tsorted_prev, pool_handle(s, POOL_SKB, skb));
	SET(buff->tsorted_next, skb->tsorted_next);
	SET(buff->tsorted, 1);
	SET(skb->tsorted_next, h);
	if (next)
		SET(next->tsorted_prev, h);
	else
		SET(sk->tsorted_tail, h);
}

struct skb *tcp_split_skb(struct sim *s, struct sock *sk, struct skq *q, struct skb *skb, u32 len, u32 mss_now)
{
	u32 rest = skb_len(skb) - len;
	struct skb *buff = alloc_skb(s, sk);

	if (!buff)
		return NULL;
	SET(buff->seq, skb->seq + len);
	SET(buff->end_seq, skb->end_seq);
	SET(skb->end_seq, buff->seq);
	SET(buff->tcp_flags, skb->tcp_flags);
	SET(skb->tcp_flags, skb->tcp_flags & ~(TCPHDR_FIN | TCPHDR_PSH));
	SET(buff->sacked, skb->sacked);
	SET(buff->eor, skb->eor);
	SET(skb->eor, 0);
	SET(buff->skb_mstamp_us, skb->skb_mstamp_us);
	SET(buff->tx_delivered_, skb->tx_delivered_);
	SET(buff->truesize, tx_skb_truesize(0) + rest);
	SUB(skb->truesize, rest);
	ADD(sk->sk_wmem_queued, (s32)tx_skb_truesize(0));
	tcp_set_skb_tso_segs(s, skb, mss_now);
	tcp_set_skb_tso_segs(s, buff, mss_now);
	skq_insert_before(s, q, skb_next(s, skb), buff);
	return buff;
}

/* skb has become `fewer` segments fewer (or more, if negative): the counts of what is in flight follow. */
static void tcp_adjust_pcount(struct sim *s, struct sock *sk, const struct skb *skb, s32 fewer)
{
	FN_SK(tcp_adjust_pcount, sk);
	SUB(sk->packets_out, (u32)fewer);
	if (skb->sacked & TCPCB_SACKED_ACKED)
		SUB(sk->sacked_out, (u32)fewer);
	if (skb->sacked & TCPCB_SACKED_RETRANS)
		SUB(sk->retrans_out, (u32)fewer);
	if (skb->sacked & TCPCB_LOST)
		SUB(sk->lost_out, (u32)fewer);
	if (tcp_is_reno(sk) && fewer > 0)
		SUB(sk->sacked_out, sk->sacked_out < (u32)fewer ? sk->sacked_out : (u32)fewer);
}

int tcp_fragment(struct sim *s, struct sock *sk, struct skq *q, struct skb *skb, u32 len, u32 mss_now)
{
	s32 before_cut = (s32)tcp_skb_pcount(skb);
	bool was_sent = !before(sk->snd_nxt, skb->end_seq);
	struct skb *buff;

	FN_SK(tcp_fragment, sk);
	BUG_ON(len > skb_len(skb));
	buff = tcp_split_skb(s, sk, q, skb, len, mss_now);
	if (!buff)
		return -ENOMEM;
	if (was_sent) {
		s32 fewer = before_cut - (s32)tcp_skb_pcount(skb) - (s32)tcp_skb_pcount(buff);

		if (fewer)
			tcp_adjust_pcount(s, sk, skb, fewer);
	}
	if (skb->tsorted)
		tsorted_insert_after(s, sk, skb, buff);
	return 0;
}

void tcp_trim_head(struct sim *s, struct sock *sk, struct skb *skb, u32 len)
{
	FN_SK(tcp_trim_head, sk);
	SET(skb->seq, skb->seq + len);
	SUB(skb->truesize, len);
	SUB(sk->sk_wmem_queued, (s32)len);
	if (tcp_skb_pcount(skb) > 1)
		tcp_set_skb_tso_segs(s, skb, skb->gso_size);
}

/* Takes the next sent skb into skb: bytes, flags and all. */
static void tcp_collapse_retrans(struct sim *s, struct sock *sk, struct skb *skb, struct skb *next)
{
	u32 len = skb_len(next);

	FN_SK(tcp_collapse_retrans, sk);
	SET(skb->end_seq, next->end_seq);
	SET(skb->tcp_flags, skb->tcp_flags | next->tcp_flags);
	SET(skb->sacked, skb->sacked | (next->sacked & TCPCB_EVER_RETRANS));
	SET(skb->eor, next->eor);
	ADD(skb->truesize, len);
	ADD(sk->sk_wmem_queued, (s32)len - (s32)next->truesize);
	tcp_adjust_pcount(s, sk, next, (s32)tcp_skb_pcount(next));
	tsorted_unlink(s, sk, next);
	skq_unlink(s, &sk->tcp_rtx_queue, next);
	kfree_skb(s, next);
}

static bool tcp_can_collapse(const struct skb *skb)
{
	return tcp_skb_pcount(skb) == 1 && !(skb->sacked & TCPCB_SACKED_ACKED);
}

/* Small segments that must be repeated anyway go together, as far as `space` bytes reach. */
static void tcp_retrans_try_collapse(struct sim *s, struct sock *sk, struct skb *to, u32 space)
{
	struct skb *next;

	FN_SK(tcp_retrans_try_collapse, sk);
	if (!sysctl_get(s, sk->host, SYSCTL_tcp_retrans_collapse) || (to->tcp_flags & TCPHDR_SYN) ||
	    !tcp_can_collapse(to))
		return;
	if (KP(sk->host, repetition_joins_one) && skb_len(to) >= space / 2)
		return;
	while ((next = skb_next(s, to)) != NULL) {
		bool fits = tcp_can_collapse(next) && !to->eor && skb_len(to) + skb_len(next) <= space &&
			    !after(next->end_seq, tcp_wnd_end(sk));

		if (!DECIDE(next_segment_joins, sk->host, fits, skb_len(to) + skb_len(next), space))
			return;
		tcp_collapse_retrans(s, sk, to, next);
		if (KP(sk->host, repetition_joins_one))
			return;
	}
}

/* ---- retransmission ---------------------------------------------------------------------------------------------- */

/* What the peer has is cut off in front. */
static void rtx_trim(struct sim *s, struct sock *sk, struct skb *skb)
{
	if (before(skb->seq, sk->snd_una) && (skb->tcp_flags & TCPHDR_SYN)) {
		SET(skb->tcp_flags, skb->tcp_flags & ~TCPHDR_SYN);
		SET(skb->seq, skb->seq + 1);
	}
	if (before(skb->seq, sk->snd_una))
		tcp_trim_head(s, sk, skb, sk->snd_una - skb->seq);
}

/* Bytes of the window behind skb's first; < 1: skb lies outside. */
static s32 rtx_window(struct sim *s, struct sock *sk, const struct skb *skb, u32 cur_mss)
{
	s32 avail = (s32)(tcp_wnd_end(sk) - skb->seq);

	if (avail > 0)
		return avail;
	if (skb->tcp_flags & TCPHDR_SYN)
		return (s32)cur_mss; /* no window is known yet */
	/* the first unacknowledged byte is repeated even so: it then serves as a window probe */
	if (DECIDE(rtx_out_of_window, sk->host, skb->seq != sk->snd_una, skb->seq - sk->snd_una, sk->snd_wnd))
		return 0;
	return (s32)cur_mss;
}

/* Makes skb at most `segs` segments long, and at least as long as its neighbours allow. 0 or -errno */
static int rtx_size(struct sim *s, struct sock *sk, struct skb *skb, u32 segs)
{
	u32 cur_mss = tcp_current_mss(s, sk);
	s32 avail = rtx_window(s, sk, skb, cur_mss);
	u32 len = cur_mss * segs;
	s32 fewer;

	if (avail <= 0)
		return -EAGAIN;
	if (len > (u32)avail)
		len = (u32)avail < cur_mss ? (u32)avail : (u32)avail - (u32)avail % cur_mss;
	if (skb_len(skb) > len)
		return tcp_fragment(s, sk, &sk->tcp_rtx_queue, skb, len, cur_mss);
	fewer = (s32)tcp_skb_pcount(skb);
	tcp_set_skb_tso_segs(s, skb, cur_mss);
	fewer -= (s32)tcp_skb_pcount(skb);
	if (fewer)
		tcp_adjust_pcount(s, sk, skb, fewer);
	if ((u32)avail > cur_mss)
		avail = (s32)cur_mss;
	if (skb_len(skb) < (u32)avail)
		tcp_retrans_try_collapse(s, sk, skb, (u32)avail);
	return 0;
}

static void count_repetition(struct sim *s, struct sock *sk, const struct skb *skb)
{
	NET_ADD_STATS(sk->host, RetransSegs, tcp_skb_pcount(skb));
	if (skb->tcp_flags & TCPHDR_SYN)
		NET_INC_STATS(sk->host, TCPSynRetrans);
	ADD(sk->total_retrans, tcp_skb_pcount(skb));
}

int __tcp_retransmit_skb(struct sim *s, struct sock *sk, struct skb *skb, u32 segs)
{
	bool counted = !KP(sk->host, repetition_counts_once_out);
	int err;

	FN_SK(__tcp_retransmit_skb, sk);
	rtx_trim(s, sk, skb);
	err = rtx_size(s, sk, skb, segs);
	if (err)
		return err;
	if (counted)
		count_repetition(s, sk, skb);
	err = tcp_transmit_skb(s, sk, skb, true);
	if (err)
		NET_ADD_STATS(sk->host, TCPRetransFail, tcp_skb_pcount(skb));
	if (counted)
		SET(skb->sacked, skb->sacked | TCPCB_EVER_RETRANS);
	return err;
}

int tcp_retransmit_skb(struct sim *s, struct sock *sk, struct skb *skb, u32 segs)
{
	bool counts_here = KP(sk->host, repetition_counts_once_out);
	int err;

	FN_SK(tcp_retransmit_skb, sk);
	err = __tcp_retransmit_skb(s, sk, skb, segs);
	if (!err) {
		if (counts_here)
			count_repetition(s, sk, skb);
		/* an undo leaves R without L: after the next timeout the kernel counts such a buffer again */
		if (skb->sacked & TCPCB_SACKED_RETRANS)
			ADD(sk->retrans_twice_, tcp_skb_pcount(skb));
		SET(skb->sacked, skb->sacked | TCPCB_RETRANS);
		ADD(sk->retrans_out, tcp_skb_pcount(skb));
	}
	if (!sk->retrans_stamp && !(err && counts_here))
		SET(sk->retrans_stamp, skb->skb_mstamp_us / 1000);
	if (sk->undo_retrans < 0)
		SET(sk->undo_retrans, 0);
	ADD(sk->undo_retrans, (s32)tcp_skb_pcount(skb));
	return err;
}

/* One step of the walk. False: the walk ends here. */
static bool rtx_queue_step(struct sim *s, struct sock *sk, struct skb *skb, u32 max_segs, bool *sent)
{
	s32 segs = (s32)(sk->snd_cwnd - tcp_packets_in_flight(sk));

	*sent = false;
	if (segs <= 0 || sk->retrans_out >= sk->lost_out)
		return false;
	if (!(skb->sacked & TCPCB_LOST) || (skb->sacked & (TCPCB_SACKED_ACKED | TCPCB_SACKED_RETRANS)))
		return true;
	if (tcp_retransmit_skb(s, sk, skb, (u32)segs < max_segs ? (u32)segs : max_segs))
		return false;
	if (sk->icsk_ca_state == TCP_CA_Loss)
		NET_ADD_STATS(sk->host, TCPSlowStartRetrans, tcp_skb_pcount(skb));
	else
		NET_ADD_STATS(sk->host, TCPFastRetrans, tcp_skb_pcount(skb));
	if (tcp_in_cwnd_reduction(sk))
		ADD(sk->prr_out, tcp_skb_pcount(skb));
	*sent = true;
	return true;
}

void tcp_xmit_retransmit_queue(struct sim *s, struct sock *sk)
{
	bool rearm_timer = false;
	struct skb *head = tcp_rtx_queue_head(s, sk);
	u32 max_segs;

	FN_SK(tcp_xmit_retransmit_queue, sk);
	if (!sk->packets_out)
		return;
	max_segs = tcp_tso_segs(s, sk, tcp_current_mss(s, sk));
	for (struct skb *skb = head; skb; skb = skb_next(s, skb)) {
		bool sent;

		if (!rtx_queue_step(s, sk, skb, max_segs, &sent))
			break;
		if (sent && skb == head && sk->icsk_pending != ICSK_TIME_REO_TIMEOUT)
			rearm_timer = true;
	}
	if (rearm_timer)
		tcp_reset_xmit_timer(s, sk, ICSK_TIME_RETRANS, sk->icsk_rto, tcp_rto_max(sk));
}

/* Bytes of one wire segment of skb. */
static u32 tcp_skb_seglen(const struct skb *skb)
{
	return tcp_skb_pcount(skb) == 1 ? skb_len(skb) : skb->gso_size;
}

/* The path takes only smaller segments: what is larger never arrived, and not for congestion. */
void tcp_simple_retransmit(struct sim *s, struct sock *sk)
{
	u32 mss, holes;

	FN_SK(tcp_simple_retransmit, sk);
	mss = tcp_current_mss(s, sk);
	for (struct skb *skb = tcp_rtx_queue_head(s, sk); skb; skb = skb_next(s, skb))
		if (tcp_skb_seglen(skb) > mss)
			tcp_mark_skb_lost(s, sk, skb);
	if (!sk->lost_out)
		return;
	holes = sk->lost_out < sk->packets_out ? sk->lost_out : sk->packets_out;
	if (tcp_is_reno(sk) && sk->sacked_out + holes > sk->packets_out)
		SET(sk->sacked_out, sk->packets_out - holes);
	if (sk->icsk_ca_state != TCP_CA_Loss) {
		SET(sk->high_seq, sk->snd_nxt);
		SET(sk->snd_ssthresh, tcp_current_ssthresh(sk));
		SET(sk->prior_ssthresh, 0);
		SET(sk->undo_marker, 0);
		SET(sk->icsk_ca_state, TCP_CA_Loss);
	}
	tcp_xmit_retransmit_queue(s, sk);
}

/* ---- the loss probe ---------------------------------------------------------------------------------------------- */

/* What is left of the RTO, counted from the head's latest transmission. kernel: tcp_rto_delta_us() */
static s64 rto_left_us(struct sim *s, const struct sock *sk)
{
	const struct skb *head = tcp_rtx_queue_head(s, sk);
	u64 rto = jiffies_to_usecs(sk->icsk_rto);

	return head ? (s64)(head->skb_mstamp_us + rto - s->w->now) : (s64)rto;
}

/* The same as first conceived, in jiffies: the delayed ACK is reckoned with half a round trip less. */
static u32 probe_timeout_of_2013(const struct sim *s, const struct sock *sk)
{
	u32 rtt = usecs_to_jiffies(sk->srtt_us >> 3);
	u32 timeout = 2 * rtt > HZ / 100 ? 2 * rtt : HZ / 100;
	u32 alone = rtt + (rtt >> 1) + prof(s, sk->host)->tcp_delack_max;

	return sk->packets_out == 1 && alone > timeout ? alone : timeout;
}

/* Two round trips; a lone segment is given the time of a delayed ACK on top. */
static u32 probe_timeout(const struct sim *s, const struct sock *sk)
{
	u32 us = sk->srtt_us >> 2;

	if (!sk->srtt_us)
		return prof(s, sk->host)->tcp_timeout_init;
	if (KP(sk->host, loss_probe_of_2013))
		return probe_timeout_of_2013(s, sk);
	us += sk->packets_out == 1 ? tcp_rto_min_us(sk) : prof(s, sk->host)->tcp_timeout_min_us;
	return usecs_to_jiffies(us);
}

/* New data that the congestion window would let out. */
static bool unsent_may_go(struct sim *s, const struct sock *sk)
{
	return tcp_send_head(s, sk) && tcp_packets_in_flight(sk) < sk->snd_cwnd;
}

bool tcp_schedule_loss_probe(struct sim *s, struct sock *sk, bool advancing_rto)
{
	s32 early_retrans = sysctl_get(s, sk->host, SYSCTL_tcp_early_retrans);
	bool calm = sk->icsk_ca_state == TCP_CA_Open || sk->icsk_ca_state == TCP_CA_CWR;
	bool on = (early_retrans == 3 || early_retrans == 4) && tcp_is_sack(sk);
	u32 timeout;
	s64 left;

	FN_SK(tcp_schedule_loss_probe, sk);
	if (!KP(sk->host, loss_probe))
		return false;
	if (KP(sk->host, loss_probe_of_2013))
		calm = sk->icsk_ca_state == TCP_CA_Open && sk->srtt_us && !unsent_may_go(s, sk);
	if (!DECIDE(loss_probe_planned, sk->host, on && calm && sk->packets_out, sk->packets_out, sk->icsk_ca_state))
		return false;
	timeout = probe_timeout(s, sk);
	left = advancing_rto ? (s64)jiffies_to_usecs(sk->icsk_rto) : rto_left_us(s, sk);
	if (left > 0 && usecs_to_jiffies((u64)left) < timeout)
		timeout = usecs_to_jiffies((u64)left);
	tcp_reset_xmit_timer(s, sk, ICSK_TIME_LOSS_PROBE, timeout, tcp_rto_max(sk));
	return true;
}

/* The probe is the next segment that was never sent. */
static bool probe_with_new_data(struct sim *s, struct sock *sk, u32 mss)
{
	u32 pcount = sk->packets_out;

	tcp_write_xmit(s, sk, mss, TCP_NAGLE_OFF, 2);
	return sk->packets_out > pcount;
}

/* The probe is the last segment of all, once more, whatever it is. */
static bool probe_with_last_segment(struct sim *s, struct sock *sk, u32 mss)
{
	struct skb *skb = tcp_rtx_queue_tail(s, sk);
	u32 front;

	if (!skb)
		return false;
	front = (tcp_skb_pcount(skb) - 1) * mss;
	if (front && skb_len(skb) > front) {
		if (tcp_fragment(s, sk, &sk->tcp_rtx_queue, skb, front, mss))
			return false;
		skb = skb_next(s, skb);
	}
	if (__tcp_retransmit_skb(s, sk, skb, 1))
		return false;
	SET(sk->tlp_retrans, 1);
	return true;
}

static bool send_probe(struct sim *s, struct sock *sk)
{
	struct skb *skb = tcp_send_head(s, sk);
	u32 mss;

	if (DECIDE(probe_is_out_already, sk->host, sk->tlp_high_seq, sk->tlp_high_seq, 0))
		return false;
	mss = tcp_current_mss(s, sk);
	SET(sk->tlp_retrans, 0);
	if (DECIDE(probe_is_new_data, sk->host, skb && tcp_snd_wnd_test(sk, skb, mss), skb != NULL, sk->snd_wnd))
		return probe_with_new_data(s, sk, mss);
	return probe_with_last_segment(s, sk, mss);
}

void tcp_send_loss_probe(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_send_loss_probe, sk);
	if (send_probe(s, sk)) {
		SET(sk->tlp_high_seq, sk->snd_nxt);
		NET_INC_STATS(sk->host, TCPLossProbes);
		SET(sk->icsk_pending, 0); /* so that the RTO counts from now */
	}
	tcp_rearm_rto(s, sk);
}

/* ---- a window that is closed, a peer that is silent -------------------------------------------------------------- */

/* An ACK with a number of the past: whoever gets it must answer with what it expects, and with its window. */
static int tcp_xmit_probe_skb(struct sim *s, struct sock *sk, enum mib_id mib)
{
	struct skb *skb;

	FN_SK(tcp_xmit_probe_skb, sk);
	skb = tcp_alloc_nondata_skb(s, sk, sk->snd_una - 1, TCPHDR_ACK);
	if (!skb)
		return -1;
	mib_add_(s, sk->host, mib, 1);
	return tcp_transmit_once(s, sk, skb);
}

void tcp_send_window_probe(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_send_window_probe, sk);
	if (sk->sk_state != TCP_ESTABLISHED)
		return;
	SET(sk->snd_wl1, sk->rcv_nxt - 1);
	tcp_xmit_probe_skb(s, sk, MIB_TCPWinProbe);
}

/* The window is open, only too small for what waits: as much as fits goes out. */
static int wakeup_with_data(struct sim *s, struct sock *sk, struct skb *skb)
{
	u32 mss = tcp_current_mss(s, sk);
	u32 seg_size = tcp_wnd_end(sk) - skb->seq;
	int err;

	if (before(sk->pushed_seq, skb->end_seq))
		SET(sk->pushed_seq, skb->end_seq);
	SET(skb->tcp_flags, skb->tcp_flags | TCPHDR_PSH);
	if (seg_size < skb->end_seq - skb->seq || skb_len(skb) > mss) {
		if (tcp_fragment(s, sk, &sk->sk_write_queue, skb, seg_size < mss ? seg_size : mss, mss))
			return -1;
		SET(skb->tcp_flags, skb->tcp_flags | TCPHDR_PSH);
	} else if (!tcp_skb_pcount(skb)) {
		tcp_set_skb_tso_segs(s, skb, mss);
	}
	err = tcp_transmit_skb(s, sk, skb, true);
	if (!err)
		tcp_event_new_data_sent(s, sk, skb);
	return err;
}

int tcp_write_wakeup(struct sim *s, struct sock *sk, enum mib_id mib)
{
	struct skb *skb = tcp_send_head(s, sk);

	FN_SK(tcp_write_wakeup, sk);
	if (sk->sk_state == TCP_CLOSE)
		return -1;
	if (DECIDE(probe_carries_data, sk->host, skb && before(skb->seq, tcp_wnd_end(sk)), skb != NULL, sk->snd_wnd))
		return wakeup_with_data(s, sk, skb);
	return tcp_xmit_probe_skb(s, sk, mib);
}

/* The probe could not leave: when to try again. Older kernels do not count it, but one there must have been. */
static u32 probe_never_left(struct sim *s, struct sock *sk)
{
	u32 timeout;

	if (!KP(sk->host, failed_repetition_is_free)) {
		ADD(sk->icsk_probes_out, 1);
		return TCP_RESOURCE_PROBE_INTERVAL;
	}
	if (!sk->icsk_probes_out)
		SET(sk->icsk_probes_out, 1);
	timeout = tcp_probe0_when(s, sk, tcp_rto_max(sk));
	return timeout < TCP_RESOURCE_PROBE_INTERVAL ? timeout : TCP_RESOURCE_PROBE_INTERVAL;
}

void tcp_send_probe0(struct sim *s, struct sock *sk)
{
	u32 timeout;
	int err;

	FN_SK(tcp_send_probe0, sk);
	err = tcp_write_wakeup(s, sk, MIB_TCPWinProbe);
	if (sk->packets_out || !tcp_send_head(s, sk)) {
		SET(sk->icsk_probes_out, 0);
		SET(sk->icsk_backoff, 0);
		SET(sk->icsk_probes_tstamp, 0);
		return;
	}
	if (DECIDE(probe_never_left, sk->host, err > 0, (u64)(s64)err, sk->icsk_backoff)) {
		timeout = probe_never_left(s, sk);
	} else {
		ADD(sk->icsk_probes_out, 1);
		if (sk->icsk_backoff < sysctl_get(s, sk->host, SYSCTL_tcp_retries2))
			ADD(sk->icsk_backoff, 1);
		timeout = tcp_probe0_when(s, sk, tcp_rto_max(sk));
	}
	timeout = tcp_clamp_probe0_to_user_timeout(s, sk, timeout);
	tcp_reset_xmit_timer(s, sk, ICSK_TIME_PROBE0, timeout, tcp_rto_max(sk));
}
