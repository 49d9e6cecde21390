/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the ACK half of net/ipv4/tcp_input.c share: tcp_ack.c, tcp_sack.c, tcp_fastretrans.c. */
#ifndef ENGINE_TCP_ACK_H
#define ENGINE_TCP_ACK_H

#include "engine/tcp.h"

#define TCP_MAX_REORDERING 300u	     /* sysctl tcp_max_reordering, segments */
#define TCP_RACK_RECOVERY_THRESH 16u /* recoveries that a widened reordering window lasts */

/* What may be sent once the ACK is worked off. */
enum { REXMIT_NONE, REXMIT_LOST, REXMIT_NEW };

/* What one ACK has shown so far; it lives no longer than the tcp_ack() that made it. */
struct ack_state {
	u64 first_sackt; /* when the oldest of the newly SACKed, never repeated segments left; 0: there is none */
	u64 last_sackt;	 /* and the latest of them */
	u64 latest_sent; /* among all segments just delivered */
	u32 latest_end_seq;
	u32 prior_delivered; /* sk->delivered when that one left */
	u32 prior_snd_una;
	u32 prior_packets; /* packets_out */
	u32 prior_fack;	   /* one past the highest SACKed byte */
	u32 prior_delivered_total; /* sk->delivered when the ACK came */
	u32 prior_lost;	   /* sk->lost likewise */
	u32 reord;	   /* lowest sequence number that arrived out of order */
	u32 sack_delivered;
	int sack_flag;
};

/* Age of a transmission in µs. What takes less than the clock can tell counts as 1. */
static inline s64 tcp_rtt_since(const struct sim *s, u64 stamp)
{
	return s->w->now > stamp ? (s64)(s->w->now - stamp) : 1;
}

/* One past the highest SACKed byte. kernel: tcp_highest_sack_seq() */
static inline u32 tcp_highest_sack_seq(const struct sock *sk)
{
	return sk->sacked_out ? sk->highest_sack : sk->snd_una;
}

/* True when the peer's echo shows that it answers something sent before `when` (ms). */
static inline bool tcp_tsopt_ecr_before(const struct sock *sk, u32 when)
{
	return sk->saw_tstamp && sk->rcv_tsecr && before(sk->rcv_tsecr, when);
}

/* Keeps in mind the latest sent of the segments that an ACK delivers. kernel: tcp_rate_skb_delivered() */
void note_delivered(const struct sock *sk, const struct skb *skb, struct ack_state *st);

/* ---- tcp_sack.c -------------------------------------------------------------------------------------------------- */
/* Marks what the segment's SACK blocks tell; FLAG_* that follow. */
int tcp_sacktag_write_queue(struct sim *s, struct sock *sk, const struct seg *g, u32 prior_snd_una,
			    struct ack_state *st);
/* Something at `low_seq` arrived after what was sent later; `by_timestamp` says how it was found. */
void tcp_check_sack_reordering(struct sim *s, struct sock *sk, u32 low_seq, bool by_timestamp);

/* ---- tcp_fastretrans.c ------------------------------------------------------------------------------------------- */
/* The state machine of loss recovery; `flag` may change, `rexmit` says what to send then. */
void tcp_fastretrans_alert(struct sim *s, struct sock *sk, u32 prior_snd_una, u32 num_dupack, int *flag, int *rexmit);
/* A tail loss probe repaired a loss: the window shrinks once, without a recovery. */
void tcp_reduce_for_probe(struct sim *s, struct sock *sk);
/* Duplicate ACKs stand for SACKed segments; `acked` new ones go. kernel: tcp_remove_reno_sacks() */
void tcp_remove_reno_sacks(struct sim *s, struct sock *sk, u32 acked);

#endif
