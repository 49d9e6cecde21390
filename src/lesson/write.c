/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lesson/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "lesson/course.h"
#include "lesson/lesson.h"
#include "lesson/shelf.h"

/* ---- a skeleton ------------------------------------------------------------------------------------------------ */

static const char skeleton[] =
	"---\n"
	"id: %s\n"
	"about: M14\n"
	"kernel: 6.18\n"
	"---\n"
	"# %s\n"
	"\n"
	"What it is about, in two sentences.\n"
	"\n"
	"```finwait setup\n"
	"scenario unread-data\n"
	"```\n"
	"\n"
	"## Guess first {#guess}\n"
	"\n"
	"What the learner sees before anything is done.\n"
	"\n"
	"<!-- note: For the presenter. -->\n"
	"\n"
	"```finwait predict\n"
	"run: close B\n"
	"ask: wire.last.flags, B.state\n"
	"```\n"
	"\n"
	"Why it is so.\n"
	"\n"
	"```finwait why\n"
	"__tcp_close data_was_unread\n"
	"```\n"
	"\n"
	"## Do it {#do-it}\n"
	"\n"
	"What is to be reached.\n"
	"\n"
	"```finwait goal\n"
	"wire.B>A.last.fin\n"
	"never wire.B>A.last.rst\n"
	"par 1\n"
	"```\n"
	"\n"
	"```finwait hint\n"
	"Where to look, without the answer.\n"
	"```\n"
	"\n"
	"```finwait solution read-first\n"
	"recv B\n"
	"close B\n"
	"```\n"
	"\n"
	"```finwait solution half-close\n"
	"shutdown B wr\n"
	"```\n"
	"\n"
	"```finwait reject\n"
	"close B\n"
	"says: What a learner who gets here is told.\n"
	"```\n"
	"\n"
	"What was learnt.\n";

/* "my-lesson" -> "My lesson" */
static void add_title(struct buf *b, const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_putc(b, name[i] == '-' ? ' ' :
			    i == 0 && name[i] >= 'a' && name[i] <= 'z' ? (char)(name[i] - 'a' + 'A') : name[i]);
}

/* One more than the lessons here have. */
static unsigned next_number(void)
{
	char **path;
	const size_t n = lesson_files(".", &path);
	unsigned highest = 0;

	for (size_t i = 0; i < n; i++) {
		const char *slash = strrchr(path[i], '/');
		const unsigned number = (unsigned)strtoul(slash ? slash + 1 : path[i], NULL, 10);

		highest = number > highest ? number : highest;
	}
	lesson_files_free(path, n);
	return highest + 1;
}

static int write_skeleton(const char *name)
{
	struct buf path = BUF_INIT, title = BUF_INIT, text = BUF_INIT, message = BUF_INIT;
	struct err err = { .line = 0 };
	enum status st;

	buf_printf(&path, "%02u-%s.md", next_number(), name);
	add_title(&title, name, strlen(name));
	buf_printf(&text, skeleton, name, buf_str(&title));
	st = file_write(buf_str(&path), buf_str(&text), text.len, false, &err);
	if (st == ST_OK) {
		printf("%s is there. `finwait --watch %s` shows it anew whenever it is saved, `finwait lint %s` proves it.\n",
		       buf_str(&path), buf_str(&path), buf_str(&path));
	} else {
		add_err(&message, &err);
		fprintf(stderr, "%s\n", buf_str(&message));
	}
	buf_release(&path);
	buf_release(&title);
	buf_release(&text);
	buf_release(&message);
	return st == ST_OK ? 0 : 2;
}

/* A lesson of that name is here already, and that was said. */
static bool is_called(const char *name)
{
	const struct course_lesson *there;
	struct course course;

	course_open(&course, ".");
	there = course_find(&course, name, strlen(name));
	if (there)
		fprintf(stderr, "finwait new: %s is called `%s` already\n", there->file, name);
	course_release(&course);
	return there != NULL;
}

int new_main(int argc, char **argv)
{
	if (argc != 3 || strcmp(argv[1], "lesson") != 0) {
		fputs("finwait new: finwait new lesson NAME\n", stderr);
		return 2;
	}
	if (!is_lesson_name(argv[2])) {
		fprintf(stderr, "finwait new: `%s` is no name: a-z, 0-9 and - make one\n", argv[2]);
		return 2;
	}
	return is_called(argv[2]) ? 2 : write_skeleton(argv[2]);
}

/* ---- a session ------------------------------------------------------------------------------------------------- */

/* The commands between two points of one line, the later one included. */
static void add_commands(struct buf *b, const struct tape *t, u32 from, u32 to)
{
	if (to == from || tape_point(t, to)->parent == UINT32_MAX)
		return;
	add_commands(b, t, from, tape_point(t, to)->parent);
	buf_printf(b, "%s\n", tape_point(t, to)->command);
}

static bool begins_with(const char *command, const char *verb)
{
	const size_t n = strlen(verb);

	return strncmp(command, verb, n) == 0 && (!command[n] || command[n] == ' ');
}

/* How much of a situation is known already, going back from it. */
enum setup { SETUP_ALL, SETUP_SCENARIO, SETUP_KERNEL };

/*
 * The commands up to a point that its situation comes from: from the last `scenario` on, or that one alone when it was set up anew
 * by `reset`; and the kernels that were chosen before it, which outlast scenarios.
 */
static void add_setup(struct buf *b, const struct tape *t, u32 to, enum setup wanted)
{
	const struct point *p = tape_point(t, to);
	bool scenario, anew;

	if (p->parent == UINT32_MAX)
		return;
	scenario = begins_with(p->command, "scenario");
	anew = begins_with(p->command, "reset");
	add_setup(b, t, p->parent, scenario ? SETUP_KERNEL : anew && wanted == SETUP_ALL ? SETUP_SCENARIO : wanted);
	if (begins_with(p->command, "kernel") || (scenario && wanted != SETUP_KERNEL) || (wanted == SETUP_ALL && !anew))
		buf_printf(b, "%s\n", p->command);
}

/* The point where the solution begins: the mark `start`, else the last scenario. */
static u32 begin_of_solution(const struct tape *t)
{
	const u32 mark = tape_find_mark(t, "start"), now = tape_now(t);
	const u32 scenario = tape_scenario_start(t, now);
	const u32 begin = mark != MOMENT_NONE && mark >= scenario && tape_leads_to(t, mark, now) ? mark : scenario;
	u32 p = tape_point_now(t);

	while (tape_point(t, p)->parent != UINT32_MAX && !tape_leads_to(t, tape_point(t, p)->moment, begin))
		p = tape_point(t, p)->parent;
	return p;
}

/* What a goal can ask for is written with its value at the end, if it was another at the beginning. */
static u32 add_goal(struct buf *b, struct session *ss, const struct world *then)
{
	static const char *const asked[] = { "A.state", "B.state", "A.substate", "B.substate", "A.app.read", "B.app.read",
					     "A.receive_queue.len", "B.receive_queue.len", "A.sk_err", "B.sk_err" };
	const struct endpoint focus = { .host = 0, .kind = EP_MAIN, .fd = -1 };
	const struct expr_env now = session_env(ss), before = { .w = then };
	u32 n = 0;

	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		size_t used;
		struct expr *e = expr_parse(asked[i], &focus, &used, NULL);
		const struct value v = expr_eval(e, &now), old = expr_eval(e, &before);

		if (!v.none && (old.none || old.n != v.n)) {
			buf_printf(b, "%s == ", asked[i]);
			add_expr_value(b, e, &now);
			buf_putc(b, '\n');
			n++;
		}
		expr_free(e);
	}
	return n;
}

static void add_lesson(struct buf *out, const char *name, const struct buf *setup, const struct buf *goal,
		       const struct buf *way)
{
	buf_printf(out, "---\nid: %s\n---\n# ", name);
	add_title(out, name, strlen(name));
	buf_printf(out, "\n\nWhat it is about.\n\n```finwait setup\n%s```\n\n## Do it {#do-it}\n\nWhat is to be reached.\n\n",
		   setup->len ? buf_str(setup) : "scenario established\n");
	buf_printf(out, "```finwait goal\n%s```\n\n```finwait hint\nWhere to look, without the answer.\n```\n\n",
		   buf_str(goal));
	buf_printf(out, "```finwait solution\n%s```\n", buf_str(way));
}

/* A name made of the file's: "lessons/19-my-way.md" -> "my-way". */
static void add_name(struct buf *b, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	name += strspn(name, "0123456789-");
	for (; *name && *name != '.'; name++) {
		const char c = *name >= 'A' && *name <= 'Z' ? (char)(*name - 'A' + 'a') : *name;
		const char one[] = { c, '\0' };

		buf_putc(b, is_lesson_name(one) ? c : '-');
	}
	if (!b->len)
		buf_puts(b, "lesson");
}

enum status write_session(struct session *ss, const char *path, struct buf *out, struct err *err)
{
	const u32 begin = begin_of_solution(ss->tape), now = tape_point_now(ss->tape);
	struct world *then = xcalloc(1, sizeof(*then));
	struct buf setup = BUF_INIT, goal = BUF_INIT, way = BUF_INIT, name = BUF_INIT;
	enum status st = tape_world_at(ss->tape, tape_point(ss->tape, begin)->moment, then, err);

	add_name(&name, path);
	add_setup(&setup, ss->tape, begin, SETUP_ALL);
	add_commands(&way, ss->tape, begin, now);
	if (st == ST_OK && begin == now)
		st = err_set(err, ST_WRONG,
			     "nothing was done since the scenario, or since the mark `start`: there is no way to show");
	else if (st == ST_OK && !add_goal(&goal, ss, then))
		st = err_set(err, ST_WRONG, "nothing has changed that a goal could ask for: states, what was read, errors");
	if (st == ST_OK)
		add_lesson(out, buf_str(&name), &setup, &goal, &way);
	free(then);
	buf_release(&setup);
	buf_release(&goal);
	buf_release(&way);
	buf_release(&name);
	return st;
}
