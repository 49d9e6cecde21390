/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "lesson/play.h"

static void nowhere(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

const struct cmd_table *const screen_tables[] = { &cmds_world, &cmds_kernel, &cmds_call, &cmds_net,  &cmds_time, &cmds_look,
						  &cmds_history, &cmds_file, &cmds_view, &cmds_export, &cmds_record, &cmds_demo, NULL };

struct screen *screen_new(u16 cols, u16 rows)
{
	struct screen *s = xcalloc(1, sizeof(*s));
	struct err err;

	assert_int_equal(session_init(&s->ss, screen_tables, (struct sink){ nowhere, NULL }, &err), ST_OK);
	view_init(&s->v, &s->ss, rows, cols);
	return s;
}

void screen_free(struct screen *s)
{
	view_release(&s->v);
	session_release(&s->ss);
	buf_release(&s->text);
	free(s);
}

void draw(struct screen *s)
{
	view_draw(&s->v, &s->cursor_row, &s->cursor_col);
	buf_clear(&s->text);
	for (int row = 0; row < s->v.canvas.rows; row++) {
		canvas_row(&s->v.canvas, row, &s->text);
		buf_putc(&s->text, '\n');
	}
}

void type(struct screen *s, const char *line)
{
	view_line(&s->v, line, strlen(line));
	director_finish(&s->v.director);
	draw(s);
}

void shows(const struct screen *s, const char *text)
{
	if (!strstr(buf_str(&s->text), text))
		fail_msg("not on the screen: %s\n%s", text, buf_str(&s->text));
}

void shows_not(const struct screen *s, const char *text)
{
	if (strstr(buf_str(&s->text), text))
		fail_msg("on the screen: %s\n%s", text, buf_str(&s->text));
}

bool is_marked(const struct screen *s, const char *text)
{
	size_t n = strlen(text);

	for (int row = 0; row < s->v.canvas.rows; row++)
		for (int col = 0; col + (int)n <= s->v.canvas.cols; col++) {
			size_t i = 0;

			while (i < n && canvas_at(&s->v.canvas, row, col + (int)i)->c == (u8)text[i] &&
			       canvas_at(&s->v.canvas, row, col + (int)i)->look & LOOK_CHANGED)
				i++;
			if (i == n)
				return true;
		}
	return false;
}

int column_of(const struct screen *s, const char *text)
{
	for (int row = 0; row < s->v.canvas.rows; row++) {
		struct buf b = BUF_INIT;
		const char *at;
		int col = -1;

		canvas_row(&s->v.canvas, row, &b);
		at = strstr(buf_str(&b), text);
		if (at) {
			buf_truncate(&b, (size_t)(at - buf_str(&b)));
			col = (int)utf8_width(buf_str(&b));
		}
		buf_release(&b);
		if (col >= 0)
			return col;
	}
	return -1;
}
