/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/sysctl.h"

#include <string.h>

const struct sysctl_info sysctl_info[SYSCTL_MAX] = {
#define SYSCTL(id_, name_, index_, unit_, def_, min_, max_, text_) \
	[SYSCTL_##id_] = { name_, index_, unit_, { 0 }, def_, min_, max_, text_ },
#include "engine/sysctl.def"
#undef SYSCTL
};

int sysctl_find(const char *name)
{
	static const char prefix[] = "net.ipv4.";

	if (strncmp(name, prefix, sizeof(prefix) - 1) == 0)
		name += sizeof(prefix) - 1;
	for (int i = 0; i < SYSCTL_MAX; i++)
		if (strcmp(name, sysctl_info[i].name) == 0)
			return i;
	return -1;
}
