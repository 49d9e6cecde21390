/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engine says while it runs: fixed-size records, handed to an observer one by one.
 *
 * A record names objects and fields by their offset in the world; fields.h turns offsets into names. Functions and
 * decisions are numbers of the tables functions.def and decisions.def.
 */
#ifndef ENGINE_TRACE_H
#define ENGINE_TRACE_H

#include "base/types.h"

enum fn_id {
	FN_none_,
#define F(name, file, versions, text) FN_##name,
#include "engine/functions.def"
#undef F
	NR_FN
};

enum decision_id {
	DEC_none_,
#define D(fn, name, value1, value2, yes, no) DEC_##name,
#include "engine/decisions.def"
#undef D
	NR_DEC
};

/* Kernels a function exists in (bits). */
enum { V24 = 1, V310 = 2, V58 = 4, V618 = 8, V_ALL = 15, V_SINCE310 = 14, V_SINCE58 = 12, V_UNTIL310 = 3, V_UNTIL58 = 7 };

struct fn_info {
	const char *name;
	const char *file; /* where the kernel has it: "net/ipv4/tcp.c" */
	const char *text; /* one sentence: what it does */
	u8 versions;	  /* V* bits */
};
extern const struct fn_info fn_info[NR_FN];

struct decision_info {
	const char *name;   /* "data_was_unread" */
	const char *value1; /* what the values are, NULL when there is none */
	const char *value2;
	const char *yes; /* the sentence for true */
	const char *no;
	u16 fn;		 /* enum fn_id: the function that decides */
	u16 pad_[3];
};
extern const struct decision_info decision_info[NR_DEC];

/*
 * The function of that kernel which does what `fn` does: itself, or an older name. 0 when there was none: its work is
 * done in the function that calls it.
 */
u16 fn_in_kernel(u16 fn, u8 profile);
/* The same for the function that a decision, or a sleeper, is in: where it was part of another one, that one. */
u16 fn_holding(u16 fn, u8 profile);

/* By name; 0 when there is none. */
u16 fn_find(const char *name);
u16 decision_find(const char *name);

enum trec_type {
	TREC_ENTER,	/* a function is entered: id = fn, off = object (0 none), flags TREC_RESUMED */
	TREC_LEAVE,	/* id = fn */
	TREC_FIELD,	/* off, size: the field; a = old, b = new */
	TREC_DECISION,	/* id = decision, x = 1 true; a, b = values */
	TREC_SEND,	/* off = flight: a segment goes out. a = number. flags TREC_LOST when it was lost at once, TREC_MORE when the rest of its skb follows */
	TREC_ARRIVE,	/* a segment reaches its host: off = flight, a = number */
	TREC_DROP,	/* a segment on the wire is lost: off = flight, a = number */
	TREC_DUP,	/* a copy was made: off = the new flight, a = its number, b = of which */
	TREC_TIMER_ARM, /* off = the timer's object, x = enum tmr_kind, a = expires, b = role (icsk_pending) */
	TREC_TIMER_STOP,/* off, x */
	TREC_TIMER_FIRE,/* off, x, b = role */
	TREC_MIB,	/* host, id = enum mib_id, a = new value (b = 1 up, -1 down) */
	TREC_STATE,	/* off = sock: inet_sk_state_store; a = old, b = new state */
	TREC_ALLOC,	/* off = an object comes into being, id = enum pool_id */
	TREC_FREE,	/* off = an object goes, id = enum pool_id */
	TREC_SLEEP,	/* off = task: it falls asleep in function id; a = deadline */
	TREC_WAKE,	/* off = task: it is woken, by sock x (offset) */
	TREC_CALL,	/* off = task: a system call begins */
	TREC_RETURN,	/* off = task: it returns; a = result (s64, negative errno); b = value read (s32), x = its second */
	TREC_SIGNAL,	/* off = task: it gets signal x */
	TREC_NEW_MAIN,	/* host: the main socket is now number a */
	TREC_FAULT,	/* host: fault id = enum fault strikes here */
	TREC_TIME,	/* the clock moves: a = old, b = new */
	TREC_PROFILE,	/* host asks its kernel's profile: id = enum profile_row, a = what it has there */
	TREC_SYSCTL,	/* host reads a sysctl in which kernels differ: id = enum sysctl_id, a = its value (s32) */
};

enum { TREC_RESUMED = 1, TREC_LOST = 2, TREC_MORE = 4 };

enum tmr_kind { TMR_RETRANSMIT, TMR_DELACK, TMR_KEEPALIVE, TMR_TW, TMR_RSK, TMR_TASK, TMR_ARRIVAL, NR_TMR };

struct trec {
	u8 type;  /* enum trec_type */
	u8 host;
	u8 size;
	u8 flags;
	u16 id;
	u16 depth; /* of the frame that it belongs to; 0 outside of all */
	u32 off;
	u32 x;
	u64 a;
	u64 b;
};

struct sim;

/* Called for each record, in order. It may read s->w, as it is at that moment, and must not change it. */
struct observer {
	void (*see)(void *ctx, const struct sim *s, const struct trec *r);
	void *ctx;
};

#endif
