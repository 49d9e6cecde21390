/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term/terminfo.h"

#include <curses.h>
#include <stdint.h>
#include <term.h>

const char *terminfo_string(const char *name)
{
	const char *s = tigetstr(name);

	/* -1, as a pointer, for what is no string capability */
	return s && (intptr_t)s != -1 ? s : "";
}
