/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pictures: a canvas, or texts and lines on the same dark ground, in the same colours. */
#ifndef VIEW_SVG_H
#define VIEW_SVG_H

#include "view/canvas.h"

/* A character's size in a picture's units. */
enum { SVG_CHAR_WIDTH = 9, SVG_CHAR_HEIGHT = 18 };

/* How looks appear where the ground is known: in pictures and recordings. Colours are "#rrggbb". */
extern const char picture_ground[];
const char *look_colour(u8 look);
bool look_is_bold(u8 look);
bool look_is_reversed(u8 look);

enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END };

/* Appends the canvas as SVG, with the characters as text. */
void add_svg(struct buf *b, const struct canvas *c);

/* A picture of that size, to be filled and ended. */
void svg_begin(struct buf *b, int width, int height);
void svg_end(struct buf *b);
/* A text on one line, whose start, middle or end is at (x, y) of its base line; nothing behind it shines through. */
void svg_text(struct buf *b, int x, int y, u8 look, enum svg_anchor anchor, const char *text);
/* A line, with dashes if `dashed`. */
void svg_line(struct buf *b, int x1, int y1, int x2, int y2, u8 look, bool dashed);
/* The head of an arrow that came from (x1, y1) and ends at (x2, y2); or a cross there. */
void svg_head(struct buf *b, int x1, int y1, int x2, int y2, u8 look);
void svg_cross(struct buf *b, int x, int y, u8 look);

#endif
