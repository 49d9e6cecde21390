/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lesson/progress.h"

#include <string.h>

#include "base/file.h"
#include "base/place.h"

enum { PROGRESS_LIMIT = 1 << 20 };

static const char head[] = "# finwait: lessons that were begun. LESSON STEP-TO-GO-ON-AT: STEPS-DONE\n";

/* The whole file; empty when there is none. */
static bool read_file(struct buf *path, struct buf *text)
{
	if (!place_of_state("lessons", path))
		return false;
	file_read(buf_str(path), PROGRESS_LIMIT, text, NULL);
	return true;
}

/* What stands behind the lesson's name on its line; NULL: the line is another's. */
static const char *of_lesson(const char *line, size_t len, const char *lesson)
{
	const size_t n = strlen(lesson);

	return len > n && memcmp(line, lesson, n) == 0 && line[n] == ' ' ? line + n + 1 : NULL;
}

void progress_read(const char *lesson, struct progress *p)
{
	struct buf path = BUF_INIT, text = BUF_INIT;

	*p = (struct progress){ BUF_INIT, BUF_INIT };
	buf_putc(&p->done, ' ');
	read_file(&path, &text);
	for (const char *line = buf_str(&text); *line;) {
		const size_t len = strcspn(line, "\n");
		const char *rest = of_lesson(line, len, lesson);
		const char *colon = rest ? memchr(rest, ':', len - (size_t)(rest - line)) : NULL;

		if (colon && !p->at.len) {
			buf_add(&p->at, rest, (size_t)(colon - rest));
			for (const char *id = colon + 1; id < line + len;) {
				const size_t n = strcspn(id, " \n");

				if (n) {
					buf_add(&p->done, id, n);
					buf_putc(&p->done, ' ');
				}
				id += n + (n == 0);
			}
		}
		line += len + (line[len] == '\n');
	}
	buf_release(&path);
	buf_release(&text);
}

void progress_release(struct progress *p)
{
	buf_release(&p->at);
	buf_release(&p->done);
}

bool progress_is_done(const struct progress *p, const char *step)
{
	struct buf word = BUF_INIT;
	bool found;

	buf_printf(&word, " %s ", step);
	found = strstr(buf_str(&p->done), buf_str(&word)) != NULL;
	buf_release(&word);
	return found;
}

void progress_add(struct progress *p, const char *step)
{
	if (!progress_is_done(p, step))
		buf_printf(&p->done, "%s ", step);
}

enum status progress_write(const char *lesson, const struct progress *p, struct err *err)
{
	struct buf path = BUF_INIT, text = BUF_INIT, out = BUF_INIT;
	enum status st;

	if (!read_file(&path, &text)) {
		buf_release(&text);
		return err_set(err, ST_WRONG, "there is no folder for it: neither XDG_STATE_HOME nor HOME names one");
	}
	buf_puts(&out, head);
	for (const char *line = buf_str(&text); *line;) {
		const size_t len = strcspn(line, "\n");

		if (len && *line != '#' && !of_lesson(line, len, lesson)) {
			buf_add(&out, line, len);
			buf_putc(&out, '\n');
		}
		line += len + (line[len] == '\n');
	}
	if (p->at.len || p->done.len > 1)
		buf_printf(&out, "%s %s:%.*s\n", lesson, buf_str(&p->at), (int)(p->done.len - 1), buf_str(&p->done));
	st = file_write(buf_str(&path), buf_str(&out), out.len, true, err);
	buf_release(&path);
	buf_release(&text);
	buf_release(&out);
	return st;
}
