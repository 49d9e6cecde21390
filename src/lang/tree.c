/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace and why: the last commands again, function by function, decision by decision. */
#include <string.h>

#include "engine/mib.h"
#include "lang/calls.h"
#include "lang/decision.h"
#include "lang/look.h"
#include "lang/names.h"
#include "lang/rows.h"

struct tree {
	struct session *ss;
	struct buf out;
	bool decisions_only;
	u32 decisions;
};

/* ---- parts of a line ----------------------------------------------------------------------------------------- */

static void add_object(struct buf *b, const struct world *w, const struct field_place *p)
{
	struct conn c = conn_at(w, p->object);

	if (p->pool == POOL_SKB)
		buf_puts(b, "skb");
	else if (p->pool == POOL_REQ && !c.num)
		buf_puts(b, "request"); /* its number went to the child */
	else if (c.num)
		add_conn_name(b, w, c.host, c.num);
	else
		buf_putc(b, host_letter(p->host));
}

/* What a function does stands below its name and among the functions that it calls, one step further in. */
static void indent(struct tree *t, const struct trec *r, const char *mark)
{
	buf_fill(&t->out, ' ', 2u * r->depth + (r->depth ? 4u : 2u));
	buf_puts(&t->out, mark);
}

static struct field_view view_of(const struct tree *t, const struct world *w, const struct conn *c)
{
	return (struct field_view){ .now = w->now, .isn = conn_isn(c), .peer_isn = conn_peer_isn(c),
				    .absolute = t->ss->absolute };
}

/* ---- what a function does ------------------------------------------------------------------------------------ */

static bool boring(const struct field *f)
{
	return f->kind == FK_TIMER || f->kind == FK_HANDLE || strcmp(f->name, "sk_state") == 0 ||
	       strcmp(f->name, "sk_refcnt") == 0;
}

static void field_line(struct tree *t, const struct sim *s, const struct trec *r)
{
	struct field_place p;
	struct field_view view;
	struct conn c;

	if (!field_locate(s->w, r->off, &p) || !p.field || boring(p.field))
		return;
	c = conn_at(s->w, p.object);
	view = view_of(t, s->w, &c);
	indent(t, r, "- ");
	add_object(&t->out, s->w, &p);
	buf_printf(&t->out, ".%s ", p.field->name);
	add_field_value(&t->out, p.field, (s64)r->a, &view);
	buf_puts(&t->out, " -> ");
	add_field_value(&t->out, p.field, (s64)r->b, &view);
	buf_putc(&t->out, '\n');
}

static void decision_line(struct tree *t, const struct sim *s, const struct trec *r)
{
	const struct decision_info *d = &decision_info[r->id];

	t->decisions++;
	if (t->decisions_only)
		buf_printf(&t->out, "  %c  %s: ", host_letter(r->host), fn_name_at(s->w, r->host, d->fn));
	else
		indent(t, r, "- ");
	add_decision(&t->out, r);
	buf_putc(&t->out, '\n');
}

static void segment_line(struct tree *t, const struct sim *s, const struct trec *r)
{
	static const char *const what[] = { [TREC_SEND] = "sends", [TREC_ARRIVE] = "arrives:", [TREC_DROP] = "lost:",
					    [TREC_DUP] = "copied:" };
	const struct flight *f = (const struct flight *)(const void *)((const char *)s->w + r->off);
	struct seg_origin o = session_origin(t->ss, s->w, f->from, &f->seg);
	char text[SEG_TEXT_MAX];

	seg_text(text, &f->seg, o, SEG_TEXT_WIN);
	indent(t, r, r->depth ? "- " : "");
	buf_printf(&t->out, "%s #%u %c > %c %s%s\n", what[r->type], f->number, host_letter(f->from),
		   host_letter((u8)(1 - f->from)), text, r->flags & TREC_LOST ? " (lost)" : "");
}

static void timer_line(struct tree *t, const struct sim *s, const struct trec *r)
{
	indent(t, r, r->depth ? "- " : "");
	if (r->type == TREC_TIMER_FIRE) {
		buf_printf(&t->out, "%c: the %s timer fires", host_letter(r->host), timer_name((int)r->x));
	} else if (r->type == TREC_TIMER_STOP) {
		buf_printf(&t->out, "stops the %s timer", timer_name((int)r->x));
	} else {
		buf_printf(&t->out, "arms the %s timer: ", timer_name((int)r->x));
		add_duration(&t->out, r->a > s->w->now ? r->a - s->w->now : 0);
	}
	if (r->x == TMR_RETRANSMIT && r->type != TREC_TIMER_STOP)
		buf_printf(&t->out, " (%s)", r->b ? role_name((int)r->b) : "without a role: nothing to do");
	buf_putc(&t->out, '\n');
}

static void call_line(struct tree *t, const struct sim *s, const struct trec *r)
{
	const struct task *task = (const struct task *)(const void *)((const char *)s->w + r->off);
	s64 result = (s64)r->a;

	if (r->type == TREC_SIGNAL) {
		indent(t, r, "- ");
		buf_printf(&t->out, "%s\n", signal_name((int)r->x));
		return;
	}
	if (r->type == TREC_SLEEP) {
		indent(t, r, "- ");
		buf_printf(&t->out, "sleeps in %s\n", fn_name_at(s->w, r->host, r->id));
		return;
	}
	if (r->type == TREC_WAKE) {
		indent(t, r, "- ");
		buf_printf(&t->out, "wakes %s(%d) of %c\n", call_name(task->nr), task->fd, host_letter(r->host));
		return;
	}
	buf_printf(&t->out, "  %c: %s", host_letter(r->host), call_name(task->nr));
	if (r->type == TREC_CALL)
		buf_puts(&t->out, " is called\n");
	else if (result < 0)
		buf_printf(&t->out, " returns -1 %s\n", errno_name((int)-result));
	else
		buf_printf(&t->out, " returns %lld\n", (long long)result);
}

static void life_line(struct tree *t, const struct sim *s, const struct trec *r)
{
	static const char *const name[NR_POOLS] = {
		[POOL_SOCK] = "a sock", [POOL_TW] = "a minisocket", [POOL_REQ] = "a request", [POOL_FILE] = "a file",
		[POOL_SOCKET] = "a socket inode",
	};

	(void)s;
	if (r->id >= NR_POOLS || !name[r->id])
		return;
	indent(t, r, "- ");
	buf_printf(&t->out, "%s %s\n", r->type == TREC_ALLOC ? "allocates" : "frees", name[r->id]);
}

static void small_line(struct tree *t, const struct sim *s, const struct trec *r)
{
	struct conn c;

	switch (r->type) {
	case TREC_STATE:
		indent(t, r, "- ");
		c = conn_at(s->w, r->off);
		if (c.num)
			add_conn_name(&t->out, s->w, r->host, c.num);
		else
			buf_putc(&t->out, host_letter(r->host));
		buf_printf(&t->out, ": %s -> %s\n", state_name((u8)r->a), state_name((u8)r->b));
		break;
	case TREC_MIB:
		indent(t, r, "- ");
		buf_puts(&t->out, "counts ");
		buf_puts(&t->out, mib_info[r->id].prefix);
		buf_puts(&t->out, mib_info[r->id].name);
		buf_puts(&t->out, (s64)r->b < 0 ? " down\n" : "\n");
		break;
	case TREC_FAULT:
		indent(t, r, "- ");
		buf_puts(&t->out, "the fault that was ordered strikes\n");
		break;
	default:
		buf_puts(&t->out, "  at ");
		add_clock(&t->out, r->b - WORLD_EPOCH);
		buf_putc(&t->out, '\n');
		break;
	}
}

/* ---- replaying ----------------------------------------------------------------------------------------------- */

static void enter(struct tree *t, const struct trec *r)
{
	if (t->decisions_only)
		return;
	buf_fill(&t->out, ' ', 2u * r->depth + 2u);
	buf_puts(&t->out, fn_info[r->id].name);
	buf_puts(&t->out, r->flags & TREC_RESUMED ? "  (goes on)\n" : "\n");
}

static void see(void *ctx, const struct sim *s, const struct trec *r)
{
	struct tree *t = ctx;

	if (r->type == TREC_ENTER)
		enter(t, r);
	else if (r->type == TREC_DECISION)
		decision_line(t, s, r);
	if (t->decisions_only)
		return;
	switch ((enum trec_type)r->type) {
	case TREC_FIELD:
		field_line(t, s, r);
		break;
	case TREC_SEND:
	case TREC_ARRIVE:
	case TREC_DROP:
	case TREC_DUP:
		segment_line(t, s, r);
		break;
	case TREC_TIMER_ARM:
	case TREC_TIMER_STOP:
	case TREC_TIMER_FIRE:
		timer_line(t, s, r);
		break;
	case TREC_CALL:
	case TREC_RETURN:
	case TREC_SLEEP:
	case TREC_WAKE:
	case TREC_SIGNAL:
		call_line(t, s, r);
		break;
	case TREC_ALLOC:
	case TREC_FREE:
		life_line(t, s, r);
		break;
	case TREC_STATE:
	case TREC_MIB:
	case TREC_FAULT:
	case TREC_TIME:
		small_line(t, s, r);
		break;
	case TREC_ENTER:
	case TREC_LEAVE:
	case TREC_PROFILE:
	case TREC_SYSCTL:
	case TREC_DECISION:
	case TREC_NEW_MAIN:
		break;
	}
}

/* The point at which the last `n` commands began; they do not reach back behind the scenario. */
static u32 first_point(const struct session *ss, u32 last, u32 n)
{
	u32 start = tape_scenario_start(ss->tape, tape_now(ss->tape));
	u32 at = last;

	while (n > 0 && tape_point(ss->tape, at)->moment > start && tape_point(ss->tape, at)->parent != UINT32_MAX) {
		at = tape_point(ss->tape, at)->parent;
		n--;
	}
	return at;
}

/* Replays from point `from` to its descendant `to`, one command after the other. */
static enum status replay_points(struct tree *t, u32 from, u32 to, struct err *err)
{
	const struct observer obs = { .see = see, .ctx = t };
	struct tape *tape = t->ss->tape;
	u32 parent = tape_point(tape, to)->parent;
	enum status st;

	if (to == from)
		return ST_OK;
	if (parent != from) {
		st = replay_points(t, from, parent, err);
		if (st != ST_OK)
			return st;
	}
	buf_printf(&t->out, "%s\n", tape_point(tape, to)->command);
	return tape_replay(tape, tape_point(tape, parent)->moment, tape_point(tape, to)->moment, &obs, NULL, NULL, err);
}

/* Between two points: the command that has only been gone through up to here. */
static enum status replay_begun(struct tree *t, u32 last, struct err *err)
{
	const struct observer obs = { .see = see, .ctx = t };
	const struct tape *tape = t->ss->tape;
	const u32 next = tape_point_next(tape, last);

	buf_printf(&t->out, "%s\n", next == UINT32_MAX ? "" : tape_point(tape, next)->command);
	return session_replay(t->ss, tape_point(tape, last)->moment, &obs, err);
}

static enum status last_commands(struct tree *t, u32 n, const char *event, struct err *err)
{
	struct session *ss = t->ss;
	u32 last = tape_point_now(ss->tape);
	const bool begun = ss->begun || tape_now(ss->tape) != tape_point(ss->tape, last)->moment;
	u32 from = first_point(ss, last, begun ? n - 1 : n);
	enum status st;

	if (from == last && !begun) {
		say(ss, "nothing has happened since the scenario began");
		return ST_OK;
	}
	st = replay_points(t, from, last, err);
	if (st == ST_OK && begun)
		st = replay_begun(t, last, err);
	if (st == ST_OK && t->decisions_only && !t->decisions)
		buf_puts(&t->out, begun ? "  nothing has been decided yet\n" : "  nothing was decided\n");
	if (st == ST_OK)
		say_text(ss, event, buf_str(&t->out));
	buf_release(&t->out);
	return st;
}

enum status cmd_trace(struct session *ss, struct args *a, struct err *err)
{
	struct tree t = { .ss = ss };
	s64 n = 1;

	if (args_peek(a) && args_number(a, 1, 1000, &n, "number of commands", err) != ST_OK)
		return ST_WRONG;
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	return last_commands(&t, (u32)n, "trace", err);
}

enum status cmd_why(struct session *ss, struct args *a, struct err *err)
{
	struct tree t = { .ss = ss, .decisions_only = true };

	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	return last_commands(&t, 1, "why", err);
}
