/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel version as data: numbers, named behaviours, and function pointers where a function was rewritten.
 * There is no version number in it, so that no code can compare one.
 */
#ifndef ENGINE_PROFILE_H
#define ENGINE_PROFILE_H

#include "base/types.h"

enum profile_id { PROFILE_6_18, NR_PROFILES };

struct kprofile {
	const char *name; /* "6.18" */
	/* numbers: jiffies unless said otherwise */
	u32 tcp_timewait_len;
	u32 tcp_fin_timeout_max;  /* cap of TCP_LINGER2 */
	u32 tcp_timeout_init;
	u32 tcp_timeout_fallback;
	u32 tcp_timeout_min;
	u32 tcp_timeout_min_us;	  /* µs: least delay of loss probe and reordering timer */
	u32 tcp_delack_max;
	u32 tcp_delack_min;
	u32 tcp_ato_min;
	u32 tcp_resource_probe_interval;
	u32 tcp_orphan_timer_period; /* how old the sum of orphans may be; 0: it is exact */
	u32 tcp_max_quickacks;	  /* count */
	u32 tcp_init_cwnd;	  /* segments */
	u32 cwnd_after_disconnect;
	u32 sock_min_sndbuf;	  /* bytes */
	/* behaviours, named after what the kernel does */
	u8 close_is_synchronous;	  /* close(2) itself runs __fput */
	u8 close_wait_counts_as_estab;	  /* CurrEstab includes CLOSE_WAIT */
	u8 syn_recv_shutdown_defers_fin;
	u8 fin_waits_for_cwnd;
	u8 unread_compares_copied_seq;
	u8 old_ack_is_processed;	  /* tcp_ack() == 0 goes on in closing states */
	u8 pad_[2];
};

const struct kprofile *profile_of(enum profile_id id);
/* -1 when there is none of that name */
int profile_find(const char *name);

#endif
