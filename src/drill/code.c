/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The code between %{ and }%: of Python, what scripts use it for: assertions about tcpi_* fields, and print. The same walk
 * through the text checks it when the script is read (without a socket) and runs it.
 */
#include "drill/code.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "drill/script.h"

/* No expression is nested deeper. */
#define DEPTH 64

struct code {
	const char *text;
	size_t pos;
	size_t end;
	const struct sock *sk; /* NULL: nothing is asked, every field is 0 */
	u64 now;
	u32 depth;
	u32 parens; /* open ones */
	bool printing;
	char foreign[64]; /* what is not run here; "": all is */
	struct code_told *told; /* NULL: nobody wants to know */
};

/* Python divides into fractions; whole numbers up to 2^63 are exact in this, too. */
typedef long double num;

static num expression(struct code *c);

/* ---- fields -------------------------------------------------------------------------------------------------------- */

/* Since what was noted in jiffies. */
static u32 ms_since(u32 jiffies, u64 now)
{
	return ((u32)(now / USEC_PER_JIFFY) - jiffies) * (1000 / HZ);
}

/* As tcp_get_info() fills them in. */
#define FIELDS(X)                                                                                                      \
	X(tcpi_state, sk->sk_state)                                                                                    \
	X(tcpi_ca_state, sk->icsk_ca_state)                                                                            \
	X(tcpi_retransmits, sk->icsk_retransmits)                                                                      \
	X(tcpi_probes, sk->icsk_probes_out)                                                                            \
	X(tcpi_backoff, sk->icsk_backoff)                                                                              \
	X(tcpi_rto, sk->icsk_rto * USEC_PER_JIFFY)                                                                     \
	X(tcpi_ato, sk->icsk_ack_ato * USEC_PER_JIFFY)                                                                 \
	X(tcpi_snd_mss, sk->mss_cache)                                                                                 \
	X(tcpi_rcv_mss, sk->icsk_ack_rcv_mss)                                                                          \
	X(tcpi_unacked, sk->sk_state == TCP_LISTEN ? sk->sk_ack_backlog : sk->packets_out)                             \
	X(tcpi_sacked, sk->sk_state == TCP_LISTEN ? sk->sk_max_ack_backlog : sk->sacked_out)                           \
	X(tcpi_lost, sk->lost_out)                                                                                     \
	X(tcpi_retrans, sk->retrans_out)                                                                               \
	X(tcpi_rtt, sk->srtt_us >> 3)                                                                                  \
	X(tcpi_rttvar, sk->mdev_us >> 2)                                                                               \
	X(tcpi_snd_ssthresh, sk->snd_ssthresh)                                                                         \
	X(tcpi_snd_cwnd, sk->snd_cwnd)                                                                                 \
	X(tcpi_advmss, sk->advmss)                                                                                     \
	X(tcpi_reordering, sk->reordering)                                                                             \
	X(tcpi_rcv_ssthresh, sk->rcv_ssthresh)                                                                         \
	X(tcpi_total_retrans, sk->total_retrans)                                                                       \
	X(tcpi_bytes_acked, sk->bytes_acked)                                                                           \
	X(tcpi_bytes_received, sk->bytes_received)                                                                     \
	X(tcpi_delivered, sk->delivered)                                                                               \
	X(tcpi_dsack_dups, sk->dsack_dups)                                                                             \
	X(tcpi_last_ack_recv, ms_since(sk->rcv_tstamp, now))                                                           \
	X(tcpi_last_data_recv, ms_since(sk->icsk_ack_lrcvtime, now))                                                   \
	X(tcpi_last_data_sent, ms_since(sk->lsndtime, now))                                                            \
	X(tcpi_min_rtt, sk->rtt_min_us)                                                                                \
	X(tcpi_options, (sk->tstamp_ok ? 1 : 0) | (sk->sack_ok ? 2 : 0) | (sk->wscale_ok ? 4 : 0))                     \
	X(tcpi_pmtu, sk->icsk_pmtu_cookie)                                                                             \
	X(tcpi_reord_seen, sk->reord_seen)                                                                             \
	X(tcpi_total_rto, sk->total_rto)                                                                               \
	X(SK_MEMINFO_RMEM_ALLOC, sk->sk_rmem_alloc)                                                                    \
	X(SK_MEMINFO_RCVBUF, sk->sk_rcvbuf)                                                                            \
	X(SK_MEMINFO_SNDBUF, sk->sk_sndbuf)                                                                            \
	X(SK_MEMINFO_WMEM_QUEUED, sk->sk_wmem_queued)                                                                  \
	X(tcpi_notsent_bytes, (s32)(sk->write_seq - sk->snd_nxt) > 0 ? sk->write_seq - sk->snd_nxt : 0)

#define GETTER(name, value)                                                                                            \
	static s64 get_##name(const struct sock *sk, u64 now)                                                          \
	{                                                                                                              \
		(void)now;                                                                                             \
		return (s64)(value);                                                                                   \
	}
FIELDS(GETTER)

static const struct {
	const char *name;
	s64 (*get)(const struct sock *sk, u64 now);
} fields[] = {
#define ROW(name, value) { #name, get_##name },
	FIELDS(ROW)
#undef ROW
};

/* Constants that are no states. */
static const struct {
	const char *name;
	s64 value;
} constants[] = {
	{ "True", 1 }, { "False", 0 }, { "None", 0 }, { "TCP_CA_Open", 0 }, { "TCP_CA_Disorder", 1 },
	{ "TCP_INFINITE_SSTHRESH", 0x7fffffff }, { "TCPI_OPT_TIMESTAMPS", 1 }, { "TCPI_OPT_SACK", 2 }, { "TCPI_OPT_WSCALE", 4 },
	{ "TCPI_OPT_ECN", 8 }, { "TCPI_OPT_ECN_SEEN", 16 }, { "TCPI_OPT_SYN_DATA", 32 },
	{ "TCP_CA_CWR", 2 }, { "TCP_CA_Recovery", 3 }, { "TCP_CA_Loss", 4 },
};

/* ---- words --------------------------------------------------------------------------------------------------------- */

/* Blanks, and line ends behind a backslash or inside parentheses. */
static void skip_blanks(struct code *c)
{
	while (c->pos < c->end) {
		const char ch = c->text[c->pos];

		if (ch == '\\' && c->pos + 1 < c->end && c->text[c->pos + 1] == '\n')
			c->pos += 2;
		else if (ch == ' ' || ch == '\t' || ch == '\r' || (ch == '\n' && c->parens))
			c->pos++;
		else
			return;
	}
}

static size_t word_len(struct code *c)
{
	size_t n = 0;

	skip_blanks(c);
	while (c->pos + n < c->end && is_word_char(c->text[c->pos + n]))
		n++;
	return n;
}

static bool word_is(const struct code *c, size_t n, const char *word)
{
	return n == strlen(word) && memcmp(c->text + c->pos, word, n) == 0;
}

static bool take_word(struct code *c, const char *word)
{
	const size_t n = word_len(c);

	if (!word_is(c, n, word))
		return false;
	c->pos += n;
	return true;
}

static bool take(struct code *c, const char *sign)
{
	const size_t n = strlen(sign);

	skip_blanks(c);
	if (c->end - c->pos < n || memcmp(c->text + c->pos, sign, n) != 0)
		return false;
	c->pos += n;
	return true;
}

/* The first thing that is not run here is what is told. */
static num foreign(struct code *c, const char *what, size_t n)
{
	if (!c->foreign[0])
		snprintf(c->foreign, sizeof(c->foreign), "%.*s", (int)(n < 40 ? n : 40), what);
	c->pos = c->end;
	return 0;
}

static num foreign_here(struct code *c)
{
	size_t n = word_len(c);

	if (c->pos == c->end)
		return foreign(c, "an unfinished expression", 24);
	return foreign(c, c->text + c->pos, n ? n : 1);
}

/* ---- expressions --------------------------------------------------------------------------------------------------- */

/* 10, 0x1f, 2.5; what Python does not take for one (010, 1_0) is none here. */
static num number(struct code *c, size_t n)
{
	const char *text = c->text + c->pos;
	const bool hex = n > 2 && text[0] == '0' && (text[1] | 0x20) == 'x';
	num value = 0;

	if (!hex && n > 1 && text[0] == '0')
		return foreign_here(c);
	for (size_t i = hex ? 2 : 0; i < n; i++) {
		const char ch = (char)(text[i] | 0x20);
		const int digit = text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : hex && ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;

		if (digit < 0 || value > (num)(INT64_MAX / 32))
			return foreign_here(c);
		value = value * (hex ? 16 : 10) + digit;
	}
	c->pos += n;
	if (!hex && c->pos < c->end && c->text[c->pos] == '.') {
		num unit = 1;

		for (c->pos++; c->pos < c->end && c->text[c->pos] >= '0' && c->text[c->pos] <= '9'; c->pos++)
			value += (unit /= 10) * (c->text[c->pos] - '0');
		if (c->pos < c->end && is_word_char(c->text[c->pos])) /* 1e3 */
			return foreign_here(c);
	}
	return value;
}

static num field(struct code *c, size_t n)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		s64 value;

		if (!word_is(c, n, fields[i].name))
			continue;
		value = c->sk ? fields[i].get(c->sk, c->now) : 0;
		c->pos += n;
		if (c->told && !c->printing)
			buf_printf(&c->told->seen, "%s%s %lld", c->told->seen.len ? ", " : "", fields[i].name, (long long)value);
		return (num)value;
	}
	return foreign_here(c);
}

static num name_value(struct code *c, size_t n)
{
	const struct name *state = script_name(c->text + c->pos, n);

	if ((n > 5 && memcmp(c->text + c->pos, "tcpi_", 5) == 0) || (n > 11 && memcmp(c->text + c->pos, "SK_MEMINFO_", 11) == 0))
		return field(c, n);
	if (state && state->class == NAME_STATE) {
		c->pos += n;
		return state->value;
	}
	for (size_t i = 0; i < ARRAY_LEN(constants); i++)
		if (word_is(c, n, constants[i].name)) {
			c->pos += n;
			return (num)constants[i].value;
		}
	return foreign_here(c);
}

static num primary(struct code *c)
{
	const size_t n = word_len(c);
	num value;

	if (n)
		return c->text[c->pos] >= '0' && c->text[c->pos] <= '9' ? number(c, n) : name_value(c, n);
	if (!take(c, "("))
		return foreign_here(c);
	c->parens++;
	value = expression(c);
	if (!take(c, ")"))
		return foreign_here(c);
	c->parens--;
	return value;
}

static num unary(struct code *c)
{
	num value;

	if (++c->depth > DEPTH)
		return foreign(c, "an expression nested so deeply", 30);
	value = take(c, "-") ? -unary(c) : take(c, "+") ? unary(c) : primary(c);
	c->depth--;
	return value;
}

/* The largest whole number that is not larger. */
static num floor_of(num value)
{
	const num whole = (num)(s64)value;

	return whole > value ? whole - 1 : whole;
}

/* What may be made whole without loss. */
static bool is_far(num value)
{
	return value > (num)(INT64_MAX / 2) || value < (num)(INT64_MIN / 2);
}

static num product(struct code *c)
{
	num value = unary(c);

	for (;;) {
		const bool times = take(c, "*"), over = !times && take(c, "/"), rest = !times && !over && take(c, "%");
		const bool whole = over && take(c, "/");
		num right;

		if (!times && !over && !rest)
			return value;
		right = unary(c);
		if (times)
			value *= right;
		else if (!c->sk)
			continue;
		else if (!(right < 0 || right > 0) || is_far(value / right))
			return foreign(c, "a division by 0", 15);
		else if (rest)
			value -= floor_of(value / right) * right;
		else
			value = whole ? floor_of(value / right) : value / right;
	}
}

static num sum(struct code *c)
{
	num value = product(c);

	for (;;) {
		if (take(c, "+"))
			value += product(c);
		else if (take(c, "-"))
			value -= product(c);
		else
			return value;
	}
}

static num bits(struct code *c)
{
	num value = sum(c);

	while (take(c, "&")) {
		const num right = sum(c);

		if (is_far(value) || is_far(right))
			return foreign(c, "the bits of so large a number", 29);
		value = (num)((s64)value & (s64)right);
	}
	return value;
}

static const char *const signs[] = { "==", "!=", "<=", ">=", "<", ">" };

static bool holds(size_t sign, num left, num right)
{
	const bool less = left < right, more = left > right;
	const bool by_sign[] = { !less && !more, less || more, !more, !less, less, more };

	return by_sign[sign];
}

/* a < b == c: each pair holds. */
static num comparison(struct code *c)
{
	num left = bits(c);
	bool all = true, any = false;

	for (;;) {
		size_t i = 0;
		num right;

		while (i < ARRAY_LEN(signs) && !take(c, signs[i]))
			i++;
		if (i == ARRAY_LEN(signs))
			return any ? all : left;
		right = bits(c);
		all = all && holds(i, left, right);
		any = true;
		left = right;
	}
}

static bool is_true(num value)
{
	return value < 0 || value > 0;
}

static num negation(struct code *c)
{
	num value;

	if (!take_word(c, "not"))
		return comparison(c);
	if (++c->depth > DEPTH)
		return foreign(c, "an expression nested so deeply", 30);
	value = !is_true(negation(c));
	c->depth--;
	return value;
}

static num conjunction(struct code *c)
{
	num value = negation(c);

	while (take_word(c, "and")) {
		num right = negation(c);

		value = is_true(value) ? right : value;
	}
	return value;
}

static num expression(struct code *c)
{
	num value;

	if (++c->depth > DEPTH)
		return foreign(c, "an expression nested so deeply", 30);
	value = conjunction(c);
	while (take_word(c, "or")) {
		num right = conjunction(c);

		value = is_true(value) ? value : right;
	}
	c->depth--;
	return value;
}

/* ---- statements ---------------------------------------------------------------------------------------------------- */

static void skip_comment(struct code *c)
{
	while (c->pos < c->end && c->text[c->pos] != '\n')
		c->pos++;
}

/* Its length without the blanks at its end. */
static size_t trimmed(const char *text, size_t n)
{
	while (n && (text[n - 1] == ' ' || text[n - 1] == '\t' || text[n - 1] == '\r'))
		n--;
	return n;
}

/* Something that print() may be given: a field, a constant, a number, or what Python itself has for it. */
static bool may_be_printed(struct code *c, size_t n)
{
	static const char *const own[] = { "end", "sep", "str", "int", "and", "or", "not" };
	struct code probe = *c;

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (word_is(c, n, own[i]))
			return true;
	probe.told = NULL;
	primary(&probe);
	return !probe.foreign[0] && probe.pos == c->pos + n;
}

/* Behind the string that begins here. False: it does not end. */
static bool skip_string(struct code *c)
{
	const char quote = c->text[c->pos];

	for (c->pos++; c->pos < c->end && c->text[c->pos] != '\n'; c->pos++) {
		if (c->text[c->pos] == '\\' && c->pos + 1 < c->end)
			c->pos++;
		else if (c->text[c->pos] == quote) {
			c->pos++;
			return true;
		}
	}
	return false;
}

/* To the end of the statement, past strings and brackets. What is printed has to be there; of a message nothing is asked. */
static void skip_message(struct code *c, bool printed)
{
	int depth = 0;

	while (c->pos < c->end) {
		const char ch = c->text[c->pos];
		const size_t n = is_word_char(ch) ? word_len(c) : 0;

		if (n && ((printed && !may_be_printed(c, n)) || (c->pos + n < c->end && strchr("\"'", c->text[c->pos + n])))) {
			foreign_here(c);
		} else if (ch == '"' || ch == '\'') {
			if (!skip_string(c))
				foreign(c, "a string without an end", 23);
		} else if ((ch == '\n' || ch == ';' || ch == '#') && depth <= 0) {
			return;
		} else if (ch == '#') {
			skip_comment(c);
		} else {
			depth += ch == '(' || ch == '[' || ch == '{';
			depth -= ch == ')' || ch == ']' || ch == '}';
			c->pos += n ? n : ch == '\\' && c->pos + 1 < c->end ? 2 : 1;
		}
	}
	if (depth)
		foreign(c, "a bracket without its other", 27);
}

/* A statement is over. */
static bool at_end(struct code *c)
{
	skip_blanks(c);
	return c->pos == c->end || c->text[c->pos] == '\n' || c->text[c->pos] == ';' || c->text[c->pos] == '#';
}

/* A string without escapes, as far as its quote; false: it is none. */
static bool plain_string(struct code *c, struct buf *line)
{
	const char quote = c->pos < c->end ? c->text[c->pos] : '\0';
	size_t n;

	if (quote != '"' && quote != '\'')
		return false;
	for (n = 1; c->pos + n < c->end && c->text[c->pos + n] != quote; n++)
		if (c->text[c->pos + n] == '\\' || c->text[c->pos + n] == '\n')
			return false;
	if (c->pos + n == c->end)
		return false;
	buf_add(line, c->text + c->pos + 1, n - 1);
	c->pos += n + 1;
	return true;
}

static void put_num(struct buf *line, num value)
{
	char text[64];

	snprintf(text, sizeof(text), "%.15Lg", value);
	if (is_far(value) || (num)(s64)value < value || (num)(s64)value > value)
		buf_puts(line, text);
	else
		buf_printf(line, "%lld", (long long)value);
}

/* What print is given, a blank between one and the next. False: there is something else in it than strings and numbers. */
static bool arguments(struct code *c, struct buf *line)
{
	if (!take(c, "("))
		return false;
	c->parens++;
	if (!take(c, ")")) {
		do {
			buf_puts(line, line->len ? " " : "");
			skip_blanks(c);
			if (!plain_string(c, line))
				put_num(line, expression(c));
		} while (!c->foreign[0] && take(c, ","));
		if (c->foreign[0] || !take(c, ")"))
			return false;
	}
	c->parens--;
	return at_end(c);
}

/* Prints a line; what cannot be worked out (a format, say) is printed as it stands, if it is right: nothing hangs on it. */
static void print(struct code *c)
{
	const size_t start = c->pos;
	struct buf line = BUF_INIT;

	c->printing = true;
	if (!arguments(c, &line)) {
		c->foreign[0] = '\0';
		c->depth = c->parens = 0;
		c->pos = start;
		skip_blanks(c);
		if (c->pos == c->end || c->text[c->pos] != '(')
			foreign(c, "print without parentheses", 25);
		skip_message(c, true);
		buf_clear(&line);
		buf_add(&line, c->text + start, trimmed(c->text + start, c->pos - start));
	}
	c->printing = false;
	if (c->told)
		buf_printf(&c->told->printed, "%s\n", buf_str(&line));
	buf_release(&line);
}

/* True: it holds, or asserts nothing. */
static bool statement(struct code *c)
{
	num value;

	if (take_word(c, "print")) {
		print(c);
		return true;
	}
	if (take_word(c, "pass"))
		return true;
	if (!take_word(c, "assert")) {
		foreign_here(c);
		return true;
	}
	if (c->told)
		buf_clear(&c->told->seen);
	value = expression(c);
	if (take(c, ","))
		skip_message(c, false);
	if (!at_end(c))
		foreign_here(c);
	return is_true(value);
}

static bool walk(struct code *c, size_t *start, size_t *len)
{
	const size_t begin = c->pos;

	while (c->pos < c->end) {
		const bool fresh = c->pos > begin && c->text[c->pos - 1] == '\n';
		const size_t line = c->pos;

		skip_blanks(c);
		*start = c->pos;
		if (c->pos == c->end)
			break;
		if (fresh && c->pos > line && !strchr("\n#", c->text[c->pos])) {
			foreign(c, "an indented line", 16);
		} else if (c->text[c->pos] == '\n' || c->text[c->pos] == ';') {
			c->pos++;
		} else if (c->text[c->pos] == '#') {
			skip_comment(c);
		} else if (!statement(c) && c->sk && !c->foreign[0]) {
			*len = c->pos - *start;
			return false;
		}
	}
	return true;
}

bool code_check(const char *text, size_t start, size_t len, char what[64])
{
	struct code c = { .text = text, .pos = start, .end = start + len };
	size_t at, n;

	walk(&c, &at, &n);
	memcpy(what, c.foreign, sizeof(c.foreign));
	return !c.foreign[0];
}

bool code_holds(const char *text, size_t start, size_t len, const struct sock *sk, u64 now, struct code_told *told)
{
	struct code c = { .text = text, .pos = start, .end = start + len, .sk = sk, .now = now, .told = told };
	size_t at = start, n = 0;

	if (walk(&c, &at, &n) && !c.foreign[0])
		return true;
	if (c.foreign[0]) { /* of a division, say: what was checked without values */
		buf_printf(&told->failed, "code that can be run, and not %s", c.foreign);
		return false;
	}
	buf_add(&told->failed, text + at, trimmed(text + at, n));
	return false;
}

void code_told_release(struct code_told *told)
{
	buf_release(&told->failed);
	buf_release(&told->seen);
	buf_release(&told->printed);
}
