/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/mib.h"

#include <string.h>

const struct mib_info mib_info[MIB_MAX] = {
#define MIB(name_, prefix_, text_) [MIB_##name_] = { #name_, prefix_, text_ },
#include "engine/mib.def"
#undef MIB
};

int mib_find(const char *name)
{
	for (int i = 0; i < MIB_MAX; i++) {
		size_t n = strlen(mib_info[i].prefix);

		if (strcmp(name, mib_info[i].name) == 0)
			return i;
		if (strncmp(name, mib_info[i].prefix, n) == 0 && strcmp(name + n, mib_info[i].name) == 0)
			return i;
	}
	return -1;
}
