/* SPDX-License-Identifier: GPL-2.0-or-later */
/* epoll (fs/eventpoll.c): which descriptors a set watches, and which of them have something to tell. */
#include <errno.h>

#include "engine/fs.h"
#include "engine/sock.h"

/* What an item may be ordered beside the bits of poll(); alone it watches nothing. */
#define EP_PRIVATE_BITS (EPOLLONESHOT_ | EPOLLET_)

/* ---- the list of those that are ready --------------------------------------------------------------------------- */

static void rdllist_append(struct sim *s, struct eventpoll *ep, struct epitem *epi)
{
	struct epitem *tail = epitem_at(s, ep->rdl_tail);
	hnd self = pool_handle(s, POOL_EPITEM, epi);

	SET(epi->ready, 1);
	SET(epi->rdl_next, 0);
	if (tail)
		SET(tail->rdl_next, self);
	else
		SET(ep->rdl_head, self);
	SET(ep->rdl_tail, self);
}

static void rdllist_remove(struct sim *s, struct eventpoll *ep, struct epitem *epi)
{
	hnd self = pool_handle(s, POOL_EPITEM, epi), before = 0;

	if (!epi->ready)
		return;
	for (hnd h = ep->rdl_head; h != self; h = epitem_at(s, h)->rdl_next)
		before = h;
	if (before)
		SET(epitem_at(s, before)->rdl_next, epi->rdl_next);
	else
		SET(ep->rdl_head, epi->rdl_next);
	if (ep->rdl_tail == self)
		SET(ep->rdl_tail, before);
	SET(epi->ready, 0);
	SET(epi->rdl_next, 0);
}

/* The one who fell asleep in epoll_wait() on that set last (waiters queue up at the head), and all who poll() it. */
static void wake_waiters(struct sim *s, const struct eventpoll *ep)
{
	const hnd self = pool_handle(s, POOL_EVENTPOLL, ep);
	struct task *newest = NULL;

	for (u16 i = 0; i < s->w->pool[POOL_TASK].high; i++) {
		struct task *t = &s->w->task[i];

		if (t->live && t->asleep && !t->woken && t->sleep_fn == FN_ep_poll && file_at(s, t->file)->ep_ == self &&
		    (!newest || t->queued > newest->queued))
			newest = t;
	}
	if (newest)
		wake_task(s, newest, world_off(s, ep));
	for (u16 i = 0; i < s->w->pool[POOL_FILE].high; i++)
		if (s->w->file[i].live && s->w->file[i].ep_ == self)
			pollwake(s, &s->w->file[i], 0);
}

static void item_is_ready(struct sim *s, struct eventpoll *ep, struct epitem *epi)
{
	if (!epi->ready)
		rdllist_append(s, ep, epi);
	wake_waiters(s, ep);
}

/* ---- from the socket -------------------------------------------------------------------------------------------- */

static void ep_poll_callback(struct sim *s, struct epitem *epi, u32 key)
{
	FN(ep_poll_callback, epi->host, epi);
	if (!DECIDE(item_watches, epi->host, (epi->events & ~EP_PRIVATE_BITS) && (!key || (key & epi->events)), key, epi->events))
		return;
	item_is_ready(s, eventpoll_at(s, epi->ep), epi);
}

void poll_wake(struct sim *s, const struct sock *sk, u32 key)
{
	const struct socket *sock = socket_at(s, sk->sk_socket);

	if (!sock || !sock->file)
		return;
	for (u16 i = 0; i < s->w->pool[POOL_EPITEM].high; i++)
		if (s->w->epitem[i].live && s->w->epitem[i].file == sock->file)
			ep_poll_callback(s, &s->w->epitem[i], key);
	pollwake(s, file_at(s, sock->file), key);
}

/* ---- epoll_create ----------------------------------------------------------------------------------------------- */

static int do_epoll_create(struct sim *s, struct task *t)
{
	struct proc *p = proc_at(s, t->proc);
	struct eventpoll *ep;
	struct file *file;

	FN(do_epoll_create, t->host, t);
	if (get_unused_fd(s, p) < 0)
		return -EMFILE;
	ep = pool_alloc(s, POOL_EVENTPOLL, t->host);
	file = pool_alloc(s, POOL_FILE, t->host);
	SET(file->f_count, 1);
	SET(file->ep_, pool_handle(s, POOL_EVENTPOLL, ep));
	return fd_install_new(s, p, file);
}

int sys_epoll_create(struct sim *s, struct task *t)
{
	FN(sys_epoll_create, t->host, t);
	if (!(V_SINCE310 & 1u << s->w->host[t->host].profile)) /* younger than 2.4 */
		return -ENOSYS;
	return t->arg[0] > 0 ? do_epoll_create(s, t) : -EINVAL;
}

/* ---- epoll_ctl -------------------------------------------------------------------------------------------------- */

static u32 ep_item_poll(struct sim *s, const struct epitem *epi)
{
	FN(ep_item_poll, epi->host, epi);
	return (u32)sock_poll(s, file_at(s, epi->file)) & epi->events;
}

static struct epitem *ep_find(struct sim *s, hnd ep, hnd file, s16 fd)
{
	for (u16 i = 0; i < s->w->pool[POOL_EPITEM].high; i++) {
		struct epitem *epi = &s->w->epitem[i];

		if (epi->live && epi->ep == ep && epi->file == file && epi->fd == fd)
			return epi;
	}
	return NULL;
}

static void order_item(struct sim *s, struct epitem *epi, const struct task *t)
{
	SET(epi->events, t->event_events | POLLERR_ | POLLHUP_);
	SET(epi->data, t->event_data);
	if (ep_item_poll(s, epi) && !epi->ready)
		item_is_ready(s, eventpoll_at(s, epi->ep), epi);
}

static int ep_insert(struct sim *s, const struct task *t, hnd ep, hnd file)
{
	struct epitem *epi;

	FN(ep_insert, t->host, t);
	epi = pool_alloc(s, POOL_EPITEM, t->host);
	SET(epi->ep, ep);
	SET(epi->file, file);
	SET(epi->fd, t->arg[1]);
	order_item(s, epi, t);
	return 0;
}

static int ep_modify(struct sim *s, struct epitem *epi, const struct task *t)
{
	FN(ep_modify, epi->host, epi);
	order_item(s, epi, t);
	return 0;
}

static int ep_remove(struct sim *s, struct epitem *epi)
{
	FN(ep_remove, epi->host, epi);
	rdllist_remove(s, eventpoll_at(s, epi->ep), epi);
	pool_free(s, POOL_EPITEM, epi);
	return 0;
}

/* A set can watch sockets only: one epoll inside another is left out. */
static int do_epoll_ctl(struct sim *s, struct task *t)
{
	const struct file *file = fdget(s, t), *target = fget(s, proc_at(s, t->proc), (s16)t->arg[1]);
	struct epitem *epi;

	FN(do_epoll_ctl, t->host, file);
	if (!file || !target)
		return -EBADF;
	if (!file->ep_ || target->ep_)
		return -EINVAL;
	epi = ep_find(s, file->ep_, pool_handle(s, POOL_FILE, target), (s16)t->arg[1]);
	switch (t->arg[0]) {
	case EPOLL_CTL_ADD_:
		return epi ? -EEXIST : ep_insert(s, t, file->ep_, pool_handle(s, POOL_FILE, target));
	case EPOLL_CTL_MOD_:
		return epi ? ep_modify(s, epi, t) : -ENOENT;
	case EPOLL_CTL_DEL_:
		return epi ? ep_remove(s, epi) : -ENOENT;
	default:
		return -EINVAL;
	}
}

int sys_epoll_ctl(struct sim *s, struct task *t)
{
	FN(sys_epoll_ctl, t->host, t);
	return do_epoll_ctl(s, t);
}

/* ---- epoll_wait ------------------------------------------------------------------------------------------------- */

/* What is still so stays on the list (level), unless only news was ordered (EPOLLET) or nothing more (EPOLLONESHOT). */
static void event_is_told(struct sim *s, struct eventpoll *ep, struct epitem *epi)
{
	if (epi->events & EPOLLONESHOT_)
		SET(epi->events, epi->events & EP_PRIVATE_BITS);
	else if (!DECIDE(only_news, epi->host, epi->events & EPOLLET_, epi->events, 0))
		rdllist_append(s, ep, epi);
}

static int ep_send_events(struct sim *s, struct task *t, struct eventpoll *ep, s32 maxevents)
{
	hnd last = ep->rdl_tail, h = 0;
	int res = 0;

	FN(ep_send_events, t->host, ep);
	while (res < maxevents && h != last) {
		struct epitem *epi;
		u32 revents;

		h = ep->rdl_head;
		epi = epitem_at(s, h);
		rdllist_remove(s, ep, epi);
		revents = ep_item_poll(s, epi);
		if (!revents)
			continue;
		if (!res) {
			SET(t->event_events, revents);
			SET(t->event_data, epi->data);
		}
		res++;
		event_is_told(s, ep, epi);
	}
	return res;
}

static int ep_poll(struct sim *s, struct task *t, struct eventpoll *ep)
{
	const u64 end = poll_deadline(t, t->arg[1]);
	int res;

	FN(ep_poll, t->host, ep);
	woken_in(s, FN_ep_poll);
	res = ep->rdl_head ? ep_send_events(s, t, ep, t->arg[0]) : 0;
	if (res)
		return res;
	if (DECIDE(epoll_gives_up, t->host, end <= s->w->now, (u64)(s64)t->arg[1], 0))
		return 0;
	if (t->signal)
		return -EINTR;
	return sleep_polling(s, FN_ep_poll, end);
}

static int do_epoll_wait(struct sim *s, struct task *t)
{
	const struct file *file = fdget(s, t);

	FN(do_epoll_wait, t->host, file);
	if (!file && (t->arg[0] > 0 || KP(t->host, epoll_looks_up_first)))
		return -EBADF;
	if (!file || t->arg[0] <= 0)
		return -EINVAL;
	return file->ep_ ? ep_poll(s, t, eventpoll_at(s, file->ep_)) : -EINVAL;
}

int sys_epoll_wait(struct sim *s, struct task *t)
{
	FN(sys_epoll_wait, t->host, t);
	return do_epoll_wait(s, t);
}

/* An epoll descriptor can be polled itself: it is readable when one of its own has something to tell. */
int ep_eventpoll_poll(struct sim *s, struct file *file)
{
	struct eventpoll *ep = eventpoll_at(s, file->ep_);
	hnd last = ep->rdl_tail, h = 0;

	FN(ep_eventpoll_poll, file->host, file);
	while (h != last) {
		struct epitem *epi = epitem_at(s, ep->rdl_head);

		if (ep_item_poll(s, epi))
			return POLLIN_ | POLLRDNORM_;
		h = ep->rdl_head;
		rdllist_remove(s, ep, epi);
	}
	return 0;
}

/* ---- the end of a file ------------------------------------------------------------------------------------------ */

void eventpoll_release(struct sim *s, struct file *file)
{
	const hnd self = pool_handle(s, POOL_FILE, file);

	FN(eventpoll_release, file->host, file);
	for (u16 i = 0; i < MAX_EPITEM; i++)
		if (i < s->w->pool[POOL_EPITEM].high && s->w->epitem[i].live && s->w->epitem[i].file == self)
			ep_remove(s, &s->w->epitem[i]);
}

void ep_eventpoll_release(struct sim *s, struct file *file)
{
	struct eventpoll *ep = eventpoll_at(s, file->ep_);

	FN(ep_eventpoll_release, file->host, file);
	for (u16 i = 0; i < MAX_EPITEM; i++)
		if (i < s->w->pool[POOL_EPITEM].high && s->w->epitem[i].live && s->w->epitem[i].ep == file->ep_)
			ep_remove(s, &s->w->epitem[i]);
	pool_free(s, POOL_EVENTPOLL, ep);
}
