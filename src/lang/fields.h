/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The world's fields under the kernel's names (fields.def), for whoever reads or shows them. */
#ifndef LANG_FIELDS_H
#define LANG_FIELDS_H

#include "base/buf.h"
#include "engine/world.h"

/* Those up to OBJ_SOCKET belong to a connection. */
enum field_object { OBJ_SOCK, OBJ_TW, OBJ_REQ, OBJ_FILE, OBJ_SOCKET, OBJ_PROC, OBJ_SKB, OBJ_HOST, NR_OBJ };

enum field_kind {
	FK_NUMBER, FK_BOOL, FK_STATE, FK_SHUTDOWN, FK_PROTO, FK_HASHED, FK_LOCK, FK_FLAGS, FK_ADDR, FK_PORT, FK_SKFLAGS,
	FK_HANDLE, FK_ERRNO, FK_BYTES, FK_NONAGLE, FK_ROLE, FK_CASTATE, FK_CA, FK_ACKPENDING, FK_FFLAGS, FK_SOCKSTATE,
	FK_PFFLAGS, FK_SACKED, FK_TCPFLAGS,
	FK_SEQ_OWN,	   /* relative to our first sequence number; a raw 0 was never set, here and below */
	FK_SEQ_PEER,	   /* relative to the peer's */
	FK_SEQ_SKB,	   /* to whichever side's numbers the queue holds */
	FK_JIFFIES,	   /* a duration; UINT32_MAX is without end */
	FK_JIFFIES_SIGNED, /* a duration or -1 */
	FK_MSEC,
	FK_JSTAMP, /* a moment in jiffies */
	FK_WHEN,   /* a moment in µs */
	FK_TIMER,  /* when a timer expires; 0: it is not armed */
};

struct field {
	const char *name;
	const char *text;
	u16 off; /* in the object */
	u8 size;
	u8 object; /* enum field_object */
	u8 kind;
	u8 is_signed;
	u8 pad_[2];
};

/* What is needed to show a value the way people read it. */
struct field_view {
	u64 now;
	u32 isn;
	u32 peer_isn;
	bool absolute; /* raw sequence numbers */
};

/* All fields; NULL behind the last. */
const struct field *field_at(size_t i);
/*
 * By the kernel's name, `.` or `_` between its parts; sk_, icsk_, tw_, inet_ and rx_opt. may be left out (but `state`
 * means something else than sk_state). NULL when the object has no such field.
 */
const struct field *field_find(enum field_object object, const char *name);
/* The first field of that name in any object, nothing left out; NULL when there is none. */
const struct field *field_by_full_name(const char *name);
/* True when any kind of connection has such a field. */
bool field_known(const char *name);

s64 field_read(const struct field *f, const void *object);
bool field_is_seq(const struct field *f);
/* A raw value that stands for none: a sequence number that was never set, a reference to nothing. */
bool field_is_none(const struct field *f, u64 raw);
/* The value as people read it; "none" when it is none. */
void add_field_value(struct buf *b, const struct field *f, s64 value, const struct field_view *view);

/* Where an offset of the world lies. */
struct field_place {
	const struct field *field; /* NULL: a field without a name for people */
	int pool;		   /* enum pool_id; -1: not in a pool */
	u16 index;
	u8 host;
	u8 pad_;
	u32 object; /* offset of the object in the world */
};
bool field_locate(const struct world *w, u32 off, struct field_place *place);

#endif
