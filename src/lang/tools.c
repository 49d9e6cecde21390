/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the usual tools would print on each host by now: ss for what is, tcpstates for the state changes of full sockets
 * (a minisocket is none, so the two disagree about TIME_WAIT), tcpdump for what passed the interface.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lang/look.h"
#include "lang/names.h"
#include "lang/rows.h"

/* Made by replaying what happened since the scenario began. */
struct tools {
	struct session *ss;
	struct buf states[NR_HOSTS];
	struct buf dump[NR_HOSTS];
	u64 since[MAX_SOCK]; /* when a sock entered its state; 0: not since the scenario began */
};

/* ---- tcpstates ----------------------------------------------------------------------------------------------- */

/* The process whose call runs; 0, the idle task, when a segment or a timer does it. */
static u16 running_pid(const struct sim *s)
{
	const struct task *t = task_of(s->w, s->current);
	const struct proc *p = t ? proc_of(s->w, t->proc) : NULL;

	return p ? p->pid : 0;
}

static void see_state(struct tools *t, const struct sim *s, const struct trec *r)
{
	const struct sock *sk = (const struct sock *)(const void *)((const char *)s->w + r->off);
	size_t i = (size_t)(sk - s->w->sock);
	u64 stayed = t->since[i] ? s->w->now - t->since[i] : 0;
	u16 pid = running_pid(s);

	/* the kernel's address of a sock is one that it could have */
	buf_printf(&t->states[r->host], "%-16llx %-5d %-10.10s %s%-*d %-5d %s%-*d %-5d %-11s -> %-11s %llu.%03u\n",
		   0xffff888100000000ull + sk->num_ * 0x980ull, pid, pid ? "app" : "swapper/0", sk->inet_rcv_saddr ? "10.0.0." : "0.0.0.",
		   sk->inet_rcv_saddr ? 8 : 9, sk->inet_rcv_saddr, sk->inet_sport, sk->inet_daddr ? "10.0.0." : "0.0.0.",
		   sk->inet_daddr ? 8 : 9, sk->inet_daddr, sk->inet_dport, state_name((u8)r->a), state_name((u8)r->b), (unsigned long long)(stayed / 1000),
		   (unsigned)(stayed % 1000));
	t->since[i] = s->w->now;
}

/* ---- tcpdump ------------------------------------------------------------------------------------------------- */

static void add_options(struct buf *b, const struct seg *g, u32 ack)
{
	size_t begin = b->len;

	if (g->mss)
		buf_printf(b, "mss %u,", g->mss);
	if (g->opts & SEG_OPT_SACKOK)
		buf_puts(b, g->opts & SEG_OPT_TS ? "sackOK," : "nop,nop,sackOK,");
	if (g->opts & SEG_OPT_TS)
		buf_printf(b, "%sTS val %u ecr %u,", g->opts & SEG_OPT_SACKOK ? "" : "nop,nop,", g->tsval, g->tsecr);
	if (g->opts & SEG_OPT_WSCALE)
		buf_printf(b, "nop,wscale %u,", g->wscale);
	if (g->nsack)
		buf_printf(b, "nop,nop,sack %u ", g->nsack);
	for (u8 i = 0; i < g->nsack && i < SEG_MAX_SACK; i++)
		buf_printf(b, "{%u:%u}%s", g->sack[i][0] - ack, g->sack[i][1] - ack, i + 1 == g->nsack ? "," : "");
	if (b->len > begin)
		buf_truncate(b, b->len - 1); /* the last comma */
}

static void add_tcp(struct buf *b, const struct seg *g, struct seg_origin o)
{
	static const struct {
		u8 bit;
		char letter;
	} flags[] = { { TCPHDR_SYN, 'S' }, { TCPHDR_FIN, 'F' }, { TCPHDR_RST, 'R' }, { TCPHDR_PSH, 'P' }, { TCPHDR_ACK, '.' } };
	/* both numbers of a SYN are told as they are, and those of what has no ACK; all others from the SYNs on */
	const bool as_it_is = (g->flags & TCPHDR_SYN) || !(g->flags & TCPHDR_ACK);
	const u32 seq = as_it_is ? 0 : o.seq, ack = as_it_is ? 0 : o.ack;
	struct buf options = BUF_INIT;

	buf_puts(b, "Flags [");
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (g->flags & flags[i].bit)
			buf_putc(b, flags[i].letter);
	buf_puts(b, "]");
	if (g->len)
		buf_printf(b, ", seq %u:%u", g->seq - seq, g->seq - seq + g->len);
	else if (g->flags & (TCPHDR_SYN | TCPHDR_FIN | TCPHDR_RST))
		buf_printf(b, ", seq %u", g->seq - seq);
	if (g->flags & TCPHDR_ACK)
		buf_printf(b, ", ack %u", g->ack - ack);
	buf_printf(b, ", win %u", g->win);
	add_options(&options, g, o.ack);
	if (options.len)
		buf_printf(b, ", options [%s]", buf_str(&options));
	/* to tcpdump, what comes from or to port 80 is HTTP */
	buf_printf(b, ", length %u%s\n", g->len, g->len && (g->sport == 80 || g->dport == 80) ? ": HTTP" : "");
	buf_release(&options);
}

static void see_segment(struct tools *t, const struct sim *s, const struct trec *r, u8 host)
{
	const struct flight *f = (const struct flight *)(const void *)((const char *)s->w + r->off);
	const u64 us = s->w->now - WORLD_EPOCH, seconds = us / USEC_PER_SEC;
	const struct seg_origin raw = { 0, 0 };
	struct buf *b = &t->dump[host];

	if (f->seg.proto == SEG_ICMP)
		return; /* the engine's quote lacks what tcpdump would show */
	buf_printf(b, "%02u:%02u:%02u.%06u IP 10.0.0.%d.%u > 10.0.0.%d.%u: ", (unsigned)(seconds / 3600),
		   (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60), (unsigned)(us % USEC_PER_SEC), f->from + 1,
		   f->seg.sport, 2 - f->from, f->seg.dport);
	if (f->seg.proto == SEG_UDP)
		buf_printf(b, "UDP, length %u\n", f->seg.len);
	else
		add_tcp(b, &f->seg, t->ss->absolute ? raw : past_origin(&t->ss->past, s->w, f->from, &f->seg));
}

/* ---- all of it ----------------------------------------------------------------------------------------------- */

static void see(void *ctx, const struct sim *s, const struct trec *r)
{
	struct tools *t = ctx;

	if (r->type == TREC_STATE && r->a) /* a new sock's first state comes without a tracepoint */
		see_state(t, s, r);
	else if (r->type == TREC_SEND)
		see_segment(t, s, r, r->host);
	else if (r->type == TREC_ARRIVE)
		see_segment(t, s, r, (u8)(1 - r->host));
	else if (r->type == TREC_ALLOC && r->id == POOL_SOCK)
		t->since[(r->off - offsetof(struct world, sock)) / sizeof(struct sock)] = 0;
}

/* Everything since the scenario began. */
static enum status replay_all(struct tools *t, struct err *err)
{
	const struct observer obs = { see, t };
	const struct tape *tape = t->ss->tape;

	return session_replay(t->ss, tape_scenario_start(tape, tape_now(tape)), &obs, err);
}

static void print_tool(struct session *ss, u8 host, const char *tool, const char *head, const struct buf *b)
{
	const char *p = buf_str(b);
	struct buf line = BUF_INIT;

	say(ss, "%c$ %s", host_letter(host), tool);
	if (*head)
		say(ss, "%s", head);
	while (*p) {
		size_t n = strcspn(p, "\n");

		buf_clear(&line);
		buf_add(&line, p, n);
		row_begin(ss, "tool");
		row_host(ss, "host", host);
		row_str(ss, "tool", tool);
		row_str(ss, "line", buf_str(&line));
		row_end(ss, "%s", buf_str(&line));
		p += n + 1;
	}
	buf_release(&line);
}

enum status cmd_tools(struct session *ss, struct args *a, struct err *err)
{
	struct tools *t;
	u8 only = NR_HOSTS;
	enum status st;

	if (args_peek(a) && args_host(a, &only, err) != ST_OK)
		return ST_WRONG;
	if (args_end(a, err) != ST_OK || session_past(ss, err) != ST_OK)
		return ST_WRONG;
	t = xcalloc(1, sizeof(*t));
	t->ss = ss;
	st = replay_all(t, err);
	for (u8 h = 0; h < NR_HOSTS; h++) {
		if (st == ST_OK && (only == NR_HOSTS || only == h)) {
			say(ss, "%c$ ss -tanoem", host_letter(h));
			ss_host(ss, h);
			print_tool(ss, h, "tcpstates",
				   "SKADDR           C-PID C-COMM     LADDR           LPORT RADDR           RPORT OLDSTATE    -> NEWSTATE    MS", &t->states[h]);
			print_tool(ss, h, "tcpdump -n", "", &t->dump[h]);
		}
		buf_release(&t->states[h]);
		buf_release(&t->dump[h]);
	}
	free(t);
	return st;
}
