/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What looking commands share. */
#ifndef LANG_LOOK_H
#define LANG_LOOK_H

#include "lang/session.h"

/* "10.0.0.1:40000"; "*:80" and "0.0.0.0:*" for what is not bound or connected. */
void add_address(struct buf *b, u8 host_plus_one, u16 port);
/* show.c */
enum status cmd_show(struct session *ss, struct args *a, struct err *err);
/* ss.c */
enum status cmd_ss(struct session *ss, struct args *a, struct err *err);
enum status cmd_ps(struct session *ss, struct args *a, struct err *err);
/* The sockets of one host. */
void ss_host(struct session *ss, u8 host);
/* tools.c */
enum status cmd_tools(struct session *ss, struct args *a, struct err *err);
/* ladder.c */
enum status cmd_ladder(struct session *ss, struct args *a, struct err *err);
enum status cmd_states(struct session *ss, struct args *a, struct err *err);
/* tree.c */
enum status cmd_trace(struct session *ss, struct args *a, struct err *err);
enum status cmd_why(struct session *ss, struct args *a, struct err *err);
/* explain.c: ST_WRONG when nothing has that name */
enum status explain(struct session *ss, const char *name, struct err *err);
/* poll.c: says why each of the bits that poll() gave is up */
void explain_poll(struct session *ss, const struct sock *sk, u32 bits);
/* help.c */
enum status cmd_help(struct session *ss, struct args *a, struct err *err);

#endif
