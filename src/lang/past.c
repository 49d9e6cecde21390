/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/past.h"

#include <stdlib.h>
#include <string.h>

#include "lang/endpoint.h"
#include "lang/lex.h"

void past_init(struct past *p)
{
	memset(p, 0, sizeof(*p));
	p->upto = MOMENT_NONE;
}

void past_release(struct past *p)
{
	free(p->seg);
	free(p->write);
	free(p->datagram);
	past_init(p);
}

/* ---- what numbers are counted from --------------------------------------------------------------------------- */

bool isn_in_world(const struct world *w, u8 host, u16 port, u16 peer_port, struct past_isn *out)
{
	struct conn c = { .host = host };

	for (u16 i = 0; i < w->pool[POOL_REQ].high; i++) {
		const struct req *r = &w->req[i];

		if (r->live && r->host == host && r->ir_num == port && r->ir_rmt_port == peer_port)
			c.req = r;
	}
	for (u16 i = 0; i < w->pool[POOL_TW].high; i++) {
		const struct tw *t = &w->tw[i];

		if (t->live && t->host == host && t->tw_num == port && t->tw_dport == peer_port)
			c.tw = t;
	}
	for (u16 i = 0; i < w->pool[POOL_SOCK].high; i++) {
		const struct sock *k = &w->sock[i];

		if (k->live && k->host == host && k->inet_num == port && k->inet_dport == peer_port && k->isn_)
			c.sk = k;
	}
	if (!c.sk && !c.tw && !c.req)
		return false;
	*out = (struct past_isn){ .isn = conn_isn(&c), .peer_isn = conn_peer_isn(&c), .sport = port, .dport = peer_port,
				  .host = host };
	return true;
}

static struct past_isn *remembered(struct past *p, u8 host, u16 sport, u16 dport)
{
	for (size_t i = 0; i < PAST_ISNS; i++)
		if (p->isn[i].sport == sport && p->isn[i].dport == dport && p->isn[i].host == host && p->isn[i].sport)
			return &p->isn[i];
	return NULL;
}

static void remember(struct past *p, const struct past_isn *isn)
{
	struct past_isn *old = remembered(p, isn->host, isn->sport, isn->dport);

	if (!old) {
		old = &p->isn[p->next_isn];
		p->next_isn = (p->next_isn + 1) % PAST_ISNS;
	}
	*old = *isn;
}

struct seg_origin past_origin(struct past *p, const struct world *w, u8 from, const struct seg *g)
{
	/* the numbers of an ICMP error are those of a segment that its receiver sent */
	u8 sender = g->proto == SEG_ICMP ? (u8)(1 - from) : from;
	struct past_isn own = { .host = sender, .sport = g->sport, .dport = g->dport };
	struct past_isn peer = own;
	bool has_own = isn_in_world(w, sender, g->sport, g->dport, &own);
	bool has_peer = isn_in_world(w, (u8)(1 - sender), g->dport, g->sport, &peer);
	const struct past_isn *old = remembered(p, sender, g->sport, g->dport);
	struct past_isn known = old ? *old : own;

	known.host = sender;
	known.sport = g->sport;
	known.dport = g->dport;
	/* each side knows its own number for certain, the other's only once it has heard of it */
	if (has_own)
		known.isn = own.isn;
	else if (has_peer && peer.peer_isn)
		known.isn = peer.peer_isn;
	if (has_peer)
		known.peer_isn = peer.isn;
	else if (has_own && own.peer_isn)
		known.peer_isn = own.peer_isn;
	if (g->proto == SEG_TCP && (g->flags & TCPHDR_SYN) && !has_own && !(has_peer && peer.peer_isn))
		known.isn = g->seq;
	if (g->sport)
		remember(p, &known);
	return (struct seg_origin){ .seq = known.isn, .ack = known.peer_isn };
}

/* ---- replaying ----------------------------------------------------------------------------------------------- */

static struct past_seg *add_seg(struct past *p, const struct sim *s, const struct flight *f)
{
	struct past_seg *g;

	if (p->segs == p->seg_room) {
		p->seg_room = p->seg_room ? p->seg_room * 2 : 64;
		p->seg = xrealloc(p->seg, p->seg_room * sizeof(*p->seg));
	}
	g = &p->seg[p->segs++];
	*g = (struct past_seg){ .seg = f->seg, .number = f->number, .from = f->from, .sent_at = f->sent_at,
				.origin = past_origin(p, s->w, f->from, &f->seg), .moment = MOMENT_NONE };
	return g;
}

static struct past_seg *find_seg(struct past *p, u32 number)
{
	for (size_t i = p->segs; i-- > 0;)
		if (p->seg[i].number == number)
			return &p->seg[i];
	return NULL;
}

const struct past_seg *past_find_seg(const struct past *p, u32 number)
{
	for (size_t i = p->segs; i-- > 0;)
		if (p->seg[i].number == number)
			return &p->seg[i];
	return NULL;
}

const struct seg *past_last_sent(const struct world *w, u32 number, u8 *from)
{
	for (u8 h = 0; h < NR_HOSTS; h++) {
		if (w->link.last_number[h] != number)
			continue;
		*from = h;
		return &w->link.last[h];
	}
	return NULL;
}

enum status past_no_seg(const struct world *w, u32 number, const char *used, struct err *err)
{
	if (number < w->link.next_number)
		return err_set(err, ST_WRONG, "#%u went over the wire before the session began: only later ones can be %s",
			       number, used);
	return err_set(err, ST_WRONG, "there is no segment #%u yet", number);
}

/* The segment that is dropped goes to a peer that is no host of this world. */
static bool takes_it(const struct past *p)
{
	const struct action *a = &tape_moment(p->tape, p->moment)->action;

	return a->kind == ACT_DROP && a->b == 1;
}

static void note_segment(struct past *p, const struct sim *s, const struct trec *r)
{
	const struct flight *f = (const struct flight *)(const void *)((const char *)s->w + r->off);
	struct past_seg *g;

	if (r->type == TREC_SEND || r->type == TREC_DUP) {
		g = add_seg(p, s, f);
		g->dup_of = r->type == TREC_DUP ? (u32)r->b : 0;
		if (r->type == TREC_SEND && s->current)
			g->moment = p->task_moment[s->current];
		else if (g->dup_of && past_find_seg(p, g->dup_of))
			g->moment = past_find_seg(p, g->dup_of)->moment;
		if (r->flags & TREC_LOST) {
			g->fate = FATE_LOST;
			g->ended_at = s->w->now;
		}
		return;
	}
	g = find_seg(p, f->number);
	if (!g) {
		g = add_seg(p, s, f);
		g->injected = f->number >= p->first_number;
	}
	g->fate = r->type == TREC_ARRIVE ? FATE_ARRIVED : takes_it(p) ? FATE_TAKEN : FATE_DROPPED;
	g->ended_at = s->w->now;
	p->arriving = g->moment;
}

static void note_write(struct past *p, const struct sim *s, const struct trec *r, const struct sock *sk)
{
	struct past_write *w;

	if (!s->current || r->b <= r->a)
		return;
	if (p->writes == p->write_room) {
		p->write_room = p->write_room ? p->write_room * 2 : 64;
		p->write = xrealloc(p->write, p->write_room * sizeof(*p->write));
	}
	w = &p->write[p->writes++];
	*w = (struct past_write){ .moment = p->task_moment[s->current], .offset = p->task_done[s->current],
				  .from = (u32)r->a, .to = (u32)r->b, .sport = sk->inet_num, .dport = sk->inet_dport,
				  .host = sk->host };
	p->task_done[s->current] += (u32)(r->b - r->a);
}

static void note_datagram(struct past *p, const struct trec *r, const struct sock *sk)
{
	if (r->b <= r->a || sk->sk_protocol != SEG_UDP)
		return;
	if (p->datagrams == p->datagram_room) {
		p->datagram_room = p->datagram_room ? p->datagram_room * 2 : 16;
		p->datagram = xrealloc(p->datagram, p->datagram_room * sizeof(*p->datagram));
	}
	p->datagram[p->datagrams++] = (struct past_datagram){ .moment = p->arriving, .num = sk->num_, .host = sk->host };
}

static void note_field(struct past *p, const struct sim *s, const struct trec *r)
{
	const struct pool_geometry *geo = &pool_geometry[POOL_SOCK];
	const struct sock *sk;
	u32 in;

	if (r->off < geo->offset || r->off >= geo->offset + (u32)geo->size * geo->capacity)
		return;
	sk = &s->w->sock[(r->off - geo->offset) / geo->size];
	in = (r->off - geo->offset) % geo->size;
	if (in == offsetof(struct sock, app_written_))
		note_write(p, s, r, sk);
	else if (in == offsetof(struct sock, sk_receive_queue.qlen))
		note_datagram(p, r, sk);
}

static void see(void *ctx, const struct sim *s, const struct trec *r)
{
	struct past *p = ctx;
	u32 task;

	switch (r->type) {
	case TREC_ENTER:
		if (!(r->flags & TREC_RESUMED))
			p->called[r->id][r->host < NR_HOSTS ? r->host : 0]++;
		break;
	case TREC_SEND:
	case TREC_DUP:
	case TREC_ARRIVE:
	case TREC_DROP:
		note_segment(p, s, r);
		break;
	case TREC_CALL:
		task = (r->off - pool_geometry[POOL_TASK].offset) / pool_geometry[POOL_TASK].size + 1;
		p->task_moment[task] = p->moment;
		p->task_done[task] = 0;
		break;
	case TREC_FIELD:
		note_field(p, s, r);
		break;
	case TREC_TIMER_ARM:
		p->timer[p->next_timer++ % PAST_TIMERS] = (struct past_timer){
			.expires = r->a, .length = r->a > s->w->now ? r->a - s->w->now : 0, .host = r->host, .kind = (u8)r->x };
		break;
	default:
		break;
	}
}

static void on_moment(void *ctx, u32 moment, const struct world *before)
{
	struct past *p = ctx;

	p->moment = moment;
	if (!p->first_number)
		p->first_number = before->link.next_number;
}

enum status past_sync(struct past *p, struct tape *t, struct err *err)
{
	struct observer obs = { .see = see, .ctx = p };
	u32 now = tape_now(t);
	u32 start = tape_scenario_start(t, now);
	enum status st;

	if (p->upto == MOMENT_NONE || p->start != start || !tape_leads_to(t, p->upto, now)) {
		p->segs = 0;
		p->writes = 0;
		p->datagrams = 0;
		memset(p->called, 0, sizeof(p->called));
		p->first_number = 0;
		p->start = start;
		p->upto = start;
	}
	if (p->upto == now)
		return ST_OK;
	p->tape = t;
	st = tape_replay(t, p->upto, now, &obs, on_moment, p, err);
	p->upto = st == ST_OK ? now : MOMENT_NONE;
	return st;
}

enum status past_go_on(struct past *p, struct tape *t, u32 moment, u32 records, struct err *err)
{
	const struct observer obs = { .see = see, .ctx = p };

	p->tape = t;
	p->upto = MOMENT_NONE;
	return tape_replay_part(t, moment, records, &obs, on_moment, p, err);
}

u64 past_timer_length(const struct past *p, u8 host, u8 kind, u64 expires)
{
	for (u32 i = 0; i < PAST_TIMERS; i++)
		if (p->timer[i].length && p->timer[i].host == host && p->timer[i].kind == kind && p->timer[i].expires == expires)
			return p->timer[i].length;
	return 0;
}

/* ---- what was written ---------------------------------------------------------------------------------------- */

static const struct past_write *write_at(const struct past *p, u8 host, u16 sport, u16 dport, u32 pos)
{
	for (size_t i = p->writes; i-- > 0;) {
		const struct past_write *w = &p->write[i];

		if (w->host == host && w->sport == sport && w->dport == dport && w->from <= pos && pos < w->to)
			return w;
	}
	return NULL;
}

void past_bytes(const struct past *p, struct tape *t, u8 *out, u8 host, const struct seg *g, u32 first, u32 upto)
{
	const u32 from = g->seq - first, to = from + g->len;

	for (size_t i = 0; i < p->writes; i++) {
		const struct past_write *w = &p->write[i];
		const u32 begin = w->from > from ? w->from : from, end = w->to < to ? w->to : to;
		const char *payload;
		size_t len;

		if (w->host != host || w->sport != g->sport || w->dport != g->dport || w->moment > upto || begin >= end)
			continue;
		/* an older connection may have had the same ports: what was written later counts, typed or not */
		payload = tape_payload(t, w->moment, &len);
		if (payload && w->offset + (end - w->from) <= len)
			memcpy(out + (begin - from), payload + w->offset + (begin - w->from), end - begin);
		else
			memset(out + (begin - from), 0, end - begin);
	}
}

static void add_unknown(struct buf *b, u32 n)
{
	if (n)
		buf_printf(b, "<%u byte%s>", n, n == 1 ? "" : "s");
}

void past_add_text(const struct past *p, struct tape *t, struct buf *b, u8 host, u16 sport, u16 dport, u32 from, u32 to)
{
	struct buf text = BUF_INIT;
	u32 unknown = 0;

	while (from < to) {
		const struct past_write *w = write_at(p, host, sport, dport, from);
		size_t len = 0;
		const char *payload = w ? tape_payload(t, w->moment, &len) : NULL;
		u32 end = w && w->to < to ? w->to : to;
		size_t at = w ? w->offset + (from - w->from) : 0;

		if (!w)
			end = from + 1;
		if (payload && at + (end - from) <= len) {
			add_unknown(b, unknown);
			unknown = 0;
			buf_add(&text, payload + at, end - from);
		} else {
			if (text.len)
				add_quoted(b, buf_str(&text), text.len);
			buf_clear(&text);
			unknown += end - from;
		}
		from = end;
	}
	add_unknown(b, unknown);
	if (text.len)
		add_quoted(b, buf_str(&text), text.len);
	buf_release(&text);
}

void past_add_datagram(const struct past *p, struct tape *t, struct buf *b, const struct sock *sk, bool peek, u32 n)
{
	u32 behind = sk->sk_receive_queue.qlen; /* how many came after it, and itself when it was only shown */
	const char *payload = NULL;
	size_t len = 0;

	behind -= peek && behind;
	for (size_t i = p->datagrams; i-- > 0;) {
		const struct past_datagram *d = &p->datagram[i];

		if (d->host != sk->host || d->num != sk->num_)
			continue;
		if (behind--)
			continue;
		if (d->moment != MOMENT_NONE)
			payload = tape_payload(t, d->moment, &len);
		break;
	}
	if (payload && n <= len)
		add_quoted(b, payload, n);
	else
		add_unknown(b, n);
}
