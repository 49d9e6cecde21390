/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernels there are. Each has a file of its own. */
#include "engine/profile.h"

#include <stdlib.h>
#include <string.h>

extern const struct kprofile profile_6_18;

static const struct kprofile *const profiles[NR_PROFILES] = {
	[PROFILE_6_18] = &profile_6_18,
};

const struct kprofile *profile_of(enum profile_id id)
{
	if ((unsigned)id >= NR_PROFILES)
		abort();
	return profiles[id];
}

int profile_find(const char *name)
{
	for (int i = 0; i < NR_PROFILES; i++)
		if (strcmp(profiles[i]->name, name) == 0)
			return i;
	return -1;
}
