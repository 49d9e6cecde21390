/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The glossary: paragraphs behind `explain`, in Markdown files of assets/glossary. A heading of level two holds the names
 * that its text is about, with commas between them. Translations are files of the same names in zh/ and ja/, as far as
 * they go.
 */
#ifndef LANG_GLOSSARY_H
#define LANG_GLOSSARY_H

#include "base/buf.h"

enum glossary {
	GLOSSARY_FUNCTIONS,
	GLOSSARY_STATES,
	GLOSSARY_FLAGS,
	GLOSSARY_ERRNOS, /* and signals */
	GLOSSARY_FIELDS,
	GLOSSARY_WORDS,
	GLOSSARY_SYSCTLS,
	GLOSSARY_OPTIONS,
	GLOSSARY_COUNTERS,
	GLOSSARY_COMMANDS,
	GLOSSARY_WRITE_UPS, /* what older texts say */
	NR_GLOSSARY
};

/* The names of the files of a part; ends with NULL. */
const char *const *glossary_files(enum glossary part);
/*
 * Appends what a part says of `word`, its lines joined: in that language ("zh") where it is translated, else in English.
 * False: nothing.
 */
bool glossary_find(enum glossary part, const char *language, const char *word, struct buf *out);
/* The same in the text of such a file. */
bool glossary_find_in(const char *text, const char *word, struct buf *out);

#endif
