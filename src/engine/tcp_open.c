/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a connection comes about: the options of a SYN, SYN_SENT, requests at a listener, and what a sock needs before
 * data can move. The kernel has this in net/ipv4/tcp_input.c; it stands apart because none of it matters once a
 * connection is there.
 */
#include "engine/tcp_rcv.h"

/* ---- options of a SYN -------------------------------------------------------------------------------------------- */

static u16 offered_mss(const struct seg *g, u16 user_mss)
{
	return user_mss && user_mss < g->mss ? user_mss : g->mss;
}

static u8 offered_wscale(const struct seg *g)
{
	return g->wscale < TCP_MAX_WSCALE ? g->wscale : (u8)TCP_MAX_WSCALE;
}

/* In SYN_SENT all options are negotiated, later only a timestamp counts. */
void tcp_parse_options(struct sim *s, struct sock *sk, const struct seg *g)
{
	bool established = sk->sk_state != TCP_SYN_SENT;
	bool syn = has(g, TCPHDR_SYN) && !established;

	FN_SK(tcp_parse_options, sk);
	SET(sk->saw_tstamp, 0);
	if ((g->opts & SEG_OPT_TS) &&
	    (established ? sk->tstamp_ok != 0 : sysctl_get(s, sk->host, SYSCTL_tcp_timestamps) != 0))
		take_tstamp(s, sk, g);
	if (!syn)
		return;
	if (g->mss)
		SET(sk->mss_clamp, offered_mss(g, sk->user_mss));
	if ((g->opts & SEG_OPT_WSCALE) && sysctl_get(s, sk->host, SYSCTL_tcp_window_scaling)) {
		SET(sk->wscale_ok, 1);
		SET(sk->snd_wscale, offered_wscale(g));
	}
	if ((g->opts & SEG_OPT_SACKOK) && sysctl_get(s, sk->host, SYSCTL_tcp_sack)) {
		SET(sk->sack_ok, 1);
		tcp_sack_reset(s, sk);
	}
}

/* ---- a connection comes about ------------------------------------------------------------------------------------ */

u32 tcp_init_cwnd(const struct sim *s, const struct sock *sk)
{
	u32 segs = sk->mss_cache > 1460 ? 2 : sk->mss_cache > 1095 ? 3 : 4; /* RFC 2414 */
	bool slow = sk->srtt_us > (20000u << 3) && sk->snd_ssthresh >= TCP_INFINITE_SSTHRESH;

	if (!KP(sk->host, rtt_must_be_remembered))
		return KP(sk->host, tcp_init_cwnd);
	return !sk->srtt_us || slow ? 2 : min_u32(segs, sk->snd_ssthresh);
}

/* The echo shows the time of our first SYN (or SYN-ACK): repeating it was for nothing. */
void tcp_try_undo_spurious_syn(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_try_undo_spurious_syn, sk);
	if (KP(sk->host, spurious_syn_is_undone) && sk->undo_marker && sk->retrans_stamp && sk->saw_tstamp &&
	    sk->retrans_stamp == sk->rcv_tsecr)
		SET(sk->undo_marker, 0);
}

/* kernel: net/ipv4/tcp_metrics.c. Nothing is remembered from earlier connections. */
static void tcp_init_metrics(struct sim *s, struct sock *sk)
{
	u32 fallback = prof(s, sk->host)->tcp_timeout_fallback;
	u32 us = (u32)jiffies_to_usecs(fallback);
	bool none;

	FN_SK(tcp_init_metrics, sk);
	if (KP(sk->host, rtt_must_be_remembered))
		none = DECIDE(rtt_is_forgotten, sk->host, !sk->saw_tstamp && sk->srtt_us, sk->srtt_us, sk->saw_tstamp);
	else
		none = DECIDE(handshake_gave_no_rtt, sk->host, !sk->srtt_us, sk->srtt_us, fallback);
	if (!none)
		return;
	SET(sk->srtt_us, 0);
	SET(sk->rttvar_us, us);
	SET(sk->mdev_us, us);
	SET(sk->mdev_max_us, us);
	SET(sk->icsk_rto, fallback);
}

void tcp_init_transfer(struct sim *s, struct sock *sk)
{
	bool unproven = KP(sk->host, rtt_must_be_remembered); /* nothing is, so the window stays at its two segments */
	bool undoes = KP(sk->host, spurious_syn_is_undone);

	FN_SK(tcp_init_transfer, sk);
	tcp_init_metrics(s, sk);
	if (sk->total_retrans > 1 && (sk->undo_marker || !undoes) && !unproven)
		SET(sk->snd_cwnd, 1);
	else if (!unproven)
		SET(sk->snd_cwnd, tcp_init_cwnd(s, sk));
	if (!sk->icsk_ca_initialized)
		tcp_init_congestion_control(s, sk);
	tcp_init_buffer_space(s, sk);
}

static u32 keepalive_time_when(const struct sim *s, const struct sock *sk)
{
	return sk->keepalive_time ? sk->keepalive_time :
				    (u32)sysctl_get(s, sk->host, SYSCTL_tcp_keepalive_time) * HZ;
}

void tcp_finish_connect(struct sim *s, struct sock *sk, const struct seg *g)
{
	FN_SK(tcp_finish_connect, sk);
	(void)g;
	tcp_set_state(s, sk, TCP_ESTABLISHED);
	SET(sk->icsk_ack_lrcvtime, tcp_jiffies32(s));
	tcp_init_transfer(s, sk);
	SET(sk->lsndtime, tcp_jiffies32(s));
	if (sock_flag(sk, SOCK_KEEPOPEN))
		tcp_reset_keepalive_timer(s, sk, keepalive_time_when(s, sk));
}

/* ---- SYN_SENT ---------------------------------------------------------------------------------------------------- */

/* What was negotiated from a segment that turned out to be useless is forgotten. */
static void synsent_undo(struct sim *s, struct sock *sk, u16 saved_clamp)
{
	SET(sk->tstamp_ok, 0);
	SET(sk->sack_ok, 0);
	SET(sk->wscale_ok, 0);
	SET(sk->snd_wscale, 0);
	SET(sk->mss_clamp, saved_clamp);
}

/* False: the ACK is of something that was never sent, or echoes an impossible timestamp. */
static bool synsent_ack_good(struct sim *s, struct sock *sk, const struct seg *g)
{
	bool wrong = !after(g->ack, sk->snd_una) || after(g->ack, sk->snd_nxt) ||
		     (g->ack != sk->snd_nxt && KP(sk->host, synsent_ack_must_be_exact));

	if (DECIDE(synsent_ack_is_wrong, sk->host, wrong, g->ack - sk->isn_, sk->snd_nxt - sk->isn_)) {
		/* perhaps our SYN met the rest of an old connection, which the RST will end: try again soon */
		if (!sk->icsk_retransmits && KP(sk->host, wrong_synack_hurries_syn))
			tcp_reset_xmit_timer(s, sk, ICSK_TIME_RETRANS, prof(s, sk->host)->tcp_timeout_min,
					     tcp_rto_max(sk));
		return false;
	}
	if (sk->saw_tstamp && sk->rcv_tsecr && !between(sk->rcv_tsecr, sk->retrans_stamp, tcp_clock_ms(s))) {
		NET_INC_STATS(sk->host, PAWSActive);
		return false;
	}
	return true;
}

/* Sequence numbers, window and options as the peer's SYN gives them. */
static void synsent_take_syn(struct sim *s, struct sock *sk, const struct seg *g)
{
	SET(sk->rcv_nxt, g->seq + 1);
	SET(sk->rcv_wup, g->seq + 1);
	SET(sk->copied_seq, g->seq + 1);
	sk_isn_known(s, sk, sk->isn_, g->seq);
	SET(sk->snd_wl1, g->seq);
	SET(sk->snd_wnd, g->win); /* never scaled in a SYN */
	if (sk->saw_tstamp) {
		SET(sk->tstamp_ok, 1);
		tcp_store_ts_recent(s, sk);
	}
}

/* Our SYN is acknowledged, and here is the peer's. */
static int synsent_connected(struct sim *s, struct sock *sk, const struct seg *g)
{
	bool answer_later;

	SET(sk->snd_wl1, g->seq);
	tcp_try_undo_spurious_syn(s, sk);
	tcp_ack(s, sk, g, FLAG_SLOWPATH);
	synsent_take_syn(s, sk, g);
	if (!sk->wscale_ok) {
		SET(sk->snd_wscale, 0);
		SET(sk->rcv_wscale, 0);
		SET(sk->window_clamp, min_u32(sk->window_clamp, 65535u));
	}
	if (sk->saw_tstamp)
		SUB(sk->advmss, TCPOLEN_TSTAMP_ALIGNED);
	tcp_sync_mss(s, sk, sk->icsk_pmtu_cookie);
	tcp_initialize_rcv_mss(s, sk);
	tcp_finish_connect(s, sk, g);
	if (!sock_flag(sk, SOCK_DEAD)) {
		sock_def_wakeup(s, sk);
		sk_wake_async(s, sk);
	}
	answer_later = sk->sk_write_pending || sk->rskq_defer_accept || inet_csk_in_pingpong_mode(s, sk);
	if (DECIDE(handshake_ack_waits, sk->host, answer_later, sk->sk_write_pending, sk->icsk_ack_pingpong)) {
		schedule_ack(s, sk);
		tcp_enter_quickack_mode(s, sk, prof(s, sk->host)->tcp_max_quickacks);
		tcp_reset_delack_timer(s, sk, prof(s, sk->host)->tcp_delack_max);
		consume(s, sk);
		return SYNSENT_DONE;
	}
	tcp_send_ack(s, sk);
	return SYNSENT_GOES_ON;
}

/* The peer's SYN without an ACK: both have connected to each other at the same time. */
static void synsent_simultaneous(struct sim *s, struct sock *sk, const struct seg *g)
{
	tcp_set_state(s, sk, TCP_SYN_RECV);
	synsent_take_syn(s, sk, g);
	SET(sk->max_window, sk->snd_wnd);
	tcp_sync_mss(s, sk, sk->icsk_pmtu_cookie);
	tcp_initialize_rcv_mss(s, sk);
	tcp_send_synack(s, sk);
	consume(s, sk);
}

int tcp_rcv_synsent_state_process(struct sim *s, struct sock *sk, const struct seg *g)
{
	u16 saved_clamp = sk->mss_clamp;
	bool acked = has(g, TCPHDR_ACK);

	FN_SK(tcp_rcv_synsent_state_process, sk);
	tcp_parse_options(s, sk, g);
	if (acked && !synsent_ack_good(s, sk, g)) {
		synsent_undo(s, sk, saved_clamp);
		return SYNSENT_RESET;
	}
	if (acked && has(g, TCPHDR_RST)) {
		tcp_reset(s, sk, g);
		consume(s, sk);
		return SYNSENT_DONE;
	}
	if (acked && has(g, TCPHDR_SYN))
		return synsent_connected(s, sk, g);
	if (DECIDE(open_is_simultaneous, sk->host,
		   !acked && has(g, TCPHDR_SYN) && !has(g, TCPHDR_RST) &&
			   !(sk->ts_recent_stamp && sk->saw_tstamp && paws_too_old(s, sk, 0)),
		   g->flags, 0)) {
		synsent_simultaneous(s, sk, g);
		return SYNSENT_DONE;
	}
	synsent_undo(s, sk, saved_clamp);
	discard(s, sk);
	return SYNSENT_DONE;
}

/* ---- a SYN at a listener ----------------------------------------------------------------------------------------- */

static void request_options(struct sim *s, const struct sock *sk, struct req *rq, const struct seg *g)
{
	u8 host = sk->host;

	LEAF(tcp_parse_options, host, rq);
	SET(rq->mss, g->mss ? offered_mss(g, sk->user_mss) : (u16)TCP_MSS_DEFAULT);
	if ((g->opts & SEG_OPT_TS) && sysctl_get(s, host, SYSCTL_tcp_timestamps)) {
		SET(rq->tstamp_ok, 1);
		SET(rq->ts_recent, g->tsval);
	}
	if ((g->opts & SEG_OPT_SACKOK) && sysctl_get(s, host, SYSCTL_tcp_sack))
		SET(rq->sack_ok, 1);
	if ((g->opts & SEG_OPT_WSCALE) && sysctl_get(s, host, SYSCTL_tcp_window_scaling)) {
		SET(rq->wscale_ok, 1);
		SET(rq->snd_wscale, offered_wscale(g));
	}
}

static void tcp_openreq_init(struct sim *s, struct req *rq, const struct seg *g)
{
	FN(tcp_openreq_init, rq->host, rq);
	SET(rq->rcv_isn, g->seq);
	SET(rq->rcv_nxt, g->seq + 1);
	SET(rq->ir_loc_addr, rq->host + 1);
	SET(rq->ir_rmt_addr, 2 - rq->host);
	SET(rq->ir_num, g->dport);
	SET(rq->ir_rmt_port, g->sport);
}

/* The window that the SYN-ACK offers. */
static void tcp_openreq_init_rwin(struct sim *s, struct sock *sk, struct req *rq)
{
	u32 space = (u32)tcp_full_space(sk);
	u32 mss = sk->user_mss && sk->user_mss < TCP_BASE_MSS ? sk->user_mss : TCP_BASE_MSS;
	u32 clamp = sk->window_clamp;
	u32 window = 0;
	u8 wscale = 0;

	FN(tcp_openreq_init_rwin, rq->host, rq);
	if ((sk->sk_userlocks & SOCK_RCVBUF_LOCK) && (clamp > space || !clamp))
		clamp = space;
	tcp_select_initial_window(s, sk->host, (s32)space, mss - (rq->tstamp_ok ? TCPOLEN_TSTAMP_ALIGNED : 0), &window,
				  &clamp, rq->wscale_ok != 0, &wscale, 0);
	SET(rq->rsk_rcv_wnd, window);
	SET(rq->rsk_window_clamp, clamp);
	SET(rq->rcv_wscale, wscale);
}

static u32 power_of_two_from(u32 least, u32 wanted)
{
	u32 size = least;

	while (size < wanted && size < 1u << 30)
		size <<= 1;
	return size;
}

/* How many half-open connections are too many. Older kernels made a table when listen() was called. */
static u32 syn_queue_size(struct sim *s, const struct sock *sk)
{
	u32 backlog = sk->sk_max_ack_backlog;
	u32 most = (u32)sysctl_get(s, sk->host, SYSCTL_tcp_max_syn_backlog);

	if (KP(sk->host, syn_queue_ignores_backlog))
		return power_of_two_from(64, most);
	most = min_u32(backlog, most) + 1;
	return KP(sk->host, syn_queue_holds_16) ? power_of_two_from(16, most) : most;
}

/* True: no place for one more half-open, or one more finished connection. */
static bool request_refused(struct sim *s, struct sock *sk, u32 isn)
{
	u32 size = syn_queue_size(s, sk);

	/* a SYN that came through TIME_WAIT is no flood */
	if (!isn && DECIDE(syn_queue_is_full, sk->host, sk->syn_qlen_ >= size, sk->syn_qlen_, size)) {
		NET_INC_STATS(sk->host, TCPReqQFullDrop);
		return true;
	}
	if (DECIDE(accept_queue_is_full, sk->host,
		   sk_acceptq_is_full(sk) && (!KP(sk->host, syn_dropped_if_two_young) ||
					      reqsk_queue_len_young(s, SK_HND(sk)) > 1), sk->sk_ack_backlog,
		   sk->sk_max_ack_backlog)) {
		if (KP(sk->host, dropped_syn_counts_listen))
			NET_INC_STATS(sk->host, ListenOverflows);
		return true;
	}
	return false;
}

int tcp_conn_request(struct sim *s, struct sock *sk, const struct seg *g, u32 isn)
{
	struct req *rq;

	FN_SK(tcp_conn_request, sk);
	if (request_refused(s, sk, isn)) {
		if (KP(sk->host, dropped_syn_counts_listen))
			NET_INC_STATS(sk->host, ListenDrops);
		else
			NET_INC_STATS(sk->host, AttemptFails);
		return 0;
	}
	rq = inet_reqsk_alloc(s, sk);
	request_options(s, sk, rq, g);
	tcp_openreq_init(s, rq, g);
	SET(rq->snt_isn, isn ? isn : tcp_new_isn(s, sk->host));
	tcp_openreq_init_rwin(s, sk, rq);
	inet_csk_reqsk_queue_hash_add(s, sk, rq, KP(sk->host, tcp_timeout_init));
	tcp_v4_send_synack(s, sk, rq);
	reqsk_put(s, rq);
	return 0;
}
