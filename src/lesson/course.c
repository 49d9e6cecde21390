/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lesson/course.h"

#include <stdlib.h>
#include <string.h>

#include "lesson/shelf.h"

void course_open(struct course *c, const char *folder)
{
	char **path;
	const size_t n = lesson_files(folder, &path);

	*c = (struct course){ xcalloc(n + 1, sizeof(*c->lesson)), 0 };
	for (size_t i = 0; i < n; i++) {
		struct findings nobody = { .file = path[i] };
		struct buf original = BUF_INIT;
		struct lesson *l;

		if (!lesson_original(path[i], &original) && lesson_load(&l, path[i], &nobody) == ST_OK) {
			const char *slash = strrchr(path[i], '/');

			c->lesson[c->n++] = (struct course_lesson){ .file = xstrdup(slash ? slash + 1 : path[i]),
								    .id = xstrdup(l->id), .needs = xstrdup(l->needs) };
			lesson_free(l);
		}
		buf_release(&original);
	}
	lesson_files_free(path, n);
}

void course_release(struct course *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->lesson[i].file);
		free(c->lesson[i].id);
		free(c->lesson[i].needs);
	}
	free(c->lesson);
	*c = (struct course){ NULL, 0 };
}

const struct course_lesson *course_find(const struct course *c, const char *id, size_t len)
{
	for (size_t i = 0; i < c->n; i++)
		if (strlen(c->lesson[i].id) == len && memcmp(c->lesson[i].id, id, len) == 0)
			return &c->lesson[i];
	return NULL;
}

/* `seen` has a mark for each lesson that led nowhere, or is on the way already. */
static bool leads_to(const struct course *c, const char *id, const char *needs, bool *seen, struct buf *way)
{
	const size_t before = way->len;

	for (size_t len; *needs; needs += len + strspn(needs + len, " ")) {
		const struct course_lesson *next;

		len = strcspn(needs, " ");
		buf_printf(way, "%s%.*s", before ? " -> " : "", (int)len, needs);
		if (strlen(id) == len && memcmp(id, needs, len) == 0)
			return true;
		next = course_find(c, needs, len);
		if (next && !seen[next - c->lesson]) {
			seen[next - c->lesson] = true;
			if (leads_to(c, id, next->needs, seen, way))
				return true;
		}
		buf_truncate(way, before);
	}
	return false;
}

bool course_goes_round(const struct course *c, const char *id, const char *needs, struct buf *way)
{
	bool *seen = xcalloc(c->n + 1, sizeof(*seen));
	const bool found = leads_to(c, id, needs, seen, way);

	free(seen);
	return found;
}
