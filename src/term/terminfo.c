/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term/terminfo.h"

#include <curses.h>
#include <stdint.h>
#include <term.h>
#include <unistd.h>

bool terminfo_usable(void)
{
	bool usable;
	int status;

	if (setupterm(NULL, STDOUT_FILENO, &status) != OK)
		return false;
	usable = *terminfo_string("cup") != '\0';
	del_curterm(cur_term);
	return usable;
}

const char *terminfo_string(const char *name)
{
	const char *s = tigetstr(name);

	/* -1, as a pointer, for what is no string capability */
	return s && (intptr_t)s != -1 ? s : "";
}
