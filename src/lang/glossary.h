/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The glossary: paragraphs behind `explain`, in Markdown files of assets/glossary. A heading of level two holds the names
 * that its text is about, with commas between them.
 */
#ifndef LANG_GLOSSARY_H
#define LANG_GLOSSARY_H

#include "base/buf.h"

/* Appends what file `name` of the glossary ("write-ups.md") says of `word`, its lines joined. False: nothing. */
bool glossary_find(const char *name, const char *word, struct buf *out);
/* The same in the text of such a file. */
bool glossary_find_in(const char *text, const char *word, struct buf *out);

#endif
