/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session as Markdown that a forge renders. */
#ifndef LANG_NOTES_H
#define LANG_NOTES_H

#include "lang/session.h"

/*
 * Appends the ladder, then every command that led here with what it did and what was decided in it, then the commands
 * once more to be run again. The session is where it was afterwards.
 */
enum status add_notes(struct buf *b, struct session *ss, struct err *err);

#endif
