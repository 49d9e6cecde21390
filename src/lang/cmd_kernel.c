/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernels: which one the hosts have, how they differ, and what differs between two points of a session. */
#include <stdlib.h>
#include <string.h>

#include "lang/kernels.h"
#include "lang/names.h"
#include "lang/rows.h"

/* ---- names and values ---------------------------------------------------------------------------------------- */

enum status args_kernel(struct args *a, enum profile_id *id, struct err *err)
{
	const char *word = args_take(a);
	int found;

	if (!word)
		return err_set(err, ST_WRONG, "a kernel is missing: 2.4, 3.10, 5.8 or 6.18");
	found = profile_find(word);
	if (found < 0)
		return err_set(err, ST_WRONG, "there is no kernel `%s` here: 2.4, 3.10, 5.8 or 6.18", word);
	*id = (enum profile_id)found;
	args_note(a, "%s", word);
	return ST_OK;
}

void add_profile_value(struct buf *b, enum profile_id id, enum profile_row row)
{
	static const char *const rooms[] = { "any", "buffers", "+64K", "2 rcvbuf" };
	u32 value = profile_value(id, row);

	switch ((enum profile_kind)profile_row_info[row].kind) {
	case PK_FLAG:
		buf_puts(b, value ? "yes" : "no");
		break;
	case PK_COUNT:
	case PK_BYTES:
		buf_printf(b, "%u", value);
		break;
	case PK_MSEC:
		if (value)
			add_duration(b, jiffies_to_usecs(value));
		else
			buf_puts(b, "-");
		break;
	case PK_USEC:
		add_duration(b, value);
		break;
	case PK_ROOM:
		buf_puts(b, rooms[value]);
		break;
	}
}

/* ---- the matrix ---------------------------------------------------------------------------------------------- */

static bool row_differs(enum profile_row row)
{
	for (int i = 1; i < NR_PROFILES; i++)
		if (profile_value((enum profile_id)i, row) != profile_value(PROFILE_2_4, row))
			return true;
	return false;
}

/* One line: `text`, and what each kernel has. */
static void matrix_row(struct session *ss, const char *event, const char *name, const char *text, const struct buf value[NR_PROFILES])
{
	struct buf line = BUF_INIT;

	row_begin(ss, event);
	row_str(ss, "name", name);
	buf_printf(&line, "%-47s", text);
	for (int i = 0; i < NR_PROFILES; i++) {
		row_str(ss, profile_of((enum profile_id)i)->name, buf_str(&value[i]));
		buf_printf(&line, " %7s", buf_str(&value[i]));
	}
	row_end(ss, "%s", buf_str(&line));
	buf_release(&line);
}

static void matrix_of_profiles(struct session *ss)
{
	struct buf value[NR_PROFILES] = { BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT };

	for (int row = 0; row < NR_KP; row++) {
		if (!row_differs((enum profile_row)row))
			continue;
		for (int i = 0; i < NR_PROFILES; i++) {
			buf_clear(&value[i]);
			add_profile_value(&value[i], (enum profile_id)i, (enum profile_row)row);
		}
		matrix_row(ss, "profile", profile_row_info[row].name, profile_row_info[row].text, value);
	}
	for (int i = 0; i < NR_PROFILES; i++)
		buf_release(&value[i]);
}

static void add_sysctl_default(struct buf *b, enum profile_id id, u32 sysctl)
{
	s32 value = profile_sysctl_default(id, sysctl);

	if (!profile_has_sysctl(id, sysctl))
		buf_puts(b, "-");
	else if (value == INT32_MAX)
		buf_puts(b, "no end");
	else if (sysctl == SYSCTL_tcp_congestion_control)
		buf_puts(b, value == CA_CUBIC ? "cubic" : "reno");
	else
		buf_printf(b, "%d", value);
}

static void matrix_of_sysctls(struct session *ss)
{
	struct buf value[NR_PROFILES] = { BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT };
	struct buf text = BUF_INIT;

	for (u32 id = 0; id < SYSCTL_MAX; id++) {
		static const char *const part[] = { "", " min", " default", " max" };

		if (!profile_sysctl_differs(id))
			continue;
		for (int i = 0; i < NR_PROFILES; i++) {
			buf_clear(&value[i]);
			add_sysctl_default(&value[i], (enum profile_id)i, id);
		}
		buf_clear(&text);
		buf_printf(&text, "%s%s", sysctl_info[id].name, part[sysctl_info[id].index]);
		matrix_row(ss, "sysctl_default", sysctl_info[id].name, buf_str(&text), value);
	}
	buf_release(&text);
	for (int i = 0; i < NR_PROFILES; i++)
		buf_release(&value[i]);
}

static void matrix_of_unmodelled(struct session *ss)
{
	struct buf kernels = BUF_INIT;

	for (u32 i = 0; i < nr_profile_unmodelled; i++) {
		const struct profile_unmodelled *u = &profile_unmodelled[i];

		buf_clear(&kernels);
		for (int k = 0; k < NR_PROFILES; k++)
			if (u->kernels & 1u << k)
				buf_printf(&kernels, "%s%s", kernels.len ? " " : "", profile_of((enum profile_id)k)->name);
		row_begin(ss, "not_run");
		row_str(ss, "text", u->text);
		row_str(ss, "kernels", buf_str(&kernels));
		row_end(ss, "  %s (%s)", u->text, buf_str(&kernels));
	}
	buf_release(&kernels);
}

void print_kernel_matrix(struct session *ss)
{
	struct buf head = BUF_INIT;

	for (int i = 0; i < NR_PROFILES; i++)
		buf_printf(&head, " %7s", profile_of((enum profile_id)i)->name);
	say(ss, "%-47s%s", "what differs", buf_str(&head));
	matrix_of_profiles(ss);
	say(ss, " ");
	say(ss, "%-47s%s", "sysctls, by default (-: there is none)", buf_str(&head));
	matrix_of_sysctls(ss);
	say(ss, " ");
	say(ss, "read, and not run:");
	matrix_of_unmodelled(ss);
	buf_release(&head);
}

/* ---- kernel -------------------------------------------------------------------------------------------------- */

static enum status cmd_kernel(struct session *ss, struct args *a, struct err *err)
{
	u32 now = tape_now(ss->tape), start = tape_scenario_start(ss->tape, now);
	const struct world *w = session_world(ss);
	enum profile_id kernel[NR_HOSTS], id = PROFILE_6_18;
	struct endpoint ep = { .kind = EP_MAIN, .host = NR_HOSTS };
	struct action act = { .kind = ACT_SCENARIO, .fd = -1 };

	if (!args_peek(a)) {
		print_kernel_matrix(ss);
		return ST_OK;
	}
	if (args_try_endpoint(a, &ep)) {
		if (ep.kind != EP_MAIN) {
			a->next--;
			return err_set(err, ST_WRONG, "kernels belong to a host: A or B");
		}
		args_note(a, "%c", host_letter(ep.host));
	}
	if (args_kernel(a, &id, err) != ST_OK || args_end(a, err) != ST_OK)
		return ST_WRONG;
	if (now != start)
		return err_set(err, ST_WRONG, "a running host keeps its kernel: `reset`, and then `kernel`");
	for (u8 h = 0; h < NR_HOSTS; h++)
		kernel[h] = ep.host == NR_HOSTS || ep.host == h ? id : (enum profile_id)w->host[h].profile;
	act.a = tape_moment(ss->tape, start)->action.a;
	act.b = kernels_of(kernel[0], kernel[1]);
	return session_set_up(ss, &act, err);
}

/* ---- diff ---------------------------------------------------------------------------------------------------- */

static void diff_line(struct session *ss, const char *name, const struct buf *was, const struct buf *is)
{
	row_begin(ss, "differs");
	row_str(ss, "name", name);
	row_str(ss, "was", buf_str(was));
	row_str(ss, "is", buf_str(is));
	row_end(ss, "  %-26s %s -> %s", name, buf_str(was), buf_str(is));
}

/* The fields of one connection; `which` of its two objects. Counts what differs. */
static u32 diff_object(struct session *ss, const struct conn *was, const struct conn *is, const struct world *ww,
		       const struct world *wi, bool tw)
{
	const void *old = tw ? (const void *)was->tw : (const void *)was->sk;
	const void *new_object = tw ? (const void *)is->tw : (const void *)is->sk;
	struct field_view vw = { .now = ww->now, .isn = conn_isn(was), .peer_isn = conn_peer_isn(was), .absolute = ss->absolute };
	struct field_view vi = { .now = wi->now, .isn = conn_isn(is), .peer_isn = conn_peer_isn(is), .absolute = ss->absolute };
	struct buf a = BUF_INIT, b = BUF_INIT, name = BUF_INIT;
	u32 n = 0;

	for (size_t i = 0; old && new_object && field_at(i); i++) {
		const struct field *f = field_at(i);

		if (f->object != (tw ? OBJ_TW : OBJ_SOCK) || field_read(f, old) == field_read(f, new_object))
			continue;
		buf_clear(&a);
		buf_clear(&b);
		buf_clear(&name);
		add_field_value(&a, f, field_read(f, old), &vw);
		add_field_value(&b, f, field_read(f, new_object), &vi);
		if (strcmp(buf_str(&a), buf_str(&b)) == 0)
			continue;
		add_conn_name(&name, wi, is->host, is->num);
		buf_printf(&name, ".%s", f->name);
		diff_line(ss, buf_str(&name), &a, &b);
		n++;
	}
	buf_release(&a);
	buf_release(&b);
	buf_release(&name);
	return n;
}

/* A connection as a whole: its state, and whether a socket or a minisocket stands for it. */
static u32 diff_conn(struct session *ss, const struct world *ww, const struct world *wi, u8 host, u16 num)
{
	struct conn was = conn_by_num(ww, host, num), is = conn_by_num(wi, host, num);
	struct buf a = BUF_INIT, b = BUF_INIT, name = BUF_INIT;
	u32 n = 0;

	buf_printf(&a, "%s%s", state_name(conn_state(&was)), was.tw ? " (minisocket)" : was.sk ? "" : " (nothing)");
	buf_printf(&b, "%s%s", state_name(conn_state(&is)), is.tw ? " (minisocket)" : is.sk ? "" : " (nothing)");
	if (strcmp(buf_str(&a), buf_str(&b)) != 0) {
		add_conn_name(&name, wi, host, num);
		buf_puts(&name, ".state");
		diff_line(ss, buf_str(&name), &a, &b);
		n++;
	}
	buf_release(&a);
	buf_release(&b);
	buf_release(&name);
	return n + diff_object(ss, &was, &is, ww, wi, false) + diff_object(ss, &was, &is, ww, wi, true);
}

static u32 diff_counters(struct session *ss, const struct world *ww, const struct world *wi, u8 host)
{
	struct buf a = BUF_INIT, b = BUF_INIT, name = BUF_INIT;
	u32 n = 0;

	for (int i = 0; i < MIB_MAX; i++) {
		u32 was = ww->host[host].mib[i], is = wi->host[host].mib[i];

		if (was == is)
			continue;
		buf_clear(&a);
		buf_clear(&b);
		buf_clear(&name);
		buf_printf(&a, "%d", (s32)was);
		buf_printf(&b, "%d", (s32)is);
		buf_printf(&name, "%c %s%s", host_letter(host), mib_info[i].prefix, mib_info[i].name);
		diff_line(ss, buf_str(&name), &a, &b);
		n++;
	}
	buf_release(&a);
	buf_release(&b);
	buf_release(&name);
	return n;
}

static u32 diff_time(struct session *ss, const struct world *was, const struct world *is)
{
	struct buf a = BUF_INIT, b = BUF_INIT;

	if (was->now == is->now)
		return 0;
	add_clock(&a, was->now - WORLD_EPOCH);
	add_clock(&b, is->now - WORLD_EPOCH);
	diff_line(ss, "time", &a, &b);
	buf_release(&a);
	buf_release(&b);
	return 1;
}

static void diff_worlds(struct session *ss, const struct world *was, const struct world *is)
{
	u32 n = diff_time(ss, was, is);

	for (u8 h = 0; h < NR_HOSTS; h++) {
		u16 last = was->host[h].next_num > is->host[h].next_num ? was->host[h].next_num : is->host[h].next_num;

		for (u16 num = 1; num < last; num++)
			n += diff_conn(ss, was, is, h, num);
	}
	for (u8 h = 0; h < NR_HOSTS; h++)
		n += diff_counters(ss, was, is, h);
	if (!n)
		say(ss, "  nothing that a name stands for");
}

static enum status diff_points(struct session *ss, u32 from, u32 to, struct err *err)
{
	struct world *w = malloc(2 * sizeof(*w));
	enum status st;

	if (!w)
		return err_set(err, ST_WRONG, "memory is short");
	st = tape_world_at(ss->tape, tape_point(ss->tape, from)->moment, &w[0], err);
	if (st == ST_OK)
		st = tape_world_at(ss->tape, tape_point(ss->tape, to)->moment, &w[1], err);
	if (st == ST_OK) {
		say(ss, "from point %u to point %u:", from, to);
		diff_worlds(ss, &w[0], &w[1]);
	}
	free(w);
	return st;
}

static enum status read_point(struct session *ss, struct args *a, u32 *point, struct err *err)
{
	s64 n;

	if (!args_peek(a))
		return ST_OK;
	if (args_number(a, 0, (s64)tape_point_count(ss->tape) - 1, &n, "point", err) != ST_OK)
		return ST_WRONG;
	*point = (u32)n;
	return ST_OK;
}

static enum status cmd_diff(struct session *ss, struct args *a, struct err *err)
{
	u32 now = tape_point_now(ss->tape), from = tape_point(ss->tape, now)->parent, to = now;
	enum profile_id one = PROFILE_6_18, other = PROFILE_6_18;

	if (args_try_keyword(a, "kernel")) {
		if (args_kernel(a, &one, err) != ST_OK)
			return ST_WRONG;
		if (args_peek(a) && args_kernel(a, &other, err) != ST_OK)
			return ST_WRONG;
		if (args_end(a, err) != ST_OK)
			return ST_WRONG;
		return diff_kernels(ss, one, other, err);
	}
	if (from == UINT32_MAX)
		from = now;
	if (read_point(ss, a, &from, err) != ST_OK || read_point(ss, a, &to, err) != ST_OK || args_end(a, err) != ST_OK)
		return ST_WRONG;
	return diff_points(ss, from, to, err);
}

static const struct cmd rows[] = {
	{
		.verb = "kernel",
		.syntax = "[[A|B] 2.4|3.10|5.8|6.18]",
		.help = "Which kernel the hosts have, while the scenario is fresh: it is then set up again. Alone: how the "
			"kernels differ.",
		.takes = "<host> 2.4 3.10 5.8 6.18",
		.run = cmd_kernel, .flags = CMD_ACTS,
	},
	{
		.verb = "diff",
		.syntax = "[N] [M] | kernel K [K]",
		.help = "What differs between two points: the last command, what came since point N, or from N to M. With "
			"kernel: this session in two of them (the other is 6.18), what differs and why.",
		.takes = "kernel 2.4 3.10 5.8 6.18",
		.run = cmd_diff,
	},
};

const struct cmd_table cmds_kernel = { "Kernels", rows, ARRAY_LEN(rows) };
