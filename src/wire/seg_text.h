/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Segments as text, in packetdrill's syntax:
 *
 *	F. 1:1(0) ack 1 win 502 <nop,nop,TS val 1 ecr 2>
 *	udp (100)
 *	icmp unreachable host_unreachable [1:1(0)]
 *	icmp time_exceeded [1:1(0)]
 *
 * Flags are the letters F S R P U E W, each at most once, and `.` for ACK; `-` is none at all. Then first:end(length) of the
 * payload (SYN and FIN have no length here), `ack` if and only if there is the dot, the window as it is in the header,
 * and the options. White space and // comments may stand between any two tokens.
 */
#ifndef WIRE_SEG_TEXT_H
#define WIRE_SEG_TEXT_H

#include "base/err.h"
#include "wire/seg.h"

/* What numbers are counted from: the initial sequence numbers of the sender and of the receiver. Both 0: raw numbers. */
struct seg_origin {
	u32 seq; /* the sender's: first and end */
	u32 ack; /* the receiver's: ack, and the edges of SACK blocks */
};

/* What seg_text() shows beside flags, numbers and ack. */
enum { SEG_TEXT_WIN = 1, SEG_TEXT_OPTS = 2, SEG_TEXT_ALL = 3 };

/* The longest text, with its NUL. */
#define SEG_TEXT_MAX 256
/* An IPv4 packet has room for so much beside the two headers without options. */
#define SEG_MAX_PAYLOAD 65495u

/*
 * Writes the text of a segment, options in the order in which the kernel writes them. Returns its length. For an ICMP
 * error the numbers are those of the segment that it quotes, so `seq` is the receiver's own.
 */
size_t seg_text(char out[SEG_TEXT_MAX], const struct seg *g, struct seg_origin from, unsigned parts);

struct seg_scan {
	struct seg seg;	   /* raw: as written */
	bool has_win;	   /* a window was written; else seg.win is 0 */
	bool kernel_order; /* the options stand as the kernel would write them, NOPs included */
	bool any_opts;	   /* <...>: whichever options */
	size_t no_ack_at;  /* where an ACK number is missing, if `no_ack` */
	bool no_ack;	   /* the ACK flag came without a number, which is 0 then */
	u32 opt_bytes;	   /* what the options take, as written */
	size_t twice_at;   /* where an option that was there already stands, if `twice`: the last one counts */
	bool twice;
	const char *foreign; /* what packetdrill has and a segment here has not, the first of it; NULL: nothing */
};

/*
 * Reads the segment that begins at text[*pos] and moves *pos behind it; what follows is the caller's. Looks at no
 * byte from text[len] on. ST_WRONG: *pos is where the mistake is.
 */
enum status seg_scan(struct seg_scan *out, const char *text, size_t len, size_t *pos, u32 max_payload, struct err *err);

/*
 * Reads a text that is one segment and nothing else, numbers counted from `from`. `has_win` (may be NULL) says whether a
 * window was written. ST_WRONG: err->column is set, and err->line to 1.
 */
enum status seg_parse(struct seg *g, const char *text, struct seg_origin from, bool *has_win, struct err *err);

/* Relative numbers to raw ones, and back. An ACK number is only moved when there is the flag. */
void seg_to_raw(struct seg *g, struct seg_origin from);
void seg_to_relative(struct seg *g, struct seg_origin from);

/* Bytes of TCP options, padding to a multiple of four included. */
u32 seg_options_len(const struct seg *g);

#endif
