/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/notes.h"

#include <stdlib.h>
#include <string.h>

#include "lang/decision.h"
#include "lang/look.h"

struct notes {
	struct buf *out;
	struct session *ss;
	struct buf why;
	u32 decisions;
};

static void to_text(void *ctx, const char *line)
{
	buf_puts(ctx, line);
	buf_putc(ctx, '\n');
}

/* ---- Markdown ---------------------------------------------------------------------------------------------------- */

static void add_fence(struct buf *b, const char *info, const struct buf *text)
{
	if (text->len)
		buf_printf(b, "```%s\n%s```\n\n", info, buf_str(text));
}

/* Text in which nothing is a mark. */
static void add_plain(struct buf *b, const char *text)
{
	for (; *text; text++) {
		if (strchr("\\`*<>[]|", *text))
			buf_putc(b, '\\');
		buf_putc(b, *text);
	}
}

/* A command between backticks, of which it may have some itself. */
static void add_code(struct buf *b, const char *text)
{
	buf_printf(b, strchr(text, '`') ? "`` %s ``" : "`%s`", text);
}

/* ---- what a command did ------------------------------------------------------------------------------------------ */

static void see_decision(void *ctx, const struct sim *s, const struct trec *r)
{
	struct notes *n = ctx;
	struct buf b = BUF_INIT;

	if (r->type != TREC_DECISION)
		return;
	add_decision(&b, r);
	buf_printf(&n->why, "- %c `%s`: ", host_letter(r->host), fn_name_at(s->w, r->host, decision_info[r->id].fn));
	add_plain(&n->why, buf_str(&b));
	buf_putc(&n->why, '\n');
	n->decisions++;
	buf_release(&b);
}

/* One moment again, as if it were done now. */
static enum status tell_moment(struct notes *n, u32 moment, struct err *err)
{
	const struct observer decisions = { see_decision, n };
	struct tape *t = n->ss->tape;
	const struct moment *m = tape_moment(t, moment);
	const u32 parent = m->parent;
	const struct observer *story;
	size_t len;
	enum status st = tape_goto_moment(t, parent, err);

	/* a scenario has no story but its name's, and what the peer of a packetdrill script takes off the wire is none */
	if (st == ST_OK && m->action.kind == ACT_SCENARIO)
		say(n->ss, "%s", scenario_info[m->action.a].text);
	if (st != ST_OK || m->action.kind == ACT_SCENARIO || (m->action.kind == ACT_DROP && m->action.b == 1))
		return st == ST_OK ? tape_goto_moment(t, moment, err) : st;
	story = story_begin(&n->ss->story, m->action.kind == ACT_CALL ? tape_payload(t, moment, &len) : NULL);
	st = tape_replay(t, parent, moment, story, NULL, NULL, err);
	if (st == ST_OK)
		st = tape_replay(t, parent, moment, &decisions, NULL, NULL, err);
	if (st == ST_OK)
		st = tape_goto_moment(t, moment, err);
	if (st == ST_OK)
		story_end(&n->ss->story);
	else
		story_discard(&n->ss->story);
	return st;
}

static enum status tell_moments(struct notes *n, u32 from, u32 to, struct err *err)
{
	enum status st = ST_OK;

	if (to == from)
		return ST_OK;
	st = tell_moments(n, from, tape_moment(n->ss->tape, to)->parent, err);
	return st == ST_OK ? tell_moment(n, to, err) : st;
}

static enum status tell_point(struct notes *n, u32 point, u32 number, struct err *err)
{
	const struct tape *t = n->ss->tape;
	const struct point *p = tape_point(t, point);
	const struct sink sink = n->ss->sink;
	struct buf text = BUF_INIT;
	enum status st;

	buf_clear(&n->why);
	n->decisions = 0;
	n->ss->sink = (struct sink){ to_text, &text };
	st = tell_moments(n, tape_point(t, p->parent)->moment, p->moment, err);
	n->ss->sink = sink;
	buf_printf(n->out, "### %u. ", number);
	add_code(n->out, p->command);
	buf_puts(n->out, "\n\n");
	add_fence(n->out, "text", &text);
	if (n->decisions)
		buf_printf(n->out, "<details><summary>Why: %u decision%s</summary>\n\n%s\n</details>\n\n", n->decisions,
			   n->decisions == 1 ? "" : "s", buf_str(&n->why));
	buf_release(&text);
	return st;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static enum status add_ladder(struct notes *n, struct err *err)
{
	const struct sink sink = n->ss->sink;
	const u16 columns = n->ss->columns;
	struct buf text = BUF_INIT;
	enum status st;

	n->ss->sink = (struct sink){ to_text, &text };
	n->ss->columns = 0;
	st = session_line(n->ss, "ladder", strlen("ladder"), err);
	n->ss->sink = sink;
	n->ss->columns = columns;
	buf_puts(n->out, "## The ladder\n\n");
	add_fence(n->out, "text", &text);
	buf_release(&text);
	return st;
}

/* The points that led to the present one, from the first command on; the caller frees them. */
static u32 *points_to_here(const struct tape *t, u32 *n)
{
	u32 *point;
	u32 at = tape_point_now(t), i = 0;

	for (u32 p = at; tape_point(t, p)->parent != UINT32_MAX; p = tape_point(t, p)->parent)
		i++;
	point = xcalloc((size_t)i + 1, sizeof(*point));
	*n = i;
	for (; i > 0; at = tape_point(t, at)->parent)
		point[--i] = at;
	return point;
}

static void add_head(struct notes *n)
{
	const struct world *w = session_world(n->ss);
	struct buf clock = BUF_INIT;

	add_clock(&clock, w->now - WORLD_EPOCH);
	buf_printf(
		n->out,
		"# A finwait session\n\nHost A runs Linux %s, host B Linux %s; the session's clock stands at %s.\n\n",
		profile_of((enum profile_id)w->host[0].profile)->name,
		profile_of((enum profile_id)w->host[1].profile)->name, buf_str(&clock));
	buf_release(&clock);
}

static enum status add_steps(struct notes *n, struct err *err)
{
	struct tape *t = n->ss->tape;
	struct buf script = BUF_INIT;
	u32 points;
	u32 *point = points_to_here(t, &points);
	const u32 here = tape_now(t);
	enum status st = ST_OK;

	if (points)
		buf_puts(n->out, "## What was done\n\n");
	for (u32 i = 0; i < points && st == ST_OK; i++)
		st = tell_point(n, point[i], i + 1, err);
	if (tape_goto_moment(t, here, err) != ST_OK)
		st = ST_WRONG;
	if (points && session_commands(n->ss, &script)) {
		buf_puts(n->out,
			 "## To do it again\n\nIn the scenario `established`, with which every session begins:\n\n");
		add_fence(n->out, "fw", &script);
	}
	buf_release(&script);
	free(point);
	return st;
}

enum status add_notes(struct buf *b, struct session *ss, struct err *err)
{
	struct notes n = { .out = b, .ss = ss };
	const bool json = ss->json;
	enum status st;

	ss->json = false;
	add_head(&n);
	st = add_ladder(&n, err);
	if (st == ST_OK)
		st = add_steps(&n, err);
	while (b->len > 1 && b->data[b->len - 2] == '\n' && b->data[b->len - 1] == '\n')
		buf_truncate(b, b->len - 1);
	ss->json = json;
	buf_release(&n.why);
	return st;
}
