/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The languages of lessons and glossary. What the program itself says is English. */
#ifndef LANG_LANGUAGE_H
#define LANG_LANGUAGE_H

#include "base/types.h"

#define NR_LANGUAGES 3

/* "en", in which everything is written, then those into which some of it is translated: the names of their folders. */
extern const char *const languages[NR_LANGUAGES];

/* The language that a locale ("zh_CN.UTF-8") or a name of its own ("zh") means; -1: none of these. */
int language_find(const char *locale);

#endif
