/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lesson/goal.h"

#include <string.h>

#include "engine/encode.h"

/* What a replay of the step sees. */
struct watch {
	const struct block *goal;
	struct goal_look *look;
	const struct tape *tape;
	u32 since;
	u32 before[NR_FN];	     /* calls until the step began */
	u32 called[NR_FN][NR_HOSTS]; /* since the scenario did */
	bool begun;
};

static void see(void *ctx, const struct sim *s, const struct trec *r)
{
	struct watch *w = ctx;

	(void)s;
	if (r->type == TREC_ENTER && !(r->flags & TREC_RESUMED))
		w->called[r->id][r->host < NR_HOSTS ? r->host : 0]++;
}

static u32 calls_so_far(void *ctx, u16 fn, int host)
{
	const struct watch *w = ctx;

	return host < 0 ? w->called[fn][0] + w->called[fn][1] : w->called[fn][host];
}

/* A moment of the step: is something so that must never be? */
static void look_at_moment(struct watch *w, const struct world *world)
{
	const struct expr_env env = { .w = world, .called = calls_so_far, .ctx = w };

	for (size_t i = 0; i < w->goal->n; i++) {
		const struct goal_line *g = &w->goal->goal[i];
		struct value v;

		if (g->kind != GOAL_NEVER)
			continue;
		v = expr_eval(g->e, &env);
		if (value_true(&v))
			w->look->mark[i] = MARK_BROKEN;
	}
}

static void begin(struct watch *w)
{
	w->begun = true;
	for (u16 fn = 0; fn < NR_FN; fn++)
		w->before[fn] = w->called[fn][0] + w->called[fn][1];
}

static void on_moment(void *ctx, u32 moment, const struct world *before)
{
	struct watch *w = ctx;

	if (tape_moment(w->tape, moment)->parent == w->since)
		begin(w);
	if (w->begun)
		look_at_moment(w, before);
}

/* The commands between two moments of one line. */
static u32 commands_since(const struct tape *t, u32 since)
{
	u32 n = 0;

	for (u32 p = tape_point_now(t); !tape_leads_to(t, tape_point(t, p)->moment, since); p = tape_point(t, p)->parent)
		n++;
	return n;
}

static u8 mark_of(const struct watch *w, size_t i, const struct expr_env *now)
{
	const struct goal_line *g = &w->goal->goal[i];
	struct value v;

	switch ((enum goal_kind)g->kind) {
	case GOAL_HOLDS:
		v = expr_eval(g->e, now);
		return value_true(&v) ? MARK_MET : MARK_NOT_YET;
	case GOAL_CALLS:
		return w->called[g->fn][0] + w->called[g->fn][1] > w->before[g->fn] ? MARK_MET : MARK_NOT_YET;
	case GOAL_WITHIN:
		return w->look->commands <= g->n ? MARK_KEPT : MARK_BROKEN;
	case GOAL_NEVER:
	case GOAL_PAR:
		break;
	}
	return w->look->mark[i];
}

enum status goal_look(const struct block *goal, struct session *ss, u32 since, struct goal_look *out, struct err *err)
{
	struct watch w = { .goal = goal, .look = out, .tape = ss->tape, .since = since };
	const struct observer obs = { .see = see, .ctx = &w };
	const u32 now = tape_now(ss->tape);
	struct expr_env env = session_env(ss);
	u32 start = tape_scenario_start(ss->tape, now);
	enum status st;

	*out = (struct goal_look){ .met = true };
	for (size_t i = 0; i < goal->n; i++)
		if (goal->goal[i].kind == GOAL_NEVER || goal->goal[i].kind == GOAL_PAR)
			out->mark[i] = MARK_KEPT;
	if (!tape_leads_to(ss->tape, since, now) || start != tape_scenario_start(ss->tape, since)) {
		*out = (struct goal_look){ .elsewhere = true };
		return ST_OK;
	}
	out->commands = commands_since(ss->tape, since);
	st = tape_replay(ss->tape, start, now, &obs, on_moment, &w, err);
	if (st != ST_OK)
		return st;
	if (!w.begun)
		begin(&w);
	look_at_moment(&w, session_world(ss));
	for (size_t i = 0; i < goal->n; i++) {
		out->mark[i] = mark_of(&w, i, &env);
		out->met &= out->mark[i] == MARK_MET || out->mark[i] == MARK_KEPT;
		out->broken |= out->mark[i] == MARK_BROKEN;
	}
	return ST_OK;
}

const char *mark_name(u8 mark)
{
	static const char *const names[] = { "not yet", "met", "kept", "broken" };

	return names[mark];
}

u32 goal_par(const struct block *goal)
{
	for (size_t i = 0; i < goal->n; i++)
		if (goal->goal[i].kind == GOAL_PAR)
			return goal->goal[i].n;
	return 0;
}

/* ---- endings --------------------------------------------------------------------------------------------------- */

static void add_way(struct buf *b, const struct tape *t, u32 point, u32 since)
{
	const struct point *p = tape_point(t, point);

	if (tape_leads_to(t, p->moment, since))
		return;
	add_way(b, t, p->parent, since);
	buf_printf(b, "%s\n", p->command);
}

void ending_init(struct ending *e, const struct session *ss, u32 since, const struct goal_look *look)
{
	const struct world *w = session_world(ss);
	char *room;

	*e = (struct ending){ .world = BUF_INIT, .way = BUF_INIT };
	memcpy(e->mark, look->mark, sizeof(e->mark));
	room = buf_reserve(&e->world, ENCODE_MAX);
	e->world.len += world_encode(w, (u8 *)room);
	/* what went over the wire last tells a goodbye from an abort when nothing else is left of either */
	for (int h = 0; h < NR_HOSTS; h++) {
		const u8 flags[] = { (u8)w->link.last[h].flags };

		buf_add(&e->world, flags, sizeof(flags));
	}
	buf_putc(&e->way, '\n');
	add_way(&e->way, ss->tape, tape_point_now(ss->tape), since);
}

void ending_measure(struct ending *e, const struct block *goal, struct session *ss, u32 since)
{
	const struct tape *t = ss->tape;

	for (u32 p = tape_point_now(t); !e->too_few && !tape_leads_to(t, tape_point(t, p)->moment, since);) {
		struct goal_look look;
		struct ending here;
		struct err err;

		p = tape_point(t, p)->parent;
		if (tape_goto_point(ss->tape, p, &err) != ST_OK || goal_look(goal, ss, since, &look, &err) != ST_OK)
			return;
		ending_init(&here, ss, since, &look);
		if (ending_same(e, &here))
			e->too_few = look.commands;
		ending_release(&here);
	}
}

void ending_release(struct ending *e)
{
	buf_release(&e->world);
	buf_release(&e->way);
}

bool ending_same(const struct ending *a, const struct ending *b)
{
	return a->world.len && a->world.len == b->world.len && memcmp(a->world.data, b->world.data, a->world.len) == 0 &&
	       memcmp(a->mark, b->mark, sizeof(a->mark)) == 0;
}

u32 ending_shared(const struct ending *a, const struct ending *b)
{
	struct buf line = BUF_INIT;
	u32 n = 0;

	for (const char *way = buf_str(&a->way) + 1; *way;) {
		const size_t len = strcspn(way, "\n") + 1;

		buf_clear(&line);
		buf_putc(&line, '\n');
		buf_add(&line, way, len);
		n += strstr(buf_str(&b->way), buf_str(&line)) != NULL;
		way += len;
	}
	buf_release(&line);
	return n;
}
