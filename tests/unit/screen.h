/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A screen without a terminal: type a line, draw, and look at what stands there. */
#ifndef UNIT_SCREEN_H
#define UNIT_SCREEN_H

#include "view/view.h"

struct screen {
	struct session ss;
	struct view v;
	struct buf text; /* all rows */
	int cursor_row, cursor_col;
};

extern const struct cmd_table *const screen_tables[];

struct screen *screen_new(u16 cols, u16 rows);
void screen_free(struct screen *s);
void draw(struct screen *s);
/* Types a line and does not wait for what moves. */
void type(struct screen *s, const char *line);
/* The test fails when the text is not there, or is. */
void shows(const struct screen *s, const char *text);
void shows_not(const struct screen *s, const char *text);
/* The column where the text begins, in the first row that has it; -1: it is nowhere. */
int column_of(const struct screen *s, const char *text);
/* True when the cells that show `text`, somewhere, are marked as changed. */
bool is_marked(const struct screen *s, const char *text);

#endif
