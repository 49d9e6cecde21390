/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of states, errnos and flags, both ways, with a sentence for each. */
#ifndef LANG_NAMES_H
#define LANG_NAMES_H

#include "base/buf.h"
#include "base/err.h"

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

/* ST_WRONG: the kernel has no function of that name here, but perhaps a similar one. */
enum status no_such_function(const char *name, struct err *err);

struct signal_info {
	const char *name; /* "SIGKILL" */
	const char *text;
	int number;
};

/* All that `kill` knows; NULL behind the last. */
const struct signal_info *signal_at(size_t i);

/* A name that the program prints or reads and that stands in no other table. */
struct word_info {
	const char *name;
	const char *kind;
	const char *text;
};

const struct word_info *word_at(size_t i);

/* By enum fault; NULL behind the last. */
extern const char *const fault_names[];
const char *fault_name(u32 fault);

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
/* "POLLIN|POLLHUP", "EPOLLIN|EPOLLET" by the prefix; "0" for none. */
void add_events(struct buf *b, const char *prefix, u32 events);

#endif
