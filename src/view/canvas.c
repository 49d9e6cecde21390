/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/canvas.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* ---- the cells ----------------------------------------------------------------------------------------------- */

void canvas_init(struct canvas *c, u16 rows, u16 cols)
{
	*c = (struct canvas){ .ascii = false };
	canvas_resize(c, rows, cols);
}

void canvas_release(struct canvas *c)
{
	free(c->cell);
	*c = (struct canvas){ .ascii = false };
}

void canvas_resize(struct canvas *c, u16 rows, u16 cols)
{
	c->cell = xrealloc(c->cell, ((size_t)rows * cols + 1) * sizeof(*c->cell));
	c->rows = rows;
	c->cols = cols;
	canvas_clear(c);
}

void canvas_clear(struct canvas *c)
{
	const size_t row = c->cols * sizeof(*c->cell);

	if (!c->rows)
		return;
	for (int col = 0; col < c->cols; col++)
		c->cell[col] = (struct cell){ .c = ' ' };
	for (int i = 1; i < c->rows; i++)
		memcpy(&c->cell[(size_t)i * c->cols], c->cell, row);
}

const struct cell *canvas_at(const struct canvas *c, int row, int col)
{
	return &c->cell[(size_t)row * c->cols + (size_t)col];
}

void canvas_row(const struct canvas *c, int row, struct buf *b)
{
	size_t end = b->len;

	for (int col = 0; col < c->cols; col++) {
		char bytes[UTF8_MAX];
		u32 ch = canvas_at(c, row, col)->c;

		if (!ch)
			continue;
		buf_add(b, bytes, utf8_put(bytes, ch));
		if (ch != ' ')
			end = b->len;
	}
	buf_truncate(b, end);
}

/* ---- characters ---------------------------------------------------------------------------------------------- */

/* What stands for the characters that the panes use where there is only ASCII. */
static const struct {
	u32 c;
	char ascii;
} stand_ins[] = {
	{ 0x2500, '-' }, { 0x2502, '|' }, { 0x256d, '+' }, { 0x256e, '+' }, { 0x256f, '+' }, { 0x2570, '+' },
	{ 0x251c, '+' }, { 0x2524, '+' }, { 0x2514, '+' }, { 0x250c, '+' }, { 0x2510, '+' }, { 0x2518, '+' }, { 0x2534, '+' }, { 0x2572, '\\' },
	{ 0x25b8, '>' }, { 0x25c2, '<' }, { 0x25b6, '>' }, { 0x25c0, '<' }, { 0x25b7, '>' }, { 0x25c1, '<' },
	{ 0x25a0, '#' }, { 0x25a1, '.' }, { 0x2593, '#' }, { 0x2591, ':' }, { 0x2588, '=' }, { 0x25cf, '*' },
	{ 0x25cb, 'o' }, { 0x25c9, '@' }, { 0x00b7, '.' }, { 0x2026, '~' }, { 0x2715, 'x' }, { 0x25c6, '+' },
};

static u32 to_ascii(u32 c)
{
	if (c < 0x80)
		return c;
	for (size_t i = 0; i < ARRAY_LEN(stand_ins); i++)
		if (stand_ins[i].c == c)
			return (u32)stand_ins[i].ascii;
	return '?';
}

/* The cells of one row of an area. */
static struct cell *row_of(const struct area *a, int row)
{
	return &a->canvas->cell[(size_t)(a->top + row) * a->canvas->cols + (size_t)a->left];
}

/* One character within a row of so many columns. Half of a wide character is none: its other half becomes a blank. */
static void put(struct cell *cell, int cols, int col, u8 look, u32 c, int columns)
{
	const int end = col + columns < cols ? col + columns : cols;

	if (!cell[col].c && col > 0)
		cell[col - 1].c = ' ';
	if (end < cols && !cell[end].c)
		cell[end].c = ' ';
	cell[col] = (struct cell){ .c = c & 0xffffff, .look = look };
	if (columns == 2 && col + 1 < cols)
		cell[col + 1] = (struct cell){ .c = 0, .look = look };
}

/* ---- areas --------------------------------------------------------------------------------------------------- */

struct area area_of(struct canvas *c)
{
	return (struct area){ .canvas = c, .rows = c->rows, .cols = c->cols };
}

static int clamp(int n, int least, int most)
{
	return n < least ? least : n > most ? most : n;
}

struct area area_part(const struct area *a, int top, int left, int rows, int cols)
{
	int t = clamp(top, 0, a->rows);
	int l = clamp(left, 0, a->cols);

	return (struct area){ .canvas = a->canvas,
			      .top = a->top + t,
			      .left = a->left + l,
			      .rows = clamp(rows, 0, a->rows - t),
			      .cols = clamp(cols, 0, a->cols - l) };
}

/* What does not fit is cut with a sign. */
static int cut(const struct area *a, struct cell *cell, u8 look)
{
	if (a->cols > 0)
		put(cell, a->cols, a->cols - 1, look, a->canvas->ascii ? '~' : 0x2026, 1);
	return a->cols;
}

/* The character at the beginning of the text, as it is shown, and its columns; returns its bytes. */
static size_t next_shown(bool ascii, const char *text, size_t len, u32 *c, int *columns)
{
	size_t n;

	if (*text >= ' ' && *text <= '~') { /* nearly always */
		*c = (u32)*text;
		*columns = 1;
		return 1;
	}
	n = utf8_next(text, len, c);
	*columns = utf8_columns(*c);
	if (ascii && *c >= 0x80) { /* such a locale knows no widths either */
		*c = to_ascii(*c);
		*columns = 1;
	} else if (*columns < 0) {
		*c = ascii ? '?' : UTF8_BAD;
		*columns = 1;
	}
	return n;
}

int area_text(const struct area *a, int row, int col, u8 look, const char *text)
{
	size_t len = strlen(text);
	struct cell *cell;

	if (row < 0 || row >= a->rows || col < 0)
		return col;
	cell = row_of(a, row);
	while (len) {
		int columns;
		u32 c;
		size_t n = next_shown(a->canvas->ascii, text, len, &c, &columns);

		if (columns && col + columns > a->cols)
			return cut(a, cell, look);
		/* what joins the character before has no cell of its own */
		if (columns)
			put(cell, a->cols, col, look, c, columns);
		col += columns;
		text += n;
		len -= n;
	}
	return col;
}

int area_printf(const struct area *a, int row, int col, u8 look, const char *format, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, format);
	buf_vprintf(&b, format, ap);
	va_end(ap);
	col = area_text(a, row, col, look, buf_str(&b));
	buf_release(&b);
	return col;
}

int area_right(const struct area *a, int row, u8 look, const char *text)
{
	int width = (int)utf8_width(text);

	if (width > a->cols)
		return a->cols;
	area_text(a, row, a->cols - width, look, text);
	return a->cols - width;
}

void area_fill(const struct area *a, int row, int col, int n, u8 look, u32 c)
{
	const int end = col + n < a->cols ? col + n : a->cols;

	if (row < 0 || row >= a->rows)
		return;
	if (a->canvas->ascii)
		c = to_ascii(c);
	for (int i = col < 0 ? 0 : col; i < end; i++)
		put(row_of(a, row), a->cols, i, look, c, 1);
}

static void frame_lines(const struct area *a, u8 look)
{
	int bottom = a->rows - 1;
	int right = a->cols - 1;

	area_fill(a, 0, 1, a->cols - 2, look, 0x2500);
	area_fill(a, bottom, 1, a->cols - 2, look, 0x2500);
	for (int row = 1; row < bottom; row++) {
		area_fill(a, row, 0, 1, look, 0x2502);
		area_fill(a, row, right, 1, look, 0x2502);
	}
	area_fill(a, 0, 0, 1, look, 0x256d);
	area_fill(a, 0, right, 1, look, 0x256e);
	area_fill(a, bottom, 0, 1, look, 0x2570);
	area_fill(a, bottom, right, 1, look, 0x256f);
}

struct area area_frame(const struct area *a, u8 look, u8 title_look, const char *title, const char *right)
{
	struct area edge = area_part(a, 0, 2, 1, a->cols - 4);
	struct buf b = BUF_INIT;
	int col = 0;

	frame_lines(a, look);
	if (title && *title) {
		buf_printf(&b, " %s ", title);
		col = area_text(&edge, 0, 0, title_look, buf_str(&b));
	}
	if (right && *right) {
		buf_clear(&b);
		buf_printf(&b, " %s ", right);
		if (col + 1 + (int)utf8_width(buf_str(&b)) <= edge.cols)
			area_right(&edge, 0, look, buf_str(&b));
	}
	buf_release(&b);
	return area_part(a, 1, 1, a->rows - 2, a->cols - 2);
}
