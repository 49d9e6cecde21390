/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command is a row of a table; the row feeds running, help, completion and the manual page. The helpers below read a
 * command's words one after the other and write down, in args->canon, what a script would have to say instead: the full
 * verb, the endpoint that was meant.
 */
#ifndef LANG_CMD_H
#define LANG_CMD_H

#include "base/buf.h"
#include "base/err.h"
#include "lang/endpoint.h"
#include "lang/lex.h"

struct session;
struct expr;

struct args {
	struct command *c;
	struct buf canon;
	const struct endpoint *focus;
	u32 next; /* word */
	bool bang;
	bool strict;
	u8 pad_[2];
};

enum cmd_flags {
	CMD_ACTS = 1, /* acts on the world: a point of the history */
	CMD_BANG = 2, /* `!` may be written after the verb */
	CMD_EXPR = 4, /* takes an expression */
	CMD_CLOCK = 8, /* says itself how far the clock goes: in `net auto` nothing runs on behind it */
};

struct cmd {
	const char *verb;
	const char *same;   /* another name for it, NULL */
	const char *syntax; /* what stands behind the verb */
	const char *help;   /* one or two sentences */
	const char *takes;  /* for completion: words, and <endpoint> <host> <expr> <file> <sysctl> <wire> ... */
	enum status (*run)(struct session *ss, struct args *a, struct err *err);
	u32 flags; /* CMD_* */
	char letter; /* fixed abbreviation at the prompt, 0: none */
};

struct cmd_table {
	const char *title; /* "Network" */
	const struct cmd *cmd;
	size_t n;
};

/* The tables of this room. */
extern const struct cmd_table cmds_world, cmds_call, cmds_net, cmds_time, cmds_look, cmds_history, cmds_file, cmds_kernel;

/* ---- reading words ------------------------------------------------------------------------------------------- */

/* The next word, NULL at the end. It stays the next. */
const char *args_peek(const struct args *a);
bool args_peek_quoted(const struct args *a);
/* Goes on behind it; NULL at the end. Nothing is noted in canon. */
const char *args_take(struct args *a);
void args_note(struct args *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* ST_WRONG when words are left. */
enum status args_end(const struct args *a, struct err *err);

/* An endpoint when the next word is one, else the focused one. Always noted in full. */
enum status args_endpoint(struct args *a, struct endpoint *ep, struct err *err);
/* True, and consumed, when the next word is an endpoint. */
bool args_try_endpoint(struct args *a, struct endpoint *ep);
/* A host: A or B, else that of the focus. */
enum status args_host(struct args *a, u8 *host, struct err *err);
/* One of `choices` (NULL-terminated), which may be shortened at the prompt: its place, -1 when it is none of them. */
int args_keyword(struct args *a, const char *const *choices);
/* The same, but it must be one. */
enum status args_choice(struct args *a, const char *const *choices, int *which, struct err *err);
/* True when the next word is this keyword; noted. */
bool args_try_keyword(struct args *a, const char *word);
enum status args_duration(struct args *a, u64 *us, struct err *err);
enum status args_number(struct args *a, s64 min, s64 max, s64 *n, const char *what, struct err *err);
/* "#7" */
bool args_try_segment(struct args *a, u32 *number);
/* NAME=VALUE of the next word: copies the name, returns the value, NULL when there is no `=`. Not consumed. */
const char *args_assignment(const struct args *a, char *name, size_t size);
/* An expression from the next word on, which ends between two words. NULL: err says why not. */
struct expr *args_expr(struct args *a, struct err *err);

#endif
