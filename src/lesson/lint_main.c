/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `finwait lint`: files in, findings out. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
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

/* The lessons that a lesson needs lie beside it; beside a translation not all of them may. */
static void lint_needs(const struct lesson *l, struct findings *f)
{
	struct buf folder = BUF_INIT;
	char **path;
	size_t n;

	if (!*l->needs)
		return;
	add_folder(&folder, l->file);
	n = lesson_files(buf_str(&folder), &path);
	for (const char *id = l->needs; *id;) {
		const size_t len = strcspn(id, " ");
		bool found = false;

		for (size_t i = 0; i < n && !found; i++) {
			struct findings nobody = { .file = path[i] };
			struct lesson *other;

			if (lesson_load(&other, path[i], &nobody) != ST_OK)
				continue;
			found = strlen(other->id) == len && memcmp(other->id, id, len) == 0 && strcmp(other->id, l->id) != 0;
			lesson_free(other);
		}
		if (!found)
			finding(f, ST_FAILED, l->needs_line, "needs: there is no lesson `%.*s` beside this one", (int)len, id);
		id += len + strspn(id + len, " ");
	}
	lesson_files_free(path, n);
	buf_release(&folder);
}

void lint_file(const char *path, struct findings *f)
{
	struct lesson *l;

	if (lesson_load(&l, path, f) != ST_OK)
		return;
	lesson_lint(l, f);
	lint_needs(l, f);
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
