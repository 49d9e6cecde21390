/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/encode.h"

#include <string.h>

#include "engine/tcp.h"

#define LONGEST_AGE_JIFFIES (240u * HZ)

/* Numbers of any size in few bytes; runs of zeros, the most frequent number, in two. */
struct writer {
	u8 *at;
	u8 *end;
	u32 zeros;
	bool full;
};

static void put_byte(struct writer *o, u8 byte)
{
	if (o->at == o->end)
		o->full = true;
	else
		*o->at++ = byte;
}

static void put_varint(struct writer *o, u64 v)
{
	for (; v > 0x7f; v >>= 7)
		put_byte(o, (u8)(v | 0x80));
	put_byte(o, (u8)v);
}

static void flush_zeros(struct writer *o)
{
	if (!o->zeros)
		return;
	put_byte(o, 0);
	put_varint(o, o->zeros);
	o->zeros = 0;
}

static void put(struct writer *o, u64 v)
{
	if (!v) {
		o->zeros++;
		return;
	}
	flush_zeros(o);
	put_varint(o, v);
}

/* Small differences of either sign stay small. */
static void put_signed(struct writer *o, s64 v)
{
	put(o, v < 0 ? ((u64)(-(v + 1)) << 1) + 1 : (u64)v << 1);
}

static void put_seq(struct writer *o, u32 seq, u32 base)
{
	put_signed(o, (s32)(seq - base));
}

/* 0 is no number but "none". */
static void put_seq_or_none(struct writer *o, u32 seq, u32 base)
{
	put(o, seq != 0);
	if (seq)
		put_seq(o, seq, base);
}

static void put_age(struct writer *o, u32 stamp, u32 now)
{
	u32 age = now - stamp;

	put(o, stamp == 0 ? 0 : 1 + (age < LONGEST_AGE_JIFFIES ? age : LONGEST_AGE_JIFFIES));
}

static void put_left(struct writer *o, u64 when, u64 now)
{
	put(o, when == 0 || when == FOREVER ? (when != 0) : 2 + (when > now ? when - now : 0));
}

/* ---- queues and timers of a sock ----------------------------------------------------------------------------------- */

static void put_queue(struct writer *o, const struct world *w, const struct skq *q, u32 base)
{
	put(o, q->qlen);
	for (hnd h = q->head; h; h = w->skb[h - 1].next) {
		const struct skb *skb = &w->skb[h - 1];

		put_seq(o, skb->seq, base);
		put(o, skb->end_seq - skb->seq);
		put(o, skb->tcp_flags);
		put(o, skb->sacked);
		put(o, skb->gso_segs > 1 ? skb->gso_segs : 0);
		put(o, skb->skb_mstamp_us ? 1 + (w->now - skb->skb_mstamp_us) / USEC_PER_JIFFY : 0);
	}
}

static void put_timers(struct writer *o, const struct world *w, const struct sock *sk)
{
	put_left(o, sk->tcp_retransmit_timer.expires, w->now);
	put_left(o, sk->icsk_delack_timer.expires, w->now);
	put_left(o, sk->icsk_keepalive_timer.expires, w->now);
	put(o, sk->icsk_pending);
	put(o, sk->icsk_retransmits);
	put(o, sk->icsk_backoff);
	put(o, sk->icsk_probes_out);
	put(o, sk->icsk_rto);
	put_age(o, sk->icsk_probes_tstamp, (u32)(w->now / USEC_PER_JIFFY));
	put_age(o, sk->retrans_stamp, (u32)(w->now / 1000));
}

static void put_options(struct writer *o, const struct world *w, const struct sock *sk)
{
	const s32 *sysctl = w->host[sk->host].sysctl;

	put(o, sk->sk_lingertime);
	put_signed(o, sk->linger2);
	put(o, sk->nonagle);
	put_signed(o, (s64)sk->sk_rcvbuf - sysctl[SYSCTL_tcp_rmem_default]);
	put_signed(o, (s64)sk->sk_sndbuf - sysctl[SYSCTL_tcp_wmem_default]);
	put_signed(o, (s32)sk->sk_rcvtimeo);
	put_signed(o, (s32)sk->sk_sndtimeo);
	put_signed(o, sk->sk_rcvlowat - 1);
	put(o, sk->icsk_user_timeout);
	put(o, sk->notsent_lowat);
	put(o, sk->recvmsg_inq);
	put(o, sk->scaling_ratio ^ TCP_DEFAULT_SCALING_RATIO);
	put(o, sk->keepalive_time);
	put(o, sk->keepalive_intvl);
	put(o, sk->keepalive_probes);
	put(o, sk->icsk_syn_retries);
	put(o, sk->rskq_defer_accept);
	put(o, sk->user_mss);
	put(o, sk->repair);
	put(o, sk->sk_reuse);
	put_signed(o, (s64)sk->icsk_rto_max - sysctl[SYSCTL_tcp_rto_max_ms]);
}

static void put_receive(struct writer *o, const struct world *w, const struct sock *sk)
{
	u32 base = sk->rcv_nxt;

	put_seq(o, sk->copied_seq, base);
	put_seq(o, sk->rcv_wup, base);
	put(o, sk->rcv_wnd);
	put(o, sk->rcv_ssthresh);
	put_queue(o, w, &sk->sk_receive_queue, base);
	put_queue(o, w, &sk->out_of_order_queue, base);
	put(o, sk->num_sacks);
	for (u8 i = 0; i < sk->num_sacks && i < TCP_NUM_SACKS; i++) {
		put_seq(o, sk->selective_acks[i].start_seq, base);
		put_seq(o, sk->selective_acks[i].end_seq, base);
	}
	put(o, sk->dsack);
	if (sk->dsack) {
		put_seq(o, sk->duplicate_sack.start_seq, base);
		put_seq(o, sk->duplicate_sack.end_seq, base);
	}
	put(o, sk->icsk_ack_pending);
	put(o, sk->icsk_ack_quick);
	put(o, sk->icsk_ack_pingpong);
	put(o, sk->icsk_ack_ato);
	put(o, sk->icsk_ack_rcv_mss);
	put_age(o, sk->icsk_ack_lrcvtime, (u32)(w->now / USEC_PER_JIFFY));
	put_age(o, sk->last_oow_ack_time, (u32)(w->now / USEC_PER_JIFFY));
}

static void put_send(struct writer *o, const struct world *w, const struct sock *sk)
{
	u32 base = sk->snd_una;

	put_seq(o, sk->snd_nxt, base);
	put_seq(o, sk->write_seq, base);
	put_seq(o, sk->snd_sml, base);
	put(o, sk->snd_wnd);
	put_signed(o, (s64)sk->max_window - sk->snd_wnd);
	put_seq(o, sk->snd_wl1, sk->rcv_nxt);
	put_queue(o, w, &sk->tcp_rtx_queue, base);
	put_queue(o, w, &sk->sk_write_queue, base);
	put(o, sk->sacked_out);
	put(o, sk->snd_cwnd);
	put(o, sk->snd_ssthresh == 0x7fffffff ? 0 : sk->snd_ssthresh);
	put(o, sk->snd_cwnd_cnt);
	put(o, sk->icsk_ca_state);
	put(o, sk->srtt_us);
	put(o, sk->rttvar_us);
	put(o, sk->mdev_us);
	put(o, sk->rtt_min_us);
	put(o, sk->mss_cache);
	put_age(o, sk->lsndtime, (u32)(w->now / USEC_PER_JIFFY));
	put_age(o, sk->rcv_tstamp, (u32)(w->now / USEC_PER_JIFFY));
}

/* What only means something while segments are lost, late or repeated. */
static void put_recovery(struct writer *o, const struct sock *sk)
{
	u32 base = sk->snd_una;

	put_seq_or_none(o, sk->tlp_high_seq, base);
	put_seq_or_none(o, sk->undo_marker, base);
	put_signed(o, sk->undo_retrans);
	put(o, sk->tlp_retrans);
	put(o, sk->frto);
	put(o, sk->reord_seen);
	put(o, sk->retrans_twice_);
	put(o, sk->reordering);
	put(o, sk->rack_rtt_us);
	put(o, sk->rack_advanced);
	put(o, sk->rack_dsack_seen);
	put_signed(o, sk->rack_reo_wnd_steps - 1);
	if (sk->icsk_ca_state == TCP_CA_Open)
		return;
	put_seq(o, sk->high_seq, base);
	put(o, sk->prior_ssthresh);
	put(o, sk->prior_cwnd);
	put(o, sk->prr_delivered);
	put(o, sk->prr_out);
}

/* ---- the objects --------------------------------------------------------------------------------------------------- */

/* Sockets are numbered by age: how many older ones of the host still live. */
static u32 rank_of(const struct world *w, u8 host, u16 num)
{
	u32 rank = 1;

	for (u16 i = 0; i < w->pool[POOL_SOCK].high; i++)
		rank += w->sock[i].live && w->sock[i].host == host && w->sock[i].num_ < num;
	for (u16 i = 0; i < w->pool[POOL_TW].high; i++)
		rank += w->tw[i].live && w->tw[i].host == host && w->tw[i].num_ < num;
	for (u16 i = 0; i < w->pool[POOL_REQ].high; i++)
		rank += w->req[i].live && w->req[i].host == host && w->req[i].num_ < num;
	return rank;
}

static void put_sock(struct writer *o, const struct world *w, const struct sock *sk)
{
	put(o, 1);
	put(o, sk->sk_state);
	put(o, sk->sk_protocol == SEG_UDP);
	put(o, sk->sk_shutdown);
	put(o, sk->sk_flags);
	put(o, sk->sk_lock_owned);
	put(o, sk->sk_tsq_flags);
	put(o, (u16)sk->sk_err);
	put(o, (u16)sk->sk_err_soft);
	put(o, (u16)sk->errqueue_);
	put(o, sk->sk_socket != 0);
	put(o, sk->inet_num);
	put(o, sk->inet_dport);
	put_options(o, w, sk);
	if (sk->sk_state == TCP_LISTEN) {
		put(o, sk->sk_ack_backlog);
		put(o, sk->sk_max_ack_backlog);
		put(o, sk->syn_qlen_);
		return;
	}
	put_timers(o, w, sk);
	put_receive(o, w, sk);
	put_send(o, w, sk);
	put_recovery(o, sk);
}

static void put_tw(struct writer *o, const struct world *w, const struct tw *tw)
{
	put(o, 2);
	put(o, tw->tw_substate);
	put(o, tw->tw_num);
	put(o, tw->tw_dport);
	put(o, tw->tw_rcv_wnd);
	put_left(o, tw->tw_timer.expires, w->now);
	put_age(o, tw->tw_last_oow_ack_time, (u32)(w->now / USEC_PER_JIFFY));
}

static void put_req(struct writer *o, const struct world *w, const struct req *rq)
{
	put(o, 3);
	put(o, rq->ir_num);
	put(o, rq->ir_rmt_port);
	put(o, rq->num_timeout);
	put(o, rq->acked);
	put(o, rq->rsk_hashed);
	put(o, rq->sk ? rank_of(w, rq->host, w->sock[rq->sk - 1].num_) : 0);
	put_left(o, rq->rsk_timer.expires, w->now);
}

/* Everything of a host that has a number, the oldest first. */
static void put_numbered(struct writer *o, const struct world *w, u8 host)
{
	for (u32 num = 1; num < w->host[host].next_num; num++) {
		for (u16 i = 0; i < w->pool[POOL_SOCK].high; i++)
			if (w->sock[i].live && w->sock[i].host == host && w->sock[i].num_ == num)
				put_sock(o, w, &w->sock[i]);
		for (u16 i = 0; i < w->pool[POOL_TW].high; i++)
			if (w->tw[i].live && w->tw[i].host == host && w->tw[i].num_ == num)
				put_tw(o, w, &w->tw[i]);
		for (u16 i = 0; i < w->pool[POOL_REQ].high; i++)
			if (w->req[i].live && w->req[i].host == host && w->req[i].num_ == num)
				put_req(o, w, &w->req[i]);
	}
	put(o, 0);
}

/* What an epoll descriptor watches, in the order in which it was ordered to. */
static void put_epitems(struct writer *o, const struct world *w, const struct file *f)
{
	for (u16 i = 0; f && f->ep_ && i < w->pool[POOL_EPITEM].high; i++) {
		const struct epitem *epi = &w->epitem[i];

		if (!epi->live || epi->ep != f->ep_)
			continue;
		put(o, 1u + epi->ready);
		put_signed(o, epi->fd);
		put(o, epi->events);
	}
}

static void put_processes(struct writer *o, const struct world *w, u8 host)
{
	for (u16 i = 0; i < w->pool[POOL_PROC].high; i++) {
		const struct proc *p = &w->proc[i];

		if (!p->live || p->host != host)
			continue;
		put(o, 1);
		for (int fd = 0; fd < NR_OPEN; fd++) {
			const struct file *f = p->fd[fd] ? &w->file[p->fd[fd] - 1] : NULL;
			const struct socket *sock = f ? socket_of(w, f->private_data) : NULL;

			put(o, sock && sock->sk ? rank_of(w, host, w->sock[sock->sk - 1].num_) : f != NULL);
			put(o, f ? f->f_flags : 0);
			put_epitems(o, w, f);
		}
	}
	put(o, 0);
	for (u16 i = 0; i < w->pool[POOL_TASK].high; i++) {
		const struct task *t = &w->task[i];

		if (!t->live || t->host != host)
			continue;
		put(o, t->nr);
		put(o, t->sleep_fn);
		put(o, t->signal);
		put(o, t->copied);
		put_signed(o, t->arg[0]);
		put_signed(o, t->arg[1]);
		put_left(o, t->deadline, w->now);
		put(o, t->sk ? rank_of(w, host, w->sock[t->sk - 1].num_) : 0);
	}
	put(o, 0);
}

/* How stale the sum of orphans is, where the limit is near enough to matter. */
static void put_orphans(struct writer *o, const struct world *w, u8 host)
{
	u32 sum = tcp_orphan_sum(w, host);
	bool matters = sum != w->host[host].orphan_count &&
		       (s64)(sum + w->host[host].orphan_count) * 4 > w->host[host].sysctl[SYSCTL_tcp_max_orphans];

	put(o, matters ? (u64)sum + 1 : 0);
	if (matters)
		put(o, w->now / USEC_PER_JIFFY % profile_of((enum profile_id)w->host[host].profile)->tcp_orphan_timer_period);
}

static void put_host(struct writer *o, const struct world *w, u8 host)
{
	const struct host *h = &w->host[host];

	put(o, h->profile);
	if (h->tw_count && !profile_of((enum profile_id)h->profile)->tw_has_own_timer)
		put(o, (w->now - h->tw_tick) % (7500 * USEC_PER_JIFFY)); /* the phase of the slots */
	put(o, rank_of(w, host, h->main_num));
	for (int i = 0; i < SYSCTL_MAX; i++)
		if (h->sysctl[i] != sysctl_info[i].def) {
			put(o, (u64)i + 1);
			put_signed(o, h->sysctl[i]);
		}
	put(o, 0);
	for (int i = 0; i < NR_FAULTS; i++)
		put(o, h->fault[i]);
	put_orphans(o, w, host);
	put_numbered(o, w, host);
	put_processes(o, w, host);
}

/* ---- the wire ------------------------------------------------------------------------------------------------------ */

/* What a segment's numbers count from: where its sender, or else its receiver, stands. */
static void bases(const struct world *w, const struct flight *f, u32 *seq, u32 *ack)
{
	*seq = f->seg.seq;
	*ack = f->seg.ack;
	for (u16 i = 0; i < w->pool[POOL_SOCK].high; i++) {
		const struct sock *sk = &w->sock[i];

		if (!sk->live || sk->inet_sport != f->seg.sport || sk->inet_dport != f->seg.dport || sk->host != f->from)
			continue;
		*seq = sk->snd_una;
		*ack = sk->rcv_nxt;
		return;
	}
	for (u16 i = 0; i < w->pool[POOL_TW].high; i++) {
		const struct tw *tw = &w->tw[i];

		if (!tw->live || tw->tw_num != f->seg.sport || tw->tw_dport != f->seg.dport || tw->host != f->from)
			continue;
		*seq = tw->tw_snd_nxt;
		*ack = tw->tw_rcv_nxt;
		return;
	}
	for (u16 i = 0; i < w->pool[POOL_SOCK].high; i++) {
		const struct sock *sk = &w->sock[i];

		if (!sk->live || sk->inet_sport != f->seg.dport || sk->inet_dport != f->seg.sport || sk->host == f->from)
			continue;
		*seq = sk->rcv_nxt;
		*ack = sk->snd_una;
	}
}

static void put_flight(struct writer *o, const struct world *w, const struct flight *f)
{
	const struct seg *g = &f->seg;
	u32 seq, ack;

	bases(w, f, &seq, &ack);
	put(o, 1u + f->from);
	put(o, f->where);
	put(o, g->proto == SEG_TCP ? 0 : g->proto);
	put(o, g->sport);
	put(o, g->dport);
	put(o, g->flags);
	put_seq(o, g->seq, seq);
	put_seq(o, g->ack, ack);
	put(o, g->len);
	put(o, g->win);
	put(o, g->nsack);
	for (u8 i = 0; i < g->nsack && i < SEG_MAX_SACK; i++) {
		put_seq(o, g->sack[i][0], ack);
		put_seq(o, g->sack[i][1], ack);
	}
	put_left(o, f->due, w->now);
}

/* The wire in order of age: who comes first decides what `deliver` does. */
static void put_wire(struct writer *o, const struct world *w)
{
	u32 last = 0;

	for (;;) {
		const struct flight *next = NULL;

		for (u16 i = 0; i < w->pool[POOL_FLIGHT].high; i++) {
			const struct flight *f = &w->flight[i];

			if (f->live && f->order > last && (!next || f->order < next->order))
				next = f;
		}
		if (!next)
			return;
		put_flight(o, w, next);
		last = next->order;
	}
}

size_t world_encode(const struct world *w, u8 *buf)
{
	struct writer o = { .at = buf, .end = buf + ENCODE_MAX };

	put_host(&o, w, 0);
	put_host(&o, w, 1);
	put(&o, w->link.net_auto);
	put(&o, w->link.partition);
	if (w->link.net_auto)
		put(&o, w->link.rng);
	put_wire(&o, w);
	put_byte(&o, 0);
	put_varint(&o, o.zeros);
	return o.full ? 0 : (size_t)(o.at - buf);
}
