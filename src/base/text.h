/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What several rooms ask of plain text. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <string.h>

#include "base/types.h"

/* A character of an identifier: of ASCII, whatever the locale is. */
static inline bool is_word_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* True when the `len` bytes at `text` end in `end`. */
static inline bool ends_in(const char *text, size_t len, const char *end)
{
	const size_t n = strlen(end);

	return len >= n && memcmp(text + len - n, end, n) == 0;
}

#endif
