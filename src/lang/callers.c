/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/callers.h"

#include <string.h>

#include "base/text.h"
#include "lang/source.h"

#define NAME_SIZE 64
#define HELPERS 64 /* functions of the engine alone on the way up: more than any kernel function has */

/* Functions that are the engine's own: their callers count in their place. */
struct helpers {
	char name[HELPERS][NAME_SIZE];
	size_t n;
};

/* A place in the source: the C function, and the frames that the trace has open there, by how far in they stand. */
struct place {
	char function[NAME_SIZE];
	u16 frame[16]; /* by indentation; 0: none is opened there */
};

static size_t indentation(const char *line)
{
	return strspn(line, "\t");
}

static bool is_comment(const char *line)
{
	line += indentation(line);
	return strncmp(line, " *", 2) == 0 || strncmp(line, "/*", 2) == 0;
}

/* The word that ends before `p`, within `line`. */
static size_t word_before(const char *line, const char *p, char out[NAME_SIZE])
{
	const char *end = p;
	size_t n;

	while (p > line && is_word_char(p[-1]))
		p--;
	n = (size_t)(end - p);
	if (n >= NAME_SIZE)
		n = 0;
	memcpy(out, p, n);
	out[n] = '\0';
	return n;
}

/* A line at the margin that begins a function names it before the first parenthesis; a brace there ends it. */
static void enter(struct place *at, const char *line)
{
	const char *paren = strchr(line, '(');

	memset(at->frame, 0, sizeof(at->frame));
	if (line[0] == '}')
		at->function[0] = '\0';
	else if (is_word_char(line[0]) && paren)
		word_before(line, paren, at->function);
}

/* FN(name, ...), FN_SK(name, ...) and LEAF(name, ...) stand for a call of `name`. 0: the line has none of them. */
static u16 marked(const char *line, bool *leaf)
{
	static const char *const marks[] = { "FN(", "FN_SK(", "LEAF(" };

	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		const char *p = strstr(line, marks[i]);
		char name[NAME_SIZE];

		if (!p || (p > line && is_word_char(p[-1])))
			continue;
		p += strlen(marks[i]);
		word_before(p, p + strcspn(p, ",)"), name);
		*leaf = i == 2;
		return fn_find(name);
	}
	return 0;
}

/* The frame that is open at a line that stands `in` tabs in; 0: none, the function itself has to say who it is. */
static u16 open_frame(const struct place *at, size_t in)
{
	for (size_t i = in < ARRAY_LEN(at->frame) ? in + 1 : ARRAY_LEN(at->frame); i-- > 0;)
		if (at->frame[i])
			return at->frame[i];
	return 0;
}

/* Frames opened further in than this line are closed. */
static void close_frames(struct place *at, size_t in)
{
	for (size_t i = in + 1; i < ARRAY_LEN(at->frame); i++)
		at->frame[i] = 0;
}

/* True when the code of the line calls it; what a comment says does not count. */
static bool calls(const char *line, const char *function)
{
	const size_t n = strlen(function);
	const char *comment = strstr(line, "/*");

	for (const char *p = strstr(line, function); p && (!comment || p < comment); p = strstr(p + 1, function))
		if ((p == line || !is_word_char(p[-1])) && p[n] == '(')
			return true;
	return false;
}

static void count(const struct place *at, size_t in, u16 callee, bool called_by[NR_FN], struct helpers *h)
{
	const u16 frame = open_frame(at, in), own = fn_find(at->function);

	if (frame || own) {
		if ((frame ? frame : own) != callee)
			called_by[frame ? frame : own] = true;
		return;
	}
	for (size_t i = 0; i < h->n; i++)
		if (strcmp(h->name[i], at->function) == 0)
			return;
	if (*at->function && h->n < HELPERS)
		memcpy(h->name[h->n++], at->function, NAME_SIZE);
}

/* Whoever calls the C function `name` in that file, or opens a frame for `fn`. */
static void look_through(const struct source_file *f, const char *name, u16 fn, bool called_by[NR_FN], struct helpers *h)
{
	struct place at = { .function = "" };

	for (u32 i = 0; i < f->lines; i++) {
		const char *line = f->line[i];
		const size_t in = indentation(line);
		bool leaf = false;
		u16 mark;

		if (is_comment(line) || !*line)
			continue;
		if (in == 0) {
			enter(&at, line);
			continue;
		}
		close_frames(&at, in);
		mark = marked(line, &leaf);
		if ((mark && mark == fn && strcmp(at.function, name) != 0) || (!mark && calls(line, name)))
			count(&at, in, fn, called_by, h);
		if (mark && !leaf && in < ARRAY_LEN(at.frame))
			at.frame[in] = mark;
	}
}

void callers_find(u16 fn, bool called_by[NR_FN])
{
	struct helpers h = { .n = 0 };

	memset(called_by, 0, NR_FN * sizeof(*called_by));
	for (size_t k = 0; k < source_files_n; k++)
		look_through(&source_files[k], fn_info[fn].name, fn, called_by, &h);
	for (size_t i = 0; i < h.n; i++)
		for (size_t k = 0; k < source_files_n; k++)
			look_through(&source_files[k], h.name[i], 0, called_by, &h);
}
