/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines into commands and words; numbers, durations, names that are near. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/lex.h"

/* Reads a line and compares: words in [], commands separated by |. */
static void reads(const char *line, const char *expected)
{
	struct lexer lx;
	struct command c = { .n = 0 };
	struct buf got = BUF_INIT;
	struct err err = { 0 };

	assert_int_equal(lexer_init(&lx, line, strlen(line), &err), ST_OK);
	while (!lx.done) {
		assert_int_equal(lex_command(&lx, &c, &err), ST_OK);
		for (u32 i = 0; i < c.n; i++)
			buf_printf(&got, "[%s]", command_word(&c, i));
		if (!lx.done)
			buf_putc(&got, '|');
	}
	assert_string_equal(buf_str(&got), expected);
	command_release(&c);
	buf_release(&got);
}

static void refuses(const char *line, size_t len, const char *message)
{
	struct lexer lx;
	struct command c = { .n = 0 };
	struct err err = { 0 };
	enum status st = lexer_init(&lx, line, len, &err);

	while (st == ST_OK && !lx.done)
		st = lex_command(&lx, &c, &err);
	assert_int_equal(st, ST_WRONG);
	assert_non_null(strstr(err.message, message));
	command_release(&c);
}

static void test_words(void **state)
{
	(void)state;
	reads("", "");
	reads("   \t ", "");
	reads("close A", "[close][A]");
	reads("  close\tA  ", "[close][A]");
	reads("close A; deliver ;tick 5s", "[close][A]|[deliver]|[tick][5s]");
	reads(";;", "|");
	reads("send A \"a b;c\" more", "[send][A][a b;c][more]");
	reads("send A \"\\\"\\\\\\n\"", "[send][A][\"\\\n]");
	reads("say \"\"", "[say][]");
	reads("x=\"a b\"c", "[x=a bc]");
	reads("close A\r\n", "[close][A]");
	reads("say \"h\xc3\xa9\"", "[say][h\xc3\xa9]");
	reads("say \"\\11a\\0111\\1777\"", "[say][\ta\t1\x7f""7]");
}

static void test_comments(void **state)
{
	(void)state;
	reads("# all of it", "");
	reads("close A # the rest; deliver", "[close][A]");
	reads("drop #7", "[drop][#7]");
	reads("drop #7 #the rest", "[drop][#7]");
	reads("close A#", "[close][A]");
	reads("say \"# no comment\"", "[say][# no comment]");
}

static void test_what_is_refused(void **state)
{
	char *longest = malloc(LINE_LIMIT + 1);

	(void)state;
	assert_non_null(longest);
	memset(longest, 'x', LINE_LIMIT + 1);
	refuses(longest, LINE_LIMIT + 1, "too long");
	free(longest);
	refuses("a\0b", 3, "no text");
	refuses("a\x01", 2, "no text");
	refuses("a\xff", 2, "no text");
	refuses("a\xc3", 2, "no text");
	refuses("say \"open", 9, "not closed");
	refuses("say \"a\\x\"", 9, "after \\");
	refuses("say \"a\\", 7, "after \\");
	refuses("say \"\\0\"", 8, "after \\");
	refuses("say \"\\200\"", 10, "after \\");
	refuses("a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a "
		"a a a a a a a a",
		129, "more than 64 words");
}

static void duration(const char *text, u64 expected)
{
	u64 us = 0;
	struct buf b = BUF_INIT;
	u64 again = 0;

	assert_int_equal(parse_duration(text, &us, NULL), ST_OK);
	assert_int_equal(us, expected);
	add_duration(&b, us);
	assert_int_equal(parse_duration(buf_str(&b), &again, NULL), ST_OK);
	assert_int_equal(again, expected);
	buf_release(&b);
}

static void test_durations(void **state)
{
	struct err err = { 0 };
	u64 us;

	(void)state;
	duration("200ms", 200000);
	duration("1.5s", 1500000);
	duration("60s", 60000000);
	duration("2min", 120000000);
	duration("2h", 7200000000);
	duration("3us", 3);
	duration("0", 0);
	duration("0s", 0);
	duration("0.000001s", 1);
	assert_int_equal(parse_duration("200", &us, &err), ST_WRONG);
	assert_non_null(strstr(err.message, "200s or 200ms"));
	assert_int_equal(parse_duration("1.5", &us, NULL), ST_WRONG);
	assert_int_equal(parse_duration("-1s", &us, NULL), ST_WRONG);
	assert_int_equal(parse_duration("s", &us, NULL), ST_WRONG);
	assert_int_equal(parse_duration("1.s", &us, NULL), ST_WRONG);
	assert_int_equal(parse_duration("1sec", &us, NULL), ST_WRONG);
	assert_int_equal(parse_duration("0.5us", &us, NULL), ST_WRONG);
	assert_int_equal(parse_duration("99999999999999999999s", &us, NULL), ST_WRONG);
	assert_int_equal(parse_duration("18446744073709551615s", &us, NULL), ST_WRONG);
}

static void test_numbers(void **state)
{
	s64 n;
	u64 bytes;

	(void)state;
	assert_true(parse_number("-12", &n) && n == -12);
	assert_true(parse_number("0", &n) && n == 0);
	assert_false(parse_number("", &n));
	assert_false(parse_number("-", &n));
	assert_false(parse_number("1x", &n));
	assert_false(parse_number("99999999999999999999", &n));
	assert_true(parse_bytes("4KiB", &bytes, NULL) == ST_OK && bytes == 4096);
	assert_true(parse_bytes("10", &bytes, NULL) == ST_OK && bytes == 10);
	assert_int_equal(parse_bytes("4KB", &bytes, NULL), ST_WRONG);
	assert_int_equal(parse_bytes("KiB", &bytes, NULL), ST_WRONG);
	assert_int_equal(parse_bytes("9GiB", &bytes, NULL), ST_WRONG);
	assert_int_equal(parse_bytes("-1", &bytes, NULL), ST_WRONG);
}

static const char *near(const char *wanted, const char *a, const char *b)
{
	struct nearest n;

	nearest_init(&n, wanted);
	nearest_try(&n, a);
	nearest_try(&n, b);
	return n.name;
}

static void test_nearest(void **state)
{
	(void)state;
	assert_string_equal(near("clsoe", "close", "connect"), "close");
	assert_string_equal(near("sk_shutdwon", "sk_state", "sk_shutdown"), "sk_shutdown");
	assert_string_equal(near("TIMEWAIT", "TIME_WAIT", "LAST_ACK"), "TIME_WAIT");
	assert_string_equal(near("snd", "snd_una", "rcv_nxt"), "snd_una");
	assert_null(near("xyzzy", "close", "connect"));
	assert_null(near("", "close", "connect"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),	  cmocka_unit_test(test_comments), cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_durations), cmocka_unit_test(test_numbers),  cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
