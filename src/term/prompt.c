/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term/prompt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "base/file.h"
#include "term/editor.h"

/* What reading a key needs. */
struct keyboard {
	struct editor ed;
	mbstate_t mbs;
	const struct buf *ahead; /* what was typed before; NULL: nothing */
	size_t at;		 /* the next byte of it */
};

/* Handlers can only leave a note. */
static volatile sig_atomic_t interrupted, continued, resized;
static const int noted_signals[] = { SIGINT, SIGCONT, SIGWINCH };

static void on_signal(int sig)
{
	if (sig == SIGINT)
		interrupted = 1;
	else if (sig == SIGCONT)
		continued = 1;
	else
		resized = 1;
}

/* ---- mistakes ------------------------------------------------------------------------------------------------ */

void prompt_complain(const struct err *err)
{
	struct buf b = BUF_INIT;

	add_err(&b, err);
	fflush(stdout);
	fprintf(stderr, "%s\n", buf_str(&b));
	buf_release(&b);
}

static void worse(enum status *worst, enum status st)
{
	if (st == ST_FAILED && *worst == ST_OK)
		*worst = ST_FAILED;
	else if (st != ST_OK && st != ST_FAILED)
		*worst = ST_WRONG;
}

static void run_line(struct session *ss, const char *line, size_t len, enum status *worst)
{
	struct err err;
	enum status st = session_line(ss, line, len, &err);

	if (st != ST_OK)
		prompt_complain(&err);
	fflush(stdout);
	worse(worst, st);
}

/* ---- plain lines --------------------------------------------------------------------------------------------- */

static enum status plain_lines(struct session *ss)
{
	const bool typed = isatty(STDIN_FILENO);
	const bool shown = !ss->json && !ss->quiet;
	enum status worst = ST_OK;
	struct buf prompt = BUF_INIT;
	bool first = true;
	struct lexer lx;
	char *whole = NULL;
	size_t room = 0;
	ssize_t n;

	while (!ss->quit) {
		const char *line;
		size_t mark;

		buf_clear(&prompt);
		add_prompt(&prompt, ss);
		if (typed) {
			fputs(buf_str(&prompt), stdout);
			fflush(stdout);
		}
		n = getline(&whole, &room, stdin);
		if (n < 0)
			break;
		mark = first ? byte_order_mark(whole, (size_t)n) : 0;
		line = whole + mark;
		n -= (ssize_t)mark;
		first = false;
		/* what came through a pipe is shown, so that the output can be read by itself */
		if (!typed && shown && lexer_init(&lx, line, (size_t)n, NULL) == ST_OK)
			printf("%s%.*s\n", buf_str(&prompt), (int)lx.len, line);
		run_line(ss, line, (size_t)n, &worst);
	}
	if (typed && !ss->quit)
		putchar('\n');
	free(whole);
	buf_release(&prompt);
	return typed ? ST_OK : worst;
}

/* ---- reading keys -------------------------------------------------------------------------------------------- */

/* While the program was stopped somebody else had the terminal, and its window may have changed at any time. */
static void look_after_terminal(EditLine *el)
{
	if (resized) {
		resized = 0;
		el_resize(el);
	}
	if (continued) {
		continued = 0;
		/* the editor believes that its mode is still set: it must leave it first */
		el_wset(el, EL_PREP_TERM, 0);
		el_wset(el, EL_PREP_TERM, 1);
		el_wset(el, EL_REFRESH);
	}
}

/* Until there is a byte to read. Signals come through only while it waits: no note is left unread. False: Ctrl-C. */
static bool wait_for_key(EditLine *el)
{
	struct pollfd keys = { .fd = STDIN_FILENO, .events = POLLIN };
	sigset_t noted, before;
	int n = 0;

	sigemptyset(&noted);
	for (size_t i = 0; i < ARRAY_LEN(noted_signals); i++)
		sigaddset(&noted, noted_signals[i]);
	sigprocmask(SIG_BLOCK, &noted, &before);
	while (n == 0 && !interrupted) {
		look_after_terminal(el);
		n = ppoll(&keys, 1, NULL, &before);
		if (n < 0 && errno == EINTR)
			n = 0;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return !interrupted;
}

/* One character; 0 at the end of input, -1 when the line is to be given up. */
/* What was typed before comes first; Enter was not translated by a terminal then. */
static ssize_t read_byte(struct keyboard *kb, unsigned char *byte)
{
	if (kb->ahead && kb->at < kb->ahead->len) {
		*byte = (unsigned char)kb->ahead->data[kb->at++];
		*byte = *byte == '\r' ? '\n' : *byte;
		return 1;
	}
	return wait_for_key(kb->ed.el) ? read(STDIN_FILENO, byte, 1) : -1;
}

static int read_key(void *ctx, wchar_t *out)
{
	struct keyboard *kb = ctx;

	for (;;) {
		unsigned char byte;
		ssize_t n = read_byte(kb, &byte);
		size_t used;

		if (n < 0 && errno == EINTR && !interrupted)
			continue;
		if (n <= 0)
			return n == 0 ? 0 : -1;
		used = mbrtowc(out, (const char *)&byte, 1, &kb->mbs);
		if (used == (size_t)-2)
			continue;
		if (used == (size_t)-1) {
			memset(&kb->mbs, 0, sizeof(kb->mbs));
			*out = 0xfffd;
		}
		return 1;
	}
}

/* ---- edited lines ------------------------------------------------------------------------------------------- */

static void list_candidates(void *ctx, const struct completion *c)
{
	size_t column = 0;

	(void)ctx;
	putchar('\n');
	for (size_t i = 0; i < c->n && i < 200; i++) {
		size_t n = strlen(c->word[i]) + 2;

		if (column + n > 78) {
			putchar('\n');
			column = 0;
		}
		printf("%s  ", c->word[i]);
		column += n;
	}
	if (c->n > 200)
		printf("... %zu in all", c->n);
	putchar('\n');
	fflush(stdout);
}

static void edited_line(struct editor *ed, const wchar_t *wide, int count, enum status *worst)
{
	struct buf line = BUF_INIT;

	add_wide(&line, wide, (size_t)count);
	editor_remember(ed, buf_str(&line));
	run_line(ed->ss, buf_str(&line), line.len, worst);
	buf_release(&line);
}

static void edited_lines(struct session *ss, struct editor *ed)
{
	enum status worst = ST_OK;

	while (!ss->quit && ss->screen_mode != SCREEN_ON) {
		int count = 0;
		const wchar_t *wide;

		interrupted = continued = 0;
		wide = el_wgets(ed->el, &count);
		if (interrupted) {
			fputs("^C\n", stdout);
			continue;
		}
		if (!wide || count <= 0) {
			putchar('\n');
			break;
		}
		edited_line(ed, wide, count, &worst);
	}
}

bool prompt_can_edit(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

/* Where a newcomer stands, and the first step from there. */
static void greet(struct session *ss)
{
	say(ss, "Two Linux hosts, A and B, are connected, and nothing moves until you say so.");
	say(ss, "Type `close A`, then `deliver`, then `why`. `help` lists the commands, `lesson list` the lessons.");
}

enum status prompt_run(struct session *ss, bool edit, const struct buf *ahead)
{
	struct sigaction act = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct sigaction old[ARRAY_LEN(noted_signals)];
	struct keyboard kb = { .ahead = ahead };
	const struct editor_ways ways = { .key = read_key, .candidates = list_candidates, .ctx = &kb };

	if (!edit)
		return plain_lines(ss);
	if (!editor_begin(&kb.ed, ss, &ways, -1)) {
		editor_end(&kb.ed);
		return plain_lines(ss);
	}
	if (tape_point_count(ss->tape) == 1)
		greet(ss);
	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(noted_signals); i++)
		sigaction(noted_signals[i], &act, &old[i]);
	edited_lines(ss, &kb.ed);
	for (size_t i = 0; i < ARRAY_LEN(noted_signals); i++)
		sigaction(noted_signals[i], &old[i], NULL);
	editor_save(&kb.ed);
	editor_end(&kb.ed);
	return ST_OK;
}
