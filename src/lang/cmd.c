/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/cmd.h"

#include <string.h>

#include "lang/expr.h"

const char *args_peek(const struct args *a)
{
	return command_word(a->c, a->next);
}

bool args_peek_quoted(const struct args *a)
{
	return a->next < a->c->n && a->c->word[a->next].quoted;
}

const char *args_take(struct args *a)
{
	const char *word = args_peek(a);

	if (word)
		a->next++;
	return word;
}

void args_note(struct args *a, const char *format, ...)
{
	va_list ap;

	buf_putc(&a->canon, ' ');
	va_start(ap, format);
	buf_vprintf(&a->canon, format, ap);
	va_end(ap);
}

static enum status at_word(const struct args *a, u32 i, struct err *err)
{
	if (i < a->c->n)
		err_place(err, NULL, 1, a->c->column + a->c->word[i].off);
	return ST_WRONG;
}

enum status args_end(const struct args *a, struct err *err)
{
	const char *word = args_peek(a);

	if (!word)
		return ST_OK;
	err_set(err, ST_WRONG, "`%s` is one word too many here", word);
	return at_word(a, a->next, err);
}

bool args_try_endpoint(struct args *a, struct endpoint *ep)
{
	const char *word = args_peek(a);
	size_t n = word && !args_peek_quoted(a) ? endpoint_scan(word, ep) : 0;

	if (!n || word[n] != '\0')
		return false;
	a->next++;
	return true;
}

/* "C", "a", "A:", "A%0": a person meant an endpoint, but it is none. */
static bool looks_like_endpoint(const char *word)
{
	size_t n = strlen(word);

	return (n == 1 && ((*word >= 'A' && *word <= 'Z') || *word == 'a' || *word == 'b')) ||
	       (n > 1 && (word[1] == ':' || word[1] == '%' || word[1] == '/'));
}

enum status args_endpoint(struct args *a, struct endpoint *ep, struct err *err)
{
	const char *word = args_peek(a);

	if (!args_try_endpoint(a, ep)) {
		if (word && !args_peek_quoted(a) && looks_like_endpoint(word)) {
			err_set(err, ST_WRONG,
				"`%s` is no endpoint: A, B, A:4 (a descriptor), A/102:4, A%%2 (a socket)", word);
			return at_word(a, a->next, err);
		}
		*ep = *a->focus;
	}
	buf_putc(&a->canon, ' ');
	add_endpoint(&a->canon, ep);
	return ST_OK;
}

enum status args_host(struct args *a, u8 *host, struct err *err)
{
	const char *word = args_peek(a);
	struct endpoint ep;

	if (!args_try_endpoint(a, &ep)) {
		if (word && !args_peek_quoted(a) && looks_like_endpoint(word)) {
			err_set(err, ST_WRONG, "`%s` is no host: there are A and B", word);
			return at_word(a, a->next, err);
		}
		ep = *a->focus;
		ep.kind = EP_MAIN;
	}
	if (ep.kind != EP_MAIN) {
		err_set(err, ST_WRONG, "a host is meant here: %c", host_letter(ep.host));
		return at_word(a, a->next - 1, err);
	}
	*host = ep.host;
	args_note(a, "%c", host_letter(ep.host));
	return ST_OK;
}

int args_keyword(struct args *a, const char *const *choices)
{
	const char *word = args_peek(a);
	int found = -1;
	bool exact = false;

	if (!word || args_peek_quoted(a))
		return -1;
	for (int i = 0; choices[i]; i++) {
		if (strcmp(choices[i], word) == 0) {
			found = i;
			exact = true;
		} else if (!exact && !a->strict && *word && strncmp(choices[i], word, strlen(word)) == 0) {
			found = found == -1 ? i : -2;
		}
	}
	if (found < 0)
		return -1;
	a->next++;
	args_note(a, "%s", choices[found]);
	return found;
}

/* The one choice that begins so, NULL: none or several. */
static const char *short_for(const char *word, const char *const *choices)
{
	const char *found = NULL;

	for (int i = 0; *word && choices[i]; i++) {
		if (strncmp(choices[i], word, strlen(word)) != 0)
			continue;
		if (found)
			return NULL;
		found = choices[i];
	}
	return found;
}

bool args_try_keyword(struct args *a, const char *word)
{
	const char *const choices[] = { word, NULL };

	return args_keyword(a, choices) == 0;
}

enum status args_choice(struct args *a, const char *const *choices, int *which, struct err *err)
{
	const char *word = args_peek(a);
	struct buf list = BUF_INIT;
	struct buf hint = BUF_INIT;
	struct nearest n;

	*which = args_keyword(a, choices);
	if (*which >= 0)
		return ST_OK;
	if (word && a->strict && short_for(word, choices)) {
		err_set(err, ST_WRONG, "`%s` is short for `%s`: a script says the full word", word, short_for(word, choices));
		return at_word(a, a->next, err);
	}
	nearest_init(&n, word ? word : "");
	for (int i = 0; choices[i]; i++) {
		buf_printf(&list, "%s%s", i == 0 ? "" : choices[i + 1] ? ", " : " or ", choices[i]);
		nearest_try(&n, choices[i]);
	}
	if (word)
		err_set(err, ST_WRONG, "`%s` is none of %s%s", word, buf_str(&list), nearest_hint(&n, &hint));
	else
		err_set(err, ST_WRONG, "%s is missing", buf_str(&list));
	buf_release(&list);
	buf_release(&hint);
	return at_word(a, a->next, err);
}

enum status args_duration(struct args *a, u64 *us, struct err *err)
{
	const char *word = args_peek(a);

	if (!word)
		return err_set(err, ST_WRONG, "a duration is missing: 200ms, 1.5s or 2min, for example");
	if (parse_duration(word, us, err) != ST_OK)
		return at_word(a, a->next, err);
	a->next++;
	args_note(a, "%s", word);
	return ST_OK;
}

enum status args_number(struct args *a, s64 min, s64 max, s64 *n, const char *what, struct err *err)
{
	const char *word = args_peek(a);

	if (!word)
		return err_set(err, ST_WRONG, "%s is missing: a number", what);
	if (!parse_number(word, n) || *n < min || *n > max) {
		err_set(err, ST_WRONG, "`%s` is no %s: a number from %lld to %lld", word, what, (long long)min,
			(long long)max);
		return at_word(a, a->next, err);
	}
	a->next++;
	args_note(a, "%lld", (long long)*n);
	return ST_OK;
}

bool args_try_segment(struct args *a, u32 *number)
{
	const char *word = args_peek(a);
	s64 n;

	if (!word || word[0] != '#' || !parse_number(word + 1, &n) || n < 1 || n > UINT32_MAX)
		return false;
	a->next++;
	*number = (u32)n;
	args_note(a, "#%u", *number);
	return true;
}

const char *args_assignment(const struct args *a, char *name, size_t size)
{
	const char *word = args_peek(a);
	const char *equals = word && !args_peek_quoted(a) ? strchr(word, '=') : NULL;
	size_t n = equals ? (size_t)(equals - word) : 0;

	if (!equals || !n || n >= size)
		return NULL;
	memcpy(name, word, n);
	name[n] = '\0';
	return equals + 1;
}

/* An expression ends between words: what is left of a word that it ends in would be lost silently. */
static bool ends_between_words(const struct args *a, size_t end, struct err *err)
{
	const char *rest = buf_str(&a->c->text) + end;
	const size_t n = strcspn(rest, " \t");

	if (!n)
		return true;
	err_set(err, ST_WRONG, "`%.*s` cannot continue the expression: its operators are == != < <= > >= && || ! & | + -",
		(int)n, rest);
	err_place(err, NULL, 1, a->c->column + (u32)end);
	return false;
}

struct expr *args_expr(struct args *a, struct err *err)
{
	u32 off;
	size_t used;
	struct expr *e;

	if (!args_peek(a)) {
		err_set(err, ST_WRONG, "an expression is missing: A.state == TIME_WAIT, for example");
		return NULL;
	}
	off = a->c->word[a->next].off;
	e = expr_parse(buf_str(&a->c->text) + off, a->focus, &used, err);
	if (!e) {
		/* its column was counted within the expression */
		u32 column = err && err->column ? err->column : 1;

		if (err) {
			err->line = 0;
			err->column = 0;
		}
		err_place(err, NULL, 1, a->c->column + off + column - 1);
		return NULL;
	}
	if (!ends_between_words(a, off + used, err)) {
		expr_free(e);
		return NULL;
	}
	buf_putc(&a->canon, ' ');
	add_expr_text(&a->canon, e);
	while (a->next < a->c->n && a->c->word[a->next].off < off + used)
		a->next++;
	return e;
}
