/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tape: every world that a session has been through.
 *
 * A *moment* is one action that the engine took, with the hash of the world after it. Moments form a tree: each knows its
 * parent. A *point* is the moment at which a command ended (what `undo` counts), with the command's text. A *mark* is a
 * name given to a moment. Going back and then acting starts a branch; the old one stays reachable.
 * Every 64th moment keeps a snapshot; going anywhere is a copy and a short replay, checked against the hashes.
 */
#ifndef TAPE_TAPE_H
#define TAPE_TAPE_H

#include "engine/sim.h"

struct tape; /* owns its worlds */

#define MOMENT_NONE UINT32_MAX

/* A tape whose first moment (0, also point 0) is the scenario, set up. NULL when memory is short. */
struct tape *tape_new(enum scenario_id first, struct err *err);
void tape_free(struct tape *t);

/* The world of the present moment. Stays valid until the next call that changes the tape. */
const struct world *tape_world(const struct tape *t);
/* The sim at the present moment, for the read-only questions of sim.h. */
u32 tape_now(const struct tape *t); /* the present moment */

/*
 * Takes an action at the present moment and appends a moment. The observer (may be NULL) sees the trace.
 * Nothing is appended when the status is not ST_OK; the world is then as before.
 * `payload` is copied (a segment to inject, the text that was sent, ...).
 */
enum status tape_apply(struct tape *t, const struct action *a, const void *payload, size_t payload_len,
		       const struct observer *observer, struct err *err);
/* Ends a command: if moments were added since the last point, the present moment becomes a point with this text. */
void tape_end_command(struct tape *t, const char *command);

struct moment {
	struct action action;
	u64 hash; /* of the world after it */
	u32 parent;
	u32 payload; /* index, 0 none */
};
const struct moment *tape_moment(const struct tape *t, u32 moment);
u32 tape_moment_count(const struct tape *t);
/* The payload of a moment's action; NULL when it has none. */
const void *tape_payload(const struct tape *t, u32 moment, size_t *len);

struct point {
	u32 moment;
	u32 parent;	  /* point, UINT32_MAX for point 0 */
	const char *command; /* "close A"; "" for point 0 */
};
u32 tape_point_count(const struct tape *t);
const struct point *tape_point(const struct tape *t, u32 point);
u32 tape_point_now(const struct tape *t); /* the point at or before the present moment */
/* The point that `redo` goes to from here: the child travelled last. UINT32_MAX when there is none. */
u32 tape_point_next(const struct tape *t, u32 point);

/* Travelling. ST_WRONG says in `err` why not, and nothing moves. */
enum status tape_goto_moment(struct tape *t, u32 moment, struct err *err);
enum status tape_goto_point(struct tape *t, u32 point, struct err *err);
enum status tape_undo(struct tape *t, u32 n, struct err *err);
enum status tape_redo(struct tape *t, u32 n, struct err *err);

/* Marks: names for moments. Setting a name that exists moves it. */
enum status tape_mark(struct tape *t, const char *name, struct err *err);
u32 tape_find_mark(const struct tape *t, const char *name); /* moment, MOMENT_NONE */
size_t tape_mark_count(const struct tape *t);
const char *tape_mark_name(const struct tape *t, size_t i, u32 *moment);

/* True when moment `old` is `now`, or one that led to it. */
bool tape_leads_to(const struct tape *t, u32 old, u32 now);
/* The last ACT_SCENARIO moment at or before `moment` on its branch (0 at the latest). */
u32 tape_scenario_start(const struct tape *t, u32 moment);
/*
 * Replays the moments after `from` up to and including `to` (an ancestor and a descendant) with an observer, without
 * moving the present. `on_moment` (may be NULL) is called before each with its index.
 */
enum status tape_replay(struct tape *t, u32 from, u32 to, const struct observer *observer,
			void (*on_moment)(void *ctx, u32 moment, const struct world *before), void *ctx, struct err *err);
/* The same for one moment, of which the observer sees the first `records` records only. */
enum status tape_replay_part(struct tape *t, u32 moment, u32 records, const struct observer *observer,
			     void (*on_moment)(void *ctx, u32 moment, const struct world *before), void *ctx,
			     struct err *err);
/* Shows how the scenario of that moment (an ACT_SCENARIO) came about, which no other observer sees. */
enum status tape_replay_scenario(struct tape *t, u32 moment, const struct observer *observer, struct err *err);
/* The world at another moment, copied to `out`, without moving the present. */
enum status tape_world_at(struct tape *t, u32 moment, struct world *out, struct err *err);

#endif
