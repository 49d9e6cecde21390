/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls, processes, and what a process can do to its socket from outside. */
#include <string.h>

#include "engine/fs.h"
#include "lang/look.h"
#include "lang/names.h"
#include "lang/rows.h"
#include "lang/session.h"

/* recv() of everything there asks for so much at least */
#define RECV_LEAST 65536u

/* ---- on which descriptor ------------------------------------------------------------------------------------- */

/* Puts process and descriptor of the endpoint into the action. */
static enum status aim(struct session *ss, struct action *a, const struct endpoint *ep, struct err *err)
{
	const struct world *w = session_world(ss);
	struct conn c;

	a->host = ep->host;
	a->fd = -1;
	if (ep->kind == EP_FD) {
		a->fd = ep->fd;
		a->pid = ep->pid;
		return ST_OK;
	}
	if (ep->kind == EP_MAIN)
		return ST_OK;
	c = conn_of(w, ep);
	if (c.sk)
		a->fd = sock_fd(w, c.sk, &a->pid);
	if (a->fd < 0)
		return err_set(err, ST_WRONG, "%c%%%u has no descriptor that a call could be made on",
			       host_letter(ep->host), ep->num);
	return ST_OK;
}

/* The endpoint of a system call. One that is named becomes the focused one when the call is made. */
static enum status call_endpoint(struct session *ss, struct args *a, struct action *act, struct endpoint *ep,
				 struct err *err)
{
	if (args_endpoint(a, ep, err) != ST_OK)
		return ST_WRONG;
	return aim(ss, act, ep, err);
}

static enum status make_call(struct session *ss, struct args *a, const struct action *act, const struct endpoint *ep,
			     const void *payload, size_t len, struct err *err)
{
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	ss->focus = *ep;
	return session_act(ss, act, payload, len, err);
}

/* A call without further arguments. */
static enum status plain_call(struct session *ss, struct args *a, u8 nr, struct err *err)
{
	struct action act = { .kind = ACT_CALL, .nr = nr };
	struct endpoint ep;

	if (call_endpoint(ss, a, &act, &ep, err) != ST_OK)
		return ST_WRONG;
	return make_call(ss, a, &act, &ep, NULL, 0, err);
}

/* ---- coming into being --------------------------------------------------------------------------------------- */

static enum status cmd_socket(struct session *ss, struct args *a, struct err *err)
{
	static const char *const kinds[] = { "tcp", "udp", NULL };
	struct action act = { .kind = ACT_CALL, .nr = SYS_socket, .fd = -1, .a = SEG_TCP };
	struct endpoint ep = { .kind = EP_MAIN, .fd = -1 };
	int kind = 0;

	if (args_host(a, &ep.host, err) != ST_OK)
		return ST_WRONG;
	if (args_peek(a) && args_choice(a, kinds, &kind, err) != ST_OK)
		return ST_WRONG;
	act.host = ep.host;
	act.a = kind ? SEG_UDP : SEG_TCP;
	return make_call(ss, a, &act, &ep, NULL, 0, err);
}

static enum status read_port(struct args *a, const char *text, u32 *port, struct err *err)
{
	s64 n;

	if (!parse_number(text, &n) || n < 0 || n > 65535)
		return err_set(err, ST_WRONG, "`%s` is no port: a number from 0 to 65535", text);
	*port = (u32)n;
	a->next++;
	return ST_OK;
}

static enum status cmd_bind(struct session *ss, struct args *a, struct err *err)
{
	struct action act = { .kind = ACT_CALL, .nr = SYS_bind };
	struct endpoint ep;
	const char *word;

	if (call_endpoint(ss, a, &act, &ep, err) != ST_OK)
		return ST_WRONG;
	word = args_peek(a);
	if (!word || word[0] != ':')
		return err_set(err, ST_WRONG, "the port is missing: bind A :80, for example");
	if (read_port(a, word + 1, &act.a, err) != ST_OK)
		return ST_WRONG;
	args_note(a, ":%u", act.a);
	return make_call(ss, a, &act, &ep, NULL, 0, err);
}

static enum status cmd_listen(struct session *ss, struct args *a, struct err *err)
{
	struct action act = { .kind = ACT_CALL, .nr = SYS_listen, .a = 128 };
	struct endpoint ep;
	s64 n;

	if (call_endpoint(ss, a, &act, &ep, err) != ST_OK)
		return ST_WRONG;
	if (args_peek(a)) {
		if (args_number(a, -1, INT32_MAX, &n, "backlog", err) != ST_OK)
			return ST_WRONG;
		act.a = (u32)(s32)n;
	}
	return make_call(ss, a, &act, &ep, NULL, 0, err);
}

/* "B:80" is an address where no descriptor can have that number. */
static bool is_address(const char *word, const struct endpoint *focus, bool only_word)
{
	struct endpoint ep;
	size_t n = endpoint_scan(word, &ep);

	if (n && word[n] == '\0' && ep.kind == EP_FD && !ep.pid)
		return !only_word || (ep.host != focus->host && ep.fd >= NR_OPEN);
	return strchr(word, ':') != NULL && !n;
}

static enum status connect_address(struct args *a, struct action *act, struct err *err)
{
	const char *word = args_peek(a);

	act->b = (u32)(1 - act->host) + 1;
	act->a = 80;
	if (!word)
		return ST_OK;
	if (args_try_keyword(a, "unspec")) {
		act->a = 0;
		act->b = 0;
		return ST_OK;
	}
	if ((word[0] != 'A' && word[0] != 'B') || word[1] != ':')
		return err_set(err, ST_WRONG, "`%s` is no address: B:80, for example, or unspec", word);
	if (word[0] - 'A' == act->host)
		return err_set(err, ST_WRONG, "%c can connect to %c only: the wire has two ends", 'A' + act->host,
			       'B' - act->host);
	if (read_port(a, word + 2, &act->a, err) != ST_OK)
		return ST_WRONG;
	args_note(a, "%c:%u", word[0], act->a);
	return ST_OK;
}

static enum status cmd_connect(struct session *ss, struct args *a, struct err *err)
{
	struct action act = { .kind = ACT_CALL, .nr = SYS_connect };
	struct endpoint ep = *a->focus;
	const char *word = args_peek(a);

	if (word && is_address(word, a->focus, true)) {
		buf_putc(&a->canon, ' ');
		add_endpoint(&a->canon, &ep);
	} else if (args_endpoint(a, &ep, err) != ST_OK) {
		return ST_WRONG;
	}
	if (aim(ss, &act, &ep, err) != ST_OK || connect_address(a, &act, err) != ST_OK)
		return ST_WRONG;
	return make_call(ss, a, &act, &ep, NULL, 0, err);
}

static enum status cmd_accept(struct session *ss, struct args *a, struct err *err)
{
	return plain_call(ss, a, SYS_accept, err);
}

/* ---- data ---------------------------------------------------------------------------------------------------- */

static enum status msg_flags(struct args *a, const char *const *words, const u32 *bits, u32 *flags, struct err *err)
{
	int which;

	while (args_peek(a)) {
		if (args_choice(a, words, &which, err) != ST_OK)
			return ST_WRONG;
		*flags |= bits[which];
	}
	return ST_OK;
}

static enum status cmd_send(struct session *ss, struct args *a, struct err *err)
{
	static const char *const words[] = { "more", "nosignal", "dontwait", "oob", NULL };
	static const u32 bits[] = { MSG_MORE_, MSG_NOSIGNAL_, MSG_DONTWAIT_, MSG_OOB_ };
	struct action act = { .kind = ACT_CALL, .nr = SYS_send };
	const char *text = NULL;
	struct endpoint ep;
	const char *word;
	u64 n;

	if (call_endpoint(ss, a, &act, &ep, err) != ST_OK)
		return ST_WRONG;
	word = args_peek(a);
	if (!word)
		return err_set(err, ST_WRONG, "what to send is missing: 100, 4KiB or \"hello\", for example");
	if (args_peek_quoted(a)) {
		text = word;
		n = strlen(word);
		buf_putc(&a->canon, ' ');
		add_quoted(&a->canon, word, n);
	} else {
		if (parse_bytes(word, &n, err) != ST_OK)
			return ST_WRONG;
		args_note(a, "%s", word);
	}
	a->next++;
	act.a = (u32)n;
	if (msg_flags(a, words, bits, &act.b, err) != ST_OK)
		return ST_WRONG;
	return make_call(ss, a, &act, &ep, text, text ? (size_t)n + 1 : 0, err);
}

static enum status cmd_recv(struct session *ss, struct args *a, struct err *err)
{
	static const char *const words[] = { "peek", "dontwait", "waitall", "oob", NULL };
	static const u32 bits[] = { MSG_PEEK_, MSG_DONTWAIT_, MSG_WAITALL_, MSG_OOB_ };
	struct action act = { .kind = ACT_CALL, .nr = SYS_recv };
	struct endpoint ep;
	struct conn c;
	const char *word;
	u64 n = RECV_LEAST;

	if (call_endpoint(ss, a, &act, &ep, err) != ST_OK)
		return ST_WRONG;
	c = conn_of(session_world(ss), &ep);
	if (c.sk && conn_unread(session_world(ss), c.sk) > (s64)n)
		n = (u64)conn_unread(session_world(ss), c.sk);
	word = args_peek(a);
	if (word && *word >= '0' && *word <= '9') {
		if (parse_bytes(word, &n, err) != ST_OK)
			return ST_WRONG;
		args_note(a, "%s", word);
		a->next++;
	}
	act.a = (u32)n;
	if (msg_flags(a, words, bits, &act.b, err) != ST_OK)
		return ST_WRONG;
	return make_call(ss, a, &act, &ep, NULL, 0, err);
}

/* ---- ending -------------------------------------------------------------------------------------------------- */

static enum status cmd_shutdown(struct session *ss, struct args *a, struct err *err)
{
	static const char *const how[] = { "rd", "wr", "rdwr", NULL };
	struct action act = { .kind = ACT_CALL, .nr = SYS_shutdown };
	struct endpoint ep;
	int which;

	if (call_endpoint(ss, a, &act, &ep, err) != ST_OK || args_choice(a, how, &which, err) != ST_OK)
		return ST_WRONG;
	act.a = (u32)which;
	return make_call(ss, a, &act, &ep, NULL, 0, err);
}

static enum status cmd_close(struct session *ss, struct args *a, struct err *err)
{
	return plain_call(ss, a, SYS_close, err);
}

static enum status cmd_dup(struct session *ss, struct args *a, struct err *err)
{
	return plain_call(ss, a, SYS_dup, err);
}

static enum status read_pid(struct session *ss, struct args *a, u8 host, u16 *pid, struct err *err)
{
	const char *word = args_peek(a);
	s64 n;

	*pid = 0;
	if (!word || !parse_number(word, &n))
		return ST_OK;
	if (n < 1 || n > UINT16_MAX || !proc_find(session_world(ss), host, (u16)n))
		return err_set(err, ST_WRONG, "host %c has no process %s (`ps` lists them)", host_letter(host), word);
	a->next++;
	*pid = (u16)n;
	args_note(a, "%u", *pid);
	return ST_OK;
}

static enum status cmd_fork(struct session *ss, struct args *a, struct err *err)
{
	struct action act = { .kind = ACT_CALL, .nr = SYS_fork, .fd = -1 };
	struct endpoint ep = { .kind = EP_MAIN, .fd = -1 };

	if (args_host(a, &ep.host, err) != ST_OK || read_pid(ss, a, ep.host, &act.pid, err) != ST_OK)
		return ST_WRONG;
	act.host = ep.host;
	return make_call(ss, a, &act, &ep, NULL, 0, err);
}

static enum status cmd_exit(struct session *ss, struct args *a, struct err *err)
{
	struct action act = { .kind = ACT_EXIT, .fd = -1 };
	struct endpoint ep = { .kind = EP_MAIN, .fd = -1 };

	if (!args_peek(a)) {
		say(ss, "exit ends a process of a host: exit A. To leave, type quit");
		return ST_OK;
	}
	if (args_host(a, &ep.host, err) != ST_OK || read_pid(ss, a, ep.host, &act.pid, err) != ST_OK)
		return ST_WRONG;
	act.host = ep.host;
	return make_call(ss, a, &act, &ep, NULL, 0, err);
}

static enum status cmd_kill(struct session *ss, struct args *a, struct err *err)
{
	struct action act = { .kind = ACT_KILL, .fd = -1, .a = 9 };
	struct endpoint ep = { .kind = EP_MAIN, .fd = -1 };
	const struct proc *p;
	const char *word;
	struct buf head = BUF_INIT;
	enum status st;

	if (args_host(a, &ep.host, err) != ST_OK || read_pid(ss, a, ep.host, &act.pid, err) != ST_OK)
		return ST_WRONG;
	act.host = ep.host;
	word = args_peek(a);
	if (word) {
		act.a = (u32)signal_find(word);
		if (!act.a)
			return err_set(err, ST_WRONG, "`%s` is no signal: KILL, TERM, INT or HUP, for example", word);
		a->next++;
		args_note(a, "%s", signal_name((int)act.a) + 3);
	}
	p = proc_find(session_world(ss), ep.host, act.pid);
	if (p)
		buf_printf(&head, "kill(%u, %s) = 0", p->pid, signal_name((int)act.a));
	ss->story.head = p ? buf_str(&head) : NULL;
	st = make_call(ss, a, &act, &ep, NULL, 0, err);
	ss->story.head = NULL;
	buf_release(&head);
	return st;
}

/* ---- options and readiness ----------------------------------------------------------------------------------- */

/* A call whose argument is one of a few words. */
static enum status call_by_word(struct session *ss, struct args *a, enum sysnr nr, const char *const words[], struct err *err)
{
	struct action act = { .kind = ACT_CALL, .nr = (u8)nr };
	struct endpoint ep;
	int which;

	if (call_endpoint(ss, a, &act, &ep, err) != ST_OK || args_choice(a, words, &which, err) != ST_OK)
		return ST_WRONG;
	act.a = (u32)which;
	return make_call(ss, a, &act, &ep, NULL, 0, err);
}

static enum status cmd_fcntl(struct session *ss, struct args *a, struct err *err)
{
	static const char *const words[] = { "block", "nonblock", NULL };

	return call_by_word(ss, a, SYS_fcntl, words, err);
}

static enum status cmd_ioctl(struct session *ss, struct args *a, struct err *err)
{
	static const char *const words[] = { "siocinq", "siocoutq", NULL };

	return call_by_word(ss, a, SYS_ioctl, words, err);
}

static int find_option(const struct args *a, const char *name, struct err *err)
{
	int found = sockopt_find(name);
	int begun = -1;
	u32 n = 0;
	struct nearest near;
	struct buf hint = BUF_INIT;

	if (found >= 0)
		return found;
	nearest_init(&near, name);
	for (int i = 0; i < NR_OPT; i++) {
		nearest_try(&near, sockopt_info[i].name);
		nearest_try(&near, sockopt_info[i].kernel);
		if (strncmp(sockopt_info[i].name, name, strlen(name)) == 0) {
			begun = i;
			n++;
		}
	}
	if (!a->strict && n == 1)
		return begun;
	err_set(err, ST_WRONG, "there is no socket option `%s`%s", name,
		near.name ? nearest_hint(&near, &hint) : "; `help setsockopt` lists them");
	buf_release(&hint);
	return -1;
}

static enum status read_switch(const char *text, s32 *value, struct err *err)
{
	if (strcmp(text, "on") == 0 || strcmp(text, "1") == 0)
		*value = 1;
	else if (strcmp(text, "off") == 0 || strcmp(text, "0") == 0)
		*value = 0;
	else
		return err_set(err, ST_WRONG, "`%s` is neither on, off, 1 nor 0", text);
	return ST_OK;
}

/* A duration in whole units of `unit` µs. */
static enum status read_time(const struct sockopt_info *o, const char *text, u64 unit, s32 *value, struct err *err)
{
	u64 us;

	if (strcmp(text, "-1") == 0 && strcmp(o->name, "linger2") == 0) {
		*value = -1;
		return ST_OK;
	}
	if (parse_duration(text, &us, err) != ST_OK)
		return ST_WRONG;
	if (us % unit)
		return err_set(err, ST_WRONG, "%s counts whole %s", o->kernel,
			       unit == 1000 ? "milliseconds" : "seconds");
	if (us / unit > INT32_MAX)
		return err_set(err, ST_WRONG, "`%s` is more than %s can hold", text, o->kernel);
	*value = (s32)(us / unit);
	return ST_OK;
}

static enum status read_linger(const struct sockopt_info *o, const char *text, struct action *act, struct err *err)
{
	s32 seconds = 0;

	if (strcmp(text, "off") == 0) {
		act->b = 0;
		return ST_OK;
	}
	if (strcmp(text, "on") == 0)
		return err_set(err, ST_WRONG, "linger takes off, 0 or how long close() waits: linger=5s");
	if (read_time(o, text, 1000000, &seconds, err) != ST_OK)
		return ST_WRONG;
	act->b = 1;
	act->t = (u64)seconds;
	return ST_OK;
}

static enum status read_value(const struct sockopt_info *o, const char *text, struct action *act, struct err *err)
{
	s32 value = 0;
	s64 n;
	u64 bytes;
	enum status st = ST_OK;

	switch ((enum opt_kind)o->kind) {
	case KIND_LINGER:
		return read_linger(o, text, act, err);
	case KIND_SWITCH:
		st = read_switch(text, &value, err);
		break;
	case KIND_SEC:
		st = read_time(o, text, 1000000, &value, err);
		break;
	case KIND_MSEC:
		st = read_time(o, text, 1000, &value, err);
		break;
	case KIND_USEC:
		st = read_time(o, text, 1, &value, err);
		break;
	case KIND_CA:
		if (strcmp(text, "reno") != 0 && strcmp(text, "cubic") != 0)
			return err_set(err, ST_WRONG, "`%s` is no congestion control algorithm: reno or cubic", text);
		value = strcmp(text, "cubic") == 0 ? CA_CUBIC : CA_RENO;
		break;
	case KIND_BYTES:
		if (parse_number(text, &n) && n < 0 && n >= INT32_MIN) {
			value = (s32)n;
			break;
		}
		st = parse_bytes(text, &bytes, err);
		value = st == ST_OK ? (s32)bytes : 0;
		break;
	case KIND_INT:
	case KIND_ERRNO:
	case KIND_INFO:
		if (!parse_number(text, &n) || n < INT32_MIN || n > INT32_MAX)
			return err_set(err, ST_WRONG, "`%s` is no number for %s", text, o->kernel);
		value = (s32)n;
		break;
	}
	act->b = (u32)value;
	return st;
}

static enum status cmd_setsockopt(struct session *ss, struct args *a, struct err *err)
{
	struct action act = { .kind = ACT_CALL, .nr = SYS_setsockopt };
	struct endpoint ep;
	char name[64];
	const char *value;
	int opt;

	if (call_endpoint(ss, a, &act, &ep, err) != ST_OK)
		return ST_WRONG;
	value = args_assignment(a, name, sizeof(name));
	if (!value)
		return err_set(err, ST_WRONG, "an option is missing: NAME=VALUE in one word, linger=0 for example");
	opt = find_option(a, name, err);
	if (opt < 0 || read_value(&sockopt_info[opt], value, &act, err) != ST_OK)
		return ST_WRONG;
	act.a = (u32)opt;
	args_note(a, "%s=%s", sockopt_info[opt].name, value);
	a->next++;
	return make_call(ss, a, &act, &ep, NULL, 0, err);
}

static enum status cmd_getsockopt(struct session *ss, struct args *a, struct err *err)
{
	struct action act = { .kind = ACT_CALL, .nr = SYS_getsockopt };
	struct endpoint ep;
	const char *word;
	int opt;

	if (call_endpoint(ss, a, &act, &ep, err) != ST_OK)
		return ST_WRONG;
	word = args_peek(a);
	if (!word)
		return err_set(err, ST_WRONG, "the option's name is missing: getsockopt A error, for example");
	opt = find_option(a, word, err);
	if (opt < 0)
		return ST_WRONG;
	act.a = (u32)opt;
	args_note(a, "%s", sockopt_info[opt].name);
	a->next++;
	return make_call(ss, a, &act, &ep, NULL, 0, err);
}

static enum status cmd_poll(struct session *ss, struct args *a, struct err *err)
{
	struct action act = { .kind = ACT_CALL, .nr = SYS_poll };
	struct endpoint ep;
	struct conn c;

	if (call_endpoint(ss, a, &act, &ep, err) != ST_OK || make_call(ss, a, &act, &ep, NULL, 0, err) != ST_OK)
		return ST_WRONG;
	c = conn_of(session_world(ss), &ep);
	if (ss->quiet || !c.sk || session_world(ss)->host[ep.host].last_ret <= 0)
		return ST_OK;
	explain_poll(ss, c.sk, (u32)session_world(ss)->host[ep.host].last_ret);
	return ST_OK;
}

/* ---- from outside -------------------------------------------------------------------------------------------- */

static enum status on_socket(struct session *ss, struct args *a, u8 kind, struct endpoint *ep, struct err *err)
{
	struct action act = { .kind = kind, .fd = -1 };
	struct conn c;

	if (args_endpoint(a, ep, err) != ST_OK || args_end(a, err) != ST_OK)
		return ST_WRONG;
	c = conn_of(session_world(ss), ep);
	act.host = ep->host;
	act.a = ep->kind == EP_MAIN ? 0 : c.num;
	if (ep->kind != EP_MAIN && !c.sk && !c.tw && !c.req) {
		struct buf who = BUF_INIT;

		add_endpoint(&who, ep);
		err_set(err, ST_WRONG, "%s is no socket (`show %c` lists them)", buf_str(&who), host_letter(ep->host));
		buf_release(&who);
		return ST_WRONG;
	}
	ss->focus = *ep;
	return session_act(ss, &act, NULL, 0, err);
}

static enum status cmd_abort(struct session *ss, struct args *a, struct err *err)
{
	struct endpoint ep;
	const struct host *h;

	ss->story.head = "sock_diag destroys the socket";
	if (on_socket(ss, a, ACT_ABORT, &ep, err) != ST_OK) {
		ss->story.head = NULL;
		return ST_WRONG;
	}
	ss->story.head = NULL;
	h = &session_world(ss)->host[ep.host];
	if (h->last_errno && !ss->quiet)
		say(ss, "  refused: %s (%s)", errno_name(h->last_errno), errno_title(h->last_errno));
	return ST_OK;
}

static enum status cmd_lock(struct session *ss, struct args *a, struct err *err)
{
	struct endpoint ep;

	ss->story.head = "the process holds the socket: segments that arrive wait in its backlog";
	if (on_socket(ss, a, ACT_LOCK, &ep, err) != ST_OK) {
		ss->story.head = NULL;
		return ST_WRONG;
	}
	ss->story.head = NULL;
	return ST_OK;
}

static enum status cmd_unlock(struct session *ss, struct args *a, struct err *err)
{
	struct endpoint ep;

	ss->story.head = "the process lets go of the socket: its backlog is worked off";
	if (on_socket(ss, a, ACT_UNLOCK, &ep, err) != ST_OK) {
		ss->story.head = NULL;
		return ST_WRONG;
	}
	ss->story.head = NULL;
	return ST_OK;
}

static const struct cmd rows[] = {
	{
		.verb = "socket",
		.syntax = "[A|B] [tcp|udp]",
		.help = "A new socket, which becomes the host's main one.",
		.takes = "<host> tcp udp",
		.run = cmd_socket, .flags = CMD_ACTS,
	},
	{
		.verb = "bind",
		.syntax = "[A] :PORT",
		.help = "Gives the socket a local port.",
		.takes = "<endpoint> :80",
		.run = cmd_bind, .flags = CMD_ACTS,
	},
	{
		.verb = "listen",
		.syntax = "[A] [BACKLOG]",
		.help = "Makes it a listener; so many connections may wait (128).",
		.takes = "<endpoint>",
		.run = cmd_listen, .flags = CMD_ACTS,
	},
	{
		.verb = "connect",
		.syntax = "[A] [B:PORT|unspec]",
		.help = "Connects to the other host (port 80); `unspec` dissolves the association.",
		.takes = "<endpoint> B:80 A:80 unspec",
		.run = cmd_connect, .flags = CMD_ACTS,
	},
	{
		.verb = "accept",
		.syntax = "[B]",
		.help = "Takes the first connection that waits; it becomes the host's main socket.",
		.takes = "<endpoint>",
		.run = cmd_accept, .flags = CMD_ACTS,
	},
	{
		.verb = "send", .same = "write",
		.syntax = "[A] BYTES|\"TEXT\" [more] [nosignal] [dontwait] [oob]",
		.help = "Hands bytes to TCP. SIGPIPE is told when it is raised.",
		.takes = "<endpoint> more nosignal dontwait oob",
		.run = cmd_send, .flags = CMD_ACTS,
	},
	{
		.verb = "recv", .same = "read",
		.syntax = "[A] [BYTES] [peek] [dontwait] [waitall] [oob]",
		.help = "Reads what is there, or sleeps until something is.",
		.takes = "<endpoint> peek dontwait waitall oob",
		.run = cmd_recv, .flags = CMD_ACTS,
	},
	{
		.verb = "shutdown",
		.syntax = "[A] rd|wr|rdwr",
		.help = "Shuts one half of the connection, or both, for all who share the socket.",
		.takes = "<endpoint> rd wr rdwr",
		.run = cmd_shutdown, .flags = CMD_ACTS,
	},
	{
		.verb = "close",
		.syntax = "[A[:FD]]",
		.help = "Gives a descriptor back; the last reference to the file releases the socket.",
		.takes = "<endpoint>",
		.run = cmd_close, .flags = CMD_ACTS,
	},
	{
		.verb = "dup",
		.syntax = "[A[:FD]]",
		.help = "A second descriptor for the same file.",
		.takes = "<endpoint>",
		.run = cmd_dup, .flags = CMD_ACTS,
	},
	{
		.verb = "fork",
		.syntax = "[A|B] [PID]",
		.help = "A child process, which shares all open files.",
		.takes = "<host> <pid>",
		.run = cmd_fork, .flags = CMD_ACTS,
	},
	{
		.verb = "exit",
		.syntax = "A|B [PID]",
		.help = "The process ends with its sockets open (PF_EXITING): the kernel closes them.",
		.takes = "<host> <pid>",
		.run = cmd_exit, .flags = CMD_ACTS,
	},
	{
		.verb = "kill",
		.syntax = "[A|B] [PID] [SIGNAL]",
		.help = "Sends a signal (KILL): KILL ends the process, others interrupt a sleeping call.",
		.takes = "<host> <pid> KILL TERM INT HUP",
		.run = cmd_kill, .flags = CMD_ACTS,
	},
	{
		.verb = "fcntl",
		.syntax = "[A] nonblock|block",
		.help = "Sets or clears O_NONBLOCK.",
		.takes = "<endpoint> nonblock block",
		.run = cmd_fcntl, .flags = CMD_ACTS,
	},
	{
		.verb = "setsockopt",
		.syntax = "[A] NAME=VALUE",
		.help = "Sets a socket option: linger=off|0|5s, linger2=-1|0|30s, keepalive=on, nodelay=on, "
			"user_timeout=10s, ... `explain NAME` says what each does.",
		.takes = "<endpoint> <option=>",
		.run = cmd_setsockopt, .flags = CMD_ACTS,
	},
	{
		.verb = "getsockopt",
		.syntax = "[A] NAME",
		.help = "Reads a socket option; `error` is SO_ERROR, `info` is TCP_INFO.",
		.takes = "<endpoint> <option>",
		.run = cmd_getsockopt, .flags = CMD_ACTS,
	},
	{
		.verb = "poll",
		.syntax = "[A]",
		.help = "The readiness bits, and why they are up.",
		.takes = "<endpoint>",
		.run = cmd_poll, .flags = CMD_ACTS,
	},
	{
		.verb = "ioctl",
		.syntax = "[A] siocinq|siocoutq",
		.help = "How much is unread, or unacknowledged.",
		.takes = "<endpoint> siocinq siocoutq",
		.run = cmd_ioctl, .flags = CMD_ACTS,
	},
	{
		.verb = "abort",
		.syntax = "[A]",
		.help = "What `ss -K` does: the socket is destroyed from outside.",
		.takes = "<endpoint>",
		.run = cmd_abort, .flags = CMD_ACTS,
	},
	{
		.verb = "lock",
		.syntax = "[A]",
		.help = "The process holds the socket: arriving segments wait in the backlog.",
		.takes = "<endpoint>",
		.run = cmd_lock, .flags = CMD_ACTS,
	},
	{
		.verb = "unlock",
		.syntax = "[A]",
		.help = "It lets go, and the backlog is worked off.",
		.takes = "<endpoint>",
		.run = cmd_unlock, .flags = CMD_ACTS,
	},
};

const struct cmd_table cmds_call = { "System calls", rows, ARRAY_LEN(rows) };
