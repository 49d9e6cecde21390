/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the screen shows, as an asciicast: frames of a canvas become the bytes that bring a terminal from one to the
 * next. It knows no clock and no terminal: whoever shows the frames says when, and all players get the same bytes
 * whatever terminal the person has. The colours are those of pictures.
 */
#ifndef VIEW_CAST_H
#define VIEW_CAST_H

#include "view/canvas.h"

struct cast {
	struct buf out;		/* the file so far: JSON, a line an event */
	struct cell *shown;	/* owned: what the terminal shows by now */
	u64 last;		/* when the last event was */
	u16 rows, cols;		/* of what is shown; 0: nothing yet */
	int cursor_row, cursor_col;
	u8 version;		/* 2 or 3 */
};

/* Begins a recording of a screen of that size, with which the file will say it is called `title`. */
void cast_begin(struct cast *c, u8 version, u16 rows, u16 cols, const char *title);
void cast_release(struct cast *c);
/* The screen at `us` since the recording began; nothing is written where nothing changed. */
void cast_frame(struct cast *c, const struct canvas *canvas, int cursor_row, int cursor_col, u64 us);
/* A chapter begins. */
void cast_mark(struct cast *c, const char *label, u64 us);
/* The end: how long the last frame stays. */
void cast_end(struct cast *c, u64 us);

#endif
