/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packetdrill script at the prompt. */
#include <string.h>

#include "drill/drill.h"
#include "lang/session.h"

static void say_lines(struct session *ss, const char *text)
{
	while (*text) {
		const size_t n = strcspn(text, "\n");

		say(ss, "%.*s", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

/* What was done last becomes a point: of a script that held, the whole of it. */
static void end_script(struct session *ss, const char *path, bool held)
{
	const bool quoted = path[strcspn(path, " \t;#\"")] != '\0';
	struct buf b = BUF_INIT;

	if (held)
		buf_printf(&b, quoted ? "source \"%s\"" : "source %s", path);
	else
		buf_printf(&b, "%s:1 fails here", path);
	tape_end_command(ss->tape, buf_str(&b));
	buf_release(&b);
}

enum status drill_source(struct session *ss, const char *path, const struct buf *text, struct err *err)
{
	const struct drill_options options = { .verbose = !ss->quiet };
	const struct drill_files files = drill_files_beside(path);
	enum drill_verdict verdict;
	struct buf said = BUF_INIT;
	struct drill *d = NULL;

	if (drill_parse(&d, path, buf_str(text), text->len, &files, err) != ST_OK)
		return ST_WRONG;
	if (!ss->quiet)
		say_lines(ss, drill_notices(d));
	verdict = drill_play(d, &options, ss->tape, &said);
	say_lines(ss, buf_str(&said));
	end_script(ss, path, verdict == DRILL_PASSED);
	buf_release(&said);
	drill_free(d);
	if (verdict == DRILL_PASSED)
		return ST_OK;
	return err_set(err, verdict == DRILL_FAILED ? ST_FAILED : ST_WRONG,
		       verdict == DRILL_FAILED ? "%s fails: `undo` goes back through it" : "%s cannot be played here", path);
}
