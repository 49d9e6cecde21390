/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain: what a name of the kernel or of this language is. */
#include <stdio.h>
#include <string.h>

#include "engine/fs.h"
#include "engine/mib.h"
#include "lang/callers.h"
#include "lang/glossary.h"
#include "lang/help.h"
#include "lang/language.h"
#include "lang/look.h"
#include "lang/names.h"
#include "lang/rows.h"

/* Where the glossary has the language chosen. */
static const char *folder_of(const struct session *ss)
{
	return ss->language ? languages[ss->language] : "";
}

/* A name with its one line, and the paragraph that the glossary has; NR_GLOSSARY: none is looked for. */
static void tell(struct session *ss, const char *what, const char *name, const char *place, const char *text,
		 enum glossary part)
{
	struct buf about = BUF_INIT;
	const bool more = part != NR_GLOSSARY && glossary_find(part, folder_of(ss), name, &about);

	row_begin(ss, "explain");
	row_str(ss, "kind", what);
	row_str(ss, "name", name);
	if (place && *place)
		row_str(ss, "where", place);
	row_str(ss, "text", text);
	if (more)
		row_str(ss, "about", buf_str(&about));
	row_end(ss, "%s  (%s%s%s)%s%s", name, what, place && *place ? ", " : "", place ? place : "", *text ? "  " : "",
		text);
	if (more && !ss->json)
		say_broken(ss, "  ", buf_str(&about));
	buf_release(&about);
}

/* "net/ipv4/tcp.c; 2.4: tcp_listen_stop; not in 3.10": where, and what other kernels have instead. */
static void add_whereabouts(struct buf *b, u16 fn)
{
	buf_puts(b, fn_info[fn].file);
	for (u8 k = 0; k < NR_PROFILES; k++) {
		u16 as = fn_in_kernel(fn, k);

		if (as == fn)
			continue;
		if (as)
			buf_printf(b, "; %s: %s", profile_of((enum profile_id)k)->name, fn_info[as].name);
		else
			buf_printf(b, "; not in %s", profile_of((enum profile_id)k)->name);
	}
}

static void tell_callers(struct session *ss, u16 fn)
{
	bool called_by[NR_FN];
	struct buf b = BUF_INIT;

	callers_find(fn, called_by);
	for (u16 by = 1; by < NR_FN; by++) {
		if (!called_by[by])
			continue;
		buf_printf(&b, "%s%s", b.len ? ", " : "", fn_info[by].name);
		if (!ss->json)
			continue;
		row_begin(ss, "caller");
		row_str(ss, "name", fn_info[fn].name);
		row_str(ss, "caller", fn_info[by].name);
		row_end(ss, "%s", fn_info[by].name);
	}
	if (b.len && !ss->json)
		say_broken(ss, "  called by ", buf_str(&b));
	buf_release(&b);
}

/* What it decides, each with both outcomes. */
static void tell_decisions(struct session *ss, u16 fn)
{
	struct buf b = BUF_INIT;

	for (u16 d = 1; d < NR_DEC; d++) {
		const struct decision_info *info = &decision_info[d];

		if (info->fn != fn)
			continue;
		buf_clear(&b);
		buf_printf(&b, "%s: %s; else %s", info->name, info->yes, info->no);
		if (!ss->json) {
			say_broken(ss, "  decides ", buf_str(&b));
			continue;
		}
		row_begin(ss, "decides");
		row_str(ss, "name", fn_info[fn].name);
		row_str(ss, "decision", info->name);
		row_str(ss, "yes", info->yes);
		row_str(ss, "no", info->no);
		row_end(ss, "%s", buf_str(&b));
	}
	buf_release(&b);
}

static u32 explain_function(struct session *ss, const char *name)
{
	u16 fn = fn_find(name);
	struct buf where = BUF_INIT;

	if (!fn)
		return 0;
	add_whereabouts(&where, fn);
	tell(ss, "kernel function", fn_info[fn].name, buf_str(&where), fn_info[fn].text, GLOSSARY_FUNCTIONS);
	buf_release(&where);
	tell_callers(ss, fn);
	tell_decisions(ss, fn);
	return 1;
}

static u32 explain_named(struct session *ss, const char *name)
{
	static const char *const what[] = { [NAME_STATE] = "state", [NAME_ERRNO] = "errno", [NAME_FLAG] = "flag" };
	static const enum glossary part[] = { [NAME_STATE] = GLOSSARY_STATES, [NAME_ERRNO] = GLOSSARY_ERRNOS,
					      [NAME_FLAG] = GLOSSARY_FLAGS };
	const struct name_info *n = name_find(name);

	if (!n)
		return 0;
	tell(ss, what[n->class], n->name, n->title, n->text, part[n->class]);
	return 1;
}

/* "retransmit" of "timer.retransmit", "receive_queue" of "receive_queue.len" and of "sk_receive_queue" */
static u32 explain_word(struct session *ss, const char *name)
{
	const struct word_info *w;
	size_t n;

	if (strncmp(name, "timer.", 6) == 0)
		name += 6;
	n = strlen(name);
	if (n > 4 && strcmp(name + n - 4, ".len") == 0)
		n -= 4;
	else if (n > 5 && strcmp(name + n - 5, ".qlen") == 0)
		n -= 5;
	for (size_t i = 0; (w = word_at(i)); i++) {
		if (!(strlen(w->name) == n && strncmp(w->name, name, n) == 0) &&
		    !(strncmp(name, "sk_", 3) == 0 && strlen(w->name) == n - 3 && strncmp(w->name, name + 3, n - 3) == 0))
			continue;
		tell(ss, w->kind, w->name, NULL, w->text, GLOSSARY_WORDS);
		return 1;
	}
	return 0;
}

static u32 explain_signal(struct session *ss, const char *name)
{
	const struct signal_info *sig;
	char number[16];

	for (size_t i = 0; (sig = signal_at(i)); i++) {
		if (strcmp(sig->name, name) != 0)
			continue;
		snprintf(number, sizeof(number), "number %d", sig->number);
		tell(ss, "signal", sig->name, number, sig->text, GLOSSARY_ERRNOS);
		return 1;
	}
	return 0;
}

/* Whether an object further on has a field of the very same name: one paragraph is about all of these. */
static bool is_told_later(int object, const struct field *f, const char *name)
{
	while (++object < NR_OBJ) {
		const struct field *other = field_find((enum field_object)object, name);

		if (other && strcmp(other->name, f->name) == 0)
			return true;
	}
	return false;
}

static u32 explain_field(struct session *ss, const char *name)
{
	static const char *const object[NR_OBJ] = {
		[OBJ_SOCK] = "struct sock, tcp_sock or inet_connection_sock", [OBJ_TW] = "struct tcp_timewait_sock",
		[OBJ_REQ] = "struct tcp_request_sock", [OBJ_FILE] = "struct file", [OBJ_SOCKET] = "struct socket",
		[OBJ_PROC] = "struct task_struct", [OBJ_SKB] = "struct sk_buff", [OBJ_HOST] = "the host",
	};
	u32 found = 0;

	for (int o = 0; o < NR_OBJ; o++) {
		const struct field *f = field_find((enum field_object)o, name);

		if (!f)
			continue;
		tell(ss, "field", f->name, object[o], f->text, is_told_later(o, f, name) ? NR_GLOSSARY : GLOSSARY_FIELDS);
		found++;
	}
	return found;
}

/* "; 2.4: 5; not in 3.10" */
static void add_other_defaults(struct buf *b, u32 id)
{
	for (int k = 0; k < NR_PROFILES; k++) {
		enum profile_id kernel = (enum profile_id)k;

		if (!profile_has_sysctl(kernel, id))
			buf_printf(b, "; not in %s", profile_of(kernel)->name);
		else if (id != SYSCTL_tcp_congestion_control && profile_sysctl_default(kernel, id) != sysctl_info[id].def)
			buf_printf(b, "; %s: %d", profile_of(kernel)->name, profile_sysctl_default(kernel, id));
	}
}

/* One that has three values is told thrice, and the paragraph about them once, behind the last. */
static u32 explain_sysctl(struct session *ss, const char *name)
{
	const int first = sysctl_find(name);
	u32 found = 0;

	for (int id = first; id >= 0 && id < SYSCTL_MAX && strcmp(sysctl_info[id].name, sysctl_info[first].name) == 0; id++) {
		const struct sysctl_info *info = &sysctl_info[id];
		struct buf range = BUF_INIT;

		if (info->index)
			buf_printf(&range, "value %d, ", info->index);
		if (id == SYSCTL_tcp_congestion_control)
			buf_puts(&range, "default cubic");
		else
			buf_printf(&range, "default %d, from %d to %d", info->def, info->min, info->max);
		add_other_defaults(&range, (u32)id);
		tell(ss, "sysctl", info->name, buf_str(&range), info->text,
		     info->index == 0 || info->index == 3 ? GLOSSARY_SYSCTLS : NR_GLOSSARY);
		buf_release(&range);
		found++;
	}
	return found;
}

static u32 explain_rest(struct session *ss, const char *name)
{
	int opt = sockopt_find(name);
	int mib = mib_find(name);
	u16 dec = decision_find(name);
	int scenario = scenario_find(name);
	u32 found = 0;

	if (opt >= 0) {
		tell(ss, "socket option", sockopt_info[opt].name, sockopt_info[opt].kernel, sockopt_info[opt].text,
		     GLOSSARY_OPTIONS);
		found++;
	}
	if (mib >= 0) {
		struct buf where = BUF_INIT;

		buf_puts(&where, mib_info[mib].prefix);
		for (u8 k = 0; k < NR_PROFILES; k++)
			if (!mib_exists((enum mib_id)mib, k))
				buf_printf(&where, "; not in %s", profile_of((enum profile_id)k)->name);
		tell(ss, "counter", mib_info[mib].name, buf_str(&where), mib_info[mib].text, GLOSSARY_COUNTERS);
		buf_release(&where);
		found++;
	}
	if (dec) {
		tell(ss, "decision", decision_info[dec].name, fn_info[decision_info[dec].fn].name,
		     decision_info[dec].yes, NR_GLOSSARY);
		found++;
	}
	if (scenario >= 0) {
		tell(ss, "scenario", scenario_info[scenario].name, NULL, scenario_info[scenario].text,
		     NR_GLOSSARY);
		found++;
	}
	return found;
}

/* What texts that people find say of it, and what is so. */
static u32 explain_write_ups(struct session *ss, const char *name)
{
	struct buf text = BUF_INIT;
	const bool found = glossary_find(GLOSSARY_WRITE_UPS, folder_of(ss), name, &text);

	if (found && ss->json) {
		tell(ss, "older write-ups", name, NULL, buf_str(&text), NR_GLOSSARY);
	} else if (found) {
		say(ss, "%s in older write-ups:", name);
		say_broken(ss, "  ", buf_str(&text));
	}
	buf_release(&text);
	return found;
}

static u32 explain_command(struct session *ss, const char *name)
{
	for (const struct cmd_table *const *t = ss->tables; *t; t++)
		for (size_t i = 0; i < (*t)->n; i++) {
			const struct cmd *c = &(*t)->cmd[i];

			if (strcmp(c->verb, name) != 0 && (!c->same || strcmp(c->same, name) != 0))
				continue;
			tell(ss, "command", c->verb, c->syntax, c->help, GLOSSARY_COMMANDS);
			return 1;
		}
	return 0;
}

static enum status no_such_name(const struct session *ss, const char *name, struct err *err)
{
	struct nearest n;
	struct buf hint = BUF_INIT;
	const struct field *f;

	nearest_init(&n, name);
	for (const struct cmd_table *const *t = ss->tables; *t; t++)
		for (size_t i = 0; i < (*t)->n; i++)
			nearest_try(&n, (*t)->cmd[i].verb);
	for (u16 i = 1; i < NR_FN; i++)
		nearest_try(&n, fn_info[i].name);
	for (size_t i = 0; name_at(i); i++)
		nearest_try(&n, name_at(i)->name);
	for (size_t i = 0; (f = field_at(i)); i++)
		nearest_try(&n, f->name);
	for (size_t i = 0; word_at(i); i++)
		nearest_try(&n, word_at(i)->name);
	for (size_t i = 0; signal_at(i); i++)
		nearest_try(&n, signal_at(i)->name);
	for (int i = 0; i < SYSCTL_MAX; i++)
		nearest_try(&n, sysctl_info[i].name);
	for (int i = 0; i < NR_OPT; i++) {
		nearest_try(&n, sockopt_info[i].name);
		nearest_try(&n, sockopt_info[i].kernel);
	}
	for (int i = 0; i < MIB_MAX; i++)
		nearest_try(&n, mib_info[i].name);
	err_set(err, ST_WRONG, "nothing here is called `%s`%s", name, nearest_hint(&n, &hint));
	buf_release(&hint);
	return ST_WRONG;
}

/* What an expression says of an endpoint, without it; of a flag its name alone. */
static const char *bare_name(const char *name)
{
	static const char *const before[] = { "flags.", "sk_flags." };
	struct endpoint ep;
	size_t n = endpoint_scan(name, &ep);

	if (n && name[n] == '.')
		name += n + 1;
	for (size_t i = 0; i < ARRAY_LEN(before); i++)
		if (strncmp(name, before[i], strlen(before[i])) == 0)
			return name + strlen(before[i]);
	return name;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_but_for_case(const char *a, const char *b)
{
	while (*a && lower(*a) == lower(*b))
		a++, b++;
	return !*a && !*b;
}

/* What the kernel's sources call a counter: LINUX_MIB_TCPABORTONCLOSE, TCP_MIB_OUTRSTS. NULL: none that is known here. */
static const char *counter_of_source(const char *name)
{
	static const char *const before[] = { "LINUX_MIB_", "TCP_MIB_", "UDP_MIB_", "ICMP_MIB_" };
	/* the few that are called otherwise where they can be read */
	static const char *const other[][2] = {
		{ "TIMEWAITED", "TW" },
		{ "TIMEWAITKILLED", "TWKilled" },
		{ "TIMEWAITRECYCLED", "TWRecycled" },
		{ "PAWSESTABREJECTED", "PAWSEstab" },
		{ "PAWSACTIVEREJECTED", "PAWSActive" },
	};
	const char *bare = NULL;

	for (size_t i = 0; i < ARRAY_LEN(before) && !bare; i++)
		if (strncmp(name, before[i], strlen(before[i])) == 0)
			bare = name + strlen(before[i]);
	for (size_t i = 0; bare && i < ARRAY_LEN(other); i++)
		if (strcmp(bare, other[i][0]) == 0)
			return other[i][1];
	for (int i = 0; bare && i < MIB_MAX; i++)
		if (same_but_for_case(bare, mib_info[i].name))
			return mib_info[i].name;
	return NULL;
}

/* A state as RFCs, ss and the sources' masks spell it: FIN-WAIT-1, ESTAB, TCPF_CLOSE. NULL: it is none. */
static const char *state_of_text(const char *name)
{
	static const char *const other[][2] = {
		{ "FIN_WAIT_1", "FIN_WAIT1" }, { "FIN_WAIT_2", "FIN_WAIT2" },	{ "CLOSED", "CLOSE" },
		{ "UNCONN", "CLOSE" },	       { "ESTAB", "ESTABLISHED" },	{ "SYN_RECEIVED", "SYN_RECV" },
		{ "SYN_RCVD", "SYN_RECV" },
	};
	const struct name_info *state;
	char bare[16];
	size_t n;

	if (strncmp(name, "TCPF_", 5) == 0)
		name += 5;
	for (n = 0; name[n] && n + 1 < sizeof(bare); n++)
		bare[n] = name[n] == '-' ? '_' : name[n];
	bare[n] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(other); i++)
		if (strcmp(bare, other[i][0]) == 0)
			return other[i][1];
	state = name[n] ? NULL : name_find(bare);
	return state && state->class == NAME_STATE ? state->name : NULL;
}

/* The spelling that is known here of a name that other texts spell otherwise; NULL: there is none. */
static const char *usual_spelling(const char *name)
{
	const char *usual = state_of_text(name);

	if (!usual && strncmp(name, "sysctl_", 7) == 0)
		usual = name + 7;
	return usual ? usual : counter_of_source(name);
}

static u32 explain_name(struct session *ss, const char *name)
{
	u32 found = explain_command(ss, name);

	found += explain_function(ss, name);
	found += explain_named(ss, bare_name(name));
	found += explain_signal(ss, name);
	found += explain_word(ss, bare_name(name));
	found += explain_field(ss, bare_name(name));
	found += explain_sysctl(ss, name);
	found += explain_rest(ss, name);
	return found + explain_write_ups(ss, name);
}

enum status explain(struct session *ss, const char *name, struct err *err)
{
	const char *usual;

	if (explain_name(ss, name))
		return ST_OK;
	usual = usual_spelling(name);
	return usual && explain_name(ss, usual) ? ST_OK : no_such_name(ss, name, err);
}
