/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors and open files (fs/file.c, file_table.c, open.c, fcntl.c): who refers to a socket, and for how long. */
#include <errno.h>
#include <stdlib.h>

#include "engine/fs.h"
#include "engine/sock.h"

/* Standard input, output and error are open already. */
#define FIRST_FD 3

/* ---- descriptors (fs/file.c) ------------------------------------------------------------------------------------ */

struct file *fget(struct sim *s, struct proc *p, s16 fd)
{
	return fd >= 0 && fd < NR_OPEN ? file_at(s, p->fd[fd]) : NULL;
}

struct file *fdget(struct sim *s, struct task *t)
{
	return t->file ? file_at(s, t->file) : fget(s, proc_at(s, t->proc), t->fd);
}

/* A thread inside accept() has its descriptor set apart already, though nothing is open under it yet. */
static bool fd_is_reserved(struct sim *s, const struct proc *p, s16 fd)
{
	hnd self = pool_handle(s, POOL_PROC, p);

	for (u16 i = 0; i < s->w->pool[POOL_TASK].high; i++) {
		const struct task *t = &s->w->task[i];

		if (t->live && t->proc == self && t->newfile && t->newfd == fd)
			return true;
	}
	return false;
}

s16 get_unused_fd(struct sim *s, const struct proc *p)
{
	for (s16 fd = FIRST_FD; fd < NR_OPEN; fd++)
		if (!p->fd[fd] && !fd_is_reserved(s, p, fd))
			return fd;
	return -EMFILE;
}

s16 fd_install_new(struct sim *s, struct proc *p, struct file *file)
{
	s16 fd = get_unused_fd(s, p);

	if (fd < 0)
		return fd;
	LEAF(fd_install, file->host, file);
	SET(p->fd[fd], pool_handle(s, POOL_FILE, file));
	return fd;
}

/* Takes the file out of the table: from here on the number is free. */
static struct file *file_close_fd(struct sim *s, struct proc *p, s16 fd)
{
	struct file *file = fget(s, p, fd);

	FN(file_close_fd, p->host, file);
	if (DECIDE(no_such_descriptor, p->host, !file, (u64)(s64)fd, 0))
		return NULL;
	SET(p->fd[fd], 0);
	return file;
}

/* ---- the last reference (fs/file_table.c) ----------------------------------------------------------------------- */

static void iput(struct sim *s, struct socket *sock)
{
	FN(iput, sock->host, sock);
	sock_free_inode(s, sock);
}

static void dput(struct sim *s, struct socket *sock)
{
	FN(dput, sock->host, sock);
	iput(s, sock);
}

static int __fput(struct sim *s, struct file *file)
{
	struct socket *sock = sock_from_file(s, file);
	u8 host = file->host;

	FN(__fput, host, file);
	if (!s->resuming) {
		eventpoll_release(s, file);
		LEAF(locks_remove_file, host, file);
		if (file->f_flags & FILE_FASYNC)
			LEAF(sock_fasync, host, file);
	}
	if (!sock)
		ep_eventpoll_release(s, file);
	else if (sock_close(s, file) == SLEEPS)
		return SLEEPS;
	if (sock)
		dput(s, sock);
	else /* of an inode that all such files share */
		LEAF(dput, host, file);
	LEAF(mntput, host, file);
	pool_free(s, POOL_FILE, file);
	return 0;
}

int ____fput(struct sim *s, struct file *file)
{
	FN(____fput, file->host, file);
	return __fput(s, file);
}

static void __fput_deferred(struct sim *s, struct file *file)
{
	FN(__fput_deferred, file->host, file);
	LEAF(task_work_add, file->host, file);
}

static bool drop_reference(struct sim *s, struct file *file)
{
	BUG_ON(!file->f_count);
	SUB(file->f_count, 1);
	return file->f_count == 0;
}

bool fput(struct sim *s, struct file *file)
{
	bool last;

	FN(fput, file->host, file);
	last = drop_reference(s, file);
	if (DECIDE(last_reference_of_call, file->host, last, file->f_count, 0))
		__fput_deferred(s, file);
	return last;
}

static bool fput_close(struct sim *s, struct file *file)
{
	bool last;

	FN(fput_close, file->host, file);
	last = drop_reference(s, file);
	if (DECIDE(last_reference_at_exit, file->host, last, file->f_count, 0))
		__fput_deferred(s, file);
	return last;
}

/* Linux 3.10 and 5.8: the release is always left as task work. */
static bool fput_put_off(struct sim *s, struct file *file)
{
	bool last;

	FN(fput, file->host, file);
	last = drop_reference(s, file);
	if (DECIDE(last_reference_put_off, file->host, last, file->f_count, 0))
		__fput_deferred(s, file);
	return last;
}

/* Drops the reference of a descriptor; the last one ends the connection before the call returns. 0 or SLEEPS. */
static int release_now(struct sim *s, struct task *t, struct file *file)
{
	if (!s->resuming) {
		bool last = drop_reference(s, file);

		if (!DECIDE(last_reference_closed, file->host, last, file->f_count, 0))
			return 0;
		SET(t->releasing, pool_handle(s, POOL_FILE, file));
	}
	if (__fput(s, file) == SLEEPS)
		return SLEEPS;
	SET(t->releasing, 0);
	return 0;
}

static int fput_close_sync(struct sim *s, struct task *t, struct file *file)
{
	FN(fput_close_sync, file->host, file);
	return release_now(s, t, file);
}

/* ---- close, dup, fcntl (fs/open.c, fs/file.c, fs/fcntl.c) ------------------------------------------------------- */

static void filp_flush(struct sim *s, struct file *file)
{
	FN(filp_flush, file->host, file);
	LEAF(dnotify_flush, file->host, file);
	LEAF(locks_remove_posix, file->host, file);
}

bool filp_close(struct sim *s, struct file *file)
{
	FN(filp_close, file->host, file);
	filp_flush(s, file);
	return KP(file->host, close_is_synchronous) ? fput_close(s, file) : fput_put_off(s, file);
}

/* Linux 2.4: no release is ever put off. */
static int fput_inline(struct sim *s, struct task *t, struct file *file)
{
	FN(fput, file->host, file);
	return release_now(s, t, file);
}

static int filp_close_inline(struct sim *s, struct task *t, struct file *file)
{
	FN(filp_close, file->host, file);
	if (!s->resuming) {
		LEAF(dnotify_flush, file->host, file);
		LEAF(locks_remove_posix, file->host, file);
	}
	return fput_inline(s, t, file);
}

/* Linux 3.10 and 5.8: so is the release by close(). */
static int __close_fd(struct sim *s, struct task *t)
{
	struct file *file = fget(s, proc_at(s, t->proc), t->fd);

	FN(__close_fd, t->host, file);
	if (DECIDE(no_such_descriptor, t->host, !file, (u64)(s64)t->fd, 0))
		return -EBADF;
	SET(proc_at(s, t->proc)->fd[t->fd], 0);
	if (filp_close(s, file))
		SET(t->releasing, pool_handle(s, POOL_FILE, file));
	return 0;
}

int sys_close(struct sim *s, struct task *t)
{
	bool puts_off = !KP(t->host, close_is_synchronous) && !KP(t->host, fput_is_inline);
	struct file *file = file_at(s, t->releasing);

	FN(sys_close, t->host, t);
	if (puts_off)
		return __close_fd(s, t);
	if (!s->resuming) {
		file = file_close_fd(s, proc_at(s, t->proc), t->fd);
		if (!file)
			return -EBADF;
		if (KP(t->host, close_is_synchronous))
			filp_flush(s, file);
	}
	return KP(t->host, fput_is_inline) ? filp_close_inline(s, t, file) : fput_close_sync(s, t, file);
}

int sys_dup(struct sim *s, struct task *t)
{
	struct file *file = fdget(s, t);
	s16 fd;

	FN(sys_dup, t->host, t);
	if (!file)
		return -EBADF;
	fd = fd_install_new(s, proc_at(s, t->proc), file);
	if (fd >= 0)
		ADD(file->f_count, 1);
	return fd;
}

/* F_SETFL, as far as O_NONBLOCK goes. */
int sys_fcntl(struct sim *s, struct task *t)
{
	struct file *file = fdget(s, t);

	FN(sys_fcntl, t->host, t);
	if (!file)
		return -EBADF;
	if (t->arg[0])
		SET(file->f_flags, file->f_flags | FILE_NONBLOCK);
	else
		SET(file->f_flags, file->f_flags & ~FILE_NONBLOCK);
	return 0;
}
