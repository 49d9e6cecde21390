/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the terminal's description says. Apart from curses, whose <term.h> takes many short names for itself. */
#ifndef TERM_TERMINFO_H
#define TERM_TERMINFO_H

#include <stdbool.h>

/* True when the terminal of the environment has a description, by which a cursor can be placed. Before newterm() only. */
bool terminfo_usable(void);
/* A string capability by name ("rmcup"); "" when the terminal has none. */
const char *terminfo_string(const char *name);

#endif
