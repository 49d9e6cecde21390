/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether what a lesson claims is so. */
#ifndef LESSON_LINT_H
#define LESSON_LINT_H

#include "lesson/lesson.h"

/*
 * Proves a lesson that was read: the start does not meet the goal, each solution does and needs each of its
 * commands, each near miss does not, transcripts are what the program says, predictions have wrong answers,
 * decisions to be explained are taken.
 */
void lesson_lint(const struct lesson *l, struct findings *f);
/* Reads and proves one file. Lessons that it needs are looked for beside it. */
void lint_file(const char *path, struct findings *f);
/* `lint FILE|DIR...`, argv[0] being the word `lint`: prints a line for each finding. Exit status: 0, 1, 2. */
int lint_main(int argc, char **argv, bool quiet, bool json);

#endif
