/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The situations a session can begin in. Each is reached by honest calls and segments, over a wire without delay, at time
 * 0; nobody watches while it is set up.
 */
#include <string.h>

#include "engine/fs.h"
#include "engine/link.h"
#include "engine/sim.h"
#include "engine/sock.h"

enum { HOST_A = 0, HOST_B = 1 };
enum { PORT_HTTP = 80, PORT_DNS = 53 };

const struct scenario_info scenario_info[NR_SCENARIOS] = {
#define SCENARIO(id_, name_, text_) [SCENARIO_##id_] = { name_, text_ },
#include "engine/scenarios.def"
#undef SCENARIO
};

int scenario_find(const char *name)
{
	for (int i = 0; i < NR_SCENARIOS; i++)
		if (strcmp(scenario_info[i].name, name) == 0)
			return i;
	return -1;
}

static void host_init(struct host *h, int which, enum profile_id profile)
{
	for (int i = 0; i < SYSCTL_MAX; i++)
		h->sysctl[i] = profile_sysctl_default(profile, (u32)i);
	h->profile = (u8)profile;
	h->next_num = 1;
	h->next_port = 40000;
	h->next_pid = which == HOST_A ? 101 : 201;
	h->isn_next = which == HOST_A ? 1000000 : 5000000;
}

void world_init(struct world *w, enum profile_id a, enum profile_id b)
{
	memset(w, 0, offsetof(struct world, sock)); /* a slot of a pool is emptied when it is taken */
	w->now = WORLD_EPOCH;
	host_init(&w->host[HOST_A], HOST_A, a);
	host_init(&w->host[HOST_B], HOST_B, b);
	w->link.next_number = 1;
	w->link.next_order = 1;
	w->link.rng = 7;
}

/* ---- the steps that scenarios are made of ------------------------------------------------------------------------------ */

static enum status call(struct sim *s, u8 host, s16 fd, enum sysnr nr, u32 a, u32 b, struct err *err)
{
	struct action act = { .kind = ACT_CALL, .host = host, .nr = (u8)nr, .fd = fd, .a = a, .b = b };
	enum status st = syscall_run(s, &act, NULL, 0, err);

	if (st == ST_OK)
		tasks_run_woken(s);
	return st;
}

static void deliver(struct sim *s)
{
	struct flight *f = flight_oldest(s, NR_HOSTS);

	if (!f)
		return;
	link_deliver(s, f);
	tasks_run_woken(s);
}

static void deliver_all(struct sim *s)
{
	while (flight_oldest(s, NR_HOSTS))
		deliver(s);
}

/* Timers that are due now (a delayed ACK armed with 0). */
static void fire_due(struct sim *s)
{
	struct event ev;

	while (sim_next_event(s->w, &ev) && ev.when <= s->w->now && ev.kind == TMR_DELACK) {
		sim_fire_earliest(s);
		deliver_all(s);
	}
}

static void listen_on_b(struct sim *s, u32 rcvbuf, struct err *err)
{
	call(s, HOST_B, -1, SYS_socket, SEG_TCP, 0, err);
	if (rcvbuf)
		call(s, HOST_B, 3, SYS_setsockopt, OPT_SO_RCVBUF, rcvbuf, err);
	call(s, HOST_B, 3, SYS_bind, PORT_HTTP, 0, err);
	call(s, HOST_B, 3, SYS_listen, 128, 0, err);
}

static void connect_a(struct sim *s, s16 fd, struct err *err)
{
	call(s, HOST_A, -1, SYS_socket, SEG_TCP, 0, err);
	call(s, HOST_A, fd, SYS_connect, PORT_HTTP, HOST_B + 1, err);
}

static void establish(struct sim *s, u32 rcvbuf, struct err *err)
{
	listen_on_b(s, rcvbuf, err);
	connect_a(s, 3, err);
	deliver_all(s);
	call(s, HOST_B, 3, SYS_accept, 0, 0, err);
}

/* ---- the scenarios ----------------------------------------------------------------------------------------------------- */

static void set_up_backlog(struct sim *s, struct err *err)
{
	listen_on_b(s, 0, err);
	connect_a(s, 3, err);
	deliver(s); /* its SYN; the SYN-ACK stays in flight, so fd 3 is the request */
	for (s16 fd = 4; fd <= 5; fd++) {
		struct flight *f;

		connect_a(s, fd, err);
		while ((f = flight_find(s, s->w->link.next_number - 1)) != NULL) {
			link_deliver(s, f);
			tasks_run_woken(s);
		}
	}
}

/* What A may still send, by B's last word. */
static u32 window_left(const struct sim *s)
{
	for (u16 i = 0; i < s->w->pool[POOL_SOCK].high; i++)
		if (s->w->sock[i].live && s->w->sock[i].host == HOST_A)
			return s->w->sock[i].snd_wnd;
	return 0;
}

/*
 * B has a small buffer and reads nothing; A has more to say than fits. The ACKs that shut the window are delayed ones, so
 * this takes a while: it happens before time 0, and the session begins when it is over.
 */
static void set_up_full_window(struct sim *s, struct err *err)
{
	const u64 start = WORLD_EPOCH - USEC_PER_SEC / 5;

	s->w->now = start;
	establish(s, 3000, err);
	call(s, HOST_A, 3, SYS_send, 8000, 0, err);
	deliver_all(s);
	while (window_left(s) && s->w->now < WORLD_EPOCH && sim_fire_earliest(s))
		deliver_all(s);
	s->w->now = WORLD_EPOCH;
}

static void set_up_udp(struct sim *s, struct err *err)
{
	call(s, HOST_B, -1, SYS_socket, SEG_UDP, 0, err);
	call(s, HOST_B, 3, SYS_bind, PORT_DNS, 0, err);
	call(s, HOST_A, -1, SYS_socket, SEG_UDP, 0, err);
	call(s, HOST_A, 3, SYS_connect, PORT_DNS, HOST_B + 1, err);
}

static void set_up(struct sim *s, enum scenario_id id, struct err *err)
{
	switch (id) {
	case SCENARIO_closed:
	case NR_SCENARIOS:
		return;
	case SCENARIO_listening:
		listen_on_b(s, 0, err);
		return;
	case SCENARIO_backlog:
		set_up_backlog(s, err);
		return;
	case SCENARIO_syn_sent:
	case SCENARIO_syn_recv:
		listen_on_b(s, 0, err);
		connect_a(s, 3, err);
		if (id == SCENARIO_syn_recv)
			deliver(s);
		return;
	case SCENARIO_full_window:
		set_up_full_window(s, err);
		return;
	case SCENARIO_udp:
		set_up_udp(s, err);
		return;
	case SCENARIO_established:
	case SCENARIO_unread_data:
	case SCENARIO_half_closed:
	case SCENARIO_fin_wait_2:
	case SCENARIO_time_wait:
		break;
	}
	establish(s, 0, err);
	if (id == SCENARIO_unread_data) {
		call(s, HOST_A, 3, SYS_send, 100, 0, err);
		deliver_all(s);
	} else if (id == SCENARIO_half_closed) {
		call(s, HOST_A, 3, SYS_shutdown, 1, 0, err);
	} else if (id != SCENARIO_established) {
		call(s, HOST_A, 3, SYS_close, 0, 0, err);
	}
	deliver_all(s);
	fire_due(s);
	if (id == SCENARIO_time_wait) {
		call(s, HOST_B, 4, SYS_close, 0, 0, err);
		deliver_all(s);
	}
}

/* What was seen while setting up is no history: only the states of now count. */
static void forget_history(struct world *w)
{
	for (u16 i = 0; i < w->pool[POOL_SOCK].high; i++)
		w->sock[i].seen_ = (u16)(w->sock[i].live ? TCPF(w->sock[i].sk_state) : 0);
	for (u16 i = 0; i < w->pool[POOL_TW].high; i++)
		w->tw[i].seen_ = (u16)(w->tw[i].live ? TCPF(TCP_TIME_WAIT) : 0);
	for (int h = 0; h < NR_HOSTS; h++) {
		struct host *host = &w->host[h];

		host->last_ret = 0;
		host->last_errno = 0;
		host->main_seen = 0;
		for (u16 i = 0; i < w->pool[POOL_SOCK].high; i++)
			if (w->sock[i].live && w->sock[i].host == h && w->sock[i].num_ == host->main_num)
				host->main_seen |= w->sock[i].seen_;
		for (u16 i = 0; i < w->pool[POOL_TW].high; i++)
			if (w->tw[i].live && w->tw[i].host == h && w->tw[i].num_ == host->main_num)
				host->main_seen |= w->tw[i].seen_;
	}
}

enum status scenario_set_up(struct sim *s, enum scenario_id id, u32 kernels, struct err *err)
{
	const struct observer *observer = s->observer;
	enum profile_id a = (enum profile_id)s->w->host[HOST_A].profile;
	enum profile_id b = (enum profile_id)s->w->host[HOST_B].profile;

	if (kernels) {
		a = (enum profile_id)((kernels & 0xff) - 1);
		b = (enum profile_id)((kernels >> 8) - 1);
	}
	if ((unsigned)a >= NR_PROFILES || (unsigned)b >= NR_PROFILES)
		return err_set(err, ST_WRONG, "no such kernel");
	if ((unsigned)id >= NR_SCENARIOS)
		return err_set(err, ST_WRONG, "no such scenario");
	if (s->undo)
		return err_set(err, ST_WRONG, "a scenario cannot be rolled back");
	s->observer = s->shows_set_up ? observer : NULL;
	world_init(s->w, a, b);
	proc_create(s, HOST_A);
	proc_create(s, HOST_B);
	set_up(s, id, err);
	forget_history(s->w);
	s->observer = observer;
	return ST_OK;
}
