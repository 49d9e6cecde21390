/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Motion: what a command did, beat by beat. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "screen.h"

static void pass(struct screen *s, u64 ms)
{
	director_tick(&s->v.director, s->ss.tape, ms * 1000);
	draw(s);
}

static void play(struct screen *s, const char *line)
{
	view_line(&s->v, line, strlen(line));
	draw(s);
}

static u8 beat_kind(const struct screen *s)
{
	const struct beat *b = director_beat(&s->v.director);

	return b ? b->kind : BEAT_PAUSE;
}

/* Plays on until a beat of that kind is shown, or none is left. */
static bool plays_to(struct screen *s, enum beat_kind kind)
{
	while (director_plays(&s->v.director) && beat_kind(s) != kind)
		pass(s, 10);
	return director_plays(&s->v.director);
}

static bool can_be_read(struct screen *s, const char *text)
{
	return column_of(s, text) >= 0;
}

/* What a call does is seen in the order in which it does it. */
static void t_motion_of_a_call(void **state)
{
	static const char *const steps[] = { "\xe2\x96\xa0 RCV", "ESTABLISHED \xe2\x96\xb8 FIN_WAIT1",
					     "write    \xe2\x96\x93", "#4 F. 1:1(0) ack 1", "rtx      \xe2\x96\x93",
					     "LOSS_PROBE", "orphan (SOCK_DEAD)" };
	struct screen *s = screen_new(120, 40);
	int seen[ARRAY_LEN(steps)] = { 0 };
	int turn = 0;

	(void)state;
	play(s, "close A");
	assert_true(director_plays(&s->v.director));
	shows(s, "calls");
	for (; director_plays(&s->v.director); pass(s, 10), turn++)
		for (size_t i = 0; i < ARRAY_LEN(steps); i++)
			if (!seen[i] && can_be_read(s, steps[i]))
				seen[i] = turn;
	for (size_t i = 0; i + 1 < ARRAY_LEN(steps); i++)
		if (!seen[i] || (seen[i + 1] && seen[i] > seen[i + 1]))
			fail_msg("%s at %d, %s at %d", steps[i], seen[i], steps[i + 1], seen[i + 1]);
	shows(s, "orphan (SOCK_DEAD)");
	/* the function that runs is named, and the calls are those that have run */
	play(s, "undo");
	play(s, "close A");
	shows_not(s, "tcp_send_fin");
	while (!can_be_read(s, "calls \xe2\x96\xb8 __tcp_close"))
		pass(s, 10);
	assert_true(director_plays(&s->v.director));
	screen_free(s);
}

static void t_motion_of_segments(void **state)
{
	struct screen *s = screen_new(120, 36);
	int begin, half;

	(void)state;
	play(s, "close A");
	assert_true(plays_to(s, BEAT_LEAVE));
	shows_not(s, "#4 F. 1:1(0) ack 1"); /* its head comes out first */
	director_finish(&s->v.director);
	/* the segment travels from A to B, and arrives when it is there */
	play(s, "deliver");
	assert_int_equal(beat_kind(s), BEAT_TRAVEL);
	begin = column_of(s, "#4 F. 1:1(0)");
	shows_not(s, "CLOSE_WAIT");
	pass(s, 110);
	half = column_of(s, "#4 F. 1:1(0)");
	assert_true(begin > 0 && half > begin);
	shows_not(s, "CLOSE_WAIT");
	while (director_plays(&s->v.director))
		pass(s, 30);
	shows(s, "ESTABLISHED \xe2\x96\xb8 CLOSE_WAIT");
	shows(s, "nothing is in flight");
	/* the other way, and one that breaks on its way */
	play(s, "tick 40ms");
	pass(s, 3000);
	play(s, "duplicate");
	assert_true(plays_to(s, BEAT_FORK));
	shows(s, "copy of #5");
	pass(s, 3000);
	play(s, "drop #5");
	assert_int_equal(beat_kind(s), BEAT_BREAK);
	begin = column_of(s, "#5 . 1:1(0)");
	pass(s, 200);
	half = column_of(s, "#5 . 1:1(0)");
	assert_true(half > 0 && half < begin);
	pass(s, 100);
	shows(s, "\xe2\x9c\x95");
	director_finish(&s->v.director);
	draw(s);
	shows_not(s, "\xe2\x97\x80 #5");
	/* what travels by itself travels here, too; time goes by meanwhile */
	play(s, "scenario established; net auto delay=20ms; send A 10");
	director_finish(&s->v.director);
	play(s, "send B 10; tick 20ms");
	assert_true(plays_to(s, BEAT_TRAVEL));
	pass(s, 50);
	assert_true(s->v.director.stage->now > s->v.director.begin && s->v.director.stage->now < s->v.director.end);
	screen_free(s);
}

/* Where the wire is one line a segment comes out as well, where it will stand; what waits there stays where it is. */
static void t_motion_of_one_line(void **state)
{
	struct screen *s = screen_new(80, 24);
	int before;

	(void)state;
	play(s, "send A 10");
	assert_true(plays_to(s, BEAT_LEAVE));
	shows_not(s, "#4 P. 1:11(10)");
	pass(s, 110);
	shows_not(s, "#4 P.");
	shows(s, "ack 1 \xe2\x96\xb6"); /* its head */
	pass(s, 3000);
	before = column_of(s, "#4 P. 1:11(10)");
	assert_true(before > 0);
	play(s, "send B 5");
	assert_true(plays_to(s, BEAT_LEAVE));
	assert_int_equal(column_of(s, "#4 P. 1:11(10)"), before);
	shows_not(s, "\xe2\x97\x80 #5");
	pass(s, 110);
	assert_true(column_of(s, "\xe2\x97\x80 #5") > before);
	shows_not(s, "#5 P. 1:6(5)");
	pass(s, 3000);
	shows(s, "#5 P. 1:6(5)");
	screen_free(s);
}

/* A title has a port at every beat, be it none. */
static void t_titles_in_motion(void **state)
{
	struct screen *s = screen_new(120, 36);
	bool none = false;

	(void)state;
	play(s, "scenario syn-sent");
	play(s, "close B; deliver all");
	for (; director_plays(&s->v.director); pass(s, 5)) {
		shows_not(s, "A 10.0.0.1 ");
		none = none || can_be_read(s, "A 10.0.0.1:* ");
	}
	assert_true(none);
	shows(s, "A 0.0.0.0:* ");
	screen_free(s);
}

/* When A's retransmission timer expires, in the world on the stage. */
static u64 stage_timer(const struct screen *s)
{
	struct conn c = conn_by_num(s->v.director.stage, 0, s->v.director.stage->host[0].main_num);

	return conn_timer(&c, TMR_RETRANSMIT);
}

/* Of several commands in a line, what they change is seen against what was before all of them. */
static void t_motion_of_a_line(void **state)
{
	struct screen *s = screen_new(120, 36);

	(void)state;
	play(s, "close A; deliver; tick 40ms; deliver; close B; deliver all");
	for (; director_plays(&s->v.director); pass(s, 20)) {
		shows_not(s, "TIME_WAIT \xe2\x96\xb8");
		shows_not(s, "CLOSE \xe2\x96\xb8");
	}
	shows(s, "ESTABLISHED \xe2\x96\xb8 TIME_WAIT");
	/* a step back is a command's */
	assert_true(view_step(&s->v, -1, false));
	draw(s);
	shows(s, "CLOSE_WAIT \xe2\x96\xb8 LAST_ACK");
	play(s, "undo");
	shows_not(s, "LAST_ACK");
	screen_free(s);
}

/* Timers shrink as the clock runs; how far it goes is told. */
static void t_motion_of_the_clock(void **state)
{
	struct screen *s = screen_new(120, 36);
	u64 left;

	(void)state;
	type(s, "send A 10");
	play(s, "tick 100ms");
	assert_int_equal(beat_kind(s), BEAT_CLOCK);
	pass(s, 150);
	assert_int_equal(beat_kind(s), BEAT_CLOCK);
	left = stage_timer(s) -
	       s->v.director.stage->now;
	assert_in_range(left, 102000, 200000);
	shows(s, "(+100ms)");
	shows_not(s, " 201ms LOSS_PROBE");
	shows_not(s, " 101ms LOSS_PROBE");
	while (director_plays(&s->v.director))
		pass(s, 30);
	shows(s, " 101ms LOSS_PROBE");
	shows_not(s, "(+100ms)");
	screen_free(s);
}

static void play_out(struct screen *s)
{
	while (director_plays(&s->v.director))
		pass(s, 30);
}

/* When it is over, nobody having touched a key, every pane is where the world is. */
static void t_motion_ends(void **state)
{
	struct screen *s = screen_new(120, 36);

	(void)state;
	play(s, "close A");
	play_out(s);
	shows(s, "in flight");
	shows(s, "sys_close");
	play(s, "drop");
	play_out(s);
	shows(s, "dropped");
	shows(s, "lost: #4 A > B");
	type(s, "set motion=reduced");
	play(s, "scenario established");
	play(s, "close A; deliver");
	play_out(s);
	shows(s, "ip_rcv");
	shows_not(s, "|  in flight");
	screen_free(s);
}

/* In every beat the ladder has on the wire what the wire has; head and timeline are at the command that is played. */
static void t_motion_is_of_one_moment(void **state)
{
	struct screen *s = screen_new(120, 36);

	(void)state;
	play(s, "close A; deliver; close B");
	for (; director_plays(&s->v.director); pass(s, 20)) {
		const bool on_wire = !can_be_read(s, "nothing is in flight");

		if (can_be_read(s, "|  in flight") != on_wire && beat_kind(s) != BEAT_LEAVE)
			fail_msg("the ladder and the wire differ\n%s", buf_str(&s->text));
		if (s->v.director.at == 0)
			shows(s, "point 1/3");
		else if (s->v.director.at == 1)
			shows(s, "point 2/3");
	}
	shows(s, "point 3/3");
	screen_free(s);
}

/* However many fly, the one that the motion is about is seen; where there is one row, the others are counted. */
static void t_motion_is_seen(void **state)
{
	struct screen *s = screen_new(110, 20);

	(void)state;
	type(s, "send A 20000");
	play(s, "deliver #10");
	assert_int_equal(beat_kind(s), BEAT_TRAVEL);
	shows(s, "#10 ");
	screen_free(s);
	s = screen_new(80, 24);
	type(s, "send A 4000");
	play(s, "deliver");
	assert_int_equal(beat_kind(s), BEAT_TRAVEL);
	shows(s, "and 2 more  manual");
	screen_free(s);
}

/* A bar is measured by what there was when its timer was armed, whoever saw that. */
static void t_bars_of_timers(void **state)
{
	struct screen *s = screen_new(120, 36);

	(void)state;
	type(s, "close A; deliver; tick 100ms");
	shows(s, "retransmit \xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x91");
	assert_true(view_step(&s->v, -1, false));
	draw(s);
	shows_not(s, "\xe2\x96\x91 201ms");
	/* that it was armed is marked, that it still runs is not */
	type(s, "scenario established");
	type(s, "close A");
	assert_true(is_marked(s, "retransmit"));
	type(s, "tick 10ms");
	assert_false(is_marked(s, "retransmit"));
	screen_free(s);
}

static void t_motion_is_a_choice(void **state)
{
	struct screen *s = screen_new(120, 36);

	(void)state;
	play(s, "close A");
	director_finish(&s->v.director);
	/* however much happens, it does not take long */
	play(s, "run");
	assert_true(director_plays(&s->v.director));
	pass(s, 2600);
	pass(s, 100);
	assert_false(director_plays(&s->v.director));
	/* going back shows at once; so does everything with motion off */
	assert_true(view_step(&s->v, -1, false));
	assert_false(director_plays(&s->v.director));
	play(s, "scenario established; net manual");
	play(s, "speed off");
	play(s, "send B 10");
	assert_false(director_plays(&s->v.director));
	play(s, "speed 2x");
	play(s, "set motion=reduced");
	play(s, "deliver");
	assert_true(director_plays(&s->v.director));
	assert_int_equal(beat_kind(s), BEAT_PAUSE);
	play(s, "speed fast");
	shows(s, "how fast? 1x, 2x");
	screen_free(s);
}

/* Every world in the midst of a moment can be drawn, in every pane. */
static void every_scenario(u16 cols, u16 rows)
{
	static const char *const lines[] = {
		"send A 100; deliver; close A; deliver all; tick 40ms; deliver all; close B; deliver all",
		"run", "tick 60s", "close B; deliver all", "setsockopt A linger=0; close A; deliver", "shutdown A RDWR; run", "exit B",
		"connect A; deliver all", "kill A", "recv B; run",
	};
	static const enum pane_id panes[] = { PANE_CALLS, PANE_LADDER, PANE_STATES, PANE_WHY, PANE_NSTAT, PANE_TOOLS };
	struct screen *s = screen_new(cols, rows);

	for (size_t i = 0; i < NR_SCENARIOS; i++)
		for (size_t k = 0; k < ARRAY_LEN(lines); k++) {
			struct buf b = BUF_INIT;

			buf_printf(&b, "scenario %s", scenario_info[i].name);
			play(s, buf_str(&b));
			buf_release(&b);
			director_finish(&s->v.director);
			view_show(&s->v, panes[(i + k) % ARRAY_LEN(panes)]);
			play(s, lines[k]);
			while (director_plays(&s->v.director))
				pass(s, 20);
			shows_not(s, "came out differently");
		}
	screen_free(s);
}

static void t_motion_in_every_scenario(void **state)
{
	(void)state;
	every_scenario(80, 24);
	/* a minisocket has no box around it here */
	every_scenario(60, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_motion_of_a_call),	 cmocka_unit_test(t_motion_of_segments),
		cmocka_unit_test(t_motion_of_one_line),	 cmocka_unit_test(t_titles_in_motion),
		cmocka_unit_test(t_motion_of_a_line),	 cmocka_unit_test(t_motion_ends),
		cmocka_unit_test(t_motion_is_of_one_moment), cmocka_unit_test(t_motion_is_seen),
		cmocka_unit_test(t_bars_of_timers),
		cmocka_unit_test(t_motion_of_the_clock), cmocka_unit_test(t_motion_is_a_choice),
		cmocka_unit_test(t_motion_in_every_scenario),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
