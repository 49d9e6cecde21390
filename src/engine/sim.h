/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The driver: apply an action to a world, list what could happen next.
 *
 * `struct sim` is the working handle that is the first argument of every kernel function. It is never part of a
 * snapshot: only `w` is state.
 */
#ifndef ENGINE_SIM_H
#define ENGINE_SIM_H

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/profile.h"
#include "engine/trace.h"
#include "engine/world.h"

/* One write that can be taken back. Larger areas are cut into pieces of eight bytes. */
struct undo_rec {
	u32 off;
	u32 size;
	u64 old;
};

struct undo_log {
	struct undo_rec *rec; /* owned by the caller */
	u32 len;
	u32 capacity;
	u8 lost; /* more was written than fits */
	u8 pad_[7];
};

struct sim {
	struct world *w;		 /* owned by the caller */
	const struct observer *observer; /* may be NULL */
	struct undo_log *undo;		 /* may be NULL */
	u16 depth;			 /* open frames */
	u16 resuming;			 /* enum fn_id of the function a woken call goes back into, 0 none */
	hnd current;			 /* the task whose system call runs, 0 in softirq */
	u8 current_exiting;		 /* PF_EXITING of the running process */
	u8 in_backlog;			 /* inside __release_sock */
	u8 shows_set_up;		 /* the observer sees how a scenario is set up, too */
	u8 more_of_skb;			 /* the segment that goes out is not the last of its skb */
	u8 one_body;			 /* sim_apply_quiet() is not to be used, though nobody watches */
	u32 overflow_pool;		 /* which pool ran full */
	u32 line;			 /* of the engine's source that an observer is told of, */
	const char *file;		 /* and in which file it is */
	u32 tcp_tw_isn;			 /* from a minisocket to tcp_v4_conn_request(), as the kernel's per-CPU variable */
	jmp_buf overflow;		 /* back into sim_apply when one does */
	struct world *before;		 /* caller's scratch for taking a failed action back; may be NULL, see sim_apply() */
};

/* ---- actions ------------------------------------------------------------------------------------------------- */

enum act {
	ACT_NONE,
	ACT_SCENARIO, /* a = enum scenario_id, b = 0 or kernels_of(); the world starts over */
	ACT_CALL,     /* system call nr on host: pid (0: the first), fd (-1: that of the main socket), a, b, t by call */
	ACT_DELIVER,  /* a = segment number */
	ACT_DROP,     /* a = number; b = 1: a peer outside of this world has it */
	ACT_DUP,      /* a = number */
	ACT_DELAY,    /* a = number, t = µs from now */
	ACT_SWAP,     /* a, b = numbers */
	ACT_INJECT,   /* a segment arrives at host: payload is a struct seg (addresses and ports filled in here if 0) */
	ACT_ICMP,     /* at host: nr = type, flags = code, a = quoted sequence number (raw); quotes the main connection */
	ACT_PARTITION,/* a = 0, 1 */
	ACT_NET,      /* a = 0 manual, 1 auto; t = delay; payload is a struct net_params when auto */
	ACT_ADVANCE,  /* the clock moves to t; refused by status when an earlier timer is due */
	ACT_FIRE,     /* the earliest event (sim_next_event) happens: the clock moves there and it fires */
	ACT_SYSCTL,   /* host, a = enum sysctl_id, b = value (as s32) */
	ACT_FAULT,    /* host, a = enum fault, b = how many */
	ACT_LOCK,     /* host, main socket (or number a): a process takes the socket lock */
	ACT_UNLOCK,
	ACT_ABORT,    /* host, socket number a: ss -K */
	ACT_EXIT,     /* host, pid (0: the first): the process exits */
	ACT_KILL,     /* host, pid, a = signal number */
	NR_ACT,
};

struct action {
	u8 kind; /* enum act */
	u8 host;
	u8 nr;	 /* enum sysnr; ICMP type */
	u8 flags;
	s16 fd;
	u16 pid;
	u32 a;
	u32 b;
	u64 t;
};

struct net_params {
	u64 delay; /* µs */
	u64 seed;
	u32 loss_ppm;
	u32 dup_ppm;
	u32 reorder_ppm;
	u32 pad_;
};

/* A world with two idle hosts (scenario `closed` before its processes), both running `profile`. */
void world_init(struct world *w, enum profile_id a, enum profile_id b);

/* Binds a handle to a world and its scratch (may be NULL). Both stay the caller's. */
void sim_init(struct sim *s, struct world *w, struct world *before);

/*
 * Does one action: everything up to the moment when nothing runs any more (calls that it wakes run too).
 * ST_FULL: a pool ran full, the world is as before. ST_WRONG: the action makes no sense here (no such segment, no such
 * descriptor's process, ...), the world is as before. What the kernel refuses is ST_OK: look at the task's result.
 *
 * "As before" needs `before` or `undo`. A caller who has another copy of the world anyway may do without both and saves
 * the copying; after a failure the world is then spoiled, and the caller's to restore.
 */
enum status sim_apply(struct sim *s, const struct action *a, const void *payload, size_t payload_len, struct err *err);

/* The other body of sim_apply(), for a sim without observer and undo log. */
enum status sim_apply_quiet(struct sim *s, const struct action *a, const void *payload, size_t payload_len,
			    struct err *err);

/* What happens by itself, earliest first. */
struct event {
	u64 when;
	u32 off;  /* offset of the object: sock, tw, req, task, flight */
	u8 kind;  /* enum tmr_kind */
	u8 host;
	u8 role;  /* icsk_pending, for TMR_RETRANSMIT */
	u8 pad_;
	u32 order; /* of segments that arrive at the same time: the oldest first */
	u32 pad1_;
};

/* The earliest of all timers, sleeps that time out and delayed arrivals. False when there is none. */
bool sim_next_event(const struct world *w, struct event *ev);
/* All of them, in no order; returns how many there are, and writes at most `max`. */
size_t sim_events(const struct world *w, struct event *ev, size_t max);

/* Lets the earliest event happen, inside an action. False when there is none. */
bool sim_fire_earliest(struct sim *s);

/*
 * What could happen next, for a search: deliveries (each segment in flight), drops and duplications, and the earliest
 * timer. Calls are added by the caller, who knows which verbs are allowed. Returns how many; writes at most `max`.
 */
size_t sim_choices(const struct world *w, struct action *out, size_t max);

/* Takes back all writes of the log, newest first, and empties it. */
void sim_rollback(struct sim *s);

/* ---- scenarios (scenario.c) ------------------------------------------------------------------------------------ */

enum scenario_id {
#define SCENARIO(id, name, text) SCENARIO_##id,
#include "engine/scenarios.def"
#undef SCENARIO
	NR_SCENARIOS
};
struct scenario_info {
	const char *name;
	const char *text;
};
extern const struct scenario_info scenario_info[NR_SCENARIOS];
/* -1 when there is none of that name */
int scenario_find(const char *name);
/* Both hosts' kernels in one number, never 0. */
static inline u32 kernels_of(enum profile_id a, enum profile_id b)
{
	return ((u32)a + 1) | ((u32)b + 1) << 8;
}
/* Starts the world over from the scenario, by honest calls and segments; `kernels` 0 keeps the hosts' profiles. */
enum status scenario_set_up(struct sim *s, enum scenario_id id, u32 kernels, struct err *err);

/* ---- writing to the world: these macros are the only way ------------------------------------------------------- */

static inline u32 world_off(const struct sim *s, const void *p)
{
	return p ? (u32)((const char *)p - (const char *)s->w) : 0;
}

void note_write_(struct sim *s, const void *p, u32 size, u64 old, u64 new_value);
void note_area_(struct sim *s, const void *p, size_t size);
void emit_(const struct sim *s, enum trec_type type, u8 host, u16 id, u32 off, u32 x, u64 a, u64 b);

/*
 * The engine is built twice. Where nobody watches and nothing is logged, sim_apply() hands over to a body without any of
 * what follows: twice as fast, and the same in all else (the tape checks it with every replay).
 */
#ifdef ENGINE_QUIET
#define WATCHED_ 0
#define LOGGED_ 0
#else
#define WATCHED_ (s->observer != NULL)
#define LOGGED_ (s->undo != NULL)
#endif

/* The sim, who is told where in the source it is when somebody watches. */
#define HERE_ (WATCHED_ ? (void)(s->line = __LINE__, s->file = __FILE__) : (void)0, s)

/* Writes a scalar field. The variable `s` is the sim. */
#define SET(lhs, val)                                                                                          \
	__extension__({                                                                                        \
		__typeof__(lhs) *set_p_ = &(lhs);                                                              \
		const __typeof__(lhs) set_n_ = (__typeof__(lhs))(val);                                         \
		if ((WATCHED_ || LOGGED_) && *set_p_ != set_n_)                                             \
			note_write_(HERE_, set_p_, (u32)sizeof(*set_p_), (u64)*set_p_, (u64)set_n_);           \
		*set_p_ = set_n_;                                                                              \
	})
#define ADD(lhs, val) SET(lhs, (lhs) + (val))
#define SUB(lhs, val) SET(lhs, (lhs) - (val))

/* Writes a whole structure (undo log only, no field record). */
#define PUT(lhs, val)                                          \
	__extension__({                                        \
		if (LOGGED_)                                   \
			note_area_(s, &(lhs), sizeof(lhs));    \
		(lhs) = (val);                                 \
	})

#define EMIT(type, host, id, off, x, a, b)                                                                     \
	__extension__({                                                                                        \
		if (WATCHED_)                                                                                  \
			emit_(HERE_, type, host, (u16)(id), off, (u32)(x), (u64)(a), (u64)(b));                    \
	})

/* ---- frames and decisions -------------------------------------------------------------------------------------- */

struct frame_guard {
	struct sim *s; /* NULL when nobody watches */
	u16 fn;
	u8 host;
	u8 pad_[5];
};

struct frame_guard frame_enter_(struct sim *s, u16 fn, u8 host, const void *obj);
void frame_close_(const struct frame_guard *g);
void frame_leaf_(struct sim *s, u16 fn, u8 host, const void *obj);

/* Nobody watching, a frame costs a comparison. */
static inline void frame_leave_(const struct frame_guard *g)
{
	if (g->s)
		frame_close_(g);
}

/* Opens the frame of a kernel function; it closes on every return. One line at the head of each. `obj` may be NULL. */
#define FN(name, host_, obj)                                                                          \
	__attribute__((cleanup(frame_leave_), unused)) struct frame_guard frame_guard_ =              \
		WATCHED_ ? frame_enter_(HERE_, FN_##name, (u8)(host_), (obj))                      \
			    : (struct frame_guard){ NULL, 0, 0, { 0 } }

/* A function that takes a sock. */
#define FN_SK(name, sk_) FN(name, (sk_)->host, (sk_))
/* A leaf with nothing else to show: frame, then closed at once. */
#define LEAF(name, host_, obj)                                        \
	__extension__({                                               \
		if (WATCHED_)                                         \
			frame_leaf_(HERE_, FN_##name, (u8)(host_), (obj)); \
	})

/* The truth of `cond`, put on record with up to two values that decided it. */
static inline bool decide_(struct sim *s, u16 id, u8 host, bool cond, u64 v1, u64 v2)
{
	if (WATCHED_)
		emit_(s, TREC_DECISION, host, id, 0, cond, v1, v2);
	return cond;
}
#define DECIDE(name, host_, cond, v1, v2) decide_(HERE_, DEC_##name, (u8)(host_), !!(cond), (u64)(v1), (u64)(v2))

/* What must be impossible. On in every build. */
#define BUG_ON(cond)                 \
	do {                         \
		if (cond)            \
			abort();     \
	} while (0)

/* ---- objects --------------------------------------------------------------------------------------------------- */

static inline u8 *pool_slot(const struct sim *s, enum pool_id pool, u16 index)
{
	return (u8 *)s->w + pool_geometry[pool].offset + (size_t)index * pool_geometry[pool].size;
}

/* Ends the action with ST_FULL. */
_Noreturn void pool_overflow_(struct sim *s, enum pool_id pool);

/*
 * Takes the lowest free slot of a pool, zeroed but for `live` and `host`; a full pool ends the action with ST_FULL.
 * In line, as pool_free(): the pool is a constant wherever it is called, so that its geometry folds away.
 */
static inline __attribute__((always_inline)) void *pool_alloc(struct sim *s, enum pool_id pool, u8 host)
{
	const struct pool_geometry *g = &pool_geometry[pool];
	struct pool *p = &s->w->pool[pool];
	u8 *slot = NULL;
	u16 i;

	for (i = 0; i < g->capacity; i++) {
		slot = pool_slot(s, pool, i);
		if (i >= p->high || !slot[g->live_offset])
			break;
	}
	if (i == g->capacity)
		pool_overflow_(s, pool);
	if (i >= p->high) {
		/* what lies above `high` may be left over from another world */
		if (LOGGED_)
			note_area_(s, slot, g->size);
		memset(slot, 0, g->size);
		SET(p->high, i + 1);
	}
	SET(p->used, p->used + 1);
	SET(slot[g->live_offset], 1);
	SET(slot[g->live_offset + 1], host);
	EMIT(TREC_ALLOC, host, pool, world_off(s, slot), 0, 0, 0);
	return slot;
}

/* Zeroes the slot and gives it back. */
static inline __attribute__((always_inline)) void pool_free(struct sim *s, enum pool_id pool, void *obj)
{
	const struct pool_geometry *g = &pool_geometry[pool];
	struct pool *p = &s->w->pool[pool];
	u16 high = p->high;
	u8 *slot = obj;

	BUG_ON(!slot[g->live_offset]);
	EMIT(TREC_FREE, slot[g->live_offset + 1], pool, world_off(s, slot), 0, 0, 0);
	if (LOGGED_)
		note_area_(s, slot, g->size);
	memset(slot, 0, g->size);
	SET(p->used, p->used - 1);
	while (high > 0 && !pool_slot(s, pool, (u16)(high - 1))[g->live_offset])
		high--;
	SET(p->high, high);
}

/* The handle of an object: its place in the pool plus one. `pool` is a constant, so this is one subtraction. */
static inline hnd pool_handle(const struct sim *s, enum pool_id pool, const void *obj)
{
	switch (pool) {
	case POOL_SOCK:
		return (hnd)((const struct sock *)obj - s->w->sock + 1);
	case POOL_TW:
		return (hnd)((const struct tw *)obj - s->w->tw + 1);
	case POOL_REQ:
		return (hnd)((const struct req *)obj - s->w->req + 1);
	case POOL_SKB:
		return (hnd)((const struct skb *)obj - s->w->skb + 1);
	case POOL_FLIGHT:
		return (hnd)((const struct flight *)obj - s->w->flight + 1);
	case POOL_FILE:
		return (hnd)((const struct file *)obj - s->w->file + 1);
	case POOL_SOCKET:
		return (hnd)((const struct socket *)obj - s->w->socket + 1);
	case POOL_PROC:
		return (hnd)((const struct proc *)obj - s->w->proc + 1);
	case POOL_TASK:
		return (hnd)((const struct task *)obj - s->w->task + 1);
	case POOL_BIND:
		return (hnd)((const struct bind *)obj - s->w->bind + 1);
	case POOL_EVENTPOLL:
		return (hnd)((const struct eventpoll *)obj - s->w->eventpoll + 1);
	case POOL_EPITEM:
		return (hnd)((const struct epitem *)obj - s->w->epitem + 1);
	case NR_POOLS:
		break;
	}
	abort();
}

/* Handle to pointer; NULL for 0. A handle of a free slot is a bug. */
#define OBJECT_AT(type, member, cap)                                      \
	static inline struct type *type##_at(struct sim *s, hnd h)        \
	{                                                                 \
		if (!h)                                                   \
			return NULL;                                      \
		BUG_ON(h > (cap) || !s->w->member[h - 1].live);           \
		return &s->w->member[h - 1];                              \
	}
OBJECT_AT(sock, sock, MAX_SOCK)
OBJECT_AT(tw, tw, MAX_TW)
OBJECT_AT(req, req, MAX_REQ)
OBJECT_AT(skb, skb, MAX_SKB)
OBJECT_AT(flight, flight, MAX_FLIGHT)
OBJECT_AT(file, file, MAX_FILE)
OBJECT_AT(socket, socket, MAX_SOCKET)
OBJECT_AT(proc, proc, MAX_PROC)
OBJECT_AT(task, task, MAX_TASK)
OBJECT_AT(bind, bind, MAX_BIND)
OBJECT_AT(eventpoll, eventpoll, MAX_EVENTPOLL)
OBJECT_AT(epitem, epitem, MAX_EPITEM)
/* Pointer to handle. */
#define SK_HND(sk) pool_handle(s, POOL_SOCK, (sk))

static inline struct host *host_of(struct sim *s, u8 host)
{
	return &s->w->host[host];
}

void sysctl_told_(const struct sim *s, u8 host, enum sysctl_id id);
static inline s32 sysctl_get(const struct sim *s, u8 host, enum sysctl_id id)
{
	if (WATCHED_)
		sysctl_told_(s, host, id);
	return s->w->host[host].sysctl[id];
}

static inline const struct kprofile *prof(const struct sim *s, u8 host)
{
	return profile_of((enum profile_id)s->w->host[host].profile);
}

/* What the host's kernel has in that row of its profile; who watches hears that it was asked. */
#define KP(host_, row)                                                                                          \
	__extension__({                                                                                         \
		if (WATCHED_)                                                                                   \
			emit_(s, TREC_PROFILE, (u8)(host_), KP_##row, 0, 0, prof(s, (u8)(host_))->row, 0);      \
		prof(s, (u8)(host_))->row;                                                                      \
	})

/* True, and used up, when `fault` was ordered for this host. */
bool fault_strikes_(struct sim *s, u8 host, enum fault f);
static inline bool fault_strikes(struct sim *s, u8 host, enum fault f)
{
	return s->w->host[host].fault[f] && fault_strikes_(s, host, f);
}

#define NET_INC_STATS(host_, name) mib_add_(s, (u8)(host_), MIB_##name, 1)
#define NET_ADD_STATS(host_, name, n) mib_add_(s, (u8)(host_), MIB_##name, (s32)(n))
#define TCP_DEC_STATS(host_, name) mib_add_(s, (u8)(host_), MIB_##name, -1)
void mib_noted_(struct sim *s, u8 host, enum mib_id id, s32 n);
static inline void mib_add_(struct sim *s, u8 host, enum mib_id id, s32 n)
{
	if (!mib_exists(id, s->w->host[host].profile))
		return;
	if (WATCHED_ || LOGGED_)
		mib_noted_(s, host, id, n);
	else
		s->w->host[host].mib[id] += (u32)n;
}

/* ---- clocks ---------------------------------------------------------------------------------------------------- */

/* jiffies, 32 bits of them as the kernel keeps in most fields */
static inline u32 tcp_jiffies32(const struct sim *s)
{
	return (u32)(s->w->now / USEC_PER_JIFFY);
}
static inline u64 tcp_clock_us(const struct sim *s)
{
	return s->w->now;
}
static inline u32 tcp_clock_ms(const struct sim *s)
{
	return (u32)(s->w->now / 1000);
}
static inline u32 ktime_get_seconds(const struct sim *s)
{
	return (u32)(s->w->now / USEC_PER_SEC);
}
/* Durations to jiffies, rounding up, as the kernel does. */
static inline u32 usecs_to_jiffies(u64 us)
{
	return (u32)((us + USEC_PER_JIFFY - 1) / USEC_PER_JIFFY);
}
static inline u32 msecs_to_jiffies(u32 ms)
{
	return usecs_to_jiffies((u64)ms * 1000);
}
static inline u64 jiffies_to_usecs(u32 j)
{
	return (u64)j * USEC_PER_JIFFY;
}

#endif
