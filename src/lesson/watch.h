/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `finwait --watch FILE`: a lesson is played anew whenever its file is saved. */
#ifndef LESSON_WATCH_H
#define LESSON_WATCH_H

#include "lesson/lesson.h"

/*
 * Appends what a learner sees who answers all questions right and types the first solution of each goal. The
 * lesson stays the caller's.
 */
void play_step(struct buf *out, struct lesson *l, size_t step);
/*
 * Plays the lesson, then those steps that are not as they were, until the program is ended. Exit status: 2, it
 * cannot be watched.
 */
int watch_main(const char *path);

#endif
