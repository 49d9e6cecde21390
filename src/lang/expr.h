/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expressions over a world: C's operators and precedence, the kernel's names (commands.md: Expressions). */
#ifndef LANG_EXPR_H
#define LANG_EXPR_H

#include "base/buf.h"
#include "base/err.h"
#include "lang/endpoint.h"
#include "lang/fields.h"

struct expr;

/* What an expression is asked about. */
struct expr_env {
	const struct world *w;
	/* how often function `fn` was called on `host` (-1: on both) since the scenario began */
	u32 (*called)(void *ctx, u16 fn, int host);
	void *ctx;
	bool absolute; /* a sequence number is shown raw; it is compared as relative all the same */
};

enum value_type {
	VT_NUMBER,
	VT_US,	    /* a duration in µs */
	VT_JIFFIES, /* a number of jiffies, which a duration may be compared with */
	VT_MSEC,
	VT_TIMER, /* what is left in µs; `none` while it is not armed */
};

struct value {
	s64 n;
	bool none;
	u8 type; /* enum value_type */
};

/*
 * Reads the expression at the beginning of `text`. It ends at the first word that cannot continue it; `used` gets
 * how many characters it has. `focus` stands where no endpoint is named. NULL: err->column counts from 1 within `text`.
 */
struct expr *expr_parse(const char *text, const struct endpoint *focus, size_t *used, struct err *err);
void expr_free(struct expr *e);

struct value expr_eval(const struct expr *e, const struct expr_env *env);
/* Whether it holds. */
bool value_true(const struct value *v);
/* The value of the whole, as a person reads it. */
void add_expr_value(struct buf *b, const struct expr *e, const struct expr_env *env);
/* True when its value can only be yes or no: a comparison, or several of them. */
bool expr_is_claim(const struct expr *e);
/* "A.state is FIN_WAIT1, B.snd_una is 1": each thing that the expression looks at. */
void add_expr_leaves(struct buf *b, const struct expr *e, const struct expr_env *env);
/* Its text, with the endpoints that were left out. */
void add_expr_text(struct buf *b, const struct expr *e);
/* True when it counts calls, for which the past must be replayed. */
bool expr_counts_calls(const struct expr *e);

/* One step of a path behind an endpoint or `wire`, for completion; NULL behind the last. */
const char *expr_queue_name(size_t i);
const char *expr_full_queue_name(size_t i); /* the kernel's name for it */
const char *expr_wire_field(size_t i);
const char *expr_function(size_t i);

#endif
