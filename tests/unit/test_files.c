/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors, open files, processes and sleeping calls, shown with datagram sockets: nothing of TCP takes part. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/fs.h"
#include "engine/sim.h"

enum { A, B };

static struct world world, scratch;
static struct sim sim;

static int start(void **state)
{
	(void)state;
	world_init(&world, PROFILE_6_18, PROFILE_6_18);
	sim_init(&sim, &world, &scratch);
	return sim_apply(&sim, &(struct action){ .kind = ACT_SCENARIO, .a = SCENARIO_udp }, NULL, 0, NULL) != ST_OK;
}

static void act(struct action a)
{
	assert_int_equal(sim_apply(&sim, &a, NULL, 0, NULL), ST_OK);
	assert_null(world_check(&world, NULL));
}

/* The result of the call, or its negative errno; that of the call before when it sleeps. */
static int call(u8 host, s16 fd, enum sysnr nr, u32 a, u32 b)
{
	act((struct action){ .kind = ACT_CALL, .host = host, .nr = (u8)nr, .fd = fd, .a = a, .b = b });
	return world.host[host].last_errno ? -world.host[host].last_errno : (int)world.host[host].last_ret;
}

static void deliver_all(void)
{
	for (u32 n = 1; n < world.link.next_number; n++)
		sim_apply(&sim, &(struct action){ .kind = ACT_DELIVER, .a = n }, NULL, 0, NULL);
}

static u16 used(enum pool_id pool)
{
	return world.pool[pool].used;
}

static void a_second_close_is_ebadf(void **state)
{
	(void)state;
	assert_int_equal(call(A, -1, SYS_close, 0, 0), 0);
	assert_int_equal(call(A, -1, SYS_close, 0, 0), -EBADF);
	assert_int_equal(call(A, 77, SYS_close, 0, 0), -EBADF);
}

static void a_duplicate_keeps_the_socket(void **state)
{
	(void)state;
	assert_int_equal(call(A, -1, SYS_dup, 0, 0), 4);
	assert_int_equal(call(A, -1, SYS_close, 0, 0), 0);
	assert_int_equal(used(POOL_SOCK), 2);
	assert_int_equal(call(A, -1, SYS_close, 0, 0), 0);
	assert_int_equal(used(POOL_SOCK), 1);
	assert_int_equal(used(POOL_SOCKET), 1);
	assert_int_equal(used(POOL_FILE), 1);
}

static void the_table_has_an_end(void **state)
{
	(void)state;
	for (int fd = 4; fd < NR_OPEN; fd++)
		assert_int_equal(call(A, -1, SYS_dup, 0, 0), fd);
	assert_int_equal(call(A, -1, SYS_dup, 0, 0), -EMFILE);
	assert_int_equal(call(A, -1, SYS_socket, SEG_UDP, 0), -EMFILE);
	assert_int_equal(used(POOL_SOCK), 2);
}

static void a_child_shares_the_open_file(void **state)
{
	(void)state;
	assert_int_equal(call(A, -1, SYS_fork, 0, 0), 102);
	act((struct action){ .kind = ACT_EXIT, .host = A, .pid = 101 });
	assert_int_equal(used(POOL_SOCK), 2);
	assert_int_equal(call(A, -1, SYS_send, 5, 0), 5);
	act((struct action){ .kind = ACT_KILL, .host = A, .a = SIGKILL_ });
	assert_int_equal(used(POOL_SOCK), 1);
	assert_int_equal(used(POOL_PROC), 1);
}

static void a_sleeping_reader_keeps_the_file_open(void **state)
{
	(void)state;
	call(B, -1, SYS_recv, 100, 0);
	assert_int_equal(used(POOL_TASK), 1);
	assert_int_equal(call(B, -1, SYS_close, 0, 0), 0);
	assert_int_equal(used(POOL_SOCK), 2);
	call(A, -1, SYS_send, 9, 0);
	deliver_all();
	assert_int_equal(world.host[B].last_ret, 9);
	assert_int_equal(used(POOL_TASK), 0);
	assert_int_equal(used(POOL_SOCK), 1);
}

/* Which of B's calls still sleep, by the number of their thread: bit 0 is the main thread. */
static unsigned sleeping(void)
{
	unsigned bits = 0;

	for (u16 i = 0; i < world.pool[POOL_TASK].high; i++)
		if (world.task[i].live && world.task[i].asleep)
			bits |= 1u << world.task[i].tid;
	return bits;
}

static void who_waits_for_a_datagram_stands_in_line(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		call(B, -1, SYS_recv, 100, 0);
	assert_int_equal(sleeping(), 7);
	call(A, -1, SYS_send, 9, 0);
	deliver_all();
	assert_int_equal(sleeping(), 6);
	/* a new call takes the place of the first thread, and stands last in line all the same */
	call(B, -1, SYS_recv, 100, 0);
	call(A, -1, SYS_send, 9, 0);
	deliver_all();
	assert_int_equal(sleeping(), 5);
}

/* The other way round than the line above; measured on 6.18. */
static void epoll_wakes_who_came_last(void **state)
{
	struct pollfd_arg watch = { .fd = 3, .events = POLLIN_ | EPOLLET_ };
	struct action ctl = { .kind = ACT_CALL, .host = B, .nr = SYS_epoll_ctl, .fd = 4, .a = EPOLL_CTL_ADD_, .b = 3 };

	(void)state;
	assert_int_equal(call(B, -1, SYS_epoll_create, 1, 0), 4);
	assert_int_equal(sim_apply(&sim, &ctl, &watch, sizeof(watch), NULL), ST_OK);
	assert_int_equal(world.host[B].last_errno, 0);
	for (int i = 0; i < 3; i++)
		call(B, 4, SYS_epoll_wait, 1, (u32)-1);
	assert_int_equal(sleeping(), 7);
	for (unsigned left = 7; left;) {
		left >>= 1;
		call(A, -1, SYS_send, 9, 0);
		deliver_all();
		assert_int_equal(sleeping(), left);
	}
	assert_int_equal(call(B, 77, SYS_epoll_wait, 0, 0), -EBADF);
	assert_int_equal(call(B, 4, SYS_epoll_wait, 0, 0), -EINVAL);
	assert_int_equal(call(B, 3, SYS_epoll_wait, 1, 0), -EINVAL);
}

static void a_signal_interrupts_and_a_timeout_ends(void **state)
{
	(void)state;
	call(B, -1, SYS_recv, 100, 0);
	act((struct action){ .kind = ACT_KILL, .host = B, .a = 15 });
	assert_int_equal(world.host[B].last_errno, EINTR);
	assert_int_equal(call(B, -1, SYS_setsockopt, OPT_SO_RCVTIMEO, 500), 0);
	call(B, -1, SYS_recv, 100, 0);
	act((struct action){ .kind = ACT_FIRE });
	assert_int_equal(world.host[B].last_errno, EAGAIN);
	assert_int_equal(world.now - WORLD_EPOCH, 500000);
}

static void the_lock_makes_a_call_wait(void **state)
{
	(void)state;
	act((struct action){ .kind = ACT_LOCK, .host = B });
	call(B, -1, SYS_connect, 99, A + 1);
	assert_int_equal(used(POOL_TASK), 1);
	act((struct action){ .kind = ACT_UNLOCK, .host = B });
	assert_int_equal(used(POOL_TASK), 0);
	assert_int_equal(world.host[B].last_errno, 0);
}

/* As measured on Linux 6.18: the error comes once, at the next call. */
static void an_unbound_port_is_refused_once(void **state)
{
	(void)state;
	call(B, -1, SYS_close, 0, 0);
	assert_int_equal(call(A, -1, SYS_send, 5, 0), 5);
	deliver_all();
	assert_int_equal(call(A, -1, SYS_poll, 0, 0), POLLERR_ | POLLOUT_ | POLLWRNORM_);
	assert_int_equal(call(A, -1, SYS_send, 5, 0), -ECONNREFUSED);
	assert_int_equal(call(A, -1, SYS_recv, 5, MSG_DONTWAIT_), -EAGAIN);
}

static void corked_bytes_are_one_datagram(void **state)
{
	(void)state;
	assert_int_equal(call(A, -1, SYS_send, 2, MSG_MORE_), 2);
	assert_int_equal(call(A, -1, SYS_send, 3, 0), 3);
	deliver_all();
	assert_int_equal(call(B, -1, SYS_recv, 4, MSG_PEEK_), 4);
	assert_int_equal(call(B, -1, SYS_recv, 100, 0), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_second_close_is_ebadf, start),
		cmocka_unit_test_setup(a_duplicate_keeps_the_socket, start),
		cmocka_unit_test_setup(the_table_has_an_end, start),
		cmocka_unit_test_setup(a_child_shares_the_open_file, start),
		cmocka_unit_test_setup(a_sleeping_reader_keeps_the_file_open, start),
		cmocka_unit_test_setup(who_waits_for_a_datagram_stands_in_line, start),
		cmocka_unit_test_setup(epoll_wakes_who_came_last, start),
		cmocka_unit_test_setup(a_signal_interrupts_and_a_timeout_ends, start),
		cmocka_unit_test_setup(the_lock_makes_a_call_wait, start),
		cmocka_unit_test_setup(an_unbound_port_is_refused_once, start),
		cmocka_unit_test_setup(corked_bytes_are_one_datagram, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
