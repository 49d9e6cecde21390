/* SPDX-License-Identifier: GPL-2.0-or-later */
/* finwait play. */
#ifndef TERM_PLAY_MAIN_H
#define TERM_PLAY_MAIN_H

#include "lang/cmd.h"

/* argv[0] is "play"; returns the exit status. */
int play_main(int argc, char **argv, const struct cmd_table *const *tables, bool quiet, bool json);

#endif
