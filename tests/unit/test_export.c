/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ladder as a picture, and a session as notes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/notes.h"
#include "view/ladder_svg.h"
#include "view/view.h"

static const struct cmd_table *const tables[] = { &cmds_world, &cmds_call, &cmds_net, &cmds_time, &cmds_look,
						  &cmds_history, &cmds_file, &cmds_view, &cmds_export, NULL };

static void nowhere(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

static struct session *played(const char *lines)
{
	static struct session ss;
	struct err err;

	assert_int_equal(session_init(&ss, tables, (struct sink){ nowhere, NULL }, &err), ST_OK);
	if (session_line(&ss, lines, strlen(lines), &err) != ST_OK)
		fail_msg("%s", err.message);
	return &ss;
}

/* ---- pictures --------------------------------------------------------------------------------------------------- */

/* Every element is closed, in order, and no text has a mark in it that begins one. */
static void is_well_formed(const char *svg)
{
	char open[16][16];
	int depth = 0;

	for (const char *p = svg; (p = strchr(p, '<')) != NULL;) {
		const char *end = strchr(p, '>');
		const bool closes = p[1] == '/';
		const size_t n = strcspn(p + 1 + closes, " />");

		assert_non_null(end);
		assert_null(memchr(p + 1, '<', (size_t)(end - p - 1)));
		assert_true(n < sizeof(open[0]));
		if (closes) {
			assert_true(depth > 0);
			assert_int_equal(strncmp(open[depth - 1], p + 2, n), 0);
			depth--;
		} else if (end[-1] != '/') {
			assert_true(depth < 16);
			snprintf(open[depth++], sizeof(open[0]), "%.*s", (int)n, p + 1);
		}
		p = end;
	}
	assert_int_equal(depth, 0);
}

struct line {
	int x1, y1, x2, y2;
	bool dashed;
};

/* The lines that lean: ways of segments. */
static int ways(const char *svg, struct line *out, int max)
{
	int n = 0;

	for (const char *p = svg; (p = strstr(p, "<line ")) != NULL; p++) {
		struct line l = { 0, 0, 0, 0, false };

		assert_int_equal(sscanf(p, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"", &l.x1, &l.y1, &l.x2, &l.y2),
				 4);
		l.dashed = memmem(p, strcspn(p, ">"), "dasharray", 9) != NULL;
		if (l.x1 != l.x2 && n < max)
			out[n++] = l;
	}
	return n;
}

static struct buf svg_of(const char *lines)
{
	struct session *ss = played(lines);
	struct buf b = BUF_INIT;
	struct err err;

	assert_int_equal(add_ladder_svg(&b, ss, &err), ST_OK);
	session_release(ss);
	is_well_formed(buf_str(&b));
	return b;
}

static void has(const struct buf *b, const char *text)
{
	if (!strstr(buf_str(b), text))
		fail_msg("not there: %s\n%s", text, buf_str(b));
}

static void t_four_segments(void **state)
{
	struct buf b = svg_of("close A; deliver; tick 100ms; deliver; close B; deliver all");
	struct line l[8];

	(void)state;
	assert_int_equal(ways(buf_str(&b), l, 8), 4);
	/* there, back, back, there; each below the one before, and falling */
	for (int i = 0; i < 4; i++) {
		assert_int_equal(l[i].x1 < l[i].x2, i == 0 || i == 3);
		assert_true(l[i].y2 > l[i].y1);
		assert_true(!i || l[i].y1 > l[i - 1].y1);
		assert_false(l[i].dashed);
	}
	has(&b, "ESTABLISHED → FIN_WAIT1");
	has(&b, "LAST_ACK → CLOSE");
	has(&b, ">close(3) = 0<");
	has(&b, ">0.100s<");
	has(&b, "delack timer fires");
	buf_release(&b);
}

static void t_crossing_segments_cross(void **state)
{
	struct buf b = svg_of("close A; close B; deliver all");
	struct line l[8];

	(void)state;
	assert_int_equal(ways(buf_str(&b), l, 8), 4);
	assert_int_equal(l[0].x1, l[1].x2);
	/* each was sent before the other had arrived */
	assert_true(l[0].y1 < l[1].y2 && l[1].y1 < l[0].y2);
	has(&b, "FIN_WAIT1 → CLOSING");
	has(&b, "CLOSING → TIME_WAIT");
	buf_release(&b);
}

static void t_lost_and_in_flight(void **state)
{
	struct buf b = svg_of("close A; drop; tick timer");
	struct line l[8];

	(void)state;
	assert_int_equal(ways(buf_str(&b), l, 8), 2);
	assert_int_equal(l[0].x1, l[1].x1);
	assert_false(l[0].dashed);
	assert_true(l[1].dashed);
	has(&b, ">lost<");
	has(&b, ">in flight<");
	buf_release(&b);
}

static void t_copies_and_forged_ones_begin_between(void **state)
{
	struct buf b =
		svg_of("scenario syn-sent; duplicate; deliver all; send A \"<&>\"; inject B \"R. 9:9(0) ack 1\"");
	struct line l[16];
	const int n = ways(buf_str(&b), l, 16);

	(void)state;
	/* the SYN that was under way when the scenario began is there, too */
	assert_true(n >= 4);
	assert_int_equal(l[0].x2, l[1].x2);
	assert_int_equal(l[1].x1, (l[0].x1 + l[0].x2) / 2);
	/* B's answer to it is still in flight */
	assert_int_equal(l[n - 2].x1, l[1].x1);
	has(&b, "forged");
	has(&b, "&lt;&amp;&gt;");
	buf_release(&b);
}

/* Neither what is written beside a cross or an arrow's head nor a host's line is written over by a forged segment's text. */
static void t_forged_have_room(void **state)
{
	struct buf b = svg_of("scenario unread-data; send A 1; inject B \". 101:101(0) ack 1\"");
	struct line l[2];
	const char *flight = strstr(buf_str(&b), ">in flight<"), *forged = strstr(buf_str(&b), "  forged<");
	int flight_y, x, y;

	(void)state;
	assert_int_equal(ways(buf_str(&b), l, 2), 2);
	assert_non_null(flight);
	assert_non_null(forged);
	while (strncmp(flight, "<text", 5) != 0)
		flight--;
	while (strncmp(forged, "<text", 5) != 0)
		forged--;
	assert_int_equal(sscanf(flight, "<text x=\"%*d\" y=\"%d\"", &flight_y), 1);
	assert_int_equal(sscanf(forged, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\"", &x, &y), 2);
	assert_true(y >= flight_y + 15);
	assert_true(x < l[1].x2 && y < l[1].y2);
	buf_release(&b);
}

/* ---- notes ------------------------------------------------------------------------------------------------------ */

static void collect(void *ctx, const char *text)
{
	buf_printf(ctx, "%s\n", text);
}

static void t_notes_tell_all_again(void **state)
{
	struct session *ss =
		played("send A \"h`i\"; deliver; close A; drop A>B; tick timer; close B; deliver all; run 1s; undo");
	const u64 hash = tape_moment(ss->tape, tape_now(ss->tape))->hash;
	struct buf b = BUF_INIT, script = BUF_INIT, said = BUF_INIT;
	struct err err;
	const char *p;

	(void)state;
	assert_int_equal(add_notes(&b, ss, &err), ST_OK);
	/* nothing moved, and redo still goes where it went */
	assert_true(tape_moment(ss->tape, tape_now(ss->tape))->hash == hash);
	assert_int_equal(session_line(ss, "redo", 4, &err), ST_OK);
	session_release(ss);
	/* the commands, run again, lead to the same world */
	p = strstr(buf_str(&b), "```fw\n");
	assert_non_null(p);
	buf_add(&script, p + 6, (size_t)(strstr(p + 6, "```") - p - 6));
	assert_null(strstr(buf_str(&script), "run 1s"));
	ss = played("set seq=relative");
	ss->sink = (struct sink){ collect, &said };
	assert_int_equal(session_script(ss, "notes", buf_str(&script), script.len, &err), ST_OK);
	assert_true(tape_moment(ss->tape, tape_now(ss->tape))->hash == hash);
	session_release(ss);
	/* and what they say stands in the notes, line by line */
	for (char *line = strtok(said.data, "\n"); line; line = strtok(NULL, "\n"))
		has(&b, line);
	has(&b, "### 1. `` send A \"h`i\" ``\n\n```text\nsend(3, ");
	has(&b, "- B `__tcp_close`: data lies unread");
	has(&b, "tcp_mem\\[2\\]");
	buf_release(&b);
	buf_release(&script);
	buf_release(&said);
}

static void t_notes_of_nothing(void **state)
{
	struct session *ss = played("set seq=relative");
	struct buf b = BUF_INIT;
	struct err err;

	(void)state;
	assert_int_equal(add_notes(&b, ss, &err), ST_OK);
	has(&b, "# A finwait session\n\nHost A runs Linux 6.18");
	assert_null(strstr(buf_str(&b), "What was done"));
	session_release(ss);
	buf_clear(&b);
	ss = played("scenario unread-data");
	assert_int_equal(add_notes(&b, ss, &err), ST_OK);
	has(&b, "### 1. `scenario unread-data`\n\n```text\n100 bytes unread");
	session_release(ss);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_four_segments),
		cmocka_unit_test(t_crossing_segments_cross),
		cmocka_unit_test(t_lost_and_in_flight),
		cmocka_unit_test(t_copies_and_forged_ones_begin_between),
		cmocka_unit_test(t_forged_have_room),
		cmocka_unit_test(t_notes_tell_all_again),
		cmocka_unit_test(t_notes_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
