/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expressions over worlds that a session was brought to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/complete.h"
#include "lang/session.h"

static const struct cmd_table *const tables[] = {
	&cmds_world, &cmds_call, &cmds_net, &cmds_time, &cmds_look, &cmds_history, &cmds_file, NULL,
};

static void ignore(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
}

static struct session ss;

static void begin(const char *commands)
{
	struct err err = { 0 };

	assert_int_equal(session_init(&ss, tables, (struct sink){ .line = ignore }, &err), ST_OK);
	if (session_line(&ss, commands, strlen(commands), &err) != ST_OK)
		fail_msg("%s: %s", commands, err.message);
}

/* The value; fails the test when the text is no expression as a whole. */
static struct value value_of(const char *text)
{
	struct err err = { 0 };
	size_t used = 0;
	struct expr *e = expr_parse(text, &ss.focus, &used, &err);
	struct expr_env env = session_env(&ss);
	struct value v;

	if (!e)
		fail_msg("%s: %s", text, err.message);
	assert_int_equal(used, strlen(text));
	v = expr_eval(e, &env);
	expr_free(e);
	return v;
}

static void holds(const char *text)
{
	struct value v = value_of(text);

	if (!value_true(&v))
		fail_msg("%s does not hold", text);
}

static void fails(const char *text)
{
	struct value v = value_of(text);

	if (value_true(&v))
		fail_msg("%s holds", text);
}

static void refused(const char *text, const char *message)
{
	struct err err = { 0 };
	size_t used;
	struct expr *e = expr_parse(text, &ss.focus, &used, &err);

	assert_null(e);
	assert_true(err.column > 0);
	if (!strstr(err.message, message))
		fail_msg("%s: %s", text, err.message);
}

static void test_precedence(void **state)
{
	(void)state;
	begin("");
	holds("1 + 2 == 3");
	holds("1 + 2 - 3 == 0");
	holds("10 - 3 - 2 == 5");
	holds("- 1 == 0 - 1");
	holds("--1 == 1");
	holds("!0 && !!1");
	holds("1 || 0 && 0");
	fails("(1 || 0) && 0");
	holds("1 < 2 == 1");
	holds("3 & 1 == 1");
	holds("(6 & 3) == 2");
	fails("6 & 3 == 2");
	holds("4 | 1 & 0");
	holds("0x10 == 16");
	holds("4KiB == 4096");
	session_release(&ss);
}

static void test_fields(void **state)
{
	(void)state;
	begin("close A");
	holds("A.state == FIN_WAIT1 && A.state == TCP_FIN_WAIT1 && B.state == ESTABLISHED");
	holds("A.sk_shutdown & RCV_SHUTDOWN");
	holds("A.shutdown == SHUTDOWN_MASK");
	holds("A.flags.SOCK_DEAD && !B.flags.SOCK_DEAD");
	holds("A.sk_flags.SOCK_DEAD && !B.sk_flags.SOCK_DEAD && sk_flags.SOCK_DEAD");
	holds("A.sk_receive_queue.len == 0 && A.sk_backlog.qlen == 0 && B:3.icsk_accept_queue.qlen == 0");
	holds("A.snd_una == 1 && A.write_seq == 2 && A.snd_nxt == A.write_seq");
	holds("A.icsk_pending == LOSS_PROBE && A.pending == ICSK_TIME_LOSS_PROBE");
	holds("A.tcp_rtx_queue.qlen == 1 && A.tcp_rtx_queue.len == 0 && A.write_queue.qlen == 0");
	holds("A.icsk_ack.ato == 0 && A.icsk_ack_ato == 0 && A.ack.ato == 0");
	holds("A.timer.retransmit && A.timer.retransmit == 201ms && A.timer.retransmit < 202ms");
	holds("!A.timer.delack && A.timer.delack == none");
	holds("A.icsk_rto == 201ms && A.icsk_rto == 201");
	holds("wire.count == 1 && wire.A>B.count == 1 && wire.B>A.count == 0");
	holds("wire.last.fin && wire.last.ack && !wire.last.rst && wire.last.seq == 1 && wire.last.ack_seq == 1");
	holds("wire.last.flags == FIN | wire.last.flags == (FIN | ACK)");
	holds("mib(A, TcpOutSegs) == 3 && mib(A, OutSegs) > mib(B, OutSegs)");
	holds("called(tcp_send_fin) == 1 && called(A, tcp_send_fin) && !called(B, tcp_send_fin)");
	holds("seen(A, FIN_WAIT1) && seen(A, ESTABLISHED) && !seen(A, CLOSING)");
	holds("errno(A) == 0 && ret(A) == 0 && !asleep(A)");
	holds("time == 0 && time < 1s");
	holds("B%1.state == LISTEN && B:3.state == LISTEN && B/201:4.state == ESTABLISHED");
	holds("state == FIN_WAIT1 && sk_err == 0 && timer.retransmit");
	session_release(&ss);
}

static void test_none(void **state)
{
	(void)state;
	begin("close A; deliver; tick 0; deliver");
	holds("A.state == TIME_WAIT && A.substate == FIN_WAIT2 && A.tw_substate == FIN_WAIT2");
	holds("A.sk_state == none && A.sk_err == none && A.snd_una == none");
	fails("A.sk_err");
	fails("A.sk_err < 1");
	fails("A.sk_err >= 0");
	holds("A.sk_err != 0");
	holds("!A.sk_err");
	holds("A.sk_err + 1 == none");
	holds("none == none");
	fails("none");
	holds("A.snd_nxt == 2 && A.rcv_nxt == 1");
	holds("A.timer.tw == 60s && A.timer.retransmit == none");
	holds("A:9.state == CLOSE && A%99.sk_err == none");
	session_release(&ss);
}

static void test_where_it_ends(void **state)
{
	static const struct {
		const char *text;
		size_t used;
	} t[] = {
		{ "A.state == CLOSE 5s", 16 }, { "time foo", 4 }, { "A.snd_una  ", 9 }, { "wire.A>B.count > 1 max 3", 18 },
		{ "called(tcp_fin) with close", 15 },
	};

	(void)state;
	begin("");
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		size_t used = 0;
		struct expr *e = expr_parse(t[i].text, &ss.focus, &used, NULL);

		assert_non_null(e);
		assert_int_equal(used, t[i].used);
		expr_free(e);
	}
	session_release(&ss);
}

static void test_mistakes(void **state)
{
	struct buf deep = BUF_INIT;

	(void)state;
	begin("");
	refused("", "missing");
	refused("A", "alone");
	refused("A.", "name of a field");
	refused("A.sk_shutdwn", "`sk_shutdown`");
	refused("A.state = CLOSE", "write ==");
	refused("A.state == TIMEWAIT", "`TIME_WAIT`");
	refused("time == 5", "5s or 5ms");
	refused("A.snd_una == 5s", "none");
	refused("(1", "`)`");
	refused("1 + * 2", "starts no field");
	refused("called(nothing)", "no function");
	refused("mib(A)", "comma");
	refused("seen(A, OPEN)", "no state");
	refused("wire", "wire");
	refused("A.timer", "timers are");
	refused("A.receive_queue.size", ".len");
	refused("12abc", "no number");
	buf_fill(&deep, '(', 5000);
	refused(buf_str(&deep), "nested");
	buf_clear(&deep);
	for (int i = 0; i < 500; i++)
		buf_puts(&deep, "1 + ");
	buf_puts(&deep, "1");
	refused(buf_str(&deep), "too long");
	buf_release(&deep);
	session_release(&ss);
}

static void test_text(void **state)
{
	static const char *const t[][2] = {
		{ "state == CLOSE", "A.state == CLOSE" },
		{ "snd_una < B.rcv_nxt && !timer.retransmit", "A.snd_una < B.rcv_nxt && !A.timer.retransmit" },
		{ "mib(OutSegs) + seen(CLOSE) + errno()", "mib(A, OutSegs) + seen(A, CLOSE) + errno(A)" },
		{ "called(tcp_fin) && wire.last.fin", "called(tcp_fin) && wire.last.fin" },
	};

	(void)state;
	begin("");
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct buf b = BUF_INIT;
		size_t used;
		struct expr *e = expr_parse(t[i][0], &ss.focus, &used, NULL);

		assert_non_null(e);
		add_expr_text(&b, e);
		assert_string_equal(buf_str(&b), t[i][1]);
		expr_free(e);
		buf_release(&b);
	}
	session_release(&ss);
}

static void completes(const char *line, const char *expected)
{
	struct completion c;
	bool found = false;

	complete(&ss, line, strlen(line), &c);
	for (size_t i = 0; i < c.n; i++)
		found |= strcmp(c.word[i], expected) == 0;
	if (!found)
		fail_msg("`%s` is not completed to `%s`", line, expected);
	completion_release(&c);
}

static void test_completion(void **state)
{
	struct completion c;

	(void)state;
	begin("close A");
	completes("cl", "close");
	completes("close A; del", "deliver");
	completes("close ", "A");
	completes("close B:", "B:4");
	completes("deliver #", "#4");
	completes("expect A.sk_sh", "A.sk_shutdown");
	completes("expect A.sk_", "A.sk_flags.SOCK_DEAD");
	completes("expect A.flags.SOCK_D", "A.flags.SOCK_DONE");
	completes("expect B:3.icsk_acc", "B:3.icsk_accept_queue.qlen");
	completes("expect A.sk_rec", "A.sk_receive_queue.len");
	completes("expect A.state == FIN_", "FIN_WAIT2");
	completes("expect !wire.la", "wire.last.fin");
	completes("setsockopt A lin", "linger2=");
	completes("sysctl tcp_fin", "tcp_fin_timeout");
	completes("scenario ti", "time-wait");
	completes("expect called(tcp_send_f", "tcp_send_fin");
	completes("expect 1 + called(A, tcp_send_f", "tcp_send_fin");
	completes("until seen(A, FIN_", "FIN_WAIT2");
	completes("show (seen(B,TIME", "TIME_WAIT");
	completes("show mib(TCPAb", "TCPAbortOnData");
	completes("expect errno(", "B");
	completes("expect called(tcp_fin) == 1 && wire.la", "wire.last.fin");
	completes("explain tcp_send_f", "tcp_send_fin");
	completes("expire A.re", "A.retransmit");
	complete(&ss, "say \"clo", 8, &c);
	assert_int_equal(c.n, 0);
	completion_release(&c);
	session_release(&ss);
}

static void test_claims(void **state)
{
	static const struct {
		const char *text;
		bool claim;
	} t[] = {
		{ "A.state", false },		{ "time > 15min", true },      { "!asleep(A)", true },
		{ "asleep(A)", false },		{ "A.snd_una - 1", false },    { "A.sk_shutdown & RCV_SHUTDOWN", false },
		{ "time < 1s || A.sk_err", true }, { "seen(A, CLOSING)", false }, { "wire.last.seq == A.snd_una - 1", true },
	};

	(void)state;
	begin("scenario established");
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		size_t used;
		struct expr *e = expr_parse(t[i].text, &ss.focus, &used, NULL);

		assert_non_null(e);
		if (expr_is_claim(e) != t[i].claim)
			fail_msg("%s", t[i].text);
		expr_free(e);
	}
	session_release(&ss);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_precedence),    cmocka_unit_test(test_fields),   cmocka_unit_test(test_none),
		cmocka_unit_test(test_where_it_ends), cmocka_unit_test(test_mistakes), cmocka_unit_test(test_text),
		cmocka_unit_test(test_completion),   cmocka_unit_test(test_claims),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
