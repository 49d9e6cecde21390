/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a segment does to its sock: the FIN, the state machine (net/ipv4/tcp_input.c). What else the kernel's file holds:
 * whether a segment is acceptable, and resets, are in tcp_validate.c, buffers and the ACKs that are owed in tcp_rcvbuf.c,
 * acknowledgements and loss recovery in tcp_ack.c, the beginning of connections in tcp_open.c, data in tcp_ofo.c.
 */
#include "engine/tcp_rcv.h"

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
