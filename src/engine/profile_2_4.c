/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linux 2.4. Behind each entry: where the kernel has it. Times are jiffies of 1 ms. A behaviour not named is not there. */
#include "engine/profile.h"
#include "engine/sysctl.h"

extern const struct kprofile profile_2_4;

/* Missing here, or of another default than in 6.18: net/ipv4/sysctl_net_ipv4.c and the places that define the variables */
static const struct profile_sysctl sysctls[] = {
	{ .id = SYSCTL_tcp_backlog_ack_defer, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_challenge_ack_limit, .missing = 1, .value = INT32_MAX },
	{ .id = SYSCTL_tcp_comp_sack_nr, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_congestion_control, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_early_retrans, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_frto, .value = 0 },
	{ .id = SYSCTL_tcp_invalid_ratelimit, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_max_syn_backlog, .value = 256 },
	{ .id = SYSCTL_tcp_migrate_req, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_min_tso_segs, .missing = 1, .value = 1 },
	{ .id = SYSCTL_tcp_notsent_lowat, .missing = 1, .value = INT32_MAX },
	{ .id = SYSCTL_tcp_tso_rtt_log, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_tso_win_divisor, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_no_metrics_save, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_no_ssthresh_metrics_save, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_pingpong_thresh, .missing = 1, .value = 1 },
	{ .id = SYSCTL_tcp_recovery, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_rmem_default, .value = 87380 },
	{ .id = SYSCTL_tcp_rmem_max, .value = 174760 },
	{ .id = SYSCTL_tcp_wmem_max, .value = 131072 },
	{ .id = SYSCTL_tcp_rto_max_ms, .missing = 1, .value = 120000 },
	{ .id = SYSCTL_tcp_rto_min_us, .missing = 1, .value = 200000 },
	{ .id = SYSCTL_tcp_shrink_window, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_slow_start_after_idle, .missing = 1, .value = 1 },
	{ .id = SYSCTL_tcp_syn_linear_timeouts, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_syn_retries, .value = 5 },
	{ .id = SYSCTL_tcp_syncookies, .value = 0 },
	{ .id = SYSCTL_tcp_tw_reuse, .value = 0 },
	{ .id = SYSCTL_tcp_tw_reuse_delay, .missing = 1, .value = 0 },
};

const struct kprofile profile_2_4 = {
	.name = "2.4",
	.release = "2.4.22",
	.sysctls = sysctls,
	.nr_sysctls = sizeof(sysctls) / sizeof(sysctls[0]),
	.somaxconn = 128,			/* SOMAXCONN, include/linux/socket.h */
	.fput_is_inline = 1,			/* fput(), fs/file_table.c */
	.backlog_before_orphan = 1,		/* tcp_close(), net/ipv4/tcp.c */
	.orphan_counted_late = 1,		/* tcp_close(), net/ipv4/tcp.c */
	.fin_wait2_arms_all = 1,		/* tcp_close(), net/ipv4/tcp.c */
	.cwnd_after_disconnect = 2,		/* tcp_disconnect(), net/ipv4/tcp.c */
	.orphan_limit_is_too_many = 1,		/* tcp_out_of_resources(), net/ipv4/tcp_timer.c */
	.sock_min_sndbuf = 2048,		/* SOCK_MIN_SNDBUF, include/net/sock.h */
	.syn_in_window_resets = 1,		/* tcp_rcv_established(), net/ipv4/tcp_input.c */
	.paws_replay = 1024,			/* tcp_disordered_ack(), net/ipv4/tcp_input.c */
	.crossed_syn_ack_is_taken = 1,		/* tcp_rcv_state_process(), net/ipv4/tcp_input.c */
	.old_ack_is_processed = 1,		/* tcp_rcv_state_process(), net/ipv4/tcp_input.c */
	.prune_takes_all = 1,			/* tcp_prune_ofo_queue(), net/ipv4/tcp_input.c */
	.hole_wants_quick_acks = 1,		/* tcp_data_queue(), net/ipv4/tcp_input.c */
	.synsent_ack_must_be_exact = 1,		/* tcp_rcv_synsent_state_process(), net/ipv4/tcp_input.c */
	.rtt_in_jiffies = 1,			/* tcp_ack_update_rtt(), net/ipv4/tcp_input.c */
	.any_data_wakes = 1,			/* tcp_data_queue(), net/ipv4/tcp_input.c */
	.tcp_init_cwnd = 2,			/* tcp_v4_init_sock(), net/ipv4/tcp_ipv4.c */
	.rtt_must_be_remembered = 1,		/* tcp_init_metrics(), net/ipv4/tcp_input.c */
	.pingpong_is_yes_or_no = 1,		/* tcp_event_data_sent(), net/ipv4/tcp_output.c */
	.silence_ends_when_sent = 1,		/* tcp_event_data_sent(), net/ipv4/tcp_output.c */
	.syn_queue_ignores_backlog = 1,		/* tcp_listen_start(), net/ipv4/tcp.c */
	.syn_dropped_if_two_young = 1,		/* tcp_v4_conn_request(), net/ipv4/tcp_ipv4.c */
	.fin_is_tried_for_ever = 1,		/* tcp_send_fin(), net/ipv4/tcp_output.c */
	.repetition_joins_one = 1,		/* tcp_retrans_try_collapse(), net/ipv4/tcp_output.c */
	.one_segment_per_skb = 1,		/* tcp_sendmsg(), net/ipv4/tcp.c */
	.repetition_counts_once_out = 1,		/* tcp_retransmit_skb(), net/ipv4/tcp_output.c */
	.window_moves_in_segments = 1,		/* __tcp_select_window(), net/ipv4/tcp_output.c */
	.tcp_timeout_init = 3000,		/* TCP_TIMEOUT_INIT, include/net/tcp.h */
	.tcp_timeout_fallback = 3000,		/* TCP_TIMEOUT_INIT, include/net/tcp.h */
	.retries_are_counted = 1,		/* tcp_write_timeout(), net/ipv4/tcp_timer.c */
	.syn_retries_are_counted = 1,		/* tcp_write_timeout(), net/ipv4/tcp_timer.c */
	.one_probe_more = 1,			/* tcp_probe_timer(), net/ipv4/tcp_timer.c */
	.shut_window_patience = 120000,		/* tcp_retransmit_timer(), net/ipv4/tcp_timer.c */
	.failed_repetition_is_free = 1,		/* tcp_retransmit_timer(), net/ipv4/tcp_timer.c */
	.rfc1337_rst_restarts = 1,		/* tcp_timewait_state_process(), net/ipv4/tcp_minisocks.c */
	.tw_dies_before_rst = 1,		/* tcp_timewait_state_process(), net/ipv4/tcp_minisocks.c */
	.tw_reuse_seconds = 2,			/* __tcp_v4_check_established(), net/ipv4/tcp_ipv4.c */
	.requests_die_with_listener = 1,	/* tcp_listen_stop(), net/ipv4/tcp.c */
	.synack_scan = 1,			/* tcp_keepalive_timer(), net/ipv4/tcp_timer.c */
	.icmp_ends_any_request = 1,		/* tcp_v4_err(), net/ipv4/tcp_ipv4.c */
	.backlog_room = ROOM_ANY,		/* tcp_v4_rcv(), net/ipv4/tcp_ipv4.c */
	.tcp_timewait_len = 60000,		/* TCP_TIMEWAIT_LEN, include/net/tcp.h */
	.tcp_timeout_min = 2,			/* none; nothing asks for it */
	.tcp_timeout_min_us = 2000,		/* none; nothing asks for it */
	.tcp_delack_max = 200,			/* TCP_DELACK_MAX, include/net/tcp.h */
	.tcp_delack_min = 40,			/* TCP_DELACK_MIN, include/net/tcp.h */
	.tcp_ato_min = 40,			/* TCP_ATO_MIN, include/net/tcp.h */
	.tcp_max_quickacks = 16,		/* TCP_MAX_QUICKACKS, include/net/tcp.h */
};
