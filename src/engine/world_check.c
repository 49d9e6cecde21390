/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must always hold between two actions. Each check is a small function that returns a sentence when something is
 * broken; world_check() runs them over all live objects.
 */
#include <string.h>

#include "engine/skb.h"
#include "engine/tcp.h"
#include "engine/world.h"

/* ---- pools ------------------------------------------------------------------------------------------------------------- */

static bool all_zero(const u8 *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

static const char *check_pool(const struct world *w, int p)
{
	const struct pool_geometry *g = &pool_geometry[p];
	const u8 *base = (const u8 *)w + g->offset;
	u16 used = 0;

	if (w->pool[p].high > g->capacity)
		return "a pool claims more slots than it has";
	for (u16 i = 0; i < w->pool[p].high; i++) {
		const u8 *slot = base + (size_t)i * g->size;

		if (slot[g->live_offset])
			used++;
		else if (!all_zero(slot, g->size))
			return "a free slot is not zeroed";
	}
	if (used != w->pool[p].used)
		return "a pool's count of used slots is wrong";
	if (w->pool[p].high && !base[(size_t)(w->pool[p].high - 1) * g->size + g->live_offset])
		return "a pool's highest slot is free";
	return NULL;
}

/* ---- queues -------------------------------------------------------------------------------------------------------------- */

struct queue_sum {
	u32 bytes;    /* of sequence space */
	u32 truesize;
	u32 segs;
	u32 sacked;
	u32 lost;
	u32 retrans;
	u32 first;
	u32 last;     /* end_seq of the last */
	u32 fins;
	u16 n;
};

enum { ANY_ORDER, CONTIGUOUS, ASCENDING };

static void add_to_sum(struct queue_sum *sum, const struct skb *skb)
{
	if (!sum->n)
		sum->first = skb->seq;
	sum->n++;
	sum->bytes += skb->end_seq - skb->seq;
	sum->truesize += skb->truesize;
	sum->segs += skb->gso_segs;
	sum->sacked += skb->sacked & TCPCB_SACKED_ACKED ? skb->gso_segs : 0u;
	sum->lost += skb->sacked & TCPCB_LOST ? skb->gso_segs : 0u;
	sum->retrans += skb->sacked & TCPCB_SACKED_RETRANS ? skb->gso_segs : 0u;
	sum->fins += skb->tcp_flags & TCPHDR_FIN ? 1u : 0u;
	sum->last = skb->end_seq;
}

static const char *check_queue(const struct world *w, const struct sock *sk, const struct skq *q, int order,
			       struct queue_sum *sum)
{
	hnd owner = (hnd)(sk - w->sock + 1);
	hnd prev = 0;

	memset(sum, 0, sizeof(*sum));
	for (hnd h = q->head; h; h = w->skb[h - 1].next) {
		const struct skb *skb = skb_of(w, h);

		if (!skb)
			return "a queue holds a buffer that is free";
		if (skb->sk != owner)
			return "a queue holds another socket's buffer";
		if (skb->prev != prev)
			return "a queue's links disagree";
		if (order == CONTIGUOUS && prev && skb->seq != sum->last)
			return "a queue has a gap";
		if (order == ASCENDING && prev && before(skb->seq, sum->last))
			return "the out-of-order queue is not sorted";
		add_to_sum(sum, skb);
		if (sum->n > MAX_SKB)
			return "a queue runs in a circle";
		prev = h;
	}
	if (q->tail != prev)
		return "a queue's tail is wrong";
	return sum->n == q->qlen ? NULL : "a queue's length is wrong";
}

static const char *check_send_queues(const struct world *w, const struct sock *sk)
{
	struct queue_sum rtx, unsent;
	const char *bad = check_queue(w, sk, &sk->tcp_rtx_queue, CONTIGUOUS, &rtx);

	if (!bad)
		bad = check_queue(w, sk, &sk->sk_write_queue, CONTIGUOUS, &unsent);
	if (bad)
		return bad;
	if (unsent.n && unsent.last != sk->write_seq)
		return "the write queue does not end at write_seq";
	if (unsent.n && unsent.first != sk->snd_nxt)
		return "the write queue does not begin at snd_nxt";
	if (rtx.n && (rtx.last != sk->snd_nxt || after(rtx.first, sk->snd_una)))
		return "the retransmit queue does not reach from snd_una to snd_nxt";
	if (rtx.segs != sk->packets_out)
		return "packets_out is not what the retransmit queue holds";
	if (tcp_is_sack(sk) && rtx.sacked != sk->sacked_out)
		return "sacked_out is not what the retransmit queue holds";
	if (rtx.lost != sk->lost_out)
		return "lost_out is not what the retransmit queue holds";
	if (rtx.retrans + sk->retrans_twice_ != sk->retrans_out)
		return "retrans_out is not what the retransmit queue holds";
	if (rtx.fins + unsent.fins > 1)
		return "two FINs are queued";
	if (rtx.truesize + unsent.truesize != (u32)sk->sk_wmem_queued)
		return "sk_wmem_queued is not the sum of the send queues";
	return NULL;
}

static const char *check_receive_queues(const struct world *w, const struct sock *sk)
{
	struct queue_sum in, ofo;
	const char *bad = check_queue(w, sk, &sk->sk_receive_queue, ANY_ORDER, &in);

	if (!bad)
		bad = check_queue(w, sk, &sk->out_of_order_queue, ASCENDING, &ofo);
	if (bad)
		return bad;
	if (in.truesize + ofo.truesize != (u32)sk->sk_rmem_alloc)
		return "sk_rmem_alloc is not the sum of the receive queues";
	if (sk->sk_protocol == SEG_UDP)
		return NULL;
	if (in.n && in.last != sk->rcv_nxt)
		return "the receive queue does not end at rcv_nxt";
	if (ofo.n && !after(ofo.first, sk->rcv_nxt))
		return "the out-of-order queue begins at rcv_nxt or before";
	return NULL;
}

static const char *check_tsorted(const struct world *w, const struct sock *sk)
{
	hnd prev = 0;
	u32 n = 0;

	for (hnd h = sk->tsorted_head; h; h = w->skb[h - 1].tsorted_next) {
		const struct skb *skb = skb_of(w, h);

		if (!skb || !skb->tsorted || skb->tsorted_prev != prev || ++n > MAX_SKB)
			return "tsorted_sent_queue is broken";
		prev = h;
	}
	return sk->tsorted_tail == prev ? NULL : "tsorted_sent_queue's tail is wrong";
}

/* ---- socks ----------------------------------------------------------------------------------------------------------------- */

static const char *check_numbers(const struct sock *sk)
{
	if (sk->sk_state == TCP_LISTEN || sk->sk_state == TCP_CLOSE)
		return NULL;
	if (after(sk->snd_una, sk->snd_nxt))
		return "snd_una is after snd_nxt";
	if (after(sk->snd_nxt, sk->write_seq))
		return "snd_nxt is after write_seq";
	if (sk->sk_state != TCP_SYN_SENT && after(sk->copied_seq, sk->rcv_nxt))
		return "copied_seq is after rcv_nxt";
	if (sk->retrans_out > sk->packets_out + sk->retrans_twice_)
		return "more retransmissions are out than segments";
	if (sk->sacked_out + sk->lost_out > sk->packets_out)
		return "more segments are SACKed and lost than are out";
	return NULL;
}

static const char *check_hashed(const struct sock *sk)
{
	if (sk->sk_protocol == SEG_UDP)
		return sk->sk_hashed == UNHASHED || sk->sk_hashed == HASHED_UDP ? NULL : "a UDP socket is in a TCP table";
	if (sk->sk_state == TCP_LISTEN)
		return sk->sk_hashed == HASHED_LISTEN ? NULL : "a listener is not in the listening table";
	if (sk->sk_state == TCP_CLOSE)
		return sk->sk_hashed == UNHASHED ? NULL : "a socket in CLOSE is still in a table";
	return sk->sk_hashed == HASHED_EHASH ? NULL : "a connection is not in the established table";
}

static u32 armed_timers(const struct sock *sk)
{
	/* work put off until the owner lets go holds the reference of the timer that fired */
	u8 deferred = sk->sk_tsq_flags;

	return ((deferred & TCPF_WRITE_TIMER_DEFERRED) ? 1u : 0u) + ((deferred & TCPF_DELACK_TIMER_DEFERRED) ? 1u : 0u) +
	       ((deferred & TCPF_MTU_REDUCED_DEFERRED) ? 1u : 0u) +
	       (sk->tcp_retransmit_timer.expires ? 1u : 0u) + (sk->icsk_delack_timer.expires ? 1u : 0u) +
	       (sk->icsk_keepalive_timer.expires ? 1u : 0u);
}

/* A closed listener lives on while half-open requests still refer to it: destroyed, but not yet freed. */
static bool is_destroyed(const struct sock *sk)
{
	return sk->sk_protocol == SEG_TCP && (sk->sk_flags & SOCK_DEAD) && sk->sk_state == TCP_CLOSE;
}

static const char *check_refs(const struct world *w, const struct sock *sk)
{
	hnd self = (hnd)(sk - w->sock + 1);
	u32 refs = (is_destroyed(sk) ? 0u : 1u) + armed_timers(sk);
	u32 requests = 0;

	for (u16 i = 0; i < w->pool[POOL_REQ].high; i++)
		requests += w->req[i].live && w->req[i].rsk_listener == self;
	if (is_destroyed(sk) && !requests)
		return "an orphan in CLOSE was not destroyed";
	return refs + requests == sk->sk_refcnt ? NULL : "a socket's reference count is not what refers to it";
}

static const char *check_owner(const struct world *w, const struct sock *sk)
{
	const struct socket *sock = socket_of(w, sk->sk_socket);

	if (sk->sk_socket && (!sock || sock->sk != (hnd)(sk - w->sock + 1)))
		return "a socket's inode does not point back";
	if (sk->sk_socket && (sk->sk_flags & SOCK_DEAD))
		return "a dead socket still has an inode";
	if (sk->bind_hash && (!bind_of(w, sk->bind_hash) || w->bind[sk->bind_hash - 1].port != sk->inet_num))
		return "a socket's bind bucket is not that of its port";
	if (sk->sk_lock_owned == OWNED_BY_CALL)
		return "a call left a socket locked";
	return NULL;
}

static const char *check_accept_queue(const struct world *w, const struct sock *sk)
{
	u32 n = 0;
	hnd last = 0;

	for (hnd h = sk->rskq_accept_head; h; h = w->req[h - 1].dl_next) {
		const struct req *rq = req_of(w, h);

		if (!rq || !sock_of(w, rq->sk) || ++n > MAX_REQ)
			return "an accept queue is broken";
		last = h;
	}
	if (last != sk->rskq_accept_tail)
		return "an accept queue's tail is wrong";
	return n == sk->sk_ack_backlog ? NULL : "sk_ack_backlog is not the length of the accept queue";
}

static const char *check_sock(const struct world *w, const struct sock *sk)
{
	const char *bad;

	if ((bad = check_receive_queues(w, sk)) || (bad = check_hashed(sk)) || (bad = check_refs(w, sk)) ||
	    (bad = check_owner(w, sk)))
		return bad;
	if (sk->sk_protocol == SEG_UDP)
		return NULL;
	if ((bad = check_send_queues(w, sk)) || (bad = check_tsorted(w, sk)) || (bad = check_numbers(sk)))
		return bad;
	return check_accept_queue(w, sk);
}

/* ---- the rest --------------------------------------------------------------------------------------------------------------- */

static const char *check_bind(const struct world *w, u16 i)
{
	u16 owners = 0;
	hnd self = (hnd)(i + 1);

	for (u16 k = 0; k < w->pool[POOL_SOCK].high; k++)
		owners = (u16)(owners + (w->sock[k].live && w->sock[k].bind_hash == self));
	for (u16 k = 0; k < w->pool[POOL_TW].high; k++)
		owners = (u16)(owners + (w->tw[k].live && w->tw[k].tw_tb == self));
	return owners == w->bind[i].owners && owners ? NULL : "a bind bucket's count of owners is wrong";
}

static const char *check_file(const struct world *w, u16 i)
{
	hnd self = (hnd)(i + 1);
	u16 refs = 0;

	for (u16 k = 0; k < w->pool[POOL_PROC].high; k++)
		for (int fd = 0; fd < NR_OPEN; fd++)
			refs = (u16)(refs + (w->proc[k].live && w->proc[k].fd[fd] == self));
	for (u16 k = 0; k < w->pool[POOL_TASK].high; k++)
		refs = (u16)(refs + (w->task[k].live && w->task[k].file == self) +
			     (w->task[k].live && w->task[k].newfile == self));
	for (u16 k = 0; k < w->pool[POOL_TASK].high; k++)
		for (u16 n = 0; w->task[k].live && w->task[k].sleep_fn == FN_do_poll && n < w->task[k].nfds; n++)
			refs = (u16)(refs + (w->task[k].pollfd[n].file == self));
	if (!socket_of(w, w->file[i].private_data) == !eventpoll_of(w, w->file[i].ep_))
		return "an open file has no socket behind it, and no eventpoll";
	return refs == w->file[i].f_count ? NULL : "a file's reference count is not what refers to it";
}

/* The list of what is ready holds just the items that say so. */
static const char *check_eventpoll(const struct world *w, u16 i)
{
	const hnd self = (hnd)(i + 1);
	u16 ready = 0, listed = 0;
	hnd last = 0;

	for (u16 k = 0; k < w->pool[POOL_EPITEM].high; k++) {
		const struct epitem *epi = &w->epitem[k];

		if (epi->live && (!eventpoll_of(w, epi->ep) || !file_of(w, epi->file)))
			return "an item of epoll watches a file, or belongs to a set, that is gone";
		ready = (u16)(ready + (epi->live && epi->ep == self && epi->ready));
	}
	for (hnd h = w->eventpoll[i].rdl_head; h && listed <= ready; h = epitem_of(w, h)->rdl_next, listed++) {
		if (!epitem_of(w, h) || epitem_of(w, h)->ep != self || !epitem_of(w, h)->ready)
			return "the list of an eventpoll holds what is not ready";
		last = h;
	}
	return listed == ready && last == w->eventpoll[i].rdl_tail ? NULL : "the list of an eventpoll is broken";
}

static const char *check_tw(const struct tw *tw)
{
	if (tw->tw_state != TCP_TIME_WAIT || (tw->tw_substate != TCP_TIME_WAIT && tw->tw_substate != TCP_FIN_WAIT2))
		return "a minisocket is in no state that it can be in";
	if (!tw->tw_timer.expires)
		return "a minisocket without a timer";
	return tw->tw_hashed == HASHED_EHASH ? NULL : "a minisocket is not in the established table";
}

static const char *check_host(const struct world *w, u8 host)
{
	u32 orphans = 0, estab = 0, tws = 0;

	for (u16 i = 0; i < w->pool[POOL_SOCK].high; i++) {
		const struct sock *sk = &w->sock[i];

		if (!sk->live || sk->host != host || sk->sk_protocol != SEG_TCP)
			continue;
		orphans += (sk->sk_flags & SOCK_DEAD) && !is_destroyed(sk);
		estab += sk->sk_state == TCP_ESTABLISHED ||
			 (sk->sk_state == TCP_CLOSE_WAIT && profile_of(w->host[host].profile)->close_wait_counts_as_estab);
	}
	for (u16 i = 0; i < w->pool[POOL_TW].high; i++)
		tws += w->tw[i].live && w->tw[i].host == host;
	if (orphans != w->host[host].orphan_count)
		return "the orphan count is not a recount";
	if (estab != w->host[host].mib[MIB_CurrEstab])
		return "CurrEstab is not a recount";
	return tws == w->host[host].tw_count ? NULL : "the count of minisockets is not a recount";
}

static const char *found(const struct world *w, const char *bad, const void *obj, u32 *where)
{
	if (bad && where)
		*where = (u32)((const char *)obj - (const char *)w);
	return bad;
}

const char *world_check(const struct world *w, u32 *where)
{
	const char *bad;

	for (int p = 0; p < NR_POOLS; p++)
		if ((bad = check_pool(w, p)))
			return found(w, bad, &w->pool[p], where);
	for (u16 i = 0; i < w->pool[POOL_SOCK].high; i++)
		if (w->sock[i].live && (bad = check_sock(w, &w->sock[i])))
			return found(w, bad, &w->sock[i], where);
	for (u16 i = 0; i < w->pool[POOL_TW].high; i++)
		if (w->tw[i].live && (bad = check_tw(&w->tw[i])))
			return found(w, bad, &w->tw[i], where);
	for (u16 i = 0; i < w->pool[POOL_BIND].high; i++)
		if (w->bind[i].live && (bad = check_bind(w, i)))
			return found(w, bad, &w->bind[i], where);
	for (u16 i = 0; i < w->pool[POOL_FILE].high; i++)
		if (w->file[i].live && (bad = check_file(w, i)))
			return found(w, bad, &w->file[i], where);
	for (u16 i = 0; i < w->pool[POOL_EVENTPOLL].high; i++)
		if (w->eventpoll[i].live && (bad = check_eventpoll(w, i)))
			return found(w, bad, &w->eventpoll[i], where);
	for (u8 h = 0; h < NR_HOSTS; h++)
		if ((bad = check_host(w, h)))
			return found(w, bad, &w->host[h], where);
	return NULL;
}
