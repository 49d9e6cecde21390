/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the receive side offer each other: tcp_input.c, tcp_validate.c, tcp_rcvbuf.c, tcp_open.c, tcp_ofo.c. The
 * kernel has all of it in net/ipv4/tcp_input.c.
 */
#ifndef ENGINE_TCP_RCV_H
#define ENGINE_TCP_RCV_H

#include "engine/tcp.h"

/* ---- tcp_rcvbuf.c ---------------------------------------------------------------------------------------------- */
void tcp_measure_rcv_mss(struct sim *s, struct sock *sk, const struct seg *g);
/* Lets the window grow when a segment of `len` payload bytes did not waste its memory. */
void tcp_grow_window(struct sim *s, struct sock *sk, u32 len);
void tcp_init_buffer_space(struct sim *s, struct sock *sk);
void tcp_event_data_recv(struct sim *s, struct sock *sk, const struct seg *g);
/* After an ACK: sends what may go now, and wakes a writer for whom there is room. */
void tcp_data_snd_check(struct sim *s, struct sock *sk);
/* Whether an ACK goes now or later. `ofo_possible`: there may be a gap that calls for one now. */
void __tcp_ack_snd_check(struct sim *s, struct sock *sk, bool ofo_possible);
/* The same, if one is owed at all. */
void tcp_ack_snd_check(struct sim *s, struct sock *sk);

/* ---- tcp_validate.c -------------------------------------------------------------------------------------------- */
/* The segment's timestamp becomes the one that the sock goes by. */
void take_tstamp(struct sim *s, struct sock *sk, const struct seg *g);
void tcp_store_ts_recent(struct sim *s, struct sock *sk);
/* The timestamp taken last is older than the newest by more than `tolerance`, and that one is fit to judge by. */
bool paws_too_old(const struct sim *s, const struct sock *sk, s32 tolerance);
/* Takes a timestamp that was negotiated. False: there is none. */
bool tcp_fast_parse_options(struct sim *s, struct sock *sk, const struct seg *g);
/* False: the segment was not acceptable, and is done with. `syn_inerr`: a SYN counts as an error of input. */
bool tcp_validate_incoming(struct sim *s, struct sock *sk, const struct seg *g, bool syn_inerr);

/* ---- tcp_open.c ------------------------------------------------------------------------------------------------ */
/* Forgets that a SYN or SYN-ACK was repeated when the peer's echo shows that this was for nothing. */
void tcp_try_undo_spurious_syn(struct sim *s, struct sock *sk);
/* What becomes of a segment in SYN_SENT. */
enum { SYNSENT_DONE = 0, SYNSENT_RESET = 1, SYNSENT_GOES_ON = 2 };
int tcp_rcv_synsent_state_process(struct sim *s, struct sock *sk, const struct seg *g);

/* ---- tcp_ofo.c ------------------------------------------------------------------------------------------------- */
/* Remembers a D-SACK block for the next ACK, in place of one that waits. */
void tcp_dsack_set(struct sim *s, struct sock *sk, u32 seq, u32 end_seq);
void tcp_sack_reset(struct sim *s, struct sock *sk);
/* A segment that is next in order: into the receive queue. Moves rcv_nxt. */
void tcp_queue_rcv(struct sim *s, struct sock *sk, const struct seg *g);
/* Payload and FIN of an acceptable segment, wherever they lie. */
void tcp_data_queue(struct sim *s, struct sock *sk, const struct seg *g);
/* Throws the out-of-order queue away. */
void tcp_ofo_purge(struct sim *s, struct sock *sk);

/* ---- for all of them ------------------------------------------------------------------------------------------ */
static inline bool has(const struct seg *g, u8 flags)
{
	return (g->flags & flags) != 0;
}

static inline u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

static inline u32 max_u32(u32 a, u32 b)
{
	return a > b ? a : b;
}

/* Sequence numbers of the peer as people see them. */
static inline u32 rel(const struct sock *sk, u32 seq)
{
	return seq - sk->peer_isn_;
}

static inline void add_pending(struct sim *s, struct sock *sk, u8 bits)
{
	SET(sk->icsk_ack_pending, sk->icsk_ack_pending | bits);
}

/* kernel: inet_csk_schedule_ack(): an ACK is owed. */
static inline void schedule_ack(struct sim *s, struct sock *sk)
{
	add_pending(s, sk, ICSK_ACK_SCHED);
}

/* The end of a segment that was of no use, and of one that was. */
static inline void discard(struct sim *s, const struct sock *sk)
{
	LEAF(kfree_skb_reason, sk->host, sk);
}

static inline void consume(struct sim *s, const struct sock *sk)
{
	LEAF(__kfree_skb, sk->host, sk);
}

#endif
