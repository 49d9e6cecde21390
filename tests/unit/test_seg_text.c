/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Segments as text and as bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/seg_bytes.h"
#include "wire/seg_text.h"

static const struct seg_origin origin = { .seq = 0xfffffff0u, .ack = 5000 };
static const struct seg_origin raw = { 0, 0 };

static struct seg parsed(const char *text, struct seg_origin from)
{
	struct seg g;
	struct err err = { 0 };

	if (seg_parse(&g, text, from, NULL, &err))
		fail_msg("`%s`: column %u: %s", text, err.column, err.message);
	return g;
}

static void there_and_back(const char *text)
{
	char out[SEG_TEXT_MAX];
	struct seg g = parsed(text, origin);

	size_t len = seg_text(out, &g, origin, strstr(text, "win") ? SEG_TEXT_ALL : SEG_TEXT_OPTS);

	assert_string_equal(out, text);
	assert_int_equal(len, strlen(text));
}

static void test_round_trip(void **state)
{
	static const char *const texts[] = {
		"F. 1:1(0) ack 1 win 502 <nop,nop,TS val 1 ecr 2>",
		"S 0:0(0) win 65535 <mss 1460,sackOK,TS val 4294967295 ecr 0,nop,wscale 7>",
		"S. 0:0(0) ack 1 win 65535 <mss 1460,nop,nop,sackOK,nop,wscale 14>",
		"S 0:0(0) <mss 1460>",
		"S 0:0(0) <mss 1460,nop,nop,TS val 3 ecr 4>",
		"R 1:1(0) win 0",
		"R. 201:201(0) ack 1",
		"FP. 501:531(30) ack 1",
		". 1:1(0) ack 1001 <nop,nop,sack 1501:1502 501:1001>",
		". 1:1(0) ack 1001 <nop,nop,sack 4294967295:3 5:6 7:8 9:10>",
		". 1:1(0) ack 1 win 1 <nop,nop,TS val 1 ecr 2,nop,nop,sack 1:2 3:4 5:6>",
		"FSRP.UEW 4294967290:4(10) ack 4294967295 win 1",
		"- 7:7(0)",
		"udp (100)",
		"icmp unreachable host_unreachable [1:1(0)]",
		"icmp unreachable frag_needed mtu 1400 [1:1(0)]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		there_and_back(texts[i]);
}

static void test_numbers_are_relative(void **state)
{
	struct seg g = parsed("P. 1:101(100) ack 7 win 9 <nop,nop,sack 3:4>", origin);
	char out[SEG_TEXT_MAX];

	(void)state;
	assert_int_equal(g.seq, 0xfffffff1u);
	assert_int_equal(g.ack, 5007);
	assert_int_equal(g.sack[0][0], 5003);
	assert_int_equal(g.flags, TCPHDR_PSH | TCPHDR_ACK);
	assert_int_equal(g.proto, SEG_TCP);
	seg_text(out, &g, raw, SEG_TEXT_OPTS);
	assert_string_equal(out, "P. 4294967281:85(100) ack 5007 <nop,nop,sack 5003:5004>");
	/* without the flag there is no number to be moved */
	assert_int_equal(parsed("R 1:1(0)", origin).ack, 0);
}

static void test_white_space_and_comments(void **state)
{
	struct seg g = parsed(" F . 1 : 1 ( 0 )\tack 1// a comment\n win 5 <\n mss 9 , nop >  // end", raw);

	(void)state;
	assert_int_equal(g.flags, TCPHDR_FIN | TCPHDR_ACK);
	assert_int_equal(g.mss, 9);
	g = parsed("/**/F/* .. */. 1:1(0) /* a\n * b */ ack 1/* end */", raw);
	assert_int_equal(g.flags, TCPHDR_FIN | TCPHDR_ACK);
}

static void wrong(const char *text, u32 column, const char *part)
{
	struct seg g;
	struct err err = { 0 };

	assert_int_equal(seg_parse(&g, text, raw, NULL, &err), ST_WRONG);
	if (err.column != column || !strstr(err.message, part))
		fail_msg("`%s`: column %u: %s", text, err.column, err.message);
}

static void test_mistakes(void **state)
{
	(void)state;
	wrong("", 1, "begins with its flags");
	wrong("Q. 1:1(0) ack 1", 1, "`Q` is no flag");
	wrong("FF. 1:1(0) ack 1", 2, "twice");
	wrong("F.", 3, "first sequence number");
	wrong("F. 1:1 ack 1", 8, "`(` is missing");
	wrong("F. 1:2(0) ack 1", 6, "end at 1, not at 2");
	wrong("F. 1:1(0)", 10, "needs `ack`");
	wrong("F 1:1(0) ack 1", 10, "needs the ACK flag");
	wrong("F. 1:1(0) ack x", 15, "acknowledgement number");
	wrong("F. 1:1(0) ack 4294967296", 15, "from 0 to 4294967295");
	wrong("F. 1:1(0) ack 12ab", 15, "`12ab` is no number");
	wrong("F. -1:1(0) ack 1", 4, "is missing");
	wrong(". 1:1(0) ack 1 win 65536", 20, "from 0 to 65535");
	wrong(". 1:70001(70000) ack 1", 11, "from 0 to 65495");
	wrong(". 1:1(0) ack 1 <>", 17, "no such option");
	wrong(". 1:1(0) ack 1 <mss 0>", 21, "from 1");
	wrong(". 1:1(0) ack 1 <mss 5,mss 6>", 23, "already");
	wrong(". 1:1(0) ack 1 <nop,nop,TS val 1>", 33, "`ecr` is missing");
	wrong(". 1:1(0) ack 1 <sack 1:2 3:4 5:6 7:8 9:10>", 38, "room for 4");
	wrong(". 1:1(0) ack 1 <TS val 1 ecr 2,sack 1:2 3:4 5:6 7:8>", 32, "40 bytes");
	wrong(". 1:1(0) ack 1 <nop", 20, "`>` is missing");
	wrong(". 1:1(0) ack 1 5", 16, "ends before");
	wrong("icmp redirect", 1, "no ICMP message that is no error");
	wrong("SA 0:0(0)", 1, "no ECN");
	wrong(".3 1:1(0) ack 1", 1, "no ECN");
	wrong("icmp nonsense", 6, "unreachable");
	wrong("icmp unreachable moon [1:1(0)]", 18, "what is unreachable");
	wrong("udp 5", 5, "`(` is missing");
	wrong("/*", 3, "begins with its flags");
	wrong("F. 1:1(0) /* ack 1", 10, "needs `ack`");
	wrong(". 1:1(0) ack 1 <...>", 1, "for packets that a script expects");
	wrong(". 1:1(0) ack 1 <FO 1234>", 1, "no FO");
}

static void test_order_of_options(void **state)
{
	static const struct {
		const char *text;
		bool kernels;
	} rows[] = {
		{ "S 0:0(0) <mss 1460,nop,nop,sackOK>", true },
		{ "S 0:0(0) <mss 1460,sackOK>", false },
		{ "S 0:0(0) <nop,nop,sackOK,mss 1460>", false },
		{ ". 1:1(0) ack 1 <nop,nop,TS val 1 ecr 1,nop,nop,sack 1:2>", true },
		{ ". 1:1(0) ack 1", true },
		{ ". 1:1(0) ack 1 <nop>", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct seg_scan scan;
		size_t pos = 0;

		assert_int_equal(seg_scan(&scan, rows[i].text, strlen(rows[i].text), &pos, 0, NULL), ST_OK);
		assert_int_equal(scan.kernel_order, rows[i].kernels);
		assert_int_equal(pos, strlen(rows[i].text));
	}
}

/* A scan ends where the segment does, and never looks behind the end it was given. */
static void test_scan_keeps_inside(void **state)
{
	static const char text[] = "F. 1:1(0) ack 12 win 34 <mss 56> + more";
	struct seg_scan scan;
	size_t pos = 0;

	(void)state;
	assert_int_equal(seg_scan(&scan, text, 15, &pos, 0, NULL), ST_OK);
	assert_int_equal(scan.seg.ack, 1);
	assert_false(scan.has_win);
	pos = 0;
	assert_int_equal(seg_scan(&scan, text, strlen(text), &pos, 0, NULL), ST_OK);
	assert_int_equal(pos, 32);
	assert_true(scan.has_win);
	for (size_t len = 0; len < strlen(text); len++) {
		pos = 0;
		seg_scan(&scan, text, len, &pos, 0, NULL);
		assert_true(pos <= len);
	}
}

/* ---- bytes --------------------------------------------------------------------------------------------------------- */

static u32 checksum(u32 sum, const u8 *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum += i & 1 ? p[i] : (u32)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void test_bytes_sum_up(void **state)
{
	static const char *const texts[] = {
		"S 0:0(0) win 65535 <mss 1460,sackOK,TS val 4294967295 ecr 77,nop,wscale 7>",
		"P. 1:4(3) ack 9 win 1 <nop,nop,TS val 1 ecr 2,nop,nop,sack 1:2 3:4 5:6>",
		"F. 1:1(0) ack 9 win 1 <nop,nop,sack 1:2 3:4 5:6 7:8>",
		"udp (3)",
	};
	const u32 saddr = 0x0a000001, daddr = 0x0a000002;
	const u8 payload[3] = { 0xff, 'b', 0x80 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		u8 b[200];
		struct seg g = parsed(texts[i], raw);
		size_t n = seg_bytes(b, sizeof(b), &g, saddr, daddr, 7, payload);
		u32 pseudo = (saddr >> 16) + (saddr & 0xffff) + (daddr >> 16) + (daddr & 0xffff) + g.proto + (u32)n - 20;

		assert_int_equal((b[2] << 8) | b[3], n);
		assert_int_equal(checksum(0, b, 20), 0xffff);
		assert_int_equal(checksum(pseudo, b + 20, n - 20), 0xffff);
		if (g.proto == SEG_TCP)
			assert_int_equal((size_t)(b[32] >> 4) * 4, 20 + seg_options_len(&g));
		assert_memory_equal(b + n - g.len, payload, g.len);
	}
}

static void test_bytes_of_icmp_quote(void **state)
{
	struct seg g = parsed("icmp unreachable host_unreachable [258:258(0)]", raw);
	u8 b[100];

	(void)state;
	g.sport = 8080;
	g.dport = 5;
	assert_int_equal(seg_bytes(b, sizeof(b), &g, 1, 2, 0, NULL), 56);
	assert_int_equal(checksum(0, b, 20), 0xffff);
	assert_int_equal(checksum(0, b + 20, 36), 0xffff);
	assert_int_equal(b[20], 3);
	assert_int_equal(b[21], 1);
	assert_int_equal(b[28 + 15], 2); /* quoted source: the receiver */
	assert_int_equal((b[48] << 8) | b[49], 8080);
	assert_int_equal((b[54] << 8) | b[55], 258);
	/* a buffer that is too short gets the beginning */
	memset(b, 0xaa, sizeof(b));
	assert_int_equal(seg_bytes(b, 10, &g, 1, 2, 0, NULL), 56);
	assert_int_equal(b[10], 0xaa);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_numbers_are_relative),
		cmocka_unit_test(test_white_space_and_comments),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_order_of_options),
		cmocka_unit_test(test_scan_keeps_inside),
		cmocka_unit_test(test_bytes_sum_up),
		cmocka_unit_test(test_bytes_of_icmp_quote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
