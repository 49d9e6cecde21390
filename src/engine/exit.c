/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes: how they begin, share files, get signals and end (kernel/fork.c, kernel/signal.c, kernel/exit.c). */
#include <stdlib.h>

#include "engine/fs.h"
#include "engine/sock.h"

/* ---- processes -------------------------------------------------------------------------------------------------- */

struct proc *proc_create(struct sim *s, u8 host)
{
	struct host *h = host_of(s, host);
	struct proc *p = pool_alloc(s, POOL_PROC, host);

	SET(p->pid, h->next_pid);
	ADD(h->next_pid, 1);
	return p;
}

/* The process of the lowest pid above `pid`; NULL when there is none. */
static struct proc *proc_after(struct sim *s, u8 host, u16 pid)
{
	struct proc *first = NULL;

	for (u16 i = 0; i < s->w->pool[POOL_PROC].high; i++) {
		struct proc *p = &s->w->proc[i];

		if (p->live && p->host == host && p->pid > pid && (!first || p->pid < first->pid))
			first = p;
	}
	return first;
}

struct proc *proc_by_pid(struct sim *s, u8 host, u16 pid)
{
	struct proc *p = proc_after(s, host, pid ? (u16)(pid - 1) : 0);

	return p && (!pid || p->pid == pid) ? p : NULL;
}

static struct sock *sock_of_fd(struct sim *s, struct proc *p, s16 fd)
{
	struct file *file = fget(s, p, fd);
	const struct socket *sock = file ? sock_from_file(s, file) : NULL;

	return sock ? sock_at(s, sock->sk) : NULL;
}

s16 proc_main_fd(struct sim *s, struct proc *p)
{
	u16 num = host_of(s, p->host)->main_num;

	for (s16 fd = 0; num && fd < NR_OPEN; fd++) {
		const struct sock *sk = p->fd[fd] ? sock_of_fd(s, p, fd) : NULL;

		if (sk && sk->num_ == num)
			return fd;
	}
	return -1;
}

s16 main_fd(struct sim *s, u8 host, struct proc **proc)
{
	struct proc *p;

	for (p = proc_after(s, host, 0); p; p = proc_after(s, host, p->pid)) {
		s16 fd = proc_main_fd(s, p);

		if (fd >= 0) {
			*proc = p;
			return fd;
		}
	}
	return -1;
}

/* ---- fork (kernel/fork.c) --------------------------------------------------------------------------------------- */

/* The child's table refers to the same open files. */
static void copy_files(struct sim *s, const struct proc *parent, struct proc *child)
{
	FN(copy_files, parent->host, NULL);
	for (s16 fd = 0; fd < NR_OPEN; fd++) {
		struct file *file = file_at(s, parent->fd[fd]);

		if (!file)
			continue;
		SET(child->fd[fd], parent->fd[fd]);
		ADD(file->f_count, 1);
	}
}

static int kernel_clone(struct sim *s, const struct proc *parent)
{
	struct proc *child;

	FN(kernel_clone, parent->host, NULL);
	child = proc_create(s, parent->host);
	copy_files(s, parent, child);
	return child->pid;
}

int sys_fork(struct sim *s, struct task *t)
{
	FN(sys_fork, t->host, t);
	return kernel_clone(s, proc_at(s, t->proc));
}

/* ---- the end of a process (kernel/exit.c) ----------------------------------------------------------------------- */

static void unlock_if_locked(struct sim *s, struct sock *sk)
{
	if (sk && sk->sk_lock_owned == OWNED_BY_LOCK)
		release_sock(s, sk);
}

static bool is_thread_of(const struct sim *s, u16 i, hnd proc)
{
	return s->w->task[i].live && s->w->task[i].proc == proc;
}

/*
 * The threads leave their calls before the process goes: those that sleep are interrupted, and whoever holds a socket
 * by `lock` (a thread inside some call) lets it go.
 */
static void end_calls(struct sim *s, struct proc *p)
{
	hnd self = pool_handle(s, POOL_PROC, p);

	for (u16 i = 0; i < s->w->pool[POOL_TASK].high; i++) {
		struct task *t = &s->w->task[i];

		if (!is_thread_of(s, i, self))
			continue;
		SET(t->signal, SIGKILL_);
		EMIT(TREC_SIGNAL, t->host, 0, world_off(s, t), SIGKILL_, 0, 0);
		if (t->asleep == TASK_ASLEEP)
			SET(t->woken, 1);
		unlock_if_locked(s, sock_at(s, t->sk));
	}
	for (s16 fd = 0; fd < NR_OPEN; fd++)
		unlock_if_locked(s, sock_of_fd(s, p, fd));
	tasks_run_woken(s);
	for (u16 i = 0; i < s->w->pool[POOL_TASK].high; i++)
		BUG_ON(is_thread_of(s, i, self));
}

static void exit_signals(struct sim *s, struct proc *p)
{
	FN(exit_signals, p->host, NULL);
	SET(p->flags, p->flags | PF_EXITING);
	s->current_exiting = 1;
}

/* Closes every descriptor; what was open for the last time goes to `works`. Returns how many. */
static u16 put_files_struct(struct sim *s, struct proc *p, hnd works[NR_OPEN])
{
	u16 n = 0;

	FN(put_files_struct, p->host, NULL);
	for (s16 fd = 0; fd < NR_OPEN; fd++) {
		hnd h = p->fd[fd];

		if (!h)
			continue;
		SET(p->fd[fd], 0);
		if (!filp_close(s, file_at(s, h)))
			continue;
		if (KP(p->host, fput_is_inline))
			BUG_ON(____fput(s, file_at(s, h)) == SLEEPS);
		else
			works[n++] = h;
	}
	return n;
}

static u16 exit_files(struct sim *s, struct proc *p, hnd works[NR_OPEN])
{
	FN(exit_files, p->host, NULL);
	return put_files_struct(s, p, works);
}

/* Task work runs newest first, so the file closed last is released first; 3.10 turned the list round. */
static void task_work_run(struct sim *s, u8 host, const hnd works[NR_OPEN], u16 n)
{
	bool in_order = n > 1 && KP(host, task_work_is_in_order);

	FN(task_work_run, host, NULL);
	for (u16 i = 0; i < n; i++)
		BUG_ON(____fput(s, file_at(s, works[in_order ? i : n - 1 - i])) == SLEEPS);
}

static void exit_task_work(struct sim *s, u8 host, const hnd works[NR_OPEN], u16 n)
{
	FN(exit_task_work, host, NULL);
	if (n)
		task_work_run(s, host, works, n);
}

static void do_exit(struct sim *s, struct proc *p)
{
	hnd works[NR_OPEN];
	u16 n;

	FN(do_exit, p->host, NULL);
	exit_signals(s, p);
	n = exit_files(s, p, works);
	exit_task_work(s, p->host, works, n);
}

static void do_group_exit(struct sim *s, struct proc *p)
{
	FN(do_group_exit, p->host, NULL);
	do_exit(s, p);
}

static void sys_exit_group(struct sim *s, struct proc *p)
{
	FN(sys_exit_group, p->host, NULL);
	do_group_exit(s, p);
}

/* exit_group() does not return: there is a call, but no result. */
enum status process_exit(struct sim *s, struct proc *p)
{
	struct outer_call outer;
	struct task *t;

	end_calls(s, p);
	t = task_begin(s, p, SYS_exit_group, &outer);
	EMIT(TREC_CALL, t->host, t->nr, world_off(s, t), 0, 0, 0);
	sys_exit_group(s, p);
	task_end(s, t, &outer);
	pool_free(s, POOL_PROC, p);
	return ST_OK;
}

/* ---- signals (kernel/signal.c) ---------------------------------------------------------------------------------- */

/* The thread that takes a signal: the first that it can wake, else the first inside a call. NULL: none is in one. */
static struct task *signal_target(struct sim *s, const struct proc *p)
{
	hnd self = pool_handle(s, POOL_PROC, p);
	struct task *target = NULL;

	for (u16 i = 0; i < s->w->pool[POOL_TASK].high; i++) {
		struct task *t = &s->w->task[i];

		if (!is_thread_of(s, i, self))
			continue;
		if (!target || (t->asleep == TASK_ASLEEP && target->asleep != TASK_ASLEEP) ||
		    (t->asleep == target->asleep && t->tid < target->tid))
			target = t;
	}
	return target;
}

static void interrupt_call(struct sim *s, const struct proc *p, u8 signal)
{
	struct task *t = signal_target(s, p);

	if (!t)
		return;
	SET(t->signal, signal);
	EMIT(TREC_SIGNAL, t->host, 0, world_off(s, t), signal, 0, 0);
	if (t->asleep == TASK_ASLEEP)
		SET(t->woken, 1);
}

/* SIGKILL ends the process on its way back to user mode, whatever it was doing: no exit_group() is called. */
enum status process_kill(struct sim *s, struct proc *p, u8 signal)
{
	struct outer_call outer;
	struct task *t;

	LEAF(sys_kill, p->host, NULL);
	if (signal != SIGKILL_) {
		interrupt_call(s, p, signal);
		return ST_OK;
	}
	end_calls(s, p);
	t = task_begin(s, p, SYS_none_, &outer);
	do_group_exit(s, p);
	task_end(s, t, &outer);
	pool_free(s, POOL_PROC, p);
	return ST_OK;
}
