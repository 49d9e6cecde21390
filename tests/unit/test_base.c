/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors, growing strings, whole files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

static void test_err(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(err_set(NULL, ST_FULL, "nobody listens"), ST_FULL);
	assert_int_equal(err_set(&err, ST_WRONG, "%s %d", "no", 5), ST_WRONG);
	assert_string_equal(err.message, "no 5");
	err_place(&err, NULL, 3, 0);
	err_place(&err, "f", 3, 9);
	err_place(&err, "g", 4, 1);
	assert_string_equal(err.file, "f");
	assert_int_equal(err.line, 3);
	assert_int_equal(err.column, 9);
	err_clear(&err);
	assert_int_equal(err.line, 0);
	err_place(NULL, "f", 1, 1);
}

static void test_buf(void **state)
{
	struct buf b = BUF_INIT;
	char *text;

	(void)state;
	assert_string_equal(buf_str(&b), "");
	buf_truncate(&b, 5);
	for (unsigned i = 0; i < 1000; i++)
		buf_printf(&b, "%u,", i);
	assert_int_equal(b.len, strlen(buf_str(&b)));
	assert_int_equal(b.len, 10 * 2 + 90 * 3 + 900 * 4);
	buf_truncate(&b, 4);
	assert_string_equal(buf_str(&b), "0,1,");
	buf_add(&b, "x\0y", 3);
	buf_fill(&b, '-', 2);
	buf_putc(&b, '!');
	assert_int_equal(b.len, 10);
	assert_memory_equal(b.data, "0,1,x\0y--!", 11);
	text = buf_detach(&b);
	assert_int_equal(b.len, 0);
	assert_string_equal(buf_str(&b), "");
	free(text);
	text = buf_detach(&b);
	assert_string_equal(text, "");
	free(text);
	buf_release(&b);
}

/* ---- files --------------------------------------------------------------------------------------------------------- */

static char folder[] = "/tmp/finwait-test-XXXXXX";

static const char *path_of(const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void content_is(const char *path, const char *text)
{
	struct buf b = BUF_INIT;
	struct err err = { 0 };

	assert_int_equal(file_read(path, FILE_LIMIT, &b, &err), ST_OK);
	assert_string_equal(buf_str(&b), text);
	buf_release(&b);
}

static void test_write_and_read(void **state)
{
	const char *path = path_of("a");
	struct stat st;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(file_write(path, "one", 3, false, &err), ST_OK);
	content_is(path, "one");
	assert_int_equal(file_write(path, "two", 3, false, &err), ST_WRONG);
	assert_string_equal(err.file, path);
	assert_non_null(strstr(err.message, "was not overwritten"));
	content_is(path, "one");
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(file_write(path, "two", 3, true, &err), ST_OK);
	content_is(path, "two");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(unlink(path), 0);
}

static void test_link_stays(void **state)
{
	char path[200];
	struct stat st;
	struct err err = { 0 };

	(void)state;
	strcpy(path, path_of("real"));
	assert_int_equal(file_write(path, "1", 1, false, &err), ST_OK);
	assert_int_equal(symlink("real", path_of("link")), 0);
	assert_int_equal(file_write(path_of("link"), "2", 1, true, &err), ST_OK);
	content_is(path, "2");
	assert_int_equal(lstat(path_of("link"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(unlink(path_of("link")), 0);
	assert_int_equal(unlink(path), 0);
}

static void test_refusals(void **state)
{
	struct buf b = BUF_INIT;
	struct err err = { 0 };

	(void)state;
	buf_puts(&b, "kept");
	assert_int_equal(file_read(path_of("none"), FILE_LIMIT, &b, &err), ST_WRONG);
	assert_string_equal(err.message, "cannot be opened: No such file or directory");
	err_clear(&err);
	assert_int_equal(file_read(folder, FILE_LIMIT, &b, &err), ST_WRONG);
	assert_string_equal(err.message, "cannot be read: Is a directory");
	err_clear(&err);
	assert_int_equal(file_read("/dev/zero", 1000, &b, &err), ST_WRONG);
	assert_string_equal(err.message, "is larger than 1000 bytes");
	assert_string_equal(buf_str(&b), "kept");
	assert_int_equal(file_write(folder, "x", 1, true, &err), ST_WRONG);
	assert_int_equal(file_write(path_of("none/x"), "x", 1, true, &err), ST_WRONG);
	assert_int_equal(file_write("/dev/null", "x", 1, false, &err), ST_OK);
	assert_int_equal(file_write("/dev/full", "x", 1, false, &err), ST_WRONG);
	buf_release(&b);
}

/* The folder can only be removed when no temporary file was left over. */
static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_err),
		cmocka_unit_test(test_buf),
		cmocka_unit_test(test_write_and_read),
		cmocka_unit_test(test_link_stays),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
