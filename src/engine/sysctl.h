/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sysctls of a host (net.ipv4.*), with the kernel's units and ranges. */
#ifndef ENGINE_SYSCTL_H
#define ENGINE_SYSCTL_H

#include "base/types.h"

/* Which of a sysctl's values can also be written as a duration. */
enum sysctl_unit { UNIT_NONE, UNIT_SEC, UNIT_MSEC, UNIT_USEC, UNIT_NSEC, UNIT_BYTES, UNIT_PAGES };

enum sysctl_id {
#define SYSCTL(id, name, index, unit, def, min, max, text) SYSCTL_##id,
#include "engine/sysctl.def"
#undef SYSCTL
	SYSCTL_MAX
};

struct sysctl_info {
	const char *name; /* after "net.ipv4."; the three values of one triple share a name */
	u8 index;	  /* 0, or 1 to 3 in a triple */
	u8 unit;	  /* enum sysctl_unit */
	u8 pad_[2];
	s32 def;
	s32 min;
	s32 max;
	const char *text; /* one sentence */
};
extern const struct sysctl_info sysctl_info[SYSCTL_MAX];

/* The (first) sysctl of that name, with or without "net.ipv4."; -1 when there is none. */
int sysctl_find(const char *name);

#endif
