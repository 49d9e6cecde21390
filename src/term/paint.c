/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term/paint.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>

/* Blue and orange belong to A and B and can be told apart by everybody; nothing is said by colour alone. */
static const struct {
	attr_t attr;	  /* with colours */
	attr_t mono;	  /* without */
	short colour[3];  /* of 8, 16, 256; -1: the terminal's own */
} looks[NR_LOOKS] = {
	[LOOK_PLAIN] = { 0, 0, { -1, -1, -1 } },
	[LOOK_DIM] = { 0, A_DIM, { -1, 8, 245 } },
	[LOOK_STRONG] = { A_BOLD, A_BOLD, { -1, -1, -1 } },
	[LOOK_FRAME] = { 0, A_DIM, { -1, 8, 240 } },
	[LOOK_FOCUS] = { A_BOLD, A_BOLD, { -1, -1, -1 } },
	[LOOK_TITLE] = { A_BOLD, A_BOLD, { -1, -1, -1 } },
	[LOOK_BAR] = { A_REVERSE, A_REVERSE, { -1, -1, -1 } },
	[LOOK_A] = { A_BOLD, A_BOLD, { COLOR_BLUE, 12, 39 } },
	[LOOK_B] = { A_BOLD, A_BOLD, { COLOR_YELLOW, 3, 208 } },
	[LOOK_DATA] = { 0, 0, { COLOR_CYAN, 6, 37 } },
	[LOOK_TIMER] = { 0, 0, { COLOR_CYAN, 6, 73 } },
	[LOOK_GONE] = { A_BOLD, A_UNDERLINE, { COLOR_MAGENTA, 13, 170 } },
	[LOOK_ERROR] = { A_BOLD, A_BOLD, { COLOR_MAGENTA, 13, 170 } },
	[LOOK_HINT] = { 0, A_UNDERLINE, { COLOR_CYAN, 6, 73 } },
};

static void make_pairs(struct paint *p)
{
	for (short i = 1; i < NR_LOOKS; i++)
		init_pair((short)i, looks[i].colour[p->colours - 1], -1);
}

void paint_init(struct paint *p)
{
	const char *none = getenv("NO_COLOR");

	*p = (struct paint){ .colours = 0 };
	if ((none && *none) || start_color() == ERR || use_default_colors() == ERR || COLORS < 8)
		return;
	/* where a number is a colour itself, not a place in a palette, the first eight are safe */
	p->colours = COLORS == 256 ? 3 : COLORS >= 16 && COLORS <= 256 ? 2 : 1;
	make_pairs(p);
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

static attr_t attributes(const struct paint *p, u8 look)
{
	u8 what = (u8)(look & ~LOOK_CHANGED);
	attr_t attr = p->colours ? looks[what].attr : looks[what].mono;

	return look & LOOK_CHANGED ? attr ^ A_REVERSE : attr;
}

static void paint_cell(const struct paint *p, int row, int col, const struct cell *cell)
{
	const wchar_t text[2] = { (wchar_t)cell->c, L'\0' };
	const u8 what = (u8)(cell->look & ~LOOK_CHANGED);
	cchar_t cc;

	setcchar(&cc, text, attributes(p, cell->look), p->colours ? (short)what : 0, NULL);
	mvadd_wch(row, col, &cc);
}

static bool same(const struct cell *a, const struct cell *b)
{
	return a->c == b->c && a->look == b->look;
}

/* Beside a wide character that goes, both halves are painted. */
static void paint_row(const struct paint *p, const struct canvas *c, int row, bool all)
{
	const struct cell *now = &c->cell[(size_t)row * c->cols];
	const struct cell *was = &p->on_screen[(size_t)row * c->cols];

	for (int col = 0; col < c->cols; col++) {
		bool beside = col > 0 && !same(&now[col - 1], &was[col - 1]) && !was[col].c;

		if (now[col].c && (all || beside || !same(&now[col], &was[col])))
			paint_cell(p, row, col, &now[col]);
	}
}

void paint_canvas(struct paint *p, const struct canvas *c, int cursor_row, int cursor_col)
{
	const size_t size = (size_t)c->rows * c->cols * sizeof(*c->cell);
	const bool all = p->rows != c->rows || p->cols != c->cols;

	if (all) {
		p->on_screen = xrealloc(p->on_screen, size + 1);
		p->rows = c->rows;
		p->cols = c->cols;
		erase();
	}
	for (int row = 0; row < c->rows; row++)
		if (all || memcmp(&p->on_screen[(size_t)row * c->cols], &c->cell[(size_t)row * c->cols],
				  c->cols * sizeof(*c->cell)) != 0)
			paint_row(p, c, row, all);
	memcpy(p->on_screen, c->cell, size);
	move(cursor_row, cursor_col);
	wnoutrefresh(stdscr);
	doupdate();
}
