/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of text, and how they stand in a pane. */
#include <string.h>

#include "base/utf8.h"
#include "view/view.h"

/* ---- lines --------------------------------------------------------------------------------------------------- */

void lines_release(struct lines *l)
{
	buf_release(&l->text);
	l->n = 0;
}

void lines_clear(struct lines *l)
{
	buf_clear(&l->text);
	l->n = 0;
	l->version++;
}

/* A tab goes to the next eighth column: the cells know none. */
void lines_add(struct lines *l, const char *text)
{
	const size_t begin = l->text.len;
	size_t n;

	while (text[n = strcspn(text, "\t")]) {
		buf_add(&l->text, text, n);
		buf_fill(&l->text, ' ', 8 - (l->text.len - begin) % 8);
		text += n + 1;
	}
	buf_add(&l->text, text, n);
	buf_putc(&l->text, '\n');
	l->n++;
	l->version++;
}

/* ---- wrapping ------------------------------------------------------------------------------------------------ */

/* How many bytes of the text fit into so many columns, wherever that parts it. */
static size_t that_fit_parted(const char *text, size_t len, int cols)
{
	size_t at = 0;
	int width = 0;

	while (at < len) {
		u32 c;
		size_t n = utf8_next(text + at, len - at, &c);
		int columns = utf8_columns(c) < 0 ? 1 : utf8_columns(c);

		if (width + columns > cols)
			return at ? at : n;
		width += columns;
		at += n;
	}
	return len;
}

/* The same, up to where a line may end; parted only where a long word would leave most of the row empty. */
static size_t that_fit(const char *text, size_t len, int cols)
{
	size_t at = 0, width = 0, parted;

	if (len <= (size_t)cols) /* no character has more columns than bytes */
		return len;
	while (at < len) {
		size_t columns;
		const size_t n = utf8_piece(text + at, len - at, &columns);

		if (width + columns > (size_t)cols)
			break;
		width += columns;
		at += n;
	}
	parted = that_fit_parted(text, len, cols);
	return at + strspn(text + at, " ") > parted / 2 ? at : parted;
}

static void end_row(struct lines *rows, const char *text, size_t len)
{
	buf_add(&rows->text, text, len);
	buf_putc(&rows->text, '\n');
	rows->n++;
}

/* One line; what goes on stands two columns further in than the line itself, without the blanks that it was parted at. */
static void wrap_line(struct lines *rows, const char *text, size_t len, int cols)
{
	size_t n = that_fit(text, len, cols);
	size_t indent;

	end_row(rows, text, n);
	if (n == len)
		return;
	indent = strspn(text, " ");
	indent = (int)indent + 2 < cols / 2 ? indent + 2 : 2;
	for (text += n, len -= n; len > 0; text += n, len -= n) {
		n = strspn(text, " ");
		text += n < len ? n : len;
		len -= n < len ? n : len;
		if (len == 0)
			break;
		n = that_fit(text, len, cols - (int)indent);
		buf_putc(&rows->text, LINE_GOES_ON);
		buf_fill(&rows->text, ' ', indent);
		end_row(rows, text, n);
	}
}

void wrap_lines(struct wrapped *w, const struct lines *l, int cols, size_t from)
{
	const char *p = buf_str(&l->text);

	if (w->version == l->version && w->cols == cols && w->from == from)
		return;
	lines_clear(&w->rows);
	w->home = 0;
	for (size_t i = 0; i < l->n; i++) {
		size_t n = (size_t)(strchr(p, '\n') - p);

		if (i == from)
			w->home = w->rows.n;
		wrap_line(&w->rows, p, n, cols < 8 ? 8 : cols);
		p += n + 1;
	}
	w->version = l->version;
	w->cols = cols;
	w->from = from;
}
