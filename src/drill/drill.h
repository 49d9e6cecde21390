/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packetdrill scripts, played against the engine: host A is the kernel under test, host B only the address of a peer that
 * exists in the script. The language is that of tests/conformance/LANGUAGE.md.
 */
#ifndef DRILL_DRILL_H
#define DRILL_DRILL_H

#include "base/buf.h"
#include "base/err.h"

/* How much earlier or later than the script says something may happen, unless it or the caller tells otherwise: µs. */
#define DRILL_TOLERANCE 25000u

struct drill; /* a script that was read; owned by the caller */

/* Where the files come from that a script names between backticks. */
struct drill_files {
	/* The text of a file, by its name as the script has it; false: it cannot be had. NULL: no file can. */
	bool (*read)(const void *ctx, const char *name, struct buf *out);
	const void *ctx;
};

/*
 * Reads a script. `file` is what messages call it, `files` (may be NULL) gives the files that it names. `text` need not be terminated and is copied. ST_WRONG: it is no script
 * of this language, `err` says where and why, and *out is NULL.
 */
enum status drill_parse(struct drill **out, const char *file, const char *text, size_t len, const struct drill_files *files,
			struct err *err);
void drill_free(struct drill *d);
/* Lines about what stands between backticks and is ignored, each ended by a newline; "" when there is nothing. */
const char *drill_notices(const struct drill *d);

enum drill_verdict {
	DRILL_PASSED,
	DRILL_FAILED,  /* the engine did something else */
	DRILL_SKIPPED, /* a right script, but it asks for what this engine does not have */
};

struct drill_options {
	u32 tolerance; /* µs, whatever the script says; 0: what it says, or DRILL_TOLERANCE */
	u32 kernels;   /* kernels_of() the two hosts; 0: those that the world has */
	bool verbose;  /* tell every event */
};

/*
 * Plays the script in a world of its own and appends to `text` what is to be said about it: why it failed or was skipped
 * (each line ends with a newline), nothing when it passed; with `verbose` a line for every event before that.
 */
enum drill_verdict drill_run(const struct drill *d, const struct drill_options *options, struct buf *text);

struct tape;
/*
 * The same in a tape of the caller's, whose world starts over: each event but the last becomes a point, with its line of the
 * script as its command. What the last one did is left for the caller to end as a command.
 */
enum drill_verdict drill_play(const struct drill *d, const struct drill_options *options, struct tape *t, struct buf *text);

/* Files beside the script at `path`, which has to stay. */
struct drill_files drill_files_beside(const char *path);

struct session;
/* What `source` does with a packetdrill script: it is played in the session, where one can go back and on by hand. */
enum status drill_source(struct session *ss, const char *path, const struct buf *text, struct err *err);

/*
 * `drill [-v] [--quiet] [--json] [--kernel K] FILE...`, argv[0] being the word `drill`: plays each file, prints a line for each and
 * `N passed, N failed, N skipped` at the end. Exit status: 0 all is well, 1 a script failed, 2 a file or the call is
 * wrong. `quiet` and `json` are those options said before.
 */
int drill_main(int argc, char **argv, bool quiet, bool json);

/* The same results as JSON Lines (assets/schema/events.md). */
void drill_print_json(const char *path, enum drill_verdict verdict, const struct buf *text);
/* The last line, of `run` also. */
void drill_print_total(unsigned passed, unsigned failed, unsigned skipped, bool json);

#endif
