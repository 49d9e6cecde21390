/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/rows.h"

#include <jansson.h>
#include <stdlib.h>

#include "engine/fs.h"
#include "engine/mib.h"
#include "lang/decision.h"
#include "lang/names.h"

/* ---- rows ---------------------------------------------------------------------------------------------------- */

void row_begin(struct session *ss, const char *event)
{
	if (!ss->json)
		return;
	ss->row = json_object();
	row_str(ss, "event", event);
}

void row_str(struct session *ss, const char *key, const char *value)
{
	if (ss->row)
		json_object_set_new(ss->row, key, json_string(value));
}

void row_num(struct session *ss, const char *key, s64 value)
{
	if (ss->row)
		json_object_set_new(ss->row, key, json_integer(value));
}

void row_bool(struct session *ss, const char *key, bool value)
{
	if (ss->row)
		json_object_set_new(ss->row, key, json_boolean(value));
}

void row_none(struct session *ss, const char *key)
{
	if (ss->row)
		json_object_set_new(ss->row, key, json_null());
}

void row_host(struct session *ss, const char *key, u8 host)
{
	const char name[2] = { host_letter(host), '\0' };

	row_str(ss, key, name);
}

static void print_object(struct session *ss)
{
	char *text = json_dumps(ss->row, JSON_COMPACT | JSON_PRESERVE_ORDER);

	if (text)
		ss->sink.line(ss->sink.ctx, text);
	free(text);
	json_decref(ss->row);
	ss->row = NULL;
}

void row_end(struct session *ss, const char *format, ...)
{
	va_list ap;

	if (ss->row) {
		print_object(ss);
		return;
	}
	va_start(ap, format);
	say_args(ss, format, ap);
	va_end(ap);
}

void row_field(struct session *ss, const char *key, const struct field *f, u64 raw, const struct field_view *view)
{
	struct buf b = BUF_INIT;

	add_field_value(&b, f, (s64)raw, view);
	if (field_is_none(f, raw))
		row_none(ss, key);
	else
		row_str(ss, key, buf_str(&b));
	buf_release(&b);
}

/* ---- the records of an action -------------------------------------------------------------------------------- */

static void row_time(struct session *ss, const struct sim *s)
{
	row_num(ss, "time_us", (s64)(s->w->now - WORLD_EPOCH));
}

/* "A%2", for records about a socket, a minisocket or a request */
static void row_object(struct session *ss, const struct sim *s, u32 off)
{
	struct field_place p;
	const void *obj = (const char *)s->w + off;
	struct buf b = BUF_INIT;
	u16 num;

	if (!off || !field_locate(s->w, off, &p))
		return;
	if (p.pool == POOL_SOCK)
		num = ((const struct sock *)obj)->num_;
	else if (p.pool == POOL_TW)
		num = ((const struct tw *)obj)->num_;
	else if (p.pool == POOL_REQ)
		num = ((const struct req *)obj)->num_;
	else
		return;
	buf_printf(&b, "%c%%%u", host_letter(p.host), num);
	row_str(ss, "socket", buf_str(&b));
	buf_release(&b);
}

static void see_call(struct session *ss, const struct sim *s, const struct trec *r)
{
	const struct task *t = (const struct task *)(const void *)((const char *)s->w + r->off);
	const struct proc *p = proc_of(s->w, t->proc);

	row_begin(ss, r->type == TREC_CALL     ? "call"
		      : r->type == TREC_RETURN ? "return"
		      : r->type == TREC_SLEEP  ? "sleep"
		      : r->type == TREC_WAKE   ? "wake"
					       : "signal");
	row_time(ss, s);
	row_host(ss, "host", r->host);
	row_num(ss, "pid", p ? p->pid : 0);
	row_num(ss, "thread", t->tid);
	row_str(ss, "call", call_name(t->nr));
	row_num(ss, "fd", t->fd);
	if (r->type == TREC_CALL) {
		row_num(ss, "arg0", t->arg[0]);
		row_num(ss, "arg1", t->arg[1]);
		row_num(ss, "arg2", t->arg[2]);
	} else if (r->type == TREC_RETURN) {
		row_num(ss, "result", (s64)r->a < 0 ? -1 : (s64)r->a);
		if ((s64)r->a < 0)
			row_str(ss, "errno", errno_name((int)-(s64)r->a));
		if (t->nr == SYS_getsockopt || t->nr == SYS_ioctl)
			row_num(ss, "value", (s32)r->b);
	} else if (r->type == TREC_SLEEP) {
		row_str(ss, "function", fn_name_at(s->w, r->host, r->id));
	} else if (r->type == TREC_SIGNAL) {
		row_str(ss, "signal", signal_name((int)r->x));
	}
	row_end(ss, "%s", "");
}

static void see_segment(struct session *ss, const struct sim *s, const struct trec *r)
{
	const struct flight *f = (const struct flight *)(const void *)((const char *)s->w + r->off);
	struct seg_origin o = session_origin(ss, s->w, f->from, &f->seg);
	char text[SEG_TEXT_MAX];

	seg_text(text, &f->seg, o, SEG_TEXT_ALL);
	row_begin(ss, r->type == TREC_SEND ? "send" : r->type == TREC_ARRIVE ? "arrive" : r->type == TREC_DROP ? "drop"
		     : "duplicate");
	row_time(ss, s);
	row_host(ss, "from", f->from);
	row_host(ss, "to", (u8)(1 - f->from));
	row_num(ss, "number", f->number);
	row_str(ss, "segment", text);
	row_num(ss, "seq", f->seg.proto == SEG_UDP ? 0 : (s32)(f->seg.seq - o.seq));
	if (f->seg.flags & TCPHDR_ACK)
		row_num(ss, "ack", (s32)(f->seg.ack - o.ack));
	row_num(ss, "len", f->seg.len);
	row_num(ss, "win", f->seg.win);
	row_num(ss, "flags", f->seg.flags);
	if (r->type == TREC_DUP)
		row_num(ss, "copy_of", (s64)r->b);
	row_bool(ss, "lost", r->type == TREC_DROP || (r->flags & TREC_LOST));
	row_end(ss, "%s", "");
}

static void see_field(struct session *ss, const struct sim *s, const struct trec *r)
{
	struct field_place p;
	struct conn c;
	struct field_view view;

	if (!field_locate(s->w, r->off, &p) || !p.field)
		return;
	c = conn_at(s->w, p.object);
	view = (struct field_view){ .now = s->w->now, .isn = conn_isn(&c), .peer_isn = conn_peer_isn(&c),
				    .absolute = ss->absolute };
	row_begin(ss, "field");
	row_host(ss, "host", p.host);
	row_object(ss, s, p.object);
	row_str(ss, "field", p.field->name);
	row_field(ss, "old", p.field, r->a, &view);
	row_field(ss, "new", p.field, r->b, &view);
	row_end(ss, "%s", "");
}

static void see_timer(struct session *ss, const struct sim *s, const struct trec *r)
{
	row_begin(ss, r->type == TREC_TIMER_ARM	   ? "timer_armed"
		      : r->type == TREC_TIMER_STOP ? "timer_stopped"
						   : "timer_fires");
	row_time(ss, s);
	row_host(ss, "host", r->host);
	row_object(ss, s, r->off);
	row_str(ss, "timer", timer_name((int)r->x));
	if (r->x == TMR_RETRANSMIT && r->type != TREC_TIMER_STOP)
		row_str(ss, "role", role_name((int)r->b));
	if (r->type == TREC_TIMER_ARM)
		row_num(ss, "expires_us", (s64)(r->a - WORLD_EPOCH));
	row_end(ss, "%s", "");
}

static void see_decision(struct session *ss, const struct sim *s, const struct trec *r)
{
	const struct decision_info *d = &decision_info[r->id];
	json_t *values;

	row_begin(ss, "decision");
	row_host(ss, "host", r->host);
	row_str(ss, "function", fn_name_at(s->w, r->host, d->fn));
	row_str(ss, "decision", d->name);
	row_bool(ss, "holds", r->x != 0);
	row_str(ss, "why", r->x ? d->yes : d->no);
	values = json_object();
	if (d->value1)
		json_object_set_new(values, d->value1, json_integer((s64)r->a));
	if (d->value2)
		json_object_set_new(values, d->value2, json_integer((s64)r->b));
	json_object_set_new(ss->row, "values", values);
	row_end(ss, "%s", "");
}

static void see_life(struct session *ss, const struct sim *s, const struct trec *r)
{
	if (r->id != POOL_SOCK && r->id != POOL_TW && r->id != POOL_REQ)
		return;
	row_begin(ss, r->type == TREC_ALLOC ? "made" : "freed");
	row_host(ss, "host", r->host);
	row_str(ss, "object", r->id == POOL_SOCK ? "socket" : r->id == POOL_TW ? "minisocket" : "request");
	if (r->type == TREC_FREE)
		row_object(ss, s, r->off);
	row_end(ss, "%s", "");
}

static void see_state(struct session *ss, const struct sim *s, const struct trec *r)
{
	row_begin(ss, "state");
	row_time(ss, s);
	row_host(ss, "host", r->host);
	row_object(ss, s, r->off);
	row_str(ss, "old", state_name((u8)r->a));
	row_str(ss, "new", state_name((u8)r->b));
	row_end(ss, "%s", "");
}

static void see_small(struct session *ss, const struct sim *s, const struct trec *r)
{
	if (r->type == TREC_TIME) {
		row_begin(ss, "time");
		row_time(ss, s);
	} else if (r->type == TREC_MIB) {
		row_begin(ss, "counter");
		row_host(ss, "host", r->host);
		row_str(ss, "counter", mib_info[r->id].name);
		row_num(ss, "value", (s64)r->a);
		row_num(ss, "change", (s64)r->b);
	} else if (r->type == TREC_NEW_MAIN) {
		row_begin(ss, "main");
		row_host(ss, "host", r->host);
		row_num(ss, "socket", (s64)r->a);
	} else {
		row_begin(ss, "fault");
		row_host(ss, "host", r->host);
		row_str(ss, "fault", fault_name(r->id));
	}
	row_end(ss, "%s", "");
}

void json_see(void *ctx, const struct sim *s, const struct trec *r)
{
	struct session *ss = ctx;

	switch ((enum trec_type)r->type) {
	case TREC_CALL:
	case TREC_RETURN:
	case TREC_SLEEP:
	case TREC_WAKE:
	case TREC_SIGNAL:
		see_call(ss, s, r);
		break;
	case TREC_SEND:
	case TREC_ARRIVE:
	case TREC_DROP:
	case TREC_DUP:
		see_segment(ss, s, r);
		break;
	case TREC_FIELD:
		see_field(ss, s, r);
		break;
	case TREC_TIMER_ARM:
	case TREC_TIMER_STOP:
	case TREC_TIMER_FIRE:
		see_timer(ss, s, r);
		break;
	case TREC_DECISION:
		see_decision(ss, s, r);
		break;
	case TREC_ALLOC:
	case TREC_FREE:
		see_life(ss, s, r);
		break;
	case TREC_STATE:
		see_state(ss, s, r);
		break;
	case TREC_TIME:
	case TREC_MIB:
	case TREC_NEW_MAIN:
	case TREC_FAULT:
		see_small(ss, s, r);
		break;
	case TREC_ENTER:
	case TREC_LEAVE:
	case TREC_PROFILE:
	case TREC_SYSCTL:
		break;
	}
}
