/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/seg_bytes.h"

#include <string.h>

#include "wire/seg_text.h"

enum { IP_HEADER = 20, TCP_HEADER = 20, UDP_HEADER = 8, ICMP_HEADER = 8, ICMP_QUOTE = 8, IP_TTL = 64 };

/* Writes in network order and keeps inside the headers, which always fit. */
struct writer {
	u8 bytes[SEG_HEADERS_MAX];
	size_t len;
};

static void put8(struct writer *w, u32 v)
{
	w->bytes[w->len++] = (u8)v;
}

static void put16(struct writer *w, u32 v)
{
	put8(w, v >> 8);
	put8(w, v);
}

static void put32(struct writer *w, u32 v)
{
	put16(w, v >> 16);
	put16(w, v);
}

static void set16(struct writer *w, size_t at, u32 v)
{
	w->bytes[at] = (u8)(v >> 8);
	w->bytes[at + 1] = (u8)v;
}

/* The Internet checksum, in two steps: sum up pieces (of even length but for the last), then fold. */
static u32 sum_add(u32 sum, const u8 *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (u32)p[i] << 8 | p[i + 1];
	if (n & 1)
		sum += (u32)p[n - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static u32 pseudo_sum(u32 saddr, u32 daddr, u8 proto, size_t len)
{
	u32 sum = (saddr >> 16) + (saddr & 0xffff) + (daddr >> 16) + (daddr & 0xffff) + proto + (u32)len;

	return sum_add(sum, NULL, 0);
}

static void put_ip(struct writer *w, size_t total, u16 id, u8 proto, u32 saddr, u32 daddr)
{
	const size_t at = w->len;

	put8(w, 0x45);
	put8(w, 0);
	put16(w, (u32)total);
	put16(w, id);
	put16(w, 0x4000); /* don't fragment */
	put8(w, IP_TTL);
	put8(w, proto);
	put16(w, 0);
	put32(w, saddr);
	put32(w, daddr);
	set16(w, at + 10, ~sum_add(0, w->bytes + at, IP_HEADER));
}

static void put_options(struct writer *w, const struct seg *g)
{
	const bool ts = g->opts & SEG_OPT_TS;
	const bool sack_ok = g->opts & SEG_OPT_SACKOK;

	if (g->mss)
		put32(w, 0x02040000u | g->mss);
	if (ts || sack_ok)
		put16(w, sack_ok && ts ? 0x0402 : 0x0101);
	if (ts) {
		put16(w, 0x080a);
		put32(w, g->tsval);
		put32(w, g->tsecr);
	} else if (sack_ok) {
		put16(w, 0x0402);
	}
	if (g->opts & SEG_OPT_WSCALE)
		put32(w, 0x01030300u | g->wscale);
	if (g->nsack)
		put32(w, 0x01010500u | (2u + 8u * g->nsack));
	for (u8 i = 0; i < g->nsack; i++) {
		put32(w, g->sack[i][0]);
		put32(w, g->sack[i][1]);
	}
}

/* A header has room for 40 bytes of options. Forged segments may want more than the kernel would ever write. */
static struct seg within_header(const struct seg *g)
{
	struct seg fit = *g;

	while (fit.nsack && seg_options_len(&fit) > 40)
		fit.nsack--;
	return fit;
}

static void put_tcp(struct writer *w, const struct seg *g)
{
	const size_t at = w->len;

	put16(w, g->sport);
	put16(w, g->dport);
	put32(w, g->seq);
	put32(w, g->ack);
	put16(w, g->flags);
	put16(w, g->win);
	put32(w, 0);
	put_options(w, g);
	w->bytes[at + 12] = (u8)((w->len - at) / 4 << 4);
}

static void put_icmp(struct writer *w, const struct seg *g, u32 saddr, u32 daddr)
{
	const bool udp = g->opts == SEG_UDP;
	const size_t at = w->len;

	put8(w, g->icmp_type);
	put8(w, g->icmp_code);
	put16(w, 0);
	put32(w, g->len & 0xffff); /* the next hop's MTU; 0 for the other codes */
	/* what is quoted went the other way */
	put_ip(w, (size_t)IP_HEADER + (udp ? UDP_HEADER : TCP_HEADER), 0, udp ? SEG_UDP : SEG_TCP, daddr, saddr);
	put16(w, g->sport);
	put16(w, g->dport);
	put32(w, udp ? UDP_HEADER << 16 : g->seq);
	set16(w, at + 2, ~sum_add(0, w->bytes + at, w->len - at));
}

size_t seg_bytes(u8 *out, size_t size, const struct seg *g, u32 saddr, u32 daddr, u16 id, const u8 *payload)
{
	const struct seg fit = within_header(g);
	const size_t data = g->proto == SEG_ICMP ? 0 : g->len;
	struct writer w = { .len = IP_HEADER };
	struct writer ip = { .len = 0 };
	size_t headers;
	u32 sum;

	switch (g->proto) {
	case SEG_ICMP:
		put_icmp(&w, g, saddr, daddr);
		break;
	case SEG_UDP:
		put16(&w, g->sport);
		put16(&w, g->dport);
		put16(&w, (u32)(UDP_HEADER + data));
		put16(&w, 0);
		break;
	default:
		put_tcp(&w, &fit);
		break;
	}
	headers = w.len;
	put_ip(&ip, headers + data, id, g->proto == SEG_ICMP ? SEG_ICMP : g->proto == SEG_UDP ? SEG_UDP : SEG_TCP, saddr, daddr);
	memcpy(w.bytes, ip.bytes, IP_HEADER);
	if (g->proto != SEG_ICMP) {
		const u8 proto = g->proto == SEG_UDP ? SEG_UDP : SEG_TCP;

		sum = pseudo_sum(saddr, daddr, proto, headers - IP_HEADER + data);
		sum = sum_add(sum, w.bytes + IP_HEADER, headers - IP_HEADER);
		if (payload)
			sum = sum_add(sum, payload, data);
		sum = ~sum & 0xffff;
		/* a UDP checksum of 0 would mean that there is none */
		set16(&w, (size_t)IP_HEADER + (proto == SEG_UDP ? 6 : 16), proto == SEG_UDP && !sum ? 0xffff : sum);
	}
	memcpy(out, w.bytes, size < headers ? size : headers);
	if (size > headers) {
		const size_t n = size - headers < data ? size - headers : data;

		if (payload)
			memcpy(out + headers, payload, n);
		else
			memset(out + headers, 0, n);
	}
	return headers + data;
}
