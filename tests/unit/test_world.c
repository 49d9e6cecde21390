/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Worlds can be copied, compared, packed and hashed; world_check() finds nothing in honest ones and each corruption. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/fs.h"
#include "engine/sim.h"
#include "tape/tape.h"

static struct world scratch;

static struct world *world_of(enum scenario_id id)
{
	struct world *w = calloc(1, sizeof(*w));
	struct action a = { .kind = ACT_SCENARIO, .a = (u32)id };
	struct sim s;
	struct err err;

	assert_non_null(w);
	world_init(w, PROFILE_6_18, PROFILE_6_18);
	sim_init(&s, w, &scratch);
	assert_int_equal(sim_apply(&s, &a, NULL, 0, &err), ST_OK);
	return w;
}

static void scenarios_are_sound(void **state)
{
	(void)state;
	for (int i = 0; i < NR_SCENARIOS; i++) {
		struct world *w = world_of((enum scenario_id)i);
		const char *bad = world_check(w, NULL);

		if (bad)
			fail_msg("scenario %s: %s", scenario_info[i].name, bad);
		assert_int_equal(w->now, WORLD_EPOCH);
		free(w);
	}
}

static void scenarios_are_what_they_say(void **state)
{
	static const struct {
		enum scenario_id id;
		u8 state_a, state_b; /* of the main socket; 0: none */
	} want[] = {
		{ SCENARIO_established, TCP_ESTABLISHED, TCP_ESTABLISHED },
		{ SCENARIO_syn_sent, TCP_SYN_SENT, TCP_LISTEN },
		{ SCENARIO_syn_recv, TCP_SYN_SENT, TCP_LISTEN },
		{ SCENARIO_half_closed, TCP_FIN_WAIT2, TCP_CLOSE_WAIT },
		{ SCENARIO_fin_wait_2, 0, TCP_CLOSE_WAIT },
		{ SCENARIO_time_wait, 0, 0 },
		{ SCENARIO_unread_data, TCP_ESTABLISHED, TCP_ESTABLISHED },
		{ SCENARIO_full_window, TCP_ESTABLISHED, TCP_ESTABLISHED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		struct world *w = world_of(want[i].id);
		u8 got[NR_HOSTS] = { 0, 0 };

		for (u16 k = 0; k < w->pool[POOL_SOCK].high; k++)
			if (w->sock[k].live && w->sock[k].num_ == w->host[w->sock[k].host].main_num)
				got[w->sock[k].host] = w->sock[k].sk_state;
		if (got[0] != want[i].state_a || got[1] != want[i].state_b)
			fail_msg("scenario %s: states %d and %d", scenario_info[want[i].id].name, got[0], got[1]);
		free(w);
	}
}

static void a_live_world_is_small(void **state)
{
	struct world *w = world_of(SCENARIO_established);

	(void)state;
	assert_true(world_live_size(w) < 5 * 1024);
	free(w);
}

static void copies_are_equal(void **state)
{
	struct world *a = world_of(SCENARIO_unread_data);
	struct world *b = world_of(SCENARIO_backlog);
	void *packed = malloc(world_live_size(a));

	(void)state;
	assert_false(world_equal(a, b));
	world_copy(b, a);
	assert_true(world_equal(a, b));
	assert_true(world_hash(a) == world_hash(b));
	assert_null(world_check(b, NULL));
	b->sock[0].snd_una++;
	assert_false(world_equal(a, b));
	assert_false(world_hash(a) == world_hash(b));
	world_pack(a, packed);
	memset(b, 0xff, sizeof(*b));
	world_unpack(b, packed, world_live_size(a));
	assert_true(world_equal(a, b));
	free(packed);
	free(a);
	free(b);
}

static void setting_up_twice_gives_the_same_bytes(void **state)
{
	(void)state;
	for (int i = 0; i < NR_SCENARIOS; i++) {
		struct world *a = world_of((enum scenario_id)i);
		struct world *b = world_of((enum scenario_id)i);

		assert_true(world_equal(a, b));
		free(a);
		free(b);
	}
}

/* ---- corruptions ----------------------------------------------------------------------------------------------------- */

static struct sock *conn(struct world *w, u8 host)
{
	for (u16 i = 0; i < w->pool[POOL_SOCK].high; i++)
		if (w->sock[i].live && w->sock[i].host == host && w->sock[i].sk_state != TCP_LISTEN)
			return &w->sock[i];
	return NULL;
}

static struct skb *first_skb(struct world *w)
{
	for (u16 i = 0; i < w->pool[POOL_SKB].high; i++)
		if (w->skb[i].live)
			return &w->skb[i];
	return NULL;
}

struct corruption {
	const char *name;
	enum scenario_id in;
	void (*corrupt)(struct world *w);
};

static void c_una(struct world *w) { conn(w, 0)->snd_una = conn(w, 0)->snd_nxt + 1; }
static void c_nxt(struct world *w) { conn(w, 0)->snd_nxt = conn(w, 0)->write_seq + 5; }
static void c_copied(struct world *w) { conn(w, 1)->copied_seq = conn(w, 1)->rcv_nxt + 1; }
static void c_refs(struct world *w) { conn(w, 0)->sk_refcnt++; }
static void c_hash(struct world *w) { conn(w, 0)->sk_hashed = UNHASHED; }
static void c_owned(struct world *w) { conn(w, 0)->sk_lock_owned = OWNED_BY_CALL; }
static void c_orphans(struct world *w) { w->host[0].orphan_count++; }
static void c_estab(struct world *w) { w->host[1].mib[MIB_CurrEstab]++; }
static void c_tw_count(struct world *w) { w->host[0].tw_count = 0; }
static void c_tw_timer(struct world *w) { w->tw[0].tw_timer.expires = 0; }
static void c_tw_state(struct world *w) { w->tw[0].tw_substate = TCP_ESTABLISHED; }
static void c_timer(struct world *w) { conn(w, 0)->icsk_keepalive_timer.expires = w->now + 5; }
static void c_queue_seq(struct world *w) { first_skb(w)->end_seq += 3; }
static void c_queue_len(struct world *w) { conn(w, 1)->sk_receive_queue.qlen++; }
static void c_queue_owner(struct world *w) { first_skb(w)->sk++; }
static void c_queue_tail(struct world *w) { conn(w, 1)->sk_receive_queue.tail = 0; }
static void c_rmem(struct world *w) { conn(w, 1)->sk_rmem_alloc += 64; }
static void c_wmem(struct world *w) { conn(w, 0)->sk_wmem_queued++; }
static void c_packets(struct world *w) { conn(w, 0)->packets_out++; }
static void c_lost(struct world *w) { conn(w, 0)->lost_out++; }
static void c_file(struct world *w) { w->file[0].f_count++; }
static void c_inode(struct world *w) { conn(w, 0)->sk_socket++; }
static void c_bind(struct world *w) { w->bind[0].owners++; }
static void c_port(struct world *w) { conn(w, 0)->inet_num++; }
static void c_used(struct world *w) { w->pool[POOL_SOCK].used++; }
static void c_free_slot(struct world *w)
{
	w->pool[POOL_SKB].high = (u16)(w->pool[POOL_SKB].high + 2);
	w->skb[w->pool[POOL_SKB].high - 2].seq = 9;
	w->skb[w->pool[POOL_SKB].high - 1].live = 1;
	w->pool[POOL_SKB].used++;
}
static void c_accept(struct world *w)
{
	for (u16 i = 0; i < w->pool[POOL_SOCK].high; i++)
		if (w->sock[i].live && w->sock[i].sk_state == TCP_LISTEN)
			w->sock[i].sk_ack_backlog++;
}

static void corruptions_are_caught(void **state)
{
	static const struct corruption list[] = {
		{ "snd_una after snd_nxt", SCENARIO_established, c_una },
		{ "snd_nxt after write_seq", SCENARIO_established, c_nxt },
		{ "copied_seq after rcv_nxt", SCENARIO_established, c_copied },
		{ "reference count", SCENARIO_established, c_refs },
		{ "hash table", SCENARIO_established, c_hash },
		{ "left locked", SCENARIO_established, c_owned },
		{ "orphan count", SCENARIO_established, c_orphans },
		{ "CurrEstab", SCENARIO_established, c_estab },
		{ "count of minisockets", SCENARIO_time_wait, c_tw_count },
		{ "minisocket without timer", SCENARIO_time_wait, c_tw_timer },
		{ "minisocket's substate", SCENARIO_time_wait, c_tw_state },
		{ "armed timer without a reference", SCENARIO_established, c_timer },
		{ "queue and rcv_nxt", SCENARIO_unread_data, c_queue_seq },
		{ "length of a queue", SCENARIO_unread_data, c_queue_len },
		{ "owner of a buffer", SCENARIO_unread_data, c_queue_owner },
		{ "tail of a queue", SCENARIO_unread_data, c_queue_tail },
		{ "sk_rmem_alloc", SCENARIO_unread_data, c_rmem },
		{ "sk_wmem_queued", SCENARIO_full_window, c_wmem },
		{ "packets_out", SCENARIO_established, c_packets },
		{ "lost_out", SCENARIO_established, c_lost },
		{ "file reference", SCENARIO_established, c_file },
		{ "inode", SCENARIO_established, c_inode },
		{ "bind bucket", SCENARIO_established, c_bind },
		{ "port and bucket", SCENARIO_established, c_port },
		{ "used slots", SCENARIO_established, c_used },
		{ "free slot with something in it", SCENARIO_unread_data, c_free_slot },
		{ "accept queue", SCENARIO_backlog, c_accept },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		struct world *w = world_of(list[i].in);
		u32 where = 0;

		assert_null(world_check(w, NULL));
		list[i].corrupt(w);
		if (!world_check(w, &where))
			fail_msg("not caught: %s", list[i].name);
		assert_true(where != 0);
		free(w);
	}
}

static void a_full_pool_changes_nothing(void **state)
{
	struct world *w = world_of(SCENARIO_closed);
	struct world *kept = calloc(1, sizeof(*kept));
	struct action a = { .kind = ACT_CALL, .nr = SYS_fork, .fd = -1 };
	enum status st = ST_OK;
	struct sim s;
	struct err err;

	(void)state;
	sim_init(&s, w, &scratch);
	for (int i = 0; i < 2 * MAX_PROC && st == ST_OK; i++) {
		world_copy(kept, w);
		st = sim_apply(&s, &a, NULL, 0, &err);
	}
	assert_int_equal(st, ST_FULL);
	assert_non_null(strstr(err.message, "this world holds 16 processes"));
	assert_true(world_equal(w, kept));
	assert_null(world_check(w, NULL));
	free(kept);
	free(w);
}

static void what_could_happen_next(void **state)
{
	struct world *w = world_of(SCENARIO_closed);
	struct action close_a = { .kind = ACT_CALL, .nr = SYS_close, .fd = 3 };
	struct action next[8];
	struct sim s;
	struct err err;

	(void)state;
	assert_int_equal(sim_choices(w, next, ARRAY_LEN(next)), 0); /* nothing flies, no timer runs */
	free(w);
	w = world_of(SCENARIO_established);
	sim_init(&s, w, &scratch);
	assert_int_equal(sim_apply(&s, &close_a, NULL, 0, &err), ST_OK);
	assert_int_equal(sim_choices(w, next, ARRAY_LEN(next)), 4);
	assert_int_equal(next[0].kind, ACT_DELIVER);
	assert_int_equal(next[1].kind, ACT_DROP);
	assert_int_equal(next[2].kind, ACT_DUP);
	assert_int_equal(next[0].a, 4);
	assert_int_equal(next[3].kind, ACT_FIRE);
	assert_true(next[3].t == WORLD_EPOCH + 201000);
	for (size_t i = 0; i < 4; i++) { /* each of them can be done */
		assert_int_equal(sim_apply(&s, &next[i], NULL, 0, &err), ST_OK);
		assert_null(world_check(w, NULL));
		free(w);
		w = world_of(SCENARIO_established);
		sim_init(&s, w, &scratch);
		assert_int_equal(sim_apply(&s, &close_a, NULL, 0, &err), ST_OK);
	}
	free(w);
}

static void a_rollback_takes_everything_back(void **state)
{
	struct world *w = world_of(SCENARIO_established);
	struct world *kept = calloc(1, sizeof(*kept));
	struct undo_rec *rec = calloc(20000, sizeof(*rec));
	struct undo_log log = { .rec = rec, .capacity = 20000 };
	struct action steps[] = {
		{ .kind = ACT_CALL, .nr = SYS_send, .fd = 3, .a = 3000 }, { .kind = ACT_DELIVER, .a = 4 },
		{ .kind = ACT_CALL, .nr = SYS_close, .fd = 3 },		  { .kind = ACT_FIRE },
		{ .kind = ACT_FIRE },
	};
	struct sim s;
	struct err err;

	(void)state;
	world_copy(kept, w);
	sim_init(&s, w, &scratch);
	s.undo = &log;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		assert_int_equal(sim_apply(&s, &steps[i], NULL, 0, &err), ST_OK);
	assert_false(world_equal(w, kept));
	assert_int_equal(log.lost, 0);
	sim_rollback(&s);
	assert_true(world_equal(w, kept));
	assert_null(world_check(w, NULL));
	free(rec);
	free(kept);
	free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scenarios_are_sound),
		cmocka_unit_test(scenarios_are_what_they_say),
		cmocka_unit_test(a_live_world_is_small),
		cmocka_unit_test(copies_are_equal),
		cmocka_unit_test(setting_up_twice_gives_the_same_bytes),
		cmocka_unit_test(corruptions_are_caught),
		cmocka_unit_test(a_full_pool_changes_nothing),
		cmocka_unit_test(what_could_happen_next),
		cmocka_unit_test(a_rollback_takes_everything_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
