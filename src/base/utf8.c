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

static bool is_wide(u32 c)
{
	static const struct {
		u32 first, last;
	} wide[] = { { 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0xa4cf }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff },
		     { 0xff01, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x20000, 0x3fffd } };

	for (size_t i = 0; i < ARRAY_LEN(wide); i++)
		if (c >= wide[i].first && c <= wide[i].last)
			return true;
	return false;
}

int utf8_columns(u32 c)
{
	int columns;

	/* joiners, directions and the emoji selector: no two terminals agree */
	if ((c >= 0x200b && c <= 0x200f) || (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0x7f && c < 0xa0))
		return -1;
	if (c < 0x7f)
		return c < 0x20 ? -1 : 1;
	columns = wcwidth((wchar_t)c);
	/* a locale may know nothing of them, and what is written is wide all the same */
	return columns < 0 && is_wide(c) ? 2 : columns;
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

/* ---- where lines end ----------------------------------------------------------------------------------------------- */

static bool is_one_of(u32 c, const u32 *set, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (set[i] == c)
			return true;
	return false;
}

/* Begins no line: closing brackets and quotes, stops, and of Japanese small kana and what repeats or lengthens. */
static bool closes(u32 c)
{
	static const u32 set[] = {
		'!', '%', ')', ',', '.', ':', ';', '?', ']', '}', 0xb7, 0x2019, 0x201d, 0x2025, 0x2026, 0x203c, 0x2047, 0x2048,
		0x2049, 0x3001, 0x3002, 0x3005, 0x3009, 0x300b, 0x300d, 0x300f, 0x3011, 0x3015, 0x3017, 0x3019, 0x301c, 0x301f,
		0x303b, 0x3041, 0x3043, 0x3045, 0x3047, 0x3049, 0x3063, 0x3083, 0x3085, 0x3087, 0x308e, 0x3095, 0x3096, 0x309b,
		0x309c, 0x309d, 0x309e, 0x30a1, 0x30a3, 0x30a5, 0x30a7, 0x30a9, 0x30c3, 0x30e3, 0x30e5, 0x30e7, 0x30ee, 0x30f5,
		0x30f6, 0x30fb, 0x30fc, 0x30fd, 0x30fe, 0xff01, 0xff05, 0xff09, 0xff0c, 0xff0e, 0xff1a, 0xff1b, 0xff1f, 0xff3d,
		0xff5d, 0xff5e, 0xff60, 0xff61, 0xff63, 0xff64,
	};

	return is_one_of(c, set, ARRAY_LEN(set));
}

/* Ends no line. */
static bool opens(u32 c)
{
	static const u32 set[] = { '(', '[', '{', 0x2018, 0x201c, 0x3008, 0x300a, 0x300c, 0x300e, 0x3010, 0x3014, 0x3016,
				   0x3018, 0x301d, 0xff08, 0xff3b, 0xff5b, 0xff5f, 0xff62 };

	return is_one_of(c, set, ARRAY_LEN(set));
}

/* Whether a line may end between them, with no blank there. */
static bool may_part(u32 before, u32 after)
{
	return (is_wide(before) || is_wide(after)) && !opens(before) && !closes(after) && utf8_columns(after) != 0;
}

size_t utf8_piece(const char *text, size_t len, size_t *width)
{
	size_t n = 0;
	u32 before = 0;

	while (n < len && text[n] == ' ')
		n++;
	*width = n;
	while (n < len && text[n] != ' ') {
		u32 c;
		const size_t used = utf8_next(text + n, len - n, &c);
		const int w = utf8_columns(c);

		if (before && may_part(before, c))
			break;
		before = c;
		n += used;
		*width += w < 0 ? 1 : (size_t)w;
	}
	return n;
}

static u32 last_of(const char *text, size_t len)
{
	size_t n = len - 1;
	u32 c;

	while (n && len - n < UTF8_MAX && (text[n] & 0xc0) == 0x80)
		n--;
	utf8_next(text + n, len - n, &c);
	return c;
}

bool utf8_end_is_blank(const char *before, size_t before_len, const char *next, size_t next_len)
{
	const u32 b = last_of(before, before_len);
	u32 a;

	utf8_next(next, next_len, &a);
	if (is_wide(a) && is_wide(b))
		return false;
	return !(is_wide(b) && (opens(b) || closes(b))) && !(is_wide(a) && (opens(a) || closes(a)));
}
