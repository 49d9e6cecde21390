/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/capture.h"

#include <stdlib.h>
#include <string.h>

#include "lang/chronicle.h"
#include "lang/pcapng.h"
#include "wire/seg_bytes.h"

#define ADDRESS_A 0x0a000001u /* 10.0.0.1; B has the next */

struct capture {
	struct buf *out;
	struct session *ss;
	struct chronicle c;
	u8 host; /* NR_HOSTS: both */
};

static void add_interface(const struct capture *x, u8 host)
{
	const char name[2] = { host_letter(host), '\0' };
	const char *kernel = profile_of((enum profile_id)session_world(x->ss)->host[host].profile)->name;
	struct buf os = BUF_INIT, what = BUF_INIT;

	buf_printf(&os, "Linux %s", kernel);
	buf_printf(&what, "what passed the interface of host %s", name);
	pcapng_add_interface(x->out, &(struct pcapng_interface){ .name = name,
								 .description = buf_str(&what),
								 .os = buf_str(&os),
								 .address = ADDRESS_A + host });
	buf_release(&os);
	buf_release(&what);
}

/* ---- comments ---------------------------------------------------------------------------------------------------- */

static void add_time(struct buf *b, s64 us)
{
	const u64 n = us < 0 ? 0 - (u64)us : (u64)us;

	buf_printf(b, "%s%llu.%06llu s", us < 0 ? "-" : "", (unsigned long long)(n / USEC_PER_SEC),
		   (unsigned long long)(n % USEC_PER_SEC));
}

/* What came before it in the same moment and made the host act. */
static const struct happening *cause_of(const struct capture *x, const struct happening *h)
{
	for (const struct happening *p = h; p-- > x->c.hap;)
		if (p->moment != h->moment)
			return NULL;
		else if (p->host == h->host && (p->kind == HAP_CALL || p->kind == HAP_TIMER || p->kind == HAP_ARRIVE))
			return p;
	return NULL;
}

static void add_fate(struct buf *b, const struct capture *x, const struct happening *h)
{
	const char peer = host_letter((u8)(1 - h->host));
	const struct happening *end = chronicle_find(&x->c, h->number, HAP_LOST);

	if (end) {
		buf_puts(b, "\nLost on the way at ");
		add_time(b, end->at);
		buf_printf(b, ": %c never got it", peer);
	} else if ((end = chronicle_find(&x->c, h->number, HAP_ARRIVE))) {
		buf_printf(b, "\nArrived at %c at ", peer);
		add_time(b, end->at);
	} else if (!chronicle_find(&x->c, h->number, HAP_TAKEN)) {
		buf_puts(b, "\nStill on its way when this file was written");
	}
}

static void add_sent(struct buf *b, const struct capture *x, const struct happening *h)
{
	const struct happening *cause = cause_of(x, h);

	buf_printf(b, "#%u, sent by %c: %s", h->number, host_letter(h->host), h->sender ? h->sender : "the kernel");
	if (cause && cause->kind == HAP_ARRIVE)
		buf_printf(b, ", because #%u arrived", cause->number);
	else if (cause)
		buf_printf(b, ", because %s%s", cause->kind == HAP_TIMER ? "the " : "of ", cause->text);
	if (h->way && *h->way)
		buf_printf(b, "\n%s", h->way);
	add_fate(b, x, h);
}

/* What an arrival led to, as far as states go. */
static void add_effect(struct buf *b, const struct capture *x, const struct happening *h)
{
	const struct happening *end = x->c.hap + x->c.n;

	for (const struct happening *p = h + 1; p < end && p->moment == h->moment && p->kind != HAP_ARRIVE; p++)
		if (p->kind == HAP_STATE && p->host == h->host)
			buf_printf(b, "\n%c: %s", host_letter(h->host), p->text);
}

static void add_arrived(struct buf *b, const struct capture *x, const struct happening *h)
{
	const struct happening *sent = chronicle_find(&x->c, h->copy_of ? h->copy_of : h->number, HAP_SEND);

	buf_printf(b, "#%u arrives at %c", h->number, host_letter(h->host));
	if (h->copy_of)
		buf_printf(b, ", a copy of #%u that the network made", h->copy_of);
	if (h->forged) {
		buf_puts(b, "; no host sent it: it was injected");
	} else if (sent) {
		buf_puts(b, ", sent at ");
		add_time(b, sent->at);
	}
	add_effect(b, x, h);
}

/* ---- packets ----------------------------------------------------------------------------------------------------- */

/* The bytes of its payload, zeros where nobody typed any; the caller frees them. NULL: it has none. */
static u8 *payload_of(const struct capture *x, const struct happening *h, u8 from)
{
	const struct seg *g = &h->seg;
	const struct past_seg *sent = past_find_seg(&x->ss->past, h->copy_of ? h->copy_of : h->number);
	const char *typed;
	size_t len;
	u8 *bytes;

	if (g->proto == SEG_ICMP || !g->len)
		return NULL;
	bytes = xcalloc(g->len, 1);
	if (g->proto == SEG_TCP) {
		past_bytes(&x->ss->past, x->ss->tape, bytes, from, g, h->origin.seq + 1, h->moment);
	} else if (sent && sent->moment != MOMENT_NONE) {
		typed = tape_payload(x->ss->tape, sent->moment, &len);
		if (typed)
			memcpy(bytes, typed, len < g->len ? len : g->len);
	}
	return bytes;
}

static void add_packet(struct capture *x, const struct happening *h)
{
	const bool inbound = h->kind == HAP_ARRIVE;
	const u8 from = inbound ? (u8)(1 - h->host) : h->host;
	const u32 id = h->copy_of ? h->copy_of : h->number;
	u8 *payload = payload_of(x, h, from);
	const size_t room = SEG_HEADERS_MAX + h->seg.len;
	u8 *bytes = xcalloc(room, 1);
	struct buf comment = BUF_INIT;
	const size_t n = seg_bytes(bytes, room, &h->seg, ADDRESS_A + from, ADDRESS_A + (1u - from), (u16)id, payload);

	if (inbound)
		add_arrived(&comment, x, h);
	else
		add_sent(&comment, x, h);
	pcapng_add_packet(x->out, &(struct pcapng_packet){ .ns = ((u64)h->at + WORLD_EPOCH) * 1000,
							   .id = id,
							   .bytes = bytes,
							   .len = n,
							   .on_wire = n,
							   .comment = buf_str(&comment),
							   .inbound = inbound,
							   .interface = x->host == NR_HOSTS ? h->host : 0 });
	buf_release(&comment);
	free(bytes);
	free(payload);
}

static const char explanation[] = "A finwait session. Its clock is virtual: 0.000s there is 1000 s here. Each packet's "
				  "comment tells which function of the "
				  "kernel sent it, and what became of it.";
static const char of_both[] = "\nThere are two interfaces, one of each host: what one sent and the other got stands "
			      "here twice. For Wireshark's analysis "
			      "of sequence numbers take the view of one host: export FILE.pcapng as A.";

enum status add_capture(struct buf *b, struct session *ss, u8 host, struct err *err)
{
	struct capture x = { .out = b, .ss = ss, .host = host };
	struct buf about = BUF_INIT;
	enum status st = session_past(ss, err);

	if (st == ST_OK)
		st = chronicle_collect(&x.c, ss, err);
	if (st == ST_OK) {
		buf_printf(&about, "%s%s", explanation, host == NR_HOSTS ? of_both : "");
		pcapng_begin(b, "finwait", buf_str(&about));
		for (u8 h = 0; h < NR_HOSTS; h++)
			if (host == NR_HOSTS || host == h)
				add_interface(&x, h);
	}
	for (size_t i = 0; st == ST_OK && i < x.c.n; i++) {
		const struct happening *h = &x.c.hap[i];

		if ((h->kind == HAP_SEND || h->kind == HAP_ARRIVE) && (host == NR_HOSTS || host == h->host))
			add_packet(&x, h);
	}
	buf_release(&about);
	chronicle_release(&x.c);
	return st;
}
