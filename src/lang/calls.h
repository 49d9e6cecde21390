/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls as strace writes them. */
#ifndef LANG_CALLS_H
#define LANG_CALLS_H

#include "base/buf.h"
#include "engine/world.h"

/* A call that was seen to begin, sleep or return. */
struct call_seen {
	struct task task;  /* as it was then */
	struct sock sock;  /* the sock that it is made on; `live` is 0 when there is none */
	const char *bytes; /* send: what was typed, NULL: only how many */
	const char *text;  /* recv: what was read, quoted */
	s64 result;
	s32 value; /* getsockopt, ioctl */
	s32 value2;
};

/* "send(3, "hi", 2)" */
void add_call(struct buf *b, const struct call_seen *c);
/* " = 0", " = -1 EPIPE (Broken pipe)" */
void add_result(struct buf *b, const struct call_seen *c);
/* What to say to somebody whom the result puzzles; NULL: nothing. */
const char *call_advice(const struct call_seen *c);
/* ", MSG_OOB|MSG_PEEK", as a call's last argument; nothing when no flag is set. */
void add_msg_flags(struct buf *b, u32 flags);
/* "EPOLL_CTL_ADD" */
const char *epoll_op_name(s32 op);
/* "SOL_SOCKET": by enum opt_level. */
const char *sockopt_level_name(u8 level);
/* "recv": the name of a call, by enum sysnr. */
const char *call_name(u8 nr);

#endif
