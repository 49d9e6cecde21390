/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tape/tape.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* The longest replay: a moment that lies so far behind the last snapshot of its branch keeps one itself. */
#define SNAPSHOT_EVERY 64u

/* A payload, or the packed bytes of a world. */
struct blob {
	void *data;
	size_t size;
};

/* What is kept of a moment beside what the header shows. */
struct moment_own {
	struct moment shown;
	u32 point;    /* at or before it, on its branch */
	u32 snapshot; /* index of its own, or UINT32_MAX */
};

struct point_own {
	struct point shown;
	char *command;
	u32 redo; /* the child travelled last */
};

struct mark {
	char *name;
	u32 moment;
};

struct tape {
	struct world now;
	struct world before; /* sim's scratch */
	struct world other;  /* for looking elsewhere without moving */
	struct moment_own *moments;
	struct point_own *points;
	struct blob *payloads; /* index 0 stands for none */
	struct blob *snapshots;
	struct mark *marks;
	u32 n_moments, cap_moments;
	u32 n_points, cap_points;
	u32 n_payloads, cap_payloads;
	u32 n_snapshots, cap_snapshots;
	u32 n_marks, cap_marks;
	u32 present;
	u32 point;	/* at or before the present */
	u32 since_snap; /* moments from the last snapshot of this branch to the present */
};

/* Room for one more element. */
static void *grow(void *array, u32 n, u32 *cap, size_t size)
{
	if (n < *cap)
		return array;
	*cap = *cap ? *cap * 2 : 64;
	return xrealloc(array, *cap * size);
}

static struct blob *add_blob(struct blob **blobs, u32 *n, u32 *cap, size_t size)
{
	*blobs = grow(*blobs, *n, cap, sizeof(**blobs));
	(*blobs)[*n] = (struct blob){ size ? xmalloc(size) : NULL, size };
	return &(*blobs)[(*n)++];
}

static u32 keep_payload(struct tape *t, const void *payload, size_t len)
{
	struct blob *b;

	if (!payload || !len)
		return 0;
	b = add_blob(&t->payloads, &t->n_payloads, &t->cap_payloads, len);
	memcpy(b->data, payload, len);
	return t->n_payloads - 1;
}

static u32 keep_snapshot(struct tape *t)
{
	struct blob *b = add_blob(&t->snapshots, &t->n_snapshots, &t->cap_snapshots, world_live_size(&t->now));

	world_pack(&t->now, b->data);
	return t->n_snapshots - 1;
}

static void append_moment(struct tape *t, const struct action *a, u32 payload)
{
	u32 m = t->n_moments;
	struct moment_own *own;

	t->moments = grow(t->moments, m, &t->cap_moments, sizeof(*t->moments));
	own = &t->moments[m];
	*own = (struct moment_own){ .point = t->point, .snapshot = UINT32_MAX };
	own->shown = (struct moment){ .action = *a, .hash = world_hash(&t->now), .parent = m ? t->present : MOMENT_NONE,
				      .payload = payload };
	if (m == 0 || ++t->since_snap == SNAPSHOT_EVERY) {
		own->snapshot = keep_snapshot(t);
		t->since_snap = 0;
	}
	t->n_moments++;
	t->present = m;
}

static void append_point(struct tape *t, const char *command)
{
	u32 p = t->n_points;
	struct point_own *own;

	t->points = grow(t->points, p, &t->cap_points, sizeof(*t->points));
	own = &t->points[p];
	own->command = xstrdup(command);
	own->redo = UINT32_MAX;
	own->shown = (struct point){ .moment = t->present, .parent = p ? t->point : UINT32_MAX, .command = own->command };
	if (p)
		t->points[t->point].redo = p;
	t->n_points++;
	t->point = p;
	t->moments[t->present].point = p;
}

struct tape *tape_new(enum scenario_id first, struct err *err)
{
	struct action a = { .kind = ACT_SCENARIO, .a = (u32)first };
	struct tape *t = calloc(1, sizeof(*t));
	struct sim s;

	if (!t) {
		err_set(err, ST_WRONG, "out of memory");
		return NULL;
	}
	add_blob(&t->payloads, &t->n_payloads, &t->cap_payloads, 0);
	world_init(&t->now, PROFILE_6_18, PROFILE_6_18);
	sim_init(&s, &t->now, &t->before);
	s.one_body = true; /* who looks at worlds has it in memory; for so little the other one need not be fetched */
	if (sim_apply(&s, &a, NULL, 0, err) != ST_OK) {
		tape_free(t);
		return NULL;
	}
	append_moment(t, &a, 0);
	append_point(t, "");
	return t;
}

void tape_free(struct tape *t)
{
	if (!t)
		return;
	for (u32 i = 0; i < t->n_payloads; i++)
		free(t->payloads[i].data);
	for (u32 i = 0; i < t->n_snapshots; i++)
		free(t->snapshots[i].data);
	for (u32 i = 0; i < t->n_points; i++)
		free(t->points[i].command);
	for (u32 i = 0; i < t->n_marks; i++)
		free(t->marks[i].name);
	free(t->moments);
	free(t->points);
	free(t->payloads);
	free(t->snapshots);
	free(t->marks);
	free(t);
}

const struct world *tape_world(const struct tape *t)
{
	return &t->now;
}

u32 tape_now(const struct tape *t)
{
	return t->present;
}

static enum status world_at(struct tape *t, u32 moment, struct world *out, u32 *since, struct err *err);

enum status tape_apply(struct tape *t, const struct action *a, const void *payload, size_t payload_len,
		       const struct observer *observer, struct err *err)
{
	enum status st;
	struct sim s;
	u32 since;

	/* no scratch for failures: they are rare, and the snapshots can bring the present back */
	sim_init(&s, &t->now, NULL);
	s.observer = observer;
	s.one_body = a->kind == ACT_SCENARIO; /* which is not watched in most cases: see tape_new() */
	st = sim_apply(&s, a, payload, payload_len, err);
	if (st == ST_OK)
		append_moment(t, a, keep_payload(t, payload, payload_len));
	else
		world_at(t, t->present, &t->now, &since, NULL);
	return st;
}

/* Whether the present is a point itself and not somewhere inside a command. */
static bool at_point(const struct tape *t)
{
	return t->points[t->point].shown.moment == t->present;
}

void tape_end_command(struct tape *t, const char *command)
{
	if (!at_point(t))
		append_point(t, command);
}

const struct moment *tape_moment(const struct tape *t, u32 moment)
{
	return moment < t->n_moments ? &t->moments[moment].shown : NULL;
}

u32 tape_moment_count(const struct tape *t)
{
	return t->n_moments;
}

const void *tape_payload(const struct tape *t, u32 moment, size_t *len)
{
	const struct blob *b = &t->payloads[moment < t->n_moments ? t->moments[moment].shown.payload : 0];

	*len = b->size;
	return b->data;
}

u32 tape_point_count(const struct tape *t)
{
	return t->n_points;
}

const struct point *tape_point(const struct tape *t, u32 point)
{
	return point < t->n_points ? &t->points[point].shown : NULL;
}

u32 tape_point_now(const struct tape *t)
{
	return t->point;
}

u32 tape_point_next(const struct tape *t, u32 point)
{
	return point < t->n_points ? t->points[point].redo : UINT32_MAX;
}

/* ---- travelling -------------------------------------------------------------------------------------------------- */

bool tape_leads_to(const struct tape *t, u32 old, u32 now)
{
	u32 m = now;

	while (m > old && m != MOMENT_NONE) /* what led to a moment was there before it */
		m = t->moments[m].shown.parent;
	return m == old;
}

/*
 * The moments from after `from` to `to`, oldest first, in memory that the caller frees.
 * NULL when `from` is no ancestor of `to`.
 */
static u32 *path_between(const struct tape *t, u32 from, u32 to, u32 *n)
{
	u32 count = 0;
	u32 *path;

	*n = 0;
	if (!tape_leads_to(t, from, to))
		return NULL;
	for (u32 m = to; m != from; m = t->moments[m].shown.parent)
		count++;
	path = xcalloc(count ? count : 1, sizeof(*path));
	*n = count;
	for (u32 m = to; m != from; m = t->moments[m].shown.parent)
		path[--count] = m;
	return path;
}

/* Takes a moment's action again, in a world that is as it was before it. */
static enum status take_again(struct tape *t, struct world *w, u32 moment, const struct observer *observer,
			      struct err *err)
{
	const struct moment *m = &t->moments[moment].shown;
	const struct blob *b = &t->payloads[m->payload];
	struct sim s;

	sim_init(&s, w, &t->before);
	s.observer = observer;
	s.one_body = true;
	return sim_apply(&s, &m->action, b->data, b->size, err);
}

/* Whether it came out as it did the first time. Of several in a row the last one tells: what went wrong before is in it. */
static enum status as_before(const struct tape *t, const struct world *w, u32 moment, struct err *err)
{
	if (world_hash(w) == t->moments[moment].shown.hash)
		return ST_OK;
	return err_set(err, ST_WRONG, "moment %u came out differently when it was replayed", moment);
}

/* `since` gets how many moments were taken again since the snapshot. */
static enum status world_at(struct tape *t, u32 moment, struct world *out, u32 *since, struct err *err)
{
	const struct blob *snap;
	enum status st = ST_OK;
	u32 from = moment;
	u32 *path;

	while (t->moments[from].snapshot == UINT32_MAX)
		from = t->moments[from].shown.parent;
	snap = &t->snapshots[t->moments[from].snapshot];
	path = path_between(t, from, moment, since);
	world_unpack(out, snap->data, snap->size);
	for (u32 i = 0; i < *since && st == ST_OK; i++)
		st = take_again(t, out, path[i], NULL, err);
	free(path);
	return st == ST_OK && *since ? as_before(t, out, moment, err) : st;
}

static enum status must_exist(const struct tape *t, u32 moment, struct err *err)
{
	if (moment < t->n_moments)
		return ST_OK;
	return err_set(err, ST_WRONG, "there is no moment %u; the last one is %u", moment, t->n_moments - 1);
}

enum status tape_replay_scenario(struct tape *t, u32 moment, const struct observer *observer, struct err *err)
{
	struct sim s;

	world_init(&t->other, (enum profile_id)t->now.host[0].profile, (enum profile_id)t->now.host[1].profile);
	sim_init(&s, &t->other, &t->before);
	s.observer = observer;
	s.shows_set_up = true;
	return sim_apply(&s, &t->moments[moment].shown.action, NULL, 0, err);
}

enum status tape_world_at(struct tape *t, u32 moment, struct world *out, struct err *err)
{
	enum status st = must_exist(t, moment, err);
	u32 since;

	return st == ST_OK ? world_at(t, moment, out, &since, err) : st;
}

enum status tape_goto_moment(struct tape *t, u32 moment, struct err *err)
{
	enum status st = must_exist(t, moment, err);
	u32 since;

	if (st == ST_OK)
		st = world_at(t, moment, &t->other, &since, err);
	if (st != ST_OK)
		return st;
	world_copy(&t->now, &t->other);
	t->present = moment;
	t->since_snap = since;
	t->point = t->moments[moment].point;
	/* so that redo finds its way back along the branch gone to */
	for (u32 p = t->point; p != 0; p = t->points[p].shown.parent)
		t->points[t->points[p].shown.parent].redo = p;
	return ST_OK;
}

enum status tape_goto_point(struct tape *t, u32 point, struct err *err)
{
	if (point >= t->n_points)
		return err_set(err, ST_WRONG, "there is no point %u; the last one is %u", point, t->n_points - 1);
	return tape_goto_moment(t, t->points[point].shown.moment, err);
}

static enum status too_far(struct err *err, u32 n, const char *verb)
{
	if (n == 0)
		return err_set(err, ST_WRONG, "nothing to %s", verb);
	return err_set(err, ST_WRONG, "only %u command%s to %s", n, n == 1 ? "" : "s", verb);
}

enum status tape_undo(struct tape *t, u32 n, struct err *err)
{
	u32 p = t->point;
	u32 done = 0;

	/* from inside a command the first step leads to where it began */
	if (n && !at_point(t))
		done = 1;
	for (; done < n; done++) {
		if (p == 0)
			return too_far(err, done, "undo");
		p = t->points[p].shown.parent;
	}
	return n ? tape_goto_point(t, p, err) : ST_OK;
}

enum status tape_redo(struct tape *t, u32 n, struct err *err)
{
	u32 p = t->point;

	for (u32 done = 0; done < n; done++) {
		if (t->points[p].redo == UINT32_MAX)
			return too_far(err, done, "redo");
		p = t->points[p].redo;
	}
	return n ? tape_goto_point(t, p, err) : ST_OK;
}

/* ---- marks --------------------------------------------------------------------------------------------------------- */

static struct mark *find_mark(const struct tape *t, const char *name)
{
	for (u32 i = 0; i < t->n_marks; i++)
		if (strcmp(t->marks[i].name, name) == 0)
			return &t->marks[i];
	return NULL;
}

enum status tape_mark(struct tape *t, const char *name, struct err *err)
{
	struct mark *m = find_mark(t, name);

	if (!*name)
		return err_set(err, ST_WRONG, "a mark needs a name");
	if (!m) {
		t->marks = grow(t->marks, t->n_marks, &t->cap_marks, sizeof(*t->marks));
		m = &t->marks[t->n_marks++];
		m->name = xstrdup(name);
	}
	m->moment = t->present;
	return ST_OK;
}

u32 tape_find_mark(const struct tape *t, const char *name)
{
	const struct mark *m = find_mark(t, name);

	return m ? m->moment : MOMENT_NONE;
}

size_t tape_mark_count(const struct tape *t)
{
	return t->n_marks;
}

const char *tape_mark_name(const struct tape *t, size_t i, u32 *moment)
{
	*moment = t->marks[i].moment;
	return t->marks[i].name;
}

/* ---- replaying ------------------------------------------------------------------------------------------------------- */

u32 tape_scenario_start(const struct tape *t, u32 moment)
{
	while (t->moments[moment].shown.action.kind != ACT_SCENARIO)
		moment = t->moments[moment].shown.parent;
	return moment;
}

enum status tape_replay(struct tape *t, u32 from, u32 to, const struct observer *observer,
			void (*on_moment)(void *ctx, u32 moment, const struct world *before), void *ctx, struct err *err)
{
	enum status st = must_exist(t, from, err);
	u32 since;
	u32 *path;
	u32 n;

	if (st == ST_OK)
		st = must_exist(t, to, err);
	if (st != ST_OK)
		return st;
	path = path_between(t, from, to, &n);
	if (!path)
		return err_set(err, ST_WRONG, "moment %u does not lead to moment %u", from, to);
	st = world_at(t, from, &t->other, &since, err);
	for (u32 i = 0; i < n && st == ST_OK; i++) {
		if (on_moment)
			on_moment(ctx, path[i], &t->other);
		st = take_again(t, &t->other, path[i], observer, err);
	}
	free(path);
	return st == ST_OK && n ? as_before(t, &t->other, to, err) : st;
}

/* An observer that soon looks away. */
struct first_records {
	const struct observer *observer;
	u32 left;
};

static void see_first(void *ctx, const struct sim *s, const struct trec *r)
{
	struct first_records *f = ctx;

	if (f->left) {
		f->left--;
		f->observer->see(f->observer->ctx, s, r);
	}
}

enum status tape_replay_part(struct tape *t, u32 moment, u32 records, const struct observer *observer,
			     void (*on_moment)(void *ctx, u32 moment, const struct world *before), void *ctx,
			     struct err *err)
{
	struct first_records f = { observer, records };
	const struct observer some = { see_first, &f };

	return tape_replay(t, tape_moment(t, moment)->parent, moment, &some, on_moment, ctx, err);
}
