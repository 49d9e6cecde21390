/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term/notes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/utf8.h"

/* The socket's address, in the runtime folder. False: there is none, or its name is too long for a socket. */
static bool find_address(struct sockaddr_un *address)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	int n;

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (!folder || folder[0] != '/')
		return false;
	n = snprintf(address->sun_path, sizeof(address->sun_path), "%s/finwait-notes", folder);
	return n > 0 && (size_t)n < sizeof(address->sun_path);
}

static int connected(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0) {
		const int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/* What a demo that crashed left there is taken away; one that is being played keeps it. */
static bool make_room(const struct sockaddr_un *address)
{
	struct stat st;
	int fd = connected(address);

	if (fd >= 0) {
		close(fd);
		return false;
	}
	if (errno == ECONNREFUSED && lstat(address->sun_path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(address->sun_path);
	return true;
}

void notes_begin(struct notes *n)
{
	struct sockaddr_un address;
	mode_t mask;

	*n = (struct notes){ .listening = -1 };
	for (int i = 0; i < NOTES_READERS; i++)
		n->reader[i] = -1;
	if (!find_address(&address) || !make_room(&address))
		return;
	n->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (n->listening < 0)
		return;
	/* of mode 0600 from its first moment */
	mask = umask(0177);
	if (bind(n->listening, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(n->listening, NOTES_READERS) != 0) {
		close(n->listening);
		n->listening = -1;
	} else {
		buf_puts(&n->path, address.sun_path);
	}
	umask(mask);
}

void notes_end(struct notes *n)
{
	for (int i = 0; i < NOTES_READERS; i++)
		if (n->reader[i] >= 0)
			close(n->reader[i]);
	if (n->listening >= 0) {
		close(n->listening);
		unlink(buf_str(&n->path));
	}
	buf_release(&n->path);
	buf_release(&n->told);
}

/* Never waits: a reader that does not read is let go. */
static void tell_one(struct notes *n, int i)
{
	if (send(n->reader[i], buf_str(&n->told), n->told.len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)n->told.len)
		return;
	close(n->reader[i]);
	n->reader[i] = -1;
}

void notes_tell(struct notes *n, const char *text)
{
	if (n->listening < 0 || strcmp(buf_str(&n->told), text) == 0)
		return;
	buf_clear(&n->told);
	buf_puts(&n->told, text);
	for (int i = 0; i < NOTES_READERS; i++)
		if (n->reader[i] >= 0)
			tell_one(n, i);
}

void notes_let_in(struct notes *n)
{
	int fd = accept4(n->listening, NULL, NULL, SOCK_CLOEXEC);

	for (int i = 0; fd >= 0 && i < NOTES_READERS; i++)
		if (n->reader[i] < 0) {
			n->reader[i] = fd;
			tell_one(n, i);
			return;
		}
	if (fd >= 0)
		close(fd);
}

/* How wide the terminal is that is written to; without one lines stay as they are. */
static size_t columns_now(void)
{
	struct winsize ws;

	return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col ? ws.ws_col : SIZE_MAX;
}

/* A line, in as many as it takes, parted between words. */
static void put_line(const char *text, size_t len, size_t width)
{
	size_t columns = 0;

	while (len) {
		size_t w;
		const size_t n = utf8_piece(text, len, &w);
		const size_t blanks = strspn(text, " ") < n ? strspn(text, " ") : n;

		if (columns && columns + w > width) {
			putchar('\n');
			columns = 0;
		}
		fwrite(text + (columns ? 0 : blanks), 1, n - (columns ? 0 : blanks), stdout);
		columns += w - (columns ? 0 : blanks);
		text += n;
		len -= n;
	}
	putchar('\n');
}

/* The whole lines of what has come so far. */
static void put_lines(struct buf *come)
{
	const size_t width = columns_now();
	const char *at = buf_str(come), *end;
	size_t rest;

	while ((end = strchr(at, '\n')) != NULL) {
		put_line(at, (size_t)(end - at), width);
		at = end + 1;
	}
	rest = strlen(at);
	if (rest)
		memmove(come->data, at, rest);
	buf_truncate(come, rest);
}

int notes_follow(void)
{
	struct sockaddr_un address;
	struct buf come = BUF_INIT;
	char bytes[4096];
	ssize_t n;
	int fd;

	if (!find_address(&address)) {
		fputs("finwait notes: there is no runtime folder: XDG_RUNTIME_DIR does not name one\n", stderr);
		return 2;
	}
	fd = connected(&address);
	if (fd < 0) {
		fputs("finwait notes: no demo is being played: finwait play FILE.fw in another terminal\n", stderr);
		return 2;
	}
	while ((n = read(fd, bytes, sizeof(bytes))) > 0 || (n < 0 && errno == EINTR)) {
		buf_add(&come, bytes, n > 0 ? (size_t)n : 0);
		put_lines(&come);
		if (fflush(stdout) != 0)
			break;
	}
	buf_release(&come);
	close(fd);
	return 0;
}
