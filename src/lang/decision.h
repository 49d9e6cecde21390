/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decisions that kernel functions take, as sentences. */
#ifndef LANG_DECISION_H
#define LANG_DECISION_H

#include "base/buf.h"
#include "engine/trace.h"
#include "engine/world.h"

/* "nothing unread: an orderly end (copied_seq 1, rcv_nxt 1)", of a TREC_DECISION. */
void add_decision(struct buf *b, const struct trec *r);

/* What the host's kernel calls the function in which something is decided, or slept: itself, or who did its work there. */
const char *fn_name_at(const struct world *w, u8 host, u16 fn);

#endif
