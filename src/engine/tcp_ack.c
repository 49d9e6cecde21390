/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an arriving acknowledgement does: the ACK half of net/ipv4/tcp_input.c. Here: tcp_ack() itself, the window, the
 * retransmit queue, RTT and RTO, the timers. SACK blocks stand in tcp_sack.c, the states of loss recovery in
 * tcp_fastretrans.c, RACK in tcp_recovery.c.
 */
#include "engine/tcp_ack.h"

#include "engine/tcp_output.h"
#include "engine/tcp_rcv.h"

#define MIN_RTT_WINDOW (300 * USEC_PER_SEC)	/* sysctl tcp_min_rtt_wlen */
#define MAX_TSOPT_DELTA ((u32)INT32_MAX / 1000u) /* ms: an echo older than that is no sample */

/* ---- RTT and RTO ------------------------------------------------------------------------------------------------- */

static void rtt_first_sample(struct sim *s, struct sock *sk, s64 rtt)
{
	SET(sk->srtt_us, rtt ? rtt << 3 : 1);
	SET(sk->mdev_us, rtt << 1);
	SET(sk->rttvar_us, sk->mdev_us > tcp_rto_min_us(sk) ? sk->mdev_us : tcp_rto_min_us(sk));
	SET(sk->mdev_max_us, sk->rttvar_us);
	SET(sk->rtt_seq, sk->snd_nxt);
}

/* A sample below the mean moves the deviation eight times slower: a fall of the RTT must not look like jitter. */
static s64 deviation_step(s64 err, u32 mdev)
{
	s64 step = (err < 0 ? -err : err) - (s64)(mdev >> 2);

	return err < 0 && step > 0 ? step >> 3 : step;
}

/* Once a window, what was the largest deviation in it pulls rttvar down. */
static void rttvar_decays(struct sim *s, struct sock *sk)
{
	if (!after(sk->snd_una, sk->rtt_seq))
		return;
	if (sk->mdev_max_us < sk->rttvar_us)
		SUB(sk->rttvar_us, (sk->rttvar_us - sk->mdev_max_us) >> 2);
	SET(sk->rtt_seq, sk->snd_nxt);
	SET(sk->mdev_max_us, tcp_rto_min_us(sk));
}

void tcp_rtt_estimator(struct sim *s, struct sock *sk, s64 mrtt_us)
{
	s64 err = mrtt_us - (s64)(sk->srtt_us >> 3);
	s64 srtt = (s64)sk->srtt_us + err;

	FN_SK(tcp_rtt_estimator, sk);
	if (!sk->srtt_us) {
		rtt_first_sample(s, sk, mrtt_us);
		return;
	}
	SET(sk->srtt_us, srtt > 1 ? srtt : 1);
	SET(sk->mdev_us, (s64)sk->mdev_us + deviation_step(err, sk->mdev_us));
	if (sk->mdev_us > sk->mdev_max_us) {
		SET(sk->mdev_max_us, sk->mdev_us);
		if (sk->mdev_max_us > sk->rttvar_us)
			SET(sk->rttvar_us, sk->mdev_max_us);
	}
	rttvar_decays(s, sk);
}

void tcp_set_rto(struct sim *s, struct sock *sk)
{
	u32 rto = usecs_to_jiffies((u64)(sk->srtt_us >> 3) + sk->rttvar_us);

	FN_SK(tcp_set_rto, sk);
	SET(sk->icsk_rto, rto < tcp_rto_max(sk) ? rto : tcp_rto_max(sk));
}

/* The kernel keeps three candidates for the time after the window; here the next sample then takes the place. */
void tcp_update_rtt_min(struct sim *s, struct sock *sk, u32 rtt_us, int flag)
{
	FN_SK(tcp_update_rtt_min, sk);
	if ((flag & FLAG_ACK_MAYBE_DELAYED) && rtt_us > tcp_min_rtt(sk))
		return;
	if (!rtt_us)
		rtt_us = USEC_PER_JIFFY;
	if (rtt_us > tcp_min_rtt(sk) && s->w->now - sk->rtt_min_stamp <= MIN_RTT_WINDOW)
		return;
	SET(sk->rtt_min_us, rtt_us);
	SET(sk->rtt_min_stamp, s->w->now);
}

/* The sample that the echoed timestamp gives, in µs; negative: none. */
static s64 tcp_rtt_tsopt_us(const struct sim *s, const struct sock *sk)
{
	u32 delta = tcp_clock_ms(s) - sk->rcv_tsecr;

	if (delta >= MAX_TSOPT_DELTA)
		return -1;
	return delta ? (s64)delta * 1000 : 1000;
}

/* A clock that ticks: no round trip takes less than one. */
static s64 in_whole_jiffies(s64 us)
{
	if (us < 0)
		return us;
	return us < USEC_PER_JIFFY ? USEC_PER_JIFFY : us - us % USEC_PER_JIFFY;
}

bool tcp_ack_update_rtt(struct sim *s, struct sock *sk, int flag, s64 seq_rtt_us, s64 sack_rtt_us, s64 ca_rtt_us)
{
	FN_SK(tcp_ack_update_rtt, sk);
	if (KP(sk->host, rtt_in_jiffies)) {
		seq_rtt_us = in_whole_jiffies(seq_rtt_us);
		sack_rtt_us = in_whole_jiffies(sack_rtt_us);
	}
	if (seq_rtt_us < 0)
		seq_rtt_us = sack_rtt_us;
	if (seq_rtt_us < 0 && sk->saw_tstamp && sk->rcv_tsecr && (flag & FLAG_ACKED))
		seq_rtt_us = ca_rtt_us = tcp_rtt_tsopt_us(s, sk);
	if (!DECIDE(rtt_is_known, sk->host, seq_rtt_us >= 0, seq_rtt_us, sk->icsk_backoff))
		return false;
	tcp_update_rtt_min(s, sk, (u32)ca_rtt_us, flag);
	tcp_rtt_estimator(s, sk, seq_rtt_us);
	tcp_set_rto(s, sk);
	SET(sk->icsk_backoff, 0);
	return true;
}

void tcp_synack_rtt_meas(struct sim *s, struct sock *sk, struct req *rq)
{
	s64 rtt_us = -1;

	FN_SK(tcp_synack_rtt_meas, sk);
	if (rq && !rq->num_retrans && rq->snt_synack)
		rtt_us = tcp_rtt_since(s, rq->snt_synack);
	tcp_ack_update_rtt(s, sk, FLAG_SYN_ACKED, rtt_us, -1, rtt_us);
}

/* ---- timers ------------------------------------------------------------------------------------------------------ */

/* What is left of the RTO, counted from the head's latest transmission, in jiffies; at least one. */
static u32 rto_left(struct sim *s, const struct sock *sk)
{
	const struct skb *head = tcp_rtx_queue_head(s, sk);
	u64 due = (head ? head->skb_mstamp_us : s->w->now) + jiffies_to_usecs(sk->icsk_rto);

	return due > s->w->now ? usecs_to_jiffies(due - s->w->now) : 1;
}

void tcp_rearm_rto(struct sim *s, struct sock *sk)
{
	u32 rto = sk->icsk_rto;
	bool from_head = sk->icsk_pending == ICSK_TIME_REO_TIMEOUT || sk->icsk_pending == ICSK_TIME_LOSS_PROBE;

	FN_SK(tcp_rearm_rto, sk);
	if (DECIDE(rto_not_needed, sk->host, !sk->packets_out, sk->packets_out, 0)) {
		inet_csk_clear_xmit_timer(s, sk, ICSK_TIME_RETRANS);
		return;
	}
	if (DECIDE(rto_counts_from_head, sk->host, from_head, sk->icsk_pending, rto))
		rto = rto_left(s, sk);
	tcp_reset_xmit_timer(s, sk, ICSK_TIME_RETRANS, rto, tcp_rto_max(sk));
}

static void tcp_set_xmit_timer(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_set_xmit_timer, sk);
	if (!tcp_schedule_loss_probe(s, sk, true))
		tcp_rearm_rto(s, sk);
}

/* An ACK came while nothing is in flight: may what waits for the window go, or must the probes go on? */
static void tcp_ack_probe(struct sim *s, struct sock *sk)
{
	const struct skb *head = tcp_send_head(s, sk);
	u32 when;

	FN_SK(tcp_ack_probe, sk);
	if (!head)
		return;
	if (DECIDE(head_fits_window, sk->host, !after(head->end_seq, tcp_wnd_end(sk)), sk->snd_wnd,
		   head->end_seq - head->seq)) {
		SET(sk->icsk_backoff, 0);
		SET(sk->icsk_probes_tstamp, 0);
		inet_csk_clear_xmit_timer(s, sk, ICSK_TIME_PROBE0);
		return;
	}
	when = tcp_clamp_probe0_to_user_timeout(s, sk, tcp_probe0_when(s, sk, tcp_rto_max(sk)));
	tcp_reset_xmit_timer(s, sk, ICSK_TIME_PROBE0, when, tcp_rto_max(sk));
}

/* ---- the window -------------------------------------------------------------------------------------------------- */

static void tcp_snd_una_update(struct sim *s, struct sock *sk, u32 ack)
{
	FN_SK(tcp_snd_una_update, sk);
	ADD(sk->bytes_acked, ack - sk->snd_una);
	SET(sk->snd_una, ack);
}

bool tcp_may_update_window(struct sim *s, const struct sock *sk, const struct seg *g, u32 nwin)
{
	if (after(g->ack, sk->snd_una) || after(g->seq, sk->snd_wl1))
		return true;
	return g->seq == sk->snd_wl1 && (nwin > sk->snd_wnd || (!nwin && KP(sk->host, zero_window_is_news)));
}

static int tcp_ack_update_window(struct sim *s, struct sock *sk, const struct seg *g)
{
	u32 nwin = (g->flags & TCPHDR_SYN) ? g->win : (u32)g->win << sk->snd_wscale;
	int flag = 0;

	FN_SK(tcp_ack_update_window, sk);
	if (DECIDE(window_is_news, sk->host, tcp_may_update_window(s, sk, g, nwin), nwin, sk->snd_wnd)) {
		flag = FLAG_WIN_UPDATE;
		SET(sk->snd_wl1, g->seq);
		if (sk->snd_wnd != nwin) {
			SET(sk->snd_wnd, nwin);
			/* what waited for the window leaves after a silence */
			if (tcp_send_head(s, sk) && KP(sk->host, window_update_ends_idle))
				tcp_slow_start_after_idle_check(s, sk);
		}
		if (nwin > sk->max_window) {
			SET(sk->max_window, nwin);
			tcp_sync_mss(s, sk, sk->icsk_pmtu_cookie);
		}
	}
	tcp_snd_una_update(s, sk, g->ack);
	return flag;
}

static void tcp_replace_ts_recent(struct sim *s, struct sock *sk, u32 seq)
{
	FN_SK(tcp_replace_ts_recent, sk);
	if (sk->saw_tstamp && !after(seq, sk->rcv_wup) && !paws_too_old(s, sk, 0))
		tcp_store_ts_recent(s, sk);
}

/* ---- the retransmit queue ---------------------------------------------------------------------------------------- */

void note_delivered(const struct sock *sk, const struct skb *skb, struct ack_state *st)
{
	u64 sent = skb->skb_mstamp_us;

	if (sent < st->latest_sent || (sent == st->latest_sent && !after(skb->end_seq, st->latest_end_seq)))
		return;
	st->latest_sent = sent;
	st->latest_end_seq = skb->end_seq;
	/* the skb keeps the low half */
	st->prior_delivered = sk->delivered - (u16)(sk->delivered - skb->tx_delivered_);
}

/* What the walk over the acknowledged skbs finds. */
struct clean_state {
	u64 first_ackt; /* latest transmission of the oldest never repeated segment; 0: there is none */
	u64 last_ackt;
	u32 reord;
	u32 pkts_acked;
	u8 fully_acked; /* no skb was cut */
	u8 pad_[7];
};

/* Segments at the head of an skb of several that are acknowledged; they are cut off. 0: not a whole one. */
static u32 tcp_tso_acked(struct sim *s, struct sock *sk, struct skb *skb)
{
	u32 segs = tcp_skb_pcount(skb);

	FN(tcp_tso_acked, sk->host, skb);
	tcp_trim_head(s, sk, skb, sk->snd_una - skb->seq);
	return segs - tcp_skb_pcount(skb);
}

/* How many segments of `skb` are acknowledged; notes when they are not all of them. */
static u32 acked_pcount(struct sim *s, struct sock *sk, struct skb *skb, struct clean_state *cs)
{
	u32 segs;

	if (!after(skb->end_seq, sk->snd_una))
		return tcp_skb_pcount(skb);
	if (tcp_skb_pcount(skb) == 1 || !after(sk->snd_una, skb->seq))
		return 0;
	segs = tcp_tso_acked(s, sk, skb);
	if (segs)
		cs->fully_acked = 0;
	return segs;
}

/* A segment that was repeated, but the answer is to the original. */
static bool tcp_skb_spurious_retrans(const struct sock *sk, const struct skb *skb)
{
	return (skb->sacked & TCPCB_RETRANS) && tcp_tsopt_ecr_before(sk, (u32)(skb->skb_mstamp_us / 1000));
}

/* RTT sample, reordering and F-RTO of one acknowledged skb that began at `start_seq`. FLAG_* that follow. */
static int sample_acked(struct sock *sk, const struct skb *skb, u32 start_seq, struct clean_state *cs)
{
	if (skb->sacked & TCPCB_RETRANS)
		return FLAG_RETRANS_DATA_ACKED;
	if (skb->sacked & TCPCB_SACKED_ACKED)
		return 0;
	cs->last_ackt = skb->skb_mstamp_us;
	if (!cs->first_ackt)
		cs->first_ackt = cs->last_ackt;
	if (before(start_seq, cs->reord))
		cs->reord = start_seq;
	return after(skb->end_seq, sk->high_seq) ? 0 : FLAG_ORIG_SACK_ACKED;
}

/* The counters that go with `segs` acknowledged segments of an skb. */
static void account_acked(struct sim *s, struct sock *sk, const struct skb *skb, u32 segs, struct ack_state *st)
{
	if (skb->sacked & TCPCB_SACKED_RETRANS)
		SUB(sk->retrans_out, segs);
	if (skb->sacked & TCPCB_SACKED_ACKED) {
		SUB(sk->sacked_out, segs);
	} else {
		note_delivered(sk, skb, st);
		if (tcp_is_sack(sk)) {
			ADD(sk->delivered, segs);
			if (!tcp_skb_spurious_retrans(sk, skb))
				tcp_rack_advance(s, sk, skb->sacked, skb->end_seq, skb->skb_mstamp_us);
		}
	}
	if (skb->sacked & TCPCB_LOST)
		SUB(sk->lost_out, segs);
	SUB(sk->packets_out, segs);
}

static void tcp_rtx_queue_unlink_and_free(struct sim *s, struct sock *sk, struct skb *skb)
{
	FN(tcp_rtx_queue_unlink_and_free, sk->host, skb);
	tsorted_unlink(s, sk, skb);
	skq_unlink(s, &sk->tcp_rtx_queue, skb);
	SUB(sk->sk_wmem_queued, (s32)skb->truesize);
	LEAF(__kfree_skb, sk->host, skb);
	kfree_skb(s, skb);
}

/* Takes acknowledged skbs off the queue, lowest first. FLAG_* that follow. */
static int take_acked(struct sim *s, struct sock *sk, struct ack_state *st, struct clean_state *cs)
{
	struct skb *skb;
	int flag = 0;

	while (cs->fully_acked && (skb = tcp_rtx_queue_head(s, sk)) != NULL) {
		u32 start_seq = skb->seq;
		u32 segs = acked_pcount(s, sk, skb, cs);

		if (!segs)
			break;
		flag |= sample_acked(sk, skb, start_seq, cs);
		account_acked(s, sk, skb, segs, st);
		cs->pkts_acked += segs;
		if (skb->tcp_flags & TCPHDR_SYN) {
			flag |= FLAG_SYN_ACKED;
			SET(sk->retrans_stamp, 0);
		} else {
			flag |= FLAG_DATA_ACKED;
		}
		if (cs->fully_acked)
			tcp_rtx_queue_unlink_and_free(s, sk, skb);
	}
	return flag;
}

/* A lone short segment whose ACK the peer may have held back: its RTT does not tell how fast the path is. */
static bool ack_maybe_delayed(const struct sock *sk, const struct ack_state *st, const struct clean_state *cs,
			      u32 prior_sacked, int flag)
{
	return cs->pkts_acked == 1 && cs->fully_acked && !prior_sacked &&
	       sk->snd_una - st->prior_snd_una < sk->mss_cache && st->prior_delivered + 1 == sk->delivered &&
	       !(flag & (FLAG_CA_ALERT | FLAG_SYN_ACKED));
}

/* Karn: no sample from the acknowledged segments when one of them was ever repeated. */
static bool update_rtt_from_ack(struct sim *s, struct sock *sk, int *flag, const struct ack_state *st,
				const struct clean_state *cs, u32 prior_sacked)
{
	s64 seq_rtt = -1, sack_rtt = -1, ca_rtt = -1;

	if (cs->first_ackt && !(*flag & FLAG_RETRANS_DATA_ACKED)) {
		seq_rtt = tcp_rtt_since(s, cs->first_ackt);
		ca_rtt = tcp_rtt_since(s, cs->last_ackt);
		if (ack_maybe_delayed(sk, st, cs, prior_sacked, *flag))
			*flag |= FLAG_ACK_MAYBE_DELAYED;
	}
	if (st->first_sackt) {
		sack_rtt = tcp_rtt_since(s, st->first_sackt);
		ca_rtt = tcp_rtt_since(s, st->last_sackt);
	}
	return tcp_ack_update_rtt(s, sk, *flag, seq_rtt, sack_rtt, ca_rtt);
}

/* Removing something restarts the timer; so does a SACK of what was sent before the head was (last) repeated. */
static int acked_restarts_timer(struct sim *s, struct sock *sk, int flag, const struct ack_state *st, bool rtt_update)
{
	const struct skb *head = tcp_rtx_queue_head(s, sk);

	if (flag & FLAG_ACKED)
		return FLAG_SET_XMIT_TIMER;
	if (head && rtt_update && st->first_sackt &&
	    tcp_rtt_since(s, st->first_sackt) > tcp_rtt_since(s, head->skb_mstamp_us))
		return FLAG_SET_XMIT_TIMER;
	return 0;
}

static int tcp_clean_rtx_queue(struct sim *s, struct sock *sk, int flag, struct ack_state *st)
{
	struct clean_state cs = { .reord = sk->snd_nxt, .fully_acked = 1 };
	u32 prior_sacked = sk->sacked_out;
	const struct skb *head;
	bool rtt_update;

	FN_SK(tcp_clean_rtx_queue, sk);
	flag |= take_acked(s, sk, st, &cs);
	head = tcp_rtx_queue_head(s, sk);
	if (head && (head->sacked & TCPCB_SACKED_ACKED))
		flag |= FLAG_SACK_RENEGING;
	rtt_update = update_rtt_from_ack(s, sk, &flag, st, &cs, prior_sacked);
	flag |= acked_restarts_timer(s, sk, flag, st, rtt_update);
	if (!(flag & FLAG_ACKED))
		return flag;
	if (tcp_is_reno(sk)) {
		tcp_remove_reno_sacks(s, sk, cs.pkts_acked);
		/* without SACK nobody knows whether the original or the repetition made the progress */
		if (flag & FLAG_RETRANS_DATA_ACKED)
			flag &= ~FLAG_ORIG_SACK_ACKED;
	} else if (before(cs.reord, st->prior_fack)) {
		tcp_check_sack_reordering(s, sk, cs.reord, false);
	}
	return flag;
}

void tcp_clear_retrans(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_clear_retrans, sk);
	SET(sk->retrans_out, 0);
	SET(sk->retrans_twice_, 0);
	SET(sk->lost_out, 0);
	SET(sk->sacked_out, 0);
	SET(sk->undo_marker, 0);
	SET(sk->undo_retrans, -1);
	SET(sk->total_rto, 0);
}

/* ---- tcp_ack ----------------------------------------------------------------------------------------------------- */

/* What became of the tail loss probe, once its end is acknowledged. */
static void tcp_process_tlp_ack(struct sim *s, struct sock *sk, u32 ack, int flag)
{
	int needless = KP(sk->host, any_dsack_clears_probe) ? FLAG_DSACKING_ACK : FLAG_DSACK_TLP;

	FN_SK(tcp_process_tlp_ack, sk);
	if (before(ack, sk->tlp_high_seq))
		return;
	if (!sk->tlp_retrans || (flag & needless)) {
		SET(sk->tlp_high_seq, 0);
	} else if (DECIDE(probe_repaired_loss, sk->host, after(ack, sk->tlp_high_seq), ack - sk->isn_,
			  sk->tlp_high_seq - sk->isn_)) {
		tcp_reduce_for_probe(s, sk);
		NET_INC_STATS(sk->host, TCPLossProbeRecovery);
	} else if (!(flag & (FLAG_SND_UNA_ADVANCED | FLAG_NOT_DUP | FLAG_DATA_SACKED))) {
		SET(sk->tlp_high_seq, 0);
	}
}

/* Where much reordering was seen any delivery may let the window grow, else only what is acknowledged in order. */
static bool tcp_may_raise_cwnd(const struct sim *s, const struct sock *sk, int flag)
{
	if (sk->reordering > (u32)sysctl_get(s, sk->host, SYSCTL_tcp_reordering))
		return (flag & FLAG_FORWARD_PROGRESS) != 0;
	return (flag & FLAG_DATA_ACKED) != 0;
}

static void tcp_cong_control(struct sim *s, struct sock *sk, u32 acked_sacked, u32 newly_lost, int flag)
{
	FN_SK(tcp_cong_control, sk);
	if (tcp_in_cwnd_reduction(sk))
		tcp_cwnd_reduction(s, sk, (int)acked_sacked, (int)newly_lost, flag);
	else if (tcp_may_raise_cwnd(s, sk, flag))
		tcp_cong_avoid(s, sk, acked_sacked);
}

static void tcp_xmit_recovery(struct sim *s, struct sock *sk, int rexmit)
{
	FN_SK(tcp_xmit_recovery, sk);
	if (rexmit == REXMIT_NONE || sk->sk_state == TCP_SYN_SENT)
		return;
	if (rexmit == REXMIT_NEW) {
		__tcp_push_pending_frames(s, sk, tcp_current_mss(s, sk), TCP_NAGLE_OFF);
		if (after(sk->snd_nxt, sk->high_seq))
			return;
		SET(sk->frto, 0);
	}
	tcp_xmit_retransmit_queue(s, sk);
}

/* How many segments this ACK reported as delivered; counts them. */
static u32 tcp_newly_delivered(struct sim *s, struct sock *sk, const struct ack_state *st)
{
	u32 delivered = sk->delivered - st->prior_delivered_total;

	FN_SK(tcp_newly_delivered, sk);
	if (delivered)
		NET_ADD_STATS(sk->host, TCPDelivered, delivered);
	return delivered;
}

/* Worth the state machine: repeats itself, tells of a hole, or comes while a recovery is under way. */
static bool tcp_ack_is_dubious(const struct sock *sk, int flag)
{
	return !(flag & FLAG_NOT_DUP) || (flag & FLAG_CA_ALERT) || sk->icsk_ca_state != TCP_CA_Open;
}

/* SACK blocks count only when both sides agreed on them. */
static bool has_sack(const struct sock *sk, const struct seg *g)
{
	return tcp_is_sack(sk) && g->nsack;
}

/* Older than snd_una: only its SACK blocks are worth something. */
static int old_ack(struct sim *s, struct sock *sk, const struct seg *g, int flag, struct ack_state *st)
{
	u32 max_window = sk->max_window;
	int rexmit = REXMIT_NONE;

	if (sk->bytes_acked < max_window && KP(sk->host, too_old_counts_bytes_acked))
		max_window = (u32)sk->bytes_acked;
	if (KP(sk->host, too_old_ack_is_challenged) &&
	    DECIDE(ack_too_old, sk->host, before(g->ack, sk->snd_una - max_window), sk->snd_una - g->ack, max_window)) {
		if (!(flag & FLAG_NO_CHALLENGE_ACK))
			tcp_send_challenge_ack(s, sk);
		return -1;
	}
	if (has_sack(sk, g)) {
		flag |= tcp_sacktag_write_queue(s, sk, g, st->prior_snd_una, st);
		tcp_fastretrans_alert(s, sk, st->prior_snd_una, 0, &flag, &rexmit);
		tcp_newly_delivered(s, sk, st);
		tcp_xmit_recovery(s, sk, rexmit);
	}
	return 0;
}

/* Takes over window and SND.UNA; FLAG_* that follow. */
static int take_header(struct sim *s, struct sock *sk, const struct seg *g, int flag, struct ack_state *st)
{
	if (flag & FLAG_UPDATE_TS_RECENT)
		tcp_replace_ts_recent(s, sk, g->seq);
	if ((flag & (FLAG_SLOWPATH | FLAG_SND_UNA_ADVANCED)) == FLAG_SND_UNA_ADVANCED) {
		/* fast path: the window is the same as before */
		SET(sk->snd_wl1, g->seq);
		tcp_snd_una_update(s, sk, g->ack);
		NET_INC_STATS(sk->host, TCPHPAcks);
		return flag | FLAG_WIN_UPDATE;
	}
	if (g->seq != seg_end_seq(g))
		flag |= FLAG_DATA;
	else
		NET_INC_STATS(sk->host, TCPPureAcks);
	flag |= tcp_ack_update_window(s, sk, g);
	if (has_sack(sk, g))
		flag |= tcp_sacktag_write_queue(s, sk, g, st->prior_snd_una, st);
	ADD(sk->delivered, st->sack_delivered);
	return flag;
}

/* Nothing was in flight when the ACK came. */
static void ack_no_queue(struct sim *s, struct sock *sk, u32 ack, int flag, struct ack_state *st)
{
	int rexmit = REXMIT_NONE;

	LEAF(tcp_in_ack_event, sk->host, sk);
	if (flag & FLAG_DSACKING_ACK) {
		tcp_fastretrans_alert(s, sk, st->prior_snd_una, 0, &flag, &rexmit);
		tcp_newly_delivered(s, sk, st);
	}
	tcp_ack_probe(s, sk);
	if (sk->tlp_high_seq)
		tcp_process_tlp_ack(s, sk, ack, flag);
}

/* Something was: what is acknowledged goes, what is lost is repeated, the timer is set anew. */
static void ack_queue(struct sim *s, struct sock *sk, u32 ack, int flag, struct ack_state *st)
{
	int rexmit = REXMIT_NONE;
	u32 num_dupack = 0;
	u32 delivered;

	flag = tcp_clean_rtx_queue(s, sk, flag, st);
	tcp_rack_update_reo_wnd(s, sk, st->prior_delivered);
	LEAF(tcp_in_ack_event, sk->host, sk);
	if (sk->tlp_high_seq)
		tcp_process_tlp_ack(s, sk, ack, flag);
	if (DECIDE(ack_is_dubious, sk->host, tcp_ack_is_dubious(sk, flag), sk->icsk_ca_state, flag & FLAG_CA_ALERT)) {
		if (!(flag & (FLAG_SND_UNA_ADVANCED | FLAG_NOT_DUP | FLAG_DSACKING_ACK)))
			num_dupack = 1;
		tcp_fastretrans_alert(s, sk, st->prior_snd_una, num_dupack, &flag, &rexmit);
	}
	if (flag & FLAG_SET_XMIT_TIMER)
		tcp_set_xmit_timer(s, sk);
	delivered = tcp_newly_delivered(s, sk, st);
	tcp_cong_control(s, sk, delivered, sk->lost - st->prior_lost, flag);
	tcp_xmit_recovery(s, sk, rexmit);
}

int tcp_ack(struct sim *s, struct sock *sk, const struct seg *g, int flag)
{
	struct ack_state st = {
		.prior_snd_una = sk->snd_una,
		.prior_packets = sk->packets_out,
		.prior_delivered_total = sk->delivered,
		.prior_lost = sk->lost,
	};

	FN_SK(tcp_ack, sk);
	if (DECIDE(ack_is_old, sk->host, before(g->ack, sk->snd_una), g->ack - sk->isn_,
		   sk->snd_una - sk->isn_))
		return old_ack(s, sk, g, flag, &st);
	if (DECIDE(ack_of_unsent, sk->host, after(g->ack, sk->snd_nxt), g->ack - sk->isn_,
		   sk->snd_nxt - sk->isn_)) {
		if (!(flag & FLAG_NO_CHALLENGE_ACK) && KP(sk->host, unsent_ack_is_challenged))
			tcp_send_challenge_ack(s, sk);
		return -1;
	}
	if (after(g->ack, sk->snd_una)) {
		flag |= FLAG_SND_UNA_ADVANCED;
		SET(sk->icsk_retransmits, 0);
	}
	st.prior_fack = tcp_is_sack(sk) ? tcp_highest_sack_seq(sk) : sk->snd_una;
	flag = take_header(s, sk, g, flag, &st);
	SET(sk->sk_err_soft, 0);
	SET(sk->icsk_probes_out, 0);
	SET(sk->rcv_tstamp, tcp_jiffies32(s));
	if (st.prior_packets)
		ack_queue(s, sk, g->ack, flag, &st);
	else
		ack_no_queue(s, sk, g->ack, flag, &st);
	return 1;
}
