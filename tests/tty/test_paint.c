/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever stood there before: after a frame the terminal shows what the canvas says, on several kinds of terminals. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <vterm.h>

#include "term/paint.h"

#define FRAMES 400

/* A terminal of the test's own, and what paints on it. */
struct easel {
	struct output out;
	struct paint paint;
	struct canvas canvas;
	SCREEN *curses;
	VTerm *vt;
	VTermScreen *screen;
};

static u32 seed;

static u32 any(u32 below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static void set_up(struct easel *e, const char *term, u16 rows, u16 cols)
{
	*e = (struct easel){ .out = { .tty = -1 } };
	output_begin(&e->out); /* its terminal is not asked for */
	assert_non_null(e->out.file);
	e->curses = newterm(term, e->out.file, stdin);
	assert_non_null(e->curses);
	resizeterm(rows, 2);
	paint_init(&e->paint);
	canvas_init(&e->canvas, rows, cols);
	e->vt = vterm_new(rows, cols);
	vterm_set_utf8(e->vt, 1);
	e->screen = vterm_obtain_screen(e->vt);
	vterm_screen_enable_altscreen(e->screen, 1);
	vterm_screen_reset(e->screen, 1);
}

static void tear_down(struct easel *e)
{
	endwin();
	delscreen(e->curses);
	paint_release(&e->paint);
	canvas_release(&e->canvas);
	buf_clear(&e->out.bytes);
	output_take(&e->out);
	e->out.sent = e->out.bytes.len; /* nobody is to see that */
	fclose(e->out.file);
	buf_release(&e->out.bytes);
	vterm_free(e->vt);
}

/* ---- what the canvas says ------------------------------------------------------------------------------------ */

static void scribble(struct easel *e)
{
	static const char *const words[] = { "tcp_close", "\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80", "\xe4\xb8\xad\xe6\x96\x87", " ", "    ", "x",
					     "                                ", "\xe6\xbc\xa2", "a b  c   d", "\xe2\x96\xb6" };
	const struct area all = area_of(&e->canvas);

	for (u32 n = 1 + any(12); n > 0; n--) {
		u8 look = (u8)any(NR_LOOKS);

		if (any(4) == 0)
			look |= LOOK_CHANGED;
		area_text(&all, (int)any(e->canvas.rows), (int)any(e->canvas.cols), look, words[any(ARRAY_LEN(words))]);
	}
	if (any(20) == 0)
		canvas_clear(&e->canvas);
	if (any(6) == 0)
		area_fill(&all, (int)any(e->canvas.rows), (int)any(e->canvas.cols), e->canvas.cols, LOOK_PLAIN, ' ');
}

/* ---- what the terminal shows --------------------------------------------------------------------------------- */

static bool is_dark(attr_t attributes)
{
	return attributes & (A_REVERSE | A_UNDERLINE);
}

static void compare(const struct easel *e, int row, int col)
{
	const struct cell *want = canvas_at(&e->canvas, row, col);
	const attr_t attributes = e->paint.look[want->look];
	VTermScreenCell got;

	if (!want->c || (e->paint.corner_scrolls && row == e->canvas.rows - 1 && col == e->canvas.cols - 1))
		return;
	assert_true(vterm_screen_get_cell(e->screen, (VTermPos){ .row = row, .col = col }, &got));
	if (got.chars[0] != want->c && !(want->c == ' ' && !got.chars[0]))
		fail_msg("row %d, column %d: U+%04X instead of U+%04X", row, col, got.chars[0], (u32)want->c);
	if (got.width != (col + 1 < e->canvas.cols && !want[1].c ? 2 : 1))
		fail_msg("row %d, column %d of %d: U+%04X is %d wide", row, col, e->canvas.cols, (u32)want->c, got.width);
	assert_int_equal(got.attrs.reverse, (attributes & A_REVERSE) != 0);
	assert_int_equal(got.attrs.underline, (attributes & A_UNDERLINE) != 0);
	if (want->c != ' ' || is_dark(attributes))
		assert_int_equal(got.attrs.bold, (attributes & A_BOLD) != 0);
	if (e->paint.colours && e->paint.theme != THEME_MONO && want->c != ' ') {
		short ground, ink = -1;

		pair_content((short)(want->look % LOOK_CHANGED), &ink, &ground);
		assert_int_equal(VTERM_COLOR_IS_DEFAULT_FG(&got.fg), ink < 0);
		if (ink >= 0 && ink < 8 && !(attributes & A_BOLD)) /* bold makes some of them bright */
			assert_int_equal(got.fg.indexed.idx, ink);
	}
}

static void show(struct easel *e)
{
	const int row = (int)any(e->canvas.rows), col = (int)any(e->canvas.cols);
	VTermPos at;

	paint_canvas(&e->paint, &e->canvas, row, col, &e->out);
	vterm_input_write(e->vt, e->out.bytes.data ? e->out.bytes.data : "", e->out.bytes.len);
	buf_clear(&e->out.bytes);
	vterm_screen_flush_damage(e->screen);
	for (int r = 0; r < e->canvas.rows; r++)
		for (int c = 0; c < e->canvas.cols; c++)
			compare(e, r, c);
	vterm_state_get_cursorpos(vterm_obtain_state(e->vt), &at);
	assert_int_equal(at.row, row);
	assert_int_equal(at.col, col);
}

static void resize(struct easel *e)
{
	const u16 rows = (u16)(2 + any(30)), cols = (u16)(2 + any(90));

	vterm_set_size(e->vt, rows, cols);
	resizeterm(rows, 2);
	canvas_resize(&e->canvas, rows, cols);
	paint_forget(&e->paint);
}

static void t_frames(void **state)
{
	static const char *const terms[] = { "xterm-256color", "xterm", "linux", "screen", "vt100", "xterm-mono", "ansi" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(terms); i++) {
		struct easel e;

		seed = (u32)i + 1;
		set_up(&e, terms[i], 24, 80);
		for (int n = 0; n < FRAMES; n++) {
			if (any(60) == 0)
				resize(&e);
			if (any(60) == 0)
				paint_set_theme(&e.paint, (enum theme)any(NR_THEMES));
			scribble(&e);
			show(&e);
		}
		tear_down(&e);
	}
}

static void says(struct easel *e, int row, int col, const char *bytes)
{
	buf_clear(&e->out.bytes);
	paint_canvas(&e->paint, &e->canvas, row, col, &e->out);
	assert_string_equal(buf_str(&e->out.bytes), bytes);
}

/* What did not change is not written. */
static void t_no_more_than_needed(void **state)
{
	struct easel e;
	struct area all;

	(void)state;
	set_up(&e, "xterm-256color", 24, 80);
	all = area_of(&e.canvas);
	area_text(&all, 1, 0, LOOK_PLAIN, "0123456789 abcdefghijklmnopqrstuvwxyz");
	paint_canvas(&e.paint, &e.canvas, 3, 4, &e.out);
	says(&e, 3, 4, "");
	says(&e, 5, 6, "\x1b[6;7H");
	/* characters of two columns leave the cursor behind them */
	area_text(&all, 0, 0, LOOK_PLAIN, "\xe4\xb8\xad\xe6\x96\x87x");
	says(&e, 0, 5, "\x1b[1;1H\xe4\xb8\xad\xe6\x96\x87x");
	/* a few cells between two changes are written again, many are passed over */
	area_text(&all, 1, 0, LOOK_PLAIN, "X123X56789 abcdefghiX");
	says(&e, 1, 21, "\x1b[2;1HX123X\x1b[2;21HX");
	/* blanks are cleared together, at the end of the row to its end; their look does not matter where it is not seen */
	area_fill(&all, 1, 1, 20, LOOK_DIM, ' ');
	says(&e, 1, 1, "\x1b[2;2H\x1b[20X");
	area_fill(&all, 1, 21, 80, LOOK_FRAME, ' ');
	says(&e, 1, 21, "\x1b[2;22H\x1b[K");
	area_fill(&all, 1, 0, 80, LOOK_STRONG, ' ');
	says(&e, 1, 0, "\x1b[2;1H \x1b[2;1H");
	area_text(&all, 2, 0, LOOK_PLAIN, "ab");
	says(&e, 1, 0, "\x1b[3;1Hab\x1b[2;1H");
	area_fill(&all, 2, 1, 1, LOOK_PLAIN, ' ');
	says(&e, 1, 0, "\x1b[3;2H \x1b[2;1H");
	tear_down(&e);
	/* nothing may move up */
	set_up(&e, "ansi", 24, 80);
	all = area_of(&e.canvas);
	paint_canvas(&e.paint, &e.canvas, 0, 0, &e.out);
	area_text(&all, 23, 78, LOOK_PLAIN, "xy");
	says(&e, 0, 0, "\x1b[24;79Hx\x1b[1;1H");
	tear_down(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(t_frames), cmocka_unit_test(t_no_more_than_needed) };

	setlocale(LC_CTYPE, "C.UTF-8"); /* wide characters are among them */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
