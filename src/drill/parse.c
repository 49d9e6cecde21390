/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A script: the shell block, then events, one after the other. There is nothing nested, so nothing recurs. */
#include "drill/script.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "drill/code.h"

/* No event waits longer than that: ten days. */
#define MAX_WAIT (864000 * USEC_PER_SEC)

#define MAX_DEFINES 32

/* --define=NAME=VALUE: both as they stand in the text. */
struct define {
	size_t name, name_len;
	size_t value, len;
};

struct parser {
	struct drill *d;
	struct lexer lx;
	struct define define[MAX_DEFINES];
	size_t defines;
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
		if (fraction && decimals == 6) /* finer than a microsecond: cut, as packetdrill does */
			continue;
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

/* `+` before the end of a range is there when it is before the beginning. */
static enum status read_range_end(struct lexer *lx, struct script_event *ev)
{
	enum status st;

	if (!ev->absolute && !lex_take_char(lx, '+'))
		return lex_error(lx, "the end of a range begins with `+`, as in +.2~+.25");
	st = read_seconds(lx, &ev->until);
	if (!st && ev->until < ev->at)
		return lex_error_at(lx, ev->start, "this range ends before it begins");
	return st;
}

/* `+T`, `T`, `*`, `+T~+T`, `T~T`, `+T...T` or `T...T`, in seconds. */
static enum status read_time(struct lexer *lx, struct script_event *ev)
{
	const size_t start = lx->token.start;
	enum status st;

	ev->start = start;
	if (lex_take_char(lx, '*')) {
		ev->any_time = true;
		return ST_OK;
	}
	ev->absolute = !lex_take_char(lx, '+');
	if (ev->absolute && lx->token.kind != TOK_INT && lx->token.kind != TOK_FLOAT)
		return lex_error(lx, "an event begins with its time, as in `+.1`, and not with %s", lex_shown(lx).text);
	st = read_seconds(lx, &ev->at);
	if (st)
		return st;
	ev->until = ev->at;
	if (lex_take_char(lx, '~'))
		return read_range_end(lx, ev);
	if (lx->token.kind == TOK_ELLIPSIS) {
		ev->blocking = true;
		lex_next(lx);
		lex_take_char(lx, '+');
		st = read_seconds(lx, &ev->until);
		if (!st && ev->until < ev->at)
			return lex_error_at(lx, start, "this call returns before it begins: both times count from the event before");
	}
	return st;
}

/* ---- events -------------------------------------------------------------------------------------------------------- */

/*
 * [ect0], (noecn), [ttl 64] and the like before the packet. Without ECN only that there is none can be said; how far an injected
 * packet could still have gone is nothing to its receiver.
 */
static enum status read_ip_header(struct parser *p, struct script_event *ev)
{
	struct lexer *lx = &p->lx;

	while (lex_is_char(lx, '[') || lex_is_char(lx, '(')) {
		const char end = lex_is_char(lx, '[') ? ']' : ')';

		lex_next(lx);
		if (!lex_is_word(lx, "noecn") && !(lex_is_word(lx, "ttl") && ev->kind == EV_INJECT))
			drill_skip(p->d, ev->line, "this engine has no ECN, no type of service and no flow label");
		while (lx->token.kind == TOK_WORD || lx->token.kind == TOK_INT || lex_is_char(lx, ','))
			lex_next(lx);
		if (!lex_take_char(lx, end))
			return lex_error(lx, "`%c` is missing here", end);
	}
	return ST_OK;
}

/* 50000 > 8080 before the flags: ports that the script gives itself, and so more connections than one. */
static void read_ports(struct parser *p, const struct script_event *ev)
{
	struct lexer *lx = &p->lx;

	if (lx->token.kind != TOK_INT)
		return;
	lex_next(lx);
	if (lex_take_char(lx, '>') && lx->token.kind == TOK_INT) {
		drill_skip(p->d, ev->line, "a script is about one TCP connection, and its ports are not chosen in it");
		lex_next(lx);
	}
}

static enum status read_packet(struct parser *p, struct script_event *ev)
{
	struct lexer *lx = &p->lx;
	const bool inject = ev->kind == EV_INJECT;
	size_t pos = lx->token.start;
	struct err why = { 0 };

	if (lx->token.kind == TOK_SHELL || lx->token.kind == TOK_CODE || lx->token.kind == TOK_STRING)
		return lex_error(lx, "a packet is missing here");
	if (read_ip_header(p, ev))
		return ST_WRONG;
	read_ports(p, ev);
	pos = lx->token.start;
	if (seg_scan(&ev->packet, lx->text, lx->len, &pos, inject ? SEG_MAX_PAYLOAD : UINT32_MAX, &why))
		return lex_error_at(lx, pos, "%s", why.message);
	if (ev->packet.foreign)
		drill_skip(p->d, ev->line, "this engine has no %s", ev->packet.foreign);
	if (ev->packet.seg.flags & (TCPHDR_ECE | TCPHDR_CWR))
		drill_skip(p->d, ev->line, "this engine has no ECN");
	if (ev->packet.opt_bytes % 4 && !ev->packet.foreign)
		return lex_error_at(lx, pos, "options end at a multiple of four bytes, and these at %u: `nop` fills up",
				    ev->packet.opt_bytes);
	if (inject && ev->packet.any_opts)
		return lex_error_at(lx, pos, "`<...>` stands for the options of an expected packet only");
	if (ev->packet.seg.proto == SEG_UDP)
		drill_skip(p->d, ev->line, "a script is about one TCP connection: no UDP");
	if (!inject && ev->packet.no_ack)
		return lex_error_at(lx, pos, "an expected packet with the ACK flag needs `ack` and a number here");
	if (!inject && ev->packet.seg.proto == SEG_ICMP)
		return lex_error(lx, "ICMP messages can be injected but not expected");
	if (inject && ev->packet.seg.proto == SEG_TCP && !ev->packet.has_win && !(ev->packet.seg.flags & TCPHDR_RST))
		return lex_error_at(lx, pos, "an injected packet needs a window: `win` and a number");
	lex_jump(lx, pos);
	return ST_OK;
}

static enum status read_assertion(struct parser *p, struct script_event *ev)
{
	const struct token block = p->lx.token;
	char what[64];

	ev->code = block.start;
	ev->code_len = block.len;
	if (!code_check(p->lx.text, block.start, block.len, what))
		drill_skip(p->d, block.line, "code other than assertions about tcpi_* fields is not run: %s", what);
	else if (!p->has_connection && !p->d->skip_line)
		return lex_error(&p->lx, "there is no connection yet that could be asked for its state");
	lex_next(&p->lx);
	return ST_OK;
}

/* In the midst of a script: what is not understood there may be what makes the rest happen. */
static enum status read_shell(struct parser *p, struct script_event *ev)
{
	const struct token block = p->lx.token;
	const size_t noticed = p->d->notices.len;
	enum status st;

	ev->sysctl = p->d->sysctl_n;
	p->d->nstat = (struct nstat){ 0 };
	p->d->device = DEVICE_AS_IS;
	st = parse_shell(p->d, &p->lx, block.start, block.len);
	ev->sysctls = p->d->sysctl_n - ev->sysctl;
	ev->nstat = p->d->nstat;
	ev->device = p->d->device;
	if (p->d->notices.len > noticed)
		drill_skip(p->d, block.line, "a shell command in the midst of a script is not run");
	if (!st)
		lex_next(&p->lx);
	return st;
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
	if (ev->any_time && ev->kind != EV_EXPECT)
		return lex_error_at(&p->lx, ev->start, "only an expected packet can come at any time");
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
		   lx->token.kind == TOK_SHELL				    ? EV_SHELL :
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
	} else if (ev->kind == EV_SHELL) {
		st = read_shell(p, ev);
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

/* ---- the head of a script ------------------------------------------------------------------------------------------ */

/* What a script says for packetdrill's command line. */
enum script_option {
	OPTION_PLAIN, /* has a value that changes nothing here */
	OPTION_SWITCH, /* has none, and changes nothing */
	OPTION_TOLERANCE,
	OPTION_PERCENT,
	OPTION_MTU,
	OPTION_MSS,
	OPTION_IP,
	OPTION_TICK,
	OPTION_SCALED,
	OPTION_STRICT,
	OPTION_DEFINE,
};

static const struct {
	const char *name;
	enum script_option kind;
} script_options[] = {
	{ "tolerance_usecs", OPTION_TOLERANCE }, { "tolerance_percent", OPTION_PERCENT }, { "mtu", OPTION_MTU },
	{ "mss", OPTION_MSS },			 { "ip_version", OPTION_IP },		  { "bind_port", OPTION_PLAIN },
	{ "connect_port", OPTION_PLAIN },	 { "local_ip", OPTION_PLAIN },		  { "remote_ip", OPTION_PLAIN },
	{ "netmask_ip", OPTION_PLAIN },		 { "gateway_ip", OPTION_PLAIN },	  { "speed", OPTION_PLAIN },
	{ "non_fatal", OPTION_PLAIN },		 { "init_scripts", OPTION_PLAIN },	  { "code_command", OPTION_PLAIN },
	{ "code_format", OPTION_PLAIN },	 { "code_sockopt", OPTION_PLAIN },	  { "tcp_ts_tick_usecs", OPTION_TICK },
	{ "tcp_ts_ecr_scaled", OPTION_SCALED },	 { "strict_segments", OPTION_STRICT },	  { "define", OPTION_DEFINE },
	{ "send_omit_free", OPTION_SWITCH },	 { "verbose", OPTION_SWITCH },		  { "debug", OPTION_SWITCH },
	{ "dry_run", OPTION_SWITCH },
};

static bool takes_no_value(enum script_option kind)
{
	return kind == OPTION_SWITCH || kind == OPTION_SCALED || kind == OPTION_STRICT;
}

/* A number from `min` to `max` for one of the script's settings. */
static enum status option_number(struct lexer *lx, const struct token *value, u32 min, u32 max, const char *what, u32 *out)
{
	if (value->kind != TOK_INT || value->value < min || value->value > max)
		return lex_error_at(lx, value->start, "%s is a number from %u to %u", what, min, max);
	*out = (u32)value->value;
	return ST_OK;
}

static enum status use_option(struct parser *p, enum script_option kind, const struct token *value)
{
	struct lexer *lx = &p->lx;
	struct drill *d = p->d;
	enum status st = ST_OK;
	u32 n = 0;

	switch (kind) {
	case OPTION_TOLERANCE:
		return option_number(lx, value, 1, INT32_MAX, "a tolerance in microseconds", &d->tolerance);
	case OPTION_PERCENT:
		return option_number(lx, value, 0, 100, "a tolerance in percent", &d->percent);
	case OPTION_TICK:
		return option_number(lx, value, 0, 1000000, "how many microseconds a timestamp counts", &d->ts_tick);
	case OPTION_MSS:
		st = option_number(lx, value, 1, UINT16_MAX, "the size of an injected segment", &n);
		d->mss = (u16)n;
		return st;
	case OPTION_MTU:
		if (value->kind != TOK_INT || value->value != 1500)
			drill_skip(d, value->line, "the MTU is 1500 here, and the MSS follows from it");
		return ST_OK;
	case OPTION_IP:
		if (value->len < 4 || memcmp(lx->text + value->start, "ipv4", 4) != 0)
			drill_skip(d, value->line, "this engine has no IPv6");
		return ST_OK;
	case OPTION_SCALED:
		d->ecr_scaled = true;
		return ST_OK;
	case OPTION_STRICT:
		d->strict_segments = true;
		return ST_OK;
	default:
		return ST_OK;
	}
}

/* NAME=VALUE behind `--define=`, whose name is at hand: VALUE is a word, a number, a string or a shell block. */
static enum status read_define(struct parser *p, const struct token *name)
{
	struct lexer *lx = &p->lx;
	struct define *def;

	if (name->kind != TOK_WORD || !lex_take_char(lx, '='))
		return lex_error(lx, "a definition is --define=NAME=VALUE");
	if (lx->token.kind == TOK_END || lx->token.kind == TOK_CHAR || lx->token.kind == TOK_CODE)
		return lex_error(lx, "the value of a definition is a word, a number or a string, and not %s", lex_shown(lx).text);
	if (p->defines == MAX_DEFINES)
		return lex_error(lx, "a script can define %d names", MAX_DEFINES);
	def = &p->define[p->defines++];
	*def = (struct define){ .name = name->start, .name_len = name->len, .value = lx->token.start, .len = lx->token.len };
	if (lx->token.kind == TOK_STRING || lx->token.kind == TOK_SHELL) { /* with its quotes */
		def->value--;
		def->len += 2;
	}
	lex_next(lx);
	return ST_OK;
}

/* --name, or --name=value; several may stand on a line. */
static enum status read_option(struct parser *p)
{
	struct lexer *lx = &p->lx;
	const u32 line = lx->token.line;
	struct token value;
	size_t i = 0;

	lex_next(lx);
	if (!lex_take_char(lx, '-'))
		return lex_error(lx, "an option begins with two dashes, as in --tolerance_usecs=10000");
	while (i < ARRAY_LEN(script_options) && !lex_is_word(lx, script_options[i].name))
		i++;
	if (i == ARRAY_LEN(script_options))
		return lex_error(lx, "%s is no option of packetdrill", lex_shown(lx).text);
	lex_next(lx);
	value = lx->token;
	if (takes_no_value(script_options[i].kind))
		return lex_is_char(lx, '=') ? lex_error(lx, "this option takes no value") :
					      use_option(p, script_options[i].kind, &value);
	if (!lex_take_char(lx, '='))
		return lex_error(lx, "`=` and a value belong to the option");
	value = lx->token;
	if (value.kind == TOK_END || value.line != line)
		return lex_error(lx, "a value is missing after `=`");
	lex_next(lx);
	if (script_options[i].kind == OPTION_DEFINE)
		return read_define(p, &value);
	/* addresses and names have more than one word here: 192.168.0.1/16, ipv4-mapped-ipv6, packet,syscall */
	while (lx->behind == lx->token.start && lx->token.kind != TOK_END && lx->token.kind != TOK_SHELL)
		lex_next(lx);
	return use_option(p, script_options[i].kind, &value);
}

/* ---- defined names --------------------------------------------------------------------------------------------------- */

/* Behind the comment, the string or the block that begins at `pos`; `pos` itself when anything else does. */
static size_t behind_block(const char *text, size_t len, size_t pos)
{
	static const struct {
		const char *begin, *end;
		bool escapes;
	} blocks[] = { { "//", "\n", false }, { "/*", "*/", false }, { "`", "`", true }, { "\"", "\"", true }, { "%{", "}%", false } };

	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		const size_t n = strlen(blocks[i].begin), m = strlen(blocks[i].end);

		if (len - pos < n || memcmp(text + pos, blocks[i].begin, n) != 0)
			continue;
		for (pos += n; pos < len; pos += blocks[i].escapes && text[pos] == '\\' && pos + 1 < len ? 2 : 1)
			if (len - pos >= m && memcmp(text + pos, blocks[i].end, m) == 0)
				return pos + m;
		return len;
	}
	return pos;
}

static void put_word(const struct parser *p, struct buf *out, const char *word, size_t n)
{
	const char *text = p->d->text;

	for (size_t i = p->defines; i-- > 0;) /* the last one counts */
		if (p->define[i].name_len == n && memcmp(text + p->define[i].name, word, n) == 0) {
			buf_add(out, text + p->define[i].value, p->define[i].len);
			return;
		}
	buf_add(out, word, n);
}

/* The script anew, with what the names stand for in their place from byte `pos` on. Lines stay where they are. */
static void put_defines(struct parser *p, size_t pos)
{
	struct drill *d = p->d;
	struct buf out = BUF_INIT;

	buf_add(&out, d->text, pos);
	while (pos < d->len) {
		size_t n = behind_block(d->text, d->len, pos) - pos;

		if (n) {
			buf_add(&out, d->text + pos, n);
		} else {
			while (pos + n < d->len && is_word_char(d->text[pos + n]))
				n++;
			if (n)
				put_word(p, &out, d->text + pos, n);
			else
				buf_add(&out, d->text + pos, n = 1);
		}
		pos += n;
	}
	free(d->text);
	d->text = xmalloc(out.len + 1);
	memcpy(d->text, buf_str(&out), out.len);
	d->text[out.len] = '\0';
	d->len = out.len;
	buf_release(&out);
	p->defines = 0;
}

static enum status read_options(struct parser *p)
{
	struct lexer *lx = &p->lx;
	enum status st = ST_OK;
	size_t pos;

	while (!st && lex_is_char(lx, '-'))
		st = read_option(p);
	if (st || !p->defines)
		return st;
	pos = lx->behind;
	put_defines(p, pos);
	lex_start(lx, p->d->text, p->d->len, lx->err);
	lex_jump(lx, pos);
	return ST_OK;
}

static enum status read_script(struct parser *p)
{
	struct lexer *lx = &p->lx;
	enum status st = read_options(p);

	while (!st && lx->token.kind == TOK_SHELL) {
		st = parse_shell(p->d, lx, lx->token.start, lx->token.len);
		lex_next(lx);
	}
	p->d->first_sysctls = p->d->sysctl_n;
	if (p->d->device == DEVICE_SHUTS)
		drill_skip(p->d, 1, "a device that takes nothing from the beginning makes no connection");
	if (!st && lx->token.kind == TOK_END && !lx->wrong)
		return lex_error(lx, "there is no event in this script");
	while (!st && lx->token.kind != TOK_END) {
		if (lx->token.kind == TOK_SHELL && p->d->n) /* what cleans up behind the script */
			lex_next(lx);
		else
			st = read_event(p, new_event(p->d));
	}
	return lx->wrong ? ST_WRONG : st;
}

enum status drill_parse(struct drill **out, const char *file, const char *text, size_t len, const struct drill_files *files,
			struct err *err)
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
	p->d->files = files;
	lex_start(&p->lx, p->d->text, len, err ? err : &spare);
	st = read_script(p);
	p->d->files = NULL;
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
	buf_release(&d->notices);
	free(d);
}

const char *drill_notices(const struct drill *d)
{
	return buf_str(&d->notices);
}
