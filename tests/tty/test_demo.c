/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Demos and recordings in a real terminal: keys, the presenter's notes over their socket, and that a recording shows
 * what was there.
 */
#include "terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

static char program[4096];
static char folder[] = "/tmp/demo.XXXXXX";

static const char script[] = "chapter \"One\"\nnote \"breathe, and wait until everybody has read what stands there\"\nsay \"first words\"\nclose A\nsay \"second words\"\n"
			     "chapter \"Two\"\nask \"FIN or RST?\" fin rst\ndeliver\nsay \"third "
			     "words\"\nprompt\nclose B\nsay \"last words\"\n";

static void path_of(char *out, size_t size, const char *name)
{
	snprintf(out, size, "%s/%s", folder, name);
}

static struct terminal *play(void)
{
	static char path[4096], verb[] = "play";
	char *const argv[] = { program, verb, path, NULL };
	FILE *f;

	path_of(path, sizeof(path), "x.fw");
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(script, f);
	fclose(f);
	return terminal_start("xterm-256color", 34, 110, argv);
}

static void ends_well(struct terminal *t)
{
	terminal_ends(t);
	assert_true(WIFEXITED(t->status));
	assert_int_equal(WEXITSTATUS(t->status), 0);
	assert_true(terminal_restored(t));
	assert_false(t->alternate);
	terminal_free(t);
}

/* A key that goes on, after one that ends what may still move: that is all the first key does then. */
static void go(struct terminal *t, const char *key)
{
	terminal_type(t, "x");
	terminal_type(t, key);
}

static void t_keys(void **state)
{
	struct terminal *t = play();

	(void)state;
	terminal_shows(t, "1/2  One");
	terminal_shows(t, "first words");
	go(t, " ");
	terminal_shows(t, "second words");
	terminal_shows(t, "FIN_WAIT1");
	/* PgUp of a clicker is a step back, to the state of then */
	terminal_type(t, "\x1b[5~");
	terminal_shows(t, "first words");
	terminal_hides(t, "FIN_WAIT1");
	go(t, "\x1b[6~");
	terminal_shows(t, "second words");
	go(t, ".");
	terminal_shows(t, "1 fin     2 rst");
	terminal_type(t, "2");
	terminal_shows(t, "\xe2\x96\xb8 2 rst");
	terminal_type(t, "[");
	terminal_shows(t, "first words");
	terminal_type(t, "]");
	terminal_shows(t, "FIN or RST?");
	terminal_type(t, "g1");
	terminal_shows(t, "go to stop 1");
	terminal_type(t, "\r");
	terminal_shows(t, "first words");
	/* the prompt, out of turn */
	terminal_type(t, "l");
	terminal_shows(t, "A>");
	terminal_type(t, "send A 10\r");
	terminal_shows(t, "P. 1:11(10)");
	terminal_type(t, "continue\r");
	terminal_shows(t, "space on");
	terminal_hides(t, "P. 1:11(10)");
	terminal_type(t, "q");
	ends_well(t);
}

static void t_prompt_of_the_demo(void **state)
{
	struct terminal *t = play();

	(void)state;
	terminal_shows(t, "first words");
	terminal_type(t, "g5\r");
	terminal_shows(t, "A>");
	terminal_type(t, "show B.state\r");
	terminal_shows(t, "B.state = CLOSE_WAIT");
	terminal_type(t, "continue\r");
	terminal_shows(t, "last words");
	terminal_shows(t, "This is the end");
	terminal_resize(t, 24, 80);
	terminal_shows(t, "last words");
	/* Ctrl-D leaves, too */
	terminal_type(t, "\x04");
	ends_well(t);
}

/* `finwait notes`, whose output can be read from the file that is returned. */
static FILE *follow(void)
{
	char command[8192];

	snprintf(command, sizeof(command), "XDG_RUNTIME_DIR=%s exec '%s' notes", folder, program);
	return popen(command, "r");
}

static void t_notes(void **state)
{
	struct terminal *t = play();
	char path[4096], line[512];
	struct stat st;
	FILE *notes;

	(void)state;
	terminal_shows(t, "first words");
	path_of(path, sizeof(path), "finwait-notes");
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0600);
	notes = follow();
	assert_non_null(notes);
	/* who comes later is told where the demo is; reading waits until it is */
	terminal_type(t, "\f");
	terminal_shows(t, "first words");
	go(t, " ");
	terminal_shows(t, "second words");
	terminal_type(t, "q");
	terminal_ends(t);
	terminal_free(t);
	while (fgets(line, sizeof(line), notes) && !strstr(line, "second words"))
		;
	assert_non_null(strstr(line, "second words"));
	while (fgets(line, sizeof(line), notes))
		;
	assert_int_equal(pclose(notes), 0);
	/* nothing is left behind */
	assert_int_equal(stat(path, &st), -1);
}

/* ---- recordings ------------------------------------------------------------------------------------------------- */

static void type_slowly(struct terminal *t, const char *text)
{
	char so_far[256] = "A> ";

	for (; *text; text++) {
		const char one[2] = { *text, '\0' };

		strcat(so_far, one);
		terminal_type(t, one);
		terminal_shows(t, so_far);
	}
}

static void t_recording_shows_what_was_there(void **state)
{
	char path[4096], line[8192], wanted[34][1024], row[1024];
	char *const argv[] = { program, NULL };
	struct terminal *t = terminal_start("xterm-256color", 34, 110, argv);
	struct terminal played = { .rows = 34, .cols = 110 };
	json_error_t wrong;
	char *event_text = NULL;
	size_t room = 0;
	FILE *f;

	(void)state;
	path_of(path, sizeof(path), "x.cast");
	terminal_shows(t, "A>");
	snprintf(line, sizeof(line), "record %s\r", path);
	terminal_type(t, line);
	terminal_shows(t, "recording to");
	terminal_type(t, "close A\r");
	terminal_shows(t, "#4 F. 1:1(0) ack 1 \xe2\x96\xb6");
	type_slowly(t, "record off");
	for (int i = 0; i < 34; i++)
		terminal_row(t, i, wanted[i], sizeof(wanted[i]));
	terminal_type(t, "\r");
	terminal_shows(t, "recorded to");
	terminal_type(t, "quit\r");
	ends_well(t);
	/* another terminal is told what the file says */
	played.vt = vterm_new(34, 110);
	vterm_set_utf8(played.vt, 1);
	played.screen = vterm_obtain_screen(played.vt);
	vterm_screen_reset(played.screen, 1);
	f = fopen(path, "r");
	assert_non_null(f);
	while (getline(&event_text, &room, f) > 0) {
		json_t *event = json_loads(event_text, 0, &wrong);
		const char *code = json_string_value(json_array_get(event, 1)),
			   *data = json_string_value(json_array_get(event, 2));

		assert_non_null(event);
		if (code && strcmp(code, "o") == 0)
			vterm_input_write(played.vt, data, strlen(data));
		json_decref(event);
	}
	fclose(f);
	free(event_text);
	for (int i = 0; i < 34; i++) {
		terminal_row(&played, i, row, sizeof(row));
		assert_string_equal(row, wanted[i]);
	}
	vterm_free(played.vt);
}

static void remove_all(void)
{
	static const char *const names[] = { "x.fw", "x.cast", "finwait/history", "finwait" };
	char path[4096];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path_of(path, sizeof(path), names[i]);
		remove(path);
	}
	rmdir(folder);
}

/* On a narrow terminal they are parted between words. */
static void t_notes_on_a_terminal(void **state)
{
	static char verb[] = "notes";
	char *const argv[] = { program, verb, NULL };
	struct terminal *t = play(), *notes;

	(void)state;
	terminal_shows(t, "first words");
	notes = terminal_start("xterm", 24, 38, argv);
	/* who comes later is let in at the next key */
	terminal_type(t, "\f");
	terminal_shows(notes, "> breathe, and wait until everybody");
	terminal_shows(notes, "has read what stands there");
	terminal_type(t, "q");
	ends_well(t);
	ends_well(notes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_keys),
		cmocka_unit_test(t_prompt_of_the_demo),
		cmocka_unit_test(t_notes),
		cmocka_unit_test(t_notes_on_a_terminal),
		cmocka_unit_test(t_recording_shows_what_was_there),
	};
	const char *finwait = getenv("FINWAIT");
	int failed;

	if (!realpath(finwait ? finwait : "./finwait", program) || !mkdtemp(folder)) {
		fprintf(stderr, "there is no program to test\n");
		return 2;
	}
	setenv("TTY_STATE", folder, 1);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	remove_all();
	return failed;
}
