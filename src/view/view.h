/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The screen without its terminal: a session, what the person chose to look at, and a canvas drawn from both.
 *
 * A pane is a function that draws a part of the present moment; panes.c has the table of all. What a pane shows are facts of
 * the world and lines of the looking commands: none is worked out here.
 */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include "lang/session.h"
#include "view/canvas.h"
#include "view/director.h"

/* Below this there is no room for two hosts and a prompt. */
enum { VIEW_MIN_ROWS = 16, VIEW_MIN_COLS = 60 };
/* What the narrower of two state diagrams needs, its frame included. */
enum { STATES_COLS = 60 };

/* Lines that a command printed. */
struct lines {
	struct buf text; /* each ends with a newline */
	size_t n;
	u32 version; /* another one after every change */
};
void lines_release(struct lines *l);
void lines_clear(struct lines *l);
void lines_add(struct lines *l, const char *text);

enum pane_id {
	PANE_A,
	PANE_B,
	PANE_WIRE,
	/* the lower ones, in the order of the function keys (F1 is help) */
	PANE_HELP,
	PANE_CALLS,
	PANE_LADDER,
	PANE_STATES,
	PANE_SOURCE,
	PANE_LESSON,
	PANE_WHY,
	PANE_NSTAT,
	PANE_TOOLS,
	PANE_LOG,
	NR_PANES,
};

/* Lines as they stand in a pane of some width: what is too long goes on in the next row, behind LINE_GOES_ON. */
struct wrapped {
	struct lines rows;
	size_t home; /* the row where line `from` begins */
	size_t from;
	u32 version; /* of the lines it was made from */
	int cols;
};
#define LINE_GOES_ON '\x01'

/* How long a timer had to run when it was armed: what its bar is measured by. */
struct timer_length {
	u64 expires;
	u64 length;
};

struct view {
	struct session *ss;	/* the caller's */
	struct world *before;	/* owned: the world that changes are seen against, one step before the present one */
	struct director director; /* shows how the last command came about */
	struct canvas canvas;
	struct lines lower[NR_PANES]; /* of the lower panes */
	struct wrapped wrapped[NR_PANES]; /* and how they stand in them */
	size_t log_start;	/* line of the log where the last command begins */
	struct lines menu;	/* what could stand at the cursor, over the lower pane */
	struct buf notice;	/* one line above the prompt: a mistake, or what was done */
	struct buf hint;	/* behind the typed text: what the verb expects */
	struct buf input;	/* the line that is being typed */
	size_t cursor;		/* bytes of `input` before the cursor */
	struct buf ahead;	/* bytes that were typed before the screen was put off: they are for whoever reads next */
	struct timer_length timer[NR_HOSTS][NR_TMR];
	int scroll[NR_PANES];
	u8 shown[2];		/* enum pane_id: the lower panes, the second only where there is room */
	u8 focus;		/* enum pane_id */
	bool zoomed;		/* the focused pane has the whole screen */
	bool wide;		/* there is room for the second lower pane */
	bool log_on_top;	/* the log is where the first lower pane is, until something acts */
	u32 turn;		/* of the director, when they were made */
	bool stale;		/* the lower panes are to be made anew */
	bool mistake;		/* the notice is one */
	u32 shows;		/* how often the lesson had wanted panes */
	const void *lesson;	/* the one that is followed; NULL: none */
	size_t lesson_len;	/* how much of its page was shown last */
	bool away;		/* not on a screen for the time being */
	u8 theme;		/* enum theme */
	u8 usual_theme;		/* before a demo was shown in the bold one */
	struct demo_player *player; /* the caller's: the demo that is played; NULL: none is */
	u32 marked_chapter;	/* the last that the recording knows of */
	struct recording *recording; /* owned; NULL: nothing is being recorded */
};

void view_init(struct view *v, struct session *ss, u16 rows, u16 cols);
void view_release(struct view *v);
/* The session is shown from now on, or for the time being not; what was chosen and what the log has stays. */
void view_attach(struct view *v);
void view_detach(struct view *v);
/* Tells as lines what the last command printed: the screen on which it stood has gone. */
void view_say_last(const struct view *v);

/* Puts a text that greets a newcomer where the first lower pane is. */
void view_greet(struct view *v);
/* Runs a line as if it were typed: what it prints goes to the log, a mistake to the notice as well. */
enum status view_line(struct view *v, const char *line, size_t len);
/* Changes are seen against the point before this one. */
void view_look_back(struct view *v);
/* One point back or forth, or with `moments` one moment. False when there is none. */
bool view_step(struct view *v, int by, bool moments);

/* Draws everything; cursor_row and cursor_col get where the cursor stands. */
void view_draw(struct view *v, int *cursor_row, int *cursor_col);

/* The verbs that this room contributes. */
extern const struct cmd_table cmds_view, cmds_export, cmds_record;
/* "120x36": a size that a screen may have. */
bool view_read_size(const char *text, u16 *cols, u16 *rows);
/* The screen that a verb is about; NULL, with an error, while there is none. */
struct view *view_of(struct session *ss, struct err *err);

/* ---- recording ------------------------------------------------------------------------------------------------- */

/* From now on, as asciicast of version 2 or 3; ST_WRONG: the file is there already, or cannot be written. */
enum status view_begin_recording(struct view *v, const char *path, u8 version, struct err *err);
/* To be called with every frame that is shown, as it was drawn, at `us` on any clock that runs on. */
void view_record(struct view *v, int cursor_row, int cursor_col, u64 us);
/* A chapter begins with the next frame. */
void view_record_mark(struct view *v, const char *label);
/* The same when the demo that is played is in another chapter than it was. */
void view_mark_chapter(struct view *v);
/* Writes what was recorded; ST_WRONG: it could not be written, and is kept. Nothing where nothing is being recorded. */
enum status view_end_recording(struct view *v, struct err *err);
/* Forgets it. */
void view_drop_recording(struct view *v);

/* The pane that a name or the first letters of one mean; NR_PANES: none. */
enum pane_id pane_find(const char *name);
const char *pane_name(enum pane_id pane);
/* Puts a lower pane on the screen. */
void view_show(struct view *v, enum pane_id pane);
/* Gives the focus to the next pane on the screen, or to the one before. */
void view_focus(struct view *v, int by);
/* The focused pane, by so many rows down. */
void view_scroll(struct view *v, int by);

/* ---- a demo ------------------------------------------------------------------------------------------------------ */

/* Runs the next line of the demo, when it is time for it. False: it waits, for a motion to end, for time, or for somebody. */
bool view_play(struct view *v);
/* True when it waits for time, or something moves. */
bool view_moves(const struct view *v);
/* So much time has passed. */
void view_tick(struct view *v, u64 us);
enum play_key { PLAY_ON, PLAY_BACK, PLAY_CHAPTER_ON, PLAY_CHAPTER_BACK, PLAY_FASTER, PLAY_SLOWER, PLAY_LIVE, PLAY_BOLD, PLAY_GOTO };
/* What somebody wants of it; `n` is the stop to go to, counted from 1. */
void view_play_key(struct view *v, enum play_key key, u32 n);
/* The audience's choice, counted from 1. */
void view_pick(struct view *v, u32 choice);
/* From its beginning to its end where nobody looks, at the pace of somebody who reads, into the recording. */
enum status view_play_all(struct view *v, struct err *err);
/* How many rows it wants of so many columns, and what stands there. */
int stage_rows(const struct view *v, int cols);
void draw_stage(const struct view *v, const struct area *a);
/* What can be done, where the prompt would be. */
void draw_stage_keys(const struct view *v, const struct area *a);
/* Marks what the demo points to, in the panes of the hosts. */
void draw_highlight(struct view *v, const struct area *hosts);

/* ---- for the panes ------------------------------------------------------------------------------------------- */

/* The world that is shown: the present one, or the one on the stage. */
static inline const struct world *view_world(const struct view *v)
{
	return director_plays(&v->director) ? v->director.stage : session_world(v->ss);
}
/* The point that is shown: the present one, or the one whose command is being played. */
u32 view_point(const struct view *v);
/* The look, marked when what it is given to has changed. */
static inline u8 look_if(u8 look, bool changed)
{
	return changed ? look | LOOK_CHANGED : look;
}

void draw_host(struct view *v, const struct area *a, u8 host);
/* The wire as a pane, and as one line. */
void draw_wire(struct view *v, const struct area *a);
void draw_wire_line(struct view *v, const struct area *a);
/* A lower pane. */
void draw_lower(struct view *v, const struct area *a, enum pane_id pane);
/* The inside of that pane, from row `top` of the diagram on. */
void draw_states(struct view *v, const struct area *in, int top);
/* How many rows the diagram has, and from which on the hosts are seen where there is room for `rows`. */
int states_rows(void);
int states_home(const struct view *v, int rows);
/* Brings `w` up to date with `l` at that width; `from` is the line whose row is wanted. */
void wrap_lines(struct wrapped *w, const struct lines *l, int cols, size_t from);
void draw_timeline(struct view *v, const struct area *a);
/* Fills the lower panes that are on the screen. */
void view_collect(struct view *v);

#endif
