/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is printed without a screen is seen on it: every fact that these sessions print, at every step, is looked for on the
 * panes, none of which is the log. A fact that the table below does not know fails the test.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "screen.h"

/* ---- reading panes ------------------------------------------------------------------------------------------- */

/* One blank between words, none at the ends, no frame: how a text reads, however it is broken into rows. */
static void add_words(struct buf *b, const char *text)
{
	while (*text) {
		if (strncmp(text, "\xe2\x94\x82", 3) == 0)
			text += 3;
		else if (*text == ' ' || *text == '\n')
			text++;
		else {
			size_t n = 0;

			while (text[n] && text[n] != ' ' && text[n] != '\n' && strncmp(text + n, "\xe2\x94\x82", 3) != 0)
				n++;
			buf_putc(b, ' ');
			buf_add(b, text, n);
			text += n;
		}
	}
}

/* All that can be read in the zoomed pane, page by page. */
static void read_pane(struct screen *s, enum pane_id pane, struct buf *words)
{
	const int rows = s->v.canvas.rows - 6;

	view_show(&s->v, pane);
	s->v.zoomed = true;
	s->v.scroll[pane] = -100000;
	for (size_t page = 0; page * (size_t)rows <= s->v.wrapped[pane].rows.n; page++) {
		struct buf text = BUF_INIT;

		draw(s);
		for (int row = 0; row < 2 + rows; row++) {
			canvas_row(&s->v.canvas, row, &text);
			buf_putc(&text, '\n');
		}
		add_words(words, buf_str(&text));
		buf_release(&text);
		view_scroll(&s->v, rows);
	}
	s->v.zoomed = false;
}

static const enum pane_id all[] = { PANE_A, PANE_B, PANE_WIRE, PANE_CALLS, PANE_LADDER, PANE_WHY, PANE_NSTAT, PANE_TOOLS };

struct panes {
	struct buf words[NR_PANES];
	u8 host; /* that the present line is about */
};

static bool on_pane(const struct panes *p, enum pane_id pane, const char *text)
{
	struct buf words = BUF_INIT;
	bool there;

	add_words(&words, text);
	there = strstr(buf_str(&p->words[pane]), buf_str(&words)) != NULL;
	buf_release(&words);
	return there;
}

/* ---- facts --------------------------------------------------------------------------------------------------- */

static enum pane_id host_pane(const struct panes *p)
{
	return p->host ? PANE_B : PANE_A;
}

/* "FIN_WAIT1 -> FIN_WAIT2 -> TIME_WAIT": from the first to the last on the host, and each step in the calls. */
static bool state_change(const struct panes *p, const char *fact)
{
	const char *last = strrchr(fact, ' ') + 1;
	struct buf b = BUF_INIT;
	bool there;

	buf_printf(&b, "%.*s \xe2\x96\xb8 %s", (int)strcspn(fact, " "), fact, last);
	there = on_pane(p, host_pane(p), buf_str(&b)) ||
		(strcmp(last, "CLOSE") == 0 && on_pane(p, host_pane(p), "nothing is left of it"));
	buf_release(&b);
	return there;
}

static bool shutdown_bits(const struct panes *p, const char *fact)
{
	const char *to = strstr(fact, "-> ") + 3;

	return on_pane(p, host_pane(p), "nothing is left of it") ||
	       ((!strstr(to, "RCV") || on_pane(p, host_pane(p), "\xe2\x96\xa0 RCV")) &&
		(!strstr(to, "SEND") || on_pane(p, host_pane(p), "\xe2\x96\xa0 SEND"))) ||
	       on_pane(p, PANE_CALLS, "frees a sock");
}

/* "#6 F. 101:101(0) ack 1 win 502 <...>" */
static bool segment(const struct panes *p, const char *fact)
{
	const char *win = strstr(fact, " win ");
	const char *end = win ? win : strstr(fact, " <nop");
	struct buf number = BUF_INIT, text = BUF_INIT, window = BUF_INIT;
	bool there;

	buf_add(&number, fact, strcspn(fact, " "));
	buf_puts(&text, fact + strcspn(fact, " "));
	if (end)
		buf_truncate(&text, (size_t)(end - fact) - number.len);
	if (win)
		buf_add(&window, win, strcspn(win + 5, " ") + 5);
	there = on_pane(p, PANE_LADDER, buf_str(&number)) && on_pane(p, PANE_LADDER, buf_str(&text)) &&
		(!win || on_pane(p, PANE_CALLS, buf_str(&window)) || on_pane(p, PANE_TOOLS, buf_str(&window)));
	buf_release(&number);
	buf_release(&text);
	buf_release(&window);
	return there;
}

/* "retransmit timer 201ms (LOSS_PROBE)": on the host, or in the calls when something else came after it. */
static bool timer_armed(const struct panes *p, const char *fact)
{
	const char *name = strstr(fact, " timer ");
	struct buf b = BUF_INIT, in_calls = BUF_INIT;
	bool there;

	buf_printf(&in_calls, "arms the %.*s timer: %s", (int)(name - fact), fact, name + strlen(" timer "));
	for (const char *c = name + strlen(" timer "); *c; c++)
		if (*c != '(' && *c != ')')
			buf_putc(&b, *c);
	there = on_pane(p, host_pane(p), buf_str(&b)) || on_pane(p, PANE_CALLS, buf_str(&in_calls)) ||
		strstr(buf_str(&in_calls), "(ato 0") != NULL;
	buf_release(&b);
	buf_release(&in_calls);
	return there;
}

static bool timer_fires(const struct panes *p, const char *fact)
{
	struct buf b = BUF_INIT;
	bool there;

	buf_printf(&b, "the %.*s timer fires", (int)strcspn(fact, " "), fact);
	there = on_pane(p, PANE_CALLS, buf_str(&b));
	buf_release(&b);
	return there;
}

/* Its bar has gone from the host. */
static bool timer_stopped(const struct panes *p, const char *fact)
{
	struct buf b = BUF_INIT;
	bool there;

	buf_add(&b, fact, strcspn(fact, " "));
	there = on_pane(p, host_pane(p), buf_str(&b));
	buf_release(&b);
	return !there;
}

/* "close(3) = 0" */
static bool call_returned(const struct panes *p, const char *fact)
{
	struct buf b = BUF_INIT;
	bool there;

	buf_printf(&b, "%.*s returns %s", (int)strcspn(fact, "("), fact, strrchr(fact, ' ') + 1);
	there = on_pane(p, PANE_CALLS, buf_str(&b));
	buf_release(&b);
	return there;
}

/* "close(3)", which has not returned */
static bool called(const struct panes *p, const char *fact)
{
	struct buf b = BUF_INIT;
	bool there;

	buf_printf(&b, "%.*s is called", (int)strcspn(fact, "("), fact);
	there = on_pane(p, PANE_CALLS, buf_str(&b));
	buf_release(&b);
	return there;
}

/* "0.040s": the clock in the head, or in the calls when it went on. */
static bool clock_at(const struct panes *p, const char *fact)
{
	return on_pane(p, PANE_A, fact) || on_pane(p, PANE_CALLS, fact);
}

static bool by_itself(const struct panes *p, const char *fact)
{
	return on_pane(p, host_pane(p), fact);
}

static const struct {
	const char *has;
	bool (*seen)(const struct panes *p, const char *fact);
	enum pane_id pane; /* with `text`: this has to stand there; PANE_A is the host's own */
	const char *text;
} facts[] = {
	{ "in flight and no timer", NULL, PANE_WIRE, "nothing is in flight" },
	{ "sk_shutdown ", shutdown_bits, PANE_A, NULL },
	{ " -> ", state_change, PANE_A, NULL },
	{ "#", segment, PANE_A, NULL },
	{ " timer stopped", timer_stopped, PANE_A, NULL },
	{ " timer fires", timer_fires, PANE_A, NULL },
	{ " timer ", timer_armed, PANE_A, NULL },
	{ "sleeps in ", by_itself, PANE_A, NULL },
	{ ") = ", call_returned, PANE_A, NULL },
	{ "sk_err ", by_itself, PANE_A, NULL },
	{ "in flight", NULL, PANE_LADDER, "#" },
	{ "orphaned", NULL, PANE_A, "orphan (SOCK_DEAD)" },
	{ " bytes to read", NULL, PANE_A, "receive \xe2\x96\x93" },
	{ "recv will return 0", NULL, PANE_A, "\xe2\x96\xa0 RCV" },
	{ "the socket is freed", NULL, PANE_CALLS, "frees a sock" },
	{ "a minisocket stands for it", NULL, PANE_A, "minisocket" },
	{ "the minisocket is freed", NULL, PANE_CALLS, "frees a minisocket" },
	{ "has waited long enough", NULL, PANE_CALLS, "the time is over, or a signal came" },
	{ "a forged segment", NULL, PANE_LADDER, "forged" },
	{ "(", called, PANE_A, NULL },
	{ "s", clock_at, PANE_A, NULL },
};

static bool is_seen(const struct panes *p, const char *fact)
{
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		if (!strstr(fact, facts[i].has))
			continue;
		if (facts[i].seen)
			return facts[i].seen(p, fact);
		return on_pane(p, facts[i].pane == PANE_A ? host_pane(p) : facts[i].pane, facts[i].text);
	}
	return false;
}

/* A line is about a host when it begins with it; its facts stand apart by at least two blanks. */
static void check_line(struct panes *p, const struct screen *s, const char *step, char *line)
{
	char *at = line + strspn(line, " ");

	if (strncmp(at, "A ", 2) == 0 || strncmp(at, "B ", 2) == 0)
		p->host = *at++ == 'B';
	if (strncmp(at, " > ", 3) == 0)
		at += 4;
	while (*at) {
		char *end, kept;

		at += strspn(at, " <");
		end = strstr(at, "  ");
		/* number and text of a segment are one fact */
		if (end && *at == '#')
			end = strstr(end + 2, "  ");
		end = end ? end : at + strlen(at);
		kept = *end;
		*end = '\0';
		if (*at && !is_seen(p, at))
			fail_msg("%ux%u, %s: not on a pane: `%s`\n%s", s->v.canvas.cols, s->v.canvas.rows, step, at,
				 buf_str(&p->words[host_pane(p)]));
		*end = kept;
		at = end;
	}
}

static void collect_line(void *ctx, const char *text)
{
	buf_puts(ctx, text);
	buf_putc(ctx, '\n');
}

static const char *const steps[] = {
	/* the canonical close */
	"send A 100", "deliver", "close A", "deliver", "tick 40ms", "deliver", "recv B", "close B", "deliver all", "tick 60s",
	/* aborts: unread data, linger 0 */
	"scenario unread-data", "close B", "deliver", "scenario established", "send B 10", "deliver", "close A", "deliver",
	"scenario established", "setsockopt A linger=0", "close A", "deliver",
	/* a lingering close, in vain and not */
	"scenario established", "send A 100", "setsockopt A linger=5s", "close A", "deliver", "tick 5s", "deliver all",
	"scenario established", "setsockopt A linger=5s", "close A", "deliver all", "tick 40ms", "deliver all",
	/* TIME_WAIT */
	"scenario time-wait", "inject A \"F. 1:1(0) ack 2\"", "tick 30s", "run",
};

static void check_step(struct screen *s, const char *step, char *said)
{
	struct panes p = { .host = 0 };

	type(s, step);
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		read_pane(s, all[i], &p.words[all[i]]);
	if (strncmp(step, "scenario", 8) != 0) { /* that prints what the scenario is, in a sentence */
		p.host = strchr(step, 'B') != NULL;
		for (char *line = strtok(said, "\n"); line; line = strtok(NULL, "\n"))
			check_line(&p, s, step, line);
	}
	for (size_t i = 0; i < NR_PANES; i++)
		buf_release(&p.words[i]);
}

static void t_same_facts_as_lines(void **state)
{
	static const u16 sizes[][2] = { { 80, 24 }, { 120, 36 }, { 200, 50 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct screen *s = screen_new(sizes[i][0], sizes[i][1]);
		struct session plain;
		struct buf said = BUF_INIT;
		struct err err;

		assert_int_equal(session_init(&plain, screen_tables, (struct sink){ collect_line, &said }, &err), ST_OK);
		for (size_t k = 0; k < ARRAY_LEN(steps); k++) {
			buf_clear(&said);
			assert_int_equal(session_line(&plain, steps[k], strlen(steps[k]), &err), ST_OK);
			assert_true(said.len > 0);
			check_step(s, steps[k], said.data);
		}
		buf_release(&said);
		session_release(&plain);
		screen_free(s);
	}
}

/* The log has it word by word. */
static void t_the_log_has_every_line(void **state)
{
	struct screen *s = screen_new(80, 24);
	struct session plain;
	struct buf said = BUF_INIT;
	struct err err;

	(void)state;
	assert_int_equal(session_init(&plain, screen_tables, (struct sink){ collect_line, &said }, &err), ST_OK);
	for (size_t k = 0; k < ARRAY_LEN(steps); k++) {
		struct buf words = BUF_INIT, expected = BUF_INIT;

		buf_clear(&said);
		assert_int_equal(session_line(&plain, steps[k], strlen(steps[k]), &err), ST_OK);
		type(s, steps[k]);
		read_pane(s, PANE_LOG, &words);
		for (char *line = strtok(said.data, "\n"); line; line = strtok(NULL, "\n")) {
			buf_clear(&expected);
			add_words(&expected, line);
			if (!strstr(buf_str(&words), buf_str(&expected)))
				fail_msg("%s: cannot be read: %s\n%s", steps[k], line, buf_str(&words));
		}
		buf_release(&words);
		buf_release(&expected);
	}
	buf_release(&said);
	session_release(&plain);
	screen_free(s);
}

/* A fact that is not there is missed, and so is one that nobody knows. */
static void t_what_is_missing_is_noticed(void **state)
{
	struct panes p = { .host = 0 };

	(void)state;
	buf_puts(&p.words[PANE_A], " ESTABLISHED \xe2\x96\xb8 FIN_WAIT1 retransmit 201ms LOSS_PROBE");
	assert_true(is_seen(&p, "ESTABLISHED -> FIN_WAIT1"));
	assert_true(is_seen(&p, "retransmit timer 201ms (LOSS_PROBE)"));
	assert_false(is_seen(&p, "ESTABLISHED -> CLOSE_WAIT"));
	assert_false(is_seen(&p, "retransmit timer 201ms (RETRANS)"));
	assert_false(is_seen(&p, "#4 F. 1:1(0) ack 1 win 502"));
	assert_false(is_seen(&p, "orphaned"));
	assert_false(is_seen(&p, "on fire"));
	buf_release(&p.words[PANE_A]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_same_facts_as_lines),
		cmocka_unit_test(t_the_log_has_every_line),
		cmocka_unit_test(t_what_is_missing_is_noticed),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
