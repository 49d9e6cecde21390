/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "drill/script.h"

#include <stdio.h>
#include <string.h>

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(int c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* The byte `ahead` of the present one; -1 behind the end. */
static int at(const struct lexer *lx, size_t ahead)
{
	return ahead < lx->len - lx->pos ? (unsigned char)lx->text[lx->pos + ahead] : -1;
}

static void step(struct lexer *lx, size_t n)
{
	for (; n && lx->pos < lx->len; n--)
		if (lx->text[lx->pos++] == '\n') {
			lx->line++;
			lx->line_start = lx->pos;
		}
}

/* From its beginning to its end, which it has to have. */
static void skip_comment(struct lexer *lx)
{
	lx->token = (struct token){ .kind = TOK_END, .line = lx->line, .column = (u32)(lx->pos - lx->line_start) + 1 };
	step(lx, 2);
	while (at(lx, 0) != -1 && (at(lx, 0) != '*' || at(lx, 1) != '/'))
		step(lx, 1);
	if (at(lx, 0) == -1) {
		lex_error(lx, "the comment that begins here is never closed by `*/`");
		lx->wrong = true;
	}
	step(lx, 2);
}

static void skip_space(struct lexer *lx)
{
	for (;;) {
		int c = at(lx, 0);

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
			step(lx, 1);
		else if (c == '/' && at(lx, 1) == '/')
			while (at(lx, 0) != -1 && at(lx, 0) != '\n')
				step(lx, 1);
		else if (c == '/' && at(lx, 1) == '*' && !lx->wrong)
			skip_comment(lx);
		else
			return;
	}
}

__attribute__((format(printf, 4, 0)))
static enum status error_v(struct lexer *lx, u32 line, size_t column, const char *format, va_list ap)
{
	char message[sizeof(lx->err->message)];

	/* what the lexer found comes first */
	if (lx->wrong)
		return ST_WRONG;
	if (vsnprintf(message, sizeof(message), format, ap) < 0)
		message[0] = '\0';
	err_set(lx->err, ST_WRONG, "%s", message);
	err_place(lx->err, NULL, line, (u32)column);
	return ST_WRONG;
}

enum status lex_error(struct lexer *lx, const char *format, ...)
{
	enum status st;
	va_list ap;

	va_start(ap, format);
	st = error_v(lx, lx->token.line, lx->token.column, format, ap);
	va_end(ap);
	return st;
}

enum status lex_error_at(struct lexer *lx, size_t pos, const char *format, ...)
{
	enum status st;
	u32 line = 1;
	size_t start = 0;
	va_list ap;

	for (size_t i = 0; i < pos && i < lx->len; i++)
		if (lx->text[i] == '\n') {
			line++;
			start = i + 1;
		}
	va_start(ap, format);
	st = error_v(lx, line, pos - start + 1, format, ap);
	va_end(ap);
	return st;
}

/* A block from its first delimiter to its last, a quote behind a backslash apart; the token is what stands between. */
static void lex_block(struct lexer *lx, enum token_kind kind, size_t opening, const char *closing)
{
	const size_t closing_len = strlen(closing);
	const bool escapes = kind != TOK_CODE;

	step(lx, opening);
	lx->token.kind = kind;
	lx->token.start = lx->pos;
	while (lx->pos < lx->len) {
		if (lx->len - lx->pos >= closing_len && memcmp(lx->text + lx->pos, closing, closing_len) == 0) {
			lx->token.len = lx->pos - lx->token.start;
			step(lx, closing_len);
			return;
		}
		step(lx, escapes && at(lx, 0) == '\\' ? 2 : 1);
	}
	lex_error(lx, "what begins here is never closed by `%s`", closing);
	lx->wrong = true;
	lx->token.kind = TOK_END;
	lx->token.len = 0;
}

static int hex_digit(int c)
{
	return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* 0x[0-9a-fA-F]+ */
static bool lex_hex(struct lexer *lx)
{
	size_t n = 2;

	if (at(lx, 0) != '0' || (at(lx, 1) | 0x20) != 'x' || hex_digit(at(lx, 2)) < 0)
		return false;
	for (; hex_digit(at(lx, n)) >= 0; n++)
		lx->token.value = lx->token.value > INT64_MAX / 32 ? INT64_MAX / 32 : lx->token.value * 16 + hex_digit(at(lx, n));
	if (is_word(at(lx, n))) {
		lx->token.value = 0;
		return false;
	}
	lx->token.kind = TOK_INT;
	step(lx, n);
	return true;
}

/* [-]?[0-9]+, [-]?[0-9]*[.][0-9]+, or a word that begins with digits; the longest match wins. */
static bool lex_number(struct lexer *lx)
{
	const size_t sign = at(lx, 0) == '-';
	size_t digits = 0;
	size_t word = 0;
	size_t fraction = 0;

	if (lex_hex(lx))
		return true;
	while (is_digit(at(lx, sign + digits)))
		digits++;
	while (is_word(at(lx, sign + word)))
		word++;
	if (at(lx, sign + digits) == '.')
		while (is_digit(at(lx, sign + digits + 1 + fraction)))
			fraction++;
	if (fraction && word <= digits) {
		lx->token.kind = TOK_FLOAT;
		step(lx, sign + digits + 1 + fraction);
		return true;
	}
	if (!digits || word > digits)
		return false;
	lx->token.kind = TOK_INT;
	for (size_t i = 0; i < digits; i++) {
		const s64 digit = at(lx, sign + i) - '0';

		if (lx->token.value > (INT64_MAX - digit) / 10)
			lx->token.value = INT64_MAX;
		else
			lx->token.value = lx->token.value * 10 + digit;
	}
	if (sign)
		lx->token.value = -lx->token.value;
	step(lx, sign + digits);
	return true;
}

void lex_next(struct lexer *lx)
{
	struct token *t = &lx->token;
	int c;

	lx->behind = lx->pos;
	skip_space(lx);
	*t = (struct token){ .kind = TOK_END, .line = lx->line, .column = (u32)(lx->pos - lx->line_start) + 1,
			     .start = lx->pos };
	c = at(lx, 0);
	if (lx->wrong || c == -1)
		return;
	if (c == '`') {
		lex_block(lx, TOK_SHELL, 1, "`");
		return;
	}
	if (c == '%' && at(lx, 1) == '{') {
		lex_block(lx, TOK_CODE, 2, "}%");
		return;
	}
	if (c == '"') {
		lex_block(lx, TOK_STRING, 1, "\"");
		return;
	}
	if (c == '.' && at(lx, 1) == '.' && at(lx, 2) == '.') {
		t->kind = TOK_ELLIPSIS;
		step(lx, 3);
	} else if (!lex_number(lx)) {
		t->kind = is_word(c) ? TOK_WORD : TOK_CHAR;
		do
			step(lx, 1);
		while (t->kind == TOK_WORD && is_word(at(lx, 0)));
	}
	t->len = lx->pos - t->start;
}

void lex_start(struct lexer *lx, const char *text, size_t len, struct err *err)
{
	*lx = (struct lexer){ .text = text, .len = len, .line = 1, .err = err };
	lex_next(lx);
}

void lex_jump(struct lexer *lx, size_t pos)
{
	/* back to where the token at hand begins, then forth: lines are counted on the way */
	lx->line = lx->token.line;
	lx->line_start = lx->token.start - (lx->token.column - 1);
	lx->pos = lx->token.start;
	step(lx, pos - lx->pos);
	lex_next(lx);
}

bool lex_skip_past(struct lexer *lx, char end)
{
	for (size_t pos = lx->token.start; pos < lx->len && lx->text[pos] != '\n'; pos++)
		if (lx->text[pos] == end) {
			lex_jump(lx, pos + 1);
			return true;
		}
	return false;
}

bool lex_follows(const struct lexer *lx, char c)
{
	size_t pos = lx->token.start + lx->token.len;

	while (pos < lx->len && (lx->text[pos] == ' ' || lx->text[pos] == '\t'))
		pos++;
	return pos < lx->len && lx->text[pos] == c;
}

bool lex_is_char(const struct lexer *lx, char c)
{
	return lx->token.kind == TOK_CHAR && lx->text[lx->token.start] == c;
}

bool lex_is_word(const struct lexer *lx, const char *word)
{
	return lx->token.kind == TOK_WORD && lx->token.len == strlen(word) &&
	       memcmp(lx->text + lx->token.start, word, lx->token.len) == 0;
}

bool lex_finds(const struct lexer *lx, const char *word, char end)
{
	const size_t n = strlen(word);

	for (size_t pos = lx->token.start; pos < lx->len && lx->text[pos] != end; pos++)
		if (lx->len - pos >= n && memcmp(lx->text + pos, word, n) == 0)
			return true;
	return false;
}

bool lex_take_char(struct lexer *lx, char c)
{
	if (!lex_is_char(lx, c))
		return false;
	lex_next(lx);
	return true;
}

bool lex_take_word(struct lexer *lx, const char *word)
{
	if (!lex_is_word(lx, word))
		return false;
	lex_next(lx);
	return true;
}

struct shown lex_shown(const struct lexer *lx)
{
	const struct token *t = &lx->token;
	struct shown s;
	size_t n = 0;

	if (t->kind == TOK_END) {
		snprintf(s.text, sizeof(s.text), "the end of the script");
		return s;
	}
	s.text[n++] = '`';
	for (size_t i = 0; i < t->len && n < sizeof(s.text) - 5; i++) {
		unsigned char c = (unsigned char)lx->text[t->start + i];

		s.text[n++] = c < ' ' || c > '~' ? '?' : (char)c;
	}
	if (n - 1 < t->len) {
		memcpy(s.text + n, "...", 3);
		n += 3;
	}
	s.text[n++] = '`';
	s.text[n] = '\0';
	return s;
}
