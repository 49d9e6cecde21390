/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells what an action does, in short lines: the call and its result, then states, segments and errors in the order in
 * which they came, then the timers that ended up armed or stopped. What happens to one socket within one action is one
 * line.
 */
#ifndef LANG_STORY_H
#define LANG_STORY_H

#include "base/buf.h"
#include "engine/sim.h"
#include "lang/calls.h"

struct session;

/* What became of one socket, minisocket or request within the action. */
struct story_sock {
	u32 off;
	u16 num;
	u8 host;
	u8 kind; /* enum pool_id */
	u8 state[8]; /* the states it went through */
	u8 states;
	u8 shutdown_old;
	u8 shutdown_new;
	u8 substate_old;
	u8 substate_new;
	bool shutdown_set;
	bool orphaned;
	bool gone;
	bool made;
	bool data_came; /* its receive queue changed */
	bool minisocket; /* one was made for it */
	s16 err;
	u16 accept_old;
	u16 accept_new;
	bool accept_set;
	bool backlog_set;
	u16 backlog_new;
	u16 ofo;
};

struct story_line {
	char *text;		  /* owned; or one of these two: */
	struct story_sock *sock;  /* owned */
	struct call_seen *call;	  /* owned */
	bool sleeps;		  /* call: it fell asleep */
	bool flush_left;
	u16 fn;			  /* where it sleeps */
	u32 pos;		  /* recv: where in the stream the bytes were */
	bool is_action;		  /* the call that the command is: it stands first */
	u8 pad_[3];
};

#define STORY_EVENTS 1024

/* Timers that are armed at one moment. */
struct story_timers {
	struct event ev[STORY_EVENTS];
	size_t n;
};

struct story {
	struct session *ss;
	struct observer observer;
	struct story_line *line; /* owned */
	size_t lines, line_room;
	struct story_timers *before; /* owned: the action */
	struct story_timers *after;  /* owned */
	const char *payload; /* of the action, while it is applied */
	const char *head;    /* what an action that is no system call begins with; its owner's */
	u32 call;	     /* offset of the task whose call the action is, 0: none */
	u8 call_host;
	bool in_call; /* that call has not ended */
	bool idle;    /* a timer without a role fired */
	bool moved;   /* the clock did */
	bool untold;  /* it moved for such a timer, which nobody was told of: whatever else is due then says when it was */
	u8 pad_[7];
};

void story_init(struct story *st, struct session *ss);
void story_release(struct story *st);
/* Before an action: an observer to hand to the tape. `payload` is the action's. */
const struct observer *story_begin(struct story *st, const char *payload);
/* After it: prints what was seen. */
void story_end(struct story *st);
/* The action did not take place. */
void story_discard(struct story *st);

#endif
