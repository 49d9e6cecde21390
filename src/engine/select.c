/* SPDX-License-Identifier: GPL-2.0-or-later */
/* poll() (fs/select.c): a look at several descriptors, and the wait for one of them. */
#include <errno.h>

#include "engine/fs.h"
#include "engine/sock.h"

/* ---- one look --------------------------------------------------------------------------------------------------- */

/* kernel: vfs_poll(), include/linux/poll.h */
static u16 vfs_poll(struct sim *s, struct file *file)
{
	return (u16)(file->ep_ ? ep_eventpoll_poll(s, file) : sock_poll(s, file));
}

/* A call that has slept holds its files; one that looks for the first time asks the table. */
static struct file *file_polled(struct sim *s, const struct task *t, const struct polled_file *p)
{
	return p->file ? file_at(s, p->file) : fget(s, proc_at(s, t->proc), p->fd);
}

static u16 do_pollfd(struct sim *s, const struct task *t, const struct polled_file *p)
{
	struct file *file = p->fd < 0 ? NULL : file_polled(s, t, p);

	if (p->fd < 0)
		return 0;
	if (!file)
		return POLLNVAL_;
	return vfs_poll(s, file) & (p->events | POLLERR_ | POLLHUP_);
}

/* How many have something to tell. */
static int look_at_all(struct sim *s, struct task *t)
{
	int count = 0;

	for (u16 i = 0; i < t->nfds; i++) {
		SET(t->pollfd[i].revents, do_pollfd(s, t, &t->pollfd[i]));
		count += t->pollfd[i].revents != 0;
	}
	return count;
}

/* ---- the wait --------------------------------------------------------------------------------------------------- */

static void hold_files(struct sim *s, struct task *t)
{
	for (u16 i = 0; i < t->nfds; i++) {
		struct file *file = t->pollfd[i].fd < 0 ? NULL : file_polled(s, t, &t->pollfd[i]);

		if (!file || t->pollfd[i].file)
			continue;
		SET(t->pollfd[i].file, pool_handle(s, POOL_FILE, file));
		ADD(file->f_count, 1);
	}
}

/* What others closed meanwhile is released when the call returns. */
static void poll_freewait(struct sim *s, struct task *t)
{
	for (u16 i = 0; i < t->nfds; i++) {
		struct file *file = file_at(s, t->pollfd[i].file);

		if (file && fput(s, file))
			SET(t->files_due, 1);
		else
			SET(t->pollfd[i].file, 0);
	}
}

int poll_release_files(struct sim *s, struct task *t)
{
	for (u16 i = 0; t->files_due && i < t->nfds; i++) {
		if (!t->pollfd[i].file)
			continue;
		if (____fput(s, file_at(s, t->pollfd[i].file)) == SLEEPS)
			return SLEEPS;
		SET(t->pollfd[i].file, 0);
	}
	SET(t->files_due, 0);
	return 0;
}

u64 poll_deadline(const struct task *t, s32 timeout)
{
	return timeout < 0 ? FOREVER : t->since + (u64)timeout * 1000;
}

static int do_poll(struct sim *s, struct task *t, s32 timeout)
{
	const u64 end = poll_deadline(t, timeout);
	int count;

	FN(do_poll, t->host, t);
	woken_in(s, FN_do_poll);
	count = look_at_all(s, t);
	if (count)
		return count;
	if (t->signal)
		return -EINTR;
	if (DECIDE(poll_gives_up, t->host, end <= s->w->now, (u64)(s64)timeout, 0))
		return 0;
	hold_files(s, t);
	return sleep_polling(s, FN_do_poll, end);
}

static int do_sys_poll(struct sim *s, struct task *t)
{
	int ret;

	FN(do_sys_poll, t->host, t);
	ret = do_poll(s, t, t->arg[1]);
	if (ret != SLEEPS)
		poll_freewait(s, t);
	return ret;
}

void pollwake(struct sim *s, const struct file *file, u32 key)
{
	for (u16 i = 0; i < s->w->pool[POOL_TASK].high; i++) {
		struct task *t = &s->w->task[i];

		if (!t->live || !t->asleep || t->woken || t->sleep_fn != FN_do_poll)
			continue;
		for (u16 n = 0; n < t->nfds && !t->woken; n++)
			if (t->pollfd[n].file == pool_handle(s, POOL_FILE, file) &&
			    (!key || (key & (t->pollfd[n].events | POLLERR_ | POLLHUP_))))
				wake_task(s, t, world_off(s, file));
	}
}

/* Without a set it is one look at one descriptor, with no time to wait: the bits that are up. */
int sys_poll(struct sim *s, struct task *t)
{
	struct file *file;

	FN(sys_poll, t->host, t);
	if (t->nfds)
		return do_sys_poll(s, t);
	file = fdget(s, t);
	return file ? vfs_poll(s, file) : POLLNVAL_;
}
