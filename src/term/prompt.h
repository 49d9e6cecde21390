/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The prompt: a line editor on a terminal, plain lines everywhere else. */
#ifndef TERM_PROMPT_H
#define TERM_PROMPT_H

#include "lang/session.h"

/* True when both standard input and output are a terminal that a line can be edited on. */
bool prompt_can_edit(void);

/*
 * Reads and runs lines, first what stands in `ahead` (may be NULL), until the end of input or `quit`. `edit`: with line editing, completion and a history that is
 * kept. Mistakes go to standard error. The worst status that a line had; on a terminal that is nobody's business.
 */
enum status prompt_run(struct session *ss, bool edit, const struct buf *ahead);

/* "finwait: FILE:LINE:COLUMN: message", on standard error. */
void prompt_complain(const struct err *err);

#endif
