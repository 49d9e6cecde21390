/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A demo being played. Its script runs line by line; where it has something to say it stops, and somebody goes on, or
 * back. What the session and the stage were at each stop is kept, so going back is going to a moment of the tape, and
 * nothing runs twice. Whoever shows the demo runs the lines: play_line() says which is next, play_after() that it has
 * been run.
 */
#ifndef LESSON_PLAY_H
#define LESSON_PLAY_H

#include "lang/session.h"

enum { PLAY_CHOICES_MAX = 9, PLAY_PANES = 4 };

struct play_line {
	char *text;	/* owned */
	u32 number;	/* in the file, from 1 */
	bool narrates;	/* it is about the demo, not about the world: nobody needs to see it typed */
};

/* What the audience and the presenter read besides the screen; the texts are the player's. */
struct play_stage {
	const char *title;
	const char *chapter;
	const char *said;
	const char *note;     /* for the presenter alone */
	const char *question;
	const char *choice[PLAY_CHOICES_MAX];
	const char *highlight; /* an expression */
	u32 chapter_number;
	u32 choices;
	u32 picked;	      /* of the choices, from 1; 0: none yet */
};

struct play_stop {
	struct play_stage stage;
	struct endpoint focus;
	size_t line;	      /* that runs next from here */
	u32 moment;
	bool hands_over;      /* the prompt is the audience's here */
	u8 panes[PLAY_PANES]; /* of the room that shows it */
};

struct demo_player {
	struct session *ss;    /* the caller's */
	const char *name;      /* of the file */
	const char *title;     /* of the demo, or the same */
	struct play_line *line;/* owned */
	size_t lines, at;      /* the next one to run */
	struct play_stage stage;
	struct play_stop *stop;/* owned: those that were reached */
	size_t stops, room;
	size_t all_stops;      /* in the whole demo */
	size_t here;	       /* the stop that is shown, when `stopped` */
	char **text;	       /* owned: what the stages point to */
	size_t texts;
	u64 wait;	       /* µs that are to pass before it goes on */
	u32 chapters;	       /* in the whole demo, */
	u32 claims;	       /* and its `expect` and `until` */
	size_t seek_stop;      /* runs through until this stop is there, or this chapter; 0: neither */
	u32 seek_chapter;
	const char *outer;     /* the script that ran before the line did, */
	bool was_strict;       /* and how strict it was */
	bool stopping;	       /* the line that runs asks for a stop, */
	bool hands_over;       /* and for the prompt to be handed over there */
	bool stopped;
	bool live;	       /* the prompt is handed over: what is typed leads away, `continue` comes back */
	bool hidden;	       /* what runs is not shown */
	bool ended;
};

/*
 * Reads a demo and plays it once where nobody looks: what is wrong in it, or does not hold, is found before it is
 * shown. The session `ss` becomes the one that plays it, and `p` its player; play_release() is due in any case.
 */
enum status play_begin(struct demo_player *p, struct session *ss, const char *name, const char *text, size_t len,
		       struct err *err);
void play_release(struct demo_player *p);

/* The line that is to be run now; NULL: it waits for somebody (stopped, live), for time (wait), or has ended. */
const struct play_line *play_line(struct demo_player *p);
/* Runs that line, as a part of the script that the demo is. */
enum status play_run(struct demo_player *p, struct err *err);
/* For whoever runs it in another way: what has to be done before, and after it with what came of it. */
void play_before(struct demo_player *p);
void play_after(struct demo_player *p, enum status st, struct err *err);
/* True while it runs without being looked at: hidden, or on the way to what was sought. */
bool play_is_unseen(const struct demo_player *p);

/* Goes on from a stop. True: the session is at the next stop now, which was known already; else lines are to be run. */
bool play_on(struct demo_player *p);
/*
 * Back to the stop before, to the beginning of a chapter or the one before (`by` -1) or the next one (1), or to the
 * n-th stop.
 */
bool play_back(struct demo_player *p);
bool play_chapter(struct demo_player *p, int by);
bool play_goto(struct demo_player *p, size_t n);
/* Time has passed. */
void play_tick(struct demo_player *p, u64 us);
/* Hands the prompt over, or takes it back and everything to what it was. */
void play_hand_over(struct demo_player *p);
void play_take_back(struct demo_player *p);

/* A copy of a text that lives as long as the player. */
const char *play_keep(struct demo_player *p, const char *text);

/* How long a text takes to be read, in µs: where nobody is there to go on. */
u64 play_reading_time(const struct play_stage *s);

/* The verbs that this room contributes. */
extern const struct cmd_table cmds_demo;

#endif
