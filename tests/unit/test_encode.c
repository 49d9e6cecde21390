/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The canonical encoding: the same for worlds that differ only in what is history, different for all others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/encode.h"
#include "engine/fs.h"
#include "tape/tape.h"

struct encoding {
	u8 bytes[ENCODE_MAX];
	size_t len;
};

static struct encoding encode(const struct tape *t)
{
	struct encoding e = { { 0 }, 0 };

	e.len = world_encode(tape_world(t), e.bytes);
	assert_true(e.len > 0);
	return e;
}

static bool same(const struct encoding *a, const struct encoding *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static struct tape *tape_in(enum scenario_id id)
{
	struct err err;
	struct tape *t = tape_new(id, &err);

	assert_non_null(t);
	return t;
}

static void act(struct tape *t, struct action a)
{
	struct err err;

	if (tape_apply(t, &a, NULL, 0, NULL, &err) != ST_OK)
		fail_msg("%s", err.message);
}

static void it_is_short(void **state)
{
	struct tape *t = tape_in(SCENARIO_established);
	struct encoding e;

	(void)state;
	act(t, (struct action){ .kind = ACT_CALL, .nr = SYS_send, .fd = 3, .a = 100 });
	act(t, (struct action){ .kind = ACT_CALL, .nr = SYS_close, .fd = 3 });
	act(t, (struct action){ .kind = ACT_CALL, .host = 1, .nr = SYS_close, .fd = 4 });
	e = encode(t);
	assert_true(e.len <= 300);
	tape_free(t);
}

static void every_scenario_is_another(void **state)
{
	static struct encoding all[NR_SCENARIOS];

	(void)state;
	for (int i = 0; i < NR_SCENARIOS; i++) {
		struct tape *t = tape_in((enum scenario_id)i);

		all[i] = encode(t);
		for (int k = 0; k < i; k++)
			assert_false(same(&all[i], &all[k]));
		tape_free(t);
	}
}

static void numbers_and_counters_are_no_state(void **state)
{
	struct tape *t = tape_in(SCENARIO_established);
	struct encoding before, after;

	(void)state;
	act(t, (struct action){ .kind = ACT_CALL, .nr = SYS_close, .fd = 3 });
	before = encode(t);
	act(t, (struct action){ .kind = ACT_DUP, .a = 4 });
	after = encode(t);
	assert_false(same(&before, &after));
	act(t, (struct action){ .kind = ACT_DROP, .a = 4 });
	after = encode(t);
	assert_true(same(&before, &after)); /* #5 flies where #4 flew */
	tape_free(t);
}

static void the_order_of_independent_steps_does_not_matter(void **state)
{
	static const struct action close_a = { .kind = ACT_CALL, .nr = SYS_close, .fd = 3 };
	static const struct action linger_b = { .kind = ACT_CALL, .host = 1, .nr = SYS_setsockopt, .fd = 4,
						.a = OPT_SO_LINGER, .b = 1, .t = 5 };
	struct tape *t = tape_in(SCENARIO_established);
	struct tape *u = tape_in(SCENARIO_established);
	struct encoding a, b;

	(void)state;
	act(t, close_a);
	act(t, linger_b);
	act(u, linger_b);
	act(u, close_a);
	a = encode(t);
	b = encode(u);
	assert_true(same(&a, &b));
	tape_free(t);
	tape_free(u);
}

static void what_makes_a_difference_shows(void **state)
{
	static const struct action changes[] = {
		{ .kind = ACT_CALL, .nr = SYS_setsockopt, .fd = 3, .a = OPT_TCP_LINGER2, .b = 5 },
		{ .kind = ACT_CALL, .nr = SYS_shutdown, .fd = 3, .a = 0 },
		{ .kind = ACT_CALL, .nr = SYS_dup, .fd = 3 },
		{ .kind = ACT_CALL, .nr = SYS_fork, .fd = -1 },
		{ .kind = ACT_CALL, .nr = SYS_recv, .fd = 3, .a = 10 },
		{ .kind = ACT_CALL, .nr = SYS_fcntl, .fd = 3, .a = 1 },
		{ .kind = ACT_SYSCTL, .a = SYSCTL_tcp_fin_timeout, .b = 5 },
		{ .kind = ACT_FAULT, .a = FAULT_ALLOC_TW, .b = 1 },
		{ .kind = ACT_PARTITION, .a = 1 },
		{ .kind = ACT_LOCK },
	};
	struct encoding seen[ARRAY_LEN(changes) + 1];

	(void)state;
	for (size_t i = 0; i <= ARRAY_LEN(changes); i++) {
		struct tape *t = tape_in(SCENARIO_established);

		if (i)
			act(t, changes[i - 1]);
		seen[i] = encode(t);
		for (size_t k = 0; k < i; k++)
			assert_false(same(&seen[i], &seen[k]));
		tape_free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_short),
		cmocka_unit_test(every_scenario_is_another),
		cmocka_unit_test(numbers_and_counters_are_no_state),
		cmocka_unit_test(the_order_of_independent_steps_does_not_matter),
		cmocka_unit_test(what_makes_a_difference_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
