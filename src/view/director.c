/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/director.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/buf.h"

/* How long beats are shown at normal speed, and the changes of one moment, and a command altogether. */
#define TRAVEL_US 450000u
#define CLOCK_US 300000u
#define LEAVE_US 220000u
#define PAUSE_US 160000u
#define RUN_US 80000u
#define RUNS_US 640000u
#define ALL_US 2500000u
/* Of commands with more moments than this each is shown as a whole. */
#define DETAILED 24u

void director_init(struct director *d)
{
	*d = (struct director){ .speed = SPEED_NORMAL };
	d->stage = xcalloc(1, sizeof(*d->stage));
}

void director_release(struct director *d)
{
	free(d->stage);
	free(d->moment);
}

/* ---- the beats of a moment ----------------------------------------------------------------------------------- */

static bool detailed(const struct director *d)
{
	return !d->reduced && d->n <= DETAILED;
}

/* A moment as it is being read, record by record. */
struct reading {
	struct director *d;
	u32 records;
	u16 fn[64]; /* the open functions, by depth */
};

static void add_beat(struct director *d, const struct beat *b)
{
	struct beat *last = d->beats ? &d->beat[d->beats - 1] : NULL;

	/* what the same function does next belongs to the same beat; so does all that finds no room */
	if (last && ((last->kind == BEAT_RUN && b->kind == BEAT_RUN && last->fn == b->fn) || d->beats == BEATS_MAX))
		last->record = b->record;
	else
		d->beat[d->beats++] = *b;
}

/* Fields that the panes of the hosts show. */
static bool is_shown(u32 off)
{
	static const u16 shown[] = {
#define M(member) (u16)offsetof(struct sock, member)
		M(sk_shutdown), M(sk_err), M(snd_una), M(snd_nxt), M(write_seq), M(rcv_nxt), M(copied_seq), M(snd_wnd),
		M(rcv_wnd), M(snd_cwnd), M(sk_flags), M(sk_ack_backlog), M(syn_qlen_), M(sk_receive_queue.qlen),
		M(out_of_order_queue.qlen), M(tcp_rtx_queue.qlen), M(sk_write_queue.qlen), M(sk_backlog.qlen),
#undef M
	};
	const u32 from = (u32)offsetof(struct world, sock);

	if (off < from || off >= from + MAX_SOCK * (u32)sizeof(struct sock))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(shown); i++)
		if ((off - from) % (u32)sizeof(struct sock) == shown[i])
			return true;
	return false;
}

static bool changes_something(const struct trec *r)
{
	switch ((enum trec_type)r->type) {
	case TREC_FIELD:
		return is_shown(r->off);
	case TREC_ALLOC:
	case TREC_FREE:
		return r->id == POOL_SOCK || r->id == POOL_TW || r->id == POOL_REQ;
	case TREC_TIMER_ARM:
	case TREC_TIMER_STOP:
	case TREC_TIMER_FIRE:
	case TREC_STATE:
	case TREC_SLEEP:
	case TREC_WAKE:
	case TREC_CALL:
	case TREC_RETURN:
	case TREC_NEW_MAIN:
		return true;
	default:
		return false;
	}
}

static bool on_wire(const struct world *w, u32 number)
{
	for (u16 i = 0; i < w->pool[POOL_FLIGHT].high; i++)
		if (w->flight[i].live && w->flight[i].where == FLIGHT_WIRE && w->flight[i].number == number)
			return true;
	return false;
}

/* The beat that shows a segment's record; none (BEAT_PAUSE) of one that was never on the wire. */
static struct beat segment_beat(const struct director *d, const struct trec *r, struct beat b)
{
	if (r->type == TREC_SEND || r->type == TREC_DUP) {
		b.kind = r->flags & TREC_LOST ? BEAT_BREAK : r->type == TREC_DUP ? BEAT_FORK : BEAT_LEAVE;
		b.us = b.kind == BEAT_BREAK ? TRAVEL_US : LEAVE_US;
	} else if (on_wire(d->stage, b.number)) {
		b.kind = r->type == TREC_DROP && !d->taken ? BEAT_BREAK : BEAT_TRAVEL;
		b.us = TRAVEL_US;
		b.record = 0; /* it is on its way before all that */
	}
	return b;
}

static void see(void *ctx, const struct sim *s, const struct trec *r)
{
	struct reading *rd = ctx;
	struct director *d = rd->d;
	struct beat b = { .record = ++rd->records, .fn = rd->fn[r->depth % ARRAY_LEN(rd->fn)], .number = (u32)r->a };

	(void)s;
	if (r->type == TREC_ENTER)
		rd->fn[r->depth % ARRAY_LEN(rd->fn)] = r->id;
	if (r->type == TREC_TIME)
		d->end = r->b;
	if (changes_something(r))
		b.kind = BEAT_RUN;
	else if (r->type == TREC_ARRIVE || r->type == TREC_DROP || r->type == TREC_SEND || r->type == TREC_DUP)
		b = segment_beat(d, r, b);
	if (b.kind == BEAT_PAUSE)
		return;
	/* a moment is about one segment's arrival at most, and that comes first */
	if (!b.record && d->beats)
		return;
	add_beat(d, &b);
}

/* Time that goes by has a beat of its own, unless a segment travels meanwhile. */
static void put_clock_first(struct director *d)
{
	if (d->end <= d->begin || d->beats == BEATS_MAX || (d->beats && !d->beat[0].record))
		return;
	for (u32 i = d->beats++; i > 0; i--)
		d->beat[i] = d->beat[i - 1];
	d->beat[0] = (struct beat){ .kind = BEAT_CLOCK, .us = CLOCK_US };
}

static void time_runs(struct director *d)
{
	u32 runs = 0;

	for (u32 i = 0; i < d->beats; i++)
		runs += d->beat[i].kind == BEAT_RUN;
	for (u32 i = 0; i < d->beats; i++)
		if (d->beat[i].kind == BEAT_RUN)
			d->beat[i].us = RUNS_US / runs < RUN_US ? RUNS_US / runs : RUN_US;
}

/* What its action alone tells of a moment. */
static struct beat beat_of_action(const struct director *d, const struct action *a)
{
	struct beat b = { .kind = BEAT_PAUSE, .us = PAUSE_US };
	struct event ev;

	if (d->reduced)
		return b;
	if (a->kind == ACT_DELIVER || a->kind == ACT_DROP)
		b = (struct beat){ .kind = a->kind == ACT_DROP && !d->taken ? BEAT_BREAK : BEAT_TRAVEL, .us = TRAVEL_US, .number = a->a };
	else if (a->kind == ACT_FIRE && sim_next_event(d->stage, &ev) && ev.kind == TMR_ARRIVAL)
		b = (struct beat){ .kind = BEAT_TRAVEL, .us = PAUSE_US,
				   .number = ((const struct flight *)(const void *)((const char *)d->stage + ev.off))->number };
	return b;
}

/* ---- the stage ----------------------------------------------------------------------------------------------- */

/* Waits for one record and keeps the world that it belongs to. */
struct waiting {
	struct world *stage;
	u32 records;
	u32 wanted;
};

static void see_wanted(void *ctx, const struct sim *s, const struct trec *r)
{
	struct waiting *w = ctx;

	(void)r;
	if (++w->records == w->wanted)
		world_copy(w->stage, s->w);
}

/* The world of the present beat comes onto the stage. */
static enum status set_stage(struct director *d, struct tape *t)
{
	const u32 moment = d->moment[d->at], parent = tape_moment(t, moment)->parent;
	const struct beat *b = &d->beat[d->beat_at];
	struct waiting w = { .stage = d->stage, .wanted = b->record };
	const struct observer obs = { .see = see_wanted, .ctx = &w };
	struct err err;

	d->us = 0;
	d->phase = 0;
	d->turn++;
	if (!b->record)
		return tape_world_at(t, parent, d->stage, &err);
	return tape_replay(t, parent, moment, &obs, NULL, NULL, &err);
}

/* The beats of the present moment, the first of them on the stage. */
static enum status set_scene(struct director *d, struct tape *t)
{
	const u32 moment = d->moment[d->at], parent = tape_moment(t, moment)->parent;
	struct reading rd = { .d = d };
	const struct observer obs = { .see = see, .ctx = &rd };
	struct err err;

	d->beats = 0;
	d->beat_at = 0;
	if (tape_world_at(t, parent, d->stage, &err) != ST_OK)
		return ST_WRONG;
	d->begin = d->end = d->stage->now;
	d->taken = tape_moment(t, moment)->action.kind == ACT_DROP && tape_moment(t, moment)->action.b == 1;
	if (detailed(d)) {
		if (tape_replay(t, parent, moment, &obs, NULL, NULL, &err) != ST_OK)
			return ST_WRONG;
		put_clock_first(d);
		time_runs(d);
	}
	if (!d->beats)
		d->beat[d->beats++] = beat_of_action(d, &tape_moment(t, moment)->action);
	return set_stage(d, t);
}

/* ---- playing ------------------------------------------------------------------------------------------------- */

/* The way from `from` to `to`, in `d->moment`. False: there is none forward. */
static bool find_way(struct director *d, const struct tape *t, u32 from, u32 to)
{
	u32 n = 0;

	for (u32 m = to; m != from; m = tape_moment(t, m)->parent, n++)
		if (m == MOMENT_NONE || tape_moment(t, m)->parent == MOMENT_NONE ||
		    tape_moment(t, m)->action.kind == ACT_SCENARIO)
			return false;
	d->moment = xrealloc(d->moment, (n + 1) * sizeof(*d->moment));
	d->n = n;
	for (u32 m = to; n > 0; m = tape_moment(t, m)->parent)
		d->moment[--n] = m;
	return d->n > 0;
}

void director_begin(struct director *d, struct tape *t, u32 from)
{
	director_finish(d);
	if (!d->speed || !find_way(d, t, from, tape_now(t)) || set_scene(d, t) != ST_OK)
		director_finish(d);
}

/* How long a moment will take, before its beats are known. */
static u32 likely_us(const struct director *d, u8 kind)
{
	if (!detailed(d))
		return kind == ACT_DELIVER || kind == ACT_DROP ? TRAVEL_US : PAUSE_US;
	return kind == ACT_ADVANCE ? CLOCK_US : kind == ACT_DROP ? TRAVEL_US : kind == ACT_CALL ? RUNS_US : TRAVEL_US + RUNS_US;
}

/* Time runs faster where there is much to be shown. */
static u64 scaled(const struct director *d, const struct tape *t, u64 us)
{
	u64 all = 0;

	for (u32 i = 0; i < d->n; i++)
		all += likely_us(d, tape_moment(t, d->moment[i])->action.kind);
	us = us * d->speed / SPEED_NORMAL;
	return all > ALL_US ? us * all / ALL_US : us;
}

/* As far into the beat as time has come: the clock runs with it, and every timer. */
static void show_phase(struct director *d)
{
	const struct beat *b = &d->beat[d->beat_at];

	d->phase = (u32)(d->us * 1000 / b->us);
	if (b->kind != BEAT_CLOCK && b->kind != BEAT_TRAVEL)
		return;
	d->stage->now = d->begin + (d->end - d->begin) * d->phase / 1000;
	/* nobody can read what is finer at this pace */
	if (d->end - d->begin > 10000)
		d->stage->now -= d->stage->now % 1000;
	if (d->stage->now < d->begin)
		d->stage->now = d->begin;
}

/* Beats that are over by now give way to the next ones. */
static enum status next_beat(struct director *d, struct tape *t)
{
	if (++d->beat_at < d->beats)
		return set_stage(d, t);
	if (++d->at < d->n)
		return set_scene(d, t);
	director_finish(d);
	return ST_OK;
}

/* Whole moments of a command that has very many are passed over without being looked at. */
static u64 pass_over(struct director *d, const struct tape *t, u64 left)
{
	u32 skipped = 0;

	while (!detailed(d) && d->at + skipped + 1 < d->n) {
		const u32 us = likely_us(d, tape_moment(t, d->moment[d->at + skipped])->action.kind);

		if (left + d->us < us)
			break;
		left -= us - d->us;
		d->us = 0;
		skipped++;
	}
	d->at += skipped;
	return skipped ? left : UINT64_MAX;
}

void director_tick(struct director *d, struct tape *t, u64 us)
{
	u64 left = director_plays(d) ? scaled(d, t, us) : 0;
	u64 rest = director_plays(d) ? pass_over(d, t, left) : UINT64_MAX;
	enum status st = ST_OK;

	if (rest != UINT64_MAX) {
		left = rest;
		st = set_scene(d, t);
	}
	while (director_plays(d) && st == ST_OK) {
		const u64 length = d->beat[d->beat_at].us;

		if (d->us + left < length) {
			d->us += left;
			show_phase(d);
			return;
		}
		left -= length - d->us;
		st = next_beat(d, t);
	}
	if (st != ST_OK)
		director_finish(d);
}

void director_finish(struct director *d)
{
	if (d->n)
		d->turn++;
	d->n = 0;
	d->at = 0;
}
