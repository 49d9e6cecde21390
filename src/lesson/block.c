/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of the fenced blocks. */
#include <stdlib.h>
#include <string.h>

#include "lang/names.h"
#include "lang/session.h"
#include "lesson/lesson.h"

const struct cmd_table *const lesson_language[] = {
	&cmds_world, &cmds_kernel, &cmds_call, &cmds_net, &cmds_time, &cmds_look, &cmds_history, &cmds_file, NULL,
};

/* Of the commands about scripts and the session, those that touch nothing but the session. */
static const char *const harmless[] = { "expect", "focus" };

const char *const lesson_panes[] = { "calls", "ladder", "states", "source", "lesson", "why",
				     "nstat", "tools",  "log",    NULL };

static const char *const kinds[NR_BLOCKS] = {
	[BLOCK_SETUP] = "setup",     [BLOCK_GOAL] = "goal",   [BLOCK_HINT] = "hint",	   [BLOCK_SOLUTION] = "solution",
	[BLOCK_REJECT] = "reject",   [BLOCK_DENY] = "deny",   [BLOCK_ALLOW] = "allow",	   [BLOCK_PREDICT] = "predict",
	[BLOCK_QUIZ] = "quiz",	     [BLOCK_SHOW] = "show",   [BLOCK_EXPECT] = "expect", [BLOCK_WHY] = "why",
};

/* A block that is being read. */
struct reader {
	struct block *b;
	struct findings *f;
	const char *rest;  /* of b->text */
	size_t begin;	   /* where in it the line begins that was read last, */
	u32 number;	   /* and its number in the file */
	struct buf line; /* without blanks at its end */
};

/* The next line, as it is. */
static bool next_line(struct reader *r)
{
	size_t n = strcspn(r->rest, "\n");

	if (!*r->rest)
		return false;
	buf_clear(&r->line);
	buf_add(&r->line, r->rest, n);
	r->begin = (size_t)(r->rest - r->b->text);
	while (r->line.len && strchr(" \t\r", r->line.data[r->line.len - 1]))
		buf_truncate(&r->line, r->line.len - 1);
	r->rest += n + (r->rest[n] == '\n');
	r->number++;
	return true;
}

/* The next line that says something; NULL: there is none. */
static const char *next_words(struct reader *r)
{
	while (next_line(r)) {
		const char *text = buf_str(&r->line);

		text += strspn(text, " \t");
		if (*text)
			return text;
	}
	return NULL;
}

static void *more(void *array, size_t n, size_t size)
{
	/* doubled whenever it is full: at 0, 4, 8, 16 ... */
	if (n && (n < 4 || (n & (n - 1)) != 0))
		return array;
	return xrealloc(array, (n ? n * 2 : 4) * size);
}

static char *copy_of(const char *text, size_t len)
{
	struct buf b = BUF_INIT;

	buf_add(&b, text, len);
	return buf_detach(&b);
}

/* What stands behind `key:` on this line, NULL: it is another line. */
static const char *value_of(const char *line, const char *key)
{
	const size_t n = strlen(key);

	if (strncmp(line, key, n) != 0 || line[n] != ':')
		return NULL;
	line += n + 1;
	return line + strspn(line, " \t");
}

/* ---- commands -------------------------------------------------------------------------------------------------- */

static bool is_harmless(const struct cmd *cmd)
{
	bool found = true;

	for (size_t i = 0; i < cmds_file.n; i++)
		found &= &cmds_file.cmd[i] != cmd;
	for (size_t i = 0; i < ARRAY_LEN(harmless); i++)
		found |= strcmp(harmless[i], cmd->verb) == 0;
	return found;
}

/* The commands of one line: how many, 0 when one of them is none. */
static u32 read_commands(struct findings *f, const char *line, u32 number)
{
	static const struct session language = { .tables = lesson_language };
	struct command c = { .n = 0 };
	struct lexer lx;
	struct err err;
	u32 n = 0;
	enum status st = lexer_init(&lx, line, strlen(line), &err);

	while (st == ST_OK && !lx.done) {
		const struct cmd *cmd;

		st = lex_command(&lx, &c, &err);
		if (st != ST_OK || !c.n)
			continue;
		cmd = session_find_cmd(&language, command_word(&c, 0), true, &err);
		if (cmd && is_harmless(cmd))
			n++;
		else if (cmd)
			st = err_set(&err, ST_WRONG, "a lesson may not use `%s`", cmd->verb);
		else
			st = ST_WRONG;
	}
	command_release(&c);
	if (st == ST_OK)
		return n;
	finding(f, ST_WRONG, number, "%s", err.message);
	return 0;
}

/* A block of commands; its text stays as it is. */
static void read_script(struct reader *r)
{
	const u32 before = r->f->n;
	u32 n = 0;

	while (next_line(r))
		n += read_commands(r->f, buf_str(&r->line), r->number);
	if (!n && r->f->n == before)
		finding(r->f, ST_WRONG, r->b->line - 1, "the block `%s` is empty: commands belong there", kinds[r->b->kind]);
}

static void read_reject(struct reader *r)
{
	struct block *b = r->b;
	const char *line;
	size_t end = strlen(b->text);

	while ((line = next_words(r)) != NULL) {
		const char *says = value_of(line, "says");

		if (b->says) {
			finding(r->f, ST_WRONG, r->number, "`says:` is the last line of a `reject`");
			return;
		}
		if (says) {
			b->says = xstrdup(says);
			end = r->begin;
		} else {
			read_commands(r->f, line, r->number);
		}
	}
	b->text[end] = '\0';
	if (!b->says || !*b->says)
		finding(r->f, ST_WRONG, b->line - 1,
			"a `reject` ends with a line `says: ...`: what a learner who gets there is told");
}

/* ---- goals ----------------------------------------------------------------------------------------------------- */

static bool read_expr(struct findings *f, const char *text, u32 number, struct expr **out)
{
	const struct endpoint focus = { .host = 0, .kind = EP_MAIN, .fd = -1 };
	struct err err = { .line = 0 };
	size_t used;

	*out = expr_parse(text, &focus, &used, &err);
	if (!*out) {
		finding(f, ST_WRONG, number, "%s", err.message);
		return false;
	}
	if (text[used + strspn(text + used, " \t")] == '\0')
		return true;
	finding(f, ST_WRONG, number, "`%s` cannot continue the expression", text + used + strspn(text + used, " \t"));
	expr_free(*out);
	*out = NULL;
	return false;
}

static bool read_count(struct findings *f, const struct command *c, u32 word, u32 number, u32 *out)
{
	const char *text = command_word(c, word);
	s64 n;

	if (text && parse_number(text, &n) && n >= 1 && n <= 1000) {
		*out = (u32)n;
		return true;
	}
	finding(f, ST_WRONG, number, "a number of commands is missing: within 3 commands, par 2");
	return false;
}

/* "within 3 commands", "calls tcp_fin", "par 2"; false: told why not. */
static bool read_constraint(struct findings *f, const struct command *c, struct goal_line *g)
{
	const char *verb = command_word(c, 0);
	const char *word = command_word(c, 1);
	const u32 words = g->kind == GOAL_WITHIN ? 3 : 2;
	struct err err;

	if (g->kind == GOAL_CALLS) {
		g->fn = word ? fn_find(word) : 0;
		if (!g->fn) {
			no_such_function(word ? word : "", &err);
			finding(f, ST_WRONG, g->line, "%s", err.message);
			return false;
		}
	} else if (!read_count(f, c, 1, g->line, &g->n)) {
		return false;
	}
	if (c->n == words && (words == 2 || strncmp(command_word(c, 2), "command", 7) == 0))
		return true;
	finding(f, ST_WRONG, g->line, "`%s` is written: %s", verb,
		g->kind == GOAL_WITHIN ? "within 3 commands" : g->kind == GOAL_CALLS ? "calls tcp_fin" : "par 2");
	return false;
}

static u8 goal_kind(const char *word)
{
	static const char *const words[] = { [GOAL_NEVER] = "never", [GOAL_WITHIN] = "within", [GOAL_CALLS] = "calls",
					     [GOAL_PAR] = "par" };

	for (u8 i = GOAL_NEVER; i <= GOAL_PAR; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return GOAL_HOLDS;
}

/* "nevr EXPR": what was meant is a constraint. */
static bool is_mistyped(struct findings *f, const struct command *c, u32 line)
{
	static const char *const words[] = { "never", "within", "calls", "par" };
	const struct endpoint focus = { .host = 0, .kind = EP_MAIN, .fd = -1 };
	struct buf hint = BUF_INIT;
	struct nearest near;
	size_t used;
	struct expr *e = expr_parse(buf_str(&c->text), &focus, &used, NULL);
	bool mistyped;

	nearest_init(&near, command_word(c, 0));
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		nearest_try(&near, words[i]);
	mistyped = !e && c->n > 1 && near.name;
	if (mistyped)
		finding(f, ST_WRONG, line, "no condition begins with `%s`%s", command_word(c, 0), nearest_hint(&near, &hint));
	expr_free(e);
	buf_release(&hint);
	return mistyped;
}

static bool read_goal_line(struct findings *f, const struct command *c, struct goal_line *g)
{
	const char *text = buf_str(&c->text);

	g->kind = goal_kind(command_word(c, 0));
	g->text = xstrdup(text);
	if (g->kind == GOAL_HOLDS && is_mistyped(f, c, g->line))
		return false;
	if (g->kind == GOAL_HOLDS || g->kind == GOAL_NEVER)
		return read_expr(f, text + (g->kind == GOAL_NEVER ? c->word[0].end : 0), g->line, &g->e);
	return read_constraint(f, c, g);
}

static void read_goal(struct reader *r)
{
	struct block *b = r->b;
	const char *line;
	u32 conditions = 0;

	while ((line = next_words(r)) != NULL) {
		struct command c = { .n = 0 };
		struct lexer lx;
		struct err err;

		if (lexer_init(&lx, line, strlen(line), &err) != ST_OK || lex_command(&lx, &c, &err) != ST_OK)
			finding(r->f, ST_WRONG, r->number, "%s", err.message);
		else if (!lx.done)
			finding(r->f, ST_WRONG, r->number, "a goal has one condition a line");
		else if (c.n && b->n == GOALS_MAX)
			finding(r->f, ST_WRONG, r->number, "a goal has at most %d lines", GOALS_MAX);
		else if (c.n) {
			b->goal = more(b->goal, b->n, sizeof(*b->goal));
			b->goal[b->n] = (struct goal_line){ .line = r->number };
			read_goal_line(r->f, &c, &b->goal[b->n]);
			conditions += b->goal[b->n].kind == GOAL_HOLDS || b->goal[b->n].kind == GOAL_CALLS;
			b->n++;
		}
		command_release(&c);
	}
	if (!conditions)
		finding(r->f, ST_WRONG, b->line - 1, "a goal has something that is to be reached: A.state == TIME_WAIT, for example");
}

/* ---- questions ------------------------------------------------------------------------------------------------- */

/* The first comma of `text` outside of brackets, or its end. */
static size_t until_comma(const char *text)
{
	int depth = 0;
	size_t n = 0;

	for (; text[n] && (text[n] != ',' || depth > 0); n++)
		depth += text[n] == '(' ? 1 : text[n] == ')' ? -1 : 0;
	return n;
}

static void read_asked(struct reader *r, const char *text)
{
	struct block *b = r->b;

	while (*text) {
		const size_t n = until_comma(text);
		size_t len = n;
		struct asked a = { .text = NULL };

		while (len && strchr(" \t", text[len - 1]))
			len--;
		a.text = copy_of(text, len);
		if (b->n == ASKS_MAX)
			finding(r->f, ST_WRONG, r->number, "a prediction asks for %d things at most", ASKS_MAX);
		if (b->n == ASKS_MAX || !read_expr(r->f, a.text, r->number, &a.e)) {
			free(a.text);
			return;
		}
		b->asked = more(b->asked, b->n, sizeof(*b->asked));
		b->asked[b->n++] = a;
		text += n + (text[n] == ',');
		text += strspn(text, " \t");
	}
}

static void read_predict(struct reader *r)
{
	const u32 before = r->f->n;
	struct buf run = BUF_INIT;
	u32 run_line = 0;
	const char *line;

	while ((line = next_words(r)) != NULL) {
		const char *value = value_of(line, "run");

		if (value && !run_line) {
			buf_puts(&run, value);
			run_line = r->number;
			if (!read_commands(r->f, value, r->number) && r->f->n == before)
				finding(r->f, ST_WRONG, r->number, "what is to be run is missing: run: close B");
		} else if (!value && !r->b->n && (value = value_of(line, "ask")) != NULL) {
			read_asked(r, value);
		} else {
			finding(r->f, ST_WRONG, r->number, "`%s`: a prediction is one line `run: COMMANDS` and one `ask: EXPR, EXPR`",
				line);
		}
	}
	if (r->f->n == before && (!run_line || !r->b->n))
		finding(r->f, ST_WRONG, r->b->line - 1, "a prediction is one line `run: COMMANDS` and one `ask: EXPR, EXPR`");
	free(r->b->text);
	r->b->text = buf_detach(&run);
	if (run_line)
		r->b->line = run_line;
}

static void read_choice(struct reader *r, const char *line)
{
	struct block *b = r->b;
	const char *text = line + 1 + strspn(line + 1, " \t");
	const char *colon = strstr(text, ": ");

	if (!colon || !colon[2 + strspn(colon + 2, " ")]) {
		finding(r->f, ST_WRONG, r->number, "a choice is written `%c CHOICE: what is said to who chooses it`", *line);
		return;
	}
	if (b->n == CHOICES_MAX) {
		finding(r->f, ST_WRONG, r->number, "a question has %d choices at most", CHOICES_MAX);
		return;
	}
	b->choice = more(b->choice, b->n, sizeof(*b->choice));
	b->choice[b->n++] = (struct quiz_choice){ .text = copy_of(text, (size_t)(colon - text)),
						  .answer = xstrdup(colon + 2 + strspn(colon + 2, " ")),
						  .right = *line == '+' };
}

static void read_quiz(struct reader *r)
{
	struct block *b = r->b;
	struct buf question = BUF_INIT;
	const char *line;
	u32 right = 0;

	while ((line = next_words(r)) != NULL) {
		const char *value = value_of(line, "ask");

		if (*line == '+' || *line == '-')
			read_choice(r, line);
		else if (value || (question.len && !b->n))
			buf_printf(&question, "%s%s", question.len ? " " : "", value ? value : line);
		else
			finding(r->f, ST_WRONG, r->number,
				"a question is `ask: ...`, then lines `+ right choice: answer` and `- other choice: answer`");
	}
	for (size_t i = 0; i < b->n; i++) {
		right += b->choice[i].right;
		for (size_t k = 0; k < i; k++)
			if (strcmp(b->choice[i].text, b->choice[k].text) == 0)
				finding(r->f, ST_WRONG, b->line - 1, "two choices are alike: `%s`", b->choice[i].text);
	}
	if (!question.len || !right || right == b->n)
		finding(r->f, ST_WRONG, b->line - 1, "a question has a text behind `ask:`, a right choice (+) and a wrong one (-)");
	free(b->text);
	b->text = buf_detach(&question);
}

/* ---- the others ------------------------------------------------------------------------------------------------ */

static void add_word(struct block *b, const char *word, size_t len)
{
	b->word = more(b->word, b->n, sizeof(*b->word));
	b->word[b->n++] = copy_of(word, len);
}

/* Verbs, or panes: each checked. */
static void read_words(struct reader *r)
{
	static const struct session language = { .tables = lesson_language };
	struct block *b = r->b;
	const char *line;

	while ((line = next_words(r)) != NULL)
		while (*line) {
			const size_t len = strcspn(line, " \t,");
			const char *word;
			struct nearest near;
			struct err err;
			struct buf hint = BUF_INIT;
			bool pane = false;

			add_word(b, line, len);
			word = b->word[b->n - 1];
			line += len;
			line += strspn(line, " \t,");
			nearest_init(&near, word);
			for (size_t i = 0; lesson_panes[i]; i++) {
				pane |= strcmp(lesson_panes[i], word) == 0;
				nearest_try(&near, lesson_panes[i]);
			}
			if (b->kind != BLOCK_SHOW && !session_find_cmd(&language, word, true, &err))
				finding(r->f, ST_WRONG, r->number, "%s", err.message);
			else if (b->kind == BLOCK_SHOW && !pane)
				finding(r->f, ST_WRONG, r->number, "there is no pane `%s`%s", word, nearest_hint(&near, &hint));
			buf_release(&hint);
		}
	if (!b->n)
		finding(r->f, ST_WRONG, b->line - 1, "the block `%s` is empty", kinds[b->kind]);
}

/* "A> close A": the endpoint that is in focus, and what is typed. */
static bool is_prompt(const char *line, size_t *n)
{
	struct endpoint ep;

	*n = endpoint_scan(line, &ep);
	if (!*n || line[*n] != '>' || line[*n + 1] != ' ')
		return false;
	*n += 2;
	return true;
}

static void read_expect(struct reader *r)
{
	struct block *b = r->b;
	struct buf output = BUF_INIT;
	size_t n;

	while (next_line(r)) {
		const char *line = buf_str(&r->line);

		if (is_prompt(line, &n)) {
			if (b->n)
				b->exchange[b->n - 1].output = buf_detach(&output);
			b->exchange = more(b->exchange, b->n, sizeof(*b->exchange));
			b->exchange[b->n++] = (struct exchange){ .prompt = copy_of(line, n), .command = xstrdup(line + n),
								 .line = r->number };
			read_commands(r->f, line + n, r->number);
		} else if (!b->n) {
			finding(r->f, ST_WRONG, r->number, "a transcript begins with a prompt and a command: A> close A");
			break;
		} else {
			buf_printf(&output, "%s\n", line);
		}
	}
	if (b->n) {
		b->exchange[b->n - 1].output = buf_detach(&output);
	} else {
		finding(r->f, ST_WRONG, b->line - 1, "a transcript is missing: A> close A, and what the program says to it");
	}
	buf_release(&output);
}

/* The decisions that the functions take which are called so, or nearly so. */
static void no_such_decision(struct findings *f, u32 line, const char *fn, const char *name)
{
	struct buf hint = BUF_INIT;
	struct nearest near;
	u16 d = decision_find(name);

	if (d) {
		finding(f, ST_WRONG, line, "`%s` decides no `%s`: %s does", fn, name, fn_info[decision_info[d].fn].name);
		return;
	}
	nearest_init(&near, name);
	for (d = 1; d < NR_DEC; d++)
		nearest_try(&near, decision_info[d].name);
	finding(f, ST_WRONG, line, "there is no decision `%s`%s", name,
		near.name ? nearest_hint(&near, &hint) : ": `why` is followed by lines FUNCTION DECISION");
	buf_release(&hint);
}

/* "__tcp_close data_was_unread"; a function may be named without the __ that its inner half has. */
static void read_reason(struct reader *r, const char *line)
{
	struct block *b = r->b;
	const size_t len = strcspn(line, " \t");
	char *fn = copy_of(line, len);
	const char *name = line + len + strspn(line + len, " \t");
	const u16 d = decision_find(name);
	const char *decides = d ? fn_info[decision_info[d].fn].name : "";
	struct err err;

	if (!fn_find(fn)) {
		no_such_function(fn, &err);
		finding(r->f, ST_WRONG, r->number, "%s", err.message);
	} else if (strcmp(decides + (strncmp(decides, "__", 2) == 0 && fn[0] != '_' ? 2 : 0), fn) != 0) {
		no_such_decision(r->f, r->number, fn, name);
	} else {
		b->reason = more(b->reason, b->n, sizeof(*b->reason));
		b->reason[b->n++] = (struct reason){ .line = r->number, .decision = d };
	}
	free(fn);
}

static void read_why(struct reader *r)
{
	const u32 before = r->f->n;
	const char *line;

	while ((line = next_words(r)) != NULL)
		read_reason(r, line);
	if (!r->b->n && r->f->n == before)
		finding(r->f, ST_WRONG, r->b->line - 1, "`why` is followed by lines FUNCTION DECISION: __tcp_close data_was_unread");
}

static void read_hint(struct reader *r)
{
	struct buf text = BUF_INIT;
	const char *line;

	while ((line = next_words(r)) != NULL)
		buf_printf(&text, "%s%s", text.len ? " " : "", line);
	if (!text.len)
		finding(r->f, ST_WRONG, r->b->line - 1, "the hint is empty");
	free(r->b->text);
	r->b->text = buf_detach(&text);
}

/* ---- a block --------------------------------------------------------------------------------------------------- */

static void read_inside(struct reader *r)
{
	switch ((enum block_kind)r->b->kind) {
	case BLOCK_SETUP:
	case BLOCK_SOLUTION:
		read_script(r);
		break;
	case BLOCK_GOAL:
		read_goal(r);
		break;
	case BLOCK_HINT:
		read_hint(r);
		break;
	case BLOCK_REJECT:
		read_reject(r);
		break;
	case BLOCK_DENY:
	case BLOCK_ALLOW:
	case BLOCK_SHOW:
		read_words(r);
		break;
	case BLOCK_PREDICT:
		read_predict(r);
		break;
	case BLOCK_QUIZ:
		read_quiz(r);
		break;
	case BLOCK_EXPECT:
		read_expect(r);
		break;
	case BLOCK_WHY:
		read_why(r);
		break;
	case NR_BLOCKS:
		break;
	}
}

/* The kind of block that `info` names; NR_BLOCKS: told why there is none. */
static enum block_kind read_kind(const char *info, size_t len, u32 line, struct findings *f)
{
	char *word = copy_of(info, len);
	struct buf hint = BUF_INIT;
	struct nearest near;
	int kind = 0;

	nearest_init(&near, word);
	while (kind < NR_BLOCKS && strcmp(kinds[kind], word) != 0)
		nearest_try(&near, kinds[kind++]);
	if (!len)
		finding(f, ST_WRONG, line, "what kind of block? ```finwait goal, for example");
	else if (kind == NR_BLOCKS)
		finding(f, ST_WRONG, line, "there is no block `finwait %s`%s", word, nearest_hint(&near, &hint));
	buf_release(&hint);
	free(word);
	return (enum block_kind)kind;
}

bool block_is_translated(enum block_kind kind)
{
	return kind == BLOCK_HINT || kind == BLOCK_REJECT || kind == BLOCK_QUIZ;
}

const char *block_kind_name(enum block_kind kind)
{
	return kinds[kind];
}

static struct block *read_block(const char *info, const char *text, u32 line, bool translated, struct findings *f)
{
	const u32 before = f->n;
	struct reader r = { .f = f, .number = line };
	struct block *b;
	enum block_kind kind;
	size_t len;

	info += strcspn(info, " \t");
	info += strspn(info, " \t");
	len = strcspn(info, " \t");
	kind = read_kind(info, len, line, f);
	if (kind == NR_BLOCKS)
		return NULL;
	b = xcalloc(1, sizeof(*b));
	info += len + strspn(info + len, " \t");
	b->kind = (u8)kind;
	b->name = xstrdup(info);
	b->text = xstrdup(text);
	b->line = line + 1;
	if (*info && (kind != BLOCK_SOLUTION || !is_lesson_name(info)))
		finding(f, ST_WRONG, line, kind == BLOCK_SOLUTION ? "`%s` is no name: a-z, 0-9 and - make one" :
								    "`%s` is too much here: only a solution has a name", info);
	r.b = b;
	r.rest = b->text;
	if (!translated || block_is_translated(kind))
		read_inside(&r);
	buf_release(&r.line);
	if (f->n == before)
		return b;
	block_free(b);
	return NULL;
}

struct block *block_read(const char *info, const char *text, u32 line, struct findings *f)
{
	return read_block(info, text, line, false, f);
}

struct block *block_read_translated(const char *info, const char *text, u32 line, struct findings *f)
{
	return read_block(info, text, line, true, f);
}

/* What its kind has `n` of. */
static void free_parts(struct block *b)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->goal) {
			free(b->goal[i].text);
			expr_free(b->goal[i].e);
		}
		if (b->asked) {
			free(b->asked[i].text);
			expr_free(b->asked[i].e);
		}
		if (b->choice) {
			free(b->choice[i].text);
			free(b->choice[i].answer);
		}
		if (b->exchange) {
			free(b->exchange[i].prompt);
			free(b->exchange[i].command);
			free(b->exchange[i].output);
		}
		if (b->word)
			free(b->word[i]);
	}
}

void block_free(struct block *b)
{
	if (!b)
		return;
	free_parts(b);
	free(b->goal);
	free(b->asked);
	free(b->choice);
	free(b->exchange);
	free(b->reason);
	free(b->word);
	free(b->name);
	free(b->text);
	free(b->says);
	free(b);
}
