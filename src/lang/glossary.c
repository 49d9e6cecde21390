/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/glossary.h"

#include <string.h>

#include "base/file.h"
#include "base/place.h"

#define LARGEST (1u << 20)

/* Whether `word` is one of the names in [p, end). */
static bool names(const char *p, const char *end, const char *word)
{
	const size_t len = strlen(word);

	while (p < end) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		const char *stop = comma ? comma : end;

		while (p < stop && *p == ' ')
			p++;
		if ((size_t)(stop - p) == len && memcmp(p, word, len) == 0)
			return true;
		p = stop + 1;
	}
	return false;
}

static const char *line_end(const char *p)
{
	return p + strcspn(p, "\n");
}

/* The paragraph's lines as one, up to the next heading. */
static void add_text(struct buf *out, const char *p)
{
	const size_t begun = out->len;

	while (*p && strncmp(p, "## ", 3) != 0) {
		const char *end = line_end(p);

		if (end > p) {
			if (out->len > begun)
				buf_putc(out, ' ');
			buf_add(out, p, (size_t)(end - p));
		}
		p = *end ? end + 1 : end;
	}
}

bool glossary_find_in(const char *text, const char *word, struct buf *out)
{
	for (const char *p = text; *p;) {
		const char *end = line_end(p);

		if (strncmp(p, "## ", 3) == 0 && names(p + 3, end, word)) {
			add_text(out, *end ? end + 1 : end);
			return true;
		}
		p = *end ? end + 1 : end;
	}
	return false;
}

bool glossary_find(const char *name, const char *word, struct buf *out)
{
	struct buf path = BUF_INIT, file = BUF_INIT, text = BUF_INIT;
	bool found = false;

	buf_printf(&file, "assets/glossary/%s", name);
	if (place_of_program(buf_str(&file), &path) && file_read(buf_str(&path), LARGEST, &text, NULL) == ST_OK)
		found = glossary_find_in(buf_str(&text), word, out);
	buf_release(&text);
	buf_release(&path);
	buf_release(&file);
	return found;
}
