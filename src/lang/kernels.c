/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session in two kernels. Its commands run in two sessions of their own, one kernel each, side by side; what they tell
 * is compared line by line. Why the two part comes from the trace: the last row of a profile (or sysctl) in which they
 * differ and which both asked just before the first thing that showed otherwise; or, when nothing was asked there, before
 * the first thing that differed without being told.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lang/kernels.h"
#include "lang/rows.h"

/* Something that people see happen, or that will matter for it. */
struct happening {
	struct seg seg;
	u64 now;
	u64 a;
	u64 b;
	u32 x;
	u16 id;
	u8 type;
	u8 host;
};

/* Two rows of happenings: all of them, and those that make the lines that people read. */
enum { ALL, SHOWN, NR_STREAMS };

struct stream {
	struct happening *happening; /* owned */
	size_t n, room;
};

/* A row (or NR_KP + a sysctl) in which the kernels differ was asked, when so much had happened. */
struct question {
	size_t happened[NR_STREAMS];
	u32 reason;
	u32 pad_;
};

#define NO_REASON UINT32_MAX

/* Why the two sides differ already: what was told last, and what happened since and was not told. */
struct causes {
	u32 told;
	u32 untold;
};

struct side {
	struct session ss;
	struct buf text;   /* what the running command told */
	enum profile_id kernel;
	enum profile_id other;
	struct stream stream[NR_STREAMS];
	struct question *question; /* owned */
	size_t questions, question_room;
	bool short_of_memory;
	bool held_by_cwnd; /* the running command had more to send than the congestion window let out */
};

/* ---- what happens -------------------------------------------------------------------------------------------- */

/* Windows differ with the buffers of each kernel; only whether one is open says something here. */
static void without_window(struct seg *g)
{
	g->win = g->win != 0;
	g->wscale = 0;
	g->opts &= (u8)~SEG_OPT_WSCALE;
}

/* A field that later decides what people see; not one that follows from the size of a kernel's buffers. */
static bool is_telling_field(const struct world *w, u32 off)
{
	static const char *const names[] = { "linger2", "sk_err", "sk_err_soft", "sk_shutdown", "snd_nxt", "write_seq",
					     "rcv_nxt", "icsk_rto", "icsk_backoff", "packets_out",
					     "icsk_probes_out", "snd_cwnd" };
	struct field_place place;

	if (!field_locate(w, off, &place) || !place.field)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(place.field->name, names[i]) == 0)
			return true;
	return false;
}

static bool people_see(const struct world *w, const struct trec *r)
{
	switch ((enum trec_type)r->type) {
	case TREC_STATE:
	case TREC_SEND:
	case TREC_ARRIVE:
	case TREC_RETURN:
	case TREC_SLEEP:
	case TREC_SIGNAL:
	case TREC_TIMER_ARM:
	case TREC_TIMER_FIRE:
	case TREC_TIME:
		return true;
	case TREC_FIELD:
		return is_telling_field(w, r->off);
	case TREC_ALLOC:
	case TREC_FREE:
		return r->id == POOL_SOCK || r->id == POOL_TW || r->id == POOL_REQ;
	default:
		return false;
	}
}

/* Room for one more of `size` bytes; NULL, and noted, when there is no memory. */
static void *grow(struct side *side, void *array, size_t n, size_t *room, size_t size)
{
	size_t more = *room ? 2 * *room : 64;
	void *grown;

	if (n < *room)
		return array;
	grown = realloc(array, more * size);
	if (grown)
		*room = more;
	else
		side->short_of_memory = true;
	return grown;
}

static void note_question(struct side *side, const struct trec *r)
{
	u32 reason = NO_REASON;
	void *grown;

	if (r->type == TREC_PROFILE && profile_value(side->kernel, (enum profile_row)r->id) !=
					       profile_value(side->other, (enum profile_row)r->id))
		reason = r->id;
	else if (r->type == TREC_SYSCTL &&
		 profile_sysctl_default(side->kernel, r->id) != profile_sysctl_default(side->other, r->id))
		reason = NR_KP + r->id;
	if (reason == NO_REASON)
		return;
	grown = grow(side, side->question, side->questions, &side->question_room, sizeof(*side->question));
	if (!grown)
		return;
	side->question = grown;
	side->question[side->questions++] =
		(struct question){ .happened = { side->stream[ALL].n, side->stream[SHOWN].n }, .reason = reason };
}

static void stream_add(struct side *side, struct stream *st, const struct happening *h)
{
	void *grown = grow(side, st->happening, st->n, &st->room, sizeof(*st->happening));

	if (!grown)
		return;
	st->happening = grown;
	st->happening[st->n++] = *h;
}

static void see(void *ctx, const struct sim *s, const struct trec *r)
{
	struct side *side = ctx;
	struct happening h = { .type = r->type, .host = r->host, .x = r->x, .a = r->a, .b = r->b, .now = s->w->now };

	note_question(side, r);
	side->held_by_cwnd |= r->type == TREC_DECISION && r->id == DEC_cwnd_is_full && r->x;
	if (!people_see(s->w, r))
		return;
	if (r->type == TREC_SEND || r->type == TREC_ARRIVE) {
		h.seg = ((const struct flight *)((const char *)s->w + r->off))->seg;
		without_window(&h.seg);
		h.a = 0; /* its number */
	}
	if (r->type != TREC_SLEEP)
		h.id = r->id;
	stream_add(side, &side->stream[ALL], &h);
	if (r->type != TREC_FIELD)
		stream_add(side, &side->stream[SHOWN], &h);
}

static bool same_happening(const struct happening *a, const struct happening *b)
{
	return a->type == b->type && a->host == b->host && a->id == b->id && a->x == b->x && a->a == b->a && a->b == b->b &&
	       a->now == b->now && memcmp(&a->seg, &b->seg, sizeof(a->seg)) == 0;
}

static bool was_asked(const struct side *side, int st, size_t happened, u32 reason)
{
	for (size_t i = 0; i < side->questions; i++)
		if (side->question[i].happened[st] == happened && side->question[i].reason == reason)
			return true;
	return false;
}

/* The last that this side asked when so much had happened, and `other` (NULL: nobody) did, too. */
static u32 last_asked(const struct side *side, int st, size_t happened, const struct side *other)
{
	for (size_t i = side->questions; i-- > 0;)
		if (side->question[i].happened[st] == happened &&
		    (!other || was_asked(other, st, happened, side->question[i].reason)))
			return side->question[i].reason;
	return NO_REASON;
}

static size_t asked(const struct side *side, int st, size_t happened)
{
	size_t n = 0;

	for (size_t i = 0; i < side->questions; i++)
		n += side->question[i].happened[st] == happened;
	return n;
}

/* How much both sides saw alike. False: all of it. */
static bool parted_at(const struct side side[2], int st, size_t *at)
{
	const struct stream *a = &side[0].stream[st], *b = &side[1].stream[st];
	size_t i = 0;

	while (i < a->n && i < b->n && same_happening(&a->happening[i], &b->happening[i]))
		i++;
	*at = i;
	return i < a->n || i < b->n;
}

/*
 * What both had asked before the first thing that happened otherwise. One side may have gone on asking before something
 * happened there: the shorter list says more.
 */
static u32 asked_by_both(const struct side side[2], int st)
{
	int shorter;
	size_t i;

	if (!parted_at(side, st, &i))
		return NO_REASON;
	shorter = asked(&side[1], st, i) < asked(&side[0], st, i);
	return last_asked(&side[shorter], st, i, &side[!shorter]);
}

/* What both, or else one of them, asked before the first thing that differed. */
static u32 asked_by_any(const struct side side[2], int st)
{
	u32 reason = asked_by_both(side, st);
	int shorter;
	size_t i;

	if (reason != NO_REASON || !parted_at(side, st, &i))
		return reason;
	shorter = asked(&side[1], st, i) < asked(&side[0], st, i);
	reason = last_asked(&side[shorter], st, i, NULL);
	return reason != NO_REASON ? reason : last_asked(&side[!shorter], st, i, NULL);
}

/* The same things happen on both sides in the same order. */
static bool only_times_differ(const struct side side[2])
{
	const struct stream *a = &side[0].stream[SHOWN], *b = &side[1].stream[SHOWN];
	size_t i = 0;

	while (i < a->n && i < b->n && a->happening[i].type == b->happening[i].type && a->happening[i].id == b->happening[i].id &&
	       a->happening[i].host == b->happening[i].host)
		i++;
	return i == a->n && i == b->n;
}

/* The last that both asked in this command, whenever that was: where they do the same in another order, no place can be compared. */
static u32 last_of_both(const struct side side[2])
{
	for (size_t i = side[0].questions; i-- > 0;)
		for (size_t k = 0; k < side[1].questions; k++)
			if (side[0].question[i].reason == side[1].question[k].reason)
				return side[0].question[i].reason;
	return NO_REASON;
}

/* A call that one kernel answers with ENOPROTOOPT, and the other does not. */
static bool option_is_missing(const struct side side[2])
{
	const struct stream *a = &side[0].stream[SHOWN], *b = &side[1].stream[SHOWN];
	size_t i;

	if (!parted_at(side, SHOWN, &i) || i >= a->n || i >= b->n || a->happening[i].type != TREC_RETURN ||
	    b->happening[i].type != TREC_RETURN)
		return false;
	return ((s64)a->happening[i].a == -ENOPROTOOPT) != ((s64)b->happening[i].a == -ENOPROTOOPT);
}

/* ---- one command on one side --------------------------------------------------------------------------------- */

/*
 * Takes the first `#7  `, ` win 502` and `,nop,wscale 7` out: the one as a count of all before, the others for the reason
 * above.
 */
static void take_line(void *ctx, const char *text)
{
	static const char *const noise[] = { "#", " win ", ",nop,wscale " };
	struct buf *b = ctx;

	for (size_t i = 0; i < ARRAY_LEN(noise); i++) {
		const char *at = strstr(text, noise[i]);
		size_t digits = at ? strspn(at + strlen(noise[i]), "0123456789") : 0;

		if (!digits || at[strlen(noise[i])] == '0')
			continue;
		buf_add(b, text, (size_t)(at - text));
		text = at + strlen(noise[i]) + digits;
		if (!i)
			text += strspn(text, " ");
	}
	buf_printf(b, "%s\n", text);
}

static enum status side_begin(struct side *side, const struct session *like, u32 scenario, enum profile_id kernel,
			      enum profile_id other, struct err *err)
{
	struct action act = { .kind = ACT_SCENARIO, .fd = -1, .a = scenario, .b = kernels_of(kernel, kernel) };
	enum status st;

	memset(side, 0, sizeof(*side));
	side->kernel = kernel;
	side->other = other;
	st = session_init(&side->ss, like->tables, (struct sink){ take_line, &side->text }, err);
	if (st != ST_OK)
		return st;
	side->ss.absolute = like->absolute;
	return tape_apply(side->ss.tape, &act, NULL, 0, NULL, err);
}

static void side_end(struct side *side)
{
	session_release(&side->ss);
	buf_release(&side->text);
	for (int st = 0; st < NR_STREAMS; st++)
		free(side->stream[st].happening);
	free(side->question);
}

/* Runs the command; a mistake or failure is part of what it tells. */
static void side_run(struct side *side, const char *command)
{
	struct observer observer = { .see = see, .ctx = side };
	u32 from = tape_now(side->ss.tape);
	struct err err = { .line = 0 };

	buf_clear(&side->text);
	side->stream[ALL].n = side->stream[SHOWN].n = 0;
	side->questions = 0;
	side->held_by_cwnd = false;
	if (session_line(&side->ss, command, strlen(command), &err) != ST_OK)
		buf_printf(&side->text, "%s\n", err.message);
	if (tape_now(side->ss.tape) != from)
		tape_replay(side->ss.tape, from, tape_now(side->ss.tape), &observer, NULL, NULL, NULL);
}

/* ---- telling ------------------------------------------------------------------------------------------------- */

static void tell_reason(struct session *ss, const struct side side[2], u32 reason)
{
	struct buf value[2] = { BUF_INIT, BUF_INIT };
	const char *text;

	if (reason == NO_REASON)
		return;
	for (int k = 0; k < 2; k++) {
		if (reason < NR_KP)
			add_profile_value(&value[k], side[k].kernel, (enum profile_row)reason);
		else
			buf_printf(&value[k], profile_has_sysctl(side[k].kernel, reason - NR_KP) ? "%d" : "(%d)",
				   profile_sysctl_default(side[k].kernel, reason - NR_KP));
	}
	text = reason < NR_KP ? profile_row_info[reason].text : sysctl_info[reason - NR_KP].name;
	row_begin(ss, "because");
	row_str(ss, "row", reason < NR_KP ? profile_row_info[reason].name : text);
	row_str(ss, "text", text);
	for (int k = 0; k < 2; k++)
		row_str(ss, profile_of(side[k].kernel)->name, buf_str(&value[k]));
	row_end(ss, "  because  %s: %s %s, %s %s", text, profile_of(side[0].kernel)->name, buf_str(&value[0]),
		profile_of(side[1].kernel)->name, buf_str(&value[1]));
	for (int k = 0; k < 2; k++)
		buf_release(&value[k]);
}

static void tell_option(struct session *ss, const struct side side[2])
{
	static const char text[] = "there is such an option";
	const char *has[2];
	size_t i;

	parted_at(side, SHOWN, &i);
	for (int k = 0; k < 2; k++)
		has[k] = (s64)side[k].stream[SHOWN].happening[i].a == -ENOPROTOOPT ? "no" : "yes";
	row_begin(ss, "because");
	row_str(ss, "row", "option");
	row_str(ss, "text", text);
	for (int k = 0; k < 2; k++)
		row_str(ss, profile_of(side[k].kernel)->name, has[k]);
	row_end(ss, "  because  %s: %s %s, %s %s", text, profile_of(side[0].kernel)->name, has[0], profile_of(side[1].kernel)->name,
		has[1]);
}

static bool has_line(const struct buf *text, const char *line, size_t len)
{
	for (const char *p = buf_str(text); *p;) {
		size_t n = strcspn(p, "\n");

		if (n == len && memcmp(p, line, len) == 0)
			return true;
		p += n + (p[n] == '\n');
	}
	return false;
}

/* The lines that the other side did not tell. False: there are none. */
static bool tell_lines(struct session *ss, const struct side *side, const struct buf *other)
{
	const char *name = profile_of(side->kernel)->name;
	struct buf line = BUF_INIT;
	bool any = false;

	for (const char *p = buf_str(&side->text); *p;) {
		size_t n = strcspn(p, "\n");

		if (n && !has_line(other, p, n)) {
			buf_clear(&line);
			buf_add(&line, p, n);
			row_begin(ss, "line");
			row_str(ss, "kernel", name);
			row_str(ss, "text", buf_str(&line));
			row_end(ss, "  %4s  %s", name, buf_str(&line));
			any = true;
		}
		p += n + (p[n] == '\n');
	}
	buf_release(&line);
	return any;
}

/*
 * Why the lines differ: what both asked before that; if the congestion window holds back only one of them, what it began with.
 * If nothing, a difference from before that was not told so far, or the
 * one that was told last, or what differs in this command without being told, or what one of them asked; where no more than times
 * differ, how a round trip is measured, which the scenario may have done already; at last the last that both asked at all.
 */
static u32 reason_of_lines(const struct side side[2], const struct causes *c)
{
	u32 reason = asked_by_both(side, SHOWN);

	if (side[0].held_by_cwnd != side[1].held_by_cwnd &&
	    profile_value(side[0].kernel, KP_tcp_init_cwnd) != profile_value(side[1].kernel, KP_tcp_init_cwnd))
		return KP_tcp_init_cwnd;
	if (reason == NO_REASON)
		reason = c->untold;
	if (reason == NO_REASON)
		reason = c->told;
	if (reason == NO_REASON)
		reason = asked_by_any(side, ALL);
	if (reason == NO_REASON)
		reason = asked_by_any(side, SHOWN);
	if (reason == NO_REASON && only_times_differ(side) &&
	    profile_value(side[0].kernel, KP_rtt_in_jiffies) != profile_value(side[1].kernel, KP_rtt_in_jiffies))
		reason = KP_rtt_in_jiffies;
	return reason != NO_REASON ? reason : last_of_both(side);
}

static void compare_command(struct session *ss, const struct side side[2], const char *command, struct causes *c, u32 *found)
{
	const bool no_option = option_is_missing(side);
	u32 reason;
	bool any[2];

	if (strcmp(buf_str(&side[0].text), buf_str(&side[1].text)) == 0) {
		reason = asked_by_both(side, ALL);
		/* a round trip of another length is no news: it moves each timer a little */
		if (reason != NO_REASON && reason != KP_rtt_in_jiffies)
			c->untold = reason;
		return;
	}
	reason = no_option ? NO_REASON : reason_of_lines(side, c);
	if (reason == c->untold)
		c->untold = NO_REASON;
	c->told = reason;
	say(ss, "%s%s", *found ? "" : "first: ", command);
	any[0] = tell_lines(ss, &side[0], &side[1].text);
	any[1] = tell_lines(ss, &side[1], &side[0].text);
	if (!any[0] && !any[1])
		say(ss, "  the same lines in another order");
	if (no_option)
		tell_option(ss, side);
	tell_reason(ss, side, reason);
	(*found)++;
}

static u32 compare_counters(struct session *ss, const struct side side[2])
{
	const struct world *w[2] = { session_world(&side[0].ss), session_world(&side[1].ss) };
	u32 n = 0;

	for (u8 h = 0; h < NR_HOSTS; h++) {
		for (int i = 0; i < MIB_MAX; i++) {
			struct buf value[2] = { BUF_INIT, BUF_INIT };

			if (w[0]->host[h].mib[i] == w[1]->host[h].mib[i])
				continue;
			for (int k = 0; k < 2; k++) {
				if (mib_exists((enum mib_id)i, (u8)side[k].kernel))
					buf_printf(&value[k], "%d", (s32)w[k]->host[h].mib[i]);
				else
					buf_puts(&value[k], "none");
			}
			if (!n++)
				say(ss, "counters:");
			row_begin(ss, "counter");
			row_host(ss, "host", h);
			row_str(ss, "name", mib_info[i].name);
			for (int k = 0; k < 2; k++)
				row_str(ss, profile_of(side[k].kernel)->name, buf_str(&value[k]));
			row_end(ss, "  %c  %s%s: %s %s, %s %s", host_letter(h), mib_info[i].prefix, mib_info[i].name,
				profile_of(side[0].kernel)->name, buf_str(&value[0]), profile_of(side[1].kernel)->name,
				buf_str(&value[1]));
			for (int k = 0; k < 2; k++)
				buf_release(&value[k]);
		}
	}
	return n;
}

/* ---- the session --------------------------------------------------------------------------------------------- */

/* The points since the scenario began, oldest first. Owned by the caller; NULL: no memory. */
static u32 *points_since(const struct tape *t, u32 start, u32 *n)
{
	u32 *points = malloc((tape_point_count(t) + 1u) * sizeof(*points));
	u32 at = tape_point_now(t);

	*n = 0;
	if (!points)
		return NULL;
	for (; tape_point(t, at)->moment > start && tape_point(t, at)->parent != UINT32_MAX; at = tape_point(t, at)->parent)
		points[(*n)++] = at;
	for (u32 i = 0; i < *n / 2; i++) {
		u32 swap = points[i];

		points[i] = points[*n - 1 - i];
		points[*n - 1 - i] = swap;
	}
	return points;
}

static enum status run_both(struct session *ss, struct side side[2], const u32 *points, u32 n, u32 *found,
			    struct err *err)
{
	struct causes causes = { NO_REASON, NO_REASON };

	for (u32 i = 0; i < n; i++) {
		const char *command = tape_point(ss->tape, points[i])->command;

		if (strstr(command, ".pkt"))
			return err_set(err, ST_WRONG, "a packetdrill script is written for one kernel: it is not compared");
		for (int k = 0; k < 2; k++)
			side_run(&side[k], command);
		if (side[0].short_of_memory || side[1].short_of_memory)
			return err_set(err, ST_WRONG, "memory is short");
		compare_command(ss, side, command, &causes, found);
	}
	return ST_OK;
}

enum status diff_kernels(struct session *ss, enum profile_id a, enum profile_id b, struct err *err)
{
	u32 start = tape_scenario_start(ss->tape, tape_now(ss->tape));
	u32 scenario = tape_moment(ss->tape, start)->action.a;
	struct side *side = calloc(2, sizeof(*side));
	u32 n, found = 0, *points = points_since(ss->tape, start, &n);
	enum status st;

	if (!side || !points) {
		free(side);
		free(points);
		return err_set(err, ST_WRONG, "memory is short");
	}
	st = side_begin(&side[0], ss, scenario, a, b, err);
	if (st == ST_OK)
		st = side_begin(&side[1], ss, scenario, b, a, err);
	if (st == ST_OK)
		st = run_both(ss, side, points, n, &found, err);
	if (st == ST_OK && !found && !compare_counters(ss, side))
		say(ss, "nothing: Linux %s and %s do the same in these %u commands", profile_of(a)->name, profile_of(b)->name, n);
	else if (st == ST_OK && found)
		compare_counters(ss, side);
	for (int k = 0; k < 2; k++)
		if (side[k].ss.tape)
			side_end(&side[k]);
	free(side);
	free(points);
	return st;
}
