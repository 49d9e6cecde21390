/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term/paint.h"

#include <stdlib.h>
#include <string.h>
#include <term.h>

#include "base/utf8.h"
#include "term/terminfo.h"

/* Fewer empty cells than that are not worth being cleared; at the end of a row the cursor need not go on. */
#define CLEARED 14
#define CLEARED_AT_END 4
/* Moving the cursor takes some eight bytes. */
#define PASSED_OVER 6
/* No look at all: what the terminal shows when nothing was said. */
#define LOOK_NONE 0xff

/*
 * Blue and orange belong to A and B and can be told apart by everybody; nothing is said by colour alone. Colours of 8, 16 and 256;
 * -1 is the terminal's own.
 */
struct shade {
	attr_t attr;
	short colour[3];
};

static const attr_t without_colours[NR_LOOKS] = {
	[LOOK_DIM] = A_DIM,	[LOOK_STRONG] = A_BOLD, [LOOK_FRAME] = A_DIM, [LOOK_FOCUS] = A_BOLD, [LOOK_TITLE] = A_BOLD,
	[LOOK_BAR] = A_REVERSE, [LOOK_A] = A_BOLD,	[LOOK_B] = A_BOLD,    [LOOK_GONE] = A_UNDERLINE,
	[LOOK_ERROR] = A_BOLD,	[LOOK_HINT] = A_UNDERLINE,
};

static const struct shade shades[THEME_MONO][NR_LOOKS] = {
	[THEME_DARK] = {
		[LOOK_PLAIN] = { 0, { -1, -1, -1 } },		  [LOOK_DIM] = { A_DIM, { -1, -1, -1 } },
		[LOOK_STRONG] = { A_BOLD, { -1, -1, -1 } },	  [LOOK_FRAME] = { 0, { -1, 8, 240 } },
		[LOOK_FOCUS] = { A_BOLD, { -1, -1, -1 } },	  [LOOK_TITLE] = { A_BOLD, { -1, -1, -1 } },
		[LOOK_BAR] = { A_REVERSE, { -1, -1, -1 } },	  [LOOK_A] = { A_BOLD, { COLOR_BLUE, 12, 39 } },
		[LOOK_B] = { A_BOLD, { COLOR_YELLOW, 3, 208 } },  [LOOK_DATA] = { 0, { COLOR_CYAN, 6, 37 } },
		[LOOK_TIMER] = { 0, { COLOR_CYAN, 6, 73 } },	  [LOOK_GONE] = { A_BOLD, { COLOR_MAGENTA, 13, 170 } },
		[LOOK_ERROR] = { A_BOLD, { COLOR_MAGENTA, 13, 170 } }, [LOOK_HINT] = { 0, { COLOR_CYAN, 6, 73 } },
	},
	[THEME_LIGHT] = {
		[LOOK_PLAIN] = { 0, { -1, -1, -1 } },		  [LOOK_DIM] = { 0, { -1, 8, 242 } },
		[LOOK_STRONG] = { A_BOLD, { -1, -1, -1 } },	  [LOOK_FRAME] = { 0, { -1, 7, 249 } },
		[LOOK_FOCUS] = { A_BOLD, { -1, -1, -1 } },	  [LOOK_TITLE] = { A_BOLD, { -1, -1, -1 } },
		[LOOK_BAR] = { A_REVERSE, { -1, -1, -1 } },	  [LOOK_A] = { A_BOLD, { COLOR_BLUE, 4, 25 } },
		[LOOK_B] = { A_BOLD, { COLOR_RED, 1, 130 } },	  [LOOK_DATA] = { 0, { COLOR_BLUE, 6, 30 } },
		[LOOK_TIMER] = { 0, { COLOR_BLUE, 6, 24 } },	  [LOOK_GONE] = { A_BOLD, { COLOR_MAGENTA, 5, 90 } },
		[LOOK_ERROR] = { A_BOLD, { COLOR_MAGENTA, 5, 90 } }, [LOOK_HINT] = { 0, { COLOR_BLUE, 6, 24 } },
	},
	/* what is seen from the last row: nothing faint, nothing thin */
	[THEME_BOLD] = {
		[LOOK_PLAIN] = { A_BOLD, { -1, -1, -1 } },	  [LOOK_DIM] = { 0, { -1, -1, -1 } },
		[LOOK_STRONG] = { A_BOLD | A_UNDERLINE, { -1, -1, -1 } }, [LOOK_FRAME] = { 0, { -1, -1, -1 } },
		[LOOK_FOCUS] = { A_BOLD, { -1, -1, -1 } },	  [LOOK_TITLE] = { A_BOLD, { -1, -1, -1 } },
		[LOOK_BAR] = { A_REVERSE | A_BOLD, { -1, -1, -1 } }, [LOOK_A] = { A_BOLD, { COLOR_BLUE, 12, 45 } },
		[LOOK_B] = { A_BOLD, { COLOR_YELLOW, 11, 214 } }, [LOOK_DATA] = { A_BOLD, { COLOR_CYAN, 14, 51 } },
		[LOOK_TIMER] = { A_BOLD, { COLOR_CYAN, 14, 51 } }, [LOOK_GONE] = { A_BOLD, { COLOR_MAGENTA, 13, 213 } },
		[LOOK_ERROR] = { A_BOLD, { COLOR_MAGENTA, 13, 213 } }, [LOOK_HINT] = { A_BOLD, { COLOR_CYAN, 14, 51 } },
	},
};

static bool has_colours(const struct paint *p)
{
	return p->colours && p->theme != THEME_MONO;
}

static attr_t attributes(const struct paint *p, u8 look)
{
	u8 what = (u8)(look & ~LOOK_CHANGED);
	attr_t attr = has_colours(p) ? shades[p->theme][what].attr : without_colours[what];

	return look & LOOK_CHANGED ? attr ^ A_REVERSE : attr;
}

static void take_looks(struct paint *p)
{
	for (u8 look = 0; look < ARRAY_LEN(p->look); look++) {
		const u8 what = (u8)(look % LOOK_CHANGED);

		if (what < NR_LOOKS)
			p->look[look] = attributes(p, look);
	}
}

void paint_set_theme(struct paint *p, enum theme theme)
{
	p->theme = (u8)theme;
	paint_forget(p);
	for (short i = 1; has_colours(p) && i < NR_LOOKS; i++)
		init_pair(i, shades[theme][i].colour[p->colours - 1], -1);
	take_looks(p);
}

void paint_init(struct paint *p)
{
	const char *none = getenv("NO_COLOR");

	*p = (struct paint){ .cup = terminfo_string("cup"), .el = terminfo_string("el"), .ech = terminfo_string("ech"),
			     .moves_in_any_look = tigetflag("msgr") > 0,
			     .corner_scrolls = tigetflag("am") > 0 && tigetflag("xenl") <= 0 };
	take_looks(p);
	if ((none && *none) || start_color() == ERR || use_default_colors() == ERR || COLORS < 8)
		return;
	/* where a number is a colour itself, not a place in a palette, the first eight are safe */
	p->colours = COLORS == 256 ? 3 : COLORS >= 16 && COLORS <= 256 ? 2 : 1;
	paint_set_theme(p, paint_likely_theme());
}

enum theme paint_likely_theme(void)
{
	const char *pair = getenv("COLORFGBG");
	const char *ground = pair ? strrchr(pair, ';') : NULL;

	return ground && (strcmp(ground, ";7") == 0 || strcmp(ground, ";15") == 0) ? THEME_LIGHT : THEME_DARK;
}

void paint_release(struct paint *p)
{
	free(p->on_screen);
	p->on_screen = NULL;
}

void paint_forget(struct paint *p)
{
	p->rows = 0;
	p->cols = 0;
}

/* ---- what goes to the terminal ------------------------------------------------------------------------------- */

/* Where tputs() and vid_puts() put their bytes: the function that they are given is told nothing else. */
static struct buf *frame;

static int to_frame(int c)
{
	buf_putc(frame, (char)c);
	return c;
}

static void wear(struct paint *p, u8 look)
{
	const bool none = look == LOOK_NONE;
	const short pair = !none && has_colours(p) ? (short)(look % LOOK_CHANGED) : 0;

	if (p->worn == look)
		return;
	vid_puts(none ? A_NORMAL : p->look[look], pair, NULL, to_frame);
	p->worn = look;
}

static void move_to(struct paint *p, int row, int col)
{
	if (p->row == row && p->col == col)
		return;
	if (!p->moves_in_any_look)
		wear(p, LOOK_NONE);
	tputs(tiparm(p->cup, row, col), 1, to_frame);
	p->row = row;
	p->col = col;
}

/* A blank of that look is like any other: every ground is the terminal's own. */
static bool blank_shows_nothing(const struct paint *p, u8 look)
{
	return look == LOOK_NONE || !(p->look[look] & (A_REVERSE | A_UNDERLINE));
}

static bool is_empty(const struct paint *p, const struct cell *c)
{
	return c->c == ' ' && blank_shows_nothing(p, c->look);
}

static void put_cell(struct paint *p, const struct canvas *c, int row, int col)
{
	const struct cell *cell = canvas_at(c, row, col);
	char bytes[UTF8_MAX];

	if (!cell->c || (p->corner_scrolls && row == c->rows - 1 && col == c->cols - 1))
		return;
	move_to(p, row, col);
	if (!is_empty(p, cell) || !blank_shows_nothing(p, p->worn))
		wear(p, cell->look);
	buf_add(frame, bytes, utf8_put(bytes, cell->c));
	/* behind the last column is no place that is ever asked for */
	p->col += col + 1 < c->cols && !cell[1].c ? 2 : 1;
}

/* Empty cells before column `end` are cleared together where that is shorter. Returns how many were. */
static int clear_empty(struct paint *p, const struct canvas *c, int row, int col, int end)
{
	const struct cell *cell = canvas_at(c, row, col);
	bool at_end;
	int n = 0;

	while (col + n < c->cols && is_empty(p, &cell[n]))
		n++;
	at_end = col + n == c->cols;
	if (n > end - col)
		n = end - col;
	if (n < (at_end ? CLEARED_AT_END : CLEARED) || !*(at_end ? p->el : p->ech))
		return 0;
	move_to(p, row, col);
	if (!blank_shows_nothing(p, p->worn))
		wear(p, LOOK_NONE);
	tputs(at_end ? p->el : tiparm(p->ech, n), 1, to_frame);
	return n;
}

/* ---- what has changed ---------------------------------------------------------------------------------------- */

static bool same(const struct paint *p, const struct cell *a, const struct cell *b)
{
	return a->c == b->c && (a->look == b->look || (is_empty(p, a) && is_empty(p, b)));
}

/* Where the run ends that a changed cell begins; a few that are as they were are cheaper written than passed over. */
static int run_end(const struct paint *p, const struct cell *now, const struct cell *was, int col, int cols)
{
	int end = col + 1;

	for (int i = end; i < cols && i - end <= PASSED_OVER; i++)
		if (!same(p, &now[i], &was[i]))
			end = i + 1;
	return end;
}

/* The cells that differ, run by run. Where half of a wide character changes the other half does too. */
static void paint_row(struct paint *p, const struct canvas *c, int row)
{
	const struct cell *now = canvas_at(c, row, 0);
	const struct cell *was = &p->on_screen[(size_t)row * c->cols];
	int col = 0;

	while (col < c->cols) {
		int end;

		if (same(p, &now[col], &was[col])) {
			col++;
			continue;
		}
		end = run_end(p, now, was, col, c->cols);
		while (col < end) {
			int n = clear_empty(p, c, row, col, end);

			if (!n)
				put_cell(p, c, row, col);
			col += n ? n : 1;
		}
	}
}

/* Nothing stands on the terminal. What curses has to say to begin with, at first or after a stop, comes with that. */
static void begin_anew(struct paint *p, const struct canvas *c, struct output *out)
{
	const size_t cells = (size_t)c->rows * c->cols;

	p->on_screen = xrealloc(p->on_screen, (cells + 1) * sizeof(*p->on_screen));
	for (size_t i = 0; i < cells; i++)
		p->on_screen[i] = (struct cell){ .c = ' ' };
	p->rows = c->rows;
	p->cols = c->cols;
	clearok(curscr, TRUE);
	doupdate();
	output_take(out);
	p->worn = LOOK_NONE;
	p->row = -1;
}

void paint_canvas(struct paint *p, const struct canvas *c, int cursor_row, int cursor_col, struct output *out)
{
	const size_t size = c->cols * sizeof(*c->cell);

	if (p->rows != c->rows || p->cols != c->cols)
		begin_anew(p, c, out);
	frame = &out->bytes;
	for (int row = 0; row < c->rows; row++) {
		struct cell *was = &p->on_screen[(size_t)row * c->cols];
		const struct cell *now = canvas_at(c, row, 0);

		if (memcmp(was, now, size) == 0)
			continue;
		paint_row(p, c, row);
		memcpy(was, now, size);
	}
	wear(p, LOOK_NONE);
	move_to(p, cursor_row, cursor_col);
	frame = NULL;
}
