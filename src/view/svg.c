/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/svg.h"

#include "base/utf8.h"

/* A cell's size in the picture's units, and where in it the letters stand. */
enum { CELL_WIDTH = 9, CELL_HEIGHT = 18, BASELINE = 14, MARGIN = 10 };

static const char ground[] = "#15181e";

static const struct {
	const char *colour;
	bool bold;
} looks[NR_LOOKS] = {
	[LOOK_PLAIN] = { "#d5dae3", false },  [LOOK_DIM] = { "#8a919e", false },   [LOOK_STRONG] = { "#ffffff", true },
	[LOOK_FRAME] = { "#59616e", false },  [LOOK_FOCUS] = { "#d5dae3", false }, [LOOK_TITLE] = { "#ffffff", true },
	[LOOK_BAR] = { "#d5dae3", false },    [LOOK_A] = { "#54a9ff", true },	   [LOOK_B] = { "#ff9d3b", true },
	[LOOK_DATA] = { "#35b8a6", false },   [LOOK_TIMER] = { "#74b6c4", false }, [LOOK_GONE] = { "#d48be8", true },
	[LOOK_ERROR] = { "#d48be8", true },   [LOOK_HINT] = { "#74b6c4", false },
};

static u8 plain_look(u8 look)
{
	return (u8)(look & ~LOOK_CHANGED);
}

static bool is_reversed(u8 look)
{
	return (look & LOOK_CHANGED) || plain_look(look) == LOOK_BAR;
}

static void add_char(struct buf *b, u32 c)
{
	char bytes[UTF8_MAX];

	if (c == '<')
		buf_puts(b, "&lt;");
	else if (c == '>')
		buf_puts(b, "&gt;");
	else if (c == '&')
		buf_puts(b, "&amp;");
	else
		buf_add(b, bytes, utf8_put(bytes, c));
}

/* Cells [from, to) of a row, which look alike. Their width is said, so that every font keeps the columns. */
static void add_run(struct buf *b, const struct canvas *c, int row, int from, int to)
{
	u8 look = canvas_at(c, row, from)->look;
	const char *colour = looks[plain_look(look)].colour;
	int x = MARGIN + from * CELL_WIDTH;
	int y = MARGIN + row * CELL_HEIGHT;
	bool blank = true;

	if (is_reversed(look))
		buf_printf(b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", x, y,
			   (to - from) * CELL_WIDTH, CELL_HEIGHT, colour);
	for (int col = from; col < to; col++)
		blank = blank && canvas_at(c, row, col)->c == ' ';
	if (blank)
		return;
	buf_printf(b, "<text x=\"%d\" y=\"%d\" textLength=\"%d\" fill=\"%s\"%s>", x, y + BASELINE, (to - from) * CELL_WIDTH,
		   is_reversed(look) ? ground : colour, looks[plain_look(look)].bold ? " font-weight=\"bold\"" : "");
	for (int col = from; col < to; col++)
		if (canvas_at(c, row, col)->c)
			add_char(b, canvas_at(c, row, col)->c);
	buf_puts(b, "</text>\n");
}

void add_svg(struct buf *b, const struct canvas *c)
{
	int width = 2 * MARGIN + c->cols * CELL_WIDTH;
	int height = 2 * MARGIN + c->rows * CELL_HEIGHT;

	buf_printf(b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n", width, height,
		   width, height);
	buf_printf(b, "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"%s\"/>\n", width, height, ground);
	buf_puts(b, "<g font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"15\" xml:space=\"preserve\" "
		   "style=\"white-space:pre\">\n");
	for (int row = 0; row < c->rows; row++)
		for (int col = 0, end; col < c->cols; col = end) {
			for (end = col + 1; end < c->cols; end++)
				if (canvas_at(c, row, end)->look != canvas_at(c, row, col)->look)
					break;
			add_run(b, c, row, col, end);
		}
	buf_puts(b, "</g>\n</svg>\n");
}
