/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The wire: what is in flight, and what becomes of it. */
#include <string.h>

#include "lang/names.h"
#include "lang/rows.h"
#include "lang/session.h"

/* ---- which segments ------------------------------------------------------------------------------------------ */

enum { PICK_OLDEST, PICK_NUMBER, PICK_ALL };

struct pick {
	u8 kind;
	u8 from; /* 0, 1, 2: either */
	u32 number;
};

static const struct flight *oldest(const struct world *w, u8 from)
{
	const struct flight *found = NULL;

	for (u16 i = 0; i < w->pool[POOL_FLIGHT].high; i++) {
		const struct flight *f = &w->flight[i];

		if (!f->live || f->where != FLIGHT_WIRE || (from < NR_HOSTS && f->from != from))
			continue;
		if (!found || f->order < found->order)
			found = f;
	}
	return found;
}

static const struct flight *numbered(const struct world *w, u32 number)
{
	for (u16 i = 0; i < w->pool[POOL_FLIGHT].high; i++) {
		const struct flight *f = &w->flight[i];

		if (f->live && f->where == FLIGHT_WIRE && f->number == number)
			return f;
	}
	return NULL;
}

/* "#7", "A>B", "B>A", "all", or nothing: the oldest. */
static enum status read_pick(struct args *a, struct pick *p, struct err *err)
{
	const char *word = args_peek(a);

	*p = (struct pick){ .kind = PICK_OLDEST, .from = NR_HOSTS };
	if (!word)
		return ST_OK;
	if (args_try_segment(a, &p->number)) {
		p->kind = PICK_NUMBER;
		return ST_OK;
	}
	if (strcmp(word, "A>B") == 0 || strcmp(word, "B>A") == 0) {
		p->from = (u8)(word[0] - 'A');
		args_note(a, "%s", word);
		a->next++;
		return ST_OK;
	}
	if (args_try_keyword(a, "all")) {
		p->kind = PICK_ALL;
		return ST_OK;
	}
	return err_set(err, ST_WRONG, "`%s` names no segment: #7, A>B, B>A or all", word);
}

static enum status nothing_there(struct session *ss, const struct pick *p)
{
	row_begin(ss, "nothing");
	if (p->kind == PICK_NUMBER)
		row_end(ss, "#%u is not in flight", p->number);
	else if (p->from < NR_HOSTS)
		row_end(ss, "nothing is in flight from %c to %c", host_letter(p->from), host_letter((u8)(1 - p->from)));
	else
		row_end(ss, "nothing is in flight");
	return ST_OK;
}

static const struct flight *picked(const struct session *ss, const struct pick *p)
{
	return p->kind == PICK_NUMBER ? numbered(session_world(ss), p->number) : oldest(session_world(ss), p->from);
}

static enum status act_on(struct session *ss, u8 kind, const struct flight *f, u64 t, struct err *err)
{
	const struct action act = { .kind = kind, .host = (u8)(1 - f->from), .fd = -1, .a = f->number, .t = t };
	struct buf head = BUF_INIT;
	enum status st;

	if (kind == ACT_DELAY) {
		buf_printf(&head, "#%u arrives by itself in ", f->number);
		add_duration(&head, t);
		ss->story.head = buf_str(&head);
	}
	st = session_act(ss, &act, NULL, 0, err);
	ss->story.head = NULL;
	buf_release(&head);
	return st;
}

/* ---- deliver, drop, duplicate, delay, swap ------------------------------------------------------------------- */

static enum status cmd_deliver(struct session *ss, struct args *a, struct err *err)
{
	const struct flight *f;
	struct pick p;

	if (read_pick(a, &p, err) != ST_OK || args_end(a, err) != ST_OK)
		return ST_WRONG;
	f = picked(ss, &p);
	if (!f)
		return nothing_there(ss, &p);
	for (u32 i = 0; f; i++) {
		enum status st = act_on(ss, ACT_DELIVER, f, 0, err);

		if (st != ST_OK)
			return st;
		if (i == EVENTS_LIMIT)
			return err_set(err, ST_WRONG,
				       "still something in flight after %u segments: the hosts answer each other "
				       "for ever",
				       EVENTS_LIMIT);
		f = p.kind == PICK_ALL ? oldest(session_world(ss), NR_HOSTS) : NULL;
	}
	return ST_OK;
}

/* The same for one, or for all that is in flight now. */
static enum status act_on_picked(struct session *ss, const struct pick *p, u8 kind, u64 t, struct err *err)
{
	u32 numbers[MAX_FLIGHT];
	size_t n = 0;
	const struct flight *f = picked(ss, p);

	if (!f)
		return nothing_there(ss, p);
	if (p->kind != PICK_ALL)
		return act_on(ss, kind, f, t, err);
	for (u16 i = 0; i < session_world(ss)->pool[POOL_FLIGHT].high; i++) {
		f = &session_world(ss)->flight[i];
		if (f->live && f->where == FLIGHT_WIRE)
			numbers[n++] = f->number;
	}
	for (size_t i = 0; i < n; i++) {
		f = numbered(session_world(ss), numbers[i]);
		if (f && act_on(ss, kind, f, t, err) != ST_OK)
			return ST_WRONG;
	}
	return ST_OK;
}

static enum status cmd_drop(struct session *ss, struct args *a, struct err *err)
{
	struct pick p;

	if (read_pick(a, &p, err) != ST_OK || args_end(a, err) != ST_OK)
		return ST_WRONG;
	return act_on_picked(ss, &p, ACT_DROP, 0, err);
}

static enum status cmd_duplicate(struct session *ss, struct args *a, struct err *err)
{
	struct pick p;

	if (read_pick(a, &p, err) != ST_OK || args_end(a, err) != ST_OK)
		return ST_WRONG;
	return act_on_picked(ss, &p, ACT_DUP, 0, err);
}

static enum status cmd_delay(struct session *ss, struct args *a, struct err *err)
{
	const char *word = args_peek(a);
	struct pick p = { .kind = PICK_OLDEST, .from = NR_HOSTS };
	u64 us;

	if (!(word && *word >= '0' && *word <= '9') && read_pick(a, &p, err) != ST_OK)
		return ST_WRONG;
	if (args_duration(a, &us, err) != ST_OK || args_end(a, err) != ST_OK)
		return ST_WRONG;
	return act_on_picked(ss, &p, ACT_DELAY, us, err);
}

static enum status cmd_swap(struct session *ss, struct args *a, struct err *err)
{
	struct action act = { .kind = ACT_SWAP, .fd = -1 };

	if (!args_try_segment(a, &act.a) || !args_try_segment(a, &act.b))
		return err_set(err, ST_WRONG, "two segments are missing: swap #4 #5, for example");
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	for (int i = 0; i < 2; i++) {
		struct pick p = { .kind = PICK_NUMBER, .number = i ? act.b : act.a };

		if (!numbered(session_world(ss), p.number))
			return nothing_there(ss, &p);
	}
	ss->story.head = "they change places in the order of arrival";
	if (session_act(ss, &act, NULL, 0, err) != ST_OK) {
		ss->story.head = NULL;
		return ST_WRONG;
	}
	ss->story.head = NULL;
	return ST_OK;
}

/* ---- forged segments and errors ------------------------------------------------------------------------------ */

/* First sequence numbers of the connection at `host` that a forged segment is for. */
static struct seg_origin origin_at(struct session *ss, u8 host)
{
	const struct world *w = session_world(ss);
	const struct endpoint ep = { .host = host, .kind = EP_MAIN, .fd = -1 };
	struct conn c = conn_of(w, &ep);
	struct seg g = { .proto = SEG_TCP, .sport = conn_peer_port(&c), .dport = conn_port(&c) };

	if (!g.sport && w->link.last[host].proto)
		g = (struct seg){ .proto = SEG_TCP,
				  .sport = w->link.last[host].dport,
				  .dport = w->link.last[host].sport };
	past_sync(&ss->past, ss->tape, NULL); /* the numbers of what has gone are known from the tape alone */
	return past_origin(&ss->past, w, (u8)(1 - host), &g);
}

static enum status cmd_inject(struct session *ss, struct args *a, struct err *err)
{
	struct action act = { .kind = ACT_INJECT, .fd = -1 };
	struct err inner = { .line = 0 };
	struct seg g;
	const char *word;
	enum status st;
	bool has_win;

	if (args_host(a, &act.host, err) != ST_OK)
		return ST_WRONG;
	word = args_peek(a);
	if (!word || !args_peek_quoted(a))
		return err_set(err, ST_WRONG, "the segment is missing, in quotes: inject A \"R 1:1(0)\", for example");
	if (seg_parse(&g, word, origin_at(ss, act.host), &has_win, &inner) != ST_OK)
		return err_set(err, ST_WRONG, "\"%s\" is no segment: column %u: %s", word, inner.column, inner.message);
	if (!has_win && (g.flags & TCPHDR_ACK))
		g.win = 502;
	args_note(a, "\"%s\"", word);
	a->next++;
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	/* what becomes of it there stands in the next line */
	ss->story.head = session_world(ss)->link.partition ? "a forged segment is sent" : "a forged segment arrives";
	st = session_act(ss, &act, &g, sizeof(g), err);
	ss->story.head = NULL;
	return st;
}

/* Segment `number`, wherever it has gone, and who sent it; NULL: it is not to be had. */
static const struct seg *segment_sent(struct session *ss, u32 number, u8 *from, struct err *err)
{
	const struct world *w = session_world(ss);
	const struct flight *f = numbered(w, number);
	const struct past_seg *old;
	const struct seg *last;

	if (f) {
		*from = f->from;
		return &f->seg;
	}
	if (past_sync(&ss->past, ss->tape, err) != ST_OK)
		return NULL;
	old = past_find_seg(&ss->past, number);
	if (old) {
		*from = old->from;
		return &old->seg;
	}
	last = past_last_sent(w, number, from);
	if (!last)
		past_no_seg(w, number, "quoted", err);
	return last;
}

static enum status quoted_segment(struct session *ss, struct args *a, struct action *act, struct err *err)
{
	const struct world *w = session_world(ss);
	const struct seg *g = &w->link.last[act->host];
	u32 number;
	u8 from;

	if (args_peek(a) && args_try_segment(a, &number)) {
		g = segment_sent(ss, number, &from, err);
		if (g && from != act->host) {
			err_set(err, ST_WRONG, "#%u was not sent by %c: an error goes back to the sender", number,
				host_letter(act->host));
			g = NULL;
		}
		if (!g) {
			a->next--; /* the word that is wrong */
			return ST_WRONG;
		}
	} else if (!w->link.last_number[act->host]) {
		return err_set(err, ST_WRONG, "%c has sent nothing that an ICMP error could quote",
			       host_letter(act->host));
	}
	act->a = g->seq;
	act->b = (u32)g->sport << 16 | g->dport;
	return args_end(a, err);
}

static enum status cmd_icmp(struct session *ss, struct args *a, struct err *err)
{
	static const char *const kinds[] = { "port-unreachable", "host-unreachable", "net-unreachable", "frag-needed",
					     NULL };
	static const u8 codes[] = { 3, 1, 0, 4 };
	struct action act = { .kind = ACT_ICMP, .fd = -1, .nr = 3 };
	int which;

	if (args_host(a, &act.host, err) != ST_OK || args_choice(a, kinds, &which, err) != ST_OK)
		return ST_WRONG;
	act.flags = codes[which];
	act.t = codes[which] == 4 ? 1280 : 0;
	if (quoted_segment(ss, a, &act, err) != ST_OK)
		return ST_WRONG;
	return session_act(ss, &act, NULL, 0, err);
}

/* ---- the network --------------------------------------------------------------------------------------------- */

static enum status cmd_partition(struct session *ss, struct args *a, struct err *err)
{
	static const char *const words[] = { "off", "on", NULL };
	struct action act = { .kind = ACT_PARTITION, .fd = -1 };
	enum status st;
	int which;

	if (args_choice(a, words, &which, err) != ST_OK || args_end(a, err) != ST_OK)
		return ST_WRONG;
	act.a = (u32)which;
	ss->story.head = which ? "the network is partitioned: whatever is sent or would arrive is lost"
			       : "the network is whole again";
	st = session_act(ss, &act, NULL, 0, err);
	ss->story.head = NULL;
	return st;
}

/* "10%", "0.5%": parts per million */
static enum status read_percent(const char *text, u32 *ppm, struct err *err)
{
	u64 whole = 0, part = 0, scale = 1;
	const char *p = text;

	for (; *p >= '0' && *p <= '9' && whole < 1000; p++)
		whole = whole * 10 + (u64)(*p - '0');
	if (p != text && *p == '.')
		for (p++; *p >= '0' && *p <= '9' && scale < 10000; p++, scale *= 10)
			part = part * 10 + (u64)(*p - '0');
	if (p == text || strcmp(p, "%") != 0 || whole * 10000 + part * 10000 / scale > 1000000)
		return err_set(err, ST_WRONG, "`%s` is no share: 10%% or 0.5%%, for example", text);
	*ppm = (u32)(whole * 10000 + part * 10000 / scale);
	return ST_OK;
}

static enum status net_setting(struct args *a, struct net_params *p, struct err *err)
{
	static const char *const names[] = { "delay", "loss", "dup", "reorder", "seed", NULL };
	char name[32];
	const char *value = args_assignment(a, name, sizeof(name));
	const char *word = args_peek(a);
	enum status st = ST_OK;
	s64 n;
	int i = 0;

	if (!value)
		return err_set(err, ST_WRONG, "`%s` is no setting: delay=20ms loss=10%% dup=1%% reorder=5%% seed=7",
			       word);
	while (names[i] && strcmp(names[i], name) != 0)
		i++;
	if (i == 0) {
		st = parse_duration(value, &p->delay, err);
	} else if (i >= 1 && i <= 3) {
		st = read_percent(value, i == 1 ? &p->loss_ppm : i == 2 ? &p->dup_ppm : &p->reorder_ppm, err);
	} else if (i == 4) {
		if (!parse_number(value, &n) || n < 0)
			return err_set(err, ST_WRONG, "`%s` is no seed: a number", value);
		p->seed = (u64)n;
	} else {
		return err_set(err, ST_WRONG, "net auto knows no `%s`: delay=20ms loss=10%% dup=1%% reorder=5%% seed=7",
			       name);
	}
	if (st != ST_OK)
		return st;
	args_note(a, "%s", word);
	a->next++;
	return ST_OK;
}

static enum status cmd_net(struct session *ss, struct args *a, struct err *err)
{
	static const char *const words[] = { "manual", "auto", NULL };
	struct action act = { .kind = ACT_NET, .fd = -1 };
	struct net_params p = { .delay = 20000, .seed = 7 };
	struct buf head = BUF_INIT;
	enum status st;
	int which;

	if (args_choice(a, words, &which, err) != ST_OK)
		return ST_WRONG;
	while (which && args_peek(a))
		if (net_setting(a, &p, err) != ST_OK)
			return ST_WRONG;
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	act.a = (u32)which;
	act.t = p.delay;
	buf_puts(&head, which ? "segments travel by themselves, each for " : "segments wait for `deliver`");
	if (which)
		add_duration(&head, p.delay);
	ss->story.head = buf_str(&head);
	st = session_act(ss, &act, which ? &p : NULL, which ? sizeof(p) : 0, err);
	ss->story.head = NULL;
	buf_release(&head);
	return st;
}

/* ---- looking ------------------------------------------------------------------------------------------------- */

static void print_flight(struct session *ss, const struct flight *f)
{
	const struct world *w = session_world(ss);
	struct seg_origin o = session_origin(ss, w, f->from, &f->seg);
	char text[SEG_TEXT_MAX];
	char to[2] = { host_letter((u8)(1 - f->from)), '\0' };
	char from[2] = { host_letter(f->from), '\0' };
	struct buf when = BUF_INIT;

	seg_text(text, &f->seg, o, SEG_TEXT_ALL);
	if (f->due != FOREVER) {
		buf_puts(&when, "    arrives in ");
		add_duration(&when, f->due > w->now ? f->due - w->now : 0);
	}
	if (f->dup_of)
		buf_printf(&when, "    a copy of #%u", f->dup_of);
	row_begin(ss, "in_flight");
	row_str(ss, "from", from);
	row_str(ss, "to", to);
	row_num(ss, "number", f->number);
	row_str(ss, "segment", text);
	if (f->due != FOREVER)
		row_num(ss, "due_us", (s64)(f->due - WORLD_EPOCH));
	row_end(ss, "%s > %s  #%u  %s%s", from, to, f->number, text, buf_str(&when));
	buf_release(&when);
}

static enum status cmd_wire(struct session *ss, struct args *a, struct err *err)
{
	const struct world *w = session_world(ss);
	u32 after_order = 0;
	const struct flight *next;
	const struct pick none = { .kind = PICK_OLDEST, .from = NR_HOSTS };

	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	if (!oldest(w, NR_HOSTS))
		return nothing_there(ss, &none);
	do {
		next = NULL;
		for (u16 i = 0; i < w->pool[POOL_FLIGHT].high; i++) {
			const struct flight *f = &w->flight[i];

			if (f->live && f->where == FLIGHT_WIRE && f->order >= after_order &&
			    (!next || f->order < next->order))
				next = f;
		}
		if (next) {
			print_flight(ss, next);
			after_order = next->order + 1;
		}
	} while (next);
	return ST_OK;
}

static const struct cmd rows[] = {
	{
		.verb = "wire",
		.syntax = "",
		.help = "What is in flight, oldest first.",
		.takes = "",
		.run = cmd_wire,
	},
	{
		.verb = "deliver", .letter = 'd',
		.syntax = "[#N|A>B|B>A|all]",
		.help = "Hands over one segment: the oldest, the oldest of that direction, or the one named. "
			"`all` goes on until nothing is in flight; no time passes.",
		.takes = "<wire> all",
		.run = cmd_deliver, .flags = CMD_ACTS,
	},
	{
		.verb = "drop",
		.syntax = "[#N|A>B|B>A|all]",
		.help = "Loses a segment, or all that are in flight now.",
		.takes = "<wire> all",
		.run = cmd_drop, .flags = CMD_ACTS,
	},
	{
		.verb = "duplicate",
		.syntax = "[#N|A>B|B>A|all]",
		.help = "Puts a copy of a segment on the wire.",
		.takes = "<wire> all",
		.run = cmd_duplicate, .flags = CMD_ACTS,
	},
	{
		.verb = "delay",
		.syntax = "[#N|A>B|B>A|all] DURATION",
		.help = "The segment arrives by itself when that time has passed.",
		.takes = "<wire> all 100ms",
		.run = cmd_delay, .flags = CMD_ACTS,
	},
	{
		.verb = "swap",
		.syntax = "#N #M",
		.help = "Two segments change places in the order of arrival.",
		.takes = "<wire>",
		.run = cmd_swap, .flags = CMD_ACTS,
	},
	{
		.verb = "inject",
		.syntax = "[A|B] \"SEGMENT\"",
		.help = "A forged segment arrives from the peer's address: inject A \"F. 1:1(0) ack 1 win 257\".",
		.takes = "<host>",
		.run = cmd_inject, .flags = CMD_ACTS,
	},
	{
		.verb = "icmp",
		.syntax = "[A|B] port-unreachable|host-unreachable|net-unreachable|frag-needed [#N]",
		.help = "An ICMP error arrives that quotes that segment, or the last that the host sent.",
		.takes = "<host> port-unreachable host-unreachable net-unreachable frag-needed <wire>",
		.run = cmd_icmp, .flags = CMD_ACTS,
	},
	{
		.verb = "partition",
		.syntax = "on|off",
		.help = "While on, whatever is sent or would arrive is lost.",
		.takes = "on off",
		.run = cmd_partition, .flags = CMD_ACTS,
	},
	{
		.verb = "net",
		.syntax = "manual | auto [delay=20ms] [loss=10%] [dup=1%] [reorder=5%] [seed=7]",
		.help = "Segments wait for `deliver`, or they travel: after each command time runs on until the "
			"wire is empty.",
		.takes = "manual auto delay= loss= dup= reorder= seed=",
		.run = cmd_net, .flags = CMD_ACTS,
	},
};

const struct cmd_table cmds_net = { "Network", rows, ARRAY_LEN(rows) };
