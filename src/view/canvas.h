/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A screen made of cells, without a terminal: what panes draw on. It goes to curses (term), to plain text, to SVG.
 *
 * A cell says what it is for (`enum look`), not which colour that has: themes decide that. Whatever does not fit is cut
 * with a sign in its last column, so that nobody takes a part for the whole.
 */
#ifndef VIEW_CANVAS_H
#define VIEW_CANVAS_H

#include "base/buf.h"

enum look {
	LOOK_PLAIN,
	LOOK_DIM,    /* what is of less weight now */
	LOOK_STRONG,
	LOOK_FRAME,  /* borders */
	LOOK_FOCUS,  /* the border of the pane that keys go to */
	LOOK_TITLE,
	LOOK_BAR,    /* header and timeline */
	LOOK_A,      /* what belongs to host A, B */
	LOOK_B,
	LOOK_DATA,   /* bytes in queues */
	LOOK_TIMER,
	LOOK_GONE,   /* dropped, lost, reset */
	LOOK_ERROR,
	LOOK_HINT,   /* what could be typed */
	NR_LOOKS,
	LOOK_CHANGED = 0x80, /* on top of any of them: new since the last step */
};

/* What the looks become: on a dark ground, on a light one, on a projector, without colours. */
enum theme { THEME_DARK, THEME_LIGHT, THEME_BOLD, THEME_MONO, NR_THEMES };

struct cell {
	u32 c : 24;   /* character; 0: the right half of a wide one */
	u32 look : 8; /* enum look, perhaps with LOOK_CHANGED */
};

struct canvas {
	struct cell *cell; /* owned, rows * cols */
	u16 rows;
	u16 cols;
	bool ascii; /* only such characters are wanted */
	u8 pad_[3];
};

/* A part of a canvas; what is drawn outside of it is left out. */
struct area {
	struct canvas *canvas;
	int top;
	int left;
	int rows;
	int cols;
};

void canvas_init(struct canvas *c, u16 rows, u16 cols);
void canvas_release(struct canvas *c);
/* A new size, empty. */
void canvas_resize(struct canvas *c, u16 rows, u16 cols);
void canvas_clear(struct canvas *c);
const struct cell *canvas_at(const struct canvas *c, int row, int col);
/* One row as text, blanks at its end left out. */
void canvas_row(const struct canvas *c, int row, struct buf *b);

struct area area_of(struct canvas *c);
/* The part that begins at (top, left) within `a`, cut to it. */
struct area area_part(const struct area *a, int top, int left, int rows, int cols);

/* Writes text from a column on; returns the column behind it. What does not fit is cut with a sign. */
int area_text(const struct area *a, int row, int col, u8 look, const char *text);
int area_printf(const struct area *a, int row, int col, u8 look, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* So that it ends at the right edge; nothing when it does not fit. Returns the column where it begins. */
int area_right(const struct area *a, int row, u8 look, const char *text);
/* `n` times the same character. */
void area_fill(const struct area *a, int row, int col, int n, u8 look, u32 c);
/* A box around the area, with a title on the left and one on the right of its upper edge; returns what is inside. */
struct area area_frame(const struct area *a, u8 look, u8 title_look, const char *title, const char *right);

#endif
