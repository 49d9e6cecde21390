/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lesson/cite.h"

#include "lang/decision.h"
#include "lesson/stage.h"

struct search {
	const struct trec *alike; /* NULL: however it ended */
	struct trec *out;
	u16 decision;
	bool found;
};

static void see(void *ctx, const struct sim *s, const struct trec *r)
{
	struct search *se = ctx;

	(void)s;
	if (r->type != TREC_DECISION || r->id != se->decision || (se->alike && se->alike->x != r->x))
		return;
	*se->out = *r;
	se->found = true;
}

/* The last one between the beginning of the scenario and the present. */
static bool search(struct session *ss, struct search *se)
{
	const struct observer obs = { .see = see, .ctx = se };

	const u32 now = tape_now(ss->tape);

	return tape_replay(ss->tape, tape_scenario_start(ss->tape, now), now, &obs, NULL, NULL, NULL) == ST_OK && se->found;
}

bool cite_session(struct session *ss, const struct trec *alike, struct trec *out)
{
	struct search se = { .alike = alike, .out = out, .decision = alike->id };

	return search(ss, &se);
}

bool cite_reference(const struct lesson *l, const struct step *s, u16 decision, struct trec *out)
{
	const struct block *way = step_block(s, BLOCK_SOLUTION, 0);
	struct search se = { .out = out, .decision = decision };
	struct stage *st = stage_new();
	struct err err;
	bool found;

	if (!st)
		return false;
	found = begin_after(&st->ss, l, s, SIZE_MAX, &err) == ST_OK &&
		(!way || run_silently(&st->ss, l, way->text, way->line, &err) == ST_OK) && search(&st->ss, &se);
	stage_free(st);
	return found;
}

void add_citation(struct buf *b, const struct trec *r)
{
	const struct fn_info *fn = &fn_info[decision_info[r->id].fn];

	buf_printf(b, "%s (%s): ", fn->name, fn->file);
	add_decision(b, r);
}
