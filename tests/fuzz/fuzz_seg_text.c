/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any text is a segment or a mistake; what was read is written in a form that reads the same. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "wire/seg_bytes.h"
#include "wire/seg_text.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* Two equal segments but for padding and fields that the text does not show. */
static bool same(const struct seg *a, const struct seg *b)
{
	return a->seq == b->seq && a->ack == b->ack && a->len == b->len && a->win == b->win && a->flags == b->flags &&
	       a->opts == b->opts && a->mss == b->mss && a->nsack == b->nsack && a->proto == b->proto &&
	       memcmp(a->sack, b->sack, sizeof(a->sack)) == 0 && a->tsval == b->tsval && a->tsecr == b->tsecr;
}

static void there_and_back(const struct seg *g, struct seg_origin from)
{
	char text[SEG_TEXT_MAX];
	u8 bytes[SEG_HEADERS_MAX];
	struct seg again;
	struct err err;

	if (seg_text(text, g, from, SEG_TEXT_ALL) != strlen(text))
		abort();
	if (seg_bytes(bytes, sizeof(bytes), g, 1, 2, 3, NULL) < 28)
		abort();
	/* the kernel pads options with NOPs: what was just short enough may not be any more */
	if (g->proto == SEG_TCP && seg_options_len(g) > 40)
		return;
	if (seg_parse(&again, text, from, NULL, &err) || !same(g, &again))
		abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const struct seg_origin origins[] = { { 0, 0 }, { 0xfffffff0u, 77 } };
	char *text = xmalloc(size + 1);
	struct seg_scan scan;
	struct err err;
	size_t pos = 0;

	memcpy(text, data, size);
	text[size] = '\0';
	/* once without the NUL, so that a read behind the end is seen */
	seg_scan(&scan, (const char *)data, size, &pos, SEG_MAX_PAYLOAD, &err);
	if (pos > size)
		abort();
	for (size_t i = 0; i < ARRAY_LEN(origins); i++) {
		struct seg g;

		if (seg_parse(&g, text, origins[i], NULL, &err) == ST_OK)
			there_and_back(&g, origins[i]);
	}
	free(text);
	return 0;
}
