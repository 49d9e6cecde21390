/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Received data: the way into the receive queue, the out-of-order queue, and the SACK and D-SACK blocks that tell the
 * peer about them. The kernel has all this in the middle of net/ipv4/tcp_input.c; it stands here because it is one
 * subject (what a receiver holds and reports) and tcp_input.c is long without it.
 *
 * The out-of-order queue is kept sorted and without overlaps: what a new segment brings twice is cut off where it is
 * stored. The kernel keeps overlapping buffers whole until they are read. The SACK blocks are the same; where three segments
 * overlap each other, what is reported as a duplicate and counted as TCPOFOMerge can differ.
 */
#include "engine/tcp_rcv.h"

/* ---- the list of blocks ------------------------------------------------------------------------------------------ */

static void block_set(struct sim *s, struct sack_block *b, u32 start, u32 end)
{
	SET(b->start_seq, start);
	SET(b->end_seq, end);
}

void tcp_sack_reset(struct sim *s, struct sock *sk)
{
	SET(sk->dsack, 0);
	SET(sk->num_sacks, 0);
}

/* True: the range touched the block, and is part of it now. */
static bool tcp_sack_extend(struct sim *s, struct sack_block *b, u32 seq, u32 end_seq)
{
	if (after(seq, b->end_seq) || after(b->start_seq, end_seq))
		return false;
	if (before(seq, b->start_seq))
		SET(b->start_seq, seq);
	if (after(end_seq, b->end_seq))
		SET(b->end_seq, end_seq);
	return true;
}

void tcp_dsack_set(struct sim *s, struct sock *sk, u32 seq, u32 end_seq)
{
	FN_SK(tcp_dsack_set, sk);
	if (!tcp_is_sack(sk) || !sysctl_get(s, sk->host, SYSCTL_tcp_dsack))
		return;
	if (before(seq, sk->rcv_nxt))
		NET_INC_STATS(sk->host, TCPDSACKOldSent);
	else
		NET_INC_STATS(sk->host, TCPDSACKOfoSent);
	SET(sk->dsack, 1);
	block_set(s, &sk->duplicate_sack, seq, end_seq);
}

static void tcp_dsack_extend(struct sim *s, struct sock *sk, u32 seq, u32 end_seq)
{
	FN_SK(tcp_dsack_extend, sk);
	if (sk->dsack)
		tcp_sack_extend(s, &sk->duplicate_sack, seq, end_seq);
	else
		tcp_dsack_set(s, sk, seq, end_seq);
}

/* Takes block i out of the list. */
static void block_zap(struct sim *s, struct sock *sk, u32 i)
{
	struct sack_block *b = sk->selective_acks;

	SUB(sk->num_sacks, 1);
	for (; i < sk->num_sacks; i++)
		block_set(s, &b[i], b[i + 1].start_seq, b[i + 1].end_seq);
}

/* Moves the first i blocks one place back: the first place is free then. */
static void blocks_shift(struct sim *s, struct sock *sk, u32 i)
{
	struct sack_block *b = sk->selective_acks;

	for (; i > 0; i--)
		block_set(s, &b[i], b[i - 1].start_seq, b[i - 1].end_seq);
}

/* The first block has grown: those that it touches now become part of it. */
static void tcp_sack_maybe_coalesce(struct sim *s, struct sock *sk)
{
	struct sack_block *b = sk->selective_acks;
	u32 i = 1;

	FN_SK(tcp_sack_maybe_coalesce, sk);
	while (i < sk->num_sacks) {
		if (tcp_sack_extend(s, b, b[i].start_seq, b[i].end_seq))
			block_zap(s, sk, i);
		else
			i++;
	}
}

/* The latest arrival is told first: its block moves to, or begins, the front of the list. */
static void tcp_sack_new_ofo_skb(struct sim *s, struct sock *sk, u32 seq, u32 end_seq)
{
	struct sack_block *b = sk->selective_acks;
	u32 n = sk->num_sacks;
	u32 i;

	FN_SK(tcp_sack_new_ofo_skb, sk);
	for (i = 0; i < n; i++) {
		if (tcp_sack_extend(s, &b[i], seq, end_seq)) {
			struct sack_block grown = b[i];

			blocks_shift(s, sk, i);
			block_set(s, b, grown.start_seq, grown.end_seq);
			tcp_sack_maybe_coalesce(s, sk);
			return;
		}
	}
	if (DECIDE(oldest_block_forgotten, sk->host, n == TCP_NUM_SACKS, n, TCP_NUM_SACKS))
		n--;
	blocks_shift(s, sk, n);
	block_set(s, b, seq, end_seq);
	SET(sk->num_sacks, n + 1);
}

/* Drops blocks that rcv_nxt has passed. */
static void tcp_sack_remove(struct sim *s, struct sock *sk)
{
	u32 i = 0;

	FN_SK(tcp_sack_remove, sk);
	if (!sk->out_of_order_queue.qlen) {
		SET(sk->num_sacks, 0);
		return;
	}
	while (i < sk->num_sacks) {
		if (before(sk->rcv_nxt, sk->selective_acks[i].start_seq))
			i++;
		else
			block_zap(s, sk, i);
	}
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static void rmem_charge(struct sim *s, struct sock *sk, u32 truesize)
{
	ADD(sk->sk_rmem_alloc, (s32)truesize);
}

static void rmem_uncharge(struct sim *s, struct sock *sk, u32 truesize)
{
	SUB(sk->sk_rmem_alloc, (s32)truesize);
}

/* Takes one out of the out-of-order queue, for good. */
static void ofo_drop(struct sim *s, struct sock *sk, struct skb *skb)
{
	skq_unlink(s, &sk->out_of_order_queue, skb);
	rmem_uncharge(s, sk, skb->truesize);
	LEAF(kfree_skb_reason, sk->host, sk);
	kfree_skb(s, skb);
}

void tcp_ofo_purge(struct sim *s, struct sock *sk)
{
	struct skb *skb;

	FN_SK(skb_rbtree_purge, sk);
	for (skb = skq_head(s, &sk->out_of_order_queue); skb; skb = skb_next(s, skb))
		rmem_uncharge(s, sk, skb->truesize);
	skq_purge(s, &sk->out_of_order_queue);
}

/*
 * Gives up out-of-order data, the last first, an eighth of the buffer at a time (older kernels: all of it); SACK allows
 * taking a promise back.
 */
static void tcp_prune_ofo_queue(struct sim *s, struct sock *sk, u32 seq)
{
	bool all = KP(sk->host, prune_takes_all), spares = KP(sk->host, prune_spares_earlier);
	s32 goal = sk->sk_rcvbuf >> 3;
	bool pruned = false;
	struct skb *skb;

	FN_SK(tcp_prune_ofo_queue, sk);
	while ((skb = skq_tail(s, &sk->out_of_order_queue)) != NULL && !(spares && after(seq, skb->seq))) {
		goal -= (s32)skb->truesize;
		ofo_drop(s, sk, skb);
		pruned = true;
		if (goal <= 0 && !all) {
			if (sk->sk_rmem_alloc <= sk->sk_rcvbuf)
				break;
			goal = sk->sk_rcvbuf >> 3;
		}
	}
	if (pruned && tcp_is_sack(sk))
		tcp_sack_reset(s, sk);
}

/* Whether memory can be had for a segment that begins at `seq`; takes it from the out-of-order queue if need be. */
static bool tcp_try_rmem_schedule(struct sim *s, struct sock *sk, u32 seq)
{
	FN_SK(tcp_try_rmem_schedule, sk);
	if (!DECIDE(receive_memory_is_full, sk->host, sk->sk_rmem_alloc > sk->sk_rcvbuf, sk->sk_rmem_alloc,
		    sk->sk_rcvbuf))
		return true;
	tcp_prune_ofo_queue(s, sk, seq);
	return sk->sk_rmem_alloc <= sk->sk_rcvbuf;
}

/* ---- into the receive queue -------------------------------------------------------------------------------------- */

/*
 * The segment as a buffer, in no queue and not charged yet. It came from the wire as one, so that no allocation of this
 * host can fail here.
 */
static struct skb *skb_of_seg(struct sim *s, const struct sock *sk, const struct seg *g)
{
	struct skb *skb = pool_alloc(s, POOL_SKB, sk->host);

	SET(skb->sk, SK_HND(sk));
	SET(skb->gso_segs, 1);
	SET(skb->seq, g->seq);
	SET(skb->end_seq, seg_end_seq(g));
	SET(skb->tcp_flags, g->flags);
	SET(skb->truesize, skb_truesize(g->len));
	SET(skb->tailroom_, skb_tailroom(g->len));
	return skb;
}

/* Joins `from`, which is charged to nobody, to the buffer that it follows. Nothing is joined to a FIN. */
static bool tcp_try_coalesce(struct sim *s, struct sock *sk, struct skb *to, const struct skb *from)
{
	u32 truesize;

	FN_SK(tcp_try_coalesce, sk);
	if (from->seq != to->end_seq || (to->tcp_flags & TCPHDR_FIN) || !KP(sk->host, received_data_merges))
		return false;
	/* the kernel joins what fits into the head; what does not stays a buffer of its own there, and takes its memory */
	truesize = skb_len(from) <= to->tailroom_ ? 0 : from->truesize;
	SET(to->tailroom_, truesize ? from->tailroom_ : to->tailroom_ - skb_len(from));
	SET(to->end_seq, from->end_seq);
	SET(to->tcp_flags, to->tcp_flags | from->tcp_flags);
	ADD(to->truesize, truesize);
	rmem_charge(s, sk, truesize);
	NET_INC_STATS(sk->host, TCPRcvCoalesce);
	return true;
}

/* Appends a buffer, charged to nobody, to the receive queue, and counts what it brought. */
static void receive_queue_add(struct sim *s, struct sock *sk, struct skb *skb)
{
	struct skb *tail = skq_tail(s, &sk->sk_receive_queue);
	u32 end_seq = skb->end_seq;

	if (tail && tcp_try_coalesce(s, sk, tail, skb)) {
		kfree_skb(s, skb);
	} else {
		rmem_charge(s, sk, skb->truesize);
		skq_append(s, &sk->sk_receive_queue, skb);
	}
	ADD(sk->bytes_received, end_seq - sk->rcv_nxt);
	SET(sk->rcv_nxt, end_seq);
}

void tcp_queue_rcv(struct sim *s, struct sock *sk, const struct seg *g)
{
	FN_SK(tcp_queue_rcv, sk);
	receive_queue_add(s, sk, skb_of_seg(s, sk, g));
}

/* Whether a buffer that waited out of order brings data that has come in order meanwhile: that is a duplicate. */
static void ofo_dsack(struct sim *s, struct sock *sk, const struct skb *skb, u32 high)
{
	if (!before(skb->seq, high))
		return;
	tcp_dsack_extend(s, sk, skb->seq, before(skb->end_seq, high) ? skb->end_seq : high);
}

/* rcv_nxt has moved: takes over what was waiting for that. */
static void tcp_ofo_queue(struct sim *s, struct sock *sk)
{
	u32 dsack_high = sk->rcv_nxt;
	struct skb *skb;

	FN_SK(tcp_ofo_queue, sk);
	while ((skb = skq_head(s, &sk->out_of_order_queue)) != NULL && !after(skb->seq, sk->rcv_nxt)) {
		bool fin = (skb->tcp_flags & TCPHDR_FIN) != 0;

		ofo_dsack(s, sk, skb, dsack_high);
		if (!after(skb->end_seq, sk->rcv_nxt)) {
			ofo_drop(s, sk, skb);
			continue;
		}
		skq_unlink(s, &sk->out_of_order_queue, skb);
		rmem_uncharge(s, sk, skb->truesize);
		receive_queue_add(s, sk, skb);
		if (DECIDE(stored_fin_takes_effect, sk->host, fin, sk->rcv_nxt - sk->peer_isn_, 0)) {
			tcp_fin(s, sk); /* which throws away what is left of the queue */
			break;
		}
	}
}

/* ---- into the out-of-order queue --------------------------------------------------------------------------------- */

/* The last stored buffer that does not begin after `seq`. */
static struct skb *ofo_before(struct sim *s, const struct sock *sk, u32 seq)
{
	struct skb *skb = skq_tail(s, &sk->out_of_order_queue);

	while (skb && before(seq, skb->seq))
		skb = skb_prev(s, skb);
	return skb;
}

static void trim_head(struct sim *s, struct sock *sk, struct skb *skb, u32 seq)
{
	u32 truesize;

	rmem_uncharge(s, sk, skb->truesize);
	SET(skb->seq, seq);
	truesize = skb_truesize(skb_len(skb));
	SET(skb->truesize, truesize);
	rmem_charge(s, sk, truesize);
}

/* What was stored behind `prev` (NULL: at all) and lies below end_seq is held twice now; `tell`: the peer hears it. */
static void ofo_clear_covered(struct sim *s, struct sock *sk, const struct skb *prev, u32 end_seq, bool tell)
{
	struct skb *skb;

	while ((skb = prev ? skb_next(s, prev) : skq_head(s, &sk->out_of_order_queue)) != NULL &&
	       after(end_seq, skb->seq)) {
		bool whole = !before(end_seq, skb->end_seq);

		if (tell)
			tcp_dsack_extend(s, sk, skb->seq, whole ? skb->end_seq : end_seq);
		if (!whole) {
			trim_head(s, sk, skb, end_seq);
			return;
		}
		if (tell)
			NET_INC_STATS(sk->host, TCPOFOMerge);
		ofo_drop(s, sk, skb);
	}
}

/* Stores the segment's bytes from `seq` on behind `prev`, or as part of it. */
static void ofo_store(struct sim *s, struct sock *sk, struct skb *prev, const struct seg *g, u32 seq)
{
	struct skb *skb = skb_of_seg(s, sk, g);

	if (seq != g->seq) {
		SET(skb->seq, seq);
		SET(skb->truesize, skb_truesize(skb_len(skb)));
	}
	if (prev && tcp_try_coalesce(s, sk, prev, skb)) {
		kfree_skb(s, skb);
		return;
	}
	rmem_charge(s, sk, skb->truesize);
	skq_insert_before(s, &sk->out_of_order_queue,
			  prev ? skb_next(s, prev) : skq_head(s, &sk->out_of_order_queue), skb);
}

/* False: all of it was there already. */
static bool ofo_insert(struct sim *s, struct sock *sk, const struct seg *g)
{
	struct skb *prev = ofo_before(s, sk, g->seq);
	u32 end_seq = seg_end_seq(g);
	u32 seq = g->seq;
	bool tell = true;

	if (prev && before(seq, prev->end_seq)) {
		if (DECIDE(ofo_all_present, sk->host, !after(end_seq, prev->end_seq), end_seq - sk->peer_isn_,
			   prev->end_seq - sk->peer_isn_)) {
			NET_INC_STATS(sk->host, TCPOFOMerge);
			LEAF(kfree_skb_reason, sk->host, sk);
			tcp_dsack_set(s, sk, seq, end_seq);
			return false;
		}
		if (seq == prev->seq) {
			prev = skb_prev(s, prev); /* the old one is covered, and goes below */
		} else {
			tcp_dsack_set(s, sk, seq, prev->end_seq);
			seq = prev->end_seq;
		}
	} else if (prev && seq == prev->end_seq) {
		/* what joins its neighbour is not compared with the buffers behind it, as in the kernel */
		tell = (prev->tcp_flags & TCPHDR_FIN) != 0;
	}
	ofo_clear_covered(s, sk, prev, end_seq, tell);
	ofo_store(s, sk, prev, g, seq);
	return true;
}

/* A segment inside the window, behind a gap. */
static void tcp_data_queue_ofo(struct sim *s, struct sock *sk, const struct seg *g)
{
	bool stored;

	FN_SK(tcp_data_queue_ofo, sk);
	if (!tcp_try_rmem_schedule(s, sk, g->seq)) {
		NET_INC_STATS(sk->host, TCPOFODrop);
		if (KP(sk->host, memory_drop_wakes_reader))
			sock_def_readable(s, sk);
		LEAF(kfree_skb_reason, sk->host, sk);
		return;
	}
	if (KP(sk->host, hole_measures_mss))
		tcp_measure_rcv_mss(s, sk, g);
	schedule_ack(s, sk);
	NET_INC_STATS(sk->host, TCPOFOQueue);
	if (!sk->out_of_order_queue.qlen)
		SET(sk->num_sacks, 0);
	stored = ofo_insert(s, sk, g);
	if (!tcp_is_sack(sk))
		return; /* nor does the window grow: the peer would not take the ACK for a duplicate */
	tcp_sack_new_ofo_skb(s, sk, g->seq, seg_end_seq(g));
	if (stored)
		tcp_grow_window(s, sk, g->len);
}

/* ---- data -------------------------------------------------------------------------------------------------------- */

bool tcp_epollin_ready(const struct sim *s, const struct sock *sk, s32 target)
{
	s32 avail = (s32)(sk->rcv_nxt - sk->copied_seq);

	if (avail <= 0)
		return false;
	return avail >= target || tcp_under_memory_pressure(s, sk) ||
	       sk->sk_rmem_alloc > sk->sk_rcvbuf - (sk->sk_rcvbuf >> 3) ||
	       tcp_receive_window(sk) <= sk->icsk_ack_rcv_mss;
}

void tcp_data_ready(struct sim *s, struct sock *sk)
{
	bool ready = tcp_epollin_ready(s, sk, sk->sk_rcvlowat) || sock_flag(sk, SOCK_DONE);

	FN_SK(tcp_data_ready, sk);
	if (KP(sk->host, any_data_wakes) || DECIDE(reader_is_woken, sk->host, ready, sk->rcv_nxt - sk->copied_seq, sk->sk_rcvlowat))
		sock_def_readable(s, sk);
}

/* The last hole is closed: the peer, who may be recovering, should hear of it. */
static void gap_wants_ack(struct sim *s, struct sock *sk)
{
	if (KP(sk->host, closed_hole_orders_ack))
		add_pending(s, sk, ICSK_ACK_NOW);
	else
		SET(sk->icsk_ack_pingpong, 0);
}

/* True: there is no memory for a segment that is next, and it is refused. A reader may make room. */
static bool refused_for_memory(struct sim *s, struct sock *sk, const struct seg *g)
{
	bool first = !sk->sk_receive_queue.qlen;
	bool refused = !first || !KP(sk->host, empty_queue_takes_all);

	if ((first && KP(sk->host, empty_queue_prunes_nothing)) || tcp_try_rmem_schedule(s, sk, g->seq))
		return false;
	if (KP(sk->host, fin_needs_no_memory)) {
		add_pending(s, sk, ICSK_ACK_NOMEM | ICSK_ACK_NOW);
		schedule_ack(s, sk);
		refused = refused && g->len;
	}
	if (KP(sk->host, memory_drop_wakes_reader))
		sock_def_readable(s, sk);
	return DECIDE(no_memory_for_data, sk->host, refused, sk->sk_receive_queue.qlen, g->len);
}

/* Queues a segment that begins at rcv_nxt, or before it and reaches beyond. */
static void queue_and_out(struct sim *s, struct sock *sk, const struct seg *g)
{
	if (refused_for_memory(s, sk, g)) {
		NET_INC_STATS(sk->host, TCPRcvQDrop);
		discard(s, sk);
		return;
	}
	tcp_queue_rcv(s, sk, g);
	if (g->len)
		tcp_event_data_recv(s, sk, g);
	if (has(g, TCPHDR_FIN))
		tcp_fin(s, sk);
	if (sk->out_of_order_queue.qlen) {
		tcp_ofo_queue(s, sk);
		if (DECIDE(gap_is_closed, sk->host, !sk->out_of_order_queue.qlen, sk->out_of_order_queue.qlen, 0))
			gap_wants_ack(s, sk);
	}
	if (sk->num_sacks)
		tcp_sack_remove(s, sk);
	if (!sock_flag(sk, SOCK_DEAD))
		tcp_data_ready(s, sk);
}

/* Nothing of it can be used: it is dropped, and an ACK says at once what was expected. */
static void out_of_window(struct sim *s, struct sock *sk)
{
	tcp_enter_quickack_mode(s, sk, prof(s, sk->host)->tcp_max_quickacks);
	schedule_ack(s, sk);
	discard(s, sk);
}

void tcp_data_queue(struct sim *s, struct sock *sk, const struct seg *g)
{
	u32 end_seq = seg_end_seq(g);
	u32 window = tcp_receive_window(sk);
	bool next = g->seq == sk->rcv_nxt;

	FN_SK(tcp_data_queue, sk);
	if (end_seq == g->seq) {
		consume(s, sk);
		return;
	}
	SET(sk->dsack, 0);
	if (!next && DECIDE(data_is_old, sk->host, !after(end_seq, sk->rcv_nxt), rel(sk, end_seq),
			    rel(sk, sk->rcv_nxt))) {
		NET_INC_STATS(sk->host, DelayedACKLost);
		tcp_dsack_set(s, sk, g->seq, end_seq);
		out_of_window(s, sk);
		return;
	}
	if (!next && DECIDE(data_beyond_window, sk->host, !before(g->seq, sk->rcv_nxt + window), rel(sk, g->seq),
			    rel(sk, sk->rcv_nxt + window))) {
		out_of_window(s, sk);
		return;
	}
	if (DECIDE(data_leaves_gap, sk->host, after(g->seq, sk->rcv_nxt), rel(sk, g->seq), rel(sk, sk->rcv_nxt))) {
		if (KP(sk->host, hole_wants_quick_acks))
			tcp_enter_quickack_mode(s, sk, prof(s, sk->host)->tcp_max_quickacks);
		tcp_data_queue_ofo(s, sk, g);
		return;
	}
	if (!next)
		tcp_dsack_set(s, sk, g->seq, sk->rcv_nxt);
	if (!next && KP(sk->host, hole_wants_quick_acks))
		tcp_enter_quickack_mode(s, sk, prof(s, sk->host)->tcp_max_quickacks);
	/* a FIN needs no room: refusing it would make the peer repeat it until the window opens */
	if (!window && next && !g->len && KP(sk->host, fin_fits_zero_window)) {
		DECIDE(fin_needs_no_window, sk->host, true, window, g->len);
	} else if (DECIDE(no_window_for_data, sk->host, !window, window, g->len)) {
		NET_INC_STATS(sk->host, TCPZeroWindowDrop);
		out_of_window(s, sk);
		return;
	}
	queue_and_out(s, sk, g);
}
