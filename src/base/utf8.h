/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Characters and how many columns of a terminal they take. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/types.h"

#define UTF8_MAX 4
#define UTF8_BAD 0xfffdu /* stands for what is no character */

/* Decodes the character at `text` (`len` > 0); returns its bytes. What is not UTF-8 gives UTF8_BAD and one byte. */
size_t utf8_next(const char *text, size_t len, u32 *c);
/* Encodes into `out` (UTF8_MAX bytes, not terminated); returns how many bytes. */
size_t utf8_put(char *out, u32 c);
/* 0 (joins the one before), 1 or 2; -1 for what no terminal shows: controls, and marks that terminals disagree about. */
int utf8_columns(u32 c);
/* Columns of a whole text; what cannot be shown counts as one. */
size_t utf8_width(const char *text);

#endif
