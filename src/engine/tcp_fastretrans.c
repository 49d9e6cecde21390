/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The states of loss recovery (net/ipv4/tcp_input.c): Open, Disorder, CWR, Recovery, Loss. How they are entered and
 * left, how the congestion window goes down (PRR), and how a reduction that turns out to be needless is undone.
 */
#include "engine/tcp_ack.h"

#include "engine/tcp_output.h"

/* A repetition is out, or the head was repeated once (a loss probe counts). */
static bool tcp_any_retrans_done(struct sim *s, const struct sock *sk)
{
	const struct skb *head = tcp_rtx_queue_head(s, sk);

	return sk->retrans_out || (head && (head->sacked & TCPCB_EVER_RETRANS));
}

static void tcp_retrans_stamp_cleanup(struct sim *s, struct sock *sk)
{
	if (!tcp_any_retrans_done(s, sk))
		SET(sk->retrans_stamp, 0);
}

/* ---- without SACK: duplicate ACKs stand for segments that arrived ------------------------------------------------ */

/* Keeps sacked_out below what is in flight less the hole; true when there was more. */
static bool tcp_limit_reno_sacked(struct sim *s, struct sock *sk)
{
	u32 holes = sk->lost_out ? sk->lost_out : 1;

	if (holes > sk->packets_out)
		holes = sk->packets_out;
	if (sk->sacked_out + holes <= sk->packets_out)
		return false;
	SET(sk->sacked_out, sk->packets_out - holes);
	return true;
}

static void tcp_check_reno_reordering(struct sim *s, struct sock *sk, u32 addend)
{
	u32 segs = sk->packets_out + addend;

	FN_SK(tcp_check_reno_reordering, sk);
	if (!tcp_limit_reno_sacked(s, sk))
		return;
	SET(sk->reordering, segs < TCP_MAX_REORDERING ? segs : TCP_MAX_REORDERING);
	SET(sk->reord_seen, sk->reord_seen < UINT8_MAX ? sk->reord_seen + 1 : UINT8_MAX);
	NET_INC_STATS(sk->host, TCPRenoReorder);
}

static void tcp_add_reno_sack(struct sim *s, struct sock *sk, u32 num_dupack)
{
	u32 prior_sacked = sk->sacked_out;

	FN_SK(tcp_add_reno_sack, sk);
	if (!num_dupack)
		return;
	ADD(sk->sacked_out, num_dupack);
	tcp_check_reno_reordering(s, sk, 0);
	if (sk->sacked_out > prior_sacked)
		ADD(sk->delivered, sk->sacked_out - prior_sacked);
}

void tcp_remove_reno_sacks(struct sim *s, struct sock *sk, u32 acked)
{
	FN_SK(tcp_remove_reno_sacks, sk);
	if (acked) {
		/* one of them filled the hole, the others were counted by their duplicates */
		ADD(sk->delivered, acked > sk->sacked_out + 1 ? acked - sk->sacked_out : 1);
		SET(sk->sacked_out, acked - 1 >= sk->sacked_out ? 0 : sk->sacked_out - (acked - 1));
	}
	tcp_check_reno_reordering(s, sk, acked);
}

/* ---- the window goes down ---------------------------------------------------------------------------------------- */

void tcp_init_undo(struct sim *s, struct sock *sk)
{
	s32 out = (s32)sk->retrans_out;

	FN_SK(tcp_init_undo, sk);
	SET(sk->undo_marker, sk->snd_una);
	if (sk->tlp_high_seq && sk->tlp_retrans)
		out++;
	SET(sk->undo_retrans, out ? out : -1); /* 0 would mean that all were needless */
}

static void tcp_init_cwnd_reduction(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_init_cwnd_reduction, sk);
	SET(sk->high_seq, sk->snd_nxt);
	SET(sk->tlp_high_seq, 0);
	SET(sk->snd_cwnd_cnt, 0);
	SET(sk->prior_cwnd, sk->snd_cwnd);
	SET(sk->prr_delivered, 0);
	SET(sk->prr_out, 0);
	SET(sk->snd_ssthresh, tcp_ca_ssthresh(s, sk));
}

/* How many segments may be sent on this ACK (PRR). */
static s32 prr_quota(const struct sock *sk, s32 newly_acked_sacked, int newly_lost, int flag)
{
	s32 delta = (s32)(sk->snd_ssthresh - tcp_packets_in_flight(sk));
	s32 quota = (s32)(sk->prr_delivered - sk->prr_out);

	if (delta < 0) {
		u64 share = (u64)sk->snd_ssthresh * sk->prr_delivered + sk->prior_cwnd - 1;

		return (s32)(share / sk->prior_cwnd) - (s32)sk->prr_out;
	}
	if (quota < newly_acked_sacked)
		quota = newly_acked_sacked;
	if ((flag & FLAG_SND_UNA_ADVANCED) && !newly_lost)
		quota++;
	return quota < delta ? quota : delta;
}

void tcp_cwnd_reduction(struct sim *s, struct sock *sk, int newly_acked_sacked, int newly_lost, int flag)
{
	s32 quota;

	FN_SK(tcp_cwnd_reduction, sk);
	if (newly_acked_sacked <= 0 || !sk->prior_cwnd)
		return;
	ADD(sk->prr_delivered, (u32)newly_acked_sacked);
	quota = prr_quota(sk, newly_acked_sacked, newly_lost, flag);
	/* the first repetition always goes */
	if (quota < (sk->prr_out ? 0 : 1))
		quota = sk->prr_out ? 0 : 1;
	SET(sk->snd_cwnd, tcp_packets_in_flight(sk) + (u32)quota);
}

static void tcp_end_cwnd_reduction(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_end_cwnd_reduction, sk);
	if (sk->snd_ssthresh < TCP_INFINITE_SSTHRESH && (sk->icsk_ca_state == TCP_CA_CWR || sk->undo_marker))
		SET(sk->snd_cwnd, sk->snd_ssthresh);
}

void tcp_enter_cwr(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_enter_cwr, sk);
	SET(sk->prior_ssthresh, 0);
	if (sk->icsk_ca_state >= TCP_CA_CWR)
		return;
	SET(sk->undo_marker, 0);
	tcp_init_cwnd_reduction(s, sk);
	tcp_set_ca_state(s, sk, TCP_CA_CWR);
}

/* Open, or Disorder while something is SACKed, lost or repeated. */
static void tcp_try_keep_open(struct sim *s, struct sock *sk)
{
	bool disorder = tcp_left_out(sk) || tcp_any_retrans_done(s, sk);
	u8 state;

	FN_SK(tcp_try_keep_open, sk);
	disorder = DECIDE(in_disorder, sk->host, disorder, tcp_left_out(sk), sk->retrans_out);
	state = disorder ? TCP_CA_Disorder : TCP_CA_Open;
	if (sk->icsk_ca_state == state)
		return;
	tcp_set_ca_state(s, sk, state);
	SET(sk->high_seq, sk->snd_nxt);
}

static void tcp_try_to_open(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_try_to_open, sk);
	tcp_retrans_stamp_cleanup(s, sk);
	if (sk->icsk_ca_state != TCP_CA_CWR)
		tcp_try_keep_open(s, sk);
}

void tcp_reduce_for_probe(struct sim *s, struct sock *sk)
{
	tcp_init_cwnd_reduction(s, sk);
	tcp_set_ca_state(s, sk, TCP_CA_CWR);
	tcp_end_cwnd_reduction(s, sk);
	tcp_try_keep_open(s, sk);
}

/* ---- undo -------------------------------------------------------------------------------------------------------- */

/* Was what looked lost only late? True when the ACK answers something sent before the first repetition. */
static bool tcp_packet_delayed(const struct sock *sk)
{
	if (sk->retrans_stamp)
		return tcp_tsopt_ecr_before(sk, sk->retrans_stamp);
	/* nothing was repeated, or the stamp was only taken back: without SACK at the end, or by the answer to a SYN */
	if (tcp_is_reno(sk) && !before(sk->snd_una, sk->high_seq))
		return false;
	return sk->sk_state != TCP_SYN_SENT;
}

static bool tcp_may_undo(struct sim *s, const struct sock *sk)
{
	bool needless = sk->undo_marker && (!sk->undo_retrans || tcp_packet_delayed(sk));

	FN_SK(tcp_may_undo, sk);
	return DECIDE(reduction_was_needless, sk->host, needless, sk->undo_retrans, sk->retrans_stamp);
}

static void tcp_undo_cwnd_reduction(struct sim *s, struct sock *sk, bool unmark_loss)
{
	FN_SK(tcp_undo_cwnd_reduction, sk);
	if (unmark_loss) {
		for (struct skb *skb = tcp_rtx_queue_head(s, sk); skb; skb = skb_next(s, skb))
			SET(skb->sacked, skb->sacked & ~TCPCB_LOST);
		SET(sk->lost_out, 0);
	}
	if (sk->prior_ssthresh) {
		SET(sk->snd_cwnd, tcp_ca_undo_cwnd(s, sk));
		if (sk->prior_ssthresh > sk->snd_ssthresh)
			SET(sk->snd_ssthresh, sk->prior_ssthresh);
	}
	SET(sk->undo_marker, 0);
	SET(sk->rack_advanced, 1); /* RACK looks again */
}

/* Without SACK the state is held until more than high_seq is acknowledged: duplicates could still be on their way. */
static bool tcp_is_non_sack_preventing_reopen(struct sim *s, struct sock *sk)
{
	if (sk->snd_una != sk->high_seq || !tcp_is_reno(sk))
		return false;
	tcp_retrans_stamp_cleanup(s, sk);
	return true;
}

static void back_to_open(struct sim *s, struct sock *sk)
{
	tcp_set_ca_state(s, sk, TCP_CA_Open);
	SET(sk->is_sack_reneg, 0);
}

/* The episode is over. True: the state is held all the same. */
static bool tcp_try_undo_recovery(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_try_undo_recovery, sk);
	if (tcp_may_undo(s, sk)) {
		tcp_undo_cwnd_reduction(s, sk, false);
		if (sk->icsk_ca_state == TCP_CA_Loss)
			NET_INC_STATS(sk->host, TCPLossUndo);
		else
			NET_INC_STATS(sk->host, TCPFullUndo);
	} else if (sk->rack_reo_wnd_persist) {
		SUB(sk->rack_reo_wnd_persist, 1);
	}
	if (tcp_is_non_sack_preventing_reopen(s, sk))
		return true;
	back_to_open(s, sk);
	return false;
}

/* D-SACKs have reported every repetition as needless. */
static bool tcp_try_undo_dsack(struct sim *s, struct sock *sk)
{
	u8 persist = sk->rack_reo_wnd_persist;

	FN_SK(tcp_try_undo_dsack, sk);
	if (!DECIDE(all_repeats_were_needless, sk->host, sk->undo_marker && !sk->undo_retrans, sk->undo_retrans, 0))
		return false;
	SET(sk->rack_reo_wnd_persist, persist < TCP_RACK_RECOVERY_THRESH ? persist + 1u : TCP_RACK_RECOVERY_THRESH);
	tcp_undo_cwnd_reduction(s, sk, false);
	NET_INC_STATS(sk->host, TCPDSACKUndo);
	return true;
}

/* The timeout was spurious: nothing is lost. */
static bool tcp_try_undo_loss(struct sim *s, struct sock *sk, bool frto_undo)
{
	FN_SK(tcp_try_undo_loss, sk);
	if (!frto_undo && !tcp_may_undo(s, sk))
		return false;
	tcp_undo_cwnd_reduction(s, sk, true);
	NET_INC_STATS(sk->host, TCPLossUndo);
	if (frto_undo)
		NET_INC_STATS(sk->host, TCPSpuriousRTOs);
	SET(sk->icsk_retransmits, 0);
	if (tcp_is_non_sack_preventing_reopen(s, sk))
		return true;
	if (frto_undo || tcp_is_sack(sk))
		back_to_open(s, sk);
	return true;
}

/* In Recovery the original of the hole arrived late. True: mark and repeat nothing more for now. */
static bool tcp_try_undo_partial(struct sim *s, struct sock *sk, u32 prior_snd_una)
{
	FN_SK(tcp_try_undo_partial, sk);
	if (!sk->undo_marker || !tcp_packet_delayed(sk))
		return false;
	tcp_check_sack_reordering(s, sk, prior_snd_una, true);
	if (sk->retrans_out)
		return true;
	tcp_retrans_stamp_cleanup(s, sk);
	tcp_undo_cwnd_reduction(s, sk, true);
	NET_INC_STATS(sk->host, TCPPartialUndo);
	tcp_try_keep_open(s, sk);
	return false;
}

/* ---- marking losses ---------------------------------------------------------------------------------------------- */

void tcp_mark_skb_lost(struct sim *s, struct sock *sk, struct skb *skb)
{
	u32 segs = tcp_skb_pcount(skb);

	FN(tcp_mark_skb_lost, sk->host, skb);
	if (skb->sacked & TCPCB_SACKED_ACKED)
		return;
	if (!(skb->sacked & TCPCB_LOST)) {
		ADD(sk->lost_out, segs);
		SET(skb->sacked, skb->sacked | TCPCB_LOST);
		ADD(sk->lost, segs);
	} else if (skb->sacked & TCPCB_SACKED_RETRANS) {
		/* the repetition is lost, too */
		SET(skb->sacked, skb->sacked & ~TCPCB_SACKED_RETRANS);
		SUB(sk->retrans_out, segs);
		if (KP(sk->host, timeout_counts_lost_again))
			NET_ADD_STATS(sk->host, TCPLostRetransmit, segs);
		ADD(sk->lost, segs);
	}
}

/* After an RTO: the head and all that is older than the last RTT is lost. A peer that takes back a SACK is believed. */
static void tcp_timeout_mark_lost(struct sim *s, struct sock *sk)
{
	struct skb *head = tcp_rtx_queue_head(s, sk);
	bool reneging = head && (head->sacked & TCPCB_SACKED_ACKED);

	FN_SK(tcp_timeout_mark_lost, sk);
	if (reneging) {
		NET_INC_STATS(sk->host, TCPSACKReneging);
		SET(sk->sacked_out, 0);
		SET(sk->is_sack_reneg, 1);
	} else if (tcp_is_reno(sk)) {
		SET(sk->sacked_out, 0);
	}
	for (struct skb *skb = head; skb; skb = skb_next(s, skb)) {
		if (reneging)
			SET(skb->sacked, skb->sacked & ~TCPCB_SACKED_ACKED);
		else if (skb != head && KP(sk->host, loss_by_rack) && tcp_rack_skb_timeout(s, sk, skb, 0) > 0)
			continue; /* sent too lately to be called lost */
		tcp_mark_skb_lost(s, sk, skb);
	}
}

/* The window was reduced for this flight already, unless a new episode begins. */
static bool loss_is_new(const struct sock *sk)
{
	return sk->icsk_ca_state <= TCP_CA_Disorder || !after(sk->high_seq, sk->snd_una) ||
	       (sk->icsk_ca_state == TCP_CA_Loss && !sk->icsk_retransmits);
}

void tcp_enter_loss(struct sim *s, struct sock *sk)
{
	u32 reordering = (u32)sysctl_get(s, sk->host, SYSCTL_tcp_reordering);
	bool new_recovery = sk->icsk_ca_state < TCP_CA_Recovery;

	FN_SK(tcp_enter_loss, sk);
	tcp_timeout_mark_lost(s, sk);
	if (DECIDE(loss_starts_episode, sk->host, loss_is_new(sk), sk->icsk_ca_state, sk->icsk_retransmits)) {
		SET(sk->prior_ssthresh, tcp_current_ssthresh(sk));
		SET(sk->prior_cwnd, sk->snd_cwnd);
		SET(sk->snd_ssthresh, tcp_ca_ssthresh(s, sk));
		tcp_init_undo(s, sk);
	}
	SET(sk->snd_cwnd, KP(sk->host, timeout_keeps_flight) ? tcp_packets_in_flight(sk) + 1 : 1);
	SET(sk->snd_cwnd_cnt, 0);
	/* many segments SACKed and yet a timeout: less reordering than was believed */
	if (sk->icsk_ca_state <= TCP_CA_Disorder && sk->sacked_out >= reordering && sk->reordering > reordering)
		SET(sk->reordering, reordering);
	tcp_set_ca_state(s, sk, TCP_CA_Loss);
	SET(sk->high_seq, sk->snd_nxt);
	SET(sk->tlp_high_seq, 0);
	SET(sk->frto, sysctl_get(s, sk->host, SYSCTL_tcp_frto) && (new_recovery || sk->icsk_retransmits));
}

void tcp_enter_recovery(struct sim *s, struct sock *sk, bool ece_ack)
{
	FN_SK(tcp_enter_recovery, sk);
	tcp_retrans_stamp_cleanup(s, sk);
	if (tcp_is_reno(sk))
		NET_INC_STATS(sk->host, TCPRenoRecovery);
	else
		NET_INC_STATS(sk->host, TCPSackRecovery);
	SET(sk->prior_ssthresh, 0);
	tcp_init_undo(s, sk);
	if (!tcp_in_cwnd_reduction(sk)) {
		if (!ece_ack)
			SET(sk->prior_ssthresh, tcp_current_ssthresh(sk));
		tcp_init_cwnd_reduction(s, sk);
	}
	tcp_set_ca_state(s, sk, TCP_CA_Recovery);
}

/* ---- the state machine ------------------------------------------------------------------------------------------- */

/* The head is SACKed though all before it is acknowledged: the peer may have dropped it. It gets time to say. */
static bool tcp_check_sack_reneging(struct sim *s, struct sock *sk, int *flag)
{
	u32 delay = usecs_to_jiffies(sk->srtt_us >> 4);
	u32 least = msecs_to_jiffies(10);
	bool reneging = (*flag & FLAG_SACK_RENEGING) && (*flag & FLAG_SND_UNA_ADVANCED);

	FN_SK(tcp_check_sack_reneging, sk);
	if (!reneging)
		return false;
	tcp_reset_xmit_timer(s, sk, ICSK_TIME_RETRANS, delay > least ? delay : least, tcp_rto_max(sk));
	*flag &= ~FLAG_SET_XMIT_TIMER;
	return true;
}

static void tcp_identify_packet_loss(struct sim *s, struct sock *sk, int *flag)
{
	u32 prior_retrans = sk->retrans_out;

	FN_SK(tcp_identify_packet_loss, sk);
	if (!tcp_rtx_queue_head(s, sk))
		return;
	if (tcp_is_reno(sk)) {
		tcp_newreno_mark_lost(s, sk, *flag & FLAG_SND_UNA_ADVANCED);
		return;
	}
	if (!KP(sk->host, loss_by_rack))
		tcp_fack_mark_lost(s, sk);
	else if (tcp_rack_mark_lost(s, sk))
		*flag &= ~FLAG_SET_XMIT_TIMER;
	if (prior_retrans > sk->retrans_out)
		*flag |= FLAG_LOST_RETRANS;
}

static bool tcp_time_to_recover(struct sim *s, const struct sock *sk)
{
	FN_SK(tcp_time_to_recover, sk);
	return DECIDE(loss_is_proven, sk->host, sk->lost_out, sk->lost_out, sk->sacked_out);
}

/* F-RTO (RFC 5682): was the timeout needless? True: nothing else is to be done with this ACK. */
static bool frto_step(struct sim *s, struct sock *sk, int flag, u32 num_dupack, int *rexmit)
{
	bool window = tcp_send_head(s, sk) && after(tcp_wnd_end(sk), sk->snd_nxt);
	bool original = flag & FLAG_ORIG_SACK_ACKED;

	if (DECIDE(timeout_was_spurious, sk->host, original, flag & FLAG_DATA_SACKED, flag & FLAG_DATA_ACKED) &&
	    tcp_try_undo_loss(s, sk, true))
		return true;
	if (after(sk->snd_nxt, sk->high_seq)) {
		if ((flag & FLAG_DATA_SACKED) || num_dupack)
			SET(sk->frto, 0); /* the loss was real */
	} else if ((flag & FLAG_SND_UNA_ADVANCED) && before(sk->snd_una, sk->high_seq)) {
		SET(sk->high_seq, sk->snd_nxt);
		if (DECIDE(frto_sends_new_data, sk->host, window, sk->write_seq - sk->snd_nxt,
			   tcp_wnd_end(sk) - sk->snd_nxt)) {
			*rexmit = REXMIT_NEW;
			return true;
		}
		SET(sk->frto, 0);
	}
	return false;
}

static void tcp_process_loss(struct sim *s, struct sock *sk, int flag, u32 num_dupack, int *rexmit)
{
	bool recovered = !before(sk->snd_una, sk->high_seq);

	FN_SK(tcp_process_loss, sk);
	if ((flag & FLAG_SND_UNA_ADVANCED) && tcp_try_undo_loss(s, sk, false))
		return;
	if (sk->frto && frto_step(s, sk, flag, num_dupack, rexmit))
		return;
	if (recovered) {
		tcp_try_undo_recovery(s, sk);
		return;
	}
	if (tcp_is_reno(sk)) {
		if (after(sk->snd_nxt, sk->high_seq) && num_dupack)
			tcp_add_reno_sack(s, sk, num_dupack);
		else if (flag & FLAG_SND_UNA_ADVANCED)
			SET(sk->sacked_out, 0);
	}
	*rexmit = REXMIT_LOST;
}

/* Leaves CWR or Recovery when high_seq is acknowledged. True: this ACK is done with. */
static bool leave_state(struct sim *s, struct sock *sk)
{
	if (sk->icsk_ca_state == TCP_CA_Open) {
		SET(sk->retrans_stamp, 0);
		return false;
	}
	if (before(sk->snd_una, sk->high_seq))
		return false;
	if (sk->icsk_ca_state == TCP_CA_CWR && sk->snd_una != sk->high_seq) {
		tcp_end_cwnd_reduction(s, sk);
		tcp_set_ca_state(s, sk, TCP_CA_Open);
	} else if (sk->icsk_ca_state == TCP_CA_Recovery) {
		if (tcp_is_reno(sk))
			SET(sk->sacked_out, 0);
		if (tcp_try_undo_recovery(s, sk))
			return true;
		tcp_end_cwnd_reduction(s, sk);
	}
	return false;
}

/* An ACK in Recovery. True: go on repeating what is lost. */
static bool process_recovery(struct sim *s, struct sock *sk, u32 prior_snd_una, u32 num_dupack, int *flag)
{
	if (!(*flag & FLAG_SND_UNA_ADVANCED)) {
		if (tcp_is_reno(sk))
			tcp_add_reno_sack(s, sk, num_dupack);
	} else if (tcp_try_undo_partial(s, sk, prior_snd_una)) {
		return false;
	}
	if (tcp_try_undo_dsack(s, sk))
		tcp_try_to_open(s, sk);
	tcp_identify_packet_loss(s, sk, flag);
	if (sk->icsk_ca_state == TCP_CA_Recovery)
		return true;
	if (!tcp_time_to_recover(s, sk))
		return false;
	tcp_enter_recovery(s, sk, false);
	return true;
}

/* An ACK in Open, Disorder or CWR, or in what was Loss a moment ago. True: repeat what is lost. */
static bool process_default(struct sim *s, struct sock *sk, u32 num_dupack, int *flag)
{
	if (tcp_is_reno(sk)) {
		if (*flag & FLAG_SND_UNA_ADVANCED)
			SET(sk->sacked_out, 0);
		tcp_add_reno_sack(s, sk, num_dupack);
	}
	if (sk->icsk_ca_state <= TCP_CA_Disorder)
		tcp_try_undo_dsack(s, sk);
	tcp_identify_packet_loss(s, sk, flag);
	if (!tcp_time_to_recover(s, sk)) {
		tcp_try_to_open(s, sk);
		return false;
	}
	tcp_enter_recovery(s, sk, false);
	return true;
}

void tcp_fastretrans_alert(struct sim *s, struct sock *sk, u32 prior_snd_una, u32 num_dupack, int *flag, int *rexmit)
{
	FN_SK(tcp_fastretrans_alert, sk);
	if (!sk->packets_out && sk->sacked_out)
		SET(sk->sacked_out, 0);
	if (tcp_check_sack_reneging(s, sk, flag))
		return;
	if (leave_state(s, sk))
		return;
	if (sk->icsk_ca_state == TCP_CA_Recovery) {
		if (process_recovery(s, sk, prior_snd_una, num_dupack, flag))
			*rexmit = REXMIT_LOST;
		return;
	}
	if (sk->icsk_ca_state == TCP_CA_Loss) {
		tcp_process_loss(s, sk, *flag, num_dupack, rexmit);
		tcp_identify_packet_loss(s, sk, flag);
		if (sk->icsk_ca_state != TCP_CA_Open && !(*flag & FLAG_LOST_RETRANS))
			return;
	}
	if (process_default(s, sk, num_dupack, flag))
		*rexmit = REXMIT_LOST;
}
