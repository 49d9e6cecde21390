/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A canvas onto the terminal, by ncurses. */
#ifndef TERM_PAINT_H
#define TERM_PAINT_H

#include <curses.h>

#include "view/canvas.h"

struct paint {
	struct cell *on_screen; /* owned: what was painted last */
	cchar_t *row;		/* owned: room for one */
	cchar_t look[LOOK_CHANGED + NR_LOOKS]; /* a blank of each look; there are none between the plain and the changed ones */
	u16 rows;
	u16 cols;
	u8 colours; /* how many levels of them: 0, 1 (8), 2 (16), 3 (256) */
	u8 theme;   /* enum theme */
	u8 pad_[2];
};

/* For the ground that the terminal says it has (COLORFGBG); dark when it does not say. */
enum theme paint_likely_theme(void);
/* After newterm(). Colours unless NO_COLOR asks for none. */
void paint_init(struct paint *p);
void paint_release(struct paint *p);
/* Everything is to be painted anew. */
void paint_forget(struct paint *p);
void paint_set_theme(struct paint *p, enum theme theme);
/* Brings what changed to the terminal and the cursor to its place. */
void paint_canvas(struct paint *p, const struct canvas *c, int cursor_row, int cursor_col);

#endif
