/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The block between backticks. No shell is ever started: `sysctl NAME=VALUE ...` lines are understood, in the block itself and
 * in a file that it names; whatever else stands there is passed over with a notice.
 */
#include "drill/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* A file may name another one, but not for ever. */
#define MAX_DEPTH 4

/* What stands in the block, or in the file, walked through word by word. */
struct shell {
	struct drill *d;
	struct lexer *lx;
	const char *text;
	size_t pos;
	size_t end;
	const char *file; /* NULL: the script itself */
	u32 line;	  /* of the block, where it is a file's */
	u32 depth;
};

/* ---- words --------------------------------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Blanks, line ends behind a backslash, and comments. */
static void skip_blanks(struct shell *sh)
{
	while (sh->pos < sh->end) {
		const char c = sh->text[sh->pos];

		if (is_blank(c))
			sh->pos++;
		else if (c == '\\' && sh->pos + 1 < sh->end && sh->text[sh->pos + 1] == '\n')
			sh->pos += 2;
		else if (c == '#')
			while (sh->pos < sh->end && sh->text[sh->pos] != '\n')
				sh->pos++;
		else
			return;
	}
}

static bool at_line_end(const struct shell *sh)
{
	return sh->pos >= sh->end || sh->text[sh->pos] == '\n' || sh->text[sh->pos] == ';';
}

/* What may stand behind a setting: a blank, the end of the line, or a backslash before that. */
static bool ends_word(const struct shell *sh)
{
	return at_line_end(sh) || is_blank(sh->text[sh->pos]) || sh->text[sh->pos] == '\\';
}

static bool take(struct shell *sh, const char *word)
{
	const size_t n = strlen(word);

	skip_blanks(sh);
	if (sh->end - sh->pos < n || memcmp(sh->text + sh->pos, word, n) != 0)
		return false;
	if (sh->end - sh->pos > n && !is_blank(sh->text[sh->pos + n]) && sh->text[sh->pos + n] != '\n')
		return false;
	sh->pos += n;
	return true;
}

static u32 line_of(const struct shell *sh, size_t pos)
{
	u32 line = 1;

	if (sh->file)
		return sh->line;
	for (size_t i = 0; i < pos; i++)
		line += sh->text[i] == '\n';
	return line;
}

/* What is ignored is told, a line each. */
static void notice(struct shell *sh, size_t pos, const char *what, size_t n)
{
	buf_printf(&sh->d->notices, "%s:%u: ignored: %.*s", sh->d->file, line_of(sh, pos), (int)(n < 60 ? n : 60), what);
	buf_printf(&sh->d->notices, sh->file ? " (in %s)\n" : "\n", sh->file);
}

/* A mistake in the script is one; in a file that it names, something to be ignored. */
static enum status mistake(struct shell *sh, size_t pos, const char *what)
{
	if (!sh->file)
		return lex_error_at(sh->lx, pos, "%s", what);
	notice(sh, pos, what, strlen(what));
	return ST_OK;
}

/* ---- settings ------------------------------------------------------------------------------------------------------ */

static void add_sysctl(struct drill *d, u32 line, u32 id, s32 value)
{
	if (d->sysctl_n == d->sysctl_capacity) {
		d->sysctl_capacity = d->sysctl_capacity ? d->sysctl_capacity * 2 : 8;
		d->sysctl = xrealloc(d->sysctl, d->sysctl_capacity * sizeof(*d->sysctl));
	}
	d->sysctl[d->sysctl_n++] = (struct sysctl_line){ line, id, value };
}

/* A decimal or hexadecimal number. */
static bool read_digits(const char *text, size_t len, s64 *out)
{
	const size_t sign = len && text[0] == '-';
	const bool hex = len > 2 && text[0] == '0' && text[1] == 'x';
	s64 value = 0;

	if (len == sign || len > 14)
		return false;
	for (size_t i = hex ? 2 : sign; i < len; i++) {
		const char c = text[i];
		const int digit = c >= '0' && c <= '9' ? c - '0' : hex && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;

		if (digit < 0)
			return false;
		value = value * (hex ? 16 : 10) + digit;
	}
	*out = sign ? -value : value;
	return true;
}

/* A number, or the product of several: $((256*1024)). */
static bool read_value(const char *text, size_t len, s64 *out)
{
	s64 product = 1;

	if (len < 5 || memcmp(text, "$((", 3) != 0 || memcmp(text + len - 2, "))", 2) != 0)
		return read_digits(text, len, out);
	text += 3;
	len -= 5;
	for (;;) {
		const char *times = memchr(text, '*', len);
		const size_t n = times ? (size_t)(times - text) : len;
		s64 factor;

		if (!read_digits(text, n, &factor) || factor > INT32_MAX || product > INT32_MAX)
			return false;
		product *= factor;
		if (!times)
			break;
		text += n + 1;
		len -= n + 1;
	}
	*out = product;
	return true;
}

/* A value in the sysctl's range. What has no sign in the kernel and no limit by default may be larger, to no other effect. */
static bool read_number(const char *text, size_t len, const struct sysctl_info *info, s64 *value)
{
	if (!read_value(text, len, value))
		return false;
	if (info->def == INT32_MAX && *value > INT32_MAX && *value <= UINT32_MAX)
		*value = INT32_MAX;
	return *value >= info->min && *value <= info->max;
}

static enum status set_one(struct shell *sh, u32 id, size_t pos, size_t len)
{
	const struct sysctl_info *info = &sysctl_info[id];
	const char *text = sh->text + pos;
	s64 value = 0;

	if (id == SYSCTL_tcp_congestion_control) {
		if (len == 4 && memcmp(text, "reno", 4) == 0)
			value = CA_RENO;
		else if (len == 5 && memcmp(text, "cubic", 5) == 0)
			value = CA_CUBIC;
		else
			drill_skip(sh->d, line_of(sh, pos), "there is no congestion control `%.*s`: only reno and cubic",
				   (int)(len < 40 ? len : 40), text);
	} else if (!read_number(text, len, info, &value)) {
		char what[120];

		snprintf(what, sizeof(what), "net.ipv4.%s takes a number from %d to %d", info->name, info->min, info->max);
		return mistake(sh, pos, what);
	}
	if (id == SYSCTL_tcp_shrink_window && value)
		drill_skip(sh->d, line_of(sh, pos), "a window is never taken back here: tcp_shrink_window stays 0");
	add_sysctl(sh->d, line_of(sh, pos), id, (s32)value);
	return ST_OK;
}

/* The end of one value: a blank inside $(( )) does not end it. */
static size_t value_end(const struct shell *sh, size_t pos)
{
	const bool sum = sh->end - pos > 3 && memcmp(sh->text + pos, "$((", 3) == 0;

	while (pos < sh->end && sh->text[pos] != '\n' && sh->text[pos] != ';' && sh->text[pos] != '"' && sh->text[pos] != '\\' &&
	       (sum || !is_blank(sh->text[pos])))
		if (sh->text[pos++] == ')' && sum && pos < sh->end && sh->text[pos] == ')')
			return pos + 1;
	return pos;
}

/* VALUE, or "VALUE VALUE VALUE" for a triple. `first` < 0: nobody here knows what it is for. */
static enum status read_values(struct shell *sh, int first)
{
	const bool quoted = sh->pos < sh->end && sh->text[sh->pos] == '"';
	u32 n = 0;

	sh->pos += quoted;
	for (;; n++) {
		enum status st = ST_OK;
		size_t start;

		if (quoted)
			skip_blanks(sh);
		start = sh->pos;
		sh->pos = value_end(sh, start);
		if (start == sh->pos)
			break;
		if (first >= 0 && n > 0 && ((u32)first + n >= SYSCTL_MAX || sysctl_info[(u32)first + n].index != n + 1))
			return mistake(sh, start, "this sysctl takes no further value");
		if (first >= 0)
			st = set_one(sh, (u32)first + n, start, sh->pos - start);
		if (st)
			return st;
		if (!quoted) {
			n++;
			break;
		}
	}
	if (!n)
		return mistake(sh, sh->pos, "a value is missing after `=`");
	if (quoted && (sh->pos >= sh->end || sh->text[sh->pos] != '"'))
		return mistake(sh, sh->pos, "the closing `\"` is missing");
	sh->pos += quoted;
	if (!ends_word(sh))
		return mistake(sh, sh->pos, "a blank is missing between two settings");
	return ST_OK;
}

/*
 * Settings for what is not modelled at all (fast open, ECN's variants, pacing, the sizes that the kernel sends at once): a
 * script that is about those says so in its packets or calls. Any other that is not known here may be what the script is about.
 */
static bool without_effect(const char *name)
{
	static const char *const names[] = {
		"tcp_fack", "tcp_fastopen", "tcp_fastopen_key", "tcp_fastopen_blackhole_timeout_sec",
		"tcp_pacing_ss_ratio", "tcp_pacing_ca_ratio", "tcp_ecn_option", "tcp_ecn_fallback",
		"tcp_ecn_option_beacon", "tcp_autocorking", "tcp_limit_output_bytes",
		"tcp_moderate_rcvbuf", "tcp_comp_sack_delay_ns", "tcp_comp_sack_slack_ns", "tcp_reflect_tos",
		"tcp_available_congestion_control", "tcp_allowed_congestion_control", "ip_no_pmtu_disc",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* The name up to `=`, with dots, without net.ipv4.; "" when it is none. */
static void read_name(struct shell *sh, char *name, size_t size)
{
	static const char *const prefixes[] = { "/proc/sys/", "net.ipv4.", "net/ipv4/" };
	size_t start = sh->pos, n;

	while (!at_line_end(sh) && !is_blank(sh->text[sh->pos]) && sh->text[sh->pos] != '=')
		sh->pos++;
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (sh->pos - start > strlen(prefixes[i]) && memcmp(sh->text + start, prefixes[i], strlen(prefixes[i])) == 0)
			start += strlen(prefixes[i]);
	n = sh->pos - start;
	name[0] = '\0';
	if (at_line_end(sh) || sh->text[sh->pos] != '=' || n >= size)
		return;
	memcpy(name, sh->text + start, n);
	name[n] = '\0';
	sh->pos++;
}

static enum status read_setting(struct shell *sh)
{
	const size_t start = sh->pos;
	char name[64];
	int id;

	read_name(sh, name, sizeof(name));
	if (!name[0])
		return mistake(sh, start, "a setting is NAME=VALUE without blanks");
	id = sysctl_find(name);
	if (id < 0 && without_effect(name))
		notice(sh, start, name, strlen(name));
	else if (id < 0)
		drill_skip(sh->d, line_of(sh, start), "this engine has no sysctl `%s`", name);
	return read_values(sh, id);
}

/* To its end; a backslash there carries it on. */
static void skip_line(struct shell *sh)
{
	while (sh->pos < sh->end && (sh->text[sh->pos] != '\n' || sh->text[sh->pos - 1] == '\\'))
		sh->pos++;
}

/* Where the output goes (nowhere), and what is to be done when the settings cannot be made. */
static bool at_redirection(const struct shell *sh)
{
	static const char *const begin[] = { ">", "2>", "&>", "||" };

	for (size_t i = 0; i < ARRAY_LEN(begin); i++)
		if (sh->end - sh->pos >= strlen(begin[i]) && memcmp(sh->text + sh->pos, begin[i], strlen(begin[i])) == 0)
			return true;
	return false;
}

static enum status read_settings(struct shell *sh)
{
	for (skip_blanks(sh); !at_line_end(sh); skip_blanks(sh)) {
		enum status st;

		if (at_redirection(sh)) {
			skip_line(sh);
			break;
		}
		st = read_setting(sh);
		if (st)
			return st;
		if (sh->file && !ends_word(sh))
			skip_line(sh);
	}
	return ST_OK;
}

/* ---- commands ------------------------------------------------------------------------------------------------------ */

static enum status read_block(struct shell *sh);

/* A file of settings is read as if it stood here. */
static enum status read_file(struct shell *sh, size_t start, size_t n)
{
	struct buf name = BUF_INIT, text = BUF_INIT;
	enum status st = ST_OK;

	buf_add(&name, sh->text + start, n);
	if (sh->depth < MAX_DEPTH && sh->d->files && sh->d->files->read(sh->d->files->ctx, buf_str(&name), &text)) {
		struct shell in = { .d = sh->d, .lx = sh->lx, .text = buf_str(&text), .end = text.len, .file = buf_str(&name),
				    .line = line_of(sh, start), .depth = sh->depth + 1 };

		st = read_block(&in);
	} else {
		notice(sh, start, buf_str(&name), name.len);
	}
	buf_release(&name);
	buf_release(&text);
	return st;
}

/* Whether the command has the word in it. */
static bool has(const struct shell *sh, size_t start, size_t n, const char *word)
{
	const size_t len = strlen(word);

	for (size_t i = 0; i + len <= n; i++)
		if (memcmp(sh->text + start + i, word, len) == 0)
			return true;
	return false;
}

/* The counter of the name that stands here; -1: none. */
static int read_counter(struct shell *sh)
{
	char name[64];
	size_t len = 0;

	for (skip_blanks(sh); sh->pos < sh->end && is_word_char(sh->text[sh->pos]) && len < sizeof(name) - 1; sh->pos++)
		name[len++] = sh->text[sh->pos];
	name[len] = '\0';
	return mib_find(name);
}

/* `" 3 "`: what the counter's line has to have in it. -1: something else. */
static s64 read_quoted_count(struct shell *sh)
{
	s64 count = 0;

	if (!take(sh, "\""))
		return -1;
	for (skip_blanks(sh); sh->pos < sh->end && sh->text[sh->pos] >= '0' && sh->text[sh->pos] <= '9'; sh->pos++)
		count = count < 1000000 ? count * 10 + (sh->text[sh->pos] - '0') : count;
	return take(sh, "\"") ? count : -1;
}

/* nstat [-n] [-s] [> /dev/null], or nstat [-s] | grep NAME [| grep -q " N "] [> /dev/null]. False: it is another command. */
static bool read_nstat(struct shell *sh)
{
	struct nstat n = { .asked = true, .updates = true, .mib = -1, .count = -1 };
	const size_t start = sh->pos;
	bool known = true;

	if (!take(sh, "nstat"))
		return false;
	for (bool more = true; more;) {
		const bool keeps = take(sh, "-s");

		n.updates = n.updates && !keeps;
		more = keeps || take(sh, "-n");
	}
	if (take(sh, "|")) {
		n.mib = take(sh, "grep") ? read_counter(sh) : -1;
		known = n.mib >= 0;
		if (take(sh, "|")) {
			n.count = take(sh, "grep") && take(sh, "-q") ? read_quoted_count(sh) : -1;
			known = known && n.count >= 0;
		}
	}
	take(sh, "> /dev/null");
	skip_blanks(sh);
	/* anything else, a counter that is not here, or a second question in the same block */
	if (!at_line_end(sh) || !known || sh->d->nstat.asked) {
		sh->pos = start;
		return false;
	}
	sh->d->nstat = n;
	return true;
}

/*
 * What is said to the device: that it takes no large packets makes each segment a packet of its own, and a queue without any
 * room drops them all. A queue that lets packets wait is not there. False: nothing that would matter.
 */
static bool use_device(struct shell *sh, size_t start, size_t n)
{
	const bool ethtool = has(sh, start, n < 8 ? n : 8, "ethtool ");

	if (ethtool && has(sh, start, n, "gso off") && has(sh, start, n, "tso off"))
		sh->d->segments = true;
	else if (ethtool)
		drill_skip(sh->d, line_of(sh, start), "the device has no such setting: %.*s", (int)(n < 60 ? n : 60), sh->text + start);
	else if (has(sh, start, n < 3 ? n : 3, "tc ") && !sh->file && has(sh, start, n, "pfifo limit 0"))
		sh->d->device = DEVICE_SHUTS;
	else if (has(sh, start, n < 3 ? n : 3, "tc ") && !sh->file && has(sh, start, n, "root pfifo")) /* replaced by its like it stays */
		sh->d->device = has(sh, start, n, " limit ") || !has(sh, start, n, "replace") ? DEVICE_OPENS : DEVICE_AS_IS;
	else if (has(sh, start, n < 3 ? n : 3, "tc ") && !has(sh, start, n, "pfifo"))
		drill_skip(sh->d, line_of(sh, start), "the device has no such queue: %.*s", (int)(n < 60 ? n : 60), sh->text + start);
	else
		return false;
	return true;
}

static enum status read_command(struct shell *sh)
{
	const size_t start = sh->pos;
	size_t n = 0;

	while (start + n < sh->end && !is_blank(sh->text[start + n]) && sh->text[start + n] != '\n' && sh->text[start + n] != ';')
		n++;
	if (take(sh, "sysctl")) {
		while (take(sh, "-q") || take(sh, "-w") || take(sh, "-qw") || take(sh, "-wq") || take(sh, "-e"))
			;
		return read_settings(sh);
	}
	if (!sh->file && read_nstat(sh))
		return ST_OK;
	if (ends_in(sh->text + start, n, "set_sysctls.py")) { /* its arguments are settings, too */
		sh->pos += n;
		return read_settings(sh);
	}
	if (ends_in(sh->text + start, n, ".sh") && !memchr(sh->text + start, '$', n)) {
		sh->pos += n;
		return read_file(sh, start, n);
	}
	skip_line(sh);
	n = sh->pos - start;
	while (n && is_blank(sh->text[start + n - 1]))
		n--;
	if (!use_device(sh, start, n))
		notice(sh, start, sh->text + start, n);
	return ST_OK;
}

static enum status read_block(struct shell *sh)
{
	enum status st = ST_OK;

	while (!st && sh->pos < sh->end) {
		skip_blanks(sh);
		if (at_line_end(sh))
			sh->pos++;
		else
			st = read_command(sh);
	}
	return st;
}

enum status parse_shell(struct drill *d, struct lexer *lx, size_t start, size_t len)
{
	struct shell sh = { .d = d, .lx = lx, .text = d->text, .pos = start, .end = start + len };

	return read_block(&sh);
}
