/* SPDX-License-Identifier: GPL-2.0-or-later */
/* finwait play. */
#ifndef TERM_PLAY_MAIN_H
#define TERM_PLAY_MAIN_H

#include "lang/cmd.h"

/* What counts for every way to call the program. */
struct play_options {
	bool plain, quiet, json;
};

/* argv[0] is "play"; returns the exit status. */
int play_main(int argc, char **argv, const struct cmd_table *const *tables, const struct play_options *o);

#endif
