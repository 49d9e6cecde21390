/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Playing a lesson in a session: pages, questions, goals, hints, ways. A page is shown up to the first thing that the learner has
 * to do (a *gate*: a pause, a question, a goal); what stands behind it comes when that is done.
 */
#ifndef LESSON_PLAYER_H
#define LESSON_PLAYER_H

#include "lang/session.h"
#include "lesson/goal.h"
#include "lesson/guess.h"
#include "lesson/lesson.h"
#include "lesson/page.h"
#include "lesson/progress.h"

enum gate {
	GATE_END, /* the page is shown to its end */
	GATE_PAUSE,
	GATE_PREDICT,
	GATE_QUIZ,
	GATE_GOAL,
};

enum verdict { VERDICT_NONE, VERDICT_RIGHT, VERDICT_WRONG };

struct player {
	struct teacher teacher; /* the first, so that a session's teacher is its player */
	struct lesson *l;	/* owned; NULL: no lesson is open */
	struct buf name;	/* what `lesson` is followed by to come back to it */
	struct page page;	/* the present one, as far as it is shown */
	struct progress progress;
	struct guesses guesses; /* GATE_PREDICT */
	struct ending *miss;	/* owned; GATE_GOAL: where the near misses end */
	size_t misses;
	struct goal_look look; /* GATE_GOAL: as it was told last */
	size_t step;
	size_t item;	     /* of the step: the gate, or where the page goes on */
	size_t answered;     /* predictions of the step */
	const struct block *show; /* the panes that the page wants; NULL: none */
	u32 shows;	     /* how often it wanted some */
	u32 since;	     /* moment at which what the gate is about began */
	u32 seen;	     /* moment that was looked at last */
	u32 hints;	     /* given in this step */
	size_t fresh;	     /* of the page's lines: where what was shown last begins, */
	size_t fresh_line;   /* and the line of what player_show() printed */
	struct buf news;     /* what came of the last command, on one line */
	size_t chosen;	     /* the answer to the prediction, where there is a verdict on it */
	u8 gate;	     /* enum gate */
	u8 language;	     /* that was asked for last */
	u8 verdict;	     /* enum verdict: on the answer to the prediction */
	bool passed_over;    /* something in this step was left out: it is not done */
	bool sought;	     /* something was done for the goal */
	bool reached;	     /* the goal of this step was */
	bool forgets;	     /* progress is not kept */
	bool notes;	     /* what is for the presenter is shown too */
	bool busy;	     /* it types itself: nobody looks */
	bool complained;     /* that progress cannot be kept was said */
};

/* What verbs of a lesson are followed by: "<lesson>", "<solution>", "<answer>". */
void lesson_names(struct teacher *t, const char *kind, void (*offer)(void *ctx, const char *name), void *ctx);

void player_init(struct player *p, struct session *ss);
void player_release(struct player *p);
/* The player of a session, NULL: it has none. */
struct player *player_of(const struct session *ss);

/*
 * Begins a lesson, or goes on with it where it was left. It is the player's from now on. `name`: what `lesson` is followed by to
 * come back to it.
 */
enum status player_open(struct player *p, struct session *ss, struct lesson *l, const char *name, struct err *err);
/* Leaves the lesson; what is done is noted already. */
void player_close(struct player *p);
/* Goes to a step and shows it. l->steps: behind the last one. */
enum status player_go(struct player *p, struct session *ss, size_t step, struct err *err);
/* Goes on behind the gate. */
enum status player_pass(struct player *p, struct session *ss, struct err *err);
/* Prints the page anew as far as it was shown, and what is to be done. */
void player_show(struct player *p, struct session *ss);
/* "lesson The four waves   step 3 of 8 ", or only the step. */
void player_add_place(struct buf *b, const struct player *p, bool title);
/* The gate's block; NULL: it has none. */
const struct block *player_block(const struct player *p);
/* "Your answer would be right for `close B`.": why somebody may choose it. Nothing for the right one. */
void player_add_where(struct buf *b, const struct player *p, size_t choice);
/* What the gate asks for. */
void player_say_gate(struct player *p, struct session *ss);
/* The goal, line by line, each with its mark, and what is told to who is where a near miss ends. */
void player_say_goal(struct player *p, struct session *ss);
/* Puts a prediction to the test: types its command, seen by everybody. */
enum status player_test(struct player *p, struct session *ss, struct err *err);
/* Notes the step as done, and where to go on. */
void player_note(struct player *p, struct session *ss, bool done);

/* The verbs, `lesson` and what belongs to it. */
extern const struct cmd_table cmds_lesson;

#endif
