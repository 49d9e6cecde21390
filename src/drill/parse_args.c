/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arguments of a system call as they are written: numbers and names, and what stands in brackets and braces. */
#include "drill/parse_call.h"

#include <string.h>

/* One of the names that `|` joins; a number goes together with any, and into `numbers`. */
static enum status read_name(struct call_parser *p, s64 *value, s64 *numbers, enum name_class *class)
{
	struct lexer *lx = p->lx;
	const struct name *name = NULL;

	if (lx->token.kind == TOK_INT) {
		*numbers |= lx->token.value;
		lex_next(lx);
		return ST_OK;
	}
	if (lx->token.kind == TOK_WORD)
		name = script_name(lx->text + lx->token.start, lx->token.len);
	if (!name)
		return lex_error(lx, "%s is neither a number nor a constant that is known here", lex_shown(lx).text);
	if (name->class == NAME_FOREIGN)
		drill_skip(p->d, lx->token.line, "this engine has no %s", lex_shown(lx).text);
	if (*class == NAME_NONE || *class == NAME_INTEGER || name->class == NAME_FOREIGN)
		*class = (enum name_class)name->class;
	else if (*class == NAME_SOCK && name->class == NAME_SOCKFLAG)
		; /* SOCK_STREAM|SOCK_NONBLOCK */
	else if (*class != name->class && *class != NAME_FOREIGN)
		return lex_error(lx, "%s does not go together with what is before it", lex_shown(lx).text);
	*value |= name->value;
	lex_next(lx);
	return ST_OK;
}

/* A number, or names and numbers joined by `|`, with the names' numbers apart: the engine may have others than the kernel. */
static enum status read_parts(struct call_parser *p, s64 *value, s64 *numbers, enum name_class *class)
{
	enum status st;

	*value = 0;
	*numbers = 0;
	*class = p->lx->token.kind == TOK_INT ? NAME_INTEGER : NAME_NONE;
	do
		st = read_name(p, value, numbers, class);
	while (!st && lex_take_char(p->lx, '|'));
	return st;
}

static enum status read_value(struct call_parser *p, s64 *value, enum name_class *class)
{
	s64 numbers;
	enum status st = read_parts(p, value, &numbers, class);

	*value |= numbers;
	return st;
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
	if (!st && class != NAME_INTEGER && class != wanted && class != NAME_FOREIGN)
		return lex_error_at(p->lx, pos, "this is no value for `%s`", word);
	return st;
}

static enum status comma(struct call_parser *p)
{
	return lex_take_char(p->lx, ',') ? ST_OK : lex_error(p->lx, "`,` is missing between two members");
}

static enum status closing(struct call_parser *p, char c)
{
	return lex_take_char(p->lx, c) ? ST_OK : lex_error(p->lx, "`%c` is missing here", c);
}

/* onoff=1, linger=5} */
static enum status read_linger(struct call_parser *p, struct arg *arg)
{
	enum status st = read_member(p, "onoff", NAME_INTEGER, &arg->value);

	arg->kind = ARG_LINGER;
	if (!st)
		st = comma(p);
	if (!st)
		st = read_member(p, "linger", NAME_INTEGER, &arg->second);
	return st ? st : closing(p, '}');
}

/* One of the descriptors that poll() looks at; of more than the engine can take the first are kept. */
static enum status read_pollfd(struct call_parser *p, struct polled *polled)
{
	s64 fd = 0, events = 0, revents = 0;
	enum status st = read_member(p, "fd", NAME_INTEGER, &fd);

	if (!st)
		st = comma(p);
	if (!st)
		st = read_member(p, "events", NAME_POLL, &events);
	if (!st && lex_take_char(p->lx, ',')) /* without it none shall be up */
		st = read_member(p, "revents", NAME_POLL, &revents);
	*polled = (struct polled){ .fd = fd < -1 || fd >= MAX_SCRIPT_FD ? MAX_SCRIPT_FD : (s16)fd, .events = (u32)events,
				   .revents = (u32)revents };
	return st ? st : closing(p, '}');
}

/* {fd=3, events=POLLIN, revents=0}, ...], whose bracket and first brace were taken. */
static enum status read_poll(struct call_parser *p, struct arg *arg)
{
	struct call *c = p->call;
	enum status st;

	arg->kind = ARG_POLL;
	do {
		struct polled spare;

		st = read_pollfd(p, c->n_polled < MAX_POLLFD ? &c->polled[c->n_polled] : &spare);
		if (c->n_polled < MAX_POLLFD)
			c->n_polled++;
		else
			drill_skip(p->d, p->line, "poll() can look at %d descriptors at most", MAX_POLLFD);
		arg->value++;
	} while (!st && lex_take_char(p->lx, ',') && !(st = closing(p, '{') /* the next one opens */));
	return st;
}

/* events=EPOLLIN, fd=4} */
static enum status read_epollev(struct call_parser *p, struct arg *arg)
{
	static const char *const kinds[] = { "fd", "ptr", "u32", "u64" };
	struct lexer *lx = p->lx;
	enum status st = read_member(p, "events", NAME_EPOLL, &arg->value);
	size_t i = 0;

	arg->kind = ARG_EPOLLEV;
	if (!st)
		st = comma(p);
	if (st)
		return st;
	while (i < ARRAY_LEN(kinds) && !lex_is_word(lx, kinds[i]))
		i++;
	if (i == ARRAY_LEN(kinds))
		return lex_error(lx, "the event's data is missing here: fd=, ptr=, u32= or u64=");
	st = read_member(p, kinds[i], NAME_INTEGER, &arg->second);
	if (!st && arg->second < 0)
		return lex_error_at(lx, arg->pos, "the data of an event is no negative number");
	return st ? st : closing(p, '}');
}

/* {..., 1000} of an iovec, whose bracket was taken: the bytes of all. */
static enum status read_iov(struct call_parser *p, struct arg *arg)
{
	struct lexer *lx = p->lx;

	arg->kind = ARG_IOV;
	arg->second = 0;
	do {
		arg->second++;
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

/* cmsg_level=SOL_TCP, cmsg_type=TCP_CM_INQ, cmsg_data=1000}, whose brace was taken: the one control message that there is here. */
static enum status read_inq(struct call_parser *p)
{
	struct call *c = p->call;
	s64 level = 0, type = 0;
	enum status st = read_member(p, "cmsg_level", NAME_LEVEL, &level);

	if (!st)
		st = comma(p);
	if (!st)
		st = read_member(p, "cmsg_type", NAME_OPTION, &type);
	if (!st)
		st = comma(p);
	if (!st && (level != OPT_SOL_TCP || type != OPT_TCP_INQ || c->has_inq))
		drill_skip(p->d, p->line, "a control message other than a single TCP_CM_INQ cannot come here");
	c->has_inq = 1;
	if (!st)
		st = read_member(p, "cmsg_data", NAME_INTEGER, &c->inq);
	return st ? st : closing(p, '}');
}

/* [{...}], or what a control message of another kind has for its data, which is passed over. */
static enum status read_control(struct call_parser *p)
{
	struct lexer *lx = p->lx;
	const bool inq = lex_finds(lx, "TCP_CM_INQ", ']') || lex_finds(lx, "TCP_INQ", ']');
	enum status st = ST_OK;

	if (!inq && lex_is_char(lx, '[') && lex_follows(lx, ']')) /* [] */
		return skip_value(p);
	if (!inq) {
		drill_skip(p->d, p->line, "this engine has no control messages but TCP_CM_INQ");
		return skip_value(p);
	}
	if (!lex_take_char(lx, '['))
		return lex_error(lx, "control messages are written [{cmsg_level=SOL_TCP, cmsg_type=TCP_CM_INQ, cmsg_data=1}]");
	do
		st = lex_take_char(lx, '{') ? read_inq(p) : lex_error(lx, "`{` is missing here");
	while (!st && lex_take_char(lx, ','));
	return st ? st : closing(p, ']');
}

static enum status read_msg_flags(struct call_parser *p)
{
	enum name_class class;
	const size_t pos = p->lx->token.start;
	enum status st = read_value(p, &p->call->msg_flags, &class);

	if (!st && class == NAME_MSG)
		drill_skip(p->d, p->line, "no message comes with these flags: only MSG_CTRUNC");
	else if (!st && class != NAME_INTEGER && class != NAME_MSG_OUT && class != NAME_FOREIGN)
		return lex_error_at(p->lx, pos, "msg_flags are MSG_* flags or 0");
	return st;
}

/* What stands behind `=`, by the member's name. */
static enum status read_msg_member(struct call_parser *p, struct arg *arg, const struct token *name)
{
	struct lexer *lx = p->lx;
	const char *word = lx->text + name->start;

	if (name->len == 7 && memcmp(word, "msg_iov", 7) == 0)
		return lex_take_char(lx, '[') ? read_iov(p, arg) : lex_error(lx, "an iovec is written [{..., 1000}]");
	if (name->len == 11 && memcmp(word, "msg_control", 11) == 0)
		return read_control(p);
	if (name->len == 9 && memcmp(word, "msg_flags", 9) == 0)
		return read_msg_flags(p);
	return skip_value(p);
}

/* msg_name(...)=..., msg_iov(1)=[{..., 1000}], msg_flags=0, msg_control=[...] of a msghdr, whose brace was taken. */
static enum status read_msghdr(struct call_parser *p, struct arg *arg)
{
	struct lexer *lx = p->lx;
	enum status st = ST_OK;
	s64 iovlen = -1;

	do {
		const struct token name = lx->token;

		if (name.kind != TOK_WORD)
			return lex_error(lx, "a member of the msghdr is missing here");
		lex_next(lx);
		if (lex_take_char(lx, '(')) {
			if (lx->token.kind == TOK_INT)
				iovlen = lx->token.value;
			lex_next(lx);
			if (!lex_take_char(lx, ')'))
				return lex_error(lx, "`)` is missing here");
		}
		if (!lex_take_char(lx, '='))
			return lex_error(lx, "`=` is missing here");
		st = read_msg_member(p, arg, &name);
		if (!st && arg->kind == ARG_IOV && iovlen != arg->second)
			return lex_error_at(lx, name.start, "msg_iov(%lld) has %lld buffers", (long long)iovlen, (long long)arg->second);
	} while (!st && lex_take_char(lx, ','));
	arg->kind = ARG_MSG;
	return st ? st : closing(p, '}');
}

static enum status read_arg(struct call_parser *p, struct arg *arg)
{
	const char letter = call_letter(p->sig, p->n - 1);
	struct lexer *lx = p->lx;
	enum status st = ST_OK;

	arg->pos = lx->token.start;
	if (lx->token.kind == TOK_ELLIPSIS || lx->token.kind == TOK_STRING || lex_is_word(lx, "NULL")) {
		arg->kind = lex_is_word(lx, "NULL") ? ARG_NULL : lx->token.kind == TOK_STRING ? ARG_STRING : ARG_ANY;
		arg->text = lx->token.start;
		arg->len = lx->token.len;
		lex_next(lx);
		return ST_OK;
	}
	if (lex_is_char(lx, '{') && strchr(".BaA", letter))
		return lex_error(lx, "`...` belongs here: addresses and buffers are chosen by who plays the script");
	if (lex_take_char(lx, '{'))
		return letter == 'M' ? read_msghdr(p, arg) : letter == 'e' ? read_epollev(p, arg) : read_linger(p, arg);
	if (!lex_take_char(lx, '[')) {
		arg->kind = ARG_VALUE;
		st = read_parts(p, &arg->value, &arg->second, &arg->class);
		if (arg->class != NAME_MSG)
			arg->value |= arg->second;
		return st;
	}
	if (letter == 'i')
		return read_iov(p, arg);
	arg->kind = ARG_BRACKETS;
	if (letter == 'P' && lex_is_char(lx, ']')) /* nothing to be looked at */
		arg->kind = ARG_POLL;
	else
		st = lex_take_char(lx, '{') ? read_poll(p, arg) : read_value(p, &arg->value, &arg->class);
	if (!st && !lex_take_char(lx, ']'))
		return lex_error(lx, "`]` is missing here");
	return st;
}

enum status read_args(struct call_parser *p)
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
		if (lex_take_char(lx, ',') ? lex_is_char(lx, ')') : !lex_is_char(lx, ')'))
			return lex_error(lx, lex_is_char(lx, ')') ? "an argument is missing before %s" : "`,` or `)` is missing before %s",
					 lex_shown(lx).text);
	}
	lex_next(lx);
	return ST_OK;
}

