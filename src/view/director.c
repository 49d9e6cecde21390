/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/director.h"

#include <stdlib.h>

#include "base/buf.h"

/* How long a moment is shown, and all of a command together, at normal speed. */
#define TRAVEL_US 450000u
#define PAUSE_US 160000u
#define ALL_US 2500000u

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

/* The segment that an action ends the way of, in the world before it; 0: none. */
static u32 travelling(const struct director *d, const struct world *w, const struct action *a)
{
	struct event ev;

	if (d->reduced)
		return 0;
	if (a->kind == ACT_DELIVER || a->kind == ACT_DROP)
		return a->a;
	if (a->kind == ACT_FIRE && sim_next_event(w, &ev) && ev.kind == TMR_ARRIVAL)
		return ((const struct flight *)(const void *)((const char *)w + ev.off))->number;
	return 0;
}

/* What the present moment brings to the stage. */
static void set_scene(struct director *d, const struct tape *t)
{
	const struct action *a = &tape_moment(t, d->moment[d->at])->action;

	d->us = 0;
	d->phase = 0;
	d->travelling = travelling(d, d->stage, a);
	d->breaks = a->kind == ACT_DROP;
	d->length = d->travelling ? TRAVEL_US : PAUSE_US;
}

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
	struct err err;

	director_finish(d);
	if (!d->speed || !find_way(d, t, from, tape_now(t)) || tape_world_at(t, from, d->stage, &err) != ST_OK) {
		d->n = 0;
		return;
	}
	set_scene(d, t);
}

/* Time runs faster where there is much to be shown. */
static u64 scaled(const struct director *d, const struct tape *t, u64 us)
{
	u64 all = 0;

	for (u32 i = 0; i < d->n; i++) {
		u8 kind = tape_moment(t, d->moment[i])->action.kind;

		/* what fires may be an arrival: nobody knows before it is its turn */
		all += kind == ACT_DELIVER || kind == ACT_DROP || kind == ACT_FIRE ? TRAVEL_US : PAUSE_US;
	}
	us = us * d->speed / SPEED_NORMAL;
	return all > ALL_US ? us * all / ALL_US : us;
}

void director_tick(struct director *d, struct tape *t, u64 us)
{
	u64 left = director_plays(d) ? scaled(d, t, us) : 0;
	struct err err;

	while (director_plays(d)) {
		if (d->us + left < d->length) {
			d->us += left;
			d->phase = (u32)(d->us * 1000 / d->length);
			return;
		}
		left -= d->length - d->us;
		if (tape_world_at(t, d->moment[d->at], d->stage, &err) != ST_OK) {
			director_finish(d);
			return;
		}
		d->at++;
		d->us = 0;
		if (director_plays(d))
			set_scene(d, t);
	}
}

void director_finish(struct director *d)
{
	d->n = 0;
	d->at = 0;
	d->travelling = 0;
}
