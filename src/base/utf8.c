/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/utf8.h"

#include <string.h>
#include <wchar.h>

/* The least character that needs so many bytes: what is written longer than needed is no UTF-8. */
static const u32 least[] = { 0, 0, 0x80, 0x800, 0x10000 };

static size_t announced(u8 first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

size_t utf8_next(const char *text, size_t len, u32 *c)
{
	const u8 *p = (const u8 *)text;
	size_t n = announced(*p);
	u32 value;

	*c = UTF8_BAD;
	if (n == 0 || n > len)
		return 1;
	value = n == 1 ? *p : *p & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 1;
		value = value << 6 | (p[i] & 0x3fu);
	}
	if (value < least[n] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 1;
	*c = value;
	return n;
}

size_t utf8_put(char *out, u32 c)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (n == 1) {
		out[0] = (char)c;
		return 1;
	}
	for (size_t i = n - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	out[0] = (char)((0xf00u >> n) | c);
	return n;
}

int utf8_columns(u32 c)
{
	/* joiners, directions and the emoji selector: no two terminals agree */
	if ((c >= 0x200b && c <= 0x200f) || (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0x7f && c < 0xa0))
		return -1;
	if (c < 0x7f)
		return c < 0x20 ? -1 : 1;
	return wcwidth((wchar_t)c);
}

size_t utf8_width(const char *text)
{
	size_t len = strlen(text);
	size_t width = 0;

	while (len) {
		u32 c;
		size_t n = utf8_next(text, len, &c);
		int columns = utf8_columns(c);

		width += columns < 0 ? 1 : (size_t)columns;
		text += n;
		len -= n;
	}
	return width;
}
