/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The glossary's files: what is found under a name, and that the names of older write-ups are there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "lang/glossary.h"

static const char sample[] = "# Head\n\nWords before.\n\n## one, two\nFirst line\nsecond line.\n\nMore.\n## three\n## four\nlast";

static void finds(const char *text, const char *word, const char *expected)
{
	struct buf b = BUF_INIT;

	assert_true(glossary_find_in(text, word, &b));
	assert_string_equal(buf_str(&b), expected);
	buf_release(&b);
}

static void has_not(const char *text, const char *word)
{
	struct buf b = BUF_INIT;

	assert_false(glossary_find_in(text, word, &b));
	assert_int_equal(b.len, 0);
	buf_release(&b);
}

static void t_headings_and_texts(void **state)
{
	(void)state;
	finds(sample, "one", "First line second line. More.");
	finds(sample, "two", "First line second line. More.");
	finds(sample, "three", "");
	finds(sample, "four", "last");
	has_not(sample, "Head");
	has_not(sample, "on");
	has_not(sample, "one,");
	has_not(sample, "five");
	has_not("", "one");
	has_not("##", "");
	has_not("## ", "one");
	finds("## a", "a", "");
}

/* The names that older texts use, the wrong ones as well. */
static void t_names_of_older_texts(void **state)
{
	static const char *const names[] = { "fin_seq", "tcp_v4_unhash", "sock_wmalloc", "tcp_rcvmsg", "sock_destroy_inode",
					     "tcp_tw_schedule", "tcp_tw_bucket", "tcp_time_state_process" };
	struct buf text = BUF_INIT;

	(void)state;
	assert_int_equal(file_read("assets/glossary/write-ups.md", 1u << 20, &text, NULL), ST_OK);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf b = BUF_INIT;

		if (!glossary_find_in(buf_str(&text), names[i], &b) || b.len < 40)
			fail_msg("%s is not told about", names[i]);
		buf_release(&b);
	}
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_headings_and_texts),
		cmocka_unit_test(t_names_of_older_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
