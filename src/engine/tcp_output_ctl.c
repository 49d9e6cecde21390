/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The segments that are made on the spot and not cut from a stream (of net/ipv4/tcp_output.c, which in one file would
 * be too long to read): SYN, SYN-ACK, FIN, RST, ACK; and what a process does for TCP when it lets go of the socket.
 */
#include "engine/tcp_output.h"

#include <errno.h>

/* ---- SYN --------------------------------------------------------------------------------------------------------- */

static u16 tcp_mss_clamp(const struct sock *sk, u32 mss)
{
	return sk->user_mss && sk->user_mss < mss ? sk->user_mss : (u16)mss;
}

/* How much we are ready to receive, for a start, and how large a segment. */
static void connect_init_receive(struct sim *s, struct sock *sk)
{
	u32 full_space = (u32)tcp_full_space(sk);
	u32 window_clamp = sk->window_clamp;
	u32 rcv_wnd;
	u8 rcv_wscale;

	SET(sk->advmss, tcp_mss_clamp(sk, TCP_BASE_MSS));
	tcp_initialize_rcv_mss(s, sk);
	if ((sk->sk_userlocks & SOCK_RCVBUF_LOCK) && (window_clamp > full_space || !window_clamp))
		window_clamp = full_space;
	LEAF(tcp_select_initial_window, sk->host, sk);
	tcp_select_initial_window(s, sk->host, (s32)full_space, sk->advmss, &rcv_wnd, &window_clamp,
				  sysctl_get(s, sk->host, SYSCTL_tcp_window_scaling) != 0, &rcv_wscale, 0);
	SET(sk->window_clamp, window_clamp);
	SET(sk->rcv_wnd, rcv_wnd);
	SET(sk->rcv_wscale, rcv_wscale);
	SET(sk->rcv_ssthresh, rcv_wnd);
}

static void tcp_connect_init(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_connect_init, sk);
	if (sk->user_mss)
		SET(sk->mss_clamp, sk->user_mss);
	SET(sk->max_window, 0);
	tcp_sync_mss(s, sk, DEVICE_MTU);
	if (sysctl_get(s, sk->host, SYSCTL_tcp_timestamps))
		SUB(sk->mss_cache, TCPOLEN_TSTAMP_ALIGNED); /* room is kept until the peer has answered */
	connect_init_receive(s, sk);
	SET(sk->sk_err, 0);
	sock_reset_flag(s, sk, SOCK_DONE);
	SET(sk->snd_wnd, 0);
	SET(sk->snd_wl1, 0);
	tcp_write_queue_purge(s, sk);
	SET(sk->snd_una, sk->write_seq);
	SET(sk->snd_sml, sk->write_seq);
	SET(sk->snd_nxt, sk->write_seq);
	if (sk->repair)
		SET(sk->rcv_tstamp, tcp_jiffies32(s));
	else
		SET(sk->rcv_nxt, 0);
	SET(sk->rcv_wup, sk->rcv_nxt);
	SET(sk->copied_seq, sk->rcv_nxt);
	SET(sk->icsk_rto, KP(sk->host, tcp_timeout_init));
	SET(sk->icsk_retransmits, 0);
	tcp_clear_retrans(s, sk);
}

static void tcp_connect_queue_skb(struct sim *s, struct sock *sk, struct skb *skb)
{
	FN_SK(tcp_connect_queue_skb, sk);
	ADD(sk->sk_wmem_queued, (s32)skb->truesize);
	SET(sk->write_seq, skb->end_seq);
	ADD(sk->packets_out, tcp_skb_pcount(skb));
}

int tcp_connect(struct sim *s, struct sock *sk)
{
	struct skb *syn;

	FN_SK(tcp_connect, sk);
	tcp_connect_init(s, sk);
	if (sk->repair) {
		tcp_finish_connect(s, sk, NULL);
		return 0;
	}
	syn = tcp_alloc_nondata_skb(s, sk, sk->write_seq, TCPHDR_SYN);
	if (!syn)
		return -ENOBUFS;
	SET(sk->retrans_stamp, tcp_clock_ms(s));
	tcp_connect_queue_skb(s, sk, syn);
	skq_append(s, &sk->tcp_rtx_queue, syn);
	tcp_transmit_skb(s, sk, syn, true); /* lost here or on the way: the timer will tell */
	SET(sk->snd_nxt, sk->write_seq);
	SET(sk->pushed_seq, sk->write_seq);
	NET_INC_STATS(sk->host, ActiveOpens);
	tcp_reset_xmit_timer(s, sk, ICSK_TIME_RETRANS, sk->icsk_rto, tcp_rto_max(sk));
	return 0;
}

int tcp_send_synack(struct sim *s, struct sock *sk)
{
	struct skb *skb = tcp_rtx_queue_head(s, sk);

	FN_SK(tcp_send_synack, sk);
	if (!skb || !(skb->tcp_flags & TCPHDR_SYN))
		return -EFAULT;
	SET(skb->tcp_flags, skb->tcp_flags | TCPHDR_ACK);
	return tcp_transmit_skb(s, sk, skb, true);
}

/* ---- the SYN-ACK of a request ------------------------------------------------------------------------------------ */

struct seg tcp_make_synack(struct sim *s, struct sock *listener, struct req *rq)
{
	struct seg g = { .proto = SEG_TCP, .flags = TCPHDR_SYN | TCPHDR_ACK };

	FN(tcp_make_synack, rq->host, rq);
	if (!rq->snt_synack)
		SET(rq->snt_synack, tcp_clock_us(s));
	LEAF(tcp_synack_options, rq->host, rq);
	g.sport = rq->ir_num;
	g.dport = rq->ir_rmt_port;
	g.seq = rq->snt_isn;
	g.ack = rq->rcv_nxt;
	g.win = (u16)(rq->rsk_rcv_wnd < 65535u ? rq->rsk_rcv_wnd : 65535u);
	g.mss = tcp_mss_clamp(listener, TCP_BASE_MSS);
	if (rq->tstamp_ok) {
		g.opts |= SEG_OPT_TS;
		g.tsval = tcp_clock_ms(s) + rq->ts_off;
		g.tsecr = rq->ts_recent;
		SET(rq->snt_tsval_last, g.tsval);
	}
	if (rq->sack_ok)
		g.opts |= SEG_OPT_SACKOK;
	if (rq->wscale_ok) {
		g.opts |= SEG_OPT_WSCALE;
		g.wscale = rq->rcv_wscale;
	}
	NET_INC_STATS(rq->host, OutSegs);
	return g;
}

int tcp_rtx_synack(struct sim *s, struct sock *listener, struct req *rq)
{
	int err;

	FN(tcp_rtx_synack, rq->host, rq);
	err = tcp_v4_send_synack(s, listener, rq);
	if (err)
		return err;
	NET_INC_STATS(rq->host, RetransSegs);
	NET_INC_STATS(rq->host, TCPSynRetrans);
	ADD(rq->num_retrans, 1);
	return 0;
}

/* ---- FIN, RST, ACK ----------------------------------------------------------------------------------------------- */

static void fin_joins(struct sim *s, struct sock *sk, struct skb *skb)
{
	SET(skb->tcp_flags, skb->tcp_flags | TCPHDR_FIN);
	SET(skb->end_seq, skb->end_seq + 1);
	ADD(sk->write_seq, 1);
}

void tcp_send_fin(struct sim *s, struct sock *sk)
{
	struct skb *skb = tcp_write_queue_tail(s, sk);
	bool pressure = tcp_under_memory_pressure(s, sk);
	bool starved = !skb && pressure && tcp_rtx_queue_tail(s, sk);

	FN_SK(tcp_send_fin, sk);
	if (KP(sk->host, fin_hides_in_sent_data_) &&
	    DECIDE(fin_hides_in_sent_data, sk->host, starved, pressure, sk->packets_out)) {
		fin_joins(s, sk, tcp_rtx_queue_tail(s, sk));
		ADD(sk->snd_nxt, 1); /* as if it had gone out with that data: only a retransmission will show it */
		return;
	}
	if (DECIDE(fin_rides_on_data, sk->host, skb, sk->write_seq - sk->snd_nxt, 0)) {
		fin_joins(s, sk, skb);
	} else {
		skb = tcp_alloc_nondata_skb(s, sk, sk->write_seq, TCPHDR_ACK | TCPHDR_FIN);
		while (!skb && KP(sk->host, fin_is_tried_for_ever))
			skb = tcp_alloc_nondata_skb(s, sk, sk->write_seq, TCPHDR_ACK | TCPHDR_FIN);
		if (!skb && tcp_rtx_queue_tail(s, sk) && KP(sk->host, fin_falls_back_to_tail)) {
			fin_joins(s, sk, tcp_rtx_queue_tail(s, sk));
			ADD(sk->snd_nxt, 1);
			return;
		}
		if (DECIDE(fin_is_lost, sk->host, !skb, sk->sk_state, 0))
			return;
		LEAF(sk_forced_mem_schedule, sk->host, sk);
		tcp_queue_skb(s, sk, skb);
	}
	__tcp_push_pending_frames(s, sk, tcp_current_mss(s, sk), TCP_NAGLE_OFF);
}

/* The number that a segment without data takes: SND.NXT, or the right edge when the peer took window back. */
u32 tcp_acceptable_seq(const struct sim *s, const struct sock *sk)
{
	u32 beyond = sk->snd_nxt - tcp_wnd_end(sk);

	if (!before(tcp_wnd_end(sk), sk->snd_nxt) ||
	    (sk->wscale_ok && beyond < 1u << sk->rcv_wscale && KP(sk->host, seq_may_overshoot)))
		return sk->snd_nxt;
	return tcp_wnd_end(sk);
}

void tcp_send_active_reset(struct sim *s, struct sock *sk)
{
	struct skb *skb;
	bool lost;

	FN_SK(tcp_send_active_reset, sk);
	if (KP(sk->host, active_rst_counted_first))
		NET_INC_STATS(sk->host, OutRsts);
	LEAF(tcp_acceptable_seq, sk->host, sk);
	skb = tcp_alloc_nondata_skb(s, sk, tcp_acceptable_seq(s, sk), TCPHDR_ACK | TCPHDR_RST);
	lost = !skb || tcp_transmit_once(s, sk, skb);
	if (skb && !KP(sk->host, active_rst_counted_first) && KP(sk->host, active_rst_is_counted))
		NET_INC_STATS(sk->host, OutRsts);
	if (DECIDE(reset_is_lost, sk->host, lost, skb != NULL, 0))
		NET_INC_STATS(sk->host, TCPAbortFailed);
}

/* No memory for an ACK: the delayed-ACK timer tries again, later each time. */
static void ack_later(struct sim *s, struct sock *sk)
{
	u32 delay = prof(s, sk->host)->tcp_delack_max << sk->icsk_ack_retry;

	if (delay < tcp_rto_max(sk) && KP(sk->host, failed_ack_backs_off))
		ADD(sk->icsk_ack_retry, 1);
	SET(sk->icsk_ack_pending, sk->icsk_ack_pending | ICSK_ACK_SCHED);
	SET(sk->icsk_ack_ato, prof(s, sk->host)->tcp_ato_min);
	tcp_reset_delack_timer(s, sk, delay < tcp_rto_max(sk) ? delay : tcp_rto_max(sk));
}

void __tcp_send_ack(struct sim *s, struct sock *sk, u32 rcv_nxt)
{
	struct skb *buff;

	FN_SK(__tcp_send_ack, sk);
	if (sk->sk_state == TCP_CLOSE)
		return;
	LEAF(tcp_acceptable_seq, sk->host, sk);
	buff = tcp_alloc_nondata_skb(s, sk, tcp_acceptable_seq(s, sk), TCPHDR_ACK);
	if (DECIDE(no_memory_for_ack, sk->host, !buff, sk->icsk_ack_retry, 0)) {
		ack_later(s, sk);
		return;
	}
	__tcp_transmit_skb(s, sk, buff, false, rcv_nxt);
	kfree_skb(s, buff);
}

void tcp_send_ack(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_send_ack, sk);
	__tcp_send_ack(s, sk, sk->rcv_nxt);
}

/* The longest an ACK may wait: always less than a peer's least RTO. */
static u32 tcp_delack_max(const struct sock *sk)
{
	u32 rto_min = tcp_rto_min(sk) > 2 ? tcp_rto_min(sk) : 2;

	return sk->icsk_delack_max < rto_min - 1 ? sk->icsk_delack_max : rto_min - 1;
}

/* How long the ACK waits: what was learnt from arrivals, within limits. */
static u32 delack_timeout(struct sim *s, const struct sock *sk)
{
	const struct kprofile *p = prof(s, sk->host);
	u32 ato = sk->icsk_ack_ato;
	u32 max_ato = HZ / 2;

	if (ato > p->tcp_delack_min) {
		u32 rtt = usecs_to_jiffies(sk->srtt_us >> 3);

		if (inet_csk_in_pingpong_mode(s, sk) || (sk->icsk_ack_pending & ICSK_ACK_PUSHED))
			max_ato = p->tcp_delack_max;
		if (rtt < p->tcp_delack_min)
			rtt = p->tcp_delack_min;
		if (sk->srtt_us && rtt < max_ato)
			max_ato = rtt;
		if (ato > max_ato)
			ato = max_ato;
	}
	return ato < tcp_delack_max(sk) || !KP(sk->host, delack_below_rto_min) ? ato : tcp_delack_max(sk);
}

void tcp_send_delayed_ack(struct sim *s, struct sock *sk)
{
	u32 ato = delack_timeout(s, sk);
	u64 when = in_jiffies(s, ato);

	FN_SK(tcp_send_delayed_ack, sk);
	if (sk->icsk_ack_pending & ICSK_ACK_TIMER) {
		u64 due = sk->icsk_delack_timeout_;

		if (DECIDE(delack_is_near, sk->host, due <= in_jiffies(s, ato >> 2),
			   due > s->w->now ? usecs_to_jiffies(due - s->w->now) : 0, ato >> 2)) {
			tcp_send_ack(s, sk);
			return;
		}
		if (when > due)
			when = due;
	}
	SET(sk->icsk_ack_pending, sk->icsk_ack_pending | ICSK_ACK_SCHED | ICSK_ACK_TIMER);
	SET(sk->icsk_delack_timeout_, when);
	sk_reset_timer(s, sk, TMR_DELACK, when);
}

/* ---- the owner lets go ------------------------------------------------------------------------------------------- */

void tcp_release_cb(struct sim *s, struct sock *sk)
{
	u8 flags = sk->sk_tsq_flags;

	FN_SK(tcp_release_cb, sk);
	SET(sk->sk_tsq_flags, 0);
	if (flags & TCPF_WRITE_TIMER_DEFERRED) {
		tcp_write_timer_handler(s, sk);
		sock_put(s, sk);
	}
	if (flags & TCPF_DELACK_TIMER_DEFERRED) {
		tcp_delack_timer_handler(s, sk);
		sock_put(s, sk);
	}
	if (flags & TCPF_MTU_REDUCED_DEFERRED) {
		tcp_v4_mtu_reduced(s, sk, sk->mtu_info);
		sock_put(s, sk);
	}
	if ((flags & TCPF_ACK_DEFERRED) && (sk->icsk_ack_pending & ICSK_ACK_SCHED))
		tcp_send_ack(s, sk);
}
