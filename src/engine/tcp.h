/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP: the functions that its files offer each other, as include/net/tcp.h does. Durations are jiffies unless the name
 * ends in _us, _ms or _sec. All run with the socket locked, in process context or softirq, as in the kernel.
 */
#ifndef ENGINE_TCP_H
#define ENGINE_TCP_H

#include "engine/inet.h"
#include "engine/link.h"
#include "engine/sim.h"
#include "engine/skb.h"
#include "engine/sock.h"
#include "engine/timer.h"

#define TCP_MSS_DEFAULT 536u
#define TCP_MIN_MSS 88u
#define TCP_RTO_MIN (HZ / 5) /* also the base of the model time, whatever tcp_rto_min_us says */
#define TCP_BASE_MSS 1460u /* DEVICE_MTU - 40 */
#define MAX_TCP_WINDOW 32767u
#define TCP_MAX_WSCALE 14u
#define TCP_INFINITE_SSTHRESH 0x7fffffffu
#define TCP_DSACK_SEEN 4
#define TCP_RTO_MAX_SEC 120u
#define TCP_PAWS_MSL 60
#define TCP_PAWS_WINDOW 1
#define TCP_PAWS_WRAP 2147 /* s: after this long ts_recent says nothing any more */
#define TCPOLEN_TSTAMP_ALIGNED 12u

/* ---- tcp.c ------------------------------------------------------------------------------------------------------- */
void tcp_init_sock(struct sim *s, struct sock *sk);
/* The one way to change sk_state; see also inet_sk_state_store(). */
void tcp_set_state(struct sim *s, struct sock *sk, u8 state);
int tcp_close(struct sim *s, struct sock *sk, u32 timeout);   /* 0 or SLEEPS */
int __tcp_close(struct sim *s, struct sock *sk, u32 timeout); /* 0 or SLEEPS */
void tcp_shutdown(struct sim *s, struct sock *sk, int how);
bool tcp_check_oom(struct sim *s, const struct sock *sk, int shift);
/*
 * TCP's memory on this host is above tcp_mem[1]. kernel: the same name, include/net/tcp.h (which leaves the pressure only
 * below tcp_mem[0]; here it ends where it began)
 */
bool tcp_under_memory_pressure(const struct sim *s, const struct sock *sk);
void tcp_write_queue_purge(struct sim *s, struct sock *sk);
int tcp_disconnect(struct sim *s, struct sock *sk, int flags);
int tcp_sendmsg(struct sim *s, struct sock *sk, u32 size, u32 msg_flags, bool nonblock); /* bytes, -errno or SLEEPS */
int tcp_recvmsg(struct sim *s, struct sock *sk, u32 len, u32 msg_flags, bool nonblock);  /* likewise */
int tcp_poll(struct sim *s, struct sock *sk);
int tcp_set_window_clamp(struct sim *s, struct sock *sk, s32 val);
int tcp_ioctl(struct sim *s, struct sock *sk, u32 which, s32 *val);
/* Some options (enum opt) are younger than the host's kernel. */
bool tcp_sockopt_exists(const struct sim *s, const struct sock *sk, u8 opt);
int tcp_setsockopt(struct sim *s, struct sock *sk, u8 opt, s32 val);
int tcp_getsockopt(struct sim *s, struct sock *sk, u8 opt, s32 *val);
int tcp_set_rcvlowat(struct sim *s, struct sock *sk, s32 val);
void tcp_done(struct sim *s, struct sock *sk);
int tcp_abort(struct sim *s, struct sock *sk, int err);
void tcp_cleanup_rbuf(struct sim *s, struct sock *sk, u32 copied);
void tcp_mark_push(struct sim *s, struct sock *sk, struct skb *skb);
/* Frees a received skb that was read, or is thrown away by close. kernel: tcp_eat_recv_skb() */
void tcp_eat_recv_skb(struct sim *s, struct sock *sk, struct skb *skb);
void tcp_orphan_count_inc(struct sim *s, struct sock *sk);
void tcp_orphan_count_dec(struct sim *s, u8 host);
/* The orphans that the limit is compared with: as they were at the last refresh. kernel: READ_ONCE(tcp_orphan_cache) */
u32 tcp_orphan_sum(const struct world *w, u8 host);
u32 tcp_fin_time(const struct sim *s, const struct sock *sk);
bool tcp_need_reset(u8 state);
void tcp_v4_destroy_sock(struct sim *s, struct sock *sk); /* tcp_ipv4.c */
static inline u32 tcp_rto_min(const struct sock *sk)
{
	return sk->icsk_rto_min;
}
static inline u32 tcp_rto_min_us(const struct sock *sk)
{
	return (u32)jiffies_to_usecs(sk->icsk_rto_min);
}
static inline u32 tcp_rto_max(const struct sock *sk)
{
	return sk->icsk_rto_max;
}

/* ---- tcp_output.c ---------------------------------------------------------------------------------------------- */
void tcp_send_fin(struct sim *s, struct sock *sk);
void tcp_send_active_reset(struct sim *s, struct sock *sk);
void tcp_send_ack(struct sim *s, struct sock *sk);
void __tcp_send_ack(struct sim *s, struct sock *sk, u32 rcv_nxt);
void tcp_send_delayed_ack(struct sim *s, struct sock *sk);
void tcp_push(struct sim *s, struct sock *sk, u32 msg_flags, u32 mss_now, int nonagle, u32 size_goal);
void __tcp_push_pending_frames(struct sim *s, struct sock *sk, u32 cur_mss, int nonagle);
void tcp_push_one(struct sim *s, struct sock *sk, u32 mss_now);
static inline void tcp_push_pending_frames(struct sim *s, struct sock *sk);
bool tcp_write_xmit(struct sim *s, struct sock *sk, u32 mss_now, int nonagle, int push_one);
int tcp_transmit_skb(struct sim *s, struct sock *sk, struct skb *skb, bool clone_it);
int tcp_retransmit_skb(struct sim *s, struct sock *sk, struct skb *skb, u32 segs);
int __tcp_retransmit_skb(struct sim *s, struct sock *sk, struct skb *skb, u32 segs);
void tcp_xmit_retransmit_queue(struct sim *s, struct sock *sk);
bool tcp_schedule_loss_probe(struct sim *s, struct sock *sk, bool advancing_rto);
void tcp_send_loss_probe(struct sim *s, struct sock *sk);
void tcp_send_probe0(struct sim *s, struct sock *sk);
/* Tells a peer, by a probe, that this end is out of repair mode. kernel: tcp_output.c */
void tcp_send_window_probe(struct sim *s, struct sock *sk);
int tcp_write_wakeup(struct sim *s, struct sock *sk, enum mib_id mib);
int tcp_connect(struct sim *s, struct sock *sk); /* sends the SYN */
int tcp_send_synack(struct sim *s, struct sock *sk); /* simultaneous open */
/* Cuts skb (in queue q) at `len` payload bytes; the rest follows it. kernel: tcp_fragment() */
int tcp_fragment(struct sim *s, struct sock *sk, struct skq *q, struct skb *skb, u32 len, u32 mss_now);
/* Drops acknowledged bytes from the head of a sent skb. kernel: tcp_trim_head() */
void tcp_trim_head(struct sim *s, struct sock *sk, struct skb *skb, u32 len);
void tcp_set_skb_tso_segs(struct sim *s, struct skb *skb, u32 mss_now);
u32 tcp_current_mss(struct sim *s, struct sock *sk);
void tcp_sync_mss(struct sim *s, struct sock *sk, u32 pmtu);
u32 tcp_send_mss(struct sim *s, struct sock *sk, u32 *size_goal, u32 msg_flags);
/* Window scale and first window for a new connection. kernel: tcp_select_initial_window() */
void tcp_select_initial_window(const struct sim *s, u8 host, s32 space, u32 mss, u32 *rcv_wnd, u32 *window_clamp,
			       bool wscale_ok, u8 *rcv_wscale, u32 init_rcv_wnd);
u16 tcp_select_window(struct sim *s, struct sock *sk);
u32 __tcp_select_window(struct sim *s, struct sock *sk);
u32 tcp_acceptable_seq(const struct sim *s, const struct sock *sk);
/* The SYN-ACK of a request. kernel: tcp_make_synack() */
struct seg tcp_make_synack(struct sim *s, struct sock *listener, struct req *rq);
int tcp_rtx_synack(struct sim *s, struct sock *listener, struct req *rq);
void tcp_release_cb(struct sim *s, struct sock *sk);
void tcp_simple_retransmit(struct sim *s, struct sock *sk);
/* After a silence the congestion window shrinks. kernel: tcp_slow_start_after_idle_check(), include/net/tcp.h */
void tcp_slow_start_after_idle_check(struct sim *s, struct sock *sk);
void tcp_queue_skb(struct sim *s, struct sock *sk, struct skb *skb);
void tcp_skb_entail(struct sim *s, struct sock *sk, struct skb *skb);

static inline u32 tcp_wnd_end(const struct sock *sk)
{
	return sk->snd_una + sk->snd_wnd;
}
static inline u32 tcp_receive_window(const struct sock *sk)
{
	s32 win = (s32)(sk->rcv_wup + sk->rcv_wnd - sk->rcv_nxt);

	return win < 0 ? 0 : (u32)win;
}
static inline u32 tcp_packets_in_flight(const struct sock *sk)
{
	return sk->packets_out - (sk->sacked_out + sk->lost_out) + sk->retrans_out;
}
static inline u32 tcp_left_out(const struct sock *sk)
{
	return sk->sacked_out + sk->lost_out;
}
static inline bool tcp_in_slow_start(const struct sock *sk)
{
	return sk->snd_cwnd < sk->snd_ssthresh;
}
static inline bool tcp_is_sack(const struct sock *sk)
{
	return sk->sack_ok != 0;
}
static inline bool tcp_is_reno(const struct sock *sk)
{
	return !sk->sack_ok;
}
/* Half of the receive buffer, until it was measured how much of a segment is payload. */
#define TCP_DEFAULT_SCALING_RATIO 128

/* What a receive buffer of `space` bytes is worth as window. kernel: tcp_win_from_space() */
static inline s32 tcp_win_from_space(const struct sock *sk, s32 space)
{
	return (s32)((s64)space * sk->scaling_ratio >> 8);
}
static inline s32 tcp_space(const struct sock *sk)
{
	return tcp_win_from_space(sk, sk->sk_rcvbuf - sk->sk_rmem_alloc);
}
static inline s32 tcp_full_space(const struct sock *sk)
{
	return tcp_win_from_space(sk, sk->sk_rcvbuf);
}

/* ---- tcp_timer.c ----------------------------------------------------------------------------------------------- */
void tcp_write_timer(struct sim *s, struct sock *sk);	 /* the physical retransmit timer fired */
void tcp_write_timer_handler(struct sim *s, struct sock *sk);
void tcp_delack_timer(struct sim *s, struct sock *sk);
void tcp_delack_timer_handler(struct sim *s, struct sock *sk);
void tcp_keepalive_timer(struct sim *s, struct sock *sk);
void tcp_retransmit_timer(struct sim *s, struct sock *sk);
void tcp_write_err(struct sim *s, struct sock *sk);
int tcp_out_of_resources(struct sim *s, struct sock *sk, bool do_reset);
void tcp_set_keepalive(struct sim *s, struct sock *sk, bool val);
void tcp_reset_keepalive_timer(struct sim *s, struct sock *sk, u32 len);
void tcp_delete_keepalive_timer(struct sim *s, struct sock *sk);
void tcp_clear_xmit_timers(struct sim *s, struct sock *sk);
/* kernel: tcp_init_xmit_timers(), net/ipv4/tcp_timer.c. */
void tcp_init_xmit_timers(struct sim *s, struct sock *sk);
/* (Re)arms the retransmit timer in the role `what` (ICSK_TIME_*) for `when` jiffies from now, at most `max_when`. */
void tcp_reset_xmit_timer(struct sim *s, struct sock *sk, int what, u32 when, u32 max_when);
/* Ends a role (or ICSK_TIME_DACK); the physical timer may still fire and then does nothing. */
void inet_csk_clear_xmit_timer(struct sim *s, struct sock *sk, int what);
/* (Re)arms the delayed-ACK timer for `when` jiffies from now. */
void tcp_reset_delack_timer(struct sim *s, struct sock *sk, u32 when);
u32 tcp_clamp_probe0_to_user_timeout(struct sim *s, const struct sock *sk, u32 when);
u32 tcp_probe0_base(const struct sim *s, const struct sock *sk);
u32 tcp_probe0_when(const struct sim *s, const struct sock *sk, u32 max_when);
static inline bool tcp_check_probe_timer_needed(const struct sock *sk)
{
	return sk->packets_out == 0 && sk->icsk_pending == 0;
}

/* ---- receive: tcp_input.c, tcp_validate.c, tcp_rcvbuf.c, tcp_ofo.c --------------------------------------------- */
void tcp_rcv_established(struct sim *s, struct sock *sk, const struct seg *g);
/* 0, or non-zero: the caller answers with a stateless RST */
int tcp_rcv_state_process(struct sim *s, struct sock *sk, const struct seg *g);
void tcp_reset(struct sim *s, struct sock *sk, const struct seg *g);
void tcp_done_with_error(struct sim *s, struct sock *sk, int err);
/* What its callers did before it: the error is told first, then CLOSE; `purge`: the write queue goes in between. */
void tcp_done_after_report(struct sim *s, struct sock *sk, int err, bool purge);
void tcp_fin(struct sim *s, struct sock *sk);
bool tcp_oow_rate_limited(struct sim *s, u8 host, const struct seg *g, enum mib_id mib, u32 *last_oow_ack_time);
void tcp_send_challenge_ack(struct sim *s, struct sock *sk);
void tcp_initialize_rcv_mss(struct sim *s, struct sock *sk);
void tcp_finish_connect(struct sim *s, struct sock *sk, const struct seg *g);
void tcp_init_transfer(struct sim *s, struct sock *sk);
/* A SYN at a listener: makes a request and answers. kernel: tcp_conn_request() */
int tcp_conn_request(struct sim *s, struct sock *sk, const struct seg *g, u32 isn);
void tcp_parse_options(struct sim *s, struct sock *sk, const struct seg *g);
void tcp_enter_quickack_mode(struct sim *s, struct sock *sk, u32 max_quickacks);
bool tcp_in_quickack_mode(const struct sim *s, const struct sock *sk);
/* Is there enough to read, or no room for more? kernel: include/net/tcp.h */
bool tcp_epollin_ready(const struct sim *s, const struct sock *sk, s32 target);
void tcp_data_ready(struct sim *s, struct sock *sk);
void tcp_check_space(struct sim *s, struct sock *sk);
u32 tcp_init_cwnd(const struct sim *s, const struct sock *sk);
static inline bool inet_csk_in_pingpong_mode(const struct sim *s, const struct sock *sk)
{
	return sk->icsk_ack_pingpong >= sysctl_get(s, sk->host, SYSCTL_tcp_pingpong_thresh);
}

/* ---- tcp_ack.c (of net/ipv4/tcp_input.c): acknowledgements and loss recovery ------------------------------------ */
/* Flags given to and made by tcp_ack() */
enum {
	FLAG_DATA = 0x01,
	FLAG_WIN_UPDATE = 0x02,
	FLAG_DATA_ACKED = 0x04,
	FLAG_RETRANS_DATA_ACKED = 0x08,
	FLAG_SYN_ACKED = 0x10,
	FLAG_DATA_SACKED = 0x20,
	FLAG_ECE = 0x40,
	FLAG_LOST_RETRANS = 0x80,
	FLAG_SLOWPATH = 0x100,
	FLAG_ORIG_SACK_ACKED = 0x200,
	FLAG_SND_UNA_ADVANCED = 0x400,
	FLAG_DSACKING_ACK = 0x800,
	FLAG_SET_XMIT_TIMER = 0x1000,
	FLAG_SACK_RENEGING = 0x2000,
	FLAG_UPDATE_TS_RECENT = 0x4000,
	FLAG_NO_CHALLENGE_ACK = 0x8000,
	FLAG_ACK_MAYBE_DELAYED = 0x10000,
	FLAG_DSACK_TLP = 0x20000,
	FLAG_ACKED = FLAG_DATA_ACKED | FLAG_SYN_ACKED,
	FLAG_NOT_DUP = FLAG_DATA | FLAG_WIN_UPDATE | FLAG_ACKED,
	FLAG_CA_ALERT = FLAG_DATA_SACKED | FLAG_ECE | FLAG_DSACKING_ACK,
	FLAG_FORWARD_PROGRESS = FLAG_ACKED | FLAG_DATA_SACKED,
};
/* 1 acceptable, 0 old, negative: of something never sent, or far too old */
int tcp_ack(struct sim *s, struct sock *sk, const struct seg *g, int flag);
/* Whether a segment says something new of the window, which is `nwin` in it. */
bool tcp_may_update_window(struct sim *s, const struct sock *sk, const struct seg *g, u32 nwin);
void tcp_enter_loss(struct sim *s, struct sock *sk);
void tcp_enter_recovery(struct sim *s, struct sock *sk, bool ece_ack);
void tcp_cwnd_reduction(struct sim *s, struct sock *sk, int newly_acked_sacked, int newly_lost, int flag);
void tcp_mark_skb_lost(struct sim *s, struct sock *sk, struct skb *skb);
void tcp_rearm_rto(struct sim *s, struct sock *sk);
void tcp_set_rto(struct sim *s, struct sock *sk);
void tcp_rtt_estimator(struct sim *s, struct sock *sk, s64 mrtt_us);
/* Windowed minimum (300 s) of the samples, in µs; 0 counts as a jiffy. `flag`: FLAG_* of tcp_ack(). */
void tcp_update_rtt_min(struct sim *s, struct sock *sk, u32 rtt_us, int flag);
/* RTT sample of the handshake: passive side from its request, active side from the SYN's skb. */
void tcp_synack_rtt_meas(struct sim *s, struct sock *sk, struct req *rq);
bool tcp_ack_update_rtt(struct sim *s, struct sock *sk, int flag, s64 seq_rtt_us, s64 sack_rtt_us, s64 ca_rtt_us);
void tcp_init_undo(struct sim *s, struct sock *sk);
void tcp_clear_retrans(struct sim *s, struct sock *sk);
/* Congestion that this host made itself is over sooner than an RTO. */
#define TCP_RESOURCE_PROBE_INTERVAL (HZ / 2)
void tcp_enter_cwr(struct sim *s, struct sock *sk);
static inline u32 tcp_min_rtt(const struct sock *sk)
{
	return sk->rtt_min_us;
}

/* ---- tcp_recovery.c -------------------------------------------------------------------------------------------- */
bool tcp_rack_mark_lost(struct sim *s, struct sock *sk); /* true: the reordering timer was armed */
void tcp_rack_advance(struct sim *s, struct sock *sk, u8 sacked, u32 end_seq, u64 xmit_time);
void tcp_rack_reo_timeout(struct sim *s, struct sock *sk);
/* `prior_delivered`: sk->delivered as it was when the latest sent of the segments just delivered left; 0: none was. */
void tcp_rack_update_reo_wnd(struct sim *s, struct sock *sk, u32 prior_delivered);
s64 tcp_rack_skb_timeout(struct sim *s, const struct sock *sk, const struct skb *skb, u32 reo_wnd);
u32 tcp_rack_reo_wnd(struct sim *s, const struct sock *sk);
/* Linux 2.4 and 3.10, with SACK: marks what lies far below the highest block. */
void tcp_fack_mark_lost(struct sim *s, struct sock *sk);
void tcp_newreno_mark_lost(struct sim *s, struct sock *sk, bool snd_una_advanced);

/* ---- tcp_cong.c, tcp_cubic.c ------------------------------------------------------------------------------------- */
void tcp_assign_congestion_control(struct sim *s, struct sock *sk);
void tcp_init_congestion_control(struct sim *s, struct sock *sk);
void tcp_cleanup_congestion_control(struct sim *s, struct sock *sk);
int tcp_set_congestion_control(struct sim *s, struct sock *sk, u8 algorithm);
/* icsk_ca_state, one of TCP_CA_*. kernel: tcp_set_ca_state() */
void tcp_set_ca_state(struct sim *s, struct sock *sk, u8 ca_state);
/* The algorithm's new ssthresh after a loss, in segments. kernel: icsk_ca_ops->ssthresh */
u32 tcp_ca_ssthresh(struct sim *s, struct sock *sk);
/* The window to go back to when a reduction was needless. kernel: tcp_reno_undo_cwnd() */
u32 tcp_ca_undo_cwnd(struct sim *s, const struct sock *sk);
void tcp_cong_avoid(struct sim *s, struct sock *sk, u32 acked);

/* ---- tcp_minisocks.c ------------------------------------------------------------------------------------------- */
enum tcp_tw_status { TCP_TW_SUCCESS = 0, TCP_TW_RST = 1, TCP_TW_ACK = 2, TCP_TW_SYN = 3, TCP_TW_ACK_OOW = 4 };
enum tcp_tw_status tcp_timewait_state_process(struct sim *s, struct tw *tw, const struct seg *g, u32 *tw_isn);
void tcp_time_wait(struct sim *s, struct sock *sk, u8 state, u32 timeo);
void tcp_ca_openreq_child(struct sim *s, struct sock *sk);
struct sock *tcp_create_openreq_child(struct sim *s, struct sock *listener, struct req *rq, const struct seg *g);
/* The listener, the child, or NULL. `req_stolen` is not modelled (one CPU). */
struct sock *tcp_check_req(struct sim *s, struct sock *listener, const struct seg *g, struct req *rq);
int tcp_child_process(struct sim *s, struct sock *listener, struct sock *child, const struct seg *g);

/* ---- tcp_ipv4.c ------------------------------------------------------------------------------------------------ */
void tcp_v4_rcv(struct sim *s, u8 host, const struct seg *g);
int tcp_v4_do_rcv(struct sim *s, struct sock *sk, const struct seg *g);
/* What ip_rcv does before tcp_v4_rcv: finds established socks, minisockets and requests. Shown only; it takes nothing. */
void tcp_v4_early_demux(struct sim *s, u8 host, const struct seg *g);
/* A SYN at a listener: hands tcp_conn_request() the sequence number that a minisocket proposed, if one did. */
int tcp_v4_conn_request(struct sim *s, struct sock *sk, const struct seg *g);
/* An ACK that answers nonsense at a request (never a full sock). kernel: tcp_v4_reqsk_send_ack() */
void tcp_v4_reqsk_send_ack(struct sim *s, const struct seg *g, struct req *rq);
void tcp_v4_send_reset(struct sim *s, u8 host, struct sock *sk, const struct seg *g);
bool tcp_add_backlog(struct sim *s, struct sock *sk, const struct seg *g);
int tcp_v4_connect(struct sim *s, struct sock *sk, u8 daddr, u16 dport);
struct sock *tcp_v4_syn_recv_sock(struct sim *s, struct sock *listener, const struct seg *g, struct req *rq);
int tcp_v4_send_synack(struct sim *s, struct sock *listener, struct req *rq);
/* An ICMP error of `type`, `code` that quotes sequence number `seq` of this connection. */
void tcp_v4_err(struct sim *s, u8 host, const struct seg *icmp);
void tcp_v4_mtu_reduced(struct sim *s, struct sock *sk, u32 mtu);
void tcp_ld_RTO_revert(struct sim *s, struct sock *sk, u32 seq);
bool tcp_twsk_unique(struct sim *s, struct sock *sk, struct tw *tw, bool explicit_port);
void tcp_update_metrics(struct sim *s, struct sock *sk);
u32 tcp_new_isn(struct sim *s, u8 host);
/* Stores into sk_state: the shared body of tcp_set_state's end, listen and a new child; knows the legal transitions. */
void inet_sk_state_store(struct sim *s, struct sock *sk, u8 state);
void inet_sk_set_state(struct sim *s, struct sock *sk, u8 state);
/* The same where the kernel assigns to sk_state without a function. */
void sk_state_set(struct sim *s, struct sock *sk, u8 state);

static inline void tcp_push_pending_frames(struct sim *s, struct sock *sk)
{
	if (tcp_send_head(s, sk))
		__tcp_push_pending_frames(s, sk, tcp_current_mss(s, sk), sk->nonagle);
}

#endif
