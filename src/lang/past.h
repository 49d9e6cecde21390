/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of the moments behind the present one, back to where the scenario began: how often functions were
 * called, which segments went over the wire, which bytes were written. None of it is state: it comes from replaying the
 * tape, when somebody asks, and is kept until the present is no longer ahead of it.
 */
#ifndef LANG_PAST_H
#define LANG_PAST_H

#include "base/buf.h"
#include "tape/tape.h"
#include "wire/seg_text.h"

/* FATE_TAKEN: the peer of a packetdrill script has it. */
enum past_fate { FATE_FLYING, FATE_ARRIVED, FATE_DROPPED, FATE_LOST, FATE_TAKEN };

struct past_seg {
	struct seg seg;
	struct seg_origin origin;
	u64 sent_at;
	u64 ended_at;
	u32 number;
	u32 dup_of;
	u32 moment; /* a datagram: of the call that sent it, MOMENT_NONE when it was forged */
	u8 from;
	u8 fate;
	u8 injected;
	u8 pad_;
};

/* Bytes [from, to) of one direction of a connection came from the call made at `moment`. */
struct past_write {
	u32 moment;
	u32 offset; /* in its payload */
	u32 from;
	u32 to;
	u16 sport;
	u16 dport;
	u8 host;
	u8 pad_[3];
};

/* A datagram that came into the receive queue of socket `num`. */
struct past_datagram {
	u32 moment; /* of the call that sent it */
	u16 num;
	u8 host;
	u8 pad_;
};

/* First sequence numbers of a port pair, as last seen. */
struct past_isn {
	u32 isn;
	u32 peer_isn;
	u16 sport;
	u16 dport;
	u8 host;
	u8 pad_[3];
};

#define PAST_ISNS 64

/* A timer as it was armed. */
struct past_timer {
	u64 expires;
	u64 length;
	u8 host;
	u8 kind;
	u8 pad_[6];
};

#define PAST_TIMERS 64 /* the latest of them */

struct past {
	struct past_seg *seg; /* owned, in the order in which they appeared */
	struct past_write *write; /* owned */
	size_t segs, seg_room;
	size_t writes, write_room;
	struct past_datagram *datagram; /* owned, in the order of arrival */
	size_t datagrams, datagram_room;
	u32 start; /* the scenario's moment */
	u32 upto;  /* the last moment that is in here; MOMENT_NONE: nothing is */
	u32 moment; /* being replayed */
	u32 arriving; /* moment of the call that sent the datagram arriving now */
	u32 next_isn;
	u32 first_number; /* of the segments since the scenario */
	struct past_isn isn[PAST_ISNS];
	struct past_timer timer[PAST_TIMERS];
	u32 next_timer;
	const struct tape *tape; /* that is being replayed */
	u32 called[NR_FN][NR_HOSTS];
	u32 task_moment[MAX_TASK + 1];
	u32 task_done[MAX_TASK + 1];
};

/* The first numbers of a connection as something that lives on `host` knows them; false when nothing does. */
bool isn_in_world(const struct world *w, u8 host, u16 port, u16 peer_port, struct past_isn *out);

void past_init(struct past *p);
void past_release(struct past *p);
/* Brings it up to the present moment of the tape. */
enum status past_sync(struct past *p, struct tape *t, struct err *err);
/* Adds the first so many records of a moment that follows it. The next past_sync() begins anew. */
enum status past_go_on(struct past *p, struct tape *t, u32 moment, u32 records, struct err *err);
/* How long the timer of that kind on `host` had to run when it was armed, by when it expires; 0: nobody saw that. */
u64 past_timer_length(const struct past *p, u8 host, u8 kind, u64 expires);
/* NULL: no such segment since the scenario began. */
const struct past_seg *past_find_seg(const struct past *p, u32 number);
/* The segment that one of the hosts sent last, when it has that number; NULL: neither has. */
const struct seg *past_last_sent(const struct world *w, u32 number, u8 *from);
/* ST_WRONG: why segment `number`, which is not to be had, cannot be `used` ("shown"). */
enum status past_no_seg(const struct world *w, u32 number, const char *used, struct err *err);
/* The first sequence numbers of the connection that `g`, sent by `from`, belongs to; looks into `w`, then remembers. */
struct seg_origin past_origin(struct past *p, const struct world *w, u8 from, const struct seg *g);
/* Appends bytes [from, to) that `host` wrote on that connection, quoted; what nobody typed as "<100 bytes>". */
void past_add_text(const struct past *p, struct tape *t, struct buf *b, u8 host, u16 sport, u16 dport, u32 from,
		   u32 to);
/*
 * The payload of a segment that `host` sent in a connection whose first byte has the number `first`, as far as calls made up to
 * moment `upto` wrote it, into `out` (g->len, zeroed): zeros where nobody typed what they are.
 */
void past_bytes(const struct past *p, struct tape *t, u8 *out, u8 host, const struct seg *g, u32 first, u32 upto);
/*
 * As past_add_text(), for `n` bytes of the datagram that socket `sk` gave away, or showed (`peek`), when it looked like that.
 */
void past_add_datagram(const struct past *p, struct tape *t, struct buf *b, const struct sock *sk, bool peek, u32 n);

#endif
