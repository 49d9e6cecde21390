/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lesson/guess.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/profile.h"
#include "lang/names.h"
#include "lesson/stage.h"

/* More situations are tried than choices are shown: their values are put together anew when too few differ. */
enum { SITUATIONS_MAX = 32 };

struct situation {
	char *value[ASKS_MAX]; /* owned */
	char *where;	       /* owned */
};

struct maker {
	const struct block *b;
	struct stage *st;
	struct expr *asleep; /* how many hosts have a thread that sleeps */
	u32 base;	     /* moment */
	bool sleeps;	     /* somebody does, at that moment */
	bool asks_sleep;     /* that is what is asked for */
	struct situation found[SITUATIONS_MAX]; /* the first is the truth */
	size_t n;
	struct guesses *out;
};

/* ---- situations ------------------------------------------------------------------------------------------------ */

static void situation_release(struct situation *s)
{
	for (size_t i = 0; i < ASKS_MAX; i++)
		free(s->value[i]);
	free(s->where);
}

static bool somebody_sleeps(struct maker *m)
{
	struct expr_env env = session_env(&m->st->ss);
	struct value v = expr_eval(m->asleep, &env);

	return value_true(&v);
}

static void add_situation(struct maker *m, const char *where)
{
	struct expr_env env = session_env(&m->st->ss);
	struct situation s = { .where = where ? xstrdup(where) : NULL };

	for (size_t i = 0; i < m->b->n; i++) {
		struct buf b = BUF_INIT;

		if (expr_is_claim(m->b->asked[i].e)) {
			const struct value v = expr_eval(m->b->asked[i].e, &env);

			buf_puts(&b, value_true(&v) ? "yes" : "no");
		} else {
			add_expr_value(&b, m->b->asked[i].e, &env);
		}
		s.value[i] = buf_detach(&b);
	}
	for (size_t k = 0; k < m->n; k++) {
		size_t same = 0;

		while (same < m->b->n && strcmp(s.value[same], m->found[k].value[same]) == 0)
			same++;
		if (same == m->b->n) {
			situation_release(&s);
			return;
		}
	}
	m->found[m->n++] = s;
}

static bool run(struct maker *m, const char *commands)
{
	struct err err;

	return session_line(&m->st->ss, commands, strlen(commands), &err) == ST_OK;
}

/* From moment `from`: what if there were `first` before it (NULL: nothing), and `commands` then? */
static void try_situation(struct maker *m, u32 from, const char *first, const char *commands, const char *where)
{
	struct session *ss = &m->st->ss;

	if (m->n == SITUATIONS_MAX || tape_goto_moment(ss->tape, from, NULL) != ST_OK)
		return;
	ss->focus = (struct endpoint){ .host = 0, .kind = EP_MAIN, .fd = -1 };
	/* a call that sleeps holds the file: that is another question than the one that was asked */
	if (first && (!run(m, first) || somebody_sleeps(m) != m->sleeps))
		return;
	if (run(m, commands) && (m->asks_sleep || somebody_sleeps(m) == m->sleeps))
		add_situation(m, where);
}

/* Commands with the hosts exchanged. */
static void add_mirrored(struct buf *b, const char *commands)
{
	bool quoted = false;

	for (const char *c = commands; *c; c++) {
		const bool alone = (c == commands || !is_word_char(c[-1])) && !is_word_char(c[1]);

		quoted ^= *c == '"';
		buf_putc(b, !quoted && alone && *c == 'A' ? 'B' : !quoted && alone && *c == 'B' ? 'A' : *c);
	}
}

/* Replaces the verb; false: it is another. */
static bool add_other_verb(struct buf *b, const char *commands)
{
	static const struct {
		const char *verb;
		const char *other;
		const char *behind;
	} pair[] = { { "close ", "shutdown ", " wr" }, { "shutdown ", "close ", NULL }, { "deliver", "drop", "" },
		    { "exit ", "close ", NULL },    { "kill ", "close ", NULL } };

	for (size_t i = 0; i < ARRAY_LEN(pair); i++) {
		const char *rest = commands + strlen(pair[i].verb);

		if (strncmp(commands, pair[i].verb, strlen(pair[i].verb)) != 0 || strchr(commands, ';'))
			continue;
		buf_puts(b, pair[i].other);
		buf_add(b, rest, pair[i].behind ? strlen(rest) : strcspn(rest, " "));
		buf_puts(b, pair[i].behind ? pair[i].behind : "");
		return true;
	}
	return false;
}

static void try_elsewhere(struct maker *m)
{
	struct buf b = BUF_INIT;
	struct buf where = BUF_INIT;

	add_mirrored(&b, m->b->text);
	if (strcmp(buf_str(&b), m->b->text) != 0) {
		buf_printf(&where, "for `%s`", buf_str(&b));
		try_situation(m, m->base, NULL, buf_str(&b), buf_str(&where));
	}
	buf_clear(&b);
	buf_clear(&where);
	if (add_other_verb(&b, m->b->text)) {
		buf_printf(&where, "for `%s`", buf_str(&b));
		try_situation(m, m->base, NULL, buf_str(&b), buf_str(&where));
	}
	buf_release(&b);
	buf_release(&where);
}

/* A forged RST with another number: the expected one, one in the window, one far behind it. */
static void try_numbers(struct maker *m)
{
	static const char *const numbers[] = { "1:1", "2:2", "1000:1000", "100000:100000" };
	const char *text = m->b->text;
	const char *reset = strstr(text, "\"R");
	const size_t from = reset ? (size_t)(reset - text) + strcspn(reset, "0123456789") : 0;

	for (size_t i = 0; reset && i < ARRAY_LEN(numbers); i++) {
		struct buf b = BUF_INIT, where = BUF_INIT;

		buf_printf(&b, "%.*s%s%s", (int)from, text, numbers[i], text + from + strspn(text + from, "0123456789:"));
		buf_printf(&where, "for the numbers %s", numbers[i]);
		try_situation(m, m->base, NULL, buf_str(&b), buf_str(&where));
		buf_release(&b);
		buf_release(&where);
	}
}

/* The setup with another kernel; false: it names none. */
static bool add_other_kernel(struct buf *b, const char *setup, const char *kernel)
{
	const char *line = strncmp(setup, "kernel ", 7) == 0 ? setup : strstr(setup, "\nkernel ");
	size_t at;

	if (!line)
		return false;
	at = (size_t)(strchr(line, ' ') - setup) + 1;
	buf_printf(b, "%.*s%s%s", (int)at, setup, kernel, setup + at + strcspn(setup + at, "\n"));
	return true;
}

/* The same in another year. */
static void try_kernels(struct maker *m, const struct lesson *l, const struct step *s, size_t n)
{
	const struct block *setup = step_setup(l, s);
	struct stage *own = m->st;

	for (int k = 0; setup && k < NR_PROFILES && m->n < SITUATIONS_MAX; k++) {
		const char *name = profile_of((enum profile_id)k)->name;
		struct buf b = BUF_INIT, where = BUF_INIT;
		struct err err;
		bool there = add_other_kernel(&b, setup->text, name);

		m->st = there ? stage_new() : NULL;
		there = m->st && run_silently(&m->st->ss, l, buf_str(&b), 1, &err) == ST_OK;
		for (size_t i = 0; there && i <= n; i++)
			there = run_silently(&m->st->ss, l, step_block(s, BLOCK_PREDICT, i)->text, 1, &err) == ST_OK;
		buf_printf(&where, "for Linux %s", name);
		if (there)
			add_situation(m, buf_str(&where));
		stage_free(m->st);
		buf_release(&b);
		buf_release(&where);
	}
	m->st = own;
}

static void try_earlier(struct maker *m)
{
	const struct tape *t = m->st->ss.tape;
	const u32 start = tape_scenario_start(t, m->base);
	const struct point *p;
	struct buf where = BUF_INIT;

	tape_goto_moment(m->st->ss.tape, m->base, NULL);
	p = tape_point(t, tape_point_now(t));
	if (p->parent != UINT32_MAX && p->moment > start) {
		buf_printf(&where, "without the `%s` before it", p->command);
		try_situation(m, tape_point(t, p->parent)->moment, NULL, m->b->text, buf_str(&where));
	}
	buf_release(&where);
}

/* One queue, option or bit different. */
static const char *const different[] = {
	"recv B", "recv A", "send A 100; deliver all", "send B 100; deliver all", "send B 100", "send A 100",
	"deliver all", "shutdown A wr; deliver all",
	"setsockopt B linger=0", "setsockopt A linger=0", "shutdown B wr; deliver all", "shutdown B wr", "shutdown A wr",
	"close B",
	"close A", "setsockopt A linger2=-1", "setsockopt B linger2=-1", "drop all", "tick 1s", "tick 60s", "shutdown B rd",
	"shutdown A rd", "dup A", "dup B",
};

static void try_different(struct maker *m)
{
	for (size_t i = 0; i < ARRAY_LEN(different); i++) {
		struct buf where = BUF_INIT;

		buf_printf(&where, "if `%s` came first", different[i]);
		try_situation(m, m->base, different[i], m->b->text, buf_str(&where));
		buf_release(&where);
	}
}

/* The same before the last of several commands. */
static void try_between(struct maker *m)
{
	const char *text = m->b->text;
	const char *last = strrchr(text, ';');

	for (size_t i = 0; last && i < ARRAY_LEN(different); i++) {
		struct buf where = BUF_INIT, commands = BUF_INIT;

		buf_printf(&commands, "%.*s; %s%s", (int)(last - text), text, different[i], last);
		buf_printf(&where, "if `%s` came before the end", different[i]);
		try_situation(m, m->base, NULL, buf_str(&commands), buf_str(&where));
		buf_release(&where);
		buf_release(&commands);
	}
}

/* ---- choices --------------------------------------------------------------------------------------------------- */

static void add_guess(struct maker *m, char *const *value, const char *where)
{
	struct guesses *out = m->out;
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < m->b->n; i++)
		buf_printf(&text, "%s%s%s %s", i ? ", " : "", m->b->asked[i].text, expr_is_claim(m->b->asked[i].e) ? ":" : "",
			   value[i]);
	for (size_t i = 0; i < out->n; i++)
		if (out->n == GUESSES_MAX || strcmp(out->guess[i].text, buf_str(&text)) == 0) {
			buf_release(&text);
			return;
		}
	out->guess[out->n++] = (struct guess){ .text = buf_detach(&text), .where = where ? xstrdup(where) : NULL };
}

/* The truth with one of its values replaced. */
static void add_varied(struct maker *m, size_t i, const char *value)
{
	char *mixed[ASKS_MAX];
	char *other = xstrdup(value);

	memcpy(mixed, m->found[0].value, sizeof(mixed));
	mixed[i] = other;
	add_guess(m, mixed, NULL);
	free(other);
}

static bool has_two_values(const struct asked *a)
{
	static const char *const bits[] = { ".syn", ".fin", ".rst", ".psh", ".ack" };
	const char *asked = a->text;
	bool two = expr_is_claim(a->e) || strstr(asked, "flags.") || strstr(asked, "asleep(") || strstr(asked, "seen(");

	for (size_t i = 0; i < ARRAY_LEN(bits); i++)
		two |= ends_in(asked, strlen(asked), bits[i]);
	return two;
}

/* Other values that what is asked for can have, until there are `enough` choices. */
static void make_up(struct maker *m, size_t i, size_t enough)
{
	static const char *const states[] = { "CLOSE", "FIN_WAIT1", "CLOSE_WAIT", "TIME_WAIT", "ESTABLISHED" };
	static const char *const flags[] = { "F.", "R.", ".", "R" };
	const char *truth = m->found[0].value[i];
	s64 n;

	if (has_two_values(&m->b->asked[i]))
		return;
	if (parse_number(truth, &n)) {
		struct buf b = BUF_INIT;

		buf_printf(&b, "%lld", (long long)n + 1);
		add_varied(m, i, buf_str(&b));
		if (m->out->n < enough)
			add_varied(m, i, n ? "0" : "2");
		buf_release(&b);
	} else if (state_find(truth) >= 0) {
		for (size_t k = 0; k < ARRAY_LEN(states) && m->out->n < enough; k++)
			add_varied(m, i, states[k]);
	} else if (ends_in(m->b->asked[i].text, strlen(m->b->asked[i].text), ".flags")) {
		for (size_t k = 0; k < ARRAY_LEN(flags) && m->out->n < enough; k++)
			add_varied(m, i, flags[k]);
	}
}

/* Whether some choice has another value of the i-th thing than the truth. */
static bool is_varied(const struct maker *m, size_t i, size_t situations)
{
	for (size_t k = 1; k < situations; k++)
		if (strcmp(m->found[k].value[i], m->found[0].value[i]) != 0)
			return true;
	return false;
}

/* How far two numbers are from each other; 0: they are none. */
static u64 distance(const char *a, const char *b)
{
	s64 x, y;

	if (!parse_number(a, &x) || !parse_number(b, &y))
		return 0;
	return x > y ? (u64)x - (u64)y : (u64)y - (u64)x;
}

/* Another situation with another i-th value: as much else as possible is as in the truth. None: a value is made up. */
static void vary(struct maker *m, size_t i)
{
	const size_t before = m->out->n;
	size_t best = 0, alike = 0;
	u64 nearest = 0;

	for (size_t k = 1; k < m->n; k++) {
		const u64 far = distance(m->found[k].value[i], m->found[0].value[i]);
		size_t same = 1;

		for (size_t j = 0; j < m->b->n; j++)
			same += strcmp(m->found[k].value[j], m->found[0].value[j]) == 0;
		if (strcmp(m->found[k].value[i], m->found[0].value[i]) != 0 &&
		    (same > alike || (same == alike && far < nearest))) {
			best = k;
			alike = same;
			nearest = far;
		}
	}
	if (best)
		add_guess(m, m->found[best].value, m->found[best].where);
	else
		make_up(m, i, before + 1);
}

/* The nearest situations; and whatever is asked for is not the same in all choices. */
static void choose(struct maker *m)
{
	size_t take = m->n < GUESSES_MAX ? m->n : GUESSES_MAX;
	bool lacks[ASKS_MAX] = { false };

	for (size_t i = 0; i < m->b->n; i++) {
		lacks[i] = !is_varied(m, i, take);
		if (lacks[i] && take == GUESSES_MAX)
			take--;
	}
	for (size_t k = 0; k < take; k++)
		add_guess(m, m->found[k].value, m->found[k].where);
	for (size_t i = 0; i < m->b->n; i++)
		if (lacks[i])
			vary(m, i);
	for (size_t i = 0; i < m->b->n && m->out->n < 3; i++)
		make_up(m, i, 3);
}

/* Where a choice stands among the others: nobody's decision, and always the same. */
static u32 rank(const struct guess *g, const char *seed)
{
	u32 h = 2166136261u;

	for (; *seed; seed++)
		h = (h ^ (u8)*seed) * 16777619u;
	for (const char *c = g->text; *c; c++)
		h = (h ^ (u8)*c) * 16777619u;
	return h;
}

static void shuffle(struct guesses *out, const char *seed)
{
	for (size_t i = 1; i < out->n; i++)
		for (size_t k = i; k > 0 && rank(&out->guess[k], seed) < rank(&out->guess[k - 1], seed); k--) {
			const struct guess g = out->guess[k];

			out->guess[k] = out->guess[k - 1];
			out->guess[k - 1] = g;
			if (out->right == k - 1)
				out->right = k;
			else if (out->right == k)
				out->right = k - 1;
		}
}

enum status guesses_make(struct guesses *out, const struct lesson *l, const struct step *s, size_t n, struct err *err)
{
	const struct endpoint focus = { .host = 0, .kind = EP_MAIN, .fd = -1 };
	struct maker m = { .b = step_block(s, BLOCK_PREDICT, n), .st = stage_new(), .out = out };
	size_t used;
	enum status st;

	*out = (struct guesses){ .n = 0 };
	if (!m.st)
		return err_set(err, ST_FULL, "memory is short");
	m.asleep = expr_parse("asleep(A) + asleep(B)", &focus, &used, err);
	st = begin_after(&m.st->ss, l, s, n, err);
	if (st == ST_OK) {
		m.base = tape_now(m.st->ss.tape);
		m.sleeps = somebody_sleeps(&m);
		for (size_t i = 0; i < m.b->n; i++)
			m.asks_sleep |= strstr(m.b->asked[i].text, "asleep(") != NULL;
		st = run_silently(&m.st->ss, l, m.b->text, m.b->line, err);
	}
	if (st == ST_OK) {
		add_situation(&m, NULL);
		m.st->ss.quiet = true;
		m.st->ss.strict = true;
		try_earlier(&m);
		try_kernels(&m, l, s, n);
		try_numbers(&m);
		try_elsewhere(&m);
		try_between(&m);
		try_different(&m);
		choose(&m);
		shuffle(out, s->id);
	}
	for (size_t i = 0; i < m.n; i++)
		situation_release(&m.found[i]);
	expr_free(m.asleep);
	stage_free(m.st);
	return st;
}

void guesses_release(struct guesses *g)
{
	for (size_t i = 0; i < g->n; i++) {
		free(g->guess[i].text);
		free(g->guess[i].where);
	}
	*g = (struct guesses){ .n = 0 };
}
