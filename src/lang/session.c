/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/session.h"

#include <string.h>

#include "lang/rows.h"

#define SCRIPTS_DEEP 16u

/* ---- beginning and end --------------------------------------------------------------------------------------- */

enum status session_init(struct session *ss, const struct cmd_table *const *tables, struct sink sink, struct err *err)
{
	memset(ss, 0, sizeof(*ss));
	ss->tables = tables;
	ss->sink = sink;
	ss->focus = (struct endpoint){ .host = 0, .kind = EP_MAIN, .fd = -1 };
	ss->tape = tape_new(SCENARIO_established, err);
	if (!ss->tape)
		return ST_WRONG;
	past_init(&ss->past);
	story_init(&ss->story, ss);
	return ST_OK;
}

void session_release(struct session *ss)
{
	story_release(&ss->story);
	past_release(&ss->past);
	tape_free(ss->tape);
	ss->tape = NULL;
}

/* ---- printing ------------------------------------------------------------------------------------------------ */

void say_args(struct session *ss, const char *format, va_list ap)
{
	struct buf b = BUF_INIT;

	buf_vprintf(&b, format, ap);
	ss->sink.line(ss->sink.ctx, buf_str(&b));
	buf_release(&b);
}

void say(struct session *ss, const char *format, ...)
{
	va_list ap;

	if (ss->json)
		return;
	va_start(ap, format);
	say_args(ss, format, ap);
	va_end(ap);
}

void say_text(struct session *ss, const char *event, const char *text)
{
	struct buf line = BUF_INIT;

	if (ss->json) {
		row_begin(ss, event);
		row_str(ss, "text", text);
		row_end(ss, "%s", "");
		return;
	}
	while (*text) {
		size_t n = strcspn(text, "\n");

		buf_clear(&line);
		buf_add(&line, text, n);
		ss->sink.line(ss->sink.ctx, buf_str(&line));
		text += n + (text[n] == '\n');
	}
	buf_release(&line);
}

void add_prompt(struct buf *b, const struct session *ss)
{
	add_endpoint(b, &ss->focus);
	buf_puts(b, "> ");
}

/* ---- looking ------------------------------------------------------------------------------------------------- */

static u32 count_calls(void *ctx, u16 fn, int host)
{
	struct session *ss = ctx;

	if (past_sync(&ss->past, ss->tape, NULL) != ST_OK)
		return 0;
	return host < 0 ? ss->past.called[fn][0] + ss->past.called[fn][1] : ss->past.called[fn][host];
}

struct expr_env session_env(struct session *ss)
{
	return (struct expr_env){ .w = session_world(ss), .called = count_calls, .ctx = ss };
}

struct seg_origin session_origin(struct session *ss, const struct world *w, u8 from, const struct seg *g)
{
	struct seg_origin o = past_origin(&ss->past, w, from, g);

	return ss->absolute ? (struct seg_origin){ 0, 0 } : o;
}

struct field_view session_view(const struct session *ss, const struct conn *c)
{
	return (struct field_view){ .now = session_world(ss)->now, .isn = conn_isn(c), .peer_isn = conn_peer_isn(c),
				    .absolute = ss->absolute };
}

/* ---- acting -------------------------------------------------------------------------------------------------- */

enum status session_act(struct session *ss, const struct action *a, const void *payload, size_t len, struct err *err)
{
	struct observer json = { .see = json_see, .ctx = ss };
	const struct observer *obs = NULL;
	enum status st;

	if (ss->json && !ss->quiet)
		obs = &json;
	else if (!ss->quiet)
		obs = story_begin(&ss->story, a->kind == ACT_CALL ? payload : NULL);
	st = tape_apply(ss->tape, a, payload, len, obs, err);
	if (st != ST_OK)
		story_discard(&ss->story);
	else if (obs && !ss->json)
		story_end(&ss->story);
	return st;
}

static bool wire_travels(const struct world *w)
{
	for (u16 i = 0; i < w->pool[POOL_FLIGHT].high; i++)
		if (w->flight[i].live && w->flight[i].where == FLIGHT_WIRE && w->flight[i].due != FOREVER)
			return true;
	return false;
}

/* In `net auto` time runs on after each command until the wire is empty. */
static enum status settle(struct session *ss, struct err *err)
{
	const struct action fire = { .kind = ACT_FIRE };

	for (u32 i = 0; session_world(ss)->link.net_auto && wire_travels(session_world(ss)); i++) {
		if (i == EVENTS_LIMIT)
			return err_set(err, ST_WRONG,
				       "the wire is not empty after %u events: the hosts answer each other for ever",
				       EVENTS_LIMIT);
		if (session_act(ss, &fire, NULL, 0, err) != ST_OK)
			return ST_WRONG;
	}
	return ST_OK;
}

/* ---- finding a verb ------------------------------------------------------------------------------------------ */

static const struct cmd *exact_cmd(const struct session *ss, const char *verb)
{
	for (const struct cmd_table *const *t = ss->tables; *t; t++)
		for (size_t i = 0; i < (*t)->n; i++) {
			const struct cmd *c = &(*t)->cmd[i];

			if (strcmp(c->verb, verb) == 0 || (c->same && strcmp(c->same, verb) == 0))
				return c;
		}
	return NULL;
}

static const struct cmd *lettered_cmd(const struct session *ss, const char *verb)
{
	for (const struct cmd_table *const *t = ss->tables; *t; t++)
		for (size_t i = 0; i < (*t)->n; i++)
			if (verb[0] && verb[1] == '\0' && (*t)->cmd[i].letter == verb[0])
				return &(*t)->cmd[i];
	return NULL;
}

/* The verbs that begin so: how many, the first of them, and all in `list`. */
static u32 begun_cmds(const struct session *ss, const char *verb, const struct cmd **first, struct buf *list)
{
	u32 n = 0;

	for (const struct cmd_table *const *t = ss->tables; *t; t++)
		for (size_t i = 0; i < (*t)->n; i++) {
			const struct cmd *c = &(*t)->cmd[i];

			if (strncmp(c->verb, verb, strlen(verb)) != 0)
				continue;
			if (!n++)
				*first = c;
			buf_printf(list, "%s`%s`", n == 1 ? "" : ", ", c->verb);
		}
	return n;
}

bool session_word_of_shell(const char *word, struct err *err)
{
	static const char *const words[] = { "play", "lint", "drill", "notes", "new" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(word, words[i]) == 0) {
			err_set(err, ST_WRONG, "`%s` is for the shell: finwait %s (finwait --help)", word, word);
			return true;
		}
	return false;
}

static void unknown_verb(const struct session *ss, const char *verb, struct err *err)
{
	struct nearest near;
	struct buf hint = BUF_INIT;
	u32 code;
	const char *unseen = unseen_character(verb, &code);

	if (unseen) {
		err_set(err, ST_WRONG, "there is no command `%s`: U+%04X in it is %s", verb, code, unseen);
		return;
	}
	if (session_word_of_shell(verb, err))
		return;
	nearest_init(&near, verb);
	for (const struct cmd_table *const *t = ss->tables; *t; t++)
		for (size_t i = 0; i < (*t)->n; i++) {
			nearest_try(&near, (*t)->cmd[i].verb);
			if ((*t)->cmd[i].same)
				nearest_try(&near, (*t)->cmd[i].same);
		}
	err_set(err, ST_WRONG, "there is no command `%s`%s", verb,
		near.name ? nearest_hint(&near, &hint) : "; `help` lists them all");
	buf_release(&hint);
}

const struct cmd *session_find_cmd(const struct session *ss, const char *verb, bool strict, struct err *err)
{
	const struct cmd *c = exact_cmd(ss, verb);
	const struct cmd *first = NULL;
	struct buf list = BUF_INIT;
	u32 n;

	if (c)
		return c;
	c = lettered_cmd(ss, verb);
	n = c ? 1 : begun_cmds(ss, verb, &first, &list);
	if (!c && n == 1)
		c = first;
	if (c && strict) {
		err_set(err, ST_WRONG, "`%s` is short for `%s`: a script says the full word", verb, c->verb);
		c = NULL;
	} else if (!c && n > 1) {
		err_set(err, ST_WRONG, "`%s` could be %s", verb, buf_str(&list));
	} else if (!c) {
		unknown_verb(ss, verb, err);
	}
	buf_release(&list);
	return c;
}

enum status session_past(struct session *ss, struct err *err)
{
	enum status st = past_sync(&ss->past, ss->tape, err);

	return st == ST_OK && ss->begun ? past_go_on(&ss->past, ss->tape, ss->begun, ss->begun_records, err) : st;
}

enum status session_replay(struct session *ss, u32 from, const struct observer *observer, struct err *err)
{
	enum status st = tape_replay(ss->tape, from, tape_now(ss->tape), observer, NULL, NULL, err);

	if (st != ST_OK || !ss->begun)
		return st;
	return tape_replay_part(ss->tape, ss->begun, ss->begun_records, observer, NULL, NULL, err);
}

/* ---- running a line ------------------------------------------------------------------------------------------ */

static void announce(struct session *ss, const struct command *c)
{
	row_begin(ss, "command");
	row_str(ss, "command", buf_str(&c->text));
	row_end(ss, "%s", "");
}

/* What has been done before a mistake was found is taken back: a mistake changes nothing. */
static void take_back(struct session *ss, u32 moment)
{
	if (tape_now(ss->tape) != moment)
		tape_goto_moment(ss->tape, moment, NULL);
}

static enum status run_row(struct session *ss, const struct cmd *cmd, struct args *a, struct err *err)
{
	const u32 moment = tape_now(ss->tape);
	enum status st;

	buf_puts(&a->canon, cmd->verb);
	st = cmd->run(ss, a, err);
	if (st == ST_OK && (cmd->flags & CMD_ACTS) && !(cmd->flags & CMD_CLOCK))
		st = settle(ss, err);
	if (st == ST_WRONG || st == ST_FULL) {
		if (cmd->flags & CMD_ACTS)
			take_back(ss, moment);
		ss->focus = *a->focus;
		return st;
	}
	if (cmd->flags & CMD_ACTS)
		tape_end_command(ss->tape, buf_str(&a->canon));
	return st;
}

static enum status run_command(struct session *ss, struct command *c, struct err *err)
{
	const struct endpoint focus = ss->focus;
	struct args a = { .c = c, .focus = &focus, .strict = ss->strict };
	struct buf verb = BUF_INIT;
	const struct cmd *cmd = NULL;
	enum status st = ST_WRONG;

	buf_puts(&verb, args_take(&a));
	if (c->word[0].quoted) {
		err_set(err, ST_WRONG, "a command begins with a verb, not with a quote");
		goto out;
	}
	if (verb.len > 1 && verb.data[verb.len - 1] == '!') {
		a.bang = true;
		buf_truncate(&verb, verb.len - 1);
	}
	cmd = session_find_cmd(ss, buf_str(&verb), ss->strict, err);
	if (cmd && a.bang && !(cmd->flags & CMD_BANG)) {
		err_set(err, ST_WRONG, "`%s` takes no `!`", cmd->verb);
		cmd = NULL;
	}
	if (!cmd)
		goto out;
	if (ss->json)
		announce(ss, c);
	if (ss->teacher && ss->teacher->before(ss->teacher, ss, cmd, err) != ST_OK)
		goto out;
	st = run_row(ss, cmd, &a, err);
	if (ss->teacher)
		ss->teacher->after(ss->teacher, ss, cmd);
out:
	/* the word that was not taken is the one that was wrong */
	if (st != ST_OK && cmd && a.next < c->n)
		err_place(err, NULL, 1, c->column + c->word[a.next].off);
	else if (st != ST_OK)
		err_place(err, NULL, 1, c->column);
	buf_release(&verb);
	buf_release(&a.canon);
	return st;
}

enum status session_line(struct session *ss, const char *line, size_t len, struct err *err)
{
	struct lexer lx;
	struct command c = { .n = 0 };
	enum status st;

	err_clear(err);
	st = lexer_init(&lx, line, len, err);
	while (st == ST_OK && !lx.done && !ss->quit) {
		st = lex_command(&lx, &c, err);
		if (st == ST_OK && c.n)
			st = run_command(ss, &c, err);
	}
	command_release(&c);
	return st;
}

enum status session_script(struct session *ss, const char *name, const char *text, size_t len, struct err *err)
{
	const char *outer = ss->script;
	const u32 outer_line = ss->script_line;
	const bool strict = ss->strict;
	enum status st = ST_OK;
	u32 number = 0;

	if (ss->depth == SCRIPTS_DEEP)
		return err_set(err, ST_WRONG, "scripts call each other %u deep: %s is not run", SCRIPTS_DEEP, name);
	ss->depth++;
	ss->script = name;
	ss->strict = true;
	while (len && st == ST_OK && !ss->quit) {
		const char *newline = memchr(text, '\n', len);
		size_t n = newline ? (size_t)(newline - text) : len;

		ss->script_line = ++number;
		st = session_line(ss, text, n, err);
		n += newline != NULL;
		text += n;
		len -= n;
	}
	if (st != ST_OK && err && !err->file[0]) {
		/* what was found out about the place counts within the line */
		err->line = 0;
		err_place(err, name, number, err->column);
	}
	ss->strict = strict;
	ss->script = outer;
	ss->script_line = outer_line;
	ss->depth--;
	return st;
}
