/* SPDX-License-Identifier: GPL-2.0-or-later */
/* setsockopt and getsockopt at level SOL_TCP (of net/ipv4/tcp.c). */
#include "engine/tcp.h"

#include <errno.h>

#define MAX_TCP_KEEPIDLE 32767
#define MAX_TCP_KEEPINTVL 32767
#define MAX_TCP_KEEPCNT 127
#define MAX_TCP_SYNCNT 127

/* How many retransmissions from a first timeout, doubling up to a ceiling, fill that many seconds. */
static u8 secs_to_retrans(s32 seconds, s32 timeout, s32 rto_max)
{
	s32 period = timeout;
	u8 res = 0;

	if (seconds <= 0)
		return 0;
	for (res = 1; seconds > period && res < 255; res++) {
		timeout = timeout * 2 > rto_max ? rto_max : timeout * 2;
		period += timeout;
	}
	return res;
}

static s32 retrans_to_secs(u8 retrans, s32 timeout, s32 rto_max)
{
	s32 period = 0;

	for (; retrans; retrans--) {
		period += timeout;
		timeout = timeout * 2 > rto_max ? rto_max : timeout * 2;
	}
	return period;
}

static int set_nodelay(struct sim *s, struct sock *sk, bool on)
{
	if (on) {
		SET(sk->nonagle, sk->nonagle | TCP_NAGLE_OFF | TCP_NAGLE_PUSH);
		tcp_push_pending_frames(s, sk);
	} else {
		SET(sk->nonagle, sk->nonagle & ~TCP_NAGLE_OFF);
	}
	return 0;
}

static int set_cork(struct sim *s, struct sock *sk, bool on)
{
	if (on) {
		SET(sk->nonagle, sk->nonagle | TCP_NAGLE_CORK);
		return 0;
	}
	SET(sk->nonagle, sk->nonagle & ~TCP_NAGLE_CORK);
	if (sk->nonagle & TCP_NAGLE_OFF)
		SET(sk->nonagle, sk->nonagle | TCP_NAGLE_PUSH);
	tcp_push_pending_frames(s, sk);
	return 0;
}

static int set_quickack(struct sim *s, struct sock *sk, s32 val)
{
	bool open = (TCPF(sk->sk_state) & (TCPF(TCP_ESTABLISHED) | TCPF(TCP_CLOSE_WAIT))) != 0;
	s32 thresh = sysctl_get(s, sk->host, SYSCTL_tcp_pingpong_thresh);

	if (!(val & 1)) {
		SET(sk->icsk_ack_pingpong, thresh);
		return 0;
	}
	SET(sk->icsk_ack_pingpong, 0);
	if (open && (sk->icsk_ack_pending & ICSK_ACK_SCHED)) {
		SET(sk->icsk_ack_pending, sk->icsk_ack_pending | ICSK_ACK_PUSHED);
		tcp_cleanup_rbuf(s, sk, 1);
	}
	return 0;
}

static int set_keepidle(struct sim *s, struct sock *sk, s32 val)
{
	u32 idle;

	if (val < 1 || val > MAX_TCP_KEEPIDLE)
		return -EINVAL;
	SET(sk->keepalive_time, (u32)val * HZ);
	if (!sock_flag(sk, SOCK_KEEPOPEN) || sk->sk_state == TCP_CLOSE || sk->sk_state == TCP_LISTEN)
		return 0;
	idle = tcp_jiffies32(s) - (after(sk->icsk_ack_lrcvtime, sk->rcv_tstamp) ? sk->icsk_ack_lrcvtime : sk->rcv_tstamp);
	tcp_reset_keepalive_timer(s, sk, sk->keepalive_time > idle ? sk->keepalive_time - idle : 0);
	return 0;
}

static int set_linger2(struct sim *s, struct sock *sk, s32 val)
{
	u32 max = KP(sk->host, tcp_fin_timeout_max);

	if (val < 0)
		SET(sk->linger2, -1);
	else if (!max) /* too much is as if nothing had been asked for */
		SET(sk->linger2, val > sysctl_get(s, sk->host, SYSCTL_tcp_fin_timeout) ? 0 : (u32)val * HZ);
	else if ((u32)val > max / HZ)
		SET(sk->linger2, max);
	else
		SET(sk->linger2, (u32)val * HZ);
	return 0;
}

static int set_in_range(struct sim *s, u8 *field, s32 val, s32 min, s32 max)
{
	if (val < min || val > max)
		return -EINVAL;
	SET(*field, val);
	return 0;
}

static int set_maxseg(struct sim *s, struct sock *sk, s32 val)
{
	if (val && (val < (s32)TCP_MIN_MSS || val > (s32)MAX_TCP_WINDOW))
		return -EINVAL;
	SET(sk->user_mss, val);
	return 0;
}

int tcp_set_window_clamp(struct sim *s, struct sock *sk, s32 val)
{
	u32 old = sk->window_clamp;
	u32 clamp = val > SOCK_MIN_RCVBUF / 2 ? (u32)val : SOCK_MIN_RCVBUF / 2;
	u32 room = sk->rcv_wnd < clamp ? sk->rcv_wnd : clamp;

	FN_SK(tcp_set_window_clamp, sk);
	if (!val && sk->sk_state != TCP_CLOSE)
		return -EINVAL;
	SET(sk->window_clamp, val ? clamp : 0);
	if (!val)
		return 0;
	if (clamp < old && clamp < sk->rcv_ssthresh)
		SET(sk->rcv_ssthresh, clamp);
	if (clamp > old && room > sk->rcv_ssthresh)
		SET(sk->rcv_ssthresh, room);
	return 0;
}

/* TCP_RTO_MIN_US, TCP_DELACK_MAX_US: from two jiffies up to what it is by default. */
static int set_small_time(struct sim *s, struct sock *sk, u32 *field, s32 us, u32 most)
{
	u32 jiffies = us < 0 ? UINT32_MAX : usecs_to_jiffies((u32)us);

	if (jiffies > most || jiffies < prof(s, sk->host)->tcp_timeout_min)
		return -EINVAL;
	SET(*field, jiffies);
	return 0;
}

/* 1 on, 0 off, -1 off without telling the peer by a probe. */
static int set_repair(struct sim *s, struct sock *sk, s32 val)
{
	if (sk->sk_state == TCP_LISTEN)
		return -EPERM;
	if (val < -1 || val > 1)
		return -EINVAL;
	SET(sk->repair, val == 1);
	if (!val)
		tcp_send_window_probe(s, sk);
	return 0;
}

static int set_rto_max(struct sim *s, struct sock *sk, s32 val)
{
	if (val < 1000 || val > (s32)TCP_RTO_MAX_SEC * 1000)
		return -EINVAL;
	SET(sk->icsk_rto_max, msecs_to_jiffies((u32)val));
	return 0;
}

static int set_user_timeout(struct sim *s, struct sock *sk, s32 val)
{
	if (val < 0)
		return -EINVAL;
	SET(sk->icsk_user_timeout, val);
	return 0;
}

static int set_keepintvl(struct sim *s, struct sock *sk, s32 val)
{
	if (val < 1 || val > MAX_TCP_KEEPINTVL)
		return -EINVAL;
	SET(sk->keepalive_intvl, (u32)val * HZ);
	return 0;
}

/* The options that the kernel sets without taking the socket lock; -ENOPROTOOPT when it is none of them. */
static int set_unlocked(struct sim *s, struct sock *sk, u8 opt, s32 val)
{
	const struct kprofile *p = prof(s, sk->host);

	switch (opt) {
	case OPT_TCP_SYNCNT:
		return set_in_range(s, &sk->icsk_syn_retries, val, 1, MAX_TCP_SYNCNT);
	case OPT_TCP_USER_TIMEOUT:
		return set_user_timeout(s, sk, val);
	case OPT_TCP_KEEPINTVL:
		return set_keepintvl(s, sk, val);
	case OPT_TCP_KEEPCNT:
		return set_in_range(s, &sk->keepalive_probes, val, 1, MAX_TCP_KEEPCNT);
	case OPT_TCP_LINGER2:
		return set_linger2(s, sk, val);
	case OPT_TCP_DEFER_ACCEPT:
		SET(sk->rskq_defer_accept, secs_to_retrans(val, (s32)(p->tcp_timeout_init / HZ), (s32)TCP_RTO_MAX_SEC));
		return 0;
	case OPT_TCP_RTO_MAX_MS:
		return set_rto_max(s, sk, val);
	case OPT_TCP_RTO_MIN_US:
		return set_small_time(s, sk, &sk->icsk_rto_min, val, TCP_RTO_MIN);
	case OPT_TCP_DELACK_MAX_US:
		return set_small_time(s, sk, &sk->icsk_delack_max, val, p->tcp_delack_max);
	default:
		return -ENOPROTOOPT;
	}
}

static int set_locked(struct sim *s, struct sock *sk, u8 opt, s32 val)
{
	switch (opt) {
	case OPT_TCP_MAXSEG:
		return set_maxseg(s, sk, val);
	case OPT_TCP_NODELAY:
		return set_nodelay(s, sk, val != 0);
	case OPT_TCP_CORK:
		return set_cork(s, sk, val != 0);
	case OPT_TCP_QUICKACK:
		return set_quickack(s, sk, val);
	case OPT_TCP_KEEPIDLE:
		return set_keepidle(s, sk, val);
	case OPT_TCP_WINDOW_CLAMP:
		return tcp_set_window_clamp(s, sk, val);
	case OPT_TCP_CONGESTION:
		return tcp_set_congestion_control(s, sk, (u8)val);
	case OPT_TCP_REPAIR:
		return set_repair(s, sk, val);
	case OPT_TCP_NOTSENT_LOWAT:
		SET(sk->notsent_lowat, val);
		sk_stream_write_space(s, sk);
		return 0;
	case OPT_TCP_INQ:
		return set_in_range(s, &sk->recvmsg_inq, val, 0, 1);
	default:
		return -ENOPROTOOPT;
	}
}

bool tcp_sockopt_exists(const struct sim *s, const struct sock *sk, u8 opt)
{
	static const u8 kernels[NR_OPT] = {
		[OPT_TCP_CONGESTION] = V_SINCE310,   [OPT_TCP_USER_TIMEOUT] = V_SINCE310,
		[OPT_TCP_REPAIR] = V_SINCE310,	     [OPT_TCP_RTO_MAX_MS] = V618,
		[OPT_TCP_RTO_MIN_US] = V618,	     [OPT_TCP_DELACK_MAX_US] = V618,
		[OPT_TCP_NOTSENT_LOWAT] = V_SINCE58, [OPT_TCP_INQ] = V_SINCE58,
	};

	return !kernels[opt] || (kernels[opt] & 1u << s->w->host[sk->host].profile);
}

static int do_tcp_setsockopt(struct sim *s, struct sock *sk, u8 opt, s32 val)
{
	int ret;

	FN_SK(do_tcp_setsockopt, sk);
	if (!tcp_sockopt_exists(s, sk, opt))
		return -ENOPROTOOPT;
	if (!s->resuming) {
		ret = set_unlocked(s, sk, opt, val);
		if (ret != -ENOPROTOOPT)
			return ret;
	}
	if (lock_sock(s, sk) == SLEEPS)
		return SLEEPS;
	ret = set_locked(s, sk, opt, val);
	release_sock(s, sk);
	return ret;
}

int tcp_setsockopt(struct sim *s, struct sock *sk, u8 opt, s32 val)
{
	FN_SK(tcp_setsockopt, sk);
	return do_tcp_setsockopt(s, sk, opt, val);
}

static s32 get_linger2(const struct sim *s, const struct sock *sk)
{
	if (sk->linger2 < 0)
		return -1;
	return sk->linger2 ? sk->linger2 / (s32)HZ : sysctl_get(s, sk->host, SYSCTL_tcp_fin_timeout);
}

static s32 or_sysctl(const struct sim *s, const struct sock *sk, u32 value, enum sysctl_id id)
{
	return value ? (s32)value : sysctl_get(s, sk->host, id);
}

static int do_tcp_getsockopt(struct sim *s, struct sock *sk, u8 opt, s32 *val)
{
	FN_SK(do_tcp_getsockopt, sk);
	if (!tcp_sockopt_exists(s, sk, opt))
		return -ENOPROTOOPT;
	switch (opt) {
	case OPT_TCP_MAXSEG:
		*val = (s32)sk->mss_cache;
		if (sk->user_mss && (TCPF(sk->sk_state) & (TCPF(TCP_CLOSE) | TCPF(TCP_LISTEN))))
			*val = sk->user_mss;
		return 0;
	case OPT_TCP_NODELAY:
		*val = (sk->nonagle & TCP_NAGLE_OFF) != 0;
		return 0;
	case OPT_TCP_CORK:
		*val = (sk->nonagle & TCP_NAGLE_CORK) != 0;
		return 0;
	case OPT_TCP_QUICKACK:
		*val = !inet_csk_in_pingpong_mode(s, sk);
		return 0;
	case OPT_TCP_KEEPIDLE:
		*val = or_sysctl(s, sk, sk->keepalive_time / HZ, SYSCTL_tcp_keepalive_time);
		return 0;
	case OPT_TCP_KEEPINTVL:
		*val = or_sysctl(s, sk, sk->keepalive_intvl / HZ, SYSCTL_tcp_keepalive_intvl);
		return 0;
	case OPT_TCP_KEEPCNT:
		*val = or_sysctl(s, sk, sk->keepalive_probes, SYSCTL_tcp_keepalive_probes);
		return 0;
	case OPT_TCP_SYNCNT:
		*val = or_sysctl(s, sk, sk->icsk_syn_retries, SYSCTL_tcp_syn_retries);
		return 0;
	case OPT_TCP_LINGER2:
		*val = get_linger2(s, sk);
		return 0;
	case OPT_TCP_DEFER_ACCEPT:
		*val = retrans_to_secs(sk->rskq_defer_accept, (s32)(prof(s, sk->host)->tcp_timeout_init / HZ),
				       (s32)TCP_RTO_MAX_SEC);
		return 0;
	case OPT_TCP_USER_TIMEOUT:
		*val = (s32)sk->icsk_user_timeout;
		return 0;
	case OPT_TCP_WINDOW_CLAMP:
		*val = (s32)sk->window_clamp;
		return 0;
	case OPT_TCP_CONGESTION:
		*val = sk->icsk_ca_ops;
		return 0;
	case OPT_TCP_RTO_MAX_MS:
		*val = (s32)(jiffies_to_usecs(sk->icsk_rto_max) / 1000);
		return 0;
	case OPT_TCP_RTO_MIN_US:
		*val = (s32)jiffies_to_usecs(sk->icsk_rto_min);
		return 0;
	case OPT_TCP_DELACK_MAX_US:
		*val = (s32)jiffies_to_usecs(sk->icsk_delack_max);
		return 0;
	case OPT_TCP_REPAIR:
		*val = sk->repair;
		return 0;
	case OPT_TCP_NOTSENT_LOWAT:
		*val = (s32)sk->notsent_lowat;
		return 0;
	case OPT_TCP_INQ:
		*val = sk->recvmsg_inq;
		return 0;
	case OPT_TCP_INFO:
		LEAF(tcp_get_info, sk->host, sk);
		*val = sk->sk_state;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

int tcp_getsockopt(struct sim *s, struct sock *sk, u8 opt, s32 *val)
{
	FN_SK(tcp_getsockopt, sk);
	return do_tcp_getsockopt(s, sk, opt, val);
}
