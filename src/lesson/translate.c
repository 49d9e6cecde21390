/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A translation has its own words; what is done and what must hold comes from the original. */
#include <stdlib.h>
#include <string.h>

#include "lesson/lesson.h"

static void swap(char **a, char **b)
{
	char *c = *a;

	*a = *b;
	*b = c;
}

/* The words of `own` go into the original's block. */
static void take_words(struct block *original, struct block *own, struct findings *f)
{
	if (original->kind == BLOCK_HINT || original->kind == BLOCK_QUIZ)
		swap(&original->text, &own->text);
	if (original->kind == BLOCK_REJECT)
		swap(&original->says, &own->says);
	if (original->kind != BLOCK_QUIZ)
		return;
	if (original->n != own->n) {
		finding(f, ST_WRONG, own->line - 1, "the original's question has %zu choices, this one %zu", original->n, own->n);
		return;
	}
	for (size_t i = 0; i < own->n; i++) {
		if (original->choice[i].right != own->choice[i].right)
			finding(f, ST_WRONG, own->line - 1, "choice %zu is %s in the original", i + 1,
				original->choice[i].right ? "right" : "wrong");
		swap(&original->choice[i].text, &own->choice[i].text);
		swap(&original->choice[i].answer, &own->choice[i].answer);
	}
}

/* The item that has the n-th block of a kind. */
static struct item *nth_item(struct step *s, u8 kind, size_t n)
{
	for (size_t i = 0; i < s->items; i++)
		if (s->item[i].kind == ITEM_BLOCK && s->item[i].block->kind == kind && n-- == 0)
			return &s->item[i];
	return NULL;
}

/* Original blocks that the translation does not mention stand at its end. */
static void append(struct step *own, struct item *it)
{
	own->item = xrealloc(own->item, (own->items + 1) * sizeof(*own->item));
	own->item[own->items++] = (struct item){ .kind = ITEM_BLOCK, .block = it->block, .line = it->line,
						 .text = xstrdup(""), .head = xstrdup("") };
	it->block = NULL;
	it->kind = ITEM_PAUSE;
}

static void exchange(struct item *original, struct item *own, struct findings *f)
{
	struct block *b = original->block;

	take_words(b, own->block, f);
	original->block = own->block;
	own->block = b;
}

static void merge_kind(struct step *own, struct step *original, u8 kind, struct findings *f)
{
	const size_t n = step_blocks(original, (enum block_kind)kind), has = step_blocks(own, (enum block_kind)kind);

	if (has > n || (has < n && block_is_translated((enum block_kind)kind))) {
		finding(f, ST_WRONG, own->line ? own->line : 1, "the original has %zu block%s `%s` here, the translation %zu", n,
			n == 1 ? "" : "s", block_kind_name((enum block_kind)kind), has);
		return;
	}
	for (size_t i = 0; i < has; i++)
		exchange(nth_item(original, kind, i), nth_item(own, kind, i), f);
}

static void merge_step(struct step *own, struct step *original, struct findings *f)
{
	bool mentioned[NR_BLOCKS];

	for (u8 kind = 0; kind < NR_BLOCKS; kind++) {
		mentioned[kind] = step_blocks(own, (enum block_kind)kind) != 0;
		merge_kind(own, original, kind, f);
	}
	for (size_t i = 0; i < original->items; i++)
		if (original->item[i].kind == ITEM_BLOCK && !mentioned[original->item[i].block->kind])
			append(own, &original->item[i]);
}

void lesson_merge(struct lesson *translation, struct lesson *original, struct findings *f)
{
	if (!translation->id || strcmp(translation->id, original->id) != 0)
		finding(f, ST_WRONG, 1, "the original is called `id: %s`", original->id);
	for (size_t i = 0; i < original->steps; i++)
		if (lesson_step(translation, original->step[i].id) == translation->steps)
			finding(f, ST_WRONG, 1, "the original's step `%s` is missing", original->step[i].id);
	for (size_t i = 0; i < translation->steps; i++) {
		const size_t k = lesson_step(original, translation->step[i].id);

		if (k == original->steps)
			finding(f, ST_WRONG, translation->step[i].line, "the original has no step `%s`", translation->step[i].id);
		else
			merge_step(&translation->step[i], &original->step[k], f);
	}
	merge_step(&translation->intro, &original->intro, f);
	swap(&translation->needs, &original->needs);
	swap(&translation->about, &original->about);
	swap(&translation->kernel, &original->kernel);
	translation->needs_line = original->needs_line;
}
