/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command `drill`: files in, verdicts out. */
#include "drill/drill.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "engine/sim.h"

static const char usage[] =
	"usage: finwait drill [-v] [--quiet] [--strict] [--json] [--kernel K] [--tolerance_usecs=N] FILE.pkt...\n"
	"Plays packetdrill scripts against the engine. `-` is standard input.\n"
	"  -v, --verbose  tell every event\n"
	"  --quiet        tell only of scripts that did not pass\n"
	"  --strict       what a script has between backticks and is ignored is a mistake\n"
	"  --json         tell it as JSON Lines\n"
	"  --kernel K     against Linux 2.4, 3.10, 5.8 or 6.18 (6.18)\n"
	"  --tolerance_usecs=N\n"
	"                 how much earlier or later than a script says, whatever it sets itself. Not given: what it sets, or 25000;\n"
	"                 packetdrill's own is 4000\n";

struct session {
	struct drill_options options;
	bool quiet;
	bool json;
	bool strict;
	unsigned passed;
	unsigned failed;
	unsigned skipped;
	bool wrong; /* a file could not be read or is no script */
};

static void put_err(struct buf *b, const struct err *err)
{
	buf_printf(b, "%s:", err->file);
	if (err->line)
		buf_printf(b, "%u:", err->line);
	if (err->column)
		buf_printf(b, "%u:", err->column);
	buf_printf(b, " %s\n", err->message);
}

static const char *const verdicts[] = {
	[DRILL_PASSED] = "passed", [DRILL_FAILED] = "failed", [DRILL_SKIPPED] = "skipped",
};

void drill_print_json(const char *path, enum drill_verdict verdict, const struct buf *text)
{
	json_t *row = json_object();
	char *line;

	json_object_set_new(row, "event", json_string("script"));
	json_object_set_new(row, "file", json_string(path));
	json_object_set_new(row, "verdict", json_string(verdicts[verdict]));
	json_object_set_new(row, "text", json_string(buf_str(text)));
	line = json_dumps(row, JSON_COMPACT | JSON_PRESERVE_ORDER);
	if (line)
		puts(line);
	free(line);
	json_decref(row);
}

void drill_print_total(unsigned passed, unsigned failed, unsigned skipped, bool json)
{
	printf(json ? "{\"event\":\"total\",\"passed\":%u,\"failed\":%u,\"skipped\":%u}\n"
		    : "%u passed, %u failed, %u skipped\n",
	       passed, failed, skipped);
}

/* A file that a script names, relative to the script. Only regular files: nothing that would wait. */
static bool read_beside(const void *ctx, const char *name, struct buf *out)
{
	const char *script = ctx;
	const char *slash = strrchr(script, '/');
	struct buf path = BUF_INIT;
	struct err err;
	bool there;

	if (name[0] != '/' && slash)
		buf_add(&path, script, (size_t)(slash - script) + 1);
	buf_puts(&path, name);
	there = file_read(buf_str(&path), FILE_LIMIT, out, &err) == ST_OK;
	buf_release(&path);
	return there;
}

struct drill_files drill_files_beside(const char *path)
{
	return (struct drill_files){ read_beside, path };
}

/* What is no script, or not to be played, counts as failed; why goes where mistakes go, in JSON as well among the rest. */
static void is_wrong(struct session *se, const char *path, const struct buf *why)
{
	fflush(stdout);
	fputs(buf_str(why), stderr);
	if (se->json)
		drill_print_json(path, DRILL_FAILED, why);
	se->wrong = true;
	se->failed++;
}

static void play_script(struct session *se, const char *path, const struct drill *d, struct buf *text)
{
	enum drill_verdict verdict;

	if (!se->quiet && !se->json)
		fputs(drill_notices(d), stdout);
	verdict = drill_run(d, &se->options, text);
	se->passed += verdict == DRILL_PASSED;
	se->failed += verdict == DRILL_FAILED;
	se->skipped += verdict == DRILL_SKIPPED;
	if (se->json)
		drill_print_json(path, verdict, text);
	else if (!se->quiet || verdict != DRILL_PASSED)
		printf("%s%s: %s\n", buf_str(text), path, verdicts[verdict]);
}

static void play_file(struct session *se, const char *path)
{
	const struct drill_files files = drill_files_beside(path);
	struct buf script = BUF_INIT;
	struct buf text = BUF_INIT;
	struct err err = { 0 };
	struct drill *d = NULL;

	if (file_read(path, FILE_LIMIT, &script, &err) ||
	    drill_parse(&d, strcmp(path, "-") == 0 ? "standard input" : path, buf_str(&script), script.len, &files, &err)) {
		put_err(&text, &err);
		is_wrong(se, path, &text);
	} else if (se->strict && *drill_notices(d)) {
		buf_printf(&text, "%s%s: --strict: nothing between backticks may be ignored\n", drill_notices(d), path);
		is_wrong(se, path, &text);
	} else {
		play_script(se, path, d, &text);
	}
	drill_free(d);
	buf_release(&text);
	buf_release(&script);
}

/* --kernel K. False: there is no such kernel. */
static bool choose_kernel(struct session *se, const char *name)
{
	int id = name ? profile_find(name) : -1;

	if (id < 0) {
		fprintf(stderr, "finwait drill: --kernel is 2.4, 3.10, 5.8 or 6.18\n%s", usage);
		return false;
	}
	se->options.kernels = kernels_of((enum profile_id)id, (enum profile_id)id);
	return true;
}

static const char tolerance[] = "--tolerance_usecs=";

static bool read_tolerance(const char *text, u32 *us)
{
	char *end;
	const unsigned long value = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end || value == 0 || value > 60000000) {
		fprintf(stderr, "finwait drill: `%s%s`: a number of microseconds from 1 to 60000000 belongs there\n", tolerance, text);
		return false;
	}
	*us = (u32)value;
	return true;
}

int drill_main(int argc, char **argv, bool quiet, bool json)
{
	struct session se = { .quiet = quiet, .json = json };
	bool only_files = false;
	int files = 0;

	/* options may stand anywhere, but count for all files */
	for (int i = 1; i < argc; i++) {
		if (only_files || argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[1 + files++] = argv[i];
		} else if (strcmp(argv[i], "--") == 0) {
			only_files = true;
		} else if (strcmp(argv[i], "-v") == 0 || strcmp(argv[i], "--verbose") == 0) {
			se.options.verbose = true;
		} else if (strcmp(argv[i], "-q") == 0 || strcmp(argv[i], "--quiet") == 0) {
			se.quiet = true;
		} else if (strcmp(argv[i], "--strict") == 0) {
			se.strict = true;
		} else if (strcmp(argv[i], "--kernel") == 0) {
			if (!choose_kernel(&se, i + 1 < argc ? argv[++i] : NULL))
				return 2;
		} else if (strcmp(argv[i], "--json") == 0) {
			se.json = true;
		} else if (strncmp(argv[i], tolerance, strlen(tolerance)) == 0) {
			if (!read_tolerance(argv[i] + strlen(tolerance), &se.options.tolerance))
				return 2;
		} else if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
			fputs(usage, stdout);
			return 0;
		} else {
			fprintf(stderr, "finwait drill: no option `%s`\n%s", argv[i], usage);
			return 2;
		}
	}
	if (!files) {
		fprintf(stderr, "finwait drill: no script named\n%s", usage);
		return 2;
	}
	for (int i = 1; i <= files; i++)
		play_file(&se, argv[i]);
	drill_print_total(se.passed, se.failed, se.skipped, se.json);
	return se.wrong ? 2 : se.failed ? 1 : 0;
}
