/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arming and stopping timers. They fire when the driver moves the clock to them (sim.c), never early, never late. */
#ifndef ENGINE_TIMER_H
#define ENGINE_TIMER_H

#include "engine/sim.h"

/*
 * kernel: sk_reset_timer(), net/core/sock.c. (Re)arms a timer of `sk` for `when` (µs on the world's clock); an armed timer
 * holds one reference to the sock. `kind` is TMR_RETRANSMIT, TMR_DELACK or TMR_KEEPALIVE.
 */
void sk_reset_timer(struct sim *s, struct sock *sk, enum tmr_kind kind, u64 when);
/* kernel: sk_stop_timer(), net/core/sock.c. Disarms it and drops its reference. */
void sk_stop_timer(struct sim *s, struct sock *sk, enum tmr_kind kind);

struct timer_list *sock_timer(struct sock *sk, enum tmr_kind kind);

/* mod_timer() and timer_delete() for minisockets and requests: no reference is counted here. */
void mod_timer(struct sim *s, u8 host, void *obj, struct timer_list *t, enum tmr_kind kind, u64 when);
bool timer_delete(struct sim *s, u8 host, void *obj, struct timer_list *t, enum tmr_kind kind);

static inline bool timer_pending(const struct timer_list *t)
{
	return t->expires != 0;
}
/* now + a duration in jiffies */
static inline u64 in_jiffies(const struct sim *s, u32 jiffies)
{
	return s->w->now + jiffies_to_usecs(jiffies);
}

#endif
