/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of tcp_output share and nobody else needs. */
#ifndef ENGINE_TCP_OUTPUT_H
#define ENGINE_TCP_OUTPUT_H

#include "engine/tcp.h"

#define NSEC_PER_USEC 1000ll

static inline bool tcp_in_cwnd_reduction(const struct sock *sk)
{
	return sk->icsk_ca_state == TCP_CA_CWR || sk->icsk_ca_state == TCP_CA_Recovery;
}

/* What ssthresh may rise to without having seen a loss. */
static inline u32 tcp_current_ssthresh(const struct sock *sk)
{
	u32 three_quarters = (sk->snd_cwnd >> 1) + (sk->snd_cwnd >> 2);

	if (tcp_in_cwnd_reduction(sk) || sk->snd_ssthresh > three_quarters)
		return sk->snd_ssthresh;
	return three_quarters;
}

/* The first segment of an unsent skb ends inside the peer's window. */
static inline bool tcp_snd_wnd_test(const struct sock *sk, const struct skb *skb, u32 cur_mss)
{
	u32 end_seq = skb_len(skb) > cur_mss ? skb->seq + cur_mss : skb->end_seq;

	return !after(end_seq, tcp_wnd_end(sk));
}

/* An skb without payload, in no queue. NULL: no memory. kernel: alloc_skb() and tcp_init_nondata_skb() */
struct skb *tcp_alloc_nondata_skb(struct sim *s, struct sock *sk, u32 seq, u8 flags);
/* tcp_transmit_skb() with an acknowledgement number of the caller's choice. */
int __tcp_transmit_skb(struct sim *s, struct sock *sk, struct skb *skb, bool clone_it, u32 rcv_nxt);
/* Sends an skb that nobody will repeat, and frees it. 0 or -errno */
int tcp_transmit_once(struct sim *s, struct sock *sk, struct skb *skb);
/* The skb leaves the unsent queue for the sent one; timers and counts follow. */
void tcp_event_new_data_sent(struct sim *s, struct sock *sk, struct skb *skb);
/* tcp_fragment() without its bookkeeping of sent segments: the new second half, NULL when there is no memory. */
struct skb *tcp_split_skb(struct sim *s, struct sock *sk, struct skq *q, struct skb *skb, u32 len, u32 mss_now);
/* Segments that one skb may hold for the device to cut. */
u32 tcp_tso_segs(struct sim *s, struct sock *sk, u32 mss_now);

#endif
