/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/chronicle.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/fs.h"
#include "lang/calls.h"
#include "lang/names.h"

enum { FRAMES = 64 };

struct collector {
	struct chronicle *c;
	struct session *ss;
	u16 frame[FRAMES];	/* the functions that are running, by depth */
	u32 moment;
	bool made_minisocket[NR_HOSTS];
	bool opened[MAX_TASK];	/* the call was made, and has not returned */
	bool slept[MAX_TASK];
	size_t call[MAX_TASK];	/* where it stands */
};

/* ---- happenings ------------------------------------------------------------------------------------------------ */

static struct happening *add(struct collector *x, const struct sim *s, enum happening_kind kind, u8 host)
{
	struct chronicle *c = x->c;
	struct happening *h;

	if (c->n == c->room) {
		c->room = c->room ? c->room * 2 : 64;
		c->hap = xrealloc(c->hap, c->room * sizeof(*c->hap));
	}
	h = &c->hap[c->n++];
	*h = (struct happening){
		.at = (s64)(s->w->now - WORLD_EPOCH), .kind = (u8)kind, .host = host, .moment = x->moment
	};
	return h;
}

static const void *object_at(const struct sim *s, u32 off)
{
	return (const char *)s->w + off;
}

/* "A%2  " before what is not the host's main connection. */
static void add_other(struct buf *b, const struct sim *s, u32 off)
{
	const struct conn c = conn_at(s->w, off);
	const size_t start = b->len;

	if (!c.num)
		return;
	add_conn_name(b, s->w, c.host, c.num);
	if (b->len - start == 1)
		buf_truncate(b, start);
	else
		buf_puts(b, "  ");
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

static const struct task *task_seen(const struct sim *s, const struct trec *r, size_t *i)
{
	const struct task *t = object_at(s, r->off);

	*i = (size_t)(t - s->w->task);
	return t;
}

static void put_call(struct collector *x, struct buf *b, const struct task *t, const struct trec *r)
{
	struct call_seen c = { .task = *t, .text = "..." };
	size_t len;

	if (t->nr == SYS_send && x->moment != MOMENT_NONE)
		c.bytes = tape_payload(x->ss->tape, x->moment, &len);
	if (r->type == TREC_RETURN) {
		c.result = (s64)r->a;
		c.value = (s32)r->b;
		c.value2 = (s32)r->x;
	}
	add_call(b, &c);
	if (r->type == TREC_RETURN)
		add_result(b, &c);
}

static void see_call(struct collector *x, const struct sim *s, const struct trec *r)
{
	struct buf b = BUF_INIT;
	size_t i;
	const struct task *t = task_seen(s, r, &i);
	struct happening *h = add(x, s, HAP_CALL, r->host);

	put_call(x, &b, t, r);
	h->text = buf_detach(&b);
	x->opened[i] = true;
	x->slept[i] = false;
	x->call[i] = x->c->n - 1;
}

static void see_return(struct collector *x, const struct sim *s, const struct trec *r)
{
	struct buf b = BUF_INIT;
	struct happening *h;
	size_t i;
	const struct task *t = task_seen(s, r, &i);

	if (!x->opened[i])
		return;
	x->opened[i] = false;
	h = x->slept[i] ? add(x, s, HAP_RETURN, r->host) : &x->c->hap[x->call[i]];
	if (x->slept[i]) {
		/* what was sent stands where the call was made */
		buf_puts(&b, call_name(t->nr));
		buf_printf(&b, "(%d", t->fd);
		buf_puts(&b, t->nr == SYS_close ? ")" : ", ...)");
		add_result(&b, &(struct call_seen){ .task = *t, .result = (s64)r->a });
	} else {
		put_call(x, &b, t, r);
	}
	free(h->text);
	h->text = buf_detach(&b);
}

/* ---- states and timers ------------------------------------------------------------------------------------------- */

static bool goes_on(const struct happening *h, u8 host, u32 moment, const char *from)
{
	return h->kind == HAP_STATE && h->host == host && h->moment == moment &&
	       ends_in(h->text, strlen(h->text), from);
}

/* What one moment does to one host's states is one happening. */
static void add_state(struct collector *x, const struct sim *s, u8 host, u32 off, const char *from, const char *to)
{
	struct chronicle *c = x->c;
	struct buf b = BUF_INIT;
	char **text;

	if (c->n && goes_on(&c->hap[c->n - 1], host, x->moment, from)) {
		text = &c->hap[c->n - 1].text;
		buf_printf(&b, "%s -> %s", *text, to);
		free(*text);
	} else {
		add_other(&b, s, off);
		buf_printf(&b, "%s -> %s", from, to);
		text = &add(x, s, HAP_STATE, host)->text;
	}
	*text = buf_detach(&b);
}

static void see_state(struct collector *x, const struct sim *s, const struct trec *r)
{
	const bool mini = r->b == TCP_CLOSE && x->made_minisocket[r->host];

	/* a child is a copy of its listener first: that is no state of the connection */
	if (r->a == r->b || !r->a || (r->a == TCP_LISTEN && r->b == TCP_SYN_RECV))
		return;
	add_state(x, s, r->host, r->off, state_name((u8)r->a), mini ? "TIME_WAIT" : state_name((u8)r->b));
	x->made_minisocket[r->host] = false;
}

static void see_field(struct collector *x, const struct sim *s, const struct trec *r)
{
	struct field_place p;

	if (!field_locate(s->w, r->off, &p) || p.pool != POOL_TW ||
	    r->off - p.object != offsetof(struct tw, tw_substate))
		return;
	if (r->a && r->b != r->a)
		add_state(x, s, p.host, p.object, "TIME_WAIT, substate FIN_WAIT2", state_name((u8)r->b));
}

static void see_timer(struct collector *x, const struct sim *s, const struct trec *r)
{
	const struct event ev = { .kind = (u8)r->x, .off = r->off };
	struct buf b = BUF_INIT;

	if (r->x == TMR_TASK || r->x == TMR_ARRIVAL || event_is_idle(s->w, &ev))
		return;
	add_other(&b, s, r->off);
	buf_printf(&b, "%s timer fires", timer_name((int)r->x));
	if (r->x == TMR_RETRANSMIT)
		buf_printf(&b, " (%s)", role_name((int)r->b));
	add(x, s, HAP_TIMER, r->host)->text = buf_detach(&b);
}

/* ---- segments ---------------------------------------------------------------------------------------------------- */

/* What only hands on what others want sent. */
static bool is_way_out(const char *fn, const char *file)
{
	static const char *const names[] = { "__tcp_transmit_skb", "tcp_transmit_skb",
					     "tcp_write_xmit",	   "__tcp_push_pending_frames",
					     "tcp_push_one",	   "tcp_push",
					     "__tcp_send_ack",	   "__tcp_retransmit_skb" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(fn, names[i]) == 0)
			return true;
	return strcmp(file, "net/ipv4/ip_output.c") == 0;
}

static void add_way(struct collector *x, struct happening *h, u16 depth)
{
	struct buf b = BUF_INIT;

	for (u16 d = 1; d <= depth && d < FRAMES; d++) {
		const struct fn_info *f = &fn_info[x->frame[d]];

		buf_printf(&b, "%s%s", b.len ? " > " : "", f->name);
		if (!h->sender || !is_way_out(f->name, f->file))
			h->sender = f->name;
	}
	h->way = buf_detach(&b);
}

static struct happening *add_segment(struct collector *x, const struct sim *s, const struct flight *f,
				     enum happening_kind kind)
{
	char text[SEG_TEXT_MAX];
	struct happening *h = add(x, s, kind, kind == HAP_ARRIVE ? (u8)(1 - f->from) : f->from);

	h->seg = f->seg;
	h->origin = past_origin(&x->ss->past, s->w, f->from, &f->seg);
	h->number = f->number;
	h->copy_of = f->dup_of;
	seg_text(text, &f->seg, x->ss->absolute ? (struct seg_origin){ 0, 0 } : h->origin,
		 f->seg.nsack ? SEG_TEXT_OPTS : 0);
	h->text = xstrdup(text);
	return h;
}

static void see_segment(struct collector *x, const struct sim *s, const struct trec *r)
{
	const struct flight *f = object_at(s, r->off);
	const struct action *a = x->moment == MOMENT_NONE ? NULL : &tape_moment(x->ss->tape, x->moment)->action;

	switch (r->type) {
	case TREC_SEND:
		add_way(x, add_segment(x, s, f, HAP_SEND), r->depth);
		if (r->flags & TREC_LOST)
			add_segment(x, s, f, HAP_LOST);
		break;
	case TREC_ARRIVE:
		add_segment(x, s, f, HAP_ARRIVE)->forged = !f->dup_of && !chronicle_find(x->c, f->number, HAP_SEND);
		break;
	case TREC_DUP:
		add_segment(x, s, f, HAP_COPY);
		break;
	default:
		add_segment(x, s, f, a && a->kind == ACT_DROP && a->b == 1 ? HAP_TAKEN : HAP_LOST);
		break;
	}
}

const struct happening *chronicle_find(const struct chronicle *c, u32 number, enum happening_kind kind)
{
	for (size_t i = c->n; i-- > 0;)
		if (c->hap[i].number == number && c->hap[i].kind == kind)
			return &c->hap[i];
	return NULL;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static void see(void *ctx, const struct sim *s, const struct trec *r)
{
	struct collector *x = ctx;

	switch ((enum trec_type)r->type) {
	case TREC_ENTER:
		if (r->depth < FRAMES)
			x->frame[r->depth] = r->id;
		break;
	case TREC_CALL:
		see_call(x, s, r);
		break;
	case TREC_SLEEP: {
		size_t i;

		task_seen(s, r, &i);
		x->slept[i] = true;
		break;
	}
	case TREC_RETURN:
		see_return(x, s, r);
		break;
	case TREC_ALLOC:
		x->made_minisocket[r->host] |= r->id == POOL_TW;
		break;
	case TREC_FREE:
		if (r->id == POOL_TW && !x->made_minisocket[r->host])
			add_state(x, s, r->host, r->off, "TIME_WAIT", "CLOSE");
		break;
	case TREC_STATE:
		see_state(x, s, r);
		break;
	case TREC_FIELD:
		see_field(x, s, r);
		break;
	case TREC_TIMER_FIRE:
		see_timer(x, s, r);
		break;
	case TREC_SEND:
	case TREC_ARRIVE:
	case TREC_DROP:
	case TREC_DUP:
		see_segment(x, s, r);
		break;
	default:
		break;
	}
}

static void on_moment(void *ctx, u32 moment, const struct world *before)
{
	struct collector *x = ctx;

	(void)before;
	x->moment = moment;
	memset(x->made_minisocket, 0, sizeof(x->made_minisocket));
}

enum status chronicle_collect(struct chronicle *c, struct session *ss, struct err *err)
{
	struct collector *x = xcalloc(1, sizeof(*x));
	const struct observer obs = { see, x };
	struct tape *t = ss->tape;
	const u32 now = tape_now(t), start = tape_scenario_start(t, now);
	enum status st;

	*c = (struct chronicle){ .n = 0 };
	x->c = c;
	x->ss = ss;
	x->moment = MOMENT_NONE;
	st = tape_replay_scenario(t, start, &obs, err);
	if (st == ST_OK)
		st = tape_replay(t, start, now, &obs, on_moment, x, err);
	free(x);
	return st;
}

void chronicle_release(struct chronicle *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->hap[i].text);
		free(c->hap[i].way);
	}
	free(c->hap);
	*c = (struct chronicle){ .n = 0 };
}
