/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

#include <cmocka.h>

/* What has not come about by then will not: only a broken program waits so long. */
#define PATIENCE_MS 20000

/* ---- the screen ---------------------------------------------------------------------------------------------- */

static int on_property(VTermProp prop, VTermValue *val, void *user)
{
	struct terminal *t = user;

	if (prop == VTERM_PROP_ALTSCREEN)
		t->alternate = val->boolean;
	else if (prop == VTERM_PROP_CURSORVISIBLE)
		t->cursor_visible = val->boolean;
	return 1;
}

static void on_answer(const char *bytes, size_t n, void *user)
{
	const struct terminal *t = user;
	ssize_t written = write(t->fd, bytes, n);

	(void)written;
}

static size_t put_utf8(char *out, uint32_t c)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (n == 1) {
		out[0] = (char)c;
		return 1;
	}
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)((0xf00u >> n) | c);
	return n;
}

void terminal_row(const struct terminal *t, int row, char *out, size_t size)
{
	size_t n = 0, end = 0;
	VTermScreenCell cell;

	for (int col = 0; col < t->cols && n + 8 < size; col += cell.width > 0 ? cell.width : 1) {
		if (!vterm_screen_get_cell(t->screen, (VTermPos){ .row = row, .col = col }, &cell))
			break;
		n += put_utf8(out + n, cell.chars[0] && cell.chars[0] != (uint32_t)-1 ? cell.chars[0] : ' ');
		if (out[n - 1] != ' ')
			end = n;
	}
	out[end] = '\0';
}

static void take_text(struct terminal *t)
{
	size_t n = 0;

	for (int row = 0; row < t->rows && n + 2048 < sizeof(t->text); row++) {
		terminal_row(t, row, t->text + n, sizeof(t->text) - n);
		n += strlen(t->text + n);
		t->text[n++] = '\n';
	}
	t->text[n] = '\0';
}

/* ---- the program --------------------------------------------------------------------------------------------- */

static void run(const char *term, char *const argv[])
{
	char home[] = "HOME=/nonexistent", lang[32], path[] = "PATH=/usr/bin:/bin";
	char name[64], state[512], runtime[512], colour[64], ground[64];
	char *env[] = { home, lang, path, name, state, runtime, colour, ground, NULL };
	const char *folder = getenv("TTY_STATE"), *none = getenv("NO_COLOR"), *locale = getenv("TTY_LOCALE");
	const char *pair = getenv("TTY_COLOURS");

	snprintf(lang, sizeof(lang), "LC_ALL=%s", locale ? locale : "C.UTF-8");
	snprintf(name, sizeof(name), "TERM=%s", term);
	snprintf(state, sizeof(state), "XDG_STATE_HOME=%s", folder ? folder : "");
	snprintf(runtime, sizeof(runtime), "XDG_RUNTIME_DIR=%s", folder ? folder : "");
	snprintf(colour, sizeof(colour), "NO_COLOR=%s", none ? none : "");
	snprintf(ground, sizeof(ground), "COLORFGBG=%s", pair ? pair : "");
	execve(argv[0], argv, env);
	_exit(127);
}

/* As much as goes into the terminal while nobody reads. */
static void stuff(void)
{
	const int flags = fcntl(STDOUT_FILENO, F_GETFL);
	static const char blanks[256] = { 0 };

	fcntl(STDOUT_FILENO, F_SETFL, flags | O_NONBLOCK);
	while (write(STDOUT_FILENO, blanks, sizeof(blanks)) > 0 || write(STDOUT_FILENO, blanks, 1) > 0)
		;
	fcntl(STDOUT_FILENO, F_SETFL, flags);
}

static struct terminal *start(const char *term, int rows, int cols, char *const argv[], bool stuffed)
{
	static const VTermScreenCallbacks callbacks = { .settermprop = on_property };
	struct winsize ws = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };
	struct terminal *t = calloc(1, sizeof(*t));
	int slave;

	assert_non_null(t);
	t->rows = rows;
	t->cols = cols;
	t->cursor_visible = true;
	t->vt = vterm_new(rows, cols);
	vterm_set_utf8(t->vt, 1);
	t->screen = vterm_obtain_screen(t->vt);
	vterm_screen_set_callbacks(t->screen, &callbacks, t);
	vterm_screen_enable_altscreen(t->screen, 1);
	vterm_screen_reset(t->screen, 1);
	vterm_output_set_callback(t->vt, on_answer, t);
	if (openpty(&t->fd, &slave, NULL, NULL, &ws) != 0)
		skip(); /* a machine without terminals */
	assert_int_equal(tcgetattr(t->fd, &t->before), 0);
	t->pid = fork();
	assert_true(t->pid >= 0);
	if (t->pid == 0) {
		close(t->fd);
		login_tty(slave);
		if (stuffed)
			stuff();
		run(term, argv);
	}
	close(slave);
	return t;
}

struct terminal *terminal_start(const char *term, int rows, int cols, char *const argv[])
{
	return start(term, rows, cols, argv, false);
}

struct terminal *terminal_start_stuffed(const char *term, int rows, int cols, char *const argv[])
{
	return start(term, rows, cols, argv, true);
}

void terminal_free(struct terminal *t)
{
	if (!t->ended) {
		kill(t->pid, SIGKILL);
		waitpid(t->pid, &t->status, 0);
	}
	close(t->fd);
	vterm_free(t->vt);
	free(t);
}

/* ---- waiting ------------------------------------------------------------------------------------------------- */

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* What the program has written by now, or writes within `wait` ms. False: nothing came. */
static bool take_output(struct terminal *t, long wait)
{
	struct pollfd from = { .fd = t->fd, .events = POLLIN };
	char bytes[65536];
	ssize_t n;

	if (poll(&from, 1, (int)(wait < 0 ? 0 : wait)) <= 0)
		return false;
	n = read(t->fd, bytes, sizeof(bytes));
	if (n <= 0)
		return false;
	vterm_input_write(t->vt, bytes, (size_t)n);
	vterm_screen_flush_damage(t->screen);
	return true;
}

static bool stands(struct terminal *t, const char *text)
{
	take_text(t);
	return strstr(t->text, text) != NULL;
}

static void wait_for(struct terminal *t, const char *text, bool there)
{
	const long end = now_ms() + PATIENCE_MS;

	while (stands(t, text) != there) {
		if (now_ms() >= end)
			fail_msg("%s on the screen: %s\n%s", there ? "not" : "still", text, t->text);
		if (!take_output(t, 100) && waitpid(t->pid, &t->status, WNOHANG) == t->pid) {
			t->ended = true;
			while (take_output(t, PATIENCE_MS))
				;
			if (stands(t, text) != there)
				fail_msg("ended, %s on the screen: %s\n%s", there ? "not" : "still", text, t->text);
		}
	}
}

void terminal_shows(struct terminal *t, const char *text)
{
	wait_for(t, text, true);
}

void terminal_hides(struct terminal *t, const char *text)
{
	wait_for(t, text, false);
}

void terminal_type(struct terminal *t, const char *text)
{
	assert_int_equal(write(t->fd, text, strlen(text)), (ssize_t)strlen(text));
}

void terminal_resize(struct terminal *t, int rows, int cols)
{
	struct winsize ws = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };

	t->rows = rows;
	t->cols = cols;
	vterm_set_size(t->vt, rows, cols);
	assert_int_equal(ioctl(t->fd, TIOCSWINSZ, &ws), 0);
}

void terminal_ends(struct terminal *t)
{
	const long end = now_ms() + PATIENCE_MS;

	while (!t->ended) {
		take_output(t, 20);
		t->ended = waitpid(t->pid, &t->status, WNOHANG) == t->pid;
		if (!t->ended && now_ms() >= end) {
			take_text(t);
			fail_msg("it does not end\n%s", t->text);
		}
	}
	/* what it wrote last may still be on its way; with the program's side closed, the end is seen at once */
	while (take_output(t, PATIENCE_MS))
		;
}

void terminal_is_raw(struct terminal *t)
{
	const long end = now_ms() + PATIENCE_MS;
	struct termios now;

	do {
		poll(NULL, 0, 1);
		assert_int_equal(tcgetattr(t->fd, &now), 0);
		assert_true(now_ms() < end);
	} while (now.c_lflag & ICANON);
}

void terminal_ends_unread(struct terminal *t)
{
	struct pollfd child = { .fd = (int)syscall(SYS_pidfd_open, t->pid, 0), .events = POLLIN };

	if (child.fd < 0)
		skip(); /* an old kernel */
	assert_int_equal(poll(&child, 1, PATIENCE_MS), 1);
	close(child.fd);
	t->ended = waitpid(t->pid, &t->status, 0) == t->pid;
}

bool terminal_restored(struct terminal *t)
{
	struct termios now;

	/* of a pty, Linux gives the other side's modes at the master */
	if (tcgetattr(t->fd, &now) != 0)
		return false;
	return now.c_iflag == t->before.c_iflag && now.c_oflag == t->before.c_oflag && now.c_lflag == t->before.c_lflag &&
	       now.c_cflag == t->before.c_cflag && memcmp(now.c_cc, t->before.c_cc, sizeof(now.c_cc)) == 0;
}
