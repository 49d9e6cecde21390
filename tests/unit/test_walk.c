/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A random walk over everything that can be done to a world, with world_check() after each step. Every so often the walk
 * goes back some points and forth again, and must find the same bytes there. WALK=N sets the number of steps, SEED=N
 * another walk; SOAK=1 takes a long one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/fs.h"
#include "tape/tape.h"

#define STEPS_A_TAPE 400

static u64 rng;

static u32 dice(u32 n)
{
	u64 z = (rng += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return (u32)((z ^ (z >> 31)) % n);
}

static u32 any_flight(const struct world *w)
{
	u32 n = 0, number = 0;

	for (u16 i = 0; i < w->pool[POOL_FLIGHT].high; i++)
		if (w->flight[i].live && w->flight[i].where == FLIGHT_WIRE && dice(++n) == 0)
			number = w->flight[i].number;
	return number;
}

static struct action any_call(u8 host)
{
	static const u8 calls[] = { SYS_socket, SYS_bind, SYS_listen, SYS_connect, SYS_accept, SYS_send, SYS_send, SYS_send,
				    SYS_recv, SYS_recv, SYS_shutdown, SYS_close, SYS_close, SYS_dup, SYS_fork, SYS_fcntl,
				    SYS_setsockopt, SYS_setsockopt, SYS_getsockopt, SYS_poll, SYS_poll, SYS_ioctl,
				    SYS_epoll_create, SYS_epoll_ctl, SYS_epoll_ctl, SYS_epoll_wait };
	static const u32 sizes[] = { 0, 1, 10, 100, 1448, 3000, 20000 };
	struct action a = { .kind = ACT_CALL, .host = host, .nr = calls[dice(ARRAY_LEN(calls))] };

	a.fd = (s16)(dice(3) ? -1 : (int)dice(7));
	switch (a.nr) {
	case SYS_socket:
		a.a = dice(8) ? SEG_TCP : SEG_UDP;
		break;
	case SYS_bind:
		a.a = dice(2) ? 80 : dice(3);
		break;
	case SYS_connect:
		a.a = 80;
		a.b = dice(6) ? 2u - host : 0;
		break;
	case SYS_send:
	case SYS_recv:
		a.a = sizes[dice(ARRAY_LEN(sizes))];
		a.b = dice(3) ? MSG_DONTWAIT_ : dice(256);
		a.t = dice(10) == 0;
		break;
	case SYS_setsockopt:
		a.a = dice(NR_OPT);
		a.b = dice(4) ? dice(4) : (u32)-1;
		a.t = dice(3);
		break;
	case SYS_getsockopt:
		a.a = dice(NR_OPT);
		break;
	case SYS_epoll_ctl:
	case SYS_epoll_wait:
	case SYS_poll:
		a.a = 1 + dice(3);
		a.b = dice(3) ? dice(400) : (u32)-1;
		break;
	default:
		a.a = dice(3);
		break;
	}
	return a;
}

/* What poll() looks at, or the event of epoll_ctl(). */
static void any_events(const struct action *a, struct pollfd_arg set[MAX_POLLFD], size_t *len)
{
	static const u32 events[] = { 0, POLLIN_, POLLOUT_, POLLRDHUP_, POLLIN_ | EPOLLET_, POLLOUT_ | POLLIN_ | EPOLLONESHOT_ };
	u32 n = a->nr == SYS_epoll_ctl ? 1 : dice(MAX_POLLFD + 1);

	if (a->kind != ACT_CALL || (a->nr != SYS_poll && a->nr != SYS_epoll_ctl))
		return;
	for (u32 i = 0; i < n; i++)
		set[i] = (struct pollfd_arg){ .fd = (s16)((int)dice(9) - 1), .events = events[dice(ARRAY_LEN(events))], .data = i };
	*len = n * sizeof(set[0]);
}

static struct seg any_segment(const struct world *w, u8 host)
{
	static const u8 flags[] = { TCPHDR_ACK, TCPHDR_ACK | TCPHDR_FIN, TCPHDR_RST, TCPHDR_SYN, TCPHDR_ACK | TCPHDR_RST,
				    TCPHDR_ACK | TCPHDR_SYN, 0, TCPHDR_FIN, TCPHDR_ACK | TCPHDR_PSH };
	const struct sock *sk = NULL;
	struct seg g = { .proto = SEG_TCP, .flags = flags[dice(ARRAY_LEN(flags))], .win = (u16)dice(600) };

	for (u16 i = 0; i < w->pool[POOL_SOCK].high; i++)
		if (w->sock[i].live && w->sock[i].host == host && dice(2) == 0)
			sk = &w->sock[i];
	if (sk) {
		g.seq = sk->rcv_nxt + dice(3) - 1 + (dice(4) ? 0 : dice(3000));
		g.ack = sk->snd_nxt - dice(3) + (dice(8) ? 0 : dice(3000));
		g.dport = sk->inet_num;
		g.sport = sk->inet_dport ? sk->inet_dport : 40000;
		if (sk->tstamp_ok && dice(3)) {
			g.opts |= SEG_OPT_TS;
			g.tsval = sk->ts_recent + dice(5) - 1;
			g.tsecr = (u32)(w->now / 1000);
		}
		if (dice(4) == 0 && sk->sack_ok) {
			g.nsack = 1;
			g.sack[0][0] = sk->snd_una + dice(2000);
			g.sack[0][1] = g.sack[0][0] + dice(2000);
		}
	}
	g.len = (g.flags & (TCPHDR_SYN | TCPHDR_RST)) || dice(2) ? 0 : dice(1500);
	return g;
}

/* Time passes by a random piece, as far as nothing is due. */
static struct action some_time(const struct world *w)
{
	struct event ev;
	u64 to = w->now + dice(3000) * (dice(2) ? 1u : 1000u);

	if (sim_next_event(w, &ev) && ev.when < to)
		return (struct action){ .kind = ACT_FIRE };
	return (struct action){ .kind = ACT_ADVANCE, .t = to };
}

static struct action any_action(const struct world *w, struct seg *payload, size_t *len)
{
	u8 host = (u8)dice(2);
	u32 number = any_flight(w);
	u32 what = dice(100);

	*len = 0;
	if (what < 30)
		return any_call(host);
	if (what < 60 && number)
		return (struct action){ .kind = ACT_DELIVER, .a = number };
	if (what < 66 && number)
		return (struct action){ .kind = (u8)(dice(2) ? ACT_DROP : ACT_DUP), .a = number };
	if (what < 68 && number)
		return (struct action){ .kind = ACT_DELAY, .a = number, .t = dice(100000) };
	if (what < 80)
		return some_time(w);
	if (what < 92) {
		*payload = any_segment(w, host);
		*len = sizeof(*payload);
		return (struct action){ .kind = ACT_INJECT, .host = host };
	}
	switch (dice(8)) {
	case 0:
		return (struct action){ .kind = (u8)(dice(2) ? ACT_LOCK : ACT_UNLOCK), .host = host };
	case 1:
		return (struct action){ .kind = ACT_UNLOCK, .host = host };
	case 2:
		return (struct action){ .kind = ACT_ABORT, .host = host };
	case 3:
		return (struct action){ .kind = dice(6) ? ACT_NONE : ACT_EXIT, .host = host };
	case 4:
		return (struct action){ .kind = ACT_KILL, .host = host, .a = dice(6) ? 2 : 9 };
	case 5:
		return (struct action){ .kind = ACT_FAULT, .host = host, .a = dice(NR_FAULTS), .b = 1 };
	case 6:
		return (struct action){ .kind = ACT_ICMP, .host = host, .nr = 3, .flags = (u8)dice(5), .t = 1400,
					.a = w->link.last[host].seq };
	default:
		return (struct action){ .kind = ACT_SYSCTL, .host = host, .a = dice(SYSCTL_MAX), .b = dice(3) };
	}
}

static void check(const struct world *w, u32 step, const struct action *a)
{
	const char *bad = world_check(w, NULL);

	if (bad)
		fail_msg("step %u (action %u, host %u, call %u): %s", step, a->kind, a->host, a->nr, bad);
}

static void there_and_back(struct tape *t)
{
	struct world *here = malloc(sizeof(*here));
	u32 p = tape_point_now(t);
	u32 back = dice(p + 1);
	struct err err;

	assert_non_null(here);
	world_copy(here, tape_world(t));
	assert_int_equal(tape_goto_point(t, back, &err), ST_OK);
	assert_null(world_check(tape_world(t), NULL));
	assert_int_equal(tape_goto_point(t, p, &err), ST_OK);
	assert_true(world_equal(here, tape_world(t)));
	free(here);
}

static void walk(u32 steps)
{
	for (u32 step = 0; step < steps;) {
		struct err err;
		struct tape *t = tape_new((enum scenario_id)dice(NR_SCENARIOS), &err);

		assert_non_null(t);
		for (u32 i = 0; i < STEPS_A_TAPE && step < steps; i++, step++) {
			struct seg segment;
			struct pollfd_arg set[MAX_POLLFD];
			size_t len;
			struct action a = any_action(tape_world(t), &segment, &len);
			const void *payload = a.kind == ACT_CALL ? (const void *)set : &segment;

			any_events(&a, set, &len);
			tape_apply(t, &a, len ? payload : NULL, len, NULL, &err);
			tape_end_command(t, "step");
			check(tape_world(t), step, &a);
			if (dice(100) == 0)
				there_and_back(t);
		}
		tape_free(t);
	}
}

static u32 number_from(const char *name, u32 fallback)
{
	const char *text = getenv(name);

	return text ? (u32)strtoul(text, NULL, 10) : fallback;
}

static void a_random_walk_breaks_nothing(void **state)
{
	(void)state;
	rng = number_from("SEED", 1);
	walk(number_from("WALK", getenv("SOAK") ? 3000000 : 100000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_random_walk_breaks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
