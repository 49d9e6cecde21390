/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lesson/lint.h"

#include <stdlib.h>
#include <string.h>

#include "lesson/cite.h"
#include "lesson/goal.h"
#include "lesson/guess.h"
#include "lesson/stage.h"

struct linter {
	const struct lesson *l;
	const struct step *s;
	struct findings *f;
	const struct block *goal; /* of the step; NULL: none */
};

/* ---- trying a way out ------------------------------------------------------------------------------------------ */

/* What went wrong, in the line where it did. */
static void tell_err(struct linter *li, const struct err *err, u32 line)
{
	finding(li->f, ST_WRONG, err->line ? err->line : line, "%s", err->message);
}

/* A stage where the step's predictions are answered. NULL: told why not. */
static struct stage *begin(struct linter *li)
{
	struct stage *st = stage_new();
	struct err err = { .line = 0 };

	if (!st || begin_after(&st->ss, li->l, li->s, SIZE_MAX, &err) != ST_OK) {
		tell_err(li, &err, li->s->line);
		stage_free(st);
		return NULL;
	}
	return st;
}

/* Takes a way from the step's beginning and looks at the goal. False: told why it cannot be gone. */
static bool go(struct linter *li, const char *commands, u32 line, struct goal_look *look)
{
	struct stage *st = begin(li);
	struct err err = { .line = 0 };
	bool went;
	u32 since;

	if (!st)
		return false;
	since = tape_now(st->ss.tape);
	went = run_silently(&st->ss, li->l, commands, line, &err) == ST_OK &&
	       goal_look(li->goal, &st->ss, since, look, &err) == ST_OK;
	if (!went)
		tell_err(li, &err, line);
	stage_free(st);
	return went;
}

/* The lines of a goal that are not reached, or only those that are broken, as a list. */
static void add_missing(struct buf *b, const struct block *goal, const struct goal_look *look, bool all)
{
	for (size_t i = 0; i < goal->n; i++)
		if ((all && look->mark[i] == MARK_NOT_YET) || look->mark[i] == MARK_BROKEN)
			buf_printf(b, "%s`%s` is %s", b->len ? ", " : "", goal->goal[i].text, mark_name(look->mark[i]));
}

/* ---- goals ----------------------------------------------------------------------------------------------------- */

static void lint_start(struct linter *li)
{
	struct goal_look look;
	struct buf b = BUF_INIT;

	if (!go(li, "", li->goal->line, &look))
		return;
	if (look.met)
		finding(li->f, ST_FAILED, li->goal->line, "the goal is met before anything is done");
	if (look.broken) {
		add_missing(&b, li->goal, &look, false);
		finding(li->f, ST_FAILED, li->goal->line, "the goal cannot be met from the start: %s", buf_str(&b));
	}
	buf_release(&b);
}

/* The i-th command of a script that acts on the world, and the script without it. False: there are not so many. */
static bool leave_out(const char *script, size_t i, struct buf *rest, struct buf *left)
{
	static const struct session language = { .tables = lesson_language };
	struct command c = { .n = 0 };
	struct lexer lx;
	bool found = false;

	while (*script) {
		const size_t n = strcspn(script, "\n");

		if (lexer_init(&lx, script, n, NULL) == ST_OK)
			while (!lx.done && lex_command(&lx, &c, NULL) == ST_OK) {
				const struct cmd *cmd = c.n ? session_find_cmd(&language, command_word(&c, 0), true, NULL) : NULL;

				if (cmd && (cmd->flags & CMD_ACTS) && !found && i-- == 0) {
					found = true;
					buf_puts(left, buf_str(&c.text));
				} else if (cmd) {
					buf_printf(rest, "%s\n", buf_str(&c.text));
				}
			}
		script += n + (script[n] == '\n');
	}
	command_release(&c);
	return found;
}

/* A command that a solution does not need shows something else than the way. */
static void lint_needed(struct linter *li, const struct block *way)
{
	for (size_t i = 0;; i++) {
		struct buf rest = BUF_INIT, left = BUF_INIT;
		struct findings nobody = { .file = li->l->file };
		struct linter alone = *li;
		struct goal_look look;
		bool there;

		alone.f = &nobody;
		there = leave_out(way->text, i, &rest, &left);
		if (there && go(&alone, buf_str(&rest), way->line, &look) && look.met)
			finding(li->f, ST_FAILED, way->line, "the solution%s%s%s reaches the goal without its `%s`",
				*way->name ? " `" : "", way->name, *way->name ? "`" : "", buf_str(&left));
		buf_release(&rest);
		buf_release(&left);
		if (!there)
			return;
	}
}

/* How many commands it takes; 0: it does not get there. */
static u32 lint_solution(struct linter *li, const struct block *way)
{
	struct goal_look look;
	struct buf b = BUF_INIT;
	bool met;

	if (!go(li, way->text, way->line, &look))
		return 0;
	met = look.met;
	if (!met) {
		add_missing(&b, li->goal, &look, true);
		finding(li->f, ST_FAILED, way->line, "the solution%s%s%s does not reach the goal: %s", *way->name ? " `" : "",
			way->name, *way->name ? "`" : "", buf_str(&b));
	} else {
		lint_needed(li, way);
	}
	buf_release(&b);
	return met ? look.commands : 0;
}

static void lint_solutions(struct linter *li)
{
	const u32 par = goal_par(li->goal);
	const struct block *way;
	bool all_reach = true;
	u32 best = 0;

	for (size_t i = 0; (way = step_block(li->s, BLOCK_SOLUTION, i)) != NULL; i++) {
		const u32 n = lint_solution(li, way);

		all_reach &= n != 0;
		if (n && (!best || n < best))
			best = n;
		for (size_t k = 0; k < i; k++)
			if (strcmp(step_block(li->s, BLOCK_SOLUTION, k)->name, way->name) == 0)
				finding(li->f, ST_FAILED, way->line - 1, "two solutions are called `%s`", way->name);
	}
	if (!step_blocks(li->s, BLOCK_SOLUTION))
		finding(li->f, ST_FAILED, li->goal->line - 1, "the goal has no solution");
	else if (par && all_reach && par != best)
		finding(li->f, ST_FAILED, li->goal->line, "par is %u, but the shortest solution takes %u command%s", par, best,
			best == 1 ? "" : "s");
}

/* The commands of a script that act on the world. */
static u32 commands_in(const char *script)
{
	u32 n = 0;
	bool there = true;

	while (there) {
		struct buf rest = BUF_INIT, left = BUF_INIT;

		there = leave_out(script, n, &rest, &left);
		n += there;
		buf_release(&rest);
		buf_release(&left);
	}
	return n;
}

/* Where a command did nothing, the learner is told of the near miss before it is typed. */
static void lint_rejects(struct linter *li)
{
	const struct block *miss;
	struct goal_look look;

	for (size_t i = 0; (miss = step_block(li->s, BLOCK_REJECT, i)) != NULL; i++) {
		if (!go(li, miss->text, miss->line, &look))
			continue;
		if (look.met)
			finding(li->f, ST_FAILED, miss->line, "what is to be rejected reaches the goal");
		else if (look.commands < commands_in(miss->text))
			finding(li->f, ST_FAILED, miss->line, look.commands ? "a command of what is to be rejected does nothing" :
									      "what is to be rejected does nothing");
	}
}

static bool is_in(const struct block *b, const char *verb)
{
	for (size_t i = 0; b && i < b->n; i++)
		if (strcmp(b->word[i], verb) == 0)
			return true;
	return false;
}

/* A solution that the learner may not type is none. */
static void lint_verbs(struct linter *li)
{
	static const struct session language = { .tables = lesson_language };
	const struct block *deny = step_block(li->s, BLOCK_DENY, 0), *allow = step_block(li->s, BLOCK_ALLOW, 0);
	const struct block *way;

	for (size_t i = 0; (way = step_block(li->s, BLOCK_SOLUTION, i)) != NULL; i++)
		for (size_t k = 0;; k++) {
			struct buf rest = BUF_INIT, left = BUF_INIT;
			const bool there = leave_out(way->text, k, &rest, &left);
			const struct cmd *cmd;

			buf_truncate(&left, strcspn(buf_str(&left), " \t"));
			cmd = there ? session_find_cmd(&language, buf_str(&left), true, NULL) : NULL;
			if (cmd && (is_in(deny, cmd->verb) || (allow && !is_in(allow, cmd->verb))))
				finding(li->f, ST_FAILED, way->line, "a solution uses `%s`, which this step does not allow",
					cmd->verb);
			buf_release(&rest);
			buf_release(&left);
			if (!there)
				break;
		}
}

/* ---- transcripts ----------------------------------------------------------------------------------------------- */

/* Line `n` of a text, without its newline; NULL: there are not so many. */
static const char *nth_line(const char *text, size_t n, size_t *len)
{
	while (n-- && *text) {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	*len = strcspn(text, "\n");
	return *text ? text : NULL;
}

/* Blank lines at the end of a block are the author's. */
static size_t trimmed(const char *text)
{
	size_t n = strlen(text);

	while (n && text[n - 1] == '\n')
		n--;
	return n;
}

static void compare(struct linter *li, const struct exchange *e, const char *said)
{
	for (size_t i = 0;; i++) {
		size_t a_len, b_len;
		const char *a = nth_line(e->output, i, &a_len), *b = nth_line(said, i, &b_len);

		if (a && (size_t)(a - e->output) >= trimmed(e->output))
			a = NULL;
		if (!a && !b)
			return;
		if (a && b && a_len == b_len && memcmp(a, b, a_len) == 0)
			continue;
		if (b)
			finding(li->f, ST_FAILED, e->line + 1 + (u32)i, "the program says: %.*s", (int)b_len, b);
		else
			finding(li->f, ST_FAILED, e->line + 1 + (u32)i, "the program says nothing more behind `%s`", e->command);
		return;
	}
}

static bool lint_exchange(struct linter *li, struct stage *st, const struct exchange *e)
{
	struct buf prompt = BUF_INIT;
	struct err err;

	add_prompt(&prompt, &st->ss);
	if (strcmp(buf_str(&prompt), e->prompt) != 0)
		finding(li->f, ST_FAILED, e->line, "the prompt is `%s` here", buf_str(&prompt));
	buf_release(&prompt);
	buf_clear(&st->said);
	if (run_commands(&st->ss, li->l, e->command, e->line, &err) != ST_OK) {
		tell_err(li, &err, e->line);
		return false;
	}
	compare(li, e, buf_str(&st->said));
	return true;
}

/* They go on from each other, each behind the predictions that stand before it. */
static void lint_transcripts(struct linter *li)
{
	struct stage *st = NULL;
	size_t answered = 0, begun = 0;
	bool fine = true;

	for (size_t i = 0; i < li->s->items; i++) {
		const struct block *b = li->s->item[i].block;
		struct err err = { .line = 0 };

		answered += b && b->kind == BLOCK_PREDICT;
		if (!b || b->kind != BLOCK_EXPECT)
			continue;
		if (!st || begun != answered) {
			stage_free(st);
			st = stage_new();
			begun = answered;
			fine = st && begin_after(&st->ss, li->l, li->s, answered, &err) == ST_OK;
			if (!fine)
				tell_err(li, &err, b->line);
		}
		for (size_t k = 0; k < b->n && fine; k++)
			fine = lint_exchange(li, st, &b->exchange[k]);
	}
	stage_free(st);
}

/* ---- the rest -------------------------------------------------------------------------------------------------- */

static void lint_predictions(struct linter *li)
{
	const struct block *b;

	for (size_t i = 0; (b = step_block(li->s, BLOCK_PREDICT, i)) != NULL; i++) {
		struct guesses g;
		struct err err = { .line = 0 };

		if (guesses_make(&g, li->l, li->s, i, &err) != ST_OK)
			tell_err(li, &err, b->line);
		else if (g.n < 2)
			finding(li->f, ST_FAILED, b->line, "nothing near by gives another answer than `%s`", g.guess[0].text);
		guesses_release(&g);
	}
}

static void lint_reasons(struct linter *li)
{
	const struct block *b;
	struct trec r;

	for (size_t i = 0; (b = step_block(li->s, BLOCK_WHY, i)) != NULL; i++)
		for (size_t k = 0; k < b->n; k++)
			if (!cite_reference(li->l, li->s, b->reason[k].decision, &r))
				finding(li->f, ST_FAILED, b->reason[k].line,
					"nothing that this step sets up, predicts or solves decides `%s`",
					decision_info[b->reason[k].decision].name);
}

static void lint_goal(struct linter *li)
{
	lint_start(li);
	lint_solutions(li);
	lint_rejects(li);
	lint_verbs(li);
	if (!step_blocks(li->s, BLOCK_HINT))
		finding(li->f, ST_FAILED, li->goal->line - 1, "the goal has no hint");
}

static void lint_step(struct linter *li)
{
	const u32 before = li->f->n;
	struct stage *st;

	li->goal = step_block(li->s, BLOCK_GOAL, 0);
	st = begin(li);
	stage_free(st);
	if (li->f->n != before)
		return;
	lint_predictions(li);
	lint_transcripts(li);
	if (li->goal)
		lint_goal(li);
	lint_reasons(li);
}

void lesson_lint(const struct lesson *l, struct findings *f)
{
	struct linter li = { .l = l, .f = f };

	for (size_t i = 0; i < l->steps; i++) {
		li.s = &l->step[i];
		lint_step(&li);
	}
}
