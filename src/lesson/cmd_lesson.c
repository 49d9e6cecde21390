/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs of a lesson. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "lang/language.h"
#include "lang/rows.h"
#include "lesson/lint.h"
#include "lesson/player.h"
#include "lesson/shelf.h"

/* The player with a lesson open; NULL: `err` says that there is none. */
static struct player *playing(struct session *ss, struct err *err)
{
	struct player *p = player_of(ss);

	if (p && p->l)
		return p;
	err_set(err, ST_WRONG, "no lesson is open: `lesson list` shows which there are");
	return NULL;
}

static const struct step *step_of(const struct player *p)
{
	return &p->l->step[p->step];
}

/* ---- lesson ---------------------------------------------------------------------------------------------------- */

static enum status list_lessons(struct session *ss)
{
	struct shelf shelf;

	shelf_open(&shelf, ss->language);
	for (size_t i = 0; i < shelf.n; i++) {
		const struct shelved *sh = &shelf.lesson[i];
		struct progress progress;
		u32 done = 0;
		char state[40] = "";

		progress_read(sh->id, &progress);
		for (u32 k = 0; k < sh->steps; k++)
			done += progress_is_done(&progress, sh->step[k]);
		if (done == sh->steps)
			snprintf(state, sizeof(state), "done");
		else if (progress.at.len)
			snprintf(state, sizeof(state), "%u of %u steps done", done, sh->steps);
		row_begin(ss, "lesson_entry");
		row_num(ss, "number", sh->number);
		row_str(ss, "id", sh->id);
		row_str(ss, "title", sh->title);
		row_num(ss, "steps", sh->steps);
		row_num(ss, "done", done);
		row_end(ss, "  %2u  %-18s %s%s%s", sh->number, sh->id, sh->title, *state ? ": " : "", state);
		progress_release(&progress);
	}
	if (shelf.n)
		say(ss, "`lesson %s` begins one, or goes on with it.", shelf.lesson[0].id);
	else
		say(ss, "There are no lessons beside the program.");
	shelf_release(&shelf);
	return ST_OK;
}

/* What is about no line of the file is about the command that names it. */
static enum status first_mistake(const struct findings *f, struct err *err)
{
	if (f->first.line)
		*err = f->first;
	else
		err_set(err, ST_WRONG, "%s %s", f->file, f->first.message);
	return ST_WRONG;
}

/*
 * Reads a lesson, and runs all that it would ever run: it is not started half. A claim that does not hold is for
 * `lint`, and keeps nobody from learning.
 */
static enum status load(struct lesson **out, const char *path, struct err *err)
{
	struct findings f = { .file = path };

	if (lesson_load(out, path, &f) == ST_OK)
		lesson_lint(*out, &f);
	if (!f.mistakes)
		return ST_OK;
	lesson_free(*out);
	*out = NULL;
	return first_mistake(&f, err);
}

static bool is_path(const char *name)
{
	return strchr(name, '/') || ends_in(name, strlen(name), ".md");
}

static enum status find_path(const char *name, struct buf *path, struct err *err)
{
	struct shelf shelf;
	const struct shelved *sh;

	if (is_path(name)) {
		buf_puts(path, name);
		return ST_OK;
	}
	shelf_open(&shelf, 0);
	sh = shelf_find(&shelf, name, err);
	if (sh)
		buf_puts(path, sh->path);
	shelf_release(&shelf);
	return sh ? ST_OK : ST_WRONG;
}

/* The path of its translation instead, where there is one. */
static void translate(struct buf *path, const char *language)
{
	struct buf other = BUF_INIT;

	if (lesson_translation(buf_str(path), language, &other)) {
		buf_clear(path);
		buf_puts(path, buf_str(&other));
	}
	buf_release(&other);
}

static enum status open_lesson(struct session *ss, const char *name, struct err *err)
{
	struct buf path = BUF_INIT;
	struct lesson *l;
	enum status st = find_path(name, &path, err);

	if (st == ST_OK && ss->language)
		translate(&path, languages[ss->language]);
	if (st == ST_OK)
		st = load(&l, buf_str(&path), err);
	buf_release(&path);
	return st == ST_OK ? player_open(player_of(ss), ss, l, is_path(name) ? name : l->id, err) : st;
}

/* The lesson that is open begins anew. */
static enum status reset_open(struct player *p, struct session *ss, struct err *err)
{
	progress_release(&p->progress);
	buf_putc(&p->progress.done, ' ');
	return player_go(p, ss, 0, err);
}

/* Forgets what is done of a lesson; NULL: of the one that is open. */
static enum status reset_lesson(struct session *ss, const char *name, struct err *err)
{
	struct player *p = player_of(ss);
	struct progress none = { BUF_INIT, BUF_INIT };
	struct findings f = { .file = name };
	struct buf path = BUF_INIT;
	struct lesson *l = NULL;
	enum status st;

	if (!name || (p->l && strcmp(p->l->id, name) == 0))
		return playing(ss, err) ? reset_open(p, ss, err) : ST_WRONG;
	st = find_path(name, &path, err);
	if (st == ST_OK && lesson_load(&l, buf_str(&path), &f) != ST_OK)
		st = first_mistake(&f, err);
	if (st == ST_OK && p->l && strcmp(p->l->id, l->id) == 0) {
		st = reset_open(p, ss, err);
	} else if (st == ST_OK) {
		st = progress_write(l->id, &none, err);
		if (st == ST_OK)
			say(ss, "What was done of \"%s\" is forgotten.", l->title);
	}
	lesson_free(l);
	buf_release(&path);
	return st;
}

static enum status cmd_lesson(struct session *ss, struct args *a, struct err *err)
{
	struct player *p = player_of(ss);
	const char *word = args_take(a);
	const char *name = word && strcmp(word, "reset") == 0 ? args_take(a) : NULL;

	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	if (!p)
		return err_set(err, ST_WRONG, "lessons are not played here");
	if (!word && p->l) {
		player_show(p, ss);
		return ST_OK;
	}
	if (!word || strcmp(word, "list") == 0)
		return list_lessons(ss);
	if (strcmp(word, "reset") == 0)
		return reset_lesson(ss, name, err);
	if (strcmp(word, "off") == 0) {
		if (!playing(ss, err))
			return ST_WRONG;
		say(ss, "\"%s\" is left; `lesson %s` goes on with it.", p->l->title, buf_str(&p->name));
		player_close(p);
		return ST_OK;
	}
	if (open_lesson(ss, word, err) == ST_OK)
		return ST_OK;
	a->next--; /* the word that is wrong */
	return ST_WRONG;
}

/* ---- pages ----------------------------------------------------------------------------------------------------- */

static enum status cmd_next(struct session *ss, struct args *a, struct err *err)
{
	struct player *p = playing(ss, err);

	if (!p || args_end(a, err) != ST_OK)
		return ST_WRONG;
	if (p->gate == GATE_END)
		return player_go(p, ss, p->step + 1, err);
	if (p->gate == GATE_PAUSE)
		return player_pass(p, ss, err);
	if (!a->bang)
		return err_set(err, ST_WRONG, "%s `next!` passes it over",
			       p->gate == GATE_GOAL ? "the goal is not reached yet (`hint` helps):" : "there is a question to `answer`:");
	if (p->gate == GATE_PREDICT && player_test(p, ss, err) != ST_OK)
		return ST_WRONG;
	p->passed_over = true;
	return player_pass(p, ss, err);
}

static enum status cmd_prev(struct session *ss, struct args *a, struct err *err)
{
	struct player *p = playing(ss, err);

	if (!p || args_end(a, err) != ST_OK)
		return ST_WRONG;
	if (!p->step)
		return err_set(err, ST_WRONG, "this is the first page");
	return player_go(p, ss, p->step - 1, err);
}

/* ---- help ------------------------------------------------------------------------------------------------------ */

static enum status cmd_hint(struct session *ss, struct args *a, struct err *err)
{
	struct player *p = playing(ss, err);
	const struct block *hint;
	size_t all;
	char head[64];

	if (!p || args_end(a, err) != ST_OK)
		return ST_WRONG;
	all = step_blocks(step_of(p), BLOCK_HINT);
	hint = step_block(step_of(p), BLOCK_HINT, p->hints);
	if (!all)
		return err_set(err, ST_WRONG, "this page has no hints");
	if (!hint)
		return err_set(err, ST_WRONG, "there is no further hint; `solution!` shows a way");
	p->hints++;
	snprintf(head, sizeof(head), "hint %u of %zu: ", p->hints, all);
	page_say_text(ss, head, hint->text);
	return ST_OK;
}

/* The commands of a solution on one line, as they can be typed. */
static void say_solution(struct session *ss, const struct block *way)
{
	struct buf line = BUF_INIT;

	for (const char *text = way->text; *text;) {
		const size_t n = strcspn(text, "\n");

		if (n)
			buf_printf(&line, "%s%.*s", line.len ? "; " : "", (int)n, text);
		text += n + (text[n] == '\n');
	}
	row_begin(ss, "solution");
	row_str(ss, "name", way->name);
	row_str(ss, "commands", buf_str(&line));
	row_end(ss, "  %s%s%s", way->name, *way->name ? ": " : "", buf_str(&line));
	buf_release(&line);
}

static enum status cmd_solution(struct session *ss, struct args *a, struct err *err)
{
	struct player *p = playing(ss, err);
	const char *name = args_take(a);
	const struct block *way;
	struct buf names = BUF_INIT;
	bool said = false;
	size_t hints;

	if (!p || args_end(a, err) != ST_OK)
		return ST_WRONG;
	if (!step_blocks(step_of(p), BLOCK_SOLUTION))
		return err_set(err, ST_WRONG, "this page has no solution to show");
	hints = step_blocks(step_of(p), BLOCK_HINT);
	if (!p->reached && !a->bang && p->hints < hints)
		return err_set(err, ST_WRONG, "the goal is not reached yet, and %zu of %zu hints are left: `solution!` shows the "
			       "ways all the same", hints - p->hints, hints);
	if (!p->reached && !a->bang)
		return err_set(err, ST_WRONG, "the goal is not reached yet: `solution!` shows the ways all the same");
	for (size_t i = 0; (way = step_block(step_of(p), BLOCK_SOLUTION, i)) != NULL; i++) {
		buf_printf(&names, "%s%s", i ? ", " : "", way->name);
		if (!name || strcmp(name, way->name) == 0) {
			say_solution(ss, way);
			said = true;
		}
	}
	if (!said)
		err_set(err, ST_WRONG, "there is no solution `%s`: they are %s", name, buf_str(&names));
	buf_release(&names);
	return said ? ST_OK : ST_WRONG;
}

static enum status cmd_check(struct session *ss, struct args *a, struct err *err)
{
	struct player *p = playing(ss, err);

	if (!p || args_end(a, err) != ST_OK)
		return ST_WRONG;
	if (p->gate != GATE_GOAL) {
		player_say_gate(p, ss);
		return ST_OK;
	}
	player_say_goal(p, ss);
	return ST_OK;
}

/* ---- questions ------------------------------------------------------------------------------------------------- */

/* The truth comes from the engine: the command is typed, and what is so then is what it is. */
static enum status answer_prediction(struct player *p, struct session *ss, size_t choice, struct err *err)
{
	const struct guess *truth = &p->guesses.guess[p->guesses.right];
	const bool right = choice == p->guesses.right;
	struct buf line = BUF_INIT;
	enum status st = player_test(p, ss, err);

	if (st != ST_OK)
		return st;
	p->verdict = right ? VERDICT_RIGHT : VERDICT_WRONG;
	p->chosen = choice;
	buf_clear(&p->news);
	buf_printf(&p->news, "%s%s", right ? "Right: " : "No: ", truth->text);
	row_begin(ss, "answer");
	row_bool(ss, "right", right);
	row_str(ss, "truth", truth->text);
	row_end(ss, "%s%s", right ? "Right." : "No: ", right ? "" : truth->text);
	player_add_where(&line, p, choice);
	page_say_text(ss, "", buf_str(&line));
	buf_release(&line);
	return player_pass(p, ss, err);
}

/* The choices that are named, as bits. */
static enum status read_choices(struct args *a, size_t n, u32 *chosen, struct err *err)
{
	s64 number;

	do {
		if (args_number(a, 1, (s64)n, &number, "answer", err) != ST_OK)
			return ST_WRONG;
		*chosen |= 1u << number;
	} while (args_peek(a));
	return ST_OK;
}

static enum status answer_quiz(struct player *p, struct session *ss, u32 chosen, struct err *err)
{
	const struct block *b = player_block(p);
	struct buf line = BUF_INIT;
	u32 right = 0;

	for (size_t i = 0; i < b->n; i++)
		right |= b->choice[i].right ? 2u << i : 0;
	row_begin(ss, "answer");
	row_bool(ss, "right", chosen == right);
	row_end(ss, "%s", chosen == right ? "Right." : (chosen & ~right) == 0 ? "There is more to it." : "No.");
	for (size_t i = 0; i < b->n; i++) {
		if (!(chosen & (2u << i)))
			continue;
		buf_clear(&p->news);
		buf_puts(&p->news, b->choice[i].answer);
		page_say_text(ss, "  ", b->choice[i].answer);
		if (b->choice[i].right)
			buf_printf(&line, "%s%s", line.len ? "; " : "", b->choice[i].text);
	}
	if (chosen == right) {
		struct buf text = BUF_INIT;

		buf_printf(&text, "(%s %s)", b->text, buf_str(&line));
		page_text(&p->page, 0, "", buf_str(&text));
		buf_release(&text);
	}
	buf_release(&line);
	return chosen == right ? player_pass(p, ss, err) : ST_OK;
}

static enum status cmd_answer(struct session *ss, struct args *a, struct err *err)
{
	struct player *p = playing(ss, err);
	u32 chosen = 0;
	size_t choice = 0;

	if (!p)
		return ST_WRONG;
	if (p->gate != GATE_PREDICT && p->gate != GATE_QUIZ)
		return err_set(err, ST_WRONG, "nothing is asked here: `lesson` shows the page");
	if (read_choices(a, p->gate == GATE_PREDICT ? p->guesses.n : player_block(p)->n, &chosen, err) != ST_OK)
		return ST_WRONG;
	if (p->gate == GATE_QUIZ)
		return answer_quiz(p, ss, chosen, err);
	while (!(chosen & (2u << choice)))
		choice++;
	if (chosen != 2u << choice)
		return err_set(err, ST_WRONG, "only one of them can be so: `answer %zu`, for example", choice + 1);
	return answer_prediction(p, ss, choice, err);
}

/* ---- completion ------------------------------------------------------------------------------------------------ */

void lesson_names(struct teacher *t, const char *kind, void (*offer)(void *ctx, const char *name), void *ctx)
{
	const struct player *p = (const struct player *)t;
	const bool asks = p->l && (p->gate == GATE_PREDICT || p->gate == GATE_QUIZ);
	const size_t choices = !asks ? 0 : p->gate == GATE_PREDICT ? p->guesses.n : player_block(p)->n;
	const struct block *way;
	struct shelf shelf;

	if (strcmp(kind, "<lesson>") == 0) {
		shelf_open(&shelf, 0);
		for (size_t i = 0; i < shelf.n; i++)
			offer(ctx, shelf.lesson[i].id);
		shelf_release(&shelf);
	} else if (strcmp(kind, "<answer>") == 0) {
		for (char number[] = "1"; (size_t)(*number - '0') <= choices; (*number)++)
			offer(ctx, number);
	} else if (strcmp(kind, "<solution>") == 0 && p->l) {
		for (size_t i = 0; (way = step_block(step_of(p), BLOCK_SOLUTION, i)) != NULL; i++)
			if (*way->name)
				offer(ctx, way->name);
	}
}

static const struct cmd rows[] = {
	{
		.verb = "lesson",
		.syntax = "[NAME|FILE.md|list|reset [NAME|FILE.md]|off]",
		.help = "Begins a lesson, or goes on where it was left; alone, shows the page again. `list` shows which there are "
			"and how far you are, `reset` forgets what was done, `off` leaves the lesson.",
		.takes = "list reset off <lesson> <file>",
		.run = cmd_lesson,
	},
	{
		.verb = "next", .letter = 'n',
		.syntax = "",
		.help = "The lesson's next page, or the rest of this one. `next!` passes over a question or a goal.",
		.takes = "",
		.run = cmd_next, .flags = CMD_BANG,
	},
	{
		.verb = "prev",
		.syntax = "",
		.help = "The lesson's page before this one.",
		.takes = "",
		.run = cmd_prev,
	},
	{
		.verb = "answer",
		.syntax = "NUMBER...",
		.help = "Answers the lesson's question by the number of a choice; a prediction is then put to the test.",
		.takes = "<answer>",
		.run = cmd_answer,
	},
	{
		.verb = "hint",
		.syntax = "",
		.help = "The next hint to this page's goal.",
		.takes = "",
		.run = cmd_hint,
	},
	{
		.verb = "solution",
		.syntax = "[NAME]",
		.help = "The ways to this page's goal, once it is reached; `solution!` before that.",
		.takes = "<solution>",
		.run = cmd_solution, .flags = CMD_BANG,
	},
	{
		.verb = "check",
		.syntax = "",
		.help = "The goal of this page, each of its conditions with its mark: met, not yet, kept, broken.",
		.takes = "",
		.run = cmd_check,
	},
};

const struct cmd_table cmds_lesson = { "Lessons", rows, ARRAY_LEN(rows) };
