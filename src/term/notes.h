/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The presenter's notes: whoever plays a demo offers them at a socket, `finwait notes` in another terminal prints
 * them.
 */
#ifndef TERM_NOTES_H
#define TERM_NOTES_H

#include <poll.h>

#include "base/buf.h"

enum { NOTES_READERS = 4 };

struct notes {
	int listening;		   /* -1: nobody can come */
	int reader[NOTES_READERS]; /* -1: free */
	struct buf path;	   /* of the socket */
	struct buf told;	   /* what stands there now */
};

/* Opens the socket, for its owner alone. Where it cannot, or another demo has it, everything else here does nothing. */
void notes_begin(struct notes *n);
void notes_end(struct notes *n);
/* Tells all who are there, and later those who come, when it is another text than before. */
void notes_tell(struct notes *n, const char *text);
/* Lets in who has come. */
void notes_let_in(struct notes *n);

/* finwait notes: prints what is told until the demo ends. The exit status. */
int notes_follow(void);

#endif
