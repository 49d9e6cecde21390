/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of states, errnos and flags, both ways, with a sentence for each. */
#ifndef LANG_NAMES_H
#define LANG_NAMES_H

#include "base/buf.h"

enum name_class { NAME_STATE, NAME_ERRNO, NAME_FLAG };

struct name_info {
	const char *name;
	const char *text;  /* one sentence */
	const char *title; /* NAME_ERRNO: what strerror() says */
	int value;
	int class;
};

/* All of them, states first; returns NULL behind the last. */
const struct name_info *name_at(size_t i);
/* By name, states with or without TCP_; NULL when there is none. */
const struct name_info *name_find(const char *name);
/* -1 when there is no such state. */
int state_find(const char *name);

const char *state_name(u8 state);
/* Of a positive errno; "E123" when it is none of ours. */
const char *errno_name(int e);
const char *errno_title(int e);
const char *signal_name(int sig); /* "SIGKILL" */
int signal_find(const char *name); /* with or without SIG, or a number; 0: none */
const char *timer_name(int kind);  /* enum tmr_kind: "retransmit" */
const char *role_name(int role);   /* icsk_pending: "LOSS_PROBE" */

/* "RCV|SEND"; "0" when no bit is set. */
void add_shutdown(struct buf *b, u64 bits);
void add_sk_flags(struct buf *b, u64 bits);
void add_ack_pending(struct buf *b, u64 bits);
void add_sacked(struct buf *b, u64 bits);
void add_poll_bits(struct buf *b, u64 bits);

#endif
