/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engine and the program cost, beside lwIP and /bin/true: bench PROGRAM LWIP_BENCH
 *
 * Both sides of a ratio are measured in turn in the same run; a figure is the median of its rounds, with minimum and
 * maximum. Nothing else should be busy meanwhile.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/fs.h"
#include "engine/sim.h"
#include "tape/tape.h"

extern char **environ;

enum { HOST_A, HOST_B };
enum { ROUNDS = 7, CYCLES = 20000, LWIP_CYCLES = 50000, SPAWNS = 100 };
/* numbers of sockets and ports are 16 bits wide: the world starts afresh now and then */
enum { CYCLES_A_WORLD = 500 };

static const char script[] = "send A \"hello\"\ndeliver\nrecv B\nclose A\ndeliver\nclose B\ndeliver all\ntick 60s\n"
			     "expect A.state == CLOSE\nexpect B.state == CLOSE\n";

/* ---- figures --------------------------------------------------------------------------------------------------------- */

struct figure {
	double v[SPAWNS];
	size_t n;
};

static void die(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(2);
}

static void add(struct figure *f, double v)
{
	if (f->n == ARRAY_LEN(f->v))
		die("too many rounds");
	f->v[f->n++] = v;
}

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a;
	const double y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(struct figure *f)
{
	qsort(f->v, f->n, sizeof(f->v[0]), by_value);
	return f->v[f->n / 2];
}

static void show(const char *what, struct figure *f, double scale, const char *unit)
{
	double m = median(f);

	printf("%-46s %10.1f %-12s (%.1f .. %.1f)\n", what, m * scale, unit, f->v[0] * scale, f->v[f->n - 1] * scale);
}

static void show_ratio(const char *what, double ratio)
{
	printf("%-46s %10.2f\n", what, ratio);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- the engine -------------------------------------------------------------------------------------------------------- */

static struct world world;
static struct world scratch;
static struct world listening;
static u64 records;
static volatile u64 kept; /* so that nothing is left out as useless */

static void count(void *ctx, const struct sim *s, const struct trec *r)
{
	(void)ctx;
	(void)s;
	(void)r;
	records++;
}

/* Where it is set, actions go through it: every one a moment with the hash of the world after it. */
static struct tape *journal;

static void take(struct sim *s, const struct action *a)
{
	enum status st;
	struct err err;

	st = journal ? tape_apply(journal, a, NULL, 0, NULL, &err) : sim_apply(s, a, NULL, 0, &err);
	if (st != ST_OK)
		die(err.message);
	if (journal)
		s->w = (struct world *)(uintptr_t)tape_world(journal); /* to look at */
}

static void call(struct sim *s, u8 host, s16 fd, enum sysnr nr, u32 a, u32 b)
{
	take(s, &(struct action){ .kind = ACT_CALL, .host = host, .nr = (u8)nr, .fd = fd, .a = a, .b = b });
}

/* The oldest segment first, until nothing is in flight. */
static void deliver_all(struct sim *s)
{
	for (;;) {
		const struct flight *oldest = NULL;

		for (u16 i = 0; i < s->w->pool[POOL_FLIGHT].high; i++) {
			const struct flight *f = &s->w->flight[i];

			if (f->live && (!oldest || f->order < oldest->order))
				oldest = f;
		}
		if (!oldest)
			return;
		take(s, &(struct action){ .kind = ACT_DELIVER, .a = oldest->number });
	}
}

static void fire_all(struct sim *s)
{
	struct event ev;

	while (sim_next_event(s->w, &ev)) {
		take(s, &(struct action){ .kind = ACT_FIRE });
		deliver_all(s);
	}
}

/* What the last call on that host returned. */
static s16 descriptor(const struct sim *s, u8 host)
{
	return (s16)s->w->host[host].last_ret;
}

/* One connection from SYN to the end of TIME_WAIT, a byte each way, closed in four segments. */
static void cycle(struct sim *s)
{
	s16 a;
	s16 b;

	call(s, HOST_A, -1, SYS_socket, SEG_TCP, 0);
	a = descriptor(s, HOST_A);
	call(s, HOST_A, a, SYS_connect, 80, HOST_B + 1);
	deliver_all(s);
	call(s, HOST_B, 3, SYS_accept, 0, 0);
	b = descriptor(s, HOST_B);
	call(s, HOST_A, a, SYS_send, 1, 0);
	deliver_all(s);
	call(s, HOST_B, b, SYS_recv, 1, 0);
	call(s, HOST_B, b, SYS_send, 1, 0);
	deliver_all(s);
	call(s, HOST_A, a, SYS_recv, 1, 0);
	call(s, HOST_A, a, SYS_close, 0, 0);
	deliver_all(s);
	/* B acknowledges the FIN, if need be after its delay */
	for (u16 i = 0; i < s->w->pool[POOL_SOCK].high; i++)
		if (s->w->sock[i].live && s->w->sock[i].icsk_delack_timer.expires)
			take(s, &(struct action){ .kind = ACT_FIRE });
	deliver_all(s);
	call(s, HOST_B, b, SYS_close, 0, 0);
	deliver_all(s);
	fire_all(s);
}

static void sim_start(struct sim *s, const struct observer *observer)
{
	sim_init(s, &world, NULL);
	s->observer = observer;
	world_copy(&world, &listening);
}

/* Seconds for so many cycles; `packets` gets how many segments were sent. */
static double cycles(const struct observer *observer, unsigned n, u64 *packets)
{
	struct sim s;
	double t = now();

	*packets = 0;
	for (unsigned i = 0; i < n; i++) {
		if (i % CYCLES_A_WORLD == 0)
			sim_start(&s, observer);
		cycle(&s);
		if (i % CYCLES_A_WORLD == CYCLES_A_WORLD - 1 || i == n - 1)
			*packets += world.link.next_number - listening.link.next_number;
	}
	t = now() - t;
	if (world.pool[POOL_TW].used || world.pool[POOL_FLIGHT].used || world.pool[POOL_SOCK].used != 1)
		die("a cycle left something behind");
	return t;
}

/* The same through the tape: what a session pays. */
static double journal_cycles(unsigned n, u64 *packets)
{
	double t = now();
	struct sim s;
	struct err err;

	*packets = 0;
	sim_init(&s, &world, NULL);
	for (unsigned i = 0; i < n; i++) {
		if (i % CYCLES_A_WORLD == 0) {
			tape_free(journal);
			journal = tape_new(SCENARIO_listening, &err);
			if (!journal)
				die(err.message);
		}
		cycle(&s);
		if (i % CYCLES_A_WORLD == CYCLES_A_WORLD - 1 || i == n - 1)
			*packets += s.w->link.next_number - listening.link.next_number;
	}
	tape_free(journal);
	journal = NULL;
	return now() - t;
}

/* ---- processes ----------------------------------------------------------------------------------------------------------- */

/* Runs a program to its end; what it says goes to `fd`. */
static double spawn(char *const argv[], int fd, long *peak_kib)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	double t = now();
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
	if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environ) != 0)
		die(argv[0]);
	if (wait4(pid, &status, 0, &usage) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		die("a program that was started ended badly");
	t = now() - t;
	posix_spawn_file_actions_destroy(&actions);
	if (peak_kib)
		*peak_kib = usage.ru_maxrss;
	return t;
}

static void lwip(char *program, struct figure *cycles_s, struct figure *packets_s)
{
	char number[16];
	char said[512];
	char *argv[] = { program, (char[]){ "cycles" }, number, NULL };
	double c;
	double p;
	ssize_t n;
	int fds[2];

	snprintf(number, sizeof(number), "%d", LWIP_CYCLES);
	if (pipe2(fds, O_CLOEXEC) != 0)
		die("pipe");
	spawn(argv, fds[1], NULL);
	n = read(fds[0], said, sizeof(said) - 1);
	said[n > 0 ? n : 0] = '\0';
	if (sscanf(said, "cycles %*u, %*f s, %lf cycles/s, %lf packets/s", &c, &p) != 2)
		die("lwIP's figures cannot be read");
	add(cycles_s, c);
	add(packets_s, p);
	close(fds[0]);
	close(fds[1]);
}

/* ---- what is measured ---------------------------------------------------------------------------------------------------- */

static void bench_cycles(char *lwip_program)
{
	static struct figure off;
	static struct figure on;
	static struct figure off_packets;
	static struct figure taped_packets;
	static struct figure lwip_cycles;
	static struct figure lwip_packets;
	const struct observer observer = { count, NULL };
	struct sim s;
	u64 packets = 0;

	world_init(&listening, PROFILE_6_18, PROFILE_6_18);
	sim_init(&s, &listening, &scratch);
	take(&s, &(struct action){ .kind = ACT_SCENARIO, .a = SCENARIO_listening });
	for (int i = 0; i < ROUNDS; i++) {
		double t = cycles(NULL, CYCLES, &packets);

		add(&off, CYCLES / t);
		add(&off_packets, (double)packets / t);
		lwip(lwip_program, &lwip_cycles, &lwip_packets);
		t = journal_cycles(CYCLES, &packets);
		add(&taped_packets, (double)packets / t);
		records = 0;
		add(&on, CYCLES / cycles(&observer, CYCLES, &packets));
	}
	printf("one cycle: %.1f segments, %.0f trace records\n", (double)packets / CYCLES, (double)records / CYCLES);
	show("close cycles, trace off", &off, 1e-3, "k cycles/s");
	show("close cycles, trace on", &on, 1e-3, "k cycles/s");
	show("segments, trace off", &off_packets, 1e-3, "k/s");
	show("segments, with the journal", &taped_packets, 1e-3, "k/s");
	show("lwIP's cycles", &lwip_cycles, 1e-3, "k cycles/s");
	show("lwIP's packets", &lwip_packets, 1e-3, "k/s");
	show_ratio("segments : lwIP's packets", median(&off_packets) / median(&lwip_packets));
	show_ratio("segments with the journal : lwIP's packets", median(&taped_packets) / median(&lwip_packets));
	show_ratio("trace on : trace off", median(&on) / median(&off));
}

static void bench_snapshots(void)
{
	enum { TIMES = 100000 };
	static struct figure pack;
	static struct figure unpack;
	static struct figure hash;
	struct sim s;
	size_t size;
	char *bytes;

	sim_init(&s, &world, &scratch);
	world_init(&world, PROFILE_6_18, PROFILE_6_18);
	take(&s, &(struct action){ .kind = ACT_SCENARIO, .a = SCENARIO_established });
	size = world_live_size(&world);
	bytes = malloc(size);
	if (!bytes)
		die("out of memory");
	for (int round = 0; round < ROUNDS; round++) {
		double t = now();

		for (int i = 0; i < TIMES; i++) {
			world_pack(&world, bytes);
			__asm__ volatile("" ::: "memory");
		}
		add(&pack, (now() - t) / TIMES);
		t = now();
		for (int i = 0; i < TIMES; i++) {
			world_unpack(&world, bytes, size);
			__asm__ volatile("" ::: "memory");
		}
		add(&unpack, (now() - t) / TIMES);
		t = now();
		for (int i = 0; i < TIMES; i++)
			kept = world_hash(&world);
		add(&hash, (now() - t) / TIMES);
	}
	free(bytes);
	printf("an established world: %zu bytes live, of %zu\n", size, sizeof(world));
	show("snapshot", &pack, 1e9, "ns");
	show("restore", &unpack, 1e9, "ns");
	show("hash", &hash, 1e9, "ns");
}

static void bench_process(char *program)
{
	static struct figure ours;
	static struct figure floor_;
	char *const run[] = { program, (char[]){ "-c" }, (char *)(uintptr_t)script, NULL };
	char *const nothing[] = { (char[]){ "/bin/true" }, NULL };
	int sink = open("/dev/null", O_WRONLY | O_CLOEXEC);
	long peak = 0;
	long peak_nothing = 0;

	if (sink < 0)
		die("/dev/null");
	for (int i = 0; i < SPAWNS; i++) {
		add(&ours, spawn(run, sink, &peak));
		add(&floor_, spawn(nothing, sink, &peak_nothing));
	}
	close(sink);
	show("ten lines of script, as a process", &ours, 1e3, "ms");
	show("/bin/true", &floor_, 1e3, "ms");
	show_ratio("script : /bin/true", median(&ours) / median(&floor_));
	printf("%-46s %10ld KiB (/bin/true %ld KiB)\n", "peak memory of the script", peak, peak_nothing);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		die("usage: bench PROGRAM LWIP_BENCH");
	printf("%-46s %10s %-12s (minimum .. maximum)\n", "", "median", "");
	bench_cycles(argv[2]);
	bench_snapshots();
	bench_process(argv[1]);
	return 0;
}
