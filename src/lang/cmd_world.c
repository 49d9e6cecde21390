/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The world: situations, sysctls, faults. */
#include <string.h>

#include "lang/names.h"
#include "lang/rows.h"
#include "lang/session.h"

static void print_kernels(struct session *ss)
{
	const struct world *w = session_world(ss);
	const char *name[NR_HOSTS];

	for (u8 h = 0; h < NR_HOSTS; h++)
		name[h] = profile_of((enum profile_id)w->host[h].profile)->name;
	row_begin(ss, "kernels");
	row_str(ss, "A", name[0]);
	row_str(ss, "B", name[1]);
	if (strcmp(name[0], name[1]) == 0)
		row_end(ss, "both hosts run Linux %s", name[0]);
	else
		row_end(ss, "A runs Linux %s, B runs Linux %s", name[0], name[1]);
}

/* ---- scenario, reset ----------------------------------------------------------------------------------------- */

enum status session_set_up(struct session *ss, const struct action *act, struct err *err)
{
	const bool quiet = ss->quiet;
	const u32 id = act->a;
	enum status st;

	/* how a scenario is reached is no part of the session */
	ss->quiet = true;
	st = session_act(ss, act, NULL, 0, err);
	ss->quiet = quiet;
	if (st != ST_OK)
		return st;
	ss->focus = (struct endpoint){ .host = 0, .kind = EP_MAIN, .fd = -1 };
	if (!ss->quiet) {
		row_begin(ss, "scenario");
		row_str(ss, "name", scenario_info[id].name);
		row_str(ss, "text", scenario_info[id].text);
		row_end(ss, "%s: %s", scenario_info[id].name, scenario_info[id].text);
		if (act->b)
			print_kernels(ss);
	}
	return ST_OK;
}

static enum status set_up(struct session *ss, u32 id, struct err *err)
{
	const struct action act = { .kind = ACT_SCENARIO, .fd = -1, .a = id };

	return session_set_up(ss, &act, err);
}

static enum status list_scenarios(struct session *ss)
{
	for (int i = 0; i < NR_SCENARIOS; i++) {
		row_begin(ss, "scenario");
		row_str(ss, "name", scenario_info[i].name);
		row_str(ss, "text", scenario_info[i].text);
		row_end(ss, "%-13s %s", scenario_info[i].name, scenario_info[i].text);
	}
	return ST_OK;
}

static enum status cmd_scenario(struct session *ss, struct args *a, struct err *err)
{
	const char *names[NR_SCENARIOS + 1];
	int which;

	for (int i = 0; i < NR_SCENARIOS; i++)
		names[i] = scenario_info[i].name;
	names[NR_SCENARIOS] = NULL;
	if (!args_peek(a))
		return list_scenarios(ss);
	if (args_choice(a, names, &which, err) != ST_OK || args_end(a, err) != ST_OK)
		return ST_WRONG;
	return set_up(ss, (u32)which, err);
}

static enum status cmd_reset(struct session *ss, struct args *a, struct err *err)
{
	const struct moment *m = tape_moment(ss->tape, tape_scenario_start(ss->tape, tape_now(ss->tape)));

	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	return set_up(ss, m && m->action.kind == ACT_SCENARIO ? m->action.a : SCENARIO_established, err);
}

/* ---- sysctl -------------------------------------------------------------------------------------------------- */

static u64 unit_us(u8 unit)
{
	return unit == UNIT_SEC ? 1000000 : unit == UNIT_MSEC ? 1000 : unit == UNIT_USEC ? 1 : 0;
}

static int find_sysctl(const struct args *a, const char *name, struct err *err)
{
	int found = sysctl_find(name);
	struct nearest near;
	struct buf hint = BUF_INIT;
	const char *bare = strncmp(name, "net.ipv4.", 9) == 0 ? name + 9 : name;
	int begun = -1;
	u32 n = 0;

	if (found >= 0)
		return found;
	nearest_init(&near, bare);
	for (int i = 0; i < SYSCTL_MAX; i++) {
		const char *known = sysctl_info[i].name;

		nearest_try(&near, known);
		if (strncmp(known, "tcp_", 4) == 0)
			nearest_try(&near, known + 4);
		if (strncmp(known, bare, strlen(bare)) == 0 && sysctl_info[i].index <= 1) {
			begun = i;
			n++;
		}
	}
	if (!a->strict && n == 1)
		return begun;
	err_set(err, ST_WRONG, "there is no sysctl `%s`%s", name, nearest_hint(&near, &hint));
	buf_release(&hint);
	return -1;
}

static bool host_has_sysctl(const struct session *ss, u8 host, int id)
{
	return profile_has_sysctl((enum profile_id)session_world(ss)->host[host].profile, (u32)id);
}

static void add_sysctl(struct buf *b, const struct session *ss, u8 host, int id)
{
	const struct sysctl_info *info = &sysctl_info[id];
	const s32 *value = session_world(ss)->host[host].sysctl;

	if (id == SYSCTL_tcp_congestion_control)
		buf_puts(b, value[id] == CA_CUBIC ? "cubic" : "reno");
	else
		buf_printf(b, "%d", value[id]);
	for (int i = id + 1; info->index && i < SYSCTL_MAX && strcmp(sysctl_info[i].name, info->name) == 0; i++)
		buf_printf(b, " %d", value[i]);
}

static void print_sysctl(struct session *ss, u8 host, int id)
{
	struct buf b = BUF_INIT;
	char name[2] = { host_letter(host), '\0' };

	add_sysctl(&b, ss, host, id);
	row_begin(ss, "sysctl");
	row_str(ss, "host", name);
	row_str(ss, "name", sysctl_info[id].name);
	row_str(ss, "value", buf_str(&b));
	row_end(ss, "%s  net.ipv4.%s = %s", name, sysctl_info[id].name, buf_str(&b));
	buf_release(&b);
}

/* Of host `only`, or of both: on one line for people where they agree. */
static void print_sysctls(struct session *ss, u8 only, int id)
{
	struct buf value[NR_HOSTS] = { BUF_INIT, BUF_INIT };

	for (u8 h = 0; h < NR_HOSTS; h++)
		add_sysctl(&value[h], ss, h, id);
	if (!ss->json && only == NR_HOSTS && host_has_sysctl(ss, 0, id) == host_has_sysctl(ss, 1, id) && strcmp(buf_str(&value[0]), buf_str(&value[1])) == 0) {
		say(ss, "A B  net.ipv4.%s = %s", sysctl_info[id].name, buf_str(&value[0]));
	} else {
		for (u8 h = 0; h < NR_HOSTS; h++)
			if ((only == NR_HOSTS || only == h) && host_has_sysctl(ss, h, id))
				print_sysctl(ss, h, id);
	}
	for (u8 h = 0; h < NR_HOSTS; h++)
		buf_release(&value[h]);
}

static enum status sysctl_number(const struct sysctl_info *info, const char *text, s32 *value, struct err *err)
{
	u64 unit = unit_us(info->unit);
	s64 n;
	u64 us;

	if (info == &sysctl_info[SYSCTL_tcp_congestion_control]) {
		if (strcmp(text, "reno") != 0 && strcmp(text, "cubic") != 0)
			return err_set(err, ST_WRONG, "`%s` is no congestion control algorithm: reno or cubic", text);
		*value = strcmp(text, "cubic") == 0 ? CA_CUBIC : CA_RENO;
		return ST_OK;
	}
	if (!parse_number(text, &n)) {
		if (!unit || parse_duration(text, &us, NULL) != ST_OK)
			return err_set(err, ST_WRONG, "`%s` is no value for %s: a number%s from %d to %d", text,
				       info->name, unit ? " or a duration" : "", info->min, info->max);
		if (us % unit)
			return err_set(err, ST_WRONG, "%s counts whole %s", info->name,
				       info->unit == UNIT_SEC ? "seconds" : "milliseconds");
		n = (s64)(us / unit);
	}
	if (n < info->min || n > info->max)
		return err_set(err, ST_WRONG, "%s is out of range: %s takes %d to %d", text, info->name, info->min,
			       info->max);
	*value = (s32)n;
	return ST_OK;
}

/* One value, or the three of a triple: "4096,131072,6291456". */
static enum status sysctl_values(int id, const char *text, s32 value[3], u32 *n, struct err *err)
{
	const struct sysctl_info *info = &sysctl_info[id];
	char part[32];
	u32 want = info->index ? 3 : 1;

	for (*n = 0; *n < want; (*n)++) {
		size_t len = strcspn(text, want == 3 ? ", " : "");

		if (len >= sizeof(part))
			return err_set(err, ST_WRONG, "`%s` is no value for %s", text, info->name);
		memcpy(part, text, len);
		part[len] = '\0';
		if (!len && want == 3)
			break;
		if (sysctl_number(&sysctl_info[id + (int)*n], part, &value[*n], err) != ST_OK)
			return ST_WRONG;
		text += len + (text[len] != '\0');
	}
	if (*n != want || *text)
		return err_set(err, ST_WRONG, "%s has three values: %s=4096,131072,6291456, for example", info->name,
			       info->name);
	return ST_OK;
}

static enum status set_sysctl(struct session *ss, u8 host, int id, const s32 *value, u32 n, struct err *err)
{
	for (u32 i = 0; i < n; i++) {
		const struct action act = {
			.kind = ACT_SYSCTL, .host = host, .fd = -1, .a = (u32)id + i, .b = (u32)value[i]
		};

		if (session_act(ss, &act, NULL, 0, err) != ST_OK)
			return ST_WRONG;
	}
	return ST_OK;
}

/* ST_WRONG: none of the hosts that are meant (`only`, or both) has such a kernel, or one that is to set it has not. */
static enum status kernel_has_sysctl(const struct session *ss, u8 only, int id, bool sets, struct err *err)
{
	bool any = false;
	u8 lacks = NR_HOSTS;

	for (u8 h = 0; h < NR_HOSTS; h++) {
		if (only != NR_HOSTS && only != h)
			continue;
		if (host_has_sysctl(ss, h, id))
			any = true;
		else
			lacks = h;
	}
	if (lacks == NR_HOSTS || (any && !sets))
		return ST_OK;
	return err_set(err, ST_WRONG, "host %c runs Linux %s, which has no %s", host_letter(lacks),
		       profile_of((enum profile_id)session_world(ss)->host[lacks].profile)->name, sysctl_info[id].name);
}

static enum status cmd_sysctl(struct session *ss, struct args *a, struct err *err)
{
	struct endpoint ep = { .kind = EP_MAIN, .host = NR_HOSTS };
	bool one_host = args_try_endpoint(a, &ep);
	char name[80];
	const char *word = args_peek(a);
	const char *value = args_assignment(a, name, sizeof(name));
	s32 values[3];
	u32 n = 0;
	int id;

	if (one_host && ep.kind != EP_MAIN)
		return err_set(err, ST_WRONG, "sysctls belong to a host: A or B");
	if (one_host)
		args_note(a, "%c", host_letter(ep.host));
	if (!word) {
		for (id = 0; id < SYSCTL_MAX; id++)
			if (sysctl_info[id].index <= 1 && kernel_has_sysctl(ss, ep.host, id, false, NULL) == ST_OK)
				print_sysctls(ss, ep.host, id);
		return ST_OK;
	}
	id = find_sysctl(a, value ? name : word, err);
	if (id < 0 || kernel_has_sysctl(ss, ep.host, id, value != NULL, err) != ST_OK)
		return ST_WRONG;
	if (value && sysctl_values(id, value, values, &n, err) != ST_OK)
		return ST_WRONG;
	args_note(a, "%s%s", sysctl_info[id].name, value ? "=" : "");
	if (value)
		add_typed(&a->canon, value);
	a->next++;
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	for (u8 h = 0; value && h < NR_HOSTS; h++)
		if ((!one_host || h == ep.host) && set_sysctl(ss, h, id, values, n, err) != ST_OK)
			return ST_WRONG;
	if (!value || !ss->quiet)
		print_sysctls(ss, ep.host, id);
	return ST_OK;
}

/* ---- fault --------------------------------------------------------------------------------------------------- */

static enum status cmd_fault(struct session *ss, struct args *a, struct err *err)
{
	static const char *const what[][2] = {
		{ "allocation of an skb", "allocations of an skb" },
		{ "allocation of a minisocket", "allocations of a minisocket" },
		{ "search for a route", "searches for a route" },
		{ "attempt to take a local port", "attempts to take a local port" },
		{ "packet for the device", "packets for the device" },
	};
	struct action act = { .kind = ACT_FAULT, .fd = -1, .b = 1 };
	int which;
	s64 n;

	if (args_host(a, &act.host, err) != ST_OK || args_choice(a, fault_names, &which, err) != ST_OK)
		return ST_WRONG;
	if (args_peek(a)) {
		if (args_number(a, 0, 255, &n, "count", err) != ST_OK)
			return ST_WRONG;
		act.b = (u32)n;
	}
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	act.a = (u32)which;
	if (session_act(ss, &act, NULL, 0, err) != ST_OK)
		return ST_WRONG;
	if (ss->quiet)
		return ST_OK;
	if (which == FAULT_SOFTIRQ)
		say(ss, "%c  what is in flight will arrive in the middle of the next close", host_letter(act.host));
	else if (act.b == 0)
		say(ss, "%c  no %s is made to fail any more", host_letter(act.host), what[which][0]);
	else if (act.b == FAULT_ALWAYS)
		say(ss, "%c  from now on all %s fail", host_letter(act.host), what[which][1]);
	else if (act.b == 1)
		say(ss, "%c  the next %s fails", host_letter(act.host), what[which][0]);
	else
		say(ss, "%c  the next %u %s fail", host_letter(act.host), act.b, what[which][1]);
	return ST_OK;
}

static const struct cmd rows[] = {
	{
		.verb = "scenario",
		.syntax = "[NAME]",
		.help = "Starts over from a named situation; alone it lists them.",
		.takes = "<scenario>",
		.run = cmd_scenario, .flags = CMD_ACTS,
	},
	{
		.verb = "reset",
		.syntax = "",
		.help = "The same scenario again, from its beginning.",
		.takes = "",
		.run = cmd_reset, .flags = CMD_ACTS,
	},
	{
		.verb = "sysctl",
		.syntax = "[A|B] [NAME[=VALUE]]",
		.help = "Reads or sets a sysctl, on both hosts when none is named. A bare number is in the "
			"kernel's own unit.",
		.takes = "<host> <sysctl>",
		.run = cmd_sysctl, .flags = CMD_ACTS,
	},
	{
		.verb = "fault",
		.syntax = "[A|B] alloc-skb|alloc-tw|route|port|qdisc|softirq [N]",
		.help = "The next N (1) of these fail at that host, with 255 all from now on. softirq: what is in flight to it arrives while "
			"the next close() holds the socket, and waits in the backlog.",
		.takes = "<host> alloc-skb alloc-tw route port qdisc softirq",
		.run = cmd_fault, .flags = CMD_ACTS,
	},
};

const struct cmd_table cmds_world = { "World", rows, ARRAY_LEN(rows) };
