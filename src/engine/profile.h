/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel version as data: numbers and named behaviours, and what exists in it. There is no version number in it, so
 * that no code can compare one.
 */
#ifndef ENGINE_PROFILE_H
#define ENGINE_PROFILE_H

#include "base/types.h"

/* Oldest first: the bit of a kernel in a set of kernels (V24 ... of trace.h) is 1 << its id. */
enum profile_id { PROFILE_2_4, PROFILE_3_10, PROFILE_5_8, PROFILE_6_18, NR_PROFILES };

enum profile_kind { PK_FLAG, PK_COUNT, PK_MSEC, PK_USEC, PK_BYTES, PK_ROOM };

enum profile_row {
#define PROFILE(name, kind, text) KP_##name,
#include "engine/profile.def"
#undef PROFILE
	NR_KP
};

/* How much may wait in the backlog: kprofile.backlog_room. */
enum { ROOM_ANY, ROOM_BUFFERS, ROOM_BUFFERS_AND_64K, ROOM_TWO_RCVBUF };

/* A sysctl that this kernel lacks, or has another default of. */
struct profile_sysctl {
	u16 id; /* enum sysctl_id */
	u8 missing;
	u8 pad_;
	s32 value; /* default; of a missing one what stands for the behaviour without it */
};

struct kprofile {
	const char *name;    /* "6.18" */
	const char *release; /* which was read: "6.18.19" */
	const struct profile_sysctl *sysctls;
	u32 nr_sysctls;
#define PROFILE(name_, kind, text) u32 name_;
#include "engine/profile.def"
#undef PROFILE
};

struct profile_row_info {
	const char *name; /* "rst_needs_exact_seq" */
	const char *text; /* what it says, up to 50 characters */
	u16 offset;	  /* in struct kprofile */
	u8 kind;	  /* enum profile_kind */
	u8 pad_[5];
};
extern const struct profile_row_info profile_row_info[NR_KP];

const struct kprofile *profile_of(enum profile_id id);
/* -1 when there is none of that name */
int profile_find(const char *name);
/* What the kernel has in that row. */
u32 profile_value(enum profile_id id, enum profile_row row);
/* The sysctl of that number in this kernel: whether it exists, and its default. */
bool profile_has_sysctl(enum profile_id id, u32 sysctl);
s32 profile_sysctl_default(enum profile_id id, u32 sysctl);
/* Whether kernels differ in that sysctl's default, or in having it. */
bool profile_sysctl_differs(u32 sysctl);

/* What was read of other kernels and is not run: for people who compare. */
struct profile_unmodelled {
	const char *text;
	u8 kernels; /* bits: of those in which it is so */
	u8 pad_[7];
};
extern const struct profile_unmodelled profile_unmodelled[];
extern const u32 nr_profile_unmodelled;

#endif
