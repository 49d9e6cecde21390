/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lesson: a Markdown file whose level-2 headings are steps and whose fenced blocks called `finwait` say what is
 * to be done and what must hold. What is read here has the form of a lesson; whether its claims hold is for
 * lint.h.
 */
#ifndef LESSON_LESSON_H
#define LESSON_LESSON_H

#include "base/buf.h"
#include "base/err.h"
#include "lang/cmd.h"
#include "lang/expr.h"

/* More steps than anybody takes at one sitting; more lines of a goal than can be kept in mind. */
enum { STEPS_MAX = 64, GOALS_MAX = 32, ASKS_MAX = 6, CHOICES_MAX = 9 };

/* Takes what was found wrong in a file, one by one, with file and line. */
struct findings {
	void (*tell)(void *ctx, const struct err *err); /* may be NULL */
	void *ctx;
	const char *file; /* what messages call it */
	u32 n;
	u32 told;	  /* of them: one after the other that say the same are told once */
	u32 mistakes;	  /* of them: what is no lesson, not only a claim that does not hold */
	u32 pad_;
	struct err first; /* mistake */
	struct err last;  /* that was told */
};

/* ST_WRONG for what is no lesson, ST_FAILED for a claim that does not hold. */
void finding(struct findings *f, enum status st, u32 line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* ---- the parts of a lesson ------------------------------------------------------------------------------------- */

enum block_kind {
	BLOCK_SETUP, BLOCK_GOAL, BLOCK_HINT, BLOCK_SOLUTION, BLOCK_REJECT, BLOCK_DENY, BLOCK_ALLOW, BLOCK_PREDICT, BLOCK_QUIZ,
	BLOCK_SHOW, BLOCK_EXPECT, BLOCK_WHY, NR_BLOCKS,
};

enum goal_kind {
	GOAL_HOLDS,  /* EXPR */
	GOAL_NEVER,  /* never EXPR */
	GOAL_WITHIN, /* within N commands */
	GOAL_CALLS,  /* calls FUNCTION */
	GOAL_PAR,    /* par N: no condition, but what there is to beat */
};

struct goal_line {
	char *text;	/* owned: as it is shown */
	struct expr *e; /* owned; GOAL_HOLDS, GOAL_NEVER */
	u32 n;		/* GOAL_WITHIN, GOAL_PAR */
	u32 line;
	u16 fn; /* GOAL_CALLS */
	u8 kind;
	u8 pad_[5];
};

/* What a prediction asks for. */
struct asked {
	char *text; /* owned */
	struct expr *e; /* owned */
};

struct quiz_choice {
	char *text;   /* owned */
	char *answer; /* owned: what is said to who chooses it */
	bool right;
};

/* A command of a transcript, and what the program says to it. */
struct exchange {
	char *prompt;  /* owned: "A> " */
	char *command; /* owned */
	char *output;  /* owned: lines, each with its newline */
	u32 line;
};

/* A decision of a kernel function that is to be explained from the trace. */
struct reason {
	u32 line;
	u16 decision;
	u16 pad_;
};

struct block {
	char *name; /* owned: what stands behind the kind; "" */
	char *text; /* owned: commands, a hint, a question; "" */
	char *says; /* owned; BLOCK_REJECT */
	u32 line;   /* of the first line of `text` in the file */
	u8 kind;    /* enum block_kind */
	u8 pad_[3];
	struct goal_line *goal; /* owned, as all below */
	struct asked *asked;
	struct quiz_choice *choice;
	struct exchange *exchange;
	struct reason *reason;
	char **word; /* BLOCK_DENY, BLOCK_ALLOW, BLOCK_SHOW */
	size_t n;    /* how many there are of what its kind has */
};

enum item_kind {
	ITEM_TEXT,     /* a paragraph, or a part of a list */
	ITEM_HEADING,  /* of a level below the steps */
	ITEM_VERBATIM, /* lines as they are */
	ITEM_PAUSE,    /* . . . */
	ITEM_NOTE,     /* for the presenter */
	ITEM_BLOCK,
};

struct item {
	struct block *block; /* owned */
	char *text;	     /* owned */
	char *head;	     /* owned: what stands before its first line: "- "; "" */
	u32 line;
	u8 indent; /* of its lines */
	u8 kind;
	u8 pad_[2];
};

struct step {
	char *id;    /* owned */
	char *title; /* owned */
	struct item *item; /* owned */
	size_t items;
	u32 line;
	u8 pad_[4];
};

struct lesson {
	char *file;   /* owned: the path that it came from */
	char *id;     /* owned, as all below */
	char *needs;  /* ids, separated by blanks; "" */
	char *about;  /* "M14 M15"; "" */
	char *kernel; /* "" */
	char *title;
	struct step intro; /* what stands before the first step */
	struct step *step;
	size_t steps;
	u32 id_line;
	u32 needs_line;
};

/*
 * Reads a lesson. Everything that is wrong goes to `f`; *out is NULL then and ST_WRONG comes back. `text` need not be
 * terminated and is copied.
 */
enum status lesson_parse(struct lesson **out, const char *path, const char *text, size_t len, struct findings *f);
/*
 * Reads a translation: prose, hints, `says:`, questions with their choices in the original's order, and the steps'
 * ids. All else is the original's, which is used up, whatever comes of it.
 */
enum status lesson_parse_translation(struct lesson **out, const char *path, const char *text, size_t len,
				     struct lesson *original, struct findings *f);
void lesson_free(struct lesson *l);
/* Puts the original's blocks into a translation, whose own only say where they stand. */
void lesson_merge(struct lesson *translation, struct lesson *original, struct findings *f);

/* The n-th block of a kind in a step, NULL: there are not so many. */
const struct block *step_block(const struct step *s, enum block_kind kind, size_t n);
size_t step_blocks(const struct step *s, enum block_kind kind);
/* The commands that a step begins with: its own setup, else that of the lesson; NULL: none. */
const struct block *step_setup(const struct lesson *l, const struct step *s);
/* By its id; l->steps when there is none. */
size_t lesson_step(const struct lesson *l, const char *id);

/* ---- what blocks are written in -------------------------------------------------------------------------------- */

/* The commands that a lesson may use: all that touch no file. Ends with NULL. */
extern const struct cmd_table *const lesson_language[];
/* The panes that `show` can name; ends with NULL. */
extern const char *const lesson_panes[];

/*
 * Reads the inside of a block. `info` is what stands behind the fence (from `finwait` on), `line` the line of the
 * fence. NULL: `f` was told why.
 */
struct block *block_read(const char *info, const char *text, u32 line, struct findings *f);
/* The same of a translation: the inside of what is not translated is not looked at. */
struct block *block_read_translated(const char *info, const char *text, u32 line, struct findings *f);
bool block_is_translated(enum block_kind kind);
const char *block_kind_name(enum block_kind kind);
void block_free(struct block *b);
/* Whether some text is a name that lessons, steps and solutions can have: a-z, 0-9 and `-`. */
bool is_lesson_name(const char *text);

#endif
