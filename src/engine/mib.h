/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The counters of a host, under the names that nstat prints (without the Tcp/TcpExt prefix). */
#ifndef ENGINE_MIB_H
#define ENGINE_MIB_H

#include "base/types.h"

enum mib_id {
#define MIB(name, group, text) MIB_##name,
#include "engine/mib.def"
#undef MIB
	MIB_MAX
};

struct mib_info {
	const char *name;   /* "TCPAbortOnData" */
	const char *prefix; /* "Tcp", "TcpExt", "Ip", "Icmp", "Udp" */
	const char *text;   /* one sentence: when it is counted */
};
extern const struct mib_info mib_info[MIB_MAX];

/* Whether that kernel (enum profile_id) has the counter. */
bool mib_exists(enum mib_id id, u8 profile);

/* The counter of that name, with or without its prefix; -1 when there is none. */
int mib_find(const char *name);

#endif
