/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session: a tape, what is set for showing it, and the running of lines. Everything that is printed goes line by line
 * to a sink; every mistake comes back as a status and a struct err.
 */
#ifndef LANG_SESSION_H
#define LANG_SESSION_H

#include <stdarg.h>

#include "lang/cmd.h"
#include "lang/endpoint.h"
#include "lang/expr.h"
#include "lang/past.h"
#include "lang/story.h"
#include "tape/tape.h"
#include "wire/seg_text.h"

/* Where results go: whole lines, without their newline. */
struct sink {
	void (*line)(void *ctx, const char *text);
	void *ctx;
};

/* Whether the session is shown on the screen. SCREEN_NONE: it cannot be. */
enum screen_mode { SCREEN_NONE, SCREEN_OFF, SCREEN_ON };

struct session;

/* A room above that goes along with what is typed: it may refuse a command, and looks at what came of it. */
struct teacher {
	enum status (*before)(struct teacher *t, struct session *ss, const struct cmd *cmd, struct err *err);
	void (*after)(struct teacher *t, struct session *ss, const struct cmd *cmd);
	/* for completion: what could stand for `kind` ("<lesson>") */
	void (*names)(struct teacher *t, const char *kind, void (*offer)(void *ctx, const char *name), void *ctx);
	/* `save FILE as lesson`: the session so far as a lesson for that file */
	enum status (*write)(struct session *ss, const char *path, struct buf *out, struct err *err);
};

struct session {
	struct tape *tape; /* owned */
	const struct cmd_table *const *tables; /* the caller's; ends with NULL */
	struct sink sink;
	struct endpoint focus;
	struct past past;   /* what is known of the moments behind us */
	struct story story; /* what the running command does, for people */
	/* of the room that plays packetdrill scripts, for `source`; NULL: it is not there */
	enum status (*play_script)(struct session *ss, const char *path, const struct buf *text, struct err *err);
	struct teacher *teacher; /* NULL: nobody goes along */
	void *demo;	    /* struct demo_player of the room that plays demos; NULL: none is being played */
	void *screen;	    /* of the room above that shows the session; NULL: lines only */
	void *row;	    /* json_t: the object that is being built */
	const char *script; /* what messages call the running script; NULL at the prompt */
	u32 script_line;
	u32 depth;	    /* scripts within scripts */
	u32 begun;	    /* looking commands go on into this moment, a child of the present one; 0: none */
	u32 begun_records;  /* as far as here; */
	const struct world *stage; /* the world is this one then; NULL: that of the present moment */
	u8 screen_mode;	    /* enum screen_mode: as the person wants it */
	u8 language;	    /* of lessons and glossary: of `languages` (language.h) */
	u16 columns;	    /* how wide a drawing may be; 0: as usual */
	bool strict;	    /* full words are wanted */
	bool narrates;	    /* say, title and their kin are told */
	bool quiet;	    /* what commands do is not told */
	bool json;
	bool absolute;	    /* raw sequence numbers */
	bool calm;	    /* on a screen nothing travels */
	bool quit;
};

/* A session in scenario `established`. */
enum status session_init(struct session *ss, const struct cmd_table *const *tables, struct sink sink, struct err *err);
void session_release(struct session *ss);

/* Runs the commands of one line; the first that fails ends it. */
enum status session_line(struct session *ss, const char *line, size_t len, struct err *err);
/* Runs a script: full words, and the first command that fails ends it, with file and line in `err`. */
enum status session_script(struct session *ss, const char *name, const char *text, size_t len, struct err *err);

static inline const struct world *session_world(const struct session *ss)
{
	return ss->stage ? ss->stage : tape_world(ss->tape);
}

/* What is known of the past, up to where looking commands look. */
enum status session_past(struct session *ss, struct err *err);
/* Replays what followed moment `from` (the present one, or one that led to it), up to where looking commands look. */
enum status session_replay(struct session *ss, u32 from, const struct observer *observer, struct err *err);

/* ---- for the commands ---------------------------------------------------------------------------------------- */

/* Takes an action and tells what it did. */
enum status session_act(struct session *ss, const struct action *a, const void *payload, size_t len, struct err *err);
/* Starts the world over (an ACT_SCENARIO), and says from where, and with which kernels when it chooses them. */
enum status session_set_up(struct session *ss, const struct action *act, struct err *err);
/* How long one command may go on, in events: what does not end by then never will. */
#define EVENTS_LIMIT 200000u

/* Prints a line (nothing in JSON, where rows are printed; see rows.h). */
void say(struct session *ss, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same in JSON too, with the arguments as a list. */
void say_args(struct session *ss, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));
/* Prints text as it is, line by line; in JSON as an object of event `event`. */
void say_text(struct session *ss, const char *event, const char *text);

/* The commands that led here, one a line. False: a part of a packetdrill script is on the way, which no command brings back. */
bool session_commands(const struct session *ss, struct buf *b);
/*
 * Writes a file for a verb and says so: "exported to x.svg"; without a verb (NULL) nothing is said. `bang`: over one that is
 * there, which is refused without.
 * `as`: what followed the file's name in the command, "" or with a blank before it.
 */
enum status session_write(struct session *ss, const char *verb, bool bang, const char *path, const char *as,
			  const struct buf *data, struct err *err);

/* For expressions at the present moment. */
struct expr_env session_env(struct session *ss);
/* What numbers of a segment sent by `from` are counted from. Raw numbers when the session shows those. */
struct seg_origin session_origin(struct session *ss, const struct world *w, u8 from, const struct seg *g);
struct field_view session_view(const struct session *ss, const struct conn *c);

/* The row of a verb. Abbreviations count unless `strict`; NULL: err says what would be right. */
const struct cmd *session_find_cmd(const struct session *ss, const char *verb, bool strict, struct err *err);
/* True, and said in `err`: the word is what finwait is called with in a shell (`drill`), and no command. */
bool session_word_of_shell(const char *word, struct err *err);
/* "A> ": what the prompt shows. */
void add_prompt(struct buf *b, const struct session *ss);

#endif
