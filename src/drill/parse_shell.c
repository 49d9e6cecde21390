/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The block between backticks: commands `sysctl -q NAME=VALUE ...`, one a line. No shell is ever started. */
#include "drill/script.h"

#include <stdlib.h>
#include <string.h>

/* What stands in the block, walked through word by word. */
struct shell {
	const char *text;
	size_t pos;
	size_t end;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct shell *sh)
{
	while (sh->pos < sh->end && is_blank(sh->text[sh->pos]))
		sh->pos++;
}

static bool at_line_end(const struct shell *sh)
{
	return sh->pos >= sh->end || sh->text[sh->pos] == '\n' || sh->text[sh->pos] == ';';
}

static bool take(struct shell *sh, const char *word)
{
	const size_t n = strlen(word);

	skip_blanks(sh);
	if (sh->end - sh->pos < n || memcmp(sh->text + sh->pos, word, n) != 0)
		return false;
	if (sh->end - sh->pos > n && !is_blank(sh->text[sh->pos + n]))
		return false;
	sh->pos += n;
	return true;
}

static void add_sysctl(struct drill *d, u32 line, u32 id, s32 value)
{
	if (d->sysctl_n == d->sysctl_capacity) {
		d->sysctl_capacity = d->sysctl_capacity ? d->sysctl_capacity * 2 : 8;
		d->sysctl = xrealloc(d->sysctl, d->sysctl_capacity * sizeof(*d->sysctl));
	}
	d->sysctl[d->sysctl_n++] = (struct sysctl_line){ line, id, value };
}

static u32 line_of(const struct drill *d, size_t pos)
{
	u32 line = 1;

	for (size_t i = 0; i < pos; i++)
		line += d->text[i] == '\n';
	return line;
}

/* One number of a value, as the kernel takes it. */
static bool read_value(const char *text, size_t len, s64 *out)
{
	const size_t sign = len && text[0] == '-';
	s64 value = 0;

	if (len == sign || len > 12)
		return false;
	for (size_t i = sign; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (text[i] - '0');
	}
	*out = sign ? -value : value;
	return true;
}

static enum status set_one(struct drill *d, struct lexer *lx, u32 id, size_t pos, size_t len)
{
	const struct sysctl_info *info = &sysctl_info[id];
	const char *text = d->text + pos;
	s64 value = 0;

	if (id == SYSCTL_tcp_congestion_control) {
		if (len == 4 && memcmp(text, "reno", 4) == 0)
			value = CA_RENO;
		else if (len == 5 && memcmp(text, "cubic", 5) == 0)
			value = CA_CUBIC;
		else
			drill_skip(d, line_of(d, pos), "there is no congestion control `%.*s`: only reno and cubic",
				   (int)(len < 40 ? len : 40), text);
	} else if (!read_value(text, len, &value)) {
		return lex_error_at(lx, pos, "net.ipv4.%s takes a number here", info->name);
	} else if (value < info->min || value > info->max) {
		return lex_error_at(lx, pos, "net.ipv4.%s takes %d to %d", info->name, info->min, info->max);
	}
	add_sysctl(d, line_of(d, pos), id, (s32)value);
	return ST_OK;
}

/* VALUE, or "VALUE VALUE VALUE" for a triple. */
static enum status read_values(struct drill *d, struct lexer *lx, struct shell *sh, int first)
{
	const bool quoted = sh->pos < sh->end && sh->text[sh->pos] == '"';
	u32 n = 0;

	sh->pos += quoted;
	for (;; n++) {
		size_t start;
		enum status st;

		if (quoted)
			skip_blanks(sh);
		start = sh->pos;
		while (!at_line_end(sh) && !is_blank(sh->text[sh->pos]) && sh->text[sh->pos] != '"')
			sh->pos++;
		if (start == sh->pos)
			break;
		if (first >= 0 && n > 0 && ((u32)first + n >= SYSCTL_MAX || sysctl_info[(u32)first + n].index != n + 1))
			return lex_error_at(lx, start, "net.ipv4.%s takes no further value", sysctl_info[first].name);
		st = first < 0 ? ST_OK : set_one(d, lx, (u32)first + n, start, sh->pos - start);
		if (st)
			return st;
		if (!quoted) {
			n++;
			break;
		}
	}
	if (!n)
		return lex_error_at(lx, sh->pos, "a value is missing after `=`");
	if (quoted && (sh->pos >= sh->end || sh->text[sh->pos] != '"'))
		return lex_error_at(lx, sh->pos, "the closing `\"` is missing");
	sh->pos += quoted;
	if (!at_line_end(sh) && !is_blank(sh->text[sh->pos]))
		return lex_error_at(lx, sh->pos, "a blank is missing between two settings");
	return ST_OK;
}

static enum status read_setting(struct drill *d, struct lexer *lx, struct shell *sh)
{
	const size_t start = sh->pos;
	char name[64];
	size_t len;
	int id;

	while (!at_line_end(sh) && !is_blank(sh->text[sh->pos]) && sh->text[sh->pos] != '=')
		sh->pos++;
	len = sh->pos - start;
	if (at_line_end(sh) || sh->text[sh->pos] != '=' || len == 0)
		return lex_error_at(lx, start, "a setting is NAME=VALUE without blanks");
	sh->pos++;
	if (len >= sizeof(name))
		return lex_error_at(lx, start, "no sysctl has so long a name");
	memcpy(name, d->text + start, len);
	name[len] = '\0';
	id = strncmp(name, "net.ipv4.", 9) == 0 ? sysctl_find(name) : -1;
	if (id < 0)
		drill_skip(d, line_of(d, start), "this engine has no sysctl `%s`", name);
	return read_values(d, lx, sh, id);
}

enum status parse_shell(struct drill *d, struct lexer *lx, size_t start, size_t len)
{
	struct shell sh = { .text = d->text, .pos = start, .end = start + len };

	while (sh.pos < sh.end) {
		skip_blanks(&sh);
		if (at_line_end(&sh)) {
			sh.pos++;
			continue;
		}
		if (!take(&sh, "sysctl")) {
			drill_skip(d, line_of(d, sh.pos), "a shell command other than `sysctl -q NAME=VALUE` is not run");
			return ST_OK;
		}
		while (take(&sh, "-q") || take(&sh, "-w"))
			;
		for (skip_blanks(&sh); !at_line_end(&sh); skip_blanks(&sh)) {
			enum status st = read_setting(d, lx, &sh);

			if (st)
				return st;
		}
	}
	return ST_OK;
}
