/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far the learner is, in a small text file of the XDG state folder: a line for each lesson that was begun,
 * with the step to go on at and the steps that are done.
 */
#ifndef LESSON_PROGRESS_H
#define LESSON_PROGRESS_H

#include "base/buf.h"
#include "base/err.h"

struct progress {
	struct buf at;	 /* id of the step to go on at; "" when the lesson was not begun */
	struct buf done; /* ids, each with a blank before and behind it */
};

void progress_read(const char *lesson, struct progress *p);
void progress_release(struct progress *p);
bool progress_is_done(const struct progress *p, const char *step);
/* Notes another step as done. */
void progress_add(struct progress *p, const char *step);
/* Writes it, the lines of other lessons as they are; an empty one takes the lesson's line away. */
enum status progress_write(const char *lesson, const struct progress *p, struct err *err);

#endif
