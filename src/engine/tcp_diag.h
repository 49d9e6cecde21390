/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `ss -K` reaches: destroying a socket from outside. */
#ifndef ENGINE_TCP_DIAG_H
#define ENGINE_TCP_DIAG_H

#include "engine/sim.h"

/*
 * kernel: sock_diag_rcv_msg(), net/core/sock_diag.c, of a SOCK_DESTROY message. Aborts the full socket, minisocket or
 * request number `num` of the host with ECONNABORTED. What the established table names comes first, as in the kernel's
 * lookup.
 * 0, or a negative errno (-ENOENT: nothing there, or in CLOSE already).
 */
int sock_diag_rcv_msg(struct sim *s, u8 host, struct sock *sk, struct tw *tw, u16 num);

#endif
