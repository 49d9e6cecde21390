/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking: none of these changes anything. */
#include <stdlib.h>
#include <string.h>

#include "engine/mib.h"
#include "lang/look.h"
#include "lang/names.h"
#include "lang/rows.h"
#include "lang/source.h"

/* ---- nstat --------------------------------------------------------------------------------------------------- */

static void print_counter(struct session *ss, u8 host, int id, u32 value, u32 before)
{
	const struct mib_info *m = &mib_info[id];
	char name[2] = { host_letter(host), '\0' };

	row_begin(ss, "nstat");
	row_str(ss, "host", name);
	row_str(ss, "name", m->name);
	row_str(ss, "prefix", m->prefix);
	row_num(ss, "value", (s32)value);
	row_num(ss, "change", (s32)(value - before));
	row_end(ss, "%s  %s%-*s %d  (%+d)", name, m->prefix, (int)(28 - strlen(m->prefix)), m->name, (s32)value,
		(s32)(value - before));
}

static enum status cmd_nstat(struct session *ss, struct args *a, struct err *err)
{
	const struct world *w = session_world(ss);
	struct world *start;
	u8 host = NR_HOSTS;
	u32 n = 0;
	enum status st;

	if (args_peek(a) && args_host(a, &host, err) != ST_OK)
		return ST_WRONG;
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	start = xcalloc(1, sizeof(*start));
	st = tape_world_at(ss->tape, tape_scenario_start(ss->tape, tape_now(ss->tape)), start, err);
	for (u8 h = 0; st == ST_OK && h < NR_HOSTS; h++) {
		for (int i = 0; i < MIB_MAX; i++) {
			if ((host < NR_HOSTS && host != h) || w->host[h].mib[i] == start->host[h].mib[i])
				continue;
			print_counter(ss, h, i, w->host[h].mib[i], start->host[h].mib[i]);
			n++;
		}
	}
	free(start);
	if (st == ST_OK && !n)
		say(ss, "no counter has changed since the scenario began");
	return st;
}

/* ---- timers -------------------------------------------------------------------------------------------------- */

static int by_time(const void *x, const void *y)
{
	const struct event *a = x;
	const struct event *b = y;

	if (a->when != b->when)
		return a->when < b->when ? -1 : 1;
	return a->kind != b->kind ? (a->kind < b->kind ? -1 : 1) : a->off < b->off ? -1 : a->off > b->off;
}

static void print_timer(struct session *ss, const struct event *ev)
{
	const struct world *w = session_world(ss);
	const void *obj = (const char *)w + ev->off;
	struct buf name = BUF_INIT;
	struct buf left = BUF_INIT;
	const char *role = ev->kind == TMR_RETRANSMIT ? role_name(ev->role) : NULL;

	if (ev->kind == TMR_TASK)
		buf_printf(&name, "%c: %s sleeps", host_letter(ev->host), call_name(((const struct task *)obj)->nr));
	else
		add_conn_name(&name, w, ev->host,
			      ev->kind == TMR_TW    ? ((const struct tw *)obj)->num_
			      : ev->kind == TMR_RSK ? ((const struct req *)obj)->num_
						    : ((const struct sock *)obj)->num_);
	if (ev->kind != TMR_TASK)
		buf_printf(&name, ".%s", timer_name(ev->kind));
	if (ev->kind == TMR_TW)
		role = state_name(((const struct tw *)obj)->tw_substate);
	add_duration(&left, ev->when > w->now ? ev->when - w->now : 0);
	row_begin(ss, "timer");
	row_str(ss, "name", buf_str(&name));
	row_num(ss, "left_us", ev->when > w->now ? (s64)(ev->when - w->now) : 0);
	if (role)
		row_str(ss, "role", role);
	row_end(ss, "%-16s %s%s%s%s", buf_str(&name), buf_str(&left), role ? "  (" : "", role ? role : "",
		role ? ")" : "");
	buf_release(&name);
	buf_release(&left);
}

static enum status cmd_timers(struct session *ss, struct args *a, struct err *err)
{
	struct event *ev;
	size_t n;
	u32 shown = 0;

	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	ev = xcalloc(STORY_EVENTS, sizeof(*ev));
	n = sim_events(session_world(ss), ev, STORY_EVENTS);
	if (n > STORY_EVENTS)
		n = STORY_EVENTS;
	qsort(ev, n, sizeof(*ev), by_time);
	for (size_t i = 0; i < n; i++) {
		if (ev[i].kind == TMR_ARRIVAL || event_is_idle(session_world(ss), &ev[i]))
			continue;
		print_timer(ss, &ev[i]);
		shown++;
	}
	free(ev);
	if (!shown)
		say(ss, "no timer is armed");
	return ST_OK;
}

/* ---- explain ------------------------------------------------------------------------------------------------- */

static enum status cmd_explain(struct session *ss, struct args *a, struct err *err)
{
	const char *name = args_take(a);

	if (!name)
		return err_set(err, ST_WRONG, "a name is missing: explain tcp_close, for example");
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	return explain(ss, name, err);
}

static const struct cmd rows[] = {
	{
		.verb = "show",
		.syntax = "[A|A:4|A%2|#N|EXPR]",
		.help = "A host with its sockets and processes, a connection, a segment header field by field, or "
			"the value of a field: show A.sk_shutdown. `show A%2 all` lists every field.",
		.takes = "<endpoint> <wire> <expr> all",
		.run = cmd_show, .flags = CMD_EXPR,
	},
	{
		.verb = "ps",
		.syntax = "[A|B]",
		.help = "Processes, their descriptors and the files those refer to, and what their threads sleep "
			"in.",
		.takes = "<host>",
		.run = cmd_ps,
	},
	{
		.verb = "ss",
		.syntax = "[A|B]",
		.help = "The sockets in the kernel's tables, as `ss -tanoem` prints them.",
		.takes = "<host>",
		.run = cmd_ss,
	},
	{
		.verb = "tools",
		.syntax = "[A|B]",
		.help = "What ss -tanoem, tcpstates and tcpdump would print on each host by now. The address of a sock and "
			"the name of the process are made up.",
		.takes = "<host>",
		.run = cmd_tools,
	},
	{
		.verb = "nstat",
		.syntax = "[A|B]",
		.help = "The counters that changed since the scenario began.",
		.takes = "<host>",
		.run = cmd_nstat,
	},
	{
		.verb = "timers",
		.syntax = "",
		.help = "What is armed, earliest first.",
		.takes = "",
		.run = cmd_timers,
	},
	{
		.verb = "ladder",
		.syntax = "",
		.help = "The sequence diagram since the scenario began.",
		.takes = "",
		.run = cmd_ladder,
	},
	{
		.verb = "states",
		.syntax = "",
		.help = "The state diagram with both hosts on it.",
		.takes = "",
		.run = cmd_states,
	},
	{
		.verb = "trace",
		.syntax = "[N]",
		.help = "The call tree of the last N commands (1), with the fields that changed.",
		.takes = "",
		.run = cmd_trace,
	},
	{
		.verb = "why",
		.syntax = "",
		.help = "The decisions that the last command took, with the values that decided them.",
		.takes = "",
		.run = cmd_why,
	},
	{
		.verb = "list",
		.syntax = "[FUNCTION]",
		.help = "What a kernel function does here: the engine's own source, the lines marked that did something in the "
			"last step. Alone, the function that changed a state in it.",
		.takes = "<name>",
		.run = cmd_list,
	},
	{
		.verb = "explain",
		.syntax = "NAME",
		.help = "What a function, state, field, flag, sysctl, socket option, counter, errno or command is.",
		.takes = "<name>",
		.run = cmd_explain,
	},
	{
		.verb = "help", .letter = '?',
		.syntax = "[NAME]",
		.help = "The commands, or one of them.",
		.takes = "<verb> keys",
		.run = cmd_help,
	},
};

const struct cmd_table cmds_look = { "Looking", rows, ARRAY_LEN(rows) };
