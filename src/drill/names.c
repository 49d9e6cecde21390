/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The constants that scripts may name, with the numbers that the engine has for them. */
#include "drill/script.h"

#include <stdio.h>
#include <string.h>

static const struct name names[] = {
	{ "SOCK_STREAM", SEG_TCP, NAME_SOCK },
	{ "IPPROTO_TCP", SEG_TCP, NAME_PROTO },
	{ "AF_UNSPEC", 0, NAME_FAMILY },

	{ "SHUT_RD", 0, NAME_HOW },
	{ "SHUT_WR", 1, NAME_HOW },
	{ "SHUT_RDWR", 2, NAME_HOW },

	{ "MSG_CTRUNC", MSG_CTRUNC_OUT, NAME_MSG_OUT },
	{ "MSG_EOR", MSG_EOR_, NAME_MSG },
	{ "MSG_TRUNC", MSG_TRUNC_, NAME_MSG },
	{ "MSG_DONTWAIT", MSG_DONTWAIT_, NAME_MSG },
	{ "MSG_MORE", MSG_MORE_, NAME_MSG },
	{ "MSG_NOSIGNAL", MSG_NOSIGNAL_, NAME_MSG },
	{ "MSG_OOB", MSG_OOB_, NAME_MSG },
	{ "MSG_PEEK", MSG_PEEK_, NAME_MSG },
	{ "MSG_WAITALL", MSG_WAITALL_, NAME_MSG },

	{ "F_SETFL", FCNTL_SETFL, NAME_FCNTL },
	{ "F_GETFL", FCNTL_GETFL, NAME_FCNTL },
	{ "F_DUPFD", FCNTL_DUPFD, NAME_FCNTL },
	{ "O_NONBLOCK", FILE_NONBLOCK_FLAG, NAME_FILE },
	{ "O_RDWR", FILE_RDWR, NAME_FILE },
	{ "SOCK_NONBLOCK", FILE_NONBLOCK_FLAG, NAME_SOCKFLAG },
	{ "SOCK_CLOEXEC", 02000000, NAME_SOCKFLAG },
	{ "SIOCINQ", 0, NAME_IOCTL },
	{ "FIONREAD", 0, NAME_IOCTL },
	{ "SIOCOUTQ", 1, NAME_IOCTL },

	{ "SOL_SOCKET", OPT_SOL_SOCKET, NAME_LEVEL },
	{ "SOL_TCP", OPT_SOL_TCP, NAME_LEVEL },
	{ "IPPROTO_IP", OPT_SOL_IP, NAME_LEVEL },
	{ "SOL_IP", OPT_SOL_IP, NAME_LEVEL },

	{ "POLLERR", POLLERR_, NAME_POLL },
	{ "POLLHUP", POLLHUP_, NAME_POLL },
	{ "POLLIN", POLLIN_, NAME_POLL },
	{ "POLLOUT", POLLOUT_, NAME_POLL },
	{ "POLLPRI", POLLPRI_, NAME_POLL },
	{ "POLLRDHUP", POLLRDHUP_, NAME_POLL },
	{ "POLLRDNORM", POLLRDNORM_, NAME_POLL },
	{ "POLLWRNORM", POLLWRNORM_, NAME_POLL },

	{ "POLLNVAL", POLLNVAL_, NAME_POLL },
	{ "POLLRDBAND", POLLRDBAND_, NAME_POLL },
	{ "POLLWRBAND", POLLWRBAND_, NAME_POLL },

	{ "EPOLLERR", POLLERR_, NAME_EPOLL },
	{ "EPOLLHUP", POLLHUP_, NAME_EPOLL },
	{ "EPOLLIN", POLLIN_, NAME_EPOLL },
	{ "EPOLLOUT", POLLOUT_, NAME_EPOLL },
	{ "EPOLLPRI", POLLPRI_, NAME_EPOLL },
	{ "EPOLLRDBAND", POLLRDBAND_, NAME_EPOLL },
	{ "EPOLLRDHUP", POLLRDHUP_, NAME_EPOLL },
	{ "EPOLLRDNORM", POLLRDNORM_, NAME_EPOLL },
	{ "EPOLLWRBAND", POLLWRBAND_, NAME_EPOLL },
	{ "EPOLLWRNORM", POLLWRNORM_, NAME_EPOLL },
	{ "EPOLLET", (s32)EPOLLET_, NAME_EPOLL },
	{ "EPOLLONESHOT", EPOLLONESHOT_, NAME_EPOLL },
	{ "EPOLL_CTL_ADD", EPOLL_CTL_ADD_, NAME_EPOLL_CTL },
	{ "EPOLL_CTL_DEL", EPOLL_CTL_DEL_, NAME_EPOLL_CTL },
	{ "EPOLL_CTL_MOD", EPOLL_CTL_MOD_, NAME_EPOLL_CTL },

	{ "TCP_CM_INQ", OPT_TCP_INQ, NAME_OPTION },

	{ "EADDRINUSE", 98, NAME_ERRNO },
	{ "EADDRNOTAVAIL", 99, NAME_ERRNO },
	{ "EAFNOSUPPORT", 97, NAME_ERRNO },
	{ "EAGAIN", 11, NAME_ERRNO },
	{ "EALREADY", 114, NAME_ERRNO },
	{ "EBADF", 9, NAME_ERRNO },
	{ "ECONNABORTED", 103, NAME_ERRNO },
	{ "ECONNREFUSED", 111, NAME_ERRNO },
	{ "ECONNRESET", 104, NAME_ERRNO },
	{ "EDESTADDRREQ", 89, NAME_ERRNO },
	{ "EEXIST", 17, NAME_ERRNO },
	{ "EFAULT", 14, NAME_ERRNO },
	{ "EHOSTUNREACH", 113, NAME_ERRNO },
	{ "EINPROGRESS", 115, NAME_ERRNO },
	{ "EINTR", 4, NAME_ERRNO },
	{ "EINVAL", 22, NAME_ERRNO },
	{ "EISCONN", 106, NAME_ERRNO },
	{ "EMFILE", 24, NAME_ERRNO },
	{ "EMSGSIZE", 90, NAME_ERRNO },
	{ "ENETUNREACH", 101, NAME_ERRNO },
	{ "ENOBUFS", 105, NAME_ERRNO },
	{ "ENOENT", 2, NAME_ERRNO },
	{ "ENOMEM", 12, NAME_ERRNO },
	{ "ENOPROTOOPT", 92, NAME_ERRNO },
	{ "ENOTCONN", 107, NAME_ERRNO },
	{ "ENOTSOCK", 88, NAME_ERRNO },
	{ "EOPNOTSUPP", 95, NAME_ERRNO },
	{ "EPERM", 1, NAME_ERRNO },
	{ "EPIPE", 32, NAME_ERRNO },
	{ "EPROTO", 71, NAME_ERRNO },
	{ "ETIMEDOUT", 110, NAME_ERRNO },
	{ "EWOULDBLOCK", 11, NAME_ERRNO },

	{ "TCP_CLOSE", TCP_CLOSE, NAME_STATE },
	{ "TCP_CLOSE_WAIT", TCP_CLOSE_WAIT, NAME_STATE },
	{ "TCP_CLOSING", TCP_CLOSING, NAME_STATE },
	{ "TCP_ESTABLISHED", TCP_ESTABLISHED, NAME_STATE },
	{ "TCP_FIN_WAIT1", TCP_FIN_WAIT1, NAME_STATE },
	{ "TCP_FIN_WAIT2", TCP_FIN_WAIT2, NAME_STATE },
	{ "TCP_LAST_ACK", TCP_LAST_ACK, NAME_STATE },
	{ "TCP_LISTEN", TCP_LISTEN, NAME_STATE },
	{ "TCP_SYN_RECV", TCP_SYN_RECV, NAME_STATE },
	{ "TCP_SYN_SENT", TCP_SYN_SENT, NAME_STATE },
	{ "TCP_TIME_WAIT", TCP_TIME_WAIT, NAME_STATE },

	{ "IPPROTO_MPTCP", 0, NAME_FOREIGN },
	{ "IPPROTO_UDP", 0, NAME_FOREIGN },
	{ "MSG_ERRQUEUE", 0, NAME_FOREIGN },
	{ "MSG_FASTOPEN", 0, NAME_FOREIGN },
	{ "MSG_ZEROCOPY", 0, NAME_FOREIGN },
	{ "SOCK_DGRAM", 0, NAME_FOREIGN },
	{ "SIOCOUTQNSD", 0, NAME_FOREIGN },
	{ "SIOCATMARK", 0, NAME_FOREIGN },
	{ "SOL_IPV6", 0, NAME_FOREIGN },
	{ "SOL_UDP", 0, NAME_FOREIGN },
};

/* The socket options have their own table, in the engine. Any other name that looks like one is the kernel's. */
static const struct name *option_find(const char *text, size_t len)
{
	static const struct name options[NR_OPT] = {
#define SOCKOPT(id, language, level, kind, help) [OPT_##id] = { #id, OPT_##id, NAME_OPTION },
#include "engine/sockopts.def"
#undef SOCKOPT
	};
	static const struct name foreign = { "", 0, NAME_FOREIGN };
	static const char *const prefixes[] = { "SO_", "TCP_", "IP_", "SOF_", "SCM_", "EPOLL", "SIOC" };

	for (size_t i = 0; i < NR_OPT; i++)
		if (strlen(options[i].name) == len && memcmp(options[i].name, text, len) == 0)
			return &options[i];
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (len > strlen(prefixes[i]) && memcmp(text, prefixes[i], strlen(prefixes[i])) == 0)
			return &foreign;
	return NULL;
}

const struct name *script_name(const char *text, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strlen(names[i].name) == len && memcmp(names[i].name, text, len) == 0)
			return &names[i];
	return option_find(text, len);
}

const char *script_errno(s64 error, struct shown *spare)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].class == NAME_ERRNO && names[i].value == error)
			return names[i].name;
	snprintf(spare->text, sizeof(spare->text), "errno %lld", (long long)error);
	return spare->text;
}

const char *script_congestion(u8 ca)
{
	static const char *const known[] = { [CA_RENO] = "reno", [CA_CUBIC] = "cubic" };

	return ca < ARRAY_LEN(known) ? known[ca] : NULL;
}

const char *script_state(u8 state)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].class == NAME_STATE && names[i].value == state)
			return names[i].name;
	return "no state";
}
