/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

/* One line of whole characters: what a person quoted may hold newlines, and a cut may go through a character. */
static void tidy(char *message)
{
	size_t n = strlen(message);

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)message[i] < 0x20)
			message[i] = ' ';
	if (n + 1 < sizeof(((struct err *)0)->message))
		return;
	while (n && ((unsigned char)message[n - 1] & 0xc0) == 0x80)
		n--;
	message[n && (unsigned char)message[n - 1] >= 0xc0 ? n - 1 : n] = '\0';
}

enum status err_set(struct err *err, enum status st, const char *format, ...)
{
	va_list ap;

	if (!err)
		return st;
	va_start(ap, format);
	if (vsnprintf(err->message, sizeof(err->message), format, ap) < 0)
		err->message[0] = '\0';
	va_end(ap);
	tidy(err->message);
	return st;
}

void err_clear(struct err *err)
{
	if (err)
		memset(err, 0, sizeof(*err));
}

void err_place(struct err *err, const char *file, u32 line, u32 column)
{
	if (!err)
		return;
	if (!err->file[0] && file)
		snprintf(err->file, sizeof(err->file), "%s", file);
	if (!err->line) {
		err->line = line;
		err->column = column;
	} else if (!err->column && err->line == line) {
		err->column = column;
	}
}

void add_err(struct buf *b, const struct err *err)
{
	if (err->file[0] && err->line && err->column)
		buf_printf(b, "%s:%u:%u: ", err->file, err->line, err->column);
	else if (err->file[0] && err->line)
		buf_printf(b, "%s:%u: ", err->file, err->line);
	else if (err->file[0])
		buf_printf(b, "%s: ", err->file);
	buf_puts(b, err->message);
}
