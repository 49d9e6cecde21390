/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a page, as it is shown so far: paragraphs, which are broken anew for each width, and lines that are
 * not.
 */
#ifndef LESSON_PAGE_H
#define LESSON_PAGE_H

#include "lang/session.h"

struct page {
	struct buf lines; /* each: T or V, a letter for the indent, the text, a newline */
	bool in_list;	  /* the last one belongs to a list */
};

void page_clear(struct page *p);
void page_release(struct page *p);
/* A paragraph behind an empty line; `head` ("- ") hangs before it. A newline in it ends a line. */
void page_text(struct page *p, u8 indent, const char *head, const char *text);
/* Lines as they are, behind an empty one. */
void page_verbatim(struct page *p, const char *text);
/* One line that may be broken, without an empty one before it. */
void page_line(struct page *p, u8 indent, const char *text);
/* `from`, or what stands behind the blank line that is there. */
size_t page_behind_gap(const struct page *p, size_t from);
/* Prints bytes [from, to) of p->lines, SIZE_MAX being their end; how many lines that were. */
size_t page_say(const struct page *p, size_t from, size_t to, struct session *ss);
/* Prints one paragraph that belongs to no page, behind `head`. */
void page_say_text(struct session *ss, const char *head, const char *text);

#endif
