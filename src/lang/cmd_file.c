/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scripts and files, what is claimed in them, and the session itself. */
#include <string.h>

#include "base/file.h"
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

static bool is_packetdrill(const char *path)
{
	const size_t n = strlen(path);

	return n >= 4 && strcmp(path + n - 4, ".pkt") == 0;
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
	if (st == ST_OK && is_packetdrill(path)) {
		a->next--; /* the word that is wrong */
		st = err_set(err, ST_WRONG,
			     "%s is a packetdrill script, with hosts of its own: `finwait drill %s` plays it", path, path);
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

/* ---- narration ----------------------------------------------------------------------------------------------- */

static enum status narration(struct session *ss, struct args *a, const char *event, struct err *err)
{
	const char *text = args_take(a);

	if (!text)
		return err_set(err, ST_WRONG, "the text is missing: %s \"...\"", event);
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	if (ss->narrates)
		say_text(ss, event, text);
	return ST_OK;
}

static enum status cmd_say(struct session *ss, struct args *a, struct err *err)
{
	return narration(ss, a, "say", err);
}

static enum status cmd_title(struct session *ss, struct args *a, struct err *err)
{
	return narration(ss, a, "title", err);
}

/* A demo waits here when it is played; a script and a plain prompt do not. */
static enum status cmd_pause(struct session *ss, struct args *a, struct err *err)
{
	u64 us;

	(void)ss;
	if (args_peek(a) && args_duration(a, &us, err) != ST_OK)
		return ST_WRONG;
	return args_end(a, err);
}

/* ---- save ---------------------------------------------------------------------------------------------------- */

/* The commands from the beginning to point `at`, one a line. */
static void add_commands(struct buf *b, const struct tape *t, u32 at)
{
	const struct point *p = tape_point(t, at);

	if (p->parent == UINT32_MAX)
		return;
	add_commands(b, t, p->parent);
	buf_printf(b, "%s\n", p->command);
}

static enum status cmd_save(struct session *ss, struct args *a, struct err *err)
{
	const char *path = args_take(a);
	struct buf b = BUF_INIT;
	enum status st;

	if (!path)
		return err_set(err, ST_WRONG, "a file is missing: save FILE");
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	buf_puts(&b, "# a finwait session; it begins in scenario established\n");
	add_commands(&b, ss->tape, tape_point_now(ss->tape));
	st = about_file(err, file_write(path, buf_str(&b), b.len, a->bang, err));
	buf_release(&b);
	if (st != ST_OK && !a->bang && err && strstr(err->message, "not overwritten"))
		err_set(err, ST_WRONG, "%s is there already: `save! %s` overwrites it", path, path);
	if (st == ST_OK && !ss->quiet) {
		row_begin(ss, "saved");
		row_str(ss, "file", path);
		row_end(ss, "saved to %s", path);
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

static enum status cmd_set(struct session *ss, struct args *a, struct err *err)
{
	char name[32];
	const char *value = args_assignment(a, name, sizeof(name));

	if (!args_peek(a)) {
		row_begin(ss, "setting");
		row_str(ss, "seq", ss->absolute ? "absolute" : "relative");
		row_end(ss, "seq=%s", ss->absolute ? "absolute" : "relative");
		return ST_OK;
	}
	if (!value || strcmp(name, "seq") != 0)
		return err_set(err, ST_WRONG, "`%s` is no setting: seq=relative or seq=absolute", args_peek(a));
	if (strcmp(value, "absolute") != 0 && strcmp(value, "relative") != 0)
		return err_set(err, ST_WRONG, "seq is relative or absolute, not `%s`", value);
	a->next++;
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	ss->absolute = strcmp(value, "absolute") == 0;
	return ST_OK;
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
		.help = "Runs a script in this session.",
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
		.verb = "say",
		.syntax = "\"TEXT\"",
		.help = "Words for the audience of a demo.",
		.takes = "",
		.run = cmd_say,
	},
	{
		.verb = "pause",
		.syntax = "[DURATION]",
		.help = "A demo waits here for its audience.",
		.takes = "1s",
		.run = cmd_pause,
	},
	{
		.verb = "title",
		.syntax = "\"TEXT\"",
		.help = "What a demo is called.",
		.takes = "",
		.run = cmd_title,
	},
	{
		.verb = "save",
		.syntax = "FILE",
		.help = "Writes the session so far as a script that replays it; `save!` overwrites.",
		.takes = "<file>",
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
		.syntax = "[seq=relative|absolute]",
		.help = "How sequence numbers are shown.",
		.takes = "seq=relative seq=absolute",
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
