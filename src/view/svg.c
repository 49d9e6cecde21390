/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/svg.h"

#include <string.h>

#include "base/utf8.h"

/* Where in a cell the letters stand. */
enum { CELL_WIDTH = SVG_CHAR_WIDTH, CELL_HEIGHT = SVG_CHAR_HEIGHT, BASELINE = 14, MARGIN = 10 };

const char picture_ground[] = "#15181e";

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

const char *look_colour(u8 look)
{
	return looks[look].colour;
}

bool look_is_bold(u8 look)
{
	return looks[look].bold;
}

bool look_is_reversed(u8 look)
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

	if (look_is_reversed(look))
		buf_printf(b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", x, y,
			   (to - from) * CELL_WIDTH, CELL_HEIGHT, colour);
	for (int col = from; col < to; col++)
		blank = blank && canvas_at(c, row, col)->c == ' ';
	if (blank)
		return;
	buf_printf(b, "<text x=\"%d\" y=\"%d\" textLength=\"%d\" fill=\"%s\"%s>", x, y + BASELINE,
		   (to - from) * CELL_WIDTH, look_is_reversed(look) ? picture_ground : colour,
		   looks[plain_look(look)].bold ? " font-weight=\"bold\"" : "");
	for (int col = from; col < to; col++)
		if (canvas_at(c, row, col)->c)
			add_char(b, canvas_at(c, row, col)->c);
	buf_puts(b, "</text>\n");
}

void svg_begin(struct buf *b, int width, int height)
{
	buf_printf(b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n",
		   width, height, width, height);
	buf_printf(b, "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"%s\"/>\n", width, height, picture_ground);
	buf_puts(b, "<g font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"15\" "
		    "xml:space=\"preserve\" "
		    "style=\"white-space:pre\">\n");
}

void svg_end(struct buf *b)
{
	buf_puts(b, "</g>\n</svg>\n");
}

void svg_text(struct buf *b, int x, int y, u8 look, enum svg_anchor anchor, const char *text)
{
	static const char *const anchors[] = { "start", "middle", "end" };
	const size_t len = strlen(text);

	buf_printf(b,
		   "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" fill=\"%s\"%s stroke=\"%s\" stroke-width=\"5\" "
		   "paint-order=\"stroke\">",
		   x, y, anchors[anchor], looks[look].colour, looks[look].bold ? " font-weight=\"bold\"" : "",
		   picture_ground);
	for (size_t at = 0; at < len;) {
		u32 c;

		at += utf8_next(text + at, len - at, &c);
		add_char(b, c);
	}
	buf_puts(b, "</text>\n");
}

void svg_line(struct buf *b, int x1, int y1, int x2, int y2, u8 look, bool dashed)
{
	buf_printf(b, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"2\"%s/>\n", x1, y1,
		   x2, y2, looks[look].colour, dashed ? " stroke-dasharray=\"5 5\"" : "");
}

void svg_head(struct buf *b, int x1, int y1, int x2, int y2, u8 look)
{
	const int by = x2 < x1 ? 12 : -12;
	/* it leans as the line does, over so short a way */
	const int lean = x1 == x2 ? 0 : (y2 - y1) * by / (x2 - x1);

	buf_printf(b, "<path d=\"M%d %dL%d %dL%d %dZ\" fill=\"%s\"/>\n", x2, y2, x2 + by, y2 + lean - 5, x2 + by,
		   y2 + lean + 5, looks[look].colour);
}

void svg_cross(struct buf *b, int x, int y, u8 look)
{
	buf_printf(b, "<path d=\"M%d %dL%d %dM%d %dL%d %d\" stroke=\"%s\" stroke-width=\"3\"/>\n", x - 6, y - 6, x + 6,
		   y + 6, x - 6, y + 6, x + 6, y - 6, looks[look].colour);
}

void add_svg(struct buf *b, const struct canvas *c)
{
	svg_begin(b, 2 * MARGIN + c->cols * CELL_WIDTH, 2 * MARGIN + c->rows * CELL_HEIGHT);
	for (int row = 0; row < c->rows; row++)
		for (int col = 0, end; col < c->cols; col = end) {
			for (end = col + 1; end < c->cols; end++)
				if (canvas_at(c, row, end)->look != canvas_at(c, row, col)->look)
					break;
			add_run(b, c, row, col, end);
		}
	svg_end(b);
}
