/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Motion: what a command did, shown moment by moment. The stage is the world of one moment of the tape; a segment that the next
 * moment delivers or drops travels meanwhile. Nothing here knows a clock: whoever has one says how much time has passed.
 */
#ifndef VIEW_DIRECTOR_H
#define VIEW_DIRECTOR_H

#include "tape/tape.h"

enum { SPEED_NORMAL = 100 };

struct director {
	struct world *stage; /* owned: what is shown while it plays */
	u32 *moment;	     /* owned: those to be shown, in order */
	u32 n;
	u32 at;
	u64 us;		/* since the present one began */
	u64 length;	/* and how many it is shown */
	u32 speed;	/* per cent; 0: motion is off */
	u32 travelling; /* number of the segment on its way, 0 none */
	u32 phase;	/* how far it has come, per mille */
	bool breaks;	/* it will not arrive */
	bool reduced;	/* nothing travels: only the moments follow each other */
};

void director_init(struct director *d);
void director_release(struct director *d);
/* Begins to show what led from moment `from` to the present one; nothing to be shown when that is not a way forward. */
void director_begin(struct director *d, struct tape *t, u32 from);
static inline bool director_plays(const struct director *d)
{
	return d->at < d->n;
}
/* So many µs have passed. */
void director_tick(struct director *d, struct tape *t, u64 us);
/* The end, at once. */
void director_finish(struct director *d);

#endif
