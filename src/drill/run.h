/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A script while it is played. */
#ifndef DRILL_RUN_H
#define DRILL_RUN_H

#include "drill/script.h"
#include "tape/tape.h"

/* More timers than that between two events mean that something goes round in a circle. */
#define MAX_FIRED 200000u

/* The last decisions that A's functions took in the present moment, oldest first. */
enum { DECISIONS = 10 };
struct decisions {
	struct trec taken[DECISIONS];
	u32 n;
};

/* A segment that host A put on the wire, raw. */
struct wire_seg {
	struct seg seg;
	u64 at;
	u32 number;
	bool more; /* the rest of the packet that the kernel handed to the device follows */
	struct decisions why; /* what led to it */
};

/* What the script calls a timestamp, and what was really sent. */
struct stamp {
	u32 script;
	u32 real;
};

/* A system call that was made, by the place of its task in the world. */
struct made_call {
	u32 task;
	bool began;
	bool returned;
	s64 result;
	s32 value; /* of an option that was asked for */
	struct task seen; /* the task as it was when it returned: what poll(), epoll_wait() and recvmsg() found */
	u64 when;  /* it returned */
};

struct run {
	const struct drill *d;
	struct drill_options options;
	struct tape *t;
	size_t steps;	    /* so many events become points */
	size_t last_acting; /* the last event that did something in the world */
	struct buf *text;
	struct observer observer;
	struct decisions why; /* in the moment that is played */
	struct err err;
	u64 start; /* of the script, on the world's clock */
	u64 prev;  /* when the event before was done */
	u32 counted[MIB_MAX]; /* A's counters when they were looked at last */

	struct wire_seg *wire; /* sent and not yet matched: from wire_head */
	size_t wire_head;
	size_t wire_n;
	size_t wire_capacity;
	size_t to_drop; /* from here on still in flight */

	struct seg stray; /* the last segment of another port pair; proto 0: none */
	bool has_ports; /* the connection's port pair is known */
	bool has_isn;
	u16 local_port;
	u16 remote_port;
	struct seg_origin ours; /* seq: our initial number, ack: the peer's */

	struct stamp *stamps;
	size_t stamps_n;
	size_t stamps_capacity;

	struct made_call call;	  /* the one that is being made */
	struct made_call pending; /* the one that sleeps */
	const struct script_event *pending_ev; /* NULL: none */
	u64 pending_due;
	s16 fd[MAX_SCRIPT_FD];	  /* of the script to the process's own */
	s16 connection_fd;	  /* of the script: what tcpi_state is asked of; -1 */
};

/* The script does not hold: says where and when, and then what the caller adds. Always false. */
bool run_failed(struct run *r, const struct script_event *ev, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Tells the decisions below a failure. */
void run_tell_why(struct run *r, const struct decisions *why);
/* Takes one action and everything that was sent off the wire. False: the engine refused it, and the script failed. */
bool run_act(struct run *r, const struct script_event *ev, const struct action *a, const void *payload, size_t len);
/* Lets time pass until `when`, and whatever is due before it happen. */
bool run_until(struct run *r, const struct script_event *ev, u64 when);
/* How far off it may happen, when the script waits so long for it: µs. */
u64 run_tolerance(const struct run *r, u64 waited);
/* A line about what happened, when `verbose`. */
void run_say(struct run *r, u64 when, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Seconds since the start, as people read them. */
struct shown run_time(const struct run *r, u64 when);

static inline const struct world *run_world(const struct run *r)
{
	return tape_world(r->t);
}

/* run_packet.c */
bool run_inject(struct run *r, const struct script_event *ev);
bool run_expect(struct run *r, const struct script_event *ev);

/* run_call.c */
bool run_call(struct run *r, const struct script_event *ev);
bool run_assert(struct run *r, const struct script_event *ev);
/* The call that sleeps: has it returned as it should, as far as that can be said by now? */
bool run_check_pending(struct run *r);
/* The script is over: lets the time pass that a sleeping call still has. */
bool run_finish_pending(struct run *r);

#endif
