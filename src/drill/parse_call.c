/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls: arguments as they are written, then what they mean for the call at hand. */
#include "drill/script.h"

#include <string.h>

enum { LOCAL_PORT = 8080 };

/*
 * What a call's arguments look like, a letter each: f descriptor, . ellipsis, n number, s SOCK_STREAM, p IPPROTO_TCP,
 * m MSG_* flags, h SHUT_*, a ellipsis or AF_UNSPEC, c fcntl command, v its value, l level, o option, b value for the
 * option, g value that it shall have, z size, Z size in brackets, P what poll shall find, k SOCK_* flags, i iovec, N how many
 * there are in it, M msghdr, I ioctl, V the value that it shall give. What stands behind `?` may be left out.
 */
struct signature {
	const char *name;
	const char *args; /* NULL: packetdrill has it, this engine has not */
	u8 nr;		  /* enum sysnr */
	u8 gives_fd;
};

static const struct signature signatures[] = {
	{ "accept", "f..", SYS_accept, 1 },
	{ "accept4", "f..k", SYS_accept, 1 },
	{ "bind", "f..", SYS_bind, 0 },
	{ "close", "f", SYS_close, 0 },
	{ "connect", "fa.", SYS_connect, 0 },
	{ "dup", "f", SYS_dup, 0 },
	{ "fcntl", "fc?v", SYS_fcntl, 0 },
	{ "getsockopt", "flogZ", SYS_getsockopt, 0 },
	{ "ioctl", "fIV", SYS_ioctl, 0 },
	{ "listen", "fn", SYS_listen, 0 },
	{ "poll", "Pnn", SYS_poll, 0 },
	{ "read", "f.n", SYS_recv, 0 },
	{ "readv", "fiN", SYS_recv, 0 },
	{ "recv", "f.nm", SYS_recv, 0 },
	{ "recvfrom", "f.nm..", SYS_recv, 0 },
	{ "recvmsg", "fMm", SYS_recv, 0 },
	{ "send", "f.nm", SYS_send, 0 },
	{ "sendmsg", "fMm", SYS_send, 0 },
	{ "sendto", "f.nm..", SYS_send, 0 },
	{ "setsockopt", "flobz", SYS_setsockopt, 0 },
	{ "shutdown", "fh", SYS_shutdown, 0 },
	{ "socket", ".sp", SYS_socket, 1 },
	{ "write", "f.n", SYS_send, 0 },
	{ "writev", "fiN", SYS_send, 0 },
	{ "cap_set", NULL, 0, 0 },
	{ "epoll_create", NULL, 0, 0 },
	{ "epoll_ctl", NULL, 0, 0 },
	{ "epoll_wait", NULL, 0, 0 },
	{ "open", NULL, 0, 0 },
	{ "pipe", NULL, 0, 0 },
	{ "sendfile", NULL, 0, 0 },
	{ "splice", NULL, 0, 0 },
};

struct call_parser {
	struct drill *d;
	struct lexer *lx;
	struct call *call;
	const struct signature *sig;
	u8 *known;
	u32 line;
	struct arg arg[MAX_ARGS];
	size_t n;
};

/* What the signature has at a place; '\0': nothing. */
static char letter_at(const struct signature *sig, size_t at)
{
	for (const char *c = sig->args; *c; c++)
		if (*c != '?' && at-- == 0)
			return *c;
	return '\0';
}

static bool fits(const struct signature *sig, size_t n)
{
	size_t least = 0, most = 0;

	for (const char *c = sig->args; *c; c++) {
		if (*c == '?')
			least = most;
		else
			most++;
	}
	return strchr(sig->args, '?') ? n >= least && n <= most : n == most;
}

/* ---- arguments as written ------------------------------------------------------------------------------------------ */

/* A number, or names joined by `|`. */
static enum status read_value(struct call_parser *p, s64 *value, enum name_class *class)
{
	struct lexer *lx = p->lx;

	if (lx->token.kind == TOK_INT) {
		*value = lx->token.value;
		*class = NAME_INTEGER;
		lex_next(lx);
		return ST_OK;
	}
	*value = 0;
	*class = NAME_NONE;
	do {
		const struct name *name = NULL;

		if (lx->token.kind == TOK_WORD)
			name = script_name(lx->text + lx->token.start, lx->token.len);
		if (!name)
			return lex_error(lx, "%s is neither a number nor a constant that is known here", lex_shown(lx).text);
		if (name->class == NAME_FOREIGN)
			drill_skip(p->d, lx->token.line, "this engine has no %s", lex_shown(lx).text);
		if (*class == NAME_NONE || name->class == NAME_FOREIGN)
			*class = (enum name_class)name->class;
		else if (*class == NAME_SOCK && name->class == NAME_SOCKFLAG)
			; /* SOCK_STREAM|SOCK_NONBLOCK */
		else if (*class != name->class && *class != NAME_FOREIGN)
			return lex_error(lx, "%s does not go together with what is before it", lex_shown(lx).text);
		*value |= name->value;
		lex_next(lx);
	} while (lex_take_char(lx, '|'));
	return ST_OK;
}

/* word = value */
static enum status read_member(struct call_parser *p, const char *word, enum name_class wanted, s64 *value)
{
	enum name_class class;
	size_t pos;
	enum status st;

	if (!lex_take_word(p->lx, word) || !lex_take_char(p->lx, '='))
		return lex_error(p->lx, "`%s=` is missing here", word);
	pos = p->lx->token.start;
	st = read_value(p, value, &class);
	if (!st && class != NAME_INTEGER && class != wanted)
		return lex_error_at(p->lx, pos, "this is no value for `%s`", word);
	return st;
}

static enum status read_braces(struct call_parser *p, struct arg *arg, bool poll)
{
	enum status st;

	arg->kind = poll ? ARG_POLL : ARG_LINGER;
	st = poll ? read_member(p, "fd", NAME_INTEGER, &arg->fd) : read_member(p, "onoff", NAME_INTEGER, &arg->value);
	if (!st && !lex_take_char(p->lx, ','))
		return lex_error(p->lx, "`,` is missing between two members");
	if (!st && poll) {
		st = read_member(p, "events", NAME_POLL, &arg->value);
		if (!st && !lex_take_char(p->lx, ','))
			return lex_error(p->lx, "`,` is missing between two members");
	}
	if (!st)
		st = read_member(p, poll ? "revents" : "linger", poll ? NAME_POLL : NAME_INTEGER, &arg->second);
	if (!st && !lex_take_char(p->lx, '}'))
		return lex_error(p->lx, "`}` is missing here");
	return st;
}

/* {..., 1000} of an iovec, whose bracket was taken: the bytes of all. */
static enum status read_iov(struct call_parser *p, struct arg *arg)
{
	struct lexer *lx = p->lx;

	arg->kind = ARG_IOV;
	do {
		if (!lex_take_char(lx, '{') || !(lx->token.kind == TOK_ELLIPSIS || lx->token.kind == TOK_STRING))
			return lex_error(lx, "an iovec is written [{..., 1000}]");
		lex_next(lx);
		if (!lex_take_char(lx, ',') || lx->token.kind != TOK_INT || lx->token.value < 0 || lx->token.value > INT32_MAX)
			return lex_error(lx, "the length of the buffer is missing here, as in [{..., 1000}]");
		arg->value += lx->token.value;
		lex_next(lx);
		if (!lex_take_char(lx, '}'))
			return lex_error(lx, "`}` is missing here");
	} while (lex_take_char(lx, ','));
	return lex_take_char(lx, ']') ? ST_OK : lex_error(lx, "`]` is missing here");
}

/* Past brackets and braces and what they hold, which is not looked at. */
static enum status skip_value(struct call_parser *p)
{
	struct lexer *lx = p->lx;
	size_t depth = 0;

	do {
		if (lx->token.kind == TOK_END)
			return lex_error(lx, "the call is not closed by `)`");
		if (lex_is_char(lx, '[') || lex_is_char(lx, '{') || lex_is_char(lx, '('))
			depth++;
		else if (lex_is_char(lx, ']') || lex_is_char(lx, '}') || lex_is_char(lx, ')'))
			depth--;
		lex_next(lx);
	} while (depth || !(lex_is_char(lx, ',') || lex_is_char(lx, '}')));
	return ST_OK;
}

/* msg_name(...)=..., msg_iov(1)=[{..., 1000}], msg_flags=0, msg_control=[...] of a msghdr, whose brace was taken. */
static enum status read_msghdr(struct call_parser *p, struct arg *arg)
{
	struct lexer *lx = p->lx;
	enum status st = ST_OK;

	do {
		const bool iov = lex_is_word(lx, "msg_iov"), control = lex_is_word(lx, "msg_control");

		if (lx->token.kind != TOK_WORD)
			return lex_error(lx, "a member of the msghdr is missing here");
		lex_next(lx);
		if (lex_take_char(lx, '(')) {
			lex_next(lx);
			if (!lex_take_char(lx, ')'))
				return lex_error(lx, "`)` is missing here");
		}
		if (!lex_take_char(lx, '='))
			return lex_error(lx, "`=` is missing here");
		if (control)
			drill_skip(p->d, p->line, "this engine has no control messages");
		if (iov && !lex_take_char(lx, '['))
			return lex_error(lx, "an iovec is written [{..., 1000}]");
		st = iov ? read_iov(p, arg) : skip_value(p);
	} while (!st && lex_take_char(lx, ','));
	arg->kind = ARG_MSG;
	if (!st && !lex_take_char(lx, '}'))
		return lex_error(lx, "`}` is missing here");
	return st;
}

static enum status read_arg(struct call_parser *p, struct arg *arg)
{
	struct lexer *lx = p->lx;
	enum status st;

	arg->pos = lx->token.start;
	if (lx->token.kind == TOK_ELLIPSIS || lx->token.kind == TOK_STRING || lex_is_word(lx, "NULL")) {
		if (lex_is_word(lx, "NULL"))
			drill_skip(p->d, p->line, "a call cannot be made with a wrong pointer here");
		arg->kind = ARG_ANY;
		lex_next(lx);
		return ST_OK;
	}
	if (lex_take_char(lx, '{'))
		return letter_at(p->sig, p->n - 1) == 'M' ? read_msghdr(p, arg) : read_braces(p, arg, false);
	if (!lex_take_char(lx, '[')) {
		arg->kind = ARG_VALUE;
		return read_value(p, &arg->value, &arg->class);
	}
	if (letter_at(p->sig, p->n - 1) == 'i')
		return read_iov(p, arg);
	arg->kind = ARG_BRACKETS;
	st = lex_take_char(lx, '{') ? read_braces(p, arg, true) : read_value(p, &arg->value, &arg->class);
	if (!st && !lex_take_char(lx, ']'))
		return lex_error(lx, "`]` is missing here");
	return st;
}

static enum status read_args(struct call_parser *p)
{
	struct lexer *lx = p->lx;

	if (!lex_take_char(lx, '('))
		return lex_error(lx, "`(` is missing after the name of the call");
	while (!lex_is_char(lx, ')')) {
		enum status st;

		if (p->n == MAX_ARGS)
			return lex_error(lx, "no call has so many arguments");
		st = read_arg(p, &p->arg[p->n++]);
		if (st)
			return st;
		if (!lex_take_char(lx, ',') && !lex_is_char(lx, ')'))
			return lex_error(lx, "`,` or `)` is missing before %s", lex_shown(lx).text);
	}
	lex_next(lx);
	return ST_OK;
}

/* ---- what they mean ------------------------------------------------------------------------------------------------ */

static enum status use_fd(struct call_parser *p, const struct arg *arg, s64 fd)
{
	p->call->fd = 0;
	/* calls that are not played here may have made descriptors, too */
	if (p->d->skip_line)
		return ST_OK;
	if (fd < 0 || fd >= MAX_SCRIPT_FD || !p->known[fd])
		return lex_error_at(p->lx, arg->pos, "the script has no descriptor %lld here", (long long)fd);
	p->call->fd = (s16)fd;
	return ST_OK;
}

static enum status number(struct call_parser *p, const struct arg *arg, s64 min, s64 max, const char *what)
{
	if (arg->class != NAME_INTEGER || arg->value < min || arg->value > max)
		return lex_error_at(p->lx, arg->pos, "%s is a number from %lld to %lld", what, (long long)min, (long long)max);
	return ST_OK;
}

static enum status named(struct call_parser *p, const struct arg *arg, enum name_class class, const char *what)
{
	if (arg->kind != ARG_VALUE || (arg->class != class && arg->class != NAME_FOREIGN))
		return lex_error_at(p->lx, arg->pos, "this argument of %s() is %s", p->sig->name, what);
	return ST_OK;
}

static enum status use_option_value(struct call_parser *p, const struct arg *arg, bool get)
{
	struct call *c = p->call;
	const bool linger = c->a == OPT_SO_LINGER;

	if (linger != (arg->kind == ARG_LINGER) || (!linger && arg->kind != ARG_BRACKETS))
		return lex_error_at(p->lx, arg->pos, "the value is written %s", linger ? "{onoff=1, linger=5}" : "in brackets: [1]");
	if (arg->value < INT32_MIN || arg->value > INT32_MAX || arg->second < 0 || arg->second > INT32_MAX)
		return lex_error_at(p->lx, arg->pos, "this value does not fit into an int");
	if (!linger && arg->class != NAME_INTEGER && !(get && arg->class == NAME_ERRNO))
		return lex_error_at(p->lx, arg->pos, "the value of an option is a number%s", get ? " or an errno" : "");
	if (get && linger)
		drill_skip(p->d, p->line, "getsockopt(SO_LINGER) cannot be checked");
	c->value = arg->value;
	c->has_value = get;
	if (!get) {
		c->b = (u32)(s32)arg->value;
		c->t = (u64)arg->second;
	}
	return ST_OK;
}

static enum status use_fcntl_value(struct call_parser *p, const struct arg *arg)
{
	struct call *c = p->call;

	if (c->is_dup)
		return number(p, arg, 0, MAX_SCRIPT_FD - 1, "the least number of the duplicate");
	if (arg->kind != ARG_VALUE || (arg->class != NAME_FILE && arg->class != NAME_INTEGER))
		return lex_error_at(p->lx, arg->pos, "F_SETFL takes O_RDWR or O_RDWR|O_NONBLOCK");
	c->a = (arg->value & FILE_NONBLOCK_FLAG) != 0;
	return ST_OK;
}

static enum status use_poll(struct call_parser *p, const struct arg *arg)
{
	if (arg->kind != ARG_POLL)
		return lex_error_at(p->lx, arg->pos, "poll() takes [{fd=3, events=POLLIN, revents=POLLIN}]");
	p->call->poll_events = (u32)arg->value;
	p->call->value = arg->second;
	p->call->has_value = 1;
	return use_fd(p, arg, arg->fd);
}

static enum status use_number(struct call_parser *p, const struct arg *arg, size_t at)
{
	struct call *c = p->call;

	if (arg->kind != ARG_VALUE)
		return lex_error_at(p->lx, arg->pos, "this argument of %s() is a number", p->sig->name);
	if (c->nr == SYS_poll && at == 1)
		return number(p, arg, 1, 1, "how many are polled");
	if (c->nr == SYS_poll) {
		if (arg->class == NAME_INTEGER && arg->value != 0)
			drill_skip(p->d, p->line, "poll() can only be asked without waiting");
		return number(p, arg, -1, INT32_MAX, "the timeout");
	}
	c->a = (u32)arg->value;
	return number(p, arg, 0, INT32_MAX, c->nr == SYS_listen ? "the backlog" : "how many bytes");
}

/* The argument at place `at`, whose letter the signature has there. */
static enum status use_arg(struct call_parser *p, const struct arg *arg, char letter, size_t at)
{
	struct call *c = p->call;
	enum status st = ST_OK;

	switch (letter) {
	case 'f':
		st = arg->kind != ARG_VALUE ? named(p, arg, NAME_INTEGER, "a descriptor") :
					      number(p, arg, 0, MAX_SCRIPT_FD - 1, "a descriptor");
		return st ? st : use_fd(p, arg, arg->value);
	case '.':
		return arg->kind == ARG_ANY ? ST_OK : lex_error_at(p->lx, arg->pos, "`...` belongs here");
	case 'n':
		return use_number(p, arg, at);
	case 's':
		c->nonblock = arg->kind == ARG_VALUE && (arg->value & FILE_NONBLOCK_FLAG) != 0;
		return named(p, arg, NAME_SOCK, "SOCK_STREAM");
	case 'k':
		c->nonblock = arg->kind == ARG_VALUE && (arg->value & FILE_NONBLOCK_FLAG) != 0;
		return arg->class == NAME_INTEGER ? number(p, arg, 0, 0, "flags without a name") :
						    named(p, arg, NAME_SOCKFLAG, "SOCK_NONBLOCK, SOCK_CLOEXEC or 0");
	case 'i':
	case 'M':
		c->a = (u32)arg->value;
		if (arg->kind != (letter == 'i' ? ARG_IOV : ARG_MSG))
			return lex_error_at(p->lx, arg->pos, letter == 'i' ? "an iovec is written [{..., 1000}]" :
									     "a msghdr is written {msg_iov(1)=[{..., 1000}]}");
		return arg->value > INT32_MAX ? lex_error_at(p->lx, arg->pos, "so many bytes do not fit into an int") : ST_OK;
	case 'N':
		return arg->kind == ARG_VALUE ? number(p, arg, 0, 1024, "how many buffers there are") :
						lex_error_at(p->lx, arg->pos, "how many buffers there are belongs here");
	case 'I':
		c->a = (u32)arg->value;
		return named(p, arg, NAME_IOCTL, "SIOCINQ or SIOCOUTQ");
	case 'V':
		c->value = arg->value;
		c->has_value = 1;
		return arg->kind == ARG_BRACKETS && arg->class == NAME_INTEGER && arg->value >= 0 && arg->value <= INT32_MAX ?
			       ST_OK :
			       lex_error_at(p->lx, arg->pos, "the value that is expected is written in brackets: [1000]");
	case 'p':
		return named(p, arg, NAME_PROTO, "IPPROTO_TCP");
	case 'm':
		c->b = (u32)arg->value;
		return arg->class == NAME_INTEGER ? number(p, arg, 0, 0, "flags without a name") :
						    named(p, arg, NAME_MSG, "MSG_* flags or 0");
	case 'h':
		c->a = (u32)arg->value;
		return named(p, arg, NAME_HOW, "SHUT_RD, SHUT_WR or SHUT_RDWR");
	case 'a':
		c->a = LOCAL_PORT;
		c->b = arg->kind == ARG_ANY ? 2 : 0;
		return arg->kind == ARG_ANY ? ST_OK : named(p, arg, NAME_FAMILY, "`...` or AF_UNSPEC");
	case 'c':
		c->is_dup = arg->value == FCNTL_DUPFD;
		c->asks_flags = arg->value == FCNTL_GETFL;
		c->nr = c->is_dup ? SYS_dup : SYS_fcntl;
		if (!c->asks_flags && p->n == 2 && arg->class == NAME_FCNTL)
			return lex_error_at(p->lx, arg->pos, "the value for this is missing");
		return named(p, arg, NAME_FCNTL, "F_SETFL or F_DUPFD");
	case 'v':
		return use_fcntl_value(p, arg);
	case 'l':
		return named(p, arg, NAME_LEVEL, "a level, SOL_SOCKET or SOL_TCP");
	case 'o':
		c->a = (u32)arg->value;
		st = named(p, arg, NAME_OPTION, "an option");
		if (!st && arg->class == NAME_OPTION && p->arg[1].class == NAME_LEVEL &&
		    sockopt_info[arg->value].level != p->arg[1].value)
			return lex_error_at(p->lx, arg->pos, "this option belongs to another level");
		return st;
	case 'b':
	case 'g':
		/* an option that is not known here takes what it wants: the script is skipped anyway */
		return p->arg[2].class == NAME_FOREIGN ? ST_OK : use_option_value(p, arg, letter == 'g');
	case 'z':
		return arg->kind == ARG_VALUE ? number(p, arg, 1, 4096, "the size of the value") :
						lex_error_at(p->lx, arg->pos, "the size of the value belongs here");
	case 'Z':
		return arg->kind == ARG_BRACKETS ? number(p, arg, 1, 4096, "the size of the value") :
						   lex_error_at(p->lx, arg->pos, "the size of the value in brackets belongs here");
	default:
		return use_poll(p, arg);
	}
}

/* ---- the result ---------------------------------------------------------------------------------------------------- */

static enum status read_result(struct call_parser *p)
{
	struct lexer *lx = p->lx;
	struct call *c = p->call;
	const struct name *name;

	if (!lex_take_char(lx, '='))
		return lex_error(lx, "`=` and the result are missing after the call");
	if (lx->token.kind != TOK_INT)
		return lex_error(lx, "the result of a call is a number, and %s is none", lex_shown(lx).text);
	c->result = lx->token.value;
	if (c->result < -1 || c->result > INT32_MAX)
		return lex_error(lx, "a call returns -1 or a number that is not negative");
	if ((c->gives_fd || c->is_dup) && c->result >= MAX_SCRIPT_FD)
		return lex_error(lx, "descriptors are numbers below %d", MAX_SCRIPT_FD);
	lex_next(lx);
	if (lex_is_char(lx, '(') && !lex_skip_past(lx, ')')) /* 0x2 (flags O_RDWR) */
		return lex_error(lx, "what stands behind the result is not closed by `)`");
	name = lx->token.kind == TOK_WORD ? script_name(lx->text + lx->token.start, lx->token.len) : NULL;
	if (!name || name->class != NAME_ERRNO)
		return lx->token.kind == TOK_WORD ? lex_error(lx, "%s is no errno that is known here", lex_shown(lx).text) : ST_OK;
	if (c->result != -1)
		return lex_error(lx, "a call that succeeds has no errno");
	c->errno_wanted = (s16)name->value;
	lex_next(lx);
	if (lex_is_char(lx, '(') && !lex_skip_past(lx, ')'))
		return lex_error(lx, "the text of the errno is not closed by `)`");
	return ST_OK;
}

/* Which descriptors the script has after the call. */
static void note_descriptors(struct call_parser *p)
{
	const struct call *c = p->call;

	if ((c->gives_fd || c->is_dup) && c->result >= 0)
		p->known[c->result] = 1;
	if (c->nr == SYS_close)
		p->known[c->fd] = 0;
}

/* A call that is not played here: past its arguments and its result, as far as they look like any. */
static enum status skip_foreign(struct call_parser *p)
{
	struct lexer *lx = p->lx;
	size_t depth = 0;

	drill_skip(p->d, p->line, "the call %s() cannot be made here", p->sig->name);
	if (!lex_is_char(lx, '('))
		return lex_error(lx, "`(` is missing after the name of the call");
	do {
		if (lx->token.kind == TOK_END)
			return lex_error(lx, "`)` is missing at the end of the call");
		depth += lex_is_char(lx, '(');
		depth -= lex_is_char(lx, ')');
		lex_next(lx);
	} while (depth);
	return read_result(p);
}

enum status parse_call(struct drill *d, struct lexer *lx, struct call *call, u8 known[MAX_SCRIPT_FD])
{
	struct call_parser p = { .d = d, .lx = lx, .call = call, .known = known, .line = lx->token.line };
	const size_t pos = lx->token.start;
	enum status st;

	for (size_t i = 0; i < ARRAY_LEN(signatures) && !p.sig; i++)
		if (lex_is_word(lx, signatures[i].name))
			p.sig = &signatures[i];
	if (!p.sig)
		return lex_error(lx, "%s is no system call that is known here", lex_shown(lx).text);
	lex_next(lx);
	call->name = p.sig->name;
	call->is_dup = p.sig->nr == SYS_dup;
	call->nr = p.sig->nr;
	call->gives_fd = p.sig->gives_fd;
	call->fd = -1;
	if (!p.sig->args)
		return skip_foreign(&p);
	st = read_args(&p);
	call->start = pos;
	call->len = lx->behind - pos;
	if (!st && !fits(p.sig, p.n))
		return lex_error_at(lx, pos, "%s() has %zu arguments here and takes %zu", call->name, p.n, strlen(p.sig->args));
	for (size_t i = 0; !st && i < p.n; i++)
		st = use_arg(&p, &p.arg[i], letter_at(p.sig, i), i);
	if (!st)
		st = read_result(&p);
	if (st)
		return st;
	if (call->nr == SYS_bind || call->nr == SYS_socket)
		call->a = call->nr == SYS_bind ? LOCAL_PORT : SEG_TCP;
	if (call->nr == SYS_bind)
		call->b = 1;
	if (call->nr == SYS_send)
		call->b |= MSG_NOSIGNAL_; /* SIGPIPE is ignored in these scripts */
	note_descriptors(&p);
	return ST_OK;
}
