/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mistakes that a person made: in a command, a script, a file, an option.
 * (What the kernel refuses is no mistake: that is a negative errno.)
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/types.h"

enum status {
	ST_OK = 0,
	ST_FAILED, /* a claim does not hold (expect, until, a drill): exit status 1 */
	ST_WRONG,  /* the command, script, file or call is wrong: exit status 2 */
	ST_FULL,   /* a pool of the world has no room left; nothing was changed */
};

/* Owned by the caller. `line` and `column` count from 1; 0 means unknown. */
struct err {
	char file[200];
	u32 line;
	u32 column;
	char message[600];
};

/* Writes the message (printf form) and returns `st`; the place is left as it is. `err` may be NULL. */
enum status err_set(struct err *err, enum status st, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Empties `err`. */
void err_clear(struct err *err);
/* Fills in file and position where they are still unknown. */
void err_place(struct err *err, const char *file, u32 line, u32 column);

/* Appends "file:line:column: message", as far as these are known. */
struct buf;
void add_err(struct buf *b, const struct err *err);

#endif
