/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lexer and the parser of packetdrill scripts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drill/code.h"
#include "drill/script.h"

/* The text in memory that ends where the text does, so that a read behind it is seen. */
static struct drill *try_parse(const char *text, size_t len, struct err *err)
{
	char *copy = malloc(len ? len : 1);
	struct drill *d;

	assert_non_null(copy);
	memcpy(copy, text, len);
	drill_parse(&d, "t.pkt", copy, len, NULL, err);
	free(copy);
	return d;
}

static struct drill *parsed(const char *text)
{
	struct err err = { 0 };
	struct drill *d = try_parse(text, strlen(text), &err);

	if (!d)
		fail_msg("%s:%u:%u: %s", err.file, err.line, err.column, err.message);
	return d;
}

static void wrong(const char *text, u32 line, u32 column, const char *part)
{
	struct err err = { 0 };
	struct drill *d = try_parse(text, strlen(text), &err);

	assert_null(d);
	assert_string_equal(err.file, "t.pkt");
	if (err.line != line || err.column != column || !strstr(err.message, part))
		fail_msg("`%s`\n%u:%u: %s", text, err.line, err.column, err.message);
}

/* ---- tokens -------------------------------------------------------------------------------------------------------- */

static void tokens_are(const char *text, const enum token_kind *kinds, size_t n)
{
	struct lexer lx;
	struct err err = { 0 };

	lex_start(&lx, text, strlen(text), &err);
	for (size_t i = 0; i < n; i++, lex_next(&lx))
		if (lx.token.kind != kinds[i])
			fail_msg("`%s`: token %zu is of kind %d", text, i, (int)lx.token.kind);
	assert_int_equal(lx.token.kind, TOK_END);
}

#define TOKENS(text, ...)                                                     \
	do {                                                                  \
		const enum token_kind kinds_[] = { __VA_ARGS__ };             \
		tokens_are(text, kinds_, sizeof(kinds_) / sizeof(kinds_[0])); \
	} while (0)

static void test_tokens(void **state)
{
	(void)state;
	TOKENS("+.1...0.2", TOK_CHAR, TOK_FLOAT, TOK_ELLIPSIS, TOK_FLOAT);
	TOKENS("+0...0.01 read", TOK_CHAR, TOK_INT, TOK_ELLIPSIS, TOK_FLOAT, TOK_WORD);
	TOKENS("S. 1:5(4)", TOK_WORD, TOK_CHAR, TOK_INT, TOK_CHAR, TOK_INT, TOK_CHAR, TOK_INT, TOK_CHAR);
	TOKENS("-1 -.5 - 1. 1.5 1x", TOK_INT, TOK_FLOAT, TOK_CHAR, TOK_INT, TOK_CHAR, TOK_FLOAT, TOK_WORD);
	TOKENS("a // b ` %{\nc", TOK_WORD, TOK_WORD);
	TOKENS("`x // y` %{ a }% \"s // t\"", TOK_SHELL, TOK_CODE, TOK_STRING);
	TOKENS(" \t\r\n", TOK_END);
	TOKENS("a /* b ` \n // */ c 0x1F 0x 0xg", TOK_WORD, TOK_WORD, TOK_INT, TOK_WORD, TOK_WORD);
}

static void test_places(void **state)
{
	struct lexer lx;
	struct err err = { 0 };

	(void)state;
	lex_start(&lx, "a\n  bb `x\ny` c", 14, &err);
	lex_next(&lx);
	assert_int_equal(lx.token.line, 2);
	assert_int_equal(lx.token.column, 3);
	lex_next(&lx);
	lex_next(&lx);
	assert_int_equal(lx.token.line, 3);
	assert_int_equal(lx.token.column, 4);
}

static void test_huge_number_is_held(void **state)
{
	struct lexer lx;
	struct err err = { 0 };

	(void)state;
	lex_start(&lx, "99999999999999999999999999", 26, &err);
	assert_true(lx.token.value == INT64_MAX);
}

/* ---- scripts ------------------------------------------------------------------------------------------------------- */

static const char head[] =
	"// A comment.\n"
	"`sysctl -q net.ipv4.tcp_timestamps=0 net.ipv4.tcp_congestion_control=reno\n"
	" sysctl -q net.ipv4.tcp_rmem=\"4096 131072 6291456\"`\n"
	"  0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
	" +0 bind(3, ..., ...) = 0\n"
	" +0 listen(3, 1) = 0\n"
	" +0 < S 0:0(0) win 32792 <mss 1000>\n"
	" +0 > S. 0:0(0) ack 1 <mss 1460>\n"
	"+.1...0.25 accept(3, ..., ...) = 4\n";

static void test_script(void **state)
{
	struct drill *d = parsed(head);

	(void)state;
	assert_int_equal(d->skip_line, 0);
	assert_int_equal(d->sysctl_n, 5);
	assert_int_equal(d->sysctl[0].id, SYSCTL_tcp_timestamps);
	assert_int_equal(d->sysctl[1].value, CA_RENO);
	assert_int_equal(d->sysctl[4].id, SYSCTL_tcp_rmem_max);
	assert_int_equal(d->sysctl[4].value, 6291456);
	assert_int_equal(d->n, 6);
	assert_true(d->ev[0].absolute);
	assert_int_equal(d->ev[0].call.nr, SYS_socket);
	assert_int_equal(d->ev[1].call.a, 8080);
	assert_int_equal(d->ev[3].kind, EV_INJECT);
	assert_int_equal(d->ev[3].packet.seg.mss, 1000);
	assert_int_equal(d->ev[3].line, 7);
	assert_int_equal(d->ev[4].kind, EV_EXPECT);
	assert_true(d->ev[5].blocking);
	assert_int_equal(d->ev[5].at, 100000);
	assert_int_equal(d->ev[5].until, 250000);
	assert_int_equal(strncmp(d->text + d->ev[4].start, "> S. 0:0(0) ack 1 <mss 1460>", d->ev[4].len), 0);
	drill_free(d);
}

/* One call behind the head, and what it became. */
static struct call call_of(const char *text)
{
	char script[1024];
	struct drill *d;
	struct call c;

	snprintf(script, sizeof(script), "%s+0 %s\n", head, text);
	d = parsed(script);
	c = d->ev[d->n - 1].call;
	drill_free(d);
	return c;
}

static void test_calls(void **state)
{
	struct call c;

	(void)state;
	c = call_of("write(4, ..., 100) = -1 EPIPE (Broken pipe)");
	assert_int_equal(c.nr, SYS_send);
	assert_int_equal(c.a, 100);
	assert_int_equal(c.result, -1);
	assert_int_equal(c.errno_wanted, 32);
	c = call_of("recv(4, ..., 10, MSG_DONTWAIT|MSG_PEEK) = 10");
	assert_int_equal(c.b, MSG_DONTWAIT_ | MSG_PEEK_);
	c = call_of("setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5}, 8) = 0");
	assert_int_equal(c.a, OPT_SO_LINGER);
	assert_int_equal(c.b, 1);
	assert_int_equal(c.t, 5);
	c = call_of("setsockopt(4, SOL_TCP, TCP_LINGER2, [-1], 4) = 0");
	assert_int_equal((s32)c.b, -1);
	c = call_of("getsockopt(4, SOL_SOCKET, SO_ERROR, [ECONNRESET], [4]) = 0");
	assert_int_equal(c.value, 104);
	assert_true(c.has_value);
	c = call_of("send(4, ..., 1, MSG_DONTWAIT|0x8000) = 1");
	assert_int_equal(c.b, MSG_DONTWAIT_ | MSG_MORE_ | MSG_NOSIGNAL_);
	c = call_of("write(4, \"a \\\"b\\\"\", 5) = 5");
	assert_int_equal(c.a, 5);
	c = call_of("shutdown(4, 7) = -1 EINVAL (Invalid argument)");
	assert_int_equal(c.a, 7);
	c = call_of("listen(3, -1) = 0");
	assert_int_equal((s32)c.a, -1);
	c = call_of("setsockopt(4, SOL_TCP, TCP_NODELAY, [1], 2) = -1 EINVAL (Invalid argument)");
	assert_true(c.too_short);
	c = call_of("setsockopt(4, SOL_SOCKET, SO_LINGER, [1], 4) = -1 EINVAL (Invalid argument)");
	assert_true(c.too_short);
	c = call_of("getsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5}, [8]) = 0");
	assert_true(c.has_linger && c.value == 1 && c.linger == 5);
	c = call_of("getsockopt(4, SOL_TCP, TCP_CONGESTION, \"cub\", [3]) = 0");
	assert_int_equal(c.value, CA_CUBIC);
	c = call_of("sendmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 1}], msg_flags=0, msg_control=[ ]}, 0) = 1");
	assert_int_equal(c.a, 1);
	c = call_of("poll([{fd=4, events=POLLIN}], 1, 0) = 0");
	assert_int_equal(c.polled[0].revents, 0);
	c = call_of("poll([{fd=4, events=POLLIN|POLLRDHUP, revents=0}], 1, 0) = 0");
	assert_int_equal(c.n_polled, 1);
	assert_int_equal(c.polled[0].fd, 4);
	assert_int_equal(c.polled[0].events, POLLIN_ | POLLRDHUP_);
	assert_int_equal(c.polled[0].revents, 0);
	c = call_of("poll([{fd=3, events=POLLIN, revents=0}, {fd=4, events=0, revents=POLLHUP}], 2, 1000) = 1");
	assert_int_equal(c.n_polled, 2);
	assert_int_equal(c.polled[1].revents, POLLHUP_);
	assert_int_equal(c.b, 1000);
	c = call_of("epoll_create(1) = 5\n+0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN|EPOLLET, ptr=77}) = 0");
	assert_int_equal(c.nr, SYS_epoll_ctl);
	assert_int_equal(c.fd, 5);
	assert_int_equal(c.a, EPOLL_CTL_ADD_);
	assert_int_equal(c.polled[0].fd, 4);
	assert_int_equal(c.polled[0].events, POLLIN_ | EPOLLET_);
	assert_int_equal(c.polled[0].data, 77);
	c = call_of("epoll_create(1) = 5\n+0 epoll_wait(5, {events=0, ptr=0}, 3, -1) = 0");
	assert_int_equal(c.a, 3);
	assert_int_equal((s32)c.b, -1);
	c = call_of("send(4, ..., 10, 0x4080) = 10");
	assert_int_equal(c.b, MSG_NOSIGNAL_ | MSG_EOR_);
	c = call_of("write(4, NULL, 10) = -1 EFAULT (Bad address)");
	assert_int_equal(c.t, 1);
	c = call_of("setsockopt(4, IPPROTO_TCP, TCP_NOTSENT_LOWAT, [0xffffffff], 4) = 0");
	assert_int_equal(c.b, UINT32_MAX);
	c = call_of("recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 10}], msg_flags=MSG_CTRUNC, "
		    "msg_control=[{cmsg_level=SOL_TCP, cmsg_type=TCP_CM_INQ, cmsg_data=9}]}, 0) = 10");
	assert_int_equal(c.msg_flags, MSG_CTRUNC_OUT);
	assert_true(c.has_inq);
	assert_int_equal(c.inq, 9);
	c = call_of("fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0");
	assert_int_equal(c.nr, SYS_fcntl);
	assert_int_equal(c.a, 1);
	c = call_of("fcntl(4, F_DUPFD, 200) = 200");
	assert_int_equal(c.nr, SYS_dup);
	c = call_of("fcntl(4, F_GETFL) = 0x2 (flags O_RDWR)");
	assert_true(c.asks_flags);
	assert_int_equal(c.result, 2);
	c = call_of("accept4(3, ..., ..., SOCK_NONBLOCK|SOCK_CLOEXEC) = 5");
	assert_true(c.nonblock && c.gives_fd);
	c = call_of("socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 5");
	assert_true(c.nonblock);
	c = call_of("dup(4) = 5");
	assert_true(c.is_dup);
	c = call_of("ioctl(4, SIOCOUTQ, [77]) = 0");
	assert_int_equal(c.nr, SYS_ioctl);
	assert_int_equal(c.a, 1);
	assert_int_equal(c.value, 77);
	c = call_of("writev(4, [{..., 100}, {\"abc\", 3}], 2) = 103");
	assert_int_equal(c.nr, SYS_send);
	assert_int_equal(c.a, 103);
	c = call_of("sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 10}, {..., 20}], msg_flags=0}, MSG_MORE) = 30");
	assert_int_equal(c.a, 30);
	assert_int_equal(c.b & MSG_MORE_, MSG_MORE_);
	c = call_of("recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 10}], msg_flags=0}, 0) = 10");
	assert_int_equal(c.nr, SYS_recv);
	c = call_of("sendto(4, ..., 9, MSG_DONTWAIT, ..., ...) = 9");
	assert_int_equal(c.a, 9);
	c = call_of("connect(4, AF_UNSPEC, ...) = 0");
	assert_int_equal(c.b, 0);
	c = call_of("shutdown(4, SHUT_RDWR) = -1 ENOTCONN (Transport endpoint is not connected)");
	assert_int_equal(c.a, 2);
}

static void test_times(void **state)
{
	struct drill *d = parsed("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
				 "+.2~+.25 > F. 1:1(0) ack 1\n"
				 "+62.5 > F. 1:1(0) ack 1\n"
				 "+1.0000010 > F. 1:1(0) ack 1\n"
				 "2.5~2.75 > F. 1:1(0) ack 1\n"
				 "* > F. 1:1(0) ack 1 <...>\n"
				 "3...3.5 close(3) = 0\n");

	(void)state;
	assert_int_equal(d->ev[1].at, 200000);
	assert_int_equal(d->ev[1].until, 250000);
	assert_int_equal(d->ev[2].at, 62500000);
	assert_int_equal(d->ev[3].at, 1000001);
	assert_true(d->ev[4].absolute);
	assert_int_equal(d->ev[4].until, 2750000);
	assert_true(d->ev[5].any_time && d->ev[5].packet.any_opts);
	assert_true(d->ev[6].absolute && d->ev[6].blocking);
	assert_int_equal(d->ev[6].until, 3500000);
	drill_free(d);
}

static void test_state_assertion(void **state)
{
	char script[1024];
	struct drill *d;

	(void)state;
	snprintf(script, sizeof(script), "%s+0 %%{ assert tcpi_state == TCP_FIN_WAIT2, tcpi_state }%%\n", head);
	d = parsed(script);
	assert_int_equal(d->ev[6].kind, EV_ASSERT);
	assert_int_equal(strncmp(d->text + d->ev[6].code, " assert tcpi_state == TCP_FIN_WAIT2, tcpi_state ", d->ev[6].code_len), 0);
	drill_free(d);
	wrong("0 %{ assert tcpi_state == TCP_CLOSE }%", 1, 3, "no connection yet");
}

static void skipped(const char *text, const char *part)
{
	struct drill *d = parsed(text);

	assert_int_not_equal(d->skip_line, 0);
	if (!strstr(d->skip, part))
		fail_msg("%s", d->skip);
	drill_free(d);
}

static void test_what_is_skipped(void **state)
{
	(void)state;
	skipped("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 `ip link set tun0 down`", "shell command");
	skipped("--mtu=1420\n0 > R 1:1(0)", "MTU");
	skipped("--ip_version=ipv6\n0 > R 1:1(0)", "IPv6");
	skipped("0 < SEW 0:0(0) win 1", "ECN");
	skipped("0 < [ect0] S 0:0(0) win 1", "ECN");
	skipped("0 < S 0:0(0) win 1 <mss 1000,FO 12345678>", "FO");
	skipped("0 < . 1:1(0) ack 1 win 1 urg 5", "urgent");
	skipped("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 accept(3, NULL, ...) = -1 EINVAL", "NULL can only");
	skipped("`sysctl -q net.ipv4.tcp_mtu_probing=1`\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3", "tcp_mtu_probing");
	skipped("0 sendfile(1) = 4\n+0 splice(4, {(a), b}) = 0\n+0 close(4) = 0", "sendfile");
	skipped("0 epoll_create(1) = 4\n+0 epoll_create(1) = 5\n+0 epoll_ctl(4, EPOLL_CTL_ADD, 5, {events=0, fd=5}) = 0",
		"watched by another");
	skipped("0 epoll_create(1) = 4\n+0 read(4, ..., 5) = -1", "read() cannot be called on an epoll descriptor");
	skipped("0 < icmp unreachable CODE [0:0(0)]", "CODE");
	skipped("`ethtool -K tun0 lro on`\n0 > R 1:1(0)", "no such setting");
	skipped("`tc qdisc replace dev tun0 root fq`\n0 > R 1:1(0)", "no such queue");
	skipped("`sysctl -q net.ipv4.tcp_shrink_window=1`\n0 > R 1:1(0)", "tcp_shrink_window");
	skipped("0 `nstat | grep TcpExtNobody > /dev/null`\n+0 > R 1:1(0)", "shell command");
	skipped("0 < icmp packet_too_big mtu 1400 [0:1440(1440)]", "IPv6");
	skipped("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 send(3, ..., 5, 0x20000000) = 5", "MSG_* flag 0x20000000");
	skipped("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 recvmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 1}], msg_flags=0, "
		"msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_TIMESTAMPING, cmsg_data={a=1}}]}, 0) = 1", "control messages");
	skipped("0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3", "SOCK_DGRAM");
	skipped("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
		"+0 setsockopt(3, SOL_TCP, TCP_FASTOPEN, [5], 4) = 0", "TCP_FASTOPEN");
}

/* ---- files and options --------------------------------------------------------------------------------------------- */

static bool read_one(const void *ctx, const char *name, struct buf *out)
{
	if (strcmp(name, "loop.sh") == 0)
		buf_puts(out, "loop.sh\n");
	else if (strcmp(name, "../common/defaults.sh") == 0)
		buf_puts(out, ctx);
	else
		return false;
	return true;
}

static struct drill *parsed_with(const char *text, const char *file)
{
	char copy[512];
	const struct drill_files files = { read_one, copy };
	struct err err = { 0 };
	struct drill *d;

	snprintf(copy, sizeof(copy), "%s", file);
	if (drill_parse(&d, "t.pkt", text, strlen(text), &files, &err))
		fail_msg("%u:%u: %s", err.line, err.column, err.message);
	return d;
}

static void test_files(void **state)
{
	static const char file[] = "#!/bin/bash\n# sysctl -q net.ipv4.tcp_sack=0\nip tcp_metrics flush all > /dev/null 2>&1\n"
				   "sysctl -q net.ipv4.tcp_rmem=\"4096 540000 $((15*1024*1024))\"\n"
				   "sysctl -q net.ipv4.tcp_early_retrans=4\\\n net.ipv4.tcp_fastopen=0x70403 &> /dev/null ||\\\n nobody > /dev/null\n";
	struct drill *d = parsed_with("`../common/defaults.sh`\n0 > R 1:1(0)\n`/tmp/restore.sh`", file);

	(void)state;
	assert_int_equal(d->skip_line, 0);
	assert_int_equal(d->sysctl_n, 4);
	assert_int_equal(d->first_sysctls, 4);
	assert_int_equal(d->sysctl[2].id, SYSCTL_tcp_rmem_max);
	assert_int_equal(d->sysctl[2].value, 15 * 1024 * 1024);
	assert_int_equal(d->sysctl[3].id, SYSCTL_tcp_early_retrans);
	assert_non_null(strstr(drill_notices(d), "t.pkt:1: ignored: ip tcp_metrics flush all > /dev/null 2>&1 (in ../common/defaults.sh)\n"));
	assert_non_null(strstr(drill_notices(d), "tcp_fastopen"));
	drill_free(d);
	/* a file that names itself, one that is not there, settings for the script that makes settings, and some along the way */
	d = parsed_with("`loop.sh\nother.sh\n../common/set_sysctls.py /proc/sys/net/ipv4/tcp_sack=0`\n"
			"0 > R 1:1(0)\n+0 `sysctl -q net.ipv4.tcp_dsack=0`\n", "");
	assert_int_equal(d->first_sysctls, 1);
	assert_int_equal(d->sysctl_n, 2);
	assert_int_equal(d->ev[1].kind, EV_SHELL);
	assert_int_equal(d->ev[1].sysctl, 1);
	assert_int_equal(d->ev[1].sysctls, 1);
	assert_int_equal(d->skip_line, 0);
	assert_non_null(strstr(drill_notices(d), "other.sh"));
	drill_free(d);
}

static void test_nstat(void **state)
{
	struct drill *d = parsed("0 `nstat -n`\n+0 `nstat -s | grep TcpExtBeyondWindow | grep -q \" 3 \"`\n"
				 "+0 `nstat | grep OutRsts > /dev/null`\n+0 > R 1:1(0)");

	(void)state;
	assert_int_equal(d->skip_line, 0);
	assert_true(d->ev[0].nstat.asked && d->ev[0].nstat.updates);
	assert_int_equal(d->ev[0].nstat.mib, -1);
	assert_int_equal(d->ev[1].nstat.mib, MIB_BeyondWindow);
	assert_int_equal(d->ev[1].nstat.count, 3);
	assert_false(d->ev[1].nstat.updates);
	assert_int_equal(d->ev[2].nstat.mib, MIB_OutRsts);
	assert_int_equal(d->ev[2].nstat.count, -1);
	drill_free(d);
}

static void test_options(void **state)
{
	struct drill *d = parsed("// how exact\n--tolerance_usecs=10000\n--mtu=1500\n--ip_version=ipv4\n0 > R 1:1(0)");

	(void)state;
	assert_int_equal(d->tolerance, 10000);
	assert_int_equal(d->skip_line, 0);
	drill_free(d);
	d = parsed("--strict_segments --tcp_ts_ecr_scaled --tolerance_percent=5 --tcp_ts_tick_usecs=1000\n"
		   "--local_ip=192.168.0.1 --ip_version=ipv4-mapped-ipv6 --mss=1000 0 > R 1:1(0)");
	assert_true(d->strict_segments && d->ecr_scaled);
	assert_int_equal(d->percent, 5);
	assert_int_equal(d->ts_tick, 1000);
	assert_int_equal(d->mss, 1000);
	assert_int_equal(d->n, 1);
	drill_free(d);
	wrong("--strict_segments=1\n0 > R 1:1(0)", 1, 18, "takes no value");
	wrong("--mss\n0 > R 1:1(0)", 2, 1, "a value belong");
	wrong("--tolerance_percent=101\n0 > R 1:1(0)", 1, 21, "from 0 to 100");
	wrong("--tolerance_usecs=x\n0 > R 1:1(0)", 1, 19, "microseconds");
	wrong("--tolerance=1\n0 > R 1:1(0)", 1, 3, "no option of packetdrill");
	wrong("-x=1\n0 > R 1:1(0)", 1, 2, "two dashes");
	wrong("--mtu=\n0 > R 1:1(0)", 2, 1, "value is missing");
}

/* Names that a script defines stand for their values everywhere but in strings, blocks and comments. */
static void test_defines(void **state)
{
	struct drill *d = parsed("--define=CC=\"reno\" --define=LEN=16 --define=CALL=write --define=SET=`sysctl -q net.ipv4.tcp_sack=0`\n"
				 "SET 0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3 // CALL\n"
				 "+0 setsockopt(3, SOL_TCP, TCP_CONGESTION, CC, 4) = 0 /* CC */\n"
				 "+0 CALL(3, \"CALL\", LEN) = -1 EPIPE (CALL)\n"
				 "+0 > P. 1:17(LEN) ack 1\n");

	(void)state;
	assert_int_equal(d->skip_line, 0);
	assert_int_equal(d->first_sysctls, 1);
	assert_int_equal(d->n, 4);
	assert_int_equal(d->ev[1].call.b, CA_RENO);
	assert_int_equal(d->ev[1].line, 3);
	assert_int_equal(d->ev[2].call.nr, SYS_send);
	assert_int_equal(d->ev[2].call.a, 16);
	drill_free(d);
	wrong("--define=A\n0 > R 1:1(0)", 2, 1, "--define=NAME=VALUE");
	wrong("--define=A=(\n0 > R 1:1(0)", 1, 12, "a word, a number or a string");
}

/* What packetdrill's grammar has around a packet, and what of it this engine cannot play. */
static void skipped_for(const char *text, u32 line, const char *part)
{
	struct drill *d = parsed(text);

	if (d->skip_line != line || !strstr(d->skip, part))
		fail_msg("`%s`: line %u: %s", text, d->skip_line, d->skip);
	drill_free(d);
}

static void test_packets(void **state)
{
	struct drill *d = parsed("0 < (noecn) S 0:0(0) win 5 <mss 5,mss 6>\n+0 < [ttl 3] . 1:1(0) ack 1 win 5\n"
				 "+0 < icmp time_exceeded [1:1(0)]\n+0 < icmp unreachable packet_filtered [1:1(0)]\n"
				 "+.10000009 > R 1:1(0)\n");

	(void)state;
	assert_int_equal(d->skip_line, 0);
	assert_int_equal(d->ev[0].packet.seg.mss, 6);
	assert_int_equal(d->ev[2].packet.seg.icmp_type, 11);
	assert_int_equal(d->ev[3].packet.seg.icmp_code, 13);
	assert_int_equal(d->ev[4].at, 100000);
	drill_free(d);
	skipped_for("0 > R 1:1(0)\n+0 < [ect0] S 0:0(0) win 5", 2, "ECN");
	skipped_for("0 > (tos 0x10) R 1:1(0)", 1, "type of service");
	skipped_for("0 < SEWA 0:0(0) win 5", 1, "ECN");
	skipped_for("0 < 50000 > 8080 S 0:0(0) win 5", 1, "ports");
	skipped_for("0 < S 0:0(0) win 5 <mss 1460,FO 1234>", 1, "FO");
	wrong("0 < (noecn S 0:0(0) win 5", 1, 15, "`)` is missing");
	wrong("0 < S 0:0(0) win 5 <mss 1460,nop>", 1, 34, "multiple of four");
}

/* ---- code ---------------------------------------------------------------------------------------------------------- */

static bool holds(const char *text)
{
	const struct sock sk = { .sk_state = TCP_FIN_WAIT2, .snd_cwnd = 10, .icsk_backoff = 3 };
	struct code_told told = { BUF_INIT, BUF_INIT, BUF_INIT };
	char what[64];
	bool result;

	if (!code_check(text, 0, strlen(text), what))
		fail_msg("%s: cannot be run: %s", text, what);
	result = code_holds(text, 0, strlen(text), &sk, 0, &told);
	assert_int_equal(result, told.failed.len == 0);
	code_told_release(&told);
	return result;
}

static void prints(const char *text, const char *lines)
{
	const struct sock sk = { .snd_cwnd = 10, .icsk_backoff = 3 };
	struct code_told told = { BUF_INIT, BUF_INIT, BUF_INIT };
	char what[64];

	assert_true(code_check(text, 0, strlen(text), what));
	assert_true(code_holds(text, 0, strlen(text), &sk, 0, &told));
	assert_string_equal(buf_str(&told.printed), lines);
	assert_string_equal(buf_str(&told.seen), "");
	code_told_release(&told);
}

static void foreign(const char *text, const char *what_else)
{
	char what[64];

	assert_false(code_check(text, 0, strlen(text), what));
	if (!strstr(what, what_else))
		fail_msg("%s: %s", text, what);
}

static void test_code(void **state)
{
	char deep[600];

	(void)state;
	assert_true(holds(""));
	assert_true(holds("assert tcpi_state == TCP_FIN_WAIT2, tcpi_state"));
	assert_false(holds("assert tcpi_state == TCP_FIN_WAIT1, tcpi_state"));
	assert_true(holds("assert tcpi_snd_cwnd == 10 and tcpi_backoff == 3\nprint(tcpi_rto, 'a;b')"));
	assert_false(holds("assert tcpi_snd_cwnd == 10; assert tcpi_backoff == 4, 'a, %d' % tcpi_backoff"));
	assert_true(holds("assert tcpi_snd_cwnd == 9 or not tcpi_backoff != 3 # as it should be\n"));
	assert_true(holds("assert 2 < tcpi_backoff <= 3 < tcpi_snd_cwnd"));
	assert_false(holds("assert 2 < tcpi_backoff < 3"));
	assert_true(holds("assert (tcpi_snd_cwnd + 2) * 2 - 4 == 0x14 and 7 // 2 == 3 and 7 % 4 == 3 and -1 < 0, \\\n (tcpi_rto,\n 2)"));
	assert_true(holds("assert tcpi_ca_state == TCP_CA_Open"));
	assert_false(holds("assert not (tcpi_ca_state == TCP_CA_Open)"));
	prints("print(tcpi_snd_cwnd)", "10\n");
	prints("print(tcpi_snd_cwnd, 'of', \"20\"); print()\nprint((tcpi_backoff + 1) * 2, -1)\nprint(tcpi_snd_cwnd / 4)", "10 of 20\n\n8 -1\n2.5\n");
	prints("print('cwnd %d' % tcpi_snd_cwnd) # a format\nprint('a;)', 1)", "('cwnd %d' % tcpi_snd_cwnd)\na;) 1\n");
	foreign("import sys", "import");
	foreign("assert tcpi_busy_time == 1", "tcpi_busy_time");
	foreign("assert abs(tcpi_rtt - 10) < 3", "abs");
	/* Python 3 divides into fractions */
	assert_true(holds("assert tcpi_snd_cwnd / 4 == 2.5 and 10 / 5 == 2 and -7 // 2 == -4 and -7 % 3 == 2"));
	assert_false(holds("assert tcpi_snd_cwnd / 4 == 2"));
	assert_true(holds("assert (tcpi_snd_cwnd ==\n 10) # over two lines\nprint('a',\n tcpi_rto)"));
	foreign("assert 010 == 10", "010");
	foreign("assert 1_0 == 10", "1_0");
	foreign("assert tcpi_rtt == 0\n  assert tcpi_rtt == 0", "indented");
	foreign("\n assert tcpi_rtt == 0", "indented");
	foreign("print(nobody)", "nobody");
	foreign("print tcpi_rtt", "parentheses");
	foreign("print('a'", "bracket");
	foreign("print('a)\n", "string");
	assert_true(holds("pass\n"));
	foreign("assert tcpi_rtt ==", "unfinished");
	foreign("assert tcpi_rtt == 1 tcpi_rto", "tcpi_rto");
	foreign("if tcpi_rtt: print(1)", "if");
	snprintf(deep, sizeof(deep), "assert %0500d", 0);
	for (char *c = deep + strlen("assert "); *c; c++)
		*c = '(';
	foreign(deep, "deeply");
}

static void test_mistakes(void **state)
{
	(void)state;
	wrong("0 > R 1:1(0) /* a\n b", 1, 14, "never closed");
	wrong("0 < S 0:0(0) win 1 <...>", 1, 25, "expected packet only");
	wrong("* close(3) = 0", 1, 1, "at any time");
	wrong("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 fcntl(3, F_SETFL) = 0", 2, 13, "value for this is missing");
	wrong("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 writev(3, [1], 1) = 0", 2, 15, "iovec");
	wrong("", 1, 1, "no event");
	wrong("// nothing\n", 2, 1, "no event");
	wrong("`sysctl -q a=1", 1, 1, "never closed");
	wrong("socket(3) = 3", 1, 1, "begins with its time");
	wrong("0 sokcet(...) = 3", 1, 3, "no system call");
	wrong("0 socket(..., SOCK_STREAM) = 3", 1, 3, "2 arguments here and takes 3");
	wrong("0 socket(..., SOCK_STREAM, IPPROTO_TCP) 3", 1, 41, "`=` and the result");
	wrong("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = x", 1, 43, "is a number");
	wrong("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 close(4) = 0", 2, 10, "no descriptor 4");
	wrong("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 close(3) = 0\n+0 close(3) = 0", 3, 10, "no descriptor 3");
	wrong("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = -1 EWHAT (What)", 1, 46, "no errno");
	wrong("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = -1 EPIPE (What\n", 1, 52, "not closed");
	wrong("0 socket(..., SHUT_RD, IPPROTO_TCP) = 3", 1, 15, "SOCK_STREAM");
	wrong("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 listen(3, 1 2) = 0", 2, 16, "`,` or `)`");
	wrong("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 setsockopt(3, SOL_SOCKET, TCP_LINGER2, [1], 4) = 0", 2, 30,
	      "another level");
	wrong("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 recv(3, ..., 5, POLLIN) = 0", 2, 20, "MSG_* flags");
	wrong("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 close(3,) = 0", 2, 12, "an argument is missing");
	wrong("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 bind(3, {sa_family = AF_INET}, ...) = 0", 2, 12, "`...` belongs here");
	wrong("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 getsockopt(3, SOL_TCP, TCP_NODELAY, [0], [8]) = 0", 2, 45, "value is 4");
	wrong("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3", 2, 44, "a descriptor 3 already");
	wrong("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 writev(3, [{..., 1}], 2) = 1", 2, 26, "how many buffers there are is 1");
	wrong("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
	      "+0 sendmsg(3, {msg_name(...)=..., msg_iov(2)=[{..., 1}], msg_flags=0}, 0) = 1", 2, 35, "msg_iov(2) has 1");
	wrong("0 > F. 1:1(0)\n", 1, 14, "needs `ack`");
	wrong("0 > F. 1:1(0)\n +1 > F. 1:1(0) ack 1\n", 1, 14, "needs `ack`");
	wrong("0 < F. 1:1(0) ack 1\n", 1, 20, "needs a window");
	wrong("+.1~+.05 > R 1:1(0)", 1, 1, "ends before it begins");
	wrong("+.1...0.05 close(3) = 0", 1, 1, "returns before it begins");
	wrong("+.1...0.15 > R 1:1(0)", 1, 1, "only a system call");
	wrong("+.1~+.15 < R 1:1(0)", 1, 1, "only an expected packet");
	wrong("+1000000 > R 1:1(0)", 1, 2, "wait longer");
	wrong("+-1 > R 1:1(0)", 1, 2, "negative");
	wrong("`sysctl -q net.ipv4.tcp_retries2=999`\n0 > R 1:1(0)", 1, 34, "takes a number from 0 to 255");
	wrong("`sysctl -q net.ipv4.tcp_retries2=x`\n0 > R 1:1(0)", 1, 34, "takes a number");
	wrong("`sysctl -q net.ipv4.tcp_sack=\"1 1\"`\n0 > R 1:1(0)", 1, 33, "no further value");
	wrong("`sysctl -q net.ipv4.tcp_sack = 1`\n0 > R 1:1(0)", 1, 12, "NAME=VALUE");
	wrong("`sysctl -q net.ipv4.tcp_sack=`\n0 > R 1:1(0)", 1, 30, "value is missing");
}

/* Every beginning of a script is a script or a mistake, but no accident. */
static void test_beginnings(void **state)
{
	char script[2048];
	struct err err;

	(void)state;
	snprintf(script, sizeof(script),
		 "%s+0 setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5}, 8) = 0\n"
		 "+0 poll([{fd=4, events=POLLIN, revents=0}], 1, 0) = 0\n"
		 "+0 %%{ assert tcpi_state == TCP_FIN_WAIT2, tcpi_state }%%\n"
		 "+0 < icmp unreachable host_unreachable [1:1(0)]\n"
		 "+0 > . 1:1(0) ack 1 <nop,nop,sack 1:2 3:4>\n"
		 "+0 write(4, ..., 10) = -1 EPIPE (Broken pipe)\n"
		 "+0 sendmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 1}], msg_flags=0}, 0) = 1 /* one */\n"
		 "* > . 1:1(0) ack 1 <...>\n+0 `sysctl -q net.ipv4.tcp_sack=$((1*1)) > /dev/null`\n"
		 "+0 ioctl(4, SIOCINQ, [0]) = 0x0 (none)\n",
		 head);
	for (size_t len = 0; len <= strlen(script); len++) {
		memset(&err, 0, sizeof(err));
		drill_free(try_parse(script, len, &err));
	}
	drill_free(parsed(script));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_huge_number_is_held),
		cmocka_unit_test(test_script),
		cmocka_unit_test(test_defines),
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_state_assertion),
		cmocka_unit_test(test_what_is_skipped), cmocka_unit_test(test_files),
		cmocka_unit_test(test_options),	     cmocka_unit_test(test_nstat),		cmocka_unit_test(test_code),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_beginnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
