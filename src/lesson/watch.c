/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lesson/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "lesson/lint.h"
#include "lesson/player.h"
#include "lesson/shelf.h"

/* More than any page has to be done on it. */
enum { TURNS_MAX = 100 };

static const struct cmd_table *const tables[] = {
	&cmds_world, &cmds_kernel, &cmds_call, &cmds_net, &cmds_time, &cmds_look, &cmds_history, &cmds_file,
	&cmds_lesson, NULL,
};

/* What a learner types who knows the way. False: the page has come to its end. */
static bool next_line(struct buf *line, const struct player *p)
{
	const struct block *b = player_block(p);

	buf_clear(line);
	if (p->gate == GATE_PREDICT) {
		buf_printf(line, "answer %zu", p->guesses.right + 1);
	} else if (p->gate == GATE_QUIZ) {
		buf_puts(line, "answer");
		for (size_t i = 0; i < b->n; i++)
			if (b->choice[i].right)
				buf_printf(line, " %zu", i + 1);
	} else if (p->gate == GATE_GOAL) {
		b = step_block(&p->l->step[p->step], BLOCK_SOLUTION, 0);
		for (const char *text = b && !p->look.commands ? b->text : ""; *text; text++)
			if (*text != '\n')
				buf_putc(line, *text);
			else if (text[1])
				buf_puts(line, "; ");
	} else if (p->gate == GATE_PAUSE) {
		buf_puts(line, "next");
	}
	return line->len != 0;
}

static void add_line(void *ctx, const char *text)
{
	buf_printf(ctx, "%s\n", text);
}

static void play(struct session *ss, struct player *p, size_t step, struct buf *out)
{
	struct buf line = BUF_INIT;
	struct err err = { .line = 0 };
	enum status st = player_go(p, ss, step, &err);

	for (int i = 0; i < TURNS_MAX && st == ST_OK && next_line(&line, p); i++) {
		add_prompt(out, ss);
		buf_printf(out, "%s\n", buf_str(&line));
		st = session_line(ss, buf_str(&line), line.len, &err);
	}
	if (st != ST_OK) {
		add_err(out, &err);
		buf_putc(out, '\n');
	}
	buf_release(&line);
}

void play_step(struct buf *out, struct lesson *l, size_t step)
{
	struct session *ss = xcalloc(1, sizeof(*ss));
	struct player p;

	if (session_init(ss, tables, (struct sink){ add_line, out }, NULL) == ST_OK) {
		player_init(&p, ss);
		p.forgets = true;
		p.notes = true;
		p.l = l;
		play(ss, &p, step, out);
		p.l = NULL;
		player_release(&p);
		session_release(ss);
	}
	free(ss);
}

static void print(void *ctx, const struct err *err)
{
	struct buf b = BUF_INIT;

	(void)ctx;
	add_err(&b, err);
	puts(buf_str(&b));
	buf_release(&b);
}

/* What is shown of it now; of what was shown before only what has become another. */
static void show(struct lesson *l, struct buf *shown)
{
	for (size_t i = 0; i < l->steps; i++) {
		struct buf now = BUF_INIT;

		play_step(&now, l, i);
		if (strcmp(buf_str(&now), buf_str(&shown[i])) == 0) {
			buf_release(&now);
			continue;
		}
		printf("\n%s", buf_str(&now));
		buf_release(&shown[i]);
		shown[i] = now;
	}
}

static void look(const char *path, struct buf *shown)
{
	struct findings f = { .tell = print, .file = path };
	struct lesson *l;

	if (lesson_load(&l, path, &f) == ST_OK) {
		lesson_lint(l, &f);
		if (!f.mistakes)
			show(l, shown);
		lesson_free(l);
	}
	printf("\n%s: %u finding%s. It is played anew when it is saved; Ctrl-C ends.\n", path, f.told, f.told == 1 ? "" : "s");
	fflush(stdout);
}

int watch_main(const char *path)
{
	struct buf shown[STEPS_MAX] = { BUF_INIT };
	struct err err = { .line = 0 };
	struct file_watch w;

	if (file_watch_begin(&w, path, &err) == ST_OK)
		do {
			look(path, shown);
		} while (file_watch_wait(&w, &err) == ST_OK);
	file_watch_end(&w);
	for (size_t i = 0; i < STEPS_MAX; i++)
		buf_release(&shown[i]);
	print(NULL, &err);
	return 2;
}
