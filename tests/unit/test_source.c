/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's source in the program: every function that has a frame is found, and what did something is marked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/callers.h"
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
	for (size_t i = 0; i < source_files_n; i++)
		assert_int_equal(strncmp(source_files[i].name, "src/engine/", 11), 0);
	/* of the first file, too, and nothing that ran elsewhere */
	said(&b, "send A 5; deliver; close B; list inet_release");
	assert_true(is_marked(&b, "LEAF(ip_mc_drop_socket"));
	assert_true(is_marked(&b, "sk_prot_close(s, sk, timeout)"));
	assert_false(is_marked(&b, "timeout = sk->sk_lingertime;"));
	assert_false(is_marked(&b, "int inet_release("));
	buf_clear(&b);
	said(&b, "close A; list tcp_send_fin");
	assert_true(is_marked(&b, "FN_SK(tcp_send_fin"));
	assert_true(is_marked(&b, "DECIDE(fin_rides_on_data"));
	assert_false(is_marked(&b, "fin_joins(s, sk, skb);"));
	assert_true(is_marked(&b, "__tcp_push_pending_frames(s, sk"));
	assert_false(is_marked(&b, "ADD(sk->snd_nxt, 1); /* as if"));
	buf_clear(&b);
	/* what is called, also through a helper without a frame */
	said(&b, "close A; list tcp_close_state");
	assert_true(is_marked(&b, "tcp_set_state(s, sk, new_state[old].next);"));
	buf_clear(&b);
	said(&b, "close A; list __tcp_close");
	assert_true(is_marked(&b, "close_first_half(s, sk)"));
	assert_true(is_marked(&b, "adjudge_to_death(s, sk)"));
	assert_false(is_marked(&b, "return SLEEPS"));
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

/* ---- callers ------------------------------------------------------------------------------------------------- */

static bool calls[NR_FN][NR_FN]; /* [callee][caller], as the source has it */

/* The functions that are open, by depth; and how many calls the source does not know. */
struct calls_seen {
	u16 open[256];
	u32 unknown;
	u32 n;
};

static void compare(void *ctx, const struct sim *s, const struct trec *r)
{
	struct calls_seen *seen = ctx;
	u16 caller;

	(void)s;
	if (r->type != TREC_ENTER)
		return;
	seen->open[r->depth] = r->id;
	caller = r->depth ? seen->open[r->depth - 1] : 0;
	if (!caller || (r->flags & TREC_RESUMED))
		return;
	seen->n++;
	/* tcp_congestion_ops has pointers to these two */
	if (r->id == FN_cubictcp_cong_avoid || r->id == FN_cubictcp_recalc_ssthresh)
		return;
	if (!calls[r->id][caller]) {
		print_message("%s is called by %s\n", fn_info[r->id].name, fn_info[caller].name);
		calls[r->id][caller] = true;
		seen->unknown++;
	}
}

/* Each call that a trace shows is one that the source shows. */
static void t_callers_are_known(void **state)
{
	static const char *const lines[] = {
		"send A 100; deliver all; recv B; close A; deliver all; tick 1ms; close B; run 2min",
		"scenario unread-data; close B; deliver all; recv A",
		"scenario closed; socket B; bind B :80; listen B; socket A; connect A B:80; deliver all; accept B; shutdown A wr; run 1s; close B; run 2min",
		"setsockopt A linger=5s; send A 5000; close A; run 10s",
		"setsockopt A linger=0; close A; deliver all",
		"send A 20000; drop A>B; run 5s; close A; drop A>B; run 10min",
		"scenario closed; socket A udp; bind A :53; socket B udp; connect B A:53; send B 10; deliver all; recv A; close A; close B",
	};
	struct calls_seen seen = { .n = 0 };
	const struct observer obs = { compare, &seen };
	struct buf b = BUF_INIT;

	(void)state;
	for (u16 fn = 1; fn < NR_FN; fn++)
		callers_find(fn, calls[fn]);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		static struct session ss;
		struct err err = { .line = 0 };

		assert_int_equal(session_init(&ss, tables, (struct sink){ collect, &b }, &err), ST_OK);
		if (session_line(&ss, lines[i], strlen(lines[i]), &err) != ST_OK)
			fail_msg("%s: %s", lines[i], err.message);
		assert_int_equal(session_replay(&ss, tape_scenario_start(ss.tape, tape_now(ss.tape)), &obs, &err), ST_OK);
		session_release(&ss);
	}
	buf_release(&b);
	assert_true(seen.n > 1000);
	assert_int_equal(seen.unknown, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_callers_are_known),
		cmocka_unit_test(t_every_frame_is_found),
		cmocka_unit_test(t_what_ran_is_marked),
		cmocka_unit_test(t_mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
