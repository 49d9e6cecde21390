/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands between %{ and }%: assertions about what TCP_INFO tells. */
#ifndef DRILL_CODE_H
#define DRILL_CODE_H

#include "base/buf.h"
#include "engine/world.h"

struct code_told {
	struct buf failed;  /* the assertion that does not hold */
	struct buf seen;    /* the fields that it asked for, with what they were */
	struct buf printed; /* lines */
};

/* True when the code at text[start] can be run here; else `what` gets the first thing in it that cannot. */
bool code_check(const char *text, size_t start, size_t len, char what[64]);
/* Runs it on a sock as it is at time `now`. False: an assertion does not hold. `told`: zeroed before, released by the caller. */
bool code_holds(const char *text, size_t start, size_t len, const struct sock *sk, u64 now, struct code_told *told);
void code_told_release(struct code_told *told);

#endif
