/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linux 3.10. Behind each entry: where the kernel has it. Times are jiffies of 1 ms. A behaviour not named is not there. */
#include "engine/profile.h"
#include "engine/sysctl.h"

extern const struct kprofile profile_3_10;

/* Missing here, or of another default than in 6.18: net/ipv4/sysctl_net_ipv4.c */
static const struct profile_sysctl sysctls[] = {
	{ .id = SYSCTL_tcp_backlog_ack_defer, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_challenge_ack_limit, .value = 1000 },
	{ .id = SYSCTL_tcp_comp_sack_nr, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_invalid_ratelimit, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_max_syn_backlog, .value = 128 },
	{ .id = SYSCTL_tcp_migrate_req, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_min_tso_segs, .missing = 1, .value = 2 },
	{ .id = SYSCTL_tcp_notsent_lowat, .missing = 1, .value = INT32_MAX },
	{ .id = SYSCTL_tcp_tso_rtt_log, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_no_ssthresh_metrics_save, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_pingpong_thresh, .missing = 1, .value = 1 },
	{ .id = SYSCTL_tcp_recovery, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_rmem_default, .value = 87380 },
	{ .id = SYSCTL_tcp_rto_max_ms, .missing = 1, .value = 120000 },
	{ .id = SYSCTL_tcp_rto_min_us, .missing = 1, .value = 200000 },
	{ .id = SYSCTL_tcp_shrink_window, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_syn_linear_timeouts, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_tw_reuse, .value = 0 },
	{ .id = SYSCTL_tcp_tw_reuse_delay, .missing = 1, .value = 0 },
};

const struct kprofile profile_3_10 = {
	.name = "3.10",
	.release = "3.10.108",
	.sysctls = sysctls,
	.nr_sysctls = sizeof(sysctls) / sizeof(sysctls[0]),
	.somaxconn = 128,			/* SOMAXCONN, include/linux/socket.h */
	.task_work_is_in_order = 1,		/* task_work_run(), kernel/task_work.c */
	.closed_is_left_alone = 1,		/* tcp_close(), net/ipv4/tcp.c */
	.done_counts_attempt_fails = 1,		/* tcp_done(), net/ipv4/tcp.c */
	.cwnd_after_disconnect = 2,		/* tcp_disconnect(), net/ipv4/tcp.c */
	.poll_has_rdhup = 1,			/* tcp_poll(), net/ipv4/tcp.c */
	.poll_out_when_shut = 1,		/* tcp_poll(), net/ipv4/tcp.c */
	.poll_heeds_rcvlowat = 1,		/* tcp_poll(), net/ipv4/tcp.c */
	.sock_min_sndbuf = 2048,		/* SOCK_MIN_SNDBUF, include/net/sock.h */
	.ack_flag_is_needed = 1,		/* tcp_rcv_established(), net/ipv4/tcp_input.c */
	.rst_needs_exact_seq = 1,		/* tcp_validate_incoming(), net/ipv4/tcp_input.c */
	.bare_syn_is_dropped = 1,		/* tcp_rcv_established(), net/ipv4/tcp_input.c */
	.paws_replay = 1024,			/* tcp_disordered_ack(), net/ipv4/tcp_input.c */
	.syn_outside_is_challenged = 1,		/* tcp_validate_incoming(), net/ipv4/tcp_input.c */
	.old_ack_is_processed = 1,		/* tcp_rcv_state_process(), net/ipv4/tcp_input.c */
	.too_old_ack_is_challenged = 1,		/* tcp_ack(), net/ipv4/tcp_input.c */
	.received_data_merges = 1,		/* tcp_try_coalesce(), net/ipv4/tcp_input.c */
	.any_dsack_clears_probe = 1,		/* tcp_process_tlp_ack(), net/ipv4/tcp_input.c */
	.prune_takes_all = 1,			/* tcp_prune_ofo_queue(), net/ipv4/tcp_input.c */
	.hole_wants_quick_acks = 1,		/* tcp_data_queue(), net/ipv4/tcp_input.c */
	.syn_fin_is_dropped = 1,		/* tcp_rcv_state_process(), net/ipv4/tcp_input.c */
	.rtt_in_jiffies = 1,			/* tcp_ack_update_rtt(), net/ipv4/tcp_input.c */
	.syn_queue_holds_16 = 1,		/* reqsk_queue_alloc(), net/core/request_sock.c */
	.dropped_syn_counts_listen = 1,		/* tcp_v4_conn_request(), net/ipv4/tcp_ipv4.c */
	.syn_dropped_if_two_young = 1,		/* tcp_v4_conn_request(), net/ipv4/tcp_ipv4.c */
	.tcp_init_cwnd = 10,			/* TCP_INIT_CWND, include/net/tcp.h */
	.any_data_wakes = 1,			/* tcp_data_queue(), net/ipv4/tcp_input.c */
	.pingpong_is_yes_or_no = 1,		/* tcp_event_data_sent(), net/ipv4/tcp_output.c */
	.silence_ends_when_sent = 1,		/* tcp_event_data_sent(), net/ipv4/tcp_output.c */
	.fin_hides_in_sent_data_ = 1,		/* tcp_send_fin(), net/ipv4/tcp_output.c */
	.fin_falls_back_to_tail = 1,		/* tcp_send_fin(), net/ipv4/tcp_output.c */
	.active_rst_is_counted = 1,		/* tcp_send_active_reset(), net/ipv4/tcp_output.c */
	.repetition_counts_once_out = 1,		/* tcp_retransmit_skb(), net/ipv4/tcp_output.c */
	.loss_probe = 1,			/* tcp_schedule_loss_probe(), net/ipv4/tcp_output.c */
	.loss_probe_of_2013 = 1,		/* tcp_schedule_loss_probe(), net/ipv4/tcp_output.c */
	.tcp_timeout_init = 1000,		/* TCP_TIMEOUT_INIT, include/net/tcp.h */
	.tcp_timeout_fallback = 3000,		/* TCP_TIMEOUT_FALLBACK, include/net/tcp.h */
	.syn_retries_are_timed = 1,		/* tcp_write_timeout(), net/ipv4/tcp_timer.c */
	.one_probe_more = 1,			/* tcp_probe_timer(), net/ipv4/tcp_timer.c */
	.shut_window_patience = 120000,		/* tcp_retransmit_timer(), net/ipv4/tcp_timer.c */
	.timers_defer_to_owner = 1,		/* tcp_write_timer(), net/ipv4/tcp_timer.c */
	.keepalive_hears_data = 1,		/* keepalive_time_elapsed(), include/net/tcp.h */
	.failed_repetition_is_free = 1,		/* tcp_retransmit_timer(), net/ipv4/tcp_timer.c */
	.rfc1337_rst_restarts = 1,		/* tcp_timewait_state_process(), net/ipv4/tcp_minisocks.c */
	.fin_wait2_wants_ack = 1,		/* tcp_timewait_state_process(), net/ipv4/tcp_minisocks.c */
	.tw_dies_before_rst = 1,		/* tcp_timewait_state_process(), net/ipv4/tcp_minisocks.c */
	.tw_reuse_seconds = 2,			/* tcp_twsk_unique(), net/ipv4/tcp_ipv4.c */
	.requests_die_with_listener = 1,	/* inet_csk_listen_stop(), net/ipv4/inet_connection_sock.c */
	.synack_timeout_is_counted = 1,		/* tcp_syn_ack_timeout(), net/ipv4/tcp_timer.c */
	.repeated_syn_restarts_timer = 1,	/* tcp_check_req(), net/ipv4/tcp_minisocks.c */
	.synack_scan = 1,			/* tcp_keepalive_timer(), net/ipv4/tcp_timer.c */
	.icmp_ends_any_request = 1,		/* tcp_v4_err(), net/ipv4/tcp_ipv4.c */
	.icmp_undoes_backoff = 1,		/* tcp_v4_err(), net/ipv4/tcp_ipv4.c */
	.backlog_room = ROOM_BUFFERS,		/* tcp_v4_rcv(), net/ipv4/tcp_ipv4.c */
	.tcp_timewait_len = 60000,		/* TCP_TIMEWAIT_LEN, include/net/tcp.h */
	.tcp_timeout_min = 2,			/* none; nothing asks for it */
	.tcp_timeout_min_us = 2000,		/* none; nothing asks for it */
	.tcp_delack_max = 200,			/* TCP_DELACK_MAX, include/net/tcp.h */
	.tcp_delack_min = 40,			/* TCP_DELACK_MIN, include/net/tcp.h */
	.tcp_ato_min = 40,			/* TCP_ATO_MIN, include/net/tcp.h */
	.tcp_max_quickacks = 16,		/* TCP_MAX_QUICKACKS, include/net/tcp.h */
};
