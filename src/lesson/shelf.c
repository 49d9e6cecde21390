/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lesson/shelf.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/place.h"
#include "base/text.h"
#include "lang/language.h"

enum { LESSON_LIMIT = 1 << 20 };

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool lesson_original(const char *path, struct buf *out)
{
	const size_t folder = (size_t)(file_name(path) - path);

	for (int i = 1; i < NR_LANGUAGES; i++) {
		const size_t n = strlen(languages[i]);

		if (folder < n + 1 || memcmp(path + folder - n - 1, languages[i], n) != 0 ||
		    (folder > n + 1 && path[folder - n - 2] != '/'))
			continue;
		/* in the folder itself the original is above it */
		if (folder == n + 1)
			buf_puts(out, "./");
		buf_add(out, path, folder - n - 1);
		buf_puts(out, file_name(path));
		return true;
	}
	return false;
}

static enum status load_original(struct lesson **out, const char *path, struct findings *f)
{
	struct buf text = BUF_INIT;
	struct err err = { .line = 0 };
	enum status st = file_read(path, LESSON_LIMIT, &text, &err);

	*out = NULL;
	if (st != ST_OK)
		finding(f, ST_WRONG, 0, "%s", err.message);
	else
		st = lesson_parse(out, path, buf_str(&text), text.len, f);
	buf_release(&text);
	return st;
}

static enum status load_translation(struct lesson **out, const char *path, struct lesson *original, struct findings *f)
{
	struct buf text = BUF_INIT;
	struct err err = { .line = 0 };
	enum status st = file_read(path, LESSON_LIMIT, &text, &err);

	if (st == ST_OK) {
		st = lesson_parse_translation(out, path, buf_str(&text), text.len, original, f);
	} else {
		finding(f, ST_WRONG, 0, "%s", err.message);
		lesson_free(original);
	}
	buf_release(&text);
	return st;
}

enum status lesson_load(struct lesson **out, const char *path, struct findings *f)
{
	struct buf beside = BUF_INIT;
	struct lesson *original = NULL;
	enum status st;

	*out = NULL;
	if (!lesson_original(path, &beside)) {
		st = load_original(out, path, f);
	} else {
		struct findings of_original = *f;

		of_original.file = buf_str(&beside);
		st = load_original(&original, buf_str(&beside), &of_original);
		of_original.file = f->file;
		*f = of_original;
		if (st == ST_OK)
			st = load_translation(out, path, original, f);
	}
	buf_release(&beside);
	return st;
}

bool lesson_translation(const char *path, const char *language, struct buf *out)
{
	struct buf b = BUF_INIT;
	bool there;

	buf_printf(&b, "%.*s%s/%s", (int)(file_name(path) - path), path, language, file_name(path));
	there = file_there(buf_str(&b));
	if (there)
		buf_puts(out, buf_str(&b));
	buf_release(&b);
	return there;
}

/* ---- files ----------------------------------------------------------------------------------------------------- */

struct list {
	char **path;
	size_t n;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void offer(void *ctx, const char *path)
{
	struct list *l = ctx;
	const char *name = file_name(path);

	if (!is_digit(name[0]) || !is_digit(name[1]) || name[2] != '-' || !ends_in(name, strlen(name), ".md"))
		return;
	l->path = xrealloc(l->path, (l->n + 1) * sizeof(*l->path));
	l->path[l->n++] = xstrdup(path);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

size_t lesson_files(const char *folder, char ***path)
{
	const bool slash = ends_in(folder, strlen(folder), "/");
	struct list l = { NULL, 0 };

	for (int i = 0; i < NR_LANGUAGES; i++) {
		const size_t before = l.n;
		struct buf begun = BUF_INIT;

		buf_printf(&begun, "%s%s%s%s", folder, slash ? "" : "/", i ? languages[i] : "", i ? "/" : "");
		file_names(buf_str(&begun), offer, &l);
		if (l.n > before)
			qsort(l.path + before, l.n - before, sizeof(*l.path), compare);
		buf_release(&begun);
	}
	*path = l.path;
	return l.n;
}

void lesson_files_free(char **path, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(path[i]);
	free(path);
}

/* ---- the shelf ------------------------------------------------------------------------------------------------- */

/* The title of its translation into one of `languages`, or its own. Owned by the caller. */
static char *title_in(const struct lesson *l, const char *path, int language)
{
	struct buf other = BUF_INIT;
	struct lesson *translation = NULL;
	char *title;

	if (language && lesson_translation(path, languages[language], &other)) {
		struct findings f = { .file = buf_str(&other) };

		lesson_load(&translation, buf_str(&other), &f);
	}
	title = xstrdup(translation ? translation->title : l->title);
	lesson_free(translation);
	buf_release(&other);
	return title;
}

static void put(struct shelf *s, const char *path, int language)
{
	struct findings f = { .file = path };
	struct shelved *sh;
	struct lesson *l;

	/* translations lie in folders of their own */
	if (lesson_load(&l, path, &f) != ST_OK)
		return;
	s->lesson = xrealloc(s->lesson, (s->n + 1) * sizeof(*s->lesson));
	sh = &s->lesson[s->n++];
	*sh = (struct shelved){ .path = xstrdup(path), .id = xstrdup(l->id), .title = title_in(l, path, language),
				.number = (u32)strtoul(file_name(path), NULL, 10), .steps = (u32)l->steps };
	sh->step = xcalloc(l->steps, sizeof(*sh->step));
	for (size_t i = 0; i < l->steps; i++)
		sh->step[i] = xstrdup(l->step[i].id);
	lesson_free(l);
}

void shelf_open(struct shelf *s, int language)
{
	struct buf folder = BUF_INIT;
	char **path;
	size_t n;

	*s = (struct shelf){ NULL, 0 };
	if (!place_of_program("lessons/", &folder))
		return;
	n = lesson_files(buf_str(&folder), &path);
	for (size_t i = 0; i < n; i++)
		if (strlen(path[i]) - strlen(file_name(path[i])) == folder.len)
			put(s, path[i], language);
	lesson_files_free(path, n);
	buf_release(&folder);
}

void shelf_release(struct shelf *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->lesson[i].path);
		free(s->lesson[i].id);
		free(s->lesson[i].title);
		for (u32 k = 0; k < s->lesson[i].steps; k++)
			free(s->lesson[i].step[k]);
		free(s->lesson[i].step);
	}
	free(s->lesson);
	*s = (struct shelf){ NULL, 0 };
}

const struct shelved *shelf_find(const struct shelf *s, const char *name, struct err *err)
{
	struct nearest near;
	struct buf hint = BUF_INIT;
	s64 number;

	nearest_init(&near, name);
	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(s->lesson[i].id, name) == 0 || (parse_number(name, &number) && s->lesson[i].number == number))
			return &s->lesson[i];
		nearest_try(&near, s->lesson[i].id);
	}
	err_set(err, ST_WRONG, "there is no lesson `%s`%s", name,
		near.name ? nearest_hint(&near, &hint) : "; `lesson list` shows those there are");
	buf_release(&hint);
	return NULL;
}
