/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/glossary.h"

#include <string.h>

#include "base/file.h"
#include "base/place.h"
#include "base/utf8.h"

#define LARGEST (1u << 20)

/* Whether `word` is one of the names in [p, end). */
static bool names(const char *p, const char *end, const char *word)
{
	const size_t len = strlen(word);

	while (p < end) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		const char *stop = comma ? comma : end;

		while (p < stop && *p == ' ')
			p++;
		if ((size_t)(stop - p) == len && memcmp(p, word, len) == 0)
			return true;
		p = stop + 1;
	}
	return false;
}

static const char *line_end(const char *p)
{
	return p + strcspn(p, "\n");
}

/* The paragraph's lines as one, up to the next heading. */
static void add_text(struct buf *out, const char *p)
{
	const size_t begun = out->len;

	while (*p && strncmp(p, "## ", 3) != 0) {
		const char *end = line_end(p);

		if (end > p) {
			if (out->len > begun && utf8_end_is_blank(out->data, out->len, p, (size_t)(end - p)))
				buf_putc(out, ' ');
			buf_add(out, p, (size_t)(end - p));
		}
		p = *end ? end + 1 : end;
	}
}

bool glossary_find_in(const char *text, const char *word, struct buf *out)
{
	for (const char *p = text; *p;) {
		const char *end = line_end(p);

		if (strncmp(p, "## ", 3) == 0 && names(p + 3, end, word)) {
			add_text(out, *end ? end + 1 : end);
			return true;
		}
		p = *end ? end + 1 : end;
	}
	return false;
}

const char *const *glossary_files(enum glossary part)
{
	static const char *const files[NR_GLOSSARY][8] = {
		[GLOSSARY_FUNCTIONS] = { "functions-fs.md", "functions-socket.md", "functions-inet.md", "functions-tcp.md",
					 "functions-input.md", "functions-output.md", "functions-udp.md", NULL },
		[GLOSSARY_STATES] = { "states.md", NULL },
		[GLOSSARY_FLAGS] = { "flags.md", NULL },
		[GLOSSARY_ERRNOS] = { "errnos.md", NULL },
		[GLOSSARY_FIELDS] = { "fields.md", NULL },
		[GLOSSARY_WORDS] = { "words.md", "constants.md", NULL },
		[GLOSSARY_SYSCTLS] = { "sysctls.md", NULL },
		[GLOSSARY_OPTIONS] = { "options.md", NULL },
		[GLOSSARY_COUNTERS] = { "counters.md", NULL },
		[GLOSSARY_COMMANDS] = { "commands.md", NULL },
		[GLOSSARY_WRITE_UPS] = { "write-ups.md", NULL },
	};

	return files[part];
}

/* In one file of the program's data. */
static bool find_in_file(const char *language, const char *file, const char *word, struct buf *out)
{
	struct buf name = BUF_INIT, path = BUF_INIT, text = BUF_INIT;
	bool found = false;

	buf_printf(&name, "assets/glossary/%s%s%s", language, *language ? "/" : "", file);
	if (place_of_program(buf_str(&name), &path) && file_read(buf_str(&path), LARGEST, &text, NULL) == ST_OK)
		found = glossary_find_in(buf_str(&text), word, out);
	buf_release(&text);
	buf_release(&path);
	buf_release(&name);
	return found;
}

bool glossary_find(enum glossary part, const char *language, const char *word, struct buf *out)
{
	for (const char *const *f = glossary_files(part); *f; f++)
		if ((*language && find_in_file(language, *f, word, out)) || find_in_file("", *f, word, out))
			return true;
	return false;
}
