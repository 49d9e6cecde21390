/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _XOPEN_SOURCE 700
#include "base/place.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool place_of_program(const char *name, struct buf *path)
{
	/* a build of its own lies two folders below the checkout: build/NAME/finwait */
	static const char *const ways[] = { "", "../share/finwait/", "../../" };
	const size_t start = path->len;
	char own[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own));
	struct stat st;

	while (n > 0 && own[n - 1] != '/')
		n--;
	for (size_t i = 0; n > 0 && i < ARRAY_LEN(ways); i++) {
		buf_truncate(path, start);
		buf_add(path, own, (size_t)n);
		buf_puts(path, ways[i]);
		buf_puts(path, name);
		if (stat(buf_str(path), &st) == 0)
			return true;
	}
	buf_truncate(path, start);
	return false;
}

/*
 * The folders of `path` behind its first `from` bytes, as far as they are missing. One that cannot be made is found out by
 * whoever writes there.
 */
static void make_folders(const char *path, size_t from)
{
	struct buf folder = BUF_INIT;

	for (size_t n = from; path[n];) {
		n += 1 + strcspn(path + n + 1, "/");
		buf_clear(&folder);
		buf_add(&folder, path, n);
		(void)mkdir(buf_str(&folder), 0700);
	}
	buf_release(&folder);
}

bool place_of_state(const char *name, struct buf *path)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	const bool own = state && state[0] == '/', there = own || (home && home[0] == '/');
	struct buf folder = BUF_INIT;

	if (there) {
		buf_printf(&folder, "%s%s/finwait", own ? state : home, own ? "" : "/.local/state");
		make_folders(buf_str(&folder), own ? 0 : strlen(home));
		buf_printf(path, "%s/%s", buf_str(&folder), name);
	}
	buf_release(&folder);
	return there;
}
