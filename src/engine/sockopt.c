/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Socket options: the table of all, and those of SOL_SOCKET (net/core/sock.c) and SOL_IP (net/ipv4/ip_sockglue.c). */
#include <errno.h>
#include <string.h>

#include "engine/fs.h"
#include "engine/sock.h"
#include "engine/tcp.h"

/* net.core.rmem_max and wmem_max */
#define SK_MEM_MAX (4 << 20)

const struct sockopt_info sockopt_info[NR_OPT] = {
#define SOCKOPT(id_, name_, level_, kind_, text_) \
	[OPT_##id_] = { .name = name_, .kernel = #id_, .text = text_, .level = level_, .kind = kind_ },
#include "engine/sockopts.def"
#undef SOCKOPT
};

int sockopt_find(const char *name)
{
	for (int i = 0; i < NR_OPT; i++)
		if (strcmp(sockopt_info[i].name, name) == 0 || strcmp(sockopt_info[i].kernel, name) == 0)
			return i;
	return -1;
}

/* ---- setting ---------------------------------------------------------------------------------------------------- */

/* Switching it off leaves the time as it was. */
static int set_linger(struct sim *s, struct sock *sk, s32 onoff, s32 seconds)
{
	u64 jiffies = (u64)(u32)seconds * HZ;

	if (!onoff) {
		sock_reset_flag(s, sk, SOCK_LINGER);
		return 0;
	}
	SET(sk->sk_lingertime, jiffies < UINT32_MAX ? jiffies : UINT32_MAX);
	sock_set_flag(s, sk, SOCK_LINGER);
	return 0;
}

static void set_flag_to(struct sim *s, struct sock *sk, u16 flag, bool on)
{
	if (on)
		sock_set_flag(s, sk, flag);
	else
		sock_reset_flag(s, sk, flag);
}

static int set_keepalive(struct sim *s, struct sock *sk, bool on)
{
	if (sk->sk_protocol == SEG_TCP)
		tcp_set_keepalive(s, sk, on);
	set_flag_to(s, sk, SOCK_KEEPOPEN, on);
	return 0;
}

/* Twice what was asked for, as bookkeeping counts as well; an absurd value is taken as the largest allowed. */
static s32 buffer_size(s32 asked, s32 least)
{
	u32 size = (u32)asked < SK_MEM_MAX ? (u32)asked : SK_MEM_MAX;

	return (s32)(2 * size) > least ? (s32)(2 * size) : least;
}

static int set_rcvbuf(struct sim *s, struct sock *sk, s32 val)
{
	SET(sk->sk_userlocks, sk->sk_userlocks | SOCK_RCVBUF_LOCK);
	SET(sk->sk_rcvbuf, buffer_size(val, SOCK_MIN_RCVBUF));
	return 0;
}

static int set_sndbuf(struct sim *s, struct sock *sk, s32 val)
{
	SET(sk->sk_userlocks, sk->sk_userlocks | SOCK_SNDBUF_LOCK);
	SET(sk->sk_sndbuf, buffer_size(val, (s32)prof(s, sk->host)->sock_min_sndbuf));
	if (sk->sk_protocol == SEG_TCP)
		sk_stream_write_space(s, sk);
	return 0;
}

static int set_timeo(struct sim *s, u32 *timeo, s32 ms)
{
	if (ms < 0)
		SET(*timeo, 0);
	else
		SET(*timeo, ms ? msecs_to_jiffies((u32)ms) : UINT32_MAX);
	return 0;
}

static int set_rcvlowat(struct sim *s, struct sock *sk, s32 val)
{
	if (val < 0)
		val = INT32_MAX;
	if (sk->sk_protocol == SEG_TCP)
		return tcp_set_rcvlowat(s, sk, val);
	SET(sk->sk_rcvlowat, val ? val : 1);
	return 0;
}

static int set_by_name(struct sim *s, struct sock *sk, u8 opt, s32 val, s32 val2)
{
	switch (opt) {
	case OPT_SO_LINGER:
		return set_linger(s, sk, val, val2);
	case OPT_SO_KEEPALIVE:
		return set_keepalive(s, sk, val != 0);
	case OPT_SO_RCVBUF:
		return set_rcvbuf(s, sk, val);
	case OPT_SO_SNDBUF:
		return set_sndbuf(s, sk, val);
	case OPT_SO_REUSEADDR:
		SET(sk->sk_reuse, val != 0);
		return 0;
	case OPT_SO_RCVTIMEO:
		return set_timeo(s, &sk->sk_rcvtimeo, val);
	case OPT_SO_SNDTIMEO:
		return set_timeo(s, &sk->sk_sndtimeo, val);
	case OPT_SO_RCVLOWAT:
		return set_rcvlowat(s, sk, val);
	default: /* SO_ERROR can only be read */
		return -ENOPROTOOPT;
	}
}

int sk_setsockopt(struct sim *s, struct sock *sk, u8 opt, s32 val, s32 val2)
{
	int err;

	FN_SK(sk_setsockopt, sk);
	if (lock_sock(s, sk) == SLEEPS)
		return SLEEPS;
	err = set_by_name(s, sk, opt, val, val2);
	release_sock(s, sk);
	return err;
}

int ip_setsockopt(struct sim *s, struct sock *sk, u8 opt, s32 val)
{
	FN_SK(ip_setsockopt, sk);
	if (opt != OPT_IP_RECVERR)
		return -ENOPROTOOPT;
	set_flag_to(s, sk, SOCK_RECVERR, val != 0);
	if (!val)
		SET(sk->errqueue_, 0);
	return 0;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

/* The pending error, or the soft one; reading takes it away. */
static s32 take_error(struct sim *s, struct sock *sk)
{
	s32 err = -sock_error(s, sk);

	if (!err) {
		err = sk->sk_err_soft;
		SET(sk->sk_err_soft, 0);
	}
	return err;
}

static s32 timeo_in_ms(u32 timeo)
{
	return timeo == UINT32_MAX ? 0 : (s32)(jiffies_to_usecs(timeo) / 1000);
}

int sk_getsockopt(struct sim *s, struct sock *sk, u8 opt, s32 *val, s32 *val2)
{
	FN_SK(sk_getsockopt, sk);
	switch (opt) {
	case OPT_SO_LINGER:
		*val = sock_flag(sk, SOCK_LINGER);
		*val2 = (s32)(sk->sk_lingertime / HZ);
		return 0;
	case OPT_SO_KEEPALIVE:
		*val = sock_flag(sk, SOCK_KEEPOPEN);
		return 0;
	case OPT_SO_RCVBUF:
		*val = sk->sk_rcvbuf;
		return 0;
	case OPT_SO_SNDBUF:
		*val = sk->sk_sndbuf;
		return 0;
	case OPT_SO_REUSEADDR:
		*val = sk->sk_reuse;
		return 0;
	case OPT_SO_RCVTIMEO:
		*val = timeo_in_ms(sk->sk_rcvtimeo);
		return 0;
	case OPT_SO_SNDTIMEO:
		*val = timeo_in_ms(sk->sk_sndtimeo);
		return 0;
	case OPT_SO_RCVLOWAT:
		*val = sk->sk_rcvlowat;
		return 0;
	case OPT_SO_ERROR:
		*val = take_error(s, sk);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

int ip_getsockopt(struct sim *s, struct sock *sk, u8 opt, s32 *val)
{
	FN_SK(ip_getsockopt, sk);
	if (opt != OPT_IP_RECVERR)
		return -ENOPROTOOPT;
	*val = sock_flag(sk, SOCK_RECVERR);
	return 0;
}
