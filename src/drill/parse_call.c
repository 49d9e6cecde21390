/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls: arguments as they are written, then what they mean for the call at hand. */
#include "drill/parse_call.h"

#include <string.h>

enum { LOCAL_PORT = 8080 };

static const struct signature signatures[] = {
	{ "accept", "f..", SYS_accept, 1 },
	{ "accept4", "f..k", SYS_accept, 1 },
	{ "bind", "f..", SYS_bind, 0 },
	{ "close", "f", SYS_close, 0 },
	{ "connect", "fa.", SYS_connect, 0 },
	{ "dup", "f", SYS_dup, 0 },
	{ "epoll_create", "n", SYS_epoll_create, 1 },
	{ "epoll_ctl", "fOte", SYS_epoll_ctl, 0 },
	{ "epoll_wait", "fenn", SYS_epoll_wait, 0 },
	{ "fcntl", "fc?v", SYS_fcntl, 0 },
	{ "getsockopt", "flogZ", SYS_getsockopt, 0 },
	{ "ioctl", "fIV", SYS_ioctl, 0 },
	{ "listen", "fn", SYS_listen, 0 },
	{ "poll", "Pnn", SYS_poll, 0 },
	{ "read", "fBn", SYS_recv, 0 },
	{ "readv", "fiN", SYS_recv, 0 },
	{ "recv", "fBnm", SYS_recv, 0 },
	{ "recvfrom", "fBnm..", SYS_recv, 0 },
	{ "recvmsg", "fMm", SYS_recv, 0 },
	{ "send", "fBnm", SYS_send, 0 },
	{ "sendmsg", "fMm", SYS_send, 0 },
	{ "sendto", "fBnmA.", SYS_send, 0 },
	{ "setsockopt", "flobz", SYS_setsockopt, 0 },
	{ "shutdown", "fh", SYS_shutdown, 0 },
	{ "socket", ".sp", SYS_socket, 1 },
	{ "write", "fBn", SYS_send, 0 },
	{ "writev", "fiN", SYS_send, 0 },
	{ "cap_set", NULL, 0, 0 },
	{ "open", NULL, 0, 0 },
	{ "pipe", NULL, 0, 0 },
	{ "sendfile", NULL, 0, 0 },
	{ "splice", NULL, 0, 0 },
};

char call_letter(const struct signature *sig, size_t at)
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

/* ---- what they mean ------------------------------------------------------------------------------------------------ */

/* What a script has under a descriptor. */
enum { KNOWN_SOCKET = 1, KNOWN_EPOLL = 2 };

static bool suits_epoll(u8 nr)
{
	return nr == SYS_epoll_ctl || nr == SYS_epoll_wait || nr == SYS_close || nr == SYS_dup || nr == SYS_fcntl;
}

static enum status use_fd(struct call_parser *p, const struct arg *arg, s64 fd)
{
	p->call->fd = 0;
	/* calls that are not played here may have made descriptors, too */
	if (p->d->skip_line)
		return ST_OK;
	if (fd < 0 || fd >= MAX_SCRIPT_FD || !p->known[fd])
		return lex_error_at(p->lx, arg->pos, "the script has no descriptor %lld here", (long long)fd);
	p->call->fd = (s16)fd;
	if (p->known[fd] == KNOWN_EPOLL && !suits_epoll(p->call->nr))
		drill_skip(p->d, p->line, "%s() cannot be called on an epoll descriptor here", p->sig->name);
	return ST_OK;
}

static enum status number(struct call_parser *p, const struct arg *arg, s64 min, s64 max, const char *what)
{
	if (arg->class != NAME_INTEGER || arg->value < min || arg->value > max)
		return min == max ? lex_error_at(p->lx, arg->pos, "%s is %lld here", what, (long long)min) :
				    lex_error_at(p->lx, arg->pos, "%s is a number from %lld to %lld", what, (long long)min, (long long)max);
	return ST_OK;
}

static enum status named(struct call_parser *p, const struct arg *arg, enum name_class class, const char *what)
{
	if (arg->kind != ARG_VALUE || (arg->class != class && arg->class != NAME_FOREIGN))
		return lex_error_at(p->lx, arg->pos, "this argument of %s() is %s", p->sig->name, what);
	return ST_OK;
}

/* "reno" of TCP_CONGESTION; getsockopt() may ask for the name's beginning. */
static enum status use_congestion(struct call_parser *p, const struct arg *arg, bool get)
{
	const char *name = p->lx->text + arg->text;
	struct call *c = p->call;
	const char *own;

	if (arg->kind != ARG_STRING || !arg->len)
		return lex_error_at(p->lx, arg->pos, "the value is written as a name: \"reno\"");
	c->has_value = get;
	for (u8 ca = 0; (own = script_congestion(ca)); ca++)
		if (arg->len <= strlen(own) && memcmp(own, name, arg->len) == 0 && (get || !own[arg->len])) {
			c->value = ca;
			c->b = get ? 0 : ca;
			return ST_OK;
		}
	drill_skip(p->d, p->line, "there is no congestion control `%.*s`: only reno and cubic", (int)(arg->len < 40 ? arg->len : 40), name);
	return ST_OK;
}

/* How many bytes the value of the option has. */
static s64 option_size(const struct call_parser *p)
{
	if (p->call->a == OPT_TCP_CONGESTION)
		return (s64)p->arg[3].len;
	if (p->call->a == OPT_SO_RCVTIMEO || p->call->a == OPT_SO_SNDTIMEO) /* struct timeval */
		return 16;
	return p->call->a == OPT_SO_LINGER ? 8 : 4;
}

static enum status use_option_value(struct call_parser *p, const struct arg *arg, bool get)
{
	struct call *c = p->call;
	const bool linger = c->a == OPT_SO_LINGER;

	if (c->a == OPT_TCP_CONGESTION)
		return use_congestion(p, arg, get);
	/* an int for a struct linger is too short, which the kernel says */
	if (linger && (get || arg->kind != ARG_BRACKETS) ? arg->kind != ARG_LINGER : arg->kind != ARG_BRACKETS)
		return lex_error_at(p->lx, arg->pos, "the value is written %s", linger ? "{onoff=1, linger=5}" : "in brackets: [1]");
	if (arg->value < INT32_MIN || arg->value > UINT32_MAX || arg->second < 0 || arg->second > INT32_MAX)
		return lex_error_at(p->lx, arg->pos, "this value does not fit into an int");
	if (!linger && arg->class != NAME_INTEGER && !(get && arg->class == NAME_ERRNO))
		return lex_error_at(p->lx, arg->pos, "the value of an option is a number%s", get ? " or an errno" : "");
	c->value = (s32)(u32)arg->value;
	c->has_value = get;
	c->has_linger = get && linger;
	c->linger = (s32)arg->second;
	if (!get) {
		c->b = (u32)arg->value;
		c->t = (u64)arg->second;
	}
	return ST_OK;
}

/* The size that setsockopt() is told: the kernel refuses less than the option takes, and looks at no more. */
static enum status use_size(struct call_parser *p, const struct arg *arg)
{
	const s64 size = option_size(p);

	if (arg->kind != ARG_VALUE)
		return lex_error_at(p->lx, arg->pos, "the size of the value belongs here");
	p->call->too_short = arg->value < size;
	if (p->call->a == OPT_TCP_CONGESTION && arg->value < size)
		return lex_error_at(p->lx, arg->pos, "the name has %lld bytes", (long long)size);
	if (p->arg[3].kind == ARG_BRACKETS && size > 4 && arg->value >= size)
		return lex_error_at(p->lx, arg->pos, "the value in brackets has 4 bytes only");
	return number(p, arg, INT32_MIN, INT32_MAX, "the size of the value");
}

/* The size that getsockopt() is told and tells: packetdrill compares all of the value. */
static enum status use_wanted_size(struct call_parser *p, const struct arg *arg)
{
	const s64 size = option_size(p);

	if (arg->kind != ARG_BRACKETS)
		return lex_error_at(p->lx, arg->pos, "the size of the value in brackets belongs here");
	if (size == 16)
		drill_skip(p->d, p->line, "a struct timeval cannot be checked: packetdrill has no way to write it");
	return number(p, arg, size == 16 ? 4 : size, size, "the size of this option's value");
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

/* poll() on descriptors that are not open, or negative, is for the engine to answer. */
static enum status use_poll(struct call_parser *p, const struct arg *arg)
{
	const struct call *c = p->call;

	if (arg->kind != ARG_POLL)
		return lex_error_at(p->lx, arg->pos, "poll() takes [{fd=3, events=POLLIN, revents=POLLIN}]");
	for (u8 i = 0; i < c->n_polled && !p->d->skip_line; i++)
		if (c->polled[i].fd < 0 || c->polled[i].fd == MAX_SCRIPT_FD || !p->known[c->polled[i].fd])
			return lex_error_at(p->lx, arg->pos, "the script has no descriptor %d here", c->polled[i].fd);
	return ST_OK;
}

static enum status use_epoll_event(struct call_parser *p, const struct arg *arg)
{
	if (arg->kind != ARG_EPOLLEV)
		return lex_error_at(p->lx, arg->pos, "%s() takes an event, {events=EPOLLIN, fd=4}", p->sig->name);
	p->call->polled[0].events = (u32)arg->value;
	p->call->polled[0].data = (u64)arg->second;
	return ST_OK;
}

/* What epoll_ctl() is about: a socket that the script has. */
static enum status use_target(struct call_parser *p, const struct arg *arg)
{
	struct call *c = p->call;
	const s16 fd = c->fd;
	enum status st = number(p, arg, 0, MAX_SCRIPT_FD - 1, "a descriptor");

	if (!st)
		st = use_fd(p, arg, arg->value);
	if (!st && p->known[arg->value] == KNOWN_EPOLL)
		drill_skip(p->d, p->line, "an epoll descriptor cannot be watched by another one here");
	c->polled[0].fd = c->fd;
	c->fd = fd;
	return st;
}

/* MSG_* as numbers, as the kernel counts them, perhaps beside names. */
static enum status use_flags(struct call_parser *p, const struct arg *arg)
{
	static const struct {
		u32 kernel, own;
	} bits[] = { { 0x1, MSG_OOB_ }, { 0x2, MSG_PEEK_ }, { 0x20, MSG_TRUNC_ }, { 0x40, MSG_DONTWAIT_ }, { 0x80, MSG_EOR_ },
		     { 0x100, MSG_WAITALL_ }, { 0x4000, MSG_NOSIGNAL_ }, { 0x8000, MSG_MORE_ } };
	u32 left = (u32)arg->second;

	p->call->b = arg->class == NAME_MSG ? (u32)arg->value : 0;
	for (size_t i = 0; i < ARRAY_LEN(bits); i++) {
		p->call->b |= left & bits[i].kernel ? bits[i].own : 0u;
		left &= ~bits[i].kernel;
	}
	if (left)
		drill_skip(p->d, p->line, "this engine has no MSG_* flag %#x", left);
	if (arg->class == NAME_INTEGER)
		return number(p, arg, 0, INT32_MAX, "flags without a name");
	return named(p, arg, NAME_MSG, "MSG_* flags or 0");
}

static enum status use_number(struct call_parser *p, const struct arg *arg, size_t at)
{
	struct call *c = p->call;

	if (arg->kind != ARG_VALUE)
		return lex_error_at(p->lx, arg->pos, "this argument of %s() is a number", p->sig->name);
	if (c->nr == SYS_poll && at == 1)
		return number(p, arg, p->arg[0].value, p->arg[0].value, "how many are polled");
	if ((c->nr == SYS_poll && at == 2) || (c->nr == SYS_epoll_wait && at == 3)) {
		c->b = (u32)(s32)arg->value;
		return number(p, arg, -1, INT32_MAX, "the timeout");
	}
	c->a = (u32)arg->value;
	if (c->nr == SYS_epoll_wait || c->nr == SYS_epoll_create || c->nr == SYS_listen) /* the kernel refuses what is no use */
		return number(p, arg, INT32_MIN, INT32_MAX, "how many");
	return number(p, arg, 0, INT32_MAX, "how many bytes");
}

/* Names of the kernel's, and flags. */
static enum status use_name(struct call_parser *p, const struct arg *arg, char letter)
{
	struct call *c = p->call;
	enum status st;

	switch (letter) {
	case 's':
		c->nonblock = arg->kind == ARG_VALUE && (arg->value & FILE_NONBLOCK_FLAG) != 0;
		return named(p, arg, NAME_SOCK, "SOCK_STREAM");
	case 'k':
		c->nonblock = arg->kind == ARG_VALUE && (arg->value & FILE_NONBLOCK_FLAG) != 0;
		return arg->class == NAME_INTEGER ? number(p, arg, 0, 0, "flags without a name") :
						    named(p, arg, NAME_SOCKFLAG, "SOCK_NONBLOCK, SOCK_CLOEXEC or 0");
	case 'I':
		c->a = (u32)arg->value;
		return named(p, arg, NAME_IOCTL, "SIOCINQ or SIOCOUTQ");
	case 'p':
		return arg->class == NAME_INTEGER && (arg->value == 0 || arg->value == 6) ? ST_OK :
											    named(p, arg, NAME_PROTO, "IPPROTO_TCP or 0");
	case 'm':
		return use_flags(p, arg);
	case 'h':
		c->a = (u32)arg->value;
		return arg->class == NAME_INTEGER ? number(p, arg, INT32_MIN, INT32_MAX, "how") :
						    named(p, arg, NAME_HOW, "SHUT_RD, SHUT_WR or SHUT_RDWR");
	case 'O':
		c->a = (u32)arg->value;
		return named(p, arg, NAME_EPOLL_CTL, "EPOLL_CTL_ADD, EPOLL_CTL_MOD or EPOLL_CTL_DEL");
	case 'c':
		c->is_dup = arg->value == FCNTL_DUPFD;
		c->asks_flags = arg->value == FCNTL_GETFL;
		c->nr = c->is_dup ? SYS_dup : SYS_fcntl;
		if (!c->asks_flags && p->n == 2 && arg->class == NAME_FCNTL)
			return lex_error_at(p->lx, arg->pos, "the value for this is missing");
		return named(p, arg, NAME_FCNTL, "F_SETFL or F_DUPFD");
	case 'l': /* IPPROTO_TCP is the same number */
		return arg->class == NAME_PROTO ? ST_OK : named(p, arg, NAME_LEVEL, "a level, SOL_SOCKET or SOL_TCP");
	default:
		c->a = (u32)arg->value;
		st = named(p, arg, NAME_OPTION, "an option");
		if (!st && arg->class == NAME_OPTION && p->arg[1].class == NAME_LEVEL &&
		    sockopt_info[arg->value].level != p->arg[1].value)
			return lex_error_at(p->lx, arg->pos, "this option belongs to another level");
		return st;
	}
}

/* Buffers, sizes, and values that shall come out. */
static enum status use_value(struct call_parser *p, const struct arg *arg, char letter)
{
	struct call *c = p->call;

	switch (letter) {
	case '.':
		if (arg->kind == ARG_NULL)
			drill_skip(p->d, p->line, "NULL can only stand for a buffer here");
		return arg->kind <= ARG_NULL ? ST_OK : lex_error_at(p->lx, arg->pos, "`...` belongs here");
	case 'B':
		c->t = arg->kind == ARG_NULL;
		return arg->kind <= ARG_NULL ? ST_OK : lex_error_at(p->lx, arg->pos, "`...` or NULL belongs here");
	case 'i':
	case 'M':
		c->a = (u32)arg->value;
		c->is_recvmsg = letter == 'M' && c->nr == SYS_recv;
		if (arg->kind != (letter == 'i' ? ARG_IOV : ARG_MSG))
			return lex_error_at(p->lx, arg->pos, letter == 'i' ? "an iovec is written [{..., 1000}]" :
									     "a msghdr is written {msg_iov(1)=[{..., 1000}]}");
		return arg->value > INT32_MAX ? lex_error_at(p->lx, arg->pos, "so many bytes do not fit into an int") : ST_OK;
	case 'N':
		return arg->kind == ARG_VALUE ? number(p, arg, p->arg[1].second, p->arg[1].second, "how many buffers there are") :
						lex_error_at(p->lx, arg->pos, "how many buffers there are belongs here");
	case 'V':
		c->value = arg->value;
		c->has_value = 1;
		return arg->kind == ARG_BRACKETS && arg->class == NAME_INTEGER && arg->value >= 0 && arg->value <= INT32_MAX ?
			       ST_OK :
			       lex_error_at(p->lx, arg->pos, "the value that is expected is written in brackets: [1000]");
	case 'b':
	case 'g':
		/* an option that is not known here takes what it wants: the script is skipped anyway */
		return p->arg[2].class == NAME_FOREIGN ? ST_OK : use_option_value(p, arg, letter == 'g');
	case 'z':
		return p->arg[2].class == NAME_FOREIGN ? ST_OK : use_size(p, arg);
	default:
		return p->arg[2].class == NAME_FOREIGN ? ST_OK : use_wanted_size(p, arg);
	}
}

/* The argument at place `at`, whose letter the signature has there. */
static enum status use_arg(struct call_parser *p, const struct arg *arg, char letter, size_t at)
{
	struct call *c = p->call;
	enum status st;

	switch (letter) {
	case 'f':
		st = arg->kind != ARG_VALUE ? named(p, arg, NAME_INTEGER, "a descriptor") :
					      number(p, arg, 0, MAX_SCRIPT_FD - 1, "a descriptor");
		return st ? st : use_fd(p, arg, arg->value);
	case 'n':
		return use_number(p, arg, at);
	case 'a':
	case 'A': /* of sendto(): TCP does not look at it */
		c->a = letter == 'a' ? LOCAL_PORT : c->a;
		c->b = letter == 'A' ? c->b : arg->kind == ARG_ANY ? 2 : 0;
		return arg->kind == ARG_ANY ? ST_OK : named(p, arg, NAME_FAMILY, "`...` or AF_UNSPEC");
	case 'v':
		return use_fcntl_value(p, arg);
	case 't':
		return use_target(p, arg);
	case 'e':
		return use_epoll_event(p, arg);
	case 'P':
		return use_poll(p, arg);
	default:
		return strchr("skIpmhOclo", letter) ? use_name(p, arg, letter) : use_value(p, arg, letter);
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
	if ((c->nr == SYS_socket || c->nr == SYS_epoll_create) && c->result >= 0 && p->known[c->result] && !p->d->skip_line)
		return lex_error(lx, "the script has a descriptor %lld already", (long long)c->result);
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

	if (c->gives_fd && c->result >= 0)
		p->known[c->result] = c->nr == SYS_epoll_create ? KNOWN_EPOLL : KNOWN_SOCKET;
	if (c->is_dup && c->result >= 0)
		p->known[c->result] = p->known[c->fd];
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
		st = use_arg(&p, &p.arg[i], call_letter(p.sig, i), i);
	if (!st)
		st = read_result(&p);
	if (st)
		return st;
	if (call->nr == SYS_bind || call->nr == SYS_socket)
		call->a = call->nr == SYS_bind ? LOCAL_PORT : SEG_TCP;
	if (call->nr == SYS_bind)
		call->b = 1;
	/* read(2) of nothing never asks the socket, as recv(2) does */
	call->reads_nothing = call->nr == SYS_recv && call->a == 0 && strncmp(p.sig->name, "read", 4) == 0;
	if (call->nr == SYS_epoll_ctl || call->nr == SYS_epoll_wait)
		call->n_polled = 1;
	if (call->nr == SYS_send)
		call->b |= MSG_NOSIGNAL_; /* SIGPIPE is ignored in these scripts */
	note_descriptors(&p);
	return ST_OK;
}
