/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Round trips and what the retransmission timeout becomes by them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/tcp.h"

static struct world world;
static struct world before_action;
static struct sim sim;
static struct sock *sk;

static int fresh_sock(void **state)
{
	struct sim *s = &sim;

	(void)state;
	world_init(&world, PROFILE_6_18, PROFILE_6_18);
	sim_init(s, &world, &before_action);
	sk = pool_alloc(s, POOL_SOCK, 0);
	SET(sk->sk_state, TCP_ESTABLISHED);
	SET(sk->icsk_rto_min, 200);
	SET(sk->icsk_rto_max, 120000);
	SET(sk->icsk_rto, 1000);
	SET(sk->rtt_min_us, UINT32_MAX);
	SET(sk->snd_una, 1000);
	SET(sk->snd_nxt, 2000);
	return 0;
}

static void sample(s64 rtt_us)
{
	tcp_rtt_estimator(&sim, sk, rtt_us);
	tcp_set_rto(&sim, sk);
}

static void first_rto(void **state)
{
	static const struct {
		s64 rtt_us;
		u32 rto_ms;
	} row[] = {
		{ 0, 200 },	    { 1, 201 },	      { 1000, 201 },   { 1001, 202 },
		{ 10000, 210 },	    { 50000, 250 },   { 100000, 300 }, { 100200, 301 },
		{ 400000, 1200 },   { 400100, 1201 }, { 60000000, 120000 },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		fresh_sock(state);
		sample(row[i].rtt_us);
		assert_int_equal(sk->icsk_rto, row[i].rto_ms);
	}
}

static void first_sample_fields(void **state)
{
	(void)state;
	sample(150000);
	assert_int_equal(sk->srtt_us, 1200000);
	assert_int_equal(sk->mdev_us, 300000);
	assert_int_equal(sk->rttvar_us, 300000);
	assert_int_equal(sk->mdev_max_us, 300000);
	assert_int_equal(sk->rtt_seq, 2000);
}

static void instant_wire_counts_as_one_microsecond(void **state)
{
	struct sim *s = &sim;
	struct req *rq = pool_alloc(s, POOL_REQ, 0);

	(void)state;
	SET(rq->snt_synack, world.now);
	tcp_synack_rtt_meas(s, sk, rq);
	assert_int_equal(sk->srtt_us, 8);
	assert_int_equal(sk->icsk_rto, 201);
	assert_int_equal(tcp_min_rtt(sk), 1);
}

static void repeated_handshake_gives_no_sample(void **state)
{
	struct sim *s = &sim;
	struct req *rq = pool_alloc(s, POOL_REQ, 0);

	(void)state;
	SET(rq->snt_synack, world.now - 50000);
	SET(rq->num_retrans, 1);
	tcp_synack_rtt_meas(s, sk, rq);
	assert_int_equal(sk->srtt_us, 0);
	assert_int_equal(sk->icsk_rto, 1000);

	SET(sk->saw_tstamp, 1);
	SET(sk->rcv_tsecr, tcp_clock_ms(s) - 50);
	tcp_synack_rtt_meas(s, sk, rq);
	assert_int_equal(sk->srtt_us, 8 * 50000);
	assert_int_equal(sk->icsk_rto, 250);
}

static void slower_sample_raises_the_deviation(void **state)
{
	(void)state;
	sample(100000);
	sample(180000); /* e = 80000: srtt 880000; d = 80000 - 50000 */
	assert_int_equal(sk->srtt_us, 880000);
	assert_int_equal(sk->mdev_us, 230000);
	assert_int_equal(sk->mdev_max_us, 230000);
	assert_int_equal(sk->rttvar_us, 230000);
	assert_int_equal(sk->icsk_rto, 340);
}

static void faster_sample_is_damped(void **state)
{
	(void)state;
	sample(400000);	/* mdev 800000 */
	sample(100000); /* e = -300000: srtt 2900000; d = (300000 - 200000) / 8 */
	assert_int_equal(sk->srtt_us, 2900000);
	assert_int_equal(sk->mdev_us, 812500);
	sample(362500); /* e = 0: only the deviation falls, by a quarter */
	assert_int_equal(sk->srtt_us, 2900000);
	assert_int_equal(sk->mdev_us, 812500 - 203125);
	assert_int_equal(sk->rttvar_us, 812500);
}

static void deviation_decays_once_a_window(void **state)
{
	struct sim *s = &sim;

	(void)state;
	sample(400000); /* rttvar 800000 */
	SET(sk->snd_una, 2001);
	SET(sk->snd_nxt, 3000);
	sample(400000); /* mdev_max is still 800000: nothing to decay, a new window begins */
	assert_int_equal(sk->rttvar_us, 800000);
	assert_int_equal(sk->mdev_max_us, 200000);
	assert_int_equal(sk->rtt_seq, 3000);
	sample(400000); /* the same window: mdev 450000 is its largest */
	assert_int_equal(sk->mdev_max_us, 450000);
	SET(sk->snd_una, 3001);
	sample(400000);
	assert_int_equal(sk->rttvar_us, 800000 - (800000 - 450000) / 4);
}

static void rto_never_falls_below_its_least(void **state)
{
	struct sim *s = &sim;

	(void)state;
	sample(50000);
	for (int i = 0; i < 100; i++) {
		SET(sk->snd_una, sk->snd_una + 1000);
		SET(sk->snd_nxt, sk->snd_nxt + 1000);
		sample(50000);
	}
	assert_int_equal(sk->rttvar_us, 200000);
	assert_int_equal(sk->icsk_rto, 250);
}

static void valid_sample_ends_backoff(void **state)
{
	struct sim *s = &sim;

	(void)state;
	SET(sk->icsk_backoff, 3);
	SET(sk->icsk_rto, 1600);
	assert_false(tcp_ack_update_rtt(s, sk, FLAG_DATA_ACKED, -1, -1, -1));
	assert_int_equal(sk->icsk_backoff, 3);
	assert_int_equal(sk->icsk_rto, 1600);
	assert_true(tcp_ack_update_rtt(s, sk, FLAG_DATA_ACKED, 10000, -1, 10000));
	assert_int_equal(sk->icsk_backoff, 0);
	assert_int_equal(sk->icsk_rto, 210);
}

static void order_of_sources(void **state)
{
	struct sim *s = &sim;

	SET(sk->saw_tstamp, 1);
	SET(sk->rcv_tsecr, tcp_clock_ms(s) - 30);
	tcp_ack_update_rtt(s, sk, FLAG_DATA_ACKED, 10000, 20000, 20000);
	assert_int_equal(sk->srtt_us, 8 * 10000);

	fresh_sock(state);
	SET(sk->saw_tstamp, 1);
	SET(sk->rcv_tsecr, tcp_clock_ms(s) - 30);
	tcp_ack_update_rtt(s, sk, FLAG_DATA_ACKED, -1, 20000, 20000);
	assert_int_equal(sk->srtt_us, 8 * 20000);

	fresh_sock(state);
	SET(sk->saw_tstamp, 1);
	SET(sk->rcv_tsecr, tcp_clock_ms(s) - 30);
	tcp_ack_update_rtt(s, sk, FLAG_DATA_ACKED, -1, -1, -1);
	assert_int_equal(sk->srtt_us, 8 * 30000);

	/* an echo says nothing when no new data is acknowledged */
	fresh_sock(state);
	SET(sk->saw_tstamp, 1);
	SET(sk->rcv_tsecr, tcp_clock_ms(s) - 30);
	assert_false(tcp_ack_update_rtt(s, sk, 0, -1, -1, -1));

	/* an echo of this very millisecond counts as one */
	SET(sk->rcv_tsecr, tcp_clock_ms(s));
	assert_true(tcp_ack_update_rtt(s, sk, FLAG_DATA_ACKED, -1, -1, -1));
	assert_int_equal(sk->srtt_us, 8 * 1000);
}

static void smallest_rtt_of_a_window(void **state)
{
	struct sim *s = &sim;

	(void)state;
	tcp_update_rtt_min(s, sk, 30000, 0);
	tcp_update_rtt_min(s, sk, 50000, 0);
	assert_int_equal(tcp_min_rtt(sk), 30000);
	tcp_update_rtt_min(s, sk, 0, 0);
	assert_int_equal(tcp_min_rtt(sk), 1000);
	SET(world.now, world.now + 301 * USEC_PER_SEC);
	tcp_update_rtt_min(s, sk, 50000, FLAG_ACK_MAYBE_DELAYED);
	assert_int_equal(tcp_min_rtt(sk), 1000);
	tcp_update_rtt_min(s, sk, 50000, 0);
	assert_int_equal(tcp_min_rtt(sk), 50000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(first_rto, fresh_sock),
		cmocka_unit_test_setup(first_sample_fields, fresh_sock),
		cmocka_unit_test_setup(instant_wire_counts_as_one_microsecond, fresh_sock),
		cmocka_unit_test_setup(repeated_handshake_gives_no_sample, fresh_sock),
		cmocka_unit_test_setup(slower_sample_raises_the_deviation, fresh_sock),
		cmocka_unit_test_setup(faster_sample_is_damped, fresh_sock),
		cmocka_unit_test_setup(deviation_decays_once_a_window, fresh_sock),
		cmocka_unit_test_setup(rto_never_falls_below_its_least, fresh_sock),
		cmocka_unit_test_setup(valid_sample_ends_backoff, fresh_sock),
		cmocka_unit_test_setup(order_of_sources, fresh_sock),
		cmocka_unit_test_setup(smallest_rtt_of_a_window, fresh_sock),
	};

	return cmocka_run_group_tests_name("rtt", tests, NULL, NULL);
}
