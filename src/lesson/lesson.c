/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lesson/lesson.h"

#include <stdlib.h>
#include <string.h>

void finding(struct findings *f, enum status st, u32 line, const char *format, ...)
{
	struct err err = { .line = 0 };
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, format);
	buf_vprintf(&b, format, ap);
	va_end(ap);
	err_set(&err, st, "%s", buf_str(&b));
	err_place(&err, f->file, line, 0);
	buf_release(&b);
	f->n++;
	/* what each step finds in what they share is told once */
	if (f->told && f->last.line == err.line && strcmp(f->last.message, err.message) == 0 && strcmp(f->last.file, err.file) == 0)
		return;
	f->last = err;
	f->told++;
	if (st == ST_WRONG && !f->mistakes++)
		f->first = err;
	if (f->tell)
		f->tell(f->ctx, &err);
}

static void step_release(struct step *s)
{
	for (size_t i = 0; i < s->items; i++) {
		block_free(s->item[i].block);
		free(s->item[i].text);
		free(s->item[i].head);
	}
	free(s->item);
	free(s->id);
	free(s->title);
}

void lesson_free(struct lesson *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->steps; i++)
		step_release(&l->step[i]);
	step_release(&l->intro);
	free(l->step);
	free(l->file);
	free(l->id);
	free(l->needs);
	free(l->about);
	free(l->kernel);
	free(l->title);
	free(l);
}

const struct block *step_block(const struct step *s, enum block_kind kind, size_t n)
{
	for (size_t i = 0; i < s->items; i++)
		if (s->item[i].kind == ITEM_BLOCK && s->item[i].block->kind == kind && n-- == 0)
			return s->item[i].block;
	return NULL;
}

size_t step_blocks(const struct step *s, enum block_kind kind)
{
	size_t n = 0;

	while (step_block(s, kind, n))
		n++;
	return n;
}

const struct block *step_setup(const struct lesson *l, const struct step *s)
{
	const struct block *own = step_block(s, BLOCK_SETUP, 0);

	return own ? own : step_block(&l->intro, BLOCK_SETUP, 0);
}

size_t lesson_step(const struct lesson *l, const char *id)
{
	size_t i = 0;

	while (i < l->steps && strcmp(l->step[i].id, id) != 0)
		i++;
	return i;
}

bool is_lesson_name(const char *text)
{
	return *text && text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}
