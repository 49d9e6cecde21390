/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP over IPv4: segments come in, answers without a sock go out, connections begin and end (net/ipv4/tcp_ipv4.c).
 * The one door for sk_state is here too; the kernel has it in net/ipv4/af_inet.c.
 */
#include "engine/tcp.h"

#include <errno.h>

/* ---- states ------------------------------------------------------------------------------------------------------ */

/* To which states each may lead. A state that leads to itself is one that close() leaves as it is. */
static const u16 legal_next[TCP_MAX_STATES] = {
	[TCP_NONE_] = TCPF(TCP_CLOSE), /* a new sock */
	[TCP_ESTABLISHED] = TCPF(TCP_FIN_WAIT1) | TCPF(TCP_CLOSE_WAIT) | TCPF(TCP_CLOSE),
	[TCP_SYN_SENT] = TCPF(TCP_ESTABLISHED) | TCPF(TCP_SYN_RECV) | TCPF(TCP_CLOSE),
	[TCP_SYN_RECV] = TCPF(TCP_ESTABLISHED) | TCPF(TCP_FIN_WAIT1) | TCPF(TCP_CLOSE_WAIT) | TCPF(TCP_CLOSE),
	[TCP_FIN_WAIT1] = TCPF(TCP_FIN_WAIT1) | TCPF(TCP_FIN_WAIT2) | TCPF(TCP_CLOSING) | TCPF(TCP_CLOSE),
	[TCP_FIN_WAIT2] = TCPF(TCP_FIN_WAIT2) | TCPF(TCP_CLOSE),
	[TCP_CLOSE] = TCPF(TCP_SYN_SENT) | TCPF(TCP_LISTEN) | TCPF(TCP_CLOSE),
	[TCP_CLOSE_WAIT] = TCPF(TCP_LAST_ACK) | TCPF(TCP_CLOSE),
	[TCP_LAST_ACK] = TCPF(TCP_LAST_ACK) | TCPF(TCP_CLOSE),
	[TCP_LISTEN] = TCPF(TCP_SYN_RECV) | TCPF(TCP_CLOSE), /* SYN_RECV: a child, made as a copy */
	[TCP_CLOSING] = TCPF(TCP_CLOSING) | TCPF(TCP_CLOSE),
};

/* A UDP sock borrows two of the states: connected and not connected. */
static bool legal_transition(const struct sock *sk, u8 state)
{
	if (sk->sk_protocol != SEG_TCP)
		return state == TCP_ESTABLISHED || state == TCP_CLOSE;
	return (legal_next[sk->sk_state] & TCPF(state)) != 0;
}

void sk_state_set(struct sim *s, struct sock *sk, u8 state)
{
	struct host *h = host_of(s, sk->host);
	u8 old = sk->sk_state;

	BUG_ON(!legal_transition(sk, state));
	SET(sk->sk_state, state);
	SET(sk->seen_, sk->seen_ | TCPF(state));
	if (sk->num_ && sk->num_ == h->main_num)
		SET(h->main_seen, h->main_seen | TCPF(state));
	EMIT(TREC_STATE, sk->host, 0, world_off(s, sk), 0, old, state);
}

void inet_sk_state_store(struct sim *s, struct sock *sk, u8 state)
{
	FN_SK(inet_sk_state_store, sk);
	sk_state_set(s, sk, state);
}

void inet_sk_set_state(struct sim *s, struct sock *sk, u8 state)
{
	FN_SK(inet_sk_set_state, sk);
	sk_state_set(s, sk, state);
}

/* ---- connect() --------------------------------------------------------------------------------------------------- */

/* How far a connection's numbers lie behind those of the one before. */
#define ISN_STEP (25u * 64000u)

u32 tcp_new_isn(struct sim *s, u8 host)
{
	struct host *h = host_of(s, host);
	u32 isn = h->isn_next;

	SET(h->isn_next, isn + ISN_STEP);
	return isn ? isn : 1; /* write_seq 0 would mean "none yet" */
}

static bool tw_old_enough(struct sim *s, const struct tw *tw)
{
	u32 age = tcp_clock_ms(s) - tw->tw_entry_stamp;
	u32 seconds = KP(tw->host, tw_reuse_seconds);

	if (seconds)
		return ktime_get_seconds(s) - tw->tw_ts_recent_stamp >= seconds;
	return age > (u32)sysctl_get(s, tw->host, SYSCTL_tcp_tw_reuse_delay);
}

bool tcp_twsk_unique(struct sim *s, struct sock *sk, struct tw *tw, bool explicit_port)
{
	s32 reuse = sysctl_get(s, sk->host, SYSCTL_tcp_tw_reuse);
	u32 seq = tw->tw_snd_nxt + 65535 + 2;

	FN_SK(tcp_twsk_unique, sk);
	if (reuse == 2)
		reuse = 0; /* that is for loopback, and the peer is another host */
	if (tw->tw_substate == TCP_FIN_WAIT2 && KP(sk->host, fin_wait2_is_not_reused))
		reuse = 0;
	if (!DECIDE(time_wait_may_be_reused, sk->host,
		    tw->tw_ts_recent_stamp && (explicit_port || (reuse && tw_old_enough(s, tw))), tw->tw_ts_recent_stamp,
		    reuse))
		return false;
	ADD(tw->tw_refcnt, 1);
	if (!sk->repair) {
		SET(sk->write_seq, seq ? seq : 1);
		SET(sk->ts_recent, tw->tw_ts_recent);
		SET(sk->ts_recent_stamp, tw->tw_ts_recent_stamp);
	}
	return true;
}

/* The way to the peer: its errno, or 0. There is no loopback: a host cannot connect to itself. */
static int route_connect(struct sim *s, u8 host, u8 daddr)
{
	if (fault_strikes(s, host, FAULT_ROUTE) || daddr == host + 1)
		return -ENETUNREACH;
	return daddr > NR_HOSTS ? -EHOSTUNREACH : 0;
}

static void connect_prepare(struct sim *s, struct sock *sk, u8 daddr, u16 dport)
{
	if (!sk->inet_rcv_saddr)
		SET(sk->inet_rcv_saddr, sk->host + 1u);
	if (sk->ts_recent_stamp && sk->inet_daddr != daddr) {
		/* another peer's timestamps say nothing */
		SET(sk->ts_recent, 0);
		SET(sk->ts_recent_stamp, 0);
		if (!sk->repair)
			SET(sk->write_seq, 0);
	}
	SET(sk->inet_dport, dport);
	SET(sk->inet_daddr, daddr);
	SET(sk->mss_clamp, TCP_MSS_DEFAULT);
}

int tcp_v4_connect(struct sim *s, struct sock *sk, u8 daddr, u16 dport)
{
	int err;

	FN_SK(tcp_v4_connect, sk);
	err = route_connect(s, sk->host, daddr);
	if (DECIDE(no_route_to_peer, sk->host, err, daddr, 0))
		return err;
	connect_prepare(s, sk, daddr, dport);
	tcp_set_state(s, sk, TCP_SYN_SENT);
	err = inet_hash_connect(s, sk);
	if (!err) {
		if (!sk->repair && !sk->write_seq)
			SET(sk->write_seq, tcp_new_isn(s, sk->host));
		sk_isn_known(s, sk, sk->write_seq, 0);
		err = tcp_connect(s, sk);
	}
	if (err) {
		tcp_set_state(s, sk, TCP_CLOSE);
		SET(sk->inet_dport, 0);
		SET(sk->inet_daddr, 0);
	}
	return err;
}

/* ---- answers that belong to no full sock ------------------------------------------------------------------------- */

/* The header of an answer: ports turned round. */
static struct seg reply_to(const struct seg *g)
{
	struct seg r = { .proto = SEG_TCP, .sport = g->dport, .dport = g->sport };

	return r;
}

void tcp_v4_send_reset(struct sim *s, u8 host, struct sock *sk, const struct seg *g)
{
	struct seg r = reply_to(g);

	FN(tcp_v4_send_reset, host, sk);
	if (DECIDE(never_reset_a_reset, host, g->flags & TCPHDR_RST, g->flags, 0))
		return;
	if (DECIDE(reset_takes_their_ack, host, g->flags & TCPHDR_ACK, g->flags, g->len)) {
		r.flags = TCPHDR_RST;
		r.seq = g->ack;
	} else {
		r.flags = TCPHDR_RST | TCPHDR_ACK;
		r.ack = seg_end_seq(g);
	}
	ip_send_unicast_reply(s, host, &r);
	NET_INC_STATS(host, OutSegs);
	NET_INC_STATS(host, OutRsts);
}

static void tcp_v4_send_ack(struct sim *s, u8 host, const void *obj, const struct seg *r)
{
	FN(tcp_v4_send_ack, host, obj);
	ip_send_unicast_reply(s, host, r);
	NET_INC_STATS(host, OutSegs);
}

/* The minisocket's last word once more; its reference from the lookup ends here. */
static void tcp_v4_timewait_ack(struct sim *s, struct tw *tw, const struct seg *g)
{
	struct seg r = reply_to(g);

	FN(tcp_v4_timewait_ack, tw->host, tw);
	r.flags = TCPHDR_ACK;
	r.seq = tw->tw_snd_nxt;
	r.ack = tw->tw_rcv_nxt;
	r.win = (u16)(tw->tw_rcv_wnd >> tw->tw_rcv_wscale);
	if (tw->tw_ts_recent) {
		r.opts = SEG_OPT_TS;
		r.tsval = tcp_clock_ms(s) + tw->tw_ts_offset;
		r.tsecr = tw->tw_ts_recent;
	}
	tcp_v4_send_ack(s, tw->host, tw, &r);
	inet_twsk_put(s, tw);
}

void tcp_v4_reqsk_send_ack(struct sim *s, const struct seg *g, struct req *rq)
{
	struct seg r = reply_to(g);
	u32 window = rq->rsk_rcv_wnd < 65535u ? rq->rsk_rcv_wnd : 65535u;

	FN(tcp_v4_reqsk_send_ack, rq->host, rq);
	r.flags = TCPHDR_ACK;
	r.seq = rq->snt_isn + 1;
	r.ack = rq->rcv_nxt;
	r.win = (u16)(window >> rq->rcv_wscale);
	if (rq->ts_recent) {
		r.opts = SEG_OPT_TS;
		r.tsval = tcp_clock_ms(s) + rq->ts_off;
		r.tsecr = rq->ts_recent;
	}
	tcp_v4_send_ack(s, rq->host, rq, &r);
}

int tcp_v4_send_synack(struct sim *s, struct sock *listener, struct req *rq)
{
	struct seg synack;

	FN(tcp_v4_send_synack, rq->host, rq);
	synack = tcp_make_synack(s, listener, rq);
	return ip_build_and_send_pkt(s, rq->host, &synack);
}

/* ---- requests and children --------------------------------------------------------------------------------------- */

int tcp_v4_conn_request(struct sim *s, struct sock *sk, const struct seg *g)
{
	u32 isn = s->tcp_tw_isn;

	FN_SK(tcp_v4_conn_request, sk);
	s->tcp_tw_isn = 0;
	return tcp_conn_request(s, sk, g, isn);
}

/* Route, sizes, port and table. False: something is missing, the child is of no use. */
static bool child_settle(struct sim *s, struct sock *listener, struct sock *newsk, struct req *rq)
{
	if (fault_strikes(s, newsk->host, FAULT_ROUTE))
		return false;
	tcp_ca_openreq_child(s, newsk);
	tcp_sync_mss(s, newsk, DEVICE_MTU);
	SET(newsk->advmss,
	    newsk->user_mss && newsk->user_mss < TCP_BASE_MSS ? newsk->user_mss : (u16)TCP_BASE_MSS);
	tcp_initialize_rcv_mss(s, newsk);
	if (fault_strikes(s, newsk->host, FAULT_PORT))
		return false;
	__inet_inherit_port(s, listener, newsk);
	inet_ehash_nolisten(s, newsk, rq);
	return true;
}

struct sock *tcp_v4_syn_recv_sock(struct sim *s, struct sock *listener, const struct seg *g, struct req *rq)
{
	struct sock *newsk;

	FN_SK(tcp_v4_syn_recv_sock, listener);
	if (DECIDE(accept_queue_full, rq->host, sk_acceptq_is_full(listener), listener->sk_ack_backlog,
		   listener->sk_max_ack_backlog)) {
		NET_INC_STATS(rq->host, ListenOverflows);
		NET_INC_STATS(rq->host, ListenDrops);
		return NULL;
	}
	newsk = tcp_create_openreq_child(s, listener, rq, g);
	if (child_settle(s, listener, newsk, rq))
		return newsk;
	inet_csk_prepare_forced_close(s, newsk);
	tcp_done(s, newsk);
	NET_INC_STATS(rq->host, ListenDrops);
	return NULL;
}

/* ---- segments come in -------------------------------------------------------------------------------------------- */

int tcp_v4_do_rcv(struct sim *s, struct sock *sk, const struct seg *g)
{
	FN_SK(tcp_v4_do_rcv, sk);
	if (sk->sk_state == TCP_ESTABLISHED) {
		tcp_rcv_established(s, sk, g);
	} else if (tcp_rcv_state_process(s, sk, g)) {
		tcp_v4_send_reset(s, sk->host, sk, g);
		LEAF(kfree_skb_reason, sk->host, NULL);
	}
	return 0;
}

static bool same_options(const struct seg *a, const struct seg *b)
{
	if (a->opts != b->opts || a->tsval != b->tsval || a->tsecr != b->tsecr || a->nsack != b->nsack)
		return false;
	for (u8 i = 0; i < a->nsack && i < SEG_MAX_SACK; i++)
		if (a->sack[i][0] != b->sack[i][0] || a->sack[i][1] != b->sack[i][1])
			return false;
	return true;
}

/* Two segments that could as well have come as one. */
static bool backlog_can_merge(const struct seg *tail, const struct seg *g)
{
	const u8 alone = TCPHDR_SYN | TCPHDR_RST | TCPHDR_URG;
	const u8 alike = TCPHDR_ECE | TCPHDR_CWR;

	return seg_end_seq(tail) == g->seq && !((tail->flags | g->flags) & alone) &&
	       (tail->flags & g->flags & TCPHDR_ACK) && !((tail->flags ^ g->flags) & alike) &&
	       !(tail->flags & g->flags & TCPHDR_FIN) && same_options(tail, g);
}

static void backlog_merge(struct sim *s, struct seg *tail, const struct seg *g)
{
	SET(tail->len, tail->len + g->len);
	SET(tail->flags, tail->flags | g->flags);
	if (!before(g->ack, tail->ack)) {
		SET(tail->ack, g->ack);
		SET(tail->win, g->win);
	}
}

/* Memory that waits unread: in the backlog and in the receive queue. */
static u64 unread_memory(struct sim *s, const struct sock *sk)
{
	u64 size = (u64)(sk->sk_rmem_alloc > 0 ? sk->sk_rmem_alloc : 0);

	for (const struct flight *f = flight_at(s, sk->sk_backlog.head); f; f = flight_at(s, f->next))
		size += skb_truesize(f->seg.len);
	return size;
}

static void backlog_append(struct sim *s, struct sock *sk, const struct seg *g)
{
	struct flight *tail = flight_at(s, sk->sk_backlog.tail);
	struct flight *f = pool_alloc(s, POOL_FLIGHT, (u8)(1 - sk->host));
	hnd h = pool_handle(s, POOL_FLIGHT, f);

	PUT(f->seg, *g);
	SET(f->where, FLIGHT_BACKLOG);
	SET(f->due, FOREVER);
	SET(f->sent_at, s->w->now);
	if (tail)
		SET(tail->next, h);
	else
		SET(sk->sk_backlog.head, h);
	SET(sk->sk_backlog.tail, h);
	ADD(sk->sk_backlog.qlen, 1);
}

static u64 backlog_limit(const struct sim *s, const struct sock *sk)
{
	u64 rcvbuf = (u32)sk->sk_rcvbuf, sndbuf = (u32)sk->sk_sndbuf;

	switch (KP(sk->host, backlog_room)) {
	case ROOM_ANY:
		return UINT64_MAX;
	case ROOM_BUFFERS:
		return rcvbuf + sndbuf;
	case ROOM_BUFFERS_AND_64K:
		return rcvbuf + sndbuf + 65536u;
	default:
		return rcvbuf * 2 + sndbuf / 2 + 65536u;
	}
}

bool tcp_add_backlog(struct sim *s, struct sock *sk, const struct seg *g)
{
	u64 limit = backlog_limit(s, sk);
	struct flight *tail = flight_at(s, sk->sk_backlog.tail);
	u64 waiting = unread_memory(s, sk);

	FN_SK(tcp_add_backlog, sk);
	if (DECIDE(backlog_merges, sk->host,
		   tail && backlog_can_merge(&tail->seg, g) && KP(sk->host, backlog_merges_), sk->sk_backlog.qlen,
		   g->flags)) {
		backlog_merge(s, &tail->seg, g);
		NET_INC_STATS(sk->host, TCPBacklogCoalesce);
		return false;
	}
	if (DECIDE(backlog_full, sk->host, waiting > limit, waiting, limit)) {
		NET_INC_STATS(sk->host, TCPBacklogDrop);
		return true;
	}
	backlog_append(s, sk, g);
	return false;
}

void tcp_v4_early_demux(struct sim *s, u8 host, const struct seg *g)
{
	(void)g;
	FN(tcp_v4_early_demux, host, NULL);
	LEAF(__inet_lookup_established, host, NULL);
}

static void rcv_discard(struct sim *s, u8 host)
{
	LEAF(kfree_skb_reason, host, NULL);
}

/* To a sock: `refcounted` says that a reference came with it, which ends here. */
static void rcv_sock(struct sim *s, struct sock *sk, const struct seg *g, bool refcounted)
{
	bool dropped = false;
	u8 host;

	BUG_ON(!sk);
	host = sk->host;
	if (sk->sk_state == TCP_LISTEN || !DECIDE(sock_is_owned, host, sock_owned_by_user(sk), sk->sk_lock_owned, 0))
		tcp_v4_do_rcv(s, sk, g);
	else
		dropped = tcp_add_backlog(s, sk, g);
	if (refcounted)
		sock_put(s, sk);
	if (dropped)
		rcv_discard(s, host);
}

static void rcv_no_socket(struct sim *s, u8 host, const struct seg *g)
{
	tcp_v4_send_reset(s, host, NULL, g);
	rcv_discard(s, host);
}

/* A request whose listener lives. */
static void rcv_request(struct sim *s, struct req *rq, const struct seg *g)
{
	struct sock *listener = sock_at(s, rq->rsk_listener);
	struct sock *nsk;
	u8 host = rq->host;

	sock_hold(s, listener);
	nsk = tcp_check_req(s, listener, g, rq);
	if (!nsk || nsk == listener)
		reqsk_put(s, rq);
	if (nsk == listener) {
		rcv_sock(s, listener, g, true);
		return;
	}
	if (nsk && !tcp_child_process(s, listener, nsk, g)) {
		sock_put(s, listener);
		return;
	}
	if (nsk)
		tcp_v4_send_reset(s, host, nsk, g);
	sock_put(s, listener);
	rcv_discard(s, host);
}

/* A SYN that may begin a new connection in the place of the old one: the listener takes it. */
static void rcv_tw_syn(struct sim *s, struct tw *tw, const struct seg *g, u32 isn)
{
	struct sock *listener = inet_lookup_listener(s, tw->host, g->dport);
	u8 host = tw->host;

	if (!DECIDE(somebody_listens, host, listener != NULL, g->dport, 0)) {
		tcp_v4_timewait_ack(s, tw, g);
		rcv_discard(s, host);
		return;
	}
	inet_twsk_deschedule_put(s, tw);
	s->tcp_tw_isn = isn;
	rcv_sock(s, listener, g, false);
	s->tcp_tw_isn = 0;
}

static void rcv_timewait(struct sim *s, struct tw *tw, const struct seg *g)
{
	u8 host = tw->host;
	u32 isn = 0;

	switch (tcp_timewait_state_process(s, tw, g, &isn)) {
	case TCP_TW_SYN:
		rcv_tw_syn(s, tw, g, isn);
		return;
	case TCP_TW_ACK:
	case TCP_TW_ACK_OOW:
		tcp_v4_timewait_ack(s, tw, g);
		break;
	case TCP_TW_RST:
		tcp_v4_send_reset(s, host, NULL, g);
		if (!KP(host, tw_dies_before_rst))
			inet_twsk_deschedule_put(s, tw);
		break;
	case TCP_TW_SUCCESS:
		break;
	}
	rcv_discard(s, host);
}

/* What the segment is for, with a reference; frames only where early demux had found nothing. */
static struct lookup rcv_lookup(struct sim *s, u8 host, const struct seg *g, bool again)
{
	u8 raddr = (u8)(1 - host + 1);
	struct lookup l = inet_ehash_find(s, host, g->dport, raddr, g->sport);

	if (again || (!l.sk && !l.tw && !l.req))
		return inet_lookup_established(s, host, g->dport, raddr, g->sport);
	inet_lookup_hold(s, &l);
	return l;
}

void tcp_v4_rcv(struct sim *s, u8 host, const struct seg *g)
{
	struct sock *listener;
	struct lookup l;

	FN(tcp_v4_rcv, host, NULL);
	s->tcp_tw_isn = 0;
	NET_INC_STATS(host, InSegs);
	l = rcv_lookup(s, host, g, false);
	if (l.req) {
		listener = sock_at(s, l.req->rsk_listener);
		if (!DECIDE(request_lost_listener, host, listener->sk_state != TCP_LISTEN, listener->sk_state, 0)) {
			rcv_request(s, l.req, g);
			return;
		}
		inet_csk_reqsk_queue_drop_and_put(s, listener, l.req);
		l = rcv_lookup(s, host, g, true);
	}
	if (l.sk) {
		rcv_sock(s, l.sk, g, true);
		return;
	}
	if (l.tw) {
		rcv_timewait(s, l.tw, g);
		return;
	}
	listener = inet_lookup_listener(s, host, g->dport);
	if (DECIDE(nobody_is_there, host, !listener, g->dport, g->sport))
		rcv_no_socket(s, host, g);
	else
		rcv_sock(s, listener, g, false);
}

/* ---- ICMP errors that quote one of our segments ------------------------------------------------------------------ */

enum { ICMP_DEST_UNREACH = 3, ICMP_TIME_EXCEEDED = 11, ICMP_PARAMETERPROB = 12 };
enum { ICMP_NET_UNREACH = 0, ICMP_HOST_UNREACH = 1, ICMP_FRAG_NEEDED = 4, NR_ICMP_UNREACH = 15 };

/* The least path MTU that an ICMP error can bring a route down to (net.ipv4.route.min_pmtu). */
#define MIN_PMTU 552u

/* kernel: icmp_err_convert[], net/ipv4/icmp.c */
static const u8 icmp_err_convert[NR_ICMP_UNREACH + 1] = {
	ENETUNREACH, EHOSTUNREACH, ENOPROTOOPT,	 ECONNREFUSED,
	EMSGSIZE,    EOPNOTSUPP,   ENETUNREACH,	 EHOSTDOWN,
	ENONET,	     ENETUNREACH,  EHOSTUNREACH, ENETUNREACH,
	EHOSTUNREACH, EHOSTUNREACH, EHOSTUNREACH, EHOSTUNREACH,
};

/* The errno of an error, 0 when it is none that a sock hears of. */
static int icmp_errno(const struct seg *icmp)
{
	switch (icmp->icmp_type) {
	case ICMP_PARAMETERPROB:
		return EPROTO;
	case ICMP_DEST_UNREACH:
		return icmp->icmp_code <= NR_ICMP_UNREACH ? icmp_err_convert[icmp->icmp_code] : 0;
	case ICMP_TIME_EXCEEDED:
		return EHOSTUNREACH;
	default:
		return 0;
	}
}

static bool frag_needed(const struct seg *icmp)
{
	return icmp->icmp_type == ICMP_DEST_UNREACH && icmp->icmp_code == ICMP_FRAG_NEEDED;
}

static bool no_way_there(const struct seg *icmp)
{
	return icmp->icmp_type == ICMP_DEST_UNREACH &&
	       (icmp->icmp_code == ICMP_NET_UNREACH || icmp->icmp_code == ICMP_HOST_UNREACH);
}

/* ---- path MTU ---------------------------------------------------------------------------------------------------- */

/* What a segment of mss_cache bytes makes on the wire, headers included. */
static u32 tcp_mss_to_mtu(const struct sock *sk)
{
	return sk->mss_cache + 40u + (sk->tstamp_ok ? TCPOLEN_TSTAMP_ALIGNED : 0u);
}

void tcp_v4_mtu_reduced(struct sim *s, struct sock *sk, u32 mtu)
{
	u32 pmtu = mtu < MIN_PMTU ? MIN_PMTU : mtu;

	FN_SK(tcp_v4_mtu_reduced, sk);
	if (sk->sk_state == TCP_LISTEN || sk->sk_state == TCP_CLOSE)
		return;
	if (mtu < pmtu)
		SET(sk->sk_err_soft, EMSGSIZE);
	if (!DECIDE(path_is_narrower, sk->host, tcp_mss_to_mtu(sk) > pmtu, tcp_mss_to_mtu(sk), pmtu))
		return;
	tcp_sync_mss(s, sk, pmtu);
	tcp_simple_retransmit(s, sk);
}

/* Frag needed: now, or when the owner lets go. */
static void mtu_told(struct sim *s, struct sock *sk, u32 mtu)
{
	SET(sk->mtu_info, mtu);
	if (!sock_owned_by_user(sk)) {
		tcp_v4_mtu_reduced(s, sk, mtu);
	} else if (!(sk->sk_tsq_flags & TCPF_MTU_REDUCED_DEFERRED)) {
		SET(sk->sk_tsq_flags, sk->sk_tsq_flags | TCPF_MTU_REDUCED_DEFERRED);
		sock_hold(s, sk);
	}
}

/* ---- backoff ----------------------------------------------------------------------------------------------------- */

/* The retransmission timeout of `backoff` doublings from what the round trips say. */
static u32 rto_of_backoff(const struct sim *s, const struct sock *sk, u8 backoff)
{
	u64 rto = sk->srtt_us ? usecs_to_jiffies((u64)(sk->srtt_us >> 3) + sk->rttvar_us) :
				prof(s, sk->host)->tcp_timeout_init;

	rto <<= backoff;
	return rto < tcp_rto_max(sk) ? (u32)rto : tcp_rto_max(sk);
}

void tcp_ld_RTO_revert(struct sim *s, struct sock *sk, u32 seq)
{
	struct skb *skb = tcp_rtx_queue_head(s, sk);
	u32 since;

	FN_SK(tcp_ld_RTO_revert, sk);
	if (sock_owned_by_user(sk) || !skb)
		return;
	if (!DECIDE(backoff_taken_back, sk->host, seq == sk->snd_una && sk->icsk_retransmits && sk->icsk_backoff,
		    seq - sk->isn_, sk->icsk_backoff))
		return;
	SUB(sk->icsk_backoff, 1);
	SET(sk->icsk_rto, rto_of_backoff(s, sk, sk->icsk_backoff));
	since = usecs_to_jiffies(s->w->now - skb->skb_mstamp_us);
	if (DECIDE(reverted_rto_is_over, sk->host, since >= sk->icsk_rto, since, sk->icsk_rto))
		tcp_retransmit_timer(s, sk);
	else
		tcp_reset_xmit_timer(s, sk, ICSK_TIME_RETRANS, sk->icsk_rto - since, tcp_rto_max(sk));
}

/* ---- errors ------------------------------------------------------------------------------------------------------ */

static void tcp_req_err(struct sim *s, struct req *rq, u32 seq, bool abort)
{
	struct sock *listener = sock_at(s, rq->rsk_listener);

	FN(tcp_req_err, rq->host, rq);
	if (DECIDE(icmp_quotes_stranger, rq->host, seq != rq->snt_isn, seq - rq->snt_isn, 0)) {
		NET_INC_STATS(rq->host, OutOfWindowIcmps);
	} else if (DECIDE(icmp_ends_request, rq->host, abort, abort, 0)) {
		inet_csk_reqsk_queue_drop(s, listener, rq);
		if (KP(rq->host, dropped_syn_counts_listen))
			NET_INC_STATS(rq->host, ListenDrops);
	}
	reqsk_put(s, rq);
}

/* Puts it on the error queue, too, from where poll reports it until somebody reads it. */
static void ip_icmp_error(struct sim *s, struct sock *sk, int err)
{
	FN_SK(ip_icmp_error, sk);
	SET(sk->errqueue_, err);
	sk_error_report(s, sk);
}

static void err_by_state(struct sim *s, struct sock *sk, int err)
{
	bool opening = sk->sk_state == TCP_SYN_SENT || sk->sk_state == TCP_SYN_RECV;
	bool owned = sock_owned_by_user(sk);

	if (opening && KP(sk->host, icmp_error_is_queued))
		ip_icmp_error(s, sk, err);
	if (DECIDE(icmp_ends_connection, sk->host, opening && !owned, sk->sk_state, owned)) {
		if (!KP(sk->host, done_counts_attempt_fails))
			NET_INC_STATS(sk->host, AttemptFails);
		if (KP(sk->host, done_with_error))
			tcp_done_with_error(s, sk, err);
		else
			tcp_done_after_report(s, sk, err, false);
	} else if (DECIDE(icmp_is_reported, sk->host, !opening && !owned && sock_flag(sk, SOCK_RECVERR), sk->sk_flags,
			  owned)) {
		SET(sk->sk_err, err);
		sk_error_report(s, sk);
	} else {
		SET(sk->sk_err_soft, err);
	}
}

static void err_at_sock(struct sim *s, struct sock *sk, const struct seg *icmp)
{
	int err = icmp_errno(icmp);

	if (sock_owned_by_user(sk) && !frag_needed(icmp))
		NET_INC_STATS(sk->host, LockDroppedIcmps);
	if (sk->sk_state == TCP_CLOSE)
		return;
	if (DECIDE(icmp_quotes_nothing_in_flight, sk->host, !between(icmp->seq, sk->snd_una, sk->snd_nxt),
		   icmp->seq - sk->isn_, sk->snd_una - sk->isn_)) {
		NET_INC_STATS(sk->host, OutOfWindowIcmps);
		return;
	}
	if (!err)
		return;
	if (frag_needed(icmp)) {
		mtu_told(s, sk, icmp->len);
		return;
	}
	if (no_way_there(icmp) && KP(sk->host, icmp_undoes_backoff))
		tcp_ld_RTO_revert(s, sk, icmp->seq);
	err_by_state(s, sk, err);
}

void tcp_v4_err(struct sim *s, u8 host, const struct seg *icmp)
{
	struct lookup l;

	FN(tcp_v4_err, host, NULL);
	l = inet_lookup_established(s, host, icmp->sport, (u8)(1 - host + 1), icmp->dport);
	if (l.tw) {
		inet_twsk_put(s, l.tw);
	} else if (l.req) {
		bool ends = icmp->icmp_type == ICMP_PARAMETERPROB || icmp->icmp_type == ICMP_TIME_EXCEEDED ||
			    no_way_there(icmp);

		if (!ends && icmp_errno(icmp) && !frag_needed(icmp))
			ends = KP(host, icmp_ends_any_request);
		tcp_req_err(s, l.req, icmp->seq, ends);
	} else if (l.sk) {
		err_at_sock(s, l.sk, icmp);
		sock_put(s, l.sk);
	} else {
		NET_INC_STATS(host, InErrors);
	}
}

/* ---- the end of a sock ------------------------------------------------------------------------------------------- */

/* What waited behind a gap goes. */
static void skb_rbtree_purge(struct sim *s, struct sock *sk)
{
	s32 size = 0;

	FN_SK(skb_rbtree_purge, sk);
	for (const struct skb *skb = skq_head(s, &sk->out_of_order_queue); skb; skb = skb_next(s, skb))
		size += (s32)skb->truesize;
	SUB(sk->sk_rmem_alloc, size);
	skq_purge(s, &sk->out_of_order_queue);
}

void tcp_v4_destroy_sock(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_v4_destroy_sock, sk);
	tcp_clear_xmit_timers(s, sk);
	tcp_cleanup_congestion_control(s, sk);
	LEAF(tcp_cleanup_ulp, sk->host, sk);
	tcp_write_queue_purge(s, sk);
	skb_rbtree_purge(s, sk);
	if (sk->bind_hash)
		inet_put_port(s, sk);
	LEAF(tcp_free_fastopen_req, sk->host, sk);
	LEAF(tcp_fastopen_destroy_cipher, sk->host, sk);
}

void tcp_update_metrics(struct sim *s, struct sock *sk)
{
	FN_SK(tcp_update_metrics, sk);
	/* what would be remembered about the peer is told, but the engine remembers nothing */
	DECIDE(metrics_worth_saving, sk->host,
	       !sysctl_get(s, sk->host, SYSCTL_tcp_no_metrics_save) && !sk->icsk_backoff && sk->srtt_us,
	       sk->icsk_backoff, sk->srtt_us >> 3);
}
