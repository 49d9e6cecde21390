/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lesson/page.h"

#include <string.h>

#include "lang/help.h"
#include "lang/rows.h"

enum { PAGE_WIDTH = 78 };

void page_clear(struct page *p)
{
	buf_clear(&p->lines);
	p->in_list = false;
}

void page_release(struct page *p)
{
	buf_release(&p->lines);
}

static void add(struct page *p, char kind, u8 indent, const char *head, const char *text, size_t len)
{
	const size_t hangs = strlen(head);

	buf_putc(&p->lines, kind);
	buf_putc(&p->lines, (char)('a' + (indent < 20 ? indent : 20)));
	buf_fill(&p->lines, ' ', indent > hangs ? indent - hangs : 0);
	buf_puts(&p->lines, head);
	buf_add(&p->lines, text, len);
	buf_putc(&p->lines, '\n');
}

static void add_lines(struct page *p, char kind, u8 indent, const char *head, const char *text)
{
	while (*text) {
		const size_t n = strcspn(text, "\n");

		add(p, kind, indent, head, text, n);
		head = "";
		text += n + (text[n] == '\n');
	}
}

void page_text(struct page *p, u8 indent, const char *head, const char *text)
{
	if (p->lines.len && !(p->in_list && indent))
		add(p, 'V', 0, "", "", 0);
	p->in_list = indent != 0;
	add_lines(p, 'T', indent, head, text);
}

void page_verbatim(struct page *p, const char *text)
{
	if (p->lines.len)
		add(p, 'V', 0, "", "", 0);
	p->in_list = false;
	add_lines(p, 'V', 2, "", text);
}

void page_line(struct page *p, u8 indent, const char *text)
{
	p->in_list = false;
	add(p, 'T', indent, "", text, strlen(text));
}

size_t page_behind_gap(const struct page *p, size_t from)
{
	static const char gap[] = "Va\n";

	return from + (strncmp(buf_str(&p->lines) + from, gap, strlen(gap)) == 0 ? strlen(gap) : 0);
}

size_t page_say(const struct page *p, size_t from, size_t to, struct session *ss)
{
	const size_t width = ss->columns ? ss->columns : PAGE_WIDTH;
	const char *text = buf_str(&p->lines);
	struct buf plain = BUF_INIT;
	size_t n = 0;

	for (const char *line = text + from; *line && (size_t)(line - text) < to;) {
		const size_t len = strcspn(line, "\n") - 2;

		if (ss->json)
			buf_printf(&plain, "%.*s\n", (int)len, line + 2);
		else if (line[0] == 'T' && len)
			n += say_within(ss, line + 2, len, (size_t)(line[1] - 'a'), width);
		else
			say(ss, "%.*s", (int)len, line + 2);
		n += line[0] != 'T' || !len;
		line += len + 3;
	}
	if (ss->json && plain.len)
		say_text(ss, "lesson", buf_str(&plain));
	buf_release(&plain);
	return n;
}

void page_say_text(struct session *ss, const char *head, const char *text)
{
	struct page page = { .in_list = false };

	add_lines(&page, 'T', (u8)strlen(head), head, text);
	page_say(&page, 0, SIZE_MAX, ss);
	page_release(&page);
}
