/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program on a terminal of its own (a pty with libvterm behind it): type, and look at what stands on the screen. */
#ifndef TTY_TERMINAL_H
#define TTY_TERMINAL_H

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>
#include <vterm.h>

struct terminal {
	VTerm *vt;
	VTermScreen *screen;
	int fd; /* the master side */
	pid_t pid;
	int rows, cols;
	bool alternate;	     /* the alternate screen is on */
	bool cursor_visible;
	bool ended;
	int status;	     /* of waitpid() */
	struct termios before; /* the modes when it was started */
	char text[64 * 1024];
};

/* Starts a program; `argv` ends with NULL. The environment is small and known. */
struct terminal *terminal_start(const char *term, int rows, int cols, char *const argv[]);
/* The same, but the program finds its terminal stuffed: nobody has read what was written before. */
struct terminal *terminal_start_stuffed(const char *term, int rows, int cols, char *const argv[]);
/* Waits, without reading, until the program has set modes of its own. */
void terminal_is_raw(struct terminal *t);
/* Waits, without reading, for the program's end. */
void terminal_ends_unread(struct terminal *t);
/* Kills what still runs. */
void terminal_free(struct terminal *t);

void terminal_type(struct terminal *t, const char *text);
void terminal_resize(struct terminal *t, int rows, int cols);
/* Waits until the text is somewhere on the screen, or nowhere; a test fails when that does not come about. */
void terminal_shows(struct terminal *t, const char *text);
void terminal_hides(struct terminal *t, const char *text);
/* Waits for the program's end. */
void terminal_ends(struct terminal *t);
/* True when the modes are those of the beginning. */
bool terminal_restored(struct terminal *t);
/* What stands in one row now, without blanks at its end. */
void terminal_row(const struct terminal *t, int row, char *out, size_t size);

#endif
