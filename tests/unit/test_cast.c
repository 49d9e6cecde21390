/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recordings: read as what they say they are, and played into a terminal emulator, which then shows the same screen. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>
#include <vterm.h>

#include "base/file.h"
#include "screen.h"
#include "view/cast.h"

/* A player: time goes by as the file says, what it writes goes to a terminal. */
struct player {
	VTerm *vt;
	VTermScreen *screen;
	int rows, cols;
	double now;
	int outputs;
	char marks[256];
	char marked_at[256]; /* when, in ms */
	bool ended;
};

static void set_size(struct player *p, int rows, int cols)
{
	p->rows = rows;
	p->cols = cols;
	vterm_set_size(p->vt, rows, cols);
}

static void begin(struct player *p, const json_t *head, int version)
{
	const json_t *term = version == 3 ? json_object_get(head, "term") : head;

	assert_int_equal(json_integer_value(json_object_get(head, "version")), version);
	p->rows = (int)json_integer_value(json_object_get(term, version == 3 ? "rows" : "height"));
	p->cols = (int)json_integer_value(json_object_get(term, version == 3 ? "cols" : "width"));
	assert_true(p->rows > 0 && p->cols > 0);
	assert_true(json_is_string(json_object_get(head, "title")));
	assert_int_equal(strlen(json_string_value(json_object_get(json_object_get(term, "theme"), "bg"))), 7);
	p->vt = vterm_new(p->rows, p->cols);
	vterm_set_utf8(p->vt, 1);
	p->screen = vterm_obtain_screen(p->vt);
	vterm_screen_reset(p->screen, 1);
}

static void play_event(struct player *p, const json_t *event, int version)
{
	const double at = json_real_value(json_array_get(event, 0));
	const char *code = json_string_value(json_array_get(event, 1)),
		   *data = json_string_value(json_array_get(event, 2));
	int rows, cols;

	assert_int_equal(json_array_size(event), 3);
	assert_true(json_is_real(json_array_get(event, 0)));
	assert_non_null(code);
	assert_non_null(data);
	assert_false(p->ended);
	assert_true(version == 3 ? at >= 0 : at >= p->now);
	p->now = version == 3 ? p->now + at : at;
	if (strcmp(code, "o") == 0) {
		vterm_input_write(p->vt, data, strlen(data));
		p->outputs++;
	} else if (strcmp(code, "r") == 0) {
		assert_int_equal(sscanf(data, "%dx%d", &cols, &rows), 2);
		set_size(p, rows, cols);
	} else if (strcmp(code, "m") == 0) {
		char ms[32];

		snprintf(ms, sizeof(ms), "%.0f ", p->now * 1000);
		strcat(p->marked_at, ms);
		strcat(strcat(p->marks, data), "|");
	} else {
		assert_string_equal(code, "x");
		assert_int_equal(version, 3);
		p->ended = true;
	}
}

static void play(struct player *p, const char *text, int version)
{
	memset(p, 0, sizeof(*p));
	while (*text) {
		const size_t n = strcspn(text, "\n");
		json_error_t wrong;
		json_t *line = json_loadb(text, n, 0, &wrong);

		assert_int_equal(text[n], '\n');
		if (!line)
			fail_msg("%s: %.*s", wrong.text, (int)n, text);
		if (json_is_object(line))
			begin(p, line, version);
		else
			play_event(p, line, version);
		json_decref(line);
		text += n + 1;
	}
}

/* What the terminal shows is what the canvas has, cell by cell; marked cells are shown in reverse. */
static void shows_canvas(const struct player *p, const struct canvas *c)
{
	assert_int_equal(p->rows, c->rows);
	assert_int_equal(p->cols, c->cols);
	for (int row = 0; row < c->rows; row++)
		for (int col = 0; col < c->cols; col++) {
			const struct cell *want = canvas_at(c, row, col);
			const VTermPos pos = { row, col };
			VTermScreenCell cell;

			vterm_screen_get_cell(p->screen, pos, &cell);
			if (!want->c)
				continue;
			if ((cell.chars[0] ? cell.chars[0] : ' ') != want->c)
				fail_msg("row %d column %d: U+%04X, not U+%04X", row, col, cell.chars[0],
					 (unsigned)want->c);
			if (want->look & LOOK_CHANGED)
				assert_true(cell.attrs.reverse);
			if (want->look == LOOK_B) {
				vterm_screen_convert_color_to_rgb(p->screen, &cell.fg);
				assert_int_equal(cell.fg.rgb.red, 0xff);
				assert_int_equal(cell.fg.rgb.green, 0x9d);
			}
		}
}

static void cursor_is_at(const struct player *p, int row, int col)
{
	VTermPos pos;

	vterm_state_get_cursorpos(vterm_obtain_state(p->vt), &pos);
	assert_int_equal(pos.row, row);
	assert_int_equal(pos.col, col);
}

static void played_screen_is_the_same(u8 version)
{
	static const char *const lines[] = {
		"close A",  "deliver",	   "view states", "tick 100ms", "send B \"\xe4\xb8\xad\xe6\x96\x87\"",
		"view log", "deliver all", "undo",	  "help",	"show A"
	};
	struct screen *s = screen_new(100, 30);
	struct cast c;
	struct player p;

	cast_begin(&c, version, 30, 100, "a \"title\"");
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		view_line(&s->v, lines[i], strlen(lines[i]));
		for (int frame = 0; frame < 5; frame++) {
			draw(s);
			cast_frame(&c, &s->v.canvas, s->cursor_row, s->cursor_col, i * 1000000 + (u64)frame * 33333);
			director_tick(&s->v.director, s->ss.tape, 33333);
		}
		play(&p, buf_str(&c.out), version);
		shows_canvas(&p, &s->v.canvas);
		cursor_is_at(&p, s->cursor_row, s->cursor_col);
		vterm_free(p.vt);
		director_finish(&s->v.director);
	}
	cast_end(&c, 20 * 1000000);
	play(&p, buf_str(&c.out), version);
	assert_true(p.now > 19.999 && p.now < 20.001);
	assert_int_equal(p.ended, version == 3);
	vterm_free(p.vt);
	cast_release(&c);
	screen_free(s);
}

static void t_version_2(void **state)
{
	(void)state;
	played_screen_is_the_same(2);
}

static void t_version_3(void **state)
{
	(void)state;
	played_screen_is_the_same(3);
}

static void t_nothing_is_written_where_nothing_changes(void **state)
{
	struct screen *s = screen_new(80, 24);
	struct cast c;
	size_t len;

	(void)state;
	cast_begin(&c, 2, 24, 80, "");
	draw(s);
	cast_frame(&c, &s->v.canvas, 22, 3, 0);
	len = c.out.len;
	cast_frame(&c, &s->v.canvas, 22, 3, 1000000);
	assert_int_equal(c.out.len, len);
	cast_frame(&c, &s->v.canvas, 22, 4, 1000000);
	assert_true(c.out.len > len && c.out.len < len + 60);
	cast_release(&c);
	screen_free(s);
}

static void t_another_size(void **state)
{
	struct screen *s = screen_new(80, 24);
	struct cast c;
	struct player p;

	(void)state;
	cast_begin(&c, 2, 24, 80, "");
	draw(s);
	cast_frame(&c, &s->v.canvas, 0, 0, 0);
	canvas_resize(&s->v.canvas, 36, 120);
	draw(s);
	cast_frame(&c, &s->v.canvas, 0, 0, 500);
	play(&p, buf_str(&c.out), 2);
	shows_canvas(&p, &s->v.canvas);
	vterm_free(p.vt);
	cast_release(&c);
	screen_free(s);
}

/* ---- the verb --------------------------------------------------------------------------------------------------- */

static void t_record_and_off(void **state)
{
	struct screen *s = screen_new(80, 24);
	char folder[] = "/tmp/cast.XXXXXX";
	struct buf path = BUF_INIT, line = BUF_INIT, text = BUF_INIT;
	struct player p;
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(folder));
	buf_printf(&path, "%s/x.cast", folder);
	buf_printf(&line, "record %s", buf_str(&path));
	type(s, "record off");
	shows(s, "nothing is being recorded");
	type(s, "record chapter \"too soon\"");
	shows(s, "nothing is being recorded");
	type(s, "record");
	shows(s, "a file is missing");
	type(s, "record x.txt");
	shows(s, "is called FILE.cast");
	type(s, buf_str(&line));
	shows(s, "recording to");
	view_record(&s->v, 1, 1, 77000000);
	type(s, buf_str(&line));
	shows(s, "recorded already");
	type(s, "close A");
	type(s, "record chapter");
	shows(s, "name is missing");
	type(s, "record chapter \"the close\"");
	view_record(&s->v, 1, 1, 78000000);
	type(s, "record off");
	shows(s, "recorded to");
	assert_null(s->v.recording);
	assert_int_equal(file_read(buf_str(&path), FILE_LIMIT, &text, &err), ST_OK);
	play(&p, buf_str(&text), 2);
	assert_string_equal(p.marks, "the close|");
	assert_true(p.now > 0.99 && p.now < 1.01);
	vterm_free(p.vt);
	/* not over what is there, at once */
	type(s, buf_str(&line));
	shows(s, "is there already");
	assert_null(s->v.recording);
	buf_clear(&line);
	buf_printf(&line, "record! %s v3", buf_str(&path));
	type(s, buf_str(&line));
	view_record(&s->v, 1, 1, 1);
	assert_int_equal(view_end_recording(&s->v, &err), ST_OK);
	buf_clear(&text);
	assert_int_equal(file_read(buf_str(&path), FILE_LIMIT, &text, &err), ST_OK);
	play(&p, buf_str(&text), 3);
	assert_true(p.ended);
	vterm_free(p.vt);
	unlink(buf_str(&path));
	buf_clear(&line);
	buf_printf(&line, "record %s/nowhere/x.cast", folder);
	type(s, buf_str(&line));
	shows(s, "No such file");
	rmdir(folder);
	buf_release(&path);
	buf_release(&line);
	buf_release(&text);
	screen_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_version_2),
		cmocka_unit_test(t_version_3),
		cmocka_unit_test(t_nothing_is_written_where_nothing_changes),
		cmocka_unit_test(t_another_size),
		cmocka_unit_test(t_record_and_off),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
