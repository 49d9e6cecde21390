/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any text is a lesson or has findings, each with a place; what a short lesson claims is looked at to a verdict. */
#include <stdlib.h>
#include <string.h>

#include "lesson/lint.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* So many steps are proved: each sets up worlds of its own. */
enum { PROVED_SIZE = 2000 };

static void tell(void *ctx, const struct err *err)
{
	(void)ctx;
	if (!err->line || !err->message[0] || strchr(err->message, '\n') || strcmp(err->file, "fuzz.md") != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct findings f = { .tell = tell, .file = "fuzz.md" };
	struct lesson *l;

	if (lesson_parse(&l, "fuzz.md", (const char *)data, size, &f)) {
		if (l || !f.n)
			abort();
		return 0;
	}
	if (f.n)
		abort();
	if (size < PROVED_SIZE)
		lesson_lint(l, &f);
	lesson_free(l);
	return 0;
}
