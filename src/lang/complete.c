/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/complete.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "engine/fs.h"
#include "engine/mib.h"
#include "lang/names.h"

/* ---- candidates ---------------------------------------------------------------------------------------------- */

struct want {
	struct completion *out;
	const char *begun; /* what is typed of it */
	size_t len;
	struct session *ss;
	const char *function; /* "seen(A, ": the function whose argument is typed, NULL: none */
};

static void offer(const struct want *w, const char *name)
{
	struct completion *c = w->out;

	if (strncmp(name, w->begun, w->len) != 0)
		return;
	if (c->n == c->room) {
		c->room = c->room ? c->room * 2 : 32;
		c->word = xrealloc(c->word, c->room * sizeof(*c->word));
	}
	c->word[c->n++] = xstrdup(name);
}

static void offer_prefixed(const struct want *w, const char *prefix, const char *name)
{
	struct buf b = BUF_INIT;

	buf_printf(&b, "%s%s", prefix, name);
	offer(w, buf_str(&b));
	buf_release(&b);
}

static void offer_verbs(const struct want *w)
{
	for (const struct cmd_table *const *t = w->ss->tables; *t; t++)
		for (size_t i = 0; i < (*t)->n; i++) {
			offer(w, (*t)->cmd[i].verb);
			if ((*t)->cmd[i].same)
				offer(w, (*t)->cmd[i].same);
		}
}

static void offer_endpoints(const struct want *w)
{
	const struct world *world = session_world(w->ss);
	struct buf b = BUF_INIT;

	offer(w, "A");
	offer(w, "B");
	for (u16 i = 0; w->len && i < world->pool[POOL_PROC].high; i++) {
		const struct proc *p = &world->proc[i];

		for (s16 fd = 0; p->live && fd < NR_OPEN; fd++) {
			if (!p->fd[fd])
				continue;
			buf_clear(&b);
			buf_printf(&b, "%c:%d", host_letter(p->host), fd);
			offer(w, buf_str(&b));
		}
	}
	for (u8 h = 0; w->len && h < NR_HOSTS; h++)
		for (u16 num = 1; num < world->host[h].next_num; num++) {
			struct conn c = conn_by_num(world, h, num);

			if (!c.sk && !c.tw && !c.req)
				continue;
			buf_clear(&b);
			buf_printf(&b, "%c%%%u", host_letter(h), num);
			offer(w, buf_str(&b));
		}
	buf_release(&b);
}

static void offer_segments(const struct want *w)
{
	const struct world *world = session_world(w->ss);
	struct buf b = BUF_INIT;

	offer(w, "A>B");
	offer(w, "B>A");
	for (u16 i = 0; i < world->pool[POOL_FLIGHT].high; i++) {
		const struct flight *f = &world->flight[i];

		if (!f->live || f->where != FLIGHT_WIRE)
			continue;
		buf_clear(&b);
		buf_printf(&b, "#%u", f->number);
		offer(w, buf_str(&b));
	}
	buf_release(&b);
}

/* "A.receive_queue.len" and the like */
static void offer_parts(const struct want *w, const char *prefix, const char *name, const char *const *parts)
{
	struct buf b = BUF_INIT;

	buf_printf(&b, "%s%s.", prefix, name);
	for (size_t i = 0; parts[i]; i++)
		offer_prefixed(w, buf_str(&b), parts[i]);
	buf_release(&b);
}

/* The bits of sk_flags, each by its name. */
static void offer_flags(const struct want *w, const char *prefix)
{
	for (size_t i = 0; name_at(i); i++) {
		const char *const flag[] = { name_at(i)->name, NULL };

		if (name_at(i)->class != NAME_FLAG || strncmp(*flag, "SOCK_", 5) != 0)
			continue;
		offer_parts(w, prefix, "flags", flag);
		offer_parts(w, prefix, "sk_flags", flag);
	}
}

static void offer_fields(const struct want *w, const char *prefix)
{
	static const char *const queue_parts[] = { "len", "qlen", NULL };
	const struct field *f;

	offer_prefixed(w, prefix, "state");
	for (size_t i = 0; (f = field_at(i)); i++)
		if (f->object <= OBJ_SOCKET)
			offer_prefixed(w, prefix, f->name);
	for (size_t i = 0; expr_queue_name(i); i++) {
		offer_parts(w, prefix, expr_queue_name(i), queue_parts);
		offer_parts(w, prefix, expr_full_queue_name(i), queue_parts);
	}
	offer_flags(w, prefix);
	for (int k = TMR_RETRANSMIT; k <= TMR_RSK; k++) {
		struct buf b = BUF_INIT;

		buf_printf(&b, "%stimer.", prefix);
		offer_prefixed(w, buf_str(&b), timer_name(k));
		buf_release(&b);
	}
	offer_prefixed(w, prefix, "app.read");
	offer_prefixed(w, prefix, "app.written");
}

/* Between the brackets of a function: a host, and what it counts or looks for. */
static void offer_arguments(const struct want *w)
{
	offer(w, "A");
	offer(w, "B");
	if (strcmp(w->function, "called") == 0)
		for (u16 i = 1; i < NR_FN; i++)
			offer(w, fn_info[i].name);
	else if (strcmp(w->function, "mib") == 0)
		for (int i = 0; i < MIB_MAX; i++)
			offer(w, mib_info[i].name);
	else if (strcmp(w->function, "seen") == 0)
		for (size_t i = 0; name_at(i) && name_at(i)->class == NAME_STATE; i++)
			offer(w, name_at(i)->name);
}

/* The function whose brackets are open at line[end]; NULL: none. */
static const char *open_function(const char *line, size_t start, size_t end)
{
	u32 closed = 0;

	while (end-- > start) {
		if (line[end] == ')')
			closed++;
		else if (line[end] == '(' && closed)
			closed--;
		else if (line[end] == '(')
			break;
	}
	for (size_t i = 0; end != SIZE_MAX && end > start && expr_function(i); i++) {
		const size_t n = strlen(expr_function(i));

		if (end - start > n && strncmp(line + end - n, expr_function(i), n) == 0 &&
		    strchr(" \t(!&|=<>+-", line[end - n - 1]))
			return expr_function(i);
	}
	return NULL;
}

static void offer_expr(const struct want *w)
{
	struct endpoint ep;
	size_t n = endpoint_scan(w->begun, &ep);
	struct buf prefix = BUF_INIT;

	if (n && w->begun[n] == '.' && n < w->len) {
		buf_add(&prefix, w->begun, n + 1);
		offer_fields(w, buf_str(&prefix));
		buf_release(&prefix);
		return;
	}
	offer(w, "A.");
	offer(w, "B.");
	offer(w, "time");
	offer(w, "none");
	offer(w, "wire.count");
	offer(w, "wire.A>B.count");
	offer(w, "wire.B>A.count");
	for (size_t i = 0; expr_wire_field(i); i++) {
		offer_prefixed(w, "wire.last.", expr_wire_field(i));
		offer_prefixed(w, "wire.A>B.last.", expr_wire_field(i));
		offer_prefixed(w, "wire.B>A.last.", expr_wire_field(i));
	}
	for (size_t i = 0; expr_function(i); i++) {
		buf_clear(&prefix);
		buf_printf(&prefix, "%s(", expr_function(i));
		offer(w, buf_str(&prefix));
	}
	buf_release(&prefix);
	for (size_t i = 0; w->len && name_at(i); i++)
		offer(w, name_at(i)->name);
}

/* A name that would have to be quoted is none that can be gone on with. */
static void offer_file(void *ctx, const char *path)
{
	u32 code;

	if (!strpbrk(path, " \t\n;\"#") && !unseen_character(path, &code))
		offer(ctx, path);
}

static void offer_name(void *ctx, const char *name)
{
	offer(ctx, name);
}

static void offer_timers(const struct want *w)
{
	for (u8 h = 0; h < NR_HOSTS; h++) {
		char prefix[3] = { host_letter(h), '.', '\0' };

		for (int k = TMR_RETRANSMIT; k <= TMR_RSK; k++)
			offer_prefixed(w, prefix, timer_name(k));
	}
}

static void offer_names(const struct want *w)
{
	const struct field *f;

	offer_verbs(w);
	for (u16 i = 1; i < NR_FN; i++)
		offer(w, fn_info[i].name);
	for (size_t i = 0; name_at(i); i++)
		offer(w, name_at(i)->name);
	for (size_t i = 0; word_at(i); i++)
		offer(w, word_at(i)->name);
	for (size_t i = 0; signal_at(i); i++)
		offer(w, signal_at(i)->name);
	for (size_t i = 0; (f = field_at(i)); i++)
		offer(w, f->name);
	for (int i = 0; i < SYSCTL_MAX; i++)
		offer(w, sysctl_info[i].name);
	for (int i = 0; i < NR_OPT; i++) {
		offer(w, sockopt_info[i].name);
		offer(w, sockopt_info[i].kernel);
	}
	for (int i = 0; i < MIB_MAX; i++)
		offer(w, mib_info[i].name);
}

static void offer_options(const struct want *w, bool assign)
{
	struct buf b = BUF_INIT;

	for (int i = 0; i < NR_OPT; i++) {
		buf_clear(&b);
		buf_printf(&b, "%s%s", sockopt_info[i].name, assign ? "=" : "");
		offer(w, buf_str(&b));
	}
	buf_release(&b);
}

static void offer_numbers(const struct want *w, bool pids)
{
	const struct world *world = session_world(w->ss);
	struct buf b = BUF_INIT;
	u32 moment;

	for (u16 i = 0; pids && i < world->pool[POOL_PROC].high; i++) {
		if (!world->proc[i].live)
			continue;
		buf_clear(&b);
		buf_printf(&b, "%u", world->proc[i].pid);
		offer(w, buf_str(&b));
	}
	for (size_t i = 0; !pids && i < tape_mark_count(w->ss->tape); i++)
		offer(w, tape_mark_name(w->ss->tape, i, &moment));
	buf_release(&b);
}

/* One word of a row's `takes`. */
static void offer_kind(struct want *w, const char *kind)
{
	if (w->function) {
		if (strcmp(kind, "<expr>") == 0)
			offer_arguments(w);
		return;
	}
	if (strcmp(kind, "<endpoint>") == 0)
		offer_endpoints(w);
	else if (strcmp(kind, "<host>") == 0) {
		offer(w, "A");
		offer(w, "B");
	} else if (strcmp(kind, "<wire>") == 0)
		offer_segments(w);
	else if (strcmp(kind, "<expr>") == 0)
		offer_expr(w);
	else if (strcmp(kind, "<file>") == 0)
		file_names(w->begun, offer_file, w);
	else if (strcmp(kind, "<timer>") == 0)
		offer_timers(w);
	else if (strcmp(kind, "<name>") == 0)
		offer_names(w);
	else if (strcmp(kind, "<verb>") == 0)
		offer_verbs(w);
	else if (strcmp(kind, "<option>") == 0 || strcmp(kind, "<option=>") == 0)
		offer_options(w, kind[7] == '=');
	else if (strcmp(kind, "<pid>") == 0 || strcmp(kind, "<mark>") == 0)
		offer_numbers(w, kind[1] == 'p');
	else if (strcmp(kind, "<sysctl>") == 0)
		for (int i = 0; i < SYSCTL_MAX; i++)
			offer(w, sysctl_info[i].name);
	else if (strcmp(kind, "<scenario>") == 0)
		for (int i = 0; i < NR_SCENARIOS; i++)
			offer(w, scenario_info[i].name);
	else if (kind[0] != '<')
		offer(w, kind);
	else if (w->ss->teacher)
		w->ss->teacher->names(w->ss->teacher, kind, offer_name, w);
}

/* ---- where the cursor stands --------------------------------------------------------------------------------- */

/* Start of the command under way, and of the word; false inside quotes. */
static bool find_place(const char *line, size_t cursor, size_t *command, size_t *word)
{
	bool quoted = false;

	*command = 0;
	*word = 0;
	for (size_t i = 0; i < cursor; i++) {
		if (line[i] == '"' && (i == 0 || line[i - 1] != '\\'))
			quoted = !quoted;
		if (quoted)
			continue;
		if (line[i] == ';')
			*command = *word = i + 1;
		else if (line[i] == ' ' || line[i] == '\t')
			*word = i + 1;
	}
	while (*command < cursor && (line[*command] == ' ' || line[*command] == '\t'))
		(*command)++;
	return !quoted;
}

static const struct cmd *verb_at(const struct session *ss, const char *line, size_t at, size_t end)
{
	struct buf verb = BUF_INIT;
	const struct cmd *c;

	while (at < end && line[at] != ' ' && line[at] != '\t' && line[at] != '!' && line[at] != ';')
		buf_putc(&verb, line[at++]);
	c = verb.len ? session_find_cmd(ss, buf_str(&verb), false, NULL) : NULL;
	buf_release(&verb);
	return c;
}

const struct cmd *completion_verb(const struct session *ss, const char *line, size_t cursor)
{
	size_t command, word;

	find_place(line, cursor, &command, &word);
	return verb_at(ss, line, command, cursor);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_once(struct completion *c)
{
	size_t kept = 0;

	if (c->n)
		qsort(c->word, c->n, sizeof(*c->word), by_name);
	for (size_t i = 0; i < c->n; i++) {
		if (kept && strcmp(c->word[kept - 1], c->word[i]) == 0)
			free(c->word[i]);
		else
			c->word[kept++] = c->word[i];
	}
	c->n = kept;
}

void complete(struct session *ss, const char *line, size_t cursor, struct completion *out)
{
	size_t command, word;
	const struct cmd *c;
	struct buf begun = BUF_INIT;
	struct want w = { .out = out, .ss = ss };
	bool plain = find_place(line, cursor, &command, &word);

	*out = (struct completion){ .start = cursor };
	if (!plain)
		return;
	c = word > command ? verb_at(ss, line, command, cursor) : NULL;
	/* within an expression a name may begin behind an operator */
	if (c && (c->flags & CMD_EXPR))
		for (size_t i = word; i < cursor; i++)
			if (strchr("(!&|=<+,", line[i]) ||
			    (line[i] == '>' && i > word && line[i - 1] != 'A' && line[i - 1] != 'B'))
				word = i + 1;
	if (c && (c->flags & CMD_EXPR))
		w.function = open_function(line, command, word);
	out->start = word;
	buf_add(&begun, line + word, cursor - word);
	w.begun = buf_str(&begun);
	w.len = begun.len;
	if (word <= command) {
		offer_verbs(&w);
	} else if (c) {
		struct buf kind = BUF_INIT;

		for (const char *p = c->takes; *p;) {
			size_t n = strcspn(p, " ");

			buf_clear(&kind);
			buf_add(&kind, p, n);
			offer_kind(&w, buf_str(&kind));
			p += n + (p[n] == ' ');
		}
		buf_release(&kind);
	}
	buf_release(&begun);
	sort_once(out);
}

void completion_release(struct completion *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->word[i]);
	free(c->word);
	*c = (struct completion){ .n = 0 };
}

size_t completion_common(const struct completion *c)
{
	size_t n = c->n ? strlen(c->word[0]) : 0;

	for (size_t i = 1; i < c->n; i++) {
		size_t same = 0;

		while (same < n && c->word[i][same] == c->word[0][same])
			same++;
		n = same;
	}
	return n;
}
