/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes from a terminal are keys, whatever pieces they come in: the same ones as when they come all at once, and no byte is
 * kept for ever.
 */
#include <stdlib.h>
#include <string.h>

#include "term/keys.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* All keys, pasted text included, as text. */
static void take_all(struct keys *k, bool late, struct buf *out)
{
	for (;;) {
		size_t at = k->at;
		struct key key = keys_next(k, late);

		if (key.code == K_NONE && k->at == at)
			return;
		if (key.code == K_CHARACTER && key.c > 0x10ffff)
			abort();
		if (key.code != K_NONE)
			buf_printf(out, "%u %x %d%d;", key.code, key.c, key.alt, key.ctrl);
		if (key.code == K_PASTE)
			buf_puts(out, buf_str(&k->paste));
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct keys whole = { .at = 0 }, pieces = { .at = 0 };
	struct buf one = BUF_INIT, other = BUF_INIT;

	keys_add(&whole, (const char *)data, size);
	take_all(&whole, false, &one);
	take_all(&whole, true, &one);
	if (keys_waiting(&whole))
		abort();
	for (size_t i = 0; i < size; i++) {
		keys_add(&pieces, (const char *)data + i, 1);
		take_all(&pieces, false, &other);
	}
	take_all(&pieces, true, &other);
	if (keys_waiting(&pieces) || one.len != other.len || (one.len && memcmp(buf_str(&one), buf_str(&other), one.len) != 0))
		abort();
	keys_release(&whole);
	keys_release(&pieces);
	buf_release(&one);
	buf_release(&other);
	return 0;
}
