/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames, decisions and writes: how the engine talks to its observer and to the undo log. And the tables behind names. */
#include "engine/sim.h"

#include <stdlib.h>
#include <string.h>

const struct fn_info fn_info[NR_FN] = {
	[FN_none_] = { "", "", "", 0 },
#define F(name_, file_, versions_, text_) [FN_##name_] = { #name_, file_, text_, versions_ },
#include "engine/functions.def"
#undef F
};

const struct decision_info decision_info[NR_DEC] = {
	[DEC_none_] = { "", NULL, NULL, "", "", 0, { 0 } },
#define D(fn_, name_, value1_, value2_, yes_, no_) \
	[DEC_##name_] = { #name_, value1_, value2_, yes_, no_, FN_##fn_, { 0 } },
#include "engine/decisions.def"
#undef D
};

u16 fn_find(const char *name)
{
	for (int i = 1; i < NR_FN; i++)
		if (strcmp(fn_info[i].name, name) == 0)
			return (u16)i;
	return 0;
}

/* ---- older names --------------------------------------------------------------------------------------------------- */

struct older_name {
	u16 fn;
	u16 as;
	u8 kernels;
	u8 holds_only; /* no frame of its own: part of `as` */
};

static const struct older_name older_names[] = {
#define RENAMED(fn_, kernels_, as_) { FN_##fn_, FN_##as_, kernels_, 0 },
#define PART_OF(fn_, kernels_, as_) { FN_##fn_, FN_##as_, kernels_, 1 },
#include "engine/older_names.def"
#undef RENAMED
#undef PART_OF
};

static const struct older_name *older_name(u16 fn, u8 profile)
{
	for (size_t i = 0; i < sizeof(older_names) / sizeof(older_names[0]); i++)
		if (older_names[i].fn == fn && (older_names[i].kernels & 1u << profile))
			return &older_names[i];
	return NULL;
}

u16 fn_in_kernel(u16 fn, u8 profile)
{
	const struct older_name *o;

	if (fn_info[fn].versions & 1u << profile)
		return fn;
	o = older_name(fn, profile);
	return o && !o->holds_only ? o->as : FN_none_;
}

u16 fn_holding(u16 fn, u8 profile)
{
	const struct older_name *o;

	if (fn_info[fn].versions & 1u << profile)
		return fn;
	o = older_name(fn, profile);
	return o ? o->as : fn;
}

u16 decision_find(const char *name)
{
	for (int i = 1; i < NR_DEC; i++)
		if (strcmp(decision_info[i].name, name) == 0)
			return (u16)i;
	return 0;
}

void emit_(const struct sim *s, enum trec_type type, u8 host, u16 id, u32 off, u32 x, u64 a, u64 b)
{
	struct trec r = { .type = (u8)type, .host = host, .id = id, .depth = s->depth, .off = off, .x = x, .a = a, .b = b };

	s->observer->see(s->observer->ctx, s, &r);
}

void sysctl_told_(const struct sim *s, u8 host, enum sysctl_id id)
{
	if (profile_sysctl_differs(id))
		emit_(s, TREC_SYSCTL, host, (u16)id, 0, 0, (u64)(s64)s->w->host[host].sysctl[id], 0);
}

struct frame_guard frame_enter_(struct sim *s, u16 fn, u8 host, const void *obj)
{
	u16 shown = fn_in_kernel(fn, s->w->host[host].profile);
	struct frame_guard g = { .s = shown ? s : NULL, .fn = shown, .host = host };
	struct trec r = { .type = TREC_ENTER, .host = host, .id = shown, .off = world_off(s, obj) };

	if (!shown)
		return g;
	s->depth++;
	r.depth = s->depth;
	r.flags = s->resuming ? TREC_RESUMED : 0;
	s->observer->see(s->observer->ctx, s, &r);
	return g;
}

void frame_close_(const struct frame_guard *g)
{
	emit_(g->s, TREC_LEAVE, g->host, g->fn, 0, 0, 0, 0);
	g->s->depth--;
}

void frame_leaf_(struct sim *s, u16 fn, u8 host, const void *obj)
{
	struct frame_guard g = frame_enter_(s, fn, host, obj);

	frame_leave_(&g);
}

static void undo_push(struct undo_log *u, u32 off, u32 size, u64 old)
{
	if (u->len == u->capacity) {
		u->lost = 1;
		return;
	}
	u->rec[u->len++] = (struct undo_rec){ .off = off, .size = size, .old = old };
}

void note_write_(struct sim *s, const void *p, u32 size, u64 old, u64 new_value)
{
	u32 off = world_off(s, p);

	if (s->undo)
		undo_push(s->undo, off, size, old);
	if (s->observer) {
		struct trec r = { .type = TREC_FIELD, .size = (u8)size, .depth = s->depth, .off = off, .a = old,
				  .b = new_value };

		s->observer->see(s->observer->ctx, s, &r);
	}
}

void note_area_(struct sim *s, const void *p, size_t size)
{
	u32 off = world_off(s, p);

	for (size_t done = 0; done < size; done += 8) {
		u32 n = (u32)(size - done < 8 ? size - done : 8);
		u64 old = 0;

		memcpy(&old, (const char *)p + done, n);
		undo_push(s->undo, off + (u32)done, n, old);
	}
}

void sim_rollback(struct sim *s)
{
	struct undo_log *u = s->undo;

	while (u->len) {
		const struct undo_rec *r = &u->rec[--u->len];

		memcpy((char *)s->w + r->off, &r->old, r->size);
	}
}
