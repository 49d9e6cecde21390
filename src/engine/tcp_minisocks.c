/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections without a full sock, before it and after it: requests and TIME_WAIT (net/ipv4/tcp_minisocks.c). */
#include "engine/tcp.h"

/* ---- what both ask of a segment ---------------------------------------------------------------------------------- */

static bool tcp_in_window(u32 seq, u32 end_seq, u32 s_win, u32 e_win)
{
	if (seq == s_win)
		return true;
	if (after(end_seq, s_win) && before(seq, e_win))
		return true;
	return seq == e_win && seq == end_seq;
}

static bool has_tstamp(const struct seg *g)
{
	return (g->opts & SEG_OPT_TS) != 0;
}

/*
 * Protection against wrapped sequence numbers: the segment's timestamp is older than the newest that was taken, which
 * was at second `stamp`. A RST is judged so for 60 s only.
 */
static bool tcp_paws_reject(struct sim *s, const struct seg *g, u32 ts_recent, u32 stamp)
{
	s32 age = (s32)(ktime_get_seconds(s) - stamp);

	if ((s32)(ts_recent - g->tsval) <= 0 || !ts_recent || age >= TCP_PAWS_WRAP)
		return false;
	return !(g->flags & TCPHDR_RST) || age < TCP_PAWS_MSL;
}

/* ---- TIME_WAIT: segments ----------------------------------------------------------------------------------------- */

/* An ACK answers nonsense, but for segments that occupy no sequence space not more often than each 500 ms. */
static enum tcp_tw_status tcp_timewait_check_oow_rate_limit(struct sim *s, struct tw *tw, const struct seg *g,
							    enum mib_id mib)
{
	FN(tcp_timewait_check_oow_rate_limit, tw->host, tw);
	if (!tcp_oow_rate_limited(s, tw->host, g, mib, &tw->tw_last_oow_ack_time))
		return TCP_TW_ACK_OOW;
	inet_twsk_put(s, tw);
	return TCP_TW_SUCCESS;
}

static enum tcp_tw_status tw_ignores(struct sim *s, struct tw *tw)
{
	inet_twsk_put(s, tw);
	return TCP_TW_SUCCESS;
}

static enum tcp_tw_status tw_killed(struct sim *s, struct tw *tw)
{
	inet_twsk_deschedule_put(s, tw);
	return TCP_TW_SUCCESS;
}

/* The caller sends the RST. What then ends the minisocket, ended it before that in older kernels. */
static enum tcp_tw_status tw_resets(struct sim *s, struct tw *tw)
{
	if (KP(tw->host, tw_dies_before_rst))
		inet_twsk_deschedule_put(s, tw);
	return TCP_TW_RST;
}

/* The FIN that was waited for. */
static enum tcp_tw_status tw_takes_fin(struct sim *s, struct tw *tw, const struct seg *g, bool tstamp)
{
	SET(tw->tw_substate, TCP_TIME_WAIT);
	SET(tw->tw_rcv_nxt, seg_end_seq(g));
	if (tstamp) {
		SET(tw->tw_entry_stamp, tcp_clock_ms(s));
		SET(tw->tw_ts_recent_stamp, ktime_get_seconds(s));
		SET(tw->tw_ts_recent, g->tsval);
	}
	inet_twsk_reschedule(s, tw, tw->tw_timeout);
	return TCP_TW_ACK;
}

/* The half-closed connection of an orphan, still open for the peer's FIN and for nothing else. */
static enum tcp_tw_status tw_fin_wait2(struct sim *s, struct tw *tw, const struct seg *g, bool paws, bool tstamp)
{
	u32 rcv_nxt = tw->tw_rcv_nxt;
	u32 end_seq = seg_end_seq(g);
	u8 host = tw->host;

	if (DECIDE(tw_out_of_window, host, paws || !tcp_in_window(g->seq, end_seq, rcv_nxt, rcv_nxt + tw->tw_rcv_wnd),
		   g->seq - tw->peer_isn_, rcv_nxt - tw->peer_isn_))
		return tcp_timewait_check_oow_rate_limit(s, tw, g, MIB_TCPACKSkippedFinWait2);
	if (DECIDE(fin_wait2_reset, host, g->flags & TCPHDR_RST, g->flags, 0))
		return tw_killed(s, tw);
	if (DECIDE(fin_wait2_new_syn, host, (g->flags & TCPHDR_SYN) && !before(g->seq, rcv_nxt), g->seq - tw->peer_isn_,
		   rcv_nxt - tw->peer_isn_))
		return tw_resets(s, tw);
	if (DECIDE(fin_wait2_nothing_new, host,
		   (!(g->flags & TCPHDR_ACK) && KP(host, fin_wait2_wants_ack)) || !after(end_seq, rcv_nxt) || end_seq == g->seq, end_seq - tw->peer_isn_,
		   rcv_nxt - tw->peer_isn_))
		return tw_ignores(s, tw);
	if (DECIDE(fin_wait2_new_data, host, !(g->flags & TCPHDR_FIN) || end_seq != rcv_nxt + 1,
		   end_seq - tw->peer_isn_, rcv_nxt - tw->peer_isn_))
		return tw_resets(s, tw);
	return tw_takes_fin(s, tw, g, tstamp);
}

/* A RST with exactly the next sequence number, or an empty segment with it. */
static enum tcp_tw_status tw_exact_segment(struct sim *s, struct tw *tw, const struct seg *g, bool tstamp)
{
	s32 rfc1337 = sysctl_get(s, tw->host, SYSCTL_tcp_rfc1337);
	bool restarts = !(g->flags & TCPHDR_RST);

	if (!restarts && DECIDE(time_wait_assassinated, tw->host, !rfc1337, rfc1337, g->seq - tw->peer_isn_))
		return tw_killed(s, tw);
	if (restarts || KP(tw->host, rfc1337_rst_restarts))
		inet_twsk_reschedule(s, tw, prof(s, tw->host)->tcp_timewait_len);
	if (tstamp) {
		SET(tw->tw_ts_recent, g->tsval);
		SET(tw->tw_ts_recent_stamp, ktime_get_seconds(s));
	}
	return tw_ignores(s, tw);
}

/* A SYN that cannot be an old duplicate: beyond the old connection by sequence number or by timestamp. */
static bool tw_syn_acceptable(struct sim *s, const struct tw *tw, const struct seg *g, bool paws, bool tstamp)
{
	if ((g->flags & (TCPHDR_SYN | TCPHDR_RST | TCPHDR_ACK)) != TCPHDR_SYN)
		return false;
	return DECIDE(time_wait_syn_is_new, tw->host,
		      !paws && (after(g->seq, tw->tw_rcv_nxt) || (tstamp && (s32)(tw->tw_ts_recent - g->tsval) < 0)),
		      g->seq - tw->peer_isn_, tw->tw_rcv_nxt - tw->peer_isn_);
}

static enum tcp_tw_status tw_time_wait(struct sim *s, struct tw *tw, const struct seg *g, bool paws, bool tstamp,
				       u32 *tw_isn)
{
	bool empty = seg_end_seq(g) == g->seq;

	if (!paws && g->seq == tw->tw_rcv_nxt && (empty || (g->flags & TCPHDR_RST)))
		return tw_exact_segment(s, tw, g, tstamp);
	if (tw_syn_acceptable(s, tw, g, paws, tstamp)) {
		u32 isn = tw->tw_snd_nxt + 65535 + 2;

		*tw_isn = isn ? isn : 1;
		return TCP_TW_SYN;
	}
	if (paws && mib_exists(MIB_PAWSTimewait, host_of(s, tw->host)->profile))
		NET_INC_STATS(tw->host, PAWSTimewait);
	else if (paws)
		NET_INC_STATS(tw->host, PAWSEstab);
	if (DECIDE(time_wait_stray_rst, tw->host, g->flags & TCPHDR_RST, g->seq - tw->peer_isn_,
		   tw->tw_rcv_nxt - tw->peer_isn_))
		return tw_ignores(s, tw);
	if (DECIDE(time_wait_restarts, tw->host, paws || (g->flags & TCPHDR_ACK), paws, g->flags))
		inet_twsk_reschedule(s, tw, prof(s, tw->host)->tcp_timewait_len);
	return tcp_timewait_check_oow_rate_limit(s, tw, g, MIB_TCPACKSkippedTimeWait);
}

enum tcp_tw_status tcp_timewait_state_process(struct sim *s, struct tw *tw, const struct seg *g, u32 *tw_isn)
{
	bool tstamp = has_tstamp(g) && tw->tw_ts_recent_stamp;
	bool paws;

	FN(tcp_timewait_state_process, tw->host, tw);
	if (tstamp)
		LEAF(tcp_parse_options, tw->host, tw);
	paws = tstamp && tcp_paws_reject(s, g, tw->tw_ts_recent, tw->tw_ts_recent_stamp);
	if (DECIDE(substate_is_fin_wait2, tw->host, tw->tw_substate == TCP_FIN_WAIT2, tw->tw_substate, 0))
		return tw_fin_wait2(s, tw, g, paws, tstamp);
	return tw_time_wait(s, tw, g, paws, tstamp, tw_isn);
}

/* ---- TIME_WAIT: its beginning ------------------------------------------------------------------------------------ */

static void tw_take_over(struct sim *s, struct tw *tw, const struct sock *sk)
{
	SET(tw->tw_rcv_wscale, sk->rcv_wscale);
	SET(tw->tw_rcv_nxt, sk->rcv_nxt);
	SET(tw->tw_snd_nxt, sk->snd_nxt);
	SET(tw->tw_rcv_wnd, tcp_receive_window(sk));
	SET(tw->tw_ts_recent, sk->ts_recent);
	SET(tw->tw_ts_recent_stamp, sk->ts_recent_stamp);
	SET(tw->tw_ts_offset, sk->tsoffset);
	SET(tw->tw_entry_stamp, tcp_clock_ms(s));
}

/* tcp_tw_recycle: where the peer's timestamps are known, they and not time keep old segments away. */
static bool tw_is_recycled(const struct sim *s, const struct sock *sk)
{
	return sysctl_get(s, sk->host, SYSCTL_tcp_tw_recycle) && sk->ts_recent_stamp;
}

void tcp_time_wait(struct sim *s, struct sock *sk, u8 state, u32 timeo)
{
	u32 least = (sk->icsk_rto << 2) - (sk->icsk_rto >> 1);
	struct tw *tw;

	FN_SK(tcp_time_wait, sk);
	tw = inet_twsk_alloc(s, sk, state);
	if (DECIDE(minisocket_made, sk->host, tw != NULL, state, 0)) {
		tw_take_over(s, tw, sk);
		if (DECIDE(timeout_raised_to_rto, sk->host, timeo < least, timeo, least))
			timeo = least;
		SET(tw->tw_timeout, tw_is_recycled(s, sk) ? least : prof(s, sk->host)->tcp_timewait_len);
		if (state == TCP_TIME_WAIT)
			timeo = tw->tw_timeout;
		inet_twsk_hashdance_schedule(s, tw, sk, timeo);
	} else {
		NET_INC_STATS(sk->host, TCPTimeWaitOverflow);
	}
	tcp_update_metrics(s, sk);
	tcp_done(s, sk);
}

/* ---- requests ---------------------------------------------------------------------------------------------------- */

/* The timestamp says that the segment is old, or (*tsecr_bad) echoes what no SYN-ACK of ours said. */
static bool req_tstamp_bad(struct sim *s, const struct req *rq, const struct seg *g, u32 rto_max, bool *tsecr_bad)
{
	u64 timeout = (u64)rq->timeout << (rq->num_timeout > 31 ? 31 : rq->num_timeout);
	u32 first = (u32)(rq->snt_synack / 1000) + rq->ts_off;

	*tsecr_bad = false;
	if (!has_tstamp(g))
		return false;
	if (g->tsecr && rq->tstamp_ok && rq->snt_synack && KP(rq->host, tsecr_is_checked))
		*tsecr_bad = !between(g->tsecr, first, rq->snt_tsval_last);
	/* when ts_recent was taken is not kept; the age of the request's timeout stands for it */
	if (timeout > rto_max)
		timeout = rto_max;
	return tcp_paws_reject(s, g, rq->ts_recent, ktime_get_seconds(s) - (u32)(timeout / HZ));
}

static u32 tcp_synack_window(const struct req *rq)
{
	return rq->rsk_rcv_wnd < 65535u ? rq->rsk_rcv_wnd : 65535u;
}

/* The peer repeats its SYN: so does our SYN-ACK, and its timer begins anew. */
static void req_repeat_synack(struct sim *s, struct sock *listener, const struct seg *g, struct req *rq)
{
	if (tcp_oow_rate_limited(s, rq->host, g, MIB_TCPACKSkippedSynRecv, &rq->last_oow_ack_time))
		return;
	if (tcp_rtx_synack(s, listener, rq) != 0 || !timer_pending(&rq->rsk_timer) ||
	    !KP(rq->host, repeated_syn_restarts_timer))
		return;
	mod_timer(s, rq->host, rq, &rq->rsk_timer, TMR_RSK, reqsk_expires(s, listener, reqsk_timeout(rq)));
}

/* Out of window, or PAWS: true when the segment ends here, with an ACK where one may go out. */
static bool req_unacceptable(struct sim *s, const struct seg *g, struct req *rq, bool paws, bool tsecr_bad)
{
	bool in_window = tcp_in_window(g->seq, seg_end_seq(g), rq->rcv_nxt, rq->rcv_nxt + tcp_synack_window(rq));

	if (!DECIDE(request_out_of_window, rq->host, paws || tsecr_bad || !in_window, g->seq - rq->rcv_isn,
		    paws || tsecr_bad))
		return false;
	if (!(g->flags & TCPHDR_RST) &&
	    !tcp_oow_rate_limited(s, rq->host, g, MIB_TCPACKSkippedSynRecv, &rq->last_oow_ack_time))
		tcp_v4_reqsk_send_ack(s, g, rq);
	if (paws)
		NET_INC_STATS(rq->host, PAWSEstab);
	else if (tsecr_bad)
		NET_INC_STATS(rq->host, TSEcrRejected);
	return true;
}

static void req_embryonic_reset(struct sim *s, struct sock *listener, const struct seg *g, struct req *rq)
{
	if (!(g->flags & TCPHDR_RST))
		tcp_v4_send_reset(s, rq->host, listener, g);
	if (inet_csk_reqsk_queue_drop(s, listener, rq))
		NET_INC_STATS(listener->host, EmbryonicRsts);
}

/* The ACK that ends the handshake: the request becomes a sock. */
static struct sock *req_finish(struct sim *s, struct sock *listener, const struct seg *g, struct req *rq)
{
	struct sock *child = tcp_v4_syn_recv_sock(s, listener, g, rq);
	s32 abort_on_overflow = sysctl_get(s, rq->host, SYSCTL_tcp_abort_on_overflow);

	if (child) {
		if (has_tstamp(g) && !after(g->seq, rq->rcv_nxt))
			SET(child->ts_recent, g->tsval);
		tcp_synack_rtt_meas(s, child, rq);
		return inet_csk_complete_hashdance(s, listener, child, rq);
	}
	if (DECIDE(overflow_resets, rq->host, abort_on_overflow, abort_on_overflow, listener->sk_ack_backlog))
		req_embryonic_reset(s, listener, g, rq);
	else
		SET(rq->acked, 1);
	return NULL;
}

/* A RST that is not at rcv_nxt may be a guess: the peer, if it sent that, will make it exact. */
static void req_challenge(struct sim *s, const struct seg *g, struct req *rq)
{
	if (tcp_oow_rate_limited(s, rq->host, g, MIB_TCPACKSkippedChallenge, &rq->last_oow_ack_time))
		return;
	NET_INC_STATS(rq->host, TCPChallengeACK);
	tcp_v4_reqsk_send_ack(s, g, rq);
}

/* The checks of RFC 9293 in their order, once the segment is none of the special ones. */
static struct sock *req_process(struct sim *s, struct sock *listener, const struct seg *g, struct req *rq, u8 flags)
{
	if (KP(rq->host, req_rst_must_be_exact) &&
	    DECIDE(request_rst_inexact, rq->host, (flags & TCPHDR_RST) && g->seq != rq->rcv_nxt,
		   g->seq - rq->rcv_isn, rq->rcv_nxt - rq->rcv_isn)) {
		req_challenge(s, g, rq);
		return NULL;
	}
	if (g->seq == rq->rcv_isn)
		flags &= (u8)~TCPHDR_SYN; /* the SYN lies before the window: cut off */
	if (DECIDE(request_reset, rq->host, flags & (TCPHDR_RST | TCPHDR_SYN), flags, g->seq - rq->rcv_isn)) {
		if (KP(rq->host, done_counts_attempt_fails))
			NET_INC_STATS(rq->host, AttemptFails);
		req_embryonic_reset(s, listener, g, rq);
		return NULL;
	}
	if (!(flags & TCPHDR_ACK))
		return NULL;
	if (DECIDE(accept_is_deferred, rq->host,
		   rq->num_timeout < listener->rskq_defer_accept && seg_end_seq(g) == rq->rcv_isn + 1, rq->num_timeout,
		   listener->rskq_defer_accept)) {
		SET(rq->acked, 1);
		NET_INC_STATS(rq->host, TCPDeferAcceptDrop);
		return NULL;
	}
	return req_finish(s, listener, g, rq);
}

struct sock *tcp_check_req(struct sim *s, struct sock *listener, const struct seg *g, struct req *rq)
{
	u8 flags = g->flags & (TCPHDR_RST | TCPHDR_SYN | TCPHDR_ACK);
	bool paws, tsecr_bad;

	FN(tcp_check_req, rq->host, rq);
	if (has_tstamp(g))
		LEAF(tcp_parse_options, rq->host, rq);
	paws = req_tstamp_bad(s, rq, g, TCP_RTO_MAX_SEC * HZ, &tsecr_bad);
	if (DECIDE(request_syn_repeated, rq->host, g->seq == rq->rcv_isn && flags == TCPHDR_SYN && !paws, flags,
		   rq->num_timeout)) {
		req_repeat_synack(s, listener, g, rq);
		return NULL;
	}
	if (DECIDE(request_wrong_ack, rq->host, (flags & TCPHDR_ACK) && g->ack != rq->snt_isn + 1,
		   flags & TCPHDR_ACK ? g->ack - rq->snt_isn : 0, 1))
		return listener;
	if (req_unacceptable(s, g, rq, paws, tsecr_bad))
		return NULL;
	return req_process(s, listener, g, rq, flags);
}

/* ---- children ---------------------------------------------------------------------------------------------------- */

static void openreq_sequences(struct sim *s, struct sock *sk, const struct req *rq)
{
	u32 rcv = rq->rcv_isn + 1;
	u32 snd = rq->snt_isn + 1;

	SET(sk->isn_, rq->snt_isn);
	SET(sk->peer_isn_, rq->rcv_isn);
	SET(sk->rcv_wup, rcv);
	SET(sk->copied_seq, rcv);
	SET(sk->rcv_nxt, rcv);
	SET(sk->snd_sml, snd);
	SET(sk->snd_una, snd);
	SET(sk->snd_nxt, snd);
	SET(sk->write_seq, snd);
	SET(sk->pushed_seq, snd);
	SET(sk->snd_wl1, rq->rcv_isn);
	SET(sk->rtt_min_us, UINT32_MAX);
	SET(sk->rtt_min_stamp, s->w->now);
	SET(sk->icsk_ack_lrcvtime, tcp_jiffies32(s));
	SET(sk->lsndtime, tcp_jiffies32(s));
	SET(sk->total_retrans, rq->num_retrans);
}

static void openreq_windows(struct sim *s, struct sock *sk, const struct req *rq, const struct seg *g)
{
	SET(sk->window_clamp, rq->rsk_window_clamp);
	SET(sk->rcv_ssthresh, rq->rsk_rcv_wnd);
	SET(sk->rcv_wnd, rq->rsk_rcv_wnd);
	SET(sk->wscale_ok, rq->wscale_ok);
	SET(sk->snd_wscale, rq->wscale_ok ? rq->snd_wscale : 0);
	SET(sk->rcv_wscale, rq->wscale_ok ? rq->rcv_wscale : 0);
	if (!rq->wscale_ok && sk->window_clamp > 65535u)
		SET(sk->window_clamp, 65535u);
	SET(sk->snd_wnd, (u32)g->win << sk->snd_wscale);
	SET(sk->max_window, sk->snd_wnd);
}

static void openreq_options(struct sim *s, struct sock *sk, const struct req *rq, const struct seg *g)
{
	SET(sk->tstamp_ok, rq->tstamp_ok);
	SET(sk->sack_ok, rq->sack_ok);
	SET(sk->ts_recent, rq->tstamp_ok ? rq->ts_recent : 0);
	SET(sk->ts_recent_stamp, rq->tstamp_ok ? ktime_get_seconds(s) : 0);
	SET(sk->tsoffset, rq->ts_off);
	SET(sk->mss_clamp, rq->mss);
	if (rq->num_timeout) {
		/* the SYN-ACK was repeated: what follows may show that it was for nothing */
		SET(sk->total_rto, rq->num_timeout);
		SET(sk->undo_marker, rq->snt_isn);
		SET(sk->retrans_stamp, (u32)(rq->snt_synack / 1000));
	}
	if (g->len >= TCP_MSS_DEFAULT)
		SET(sk->icsk_ack_last_seg_size, g->len);
}

/* What the host uses now counts, and not what it used when the listener was made; unless somebody chose for the listener. */
void tcp_ca_openreq_child(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_ca_openreq_child, sk);
	if (!sk->icsk_ca_setsockopt)
		tcp_assign_congestion_control(s, sk);
	tcp_set_ca_state(s, sk, TCP_CA_Open);
}

struct sock *tcp_create_openreq_child(struct sim *s, struct sock *listener, struct req *rq, const struct seg *g)
{
	struct sock *newsk;

	FN_SK(tcp_create_openreq_child, listener);
	newsk = inet_csk_clone_lock(s, listener, rq);
	openreq_sequences(s, newsk, rq);
	tcp_init_xmit_timers(s, newsk);
	if (sock_flag(newsk, SOCK_KEEPOPEN))
		tcp_reset_keepalive_timer(s, newsk,
					  newsk->keepalive_time ?
						  newsk->keepalive_time :
						  (u32)sysctl_get(s, newsk->host, SYSCTL_tcp_keepalive_time) * HZ);
	openreq_options(s, newsk, rq, g);
	openreq_windows(s, newsk, rq, g);
	NET_INC_STATS(newsk->host, PassiveOpens);
	return newsk;
}

int tcp_child_process(struct sim *s, struct sock *listener, struct sock *child, const struct seg *g)
{
	u8 state = child->sk_state;
	int ret;

	FN_SK(tcp_child_process, child);
	BUG_ON(sock_owned_by_user(child)); /* nobody knows it yet */
	ret = tcp_rcv_state_process(s, child, g);
	if (state == TCP_SYN_RECV && child->sk_state != state)
		sock_def_readable(s, listener);
	sock_put(s, child);
	return ret;
}
