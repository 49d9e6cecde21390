/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sending (net/ipv4/tcp_output.c): how large a segment may be, what window it carries, how the unsent queue goes out.
 * The segments that are made on the spot (SYN, FIN, RST, ACK) stand in tcp_output_ctl.c, what is sent again, split or
 * probed in tcp_output_rtx.c: in one file the three would be too long to read.
 */
#include "engine/tcp_output.h"

#define MAX_TCP_OPTION_SPACE 40u
#define TCPOLEN_SACK_BASE_ALIGNED 4u
#define TCPOLEN_SACK_PERBLOCK 8u
#define TCP_MIN_SND_MSS 48u	/* net.ipv4.tcp_min_snd_mss */
#define GSO_MAX_SIZE 65215u	/* 64 KiB less the room that headers take */
#define MAX_TSO_DEFERRED_MSS 3u	/* tcp_max_tso_deferred_mss() */
#define PACING_SHIFT 10		/* sk_pacing_shift: about a millisecond's worth */

/* ---- how large a segment may be ---------------------------------------------------------------------------------- */

static u32 timestamp_space(const struct sock *sk)
{
	return sk->tstamp_ok ? TCPOLEN_TSTAMP_ALIGNED : 0u;
}

/* SACK blocks for the next segment, a D-SACK among them, as far as the header has room. */
static u32 sack_blocks(const struct sock *sk)
{
	u32 blocks = (u32)sk->num_sacks + sk->dsack;
	u32 room = MAX_TCP_OPTION_SPACE - timestamp_space(sk) - TCPOLEN_SACK_BASE_ALIGNED;

	return blocks < room / TCPOLEN_SACK_PERBLOCK ? blocks : room / TCPOLEN_SACK_PERBLOCK;
}

static u32 sack_space(const struct sock *sk)
{
	u32 blocks = sack_blocks(sk);

	return blocks ? TCPOLEN_SACK_BASE_ALIGNED + blocks * TCPOLEN_SACK_PERBLOCK : 0;
}

/* Pieces are at most half of the largest window that the peer ever offered, so that one can wait while one travels. */
static u32 tcp_bound_to_half_wnd(const struct sock *sk, u32 size)
{
	u32 cutoff = sk->max_window > TCP_MSS_DEFAULT ? sk->max_window >> 1 : sk->max_window;
	u32 least = 48u - timestamp_space(sk);

	if (!cutoff || size <= cutoff)
		return size;
	return cutoff > least ? cutoff : least;
}

static u32 tcp_mtu_to_mss(const struct sock *sk, u32 pmtu)
{
	u32 mss = pmtu - (DEVICE_MTU - TCP_BASE_MSS);

	if (mss > sk->mss_clamp)
		mss = sk->mss_clamp;
	if (mss < TCP_MIN_SND_MSS)
		mss = TCP_MIN_SND_MSS;
	return mss - timestamp_space(sk);
}

void tcp_sync_mss(struct sim *s, struct sock *sk, u32 pmtu)
{
	FN_SK(tcp_sync_mss, sk);
	SET(sk->icsk_pmtu_cookie, pmtu);
	SET(sk->mss_cache, tcp_bound_to_half_wnd(sk, tcp_mtu_to_mss(sk, pmtu)));
}

u32 tcp_current_mss(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_current_mss, sk);
	LEAF(tcp_established_options, sk->host, sk);
	return sk->mss_cache - sack_space(sk);
}

/* How many bytes one skb may collect: a whole number of segments that the device will cut. */
static u32 tcp_xmit_size_goal(struct sim *s, struct sock *sk, u32 mss_now, bool large_allowed)
{
	u32 segs = tcp_bound_to_half_wnd(sk, GSO_MAX_SIZE) / mss_now;

	FN_SK(tcp_xmit_size_goal, sk);
	large_allowed = large_allowed && !KP(sk->host, one_segment_per_skb);
	return large_allowed && segs > 1 ? segs * mss_now : mss_now;
}

u32 tcp_send_mss(struct sim *s, struct sock *sk, u32 *size_goal, u32 msg_flags)
{
	u32 mss_now;

	FN_SK(tcp_send_mss, sk);
	mss_now = tcp_current_mss(s, sk);
	*size_goal = tcp_xmit_size_goal(s, sk, mss_now, !(msg_flags & MSG_OOB_));
	return mss_now;
}

/* Bytes a second that the congestion window amounts to, with head room. kernel: tcp_update_pacing_rate() */
static u64 pacing_rate(const struct sock *sk)
{
	u64 rate = (u64)sk->mss_cache * ((USEC_PER_SEC / 100) << 3);
	u32 segs = sk->snd_cwnd > sk->packets_out ? sk->snd_cwnd : sk->packets_out;

	rate *= sk->snd_cwnd < sk->snd_ssthresh / 2 ? 200u : 120u;
	rate *= segs;
	return sk->srtt_us ? rate / sk->srtt_us : rate;
}

/* The longer the round trip, the smaller the trains, lest one burst fill a queue on the way. */
static u32 tcp_tso_autosize(struct sim *s, struct sock *sk, u32 mss_now)
{
	u32 log = (u32)sysctl_get(s, sk->host, SYSCTL_tcp_tso_rtt_log);
	u32 least = (u32)sysctl_get(s, sk->host, SYSCTL_tcp_min_tso_segs);
	u32 shift = log < 32 ? tcp_min_rtt(sk) >> log : 0;
	u64 bytes = shift < 32 ? GSO_MAX_SIZE >> shift : 0;
	u32 segs;

	FN_SK(tcp_tso_autosize, sk);
	if (bytes < GSO_MAX_SIZE)
		bytes += pacing_rate(sk) >> PACING_SHIFT;
	segs = (u32)((bytes < GSO_MAX_SIZE ? bytes : GSO_MAX_SIZE) / mss_now);
	return segs > least ? segs : least;
}

u32 tcp_tso_segs(struct sim *s, struct sock *sk, u32 mss_now)
{
	FN_SK(tcp_tso_segs, sk);
	return tcp_tso_autosize(s, sk, mss_now);
}

void tcp_set_skb_tso_segs(struct sim *s, struct skb *skb, u32 mss_now)
{
	u32 len = skb_len(skb);

	if (len <= mss_now) {
		SET(skb->gso_size, 0);
		SET(skb->gso_segs, 1);
		return;
	}
	SET(skb->gso_size, mss_now);
	SET(skb->gso_segs, (len + mss_now - 1) / mss_now);
}

/* ---- the window we offer ----------------------------------------------------------------------------------------- */

void tcp_select_initial_window(const struct sim *s, u8 host, s32 space, u32 mss, u32 *rcv_wnd, u32 *window_clamp,
			       bool wscale_ok, u8 *rcv_wscale, u32 init_rcv_wnd)
{
	u32 clamp = *window_clamp ? *window_clamp : 65535u << TCP_MAX_WSCALE;
	u32 room = space < 0 ? 0 : (u32)space;
	u32 largest = (u32)sysctl_get(s, host, SYSCTL_tcp_rmem_max);
	u8 scale = 0;

	if (room > clamp)
		room = clamp;
	if (room > mss)
		room -= room % mss;
	*rcv_wnd = init_rcv_wnd && room > init_rcv_wnd * mss ? init_rcv_wnd * mss : room;
	if (largest < room)
		largest = room;
	if (largest > clamp)
		largest = clamp;
	while (wscale_ok && scale < TCP_MAX_WSCALE && (largest >> scale) > 65535u)
		scale++;
	*rcv_wscale = scale;
	*window_clamp = clamp < 65535u << scale ? clamp : 65535u << scale;
}

static u32 align_to_scale(const struct sock *sk, u32 window)
{
	u32 unit = 1u << sk->rcv_wscale;

	return (window + unit - 1) & ~(unit - 1);
}

/*
 * The window moves in whole segments, and only when a whole segment more is free; or, where the buffer holds no whole one
 * (`half_counts`), half of the buffer more.
 */
static u32 window_in_segments(const struct sock *sk, s32 free_space, s32 full_space, s32 mss, bool half_counts)
{
	s32 window = (s32)sk->rcv_wnd;

	if (window <= free_space - mss || window > free_space)
		window = free_space - free_space % mss;
	else if (half_counts && mss == full_space && free_space > window + (full_space >> 1))
		window = free_space;
	return (u32)window;
}

/*
 * Less than half of the buffer is free: the window must not gain by rounding, nor stay open for the last sixteenth; older
 * kernels only look whether a segment fits. Returns 0 when it closes.
 */
static s32 scarce_space(struct sim *s, struct sock *sk, s32 free_space, s32 mss)
{
	u32 four_segs = 4u * sk->advmss;
	bool early = KP(sk->host, window_closes_early);

	SET(sk->icsk_ack_quick, 0);
	if (tcp_under_memory_pressure(s, sk) && sk->rcv_ssthresh > four_segs)
		SET(sk->rcv_ssthresh, four_segs);
	if (early)
		free_space &= ~((1 << sk->rcv_wscale) - 1);
	if (DECIDE(window_closes, sk->host, free_space < mss || (early && free_space < tcp_full_space(sk) >> 4),
		   free_space < 0 ? 0 : free_space, mss))
		return 0;
	return free_space;
}

u32 __tcp_select_window(struct sim *s, struct sock *sk)
{
	s32 mss = sk->icsk_ack_rcv_mss;
	s32 free_space = tcp_space(sk);
	s32 full_space = tcp_full_space(sk);
	bool in_segments;

	FN_SK(__tcp_select_window, sk);
	if ((s64)full_space > (s64)sk->window_clamp)
		full_space = (s32)sk->window_clamp;
	if (mss > full_space)
		mss = full_space;
	if (mss <= 0)
		return 0;
	if (free_space < full_space >> 1) {
		free_space = scarce_space(s, sk, free_space, mss);
		if (!free_space)
			return 0;
	}
	if ((u32)free_space > sk->rcv_ssthresh)
		free_space = (s32)sk->rcv_ssthresh;
	in_segments = KP(sk->host, window_moves_in_segments);
	if (sk->rcv_wscale && !in_segments)
		return align_to_scale(sk, (u32)free_space);
	return window_in_segments(sk, free_space, full_space, mss, !in_segments);
}

u16 tcp_select_window(struct sim *s, struct sock *sk)
{
	u32 old_win = sk->rcv_wnd;
	u32 cur_win = tcp_receive_window(sk);
	u32 new_win;

	FN_SK(tcp_select_window, sk);
	if (sk->icsk_ack_pending & ICSK_ACK_NOMEM) {
		SET(sk->rcv_wnd, 0);
		SET(sk->rcv_wup, sk->rcv_nxt);
		return 0;
	}
	new_win = __tcp_select_window(s, sk);
	if (DECIDE(window_may_not_shrink, sk->host, new_win < cur_win, new_win, cur_win)) {
		if (!new_win)
			NET_INC_STATS(sk->host, TCPWantZeroWindowAdv);
		new_win = KP(sk->host, window_moves_in_segments) ? cur_win : align_to_scale(sk, cur_win);
	}
	SET(sk->rcv_wnd, new_win);
	SET(sk->rcv_wup, sk->rcv_nxt);
	if (new_win > 65535u << sk->rcv_wscale)
		new_win = 65535u << sk->rcv_wscale;
	new_win >>= sk->rcv_wscale;
	if (!new_win && old_win)
		NET_INC_STATS(sk->host, TCPToZeroWindowAdv);
	else if (new_win && !old_win)
		NET_INC_STATS(sk->host, TCPFromZeroWindowAdv);
	return (u16)new_win;
}

/* ---- one segment goes out ---------------------------------------------------------------------------------------- */

static void tcp_syn_options(struct sim *s, struct sock *sk, const struct skb *skb, struct seg *g)
{
	FN_SK(tcp_syn_options, sk);
	g->mss = sk->advmss;
	if (sysctl_get(s, sk->host, SYSCTL_tcp_timestamps)) {
		g->opts |= SEG_OPT_TS;
		g->tsval = (u32)(skb->skb_mstamp_us / 1000) + sk->tsoffset;
		g->tsecr = sk->ts_recent;
	}
	if (sysctl_get(s, sk->host, SYSCTL_tcp_window_scaling)) {
		g->opts |= SEG_OPT_WSCALE;
		g->wscale = sk->rcv_wscale;
	}
	if (sysctl_get(s, sk->host, SYSCTL_tcp_sack))
		g->opts |= SEG_OPT_SACKOK;
}

static void tcp_established_options(struct sim *s, struct sock *sk, const struct skb *skb, struct seg *g)
{
	FN_SK(tcp_established_options, sk);
	if (sk->tstamp_ok) {
		g->opts |= SEG_OPT_TS;
		g->tsval = (u32)(skb->skb_mstamp_us / 1000) + sk->tsoffset;
		g->tsecr = sk->ts_recent;
	}
	g->nsack = (u8)sack_blocks(sk);
}

static void write_sack_block(struct seg *g, u8 at, const struct sack_block *b)
{
	g->sack[at][0] = b->start_seq;
	g->sack[at][1] = b->end_seq;
}

/* A D-SACK stands first, and is told once. */
static void tcp_options_write(struct sim *s, struct sock *sk, struct seg *g)
{
	u8 at = 0;

	FN_SK(tcp_options_write, sk);
	if (!g->nsack)
		return;
	if (sk->dsack)
		write_sack_block(g, at++, &sk->duplicate_sack);
	for (u8 i = 0; at < g->nsack; i++)
		write_sack_block(g, at++, &sk->selective_acks[i]);
	SET(sk->dsack, 0);
}

static void build_header(struct sim *s, struct sock *sk, const struct skb *skb, u32 rcv_nxt, struct seg *g)
{
	g->sport = sk->inet_sport;
	g->dport = sk->inet_dport;
	g->flags = skb->tcp_flags;
	g->seq = skb->seq;
	g->len = skb_len(skb);
	g->ack = skb->tcp_flags & TCPHDR_ACK ? rcv_nxt : 0;
	if (skb->tcp_flags & TCPHDR_SYN) {
		tcp_syn_options(s, sk, skb, g);
		g->win = (u16)(sk->rcv_wnd < 65535u ? sk->rcv_wnd : 65535u);
		return;
	}
	tcp_established_options(s, sk, skb, g);
	if (tcp_skb_pcount(skb) > 1)
		g->flags |= TCPHDR_PSH; /* the receiver may pass the whole train up at its end */
	g->win = tcp_select_window(s, sk);
	tcp_options_write(s, sk, g);
}

static void tcp_dec_quickack_mode(struct sim *s, struct sock *sk)
{
	u8 acks = sk->icsk_ack_pending & ICSK_ACK_SCHED ? 1 : 0;

	FN_SK(tcp_dec_quickack_mode, sk);
	if (!sk->icsk_ack_quick)
		return;
	if (acks < sk->icsk_ack_quick) {
		SUB(sk->icsk_ack_quick, acks);
		return;
	}
	SET(sk->icsk_ack_quick, 0);
	SET(sk->icsk_ack_ato, prof(s, sk->host)->tcp_ato_min);
}

/* Whatever carries an ACK settles the one that was owed. */
static void tcp_event_ack_sent(struct sim *s, struct sock *sk, u32 rcv_nxt)
{
	FN_SK(tcp_event_ack_sent, sk);
	if (rcv_nxt != sk->rcv_nxt)
		return;
	tcp_dec_quickack_mode(s, sk);
	inet_csk_clear_xmit_timer(s, sk, ICSK_TIME_DACK);
}

/* Data sent soon after data came: this end answers, so its ACKs can ride on the answers. */
static void tcp_event_data_sent(struct sim *s, struct sock *sk)
{
	u32 most = KP(sk->host, pingpong_is_yes_or_no) ? 1 : UINT8_MAX;
	u32 now = tcp_jiffies32(s);

	FN_SK(tcp_event_data_sent, sk);
	if (prof(s, sk->host)->silence_ends_when_sent)
		tcp_slow_start_after_idle_check(s, sk);
	SET(sk->lsndtime, now);
	if (now - sk->icsk_ack_lrcvtime < sk->icsk_ack_ato && sk->icsk_ack_pingpong < most)
		ADD(sk->icsk_ack_pingpong, 1);
}

/*
 * To the wire, one segment for each gso_size bytes. They are one packet for the IP layer, so what fails fails with the
 * first of them.
 */
static int queue_xmit(struct sim *s, struct sock *sk, const struct skb *skb, const struct seg *train)
{
	u32 step = skb->gso_size;
	u32 sent = 0;

	if (tcp_skb_pcount(skb) <= 1)
		return ip_queue_xmit(s, sk->host, sk, train);
	do {
		struct seg g = *train;
		int err;

		g.seq += sent;
		g.len = train->len - sent < step ? train->len - sent : step;
		s->more_of_skb = sent + g.len < train->len;
		if (s->more_of_skb)
			g.flags &= (u8) ~(TCPHDR_FIN | TCPHDR_PSH);
		err = ip_queue_xmit(s, sk->host, sk, &g);
		s->more_of_skb = 0;
		if (err && !sent)
			return err;
		sent += g.len;
	} while (sent < train->len);
	return 0;
}

static void tcp_update_skb_after_send(struct sim *s, struct sock *sk, struct skb *skb)
{
	FN_SK(tcp_update_skb_after_send, sk);
	SET(skb->tx_delivered_, sk->delivered);
	tsorted_append(s, sk, skb);
}

int __tcp_transmit_skb(struct sim *s, struct sock *sk, struct skb *skb, bool clone_it, u32 rcv_nxt)
{
	struct seg g = { .proto = SEG_TCP };
	int err;

	FN_SK(__tcp_transmit_skb, sk);
	SET(skb->skb_mstamp_us, tcp_clock_us(s));
	build_header(s, sk, skb, rcv_nxt, &g);
	if (skb->tcp_flags & TCPHDR_ACK)
		tcp_event_ack_sent(s, sk, rcv_nxt);
	if (g.len)
		tcp_event_data_sent(s, sk);
	if (after(skb->end_seq, sk->snd_nxt) || skb->seq == skb->end_seq)
		NET_ADD_STATS(sk->host, OutSegs, tcp_skb_pcount(skb));
	err = queue_xmit(s, sk, skb, &g);
	if (err > 0)
		tcp_enter_cwr(s, sk);
	if (!err && clone_it)
		tcp_update_skb_after_send(s, sk, skb);
	return err;
}

int tcp_transmit_skb(struct sim *s, struct sock *sk, struct skb *skb, bool clone_it)
{
	FN_SK(tcp_transmit_skb, sk);
	return __tcp_transmit_skb(s, sk, skb, clone_it, sk->rcv_nxt);
}

struct skb *tcp_alloc_nondata_skb(struct sim *s, struct sock *sk, u32 seq, u8 flags)
{
	struct skb *skb = alloc_skb(s, sk);

	if (!skb)
		return NULL;
	SET(skb->tcp_flags, flags);
	SET(skb->seq, seq);
	SET(skb->end_seq, seq + (flags & (TCPHDR_SYN | TCPHDR_FIN) ? 1u : 0u));
	SET(skb->truesize, tx_skb_truesize(0));
	return skb;
}

int tcp_transmit_once(struct sim *s, struct sock *sk, struct skb *skb)
{
	int err = tcp_transmit_skb(s, sk, skb, false);

	kfree_skb(s, skb);
	return err;
}

/* ---- the unsent queue -------------------------------------------------------------------------------------------- */

/* After a silence the congestion window is no longer proven: it halves for each RTO, down to the initial one. */
static void tcp_cwnd_restart(struct sim *s, struct sock *sk, s32 idle)
{
	u32 cwnd = sk->snd_cwnd;
	u32 restart = tcp_init_cwnd(s, sk);

	FN_SK(tcp_cwnd_restart, sk);
	SET(sk->snd_ssthresh, tcp_current_ssthresh(sk));
	if (restart > cwnd)
		restart = cwnd;
	for (idle -= (s32)sk->icsk_rto; idle > 0 && cwnd > restart; idle -= (s32)sk->icsk_rto)
		cwnd >>= 1;
	SET(sk->snd_cwnd, cwnd > restart ? cwnd : restart);
}

void tcp_slow_start_after_idle_check(struct sim *s, struct sock *sk)
{
	s32 idle = (s32)(tcp_jiffies32(s) - sk->lsndtime);

	FN_SK(tcp_slow_start_after_idle_check, sk);
	if (!sysctl_get(s, sk->host, SYSCTL_tcp_slow_start_after_idle) || sk->packets_out)
		return;
	if (!DECIDE(idle_for_an_rto, sk->host, idle > (s32)sk->icsk_rto, idle, sk->icsk_rto))
		return;
	(void)KP(sk->host, silence_ends_when_sent); /* what leaves depends on when this is asked only if there was a silence */
	tcp_cwnd_restart(s, sk, idle);
}

void tcp_queue_skb(struct sim *s, struct sock *sk, struct skb *skb)
{
	FN_SK(tcp_queue_skb, sk);
	SET(sk->write_seq, skb->end_seq);
	skq_append(s, &sk->sk_write_queue, skb);
	ADD(sk->sk_wmem_queued, (s32)skb->truesize);
}

void tcp_skb_entail(struct sim *s, struct sock *sk, struct skb *skb)
{
	FN_SK(tcp_skb_entail, sk);
	SET(skb->seq, sk->write_seq);
	SET(skb->end_seq, sk->write_seq);
	SET(skb->tcp_flags, TCPHDR_ACK);
	SET(skb->truesize, tx_skb_truesize(0));
	skq_append(s, &sk->sk_write_queue, skb);
	ADD(sk->sk_wmem_queued, (s32)skb->truesize);
	SET(sk->nonagle, sk->nonagle & ~TCP_NAGLE_PUSH);
	if (!prof(s, sk->host)->silence_ends_when_sent)
		tcp_slow_start_after_idle_check(s, sk);
}

void tcp_event_new_data_sent(struct sim *s, struct sock *sk, struct skb *skb)
{
	u32 prior_packets = sk->packets_out;

	FN_SK(tcp_event_new_data_sent, sk);
	SET(sk->snd_nxt, skb->end_seq);
	skq_unlink(s, &sk->sk_write_queue, skb);
	skq_append(s, &sk->tcp_rtx_queue, skb);
	ADD(sk->packets_out, tcp_skb_pcount(skb));
	if (!prior_packets || sk->icsk_pending == ICSK_TIME_LOSS_PROBE)
		tcp_rearm_rto(s, sk);
	NET_ADD_STATS(sk->host, TCPOrigDataSent, tcp_skb_pcount(skb));
	if (KP(sk->host, sent_data_makes_room))
		tcp_check_space(s, sk);
}

/* ---- what holds the unsent queue back ---------------------------------------------------------------------------- */

/* Segments that the congestion window lets out at once: half of it at most, so that two trains are always under way. */
static u32 tcp_cwnd_test(struct sim *s, struct sock *sk, bool fin)
{
	u32 in_flight = tcp_packets_in_flight(sk);
	u32 half = sk->snd_cwnd > 1 ? sk->snd_cwnd >> 1 : 1;

	FN_SK(tcp_cwnd_test, sk);
	if (fin && !KP(sk->host, fin_waits_for_cwnd))
		return 1; /* a FIN alone puts no load on the path */
	if (DECIDE(cwnd_is_full, sk->host, in_flight >= sk->snd_cwnd, in_flight, sk->snd_cwnd))
		return 0;
	return half < sk->snd_cwnd - in_flight ? half : sk->snd_cwnd - in_flight;
}

/* A segment shorter than the MSS that was sent last is not acknowledged yet. */
static bool tcp_minshall_check(const struct sock *sk)
{
	return after(sk->snd_sml, sk->snd_una) && !after(sk->snd_sml, sk->snd_nxt);
}

static bool tcp_nagle_check(const struct sock *sk, bool partial, int nonagle)
{
	return partial && ((nonagle & TCP_NAGLE_CORK) || (!nonagle && sk->packets_out && tcp_minshall_check(sk)));
}

static bool tcp_nagle_test(struct sim *s, struct sock *sk, const struct skb *skb, u32 cur_mss, int nonagle)
{
	bool holds = tcp_nagle_check(sk, skb_len(skb) < cur_mss, nonagle);

	FN_SK(tcp_nagle_test, sk);
	if ((nonagle & TCP_NAGLE_PUSH) || (skb->tcp_flags & TCPHDR_FIN))
		return true;
	return !DECIDE(nagle_holds, sk->host, holds, skb_len(skb), cur_mss);
}

/* Whether so little of the head's round trip is left that waiting for its ACK costs nothing. */
static bool ack_is_near(struct sim *s, const struct sock *sk)
{
	const struct skb *head = tcp_rtx_queue_head(s, sk);
	s64 srtt_ns = (s64)sk->srtt_us * (NSEC_PER_USEC >> 3);
	s64 threshold = srtt_ns / 2 < 1000 * NSEC_PER_USEC ? srtt_ns / 2 : 1000 * NSEC_PER_USEC;

	if (!head)
		return false;
	return (s64)(head->skb_mstamp_us - s->w->now) * NSEC_PER_USEC + srtt_ns <= threshold;
}

/* A train that is held back may still grow; one that can grow no more is worth waiting with only if it is cut short. */
static bool tcp_tso_should_defer(struct sim *s, struct sock *sk, const struct skb *skb, bool *cwnd_limited,
				 u32 max_segs)
{
	const struct skb *latest = skb_at(s, sk->tsorted_tail);
	u32 len = skb_len(skb);
	u32 send_win = tcp_wnd_end(sk) - skb->seq;
	u32 cong_win = (sk->snd_cwnd - tcp_packets_in_flight(sk)) * sk->mss_cache;
	u32 limit = send_win < cong_win ? send_win : cong_win;
	u32 chunk = sk->snd_cwnd * sk->mss_cache;
	u32 divisor = (u32)sysctl_get(s, sk->host, SYSCTL_tcp_tso_win_divisor);

	FN_SK(tcp_tso_should_defer, sk);
	/* no longer than a millisecond after the last: what takes one by this clock takes a little more by any other */
	if (sk->icsk_ca_state >= TCP_CA_Recovery || !latest || s->w->now - latest->skb_mstamp_us >= 1000)
		return false;
	if (chunk > sk->snd_wnd)
		chunk = sk->snd_wnd;
	if (divisor ? limit >= chunk / divisor : limit > MAX_TSO_DEFERRED_MSS * sk->mss_cache)
		return false;
	if (limit >= max_segs * sk->mss_cache || (skb != tcp_write_queue_tail(s, sk) && limit >= len))
		return false;
	if (!DECIDE(train_waits_for_ack, sk->host, ack_is_near(s, sk), limit, len))
		return false;
	if (limit > len)
		return !(skb->tcp_flags & TCPHDR_FIN) && !skb->eor;
	if (cong_win < send_win)
		*cwnd_limited = true;
	return true;
}

/* How many bytes of skb go out now. */
static u32 tcp_mss_split_point(struct sim *s, struct sock *sk, const struct skb *skb, u32 mss_now, u32 max_segs,
			       int nonagle)
{
	u32 window = tcp_wnd_end(sk) - skb->seq;
	u32 max_len = mss_now * max_segs;
	u32 needed = skb_len(skb) < window ? skb_len(skb) : window;
	u32 partial = needed % mss_now;

	LEAF(tcp_mss_split_point, sk->host, sk);
	if (max_len <= window && skb != tcp_write_queue_tail(s, sk))
		return max_len;
	if (max_len <= needed)
		return max_len;
	return tcp_nagle_check(sk, partial != 0, nonagle) ? needed - partial : needed;
}

static bool tso_fragment(struct sim *s, struct sock *sk, struct skb *skb, u32 len, u32 mss_now)
{
	FN_SK(tso_fragment, sk);
	return tcp_split_skb(s, sk, &sk->sk_write_queue, skb, len, mss_now) != NULL;
}

/* Fills skb up to `size` bytes from the one behind it. */
static void tcp_grow_skb(struct sim *s, struct sock *sk, struct skb *skb, u32 size)
{
	struct skb *next = skb_next(s, skb);
	u32 bytes;

	FN_SK(tcp_grow_skb, sk);
	if (!next || skb->eor || !skb_len(next) || skb_len(skb) >= size)
		return;
	bytes = size - skb_len(skb) < skb_len(next) ? size - skb_len(skb) : skb_len(next);
	SET(skb->end_seq, skb->end_seq + bytes);
	SET(next->seq, next->seq + bytes);
	ADD(skb->truesize, bytes);
	SUB(next->truesize, bytes);
	if (skb_len(next))
		return;
	SET(skb->end_seq, next->end_seq); /* a FIN */
	SET(skb->eor, next->eor);
	SET(skb->tcp_flags, skb->tcp_flags | next->tcp_flags);
	skq_unlink(s, &sk->sk_write_queue, next);
	SUB(sk->sk_wmem_queued, (s32)next->truesize);
	kfree_skb(s, next);
}

/* Whether the flight fills the congestion window: growth is only earned by using it. */
static void tcp_cwnd_validate(struct sim *s, struct sock *sk, bool is_cwnd_limited)
{
	FN_SK(tcp_cwnd_validate, sk);
	if (before(sk->snd_una, sk->cwnd_usage_seq) && !is_cwnd_limited &&
	    (sk->is_cwnd_limited || sk->packets_out <= sk->max_packets_out))
		return;
	SET(sk->is_cwnd_limited, is_cwnd_limited);
	SET(sk->max_packets_out, sk->packets_out);
	SET(sk->cwnd_usage_seq, sk->snd_nxt);
}

/* ---- the unsent queue goes out ----------------------------------------------------------------------------------- */

enum { PUSH_ALL = 0, PUSH_ONE = 1, PUSH_PROBE = 2 };

struct xmit {
	u32 mss_now;
	u32 max_segs;
	u32 sent;
	int nonagle;
	int push_one;
	bool cwnd_limited;
};

/* Segments that congestion control lets out of the head; 0: it waits. */
static u32 xmit_quota(struct sim *s, struct sock *sk, const struct skb *skb, const struct xmit *x)
{
	bool lone_fin = (skb->tcp_flags & TCPHDR_FIN) && skb_len(skb) <= x->mss_now;
	u32 quota = tcp_cwnd_test(s, sk, lone_fin);

	if (!quota && x->push_one == PUSH_PROBE)
		quota = 1; /* a loss probe is sent whatever the congestion window says */
	return quota < x->max_segs ? quota : x->max_segs;
}

/* Makes skb, the head of the queue, what may go out now. False: it has to wait. */
static bool xmit_prepare(struct sim *s, struct sock *sk, struct skb *skb, struct xmit *x)
{
	u32 quota = xmit_quota(s, sk, skb, x);
	u32 limit = x->mss_now;

	if (!quota)
		return false;
	if (KP(sk->host, unsent_skbs_grow))
		tcp_grow_skb(s, sk, skb, quota * x->mss_now);
	tcp_set_skb_tso_segs(s, skb, x->mss_now);
	LEAF(tcp_snd_wnd_test, sk->host, sk);
	if (DECIDE(peer_window_too_small, sk->host, !tcp_snd_wnd_test(sk, skb, x->mss_now), skb->end_seq - sk->snd_una,
		   sk->snd_wnd))
		return false;
	if (tcp_skb_pcount(skb) == 1) {
		if (!tcp_nagle_test(s, sk, skb, x->mss_now, skb->next ? TCP_NAGLE_PUSH : x->nonagle))
			return false;
	} else {
		if (!x->push_one && tcp_tso_should_defer(s, sk, skb, &x->cwnd_limited, x->max_segs))
			return false;
		limit = tcp_mss_split_point(s, sk, skb, x->mss_now, quota, x->nonagle);
	}
	if (skb_len(skb) > limit && !tso_fragment(s, sk, skb, limit, x->mss_now))
		return false;
	return skb->end_seq != skb->seq;
}

bool tcp_write_xmit(struct sim *s, struct sock *sk, u32 mss_now, int nonagle, int push_one)
{
	struct xmit x = { .mss_now = mss_now, .nonagle = nonagle, .push_one = push_one };
	bool full_window_counts = KP(sk->host, full_window_counts);
	struct skb *skb;

	FN_SK(tcp_write_xmit, sk);
	x.max_segs = tcp_tso_segs(s, sk, mss_now);
	while ((skb = tcp_send_head(s, sk)) != NULL) {
		if (!xmit_prepare(s, sk, skb, &x) || tcp_transmit_skb(s, sk, skb, true))
			break;
		tcp_event_new_data_sent(s, sk, skb);
		if (skb_len(skb) < tcp_skb_pcount(skb) * mss_now)
			SET(sk->snd_sml, skb->end_seq);
		x.sent += tcp_skb_pcount(skb);
		if (push_one)
			break;
	}
	if (tcp_packets_in_flight(sk) >= sk->snd_cwnd)
		x.cwnd_limited = true;
	if (full_window_counts && (x.sent || x.cwnd_limited))
		tcp_cwnd_validate(s, sk, x.cwnd_limited);
	if (!x.sent)
		return !sk->packets_out && tcp_send_head(s, sk) != NULL;
	if (tcp_in_cwnd_reduction(sk))
		ADD(sk->prr_out, x.sent);
	if (push_one != PUSH_PROBE)
		tcp_schedule_loss_probe(s, sk, false);
	if (!full_window_counts)
		tcp_cwnd_validate(s, sk, x.cwnd_limited);
	return false;
}

/* Something waits, nothing is on its way and no timer runs: only a probe can find out when the window opens. */
static void tcp_check_probe_timer(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_check_probe_timer, sk);
	if (DECIDE(window_must_be_probed, sk->host, tcp_check_probe_timer_needed(sk), sk->packets_out,
		   sk->icsk_pending))
		tcp_reset_xmit_timer(s, sk, ICSK_TIME_PROBE0, tcp_probe0_base(s, sk), tcp_rto_max(sk));
}

void __tcp_push_pending_frames(struct sim *s, struct sock *sk, u32 cur_mss, int nonagle)
{
	FN_SK(__tcp_push_pending_frames, sk);
	if (sk->sk_state == TCP_CLOSE)
		return;
	if (tcp_write_xmit(s, sk, cur_mss, nonagle, PUSH_ALL))
		tcp_check_probe_timer(s, sk);
}

void tcp_push_one(struct sim *s, struct sock *sk, u32 mss_now)
{
	FN_SK(tcp_push_one, sk);
	tcp_write_xmit(s, sk, mss_now, TCP_NAGLE_PUSH, PUSH_ONE);
}

void tcp_push(struct sim *s, struct sock *sk, u32 msg_flags, u32 mss_now, int nonagle, u32 size_goal)
{
	struct skb *skb = tcp_write_queue_tail(s, sk);

	FN_SK(tcp_push, sk);
	(void)size_goal; /* only for autocorking, and nothing of ours waits below IP */
	if (!skb)
		return;
	if (!(msg_flags & MSG_MORE_) || after(sk->write_seq, sk->pushed_seq + (sk->max_window >> 1)))
		tcp_mark_push(s, sk, skb);
	__tcp_push_pending_frames(s, sk, mss_now, msg_flags & MSG_MORE_ ? TCP_NAGLE_CORK : nonagle);
}
