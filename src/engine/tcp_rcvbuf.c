/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a receiver has room for and which ACKs it owes: the size of the peer's segments, the window, quick ACKs, and what is
 * looked at when a segment has been dealt with. The kernel has it in net/ipv4/tcp_input.c, which is long without it.
 */
#include "engine/tcp_rcv.h"

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

void tcp_data_snd_check(struct sim *s, struct sock *sk)
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
void __tcp_ack_snd_check(struct sim *s, struct sock *sk, bool ofo_possible)
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

void tcp_ack_snd_check(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_ack_snd_check, sk);
	if (sk->icsk_ack_pending & ICSK_ACK_SCHED)
		__tcp_ack_snd_check(s, sk, true);
}
