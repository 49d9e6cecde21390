/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The panes on a canvas, without a terminal: what stands on the screen at several sizes. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/utf8.h"
#include "lesson/lesson.h"
#include "screen.h"

static const struct {
	u16 cols, rows;
} sizes[] = { { 60, 16 }, { 80, 24 }, { 120, 36 }, { 200, 50 }, { 133, 41 }, { 500, 200 } };

/* ---- the hosts and the wire ---------------------------------------------------------------------------------- */

static void t_canonical_close(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct screen *s = screen_new(sizes[i].cols, sizes[i].rows);

		draw(s);
		shows(s, "A 10.0.0.1:40000");
		shows(s, "B 10.0.0.2:80");
		shows(s, "nothing is in flight");
		type(s, "close A");
		shows(s, "ESTABLISHED \xe2\x96\xb8 FIN_WAIT1");
		shows(s, "orphan (SOCK_DE");
		shows(s, "\xe2\x96\xa0 RCV  \xe2\x96\xa0 SEND");
		shows(s, "\xe2\x96\xa1 RCV  \xe2\x96\xa1 SEND"); /* B's */
		shows(s, sizes[i].rows < 36 ? "write \xc2\xb7  rtx \xe2\x96\x93 1:2 F" : "rtx      \xe2\x96\x93 F 1:2");
		shows(s, "#4 F. 1:1(0) ack 1 \xe2\x96\xb6");
		assert_true(is_marked(s, "FIN_WAIT1"));
		assert_true(is_marked(s, "SEND"));
		assert_false(is_marked(s, "fd 4 open"));
		type(s, "deliver");
		shows(s, "ESTABLISHED \xe2\x96\xb8 CLOSE_WAIT");
		assert_true(is_marked(s, "CLOSE_WAIT"));
		assert_false(is_marked(s, "FIN_WAIT1"));
		type(s, "tick 40ms");
		shows(s, "\xe2\x97\x80 ");
		shows(s, ". 1:1(0) ack 2");
		type(s, "deliver");
		shows(s, "FIN_WAIT1 \xe2\x96\xb8 TIME_WAIT");
		shows(s, "substate FIN_WAIT2");
		type(s, "close B; deliver");
		shows(s, "TIME_WAIT");
		shows(s, "substate TIME_WAIT");
		shows(s, "60s");
		screen_free(s);
	}
}

/* What there is no room for is counted, and the timer matters more than the numbers. */
static void t_left_out_is_told(void **state)
{
	struct screen *s = screen_new(60, 16);

	(void)state;
	type(s, "close A");
	shows(s, " more \xe2\x94\x80");
	s->v.zoomed = true;
	type(s, "view A");
	shows_not(s, " more \xe2\x94\x80");
	shows(s, "snd_wnd");
	screen_free(s);
	s = screen_new(120, 36);
	type(s, "close A");
	shows_not(s, " more \xe2\x94\x80");
	screen_free(s);
}

/* At the sizes that people have, nothing of the upper half is cut but what a line of a listener says. */
static void t_nothing_is_cut(void **state)
{
	static const char *const sessions[] = {
		"close A", "send A 100; deliver; close A", "scenario unread-data; close B",
		"setsockopt A linger=5s; close A", "scenario time-wait", "scenario syn-sent", "scenario udp; send A 10",
	};

	(void)state;
	for (size_t i = 2; i < ARRAY_LEN(sizes); i++)
		for (size_t k = 0; k < ARRAY_LEN(sessions); k++) {
			struct screen *s = screen_new(sizes[i].cols, sizes[i].rows);
			const char *end;

			type(s, sessions[k]);
			end = strstr(buf_str(&s->text), "calls");
			assert_non_null(end);
			for (const char *p = buf_str(&s->text); p < end; p++)
				if (strncmp(p, "\xe2\x80\xa6", 3) == 0)
					fail_msg("cut at %ux%u: %s\n%s", sizes[i].cols, sizes[i].rows, sessions[k],
						 buf_str(&s->text));
			screen_free(s);
		}
}

/* Where in the upper left, down to the lower panes' edge, a word stands first; -1: nowhere. */
static int row_of(struct screen *s, const char *word)
{
	bool below = false;

	for (int row = 0; row < s->v.canvas.rows && !below; row++) {
		struct buf b = BUF_INIT;
		const char *at;
		bool here;

		canvas_row(&s->v.canvas, row, &b);
		at = strstr(buf_str(&b), word);
		here = at && at - buf_str(&b) < s->v.canvas.cols / 2;
		below = strstr(buf_str(&b), "calls") != NULL;
		buf_release(&b);
		if (here)
			return row;
	}
	return -1;
}

/* What a host shows has its place: it does not move when something else comes or goes. */
static void t_nothing_jumps(void **state)
{
	static const char *const sessions[][8] = {
		{ "send A 100", "deliver", "close A", "deliver all", "tick 40ms", "deliver", "close B", "deliver all" },
		{ "send B 10", "deliver", "close A", "deliver", "tick 1s" },
		{ "setsockopt A linger=5s", "close A", "tick 5s", "deliver" },
		{ "scenario fin-wait-2", "close B", "deliver all", "tick 60s" },
	};
	static const char *const words[] = { "sk_shutdown", "write", "receive ", "una ", "calls", "wire" };

	(void)state;
	for (size_t i = 1; i < 4; i++)
		for (size_t k = 0; k < ARRAY_LEN(sessions); k++) {
			struct screen *s = screen_new(sizes[i].cols, sizes[i].rows);
			int place[ARRAY_LEN(words)] = { 0 };

			for (size_t n = 0; n < ARRAY_LEN(sessions[k]) && sessions[k][n]; n++) {
				type(s, sessions[k][n]);
				for (size_t j = 0; j < ARRAY_LEN(words); j++) {
					int row = row_of(s, words[j]);

					if (row >= 0 && place[j] && row != place[j])
						fail_msg("%s went from row %d to %d\n%s", words[j], place[j], row,
							 buf_str(&s->text));
					place[j] = row >= 0 ? row : place[j];
				}
			}
			screen_free(s);
		}
}

static void t_other_situations(void **state)
{
	struct screen *s = screen_new(120, 36);

	(void)state;
	type(s, "setsockopt A linger=5s; close A");
	shows(s, "close sleeps in sk_stream_wait_close");
	type(s, "scenario backlog");
	shows(s, "accept queue 2 of 128");
	shows(s, "not yet accepted");
	/* a process holds the socket still, and a minisocket has the connection */
	type(s, "scenario half-closed; close B; deliver all");
	shows(s, "A 10.0.0.1:40000");
	shows(s, "fd 3 open");
	shows(s, "minisocket \xe2\x96\x88");
	shows(s, "60s TIME_WAIT");
	type(s, "scenario time-wait; run");
	shows(s, "nothing is left of it");
	/* a scenario begins anew: nothing has led to it */
	type(s, "scenario time-wait");
	shows_not(s, "\xe2\x96\xb8 TIME_WAIT");
	shows_not(s, "\xe2\x96\xb8 CLOSE");
	type(s, "scenario closed");
	shows(s, "no socket yet");
	type(s, "scenario unread-data");
	shows(s, "receive  \xe2\x96\x93 1:101");
	type(s, "close B; deliver");
	shows(s, "sk_err ECONNRESET");
	type(s, "scenario udp");
	shows(s, "UDP");
	type(s, "view states");
	shows_not(s, "[A]");
	shows_not(s, "[B]");
	type(s, "view calls");
	type(s, "scenario established; lock B; close A; deliver");
	shows(s, "backlog  1 until the lock is released");
	type(s, "scenario established; send B 10; delay #4 10ms");
	shows(s, " in 10ms");
	type(s, "net auto delay=10ms");
	shows(s, "auto 10ms");
	type(s, "scenario established; kernel A 2.4");
	shows(s, "Linux 2.4 | 6.18 ");
	type(s, "kernel 3.10");
	shows(s, "Linux 3.10 ");
	screen_free(s);
}

/* ---- time ---------------------------------------------------------------------------------------------------- */

static void t_stepping(void **state)
{
	struct screen *s = screen_new(80, 24);

	(void)state;
	type(s, "close A");
	type(s, "deliver");
	shows(s, "point 2/2");
	assert_true(view_step(&s->v, -1, false));
	draw(s);
	shows(s, "point 1/2");
	shows(s, "ESTABLISHED \xe2\x96\xb8 FIN_WAIT1");
	shows(s, "#4 F. 1:1(0) ack 1");
	assert_true(view_step(&s->v, -1, false));
	assert_false(view_step(&s->v, -1, false));
	draw(s);
	shows(s, "point 0/2");
	shows_not(s, "FIN_WAIT1");
	shows(s, "this is where the session begins");
	assert_true(view_step(&s->v, 1, false));
	assert_true(view_step(&s->v, 1, false));
	assert_false(view_step(&s->v, 1, false));
	draw(s);
	shows(s, "\xe2\x97\x8b\xe2\x94\x80\xe2\x94\x80\xe2\x97\x8f\xe2\x94\x80\xe2\x94\x80\xe2\x97\x89");
	/* a command of several moments: one by one */
	type(s, "tick 300ms");
	shows(s, "point 3/3");
	assert_true(view_step(&s->v, -1, true));
	assert_true(view_step(&s->v, -1, true));
	draw(s);
	shows(s, "point 2/3");
	assert_true(view_step(&s->v, 1, true));
	/* another branch: the fork is seen */
	type(s, "undo 1");
	type(s, "drop all; shutdown B rdwr");
	type(s, "mark here");
	shows(s, "\xe2\x97\x86");
	shows(s, "\xe2\x97\x89here");
	screen_free(s);
}

/* ---- motion -------------------------------------------------------------------------------------------------- */

/* ---- lower panes and prompt ---------------------------------------------------------------------------------- */

static void t_lower_panes(void **state)
{
	struct screen *s = screen_new(80, 24);

	(void)state;
	type(s, "close A");
	shows(s, "sys_close");
	type(s, "view ladder");
	shows(s, "|---------- F. 1:1(0) ack 1 ---");
	type(s, "view why");
	shows(s, "file_close_fd");
	type(s, "view nstat");
	shows(s, "TcpOutSegs");
	type(s, "view tools");
	shows(s, "FIN-WAIT-1");
	type(s, "view states");
	shows(s, "SYN_SENT");
	shows(s, "FIN_WAIT1[A]");
	shows(s, "ESTABLISHED[B]");
	/* what a looking command prints is on top until something happens */
	type(s, "show A.state");
	shows(s, "A.state = FIN_WAIT1");
	type(s, "deliver");
	shows_not(s, "A.state = FIN_WAIT1");
	type(s, "view log");
	shows(s, "A> deliver");
	shows(s, "B  <  #4  F. 1:1(0) ack 1");
	type(s, "view wardrobe");
	shows(s, "there is no pane `wardrobe` (`help view` lists them)");
	type(s, "view ladr");
	shows(s, "there is no pane `ladr` (did you mean `ladder`?)");
	/* the same when a pane has the whole screen */
	s->v.zoomed = true;
	type(s, "show A.snd_cwnd");
	shows(s, "A.snd_cwnd = 10");
	type(s, "view A");
	shows(s, "snd_wnd");
	shows_not(s, "B 10.0.0.2:80");
	screen_free(s);
}

/* Whole at 80x24, and the step just taken is lit, there and nowhere else. */
static void t_state_diagram(void **state)
{
	struct screen *s = screen_new(80, 24);

	(void)state;
	type(s, "view states");
	shows(s, "ESTABLISHED[AB]");
	type(s, "close A");
	shows(s, "FIN_WAIT1[A]");
	shows(s, "ESTABLISHED[B]");
	assert_true(is_marked(s, "close, shutdown: FIN"));
	assert_false(is_marked(s, "FIN arrives"));
	type(s, "deliver");
	shows(s, "CLOSE_WAIT[B]");
	assert_true(is_marked(s, "FIN arrives"));
	assert_false(is_marked(s, "close, shutdown: FIN"));
	type(s, "close B; deliver A>B");
	type(s, "deliver");
	shows(s, "TIME_WAIT[A]");
	assert_true(is_marked(s, "FIN+ACK"));
	assert_false(is_marked(s, "ACK "));
	shows(s, "LAST_ACK[B]");
	type(s, "deliver");
	shows(s, "CLOSE[B]");
	type(s, "tick 60s");
	shows(s, "CLOSE[AB]");
	shows(s, "60 s");
	assert_true(is_marked(s, " 60 s "));
	/* a simultaneous close goes the other way */
	type(s, "scenario established; close A; close B; deliver A>B; deliver B>A");
	shows(s, "CLOSING[AB]");
	/* a reset leads to no state that an arrow shows, but the end is seen */
	type(s, "scenario established; setsockopt A linger=0; close A");
	shows(s, "CLOSE[A]");
	screen_free(s);
	/* it is whole beside another pane, on either side */
	for (u16 cols = 100; cols <= 125; cols = (u16)(cols + 5)) {
		s = screen_new(cols, 36);
		type(s, "layout diagram; close A; deliver; close B");
		shows(s, "LAST_ACK[B]");
		type(s, "view ladder");
		shows(s, "LAST_ACK[B]");
		screen_free(s);
	}
}

static void t_prompt(void **state)
{
	struct screen *s = screen_new(60, 16);
	char path[] = "/tmp/view.XXXXXX.svg";
	struct buf line = BUF_INIT;
	int fd = mkstemps(path, 4);

	(void)state;
	buf_puts(&s->v.input, "close ");
	s->v.cursor = 6;
	buf_puts(&s->v.hint, "[A[:FD]]");
	draw(s);
	shows(s, "A> close   [A[:FD]]");
	assert_int_equal(s->cursor_row, 14);
	assert_int_equal(s->cursor_col, 9);
	/* longer than the window: the cursor stays in it */
	buf_clear(&s->v.hint);
	buf_fill(&s->v.input, 'x', 100);
	s->v.cursor = s->v.input.len;
	draw(s);
	assert_int_equal(s->cursor_col, 58);
	/* the search has a row of its own */
	buf_clear(&s->v.input);
	buf_puts(&s->v.input, "close A\nbck:clo");
	s->v.cursor = s->v.input.len;
	draw(s);
	shows(s, "bck:clo");
	assert_int_equal(s->cursor_row, 15);
	buf_clear(&s->v.input);
	type(s, "clse A");
	shows(s, "there is no command `clse`");
	/* one in a script names its place */
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "close A\nclse B\n", 15), 15);
	close(fd);
	buf_printf(&line, "source %s", path);
	type(s, buf_str(&line));
	shows(s, ":2:1: there is no command `clse`");
	remove(path);
	buf_release(&line);
	screen_free(s);
}

static void t_pictures(void **state)
{
	struct screen *s = screen_new(80, 24);
	char path[] = "/tmp/view.XXXXXX.svg";
	struct buf text = BUF_INIT, line = BUF_INIT;
	struct err err;
	int fd = mkstemps(path, 4);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	type(s, "close A");
	buf_printf(&line, "export screen %s", path);
	type(s, buf_str(&line));
	shows(s, "is there already");
	buf_clear(&line);
	buf_printf(&line, "export! screen %s 120x36 states why", path);
	type(s, buf_str(&line));
	shows(s, "exported to");
	assert_int_equal(file_read(path, FILE_LIMIT, &text, &err), ST_OK);
	assert_true(strncmp(buf_str(&text), "<svg ", 5) == 0);
	assert_non_null(strstr(buf_str(&text), "close, shutdown: FIN"));
	assert_non_null(strstr(buf_str(&text), "FIN_WAIT1</text>"));
	assert_null(strstr(buf_str(&text), "&gt;close"));
	/* the screen itself is as it was */
	assert_ptr_equal(s->ss.screen, &s->v);
	assert_int_equal(s->v.canvas.cols, 80);
	type(s, "export screen x.svg 12x12");
	shows(s, "`12x12` is no size");
	type(s, "export screen x.svg 80x24 wire");
	shows(s, "there is no lower pane `wire`");
	type(s, "export screen x.txt");
	shows(s, "is called FILE.svg");
	type(s, "export screen");
	shows(s, "a file is missing");
	remove(path);
	buf_release(&text);
	buf_release(&line);
	screen_free(s);
}

/* ---- sizes and characters ------------------------------------------------------------------------------------ */

static void t_layouts(void **state)
{
	struct screen *s = screen_new(120, 36);

	(void)state;
	type(s, "layout diagram");
	shows(s, "\xe2\x94\x80 states \xe2\x94\x80");
	shows(s, "\xe2\x94\x80 ladder \xe2\x94\x80");
	type(s, "layout tools");
	shows(s, "\xe2\x94\x80 tools \xe2\x94\x80");
	shows(s, "\xe2\x94\x80 nstat \xe2\x94\x80");
	type(s, "layout upside-down");
	shows(s, "standard, diagram, reasons");
	screen_free(s);
}

static void t_focus(void **state)
{
	static const enum pane_id order[] = { PANE_CALLS, PANE_LADDER, PANE_A, PANE_WIRE, PANE_B, PANE_CALLS };
	struct screen *s = screen_new(120, 36);

	(void)state;
	draw(s);
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		assert_int_equal(s->v.focus, order[i]);
		view_focus(&s->v, 1);
	}
	for (size_t i = ARRAY_LEN(order); i-- > 0;) {
		view_focus(&s->v, -1);
		assert_int_equal(s->v.focus, order[i]);
	}
	screen_free(s);
}

/* A mark stands at its point, a long one cut with a sign. */
static void t_marks(void **state)
{
	struct screen *s = screen_new(80, 24);

	(void)state;
	type(s, "mark before-the-long-close-of-everything");
	type(s, "close A; mark x");
	shows(s, "\xe2\x97\x8b" "before-the-long\xe2\x80\xa6\xe2\x94\x80\xe2\x94\x80\xe2\x97\x89" "x");
	screen_free(s);
}

static void t_any_size(void **state)
{
	(void)state;
	for (u16 rows = 1; rows < 40; rows++)
		for (u16 cols = 1; cols < 140; cols = (u16)(cols + 7)) {
			struct screen *s = screen_new(cols, rows);

			type(s, "close A; deliver");
			if (rows < VIEW_MIN_ROWS || cols < VIEW_MIN_COLS)
				shows_not(s, "FIN_WAIT1");
			else
				shows(s, "FIN_WAIT1");
			assert_true(s->cursor_row < rows && s->cursor_col < cols);
			screen_free(s);
		}
}

static void t_too_small(void **state)
{
	struct screen *s = screen_new(59, 30);

	(void)state;
	draw(s);
	shows(s, "finwait needs 60x16");
	shows(s, "this is 59x30");
	screen_free(s);
}

static void t_ascii(void **state)
{
	struct screen *s = screen_new(120, 36);

	(void)state;
	s->v.canvas.ascii = true;
	type(s, "close A; deliver; mark x");
	for (size_t i = 0; i < s->text.len; i++)
		assert_true((u8)s->text.data[i] < 0x80);
	shows(s, "# RCV  # SEND");
	shows(s, "+- wire ---");
	screen_free(s);
}

static void t_wide_characters(void **state)
{
	struct canvas c;
	struct area a;
	struct buf b = BUF_INIT;

	(void)state;
	canvas_init(&c, 1, 6);
	a = area_of(&c);
	/* three wide ones fit exactly, a fourth is cut with a sign, and half a character is never left */
	assert_int_equal(area_text(&a, 0, 0, LOOK_PLAIN, "\xe7\x82\xba\xe7\x82\xba\xe7\x82\xba"), 6);
	area_text(&a, 0, 0, LOOK_PLAIN, "\xe7\x82\xba\xe7\x82\xba\xe7\x82\xba\xe7\x82\xba");
	canvas_row(&c, 0, &b);
	assert_string_equal(buf_str(&b), "\xe7\x82\xba\xe7\x82\xba \xe2\x80\xa6");
	area_text(&a, 0, 1, LOOK_PLAIN, "x");
	buf_clear(&b);
	canvas_row(&c, 0, &b);
	assert_string_equal(buf_str(&b), " x\xe7\x82\xba \xe2\x80\xa6");
	/* what is no text, and what no terminal shows */
	canvas_clear(&c);
	area_text(&a, 0, 0, LOOK_PLAIN, "a\xff\x1b" "b");
	buf_clear(&b);
	canvas_row(&c, 0, &b);
	assert_string_equal(buf_str(&b), "a\xef\xbf\xbd\xef\xbf\xbd" "b");
	buf_release(&b);
	canvas_release(&c);
}

static void t_utf8(void **state)
{
	static const char *const bad[] = { "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\x80", "\xe2\x82" };
	u32 c;
	char out[UTF8_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(utf8_next(bad[i], strlen(bad[i]), &c), 1);
		assert_int_equal(c, UTF8_BAD);
	}
	for (u32 k = 1; k < 0x110000; k += 97) {
		size_t n = utf8_put(out, k);

		if (k >= 0xd800 && k < 0xe000)
			continue;
		assert_int_equal(utf8_next(out, n, &c), n);
		assert_int_equal(c, k);
	}
	assert_int_equal(utf8_width("a\xe7\x82\xba"), 3);
	assert_int_equal(utf8_columns(0x200d), -1);
	assert_int_equal(utf8_columns('\n'), -1);
}

/* The pieces of a text, a bar behind each. */
static void pieces(const char *text, const char *expected)
{
	struct buf b = BUF_INIT;
	size_t len = strlen(text), columns = 0;

	for (const char *p = text; len;) {
		size_t w;
		const size_t n = utf8_piece(p, len, &w);

		buf_add(&b, p, n);
		buf_putc(&b, '|');
		columns += w;
		p += n;
		len -= n;
	}
	assert_string_equal(buf_str(&b), expected);
	assert_int_equal(columns, utf8_width(text));
	buf_release(&b);
}

/* Wide text may be parted anywhere, but not before what closes nor behind what opens. */
static void t_pieces(void **state)
{
	(void)state;
	pieces("", "");
	pieces("  two words, \"as one\"", "  two| words,| \"as| one\"|");
	pieces("关闭，然后等。", "关|闭，|然|后|等。|");
	pieces("（半）关闭？！", "（半）|关|闭？！|");
	pieces("“孤儿”的 FIN，再见", "“孤|儿”|的| FIN，|再|见|");
	pieces("见 `close`（一）。", "见| `close`|（一）。|");
	pieces("データ、ちょっと。", "デー|タ、|ちょっ|と。|");
	pieces("が(x)か", "が|(x)|か|");
}

static void end_is_blank(const char *before, const char *next, bool blank)
{
	assert_int_equal(utf8_end_is_blank(before, strlen(before), next, strlen(next)), blank);
}

/* A file's lines end somewhere; between wide characters that is no blank. */
static void t_ends_of_lines(void **state)
{
	(void)state;
	end_is_blank("one", "two", true);
	end_is_blank("a FIN", "是", true);
	end_is_blank("发出", "`close`", true);
	end_is_blank("发出", "了", false);
	end_is_blank("发出，", "`close`", false);
	end_is_blank("`close`", "（一）", false);
	end_is_blank("\x80", "a", true);
}

static void wraps(const char *text, int cols, const char *expected)
{
	struct lines l = { .version = 1 };
	struct wrapped w = { .cols = 0 };

	lines_add(&l, text);
	wrap_lines(&w, &l, cols, 0);
	assert_string_equal(buf_str(&w.rows.text), expected);
	lines_release(&w.rows);
	lines_release(&l);
}

/* LINE_GOES_ON and the indent are at the beginning of each further row. */
static void t_rows_of_a_text(void **state)
{
	(void)state;
	wraps("one two three", 13, "one two three\n");
	wraps("one two three", 8, "one two\n\001  three\n");
	wraps("one  twice three", 9, "one\n\001  twice\n\001  three\n");
	wraps("  one   ", 8, "  one   \n");
	wraps("abcdefghijkl", 8, "abcdefgh\n\001  ijkl\n");
	wraps("先说再见的等待。", 12, "先说再见的等\n\001  待。\n");
	wraps("先说再见等待。再", 12, "先说再见等\n\001  待。再\n");
	wraps("先说了（再见", 8, "先说了\n\001  （再见\n");
}

/* What lessons can name is there. */
static void t_panes_of_lessons(void **state)
{
	size_t n = 0;

	(void)state;
	for (; lesson_panes[n]; n++)
		assert_true(pane_find(lesson_panes[n]) > PANE_WIRE && pane_find(lesson_panes[n]) < NR_PANES);
	/* all lower ones but help */
	assert_int_equal(n, NR_PANES - PANE_HELP - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_canonical_close), cmocka_unit_test(t_nothing_is_cut),
		cmocka_unit_test(t_left_out_is_told), cmocka_unit_test(t_nothing_jumps),
		cmocka_unit_test(t_other_situations), cmocka_unit_test(t_stepping),
		cmocka_unit_test(t_lower_panes),     cmocka_unit_test(t_prompt),
		cmocka_unit_test(t_state_diagram),   cmocka_unit_test(t_pictures),
		cmocka_unit_test(t_layouts),	     cmocka_unit_test(t_panes_of_lessons),
		cmocka_unit_test(t_focus),	     cmocka_unit_test(t_marks),
		cmocka_unit_test(t_any_size),	     cmocka_unit_test(t_too_small),
		cmocka_unit_test(t_ascii),	     cmocka_unit_test(t_wide_characters),
		cmocka_unit_test(t_utf8),
		cmocka_unit_test(t_pieces),
		cmocka_unit_test(t_ends_of_lines),
		cmocka_unit_test(t_rows_of_a_text),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
