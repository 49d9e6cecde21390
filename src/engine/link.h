/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The wire between the two hosts: segments in flight, the dice of `net auto`, and the IP layer's ends of it. */
#ifndef ENGINE_LINK_H
#define ENGINE_LINK_H

#include "engine/sim.h"

#define DEVICE_MTU 1500u
#define NET_XMIT_DROP 1

/*
 * kernel: ip_queue_xmit() and what is below it. The segment of `sk` (may be NULL) leaves `host`: it gets a number and is
 * in flight, or lost (partition, dice). Returns 0, a negative errno when `fault route` strikes, or NET_XMIT_DROP when the
 * device has no room (`fault qdisc`): that is congestion on this host.
 */
int ip_queue_xmit(struct sim *s, u8 host, struct sock *sk, const struct seg *g);
/* kernel: ip_send_skb(): the same for a datagram of UDP, whose route was looked up before. */
int ip_send_skb(struct sim *s, u8 host, struct sock *sk, const struct seg *g);
/* kernel: ip_send_unicast_reply(): the same for an answer that belongs to no full socket (passive RST, TIME_WAIT's ACK). */
void ip_send_unicast_reply(struct sim *s, u8 host, const struct seg *g);
/* kernel: ip_build_and_send_pkt(): the same for a SYN-ACK. */
int ip_build_and_send_pkt(struct sim *s, u8 host, const struct seg *g);

/* A segment arrives at `host` (it is no longer in flight): hands it to tcp_v4_rcv, udp_rcv or icmp_rcv. */
void ip_rcv(struct sim *s, u8 host, const struct seg *g);

/* The flight of that number on the wire, NULL when there is none. */
struct flight *flight_find(struct sim *s, u32 number);
/* The oldest on the wire from `from` (0, 1, or 2 for either); NULL when there is none. */
struct flight *flight_oldest(struct sim *s, u8 from);

void link_deliver(struct sim *s, struct flight *f);
/* All that is in flight to host `to` arrives, oldest first, in the middle of whatever that host is doing. */
void link_interrupt(struct sim *s, u8 to);
void link_drop(struct sim *s, struct flight *f);
void link_duplicate(struct sim *s, struct flight *f);
/* A forged segment arrives at `host`, now. It gets a number like any other. */
void link_inject(struct sim *s, u8 host, const struct seg *g);
/* The next random number of the link's dice. */
u64 link_random(struct sim *s);

#endif
