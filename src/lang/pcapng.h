/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Captures as pcapng files: blocks after each other, little-endian whatever machine writes them, so that the same
 * session gives the same bytes. The packets are IPv4 without a link layer, the times nanoseconds.
 */
#ifndef LANG_PCAPNG_H
#define LANG_PCAPNG_H

#include "base/buf.h"

struct pcapng_interface {
	const char *name;	 /* "A" */
	const char *description;
	const char *os;
	u32 address;		 /* IPv4, in host order; of a network of 24 bits */
};

struct pcapng_packet {
	u64 ns;		/* its time */
	u64 id;		/* the same where several interfaces saw the same packet */
	const u8 *bytes;
	size_t len;	/* of the bytes that are there */
	size_t on_wire;	/* and of the packet as a whole */
	const char *comment; /* UTF-8 */
	u32 interface;	/* counted from 0, in the order in which they were added */
	bool inbound;
};

/* The section header, with which a file begins. */
void pcapng_begin(struct buf *b, const char *application, const char *comment);
/* All interfaces come before the first packet. */
void pcapng_add_interface(struct buf *b, const struct pcapng_interface *i);
void pcapng_add_packet(struct buf *b, const struct pcapng_packet *p);

#endif
