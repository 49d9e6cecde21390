/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The things that an expression can look at: parsing their names, reading them, showing them. Used by expr.c alone. */
#ifndef LANG_LEAF_H
#define LANG_LEAF_H

#include "lang/expr.h"

enum leaf_kind {
	LEAF_STATE, LEAF_FIELD, LEAF_FLAG, LEAF_QUEUE, LEAF_TIMER, LEAF_APP, LEAF_WIRE_COUNT, LEAF_WIRE_LAST, LEAF_MIB,
	LEAF_CALLED, LEAF_SEEN, LEAF_ERRNO, LEAF_RET, LEAF_ASLEEP, LEAF_TIME,
};

struct leaf {
	const struct field *field[NR_OBJ]; /* LEAF_FIELD: by kind of object */
	struct endpoint ep;
	s32 host;  /* LEAF_CALLED: -1 is both */
	u32 what;  /* which queue, timer, flag, counter, function, state */
	u32 part;  /* of a queue or segment */
	u32 start; /* its source in the expression's text */
	u32 end;
	u8 kind;
	u8 from; /* LEAF_WIRE: sending host, 2: either */
	bool named; /* an endpoint was written */
	u8 pad_;
};

/*
 * Reads the name at text[*at]. ST_OK: `leaf` is filled in and *at moved behind it. ST_WRONG: no such thing, and *at is
 * where the mistake is.
 */
enum status leaf_parse(struct leaf *leaf, const char *text, size_t *at, const struct endpoint *focus, struct err *err);
/* True when the name at `text` is one that leaf_parse() knows the beginning of. */
bool leaf_starts(const char *text);
struct value leaf_value(const struct leaf *leaf, const struct expr_env *env);
u8 leaf_type(const struct leaf *leaf);
void add_leaf_value(struct buf *b, const struct leaf *leaf, const struct value *v, const struct expr_env *env);

/* The name at `text`: letters, digits, underscores. */
size_t scan_name(const char *text);

#endif
