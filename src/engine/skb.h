/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sk_buffs: ranges of sequence numbers in the queues of a sock. */
#ifndef ENGINE_SKB_H
#define ENGINE_SKB_H

#include "engine/sim.h"

/* Memory one skb of `len` payload bytes stands for (SKB_TRUESIZE): what buffers are charged with. */
u32 skb_truesize(u32 len);
u32 tx_skb_truesize(u32 len); /* of one to be sent */
u32 skb_tailroom(u32 len); /* how much more payload the head of a received one could take */

/* A new skb for sock `sk`, in no queue; gso_segs 1. NULL when `fault alloc-skb` strikes. */
struct skb *alloc_skb(struct sim *s, struct sock *sk);
/* Gives a skb back; it must be in no queue. */
void kfree_skb(struct sim *s, struct skb *skb);

static inline u32 skb_len(const struct skb *skb)
{
	return skb->end_seq - skb->seq - ((skb->tcp_flags & TCPHDR_SYN) ? 1u : 0u) -
	       ((skb->tcp_flags & TCPHDR_FIN) ? 1u : 0u);
}
static inline u32 tcp_skb_pcount(const struct skb *skb)
{
	return skb->gso_segs;
}

/* Queues. `q` is a member of a sock. */
void skq_append(struct sim *s, struct skq *q, struct skb *skb);
void skq_insert_before(struct sim *s, struct skq *q, struct skb *at, struct skb *skb); /* at NULL: append */
void skq_unlink(struct sim *s, struct skq *q, struct skb *skb);
struct skb *skq_head(struct sim *s, const struct skq *q);
struct skb *skq_tail(struct sim *s, const struct skq *q);
struct skb *skb_next(struct sim *s, const struct skb *skb);
struct skb *skb_prev(struct sim *s, const struct skb *skb);
/* Unlinks and frees all; with `fn` a frame of that name is shown. */
void skq_purge(struct sim *s, struct skq *q);

/* tsorted_sent_queue of a sock: by latest transmission. */
void tsorted_append(struct sim *s, struct sock *sk, struct skb *skb); /* moves it when it is in already */
void tsorted_unlink(struct sim *s, struct sock *sk, struct skb *skb);
struct skb *tsorted_next(struct sim *s, const struct skb *skb);
struct skb *tsorted_head(struct sim *s, const struct sock *sk);

static inline struct skb *tcp_send_head(struct sim *s, const struct sock *sk)
{
	return skq_head(s, &sk->sk_write_queue);
}
static inline struct skb *tcp_write_queue_tail(struct sim *s, const struct sock *sk)
{
	return skq_tail(s, &sk->sk_write_queue);
}
static inline struct skb *tcp_rtx_queue_head(struct sim *s, const struct sock *sk)
{
	return skq_head(s, &sk->tcp_rtx_queue);
}
static inline struct skb *tcp_rtx_queue_tail(struct sim *s, const struct sock *sk)
{
	return skq_tail(s, &sk->tcp_rtx_queue);
}

#endif
