/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linux 6.18. Behind each entry: where the kernel has it. Times are jiffies of 1 ms. */
#include "engine/profile.h"

extern const struct kprofile profile_6_18;

const struct kprofile profile_6_18 = {
	.name = "6.18",
	.tcp_timewait_len = 60000,		/* TCP_TIMEWAIT_LEN, include/net/tcp.h */
	.tcp_fin_timeout_max = 120000,		/* TCP_FIN_TIMEOUT_MAX, include/net/tcp.h */
	.tcp_timeout_init = 1000,		/* TCP_TIMEOUT_INIT, include/net/tcp.h */
	.tcp_timeout_fallback = 3000,		/* TCP_TIMEOUT_FALLBACK, include/net/tcp.h */
	.tcp_timeout_min = 2,			/* TCP_TIMEOUT_MIN, include/net/tcp.h */
	.tcp_timeout_min_us = 2000,		/* TCP_TIMEOUT_MIN_US, include/net/tcp.h */
	.tcp_delack_max = 200,			/* TCP_DELACK_MAX, include/net/tcp.h */
	.tcp_delack_min = 40,			/* TCP_DELACK_MIN, include/net/tcp.h */
	.tcp_ato_min = 40,			/* TCP_ATO_MIN, include/net/tcp.h */
	.tcp_resource_probe_interval = 500,	/* TCP_RESOURCE_PROBE_INTERVAL, include/net/tcp.h */
	.tcp_orphan_timer_period = 100,		/* TCP_ORPHAN_TIMER_PERIOD, net/ipv4/tcp.c */
	.tcp_max_quickacks = 16,		/* TCP_MAX_QUICKACKS, include/net/tcp.h */
	.tcp_init_cwnd = 10,			/* TCP_INIT_CWND, include/net/tcp.h */
	.cwnd_after_disconnect = 10,		/* tcp_disconnect(), net/ipv4/tcp.c */
	.sock_min_sndbuf = 2 * (2048 + 256),	/* SOCK_MIN_SNDBUF, include/net/sock.h */
	.close_is_synchronous = 1,		/* fput_close_sync() in close(2), fs/open.c */
	.close_wait_counts_as_estab = 1,	/* tcp_set_state(), net/ipv4/tcp.c */
	.syn_recv_shutdown_defers_fin = 1,	/* tcp_shutdown(), net/ipv4/tcp.c */
	.fin_waits_for_cwnd = 1,		/* tcp_cwnd_test(), net/ipv4/tcp_output.c */
	.unread_compares_copied_seq = 1,	/* __tcp_close(), net/ipv4/tcp.c */
	.old_ack_is_processed = 1,		/* tcp_rcv_state_process(), net/ipv4/tcp_input.c */
};
