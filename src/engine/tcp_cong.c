/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Congestion control: which algorithm a socket uses (net/ipv4/tcp_cong.c), reno, and what matters of cubic
 * (net/ipv4/tcp_cubic.c). Cubic leaves 0.7 of the window after a loss where reno leaves half. The cubic curve itself is
 * not modelled: a window of a few segments grows as reno's does.
 */
#include "engine/tcp.h"

#include <errno.h>

#define CUBIC_BETA 717u /* of 1024 */
#define LEAST_SSTHRESH 2u

struct tcp_congestion_ops {
	u32 (*ssthresh)(struct sim *s, struct sock *sk);
	void (*cong_avoid)(struct sim *s, struct sock *sk, u32 acked);
};

static u32 tcp_reno_ssthresh(struct sim *s, struct sock *sk)
{
	u32 half = sk->snd_cwnd >> 1;

	FN_SK(tcp_reno_ssthresh, sk);
	return half > LEAST_SSTHRESH ? half : LEAST_SSTHRESH;
}

static u32 cubictcp_recalc_ssthresh(struct sim *s, struct sock *sk)
{
	u32 most = sk->snd_cwnd * CUBIC_BETA / 1024;

	FN_SK(cubictcp_recalc_ssthresh, sk);
	return most > LEAST_SSTHRESH ? most : LEAST_SSTHRESH;
}

/* A window that was not used up proves nothing and does not grow. */
static bool tcp_is_cwnd_limited(const struct sock *sk)
{
	if (sk->is_cwnd_limited)
		return true;
	return tcp_in_slow_start(sk) && sk->snd_cwnd < 2 * sk->max_packets_out;
}

/* One segment more for each delivered; what is left of `acked` when ssthresh is reached. */
static u32 tcp_slow_start(struct sim *s, struct sock *sk, u32 acked)
{
	u32 room = sk->snd_ssthresh - sk->snd_cwnd;
	u32 step = acked < room ? acked : room;

	FN_SK(tcp_slow_start, sk);
	ADD(sk->snd_cwnd, step);
	return acked - step;
}

/* One segment more for each window delivered. */
static void tcp_cong_avoid_ai(struct sim *s, struct sock *sk, u32 window, u32 acked)
{
	FN_SK(tcp_cong_avoid_ai, sk);
	BUG_ON(!window);
	if (sk->snd_cwnd_cnt >= window) {
		SET(sk->snd_cwnd_cnt, 0);
		ADD(sk->snd_cwnd, 1);
	}
	ADD(sk->snd_cwnd_cnt, acked);
	if (sk->snd_cwnd_cnt >= window) {
		ADD(sk->snd_cwnd, sk->snd_cwnd_cnt / window);
		SET(sk->snd_cwnd_cnt, sk->snd_cwnd_cnt % window);
	}
}

static void grow_window(struct sim *s, struct sock *sk, u32 acked)
{
	if (!DECIDE(window_was_used_up, sk->host, tcp_is_cwnd_limited(sk), sk->snd_cwnd, sk->max_packets_out))
		return;
	if (tcp_in_slow_start(sk)) {
		acked = tcp_slow_start(s, sk, acked);
		if (!acked)
			return;
	}
	tcp_cong_avoid_ai(s, sk, sk->snd_cwnd, acked);
}

static void tcp_reno_cong_avoid(struct sim *s, struct sock *sk, u32 acked)
{
	FN_SK(tcp_reno_cong_avoid, sk);
	grow_window(s, sk, acked);
}

static void cubictcp_cong_avoid(struct sim *s, struct sock *sk, u32 acked)
{
	FN_SK(cubictcp_cong_avoid, sk);
	grow_window(s, sk, acked);
}

static const struct tcp_congestion_ops tcp_cong_list[] = {
	[CA_RENO] = { tcp_reno_ssthresh, tcp_reno_cong_avoid },
	[CA_CUBIC] = { cubictcp_recalc_ssthresh, cubictcp_cong_avoid },
};

u32 tcp_ca_ssthresh(struct sim *s, struct sock *sk)
{
	return tcp_cong_list[sk->icsk_ca_ops].ssthresh(s, sk);
}

u32 tcp_ca_undo_cwnd(struct sim *s, const struct sock *sk)
{
	FN_SK(tcp_reno_undo_cwnd, sk);
	return sk->snd_cwnd > sk->prior_cwnd ? sk->snd_cwnd : sk->prior_cwnd;
}

void tcp_cong_avoid(struct sim *s, struct sock *sk, u32 acked)
{
	FN_SK(tcp_cong_avoid, sk);
	tcp_cong_list[sk->icsk_ca_ops].cong_avoid(s, sk, acked);
}

void tcp_set_ca_state(struct sim *s, struct sock *sk, u8 ca_state)
{
	FN_SK(tcp_set_ca_state, sk);
	SET(sk->icsk_ca_state, ca_state);
}

void tcp_assign_congestion_control(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_assign_congestion_control, sk);
	SET(sk->icsk_ca_ops, sysctl_get(s, sk->host, SYSCTL_tcp_congestion_control));
}

void tcp_init_congestion_control(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_init_congestion_control, sk);
	SET(sk->prior_ssthresh, 0);
	if (sk->icsk_ca_ops == CA_CUBIC)
		LEAF(cubictcp_init, sk->host, sk);
	SET(sk->icsk_ca_initialized, 1);
}

/* Neither algorithm has a release operation: both keep all they know in the socket. */
void tcp_cleanup_congestion_control(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_cleanup_congestion_control, sk);
	SET(sk->icsk_ca_initialized, 0);
}

static void tcp_reinit_congestion_control(struct sim *s, struct sock *sk, u8 algorithm)
{
	FN_SK(tcp_reinit_congestion_control, sk);
	tcp_cleanup_congestion_control(s, sk);
	SET(sk->icsk_ca_ops, algorithm);
	if (!(TCPF(sk->sk_state) & (TCPF(TCP_CLOSE) | TCPF(TCP_LISTEN))))
		tcp_init_congestion_control(s, sk);
}

int tcp_set_congestion_control(struct sim *s, struct sock *sk, u8 algorithm)
{
	FN_SK(tcp_set_congestion_control, sk);
	if (algorithm >= ARRAY_LEN(tcp_cong_list))
		return -ENOENT;
	SET(sk->icsk_ca_setsockopt, 1);
	if (algorithm != sk->icsk_ca_ops)
		tcp_reinit_congestion_control(s, sk, algorithm);
	return 0;
}
