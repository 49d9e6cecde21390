/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captures, byte by byte, by a reader of their own: blocks, options, packets, checksums. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/capture.h"

static const struct cmd_table *const tables[] = { &cmds_world, &cmds_call, &cmds_net, &cmds_time, &cmds_look,
						  &cmds_history, &cmds_file, NULL };

enum { PACKETS = 64, COMMENT = 1000 };

struct packet {
	u32 interface;
	u64 ns;
	u64 id;
	u32 flags;
	const u8 *bytes;
	u32 len;
	char comment[COMMENT];
};

struct capture {
	struct buf file;
	u32 interfaces;
	char name[4][8];
	struct packet packet[PACKETS];
	u32 n;
};

static void nowhere(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

static u32 le32(const u8 *p)
{
	return (u32)p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

static u32 le16(const u8 *p)
{
	return (u32)p[0] | (u32)p[1] << 8;
}

static u32 be16(const u8 *p)
{
	return (u32)p[0] << 8 | p[1];
}

static u32 be32(const u8 *p)
{
	return be16(p) << 16 | be16(p + 2);
}

/* The option of that code in the `len` bytes at `p`, which have to end with the end of options. */
static const u8 *option(const u8 *p, size_t len, u32 code, u32 *size)
{
	const u8 *found = NULL;

	while (len >= 4 && le16(p)) {
		const u32 n = le16(p + 2), room = 4 + (n + 3) / 4 * 4;

		assert_true(room <= len);
		for (u32 i = n; i < room - 4; i++)
			assert_int_equal(p[4 + i], 0);
		if (le16(p) == code) {
			found = p + 4;
			*size = n;
		}
		p += room;
		len -= room;
	}
	assert_int_equal(len, 4);
	assert_int_equal(le32(p), 0);
	return found;
}

static void read_interface(struct capture *c, const u8 *p, size_t len)
{
	u32 n;
	const u8 *o;

	assert_int_equal(le16(p), 101);
	assert_int_equal(c->n, 0);
	o = option(p + 8, len - 8, 9, &n);
	assert_non_null(o);
	assert_int_equal(*o, 9);
	o = option(p + 8, len - 8, 2, &n);
	assert_non_null(o);
	memcpy(c->name[c->interfaces++], o, n);
}

static void read_packet(struct capture *c, const u8 *p, size_t len)
{
	struct packet *k = &c->packet[c->n++];
	const u32 padded = (le32(p + 12) + 3) / 4 * 4;
	u32 n;
	const u8 *o;

	assert_true(c->n < PACKETS);
	*k = (struct packet){
		.interface = le32(p), .ns = (u64)le32(p + 4) << 32 | le32(p + 8), .bytes = p + 20, .len = le32(p + 12)
	};
	assert_int_equal(le32(p + 12), le32(p + 16));
	assert_true(k->interface < c->interfaces);
	o = option(p + 20 + padded, len - 20 - padded, 2, &n);
	assert_int_equal(n, 4);
	k->flags = le32(o);
	o = option(p + 20 + padded, len - 20 - padded, 5, &n);
	assert_int_equal(n, 8);
	k->id = le32(o);
	o = option(p + 20 + padded, len - 20 - padded, 1, &n);
	assert_non_null(o);
	assert_true(n < COMMENT);
	memcpy(k->comment, o, n);
}

static void read_file(struct capture *c)
{
	const u8 *p = (const u8 *)c->file.data;
	size_t left = c->file.len;

	assert_true(left >= 28);
	assert_int_equal(le32(p), 0x0a0d0d0a);
	assert_int_equal(le32(p + 8), 0x1a2b3c4d);
	assert_int_equal(le16(p + 12), 1);
	while (left) {
		const u32 type = le32(p), len = le32(p + 4);

		assert_true(len >= 12 && len <= left && len % 4 == 0);
		assert_int_equal(le32(p + len - 4), len);
		if (type == 1)
			read_interface(c, p + 8, len - 12);
		else if (type == 6)
			read_packet(c, p + 8, len - 12);
		else
			assert_int_equal(type, 0x0a0d0d0a);
		p += len;
		left -= len;
	}
}

static struct capture *capture(const char *line, u8 host)
{
	static struct session ss;
	static struct capture c;
	struct err err;

	buf_release(&c.file);
	memset(&c, 0, sizeof(c));
	assert_int_equal(session_init(&ss, tables, (struct sink){ nowhere, NULL }, &err), ST_OK);
	assert_int_equal(session_line(&ss, line, strlen(line), &err), ST_OK);
	assert_int_equal(add_capture(&c.file, &ss, host, &err), ST_OK);
	session_release(&ss);
	read_file(&c);
	return &c;
}

/* Every 16 bits added up, with the carry put back: all ones where the checksum among them is right. */
static u32 sum(u32 s, const u8 *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		s += i & 1 ? p[i] : (u32)p[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

static void checksums_hold(const struct capture *c)
{
	for (u32 i = 0; i < c->n; i++) {
		const struct packet *k = &c->packet[i];
		const u32 proto = k->bytes[9];

		assert_int_equal(k->bytes[0], 0x45);
		assert_int_equal(be16(k->bytes + 2), k->len);
		assert_int_equal(sum(0, k->bytes, 20), 0xffff);
		assert_int_equal(
			sum(proto == 1 ? 0 : sum(proto + k->len - 20, k->bytes + 12, 8), k->bytes + 20, k->len - 20),
			0xffff);
	}
}

static void t_one_host_sees_what_passes_it(void **state)
{
	const struct capture *c =
		capture("send A \"hello\"; deliver; close A; drop A>B; deliver; tick timer; deliver A>B", 0);

	(void)state;
	assert_int_equal(c->interfaces, 1);
	assert_string_equal(c->name[0], "A");
	/* the handshake, the data, its ACK, the FIN that is lost, and the FIN again */
	assert_int_equal(c->n, 7);
	checksums_hold(c);
	assert_memory_equal(c->packet[3].bytes + 20 + 32, "hello", 5);
	assert_int_equal(c->packet[3].bytes[20 + 13], 0x18);
	assert_int_equal(be16(c->packet[3].bytes + 20), 40000);
	assert_int_equal(be32(c->packet[3].bytes + 12), 0x0a000001);
	assert_int_equal(c->packet[3].flags, 2);
	/* what arrives */
	assert_int_equal(be32(c->packet[1].bytes + 12), 0x0a000002);
	assert_int_equal(c->packet[1].flags, 1);
}

static void t_both_hosts_have_an_interface_each(void **state)
{
	const struct capture *c = capture("send A 100; close A; deliver; drop", NR_HOSTS);
	u32 of[2] = { 0, 0 };

	(void)state;
	assert_int_equal(c->interfaces, 2);
	assert_string_equal(c->name[1], "B");
	for (u32 i = 0; i < c->n; i++)
		of[c->packet[i].interface]++;
	checksums_hold(c);
	/* B never saw the FIN that was dropped; A has not had B's ACK yet */
	assert_int_equal(of[0], 5);
	assert_int_equal(of[1], 5);
	/* the same packet, seen twice, has one number */
	assert_int_equal(c->packet[0].id, 1);
	assert_int_equal(c->packet[1].id, 1);
	assert_memory_equal(c->packet[0].bytes, c->packet[1].bytes, c->packet[0].len);
}

static void t_comments_tell_who_sent_it_and_what_became_of_it(void **state)
{
	const struct capture *c = capture("close A; drop; scenario unread-data; close B; deliver", NR_HOSTS);
	const struct packet *rst = &c->packet[c->n - 2], *fin;

	(void)state;
	assert_int_equal(rst->bytes[20 + 13], 0x14);
	assert_non_null(strstr(rst->comment, "sent by B: tcp_send_active_reset, because of close(4) = 0"));
	assert_non_null(strstr(rst->comment, "tcp_close > __tcp_close > tcp_send_active_reset"));
	assert_non_null(strstr(rst->comment, "Arrived at A at 0.000000 s"));
	assert_non_null(strstr(c->packet[c->n - 1].comment, "A: ESTABLISHED -> CLOSE"));
	c = capture("close A; tick 3ms; drop #4; drop", 0);
	fin = &c->packet[3];
	assert_non_null(strstr(fin->comment, "tcp_send_fin, because of close(3) = 0"));
	assert_non_null(strstr(fin->comment, "Lost on the way at 0.003000 s: B never got it"));
	c = capture("close A", 0);
	assert_non_null(strstr(c->packet[3].comment, "Still on its way"));
	c = capture("inject A \"R. 1:1(0) ack 1\"", 0);
	assert_non_null(strstr(c->packet[3].comment, "no host sent it: it was injected"));
}

static void t_times_are_nanoseconds_of_the_worlds_clock(void **state)
{
	const struct capture *c = capture("tick 1.5s; close A", 0);

	(void)state;
	assert_true(c->packet[3].ns - c->packet[2].ns == 1500000000u);
	/* a second of the session's clock is a thousand ticks of the TCP timestamp */
	assert_true(c->packet[3].ns / 1000000 == be32(c->packet[3].bytes + 20 + 20 + 4));
	/* the set-up of this one takes time, before 0 */
	c = capture("scenario full-window", 0);
	for (u32 i = 1; i < c->n; i++)
		assert_true(c->packet[i].ns >= c->packet[i - 1].ns);
}

static void t_bytes_are_those_of_their_connection(void **state)
{
	const struct capture *c = capture("scenario udp; send A \"ping\"; deliver", 0);
	u32 n = 0;

	(void)state;
	assert_int_equal(c->packet[0].bytes[9], 17);
	assert_memory_equal(c->packet[0].bytes + 28, "ping", 4);
	c = capture(
		"setsockopt A reuseaddr=1; send A \"first\"; deliver all; close A; deliver all; run 1s; close B; run "
		"5s; "
		"socket A; setsockopt A reuseaddr=1; bind A :40000; connect A; deliver all; accept B; send A \"again\"",
		0);
	checksums_hold(c);
	for (u32 i = 0; i < c->n; i++)
		if (c->packet[i].len == 57)
			assert_memory_equal(c->packet[i].bytes + 52, n++ ? "again" : "first", 5);
	assert_int_equal(n, 2);
}

static void t_icmp_and_forged_headers_are_whole(void **state)
{
	const struct capture *c =
		capture("close A; icmp A port-unreachable; inject B \"P. 1:11(10) ack 1 win 257\"", NR_HOSTS);

	u32 icmp = 0;

	(void)state;
	checksums_hold(c);
	while (icmp < c->n && c->packet[icmp].bytes[9] != 1)
		icmp++;
	assert_true(icmp < c->n);
	assert_int_equal(c->packet[icmp].len, 56);
	assert_string_equal(c->name[c->packet[icmp].interface], "A");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_one_host_sees_what_passes_it),
		cmocka_unit_test(t_both_hosts_have_an_interface_each),
		cmocka_unit_test(t_comments_tell_who_sent_it_and_what_became_of_it),
		cmocka_unit_test(t_times_are_nanoseconds_of_the_worlds_clock),
		cmocka_unit_test(t_bytes_are_those_of_their_connection),
		cmocka_unit_test(t_icmp_and_forged_headers_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
