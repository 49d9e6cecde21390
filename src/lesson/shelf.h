/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lessons there are, and where they lie. */
#ifndef LESSON_SHELF_H
#define LESSON_SHELF_H

#include "lesson/lesson.h"

/*
 * Reads the lesson in a file; a translation (in zh/ or ja/) together with its original above. What is wrong goes
 * to `f`.
 */
enum status lesson_load(struct lesson **out, const char *path, struct findings *f);
/* Appends of which file this one is the translation: of lessons/zh/01-x.md, lessons/01-x.md; false: it is none. */
bool lesson_original(const char *path, struct buf *out);
/* The translation of a lesson into that language ("zh"); false: there is none. */
bool lesson_translation(const char *path, const char *language, struct buf *out);

/* A lesson on the shelf, not read further than its front matter and title. */
struct shelved {
	char *path;  /* owned */
	char *id;    /* owned */
	char *title; /* owned; in the language asked for, where there is a translation */
	u32 number;  /* of its file, NN-name.md */
	u32 steps;
	char **step; /* owned: their ids */
};

struct shelf {
	struct shelved *lesson; /* owned; in the order of their files */
	size_t n;
};

/* The program's own lessons, with titles in one of `languages`. A file that is no lesson is left out. */
void shelf_open(struct shelf *s, int language);
void shelf_release(struct shelf *s);
/* By id, or by number; NULL: `err` says what would be right. */
const struct shelved *shelf_find(const struct shelf *s, const char *name, struct err *err);

/* The files of a folder's lessons, NN-*.md, in their order; those in zh/ and ja/ come behind. Owned by the caller. */
size_t lesson_files(const char *folder, char ***path);
void lesson_files_free(char **path, size_t n);

#endif
