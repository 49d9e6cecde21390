/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The real program in a real terminal. The program is $FINWAIT. */
#include "terminal.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char program[4096];

static struct terminal *start(const char *term, int rows, int cols)
{
	char *const argv[] = { program, NULL };

	return terminal_start(term, rows, cols, argv);
}

/* Ends by itself with status 0, and leaves the terminal as it was. */
static void ends_well(struct terminal *t)
{
	terminal_ends(t);
	assert_true(WIFEXITED(t->status));
	assert_int_equal(WEXITSTATUS(t->status), 0);
	assert_true(terminal_restored(t));
	assert_false(t->alternate);
	assert_true(t->cursor_visible);
	terminal_free(t);
}

/* ---- using it ------------------------------------------------------------------------------------------------ */

static void t_close_deliver_quit(void **state)
{
	struct terminal *t = start("xterm-256color", 24, 80);

	(void)state;
	terminal_shows(t, "A 10.0.0.1:40000");
	terminal_shows(t, "type: close A");
	assert_true(t->alternate);
	terminal_type(t, "close A\r");
	terminal_shows(t, "ESTABLISHED \xe2\x96\xb8 FIN_WAIT1");
	terminal_shows(t, "#4 F. 1:1(0) ack 1 \xe2\x96\xb6");
	terminal_type(t, "deliver\r");
	terminal_shows(t, "ESTABLISHED \xe2\x96\xb8 CLOSE_WAIT");
	terminal_shows(t, "nothing is in flight");
	/* a mistake is told and nothing is lost */
	terminal_type(t, "clse A\r");
	terminal_shows(t, "there is no command `clse` (did you mean `close`?)");
	terminal_type(t, "quit\r");
	ends_well(t);
}

static void t_completion_and_hints(void **state)
{
	struct terminal *t = start("xterm-256color", 24, 80);

	(void)state;
	terminal_shows(t, "A>");
	terminal_type(t, "clo");
	terminal_shows(t, "A> clo  close [A[:FD]]");
	terminal_type(t, "\t");
	terminal_shows(t, "A> close ");
	terminal_type(t, "A\r");
	terminal_shows(t, "FIN_WAIT1");
	terminal_type(t, "de\t\t");
	terminal_shows(t, "delay    deliver");
	/* Esc closes the menu, and no more */
	terminal_type(t, "\x1b");
	terminal_hides(t, "delay    deliver");
	terminal_type(t, "\t");
	terminal_shows(t, "delay    deliver");
	terminal_type(t, "l\t");
	terminal_hides(t, "delay    deliver");
	terminal_type(t, "\x15sysctl \t");
	terminal_shows(t, "more rows: type a letter");
	terminal_type(t, "\x15" "deli\t");
	terminal_shows(t, "A> deliver ");
	terminal_hides(t, "delay    deliver");
	terminal_type(t, "\x15\x04");
	ends_well(t);
}

static void t_history_is_kept(void **state)
{
	char folder[] = "/tmp/tty.XXXXXX", path[256];
	struct terminal *t;

	(void)state;
	assert_non_null(mkdtemp(folder));
	setenv("TTY_STATE", folder, 1);
	t = start("xterm-256color", 24, 80);
	terminal_shows(t, "A>");
	terminal_type(t, "close A\rsend B 10\r");
	terminal_shows(t, "#5 P. 1:11(10)");
	terminal_type(t, "\x1b[A");
	terminal_shows(t, "> send B 10");
	terminal_type(t, "\x1bOA"); /* the other spelling of the same key */
	terminal_shows(t, "> close A");
	terminal_type(t, "\x15quit\r");
	ends_well(t);
	t = start("xterm-256color", 24, 80);
	terminal_shows(t, "A>");
	terminal_type(t, "\x12" "clo");
	terminal_shows(t, "bck:clo");
	terminal_shows(t, "> close A");
	terminal_type(t, "\r");
	terminal_shows(t, "ESTABLISHED \xe2\x96\xb8 FIN_WAIT1");
	terminal_type(t, "\x04");
	ends_well(t);
	unsetenv("TTY_STATE");
	snprintf(path, sizeof(path), "%s/finwait/history", folder);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/finwait", folder);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void t_time(void **state)
{
	struct terminal *t = start("tmux-256color", 36, 120);

	(void)state;
	terminal_shows(t, "A>");
	terminal_type(t, "close A\rdeliver\r");
	terminal_shows(t, "point 2/2");
	terminal_type(t, "\x1b[D");
	terminal_shows(t, "point 1/2");
	terminal_shows(t, "ESTABLISHED \xe2\x96\xb8 FIN_WAIT1");
	terminal_type(t, "\x1b[D\x1b[D");
	terminal_shows(t, "this is where the session begins");
	terminal_type(t, "\x1b[1;3C\x1b[1;2C"); /* moment by moment */
	terminal_shows(t, "point 2/2");
	/* with text in the line the arrows are for that */
	terminal_type(t, "show\x1b[D\x1b[DX");
	terminal_shows(t, "A> shXow");
	terminal_type(t, "\x03");
	terminal_hides(t, "A> shXow");
	terminal_shows(t, "point 2/2");
	terminal_type(t, "quit\r");
	ends_well(t);
}

static void t_panes(void **state)
{
	struct terminal *t = start("xterm-256color", 24, 80);

	(void)state;
	terminal_shows(t, "nothing moves until you say so");
	terminal_type(t, "close A\r");
	terminal_shows(t, "sys_close");
	terminal_type(t, "\x1bOR"); /* F3 */
	terminal_shows(t, "|-----");
	terminal_type(t, "\x1b[15~"); /* F5 */
	terminal_shows(t, "FN_SK(");
	terminal_type(t, "\x1b[18~"); /* F7 */
	terminal_shows(t, "file_close_fd");
	terminal_type(t, "\x1b[19~"); /* F8 */
	terminal_shows(t, "TcpOutSegs");
	terminal_type(t, "\x1bOQ"); /* F2 */
	terminal_shows(t, "1-8 of");
	terminal_type(t, "\x1b[6~\x1b[6~");
	terminal_shows(t, "11-18 of");
	terminal_type(t, "\x1b[5~");
	terminal_shows(t, "6-13 of");
	terminal_type(t, "\x1b[24~"); /* F12: the whole screen */
	terminal_hides(t, "wire ");
	terminal_type(t, "\x1b"); /* and back */
	terminal_shows(t, "wire ");
	/* keys that mean nothing leave no text behind */
	terminal_type(t, "\x1b[2~\x1b[23~\x1b[1;5P\x1b[99;99~\x1b[M");
	terminal_type(t, "view log\r");
	terminal_shows(t, "A> close A");
	terminal_type(t, "quit\r");
	ends_well(t);
}

static void t_text(void **state)
{
	struct terminal *t = start("xterm-256color", 24, 80);
	char row[512];

	(void)state;
	terminal_shows(t, "A>");
	terminal_type(t, "send A \"\xe6\xbc\xa2\xe5\xad\x97\"");
	terminal_shows(t, "A> send A \"\xe6\xbc\xa2\xe5\xad\x97\"");
	/* in the middle of wide ones, and half a character at a time */
	terminal_type(t, "\x1b[D\x1b[D\xe7\x82");
	terminal_type(t, "\xba");
	terminal_shows(t, "A> send A \"\xe6\xbc\xa2\xe7\x82\xba\xe5\xad\x97\"");
	terminal_type(t, "\r");
	terminal_shows(t, "P. 1:10(9) ack 1");
	/* a paste is text, whatever it holds */
	terminal_type(t, "\x1b[200~close\tA\nnow\x1b[201~");
	terminal_shows(t, "A> close A; now");
	terminal_type(t, "\x03");
	terminal_hides(t, "A> close A; now");
	/* a paste whose end comes in pieces, and one whose end never comes */
	terminal_type(t, "\x1b[200~show A\n\x1b");
	terminal_type(t, "[201~");
	terminal_shows(t, "A> show A");
	terminal_type(t, "\x15");
	terminal_hides(t, "A> show A");
	terminal_type(t, "abc");
	terminal_shows(t, "A> abc");
	terminal_type(t, "\x1b[200~lost");
	terminal_type(t, "\x03");
	terminal_hides(t, "A> abc");
	terminal_type(t, "here");
	terminal_shows(t, "A> here");
	terminal_type(t, "\x15");
	/* longer than the window and longer than what is taken */
	for (int i = 0; i < 60; i++)
		terminal_type(t, "abcdefghij");
	terminal_type(t, "!");
	terminal_shows(t, "abcdefghij");
	terminal_row(t, 22, row, sizeof(row));
	assert_true(strlen(row) <= 80);
	terminal_type(t, "\x15quit\r");
	ends_well(t);
}

/* The colour of the cell where `text` begins; -1 when it is the terminal's own. */
static int colour_at(struct terminal *t, const char *text)
{
	char row[2048];

	for (int i = 0; i < t->rows; i++) {
		const char *at;
		VTermScreenCell cell;
		int col = 0;

		terminal_row(t, i, row, sizeof(row));
		at = strstr(row, text);
		if (!at)
			continue;
		for (const char *p = row; p < at; p++)
			col += ((unsigned char)*p & 0xc0) != 0x80;
		vterm_screen_get_cell(t->screen, (VTermPos){ .row = i, .col = col }, &cell);
		return VTERM_COLOR_IS_INDEXED(&cell.fg) ? cell.fg.indexed.idx : -1;
	}
	fail_msg("not on the screen: %s", text);
	return -1;
}

static void t_themes(void **state)
{
	struct terminal *t = start("xterm-256color", 24, 80);

	(void)state;
	terminal_shows(t, "A>");
	assert_int_equal(colour_at(t, "A 10.0.0.1"), 39);
	assert_int_equal(colour_at(t, "B 10.0.0.2"), 208);
	terminal_type(t, "theme light\rview log\r");
	terminal_shows(t, "A> view log");
	assert_int_equal(colour_at(t, "A 10.0.0.1"), 25);
	terminal_type(t, "theme mono\rview why\r");
	terminal_hides(t, "A> view log");
	assert_int_equal(colour_at(t, "A 10.0.0.1"), -1);
	terminal_type(t, "theme bold\rview log\r");
	terminal_shows(t, "A> theme bold");
	assert_int_equal(colour_at(t, "B 10.0.0.2"), 214);
	terminal_type(t, "theme loud\r");
	terminal_shows(t, "dark, light, bold or mono");
	terminal_type(t, "quit\r");
	ends_well(t);
	setenv("NO_COLOR", "1", 1);
	t = start("xterm-256color", 24, 80);
	terminal_shows(t, "A>");
	assert_int_equal(colour_at(t, "A 10.0.0.1"), -1);
	unsetenv("NO_COLOR");
	terminal_type(t, "quit\r");
	ends_well(t);
	setenv("TTY_COLOURS", "0;15", 1);
	t = start("xterm-256color", 24, 80);
	terminal_shows(t, "A>");
	assert_int_equal(colour_at(t, "A 10.0.0.1"), 25);
	unsetenv("TTY_COLOURS");
	terminal_type(t, "quit\r");
	ends_well(t);
}

/* From the screen to lines and back, with the session going on. */
static void t_screen_off_and_on(void **state)
{
	struct terminal *t = start("xterm-256color", 24, 80);

	(void)state;
	terminal_shows(t, "A>");
	terminal_type(t, "view why\rclose A\rset screen=off; show A.sk_shutdown\r");
	terminal_hides(t, "wire ");
	terminal_shows(t, "A.sk_shutdown = RCV|SEND"); /* what stood on the screen that went */
	terminal_type(t, "show A.state\r");
	terminal_shows(t, "A.state = FIN_WAIT1");
	assert_false(t->alternate);
	/* how it looks can be chosen meanwhile; what is to be seen now cannot */
	terminal_type(t, "theme bold\rspeed off\rview tools\r");
	terminal_shows(t, "the screen is off: `set screen=on` first");
	terminal_type(t, "deliver\r");
	terminal_shows(t, "B  ESTABLISHED -> CLOSE_WAIT");
	terminal_type(t, "set screen=on\r");
	terminal_shows(t, "ESTABLISHED \xe2\x96\xb8 CLOSE_WAIT");
	assert_true(t->alternate);
	/* what was chosen is as it was, and the log has what was in it */
	terminal_shows(t, " why ");
	assert_int_equal(colour_at(t, "A 10.0.0.1"), 45);
	terminal_type(t, "view log\r");
	terminal_shows(t, "A> close A");
	terminal_type(t, "set screen=off; layout tools; set screen=on\r");
	terminal_shows(t, " tools ");
	terminal_type(t, "quit\r");
	ends_well(t);
}

/* ---- the terminal's own ways --------------------------------------------------------------------------------- */

static void t_resize(void **state)
{
	static const struct {
		int rows, cols;
	} sizes[] = { { 36, 120 }, { 16, 60 }, { 50, 200 }, { 24, 80 }, { 1, 1 }, { 5, 200 }, { 60, 30 }, { 24, 80 } };
	struct terminal *t = start("xterm-256color", 24, 80);

	(void)state;
	terminal_shows(t, "A>");
	terminal_type(t, "close A\rdeli");
	terminal_shows(t, "A> deli");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		terminal_resize(t, sizes[i].rows, sizes[i].cols);
		if (sizes[i].rows >= 16 && sizes[i].cols >= 60) {
			terminal_shows(t, "A> deli");
			terminal_shows(t, "ESTABLISHED \xe2\x96\xb8 FIN_WAIT1");
		} else if (sizes[i].cols >= 30) {
			terminal_shows(t, "finwait needs 60x16");
		}
	}
	/* typing goes on where it was, unseen too */
	terminal_resize(t, 10, 40);
	terminal_shows(t, "this is 40x10");
	terminal_type(t, "ver\r");
	terminal_resize(t, 24, 80);
	terminal_shows(t, "CLOSE_WAIT");
	terminal_type(t, "quit\r");
	ends_well(t);
}

static void t_interrupt(void **state)
{
	struct terminal *t = start("xterm-256color", 24, 80);

	(void)state;
	terminal_shows(t, "A>");
	terminal_type(t, "close A");
	terminal_shows(t, "A> close A");
	/* what is typed behind Ctrl-C before it was seen goes with it */
	terminal_type(t, "\x03");
	terminal_hides(t, "A> close A");
	terminal_type(t, "\x12" "abc");
	terminal_shows(t, "bck");
	terminal_type(t, "\x03");
	terminal_hides(t, "bck");
	terminal_type(t, "send A 5");
	terminal_shows(t, "A> send A 5");
	kill(t->pid, SIGINT);
	terminal_hides(t, "send A 5");
	terminal_type(t, "\x04");
	ends_well(t);
}

/* A resize in the middle of a motion lets it go on; any key, Ctrl-C too, ends it, and Ctrl-C then leaves the line alone. */
static void t_moving(void **state)
{
	struct terminal *t = start("xterm-256color", 36, 120);

	(void)state;
	terminal_shows(t, "A>");
	terminal_type(t, "speed 0.1x\r"); /* seconds, were it not ended */
	terminal_type(t, "close A\r");
	terminal_shows(t, "calls \xe2\x96\xb8 ");
	terminal_resize(t, 24, 80);
	terminal_shows(t, "calls \xe2\x96\xb8 ");
	terminal_resize(t, 5, 30);
	terminal_shows(t, "finwait needs 60x16");
	terminal_resize(t, 50, 200);
	terminal_shows(t, "\xe2\x94\x80 wire ");
	terminal_type(t, "\x03");
	terminal_shows(t, "ESTABLISHED \xe2\x96\xb8 FIN_WAIT1");
	terminal_shows(t, "orphan (SOCK_DEAD)");
	terminal_hides(t, "calls \xe2\x96\xb8 ");
	terminal_type(t, "deliver\r");
	terminal_type(t, "clo"); /* the first key ends the motion and is not lost */
	terminal_shows(t, "A> clo");
	terminal_shows(t, "ESTABLISHED \xe2\x96\xb8 CLOSE_WAIT");
	terminal_type(t, "\x03");
	terminal_hides(t, "A> clo");
	terminal_type(t, "quit\r");
	ends_well(t);
}

static void t_stop_and_continue(void **state)
{
	char bash[] = "/bin/bash", norc[] = "--norc", noprofile[] = "--noprofile", interactive[] = "-i";
	char *const argv[] = { bash, norc, noprofile, interactive, NULL };
	struct terminal *t = terminal_start("xterm-256color", 24, 80, argv);

	(void)state;
	terminal_type(t, "PS1='ready: '\r");
	terminal_shows(t, "ready: ");
	terminal_type(t, program);
	terminal_type(t, "\r");
	terminal_shows(t, "A 10.0.0.1:40000");
	terminal_type(t, "clo");
	terminal_shows(t, "A> clo");
	terminal_type(t, "\x1a");
	terminal_shows(t, "Stopped");
	assert_false(t->alternate);
	/* the window changes while it does not run */
	terminal_resize(t, 36, 120);
	terminal_type(t, "fg\r");
	terminal_shows(t, "A> clo");
	terminal_shows(t, "wire");
	assert_true(t->alternate);
	terminal_type(t, "se A\r");
	terminal_shows(t, "ESTABLISHED \xe2\x96\xb8 FIN_WAIT1");
	terminal_type(t, "quit\r");
	terminal_shows(t, "ready: ");
	terminal_type(t, "exit\r");
	ends_well(t);
}

/* What comes after it has all rows to scroll in, whatever size the environment claims. */
static void t_rows_left_behind(void **state)
{
	char sh[] = "/bin/sh", c[] = "-c", line[sizeof(program) + 64];
	char *const argv[] = { sh, c, line, NULL };
	struct terminal *t;
	char last[64];

	(void)state;
	snprintf(line, sizeof(line), "LINES=10 COLUMNS=20 %s; seq 101 190", program);
	t = terminal_start("linux", 40, 120, argv);
	terminal_shows(t, "A 10.0.0.1:40000");
	terminal_shows(t, "redo");
	terminal_type(t, "quit\r");
	terminal_shows(t, "190");
	terminal_row(t, 0, last, sizeof(last));
	assert_string_equal(last, "152");
	terminal_row(t, 38, last, sizeof(last));
	assert_string_equal(last, "190");
	ends_well(t);
}

static void t_terminated(void **state)
{
	static const int signals[] = { SIGTERM, SIGHUP };

	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct terminal *t = start("xterm-256color", 24, 80);

		terminal_shows(t, "A>");
		terminal_type(t, "close ");
		terminal_shows(t, "A> close ");
		kill(t->pid, signals[i]);
		ends_well(t);
	}
}

/* With the screen put off, signals are what they are for a program of lines. */
static void t_terminated_without_screen(void **state)
{
	struct terminal *t = start("xterm-256color", 24, 80);

	(void)state;
	terminal_shows(t, "A>");
	/* what is typed ahead is not lost */
	terminal_type(t, "set screen=off\rshow A.state\r");
	terminal_shows(t, "A.state = ESTABLISHED");
	kill(t->pid, SIGTERM);
	terminal_ends(t);
	assert_true(WIFSIGNALED(t->status));
	assert_int_equal(WTERMSIG(t->status), SIGTERM);
	terminal_free(t);
}

/* The modes and the screen come back even when the program does not know what hit it. */
static void t_crash(void **state)
{
	static const int signals[] = { SIGSEGV, SIGABRT, SIGFPE };

	(void)state;
	if (strstr(program, "asan")) /* the sanitizer takes these signals for itself */
		skip();
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct terminal *t = start("xterm-256color", 24, 80);

		terminal_shows(t, "A>");
		kill(t->pid, signals[i]);
		terminal_ends(t);
		assert_true(WIFSIGNALED(t->status));
		assert_int_equal(WTERMSIG(t->status), signals[i]);
		assert_true(terminal_restored(t));
		assert_false(t->alternate);
		assert_true(t->cursor_visible);
		terminal_free(t);
	}
}

/* A terminal that does not read (a frozen ssh) keeps the program neither from its keys nor from its signals. */
static void t_terminal_that_does_not_read(void **state)
{
	char *const argv[] = { program, NULL };
	struct terminal *t = terminal_start_stuffed("xterm-256color", 50, 200, argv);

	(void)state;
	terminal_is_raw(t);
	terminal_type(t, "close A\r");
	kill(t->pid, SIGTERM);
	terminal_ends_unread(t);
	assert_true(WIFEXITED(t->status));
	assert_int_equal(WEXITSTATUS(t->status), 0);
	assert_true(terminal_restored(t));
	terminal_free(t);
	/* when it reads again it sees how things are by then */
	t = terminal_start_stuffed("xterm-256color", 50, 200, argv);
	terminal_is_raw(t);
	terminal_type(t, "speed off\rclose A\rdeliver\r");
	terminal_shows(t, "ESTABLISHED \xe2\x96\xb8 CLOSE_WAIT");
	terminal_type(t, "quit\r");
	ends_well(t);
}

/* What a crash has to say is read when the screen has gone. */
static void t_last_words(void **state)
{
	const struct rlimit none = { 0, 0 };
	struct terminal *t;

	(void)state;
	if (strstr(program, "asan")) /* memory is another thing there */
		skip();
	t = start("xterm-256color", 24, 80);
	terminal_shows(t, "A>");
	assert_int_equal(prlimit(t->pid, RLIMIT_AS, &none, NULL), 0);
	terminal_resize(t, 200, 500);
	terminal_shows(t, "finwait: out of memory");
	terminal_ends(t);
	assert_true(WIFSIGNALED(t->status));
	assert_int_equal(WTERMSIG(t->status), SIGABRT);
	assert_true(terminal_restored(t));
	assert_false(t->alternate);
	terminal_free(t);
}

static void t_terminals(void **state)
{
	static const char *const screens[] = { "vt100", "linux", "xterm", "xterm-256color", "tmux-256color", "screen" };
	static const char *const lines[] = { "dumb", "no-such-terminal" };

	(void)state;
	for (size_t i = 0; i < sizeof(screens) / sizeof(screens[0]); i++) {
		struct terminal *t = start(screens[i], 24, 80);

		terminal_shows(t, "A 10.0.0.1:40000");
		terminal_type(t, "close A\r");
		terminal_shows(t, "ESTABLISHED \xe2\x96\xb8 FIN_WAIT1");
		terminal_type(t, "quit\r");
		ends_well(t);
	}
	setenv("NO_COLOR", "1", 1);
	for (size_t i = 0; i < 2; i++) {
		struct terminal *t = start(screens[3], 24, 80);

		terminal_shows(t, "A 10.0.0.1:40000");
		terminal_type(t, "quit\r");
		ends_well(t);
		unsetenv("NO_COLOR");
	}
	/* where the locale has nothing but ASCII, signs of it stand for the others */
	setenv("TTY_LOCALE", "C", 1);
	{
		struct terminal *t = start("vt100", 24, 80);

		terminal_shows(t, "+- A 10.0.0.1:40000 ");
		terminal_type(t, "close A\r");
		terminal_shows(t, "ESTABLISHED > FIN_WAIT1");
		terminal_shows(t, "sk_shutdown  # RCV  # SEND");
		terminal_shows(t, "sk_shutdown  . RCV  . SEND");
		terminal_shows(t, " o--@");
		terminal_type(t, "quit\r");
		ends_well(t);
	}
	unsetenv("TTY_LOCALE");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct terminal *t = start(lines[i], 24, 80);

		terminal_shows(t, "A>");
		terminal_type(t, "close A\r");
		terminal_shows(t, "A  ESTABLISHED -> FIN_WAIT1");
		assert_false(t->alternate);
		terminal_type(t, "quit\r");
		ends_well(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_close_deliver_quit), cmocka_unit_test(t_completion_and_hints),
		cmocka_unit_test(t_history_is_kept),	cmocka_unit_test(t_time),
		cmocka_unit_test(t_panes),		cmocka_unit_test(t_text),
		cmocka_unit_test(t_screen_off_and_on), cmocka_unit_test(t_themes),
		cmocka_unit_test(t_resize),		cmocka_unit_test(t_interrupt),
		cmocka_unit_test(t_moving),		cmocka_unit_test(t_stop_and_continue),	cmocka_unit_test(t_rows_left_behind),	cmocka_unit_test(t_terminated),
		cmocka_unit_test(t_crash),		cmocka_unit_test(t_last_words),		cmocka_unit_test(t_terminated_without_screen),		cmocka_unit_test(t_terminals),
		cmocka_unit_test(t_terminal_that_does_not_read),
	};
	const char *finwait = getenv("FINWAIT");

	if (!realpath(finwait ? finwait : "./finwait", program)) {
		fprintf(stderr, "there is no program to test\n");
		return 2;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
