/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A segment: what is in its headers, as plain data. Payload bytes are not kept, only how many there are.
 * Sequence numbers here are the raw 32-bit ones.
 */
#ifndef WIRE_SEG_H
#define WIRE_SEG_H

#include "base/types.h"

enum seg_flags {
	TCPHDR_FIN = 0x01,
	TCPHDR_SYN = 0x02,
	TCPHDR_RST = 0x04,
	TCPHDR_PSH = 0x08,
	TCPHDR_ACK = 0x10,
	TCPHDR_URG = 0x20,
	TCPHDR_ECE = 0x40,
	TCPHDR_CWR = 0x80,
};

/* Which options are present (mss and sack say it by themselves: 0 is absent). */
enum seg_opts {
	SEG_OPT_TS = 0x01,
	SEG_OPT_SACKOK = 0x02,
	SEG_OPT_WSCALE = 0x04,
};

enum seg_proto { SEG_ICMP = 1, SEG_TCP = 6, SEG_UDP = 17 };

#define SEG_MAX_SACK 4

struct seg {
	u32 seq;	/* for SEG_ICMP: the sequence number of the quoted segment */
	u32 ack;
	u32 len;	/* payload bytes; for SEG_ICMP frag-needed: the next hop's MTU */
	u32 tsval;
	u32 tsecr;
	u32 sack[SEG_MAX_SACK][2]; /* first, one after the last */
	u16 win;	/* as in the header, before scaling */
	u16 mss;	/* 0: no such option */
	u16 sport;	/* for SEG_ICMP: the ports of the quoted segment, so sport is the receiver's own */
	u16 dport;
	u8 flags;	/* enum seg_flags */
	u8 opts;	/* enum seg_opts; for SEG_ICMP: the quoted segment's protocol */
	u8 wscale;
	u8 nsack;
	u8 proto;	/* enum seg_proto */
	u8 pad_;
	union {
		struct { /* SEG_ICMP only */
			u8 icmp_type;
			u8 icmp_code;
		};
		u16 gso_size; /* SEG_TCP that arrives: it is a train of segments of that size; 0: a single one */
	};
};

/* One after the last sequence number: payload, SYN and FIN count. */
static inline u32 seg_end_seq(const struct seg *g)
{
	return g->seq + g->len + ((g->flags & TCPHDR_SYN) ? 1u : 0u) + ((g->flags & TCPHDR_FIN) ? 1u : 0u);
}

static inline bool before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline bool after(u32 a, u32 b)
{
	return before(b, a);
}

/* lo <= x <= hi, modulo 2^32 */
static inline bool between(u32 x, u32 lo, u32 hi)
{
	return hi - lo >= x - lo;
}

#endif
