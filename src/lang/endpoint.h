/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Naming hosts, descriptors and sockets; finding in a world what a name stands for. */
#ifndef LANG_ENDPOINT_H
#define LANG_ENDPOINT_H

#include "base/buf.h"
#include "base/err.h"
#include "engine/sim.h"
#include "lang/fields.h"

enum endpoint_kind {
	EP_MAIN, /* A */
	EP_FD,	 /* A:4, A/102:4 */
	EP_NUM,	 /* A%2 */
};

struct endpoint {
	u8 host;
	u8 kind;
	u16 pid; /* EP_FD: 0 is the first process */
	s16 fd;
	u16 num;
};

/* A connection, whatever has become of it: any of the three may be NULL, and all are when it is gone. */
struct conn {
	const struct sock *sk;
	const struct tw *tw;
	const struct req *req;
	u16 num; /* 0: there never was one */
	u8 host;
	u8 pad_[5];
};

/*
 * Reads an endpoint from the beginning of `text`; returns how many characters it has, 0 when it is none. It ends where
 * no further character can belong to it.
 */
size_t endpoint_scan(const char *text, struct endpoint *ep);
void add_endpoint(struct buf *b, const struct endpoint *ep);
static inline char host_letter(u8 host)
{
	return (char)('A' + host);
}

/* What the endpoint stands for in this world. */
struct conn conn_of(const struct world *w, const struct endpoint *ep);
struct conn conn_by_num(const struct world *w, u8 host, u16 num);
/* The connection whose sock, minisocket, request or skb lies at that offset of the world (or a field of it). */
struct conn conn_at(const struct world *w, u32 off);
/* The object of that kind that belongs to the connection, NULL: none. An orphan has no struct socket and no file. */
const void *conn_object(const struct world *w, const struct conn *c, enum field_object o);
/* Its state as `A.state` has it. */
u8 conn_state(const struct conn *c);
/* First sequence numbers of ours and of the peer. */
u32 conn_isn(const struct conn *c);
u32 conn_peer_isn(const struct conn *c);
u16 conn_port(const struct conn *c);
u16 conn_peer_port(const struct conn *c);
/*
 * When a timer (enum tmr_kind) of the connection is due; 0: it is not armed. A retransmit or delayed-ACK timer that has
 * lost its role runs on in the kernel and does nothing: it does not count.
 */
u64 conn_timer(const struct conn *c, u8 kind);
/* True when that is so of an event. */
bool event_is_idle(const struct world *w, const struct event *ev);
/* Bytes in the receive queue that no call has read. */
s64 conn_unread(const struct world *w, const struct sock *sk);
/* Like "A" for the host's main connection, "A%2" for others. */
void add_conn_name(struct buf *b, const struct world *w, u8 host, u16 num);

/* The process with that pid; the first that lives for pid 0. NULL when there is none. */
const struct proc *proc_find(const struct world *w, u8 host, u16 pid);
/* The file behind a descriptor, NULL: none. */
const struct file *proc_file(const struct world *w, const struct proc *p, s16 fd);
/* The lowest descriptor, in the first process by pid, that refers to socket `sk`; -1: none. */
s16 sock_fd(const struct world *w, const struct sock *sk, u16 *pid);

#endif
