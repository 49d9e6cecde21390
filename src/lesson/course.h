/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lessons of a folder, as they need each other. */
#ifndef LESSON_COURSE_H
#define LESSON_COURSE_H

#include "lesson/lesson.h"

struct course_lesson {
	char *file;  /* owned: its name in the folder */
	char *id;    /* owned */
	char *needs; /* owned: ids, separated by blanks; "" */
};

struct course {
	struct course_lesson *lesson; /* owned */
	size_t n;
};

/* Reads a folder's NN-*.md; translations do not count, and what is no lesson is left out. */
void course_open(struct course *c, const char *folder);
void course_release(struct course *c);
/* By id, of `len` bytes; NULL: there is none. */
const struct course_lesson *course_find(const struct course *c, const char *id, size_t len);
/* Whether a lesson that needs `needs` is needed by what it needs. Then `way` gets how: "b -> c -> a". */
bool course_goes_round(const struct course *c, const char *id, const char *needs, struct buf *way);

#endif
