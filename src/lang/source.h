/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's own source, which is in the program. */
#ifndef LANG_SOURCE_H
#define LANG_SOURCE_H

#include "lang/session.h"

struct source_file {
	const char *name; /* "src/engine/tcp.c" */
	const char *const *line;
	u32 lines;
};

/* Made from src/engine when the program is built (source.awk). */
extern const struct source_file source_files[];
extern const size_t source_files_n;

/* Where the body of a function is: from its first line to its last, counted from 1. False: it has none. */
bool source_find(const char *function, const struct source_file **file, u32 *first, u32 *last);

enum status cmd_list(struct session *ss, struct args *a, struct err *err);

#endif
