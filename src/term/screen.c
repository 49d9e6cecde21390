/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term/screen.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "term/editor.h"
#include "lesson/play.h"
#include "term/keys.h"
#include "term/notes.h"
#include "term/output.h"
#include "term/paint.h"
#include "term/terminfo.h"
#include "view/view.h"

/* How long after an ESC more bytes would have come, in ms. */
#define ESC_DELAY 25
/* Between two pictures of a motion. */
#define FRAME_US 33333
/* Pasted text comes in brackets, so that it is not taken for keys. */
#define BRACKET_PASTES "\x1b[?2004h"
#define PLAIN_PASTES "\x1b[?2004l"
/* The private terminal. libedit overruns its buffers when a line does not fit: this one is larger than any line. */
#define TTY_ROWS 8
#define TTY_COLS 1000
/* Of the screens that curses keeps for itself: nothing is written on them, and it asks for the number of rows alone. */
#define CURSES_COLS 2

struct screen {
	struct view *v; /* the caller's */
	struct editor ed;
	struct keys keys;
	struct paint paint;
	struct output out;
	SCREEN *curses;
	wchar_t pending[8]; /* characters of one key that libedit has not had yet */
	int pendings;
	int signals; /* signalfd */
	int frames;  /* timerfd: armed only while something moves */
	int tty[2];  /* the private terminal: master, slave */
	sigset_t blocked;
	sigset_t before;
	struct notes notes; /* while a demo is played */
	s64 going;	/* the stop to go to, as far as it is typed; -1: none is */
	bool late;	/* no further bytes of a sequence came */
	bool cancelled; /* the line is given up */
	bool leaving;
};

/* ---- coming back whatever happens ---------------------------------------------------------------------------- */

/* For the handler of a crash, which can do no more than read, write and set modes. */
static struct termios saved;
static char restore[256];
static size_t restore_len;
static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

#ifndef __SANITIZE_ADDRESS__ /* the sanitizer has handlers of its own that tell more */
static void on_crash(int sig)
{
	ssize_t n = write(STDOUT_FILENO, restore, restore_len);

	(void)n;
	tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	errors_tell();
	raise(sig);
}

static void catch_crashes(void)
{
	static char own[16384]; /* a stack: the usual one may be what has run out */
	const stack_t stack = { .ss_sp = own, .ss_size = sizeof(own) };
	struct sigaction act = { .sa_handler = on_crash, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER | SA_ONSTACK) };

	sigemptyset(&act.sa_mask);
	sigaltstack(&stack, NULL);
	for (size_t i = 0; i < ARRAY_LEN(crashes); i++)
		sigaction(crashes[i], &act, NULL);
}
#endif

static void prepare_for_crash(void)
{
	int n = snprintf(restore, sizeof(restore), PLAIN_PASTES "%s%s%s\r\n", terminfo_string("sgr0"), terminfo_string("cnorm"),
			 terminfo_string("rmcup"));

	restore_len = n < 0 ? 0 : (size_t)n < sizeof(restore) ? (size_t)n : sizeof(restore) - 1;
#ifndef __SANITIZE_ADDRESS__
	catch_crashes();
	errors_keep();
#endif
}

static void crash_as_usual(void)
{
	for (size_t i = 0; i < ARRAY_LEN(crashes); i++)
		signal(crashes[i], SIG_DFL);
	errors_tell();
}

/* The terminal as it was found; what curses has to say to that comes with it. */
static void give_back(struct screen *sc)
{
	output_puts(&sc->out, PLAIN_PASTES);
	endwin();
	output_drain(&sc->out);
	output_cooked(&sc->out);
}

/* ---- painting ------------------------------------------------------------------------------------------------ */

/* A demo has the keys. */
static bool plays(const struct screen *sc)
{
	return sc->v->player && !sc->v->player->live;
}

/* What libedit has, for the view to draw. */
static void take_input(struct screen *sc)
{
	const LineInfoW *info = el_wline(sc->ed.el);
	struct view *v = sc->v;

	buf_clear(&v->input);
	add_wide(&v->input, info->buffer, (size_t)(info->cursor - info->buffer));
	v->cursor = v->input.len;
	add_wide(&v->input, info->cursor, (size_t)(info->lastchar - info->cursor));
}

static void take_hint(struct screen *sc)
{
	struct view *v = sc->v;
	const struct cmd *cmd;

	buf_clear(&v->hint);
	if (plays(sc)) {
		if (sc->going >= 0)
			buf_printf(&v->hint, "go to stop %.0lld", (long long)sc->going);
		return;
	}
	if (!v->input.len) {
		if (!v->notice.len && tape_point_count(v->ss->tape) == 1)
			buf_puts(&v->hint, "type: close A, Enter; then deliver. F1 help");
		return;
	}
	cmd = completion_verb(v->ss, buf_str(&v->input), v->cursor);
	if (cmd && v->cursor == v->input.len)
		buf_printf(&v->hint, "%s %s   %s", cmd->verb, cmd->syntax, cmd->help);
}

static u64 clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * 1000000 + (u64)now.tv_nsec / 1000;
}

static void paint(struct screen *sc)
{
	int row = 0, col = 0;

	if (output_behind(&sc->out))
		return;
	take_input(sc);
	take_hint(sc);
	view_draw(sc->v, &row, &col);
	view_record(sc->v, row, col, clock_us());
	if (sc->v->theme != sc->paint.theme)
		paint_set_theme(&sc->paint, (enum theme)sc->v->theme);
	paint_canvas(&sc->paint, &sc->v->canvas, row, col, &sc->out);
	output_push(&sc->out);
}

/* The size that the window has now. */
static void take_size(struct screen *sc)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) != 0 || !ws.ws_row || !ws.ws_col)
		return;
	/* ncurses reads beside its lines where there is but one cell */
	ws.ws_row = ws.ws_row < 2 ? 2 : ws.ws_row;
	ws.ws_col = ws.ws_col < 2 ? 2 : ws.ws_col;
	if (ws.ws_row == sc->v->canvas.rows && ws.ws_col == sc->v->canvas.cols && getmaxy(newscr) == ws.ws_row)
		return;
	resizeterm(ws.ws_row, CURSES_COLS);
	canvas_resize(&sc->v->canvas, ws.ws_row, ws.ws_col);
	sc->v->stale = true; /* what is as wide as its pane */
	paint_forget(&sc->paint);
}

/* The terminal is ours again: its modes, and all that stands on it. */
static void take_back(struct screen *sc)
{
	output_raw(&sc->out);
	output_puts(&sc->out, BRACKET_PASTES);
	take_size(sc);
	paint_forget(&sc->paint);
}

/* ---- signals ------------------------------------------------------------------------------------------------- */

/* SIGTSTP by its default, not SIGSTOP: where no shell waits that could continue us, it does nothing. */
static void stop(struct screen *sc)
{
	sigset_t tstp;

	give_back(sc);
	sigemptyset(&tstp);
	sigaddset(&tstp, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &tstp, NULL);
	sigprocmask(SIG_BLOCK, &tstp, NULL);
	take_back(sc);
}

static void cancel(struct screen *sc)
{
	sc->cancelled = true;
	sc->pendings = 0;
	keys_drop(&sc->keys);
}

static void take_signals(struct screen *sc)
{
	struct signalfd_siginfo si;

	while (read(sc->signals, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		switch (si.ssi_signo) {
		case SIGWINCH:
			take_size(sc);
			break;
		case SIGINT:
			cancel(sc);
			break;
		case SIGTSTP:
			stop(sc);
			break;
		case SIGCONT:
			take_back(sc);
			break;
		default: /* TERM, HUP */
			sc->leaving = true;
			break;
		}
	}
}

static void take_bytes(struct screen *sc)
{
	char bytes[4096];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));

	if (n > 0)
		keys_add(&sc->keys, bytes, (size_t)n);
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		sc->leaving = true; /* the terminal is gone */
}

/* The clock of the motion runs while there is one. */
static void run_frames(const struct screen *sc)
{
	const long ns = view_moves(sc->v) ? FRAME_US * 1000 : 0;
	const struct itimerspec frames = { .it_interval = { 0, ns }, .it_value = { 0, ns } };

	timerfd_settime(sc->frames, 0, &frames, NULL);
}

/* A frame that comes late brings more time with it: the motion is no slower. */
static void take_frames(struct screen *sc)
{
	uint64_t n;

	if (read(sc->frames, &n, sizeof(n)) != (ssize_t)sizeof(n))
		return;
	view_tick(sc->v, n * FRAME_US);
	if (!view_moves(sc->v))
		run_frames(sc);
}

/* Until something comes. Where nothing moves nothing is armed: waiting costs nothing. */
static void wait_for_input(struct screen *sc)
{
	struct pollfd from[] = { { .fd = STDIN_FILENO, .events = POLLIN },
				 { .fd = sc->signals, .events = POLLIN },
				 { .fd = view_moves(sc->v) ? sc->frames : -1, .events = POLLIN },
				 { .fd = output_behind(&sc->out) ? sc->out.tty : -1, .events = POLLOUT },
				 { .fd = sc->v->player ? sc->notes.listening : -1, .events = POLLIN } };
	int n = poll(from, ARRAY_LEN(from), keys_waiting(&sc->keys) ? ESC_DELAY : -1);

	if (n == 0)
		sc->late = true;
	if (n <= 0)
		return;
	if (from[1].revents & POLLIN)
		take_signals(sc);
	if (from[2].revents & POLLIN)
		take_frames(sc);
	if (from[3].revents)
		output_push(&sc->out);
	if (from[4].revents)
		notes_let_in(&sc->notes);
	if (from[0].revents & (POLLIN | POLLHUP | POLLERR))
		take_bytes(sc);
}

/* ---- keys ---------------------------------------------------------------------------------------------------- */

static size_t line_length(const struct screen *sc)
{
	const LineInfoW *info = el_wline(sc->ed.el);

	return (size_t)(info->lastchar - info->buffer);
}

static void hand_on(struct screen *sc, const wchar_t *text)
{
	for (; *text && sc->pendings < (int)ARRAY_LEN(sc->pending); text++)
		sc->pending[sc->pendings++] = *text;
}

static void paste(struct screen *sc)
{
	size_t room = EDITOR_LINE_MAX - (line_length(sc) < EDITOR_LINE_MAX ? line_length(sc) : EDITOR_LINE_MAX);
	wchar_t wide[EDITOR_LINE_MAX + 1];

	to_wide(wide, room + 1, buf_str(&sc->keys.paste));
	el_winsertstr(sc->ed.el, wide);
	el_wset(sc->ed.el, EL_REFRESH);
}

static void character_key(struct screen *sc, const struct key *key)
{
	const wchar_t text[2] = { (wchar_t)key->c, L'\0' };

	if (key->alt) {
		hand_on(sc, L"\x1b");
	} else if (key->c == 3) {
		cancel(sc);
		return;
	} else if (key->c == 26) {
		stop(sc);
		return;
	} else if (key->c == 12) {
		take_back(sc);
		return;
	} else if (key->c == '\t' && line_length(sc) == 0) {
		view_focus(sc->v, 1);
		return;
	} else if (key->c >= 32 && line_length(sc) >= EDITOR_LINE_MAX) {
		return;
	}
	hand_on(sc, text);
}

static void arrow_key(struct screen *sc, const struct key *key)
{
	static const wchar_t *const sequence[] = {
		[K_UP] = L"\x1b[A", [K_DOWN] = L"\x1b[B", [K_RIGHT] = L"\x1b[C", [K_LEFT] = L"\x1b[D",
		[K_HOME] = L"\x1b[H", [K_END] = L"\x1b[F",
	};
	const bool sideways = key->code == K_LEFT || key->code == K_RIGHT;

	if (sideways && line_length(sc) == 0)
		view_step(sc->v, key->code == K_LEFT ? -1 : 1, key->alt);
	else if (sideways && (key->ctrl || key->alt))
		hand_on(sc, key->code == K_LEFT ? L"\x1b" L"b" : L"\x1b" L"f");
	else
		hand_on(sc, sequence[key->code]);
}

/* ESC first leaves what lies over the rest. Only in vi mode it is a key of the line: Alt-keys come in one piece. */
static void escape_key(struct screen *sc, bool menu)
{
	const wchar_t *mode = NULL;

	if (menu)
		return;
	if (sc->v->zoomed)
		sc->v->zoomed = false;
	else if (el_wget(sc->ed.el, EL_EDITOR, &mode) == 0 && mode && wcscmp(mode, L"vi") == 0)
		hand_on(sc, L"\x1b");
	else
		sc->v->log_on_top = false;
}

/* ---- the keys of a demo ---------------------------------------------------------------------------------------- */

static void demo_character(struct screen *sc, u32 c)
{
	static const struct {
		u32 c;
		enum play_key key;
	} keys[] = { { ' ', PLAY_ON },	   { '.', PLAY_ON },	 { '\r', PLAY_ON },	     { ',', PLAY_BACK },
		     { 127, PLAY_BACK },   { 8, PLAY_BACK },	 { '[', PLAY_CHAPTER_BACK }, { ']', PLAY_CHAPTER_ON },
		     { '+', PLAY_FASTER }, { '-', PLAY_SLOWER }, { 'l', PLAY_LIVE },	     { 'b', PLAY_BOLD } };

	if (c == 'q' || c == 4)
		sc->leaving = true;
	else if (c == 'g')
		sc->going = 0;
	else if (c >= '0' && c <= '9')
		view_pick(sc->v, c - '0');
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (keys[i].c == c)
			view_play_key(sc->v, keys[i].key, 0);
}

/* "g 12 Enter". Anything else takes the g back. */
static bool going_key(struct screen *sc, const struct key *key)
{
	const s64 n = sc->going;

	if (n < 0)
		return false;
	sc->going = -1;
	if (key->code == K_CHARACTER && key->c >= '0' && key->c <= '9' && n < 10000)
		sc->going = n * 10 + (s64)(key->c - '0');
	else if (key->code == K_CHARACTER && key->c == ' ' && n == 0)
		sc->going = 0;
	else if (key->code == K_CHARACTER && key->c == '\r')
		view_play_key(sc->v, PLAY_GOTO, (u32)n);
	return true;
}

/* True: the key was meant for the demo. */
static bool demo_key(struct screen *sc, const struct key *key, bool moving)
{
	if (going_key(sc, key))
		return true;
	switch (key->code) {
	case K_PGDN:
	case K_RIGHT:
		/* what ends a motion does no more */
		if (!moving)
			view_play_key(sc->v, PLAY_ON, 0);
		return true;
	case K_PGUP:
	case K_LEFT:
		view_play_key(sc->v, PLAY_BACK, 0);
		return true;
	case K_CHARACTER:
		if (key->c == 12 || key->c == 26)
			return false;
		if (!moving || (key->c != ' ' && key->c != '.' && key->c != '\r'))
			demo_character(sc, key->c);
		return true;
	case K_PASTE:
	case K_UP:
	case K_DOWN:
	case K_HOME:
	case K_END:
	case K_DELETE:
		return true;
	default:
		return false;
	}
}

static void take_key(struct screen *sc, const struct key *key)
{
	bool moving = director_plays(&sc->v->director);
	bool menu = sc->v->menu.n != 0;

	lines_clear(&sc->v->menu);
	director_finish(&sc->v->director);
	run_frames(sc);
	if (moving && key->code == K_CHARACTER && key->c == 3)
		return;
	if (plays(sc) && demo_key(sc, key, moving)) {
		run_frames(sc);
		return;
	}
	switch ((enum key_code)key->code) {
	case K_CHARACTER:
		character_key(sc, key);
		break;
	case K_UP:
	case K_DOWN:
	case K_RIGHT:
	case K_LEFT:
	case K_HOME:
	case K_END:
		arrow_key(sc, key);
		break;
	case K_DELETE:
		if (line_length(sc))
			hand_on(sc, L"\x04");
		break;
	case K_PGUP:
	case K_PGDN:
		view_scroll(sc->v, key->code == K_PGUP ? -5 : 5);
		break;
	case K_BACKTAB:
		view_focus(sc->v, -1);
		break;
	case K_F1: case K_F2: case K_F3: case K_F4: case K_F5: case K_F6: case K_F7: case K_F8:
	case K_F9: case K_F10:
		view_show(sc->v, (enum pane_id)(PANE_HELP + (key->code - K_F1)));
		break;
	case K_F12:
		sc->v->zoomed = !sc->v->zoomed;
		break;
	case K_ESC:
		escape_key(sc, menu);
		break;
	case K_PASTE:
		paste(sc);
		break;
	default:
		break;
	}
}

/* What the presenter reads in another terminal. */
static void tell_notes(struct screen *sc)
{
	const struct demo_player *p = sc->v->player;
	struct buf b = BUF_INIT;

	if (!p || !p->stopped)
		return;
	buf_printf(&b, "\n-- %zu --  %u/%u  %s\n%s\n", p->here + 1, p->stage.chapter_number, p->chapters,
		   p->stage.chapter ? p->stage.chapter : "", p->stage.said ? p->stage.said : "");
	if (p->stage.question)
		buf_printf(&b, "? %s\n", p->stage.question);
	if (p->stage.note)
		buf_printf(&b, "> %s\n", p->stage.note);
	notes_tell(&sc->notes, buf_str(&b));
	buf_release(&b);
}

/* libedit's read-a-character callback: the loop of the program. */
static int next_character(void *ctx, wchar_t *out)
{
	struct screen *sc = ctx;
	const LineInfoW *info = el_wline(sc->ed.el);

	/* vi's `$` on an empty line leaves the cursor before the line's beginning */
	if (info->cursor < info->buffer)
		el_cursor(sc->ed.el, 1);
	for (;;) {
		struct key key;

		if (sc->cancelled || sc->leaving)
			return 0;
		if (sc->pendings) {
			*out = sc->pending[0];
			memmove(sc->pending, sc->pending + 1, (size_t)--sc->pendings * sizeof(*out));
			return 1;
		}
		key = keys_next(&sc->keys, sc->late);
		sc->late = false;
		if (key.code != K_NONE) {
			take_key(sc, &key);
			continue;
		}
		if (view_play(sc->v)) {
			run_frames(sc);
			continue;
		}
		tell_notes(sc);
		paint(sc);
		wait_for_input(sc);
	}
}

/* The candidates in columns, over the lower panes. */
static void show_candidates(void *ctx, const struct completion *c)
{
	struct screen *sc = ctx;
	struct buf line = BUF_INIT;
	size_t width = 0;

	for (size_t i = 0; i < c->n; i++)
		width = strlen(c->word[i]) > width ? strlen(c->word[i]) : width;
	width += 2;
	for (size_t i = 0; i < c->n; i++) {
		if (line.len && line.len + width > sc->v->canvas.cols) {
			lines_add(&sc->v->menu, buf_str(&line));
			buf_clear(&line);
		}
		buf_printf(&line, "%-*s", (int)width, c->word[i]);
	}
	if (line.len)
		lines_add(&sc->v->menu, buf_str(&line));
	buf_release(&line);
}

/* ---- from beginning to end ----------------------------------------------------------------------------------- */

static bool private_tty(struct screen *sc)
{
	const struct winsize ws = { .ws_row = TTY_ROWS, .ws_col = TTY_COLS };

	if (openpty(&sc->tty[0], &sc->tty[1], NULL, NULL, &ws) != 0)
		return false;
	fcntl(sc->tty[0], F_SETFD, FD_CLOEXEC);
	fcntl(sc->tty[1], F_SETFD, FD_CLOEXEC);
	return true;
}

static void catch_signals(struct screen *sc)
{
	static const int ours[] = { SIGWINCH, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGINT };

	sigemptyset(&sc->blocked);
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		sigaddset(&sc->blocked, ours[i]);
	sigprocmask(SIG_BLOCK, &sc->blocked, &sc->before);
	sc->signals = signalfd(-1, &sc->blocked, SFD_CLOEXEC | SFD_NONBLOCK);
	sc->frames = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
}

/* The handlers that curses puts in place would end or stop the program in its own way: the signals are ours. */
static SCREEN *start_curses(FILE *out)
{
	static const int theirs[] = { SIGINT, SIGTERM, SIGTSTP, SIGWINCH };
	struct sigaction before[ARRAY_LEN(theirs)];
	SCREEN *curses;

	for (size_t i = 0; i < ARRAY_LEN(theirs); i++)
		sigaction(theirs[i], NULL, &before[i]);
	use_env(FALSE); /* the size is what the terminal says, not LINES and COLUMNS: take_size() */
	use_tioctl(TRUE);
	curses = newterm(NULL, out, stdin);
	for (size_t i = 0; i < ARRAY_LEN(theirs); i++)
		sigaction(theirs[i], &before[i], NULL);
	return curses;
}

static bool terminal_begin(struct screen *sc)
{
	/* curses has no terminal to set modes of: what it asks for in vain here, output_raw() does */
	sc->curses = start_curses(sc->out.file);
	if (!sc->curses)
		return false;
	/* what it wrote is for some size, not for this one: it says that again with the first frame, as after a stop */
	endwin();
	output_forget(&sc->out);
	resizeterm(2, CURSES_COLS); /* and in this order never larger than at its beginning */
	output_raw(&sc->out);
	nonl();
	paint_init(&sc->paint);
	prepare_for_crash();
	sc->v->canvas.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	take_size(sc);
	output_puts(&sc->out, BRACKET_PASTES);
	return true;
}

static void run_lines(struct screen *sc)
{
	struct session *ss = sc->v->ss;

	while (!ss->quit && !sc->leaving && ss->screen_mode == SCREEN_ON) {
		struct buf line = BUF_INIT;
		const wchar_t *wide;
		int count = 0;

		sc->cancelled = false;
		wide = el_wgets(sc->ed.el, &count);
		if (sc->cancelled)
			continue;
		if (!wide || count <= 0)
			break;
		add_wide(&line, wide, (size_t)count);
		editor_remember(&sc->ed, buf_str(&line));
		view_line(sc->v, buf_str(&line), line.len);
		run_frames(sc);
		buf_release(&line);
	}
}

static void screen_end(struct screen *sc)
{
	editor_end(&sc->ed);
	if (sc->curses)
		delscreen(sc->curses);
	output_end(&sc->out);
	keys_release(&sc->keys);
	paint_release(&sc->paint);
	view_detach(sc->v);
	close(sc->tty[0]);
	close(sc->tty[1]);
	close(sc->signals);
	close(sc->frames);
	sigprocmask(SIG_SETMASK, &sc->before, NULL);
}

enum screen_end screen_run(struct view *v)
{
	struct session *ss = v->ss;
	static struct screen sc;
	const struct editor_ways ways = { .key = next_character, .candidates = show_candidates, .ctx = &sc };
	bool there;

	sc = (struct screen){ .v = v, .going = -1 };
	if (!terminfo_usable() || !private_tty(&sc))
		return SCREEN_CANNOT;
	there = output_begin(&sc.out);
	saved = sc.out.cooked;
	view_attach(v);
	catch_signals(&sc);
	/* libedit first: it asks terminfo and would take ncurses' terminal from under it */
	there = editor_begin(&sc.ed, ss, &ways, sc.tty[1]) && there && terminal_begin(&sc);
	if (there) {
		if (v->player)
			notes_begin(&sc.notes);
		else if (tape_point_count(ss->tape) == 1)
			view_greet(v);
		run_lines(&sc);
		if (v->player)
			notes_end(&sc.notes);
		buf_clear(&v->ahead);
		if (sc.keys.bytes.len > sc.keys.at)
			buf_add(&v->ahead, sc.keys.bytes.data + sc.keys.at, sc.keys.bytes.len - sc.keys.at);
		give_back(&sc);
		crash_as_usual();
		editor_save(&sc.ed);
	}
	screen_end(&sc);
	if (!there)
		return SCREEN_CANNOT;
	return ss->screen_mode == SCREEN_ON || ss->quit ? SCREEN_ENDED : SCREEN_PUT_OFF;
}
