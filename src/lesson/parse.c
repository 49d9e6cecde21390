/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lesson file: its front matter by hand, the rest by md4c, which tells where in the text each part stands. */
#include <md4c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "engine/profile.h"
#include "lang/lex.h"
#include "lesson/lesson.h"

enum { LISTS_MAX = 8 };

struct list {
	bool ordered;
	u32 number; /* of the next item */
};

/* What md4c is inside of. */
struct parser {
	struct lesson *l;
	struct findings *f;
	const char *text; /* the whole file */
	size_t len;
	const struct lesson *original; /* of which this is a translation; NULL: it is none */
	struct step *step;  /* that items go to */
	struct buf leaf;    /* the text of the paragraph, heading or block that is being read */
	struct buf info;    /* of a fenced block */
	const char *end;    /* behind the last text that was seen in the file */
	const char *seen;   /* line `line` begins at or before here */
	u32 line;	    /* line of `seen` */
	u32 leaf_line;	    /* where the leaf begins, 0: not known yet */
	u32 lists;
	struct list list[LISTS_MAX];
	char bullet[16];    /* waits for the next leaf: "- " */
	u8 quotes;
	char fence;	   /* of the block: ` or ~ */
	bool in_code;
	bool in_html;
	bool in_heading;
	bool soft_break; /* a line of the file ended, and what comes next is not known yet */
};

/* ---- places ---------------------------------------------------------------------------------------------------- */

/* The line of a place in the file; of what md4c made itself, the line it came to last. */
static u32 line_of(struct parser *p, const char *at)
{
	if (at < p->text || at > p->text + p->len)
		return p->line;
	if (at < p->seen) {
		p->seen = p->text;
		p->line = 1;
	}
	for (; p->seen < at; p->seen++)
		p->line += *p->seen == '\n';
	return p->line;
}

/* ---- items ----------------------------------------------------------------------------------------------------- */

static struct item *add_item(struct parser *p, enum item_kind kind, u32 line)
{
	struct step *s = p->step;
	const size_t n = s->items;

	if (n == 0 || (n >= 8 && (n & (n - 1)) == 0))
		s->item = xrealloc(s->item, (n ? n * 2 : 8) * sizeof(*s->item));
	s->item[s->items] = (struct item){ .kind = (u8)kind, .line = line };
	return &s->item[s->items++];
}

static u8 indent_of(const struct parser *p)
{
	u8 n = 0;

	for (u32 i = 0; i < p->lists && i < LISTS_MAX; i++)
		n = (u8)(n + (p->list[i].ordered ? 3 : 2));
	return (u8)(n + 2 * p->quotes);
}

/* The text that was gathered becomes an item. */
static void flush_leaf(struct parser *p, enum item_kind kind)
{
	struct item *it;

	while (p->leaf.len && strchr(" \n", p->leaf.data[p->leaf.len - 1]))
		buf_truncate(&p->leaf, p->leaf.len - 1);
	if (p->leaf.len) {
		if (kind == ITEM_TEXT && strcmp(buf_str(&p->leaf), ". . .") == 0)
			kind = ITEM_PAUSE;
		it = add_item(p, kind, p->leaf_line);
		it->text = buf_detach(&p->leaf);
		it->head = xstrdup(p->bullet);
		it->indent = indent_of(p);
		p->bullet[0] = '\0';
	}
	buf_clear(&p->leaf);
	p->leaf_line = 0;
	p->soft_break = false;
}

/* ---- headings -------------------------------------------------------------------------------------------------- */

/* Cuts "{#id}" off the end of a heading; the id is the caller's, NULL: there is none. */
static char *take_id(char *title)
{
	char *open = strrchr(title, '{');
	size_t n = strlen(title);
	char *id = NULL;

	if (open && open[1] == '#' && n && title[n - 1] == '}') {
		title[n - 1] = '\0';
		id = xstrdup(open + 2);
		n = (size_t)(open - title);
		while (n && title[n - 1] == ' ')
			n--;
		title[n] = '\0';
	}
	return id;
}

static void begin_step(struct parser *p, char *title, u32 line)
{
	struct lesson *l = p->l;
	char *id = take_id(title);

	if (!id || !is_lesson_name(id))
		finding(p->f, ST_WRONG, line, "the step `%s` needs a name behind its heading: ## %s {#guess}", title, title);
	else if (lesson_step(l, id) < l->steps)
		finding(p->f, ST_WRONG, line, "there is a step `%s` already, in line %u", id, l->step[lesson_step(l, id)].line);
	if (l->steps == STEPS_MAX) {
		finding(p->f, ST_WRONG, line, "a lesson has %d steps at most", STEPS_MAX);
		free(id);
		free(title);
		return;
	}
	if (l->steps == 0)
		l->step = xcalloc(STEPS_MAX, sizeof(*l->step));
	p->step = &l->step[l->steps++];
	p->step->id = id ? id : xstrdup("");
	p->step->title = title;
	p->step->line = line;
}

static void end_heading(struct parser *p, unsigned level)
{
	const u32 line = p->leaf_line;

	if (level > 2) {
		flush_leaf(p, ITEM_HEADING);
		return;
	}
	if (!p->leaf.len)
		finding(p->f, ST_WRONG, p->line, "the heading is empty");
	else if (level == 2)
		begin_step(p, buf_detach(&p->leaf), line);
	else if (p->l->title)
		finding(p->f, ST_WRONG, line, "a lesson has one title (#): steps are headings of level 2 (##)");
	else
		p->l->title = buf_detach(&p->leaf);
	buf_clear(&p->leaf);
	p->leaf_line = 0;
}

/* ---- fenced blocks --------------------------------------------------------------------------------------------- */

static bool is_ours(const struct buf *info)
{
	const char *text = buf_str(info);

	return strncmp(text, "finwait", 7) == 0 && (text[7] == '\0' || text[7] == ' ' || text[7] == '\t');
}

/* A fence that was meant to be ours, and would be plain text. */
static void check_plain(struct parser *p)
{
	const char *info = buf_str(&p->info);
	const size_t len = strcspn(info, " \t");
	struct buf word = BUF_INIT;
	struct nearest near;

	buf_add(&word, info, len);
	nearest_init(&near, buf_str(&word));
	nearest_try(&near, "finwait");
	if (len && (near.name || strncmp(info, "finwait", 7) == 0))
		finding(p->f, ST_WRONG, p->leaf_line, "`%s` begins plain text: a block of the program's begins with `finwait` and a blank",
			info);
	buf_release(&word);
}

static bool in_file(const struct parser *p, const char *text)
{
	return text >= p->text && text <= p->text + p->len;
}

/* The next line that may open or close a block, from its fence on; the end of the file: there is none. */
static const char *next_fence(const struct parser *p)
{
	const char *end = p->text + p->len;

	for (const char *at = p->end; at < end; at += strcspn(at, "\n")) {
		at += strspn(at, " \t\r\n>");
		if (strncmp(at, "```", 3) == 0 || strncmp(at, "~~~", 3) == 0)
			return at;
	}
	return end;
}

/* md4c puts an info string with an escape or an entity in it together in a place of its own. */
static void begin_code(struct parser *p, const MD_BLOCK_CODE_DETAIL *code)
{
	const MD_ATTRIBUTE *info = &code->info;

	p->in_code = true;
	p->fence = code->fence_char ? code->fence_char : '`';
	buf_clear(&p->info);
	if (info->size && in_file(p, info->text)) {
		p->end = info->text;
	} else {
		p->end = next_fence(p);
		p->end += strspn(p->end, "`~");
	}
	if (info->size) {
		buf_add(&p->info, info->text, info->size);
		p->leaf_line = line_of(p, p->end);
	}
}

/* md4c lets a fence that is never closed run to the end of the file. False: so it was. */
static bool pass_closing_fence(struct parser *p)
{
	const char *at = p->end + strcspn(p->end, "\n");

	at += strspn(at, " \t\r\n>");
	if (at[0] != p->fence || at[1] != p->fence || at[2] != p->fence)
		return false;
	p->end = at + strspn(at, "`~");
	return true;
}

static void end_code(struct parser *p)
{
	const bool closed = pass_closing_fence(p);
	struct item *it;
	struct block *b;

	p->in_code = false;
	if (!is_ours(&p->info)) {
		check_plain(p);
		flush_leaf(p, ITEM_VERBATIM);
		return;
	}
	if (!closed)
		finding(p->f, ST_WRONG, p->leaf_line, "this block is never closed: %c%c%c on a line of its own is missing", p->fence,
			p->fence, p->fence);
	else if ((b = (p->original ? block_read_translated : block_read)(buf_str(&p->info), buf_str(&p->leaf), p->leaf_line,
									p->f)) != NULL) {
		it = add_item(p, ITEM_BLOCK, p->leaf_line);
		it->block = b;
		it->text = xstrdup("");
		it->head = xstrdup("");
	}
	buf_clear(&p->leaf);
	p->leaf_line = 0;
}

/* ---- comments -------------------------------------------------------------------------------------------------- */

/* Of a text of some lines, one line. */
static void add_words(struct buf *b, const char *text, size_t len)
{
	const char *const end = text + len;

	while (text < end) {
		const char *const gap = text;
		size_t n = 0;

		text += strspn(text, " \t\n");
		while (text + n < end && !strchr(" \t\n", text[n]))
			n++;
		if (b->len && n && (!memchr(gap, '\n', (size_t)(text - gap)) ||
				    utf8_end_is_blank(b->data, b->len, text, n)))
			buf_putc(b, ' ');
		buf_add(b, text, n);
		text += n;
	}
}

/* Of a comment, what it says to the presenter; other HTML is nothing that a terminal shows. */
static void end_html(struct parser *p)
{
	const char *text = buf_str(&p->leaf);
	const char *at = text;
	const u32 line = p->leaf_line;
	struct buf note = BUF_INIT;
	struct item *it;

	p->in_html = false;
	at += strspn(at, " \t\n");
	at += strncmp(at, "<!--", 4) == 0 ? 4 : 0;
	at += at > text ? strspn(at, " \t\n") : 0;
	if (at > text && (strncmp(at, "note:", 5) == 0 || strncmp(at, "Note:", 5) == 0)) {
		const char *end = strstr(at, "-->");

		add_words(&note, at + 5, end ? (size_t)(end - at - 5) : strlen(at + 5));
		it = add_item(p, ITEM_NOTE, line);
		it->text = buf_detach(&note);
		it->head = xstrdup("");
	}
	buf_clear(&p->leaf);
	p->leaf_line = 0;
}

/* ---- what md4c says -------------------------------------------------------------------------------------------- */

static void begin_item(struct parser *p)
{
	struct list *list = p->lists && p->lists <= LISTS_MAX ? &p->list[p->lists - 1] : NULL;

	if (list && list->ordered)
		snprintf(p->bullet, sizeof(p->bullet), "%u. ", list->number++ % 1000);
	else
		snprintf(p->bullet, sizeof(p->bullet), "- ");
}

static void begin_list(struct parser *p, bool ordered, u32 number)
{
	if (p->lists < LISTS_MAX)
		p->list[p->lists] = (struct list){ .ordered = ordered, .number = number };
	p->lists++;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
	const MD_BLOCK_CODE_DETAIL *code = detail;
	const MD_BLOCK_OL_DETAIL *ol = detail;
	struct parser *p = ctx;

	flush_leaf(p, ITEM_TEXT);
	if (type == MD_BLOCK_UL || type == MD_BLOCK_OL) {
		begin_list(p, type == MD_BLOCK_OL, type == MD_BLOCK_OL ? ol->start : 0);
	} else if (type == MD_BLOCK_LI) {
		begin_item(p);
	} else if (type == MD_BLOCK_QUOTE) {
		p->quotes++;
	} else if (type == MD_BLOCK_H) {
		p->in_heading = true;
	} else if (type == MD_BLOCK_HTML) {
		p->in_html = true;
	} else if (type == MD_BLOCK_CODE) {
		begin_code(p, code);
	}
	return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
	const MD_BLOCK_H_DETAIL *h = detail;
	struct parser *p = ctx;

	if (type == MD_BLOCK_H)
		end_heading(p, h->level);
	else if (type == MD_BLOCK_CODE)
		end_code(p);
	else if (type == MD_BLOCK_HTML)
		end_html(p);
	else
		flush_leaf(p, ITEM_TEXT);
	if (type == MD_BLOCK_UL || type == MD_BLOCK_OL)
		p->lists--;
	else if (type == MD_BLOCK_QUOTE)
		p->quotes--;
	else if (type == MD_BLOCK_LI)
		p->bullet[0] = '\0';
	return 0;
}

static void add_text(struct parser *p, const char *text, size_t len)
{
	if (!len)
		return;
	if (p->soft_break && p->leaf.len && utf8_end_is_blank(p->leaf.data, p->leaf.len, text, len))
		buf_putc(&p->leaf, ' ');
	p->soft_break = false;
	buf_add(&p->leaf, text, len);
}

static int enter_span(MD_SPANTYPE type, void *detail, void *ctx)
{
	struct parser *p = ctx;

	(void)detail;
	if (type == MD_SPAN_CODE)
		add_text(p, "`", 1);
	return 0;
}

/* A link to somewhere else says where to; one to a step or to a file beside this one does not. */
static int leave_span(MD_SPANTYPE type, void *detail, void *ctx)
{
	const MD_SPAN_A_DETAIL *a = detail;
	struct parser *p = ctx;

	if (type == MD_SPAN_CODE)
		add_text(p, "`", 1);
	else if (type == MD_SPAN_A && a->href.size > 4 && memcmp(a->href.text, "http", 4) == 0)
		buf_printf(&p->leaf, " (%.*s)", (int)a->href.size, a->href.text);
	return 0;
}

static void add_entity(struct parser *p, const char *text, size_t size)
{
	static const struct {
		const char *name;
		const char *is;
	} known[] = { { "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" }, { "&nbsp;", " " } };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strlen(known[i].name) == size && memcmp(known[i].name, text, size) == 0) {
			add_text(p, known[i].is, strlen(known[i].is));
			return;
		}
	add_text(p, text, size);
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *ctx)
{
	struct parser *p = ctx;
	const bool here = in_file(p, text);

	if (here && !p->leaf_line)
		p->leaf_line = line_of(p, text);
	if (here && size)
		p->end = text + size - 1;
	if (type == MD_TEXT_BR)
		buf_putc(&p->leaf, '\n');
	else if (type == MD_TEXT_SOFTBR)
		p->soft_break = true;
	else if (type == MD_TEXT_ENTITY)
		add_entity(p, text, size);
	else if (type != MD_TEXT_NULLCHAR && (type != MD_TEXT_HTML || p->in_html))
		add_text(p, text, size);
	return 0;
}

/* ---- the front matter ------------------------------------------------------------------------------------------ */

/* Where one of its values goes; NULL: there is no such key. */
static char **key_of(struct lesson *l, const char *key, size_t len)
{
	const struct {
		const char *name;
		char **value;
	} known[] = { { "id", &l->id }, { "needs", &l->needs }, { "about", &l->about }, { "kernel", &l->kernel } };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strlen(known[i].name) == len && memcmp(known[i].name, key, len) == 0)
			return known[i].value;
	return NULL;
}

static void check_about(struct findings *f, const char *text, u32 line)
{
	while (*text) {
		const size_t n = strcspn(text, " ");
		s64 number = 0;
		struct buf word = BUF_INIT;

		buf_add(&word, text, n);
		if (n && (buf_str(&word)[0] != 'M' || !parse_number(buf_str(&word) + 1, &number) || number < 1 || number > 36))
			finding(f, ST_WRONG, line, "about: `%s` is no misconception: they are M1 to M36, with blanks between them", buf_str(&word));
		buf_release(&word);
		text += n + strspn(text + n, " ");
	}
}

static void check_names(struct findings *f, const char *text, u32 line)
{
	struct buf word = BUF_INIT;

	while (*text) {
		const size_t n = strcspn(text, " ");

		buf_clear(&word);
		buf_add(&word, text, n);
		if (!is_lesson_name(buf_str(&word)))
			finding(f, ST_WRONG, line, "needs: `%s` is no lesson's id", buf_str(&word));
		text += n + strspn(text + n, " ");
	}
	buf_release(&word);
}

static void no_kernel(struct findings *f, const char *name, u32 line)
{
	struct buf list = BUF_INIT;

	for (int i = 0; i < NR_PROFILES; i++)
		buf_printf(&list, "%s%s", i ? ", " : "", profile_of((enum profile_id)i)->name);
	finding(f, ST_WRONG, line, "kernel: `%s` is none of those there are: %s", name, buf_str(&list));
	buf_release(&list);
}

static void read_key(struct parser *p, const char *line, size_t len, u32 number)
{
	const size_t n = strcspn(line, ":\n");
	char **value = n < len ? key_of(p->l, line, n) : NULL;
	struct buf b = BUF_INIT;
	const char *at = line + n + 1;

	if (!value) {
		finding(p->f, ST_WRONG, number, "`%.*s`: the front matter has lines `id: NAME`, needs, about and kernel", (int)len,
			line);
		return;
	}
	while (at < line + len && (*at == ' ' || *at == '\t'))
		at++;
	buf_add(&b, at, (size_t)(line + len - at));
	while (b.len && strchr(" \t\r", b.data[b.len - 1]))
		buf_truncate(&b, b.len - 1);
	if (*value) {
		finding(p->f, ST_WRONG, number, "%.*s: is there twice", (int)n, line);
		buf_release(&b);
		return;
	}
	*value = buf_detach(&b);
	if (value == &p->l->id)
		p->l->id_line = number;
	if (value == &p->l->id && !is_lesson_name(p->l->id))
		finding(p->f, ST_WRONG, number, "id: `%s` is no name: a-z, 0-9 and - make one", p->l->id);
	else if (value == &p->l->kernel && profile_find(p->l->kernel) < 0)
		no_kernel(p->f, p->l->kernel, number);
	else if (value == &p->l->about)
		check_about(p->f, p->l->about, number);
	else if (value == &p->l->needs) {
		p->l->needs_line = number;
		check_names(p->f, p->l->needs, number);
	}
}

/* Returns where the Markdown begins. */
static size_t read_front(struct parser *p)
{
	const char *end = p->text + p->len;
	const char *at = p->text;
	u32 number = 1;

	if (p->len < 5 || memcmp(at, "---", 3) != 0 || (at[3] != '\n' && (at[3] != '\r' || at[4] != '\n'))) {
		finding(p->f, ST_WRONG, 1, "a lesson begins with its front matter: ---, a line `id: NAME`, ---");
		return 0;
	}
	for (at += at[3] == '\n' ? 4 : 5; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const size_t len = newline ? (size_t)(newline - at) : (size_t)(end - at);

		number++;
		if (len >= 3 && memcmp(at, "---", 3) == 0)
			return (size_t)(at - p->text) + len;
		if (len && at[0] != '\r')
			read_key(p, at, len, number);
		at += len + (newline != NULL);
	}
	finding(p->f, ST_WRONG, 1, "the front matter is never closed: --- on a line of its own is missing");
	return p->len;
}

/* ---- the whole ------------------------------------------------------------------------------------------------- */

static void default_to(char **text, const char *value)
{
	if (!*text)
		*text = xstrdup(value);
}

static void check_step(struct findings *f, const struct step *s, bool is_intro)
{
	const size_t goals = step_blocks(s, BLOCK_GOAL);

	if (step_blocks(s, BLOCK_SETUP) > 1)
		finding(f, ST_WRONG, step_block(s, BLOCK_SETUP, 1)->line - 1, "a step has one setup");
	if (goals > 1)
		finding(f, ST_WRONG, step_block(s, BLOCK_GOAL, 1)->line - 1, "a step has one goal");
	if (step_blocks(s, BLOCK_DENY) && step_blocks(s, BLOCK_ALLOW))
		finding(f, ST_WRONG, step_block(s, BLOCK_ALLOW, 0)->line - 1, "a step has `deny` or `allow`, not both");
	for (size_t i = 0; i < s->items; i++) {
		const struct block *b = s->item[i].block;

		if (b && is_intro && b->kind != BLOCK_SETUP && b->kind != BLOCK_SHOW)
			finding(f, ST_WRONG, b->line - 1, "before the first step (##) there can be `setup` and `show`, nothing else");
		else if (b && !goals && (b->kind == BLOCK_SOLUTION || b->kind == BLOCK_REJECT))
			finding(f, ST_WRONG, b->line - 1, "there is no goal in this step for it");
	}
}

/* `broken`: something is wrong already, and whatever it was may be missing now. */
static void check_lesson(struct parser *p, bool broken)
{
	struct lesson *l = p->l;

	if (!l->id)
		finding(p->f, ST_WRONG, 1, "the front matter has no `id: NAME`");
	if (!*l->title)
		finding(p->f, ST_WRONG, 1, "the lesson has no title: # Title");
	if (!l->steps)
		finding(p->f, ST_WRONG, 1, "the lesson has no steps: ## Title {#name}");
	default_to(&l->id, "");
	default_to(&l->needs, "");
	default_to(&l->about, "");
	default_to(&l->kernel, "");
	if (broken)
		return;
	check_step(p->f, &l->intro, true);
	for (size_t i = 0; i < l->steps; i++)
		check_step(p->f, &l->step[i], false);
}

/* What md4c would read as something else, and terminals do not show. */
static bool is_text(struct findings *f, const char *text, size_t len)
{
	u32 line = 1;

	for (size_t i = 0; i < len; i++) {
		const unsigned char c = (unsigned char)text[i];

		line += c == '\n';
		if (c < ' ' && c != '\n' && c != '\t' && c != '\r') {
			finding(f, ST_WRONG, line, "the file is no text: it has a byte 0x%02x", c);
			return false;
		}
	}
	return true;
}

static void read_markdown(struct parser *p, size_t start)
{
	static const MD_PARSER calls = { .enter_block = enter_block, .leave_block = leave_block, .enter_span = enter_span,
					 .leave_span = leave_span, .text = on_text, .flags = MD_FLAG_NOINDENTEDCODEBLOCKS };

	p->seen = p->text;
	p->line = 1;
	p->step = &p->l->intro;
	p->end = p->text + start;
	if (md_parse(p->text + start, (MD_SIZE)(p->len - start), &calls, p) != 0)
		finding(p->f, ST_WRONG, p->line, "this is no Markdown");
	buf_release(&p->leaf);
	buf_release(&p->info);
}

/* `original`: NULL when this is none's translation. */
static enum status parse(struct lesson **out, const char *path, const char *text, size_t len, struct lesson *original,
			 struct findings *f)
{
	struct parser p = { .f = f, .len = len, .original = original };
	struct buf copy = BUF_INIT; /* terminated */
	const u32 before = f->n;

	*out = NULL;
	if (!is_text(f, text, len))
		return ST_WRONG;
	buf_add(&copy, text, len);
	p.text = buf_str(&copy);
	p.l = xcalloc(1, sizeof(*p.l));
	p.l->file = xstrdup(path);
	read_markdown(&p, read_front(&p));
	default_to(&p.l->title, original ? original->title : "");
	if (original && f->n == before)
		lesson_merge(p.l, original, f);
	check_lesson(&p, f->n != before);
	buf_release(&copy);
	if (f->n != before) {
		lesson_free(p.l);
		return ST_WRONG;
	}
	*out = p.l;
	return ST_OK;
}

enum status lesson_parse(struct lesson **out, const char *path, const char *text, size_t len, struct findings *f)
{
	return parse(out, path, text, len, NULL, f);
}

enum status lesson_parse_translation(struct lesson **out, const char *path, const char *text, size_t len,
				     struct lesson *original, struct findings *f)
{
	const enum status st = parse(out, path, text, len, original, f);

	lesson_free(original);
	return st;
}
