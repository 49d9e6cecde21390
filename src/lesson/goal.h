/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether what a step asks for is reached, and how: looked at anew each time, from where the step began to the
 * present.
 */
#ifndef LESSON_GOAL_H
#define LESSON_GOAL_H

#include "lang/session.h"
#include "lesson/lesson.h"

enum goal_mark {
	MARK_NOT_YET,
	MARK_MET,
	MARK_KEPT,   /* what must not be has not been so far */
	MARK_BROKEN, /* it has been: only going back mends that */
};

struct goal_look {
	u32 commands; /* that acted since the step began */
	u8 mark[GOALS_MAX]; /* enum goal_mark, one a line of the goal */
	bool met;	/* all of it */
	bool broken;	/* a part of it */
	bool elsewhere; /* this is not what the step began with: a time before it, or another scenario. Nothing counts */
	u8 pad_;
};

/* Looks at the present moment, the step having begun at moment `since`. */
enum status goal_look(const struct block *goal, struct session *ss, u32 since, struct goal_look *out, struct err *err);
/* "met", "not yet", "kept", "broken". */
const char *mark_name(u8 mark);
/* The `par` of a goal, 0: it names none. */
u32 goal_par(const struct block *goal);

/*
 * What makes two ends of a step the same: all that can still make a difference, and which parts of the goal are
 * reached. The way that led there may be another.
 */
struct ending {
	struct buf world;
	struct buf way; /* the commands, each between newlines */
	u32 too_few;	/* so many of them, or fewer, have not gone that way yet, though they may end the same */
	u8 mark[GOALS_MAX];
};
/* The present, in a step that began at moment `since`. */
void ending_init(struct ending *e, const struct session *ss, u32 since, const struct goal_look *look);
/* Finds `too_few` for the way to the present that `e` is the end of, going back on it. */
void ending_measure(struct ending *e, const struct block *goal, struct session *ss, u32 since);
void ending_release(struct ending *e);
bool ending_same(const struct ending *a, const struct ending *b);
/* How many commands of the one way are found in the other. */
u32 ending_shared(const struct ending *a, const struct ending *b);

#endif
