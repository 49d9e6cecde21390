/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _XOPEN_SOURCE 700
#include "base/place.h"

#include <errno.h>
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

static bool make_folder(const char *path)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

bool place_of_state(const char *name, struct buf *path)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	struct buf b = BUF_INIT;
	bool there = true;

	if (state && state[0] == '/') {
		buf_puts(&b, state);
		there = make_folder(buf_str(&b));
	} else if (home && home[0] == '/') {
		buf_printf(&b, "%s/.local", home);
		there = make_folder(buf_str(&b));
		buf_puts(&b, "/state");
		there = there && make_folder(buf_str(&b));
	} else {
		there = false;
	}
	buf_puts(&b, "/finwait");
	there = there && make_folder(buf_str(&b));
	if (there)
		buf_printf(path, "%s/%s", buf_str(&b), name);
	buf_release(&b);
	return there;
}
