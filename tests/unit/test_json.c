/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What --json prints is what assets/schema/events.md says: every line of every golden script is one object, of a known event,
 * with the members that its table names and no others. $FINWAIT names the program.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

enum { MAX_SHAPES = 120, MAX_MEMBERS = 24 };

/* A row of the tables: an event, the members it must have, and those it may have. */
struct shape {
	char event[32];
	char must[MAX_MEMBERS][24];
	char may[MAX_MEMBERS][24];
	size_t n_must, n_may;
};

static struct shape shapes[MAX_SHAPES];
static size_t n_shapes;

static void add_words(char words[][24], size_t *n, char *list)
{
	for (char *save, *w = strtok_r(list, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		assert_true(*n < MAX_MEMBERS && strlen(w) < 24);
		strcpy(words[(*n)++], w);
	}
}

/* `| `a`, `b` | `x y z`, and `w` ...: text |`: the last cell's first `...` lists what must be there, unless "the same" does. */
static void read_members(struct shape *s, char *cell, const struct shape *same)
{
	bool first = true;

	if (strstr(cell, "the same")) {
		memcpy(s->must, same->must, sizeof(s->must));
		memcpy(s->may, same->may, sizeof(s->may));
		s->n_must = same->n_must;
		s->n_may = same->n_may;
		first = false;
	}
	for (char *at = strchr(cell, '`'); at; at = strchr(at, '`')) {
		char *end = strchr(at + 1, '`');

		if (!end)
			return;
		*end = '\0';
		if (first)
			add_words(s->must, &s->n_must, at + 1);
		else
			add_words(s->may, &s->n_may, at + 1);
		first = false;
		at = end + 1;
	}
}

static void read_row(char *row)
{
	char *last_bar = strrchr(row, '|');
	char *cell, *names, *end;
	size_t begin = n_shapes;

	*last_bar = '\0';
	cell = strrchr(row, '|');
	names = row + 1;
	*strchr(names, '|') = '\0';
	for (char *at = strchr(names, '`'); at; at = strchr(end + 1, '`')) {
		struct shape *s = &shapes[n_shapes++];

		assert_true(n_shapes < MAX_SHAPES);
		end = strchr(at + 1, '`');
		assert_non_null(end);
		snprintf(s->event, sizeof(s->event), "%.*s", (int)(end - at - 1), at + 1);
	}
	for (size_t i = begin; i < n_shapes; i++) {
		char copy[1000];

		snprintf(copy, sizeof(copy), "%s", cell + 1);
		read_members(&shapes[i], copy, begin ? &shapes[begin - 1] : &shapes[0]);
	}
}

static int read_schema(void **state)
{
	FILE *f = fopen("assets/schema/events.md", "r");
	char line[1000];

	(void)state;
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, "| `", 3) == 0)
			read_row(line);
	fclose(f);
	return n_shapes > 20 ? 0 : -1;
}

static bool listed(char words[][24], size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

static bool fits(struct shape *s, json_t *object)
{
	const char *key;
	json_t *value;

	for (size_t i = 0; i < s->n_must; i++)
		if (!json_object_get(object, s->must[i]) && !listed(s->may, s->n_may, s->must[i]))
			return false;
	json_object_foreach(object, key, value)
		if (strcmp(key, "event") != 0 && !listed(s->must, s->n_must, key) && !listed(s->may, s->n_may, key))
			return false;
	return true;
}

/* The line is an object that fits one of the shapes of its event. */
static bool line_is_as_told(const char *line)
{
	json_error_t error;
	json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &error);
	const char *event = json_string_value(json_object_get(object, "event"));
	bool good = false;

	for (size_t i = 0; event && i < n_shapes && !good; i++)
		good = strcmp(shapes[i].event, event) == 0 && fits(&shapes[i], object);
	json_decref(object);
	return good;
}

/* What the shell prints that is given `before`, the program, `between` and a file. Returns its status. */
static int lines_are_as_told(const char *before, const char *between, const char *file, size_t *lines)
{
	const char *program = getenv("FINWAIT");
	char command[500];
	static char line[200000];
	FILE *out;

	snprintf(command, sizeof(command), "%s%s%s%s", before, program ? program : "./finwait", between, file);
	out = popen(command, "r");
	assert_non_null(out);
	for (; fgets(line, sizeof(line), out); ++*lines)
		if (strncmp(line, "{\"event\":\"command\"", 18) != 0 && !line_is_as_told(line))
			fail_msg("%s: %s", file, line);
	return pclose(out);
}

static void golden_scripts_print_what_the_schema_says(void **state)
{
	glob_t scripts;
	size_t lines = 0;

	(void)state;
	assert_int_equal(glob("tests/golden/*.fw", 0, NULL, &scripts), 0);
	for (size_t i = 0; i < scripts.gl_pathc; i++)
		assert_int_equal(lines_are_as_told("", " --json run ", scripts.gl_pathv[i], &lines), 0);
	globfree(&scripts);
	assert_true(lines > 10000);
}

/* Mistakes are made there on purpose: they go to standard error, and are no objects. */
static void lessons_print_what_the_schema_says(void **state)
{
	char folder[] = "/tmp/json.XXXXXX", before[200];
	glob_t scripts;
	size_t lines = 0;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(before, sizeof(before), "XDG_STATE_HOME=%s ", folder);
	assert_int_equal(glob("tests/lessons/*.in", 0, NULL, &scripts), 0);
	for (size_t i = 0; i < scripts.gl_pathc; i++)
		lines_are_as_told(before, " --json 2>/dev/null <", scripts.gl_pathv[i], &lines);
	globfree(&scripts);
	assert_true(lines > 100);
	snprintf(before, sizeof(before), "rm -r %s", folder);
	assert_int_equal(system(before), 0);
}

static void what_the_schema_does_not_know_is_refused(void **state)
{
	(void)state;
	assert_true(line_is_as_told("{\"event\":\"time\",\"time_us\":5}"));
	assert_false(line_is_as_told("{\"event\":\"time\"}"));
	assert_false(line_is_as_told("{\"event\":\"time\",\"time_us\":5,\"more\":1}"));
	assert_false(line_is_as_told("{\"event\":\"tide\",\"time_us\":5}"));
	assert_false(line_is_as_told("{\"time_us\":5}"));
	assert_false(line_is_as_told("close(3) = 0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_scripts_print_what_the_schema_says),
		cmocka_unit_test(lessons_print_what_the_schema_says),
		cmocka_unit_test(what_the_schema_does_not_know_is_refused),
	};

	return cmocka_run_group_tests_name("json", tests, read_schema, NULL);
}
