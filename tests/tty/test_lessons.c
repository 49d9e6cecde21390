/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every lesson is gone through on the screen of the real program, as a learner would: each question answered, each
 * goal reached by typing a solution; then anew by the other solutions. The program is $FINWAIT, the lessons are
 * those of this folder.
 */
#include "terminal.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { MAX_TASKS = 200, MAX_WAYS = 6 };

/* What there is to be done in a lesson, in its order. */
enum task_kind { STEP, PREDICT, QUIZ, GOAL };

struct task {
	enum task_kind kind;
	char ways[MAX_WAYS][1000]; /* GOAL: what can be typed; QUIZ: the right answers */
	int n;			   /* of them; STEP: -1 when it is only a pause */
};

struct script {
	char id[80];
	struct task task[MAX_TASKS];
	int tasks, steps, most_ways;
};

static char program[4096];

static void add_words(char *text, const char *between, const char *words)
{
	if (*text)
		strncat(text, between, 1000 - strlen(text) - 1);
	strncat(text, words, 1000 - strlen(text) - 1);
}

static struct task *add_task(struct script *s, enum task_kind kind)
{
	struct task *t = &s->task[s->tasks++];

	assert_true(s->tasks < MAX_TASKS);
	memset(t, 0, sizeof(*t));
	t->kind = kind;
	return t;
}

/* Inside a fenced block: what a learner could type. `choice` counts a question's choices. */
static void read_inside(struct script *s, struct task *goal, const char *block, const char *line, int *choice)
{
	char number[16];

	if (strncmp(block, "solution", 8) == 0) {
		assert_non_null(goal);
		add_words(goal->ways[goal->n - 1], "; ", line);
	} else if (strcmp(block, "quiz") == 0 && (*line == '+' || *line == '-')) {
		snprintf(number, sizeof(number), "%d", ++*choice);
		if (*line == '+')
			add_words(s->task[s->tasks - 1].ways[0], " ", number);
	}
}

static void read_lesson(struct script *s, const char *path)
{
	FILE *f = fopen(path, "r");
	char line[2000], block[80] = "";
	struct task *goal = NULL;
	int choice = 0;

	assert_non_null(f);
	memset(s, 0, sizeof(*s));
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "id: ", 4) == 0 && !*s->id) {
			snprintf(s->id, sizeof(s->id), "%.70s", line + 4);
		} else if (strncmp(line, "```finwait ", 11) == 0) {
			snprintf(block, sizeof(block), "%.70s", line + 11);
			choice = 0;
			if (strcmp(block, "predict") == 0)
				add_task(s, PREDICT);
			else if (strcmp(block, "quiz") == 0)
				add_task(s, QUIZ);
			else if (strcmp(block, "goal") == 0)
				goal = add_task(s, GOAL);
			else if (strncmp(block, "solution", 8) == 0)
				assert_true(goal && ++goal->n <= MAX_WAYS);
			if (goal && goal->n > s->most_ways)
				s->most_ways = goal->n;
		} else if (strcmp(line, "```") == 0) {
			*block = '\0';
		} else if (*block) {
			read_inside(s, goal, block, line, &choice);
		} else if (strncmp(line, "## ", 3) == 0) {
			goal = NULL;
			add_task(s, STEP);
			s->steps++;
		} else if (strcmp(line, ". . .") == 0) {
			add_task(s, STEP)->n = -1;
		}
	}
	fclose(f);
	assert_true(*s->id && s->steps);
}

/* A verb, and what stands behind it (may be ""). */
static void type_words(struct terminal *t, const char *verb, const char *rest)
{
	terminal_type(t, verb);
	terminal_type(t, *rest ? " " : "");
	terminal_type(t, rest);
	terminal_type(t, "\r");
}

static void type_line(struct terminal *t, const char *line)
{
	type_words(t, line, "");
}

/* Goes through the lesson; of each goal's solutions it takes the `way`-th, else the first. */
static void go_through(struct terminal *t, const struct script *s, int way)
{
	int step = 0;
	char place[80];

	type_words(t, "lesson reset", s->id);
	type_words(t, "lesson", s->id);
	for (int i = 0; i < s->tasks; i++) {
		const struct task *task = &s->task[i];

		switch (task->kind) {
		case STEP:
			if (step || task->n < 0)
				type_line(t, "next");
			if (task->n < 0)
				break;
			snprintf(place, sizeof(place), "step %d of %d", ++step, s->steps);
			terminal_shows(t, place);
			break;
		case PREDICT:
			type_line(t, "answer 1");
			break;
		case QUIZ:
			type_words(t, "answer", task->ways[0]);
			break;
		case GOAL:
			type_line(t, task->ways[way < task->n ? way : 0]);
			terminal_shows(t, "The goal is reached, in ");
			break;
		}
	}
	assert_int_equal(step, s->steps);
}

/* The last page is left, and every step is noted as done. */
static void is_done(struct terminal *t, const struct script *s)
{
	char said[80];

	type_line(t, "next");
	snprintf(said, sizeof(said), "%d of %d steps done", s->steps, s->steps);
	terminal_shows(t, said);
}

static void play(const char *path)
{
	static struct script s;
	char *const argv[] = { program, NULL };
	struct terminal *t;

	read_lesson(&s, path);
	t = terminal_start("xterm-256color", 40, 140, argv);
	terminal_shows(t, "A>");
	type_line(t, "speed off");
	for (int way = 0; way == 0 || way < s.most_ways; way++) {
		go_through(t, &s, way);
		is_done(t, &s);
	}
	type_line(t, "quit");
	terminal_ends(t);
	assert_true(WIFEXITED(t->status) && WEXITSTATUS(t->status) == 0);
	terminal_free(t);
}

static void t_lessons(void **state)
{
	char folder[] = "/tmp/tty.XXXXXX", path[256];
	glob_t files;

	(void)state;
	assert_non_null(mkdtemp(folder));
	setenv("TTY_STATE", folder, 1);
	assert_int_equal(glob("lessons/[0-9][0-9]-*.md", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		play(files.gl_pathv[i]);
	globfree(&files);
	unsetenv("TTY_STATE");
	snprintf(path, sizeof(path), "%s/finwait/history", folder);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/finwait/lessons", folder);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/finwait", folder);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

/* The pane shows the page, and moves along with it. */
static void t_pane(void **state)
{
	char *const argv[] = { program, NULL };
	struct terminal *t = terminal_start("xterm-256color", 24, 80, argv);

	(void)state;
	terminal_shows(t, "A>");
	type_line(t, "speed off");
	type_line(t, "lesson reset unread-byte");
	type_line(t, "lesson unread-byte");
	terminal_shows(t, "The unread byte, step 1 of 8: Guess first");
	terminal_shows(t, "lesson   step 1 of 8");
	terminal_type(t, "\x1b[6~\x1b[6~\x1b[6~\x1b[6~"); /* PgDn */
	terminal_shows(t, "`answer 1`, `answer 2`, ");
	type_line(t, "close B");
	terminal_shows(t, "first say what `close B` will do");
	type_line(t, "answer 2");
	terminal_shows(t, "Right: wire.last.flags R., B.state CLOSE");
	terminal_shows(t, "A RST, and no trace of a goodbye");
	type_line(t, "next");
	terminal_shows(t, "step 2 of 8: One byte less");
	terminal_type(t, "\x1b[6~"); /* PgDn */
	terminal_shows(t, "  not yet  wire.B>A.last.fin");
	type_line(t, "recv B 99; close B");
	terminal_shows(t, "Nearly: 99 of 100 bytes are not all of them.");
	terminal_shows(t, "  broken   never wire.B>A.last.rst");
	type_line(t, "undo 2");
	terminal_hides(t, "Nearly: 99 of 100 bytes");
	terminal_shows(t, "  kept     never wire.B>A.last.rst");
	type_line(t, "hint");
	terminal_shows(t, "hint 1 of 2: ");
	terminal_type(t, "\x1bOQ"); /* F2 */
	terminal_shows(t, "nothing has happened since the scenario began");
	terminal_type(t, "\x1b[17~"); /* F6 */
	terminal_shows(t, "  kept     never wire.B>A.last.rst");
	type_line(t, "prev");
	terminal_shows(t, "step 1 of 8: Guess first");
	type_line(t, "answer 1");
	terminal_shows(t, "Not so. After `close B`: wire.last.flags R., B.state CLOSE");
	terminal_shows(t, "Your answer would be right if `dup B` came first.");
	type_line(t, "quit");
	terminal_ends(t);
	terminal_free(t);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* A lesson that is being written is played anew at each save: what has changed, or what is wrong. */
static void t_watch(void **state)
{
	static const char lesson[] = "---\nid: w\n---\n# W\n\n## One {#one}\n\n%s\n\n```finwait goal\n%s\n```\n\n```finwait hint\nh\n```\n\n"
				     "```finwait solution\nclose A\n```\n\nthe end\n\n## Two {#two}\n\nstill the same\n";
	char folder[] = "/tmp/tty.XXXXXX", path[256], text[1000];
	char option[] = "--watch";
	char *const argv[] = { program, option, path, NULL };
	struct terminal *t;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/01-w.md", folder);
	snprintf(text, sizeof(text), lesson, "first words", "A.state == FIN_WAIT1");
	write_file(path, text);
	t = terminal_start("xterm-256color", 40, 100, argv);
	terminal_shows(t, "first words");
	terminal_shows(t, "A> close A");
	terminal_shows(t, "the end");
	terminal_shows(t, "still the same");
	terminal_shows(t, "0 findings. It is played anew");
	snprintf(text, sizeof(text), lesson, "other words", "A.stat == FIN_WAIT1");
	write_file(path, text);
	terminal_shows(t, "01-w.md:11: A has no field `stat` (did you mean `state`?)");
	terminal_shows(t, "1 finding. It is played anew");
	snprintf(text, sizeof(text), lesson, "third words", "A.state == FIN_WAIT1");
	write_file(path, text);
	terminal_shows(t, "third words");
	terminal_type(t, "\x03");
	terminal_ends(t);
	terminal_free(t);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(t_lessons), cmocka_unit_test(t_pane), cmocka_unit_test(t_watch) };
	const char *finwait = getenv("FINWAIT");

	if (!realpath(finwait ? finwait : "./finwait", program)) {
		fprintf(stderr, "there is no program to test\n");
		return 2;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
