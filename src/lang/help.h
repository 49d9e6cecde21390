/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command tables as text: help, and the manual page. */
#ifndef LANG_HELP_H
#define LANG_HELP_H

#include "lang/cmd.h"

/* The manual page (finwait.1), in man(7). */
void add_manual(struct buf *b, const struct cmd_table *const *tables);

/*
 * Prints `text` in lines of so many columns, broken where lines may end; further lines begin behind `indent` blanks.
 * Returns how many lines they were.
 */
size_t say_within(struct session *ss, const char *text, size_t len, size_t indent, size_t width);
/* Prints `text` behind `head`, broken between words; further lines begin below the text. */
void say_broken(struct session *ss, const char *head, const char *text);

#endif
