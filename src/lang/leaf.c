/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/leaf.h"

#include <string.h>

#include "engine/mib.h"
#include "engine/trace.h"
#include "lang/lex.h"
#include "lang/names.h"
#include "lang/past.h"

/* ---- names of parts ------------------------------------------------------------------------------------------ */

enum { Q_RECEIVE, Q_WRITE, Q_RTX, Q_OFO, Q_BACKLOG, Q_ACCEPT, Q_SYN };
static const char *const queue_names[] = {
	[Q_RECEIVE] = "receive_queue",	[Q_WRITE] = "write_queue", [Q_RTX] = "tcp_rtx_queue",
	[Q_OFO] = "out_of_order_queue", [Q_BACKLOG] = "backlog",   [Q_ACCEPT] = "accept_queue",
	[Q_SYN] = "syn_queue",
};

/* The kernel's names, where they are others. */
static const char *const full_queue_names[] = {
	[Q_RECEIVE] = "sk_receive_queue",  [Q_WRITE] = "sk_write_queue", [Q_RTX] = "tcp_rtx_queue",
	[Q_OFO] = "out_of_order_queue",	   [Q_BACKLOG] = "sk_backlog",   [Q_ACCEPT] = "icsk_accept_queue",
	[Q_SYN] = "syn_queue",
};

enum { W_SYN, W_FIN, W_RST, W_PSH, W_ACK, W_URG, W_SEQ, W_LEN, W_WIN, W_FLAGS, W_ACK_SEQ, W_END_SEQ, W_NUMBER };
static const char *const wire_fields[] = {
	[W_SYN] = "syn",	 [W_FIN] = "fin",	  [W_RST] = "rst",	 [W_PSH] = "psh", [W_ACK] = "ack",
	[W_URG] = "urg",	 [W_SEQ] = "seq",	  [W_LEN] = "len",	 [W_WIN] = "win", [W_FLAGS] = "flags",
	[W_ACK_SEQ] = "ack_seq", [W_END_SEQ] = "end_seq", [W_NUMBER] = "number",
};

static const char *const functions[] = { "mib", "called", "seen", "errno", "ret", "asleep" };
static const u8 function_leaf[] = { LEAF_MIB, LEAF_CALLED, LEAF_SEEN, LEAF_ERRNO, LEAF_RET, LEAF_ASLEEP };

const char *expr_queue_name(size_t i)
{
	return i < ARRAY_LEN(queue_names) ? queue_names[i] : NULL;
}

const char *expr_full_queue_name(size_t i)
{
	return i < ARRAY_LEN(full_queue_names) ? full_queue_names[i] : NULL;
}

const char *expr_wire_field(size_t i)
{
	return i < ARRAY_LEN(wire_fields) ? wire_fields[i] : NULL;
}

const char *expr_function(size_t i)
{
	return i < ARRAY_LEN(functions) ? functions[i] : NULL;
}

static int table_find(const char *const *table, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(table[i], name) == 0)
			return (int)i;
	return -1;
}

static int queue_find(const char *name)
{
	int i = table_find(queue_names, ARRAY_LEN(queue_names), name);

	if (i < 0)
		i = table_find(full_queue_names, ARRAY_LEN(full_queue_names), name);
	if (i < 0 && strcmp(name, "rtx_queue") == 0)
		i = Q_RTX;
	return i;
}

size_t scan_name(const char *text)
{
	size_t n = 0;

	if (*text >= '0' && *text <= '9')
		return 0;
	while ((text[n] >= 'a' && text[n] <= 'z') || (text[n] >= 'A' && text[n] <= 'Z') || text[n] == '_' ||
	       (text[n] >= '0' && text[n] <= '9'))
		n++;
	return n;
}

/* ---- parsing ------------------------------------------------------------------------------------------------- */

#define PATH_PARTS 4
#define PART_MAX 64

struct path {
	char part[PATH_PARTS][PART_MAX];
	size_t n;
	size_t end; /* in the text */
};

/* a.b.c at text[at]; a fourth dot and overlong parts are left to the caller's "no such". */
static void read_path(struct path *p, const char *text, size_t at)
{
	p->n = 0;
	p->end = at;
	while (p->n < PATH_PARTS) {
		size_t n = scan_name(text + at);

		if (!n || n >= PART_MAX)
			return;
		memcpy(p->part[p->n], text + at, n);
		p->part[p->n++][n] = '\0';
		at += n;
		p->end = at;
		if (text[at] != '.')
			return;
		at++;
	}
}

static void join_path(char *out, size_t size, const struct path *p)
{
	size_t len = 0;

	for (size_t i = 0; i < p->n; i++) {
		size_t n = strlen(p->part[i]);

		if (len + n + 2 > size)
			break;
		if (i)
			out[len++] = '.';
		memcpy(out + len, p->part[i], n);
		len += n;
	}
	out[len] = '\0';
}

static void try_all_fields(struct nearest *n)
{
	const struct field *f;

	for (size_t i = 0; (f = field_at(i)); i++) {
		if (f->object > OBJ_SOCKET && f->object != OBJ_HOST)
			continue;
		nearest_try(n, f->name);
		if (strncmp(f->name, "sk_", 3) == 0 && strcmp(f->name, "sk_state") != 0)
			nearest_try(n, f->name + 3);
		if (strncmp(f->name, "icsk_", 5) == 0)
			nearest_try(n, f->name + 5);
		if (strncmp(f->name, "tw_", 3) == 0 && strcmp(f->name, "tw_state") != 0)
			nearest_try(n, f->name + 3);
	}
}

static enum status no_such_field(const struct endpoint *ep, const char *name, struct err *err)
{
	struct nearest n;
	struct buf hint = BUF_INIT;
	struct buf who = BUF_INIT;
	enum status st;

	nearest_init(&n, name);
	nearest_try(&n, "state");
	for (size_t i = 0; i < ARRAY_LEN(queue_names); i++)
		nearest_try(&n, queue_names[i]);
	try_all_fields(&n);
	add_endpoint(&who, ep);
	st = err_set(err, ST_WRONG, "%s has no field `%s`%s", buf_str(&who), name,
		     n.name ? nearest_hint(&n, &hint) : "; `show A%2 all` lists those of a socket");
	buf_release(&hint);
	buf_release(&who);
	return st;
}

static enum status timer_path(struct leaf *leaf, const struct path *p, struct err *err)
{
	static const char *const names[] = { "retransmit", "delack", "keepalive", "tw", "rsk" };
	static const u8 kinds[] = { TMR_RETRANSMIT, TMR_DELACK, TMR_KEEPALIVE, TMR_TW, TMR_RSK };
	int i = p->n == 2 ? table_find(names, ARRAY_LEN(names), p->part[1]) : -1;

	if (i < 0)
		return err_set(err, ST_WRONG, "the timers are timer.retransmit, .delack, .keepalive, .tw and .rsk");
	leaf->kind = LEAF_TIMER;
	leaf->what = kinds[i];
	return ST_OK;
}

static enum status queue_path(struct leaf *leaf, int queue, const struct path *p, struct err *err)
{
	if (p->n != 2 || (strcmp(p->part[1], "len") != 0 && strcmp(p->part[1], "qlen") != 0))
		return err_set(err, ST_WRONG, "a queue has .len (bytes) and .qlen (how many skbs): %s.len, for example",
			       p->part[0]);
	leaf->kind = LEAF_QUEUE;
	leaf->what = (u32)queue;
	leaf->part = strcmp(p->part[1], "qlen") == 0;
	return ST_OK;
}

static enum status flag_path(struct leaf *leaf, const struct path *p, struct err *err)
{
	const struct name_info *flag = p->n == 2 ? name_find(p->part[1]) : NULL;

	if (!flag || flag->class != NAME_FLAG || strncmp(flag->name, "SOCK_", 5) != 0)
		return err_set(err, ST_WRONG,
			       "flags are flags.SOCK_DEAD, .SOCK_DONE, .SOCK_LINGER, .SOCK_KEEPOPEN, ...");
	leaf->kind = LEAF_FLAG;
	leaf->what = (u32)flag->value;
	return ST_OK;
}

/* What stands behind `A.` */
static enum status member_path(struct leaf *leaf, const struct path *p, struct err *err)
{
	int queue = queue_find(p->part[0]);
	char name[PATH_PARTS * PART_MAX];
	bool found = false;

	if (strcmp(p->part[0], "state") == 0 && p->n == 1) {
		leaf->kind = LEAF_STATE;
		return ST_OK;
	}
	if (strcmp(p->part[0], "timer") == 0)
		return timer_path(leaf, p, err);
	if ((strcmp(p->part[0], "flags") == 0 || strcmp(p->part[0], "sk_flags") == 0) && p->n > 1)
		return flag_path(leaf, p, err);
	if (strcmp(p->part[0], "app") == 0) {
		if (p->n != 2 || (strcmp(p->part[1], "read") != 0 && strcmp(p->part[1], "written") != 0))
			return err_set(err, ST_WRONG, "app.read and app.written count the process's bytes");
		leaf->kind = LEAF_APP;
		leaf->part = strcmp(p->part[1], "written") == 0;
		return ST_OK;
	}
	if (queue >= 0)
		return queue_path(leaf, queue, p, err);
	join_path(name, sizeof(name), p);
	leaf->kind = LEAF_FIELD;
	for (int o = 0; o < NR_OBJ; o++) {
		leaf->field[o] = o <= OBJ_SOCKET || o == OBJ_HOST ? field_find((enum field_object)o, name) : NULL;
		found |= leaf->field[o] != NULL;
	}
	return found ? ST_OK : no_such_field(&leaf->ep, name, err);
}

static enum status wire_path(struct leaf *leaf, const char *text, size_t *at, struct err *err)
{
	struct path p;
	int i;

	leaf->from = NR_HOSTS;
	if (text[*at] != '.')
		return err_set(err, ST_WRONG,
			       "the wire has .count and .last: wire.count, wire.A>B.last.flags, for example");
	(*at)++;
	if (strncmp(text + *at, "A>B.", 4) == 0 || strncmp(text + *at, "B>A.", 4) == 0) {
		leaf->from = (u8)(text[*at] - 'A');
		*at += 4;
	}
	read_path(&p, text, *at);
	if (p.n == 1 && strcmp(p.part[0], "count") == 0) {
		leaf->kind = LEAF_WIRE_COUNT;
	} else if (p.n == 2 && strcmp(p.part[0], "last") == 0) {
		i = table_find(wire_fields, ARRAY_LEN(wire_fields),
			       strcmp(p.part[1], "window") == 0 ? "win" : p.part[1]);
		if (i < 0)
			return err_set(err, ST_WRONG,
				       "a segment has .syn .fin .rst .psh .ack .seq .ack_seq .len .win .flags, "
				       "but no `.%s`",
				       p.part[1]);
		leaf->kind = LEAF_WIRE_LAST;
		leaf->part = (u32)i;
	} else {
		return err_set(err, ST_WRONG,
			       "the wire has .count and .last.FIELD: wire.count, wire.last.rst, for example");
	}
	*at = p.end;
	return ST_OK;
}

static void skip_blanks(const char *text, size_t *at)
{
	while (text[*at] == ' ' || text[*at] == '\t')
		(*at)++;
}

/* An endpoint as argument, and the comma behind it; without one the focused endpoint is taken. */
static bool endpoint_argument(struct leaf *leaf, const char *text, size_t *at, const struct endpoint *focus)
{
	size_t n = endpoint_scan(text + *at, &leaf->ep);

	if (!n) {
		leaf->ep = *focus;
		return false;
	}
	*at += n;
	skip_blanks(text, at);
	return true;
}

static enum status name_argument(struct leaf *leaf, const char *name, struct err *err)
{
	struct nearest n;
	struct buf hint = BUF_INIT;
	enum status st = ST_OK;
	int found = leaf->kind == LEAF_MIB    ? mib_find(name)
		    : leaf->kind == LEAF_SEEN ? state_find(name)
					      : fn_find(name);

	nearest_init(&n, name);
	if (leaf->kind == LEAF_MIB && found < 0) {
		for (int i = 0; i < MIB_MAX; i++)
			nearest_try(&n, mib_info[i].name);
		st = err_set(err, ST_WRONG, "there is no counter `%s`%s", name, nearest_hint(&n, &hint));
	} else if (leaf->kind == LEAF_SEEN && found < 0) {
		for (size_t i = 0; name_at(i) && name_at(i)->class == NAME_STATE; i++)
			nearest_try(&n, name_at(i)->name);
		st = err_set(err, ST_WRONG, "there is no state `%s`%s", name, nearest_hint(&n, &hint));
	} else if (leaf->kind == LEAF_CALLED && found == 0) {
		st = no_such_function(name, err);
	}
	leaf->what = (u32)found;
	buf_release(&hint);
	return st;
}

/* mib(A, Name), called(fn), seen(A, STATE), errno(A), ...: `at` is behind the name. */
static enum status function_call(struct leaf *leaf, const char *text, size_t *at, const struct endpoint *focus,
				 struct err *err)
{
	bool wants_name = leaf->kind == LEAF_MIB || leaf->kind == LEAF_CALLED || leaf->kind == LEAF_SEEN;
	bool named;
	struct path p;

	(*at)++;
	skip_blanks(text, at);
	named = endpoint_argument(leaf, text, at, focus);
	leaf->named = named;
	leaf->host = leaf->kind == LEAF_CALLED && !named ? -1 : leaf->ep.host;
	if (wants_name) {
		if (named && text[*at] != ',')
			return err_set(err, ST_WRONG,
				       "a comma and a name are missing here: mib(A, TCPAbortOnData), for example");
		if (named)
			(*at)++;
		skip_blanks(text, at);
		read_path(&p, text, *at);
		if (p.n != 1)
			return err_set(err, ST_WRONG, "a name is missing here: called(tcp_fin), for example");
		if (name_argument(leaf, p.part[0], err) != ST_OK)
			return ST_WRONG;
		*at = p.end;
		skip_blanks(text, at);
	}
	if (text[*at] != ')')
		return err_set(err, ST_WRONG, "a `)` is missing here");
	(*at)++;
	return ST_OK;
}

static int function_find(const char *text, size_t n)
{
	for (size_t i = 0; i < ARRAY_LEN(functions); i++)
		if (strlen(functions[i]) == n && strncmp(functions[i], text, n) == 0 && text[n] == '(')
			return (int)i;
	return -1;
}

bool leaf_starts(const char *text)
{
	struct endpoint ep;
	struct path p;
	size_t n = scan_name(text);
	char first[PART_MAX];

	if (endpoint_scan(text, &ep) || function_find(text, n) >= 0)
		return true;
	if (!n || n >= PART_MAX)
		return false;
	memcpy(first, text, n);
	first[n] = '\0';
	read_path(&p, text, 0);
	return strcmp(first, "wire") == 0 || strcmp(first, "time") == 0 || strcmp(first, "state") == 0 ||
	       strcmp(first, "timer") == 0 || strcmp(first, "app") == 0 || queue_find(first) >= 0 || p.n > 1 ||
	       field_known(first);
}

enum status leaf_parse(struct leaf *leaf, const char *text, size_t *at, const struct endpoint *focus, struct err *err)
{
	size_t name = scan_name(text + *at);
	int function = function_find(text + *at, name);
	struct path p;
	size_t n;

	memset(leaf, 0, sizeof(*leaf));
	leaf->start = (u32)*at;
	leaf->ep = *focus;
	n = endpoint_scan(text + *at, &leaf->ep);
	leaf->named = n != 0;
	if (n && text[*at + n] != '.')
		return err_set(err, ST_WRONG, "an endpoint alone is no value: %.*s.state, for example", (int)n,
			       text + *at);
	if (!n && name == 1 && text[*at + 1] == '.')
		return err_set(err, ST_WRONG, "`%c` is no endpoint: A.state, B:3.state or A%%2.state, for example",
			       text[*at]);
	if (function >= 0) {
		leaf->kind = function_leaf[function];
		*at += name;
		if (function_call(leaf, text, at, focus, err) != ST_OK)
			return ST_WRONG;
	} else if (!n && name == 4 && strncmp(text + *at, "wire", 4) == 0) {
		*at += name;
		if (wire_path(leaf, text, at, err) != ST_OK)
			return ST_WRONG;
	} else if (!n && name == 4 && strncmp(text + *at, "time", 4) == 0 && text[*at + 4] != '.') {
		leaf->kind = LEAF_TIME;
		*at += name;
	} else {
		if (!n)
			leaf->ep = *focus;
		read_path(&p, text, *at + (n ? n + 1 : 0));
		if (!p.n)
			return err_set(err, ST_WRONG, "the name of a field is missing here");
		if (member_path(leaf, &p, err) != ST_OK)
			return ST_WRONG;
		*at = p.end;
	}
	leaf->end = (u32)*at;
	return ST_OK;
}

/* ---- reading ------------------------------------------------------------------------------------------------- */

static const struct value value_none = { .none = true };

static struct value number(s64 n)
{
	return (struct value){ .n = n };
}

static s64 skq_bytes(const struct world *w, const struct skq *q)
{
	s64 sum = 0;

	for (const struct skb *skb = skb_of(w, q->head); skb; skb = skb_of(w, skb->next)) {
		sum += skb->end_seq - skb->seq;
		if (!skb->udp_)
			sum -= ((skb->tcp_flags & TCPHDR_SYN) != 0) + ((skb->tcp_flags & TCPHDR_FIN) != 0);
	}
	return sum;
}

static s64 backlog_bytes(const struct world *w, const struct backlog *q)
{
	s64 sum = 0;

	for (const struct flight *f = flight_of(w, q->head); f; f = flight_of(w, f->next))
		sum += f->seg.len;
	return sum;
}

static struct value queue_value(const struct leaf *leaf, const struct world *w, const struct sock *sk)
{
	const struct skq *q;

	if (!sk)
		return value_none;
	switch (leaf->what) {
	case Q_BACKLOG:
		return number(leaf->part ? sk->sk_backlog.qlen : backlog_bytes(w, &sk->sk_backlog));
	case Q_ACCEPT:
		return sk->sk_state == TCP_LISTEN ? number(sk->sk_ack_backlog) : value_none;
	case Q_SYN:
		return sk->sk_state == TCP_LISTEN ? number(sk->syn_qlen_) : value_none;
	case Q_RECEIVE:
		return number(leaf->part ? sk->sk_receive_queue.qlen : conn_unread(w, sk));
	case Q_WRITE:
		q = &sk->sk_write_queue;
		break;
	case Q_RTX:
		q = &sk->tcp_rtx_queue;
		break;
	default:
		q = &sk->out_of_order_queue;
		break;
	}
	return number(leaf->part ? q->qlen : skq_bytes(w, q));
}

static struct value timer_value(const struct leaf *leaf, const struct world *w, const struct conn *c)
{
	u64 expires = conn_timer(c, (u8)leaf->what);

	return (struct value){ .n = expires > w->now ? (s64)(expires - w->now) : 0,
			       .none = expires == 0,
			       .type = VT_TIMER };
}

static struct value field_value(const struct field *f, const void *object, const struct conn *c)
{
	s64 raw = field_read(f, object);
	struct value v = { .n = raw, .none = field_is_none(f, (u64)raw) };

	switch (f->kind) {
	case FK_SEQ_OWN:
		v.n = (s32)((u32)raw - conn_isn(c));
		break;
	case FK_SEQ_PEER:
		v.n = (s32)((u32)raw - conn_peer_isn(c));
		break;
	case FK_JIFFIES:
	case FK_JIFFIES_SIGNED:
		v.type = VT_JIFFIES;
		break;
	case FK_MSEC:
		v.type = VT_MSEC;
		break;
	case FK_JSTAMP:
		v = (struct value){ .n = raw * (s64)USEC_PER_JIFFY - (s64)WORLD_EPOCH,
				    .none = raw == 0,
				    .type = VT_US };
		break;
	case FK_WHEN:
	case FK_TIMER:
		v = (struct value){ .n = raw - (s64)WORLD_EPOCH, .none = raw == 0, .type = VT_US };
		break;
	default:
		break;
	}
	return v;
}

/* The field of that name in the first of the connection's objects that has it; NULL: in none of those that there are. */
static const struct field *shown_field(const struct leaf *leaf, const struct world *w, const struct conn *c)
{
	for (enum field_object o = OBJ_SOCK; o <= OBJ_SOCKET; o++)
		if (leaf->field[o] && conn_object(w, c, o))
			return leaf->field[o];
	return NULL;
}

static struct value conn_field(const struct leaf *leaf, const struct world *w, const struct conn *c)
{
	const struct field *f = shown_field(leaf, w, c);

	if (f)
		return field_value(f, conn_object(w, c, (enum field_object)f->object), c);
	if (leaf->field[OBJ_HOST])
		return field_value(leaf->field[OBJ_HOST], &w->host[leaf->ep.host], c);
	return value_none;
}

/*
 * What the numbers of the segment that `from` sent last are counted from: the main connection's first numbers, else (the main
 * socket listens) those of the connection that the segment belongs to.
 */
static struct past_isn last_origin(const struct world *w, u8 from)
{
	const struct seg *g = &w->link.last[from];
	struct past_isn o = { .isn = w->host[from].main_isn, .peer_isn = w->host[from].main_peer_isn };
	struct past_isn peer;

	if (o.isn || isn_in_world(w, from, g->sport, g->dport, &o))
		return o;
	if (isn_in_world(w, (u8)(1 - from), g->dport, g->sport, &peer))
		return (struct past_isn){ .isn = peer.peer_isn, .peer_isn = peer.isn };
	return o;
}

static struct value wire_last(const struct leaf *leaf, const struct world *w)
{
	u8 from = leaf->from < NR_HOSTS ? leaf->from : (u8)(w->link.last_from - 1);
	const struct seg *g;
	static const u8 bit[] = { [W_SYN] = TCPHDR_SYN, [W_FIN] = TCPHDR_FIN, [W_RST] = TCPHDR_RST,
				  [W_PSH] = TCPHDR_PSH, [W_ACK] = TCPHDR_ACK, [W_URG] = TCPHDR_URG };

	if (from >= NR_HOSTS || !w->link.last_number[from])
		return value_none;
	g = &w->link.last[from];
	if (leaf->part <= W_URG)
		return number((g->flags & bit[leaf->part]) != 0);
	switch (leaf->part) {
	case W_LEN:
		return number(g->len);
	case W_WIN:
		return number(g->win);
	case W_FLAGS:
		return number(g->flags);
	case W_NUMBER:
		return number(w->link.last_number[from]);
	case W_SEQ:
		return number((s32)(g->seq - last_origin(w, from).isn));
	case W_END_SEQ:
		return number((s32)(seg_end_seq(g) - last_origin(w, from).isn));
	default:
		return g->flags & TCPHDR_ACK ? number((s32)(g->ack - last_origin(w, from).peer_isn)) : value_none;
	}
}

static s64 wire_count(const struct world *w, u8 from)
{
	s64 n = 0;

	for (u16 i = 0; i < w->pool[POOL_FLIGHT].high; i++) {
		const struct flight *f = &w->flight[i];

		if (f->live && f->where == FLIGHT_WIRE && (from >= NR_HOSTS || f->from == from))
			n++;
	}
	return n;
}

static bool asleep(const struct world *w, u8 host)
{
	for (u16 i = 0; i < w->pool[POOL_TASK].high; i++)
		if (w->task[i].live && w->task[i].asleep && w->task[i].host == host)
			return true;
	return false;
}

static struct value app_value(const struct leaf *leaf, const struct world *w, const struct conn *c)
{
	const struct host *h = &w->host[leaf->ep.host];

	if (c->sk)
		return number(leaf->part ? c->sk->app_written_ : c->sk->app_read_);
	if (c->tw)
		return number(leaf->part ? c->tw->app_written_ : c->tw->app_read_);
	if (leaf->ep.kind == EP_MAIN)
		return number(leaf->part ? h->main_written : h->main_read);
	return value_none;
}

static bool seen(const struct leaf *leaf, const struct world *w, const struct conn *c)
{
	u32 bits = c->sk ? c->sk->seen_ : 0u;

	if (c->tw)
		bits |= c->tw->seen_ | TCPF(TCP_TIME_WAIT);
	if (leaf->ep.kind == EP_MAIN)
		bits |= w->host[leaf->ep.host].main_seen;
	return (bits & TCPF(leaf->what)) != 0;
}

struct value leaf_value(const struct leaf *leaf, const struct expr_env *env)
{
	const struct world *w = env->w;
	const struct host *h = &w->host[leaf->ep.host];
	struct conn c = conn_of(w, &leaf->ep);

	switch ((enum leaf_kind)leaf->kind) {
	case LEAF_STATE:
		return number(conn_state(&c));
	case LEAF_FIELD:
		return conn_field(leaf, w, &c);
	case LEAF_FLAG:
		return c.sk ? number((c.sk->sk_flags & leaf->what) != 0) : value_none;
	case LEAF_QUEUE:
		return queue_value(leaf, w, c.sk);
	case LEAF_TIMER:
		return timer_value(leaf, w, &c);
	case LEAF_APP:
		return app_value(leaf, w, &c);
	case LEAF_WIRE_COUNT:
		return number(wire_count(w, leaf->from));
	case LEAF_WIRE_LAST:
		return wire_last(leaf, w);
	case LEAF_MIB:
		return number((s32)h->mib[leaf->what]);
	case LEAF_CALLED:
		return env->called ? number(env->called(env->ctx, (u16)leaf->what, leaf->host)) : value_none;
	case LEAF_SEEN:
		return number(seen(leaf, w, &c));
	case LEAF_ERRNO:
		return number(h->last_errno);
	case LEAF_RET:
		return number(h->last_ret < 0 ? -1 : h->last_ret);
	case LEAF_ASLEEP:
		return number(asleep(w, leaf->ep.host));
	case LEAF_TIME:
		return (struct value){ .n = (s64)(w->now - WORLD_EPOCH), .type = VT_US };
	}
	return value_none;
}

u8 leaf_type(const struct leaf *leaf)
{
	if (leaf->kind == LEAF_TIMER)
		return VT_TIMER;
	if (leaf->kind == LEAF_TIME)
		return VT_US;
	if (leaf->kind != LEAF_FIELD)
		return VT_NUMBER;
	for (int o = 0; o < NR_OBJ; o++) {
		if (!leaf->field[o])
			continue;
		switch (leaf->field[o]->kind) {
		case FK_JIFFIES:
		case FK_JIFFIES_SIGNED:
			return VT_JIFFIES;
		case FK_MSEC:
			return VT_MSEC;
		case FK_JSTAMP:
		case FK_WHEN:
		case FK_TIMER:
			return VT_US;
		default:
			return VT_NUMBER;
		}
	}
	return VT_NUMBER;
}

/* ---- showing ------------------------------------------------------------------------------------------------- */

static void add_seg_flags(struct buf *b, u8 flags)
{
	static const struct {
		char letter;
		u8 bit;
	} t[] = { { 'F', TCPHDR_FIN }, { 'S', TCPHDR_SYN }, { 'R', TCPHDR_RST }, { 'P', TCPHDR_PSH },
		  { 'U', TCPHDR_URG }, { '.', TCPHDR_ACK } };
	size_t before = b->len;

	for (size_t i = 0; i < ARRAY_LEN(t); i++)
		if (flags & t[i].bit)
			buf_putc(b, t[i].letter);
	if (b->len == before)
		buf_putc(b, '-');
}

/* What a raw sequence number is more than the value `leaf` has; 0 when it is no such number. */
static u32 first_seq(const struct leaf *leaf, const struct field *f, const struct conn *c, const struct world *w)
{
	u8 from = leaf->from < NR_HOSTS ? leaf->from : (u8)(w->link.last_from - 1);

	if (leaf->kind == LEAF_WIRE_LAST && (leaf->part == W_SEQ || leaf->part == W_END_SEQ))
		return last_origin(w, from).isn;
	if (leaf->kind == LEAF_WIRE_LAST && leaf->part == W_ACK_SEQ)
		return last_origin(w, from).peer_isn;
	if (f && f->kind == FK_SEQ_OWN)
		return conn_isn(c);
	return f && f->kind == FK_SEQ_PEER ? conn_peer_isn(c) : 0;
}

void add_leaf_value(struct buf *b, const struct leaf *leaf, const struct value *v, const struct expr_env *env)
{
	struct conn c = conn_of(env->w, &leaf->ep);
	const struct field *f = leaf->kind == LEAF_FIELD ? shown_field(leaf, env->w, &c) : NULL;
	struct field_view view = { .now = env->w->now };

	if (v->none) {
		buf_puts(b, leaf->kind == LEAF_TIMER ? "none (not armed)" : "none");
	} else if (leaf->kind == LEAF_STATE) {
		buf_puts(b, state_name((u8)v->n));
	} else if (leaf->kind == LEAF_ERRNO) {
		buf_puts(b, errno_name((int)v->n));
	} else if (leaf->kind == LEAF_WIRE_LAST && leaf->part == W_FLAGS) {
		add_seg_flags(b, (u8)v->n);
	} else if (v->type == VT_US || v->type == VT_TIMER) {
		add_signed_duration(b, v->n);
	} else if (f && !field_is_seq(f)) {
		add_field_value(b, f, v->n, &view);
	} else if (env->absolute && first_seq(leaf, f, &c, env->w)) {
		buf_printf(b, "%u", (u32)v->n + first_seq(leaf, f, &c, env->w));
	} else {
		buf_printf(b, "%lld", (long long)v->n);
	}
}
