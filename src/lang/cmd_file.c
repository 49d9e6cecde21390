/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scripts and files, what is claimed in them, and the session itself. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "lang/rows.h"
#include "lang/session.h"

/* The file is what the message is about; the place is that of the command. */
static enum status about_file(struct err *err, enum status st)
{
	struct buf b = BUF_INIT;

	if (st == ST_OK || !err || !err->file[0])
		return st;
	buf_printf(&b, "%s %s", err->file, err->message);
	err_clear(err);
	err_set(err, st, "%s", buf_str(&b));
	buf_release(&b);
	return st;
}

static enum status cmd_source(struct session *ss, struct args *a, struct err *err)
{
	const char *path = args_take(a);
	struct buf text = BUF_INIT;
	enum status st;

	if (!path)
		return err_set(err, ST_WRONG, "a file is missing: source FILE");
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	st = about_file(err, file_read(path, FILE_LIMIT, &text, err));
	if (st == ST_OK && ends_in(path, strlen(path), ".pkt")) {
		buf_putc(&a->canon, ' ');
		add_typed(&a->canon, path);
		st = ss->play_script ? ss->play_script(ss, path, &text, err) :
				       err_set(err, ST_WRONG, "nothing here plays packetdrill scripts");
	} else if (st == ST_OK) {
		st = session_script(ss, path, buf_str(&text), text.len, err);
	}
	buf_release(&text);
	return st;
}

static enum status cmd_expect(struct session *ss, struct args *a, struct err *err)
{
	struct expr *e = args_expr(a, err);
	struct expr_env env = session_env(ss);
	struct buf values = BUF_INIT;
	struct buf text = BUF_INIT;
	struct value v;
	enum status st = ST_WRONG;

	if (!e)
		return ST_WRONG;
	if (args_end(a, err) != ST_OK)
		goto out;
	v = expr_eval(e, &env);
	st = value_true(&v) ? ST_OK : ST_FAILED;
	add_expr_text(&text, e);
	if (st == ST_FAILED) {
		add_expr_leaves(&values, e, &env);
		err_set(err, ST_FAILED, "expect %s: it does not hold%s%s", buf_str(&text), values.len ? ": " : "",
			buf_str(&values));
	}
	if (ss->json) {
		row_begin(ss, "expect");
		row_str(ss, "expression", buf_str(&text));
		row_bool(ss, "holds", st == ST_OK);
		row_end(ss, "%s", "");
	}
out:
	expr_free(e);
	buf_release(&values);
	buf_release(&text);
	return st;
}

/* ---- save ---------------------------------------------------------------------------------------------------- */

/* An event of a packetdrill script that is not its last: "x.pkt:12 +0 close(4) = 0". */
static bool is_script_event(const char *command)
{
	const char *colon = strstr(command, ".pkt:");

	return colon && colon[5] >= '0' && colon[5] <= '9';
}

/* The names that were given to what point `at` led to. */
static void add_marks(struct buf *b, const struct tape *t, u32 at)
{
	for (size_t i = 0; i < tape_mark_count(t); i++) {
		u32 moment;
		const char *name = tape_mark_name(t, i, &moment);

		if (moment != tape_point(t, at)->moment)
			continue;
		buf_puts(b, "mark ");
		add_typed(b, name);
		buf_putc(b, '\n');
	}
}

/*
 * The commands from the beginning to point `at`, one a line. A script that was sourced stands there as a whole; false: only a
 * part of one is on the way, which no command brings back.
 */
static bool add_commands(struct buf *b, const struct tape *t, u32 at)
{
	const struct point *p = tape_point(t, at);

	if (p->parent == UINT32_MAX) {
		add_marks(b, t, at);
		return true;
	}
	if (!add_commands(b, t, p->parent))
		return false;
	if (is_script_event(p->command))
		return true;
	if (is_script_event(tape_point(t, p->parent)->command) && strncmp(p->command, "source ", 7) != 0)
		return false;
	buf_printf(b, "%s\n", p->command);
	add_marks(b, t, at);
	return true;
}

bool session_commands(const struct session *ss, struct buf *b)
{
	const u32 now = tape_point_now(ss->tape);

	return !is_script_event(tape_point(ss->tape, now)->command) && add_commands(b, ss->tape, now);
}

/* The session as a script of commands. */
static enum status write_script(struct session *ss, struct buf *b, struct err *err)
{
	buf_puts(b, "# a finwait session; it begins in scenario established\n");
	if (session_commands(ss, b))
		return ST_OK;
	return err_set(err, ST_WRONG, "a part of a packetdrill script leads to here, which a script of commands cannot say");
}

/* "as lesson" */
static enum status read_kind(struct session *ss, struct args *a, bool *lesson, struct err *err)
{
	static const char *const kinds[] = { "lesson", NULL };
	int kind;

	*lesson = args_peek(a) && strcmp(args_peek(a), "as") == 0;
	if (*lesson) {
		args_take(a);
		if (args_choice(a, kinds, &kind, err) != ST_OK)
			return ST_WRONG;
	}
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	return *lesson && !ss->teacher ? err_set(err, ST_WRONG, "nothing here writes lessons") : ST_OK;
}

static enum status cmd_save(struct session *ss, struct args *a, struct err *err)
{
	const char *path = args_take(a);
	struct buf b = BUF_INIT;
	bool lesson;
	enum status st;

	if (!path)
		return err_set(err, ST_WRONG, "a file is missing: save FILE");
	if (read_kind(ss, a, &lesson, err) != ST_OK)
		return ST_WRONG;
	st = lesson ? ss->teacher->write(ss, path, &b, err) : write_script(ss, &b, err);
	if (st == ST_OK)
		st = session_write(ss, "save", a->bang, path, lesson ? " as lesson" : "", &b, err);
	buf_release(&b);
	return st;
}

enum status session_write(struct session *ss, const char *verb, bool bang, const char *path, const char *as,
			  const struct buf *data, struct err *err)
{
	enum status st = about_file(err, file_write(path, buf_str(data), data->len, bang, err));

	if (st != ST_OK && verb && !bang && err && strstr(err->message, "not overwritten"))
		err_set(err, ST_WRONG, "%s is there already: `%s! %s%s` overwrites it", path, verb, path, as);
	if (st == ST_OK && verb && !ss->quiet) {
		row_begin(ss, "saved");
		row_str(ss, "file", path);
		row_end(ss, "%s%s to %s", verb, ends_in(verb, strlen(verb), "e") ? "d" : "ed", path);
	}
	return st;
}

/* ---- the session --------------------------------------------------------------------------------------------- */

static enum status cmd_focus(struct session *ss, struct args *a, struct err *err)
{
	struct endpoint ep;

	if (!args_peek(a))
		return err_set(err, ST_WRONG, "an endpoint is missing: focus B, for example");
	if (!args_try_endpoint(a, &ep))
		return err_set(err, ST_WRONG,
			       "`%s` is no endpoint: A, B, A:4 (a descriptor), A/102:4, A%%2 (a socket)", args_peek(a));
	if (ep.kind == EP_NUM && ep.num >= session_world(ss)->host[ep.host].next_num)
		return err_set(err, ST_WRONG, "host %c has no socket %u (`show %c` lists them)", host_letter(ep.host),
			       ep.num, host_letter(ep.host));
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	ss->focus = ep;
	return ST_OK;
}

static enum status set_seq(struct session *ss, int absolute, struct err *err)
{
	(void)err;
	ss->absolute = absolute != 0;
	return ST_OK;
}

static enum status set_screen(struct session *ss, int on, struct err *err)
{
	if (on && ss->screen_mode == SCREEN_NONE)
		return err_set(err, ST_WRONG, "there is no terminal here that could show the screen");
	if (ss->screen_mode != SCREEN_NONE)
		ss->screen_mode = on ? SCREEN_ON : SCREEN_OFF;
	return ST_OK;
}

static enum status set_motion(struct session *ss, int reduced, struct err *err)
{
	(void)err;
	ss->calm = reduced != 0;
	return ST_OK;
}

static enum status set_lang(struct session *ss, int language, struct err *err)
{
	(void)err;
	ss->language = (u8)language;
	return ST_OK;
}

static int get_motion(const struct session *ss)
{
	return ss->calm;
}

static int get_seq(const struct session *ss)
{
	return ss->absolute;
}

static int get_screen(const struct session *ss)
{
	return ss->screen_mode == SCREEN_ON;
}

static int get_lang(const struct session *ss)
{
	return ss->language;
}

static const struct setting {
	const char *name;
	const char *value[4]; /* of 0, 1 and so on; ends with NULL */
	int (*get)(const struct session *ss);
	enum status (*set)(struct session *ss, int value, struct err *err);
} settings[] = {
	{ "seq", { "relative", "absolute" }, get_seq, set_seq },
	{ "screen", { "off", "on" }, get_screen, set_screen },
	{ "motion", { "normal", "reduced" }, get_motion, set_motion },
	{ "lang", { "en", "zh", "ja" }, get_lang, set_lang },
};

static void show_settings(struct session *ss)
{
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		const char *value = settings[i].value[settings[i].get(ss)];

		row_begin(ss, "setting");
		row_str(ss, "name", settings[i].name);
		row_str(ss, "value", value);
		row_end(ss, "%s=%s", settings[i].name, value);
	}
}

/* "relative or absolute", "en, zh or ja" */
static void add_values(struct buf *b, const struct setting *set)
{
	for (size_t i = 0; set->value[i]; i++)
		buf_printf(b, "%s%s", i == 0 ? "" : set->value[i + 1] ? ", " : " or ", set->value[i]);
}

static enum status set_to(struct session *ss, const struct setting *set, struct args *a, const char *value, struct err *err)
{
	struct buf b = BUF_INIT;

	for (int k = 0; value && set->value[k]; k++)
		if (strcmp(value, set->value[k]) == 0) {
			a->next++;
			return args_end(a, err) == ST_OK ? set->set(ss, k, err) : ST_WRONG;
		}
	if (value) {
		add_values(&b, set);
		err_set(err, ST_WRONG, "%s is %s, not `%s`", set->name, buf_str(&b), value);
	} else {
		buf_printf(&b, "set %s=", set->name);
		add_values(&b, set);
		err_set(err, ST_WRONG, "%s is what? %s", set->name, buf_str(&b));
	}
	buf_release(&b);
	return ST_WRONG;
}

static enum status cmd_set(struct session *ss, struct args *a, struct err *err)
{
	char name[32];
	const char *value = args_assignment(a, name, sizeof(name));

	if (!args_peek(a)) {
		show_settings(ss);
		return ST_OK;
	}
	if (!value)
		snprintf(name, sizeof(name), "%s", args_peek(a));
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (strcmp(settings[i].name, name) == 0)
			return set_to(ss, &settings[i], a, value, err);
	return err_set(err, ST_WRONG, "`%s` is no setting: seq, screen, motion and lang are (`set` shows them)", name);
}

static enum status cmd_quit(struct session *ss, struct args *a, struct err *err)
{
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	ss->quit = true;
	return ST_OK;
}

static const struct cmd rows[] = {
	{
		.verb = "source",
		.syntax = "FILE",
		.help = "Runs a script in this session. A packetdrill script (.pkt) begins anew: A is the kernel under test, its "
			"peer exists in the script alone, and each event is a point, so that one can go back and on by hand.",
		.takes = "<file>",
		.run = cmd_source,
	},
	{
		.verb = "expect",
		.syntax = "EXPR",
		.help = "Fails, with the values, when it does not hold; a script ends there.",
		.takes = "<expr>",
		.run = cmd_expect, .flags = CMD_EXPR,
	},
	{
		.verb = "save",
		.syntax = "FILE [as lesson]",
		.help = "Writes the session so far as a script that replays it, with its marks and without the branches that were "
			"left, or as a lesson: what was done up to the mark `start` as its setup, the rest as a solution. `save!` overwrites.",
		.takes = "<file> as lesson",
		.run = cmd_save, .flags = CMD_BANG,
	},
	{
		.verb = "focus",
		.syntax = "A|B|A:4|A%2",
		.help = "The endpoint that commands mean when none is named.",
		.takes = "<endpoint>",
		.run = cmd_focus,
	},
	{
		.verb = "set",
		.syntax = "[seq=relative|absolute] [screen=on|off] [motion=normal|reduced] [lang=en|zh|ja]",
		.help = "How sequence numbers are shown; whether the screen is, or lines; whether segments travel on it; the language of "
			"lessons that begin from now on, and of what `explain` tells, as far as they are translated.",
		.takes = "seq=relative seq=absolute screen=on screen=off motion=normal motion=reduced lang=en lang=zh lang=ja",
		.run = cmd_set,
	},
	{
		.verb = "quit", .letter = 'q',
		.syntax = "",
		.help = "Leaves.",
		.takes = "",
		.run = cmd_quit,
	},
};

const struct cmd_table cmds_file = { "Scripts and session", rows, ARRAY_LEN(rows) };
