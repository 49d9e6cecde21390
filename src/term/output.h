/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal that the screen is written to, and its modes.
 *
 * curses writes into a file in memory. From there its bytes go to the terminal with those of the frame, in one piece, and
 * never wait: a terminal that does not read (a frozen ssh, a stopped multiplexer) must not keep the program from its signals. While
 * bytes are left no new frame is made.
 */
#ifndef TERM_OUTPUT_H
#define TERM_OUTPUT_H

#include <stdio.h>
#include <termios.h>

#include "base/buf.h"

struct output {
	FILE *file;	/* what curses writes to; closed by output_end(), after endwin() and delscreen() */
	struct buf bytes; /* taken from there */
	size_t sent;	/* of these */
	int tty;	/* the terminal, opened anew so as not to wait; -1: standard output, which may */
	struct termios cooked; /* the modes that were found */
};

/* False: it cannot be had. output_end() is due all the same. */
bool output_begin(struct output *o);
/* Gives what is left a little time to get out, and closes. */
void output_end(struct output *o);
/* Every key comes as it is; or the modes that were found. */
void output_raw(struct output *o);
void output_cooked(struct output *o);
/* Adds bytes of our own. */
void output_puts(struct output *o, const char *text);
/* What curses has written is not to be sent. */
void output_forget(struct output *o);
/* Takes what curses has written. */
void output_take(struct output *o);
/* The same, and sends as much as the terminal takes now. */
void output_push(struct output *o);
/* As much as it takes within a fifth of a second. */
void output_drain(struct output *o);
/* Bytes are left: the terminal is behind. */
static inline bool output_behind(const struct output *o)
{
	return o->sent < o->bytes.len;
}

/*
 * What is written to standard error while the screen is there (by a library, by the last words of a crash) would be lost with it:
 * it is kept, and told when the terminal is as it was again. errors_tell() may be called by a signal handler.
 */
void errors_keep(void);
void errors_tell(void);

#endif
