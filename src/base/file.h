/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole files, in and out. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"
#include "base/err.h"

/* More than any script, lesson or journal has a use for. */
#define FILE_LIMIT ((size_t)16 << 20)

/* How many bytes of the UTF-8 byte order mark `text` begins with: all three or none. */
size_t byte_order_mark(const char *text, size_t len);

/*
 * Appends the whole file, a text, to `out`, but for a byte order mark; "-" is standard input. `limit` is the most bytes it may have.
 * ST_WRONG: it is not there, is a directory, is too large, or cannot be read; `err` says which, with the file's name
 * in err->file, and `out` is as it was.
 */
enum status file_read(const char *path, size_t limit, struct buf *out, struct err *err);

/* Whether something of that name is there, and no folder. */
bool file_there(const char *path);

/*
 * Gives `offer` every file whose path begins with `begun`, folders with a `/` behind them; of hidden ones only those whose
 * dot is typed.
 */
void file_names(const char *begun, void (*offer)(void *ctx, const char *path), void *ctx);

/*
 * Writes a whole file at once: whoever looks sees the old one or the new one, never half of it, also after a crash.
 * An existing regular file is refused unless `overwrite`; a pipe or a device (/dev/stdout) is simply written to.
 * ST_WRONG: see `err`; the old file is untouched.
 */
enum status file_write(const char *path, const void *data, size_t len, bool overwrite, struct err *err);

/* Waits for a file to be written. */
struct file_watch {
	const char *path; /* the caller's */
	int fd;
	int pad_;
};
/* What is written from now on counts. ST_WRONG: its folder cannot be watched. */
enum status file_watch_begin(struct file_watch *w, const char *path, struct err *err);
/* Comes back when somebody has written it, or put another file in its place. */
enum status file_watch_wait(struct file_watch *w, struct err *err);
void file_watch_end(struct file_watch *w);

#endif
