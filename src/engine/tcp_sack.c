/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What SACK and D-SACK blocks of an arriving segment tell about the retransmit queue (net/ipv4/tcp_input.c). */
#include "engine/tcp_ack.h"

/* ---- D-SACK ------------------------------------------------------------------------------------------------------ */

/* How many segments the D-SACK reports; 0: it is not believed. */
static u32 tcp_dsack_seen(struct sim *s, struct sock *sk, const struct sack_block *b, struct ack_state *st)
{
	u32 len = b->end_seq - b->start_seq;
	u32 segs = 1;

	FN_SK(tcp_dsack_seen, sk);
	if (!before(b->start_seq, b->end_seq) || len > sk->max_window)
		return 0;
	if (len > sk->mss_cache)
		segs = (len + sk->mss_cache - 1) / sk->mss_cache;
	else if (sk->tlp_high_seq && sk->tlp_high_seq == b->end_seq)
		st->sack_flag |= FLAG_DSACK_TLP;
	ADD(sk->dsack_dups, segs);
	if (DECIDE(dsack_is_dubious, sk->host, sk->dsack_dups > sk->total_retrans, sk->dsack_dups, sk->total_retrans))
		return 0;
	SET(sk->sack_ok, sk->sack_ok | TCP_DSACK_SEEN);
	/* the answer to a probe says nothing about RACK's patience */
	if (sk->reord_seen && !(st->sack_flag & FLAG_DSACK_TLP))
		SET(sk->rack_dsack_seen, 1);
	st->sack_flag |= FLAG_DSACKING_ACK;
	st->sack_delivered += segs;
	return segs;
}

/* The first block reports a duplicate when it lies below the ACK, or inside the second. */
static bool first_block_is_dsack(struct sim *s, const struct sock *sk, const struct seg *g, u32 num_sacks)
{
	if (before(g->sack[0][0], g->ack)) {
		NET_INC_STATS(sk->host, TCPDSACKRecv);
		return true;
	}
	if (num_sacks < 2 || after(g->sack[0][1], g->sack[1][1]) || before(g->sack[0][0], g->sack[1][0]))
		return false;
	NET_INC_STATS(sk->host, TCPDSACKOfoRecv);
	return true;
}

static bool tcp_check_dsack(struct sim *s, struct sock *sk, const struct seg *g, u32 num_sacks, u32 prior_snd_una,
			    struct ack_state *st)
{
	struct sack_block b = { g->sack[0][0], g->sack[0][1] };
	s32 segs;

	FN_SK(tcp_check_dsack, sk);
	if (!DECIDE(block_is_dsack, sk->host, first_block_is_dsack(s, sk, g, num_sacks),
		    b.start_seq - sk->isn_, g->ack - sk->isn_))
		return false;
	segs = (s32)tcp_dsack_seen(s, sk, &b, st);
	if (!segs) {
		NET_INC_STATS(sk->host, TCPDSACKIgnoredDubious);
		return false;
	}
	NET_ADD_STATS(sk->host, TCPDSACKRecvSegs, segs);
	/* what it reports is acknowledged and forgotten, so it can only be counted */
	if (sk->undo_marker && sk->undo_retrans > 0 && !after(b.end_seq, prior_snd_una) &&
	    after(b.end_seq, sk->undo_marker))
		SET(sk->undo_retrans, sk->undo_retrans > segs ? sk->undo_retrans - segs : 0);
	return true;
}

/* ---- marking ----------------------------------------------------------------------------------------------------- */

void tcp_check_sack_reordering(struct sim *s, struct sock *sk, u32 low_seq, bool by_timestamp)
{
	u32 fack = tcp_highest_sack_seq(sk);
	u32 mss = sk->mss_cache;
	u32 metric = fack - low_seq;

	FN_SK(tcp_check_sack_reordering, sk);
	if (!DECIDE(reordering_is_seen, sk->host, before(low_seq, fack), low_seq - sk->isn_,
		    fack - sk->isn_))
		return;
	if (mss && metric > sk->reordering * mss) {
		u32 segs = (metric + mss - 1) / mss;

		SET(sk->reordering, segs < TCP_MAX_REORDERING ? segs : TCP_MAX_REORDERING);
	}
	SET(sk->reord_seen, sk->reord_seen < UINT8_MAX ? sk->reord_seen + 1 : UINT8_MAX);
	if (by_timestamp)
		NET_INC_STATS(sk->host, TCPTSReorder);
	else
		NET_INC_STATS(sk->host, TCPSACKReorder);
}

/* Brings L, R and the hints for RTT and reordering up to date for a segment that is newly SACKed. */
static void newly_sacked(struct sim *s, struct sock *sk, struct skb *skb, struct ack_state *st)
{
	u32 segs = tcp_skb_pcount(skb);
	u8 sacked = skb->sacked;

	tcp_rack_advance(s, sk, sacked, skb->end_seq, skb->skb_mstamp_us);
	note_delivered(sk, skb, st);
	if (!(sacked & TCPCB_RETRANS)) {
		/* sent once, into a hole below what is SACKed already: the network changed the order */
		if (before(skb->seq, tcp_highest_sack_seq(sk)) && before(skb->seq, st->reord))
			st->reord = skb->seq;
		if (!after(skb->end_seq, sk->high_seq))
			st->sack_flag |= FLAG_ORIG_SACK_ACKED;
		if (!st->first_sackt)
			st->first_sackt = skb->skb_mstamp_us;
		st->last_sackt = skb->skb_mstamp_us;
	}
	if (sacked & TCPCB_LOST) {
		SUB(sk->lost_out, segs);
		if (sacked & TCPCB_SACKED_RETRANS)
			SUB(sk->retrans_out, segs);
		/* R without L stays: the repetition is believed to be still on its way */
		sacked &= (u8) ~(TCPCB_LOST | TCPCB_SACKED_RETRANS);
	}
	SET(skb->sacked, sacked | TCPCB_SACKED_ACKED);
	st->sack_flag |= FLAG_DATA_SACKED;
	ADD(sk->sacked_out, segs);
	st->sack_delivered += segs;
}

/* A D-SACK covers a segment that was repeated: one repetition less is without an answer. */
static void dsacked_retrans(struct sim *s, struct sock *sk, const struct skb *skb, struct ack_state *st)
{
	s32 segs = (s32)tcp_skb_pcount(skb);

	if (sk->undo_marker && sk->undo_retrans > 0 && after(skb->end_seq, sk->undo_marker))
		SET(sk->undo_retrans, sk->undo_retrans > segs ? sk->undo_retrans - segs : 0);
	if ((skb->sacked & TCPCB_SACKED_ACKED) && before(skb->seq, st->reord))
		st->reord = skb->seq;
}

static void tcp_sacktag_one(struct sim *s, struct sock *sk, struct skb *skb, bool dup_sack, struct ack_state *st)
{
	FN(tcp_sacktag_one, sk->host, skb);
	if (dup_sack && (skb->sacked & TCPCB_RETRANS))
		dsacked_retrans(s, sk, skb, st);
	if (!after(skb->end_seq, sk->snd_una))
		return;
	if (!(skb->sacked & TCPCB_SACKED_ACKED))
		newly_sacked(s, sk, skb, st);
	if (dup_sack && (skb->sacked & TCPCB_SACKED_RETRANS)) {
		SET(skb->sacked, skb->sacked & ~TCPCB_SACKED_RETRANS);
		SUB(sk->retrans_out, tcp_skb_pcount(skb));
	}
	tsorted_unlink(s, sk, skb);
	if (!before(skb->seq, tcp_highest_sack_seq(sk)))
		SET(sk->highest_sack, skb->end_seq);
}

/* Where to cut an skb of several segments so that a block covers a whole number of them; 0: no cut helps. */
static u32 cut_for_block(const struct skb *skb, const struct sack_block *b, bool *head_is_sacked)
{
	u32 mss = skb->gso_size;
	u32 len;

	*head_is_sacked = !after(b->start_seq, skb->seq);
	if (*head_is_sacked) {
		len = (b->end_seq - skb->seq) / mss * mss;
		return len;
	}
	len = (b->start_seq - skb->seq + mss - 1) / mss * mss;
	return len < skb_len(skb) ? len : 0;
}

/*
 * Does the block cover the skb? An skb of several segments that is covered in part is cut at a segment border, so that
 * it can. 1 yes, 0 no, negative: no further skb can be.
 */
static int tcp_match_skb_to_sack(struct sim *s, struct sock *sk, struct skb *skb, const struct sack_block *b)
{
	bool head_is_sacked;
	u32 len;

	FN(tcp_match_skb_to_sack, sk->host, skb);
	if (!after(b->start_seq, skb->seq) && !before(b->end_seq, skb->end_seq))
		return 1;
	if (tcp_skb_pcount(skb) == 1 || !after(skb->end_seq, b->start_seq))
		return 0;
	len = cut_for_block(skb, b, &head_is_sacked);
	if (!len)
		return head_is_sacked ? -1 : 0;
	if (tcp_fragment(s, sk, &sk->tcp_rtx_queue, skb, len, skb->gso_size) < 0)
		return -1;
	return head_is_sacked;
}

/* Marks what `b` covers, from `skb` on; `next_dup` is a D-SACK inside it. The first skb behind the block. */
static struct skb *tcp_sacktag_walk(struct sim *s, struct sock *sk, struct skb *skb, const struct sack_block *b,
				    const struct sack_block *next_dup, bool dup_block, struct ack_state *st)
{
	FN_SK(tcp_sacktag_walk, sk);
	for (; skb && before(skb->seq, b->end_seq); skb = skb_next(s, skb)) {
		bool dup = dup_block;
		int in_sack = 0;

		if (next_dup && before(skb->seq, next_dup->end_seq)) {
			in_sack = tcp_match_skb_to_sack(s, sk, skb, next_dup);
			if (in_sack > 0)
				dup = true;
		}
		if (in_sack <= 0)
			in_sack = tcp_match_skb_to_sack(s, sk, skb, b);
		if (in_sack < 0)
			break;
		if (in_sack)
			tcp_sacktag_one(s, sk, skb, dup, st);
	}
	return skb;
}

/* ---- the blocks of one segment ----------------------------------------------------------------------------------- */

static bool tcp_is_sackblock_valid(const struct sock *sk, const struct sack_block *b, bool is_dsack)
{
	if (after(b->end_seq, sk->snd_nxt) || !before(b->start_seq, b->end_seq) || !before(b->start_seq, sk->snd_nxt))
		return false;
	if (after(b->start_seq, sk->snd_una))
		return true;
	if (!is_dsack || !sk->undo_marker || after(b->end_seq, sk->snd_una))
		return false;
	/* a D-SACK below snd_una is of use for undoing, unless it is from before the episode */
	if (!before(b->start_seq, sk->undo_marker))
		return true;
	if (!after(b->end_seq, sk->undo_marker))
		return false;
	return !before(b->start_seq, b->end_seq - sk->max_window);
}

static void count_invalid_block(struct sim *s, const struct sock *sk, const struct sack_block *b, bool is_dsack,
				u32 ack)
{
	if (is_dsack && !sk->undo_marker)
		NET_INC_STATS(sk->host, TCPDSACKIgnoredNoUndo);
	else if (is_dsack)
		NET_INC_STATS(sk->host, TCPDSACKIgnoredOld);
	else if (ack == sk->snd_una || after(b->end_seq, sk->snd_una))
		NET_INC_STATS(sk->host, TCPSACKDiscard);
}

struct sack_list {
	struct sack_block b[SEG_MAX_SACK];
	u8 dup[SEG_MAX_SACK]; /* is a D-SACK */
	u32 n;
};

/* In order of sequence number; what begins at the same place stays in the order of the segment. */
static void insert_block(struct sack_list *l, struct sack_block b, bool dup)
{
	u32 i = l->n++;

	for (; i && before(b.start_seq, l->b[i - 1].start_seq); i--) {
		l->b[i] = l->b[i - 1];
		l->dup[i] = l->dup[i - 1];
	}
	l->b[i] = b;
	l->dup[i] = dup;
}

static void walk_blocks(struct sim *s, struct sock *sk, const struct sack_list *l, struct ack_state *st)
{
	struct skb *skb = tcp_rtx_queue_head(s, sk);

	for (u32 i = 0; i < l->n; i++) {
		const struct sack_block *next_dup = i + 1 < l->n && l->dup[i + 1] ? &l->b[i + 1] : NULL;

		while (skb && !after(skb->end_seq, l->b[i].start_seq))
			skb = skb_next(s, skb);
		skb = tcp_sacktag_walk(s, sk, skb, &l->b[i], next_dup, l->dup[i], st);
	}
}

int tcp_sacktag_write_queue(struct sim *s, struct sock *sk, const struct seg *g, u32 prior_snd_una,
			    struct ack_state *st)
{
	u32 num_sacks = g->nsack < SEG_MAX_SACK ? g->nsack : SEG_MAX_SACK;
	struct sack_list list = { .n = 0 };
	bool found_dup;

	FN_SK(tcp_sacktag_write_queue, sk);
	st->reord = sk->snd_nxt;
	if (!sk->sacked_out)
		SET(sk->highest_sack, sk->snd_una);
	found_dup = tcp_check_dsack(s, sk, g, num_sacks, prior_snd_una, st);
	if (before(g->ack, prior_snd_una - sk->max_window))
		return 0;
	if (!sk->packets_out)
		return st->sack_flag;
	for (u32 i = 0; i < num_sacks; i++) {
		struct sack_block b = { g->sack[i][0], g->sack[i][1] };
		bool dup = found_dup && i == 0;

		if (!tcp_is_sackblock_valid(sk, &b, dup))
			count_invalid_block(s, sk, &b, dup, g->ack);
		else if (after(b.end_seq, prior_snd_una)) /* what is below is acknowledged already */
			insert_block(&list, b, dup);
	}
	walk_blocks(s, sk, &list, st);
	if (sk->icsk_ca_state != TCP_CA_Loss || sk->undo_marker)
		tcp_check_sack_reordering(s, sk, st->reord, false);
	return st->sack_flag;
}
