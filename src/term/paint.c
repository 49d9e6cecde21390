/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term/paint.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>

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

/* Asked for once: setcchar() for every cell is what painting would spend most of its time in. */
static void take_looks(struct paint *p)
{
	for (u8 look = 0; look < ARRAY_LEN(p->look); look++) {
		const u8 what = (u8)(look % LOOK_CHANGED);

		if (what < NR_LOOKS)
			setcchar(&p->look[look], L" ", attributes(p, look), has_colours(p) ? (short)what : 0, NULL);
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

	*p = (struct paint){ .colours = 0 };
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
	free(p->row);
	p->on_screen = NULL;
	p->row = NULL;
}

void paint_forget(struct paint *p)
{
	p->rows = 0;
	p->cols = 0;
}

static bool same(const struct cell *a, const struct cell *b)
{
	return a->c == b->c && a->look == b->look;
}

static bool is_half(const struct cell *now, const struct cell *was)
{
	return !now->c || !was->c;
}

/*
 * The cells that differ, run by run, go right to what doupdate() compares with the terminal: the canvas is the window that
 * curses would copy there. A wide character goes with both its halves.
 */
static void paint_row(struct paint *p, const struct canvas *c, int row, bool all)
{
	const struct cell *now = &c->cell[(size_t)row * c->cols];
	const struct cell *was = &p->on_screen[(size_t)row * c->cols];

	for (int col = 0; col < c->cols; col++) {
		int first = col, n = 0;

		if (!all && same(&now[col], &was[col]))
			continue;
		while (first > 0 && !all && is_half(&now[first], &was[first]))
			first--;
		while (col < c->cols && (all || !same(&now[col], &was[col]) || is_half(&now[col], &was[col])))
			col++;
		for (int i = first; i < col; i++) {
			if (!now[i].c)
				continue;
			p->row[n] = p->look[now[i].look];
			p->row[n++].chars[0] = (wchar_t)now[i].c;
		}
		mvwadd_wchnstr(newscr, row, first, p->row, n);
	}
}

void paint_canvas(struct paint *p, const struct canvas *c, int cursor_row, int cursor_col)
{
	const size_t size = c->cols * sizeof(*c->cell);
	const bool all = p->rows != c->rows || p->cols != c->cols;

	if (all) {
		p->on_screen = xrealloc(p->on_screen, size * c->rows + 1);
		p->row = xrealloc(p->row, (c->cols + 1u) * sizeof(*p->row));
		p->rows = c->rows;
		p->cols = c->cols;
		werase(newscr);
	}
	for (int row = 0; row < c->rows; row++) {
		struct cell *was = &p->on_screen[(size_t)row * c->cols];
		const struct cell *now = canvas_at(c, row, 0);

		if (!all && memcmp(was, now, size) == 0)
			continue;
		paint_row(p, c, row, all);
		memcpy(was, now, size);
	}
	wmove(newscr, cursor_row, cursor_col);
	doupdate();
}
