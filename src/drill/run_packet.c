/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets: those that the script injects, and those that it expects. */
#include "drill/run.h"

#include <string.h>

enum { LOCAL_PORT = 8080, REMOTE_PORT = 50000 };

/* The peer's initial sequence number: nothing that could be taken for a relative number, or for one of ours. */
#define REMOTE_ISN 3000000000u

/* How long `*` waits for a packet: µs. */
#define ANY_TIME (3600 * USEC_PER_SEC)

static void want_ports(struct run *r)
{
	if (r->has_ports)
		return;
	r->has_ports = true;
	r->local_port = LOCAL_PORT;
	r->remote_port = REMOTE_PORT;
	r->ours.ack = REMOTE_ISN;
}

/* ---- timestamps ---------------------------------------------------------------------------------------------------- */

static void note_stamp(struct run *r, u32 script, u32 real)
{
	if (r->stamps_n == r->stamps_capacity) {
		r->stamps_capacity = r->stamps_capacity ? r->stamps_capacity * 2 : 8;
		r->stamps = xrealloc(r->stamps, r->stamps_capacity * sizeof(*r->stamps));
	}
	r->stamps[r->stamps_n++] = (struct stamp){ script, real };
}

/*
 * What the echo in an injected segment stands for: the latest that the script calls so. False: nothing was, and so there is nothing
 * to be echoed.
 */
static bool real_stamp(const struct run *r, u32 *echo)
{
	for (size_t i = r->stamps_n; i-- > 0;)
		if (r->stamps[i].script == *echo) {
			*echo = r->stamps[i].real;
			return true;
		}
	if (!r->d->ecr_scaled || !r->stamps_n)
		return false;
	*echo += r->stamps[0].real - r->stamps[0].script;
	return true;
}

/* With --tcp_ts_tick_usecs: has the clock of the timestamps gone on as the script has it, counted from the first one? */
static bool right_stamp(struct run *r, const struct script_event *ev, const struct sent *sent)
{
	const u32 want = ev->packet.seg.tsval;
	u32 have;
	s32 off;

	if (!r->d->ts_tick || !r->stamps_n)
		return true;
	have = sent->seg.tsval - r->stamps[0].real + r->stamps[0].script;
	off = (s32)(have - want);
	if ((u64)(off < 0 ? -(s64)off : off) * r->d->ts_tick <= run_tolerance(r, sent->at - r->start))
		return true;
	run_failed(r, ev, "another timestamp than expected, sent at %s s", run_time(r, sent->at).text);
	buf_printf(r->text, "  expected  TS val %u\n  actual    TS val %u, one every %u us\n", want, have, r->d->ts_tick);
	return false;
}

/* ---- what was sent ------------------------------------------------------------------------------------------------- */

/* The first segment that we send tells the port pair, if the peer's did not, and our initial sequence number. */
static bool is_ours(struct run *r, const struct seg *g)
{
	if (!r->has_ports) {
		want_ports(r);
		r->local_port = g->sport;
		r->remote_port = g->dport;
	}
	if (g->sport != r->local_port || g->dport != r->remote_port) {
		r->stray = *g;
		return false;
	}
	if (!r->has_isn) {
		r->has_isn = true;
		r->ours.seq = g->seq;
	}
	return true;
}

/* The next segment of the connection that was sent and not looked at yet. NULL when there is none. */
static const struct wire_seg *next_sent(struct run *r)
{
	for (; r->wire_head < r->wire_n; r->wire_head++)
		if (is_ours(r, &r->wire[r->wire_head].seg))
			return &r->wire[r->wire_head];
	return NULL;
}

/* ---- injecting ----------------------------------------------------------------------------------------------------- */

static bool inject_icmp(struct run *r, const struct script_event *ev)
{
	const struct seg *g = &ev->packet.seg;
	const struct action a = { .kind = ACT_ICMP, .nr = g->icmp_type, .flags = g->icmp_code, .a = g->seq + r->ours.seq,
				  .b = (u32)r->local_port << 16 | r->remote_port, .t = g->len };

	return run_act(r, ev, &a, NULL, 0);
}

bool run_inject(struct run *r, const struct script_event *ev)
{
	const struct action a = { .kind = ACT_INJECT };
	struct seg g = ev->packet.seg;

	next_sent(r);
	want_ports(r);
	run_say(r, run_world(r)->now, "%.*s", (int)ev->len, r->d->text + ev->start);
	if (g.proto == SEG_ICMP)
		return inject_icmp(r, ev);
	seg_to_raw(&g, (struct seg_origin){ r->ours.ack, r->ours.seq });
	g.sport = r->remote_port;
	g.dport = r->local_port;
	if ((g.opts & SEG_OPT_TS) && (g.flags & TCPHDR_ACK) && !real_stamp(r, &g.tsecr))
		return run_failed(r, ev, "`ecr %u` echoes nothing: no segment with `TS val %u` was expected before", g.tsecr, g.tsecr);
	if (r->d->mss && g.len > r->d->mss)
		g.gso_size = r->d->mss;
	return run_act(r, ev, &a, &g, sizeof(g));
}

/* ---- waiting for a packet ------------------------------------------------------------------------------------------ */

/* The next one, and lets time pass for it. NULL with *broken false: nothing was sent until `latest`. */
static const struct wire_seg *wait_sent(struct run *r, const struct script_event *ev, u64 latest, bool *broken)
{
	const struct action fire = { .kind = ACT_FIRE };
	const struct wire_seg *w;
	struct event next;

	*broken = false;
	for (u32 n = 0; !(w = next_sent(r)); n++) {
		if (n == MAX_FIRED) {
			*broken = !run_failed(r, ev, "timers fire without end");
			return NULL;
		}
		if (!sim_next_event(run_world(r), &next) || next.when > latest)
			return NULL;
		if (!run_act(r, ev, &fire, NULL, 0)) {
			*broken = true;
			return NULL;
		}
	}
	return w;
}

/* ---- one packet of the script, several on the wire ----------------------------------------------------------------- */

static struct sent as_script_sees(const struct run *r, const struct wire_seg *w)
{
	struct sent sent = { .seg = w->seg, .raw_ack = w->seg.ack, .at = w->at };

	seg_to_relative(&sent.seg, r->ours);
	return sent;
}

static void join(struct sent *sent, const struct sent *next)
{
	const struct seg first = sent->seg;

	*sent = *next;
	sent->seg.seq = first.seq;
	sent->seg.len += first.len;
}

/* The packet that begins with the segment at the head, as it went to the device, which cuts it into segments. */
static struct sent take_packet(struct run *r)
{
	const struct wire_seg *w = &r->wire[r->wire_head++];
	struct sent sent = as_script_sees(r, w);

	while (w->more && !r->d->segments && r->wire_head < r->wire_n) {
		const struct sent next = as_script_sees(r, w = &r->wire[r->wire_head++]);

		join(&sent, &next);
	}
	return sent;
}

/* `next` carries on where `sent` ends. */
static bool carries_on(const struct sent *sent, const struct sent *next)
{
	const u8 same = TCPHDR_SYN | TCPHDR_RST | TCPHDR_ACK;

	return next->seg.seq == sent->seg.seq + sent->seg.len && next->raw_ack == sent->raw_ack && next->seg.len != 0 &&
	       !((next->seg.flags ^ sent->seg.flags) & same);
}

/*
 * The packet that the script wants, from as many as it takes: all but the last of one length, which may be one too many. When
 * one does not belong to it, *sent is what there is so far. False: the script failed.
 */
static bool gather(struct run *r, const struct script_event *ev, u64 latest, struct sent *sent)
{
	const struct seg *want = &ev->packet.seg;
	const u32 piece = sent->seg.len;

	if (!want->len || sent->seg.seq != want->seq || !piece || r->d->strict_segments)
		return true;
	while (sent->seg.len < want->len && !(sent->seg.flags & TCPHDR_FIN)) {
		bool broken;
		const struct wire_seg *w = wait_sent(r, ev, latest, &broken);
		struct sent next;

		if (broken)
			return false;
		if (!w)
			return true;
		next = as_script_sees(r, w);
		if (!carries_on(sent, &next))
			return true;
		next = take_packet(r);
		if (next.seg.len < want->len - sent->seg.len && next.seg.len != piece)
			return run_failed(r, ev, "%u bytes came in pieces of different lengths: %u, and before the last %u",
					  want->len, piece, next.seg.len);
		join(sent, &next);
	}
	return true;
}

/* ---- expecting a packet -------------------------------------------------------------------------------------------- */

/* The script's time of the event, and what it waits for it since the one before. */
static u64 expected_tolerance(const struct run *r, const struct script_event *ev)
{
	const u64 origin = ev->absolute ? r->start : r->prev;

	return run_tolerance(r, origin + ev->at > r->prev ? origin + ev->at - r->prev : 0);
}

static bool in_time(struct run *r, const struct script_event *ev, u64 at, u64 earliest, u64 latest)
{
	const u64 tolerance = expected_tolerance(r, ev);
	const struct shown from = run_time(r, earliest + tolerance);
	const struct shown to = run_time(r, latest - tolerance);

	if (at >= earliest && at <= latest)
		return true;
	run_failed(r, ev, "sent at the wrong time");
	buf_printf(r->text, "  expected  > %.*s\n", ev->len > 2 ? (int)ev->len - 2 : 0, r->d->text + ev->start + 2);
	if (strcmp(from.text, to.text) == 0)
		buf_printf(r->text, "  expected  at %s s\n", from.text);
	else
		buf_printf(r->text, "  expected  between %s s and %s s\n", from.text, to.text);
	buf_printf(r->text, "  actual    at %s s\n", run_time(r, at).text);
	return false;
}

static bool nothing_came(struct run *r, const struct script_event *ev, u64 latest)
{
	run_failed(r, ev, "nothing was sent until %s s", run_time(r, latest).text);
	buf_printf(r->text, "  expected  %.*s\n  actual    nothing\n", (int)ev->len, r->d->text + ev->start);
	if (r->stray.proto)
		buf_printf(r->text, "  A segment of another connection was sent, from port %u to port %u.\n", r->stray.sport,
			   r->stray.dport);
	run_tell_why(r, &r->why);
	return false;
}

bool run_expect(struct run *r, const struct script_event *ev)
{
	const u64 origin = ev->absolute ? r->start : r->prev;
	const u64 tolerance = expected_tolerance(r, ev);
	const u64 earliest = ev->any_time || origin + ev->at < tolerance ? 0 : origin + ev->at - tolerance;
	const u64 latest = ev->any_time ? run_world(r)->now + ANY_TIME : origin + ev->until + tolerance;
	const struct seg *want = &ev->packet.seg;
	struct buf why = BUF_INIT;
	const struct wire_seg *w;
	char text[SEG_TEXT_MAX];
	struct decisions decisions;
	struct sent sent;
	bool broken;
	bool ok;

	w = wait_sent(r, ev, latest, &broken);
	if (!w)
		return broken ? false : nothing_came(r, ev, latest);
	decisions = w->why;
	sent = take_packet(r);
	if (!gather(r, ev, latest, &sent))
		return false;
	seg_text(text, &sent.seg, (struct seg_origin){ 0, 0 }, SEG_TEXT_ALL);
	run_say(r, sent.at, "> %s", text);
	ok = packet_matches(r->d, ev, &sent, &why);
	if (!ok) {
		run_failed(r, ev, "another packet than expected, sent at %s s", run_time(r, sent.at).text);
		buf_puts(r->text, buf_str(&why));
		run_tell_why(r, &decisions);
	}
	buf_release(&why);
	if (ok && (want->opts & sent.seg.opts & SEG_OPT_TS)) {
		ok = right_stamp(r, ev, &sent);
		note_stamp(r, want->tsval, sent.seg.tsval);
	}
	if (!ok)
		return false;
	ok = in_time(r, ev, sent.at, earliest, latest);
	if (!ok)
		run_tell_why(r, &decisions);
	return ok;
}
