/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program. */
#include <stdio.h>
#include <string.h>

#include "drill/drill.h"

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		puts("finwait " FINWAIT_VERSION);
		return 0;
	}
	if (argc > 2 && strcmp(argv[1], "drill") == 0)
		return drill_main(argc - 1, argv + 1);
	fputs("usage: finwait drill FILE.pkt...\n", argc > 1 && strcmp(argv[1], "--help") == 0 ? stdout : stderr);
	return argc > 1 && strcmp(argv[1], "--help") == 0 ? 0 : 2;
}
