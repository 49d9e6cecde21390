/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tape: going anywhere leads to exactly the world that was there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "engine/fs.h"
#include "tape/tape.h"

enum { HOST_A, HOST_B };

static struct tape *fresh(enum scenario_id id)
{
	struct err err = { 0 };
	struct tape *t = tape_new(id, &err);

	if (!t)
		fail_msg("%s", err.message);
	return t;
}

static void act(struct tape *t, struct action a, const char *command)
{
	struct err err = { 0 };

	if (tape_apply(t, &a, NULL, 0, NULL, &err) != ST_OK)
		fail_msg("%s: %s", command, err.message);
	tape_end_command(t, command);
}

static struct action call(u8 host, enum sysnr nr, u32 a)
{
	return (struct action){ .kind = ACT_CALL, .host = host, .nr = (u8)nr, .fd = -1, .a = a };
}

static struct action deliver_oldest(const struct tape *t)
{
	struct action choices[64];
	size_t n = sim_choices(tape_world(t), choices, ARRAY_LEN(choices));

	for (size_t i = 0; i < n && i < ARRAY_LEN(choices); i++)
		if (choices[i].kind == ACT_DELIVER)
			return choices[i];
	fail_msg("nothing is in flight");
	return choices[0];
}

/* A world as bytes, to compare with later. */
static struct buf snap(const struct tape *t)
{
	const struct world *w = tape_world(t);
	struct buf b = BUF_INIT;
	size_t n = world_live_size(w);

	world_pack(w, buf_reserve(&b, n));
	b.len = n;
	return b;
}

static void is_as_then(const struct tape *t, const struct buf *then)
{
	struct buf now = snap(t);

	assert_int_equal(now.len, then->len);
	assert_memory_equal(now.data, then->data, now.len);
	assert_null(world_check(tape_world(t), NULL));
	buf_release(&now);
}

static void test_beginning(void **state)
{
	struct tape *t = fresh(SCENARIO_established);
	struct err err = { 0 };
	size_t len = 1;

	(void)state;
	assert_int_equal(tape_now(t), 0);
	assert_int_equal(tape_moment_count(t), 1);
	assert_int_equal(tape_moment(t, 0)->action.kind, ACT_SCENARIO);
	assert_int_equal(tape_moment(t, 0)->parent, MOMENT_NONE);
	assert_true(tape_moment(t, 0)->hash == world_hash(tape_world(t)));
	assert_null(tape_moment(t, 1));
	assert_null(tape_payload(t, 0, &len));
	assert_int_equal(len, 0);
	assert_int_equal(tape_point_count(t), 1);
	assert_int_equal(tape_point_now(t), 0);
	assert_string_equal(tape_point(t, 0)->command, "");
	assert_int_equal(tape_point(t, 0)->parent, UINT32_MAX);
	assert_null(tape_point(t, 1));
	assert_int_equal(tape_point_next(t, 0), UINT32_MAX);
	assert_int_equal(tape_undo(t, 1, &err), ST_WRONG);
	assert_string_equal(err.message, "nothing to undo");
	assert_int_equal(tape_redo(t, 1, &err), ST_WRONG);
	assert_string_equal(err.message, "nothing to redo");
	tape_end_command(t, "expect time == 0");
	assert_int_equal(tape_point_count(t), 1);
	tape_free(t);
	tape_free(NULL);
}

/* Every kind of action, taken in a row from established and undone one by one. */
static void test_undo_of_every_kind(void **state)
{
	static const struct net_params net = { .delay = 20000, .seed = 9, .loss_ppm = 100000, .dup_ppm = 100000,
					       .reorder_ppm = 100000 };
	static const struct seg forged = { .proto = SEG_TCP, .flags = TCPHDR_ACK, .win = 500 };
	const struct action actions[] = {
		{ .kind = ACT_ADVANCE, .t = WORLD_EPOCH + 5 },
		call(HOST_A, SYS_setsockopt, OPT_TCP_NODELAY),
		call(HOST_A, SYS_send, 5000),
		{ .kind = ACT_DUP, .a = 4 },
		{ .kind = ACT_DELAY, .a = 4, .t = 5000 },
		{ .kind = ACT_SWAP, .a = 4, .b = 5 },
		{ .kind = ACT_LOCK, .host = HOST_B },
		{ .kind = ACT_DELIVER, .a = 5 },
		{ .kind = ACT_UNLOCK, .host = HOST_B },
		{ .kind = ACT_DROP, .a = 4 },
		{ .kind = ACT_INJECT, .host = HOST_A },
		{ .kind = ACT_ICMP, .host = HOST_A, .nr = 3, .flags = 1 },
		{ .kind = ACT_SYSCTL, .host = HOST_B, .a = SYSCTL_tcp_fin_timeout, .b = 30 },
		{ .kind = ACT_FAULT, .host = HOST_A, .a = FAULT_ALLOC_SKB, .b = 2 },
		{ .kind = ACT_FIRE },
		{ .kind = ACT_PARTITION, .a = 1 },
		{ .kind = ACT_PARTITION, .a = 0 },
		{ .kind = ACT_NET, .a = 1 },
		call(HOST_B, SYS_close, 0),
		{ .kind = ACT_FIRE },
		{ .kind = ACT_ABORT, .host = HOST_A },
		{ .kind = ACT_KILL, .host = HOST_B, .a = SIGKILL_ },
		{ .kind = ACT_EXIT, .host = HOST_A },
		{ .kind = ACT_SCENARIO, .a = SCENARIO_backlog },
	};
	struct buf then[ARRAY_LEN(actions)];
	struct tape *t = fresh(SCENARIO_established);
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		const struct action a = actions[i];
		const bool with_net = a.kind == ACT_NET;
		const bool with_seg = a.kind == ACT_INJECT;
		enum status st;

		then[i] = snap(t);
		st = tape_apply(t, &a, with_net ? (const void *)&net : with_seg ? (const void *)&forged : NULL,
				with_net ? sizeof(net) : with_seg ? sizeof(forged) : 0, NULL, &err);
		if (st != ST_OK)
			fail_msg("action %zu, kind %u: %s", i, a.kind, err.message);
		assert_null(world_check(tape_world(t), NULL));
		tape_end_command(t, "x");
	}
	for (size_t i = ARRAY_LEN(actions); i-- > 0;) {
		assert_int_equal(tape_undo(t, 1, &err), ST_OK);
		is_as_then(t, &then[i]);
	}
	for (size_t i = 1; i < ARRAY_LEN(actions); i++) {
		assert_int_equal(tape_redo(t, 1, &err), ST_OK);
		is_as_then(t, &then[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		buf_release(&then[i]);
	tape_free(t);
}

static void test_refused_is_not_recorded(void **state)
{
	struct tape *t = fresh(SCENARIO_established);
	struct buf then = snap(t);
	const struct action nonsense[] = {
		{ .kind = ACT_DELIVER, .a = 4711 },
		{ .kind = ACT_ADVANCE, .t = 1 },
		{ .kind = ACT_UNLOCK },
		{ .kind = ACT_NONE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(nonsense); i++) {
		struct err err = { 0 };

		assert_int_equal(tape_apply(t, &nonsense[i], NULL, 0, NULL, &err), ST_WRONG);
		assert_int_not_equal(err.message[0], '\0');
		assert_int_equal(tape_moment_count(t), 1);
		is_as_then(t, &then);
	}
	buf_release(&then);
	tape_free(t);
}

static void test_full_pool_is_taken_back(void **state)
{
	const struct action dup = { .kind = ACT_DUP, .a = 4 };
	struct tape *t = fresh(SCENARIO_established);
	struct err err = { 0 };
	struct buf then;

	(void)state;
	act(t, call(HOST_A, SYS_send, 10), "send A 10");
	while (tape_world(t)->pool[POOL_FLIGHT].used < MAX_FLIGHT)
		act(t, dup, "duplicate #4");
	then = snap(t);
	assert_int_equal(tape_apply(t, &dup, NULL, 0, NULL, &err), ST_FULL);
	assert_string_equal(err.message, "this world holds 256 segments: no room for another");
	assert_int_equal(tape_moment_count(t), 1 + MAX_FLIGHT);
	is_as_then(t, &then);
	buf_release(&then);
	tape_free(t);
}

static void test_branches(void **state)
{
	struct tape *t = fresh(SCENARIO_established);
	struct err err = { 0 };
	struct buf closed;
	struct buf shut;

	(void)state;
	act(t, call(HOST_A, SYS_close, 0), "close A");
	act(t, deliver_oldest(t), "deliver");
	closed = snap(t);
	assert_int_equal(tape_point_now(t), 2);
	assert_int_equal(tape_undo(t, 2, &err), ST_OK);
	assert_int_equal(tape_point_now(t), 0);
	assert_int_equal(tape_point_next(t, 0), 1);
	act(t, call(HOST_A, SYS_shutdown, 1), "shutdown A wr");
	shut = snap(t);
	assert_int_equal(tape_point_now(t), 3);
	assert_int_equal(tape_point(t, 3)->parent, 0);
	assert_string_equal(tape_point(t, 3)->command, "shutdown A wr");
	assert_int_equal(tape_point_next(t, 0), 3);

	assert_int_equal(tape_goto_point(t, 2, &err), ST_OK);
	is_as_then(t, &closed);
	assert_int_equal(tape_point_next(t, 0), 1);
	assert_int_equal(tape_undo(t, 2, &err), ST_OK);
	assert_int_equal(tape_redo(t, 2, &err), ST_OK);
	is_as_then(t, &closed);
	assert_int_equal(tape_goto_point(t, 3, &err), ST_OK);
	is_as_then(t, &shut);
	assert_int_equal(tape_undo(t, 1, &err), ST_OK);
	assert_int_equal(tape_redo(t, 1, &err), ST_OK);
	is_as_then(t, &shut);

	assert_int_equal(tape_undo(t, 2, &err), ST_WRONG);
	assert_string_equal(err.message, "only 1 command to undo");
	assert_int_equal(tape_goto_point(t, 4, &err), ST_WRONG);
	assert_string_equal(err.message, "there is no point 4; the last one is 3");
	assert_int_equal(tape_goto_moment(t, 99, &err), ST_WRONG);
	is_as_then(t, &shut);
	buf_release(&closed);
	buf_release(&shut);
	tape_free(t);
}

/* A command of several moments is one point; from inside it undo leads to where it began. */
static void test_points_and_moments(void **state)
{
	struct tape *t = fresh(SCENARIO_established);
	struct buf before = snap(t);
	struct err err = { 0 };
	struct action a = call(HOST_A, SYS_close, 0);
	struct buf inside;

	(void)state;
	assert_int_equal(tape_apply(t, &a, NULL, 0, NULL, &err), ST_OK);
	inside = snap(t);
	act(t, deliver_oldest(t), "close A and deliver");
	assert_int_equal(tape_point_count(t), 2);
	assert_int_equal(tape_point(t, 1)->moment, 2);
	assert_int_equal(tape_goto_moment(t, 1, &err), ST_OK);
	is_as_then(t, &inside);
	assert_int_equal(tape_point_now(t), 0);
	assert_int_equal(tape_undo(t, 1, &err), ST_OK);
	is_as_then(t, &before);
	assert_int_equal(tape_now(t), 0);
	buf_release(&inside);
	buf_release(&before);
	tape_free(t);
}

static void test_marks(void **state)
{
	struct tape *t = fresh(SCENARIO_established);
	struct err err = { 0 };
	u32 moment;

	(void)state;
	assert_int_equal(tape_find_mark(t, "here"), MOMENT_NONE);
	assert_int_equal(tape_mark(t, "here", &err), ST_OK);
	act(t, call(HOST_A, SYS_close, 0), "close A");
	assert_int_equal(tape_mark(t, "there", &err), ST_OK);
	assert_int_equal(tape_find_mark(t, "here"), 0);
	assert_int_equal(tape_find_mark(t, "there"), 1);
	assert_int_equal(tape_mark(t, "here", &err), ST_OK);
	assert_int_equal(tape_find_mark(t, "here"), 1);
	assert_int_equal(tape_mark_count(t), 2);
	assert_string_equal(tape_mark_name(t, 1, &moment), "there");
	assert_int_equal(moment, 1);
	assert_int_equal(tape_mark(t, "", &err), ST_WRONG);
	assert_int_equal(tape_mark_count(t), 2);
	tape_free(t);
}

static void test_payload_is_kept(void **state)
{
	struct tape *t = fresh(SCENARIO_established);
	struct action a = call(HOST_A, SYS_send, 5);
	struct err err = { 0 };
	char text[] = "hello";
	size_t len = 0;

	(void)state;
	assert_int_equal(tape_apply(t, &a, text, 5, NULL, &err), ST_OK);
	memset(text, 'x', sizeof(text) - 1);
	assert_memory_equal(tape_payload(t, 1, &len), "hello", 5);
	assert_int_equal(len, 5);
	assert_int_equal(tape_moment(t, 1)->action.a, 5);
	assert_null(tape_payload(t, 2, &len));
	tape_free(t);
}

/* ---- replaying ------------------------------------------------------------------------------------------------------- */

static void see(void *ctx, const struct sim *s, const struct trec *r)
{
	(void)s;
	buf_add(ctx, r, sizeof(*r));
}

struct witness {
	struct tape *t;
	u32 seen[8];
	size_t n;
};

static void on_moment(void *ctx, u32 moment, const struct world *before)
{
	struct witness *wit = ctx;

	assert_true(world_hash(before) == tape_moment(wit->t, tape_moment(wit->t, moment)->parent)->hash);
	wit->seen[wit->n++] = moment;
}

static void test_replay_shows_the_same_trace(void **state)
{
	struct tape *t = fresh(SCENARIO_established);
	struct buf first = BUF_INIT;
	struct buf again = BUF_INIT;
	const struct observer live = { see, &first };
	const struct observer replayed = { see, &again };
	struct witness wit = { .t = t };
	struct err err = { 0 };
	struct buf then;
	struct action a = call(HOST_A, SYS_close, 0);

	(void)state;
	assert_int_equal(tape_apply(t, &a, NULL, 0, &live, &err), ST_OK);
	a = deliver_oldest(t);
	assert_int_equal(tape_apply(t, &a, NULL, 0, &live, &err), ST_OK);
	a = (struct action){ .kind = ACT_FIRE };
	assert_int_equal(tape_apply(t, &a, NULL, 0, &live, &err), ST_OK);
	then = snap(t);
	assert_int_equal(tape_replay(t, 0, 3, &replayed, on_moment, &wit, &err), ST_OK);
	assert_true(first.len > 10 * sizeof(struct trec));
	assert_int_equal(first.len, again.len);
	assert_memory_equal(first.data, again.data, first.len);
	assert_int_equal(wit.n, 3);
	for (u32 i = 0; i < 3; i++)
		assert_int_equal(wit.seen[i], i + 1);
	assert_int_equal(tape_now(t), 3);
	is_as_then(t, &then);

	assert_int_equal(tape_replay(t, 2, 1, NULL, NULL, NULL, &err), ST_WRONG);
	assert_string_equal(err.message, "moment 2 does not lead to moment 1");
	assert_int_equal(tape_replay(t, 0, 4, NULL, NULL, NULL, &err), ST_WRONG);
	assert_int_equal(tape_replay(t, 3, 3, NULL, on_moment, &wit, &err), ST_OK);
	assert_int_equal(wit.n, 3);
	buf_release(&first);
	buf_release(&again);
	buf_release(&then);
	tape_free(t);
}

static void test_replay_of_a_part(void **state)
{
	struct tape *t = fresh(SCENARIO_established);
	struct buf whole = BUF_INIT;
	struct buf part = BUF_INIT;
	const struct observer live = { see, &whole };
	const struct observer replayed = { see, &part };
	struct action a = call(HOST_A, SYS_close, 0);
	struct err err = { 0 };
	struct buf then;
	size_t records;

	(void)state;
	assert_int_equal(tape_apply(t, &a, NULL, 0, &live, &err), ST_OK);
	assert_int_equal(tape_goto_moment(t, 0, &err), ST_OK);
	then = snap(t);
	records = whole.len / sizeof(struct trec);
	assert_true(records > 10);
	for (u32 n = 0; n <= records + 1; n++) {
		buf_clear(&part);
		assert_int_equal(tape_replay_part(t, 1, n, &replayed, NULL, NULL, &err), ST_OK);
		assert_int_equal(part.len, (n < records ? n : records) * sizeof(struct trec));
		if (part.len)
			assert_memory_equal(part.data, whole.data, part.len);
	}
	assert_int_equal(tape_now(t), 0);
	is_as_then(t, &then);
	buf_release(&whole);
	buf_release(&part);
	buf_release(&then);
	tape_free(t);
}

static void test_leads_to(void **state)
{
	struct tape *t = fresh(SCENARIO_established);
	struct action a = call(HOST_A, SYS_close, 0);
	struct err err = { 0 };

	(void)state;
	assert_int_equal(tape_apply(t, &a, NULL, 0, NULL, &err), ST_OK);
	a = deliver_oldest(t);
	assert_int_equal(tape_apply(t, &a, NULL, 0, NULL, &err), ST_OK);
	assert_int_equal(tape_goto_moment(t, 0, &err), ST_OK);
	a = call(HOST_B, SYS_close, 0);
	assert_int_equal(tape_apply(t, &a, NULL, 0, NULL, &err), ST_OK); /* moment 3, another branch */
	assert_true(tape_leads_to(t, 0, 0));
	assert_true(tape_leads_to(t, 0, 2));
	assert_true(tape_leads_to(t, 1, 2));
	assert_true(tape_leads_to(t, 0, 3));
	assert_true(tape_leads_to(t, 3, 3));
	assert_false(tape_leads_to(t, 1, 3));
	assert_false(tape_leads_to(t, 2, 3));
	assert_false(tape_leads_to(t, 2, 1));
	assert_false(tape_leads_to(t, 3, 0));
	tape_free(t);
}

static void test_a_different_replay_is_noticed(void **state)
{
	struct tape *t = fresh(SCENARIO_established);
	struct err err = { 0 };
	struct buf then;

	(void)state;
	act(t, call(HOST_A, SYS_close, 0), "close A");
	act(t, deliver_oldest(t), "deliver");
	then = snap(t);
	((struct moment *)(uintptr_t)tape_moment(t, 1))->hash ^= 1;
	assert_int_equal(tape_undo(t, 1, &err), ST_WRONG);
	assert_string_equal(err.message, "moment 1 came out differently when it was replayed");
	assert_int_equal(tape_now(t), 2);
	is_as_then(t, &then);
	buf_release(&then);
	tape_free(t);
}

static void test_scenario_start(void **state)
{
	struct tape *t = fresh(SCENARIO_established);

	(void)state;
	act(t, call(HOST_A, SYS_close, 0), "close A");
	act(t, (struct action){ .kind = ACT_SCENARIO, .a = SCENARIO_time_wait }, "scenario time-wait");
	act(t, (struct action){ .kind = ACT_FIRE }, "tick timer");
	assert_int_equal(tape_scenario_start(t, 3), 2);
	assert_int_equal(tape_scenario_start(t, 2), 2);
	assert_int_equal(tape_scenario_start(t, 1), 0);
	tape_free(t);
}

/* ---- long sessions ------------------------------------------------------------------------------------------------------ */

static u32 dice(u32 *seed, u32 n)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (u32)(((u64)(*seed >> 8) * n) >> 24);
}

/* Something that could happen next, or that a person could do. */
static struct action anything(const struct tape *t, u32 *seed)
{
	static const u8 calls[] = { SYS_send, SYS_recv, SYS_close, SYS_shutdown, SYS_socket, SYS_connect, SYS_accept, SYS_dup };
	struct action choices[128];
	size_t n = sim_choices(tape_world(t), choices, ARRAY_LEN(choices));
	u8 host = (u8)dice(seed, NR_HOSTS);

	if (n > ARRAY_LEN(choices))
		n = ARRAY_LEN(choices);
	if (n && dice(seed, 3))
		return choices[dice(seed, (u32)n)];
	if (!dice(seed, 20))
		return (struct action){ .kind = ACT_SCENARIO, .a = dice(seed, NR_SCENARIOS) };
	switch ((enum sysnr)calls[dice(seed, ARRAY_LEN(calls))]) {
	case SYS_send:
		return call(host, SYS_send, 1 + dice(seed, 4000));
	case SYS_recv:
		return call(host, SYS_recv, 1 + dice(seed, 4000));
	case SYS_close:
		return call(host, SYS_close, 0);
	case SYS_shutdown:
		return call(host, SYS_shutdown, dice(seed, 3));
	case SYS_socket:
		return call(host, SYS_socket, SEG_TCP);
	case SYS_connect:
		return (struct action){ .kind = ACT_CALL, .host = host, .nr = SYS_connect, .fd = -1, .a = 80,
					.b = 2u - host };
	case SYS_accept:
		return (struct action){ .kind = ACT_CALL, .host = HOST_B, .nr = SYS_accept, .fd = 3 };
	default:
		return call(host, SYS_dup, 0);
	}
}

enum { LONG = 400 };

/* Wanders about with many branches, then visits moments in no order. */
static void wander(u32 seed)
{
	static struct buf then[LONG + 1];
	struct tape *t = fresh(SCENARIO_established);
	struct err err = { 0 };

	then[0] = snap(t);
	while (tape_moment_count(t) <= LONG) {
		struct action a = anything(t, &seed);
		u32 n = tape_moment_count(t);

		if (tape_apply(t, &a, NULL, 0, NULL, &err) == ST_OK) {
			tape_end_command(t, "x");
			then[n] = snap(t);
			is_as_then(t, &then[n]);
		}
		if (!dice(&seed, 10)) {
			u32 to = dice(&seed, tape_moment_count(t));

			assert_int_equal(tape_goto_moment(t, to, &err), ST_OK);
			is_as_then(t, &then[to]);
		}
	}
	for (int i = 0; i < 200; i++) {
		static struct world w;
		u32 to = dice(&seed, LONG + 1);
		u32 now = tape_now(t);

		if (tape_world_at(t, to, &w, &err) != ST_OK)
			fail_msg("seed %u: %s", seed, err.message);
		assert_true(world_hash(&w) == tape_moment(t, to)->hash);
		is_as_then(t, &then[now]);
		assert_int_equal(tape_goto_moment(t, to, &err), ST_OK);
		is_as_then(t, &then[to]);
	}
	for (u32 i = 0; i <= LONG; i++)
		buf_release(&then[i]);
	tape_free(t);
}

static void test_wandering(void **state)
{
	(void)state;
	for (u32 seed = 1; seed <= 60; seed++)
		wander(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_beginning),
		cmocka_unit_test(test_undo_of_every_kind),
		cmocka_unit_test(test_refused_is_not_recorded),
		cmocka_unit_test(test_full_pool_is_taken_back),
		cmocka_unit_test(test_branches),
		cmocka_unit_test(test_points_and_moments),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_payload_is_kept),
		cmocka_unit_test(test_replay_shows_the_same_trace),
		cmocka_unit_test(test_replay_of_a_part),
		cmocka_unit_test(test_leads_to),
		cmocka_unit_test(test_a_different_replay_is_noticed),
		cmocka_unit_test(test_scenario_start),
		cmocka_unit_test(test_wandering),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
