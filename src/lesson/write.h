/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lessons that are begun by the program: a skeleton, and what was just done in a session. */
#ifndef LESSON_WRITE_H
#define LESSON_WRITE_H

#include "lang/session.h"

/*
 * `new lesson NAME`, argv[0] being the word `new`: writes NN-NAME.md into the folder one stands in. Exit status:
 * 0, 2.
 */
int new_main(int argc, char **argv);

/*
 * The session as a lesson: up to the mark `start` (else the scenario) its setup, behind it a solution; the goal
 * asks for what has changed. ST_WRONG: nothing was done, or nothing has changed that a goal could ask for.
 */
enum status write_session(struct session *ss, const char *path, struct buf *out, struct err *err);

#endif
