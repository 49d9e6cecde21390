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
/*
 * The next piece that no end of a line parts: a word with the blanks before it, or one wide character, with the
 * punctuation that may not stand alone: what closes (a full stop, a comma) begins no line, what opens ends none.
 * Returns its bytes (0 only for an empty text); `*width` is how many columns that is.
 */
size_t utf8_piece(const char *text, size_t len, size_t *width);
/*
 * Whether the end of a line in a file stands for a blank between what is before it and what comes next (`len` > 0
 * each): not between two wide characters, nor beside punctuation that is as wide.
 */
bool utf8_end_is_blank(const char *before, size_t before_len, const char *next, size_t next_len);

#endif
