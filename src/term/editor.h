/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libedit with our completion and a history that is kept: on the terminal, or on a private one behind the screen. */
#ifndef TERM_EDITOR_H
#define TERM_EDITOR_H

#include <histedit.h>
#include <stdio.h>
#include <wchar.h>

#include "lang/complete.h"

/* Longer lines are not edited: libedit reads past the end of its buffer when a line comes near it. */
#define EDITOR_LINE_MAX 500

/* What differs between the two. */
struct editor_ways {
	int (*key)(void *ctx, wchar_t *out); /* the next character: 1; 0 at the end of input, -1: the line is given up */
	void (*candidates)(void *ctx, const struct completion *c); /* several could stand at the cursor */
	void *ctx;
};

struct editor {
	struct session *ss;
	const struct editor_ways *ways; /* the caller's */
	EditLine *el;
	History *history;
	FILE *nothing;
	struct buf path; /* of the history; empty: it is not kept */
	wchar_t prompt[64];
	int tty;	 /* a private terminal; -1: the real one */
};

/* False: it cannot be had here; editor_end() is due all the same. */
bool editor_begin(struct editor *ed, struct session *ss, const struct editor_ways *ways, int tty);
void editor_end(struct editor *ed);
/* Puts a line into the history. */
void editor_remember(struct editor *ed, const char *line);
/* Writes the history to its file. */
void editor_save(struct editor *ed);
/* Text as wide characters, cut to `room` with their NUL; returns how many. Whatever the locale says, text is UTF-8. */
size_t to_wide(wchar_t *wide, size_t room, const char *text);
/* Wide characters as UTF-8. */
void add_wide(struct buf *b, const wchar_t *text, size_t len);

#endif
