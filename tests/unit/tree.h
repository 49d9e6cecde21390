/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Call trees: the engine's, as an observer sees it, and those that were recorded on a real kernel (tests/calltrace).
 * A tree is its lines in the order in which the functions were entered, each with its depth.
 */
#ifndef TESTS_UNIT_TREE_H
#define TESTS_UNIT_TREE_H

#include "engine/sim.h"

struct tree_line {
	char name[48];
	u16 depth;
	u8 resumed; /* entered again by a call that was woken */
	u8 pad_;
};

struct tree {
	struct tree_line *line; /* owned */
	size_t n;
	size_t capacity;
};

void tree_release(struct tree *t);
void tree_clear(struct tree *t);
void tree_add(struct tree *t, u16 depth, const char *name, bool resumed);

/* Reads a recording: names, two spaces for each level; lines that begin with # are left out. */
void tree_read(struct tree *t, const char *path);
/* An observer that appends every function the engine enters. */
struct observer tree_observer(struct tree *t);

/* Only the calls of `root` and what is below them, wherever they stand; a call that slept and went on is one call. */
void tree_keep_root(struct tree *t, const char *root);
/* Takes functions out; what they call moves up one level. */
void tree_drop(struct tree *t, bool (*gone)(const char *name, const void *arg), const void *arg);
bool tree_equal(const struct tree *a, const struct tree *b);
/* Prints both trees beside each other, from the first line that differs on. */
void tree_explain(const struct tree *kernel, const struct tree *engine);

#endif
