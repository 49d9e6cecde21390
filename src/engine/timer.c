/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arming and stopping timers (kernel/time/timer.c as far as a socket sees it, and sk_reset_timer of net/core/sock.c). */
#include "engine/timer.h"

#include <stdlib.h>

#include "engine/sock.h"

struct timer_list *sock_timer(struct sock *sk, enum tmr_kind kind)
{
	switch (kind) {
	case TMR_RETRANSMIT:
		return &sk->tcp_retransmit_timer;
	case TMR_DELACK:
		return &sk->icsk_delack_timer;
	case TMR_KEEPALIVE:
		return &sk->icsk_keepalive_timer;
	case TMR_TW:
	case TMR_RSK:
	case TMR_TASK:
	case TMR_ARRIVAL:
	case NR_TMR:
		break;
	}
	abort();
}

void mod_timer(struct sim *s, u8 host, void *obj, struct timer_list *t, enum tmr_kind kind, u64 when)
{
	SET(t->expires, when);
	EMIT(TREC_TIMER_ARM, host, 0, world_off(s, obj), kind, when, 0);
}

bool timer_delete(struct sim *s, u8 host, void *obj, struct timer_list *t, enum tmr_kind kind)
{
	if (!timer_pending(t))
		return false;
	SET(t->expires, 0);
	EMIT(TREC_TIMER_STOP, host, 0, world_off(s, obj), kind, 0, 0);
	return true;
}

void sk_reset_timer(struct sim *s, struct sock *sk, enum tmr_kind kind, u64 when)
{
	struct timer_list *t = sock_timer(sk, kind);

	FN_SK(sk_reset_timer, sk);
	if (!timer_pending(t))
		sock_hold(s, sk);
	SET(t->expires, when);
	EMIT(TREC_TIMER_ARM, sk->host, 0, world_off(s, sk), kind, when, kind == TMR_RETRANSMIT ? sk->icsk_pending : 0);
}

void sk_stop_timer(struct sim *s, struct sock *sk, enum tmr_kind kind)
{
	FN_SK(sk_stop_timer, sk);
	if (timer_delete(s, sk->host, sk, sock_timer(sk, kind), kind))
		sock_put(s, sk);
}
