/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command `drill`: files in, verdicts out. */
#include "drill/drill.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"

static const char usage[] =
	"usage: finwait drill [-v] [--quiet] FILE.pkt...\n"
	"Plays packetdrill scripts against the engine. `-` is standard input.\n"
	"  -v, --verbose  tell every event\n"
	"  --quiet        tell only of scripts that did not pass\n";

struct session {
	struct drill_options options;
	bool quiet;
	unsigned passed;
	unsigned failed;
	unsigned skipped;
	bool wrong; /* a file could not be read or is no script */
};

static void put_err(const struct err *err)
{
	fprintf(stderr, "%s:", err->file);
	if (err->line)
		fprintf(stderr, "%u:", err->line);
	if (err->column)
		fprintf(stderr, "%u:", err->column);
	fprintf(stderr, " %s\n", err->message);
}

static void play_file(struct session *se, const char *path)
{
	struct buf script = BUF_INIT;
	struct buf text = BUF_INIT;
	struct err err = { 0 };
	struct drill *d = NULL;

	if (file_read(path, FILE_LIMIT, &script, &err) ||
	    drill_parse(&d, strcmp(path, "-") == 0 ? "standard input" : path, buf_str(&script), script.len, &err)) {
		fflush(stdout);
		put_err(&err);
		se->wrong = true;
		se->failed++;
		buf_release(&script);
		return;
	}
	switch (drill_run(d, &se->options, &text)) {
	case DRILL_PASSED:
		se->passed++;
		if (!se->quiet)
			printf("%s%s: passed\n", buf_str(&text), path);
		break;
	case DRILL_FAILED:
		se->failed++;
		printf("%s%s: failed\n", buf_str(&text), path);
		break;
	case DRILL_SKIPPED:
		se->skipped++;
		printf("%s%s: skipped\n", buf_str(&text), path);
		break;
	}
	drill_free(d);
	buf_release(&text);
	buf_release(&script);
}

int drill_main(int argc, char **argv)
{
	struct session se = { .options = { .tolerance = DRILL_TOLERANCE } };
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
	printf("%u passed, %u failed, %u skipped\n", se.passed, se.failed, se.skipped);
	return se.wrong ? 2 : se.failed ? 1 : 0;
}
