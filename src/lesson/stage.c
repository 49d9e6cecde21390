/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lesson/stage.h"

#include <stdlib.h>
#include <string.h>

#include "engine/profile.h"

static void remember_line(void *ctx, const char *text)
{
	buf_printf(ctx, "%s\n", text);
}

static void say_nothing(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

struct stage *stage_new(void)
{
	struct stage *st = xcalloc(1, sizeof(*st));

	if (session_init(&st->ss, lesson_language, (struct sink){ remember_line, &st->said }, NULL) == ST_OK)
		return st;
	free(st);
	return NULL;
}

void stage_free(struct stage *st)
{
	if (!st)
		return;
	session_release(&st->ss);
	buf_release(&st->said);
	free(st);
}

enum status run_commands(struct session *ss, const struct lesson *l, const char *commands, u32 line, struct err *err)
{
	enum status st;

	err_clear(err);
	st = session_script(ss, l->file, commands, strlen(commands), err);
	if (st != ST_OK && err->line && strcmp(err->file, l->file) == 0)
		err->line += line - 1;
	return st;
}

enum status run_silently(struct session *ss, const struct lesson *l, const char *commands, u32 line, struct err *err)
{
	const struct sink sink = ss->sink;
	const bool quiet = ss->quiet, json = ss->json;
	enum status st;

	ss->sink = (struct sink){ .line = say_nothing };
	ss->quiet = true;
	ss->json = false;
	st = run_commands(ss, l, commands, line, err);
	ss->sink = sink;
	ss->quiet = quiet;
	ss->json = json;
	return st;
}

/* Both hosts have the lesson's kernel, whatever the learner had before. */
static enum status begin_kernel(struct session *ss, const struct lesson *l, struct err *err)
{
	const int wanted = *l->kernel ? profile_find(l->kernel) : PROFILE_6_18;
	const struct host *host = session_world(ss)->host;
	struct buf b = BUF_INIT;
	enum status st;

	if (host[0].profile == wanted && host[1].profile == wanted)
		return ST_OK;
	buf_printf(&b, "kernel %s", profile_of((enum profile_id)wanted)->name);
	st = run_silently(ss, l, buf_str(&b), 1, err);
	buf_release(&b);
	return st;
}

enum status begin_situation(struct session *ss, const struct lesson *l, const struct step *s, struct err *err)
{
	const struct block *setup = step_setup(l, s);
	enum status st = run_silently(ss, l, "scenario established", 1, err);

	if (st == ST_OK)
		st = begin_kernel(ss, l, err);
	if (st == ST_OK && setup)
		st = run_silently(ss, l, setup->text, setup->line, err);
	ss->focus = (struct endpoint){ .host = 0, .kind = EP_MAIN, .fd = -1 };
	return st;
}

enum status begin_after(struct session *ss, const struct lesson *l, const struct step *s, size_t n, struct err *err)
{
	enum status st = begin_situation(ss, l, s, err);
	const struct block *b;

	for (size_t i = 0; i < n && st == ST_OK && (b = step_block(s, BLOCK_PREDICT, i)) != NULL; i++)
		st = run_silently(ss, l, b->text, b->line, err);
	return st;
}
