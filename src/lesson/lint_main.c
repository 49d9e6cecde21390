/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `finwait lint`: files in, findings out. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "lesson/course.h"
#include "lesson/lint.h"
#include "lesson/shelf.h"

struct run {
	bool json;
	bool quiet;
	unsigned passed;
	unsigned failed;
	bool wrong; /* nothing there */
};

static void print(void *ctx, const struct err *err)
{
	const struct run *run = ctx;
	struct buf b = BUF_INIT;
	json_t *row;
	char *line;

	if (!run->json) {
		add_err(&b, err);
		puts(buf_str(&b));
		buf_release(&b);
		return;
	}
	row = json_pack("{s:s, s:s, s:i, s:s}", "event", "finding", "file", err->file, "line", (int)err->line, "message",
			err->message);
	line = row ? json_dumps(row, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
	if (line)
		puts(line);
	free(line);
	json_decref(row);
}

/* The folder of a lesson's original, or of itself where it is no translation. */
static void add_folder(struct buf *folder, const char *file)
{
	struct buf original = BUF_INIT;
	const char *slash;

	if (lesson_original(file, &original))
		file = buf_str(&original);
	slash = strrchr(file, '/');
	if (slash)
		buf_add(folder, file, (size_t)(slash - file));
	else
		buf_putc(folder, '.');
	buf_release(&original);
}

/* The lessons that a lesson needs lie beside it, and do not need it; beside a translation not all of them may. */
static void lint_needs(const struct lesson *l, const struct course *c, struct findings *f)
{
	struct buf way = BUF_INIT;

	if (course_goes_round(c, l->id, l->needs, &way)) {
		finding(f, ST_FAILED, l->needs_line, "needs: %s -> %s goes round in a circle: none of them can be the first", l->id,
			buf_str(&way));
	} else {
		for (const char *id = l->needs; *id;) {
			const size_t len = strcspn(id, " ");

			if (!course_find(c, id, len))
				finding(f, ST_FAILED, l->needs_line, "needs: there is no lesson `%.*s` beside this one", (int)len, id);
			id += len + strspn(id + len, " ");
		}
	}
	buf_release(&way);
}

/* Two lessons of a folder are not called the same: only one of them could be begun, and both would count as done. */
static void lint_id(const struct lesson *l, const struct course *c, struct findings *f)
{
	const char *slash = strrchr(l->file, '/'), *file = slash ? slash + 1 : l->file, *other = NULL;
	bool own = false;

	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->lesson[i].file, file) == 0)
			own = true;
		else if (strcmp(c->lesson[i].id, l->id) == 0)
			other = c->lesson[i].file;
	}
	if (own && other)
		finding(f, ST_FAILED, l->id_line, "id: %s beside it is called `%s`, too", other, l->id);
}

void lint_file(const char *path, struct findings *f)
{
	struct buf folder = BUF_INIT;
	struct course course;
	struct lesson *l;

	if (lesson_load(&l, path, f) != ST_OK)
		return;
	lesson_lint(l, f);
	add_folder(&folder, l->file);
	course_open(&course, buf_str(&folder));
	lint_id(l, &course, f);
	lint_needs(l, &course, f);
	course_release(&course);
	buf_release(&folder);
	lesson_free(l);
}

static void lint_one(struct run *run, const char *path)
{
	struct findings f = { .tell = print, .ctx = run, .file = path };

	lint_file(path, &f);
	run->passed += f.n == 0;
	run->failed += f.n != 0;
	/* it could not be read at all */
	run->wrong |= f.mistakes && !f.first.line;
}

static void lint_folder(struct run *run, const char *folder)
{
	char **path;
	const size_t n = lesson_files(folder, &path);

	for (size_t i = 0; i < n; i++)
		lint_one(run, path[i]);
	lesson_files_free(path, n);
	if (n)
		return;
	fprintf(stderr, "finwait lint: %s has no lessons: they are called NN-name.md\n", folder);
	run->wrong = true;
}

int lint_main(int argc, char **argv, bool quiet, bool json)
{
	struct run run = { .json = json, .quiet = quiet };

	if (argc < 2) {
		fputs("finwait lint: no lesson named: finwait lint FILE|DIR...\n", stderr);
		return 2;
	}
	for (int i = 1; i < argc; i++)
		if (ends_in(argv[i], strlen(argv[i]), ".md"))
			lint_one(&run, argv[i]);
		else
			lint_folder(&run, argv[i]);
	if (run.passed + run.failed > 1 && !quiet)
		printf(json ? "{\"event\":\"total\",\"passed\":%u,\"failed\":%u,\"skipped\":0}\n" :
			      "%u passed, %u failed, 0 skipped\n",
		       run.passed, run.failed);
	return run.wrong ? 2 : run.failed ? 1 : 0;
}
