/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock: only these commands move it (and, in `net auto`, whatever is on its way). */
#include <string.h>

#include "lang/names.h"
#include "lang/rows.h"
#include "lang/session.h"

#define LIMIT_DEFAULT (600ull * 1000000)

static enum status fire(struct session *ss, struct err *err)
{
	const struct action act = { .kind = ACT_FIRE, .fd = -1 };

	return session_act(ss, &act, NULL, 0, err);
}

static enum status advance(struct session *ss, u64 to, struct err *err)
{
	const struct action act = { .kind = ACT_ADVANCE, .fd = -1, .t = to };

	return session_world(ss)->now == to ? ST_OK : session_act(ss, &act, NULL, 0, err);
}

static enum status too_many(struct err *err)
{
	return err_set(err, ST_WRONG, "%u events and no end in sight", EVENTS_LIMIT);
}

static void tell_time(struct session *ss, const char *why)
{
	struct buf b = BUF_INIT;
	u64 now = session_world(ss)->now - WORLD_EPOCH;

	if (ss->quiet)
		return;
	add_clock(&b, now);
	row_begin(ss, "stopped");
	row_num(ss, "time_us", (s64)now);
	row_str(ss, "why", why);
	row_end(ss, "%s  %s", buf_str(&b), why);
	buf_release(&b);
}

/* Whether anything will happen by itself; timers that have lost their role do not count. */
static bool anything_due(const struct world *w)
{
	struct event ev[64];
	size_t n = sim_events(w, ev, ARRAY_LEN(ev));

	if (n > ARRAY_LEN(ev))
		return true;
	for (size_t i = 0; i < n; i++)
		if (!event_is_idle(w, &ev[i]))
			return true;
	return false;
}

/* ---- tick ---------------------------------------------------------------------------------------------------- */

/* Everything that is due up to `to`, then the clock stands there. */
static enum status pass_time(struct session *ss, u64 to, struct err *err)
{
	struct event ev;
	u32 fired = 0;

	for (; sim_next_event(session_world(ss), &ev) && ev.when <= to; fired++) {
		enum status st = fired < EVENTS_LIMIT ? fire(ss, err) : too_many(err);

		if (st != ST_OK)
			return st;
	}
	if (!fired && session_world(ss)->now == to)
		tell_time(ss, "nothing is due");
	return advance(ss, to, err);
}

static enum status tick_timer(struct session *ss, struct err *err)
{
	struct event ev;

	for (u32 i = 0; anything_due(session_world(ss)) && sim_next_event(session_world(ss), &ev); i++) {
		bool idle = ev.kind == TMR_ARRIVAL || event_is_idle(session_world(ss), &ev);
		enum status st = i < EVENTS_LIMIT ? fire(ss, err) : too_many(err);

		if (st != ST_OK || !idle)
			return st;
	}
	tell_time(ss, "no timer is armed");
	return ST_OK;
}

static enum status cmd_tick(struct session *ss, struct args *a, struct err *err)
{
	u64 us;

	if (args_peek(a) && args_try_keyword(a, "timer"))
		return args_end(a, err) == ST_OK ? tick_timer(ss, err) : ST_WRONG;
	if (args_duration(a, &us, err) != ST_OK || args_end(a, err) != ST_OK)
		return ST_WRONG;
	return pass_time(ss, session_world(ss)->now + us, err);
}

/* ---- expire -------------------------------------------------------------------------------------------------- */

static const char *const timers[] = { "retransmit", "delack", "keepalive", "tw", "rsk", NULL };
static const u8 timer_kinds[] = { TMR_RETRANSMIT, TMR_DELACK, TMR_KEEPALIVE, TMR_TW, TMR_RSK };

/* "A.retransmit", "retransmit", "A%2.rsk", "A.timer.tw" */
static enum status read_timer(struct args *a, struct endpoint *ep, int *which, struct err *err)
{
	const char *word = args_peek(a);
	size_t n;

	if (!word)
		return err_set(err, ST_WRONG, "a timer is missing: expire A.retransmit, for example");
	n = endpoint_scan(word, ep);
	if (n && word[n] == '.')
		word += n + 1;
	else
		*ep = *a->focus;
	if (strncmp(word, "timer.", 6) == 0)
		word += 6;
	for (*which = 0; timers[*which]; (*which)++)
		if (strcmp(timers[*which], word) == 0)
			break;
	if (!timers[*which])
		return err_set(err, ST_WRONG,
			       "`%s` is no timer: retransmit, delack, keepalive, tw or rsk (`timers` lists those that "
			       "are armed)",
			       args_peek(a));
	a->next++;
	buf_putc(&a->canon, ' ');
	add_endpoint(&a->canon, ep);
	buf_printf(&a->canon, ".%s", word);
	return ST_OK;
}

/* Offset of the object that has the timer armed, 0: there is none. */
static u32 armed_object(const struct world *w, const struct endpoint *ep, u8 kind)
{
	struct conn c = conn_of(w, ep);
	const void *obj = kind == TMR_TW    ? (const void *)c.tw
			  : kind == TMR_RSK ? (const void *)c.req
					    : (const void *)c.sk;

	return conn_timer(&c, kind) ? (u32)((const char *)obj - (const char *)w) : 0;
}

static enum status cmd_expire(struct session *ss, struct args *a, struct err *err)
{
	struct endpoint ep = *a->focus;
	struct event ev;
	int which = 0;
	u8 kind;
	u32 off;

	if (read_timer(a, &ep, &which, err) != ST_OK || args_end(a, err) != ST_OK)
		return ST_WRONG;
	kind = timer_kinds[which];
	off = armed_object(session_world(ss), &ep, kind);
	if (!off)
		return err_set(err, ST_WRONG, "%c's %s timer is not armed (`timers` lists those that are)",
			       host_letter(ep.host), timers[which]);
	for (u32 i = 0; sim_next_event(session_world(ss), &ev); i++) {
		enum status st = i < EVENTS_LIMIT ? fire(ss, err) : too_many(err);

		if (st != ST_OK || (ev.off == off && ev.kind == kind))
			return st;
		if (armed_object(session_world(ss), &ep, kind) != off) {
			tell_time(ss, "the timer was stopped before it fired");
			return ST_OK;
		}
	}
	return ST_OK;
}

/* ---- run and until ------------------------------------------------------------------------------------------- */

static const struct flight *oldest_waiting(const struct world *w)
{
	const struct flight *found = NULL;

	for (u16 i = 0; i < w->pool[POOL_FLIGHT].high; i++) {
		const struct flight *f = &w->flight[i];

		if (f->live && f->where == FLIGHT_WIRE && f->due == FOREVER && (!found || f->order < found->order))
			found = f;
	}
	return found;
}

enum step { STEP_DONE, STEP_NOTHING, STEP_LIMIT, STEP_ERROR };

/* One thing happens: what waits on the wire arrives, or time goes to the next event. */
static enum step one_step(struct session *ss, u64 limit, struct err *err)
{
	const struct flight *f = oldest_waiting(session_world(ss));
	struct event ev;

	if (f) {
		const struct action act = { .kind = ACT_DELIVER, .host = (u8)(1 - f->from), .fd = -1, .a = f->number };

		return session_act(ss, &act, NULL, 0, err) == ST_OK ? STEP_DONE : STEP_ERROR;
	}
	if (!anything_due(session_world(ss)) || !sim_next_event(session_world(ss), &ev))
		return STEP_NOTHING;
	if (ev.when > limit) {
		/* that the limit is reached is told with the time */
		const bool quiet = ss->quiet;
		enum status st;

		ss->quiet = true;
		st = advance(ss, limit, err);
		ss->quiet = quiet;
		return st == ST_OK ? STEP_LIMIT : STEP_ERROR;
	}
	return fire(ss, err) == ST_OK ? STEP_DONE : STEP_ERROR;
}

static enum status read_limit(struct session *ss, struct args *a, u64 *limit, struct err *err)
{
	u64 us = LIMIT_DEFAULT;

	if (args_peek(a) && args_duration(a, &us, err) != ST_OK)
		return ST_WRONG;
	*limit = session_world(ss)->now + us;
	return args_end(a, err);
}

static bool anyone_asleep(const struct world *w)
{
	for (u16 i = 0; i < w->pool[POOL_TASK].high; i++)
		if (w->task[i].live && w->task[i].asleep)
			return true;
	return false;
}

static enum status cmd_run(struct session *ss, struct args *a, struct err *err)
{
	u64 limit;

	if (read_limit(ss, a, &limit, err) != ST_OK)
		return ST_WRONG;
	for (u32 i = 0; i < EVENTS_LIMIT; i++) {
		switch (one_step(ss, limit, err)) {
		case STEP_DONE:
			break;
		case STEP_NOTHING:
			tell_time(ss, anyone_asleep(session_world(ss))
					      ? "nothing is in flight and no timer is armed; a call sleeps without end"
					      : "nothing is in flight and no timer is armed");
			return ST_OK;
		case STEP_LIMIT:
			tell_time(ss, "the limit is reached");
			return ST_OK;
		case STEP_ERROR:
			return ST_WRONG;
		}
	}
	return too_many(err);
}

static enum status not_reached(struct session *ss, const struct expr *e, const char *why, struct err *err)
{
	struct expr_env env = session_env(ss);
	struct buf b = BUF_INIT;
	struct buf text = BUF_INIT;

	add_expr_leaves(&b, e, &env);
	add_expr_text(&text, e);
	err_set(err, ST_FAILED, "until %s: %s, and %s", buf_str(&text), why, b.len ? buf_str(&b) : "it never holds");
	buf_release(&b);
	buf_release(&text);
	return ST_FAILED;
}

static enum status go_until(struct session *ss, const struct expr *e, u64 limit, struct err *err)
{
	struct expr_env env;
	struct value v;

	for (u32 i = 0; i < EVENTS_LIMIT; i++) {
		env = session_env(ss);
		v = expr_eval(e, &env);
		if (value_true(&v))
			return ST_OK;
		switch (one_step(ss, limit, err)) {
		case STEP_DONE:
			break;
		case STEP_NOTHING:
			return not_reached(ss, e, "nothing is in flight and no timer is armed", err);
		case STEP_LIMIT:
			return not_reached(ss, e, "the limit is reached", err);
		case STEP_ERROR:
			return ST_WRONG;
		}
	}
	return too_many(err);
}

static enum status cmd_until(struct session *ss, struct args *a, struct err *err)
{
	struct expr *e = args_expr(a, err);
	enum status st;
	u64 limit;

	if (!e)
		return ST_WRONG;
	st = read_limit(ss, a, &limit, err);
	if (st == ST_OK) {
		u64 us = limit - session_world(ss)->now;

		st = go_until(ss, e, limit, err);
		if (st == ST_FAILED) {
			/* what has happened stays, but it is no claim any more: a saved session must not fail here */
			buf_clear(&a->canon);
			buf_puts(&a->canon, "run ");
			add_duration(&a->canon, us);
		}
	}
	expr_free(e);
	return st;
}

static const struct cmd rows[] = {
	{
		.verb = "tick", .letter = 't',
		.syntax = "DURATION | timer",
		.help = "Lets that much time pass, or as much as it takes until a timer has fired. Segments stay "
			"in flight, but delayed ones arrive.",
		.takes = "timer 200ms 1s 60s",
		.run = cmd_tick, .flags = CMD_ACTS | CMD_CLOCK,
	},
	{
		.verb = "expire",
		.syntax = "[A.]retransmit|delack|keepalive|tw|rsk",
		.help = "Lets time pass until that timer fires.",
		.takes = "<timer>",
		.run = cmd_expire, .flags = CMD_ACTS | CMD_CLOCK,
	},
	{
		.verb = "run", .letter = 'r',
		.syntax = "[LIMIT]",
		.help = "Lets everything happen: what is in flight arrives, then time goes to the next event, "
			"until nothing is left or the limit (10min) is reached.",
		.takes = "10s 1min",
		.run = cmd_run, .flags = CMD_ACTS | CMD_CLOCK,
	},
	{
		.verb = "until",
		.syntax = "EXPR [LIMIT]",
		.help = "The same until the expression holds; it is an error when it does not come to hold.",
		.takes = "<expr>",
		.run = cmd_until, .flags = CMD_ACTS | CMD_EXPR | CMD_CLOCK,
	},
};

const struct cmd_table cmds_time = { "Time", rows, ARRAY_LEN(rows) };
