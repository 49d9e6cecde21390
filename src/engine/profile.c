/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernels there are. Each has a file of its own. */
#include "engine/profile.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "engine/sysctl.h"
#include "engine/trace.h"

extern const struct kprofile profile_2_4, profile_3_10, profile_5_8, profile_6_18;

static const struct kprofile *const profiles[NR_PROFILES] = {
	[PROFILE_2_4] = &profile_2_4,
	[PROFILE_3_10] = &profile_3_10,
	[PROFILE_5_8] = &profile_5_8,
	[PROFILE_6_18] = &profile_6_18,
};

const struct profile_row_info profile_row_info[NR_KP] = {
#define PROFILE(name_, kind_, text_) \
	[KP_##name_] = { #name_, text_, offsetof(struct kprofile, name_), kind_, { 0 } },
#include "engine/profile.def"
#undef PROFILE
};

const struct profile_unmodelled profile_unmodelled[] = {
	{ "the prequeue: a blocked reader handles segments himself", V_UNTIL310, { 0 } },
	{ "requests are found by way of their listener, and its lock", V_UNTIL310, { 0 } },
	{ "FACK's estimate of what is in flight", V_UNTIL310, { 0 } },
	{ "SACKs that show a repetition to be lost, too", V_UNTIL310, { 0 } },
	{ "rate halving: cwnd falls by one each second ACK", V24, { 0 } },
	{ "PRR's older rules: how fast cwnd falls in recovery", V310 | V58, { 0 } },
	{ "cwnd grows by one for each ACK, whatever it covers", V_UNTIL310, { 0 } },
	{ "tcp_recovery=0: three duplicates in place of RACK", V58, { 0 } },
	{ "early retransmit (RFC 5827), a role of the retransmit timer", V310, { 0 } },
	{ "the old form of F-RTO (off by default)", V24, { 0 } },
	{ "SYN cookies: a full SYN queue drops SYNs in all of them", V_ALL, { 0 } },
	{ "tcp_tw_recycle: SYNs refused for their timestamp", V_UNTIL310, { 0 } },
	{ "the phase of the fast slots of TIME_WAIT (up to 128 ms)", V_UNTIL310, { 0 } },
	{ "the SYN-ACK scan's clock hand: each request is met each time", V_UNTIL310, { 0 } },
	{ "the first windows: 2.4 offers 5840 bytes, 3.10 14600", V_UNTIL310, { 0 } },
	{ "a delayed ACK that found the socket locked is \"blocked\"", V_UNTIL58, { 0 } },
	{ "what is remembered of a destination", V_ALL, { 0 } },
	{ "SACK compression: ACKs of holes wait for up to 1 ms", V_SINCE58, { 0 } },
	{ "children of a closing listener that move to another one", V618, { 0 } },
};
const u32 nr_profile_unmodelled = sizeof(profile_unmodelled) / sizeof(profile_unmodelled[0]);

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

u32 profile_value(enum profile_id id, enum profile_row row)
{
	u32 value;

	memcpy(&value, (const char *)profile_of(id) + profile_row_info[row].offset, sizeof(value));
	return value;
}

static const struct profile_sysctl *sysctl_row(enum profile_id id, u32 sysctl)
{
	const struct kprofile *p = profile_of(id);

	for (u32 i = 0; i < p->nr_sysctls; i++)
		if (p->sysctls[i].id == sysctl)
			return &p->sysctls[i];
	return NULL;
}

bool profile_has_sysctl(enum profile_id id, u32 sysctl)
{
	const struct profile_sysctl *row = sysctl_row(id, sysctl);

	return !row || !row->missing;
}

s32 profile_sysctl_default(enum profile_id id, u32 sysctl)
{
	const struct profile_sysctl *row = sysctl_row(id, sysctl);

	return row ? row->value : sysctl_info[sysctl].def;
}

bool profile_sysctl_differs(u32 sysctl)
{
	for (int i = 0; i < NR_PROFILES; i++)
		if (sysctl_row((enum profile_id)i, sysctl))
			return true;
	return false;
}
