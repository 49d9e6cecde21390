/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs of a demo. Where none is being played they are silent, but for what there is to say at a prompt. */
#include <string.h>

#include "lang/expr.h"
#include "lang/rows.h"
#include "lesson/play.h"

static enum status take_text(struct args *a, const char *verb, const char **text, struct err *err)
{
	*text = args_take(a);
	if (!*text)
		return err_set(err, ST_WRONG, "the text is missing: %s \"...\"", verb);
	return args_end(a, err);
}

/* The text goes to `place` of the stage, or is told. */
static enum status narrate(struct session *ss, struct args *a, const char *verb, const char **place, struct err *err)
{
	const char *text;

	if (take_text(a, verb, &text, err) != ST_OK)
		return ST_WRONG;
	if (place)
		*place = play_keep(ss->demo, text);
	else if (ss->narrates)
		say_text(ss, verb, text);
	return ST_OK;
}

static enum status cmd_title(struct session *ss, struct args *a, struct err *err)
{
	struct demo_player *p = ss->demo;

	return narrate(ss, a, "title", p ? &p->stage.title : NULL, err);
}

static void forget_question(struct play_stage *s)
{
	s->question = NULL;
	s->choices = 0;
	s->picked = 0;
}

static enum status cmd_chapter(struct session *ss, struct args *a, struct err *err)
{
	struct demo_player *p = ss->demo;
	enum status st = narrate(ss, a, "chapter", p ? &p->stage.chapter : NULL, err);

	if (st == ST_OK && p) {
		p->stage.chapter_number++;
		p->stage.said = NULL;
		forget_question(&p->stage);
	}
	return st;
}

static enum status cmd_say(struct session *ss, struct args *a, struct err *err)
{
	struct demo_player *p = ss->demo;
	enum status st = narrate(ss, a, "say", p ? &p->stage.said : NULL, err);

	if (st == ST_OK && p) {
		forget_question(&p->stage);
		p->stopping = true;
	}
	return st;
}

static enum status cmd_note(struct session *ss, struct args *a, struct err *err)
{
	struct demo_player *p = ss->demo;
	const char *text;

	if (p)
		return narrate(ss, a, "note", &p->stage.note, err);
	return take_text(a, "note", &text, err);
}

static enum status cmd_pause(struct session *ss, struct args *a, struct err *err)
{
	struct demo_player *p = ss->demo;
	const bool timed = args_peek(a) != NULL;
	u64 us = 0;

	if (timed && args_duration(a, &us, err) != ST_OK)
		return ST_WRONG;
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	if (p && timed)
		p->wait = us;
	else if (p)
		p->stopping = true;
	return ST_OK;
}

static enum status cmd_ask(struct session *ss, struct args *a, struct err *err)
{
	struct demo_player *p = ss->demo;
	const char *question = args_take(a), *word;
	struct play_stage asked = { .choices = 0 };

	if (!question)
		return err_set(err, ST_WRONG, "the question is missing: ask \"FIN or RST?\" fin rst");
	for (; (word = args_peek(a)) && asked.choices < PLAY_CHOICES_MAX; args_take(a))
		asked.choice[asked.choices++] = word;
	if (asked.choices < 2)
		return err_set(err, ST_WRONG, "a question has two choices at least: ask \"FIN or RST?\" fin rst");
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	if (p) {
		p->stage.question = play_keep(p, question);
		p->stage.said = NULL;
		for (u32 i = 0; i < asked.choices; i++)
			p->stage.choice[i] = play_keep(p, asked.choice[i]);
		p->stage.choices = asked.choices;
		p->stage.picked = 0;
		p->stopping = true;
	} else if (ss->narrates) {
		say_text(ss, "ask", question);
		for (u32 i = 0; i < asked.choices; i++)
			say(ss, "  %u  %s", i + 1, asked.choice[i]);
	}
	return ST_OK;
}

static enum status cmd_highlight(struct session *ss, struct args *a, struct err *err)
{
	struct demo_player *p = ss->demo;
	struct expr *e = args_expr(a, err);
	struct expr_env env = session_env(ss);
	struct buf b = BUF_INIT;
	enum status st = e ? args_end(a, err) : ST_WRONG;

	if (st == ST_OK && p) {
		add_expr_text(&b, e);
		p->stage.highlight = play_keep(p, buf_str(&b));
	} else if (st == ST_OK && ss->narrates) {
		add_expr_leaves(&b, e, &env);
		say_text(ss, "highlight", buf_str(&b));
	}
	buf_release(&b);
	expr_free(e);
	return st;
}

static enum status cmd_prompt(struct session *ss, struct args *a, struct err *err)
{
	struct demo_player *p = ss->demo;

	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	if (p) {
		p->stopping = true;
		p->hands_over = true;
	}
	return ST_OK;
}

static enum status cmd_continue(struct session *ss, struct args *a, struct err *err)
{
	struct demo_player *p = ss->demo;
	const bool asked_for = p && p->live && p->stop[p->here].hands_over;

	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	if (!p || !p->live)
		return err_set(err, ST_WRONG, "no demo has handed the prompt over: there is nothing to go on with");
	play_take_back(p);
	/* who took the prompt out of turn is where it was taken */
	if (asked_for)
		play_on(p);
	return ST_OK;
}

static enum status hide(struct session *ss, struct args *a, bool hidden, struct err *err)
{
	struct demo_player *p = ss->demo;

	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	if (p)
		p->hidden = hidden;
	return ST_OK;
}

static enum status cmd_hide(struct session *ss, struct args *a, struct err *err)
{
	return hide(ss, a, true, err);
}

static enum status cmd_unhide(struct session *ss, struct args *a, struct err *err)
{
	return hide(ss, a, false, err);
}

static const struct cmd rows[] = {
	{
		.verb = "title",
		.syntax = "\"TEXT\"",
		.help = "What a demo is called.",
		.takes = "",
		.run = cmd_title,
	},
	{
		.verb = "chapter",
		.syntax = "\"TEXT\"",
		.help = "A part of a demo begins.",
		.takes = "",
		.run = cmd_chapter,
	},
	{
		.verb = "say",
		.syntax = "\"TEXT\"",
		.help = "Words for the audience of a demo, which stops there until somebody goes on.",
		.takes = "",
		.run = cmd_say,
	},
	{
		.verb = "note",
		.syntax = "\"TEXT\"",
		.help = "Words for the presenter alone: finwait notes shows them in another terminal.",
		.takes = "",
		.run = cmd_note,
	},
	{
		.verb = "pause",
		.syntax = "[DURATION]",
		.help = "A demo waits here: so long, or until somebody goes on.",
		.takes = "1s",
		.run = cmd_pause,
	},
	{
		.verb = "ask",
		.syntax = "\"QUESTION\" CHOICE CHOICE...",
		.help = "A question to the audience of a demo, before what comes next answers it.",
		.takes = "",
		.run = cmd_ask,
	},
	{
		.verb = "highlight",
		.syntax = "FIELD",
		.help = "Points to a field in a demo: it is marked, and its value told.",
		.takes = "<expr>",
		.run = cmd_highlight, .flags = CMD_EXPR,
	},
	{
		.verb = "prompt",
		.syntax = "",
		.help = "A demo hands the prompt over to the audience; `continue` takes it back.",
		.takes = "",
		.run = cmd_prompt,
	},
	{
		.verb = "continue",
		.syntax = "",
		.help = "Goes on with the demo, from where it was: what was typed meanwhile is a branch.",
		.takes = "",
		.run = cmd_continue,
	},
	{
		.verb = "hide",
		.syntax = "",
		.help = "A demo runs on without being seen, until `unhide`.",
		.takes = "",
		.run = cmd_hide,
	},
	{
		.verb = "unhide",
		.syntax = "",
		.help = "What follows in a demo is seen again.",
		.takes = "",
		.run = cmd_unhide,
	},
};

const struct cmd_table cmds_demo = { "Demos", rows, ARRAY_LEN(rows) };
