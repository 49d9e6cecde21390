/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A script: the shell block, then events, one after the other. There is nothing nested, so nothing recurs. */
#include "drill/script.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No event waits longer than that: ten days. */
#define MAX_WAIT (864000 * USEC_PER_SEC)

struct parser {
	struct drill *d;
	struct lexer lx;
	u8 known[MAX_SCRIPT_FD]; /* descriptors that the script has */
	bool has_connection;	 /* accept or connect was called: there is a descriptor to ask for tcpi_state */
};

void drill_skip(struct drill *d, u32 line, const char *format, ...)
{
	va_list ap;

	if (d->skip_line)
		return;
	d->skip_line = line;
	va_start(ap, format);
	if (vsnprintf(d->skip, sizeof(d->skip), format, ap) < 0)
		d->skip[0] = '\0';
	va_end(ap);
}

/* ---- times --------------------------------------------------------------------------------------------------------- */

/* The number at hand as microseconds. */
static enum status read_seconds(struct lexer *lx, u64 *us)
{
	const struct token t = lx->token;
	u64 value = 0;
	unsigned decimals = 0;
	bool fraction = false;

	if (t.kind != TOK_INT && t.kind != TOK_FLOAT)
		return lex_error(lx, "a time in seconds is missing here: %s is none", lex_shown(lx).text);
	for (size_t i = 0; i < t.len; i++) {
		char c = lx->text[t.start + i];

		if (c == '-')
			return lex_error(lx, "a time cannot be negative");
		if (c == '.') {
			fraction = true;
			continue;
		}
		if (fraction && decimals == 6) {
			if (c != '0')
				return lex_error(lx, "a time cannot be finer than a microsecond");
			continue;
		}
		decimals += fraction;
		value = value * 10 + (u64)(c - '0');
		if (value > MAX_WAIT)
			break;
	}
	for (; decimals < 6 && value <= MAX_WAIT; decimals++)
		value *= 10;
	if (value > MAX_WAIT)
		return lex_error(lx, "no event may wait longer than %llu seconds",
				 (unsigned long long)(MAX_WAIT / USEC_PER_SEC));
	*us = value;
	lex_next(lx);
	return ST_OK;
}

static enum status read_range_end(struct lexer *lx, struct script_event *ev)
{
	enum status st;

	if (!lex_take_char(lx, '+'))
		return lex_error(lx, "the end of a range begins with `+`, as in +.2~+.25");
	st = read_seconds(lx, &ev->until);
	if (!st && ev->until < ev->at)
		return lex_error_at(lx, ev->start, "this range ends before it begins");
	return st;
}

static enum status read_time(struct lexer *lx, struct script_event *ev)
{
	const size_t start = lx->token.start;
	enum status st;

	ev->absolute = !lex_take_char(lx, '+');
	if (ev->absolute && lx->token.kind != TOK_INT && lx->token.kind != TOK_FLOAT)
		return lex_error(lx, "an event begins with its time, as in `+.1`, and not with %s", lex_shown(lx).text);
	st = read_seconds(lx, &ev->at);
	if (st)
		return st;
	ev->until = ev->at;
	ev->start = start;
	if (ev->absolute)
		return ST_OK;
	if (lex_take_char(lx, '~'))
		return read_range_end(lx, ev);
	if (lx->token.kind == TOK_ELLIPSIS) {
		ev->blocking = true;
		lex_next(lx);
		st = read_seconds(lx, &ev->until);
		if (!st && ev->until < ev->at)
			return lex_error_at(lx, start, "this call returns before it begins: both times count from the event before");
	}
	return st;
}

/* ---- events -------------------------------------------------------------------------------------------------------- */

static enum status read_packet(struct parser *p, struct script_event *ev)
{
	struct lexer *lx = &p->lx;
	const bool inject = ev->kind == EV_INJECT;
	size_t pos = lx->token.start;
	struct err why = { 0 };

	if (lx->token.kind == TOK_SHELL || lx->token.kind == TOK_CODE || lx->token.kind == TOK_STRING)
		return lex_error(lx, "a packet is missing here");
	if (seg_scan(&ev->packet, lx->text, lx->len, &pos, inject ? SEG_MAX_PAYLOAD : UINT32_MAX, &why))
		return lex_error_at(lx, pos, "%s", why.message);
	if (ev->packet.seg.proto == SEG_UDP)
		drill_skip(p->d, ev->line, "a script is about one TCP connection: no UDP");
	if (!inject && ev->packet.seg.proto == SEG_ICMP)
		return lex_error(lx, "ICMP messages can be injected but not expected");
	if (inject && ev->packet.seg.proto == SEG_TCP && !ev->packet.has_win && !(ev->packet.seg.flags & TCPHDR_RST))
		return lex_error_at(lx, pos, "an injected packet needs a window: `win` and a number");
	lex_jump(lx, pos);
	return ST_OK;
}

static enum status read_assertion(struct parser *p, struct script_event *ev)
{
	struct lexer *lx = &p->lx;
	const struct token block = lx->token;
	const struct name *name;
	struct lexer in;

	lex_start(&in, lx->text, block.start + block.len, lx->err);
	in.token = (struct token){ .start = block.start, .line = block.line, .column = block.column + 2 };
	lex_jump(&in, block.start);
	if (!lex_take_word(&in, "assert") || !lex_take_word(&in, "tcpi_state") || !lex_take_char(&in, '=') ||
	    !lex_take_char(&in, '=')) {
		drill_skip(p->d, block.line, "code other than `assert tcpi_state == NAME, tcpi_state` cannot be run");
		lex_next(lx);
		return ST_OK;
	}
	name = in.token.kind == TOK_WORD ? script_name(in.text + in.token.start, in.token.len) : NULL;
	if (!name || name->class != NAME_STATE)
		return lex_error(&in, "%s is no state of TCP, as TCP_FIN_WAIT1 is", lex_shown(&in).text);
	ev->state = (u8)name->value;
	lex_next(&in);
	if (in.token.kind != TOK_END && !lex_is_char(&in, ','))
		return lex_error(&in, "the assertion ends here, or goes on with `,` and a message");
	if (!p->has_connection)
		return lex_error(lx, "there is no connection yet whose state could be asked for");
	lex_next(lx);
	return ST_OK;
}

static enum status read_call(struct parser *p, struct script_event *ev)
{
	enum status st = parse_call(p->d, &p->lx, &ev->call, p->known);

	if (!st && (ev->call.nr == SYS_accept || ev->call.nr == SYS_connect))
		p->has_connection = true;
	return st;
}

static enum status check_time(struct parser *p, const struct script_event *ev)
{
	if (ev->blocking && ev->kind != EV_CALL)
		return lex_error_at(&p->lx, ev->start, "only a system call can take time: +T...E");
	if (ev->until != ev->at && !ev->blocking && ev->kind != EV_EXPECT)
		return lex_error_at(&p->lx, ev->start, "only an expected packet can have a range of time");
	return ST_OK;
}

static enum status read_event(struct parser *p, struct script_event *ev)
{
	struct lexer *lx = &p->lx;
	enum status st;
	size_t text;

	ev->line = lx->token.line;
	ev->column = lx->token.column;
	st = read_time(lx, ev);
	if (st)
		return st;
	ev->kind = lex_is_char(lx, '<') ? EV_INJECT : lex_is_char(lx, '>') ? EV_EXPECT : lx->token.kind == TOK_CODE ? EV_ASSERT :
								      EV_CALL;
	st = check_time(p, ev);
	if (st)
		return st;
	text = lx->token.start;
	if (ev->kind == EV_INJECT || ev->kind == EV_EXPECT) {
		lex_next(lx);
		st = read_packet(p, ev);
	} else if (ev->kind == EV_ASSERT) {
		st = read_assertion(p, ev);
	} else if (lx->token.kind == TOK_WORD) {
		st = read_call(p, ev);
	} else {
		return lex_error(lx, "a packet (`<`, `>`), a system call or a code block is missing here, and %s is none",
				 lex_shown(lx).text);
	}
	ev->start = text;
	ev->len = lx->behind > text ? lx->behind - text : 0;
	return st;
}

static struct script_event *new_event(struct drill *d)
{
	if (d->n == d->capacity) {
		d->capacity = d->capacity ? d->capacity * 2 : 32;
		d->ev = xrealloc(d->ev, d->capacity * sizeof(*d->ev));
	}
	memset(&d->ev[d->n], 0, sizeof(d->ev[0]));
	return &d->ev[d->n++];
}

static enum status read_script(struct parser *p)
{
	struct lexer *lx = &p->lx;
	enum status st = ST_OK;

	if (lx->token.kind == TOK_SHELL) {
		st = parse_shell(p->d, lx, lx->token.start, lx->token.len);
		lex_next(lx);
	}
	if (!st && lx->token.kind == TOK_END && !lx->wrong)
		return lex_error(lx, "there is no event in this script");
	while (!st && lx->token.kind != TOK_END)
		st = read_event(p, new_event(p->d));
	return lx->wrong ? ST_WRONG : st;
}

enum status drill_parse(struct drill **out, const char *file, const char *text, size_t len, struct err *err)
{
	struct err spare = { 0 };
	struct parser *p = xcalloc(1, sizeof(*p));
	enum status st;

	p->d = xcalloc(1, sizeof(*p->d));
	p->d->file = xstrdup(file);
	p->d->text = xmalloc(len + 1);
	if (len)
		memcpy(p->d->text, text, len);
	p->d->text[len] = '\0';
	p->d->len = len;
	lex_start(&p->lx, p->d->text, len, err ? err : &spare);
	st = read_script(p);
	if (st) {
		err_place(err, file, 0, 0);
		drill_free(p->d);
		p->d = NULL;
	}
	*out = p->d;
	free(p);
	return st;
}

void drill_free(struct drill *d)
{
	if (!d)
		return;
	free(d->file);
	free(d->text);
	free(d->ev);
	free(d->sysctl);
	free(d);
}
