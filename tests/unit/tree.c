/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"

#define MAX_DEPTH 200

void tree_release(struct tree *t)
{
	free(t->line);
	memset(t, 0, sizeof(*t));
}

void tree_clear(struct tree *t)
{
	t->n = 0;
}

void tree_add(struct tree *t, u16 depth, const char *name, bool resumed)
{
	struct tree_line *l;

	if (t->n == t->capacity) {
		t->capacity = t->capacity ? 2 * t->capacity : 64;
		t->line = xrealloc(t->line, t->capacity * sizeof(*t->line));
	}
	l = &t->line[t->n++];
	memset(l, 0, sizeof(*l));
	l->depth = depth;
	l->resumed = resumed;
	snprintf(l->name, sizeof(l->name), "%s", name);
}

void tree_read(struct tree *t, const char *path)
{
	struct buf text = BUF_INIT;
	struct err err = { .message = "" };

	if (file_read(path, FILE_LIMIT, &text, &err) != ST_OK)
		fail_msg("%s: %s", path, err.message);
	for (char *save = NULL, *line = strtok_r(text.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		size_t indent = strspn(line, " ");

		if (line[indent] != '#' && line[indent])
			tree_add(t, (u16)(indent / 2), line + indent, false);
	}
	buf_release(&text);
}

static void see(void *ctx, const struct sim *s, const struct trec *r)
{
	(void)s;
	if (r->type == TREC_ENTER)
		tree_add(ctx, (u16)(r->depth - 1), fn_info[r->id].name, r->flags & TREC_RESUMED);
}

struct observer tree_observer(struct tree *t)
{
	return (struct observer){ .see = see, .ctx = t };
}

void tree_keep_root(struct tree *t, const char *root)
{
	size_t kept = 0;
	int base = -1; /* depth of the call we are in */

	for (size_t i = 0; i < t->n; i++) {
		struct tree_line l = t->line[i];

		if (base >= 0 && l.depth <= base)
			base = -1;
		if (base < 0 && strcmp(l.name, root) == 0)
			base = l.depth;
		if (base < 0 || l.resumed)
			continue;
		l.depth = (u16)(l.depth - base);
		t->line[kept++] = l;
	}
	t->n = kept;
}

void tree_drop(struct tree *t, bool (*gone)(const char *name, const void *arg), const void *arg)
{
	u16 open_depth[MAX_DEPTH], up[MAX_DEPTH]; /* the open callers, and how many of them, and above them, are gone */
	size_t open = 0, kept = 0;

	for (size_t i = 0; i < t->n; i++) {
		struct tree_line l = t->line[i];
		bool drop = gone(l.name, arg);
		u16 gone_above;

		while (open && open_depth[open - 1] >= l.depth)
			open--;
		gone_above = open ? up[open - 1] : 0;
		assert_true(open < MAX_DEPTH);
		open_depth[open] = l.depth;
		up[open++] = (u16)(gone_above + drop);
		if (drop)
			continue;
		l.depth = (u16)(l.depth - gone_above);
		t->line[kept++] = l;
	}
	t->n = kept;
}

static bool same_line(const struct tree *a, const struct tree *b, size_t i)
{
	return i < a->n && i < b->n && a->line[i].depth == b->line[i].depth &&
	       strcmp(a->line[i].name, b->line[i].name) == 0;
}

bool tree_equal(const struct tree *a, const struct tree *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!same_line(a, b, i))
			return false;
	return true;
}

static void cell(char out[64], const struct tree *t, size_t i)
{
	if (i < t->n)
		snprintf(out, 64, "%*s%s", 2 * t->line[i].depth, "", t->line[i].name);
	else
		out[0] = 0;
}

void tree_explain(const struct tree *kernel, const struct tree *engine)
{
	size_t first = 0;
	size_t n = kernel->n > engine->n ? kernel->n : engine->n;

	while (same_line(kernel, engine, first))
		first++;
	for (size_t i = first > 6 ? first - 6 : 0; i < n && i < first + 16; i++) {
		char left[64], right[64];

		cell(left, kernel, i);
		cell(right, engine, i);
		print_message("%s %-64s%s\n", same_line(kernel, engine, i) ? " " : "|", left, right);
	}
}
