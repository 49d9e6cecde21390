/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lesson/play.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static bool begins_with(const char *line, const char *word)
{
	const size_t n = strlen(word);

	return strncmp(line, word, n) == 0 && (!line[n] || strchr(" \t;", line[n]));
}

static bool is_about_the_demo(const char *line)
{
	static const char *const words[] = { "title",  "chapter", "say",   "note",   "pause",	  "layout",
					     "view",   "speed",	  "theme", "set",    "highlight", "ask",
					     "expect", "prompt",  "hide",  "unhide", "mark",	  "focus" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (begins_with(line, words[i]))
			return true;
	return !*line || *line == '#';
}

static void add_line(struct demo_player *p, const char *text, size_t len, u32 number)
{
	struct play_line *l;
	struct buf b = BUF_INIT;

	buf_add(&b, text, len);
	while (b.len && strchr(" \t\r", b.data[b.len - 1]))
		buf_truncate(&b, b.len - 1);
	p->line = xrealloc(p->line, (p->lines + 1) * sizeof(*p->line));
	l = &p->line[p->lines++];
	buf_str(&b);
	l->text = xstrdup(buf_str(&b) + strspn(buf_str(&b), " \t"));
	l->number = number;
	l->narrates = is_about_the_demo(l->text);
	p->chapters += begins_with(l->text, "chapter");
	p->claims += begins_with(l->text, "expect") || begins_with(l->text, "until");
	buf_release(&b);
}

static void read_lines(struct demo_player *p, const char *text, size_t len)
{
	u32 number = 0;

	while (len) {
		const char *newline = memchr(text, '\n', len);
		const size_t n = newline ? (size_t)(newline - text) : len;

		add_line(p, text, n, ++number);
		text += n + (newline != NULL);
		len -= n + (newline != NULL);
	}
}

const char *play_keep(struct demo_player *p, const char *text)
{
	p->text = xrealloc(p->text, (p->texts + 1) * sizeof(*p->text));
	p->text[p->texts] = xstrdup(text);
	return p->text[p->texts++];
}

static void forget(struct demo_player *p)
{
	for (size_t i = 0; i < p->lines; i++)
		free(p->line[i].text);
	for (size_t i = 0; i < p->texts; i++)
		free(p->text[i]);
	free(p->line);
	free(p->text);
	free(p->stop);
}

static void nowhere(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

/* From its beginning to its end in a session of its own, as if somebody went on at every stop. */
static enum status rehearse(struct demo_player *real, struct err *err)
{
	struct demo_player p = { .name = real->name, .line = real->line, .lines = real->lines };
	struct session *ss = xcalloc(1, sizeof(*ss));
	enum status st = session_init(ss, real->ss->tables, (struct sink){ nowhere, NULL }, err);

	p.ss = ss;
	ss->demo = &p;
	ss->quiet = true;
	while (st == ST_OK && !p.ended) {
		if (play_line(&p)) {
			st = play_run(&p, err);
			continue;
		}
		p.wait = 0;
		play_take_back(&p);
		if (!p.ended)
			play_on(&p);
	}
	real->all_stops = p.stops;
	real->title = play_keep(real, p.stage.title ? p.stage.title : real->name);
	p.line = NULL;
	p.lines = 0;
	forget(&p);
	session_release(ss);
	free(ss);
	return st;
}

enum status play_begin(struct demo_player *p, struct session *ss, const char *name, const char *text, size_t len,
		       struct err *err)
{
	enum status st;

	*p = (struct demo_player){ .ss = ss, .name = name };
	read_lines(p, text, len);
	st = p->lines ? rehearse(p, err) : err_set(err, ST_WRONG, "%s: there is nothing in it", name);
	if (st == ST_OK)
		ss->demo = p;
	return st;
}

void play_release(struct demo_player *p)
{
	if (p->ss && p->ss->demo == p)
		p->ss->demo = NULL;
	forget(p);
	*p = (struct demo_player){ .ss = NULL };
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

bool play_is_unseen(const struct demo_player *p)
{
	return p->hidden || p->seek_stop || p->seek_chapter;
}

const struct play_line *play_line(struct demo_player *p)
{
	if (p->stopped || p->live || p->ended || (p->wait && !play_is_unseen(p)))
		return NULL;
	return p->at < p->lines ? &p->line[p->at] : NULL;
}

static void add_stop(struct demo_player *p)
{
	if (p->stops == p->room) {
		p->room = p->room ? p->room * 2 : 32;
		p->stop = xrealloc(p->stop, p->room * sizeof(*p->stop));
	}
	p->here = p->stops++;
	p->stop[p->here] = (struct play_stop){ .stage = p->stage, .focus = p->ss->focus, .line = p->at,
					       .moment = tape_now(p->ss->tape), .hands_over = p->hands_over };
	p->stopped = true;
	p->live = p->hands_over;
}

/* A line was run, and nothing was wrong in it. */
static void ran(struct demo_player *p)
{
	bool last;

	p->at = p->ss->quit ? p->lines : p->at + 1;
	last = p->at == p->lines;
	if (play_is_unseen(p))
		p->wait = 0;
	/* at its end the last thing that happened is to be seen, too */
	if ((p->stopping && !p->hidden) || (last && !(p->stops && p->stop[p->stops - 1].line == p->at)))
		add_stop(p);
	p->ended = last;
	if (!p->stopped)
		return;
	if (p->ended || (p->seek_stop && p->stops > p->seek_stop) ||
	    (p->seek_chapter && p->stage.chapter_number >= p->seek_chapter)) {
		p->seek_stop = 0;
		p->seek_chapter = 0;
	} else if (p->seek_stop || p->seek_chapter) {
		p->live = false;
		play_on(p);
	}
}

void play_before(struct demo_player *p)
{
	p->stopping = false;
	p->hands_over = false;
	p->was_strict = p->ss->strict;
	p->outer = p->ss->script;
	p->ss->strict = true;
	p->ss->script = p->name;
	p->ss->script_line = p->line[p->at].number;
}

void play_after(struct demo_player *p, enum status st, struct err *err)
{
	p->ss->strict = p->was_strict;
	p->ss->script = p->outer;
	if (st == ST_OK) {
		ran(p);
	} else if (!err->file[0]) {
		/* what was found out about the place counts within the line */
		err->line = 0;
		err_place(err, p->name, p->line[p->at].number, err->column);
	}
}

enum status play_run(struct demo_player *p, struct err *err)
{
	const char *line = p->line[p->at].text;
	enum status st;

	play_before(p);
	st = session_line(p->ss, line, strlen(line), err);
	play_after(p, st, err);
	return st;
}

/* ---- going ------------------------------------------------------------------------------------------------------- */

static bool show_stop(struct demo_player *p, size_t n)
{
	const struct play_stop *s = &p->stop[n];

	if (tape_goto_moment(p->ss->tape, s->moment, NULL) != ST_OK)
		return false;
	p->ss->focus = s->focus;
	p->stage = s->stage;
	p->at = s->line;
	p->here = n;
	p->stopped = true;
	p->live = false;
	p->hidden = false;
	p->wait = 0;
	p->ended = p->at == p->lines;
	return true;
}

bool play_on(struct demo_player *p)
{
	p->wait = 0;
	if (!p->stopped || p->ended)
		return false;
	if (p->here + 1 < p->stops)
		return show_stop(p, p->here + 1);
	p->stopped = false;
	p->live = false;
	/* what was said or asked stays to be read while things happen */
	p->stage.note = NULL;
	p->stage.highlight = NULL;
	return false;
}

bool play_back(struct demo_player *p)
{
	/* on the way from a stop to the next one: back to where it began */
	if (!p->stopped && p->stops)
		return show_stop(p, p->here);
	return p->stopped && p->here > 0 && show_stop(p, p->here - 1);
}

bool play_goto(struct demo_player *p, size_t n)
{
	if (n < p->stops)
		return show_stop(p, n);
	if (n >= p->all_stops)
		return false;
	if (p->stops)
		show_stop(p, p->stops - 1);
	p->seek_stop = n;
	play_on(p);
	return true;
}

bool play_chapter(struct demo_player *p, int by)
{
	const u32 now = p->stage.chapter_number;
	size_t n = p->here;

	if (by < 0) {
		/* to its own beginning first, from there to the one before */
		while (n > 0 && p->stop[n - 1].stage.chapter_number == now)
			n--;
		if (n == p->here && n > 0)
			for (n--; n > 0 && p->stop[n - 1].stage.chapter_number == p->stop[n].stage.chapter_number;)
				n--;
		return p->stops && show_stop(p, n);
	}
	while (n < p->stops && p->stop[n].stage.chapter_number <= now)
		n++;
	if (n < p->stops)
		return show_stop(p, n);
	if (now >= p->chapters || p->ended)
		return false;
	if (p->stops)
		show_stop(p, p->stops - 1);
	p->seek_chapter = now + 1;
	play_on(p);
	return true;
}

void play_tick(struct demo_player *p, u64 us)
{
	p->wait = us < p->wait ? p->wait - us : 0;
}

void play_hand_over(struct demo_player *p)
{
	if (p->stopped)
		p->live = true;
}

void play_take_back(struct demo_player *p)
{
	if (p->live)
		show_stop(p, p->here);
}

u64 play_reading_time(const struct play_stage *s)
{
	u64 us = 1500000 + (s->said ? utf8_width(s->said) * 45000 : 0);

	for (u32 i = 0; i < s->choices; i++)
		us += 700000;
	return us + (s->question ? utf8_width(s->question) * 45000 : 0);
}
