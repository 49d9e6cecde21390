/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/pcapng.h"

#include <string.h>

enum { BLOCK_SECTION = 0x0a0d0d0a, BLOCK_INTERFACE = 1, BLOCK_PACKET = 6 };
enum { OPT_END = 0, OPT_COMMENT = 1 };
enum { SHB_USERAPPL = 4 };
enum { IF_NAME = 2, IF_DESCRIPTION = 3, IF_IPV4ADDR = 4, IF_TSRESOL = 9, IF_OS = 12 };
enum { EPB_FLAGS = 2, EPB_PACKETID = 5, FLAG_INBOUND = 1, FLAG_OUTBOUND = 2 };
enum { LINKTYPE_RAW = 101, NANOSECONDS = 9 };
/* An option's length has 16 bits. */
#define OPTION_MAX 0xffffu

static void put16(struct buf *b, u32 v)
{
	buf_putc(b, (char)(v & 0xff));
	buf_putc(b, (char)(v >> 8 & 0xff));
}

static void put32(struct buf *b, u32 v)
{
	put16(b, v & 0xffff);
	put16(b, v >> 16);
}

/* Everything stands at a multiple of four bytes. */
static void put_padded(struct buf *b, const void *data, size_t len)
{
	buf_add(b, data, len);
	buf_fill(b, '\0', (4 - len % 4) % 4);
}

static void put_option(struct buf *b, u32 code, const void *data, size_t len)
{
	put16(b, code);
	put16(b, (u32)len);
	put_padded(b, data, len);
}

/* A text that is too long is cut between two characters. */
static void put_text(struct buf *b, u32 code, const char *text)
{
	size_t n = strlen(text);

	if (n > OPTION_MAX)
		for (n = OPTION_MAX; n && ((u8)text[n] & 0xc0) == 0x80;)
			n--;
	if (n)
		put_option(b, code, text, n);
}

/* A block tells its length at both ends; until it is known its place holds 0. */
static size_t begin_block(struct buf *b, u32 type)
{
	put32(b, type);
	put32(b, 0);
	return b->len;
}

static void end_block(struct buf *b, size_t body)
{
	const u32 len = (u32)(b->len - body) + 12;

	put32(b, len);
	memcpy(b->data + body - 4, b->data + b->len - 4, 4);
}

void pcapng_begin(struct buf *b, const char *application, const char *comment)
{
	const size_t body = begin_block(b, BLOCK_SECTION);

	put32(b, 0x1a2b3c4d); /* by which a reader knows the order of bytes */
	put16(b, 1);
	put16(b, 0);
	put32(b, 0xffffffff); /* how long the section is: not said */
	put32(b, 0xffffffff);
	put_text(b, OPT_COMMENT, comment);
	put_text(b, SHB_USERAPPL, application);
	put_option(b, OPT_END, "", 0);
	end_block(b, body);
}

void pcapng_add_interface(struct buf *b, const struct pcapng_interface *i)
{
	const u8 address[8] = { (u8)(i->address >> 24), (u8)(i->address >> 16), (u8)(i->address >> 8), (u8)i->address,
				255, 255, 255, 0 };
	const u8 resolution = NANOSECONDS;
	const size_t body = begin_block(b, BLOCK_INTERFACE);

	put16(b, LINKTYPE_RAW);
	put16(b, 0);
	put32(b, 0); /* packets are as long as they are */
	put_text(b, IF_NAME, i->name);
	put_text(b, IF_DESCRIPTION, i->description);
	put_option(b, IF_IPV4ADDR, address, sizeof(address));
	put_option(b, IF_TSRESOL, &resolution, 1);
	put_text(b, IF_OS, i->os);
	put_option(b, OPT_END, "", 0);
	end_block(b, body);
}

void pcapng_add_packet(struct buf *b, const struct pcapng_packet *p)
{
	const u8 flags[4] = { p->inbound ? FLAG_INBOUND : FLAG_OUTBOUND, 0, 0, 0 };
	u8 id[8];
	const size_t body = begin_block(b, BLOCK_PACKET);

	for (unsigned i = 0; i < sizeof(id); i++)
		id[i] = (u8)(p->id >> (8 * i));
	put32(b, p->interface);
	put32(b, (u32)(p->ns >> 32));
	put32(b, (u32)p->ns);
	put32(b, (u32)p->len);
	put32(b, (u32)p->on_wire);
	put_padded(b, p->bytes, p->len);
	put_text(b, OPT_COMMENT, p->comment);
	put_option(b, EPB_FLAGS, flags, sizeof(flags));
	put_option(b, EPB_PACKETID, id, sizeof(id));
	put_option(b, OPT_END, "", 0);
	end_block(b, body);
}
