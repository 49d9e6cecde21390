/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Motion: what a command did, shown moment by moment, and within a moment beat by beat: the clock runs, the segment travels
 * and arrives or breaks, the call runs and changes one field after the other, a segment leaves. The beats come from the trace
 * of the moment; the stage is the engine's own world as it was just then. Nothing here knows a clock: whoever has one says how
 * much time has passed.
 */
#ifndef VIEW_DIRECTOR_H
#define VIEW_DIRECTOR_H

#include "tape/tape.h"

enum { SPEED_NORMAL = 100, BEATS_MAX = 32 };

enum beat_kind {
	BEAT_PAUSE, /* nothing moves: one moment follows the other */
	BEAT_CLOCK, /* time goes by */
	BEAT_TRAVEL,/* a segment is on its way, and time may go by */
	BEAT_BREAK, /* the same, but it will not arrive */
	BEAT_RUN,   /* a function has changed something */
	BEAT_LEAVE, /* a segment goes out */
	BEAT_FORK,  /* a copy of one comes into being */
};

struct beat {
	u32 us;	    /* how long it is shown at normal speed */
	u32 record; /* the stage is the world after so many trace records of the moment */
	u32 number; /* of the segment */
	u16 fn;	    /* the function that does it */
	u8 kind;    /* enum beat_kind */
	u8 pad_;
};

struct director {
	struct world *stage; /* owned: what is shown while it plays */
	u32 *moment;	     /* owned: those to be shown, in order */
	u32 n;
	u32 at;
	struct beat beat[BEATS_MAX]; /* of the present moment */
	u32 beats;
	u32 beat_at;
	u64 us;	   /* since the present beat began */
	bool taken; /* what is dropped in it goes to the peer of a script */
	u64 begin; /* the clock before the present moment, and after it */
	u64 end;
	u32 phase; /* how far the beat has come, per mille */
	u32 speed; /* per cent; 0: motion is off */
	u32 turn;  /* another one for every beat: what is drawn from the tape is stale */
	bool reduced; /* nothing travels: only the moments follow each other */
};

void director_init(struct director *d);
void director_release(struct director *d);
/* Begins to show what led from moment `from` to the present one; nothing to be shown when that is not a way forward. */
void director_begin(struct director *d, struct tape *t, u32 from);
static inline bool director_plays(const struct director *d)
{
	return d->at < d->n;
}
/* What is being shown; NULL when nothing is. */
static inline const struct beat *director_beat(const struct director *d)
{
	return director_plays(d) ? &d->beat[d->beat_at] : NULL;
}
/* So many µs have passed. */
void director_tick(struct director *d, struct tape *t, u64 us);
/* The end, at once. */
void director_finish(struct director *d);

#endif
