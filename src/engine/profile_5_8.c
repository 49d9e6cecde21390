/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linux 5.8. Behind each entry: where the kernel has it. Times are jiffies of 1 ms. A behaviour not named is not there. */
#include "engine/profile.h"
#include "engine/sysctl.h"

extern const struct kprofile profile_5_8;

/* Missing here, or of another default than in 6.18: net/ipv4/sysctl_net_ipv4.c */
static const struct profile_sysctl sysctls[] = {
	{ .id = SYSCTL_tcp_backlog_ack_defer, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_challenge_ack_limit, .value = 1000 },
	{ .id = SYSCTL_tcp_migrate_req, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_tso_rtt_log, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_pingpong_thresh, .missing = 1, .value = 3 },
	{ .id = SYSCTL_tcp_rto_max_ms, .missing = 1, .value = 120000 },
	{ .id = SYSCTL_tcp_rto_min_us, .missing = 1, .value = 200000 },
	{ .id = SYSCTL_tcp_shrink_window, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_syn_linear_timeouts, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_tw_reuse_delay, .missing = 1, .value = 0 },
	{ .id = SYSCTL_tcp_tw_recycle, .missing = 1, .value = 0 },
};

const struct kprofile profile_5_8 = {
	.name = "5.8",
	.release = "5.8.1",
	.sysctls = sysctls,
	.nr_sysctls = sizeof(sysctls) / sizeof(sysctls[0]),
	.somaxconn = 4096,			/* SOMAXCONN, include/linux/socket.h */
	.sock_freed_by_rcu = 1,			/* __inet_hash(), udp_lib_get_port(), net/ipv4/ */
	.closed_is_left_alone = 1,		/* tcp_close(), net/ipv4/tcp.c */
	.close_keeps_lock = 1,			/* tcp_close(), net/ipv4/tcp.c */
	.tcp_fin_timeout_max = 120000,		/* TCP_FIN_TIMEOUT_MAX, include/net/tcp.h */
	.done_counts_attempt_fails = 1,		/* tcp_done(), net/ipv4/tcp.c */
	.reset_purges_write_queue = 1,		/* tcp_reset(), net/ipv4/tcp_input.c */
	.write_err_purges_write_queue = 1,	/* tcp_write_err(), net/ipv4/tcp_timer.c */
	.abort_exists = 1,			/* tcp_abort(), net/ipv4/tcp.c */
	.disconnect_resets_rto = 1,		/* tcp_disconnect(), net/ipv4/tcp.c */
	.cwnd_after_disconnect = 10,		/* tcp_disconnect(), net/ipv4/tcp.c */
	.poll_has_rdhup = 1,			/* tcp_poll(), net/ipv4/tcp.c */
	.poll_out_when_shut = 1,		/* tcp_poll(), net/ipv4/tcp.c */
	.poll_heeds_rcvlowat = 1,		/* tcp_poll(), net/ipv4/tcp.c */
	.sock_min_sndbuf = 2 * (2048 + 256),	/* SOCK_MIN_SNDBUF, include/net/sock.h */
	.ack_flag_is_needed = 1,		/* tcp_rcv_established(), net/ipv4/tcp_input.c */
	.window_update_ends_idle = 1,		/* tcp_ack_update_window(), net/ipv4/tcp_input.c */
	.rst_needs_exact_seq = 1,		/* tcp_validate_incoming(), net/ipv4/tcp_input.c */
	.rst_one_before_fin = 1,		/* tcp_reset_check(), net/ipv4/tcp_input.c */
	.rst_at_sack_edge = 1,			/* tcp_validate_incoming(), net/ipv4/tcp_input.c */
	.paws_replay = 1024,			/* tcp_disordered_ack(), net/ipv4/tcp_input.c */
	.syn_outside_is_challenged = 1,		/* tcp_validate_incoming(), net/ipv4/tcp_input.c */
	.bad_ack_is_challenged = 1,		/* tcp_rcv_state_process(), net/ipv4/tcp_input.c */
	.too_old_ack_is_challenged = 1,		/* tcp_ack(), net/ipv4/tcp_input.c */
	.empty_queue_takes_all = 1,		/* tcp_data_queue(), net/ipv4/tcp_input.c */
	.empty_queue_prunes_nothing = 1,	/* tcp_data_queue(), net/ipv4/tcp_input.c */
	.memory_drop_wakes_reader = 1,		/* tcp_data_queue(), net/ipv4/tcp_input.c */
	.received_data_merges = 1,		/* tcp_try_coalesce(), net/ipv4/tcp_input.c */
	.any_dsack_clears_probe = 1,		/* tcp_process_tlp_ack(), net/ipv4/tcp_input.c */
	.closed_hole_orders_ack = 1,		/* tcp_data_queue(), net/ipv4/tcp_input.c */
	.quickack_by_route = 1,			/* tcp_in_quickack_mode(), net/ipv4/tcp_input.c */
	.syn_fin_is_dropped = 1,		/* tcp_rcv_state_process(), net/ipv4/tcp_input.c */
	.wrong_synack_hurries_syn = 1,		/* tcp_rcv_synsent_state_process(), net/ipv4/tcp_input.c */
	.loss_by_rack = 1,			/* tcp_rack_mark_lost(), net/ipv4/tcp_recovery.c */
	.timeout_keeps_flight = 1,		/* tcp_enter_loss(), net/ipv4/tcp_input.c */
	.timeout_counts_lost_again = 1,		/* tcp_mark_skb_lost(), net/ipv4/tcp_recovery.c */
	.dropped_syn_counts_listen = 1,		/* tcp_conn_request(), net/ipv4/tcp_input.c */
	.tcp_init_cwnd = 10,			/* TCP_INIT_CWND, include/net/tcp.h */
	.spurious_syn_is_undone = 1,		/* tcp_init_transfer(), net/ipv4/tcp_input.c */
	.fin_hides_in_sent_data_ = 1,		/* tcp_send_fin(), net/ipv4/tcp_output.c */
	.window_closes_early = 1,		/* __tcp_select_window(), net/ipv4/tcp_output.c */
	.active_rst_is_counted = 1,		/* tcp_send_active_reset(), net/ipv4/tcp_output.c */
	.active_rst_counted_first = 1,		/* tcp_send_active_reset(), net/ipv4/tcp_output.c */
	.seq_may_overshoot = 1,			/* tcp_acceptable_seq(), net/ipv4/tcp_output.c */
	.loss_probe = 1,			/* tcp_schedule_loss_probe(), net/ipv4/tcp_output.c */
	.tcp_timeout_init = 1000,		/* TCP_TIMEOUT_INIT, include/net/tcp.h */
	.tcp_timeout_fallback = 3000,		/* TCP_TIMEOUT_FALLBACK, include/net/tcp.h */
	.syn_retries_are_counted = 1,		/* tcp_write_timeout(), net/ipv4/tcp_timer.c */
	.syn_retries_are_timed = 1,		/* tcp_write_timeout(), net/ipv4/tcp_timer.c */
	.syn_heeds_user_timeout = 1,		/* tcp_write_timeout(), net/ipv4/tcp_timer.c */
	.rto_stops_at_user_timeout = 1,		/* tcp_clamp_rto_to_user_timeout(), net/ipv4/tcp_timer.c */
	.user_timeout_by_probes = 1,		/* tcp_probe_timer(), net/ipv4/tcp_timer.c */
	.orphan_backoff_ends_probes = 1,	/* tcp_probe_timer(), net/ipv4/tcp_timer.c */
	.probe_at_least_rto_min = 1,		/* tcp_probe0_base(), include/net/tcp.h */
	.shut_window_patience = 120000,		/* tcp_retransmit_timer(), net/ipv4/tcp_timer.c */
	.every_timeout_is_counted = 1,		/* tcp_retransmit_timer(), net/ipv4/tcp_timer.c */
	.timers_defer_to_owner = 1,		/* tcp_write_timer(), net/ipv4/tcp_timer.c */
	.keepalive_hears_data = 1,		/* keepalive_time_elapsed(), include/net/tcp.h */
	.keepalive_spares_syn_sent = 1,		/* tcp_keepalive_timer(), net/ipv4/tcp_timer.c */
	.tw_timer_before_hash = 1,		/* tcp_time_wait(), net/ipv4/tcp_minisocks.c */
	.tw_has_own_timer = 1,			/* tw_timer_handler(), net/ipv4/inet_timewait_sock.c */
	.fin_wait2_wants_ack = 1,		/* tcp_timewait_state_process(), net/ipv4/tcp_minisocks.c */
	.tw_reuse_seconds = 1,			/* tcp_twsk_unique(), net/ipv4/tcp_ipv4.c */
	.synack_timeout_is_counted = 1,		/* tcp_syn_ack_timeout(), net/ipv4/tcp_timer.c */
	.repeated_syn_restarts_timer = 1,	/* tcp_check_req(), net/ipv4/tcp_minisocks.c */
	.icmp_undoes_backoff = 1,		/* tcp_v4_err(), net/ipv4/tcp_ipv4.c */
	.backlog_room = ROOM_BUFFERS_AND_64K,	/* tcp_add_backlog(), net/ipv4/tcp_ipv4.c */
	.backlog_merges_ = 1,			/* tcp_add_backlog(), net/ipv4/tcp_ipv4.c */
	.tcp_timewait_len = 60000,		/* TCP_TIMEWAIT_LEN, include/net/tcp.h */
	.tcp_timeout_min = 2,			/* TCP_TIMEOUT_MIN, include/net/tcp.h */
	.tcp_timeout_min_us = 2000,		/* TCP_TIMEOUT_MIN, include/net/tcp.h */
	.tcp_delack_max = 200,			/* TCP_DELACK_MAX, include/net/tcp.h */
	.tcp_delack_min = 40,			/* TCP_DELACK_MIN, include/net/tcp.h */
	.tcp_ato_min = 40,			/* TCP_ATO_MIN, include/net/tcp.h */
	.tcp_max_quickacks = 16,		/* TCP_MAX_QUICKACKS, include/net/tcp.h */
};
