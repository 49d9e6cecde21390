/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Demos on a screen without a terminal: forwards, backwards, by chapters, with the prompt handed over, with mistakes.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "lesson/play.h"
#include "screen.h"

static struct demo_player player;

static const char small[] = "title \"Small\"\n"
			    "# nobody sees this\n"
			    "chapter \"One\"\n"
			    "note \"breathe\"\n"
			    "say \"first\"\n"
			    "close A\n"
			    "highlight A.sk_shutdown\n"
			    "say \"second\"\n"
			    "chapter \"Two\"\n"
			    "hide\n"
			    "say \"never seen\"\n"
			    "deliver\n"
			    "unhide\n"
			    "ask \"FIN or RST?\" fin \"a RST\"\n"
			    "close B\n"
			    "expect wire.last.fin\n"
			    "pause\n"
			    "layout diagram\n"
			    "prompt\n"
			    "deliver all\n"
			    "pause 2s\n"
			    "say \"last\"\n";

static struct screen *begin(const char *text)
{
	struct screen *s = screen_new(110, 34);
	struct err err;

	if (play_begin(&player, &s->ss, "small.fw", text, strlen(text), &err) != ST_OK)
		fail_msg("%s", err.message);
	s->v.player = &player;
	return s;
}

static void end(struct screen *s)
{
	play_release(&player);
	screen_free(s);
}

/* Until it waits for somebody, however long that takes on the demo's own clock. Returns how long it was. */
static u64 settle(struct screen *s)
{
	u64 us = 0;

	while (view_play(&s->v) || view_moves(&s->v)) {
		draw(s);
		if (view_moves(&s->v)) {
			view_tick(&s->v, 33333);
			us += 33333;
		}
		assert_true(us < 60 * 1000000);
	}
	draw(s);
	return us;
}

static void press(struct screen *s, enum play_key key, u32 n)
{
	view_play_key(&s->v, key, n);
	settle(s);
}

static u64 hash_now(const struct screen *s)
{
	return tape_moment(s->ss.tape, tape_now(s->ss.tape))->hash;
}

static void t_from_stop_to_stop(void **state)
{
	struct screen *s = begin(small);

	(void)state;
	assert_int_equal(player.chapters, 2);
	assert_int_equal(player.claims, 1);
	assert_int_equal(player.all_stops, 6);
	settle(s);
	shows(s, "1/2  One");
	shows(s, "first");
	shows(s, "1/6");
	shows(s, "space on");
	assert_string_equal(player.stage.note, "breathe");
	/* what happens is shown with what was said before; then comes the next word */
	view_play_key(&s->v, PLAY_ON, 0);
	assert_true(view_play(&s->v));
	draw(s);
	assert_true(view_moves(&s->v));
	shows(s, "first");
	settle(s);
	shows(s, "second");
	shows(s, "A.sk_shutdown is RCV|SEND");
	assert_true(is_marked(s, "sk_shutdown"));
	assert_null(player.stage.note);
	shows(s, "FIN_WAIT1");
	press(s, PLAY_ON, 0);
	shows(s, "2/2  Two");
	shows(s, "FIN or RST?");
	shows(s, "1 fin     2 a RST");
	shows_not(s, "never seen");
	shows(s, "CLOSE_WAIT");
	view_pick(&s->v, 2);
	draw(s);
	shows(s, "\xe2\x96\xb8 2 a RST");
	view_pick(&s->v, 3);
	assert_int_equal(player.stage.picked, 2);
	press(s, PLAY_ON, 0);
	shows(s, "LAST_ACK");
	shows(s, "4/6");
	end(s);
}

static void t_going_back_is_a_state(void **state)
{
	struct screen *s = begin(small);
	u64 hash[6];
	u32 moments;

	(void)state;
	settle(s);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(player.here, i);
		hash[i] = hash_now(s);
		if (player.live)
			type(s, "continue");
		else
			view_play_key(&s->v, PLAY_ON, 0);
		settle(s);
	}
	shows(s, "This is the end");
	moments = tape_moment_count(s->ss.tape);
	for (size_t i = 5; i-- > 0;) {
		press(s, PLAY_BACK, 0);
		assert_int_equal(player.here, i);
		assert_true(hash_now(s) == hash[i]);
	}
	shows(s, "first");
	shows_not(s, "states");
	press(s, PLAY_BACK, 0);
	assert_int_equal(player.here, 0);
	/* forwards again nothing runs twice */
	for (size_t i = 1; i < 6; i++) {
		press(s, PLAY_ON, 0);
		assert_true(hash_now(s) == hash[i]);
	}
	assert_int_equal(tape_moment_count(s->ss.tape), moments);
	press(s, PLAY_BACK, 0);
	/* the layout that stood there stands there again */
	shows(s, "states");
	press(s, PLAY_GOTO, 2);
	shows(s, "second");
	assert_true(hash_now(s) == hash[1]);
	press(s, PLAY_GOTO, 99);
	assert_true(hash_now(s) == hash[1]);
	end(s);
}

static void t_back_on_the_way(void **state)
{
	struct screen *s = begin(small);

	(void)state;
	settle(s);
	view_play_key(&s->v, PLAY_ON, 0);
	view_play(&s->v);
	assert_true(view_moves(&s->v));
	press(s, PLAY_BACK, 0);
	shows(s, "first");
	assert_int_equal(player.here, 0);
	assert_int_equal(tape_now(s->ss.tape), 0);
	end(s);
}

static void t_chapters_and_stops_ahead(void **state)
{
	struct screen *s = begin(small);

	(void)state;
	settle(s);
	press(s, PLAY_CHAPTER_ON, 0);
	shows(s, "2/2  Two");
	shows(s, "FIN or RST?");
	press(s, PLAY_CHAPTER_ON, 0);
	shows(s, "FIN or RST?");
	press(s, PLAY_ON, 0);
	press(s, PLAY_CHAPTER_BACK, 0);
	shows(s, "FIN or RST?");
	press(s, PLAY_CHAPTER_BACK, 0);
	shows(s, "first");
	press(s, PLAY_GOTO, 6);
	shows(s, "last");
	press(s, PLAY_GOTO, 0);
	shows(s, "last");
	/* stops that were passed on the way look as they would have looked */
	press(s, PLAY_BACK, 0);
	assert_int_equal(player.here, 4);
	shows(s, "states");
	press(s, PLAY_BACK, 0);
	shows(s, "calls");
	shows_not(s, "states");
	end(s);
}

static void t_the_prompt_is_handed_over(void **state)
{
	struct screen *s = begin(small);
	u64 hash;

	(void)state;
	settle(s);
	type(s, "continue");
	shows(s, "there is nothing to go on with");
	/* out of turn: back to where it was taken */
	press(s, PLAY_ON, 0);
	hash = hash_now(s);
	press(s, PLAY_LIVE, 0);
	assert_true(player.live);
	shows_not(s, "space on");
	type(s, "deliver; close B");
	assert_true(hash_now(s) != hash);
	assert_false(view_play(&s->v));
	type(s, "continue");
	assert_true(hash_now(s) == hash);
	assert_int_equal(player.here, 1);
	assert_false(player.live);
	/* asked for by the demo: it goes on */
	press(s, PLAY_GOTO, 5);
	assert_true(player.live);
	type(s, "run 1s");
	type(s, "continue");
	assert_true(settle(s) > 2000000); /* the timed pause */
	shows(s, "last");
	end(s);
}

static void t_pace(void **state)
{
	struct screen *s = begin("pause 4s\nsay \"x\"");

	(void)state;
	assert_true(settle(s) >= 4000000);
	end(s);
	s = begin("pause 4s\nsay \"x\"");
	view_play_key(&s->v, PLAY_FASTER, 0);
	assert_true(settle(s) < 2100000);
	end(s);
	s = begin("pause 4s\nsay \"x\"");
	view_play(&s->v);
	press(s, PLAY_ON, 0);
	shows(s, "x");
	end(s);
}

static void t_highlights(void **state)
{
	static const char *const points[][2] = {
		{ "A.state", "FIN_WAIT1" },
		{ "A.sk_shutdown", "sk_shutdown" },
		{ "A.snd_una", "una" },
		{ "A.snd_nxt", "nxt" },
		{ "A.tcp_rtx_queue.len", "rtx" },
		{ "A.timer.retransmit", "retransmit" },
		{ "B.receive_queue.len", "receive" },
		{ "B.rcv_nxt", "rcv_nxt" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(points); i++) {
		struct buf text = BUF_INIT;
		struct screen *s;

		/* a command that changes nothing comes last, or its changes would be marked as well */
		buf_printf(&text, "send A 10\nclose A\ndrop\nhighlight %s\npause\n", points[i][0]);
		s = begin(buf_str(&text));
		settle(s);
		if (!is_marked(s, points[i][1]))
			fail_msg("not marked: %s\n%s", points[i][1], buf_str(&s->text));
		shows(s, points[i][0]);
		player.stage.highlight = NULL;
		draw(s);
		if (is_marked(s, points[i][1]))
			fail_msg("marked by something else: %s\n%s", points[i][1], buf_str(&s->text));
		end(s);
		buf_release(&text);
	}
}

/* ---- mistakes --------------------------------------------------------------------------------------------------- */

static void refuses(const char *text, enum status want, u32 line, const char *message)
{
	struct screen *s = screen_new(110, 34);
	struct err err = { .line = 0 };

	assert_int_equal(play_begin(&player, &s->ss, "x.fw", text, strlen(text), &err), want);
	if (!strstr(err.message, message))
		fail_msg("not said: %s: %s", message, err.message);
	if (line) {
		assert_int_equal(err.line, line);
		assert_string_equal(err.file, "x.fw");
	}
	/* the session has not begun it */
	assert_null(s->ss.demo);
	assert_int_equal(tape_moment_count(s->ss.tape), 1);
	end(s);
}

static void t_mistakes(void **state)
{
	(void)state;
	refuses("", ST_WRONG, 0, "there is nothing in it");
	refuses("say \"a\"\nclose A\nexpect B.state == CLOSE\n", ST_FAILED, 3, "it does not hold");
	refuses("say \"a\"\n\nclse A\n", ST_WRONG, 3, "did you mean `close`");
	refuses("cl A\n", ST_WRONG, 1, "a script says the full word");
	refuses("say\n", ST_WRONG, 1, "the text is missing");
	refuses("say \"a\" b\n", ST_WRONG, 1, "one word too many");
	refuses("ask \"a\"\n", ST_WRONG, 1, "two choices at least");
	refuses("ask \"a\" 1 2 3 4 5 6 7 8 9 10\n", ST_WRONG, 1, "one word too many");
	refuses("pause 5\n", ST_WRONG, 1, "has no unit");
	refuses("highlight A.sk_shutdwn\n", ST_WRONG, 1, "sk_shutdown");
	refuses("layout wide\n", ST_WRONG, 1, "standard");
	refuses("view nothing\n", ST_WRONG, 1, "there is no pane");
	refuses("continue\n", ST_WRONG, 1, "nothing to go on with");
	refuses("until A.state == CLOSE 1s\n", ST_FAILED, 1, "A.state == CLOSE");
}

static void t_quit_is_an_end(void **state)
{
	struct screen *s = begin("say \"a\"\nquit\nsay \"b\"");

	(void)state;
	settle(s);
	press(s, PLAY_ON, 0);
	assert_true(player.ended);
	assert_string_equal(player.stage.said, "a");
	end(s);
}

/* ---- recording -------------------------------------------------------------------------------------------------- */

static void t_all_of_it(void **state)
{
	struct screen *s = begin(small);
	struct err err;

	(void)state;
	assert_int_equal(view_play_all(&s->v, &err), ST_OK);
	draw(s);
	shows(s, "last");
	assert_true(player.ended);
	assert_int_equal(player.stops, 6);
	end(s);
}

/* A recording that begins in a chapter, goes on to the next and back again has three markers. */
static void t_markers(void **state)
{
	struct screen *s = begin(small);
	char folder[] = "/tmp/play.XXXXXX";
	struct buf path = BUF_INIT, text = BUF_INIT;
	const char *at;
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(folder));
	buf_printf(&path, "%s/x.cast", folder);
	settle(s);
	assert_int_equal(view_begin_recording(&s->v, buf_str(&path), 2, &err), ST_OK);
	press(s, PLAY_ON, 0);
	press(s, PLAY_ON, 0);
	assert_int_equal(player.stage.chapter_number, 2);
	press(s, PLAY_BACK, 0);
	assert_int_equal(view_end_recording(&s->v, &err), ST_OK);
	assert_int_equal(file_read(buf_str(&path), FILE_LIMIT, &text, &err), ST_OK);
	at = strstr(buf_str(&text), "\"m\", \"One\"");
	at = at ? strstr(at, "\"m\", \"Two\"") : NULL;
	assert_non_null(at);
	assert_non_null(strstr(at, "\"m\", \"One\""));
	unlink(buf_str(&path));
	rmdir(folder);
	buf_release(&path);
	buf_release(&text);
	end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_from_stop_to_stop),	      cmocka_unit_test(t_going_back_is_a_state),
		cmocka_unit_test(t_back_on_the_way),	      cmocka_unit_test(t_chapters_and_stops_ahead),
		cmocka_unit_test(t_the_prompt_is_handed_over), cmocka_unit_test(t_pace),
		cmocka_unit_test(t_mistakes),		      cmocka_unit_test(t_quit_is_an_end),
		cmocka_unit_test(t_highlights),
		cmocka_unit_test(t_all_of_it),		      cmocka_unit_test(t_markers),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
