/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Going back and forth; marks. */
#include <string.h>

#include "lang/names.h"
#include "lang/rows.h"
#include "lang/session.h"

/* Where we are now: "point 2, 0.000s: A FIN_WAIT1, B CLOSE_WAIT". */
static void tell_place(struct session *ss)
{
	const struct world *w = session_world(ss);
	u32 at = tape_point_now(ss->tape);
	struct buf b = BUF_INIT;
	const char *state[NR_HOSTS];

	for (u8 h = 0; h < NR_HOSTS; h++) {
		const struct endpoint ep = { .host = h, .kind = EP_MAIN, .fd = -1 };
		struct conn c = conn_of(w, &ep);

		state[h] = state_name(conn_state(&c));
	}
	add_clock(&b, w->now - WORLD_EPOCH);
	row_begin(ss, "point");
	row_num(ss, "point", at);
	row_num(ss, "time_us", (s64)(w->now - WORLD_EPOCH));
	row_str(ss, "A", state[0]);
	row_str(ss, "B", state[1]);
	row_end(ss, "point %u, %s: A %s, B %s", at, buf_str(&b), state[0], state[1]);
	buf_release(&b);
}

static enum status read_count(struct args *a, u32 *n, struct err *err)
{
	s64 count = 1;

	if (args_peek(a) && args_number(a, 1, 1000000, &count, "number of commands", err) != ST_OK)
		return ST_WRONG;
	*n = (u32)count;
	return args_end(a, err);
}

static enum status cmd_undo(struct session *ss, struct args *a, struct err *err)
{
	u32 n;

	if (read_count(a, &n, err) != ST_OK || tape_undo(ss->tape, n, err) != ST_OK)
		return ST_WRONG;
	tell_place(ss);
	return ST_OK;
}

static enum status cmd_redo(struct session *ss, struct args *a, struct err *err)
{
	u32 n;

	if (read_count(a, &n, err) != ST_OK || tape_redo(ss->tape, n, err) != ST_OK)
		return ST_WRONG;
	tell_place(ss);
	return ST_OK;
}

static enum status no_such_mark(const struct session *ss, const char *word, struct err *err)
{
	struct nearest n;
	struct buf hint = BUF_INIT;
	u32 moment;

	nearest_init(&n, word);
	for (size_t i = 0; i < tape_mark_count(ss->tape); i++)
		nearest_try(&n, tape_mark_name(ss->tape, i, &moment));
	err_set(err, ST_WRONG, "there is no mark `%s`%s", word, nearest_hint(&n, &hint));
	buf_release(&hint);
	return ST_WRONG;
}

static enum status cmd_goto(struct session *ss, struct args *a, struct err *err)
{
	const char *word = args_take(a);
	u32 moment;
	s64 n;

	if (!word)
		return err_set(err, ST_WRONG, "a point or a mark is missing (`history` lists them)");
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	moment = tape_find_mark(ss->tape, word);
	if (moment != MOMENT_NONE) {
		if (tape_goto_moment(ss->tape, moment, err) != ST_OK)
			return ST_WRONG;
	} else if (parse_number(word, &n)) {
		if (n < 0 || n >= tape_point_count(ss->tape))
			return err_set(err, ST_WRONG, "there is no point %s: they go from 0 to %u", word,
				       tape_point_count(ss->tape) - 1);
		if (tape_goto_point(ss->tape, (u32)n, err) != ST_OK)
			return ST_WRONG;
	} else {
		return no_such_mark(ss, word, err);
	}
	tell_place(ss);
	return ST_OK;
}

static enum status cmd_mark(struct session *ss, struct args *a, struct err *err)
{
	const char *word = args_take(a);
	s64 n;

	if (!word)
		return err_set(err, ST_WRONG, "a name is missing: mark before-close, for example");
	if (parse_number(word, &n))
		return err_set(err, ST_WRONG, "`%s` is a number, and those are points: a mark needs a name", word);
	if (!*word || strpbrk(word, " \t\n"))
		return err_set(err, ST_WRONG, "a mark's name is one word: before-close, for example");
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	return tape_mark(ss->tape, word, err);
}

/* ---- history ------------------------------------------------------------------------------------------------- */

static bool on_way(const struct tape *t, u32 point, u32 now)
{
	for (u32 at = now;; at = tape_point(t, at)->parent) {
		if (at == point)
			return true;
		if (at == UINT32_MAX || tape_point(t, at)->parent == UINT32_MAX)
			return false;
	}
}

static void add_marks(struct buf *b, const struct tape *t, u32 moment)
{
	for (size_t i = 0; i < tape_mark_count(t); i++) {
		u32 at;
		const char *name = tape_mark_name(t, i, &at);

		if (at == moment)
			buf_printf(b, "    mark %s", name);
	}
}

static enum status cmd_history(struct session *ss, struct args *a, struct err *err)
{
	u32 now = tape_point_now(ss->tape);

	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	for (u32 i = 0; i < tape_point_count(ss->tape); i++) {
		const struct point *p = tape_point(ss->tape, i);
		bool on = on_way(ss->tape, i, now);
		struct buf rest = BUF_INIT;

		if (p->parent != UINT32_MAX && p->parent + 1 != i)
			buf_printf(&rest, "    from %u", p->parent);
		add_marks(&rest, ss->tape, p->moment);
		row_begin(ss, "point");
		row_num(ss, "point", i);
		if (p->parent != UINT32_MAX)
			row_num(ss, "parent", p->parent);
		row_str(ss, "command", p->command);
		row_bool(ss, "now", i == now);
		row_bool(ss, "on_the_way", on);
		row_end(ss, "%c %4u  %s%s", i == now ? '*' : on ? ' ' : '|', i, i ? p->command : "(the beginning)",
			buf_str(&rest));
		buf_release(&rest);
	}
	return ST_OK;
}

static const struct cmd rows[] = {
	{
		.verb = "undo", .letter = 'u',
		.syntax = "[N]",
		.help = "Takes the last command back, or the last N.",
		.takes = "",
		.run = cmd_undo,
	},
	{
		.verb = "redo",
		.syntax = "[N]",
		.help = "Does again what was taken back.",
		.takes = "",
		.run = cmd_redo,
	},
	{
		.verb = "goto",
		.syntax = "N|MARK",
		.help = "Goes to a point of the history, also on another branch.",
		.takes = "<mark>",
		.run = cmd_goto,
	},
	{
		.verb = "mark",
		.syntax = "NAME",
		.help = "Gives the present moment a name.",
		.takes = "",
		.run = cmd_mark,
	},
	{
		.verb = "history",
		.syntax = "",
		.help = "All points; * is the present one, | one that is on another branch.",
		.takes = "",
		.run = cmd_history,
	},
};

const struct cmd_table cmds_history = { "History", rows, ARRAY_LEN(rows) };
