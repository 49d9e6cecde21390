/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record: what the screen shows from here on, as an asciicast. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "lesson/play.h"
#include "view/cast.h"
#include "view/view.h"

struct recording {
	struct cast cast;
	char *path;  /* owned */
	u64 start;   /* on the clock of whoever paints */
	u64 last;
	bool started;
};

/* The file whole, as it is so far: it was made when the recording began, and is ours. */
static enum status write_recording(struct session *ss, const struct recording *r, const char *verb, bool bang, struct err *err)
{
	return session_write(ss, verb, bang, r->path, "", &r->cast.out, err);
}

/* `verb`: what was typed; NULL: no command began it. */
static enum status begin_recording(struct view *v, const char *path, u8 version, const char *verb, bool bang, struct err *err)
{
	struct recording *r = xcalloc(1, sizeof(*r));
	const bool quiet = v->ss->quiet;
	enum status st;

	cast_begin(&r->cast, version, v->canvas.rows, v->canvas.cols, v->player ? v->player->title : "finwait");
	r->path = xstrdup(path);
	/* a folder that is not there, a file that is, a full disk: now, not when all has been shown */
	v->ss->quiet = true;
	st = write_recording(v->ss, r, verb, bang, err);
	v->ss->quiet = quiet;
	v->recording = r;
	if (st != ST_OK)
		view_drop_recording(v);
	v->marked_chapter = 0;
	view_mark_chapter(v);
	return st;
}

enum status view_begin_recording(struct view *v, const char *path, u8 version, struct err *err)
{
	return begin_recording(v, path, version, NULL, false, err);
}

enum status view_end_recording(struct view *v, struct err *err)
{
	enum status st = ST_OK;

	if (!v->recording)
		return ST_OK;
	cast_end(&v->recording->cast, v->recording->last);
	st = write_recording(v->ss, v->recording, "record", true, err);
	/* where it could not be written it goes on: the person can make room and try again */
	if (st == ST_OK)
		view_drop_recording(v);
	return st;
}

void view_drop_recording(struct view *v)
{
	struct recording *r = v->recording;

	if (!r)
		return;
	cast_release(&r->cast);
	free(r->path);
	free(r);
	v->recording = NULL;
}

void view_record(struct view *v, int cursor_row, int cursor_col, u64 us)
{
	struct recording *r = v->recording;

	if (!r)
		return;
	if (!r->started)
		r->start = us;
	r->started = true;
	r->last = us - r->start;
	cast_frame(&r->cast, &v->canvas, cursor_row, cursor_col, r->last);
}

void view_record_mark(struct view *v, const char *label)
{
	if (v->recording)
		cast_mark(&v->recording->cast, label, v->recording->last);
}

void view_mark_chapter(struct view *v)
{
	const struct play_stage *s = v->player ? &v->player->stage : NULL;

	if (!s || s->chapter_number == v->marked_chapter)
		return;
	v->marked_chapter = s->chapter_number;
	if (s->chapter)
		view_record_mark(v, s->chapter);
}

/* record chapter "TEXT" */
static enum status mark_chapter(struct view *v, struct args *a, struct err *err)
{
	const char *text = args_take(a);

	if (!text)
		return err_set(err, ST_WRONG, "the chapter's name is missing: record chapter \"What B does\"");
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	view_record_mark(v, text);
	return ST_OK;
}

static enum status cmd_record(struct session *ss, struct args *a, struct err *err)
{
	struct view *v = view_of(ss, err);
	const char *word = args_take(a);
	const bool off = word && strcmp(word, "off") == 0, chapter = word && strcmp(word, "chapter") == 0;
	u8 version = 2;

	if (!v)
		return ST_WRONG;
	if (!word)
		return err_set(err, ST_WRONG, "a file is missing: record FILE.cast, and later record off");
	if ((off || chapter) && !v->recording)
		return err_set(err, ST_WRONG, "nothing is being recorded");
	if (chapter)
		return mark_chapter(v, a, err);
	if (off)
		return args_end(a, err) == ST_OK ? view_end_recording(v, err) : ST_WRONG;
	if (!ends_in(word, strlen(word), ".cast"))
		return err_set(err, ST_WRONG, "a recording is called FILE.cast, not `%s`; `record off` ends one", word);
	if (v->recording)
		return err_set(err, ST_WRONG, "the screen is being recorded already: `record off` ends that");
	if (args_try_keyword(a, "v3"))
		version = 3;
	if (args_end(a, err) != ST_OK || begin_recording(v, word, version, "record", a->bang, err) != ST_OK)
		return ST_WRONG;
	say(ss, "recording to %s: `record off` ends it", word);
	return ST_OK;
}

static const struct cmd rows[] = {
	{
		.verb = "record",
		.syntax = "FILE.cast [v3] | chapter \"TEXT\" | off",
		.help = "Records what the screen shows from here on, until `record off` or the end, as an asciicast "
			"(version 2 unless said) "
			"that asciinema plays. `record chapter` puts a marker where a part of it begins; the chapters of a "
			"demo have theirs by themselves. `record!` overwrites. A demo is recorded without a terminal by "
			"finwait play --record.",
		.takes = "<file> v3 chapter off",
		.run = cmd_record,
		.flags = CMD_BANG,
	},
};

const struct cmd_table cmds_record = { "Recording", rows, ARRAY_LEN(rows) };
