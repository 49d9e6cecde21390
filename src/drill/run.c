/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Playing a script: the clock, the wire, and one event after the other. */
#include "drill/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/decision.h"

/* ---- saying -------------------------------------------------------------------------------------------------------- */

struct shown run_time(const struct run *r, u64 when)
{
	const u64 us = when - r->start;
	struct shown s;

	snprintf(s.text, sizeof(s.text), "%llu.%06llu", (unsigned long long)(us / USEC_PER_SEC),
		 (unsigned long long)(us % USEC_PER_SEC));
	return s;
}

bool run_failed(struct run *r, const struct script_event *ev, const char *format, ...)
{
	va_list ap;

	buf_printf(r->text, "%s:%u: at %s s: ", r->d->file, ev->line, run_time(r, run_world(r)->now).text);
	va_start(ap, format);
	buf_vprintf(r->text, format, ap);
	va_end(ap);
	buf_putc(r->text, '\n');
	return false;
}

void run_say(struct run *r, u64 when, const char *format, ...)
{
	va_list ap;

	if (!r->options.verbose)
		return;
	buf_printf(r->text, "%12s  ", run_time(r, when).text);
	va_start(ap, format);
	buf_vprintf(r->text, format, ap);
	va_end(ap);
	buf_putc(r->text, '\n');
}

/* ---- watching ------------------------------------------------------------------------------------------------------ */

static void note_sent(struct run *r, const struct sim *s, const struct trec *rec)
{
	const struct flight *f = (const struct flight *)((const char *)s->w + rec->off);

	if (r->wire_n == r->wire_capacity) {
		r->wire_capacity = r->wire_capacity ? r->wire_capacity * 2 : 16;
		r->wire = xrealloc(r->wire, r->wire_capacity * sizeof(*r->wire));
	}
	r->wire[r->wire_n++] = (struct wire_seg){ f->seg, s->w->now, f->number, (rec->flags & TREC_MORE) != 0, r->why };
}

/* What every sending function decides by the way says little about why it was called. */
static bool says_little(u16 fn)
{
	return fn == FN___tcp_select_window || fn == FN_tcp_select_window || fn == FN_tcp_rearm_rto ||
	       fn == FN_tcp_schedule_loss_probe;
}

static void note_decision(struct run *r, const struct trec *rec)
{
	struct decisions *why = &r->why;

	if (rec->host != 0 || says_little(decision_info[rec->id].fn))
		return;
	if (why->n == DECISIONS)
		memmove(why->taken, why->taken + 1, --why->n * sizeof(why->taken[0]));
	why->taken[why->n++] = *rec;
}

void run_tell_why(struct run *r, const struct decisions *why)
{
	for (u32 i = 0; i < why->n; i++) {
		const struct trec *rec = &why->taken[i];

		buf_printf(r->text, "  %s  %s: ", i ? "       " : "because", fn_name_at(run_world(r), rec->host, decision_info[rec->id].fn));
		add_decision(r->text, rec);
		buf_putc(r->text, '\n');
	}
}

static void note_return(struct made_call *c, const struct sim *s, const struct trec *rec)
{
	c->returned = true;
	c->result = (s64)rec->a;
	c->when = s->w->now;
	c->value = (s32)rec->b;
	c->seen = *(const struct task *)(const void *)((const char *)s->w + rec->off);
}

static void see(void *ctx, const struct sim *s, const struct trec *rec)
{
	struct run *r = ctx;

	switch ((enum trec_type)rec->type) {
	case TREC_SEND:
		if (rec->host == 0)
			note_sent(r, s, rec);
		break;
	case TREC_DECISION:
		note_decision(r, rec);
		break;
	case TREC_CALL:
		if (!r->call.began) {
			r->call.began = true;
			r->call.task = rec->off;
		}
		break;
	case TREC_RETURN:
		if (r->pending_ev && !r->pending.returned && rec->off == r->pending.task)
			note_return(&r->pending, s, rec);
		else if (r->call.began && !r->call.returned && rec->off == r->call.task)
			note_return(&r->call, s, rec);
		break;
	default:
		break;
	}
}

/* ---- the clock and the wire ---------------------------------------------------------------------------------------- */

/* Nothing that A sends arrives anywhere: it is looked at, and lost. */
static bool clear_wire(struct run *r, const struct script_event *ev)
{
	for (; r->to_drop < r->wire_n; r->to_drop++) {
		const struct action drop = { .kind = ACT_DROP, .a = r->wire[r->to_drop].number, .b = 1 };

		if (tape_apply(r->t, &drop, NULL, 0, NULL, &r->err))
			return run_failed(r, ev, "%s", r->err.message);
	}
	return true;
}

bool run_act(struct run *r, const struct script_event *ev, const struct action *a, const void *payload, size_t len)
{
	err_clear(&r->err);
	r->why.n = 0;
	if (tape_apply(r->t, a, payload, len, &r->observer, &r->err))
		return run_failed(r, ev, "%s", r->err.message);
	return clear_wire(r, ev) && run_check_pending(r);
}

bool run_until(struct run *r, const struct script_event *ev, u64 when)
{
	const struct action fire = { .kind = ACT_FIRE };
	const struct action advance = { .kind = ACT_ADVANCE, .t = when };
	struct event next;

	/* at `when` itself the script comes first: real timers are always a little late */
	for (u32 n = 0; sim_next_event(run_world(r), &next) && next.when < when; n++) {
		if (n == MAX_FIRED)
			return run_failed(r, ev, "timers fire without end");
		if (!run_act(r, ev, &fire, NULL, 0))
			return false;
	}
	return run_world(r)->now >= when || run_act(r, ev, &advance, NULL, 0);
}

/* ---- the whole ----------------------------------------------------------------------------------------------------- */

static bool set_sysctls(struct run *r, size_t first, size_t n)
{
	for (size_t i = first; i < first + n; i++) {
		const struct sysctl_line *line = &r->d->sysctl[i];
		const struct script_event ev = { .line = line->line };
		const struct action a = { .kind = ACT_SYSCTL, .a = line->id, .b = (u32)line->value };

		if (!run_act(r, &ev, &a, NULL, 0))
			return false;
	}
	return true;
}

/* As nstat and grep do: what a counter gained since the last look. */
static bool look_at_counters(struct run *r, const struct script_event *ev)
{
	const struct nstat *n = &ev->nstat;
	const u32 *now = run_world(r)->host[0].mib;
	u32 gained;

	if (n->asked && n->mib >= 0) {
		gained = now[n->mib] - r->counted[n->mib];
		if (!gained || (n->count >= 0 && gained != n->count)) {
			run_failed(r, ev, "another count");
			buf_printf(r->text, n->count >= 0 ? "  expected  %s%s %lld\n" : "  expected  %s%s to have grown\n",
				   mib_info[n->mib].prefix, mib_info[n->mib].name, (long long)n->count);
			buf_printf(r->text, "  actual    %s%s %u\n", mib_info[n->mib].prefix, mib_info[n->mib].name, gained);
			return false;
		}
	}
	if (n->asked && n->updates)
		memcpy(r->counted, now, sizeof(r->counted));
	return true;
}

static bool set_device(struct run *r, const struct script_event *ev)
{
	const struct action a = { .kind = ACT_FAULT, .a = FAULT_QDISC, .b = ev->device == DEVICE_SHUTS ? FAULT_ALWAYS : 0 };

	return ev->device == DEVICE_AS_IS || run_act(r, ev, &a, NULL, 0);
}

u64 run_tolerance(const struct run *r, u64 waited)
{
	const u64 part = waited / 100 * r->d->percent;

	return part > r->options.tolerance ? part : r->options.tolerance;
}

static bool run_event(struct run *r, const struct script_event *ev)
{
	const u64 origin = ev->absolute ? r->start : r->prev;

	if (ev->absolute && origin + ev->at < r->prev)
		return run_failed(r, ev, "the time of this event, %s s, is over already", run_time(r, origin + ev->at).text);
	switch (ev->kind) {
	case EV_EXPECT:
		return run_expect(r, ev);
	case EV_INJECT:
		return run_until(r, ev, origin + ev->at) && run_inject(r, ev);
	case EV_CALL:
		return run_until(r, ev, origin + ev->at) && run_call(r, ev);
	case EV_ASSERT:
		return run_until(r, ev, origin + ev->at) && run_assert(r, ev);
	case EV_SHELL:
		return run_until(r, ev, origin + ev->at) && set_sysctls(r, ev->sysctl, ev->sysctls) && look_at_counters(r, ev) &&
		       set_device(r, ev);
	}
	return false;
}

/* "x.pkt:12 +.1 close(4) = 0": the line as it stands in the script. */
static void end_event(struct run *r, const struct script_event *ev)
{
	const char *line = r->d->text + ev->start;
	struct buf b = BUF_INIT;

	while (line > r->d->text && line[-1] != '\n')
		line--;
	line += strspn(line, " \t");
	buf_printf(&b, "%s:%u %.*s", r->d->file, ev->line, (int)strcspn(line, "\r\n"), line);
	tape_end_command(r->t, buf_str(&b));
	buf_release(&b);
}

static bool play(struct run *r)
{
	u32 moments = tape_moment_count(r->t);

	r->start = run_world(r)->now;
	r->prev = r->start;
	if (!set_sysctls(r, 0, r->d->first_sysctls))
		return false;
	for (size_t i = 0; i < r->d->n; i++) {
		if (!run_event(r, &r->d->ev[i]))
			return false;
		r->prev = run_world(r)->now;
		if (i < r->steps)
			end_event(r, &r->d->ev[i]);
		if (tape_moment_count(r->t) > moments)
			r->last_acting = i;
		moments = tape_moment_count(r->t);
	}
	return run_finish_pending(r);
}

/* In a world of two idle hosts. The first `steps` events become points; *acting gets the last one that did anything. */
static enum drill_verdict play_in(const struct drill *d, const struct drill_options *options, struct tape *t, size_t steps,
				  size_t *acting, struct buf *text)
{
	struct run *r;
	bool passed;

	if (d->skip_line) {
		buf_printf(text, "%s:%u: %s\n", d->file, d->skip_line, d->skip);
		return DRILL_SKIPPED;
	}
	r = xcalloc(1, sizeof(*r));
	*r = (struct run){ .d = d, .options = *options, .text = text, .connection_fd = -1, .t = t, .steps = steps };
	if (!r->options.tolerance)
		r->options.tolerance = d->tolerance ? d->tolerance : DRILL_TOLERANCE;
	r->observer = (struct observer){ see, r };
	passed = play(r);
	*acting = r->last_acting;
	free(r->wire);
	free(r->stamps);
	free(r);
	return passed ? DRILL_PASSED : DRILL_FAILED;
}

static enum drill_verdict play_alone(const struct drill *d, const struct drill_options *options, size_t *acting, struct buf *text)
{
	const struct action anew = { .kind = ACT_SCENARIO, .a = SCENARIO_closed, .b = options->kernels };
	struct err err = { 0 };
	struct tape *t = tape_new(SCENARIO_closed, &err);
	enum drill_verdict verdict = DRILL_FAILED;

	if (t && (!options->kernels || tape_apply(t, &anew, NULL, 0, NULL, &err) == ST_OK))
		verdict = play_in(d, options, t, 0, acting, text);
	else
		buf_printf(text, "%s: %s\n", d->file, err.message);
	tape_free(t);
	return verdict;
}

enum drill_verdict drill_run(const struct drill *d, const struct drill_options *options, struct buf *text)
{
	size_t acting;

	return play_alone(d, options, &acting, text);
}

enum drill_verdict drill_play(const struct drill *d, const struct drill_options *options, struct tape *t, struct buf *text)
{
	const struct action anew = { .kind = ACT_SCENARIO, .a = SCENARIO_closed };
	struct buf unused = BUF_INIT;
	struct err err = { 0 };
	size_t acting = 0;
	enum drill_verdict verdict = play_alone(d, options, &acting, &unused);

	buf_release(&unused);
	if (verdict != DRILL_SKIPPED && tape_apply(t, &anew, NULL, 0, NULL, &err)) {
		buf_printf(text, "%s: %s\n", d->file, err.message);
		return DRILL_FAILED;
	}
	/* of one that fails every event: what did not end is no whole */
	return play_in(d, options, t, verdict == DRILL_PASSED ? acting : SIZE_MAX, &acting, text);
}
