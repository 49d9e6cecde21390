/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text is a session: each line does what it says, or is one mistake with a place, after which the session is as it
 * was. Lines that name files are left out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/complete.h"
#include "lang/session.h"
#include "lesson/play.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* So many lines, and no more than so much of any: a world has room for little, and a run of ten minutes takes its time. */
enum { LINES = 40, LINE_LENGTH = 400 };

static const struct cmd_table *const tables[] = {
	&cmds_world, &cmds_call, &cmds_net, &cmds_time, &cmds_look, &cmds_history, &cmds_file, &cmds_demo, NULL,
};

static void look_at(void *ctx, const char *text)
{
	(void)ctx;
	if (strchr(text, '\n'))
		abort();
}

/* `source` and `save`, however shortened, and wherever on the line. */
static bool touches_files(const struct session *ss, const char *line, size_t len)
{
	struct lexer lx;
	struct command c = { .n = 0 };
	bool found = false;

	if (lexer_init(&lx, line, len, NULL) != ST_OK)
		return false;
	while (!lx.done && !found && lex_command(&lx, &c, NULL) == ST_OK) {
		const char *word = command_word(&c, 0);
		struct buf verb = BUF_INIT;
		const struct cmd *cmd;

		buf_add(&verb, word ? word : "", word ? strcspn(word, "!") : 0);
		cmd = session_find_cmd(ss, buf_str(&verb), false, NULL);
		found = cmd && (strcmp(cmd->verb, "source") == 0 || strcmp(cmd->verb, "save") == 0);
		buf_release(&verb);
	}
	command_release(&c);
	return found;
}

/* A mistake says what is wrong in one line, says where, and leaves the world alone. */
static void run_line(struct session *ss, const char *line, size_t len)
{
	const struct endpoint focus = ss->focus;
	const u32 moment = tape_now(ss->tape);
	struct err err = { 0 };
	struct completion words;
	enum status st;

	complete(ss, line, len, &words);
	completion_release(&words);
	if (touches_files(ss, line, len))
		return;
	st = session_line(ss, line, len, &err);
	if (st != ST_OK && (!err.message[0] || strchr(err.message, '\n')))
		abort();
	/* a failed `until` has let things happen, and so have the commands before the one that was wrong */
	if (st != ST_OK && st != ST_FAILED && !memchr(line, ';', len) &&
	    (tape_now(ss->tape) != moment || memcmp(&ss->focus, &focus, sizeof(focus)) != 0))
		abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct session ss;
	const struct sink sink = { .line = look_at };
	const char *text = (const char *)data + 1;

	if (!size)
		return 0;
	if (session_init(&ss, tables, sink, NULL) != ST_OK)
		abort();
	/* the first byte says how the session is held: '0' as at the prompt */
	ss.json = data[0] & 1;
	ss.quiet = data[0] & 2;
	ss.strict = data[0] & 4;
	ss.narrates = !(data[0] & 8);
	size--;
	for (u32 i = 0; size && i < LINES && !ss.quit; i++) {
		const char *newline = memchr(text, '\n', size);
		size_t n = newline ? (size_t)(newline - text) : size;

		run_line(&ss, text, n < LINE_LENGTH ? n : LINE_LENGTH);
		n += newline != NULL;
		text += n;
		size -= n;
	}
	session_release(&ss);
	return 0;
}
