/* SPDX-License-Identifier: GPL-2.0-or-later */
/* export: what leaves the program as a file. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "drill/export.h"
#include "lang/capture.h"
#include "lang/notes.h"
#include "view/ladder_svg.h"
#include "view/svg.h"
#include "view/view.h"

/* ---- the screen as a picture ------------------------------------------------------------------------------------- */

bool view_read_size(const char *text, u16 *cols, u16 *rows)
{
	char *end;
	unsigned long c = strtoul(text, &end, 10);
	unsigned long r = *end == 'x' ? strtoul(end + 1, &end, 10) : 0;

	if (*end || c < VIEW_MIN_COLS || c > 500 || r < VIEW_MIN_ROWS || r > 200)
		return false;
	*cols = (u16)c;
	*rows = (u16)r;
	return true;
}

struct picture {
	u16 cols; /* 0: of the screen that is there, else 120x36 */
	u16 rows;
	u8 shown[2]; /* enum pane_id */
};

/* What would stand on a screen like that. */
static void draw_picture(struct session *ss, const struct picture *p, struct buf *out)
{
	struct view *there = ss->screen;
	struct view v;
	int row, col;

	if (there && !there->away && !p->cols) {
		view_draw(there, &row, &col);
		add_svg(out, &there->canvas);
		return;
	}
	view_init(&v, ss, p->rows ? p->rows : 36, p->cols ? p->cols : 120);
	memcpy(v.shown, p->shown, sizeof(v.shown));
	v.focus = v.shown[0];
	if (there)
		buf_puts(&v.lower[PANE_LOG].text, buf_str(&there->lower[PANE_LOG].text));
	v.lower[PANE_LOG].n = there ? there->lower[PANE_LOG].n : 0;
	v.log_start = there ? there->log_start : 0;
	view_draw(&v, &row, &col);
	add_svg(out, &v.canvas);
	view_release(&v);
	ss->screen = there;
}

static enum status read_picture(struct session *ss, struct args *a, struct picture *p, struct err *err)
{
	const struct view *there = ss->screen;
	const char *word = args_take(a);

	p->shown[0] = there ? there->shown[0] : PANE_CALLS;
	p->shown[1] = there ? there->shown[1] : PANE_LADDER;
	if (word && !view_read_size(word, &p->cols, &p->rows))
		return err_set(err, ST_WRONG,
			       "`%s` is no size: columns x rows from %dx%d to 500x200, 120x36 for example", word,
			       VIEW_MIN_COLS, VIEW_MIN_ROWS);
	for (int i = 0; i < 2 && (word = args_take(a)) != NULL; i++) {
		p->shown[i] = (u8)pane_find(word);
		if (p->shown[i] <= PANE_WIRE || p->shown[i] == NR_PANES)
			return err_set(err, ST_WRONG,
				       "there is no lower pane `%s`: help, calls, ladder, states, source, lesson, why, nstat, "
				       "tools or log",
				       word);
	}
	return args_end(a, err);
}

static enum status export_screen(struct session *ss, struct args *a, const char **path, struct buf *out,
				 struct err *err)
{
	struct picture how = { .cols = 0 };

	*path = args_take(a);
	if (!*path)
		return err_set(err, ST_WRONG, "a file is missing: export screen FILE.svg [120x36]");
	if (!ends_in(*path, strlen(*path), ".svg"))
		return err_set(err, ST_WRONG, "a picture of the screen is called FILE.svg, not `%s`", *path);
	if (read_picture(ss, a, &how, err) != ST_OK)
		return ST_WRONG;
	draw_picture(ss, &how, out);
	return ST_OK;
}

/* ---- the session ------------------------------------------------------------------------------------------------- */

/* "as A", "as B"; nothing behind the file: both hosts, which is NR_HOSTS. */
static enum status read_host(struct args *a, u8 *host, struct err *err)
{
	*host = NR_HOSTS;
	if (!args_peek(a))
		return ST_OK;
	if (strcmp(args_peek(a), "as") != 0)
		return args_end(a, err);
	args_take(a);
	if (!args_peek(a))
		return err_set(err, ST_WRONG, "as which host? as A, or as B");
	return args_host(a, host, err) != ST_OK ? ST_WRONG : args_end(a, err);
}

static enum status export_script(struct session *ss, struct args *a, const char *path, struct buf *out, struct err *err)
{
	u8 host;

	if (read_host(a, &host, err) != ST_OK)
		return ST_WRONG;
	if (host == NR_HOSTS)
		return err_set(err, ST_WRONG, "as which host? export %s as A", path);
	return drill_export(ss, host, out, err);
}

static enum status export_capture(struct session *ss, struct args *a, const char *path, struct buf *out,
				  struct err *err)
{
	u8 host;

	if (read_host(a, &host, err) != ST_OK || add_capture(out, ss, host, err) != ST_OK)
		return ST_WRONG;
	if (host == NR_HOSTS && !ss->quiet)
		say(ss, "each segment is there twice, as either host saw it; for Wireshark's analysis: export %s as A",
		    path);
	return ST_OK;
}

static enum status export_ladder(struct session *ss, struct args *a, const char *path, struct buf *out, struct err *err)
{
	(void)path;
	return args_end(a, err) == ST_OK ? add_ladder_svg(out, ss, err) : ST_WRONG;
}

static enum status export_notes(struct session *ss, struct args *a, const char *path, struct buf *out, struct err *err)
{
	(void)path;
	return args_end(a, err) == ST_OK ? add_notes(out, ss, err) : ST_WRONG;
}

static const struct {
	const char *ending;
	enum status (*make)(struct session *ss, struct args *a, const char *path, struct buf *out, struct err *err);
} kinds[] = {
	{ ".pcapng", export_capture },
	{ ".svg", export_ladder },
	{ ".md", export_notes },
	{ ".pkt", export_script },
};

static enum status make_file(struct session *ss, struct args *a, const char **path, struct buf *out, struct err *err)
{
	const char *word = args_peek(a);

	if (!word)
		return err_set(err, ST_WRONG, "a file is missing: export FILE.pcapng, for example");
	if (strcmp(word, "screen") == 0) {
		args_take(a);
		return export_screen(ss, a, path, out, err);
	}
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (ends_in(word, strlen(word), kinds[i].ending)) {
			*path = args_take(a);
			return kinds[i].make(ss, a, *path, out, err);
		}
	return err_set(err, ST_WRONG,
		       "what `%s` is to be its name does not tell: it ends in .pcapng, .svg, .md or .pkt", word);
}

static enum status cmd_export(struct session *ss, struct args *a, struct err *err)
{
	struct buf out = BUF_INIT;
	const char *path = NULL;
	enum status st = make_file(ss, a, &path, &out, err);

	if (st == ST_OK)
		st = session_write(ss, "export", a->bang, path, "", &out, err);
	buf_release(&out);
	return st;
}

static const struct cmd rows[] = {
	{
		.verb = "export",
		.syntax = "FILE.pcapng [as A|B] | FILE.svg | FILE.md | FILE.pkt as A|B | screen FILE.svg [COLSxROWS "
			  "[PANE [PANE]]]",
		.help = "Writes a file, of what has happened since the scenario began. FILE.pcapng has the segments as "
			"they passed the "
			"interface of one host or of both, for Wireshark: each with a comment that tells which "
			"function sent it and what "
			"became of it. What one host sent and the other got is in the file of both twice, which Wireshark takes for "
			"retransmissions: `as A` suits its analysis. FILE.svg is the ladder as a picture, FILE.md what "
			"was done, what it did and why. FILE.pkt is what a host went through as a packetdrill script, which a real kernel can be asked to repeat. "
			"`screen` is what "
			"stands on the screen, or would stand there at another size and with other lower panes. "
			"`export!` overwrites.",
		.takes = "<file> as <host> screen <file> 80x24 120x36 help calls ladder states source lesson why nstat tools "
			 "log",
		.run = cmd_export,
		.flags = CMD_BANG,
	},
};

const struct cmd_table cmds_export = { "Files", rows, ARRAY_LEN(rows) };
