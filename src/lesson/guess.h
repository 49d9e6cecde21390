/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The choices of a prediction. The right one is what the engine does; the wrong ones are what it would do in situations
 * close by: at the other host, a command earlier, with one queue, option or bit different.
 */
#ifndef LESSON_GUESS_H
#define LESSON_GUESS_H

#include "lesson/lesson.h"

enum { GUESSES_MAX = 4 };

struct guess {
	char *text;  /* owned: "wire.last.flags R., B.state CLOSE" */
	char *where; /* owned: "if `recv B` came first"; NULL: the truth, or a value that was only made up */
};

struct guesses {
	struct guess guess[GUESSES_MAX];
	size_t n;
	size_t right;
};

/*
 * Works out the choices of the n-th prediction of a step. No two are alike, and there are three at least unless
 * what is asked for has but two values. The same file gives the same choices in the same order.
 */
enum status guesses_make(struct guesses *out, const struct lesson *l, const struct step *s, size_t n, struct err *err);
void guesses_release(struct guesses *g);

#endif
