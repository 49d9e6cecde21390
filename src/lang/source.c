/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list: what a kernel function does here, in the engine's own words, with what it did in the last step. */
#include "lang/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "lang/names.h"
#include "lang/rows.h"

/* ---- finding ------------------------------------------------------------------------------------------------- */

/* True when the line names the function as a word, with a parenthesis behind it. */
static bool names(const char *line, const char *function)
{
	const size_t n = strlen(function);

	for (const char *p = strstr(line, function); p; p = strstr(p + 1, function))
		if ((p == line || !is_word_char(p[-1])) && p[n] == '(')
			return true;
	return false;
}

/* From a line that begins at the margin and names it to the brace at the margin; a declaration ends before one begins. */
static u32 body_end(const struct source_file *f, u32 first)
{
	for (u32 i = first; i < f->lines; i++) {
		const char *line = f->line[i];
		const size_t n = strlen(line);

		if (line[0] == '{')
			break;
		if (n && line[n - 1] == ';')
			return 0;
	}
	for (u32 i = first; i < f->lines; i++)
		if (f->line[i][0] == '}')
			return i + 1;
	return 0;
}

bool source_find(const char *function, const struct source_file **file, u32 *first, u32 *last)
{
	for (size_t k = 0; k < source_files_n; k++)
		for (u32 i = 0; i < source_files[k].lines; i++) {
			const char *line = source_files[k].line[i];

			if (!is_word_char(line[0]) || !names(line, function) || !body_end(&source_files[k], i))
				continue;
			*file = &source_files[k];
			*first = i + 1;
			*last = body_end(&source_files[k], i);
			return true;
		}
	return false;
}

/* ---- what ran ------------------------------------------------------------------------------------------------ */

/* The last step again, watched for one file, or for the function in which a state changed last. */
struct watch {
	const struct source_file *file; /* NULL: none yet */
	u8 *ran;	/* a flag for every line of the file */
	u32 first, last; /* the function's lines, */
	u32 at;		/* and the one that is known to have run last */
	u16 listed;	/* enum fn_id of the function */
	u16 fn[64];	/* the open functions, by depth */
	u16 changed_in; /* enum fn_id; 0: none */
};

/* From there to the last line of the function that is listed; 0: none names it. */
static u32 line_naming(const struct watch *w, u32 from, const char *name)
{
	for (u32 line = from; line <= w->last; line++)
		if (names(w->file->line[line - 1], name))
			return line;
	return 0;
}

static void mark(struct watch *w, u32 line)
{
	if (!line)
		return;
	w->ran[line - 1] = 1;
	w->at = line;
}

/* The name of the function that the line is in. False: it is in none. */
static bool function_around(const struct watch *w, u32 line, char name[64])
{
	const char *head, *end, *begin;

	while (line > 1 && !is_word_char(w->file->line[line - 1][0]))
		line--;
	head = w->file->line[line - 1];
	end = begin = strchr(head, '(');
	while (begin && begin > head && is_word_char(begin[-1]))
		begin--;
	if (!begin || begin == end || end - begin >= 64)
		return false;
	memcpy(name, begin, (size_t)(end - begin));
	name[end - begin] = '\0';
	return true;
}

/* The next line that names it, or a helper without a frame which names it, or a helper of that; 0: there is none. */
static u32 next_call(const struct watch *w, const char *name, u32 helpers)
{
	u32 line = line_naming(w, w->at + 1, name);
	char helper[64];

	for (u32 i = 1; i <= w->file->lines && !line && helpers; i++)
		if ((i < w->first || i > w->last) && names(w->file->line[i - 1], name) && function_around(w, i, helper) &&
		    strcmp(helper, name) != 0 && !fn_find(helper))
			line = next_call(w, helper, helpers - 1);
	return line;
}

/* A call says nothing of itself: it stands in the next line that names what was entered, or in the first (of a loop). */
static void mark_call(struct watch *w, const char *name)
{
	u32 line = next_call(w, name, 2);

	mark(w, line ? line : line_naming(w, w->first, name));
}

/* The line is in a helper that has no frame of its own: it was called from the function that is listed. */
static void mark_helper(struct watch *w, u32 line)
{
	char name[64];

	if (function_around(w, line, name))
		mark_call(w, name);
}

static void see(void *ctx, const struct sim *s, const struct trec *r)
{
	struct watch *w = ctx;

	if (r->type == TREC_ENTER)
		w->fn[r->depth % ARRAY_LEN(w->fn)] = r->id;
	if (r->type == TREC_STATE || (r->type == TREC_DECISION && !w->changed_in))
		w->changed_in = w->fn[(r->type == TREC_STATE && r->depth ? r->depth - 1u : r->depth) % ARRAY_LEN(w->fn)];
	if (!w->file || r->type == TREC_LEAVE)
		return;
	if (r->type == TREC_ENTER && r->id != w->listed && r->depth > 1 && w->fn[(r->depth - 1u) % ARRAY_LEN(w->fn)] == w->listed)
		mark_call(w, fn_info[r->id].name);
	if (!s->file || s->line < 1 || s->line > w->file->lines || !ends_in(s->file, strlen(s->file), w->file->name))
		return;
	w->ran[s->line - 1] = 1;
	if (s->line >= w->first && s->line <= w->last)
		w->at = s->line;
	else if (r->type != TREC_ENTER && w->fn[r->depth % ARRAY_LEN(w->fn)] == w->listed)
		mark_helper(w, s->line);
}

static enum status watch_step(struct session *ss, struct watch *w, struct err *err)
{
	const struct observer obs = { see, w };
	const struct tape *t = ss->tape;
	const u32 now = tape_now(t), start = tape_scenario_start(t, now), point = tape_point_now(t);
	u32 from = tape_point(t, point)->moment;

	/* at a point, its own command; between two, what has been gone through of the next */
	if (from == now && !ss->begun && tape_point(t, point)->parent != UINT32_MAX)
		from = tape_point(t, tape_point(t, point)->parent)->moment;
	return session_replay(ss, from < start ? start : from, &obs, err);
}

/* ---- list ---------------------------------------------------------------------------------------------------- */

static void print_lines(struct session *ss, const struct source_file *f, u32 first, u32 last, const u8 *ran)
{
	say(ss, "%s:%u", f->name, first);
	for (u32 i = first; i <= last; i++) {
		row_begin(ss, "source");
		row_str(ss, "file", f->name);
		row_num(ss, "line", i);
		row_bool(ss, "ran", ran[i - 1] != 0);
		row_str(ss, "text", f->line[i - 1]);
		row_end(ss, "%c%5u  %s", ran[i - 1] ? '>' : ' ', i, f->line[i - 1]);
	}
}

/* Why there is nothing to list. */
static enum status no_body(const char *name, struct err *err)
{
	const u16 fn = fn_find(name);

	if (!fn)
		return no_such_function(name, err);
	return err_set(err, ST_WRONG, "%s has no body here: it is only shown that it is called (`explain %s`)", name, name);
}

/* The function to show where none is named: the one that changed a state in the last step, or decided first; or NULL. */
static const char *choose(struct session *ss, struct err *err)
{
	struct watch w = { .file = NULL };

	if (watch_step(ss, &w, err) != ST_OK)
		return NULL;
	if (!w.changed_in) {
		err_set(err, ST_WRONG, "which function? list tcp_close, for example");
		return NULL;
	}
	return fn_info[w.changed_in].name;
}

enum status cmd_list(struct session *ss, struct args *a, struct err *err)
{
	const char *name = args_peek(a);
	struct watch w = { .file = NULL };
	u32 first = 0, last = 0;
	enum status st;

	if (!name)
		name = choose(ss, err);
	if (!name)
		return ST_WRONG;
	if (!source_find(name, &w.file, &first, &last) || !fn_find(name))
		return no_body(name, err);
	args_take(a);
	if (args_end(a, err) != ST_OK)
		return ST_WRONG;
	w.ran = xcalloc(w.file->lines, 1);
	w.first = w.at = first;
	w.last = last;
	w.listed = fn_find(name);
	st = watch_step(ss, &w, err);
	if (st == ST_OK)
		print_lines(ss, w.file, first, last, w.ran);
	free(w.ran);
	return st;
}
