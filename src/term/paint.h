/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A canvas onto the terminal. What differs from the canvas before goes out as text, as ncurses' attributes and colours
 * (vid_puts) and as the terminal's own strings: one comparison, of cells of four bytes. newterm() and endwin() do the rest;
 * curses' own screens stay empty.
 */
#ifndef TERM_PAINT_H
#define TERM_PAINT_H

#include <curses.h>

#include "term/output.h"
#include "view/canvas.h"

struct paint {
	struct cell *on_screen; /* owned: what stands there */
	const char *cup;	/* the terminal's strings: to a place, */
	const char *el;		/* clearing to the end of the row, so many cells; "": it cannot */
	const char *ech;
	attr_t look[LOOK_CHANGED + NR_LOOKS]; /* attributes; there is no look between the plain and the changed ones */
	int row; /* where the cursor is; -1: nobody knows */
	int col;
	u16 rows;
	u16 cols;
	u8 worn;    /* the look that the terminal writes in */
	u8 colours; /* how many levels of them: 0, 1 (8), 2 (16), 3 (256) */
	u8 theme;   /* enum theme */
	bool moves_in_any_look;
	bool corner_scrolls; /* a character in the last place would move everything up */
	u8 pad_[3];
};

/* For the ground that the terminal says it has (COLORFGBG); dark when it does not say. */
enum theme paint_likely_theme(void);
/* After newterm(). Colours unless NO_COLOR asks for none. */
void paint_init(struct paint *p);
void paint_release(struct paint *p);
/* Everything is to be painted anew. */
void paint_forget(struct paint *p);
void paint_set_theme(struct paint *p, enum theme theme);
/* Adds to `out` what brings the changes to the terminal and the cursor to its place. */
void paint_canvas(struct paint *p, const struct canvas *c, int cursor_row, int cursor_col, struct output *out);

#endif
