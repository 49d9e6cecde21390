/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The player of packetdrill scripts: that it passes what is right, and sees each kind of thing that is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "drill/drill.h"

static const char head[] =
	"`sysctl -q net.ipv4.tcp_timestamps=0 net.ipv4.tcp_congestion_control=reno`\n"
	"  0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
	" +0 bind(3, ..., ...) = 0\n"
	" +0 listen(3, 1) = 0\n"
	" +0 < S 0:0(0) win 32792 <mss 1000>\n"
	" +0 > S. 0:0(0) ack 1 <mss 1460>\n"
	" +0 < . 1:1(0) ack 1 win 32792\n"
	" +0 accept(3, ..., ...) = 4\n";

static enum drill_verdict play(const char *text, struct buf *said)
{
	const struct drill_options options = { 0 };
	enum drill_verdict verdict;
	struct err err = { 0 };
	struct drill *d;

	if (drill_parse(&d, "t.pkt", text, strlen(text), NULL, &err))
		fail_msg("%u:%u: %s", err.line, err.column, err.message);
	verdict = drill_run(d, &options, said);
	drill_free(d);
	return verdict;
}

/* Plays `rest` behind the handshake. */
static enum drill_verdict play_rest(const char *rest, struct buf *said)
{
	char script[2048];

	snprintf(script, sizeof(script), "%s%s", head, rest);
	return play(script, said);
}

static void passes(const char *rest)
{
	struct buf said = BUF_INIT;

	if (play_rest(rest, &said) != DRILL_PASSED)
		fail_msg("%s", buf_str(&said));
	assert_string_equal(buf_str(&said), "");
	buf_release(&said);
}

static void fails(const char *rest, const char *part)
{
	struct buf said = BUF_INIT;

	if (play_rest(rest, &said) != DRILL_FAILED || !strstr(buf_str(&said), part))
		fail_msg("`%s`\n%s", rest, buf_str(&said));
	buf_release(&said);
}

static void test_passes(void **state)
{
	(void)state;
	passes("");
	passes("+.1 close(4) = 0\n+0 > F. 1:1(0) ack 1\n+.2~+.22 > F. 1:1(0) ack 1\n");
	passes("+.1...0.3 read(4, ..., 100) = 100\n+.2 < P. 1:101(100) ack 1 win 32792\n+0 > . 1:1(0) ack 101\n");
	passes("+0 write(4, ..., 3000) = 3000\n+0 > P. 1:3001(3000) ack 1\n");
	/* read() of nothing does not ask the socket; poll() of nothing waits */
	passes("+0 read(4, ..., 0) = 0\n+0 readv(4, [{..., 0}], 1) = 0\n+0 recv(4, ..., 0, MSG_DONTWAIT) = -1 EAGAIN (Try again)\n"
	       "+0...0.1 poll([], 0, 100) = 0\n");
	/* what is sent after the last expectation goes unnoticed */
	passes("+.1 close(4) = 0\n");
}

static void test_wrong_packets(void **state)
{
	(void)state;
	fails("+.1 close(4) = 0\n+0 > R. 1:1(0) ack 1\n",
	      "t.pkt:10: at 0.100000 s: another packet than expected, sent at 0.100000 s\n"
	      "  expected  > R. 1:1(0) ack 1\n"
	      "  actual    > F. 1:1(0) ack 1\n"
	      "              ^\n");
	fails("+.1 close(4) = 0\n+0 > F. 1:1(0) ack 12\n",
	      "  expected  > F. 1:1(0) ack 12\n"
	      "  actual    > F. 1:1(0) ack 1\n"
	      "                             ^\n");
	fails("+.1 close(4) = 0\n+0 > F. 1:1(0) ack 1 <nop,nop,sackOK>\n", "actual    > F. 1:1(0) ack 1\n");
	fails("+.1 close(4) = 0\n+0 > F. 1:1(0) ack 1 win 5\n", "actual    > F. 1:1(0) ack 1 win ");
	fails("+0 write(4, ..., 3000) = 3000\n+0 > P. 1:3002(3001) ack 1\n", "actual    > P. 1:3001(3000) ack 1\n");
	fails("+0 write(4, ..., 10) = 10\n+0 > . 1:11(10) ack 1\n", "actual    > P. 1:11(10) ack 1\n");
}

static void test_wrong_times(void **state)
{
	(void)state;
	fails("+.1 close(4) = 0\n+.1 > F. 1:1(0) ack 1\n", "sent at the wrong time\n  expected  > F. 1:1(0) ack 1\n"
							   "  expected  at 0.200000 s\n  actual    at 0.100000 s\n");
	fails("+.1 close(4) = 0\n+0 > F. 1:1(0) ack 1\n+.3~+.35 > F. 1:1(0) ack 1\n", "expected  between 0.400000 s and 0.450000 s");
	fails("+.1 > F. 1:1(0) ack 1\n", "nothing was sent until 0.125000 s");
	fails("+.1...0.3 read(4, ..., 100) = 100\n+.1 < P. 1:101(100) ack 1 win 32792\n", "read() returned at the wrong time\n"
												  "  expected  at 0.300000 s\n"
												  "  actual    at 0.200000 s\n");
	fails("+.1...0.3 read(4, ..., 100) = 100\n", "read() still sleeps");
	fails("+.1 read(4, ..., 100) = 100\n", "does not return but sleeps");
}

/* A connection with timestamps, below options of the script's own. */
static void stamped(const char *options, const char *rest, const char *part)
{
	struct buf said = BUF_INIT;
	char script[2048];
	enum drill_verdict verdict;

	snprintf(script, sizeof(script),
		 "%s`sysctl -q net.ipv4.tcp_timestamps=1`\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 bind(3, ..., ...) = 0\n"
		 "+0 listen(3, 1) = 0\n+0 < S 0:0(0) win 32792 <mss 1000,nop,nop,TS val 50 ecr 0>\n"
		 "+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,TS val 700 ecr 50>\n"
		 "+0 < . 1:1(0) ack 1 win 32792 <nop,nop,TS val 50 ecr 700>\n+0 accept(3, ..., ...) = 4\n"
		 "+.1 write(4, ..., 10) = 10\n%s",
		 options, rest);
	verdict = play(script, &said);
	if (part ? verdict != DRILL_FAILED || !strstr(buf_str(&said), part) : verdict != DRILL_PASSED)
		fail_msg("%s%s", script, buf_str(&said));
	buf_release(&said);
}

static void test_stamps(void **state)
{
	static const char right[] = "+0 > P. 1:11(10) ack 1 <nop,nop,TS val 800 ecr 50>\n";
	static const char late[] = "+0 > P. 1:11(10) ack 1 <nop,nop,TS val 900 ecr 50>\n";

	(void)state;
	stamped("--tcp_ts_tick_usecs=1000\n", right, NULL);
	stamped("", late, NULL);
	stamped("--tcp_ts_tick_usecs=1000\n", late, "  expected  TS val 900\n  actual    TS val 800");
	/* an echo of what was never sent */
	stamped("", "+0 > P. 1:11(10) ack 1 <nop,nop,TS val 800 ecr 50>\n+0 < . 1:1(0) ack 11 win 5 <nop,nop,TS val 51 ecr 790>\n",
		"`ecr 790` echoes nothing");
	stamped("--tcp_ts_ecr_scaled\n",
		"+0 > P. 1:11(10) ack 1 <nop,nop,TS val 800 ecr 50>\n+0 < . 1:1(0) ack 11 win 5 <nop,nop,TS val 51 ecr 790>\n", NULL);
}

static void test_script_options(void **state)
{
	static const char write[] = "+0 write(4, ..., 2000) = 2000\n+0 > . 1:1001(1000) ack 1\n+0 > P. 1001:2001(1000) ack 1\n";
	static const char cut[] = "--strict_segments\n`ethtool -K tun0 gso off tso off`\n";
	static const char fin[] = "+0 close(4) = 0\n+0 > F. 1:1(0) ack 1\n+.16 > F. 1:1(0) ack 1\n";
	struct buf said = BUF_INIT;
	char script[2048];

	(void)state;
	passes("+0 write(4, ..., 4000) = 4000\n+0 > P. 1:4001(4000) ack 1\n");
	snprintf(script, sizeof(script), "%s%s+0 write(4, ..., 2000) = 2000\n+0 > P. 1:2001(2000) ack 1\n", cut, head);
	assert_int_equal(play(script, &said), DRILL_FAILED);
	assert_non_null(strstr(buf_str(&said), "actual    > . 1:1001(1000)"));
	buf_clear(&said);
	snprintf(script, sizeof(script), "%s%s%s", cut, head, write);
	assert_int_equal(play(script, &said), DRILL_PASSED);
	buf_clear(&said);
	fails(fin, "nothing was sent until 0.185000 s");
	snprintf(script, sizeof(script), "--tolerance_percent=30\n%s%s", head, fin);
	assert_int_equal(play(script, &said), DRILL_PASSED);
	buf_release(&said);
}

static void test_wrong_results(void **state)
{
	(void)state;
	fails("+0 < P. 1:101(100) ack 1 win 32792\n+0 read(4, ..., 60) = 50\n",
	      "  expected  read(4, ..., 60) = 50\n  actual    read(4, ..., 60) = 60\n");
	fails("+0 close(4) = 0\n+0 < R. 1:1(0) ack 1 win 0\n+0 close(3) = -1 EPIPE (Broken pipe)\n",
	      "  expected  close(3) = -1 EPIPE\n  actual    close(3) = 0\n");
	fails("+0 getsockopt(4, SOL_TCP, TCP_LINGER2, [5], [4]) = 0\n", "expected  the value 5");
	fails("+0 poll([{fd=4, events=POLLIN|POLLOUT, revents=POLLIN}], 1, 0) = 1\n", "revents 0x4");
	fails("+0 %{ assert tcpi_state == TCP_CLOSING, tcpi_state }%\n", "  expected  assert tcpi_state == TCP_CLOSING, tcpi_state\n  actual    tcpi_state 1\n"
	      "  tcpi_state 1 is TCP_ESTABLISHED\n");
}

/* What the kernel's functions decided before the packet that is another, before none came, and in a call. */
static void test_why_it_failed(void **state)
{
	(void)state;
	fails("+0 `nstat | grep OutRsts | grep -q \" 1 \"`\n", "another count\n  expected  TcpOutRsts 1\n  actual    TcpOutRsts 0\n");
	fails("+0 epoll_create(1) = 5\n+0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLOUT, fd=4}) = 0\n"
	      "+0 epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 0) = 1\n", "expected  events 0x1\n  actual    events 0x4\n");
	fails("+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 1}], msg_flags=0, msg_control=[{cmsg_level=SOL_TCP, "
	      "cmsg_type=TCP_CM_INQ, cmsg_data=0}]}, MSG_DONTWAIT) = 0\n", "something else");
	fails("+0...0.5 poll([{fd=4, events=POLLIN, revents=0}], 1, 100) = 0\n+1 close(4) = 0\n", "poll() returned at the wrong time");
	fails("+.1 close(4) = 0\n+0 > R. 1:1(0) ack 1\n", "  because  ");
	fails("+.1 close(4) = 0\n+0 > R. 1:1(0) ack 1\n", "__tcp_close: nothing unread: an orderly end (copied_seq 1, rcv_nxt 1)\n");
	fails("+0 < P. 1:11(10) ack 1 win 257\n+0 > . 1:1(0) ack 12\n", "because");
	fails("+0 < R. 1:1(0) ack 1 win 257\n+0 > . 1:1(0) ack 1\n", "tcp_validate_incoming: the RST has an expected number: believed (SEQ 1, rcv_nxt 1)");
}

static void test_skipped(void **state)
{
	struct buf said = BUF_INIT;

	(void)state;
	assert_int_equal(play_rest("+0 sendfile(5, ..., 3) = 0\n", &said), DRILL_SKIPPED);
	assert_string_equal(buf_str(&said), "t.pkt:9: the call sendfile() cannot be made here\n");
	buf_release(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_passes),
		cmocka_unit_test(test_wrong_packets),
		cmocka_unit_test(test_wrong_times),
		cmocka_unit_test(test_stamps),
		cmocka_unit_test(test_script_options),
		cmocka_unit_test(test_wrong_results),
		cmocka_unit_test(test_why_it_failed),
		cmocka_unit_test(test_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
