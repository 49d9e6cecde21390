/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's call trees beside those of a real kernel: the same event, the same functions, in the same order and as
 * deeply nested. The recordings (tests/calltrace) are of Linux 6.1; trees_differences.def says where 6.18 is another.
 * TREES=PART takes only the recordings whose name has PART in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "engine/fs.h"
#include "tape/tape.h"
#include "tree.h"

/* ---- what is compared -------------------------------------------------------------------------------------------- */

#define RENAMED(engine, kernel, why)
#define LEFT_OUT(name, why)
#define NOT_COMPARED(event, what)

/* The engine's name, and what stands for it in a recording of 6.1. */
static const char *const renamed[][2] = {
#undef RENAMED
#define RENAMED(engine, kernel, why) { engine, kernel },
#include "trees_differences.def"
#undef RENAMED
#define RENAMED(engine, kernel, why)
};

/* Left out of both trees. */
static const char *const ignored[] = {
#undef LEFT_OUT
#define LEFT_OUT(name, why) name,
#include "trees_differences.def"
#undef LEFT_OUT
#define LEFT_OUT(name, why)
};

/* Events that are not compared. */
static const char *const not_compared[] = {
#undef NOT_COMPARED
#define NOT_COMPARED(event, what) event,
#include "trees_differences.def"
#undef NOT_COMPARED
};

/* The one entry that does not count, to see whether it is needed; NULL: all count. */
static const char *without;

static bool counts(const char *entry)
{
	return !without || strcmp(entry, without) != 0;
}

static bool is_ignored(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
		if (counts(ignored[i]) && strcmp(ignored[i], name) == 0)
			return true;
	return false;
}

static void use_names_of_6_1(struct tree *t)
{
	for (size_t i = 0; i < t->n; i++)
		for (size_t k = 0; k < ARRAY_LEN(renamed); k++)
			if (counts(renamed[k][0]) && strcmp(renamed[k][0], t->line[i].name) == 0)
				snprintf(t->line[i].name, sizeof(t->line[i].name), "%s", renamed[k][1]);
}

/* functions.txt: which functions the tracer could see at all. */
static bool is_visible(const char *name, const char *functions)
{
	size_t len = strlen(name);

	for (const char *p = functions; len && (p = strstr(p, name)) != NULL; p += len) {
		if (p != functions && p[-1] != '\n')
			continue;
		if (p[len] == ' ' && strncmp(p + len + strspn(p + len, " "), "visible", 7) == 0)
			return true;
	}
	return false;
}

static bool gone_from_kernel(const char *name, const void *arg)
{
	(void)arg;
	return is_ignored(name);
}

static bool gone_from_engine(const char *name, const void *functions)
{
	return is_ignored(name) || !is_visible(name, functions);
}

/* ---- an event ---------------------------------------------------------------------------------------------------- */

struct stage {
	struct tape *tape;
	struct tree seen;	/* by the engine, while it is recorded */
	bool recording;
	u8 pad_[3];
	u32 isn[NR_HOSTS];	/* of the connection, for host: its own */
	const char *where;	/* the recording's name, for messages */
};

static void act(struct stage *st, struct action a, const void *payload, size_t len)
{
	struct observer o = tree_observer(&st->seen);
	struct err err = { .message = "" };

	if (tape_apply(st->tape, &a, payload, len, st->recording ? &o : NULL, &err) != ST_OK)
		fail_msg("%s: %s", st->where, err.message);
	for (u16 i = 0; i < MAX_SOCK; i++) {
		const struct sock *sk = sock_of(tape_world(st->tape), (hnd)(i + 1));

		if (sk && sk->isn_) {
			st->isn[sk->host] = sk->isn_;
			if (sk->peer_isn_)
				st->isn[1 - sk->host] = sk->peer_isn_;
		}
	}
}

static void call(struct stage *st, u8 host, enum sysnr nr, u32 a, u32 b, u64 t)
{
	act(st, (struct action){ .kind = ACT_CALL, .host = host, .nr = (u8)nr, .fd = -1, .a = a, .b = b, .t = t }, NULL, 0);
}

/* The first or the last that was put on the wire; 0 when there is nothing. */
static u32 in_flight(const struct stage *st, bool last)
{
	const struct world *w = tape_world(st->tape);
	u32 number = 0;

	for (u16 i = 0; i < w->pool[POOL_FLIGHT].high; i++) {
		const struct flight *f = &w->flight[i];

		if (f->live && f->where == FLIGHT_WIRE && (!number || (last ? f->number > number : f->number < number)))
			number = f->number;
	}
	return number;
}

static void on_wire(struct stage *st, enum act kind, bool last)
{
	act(st, (struct action){ .kind = (u8)kind, .a = in_flight(st, last) }, NULL, 0);
}

static void deliver_all(struct stage *st)
{
	while (in_flight(st, false))
		on_wire(st, ACT_DELIVER, false);
}

/* Five bytes each way, read and acknowledged; then silence, until the timers that have nothing to do have run. */
static void talk(struct stage *st)
{
	struct event ev;

	for (u8 from = 0; from < NR_HOSTS; from++) {
		call(st, from, SYS_send, 5, 0, 0);
		deliver_all(st);
		call(st, (u8)(1 - from), SYS_recv, 100, 0, 0);
		deliver_all(st);
	}
	while (sim_next_event(tape_world(st->tape), &ev))
		act(st, (struct action){ .kind = ACT_FIRE }, NULL, 0);
}

/* "seg A FA 6 7 0 [win]" */
static void segment(struct stage *st, u8 host, const char *flags, const long *arg, int n)
{
	static const char letters[] = "FSRPA";
	const struct world *w = tape_world(st->tape);
	const struct seg *last = &w->link.last[1 - host];
	struct seg g = { .proto = SEG_TCP, .win = last->proto ? last->win : 502, .len = (u32)arg[2] };

	for (; *flags; flags++)
		g.flags |= (u8)(1u << (strchr(letters, *flags) - letters));
	g.seq = st->isn[1 - host] + (u32)arg[0];
	g.ack = g.flags & TCPHDR_ACK ? st->isn[host] + (u32)arg[1] : 0;
	if (n > 3)
		g.win = (u16)arg[3];
	if (last->opts & SEG_OPT_TS) {
		g.opts = SEG_OPT_TS;
		g.tsval = last->tsval;
		g.tsecr = w->link.last[host].tsval;
	}
	if (g.flags & TCPHDR_SYN) {
		g.mss = 1460;
		g.opts |= SEG_OPT_SACKOK | SEG_OPT_WSCALE;
		g.wscale = 7;
	}
	act(st, (struct action){ .kind = ACT_INJECT, .host = host }, &g, sizeof(g));
}

/* "icmp A CODE SEQ": destination unreachable, quoting that segment of A's */
static void icmp(struct stage *st, u8 host, const long *arg)
{
	act(st, (struct action){ .kind = ACT_ICMP, .host = host, .nr = 3, .flags = (u8)arg[0],
				 .a = st->isn[host] + (u32)arg[1] }, NULL, 0);
}

static void set_sysctl(struct stage *st, u8 host, const char *name, long value)
{
	for (u32 i = 0; i < SYSCTL_MAX; i++)
		if (strcmp(sysctl_info[i].name, name) == 0) {
			act(st, (struct action){ .kind = ACT_SYSCTL, .host = host, .a = i, .b = (u32)value }, NULL, 0);
			return;
		}
	fail_msg("%s: no sysctl %s", st->where, name);
}

static void set_keepalive(struct stage *st, u8 host, u32 probes)
{
	call(st, host, SYS_setsockopt, OPT_TCP_KEEPCNT, probes, 0);
	call(st, host, SYS_setsockopt, OPT_SO_KEEPALIVE, 1, 0);
}

static const struct {
	const char *verb;
	u8 nr; /* enum sysnr: called with the numbers that follow */
	u8 pad_[3];
	u32 a; /* or with these, the number as b */
	u32 b;
} calls[] = {
	{ .verb = "close", .nr = SYS_close },
	{ .verb = "shutdown", .nr = SYS_shutdown },
	{ .verb = "accept", .nr = SYS_accept },
	{ .verb = "bind", .nr = SYS_bind, .b = 1 /* A's address */ },
	{ .verb = "dup", .nr = SYS_dup },
	{ .verb = "fork", .nr = SYS_fork },
	{ .verb = "send", .nr = SYS_send },
	{ .verb = "recv", .nr = SYS_recv },
	{ .verb = "send-more", .nr = SYS_send, .b = MSG_MORE_ },
	{ .verb = "socket", .nr = SYS_socket, .a = SEG_TCP },
	{ .verb = "socket-udp", .nr = SYS_socket, .a = SEG_UDP },
	{ .verb = "connect", .nr = SYS_connect, .a = 80, .b = 2 },
	{ .verb = "disconnect", .nr = SYS_connect },
	{ .verb = "nonblock", .nr = SYS_fcntl, .a = 1 },
	{ .verb = "linger2", .nr = SYS_setsockopt, .a = OPT_TCP_LINGER2 },
};

static bool a_call(struct stage *st, const char *verb, u8 host, const long *arg, int n)
{
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		u32 a = calls[i].a, b = calls[i].b;

		if (strcmp(calls[i].verb, verb) != 0)
			continue;
		if (n && calls[i].nr == SYS_setsockopt)
			b = (u32)arg[0];
		else if (n)
			a = (u32)arg[0];
		call(st, host, (enum sysnr)calls[i].nr, a, b, 0);
		return true;
	}
	return false;
}

static bool an_action(struct stage *st, const char *verb, u8 host, const long *arg)
{
	static const struct {
		const char *verb;
		enum act kind;
	} plain[] = { { "fire", ACT_FIRE }, { "abort", ACT_ABORT }, { "exit", ACT_EXIT }, { "kill", ACT_KILL } };

	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (strcmp(plain[i].verb, verb) == 0) {
			act(st, (struct action){ .kind = (u8)plain[i].kind, .host = host, .a = (u32)arg[0] }, NULL, 0);
			return true;
		}
	if (strcmp(verb, "deliver") == 0)
		on_wire(st, ACT_DELIVER, false);
	else if (strcmp(verb, "deliver-last") == 0)
		on_wire(st, ACT_DELIVER, true);
	else if (strcmp(verb, "lose") == 0)
		on_wire(st, ACT_DROP, false);
	else if (strcmp(verb, "talk") == 0)
		talk(st);
	else if (strcmp(verb, "linger") == 0)
		call(st, host, SYS_setsockopt, OPT_SO_LINGER, 1, (u64)arg[0]);
	else if (strcmp(verb, "keepalive") == 0)
		set_keepalive(st, host, (u32)arg[0]);
	else if (strcmp(verb, "icmp") == 0)
		icmp(st, host, arg);
	else if (strcmp(verb, "wait") == 0)
		act(st, (struct action){ .kind = ACT_ADVANCE, .t = tape_world(st->tape)->now + (u64)arg[0] * 1000 }, NULL, 0);
	else
		return false;
	return true;
}

/* A scenario's name begins anew. */
static bool a_scenario(struct stage *st, const char *name)
{
	int id = scenario_find(name);

	if (id >= 0)
		act(st, (struct action){ .kind = ACT_SCENARIO, .a = (u32)id }, NULL, 0);
	return id >= 0;
}

static void step(struct stage *st, char *text)
{
	char *save = NULL, *verb = strtok_r(text, " ", &save), *word = strtok_r(NULL, " ", &save);
	u8 host = word && *word == 'B';
	const char *name = NULL;
	long arg[8] = { 0 };
	int n = 0;

	if (a_scenario(st, verb))
		return;
	if (strcmp(verb, "seg") == 0 || strcmp(verb, "sysctl") == 0)
		name = strtok_r(NULL, " ", &save);
	while ((word = strtok_r(NULL, " ", &save)) != NULL)
		arg[n++] = strtol(word, NULL, 10);
	if (strcmp(verb, "seg") == 0)
		segment(st, host, name, arg, n);
	else if (strcmp(verb, "sysctl") == 0)
		set_sysctl(st, host, name, arg[0]);
	else if (!a_call(st, verb, host, arg, n) && !an_action(st, verb, host, arg))
		fail_msg("%s: no step %s", st->where, verb);
}

static void steps(struct stage *st, const char *text)
{
	char *copy = xstrdup(text), *save = NULL;

	for (char *p = strtok_r(copy, ";", &save); p; p = strtok_r(NULL, ";", &save))
		step(st, p + strspn(p, " "));
	free(copy);
}

/* `st` is new but for its name. */
static void stage_set(struct stage *st, const char *before, const char *event)
{
	struct err err;

	st->tape = tape_new(SCENARIO_closed, &err);
	assert_non_null(st->tape);
	steps(st, before);
	st->recording = true;
	steps(st, event);
}

static void stage_release(struct stage *st)
{
	tree_release(&st->seen);
	tape_free(st->tape);
}

/* ---- comparing --------------------------------------------------------------------------------------------------- */

struct recorded {
	const char *name;
	const char *before;
	const char *event;
};

static const struct recorded recordings[] = {
#define T(name_, before_, event_) { name_, before_, event_ },
#include "trees.def"
#undef T
};

static struct buf functions; /* functions.txt */

static int load_functions(void **state)
{
	struct err err;

	(void)state;
	return file_read("tests/calltrace/functions.txt", FILE_LIMIT, &functions, &err) != ST_OK;
}

static int release_functions(void **state)
{
	(void)state;
	buf_release(&functions);
	return 0;
}

static void take_kernel(struct tree *kernel, const char *name, char *root, size_t size)
{
	char path[200];

	snprintf(path, sizeof(path), "tests/calltrace/%s.txt", name);
	tree_read(kernel, path);
	assert_true(kernel->n > 0);
	snprintf(root, size, "%s", kernel->line[0].name);
	tree_drop(kernel, gone_from_kernel, NULL);
}

static void take_engine(struct stage *st, const char *root)
{
	use_names_of_6_1(&st->seen);
	tree_keep_root(&st->seen, root);
	tree_drop(&st->seen, gone_from_engine, buf_str(&functions));
}

/* False: they differ, which is said. */
static bool compare(const struct recorded *r)
{
	struct stage st = { .where = r->name };
	struct tree kernel = { .n = 0 };
	char root[48];
	bool equal;

	stage_set(&st, r->before, r->event);
	take_kernel(&kernel, r->name, root, sizeof(root));
	take_engine(&st, root);
	equal = tree_equal(&kernel, &st.seen);
	if (!equal && !without) {
		print_message("%s: the kernel's tree, the engine's\n", r->name);
		tree_explain(&kernel, &st.seen);
	}
	tree_release(&kernel);
	stage_release(&st);
	return equal;
}

static void compare_all(const char *from, const char *to)
{
	const char *part = getenv("TREES");
	u32 differ = 0;

	for (size_t i = 0; i < ARRAY_LEN(recordings); i++) {
		const struct recorded *r = &recordings[i];

		if (strncmp(r->name, from, 2) >= 0 && strncmp(r->name, to, 2) <= 0 && (!part || strstr(r->name, part)))
			differ += !compare(r);
	}
	assert_int_equal(differ, 0);
}

static void the_four_way_close(void **state)
{
	(void)state;
	compare_all("00", "01");
}

static void shutdown_and_abortive_close(void **state)
{
	(void)state;
	compare_all("02", "04");
}

static void waiting_and_crossing(void **state)
{
	(void)state;
	compare_all("05", "07");
}

static void listeners(void **state)
{
	(void)state;
	compare_all("08", "08");
}

static void repetition(void **state)
{
	(void)state;
	compare_all("09", "09");
}

static void data_after_close(void **state)
{
	(void)state;
	compare_all("10", "10");
}

static void other_ends(void **state)
{
	(void)state;
	compare_all("11", "16");
}

static void time_wait(void **state)
{
	(void)state;
	compare_all("17", "17");
}

static void three_segments_and_io(void **state)
{
	(void)state;
	compare_all("19", "21");
}

/* Whether some call of `child` stands directly below one of `parent`. */
static bool calls_directly(const struct tree *t, const char *parent, const char *child)
{
	const char *open[64] = { "" }; /* by depth */

	for (size_t i = 0; i < t->n; i++) {
		u16 depth = t->line[i].depth;

		assert_true(depth + 1u < ARRAY_LEN(open));
		open[depth + 1] = t->line[i].name;
		if (strcmp(t->line[i].name, child) == 0 && strcmp(open[depth], parent) == 0)
			return true;
	}
	return false;
}

static bool differs_without(const char *entry)
{
	bool differs = false;

	without = entry;
	for (size_t i = 0; i < ARRAY_LEN(recordings) && !differs; i++)
		differs = !compare(&recordings[i]);
	without = NULL;
	return differs;
}

static void every_difference_is_needed(void **state)
{
	u32 idle = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(renamed) + ARRAY_LEN(ignored); i++) {
		const char *entry = i < ARRAY_LEN(renamed) ? renamed[i][0] : ignored[i - ARRAY_LEN(renamed)];

		if (!differs_without(entry)) {
			print_message("trees_differences.def: %s: nothing differs without it\n", entry);
			idle++;
		}
	}
	assert_int_equal(idle, 0);
}

/* Whether a recording is of the event: it has its name, or that and a `+` with a further root. */
static bool is_of(const char *recording, const char *event, size_t len)
{
	return strncmp(recording, event, len) == 0 && (recording[len] == '\0' || recording[len] == '+');
}

/* Every event of events.txt is compared, or stands in the list of those that are not. */
static void every_event_is_accounted_for(void **state)
{
	struct buf events = BUF_INIT;
	struct err err;
	u32 n = 0, wrong = 0;

	(void)state;
	assert_int_equal(file_read("tests/calltrace/events.txt", FILE_LIMIT, &events, &err), ST_OK);
	for (const char *p = buf_str(&events); *p; p += strcspn(p, "\n") + 1, n++) {
		const size_t len = strcspn(p, "\n");
		u32 times = 0, listed = 0;

		for (size_t i = 0; i < ARRAY_LEN(recordings); i++)
			times += is_of(recordings[i].name, p, len);
		for (size_t i = 0; i < ARRAY_LEN(not_compared); i++)
			listed += strlen(not_compared[i]) == len && strncmp(not_compared[i], p, len) == 0;
		if ((times != 0) == (listed != 0)) {
			print_message("%.*s: compared %u times, listed %u times\n", (int)len, p, times, listed);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
	assert_int_equal(n, 177);
	assert_true(ARRAY_LEN(not_compared) <= 20);
	buf_release(&events);
}

/* What the tables keep out of the comparison, as 6.18 has it. */
static void what_is_new_in_6_18(void **state)
{
	static const struct {
		const char *before;
		const char *event;
		const char *parent;
		const char *child;
	} news[] = {
		{ "established", "close A", "sys_close", "file_close_fd" },
		{ "established", "close A", "sys_close", "filp_flush" },
		{ "established", "close A", "sys_close", "fput_close_sync" },
		{ "established", "close A", "fput_close_sync", "__fput" },
		{ "established", "close A", "dput", "iput" },
		{ "unread-data", "close B", "__tcp_close", "tcp_eat_recv_skb" },
		{ "established; close A", "seg A A 1 2 0", "tcp_time_wait", "inet_twsk_hashdance_schedule" },
		{ "established; close A", "seg A A 1 2 0", "inet_twsk_hashdance_schedule", "__inet_twsk_schedule" },
		{ "established; linger2 A 62; close A", "seg A A 1 2 0", "tcp_rcv_state_process", "tcp_reset_keepalive_timer" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(news); i++) {
		struct stage st = { .where = news[i].child };

		stage_set(&st, news[i].before, news[i].event);
		if (!calls_directly(&st.seen, news[i].parent, news[i].child))
			fail_msg("%s() does not call %s()", news[i].parent, news[i].child);
		stage_release(&st);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_four_way_close),
		cmocka_unit_test(shutdown_and_abortive_close),
		cmocka_unit_test(waiting_and_crossing),
		cmocka_unit_test(listeners),
		cmocka_unit_test(repetition),
		cmocka_unit_test(data_after_close),
		cmocka_unit_test(other_ends),
		cmocka_unit_test(time_wait),
		cmocka_unit_test(three_segments_and_io),
		cmocka_unit_test(every_difference_is_needed),
		cmocka_unit_test(every_event_is_accounted_for),
		cmocka_unit_test(what_is_new_in_6_18),
	};

	return cmocka_run_group_tests(tests, load_functions, release_functions);
}
