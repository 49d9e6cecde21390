/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The wire, and the IP and ICMP layers as far as a TCP segment meets them. */
#include "engine/link.h"

#include <string.h>

#include "engine/inet.h"
#include "engine/tcp.h"

u64 link_random(struct sim *s)
{
	/* splitmix64: small, and its whole state is one number of the world */
	u64 z;

	SET(s->w->link.rng, s->w->link.rng + 0x9e3779b97f4a7c15ull);
	z = s->w->link.rng;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static bool dice(struct sim *s, u32 ppm)
{
	return ppm != 0 && link_random(s) % 1000000u < ppm;
}

static void emit_flight(struct sim *s, enum trec_type type, const struct flight *f, u8 flags, u64 b)
{
	struct trec r;

	if (!WATCHED_)
		return;
	r = (struct trec){ .type = (u8)type, .host = f->from, .flags = flags, .depth = s->depth,
			   .off = world_off(s, f), .a = f->number, .b = b };
	s->observer->see(s->observer->ctx, s, &r);
}

static struct flight *flight_new(struct sim *s, u8 from, const struct seg *g)
{
	struct link *l = &s->w->link;
	struct flight *f = pool_alloc(s, POOL_FLIGHT, from);

	PUT(f->seg, *g);
	SET(f->number, l->next_number);
	SET(f->order, l->next_order);
	SET(f->sent_at, s->w->now);
	SET(f->due, FOREVER);
	ADD(l->next_number, 1);
	ADD(l->next_order, 1);
	return f;
}

static void flight_free(struct sim *s, struct flight *f)
{
	pool_free(s, POOL_FLIGHT, f);
}

/* When a segment that travels by itself arrives: reordered ones take half as long again, and a little more. */
static u64 arrival(struct sim *s)
{
	const struct link *l = &s->w->link;
	u64 late = dice(s, l->reorder_ppm) ? l->delay / 2 + USEC_PER_JIFFY : 0;

	return s->w->now + l->delay + late;
}

static void link_send(struct sim *s, u8 from, const struct seg *g)
{
	struct link *l = &s->w->link;
	struct flight *f = flight_new(s, from, g);
	bool lost = l->partition || (l->net_auto && dice(s, l->loss_ppm));

	PUT(l->last[from], *g);
	SET(l->last_number[from], f->number);
	SET(l->last_from, from + 1);
	emit_flight(s, TREC_SEND, f, (u8)((lost ? TREC_LOST : 0) | (s->more_of_skb ? TREC_MORE : 0)), 0);
	if (lost) {
		flight_free(s, f);
		return;
	}
	if (!l->net_auto)
		return;
	SET(f->due, arrival(s));
	if (dice(s, l->dup_ppm))
		link_duplicate(s, f);
}

/* The device's queue takes the packet, or drops it and says so. kernel: dev_queue_xmit() */
static int queue_at_device(struct sim *s, u8 host, const struct seg *g)
{
	if (fault_strikes(s, host, FAULT_QDISC))
		return NET_XMIT_DROP;
	link_send(s, host, g);
	return 0;
}

int ip_queue_xmit(struct sim *s, u8 host, struct sock *sk, const struct seg *g)
{
	FN(ip_queue_xmit, host, sk);
	if (fault_strikes(s, host, FAULT_ROUTE))
		return -1;
	LEAF(__ip_queue_xmit, host, sk);
	return queue_at_device(s, host, g);
}

int ip_send_skb(struct sim *s, u8 host, struct sock *sk, const struct seg *g)
{
	FN(ip_send_skb, host, sk);
	if (fault_strikes(s, host, FAULT_ROUTE))
		return -1;
	return queue_at_device(s, host, g);
}

void ip_send_unicast_reply(struct sim *s, u8 host, const struct seg *g)
{
	FN(ip_send_unicast_reply, host, NULL);
	queue_at_device(s, host, g);
}

int ip_build_and_send_pkt(struct sim *s, u8 host, const struct seg *g)
{
	FN(ip_build_and_send_pkt, host, NULL);
	if (fault_strikes(s, host, FAULT_ROUTE))
		return -1;
	return queue_at_device(s, host, g);
}

static void icmp_socket_deliver(struct sim *s, u8 host, const struct seg *g)
{
	FN(icmp_socket_deliver, host, NULL);
	if (g->opts == SEG_UDP)
		udp_err(s, host, g);
	else
		tcp_v4_err(s, host, g);
}

static void icmp_unreach(struct sim *s, u8 host, const struct seg *g)
{
	FN(icmp_unreach, host, NULL);
	icmp_socket_deliver(s, host, g);
}

static void icmp_rcv(struct sim *s, u8 host, const struct seg *g)
{
	FN(icmp_rcv, host, NULL);
	icmp_unreach(s, host, g);
}

static void ip_protocol_deliver_rcu(struct sim *s, u8 host, const struct seg *g)
{
	FN(ip_protocol_deliver_rcu, host, NULL);
	tcp_v4_rcv(s, host, g);
}

static void ip_local_deliver(struct sim *s, u8 host, const struct seg *g)
{
	FN(ip_local_deliver, host, NULL);
	ip_protocol_deliver_rcu(s, host, g);
}

void ip_rcv(struct sim *s, u8 host, const struct seg *g)
{
	FN(ip_rcv, host, NULL);
	switch (g->proto) {
	case SEG_UDP:
		udp_rcv(s, host, g);
		break;
	case SEG_ICMP:
		icmp_rcv(s, host, g);
		break;
	default:
		tcp_v4_early_demux(s, host, g);
		ip_local_deliver(s, host, g);
		break;
	}
}

struct flight *flight_find(struct sim *s, u32 number)
{
	for (u16 i = 0; i < s->w->pool[POOL_FLIGHT].high; i++) {
		struct flight *f = &s->w->flight[i];

		if (f->live && f->where == FLIGHT_WIRE && f->number == number)
			return f;
	}
	return NULL;
}

struct flight *flight_oldest(struct sim *s, u8 from)
{
	struct flight *oldest = NULL;

	for (u16 i = 0; i < s->w->pool[POOL_FLIGHT].high; i++) {
		struct flight *f = &s->w->flight[i];

		if (!f->live || f->where != FLIGHT_WIRE || (from < NR_HOSTS && f->from != from))
			continue;
		if (!oldest || f->order < oldest->order)
			oldest = f;
	}
	return oldest;
}

void link_deliver(struct sim *s, struct flight *f)
{
	struct seg g = f->seg;
	u8 to = (u8)(1 - f->from);
	bool lost = s->w->link.partition != 0;

	emit_flight(s, lost ? TREC_DROP : TREC_ARRIVE, f, 0, 0);
	flight_free(s, f);
	if (!lost)
		ip_rcv(s, to, &g);
}

void link_interrupt(struct sim *s, u8 to)
{
	struct flight *f;

	while ((f = flight_oldest(s, (u8)(1 - to))) != NULL)
		link_deliver(s, f);
}

void link_drop(struct sim *s, struct flight *f)
{
	emit_flight(s, TREC_DROP, f, 0, 0);
	flight_free(s, f);
}

void link_duplicate(struct sim *s, struct flight *f)
{
	struct flight *copy = flight_new(s, f->from, &f->seg);

	SET(copy->dup_of, f->number);
	if (s->w->link.net_auto)
		SET(copy->due, arrival(s));
	emit_flight(s, TREC_DUP, copy, 0, f->number);
}

void link_inject(struct sim *s, u8 host, const struct seg *g)
{
	link_deliver(s, flight_new(s, (u8)(1 - host), g));
}
