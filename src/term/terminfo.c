/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term/terminfo.h"

#include <curses.h>
#include <term.h>

const char *terminfo_string(const char *name)
{
	const char *s = tigetstr(name);

	return s && s != (const char *)-1 ? s : "";
}
