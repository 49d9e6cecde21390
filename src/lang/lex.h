/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines into commands, commands into words; and the small values that words stand for: numbers, bytes, durations. */
#ifndef LANG_LEX_H
#define LANG_LEX_H

#include "base/buf.h"
#include "base/err.h"

#define LINE_LIMIT 8192u
#define MAX_WORDS 64u

struct word {
	u32 at;	     /* of its text, in command.store */
	u32 off;     /* of its source, in command.text */
	u32 end;     /* one after its last character there */
	u8 quoted;   /* begins with a quote: it is bytes, never a name */
	u8 pad_[3];
};

/* One command: its source without the comment, and its words. */
struct command {
	struct buf text;
	struct buf store; /* the words, unquoted, each with its NUL */
	u32 column;	  /* of text[0] in the line, from 1 */
	u32 n;
	struct word word[MAX_WORDS];
};

struct lexer {
	const char *line; /* the caller's */
	size_t len;
	size_t at;
	bool done;
};

/* Refuses a line that is too long or no text (control bytes, broken UTF-8). A carriage return at its end is dropped. */
enum status lexer_init(struct lexer *lx, const char *line, size_t len, struct err *err);
/* The next command of the line, which may have no words; lx->done says that there is no further one. */
enum status lex_command(struct lexer *lx, struct command *c, struct err *err);
void command_release(struct command *c);

/* Word i's text; NULL when there are not so many. */
const char *command_word(const struct command *c, u32 i);

/* True when the whole text is a decimal number (with a sign) that fits. */
bool parse_number(const char *text, s64 *value);
/* "10", "4KiB", "1MiB". ST_WRONG says what would be right. */
enum status parse_bytes(const char *text, u64 *bytes, struct err *err);
/* "200ms", "1.5s", "60s", "2min", "3us", "0": in µs. A bare number is refused. */
enum status parse_duration(const char *text, u64 *us, struct err *err);
/* The same for text of which only the beginning is the duration; returns how many characters it has, 0: none. */
size_t scan_duration(const char *text, u64 *us);

/* µs as a person writes them, so that the language reads it back: "201ms", "1.5s", "3us". */
void add_duration(struct buf *b, u64 us);
void add_signed_duration(struct buf *b, s64 us);
/* µs since the scenario began: "0.201s". */
void add_clock(struct buf *b, u64 us);
/* Quoted, with \" \\ \n and other bytes escaped. */
void add_quoted(struct buf *b, const char *data, size_t len);
/* A word as a command line has it: in quotes when it would be taken apart there. */
void add_typed(struct buf *b, const char *word);

/*
 * What the first character of `text` is that looks like a blank or like nothing, though it is a letter to the lexer: "a no-break
 * space", for example. Its number in Unicode is put into `code`. NULL: there is none.
 */
const char *unseen_character(const char *text, u32 *code);

/* The name that a person may have meant. */
struct nearest {
	const char *wanted;
	const char *name; /* the best so far, NULL: none is near */
	size_t distance;
};
void nearest_init(struct nearest *n, const char *wanted);
void nearest_try(struct nearest *n, const char *name);
/* " (did you mean `x`?)" or "" */
const char *nearest_hint(const struct nearest *n, struct buf *scratch);

#endif
