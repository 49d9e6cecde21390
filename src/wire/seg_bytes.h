/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A segment as the bytes of an IPv4 packet, with right lengths and checksums: for captures. */
#ifndef WIRE_SEG_BYTES_H
#define WIRE_SEG_BYTES_H

#include "wire/seg.h"

/* IPv4 header, TCP header with 40 bytes of options; an ICMP error with what it quotes is shorter. */
#define SEG_HEADERS_MAX 100u

/*
 * Writes the packet, at most `size` bytes of it, and returns how long it is as a whole. Addresses are in host order. The
 * payload is `payload` (g->len bytes), or zeros when it is NULL. `id` is the IP identification.
 */
size_t seg_bytes(u8 *out, size_t size, const struct seg *g, u32 saddr, u32 daddr, u16 id, const u8 *payload);

#endif
