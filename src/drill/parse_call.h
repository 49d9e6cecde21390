/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the two halves of reading a call: its arguments as they are written, and what they mean. */
#ifndef DRILL_PARSE_CALL_H
#define DRILL_PARSE_CALL_H

#include "drill/script.h"

/*
 * What a call's arguments look like, a letter each: f descriptor, . ellipsis, B buffer, A ellipsis or AF_UNSPEC, n number,
 * s SOCK_STREAM, p IPPROTO_TCP, m MSG_* flags, h SHUT_*, a ellipsis or AF_UNSPEC of connect(), c fcntl command, v its value, l
 * level, o option, b value for the option, g value that it shall have, z size, Z size in brackets, P what poll shall find,
 * k SOCK_* flags, i iovec, N how many there are in it, M msghdr, I ioctl, V the value that it shall give, O EPOLL_CTL_*, t the
 * descriptor that epoll is to watch, e an epoll event. What stands behind `?` may be left out.
 */
struct signature {
	const char *name;
	const char *args; /* NULL: packetdrill has it, this engine has not */
	u8 nr;		  /* enum sysnr */
	u8 gives_fd;
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
char call_letter(const struct signature *sig, size_t at);
/* parse_args.c: from the opening parenthesis behind the call's name to the closing one. */
enum status read_args(struct call_parser *p);

#endif
