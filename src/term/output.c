/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

/* How long a terminal may take for the last bytes, in ms. */
#define LAST_MS 200

/* Another open file of the same terminal: O_NONBLOCK on standard output would be the shell's as well. */
static int open_terminal(void)
{
	char name[64];

	if (ttyname_r(STDOUT_FILENO, name, sizeof(name)) != 0)
		return -1;
	return open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

bool output_begin(struct output *o)
{
	int memory = memfd_create("screen", MFD_CLOEXEC);

	*o = (struct output){ .tty = open_terminal() };
	o->file = memory < 0 ? NULL : fdopen(memory, "w");
	if (!o->file && memory >= 0)
		close(memory);
	return tcgetattr(STDIN_FILENO, &o->cooked) == 0 && o->file;
}

void output_end(struct output *o)
{
	if (o->file) {
		output_drain(o);
		fclose(o->file);
	}
	if (o->tty >= 0)
		close(o->tty);
	buf_release(&o->bytes);
}

void output_raw(struct output *o)
{
	struct termios raw = o->cooked;

	cfmakeraw(&raw);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

void output_cooked(struct output *o)
{
	tcsetattr(STDIN_FILENO, TCSANOW, &o->cooked);
}

void output_puts(struct output *o, const char *text)
{
	buf_puts(&o->bytes, text);
}

void output_forget(struct output *o)
{
	fflush(o->file);
	lseek(fileno(o->file), 0, SEEK_SET);
}

/* What curses has written since. The file is written over from its beginning, which costs less than cutting it. */
void output_take(struct output *o)
{
	const int memory = fileno(o->file);
	off_t written;
	ssize_t n;

	fflush(o->file);
	written = lseek(memory, 0, SEEK_CUR);
	if (written <= 0)
		return;
	n = pread(memory, buf_reserve(&o->bytes, (size_t)written), (size_t)written, 0);
	if (n > 0) {
		o->bytes.len += (size_t)n;
		o->bytes.data[o->bytes.len] = '\0';
	}
	lseek(memory, 0, SEEK_SET);
}

void output_push(struct output *o)
{
	const int fd = o->tty >= 0 ? o->tty : STDOUT_FILENO;

	output_take(o);
	while (output_behind(o)) {
		ssize_t n = write(fd, o->bytes.data + o->sent, o->bytes.len - o->sent);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0)
			break; /* the terminal is gone: reading from it says so too */
		o->sent += (size_t)n;
	}
	o->sent = 0;
	buf_clear(&o->bytes);
}

void output_drain(struct output *o)
{
	struct pollfd out = { .fd = o->tty, .events = POLLOUT };

	output_push(o);
	while (output_behind(o) && poll(&out, 1, LAST_MS) > 0 && !(out.revents & (POLLERR | POLLHUP)))
		output_push(o);
}

/* ---- standard error ------------------------------------------------------------------------------------------ */

static int real_stderr = -1;

void errors_keep(void)
{
	int memory = memfd_create("errors", MFD_CLOEXEC);

	real_stderr = memory < 0 ? -1 : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (real_stderr >= 0)
		dup2(memory, STDERR_FILENO);
	if (memory >= 0)
		close(memory);
}

void errors_tell(void)
{
	char text[512];
	off_t at = 0;
	ssize_t n;

	if (real_stderr < 0)
		return;
	while ((n = pread(STDERR_FILENO, text, sizeof(text), at)) > 0) {
		if (write(real_stderr, text, (size_t)n) < 0)
			break;
		at += n;
	}
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	real_stderr = -1;
}
