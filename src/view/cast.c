/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/cast.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "view/svg.h"

enum { LOOK_NONE = 0xff };

/* ---- events ------------------------------------------------------------------------------------------------------ */

static void add_json(struct buf *b, const char *text)
{
	json_t *string = json_string(text);
	char *dump = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;

	buf_puts(b, dump ? dump : "\"\"");
	free(dump);
	json_decref(string);
}

/* The second version counts from the beginning, the third from the event before. */
static void add_event(struct cast *c, const char *code, const char *data, u64 us)
{
	const u64 at = c->version == 3 ? us - c->last : us;

	buf_printf(&c->out, "[%llu.%06llu, \"%s\", ", (unsigned long long)(at / 1000000),
		   (unsigned long long)(at % 1000000), code);
	add_json(&c->out, data);
	buf_puts(&c->out, "]\n");
	c->last = us;
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

/* For the ground, and for players that show nothing without eight colours of a theme. */
static void add_theme(struct buf *b)
{
	/* black, red, green, yellow, blue, magenta, cyan, white */
	static const u8 palette[] = { LOOK_GONE, LOOK_DATA, LOOK_B, LOOK_A, LOOK_GONE, LOOK_TIMER, LOOK_PLAIN };

	buf_printf(b, "\"theme\": {\"fg\": \"%s\", \"bg\": \"%s\", \"palette\": \"", look_colour(LOOK_PLAIN),
		   picture_ground);
	buf_puts(b, picture_ground);
	for (size_t i = 0; i < ARRAY_LEN(palette); i++)
		buf_printf(b, ":%s", look_colour(palette[i]));
	buf_puts(b, "\"}");
}

void cast_begin(struct cast *c, u8 version, u16 rows, u16 cols, const char *title)
{
	*c = (struct cast){ .version = version };
	buf_printf(&c->out, "{\"version\": %u, ", version);
	if (version == 3)
		buf_printf(&c->out, "\"term\": {\"cols\": %u, \"rows\": %u, \"type\": \"xterm-256color\", ", cols,
			   rows);
	else
		buf_printf(&c->out, "\"width\": %u, \"height\": %u, \"env\": {\"TERM\": \"xterm-256color\"}, ", cols,
			   rows);
	add_theme(&c->out);
	buf_puts(&c->out, version == 3 ? "}, \"title\": " : ", \"title\": ");
	add_json(&c->out, title);
	buf_puts(&c->out, "}\n");
	c->rows = rows;
	c->cols = cols;
}

void cast_release(struct cast *c)
{
	buf_release(&c->out);
	free(c->shown);
	c->shown = NULL;
}

/* ---- frames ------------------------------------------------------------------------------------------------------ */

static bool same_cell(const struct cell *a, const struct cell *b)
{
	return a->c == b->c && a->look == b->look;
}

static void add_look(struct buf *b, u8 look)
{
	const char *colour = look_colour((u8)(look & ~LOOK_CHANGED));
	unsigned long rgb = strtoul(colour + 1, NULL, 16);

	buf_printf(b, "\033[0%s%s;38;2;%lu;%lu;%lum", look_is_bold((u8)(look & ~LOOK_CHANGED)) ? ";1" : "",
		   look_is_reversed(look) ? ";7" : "", rgb >> 16, rgb >> 8 & 0xff, rgb & 0xff);
}

/* A row from its first cell that changed to its last. */
static void add_row(struct buf *b, const struct canvas *canvas, const struct cell *shown, int row, u8 *look)
{
	int from = 0, to = canvas->cols;

	while (from < to && same_cell(canvas_at(canvas, row, from), &shown[from]))
		from++;
	while (to > from && same_cell(canvas_at(canvas, row, to - 1), &shown[to - 1]))
		to--;
	if (from == to)
		return;
	/* a wide character is written, and overwritten, as a whole */
	while (from > 0 && (!canvas_at(canvas, row, from)->c || !shown[from].c))
		from--;
	while (to < canvas->cols && (!canvas_at(canvas, row, to)->c || !shown[to].c))
		to++;
	buf_printf(b, "\033[%d;%dH", row + 1, from + 1);
	for (int col = from; col < to; col++) {
		const struct cell *cell = canvas_at(canvas, row, col);
		char bytes[UTF8_MAX];

		if (!cell->c)
			continue;
		if (cell->look != *look)
			add_look(b, (u8)cell->look);
		*look = (u8)cell->look;
		buf_add(b, bytes, utf8_put(bytes, cell->c));
	}
}

/* Another size, or the first frame: everything is to be written. */
static void start_over(struct cast *c, const struct canvas *canvas, struct buf *b, u64 us)
{
	struct buf size = BUF_INIT;

	if (c->rows != canvas->rows || c->cols != canvas->cols) {
		buf_printf(&size, "%ux%u", canvas->cols, canvas->rows);
		add_event(c, "r", buf_str(&size), us);
		buf_release(&size);
	}
	c->rows = canvas->rows;
	c->cols = canvas->cols;
	free(c->shown);
	c->shown = xcalloc((size_t)c->rows * c->cols, sizeof(*c->shown));
	for (size_t i = 0; i < (size_t)c->rows * c->cols; i++)
		c->shown[i] = (struct cell){ .c = ' ', .look = LOOK_PLAIN };
	c->cursor_row = -1;
	buf_puts(b, "\033[0m\033[2J");
}

void cast_frame(struct cast *c, const struct canvas *canvas, int cursor_row, int cursor_col, u64 us)
{
	struct buf b = BUF_INIT;
	u8 look = LOOK_NONE;

	if (!c->shown || c->rows != canvas->rows || c->cols != canvas->cols)
		start_over(c, canvas, &b, us);
	for (int row = 0; row < c->rows; row++)
		add_row(&b, canvas, c->shown + (size_t)row * c->cols, row, &look);
	if (b.len || cursor_row != c->cursor_row || cursor_col != c->cursor_col) {
		buf_printf(&b, "\033[0m\033[%d;%dH", cursor_row + 1, cursor_col + 1);
		add_event(c, "o", buf_str(&b), us);
	}
	memcpy(c->shown, canvas->cell, (size_t)c->rows * c->cols * sizeof(*c->shown));
	c->cursor_row = cursor_row;
	c->cursor_col = cursor_col;
	buf_release(&b);
}

void cast_mark(struct cast *c, const char *label, u64 us)
{
	add_event(c, "m", label, us);
}

void cast_end(struct cast *c, u64 us)
{
	/* nothing is written, but it is written then */
	add_event(c, c->version == 3 ? "x" : "o", c->version == 3 ? "0" : "", us);
}
