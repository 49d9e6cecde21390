/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/help.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "engine/fs.h"
#include "lang/look.h"
#include "lang/rows.h"

enum { HELP_WIDTH = 74 };

static void help_row(struct session *ss, const struct cmd *c)
{
	row_begin(ss, "help");
	row_str(ss, "verb", c->verb);
	row_str(ss, "syntax", c->syntax);
	row_str(ss, "help", c->help);
	row_end(ss, "  %s %s", c->verb, c->syntax);
}

/* The verbs of a table, as many on a line as a narrow window holds. */
static void help_verbs(struct session *ss, const struct cmd_table *t)
{
	struct buf line = BUF_INIT;

	say(ss, "%s", t->title);
	for (size_t i = 0; i < t->n; i++) {
		if (line.len + strlen(t->cmd[i].verb) > HELP_WIDTH) {
			say(ss, " %s", buf_str(&line));
			buf_clear(&line);
		}
		buf_printf(&line, " %s", t->cmd[i].verb);
	}
	if (line.len)
		say(ss, " %s", buf_str(&line));
	buf_release(&line);
}

static void help_all(struct session *ss)
{
	for (const struct cmd_table *const *t = ss->tables; *t; t++) {
		if (!ss->json) {
			help_verbs(ss, *t);
			continue;
		}
		for (size_t i = 0; i < (*t)->n; i++)
			help_row(ss, &(*t)->cmd[i]);
	}
	say(ss, "help NAME tells how a command is written and what it does, explain NAME about");
	say(ss, "anything that has a name: a kernel function, a state, a counter, an option.");
	say(ss, "help keys: what the keys do on the screen.");
}

size_t say_within(struct session *ss, const char *text, size_t len, size_t indent, size_t width)
{
	struct buf line = BUF_INIT;
	size_t columns = 0;
	bool fresh = true; /* nothing but the indent is on the line */
	size_t lines = 1;

	while (len) {
		size_t w;
		size_t n = utf8_piece(text, len, &w);

		if (!fresh && columns + w > width) {
			say(ss, "%s", buf_str(&line));
			lines++;
			buf_clear(&line);
			buf_fill(&line, ' ', indent);
			columns = indent;
			while (n && *text == ' ') {
				text++;
				len--;
				n--;
				w--;
			}
		}
		buf_add(&line, text, n);
		columns += w;
		fresh = false;
		text += n;
		len -= n;
	}
	say(ss, "%s", buf_str(&line));
	buf_release(&line);
	return lines;
}

void say_broken(struct session *ss, const char *head, const char *text)
{
	struct buf b = BUF_INIT;

	buf_printf(&b, "%s%s", head, text);
	say_within(ss, buf_str(&b), b.len, strlen(head), HELP_WIDTH + 4);
	buf_release(&b);
}

static void help_options(struct session *ss)
{
	struct buf head = BUF_INIT;

	for (int i = 0; i < NR_OPT; i++) {
		buf_clear(&head);
		buf_printf(&head, "  %-13s %-17s ", sockopt_info[i].name, sockopt_info[i].kernel);
		say_broken(ss, buf_str(&head), sockopt_info[i].text);
	}
	buf_release(&head);
}

static void help_one(struct session *ss, const struct cmd *c)
{
	help_row(ss, c);
	say_broken(ss, "      ", c->help);
	if (c->same)
		say(ss, "      %s is the same", c->same);
	if (c->letter)
		say(ss, "      at the prompt: %c", c->letter);
	if (strcmp(c->verb, "setsockopt") == 0 || strcmp(c->verb, "getsockopt") == 0)
		help_options(ss);
}

/* The keys of the screen, which are no commands; the rest of them are the line editor's. */
static const struct {
	const char *key;
	const char *text;
} keys[] = {
	{ "Left, Right", "on an empty line: a command back or forth; with Alt or Shift, moment by moment" },
	{ "Tab", "completes; on an empty line: the next pane" },
	{ "F1 to F10", "the panes help, calls, ladder, states, source, lesson, why, nstat, tools and log" },
	{ "F12", "the pane in focus has the whole screen; Esc takes that back" },
	{ "PgUp, PgDn", "scroll the pane in focus" },
	{ "Up, Down, Ctrl-R", "the history, and a search in it" },
	{ "any key", "ends a motion at once" },
	{ "Ctrl-C", "gives up the line" },
	{ "Ctrl-L", "paints everything anew" },
	{ "Ctrl-Z", "stops the program until `fg`" },
	{ "Ctrl-D", "on an empty line: leaves" },
};

static void help_keys(struct session *ss)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		char head[24];

		snprintf(head, sizeof(head), "%-18s", keys[i].key);
		row_begin(ss, "help");
		row_str(ss, "verb", keys[i].key);
		row_str(ss, "syntax", "");
		row_str(ss, "help", keys[i].text);
		if (ss->json)
			row_end(ss, "%s", "");
		else
			say_broken(ss, head, keys[i].text);
	}
}

enum status cmd_help(struct session *ss, struct args *a, struct err *err)
{
	const char *word = args_take(a);
	const struct cmd *c;

	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	if (!word) {
		help_all(ss);
		return ST_OK;
	}
	if (strcmp(word, "keys") == 0) {
		help_keys(ss);
		return ST_OK;
	}
	/* a letter is what somebody may want help about, in a script too */
	c = session_find_cmd(ss, word, a->strict && word[1] != '\0', NULL);
	if (!c && session_word_of_shell(word, err))
		return ST_WRONG;
	if (!c)
		return explain(ss, word, err);
	help_one(ss, c);
	return ST_OK;
}

/* ---- the manual page ----------------------------------------------------------------------------------------- */

static const char manual_head[] =
	".\\\" SPDX-License-Identifier: GPL-2.0-or-later\n"
	".TH FINWAIT 1 \"\" finwait \"User Commands\"\n"
	".SH NAME\n"
	"finwait \\- how the Linux kernel ends TCP connections, step by step\n"
	".SH SYNOPSIS\n"
	".B finwait\n"
	".RI [ OPTION ...]\n"
	".br\n"
	".B finwait \\-c\n"
	".I COMMANDS\n"
	".br\n"
	".B finwait run\n"
	".IR FILE ...\n"
	".br\n"
	".B finwait drill\n"
	".IR FILE ...\n"
	".br\n"
	".B finwait lint\n"
	".IR FILE | DIR ...\n"
	".br\n"
	".B finwait new lesson\n"
	".I NAME\n"
	".br\n"
	".B finwait \\-\\-watch\n"
	".I FILE\n"
	".br\n"
	".B finwait play\n"
	".RI [ OPTION ...] \" \" FILE | NAME\n"
	".br\n"
	".B finwait notes\n"
	".br\n"
	".B finwait explain\n"
	".I NAME\n"
	".SH DESCRIPTION\n"
	"Two hosts, a wire between them, and the kernel's functions on both.  Nothing happens by itself: a command "
	"makes a system\n"
	"call, hands a segment over or lets time pass, and the program tells what that did.\n"
	".PP\n"
	"Without arguments commands are read from the terminal, or line by line from standard input.\n"
	".SH OPTIONS\n"
	".TP\n"
	".BI \\-c \" COMMANDS\"\n"
	"runs them as a script; newlines and semicolons separate.\n"
	".TP\n"
	".BI run \" FILE\\fR...\"\n"
	"runs scripts, each in a session of its own; \\fB\\-\\fR is standard input, and a \\fI.pkt\\fR is played as by "
	"\\fBdrill\\fR.\n"
	".TP\n"
	".BI drill \" FILE\\fR...\"\n"
	"plays packetdrill scripts against the engine. Before the files: \\fB\\-v\\fR tells every event, \\fB\\-\\-quiet\\fR only\n"
	"of scripts that did not pass, \\fB\\-\\-strict\\fR refuses what is ignored between backticks,\n"
	"\\fB\\-\\-kernel\\fR \\fIK\\fR plays them against Linux 2.4, 3.10, 5.8 or 6.18,\n"
	"\\fB\\-\\-tolerance_usecs=\\fR\\fIN\\fR bears other times than its 25000 microseconds, \\fB\\-\\-json\\fR\n"
	"tells it as JSON Lines.\n"
	".TP\n"
	".BI lint \" FILE\\fR|\\fIDIR\\fR...\"\n"
	"proves what lessons claim: that their solutions reach the goal, that near misses do not, that transcripts are right.\n"
	".TP\n"
	".BI \"new lesson\" \" NAME\"\n"
	"begins a lesson: writes \\fINN\\-NAME.md\\fR, to be filled in.\n"
	".TP\n"
	".BI \\-\\-watch \" FILE\"\n"
	"plays a lesson, and then those of its steps that have changed whenever it is saved.\n"
	".TP\n"
	".BI play \" FILE\\fR|\\fINAME\"\n"
	"plays a demo, or the one of that name which comes with the program, on the screen: space, PgDn or a full stop goes on, PgUp or a comma goes back, \\fB[\\fR and \\fB]\\fR go by\n"
	"chapters, \\fB+\\fR and \\fB\\-\\fR change the pace, \\fBg\\fR, a number and Enter go to a stop, \\fBl\\fR hands the prompt\n"
	"over until \\fBcontinue\\fR, \\fBb\\fR is for projectors, \\fBq\\fR leaves. With \\fB\\-\\-plain\\fR it is told as lines. \\fB\\-\\-check\\fR \\fIFILE\\fR... runs demos without a\n"
	"screen; \\fB\\-\\-record\\fR \\fIFILE.cast\\fR, perhaps with \\fB\\-\\-v3\\fR and \\fB\\-\\-size\\fR \\fICOLSxROWS\\fR, records one.\n"
	".TP\n"
	".B notes\n"
	"prints the presenter's notes of the demo that the same person plays in another terminal.\n"
	".TP\n"
	".BI explain \" NAME\"\n"
	"says what a function, state, field, flag, sysctl, option, counter, errno or command is.\n"
	".TP\n"
	".B \\-\\-json\n"
	"prints events as JSON Lines.\n"
	".TP\n"
	".B \\-\\-quiet\n"
	"does not tell what commands do; what looking commands say is printed.\n"
	".TP\n"
	".B \\-\\-plain\n"
	"plain lines, without line editing.\n"
	".TP\n"
	".B \\-\\-notes\n"
	"lessons are shown with what is meant for the presenter.\n"
	".TP\n"
	".BI \\-\\-lang \" LANGUAGE\"\n"
	"lessons and explanations in that language (\\fBzh\\fR, \\fBja\\fR) where they are translated; else that of the environment.\n"
	".TP\n"
	".BR \\-\\-help \", \" \\-\\-version\n"
	"as everywhere.\n"
	".SH COMMANDS\n"
	"A line holds commands, separated by \\fB;\\fR.  \\fB#\\fR and a digit is a segment, any other \\fB#\\fR "
	"begins a comment.  What has blanks in it\n"
	"stands in double quotes; there \\e\"\\&, \\e\\e, \\en and a byte in octal, as \\e11, are understood.  An\n"
	"endpoint is \\fBA\\fR or \\fBB\\fR, \\fBA:4\\fR (a descriptor), \\fBA/102:4\\fR (of another process) or "
	"\\fBA%2\\fR (a socket);\n"
	"left out, it is the focused one, which the prompt shows.  At the prompt words may be shortened while "
	"unambiguous.\n";

static const char manual_tail[] = ".SH EXIT STATUS\n"
				  "0 when all is well, 1 when something that was claimed does not hold, 2 when the "
				  "call, a script or a file is wrong.\n"
				  ".SH ENVIRONMENT\n"
				  ".TP\n"
				  ".B NO_COLOR\n"
				  "set to anything: the screen has no colours.\n"
				  ".TP\n"
				  ".B COLORFGBG\n"
				  "a ground of 7 or 15 makes the light theme the first one.\n"
				  ".TP\n"
				  ".BR TERM \", \" LC_ALL\n"
				  "as everywhere; without UTF\\-8 there is ASCII alone.\n"
				  ".TP\n"
				  ".B XDG_RUNTIME_DIR\n"
				  "the folder of the socket over which \\fBnotes\\fR follows.\n"
				  ".SH FILES\n"
				  ".TP\n"
				  ".I $XDG_STATE_HOME/finwait/history\n"
				  "what was typed (else below \\fI~/.local/state\\fR).\n"
				  ".TP\n"
				  ".I $XDG_STATE_HOME/finwait/lessons\n"
				  "how far each lesson is.\n"
				  ".TP\n"
				  ".I ~/.editrc\n"
				  "settings of the line editor, see\n"
				  ".BR editrc (5).\n"
				  ".SH SEE ALSO\n"
				  ".BR ss (8),\n"
				  ".BR tcp (7),\n"
				  ".BR strace (1)\n";

static void add_roff(struct buf *b, const char *text)
{
	for (; *text; text++) {
		if (*text == '\\')
			buf_puts(b, "\\e");
		else if (*text == '-')
			buf_puts(b, "\\-");
		else
			buf_putc(b, *text);
	}
}

void add_manual(struct buf *b, const struct cmd_table *const *tables)
{
	buf_puts(b, manual_head);
	for (const struct cmd_table *const *t = tables; *t; t++) {
		buf_printf(b, ".SS %s\n", (*t)->title);
		for (size_t i = 0; i < (*t)->n; i++) {
			const struct cmd *c = &(*t)->cmd[i];

			buf_puts(b, ".TP\n\\fB");
			add_roff(b, c->verb);
			buf_puts(b, "\\fR ");
			add_roff(b, c->syntax);
			buf_putc(b, '\n');
			add_roff(b, c->help);
			buf_putc(b, '\n');
		}
	}
	buf_puts(b, ".SH KEYS\nOn the screen; further ones are those of editline(7).\n");
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		buf_printf(b, ".TP\n%s\n%s\n", keys[i].key, keys[i].text);
	buf_puts(b, manual_tail);
}
