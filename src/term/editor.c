/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term/editor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/place.h"
#include "base/utf8.h"
#include "lang/complete.h"

#define HISTORY_SIZE 1000

void add_wide(struct buf *b, const wchar_t *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char bytes[UTF8_MAX];

		buf_add(b, bytes, utf8_put(bytes, (u32)text[i]));
	}
}

size_t to_wide(wchar_t *wide, size_t room, const char *text)
{
	size_t len = strlen(text);
	size_t n = 0;

	while (len && n + 1 < room) {
		u32 c;
		size_t used = utf8_next(text, len, &c);

		wide[n++] = (wchar_t)c;
		text += used;
		len -= used;
	}
	wide[n] = L'\0';
	return n;
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

	buf_add(&b, text, len);
	to_wide(wide, ARRAY_LEN(wide), buf_str(&b));
	el_winsertstr(el, wide);
	buf_release(&b);
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
	add_wide(&line, info->buffer, (size_t)(info->cursor - info->buffer));
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
		ed->ways->candidates(ed->ways->ctx, &c);
		result = CC_REDISPLAY;
	} else if (!c.n) {
		result = CC_REFRESH_BEEP;
	}
	completion_release(&c);
	buf_release(&line);
	return result;
}

/* ---- history ------------------------------------------------------------------------------------------------- */

/* Under another name first: nobody finds half a file. */
void editor_save(struct editor *ed)
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

/* libedit knows the EditLine only; what belongs to it hangs there. */
static int read_key(EditLine *el, wchar_t *out)
{
	const struct editor *ed = editor_of(el);

	return ed->ways->key(ed->ways->ctx, out);
}

static wchar_t *prompt_text(EditLine *el)
{
	struct editor *ed = editor_of(el);
	struct buf b = BUF_INIT;

	if (ed->tty < 0)
		add_prompt(&b, ed->ss);
	to_wide(ed->prompt, ARRAY_LEN(ed->prompt), buf_str(&b));
	buf_release(&b);
	return ed->prompt;
}

/* On a terminal of its own it must write nothing: what it edits is drawn by somebody else. */
static EditLine *on_tty(struct editor *ed)
{
	ed->nothing = fopen("/dev/null", "r+");
	if (!ed->nothing)
		return NULL;
	return el_init_fd("finwait", ed->nothing, ed->nothing, ed->nothing, ed->tty, ed->tty, ed->tty);
}

bool editor_begin(struct editor *ed, struct session *ss, const struct editor_ways *ways, int tty)
{
	HistEvent ev;

	*ed = (struct editor){ .ss = ss, .ways = ways, .tty = tty };
	ed->history = history_init();
	ed->el = tty < 0 ? el_init("finwait", stdin, stdout, stderr) : on_tty(ed);
	if (!ed->history || !ed->el)
		return false;
	history(ed->history, &ev, H_SETSIZE, HISTORY_SIZE);
	history(ed->history, &ev, H_SETUNIQUE, 1);
	if (place_of_state("history", &ed->path))
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
	/* vi's `v` would start another editor on the terminal, behind the screen's back */
	if (tty >= 0)
		el_wset(ed->el, EL_BIND, L"-a", L"v", L"ed-unassigned", NULL);
	return true;
}

void editor_end(struct editor *ed)
{
	if (ed->el)
		el_end(ed->el);
	if (ed->history)
		history_end(ed->history);
	if (ed->nothing)
		fclose(ed->nothing);
	buf_release(&ed->path);
}

void editor_remember(struct editor *ed, const char *line)
{
	HistEvent ev;

	if (strspn(line, " \t\n") != strlen(line) && strlen(line) < EDITOR_LINE_MAX)
		history(ed->history, &ev, H_ENTER, line);
}
