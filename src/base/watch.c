/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for a file to be written, by its folder: editors put a new file in its place. */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/file.h"

static enum status refuse(struct err *err, const char *path)
{
	err_place(err, path, 0, 0);
	return err_set(err, ST_WRONG, "cannot be watched: %s", strerror(errno));
}

enum status file_watch_begin(struct file_watch *w, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	struct buf folder = BUF_INIT;
	int wd;

	*w = (struct file_watch){ .path = path, .fd = inotify_init1(IN_CLOEXEC) };
	if (slash)
		buf_add(&folder, path, (size_t)(slash - path) + 1);
	else
		buf_puts(&folder, ".");
	wd = w->fd < 0 ? -1 : inotify_add_watch(w->fd, buf_str(&folder), IN_CLOSE_WRITE | IN_MOVED_TO);
	buf_release(&folder);
	return wd < 0 ? refuse(err, path) : ST_OK;
}

/* Whether one of the events that were read is about the file. */
static bool is_about(const struct file_watch *w, const char *events, size_t len)
{
	const char *slash = strrchr(w->path, '/');
	const char *name = slash ? slash + 1 : w->path;

	for (size_t at = 0; at < len;) {
		struct inotify_event ev;

		memcpy(&ev, events + at, sizeof(ev));
		if (ev.len && strcmp(events + at + sizeof(ev), name) == 0)
			return true;
		at += sizeof(ev) + ev.len;
	}
	return false;
}

enum status file_watch_wait(struct file_watch *w, struct err *err)
{
	char events[4096];

	for (;;) {
		const ssize_t n = read(w->fd, events, sizeof(events));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return refuse(err, w->path);
		if (is_about(w, events, (size_t)n))
			return ST_OK;
	}
}

void file_watch_end(struct file_watch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}
