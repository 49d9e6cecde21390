/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a system call begins, sleeps, goes on and returns. A call that sleeps leaves its task behind; when it is woken,
 * the call is entered again from the top and skips what it has done (sock.h tells how).
 */
#include <stdlib.h>
#include <string.h>

#include "engine/fs.h"
#include "engine/sock.h"

/* ---- tasks ------------------------------------------------------------------------------------------------------ */

static void make_current(struct sim *s, const struct task *t, u16 resuming, struct outer_call *outer)
{
	*outer = (struct outer_call){ .current = s->current, .resuming = s->resuming, .exiting = s->current_exiting };
	s->current = pool_handle(s, POOL_TASK, t);
	s->current_exiting = proc_at(s, t->proc)->flags & PF_EXITING;
	s->resuming = resuming;
}

static void leave_current(struct sim *s, const struct outer_call *outer)
{
	BUG_ON(s->resuming); /* nobody felt responsible for the sleep that ended */
	s->current = outer->current;
	s->current_exiting = outer->exiting;
	s->resuming = outer->resuming;
}

/* The lowest thread number that has no call under way. */
static u16 free_thread(const struct sim *s, hnd proc)
{
	u16 tid = 0;
	bool taken;

	do {
		taken = false;
		for (u16 i = 0; i < s->w->pool[POOL_TASK].high; i++) {
			const struct task *t = &s->w->task[i];

			if (t->live && t->proc == proc && t->tid == tid)
				taken = true;
		}
		tid = (u16)(tid + taken);
	} while (taken);
	return tid;
}

struct task *task_begin(struct sim *s, struct proc *p, u8 nr, struct outer_call *outer)
{
	hnd proc = pool_handle(s, POOL_PROC, p);
	u16 tid = free_thread(s, proc);
	struct task *t = pool_alloc(s, POOL_TASK, p->host);

	SET(t->nr, nr);
	SET(t->proc, proc);
	SET(t->tid, tid);
	SET(t->since, s->w->now);
	SET(t->deadline, FOREVER);
	SET(t->fd, -1);
	make_current(s, t, FN_none_, outer);
	return t;
}

void task_end(struct sim *s, struct task *t, const struct outer_call *outer)
{
	leave_current(s, outer);
	pool_free(s, POOL_TASK, t);
}

/* ---- one call --------------------------------------------------------------------------------------------------- */

static int enter_call(struct sim *s, struct task *t)
{
	switch ((enum sysnr)t->nr) {
	case SYS_socket:
		return sys_socket(s, t);
	case SYS_bind:
		return sys_bind(s, t);
	case SYS_listen:
		return sys_listen(s, t);
	case SYS_connect:
		return sys_connect(s, t);
	case SYS_accept:
		return sys_accept(s, t);
	case SYS_send:
		return sys_send(s, t);
	case SYS_recv:
		return sys_recv(s, t);
	case SYS_shutdown:
		return sys_shutdown(s, t);
	case SYS_close:
		return sys_close(s, t);
	case SYS_dup:
		return sys_dup(s, t);
	case SYS_fork:
		return sys_fork(s, t);
	case SYS_fcntl:
		return sys_fcntl(s, t);
	case SYS_setsockopt:
		return sys_setsockopt(s, t);
	case SYS_getsockopt:
		return sys_getsockopt(s, t);
	case SYS_poll:
		return sys_poll(s, t);
	case SYS_ioctl:
		return sys_ioctl(s, t);
	case SYS_epoll_create:
		return sys_epoll_create(s, t);
	case SYS_epoll_ctl:
		return sys_epoll_ctl(s, t);
	case SYS_epoll_wait:
		return sys_epoll_wait(s, t);
	case SYS_exit_group: /* process_exit() */
	case SYS_none_:
	case NR_SYS:
		break;
	}
	abort();
}

/* A call that sleeps keeps the file open, whatever becomes of the descriptor. */
static void hold_file(struct sim *s, struct task *t)
{
	struct file *file = fget(s, proc_at(s, t->proc), t->fd);

	if (t->file || t->releasing || !file)
		return;
	SET(t->file, pool_handle(s, POOL_FILE, file));
	ADD(file->f_count, 1);
}

static void let_go_of_file(struct sim *s, struct task *t)
{
	if (!t->file)
		return;
	if (fput(s, file_at(s, t->file)))
		SET(t->releasing, t->file);
	SET(t->file, 0);
}

/* What close() would have done, had this call not held the file: before it returns to its program. */
static int task_work_run(struct sim *s, struct task *t)
{
	FN(task_work_run, t->host, t);
	if (t->releasing) {
		if (____fput(s, file_at(s, t->releasing)) == SLEEPS)
			return SLEEPS;
		SET(t->releasing, 0);
	}
	if (t->newfile) { /* accept() failed */
		____fput(s, file_at(s, t->newfile));
		SET(t->newfile, 0);
	}
	return poll_release_files(s, t);
}

/* Goes on until the call returns (0) or sleeps. */
static int run_call(struct sim *s, struct task *t)
{
	if (!t->task_work) {
		int ret = enter_call(s, t);

		if (ret == SLEEPS) {
			hold_file(s, t);
			return SLEEPS;
		}
		SET(t->result, ret);
		SET(t->task_work, 1);
		let_go_of_file(s, t);
	}
	return t->releasing || t->newfile || t->files_due ? task_work_run(s, t) : 0;
}

static void call_returns(struct sim *s, struct task *t)
{
	struct host *h = host_of(s, t->host);
	bool reads = t->nr == SYS_getsockopt || t->nr == SYS_ioctl;

	SET(h->last_ret, t->result < 0 ? -1 : t->result);
	SET(h->last_errno, t->result < 0 ? -t->result : 0);
	EMIT(TREC_RETURN, t->host, t->nr, world_off(s, t), reads ? t->arg[2] : 0, t->result, reads ? t->arg[1] : 0);
}

static void run_current(struct sim *s, struct task *t, const struct outer_call *outer)
{
	if (run_call(s, t) == SLEEPS) {
		leave_current(s, outer);
		return;
	}
	call_returns(s, t);
	task_end(s, t, outer);
}

/* ---- beginning a call ------------------------------------------------------------------------------------------- */

static bool needs_fd(u8 nr)
{
	return nr != SYS_socket && nr != SYS_fork && nr != SYS_exit_group && nr != SYS_epoll_create;
}

/* The calling process, and the descriptor that the call is made on. -1 where the host never had a socket: EBADF. */
static struct proc *caller(struct sim *s, const struct action *a, s16 *fd)
{
	struct host *h = host_of(s, a->host);
	struct proc *p;

	*fd = -1;
	if (!needs_fd(a->nr))
		return proc_by_pid(s, a->host, a->pid);
	*fd = a->fd;
	if (a->fd >= 0)
		return proc_by_pid(s, a->host, a->pid);
	p = proc_by_pid(s, a->host, a->pid);
	if (a->pid)
		*fd = p ? proc_main_fd(s, p) : -1;
	else
		*fd = main_fd(s, a->host, &p);
	if (*fd >= 0)
		SET(h->main_fd, *fd);
	else if (h->main_num)
		*fd = h->main_fd;
	return p;
}

/* What poll() looks at, or the event of epoll_ctl(). The descriptor of a poll() with a set is none of its own. */
static void take_payload(struct sim *s, struct task *t, const struct pollfd_arg *arg, size_t n)
{
	if (t->nr == SYS_epoll_ctl && n) {
		SET(t->arg[1], arg->fd);
		SET(t->event_events, arg->events);
		SET(t->event_data, arg->data);
	}
	for (u16 i = 0; t->nr == SYS_poll && i < n && i < MAX_POLLFD; i++) {
		SET(t->pollfd[i].fd, arg[i].fd);
		SET(t->pollfd[i].events, arg[i].events);
		SET(t->nfds, i + 1);
	}
	if (t->nfds)
		SET(t->fd, -1);
}

enum status syscall_run(struct sim *s, const struct action *a, const void *payload, size_t len, struct err *err)
{
	struct pollfd_arg arg[MAX_POLLFD];
	const size_t n = len / sizeof(arg[0]) < MAX_POLLFD ? len / sizeof(arg[0]) : MAX_POLLFD;
	struct outer_call outer;
	struct proc *p;
	struct task *t;
	s16 fd;

	if (a->nr == SYS_none_ || a->nr >= NR_SYS)
		return err_set(err, ST_WRONG, "no such system call");
	p = caller(s, a, &fd);
	if (!p && a->pid)
		return err_set(err, ST_WRONG, "host %c has no process %u", 'A' + a->host, a->pid);
	if (!p)
		return err_set(err, ST_WRONG, "host %c has no process left", 'A' + a->host);
	if (a->nr == SYS_exit_group)
		return process_exit(s, p);
	t = task_begin(s, p, a->nr, &outer);
	SET(t->fd, fd);
	SET(t->arg[0], a->a);
	SET(t->arg[1], a->b);
	SET(t->arg[2], a->t);
	if (n && (t->nr == SYS_poll || t->nr == SYS_epoll_ctl)) {
		memcpy(arg, payload, n * sizeof(arg[0]));
		take_payload(s, t, arg, n);
	}
	EMIT(TREC_CALL, t->host, t->nr, world_off(s, t), 0, 0, 0);
	run_current(s, t, &outer);
	return ST_OK;
}

/* ---- going on --------------------------------------------------------------------------------------------------- */

static u32 time_left(const struct sim *s, const struct task *t)
{
	if (t->deadline == FOREVER)
		return UINT32_MAX;
	return t->deadline > s->w->now ? usecs_to_jiffies(t->deadline - s->w->now) : 0;
}

static void resume(struct sim *s, struct task *t)
{
	u16 sleep_fn = t->sleep_fn;
	struct outer_call outer;

	if (t->asleep == TASK_ASLEEP)
		SET(t->timeo, time_left(s, t));
	SET(t->deadline, FOREVER);
	SET(t->asleep, 0);
	SET(t->woken, 0);
	SET(t->exclusive_, 0);
	SET(t->sleep_fn, FN_none_);
	make_current(s, t, sleep_fn, &outer);
	run_current(s, t, &outer);
}

static struct task *first_woken(struct sim *s)
{
	for (u16 i = 0; i < s->w->pool[POOL_TASK].high; i++)
		if (s->w->task[i].live && s->w->task[i].woken)
			return &s->w->task[i];
	return NULL;
}

void tasks_run_woken(struct sim *s)
{
	struct task *t;

	while ((t = first_woken(s)) != NULL)
		resume(s, t);
}

void task_timed_out(struct sim *s, struct task *t)
{
	SET(t->woken, 1);
}
