/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/lex.h"

#include <string.h>

/* ---- is it text? --------------------------------------------------------------------------------------------- */

/* Length of the UTF-8 character at `p`, 0 when it is none. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
	size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 :
		   p[0] >= 0xf0 && p[0] < 0xf5 ? 4 : 0;

	if (n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

static u32 utf8_code(const unsigned char *p, size_t n)
{
	u32 code = n == 1 ? p[0] : n == 2 ? p[0] & 0x1fu : n == 3 ? p[0] & 0x0fu : p[0] & 0x07u;

	for (size_t i = 1; i < n; i++)
		code = code << 6 | (p[i] & 0x3fu);
	return code;
}

const char *unseen_character(const char *text, u32 *code)
{
	static const struct {
		u32 from, to;
		const char *name;
	} t[] = {
		{ 0x00a0, 0x00a0, "a no-break space" },	      { 0x00ad, 0x00ad, "a soft hyphen" },
		{ 0x1680, 0x1680, "a space of another kind" }, { 0x2000, 0x200a, "a space of another width" },
		{ 0x200b, 0x200b, "a zero-width space" },      { 0x200c, 0x200f, "a mark without width" },
		{ 0x2028, 0x202e, "a mark without width" },    { 0x202f, 0x202f, "a narrow no-break space" },
		{ 0x205f, 0x205f, "a space of another width" }, { 0x2060, 0x206f, "a mark without width" },
		{ 0x3000, 0x3000, "an ideographic space" },    { 0xfe00, 0xfe0f, "a mark without width" },
		{ 0xfeff, 0xfeff, "a byte order mark" },
	};

	for (size_t at = 0, n; text[at]; at += n) {
		n = utf8_length((const unsigned char *)text + at, strlen(text + at));
		if (!n)
			return NULL;
		*code = utf8_code((const unsigned char *)text + at, n);
		for (size_t i = 0; i < ARRAY_LEN(t); i++)
			if (*code >= t[i].from && *code <= t[i].to)
				return t[i].name;
	}
	return NULL;
}

static enum status check_text(const char *line, size_t len, struct err *err)
{
	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)line[i];
		size_t n = utf8_length((const unsigned char *)line + i, len - i);

		if (n == 0 || (c < 0x20 && c != '\t') || c == 0x7f)
			return err_set(err, ST_WRONG,
				       "byte 0x%02x at column %zu is no text: commands are lines of UTF-8", c, i + 1);
		i += n;
	}
	return ST_OK;
}

enum status lexer_init(struct lexer *lx, const char *line, size_t len, struct err *err)
{
	*lx = (struct lexer){ .line = line };
	if (len && line[len - 1] == '\n')
		len--;
	if (len && line[len - 1] == '\r')
		len--;
	if (len > LINE_LIMIT)
		return err_set(err, ST_WRONG, "a line of %zu bytes is too long: a command line has at most %u", len,
			       LINE_LIMIT);
	lx->len = len;
	return check_text(line, len, err);
}

/* ---- words --------------------------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool starts_comment(const struct lexer *lx)
{
	return lx->line[lx->at] == '#' && !(lx->at + 1 < lx->len && is_digit(lx->line[lx->at + 1]));
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* What stands behind a backslash; '\0': nothing that could. */
static char escaped(struct lexer *lx)
{
	const char ch = lx->at < lx->len ? lx->line[lx->at++] : '\0';
	unsigned byte = 0;

	if (ch == 'n')
		return '\n';
	if (!is_octal(ch))
		return ch == '"' || ch == '\\' ? ch : '\0';
	lx->at--;
	for (int digits = 0; digits < 3 && lx->at < lx->len && is_octal(lx->line[lx->at]); digits++)
		byte = byte * 8 + (unsigned)(lx->line[lx->at++] - '0');
	return byte <= 0x7f ? (char)byte : '\0'; /* others come as UTF-8, as they are */
}

static enum status quoted_part(struct lexer *lx, struct command *c, struct err *err)
{
	size_t start = lx->at++;

	while (lx->at < lx->len && lx->line[lx->at] != '"') {
		char ch = lx->line[lx->at++];

		if (ch != '\\') {
			buf_putc(&c->store, ch);
			continue;
		}
		ch = escaped(lx);
		if (!ch)
			return err_set(err, ST_WRONG, "after \\ comes \", \\, n or an octal number (1 to 177) within quotes");
		buf_putc(&c->store, ch);
	}
	if (lx->at == lx->len)
		return err_set(err, ST_WRONG, "the quote at column %zu is not closed", start + 1);
	lx->at++;
	return ST_OK;
}

static enum status one_word(struct lexer *lx, size_t start, struct command *c, struct err *err)
{
	struct word *w = &c->word[c->n];

	if (c->n == MAX_WORDS)
		return err_set(err, ST_WRONG, "more than %u words: no command has so many", MAX_WORDS);
	*w = (struct word){ .at = (u32)c->store.len, .off = (u32)(lx->at - start), .quoted = lx->line[lx->at] == '"' };
	while (lx->at < lx->len) {
		char ch = lx->line[lx->at];

		if (is_blank(ch) || ch == ';' || starts_comment(lx))
			break;
		if (ch == '"') {
			if (quoted_part(lx, c, err) != ST_OK)
				return ST_WRONG;
			continue;
		}
		buf_putc(&c->store, ch);
		lx->at++;
	}
	buf_putc(&c->store, '\0');
	w->end = (u32)(lx->at - start);
	c->n++;
	return ST_OK;
}

enum status lex_command(struct lexer *lx, struct command *c, struct err *err)
{
	size_t start;

	buf_clear(&c->text);
	buf_clear(&c->store);
	c->n = 0;
	while (lx->at < lx->len && is_blank(lx->line[lx->at]))
		lx->at++;
	start = lx->at;
	c->column = (u32)start + 1;
	while (lx->at < lx->len && lx->line[lx->at] != ';' && !starts_comment(lx)) {
		if (is_blank(lx->line[lx->at])) {
			lx->at++;
			continue;
		}
		if (one_word(lx, start, c, err) != ST_OK)
			return ST_WRONG;
	}
	buf_add(&c->text, lx->line + start, c->n ? c->word[c->n - 1].end : 0);
	if (lx->at < lx->len && lx->line[lx->at] == ';')
		lx->at++;
	else
		lx->at = lx->len;
	lx->done = lx->at == lx->len;
	return ST_OK;
}

void command_release(struct command *c)
{
	buf_release(&c->text);
	buf_release(&c->store);
}

const char *command_word(const struct command *c, u32 i)
{
	return i < c->n ? buf_str(&c->store) + c->word[i].at : NULL;
}

/* ---- values -------------------------------------------------------------------------------------------------- */

bool parse_number(const char *text, s64 *value)
{
	bool negative = *text == '-';
	u64 n = 0;

	if (negative || *text == '+')
		text++;
	if (!is_digit(*text))
		return false;
	for (; is_digit(*text); text++) {
		if (n > (u64)INT64_MAX / 10 - 1)
			return false;
		n = n * 10 + (u64)(*text - '0');
	}
	*value = negative ? -(s64)n : (s64)n;
	return *text == '\0';
}

enum status parse_bytes(const char *text, u64 *bytes, struct err *err)
{
	static const struct {
		const char *name;
		unsigned shift;
	} unit[] = { { "", 0 }, { "KiB", 10 }, { "MiB", 20 }, { "GiB", 30 } };
	u64 n = 0;
	const char *p = text;

	/* what is too much already need not grow */
	for (; is_digit(*p); p++)
		n = n > UINT32_MAX ? n : n * 10 + (u64)(*p - '0');
	for (size_t i = 0; p != text && i < ARRAY_LEN(unit); i++) {
		if (strcmp(p, unit[i].name) != 0)
			continue;
		if (n > (u64)INT32_MAX >> unit[i].shift)
			return err_set(err, ST_WRONG, "`%s` is too much: at most %d bytes", text, INT32_MAX);
		*bytes = n << unit[i].shift;
		return ST_OK;
	}
	return err_set(err, ST_WRONG, "`%s` is no number of bytes: 10 or 4KiB, for example", text);
}

static const struct {
	const char *name;
	u64 us;
} duration_unit[] = {
	{ "us", 1 }, { "ms", 1000 }, { "min", 60000000 }, { "s", 1000000 }, { "h", 3600000000 },
};

#define DURATION_LIMIT (10ull * 366 * 86400 * 1000000)

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '.';
}

size_t scan_duration(const char *text, u64 *us)
{
	const char *p = text;
	u64 whole = 0;
	u64 part = 0;
	u64 scale = 1;

	for (; is_digit(*p) && whole < DURATION_LIMIT; p++)
		whole = whole * 10 + (u64)(*p - '0');
	if (p == text)
		return 0;
	if (*p == '.') {
		for (p++; is_digit(*p) && scale < 10000000000ull; p++, scale *= 10)
			part = part * 10 + (u64)(*p - '0');
		if (scale == 1)
			return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(duration_unit); i++) {
		size_t n = strlen(duration_unit[i].name);
		u64 unit = duration_unit[i].us;

		if (strncmp(p, duration_unit[i].name, n) != 0 || is_name_char(p[n]))
			continue;
		if (whole > DURATION_LIMIT / unit || part * unit % scale != 0)
			return 0;
		*us = whole * unit + part * unit / scale;
		return (size_t)(p - text) + n;
	}
	return 0;
}

/* Digits and a unit, but more of them than a duration can have. */
static bool looks_like_duration(const char *text)
{
	size_t n = strspn(text, "0123456789");

	if (n && text[n] == '.')
		n += 1 + strspn(text + n + 1, "0123456789");
	for (size_t i = 0; n && i < ARRAY_LEN(duration_unit); i++)
		if (strcmp(text + n, duration_unit[i].name) == 0)
			return true;
	return false;
}

enum status parse_duration(const char *text, u64 *us, struct err *err)
{
	size_t n = scan_duration(text, us);
	s64 number;

	if (n && text[n] == '\0')
		return ST_OK;
	if (strcmp(text, "0") == 0) {
		*us = 0;
		return ST_OK;
	}
	if (parse_number(text, &number) && number > 0)
		return err_set(err, ST_WRONG, "`%s` has no unit: %ss or %sms, for example", text, text, text);
	if (looks_like_duration(text))
		return err_set(err, ST_WRONG, "`%s` is too long or too fine: durations go from 1us to 87840h", text);
	return err_set(err, ST_WRONG, "`%s` is no duration: 200ms, 1.5s, 60s, 2min or 3us, for example", text);
}

static void add_decimals(struct buf *b, u64 us, u64 unit, const char *name)
{
	char digits[32];
	size_t n;
	u64 rest = us % unit;

	buf_printf(b, "%llu", (unsigned long long)(us / unit));
	if (rest) {
		struct buf d = BUF_INIT;

		buf_printf(&d, "%0*llu", unit == 1000000 ? 6 : 3, (unsigned long long)rest);
		n = d.len < sizeof(digits) ? d.len : sizeof(digits) - 1;
		memcpy(digits, buf_str(&d), n);
		while (n && digits[n - 1] == '0')
			n--;
		digits[n] = '\0';
		buf_printf(b, ".%s", digits);
		buf_release(&d);
	}
	buf_puts(b, name);
}

void add_duration(struct buf *b, u64 us)
{
	if (us != 0 && us < 1000)
		buf_printf(b, "%lluus", (unsigned long long)us);
	else if (us < 1000000)
		add_decimals(b, us, 1000, "ms");
	else
		add_decimals(b, us, 1000000, "s");
}

void add_signed_duration(struct buf *b, s64 us)
{
	if (us < 0)
		buf_putc(b, '-');
	add_duration(b, us < 0 ? 0 - (u64)us : (u64)us);
}

void add_clock(struct buf *b, u64 us)
{
	if (us % 1000)
		buf_printf(b, "%llu.%06us", (unsigned long long)(us / 1000000), (unsigned)(us % 1000000));
	else
		buf_printf(b, "%llu.%03us", (unsigned long long)(us / 1000000), (unsigned)(us / 1000 % 1000));
}

void add_quoted(struct buf *b, const char *data, size_t len)
{
	buf_putc(b, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)data[i];

		if (c == '"' || c == '\\')
			buf_printf(b, "\\%c", c);
		else if (c == '\n')
			buf_puts(b, "\\n");
		else if (c < 0x20 || c == 0x7f) /* a digit behind it would be taken for one of its own */
			buf_printf(b, i + 1 < len && is_octal(data[i + 1]) ? "\\%03o" : "\\%o", c);
		else
			buf_putc(b, (char)c);
	}
	buf_putc(b, '"');
}

void add_typed(struct buf *b, const char *word)
{
	if (!*word || strpbrk(word, " \t\n\";#"))
		add_quoted(b, word, strlen(word));
	else
		buf_puts(b, word);
}

/* ---- the nearest name ---------------------------------------------------------------------------------------- */

#define NEAREST_MAX 64u

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Changes, insertions, losses and exchanged neighbours between two words; case counts for nothing. */
static size_t edit_distance(const char *a, size_t la, const char *b, size_t lb)
{
	size_t row[3][NEAREST_MAX + 1];

	for (size_t j = 0; j <= lb; j++)
		row[1][j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t *before = row[(i + 2) % 3];
		size_t *last = row[i % 3];
		size_t *now = row[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t d = last[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));

			if (last[j] + 1 < d)
				d = last[j] + 1;
			if (now[j - 1] + 1 < d)
				d = now[j - 1] + 1;
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]) && before[j - 2] + 1 < d)
				d = before[j - 2] + 1;
			now[j] = d;
		}
	}
	return row[(la + 1) % 3][lb];
}

void nearest_init(struct nearest *n, const char *wanted)
{
	*n = (struct nearest){ .wanted = wanted };
}

void nearest_try(struct nearest *n, const char *name)
{
	size_t la = strlen(n->wanted);
	size_t lb = strlen(name);
	size_t limit = la <= 3 ? 1 : la < 6 ? 2 : la / 3;
	size_t d;

	if (!la || la > NEAREST_MAX || lb > NEAREST_MAX)
		return;
	d = edit_distance(n->wanted, la, name, lb);
	/* the beginning or the end of a name is near, too */
	if (d > limit && la >= 3 && lb > la &&
	    (strncmp(name, n->wanted, la) == 0 || strcmp(name + lb - la, n->wanted) == 0))
		d = limit;
	if (d > limit || (n->name && d >= n->distance))
		return;
	n->name = name;
	n->distance = d;
}

const char *nearest_hint(const struct nearest *n, struct buf *scratch)
{
	if (!n->name)
		return "";
	buf_clear(scratch);
	buf_printf(scratch, " (did you mean `%s`?)", n->name);
	return buf_str(scratch);
}
