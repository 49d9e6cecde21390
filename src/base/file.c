/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _XOPEN_SOURCE 700
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status refuse(struct err *err, const char *path, const char *what, int error)
{
	err_place(err, strcmp(path, "-") == 0 ? "standard input" : *path ? path : "\"\"", 0, 0);
	if (error)
		return err_set(err, ST_WRONG, "%s: %s", what, strerror(error));
	return err_set(err, ST_WRONG, "%s", what);
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

/* 0, or an errno; EFBIG when there is more than `limit`. */
static int read_all(int fd, size_t limit, struct buf *out)
{
	const size_t start = out->len;

	for (;;) {
		ssize_t n = read(fd, buf_reserve(out, 65536), 65536);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			return 0;
		out->len += (size_t)n;
		out->data[out->len] = '\0';
		if (out->len - start > limit)
			return EFBIG;
	}
}

size_t byte_order_mark(const char *text, size_t len)
{
	return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static void drop_mark(struct buf *b, size_t start)
{
	const size_t mark = b->len > start ? byte_order_mark(b->data + start, b->len - start) : 0;

	if (!mark)
		return;
	memmove(b->data + start, b->data + start + mark, b->len - start - mark);
	buf_truncate(b, b->len - mark);
}

enum status file_read(const char *path, size_t limit, struct buf *out, struct err *err)
{
	const bool is_stdin = strcmp(path, "-") == 0;
	const size_t start = out->len;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	int error;

	if (fd < 0)
		return refuse(err, path, "cannot be opened", errno);
	error = read_all(fd, limit, out);
	if (!is_stdin)
		close(fd);
	if (!error) {
		drop_mark(out, start);
		return ST_OK;
	}
	buf_truncate(out, start);
	if (error != EFBIG)
		return refuse(err, path, "cannot be read", error);
	err_place(err, is_stdin ? "standard input" : path, 0, 0);
	return err_set(err, ST_WRONG, "is larger than %zu bytes", limit);
}

/* ---- listing ------------------------------------------------------------------------------------------------------- */

bool file_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

void file_names(const char *begun, void (*offer)(void *ctx, const char *path), void *ctx)
{
	const char *slash = strrchr(begun, '/');
	const char *base = slash ? slash + 1 : begun;
	struct buf path = BUF_INIT;
	struct dirent *entry;
	struct stat st;
	DIR *d;

	buf_add(&path, begun, (size_t)(base - begun));
	d = opendir(path.len ? buf_str(&path) : ".");
	while (d && (entry = readdir(d))) {
		if (strncmp(entry->d_name, base, strlen(base)) != 0 || (entry->d_name[0] == '.' && base[0] != '.'))
			continue;
		buf_truncate(&path, (size_t)(base - begun));
		buf_puts(&path, entry->d_name);
		if (stat(buf_str(&path), &st) == 0 && S_ISDIR(st.st_mode))
			buf_putc(&path, '/');
		offer(ctx, buf_str(&path));
	}
	if (d)
		closedir(d);
	buf_release(&path);
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static enum status write_through(const char *path, const char *data, size_t len, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	int error;

	if (fd < 0)
		return refuse(err, path, "cannot be opened for writing", errno);
	error = write_all(fd, data, len);
	if (close(fd) != 0 && !error)
		error = errno;
	return error ? refuse(err, path, "cannot be written", error) : ST_OK;
}

/* A new file beside `path`, whose name is put into `temp`. -1: errno says why not. */
static int temp_open(const char *path, struct buf *temp)
{
	for (unsigned try = 0; try < 100; try++) {
		int fd;

		buf_clear(temp);
		buf_printf(temp, "%s.%ld-%u.new", path, (long)getpid(), try);
		fd = open(buf_str(temp), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

/* Makes the renaming itself last over a crash. Not every file system can, and the data is safe by then. */
static void sync_folder(const char *path)
{
	struct buf folder = BUF_INIT;
	const char *slash = strrchr(path, '/');
	int fd;

	if (!slash)
		buf_puts(&folder, ".");
	else
		buf_add(&folder, path, slash == path ? 1 : (size_t)(slash - path));
	fd = open(buf_str(&folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	buf_release(&folder);
}

/* 0 or an errno. link() is the one call that puts a file in place only where none is. */
static int put_in_place(const char *temp, const char *path, bool overwrite)
{
	struct stat st;

	if (overwrite)
		return rename(temp, path) == 0 ? 0 : errno;
	if (link(temp, path) == 0) {
		unlink(temp);
		return 0;
	}
	if (errno != EPERM && errno != ENOTSUP && errno != ENOSYS && errno != EMLINK)
		return errno;
	/* a file system without links */
	if (lstat(path, &st) == 0)
		return EEXIST;
	return rename(temp, path) == 0 ? 0 : errno;
}

static int write_temp(int fd, const struct stat *old, const char *data, size_t len)
{
	int error = write_all(fd, data, len);

	if (!error && old && fchmod(fd, old->st_mode & 07777) != 0)
		error = errno;
	if (!error && fsync(fd) != 0)
		error = errno;
	if (close(fd) != 0 && !error)
		error = errno;
	return error;
}

static enum status write_new(const char *path, const struct stat *old, const char *data, size_t len, struct err *err)
{
	struct buf temp = BUF_INIT;
	int fd = temp_open(path, &temp);
	int error;

	if (fd < 0) {
		error = errno;
	} else {
		error = write_temp(fd, old, data, len);
		if (!error)
			error = put_in_place(buf_str(&temp), path, old != NULL);
		if (error)
			unlink(buf_str(&temp));
		else
			sync_folder(path);
	}
	buf_release(&temp);
	if (error == EEXIST)
		return refuse(err, path, "is there already, and was not overwritten", 0);
	return error ? refuse(err, path, "cannot be written", error) : ST_OK;
}

enum status file_write(const char *path, const void *data, size_t len, bool overwrite, struct err *err)
{
	struct stat st;
	enum status status;
	char *real;

	if (stat(path, &st) != 0)
		return write_new(path, NULL, data, len, err);
	if (S_ISDIR(st.st_mode))
		return refuse(err, path, "is a directory", 0);
	if (!S_ISREG(st.st_mode))
		return write_through(path, data, len, err);
	if (!overwrite)
		return refuse(err, path, "is there already, and was not overwritten", 0);
	/* through a symbolic link the file is replaced, not the link */
	real = realpath(path, NULL);
	if (!real)
		return refuse(err, path, "cannot be written", errno);
	status = write_new(real, &st, data, len, err);
	free(real);
	return status;
}
