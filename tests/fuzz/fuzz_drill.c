/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any text is a script or a mistake with a place; a script is played to a verdict. */
#include <stdlib.h>

#include "drill/drill.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const struct drill_options options = { .verbose = true };
	struct buf text = BUF_INIT;
	struct err err = { 0 };
	struct drill *d;

	if (drill_parse(&d, "fuzz", (const char *)data, size, NULL, &err)) {
		if (d || !err.line || !err.column || !err.message[0])
			abort();
		return 0;
	}
	if (drill_run(d, &options, &text) != DRILL_PASSED && text.len == 0)
		abort();
	buf_release(&text);
	drill_free(d);
	return 0;
}
