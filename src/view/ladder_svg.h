/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sequence diagram as a picture. */
#ifndef VIEW_LADDER_SVG_H
#define VIEW_LADDER_SVG_H

#include "lang/session.h"

/*
 * Appends, as SVG, what happened since the scenario began: what each host did and became at its side, and every
 * segment as an arrow from where it was sent to where it arrived or was lost. Downwards is later; rows are
 * happenings, not time.
 */
enum status add_ladder_svg(struct buf *b, struct session *ss, struct err *err);

#endif
