/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lesson/player.h"

#include <stdlib.h>
#include <string.h>

#include "lang/language.h"
#include "lang/rows.h"
#include "lesson/cite.h"
#include "lesson/shelf.h"
#include "lesson/stage.h"
#include "lesson/write.h"

/* ---- what is open ---------------------------------------------------------------------------------------------- */

struct player *player_of(const struct session *ss)
{
	return (struct player *)ss->teacher;
}

static const struct step *present_step(const struct player *p)
{
	return &p->l->step[p->step];
}

const struct block *player_block(const struct player *p)
{
	return p->l && p->gate > GATE_PAUSE ? present_step(p)->item[p->item].block : NULL;
}

static void forget_gate(struct player *p)
{
	guesses_release(&p->guesses);
	for (size_t i = 0; i < p->misses; i++)
		ending_release(&p->miss[i]);
	free(p->miss);
	p->miss = NULL;
	p->misses = 0;
	p->look = (struct goal_look){ .met = false };
	p->gate = GATE_END;
	p->sought = false;
}

void player_close(struct player *p)
{
	forget_gate(p);
	buf_clear(&p->news);
	page_clear(&p->page);
	progress_release(&p->progress);
	lesson_free(p->l);
	p->l = NULL;
	p->show = NULL;
}

void player_note(struct player *p, struct session *ss, bool done)
{
	struct err err;

	if (p->forgets)
		return;
	if (done)
		progress_add(&p->progress, present_step(p)->id);
	buf_clear(&p->progress.at);
	buf_puts(&p->progress.at, present_step(p)->id);
	if (progress_write(p->l->id, &p->progress, &err) == ST_OK || p->complained)
		return;
	p->complained = true;
	say(ss, "(progress is not kept: %s%s%s)", err.file, err.file[0] ? " " : "", err.message);
}

/* ---- items ----------------------------------------------------------------------------------------------------- */

static void add_reasons(struct player *p, struct session *ss, const struct block *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct buf text = BUF_INIT;
		struct trec way, own;

		if (cite_reference(p->l, present_step(p), b->reason[i].decision, &way)) {
			const struct trec *r = cite_session(ss, &way, &own) ? &own : &way;
			const char head[] = { ' ', ' ', host_letter(r->host), ' ', ' ', '\0' };

			add_citation(&text, r);
			page_text(&p->page, 5, head, buf_str(&text));
		}
		buf_release(&text);
	}
}

static void add_transcript(struct page *page, const struct block *b)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < b->n; i++)
		buf_printf(&text, "%s%s\n%s", b->exchange[i].prompt, b->exchange[i].command, b->exchange[i].output);
	page_verbatim(page, buf_str(&text));
	buf_release(&text);
}

static void add_verbs(struct page *page, const struct block *b)
{
	struct buf text = BUF_INIT;

	buf_puts(&text, b->kind == BLOCK_DENY ? "Not to be had in this step:" : "In this step nothing acts but");
	for (size_t i = 0; i < b->n; i++)
		buf_printf(&text, "%s `%s`", i ? "," : "", b->word[i]);
	buf_putc(&text, '.');
	page_text(page, 0, "", buf_str(&text));
	buf_release(&text);
}

static void add_block(struct player *p, struct session *ss, const struct block *b)
{
	if (b->kind == BLOCK_WHY) {
		add_reasons(p, ss, b);
	} else if (b->kind == BLOCK_EXPECT) {
		add_transcript(&p->page, b);
	} else if (b->kind == BLOCK_DENY || b->kind == BLOCK_ALLOW) {
		add_verbs(&p->page, b);
	} else if (b->kind == BLOCK_SHOW) {
		p->show = b;
		p->shows++;
	}
}

static void add_item(struct player *p, struct session *ss, const struct item *it)
{
	struct buf text = BUF_INIT;

	if (it->kind == ITEM_NOTE && p->notes) {
		buf_printf(&text, "(note: %s)", it->text);
		page_text(&p->page, 0, "", buf_str(&text));
	} else if (it->kind == ITEM_VERBATIM) {
		page_verbatim(&p->page, it->text);
	} else if (it->kind == ITEM_BLOCK) {
		add_block(p, ss, it->block);
	} else if (it->kind == ITEM_TEXT || it->kind == ITEM_HEADING) {
		page_text(&p->page, it->indent, it->head, it->text);
	}
	buf_release(&text);
}

static enum gate gate_of(const struct item *it)
{
	if (it->kind == ITEM_PAUSE)
		return GATE_PAUSE;
	if (it->kind != ITEM_BLOCK)
		return GATE_END;
	return it->block->kind == BLOCK_PREDICT ? GATE_PREDICT
	     : it->block->kind == BLOCK_QUIZ	? GATE_QUIZ
	     : it->block->kind == BLOCK_GOAL	? GATE_GOAL : GATE_END;
}

/* ---- gates ----------------------------------------------------------------------------------------------------- */

/* Where each near miss of the step ends. One that cannot be gone through is none. */
static void find_misses(struct player *p)
{
	const struct step *s = present_step(p);
	const struct block *goal = player_block(p);
	const size_t n = step_blocks(s, BLOCK_REJECT);

	p->miss = xcalloc(n ? n : 1, sizeof(*p->miss));
	p->misses = n;
	for (size_t i = 0; i < n; i++) {
		const struct block *b = step_block(s, BLOCK_REJECT, i);
		struct stage *st = stage_new();
		struct goal_look look;
		struct err err;

		if (st && begin_after(&st->ss, p->l, s, SIZE_MAX, &err) == ST_OK) {
			const u32 since = tape_now(st->ss.tape);

			if (run_silently(&st->ss, p->l, b->text, b->line, &err) == ST_OK &&
			    goal_look(goal, &st->ss, since, &look, &err) == ST_OK) {
				ending_init(&p->miss[i], &st->ss, since, &look);
				ending_measure(&p->miss[i], goal, &st->ss, since);
			}
		}
		stage_free(st);
	}
}

static enum status open_gate(struct player *p, struct session *ss, struct err *err)
{
	p->gate = (u8)gate_of(&present_step(p)->item[p->item]);
	p->since = p->seen = tape_now(ss->tape);
	if (p->gate == GATE_PREDICT)
		return guesses_make(&p->guesses, p->l, present_step(p), p->answered, err);
	if (p->gate == GATE_GOAL) {
		find_misses(p);
		return goal_look(player_block(p), ss, p->since, &p->look, err);
	}
	return ST_OK;
}

/* Shows the page from item `p->item` to the next gate or to its end. */
static enum status advance(struct player *p, struct session *ss, struct err *err)
{
	const struct step *s = present_step(p);
	const size_t from = p->page.lines.len;
	enum status st = ST_OK;

	forget_gate(p);
	while (p->item < s->items && gate_of(&s->item[p->item]) == GATE_END)
		add_item(p, ss, &s->item[p->item++]);
	if (p->item < s->items)
		st = open_gate(p, ss, err);
	else
		player_note(p, ss, !p->passed_over);
	p->fresh = from;
	page_say(&p->page, from, SIZE_MAX, ss);
	if (st == ST_OK)
		player_say_gate(p, ss);
	return st;
}

void player_add_where(struct buf *b, const struct player *p, size_t choice)
{
	const char *where = p->guesses.guess[choice].where;

	if (choice != p->guesses.right && where)
		buf_printf(b, "Your answer would be right %s.", where);
}

/* What has come out of a prediction stays on the page. */
static void add_truth(struct player *p)
{
	static const char *const heads[] = { "After", "Right. After", "Not so. After" };
	struct buf b = BUF_INIT;

	buf_printf(&b, "%s `%s`: %s", heads[p->verdict], player_block(p)->text, p->guesses.guess[p->guesses.right].text);
	if (p->verdict == VERDICT_WRONG) {
		buf_putc(&b, '\n');
		player_add_where(&b, p, p->chosen);
	}
	p->verdict = VERDICT_NONE;
	page_text(&p->page, 0, "", buf_str(&b));
	buf_release(&b);
}

enum status player_pass(struct player *p, struct session *ss, struct err *err)
{
	const size_t before = p->page.lines.len;
	enum status st;

	if (p->gate == GATE_PREDICT) {
		add_truth(p);
		p->answered++;
	}
	p->item++;
	st = advance(p, ss, err);
	p->fresh = page_behind_gap(&p->page, before);
	return st;
}

/* ---- pages ----------------------------------------------------------------------------------------------------- */

static void add_title(struct player *p, size_t step)
{
	struct buf b = BUF_INIT;

	buf_printf(&b, "%s, step %zu of %zu: %s", p->l->title, step + 1, p->l->steps, p->l->step[step].title);
	page_line(&p->page, 0, buf_str(&b));
	buf_release(&b);
}

static void end_lesson(struct player *p, struct session *ss)
{
	size_t done = 0;

	for (size_t i = 0; i < p->l->steps; i++)
		done += progress_is_done(&p->progress, p->l->step[i].id);
	say(ss, "That was the last page of \"%s\".", p->l->title);
	if (!p->forgets)
		say(ss, "%zu of %zu steps done.", done, p->l->steps);
	say(ss, "`lesson list` shows the others, `prev` goes back, `lesson off` leaves.");
}

enum status player_go(struct player *p, struct session *ss, size_t step, struct err *err)
{
	const struct lesson *l = p->l;
	enum status st;

	if (step >= l->steps) {
		end_lesson(p, ss);
		return ST_OK;
	}
	p->busy = true;
	st = begin_situation(ss, l, &l->step[step], err);
	p->busy = false;
	if (st != ST_OK)
		return st;
	tape_mark(ss->tape, "step", NULL);
	forget_gate(p);
	page_clear(&p->page);
	p->step = step;
	p->item = p->answered = 0;
	p->hints = 0;
	p->passed_over = p->reached = false;
	p->show = NULL;
	add_title(p, step);
	for (size_t i = 0; step == 0 && i < l->intro.items; i++)
		add_item(p, ss, &l->intro.item[i]);
	player_note(p, ss, false);
	page_say(&p->page, 0, SIZE_MAX, ss);
	st = advance(p, ss, err);
	p->fresh = 0;
	return st;
}

enum status player_open(struct player *p, struct session *ss, struct lesson *l, const char *name, struct err *err)
{
	size_t step;

	player_close(p);
	p->l = l;
	buf_clear(&p->name);
	buf_puts(&p->name, name);
	p->language = ss->language;
	progress_read(l->id, &p->progress);
	step = lesson_step(l, buf_str(&p->progress.at));
	/* who has been through all of it begins anew */
	if (step == l->steps || (step == l->steps - 1 && progress_is_done(&p->progress, l->step[step].id)))
		step = 0;
	return player_go(p, ss, step, err);
}

void player_show(struct player *p, struct session *ss)
{
	p->fresh_line = page_say(&p->page, 0, p->fresh, ss);
	page_say(&p->page, p->fresh, SIZE_MAX, ss);
	player_say_gate(p, ss);
}

void player_add_place(struct buf *b, const struct player *p, bool title)
{
	buf_printf(b, "%s%s   step %zu of %zu ", title ? "lesson " : "", title ? p->l->title : "lesson", p->step + 1, p->l->steps);
}

/* ---- what is to be done ---------------------------------------------------------------------------------------- */

static void say_choice(struct session *ss, size_t number, const char *text)
{
	row_begin(ss, "choice");
	row_num(ss, "number", (s64)number);
	row_str(ss, "text", text);
	row_end(ss, "  %zu  %s", number, text);
}

static void say_question(struct player *p, struct session *ss)
{
	const struct block *b = player_block(p);
	const size_t n = p->gate == GATE_PREDICT ? p->guesses.n : b->n;
	struct buf line = BUF_INIT;

	say(ss, "%s", "");
	if (p->gate == GATE_PREDICT)
		buf_printf(&line, "What will be so after `%s`?", b->text);
	else
		buf_puts(&line, b->text);
	page_say_text(ss, "", buf_str(&line));
	for (size_t i = 0; i < n; i++)
		say_choice(ss, i + 1, p->gate == GATE_PREDICT ? p->guesses.guess[i].text : b->choice[i].text);
	buf_clear(&line);
	for (size_t i = 0; i < n; i++)
		buf_printf(&line, "%s`answer %zu`", i == 0 ? "" : i + 1 < n ? ", " : " or ", i + 1);
	say(ss, "%s", buf_str(&line));
	buf_release(&line);
}

static void say_mark(struct session *ss, const struct goal_line *g, u8 mark)
{
	const bool par = g->kind == GOAL_PAR;

	row_begin(ss, "goal");
	row_str(ss, "condition", g->text);
	row_str(ss, "mark", par ? "par" : mark_name(mark));
	row_end(ss, "  %-7s  %s", par ? "to beat" : mark_name(mark), g->text);
}

/* A way that the author saw coming; of several that end here, the one that is most like the learner's. */
static void say_miss(struct player *p, struct session *ss, const struct goal_look *look)
{
	struct ending here;
	size_t best = p->misses;
	const char *says;
	u32 most = 0;

	ending_init(&here, ss, p->since, look);
	for (size_t i = 0; i < p->misses; i++)
		if (ending_same(&p->miss[i], &here) && look->commands > p->miss[i].too_few &&
		    (best == p->misses || ending_shared(&p->miss[i], &here) > most)) {
			best = i;
			most = ending_shared(&p->miss[i], &here);
		}
	ending_release(&here);
	if (best == p->misses)
		return;
	says = step_block(present_step(p), BLOCK_REJECT, best)->says;
	page_say_text(ss, "Nearly: ", says);
	buf_clear(&p->news);
	buf_printf(&p->news, "Nearly: %s", says);
}

void player_say_goal(struct player *p, struct session *ss)
{
	const struct block *goal = player_block(p);
	struct goal_look look;
	struct err err;

	if (goal_look(goal, ss, p->since, &look, &err) != ST_OK)
		return;
	for (size_t i = 0; i < goal->n; i++)
		say_mark(ss, &goal->goal[i], look.mark[i]);
	if (look.elsewhere)
		say(ss, "This is not what the step began with: `goto step` goes back there.");
	else if (look.broken)
		say(ss, "What is broken stays so: `undo` goes back before it, `goto step` to where the step began.");
	if (!look.elsewhere && !look.met)
		say_miss(p, ss, &look);
}

void player_say_gate(struct player *p, struct session *ss)
{
	switch ((enum gate)p->gate) {
	case GATE_PREDICT:
	case GATE_QUIZ:
		say_question(p, ss);
		break;
	case GATE_GOAL:
		say(ss, "%s", "");
		say(ss, "The goal:");
		player_say_goal(p, ss);
		break;
	case GATE_PAUSE:
		say(ss, "%s", "");
		say(ss, "`next` goes on.");
		break;
	case GATE_END:
		say(ss, "%s", "");
		if (p->step + 1 < p->l->steps)
			say(ss, "`next`: %s", p->l->step[p->step + 1].title);
		else
			end_lesson(p, ss);
		break;
	}
}

enum status player_test(struct player *p, struct session *ss, struct err *err)
{
	const struct block *b = player_block(p);
	struct buf prompt = BUF_INIT;
	enum status st = tape_goto_moment(ss->tape, p->since, err);

	if (st != ST_OK)
		return st;
	add_prompt(&prompt, ss);
	say(ss, "%s%s", buf_str(&prompt), b->text);
	buf_release(&prompt);
	p->busy = true;
	st = run_commands(ss, p->l, b->text, b->line, err);
	p->busy = false;
	return st;
}

/* ---- going along ----------------------------------------------------------------------------------------------- */

static bool names(const struct block *b, const char *verb)
{
	for (size_t i = 0; b && i < b->n; i++)
		if (strcmp(b->word[i], verb) == 0)
			return true;
	return false;
}

static enum status before_command(struct teacher *t, struct session *ss, const struct cmd *cmd, struct err *err)
{
	struct player *p = (struct player *)t;
	const bool acts = cmd->flags & CMD_ACTS;
	const struct block *allow;

	if (!p->l || p->busy || ss->begun)
		return ST_OK;
	buf_clear(&p->news);
	if (acts && p->gate == GATE_PREDICT)
		return err_set(err, ST_WRONG, "first say what `%s` will do: `answer 1` to `answer %zu` (`next!` passes it over)",
			       player_block(p)->text, p->guesses.n);
	allow = step_block(present_step(p), BLOCK_ALLOW, 0);
	if (names(step_block(present_step(p), BLOCK_DENY, 0), cmd->verb))
		return err_set(err, ST_WRONG, "this step has to do without `%s`", cmd->verb);
	if (acts && allow && !names(allow, cmd->verb))
		return err_set(err, ST_WRONG, "`%s` does not count among what this step allows", cmd->verb);
	return ST_OK;
}

static void say_changes(struct player *p, struct session *ss, const struct goal_look *now)
{
	const struct block *goal = player_block(p);

	for (size_t i = 0; i < goal->n; i++)
		if (now->mark[i] != p->look.mark[i]) {
			say_mark(ss, &goal->goal[i], now->mark[i]);
			buf_printf(&p->news, "%s%s: %s", p->news.len ? "; " : "", mark_name(now->mark[i]), goal->goal[i].text);
		}
}

static void say_reached(struct player *p, struct session *ss)
{
	const u32 par = goal_par(player_block(p));

	buf_clear(&p->news);
	buf_printf(&p->news, "The goal is reached, in %u command%s.", p->look.commands, p->look.commands == 1 ? "" : "s");
	if (par && p->look.commands > par)
		buf_printf(&p->news, " It can be done in %u.", par);
	say(ss, "%s", buf_str(&p->news));
	page_text(&p->page, 0, "", buf_str(&p->news));
}

/* A page stays in the language in which it was begun. */
static void say_language(struct player *p, struct session *ss)
{
	struct buf original = BUF_INIT, other = BUF_INIT;

	if (p->language == ss->language)
		return;
	p->language = ss->language;
	if (!lesson_original(p->l->file, &original))
		buf_puts(&original, p->l->file);
	if (!ss->language)
		buf_puts(&other, buf_str(&original));
	else
		lesson_translation(buf_str(&original), languages[ss->language], &other);
	if (!other.len)
		say(ss, "  (this lesson is not there in that language)");
	else if (strcmp(buf_str(&other), p->l->file) != 0)
		say(ss, "  (`lesson %s` begins this page anew, in that language)", buf_str(&p->name));
	buf_release(&original);
	buf_release(&other);
}

static void after_command(struct teacher *t, struct session *ss, const struct cmd *cmd)
{
	struct player *p = (struct player *)t;
	struct goal_look now;
	struct err err;

	(void)cmd;
	if (p->l && !p->busy)
		say_language(p, ss);
	if (!p->l || p->busy || ss->begun || p->gate != GATE_GOAL || tape_now(ss->tape) == p->seen)
		return;
	buf_clear(&p->news);
	p->seen = tape_now(ss->tape);
	p->sought = true;
	if (goal_look(player_block(p), ss, p->since, &now, &err) != ST_OK)
		return;
	if (now.elsewhere && !p->look.elsewhere)
		say(ss, "  (this is not what the step began with: nothing counts until `goto step`)");
	if (!now.elsewhere)
		say_changes(p, ss, &now);
	p->look = now;
	if (!now.met) {
		if (!now.elsewhere)
			say_miss(p, ss, &now);
		return;
	}
	say_reached(p, ss);
	p->reached = true;
	player_pass(p, ss, &err);
}

void player_init(struct player *p, struct session *ss)
{
	*p = (struct player){ .teacher = { before_command, after_command, lesson_names, write_session } };
	ss->teacher = &p->teacher;
}

void player_release(struct player *p)
{
	player_close(p);
	page_release(&p->page);
	buf_release(&p->news);
	buf_release(&p->name);
}
