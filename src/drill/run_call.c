/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls: made, finished, or asleep. And the question for tcpi_state. */
#include "drill/run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drill/code.h"

/* ---- descriptors --------------------------------------------------------------------------------------------------- */

/* The process that the script's calls are made by: the first of host A. */
static const struct proc *script_process(const struct world *w)
{
	const struct proc *first = NULL;

	for (u16 i = 0; i < w->pool[POOL_PROC].high; i++) {
		const struct proc *p = &w->proc[i];

		if (p->live && p->host == 0 && (!first || p->pid < first->pid))
			first = p;
	}
	return first;
}

static void note_descriptors(struct run *r, const struct call *c, s64 result)
{
	if ((c->gives_fd || c->is_dup) && result >= 0 && c->result >= 0) {
		r->fd[c->result] = (s16)result;
		if (c->nr == SYS_accept)
			r->connection_fd = (s16)c->result;
	}
	if (c->nr == SYS_connect)
		r->connection_fd = c->fd;
}

/* ---- results ------------------------------------------------------------------------------------------------------- */

/* The call as the script has it, with a result. */
static void put_result(struct buf *b, const struct run *r, const struct call *c, s64 result, s64 error)
{
	struct shown spare;

	buf_add(b, r->d->text + c->start, c->len);
	buf_printf(b, " = %lld", (long long)result);
	if (error)
		buf_printf(b, " %s", script_errno(error, &spare));
}

/* One thing that a call delivers beside its result; false: another than the script wants. */
static bool delivered(struct run *r, const struct script_event *ev, const char *what, bool hex, u64 want, u64 have)
{
	const char *const labels[] = { "expected", "actual  " };

	if (want == have)
		return true;
	run_failed(r, ev, "the call delivered something else");
	for (size_t i = 0; i < ARRAY_LEN(labels); i++)
		buf_printf(r->text, hex ? "  %s  %s %#llx\n" : "  %s  %s %lld\n", labels[i], what,
			   (unsigned long long)(i ? have : want));
	run_tell_why(r, &r->why);
	return false;
}

static bool check_poll(struct run *r, const struct script_event *ev, const struct task *t)
{
	const struct call *c = &ev->call;

	for (u8 i = 0; i < c->n_polled; i++) {
		char what[32];

		snprintf(what, sizeof(what), "fd=%d revents", c->polled[i].fd);
		if (!delivered(r, ev, what, true, c->polled[i].revents, t->pollfd[i].revents))
			return false;
	}
	return true;
}

/* packetdrill looks at the first event alone, which is all zero where none came. */
static bool check_epoll(struct run *r, const struct script_event *ev, const struct made_call *made)
{
	const struct polled *want = &ev->call.polled[0];
	const struct task none = { 0 }, *t = made->result > 0 ? &made->seen : &none;

	return delivered(r, ev, "events", true, want->events, t->event_events) &&
	       delivered(r, ev, "the event's data", false, want->data, t->event_data);
}

/* The flags of the message, and what TCP_CM_INQ tells: where nobody has room for it, MSG_CTRUNC does. */
static bool check_message(struct run *r, const struct script_event *ev, const struct made_call *made)
{
	const struct call *c = &ev->call;
	const s32 inq = made->seen.arg[2];
	const s64 flags = inq >= 0 && !c->has_inq ? MSG_CTRUNC_OUT : 0;

	if (c->has_inq && inq < 0)
		return run_failed(r, ev, "no control message came: TCP_INQ is off");
	return delivered(r, ev, "msg_flags", true, (u64)c->msg_flags, (u64)flags) &&
	       (!c->has_inq || delivered(r, ev, "TCP_CM_INQ", false, (u64)c->inq, (u64)(s64)inq));
}

static bool check_congestion(struct run *r, const struct script_event *ev, s32 ca)
{
	if (ca == ev->call.value)
		return true;
	run_failed(r, ev, "another congestion control");
	buf_printf(r->text, "  expected  \"%s\"\n  actual    \"%s\"\n", script_congestion((u8)ev->call.value), script_congestion((u8)ca));
	return false;
}

static bool check_delivered(struct run *r, const struct script_event *ev, const struct made_call *made)
{
	const struct call *c = &ev->call;

	if (c->has_value && c->nr == SYS_getsockopt && c->a == OPT_TCP_CONGESTION)
		return check_congestion(r, ev, made->value);
	if (c->has_linger)
		return delivered(r, ev, "onoff", false, (u64)c->value, (u64)(s64)made->value) &&
		       delivered(r, ev, "linger", false, (u64)c->linger, (u64)(s64)made->seen.arg[2]);
	if (c->has_value)
		return delivered(r, ev, "the value", false, (u64)c->value, (u64)(s64)made->value);
	if (c->nr == SYS_poll)
		return check_poll(r, ev, &made->seen);
	if (c->nr == SYS_epoll_wait)
		return check_epoll(r, ev, made);
	return !c->is_recvmsg || check_message(r, ev, made);
}

/* What a call returned against what it should have. */
static bool check_result(struct run *r, const struct script_event *ev, const struct made_call *made)
{
	const struct call *c = &ev->call;
	s64 result = made->result < 0 ? -1 : made->result;
	s64 error = made->result < 0 ? -made->result : 0;
	struct buf b = BUF_INIT;
	bool right;

	/* a descriptor may be any: the script only names it */
	right = (c->gives_fd || c->is_dup) && c->result >= 0 ? result >= 0 : result == c->result;
	right = right && (!c->errno_wanted || error == c->errno_wanted);
	put_result(&b, r, c, result, error);
	run_say(r, made->when, "%s", buf_str(&b));
	if (!right) {
		run_failed(r, ev, "the call returned something else");
		buf_puts(r->text, "  expected  ");
		put_result(r->text, r, c, c->result, c->errno_wanted);
		buf_printf(r->text, "\n  actual    %s\n", buf_str(&b));
		run_tell_why(r, &r->why);
	} else if (!error) {
		right = check_delivered(r, ev, made);
	}
	buf_release(&b);
	return right;
}

/* ---- the call that sleeps ------------------------------------------------------------------------------------------ */

static bool check_when(struct run *r, const struct script_event *ev, u64 when)
{
	const u64 tolerance = run_tolerance(r, ev->until - ev->at);

	if (when + tolerance >= r->pending_due && when <= r->pending_due + tolerance)
		return true;
	run_failed(r, ev, "%s() returned at the wrong time", ev->call.name);
	buf_printf(r->text, "  expected  at %s s\n", run_time(r, r->pending_due).text);
	buf_printf(r->text, "  actual    at %s s\n", run_time(r, when).text);
	return false;
}

bool run_check_pending(struct run *r)
{
	const struct script_event *ev = r->pending_ev;
	const u64 now = run_world(r)->now;

	if (!ev)
		return true;
	if (r->pending.returned) {
		r->pending_ev = NULL;
		note_descriptors(r, &ev->call, r->pending.result);
		return check_result(r, ev, &r->pending) && check_when(r, ev, r->pending.when);
	}
	if (now <= r->pending_due + run_tolerance(r, ev->until - ev->at))
		return true;
	r->pending_ev = NULL;
	run_failed(r, ev, "%s() still sleeps", ev->call.name);
	buf_printf(r->text, "  expected  it to return at %s s\n", run_time(r, r->pending_due).text);
	return false;
}

bool run_finish_pending(struct run *r)
{
	const struct script_event *ev = r->pending_ev;

	return !ev || run_until(r, ev, r->pending_due + run_tolerance(r, ev->until - ev->at) + 1);
}

/* ---- making a call ------------------------------------------------------------------------------------------------- */

/* fcntl(F_GETFL) changes nothing: the answer stands in the world. */
static void ask_flags(struct run *r, const struct call *c)
{
	const struct world *w = run_world(r);
	const struct proc *p = script_process(w);
	const s16 fd = c->fd < 0 ? (s16)-1 : r->fd[c->fd];
	const struct file *file = p && fd >= 0 && fd < NR_OPEN ? file_of(w, p->fd[fd]) : NULL;

	r->call = (struct made_call){ .began = true, .returned = true, .when = w->now, .result = -EBADF };
	if (file)
		r->call.result = FILE_RDWR | (file->f_flags & FILE_NONBLOCK ? FILE_NONBLOCK_FLAG : 0);
}

/* SOCK_NONBLOCK at socket() and accept4(): the kernel sets the flag on the new file, as fcntl() would. */
static bool set_nonblock(struct run *r, const struct script_event *ev)
{
	const struct made_call made = r->call;
	const struct action a = { .kind = ACT_CALL, .nr = SYS_fcntl, .fd = (s16)made.result, .a = 1 };
	bool done;

	if (!ev->call.nonblock || !made.returned || made.result < 0)
		return true;
	r->call = (struct made_call){ 0 };
	done = run_act(r, ev, &a, NULL, 0);
	r->call = made;
	return done;
}

/* With what poll() and epoll_ctl() are about, by the process's own descriptors. */
static bool make_call(struct run *r, const struct script_event *ev, const struct action *a)
{
	const struct call *c = &ev->call;
	struct pollfd_arg set[MAX_POLLFD] = { 0 };

	if (c->nr != SYS_poll && c->nr != SYS_epoll_ctl)
		return run_act(r, ev, a, NULL, 0);
	for (u8 i = 0; i < c->n_polled; i++)
		set[i] = (struct pollfd_arg){ .fd = r->fd[c->polled[i].fd], .events = c->polled[i].events, .data = c->polled[i].data };
	if (!c->n_polled) /* poll([], 0, 100) looks at nothing, as at a negative descriptor */
		set[0].fd = -1;
	return run_act(r, ev, a, set, (c->n_polled ? c->n_polled : 1) * sizeof(set[0]));
}

bool run_call(struct run *r, const struct script_event *ev)
{
	const struct call *c = &ev->call;
	const u64 origin = ev->absolute ? r->start : r->prev;
	const struct action a = { .kind = ACT_CALL, .nr = c->nr, .fd = c->fd < 0 ? (s16)-1 : r->fd[c->fd], .a = c->a, .b = c->b,
				  .t = c->t };

	if (ev->blocking && r->pending_ev)
		return run_failed(r, ev, "a script can have one sleeping call at a time, and line %u sleeps", r->pending_ev->line);
	r->call = (struct made_call){ 0 };
	if (c->too_short || c->reads_nothing) /* the kernel looks at nothing but the size */
		r->call = (struct made_call){ .began = true, .returned = true, .when = run_world(r)->now,
					      .result = c->too_short ? -EINVAL : 0 };
	else if (c->asks_flags)
		ask_flags(r, c);
	else if (!make_call(r, ev, &a) || !set_nonblock(r, ev))
		return false;
	if (ev->blocking) {
		r->pending = r->call;
		r->pending_ev = ev;
		r->pending_due = origin + ev->until;
		if (!r->pending.returned)
			run_say(r, run_world(r)->now, "%.*s sleeps", (int)c->len, r->d->text + c->start);
		return run_check_pending(r);
	}
	if (!r->call.returned)
		return run_failed(r, ev, "%s() does not return but sleeps", c->name);
	note_descriptors(r, c, r->call.result);
	return check_result(r, ev, &r->call);
}

/* ---- TCP_INFO ------------------------------------------------------------------------------------------------------ */

static void print_lines(struct run *r, const struct script_event *ev, const char *lines)
{
	for (size_t n; *lines; lines += n + 1) {
		n = strcspn(lines, "\n");
		buf_printf(r->text, "%s:%u: prints %.*s\n", r->d->file, ev->line, (int)n, lines);
	}
}

bool run_assert(struct run *r, const struct script_event *ev)
{
	const struct world *w = run_world(r);
	const struct proc *p = script_process(w);
	const s16 fd = r->connection_fd < 0 ? (s16)-1 : r->fd[r->connection_fd];
	const struct file *file = p && fd >= 0 && fd < NR_OPEN ? file_of(w, p->fd[fd]) : NULL;
	const struct socket *sock = file ? socket_of(w, file->private_data) : NULL;
	const struct sock *sk = sock ? sock_of(w, sock->sk) : NULL;
	struct code_told told = { BUF_INIT, BUF_INIT, BUF_INIT };
	bool holds;

	if (!sk)
		return run_failed(r, ev, "the connection has no descriptor any more that could be asked for its state");
	holds = code_holds(r->d->text, ev->code, ev->code_len, sk, w->now, &told);
	print_lines(r, ev, buf_str(&told.printed));
	if (holds) {
		if (told.seen.len)
			run_say(r, w->now, "%s", buf_str(&told.seen));
	} else {
		run_failed(r, ev, "another state");
		buf_printf(r->text, "  expected  %s\n  actual    %s\n", buf_str(&told.failed), buf_str(&told.seen));
		if (strstr(buf_str(&told.seen), "tcpi_state"))
			buf_printf(r->text, "  tcpi_state %d is %s\n", sk->sk_state, script_state(sk->sk_state));
	}
	code_told_release(&told);
	return holds;
}
