/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's source in the program: every function that has a frame is found, and what did something is marked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/source.h"
#include "view/view.h"

static const struct cmd_table *const tables[] = { &cmds_world, &cmds_call, &cmds_net, &cmds_time, &cmds_look,
						  &cmds_history, &cmds_file, NULL };

static void collect(void *ctx, const char *text)
{
	buf_puts(ctx, text);
	buf_putc(ctx, '\n');
}

/* What the lines print, one after the other. */
static void said(struct buf *b, const char *line)
{
	static struct session ss;
	struct err err;

	assert_int_equal(session_init(&ss, tables, (struct sink){ collect, b }, &err), ST_OK);
	if (session_line(&ss, line, strlen(line), &err) != ST_OK)
		buf_printf(b, "%s\n", err.message);
	session_release(&ss);
}

static bool is_marked(const struct buf *b, const char *part)
{
	const char *at = strstr(buf_str(b), part);

	assert_non_null(at);
	while (at > buf_str(b) && at[-1] != '\n')
		at--;
	return *at == '>';
}

/* Where the source opens a frame for a function, the body around it is what is listed. */
static void t_every_frame_is_found(void **state)
{
	u32 found = 0;

	(void)state;
	for (int fn = 1; fn < NR_FN; fn++) {
		const struct source_file *f;
		u32 first, last;
		struct buf sk = BUF_INIT, plain = BUF_INIT;
		bool opened = false;

		if (!source_find(fn_info[fn].name, &f, &first, &last))
			continue;
		buf_printf(&sk, "FN_SK(%s,", fn_info[fn].name);
		buf_printf(&plain, "FN(%s,", fn_info[fn].name);
		for (u32 i = first; i <= last; i++)
			opened = opened || strstr(f->line[i - 1], buf_str(&sk)) || strstr(f->line[i - 1], buf_str(&plain));
		found += opened;
		assert_true(first < last && f->line[last - 1][0] == '}');
		buf_release(&sk);
		buf_release(&plain);
	}
	assert_true(found > 250);
}

static void t_what_ran_is_marked(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	said(&b, "close A; list tcp_send_fin");
	assert_true(is_marked(&b, "FN_SK(tcp_send_fin"));
	assert_true(is_marked(&b, "DECIDE(fin_rides_on_data"));
	assert_false(is_marked(&b, "fin_joins(s, sk, skb);"));
	buf_clear(&b);
	/* nothing of it ran in the last step */
	said(&b, "close A; deliver; list tcp_send_fin");
	assert_false(is_marked(&b, "FN_SK(tcp_send_fin"));
	buf_clear(&b);
	said(&b, "close A; list");
	assert_non_null(strstr(buf_str(&b), "FN_SK(tcp_set_state"));
	buf_release(&b);
}

static void t_mistakes(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	said(&b, "list tcp_no_such_thing");
	said(&b, "list dnotify_flush");
	said(&b, "list");
	said(&b, "list tcp_close 3");
	assert_non_null(strstr(buf_str(&b), "there is no function `tcp_no_such_thing`"));
	assert_non_null(strstr(buf_str(&b), "dnotify_flush has no body here"));
	assert_non_null(strstr(buf_str(&b), "which function?"));
	assert_non_null(strstr(buf_str(&b), "one word too many"));
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_every_frame_is_found),
		cmocka_unit_test(t_what_ran_is_marked),
		cmocka_unit_test(t_mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
