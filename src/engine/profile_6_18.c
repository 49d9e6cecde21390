/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linux 6.18. Behind each entry: where the kernel has it. Times are jiffies of 1 ms. A behaviour not named is not there. */
#include "engine/profile.h"
#include "engine/sysctl.h"

extern const struct kprofile profile_6_18;

/* Missing here; the defaults are those of sysctl.def */
static const struct profile_sysctl sysctls[] = {
	{ .id = SYSCTL_tcp_tw_recycle, .missing = 1, .value = 0 },
};

const struct kprofile profile_6_18 = {
	.name = "6.18",
	.release = "6.18.19",
	.sysctls = sysctls,
	.nr_sysctls = sizeof(sysctls) / sizeof(sysctls[0]),
	.epoll_looks_up_first = 1,		/* do_epoll_wait(), fs/eventpoll.c */
	.somaxconn = 4096,			/* SOMAXCONN, include/linux/socket.h */
	.close_is_synchronous = 1,		/* fput_close_sync() in close(2), fs/open.c */
	.close_wait_counts_as_estab = 1,	/* tcp_set_state(), net/ipv4/tcp.c */
	.syn_recv_shutdown_defers_fin = 1,	/* tcp_shutdown(), net/ipv4/tcp.c */
	.unread_compares_copied_seq = 1,	/* __tcp_close(), net/ipv4/tcp.c */
	.sock_freed_by_rcu = 1,			/* __inet_hash(), udp_lib_get_port(), net/ipv4/ */
	.udp_close_marks_dead = 1,		/* udp_destroy_sock(), net/ipv4/udp.c */
	.closed_is_left_alone = 1,		/* tcp_close(), net/ipv4/tcp.c */
	.close_keeps_lock = 1,			/* tcp_close(), net/ipv4/tcp.c */
	.tcp_fin_timeout_max = 120000,		/* TCP_FIN_TIMEOUT_MAX, include/net/tcp.h */
	.done_counts_attempt_fails = 1,		/* tcp_done(), net/ipv4/tcp.c */
	.done_with_error = 1,			/* tcp_done_with_error(), net/ipv4/tcp_input.c */
	.reset_purges_write_queue = 1,		/* tcp_reset(), net/ipv4/tcp_input.c */
	.write_err_purges_write_queue = 1,	/* tcp_write_err(), net/ipv4/tcp_timer.c */
	.abort_exists = 1,			/* tcp_abort(), net/ipv4/tcp.c */
	.abort_ends_all = 1,			/* tcp_abort(), net/ipv4/tcp.c */
	.disconnect_resets_rto = 1,		/* tcp_disconnect(), net/ipv4/tcp.c */
	.empty_skb_goes_first = 1,		/* tcp_sendmsg_locked(), net/ipv4/tcp.c */
	.disconnect_ends_sleep = 1,		/* sk_wait_event(), include/net/sock.h */
	.cwnd_after_disconnect = 10,		/* tcp_disconnect(), net/ipv4/tcp.c */
	.poll_has_rdhup = 1,			/* tcp_poll(), net/ipv4/tcp.c */
	.poll_out_when_shut = 1,		/* tcp_poll(), net/ipv4/tcp.c */
	.tcp_orphan_timer_period = 100,		/* TCP_ORPHAN_TIMER_PERIOD, net/ipv4/tcp.c */
	.poll_heeds_rcvlowat = 1,		/* tcp_poll(), net/ipv4/tcp.c */
	.sock_min_sndbuf = 2 * (2048 + 256),	/* SOCK_MIN_SNDBUF, include/net/sock.h */
	.ack_flag_is_needed = 1,		/* tcp_rcv_established(), net/ipv4/tcp_input.c */
	.window_is_measured = 1,		/* tcp_measure_rcv_mss(), net/ipv4/tcp_input.c */
	.zero_window_is_news = 1,		/* tcp_may_update_window(), net/ipv4/tcp_input.c */
	.window_update_ends_idle = 1,		/* tcp_ack_update_window(), net/ipv4/tcp_input.c */
	.rst_needs_exact_seq = 1,		/* tcp_validate_incoming(), net/ipv4/tcp_input.c */
	.rst_one_before_fin = 1,		/* tcp_reset_check(), net/ipv4/tcp_input.c */
	.rst_at_sack_edge = 1,			/* tcp_validate_incoming(), net/ipv4/tcp_input.c */
	.paws_replay = 1200,			/* tcp_disordered_ack_check(), net/ipv4/tcp_input.c */
	.syn_outside_is_challenged = 1,		/* tcp_validate_incoming(), net/ipv4/tcp_input.c */
	.syn_failing_paws_is_challenged = 1,	/* tcp_validate_incoming(), net/ipv4/tcp_input.c */
	.window_test_looks_at_end = 1,		/* tcp_sequence(), net/ipv4/tcp_input.c */
	.crossed_syn_ack_is_taken = 1,		/* tcp_validate_incoming(), net/ipv4/tcp_input.c */
	.old_paws_ack_is_silent = 1,		/* tcp_disordered_ack_check(), net/ipv4/tcp_input.c */
	.bad_ack_is_challenged = 1,		/* tcp_rcv_state_process(), net/ipv4/tcp_input.c */
	.old_ack_is_processed = 1,		/* tcp_rcv_state_process(), net/ipv4/tcp_input.c */
	.too_old_ack_is_challenged = 1,		/* tcp_ack(), net/ipv4/tcp_input.c */
	.too_old_counts_bytes_acked = 1,	/* tcp_ack(), net/ipv4/tcp_input.c */
	.unsent_ack_is_challenged = 1,		/* tcp_ack(), net/ipv4/tcp_input.c */
	.fin_fits_zero_window = 1,		/* tcp_data_queue(), net/ipv4/tcp_input.c */
	.empty_queue_takes_all = 1,		/* tcp_data_queue(), net/ipv4/tcp_input.c */
	.memory_drop_wakes_reader = 1,		/* tcp_data_queue(), net/ipv4/tcp_input.c */
	.fin_needs_no_memory = 1,		/* tcp_data_queue(), net/ipv4/tcp_input.c */
	.received_data_merges = 1,		/* tcp_try_coalesce(), net/ipv4/tcp_input.c */
	.prune_spares_earlier = 1,		/* tcp_prune_ofo_queue(), net/ipv4/tcp_input.c */
	.hole_measures_mss = 1,			/* tcp_data_queue_ofo(), net/ipv4/tcp_input.c */
	.closed_hole_orders_ack = 1,		/* tcp_data_queue(), net/ipv4/tcp_input.c */
	.quickack_by_route = 1,			/* tcp_in_quickack_mode(), net/ipv4/tcp_input.c */
	.syn_fin_is_dropped = 1,		/* tcp_rcv_state_process(), net/ipv4/tcp_input.c */
	.wrong_synack_hurries_syn = 1,		/* tcp_rcv_synsent_state_process(), net/ipv4/tcp_input.c */
	.loss_by_rack = 1,			/* tcp_rack_mark_lost(), net/ipv4/tcp_recovery.c */
	.timeout_keeps_flight = 1,		/* tcp_enter_loss(), net/ipv4/tcp_input.c */
	.timeout_counts_lost_again = 1,		/* tcp_mark_skb_lost(), net/ipv4/tcp_input.c */
	.dropped_syn_counts_listen = 1,		/* tcp_conn_request(), net/ipv4/tcp_input.c */
	.tcp_init_cwnd = 10,			/* TCP_INIT_CWND, include/net/tcp.h */
	.spurious_syn_is_undone = 1,		/* tcp_init_transfer(), net/ipv4/tcp_input.c */
	.sent_data_makes_room = 1,		/* tcp_event_new_data_sent(), net/ipv4/tcp_output.c */
	.unsent_skbs_grow = 1,			/* tcp_grow_skb(), net/ipv4/tcp_output.c */
	.full_window_counts = 1,		/* tcp_write_xmit(), net/ipv4/tcp_output.c */
	.fin_waits_for_cwnd = 1,		/* tcp_cwnd_test(), net/ipv4/tcp_output.c */
	.fin_hides_in_sent_data_ = 1,		/* tcp_send_fin(), net/ipv4/tcp_output.c */
	.window_closes_early = 1,		/* __tcp_select_window(), net/ipv4/tcp_output.c */
	.active_rst_is_counted = 1,		/* tcp_send_active_reset(), net/ipv4/tcp_output.c */
	.active_rst_counted_first = 1,		/* tcp_send_active_reset(), net/ipv4/tcp_output.c */
	.seq_may_overshoot = 1,			/* tcp_acceptable_seq(), net/ipv4/tcp_output.c */
	.failed_ack_backs_off = 1,		/* __tcp_send_ack(), net/ipv4/tcp_output.c */
	.delack_below_rto_min = 1,		/* tcp_delack_max(), net/ipv4/tcp_output.c */
	.loss_probe = 1,			/* tcp_schedule_loss_probe(), net/ipv4/tcp_output.c */
	.tcp_timeout_init = 1000,		/* TCP_TIMEOUT_INIT, include/net/tcp.h */
	.tcp_timeout_fallback = 3000,		/* TCP_TIMEOUT_FALLBACK, include/net/tcp.h */
	.syn_retries_are_counted = 1,		/* tcp_write_timeout(), net/ipv4/tcp_timer.c */
	.syn_retries_are_timed = 1,		/* tcp_write_timeout(), net/ipv4/tcp_timer.c */
	.syn_heeds_user_timeout = 1,		/* tcp_write_timeout(), net/ipv4/tcp_timer.c */
	.rto_stops_at_user_timeout = 1,		/* tcp_clamp_rto_to_user_timeout(), net/ipv4/tcp_timer.c */
	.user_timeout_by_clock = 1,		/* tcp_probe_timer(), net/ipv4/tcp_timer.c */
	.orphan_backoff_ends_probes = 1,	/* tcp_probe_timer(), net/ipv4/tcp_timer.c */
	.probe_at_least_rto_min = 1,		/* tcp_probe0_base(), include/net/tcp.h */
	.shut_window_patience = 240000,		/* tcp_retransmit_timer(), net/ipv4/tcp_timer.c */
	.shut_window_backs_off = 1,		/* tcp_retransmit_timer(), net/ipv4/tcp_timer.c */
	.every_timeout_is_counted = 1,		/* tcp_retransmit_timer(), net/ipv4/tcp_timer.c */
	.timers_defer_to_owner = 1,		/* tcp_write_timer(), net/ipv4/tcp_timer.c */
	.keepalive_hears_data = 1,		/* keepalive_time_elapsed(), include/net/tcp.h */
	.keepalive_spares_syn_sent = 1,		/* tcp_keepalive_timer(), net/ipv4/tcp_timer.c */
	.tw_has_own_timer = 1,			/* tw_timer_handler(), net/ipv4/inet_timewait_sock.c */
	.tw_hashed_with_timer = 1,		/* inet_twsk_hashdance_schedule(), net/ipv4/inet_timewait_sock.c */
	.tw_counted_at_birth = 1,		/* __inet_twsk_schedule(), net/ipv4/inet_timewait_sock.c */
	.fin_wait2_wants_ack = 1,		/* tcp_timewait_state_process(), net/ipv4/tcp_minisocks.c */
	.fin_wait2_is_not_reused = 1,		/* tcp_twsk_unique(), net/ipv4/tcp_ipv4.c */
	.req_rst_must_be_exact = 1,		/* tcp_check_req(), net/ipv4/tcp_minisocks.c */
	.tsecr_is_checked = 1,			/* tcp_check_req(), net/ipv4/tcp_minisocks.c */
	.synack_timeout_is_counted = 1,		/* tcp_syn_ack_timeout(), net/ipv4/tcp_timer.c */
	.repeated_syn_restarts_timer = 1,	/* tcp_check_req(), net/ipv4/tcp_minisocks.c */
	.icmp_undoes_backoff = 1,		/* tcp_v4_err(), net/ipv4/tcp_ipv4.c */
	.icmp_error_is_queued = 1,		/* tcp_v4_err(), net/ipv4/tcp_ipv4.c */
	.backlog_room = ROOM_TWO_RCVBUF,	/* tcp_add_backlog(), net/ipv4/tcp_ipv4.c */
	.backlog_merges_ = 1,			/* tcp_add_backlog(), net/ipv4/tcp_ipv4.c */
	.tcp_timewait_len = 60000,		/* TCP_TIMEWAIT_LEN, include/net/tcp.h */
	.tcp_timeout_min = 2,			/* TCP_TIMEOUT_MIN, include/net/tcp.h */
	.tcp_timeout_min_us = 2000,		/* TCP_TIMEOUT_MIN_US, include/net/tcp.h */
	.tcp_delack_max = 200,			/* TCP_DELACK_MAX, include/net/tcp.h */
	.tcp_delack_min = 40,			/* TCP_DELACK_MIN, include/net/tcp.h */
	.tcp_ato_min = 40,			/* TCP_ATO_MIN, include/net/tcp.h */
	.tcp_max_quickacks = 16,		/* TCP_MAX_QUICKACKS, include/net/tcp.h */
};
