/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sk_buffs and their queues. */
#include "engine/skb.h"

#include <string.h>

/* struct sk_buff and what goes with it on a 64-bit machine, and the memory of its head: kmalloc() has it in such sizes. */
#define SK_BUFF_OVERHEAD 256u
#define PAGE_BYTES 4096u

/*
 * As a tun device makes them: 104 bytes of headers and their padding before the payload; what does not fit into the largest
 * head lies in pages. Measured: SK_MEMINFO_RMEM_ALLOC after one segment of each size.
 */
static const struct {
	u32 payload, head;
} heads[] = { { 152, 576 }, { 600, 1024 }, { 1624, 2048 }, { 3672, 4096 } };

u32 skb_truesize(u32 len)
{
	u32 pages;

	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		if (len <= heads[i].payload)
			return heads[i].head + SK_BUFF_OVERHEAD;
	pages = (len - 3672 + PAGE_BYTES - 1) / PAGE_BYTES;
	return SK_BUFF_OVERHEAD + PAGE_BYTES + pages * PAGE_BYTES;
}

u32 skb_tailroom(u32 len)
{
	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		if (len <= heads[i].payload)
			return heads[i].payload - len;
	return 0;
}

/* The same of a buffer that tcp_stream_alloc_skb() makes: with room for headers, and bytes that are charged as they are. */
#define TX_SKB_OVERHEAD 832u

u32 tx_skb_truesize(u32 len)
{
	return len + TX_SKB_OVERHEAD;
}

struct skb *alloc_skb(struct sim *s, struct sock *sk)
{
	struct skb *skb;

	if (fault_strikes(s, sk->host, FAULT_ALLOC_SKB))
		return NULL;
	skb = pool_alloc(s, POOL_SKB, sk->host);
	SET(skb->sk, SK_HND(sk));
	SET(skb->gso_segs, 1);
	return skb;
}

void kfree_skb(struct sim *s, struct skb *skb)
{
	pool_free(s, POOL_SKB, skb);
}

struct skb *skq_head(struct sim *s, const struct skq *q)
{
	return skb_at(s, q->head);
}

struct skb *skq_tail(struct sim *s, const struct skq *q)
{
	return skb_at(s, q->tail);
}

struct skb *skb_next(struct sim *s, const struct skb *skb)
{
	return skb_at(s, skb->next);
}

struct skb *skb_prev(struct sim *s, const struct skb *skb)
{
	return skb_at(s, skb->prev);
}

void skq_insert_before(struct sim *s, struct skq *q, struct skb *at, struct skb *skb)
{
	struct skb *prev = at ? skb_at(s, at->prev) : skb_at(s, q->tail);
	hnd h = pool_handle(s, POOL_SKB, skb);

	SET(skb->prev, prev ? pool_handle(s, POOL_SKB, prev) : 0);
	SET(skb->next, at ? pool_handle(s, POOL_SKB, at) : 0);
	if (prev)
		SET(prev->next, h);
	else
		SET(q->head, h);
	if (at)
		SET(at->prev, h);
	else
		SET(q->tail, h);
	ADD(q->qlen, 1);
}

void skq_append(struct sim *s, struct skq *q, struct skb *skb)
{
	skq_insert_before(s, q, NULL, skb);
}

void skq_unlink(struct sim *s, struct skq *q, struct skb *skb)
{
	struct skb *prev = skb_at(s, skb->prev);
	struct skb *next = skb_at(s, skb->next);

	if (prev)
		SET(prev->next, skb->next);
	else
		SET(q->head, skb->next);
	if (next)
		SET(next->prev, skb->prev);
	else
		SET(q->tail, skb->prev);
	SET(skb->next, 0);
	SET(skb->prev, 0);
	SUB(q->qlen, 1);
}

void skq_purge(struct sim *s, struct skq *q)
{
	struct skb *skb;

	while ((skb = skq_head(s, q)) != NULL) {
		skq_unlink(s, q, skb);
		if (skb->tsorted)
			tsorted_unlink(s, sock_at(s, skb->sk), skb);
		kfree_skb(s, skb);
	}
}

struct skb *tsorted_next(struct sim *s, const struct skb *skb)
{
	return skb_at(s, skb->tsorted_next);
}

struct skb *tsorted_head(struct sim *s, const struct sock *sk)
{
	return skb_at(s, sk->tsorted_head);
}

void tsorted_unlink(struct sim *s, struct sock *sk, struct skb *skb)
{
	struct skb *prev = skb_at(s, skb->tsorted_prev);
	struct skb *next = skb_at(s, skb->tsorted_next);

	if (!skb->tsorted)
		return;
	if (prev)
		SET(prev->tsorted_next, skb->tsorted_next);
	else
		SET(sk->tsorted_head, skb->tsorted_next);
	if (next)
		SET(next->tsorted_prev, skb->tsorted_prev);
	else
		SET(sk->tsorted_tail, skb->tsorted_prev);
	SET(skb->tsorted_next, 0);
	SET(skb->tsorted_prev, 0);
	SET(skb->tsorted, 0);
}

void tsorted_append(struct sim *s, struct sock *sk, struct skb *skb)
{
	struct skb *tail;
	hnd h = pool_handle(s, POOL_SKB, skb);

	tsorted_unlink(s, sk, skb);
	tail = skb_at(s, sk->tsorted_tail);
	SET(skb->tsorted_prev, sk->tsorted_tail);
	if (tail)
		SET(tail->tsorted_next, h);
	else
		SET(sk->tsorted_head, h);
	SET(sk->tsorted_tail, h);
	SET(skb->tsorted, 1);
}
