/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term/prompt.h"

#include <errno.h>
#include <histedit.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "base/file.h"
#include "lang/complete.h"

#define HISTORY_SIZE 1000

/* What the line editor's callbacks must get at: they are given the EditLine, which carries this. */
struct editor {
	struct session *ss;
	EditLine *el;
	History *history;
	struct buf prompt;
	wchar_t wide_prompt[64];
	struct buf path; /* of the history; empty: it is not kept */
	mbstate_t mbs;
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
	fflush(stdout);
	if (err->file[0] && err->line && err->column)
		fprintf(stderr, "%s:%u:%u: %s\n", err->file, err->line, err->column, err->message);
	else if (err->file[0] && err->line)
		fprintf(stderr, "%s:%u: %s\n", err->file, err->line, err->message);
	else if (err->file[0])
		fprintf(stderr, "%s: %s\n", err->file, err->message);
	else
		fprintf(stderr, "%s\n", err->message);
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

/* ---- completion ---------------------------------------------------------------------------------------------- */

static struct editor *editor_of(EditLine *el)
{
	void *data = NULL;

	el_wget(el, EL_CLIENTDATA, &data);
	return data;
}

static void insert_text(EditLine *el, const char *text, size_t len)
{
	wchar_t wide[256];
	struct buf b = BUF_INIT;
	size_t n;

	buf_add(&b, text, len);
	n = mbstowcs(wide, buf_str(&b), ARRAY_LEN(wide) - 1);
	if (n != (size_t)-1) {
		wide[n] = L'\0';
		el_winsertstr(el, wide);
	}
	buf_release(&b);
}

static void list_candidates(const struct completion *c)
{
	size_t column = 0;

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

static unsigned char on_complete(EditLine *el, int key)
{
	struct editor *ed = editor_of(el);
	const LineInfoW *info = el_wline(el);
	struct buf line = BUF_INIT;
	struct completion c;
	unsigned char result = CC_NORM;
	size_t common;

	(void)key;
	for (const wchar_t *p = info->buffer; p < info->cursor; p++) {
		char bytes[MB_LEN_MAX];
		mbstate_t mbs = { 0 };
		size_t n = wcrtomb(bytes, *p, &mbs);

		if (n != (size_t)-1)
			buf_add(&line, bytes, n);
	}
	complete(ed->ss, buf_str(&line), line.len, &c);
	common = completion_common(&c);
	if (common > line.len - c.start) {
		insert_text(el, c.word[0] + (line.len - c.start), common - (line.len - c.start));
		result = CC_REFRESH;
	}
	if (c.n == 1 && !strchr("=.(/", c.word[0][common - 1])) {
		insert_text(el, " ", 1);
		result = CC_REFRESH;
	} else if (c.n > 1 && result == CC_NORM) {
		list_candidates(&c);
		result = CC_REDISPLAY;
	} else if (!c.n) {
		result = CC_REFRESH_BEEP;
	}
	completion_release(&c);
	buf_release(&line);
	return result;
}

/* ---- reading keys -------------------------------------------------------------------------------------------- */

static wchar_t *prompt_text(EditLine *el)
{
	struct editor *ed = editor_of(el);
	size_t n;

	buf_clear(&ed->prompt);
	add_prompt(&ed->prompt, ed->ss);
	n = mbstowcs(ed->wide_prompt, buf_str(&ed->prompt), ARRAY_LEN(ed->wide_prompt) - 1);
	ed->wide_prompt[n == (size_t)-1 ? 0 : n] = L'\0';
	return ed->wide_prompt;
}

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
static int read_key(EditLine *el, wchar_t *out)
{
	struct editor *ed = editor_of(el);

	for (;;) {
		unsigned char byte;
		ssize_t n = wait_for_key(el) ? read(STDIN_FILENO, &byte, 1) : -1;
		size_t used;

		if (n < 0 && errno == EINTR && !interrupted)
			continue;
		if (n <= 0)
			return n == 0 ? 0 : -1;
		used = mbrtowc(out, (const char *)&byte, 1, &ed->mbs);
		if (used == (size_t)-2)
			continue;
		if (used == (size_t)-1) {
			memset(&ed->mbs, 0, sizeof(ed->mbs));
			*out = 0xfffd;
		}
		return 1;
	}
}

/* ---- history ------------------------------------------------------------------------------------------------- */

static bool make_folder(const char *path)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

/* $XDG_STATE_HOME/finwait/history, made as needed. */
static void find_history(struct editor *ed)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	struct buf b = BUF_INIT;
	bool there = true;

	if (state && state[0] == '/') {
		buf_puts(&b, state);
		there = make_folder(buf_str(&b));
	} else if (home && home[0] == '/') {
		buf_printf(&b, "%s/.local", home);
		there = make_folder(buf_str(&b));
		buf_puts(&b, "/state");
		there = there && make_folder(buf_str(&b));
	} else {
		there = false;
	}
	buf_puts(&b, "/finwait");
	if (there && make_folder(buf_str(&b)))
		buf_printf(&ed->path, "%s/history", buf_str(&b));
	buf_release(&b);
}

/* Under another name first: nobody finds half a file. */
static void save_history(struct editor *ed)
{
	struct buf temp = BUF_INIT;
	HistEvent ev;

	if (!ed->path.len)
		return;
	buf_printf(&temp, "%s.%ld", buf_str(&ed->path), (long)getpid());
	if (history(ed->history, &ev, H_SAVE, buf_str(&temp)) < 0 || rename(buf_str(&temp), buf_str(&ed->path)) != 0)
		unlink(buf_str(&temp));
	buf_release(&temp);
}

/* ---- the editor ---------------------------------------------------------------------------------------------- */

static bool editor_begin(struct editor *ed, struct session *ss)
{
	HistEvent ev;

	*ed = (struct editor){ .ss = ss };
	ed->history = history_init();
	ed->el = el_init("finwait", stdin, stdout, stderr);
	if (!ed->history || !ed->el)
		return false;
	history(ed->history, &ev, H_SETSIZE, HISTORY_SIZE);
	history(ed->history, &ev, H_SETUNIQUE, 1);
	find_history(ed);
	if (ed->path.len)
		history(ed->history, &ev, H_LOAD, buf_str(&ed->path));
	el_wset(ed->el, EL_CLIENTDATA, ed);
	el_wset(ed->el, EL_PROMPT, prompt_text);
	el_wset(ed->el, EL_EDITOR, L"emacs");
	el_wset(ed->el, EL_SIGNAL, 0);
	el_wset(ed->el, EL_GETCFN, read_key);
	el_set(ed->el, EL_HIST, history, ed->history);
	el_wset(ed->el, EL_ADDFN, L"finwait-complete", L"Complete the word at the cursor", on_complete);
	el_wset(ed->el, EL_BIND, L"^W", L"ed-delete-prev-word", NULL);
	el_wset(ed->el, EL_BIND, L"^R", L"em-inc-search-prev", NULL);
	el_source(ed->el, NULL);
	el_wset(ed->el, EL_BIND, L"^I", L"finwait-complete", NULL);
	return true;
}

static void editor_end(struct editor *ed)
{
	if (ed->el)
		el_end(ed->el);
	if (ed->history)
		history_end(ed->history);
	buf_release(&ed->prompt);
	buf_release(&ed->path);
}

static void remember(struct editor *ed, const char *line)
{
	HistEvent ev;

	if (strspn(line, " \t\n") != strlen(line) && strlen(line) < 1000)
		history(ed->history, &ev, H_ENTER, line);
}

static void edited_line(struct editor *ed, const wchar_t *wide, int count, enum status *worst)
{
	struct buf line = BUF_INIT;

	for (int i = 0; i < count; i++) {
		char bytes[MB_LEN_MAX];
		mbstate_t mbs = { 0 };
		size_t n = wcrtomb(bytes, wide[i], &mbs);

		if (n != (size_t)-1)
			buf_add(&line, bytes, n);
	}
	remember(ed, buf_str(&line));
	run_line(ed->ss, buf_str(&line), line.len, worst);
	buf_release(&line);
}

static void edited_lines(struct session *ss, struct editor *ed)
{
	enum status worst = ST_OK;

	while (!ss->quit) {
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
	say(ss, "Type `close A`, then `deliver`, then `why`. `help` lists the commands.");
}

enum status prompt_run(struct session *ss, bool edit)
{
	struct sigaction act = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct sigaction old[ARRAY_LEN(noted_signals)];
	struct editor ed;

	if (!edit)
		return plain_lines(ss);
	if (!editor_begin(&ed, ss)) {
		editor_end(&ed);
		return plain_lines(ss);
	}
	greet(ss);
	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(noted_signals); i++)
		sigaction(noted_signals[i], &act, &old[i]);
	edited_lines(ss, &ed);
	for (size_t i = 0; i < ARRAY_LEN(noted_signals); i++)
		sigaction(noted_signals[i], &old[i], NULL);
	save_history(&ed);
	editor_end(&ed);
	return ST_OK;
}
