/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A canvas as a picture. */
#ifndef VIEW_SVG_H
#define VIEW_SVG_H

#include "view/canvas.h"

/* Appends the canvas as SVG, on a dark ground, with the characters as text. */
void add_svg(struct buf *b, const struct canvas *c);

#endif
