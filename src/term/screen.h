/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The view on a terminal: ncurses paints, libedit edits behind a private terminal, one loop waits.
 *
 * ncurses alone owns the real terminal. The bytes that come from it are read here, made into keys, and what is meant for the
 * line goes to libedit through its read-a-character callback, which is the loop: it waits, paints, and returns when there is
 * a character.
 */
#ifndef TERM_SCREEN_H
#define TERM_SCREEN_H

#include "view/view.h"

enum screen_end {
	SCREEN_CANNOT,  /* this terminal cannot have a screen; nothing is changed */
	SCREEN_ENDED,   /* `quit`, or the end of input */
	SCREEN_PUT_OFF, /* lines are wanted from here on */
};

/* Shows the view's session on the screen and runs what is typed. */
enum screen_end screen_run(struct view *v);

#endif
